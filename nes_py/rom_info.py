r"""Describes a ROM file: its board, its chips, its region, and whether it is supported.

The ROM is not run. A ROM with an unsupported board is described like any other, with the reason.

Example::

    info = nes_py.rom_info.describe_rom("game.nes")
    if not info.supported:
        print(info.reason)
    print("\n".join(info.lines()))
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from . import _cartridge
from ._digests import sha1, sha256
from ._rom import read_rom

_HEADER_SIZE = 16
_REGION_NAMES = {"ntsc": "NTSC", "pal": "PAL", "dendy": "Dendy"}
_CONSOLE_NAMES = ("NES or Famicom", "Vs. System", "PlayChoice-10", "extended console")
_MIRRORING_NAMES = {
    "horizontal": "horizontal mirroring",
    "vertical": "vertical mirroring",
    "single_0": "single-screen, first page",
    "single_1": "single-screen, second page",
    "four_screen": "four-screen",
}

# NESdev "NES 2.0", default expansion device: those whose games do not make sense with the standard controllers alone.
_EXPANSION_DEVICES = {
    0x02: "Four Score or NES Satellite",
    0x03: "four players with the Famicom's adapter",
    0x08: "Zapper",
    0x09: "two Zappers",
    0x0B: "Power Pad, side A",
    0x0C: "Power Pad, side B",
    0x0D: "Family Trainer, side A",
    0x0E: "Family Trainer, side B",
    0x0F: "Arkanoid paddle (NES)",
    0x10: "Arkanoid paddle (Famicom)",
    0x23: "Family BASIC keyboard",
}


@dataclass(frozen=True)
class Board:
    """One row of the table of cartridge boards.

    Attributes:
        mapper: its number in the iNES list.
        submapper: its variant in NES 2.0 headers; None covers every variant without a row of its own.
        name: its name.
        missing: features of the board that are not emulated; empty if it is complete.
    """

    mapper: int
    submapper: int | None
    name: str
    missing: str

    @property
    def status(self) -> str:
        """``"whole"``, or ``"partial"`` if something is missing."""
        return "partial" if self.missing else "whole"


@dataclass(frozen=True)
class RomDescription:
    """Properties of a ROM file. Sizes are in bytes.

    Attributes:
        path: the file, None for a ROM passed as bytes.
        supported: whether ``NESEmulator`` supports it.
        reason: why it does not; empty if it does.
        missing: features of the board that are not emulated; empty if it is complete.
        format: ``"iNES"`` or ``"NES 2.0"``.
        mapper: number of the cartridge board in the iNES list.
        submapper: its variant, 0 if the header does not say.
        board: the board's name, empty for a number without one.
        mirroring: how the nametables are wired: ``"horizontal"``, ``"vertical"``, ``"single_0"``, ``"single_1"`` or
            ``"four_screen"``; many boards switch it.
        region: ``"ntsc"``, ``"pal"`` or ``"dendy"``.
        multi_region: whether the header says that it runs in all regions.
        console: the name of the console it was made for.
        expansion_device: the name of the device it needs besides standard controllers; empty for none.
        battery: whether some of the RAM is battery-backed.
        trainer: whether 512 bytes precede the PRG-ROM.
        prg_rom_size: PRG-ROM.
        chr_rom_size: CHR-ROM, 0 if the board has CHR-RAM.
        prg_ram_size: PRG-RAM, with or without a battery.
        prg_nvram_size: the battery-backed part of it.
        chr_ram_size: CHR-RAM, with or without a battery.
        chr_nvram_size: the battery-backed part of it.
        hash: identifies the ROM in saved states, 16 hexadecimal digits.
        sha1: of everything after the header, as in cartridge databases; 40 hexadecimal digits.
        file_sha1: of the whole file.
        file_sha256: of the whole file.
        notes: irregularities in the header, and how they were interpreted.
    """

    path: str | None
    supported: bool
    reason: str
    missing: str
    format: str
    mapper: int
    submapper: int
    board: str
    mirroring: str
    region: str
    multi_region: bool
    console: str
    expansion_device: str
    battery: bool
    trainer: bool
    prg_rom_size: int
    chr_rom_size: int
    prg_ram_size: int
    prg_nvram_size: int
    chr_ram_size: int
    chr_nvram_size: int
    hash: str
    sha1: str
    file_sha1: str
    file_sha256: str
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return all properties as plain values, for JSON."""
        return asdict(self) | {"notes": list(self.notes)}

    def lines(self) -> list[str]:
        """Return all properties as text, one aligned line each."""
        facts = [
            ("file", self.path or "(bytes)"),
            ("supported", "yes" if self.supported else f"no: {self.reason}"),
            ("board", self._board_text()),
            ("missing here", self.missing),
            ("header", self.format),
            ("PRG-ROM", _size(self.prg_rom_size)),
            ("CHR-ROM", _size(self.chr_rom_size) if self.chr_rom_size else "none"),
            ("PRG-RAM", _ram(self.prg_ram_size, self.prg_nvram_size)),
            ("CHR-RAM", _ram(self.chr_ram_size, self.chr_nvram_size)),
            ("nametables", _MIRRORING_NAMES[self.mirroring]),
            ("region", _REGION_NAMES[self.region] + (" (runs in others too)" if self.multi_region else "")),
            ("console", self.console),
            ("controllers", self.expansion_device),
            ("trainer", "yes" if self.trainer else ""),
            ("SHA-1", f"{self.sha1} (without the header)"),
            ("SHA-1, file", self.file_sha1),
            ("SHA-256, file", self.file_sha256),
            ("state hash", self.hash),
            *(("note", note) for note in self.notes),
        ]
        return [f"{name + ':':<15}{value}" for name, value in facts if value]

    def _board_text(self) -> str:
        submapper = f", submapper {self.submapper}" if self.submapper else ""
        return f"mapper {self.mapper}{submapper}" + (f" ({self.board})" if self.board else "")


