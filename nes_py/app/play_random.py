"""``play_random`` under its nes-py 8 name."""

from nes_py.play import play_random

__all__ = ["play_random"]
