"""An agent that reads the console's memory instead of the picture: a defender for Ember and Rime.

python examples/ram_agent.py --skill 4 --games 32
"""

import argparse

import numpy as np

from nes_py.envs.duel import ACTIONS, SKILLS, DuelVectorEnv

# docs/games-duel.md has the RAM map.
BALL_X, BALL_Y, BALL_LEFT, PLAYER_X, PLAYER_Y = 0x15, 0x16, 0x17, 0x1B, 0x1D


def defend(ram: np.ndarray) -> np.ndarray:
    """Return actions from the RAM of all games, uint8 (n, 2048): stay at the spark's height, strike when it is near."""
    number = {tuple(names): i for i, names in enumerate(ACTIONS)}
    ram = ram.astype(int)
    offset = ram[:, PLAYER_Y] - (ram[:, BALL_Y] - 5)
    near = (abs(ram[:, BALL_X] - ram[:, PLAYER_X]) < 34) & (ram[:, BALL_LEFT] == 1)
    still = np.where(near, number["A",], number["NOOP",])
    up = np.where(near, number["up", "A"], number["up",])
    down = np.where(near, number["down", "A"], number["down",])
    return np.where(offset > 2, up, np.where(offset < -2, down, still))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skill", type=int, default=4, choices=SKILLS)
    parser.add_argument("--games", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    envs = DuelVectorEnv(args.games, skill=args.skill, actions=ACTIONS, frameskip=2, obs_type="ram")
    envs.reset(seed=args.seed)
    points, over = np.zeros(args.games), np.zeros(args.games, bool)
    while not over.all():
        _, rewards, terminated, _, _ = envs.step(defend(envs.ram))
        points[~over] += rewards[~over]
        over |= terminated
    print(f"skill {args.skill}: {points.mean():.2f} points more than the computer, {(points > 0).mean():.0%} won")
    envs.close()


if __name__ == "__main__":
    main()
