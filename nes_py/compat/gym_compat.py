"""Switch for programs written for the old ``gym`` (0.26 and before) and nes-py 8.

    import nes_py.gym_compat

A class written for nes-py 8 gets its interface automatically if it can be recognized. This import selects the
interface for the whole program and its child processes: from then on ``nes_py.NESEnv`` and
``nes_py.wrappers.JoypadSpace`` use ``gym`` instead of Gymnasium, as in nes-py 8: ``reset`` returns only the picture,
``step`` returns picture, reward, done and info, and the spaces are those of ``gym``. ``NES_PY_GYM_COMPAT=1`` in
the environment has the same effect; ``NES_PY_GYM_COMPAT=0`` turns the interface off.
"""

from __future__ import annotations

from nes_py.nes_env import NESEnv as _NESEnv

from . import interface
from .gym_env import JoypadSpace, NESEnv

interface.choose_for_whole_program()
interface.convert_classes(_NESEnv)

__all__ = ["JoypadSpace", "NESEnv"]
