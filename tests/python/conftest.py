"""Fixtures of the tests of the Python classes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.rom_builder import demonstration_rom

from nes_py import NESEmulator, NESEnv

# From power-on the demonstration program needs some frames before it reads the controllers.
WARM_UP_FRAMES = 6


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test makes a noise."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)


@pytest.fixture
def rom_path(tmp_path: Path) -> str:
    """A file with the demonstration program."""
    path = tmp_path / "demonstration.nes"
    path.write_bytes(demonstration_rom())
    return str(path)


@pytest.fixture
def emulator() -> Iterator[NESEmulator]:
    """An emulator in which the demonstration program is running."""
    with NESEmulator(demonstration_rom()) as emulator:
        emulator.step(WARM_UP_FRAMES)
        yield emulator


@pytest.fixture
def env(rom_path: str) -> Iterator[NESEnv]:
    """An environment of the demonstration program, after a reset."""
    env = NESEnv(rom_path)
    env.reset(seed=0)
    yield env
    if env._env is not None:
        env.close()
