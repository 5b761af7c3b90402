"""The timing of nes-py 8 and 9: the differences of its console from the hardware, shown by tiny programs.

The expected numbers with ``timing="nes-py"`` were all observed on nes-py 9.0.1. ``tests/clients`` compares with it
directly, on the games of its client packages.
"""

import copy
import pickle
import random
import zlib

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv, StateError
from nes_py.emulator import VectorEmulator
from nes_py.envs.bricks import ROM_PATH as BRICKS
from nes_py.envs.bricks import BricksEnv
from nes_py.envs.duel import ROM_PATH as DUEL
from nes_py.envs.trail import ROM_PATH as TRAIL
from nes_py.movie import Movie, MovieError
from nes_py.vector_env import VectorNESEmulator
from tests.support.rom_builder import demonstration_rom, header, prg, rom

STEP = 29781
FOR_EVER = "4c 00 c1"  # at $C100


def program(code, interrupt=b"\x40"):
    image = bytearray(prg(bytes.fromhex(code), interrupt))
    image[0x100:0x103] = bytes.fromhex(FOR_EVER)
    return header() + bytes(image) + bytes(8192)


def ram_after(code, timing, *, steps=1, buttons=0, interrupt=b"\x40"):
    """Returns the RAM after some steps of ``code``, which ends in a jump to $C100."""
    emulator = NESEmulator(program(code, interrupt), timing=timing, frame_boundary="nes-py")
    emulator.controller(0)[0] = buttons
    emulator.step(steps)
    return emulator.memory_buffer().copy()


def cycles_of(code, address, timing, before=1):
    """Returns the cycles that the instruction at ``address`` takes when ``before`` instructions have run."""
    emulator = NESEmulator(rom(), timing=timing)
    for offset, byte in enumerate(bytes.fromhex(code)):
        emulator.poke(address + offset, byte)
    emulator.set_pc(address)
    for _ in range(before):
        emulator.step_instruction()
    start = emulator.cpu_cycles
    emulator.step_instruction()
    return emulator.cpu_cycles - start


def test_steps_end_every_29781_cycles_from_the_end_of_reset():
    emulator = NESEmulator(BRICKS, timing="nes-py")
    assert emulator.frame_boundary == "nes-py"
    for number in range(1, 40):
        emulator.frame_advance(8 if number % 16 < 8 else 0)
        assert 0 <= emulator.cpu_cycles - (7 + STEP * number) < 530, number


def test_a_branch_into_another_page_costs_a_cycle_more():
    code = "a2 01 d0 10"  # LDX #1, BNE: the branch lies at $02FC and goes to $030E
    assert cycles_of(code, 0x02FA, "hardware") == 4
    assert cycles_of(code, 0x02FA, "nes-py") == 5
    assert cycles_of(code, 0x0200, "hardware") == cycles_of(code, 0x0200, "nes-py") == 3


def test_modifying_across_a_page_costs_a_cycle_more():
    across, within = "a2 01 fe ff 02", "a2 01 fe 80 02"  # LDX #1, INC abs,X
    assert cycles_of(across, 0x0400, "hardware") == 7
    assert cycles_of(across, 0x0400, "nes-py") == 8
    assert cycles_of(within, 0x0400, "hardware") == cycles_of(within, 0x0400, "nes-py") == 7


def test_oam_dma_belongs_to_the_storing_instruction():
    emulator = NESEmulator(program("a9 02 8d 14 40 8d 14 40 4c 00 c1"), timing="nes-py")
    emulator.memory_buffer()[0x200:0x300] = range(256)
    emulator.step_instruction()
    costs = []
    for _ in range(2):
        start = emulator.cpu_cycles
        emulator.step_instruction()
        costs.append((start % 2, emulator.cpu_cycles - start))
    # Cycles are counted from the end of the reset, which takes seven.
    assert costs == [(1, 4 + 514), (1, 4 + 514)]
    # All eight bits of the third byte of a sprite are kept.
    assert emulator.oam.tolist() == list(range(256))


