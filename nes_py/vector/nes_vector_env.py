"""Many environments of one game in one process, stepped in parallel without the GIL."""

from __future__ import annotations

import dataclasses
import operator
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.spaces import Box, Dict, Space
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from nes_py._bundled import TITLES, name_of_content
from nes_py._code import compile_game
from nes_py._digests import sha256
from nes_py._entries import check_reset_options
from nes_py._files import check_destination
from nes_py._gymnasium import AutoresetMode
from nes_py._values import entries_of, is_integer
from nes_py._vector import ANY_START, Engine, Output
from nes_py.emulator import NESEmulator, Snapshot, Turn
from nes_py.game import suggest
from nes_py.games import check_rom, resolve
from nes_py.options import EnvOptions

from ..errors import shown
from .actions import ActionTable
from .affinity import cpus_of_workers
from .binding import Binding
from .errors import (
    ClosedError,
    NoPendingCallError,
    NotResetError,
    PendingCallError,
    ResetMaskTypeError,
    ResetMaskValueError,
)
from .infos import InfoBuilder
from .recording import Recording
from .rollout import Rollout, check_about, check_suffix, options_to_json
from .spaces import batched, folded, unfolded
from .starts import find_starts
from .watched import About, Watched

if TYPE_CHECKING:
    from .xla import XlaFunctions

RewardFunction = Callable[[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]], Any]
EndFunction = Callable[[NDArray[np.uint8], NDArray[np.uint8]], Any]

# What ``call`` and ``get_attr`` split among the environments, and the methods that take the number of one.
_ROWS = ("ram", "screens", "save_ram", "np_random", "np_random_seed")
_NUMBERED = ("get_state", "set_state")

# What the consoles, the arrays and the spaces were made with.
_FIXED = (
    "action_space",
    "autoreset_mode",
    "batch_size",
    "frame_boundary",
    "num_envs",
    "num_threads",
    "observation_space",
    "options",
    "single_action_space",
    "single_observation_space",
)

# About 80 GB. More is a mistake, and the system would rather kill the process than refuse the memory.
_LARGEST = 2**20

_PCG64_MULTIPLIER = 2549297995355413924 << 64 | 4865540595714422341


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


@dataclass(frozen=True)
class EnvState:
    """The state of one environment: the console and its episode. Immutable and picklable.

    Attributes:
        snapshot: the console, for any emulator of the ROM.
        episode: frame stack, counters, sticky buttons and generator, in an internal format.
        options: the options that the format depends on; a state fits environments with the same options.
    """

    snapshot: Snapshot
    episode: bytes
    options: str


