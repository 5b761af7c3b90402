"""The old path of ``nes_py.formats.retro``: the same module."""

import sys

from nes_py.formats import retro
from nes_py.formats.retro import *  # noqa: F403, for type checkers

sys.modules[__name__] = retro
