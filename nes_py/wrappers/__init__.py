"""Wrappers for environments."""

from .joypad_space import JoypadSpace

__all__ = ["JoypadSpace"]
