"""The old path of ``nes_py.formats.movie``: the same module."""

import sys

from nes_py.formats import movie
from nes_py.formats.movie import *  # noqa: F403, for type checkers

sys.modules[__name__] = movie
