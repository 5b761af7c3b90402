"""``JoypadSpace`` under its name before nes-py 8."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from gymnasium import Env

from .joypad_space import JoypadSpace


class BinarySpaceToDiscreteSpaceEnv(JoypadSpace):
    """Deprecated name of ``JoypadSpace``."""

    def __init__(self, env: Env[Any, Any], actions: Sequence[Sequence[str]]) -> None:
        warnings.warn(
            "BinarySpaceToDiscreteSpaceEnv is deprecated, use nes_py.wrappers.JoypadSpace",
            DeprecationWarning,
            stacklevel=2,
        )
        super().__init__(env, actions)


__all__ = ["BinarySpaceToDiscreteSpaceEnv"]
