"""Super Mario Bros. with gym-super-mario-bros 9, which needs Python 3.13.

    pip install gym-super-mario-bros
    python examples/super_mario.py

The package's environments were written for nes-py 9. nes-py 10 runs them unchanged, and ``vectorize`` steps their
emulators in parallel.
"""

import argparse
import time

import gymnasium as gym
import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default="SuperMarioBros-v0")
    parser.add_argument("--num-envs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    try:
        import gym_super_mario_bros
        from gym_super_mario_bros.actions import SIMPLE_MOVEMENT
    except ImportError as error:
        print(f"skipped: {error} (pip install gym-super-mario-bros)")
        return
    if not issubclass(gym_super_mario_bros.SuperMarioBrosEnv, gym.Env):
        print("skipped: this gym-super-mario-bros is for nes-py 8 and gym; vectorize needs version 9, Python 3.13")
        return
    from nes_py import vectorize
    from nes_py.wrappers import JoypadSpace

    envs = vectorize(lambda: JoypadSpace(gym_super_mario_bros.make(args.env), SIMPLE_MOVEMENT), args.num_envs)
    envs.reset(seed=args.seed)
    random = np.random.default_rng(args.seed)
    furthest = np.zeros(args.num_envs, int)
    begin = time.perf_counter()
    for _ in range(args.steps):
        actions = random.integers(len(SIMPLE_MOVEMENT), size=args.num_envs)
        _, _, _, _, infos = envs.step(actions)
        furthest = np.maximum(furthest, infos["x_pos"])
    seconds = time.perf_counter() - begin
    print(f"largest x of each: {furthest.tolist()}; {args.steps * args.num_envs / seconds:,.0f} steps per second")
    envs.close()


if __name__ == "__main__":
    main()
