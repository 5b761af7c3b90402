"""Writes a contact sheet: one PNG with what ROMs show after some seconds.

``python -m nes_py.tools.contact_sheet ROMS --output sheet.png`` takes ROM files and folders of them. Each ROM runs as a
Famicom and as an NES, whose PPU ignores most writes for a frame after power-on; the second row of pictures is left out
where it equals the first. ROMs that show nothing but one colour are named, and the exit status is then 1.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nes_py._files import check_destination
from nes_py.emulator import NESEmulator
from nes_py.errors import RomError
from nes_py.playing.player import write_text
from nes_py.playing.recorder import write_png

ConsoleName = Literal["famicom", "nes"]
RegionName = Literal["ntsc", "pal", "dendy"]
CONSOLES: tuple[ConsoleName, ...] = get_args(ConsoleName)
SECONDS = (5.0, 20.0, 60.0)
#: An hour, which no title screen takes.
LONGEST = 3600.0

_START = 0x08
# Start is held in the first so many frames of each period.
_HELD, _PERIOD = 20, 120
# Pictures are shown at half their size.
_HEIGHT, _WIDTH = 120, 128
_LABEL, _GAP = 12, 6
_BACKGROUND = (24, 24, 28)


@dataclass(frozen=True)
class Strip:
    """What one ROM shows.

    Attributes:
        name: of the file.
        console: or of both, joined with a hyphen, where they show the same.
        pictures: uint8 (n, 240, 256, 3), one for each time.
    """

    name: str
    console: str
    pictures: NDArray[np.uint8]

    @property
    def blank(self) -> bool:
        """Whether no picture has more than one colour."""
        return bool((self.pictures == self.pictures[:, :1, :1]).all())


def find_roms(paths: Sequence[Path]) -> list[Path]:
    """Returns the ROM files among and below these paths, sorted.

    Raises:
        FileNotFoundError: a path does not exist.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(file for file in path.rglob("*") if file.suffix.lower() == ".nes" and file.is_file())
        elif path.exists():
            found.add(path)
        else:
            raise FileNotFoundError(f"there is no file or folder {path}")
    return sorted(found)


def pictures(
    rom: Path | bytes,
    seconds: Sequence[float],
    console: ConsoleName = "famicom",
    *,
    region: RegionName | None = None,
    start: bool = False,
) -> NDArray[np.uint8]:
    """Returns what a ROM shows after these times, in ascending order, uint8 (n, 240, 256, 3).

    Args:
        rom: the file, or its contents.
        seconds: since power-on.
        console: see ``NESEmulator``.
        region: likewise; None: that of the header.
        start: whether Start is held for 20 of every 120 frames. Else no button is.

    Raises:
        RomError: it is no ROM, or of a board that is not supported.
    """
    shown = []
    with NESEmulator(rom, console=console, region=region) as emulator:
        frame = 0
        for time in seconds:
            end = max(round(time * emulator.frame_rate), frame + 1)
            while frame < end:
                place = frame % _PERIOD
                held = start and place < _HELD
                emulator.controller(0)[0] = _START if held else 0
                following = frame + (_HELD if held else _PERIOD) - place
                count = min(following, end) - frame
                emulator.step(count, render=frame + count == end)
                frame += count
            shown.append(emulator.screen_rgb())
    return np.stack(shown)


def strips(
    path: Path,
    seconds: Sequence[float],
    consoles: Sequence[ConsoleName] = CONSOLES,
    *,
    region: RegionName | None = None,
    start: bool = False,
) -> Iterator[Strip]:
    """Yields what a ROM shows: one strip if the consoles show the same."""
    all_pictures = [pictures(path, seconds, console, region=region, start=start) for console in consoles]
    if all(np.array_equal(shown, all_pictures[0]) for shown in all_pictures):
        yield Strip(path.name, "-".join(consoles), all_pictures[0])
        return
    for console, shown in zip(consoles, all_pictures, strict=True):
        yield Strip(path.name, console, shown)


def sheet(members: Sequence[Strip]) -> NDArray[np.uint8]:
    """Returns the contact sheet, uint8 (height, width, 3)."""
    count = len(members[0].pictures)
    height, width = _HEIGHT + _LABEL + _GAP, count * _WIDTH + _GAP
    # About as wide as high.
    columns = max(1, min(len(members), round(math.sqrt(len(members) * height / width))))
    rows = math.ceil(len(members) / columns)
    canvas = np.empty((rows * height + _GAP, columns * width + _GAP, 3), np.uint8)
    canvas[:] = _BACKGROUND
    for index, strip in enumerate(members):
        top = _GAP + index // columns * height
        left = _GAP + index % columns * width
        halves = strip.pictures.reshape(count, _HEIGHT, 2, _WIDTH, 2, 3).mean(axis=(2, 4)).astype(np.uint8)
        row = canvas[top + _LABEL : top + _LABEL + _HEIGHT, left : left + count * _WIDTH]
        row[:] = halves.swapaxes(0, 1).reshape(_HEIGHT, count * _WIDTH, 3)
        text = f"{strip.name.removesuffix('.nes')} {strip.console}{' BLANK' * strip.blank}".replace("_", "-")
        write_text(canvas, [text[: count * _WIDTH // 8 - 1]], top, left, margin=1)
    return canvas


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Returns:
        0 if every ROM shows something on each console, 1 if not, 2 if there was nothing to run.
    """
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.tools.contact_sheet", description="Writes what ROMs show after some seconds as one PNG."
    )
    parser.add_argument("roms", type=Path, nargs="+", help="ROM files and folders of them")
    parser.add_argument("--output", type=Path, default=Path("contact-sheet.png"), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, nargs="+", default=list(SECONDS), help="default: 5 20 60")
    parser.add_argument("--console", nargs="+", choices=CONSOLES, default=list(CONSOLES), help="default: both")
    parser.add_argument("--region", choices=get_args(RegionName), help="default: that of the header")
    parser.add_argument("--start", action="store_true", help="hold Start for 20 of every 120 frames")
    options = parser.parse_args(arguments)
    if not all(0 < time <= LONGEST for time in options.seconds):
        parser.error(f"--seconds must be more than 0 and at most {LONGEST:,.0f}")
    members: list[Strip] = []
    refused = 0
    try:
        check_destination(options.output)
        for path in find_roms(options.roms):
            try:
                shown = strips(
                    path, sorted(options.seconds), options.console, region=options.region, start=options.start
                )
                members += list(shown)
            except RomError as error:
                print(f"refused: {error}")
                refused += 1
        if not members:
            print("No ROMs were found.", file=sys.stderr)
            return 2
        write_png(options.output, sheet(members))
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    blank = [strip for strip in members if strip.blank]
    for strip in blank:
        print(f"blank: {strip.name} ({strip.console})")
    print(f"{len({strip.name for strip in members})} ROMs, {len(blank)} blank strips, {refused} refused")
    print(f"wrote {options.output}")
    return 1 if blank or refused else 0


if __name__ == "__main__":
    sys.exit(main())
