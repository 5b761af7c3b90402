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
