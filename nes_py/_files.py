"""Reads untrusted files safely, and writes files as a whole or not at all. Every reader and writer uses this module."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
import weakref
from types import TracebackType
from typing import Any

from ._values import plain_text
from .errors import FileFormatError, NotAFileError

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows, which refuses to delete a file that is open
    fcntl = None

_BINARY = getattr(os, "O_BINARY", 0)
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)

# The names of unfinished files. They are short, because the name of the file that they replace may have all 255 bytes.
_TEMPORARY = re.compile(r"\.nes-py-[0-9a-f]{16}(\.[A-Za-z0-9]{1,8})?")
# Only without locks: how old an unfinished file must be to be removed, in seconds.
_STALE = 60.0


def path_of(path: object) -> str:
    """Return a path as a str, not as an object of a subclass, such as numpy.str_, which compiled modules refuse.

    Raises:
        TypeError: it is neither a str nor an os.PathLike.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a path must be a str or an os.PathLike, not {type(path).__name__}")
    return plain_text(os.fsdecode(path))


# --- reading ---


def read_regular_file(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the contents of a regular file, or of the target of a symbolic link.

    Directories, pipes, sockets and devices are refused without being read: reading a pipe would block, and
    ``/dev/zero`` never ends.

    Args:
        path (str | os.PathLike): the file.
        limit (int): the maximum size in bytes.

    Raises:
        FileFormatError: it is not a regular file (``NotAFileError``), is too large, or the path is not valid.
        OSError: it does not exist or cannot be read.
        TypeError: ``path`` is not a path.
    """
    name = path_of(path)
    # Checked before it is opened: opening a device can have side effects.
    try:
        _check(name, os.stat(name).st_mode)
    except FileFormatError:
        raise
    except ValueError as error:  # a null character or a lone surrogate
        raise FileFormatError(f"is not a valid path: {error}", name) from None
    # Checked again after opening, because the file may have been replaced. A pipe must not block until then.
    file = os.open(name, os.O_RDONLY | _NO_BLOCK | _BINARY)
    with open(file, "rb") as stream:
        status = os.fstat(file)
        _check(name, status.st_mode)
        if status.st_size <= limit:
            content = stream.read(limit + 1)  # the file may grow meanwhile
            if len(content) <= limit:
                return content
        raise FileFormatError(f"is too large: {max(status.st_size, limit + 1)} bytes, the limit is {limit}", name)


def _check(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise NotAFileError("is a directory, not a file", path)
    if not stat.S_ISREG(mode):
        raise NotAFileError("is not a regular file", path)


# --- writing ---


class Replacement:
    """A file that is written beside another one and takes its place when it is complete.

    If the process is killed, the disk is full or the folder vanishes, the old file stays as it was. An unfinished file
    of a process that was killed is removed when the next file is written in the same folder. A symbolic link stays a
    link, and the new file gets the permissions of the old one. Something else than a file, such as ``/dev/stdout``, is
    written directly.

    Example::

        with Replacement("run.mp4", suffix=".mp4") as file:
            encode(to=file.name)

    Args:
        path (str | os.PathLike): the file.
        suffix (str): how ``name`` ends, for programs that choose a format by it.

    Attributes:
        path (str): the file, as given.
        name (str): the file to write to meanwhile.
        is_direct (bool): whether it is something else than a file.

    Raises:
        OSError: nothing can be written there: ``path`` is a directory, its folder does not exist, or has no room. It
            names ``path``.
        TypeError: ``path`` is not a path.
    """

    def __init__(self, path: str | os.PathLike[str], suffix: str = "") -> None:
        self.path = path_of(path)
        try:
            self._target = os.path.realpath(self.path)
            mode = _mode_of(self._target)
        except ValueError as error:  # a null character or a lone surrogate
            raise FileFormatError(f"is not a valid path: {error}", self.path) from None
        except OSError as error:
            raise _named(error, self.path) from None
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.path)
        self.is_direct = mode is not None and not stat.S_ISREG(mode)
        if self.is_direct:
            self.name = self._target
            return
        folder = os.path.dirname(self._target)
        _sweep(folder)
        try:
            self._file, self.name = _create(folder, suffix)
        except OSError as error:
            raise _named(error, self.path) from None
        # For a file that is never finished. A forked process must leave its parent's file alone.
        self._clean_up = weakref.finalize(self, _remove, self._file, self.name, os.getpid())

    def write(self, content: bytes | memoryview) -> None:
        """Append to the file.

        Raises:
            OSError: it cannot be written, for instance because the disk is full. The old file stays.
        """
        try:
            if self.is_direct:
                with open(self.name, "wb") as stream:
                    stream.write(content)
            else:
                with open(self._file, "wb", closefd=False) as stream:
                    stream.write(content)
        except OSError as error:
            self.discard()
            raise _named(error, self.path) from None

    def commit(self) -> None:
        """Put the file in its place.

        Raises:
            OSError: that failed; the old file stays.
        """
        if self.is_direct or not self._clean_up.alive:
            return
        try:
            os.fsync(self._file)
            with contextlib.suppress(FileNotFoundError):
                os.chmod(self.name, stat.S_IMODE(os.stat(self._target).st_mode))
            if fcntl is None:
                os.close(self._file)
                self._clean_up.detach()
                os.replace(self.name, self._target)
            else:
                # Closing it earlier would end its lock, and it could be taken for one that was left behind.
                os.replace(self.name, self._target)
                os.close(self._file)
                self._clean_up.detach()
        except OSError as error:
            self.discard()
            with contextlib.suppress(OSError):
                os.unlink(self.name)
            raise _named(error, self.path) from None

    def discard(self) -> None:
        """Remove the unfinished file; the old one stays. Nothing happens after ``commit``."""
        if not self.is_direct:
            self._clean_up()

    def __enter__(self) -> Replacement:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file as a whole or not at all, see ``Replacement``.

    Raises:
        OSError: it cannot be written; it names the file, and the old file is unchanged.
    """
    with Replacement(path) as file:
        file.write(content)


def check_destination(path: str | os.PathLike[str]) -> None:
    """Raise the OSError that ``write_file`` would raise for this path, before there is something to write."""
    Replacement(path).discard()


def _mode_of(path: str) -> int | None:
    """Return the mode of a file, None if there is none."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _named(error: OSError, path: str) -> OSError:
    """Return the error with the name that the caller gave, not that of the unfinished file."""
    return OSError(error.errno or errno.EIO, error.strerror or str(error) or os.strerror(errno.EIO), path)


def _create(folder: str, suffix: str) -> tuple[int, str]:
    """Create an unfinished file, and lock it as a sign that somebody writes it."""
    while True:
        name = os.path.join(folder, f".nes-py-{secrets.token_hex(8)}{suffix}")
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW, 0o666)
        if fcntl is None:
            return file, name
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # somebody took it for one that was left behind
        except OSError:
            return file, name  # a file system without locks; nobody else can lock it either
        else:
            if os.fstat(file).st_nlink:
                return file, name
        _remove(file, name, os.getpid())


def _remove(file: int, name: str, process: int) -> None:
    if os.getpid() == process:
        if fcntl is None:
            os.close(file)
        with contextlib.suppress(OSError):
            os.unlink(name)
        if fcntl is not None:
            os.close(file)


def _sweep(folder: str) -> None:
    """Remove unfinished files of processes that are gone."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _TEMPORARY.fullmatch(entry.name)]
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        with contextlib.suppress(OSError):
            if fcntl is None:
                if time.time() - os.stat(path).st_mtime > _STALE:
                    os.unlink(path)
                continue
            file = os.open(path, os.O_RDWR | _NO_BLOCK | _NO_FOLLOW)
            try:
                if stat.S_ISREG(os.fstat(file).st_mode):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(path)
            finally:
                os.close(file)


__all__ = ["Replacement", "check_destination", "path_of", "read_regular_file", "write_file"]
