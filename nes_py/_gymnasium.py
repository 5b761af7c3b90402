"""The autoreset modes, new in Gymnasium 1.1, with substitutes for Gymnasium 1.0.

Stable-Baselines3 2.4 and 2.5 and some versions of Ray require Gymnasium 1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from enum import Enum
from typing import TYPE_CHECKING, Any

import gymnasium.vector
import numpy as np
from gymnasium.vector.utils import concatenate, iterate

if TYPE_CHECKING or hasattr(gymnasium.vector, "AutoresetMode"):
    from gymnasium.vector import AutoresetMode, SyncVectorEnv
else:

    class AutoresetMode(Enum):
        """When a vector environment starts the next episode: ``gymnasium.vector.AutoresetMode`` of Gymnasium 1.1."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"

    class SyncVectorEnv(gymnasium.vector.SyncVectorEnv):
        """``SyncVectorEnv`` of Gymnasium 1.0 with the argument ``autoreset_mode`` and the option ``reset_mask``."""

        def __init__(
            self,
            env_fns: Iterator[Callable[[], gymnasium.Env[Any, Any]]] | Sequence[Callable[[], gymnasium.Env[Any, Any]]],
            copy: bool = True,
            observation_mode: Any = "same",
            autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        ) -> None:
            mode = AutoresetMode(autoreset_mode)
            super().__init__(env_fns, copy=copy, observation_mode=observation_mode)
            self.autoreset_mode = mode
            self.metadata = {**self.metadata, "autoreset_mode": mode}
            self._env_obs: list[Any] = [None] * self.num_envs

        def _stack(self) -> Any:
            self._observations = concatenate(self.single_observation_space, self._env_obs, self._observations)
            return deepcopy(self._observations) if self.copy else self._observations

        def reset(
            self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
        ) -> tuple[Any, dict[str, Any]]:
            """Start episodes of all environments, or of those in ``options["reset_mask"]``."""
            if seed is None or isinstance(seed, int):
                seeds = [None if seed is None else seed + index for index in range(self.num_envs)]
            else:
                seeds = list(seed)
            if len(seeds) != self.num_envs:
                raise ValueError(f"seed must have {self.num_envs} entries, not {len(seeds)}")
            mask = np.ones(self.num_envs, np.bool_)
            if options is not None and "reset_mask" in options:
                mask = options.pop("reset_mask")
                if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
                    raise TypeError("options['reset_mask'] must be an array of bool")
                if mask.shape != (self.num_envs,) or not mask.any():
                    raise ValueError(f"options['reset_mask'] must be ({self.num_envs},) and select an environment")
            for ends in (self._terminations, self._truncations, self._autoreset_envs):
                ends[mask] = False
            infos: dict[str, Any] = {}
            for index in map(int, np.flatnonzero(mask)):
                self._env_obs[index], info = self.envs[index].reset(seed=seeds[index], options=options)
                infos = self._add_info(infos, info, index)
            return self._stack(), infos

        def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
            """Step all environments; those whose episode is over start the next one according to the mode."""
            infos: dict[str, Any] = {}
            waits = self.autoreset_mode is AutoresetMode.NEXT_STEP
            assert waits or self.autoreset_mode is AutoresetMode.SAME_STEP or not self._autoreset_envs.any()
            for index, (env, action) in enumerate(zip(self.envs, iterate(self.action_space, actions), strict=True)):
                if waits and self._autoreset_envs[index]:
                    observation, info = env.reset()
                    reward, terminated, truncated = 0.0, False, False
                else:
                    observation, reward, terminated, truncated, info = env.step(action)
                if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
                    last = np.full(self.num_envs, None, object) if "final_obs" not in infos else infos["final_obs"]
                    last[index] = observation
                    infos["final_obs"] = last
                    infos.setdefault("_final_obs", np.zeros(self.num_envs, np.bool_))[index] = True
                    infos = self._add_info(infos, {"final_info": info}, index)
                    observation, info = env.reset()
                self._env_obs[index] = observation
                self._rewards[index] = reward
                self._terminations[index], self._truncations[index] = terminated, truncated
                infos = self._add_info(infos, info, index)
            observations = self._stack()
            self._autoreset_envs = self._terminations | self._truncations
            return observations, self._rewards.copy(), self._terminations.copy(), self._truncations.copy(), infos


__all__ = ["AutoresetMode", "SyncVectorEnv"]
