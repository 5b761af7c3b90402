"""Types of command-line arguments, whose errors argparse prints."""

from __future__ import annotations

import argparse
import math


def _integer(text: str, low: int, high: int) -> int:
    try:
        number = int(text[:40])
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, not {text[:40]!r}") from None
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"must be at least {low}" if number < low else f"must be at most {high}")
    return number


def positive(text: str) -> int:
    """Return an integer of at least 1."""
    return _integer(text, 1, 2**31 - 1)


def count(text: str) -> int:
    """Return an integer of at least 0."""
    return _integer(text, 0, 2**31 - 1)


def seed(text: str) -> int:
    """Return a seed: Gymnasium, NumPy and the emulator accept no negative one."""
    return _integer(text, 0, 2**63 - 1)


def duration(text: str) -> float:
    """Return a positive number."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text[:40]!r}") from None
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


__all__ = ["count", "duration", "positive", "seed"]
