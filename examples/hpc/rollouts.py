"""Rollouts that do not depend on the process that runs them; the other programs in this folder use it.

Each environment has a number in the whole run. Its seed and its player depend only on that number, so any division of
the environments among threads, processes and nodes gives the same games.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH


@dataclass
class Rollout:
    """The results of some environments over a number of steps, for a learner.

    Attributes:
        first: number of the first environment.
        chunk: the number of the rollout of these environments, from 0.
        observations: uint8 (steps, n, 4, 84, 84), before each step.
        actions: int64 (steps, n).
        rewards: float64 (steps, n).
        ends: bool (steps, n).
    """

    first: int
    chunk: int
    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    ends: np.ndarray

    def digests(self) -> dict[tuple[int, int], str]:
        """Return a checksum per environment, by its number and the chunk."""
        result = {}
        for i in range(self.rewards.shape[1]):
            checksum = hashlib.sha256()
            for array in (self.observations, self.actions, self.rewards, self.ends):
                checksum.update(np.ascontiguousarray(array[:, i]).tobytes())
            result[self.first + i, self.chunk] = checksum.hexdigest()[:16]
        return result


class Worker:
    """A share of the environments: ``count`` of them, starting at number ``first``."""

    def __init__(
        self, first: int, count: int, seed: int, num_threads: int | None = None, affinity: str | None = None
    ) -> None:
        self.first, self.count, self.seed = first, count, seed
        self.envs = NESVectorEnv(
            ROM_PATH,
            count,
            game=GAME,
            actions=ACTIONS,
            noop_max=30,
            autoreset_mode="SameStep",
            num_threads=num_threads,
            affinity=affinity,
        )
        self.observation = self.restart()

    def restart(self) -> np.ndarray:
        """Start all games, as a new worker does; return the observations."""
        # An integer seeds environment i with seed + i: the number in the run, not in this share.
        self.observation, _ = self.envs.reset(seed=self.seed + self.first)
        return self.observation

    def rollout(self, chunk: int, steps: int) -> Rollout:
        """Play some steps. A policy would choose the actions; this draws them at random for each environment."""
        players = [np.random.default_rng([self.seed, self.first + i, chunk]) for i in range(self.count)]
        actions = np.stack([player.integers(len(ACTIONS), size=steps) for player in players], axis=1)
        result = Rollout(
            self.first,
            chunk,
            np.empty((steps, *self.observation.shape), np.uint8),
            actions,
            np.empty((steps, self.count)),
            np.empty((steps, self.count), bool),
        )
        for t in range(steps):
            result.observations[t] = self.observation
            self.observation, result.rewards[t], terminated, truncated, _ = self.envs.step(actions[t])
            result.ends[t] = terminated | truncated
        return result

    def get_state(self) -> list[Any]:
        """Return the states of all environments, for a worker that takes over."""
        states: list[Any] = self.envs.get_state(range(self.count))
        return states

    def set_state(self, states: list[Any]) -> None:
        """Continue from the states of another worker."""
        self.envs.set_state(range(self.count), states)
        self.observation = self.envs.observe()


def shares(total: int, workers: int) -> list[tuple[int, int]]:
    """Divide environments as evenly as possible: (first, count) for each worker."""
    edges = [total * i // workers for i in range(workers + 1)]
    return [(low, high - low) for low, high in itertools.pairwise(edges)]


def summary(digests: dict[tuple[int, int], str]) -> str:
    """Return one checksum of all results."""
    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()[:16]