def test_the_controller_port_gives_zeros_behind_the_buttons():
    code = "a9 01 8d 16 40 a9 00 8d 16 40 a2 00 ad 16 40 95 10 e8 e0 0a d0 f6 4c 00 c1"
    assert ram_after(code, "nes-py", buttons=0xA5)[0x10:0x1A].tobytes().hex() == "41404140404140414040"
    assert ram_after(code, "hardware", buttons=0xA5)[0x10:0x1A].tobytes().hex() == "41404140404140414141"


def test_what_nobody_answers_reads_0():
    code = "ad 15 40 85 10 ad 00 50 85 11 ad 00 20 85 12 ad 17 40 85 13 4c 00 c1"
    assert ram_after(code, "nes-py")[0x10:0x14].tolist() == [0, 0, 0, 0x40]
    assert ram_after(code, "hardware")[0x11] == 0x50


def test_ppustatus_has_two_bits():
    code = "a9 1f 8d 03 20 ad 02 20 85 10 4c 00 c1"
    assert ram_after(code, "nes-py")[0x10] == 0
    assert ram_after(code, "hardware")[0x10] == 0x1F


def test_the_palette_keeps_eight_bits_and_leaves_the_read_buffer_alone():
    code = (
        "a9 00 8d 01 20"  # rendering off
        "a9 2f 8d 06 20 a9 00 8d 06 20 a9 77 8d 07 20"  # $2F00, behind the palette
        "a9 3f 8d 06 20 a9 00 8d 06 20 a9 ff 8d 07 20"
        "a9 3f 8d 06 20 a9 00 8d 06 20 ad 07 20 85 10"
        "a9 20 8d 06 20 a9 00 8d 06 20 ad 07 20 85 11 4c 00 c1"
    )
    assert ram_after(code, "nes-py")[0x10:0x12].tolist() == [0xFF, 0x00]


@pytest.mark.parametrize(("timing", "place"), [("nes-py", 0x2000), ("hardware", 0x2001)])
def test_nothing_is_read_but_what_is_used(timing, place):
    # STA $2006,X with X = 1 reads $2007 before it writes there, and so moves on.
    code = (
        "a2 17 a0 00 88 d0 fd ca d0 f8 a2 17 a0 00 88 d0 fd ca d0 f8"  # until the PPU takes writes
        "a9 00 8d 01 20 a9 20 8d 06 20 a9 00 8d 06 20 a2 01 a9 55 9d 06 20 4c 00 c1"
    )
    emulator = NESEmulator(program(code), timing=timing, frame_boundary="nes-py")
    emulator.step(3)
    assert emulator.peek_ppu(place) == 0x55


def test_modifying_writes_once():
    code = "a9 00 8d 01 20 a9 20 8d 06 20 a9 00 8d 06 20 ee 07 20 a9 aa 8d 07 20 4c 00 c1"
    emulator = NESEmulator(program(code), timing="nes-py")
    emulator.step()
    # The read moves on by one, the write by another.
    assert emulator.peek_ppu(0x2002) == 0xAA


@pytest.mark.parametrize(("timing", "count"), [("nes-py", 0), ("hardware", 1)])
def test_an_interrupt_enabled_within_vertical_blank_does_not_come(timing, count):
    # Cycle 59,110 or so: within the second vertical blank.
    code = "a2 2e a0 00 88 d0 fd ca d0 f8 a9 80 8d 00 20 4c 00 c1"
    interrupt = bytes.fromhex("e6 10 40")
    assert ram_after(code, timing, steps=2, interrupt=interrupt)[0x10] == count
    assert ram_after(code, timing, steps=3, interrupt=interrupt)[0x10] == count + 1


@pytest.mark.parametrize(("mask", "lost"), [(0x00, 0), (0x08, 0), (0x10, 0), (0x18, 10)])
def test_odd_frames_lose_a_dot_with_background_and_sprites_on(mask, lost):
    emulator = NESEmulator(program(f"a9 {mask:02x} 8d 01 20 4c 00 c1"), timing="nes-py")

    def beam():
        trace = emulator.trace()
        return trace.scanline * 341 + trace.dot - 3 * trace.cycle

    emulator.step(2)
    start = beam()
    emulator.step(20)
    assert (beam() - start) % (262 * 341) == lost


