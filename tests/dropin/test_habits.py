"""Calls, subclasses and monkeypatches of existing programs.

Each test is named after the habit. The programs were written for nes-py 8.2.1, 9.0.1 or a fork of it.
"""

from __future__ import annotations

import inspect
import multiprocessing
import sys
from collections import deque
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Box
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, BUTTONS_1, BUTTONS_2, FRAMES

import nes_py._image_viewer as _iv
import nes_py._rom
import nes_py.wrappers.joypad_space
from nes_py import NESEnv
from nes_py._rom import ROM
from nes_py.wrappers import JoypadSpace

SIMPLE_MOVEMENT = [["NOOP"], ["right"], ["right", "A"], ["right", "B"], ["right", "A", "B"], ["A"], ["left"]]


class WikiEnv(NESEnv):
    """An environment written after the template that nes-py 8 had in its wiki."""

    reward_range = (-15, 15)

    def __init__(self, rom_path: str) -> None:
        super(WikiEnv, self).__init__(rom_path)  # noqa: UP008
        self._total_last = 0
        self.reset()
        self._skip_start_screen()
        self._backup()

    def _skip_start_screen(self) -> None:
        self._frame_advance(8)
        self._frame_advance(0)
        while self.ram[FRAMES] < 4:
            self._frame_advance(8)
        self.ram[0x075A] = 2

    def _will_reset(self) -> None:
        self._total_last = 0

    def _did_reset(self) -> None:
        self._total_last = int(self.ram[BUTTON_SUM])

    def _did_step(self, done: bool) -> None:
        if done:
            return
        self.ram[0x0700] = 9

    def _get_reward(self) -> float:
        reward = int(self.ram[BUTTON_SUM]) - self._total_last
        self._total_last = int(self.ram[BUTTON_SUM])
        return reward

    def _get_done(self) -> bool:
        return bool(self.ram[BUTTONS_1] == 0x42)

    def _get_info(self) -> dict[str, Any]:
        return {"lives": self.ram[0x075A]}


def test_template_of_the_wiki(rom_path: str) -> None:
    env = JoypadSpace(WikiEnv(rom_path), [*SIMPLE_MOVEMENT, ["left", "B"]])
    done = True
    for step in range(40):
        if done:
            env.reset()
        _, reward, terminated, truncated, info = env.step(step % 8)
        done = terminated or truncated
        assert done == (step % 8 == 7)
        assert -15 <= reward <= 15
        assert info["lives"] == 2
        assert env.unwrapped.ram[0x0700] == 9
    env.close()


def test_writing_to_ram_right_after_a_reset(rom_path: str) -> None:
    env = JoypadSpace(NESEnv(rom_path), SIMPLE_MOVEMENT)
    env.reset()
    env.unwrapped.ram[0x075A] = 0
    env.unwrapped.ram[0x0400:0x0404] = [1, 2, 3, 4]
    env.step(0)
    assert env.unwrapped.ram[0x075A] == 0
    assert list(env.unwrapped.ram[0x0400:0x0404]) == [1, 2, 3, 4]


