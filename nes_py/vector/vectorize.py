"""Existing ``NESEnv`` subclasses, stepped together in the parallel loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector.utils import create_empty_array
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit
from numpy.typing import NDArray

from nes_py._batch import Batch
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.game import suggest
from nes_py.nes_env import SCREEN_SHAPE_24_BIT, NESEnv, copy_picture, emulator_of, run_ahead_with, run_frame
from nes_py.wrappers import JoypadSpace

_OPTIONS = ("num_threads", "autoreset_mode", "copy")


class _Ahead:
    """Takes the place of two parts of a step: a frame that was run ahead is not run and copied again."""

    def __init__(self, env: NESEnv) -> None:
        self.env = env
        self.emulator = emulator_of(env)
        self.buttons: int | None = None
        self.picture: NDArray[np.uint8] | None = None
        self.cycles = 0
        run_ahead_with(env, self)

    def frame_advance(self, action: int) -> None:
        buttons, self.buttons = self.buttons, None
        if buttons is None:
            run_frame(self.env, action)
        elif buttons != int(action):
            raise RuntimeError(f"{buttons:#04x} was pressed ahead, but the environment pressed {int(action):#04x}")

    def take_picture(self) -> NDArray[np.uint8]:
        picture, self.picture = self.picture, None
        # A hook may have run more frames or loaded a state since.
        if picture is None or self.emulator.cpu_cycles != self.cycles or "screen" in self.env.__dict__:
            return copy_picture(self.env)
        return picture

    def forget(self) -> None:
        self.buttons = self.picture = None


def _passes_actions(wrapper: gym.Env[Any, Any]) -> bool:
    """Whether a wrapper's step calls the environment's once, first, with the action as it is."""
    kind = type(wrapper)
    if isinstance(wrapper, (gym.ObservationWrapper, gym.RewardWrapper)):
        base = gym.ObservationWrapper if isinstance(wrapper, gym.ObservationWrapper) else gym.RewardWrapper
        return kind.step is base.step
    return kind.step in (gym.Wrapper.step, OrderEnforcing.step, PassiveEnvChecker.step, TimeLimit.step)


def _find_path(env: gym.Env[Any, Any]) -> list[JoypadSpace] | None:
    """Return the wrappers that change actions, outermost first; None when a wrapper may do anything."""
    path: list[JoypadSpace] = []
    while env is not env.unwrapped:
        if isinstance(env, gym.ActionWrapper):
            # Its action() may only be asked once a step: it may draw random numbers.
            return None
        if isinstance(env, JoypadSpace):
            if type(env).step is not JoypadSpace.step:
                return None
            path.append(env)
        elif not _passes_actions(env):
            return None
        assert isinstance(env, gym.Wrapper)
        env = env.env
    return path


def _byte_of(path: list[JoypadSpace], action: Any) -> int | None:
    """Return the buttons that an action will lead to; None to let the environment find out, and complain."""
    for wrapper in path:
        action = wrapper._action_map.get(int(action))
        if action is None:
            return None
        action &= 0xFF
    return int(action) if 0 <= int(action) <= 255 else None


class VectorizedNESEnv(SyncVectorEnv):
    """``SyncVectorEnv`` of NES environments whose emulators run together, in parallel and without the GIL.

    A step first runs one frame of every emulator, then each environment's own Python code, which finds that frame run
    already. An environment under a wrapper that may change or repeat actions is stepped by itself instead.
    Results are those of ``SyncVectorEnv``.
    """

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gym.Env[Any, Any]]],
        num_threads: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        super().__init__(env_fns, copy=copy, autoreset_mode=autoreset_mode)
        # With `copy` each step fills a new array, which costs a copy less than to copy the one of SyncVectorEnv.
        self._hands_out_new = copy
        self.copy = False
        self._ahead: list[_Ahead | None] = []
        self._paths: list[list[JoypadSpace]] = []
        members = []
        for index, env in enumerate(self.envs):
            game = env.unwrapped
            if not isinstance(game, NESEnv):
                self.close()
                raise TypeError(f"vectorize needs environments derived from NESEnv; number {index} is {game}")
            path = _find_path(env)
            takes_more = not isinstance(game.action_space, gym.spaces.Discrete)
            if path is None or takes_more or type(game).step is not NESEnv.step:
                self._ahead.append(None)
                self._paths.append([])
                continue
            self._ahead.append(_Ahead(game))
            self._paths.append(path)
            members.append(index)
        self._members = members
        emulators = [emulator_of(self.envs[index].unwrapped) for index in members]
        self._batch = Batch.of(emulators, num_threads) if members else None
        self.num_threads = self._batch.num_threads if self._batch is not None else 1

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin episodes, as ``SyncVectorEnv.reset``, which would take the mask out of the caller's dict."""
        self._make_observations()
        return super().reset(seed=seed, options=None if options is None else dict(options))

    def _make_observations(self) -> None:
        if self._hands_out_new:
            self._observations = create_empty_array(self.single_observation_space, self.num_envs, np.empty)

    def step(self, actions: Any) -> Any:
        """Step all environments, as ``SyncVectorEnv.step``."""
        self._make_observations()
        self._run_ahead(list(gym.vector.utils.iterate(self.action_space, actions)))
        try:
            return super().step(actions)
        finally:
            for ahead in self._ahead:
                if ahead is not None:
                    ahead.forget()

    def _add_info(self, vector_infos: dict[str, Any], env_info: dict[str, Any], env_num: int) -> dict[str, Any]:
        """As ``VectorEnv._add_info``, which makes a mask for each entry of each environment, needed or not."""
        new = {}
        for key, value in env_info.items():
            array = vector_infos.get(key)
            if array is None or isinstance(value, dict):
                new[key] = value
            else:
                array[env_num] = value
                vector_infos[f"_{key}"][env_num] = True
        return super()._add_info(vector_infos, new, env_num) if new else vector_infos

    def _run_ahead(self, actions: list[Any]) -> None:
        """Run a frame of every emulator that will run one anyway."""
        if self._batch is None or len(actions) != self.num_envs:
            return
        buttons = np.zeros(len(self._members), np.uint8)
        chosen = np.zeros(len(self._members), np.bool_)
        for place, index in enumerate(self._members):
            if self._autoreset_envs[index]:
                continue
            game: Any = self.envs[index].unwrapped
            byte = None if game.done else _byte_of(self._paths[index], actions[index])
            if byte is not None:
                buttons[place], chosen[place] = byte, True
        if not chosen.any():
            return
        # New ones in each step, because environments hand them out.
        pictures = np.empty((len(self._members), *SCREEN_SHAPE_24_BIT), np.uint8)
        self._batch.step(buttons, mask=chosen, output=pictures)
        for place in map(int, np.flatnonzero(chosen)):
            ahead = self._ahead[self._members[place]]
            assert ahead is not None
            ahead.buttons = int(buttons[place])
            ahead.picture = pictures[place]
            ahead.cycles = ahead.emulator.cpu_cycles


