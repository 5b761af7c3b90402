"""The C library of nes-py 8, ``nes_py.nes_env._LIB``: what programs call with the ``_env`` of an environment.

``_env`` is an ``NESEmulator`` here, and the functions are Python's. There is no ``Screen``: its picture had four bytes
per pixel.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from nes_py._timing import default_timing
from nes_py.emulator import NESEmulator, Snapshot, keep_inputs

from ..errors import shown

RAM_VECTOR = ctypes.c_byte * 0x800
CONTROLLER_VECTOR = ctypes.c_byte * 1

# An address is valid for as long as its array lives.
_views: WeakKeyDictionary[NESEmulator, list[NDArray[np.uint8]]] = WeakKeyDictionary()
_backups: WeakKeyDictionary[NESEmulator, Snapshot] = WeakKeyDictionary()


def Width() -> int:
    """Return the width of the picture."""
    return NESEmulator.width


def Height() -> int:
    """Return the height of the picture."""
    return NESEmulator.height


def Initialize(rom_path: str | os.PathLike[str]) -> NESEmulator:
    """Return a new console."""
    return NESEmulator(rom_path, frame_boundary=None, timing=default_timing())


def Step(emulator: NESEmulator) -> None:
    """Run one frame with the buttons that are held."""
    _check(emulator).step()


def Reset(emulator: NESEmulator) -> None:
    """Do what nes-py's ``reset`` does without a backup: RAM keeps its contents."""
    keep_inputs(_check(emulator), emulator.reset, True)


def Backup(emulator: NESEmulator) -> None:
    """Save the state, apart from the environment's slots."""
    _backups[emulator] = _check(emulator).dump_state()


def Restore(emulator: NESEmulator) -> None:
    """Restore what ``Backup`` saved."""
    snapshot = _backups.get(_check(emulator))
    if snapshot is None:
        raise ValueError("there is no state to restore: call Backup first")
    keep_inputs(emulator, emulator.load_state, snapshot)


def Close(emulator: NESEmulator) -> None:
    """Close the console."""
    _check(emulator).close()


def Memory(emulator: NESEmulator) -> int:
    """Return the address of the RAM, a ``RAM_VECTOR``; it is valid while the emulator lives."""
    return _address(emulator, _check(emulator).memory_buffer())


def Controller(emulator: NESEmulator, port: int) -> int:
    """Return the address of a controller's byte, a ``CONTROLLER_VECTOR``; it is valid while the emulator lives."""
    return _address(emulator, _check(emulator).controller(port))


def _address(emulator: NESEmulator, view: NDArray[np.uint8]) -> int:
    _views.setdefault(emulator, []).append(view)
    return int(view.ctypes.data)


def _check(emulator: Any) -> NESEmulator:
    if isinstance(emulator, NESEmulator):
        return emulator
    if emulator is None:
        raise ValueError("the environment has already been closed")
    raise TypeError(f"the functions of _LIB take the _env of an environment, not {shown(emulator)}")


def __getattr__(name: str) -> NoReturn:
    if name == "Screen":
        raise AttributeError("_LIB has no Screen: pictures have no fourth byte per pixel here, use env.screen")
    raise AttributeError(f"_LIB, the library of nes-py 8, has no function {shown(name)}")
