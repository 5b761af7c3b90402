"""Numbers, flags, texts and lists as NumPy and enumerations have them; what only looks like a list."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py.options import EnvOptions


class Word(str, enum.Enum):
    """``format`` and ``str`` of a member differ between versions of Python."""

    PAL = "pal"
    NES = "nes"
    ONES = "ones"
    REFERENCE = "reference"
    FOUR_SCORE = "four_score"
    VBLANK = "vblank"
    PASSIVE = "passive"
    RAM = "ram"
    SAME_STEP = "SameStep"


SAME: list[tuple[str, Any, Any]] = [
    ("region", Word.PAL, "pal"),
    ("console", Word.NES, "nes"),
    ("ram_fill", Word.ONES, "ones"),
    ("policy", Word.REFERENCE, "reference"),
    ("device", Word.FOUR_SCORE, "four_score"),
    ("frame_boundary", Word.VBLANK, "vblank"),
    ("wait_policy", Word.PASSIVE, "passive"),
    ("obs_type", Word.RAM, "ram"),
    ("obs_type", np.array(["image", "ram"]), ("image", "ram")),
    ("grayscale", np.False_, False),
    ("whole_pictures", np.True_, True),
    ("reward_clipping", np.True_, True),
    ("reward_clipping", np.array([-1.0, 2.0]), (-1, 2)),
    ("repeat_action_probability", np.float32(0.25), 0.25),
    ("crop", np.array([8, 8, 0, 0]), (8, 8, 0, 0)),
    ("affinity", np.array([0], np.uint8), (0,)),
    ("frameskip", np.array(2), 2),
]


@pytest.mark.parametrize(("name", "value", "plain"), SAME)
def test_options(name: str, value: Any, plain: Any) -> None:
    options, expected = EnvOptions(**{name: value}), EnvOptions(**{name: plain})
    assert options == expected
    found = getattr(options, name)
    assert type(found) is type(getattr(expected, name))
    assert repr(options) == repr(expected)
    with NESVectorEnv("bricks", 1, num_threads=1, **{name: value}) as envs:
        assert envs.options == EnvOptions(num_threads=1, **{name: plain})


@pytest.mark.parametrize(("name", "value", "plain"), [one for one in SAME if one[0] in NESEmulator("bricks").options])
@pytest.mark.parametrize("build", [NESEmulator, NESEnv])
def test_options_of_one_emulator(build: Callable[..., Any], name: str, value: Any, plain: Any) -> None:
    if name != "whole_pictures" and isinstance(value, str):
        value = np.str_(plain) if build is NESEnv else value
    made = build("bricks", **{name: value})
    found = (made if build is NESEmulator else made.emulator).options[name]
    assert found == plain
    assert type(found) is type(plain)
    made.close()


WRONG: list[tuple[str, Any, str]] = [
    ("batch_size", np.array([1]), "batch_size must be an integer"),
    ("frameskip", np.True_, "frameskip must be an integer"),
    ("crop", b"\1\1\1\1", "crop must be four integers"),
    ("crop", (8, 8, 0, np.True_), "crop must be four integers"),
    ("crop", np.zeros((4, 1), int), "crop must be four integers"),
    ("reward_clipping", b"\1\2", "reward_clipping must be True, False or a pair"),
    ("reward_clipping", ("a", "b"), "reward_clipping must be True, False or a pair"),
    ("repeat_action_probability", np.True_, "repeat_action_probability must be a number"),
    ("affinity", b"\0", "affinity must be"),
    ("copy", 1, "copy must be True or False"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_what_is_no_number_or_list(name: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=rf"^{message}"):
        EnvOptions(**{name: value})


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"actions": [["A"], iter(["right"])]}, r"actions\[1\]"),
        ({"actions": [(name for name in ["right"])]}, r"actions\[0\]"),
        ({"states": [[iter(["A"]), 60]]}, r"states\[0\].buttons"),
        ({"game": {"start": [{"buttons": map(str, ["A"]), "frames": 9}]}}, r"start\[0\].buttons"),
    ],
    ids=["iterator", "generator", "script", "start"],
)
def test_buttons_that_can_be_read_only_once(options: dict[str, Any], place: str) -> None:
    with pytest.raises(TypeError, match=f"{place} must be a list of buttons"):
        NESVectorEnv("bricks", 1, **options)


def test_buttons_in_any_other_order() -> None:
    for names in (("right", "A"), {"right", "A"}, {"right": 1, "A": 2}, np.array(["right", "A"])):
        with NESVectorEnv("bricks", 1, actions=[["NOOP"], names]) as envs:
            assert envs._actions.plain_table is not None
            assert envs._actions.plain_table.tolist() == [0, 0x81]


def test_arguments_of_calls() -> None:
    with NESVectorEnv("bricks", 2, states={"a": [[[], 1]], "b": [[[], 2]]}, obs_type="ram", num_threads=1) as envs:
        envs.reset(seed=np.array(3))
        assert envs.np_random_seed == (3, 4)
        for seed in (b"ab", bytearray(2), memoryview(b"ab"), np.zeros((2, 1), int), np.array(1.5)):
            with pytest.raises(TypeError, match=r"^seed must be an integer, a list of them or None"):
                envs.reset(seed=seed)  # type: ignore[arg-type]
        assert envs.np_random_seed == (3, 4)
        envs.reset(options={"state": np.array(1)})
        for state in (b"ab", np.zeros((2, 1), int), np.array(1.5)):
            with pytest.raises(TypeError, match=r"^options\['state'\] must be a number, a name or a list of them"):
                envs.reset(options={"state": state})
        assert not isinstance(envs.get_state(np.array(1)), list)
        for which in (b"\0", np.zeros((1, 1), int), np.array(0.0)):
            with pytest.raises(TypeError, match=r"^an environment is selected by its number or a bool mask"):
                envs.get_state(which)
        state = bytes(NESEmulator("bricks").dump_state())
        envs.step([8, 8])
        later = envs.ram[1].copy()
        for form in (memoryview(state), bytearray(state), np.frombuffer(state, np.uint8)):
            envs.set_state(0, form)
            envs.set_state([0], [form])
            assert (envs.ram[0] == NESEmulator("bricks").memory_buffer()).all()
        assert (envs.ram[1] == later).all()
