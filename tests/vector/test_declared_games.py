"""The language of declared games: expressions, memories, programs, parameters, starts and infos."""

from __future__ import annotations

import copy
import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv
from reference import Skip
from support.rom_builder import BUTTON_SUM, BUTTONS_1, CHR_BANK, FRAMES, demonstration_rom, header, prg, rom

from nes_py import NESEnv, NESVectorEnv
from nes_py._vector import Columns
from nes_py.game import Game
from nes_py.games.envs import WHOLE_PICTURES

DEMONSTRATION = demonstration_rom()
VARIABLES = {"buttons": BUTTONS_1, "frames": FRAMES, "sum": BUTTON_SUM}


def make(game: dict[str, Any], num_envs: int = 1, **options: Any) -> NESVectorEnv:
    """Return environments of the demonstration program, with ``game``'s variables beside the usual ones."""
    game = {**game, "variables": {**VARIABLES, **game.get("variables", {})}}
    return NESVectorEnv(DEMONSTRATION, num_envs, game=game, **{**WHOLE_PICTURES, "obs_type": "ram", **options})


def step(envs: NESVectorEnv, action: int = 0) -> tuple[Any, ...]:
    return envs.step(np.full(envs.num_envs, action))


# --- expressions ---

_NAMES = "abcd"


def _expression(random: np.random.Generator, depth: int) -> tuple[str, str]:
    """Return an expression, and the same for Python: there a division by zero is an error."""
    kind = int(random.integers(11)) if depth else int(random.integers(2))
    if kind == 0:
        number = str(random.choice([0, 1, 2, 3, 7, 10, 255, 0.5, 2.25]))
        return number, number
    if kind == 1:
        name = str(random.choice(list(_NAMES)))
        return random.choice(
            [(name, name), (f"before({name})", f"before_{name}"), (f"delta({name})", f"({name} - before_{name})")]
        )
    (left, left_python), (right, right_python) = _expression(random, depth - 1), _expression(random, depth - 1)
    (other, other_python) = _expression(random, depth - 1)
    if kind in (2, 3):
        operator = random.choice(["+", "-", "*"])
        return f"({left} {operator} {right})", f"({left_python} {operator} {right_python})"
    if kind == 4:
        operator, function = random.choice([("/", "div"), ("//", "floor"), ("%", "mod")])
        return f"({left} {operator} {right})", f"{function}({left_python}, {right_python})"
    if kind == 5:
        operator = random.choice(["==", "!=", "<", "<=", ">", ">="])
        return f"({left} {operator} {right})", f"({left_python} {operator} {right_python})"
    if kind == 6:
        operator = random.choice(["and", "or"])
        return f"({left} {operator} {right})", f"({left_python} {operator} {right_python})"
    if kind == 7:
        return f"({left} if {right} else {other})", f"({left_python} if {right_python} else {other_python})"
    if kind == 8:
        operator = random.choice(["&", "|", "^"])
        return (
            f"(({left} // 1) {operator} ({right} // 1))",
            f"(int(floor({left_python}, 1)) {operator} int(floor({right_python}, 1)))",
        )
    if kind == 9:
        function = random.choice(["min", "max"])
        return f"{function}({left}, {right}, {other})", f"{function}({left_python}, {right_python}, {other_python})"
    return random.choice(
        [
            (f"(not {left})", f"(not {left_python})"),
            (f"(-{left})", f"(-{left_python})"),
            (f"abs({left})", f"abs({left_python})"),
            (f"({left} in (1, {right}, 3))", f"({left_python} in (1, {right_python}, 3))"),
            (f"({left} not in [{right}])", f"({left_python} not in [{right_python}])"),
            (f"(~({left} // 1) >> 2)", f"(~int(floor({left_python}, 1)) >> 2)"),
            (f"(0 <= a < {right})", f"(0 <= a < {right_python})"),
        ]
    )


