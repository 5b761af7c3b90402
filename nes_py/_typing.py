"""Types that several modules use."""

from typing import Literal, TypeAlias

#: Where a step ends, see ``NESEmulator``.
FrameBoundary: TypeAlias = Literal["vblank", "nes-py"]

#: The timing of a console, see ``NESEmulator``.
Timing: TypeAlias = Literal["hardware", "nes-py"]

__all__ = ["FrameBoundary", "Timing"]
