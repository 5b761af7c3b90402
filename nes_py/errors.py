"""The exceptions of this package."""

from __future__ import annotations

import errno
import os
import reprlib
from typing import Any

_LONGEST_REASON = 600
_LONGEST_PLACE = 200


class _Repr(reprlib.Repr):
    """``repr`` that stays short and never raises."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 2
        self.maxstring = self.maxother = 60

    def repr_int(self, number: int, level: int) -> str:
        # Python refuses to print more than 4300 digits, and nobody wants to read them.
        bits = int(number).bit_length()
        return repr(number) if bits <= 128 else f"an integer of {bits} bits"


_REPR = _Repr()


def shown(value: object, length: int = 120) -> str:
    """Return ``repr(value)`` for an error message, at most ``length`` characters of it."""
    try:
        # A number of NumPy as the number that it is.
        is_scalar = type(value).__module__ == "numpy" and getattr(value, "shape", None) == ()
        text = _REPR.repr(value.item() if is_scalar else value)  # type: ignore[attr-defined]
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


class FileFormatError(ValueError):
    """A file, or the contents of one, that is not what its format requires.

    Every reader of this package raises it: ROMs, states, movies, game declarations, integrations. ``RomError``,
    ``StateError`` and ``MovieError`` are kinds of it. The message names the file, the place in it, what was found and
    what was expected. It is short, whatever the file contains.

    Attributes:
        reason (str): what was found and what was expected, without file and place.
        path (str | None): the file, or None if the contents were passed.
        where (str): the place in it, such as ``"rewards[2].weight"`` or ``"line 7"``; empty for the whole file.
    """

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None, where: str = "") -> None:
        self.reason = _cut(str(reason), _LONGEST_REASON)
        self.path = None if path is None else os.fsdecode(path)
        self.where = _cut(str(where), _LONGEST_PLACE)
        super().__init__(": ".join(filter(None, (self._name(), self.where, self.reason))))

    def _name(self) -> str:
        if self.path is None:
            return ""
        return self.path if self.path.isprintable() else repr(self.path)

    def __str__(self) -> str:
        # Explicit, because OSError, in classes below, would print its errno instead.
        return str(self.args[0]) if self.args else ""

    def in_file(self, path: str | os.PathLike[str]) -> FileFormatError:
        """Return the same error with the name of the file."""
        return type(self)(self.reason, path, self.where)


class NotAFileError(FileFormatError, OSError):
    """A path that leads to something else than a regular file: a directory, a pipe, a socket or a device."""

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None, where: str = "") -> None:
        super().__init__(reason, path, where)
        self.errno = errno.EISDIR if "directory" in self.reason else errno.EINVAL
        self.strerror = self.reason
        self.filename = self.path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path, self.where)


class UnreadableFileError(FileFormatError, OSError):
    """A file that the system does not let us read: it does not exist, or there is no permission."""

    def __init__(
        self, reason: str, path: str | os.PathLike[str] | None = None, where: str = "", number: int = errno.EIO
    ) -> None:
        super().__init__(reason, path, where)
        self.errno = number
        self.strerror = os.strerror(number)
        self.filename = self.path

    @classmethod
    def of(cls, error: OSError, path: str | os.PathLike[str]) -> UnreadableFileError:
        """Return the error of this class for one of the system."""
        return cls(f"cannot be read: {error.strerror or error}", path, number=error.errno or errno.EIO)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path, self.where, self.errno)


class RomError(FileFormatError):
    """A ROM that cannot be loaded.

    Attributes:
        reason (str): what is wrong with it, without the file name.
        path (str | None): the file, or None for a ROM passed as bytes.
    """

    def _name(self) -> str:
        return "" if self.path is None else repr(self.path)


class RomNotFoundError(RomError, FileNotFoundError):
    """A missing ROM file: a ``RomError`` that is also a ``FileNotFoundError``."""

    def __init__(self, reason: str, path: str | os.PathLike[str] | None = None, where: str = "") -> None:
        super().__init__(reason, path, where)
        self.errno = errno.ENOENT
        self.strerror = os.strerror(errno.ENOENT)
        self.filename = self.path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path)


class UnreadableRomError(RomError, UnreadableFileError):
    """A ROM that the system does not let us read: a ``RomError`` that is also an ``OSError``."""


class UnsupportedBoardError(RomError):
    """A valid ROM whose cartridge board is not supported."""


class StateError(FileFormatError):
    """A saved state that is damaged, of another version or of another ROM."""


class UnreadableStateError(StateError, UnreadableFileError):
    """A state that the system does not let us read: a ``StateError`` that is also an ``OSError``."""


class MovieError(FileFormatError):
    """A movie that cannot be read, or that is for another ROM or another kind of console."""


class ActionError(KeyError, ValueError, OverflowError):
    """An invalid action or button.

    Programs for earlier versions expect ``KeyError`` from ``JoypadSpace`` and ``OverflowError`` from ``NESEnv``.
    """

    def __str__(self) -> str:
        # KeyError prints the repr of its argument.
        return str(self.args[0]) if self.args else ""


def check_memory(error: Exception) -> None:
    """Raise ``MemoryError`` if that is what an exception of a library means.

    Raises:
        MemoryError: there was no memory for what was to be read, which may be a good file.
    """
    text = str(error)
    # Locks of Python, zlib's Z_MEM_ERROR, and the operating system.
    lacks = text.startswith(("can't allocate", "Error -4 ")) or getattr(error, "errno", None) == errno.ENOMEM
    if lacks:
        raise MemoryError(text) from None


__all__ = [
    "ActionError",
    "FileFormatError",
    "MovieError",
    "NotAFileError",
    "RomError",
    "RomNotFoundError",
    "StateError",
    "UnreadableFileError",
    "UnreadableRomError",
    "UnreadableStateError",
    "UnsupportedBoardError",
]
