"""PNG files, without other packages: https://www.w3.org/TR/png-3/."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def to_png(picture: NDArray[np.uint8], level: int = 9) -> bytes:
    """Return the PNG file of a picture, uint8 (height, width, 3); ``level``: of the compression, 1 to 9."""
    height, width, _ = picture.shape
    # Each row starts with its filter type, 0 for none.
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = picture.reshape(height, 3 * width)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), level)),
        (b"IEND", b""),
    )
    content = bytearray(b"\x89PNG\r\n\x1a\n")
    for name, data in chunks:
        content += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return bytes(content)


def to_html(picture: NDArray[np.uint8], text: str) -> str:
    """Return an ``img`` element with a picture in it; ``text``, without quotation marks, describes it."""
    height, width, _ = picture.shape
    data = base64.b64encode(to_png(picture, 6)).decode("ascii")
    return (
        f'<img alt="{text}" width="{width}" height="{height}" style="image-rendering: pixelated" '
        f'src="data:image/png;base64,{data}">'
    )


__all__ = ["to_html", "to_png"]
