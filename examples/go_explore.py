"""Exploration with snapshots: return to a state and explore from there. The first phase of Go-Explore on Bricks.

    python examples/go_explore.py --rounds 200

An archive stores, for each cell, a state of the console and the buttons that lead to it. A round loads as many cells
as there are environments, plays at random for a while, and keeps new or better cells. A cell consists of the number of
bricks left, the number of lives, and the approximate positions of paddle and ball. The best sequence is written as
a movie.

The idea: Ecoffet et al. 2021, https://arxiv.org/abs/2004.12919.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from nes_py.emulator import Snapshot
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH, BricksEnv
from nes_py.game import buttons_to_byte
from nes_py.movie import Movie
from nes_py.vector import NESVectorEnv

FRAMESKIP = 4


@dataclass
class Found:
    """The best way to reach a cell."""

    points: int
    actions: bytes  # one per step, from the start
    state: Snapshot
    visits: int = 0


def cell_of(ram: np.ndarray) -> tuple[int, ...]:
    """Return the cell of a state."""
    return int(ram[0x13]), int(ram[0x11]), int(ram[0x16]) // 32, int(ram[0x14]) // 48, int(ram[0x15]) // 64


def points_of(ram: np.ndarray) -> int:
    return int(ram[0x1E]) | int(ram[0x1F]) << 8 | int(ram[0x20]) << 16


def explore(args: argparse.Namespace) -> tuple[dict[tuple[int, ...], Found], Found]:
    random = np.random.default_rng(args.seed)
    # No autoreset: an environment whose game has ended waits until another state is loaded.
    envs = NESVectorEnv(
        ROM_PATH,
        args.num_envs,
        game=GAME,
        actions=ACTIONS,
        frameskip=FRAMESKIP,
        obs_type="ram",
        autoreset_mode="Disabled",
    )
    envs.reset(seed=args.seed)
    best = Found(0, b"", envs.get_state(0).snapshot)
    archive = {cell_of(envs.ram[0]): best}
    for number in range(args.rounds):
        found = list(archive.values())
        weights = np.array([1 / np.sqrt(1 + each.visits) for each in found])
        chosen = [found[i] for i in random.choice(len(found), args.num_envs, p=weights / weights.sum())]
        # Return to the chosen cells: a copy of memory, no replay.
        envs.set_state(range(args.num_envs), [each.state for each in chosen])
        paths = [bytearray(each.actions) for each in chosen]
        for each in chosen:
            each.visits += 1
        alive = np.ones(args.num_envs, bool)
        actions = random.integers(len(ACTIONS), size=args.num_envs)
        for _ in range(args.steps):
            change = random.random(args.num_envs) < 0.2  # mostly repeat the same buttons
            actions[change] = random.integers(len(ACTIONS), size=int(change.sum()))
            _, _, terminated, _, _ = envs.step(actions)
            for i in np.flatnonzero(alive):
                paths[i].append(int(actions[i]))
                if terminated[i]:
                    alive[i] = False
                    continue
                ram = envs.ram[i]
                cell, points = cell_of(ram), points_of(ram)
                known = archive.get(cell)
                if known is None or (points, -len(paths[i])) > (known.points, -len(known.actions)):
                    archive[cell] = Found(points, bytes(paths[i]), envs.get_state(int(i)).snapshot)
                    best = max(best, archive[cell], key=lambda each: each.points)
            if terminated.any():
                envs.reset(options={"reset_mask": terminated})
        if number % 20 == 0 or number == args.rounds - 1:
            print(f"round {number}: {len(archive)} cells, {best.points} points", flush=True)
    envs.close()
    return archive, best


def film(best: Found, path: str) -> int:
    """Replay the best sequence in a separate environment, record it as a movie, return the points."""
    env = BricksEnv()
    env.reset(seed=0)
    movie: Movie = env.record_movie()
    buttons = [buttons_to_byte(names, "actions") for names in ACTIONS]
    for action in best.actions:
        for _ in range(FRAMESKIP):
            env._frame_advance(buttons[action])
    movie.save(path)
    return points_of(env.ram)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--steps", type=int, default=32, help="steps to explore from a cell")
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--movie", default="go_explore.fm2")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    _, best = explore(args)
    points = film(best, args.movie)
    assert points == best.points, "the machine is deterministic"
    print(f"{points} points in {len(best.actions)} steps, recorded in {args.movie}")


if __name__ == "__main__":
    main()
