"""``NESVectorEnv`` for Stable-Baselines3, which has its own vector interface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices
except ImportError as error:
    raise ImportError(f"nes_py.sb3 needs Stable-Baselines3 ({error}): pip install stable-baselines3") from error

from nes_py._gymnasium import AutoresetMode
from nes_py.vector import NESVectorEnv


class NESVecEnv(VecEnv):
    """The environments of a ``NESVectorEnv`` as a Stable-Baselines3 ``VecEnv``.

    Example:
        >>> model = PPO("CnnPolicy", NESVecEnv("game.nes", 8, actions=[["right"], ["right", "A"]]))  # doctest: +SKIP

    Args:
        rom: a ROM, see ``NESVectorEnv``.
        num_envs (int): number of environments.
        **options: options of ``NESVectorEnv``, including ``render_mode``. The contract of ``VecEnv`` determines
            ``autoreset_mode``, ``copy`` and ``batch_size``.

    Attributes:
        envs (NESVectorEnv): the underlying environment.
    """

    def __init__(self, rom: Any, num_envs: int, **options: Any) -> None:
        for name in ("autoreset_mode", "copy", "batch_size"):
            if name in options:
                raise TypeError(f"{name} cannot be set: it is part of the contract of VecEnv")
        self.envs = NESVectorEnv(rom, num_envs, autoreset_mode=AutoresetMode.SAME_STEP, **options)
        self.render_mode: str | None = self.envs.render_mode
        self._actions: NDArray[Any] | None = None
        self.metadata = self.envs.metadata
        super().__init__(num_envs, self.envs.single_observation_space, self.envs.single_action_space)

    def reset(self) -> Any:
        """Start episodes in all environments, with the seeds of ``seed`` and the options of ``set_options``.

        Returns:
            numpy.ndarray | dict: observations, with a first axis for the environments.
        """
        seeds = list(self._seeds)
        states = [options.get("state") for options in self._options]
        observations, infos = self.envs.reset(
            seed=seeds if any(seed is not None for seed in seeds) else None,
            options={"state": states} if any(state is not None for state in states) else None,
        )
        self._reset_seeds()
        self._reset_options()
        self.reset_infos = self._split(infos)
        return observations

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
            each[index] = {name: value[index].item() for name, value in final_info.items() if name[0] != "_"}
            each[index]["terminal_observation"] = final[index]
        for index in range(self.num_envs):
            each[index]["TimeLimit.truncated"] = bool(truncated[index] and not terminated[index])
        return observations, rewards.astype(np.float32), dones, each

    def _split(self, infos: dict[str, Any]) -> list[dict[str, Any]]:
        """Return a dict for each environment from a dict of arrays."""
        columns = {name: value.tolist() for name, value in infos.items() if name[0] != "_"}
        return [{name: column[index] for name, column in columns.items()} for index in range(self.num_envs)]

    def close(self) -> None:
        """Release the environments."""
        self.envs.close()

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """Return the pictures, uint8 (240, 256, 3) each; None without ``render_mode``."""
        return self.envs.render() or [None] * self.num_envs

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute for each environment: ``ram`` and ``screens`` per environment, others shared by all."""
        value = getattr(self.envs, attr_name)
        if attr_name in ("ram", "screens", "np_random_seed"):
            return [value[index] for index in self._get_indices(indices)]
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the environments.

        Raises:
            ValueError: only some environments were selected, but they share their attributes.
        """
        if len(list(self._get_indices(indices))) != self.num_envs:
            raise ValueError(f"the environments share {attr_name!r}; it cannot be set for some of them")
        setattr(self.envs, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call ``get_state`` or ``set_state`` for each environment; call any other method once.

        Returns:
            list: one result per environment.
        """
        chosen: Iterable[int] = list(self._get_indices(indices))
        if method_name in ("get_state", "set_state"):
            return [getattr(self.envs, method_name)(index, *args, **kwargs) for index in chosen]
        result = getattr(self.envs, method_name)(*args, **kwargs)
        return [deepcopy(result) for _ in chosen]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        """Return False for each: wrappers enclose all environments."""
        return [False for _ in self._get_indices(indices)]


__all__ = ["NESVecEnv"]
