"""The option ``timing``: its restrictions, and its default for programs that cannot pass it."""

from __future__ import annotations

import os

from ._typing import Timing
from .errors import shown

TIMINGS = ("hardware", "nes-py")
VARIABLE = "NES_PY_TIMING"

# The boards of nes-py 9 whose accesses, banks and interrupts are all known.
_MAPPERS = (0, 1, 2, 3, 4, 7, 9)


def default_timing() -> Timing:
    """Return the default timing of environments: the value of NES_PY_TIMING, else ``"hardware"``.

    Raises:
        ValueError: the variable has another value.
    """
    value = os.environ.get(VARIABLE, "")
    if value in ("", "hardware"):
        return "hardware"
    if value == "nes-py":
        return "nes-py"
    raise ValueError(
        f"the environment variable {VARIABLE} must be one of {', '.join(map(repr, TIMINGS))}, not {shown(value)}"
    )


def check_nes_py_timing(region: str, device: str, mapper: int, board: str) -> None:
    """Raise ValueError for a console that nes-py does not support."""
    if region != "ntsc":
        raise ValueError(f"timing='nes-py' supports only NTSC consoles, not {shown(region)}")
    if device != "joypads":
        raise ValueError(f"timing='nes-py' needs device='joypads': nes-py has no {device!r}")
    if mapper not in _MAPPERS:
        numbers = ", ".join(map(str, _MAPPERS))
        name = f"{mapper} ({board})" if board else str(mapper)
        raise ValueError(f"timing='nes-py' supports the mappers {numbers}, not mapper {name}")


__all__ = ["TIMINGS", "VARIABLE", "check_nes_py_timing", "default_timing"]
