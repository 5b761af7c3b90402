"""The names of the core's enumerators in Python, where they are declared twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def check_names(what: str, numbers: Mapping[str, int], declared: Iterable[str]) -> None:
    """Check that the names declared in Python are those that have an enumerator in the core.

    Args:
        what: named in the error.
        numbers: the enumerators, by name.
        declared: the names that Python code takes.

    Raises:
        ImportError: a name is missing on one side, or two names have one number.
    """
    differing = set(numbers).symmetric_difference(declared)
    if differing:
        raise ImportError(f"{what}: {', '.join(sorted(differing))} is not known to both Python and the core")
    if len(set(numbers.values())) != len(numbers):
        raise ImportError(f"{what}: two names have the same number in the core")


__all__ = ["check_names"]
