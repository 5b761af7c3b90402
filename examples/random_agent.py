"""The score of a random agent: complete games of a bundled environment, many in parallel.

python examples/random_agent.py
python examples/random_agent.py --env nes_py/Duel-v0 --skill 1 --games 64
"""

import argparse
import importlib

import gymnasium as gym
import numpy as np

import nes_py  # noqa: F401, registers the environments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    games = ["nes_py/Bricks-v0", "nes_py/Bricks-v1", "nes_py/Trail-v0", "nes_py/Trail-v1", "nes_py/Duel-v0"]
    parser.add_argument("--env", default=games[0], choices=games)
    parser.add_argument("--skill", type=int, help="skill of the computer, nes_py/Duel-v0 only")
    parser.add_argument("--games", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")

    # The module of a game lists its useful combinations of buttons.
    actions = importlib.import_module(str(gym.spec(args.env).entry_point).partition(":")[0]).ACTIONS
    options = {} if args.skill is None else {"skill": args.skill}
    envs = gym.make_vec(args.env, args.games, actions=actions, noop_max=30, obs_type="ram", **options)
    envs.reset(seed=args.seed)
    envs.action_space.seed(args.seed)
    points, over = np.zeros(args.games), np.zeros(args.games, bool)
    while not over.all():
        _, rewards, terminated, truncated, _ = envs.step(envs.action_space.sample())
        points[~over] += rewards[~over]
        over |= terminated | truncated
    error = points.std(ddof=1) / args.games**0.5 if args.games > 1 else float("nan")
    print(f"{args.env}: {points.mean():.2f} ± {error:.2f} points in {args.games} games (seed {args.seed})")
    envs.close()


if __name__ == "__main__":
    main()
