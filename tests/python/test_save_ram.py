"""Battery-backed RAM: a view, and files only if the caller writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from tests.support import rom_builder
from tests.support.board_roms import KEPT, board_rom

# LDX #0; INC $6000; and for ever: STA $6001, INX, TXA.
PROGRAM = bytes.fromhex("a2 00 ee 00 60 8d 01 60 e8 8a 4c 05 c0")


def battery_rom() -> bytes:
    return rom_builder.header(mapper=0, flags=2) + rom_builder.prg(PROGRAM) + bytes(rom_builder.CHR_BANK)


def test_the_view_shows_what_the_game_writes() -> None:
    emulator = NESEmulator(battery_rom())
    view = emulator.save_ram
    assert view.shape == (8192,)
    assert view.dtype == np.uint8
    assert view.flags.writeable
    emulator.step(3)
    assert view[0] == 1
    assert np.shares_memory(view, emulator.prg_ram)
    view[0x234] = 0x56
    assert emulator.peek(0x6234) == 0x56


def test_it_goes_to_a_file_and_back_when_the_caller_says_so(tmp_path: Path) -> None:
    path = tmp_path / "game.sav"
    first = NESEmulator(battery_rom())
    first.step(3)
    first.save_ram.tofile(path)
    second = NESEmulator(battery_rom())
    second.save_ram[:] = np.fromfile(path, "uint8")
    second.step(1)
    # The game counts how often it was switched on.
    assert second.save_ram[0] == 2


def test_a_reset_begins_with_nothing_and_a_state_brings_it_back() -> None:
    emulator = NESEmulator(battery_rom())
    emulator.step(3)
    emulator.save_ram[100] = 7
    state = emulator.dump_state()
    emulator.reset()
    assert emulator.save_ram[100] == 0
    emulator.load_state(bytes(state))
    assert emulator.save_ram[100] == 7


def test_it_is_empty_without_a_battery() -> None:
    assert NESEmulator(rom_builder.rom()).save_ram.shape == (0,)
    # RAM without a battery is none of it.
    emulator = NESEmulator(board_rom(1))
    assert emulator.save_ram.shape == (0,)
    assert emulator.prg_ram.shape == (8192,)
    assert KEPT == 0x6000


def test_nes2_headers_say_how_much_of_the_ram_it_is() -> None:
    # 8 KB of RAM and 2 KB of battery RAM.
    header = rom_builder.header(2, 1, 1, flags=2, tail=bytes((0, 0, 0x57, 0, 0, 0, 0, 0)), nes2=True)
    emulator = NESEmulator(header + rom_builder.prg(b"\x4c\x00\xc0", banks=2) + bytes(rom_builder.CHR_BANK))
    assert emulator.prg_ram.shape == (8192 + 2048,)
    assert emulator.save_ram.shape == (2048,)


def test_environments_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = NESEnv(battery_rom())
    env.reset()
    env.step(0)
    assert env.save_ram[0] == 1
    envs = NESVectorEnv(battery_rom(), 3)
    envs.reset(seed=0)
    envs.step(np.zeros(3, np.int64))
    assert envs.save_ram.shape == (3, 8192)
    assert envs.save_ram[:, 0].tolist() == [1, 1, 1]
    envs.save_ram[1, 9] = 5
    assert envs.save_ram[:, 9].tolist() == [0, 5, 0]
    env.close()
    envs.close()
    assert not list(tmp_path.iterdir())
    assert NESVectorEnv(rom_builder.rom(), 2).save_ram.shape == (2, 0)


def test_it_needs_an_open_emulator() -> None:
    emulator = NESEmulator(battery_rom())
    view = emulator.save_ram
    emulator.close()
    with pytest.raises(ValueError, match="closed"):
        _ = emulator.save_ram
    assert view.shape == (8192,)
