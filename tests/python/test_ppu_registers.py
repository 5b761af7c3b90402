"""The PPU beside what the hardware test ROMs try.

Accesses to ppudata in a row, sprite memory when rendering is switched off and on again, the time after power-on.
"""

from __future__ import annotations

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from tests.support import rom_builder

POLICIES = ("fast", "reference")

WAIT = "2c0220 10fb"
SET_UP = bytes.fromhex(f"78 d8 a2ff 9a {WAIT} {WAIT}")
FILL = bytes.fromhex(
    "a900 8d0620 8d0620 a911 a207"  # $11, $22, ... $77 to $0000
    "8d0720 18 6911 ca d0f7"
)


def emulator(code: bytes, policy: str, chr_banks: int = 0, interrupt: bytes = b"\x40", **options: str) -> NESEmulator:
    """Returns a machine that runs ``code`` and then stays where it is."""
    code += b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little")
    program = rom_builder.prg(code, interrupt)
    image = rom_builder.header(chr_banks=chr_banks) + program + bytes(rom_builder.CHR_BANK * chr_banks)
    return NESEmulator(image, policy=policy, **options)


def ram_after(code: bytes, policy: str, count: int) -> bytes:
    """Return RAM from $10 on after ``code`` has run for some frames."""
    machine = emulator(code, policy)
    machine.step(5, render=False)
    return machine.memory_buffer()[0x10 : 0x10 + count].tobytes()


def run_to(machine: NESEmulator, place: int) -> None:
    """Execute instructions until the next one is at ``place``."""
    while machine.trace().pc != place:
        machine.step_instruction()


def address(value: int) -> bytes:
    return bytes((0xA9, value >> 8, 0x8D, 0x06, 0x20, 0xA9, value & 0xFF, 0x8D, 0x06, 0x20))


def read_into(place: int, count: int) -> bytes:
    return b"".join(bytes((0xAD, 0x07, 0x20, 0x85, place + i)) for i in range(count))


@pytest.mark.parametrize("policy", POLICIES)
def test_two_reads_of_ppudata_in_a_row(policy):
    """The second read of an indexed instruction that crosses a page finds the buffer that the first one found."""
    once = SET_UP + FILL + address(1) + bytes.fromhex("ad0720 a200 bdf720 8510") + read_into(0x11, 4)
    twice = SET_UP + FILL + address(1) + bytes.fromhex("ad0720 a210 bdf720 8510") + read_into(0x11, 4)
    for code, seen in ((once, "22 33 44 55 66"), (twice, "22 44 55 66 77")):
        assert ram_after(code, policy, 5) == bytes.fromhex(seen)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_read_of_ppudata_just_before_a_write(policy):
    """Both are done, one behind the other."""
    code = SET_UP + FILL + address(2) + bytes.fromhex("a210 a909 9df720") + address(0) + read_into(0x0F, 8)
    assert ram_after(code, policy, 7) == bytes.fromhex("11 22 33 09 55 66 77")


@pytest.mark.parametrize("policy", POLICIES)
def test_read_modify_write_of_ppudata(policy):
    """A read, a write of what was read, and a write of the result, at one address each."""
    code = SET_UP + FILL + address(1) + bytes.fromhex("ad0720 ee0720") + address(0) + read_into(0x0F, 8)
    assert ram_after(code, policy, 7) == bytes.fromhex("11 22 33 22 23 66 77")


@pytest.mark.parametrize("policy", POLICIES)
def test_palette_reads_in_a_row(policy):
    """The palette is read at once, and both reads find the same entry."""
    fill = address(0x3F00) + bytes.fromhex("a901 8d0720 a902 8d0720 a903 8d0720 a904 8d0720")
    code = SET_UP + fill + address(0x3F00) + bytes.fromhex("a210 bdf720 8510") + read_into(0x11, 1)
    assert [entry & 0x3F for entry in ram_after(code, policy, 2)] == [1, 3]


@pytest.mark.parametrize("policy", POLICIES)
def test_memory_is_written_two_cycles_after_the_register(policy):
    machine = emulator(SET_UP + address(0x2345) + bytes.fromhex("a977 8d0720 ea ea"), policy)
    run_to(machine, 0xC000 + len(SET_UP) + 15)
    assert machine.peek_ppu(0x2345) == 0
    machine.step_instruction()
    assert machine.peek_ppu(0x2345) == 0x77


# --- sprite memory ---

SPRITES = bytes.fromhex("a200 8a 9d0002 e8 d0f9")  # page 2 is 0, 1, 2, ...


# Sprites by DMA in vertical blank; then the picture, and some lines further down the code that a test puts into RAM.
BEGIN = bytes.fromhex(f"{WAIT} a900 8d0320 a902 8d1440 a21e 8e0120 a01d a2ff ca d0fd 88 d0f8 a21e a000 4c0003")
ALL_DOTS = 341