def test_expressions_have_the_values_that_python_gives_them() -> None:
    random = np.random.default_rng(5)
    pairs = [tuple(map(str, _expression(random, 4))) for _ in range(300)]
    game = {
        "variables": {name: 0x40 + number for number, name in enumerate(_NAMES)},
        "infos": {f"e{number}": {"value": text, "type": "float"} for number, (text, _) in enumerate(pairs)},
    }
    python = {
        "div": lambda a, b: a / b if b else 0,
        "floor": lambda a, b: a // b if b else 0,
        "mod": lambda a, b: a % b if b else 0,
    }
    seen = set()
    with NESVectorEnv(rom(), 1, game=game, **{**WHOLE_PICTURES, "obs_type": "ram"}) as envs:
        envs.reset(seed=0)
        before = dict.fromkeys(_NAMES, 0)
        for _ in range(8):
            values = random.choice([0, 1, 2, 3, 9, 128, 255], 4)
            envs.ram[0, 0x40:0x44] = values
            infos = step(envs)[4]
            names = dict(zip(_NAMES, map(int, values), strict=True))
            known = {**python, **names, **{f"before_{name}": value for name, value in before.items()}}
            for number, (text, equivalent) in enumerate(pairs):
                expected = float(eval(equivalent, {}, known))
                assert infos[f"e{number}"].tolist() == [pytest.approx(expected, rel=1e-12)], text
                seen.add(expected)
            before = names
    assert len(seen) > 200


def test_numbers_of_info_have_the_types_of_their_expressions() -> None:
    game = {
        "start": [{"buttons": [], "frames": 20, "until": "frames == 0"}],
        "infos": {
            "whole": "frames + 1",
            "yes": "frames > 0 and not buttons",
            "real": "frames / 2",
            "byte": {"value": "frames", "type": "uint8"},
            "word": {"value": "frames", "names": {"0": "none"}, "format": "frame {}"},
            "named": {"value": "buttons", "names": ["released"], "else": None},
            "pair": {"list": ["buttons", "frames > 1"]},
            "fixed": {"constant": "demonstration"},
            "nested": {"infos": {"frames": "frames", "deep": {"infos": {"sum": "sum"}}}},
        },
    }
    with make(game, 2) as envs:
        infos = envs.reset(seed=0)[1]
        assert infos["word"].tolist() == ["none", "none"]
        for _ in range(8):
            infos = step(envs, 1)[4]
    types = {name: infos[name].dtype for name in ("whole", "yes", "real", "byte")}
    assert types == {"whole": np.int64, "yes": np.bool_, "real": np.float64, "byte": np.uint8}
    frames = int(infos["byte"][0])
    assert infos["whole"].tolist() == [frames + 1] * 2
    assert infos["real"].tolist() == [frames / 2] * 2
    assert infos["word"].tolist() == [f"frame {frames}"] * 2
    assert frames > 1
    assert infos["named"].tolist() == [None, None]
    assert infos["pair"].tolist() == [(1, True)] * 2
    assert type(infos["pair"][1][1]) is bool
    assert infos["fixed"].tolist() == ["demonstration"] * 2
    assert infos["nested"]["frames"].tolist() == [frames] * 2
    assert infos["nested"]["deep"]["_sum"].tolist() == [True, True]
    assert infos["_nested"].tolist() == [True, True]


def test_a_count_counts_bytes_or_groups_of_them() -> None:
    game = {
        "variables": {
            "enemies": {"address": 0x40, "size": 5, "encoding": "count", "of": ["0x2D", 0x31]},
            "rows": {"address": 0x50, "size": 12, "encoding": "count", "group": 4, "not": [0, 239]},
        }
    }
    with NESVectorEnv(rom(), 1, game=game, **{**WHOLE_PICTURES, "obs_type": "ram"}) as envs:
        envs.reset(seed=0)
        envs.ram[0, 0x40:0x45] = [0x2D, 1, 0x31, 0x2D, 0]
        envs.ram[0, 0x50:0x5C] = [0, 0, 239, 239, 0, 7, 9, 0, 0, 0, 0, 255]
        infos = step(envs)[4]
    assert infos["enemies"].tolist() == [3]
    assert infos["rows"].tolist() == [2]


# --- memories ---


def test_memories_are_updated_together_from_the_values_before() -> None:
    game = {
        "memories": {
            "first": {"start": "10", "update": "second"},
            "second": {"start": "20", "update": "first"},
            "highest": {"start": "sum", "update": "max(highest, sum)"},
        },
        "rewards": [{"name": "gain", "value": "max(sum - highest, 0)"}],
        "infos": {"pair": {"list": ["first", "second"]}, "highest": "highest", "gain": "gain", "reward": "reward"},
    }
    with make(game) as envs:
        infos = envs.reset(seed=0)[1]
        assert infos["pair"].tolist() == [(10, 20)]
        assert infos["gain"].tolist() == [0.0]
        highest, total = int(infos["highest"][0]), 0.0
        for number in range(6):
            _, rewards, _, _, infos = step(envs, [1, 2, 128, 255, 3, 4][number])
            assert infos["pair"].tolist() == [(20, 10) if number % 2 == 0 else (10, 20)]
            assert int(infos["highest"][0]) - highest == rewards[0] == infos["gain"][0] == infos["reward"][0]
            highest = int(infos["highest"][0])
            total += rewards[0]
        assert total > 0
        # A new episode begins with the start values.
        assert envs.reset()[1]["pair"].tolist() == [(10, 20)]


