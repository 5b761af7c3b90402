"""Options of the environments for the bundled games."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from nes_py._entries import suggest
from nes_py.nes_env import NESEnv
from nes_py.options import EnvOptions

from ..errors import shown

#: Of ``NESEnv``, but for those that an environment sets itself.
_NAMES = tuple(inspect.signature(NESEnv).parameters.keys() - {"rom_path", "render_mode"})


def env_options(options: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """Return the arguments of ``NESEnv`` for a bundled game.

    Args:
        options: those that were given.
        more: names of other arguments that the environment takes.

    Raises:
        TypeError: ``NESEnv`` has no such option.
    """
    for name in options:
        if name in _NAMES:
            continue
        if name == "actions":
            raise TypeError("actions: put nes_py.wrappers.JoypadSpace(env, actions) around the environment")
        if name in EnvOptions.names():
            raise TypeError(
                f"{name} is an option of vector environments: "
                f"gymnasium.make_vec(..., num_envs=1, {name}=...) makes one with it"
            )
        known = sorted((*_NAMES, *more))
        raise TypeError(f"there is no option {shown(name)}{suggest(name, known)} (options: {', '.join(known)})")
    return {"frame_boundary": "vblank", "timing": "hardware", **options}


__all__ = ["env_options"]
