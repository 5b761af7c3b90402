"""Unpacks what others have packed, and never more than a limit. Every reader of packed files uses this module."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from .errors import FileFormatError, check_memory, shown

GZIP = b"\x1f\x8b"
#: How a zip archive begins: with a file, or, if it is empty, with its end.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: How other packed files begin, and what they are.
OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\xfd7zXZ\x00": "a file compressed by xz",
    b"BZh": "a file compressed by bzip2",
    b"\x28\xb5\x2f\xfd": "a file compressed by zstd",
}

_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 1
_MOST_ENTRIES = 4096
_MOST_MEMBERS = 16  # behind the first one of a gzip file: each copies what is left


def inflate(data: bytes, bits: int, limit: int, what: str) -> bytes:
    """Return what zlib or gzip has compressed.

    Args:
        data: the compressed bytes; what comes after them is ignored. A gzip file may have several members.
        bits: which of the two, see ``zlib.decompressobj``.
        limit: the maximum size of the result in bytes.
        what: what it is, for messages.

    Raises:
        FileFormatError: it is damaged, or larger.
    """
    inflater = zlib.decompressobj(bits)
    try:
        content = inflater.decompress(data, limit + 1)
        for _ in range(_MOST_MEMBERS):
            rest = inflater.unused_data
            if not inflater.eof or len(content) > limit or not rest.startswith(GZIP):
                break
            inflater = zlib.decompressobj(bits)
            content += inflater.decompress(rest, limit + 1 - len(content))
    except zlib.error as error:
        check_memory(error)
        raise FileFormatError(f"the compressed {what} is damaged: {error}") from None
    if len(content) > limit:
        raise FileFormatError(f"the {what} is larger than any of an NES: more than {limit} bytes")
    if not inflater.eof:
        raise FileFormatError(f"the compressed {what} is damaged: it is cut short")
    return content


@contextlib.contextmanager
def open_zip(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive.

    Raises:
        FileFormatError: also for what ``zipfile`` raises within the block: it is damaged, or has too many entries.
    """
    # Each takes ten times its bytes while the archive is open.
    if (entries := content.count(_ENTRY)) > _MOST_ENTRIES:
        raise FileFormatError(f"it has {entries} entries, the limit is {_MOST_ENTRIES}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except FileFormatError:
        raise
    except (
        ValueError,
        KeyError,
        OSError,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        check_memory(error)
        reason = shown(str(error), 200).strip("'\"")
        raise FileFormatError(f"it cannot be read: {reason}") from None


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int | None = None) -> bytes:
    """Return an entry of a zip archive, or its first bytes, whose number must be within the caller's limit.

    Raises:
        FileFormatError: it is encrypted, compressed in another way, or has another size than the archive says.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise FileFormatError("it is encrypted", where=entry.filename)
    # Others have errors and memory of their own.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(f"compression {entry.compress_type}, expected 0 or 8 (deflate)", where=entry.filename)
    with archive.open(entry) as file:
        if size is not None:
            return file.read(size)
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise FileFormatError(f"{len(content)} bytes, expected {entry.file_size}", where=entry.filename)
    return content


__all__ = ["GZIP", "OTHERS", "ZIP", "inflate", "open_zip", "read_entry"]