def test_second_controller_through_controllers(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    env.controllers[1][:] = 0x21
    for _ in range(8):
        env.step(0x80)
    assert (env.ram[BUTTONS_1], env.ram[BUTTONS_2]) == (0x80, 0x21)


def test_search_with_backup_and_restore(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for _ in range(8):
        env.step(0)
    best = []
    for _ in range(3):
        env.unwrapped._backup()
        gains = {}
        for action in (1, 2, 4):
            gains[action] = sum(int(env.step(action)[0].sum() > 0) + int(env.ram[BUTTON_SUM]) for _ in range(2))
            env.unwrapped._restore()
            env.unwrapped.done = False
        best.append(max(gains, key=gains.get))
        env.step(best[-1])
    assert best == [4, 4, 4]


# --- monkeypatches ---


def test_joypad_reset_assigned_to_the_class(rom_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JoypadSpace, "reset", lambda self, **kwargs: self.env.reset(**kwargs))
    env = JoypadSpace(NESEnv(rom_path), SIMPLE_MOVEMENT)
    assert env.reset(seed=3, options={})[0].shape == (240, 256, 3)


def test_joypad_subclass_with_its_own_reset(rom_path: str) -> None:
    class JoypadSpaceCustomReset(JoypadSpace):
        def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
            return self.env.reset(seed=seed, options=options)

    env = JoypadSpaceCustomReset(NESEnv(rom_path), SIMPLE_MOVEMENT)
    env.reset(seed=1)
    env.step(1)


def test_joypad_is_plain_python(rom_path: str) -> None:
    assert inspect.getsource(JoypadSpace.reset)
    assert nes_py.wrappers.joypad_space.JoypadSpace is JoypadSpace
    assert JoypadSpace._button_map["A"] == 1

    class Chorded(JoypadSpace):
        _button_map = JoypadSpace._button_map | {"AA": 0b1_0000_0000}

    env = Chorded(NESEnv(rom_path), [["AA"], ["AA", "A"]])
    env.reset()
    for action in (0, 1) * 4:
        env.step(action)
        assert env._action_map[action] == (0x100, 0x101)[action]
    assert env.unwrapped.ram[BUTTONS_1] == 1


def test_name_before_nes_py_8(rom_path: str) -> None:
    from nes_py.wrappers import BinarySpaceToDiscreteSpaceEnv
    from nes_py.wrappers.binary_to_discrete_space_env import BinarySpaceToDiscreteSpaceEnv as Same

    assert Same is BinarySpaceToDiscreteSpaceEnv
    with pytest.warns(DeprecationWarning, match="JoypadSpace"):
        env = BinarySpaceToDiscreteSpaceEnv(NESEnv(rom_path), SIMPLE_MOVEMENT)
    env.reset()
    assert env.action_space.n == 7
    assert isinstance(env, JoypadSpace)


def test_rom_properties_replaced_for_numpy_2(rom_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nes_py._rom.ROM, "prg_rom_size", property(lambda self: 16 * int(self.header[4])))
    monkeypatch.setattr(nes_py._rom.ROM, "chr_rom_size", property(lambda self: 8 * int(self.header[5])))
    rom = ROM(rom_path)
    assert (rom.prg_rom_size, rom.chr_rom_size) == (16 * int(rom.header[4]), 8 * int(rom.header[5]))
    # The sums that overflowed in nes-py 8 with numpy 2.
    assert rom.prg_rom_stop == 16 + rom.prg_rom_size * 2**10
    NESEnv(rom_path)


def test_rom_subclass(rom_path: str) -> None:
    class Lenient(ROM):
        @property
        def prg_rom_size(self) -> int:
            return 7

    assert Lenient(rom_path).prg_rom_size == 7
    assert Lenient.from_path(Path(rom_path)).mapper == 0


def test_setting_names_in_the_viewers_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_iv, "key", object(), raising=False)
    viewer = _iv.ImageViewer(caption="x", height=240, width=256, monitor_keyboard=True, relevant_keys={ord("a")})
    assert not viewer.is_open
    assert viewer.pressed_keys == ()
    assert viewer.is_escape_pressed is False
    viewer.KEY_MAP[0xFF09] = ord("a")
    viewer.on_key_press(0xFF09, 0)
    assert viewer.pressed_keys == (ord("a"),)
    assert "pyglet" not in sys.modules


def test_noop_as_stable_baselines_asks_for_it(rom_path: str) -> None:
    env = JoypadSpace(NESEnv(rom_path), SIMPLE_MOVEMENT)
    assert env.unwrapped.get_action_meanings()[0] == "NOOP"
    assert env.get_action_meanings()[0] == "NOOP"


def test_render_as_before_2023(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for call in (lambda: env.render("rgb_array"), lambda: env.render(mode="rgb_array")):
        with pytest.warns(DeprecationWarning, match="render_mode"):
            assert call().shape == (240, 256, 3)


# --- the usual stack of wrappers ---


class SkipFrame(gym.Wrapper):
    def __init__(self, env: gym.Env, skip: int) -> None:
        super().__init__(env)
        self._skip = skip

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        total_reward = 0.0
        for _ in range(self._skip):
            obs, reward, terminated, truncated, info = self.env.step(action)
            total_reward += reward
            if terminated or truncated:
                break
        return obs, total_reward, terminated, truncated, info


class Gray(gym.ObservationWrapper):
    def __init__(self, env: gym.Env) -> None:
        super().__init__(env)
        self.observation_space = Box(0, 255, env.observation_space.shape[:2], np.uint8)

    def observation(self, observation: np.ndarray) -> np.ndarray:
        # As the PyTorch tutorial has it: channels first, and a copy that PyTorch can take.
        return np.transpose(observation, (2, 0, 1)).copy().mean(axis=0).astype(np.uint8)


class Resize(gym.ObservationWrapper):
    def __init__(self, env: gym.Env, factor: int) -> None:
        super().__init__(env)
        self._factor = factor
        height, width = (size // factor for size in env.observation_space.shape)
        self.observation_space = Box(0, 255, (height, width), np.uint8)

    def observation(self, observation: np.ndarray) -> np.ndarray:
        return observation[:: self._factor, :: self._factor]


class Stack(gym.Wrapper):
    """Keeps references to frames, so a reused array would show in all of them."""

    def __init__(self, env: gym.Env, count: int) -> None:
        super().__init__(env)
        self._frames: deque[np.ndarray] = deque(maxlen=count)
        self.observation_space = Box(0, 255, (count, *env.observation_space.shape), np.uint8)

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._frames.extend([observation] * self._frames.maxlen)
        return np.stack(self._frames), info

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, *rest = self.env.step(action)
        self._frames.append(observation)
        return np.stack(self._frames), *rest


def tutorial_env(skip: int = 4) -> gym.Env:
    env = gym.make("nes_py/Bricks-v0")
    env = JoypadSpace(env, [["NOOP"], ["A"], ["left"], ["right"]])
    return Stack(Resize(Gray(SkipFrame(env, skip)), 2), 4)


def test_tutorial_stack() -> None:
    env = tutorial_env()
    observation, _ = env.reset(seed=1)
    assert observation.shape == (4, 120, 128)
    for step in range(30):
        observation, *_ = env.step(1 if step == 3 else 3)
    assert observation in env.observation_space
    assert all((observation[index] != observation[index + 1]).any() for index in range(3))
    env.close()


def test_gymnasiums_own_wrappers() -> None:
    pytest.importorskip("cv2")
    env = JoypadSpace(gym.make("nes_py/Bricks-v0"), [["NOOP"], ["A"], ["left"], ["right"]])
    env = gym.wrappers.GrayscaleObservation(env)
    env = gym.wrappers.ResizeObservation(env, (84, 84))
    env = gym.wrappers.FrameStackObservation(env, 4)
    env = gym.wrappers.RecordEpisodeStatistics(env)
    env.reset(seed=1)
    for _ in range(10):
        observation, *_ = env.step(env.action_space.sample())
    assert observation.shape == (4, 84, 84)
    env.close()


def rollout(vector: gym.vector.VectorEnv) -> np.ndarray:
    vector.reset(seed=5)
    pictures = [vector.step(np.array([step % 4, 3 - step % 4]))[0].copy() for step in range(6)]
    vector.close()
    return np.stack(pictures)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_vector_environments_agree() -> None:
    expected = rollout(gym.vector.SyncVectorEnv([tutorial_env] * 2))
    assert expected.shape == (6, 2, 4, 120, 128)
    for context in ("fork", "spawn"):
        if context not in multiprocessing.get_all_start_methods():
            continue
        assert_same(rollout(gym.vector.AsyncVectorEnv([tutorial_env] * 2, context=context)), expected)
