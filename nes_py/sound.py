"""The old path of ``nes_py.playing.sound``: the same module."""

import sys

from nes_py.playing import sound
from nes_py.playing.sound import *  # noqa: F403, for type checkers

sys.modules[__name__] = sound
