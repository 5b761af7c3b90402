"""The path of ``nes_py.compat.speedtest`` in nes-py 9: the same module, and a program."""

import sys

from nes_py.compat import keep_path, speedtest
from nes_py.compat.speedtest import *  # noqa: F403, for type checkers

keep_path(speedtest, "nes_py.speedtest")

if __name__ == "__main__":
    sys.exit(speedtest.main())

sys.modules[__name__] = speedtest
