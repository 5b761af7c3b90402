"""An NES emulator for reinforcement learning.

``NESEnv`` is a Gymnasium environment for one game. ``NESEmulator`` is the console alone. Importing the package also
registers its environments, so that ``gymnasium.make("nes_py/Bricks-v1")`` works.
"""

from typing import TYPE_CHECKING

try:
    from nes_py._openmp import openmp_enabled
except ModuleNotFoundError as _error:
    if _error.name != "nes_py._openmp":
        raise
    from nes_py._unbuilt import use_installed as _use_installed

    _use_installed(__path__)
    from nes_py._openmp import openmp_enabled

from . import _cartridge, emulator

# Imported by compiled modules only, where tools that freeze programs, such as PyInstaller, do not see it.
from . import _enums as _enums
from . import _native as _native
from . import _prange as _prange
from . import cheats as cheats
from .compat import fork_vector, interface
from .emulator import NESEmulator, Snapshot
from .errors import ActionError, FileFormatError, RomError, RomNotFoundError, StateError, UnsupportedBoardError
from .nes_env import NESEnv
from .registration import register_environments
from .vector import NESVectorEnv, vectorize
from .vector_env import VectorNESEmulator

if TYPE_CHECKING:
    from types import ModuleType

__version__ = "10.0.0"

register_environments()

# Programs import it from there. It is built on the batch, which is built on the emulator.
emulator.VectorEmulator = fork_vector.VectorEmulator  # type: ignore[misc]


def _classes_for_nes_py_8() -> "ModuleType":
    from .compat import gym_env

    return gym_env


# Programs written for nes-py 8 get different classes under these names.
interface.twins_from(_classes_for_nes_py_8)
for _module in ("nes_py.nes_env", "nes_py"):
    interface.watch(_module, "NESEnv")
for _module in ("nes_py.wrappers.joypad_space", "nes_py.wrappers"):
    interface.watch(_module, "JoypadSpace")

if TYPE_CHECKING:
    #: Whether the code of a ROM that is loaded now is recompiled: there is an emitter for this CPU, the system lets
    #: memory become executable, and the environment variable ``NES_PY_NO_JIT`` is not set. A game does the same.
    recompiler_enabled: bool
else:

    def __getattr__(name: str) -> object:
        # Programs may set the variable after the import.
        if name == "recompiler_enabled":
            return _cartridge.recompiler_enabled()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ActionError",
    "FileFormatError",
    "NESEmulator",
    "NESEnv",
    "NESVectorEnv",
    "RomError",
    "RomNotFoundError",
    "Snapshot",
    "StateError",
    "UnsupportedBoardError",
    "VectorNESEmulator",
    "openmp_enabled",
    "recompiler_enabled",
    "vectorize",
]
