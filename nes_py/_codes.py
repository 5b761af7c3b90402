"""Game Genie codes and freezes: what they mean, and how a code is written into a ROM; see ``nes_py.formats.cheats``."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._values import is_integer
from .errors import shown

# The letters in the order of their values (NESdev and the device's own documentation).
_LETTERS = "APZLGITYEOXUKSVN"
_HEADER = 16
_TRAINER = 512
# The smallest window of 6502 address space that common boards switch.
_WINDOW = 8 * 1024


@dataclass(frozen=True)
class Cheat:
    """A decoded Game Genie code.

    Attributes:
        address: $8000 to $FFFF.
        value: the byte to read there.
        compare: the ROM byte that it replaces, None for any.
    """

    address: int
    value: int
    compare: int | None = None


@dataclass(frozen=True)
class Freeze:
    """A byte of RAM, or of the cartridge's RAM, with a fixed value.

    Attributes:
        address: 0 to $1FFF or $6000 to $7FFF. It has no effect if the cartridge has no RAM there.
        value: its value, 0 to 255.

    Raises:
        TypeError: one is not an integer.
        ValueError: one is out of range.
    """

    address: int
    value: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("address", "value"):
            number = getattr(self, name)
            if not is_integer(number):
                raise TypeError(f"the {name} of a freeze must be an integer, not {shown(number)}")
            object.__setattr__(self, name, operator.index(number))
        if not (0 <= self.address < 0x2000 or 0x6000 <= self.address < 0x8000):
            raise ValueError(f"there is no RAM at {self.address:#06x}, only at $0000-$1FFF and $6000-$7FFF")
        if not 0 <= self.value <= 255:
            raise ValueError(f"the value of a freeze must be in 0..255, not {shown(self.value)}")

    @classmethod
    def parse(cls, text: str) -> Freeze:
        """Parse a freeze such as ``"075A:09"``: address and value, hexadecimal.

        Raises:
            TypeError: not a string.
            ValueError: it has another form.
        """
        if not isinstance(text, str):
            raise TypeError(f"a freeze must be a str such as '075A:09', not {type(text).__name__}")
        address, _, value = text.partition(":")
        try:
            return cls(int(address, 16), int(value, 16))
        except ValueError as error:
            raise ValueError(f"a freeze is written like '075A:09', not {shown(text)} ({error})") from None


def parse(cheats: Iterable[str | Cheat | Freeze]) -> tuple[list[Cheat], tuple[Freeze, ...]]:
    """Split a list of cheats into codes for the ROM and freezes.

    Args:
        cheats: Game Genie codes, freezes in the form of ``Freeze.parse``, ``Cheat`` and ``Freeze``.

    Raises:
        TypeError: it is one string, or an entry has another type.
        ValueError: an entry is neither a code nor a freeze.
    """
    if isinstance(cheats, (str, bytes)) or not isinstance(cheats, Iterable):
        raise TypeError(f"cheats must be a list of codes, not {shown(cheats)}")
    codes: list[Cheat] = []
    freezes: list[Freeze] = []
    for one in cheats:
        if isinstance(one, str):
            one = Freeze.parse(one) if ":" in one else decode(one)
        if isinstance(one, Cheat):
            codes.append(one)
        elif isinstance(one, Freeze):
            freezes.append(one)
        else:
            raise TypeError(f"a cheat must be a str, a Cheat or a Freeze, not {shown(one)}")
    return codes, tuple(freezes)


def decode(code: str) -> Cheat:
    """Decode a Game Genie code.

    Args:
        code: six or eight of the letters APZLGITYEOXUKSVN, in either case.

    Raises:
        TypeError: not a string.
        ValueError: the length or a letter is invalid.
    """
    if not isinstance(code, str):
        raise TypeError(f"a Game Genie code must be a str, not {type(code).__name__}")
    letters = code.upper()
    if len(letters) not in (6, 8):
        raise ValueError(f"a Game Genie code has 6 or 8 letters: {shown(code)} has {len(letters)}")
    for letter in letters:
        if letter not in _LETTERS:
            raise ValueError(f"Game Genie codes consist of the letters {_LETTERS}: {shown(code)} has {letter!r}")
    n = [_LETTERS.index(letter) for letter in letters]

    # Each nibble's upper bit belongs to the nibble before it.
    def byte(first: int, second: int, last: int) -> int:
        return (n[second] & 7) << 4 | (n[first] & 8) << 4 | n[first] & 7 | n[last] & 8

    address = 0x8000 | (n[3] & 7) << 12 | (n[5] & 7) << 8 | (n[4] & 8) << 8
    address |= (n[2] & 7) << 4 | (n[1] & 8) << 4 | n[4] & 7 | n[3] & 8
    if len(n) == 6:
        return Cheat(address, byte(0, 1, 5))
    return Cheat(address, byte(0, 1, 7), byte(6, 7, 5))


def _size_in_file(rom: bytes | bytearray, header: Mapping[str, Any]) -> int:
    """Return how many bytes of a file are PRG-ROM. NES 2.0 has sizes that are no multiple of a page."""
    size: int = header["prg_rom_size"]
    if header["nes2"] and rom[9] & 0x0F == 0x0F:
        size = (1 << (rom[4] >> 2)) * ((rom[4] & 0x03) * 2 + 1)
    return size


def write_codes(rom: bytes, header: Mapping[str, Any], codes: Iterable[str | Cheat]) -> bytes:
    """Return a copy of a ROM with codes applied.

    Args:
        rom: the contents of a ROM file.
        header: what its header says.
        codes: Game Genie codes.

    Raises:
        TypeError: an entry is neither a string nor a ``Cheat``.
        ValueError: not a code, or a code that matches no byte of this ROM: it is for another version of the game.
    """
    content = bytearray(rom)
    start = _HEADER + (_TRAINER if header["has_trainer"] else 0)
    size = _size_in_file(content, header)
    # The chip, in whole pages: a smaller one is repeated until it fills them.
    chip = header["prg_rom_size"]
    # Without bank switching each address shows one byte; 16 KB appear twice.
    window = min(chip, 0x8000) if header["mapper"] in (0, 3, 87, 101, 185) else min(chip, _WINDOW)
    for code in codes:
        cheat = code if isinstance(code, Cheat) else decode(code)
        if not 0x8000 <= cheat.address <= 0xFFFF or not 0 <= cheat.value <= 0xFF:
            raise ValueError(f"a code changes a byte at $8000-$FFFF, not {cheat}")
        places = sorted({start + at % size for at in range((cheat.address - 0x8000) % window, chip, window)})
        found = [place for place in places if cheat.compare is None or content[place] == cheat.compare]
        if not found:
            missing = f"a {cheat.compare:#04x}, which does not occur there in this ROM"
            raise ValueError(f"the code for ${cheat.address:04X} replaces {missing}")
        for place in found:
            content[place] = cheat.value
    return bytes(content)
