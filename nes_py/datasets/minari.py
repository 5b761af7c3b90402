"""Minari datasets: written from rollouts, and read back."""

from __future__ import annotations

import inspect
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nes_py.errors import FileFormatError
from nes_py.vector.rollout import Rollout

from .replaying import make_envs, replay

#: In the folder of a dataset's data: the rollout that it was made of.
_FILE = "nes_py_rollout.npz"


def _import_minari() -> Any:
    try:
        import minari
        import minari.data_collector
    except ImportError as error:
        raise ImportError(f"Minari datasets need Minari ({error}): pip install 'nes-py[minari]'") from None
    return minari


def to_minari(
    rollout: Rollout,
    dataset_id: str,
    rom: Any = None,
    *,
    episodes: Iterable[int] | None = None,
    num_envs: int | None = None,
    check: bool = True,
    about: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Replay episodes and write them as a Minari dataset; needs ``pip install 'nes-py[minari]'``.

    Pictures are stored without loss. The dataset also holds the rollout, which ``from_minari`` returns. An episode that
    did not end in the recording is truncated.

    Args:
        rollout (Rollout): what is played.
        dataset_id (str): such as ``"nes/trail/random-v0"``.
        rom: see ``make_envs``.
        episodes (Iterable[int] | None): see ``replay``.
        num_envs (int | None): see ``replay``.
        check (bool): see ``replay``.
        about (dict | None): arguments of ``minari.create_dataset_from_buffers``, such as ``author``, ``description``
            and ``algorithm_name``.
        **options: what is observed, see ``replay``.

    Returns:
        minari.MinariDataset: the dataset.

    Raises:
        ImportError: Minari is missing, or older than 0.5.4.
        ValueError: there is a dataset with this id.
        ReplayError: see ``replay``.
    """
    minari = _import_minari()
    with make_envs(rollout, rom, **options) as envs:
        observation_space, action_space = envs.single_observation_space, envs.single_action_space
    create = minari.create_dataset_from_buffers
    arguments: dict[str, Any] = {"observation_space": observation_space, "action_space": action_space}
    if "jpeg_encoding" not in inspect.signature(create).parameters:
        raise ImportError(
            f"Minari {minari.__version__} stores every array of bytes as JPEG, with loss: to_minari needs Minari 0.5.4 "
            "or newer, for Python 3.11 and newer"
        )
    arguments["jpeg_encoding"] = False
    folder = _folder(dataset_id)
    if folder.exists():
        raise ValueError(f"there is a Minari dataset {dataset_id!r} already, in {folder}")

    def buffers() -> Iterator[Any]:
        found = replay(rollout, rom, episodes=episodes, num_envs=num_envs, check=check, **options)
        for number, each in enumerate(found):
            truncations = each.truncations
            if not each.terminated:
                truncations[-1] = True
            yield minari.data_collector.EpisodeBuffer(
                id=number,
                # A file of HDF5 has integers of 64 bits.
                seed=each.seed if each.seed < 2**63 else None,
                observations=each.observations,
                actions=each.actions.astype(action_space.dtype or np.int64),
                rewards=each.rewards,
                terminations=each.terminations,
                truncations=truncations,
                infos={name: value for name, value in each.infos.items() if isinstance(value, np.ndarray)} or None,
            )

    try:
        with warnings.catch_warnings():
            # What a dataset need not say of itself.
            warnings.filterwarnings("ignore", message=".* is (set to )?None", category=UserWarning)
            dataset = create(dataset_id, buffers(), **{**arguments, **(about or {})})
        rollout.save(Path(dataset.storage.data_path) / _FILE)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return dataset


def _folder(dataset_id: str) -> Path:
    from minari.storage.datasets_root_dir import get_dataset_path

    return Path(get_dataset_path(dataset_id))


def from_minari(dataset: Any) -> Rollout:
    """Return the rollout in a Minari dataset that ``to_minari`` has written, for other observations.

    Args:
        dataset (str | minari.MinariDataset): a dataset on this machine, or its id.

    Raises:
        ImportError: Minari is missing.
        FileFormatError: a ``ValueError``: it has no rollout, or a damaged one.
    """
    if isinstance(dataset, str):
        dataset = _import_minari().load_dataset(dataset)
    path = Path(dataset.storage.data_path) / _FILE
    if not os.path.lexists(path):
        raise FileFormatError("this Minari dataset has no rollout of nes_py: to_minari writes one", path)
    return Rollout.load(path)


__all__ = ["from_minari", "to_minari"]
