"""Stable-Baselines3's and sb3-contrib's checks, and the tests of ``NESVecEnv``."""

from __future__ import annotations

from pathlib import Path

import documented
import gymnasium as gym
import pytest
from stable_baselines3.common.env_checker import check_env

import nes_py  # noqa: F401, registers the environments
from nes_py.envs.bricks import ACTIONS
from nes_py.wrappers import JoypadSpace

VECTOR = Path(__file__).resolve().parents[1] / "vector"


@pytest.mark.parametrize("name", ["nes_py/Bricks-v0", "nes_py/Trail-v0", "nes_py/Duel-v0"])
def test_check_env(name: str) -> None:
    check_env(JoypadSpace(gym.make(name), ACTIONS), skip_render_check=True)


def test_nes_vec_env() -> None:
    # What the tests of Stable-Baselines3 assert of a VecEnv is there.
    assert pytest.main(["-q", "-p", "no:cacheprovider", "-o", "addopts=", str(VECTOR / "test_sb3.py")]) == 0


def test_documented() -> None:
    done = documented.run("Stable-Baselines3")
    assert done["model"].num_timesteps == 64
    assert type(done["model"]).__name__ == "MaskablePPO"
