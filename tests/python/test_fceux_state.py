"""Savestates of FCEUX: stable-retro's NES core made the samples with our own ROMs."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from nes_py import NESEmulator
from nes_py.errors import StateError
from nes_py.fceux_state import convert, parse
from tests.data import generate_fceux
from tests.support.board_roms import INTERRUPTS, board_rom

ROMS = generate_fceux.roms()


def sample(name: str) -> bytes:
    return (generate_fceux.FOLDER / f"{name}.state").read_bytes()


@pytest.mark.parametrize("name", ROMS)
def test_plays_on_like_the_other_emulator(name: str) -> None:
    expected = json.loads((generate_fceux.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    emulator = NESEmulator(ROMS[name])
    emulator.load_state(convert(generate_fceux.FOLDER / f"{name}.state", ROMS[name]))
    found = []
    for frame in range(generate_fceux.WARM_UP, generate_fceux.WARM_UP + generate_fceux.FRAMES):
        emulator.controller(0)[...] = generate_fceux.buttons(frame)
        emulator.step(render=False)
        found.append(hashlib.sha1(emulator.memory_buffer().tobytes()).hexdigest()[:8])
    assert found == expected
    assert len(set(found)) > 500


def test_the_boards_are_really_used() -> None:
    emulator = NESEmulator(ROMS["mapper_4"])
    emulator.load_state(convert(sample("mapper_4"), ROMS["mapper_4"]))
    before = int(emulator.memory_buffer()[INTERRUPTS])
    emulator.step(20)
    assert int(emulator.memory_buffer()[INTERRUPTS]) - before == 20
    assert emulator.peek(0x6000) > 20


def test_gzip_and_path_make_no_difference(tmp_path: Path) -> None:
    rom, path = tmp_path / "game.nes", tmp_path / "game.fcs"
    rom.write_bytes(ROMS["mapper_1"])
    path.write_bytes(gzip.decompress(sample("mapper_1")))
    assert convert(path, rom) == convert(sample("mapper_1"), ROMS["mapper_1"])


def test_parse_names_the_chunks() -> None:
    chunks = parse(sample("mapper_4"))
    assert len(chunks["CPU", "RAM"]) == 2048
    assert len(chunks["PPU", "SPRA"]) == 256
    assert len(chunks["EXTRA", "REGS"]) == 8
    assert int.from_bytes(chunks["CPU", "PC"], "little") >= 0xC000


def test_errors(tmp_path: Path) -> None:
    rom, state = ROMS["mapper_4"], gzip.decompress(sample("mapper_4"))
    with pytest.raises(StateError, match="not an FCEUX state"):
        convert(b"NESPYSNP", rom)
    with pytest.raises(StateError, match="damaged"):
        convert(sample("mapper_4")[:200], rom)
    with pytest.raises(StateError, match="cannot be read"):
        convert(tmp_path / "none.state", rom)
    with pytest.raises(TypeError, match="state must be"):
        convert(7, rom)  # type: ignore[arg-type]
    with pytest.raises(StateError, match=r"mapper 24 .* cannot be converted"):
        convert(state, board_rom(24))
    with pytest.raises(StateError, match="no 'CMD' in section EXTRA"):
        convert(gzip.decompress(sample("mapper_0")), rom)
    for size in range(16, len(state), 97):
        try:
            convert(state[:size], rom)
        except StateError:
            continue
        pytest.fail(f"{size} of {len(state)} bytes were accepted")
