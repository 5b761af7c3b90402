"""Game Genie codes."""

from __future__ import annotations

import pytest

from nes_py import NESEmulator
from nes_py.cheats import Cheat, decode, patch_rom
from tests.support import rom_builder


@pytest.mark.parametrize(
    ("code", "cheat"),
    [
        ("SXIOPO", Cheat(0x91D9, 0xAD)),
        ("GOSSIP", Cheat(0xD1DD, 0x14)),
        ("zexpygla", Cheat(0x94A7, 0x02, 0x03)),
        ("AAAAAA", Cheat(0x8000, 0x00)),
        ("NNNNNN", Cheat(0xFFFF, 0xFF)),
    ],
)
def test_decode(code: str, cheat: Cheat) -> None:
    assert decode(code) == cheat


def test_every_bit_of_a_code_counts() -> None:
    letters = "APZLGITYEOXUKSVN"
    for length in (6, 8):
        seen = {decode("A" * length)}
        for place in range(length):
            for bit in (1, 2, 4, 8):
                if (place, bit) == (2, 8):
                    continue  # says how long the code is
                seen.add(decode("A" * place + letters[bit] + "A" * (length - place - 1)))
        assert len(seen) == 4 * length


@pytest.mark.parametrize("code", ["", "SXIOP", "SXIOPOO", "SXIOPB", "SXI PO"])
def test_bad_codes(code: str) -> None:
    with pytest.raises(ValueError, match="Game Genie code"):
        decode(code)
    with pytest.raises(TypeError):
        decode(7)  # type: ignore[arg-type]


def test_patched_rom_runs() -> None:
    # LDA #1; STA $10; loop. The code makes it LDA #7.
    rom = rom_builder.rom(b"\xa9\x01\x85\x10\x4c\x04\xc0")
    for cheat in (Cheat(0xC001, 7), Cheat(0x8001, 7), Cheat(0xC001, 7, 1)):
        emulator = NESEmulator(patch_rom(rom, [cheat]))
        emulator.step()
        assert emulator.memory_buffer()[0x10] == 7
    plain = NESEmulator(rom)
    plain.step()
    assert plain.memory_buffer()[0x10] == 1
    assert patch_rom(rom, []) == rom


def test_banks() -> None:
    bank = rom_builder.prg(b"\x01\x02\x03")
    rom = rom_builder.header(4, 1, 1) + bank * 4 + bytes(rom_builder.CHR_BANK)
    patched = patch_rom(rom, [Cheat(0xC001, 9, 2)])
    changed = [place for place, (a, b) in enumerate(zip(rom, patched, strict=True)) if a != b]
    assert changed == [16 + 1 + 0x4000 * number for number in range(4)]


def test_codes_that_do_not_fit() -> None:
    rom = rom_builder.rom()
    with pytest.raises(ValueError, match="replaces a 0x77"):
        patch_rom(rom, [Cheat(0x9000, 1, 0x77)])
    with pytest.raises(TypeError, match="list of codes"):
        patch_rom(rom, "SXIOPO")
