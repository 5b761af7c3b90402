"""Batches existing ``NESEnv`` subclasses in the parallel loop."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict
from gymnasium.utils import seeding
from gymnasium.vector.utils import create_empty_array, iterate
from numpy.typing import NDArray

from nes_py._batch import Lookahead
from nes_py._env_parts import _is_hook
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py._openmp import effective_threads
from nes_py.compat.interface import only_gymnasium
from nes_py.emulator import NESEmulator, Turn
from nes_py.game import suggest
from nes_py.nes_env import NESEnv, check_action, check_reset
from nes_py.wrappers import JoypadSpace
from nes_py.wrappers.joypad_space import byte_of

from ..errors import shown
from .errors import ClosedError, ResetMaskValueError
from .nes_vector_env import NESVectorEnv
from .spaces import batched, folded, unfolded
from .watched import About, Watched

_OPTIONS = ("num_threads", "autoreset_mode", "copy")

# Methods that NESEnv.step calls before the frame: a class that overrides one may start its frame anywhere.
_BEFORE_THE_FRAME = ("step", "_will_step")
# The package's originals: programs replace methods of classes too.
_OWN = {name: getattr(NESEnv, name) for name in _BEFORE_THE_FRAME}
_JOYPAD_STEP: Any = JoypadSpace.step

_PASSING_WRAPPERS = [
    getattr(gym.wrappers, name)
    for name in (
        "OrderEnforcing",
        "PassiveEnvChecker",
        "TimeLimit",
        "RecordEpisodeStatistics",
        "FrameStackObservation",
        "TimeAwareObservation",
        "NormalizeReward",
        "RecordVideo",
        "RenderCollection",
        "HumanRendering",
    )
    if hasattr(gym.wrappers, name)
]
# Wrappers whose step calls the environment's step once, with the action unchanged.
_PASSING_STEPS = {gym.Wrapper.step, *(kind.step for kind in _PASSING_WRAPPERS)}
# Those whose reset passes the seed and the options on.
_PASSING_RESETS = {
    gym.Wrapper.reset,
    gym.ObservationWrapper.reset,
    JoypadSpace.reset,
    *(kind.reset for kind in _PASSING_WRAPPERS),
}
_PASSING_CLASSES = {"stable_baselines3.common.monitor.Monitor"}

# After this many consecutive mispredicted frames an environment is stepped one by one.
_MISSES = 16

_BYTES = [bytes((value,)) for value in range(256)]


@dataclass(frozen=True)
class StepMode:
    """How ``vectorize`` steps an environment.

    It is true if the environment's frames run in the batch: ``all(envs.fast)``.

    Attributes:
        batched (bool): whether its frames run in parallel with those of the other environments, before the
            environment's own Python code. Otherwise it is stepped one by one, with the same results.
        reason (str): the reason.
    """

    batched: bool
    reason: str

    def __bool__(self) -> bool:
        return self.batched

    def __str__(self) -> str:
        return f"{'batched' if self.batched else 'one by one'}: {self.reason}"


class _Member(NamedTuple):
    """An environment whose frames run in the batch."""

    number: int
    emulator: NESEmulator
    joypads: list[JoypadSpace]


class _Batch(NamedTuple):
    """The frames that run ahead: one object, because several threads may step."""

    members: list[_Member]
    lookahead: Lookahead | None


def _passes_actions(wrapper: gym.Env[Any, Any]) -> bool:
    """Return whether a wrapper's step calls the environment's step once, with the action unchanged."""
    kind = type(wrapper)
    if isinstance(wrapper, (gym.ObservationWrapper, gym.RewardWrapper)):
        base = gym.ObservationWrapper if isinstance(wrapper, gym.ObservationWrapper) else gym.RewardWrapper
        if kind.step is base.step:
            return True
    return kind.step in _PASSING_STEPS or f"{kind.__module__}.{kind.__qualname__}" in _PASSING_CLASSES


def _passes_resets(env: gym.Env[Any, Any]) -> bool:
    """Return whether the wrappers of an environment pass the seed and the options of a reset on."""
    while isinstance(env, gym.Wrapper):
        kind: Any = type(env)
        known = kind.reset in _PASSING_RESETS or f"{kind.__module__}.{kind.__qualname__}" in _PASSING_CLASSES
        if "reset" in vars(env) or not known:
            return False
        env = env.env
    return True


def _is_native(game: gym.Env[Any, Any]) -> bool:
    """Return whether it is a known game, as ``gymnasium.make`` creates it."""
    return isinstance(vars(game).get("_envs"), NESVectorEnv)


def _owner(kind: type, name: str) -> str:
    """Return the name of the class that defines a method."""
    return next((base.__qualname__ for base in kind.__mro__ if name in vars(base)), kind.__qualname__)


def _why_unknown(env: gym.Env[Any, Any]) -> str | None:
    """Return why it is not known which action of a step reaches the game; None if it is."""
    game = env.unwrapped
    while env is not game:
        kind = type(env)
        if "step" in vars(env):
            return f"step was set on a {kind.__qualname__} object"
        if isinstance(env, gym.ActionWrapper):
            return f"{kind.__qualname__}.action may change actions"
        if not (kind.step is _JOYPAD_STEP or _passes_actions(env)):
            return f"{_owner(kind, 'step')}.step may change or repeat actions"
        assert isinstance(env, gym.Wrapper)
        env = env.env
    if _is_native(game):
        kind = type(game)
        return None if hasattr(kind, "_check_step") else f"{kind.__qualname__} is not a known game of the package"
    return _why_changed(game, "step")


def _why_changed(game: gym.Env[Any, Any], name: str) -> str | None:
    """Return why a method that ``NESEnv.step`` calls before the frame is not the package's; None if it is."""
    kind = type(game)
    if name in vars(game):
        return f"{name} was set on a {kind.__qualname__} object"
    if getattr(kind, name) is not _OWN[name]:
        return f"{_owner(kind, name)}.{name} is called before the frame and may change it"
    return None


