"""Classes of tiles and objects laid over the screen: of each bundled game, or of a known game whose ROM is installed.

The numbers of the classes are hexadecimal.

python examples/semantic.py --output semantic.png
python examples/semantic.py super-mario-bros --steps 50
"""

import argparse
from pathlib import Path

import gymnasium as gym
import numpy as np
from tiles_and_objects import SCALE, number

from nes_py import NESVectorEnv
from nes_py.recorder import enlarge, write_png

COLOURS = np.array(
    [(90, 160, 255), (80, 220, 80), (255, 220, 60), (255, 150, 40), (90, 230, 230), (255, 80, 80), (220, 120, 255)],
    np.uint8,
)


def overlay(picture, grid, semantics):
    """Return a picture, enlarged, with the number of each cell's class."""
    picture = np.ascontiguousarray(enlarge(picture // 2, SCALE))
    side = semantics.cell * SCALE
    for row, column in np.argwhere(grid):
        top, left = (row + semantics.corner[0]) * side, (column + semantics.corner[1]) * side
        cell = picture[top : top + side, left : left + side]
        colour = COLOURS[(grid[row, column] - 1) % len(COLOURS)]
        cell[...] = cell // 2 + colour // 2
        cell[0, :] = cell[:, 0] = colour
        cell[5:10, 4:11][number(grid[row, column])] = 0
    return picture


def play(env, steps, seed):
    """Return the picture and the classes after random steps, each button held for a while."""
    observations, _ = env.reset(seed=seed)
    draw = np.random.default_rng(seed)
    actions = None
    for step in range(steps):
        if step % 8 == 0:
            actions = draw.integers(0, env.action_space.nvec)
        observations, *_ = env.step(actions)
    return env.render()[0], observations[0, -1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("game", nargs="?", help="a known game, see nes_py games (default: the bundled games)")
    parser.add_argument("--steps", type=int, default=60, help="steps before the picture (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("semantic.png"))
    args = parser.parse_args()
    # The whole screen instead of the window that the game declares.
    options = {"obs_type": "semantic", "semantic": {"window": None}, "stack_num": 1, "render_mode": "rgb_array"}
    if args.game is None:
        envs = [gym.make_vec(f"nes_py/{name}-v0", num_envs=1, **options) for name in ("Bricks", "Trail", "Duel")]
    else:
        envs = [NESVectorEnv(game=args.game, num_envs=1, actions=[["right", "B"], ["right", "A", "B"]], **options)]
    pictures = []
    for env in envs:
        picture, grid = play(env, args.steps, args.seed)
        semantics = env.unwrapped.options.semantics
        pictures.append(overlay(picture, grid, semantics))
        counts = np.bincount(grid.ravel(), minlength=len(semantics.classes) + 1)[1:]
        found = [
            f"{name} ({number:02X}): {count}"
            for number, (name, count) in enumerate(zip(semantics.classes, counts, strict=True), 1)
            if count
        ]
        print(f"cells of each class: {', '.join(found)}; all classes: {', '.join(semantics.classes)}")
        env.close()
    write_png(args.output, np.hstack(pictures))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
