"""Instructions that lie across two banks: each byte comes from the bank that is mapped at its address."""

from __future__ import annotations

import pytest
from support.rom_builder import header

from nes_py import NESEmulator

BANK = 0x2000


def banked_rom() -> bytes:
    """Returns a cartridge of mapper 4 with an LDA across $9FFF and $A000, where it maps banks 1, 2 and 3 in turn.

    Bank n begins with n, the high byte of the address. What was loaded is stored from $10 on.
    """
    banks = [bytearray(b"\xea" * BANK) for _ in range(8)]
    for number, bank in enumerate(banks):
        bank[0] = number
        bank[1:4] = bytes((0x4C, 0x00, 0xE1))  # JMP $E100
    banks[0][BANK - 2 :] = b"\xad\x00"  # LDA absolute; the high byte is the first of the next bank
    last = banks[7]
    start = bytes.fromhex(
        "78 d8 a2 ff 9a"  # SEI, CLD, stack pointer
        "a9 a1 8d 00 01 a9 a2 8d 00 02 a9 a3 8d 00 03"  # what there is to load
        "a9 06 8d 00 80 a9 00 8d 01 80"  # bank 0 at $8000
        "a2 01"
    )
    turn = bytes.fromhex(
        "a9 07 8d 00 80 8e 01 80"  # bank X at $A000
        "4c fe 9f"  # JMP $9FFE
    )
    last[: len(start)] = start
    last[len(start) : len(start) + 3] = b"\x4c\x80\xe0"
    last[0x80 : 0x80 + len(turn)] = turn
    # $E100: STA $0F,X; INX; CPX #4; BEQ *+3; JMP $E080; LDX #1; JMP $E080
    back = bytes.fromhex("95 0f e8 e0 04 f0 03 4c 80 e0 a2 01 4c 80 e0")
    last[0x100 : 0x100 + len(back)] = back
    last[-6:] = bytes.fromhex("40 e0 00 e0 40 e0")
    last[0x40] = 0x40
    return header(4, 1, 4) + b"".join(map(bytes, banks)) + bytes(BANK)


@pytest.mark.parametrize("recompiled", [False, True])
@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_an_instruction_across_two_banks(monkeypatch: pytest.MonkeyPatch, policy: str, recompiled: bool) -> None:
    monkeypatch.setenv("NES_PY_NO_JIT", "0" if recompiled else "1")
    emulator = NESEmulator(banked_rom(), policy=policy)
    emulator.step(10)
    assert bytes(emulator.memory_buffer()[0x10:0x13]) == b"\xa1\xa2\xa3"
