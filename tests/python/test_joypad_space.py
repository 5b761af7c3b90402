"""JoypadSpace, the wrapper for named combinations of buttons."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.rom_builder import BUTTONS_1

import nes_py.wrappers
from nes_py import ActionError, NESEnv
from nes_py.wrappers import JoypadSpace
from nes_py.wrappers.joypad_space import JoypadSpace as SameJoypadSpace

ACTIONS = [["NOOP"], ["right"], ["right", "A"], ["left", "B"]]


def test_both_import_paths() -> None:
    assert nes_py.wrappers.JoypadSpace is JoypadSpace is SameJoypadSpace


def test_names_of_the_buttons() -> None:
    assert JoypadSpace.buttons() == ["right", "left", "down", "up", "start", "select", "B", "A", "NOOP"]


def test_actions_become_bytes(env: NESEnv) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    assert joypad.action_space == gym.spaces.Discrete(4)
    assert joypad._action_map == {0: 0, 1: 0x80, 2: 0x81, 3: 0x42}
    joypad.reset(seed=1)
    for _ in range(6):
        joypad.step(0)
    for action, byte in joypad._action_map.items():
        _, reward, terminated, truncated, info = joypad.step(np.int64(action))
        assert env.ram[BUTTONS_1] == byte
        assert (reward, terminated, truncated, info) == (0.0, False, False, {})


def test_meanings_and_keys(env: NESEnv) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    assert joypad.get_action_meanings() == ["NOOP", "right", "right A", "left B"]
    keys = joypad.get_keys_to_action()
    assert keys[()] == 0
    assert keys[tuple(sorted(map(ord, "do")))] == 2
    assert sorted(keys.values()) == [0, 1, 2, 3]


class Tensor:
    """Stands in for a tensor of torch or JAX: no key of a dict, but a number all the same."""

    def __init__(self, value: int | float) -> None:
        self.value = value
        self.ndim = 0

    def item(self) -> int | float:
        return self.value

    def __index__(self) -> int:
        if isinstance(self.value, float):
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return self.value


@pytest.mark.parametrize(
    "action",
    [
        2,
        2.0,
        np.uint8(2),
        np.int64(2),
        np.float32(2),
        np.array(2),
        np.array(2, np.uint8),
        np.array(2.0),
        np.array([2])[0],
        Tensor(2),
        Tensor(2.0),
    ],
)
def test_numbers_of_all_kinds(env: NESEnv, action: Any) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset()
    for _ in range(6):
        joypad.step(action)
    assert env.ram[BUTTONS_1] == 0x81


def test_true_is_one(env: NESEnv) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset()
    for action in (True, np.bool_(True), np.array(True)):
        joypad.step(action)
        assert env.controllers[0] == 0x80


def test_tensors_of_torch(env: NESEnv) -> None:
    torch = pytest.importorskip("torch")
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset()
    for action in (torch.tensor(2), torch.tensor(2, dtype=torch.uint8), torch.tensor(2.0)):
        joypad.step(action)
        assert env.controllers[0] == 0x81
    with pytest.raises(TypeError, match=r"one integer in 0\.\.3"):
        joypad.step(torch.tensor([2]))


@pytest.mark.parametrize("action", [4, 6, -1, 2.5, float("nan"), np.int64(4), np.array(4), np.array(0.5), Tensor(4)])
def test_numbers_of_no_action(env: NESEnv, action: Any) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset()
    with pytest.raises(ActionError) as caught:
        joypad.step(action)
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith("there is no action ")
    assert str(caught.value).endswith(
        ": an action is one integer in 0..3 (0 'NOOP', 1 'right', 2 'right A', 3 'left B')"
    )


@pytest.mark.parametrize("action", [None, "2", "A", b"A", [], [2], (2,), np.array([2]), np.array([2, 3]), object()])
def test_no_numbers(env: NESEnv, action: Any) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset()
    with pytest.raises(TypeError, match=r"there is no action .*: an action is one integer in 0..3 \(0 'NOOP', 1"):
        joypad.step(action)


@pytest.mark.parametrize(
    ("actions", "error", "message"),
    [
        (
            [["x"]],
            KeyError,
            r"^actions\[0\]: there is no button 'x'; the buttons are right, left,",
        ),
        (
            [["NOOP"], ["NOP"]],
            ValueError,
            r"actions\[1\]: there is no button 'NOP', did you mean 'NOOP'\?; the buttons",
        ),
        ([["a"]], ValueError, "there is no button 'a'"),
        ([[1]], ValueError, "there is no button 1"),
        ([[["A"]]], ValueError, r"there is no button \['A'\]"),
        (["right", "A"], ValueError, r"actions\[0\] is 'right', but each action must be a list of buttons \(of right,"),
        (["NOOP"], KeyError, r"such as \[\['NOOP'\], \['right'\], \['right', 'A'\]\]"),
        ("right", ValueError, r"actions\[0\] is 'r', but each action must be a list"),
        ([None], TypeError, r"actions\[0\] is None, but each"),
        ([3], TypeError, r"actions\[0\] is 3, but each"),
        (None, TypeError, r"must be a list of lists of buttons, such as .* not None"),
        (3, TypeError, "not 3"),
        ([], ValueError, "at least one combination of buttons, such as"),
    ],
)
def test_wrong_actions(env: NESEnv, actions: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        JoypadSpace(env, actions)


def test_what_letters_do(env: NESEnv) -> None:
    # As in nes-py 8 and 9, which look for a button of each letter.
    assert JoypadSpace(env, ["A", "BA", []])._action_map == {0: 1, 1: 3, 2: 0}


def test_actions_of_a_generator(env: NESEnv) -> None:
    joypad = JoypadSpace(env, (tuple(names) for names in ACTIONS))
    assert joypad.action_space == gym.spaces.Discrete(4)
    assert joypad.get_action_meanings() == ["NOOP", "right", "right A", "left B"]


def test_reset_passes_its_arguments_and_result(env: NESEnv) -> None:
    picture, info = JoypadSpace(env, ACTIONS).reset(seed=3, options={})
    assert picture.shape == (240, 256, 3)
    assert info == {}
    assert env.np_random_seed == 3


def test_reset_can_be_replaced_in_the_class(env: NESEnv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JoypadSpace, "reset", lambda self, **kwargs: self.env.reset(**kwargs))
    assert JoypadSpace(env, ACTIONS).reset()[1] == {}


def test_subclass_may_add_buttons_above_the_eight(env: NESEnv) -> None:
    class Turbo(JoypadSpace):
        _button_map = JoypadSpace._button_map | {"turbo": 0b1_0000_0000}

    joypad = Turbo(env, [["NOOP"], ["turbo", "A"]])
    assert "turbo" in Turbo.buttons()
    assert joypad._action_map[1] == 0b1_0000_0001
    joypad.reset()
    for _ in range(6):
        joypad.step(1)
    assert env.ram[BUTTONS_1] == 1
    assert len(joypad.get_keys_to_action()) == 2
    assert "turbo" not in JoypadSpace.buttons()


def test_gymnasium_can_build_the_wrapped_environment_again() -> None:
    joypad = JoypadSpace(gym.make("nes_py/Bricks-v0"), ACTIONS)
    again = gym.make(joypad.spec)
    assert again.get_wrapper_attr("_action_map") == joypad._action_map
    assert again.action_space == gym.spaces.Discrete(4)


@pytest.mark.parametrize(
    "actions",
    [lambda: [["NOOP"], iter(["right", "A"])], lambda: iter([["NOOP"], (name for name in ["right", "A"])])],
    ids=["list", "iterator"],
)
def test_wrapper_of_iterators_can_be_built_again(actions: Any) -> None:
    joypad: Any = JoypadSpace(gym.make("nes_py/Bricks-v0"), actions())
    again: Any = gym.make(joypad.spec)
    assert again.get_wrapper_attr("_action_map") == joypad._action_map == {0: 0, 1: 0x81}
    joypad.close()
    again.close()
