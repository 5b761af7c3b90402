"""How long it takes to compute the pictures of a recorded rollout again.

    python benchmarks/datasets.py [--frames 100000] [--threads N]

It records random play of Mortar Moon without pictures, writes and reads the file, and replays it to pictures of 84 x
84, to RAM, and with the default stack of four.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import Any

import numpy as np

from nes_py import datasets
from nes_py.envs.bricks import ACTIONS, BricksVectorEnv


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure replays of a rollout.")
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    count = arguments.num_envs
    options: dict[str, Any] = {"actions": ACTIONS, "repeat_action_probability": 0.25, "obs_type": "ram"}
    steps = -(-arguments.frames // (4 * count))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rollout.npz")
        for record in (False, path):
            with BricksVectorEnv(count, record=record, num_threads=arguments.threads, **options) as envs:
                envs.action_space.seed(0)
                envs.reset(seed=0)
                actions = [envs.action_space.sample() for _ in range(steps)]
                begin = time.perf_counter()
                for one in actions:
                    envs.step(one)
                seconds = time.perf_counter() - begin
                frames = steps * count * 4
            print(f"{'recorded' if record else 'played'}: {frames:,} frames in {seconds:.2f} s")
        print(f"file: {os.path.getsize(path):,} bytes, {os.path.getsize(path) / (steps * count):.2f} for each step")
        begin = time.perf_counter()
        rollout = datasets.load(path)
        print(f"read: {time.perf_counter() - begin:.3f} s")
    for name, view in (
        ("84 x 84", {"obs_type": "image", "stack_num": 1}),
        ("84 x 84 x 4", {"obs_type": "image", "stack_num": 4}),
        ("RAM", {"obs_type": "ram"}),
    ):
        begin = time.perf_counter()
        total = 0
        for episode in datasets.replay(rollout, num_threads=arguments.threads, **view):
            total += len(episode.observations)
        seconds = time.perf_counter() - begin
        rate = rollout.num_steps * 4 / seconds
        print(f"replayed to {name}: {total:,} observations in {seconds:.2f} s, {rate:,.0f} frames/s")
    begin = time.perf_counter()
    used = datasets.verify(rollout, num_threads=arguments.threads)
    print(f"checked: {used:,} steps in {time.perf_counter() - begin:.2f} s; mean reward {np.mean(rollout.rewards):.4f}")


if __name__ == "__main__":
    main()
