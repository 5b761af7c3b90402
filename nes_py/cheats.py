"""The old path of ``nes_py.formats.cheats``: the same module."""

import sys

from nes_py.formats import cheats
from nes_py.formats.cheats import *  # noqa: F403, for type checkers

sys.modules[__name__] = cheats