def _size(size: int) -> str:
    return f"{size // 1024} KB" if size % 1024 == 0 else f"{size} bytes"


def _ram(size: int, kept: int) -> str:
    if not size:
        return "none"
    return _size(size) + (f", {'all' if kept == size else _size(kept)} of it battery-backed" if kept else "")


def boards() -> list[Board]:
    """Return all supported cartridge boards in the order of their numbers."""
    lines = [Board(*line) for line in _cartridge.boards()]
    return sorted(lines, key=lambda board: (board.mapper, -1 if board.submapper is None else board.submapper))


def find_board(mapper: int, submapper: int = 0) -> Board | None:
    """Return the board of a ROM with these numbers, None if there is none."""
    plain = None
    for board in boards():
        if board.mapper == mapper:
            if board.submapper == submapper:
                return board
            if board.submapper is None:
                plain = board
    return plain


def describe_rom(rom: str | os.PathLike[str] | bytes | bytearray | memoryview) -> RomDescription:
    """Describe a ROM file without running it.

    Args:
        rom: a file, or the contents of one (iNES or NES 2.0).

    Returns:
        RomDescription: also if the board is not supported; see ``supported`` and ``reason``.

    Raises:
        TypeError: ``rom`` is neither a path nor bytes.
        RomError: a ``ValueError`` that says what is wrong: missing file, not a ROM, truncated.
    """
    content, path = read_rom(rom)
    header = _cartridge.read_header(content, path)
    mapper, submapper = header["mapper"], header["submapper"]
    board = find_board(mapper, submapper)
    name = board.name if board else _cartridge.name_of_mapper(mapper)
    notes = list(header["notes"])
    if submapper and board and board.submapper is None:
        notes.append(f"submapper {submapper} is treated like any other of mapper {mapper}")
    return RomDescription(
        path=path,
        supported=board is not None,
        reason="" if board else _cartridge.why_unsupported(mapper),
        missing=board.missing if board else "",
        format="NES 2.0" if header["nes2"] else "iNES",
        mapper=mapper,
        submapper=submapper,
        board=name,
        mirroring=header["mirroring"],
        region=header["region"],
        multi_region=header["multi_region"],
        console=_CONSOLE_NAMES[header["console_type"] & 3],
        expansion_device=_EXPANSION_DEVICES.get(header["expansion_device"], ""),
        battery=header["battery"],
        trainer=header["has_trainer"],
        prg_rom_size=header["prg_rom_size"],
        chr_rom_size=header["chr_rom_size"],
        prg_ram_size=header["prg_ram_size"],
        prg_nvram_size=header["prg_nvram_size"],
        chr_ram_size=header["chr_ram_size"],
        chr_nvram_size=header["chr_nvram_size"],
        hash=header["hash"],
        sha1=sha1(content[_HEADER_SIZE:]).hex(),
        file_sha1=sha1(content).hex(),
        file_sha256=sha256(content).hex(),
        notes=tuple(notes),
    )


__all__ = ["Board", "RomDescription", "boards", "describe_rom", "find_board"]
