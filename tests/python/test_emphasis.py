"""Bits 5 to 7 of ppumask: emphasised colours in every kind of picture, and in states."""

from __future__ import annotations

import gzip
import itertools

import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from tests.support import rom_builder

POLICIES = ("fast", "reference")
COLOUR = 0x30  # 252, 252, 252
WAIT = "2c0220 10fb"
SET_UP = bytes.fromhex(f"78 d8 a2ff 9a {WAIT} {WAIT} a93f 8d0620 a900 8d0620 a930 8d0720 a900 8d0620 8d0620")
# NESdev "NTSC video": the attenuator's 0.746; four of six phases of a channel's half cycle by one other colour's bit.
ONE, BOTH = 1 - 0.254 * 4 / 6, 0.746


def image(code: bytes) -> bytes:
    code = SET_UP + code
    return rom_builder.rom(code + b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little"))


def mask(value: int) -> bytes:
    return bytes((0xA9, value, 0x8D, 0x01, 0x20))


def factors(bits: int) -> list[float]:
    """Returns what is left of red, green and blue with bit 0 red, bit 1 green, bit 2 blue emphasised."""
    others = [sum(bits >> other & 1 for other in range(3) if other != channel) for channel in range(3)]
    return [(1.0, ONE, BOTH)[count] for count in others]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("region", ["ntsc", "pal", "dendy"])
@pytest.mark.parametrize("rendering", [0x00, 0x1E])
def test_every_combination(rendering, region, policy):
    """Of a picture of one colour; on PAL and Dendy bit 5 is green and bit 6 is red."""
    for bits in range(8):
        machine = NESEmulator(image(mask(bits << 5 | rendering)), region=region, policy=policy)
        machine.step(5)
        if region != "ntsc":
            bits = bits & 4 | (bits & 1) << 1 | bits >> 1 & 1
        expected = [round(252 * factor) for factor in factors(bits)]
        assert (machine.index_buffer() == COLOUR).all()
        assert_same(machine.screen_rgb(), expected, f"bits {bits}")
        assert_same(machine.screen_buffer(), expected)
        grey = (77 * expected[0] + 150 * expected[1] + 29 * expected[2]) >> 8
        assert_same(machine.screen_gray(), grey)


def test_black_stays_black():
    machine = NESEmulator(image(mask(0xE0)).replace(b"\xa9\x30\x8d\x07\x20", b"\xa9\x0f\x8d\x07\x20"))
    machine.step(5)
    assert not machine.screen_rgb().any()


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("rendering", [0x00, 0x1E])
def test_changes_within_a_line(rendering, policy):
    """Each change shows from a pixel on; the line's parts are those of the cycles between the writes."""
    loop = mask(0x20 | rendering) + mask(0x40 | rendering) + mask(0x00 | rendering)
    machine = NESEmulator(
        rom_builder.rom(SET_UP + loop + b"\x4c" + (0xC000 + len(SET_UP)).to_bytes(2, "little")), policy=policy
    )
    machine.step(5)
    row = [tuple(pixel) for pixel in machine.screen_rgb()[100].tolist()]
    changes = [x for x in range(1, 256) if row[x] != row[x - 1]]
    assert len(changes) >= 11
    # Six cycles between the writes, and nine where the jump lies in between: 18 and 27 dots.
    assert {b - a for a, b in itertools.pairwise(changes)} == {18, 27}
    plain = (252, 252, 252)
    assert set(row) == {plain, *(tuple(round(252 * f) for f in factors(bits)) for bits in (1, 2))}


@pytest.mark.parametrize("policy", POLICIES)
def test_it_comes_and_goes(policy):
    """A frame in which nothing is emphasised looks as ever, and costs nothing of the frame before."""
    interrupt = bytes.fromhex("e612 a512 2901 f006 a920 8d0120 40 a900 8d0120 40")
    code = SET_UP + bytes.fromhex("a980 8d0020")
    program = rom_builder.prg(code + b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little"), interrupt)
    machine = NESEmulator(rom_builder.header() + program + bytes(rom_builder.CHR_BANK), policy=policy)
    machine.step(6)
    seen = []
    for _ in range(4):
        machine.step(1)
        seen.append(tuple(machine.screen_rgb()[200, 100].tolist()))
    assert set(seen) == {(252, 252, 252), tuple(round(252 * f) for f in factors(1))}
    assert seen[0] == seen[2] != seen[1] == seen[3]
    # A frame that is not drawn leaves the picture as it was.
    before = machine.screen_rgb()
    machine.step(1, render=False)
    assert_same(machine.screen_rgb(), before)


def test_states_keep_it():
    machine = NESEmulator(image(mask(0x40)))
    machine.step(5)
    picture = machine.screen_rgb()
    for state in (machine.dump_state(), bytes(machine.dump_state())):
        other = NESEmulator(machine.rom_data)
        assert not (other.screen_rgb() == picture).all()
        other.load_state(state)
        assert_same(other.screen_rgb(), picture)
    other.reset()
    assert_same(other.screen_rgb(), 0)  # black, plain


def test_states_of_version_1_are_of_plain_pictures():
    from tests.data import generate_states

    path = generate_states.FOLDER / "bricks.v1.bin.gz"
    emulator = NESEmulator(generate_states.sample_roms()["bricks"])
    emulator.load_state(gzip.decompress(path.read_bytes()))
    assert emulator.screen_rgb().any()
    assert int.from_bytes(bytes(emulator.dump_state())[8:12], "little") == 4


def test_environments_show_it():
    content = image(mask(0x20))
    expected = [round(252 * factor) for factor in factors(1)]
    env = NESEnv(content)
    env.reset()
    for _ in range(5):
        picture = env.step(0)[0]
    assert_same(np.asarray(picture), expected)
    env.close()
    grey = (77 * expected[0] + 150 * expected[1] + 29 * expected[2]) >> 8
    for size in (84, None):
        for options, value in (({}, [grey]), ({"grayscale": False}, expected), ({"maxpool": True}, [grey])):
            envs = NESVectorEnv(content, 1, img_height=size, img_width=size, stack_num=1, **options)
            envs.reset()
            for _ in range(3):
                observation = envs.step(np.zeros(1, np.int64))[0]
            planes = observation[0].reshape(len(value), -1)
            assert [set(plane.tolist()) for plane in planes] == [{each} for each in value], (size, options)
            envs.close()


def test_the_larger_of_two_pictures():
    """Maxpool of an emphasised picture and a plain one is the plain one."""
    interrupt = bytes.fromhex("e612 a512 2901 f006 a920 8d0120 40 a900 8d0120 40")
    code = SET_UP + bytes.fromhex("a980 8d0020")
    program = rom_builder.prg(code + b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little"), interrupt)
    content = rom_builder.header() + program + bytes(rom_builder.CHR_BANK)
    envs = NESVectorEnv(content, 1, maxpool=True, frameskip=3, stack_num=1, grayscale=False)
    envs.reset()
    for _ in range(6):
        observation = envs.step(np.zeros(1, np.int64))[0]
        last = observation
    assert set(np.unique(last).tolist()) == {252}
    envs.close()
