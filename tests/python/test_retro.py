"""Integrations of stable-retro. The expected numbers were measured with stable-retro 1.0.1."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nes_py import NESEmulator, NESVectorEnv, retro
from tests.support import rom_builder


def integration(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


DATA = {"info": {"x": {"address": 0x300, "type": "<i2"}, "y": {"address": 0x6000, "type": ">d2", "mask": 3}}}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("|u1", 18), ("|i1", 18), ("|d1", 12), ("|n1", 2), ("<u2", 33554), (">u2", 4739), ("<d2", 8312), (">d2", 1283),
        ("<n2", 32), (">n2", 23), (">n3", 234), ("<u3", 7635730), (">u3", 1213300), ("<d4", 15748312),
        (">d4", 12837415), ("<n4", 5432), (">n6", 234567), ("=u2", 33554),
    ],
)  # fmt: skip
def test_types(tmp_path: Path, kind: str, value: int) -> None:
    game = retro.load(integration(tmp_path, data={"info": {"x": {"address": 0x300, "type": kind}}}, scenario={}))
    memory = bytes.fromhex("12 83 74 15 96 27 38 49")
    assert retro.variables(game, lambda address: memory[address - 0x300]) == {"x": value}


def test_signs_and_masks() -> None:
    entry = {"address": 0, "size": 1, "byte_order": "little", "encoding": "binary", "signed": True, "mask": None}
    assert retro.decode(entry, b"\xff") == -1
    assert retro.decode(entry | {"signed": False, "mask": 12}, b"\xff") == 12


VALUES = (0, 5, 5, 3, -4, 0, 1)


@pytest.mark.parametrize(
    ("term", "rewards"),
    [
        ({"reward": 2}, [10, 0, 0, 0, 8, 2]),
        ({"reward": 2, "penalty": 7}, [10, 0, -14, -49, 8, 2]),
        ({"penalty": 7}, [0, 0, -14, -49, 0, 0]),
        ({"reward": 2, "penalty": 7, "measurement": "absolute"}, [10, 10, 6, -28, 0, 2]),
        ({"op": "zero", "reward": 2}, [0, 2, 0, 0, 0, 0]),
        ({"op": "negative", "reward": 2, "penalty": 7}, [0, 0, 2, 2, 0, 0]),
        ({"op": "sign", "reward": 2, "penalty": 7}, [2, 0, -7, -7, 2, 2]),
        ({"op": "equal", "reference": 1, "reward": 2, "measurement": "absolute"}, [0, 0, 0, 0, 0, 2]),
        ({"op": "less-than", "reference": 1, "reward": 2}, [0, 2, 2, 2, 0, 0]),
    ],
)
def test_rewards(tmp_path: Path, term: dict[str, Any], rewards: list[float]) -> None:
    game = retro.load(integration(tmp_path, data=DATA, scenario={"reward": {"variables": {"x": term}}}))
    assert game["unsupported"] == []
    pairs = pairwise(VALUES)
    assert [retro.reward(game, {"x": a}, {"x": b}) for a, b in pairs] == rewards


def test_reward_of_time(tmp_path: Path) -> None:
    game = retro.load(integration(tmp_path, data=DATA, scenario={"reward": {"time": {"reward": 1}}}))
    assert retro.reward(game, {}, {}) == 1


@pytest.mark.parametrize(
    ("term", "ends"),
    [
        ({"op": "zero"}, [0, 0, 0, 0, 1, 0]),
        ({"op": "nonzero"}, [1, 1, 1, 1, 0, 1]),
        ({"op": "positive", "measurement": "delta"}, [1, 0, 0, 0, 1, 1]),
        ({"op": "negative"}, [0, 0, 0, 1, 0, 0]),
        ({"op": "equal"}, [0, 0, 0, 0, 1, 0]),
        ({"op": "equal", "reference": 3}, [0, 0, 1, 0, 0, 0]),
        ({"op": "not-equal", "reference": 3}, [1, 1, 0, 1, 1, 1]),
        ({"op": "less-than", "reference": 3}, [0, 0, 0, 1, 1, 1]),
        ({"op": "greater-than", "reference": 3}, [1, 1, 0, 0, 0, 0]),
        ({"op": "less-or-equal", "reference": 3}, [0, 0, 1, 1, 1, 1]),
        ({"op": "greater-or-equal", "reference": 3}, [1, 1, 1, 0, 0, 0]),
    ],
)
def test_ends(tmp_path: Path, term: dict[str, Any], ends: list[int]) -> None:
    game = retro.load(integration(tmp_path, data=DATA, scenario={"done": {"variables": {"x": term}}}))
    pairs = pairwise(VALUES)
    assert [retro.done(game, {"x": a}, {"x": b}) for a, b in pairs] == [bool(end) for end in ends]


@pytest.mark.parametrize(("condition", "ends"), [({}, 3), ({"condition": "any"}, 3), ({"condition": "all"}, 1)])
def test_conditions_and_nodes(tmp_path: Path, condition: dict[str, str], ends: int) -> None:
    both = {"variables": {"x": {"op": "zero"}, "y": {"op": "zero"}}} | condition
    for plan in (both, {"nodes": {"both": both}}):
        game = retro.load(integration(tmp_path, data=DATA, scenario={"done": plan}))
        found = [retro.done(game, {}, {"x": x, "y": y}) for x in (0, 1) for y in (0, 1)]
        assert sum(found) == ends
        assert found[0]


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    data = {"info": {"a": {"address": 1, "type": "><u4"}, "b": {"address": 0x2002, "type": "|u1", "scale": 2}}}
    plan = {
        "scripts": ["script.lua"],
        "reward": {"script": "lua:score", "variables": {"c": {"op": "cube"}}},
        "done": {"condition": "most", "variables": {"c": {"reference": 1}}},
        "actions": [[["TURBO"]]],
        "extra": 1,
    }
    game = retro.load(integration(tmp_path, data=data, scenario=plan))
    text = "\n".join(game["unsupported"])
    wanted = ("'><u4'", "$2002", "'scale'", "script.lua", "lua:score", "'cube'", "'most'", "no condition", "'TURBO'")
    for word in (*wanted, "'extra'", "does not define it"):
        assert word in text, word


def test_a_game_is_played(tmp_path: Path) -> None:
    rom = rom_builder.demonstration_rom()
    (tmp_path / "rom.sha").write_text(hashlib.sha1(rom[16:]).hexdigest() + "\n")
    (tmp_path / "Start.state").write_bytes(b"")
    data = {"info": {"frames": {"address": rom_builder.FRAMES, "type": "|u1"}}}
    plan = {
        "reward": {"variables": {"frames": {"reward": 1}}},
        "done": {"variables": {"frames": {"op": "equal", "reference": 9}}},
    }
    game = retro.load(integration(tmp_path, data=data, scenario=plan, metadata={"default_state": "Start"}), rom)
    assert (game["rom_matches"], game["default_state"], list(game["states"])) == (True, "Start", ["Start"])
    assert retro.load(tmp_path, rom + b"\0")["rom_matches"] is False
    emulator = NESEmulator(rom)
    total, frames = 0.0, 0
    while frames < 60:
        before = retro.variables(game, emulator.peek)
        emulator.step(render=False)
        after = retro.variables(game, emulator.peek)
        total, frames = total + retro.reward(game, before, after), frames + 1
        if retro.done(game, before, after):
            break
    assert total == 9
    assert 9 <= frames <= 13


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no data\.json"):
        retro.load(tmp_path)
    (tmp_path / "data.json").write_text("{")
    with pytest.raises(ValueError, match="not valid JSON"):
        retro.load(tmp_path)
    with pytest.raises(TypeError, match="an integration is"):
        retro.load(7)  # type: ignore[arg-type]
    (tmp_path / "data.json").write_text("{}")
    assert retro.load(tmp_path)["notes"] == ["there is no scenario.json, so no reward and no end condition"]
    with pytest.raises(FileNotFoundError, match=r"no contest\.json"):
        retro.load(tmp_path, scenario="contest")
    with pytest.raises(FileNotFoundError):
        retro.load("NoSuchGame-Nes-v7")


@pytest.mark.skipif(importlib.util.find_spec("stable_retro") is None, reason="stable-retro is not installed")
def test_most_installed_games_load_whole() -> None:
    games = retro.games()
    whole = [name for name in games if not retro.load(name)["unsupported"]]
    assert len(whole) >= 0.9 * len(games) > 0


def test_as_a_declared_game_it_gives_the_same_in_a_vector_env(tmp_path: Path) -> None:
    data = {
        "frames": {"address": 0x12, "type": "|u1"},
        "signed": {"address": 0x13, "type": "|i1"},
        "wide": {"address": 0x12, "type": "<u2"},
        "score": {"address": 0x12, "type": ">d2"},
        "score-low": {"address": 0x12, "type": "<d2"},
        "tiles": {"address": 0x12, "type": ">n2"},
        "tiles_low": {"address": 0x12, "type": "<n2"},
    }
    terms = {
        "frames": {"reward": 2, "penalty": 7},
        "signed": {"measurement": "absolute", "reward": 1, "penalty": -3},
        "wide": {"op": "greater-than", "reference": 300, "reward": 0.5},
        "score": {"reward": 1, "penalty": 0.25},
        "score-low": {"op": "sign", "reward": 3, "penalty": 4},
        "tiles": {"reward": 0.125},
        "tiles_low": {"op": "negative", "measurement": "delta", "reward": 11},
    }
    scenario = {
        "reward": {"time": {"reward": -0.5}, "variables": terms},
        "done": {
            "condition": "any",
            "variables": {"frames": {"op": "equal", "reference": 200}},
            "nodes": {
                "both": {
                    "condition": "all",
                    "variables": {
                        "frames": {"op": "greater-than", "reference": 60},
                        "tiles": {"op": "equal", "reference": 20, "measurement": "absolute"},
                    },
                }
            },
        },
    }
    (tmp_path / "data.json").write_text(json.dumps({"info": data}))
    (tmp_path / "scenario.json").write_text(json.dumps(scenario))
    integration = retro.load(tmp_path)
    game, left_out = retro.to_game(integration)
    assert left_out == []
    rom = rom_builder.demonstration_rom()
    emulator = NESEmulator(rom)
    generator = np.random.default_rng(1)
    with NESVectorEnv(rom, 1, game=game, frameskip=1, autoreset_mode="Disabled") as envs:
        envs.reset(seed=0)
        before = retro.variables(integration, emulator.peek)
        for _ in range(250):
            action = int(generator.integers(256))
            _, rewards, ends, _, infos = envs.step(np.array([action]))
            emulator.frame_advance(action)
            after = retro.variables(integration, emulator.peek)
            assert {name: infos[name.replace("-", "_")][0] for name in after} == after
            assert rewards[0] == retro.reward(integration, before, after)
            assert ends[0] == retro.done(integration, before, after)
            if ends[0]:
                break
            before = after
        assert ends[0]


def test_what_a_declared_game_cannot_say_is_named(tmp_path: Path) -> None:
    data = {"flag": {"address": 5, "type": ">u16", "mask": 4}, "lives": {"address": 6, "type": "|u1"}}
    scenario = {
        "scripts": ["x.lua"],
        "reward": {"variables": {"flag": {"reward": 1}, "lives": {"reward": 1}}},
        "done": {"variables": {"lives": {"op": "less-than", "reference": 1.5}}},
    }
    (tmp_path / "data.json").write_text(json.dumps({"info": data}))
    (tmp_path / "scenario.json").write_text(json.dumps(scenario))
    game, left_out = retro.to_game(retro.load(tmp_path))
    assert list(game.variables) == ["lives"]
    assert len(game.rewards) == 1
    text = "\n".join(left_out)
    for part in ("x.lua", "'flag'", "not among the variables", "not an integer"):
        assert part in text


def test_bits_of_a_variable(tmp_path: Path) -> None:
    data = {
        "flag": {"address": 0x300, "type": "|u1", "mask": 4},
        "low": {"address": 0x301, "type": "|i1", "mask": 15},
        "tens": {"address": 0x302, "type": "|d1", "mask": 6},
        "all": {"address": 0x303, "type": "|u1", "mask": 255},
    }
    scenario = {
        "reward": {
            "variables": {"low": {"reward": 1, "penalty": 2}, "flag": {"reward": 10, "measurement": "absolute"}}
        },
        "done": {"variables": {"tens": {"op": "equal", "reference": 6}}},
    }
    (tmp_path / "data.json").write_text(json.dumps({"info": data}))
    (tmp_path / "scenario.json").write_text(json.dumps(scenario))
    integration = retro.load(tmp_path)
    game, left_out = retro.to_game(integration)
    assert left_out == []
    generator = np.random.default_rng(0)
    ended = 0
    options: dict[str, Any] = {"frameskip": 1, "obs_type": "ram", "autoreset_mode": "Disabled"}
    with NESVectorEnv("bricks", game=game, **options) as envs:
        assert {name for name in envs.reset(seed=0)[1] if name[0] != "_"} == set(data)
        for _ in range(60):
            before = retro.variables(integration, lambda address: int(envs.ram[0][address]))
            envs.ram[0][0x300:0x304] = generator.integers(256, size=4)
            _, rewards, ends, _, infos = envs.step(np.array([0]))
            after = retro.variables(integration, lambda address: int(envs.ram[0][address]))
            assert {name: infos[name][0] for name in data} == after
            assert rewards[0] == retro.reward(integration, before, after)
            assert ends[0] == retro.done(integration, before, after)
            if ends[0]:
                ended += 1
                envs.reset()
    assert ended > 3
