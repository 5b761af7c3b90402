"""``play_human`` at its place in nes-py 8."""

from nes_py.play import play_human

__all__ = ["play_human"]
