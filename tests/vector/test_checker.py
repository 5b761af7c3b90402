"""Gymnasium's contract: the checkers, and its own wrappers around our environments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import VectorEnv
from reference import GAME, BrickGame
from test_equality import make

from nes_py import NESEnv, NESVectorEnv, vectorize
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.vector import check_vector_env
from nes_py.wrappers import JoypadSpace


def joypad() -> gym.Env[Any, Any]:
    return JoypadSpace(BrickGame(), ACTIONS)


# --- the checkers ---


@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize("options", [{}, {"obs_type": "dict"}, {"frameskip": 30, "obs_type": "ram", "num_threads": 2}])
def test_ours(mode: AutoresetMode, options: dict[str, Any]) -> None:
    check_vector_env(make(3, autoreset_mode=mode, render_mode="rgb_array", **options))


def test_without_copies() -> None:
    check_vector_env(make(2, copy=False), keeps=False)
    with pytest.raises(AssertionError, match="a later call changed"):
        check_vector_env(make(2, copy=False))


@pytest.mark.parametrize("name", ["nes_py/Bricks-v0"])
def test_made(name: str) -> None:
    check_vector_env(gym.make_vec(name, num_envs=2))


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("vector", [SyncVectorEnv, vectorize])
def test_of_scalar_environments(mode: AutoresetMode, vector: Callable[..., VectorEnv[Any, Any, Any]]) -> None:
    check_vector_env(vector([joypad] * 2, autoreset_mode=mode))


@pytest.mark.filterwarnings("ignore:.*support for the `seed` function", "ignore:.*different from the unwrapped")
@pytest.mark.parametrize("make_one", [joypad, lambda: NESEnv(ROM_PATH), BrickGame])
def test_scalar(make_one: Callable[[], gym.Env[Any, Any]]) -> None:
    check_env(make_one(), skip_render_check=True)


class Broken(NESVectorEnv):
    """Breaks the contract in one way."""

    def __init__(self, fault: str, **options: Any) -> None:
        super().__init__(ROM_PATH, 2, game=GAME, actions=ACTIONS, **options)
        self.fault, self.count = fault, 0
        if fault == "space":
            self.observation_space = self.single_observation_space
        if fault == "mode":
            self.metadata = {**self.metadata, "autoreset_mode": "NextStep"}

    def reset(self, **arguments: Any) -> Any:
        if self.fault == "seeds":
            arguments.pop("seed", None)
        return super().reset(**arguments)

    def step(self, actions: Any, **arguments: Any) -> Any:
        observations, rewards, terminations, truncations, infos = super().step(actions, **arguments)
        self.count += 1
        if self.fault == "dtype":
            rewards = rewards.astype(np.float32)
        if self.fault == "mask":
            del infos["_lives"]
        if self.fault == "rows":
            infos["lives"] = infos["lives"][:1]
        if self.fault == "chance":
            rewards = rewards + self.count
        if self.fault == "reset step":
            rewards = rewards + 1
        if self.fault == "final":
            infos = {key: value for key, value in infos.items() if "final_obs" not in key}
        return observations, rewards, terminations, truncations, infos

    def render(self) -> Any:
        frames = super().render()
        return list(frames) if self.fault == "frames" and frames else frames


@pytest.mark.parametrize(
    ("fault", "message", "options"),
    [
        ("space", "observation_space is", {}),
        ("mode", "must be an AutoresetMode", {}),
        ("dtype", "rewards must have dtype float64", {}),
        ("mask", "no mask '_lives'", {}),
        ("rows", "must have 2 rows", {}),
        ("chance", "not 0|returned a different result", {}),
        ("reset step", "only resets is not 0", {}),
        ("final", "no 'final_obs'", {"autoreset_mode": "SameStep"}),
        ("seeds", "returned a different result", {"noop_max": 30}),
        ("frames", "must return a tuple", {"render_mode": "rgb_array"}),
    ],
)
def test_faults_are_found(fault: str, message: str, options: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=message):
        check_vector_env(Broken(fault, **options))
    check_vector_env(Broken("", **options))


# --- wrappers of Gymnasium ---


def test_episode_statistics() -> None:
    envs = gym.wrappers.vector.RecordEpisodeStatistics(make(2))
    envs.reset(seed=0)
    total, length, seen = np.zeros(2), np.zeros(2), 0
    over = np.zeros(2, bool)
    for _ in range(60):
        _, rewards, terminations, truncations, infos = envs.step(np.array([3, 2]))
        total, length = np.where(over, 0, total + rewards), np.where(over, 0, length + 1)
        over = terminations | truncations
        for row in np.flatnonzero(over):
            assert infos["episode"]["r"][row] == pytest.approx(total[row])
            assert infos["episode"]["l"][row] == length[row]
            seen += 1
    assert seen >= 2
    envs.close()


def films_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.mp4"))


def test_record_video(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    env = gym.wrappers.RecordVideo(
        NESEnv(ROM_PATH, render_mode="rgb_array"),
        str(tmp_path / "films"),
        episode_trigger=lambda _: True,
        video_length=20,
    )
    env.reset(seed=0)
    for _ in range(30):
        env.step(8)
    env.close()
    (film,) = films_of(tmp_path / "films")
    assert film.stat().st_size > 500


@pytest.mark.skipif(not hasattr(gym.vector, "AutoresetMode"), reason="came with Gymnasium 1.1")
def test_record_video_of_vector_environments(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    envs = gym.wrappers.vector.RecordVideo(
        make(3, render_mode="rgb_array"), str(tmp_path / "films"), step_trigger=lambda step: step == 0, video_length=15
    )
    envs.reset(seed=0)
    for step in range(25):
        envs.step(np.array([1, 2, 3]) + step % 2)
    envs.close()
    (film,) = films_of(tmp_path / "films")
    assert film.stat().st_size > 500