def _why_alone(env: gym.Env[Any, Any]) -> str | None:
    """Return why the frame of an environment's step cannot be predicted; None if it can.

    A predicted frame is used only if it is the right one, so this affects only speed.
    """
    game = env.unwrapped
    if _is_native(game):
        return "a known game has no Python code, and gymnasium.make_vec makes many that run in parallel"
    reason = _why_unknown(env)
    # It may be a method of the subclass itself.
    if reason is None and _is_hook(getattr(game, "_will_step", None)):
        reason = _why_changed(game, "_will_step")
    if reason is not None:
        return reason
    if not isinstance(game.action_space, (gym.spaces.Discrete, gym.spaces.MultiDiscrete)):
        return f"actions of {game.action_space} are not buttons"
    return None


def _emulator_of(game: gym.Env[Any, Any]) -> NESEmulator | None:
    """Return the emulator of an environment, even if its class redefines attributes; None if it is closed."""
    emulator = vars(game).get("_env")
    return emulator if isinstance(emulator, NESEmulator) else None


def _joypads_of(env: gym.Env[Any, Any]) -> list[JoypadSpace]:
    """Return the wrappers that convert actions to bytes of buttons, outermost first."""
    joypads: list[JoypadSpace] = []
    while isinstance(env, gym.Wrapper):
        if isinstance(env, JoypadSpace):
            joypads.append(env)
        env = env.env
    return joypads


def _limit_of(env: gym.Env[Any, Any]) -> int:
    """Return how many actions an environment surely takes, from 0 on; 0 where that is not so simple."""
    joypads = _joypads_of(env)
    space = env.unwrapped.action_space
    if len(joypads) > 1 or not isinstance(space, gym.spaces.Discrete):
        return 0
    if _is_native(env.unwrapped):
        # Its own list, where it has one, and not all bytes.
        return 0 if joypads or space.start != 0 else int(space.n)
    return 256 if not joypads else len(vars(joypads[0]).get("_action_map", ()))


