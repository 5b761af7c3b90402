"""States of this and earlier releases load and run; the page that describes them is up to date."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nes_py import NESEmulator, _cartridge
from nes_py.tools import state_format
from tests.data import generate_states

SAMPLES = sorted(generate_states.FOLDER.glob("*.bin.gz"))


@pytest.mark.skipif(not generate_states.PAGE.exists(), reason="not a source tree")
def test_page_is_up_to_date() -> None:
    assert generate_states.PAGE.read_text(encoding="utf-8") == state_format.page()


def test_there_are_samples_of_this_version() -> None:
    names = {path.name for path in SAMPLES}
    assert {f"{name}.v{_cartridge.state_version}.bin.gz" for name in generate_states.sample_roms()} <= names


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.removesuffix(".bin.gz"))
def test_sample_loads_and_plays_on(path: Path) -> None:
    stem = path.name.removesuffix(".bin.gz")
    rom = gzip.decompress((path.parent / f"{stem.rpartition('.')[0]}.nes.gz").read_bytes())
    expected = json.loads((path.parent / f"{stem}.json").read_text(encoding="utf-8"))
    emulator = NESEmulator(rom)
    before = generate_states.describe(emulator)
    emulator.load_state(gzip.decompress(path.read_bytes()))
    generate_states.play(emulator, generate_states.FRAMES_AFTER)
    found = generate_states.describe(emulator)
    assert found == expected
    assert found != before


@pytest.mark.parametrize("name", generate_states.sample_roms())
def test_fields_cover_the_payload(name: str) -> None:
    rom = generate_states.sample_roms()[name]
    end = 0
    for _, offset, size, count in _cartridge.state_fields(rom):
        assert offset == end
        end += size * count
    assert end == len(bytes(NESEmulator(rom).dump_state())) - 40


def test_fields_are_where_the_page_says() -> None:
    rom = generate_states.sample_roms()["mapper_4"]
    fields = {name: offset + 32 for name, offset, _, _ in _cartridge.state_fields(rom)}
    emulator = NESEmulator(rom)
    emulator.step(30)
    state = bytes(emulator.dump_state())
    assert int.from_bytes(state[fields["cpu.cycle"] : fields["cpu.cycle"] + 8], "little") == emulator.cpu_cycles
    assert int.from_bytes(state[fields["cpu.pc"] : fields["cpu.pc"] + 2], "little") == emulator.trace().pc
    assert state[fields["ram"] : fields["ram"] + 2048] == emulator.memory_buffer().tobytes()
    assert state[fields["board.irq_latch"]] == 20
