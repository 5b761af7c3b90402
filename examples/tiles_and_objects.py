"""Tiles and objects over the screen: of each bundled game, or of a ROM file after some frames with random buttons.

python examples/tiles_and_objects.py --output tiles.png
python examples/tiles_and_objects.py game.nes --frames 1200
"""

import argparse
from pathlib import Path

import gymnasium as gym
import numpy as np

import nes_py
from nes_py.recorder import enlarge, write_png

SCALE = 2
CELL = 8 * SCALE
# The digits 0 to F.
FONT = [
    ("111", "101", "101", "101", "111"),
    ("010", "110", "010", "010", "111"),
    ("111", "001", "111", "100", "111"),
    ("111", "001", "111", "001", "111"),
    ("101", "101", "111", "001", "001"),
    ("111", "100", "111", "001", "111"),
    ("111", "100", "111", "101", "111"),
    ("111", "001", "010", "010", "010"),
    ("111", "101", "111", "101", "111"),
    ("111", "101", "111", "001", "111"),
    ("111", "101", "111", "101", "101"),
    ("110", "101", "110", "101", "110"),
    ("111", "100", "100", "100", "111"),
    ("110", "101", "101", "101", "110"),
    ("111", "100", "111", "100", "111"),
    ("111", "100", "111", "100", "100"),
]
COLOURS = np.array([(255, 80, 80), (80, 255, 80), (90, 160, 255), (255, 220, 60)], np.uint8)


def number(value):
    """Return two hexadecimal digits as a bool array of 5 x 7 pixels."""
    digits = [np.array([[bit == "1" for bit in row] for row in FONT[digit]]) for digit in divmod(value, 16)]
    return np.hstack((digits[0], np.zeros((5, 1), bool), digits[1]))


def overlay(emulator, groups):
    """Return the emulator's picture, enlarged, with the number of each tile and a box around each object."""
    picture = np.ascontiguousarray(enlarge(emulator.screen_rgb() // 2, SCALE))
    names, kinds = emulator.tiles()
    # The most frequent tile is the empty one: not written.
    empty = np.bincount(names[kinds > 0], minlength=256).argmax() if kinds.any() else -1
    for row, column in np.argwhere((kinds > 0) & (names != empty)):
        cell = picture[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        cell[-1, :] = cell[:, -1] = 90
        digits = number(names[row, column])
        cell[5:10, 4:11][digits] = COLOURS[kinds[row, column] & 3] // 2 + 110
    for x, y, width, height, _, palette, *_, visible in emulator.objects(groups).astype(int):
        if visible:
            left, top = x * SCALE, y * SCALE
            right, bottom = min(left + width * SCALE, 256 * SCALE) - 1, min(top + height * SCALE, 240 * SCALE) - 1
            for place in (0, 1):
                picture[top + place, left:right] = picture[bottom - place, left:right] = COLOURS[palette]
                picture[top:bottom, left + place] = picture[top:bottom, right - place] = COLOURS[palette]
    return picture


def bundled(steps, seed):
    """Yield an emulator of each bundled game after random steps in an episode."""
    for name in ("Bricks", "Trail", "Duel"):
        env = gym.make(f"nes_py/{name}-v0")
        env.reset(seed=seed)
        env.action_space.seed(seed)
        for _ in range(steps):
            *_, terminated, truncated, _ = env.step(env.action_space.sample())
            if terminated or truncated:
                env.reset()
        yield env.unwrapped.emulator


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rom", nargs="?", help="a ROM file (default: the bundled games)")
    parser.add_argument("--frames", type=int, default=240, help="frames before the picture (default: %(default)s)")
    parser.add_argument("--groups", type=int, default=32, help="boxes at most, 1 to 64 (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("tiles.png"))
    args = parser.parse_args()
    if args.rom is None:
        emulators = list(bundled(args.frames, args.seed))
    else:
        emulators = [nes_py.NESEmulator(args.rom)]
        draw = np.random.default_rng(args.seed)
        for frame in range(args.frames):
            if frame % 12 == 0:
                emulators[0].controller(0)[0] = draw.choice((0x08, 0x80, 0x81, 0x40, 0x01))
            emulators[0].step()
    write_png(args.output, np.hstack([overlay(emulator, args.groups) for emulator in emulators]))
    for emulator in emulators:
        names, kinds = emulator.tiles()
        visible = np.count_nonzero(emulator.objects()[:, 9])
        groups = np.count_nonzero(emulator.objects(args.groups)[:, 9])
        print(f"{len(np.unique(names[kinds > 0]))} different tiles, {visible} visible sprites in {groups} objects")
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
