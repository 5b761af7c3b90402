"""Datasets: episodes recorded as starts and actions, and replayed to observations of any kind.

A vector environment with ``record=`` records what is done in it. A step takes a few bytes in the file, because the
machine is deterministic: pictures, RAM and everything else are computed again, in parallel.

Example:
    >>> envs = nes_py.NESVectorEnv("trail", 8, record="run.npz")  # doctest: +SKIP
    >>> ...  # reset, step; then  # doctest: +SKIP
    >>> envs.close()  # doctest: +SKIP
    >>> for episode in datasets.replay(datasets.load("run.npz"), stack_num=1):  # doctest: +SKIP
    ...     episode.observations, episode.actions, episode.rewards
"""

from __future__ import annotations

import os

from nes_py.vector.rollout import Episode, Rollout

from .arrays import export
from .minari import from_minari, to_minari
from .movies import from_movie
from .replaying import Batch, ReplayError, batches, make_envs, replay, verify


def load(path: str | os.PathLike[str]) -> Rollout:
    """Return the rollout in a file, see ``Rollout.load``."""
    return Rollout.load(path)


__all__ = [
    "Batch",
    "Episode",
    "ReplayError",
    "Rollout",
    "batches",
    "export",
    "from_minari",
    "from_movie",
    "load",
    "make_envs",
    "replay",
    "to_minari",
    "verify",
]
