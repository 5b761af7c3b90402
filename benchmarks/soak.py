"""Steps many environments for minutes and watches the memory: ``make soak``, or ``python benchmarks/soak.py``.

The first fifth of the time is a warm-up. After it the process may not grow by more than ``--allowed`` megabytes;
otherwise the exit status is 1. Besides steps the test does partial resets, saves and loads states, copies
environments into others, renders pictures, and creates and closes environments.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from worker import LEFT, RIGHT, A, resident_kilobytes

from nes_py import NESVectorEnv, vectorize
from nes_py.envs.bricks import ACTIONS, BricksEnv
from nes_py.wrappers import JoypadSpace

GAME = Path(__file__).resolve().parents[1] / "nes_py" / "roms" / "bricks.nes"
EVERY = 500  # steps between the rarer uses


def rare_uses(envs: NESVectorEnv, dice: np.random.Generator) -> None:
    """Does each of the rarer operations once."""
    count = envs.num_envs
    mask = dice.random(count) < 0.1
    if mask.any():
        envs.reset(options={"reset_mask": mask})
    chosen = dice.choice(count, min(8, count), replace=False)
    envs.set_state(chosen, envs.get_state(chosen))
    envs.clone(int(chosen[0]), chosen[1:])
    with NESVectorEnv(GAME, 2, num_threads=2) as others:
        others.reset(seed=0)
        others.step(np.zeros(2, np.int64))
    few = vectorize(lambda: JoypadSpace(BricksEnv(), ACTIONS), 2)
    few.reset(seed=0)
    few.step(np.zeros(2, np.int64))
    few.close()


def main() -> int:
    """Runs it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--num-envs", type=int, default=256)
    parser.add_argument("--num-threads", type=int)
    parser.add_argument("--allowed", type=float, default=4.0, help="megabytes of growth (default: 4)")
    parser.add_argument("--lines", type=int, default=20, help="number of progress lines (default: 20)")
    parser.add_argument("--nice", type=int, default=0, help="nice value of the process")
    arguments = parser.parse_args()
    if arguments.nice and hasattr(os, "nice"):
        os.nice(arguments.nice)

    options: dict[str, Any] = {"num_threads": arguments.num_threads, "render_mode": "rgb_array"}
    envs = NESVectorEnv(GAME, arguments.num_envs, max_num_frames_per_episode=4000, **options)
    dice = np.random.default_rng(0)
    envs.reset(seed=0)
    # Everything once before the measurement: the first use of each operation allocates memory permanently.
    rare_uses(envs, dice)
    envs.render()
    print(f"{arguments.num_envs} environments, {envs.num_threads} threads, {arguments.seconds:.0f} seconds")
    print(f"{'seconds':>8}{'steps':>10}{'frames/s':>12}{'MB':>10}", flush=True)
    begin = last = time.monotonic()
    interval = arguments.seconds / arguments.lines
    steps = steps_before = 0
    first = highest = 0.0
    while (now := time.monotonic()) - begin < arguments.seconds:
        envs.step(dice.choice([0, A, LEFT, RIGHT, A | LEFT, A | RIGHT], arguments.num_envs))
        steps += 1
        if steps % EVERY == 0:
            rare_uses(envs, dice)
        if steps % (2 * EVERY) == 0:
            envs.render()
        if now - last < interval:
            continue
        memory = resident_kilobytes() / 1024
        speed = (steps - steps_before) * arguments.num_envs * envs.options.frameskip / (now - last)
        print(f"{now - begin:8.0f}{steps:10,}{speed:12,.0f}{memory:10.1f}", flush=True)
        if now - begin >= arguments.seconds / 5:
            first = first or memory
            highest = max(highest, memory)
        last, steps_before = now, steps
    envs.close()
    growth = highest - first
    good = growth <= arguments.allowed
    print(f"Memory {'is flat' if good else 'GREW'}: {growth:.1f} MB more at most than after a fifth of the time.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
