"""The wrapper that names combinations of buttons."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from support.rom_builder import BUTTONS_1

import nes_py.wrappers
from nes_py import NESEnv
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


def test_wrong_actions(env: NESEnv) -> None:
    with pytest.raises(KeyError):
        JoypadSpace(env, [["jump"]])
    with pytest.raises(ValueError, match="at least one"):
        JoypadSpace(env, [])
    with pytest.raises(KeyError):
        JoypadSpace(env, ACTIONS).step(4)


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