def _inputs_of(joypads: list[JoypadSpace], action: Any) -> bytes | None:
    """Return the controller bytes of an action, an int or a list; None if the environment will reject it."""
    for joypad in joypads:
        buttons = vars(joypad).get("_action_map")
        if type(buttons) is not dict or type(action) is not int or action not in buttons:
            return None
        action = buttons[action] & 0xFF
    if type(action) is int:
        return _BYTES[action] if 0 <= action <= 255 else None
    try:
        return bytes(action)
    except (TypeError, ValueError):
        return None


class _Pictures:
    """The pictures of the environments, as a watch reads them: views, since another thread may step them."""

    def __init__(self, envs: Sequence[gym.Env[Any, Any]]) -> None:
        self._views: list[NDArray[np.uint8]] = []
        for env in envs:
            emulator = _emulator_of(env.unwrapped)
            self._views.append(np.full((240, 256), 0x0F, np.uint8) if emulator is None else emulator.index_buffer())

    def screens(self) -> NDArray[np.uint8]:
        return np.stack(self._views)

    def draw(self, on: bool) -> None:
        """``NESEnv`` draws every frame."""

    def times(self) -> NDArray[np.int64]:
        return np.zeros((0, 1), np.int64)


class _Results(NamedTuple):
    """The results of a step, as a watch reads them."""

    rewards: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    began: NDArray[np.bool_]

    def tally(self, rewards: NDArray[np.float64], lengths: NDArray[np.int64]) -> bool:
        """Add the rewards, and a step each, to those of the rows; return whether an episode began or ended in one."""
        rewards += self.rewards
        lengths += 1
        return bool((self.terminated | self.truncated | self.began).any())


def _itself(env: gym.Env[Any, Any]) -> gym.Env[Any, Any]:
    return env


def _spaces_of(envs: Sequence[gym.Env[Any, Any]]) -> Any:
    """Return the ``observation_mode`` of ``SyncVectorEnv``: the space of all observations and that of one.

    ``SyncVectorEnv`` makes arrays of bounds that are larger than the observations, and compares all bounds with
    tolerances. Where a short comparison does not tell that all spaces are equal, it does that ("same"), and
    refuses what it refuses.
    """
    spaces = [env.observation_space for env in envs]
    if spaces and _is_plain(spaces[0]) and all(_surely_equal(spaces[0], space) for space in spaces):
        return batched(spaces[0], len(spaces)), spaces[0]
    return "same"


def _is_plain(space: Any) -> bool:
    """Return whether a space is a ``Box`` whose bounds are one number each, or a ``Dict`` of such."""
    if type(space) is Dict:
        return all(map(_is_plain, space.spaces.values()))
    return (
        type(space) is Box and space.low.size > 0 and all(each.min() == each.max() for each in (space.low, space.high))
    )


def _surely_equal(space: Any, other: Any) -> bool:
    """Return whether two plain spaces have the same bounds; False does not say that they are not equal."""
    if type(space) is not type(other):
        return False
    if isinstance(space, Dict):
        return list(space.spaces) == list(other.spaces) and all(
            _surely_equal(each, other.spaces[name]) for name, each in space.spaces.items()
        )
    return (
        space.dtype == other.dtype and np.array_equal(space.low, other.low) and np.array_equal(space.high, other.high)
    )


