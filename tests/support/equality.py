"""Comparisons of arrays and bytes that fail with the place of the first difference, not with a dump of both."""

from __future__ import annotations

from typing import Any

import numpy as np

# Sides of a console's picture, and those that preprocessing shrinks it to in the tests.
_HEIGHTS = (240, 224, 208, 84, 64, 60, 42)


def axes_of(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return what the axes of an array of the package mean, guessed from its shape."""
    if not shape:
        return ()
    if shape[-1] == 2048:
        return (*_leading(len(shape) - 1), "address")
    if len(shape) >= 3 and shape[-1] <= 12 and shape[-3] in _HEIGHTS:
        return (*_leading(len(shape) - 3), "row", "column", "channel")
    if len(shape) >= 2 and shape[-2] in _HEIGHTS:
        return (*_leading(len(shape) - 2), "row", "column")
    return _leading(len(shape))


def _leading(count: int) -> tuple[str, ...]:
    return ("environment", "picture", *(f"axis {axis}" for axis in range(2, count)))[:count]


def difference(actual: Any, expected: Any, tolerance: float = 0) -> str:
    """Return where two arrays differ first and how much else does, empty when they are equal.

    A scalar and an array with fewer axes are broadcast. Values that are not numbers are equal when ``==`` says so.
    """
    one, other = np.asarray(actual), np.asarray(expected)
    if one.shape != other.shape:
        if one.shape[one.ndim - other.ndim :] != other.shape or one.ndim == other.ndim:
            return f"the shape is {one.shape}, expected {other.shape}"
        other = np.broadcast_to(other, one.shape)
    if tolerance:
        different = np.abs(one.astype(float) - other.astype(float)) > tolerance
    else:
        different = np.asarray(one != other, bool)
        if one.dtype.kind == other.dtype.kind == "f":
            different &= ~(np.isnan(one) & np.isnan(other))
    count = int(np.count_nonzero(different))
    if not count:
        return ""
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(different)), different.shape))
    names = axes_of(different.shape)
    place = ", ".join(
        f"{name} {f'${value:04X}' if name == 'address' else value}" for name, value in zip(names, index, strict=True)
    )
    text = f"{place or 'the value'}: {one[index]!s}, expected {other[index]!s}"
    if different.size > 1:
        text += f"; {count} of {different.size} values differ"
        for axis in range(len(index) - 1):
            if names[axis] in ("environment", "row"):
                found = np.unique(np.nonzero(different)[axis])
                listed = ", ".join(map(str, found[:5])) + ", ..." * (len(found) > 5)
                text += f", in {names[axis]}s {listed}"
    return text


def assert_same(actual: Any, expected: Any, where: object = "", *, tolerance: float = 0) -> None:
    """Assert that arrays are equal, or differ by ``tolerance`` at most; ``where`` says at which step, say."""
    __tracebackhide__ = True
    if text := difference(actual, expected, tolerance):
        raise AssertionError(f"{where}: {text}" if where != "" else text)


def first_different_byte(one: bytes, other: bytes) -> list[str]:
    """Return lines that explain in what long bytes differ."""
    lines = [f"lengths {len(one)} and {len(other)}"]
    both = min(len(one), len(other))
    here, there = np.frombuffer(one, np.uint8, both), np.frombuffer(other, np.uint8, both)
    places = np.nonzero(here != there)[0]
    if len(places):
        at = int(places[0])
        lines.append(
            f"first difference at byte {at} (${at:04X}): {one[at]} and {other[at]}; {len(places)} bytes differ"
        )
    else:
        lines.append(f"the first {both} bytes are equal")
    return lines
