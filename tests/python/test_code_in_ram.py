"""Code in PRG-RAM: copied there, called, changed while it runs; the fast policy against the reference."""

import random

import numpy as np
import pytest

from nes_py.emulator import NESEmulator
from tests.support.rom_builder import CHR_BANK, header


def cartridge(code: bytes, routine: bytes) -> bytes:
    """Return an NROM cartridge with PRG-RAM: ``code`` at $8000, ``routine`` at $9000."""
    prg = bytearray(0x8000)
    prg[: len(code)] = code
    prg[0x1000 : 0x1000 + len(routine)] = routine
    prg[0x7FFC:0x7FFE] = bytes([0x00, 0x80])
    return header(prg_banks=2, chr_banks=1, flags=2) + bytes(prg) + bytes(CHR_BANK)


def program(routine: bytes, patches) -> bytes:
    """Return code that copies ``routine`` to $6100 and $6900, then calls both for ever and patches bytes in between.

    Args:
        routine: ends with RTS.
        patches: pairs of an offset into the routine and a value that is added to the byte there.
    """
    code = bytearray([0x78, 0xD8, 0xA2, 0xFF, 0x9A, 0xA2, 0x00])  # SEI CLD LDX #$FF TXS LDX #0
    copy = len(code)
    code += bytes([0xBD, 0x00, 0x90, 0x9D, 0x00, 0x61, 0x9D, 0x00, 0x69, 0xE8, 0xE0, len(routine), 0xD0, 0xF2])
    assert code[copy + 12] == 0xD0
    loop = 0x8000 + len(code)
    code += bytes([0x20, 0x00, 0x61, 0x20, 0x00, 0x69])  # JSR $6100, JSR $6900
    for offset, value in patches:
        where = 0x6100 + offset
        code += bytes([0xE6, 0x20, 0xA5, 0x20, 0x29, 0x07, 0xD0, 0x09])  # every eighth turn
        code += bytes([0xAD, where & 0xFF, where >> 8, 0x18, 0x69, value, 0x8D, where & 0xFF, where >> 8])
    code += bytes([0x4C, loop & 0xFF, loop >> 8])
    return bytes(code)


ROUTINES = {
    # LDA #1, CLC, ADC $10, STA $10, INX, DEX, RTS
    "constant": (bytes([0xA9, 0x01, 0x18, 0x65, 0x10, 0x85, 0x10, 0xE8, 0xCA, 0x60]), [(1, 1)]),
    # LDY #5, loop: INC $11, DEY, BNE loop, LDA $6100, STA $12, RTS
    "loop": (bytes([0xA0, 0x05, 0xE6, 0x11, 0x88, 0xD0, 0xFB, 0xAD, 0x00, 0x61, 0x85, 0x12, 0x60]), [(1, 1)]),
    # INC $6108: the operand of the LDA behind it; LDA #0, ADC $13, STA $13, RTS
    "changes itself": (bytes([0xEE, 0x08, 0x61, 0xEA, 0xEA, 0xEA, 0xEA, 0xA9, 0x00, 0x65, 0x13, 0x85, 0x13, 0x60]), []),
    # LDX #2, INC $6100,X is the same by an index; DEX, STX $14, RTS
    "by an index": (bytes([0xA2, 0x07, 0xFE, 0x00, 0x61, 0xEA, 0xA9, 0x00, 0x65, 0x15, 0x85, 0x15, 0x60]), []),
    # a pointer: LDA #$0A STA $30 LDA #$61 STA $31 LDY #0 / TYA ADC #3 STA ($30),Y ...
    "by a pointer": (
        bytes([0xA9, 0x10, 0x85, 0x30, 0xA9, 0x61, 0x85, 0x31, 0xA0, 0x00, 0xE6, 0x16, 0xA5, 0x16, 0x91, 0x30, 0xA9])
        + bytes([0x00, 0x65, 0x17, 0x85, 0x17, 0x60]),
        [],
    ),
}


def both(rom: bytes, frames: int):
    fast, reference = (NESEmulator(rom, policy=policy) for policy in ("fast", "reference"))
    for frame in range(frames):
        fast.step(1, False)
        reference.step(1, False)
        same = np.array_equal(fast.memory_buffer(), reference.memory_buffer())
        assert same, f"RAM differs after frame {frame}"
        assert fast.cpu_cycles == reference.cpu_cycles, f"the clock differs after frame {frame}"
    assert bytes(fast.dump_state().__reduce__()[1][0]) == bytes(reference.dump_state().__reduce__()[1][0])
    return fast


@pytest.mark.parametrize("name", ROUTINES)
def test_routine(name):
    """Each routine runs from RAM, is changed, and leaves the same bytes under both policies."""
    routine, patches = ROUTINES[name]
    emulator = both(cartridge(program(routine, patches), routine), 4)
    assert emulator.memory_buffer()[0x10:0x18].any()


def test_random_changes():
    """Bytes of a long routine in RAM are changed from outside between frames."""
    choice = random.Random(5)
    routine = bytes([0xA9, 0x01, 0x65, 0x10, 0x85, 0x10, 0x49, 0x55, 0x45, 0x11, 0x85, 0x11] * 8 + [0x60])
    rom = cartridge(program(routine, []), routine)
    fast, reference = (NESEmulator(rom, policy=policy) for policy in ("fast", "reference"))
    for frame in range(30):
        for emulator in (fast, reference):
            emulator.step(1, False)
        assert np.array_equal(fast.memory_buffer(), reference.memory_buffer()), f"RAM differs after frame {frame}"
        where = 0x6100 + 12 * choice.randrange(8) + choice.choice([1, 7])
        value = choice.randrange(256)
        for emulator in (fast, reference):
            emulator.poke(where, value)
