"""Whatever waits for a machine has a bound: a ROM decides what the machine does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nes_py import NESEmulator
from nes_py.formats import fceux_state
from tests.support.rom_builder import rom

FCEUX = Path(__file__).resolve().parents[1] / "data" / "fceux" / "demonstration.state"

# 23 * (5 * 253 + 6) + 1 cycles, and two for each NOP.
_WAIT = bytes.fromhex("a2 17 a0 fd 88 d0 fd ca d0 f8") + b"\xea" * 12
# Is in an OAM DMA, of 513 or 514 cycles, from line 237 to 242 of each frame, which has 29780.67 cycles.
_IN_DMA = (
    bytes.fromhex("78 2c 02 20 10 fb")
    + _WAIT
    + bytes.fromhex("a0 19 88 d0 fd")
    + bytes.fromhex("a9 02 8d 14 40")
    + _WAIT
    + b"\x4c"
    + (0xC000 + 6 + len(_WAIT) + 5).to_bytes(2, "little")
)


class Counting(NESEmulator):
    """An emulator that refuses to run more instructions than two frames have."""

    left = 2 * 29781 // 2

    def step_instruction(self) -> None:
        self.left -= 1
        assert self.left >= 0, "it waits for ever"
        super().step_instruction()


def test_program_is_in_a_dma_in_line_240_of_each_frame() -> None:
    emulator = NESEmulator(rom(_IN_DMA))
    emulator.step(3)
    seen = set()
    for _ in range(40_000):
        emulator.step_instruction()
        seen.add(emulator.trace().scanline)
    assert 240 not in seen
    assert {100, 236, 243} <= seen


def test_fceux_state_of_a_program_that_is_in_a_dma_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fceux_state, "NESEmulator", Counting)
    state: Any = fceux_state.convert(FCEUX, rom(_IN_DMA))
    emulator = NESEmulator(rom(_IN_DMA))
    emulator.load_state(state)
    emulator.step(2)


@pytest.mark.parametrize("program", ["02", "4c 00 c0", "8d 14 40 4c 00 c0", "00", "40"])
def test_fceux_state_of_programs_that_do_nothing_useful(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fceux_state, "NESEmulator", Counting)
    fceux_state.convert(FCEUX, rom(bytes.fromhex(program)))
