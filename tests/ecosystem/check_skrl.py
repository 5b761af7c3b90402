"""skrl's recognition of environments, and a short training with its PPO."""

from __future__ import annotations

from typing import Any

import documented
import gymnasium as gym
import pytest
import torch
from skrl.envs.wrappers.torch import wrap_env

import nes_py
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH, BricksVectorEnv
from nes_py.wrappers import JoypadSpace


class MyVectorEnv(BricksVectorEnv):
    """A user's own class."""


@pytest.mark.parametrize(
    "make",
    [
        lambda: gym.make_vec("nes_py/Bricks-v0", 2, actions=ACTIONS),
        lambda: gym.make_vec("nes_py/Duel-v0", 2),
        lambda: nes_py.NESVectorEnv(ROM_PATH, 2, game=GAME),
        lambda: MyVectorEnv(2),
        lambda: nes_py.vectorize(lambda: JoypadSpace(gym.make("nes_py/Bricks-v0"), ACTIONS), 2),
        lambda: gym.make("nes_py/Bricks-v0"),
    ],
)
def test_recognized(make: Any) -> None:
    envs = wrap_env(make())
    observations, _ = envs.reset()
    assert observations.shape[0] == envs.num_envs
    for _ in range(3):
        observations, rewards, terminated, truncated, _ = envs.step(torch.zeros((envs.num_envs, 1), dtype=torch.int64))
        assert rewards.shape == terminated.shape == truncated.shape == (envs.num_envs, 1)
    envs.render()
    envs.close()


def test_documented() -> None:
    assert documented.run("skrl")["observations"].shape == (2, 2048)
