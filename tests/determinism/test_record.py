"""The results match the recorded hashes; ``make determinism`` checks many Pythons and compilers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import nes_py
from nes_py.tools.hardware import rom_directories
from tests.determinism.run import CONSOLES, play

PROJECT = Path(__file__).resolve().parents[2]
RECORD = json.loads((PROJECT / "tests" / "data" / "determinism.json").read_text())


def find(digest: str) -> Path | None:
    """Returns the ROM with a hash, of the package or of the hardware tests."""
    folders = (Path(nes_py.__file__).parent / "roms", *rom_directories(PROJECT))
    for folder in folders:
        for path in sorted(folder.rglob("*.nes")) if folder.is_dir() else ():
            if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
                return path
    return None


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("digest", RECORD, ids=[entry["rom"] for entry in RECORD.values()])
def test_ten_thousand_frames(digest: str, threads: int) -> None:
    path = find(digest)
    if path is None:
        pytest.skip("the ROM is not here")
    assert play(path.read_bytes(), "fast", threads)[:CONSOLES] == RECORD[digest]["hashes"]


def test_every_embedded_game_is_recorded() -> None:
    for path in sorted((Path(nes_py.__file__).parent / "roms").rglob("*.nes")):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in RECORD, f"make determinism ARGS=--record ({path.name})"