def test_rewards_add_up_as_python_adds_them() -> None:
    game = {"rewards": [{"value": "1", "weight": 0.1}] * 10, "infos": {"total": "reward_sum"}}
    with make(game) as envs:
        envs.reset(seed=0)
        rewards, infos = step(envs)[1], step(envs)[4]
    # As sum() does since Python 3.12.
    assert rewards.tolist() == infos["total"].tolist() == [1.0]


# --- programs ---


class Skipping(NESEnv):
    """Runs to the next frame whose number divides by ``every`` after each step, and clears the sum of buttons then."""

    def __init__(self, every: int) -> None:
        super().__init__(_written(DEMONSTRATION), frame_boundary="nes-py")
        self.every = every
        self.reset()
        for _ in range(5):
            self._frame_advance(0)
        self._backup()

    def _did_step(self, done: bool) -> None:
        if done:
            return
        while self.ram[FRAMES] % self.every:
            self._frame_advance(2)
            self.ram[BUTTON_SUM] = 7

    def _get_reward(self) -> float:
        return float(self.ram[BUTTON_SUM])

    def _get_terminated(self) -> bool:
        return bool(self.ram[FRAMES] > 200)

    def _get_info(self) -> dict[str, Any]:
        return {"buttons": int(self.ram[BUTTONS_1]), "frames": int(self.ram[FRAMES]), "sum": int(self.ram[BUTTON_SUM])}


_FILES: dict[bytes, Path] = {}


def _written(content: bytes) -> str:
    return str(_FILES[content])