class VectorizedNESEnv(SyncVectorEnv, Watched):
    """``SyncVectorEnv`` of NES environments whose emulators run in parallel and without the GIL.

    The results always equal those of ``SyncVectorEnv``. A step first runs the frames that the actions ask for, on
    copies of the emulators. Then it steps the environments in order. An emulator that is told to run a frame takes over
    the copy's result if its state has not changed since and the buttons are the same; otherwise it runs the frame. No
    hook, wrapper or other environment sees an emulator ahead of its time, and after an exception the remaining
    environments have not moved.

    Environments whose frame cannot be predicted are stepped one by one. A warning names the reason, and ``fast``
    tells it for each environment.
    """

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gym.Env[Any, Any]]],
        num_threads: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        # One call at a time; a second one is refused.
        self._turn = Turn("the environments are")
        autoreset_mode = AutoresetMode(autoreset_mode)  # refused before any environment is made
        envs = [make() for make in env_fns]
        super().__init__(
            [functools.partial(_itself, env) for env in envs],
            copy=copy,
            observation_mode=_spaces_of(envs),
            autoreset_mode=autoreset_mode,
        )
        self.env_fns, self.observation_mode = env_fns, "same"
        # With `copy` each step fills a new array, which costs one copy less than copying the array of SyncVectorEnv.
        self._hands_out_new = copy
        self.copy = False
        for index, env in enumerate(self.envs):
            if not isinstance(env.unwrapped, NESEnv) and not _is_native(env.unwrapped):
                self.close()
                raise TypeError(f"vectorize needs environments derived from NESEnv; number {index} is {env.unwrapped}")
        self._batch = _Batch([], None)
        # How many actions each environment has, from 0 on.
        self._limits: list[int] = []
        # Consecutive mispredicted frames of each environment.
        self._misses: dict[int, int] = {}
        self._num_threads = num_threads
        self._pictures: _Pictures | None = None
        modes = self.fast
        self.num_threads = effective_threads(num_threads, max(1, sum(map(bool, modes))))
        self._look_ahead(modes)
        alone: dict[str, list[int]] = {}
        for index, mode in enumerate(modes):
            if not mode:
                alone.setdefault(mode.reason, []).append(index)
        if alone:
            whose = "; ".join(f"{reason} (environment {_ranges(indices)})" for reason, indices in alone.items())
            warnings.warn(
                f"vectorize steps these one by one, with the same results but slower: {whose}; see its `fast`",
                stacklevel=3,
            )

    @property
    def fast(self) -> tuple[StepMode, ...]:
        """tuple[StepMode, ...]: whether each environment's frames currently run in the batch, and why."""
        modes = []
        emulators: list[NESEmulator] = []
        for index, env in enumerate(self.envs):
            emulator = _emulator_of(env.unwrapped)
            reason = _why_alone(env)
            if reason is None and emulator is None:
                reason = "it is closed"
            if reason is None and any(emulator is other for other in emulators):
                reason = "it shares its emulator with an earlier environment"
            if reason is None and self._misses.get(index, 0) >= _MISSES:
                reason = f"its last {_MISSES} frames differed from the predicted ones"
            if reason is None and emulator is not None:
                emulators.append(emulator)
            modes.append(StepMode(reason is None, reason or "its class runs no code before the frame"))
        return tuple(modes)

    def _look_ahead(self, modes: tuple[StepMode, ...]) -> None:
        """Create copies of the emulators whose frames run in the batch, unless they exist."""
        members = []
        self._limits = [_limit_of(env) for env in self.envs]
        for index, mode in enumerate(modes):
            emulator = _emulator_of(self.envs[index].unwrapped)
            if mode and emulator is not None:
                members.append(_Member(index, emulator, _joypads_of(self.envs[index])))
        if [(member.number, id(member.emulator)) for member in members] != [
            (member.number, id(member.emulator)) for member in self._batch.members
        ]:
            # With one thread, running ahead saves no time.
            shared = self.num_threads > 1 and len(members) > 1
            emulators = [member.emulator for member in members]
            self._batch = _Batch(members, Lookahead(emulators, self._num_threads) if shared else None)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start episodes, as ``SyncVectorEnv.reset`` does, but leave the mask in the caller's dict.

        An invalid seed, and an option that one of the environments would refuse, are refused before any has changed,
        unless a wrapper or a class changes what ``reset`` does.
        """
        result: tuple[Any, dict[str, Any]] = self._turn.alone(self._reset, seed, options)
        return result

    def _reset(self, seed: Any, options: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
        self._check_reset(seed, options)
        self._make_observations()
        try:
            result: tuple[Any, dict[str, Any]] = super().reset(
                seed=seed, options=None if options is None else dict(options)
            )
            monitor = self._monitor
            if monitor is not None:
                mask = None if options is None else options.get("reset_mask")
                monitor.began(slice(None) if mask is None else mask)
            return result
        finally:
            self._misses = {}
            self._look_ahead(self.fast)

    def _check_reset(self, seed: Any, options: dict[str, Any] | None) -> None:
        """Raise what a reset of the environments would raise, before any has changed."""
        numbers = [seed + index for index in range(self.num_envs)] if isinstance(seed, int) else seed
        for number in numbers or ():
            if number is not None:
                seeding.np_random(number)
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"options must be a dict or None, not {shown(options)}")
        passed = dict(options or {})
        mask = passed.pop("reset_mask", None)
        if not isinstance(mask, np.ndarray) or mask.shape != (self.num_envs,):
            mask = np.ones(self.num_envs, np.bool_)
        elif mask.any() and mask.dtype == np.bool_:
            for index in np.flatnonzero(~mask).tolist():
                if self._env_obs[index] is None:
                    raise ResetMaskValueError(f"environment {index} is not in the reset_mask and was never reset")
        for index, env in enumerate(self.envs):
            if not mask[index] or not _passes_resets(env):
                continue
            if not _is_native(env.unwrapped):
                check_reset(env.unwrapped, passed)
            elif hasattr(type(env.unwrapped), "_check_reset"):
                fits = numbers is not None and len(numbers) == self.num_envs
                env.unwrapped._check_reset(numbers[index] if fits else None, passed)  # type: ignore[attr-defined]

    def _make_observations(self) -> None:
        if self._hands_out_new:
            self._observations = create_empty_array(self.single_observation_space, self.num_envs, np.empty)

    def step(self, actions: Any) -> Any:
        """Step all environments, as ``SyncVectorEnv.step`` does.

        Before any is stepped, an action is refused that one of them would refuse, unless a wrapper or a class changes
        what ``step`` does.
        """
        return self._turn.alone(self._step if self._monitor is None else self._watched_step, actions)

    def _watched_step(self, actions: Any) -> Any:
        resets = self.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
        began = self._autoreset_envs.copy() if resets else np.zeros(self.num_envs, np.bool_)
        result = self._step(actions)
        monitor = self._monitor  # its page may end meanwhile
        if monitor is not None:
            monitor.step(self._source(), _Results(result[1], result[2], result[3], began))
        return result

    def _surely_takes(self, actions: Any) -> bool:
        """Return whether all actions are numbers that each environment has: the quick half of ``check_actions``."""
        if not isinstance(actions, np.ndarray) or actions.dtype.kind not in "iu" or actions.shape != (self.num_envs,):
            return False
        if self.metadata["autoreset_mode"] == AutoresetMode.DISABLED:
            return False
        return all(0 <= action < limit for action, limit in zip(actions.tolist(), self._limits, strict=True))

    def _step(self, actions: Any) -> Any:
        if not hasattr(actions, "__len__"):
            actions = tuple(actions)  # an iterator can be read only once
        if not self._surely_takes(actions):
            check_actions(self, actions)
        self._make_observations()
        batch = self._batch
        lookahead = batch.lookahead
        if lookahead is None:
            return super().step(actions)
        inputs = self._predict_inputs(batch.members, actions)
        if len(inputs) - inputs.count(None) > 1:  # a single one saves no time
            lookahead.run(inputs)
        try:
            return super().step(actions)
        finally:
            missed = lookahead.finish()
            if missed or self._misses:
                self._count([batch.members[place].number for place in missed])

    def _predict_inputs(self, members: list[_Member], actions: Any) -> list[bytes | None]:
        """Return the expected controller inputs of each emulator in the batch."""
        try:
            # Not an iterator, which can be read only once.
            values = np.asarray(actions) if hasattr(actions, "__len__") else np.empty(0)
        except Exception:  # the environments will report the error
            values = np.empty(0)
        if values.dtype.kind not in "iu" or values.ndim not in (1, 2) or len(values) != self.num_envs:
            return [None] * len(members)
        numbers = values.tolist()
        waits = self._autoreset_envs if self.metadata["autoreset_mode"] != AutoresetMode.SAME_STEP else None
        return [
            None if waits is not None and waits[index] else _inputs_of(joypads, numbers[index])
            for index, _, joypads in members
        ]

    def _count(self, indices: list[int]) -> None:
        """Count consecutive mispredicted frames of each environment."""
        given_up = {index: count for index, count in self._misses.items() if count >= _MISSES}
        self._misses = {index: self._misses.get(index, 0) + 1 for index in indices} | given_up
        if any(self._misses[index] >= _MISSES for index in indices):
            self._look_ahead(self.fast)

    def _add_info(self, vector_infos: dict[str, Any], env_info: dict[str, Any], env_num: int) -> dict[str, Any]:
        """As ``VectorEnv._add_info``, which creates a mask for each entry of each environment, needed or not."""
        for key, value in env_info.items():
            array, mask = vector_infos.get(key), vector_infos.get(f"_{key}")
            if key == "audio" and self._is_heard(env_num):
                self._add_sound(vector_infos, value, env_num)
            elif array is None or mask is None or isinstance(value, dict):
                vector_infos = super()._add_info(vector_infos, {key: value}, env_num)
            else:
                array[env_num] = value
                mask[env_num] = True
        return vector_infos

    def _is_heard(self, index: int) -> bool:
        emulator = _emulator_of(self.envs[index].unwrapped)
        return emulator is not None and emulator.sample_rate is not None

    def _add_sound(self, infos: dict[str, Any], samples: NDArray[np.float32], index: int) -> None:
        """Add what one environment has played: as ``NESVectorEnv``, padded with zeros, because lengths differ."""
        if "audio" not in infos:
            infos["audio"] = np.zeros((self.num_envs, 0), np.float32)
            infos["audio_length"] = np.zeros(self.num_envs, np.int64)
            infos["_audio"], infos["_audio_length"] = np.zeros((2, self.num_envs), np.bool_)
        missing = len(samples) - infos["audio"].shape[1]
        if missing > 0:
            infos["audio"] = np.pad(infos["audio"], ((0, 0), (0, missing)))
        infos["audio"][index, : len(samples)] = samples
        infos["audio_length"][index] = len(samples)
        infos["_audio"][index] = infos["_audio_length"][index] = True

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call a method of each environment, or read an attribute, as ``SyncVectorEnv.call`` does."""
        result: tuple[Any, ...] = self._turn.alone(functools.partial(super().call, name, *args, **kwargs))
        return result

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of each environment, as ``SyncVectorEnv.set_attr`` does."""
        self._turn.alone(super().set_attr, name, values)

    def render(self) -> tuple[Any, ...]:
        """Render each environment, as ``SyncVectorEnv.render`` does."""
        pictures: tuple[Any, ...] = self._turn.alone(super().render)
        return pictures

    # --- watching ---

    def _source(self) -> _Pictures | None:
        if self.closed or not self._emulators():
            return None
        if self._pictures is None:
            self._pictures = _Pictures(self.envs)
        return self._pictures

    def _about(self) -> About:
        # Now, because the thread that serves must take no emulator from the one that steps.
        if self._source() is None:
            raise ClosedError("the environments are closed")
        game = self.envs[0].unwrapped
        title = type(game).__name__ if game.spec is None else game.spec.id
        return About(title, frameskip=1, measures=False, draws=True, playable=False)

    def _machine(self) -> tuple[bytes, Any]:
        emulator = self._emulators()[0]
        return emulator.rom_data, emulator.options["palette"]

    def _emulators(self) -> list[NESEmulator]:
        return [emulator for env in self.envs if (emulator := _emulator_of(env.unwrapped)) is not None]

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = self._turn.alone(self._get_contents)
        return state

    def _get_contents(self) -> dict[str, Any]:
        # What a copy does is not watched.
        state = {**self.__dict__, "_batch": _Batch([], None), "_pictures": None}
        for name in ("_monitor", "_watch"):
            state.pop(name, None)
        if "observation_space" in state:
            state["observation_space"] = folded(state["observation_space"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "observation_space" in state:
            self.observation_space = unfolded(state["observation_space"])
        self._look_ahead(self.fast)

    def __deepcopy__(self, memo: dict[int, Any]) -> VectorizedNESEnv:
        """Return a copy of all environments at one moment."""
        twin: VectorizedNESEnv = self._turn.alone(self._copy, memo)
        return twin

    def _copy(self, memo: dict[int, Any]) -> VectorizedNESEnv:
        twin = memo[id(self)] = type(self).__new__(type(self))
        twin.__setstate__(deepcopy(self._get_contents(), memo))
        return twin

    def close_extras(self, **kwargs: Any) -> None:
        """Close the environments."""
        self._turn.alone(functools.partial(self._close, **kwargs))

    def _close(self, **kwargs: Any) -> None:
        self._batch, self._pictures = _Batch([], None), None
        if self._watch is not None:
            self._watch.close()
        super().close_extras(**kwargs)


def check_actions(envs: SyncVectorEnv, actions: Any) -> None:
    """Raise what a step of the environments would raise for one of the actions, before any is stepped.

    Not for environments with a wrapper or a class that may change an action. Messages name the environment of a known
    game.

    Raises:
        AssertionError: in the mode Disabled, an episode is over and was not reset.
        ActionError: a ``KeyError`` and ``ValueError``: an action does not exist.
        TypeError: an action is not a number.
        ValueError: there are too few actions, or too many.
    """
    each = list(iterate(envs.action_space, actions))
    if len(each) != envs.num_envs:
        raise ValueError(f"there must be an action for each of {envs.num_envs} environments, not {len(each)}")
    over = envs._autoreset_envs
    if envs.metadata["autoreset_mode"] == AutoresetMode.DISABLED:
        assert not over.any(), f"self._autoreset_envs={over!r}"
    waits = envs.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    for index, env in enumerate(envs.envs):
        if waits and over[index]:
            continue
        try:
            action = each[index]
            for joypad in _joypads_of(env):
                action = byte_of(joypad, action)
            if not _is_native(env.unwrapped):
                check_action(env.unwrapped, action)
            elif hasattr(type(env.unwrapped), "_check_step"):
                env.unwrapped._check_step(action, index)  # type: ignore[attr-defined]
        except Exception:
            if _why_unknown(env) is None:
                raise


def _ranges(numbers: list[int]) -> str:
    """Return "0, 2 to 5" for 0, 2, 3, 4, 5."""
    parts = []
    begin = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            first = numbers[begin]
            parts.append(str(number) if first == number else f"{first} to {number}")
            begin = place + 1
    return ", ".join(parts)


def vectorize(
    make_env: Callable[[], gym.Env[Any, Any]] | Sequence[Callable[[], gym.Env[Any, Any]]],
    num_envs: int | None = None,
    **options: Any,
) -> VectorizedNESEnv:
    """Return a vector environment of existing ``NESEnv`` subclasses, with or without ``JoypadSpace``.

    Args:
        make_env (Callable | Sequence[Callable]): creates one environment; or one function per environment.
        num_envs (int | None): number of environments; None with a sequence.
        **options: ``num_threads`` (int | None), ``autoreset_mode`` (AutoresetMode | str), ``copy`` (bool): see
            ``NESVectorEnv``.

    Returns:
        VectorizedNESEnv: with the results of ``SyncVectorEnv`` over the same environments.

    Raises:
        TypeError: an option does not exist, or an environment is not derived from ``NESEnv``.
        ValueError: ``num_envs`` is less than 1.
    """
    if "record" in options:
        raise TypeError(
            "vectorize has no option 'record', because a replay would not run the environments' Python code: "
            "record_movie() of an NESEnv records its buttons, NESVectorEnv(record=...) the episodes of a declared game"
        )
    for name in options:
        if name not in _OPTIONS:
            raise TypeError(
                f"there is no option {shown(name)}{suggest(name, _OPTIONS)} (options: {', '.join(_OPTIONS)})"
            )
    if callable(make_env):
        if num_envs is None or num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, not {shown(num_envs)}")
        functions = [make_env] * num_envs
    else:
        functions = list(make_env)
        if num_envs is not None and num_envs != len(functions):
            raise ValueError(f"num_envs is {num_envs}, but there are {len(functions)} functions")
    return VectorizedNESEnv([only_gymnasium(make, index) for index, make in enumerate(functions)], **options)


__all__ = ["StepMode", "VectorizedNESEnv", "vectorize"]
