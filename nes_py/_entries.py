"""Checks of the entries of declarations: games, and the classes of their tiles and objects."""

from __future__ import annotations

import difflib
import itertools
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._limits import LONGEST_NAME
from .errors import shown

#: The memories that a declaration can name, and their addresses on the CPU bus.
MEMORIES = {"ram": range(0x0800), "prg_ram": range(0x6000, 0x8000)}

#: How similar names are of which one is a typing error. "stage" and "start" are words of their own beside "state".
_NEARLY = 0.85


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` for a name that is similar to one of ``known``, else an empty string."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    close = difflib.get_close_matches(name, [str(one) for one in itertools.islice(known, 1000)], 1)
    return f", did you mean {close[0]!r}?" if close else ""


def check_reset_options(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse an option of ``reset`` whose name is nearly a known one. Any other may be meant for another layer.

    Raises:
        ValueError: there is one.
    """
    for name in options:
        if not isinstance(name, str) or name in known or len(name) > LONGEST_NAME:
            continue
        close = difflib.get_close_matches(name.lower(), known, 1, _NEARLY)
        if close and close[0] not in options:
            raise ValueError(f"options: reset has no option {shown(name)}, did you mean {close[0]!r}?")


def integer(value: Any, where: str) -> int:
    """Return an integer from an integer or a string, because JSON has no hexadecimal numbers: "0x1A" or "$1A"."""
    if isinstance(value, str):
        text = value[:100].strip()
        try:
            # Behind the dollar only digits: int() takes a sign, spaces and another prefix there.
            return int(f"0x{text[1:]}", 16) if text.startswith("$") else int(text, 0)
        except ValueError:
            raise ValueError(f"{where} must be an integer such as 26, '0x1A' or '$1A', not {shown(value)}") from None
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:  # also of an array
        raise TypeError(f"{where} must be an integer, not {shown(value)}") from None


def hexadecimal(address: int) -> str:
    """Return an address as text."""
    return f"{address:#06x}" if -(2**64) < address < 2**64 else shown(address)


def check_keys(entry: Mapping[str, Any], where: str, required: Sequence[str], optional: Sequence[str]) -> None:
    """Check that an entry has the keys that it needs, and no unknown ones."""
    known = (*required, *optional)
    for key in entry:
        if key not in known:
            raise ValueError(f"{where} has no key {shown(key)}{suggest(key, known)} (it has {', '.join(known)})")
    for key in required:
        if key not in entry:
            raise ValueError(f"{where} lacks the key {shown(key)}")


__all__ = ["MEMORIES", "check_keys", "check_reset_options", "hexadecimal", "integer", "suggest"]
