"""The old path of ``nes_py.playing.player``: the same module."""

import sys

from nes_py.playing import player
from nes_py.playing.player import *  # noqa: F403, for type checkers

sys.modules[__name__] = player
