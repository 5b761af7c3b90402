"""Wrappers for environments."""

from .binary_to_discrete_space_env import BinarySpaceToDiscreteSpaceEnv
from .joypad_space import JoypadSpace

__all__ = ["BinarySpaceToDiscreteSpaceEnv", "JoypadSpace"]
