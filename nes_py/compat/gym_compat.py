"""For whole programs written for the old ``gym`` (0.26 and before) and nes-py 8.

    import nes_py.gym_compat

A class that was written for nes-py 8 gets its interface by itself, as far as that can be told. This line says it for
the whole program, and for the processes that it starts: from then on ``nes_py.NESEnv`` and
``nes_py.wrappers.JoypadSpace`` belong to ``gym`` instead of Gymnasium, as in nes-py 8: ``reset`` returns the picture
alone, ``step`` returns picture, reward, done and info, and the spaces are those of ``gym``. ``NES_PY_GYM_COMPAT=1`` in
the environment says the same; ``NES_PY_GYM_COMPAT=0`` says that nothing is written for nes-py 8.
"""

from __future__ import annotations

from nes_py.nes_env import NESEnv as _NESEnv

from . import interface
from .gym_env import JoypadSpace, NESEnv

interface.choose_for_whole_program()
interface.convert_classes(_NESEnv)

__all__ = ["JoypadSpace", "NESEnv"]
