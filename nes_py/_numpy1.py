"""The old path of ``nes_py.compat.numpy1``: the same module."""

import sys

from nes_py.compat import numpy1
from nes_py.compat.numpy1 import *  # noqa: F403, for type checkers

sys.modules[__name__] = numpy1
