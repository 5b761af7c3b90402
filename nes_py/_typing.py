"""Types that several modules use."""

import os
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Where a step ends, see ``NESEmulator``.
FrameBoundary: TypeAlias = Literal["vblank", "nes-py"]

#: The timing of a console, see ``NESEmulator``.
Timing: TypeAlias = Literal["hardware", "nes-py"]

#: Colours, see ``NESEmulator``.
Palette: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | NDArray[np.uint8] | None

__all__ = ["FrameBoundary", "Palette", "Timing"]
