"""TorchRL's ``check_env_specs``, and rollouts that equal those of ``NESVectorEnv``."""

from __future__ import annotations

from typing import Any

import documented
import gymnasium as gym
import numpy as np
import pytest
from torchrl.envs import GymEnv, GymWrapper
from torchrl.envs.utils import check_env_specs

import nes_py  # noqa: F401, registers the environments
from nes_py.envs.bricks import ACTIONS


@pytest.mark.parametrize("obs_type", ["ram", "image", "dict"])
@pytest.mark.parametrize("mode", ["SameStep", "Disabled"])
def test_check_env_specs(mode: str, obs_type: str) -> None:
    envs = GymWrapper(gym.make_vec("nes_py/Bricks-v0", 2, actions=ACTIONS, obs_type=obs_type, autoreset_mode=mode))
    check_env_specs(envs)
    envs.close()


def test_scalar() -> None:
    env = GymEnv("nes_py/Bricks-v0")
    check_env_specs(env)
    env.close()


def test_last_observations() -> None:
    options: dict[str, Any] = {"actions": ACTIONS, "obs_type": "ram", "autoreset_mode": "SameStep"}
    envs = GymWrapper(gym.make_vec("nes_py/Bricks-v0", 2, max_episode_steps=3, **options))
    twin = gym.make_vec("nes_py/Bricks-v0", 2, max_episode_steps=3, **options)
    rollout = envs.rollout(7, break_when_any_done=False)
    twin.reset()
    key = next(name for name in ("observation", "pixels") if name in list(rollout.keys()))
    for step in range(7):
        actions = rollout["action"][:, step]
        numbers = actions.argmax(-1) if actions.ndim > 1 else actions
        *_, truncated, infos = twin.step(numbers.numpy())
        assert np.array_equal(rollout["next", "truncated"][:, step, 0].numpy(), truncated)
        if truncated.any():
            final = np.stack(infos["final_obs"])
            assert np.array_equal(rollout["next", key][:, step].numpy(), final)
    envs.close()
    twin.close()


def test_documented() -> None:
    assert documented.run("TorchRL")["rollout"].shape == (2, 8)
