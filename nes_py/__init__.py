"""An NES emulator for reinforcement learning.

``NESEnv`` is a Gymnasium environment around a game, ``NESEmulator`` the machine alone. Importing the package also
registers its environments, so that ``gymnasium.make("nes_py/Bricks-v0")`` works.
"""

from nes_py._openmp import openmp_enabled

from . import _interface
from .emulator import NESEmulator, Snapshot
from .errors import ActionError, RomError, RomNotFoundError, StateError, UnsupportedBoardError
from .nes_env import NESEnv
from .registration import register_environments
from .vector import NESVectorEnv, vectorize
from .vector_env import VectorNESEmulator

__version__ = "10.0.0"

register_environments()

# Programs that were written for nes-py 8 import other classes under these names.
for _module in ("nes_py.nes_env", "nes_py"):
    _interface.watch(_module, "NESEnv")
for _module in ("nes_py.wrappers.joypad_space", "nes_py.wrappers"):
    _interface.watch(_module, "JoypadSpace")

__all__ = [
    "ActionError",
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
    "vectorize",
]
