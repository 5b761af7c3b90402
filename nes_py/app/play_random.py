"""``play_random`` at its place in nes-py 8."""

from nes_py.play import play_random

__all__ = ["play_random"]
