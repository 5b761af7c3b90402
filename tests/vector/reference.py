"""The same environments the slow way: an NESEnv under wrappers, for SyncVectorEnv.

It uses Gymnasium's own wrappers if possible; where those need an Atari machine, a few lines of Python.
"""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Box
from gymnasium.wrappers import ClipReward, FrameStackObservation, StickyAction, TimeLimit, TransformObservation

from nes_py import NESEnv
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksEnv
from nes_py.wrappers import JoypadSpace

#: The declaration of what ``BrickGame`` below computes. Episodes end often, at any frame of a step.
GAME: dict[str, Any] = {
    "variables": {
        "score": {"address": "0x1E", "size": 3, "encoding": "little"},
        "digits": {"address": 0x18, "size": 6, "encoding": "digits"},
        "lives": "0x11",
        "frames": {"address": 0x22, "size": 2},
        "paddle_x": 0x16,
        "ball_y": {"address": 0x15, "signed": True},
    },
    "rewards": [
        {"delta": "score", "weight": 0.25},
        {"value": "lives", "weight": 0.1},
        {"delta": "paddle_x", "clip": [-1, 1]},
        {"condition": ["delta ball_y < 0", ["lives < 3", "ball_y > 0"]], "weight": 3},
    ],
    "reward_range": [-1.5, 4],
    "terminated": ["paddle_x >= 138", ["paddle_x < 100", "lives != 2"]],
    "truncated": "delta paddle_x == 3",
    "lives": "lives",
    "start": [{"buttons": ["start"], "frames": 60, "until": "state == 1"}, [[], 1]],
}
GAME["variables"]["state"] = 0x10


class BrickGame(NESEnv):
    """``GAME`` by hand."""

    reward_range = (-1.5, 4.0)

    def __init__(self) -> None:
        super().__init__(str(ROM_PATH), render_mode="rgb_array")
        # The way to the first serve is that of the environment that comes with the package.
        bricks = BricksEnv()
        bricks.reset()
        self.load_state(bricks.dump_state())
        self._backup()
        self.before = self.read()

    def read(self) -> dict[str, int]:
        ram = self.ram
        digits = 0
        for digit in ram[0x18:0x1E]:
            digits = digits * 10 + int(digit)
        return {
            "score": int(ram[0x1E]) | int(ram[0x1F]) << 8 | int(ram[0x20]) << 16,
            "digits": digits,
            "lives": int(ram[0x11]),
            "frames": int(ram[0x22]) | int(ram[0x23]) << 8,
            "paddle_x": int(ram[0x16]),
            "ball_y": int(ram[0x15].astype(np.int8)),
            "state": int(ram[0x10]),
        }

    def _did_reset(self) -> None:
        self.before = self.read()

    def _get_reward(self) -> float:
        now, before = self.read(), self.before
        reward = 0.25 * (now["score"] - before["score"])
        reward += 0.1 * now["lives"]
        reward += max(-1, min(1, now["paddle_x"] - before["paddle_x"]))
        return reward + 3.0 * (now["ball_y"] < before["ball_y"] or (now["lives"] < 3 and now["ball_y"] > 0))

    def _get_terminated(self) -> bool:
        now = self.read()
        return now["paddle_x"] >= 138 or (now["paddle_x"] < 100 and now["lives"] != 2)

    def _get_truncated(self) -> bool:
        return self.read()["paddle_x"] - self.before["paddle_x"] == 3

    def _did_step(self, done: bool) -> None:
        self.before = self.read()

    def _get_info(self) -> dict[str, Any]:
        return self.read()


class LifeGame(BrickGame):
    """The game ends with the last life."""

    def _get_terminated(self) -> bool:
        return self.read()["lives"] == 0

    def _get_truncated(self) -> bool:
        return False


class Noop(gym.Wrapper[Any, Any, Any, Any]):
    """Some frames without buttons after each reset."""

    def __init__(self, env: gym.Env[Any, Any], noop_max: int) -> None:
        super().__init__(env)
        self.noop_max = noop_max

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        for _ in range(int(self.unwrapped.np_random.integers(1, self.noop_max + 1))):
            observation, _, terminated, truncated, info = self.env.step(0)
            if terminated or truncated:
                return self.env.reset()
        return observation, info


