"""Checks of arguments: what Python and NumPy have as a number, a flag, a text or a list."""

from __future__ import annotations

import numbers
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np


def is_integer(value: object) -> bool:
    """Return whether a value is an integer, also one of NumPy; a bool is none, and an array with axes neither."""
    if isinstance(value, (bool, np.bool_)):
        return False
    try:
        operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def is_number(value: object) -> bool:
    """Return whether a value is a real number, also one of NumPy; a bool is none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_flag(value: object) -> bool:
    """Return whether a value is True or False, also those of NumPy."""
    return isinstance(value, (bool, np.bool_))


def plain_text(value: str) -> str:
    """Return a text that is no object of a subclass, such as ``numpy.str_``, which compiled modules refuse."""
    return str.__str__(value)


def entries_of(value: Any) -> list[Any] | None:
    """Return the entries of a list, another sequence or an array with one axis; None for anything else.

    A text and bytes are sequences for Python, and no lists for anybody who passes one.
    """
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim == 1 else None
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return list(value)
    return None


__all__ = ["entries_of", "is_flag", "is_integer", "is_number", "plain_text"]
