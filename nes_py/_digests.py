"""Hashes of files and options.

OpenSSL says ``ValueError`` when there is no memory for a hash, which here means something else: these raise
``MemoryError``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any


def _digest(new: Callable[..., Any], parts: Iterable[bytes | memoryview]) -> bytes:
    try:
        total = new(usedforsecurity=False)
        for part in parts:
            total.update(part)
        result: bytes = total.digest()
        return result
    except ValueError as error:
        raise MemoryError(str(error)) from None


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of data."""
    return _digest(hashlib.sha256, (data,))


def sha256_of(parts: Iterable[bytes | memoryview]) -> bytes:
    """Return the SHA-256 of data whose parts need not be in memory at a time."""
    return _digest(hashlib.sha256, parts)


def sha1(data: bytes) -> bytes:
    """Return the SHA-1 of data, as a name for it."""
    return _digest(hashlib.sha1, (data,))


def md5(data: bytes) -> bytes:
    """Return the MD5 of data, as a name for it."""
    return _digest(hashlib.md5, (data,))


__all__ = ["md5", "sha1", "sha256", "sha256_of"]