@pytest.fixture(scope="module", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("roms") / "demonstration.nes"
    path.write_bytes(DEMONSTRATION)
    _FILES[DEMONSTRATION] = path


@pytest.mark.parametrize("every", [2, 3, 40])
@pytest.mark.parametrize("frameskip", [1, 4])
def test_a_program_after_each_step_does_what_a_python_hook_does(every: int, frameskip: int) -> None:
    game = {
        "rewards": [{"value": "sum"}],
        "terminated": "frames > 200",
        "start": [[[], 5]],
        "after_step": [{"while": f"frames % {every}", "do": [[["B"], 1], {"write": {"sum": 7}}]}],
    }

    def single() -> Any:
        env = Skipping(every)
        return Skip(env, frameskip, maxpool=frameskip > 1)

    theirs = SyncVectorEnv([single] * 2)
    options = {"obs_type": "image", "frameskip": frameskip, "maxpool": frameskip > 1, "frame_boundary": "nes-py"}
    random = np.random.default_rng(every)
    ends = 0
    with make(game, 2, **options) as ours:
        expected, found = theirs.reset(seed=0), ours.reset(seed=0)
        for _ in range(150 // frameskip):
            np.testing.assert_array_equal(found[0], expected[0])
            actions = random.integers(256, size=2)
            expected, found = theirs.step(actions), ours.step(actions)
            for one, other in zip(expected[1:4], found[1:4], strict=True):
                np.testing.assert_array_equal(other, one)
            for name in ("buttons", "frames", "sum"):
                np.testing.assert_array_equal(found[4][name], expected[4][name])
            ends += int(np.count_nonzero(found[2]))
    theirs.close()
    assert ends or every != 40


def test_a_start_is_a_program_and_has_parameters() -> None:
    game = {
        "parameters": {"target": 5, "label": "none", "goal": None},
        "memories": {"turns": {}},
        "start": [
            {"while": "frames < target", "do": [[[], 1], {"set": {"turns": "turns + 1"}}], "at_most": 100},
            {"if": "target > 20", "then": [{"write": {"0x60": "target * 2"}}], "else": [{"write": {"0x60": 1}}]},
            {"repeat": 3, "do": [{"set": {"turns": "turns + 100"}}]},
        ],
        "starts": {"early": {}, "late": {"target": 30, "label": "LATE", "goal": 3}, "next": {"target": 31, "goal": 4}},
        "variables": {"mark": 0x60},
        "infos": {
            "mark": "mark",
            "turns": "turns",
            "frames": "frames",
            "label": {"parameter": "label"},
            "goal": {"parameter": "goal"},
            "target": "target",
        },
    }
    with make(game) as envs:
        infos = envs.reset(seed=0)[1]
        assert infos["frames"].tolist() == [5]
        assert infos["mark"].tolist() == [1]
        assert infos["turns"][0] // 100 == 3
        assert infos["goal"].dtype == object
    with make(game, states="late") as envs:
        infos = envs.reset(seed=0)[1]
        assert (infos["frames"][0], infos["mark"][0], infos["target"][0]) == (30, 60, 30)
        assert infos["label"].tolist() == ["LATE"]
        assert infos["goal"].dtype == np.int64
    with make(game, 40, states=["late", "next"]) as envs:
        infos = envs.reset(seed=0)[1]
        assert set(infos["target"].tolist()) == {30, 31}
        assert (infos["goal"] - infos["target"] == -27).all()
        assert [label == "LATE" for label in infos["label"]] == (infos["target"] == 30).tolist()
        assert envs.reset(options={"state": "next"})[1]["target"].tolist() == [31] * 40
        infos = envs.reset(options={"state": [0, 1] * 20})[1]
        assert infos["target"].tolist() == [30, 31] * 20
    with pytest.raises(ValueError, match=r"states: the game has no start 'lat', did you mean 'late'\?"):
        make(game, states="lat")


def test_a_program_after_resets_draws_what_the_environments_generator_draws() -> None:
    game = {
        "memories": {"low": {}, "high": {}},
        "after_reset": [
            {"set": {"low": "random(255)", "high": "random(255) if 1 else random(9)"}},
            {"repeat": 3, "do": [{"write": {"0x70": "low"}}, [["A"], 1]]},
        ],
        "variables": {"written": 0x70},
        "infos": {"low": "low", "high": "high", "written": "written", "frames": "frames"},
    }
    with make(game, 3) as envs:
        infos = envs.reset(seed=11)[1]
        for row in range(3):
            random = np.random.default_rng(11 + row)
            assert (infos["low"][row], infos["high"][row]) == (random.integers(0, 255), random.integers(0, 255))
        assert infos["written"].tolist() == infos["low"].tolist()
        again = envs.reset(seed=11)[1]
        assert again["low"].tolist() == infos["low"].tolist()
        assert envs.reset()[1]["low"].tolist() != infos["low"].tolist()


def test_computed_variables_that_use_others_twice_do_not_double_the_code() -> None:
    chain = {f"v{number}": {"value": f"(v{number - 1} + v{number - 1}) % 7"} for number in range(1, 60)}
    variables = {"v0": {"value": "frames % 7"}, **chain, "small": {"value": "1 <= v59 <= 3"}}
    game = {
        "variables": variables,
        "memories": {"seen": {}},
        "after_step": [{"set": {"seen": "v59 + v3 if v59 in (v1, 2) or 0 <= small < 1 else -v2"}}],
        "infos": {"seen": "seen", "frames": "frames", "now": "v59 + v3 if v59 in (v1, 2) or 0 <= small < 1 else -v2"},
    }
    with make(game) as envs:
        envs.reset(seed=0)
        nows = []
        for _ in range(6):
            infos = step(envs)[4]
            # The program of the step before has set it from the same numbers.
            if nows:
                assert infos["seen"][0] == nows[-1]
            nows.append(infos["now"][0])
        assert len(set(nows)) > 1
    deep = {f"v{number}": {"value": f"1 + v{number - 1}"} for number in range(1, 1000)}
    game = {
        "variables": {"v0": 0x70, **deep},
        "memories": {"m": {}},
        "after_reset": [{"set": {"m": "v999"}}],
    }
    with make({**game, "infos": {"m": "m"}}) as envs:
        assert envs.reset(seed=0)[1]["m"].tolist() == [999 + int(envs.ram[0, 0x70])]


def test_what_is_compared_with_a_list_is_computed_once() -> None:
    game = {
        "memories": {"found": {}, "next": {}},
        "after_reset": [{"set": {"found": "random(3) in (0, 1, 2)", "next": "random(1000)"}}],
        "infos": {"found": "found", "next": "next"},
    }
    with make(game) as envs:
        for seed in range(9):
            infos = envs.reset(seed=seed)[1]
            random = np.random.default_rng(seed)
            random.integers(0, 3)
            assert (infos["found"][0], infos["next"][0]) == (1, random.integers(0, 1000))
    nested = "frames"
    for _ in range(25):
        nested = f"({nested} in (1, 2))"
    with make({"variables": {"nested": {"value": nested}}}) as envs:
        envs.reset(seed=0)
        assert step(envs)[4]["nested"].tolist() in ([0], [1])


def test_integers_of_info_are_defined_where_an_expression_has_no_number() -> None:
    huge = {"h0": {"value": "9007199254740992 * (frames >= 0)"}}
    huge |= {f"h{number}": {"value": f"h{number - 1} * h{number - 1}"} for number in range(1, 7)}
    game = {
        "variables": huge,
        "infos": {
            "infinite": "h6",
            "negative": "-h6",
            "nan": "h6 - h6",
            "float": {"value": "h6", "type": "float"},
            "named": {"value": "h6 - h6", "names": ["nothing"]},
            "list": {"list": ["-h6", "h6 / 1", "frames"]},
            "byte": {"value": "256 + 7", "type": "uint8"},
            "minus": {"value": "-1 + 0 * frames", "type": "uint8"},
        },
    }
    with make(game, 2) as envs:
        envs.reset(seed=0)
        infos = step(envs)[4]
        assert infos["infinite"].tolist() == [2**62] * 2
        assert infos["negative"].tolist() == [-(2**62)] * 2
        assert infos["nan"].tolist() == [0, 0]
        assert infos["float"].tolist() == [np.inf] * 2
        assert infos["named"].tolist() == ["nothing"] * 2
        assert infos["list"][0][:2] == (-(2**62), np.inf)
        assert infos["byte"].tolist() == [7, 7]
        assert infos["minus"].tolist() == [255, 255]


def test_a_variable_outside_the_cartridge_is_named() -> None:
    with pytest.raises(ValueError, match=r"variables\.saved: \$6000 is outside the cartridge's RAM of 0 bytes"):
        NESVectorEnv(
            header(nes2=True) + prg(b"\x4c\x00\xc0") + bytes(CHR_BANK), game={"variables": {"saved": "0x6000"}}
        )


def test_an_expression_that_needs_too_much_is_named() -> None:
    deep = "+".join(["(frames"] * 55) + ")" * 55
    nested = {"value": f"1 + ({deep.replace('frames', 'frames // 1')})"}
    game = {"variables": {"a": nested, "b": {"value": f"2 + (3 + (4 + {deep.replace('frames)', 'a)')}))"}}}
    with pytest.raises(ValueError, match=r"^after_step: an expression needs \d+ intermediate results"):
        make({**game, "memories": {"m": {}}, "after_step": [{"set": {"m": f"5 + {deep.replace('frames)', 'b)')}"}}]})


def test_a_program_that_does_not_end_truncates_the_episode_or_refuses_the_start() -> None:
    with make({"after_step": [{"while": "1", "do": []}]}) as envs:
        envs.reset(seed=0)
        assert step(envs)[3].tolist() == [True]
    with make({"after_step": [{"while": "frames < 200", "do": [[[], 1]], "at_most": 3}]}) as envs:
        envs.reset(seed=0)
        assert step(envs)[3].tolist() == [True]
    with pytest.raises(ValueError, match="start: it does not end"):
        make({"start": [{"while": "frames >= 0", "do": []}]})
    with pytest.raises(ValueError, match=r"start\[0\]\.do\[1\]: 1 still true after 4 turns$"):
        make({"start": [{"repeat": 2, "do": [[[], 1], {"while": "1", "do": [[[], 1]], "at_most": 4}]}]})
    with pytest.raises(ValueError, match=r"starts\['one'\]\[1\]: buttons == 1 not true within 9 frames: buttons = 0$"):
        make({"start": [[[], 1], {"buttons": [], "frames": 9, "until": "buttons == 1"}], "starts": {"one": {}}})


def test_a_start_may_take_an_hour_and_what_follows_a_frame_ten_minutes() -> None:
    with make({"start": [[[], 36_100]]}) as envs:
        envs.reset(seed=0)
        assert envs.ram[0, FRAMES] == (36_100 - 3) % 256
    for states in ([[[], 36_100]], {"x": [[[], 36_100]]}):
        with make({}, states=states) as envs:
            envs.reset(seed=0)
            assert envs.ram[0, FRAMES] == (36_100 - 3) % 256
    with pytest.raises(ValueError, match="start: it does not end within 216000 frames and 1000000 turns of loops"):
        make({"start": [{"repeat": 216_000, "do": [[[], 2]]}]})
    with make({"after_step": [[[], 36_001]]}) as envs:
        envs.reset(seed=0)
        assert step(envs)[3].tolist() == [True]


def test_a_start_that_fails_names_its_condition_and_the_values() -> None:
    def text_of(until: Any, **more: Any) -> str:
        game = {"start": [[[], 1], {"buttons": ["A"], "frames": 9, "until": until}], **more}
        with pytest.raises(ValueError, match="not true within") as caught:
            make(game)
        return str(caught.value)

    assert text_of([["buttons == 2", "frames >= 0"]]) == (
        "start[1]: buttons == 2 and frames >= 0 not true within 9 frames: buttons = 1, frames = 7"
    )
    assert text_of([["buttons == 2 or buttons == 3", "sum < 0"], "delta frames > 7"]) == (
        "start[1]: (buttons == 2 or buttons == 3) and sum < 0 or delta frames > 7 not true within 9 frames: "
        "buttons = 1, sum = 7, frames = 7"
    )
    kept = text_of("m == goal", memories={"m": {}}, parameters={"goal": 2.5})
    assert kept == "start[1]: m == goal not true within 9 frames: m = 0, goal = 2.5"
    assert len(text_of(f"max({', '.join(['buttons'] * 60)}) < 0")) < 300
    with pytest.raises(ValueError, match=r"^start\[0\]: buttons < 1 still true after 2 turns: buttons = 0$"):
        make({"start": [{"while": "buttons < 1", "do": [[[], 1]], "at_most": 2}]})


def test_addresses_can_be_written_with_a_dollar(tmp_path: Path) -> None:
    for text in ("$0300", "$300", "0x300", "768"):
        assert Game.parse({"variables": {"a": text}}).variables["a"].address == 0x300
        assert Game.parse({"start": [{"write": {text: 1}}]}).start[0].assignments == ((text, "1"),)
    for text in ("$", "$-1", "$ 1", "$0x1", "$g", "x1"):
        with pytest.raises(ValueError, match=r"must be an integer such as 26, '0x1A' or '\$1A'"):
            Game.parse({"variables": {"a": text}})
    path = tmp_path / "game.json"
    path.write_text('{"variables": {"a": "$0300"}}')
    assert Game.load(path).variables["a"].address == 0x300
    for number in ("0x11", "$0011", "-0x11"):
        path.write_text(f'{{"variables": {{"a": {number}}}}}')
        with pytest.raises(ValueError, match=f'hexadecimal numbers need quotes: "{re.escape(number.lstrip("-"))}"$'):
            Game.load(path)
    path.write_text('{"variables": {"a": 11x}}')
    with pytest.raises(ValueError, match=r"delimiter: line 1 column 23 \(char 22\)$"):
        Game.load(path)


def test_names_of_starts_that_a_game_does_not_have() -> None:
    for states in ("fast", ["fast"], ("fast", "slow")):
        with pytest.raises(ValueError, match=r"^states: the game has no named starts, so that there is no 'fast'$"):
            make({}, states=states)


def test_states_hold_memories_and_the_start() -> None:
    game = {
        "parameters": {"goal": 0},
        "starts": {"one": {"goal": 1}, "two": {"goal": 2}},
        "memories": {"steps": {"start": "0", "update": "steps + 1"}},
        "infos": {"steps": "steps", "goal": {"parameter": "goal"}, "change": "delta(sum)"},
    }
    with make(game, 2, states=["one", "two"]) as envs:
        envs.reset(seed=0, options={"state": ["one", "two"]})
        for _ in range(3):
            step(envs, 5)
        state = pickle.loads(pickle.dumps(envs.get_state(1)))
        expected = [step(envs, action)[4] for action in (1, 2, 3)]
        envs.reset(options={"state": "one"})
        envs.set_state([0, 1], state)
        for action, infos in zip((1, 2, 3), expected, strict=True):
            found = step(envs, action)[4]
            for name in ("steps", "goal", "change"):
                assert found[name].tolist() == [infos[name][1]] * 2
        envs.reset(options={"state": "one"})
        envs.set_state(0, state)
        envs.clone(0, 1)
        assert step(envs)[4]["goal"].tolist() == [2, 2]


# --- errors ---

BROKEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"variables": {"x": {"value": "frames +"}}}, r"variables\.x: 'frames \+' is not an expression"),
    ({"variables": {"x": {"value": "frame"}}}, r"variables\.x: there is no variable 'frame', did you mean 'frames'"),
    ({"variables": {"x": {"value": "y"}, "y": {"value": "1"}}}, r"variables\.x: there is no variable 'y'"),
    (
        {"variables": {"x": {"value": "delta(frames)"}}},
        r"variables\.x: there is no variable 'frames' \(declared: none\)",
    ),
    ({"variables": {"min": 0}}, "variables: 'min' means something else in expressions"),
    ({"variables": {"x": {"address": 0, "of": [1]}}}, r"variables\.x: 'of' needs the encoding 'count'"),
    ({"variables": {"x": {"address": 0, "size": 2, "encoding": "count"}}}, "needs one of the keys 'of' and 'not'"),
    (
        {"variables": {"x": {"address": 0, "size": 3, "encoding": "count", "group": 2, "of": [1]}}},
        r"variables\.x\.group must divide the size 3",
    ),
    ({"variables": {"x": {"address": 0, "encoding": "count", "of": [256]}}}, r"variables\.x\.of must be .* 0\.\.255"),
    ({"memories": {"frames": {}}}, "variables: 'frames' is declared twice"),
    ({"memories": {"m": {"begin": "0"}}}, r"memories\.m has no key 'begin'"),
    ({"memories": {"m": {"start": "n"}}}, r"memories\.m\.start: there is no variable 'n'"),
    ({"rewards": [{"value": "frames ** 2"}]}, r"rewards\[0\]\.value: there is no \*\* in expressions"),
    ({"rewards": [{"value": "pow(frames, 2)"}]}, r"rewards\[0\]\.value: there is no function 'pow'"),
    ({"rewards": [{"value": "frames.x"}]}, r"rewards\[0\]\.value: 'frames\.x' cannot be part of an expression"),
    ({"rewards": [{"value": "random(3)"}]}, r"rewards\[0\]\.value: random\(\) can only be used in"),
    ({"rewards": [{"value": "1e400"}]}, r"rewards\[0\]\.value: inf is not a number"),
    ({"rewards": [{"value": "1", "name": "sum"}]}, r"rewards\[0\]\.name: 'sum' is declared twice"),
    ({"terminated": "frames > 3 and"}, "terminated: 'frames > 3 and' is not a condition"),
    ({"terminated": "frames in 3"}, "terminated: 'in' needs a list of numbers"),
    ({"terminated": "min(frames) > 3"}, r"terminated: min\(\) takes two values or more"),
    ({"terminated": "delta(frames + 1) > 0"}, r"terminated: delta\(\) takes the name of one variable"),
    ({"terminated": "frames is 3"}, "terminated: numbers are compared with =="),
    ({"after_step": [{"do": []}]}, r"after_step\[0\] must have 'buttons' and 'frames', or one of the keys"),
    (
        {"after_step": [{"while": "1", "do": [{"set": {"n": 1}}]}]},
        r"after_step\[0\]\.do\[0\]\.set: there is no memory 'n'",
    ),
    ({"after_step": [{"write": {"0x2000": 1}}]}, r"after_step\[0\]\.write: 0x2000 is neither in RAM"),
    ({"after_step": [{"write": {"frame": 1}}]}, r"after_step\[0\]\.write: there is no variable 'frame', did you mean"),
    ({"after_step": [{"if": "1", "do": []}]}, r"after_step\[0\] has no key 'do'"),
    ({"after_step": [{"repeat": 0, "do": []}]}, r"after_step\[0\]\.repeat must be in 1\.\.216000"),
    ({"start": [{"write": {"frames": "random(2)"}}]}, r"start\[0\]\.write\['frames'\]: random\(\) can only be used in"),
    ({"variables": {"n": {"address": np.array([1, 2])}}}, r"variables\.n\.address must be an integer, not array"),
    ({"starts": {"a": {"goal": 1}}}, r"starts\['a'\]: there is no parameter 'goal'"),
    ({"parameters": {"p": [1]}}, r"parameters\.p must be a number, a string, true, false or null"),
    ({"parameters": {"p": "text"}, "terminated": "p == 1"}, "terminated: there is no variable 'p'"),
    ({"infos": {"final_obs": "1"}}, "infos: 'final_obs' is reserved"),
    ({"infos": {"x": {"value": "1", "type": "int8"}}}, r"infos\.x\.type must be one of bool, int"),
    ({"infos": {"x": {"value": "1", "constant": 1}}}, r"infos\.x must have exactly one of the keys"),
    ({"infos": {"x": {"parameter": "p"}}}, r"infos\.x\.parameter: there is no variable 'p'"),
    ({"infos": {"x": {"infos": {"y": "z"}}}}, r"infos\.x\.infos\.y\.value: there is no variable 'z'"),
    ({"infos": {"x": {"value": "1", "names": {"one": 1}}}}, r"infos\.x\.names must be an integer"),
    ({"infos": {"x": {"infos": {}}}}, r"infos\.x\.infos must have an entry"),
)