def vectorize(
    make_env: Callable[[], gym.Env[Any, Any]] | Sequence[Callable[[], gym.Env[Any, Any]]],
    num_envs: int | None = None,
    **options: Any,
) -> VectorizedNESEnv:
    """Return a vector environment of existing ``NESEnv`` subclasses, with or without ``JoypadSpace``.

    Args:
        make_env (Callable | Sequence[Callable]): makes one environment; or one function for each.
        num_envs (int | None): how many; None with a sequence.
        **options: ``num_threads`` (int | None), ``autoreset_mode`` (AutoresetMode | str), ``copy`` (bool): as for
            ``NESVectorEnv``.

    Returns:
        VectorizedNESEnv: with the results of ``SyncVectorEnv`` of the same environments.

    Raises:
        TypeError: there is no such option, or an environment is not derived from ``NESEnv``.
        ValueError: ``num_envs`` is less than 1.
    """
    for name in options:
        if name not in _OPTIONS:
            raise TypeError(f"there is no option {name!r}{suggest(name, _OPTIONS)} (options: {', '.join(_OPTIONS)})")
    if callable(make_env):
        if num_envs is None or num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, not {num_envs}")
        functions = [make_env] * num_envs
    else:
        functions = list(make_env)
        if num_envs is not None and num_envs != len(functions):
            raise ValueError(f"num_envs is {num_envs}, but there are {len(functions)} functions")
    return VectorizedNESEnv(functions, **options)


__all__ = ["VectorizedNESEnv", "vectorize"]
