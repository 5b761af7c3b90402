"""A rollout of many environments into preallocated arrays, and its speed.

python examples/vector_rollout.py --num-envs 64 --steps 512
"""

import argparse
import time

import numpy as np

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--steps", type=int, default=512)
    parser.add_argument("--num-threads", type=int)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")

    envs = NESVectorEnv(
        ROM_PATH,
        args.num_envs,
        game=GAME,
        actions=ACTIONS,
        frameskip=4,
        autoreset_mode="SameStep",
        num_threads=args.num_threads,
    )
    pictures = np.empty((args.steps + 1, *envs.observation_space.shape), np.uint8)
    rewards = np.empty((args.steps, args.num_envs))
    ends = np.empty((args.steps, args.num_envs), bool)
    random = np.random.default_rng(args.seed)
    envs.reset(seed=args.seed, out=pictures[0])
    begin = time.perf_counter()
    for t in range(args.steps):
        actions = random.integers(len(ACTIONS), size=args.num_envs)
        # The environment writes the observations to their final place, without a copy.
        _, rewards[t], terminated, truncated, _ = envs.step(actions, out=pictures[t + 1])
        ends[t] = terminated | truncated
    seconds = time.perf_counter() - begin
    frames = 4 * args.steps * args.num_envs
    print(f"{pictures.shape} {pictures.dtype}, {rewards.sum():.0f} points, {ends.sum()} games over")
    print(f"{frames / seconds:,.0f} frames per second with {envs.num_threads} threads")
    envs.close()


if __name__ == "__main__":
    main()
