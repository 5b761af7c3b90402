"""The exceptions of this package."""

from __future__ import annotations

import errno
import os
from typing import Any


class RomError(ValueError):
    """A ROM that cannot be loaded.

    Attributes:
        reason (str): what is wrong with it, without the file name.
        path (str | None): the file, or None for a ROM passed as bytes.
    """

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None) -> None:
        self.reason = str(reason)
        self.path = None if path is None else os.fspath(path)
        super().__init__(self.reason if path is None else f"{self.path!r}: {self.reason}")

    def __str__(self) -> str:
        # Explicit, because OSError, in the class below, would print its errno instead.
        return str(self.args[0])


class RomNotFoundError(RomError, FileNotFoundError):
    """A missing ROM file: a ``RomError`` that is also a ``FileNotFoundError``."""

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__(reason, path)
        self.errno = errno.ENOENT
        self.strerror = os.strerror(errno.ENOENT)
        self.filename = self.path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path)


class UnsupportedBoardError(RomError):
    """A valid ROM whose cartridge board is not supported."""


class StateError(ValueError):
    """A saved state that is damaged, of another version or of another ROM."""


class ActionError(KeyError, ValueError, OverflowError):
    """An invalid action or button.

    Programs for earlier versions expect ``KeyError`` from ``JoypadSpace`` and ``OverflowError`` from ``NESEnv``.
    """

    def __str__(self) -> str:
        # KeyError prints the repr of its argument.
        return str(self.args[0]) if self.args else ""


__all__ = ["ActionError", "RomError", "RomNotFoundError", "StateError", "UnsupportedBoardError"]
