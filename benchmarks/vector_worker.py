"""A contestant of the benchmarks with many environments: ``vector_worker.py WHO COUNT HOW ROM``.

``WHO`` is ``wrappers``, any game with frame-skip 4, grey, 84 by 84, four pictures stacked; ``mario``, the unwrapped
environment of gym-super-mario-bros; ``stage``, its stage 1-1; or ``small-stage``, that stage with the frame-skip and
pictures of ``wrappers``. ``HOW`` is the number of our threads, or ``sync`` or ``async`` for Gymnasium's vector
environments with the installed nes-py; ``native`` and a number for ``stage``: threads of the known game of
``nes_py.games``, without the package. The protocol is that of ``worker.py``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import numpy as np
from worker import LEFT, RIGHT, START, A

SKIP = 4
WARM_UP_STEPS = 100
PERIOD = 512
MARIO = "SuperMarioBros-v0"
STAGE = "SuperMarioBros-1-1-v0"


def python_wrappers(rom: str) -> Any:
    """Returns one environment with the usual wrappers."""
    import cv2
    import gymnasium as gym

    from nes_py import NESEnv

    cv2.setNumThreads(1)

    class Preprocess(gym.Wrapper):
        """Holds an action for four frames and shows the last of them, small and grey."""

        observation_space = gym.spaces.Box(0, 255, (84, 84), np.uint8)

        def see(self) -> np.ndarray:
            gray = self.env.unwrapped.observation("grayscale")
            return cv2.resize(gray, (84, 84), interpolation=cv2.INTER_AREA)

        def reset(self, **arguments: Any) -> Any:
            _, info = self.env.reset(**arguments)
            return self.see(), info

        def step(self, action: Any) -> Any:
            total = 0.0
            for _ in range(SKIP):
                _, reward, terminated, truncated, info = self.env.step(int(action))
                total += reward
                if terminated or truncated:
                    break
            return self.see(), total, terminated, truncated, info

    return gym.wrappers.FrameStackObservation(Preprocess(NESEnv(rom)), 4, padding_type="zero")


def mario() -> Any:
    """Returns one environment of gym-super-mario-bros."""
    import gym_super_mario_bros
    from gym_super_mario_bros.actions import SIMPLE_MOVEMENT

    from nes_py.wrappers import JoypadSpace

    return JoypadSpace(gym_super_mario_bros.make(MARIO), SIMPLE_MOVEMENT)


def stage() -> Any:
    """Returns one environment of a stage, which shows each frame in colour."""
    import gym_super_mario_bros
    from gym_super_mario_bros.actions import SIMPLE_MOVEMENT

    from nes_py.wrappers import JoypadSpace

    return JoypadSpace(gym_super_mario_bros.make(STAGE), SIMPLE_MOVEMENT)


def small_stage() -> Any:
    """Returns one environment of a stage with the wrappers of Gymnasium that people use."""
    import cv2
    import gymnasium as gym
    from gymnasium.wrappers import FrameStackObservation, GrayscaleObservation, ResizeObservation

    cv2.setNumThreads(1)

    class Hold(gym.Wrapper):
        """Holds an action for four frames and shows the last of them."""

        def step(self, action: Any) -> Any:
            total = 0.0
            for _ in range(SKIP):
                picture, reward, terminated, truncated, info = self.env.step(action)
                total += float(reward)
                if terminated or truncated:
                    break
            return picture, total, terminated, truncated, info

    return FrameStackObservation(ResizeObservation(GrayscaleObservation(Hold(stage())), (84, 84)), 4)


def native(who: str, count: int, threads: int) -> Any:
    """Returns the same environments as ``stage`` or ``small_stage``, without the package."""
    import gymnasium as gym
    from gym_super_mario_bros.actions import SIMPLE_MOVEMENT

    import nes_py  # noqa: F401, registers the environments
    from nes_py.games.envs import WHOLE_PICTURES

    options = WHOLE_PICTURES if who == "stage" else {}
    return gym.make_vec(f"nes_py/{STAGE}", count, actions=SIMPLE_MOVEMENT, num_threads=threads, **options)


def make(who: str, count: int, how: str, rom: str) -> Any:
    """Returns the vector environment of a contestant."""
    one = {"mario": mario, "stage": stage, "small-stage": small_stage}.get(who)
    if how.startswith("native"):
        return native(who, count, int(how.removeprefix("native")))
    if how.isdecimal():
        import nes_py

        if one:
            return nes_py.vectorize(one, count, num_threads=int(how))
        return nes_py.NESVectorEnv(rom, count, num_threads=int(how))
    import gymnasium as gym

    vector = gym.vector.AsyncVectorEnv if how == "async" else gym.vector.SyncVectorEnv
    return vector([one or (lambda: python_wrappers(rom))] * count)


def main(who: str, count: int, how: str, rom: str) -> None:
    """Serves one contestant until standard input ends."""
    # A contestant's output must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    env = make(who, count, how, rom)
    dice = np.random.default_rng(0)
    if who != "wrappers":
        actions = dice.integers(0, env.single_action_space.n, (PERIOD, count))
        begin = actions
    else:
        actions = dice.choice([0, A, LEFT, RIGHT, A | LEFT, A | RIGHT], (PERIOD, count))
        begin = np.where(np.arange(WARM_UP_STEPS)[:, None] % 10 < 2, START, 0) * np.ones(count, np.int64)
    env.reset(seed=0)
    for step in range(WARM_UP_STEPS if count <= 64 else WARM_UP_STEPS // 4):
        env.step(begin[step])
    print(json.dumps({"rows": [who], "version": ""}), file=answers)
    place = 0
    for line in sys.stdin:
        steps = json.loads(line)["count"]
        wall = time.perf_counter()
        for _ in range(steps):
            env.step(actions[place % PERIOD])
            place += 1
        wall = time.perf_counter() - wall
        print(json.dumps({"wall": wall, "cpu": wall}), file=answers)
    env.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
