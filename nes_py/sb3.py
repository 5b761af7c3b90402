"""``NESVectorEnv`` for Stable-Baselines3, which has its own vector interface."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import EnvSpec, load_env_creator
from numpy.typing import NDArray

try:
    from stable_baselines3.common.env_util import is_wrapped
    from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices
except ImportError as error:
    raise ImportError(f"nes_py.sb3 needs Stable-Baselines3 ({error}): pip install stable-baselines3") from error

from nes_py._entries import check_reset_options
from nes_py._gymnasium import AutoresetMode
from nes_py._values import is_integer
from nes_py.vector import NESVectorEnv, VectorizedNESEnv, vectorize
from nes_py.vector.infos import split_infos

from .errors import shown

_CONTRACT = ("autoreset_mode", "copy", "batch_size")


def _is_id(rom: Any) -> bool:
    """Return whether a ROM argument names a registered environment, such as ``"nes_py/Bricks-v0"``."""
    if isinstance(rom, EnvSpec):
        return True
    if not isinstance(rom, str) or os.path.exists(rom):
        return False
    module, colon, _ = rom.partition(":")
    # A version, which the name of a ROM file does not end with. Windows has colons in paths.
    name, dash, version = rom.rpartition("-v")
    return rom in gym.registry or bool(dash and name and version.isdigit() and (not colon or len(module) > 1))


class NESVecEnv(VecEnv):
    """The environments of a ``NESVectorEnv`` as a Stable-Baselines3 ``VecEnv``.

    Example:
        >>> model = PPO("CnnPolicy", NESVecEnv("game.nes", 8, actions=[["right"], ["right", "A"]]))  # doctest: +SKIP
        >>> envs = NESVecEnv("nes_py/Bricks-v0", 8)  # doctest: +SKIP
        >>> envs = make_vec_env("nes_py/Bricks-v0", 8, vec_env_cls=NESVecEnv)  # doctest: +SKIP

    Args:
        rom: a ROM, see ``NESVectorEnv``; the id of a registered environment that has a ``vector_entry_point``, or its
            ``EnvSpec``; or a list of functions that create environments derived from ``NESEnv``, as ``DummyVecEnv``
            takes it: ``nes_py.vectorize`` steps these.
        num_envs (int | None): number of environments; None: 1, or the number of functions.
        **options: options of ``NESVectorEnv``, including ``render_mode``, which is ``"rgb_array"`` by default; with
            functions those of ``nes_py.vectorize``. The contract of ``VecEnv`` determines ``autoreset_mode``, ``copy``
            and ``batch_size``.

    Attributes:
        envs (NESVectorEnv | VectorizedNESEnv): the underlying environments.

    Raises:
        TypeError: an option cannot be set or does not exist.
        gymnasium.error.UnregisteredEnv: there is no environment with this id.
    """

    def __init__(
        self, rom: Any, num_envs: int | None = None, *, start_method: str | None = None, **options: Any
    ) -> None:
        del start_method  # of SubprocVecEnv: there are no processes
        for name in _CONTRACT:
            if name in options:
                raise TypeError(f"{name} cannot be set: it is part of the contract of VecEnv")
        self.envs: NESVectorEnv | VectorizedNESEnv = self._make(rom, num_envs, options)
        self._actions: Any = None
        super().__init__(self.envs.num_envs, self.envs.single_observation_space, self.envs.single_action_space)
        # VecEnv keeps the render modes only; a recorder needs the frames per second.
        kept: dict[str, Any] = getattr(self, "metadata", {})
        self.metadata = {**self.envs.metadata, **kept}

    @staticmethod
    def _make(rom: Any, num_envs: int | None, options: dict[str, Any]) -> NESVectorEnv | VectorizedNESEnv:
        mode = AutoresetMode.SAME_STEP
        if isinstance(rom, Sequence) and not isinstance(rom, (str, bytes, bytearray)) and all(map(callable, rom)):
            return vectorize(rom, num_envs, autoreset_mode=mode, **options)
        count = 1 if num_envs is None else num_envs
        options = {"render_mode": "rgb_array", **options}
        if not _is_id(rom):
            return NESVectorEnv(rom, count, autoreset_mode=mode, **options)
        spec = rom
        if isinstance(rom, str):
            module, colon, name = rom.rpartition(":")
            if colon:
                importlib.import_module(module)
            spec = gym.spec(name)
        kind: Any = spec.vector_entry_point
        kind = load_env_creator(kind) if isinstance(kind, str) else kind
        if isinstance(kind, type) and not issubclass(kind, NESVectorEnv):
            raise TypeError(f"{spec.id} creates a {kind.__name__}, but NESVecEnv needs a NESVectorEnv")
        envs: Any = gym.make_vec(
            rom, num_envs=count, vectorization_mode="vector_entry_point", autoreset_mode=mode, **options
        )
        assert isinstance(envs, NESVectorEnv)
        return envs

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Set the seeds of the next ``reset``: environment ``i`` gets ``seed + i``; None: any.

        Raises:
            TypeError: it is not an integer.
            ValueError: it is negative.
        """
        if seed is not None and not is_integer(seed):
            raise TypeError(f"seed must be an integer or None, not {shown(seed)}")
        if seed is not None and seed < 0:
            raise ValueError(f"seed must not be negative: {shown(seed)}")
        seeds: Sequence[int | None] = super().seed(seed)
        return seeds

    def reset(self) -> Any:
        """Start episodes in all environments, with the seeds of ``seed`` and the options of ``set_options``.

        Returns:
            numpy.ndarray | dict: observations, with a first axis for the environments.
        """
        seeds = list(self._seeds)
        observations, infos = self.envs.reset(
            seed=seeds if any(seed is not None for seed in seeds) else None, options=self._reset_options_of_all()
        )
        self._reset_seeds()
        self._reset_options()
        self.reset_infos = [self._row(infos, index) for index in range(self.num_envs)]
        self._actions = None
        return observations

    def _reset_options_of_all(self) -> dict[str, Any] | None:
        if isinstance(self.envs, VectorizedNESEnv):
            if any(options != self._options[0] for options in self._options):
                raise ValueError("set_options: the options must be the same for all environments")
            return self._options[0] or None
        for options in self._options:
            check_reset_options(options, ("state",))
        states = [options.get("state") for options in self._options]
        return {"state": states} if any(state is not None for state in states) else None

    def step_async(self, actions: NDArray[Any]) -> None:
        """Store actions for ``step_wait``."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Step the environments.

        Returns:
            tuple: observations; rewards float32 (num_envs,); dones bool (num_envs,); and a list of info dicts. The info
                of a finished episode has ``terminal_observation``, and ``TimeLimit.truncated``: whether it was
                truncated.

        Raises:
            RuntimeError: ``step_async`` was not called.
        """
        if self._actions is None:
            raise RuntimeError("step_wait() without step_async()")
        actions, self._actions = self._actions, None
        observations, rewards, terminated, truncated, infos = self.envs.step(actions)
        dones = terminated | truncated
        final, final_info = infos.pop("final_obs", None), infos.pop("final_info", {})
        infos.pop("_final_obs", None)
        infos.pop("_final_info", None)
        each = self._split(infos)
        for index in map(int, np.flatnonzero(dones)):
            # The info of the step; the new episode's first info is in reset_infos.
            self.reset_infos[index] = each[index]
            each[index] = self._row(final_info, index)
            each[index]["terminal_observation"] = final[index]
        for index in range(self.num_envs):
            each[index]["TimeLimit.truncated"] = bool(truncated[index] and not terminated[index])
        return observations, rewards.astype(np.float32), dones, each

    def _split(self, infos: dict[str, Any]) -> list[dict[str, Any]]:
        """Return a dict for each environment from a dict of arrays."""
        if isinstance(self.envs, VectorizedNESEnv):
            return [self._row(infos, index) for index in range(self.num_envs)]
        return split_infos(infos, self.num_envs)

    @classmethod
    def _row(cls, infos: dict[str, Any], index: int) -> dict[str, Any]:
        """Return the info of one environment: what is its own by the masks."""
        row: dict[str, Any] = {}
        for name, value in infos.items():
            mask = infos.get(f"_{name}")
            if mask is None or not mask[index]:
                continue
            if isinstance(value, dict):
                row[name] = cls._row(value, index)
            else:
                one = value[index]
                row[name] = one.item() if isinstance(one, np.generic) else one
        return row

    def close(self) -> None:
        """Release the environments."""
        self.envs.close()

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """Return the pictures, uint8 (240, 256, 3) each; None without ``render_mode``."""
        return self.envs.render() or [None] * self.num_envs

    def _chosen(self, indices: VecEnvIndices) -> list[int]:
        """Return the numbers of environments; negative ones count from the end.

        Raises:
            IndexError: one does not exist.
        """
        numbers = []
        for index in self._get_indices(indices):
            if not -self.num_envs <= index < self.num_envs:
                raise IndexError(f"there is no environment {shown(index)}, only 0 to {self.num_envs - 1}")
            numbers.append(int(index) % self.num_envs)
        return numbers

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute of each environment: its own row of ``ram`` and the like, or what all of them share."""
        chosen = self._chosen(indices)
        if isinstance(self.envs, VectorizedNESEnv):
            return [self.envs.envs[index].get_wrapper_attr(attr_name) for index in chosen]
        if callable(getattr(type(self.envs), attr_name, None)):
            # VectorEnv.get_attr would call it.
            return [getattr(self.envs, attr_name)] * len(chosen)
        values = self.envs.get_attr(attr_name)
        return [values[index] for index in chosen]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of environments. It may differ from one to another, unless ``NESVectorEnv`` itself has it.

        Raises:
            ValueError: only some environments were selected, but they share the attribute.
        """
        chosen = self._chosen(indices)
        if isinstance(self.envs, VectorizedNESEnv):
            for index in chosen:
                self.envs.envs[index].set_wrapper_attr(attr_name, value)
            return
        try:
            values = list(self.envs.get_attr(attr_name))
        except AttributeError:
            values = [None] * self.num_envs
        for index in chosen:
            values[index] = value
        self.envs.set_attr(attr_name, values)

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of environments.

        ``get_state`` and ``set_state`` of ``NESVectorEnv`` are called for each environment that is selected, any other
        method of it once.

        Returns:
            list: one result per environment.
        """
        chosen = self._chosen(indices)
        if isinstance(self.envs, VectorizedNESEnv):
            return [self.envs.envs[index].get_wrapper_attr(method_name)(*args, **kwargs) for index in chosen]
        if method_name in ("get_state", "set_state"):
            return [getattr(self.envs, method_name)(index, *args, **kwargs) for index in chosen]
        results = self.envs.call(method_name, *args, **kwargs)
        return [deepcopy(results[index]) for index in chosen]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        """Return for each environment whether it is in a wrapper; those of ``NESVectorEnv`` are in none."""
        if isinstance(self.envs, VectorizedNESEnv):
            return [is_wrapped(self.envs.envs[index], wrapper_class) for index in self._chosen(indices)]
        return [False for _ in self._chosen(indices)]


__all__ = ["NESVecEnv"]
