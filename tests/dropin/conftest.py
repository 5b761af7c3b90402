"""Fixtures of the tests of existing programs' habits."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.rom_builder import demonstration_rom


@pytest.fixture
def rom_path(tmp_path: Path) -> str:
    """A file with the demonstration program."""
    path = tmp_path / "demonstration.nes"
    path.write_bytes(demonstration_rom())
    return str(path)
