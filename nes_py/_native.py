"""The path of ``nes_py.compat.native`` in nes-py 9: the same module."""

import sys

from nes_py.compat import keep_path, native
from nes_py.compat.native import *  # noqa: F403, for type checkers

keep_path(native, "nes_py._native")

sys.modules[__name__] = native
