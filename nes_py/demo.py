"""The demo of ``make run``: many emulators play a bundled game at once.

    python -m nes_py.demo
    python -m nes_py.demo --envs 64 --seconds 10 --output montage.png

Every emulator has its own player; their skill ranges from random buttons to almost always
following the ball. The demo prints the number of frames emulated and drawn per second and writes a picture of
the last frames.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nes_py._arguments import seed

UInt8Array = npt.NDArray[np.uint8]

# Bits of a controller byte.
A, START, LEFT, RIGHT = 0x01, 0x08, 0x40, 0x80

# Addresses of the values that a player needs; nes_py/roms/README.md has the list.
STATE, BALL_X, PADDLE_X = 0x10, 0x14, 0x16
TITLE, GAME_OVER = 0, 4
PADDLE_CENTRE = 13  # from the left edge of the paddle to the desired left edge of the ball

GAP = 4
CAPTION_HEIGHT = 28
BACKGROUND = (24, 24, 28)
FOREGROUND = (222, 222, 226)


class Players:
    """One player per emulator: random, or following the ball as often as its skill says."""

    def __init__(self, count: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._skill = np.linspace(0.0, 0.95, count)
        self._whim = np.zeros(count, np.uint8)
        self._whim_ends = np.zeros(count, np.int64)
        self._aim = np.zeros(count, np.int64)
        self._frame = 0

    def buttons(self, rams: UInt8Array) -> UInt8Array:
        """Choose the buttons of the next frame from the RAM of every emulator, (count, 2048)."""
        random = self._random
        if self._frame % 8 == 0:
            # Hold a random direction for a while, and aim at another part of the paddle.
            over = self._whim_ends <= self._frame
            count = int(over.sum())
            self._whim[over] = random.choice(np.array([0, LEFT, RIGHT], np.uint8), count)
            self._whim_ends[over] = self._frame + random.integers(8, 40, count)
            self._aim[over] = PADDLE_CENTRE + random.integers(-11, 12, count)
            self._follows = random.random(len(over)) < self._skill
        offset = rams[:, BALL_X].astype(np.int64) - rams[:, PADDLE_X] - self._aim
        chase = np.where(offset > 2, RIGHT, np.where(offset < -2, LEFT, 0))
        buttons = np.where(self._follows, chase, self._whim).astype(np.uint8)
        if self._frame % 64 == 0:
            buttons |= A  # serve
        if self._frame % 16 < 2:
            state = rams[:, STATE]
            buttons = np.where((state == TITLE) | (state == GAME_OVER), START, buttons).astype(np.uint8)
        self._frame += 1
        return buttons


def montage(screens: UInt8Array) -> UInt8Array:
    """Arrange pictures (count, 240, 256, 3) in a grid at half their size, with thin gaps."""
    count, height, width, _ = screens.shape
    height, width = height // 2, width // 2
    columns = math.ceil(math.sqrt(2 * count))
    rows = math.ceil(count / columns)
    canvas = np.empty((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), np.uint8)
    canvas[:] = BACKGROUND
    halves = screens.reshape(count, height, 2, width, 2, 3).mean(axis=(2, 4)).astype(np.uint8)
    for index, picture in enumerate(halves):
        top = GAP + index // columns * (height + GAP)
        left = GAP + index % columns * (width + GAP)
        canvas[top : top + height, left : left + width] = picture
    return canvas


def captioned(picture: UInt8Array, left: str, right: str) -> UInt8Array:
    """Return a picture (height, width, 3) with a line of text above it; ``right`` is left out if it does not fit."""
    from PIL import Image, ImageDraw, ImageFont

    height, width, _ = picture.shape
    canvas = Image.new("RGB", (width, height + CAPTION_HEIGHT), BACKGROUND)
    canvas.paste(Image.fromarray(picture), (0, CAPTION_HEIGHT))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(15)
    middle, margin = CAPTION_HEIGHT / 2 + 1, 2 * GAP
    draw.text((margin, middle), left, FOREGROUND, font, anchor="lm")
    if draw.textlength(left, font) + draw.textlength(right, font) + 4 * margin < width:
        draw.text((width - margin, middle), right, FOREGROUND, font, anchor="rm")
    return np.asarray(canvas)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m nes_py.demo", description="Let many emulators play at once.")
    parser.add_argument("--envs", type=int, default=32, help="number of emulators (default: 32)")
    parser.add_argument("--threads", type=int, default=None, help="number of threads (default: number of CPUs)")
    parser.add_argument("--seconds", type=float, default=2.0, help="duration (default: 2)")
    parser.add_argument("--seed", type=seed, default=0, help="seed of the players (default: 0)")
    parser.add_argument("--output", type=Path, default=Path("run.png"), help="the picture (default: run.png)")
    options = parser.parse_args(arguments)
    if options.envs < 1 or (options.threads is not None and options.threads < 1):
        parser.error("--envs and --threads must be at least 1")
    if not 0 < options.seconds < math.inf:
        parser.error("--seconds must be more than 0")
    return options


def run(options: argparse.Namespace) -> int:
    """Play, print the numbers, write the picture."""
    try:
        from PIL import Image
        from tqdm import tqdm
    except ImportError:
        print("The demo needs Pillow and tqdm: pip install 'nes-py[run]'", file=sys.stderr)
        return 1
    from nes_py._batch import Batch
    from nes_py._files import Replacement, check_destination

    check_destination(options.output)
    players = Players(options.envs, options.seed)
    with as_file(files("nes_py.roms") / "bricks.nes") as rom:
        batch = Batch(rom, options.envs, num_threads=options.threads)
    threads = batch.num_threads
    rams = batch.rams()
    buttons = players.buttons(rams)

    frames = 0
    layout = "{desc}: {percentage:3.0f}%|{bar}| {postfix}"
    description = f"{options.envs} emulators, {threads} thread{'s' if threads > 1 else ''}"
    with tqdm(total=options.seconds, desc=description, bar_format=layout, disable=None) as bar:
        started = shown = time.perf_counter()
        while True:
            for _ in range(4):
                batch.step(buttons, frames=1, render=True)
                buttons = players.buttons(batch.rams(rams))
            frames += 4 * options.envs
            now = time.perf_counter()
            if now - shown > 0.1 or now - started >= options.seconds:
                bar.set_postfix_str(f"{frames / (now - started):,.0f} frames/s", refresh=False)
                bar.update(min(now - started, options.seconds) - bar.n)
                shown = now
            if now - started >= options.seconds:
                break

    rate = frames / (now - started)
    print(f"{frames:,} frames emulated and drawn in {now - started:.1f} s")
    print(f"{rate:,.0f} frames/s in total, {rate / threads:,.0f} per core ({threads} in use)")
    played = f"Mortar Moon on {options.envs} emulators, {frames // options.envs:,} frames each"
    picture = captioned(montage(batch.screens()), played, f"{rate:,.0f} frames/s")
    with Replacement(options.output, options.output.suffix) as file:
        Image.fromarray(picture).save(file.name)
    print(f"Picture: {options.output.resolve()}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    options = parse(arguments)
    try:
        return run(options)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
