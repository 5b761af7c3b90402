"""The option ``timing``: what it does not go together with, and its default for programs that cannot pass it."""

from __future__ import annotations

import os

from ._typing import Timing

TIMINGS = ("hardware", "nes-py")
VARIABLE = "NES_PY_TIMING"

# Those boards of nes-py 9 of which every access, bank and interrupt is known.
_MAPPERS = (0, 1, 2, 3, 4, 7, 9)


def default_timing() -> Timing:
    """Return the timing of environments for which none is given: what NES_PY_TIMING says, else ``"hardware"``.

    Raises:
        ValueError: it says something else.
    """
    value = os.environ.get(VARIABLE, "")
    if value in ("", "hardware"):
        return "hardware"
    if value == "nes-py":
        return "nes-py"
    raise ValueError(
        f"the environment variable {VARIABLE} must be one of {', '.join(map(repr, TIMINGS))}, not {value!r}"
    )


def check_nes_py_timing(region: str, device: str, mapper: int, board: str) -> None:
    """Raise ValueError, in one sentence, for a console that nes-py is not."""
    if region != "ntsc":
        raise ValueError(f"timing='nes-py' is for NTSC consoles, not {region!r}")
    if device != "joypads":
        raise ValueError(f"timing='nes-py' needs device='joypads': nes-py has no {device!r}")
    if mapper not in _MAPPERS:
        numbers = ", ".join(map(str, _MAPPERS))
        name = f"{mapper} ({board})" if board else str(mapper)
        raise ValueError(f"timing='nes-py' is there for the mappers {numbers}, not for mapper {name}")


__all__ = ["TIMINGS", "VARIABLE", "check_nes_py_timing", "default_timing"]
