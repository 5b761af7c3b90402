"""Cartridges that use their board in every frame: they switch banks and count interrupts by scanline."""

from __future__ import annotations

from tests.support import rom_builder

# What the program keeps where, in RAM, beside what rom_builder's does.
BANKS_SEEN = 0x20  # sum of the first bytes of the banks seen at $8000, modulo 256
CHR_SEEN = 0x21  # the same for the pattern tables, by way of $2007
INTERRUPTS = 0x22
KEPT = 0x6000  # RAM on the cartridge: counts frames

_FRAMES = rom_builder.FRAMES
_TABLE = 0xC800  # the numbers 0 to 255, for writes with bus conflicts


def _store(address: int, value: int) -> bytes:
    return bytes((0xA9, value, 0x8D, address & 0xFF, address >> 8))


def _switch(mapper: int) -> bytes:
    """Returns code that selects the bank of the frame's number; X and A are free."""
    frame = bytes((0xA5, _FRAMES))
    if mapper in (2, 3, 7, 66):
        mask = {2: 1, 3: 3, 7: 0x11, 66: 0x13}[mapper]
        return frame + bytes((0x29, mask, 0xAA, 0xBD, _TABLE & 0xFF, _TABLE >> 8, 0x9D, _TABLE & 0xFF, _TABLE >> 8))
    if mapper == 1:
        code = b""
        for register, mask in ((0xE000, 0x01), (0xA000, 0x03)):
            code += (
                frame
                + bytes((0x29, mask))
                + b"".join((b"\x8d" + register.to_bytes(2, "little") + b"\x4a") for _ in range(5))
            )
        return code
    if mapper == 4:
        code = _store(0x8000, 6) + frame + b"\x29\x03\x8d\x01\x80"
        code += _store(0x8000, 2) + frame + b"\x29\x07\x8d\x01\x80"
        return code + _store(0xC000, 40) + _store(0xC001, 0) + _store(0xE000, 0) + _store(0xE001, 0)
    return b""


def board_rom(mapper: int, *, frame_counter: bool = False) -> bytes:
    """Returns a cartridge of 32 KB of PRG-ROM and 32 KB of CHR-ROM (none on UxROM and AxROM).

    With ``frame_counter`` the interrupts of the APU's frame counter are counted too.
    """
    chr_banks = 0 if mapper in (2, 7) else 4
    chr_at = 0x1000 if mapper == 4 else 0x0000
    set_up = bytes.fromhex("78 d8 a2 ff 9a 2c 02 20 10 fb 2c 02 20 10 fb")
    if mapper == 1:
        set_up += b"\xa9\x1e" + b"\x8d\x00\x80\x4a" * 5  # 16 KB below, 4 KB of CHR
    if mapper == 4:
        set_up += _store(0xA001, 0x80)
    if not frame_counter:
        set_up += _store(0x4017, 0x40)
    set_up += _store(0x2006, 0x3F) + _store(0x2006, 0) + _store(0x2007, 0x21) + _store(0x2007, 0x16)
    set_up += _store(0x2005, 0) + _store(0x2005, 0) + _store(0x2000, 0x88) + _store(0x2001, 0x1E) + b"\x58"
    set_up += b"\x4c" + (0xC000 + len(set_up)).to_bytes(2, "little")

    nmi = bytes((0x48, 0x8A, 0x48, 0xE6, _FRAMES))
    nmi += _switch(mapper)
    nmi += bytes.fromhex("18 ad 00 80 65 20 85 20")
    nmi += _store(0x2006, chr_at >> 8) + _store(0x2006, 0) + bytes.fromhex("ad 07 20 18 ad 07 20 65 21 85 21")
    nmi += bytes.fromhex("ee 00 60")
    nmi += bytes.fromhex("a9 01 8d 16 40 a9 00 8d 16 40 a2 08 ad 16 40 4a 66 10 ca d0 f7 18 a5 13 65 10 85 13")
    nmi += _store(0x2006, 0) + _store(0x2006, 0) + bytes.fromhex("68 aa 68 40")
    irq = bytes.fromhex("48 e6 22 ad 15 40") + (_store(0xE000, 0) if mapper == 4 else b"") + b"\x68\x40"

    banks = []
    for number in range(2):
        bank = bytearray(rom_builder.PRG_BANK)
        bank[: len(set_up)] = set_up
        bank[0x400 : 0x400 + len(nmi)] = nmi
        bank[0x700 : 0x700 + len(irq)] = irq
        bank[0x800:0x900] = bytes(range(256))
        bank[-6:] = bytes.fromhex("00c4 00c0 00c7")
        # What tells the bank, and its 8 KB half, from others: not where code is.
        if number == 0:
            bank[0] = 0x78
        banks.append(bytes(bank))
    prg = bytearray(banks[0] + banks[1])
    if mapper in (1, 2, 4):
        prg[0x0000] = 17  # the program runs in the upper half
        prg[0x2000] = 51
    chr_rom = b"".join(bytes((page * 7 + 1,)) * 1024 for page in range(8 * chr_banks))
    return rom_builder.header(2, chr_banks, mapper, flags=1) + bytes(prg) + chr_rom
