"""Writes tests/data/fceux: savestates that stable-retro's NES core made of our own test ROMs, and the following frames.

Needs stable-retro, unlike the tests: ``python -m tests.data.generate_fceux`` in an environment with it. For each
ROM it writes the state after some frames and the SHA-1 of RAM after each of the next 600 frames of the same inputs.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np

from tests.support import rom_builder
from tests.support.board_roms import board_rom

FOLDER = Path(__file__).parent / "fceux"
BRICKS = files("nes_py.roms") / "bricks.nes"
WARM_UP = 45
FRAMES = 600
BUTTONS = ("A", "B", "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT")
CORE_BUTTONS = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")


def roms() -> dict[str, bytes]:
    """Returns the ROMs."""
    boards = {f"mapper_{mapper}": board_rom(mapper) for mapper in (0, 1, 2, 3, 4, 7, 66)}
    return {"bricks": BRICKS.read_bytes(), "demonstration": rom_builder.demonstration_rom()} | boards


def buttons(frame: int) -> int:
    """Returns what is held in a frame, A in bit 0."""
    return (frame * 37 >> 2) & 0xF9 | (frame // 50 % 3 == 1)


def ram_of(state: bytes) -> bytes:
    """Returns RAM as it is in an uncompressed state."""
    start = state.index(b"RAM\0\0\x08\0\0") + 8
    return state[start : start + 2048]


def run(rom: bytes) -> tuple[bytes, list[str]]:
    """Returns the state after the first frames, and the hashes of RAM that follow."""
    import stable_retro

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "game.nes")
        path.write_bytes(rom)
        core = stable_retro.RetroEmulator(str(path))
    core.configure_data(stable_retro.data.GameData())
    state, hashes = b"", []
    for frame in range(WARM_UP + FRAMES):
        if frame == WARM_UP:
            state = core.get_state()
        held = {button for bit, button in enumerate(BUTTONS) if buttons(frame) >> bit & 1}
        core.set_button_mask(np.array([button in held for button in CORE_BUTTONS], np.uint8), 0)
        core.step()
        if frame >= WARM_UP:
            hashes.append(hashlib.sha1(ram_of(core.get_state())).hexdigest()[:8])
    return state, hashes


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, rom in roms().items():
        state, hashes = run(rom)
        (FOLDER / f"{name}.state").write_bytes(gzip.compress(state, 9, mtime=0))
        (FOLDER / f"{name}.json").write_text(json.dumps(hashes, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
