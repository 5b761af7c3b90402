"""The old path of ``nes_py.compat.gym_env``: the same module."""

import sys

from nes_py.compat import gym_env
from nes_py.compat.gym_env import *  # noqa: F403, for type checkers

sys.modules[__name__] = gym_env
