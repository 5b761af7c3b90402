"""Hashes of files and options."""

from __future__ import annotations

import hashlib


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of data.

    Raises:
        MemoryError: there is no memory for it. OpenSSL calls that a ``ValueError``, which here means something else.
    """
    try:
        return hashlib.sha256(data).digest()
    except ValueError as error:
        raise MemoryError(str(error)) from None


def md5(data: bytes) -> bytes:
    """Return the MD5 of data, as a name for it."""
    try:
        return hashlib.md5(data, usedforsecurity=False).digest()
    except ValueError as error:
        raise MemoryError(str(error)) from None


__all__ = ["md5", "sha256"]