@pytest.mark.parametrize(("game", "message"), BROKEN, ids=[str(number) for number in range(len(BROKEN))])
def test_errors_name_the_entry(game: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make(game)


def test_expressions_have_limits() -> None:
    nested = "1"
    for _ in range(29):
        nested = f"1 + ({nested})"
    with make({"rewards": [{"value": nested}]}) as envs:
        envs.reset(seed=0)
        assert step(envs)[1].tolist() == [30.0]
    with pytest.raises(ValueError, match=r"rewards\[0\]\.value: operations are nested more than 60 times"):
        make({"rewards": [{"value": "-" * 60 + "1"}]})
    with pytest.raises(ValueError, match=r"rewards\[0\]\.value has 1001 characters, the limit is 1000"):
        make({"rewards": [{"value": "1" + " " * 1000}]})
    program: list[Any] = []
    for _ in range(12):
        program = [{"if": "1", "then": program}]
    with pytest.raises(ValueError, match="programs are nested more than 10 times"):
        make({"after_step": program})


def test_a_game_survives_json_and_being_parsed_again(tmp_path: Path) -> None:
    game = {
        "parameters": {"p": 1},
        "variables": {"x": 1, "y": {"value": "x + p"}, "n": {"address": 0, "size": 4, "encoding": "count", "of": [1]}},
        "memories": {"m": {"start": "x", "update": "m + y"}},
        "rewards": [{"value": "y - m", "name": "gain"}, {"condition": ["x > p", ["x == 1", "y in (1, 2)"]]}],
        "start": [{"while": "x", "do": [[["A"], 2]], "at_most": 3}, {"if": "p", "then": [], "else": [[[], 1]]}],
        "starts": {"a": {"p": 2}},
        "after_reset": [{"set": {"m": "random(3)"}}, {"write": {"x": "m"}}],
        "after_step": [{"repeat": 2, "do": [{"buttons": [], "frames": 3, "until": "delta x > 0"}]}],
        "infos": {
            "y": "y",
            "g": {"value": "gain"},
            "t": {"list": ["x", "y"]},
            "d": {"infos": {"p": {"parameter": "p"}}},
        },
    }
    path = tmp_path / "game.json"
    path.write_text(json.dumps(game))
    parsed = Game.load(path)
    assert Game.parse(parsed) == parsed == Game.parse(copy.deepcopy(parsed))
    assert repr(Game.parse(parsed)) == repr(parsed)


def test_numbers_become_arrays_of_other_types() -> None:
    numbers = [1.9, -1.9, 257.0, np.nan, np.inf, -np.inf, 2.0**63, -(2.0**63), 0.0]
    values = np.array([[7.0, one] for one in numbers])
    whole, byte, truth, real = Columns([1, 0], [1], [1], [1]).convert(values)
    most = 2**62
    assert whole.tolist() == [[1, -1, 257, 0, most, -most, most, -(2**63), 0], [7] * 9]
    assert byte.tolist() == [[one % 256 for one in whole[0].tolist()]]
    assert truth.tolist() == [[True] * 8 + [False]]
    np.testing.assert_array_equal(real, values.T[1:])
    assert [each.dtype for each in (whole, byte, truth, real)] == [np.int64, np.uint8, np.bool_, np.float64]
    assert [each.shape for each in Columns([], [], [], []).convert(values)] == [(0, 9)] * 4
    with pytest.raises(IndexError, match="there is no column 2, only 2 of them"):
        Columns([2], [], [], []).convert(values)
    with pytest.raises(IndexError, match="there is no column -1"):
        Columns([0], [-1], [], [])


def test_tables_of_infos_are_bounded() -> None:
    game = {
        "memories": {"m": {"start": "0", "update": "m + 1"}},
        "infos": {"text": {"value": "m", "format": "step {}"}, "name": {"value": "m", "names": {"0": "none"}}},
    }
    with make(game, frameskip=1) as envs:
        envs.reset(seed=0)
        tables = [column.table for column, _ in envs._infos._arrays._others]
        for table in tables:
            for number in range(10_000):
                assert table[number] == table[number]
            assert len(table) <= table.MOST
        assert envs.step([0])[4]["text"][0] == "step 1"


def test_infos_in_each_other_have_a_limit() -> None:
    infos: dict[str, Any] = {}
    infos["again"] = {"infos": infos}
    with pytest.raises(ValueError, match="infos in each other more than 15 levels deep"):
        make({"infos": infos})


def test_columns_are_read_once() -> None:
    class Changing(list[int]):
        """Another column each time that it is read."""

        def __iter__(self) -> Any:
            self.append(10**9)
            return iter([0] if len(self) == 1 else self)

    assert Columns(Changing(), [], [], []).convert(np.ones((1, 1)))[0].tolist() == [[1]]
