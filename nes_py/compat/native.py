"""Names of the compiled module of nes-py 9 that programs import: constants, and properties of a file.

The emulator itself is ``nes_py.NESEmulator``.
"""

from __future__ import annotations

import os
from typing import Any, SupportsInt

from nes_py import _cartridge
from nes_py._rom import ROM
from nes_py.emulator import RAM_ENCODING_NUMBERS, NESEmulator
from nes_py.errors import RomError, UnsupportedBoardError, shown

SCREEN_HEIGHT = NESEmulator.height
SCREEN_WIDTH = NESEmulator.width
RAM_SIZE = 0x800
RAM_READ_ENCODING_BYTE = RAM_ENCODING_NUMBERS["byte"]
RAM_READ_ENCODING_LITTLE = RAM_ENCODING_NUMBERS["little"]
RAM_READ_ENCODING_BIG = RAM_ENCODING_NUMBERS["big"]
RAM_READ_ENCODING_BCD = RAM_ENCODING_NUMBERS["bcd"]
RAM_READ_ENCODING_DIGITS = RAM_ENCODING_NUMBERS["digits"]

_MIRRORINGS = {"horizontal": 0, "vertical": 1, "four_screen": 8, "single_0": 9, "single_1": 10}
_METADATA = (
    "mapper",
    "submapper",
    "prg_rom_byte_size",
    "prg_rom_banks",
    "chr_rom_byte_size",
    "chr_rom_banks",
    "prg_ram_byte_size",
    "prg_battery_ram_byte_size",
    "chr_ram_byte_size",
    "chr_battery_ram_byte_size",
    "has_trainer",
    "trainer_rom_start",
    "trainer_rom_stop",
    "has_battery_backed_ram",
    "has_vs_unisystem",
    "has_play_choice_10",
    "is_pal",
    "is_nes2",
)


def mirroring_number(name: str) -> int:
    """Return nes-py 9's number for a nametable arrangement."""
    return _MIRRORINGS[name.replace("-", "_")]


def cartridge_error(rom_path: str | os.PathLike[str]) -> str | None:
    """Return why a ROM file cannot be read, or None. An unsupported board is not a reason."""
    try:
        NESEmulator(os.fspath(rom_path)).close()
    except UnsupportedBoardError:
        return None
    except RomError as error:
        return str(error)
    return None


def cartridge_metadata(rom_path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the header of a ROM file, with the names of ``ROM``'s properties.

    ``name_table_mirroring`` is 0 for horizontal, 1 for vertical and 8 for four-screen.

    Raises:
        RomError: a ``ValueError``: the file is not a ROM, or does not exist.
    """
    rom = ROM(rom_path)
    return {**{name: getattr(rom, name) for name in _METADATA}, "name_table_mirroring": mirroring_number(rom.mirroring)}


def is_mapper_supported(mapper: SupportsInt) -> bool:
    """Return whether the mapper number is supported."""
    number = int(mapper)
    if not 0 <= number < 0x10000:
        raise OverflowError(f"a mapper number must be in 0..65535, not {shown(number)}")
    return any(line[0] == number for line in _cartridge.boards())