def actions(count):
    source = random.Random(7)
    pressed = []
    while len(pressed) < count:
        pressed += [source.choice([0, 1, 8, 16, 64, 128, 129, 65, 2, 32])] * source.randrange(1, 12)
    return pressed[:count]


@pytest.mark.parametrize(("path", "checksum"), [(BRICKS, 0xC86A2B63), (DUEL, 0x2C6660D8), (TRAIL, 0xB021EA70)])
def test_600_steps_are_those_of_nes_py(path, checksum):
    """The checksum of the RAM after each of 600 steps on nes-py 9.0.1; one of the games counts lines with an MMC3."""
    emulator = NESEmulator(path, timing="nes-py")
    seen = 0
    for buttons in actions(600):
        emulator.frame_advance(buttons)
        seen = zlib.crc32(emulator.memory_buffer(), seen)
    assert seen == checksum


def test_options_that_do_not_matter_do_not_matter():
    ends = set()
    for options in ({}, {"policy": "reference"}, {"whole_pictures": True}):
        emulator = NESEmulator(BRICKS, timing="nes-py", **options)
        for number, buttons in enumerate(actions(120)):
            emulator.controller(0)[0] = buttons
            emulator.step(render=number % 3 != 0)
        ends.add((emulator.cpu_cycles, emulator.memory_buffer().tobytes()))
    assert len(ends) == 1


@pytest.mark.parametrize("form", ["snapshot", "bytes", "pickle", "copy"])
def test_a_state_from_within_a_step_goes_on_the_same_way(form):
    emulator = NESEmulator(BRICKS, timing="nes-py")
    emulator.step(60)
    for _ in range(2500):
        emulator.step_instruction()
    if form == "copy":
        twin = copy.deepcopy(emulator)
    elif form == "pickle":
        twin = pickle.loads(pickle.dumps(emulator))
    else:
        twin = NESEmulator(BRICKS, timing="nes-py")
        state = emulator.dump_state()
        twin.load_state(state if form == "snapshot" else bytes(state))
    assert twin.timing == "nes-py"
    for buttons in actions(40):
        emulator.frame_advance(buttons)
        twin.frame_advance(buttons)
        assert twin.cpu_cycles == emulator.cpu_cycles
        assert twin.memory_buffer().tobytes() == emulator.memory_buffer().tobytes()
    assert twin.dump_state() == emulator.dump_state()


@pytest.mark.parametrize("serialized", [False, True])
@pytest.mark.parametrize("timing", ["hardware", "nes-py"])
def test_states_of_the_other_timing_are_refused(timing, serialized):
    other = "hardware" if timing == "nes-py" else "nes-py"
    emulator = NESEmulator(BRICKS, timing=timing)
    emulator.step(5)
    before = emulator.dump_state()
    source = NESEmulator(BRICKS, timing=other, frame_boundary="nes-py")
    source.step(5)
    state = source.dump_state()
    with pytest.raises(StateError, match=f"made with timing=.{other}.*has timing=.{timing}"):
        emulator.load_state(bytes(state) if serialized else state)
    assert emulator.dump_state() == before


def pal_rom():
    content = bytearray(demonstration_rom())
    content[7] |= 0x08  # NES 2.0
    content[8:16] = bytes((0, 0, 0, 0, 1, 0, 0, 0))
    return bytes(content)


@pytest.mark.parametrize(
    ("game", "options", "message"),
    [
        (demonstration_rom(), {"region": "pal"}, "NTSC consoles, not 'pal'"),
        (demonstration_rom(), {"region": "dendy"}, "NTSC consoles, not 'dendy'"),
        (pal_rom(), {}, "NTSC consoles, not 'pal'"),
        (demonstration_rom(), {"device": "zapper"}, "device='joypads'"),
        (demonstration_rom(), {"device": "four_score"}, "device='joypads'"),
        (demonstration_rom(), {"frame_boundary": "vblank"}, "frame_boundary='nes-py', not 'vblank'"),
        (rom(mapper=66), {}, "not mapper 66"),
    ],
)
def test_refused(game, options, message):
    with pytest.raises(ValueError, match=message):
        NESEmulator(game, timing="nes-py", **options)


