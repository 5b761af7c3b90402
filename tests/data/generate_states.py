"""Writes the samples in tests/data/states: states of this release that every later release must load.

``python -m tests.data.generate_states`` also writes docs/state-format.md. Run it once for each version of the
format, when it is final; samples of earlier versions do not change. Until the first release of a version the
format may change without a new number; run this again then.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib import resources
from pathlib import Path

from nes_py import NESEmulator, _cartridge
from nes_py.tools import state_format
from tests.support import rom_builder

FOLDER = Path(__file__).parent / "states"
PAGE = Path(__file__).parents[2] / "docs" / "state-format.md"
FRAMES_BEFORE = 90
FRAMES_AFTER = 60

# Registers that are written before the demonstration program begins: pairs of address and value.
_SET_UP = {
    1: [(0x8000, value) for value in (0, 1, 1, 1, 0)] + [(0xA000, value) for value in (1, 0, 1, 0, 0)],
    4: [(0x8000, 2), (0x8001, 5), (0xA000, 1), (0xC000, 20), (0xC001, 0), (0xE001, 0), (0xA001, 0x80)],
    5: [(0x5116, 0x82), (0x5117, 0x83), (0x5105, 0x44), (0x5120, 3), (0x5203, 100), (0x5204, 0x80), (0x5205, 77)],
    24: [(0xC000, 2), (0xD000, 3), (0xF000, 0x50), (0xF001, 7), (0xB003, 0x24)],
}


def _board_rom(mapper: int) -> bytes:
    """Returns the demonstration ROM on another board, of which it sets up some registers."""
    image = bytearray(rom_builder.demonstration_rom(fill=0x5A))
    code = b"".join(bytes((0xA9, value, 0x8D, address & 0xFF, address >> 8)) for address, value in _SET_UP[mapper])
    bank = image[16 : 16 + rom_builder.PRG_BANK]
    bank[0x3000 : 0x3000 + len(code) + 3] = code + b"\x4c\x00\xc0"
    bank[0x3FFC:0x3FFE] = b"\x00\xf0"
    return rom_builder.header(2, 1, mapper) + bytes(bank) * 2 + bytes(image[16 + rom_builder.PRG_BANK :])


def sample_roms() -> dict[str, bytes]:
    """Returns the embedded game, and boards with much and with little state."""
    game = resources.files("nes_py.roms").joinpath("bricks.nes").read_bytes()
    return {"bricks": game} | {f"mapper_{mapper}": _board_rom(mapper) for mapper in _SET_UP}


def play(emulator: NESEmulator, frames: int) -> None:
    """Plays with buttons that change."""
    for frame in range(frames):
        emulator.controller(0)[...] = (frame * 37) & 0xFF
        emulator.step()


def describe(emulator: NESEmulator) -> dict[str, str]:
    """Returns what a machine looks like."""
    return {
        "ram_sha1": hashlib.sha1(emulator.memory_buffer().tobytes()).hexdigest(),
        "picture_sha1": hashlib.sha1(emulator.index_buffer().tobytes()).hexdigest(),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, rom in sample_roms().items():
        emulator = NESEmulator(rom)
        play(emulator, FRAMES_BEFORE)
        state = bytes(emulator.dump_state())
        play(emulator, FRAMES_AFTER)
        stem = f"{name}.v{_cartridge.state_version}"
        (FOLDER / f"{name}.nes.gz").write_bytes(gzip.compress(rom, 9, mtime=0))
        (FOLDER / f"{stem}.bin.gz").write_bytes(gzip.compress(state, 9, mtime=0))
        (FOLDER / f"{stem}.json").write_text(json.dumps(describe(emulator), indent=2) + "\n", encoding="utf-8")
    state_format.main([str(PAGE)])


if __name__ == "__main__":
    main()