class NESVectorEnv(VectorEnv[Any, Any, Any], Watched):
    """A ``gymnasium.vector.VectorEnv`` of an NES game.

    All environments run in this process. A step runs them in parallel, from buttons to finished observations, in C++
    and without the GIL. Its results depend neither on the number of threads nor on the position in the batch. They
    equal those of ``SyncVectorEnv`` over ``NESEnv`` with the wrappers that the options stand for, applied in this
    order: no-op starts, sticky actions, frame limit and declared rewards in each frame; frame-skip with ``maxpool``;
    step limit; lives; reward clipping; crop, grey, resize; stack. The generator of environment ``i`` is NumPy's PCG64
    of its seed.

    They can be pickled and deep-copied: the copy has its own consoles and threads, and goes on exactly where this one
    is. Nothing is bound in it (``bind``).

    Example:
        >>> envs = nes_py.NESVectorEnv("game.nes", 64)  # doctest: +SKIP
        >>> observations, infos = envs.reset(seed=0)  # uint8 (64, 4, 84, 84)  # doctest: +SKIP

    Args:
        rom (str | os.PathLike | bytes | bytearray | memoryview | None): a ROM file, its contents, or the name of a
            bundled game: ``"bricks"``, ``"duel"``, ``"trail"``, or a newer version, ``"bricks-v1"`` or ``"trail-v1"``.
            None: that of the known game whose name or declaration ``game`` is, from an installed package that
            carries it. With a declaration the options of the game apply too, as with its name.
        num_envs (int): number of environments, 1 to 2**20.
        render_mode (str | None): ``"rgb_array"`` or None.
        record (str | os.PathLike | bool | None): True: record what is done, for ``rollout()``. A file that ends in
            ``.npz``, ``.h5`` or ``.hdf5``: ``close()`` writes the rollout there, if there was a step, see
            ``nes_py.datasets``.
        **options: see ``nes_py.options.EnvOptions``.

    Attributes:
        options (EnvOptions): all options after validation.
        num_threads (int): number of threads that step the environments.
        batch_size (int): rows of an observation.
        ram (numpy.ndarray): RAM of all environments, uint8 (num_envs, 2048), a live and writable view.
        screens (numpy.ndarray): last drawn pictures as palette indices, uint8 (num_envs, 240, 256), a live view. With
            observations of ``"tiles"``, ``"objects"`` and ``"semantic"`` alone, pictures are only drawn if there is a
            ``render_mode``.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        TypeError: an option does not exist, or a value has the wrong type.
        ValueError: a value is out of range.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012, Gymnasium declares it per instance

    # Whether it is the one environment of another class, which messages need not name.
    _alone = False

    # A second call, of another thread or of a function that a call has called, is refused, and a call that raises an
    # exception has changed nothing: each public method runs a private one of the same name in its turn, which checks
    # and prepares everything before the engine changes environments in one go.

    def __init__(
        self,
        rom: str | os.PathLike[str] | bytes | bytearray | memoryview | None = None,
        num_envs: int = 1,
        *,
        render_mode: str | None = None,
        record: str | os.PathLike[str] | bool | None = False,
        **options: Any,
    ) -> None:
        self._engine: Engine | None = None
        self._binding: Binding | None = None
        self._recording: Recording | None = None
        self._recorded_file: str | os.PathLike[str] | None = None
        self._unsaved: Recording | None = None
        record = False if record is None else record
        if not isinstance(record, (bool, str, os.PathLike)):
            raise TypeError(f"record must be a path, True or False, not {shown(record)}")
        given = options
        rom, options = resolve(rom, options)
        self._name = Path(rom).stem if isinstance(rom, (str, os.PathLike)) else "an NES game"
        self._turn = Turn("the environments are")
        self.options = EnvOptions.of(options, ("rom", "num_envs", "render_mode", "record"))
        check_rom(given.get("game"), rom)
        if not is_integer(num_envs):
            raise TypeError(f"num_envs must be an integer, not {shown(num_envs)}")
        if not 1 <= num_envs <= _LARGEST:
            raise ValueError(f"num_envs must be in 1..{_LARGEST}, not {shown(num_envs)}")
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be 'rgb_array' or None, not {shown(render_mode)}")
        self.num_envs = int(num_envs)
        self.render_mode = render_mode
        self.batch_size = self.options.batch_size or self.num_envs
        if self.batch_size > self.num_envs:
            raise ValueError(f"batch_size must be at most num_envs={self.num_envs}, not {shown(self.batch_size)}")
        mode = self.options.autoreset_mode
        assert isinstance(mode, AutoresetMode)
        self.autoreset_mode = mode
        # A copy for this instance: all instances share the class's dict.
        self.metadata = {**type(self).metadata, "autoreset_mode": mode}
        self._open(rom)
        self._make_spaces()
        self._outputs: list[Output] = []
        self._live_engine().seed([self._generator(index, None) for index in range(self.num_envs)])
        self._reward_function: RewardFunction | None = None
        self._terminated_function: EndFunction | None = None
        self._truncated_function: EndFunction | None = None
        # Needed in each step.
        self._names = self.options.observations
        self._is_dict = self.options.is_dict
        self._wall = {"step": 0.0, "engine": 0.0, "steps": 0.0}
        # Values of ``set_attr`` that differ from environment to environment.
        self._attributes: dict[str, list[Any]] = {}
        if record is not False:
            self._record(record, given)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # skrl recognizes an environment by the direct bases of its class.
        if VectorEnv not in cls.__bases__:
            cls.__bases__ = (*cls.__bases__, VectorEnv)

    def _open(self, rom: str | os.PathLike[str] | bytes | bytearray | memoryview) -> None:
        """Power on the consoles."""
        with NESEmulator(
            rom,
            policy=self.options.policy,  # type: ignore[arg-type]
            ram_fill=self.options.ram_fill,  # type: ignore[arg-type]
            seed=self.options.ram_seed,
            region=self.options.region,  # type: ignore[arg-type]
            device=self.options.device,  # type: ignore[arg-type]
            cheats=self.options.cheats,
            console=self.options.console,  # type: ignore[arg-type]
            frame_boundary=self.options.frame_boundary,  # type: ignore[arg-type]
            whole_pictures=self.options.whole_pictures,
            palette=self.options.palette,
        ) as emulator:
            game = self.options.declared_game
            compiled = compile_game(game)
            starts = find_starts(emulator, self.options.states, game, compiled)
            self._starts, self._start_names = starts.snapshots, starts.names
            emulator.reset()
            cpus = cpus_of_workers(self.options.affinity, self.options.num_threads, self.num_envs)
            self._engine = Engine(
                emulator, self.num_envs, self.options, self._starts, cpus, compiled, starts.slots, self._draws()
            )
            if self.options.audio is not None:
                self._engine.set_sample_rate(self.options.audio)
            self.metadata["render_fps"] = round(emulator.frame_rate) / self.options.frameskip
            self._rom_hash = emulator.rom_info.hash
            self.frame_boundary = emulator.frame_boundary
        self._engine_of_views = self._engine
        self.num_threads = self._engine.num_threads
        self._infos = InfoBuilder(game, _numbered(compiled.columns), starts.by_number(), compiled.start_column)
        self._has_infos = bool(
            self._infos
            or self.options.life_loss_info
            or self.options.audio is not None
            or self.options.autoreset_mode is AutoresetMode.SAME_STEP
        )

    # --- recordings ---

    def _record(self, record: str | os.PathLike[str] | bool, given: Mapping[str, Any]) -> None:
        """Begin to record; ``given``: the options as they were given."""
        if not isinstance(record, bool):
            check_suffix(record)
            check_destination(record)
            self._recorded_file = record
        engine = self._live_engine()
        about = options_to_json(self.options, given)
        if given.get("states") is not None and "states" not in about["options"]:
            # Scripts were run when the environments were made.
            about["snapshots"] = [bytes(one) for one in self._starts]
            names = {"names": self._start_names} if self._start_names else {}
            about["states"] = {"count": len(self._starts), **names}
        about |= {"rom": sha256(engine.rom_content).hex(), "name": name_of_content(engine.rom_content)}
        if self._recorded_file is not None:
            # It would be too late when they are closed.
            check_about(about)
        continuing = self.options.episodic_life
        draws = self.options.repeat_action_probability > 0 or bool(self.options.declared_game.after_step)
        self._recording = Recording(engine, self.autoreset_mode, self.single_action_space, about, continuing, draws)

    def rollout(self) -> Rollout:
        """Return what was recorded so far; needs ``record``.

        Returns:
            Rollout: see ``nes_py.datasets``.

        Raises:
            RuntimeError: nothing is recorded.
        """
        self._live_engine()
        rollout: Rollout = self._turn.alone(self._rollout)
        return rollout

    def _rollout(self) -> Rollout:
        if self._recording is None:
            raise RuntimeError("nothing is recorded: create the environments with record=True or record=FILE")
        return self._recording.rollout()

    def _draws(self) -> bool:
        """Return whether somebody looks at pictures."""
        return self.options.needs_pictures or self.render_mode is not None

    # --- copies ---

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = self._turn.alone(self._get_contents)
        return state

    def _get_contents(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        engine = self._engine
        for name in (
            "_engine",
            "_engine_of_views",
            "_infos",
            "_starts",
            "_outputs",
            "_binding",
            "_recording",
            "_unsaved",
            "_monitor",
            "_watch",
        ):
            state.pop(name, None)
        if "observation_space" in state:
            state["observation_space"] = folded(state["observation_space"])
        if engine is not None:
            state["_consoles"] = [(engine.snapshot(i), engine.episode(i)) for i in range(self.num_envs)]
            state["_rom"] = engine.rom_content
            state["_sent"] = engine.sent_actions()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        consoles = state.pop("_consoles", None)
        rom = state.pop("_rom", None)
        sent = state.pop("_sent", None)
        self.__dict__.update(state)
        if "observation_space" in state:
            self.observation_space = unfolded(state["observation_space"])
        # What a copy does is neither recorded nor watched.
        self._engine = self._binding = self._recording = self._recorded_file = self._unsaved = None
        self._outputs, self._starts = [], []
        if rom is None:
            return
        self._open(rom)
        engine = self._live_engine()
        snapshots = [engine.raw_snapshot(snapshot) for snapshot, _ in consoles]
        engine.load(range(self.num_envs), snapshots, [episode for _, episode in consoles])
        engine.resume(sent)

    # --- spaces ---

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parts of an observation."""
        engine = self._live_engine()
        shapes = {
            "image": engine.image_shape,
            "index": engine.index_shape,
            "ram": (2048,),
            "tiles": engine.tiles_shape,
            "objects": engine.objects_shape,
            "semantic": engine.semantic_shape,
        }
        return {name: shapes[name] for name in self.options.observations}

    def _make_spaces(self) -> None:
        options = self.options
        largest = {"index": 63, "semantic": len(options.semantics.classes) if options.semantics else 0}
        spaces: dict[str, Space[Any]] = {
            name: Box(0, largest.get(name, 255), shape, np.uint8) for name, shape in self._shapes().items()
        }
        self.single_observation_space = Dict(spaces) if options.is_dict else spaces[options.observations[0]]
        self.observation_space = batched(self.single_observation_space, self.batch_size)
        self._actions = ActionTable(options, self._alone)
        self.single_action_space = self._actions.space
        self.action_space = batch_space(self.single_action_space, self.batch_size)

    def _live_engine(self) -> Engine:
        if self._engine is None:
            raise ClosedError("the vector environment has already been closed")
        return self._engine

    # --- seeds ---

    @staticmethod
    def _generator(index: int, seed: int | None) -> tuple[int, int | None, int, int]:
        """Return an environment, its seed and the state of its generator, as ``gymnasium.utils.seeding.np_random``."""
        if seed is not None and not is_integer(seed):
            raise TypeError(f"the seed of environment {index} must be an integer or None, not {shown(seed)}")
        if seed is not None and seed < 0:
            raise ValueError(f"the seed of environment {index} must not be negative: {shown(seed)}")
        sequence = np.random.SeedSequence(None if seed is None else int(seed))
        number = int(sequence.entropy) if isinstance(sequence.entropy, int) else None
        # As numpy.random.PCG64(sequence), which makes a lock beside it.
        words = sequence.generate_state(4, np.uint64).tolist()
        increment = ((words[2] << 64 | words[3]) << 1 | 1) % 2**128
        state = ((words[0] << 64 | words[1]) + increment) * _PCG64_MULTIPLIER + increment
        return index, number, state % 2**128, increment

    @property
    def np_random_seed(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The seed of each environment's generator."""
        engine: Engine = self.__dict__.get("_engine_of_views") or self._live_engine()
        return tuple(engine.seeds)

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """A copy of each environment's generator: it will draw the same numbers."""
        engine = self._live_engine()
        generators = []
        for index in range(self.num_envs):
            bits: Any = np.random.PCG64()
            bits.state = engine.random_state(index)
            generators.append(np.random.Generator(bits))
        return tuple(generators)

    # --- reset ---

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
        out: Any = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start episodes.

        With ``episodic_life`` the same game continues after a lost life until a step has been taken, unless a seed or
        a state is given.

        Args:
            seed (int | Sequence[int | None] | None): environment ``i`` is seeded with ``seed + i``, or ``seed[i]``.
                None does not change a generator.
            options (dict | None): ``"reset_mask"``: a bool array (num_envs,); the others keep their episode,
                observation and an action that was sent. ``"state"``: the start state: number or name of one of the
                option ``states``, or one per environment (None: the seed chooses). Others are ignored, because they
                may be meant for a wrapper, but a name that is nearly one of these is refused.
            out (numpy.ndarray | dict | None): uint8 array(s) to fill with the observations.

        Returns:
            tuple: observations and infos; those of the first batch, as from ``recv``, if ``batch_size`` is below
                ``num_envs``.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument is out of range. In both cases no environment and no generator has changed.
        """
        self._live_engine()
        return self._turn.alone(self._reset, seed, options, out)

    def _reset(
        self, seed: int | Sequence[int | None] | None, options: dict[str, Any] | None, out: Any
    ) -> tuple[Any, dict[str, Any]]:
        if self.batch_size < self.num_envs:
            if out is not None or (isinstance(options, Mapping) and "reset_mask" in options):
                raise ValueError("with batch_size below num_envs reset takes neither out nor a reset_mask")
            self._check_no_functions()
            self._async_reset(seed, options)
            first = self._recv()
            return first[0], first[4]
        mask, starts, seeds = self._prepare_reset(seed, options)
        output = self._output(self.num_envs, out, shows=True)
        self._begin(output, mask, starts, seed is not None or starts is not None, seeds)
        return self._observations(output), self._infos_of_reset(output, mask)

    def _infos_of_reset(self, output: Output, mask: NDArray[np.bool_] | None) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        chosen = np.ones(self.num_envs, np.bool_) if mask is None else mask
        self._infos.add(infos, output.values, chosen)
        if self.options.life_loss_info:
            infos["life_lost"], infos["_life_lost"] = output.life_lost.copy(), chosen.copy()
        if self.options.audio is not None:
            silence = np.zeros((self.num_envs, 0), np.float32), np.zeros(self.num_envs, np.int64)
            infos["audio"], infos["audio_length"] = silence
            infos["_audio"], infos["_audio_length"] = chosen.copy(), chosen.copy()
        return infos

    def _begin(
        self,
        output: Output,
        mask: NDArray[np.bool_] | None,
        starts: NDArray[np.uint32] | None,
        whole: bool,
        seeds: Sequence[tuple[Any, ...]],
        fetch: bool = False,
    ) -> None:
        """Let the engine reset environments; the arguments are those of its ``reset``."""
        recording = self._recording
        if recording is not None:
            recording.expect(recording.begin, recording.reset(mask, starts, seeds, whole))
        self._live_engine().reset(output, mask, starts, whole, seeds, fetch)
        if recording is not None:
            recording.settle()
        monitor = self._monitor
        if monitor is not None:
            monitor.began(slice(None) if mask is None else mask)

    def _begin_episodes(
        self, mask: NDArray[np.bool_], starts: NDArray[np.uint32] | None, generators: Sequence[tuple[Any, ...]]
    ) -> tuple[Any, dict[str, Any]]:
        """Start new games with certain states of generators, for replays; see ``Engine.reset``."""
        self._live_engine()
        return self._turn.alone(self._begin_with, mask, starts, generators)

    def _begin_with(
        self, mask: NDArray[np.bool_], starts: NDArray[np.uint32] | None, generators: Sequence[tuple[Any, ...]]
    ) -> tuple[Any, dict[str, Any]]:
        output = self._output(self.num_envs, None, shows=True)
        self._begin(output, mask, starts, True, generators)
        return self._observations(output), self._infos_of_reset(output, mask)

    def _load_episodes(self, indices: Sequence[int], states: Sequence[bytes], generators: Sequence[Any]) -> None:
        """Start episodes in states of the console with certain states of generators, for replays."""
        self._live_engine().seed(generators)
        self.set_state(indices, list(map(Snapshot.from_bytes, states)))

    def _prepare_reset(
        self, seed: int | Sequence[int | None] | None, options: dict[str, Any] | None
    ) -> tuple[NDArray[np.bool_] | None, NDArray[np.uint32] | None, list[tuple[int, int | None, int, int]]]:
        """Check the arguments of a reset; return its mask, starts and generators."""
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"options must be a dict or None, not {shown(options)}")
        options = dict(options or {})
        check_reset_options(options, ("state", "reset_mask"))
        mask = None
        if "reset_mask" in options:
            mask = self._check_mask(options["reset_mask"], "options['reset_mask']")
            for index in range(self.num_envs):
                if not mask[index] and (unready := self._live_engine().unready([index])) and not unready[1]:
                    raise ResetMaskValueError(f"environment {index} is not in the reset_mask and was never reset")
        starts = None
        if options.get("state") is not None:
            starts = self._find_starts(options["state"])
        generators: list[tuple[int, int | None, int, int]] = []
        if seed is not None:
            seeds: list[int | None] | None = entries_of(seed)
            if is_integer(seed):
                first = operator.index(seed)  # type: ignore[arg-type]
                seeds = [first + index for index in range(self.num_envs)]
            if seeds is None:
                raise TypeError(f"seed must be an integer, a list of them or None, not {shown(seed)}")
            if len(seeds) != self.num_envs:
                raise ValueError(f"seed must have num_envs={self.num_envs} entries, not {len(seeds)}")
            generators = [self._generator(index, one) for index, one in enumerate(seeds) if one is not None]
        return mask, starts, [one for one in generators if mask is None or mask[one[0]]]

    def _check_mask(self, mask: Any, name: str) -> NDArray[np.bool_]:
        if not isinstance(mask, np.ndarray):
            raise ResetMaskTypeError(f"`{name}` must be a numpy array, got {type(mask)}")
        if mask.shape != (self.num_envs,):
            raise ResetMaskValueError(f"`{name}` must have shape `({self.num_envs},)`, got {mask.shape}")
        if mask.dtype != np.bool_:
            raise ResetMaskTypeError(f"`{name}` must have `dtype=np.bool_`, got {mask.dtype}")
        if not mask.any():
            raise ResetMaskValueError(f"`{name}` must select at least one environment, got {mask}")
        return np.ascontiguousarray(mask)

    def _find_starts(self, state: Any) -> NDArray[np.uint32]:
        states = [state] * self.num_envs if isinstance(state, str) or is_integer(state) else entries_of(state)
        if states is None:
            raise TypeError(f"options['state'] must be a number, a name or a list of them, not {shown(state)}")
        if len(states) != self.num_envs:
            raise ValueError(f"options['state'] must have num_envs={self.num_envs} entries, not {len(states)}")
        return np.array([self._find_start(one) for one in states], np.uint32)

    def _find_start(self, state: Any) -> int:
        if state is None:
            return ANY_START
        if isinstance(state, str):
            names = self._start_names or []
            if state not in names:
                raise ValueError(
                    f"there is no state {shown(state)}{suggest(state, names)} ({', '.join(names) or 'no names'})"
                )
            return names.index(state)
        if not is_integer(state):
            raise TypeError(f"a state must be a number or a name, not {shown(state)}")
        if not 0 <= state < len(self._starts):
            raise ValueError(f"there is no state {shown(state)}, only 0 to {len(self._starts) - 1}")
        return int(state)

    # --- step ---

    def step(
        self, actions: Any, *, out: Any = None
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Step all environments.

        Args:
            actions (numpy.ndarray): one action per environment, from ``action_space``.
            out (numpy.ndarray | dict | None): uint8 array(s) to fill with the observations.

        Returns:
            tuple: observations, rewards float64 (num_envs,), terminations and truncations bool (num_envs,), infos. With
                ``copy=True`` (the default) later steps do not change them, with ``copy=False`` the next step overwrites
                them.

        Raises:
            ValueError: an action is invalid, an environment was never reset, or its episode is over and it was not
                reset (``autoreset_mode`` Disabled). The message names the environment; no environment was stepped.
            RuntimeError: ``batch_size`` is below ``num_envs``: use ``send`` and ``recv``.
        """
        return self._turn.alone(self._step, actions, out)

    def _step(
        self, actions: Any, out: Any
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        engine = self._live_engine()
        table = self._actions.plain_table
        if table is not None and out is None and not self._is_special():
            plain = engine.step_plainly(actions, table, self._outputs, self.options.copy)
            if plain is not None:
                result = self._result(plain, None)
                monitor = self._monitor  # its page may end meanwhile
                if monitor is not None:
                    monitor.step(engine, plain)
                return result
        if self.batch_size < self.num_envs:
            raise RuntimeError(
                f"step() needs all environments; with batch_size={self.batch_size} below num_envs={self.num_envs} "
                "use send() and recv()"
            )
        if engine.waiting or engine.unfetched:
            raise PendingCallError("step() between send() and recv(): call recv() first")
        measures = self.options.timing
        begin = time.perf_counter() if measures else 0.0
        buttons = self._actions.to_buttons(actions, self.num_envs)
        self._check_ready(None)
        output = self._output(self.num_envs, out)
        monitor = self._monitor
        if monitor is not None:
            monitor.hold(buttons)
        recording = self._recording
        if recording is not None:
            recording.expect(recording.add, None, np.array(actions), output, recording.step())
        if self._reward_function or self._terminated_function or self._truncated_function:
            result = self._step_with_functions(engine, output, buttons)
        else:
            self._run(engine.step, output, buttons)
            result = self._result(output, None)
        if recording is not None:
            recording.settle()
        monitor = self._monitor
        if monitor is not None:
            monitor.step(engine, output)
        if measures:
            self._wall["step"] += time.perf_counter() - begin
            self._wall["steps"] += 1
        return result

    def _is_special(self) -> bool:
        """Return whether a step is more than buttons to results."""
        monitor = self._monitor
        return bool(
            (monitor is not None and monitor.holds)
            or self._recording is not None
            or self._binding is not None
            or self._reward_function
            or self._terminated_function
            or self._truncated_function
            or self.options.timing
            or self.batch_size < self.num_envs
        )

    def _run(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call a function of the engine that steps."""
        begin = time.perf_counter() if self.options.timing else 0.0
        function(*arguments)
        if self.options.timing:
            self._wall["engine"] += time.perf_counter() - begin

    def _step_with_functions(
        self, engine: Engine, output: Output, buttons: NDArray[np.uint8]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        before, changes = engine.ram().copy(), engine.changes
        try:
            self._run(engine.step, output, buttons, True)
            ends = self._apply_functions(engine, output, before)
            result = self._result(output, None)
            if ends is not None:
                engine.end_episodes(ends)
        except BaseException:
            if engine.changes != changes:
                engine.undo()
            raise
        return result

    def _check_ready(self, environments: Iterable[int] | None) -> None:
        unready = self._live_engine().unready(environments)
        if unready is not None:
            index, begun = unready
            if begun and self._alone:
                raise NotResetError("the episode is over: call reset() before the next step")
            if begun:
                raise NotResetError(
                    f"the episode of environment {index} is over: call reset(options={{'reset_mask': ...}}) before it "
                    "is stepped again"
                )
            raise self._never_reset(index)

    def _never_reset(self, index: int) -> NotResetError:
        whose = "the environment" if self._alone else f"environment {index}"
        return NotResetError(f"{whose} was never reset: call reset() first")

    def _output(self, rows: int, out: Any, shows: bool = False) -> Output:
        """Return the arrays for a step: the caller's, those of ``copy=False``, or unreferenced ones.

        Args:
            rows (int): number of environments.
            out: the argument of the same name of ``step`` and others.
            shows (bool): only the observations matter.
        """
        engine = self._live_engine()
        if self._recording is not None:
            # The arrays may be those of a step that was not added yet.
            self._recording.settle()
        if self._binding is not None:
            if out is not None:
                raise ValueError("out cannot be given while arrays are bound: call unbind() first")
            if rows == self.batch_size:
                return self._binding.shown if shows else self._binding.output
        if out is not None:
            names = self._names
            given = out if self._is_dict else {names[0]: out}
            if not isinstance(given, dict) or set(given) != set(names):
                raise TypeError(f"out must be a dict with an array for each of {', '.join(names)}")
            return engine.new_output(rows, given)
        unfetched = engine.unfetched
        for output in self._outputs:
            if unfetched is not None and output is unfetched[0]:
                continue
            if output.rows == rows and (not self.options.copy or output.is_free()):
                return output
        output = engine.new_output(rows)
        if len(self._outputs) < 4:
            self._outputs.append(output)
        return output

    def _result(
        self, output: Output, environments: NDArray[np.uint32] | None
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Return what a step returns; ``environments``: of each row; None: all."""
        infos: dict[str, Any] = {}
        rewards, terminated, truncated = output.rewards, output.terminated, output.truncated
        if self._has_infos:
            self._add_infos(infos, output, environments)
        if environments is not None:
            infos["env_id"], infos["_env_id"] = environments.astype(np.int64), np.ones(output.rows, np.bool_)
        binding = self._binding
        if binding is not None and output is binding.output:
            binding.finish()
            results: list[Any] = [
                given if given is not None else array.copy() if self.options.copy else array
                for given, array in zip(
                    (binding.rewards, binding.terminations, binding.truncations), output.shared()[1:], strict=True
                )
            ]
            return self._observations(output), *results, infos
        if self.options.copy:
            rewards, terminated, truncated = rewards.copy(), terminated.copy(), truncated.copy()
        else:
            _, rewards, terminated, truncated = output.shared()
        return self._observations(output), rewards, terminated, truncated, infos

    def _add_infos(self, infos: dict[str, Any], output: Output, environments: NDArray[np.uint32] | None) -> None:
        rows = output.rows
        if self.autoreset_mode is AutoresetMode.SAME_STEP and output.any_over():
            self._add_final(infos, output, output.terminated | output.truncated)
        if self._infos:
            self._infos.add(infos, output.values, None)
        if self.options.life_loss_info:
            infos["life_lost"], infos["_life_lost"] = output.life_lost.copy(), np.ones(rows, np.bool_)
        if self.options.audio is not None:
            infos["audio"], infos["audio_length"] = self._live_engine().sounds(environments)
            infos["_audio"], infos["_audio_length"] = np.ones(rows, np.bool_), np.ones(rows, np.bool_)

    def _observations(self, output: Output) -> Any:
        binding = self._binding
        if binding is not None and (output is binding.output or output is binding.shown):
            if binding.observations is not None:
                return binding.observations
            if self.options.copy:
                copies = {name: array.copy() for name, array in output.observations.items()}
                return copies if self._is_dict else copies[self._names[0]]
        if output.is_given or not self.options.copy:
            arrays = output.shared()[0]
            return dict(arrays) if self._is_dict else arrays[self._names[0]]
        arrays = output.observations
        # The core keeps pointers into its arrays: shape, type and flags of what a caller gets are the caller's.
        return {name: each.view() for name, each in arrays.items()} if self._is_dict else arrays[self._names[0]].view()

    def _add_final(self, infos: dict[str, Any], output: Output, over: NDArray[np.bool_]) -> None:
        final = np.full(len(over), None, dtype=object)
        for row in np.flatnonzero(over):
            each = {name: array[row].copy() for name, array in output.final_observations.items()}
            final[row] = each if self._is_dict else each[self._names[0]]
        infos["final_obs"], infos["_final_obs"] = final, over.copy()
        info: dict[str, Any] = {}
        self._infos.add(info, output.final_values, over)
        if self.options.life_loss_info:
            info["life_lost"], info["_life_lost"] = output.life_lost & over, over.copy()
        infos["final_info"], infos["_final_info"] = info, over.copy()

    # --- the caller's memory ---

    def bind(
        self, *, observations: Any = None, rewards: Any = None, terminations: Any = None, truncations: Any = None
    ) -> Binding:
        """Let all later steps write into arrays of the caller's, which ``step`` and ``recv`` then return.

        They are numpy arrays, in any memory, or torch tensors in the CPU's, pinned or not; all are checked here, and
        steps allocate none of what is bound. ``reset`` and ``observe`` write the observations. What is None is returned
        as without ``bind``. Another call replaces all of what is bound.

        Args:
            observations (numpy.ndarray | torch.Tensor | dict | None): uint8 (batch_size, ...) as in
                ``observation_space``; a dict of them if that is a ``Dict``.
            rewards (numpy.ndarray | torch.Tensor | None): float64 or float32 (batch_size,).
            terminations (numpy.ndarray | torch.Tensor | None): bool (batch_size,).
            truncations (numpy.ndarray | torch.Tensor | None): bool (batch_size,).

        Returns:
            Binding: these arrays; its ``use()`` goes back to them after another ``bind``, for double buffering.

        Raises:
            TypeError: an argument has the wrong type or dtype.
            ValueError: one has the wrong shape, is not C-contiguous, aligned and writable, is not in the CPU's memory,
                or overlaps another one or the environments. What was bound before remains so.
        """
        engine = self._live_engine()
        binding = Binding(
            engine,
            self.batch_size,
            self._shapes(),
            self._is_dict,
            (observations, rewards, terminations, truncations),
            self._activate,
        )
        self._activate(binding)
        return binding

    def _activate(self, binding: Binding | None) -> None:
        self._live_engine()
        self._turn.alone(self._set_binding, binding)

    def _set_binding(self, binding: Binding | None) -> None:
        self._binding = binding

    def unbind(self) -> None:
        """Let steps return arrays of their own again."""
        self._turn.alone(self._set_binding, None)

    # --- send and recv ---

    def async_reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> None:
        """Start episodes of all environments; ``recv`` returns their first observations, batch by batch.

        Args:
            seed (int | Sequence[int | None] | None): see ``reset``.
            options (dict | None): see ``reset``, without ``"reset_mask"``.
        """
        self._live_engine()
        self._turn.alone(self._async_reset, seed, options)

    def _async_reset(self, seed: int | Sequence[int | None] | None, options: dict[str, Any] | None) -> None:
        if options and "reset_mask" in options:
            raise ValueError("async_reset() takes no reset_mask")
        _, starts, seeds = self._prepare_reset(seed, options)
        whole = seed is not None or starts is not None
        self._begin(self._output(self.num_envs, None, shows=True), None, starts, whole, seeds, True)

    def send(self, actions: Any, env_ids: Any = None) -> None:
        """Send actions; ``recv`` returns their results.

        Args:
            actions (numpy.ndarray): one action per environment in ``env_ids``.
            env_ids (numpy.ndarray | None): environments without a pending action; None: all.

        Raises:
            IndexError: an environment does not exist.
            ValueError: an action is invalid, or an environment cannot be stepped.
            RuntimeError: an environment already has a pending action. In all cases no action was sent.
        """
        self._live_engine()
        self._turn.alone(self._send, actions, env_ids)

    def _send(self, actions: Any, env_ids: Any) -> None:
        engine = self._live_engine()
        ids = np.arange(self.num_envs) if env_ids is None else np.asarray(env_ids)
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise TypeError(f"env_ids must be a list of integers, not {shown(env_ids)}")
        for index in ids:
            if not 0 <= index < self.num_envs:
                raise IndexError(f"there is no environment {shown(index)}, only 0 to {self.num_envs - 1}")
            if engine.is_pending(int(index)):
                raise PendingCallError(f"environment {index} already has a pending action: call recv() first")
        if len(np.unique(ids)) != len(ids):
            raise ValueError("env_ids contains an environment twice")
        buttons = self._actions.to_buttons(actions, len(ids), ids.tolist())
        self._check_ready(map(int, ids))
        monitor = self._monitor
        if monitor is not None:
            monitor.hold(buttons, ids)
        recording = self._recording
        if recording is not None:
            recording.expect(recording.sent, ids, np.array(actions))
        engine.send(ids.astype(np.uint32), buttons)
        if recording is not None:
            recording.settle()

    def recv(self) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Step the ``batch_size`` environments that have waited longest, and return their results as ``step`` does.

        ``infos["env_id"]``, int64 (batch_size,), has the environment of each row.

        Raises:
            RuntimeError: fewer environments than ``batch_size`` have a pending action, so it would wait forever; or
                there are reward or end functions, which need the whole batch.
            ValueError: the episode of one of the environments is over, and it was not reset.
                No result is lost by an exception, also by one of a signal handler: the next call returns it.
        """
        self._live_engine()
        return self._turn.alone(self._recv)

    def _check_no_functions(self) -> None:
        if self._reward_function or self._terminated_function or self._truncated_function:
            raise RuntimeError("reward and end functions need the whole batch: step(), not send() and recv()")

    def _recv(self) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        engine, recording = self._live_engine(), self._recording
        self._check_no_functions()
        if engine.unfetched is None:
            if engine.waiting < self.batch_size:
                raise NoPendingCallError(
                    f"recv() needs batch_size={self.batch_size} environments with a pending action, and there are "
                    f"{engine.waiting}"
                )
            stepped = engine.next_to_step(self.batch_size)
            self._check_ready(stepped)
            output = self._output(self.batch_size, None)
            if recording is not None:
                recording.expect(recording.add_received, output, recording.step(stepped))
            self._run(engine.receive, output)
            if recording is not None:
                recording.settle()
            monitor = self._monitor
            if monitor is not None:
                monitor.step(engine, output, self._unfetched(engine)[1])
        elif recording is not None:
            recording.settle()
        return engine.fetched(self._result(*self._unfetched(engine)))

    @staticmethod
    def _unfetched(engine: Engine) -> tuple[Output, NDArray[np.uint32]]:
        assert engine.unfetched is not None
        return engine.unfetched

    def xla(self) -> XlaFunctions:
        """Return functions that step the environments inside of ``jax.jit``, ``lax.scan`` and other JAX loops.

        Returns:
            XlaFunctions: ``handle, recv, send, step = envs.xla()``; see there.

        Raises:
            ImportError: JAX is missing; the message says what to install.
        """
        from .xla import make_functions

        self._live_engine()
        return make_functions(self)

    # --- rewards and ends in Python ---

    def set_reward_function(self, function: RewardFunction | None) -> None:
        """Set a function that computes rewards which cannot be declared.

        Args:
            function (Callable | None): called once per step with RAM after and before the step, uint8 (num_envs, 2048),
                and the declared rewards, float64 (num_envs,); returns the rewards. None: only the declared rewards. For
                an environment whose episode started in the step its result is ignored, and the declared reward is used.
                After an exception in it the environments are where they were before the step; their sound begins anew.
        """
        self._turn.alone(self._set_functions, function, self._terminated_function, self._truncated_function)

    def _set_functions(
        self, reward: RewardFunction | None, terminated: EndFunction | None, truncated: EndFunction | None
    ) -> None:
        self._reward_function, self._terminated_function, self._truncated_function = reward, terminated, truncated
        if self._recording is not None and (reward or terminated or truncated):
            self._recording.functions = True

    def set_end_functions(self, terminated: EndFunction | None = None, truncated: EndFunction | None = None) -> None:
        """Set functions that end episodes which no declared condition ends.

        Args:
            terminated (Callable | None): called once per step with RAM after and before the step, uint8 (num_envs,
                2048); returns bool (num_envs,).
            truncated (Callable | None): the same for truncation.

        Raises:
            ValueError: with ``autoreset_mode`` SameStep, because the episode would have to end before the function is
                called.
        """
        if self.autoreset_mode is AutoresetMode.SAME_STEP and (terminated or truncated):
            raise ValueError("functions cannot end episodes with autoreset_mode SameStep; use NextStep or Disabled")
        self._turn.alone(self._set_functions, self._reward_function, terminated, truncated)

    def _apply_functions(self, engine: Engine, output: Output, before: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Put the functions' results into the output; return which episodes they end, None for none."""
        now = engine.ram().copy()
        stepped = ~output.began
        rows = (self.num_envs,)
        if self._reward_function is not None:
            rewards = np.asarray(self._reward_function(now, before, output.rewards.copy()), np.float64)
            if rewards.shape != rows:
                raise ValueError(f"the reward function must return shape {rows}, not {rewards.shape}")
            output.rewards[stepped] = rewards[stepped]
        over = np.zeros(self.num_envs, np.bool_)
        for function, flags in (
            (self._terminated_function, output.terminated),
            (self._truncated_function, output.truncated),
        ):
            if function is None:
                continue
            ends = np.asarray(function(now, before))
            if ends.shape != rows or ends.dtype != np.bool_:
                raise ValueError(f"an end function must return bool {rows}, not {ends.dtype} {ends.shape}")
            flags |= ends & stepped
            over |= ends & stepped
        return over.view(np.uint8) if over.any() else None

    # --- views and states ---

    @property
    def ram(self) -> NDArray[np.uint8]:  # noqa: D102, described with the class's attributes
        return self._live_engine().ram()

    @property
    def screens(self) -> NDArray[np.uint8]:  # noqa: D102, described with the class's attributes
        return self._live_engine().screens()

    @property
    def save_ram(self) -> NDArray[np.uint8]:
        """The battery-backed RAM of all environments, uint8 (num_envs, n), a live view; n is 0 without a battery.

        A reset restores its contents from the episode's start state. No file is read or written.
        """
        return self._live_engine().save_ram()

    @cached_property
    def _state_options(self) -> str:
        """The options that the format of an episode depends on."""
        skip = (
            "batch_size",
            "num_threads",
            "affinity",
            "wait_policy",
            "waiting",
            "audio",
            "copy",
            "timing",
            "states",
            "policy",
            "autoreset_mode",
        )
        parts = [self._rom_hash]
        for each in dataclasses.fields(self.options):
            if each.name not in skip:
                parts.append(f"{each.name}={getattr(self.options, each.name)!r}")
        return sha256("\0".join(parts).encode()).hex()[:16]

    def _indices(self, which: Any) -> list[int]:
        """Return environment numbers for a number, a list of numbers or a bool mask."""
        if isinstance(which, np.ndarray) and which.dtype == np.bool_:
            return [int(index) for index in np.flatnonzero(self._check_mask(which, "the mask"))]
        numbers = entries_of(which)
        indices = []
        for number in [which] if numbers is None else numbers:
            if not is_integer(number):
                raise TypeError(f"an environment is selected by its number or a bool mask, not {shown(number)}")
            if not 0 <= number < self.num_envs:
                raise IndexError(f"there is no environment {shown(number)}, only 0 to {self.num_envs - 1}")
            indices.append(int(number))
        return indices

    def get_state(self, which: Any) -> Any:
        """Return the state of one environment, or a list of states.

        Args:
            which (int | Sequence[int] | numpy.ndarray): a number; or numbers or a bool mask (num_envs,) for a list.

        Returns:
            EnvState | list[EnvState]: immutable and picklable.
        """
        self._live_engine()
        return self._turn.alone(self._get_state, which)

    def _get_state(self, which: Any) -> Any:
        engine = self._live_engine()
        options = self._state_options
        states = [EnvState(engine.snapshot(i), engine.episode(i), options) for i in self._indices(which)]
        return states[0] if entries_of(which) is None else states

    def set_state(self, which: Any, states: Any) -> None:
        """Load saved states into environments, which continue exactly as the saved ones did.

        Args:
            which (int | Sequence[int] | numpy.ndarray): see ``get_state``.
            states (EnvState | Snapshot | bytes | Sequence): one for all environments, or one for each. A ``Snapshot``
                or its bytes contains only the console: a new episode starts there, with the parameters and memories
                of the first start.

        Raises:
            ValueError: a state is of another ROM, of environments with other options, of a start that these do not have
                although ``info`` reports its parameters, or damaged. No state was loaded.
            IndexError: an environment does not exist.
        """
        self._live_engine()
        self._turn.alone(self._set_state, which, states)

    def _set_state(self, which: Any, states: Any) -> None:
        engine = self._live_engine()
        indices = self._indices(which)
        # The bytes of a state may be in an array.
        several = None if isinstance(states, np.ndarray) and states.dtype == np.uint8 else entries_of(states)
        each = [states] * len(indices) if several is None else several
        if len(each) != len(indices):
            raise ValueError(f"there are {len(each)} states for {len(indices)} environments")
        checked = [self._check_state(state) for state in each]
        snapshots, episodes = [snapshot for snapshot, _ in checked], [episode for _, episode in checked]
        if self._recording is not None and any(one is not None for one in episodes):
            raise RuntimeError(
                "the environments are recorded, and an EnvState continues an episode from elsewhere: load its snapshot"
            )
        recording = self._recording
        if recording is not None:
            recording.expect(recording.begin_loaded, recording.load(indices, snapshots))
        engine.load(indices, snapshots, episodes)
        if recording is not None:
            recording.settle()
        monitor = self._monitor
        if monitor is not None:
            monitor.began(indices)

    def _check_state(self, state: Any) -> tuple[Snapshot, bytes | None]:
        episode = None
        snapshot = state
        if isinstance(state, EnvState):
            if state.options != self._state_options:
                raise ValueError("the state is of another ROM or of environments with other options")
            if not isinstance(state.episode, bytes):
                raise TypeError(f"the episode of a state must be bytes, not {type(state.episode).__name__}")
            snapshot, episode = state.snapshot, state.episode
        return self._live_engine().raw_snapshot(snapshot), episode

    def clone(self, source: int, targets: Any) -> None:
        """Copy one environment into others. Each keeps its own generator.

        Args:
            source (int): the number of the environment to copy.
            targets (int | Sequence[int] | numpy.ndarray): numbers, or a bool mask (num_envs,).
        """
        self._live_engine()
        self._turn.alone(self._clone, source, targets)

    def _clone(self, source: int, targets: Any) -> None:
        if self._recording is not None:
            raise RuntimeError("the environments are recorded, and a clone continues an episode from elsewhere")
        (index,) = self._indices(source)
        self._live_engine().clone(index, self._indices(targets))

    def observe(self, *, out: Any = None) -> Any:
        """Return the current observations without a step, for use after ``set_state`` and ``clone``."""
        self._live_engine()
        return self._turn.alone(self._observe, out)

    def _observe(self, out: Any) -> Any:
        engine = self._live_engine()
        self._check_ready_to_show()
        output = self._output(self.num_envs, out, shows=True)
        if self._binding is not None and output is self._binding.shown and engine.unfetched is not None:
            raise PendingCallError("a result is in the bound arrays: call recv() first")
        engine.show(output)
        return self._observations(output)

    def _check_ready_to_show(self) -> None:
        for index in range(self.num_envs):
            unready = self._live_engine().unready([index])
            if unready is not None and not unready[1]:
                raise self._never_reset(index)

    # --- one by one, as SyncVectorEnv does ---

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Return an attribute of each environment, or the results of a method.

        ``get_state`` and ``set_state`` are called for each environment, ``render`` returns each one's picture. Any
        other method acts on all environments: it is called once, and each entry is its result.

        Args:
            name (str): name of an attribute or a method of this class, or of what ``set_attr`` has set.
            *args: arguments of the method.
            **kwargs: arguments of the method.

        Returns:
            tuple: an entry for each environment.

        Raises:
            AttributeError: there is no such attribute.
        """
        self._live_engine()
        if name in self._attributes:
            return tuple(self._attributes[name])
        value = getattr(self, name)
        if name in _NUMBERED:
            return tuple(value(index, *args, **kwargs) for index in range(self.num_envs))
        if callable(value):
            value = value(*args, **kwargs)
            return value if name == "render" and value is not None else (value,) * self.num_envs
        return tuple(value) if name in _ROWS else (value,) * self.num_envs

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return an attribute of each environment; ``ram`` and other arrays of all are split.

        Args:
            name (str): name of an attribute of this class, or of what ``set_attr`` has set.

        Raises:
            AttributeError: there is no such attribute.
        """
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of all environments.

        Args:
            name (str): the attribute. One that this class has is set for all of them; any other may differ.
            values: a list or tuple with a value for each environment, or one value for all.

        Raises:
            ValueError: there are too few or too many values, or they differ and the environments share the attribute.
            AttributeError: the attribute cannot be set.
        """
        self._live_engine()
        self._turn.alone(self._set_attr, name, values)

    def _set_attr(self, name: str, values: Any) -> None:
        if name in _FIXED:
            raise AttributeError(f"{name!r} cannot be set: the environments were made with it")
        each = list(values) if isinstance(values, (list, tuple)) else [values] * self.num_envs
        if len(each) != self.num_envs:
            raise ValueError(
                "Values must be a list or tuple with length equal to the number of environments. "
                f"Got `{len(each)}` values for {self.num_envs} environments."
            )
        if name in self._attributes or not hasattr(self, name):
            self._attributes[name] = each
        elif all(value is each[0] or np.array_equal(value, each[0]) for value in each[1:]):
            setattr(self, name, each[0])
        else:
            raise ValueError(f"the environments share {name!r}; it must be the same for all of them")

    # --- watching ---

    def _source(self) -> Engine | None:
        engine: Engine | None = self.__dict__.get("_engine")
        return engine

    def _about(self) -> About:
        name = name_of_content(self._live_engine().rom_content)
        title = TITLES.get(name, self._name)
        return About(title, self.options.frameskip, self.options.timing, self._draws(), self._recording is None)

    def _machine(self) -> tuple[bytes, Any]:
        return self._live_engine().rom_content, self.options.palette

    # --- rendering, timing, closing ---

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """Return all pictures, new uint8 arrays (240, 256, 3), RGB; None without ``render_mode``."""
        engine = self._live_engine()
        return tuple(self._turn.alone(engine.render)) if self.render_mode == "rgb_array" else None

    def timings(self) -> dict[str, Any]:
        """Return the measurements since the last call, in seconds; needs ``timing=True``.

        Returns:
            dict: ``steps``; ``step``, the wall time of all steps; ``engine``, the part of it without the GIL; and, with
                one entry per thread, ``busy`` and ``waiting`` (float64), ``environments`` and ``cpu`` (int64, -1:
                unknown).

        Raises:
            RuntimeError: the option ``timing`` is off.
        """
        if not self.options.timing:
            raise RuntimeError("nothing was measured: create the environments with timing=True")
        self._live_engine()
        return self._turn.alone(self._timings)

    def _timings(self) -> dict[str, Any]:
        engine = self._live_engine()
        table = engine.times()
        busy = table[:, 0] / 1e9
        result = {
            "steps": int(self._wall["steps"]),
            "step": self._wall["step"],
            "engine": self._wall["engine"],
            "busy": busy,
            "waiting": np.maximum(self._wall["engine"] - busy, 0.0),
            "environments": table[:, 2].copy(),
            "cpu": table[:, 3].copy(),
        }
        engine.clear_times()
        self._wall = dict.fromkeys(self._wall, 0.0)
        return result

    def __enter__(self) -> NESVectorEnv:
        """Return the vector environment itself; leaving the block closes it."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the environments."""
        self.close()

    def close_extras(self, **kwargs: Any) -> None:
        """Release the environments. Returned arrays stay valid. With ``record=FILE`` the rollout is written.

        Without a step no file is written, and an older one stays.

        Raises:
            OSError: it cannot be written; the environments are released, as after any error of writing it.
        """
        self._turn.alone(self._release)

    def _release(self) -> None:
        if self._recording is not None and self._recorded_file is not None:
            self._unsaved = self._recording
        self._recording = self._engine = self._binding = None
        self._outputs = []
        if self._watch is not None:
            self._watch.close()
        if self._unsaved is None or self._recorded_file is None:
            return
        # After an exception of a signal handler another call writes it. Errors of the disk and of what was recorded
        # would be raised by that call again.
        try:
            rollout = self._unsaved.rollout()
            if rollout.num_steps > 0:
                rollout.save(self._recorded_file)
        except (OSError, ArithmeticError, LookupError, TypeError, ValueError):
            self._unsaved = None
            raise
        self._unsaved = None


__all__ = ["EnvState", "NESVectorEnv"]