def test_refused_later():
    emulator = NESEmulator(BRICKS, timing="nes-py")
    with pytest.raises(ValueError, match="no sound"):
        emulator.sample_rate = 48000
    emulator.sample_rate = None
    with pytest.raises(ValueError, match="not 'vblank'"):
        emulator.frame_boundary = "vblank"
    emulator.frame_boundary = "nes-py"


def test_unknown_timings_are_refused():
    for build in (NESEmulator, NESEnv):
        with pytest.raises(ValueError, match="timing must be one of 'hardware', 'nes-py'"):
            build(str(BRICKS), timing="exact")
        with pytest.raises(TypeError, match="timing must be a str"):
            build(str(BRICKS), timing=1)


def test_the_environment_variable(monkeypatch):
    assert NESEnv(str(BRICKS)).timing == "hardware"
    monkeypatch.setenv("NES_PY_TIMING", "nes-py")
    env = NESEnv(str(BRICKS))
    assert (env.timing, env.frame_boundary) == ("nes-py", "nes-py")
    assert copy.deepcopy(env).timing == "nes-py"
    assert NESEnv(str(BRICKS), timing="hardware").timing == "hardware"
    assert VectorNESEmulator(str(BRICKS), 2)._batch.emulators[1].timing == "nes-py"
    assert VectorEmulator(str(BRICKS), 2)._batch.emulators[1].timing == "nes-py"
    # Those that nes-py does not have go by their arguments alone.
    assert NESEmulator(BRICKS).timing == "hardware"
    assert BricksEnv().timing == "hardware"
    monkeypatch.setenv("NES_PY_TIMING", "exact")
    with pytest.raises(ValueError, match="NES_PY_TIMING must be one of 'hardware', 'nes-py', not 'exact'"):
        NESEnv(str(BRICKS))
    monkeypatch.setenv("NES_PY_TIMING", "")
    assert NESEnv(str(BRICKS)).timing == "hardware"


def test_a_reset_without_a_backup_keeps_memory():
    env = NESEnv(str(BRICKS), timing="nes-py")
    env.reset()
    env.step(0)
    env.ram[0x7F0] = 0x5A
    env.reset()
    assert env.ram[0x7F0] == 0x5A
    env = NESEnv(str(BRICKS), timing="nes-py", on_reset="power_on")
    env.reset()
    env.ram[0x7F0] = 0x5A
    env.reset()
    assert env.ram[0x7F0] == 0
    # The reset button of the console is the same thing there.
    emulator = NESEmulator(BRICKS, timing="nes-py")
    emulator.step(3)
    emulator.memory_buffer()[0x7F0] = 0x5A
    emulator.soft_reset()
    assert emulator.memory_buffer()[0x7F0] == 0x5A


def test_movies_know_it(tmp_path):
    env = NESEnv(str(BRICKS), timing="nes-py")
    env.reset()
    movie = Movie.begin(env)
    for buttons in actions(30):
        movie.append(buttons)
        env.step(buttons)
    movie.save(tmp_path / "game.fm2")
    loaded = Movie.load(tmp_path / "game.fm2")
    assert loaded == movie
    emulator = loaded.emulator(BRICKS)
    assert emulator.timing == "nes-py"
    loaded.replay(emulator)
    assert emulator.memory_buffer().tobytes() == env.ram.tobytes()
    with pytest.raises(MovieError, match="made with timing='nes-py', the emulator has 'hardware'"):
        loaded.replay(NESEmulator(BRICKS, frame_boundary="nes-py"))


def test_after_a_reset_steps_have_the_same_phase():
    env = NESEnv(str(BRICKS), timing="nes-py")
    picture = []
    for _ in range(2):
        env.reset()
        env.ram[:] = 0
        for buttons in actions(60):
            observation = env.step(buttons)[0]
        picture.append(observation.copy())
    assert np.array_equal(*picture)
