"""Tiny cartridges, built by the test that needs them: iNES images around a few bytes of 6502 code."""

from __future__ import annotations

PRG_BANK = 16 * 1024
CHR_BANK = 8 * 1024

# What the demonstration program keeps where, in RAM.
BUTTONS_1 = 0x10  # controller 0 as it was read in the last vertical blank, bit 0 is A
BUTTONS_2 = 0x11
FRAMES = 0x12  # counts vertical blanks
BUTTON_SUM = 0x13  # sum of all BUTTONS_1, modulo 256: tells histories apart

_RESET = bytes.fromhex(
    "78 d8 a2 ff 9a"  # SEI, CLD, stack pointer
    "2c 02 20 10 fb"  # wait for vertical blank, twice: the PPU warms up
    "2c 02 20 10 fb"
    "a9 00 8d 05 20 8d 05 20"  # scroll 0, 0
    "a9 80 8d 00 20"  # interrupt at each vertical blank
    "a9 0a 8d 01 20"  # show the background
    "4c 21 c0"  # for ever; this very address
)
_COUNT_AND_ADD_UP = bytes.fromhex(
    "e6 12"  # count the frame
    "a9 01 8d 16 40 a9 00 8d 16 40 a2 08"  # latch the controllers
    "ad 16 40 4a 66 10"  # eight times: a bit of each into its byte
    "ad 17 40 4a 66 11"
    "ca d0 f1"
    "18 a5 13 65 10 85 13"  # add up
)
_INTERRUPT = _COUNT_AND_ADD_UP + bytes.fromhex(
    "a9 3f 8d 06 20 a9 00 8d 06 20 a5 12 8d 07 20"  # the backdrop's colour is the frame count
    "a9 00 8d 06 20 8d 06 20"  # and the scroll is 0, 0 again
    "40"
)
_INTERRUPT_WITH_TILE = _COUNT_AND_ADD_UP + bytes.fromhex(
    "a9 3f 8d 06 20 a9 00 8d 06 20 a9 0f 8d 07 20 a9 30 8d 07 20"  # black, and white for colour 1
    "a9 00 8d 06 20 8d 06 20 a2 08 a5 13 8d 07 20 ca d0 fa"  # the lines of tile 0
    "a9 00 8d 06 20 8d 06 20"
    "40"
)


def header(
    prg_banks: int = 1,
    chr_banks: int = 1,
    mapper: int = 0,
    *,
    flags: int = 0,
    tail: bytes = bytes(8),
    nes2: bool = False,
) -> bytes:
    """Returns an iNES header; ``flags`` are the low bits of byte 6, ``tail`` is bytes 8 to 15."""
    byte_7 = mapper & 0xF0 | (0x08 if nes2 else 0)
    return b"NES\x1a" + bytes((prg_banks, chr_banks, (mapper & 0x0F) << 4 | flags, byte_7)) + tail


def prg(reset: bytes, interrupt: bytes = b"\x40", banks: int = 1) -> bytes:
    """Returns a PRG-ROM: ``reset`` at $C000, ``interrupt`` at $D000 for NMI and IRQ, vectors in the last bank."""
    bank = bytearray(PRG_BANK)
    bank[: len(reset)] = reset
    bank[0x1000 : 0x1000 + len(interrupt)] = interrupt
    bank[-6:] = bytes.fromhex("00d0 00c0 00d0")
    return bytes(PRG_BANK) * (banks - 1) + bytes(bank)


def rom(program: bytes = b"\x4c\x00\xc0", *, fill: int = 0, mapper: int = 0) -> bytes:
    """Returns a cartridge that runs ``program`` from $C000; by default it loops there for ever."""
    return header(mapper=mapper) + prg(program) + bytes((fill,)) * CHR_BANK


def demonstration_rom(*, fill: int = 0) -> bytes:
    """Returns a cartridge that reads the controllers, counts frames and shows another colour in each."""
    return header() + prg(_RESET, _INTERRUPT) + bytes((fill,)) * CHR_BANK


def changing_tile_rom() -> bytes:
    """Returns a cartridge with CHR-RAM whose screen is full of one tile: its lines are BUTTON_SUM in binary."""
    return header(chr_banks=0) + prg(_RESET, _INTERRUPT_WITH_TILE)


def _store(address: int, value: int) -> bytes:
    """Returns LDA #value, STA address."""
    return bytes((0xA9, value, 0x8D, address & 0xFF, address >> 8))


def nametable_as_tiles_rom() -> bytes:
    """Returns a cartridge of mapper 19 whose tile 0 lies in nametable 1, which it writes while patterns are elsewhere.

    The lines of the tile are FRAMES in binary.
    """
    nametables = ((0xC000, 0xE0), (0xC800, 0xE1), (0xD000, 0xE0), (0xD800, 0xE0))  # $E0 and $E1: the console's two
    start = b"".join(_store(0x8000 + 0x800 * window, 0) for window in range(1, 8))
    start += b"".join(_store(*one) for one in nametables)
    colours = bytes.fromhex("a9 3f 8d 06 20 a9 00 8d 06 20") + _store(0x2007, 0x0F) + _store(0x2007, 0x30)
    interrupt = (
        _COUNT_AND_ADD_UP
        + _store(0x8000, 0)
        + bytes.fromhex("a9 24 8d 06 20 a9 00 8d 06 20 a2 08 a5 12 8d 07 20 ca d0 fa")
        + _store(0x8000, 0xE1)
        + bytes.fromhex("a9 00 8d 06 20 8d 06 20 40")
    )
    # What the demonstration does first, but for the jump at its end.
    reset = _RESET[:-3] + _store(0x2000, 0) + start + colours + _store(0x2000, 0x80)
    here = 0xC000 + len(reset)
    return header(mapper=19) + prg(reset + bytes((0x4C, here & 0xFF, here >> 8)), interrupt) + bytes(CHR_BANK)
