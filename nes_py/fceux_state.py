"""The old path of ``nes_py.formats.fceux_state``: the same module."""

import sys

from nes_py.formats import fceux_state
from nes_py.formats.fceux_state import *  # noqa: F403, for type checkers

sys.modules[__name__] = fceux_state
