"""Descriptions of numbers in RAM, for ``NESEnv.ram_values``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .emulator import RAM_ENCODING_NUMBERS
from .errors import shown

_RAM_SIZE = 0x800

#: How bytes encode a number, and the emulator's code for each encoding.
#:
#: * ``byte``: one byte.
#: * ``little``, ``big``: least or most significant byte first, up to 4 bytes.
#: * ``bcd``: two decimal digits in each byte, most significant first, up to 4 bytes.
#: * ``digits``: one decimal digit in each byte, most significant first, up to 9 bytes.
RAM_READ_ENCODINGS = dict(RAM_ENCODING_NUMBERS)

_LARGEST_SIZE = {"byte": 1, "little": 4, "big": 4, "bcd": 4, "digits": 9}


def _integer(name: str, value: Any) -> int:
    try:
        # Like nes-py 9, accept anything that is a whole number or can be parsed as one.
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} must be an integer, not {shown(value)}") from None
    if isinstance(value, (float, np.floating)) and number != value:
        raise TypeError(f"{name} must be an integer, not {shown(value)}")
    return number


def _normalize(spec: Any) -> tuple[int, int, int]:
    """Return address, size and encoding number of one description."""
    address: Any
    size: Any = 1
    encoding: Any = "byte"
    if isinstance(spec, Mapping):
        if "address" not in spec:
            raise ValueError(
                f"a RAM description needs an address besides size and encoding; it has {', '.join(map(repr, spec))}"
            )
        address, size, encoding = spec["address"], spec.get("size", size), spec.get("encoding", encoding)
    elif isinstance(spec, (int, np.integer)):
        address = spec
    else:
        try:
            parts = tuple(spec)
        except TypeError:
            raise TypeError(f"a RAM description is an address, a tuple or a mapping, not {shown(spec)}") from None
        if len(parts) not in (2, 3):
            raise ValueError(f"a RAM description is (address, size) or (address, size, encoding), not {shown(spec)}")
        address, size, encoding = parts if len(parts) == 3 else (*parts, "little")
    address, size, encoding = _integer("address", address), _integer("size", size), str(encoding).lower()
    if encoding not in RAM_READ_ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join(RAM_READ_ENCODINGS)}, not {shown(encoding)}")
    if not 0 <= address < _RAM_SIZE:
        raise ValueError(f"address must be in 0..{_RAM_SIZE - 1:#x}, not {shown(address)}")
    if not 1 <= size <= _LARGEST_SIZE[encoding]:
        raise ValueError(f"size must be in 1..{_LARGEST_SIZE[encoding]} with encoding {encoding!r}, not {shown(size)}")
    if address + size > _RAM_SIZE:
        raise ValueError(f"{size} bytes from {address:#x} reach beyond the end of RAM")
    return address, size, RAM_READ_ENCODINGS[encoding]


def normalize_ram_read_specs(
    specs: Iterable[Any],
) -> tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.uint8]]:
    """Check descriptions of numbers in RAM and convert them to arrays.

    Args:
        specs (Iterable): descriptions, each one of

            * an address: the byte there,
            * ``(address, size)``: a little-endian number,
            * ``(address, size, encoding)``, with a key of ``RAM_READ_ENCODINGS``,
            * a mapping with the key ``address`` and optionally ``size`` (1) and ``encoding`` (``"byte"``); other keys,
              such as a name, are ignored.

    Returns:
        tuple: addresses (uint16), sizes (uint8) and encodings (uint8), arrays of shape (n,), for
        ``NESEmulator.read_ram_values``.

    Raises:
        TypeError: ``specs`` cannot be iterated, or a description is of the wrong type.
        ValueError: a description is out of range or incomplete.
    """
    rows = np.array([_normalize(spec) for spec in specs], np.uint16).reshape(-1, 3)
    return rows[:, 0].copy(), rows[:, 1].astype(np.uint8), rows[:, 2].astype(np.uint8)


__all__ = ["RAM_READ_ENCODINGS", "normalize_ram_read_specs"]
