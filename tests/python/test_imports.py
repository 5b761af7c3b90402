"""What importing the package does and does not do."""

from __future__ import annotations

import subprocess
import sys

import gymnasium as gym

import nes_py


def test_import_needs_neither_a_window_library_nor_a_progress_bar() -> None:
    names = ("pyglet", "tqdm", "PIL", "sounddevice", "imageio")
    program = f"import sys, nes_py; print([name for name in {names} if name in sys.modules])"
    arguments = [sys.executable, "-c", program]
    assert subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout.strip() == b"[]"


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
