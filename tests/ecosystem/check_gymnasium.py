"""Gymnasium's own checks of single environments, and its vector wrappers on this package's environments."""

from __future__ import annotations

from typing import Any

import documented
import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence

import nes_py
from nes_py.envs.bricks import ACTIONS
from nes_py.wrappers import JoypadSpace

IDS = ("nes_py/Bricks-v0", "nes_py/Bricks-v1", "nes_py/Trail-v0", "nes_py/Trail-v1", "nes_py/Duel-v0")
PICTURES = {"layout": "hwc", "stack_num": 1, "grayscale": False, "img_height": 84, "img_width": 84}
#: The modes that a wrapper of observations takes.
MODES = {"NormalizeObservation": ("NextStep",)}
#: Observation wrappers of vector environments, and their arguments.
WRAPPERS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("FilterObservation", {"filter_keys": ["ram"]}, {"obs_type": "dict"}),
    ("FlattenObservation", {}, {"obs_type": "ram"}),
    ("GrayscaleObservation", {}, PICTURES),
    ("ResizeObservation", {"shape": (35, 45)}, PICTURES),
    ("ReshapeObservation", {"shape": (2, 1024)}, {"obs_type": "ram"}),
    ("DtypeObservation", {"dtype": np.int32}, {"obs_type": "ram"}),
    ("NormalizeObservation", {}, {"obs_type": "ram"}),
    ("NormalizeReward", {}, {"obs_type": "ram"}),
    ("ClipReward", {"min_reward": -0.25, "max_reward": 0.75}, {"obs_type": "ram"}),
    ("RecordEpisodeStatistics", {}, {"obs_type": "ram"}),
    ("DictInfoToList", {}, {"obs_type": "ram"}),
    ("NumpyToTorch", {}, {"obs_type": "ram"}),
)


@pytest.mark.parametrize("name", IDS)
def test_check_env(name: str) -> None:
    env = gym.make(name, render_mode="rgb_array")
    # The check of render modes opens a window in the mode "human".
    check_env(env.unwrapped, skip_render_check=True)
    env.reset()
    assert env.render().shape == (240, 256, 3)
    env.close()
    check_env(JoypadSpace(gym.make(name, render_mode="rgb_array").unwrapped, ACTIONS), skip_render_check=True)


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize(("wrapper", "arguments", "options"), WRAPPERS, ids=[name for name, *_ in WRAPPERS])
def test_wrappers(wrapper: str, arguments: dict[str, Any], options: dict[str, Any], mode: str) -> None:
    if wrapper == "NumpyToTorch" and mode == "SameStep":
        pytest.skip("Gymnasium's array wrappers cannot convert final_obs, an array of objects")
    envs: Any = gym.make_vec(
        "nes_py/Bricks-v0", 3, actions=ACTIONS, autoreset_mode=mode, max_episode_steps=6, **options
    )
    kind = getattr(gym.wrappers.vector, wrapper)
    if issubclass(kind, gym.vector.VectorObservationWrapper) and mode not in MODES.get(
        wrapper, ("NextStep", "Disabled")
    ):
        # The wrapper's own limit.
        with pytest.raises((ValueError, AssertionError), match=r"autoreset_mode|final_obs"):
            kind(envs, **arguments)
        envs.close()
        return
    envs = kind(envs, **arguments)
    observations, _ = envs.reset(seed=123)
    assert wrapper == "NumpyToTorch" or observations in envs.observation_space
    for step in range(14):
        actions: Any = (np.arange(3) + step) % len(ACTIONS)
        if wrapper == "NumpyToTorch":
            import torch

            actions = torch.from_numpy(actions)
        observations, _, terminations, truncations, _ = envs.step(actions)
        assert wrapper == "NumpyToTorch" or observations in envs.observation_space
        over = np.asarray(terminations | truncations)
        if mode == "Disabled" and over.any():
            envs.reset(options={"reset_mask": over})
    envs.close()


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", IDS)
def test_sync_and_async(name: str, mode: str) -> None:
    envs = gym.make_vec(f"nes_py:{name}", 2, vectorization_mode=mode)
    twin = nes_py.vectorize([lambda: gym.make(name)] * 2)
    try:
        assert envs.observation_space == twin.observation_space
        assert data_equivalence(envs.reset(seed=5), twin.reset(seed=5))
        for step in range(10):
            actions = np.array([step, 128 + step])
            assert data_equivalence(envs.step(actions), twin.step(actions))
    finally:
        envs.close()
        twin.close()


def test_video(tmp_path: Any) -> None:
    envs: Any = gym.make_vec("nes_py/Bricks-v0", 2, render_mode="rgb_array")
    envs = gym.wrappers.vector.RecordVideo(envs, str(tmp_path), video_length=5)
    envs.reset(seed=0)
    for _ in range(8):
        envs.step(envs.action_space.sample())
    envs.close()
    assert list(tmp_path.glob("*.mp4"))


def test_documented() -> None:
    done = documented.run("Gymnasium")
    assert done["observations"].shape == (4, 4, 84, 84)
