"""Writes replayed episodes as plain arrays, for learners that read NumPy's or HDF5 files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium.spaces import Dict
from numpy.typing import NDArray

from nes_py._files import Replacement, check_destination, write_file
from nes_py.vector.rollout import Rollout, check_suffix, to_npz

from ._hdf5 import Hdf5File
from .replaying import check_rollout, make_envs, replay, select_episodes


def export(
    rollout: Rollout,
    path: str | os.PathLike[str],
    rom: Any = None,
    *,
    episodes: Iterable[int] | None = None,
    num_envs: int | None = None,
    check: bool = True,
    **options: Any,
) -> None:
    """Replay episodes and write all their observations as plain arrays, to ``.npz``, ``.h5`` or ``.hdf5``.

    The arrays are ``observations``, or ``observations/NAME`` for each entry of a dict, with one row more than steps for
    each episode; ``actions``, ``rewards``, ``terminations`` and ``truncations``, a row for each step; ``lengths``, the
    steps of each episode, and ``episodes``, their numbers in the rollout. An ``.npz`` is made in memory.

    Args:
        rollout (Rollout): what is played.
        path (str | os.PathLike): the file. It is written as a whole or not at all.
        rom: see ``make_envs``.
        episodes (Iterable[int] | None): the numbers of those that are wanted; None: all.
        num_envs (int | None): see ``replay``.
        check (bool): see ``replay``.
        **options: what is observed, see ``replay``.

    Raises:
        ValueError: the name ends otherwise, or it is a ``ReplayError``: see ``replay``.
        OSError: the file cannot be written; an old one is unchanged.
        ImportError: h5py is missing.
    """
    suffix = check_suffix(path)
    if suffix == ".npz":
        check_destination(path)
        arrays: dict[str, Any] = {}

        def make(name: str, shape: tuple[int, ...], dtype: Any) -> Any:
            arrays[name] = np.zeros(shape, dtype)
            return arrays[name]

        _fill(make, rollout, rom, episodes, num_envs, check, options)
        write_file(path, to_npz(arrays))
        return
    with Replacement(path, suffix=suffix) as file, Hdf5File(file) as root:

        def create(name: str, shape: tuple[int, ...], dtype: Any) -> Any:
            # Pictures of the NES become a tenth with the fastest compression.
            packed = {"compression": "gzip", "compression_opts": 1, "chunks": True} if 0 not in shape else {}
            return root.create(name, shape, dtype, **packed)

        _fill(create, rollout, rom, episodes, num_envs, check, options)


def _fill(
    make: Any,
    rollout: Rollout,
    rom: Any,
    episodes: Iterable[int] | None,
    num_envs: int | None,
    check: bool,
    options: dict[str, Any],
) -> None:
    """Make the arrays and fill them; ``make`` is called with a name, a shape and a dtype."""
    check_rollout(rollout)
    numbers = np.flatnonzero(select_episodes(rollout, episodes) & (rollout.lengths > 0)).tolist()
    with make_envs(rollout, rom, **options) as envs:
        space = envs.single_observation_space
    found = replay(rollout, rom, episodes=numbers, num_envs=num_envs, check=check, **options)
    lengths = np.array([rollout.lengths[number] for number in numbers], np.int64)
    firsts: NDArray[np.int64] = np.concatenate(([0], np.cumsum(lengths)))
    steps = int(firsts[-1])
    parts = {f"observations/{name}": part for name, part in space.items()} if isinstance(space, Dict) else None
    stored = {
        name: make(name, (steps + len(lengths), *(part.shape or ())), part.dtype)
        for name, part in (parts or {"observations": space}).items()
    }
    actions = make("actions", (steps, *rollout.actions.shape[1:]), rollout.actions.dtype)
    rewards = make("rewards", (steps,), np.float64)
    ends = make("terminations", (steps,), np.bool_), make("truncations", (steps,), np.bool_)
    make("lengths", lengths.shape, np.int64)[...] = lengths
    make("episodes", lengths.shape, np.int64)[...] = numbers
    places = {number: place for place, number in enumerate(numbers)}
    for each in found:
        place = places[each.number]
        first = int(firsts[place])
        rows = slice(first, first + len(each))
        seen = slice(first + place, first + place + len(each) + 1)
        for name, array in stored.items():
            array[seen] = each.observations if parts is None else each.observations[name.partition("/")[2]]
        actions[rows], rewards[rows] = each.actions, each.rewards
        ends[0][rows], ends[1][rows] = each.terminations, each.truncations


__all__ = ["export"]
