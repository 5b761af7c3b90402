"""The old path of ``nes_py.compat.fork_vector``: the same module."""

import sys

from nes_py.compat import fork_vector
from nes_py.compat.fork_vector import *  # noqa: F403, for type checkers

sys.modules[__name__] = fork_vector
