"""The known games: found, listed, created by every door and, where their packages are installed, compared with them."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import fnmatch
import gzip
import hashlib
import importlib.util
import json
import pickle
import runpy
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit
from support.equality import assert_same

from nes_py import NESEnv, NESVectorEnv, RomError, RomNotFoundError, cli, datasets, games, vectorize
from nes_py._schema import check
from nes_py._schemas import GAME as SCHEMA
from nes_py.envs.bricks import GAME as BRICKS
from nes_py.envs.bricks import ROM_PATH
from nes_py.formats import retro
from nes_py.game import Game
from nes_py.games import catalogue
from nes_py.games.envs import WHOLE_PICTURES, GameEnv, GameVectorEnv
from nes_py.games.envs import _of_package as of_package
from nes_py.wrappers import JoypadSpace

COMPARISON = Path(__file__).resolve().parents[1] / "clients" / "games.py"
NAMES = [game.name for game in games.known_games()]
#: A few of all ids; ``make test-games`` plays all.
SHORT = (
    "SuperMarioBros-v0",
    "SuperMarioBros-3-2-v0",
    "SuperMarioBros2-A-1-v0",
    "SuperMarioBros2USA-4-1-v0",
    "SuperMarioBros3-1-4-v0",
    "TetrisA-v3",
    "TetrisB-v2",
    "Zelda1-v0",
)


# --- as their packages ---


def compared(name: str) -> dict[str, Any]:
    """Return the comparison, if the package of an id is installed."""
    module = runpy.run_path(str(COMPARISON))
    package = module["all_ids"]()[name]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    return module


@pytest.mark.parametrize("name", SHORT)
def test_short_games_are_those_of_the_package(name: str) -> None:
    found, happened = compared(name)["play"](name, 120, seed=3)
    assert found is None
    assert happened["steps"] == 120


def test_final_infos_are_those_of_the_package() -> None:
    found, happened = compared("TetrisB-v1")["play"]("TetrisB-v1", 5, mode=AutoresetMode.SAME_STEP)
    assert found is None
    assert happened["episodes"] == 10


def test_parameters_are_those_of_the_package() -> None:
    found, _ = compared("TetrisA-v2")["play"]("TetrisA-v2", 60, deterministic=True)
    assert found is None


def test_lists_of_actions_are_those_of_the_package() -> None:
    module = compared("SuperMarioBros-1-1-v0")
    movements = module["actions_of"]("SuperMarioBros-1-1-v0", "SIMPLE_MOVEMENT")
    assert len(movements) == 7
    found, happened = module["play"]("SuperMarioBros-1-1-v0", 60, movements=movements)
    assert found is None
    assert happened["rewarded"] > 0


# --- the catalogue ---


@pytest.mark.parametrize("name", NAMES)
def test_declarations_are_valid_and_all_ids_registered(name: str) -> None:
    known = games.known_game(name)
    declared = games.declare(name)
    assert Game.parse(declared) == declared
    check(known.declaration, SCHEMA)
    assert set(known.ids.values()) <= {*declared.starts, ""}
    for each in known.ids:
        spec = gym.spec(f"nes_py/{each}")
        assert spec.kwargs["game"] == name
    assert len(known.sha256) == 64


def test_all_ids_of_the_packages_exist() -> None:
    found = [name for game in games.known_games() for name in game.ids]
    assert len(found) == len(set(found))
    counts = {pattern: len(fnmatch.filter(found, pattern)) for pattern in ("SuperMarioBros*", "Tetris*", "Zelda*")}
    # 1 + 2 * 32, 1 + 52, 1 + 20, 1 + 4
    assert counts == {"SuperMarioBros*": 144, "Tetris*": 8, "Zelda*": 1}


def test_unknown_games_and_parameters_are_named() -> None:
    with pytest.raises(ValueError, match=r"no known game 'tetriss', did you mean 'tetris'\? \(known: .*zelda\)"):
        NESVectorEnv(game="tetriss")
    with pytest.raises(ValueError, match="tetris has no parameter 'deterministc', did you mean 'deterministic'"):
        games.declare("tetris", deterministc=True)
    with pytest.raises(TypeError, match="rom is missing"):
        NESVectorEnv()
    with pytest.raises(TypeError, match="there is no option 'deterministic'"):
        NESVectorEnv(ROM_PATH, game="zelda", deterministic=True)


def test_parameters_of_declare_hold_for_all_starts() -> None:
    declared = games.declare("tetris", reward_score=True)
    assert {declared.parameters_of(start)["reward_score"] for start in declared.starts} == {True}
    assert {declared.parameters_of(start)["b_type"] for start in declared.starts} == {True, False}


# --- with a game of our own in the catalogue ---


@pytest.fixture
def bricks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The bundled game as a known one, whose ROM a package carries that is installed at the path returned."""
    content = bytearray(ROM_PATH.read_bytes())
    declaration = {
        **BRICKS,
        "parameters": {"goal": 0, "hard": False},
        "terminated": ["lives == 0", "goal > 0 and score >= goal"],
        "starts": {"game": {}, "ten": {"goal": 10}},
        "infos": {"score": "score", "half": "score / 2", "goal": {"parameter": "goal"}, "hard": "hard"},
    }
    sha256 = catalogue._content_hash(bytes(content))
    known = games.KnownGame(
        "bricks", "Mortar Moon", sha256, "gym-bricks", "b.nes", {"frame_boundary": "nes-py"}, {}, declaration
    )
    monkeypatch.setitem(catalogue._games(), "bricks", known)
    # Another header: it is the contents that count.
    content[15] = 0
    package = tmp_path / "gym_bricks"
    information = tmp_path / "gym_bricks-1.0.dist-info"
    package.mkdir()
    information.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('it must not be imported')")
    (package / "other.nes").write_bytes(b"NES\x1a" + bytes(100))
    (package / "game.nes").write_bytes(content)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: gym-bricks\nVersion: 1.0\n")
    (information / "RECORD").write_text("gym_bricks/__init__.py,,\ngym_bricks/other.nes,,\ngym_bricks/game.nes,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    return package


def test_the_rom_of_an_installed_package_is_found_by_its_contents(bricks: Path) -> None:
    assert games.find_rom("bricks") == bricks / "game.nes"
    with NESVectorEnv(num_envs=2, game="bricks", states="ten") as envs:
        assert envs.frame_boundary == "nes-py"
        assert envs.reset(seed=0)[1]["goal"].tolist() == [10, 10]
    # An editable installation does not list its files.
    (bricks.parent / "gym_bricks-1.0.dist-info" / "RECORD").write_text("")
    assert games.find_rom("bricks") == bricks / "game.nes"
    (bricks / "game.nes").write_bytes(b"NES\x1a" + bytes(100))
    with pytest.raises(
        RomNotFoundError, match=r"pass the file as rom=.*another version of gym-bricks .*1\.0, does not"
    ):
        NESVectorEnv(game="bricks")


def registered(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of an environment of the fixture's game."""
    monkeypatch.setitem(
        gym.registry,
        "nes_py/OurBricks-v0",
        dataclasses.replace(gym.spec("nes_py/TetrisA-v3"), id="nes_py/OurBricks-v0", kwargs={"game": "bricks"}),
    )
    return "nes_py/OurBricks-v0"


def test_a_declaration_of_a_known_game_finds_its_rom(bricks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = registered(monkeypatch)
    declared = games.declare("bricks", goal=20, hard=True)
    fewer = dataclasses.replace(declared, infos={"goal": declared.infos["goal"]})
    mapping = {**games.known_game("bricks").declaration, "parameters": {"goal": 20, "hard": True}}
    assert [games.known_by_declaration(each).name for each in (declared, fewer, mapping)] == ["bricks"] * 3
    for game in (declared, fewer, mapping):
        with (
            NESVectorEnv(num_envs=2, game="bricks", parameters={"goal": 20, "hard": True}) as named,
            NESVectorEnv(num_envs=2, game=game, record=True) as envs,
            gym.make_vec(name, num_envs=2, game=game) as made,
        ):
            expected = named.reset(seed=3)
            for each in (envs, made):
                observations, infos = each.reset(seed=3)
                assert each.unwrapped.frame_boundary == "nes-py"
                assert infos["goal"].tolist() == [20, 20]
                np.testing.assert_array_equal(observations, expected[0])
            envs.step(envs.action_space.sample())
            rollout = envs.rollout()
        # The options of the game are in the recording, whoever plays it again.
        assert rollout.options["frame_boundary"] == "nes-py"
        with gym.make(name, game=game) as one:
            assert one.reset(seed=3)[1]["goal"] == 20
        with gym.make_vec(name, num_envs=1, game=game, rom=bricks / "game.nes") as given:
            assert given.frame_boundary == "nes-py"


@pytest.mark.parametrize("known", NAMES)
def test_declarations_of_known_games_are_told_apart(known: str) -> None:
    declared = games.declare(known)
    assert games.known_by_declaration(declared).name == known
    assert games.known_by_declaration(dataclasses.replace(declared, rewards=(), infos=None)).name == known


def test_other_declarations_are_refused_in_short(bricks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = registered(monkeypatch)
    other = Game.parse(BRICKS)
    assert games.known_by_declaration(other) is None
    with pytest.raises(TypeError, match="rom is missing: pass a file, or the name or the declaration of a known game"):
        NESVectorEnv(game=other)
    for make in (gym.make, gym.make_vec):
        with pytest.raises(ValueError, match=r"^game: it declares no known game; NESVectorEnv\(rom, .*\) plays any$"):
            make(name, game=other)
        with pytest.raises(ValueError, match=r"^goal: game is a declaration; .* nes_py\.games\.declare$"):
            make(name, game=games.declare("bricks"), goal=3)
        for wrong in (["bricks"], None, games.known_game("bricks"), 3):
            with pytest.raises(TypeError, match="game must be the name or the declaration of a known game, not"):
                make(name, game=wrong)
    with pytest.raises(ValueError, match="it is the ROM of Mortar Moon"):
        gym.make_vec(name, num_envs=1, game=games.declare("zelda"), rom=bricks / "game.nes")


def test_one_environment_is_the_first_of_many(bricks: Path) -> None:
    del bricks
    one = GameEnv(game="bricks", render_mode="rgb_array", goal=15, hard=True)
    many = GameVectorEnv(2, game="bricks", goal=15, hard=True, autoreset_mode="Disabled", **WHOLE_PICTURES)
    observation, info = one.reset(seed=4)
    observations, _ = many.reset(seed=4)
    assert one.observation_space.contains(observation)
    assert info == {"score": 0, "half": 0.0, "goal": 15, "hard": True}
    assert [type(value) for value in info.values()] == [int, float, int, bool]
    random = np.random.default_rng(0)
    over = False
    for _ in range(600):
        np.testing.assert_array_equal(observation, observations[0])
        action = int(random.choice([1, 65, 129]))
        observation, reward, terminated, truncated, info = one.step(action)
        observations, rewards, terminations, _, infos = many.step(np.array([action, 0]))
        assert (reward, terminated, truncated) == (rewards[0], terminations[0], False)
        assert info["score"] == infos["score"][0]
        np.testing.assert_array_equal(one.render(), observation)
        over = over or terminated
        if terminations.any():
            break
    assert over
    with pytest.raises(ValueError, match=r"^the episode is over: call reset\(\) before the next step$"):
        one.step(0)
    assert one.ram.shape == (2048,)
    one.close()
    many.close()


def test_the_command_lists_games_with_and_without_roms(
    bricks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(ROM_PATH, tmp_path / "elsewhere" / "mine.nes")
    assert cli.main(["games"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert str(bricks / "game.nes") in lines["bricks"]
    assert set(NAMES) <= set(lines)
    assert cli.main(["games", str(tmp_path / "elsewhere")]) == 0
    assert str(Path("elsewhere", "mine.nes")) in capsys.readouterr().out
    (tmp_path / "note.txt").write_text("not a ROM")
    capsys.readouterr()
    assert cli.main(["games", str(tmp_path / "note.txt"), str(tmp_path / "elsewhere" / "mine.nes")]) == 0
    assert capsys.readouterr().err == f"{tmp_path / 'note.txt'}: it is not the ROM of a known game, by its contents\n"
    assert cli.main(["games", str(tmp_path / "nowhere")]) == 1
    assert "no such file" in capsys.readouterr().err


def test_the_command_play_takes_names_of_games(
    bricks: Path, integration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rom, path = tmp_path / "mine.nes", tmp_path / "a.npz"
    shutil.copy(bricks / "game.nes", rom)
    play = ["play", str(rom), "-m", "random", "-s", "60", "--no-render", "--no-progress", "--record", str(path)]
    for name in ("bricks", "retro:Bricks-Nes-v0"):
        assert cli.main([*play, "--game", name]) == 0
        assert "total reward" in capsys.readouterr().out
        rollout = datasets.load(path)
        assert rollout.num_steps > 0
        assert datasets.verify(rollout, rom) == rollout.num_steps
        path.unlink()
    for name, reason in (
        ("zelda", "it is the ROM of Mortar Moon, and 'zelda' is The Legend of Zelda"),
        ("zeldaa", "there is no known game 'zeldaa', did you mean 'zelda'?"),
        ("retro:Brick-Nes-v0", "'Brick-Nes-v0' is neither a directory nor a game"),
        ("nowhere.json", "nowhere.json"),
    ):
        assert cli.main([*play, "--game", name]) == 1
        output = capsys.readouterr()
        assert reason in output.err
        assert not output.out, "nothing was played"
    assert not path.exists()


def test_random_play_of_a_known_game_has_its_rewards_and_ends(
    bricks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[dict[str, Any]] = []

    class Bar(list[int]):
        def set_postfix(self, **values: Any) -> None:
            shown.append(values)

    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace(tqdm=Bar))
    play = ["play", str(bricks / "game.nes"), "-m", "random", "-s", "900", "--seed", "1", "--no-render"]
    assert cli.main(play) == 0
    line = capsys.readouterr().out
    assert float(line.rsplit(maxsplit=1)[1]) > 0
    assert set(shown[-1]["info"]) == {"score", "half", "goal", "hard"}
    assert cli.main([*play, "--record", str(tmp_path / "a.npz")]) == 0
    rollout = datasets.load(tmp_path / "a.npz")
    total = f"{rollout.rewards.sum():g}"
    played, written = capsys.readouterr().out.splitlines()
    assert [played.split(" s, ")[1], played.rsplit(maxsplit=1)[1]] == [line.strip().split(" s, ")[1], total]
    assert written == f"{tmp_path / 'a.npz'}: 900 steps, total reward {total}"
    assert datasets.verify(rollout, ROM_PATH) == 900

    # Another ROM has no rewards and ends that it could tell of.
    shown.clear()
    other = tmp_path / "other.nes"
    other.write_bytes(ROM_PATH.read_bytes()[:-1] + b"\xff")
    assert cli.main(["play", str(other), *play[2:]]) == 0
    assert capsys.readouterr().out.startswith("900 steps in ")
    assert not shown


def test_recordings_of_a_known_game_stay_where_nothing_was_played(
    bricks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("no display")

    monkeypatch.setattr(GameEnv, "_show", fail)
    path = tmp_path / "a.npz"
    path.write_bytes(b"an earlier recording")
    play = ["play", str(bricks / "game.nes"), "-m", "random", "--no-progress", "--record", str(path)]
    assert cli.main(play) == 1
    assert path.read_bytes() == b"an earlier recording"
    assert f"{path} is not written: nothing was played" in capsys.readouterr().out


# --- stable-retro ---


@pytest.fixture
def integration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installed stable-retro with one integration."""
    folder = tmp_path / "data" / "stable" / "Bricks-Nes-v0"
    folder.mkdir(parents=True)
    data = {"score": {"address": 0x1E, "type": "<u3"}, "lives": {"address": 0x11, "type": "|u1"}}
    (folder / "data.json").write_text(json.dumps({"info": data}))
    scenario = {
        "reward": {"variables": {"score": {"reward": 1}}},
        "done": {"variables": {"lives": {"op": "zero"}}},
    }
    (folder / "scenario.json").write_text(json.dumps(scenario))
    (folder / "metadata.json").write_text("{}")
    monkeypatch.setattr(retro, "data_folder", lambda: tmp_path / "data")
    return folder


def test_an_integration_of_stable_retro_is_played_by_its_name(integration: Path) -> None:
    with pytest.raises(RomNotFoundError, match="stable-retro has no ROM for 'Bricks-Nes-v0'"):
        NESVectorEnv(game="retro:Bricks-Nes-v0")
    with NESVectorEnv(ROM_PATH, 2, game="retro:Bricks-Nes-v0") as envs:
        infos = envs.reset(seed=0)[1]
        assert set(infos) == {"score", "lives", "_score", "_lives"}
    (integration / "rom.sha").write_text("0" * 40)
    with pytest.warns(UserWarning, match="'Bricks-Nes-v0': it was made for another ROM"):
        NESVectorEnv(ROM_PATH, game="retro:Bricks-Nes-v0").close()
    with pytest.raises(ValueError, match=r"'Bricks-Nes-v0' has no state 'Level1' \(it has none\)"), pytest.warns():
        NESVectorEnv(ROM_PATH, game="retro:Bricks-Nes-v0", states="Level1")
    with pytest.raises(FileNotFoundError, match="'Brick-Nes-v0' is neither a directory nor a game"):
        NESVectorEnv(ROM_PATH, game="retro:Brick-Nes-v0")


def test_the_command_lists_integrations_by_their_rom(integration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not [line for line in games.playable() if line.name.startswith("retro:")]
    shutil.copy(ROM_PATH, integration / "rom.nes")
    assert [(each.name, each.rom) for each in games.playable() if each.source == "stable-retro"] == [
        ("retro:Bricks-Nes-v0", integration / "rom.nes")
    ]
    (integration / "rom.nes").unlink()
    content = ROM_PATH.read_bytes()
    (integration / "rom.sha").write_text(hashlib.sha1(content[16:]).hexdigest())
    assert cli.main(["games", str(ROM_PATH)]) == 0
    assert "retro:Bricks-Nes-v0" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_the_command_reads_no_devices(integration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = gzip.compress(ROM_PATH.read_bytes())
    packed = integration / "packed.nes.gz"
    packed.write_bytes(content)
    (integration / "rom.sha").write_text(hashlib.sha1(ROM_PATH.read_bytes()[16:]).hexdigest().upper())
    assert cli.main(["games", "/dev/zero", str(packed)]) == 0
    assert "retro:Bricks-Nes-v0" in capsys.readouterr().out
    (integration / "rom.sha").unlink()
    (integration / "rom.sha").mkdir()
    assert cli.main(["games", str(packed)]) == 0
    assert "retro:" not in capsys.readouterr().out


# --- wrong ROMs, parameters and starts ---


def test_a_rom_of_another_game_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rom: it is the ROM of Mortar Moon, and 'zelda' is The Legend of Zelda"):
        NESVectorEnv(ROM_PATH, game="zelda")
    with pytest.raises(
        RomNotFoundError, match=r"there is no such file; it is a known game: NESVectorEnv\(game='tetris'\)"
    ):
        NESVectorEnv("tetris")


def test_an_unknown_rom_is_warned_of(bricks: Path) -> None:
    content = bytearray((bricks / "game.nes").read_bytes())
    content[-1] ^= 1
    with pytest.warns(UserWarning, match="another one than that for which 'bricks' was declared") as caught:
        NESVectorEnv(bytes(content), game="bricks").close()
    assert caught[0].filename == __file__
    # What is wrong with a file says whoever opens it.
    with pytest.raises(RomError, match="not an iNES file"):
        NESVectorEnv(bytes(content[16:]), game="bricks")


def test_parameters_have_the_type_of_the_declared_ones() -> None:
    with pytest.raises(TypeError, match="tetris: the parameter 'b_type' must be True or False, not 'yes'"):
        games.declare("tetris", b_type="yes")
    with pytest.raises(TypeError, match=r"the parameter 'deterministic' must be True or False, not 1\.5"):
        games.declare("tetris", deterministic=1.5)
    assert games.declare("tetris", b_type=np.bool_(True)).parameters["b_type"] is True
    with pytest.raises(TypeError, match="parameters must be a mapping, not None"):
        NESVectorEnv(game="tetris", parameters=None)


def test_arguments_of_the_packages() -> None:
    mario, lost, third, tetris = (
        games.known_game(name)
        for name in ("super-mario-bros", "super-mario-bros-lost-levels", "super-mario-bros-3", "tetris")
    )
    assert of_package(mario, {"target": (4, 2), "states": "1-1"}) == {"states": "4-2"}
    assert of_package(mario, {"target": np.array([8, 1]), "frameskip": 2}) == {"states": "8-1", "frameskip": 2}
    assert of_package(mario, {"target": None, "states": "1-1"}) == {"states": "game"}
    assert of_package(lost, {"target": (13, 4), "lost_levels": True}) == {"states": "D-4"}
    assert of_package(mario, {"stages": ["1-1", "4-2"], "states": "game"}) == {"states": ["1-1", "4-2"]}
    assert of_package(mario, {"rom_mode": "vanilla", "lost_levels": False}) == {}
    assert of_package(tetris, {"b_type": True, "render_mode": None, "record": True}).keys() == {
        "b_type",
        "render_mode",
        "record",
    }
    for game, options, error, message in (
        (mario, {"target": (9, 1)}, ValueError, r"target: there is no start \(9, 1\) \(there are \(1, 1\), \(1, 2\)"),
        (third, {"target": (1, 3)}, ValueError, r"there are \(1, 1\), \(1, 2\), \(1, 4\), \(1, 6\)\)"),
        (mario, {"target": "1-2"}, TypeError, "target must be a pair"),
        (mario, {"target": (1, 1.5)}, TypeError, "target must be a pair"),
        (mario, {"lost_levels": True}, ValueError, "the other one has the id nes_py/SuperMarioBros2-v0"),
        (lost, {"lost_levels": False}, ValueError, "the other one has the id nes_py/SuperMarioBros-v0"),
        (mario, {"rom_mode": "pixel"}, ValueError, "rom_mode must be 'vanilla'"),
        (tetris, {"target": (1, 1)}, TypeError, r"no option 'target' \(parameters of the game: b_type, "),
        (tetris, {"b_types": 1}, TypeError, "did you mean 'b_type'"),
        (tetris, {"framskip": 1}, TypeError, "did you mean 'frameskip'"),
    ):
        with pytest.raises(error, match=message):
            of_package(game, options)


def test_starts_by_arrays_mappings_and_what_is_none(bricks: Path) -> None:
    del bricks
    with NESVectorEnv(num_envs=2, game="bricks", states=np.array(["game", "ten"])) as envs:
        infos = envs.reset(seed=0, options={"state": ["ten", "game"]})[1]
        assert infos["goal"].tolist() == [10, 0]
    with NESVectorEnv(num_envs=2, game="bricks", states={"easy": "ten", "none": "game"}) as envs:
        assert envs.reset(seed=0, options={"state": ["easy", "none"]})[1]["goal"].tolist() == [10, 0]
    with pytest.raises(ValueError, match=r"states\['easy'\]: the game has no start 'tem', did you mean 'ten'"):
        NESVectorEnv(game="bricks", states={"easy": "tem"})
    for states in ((1, 2), [(1, 2), (1, 3)], 1, {"ten"}):
        with pytest.raises(TypeError, match=r"a start of the game, or a list of names such as \['game', 'ten'\], not "):
            NESVectorEnv(game="bricks", states=states)


def test_names_of_starts_are_not_mixed_with_anything_else(bricks: Path) -> None:
    del bricks
    with pytest.raises(TypeError, match=r"states\[1\] must be the name of a start, as others are, not 3"):
        NESVectorEnv(game="bricks", states=["ten", 3])
    with pytest.raises(ValueError, match="states must contain at least one state"):
        NESVectorEnv(game="bricks", states=[])


# --- one environment, as tutorials use it ---


def test_messages_of_one_environment_speak_of_it_alone(bricks: Path) -> None:
    del bricks
    for options, action, error, message in (
        ({}, 256, ValueError, r"the action must be in 0..255, not 256"),
        ({}, [0, 0], ValueError, r"the action must have shape \(\), not \(2,\)"),
        ({}, 0.5, TypeError, "the action must be an integer, not float64"),
        ({"actions": [["NOOP"], ["A"]]}, 2, ValueError, r"the action must be in 0..1, not 2"),
        ({"actions": "multibinary"}, [3] * 8, ValueError, r"the action must be in 0..1, not 3"),
        ({"actions": "multibinary"}, 3, ValueError, r"the action must have shape \(8,\), not \(\)"),
        ({"device": "zapper"}, [0, 300, 0, 0], ValueError, r"the x must be in 0..255, not 300"),
    ):
        env = GameEnv(game="bricks", **options)
        with pytest.raises(ValueError, match=r"^the environment was never reset: call reset\(\) first$"):
            env.step(env.action_space.sample())
        env.reset(seed=0)
        for twin in (env, copy.deepcopy(env)):
            with pytest.raises(error, match=f"^{message}$"):
                twin.step(action)
        # As one of several in ``vectorize``.
        with pytest.raises(error, match=f"^{message.replace(' must', ' of environment 3 must')}$"):
            env._check_step(action, 3)
        env.close()


def test_wrappers_find_the_keys_and_names_of_actions(bricks: Path) -> None:
    del bricks
    with contextlib.closing(GameEnv(game="bricks")) as env:
        assert env.get_action_meanings() == ["NOOP"]
        wrapped = JoypadSpace(env, [["NOOP"], ["right", "A"]])
        with NESEnv(ROM_PATH) as other:
            expected = JoypadSpace(other, [["NOOP"], ["right", "A"]]).get_keys_to_action()
            assert env.get_keys_to_action() == other.get_keys_to_action()
        assert wrapped.get_keys_to_action() == expected
        assert wrapped.get_action_meanings() == ["NOOP", "right A"]
    with contextlib.closing(GameEnv(game="bricks", actions=[["NOOP"], ["right", "A"], ["A", "right"]])) as env:
        assert env.get_keys_to_action() == expected
        assert env.get_action_meanings() == ["NOOP", "right A", "A right"]
    env = GameEnv(game="bricks", actions="multibinary")
    with pytest.raises(ValueError, match="one number"):
        env.get_keys_to_action()
    env.close()
    with pytest.raises(TypeError, match=r"gymnasium\.make_vec makes many"):
        GameEnv(game="bricks", num_envs=2)
    with pytest.raises(ValueError, match="render_mode must be 'human', 'rgb_array' or None"):
        GameEnv(game="bricks", render_mode="ansi")


def test_numbers_of_info_have_the_type_that_is_declared(bricks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del bricks
    known = games.known_game("bricks")
    infos = {
        "score": {"value": "score", "type": "uint8"},
        "lives": {"value": "lives", "type": "int64"},
        "half": {"value": "score / 2", "type": "float64"},
        "more": "lives",
    }
    changed = dataclasses.replace(known, declaration={**known.declaration, "infos": infos})
    monkeypatch.setitem(catalogue._games(), "bricks", changed)
    with contextlib.closing(GameEnv(game="bricks")) as env:
        for info in (env.reset(seed=0)[1], env.step(1)[4]):
            assert [type(value) for value in info.values()] == [np.uint8, np.int64, np.float64, int]


def test_states_of_one_environment(bricks: Path) -> None:
    del bricks
    with contextlib.closing(GameEnv(game="bricks", goal=15)) as env:
        env.reset(seed=0)
        for _ in range(20):
            env.step(129)
        state, picture = pickle.loads(pickle.dumps(env.dump_state())), env.screen
        env.step(0)
        first = [env.step(64)[0] for _ in range(10)]
        assert (env.screen == first[-1]).all()
        env.load_state(state)
        assert (env.screen == picture).all()
        env.step(0)
        assert_same(np.array([env.step(64)[0] for _ in range(10)]), np.array(first))
        assert env.reward_range == (-np.inf, np.inf)


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_vectorize_steps_known_games_one_by_one(bricks: Path, mode: str) -> None:
    del bricks

    def create() -> gym.Env[Any, Any]:
        return RecordEpisodeStatistics(TimeLimit(GameEnv(game="bricks", actions=[["A"], ["left"]]), 5))

    with pytest.warns(UserWarning, match="slower: a known game has no Python code, and gymnasium.make_vec makes many"):
        envs = vectorize(create, 2, autoreset_mode=mode)
    twin = SyncVectorEnv([create, create], autoreset_mode=AutoresetMode(mode))
    assert_same(envs.reset(seed=3)[0], twin.reset(seed=3)[0])
    for step in range(12):
        actions = np.array([step % 2, 1])
        mine, other = envs.step(actions), twin.step(actions)
        for one, expected in zip(mine[:4], other[:4], strict=True):
            assert_same(one, expected, f"step {step}")
        assert mine[4].keys() == other[4].keys()
        if mode == "Disabled" and mine[3].any():
            options = {"reset_mask": mine[3]}
            assert_same(envs.reset(options=dict(options))[0], twin.reset(options=dict(options))[0])
    envs.close()
    twin.close()


def states_of(envs: Any) -> list[Any]:
    games_of = [env.unwrapped for env in envs.envs]
    return [(game.dump_state(), game.np_random.bit_generator.state, game.np_random_seed) for game in games_of]


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"actions": [["A"], ["left"]]}, 2),
        ({"actions": [["A"], ["left"]]}, -1),
        ({"actions": [["A"], ["left"]]}, "x"),
        ({}, 256),
        ({"actions": "multibinary"}, [2] * 8),
        ({"players": 2}, [0, 256]),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:vectorize steps these")
def test_vectorize_refuses_actions_of_known_games_before_any_is_stepped(
    bricks: Path, options: dict[str, Any], wrong: Any
) -> None:
    del bricks
    envs = vectorize(lambda: TimeLimit(GameEnv(game="bricks", **options), 9), 3)
    envs.reset(seed=0)
    before = states_of(envs)
    right = np.zeros_like(envs.single_action_space.sample()).tolist()
    expected = TypeError if wrong == "x" else ValueError
    with pytest.raises(expected, match="the action of environment 2 must be"):
        envs.step([right, right, wrong])
    assert states_of(envs) == before
    assert envs.step(np.array([right] * 3))[0].shape[0] == 3
    envs.close()


@pytest.mark.filterwarnings("ignore:vectorize steps these")
def test_vectorize_refuses_resets_of_known_games_before_any_is_reset(bricks: Path) -> None:
    del bricks
    starts = iter([{"states": ["game", "ten"]}, {"states": "game"}])
    envs = vectorize(lambda: GameEnv(game="bricks", **next(starts)), 2)
    envs.reset(seed=0)
    envs.step(np.array([1, 1]))
    before = states_of(envs)
    for named, error in (
        ({"options": {"state": "nope"}}, ValueError),
        ({"options": {"state": "ten"}}, ValueError),  # the first one has it
        ({"options": {"stat": "game"}}, ValueError),
        ({"options": 5}, TypeError),
        ({"seed": [3, True]}, TypeError),
    ):
        with pytest.raises(error):
            envs.reset(**{"seed": 3, **named})
        assert states_of(envs) == before
    # The second one stays.
    envs.reset(seed=3, options={"state": "ten", "reset_mask": np.array([True, False])})
    assert states_of(envs)[0] != before[0]
    assert states_of(envs)[1] == before[1]
    envs.close()


@pytest.mark.filterwarnings("ignore:vectorize steps these")
def test_vectorize_leaves_to_a_subclass_what_its_actions_are(bricks: Path) -> None:
    del bricks

    class Named(GameEnv):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            return super().reset(seed=seed, options={"state": {"easy": "ten"}[(options or {})["state"]]})

        def step(self, action: Any) -> Any:
            return super().step(int(action) % 2)

    envs = vectorize(lambda: Named(game="bricks", states=["game", "ten"], actions=[["A"], ["left"]]), 2)
    assert envs.reset(options={"state": "easy"})[1]["goal"].tolist() == [10, 10]
    envs.step(np.array([0, 5]))
    envs.close()


def test_a_refused_reset_keeps_the_generator(bricks: Path) -> None:
    del bricks
    with contextlib.closing(GameEnv(game="bricks")) as env:
        env.reset(seed=1)
        before = env.np_random.bit_generator.state
        for named in ({"options": {"state": "nope"}}, {"options": 5}, {"options": {"reset_mask": 1}}):
            with pytest.raises((ValueError, TypeError)):
                env.reset(seed=5, **named)
            assert env.np_random.bit_generator.state == before
            assert env.np_random_seed == 1


def test_render_without_a_mode_warns_once(bricks: Path) -> None:
    del bricks
    with contextlib.closing(GameEnv(game="bricks")) as env:
        env.reset(seed=0)
        with pytest.warns(UserWarning, match="render\\(\\) without a render_mode"):
            assert env.render() is None
        assert env.render() is None


def test_a_window_shows_each_step(bricks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del bricks
    shown: list[Any] = []

    class Window:
        def __init__(self, caption: str, height: int, width: int) -> None:
            shown.append((caption, height, width))

        def show(self, picture: Any) -> None:
            shown.append(picture)

        def close(self) -> None:
            shown.append("closed")

    monkeypatch.setitem(sys.modules, "nes_py._image_viewer", SimpleNamespace(ImageViewer=Window))
    env = GameEnv(game="bricks", render_mode="human", frameskip=2)
    observation, _ = env.reset(seed=0)
    after, *_ = env.step(129)
    assert env.render() is None
    env.close()
    assert shown[0] == ("nes-py", 240, 256)
    np.testing.assert_array_equal(shown[1], observation)
    np.testing.assert_array_equal(shown[2], after)
    assert shown[3:] == ["closed"]
    # Without pyglet the message says what to install.
    monkeypatch.setitem(sys.modules, "nes_py._image_viewer", None)
    env = GameEnv(game="bricks", render_mode="human")
    with pytest.raises(ImportError, match=r"pip install 'nes-py\[human\]'"):
        env.reset(seed=0)
    env.close()
