"""The exceptions that this package adds to Python's own."""

from __future__ import annotations

import errno
import os
from typing import Any


class RomError(ValueError):
    """A ROM that cannot be played.

    Attributes:
        reason (str): what is wrong with it, without the name of the file.
        path (str | None): the file, or None for a ROM that was given as bytes.
    """

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None) -> None:
        self.reason = str(reason)
        self.path = None if path is None else os.fspath(path)
        super().__init__(self.reason if path is None else f"{self.path!r}: {self.reason}")

    def __str__(self) -> str:
        # Written out because OSError, in the class below, would print its errno instead.
        return str(self.args[0])


class RomNotFoundError(RomError, FileNotFoundError):
    """A ROM file that is not there: a ``RomError`` that ``except FileNotFoundError`` catches as well."""

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__(reason, path)
        self.errno = errno.ENOENT
        self.strerror = os.strerror(errno.ENOENT)
        self.filename = self.path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path)


class UnsupportedBoardError(RomError):
    """A well-formed ROM of a cartridge board that this emulator does not have."""


class StateError(ValueError):
    """A saved state that is damaged, of another version or of another ROM."""


class ActionError(KeyError, ValueError, OverflowError):
    """There is no such action, or no such button.

    Programs for earlier versions expect ``KeyError`` of ``JoypadSpace`` and ``OverflowError`` of ``NESEnv``.
    """

    def __str__(self) -> str:
        # KeyError shows its argument as repr does.
        return str(self.args[0]) if self.args else ""


__all__ = ["ActionError", "RomError", "RomNotFoundError", "StateError", "UnsupportedBoardError"]
