"""What the environment asks of the build; docs/contributing.md and ``make help`` list the variables."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from .probe import BuildError


def flag(name: str) -> bool:
    """Return whether the environment variable ``name`` is switched on."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "no", "off", "false")


@dataclass(frozen=True)
class Switches:
    """The NES_PY_* variables."""

    openmp: bool
    native: bool
    debug: bool
    werror: bool
    simd: bool
    sanitize: str

    @classmethod
    def from_environment(cls) -> Switches:
        """Read the variables."""
        kinds = [kind for kind in os.environ.get("NES_PY_SANITIZE", "").split(",") if kind]
        unknown = sorted(set(kinds) - {"address", "undefined", "thread"})
        if unknown:
            raise BuildError(f"NES_PY_SANITIZE={','.join(unknown)} is none of address, undefined, thread.")
        return cls(
            openmp=(sys.platform != "darwin" or flag("NES_PY_OPENMP")) and not flag("NES_PY_NO_OPENMP"),
            native=flag("NES_PY_NATIVE"),
            debug=flag("NES_PY_DEBUG"),
            werror=flag("NES_PY_WERROR"),
            simd=not flag("NES_PY_NO_SIMD"),
            sanitize=",".join(kinds),
        )

    @property
    def why_no_openmp(self) -> str:
        """The reason of a build without OpenMP."""
        if self.openmp:
            return "the compiler has none"
        return "NES_PY_NO_OPENMP=1" if flag("NES_PY_NO_OPENMP") else "off by default here, NES_PY_OPENMP=1 turns it on"
