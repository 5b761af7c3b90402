"""What importing the package does and does not do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
from support.rom_builder import demonstration_rom

import nes_py


def test_import_needs_neither_a_window_library_nor_a_progress_bar() -> None:
    names = ("pyglet", "tqdm", "PIL", "sounddevice", "imageio")
    program = f"import sys, nes_py; print([name for name in {names} if name in sys.modules])"
    arguments = [sys.executable, "-c", program]
    assert subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout.strip() == b"[]"


def test_without_data_files(tmp_path: Path) -> None:
    # As tools that freeze programs copy it.
    package = Path(nes_py.__file__).parent
    leave = shutil.ignore_patterns("*.json", "roms", "page", "__pycache__", "*.pyx", "*.pyi")
    shutil.copytree(package, tmp_path / "nes_py", ignore=leave)
    libraries = package.with_name("nes_py.libs")  # of a repaired wheel
    if libraries.is_dir():
        shutil.copytree(libraries, tmp_path / libraries.name)
    (tmp_path / "game.nes").write_bytes(demonstration_rom())
    program = """
import nes_py, nes_py.games
assert len(nes_py.NESEnv("game.nes").reset()) == 2 and nes_py.games.known_games() == []
try:
    nes_py.NESEnv("bricks")
except nes_py.RomNotFoundError as error:
    assert "bricks.nes" in str(error) and "missing" in str(error), error
else:
    raise SystemExit("opened")
"""
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)


def test_public_names() -> None:
    assert nes_py.__version__ == "10.0.0"
    for name in nes_py.__all__:
        assert hasattr(nes_py, name)
    assert {"NESEnv", "NESEmulator", "Snapshot", "RomError", "StateError"} <= set(nes_py.__all__)


def test_environments_are_registered_once() -> None:
    spec = gym.spec("nes_py/Bricks-v0")
    nes_py.register_environments()
    assert gym.spec("nes_py/Bricks-v0") is spec
    assert isinstance(spec.entry_point, str)
