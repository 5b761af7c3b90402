"""Game Genie codes and frozen RAM."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Literal

import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py._batch import Batch
from nes_py.cheats import Cheat, Freeze, decode, patch_rom
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


def test_codes_of_a_tiny_prg_rom_change_nothing_behind_it() -> None:
    # NES 2.0: 2 ** 6 * 5 bytes, which are repeated in the chip's pages; CHR-ROM follows.
    prg = bytes(320)
    rom = rom_builder.header(6 << 2 | 2, 1, nes2=True, tail=bytes([0, 0x0F, 0, 0, 0, 0, 0, 0])) + prg
    rom += bytes(rom_builder.CHR_BANK)
    for address in range(0x8000, 0x10000, 0x3FF):
        patched = patch_rom(rom, [Cheat(address, 9)])
        changed = [place - 16 for place, (a, b) in enumerate(zip(rom, patched, strict=True)) if a != b]
        assert changed
        assert max(changed) < len(prg)


def test_codes_that_do_not_fit() -> None:
    rom = rom_builder.rom()
    with pytest.raises(ValueError, match=r"the code for \$[0-9A-F]{4} replaces a 0x77"):
        patch_rom(rom, [Cheat(0x9000, 1, 0x77)])
    with pytest.raises(TypeError, match="list of codes"):
        patch_rom(rom, "SXIOPO")


# --- frozen RAM ---


def counting_rom(*, flags: int = 0) -> bytes:
    """Returns a cartridge that counts $10 and $6000 down in each vertical blank, and then copies $10 to $11."""
    reset = bytes.fromhex("78 d8 a2 ff 9a 2c 02 20 10 fb 2c 02 20 10 fb a9 80 8d 00 20 4c 14 c0")
    nmi = bytes.fromhex("c6 10 ce 00 60 a5 10 85 11 40")
    return rom_builder.header(flags=flags) + rom_builder.prg(reset, nmi) + bytes(rom_builder.CHR_BANK)


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_a_freeze_holds_a_byte(policy: Literal["fast", "reference"]) -> None:
    emulator = NESEmulator(counting_rom(flags=2), cheats=["0010:09", Freeze(0x6000, 0x55)], policy=policy)
    for _ in range(10):
        emulator.step()
        assert emulator.peek(0x10) == 9
        assert emulator.peek(0x6000) == 0x55
    # Within a frame the game may change it.
    assert emulator.peek(0x11) == 8
    emulator.reset()
    emulator.step(10)
    assert emulator.peek(0x10) == 9


def test_freezes_survive_copies_and_states() -> None:
    emulator = NESEmulator(counting_rom(), cheats=[Freeze(0x10, 3)])
    emulator.step(5)
    for twin in (copy.deepcopy(emulator), pickle.loads(pickle.dumps(emulator))):
        twin.step(3)
        assert twin.peek(0x10) == 3
        assert twin.options["cheats"] == (Freeze(0x10, 3),)
    plain = NESEmulator(counting_rom())
    plain.load_state(emulator.dump_state())
    plain.step(3)
    assert plain.peek(0x10) == 0


def test_codes_as_an_option() -> None:
    rom = counting_rom()
    code = Cheat(0xD000, 0xE6, 0xC6)  # DEC becomes INC
    emulator = NESEmulator(rom, cheats=[code, "0011:77"])
    assert emulator.rom_data == patch_rom(rom, [code])
    emulator.step(20)
    assert 0 < emulator.peek(0x10) < 20
    assert emulator.peek(0x11) == 0x77
    again = NESEmulator(emulator.rom_data, **emulator.options)
    again.step(20)
    assert again.dump_state() == emulator.dump_state()
    assert pickle.loads(pickle.dumps(emulator)).dump_state() == emulator.dump_state()


def test_environments_take_cheats() -> None:
    cheats = [Cheat(0xD000, 0xE6, 0xC6), "0012:44"]
    env = NESEnv(counting_rom(), cheats=cheats)
    env.reset()
    with NESVectorEnv(counting_rom(), 2, cheats=cheats, frameskip=1, frame_boundary="nes-py") as envs:
        envs.reset(seed=0)
        for _ in range(8):
            env.step(0)
            envs.step(np.zeros(2, np.int64))
        assert_same(envs.ram, env.ram)
        assert env.ram[0x12] == 0x44
        assert 0 < env.ram[0x10] < 8
        state = envs.get_state(0)
        envs.set_state(1, state)
        envs.set_state(1, bytes(state.snapshot))
    batch = Batch(counting_rom(), 2, cheats=cheats)
    batch.step(np.zeros(2, np.uint8), frames=20)
    assert batch.emulators[1].peek(0x12) == 0x44


@pytest.mark.parametrize(
    ("cheats", "error", "message"),
    [
        ("SXIOPO", TypeError, "list of codes"),
        ([5], TypeError, "a cheat must be"),
        (["12345678:9"], ValueError, "there is no RAM at 0x12345678"),
        (["2002:09"], ValueError, "there is no RAM at 0x2002"),
        (["10:100"], ValueError, r"0\.\.255"),
        (["10:xy"], ValueError, "written like '075A:09'"),
        (["SXIOP"], ValueError, "6 or 8 letters"),
    ],
)
def test_wrong_cheats(cheats: Any, error: type[Exception], message: str) -> None:
    for build in (NESEmulator, NESEnv, NESVectorEnv):
        with pytest.raises(error, match=message):
            build(counting_rom(), cheats=cheats)
    with pytest.raises(TypeError, match="an integer"):
        Freeze(0x10, 1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(("exponent", "multiplier"), [(6, 2), (8, 0), (10, 1), (11, 1), (13, 1), (14, 0)])
def test_codes_on_roms_of_odd_sizes_change_the_prg_rom_only(exponent: int, multiplier: int) -> None:
    size = (1 << exponent) * (2 * multiplier + 1)
    prg = np.random.default_rng(size).integers(0, 255, size, np.uint8).tobytes()
    header = rom_builder.header(exponent << 2 | multiplier, 1, nes2=True, tail=bytes((0, 0x0F)) + bytes(6))
    rom = header + prg + bytes(range(256)) * 32
    original = NESEmulator(rom)
    for address in (0x8000, 0x8001, 0x8123, 0x87FF, 0x9FFF, 0xA000, 0xC321, 0xFFFF):
        for compare in (None, original.peek(address)):
            patched = patch_rom(rom, [Cheat(address, 0xFF, compare)])
            assert NESEmulator(patched).peek(address) == 0xFF, hex(address)
            assert patched[:16] == rom[:16]
            assert patched[16 + size :] == rom[16 + size :]
            assert patched != rom
    for cheat in (Cheat(0x7FFF, 0), Cheat(0x8000, 256), Cheat(-1, 0)):
        with pytest.raises(ValueError, match="code changes"):
            patch_rom(rom, [cheat])
