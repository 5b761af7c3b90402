"""A load test that checks whether memory and speed stay flat.

    python tests/trust/load.py --environments 256 --minutes 30

It steps environments of a game with random actions, resets, saves and restores them. Once a minute it prints frames
per second and the memory of the process. The exit status is 1 if the last quarter of the time needed more than 2 % more
memory than the second quarter, or had less than 80 % of its frames.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import nes_py
from nes_py import NESVectorEnv

PAGE = os.sysconf("SC_PAGE_SIZE")
GAME = Path(nes_py.__file__).parent / "roms" / "bricks.nes"
FRAMESKIP = 4


def resident() -> float:
    """Return the memory that this process has, in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rom", default=GAME, type=Path)
    parser.add_argument("--environments", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    count = arguments.environments
    envs = NESVectorEnv(
        arguments.rom,
        count,
        frameskip=FRAMESKIP,
        noop_max=30,
        repeat_action_probability=0.25,
        max_episode_steps=500,
        num_threads=arguments.threads,
    )
    generator = np.random.default_rng(0)
    envs.action_space.seed(0)
    envs.reset(seed=0)
    states = [envs.get_state(0)]
    end = time.monotonic() + 60 * arguments.minutes
    slices: list[tuple[float, float]] = []
    length = min(60.0, 60 * arguments.minutes / 12)
    print(f"{count} environments, {envs.num_threads} threads, {arguments.minutes:g} minutes", flush=True)
    print(f"{'minutes':>8} {'frames/s':>10} {'MB':>8}", flush=True)
    begin = time.monotonic()
    while time.monotonic() < end:
        started, steps = time.monotonic(), 0
        while time.monotonic() - started < length:
            envs.step(envs.action_space.sample())
            steps += 1
            if steps % 50 == 0:
                which = int(generator.integers(count))
                states = [*states[-3:], envs.get_state(which)]
                envs.set_state(int(generator.integers(count)), states[0])
        speed = steps * count * FRAMESKIP / (time.monotonic() - started)
        slices.append((speed, resident()))
        print(f"{(time.monotonic() - begin) / 60:8.1f} {speed:10.0f} {slices[-1][1]:8.1f}", flush=True)
    quarter = max(1, len(slices) // 4)
    early, late = slices[quarter : 2 * quarter], slices[-quarter:]
    speeds = [statistics.median(each[0] for each in part) for part in (early, late)]
    memory = [statistics.median(each[1] for each in part) for part in (early, late)]
    flat = memory[1] <= memory[0] * 1.02 and speeds[1] >= speeds[0] * 0.8
    print(
        f"second quarter {speeds[0]:.0f} frames/s, {memory[0]:.1f} MB; "
        f"last {speeds[1]:.0f} frames/s, {memory[1]:.1f} MB: "
        f"{'flat' if flat else 'NOT FLAT'}"
    )
    return int(not flat)


if __name__ == "__main__":
    sys.exit(main())
