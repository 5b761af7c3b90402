"""Game Genie codes and frozen RAM.

A Game Genie sits between console and cartridge and answers reads of an address in place of the ROM; with eight letters
only if the ROM's own byte is the expected one. Here a code changes a copy of the ROM image instead: every byte that
can appear at the address. For a cartridge without bank switching the result is the same. With bank switching the byte
changes in every bank, so a code of eight letters, which includes the byte that it replaces, is safer.

Example::

    rom = nes_py.cheats.patch_rom("game.nes", ["SXIOPO"])
    emulator = nes_py.NESEmulator(rom)

A patched ROM is a different ROM: its states cannot be loaded with the original, nor the other way round.

A ``Freeze`` holds a byte of RAM: it is written before each frame and after the last frame of a step. Emulators and
environments accept both in the option ``cheats``::

    env = nes_py.NESEnv("game.nes", cheats=["SXIOPO", "075A:09"])
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from nes_py import _cartridge
from nes_py._codes import Cheat, Freeze, decode, parse, write_codes
from nes_py._rom import rom_contents


def patch_rom(rom: str | os.PathLike[str] | bytes | bytearray | memoryview, codes: Iterable[str | Cheat]) -> bytes:
    """Return a copy of a ROM with codes applied.

    Args:
        rom: a file, or the contents of one.
        codes: Game Genie codes.

    Returns:
        bytes: the contents of the patched ROM file.

    Raises:
        RomError: not a ROM.
        TypeError: ``codes`` is one string, or an entry is neither a string nor a ``Cheat``.
        ValueError: not a code, or a code that matches no byte of this ROM: it is for another version of the game.
    """
    if isinstance(codes, str):
        raise TypeError("codes must be a list of codes, not one str")
    content = rom_contents(rom)
    return write_codes(content, _cartridge.read_header(content), codes)


__all__ = ["Cheat", "Freeze", "decode", "parse", "patch_rom"]