def off_and_on(delay: int) -> bytes:
    """Code that switches rendering off, and on again four cycles and ``delay`` later."""
    wait = bytes.fromhex("a500") * (delay % 2) + bytes.fromhex("ea") * (delay // 2 - delay % 2)
    return bytes.fromhex("8c0120") + wait + bytes.fromhex("8e0120 eaeaeaeaeaea")


@pytest.mark.parametrize("policy", POLICIES)
def test_rendering_that_comes_on_again_copies_a_row_in_some_dots_only(policy):
    """In even dots of the picture, and in all dots from the fetches of the next line's sprites on."""
    machine = emulator(SET_UP + SPRITES + BEGIN, policy, chr_banks=1)
    run_to(machine, 0x0300)
    assert machine.trace().scanline < 200
    before = machine.oam.copy()
    state = machine.dump_state()
    dots = set()
    for delay in range(2, 240):
        machine.load_state(state)
        code = off_and_on(delay)
        machine.memory_buffer()[0x300 : 0x300 + len(code)] = np.frombuffer(code, np.uint8)
        run_to(machine, 0x300 + len(code) - 6)
        # The write came two dots before where the PPU stands now; the rendering hardware goes by it three dots later.
        dot = (machine.trace().dot + 1) % ALL_DOTS
        for _ in range(6):
            machine.step_instruction()
        copied = bool((machine.oam != before).any())
        dots.add(dot)
        assert copied == (dot > 256 or (dot % 2 == 0 and dot > 0)), (delay, dot)
    assert len(dots) > 200


# --- after power-on ---

BLUE = 0x11
AT_ONCE = address(0x3F00) + bytes((0xA9, BLUE, 0x8D, 0x07, 0x20)) + address(0)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", ["ntsc", "pal", "dendy"])
def test_the_front_loader_ignores_registers_for_a_frame(region, policy):
    famicom = emulator(AT_ONCE, policy, region=region)
    nes = emulator(AT_ONCE, policy, region=region, console="nes")
    for machine in (famicom, nes):
        machine.step(3)
    assert (famicom.index_buffer() == BLUE).all()
    assert not nes.index_buffer().any()
    # NESdev "PPU power up state": writes count after about 29,658 cycles, on PAL 33,132.
    ends = {"ntsc": 261 * 341 / 3, "pal": 311 * 341 / 3.2, "dendy": 311 * 341 / 3}[region]
    for cycle, seen in ((ends - 60, False), (ends + 60, True)):
        turns, rest = divmod(int(cycle) - 60, 1286)
        wait = bytes((0xA2, turns, 0xA0, 0x00, 0x88, 0xD0, 0xFD, 0xCA, 0xD0, 0xF8, 0xA2, rest // 5, 0xCA, 0xD0, 0xFD))
        machine = emulator(wait + AT_ONCE, policy, region=region, console="nes")
        machine.step(4)
        assert (machine.index_buffer() == BLUE).all() == seen


@pytest.mark.parametrize("policy", POLICIES)
def test_the_reset_button_resets_the_ppu_of_the_front_loader_only(policy):
    """The first run asks for interrupts, which are counted; a later one asks for nothing."""
    first = bytes.fromhex(f"{WAIT} {WAIT} a980 8d0020")
    code = bytes.fromhex(f"a520 d0{len(first) + 2:02x} e620") + first
    for console, goes_on in (("famicom", True), ("nes", False)):
        machine = emulator(code, policy, interrupt=b"\xe6\x12\x40", console=console)
        machine.step(10, render=False)
        machine.soft_reset()
        before = machine.memory_buffer()[0x12].item()
        assert before > 5
        machine.step(10, render=False)
        assert (machine.memory_buffer()[0x12].item() - before >= 9) == goes_on


def test_the_console_is_an_option_like_the_others():
    machine = emulator(AT_ONCE, "fast", console="nes")
    assert machine.options["console"] == "nes"
    image = machine.rom_data
    assert NESEmulator(image).options["console"] == "famicom"
    env = NESEnv(image, console="nes")
    assert env.emulator.options["console"] == "nes"
    env.close()
    envs = NESVectorEnv(image, 2, console="nes", obs_type="index", frameskip=1, stack_num=1)
    observation, _ = envs.reset()
    for _ in range(3):
        observation, *_ = envs.step(np.zeros(2, np.int64))
    assert not np.asarray(observation).any()
    envs.close()
    with pytest.raises(ValueError, match="console must be one of 'famicom', 'nes', not 'vs'"):
        NESEmulator(image, console="vs")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="console must be a str"):
        NESEmulator(image, console=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="console must be one of"):
        NESVectorEnv(image, 1, console="vs")
