"""NTSC, PAL and Dendy: length and start of frames, and differences between the chips."""

from __future__ import annotations

import itertools

import pytest

from nes_py import NESEmulator
from tests.support import rom_builder

POLICIES = ("fast", "reference")

# NESdev "Cycle reference chart": CPU cycles a frame, with rendering off.
CYCLES = {"ntsc": 341 * 262 / 3, "pal": 341 * 312 / 3.2, "dendy": 341 * 312 / 3}
VBLANK_LINE = {"ntsc": 241, "pal": 241, "dendy": 291}
# CPU cycles between two interrupts of the frame counter (NESdev "APU Frame Counter"); the Dendy's is the NTSC one.
SEQUENCE = {"ntsc": 29830, "pal": 33254, "dendy": 29830}

SET_UP = bytes.fromhex("78 d8 a2 ff 9a 2c 02 20 10 fb 2c 02 20 10 fb")


def loop(code: bytes) -> bytes:
    """Returns ``code`` with a jump to itself behind it."""
    return code + b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little")


def emulator(code: bytes, interrupt: bytes, region: str, policy: str) -> NESEmulator:
    return NESEmulator(
        rom_builder.header() + rom_builder.prg(loop(SET_UP + code), interrupt) + bytes(rom_builder.CHR_BANK),
        region=region,
        policy=policy,
    )


NMI_ON = bytes.fromhex("a9 80 8d 00 20")
RENDERING_ON = bytes.fromhex("a9 1e 8d 01 20")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_a_frame_has_as_many_cycles_as_on_hardware(region, policy):
    machine = emulator(NMI_ON, b"\xe6\x12\x40", region, policy)
    machine.step(5, render=False)
    before, count = machine.cpu_cycles, machine.memory_buffer()[0x12].item()
    machine.step(200, render=False)
    assert (machine.cpu_cycles - before) / 200 == pytest.approx(CYCLES[region], abs=7 / 200)
    assert (machine.memory_buffer()[0x12].item() - count) % 256 == 200


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_only_ntsc_leaves_out_dots_while_rendering(region, policy):
    machine = emulator(NMI_ON + RENDERING_ON, b"\x40", region, policy)
    machine.step(5, render=False)
    before = machine.cpu_cycles
    machine.step(200, render=False)
    expected = CYCLES[region] - (0.5 / 3 if region == "ntsc" else 0)
    assert (machine.cpu_cycles - before) / 200 == pytest.approx(expected, abs=7 / 200)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_the_interrupt_comes_with_each_vertical_blank(region, policy):
    machine = emulator(NMI_ON, b"\x40", region, policy)
    machine.step(5, render=False)
    entries = []
    while len(entries) < 6:
        machine.step_instruction()
        trace = machine.trace()
        if trace.pc == 0xD000:
            entries.append(trace)
    for trace in entries:
        # Three cycles of the jump at most, and seven of the interrupt's entry.
        assert 0 <= (trace.scanline - VBLANK_LINE[region]) * 341 + trace.dot <= 12 * 3.2
    for first, second in itertools.pairwise(entries):
        assert second.cycle - first.cycle == pytest.approx(CYCLES[region], abs=3.01)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_the_frame_counter_has_the_regions_steps(region, policy):
    # LDA #0; STA $4017; CLI, and in the interrupt INC $10; BNE +2; INC $11; LDA $4015; RTI.
    machine = emulator(
        bytes.fromhex("a9 00 8d 17 40 58"), bytes.fromhex("e6 10 d0 02 e6 11 ad 15 40 40"), region, policy
    )
    machine.step(5, render=False)

    def interrupts() -> int:
        return machine.peek(0x10) + 256 * machine.peek(0x11)

    before, count = machine.cpu_cycles, interrupts()
    machine.step(300, render=False)
    assert interrupts() - count == pytest.approx((machine.cpu_cycles - before) / SEQUENCE[region], abs=1.01)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_the_pal_ppu_keeps_oam_to_itself_late_in_vertical_blank(region, policy):
    def write(place: int, value: int) -> bytes:
        return bytes((0xA9, place, 0x8D, 0x03, 0x20, 0xA9, value, 0x8D, 0x04, 0x20))

    # LDY #4; LDX #0; DEX; BNE -3; DEY; BNE -8: some 5100 cycles, 48 lines.
    wait = bytes.fromhex("a0 04 a2 00 ca d0 fd 88 d0 f8")
    machine = emulator(NMI_ON, write(0, 0x11) + wait + write(8, 0x22) + b"\x40", region, policy)
    machine.step(6, render=False)
    assert machine.oam[0] == 0x11
    assert machine.oam[8] == (0 if region == "pal" else 0x22)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", list(CYCLES))
def test_sprite_dma_is_as_long_in_all_regions_and_whole(region, policy):
    fill = bytes.fromhex("a2 00 8a 9d 00 02 e8 d0 f9")  # $0200 on: 0, 1, 2, ...
    machine = emulator(fill + NMI_ON, bytes.fromhex("a9 02 8d 14 40 40"), region, policy)
    machine.step(6, render=False)
    assert machine.oam.tolist() == [i & 0xE3 if i & 3 == 2 else i for i in range(256)]
    while machine.trace().pc != 0xD005:
        machine.step_instruction()
    before = machine.cpu_cycles
    machine.step_instruction()
    assert machine.cpu_cycles - before in (6 + 513, 6 + 514)
