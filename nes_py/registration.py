"""Registers the environments of this package with Gymnasium."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium as gym

from ._bundled import module_of
from .games import known_games

#: Half an hour of play at one frame per step. Some libraries, such as XuanCe, work with time limits only.
_MAX_EPISODE_STEPS = 108_000

#: Arguments of ``gymnasium.register`` for each environment.
_SPECS: tuple[dict[str, Any], ...] = (
    {
        "id": "nes_py/Bricks-v0",
        "entry_point": "nes_py.envs.bricks:BricksEnv",
        "vector_entry_point": "nes_py.envs.bricks:BricksVectorEnv",
    },
    {
        "id": "nes_py/Bricks-v1",
        "entry_point": "nes_py.envs.bricks_v1:BricksEnv",
        "vector_entry_point": "nes_py.envs.bricks_v1:BricksVectorEnv",
    },
    {
        "id": "nes_py/Trail-v0",
        "entry_point": "nes_py.envs.trail:TrailEnv",
        "vector_entry_point": "nes_py.envs.trail:TrailVectorEnv",
    },
    {
        "id": "nes_py/Trail-v1",
        "entry_point": "nes_py.envs.trail_v1:TrailEnv",
        "vector_entry_point": "nes_py.envs.trail_v1:TrailVectorEnv",
    },
    {
        "id": "nes_py/Duel-v0",
        "entry_point": "nes_py.envs.duel:DuelEnv",
        "vector_entry_point": "nes_py.envs.duel:DuelVectorEnv",
    },
)


def _known_games() -> Iterator[dict[str, Any]]:
    """Yield a spec for each id of a known game."""
    for game in known_games():
        for name, start in game.ids.items():
            yield {
                "id": f"nes_py/{name}",
                "entry_point": "nes_py.games.envs:GameEnv",
                "vector_entry_point": "nes_py.games.envs:GameVectorEnv",
                # As in the packages, whose limit nobody reaches.
                "max_episode_steps": None,
                "kwargs": {"game": game.name, **({"states": start} if start else {})},
            }


def register_environments() -> None:
    """Register the environments with Gymnasium; a second call has no effect."""
    # Gymnasium says that every version but the last is out of date. Version 0 of these games stays, and published
    # results are of it.
    message = r".*The environment nes_py/(Bricks|Trail)-v0 is out of date"
    warnings.filterwarnings("ignore", message, DeprecationWarning)
    for spec in (*_SPECS, *_known_games()):
        if spec["id"] not in gym.registry:
            gym.register(**{"max_episode_steps": _MAX_EPISODE_STEPS, **spec})


def environment_of(game: str) -> str:
    """Return the id of the environment of a bundled game."""
    module = f"{module_of(game)}:"
    return next(str(spec["id"]) for spec in _SPECS if spec["entry_point"].startswith(module))


__all__ = ["environment_of", "register_environments"]
