"""The old path of ``nes_py.playing.recorder``: the same module."""

import sys

from nes_py.playing import recorder
from nes_py.playing.recorder import *  # noqa: F403, for type checkers

sys.modules[__name__] = recorder
