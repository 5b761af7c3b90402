"""Reads untrusted files safely, and writes files atomically."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat


def read_regular_file(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the contents of a regular file, or of the target of a symbolic link.

    Directories, pipes, sockets and devices are refused without being read: reading a pipe would block, and
    ``/dev/zero`` never ends.

    Args:
        path (str | os.PathLike): the file.
        limit (int): the maximum size in bytes.

    Raises:
        IsADirectoryError: it is a directory.
        OSError: it is not a regular file, does not exist, or cannot be read. Its ``strerror`` says which.
        ValueError: it is too large, or the path contains a null character. The message continues the file's name.
    """
    # Checked before it is opened: opening a device can have side effects.
    try:
        _check(path, os.stat(path).st_mode)
    except ValueError as error:
        raise ValueError(f"is not a valid path: {error}") from None
    # Checked again after opening, because the file may have been replaced. A pipe must not block until then.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(file, "rb") as stream:
        status = os.fstat(file)
        _check(path, status.st_mode)
        if status.st_size <= limit:
            content = stream.read(limit + 1)  # the file may grow meanwhile
            if len(content) <= limit:
                return content
        raise ValueError(f"is too large: {max(status.st_size, limit + 1)} bytes, the limit is {limit}")


def _check(path: str | os.PathLike[str], mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "is a directory", os.fspath(path))
    if not stat.S_ISREG(mode):
        raise OSError(22, "is not a regular file", os.fspath(path))


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file atomically: if the process is killed, either the old or the new file exists, never a part.

    Raises:
        OSError: it cannot be written; the old file is unchanged.
    """
    # The target of a symbolic link, so that the link remains a link.
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
