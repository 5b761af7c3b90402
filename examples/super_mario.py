"""Super Mario Bros. with gym-super-mario-bros, in parallel where the version is for Gymnasium.

    pip install gym-super-mario-bros
    python examples/super_mario.py

On Python 3.13 and newer pip selects version 9, which was written for nes-py 9 and Gymnasium: ``vectorize`` steps its
emulators in parallel. On Python 3.10 to 3.12 pip selects version 7.4, which was written for nes-py 8 and ``gym``: one
environment is stepped with that interface (``nes_py.gym_compat``).
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
        raise SystemExit(
            f"super_mario.py needs gym-super-mario-bros ({error}): pip install gym-super-mario-bros"
        ) from None
    if not issubclass(gym_super_mario_bros.SuperMarioBrosEnv, gym.Env):
        play_with_gym(args, SIMPLE_MOVEMENT)
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


def play_with_gym(args: argparse.Namespace, actions: list[list[str]]) -> None:
    """Step one environment of version 7.4. Without gym's own wrappers a step returns four values in every version."""
    import gym_super_mario_bros

    import nes_py.gym_compat  # noqa: F401, the interface of nes-py 8
    from nes_py.wrappers import JoypadSpace

    env = JoypadSpace(gym_super_mario_bros.make(args.env).unwrapped, actions)
    random = np.random.default_rng(args.seed)
    furthest, done = 0, True
    begin = time.perf_counter()
    for _ in range(args.steps):
        if done:
            env.reset()
        _, _, done, info = env.step(int(random.integers(len(actions))))
        furthest = max(furthest, int(info["x_pos"]))
    seconds = time.perf_counter() - begin
    print(f"largest x: {furthest}; {args.steps / seconds:,.0f} steps per second")
    env.close()


if __name__ == "__main__":
    main()
