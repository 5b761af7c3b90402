"""Game Genie codes and frozen RAM.

A Game Genie sits between console and cartridge and answers reads of an address in place of the ROM; with eight letters
only where the ROM's own byte is the expected one. Here a code changes a copy of the ROM image instead: every byte that
can appear at the address. For a cartridge without bank switching that is the same; with it, the byte is changed in
every bank, so a code of eight letters, which says what it replaces, is the safer one.

Example::

    rom = nes_py.cheats.patch_rom("game.nes", ["SXIOPO"])
    emulator = nes_py.NESEmulator(rom)

A patched ROM is another ROM: states belong to one or the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from . import _cartridge
from ._rom import read_rom_file

# The letters in the order of their values (NESdev and the device's own documentation).
_LETTERS = "APZLGITYEOXUKSVN"
_HEADER = 16
_TRAINER = 512
# The smallest window of 6502 address space that common boards switch.
_WINDOW = 8 * 1024


@dataclass(frozen=True)
class Cheat:
    """What a Game Genie code asks for.

    Attributes:
        address: $8000 to $FFFF.
        value: the byte that is read there.
        compare: the byte of the ROM that it replaces, None for any.
    """

    address: int
    value: int
    compare: int | None = None


def decode(code: str) -> Cheat:
    """Return what a Game Genie code means.

    Args:
        code: six or eight of the letters APZLGITYEOXUKSVN, in either case.

    Raises:
        TypeError: not a string.
        ValueError: another length or another letter.
    """
    if not isinstance(code, str):
        raise TypeError(f"a Game Genie code must be a str, not {type(code).__name__}")
    letters = code.upper()
    if len(letters) not in (6, 8):
        raise ValueError(f"a Game Genie code has 6 or 8 letters: {code!r} has {len(letters)}")
    for letter in letters:
        if letter not in _LETTERS:
            raise ValueError(f"Game Genie codes are made of {_LETTERS}: {code!r} has {letter!r}")
    n = [_LETTERS.index(letter) for letter in letters]

    # Each nibble's upper bit belongs to the nibble before it.
    def byte(first: int, second: int, last: int) -> int:
        return (n[second] & 7) << 4 | (n[first] & 8) << 4 | n[first] & 7 | n[last] & 8

    address = 0x8000 | (n[3] & 7) << 12 | (n[5] & 7) << 8 | (n[4] & 8) << 8
    address |= (n[2] & 7) << 4 | (n[1] & 8) << 4 | n[4] & 7 | n[3] & 8
    if len(n) == 6:
        return Cheat(address, byte(0, 1, 5))
    return Cheat(address, byte(0, 1, 7), byte(6, 7, 5))


def patch_rom(rom: str | os.PathLike[str] | bytes | bytearray | memoryview, codes: Iterable[str | Cheat]) -> bytes:
    """Return a copy of a ROM with codes worked in.

    Args:
        rom: a file, or the contents of one.
        codes: Game Genie codes.

    Returns:
        bytes: the contents of the changed ROM file.

    Raises:
        RomError: not a ROM.
        TypeError: ``codes`` is one string, or an entry is neither a string nor a ``Cheat``.
        ValueError: not a code, or one that finds nothing to replace in this ROM: it is for another version of the game.
    """
    if isinstance(codes, str):
        raise TypeError("codes must be a list of codes, not one str")
    content = bytearray(read_rom_file(rom) if isinstance(rom, (str, os.PathLike)) else rom)
    header = _cartridge.read_header(bytes(content))
    start = _HEADER + (_TRAINER if header["has_trainer"] else 0)
    size = min(header["prg_rom_size"], len(content) - start)
    # Without bank switching each address shows one byte; 16 KB are seen twice.
    window = min(size, 0x8000) if header["mapper"] in (0, 3, 87, 101, 185) else min(size, _WINDOW)
    for code in codes:
        cheat = code if isinstance(code, Cheat) else decode(code)
        places = range(start + cheat.address % window, start + size, window)
        found = [place for place in places if cheat.compare is None or content[place] == cheat.compare]
        if not found:
            raise ValueError(f"code {code!r} replaces a {cheat.compare:#04x}, which is nowhere it could be in this ROM")
        for place in found:
            content[place] = cheat.value
    return bytes(content)


__all__ = ["Cheat", "decode", "patch_rom"]
