"""Version 1 of Thistle Trail: the same levels and rules, in a picture that can be read better.

``nes_py/roms/README.md`` has the game's RAM map, ``docs/games.md`` the rewards.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nes_py.emulator import Snapshot

from . import trail
from .trail import ACTIONS, GAME, TEST_LEVELS, TRAINING_LEVELS, find_levels

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "trail-v1.nes"


class TrailEnv(trail.TrailEnv):
    """Run, jump and climb to the goal; each level is generated from a number.

    Levels, rules, rewards and arguments are those of version 0, ``nes_py.envs.trail.TrailEnv``. The picture differs:
    coins stand out from the sky, GAME OVER and READY! from the hills, the words of the status bar from its numbers,
    and there is no blank picture when a level begins again after a lost life.
    """

    _game_path = ROM_PATH


class TrailVectorEnv(trail.TrailVectorEnv):
    """Many games of ``TrailEnv``, as created by ``gymnasium.make_vec("nes_py/Trail-v1", num_envs=64)``.

    Its arguments are those of ``nes_py.envs.trail.TrailVectorEnv``.
    """

    _game_path = ROM_PATH


def level_states(levels: str | int | Iterable[int] = "train", **options: Any) -> dict[str, Snapshot]:
    """Return the start states of levels of this version, as ``nes_py.envs.trail.level_states`` does of version 0."""
    return trail._level_states(ROM_PATH, levels, options)


__all__ = [
    "ACTIONS",
    "GAME",
    "TEST_LEVELS",
    "TRAINING_LEVELS",
    "TrailEnv",
    "TrailVectorEnv",
    "find_levels",
    "level_states",
]
