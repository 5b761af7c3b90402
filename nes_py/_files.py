"""Reading files that somebody else may have made or put there, and writing files that are whole or not there."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat


def read_regular_file(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the contents of a regular file, or of one that a symbolic link leads to.

    Folders, pipes, sockets and devices are refused without being read: a pipe would be waited for, ``/dev/zero`` never
    ends.

    Args:
        path (str | os.PathLike): the file.
        limit (int): the most bytes that it may have.

    Raises:
        IsADirectoryError: it is a folder.
        OSError: it is not a regular file, there is none, or it cannot be read. Its ``strerror`` says which.
        ValueError: it is larger, or the path has a null character in it. The message goes on from the file's name.
    """
    # Looked at before it is opened: to open a device may do anything.
    try:
        _check(path, os.stat(path).st_mode)
    except ValueError as error:
        raise ValueError(f"is no valid path: {error}") from None
    # And after, since another file may have taken its place; until then a pipe must not make anybody wait.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(file, "rb") as stream:
        status = os.fstat(file)
        _check(path, status.st_mode)
        if status.st_size <= limit:
            content = stream.read(limit + 1)  # it may grow meanwhile
            if len(content) <= limit:
                return content
        raise ValueError(f"is too large: {max(status.st_size, limit + 1)} bytes, at most {limit} are read")


def _check(path: str | os.PathLike[str], mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "is a folder", os.fspath(path))
    if not stat.S_ISREG(mode):
        raise OSError(22, "is not a regular file", os.fspath(path))


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that whoever is killed meanwhile leaves the old one or the new one, not a part of it.

    Raises:
        OSError: it cannot be written; the old one is as it was.
    """
    # The file that a symbolic link leads to, so that the link stays one.
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):  # /dev/stdout and the like
        with open(target, "wb") as stream:
            stream.write(content)
        return
    folder, base = os.path.split(target)
    name = os.path.join(folder, f".{base}.{secrets.token_hex(8)}")
    try:
        with open(name, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(name, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


__all__ = ["read_regular_file", "write_file"]
