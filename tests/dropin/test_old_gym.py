"""Tutorials for ``gym`` 0.26 and gym-super-mario-bros 7.4.0, with the one additional line that they need.

pip install 'numpy<2' gym==0.26.2 && pip install --no-deps gym-super-mario-bros==7.4.0
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest
from support.patience import PATIENCE

PREAMBLE = """
import nes_py.gym_compat
import numpy as np, gym
from gym.spaces import Box
from gym.wrappers import FrameStack
from nes_py.wrappers import JoypadSpace
"""

# Without a package of games: what nes-py 8 promised.
INTERFACE = (
    PREAMBLE
    + """
import sys, warnings
from nes_py import NESEnv
env = NESEnv(sys.argv[1])
assert isinstance(env, gym.Env) and isinstance(env.observation_space, Box)
assert env.seed(3) == [3]
picture = env.reset()
assert picture.shape == (240, 256, 3)
joypad = JoypadSpace(env, [["right"], ["right", "A"]])
assert isinstance(joypad, gym.Wrapper) and joypad.action_space == gym.spaces.Discrete(2)
assert joypad.reset().shape == (240, 256, 3)
for _ in range(8):
    picture, reward, done, info = joypad.step(1)
assert (picture.shape, reward, done, info) == ((240, 256, 3), 0.0, False, {})
assert joypad.render("rgb_array").shape == (240, 256, 3)
assert NESEnv.metadata["video.frames_per_second"] == 60
joypad.close()
print("right")
"""
)

# The environment part of the PyTorch tutorial, without PyTorch.
TUTORIAL = (
    PREAMBLE
    + """
import gym_super_mario_bros
env = gym_super_mario_bros.make("SuperMarioBros-1-1-v0", render_mode="rgb", apply_api_compatibility=True)
env = JoypadSpace(env, [["right"], ["right", "A"]])
env.reset()
next_state, reward, done, trunc, info = env.step(action=0)
assert next_state.shape == (240, 256, 3) and info["world"] == 1

class SkipFrame(gym.Wrapper):
    def __init__(self, env, skip):
        super().__init__(env)
        self._skip = skip
    def step(self, action):
        total_reward = 0.0
        for i in range(self._skip):
            obs, reward, done, trunk, info = self.env.step(action)
            total_reward += reward
            if done:
                break
        return obs, total_reward, done, trunk, info

class Gray(gym.ObservationWrapper):
    def __init__(self, env):
        super().__init__(env)
        self.observation_space = Box(low=0, high=255, shape=self.observation_space.shape[:2], dtype=np.uint8)
    def observation(self, observation):
        return np.transpose(observation, (2, 0, 1)).copy().mean(axis=0).astype(np.uint8)

env = FrameStack(Gray(SkipFrame(env, 4)), num_stack=4)
state = env.reset()
state = state[0] if isinstance(state, tuple) else state
assert state.__array__().shape == (4, 240, 256)
for _ in range(40):
    state, reward, done, trunc, info = env.step(1)
assert info["x_pos"] > 60, info
env.close()
print("right")
"""
)


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == "right\n", done.stdout + done.stderr


def installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def test_interface_of_nes_py_8(rom_path: str) -> None:
    if not installed("gym"):
        pytest.skip("gym is not installed")
    run(INTERFACE, rom_path)


def test_pytorch_tutorial() -> None:
    if not installed("gym") or not installed("gym-super-mario-bros").startswith("7."):
        pytest.skip("gym and gym-super-mario-bros 7 are not installed")
    run(TUTORIAL)
