"""``import nes_py.gym_compat`` says that all of a program is for nes-py 8; see ``nes_py.compat.gym_compat``."""

import sys

from nes_py.compat import gym_compat
from nes_py.compat.gym_compat import *  # noqa: F403, for type checkers

sys.modules[__name__] = gym_compat