class Skip(gym.Wrapper[Any, Any, Any, Any]):
    """Holds an action; ``maxpool``: the larger of the last two frames."""

    def __init__(self, env: gym.Env[Any, Any], frames: int, maxpool: bool) -> None:
        super().__init__(env)
        self.frames = frames
        self.maxpool = maxpool

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        total = 0.0
        pictures: list[Any] = []
        for _ in range(self.frames):
            observation, reward, terminated, truncated, info = self.env.step(action)
            pictures.append(observation)
            total += reward
            if terminated or truncated:
                break
        if self.maxpool and len(pictures) > 1:
            observation = np.maximum(pictures[-2], pictures[-1])
        return observation, total, terminated, truncated, info


class EpisodicLife(gym.Wrapper[Any, Any, Any, Any]):
    """A lost life is an end; the next life goes on with the game."""

    lost_life = False

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.lost_life = info["lives"] < self.lives and not (terminated or truncated)
        self.lives = info["lives"]
        return observation, reward, terminated or self.lost_life, truncated, info

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        ended = True
        if self.lost_life and kwargs.get("seed") is None:
            observation, _, terminated, truncated, info = self.env.step(0)
            ended = terminated or truncated
        if ended:
            observation, info = self.env.reset(**kwargs)
            self.lost_life = False
        self.lives = info["lives"]
        return observation, info


def gray(picture: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(picture.astype(np.uint32), -1, 0)
    return ((77 * red + 150 * green + 29 * blue) >> 8).astype(np.uint8)


class Gray(gym.ObservationWrapper[Any, Any, Any]):
    """As ``NESEnv.observation("grayscale")``, (240, 256)."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space = Box(0, 255, (240, 256), np.uint8)

    def observation(self, observation: np.ndarray) -> np.ndarray:
        return gray(observation)


def scalar(game: type[NESEnv] = BrickGame, joypad: bool = True, **options: Any) -> gym.Env[Any, Any]:
    """Return one environment under wrappers for the options."""
    env: gym.Env[Any, Any] = game()
    if options.get("noop_max"):
        env = Noop(env, options["noop_max"])
    if joypad:
        env = JoypadSpace(env, ACTIONS)
    if options.get("repeat_action_probability"):
        env = StickyAction(env, options["repeat_action_probability"])
    if options.get("max_num_frames_per_episode"):
        env = TimeLimit(env, options["max_num_frames_per_episode"])
    grayscale = options.get("grayscale", True)
    if grayscale:
        env = Gray(env)
    env = Skip(env, options.get("frameskip", 4), options.get("maxpool", False))
    if options.get("max_episode_steps"):
        env = TimeLimit(env, options["max_episode_steps"])
    if options.get("episodic_life"):
        env = EpisodicLife(env)
    if options.get("reward_clipping"):
        low, high = (-1, 1) if options["reward_clipping"] is True else options["reward_clipping"]
        env = ClipReward(env, low, high)
    top, bottom, left, right = options.get("crop", (0, 0, 0, 0))
    height, width = 240 - top - bottom, 256 - left - right
    to = (options.get("img_height", 84) or height, options.get("img_width", 84) or width)

    cv2 = pytest.importorskip("cv2") if to != (height, width) else None

    def picture(observation: np.ndarray) -> np.ndarray:
        observation = observation[top : 240 - bottom, left : 256 - right]
        if cv2 is not None:
            observation = cv2.resize(observation, to[::-1], interpolation=cv2.INTER_AREA)
        # One plane for each colour.
        return np.ascontiguousarray(observation[None] if grayscale else np.moveaxis(observation, -1, 0))

    env = TransformObservation(env, picture, Box(0, 255, (1 if grayscale else 3, *to), np.uint8))
    stack = options.get("stack_num", 4)
    env = FrameStackObservation(env, stack, padding_type=options.get("stack_padding", "zero"))

    def layout(observation: np.ndarray) -> np.ndarray:
        observation = observation.reshape(-1, *to)
        return np.moveaxis(observation, 0, -1) if options.get("layout") == "hwc" else observation

    shape = layout(np.zeros(env.observation_space.shape, np.uint8)).shape
    return TransformObservation(env, layout, Box(0, 255, shape, np.uint8))


def reference(count: int, game: type[NESEnv] = BrickGame, joypad: bool = True, **options: Any) -> SyncVectorEnv:
    mode = AutoresetMode(options.pop("autoreset_mode", AutoresetMode.NEXT_STEP))
    return SyncVectorEnv([lambda: scalar(game, joypad, **options)] * count, autoreset_mode=mode)
