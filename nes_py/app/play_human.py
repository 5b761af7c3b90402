"""``play_human`` under its nes-py 8 name."""

from nes_py.play import play_human

__all__ = ["play_human"]
