"""Counts ROMs by mapper number and prints how many of them load.

``python -m nes_py.tools.coverage ROMS`` takes ROM files, zip archives of them and folders with both; of each ROM it
reads the 16 bytes of the header. It also takes lists: text files with one header in a line, as 32 hexadecimal digits
(anything after them is ignored), and XML files whose elements ``pcb`` have the attributes ``mapper`` and ``submapper``.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from nes_py import _cartridge
from nes_py.errors import RomError, shown
from nes_py.rom_info import Board, boards
from nes_py.tools import one_line_errors

_MAGIC = b"NES\x1a"
_HEADER_SIZE = 16


class Numbers(NamedTuple):
    """What a header says of the board."""

    mapper: int
    submapper: int


def numbers_of(header: bytes) -> Numbers:
    """Return mapper and submapper of a header of 16 bytes, iNES or NES 2.0.

    Raises:
        RomError: it is no header.
    """
    if len(header) < _HEADER_SIZE or header[:4] != _MAGIC:
        raise RomError("no iNES header")
    low = header[6] >> 4
    if header[7] & 0x0C == 0x08:
        return Numbers(low | header[7] & 0xF0 | (header[8] & 0x0F) << 8, header[8] >> 4)
    # Old tools left their names in bytes 7 to 15.
    dirty = header[7] & 0x0C or any(header[12:16])
    return Numbers(low if dirty else low | header[7] & 0xF0, 0)


def _headers_of_list(path: Path) -> Iterator[Numbers]:
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        digits = ""
        for word in line.replace(",", " ").split():
            if len(digits) == 2 * _HEADER_SIZE or word.strip("0123456789abcdefABCDEF"):
                break
            digits += word
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield numbers_of(bytes.fromhex(digits))
        except ValueError as error:
            raise RomError(f"{path}, line {number}: expected a header of 32 hexadecimal digits: {error}") from None


def _headers_of_xml(path: Path) -> Iterator[Numbers]:
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise RomError(f"{path} is no XML: {error}") from None
    for board in root.iter("pcb"):
        mapper, submapper = board.get("mapper", "0"), board.get("submapper", "0")
        if not (re.fullmatch("[0-9]{1,4}", mapper) and re.fullmatch("[0-9]{1,2}", submapper)):
            raise RomError(f"{path}: expected numbers, found mapper {shown(mapper)}, submapper {shown(submapper)}")
        yield Numbers(int(mapper), int(submapper))


def _headers_of_archive(path: Path) -> Iterator[Numbers]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith(".nes"):
                with archive.open(entry) as file:
                    yield numbers_of(file.read(_HEADER_SIZE))


def headers(path: Path) -> Iterator[Numbers]:
    """Yield what a file, or each file of a folder, says.

    Raises:
        RomError: a file is missing, or no ROM and no list.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in (".nes", ".zip") and file.is_file():
                try:
                    yield from headers(file)
                except (OSError, RomError) as error:
                    print(f"skipped: {error}", file=sys.stderr)
        return
    if not path.is_file():
        raise RomError(f"{path}: no such file or folder")
    if zipfile.is_zipfile(path):
        try:
            yield from _headers_of_archive(path)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise RomError(f"{path}: {error}") from None
        return
    with path.open("rb") as stream:
        start = stream.read(_HEADER_SIZE)
    if start[:4] == _MAGIC:
        yield numbers_of(start)
    elif path.suffix.lower() == ".nes":
        raise RomError(f"{path}: no iNES header")
    elif start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        yield from _headers_of_xml(path)
    else:
        yield from _headers_of_list(path)


def _status(numbers: Numbers, lines: dict[tuple[int, int | None], Board]) -> str:
    board = lines.get(numbers, lines.get((numbers.mapper, None)))
    return "no" if board is None else board.status


def report(counts: Counter[Numbers], *, missing_only: bool = False) -> str:
    """Return the table and the share, as text."""
    lines = {(board.mapper, board.submapper): board for board in boards()}
    mappers: Counter[int] = Counter()
    status: dict[int, Counter[str]] = {}
    for numbers, count in counts.items():
        mappers[numbers.mapper] += count
        status.setdefault(numbers.mapper, Counter())[_status(numbers, lines)] += count
    total = sum(mappers.values())
    loads = total - sum(one["no"] for one in status.values())
    text = "  count  share  mapper  loads    name\n"
    for mapper, count in sorted(mappers.items(), key=lambda item: (-item[1], item[0])):
        kinds = status[mapper]
        if missing_only and not kinds["no"]:
            continue
        word = "no" if kinds["no"] == count else "in part" if kinds["no"] else "yes"
        name = _cartridge.name_of_mapper(mapper)
        text += f"{count:7} {count / total:6.1%} {mapper:7}  {word:7}  {name}".rstrip() + "\n"
    whole = sum(one["whole"] for one in status.values())
    share = loads / total if total else 0.0
    return text + f"{loads} of {total} ROMs load ({share:.1%}), {whole} of them on a board that is whole.\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Count the given ROMs and print the table."""
    parser = argparse.ArgumentParser(prog="python -m nes_py.tools.coverage", description=__doc__.splitlines()[0])
    parser.add_argument("roms", nargs="+", type=Path, help="ROM files, zip archives, folders or lists of headers")
    parser.add_argument("--missing", action="store_true", help="list only mappers with ROMs that do not load")
    options = parser.parse_args(arguments)
    counts: Counter[Numbers] = Counter()
    with one_line_errors(parser):
        for path in options.roms:
            counts.update(headers(path))
    print(report(counts, missing_only=options.missing), end="")


if __name__ == "__main__":
    main()
