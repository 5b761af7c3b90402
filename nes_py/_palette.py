"""Palettes: the colours of a picture's 64 palette indices."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ._files import read_regular_file
from ._limits import LARGEST_PALETTE
from .errors import FileFormatError

COLOURS = 64
SHAPES = ((COLOURS, 3), (8 * COLOURS, 3), (8, COLOURS, 3))
SIZES = (COLOURS * 3, 8 * COLOURS * 3)

# The digital outputs of the arcade's PPUs, an octal digit each for red, green and blue. NESdev "PPU palettes".
_RP2C03 = """
    333 014 006 326 403 503 510 420 320 120 031 040 022 000 000 000
    555 036 027 407 507 704 700 630 430 140 040 053 044 000 000 000
    777 357 447 637 707 737 740 750 660 360 070 276 077 000 000 000
    777 567 657 757 747 755 764 772 773 572 473 276 467 000 000 000
"""
_RP2C04 = {
    2: """
    755 637 700 447 044 120 222 704 777 333 750 503 403 660 320 777
    357 653 310 360 467 657 764 027 760 276 000 200 666 444 707 014
    003 567 757 070 077 022 053 507 000 420 747 510 407 006 740 000
    000 140 555 031 572 326 770 630 020 036 040 111 773 737 430 473
    """,
    3: """
    000 750 430 572 473 737 044 567 700 407 773 747 777 637 467 040
    020 357 510 666 053 360 200 447 222 707 003 276 657 320 000 326
    403 764 740 757 036 310 555 006 507 760 333 120 027 000 660 777
    653 111 070 630 022 014 704 140 000 077 420 770 755 503 031 444
    """,
    4: """
    507 737 473 555 040 777 567 120 014 000 764 320 704 666 653 467
    447 044 503 027 140 430 630 053 333 326 000 006 700 510 747 755
    637 020 003 770 111 750 740 777 360 403 357 707 036 444 000 310
    077 200 572 757 420 070 660 222 031 000 657 773 407 276 760 022
    """,
    5: """
    430 326 044 660 000 755 014 630 555 310 070 003 764 770 040 572
    737 200 027 747 000 222 510 740 653 053 447 140 403 000 473 357
    503 031 420 006 407 507 333 704 022 666 036 020 111 773 444 707
    757 777 320 700 760 276 777 467 000 750 637 567 360 657 077 120
    """,
}


def arcade_palette(ppu: int) -> bytes:
    """Return the colours of a Vs. System's PPU, 64 for each emphasis: a channel that is emphasised is at its brightest.

    Args:
        ppu: its number in the NES 2.0 header: 2 to 5 are the RP2C04-0001 to -0004; others have the RP2C03's colours.
    """
    colours = np.array([[int(digit) for digit in colour] for colour in _RP2C04.get(ppu, _RP2C03).split()])
    table = np.broadcast_to((colours * 510 + 7) // 14, (8, COLOURS, 3)).astype(np.uint8)
    for emphasis in range(8):
        for channel in range(3):
            if emphasis >> channel & 1:
                table[emphasis, :, channel] = 255
    return table.tobytes()


def read_palette(palette: Any) -> bytes | None:
    """Return the bytes of a palette: red, green and blue of 64 colours, or of 512: 64 for each emphasis.

    Args:
        palette: a ``.pal`` file's path, its contents (192 or 1,536 bytes), or a uint8 array (64, 3), (512, 3) or
            (8, 64, 3). None is returned as it is.

    Raises:
        TypeError: it is something else.
        FileFormatError: a ``ValueError``: it has another size, or is not a regular file. The message names the file.
        ValueError: an array has another shape.
        OSError: the file cannot be read.
    """
    if palette is None:
        return None
    path = None
    if isinstance(palette, (str, os.PathLike)):
        path = os.fsdecode(palette)
        content = read_regular_file(path, LARGEST_PALETTE)
    elif isinstance(palette, (bytes, bytearray, memoryview)):
        content = bytes(palette)
    elif isinstance(palette, np.ndarray):
        if palette.dtype != np.uint8 or palette.shape not in SHAPES:
            shapes = ", ".join(map(str, SHAPES))
            raise ValueError(f"palette must be a uint8 array {shapes}, not {palette.dtype} {palette.shape}")
        content = palette.tobytes()
    else:
        raise TypeError(
            f"palette must be the path of a .pal file, its bytes or a uint8 array, not {type(palette).__name__}"
        )
    if len(content) not in SIZES:
        found = f"{len(content)} bytes" if len(content) <= SIZES[-1] else f"more than {SIZES[-1]} bytes"
        reason = f"has {found}; a palette has {SIZES[0]} (64 colours) or {SIZES[1]} (64 for each emphasis)"
        if path is not None:
            raise FileFormatError(reason, path)
        raise ValueError(f"palette {reason}")
    return content
