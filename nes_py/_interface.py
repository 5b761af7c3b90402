"""The old path of ``nes_py.compat.interface``: the same module."""

import sys

from nes_py.compat import interface
from nes_py.compat.interface import *  # noqa: F403, for type checkers

sys.modules[__name__] = interface
