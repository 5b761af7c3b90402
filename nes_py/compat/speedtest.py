"""Measures the speed of environments on this machine: ``python -m nes_py.speedtest``.

    python -m nes_py.speedtest
    python -m nes_py.speedtest --rom game.nes --steps 20000 --warmup-steps 500 --json
    python -m nes_py.speedtest --rom game.nes --observation-profile
    python -m nes_py.speedtest --rom game.nes --vector-profile --env-counts 1,8,64 --runs 3

The functions, the options and the names in the JSON are those of nes-py 9, so that existing scripts keep working.
Without a ROM the command line runs a bundled game. To compare with other emulators see ``make bench`` in the
source tree.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

from nes_py._arguments import count as natural
from nes_py._arguments import positive, seed
from nes_py._bundled import explain_missing, find_game
from nes_py._rom import ROM
from nes_py.nes_env import (
    OBSERVATION_MODE_GRAYSCALE,
    OBSERVATION_MODE_RGB_ARRAY,  # noqa: F401, a name of nes-py 9
    OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS,
    SCREEN_SHAPE_24_BIT,
    SCREEN_SHAPE_GRAYSCALE,
    NESEnv,
)
from nes_py.ram import RAM_READ_ENCODINGS, normalize_ram_read_specs
from nes_py.vector_env import VectorNESEmulator

from ..errors import shown

#: Chooses the buttons: ``"random"``, ``"noop"``, or a function of the environment, the number of the step (from 1)
#: and a ``numpy.random.RandomState``.
ActionPolicy = Callable[[NESEnv, int, np.random.RandomState], int] | str

DEFAULT_STEPS = 5000
#: Read by ``--ram-profile`` and ``ram_info``: a few numbers of all kinds, as in a wrapper's ``info``.
DEFAULT_RAM_READ_SPECS: tuple[Any, ...] = (0, 1, (2, 2, "little"), (4, 2, "big"), (6, 2, "bcd"), (8, 3, "digits"))
MAPPER_PROFILE_OPERATIONS = ("reset", "step", "render_rgb_array", "backup_restore")
VECTOR_PROFILE_BACKENDS = ("scalar_loop", "gym_sync_vector_env", "gym_async_vector_env", "native_vector")
VECTOR_PROFILE_OBSERVATIONS = ("step_only", "native_rgb_contiguous", "native_grayscale", "ram_info")
VECTOR_PROFILE_ENV_COUNTS = (1, 2, 4, 8, 16)
OBSERVATION_PROFILE_OPERATIONS = (
    "step",
    "step_copy",
    "step_contiguous",
    "step_python_grayscale",
    "step_native_rgb_contiguous",
    "step_native_grayscale",
)
RAM_PROFILE_OPERATIONS = (
    "python_indexing",
    "numpy_take",
    "native_batch",
    "step_python_indexing",
    "step_native_batch",
)
_MODES = {
    "native_rgb_contiguous": OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS,
    "native_grayscale": OBSERVATION_MODE_GRAYSCALE,
}
_BUTTON_COMBINATIONS = 256
# Exit status of an interrupted run, as a shell reports it: 128 plus the number of SIGINT.
_INTERRUPTED = 130


# --------------------------------------------------------------------------------------------------
# Results


class _Record:
    """Results as dicts."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict of plain values, for JSON."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class BenchmarkConfig:
    """The settings of ``run_benchmark``.

    Attributes:
        rom (str): a ROM file.
        steps (int): measured steps.
        warmup_steps (int): unmeasured steps before them.
        seed (int | None): seed of the buttons and of the first reset; None: different in each run.
        action_policy (str | Callable): chooses the buttons, see ``ActionPolicy``.
        render_mode (str | None): see ``NESEnv``; each step is rendered.
        progress (bool): show a progress bar, if tqdm is installed.
        backup_interval (int | None): number of steps between backups.
        restore_interval (int | None): number of steps between restores.
    """

    rom: str
    steps: int = DEFAULT_STEPS
    warmup_steps: int = 0
    seed: int | None = None
    action_policy: ActionPolicy = "random"
    render_mode: str | None = None
    progress: bool = True
    backup_interval: int | None = None
    restore_interval: int | None = None


@dataclass(frozen=True)
class BenchmarkResult(_Record):
    """The result of a run with one environment; times in seconds. Backups and restores include those of the warm-up."""

    total_steps: int
    measured_steps: int
    warmup_steps: int
    resets: int
    backups: int
    restores: int
    frames_rendered: int
    elapsed_seconds: float
    steps_per_second: float
    frames_per_second: float
    seed: int | None
    action_policy: str
    render_mode: str | None
    backup_interval: int | None
    restore_interval: int | None


@dataclass(frozen=True)
class MapperBenchmarkResult(_Record):
    """The speed of one operation with one game."""

    environment: str
    compiler: str
    platform: str
    rom: str
    mapper: int
    operation: str
    total_steps: int
    warmup_steps: int
    elapsed_seconds: float
    steps_per_second: float


@dataclass(frozen=True)
class ObservationBenchmarkResult(_Record):
    """The speed of steps with one way of reading the picture; ``checksum`` depends on the pictures."""

    environment: str
    compiler: str
    platform: str
    rom: str
    operation: str
    action_policy: str
    total_steps: int
    warmup_steps: int
    elapsed_seconds: float
    steps_per_second: float
    checksum: int


@dataclass(frozen=True)
class RepeatedBenchmarkSummary(_Record):
    """Summary of several runs: frames per second if the results have them, else steps per second."""

    operation: str
    runs: int
    median_steps_per_second: float
    min_steps_per_second: float
    max_steps_per_second: float
    iqr_steps_per_second: float
    baseline_steps_per_second: float | None = None
    percent_change: float | None = None


@dataclass(frozen=True)
class RAMReadBenchmarkResult(_Record):
    """The speed of one way of reading numbers from RAM."""

    environment: str
    compiler: str
    platform: str
    rom: str
    operation: str
    action_policy: str
    total_steps: int
    warmup_steps: int
    ram_read_count: int
    elapsed_seconds: float
    steps_per_second: float
    checksum: int


@dataclass(frozen=True)
class VectorBenchmarkResult(_Record):
    """The speed of several environments together. Frames are those of all environments."""

    environment: str
    compiler: str
    platform: str
    rom: str
    backend: str
    env_count: int
    observation_mode: str
    action_policy: str
    total_steps: int
    warmup_steps: int
    measured_frames: int
    elapsed_seconds: float
    frames_per_second: float
    instrumentation_enabled: bool
    cpu_affinity: str
    setup_seconds: float = 0.0
    action_transfer_seconds: float = 0.0
    native_step_seconds: float = 0.0
    synchronization_seconds: float = 0.0
    observation_seconds: float = 0.0
    ram_info_seconds: float = 0.0
    python_overhead_seconds: float = 0.0
    teardown_seconds: float = 0.0
    worker_stats: tuple[Any, ...] = ()
    checksum: int = 0


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds > 0 else 0.0


# --------------------------------------------------------------------------------------------------
# Settings


def _find_policy(policy: ActionPolicy) -> tuple[Callable[[Any, int, np.random.RandomState], int], str]:
    """Return the function that chooses the buttons, and its name."""
    if callable(policy):
        return policy, getattr(policy, "__name__", "callable")
    if policy == "random":
        return lambda env, _, random: int(random.randint(env.action_space.n)), policy
    if policy == "noop":
        return lambda *_: 0, policy
    raise ValueError(f"unknown action policy: {policy!r} is neither 'random' nor 'noop' nor a function")


def _with_progress(steps: range, wanted: bool) -> Iterable[int]:
    if not wanted:
        return steps
    try:
        from tqdm import tqdm
    except ImportError:
        return steps
    bar: Iterable[int] = tqdm(steps)
    return bar


@dataclass(frozen=True)
class _Work:
    """The arguments that all measurements share, checked.

    Raises:
        ValueError: a number is out of range, or the policy is unknown.
    """

    rom: str
    steps: int
    warmup_steps: int
    seed: int | None = None
    action_policy: ActionPolicy = "random"

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be positive, not {shown(self.steps)}")
        if self.warmup_steps < 0:
            raise ValueError(f"warmup_steps must be non-negative, not {shown(self.warmup_steps)}")
        _find_policy(self.action_policy)

    @property
    def total(self) -> int:
        """All steps, those of the warm-up too."""
        return self.steps + self.warmup_steps

    def timed(self, step: Callable[[int], Any]) -> float:
        """Do all steps, which are numbered from 1 on; return the seconds of those that count."""
        for number in range(1, self.warmup_steps + 1):
            step(number)
        begin = time.perf_counter()
        for number in range(self.warmup_steps + 1, self.total + 1):
            step(number)
        return time.perf_counter() - begin

    def fields(self, elapsed: float) -> dict[str, Any]:
        """Return the fields that the results of all profiles share."""
        return {
            "environment": f"{platform.python_implementation()} {platform.python_version()}",
            "compiler": str(sysconfig.get_config_var("CC") or "unknown"),
            "platform": platform.platform(),
            "rom": os.fspath(self.rom),
            "total_steps": self.total,
            "warmup_steps": self.warmup_steps,
            "elapsed_seconds": elapsed,
        }


class _Choice(NamedTuple):
    """An argument that takes some of the known names; None stands for all."""

    kind: str
    known: tuple[str, ...]

    def check(self, names: Iterable[str] | None) -> list[str]:
        """Return the names as a list.

        Raises:
            ValueError: one is unknown.
        """
        chosen = list(self.known if names is None else names)
        for name in chosen:
            if name not in self.known:
                raise ValueError(f"unknown {self.kind}: {name!r} is none of {', '.join(self.known)}")
        return chosen


_MAPPER_OPERATIONS = _Choice("mapper benchmark operation", MAPPER_PROFILE_OPERATIONS)
_OBSERVATION_OPERATIONS = _Choice("observation benchmark operation", OBSERVATION_PROFILE_OPERATIONS)
_RAM_OPERATIONS = _Choice("RAM benchmark operation", RAM_PROFILE_OPERATIONS)
_VECTOR_OBSERVATIONS = _Choice("vector observation mode", VECTOR_PROFILE_OBSERVATIONS)
_VECTOR_BACKENDS = _Choice("vector backend", VECTOR_PROFILE_BACKENDS)
_NAMED_POLICIES = _Choice("action policy", ("random", "noop"))
_CPU_AFFINITY = _Choice("cpu_affinity", ("none", "round_robin"))


class _Player:
    """Steps an environment with the buttons of a policy, and resets it after each episode."""

    def __init__(self, env: NESEnv, work: _Work) -> None:
        self.env = env
        self.choose, self.name = _find_policy(work.action_policy)
        self.random = np.random.RandomState(work.seed)
        self.resets = 0
        self.seed = work.seed
        self.done = True

    def begin(self) -> bool:
        """Reset the environment if necessary; return whether it was reset."""
        if not self.done:
            return False
        self.env.reset(seed=None if self.resets else self.seed)
        self.resets += 1
        self.done = False
        return True

    def step(self, number: int) -> Any:
        """Step and return the picture."""
        picture, _, terminated, truncated, _ = self.env.step(self.choose(self.env, number, self.random))
        self.done = bool(terminated or truncated)
        return picture


def _first_byte(output: Any) -> int:
    return int(np.asarray(output).flat[0])


def _grayscale(picture: Any) -> Any:
    """Return a picture in grey, computed by NumPy: the baseline for the emulator's own conversion."""
    wide = picture.astype(np.uint16)
    return ((77 * wide[..., 0] + 150 * wide[..., 1] + 29 * wide[..., 2]) >> 8).astype(np.uint8)


# --------------------------------------------------------------------------------------------------
# One environment


def run_benchmark(config: BenchmarkConfig | None = None, **options: Any) -> BenchmarkResult:
    """Step one ``NESEnv`` and return its speed.

    Args:
        config (BenchmarkConfig | None): the settings.
        **options: fields of ``BenchmarkConfig``, instead of ``config`` or to change some of its fields.

    Returns:
        BenchmarkResult: with an interval of backups or restores, a backup is also made at the start.

    Raises:
        TypeError: a field does not exist, or there is neither a configuration nor a ROM.
        ValueError: a number is out of range, or the policy is unknown.
    """
    config = BenchmarkConfig(**options) if config is None else replace(config, **options)
    work = _Work(config.rom, config.steps, config.warmup_steps, config.seed, config.action_policy)
    for name in ("backup_interval", "restore_interval"):
        value = getattr(config, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} must be positive when provided, not {shown(value)}")
    backups = restores = rendered = 0
    env = NESEnv(config.rom, render_mode=config.render_mode)
    try:
        player = _Player(env, work)
        begin = time.perf_counter()
        for number in _with_progress(range(1, work.total + 1), config.progress):
            if number == config.warmup_steps + 1:
                begin = time.perf_counter()
            if player.begin() and not backups and (config.backup_interval or config.restore_interval):
                env._backup()
                backups += 1
            player.step(number)
            if config.render_mode is not None:
                env.render()
                rendered += number > config.warmup_steps
            if config.backup_interval and number % config.backup_interval == 0:
                env._backup()
                backups += 1
            if config.restore_interval and number % config.restore_interval == 0:
                env._restore()
                restores += 1
                env.done = player.done = False
        elapsed = time.perf_counter() - begin
    finally:
        env.close()
    return BenchmarkResult(
        total_steps=work.total,
        measured_steps=config.steps,
        warmup_steps=config.warmup_steps,
        resets=player.resets,
        backups=backups,
        restores=restores,
        frames_rendered=rendered,
        elapsed_seconds=elapsed,
        steps_per_second=_rate(config.steps, elapsed),
        frames_per_second=_rate(rendered or config.steps, elapsed),
        seed=config.seed,
        action_policy=player.name,
        render_mode=config.render_mode,
        backup_interval=config.backup_interval,
        restore_interval=config.restore_interval,
    )


def run_repeated_benchmark(
    config: BenchmarkConfig | None = None, runs: int = 5, **options: Any
) -> tuple[list[BenchmarkResult], RepeatedBenchmarkSummary]:
    """Run ``run_benchmark`` several times.

    Args:
        config (BenchmarkConfig | None): the settings.
        runs (int): number of runs.
        **options: see ``run_benchmark``.

    Returns:
        tuple: the results, and their summary.

    Raises:
        ValueError: ``runs`` is not positive.
    """
    if runs < 1:
        raise ValueError(f"runs must be positive, not {shown(runs)}")
    results = [run_benchmark(config, **options) for _ in range(runs)]
    return results, summarize_repeated_results(results, "scalar")


def summarize_repeated_results(
    results: Iterable[Any], operation: str, baseline: float | None = None
) -> RepeatedBenchmarkSummary:
    """Summarize several results of the same kind.

    Args:
        results (Iterable): results with ``frames_per_second`` or ``steps_per_second``.
        operation (str): the name of the operation.
        baseline (float | None): a value to compare the median with.

    Returns:
        RepeatedBenchmarkSummary: the interquartile range is that of the values; with fewer than four values it is the
            whole range.

    Raises:
        ValueError: there are no results.
    """
    rates = sorted(
        each.frames_per_second if hasattr(each, "frames_per_second") else each.steps_per_second for each in results
    )
    if not rates:
        raise ValueError("no results to summarize")
    last = len(rates) - 1
    low, high = (last // 4, 3 * last // 4) if len(rates) >= 4 else (0, last)
    middle = median(rates)
    return RepeatedBenchmarkSummary(
        operation=operation,
        runs=len(rates),
        median_steps_per_second=middle,
        min_steps_per_second=rates[0],
        max_steps_per_second=rates[-1],
        iqr_steps_per_second=rates[high] - rates[low],
        baseline_steps_per_second=baseline,
        percent_change=100.0 * (middle - baseline) / baseline if baseline else None,
    )


def _mapper_operation(env: NESEnv, name: str) -> Callable[[int], Any]:
    def back_up_and_restore(_: int) -> None:
        env._backup()
        env._restore()
        env.done = False

    operations: dict[str, Callable[[int], Any]] = {
        "reset": lambda _: env.reset(),
        "step": lambda _: env.step(0),
        "render_rgb_array": lambda _: env.render(),
        "backup_restore": back_up_and_restore,
    }
    return operations[name]


def run_mapper_profile(
    roms: Iterable[str], steps: int = 50, warmup_steps: int = 10, operations: Iterable[str] | None = None
) -> list[MapperBenchmarkResult]:
    """Measure the operations of an environment one by one, with several ROMs.

    Args:
        roms (Iterable[str]): ROM files.
        steps (int): measured repetitions of each operation.
        warmup_steps (int): unmeasured repetitions before them.
        operations (Iterable[str] | None): of ``MAPPER_PROFILE_OPERATIONS``; None: all.
    """
    common = _Work("", steps, warmup_steps)
    names = _MAPPER_OPERATIONS.check(operations)
    results = []
    for rom in roms:
        work = replace(common, rom=rom)
        mapper = ROM(rom).mapper
        for name in names:
            env = NESEnv(rom, render_mode="rgb_array")
            try:
                env.reset()
                elapsed = work.timed(_mapper_operation(env, name))
            finally:
                env.close()
            results.append(
                MapperBenchmarkResult(
                    **work.fields(elapsed), mapper=mapper, operation=name, steps_per_second=_rate(steps, elapsed)
                )
            )
    return results


def _ways_of_observing(env: NESEnv) -> dict[str, Callable[[Any], Any]]:
    rgb = np.empty(SCREEN_SHAPE_24_BIT, np.uint8)
    gray = np.empty(SCREEN_SHAPE_GRAYSCALE, np.uint8)
    return {
        "step": lambda picture: picture,
        "step_copy": lambda picture: picture.copy(),
        "step_contiguous": np.ascontiguousarray,
        "step_python_grayscale": _grayscale,
        "step_native_rgb_contiguous": lambda _: env.observation(OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS, rgb),
        "step_native_grayscale": lambda _: env.observation(OBSERVATION_MODE_GRAYSCALE, gray),
    }


def run_observation_profile(
    rom: str,
    steps: int = DEFAULT_STEPS,
    warmup_steps: int = 0,
    seed: int | None = None,
    action_policy: ActionPolicy = "random",
    operations: Iterable[str] | None = None,
) -> list[ObservationBenchmarkResult]:
    """Measure steps with several ways of reading the picture.

    Args:
        rom (str): a ROM file.
        steps (int): measured steps.
        warmup_steps (int): unmeasured steps before them.
        seed (int | None): seed of the buttons.
        action_policy (str | Callable): chooses the buttons, see ``ActionPolicy``.
        operations (Iterable[str] | None): of ``OBSERVATION_PROFILE_OPERATIONS``; None: all.
    """
    work = _Work(rom, steps, warmup_steps, seed, action_policy)
    return [_measure_observation(work, name) for name in _OBSERVATION_OPERATIONS.check(operations)]


def _measure_observation(work: _Work, name: str) -> ObservationBenchmarkResult:
    checksum = 0
    env = NESEnv(work.rom)
    try:
        player = _Player(env, work)
        observe = _ways_of_observing(env)[name]

        def step(number: int) -> None:
            nonlocal checksum
            player.begin()
            checksum ^= _first_byte(observe(player.step(number)))

        elapsed = work.timed(step)
    finally:
        env.close()
    return ObservationBenchmarkResult(
        **work.fields(elapsed),
        operation=name,
        action_policy=player.name,
        steps_per_second=_rate(work.steps, elapsed),
        checksum=checksum,
    )


def _decode(ram: Any, address: int, size: int, encoding: str) -> int:
    """Return one number from RAM, computed by Python: the baseline for the emulator's own way."""
    data = [int(ram[address + offset]) for offset in range(size)]
    if encoding == "little":
        data.reverse()
    if encoding == "digits":
        return int(sum(digit * 10**place for place, digit in enumerate(reversed(data))))
    if encoding == "bcd":
        return int(sum((10 * (byte >> 4) + (byte & 15)) * 100**place for place, byte in enumerate(reversed(data))))
    return int.from_bytes(data, "big")


def run_ram_profile(
    rom: str,
    steps: int = DEFAULT_STEPS,
    warmup_steps: int = 0,
    seed: int | None = None,
    action_policy: ActionPolicy = "random",
    specs: Iterable[Any] | None = None,
    operations: Iterable[str] | None = None,
) -> list[RAMReadBenchmarkResult]:
    """Measure several ways of reading numbers from RAM, alone and after a step.

    Args:
        rom (str): a ROM file.
        steps (int): measured steps.
        warmup_steps (int): unmeasured steps before them.
        seed (int | None): seed of the buttons.
        action_policy (str | Callable): chooses the buttons, see ``ActionPolicy``.
        specs (Iterable | None): the numbers, see ``nes_py.ram.normalize_ram_read_specs``; None:
            ``DEFAULT_RAM_READ_SPECS``.
        operations (Iterable[str] | None): of ``RAM_PROFILE_OPERATIONS``; None: all.
    """
    work = _Work(rom, steps, warmup_steps, seed, action_policy)
    specs = DEFAULT_RAM_READ_SPECS if specs is None else tuple(specs)
    return [_measure_ram(work, specs, name) for name in _RAM_OPERATIONS.check(operations)]


def _measure_ram(work: _Work, specs: tuple[Any, ...], name: str) -> RAMReadBenchmarkResult:
    addresses, sizes, encodings = normalize_ram_read_specs(specs)
    names_of_encodings = {number: name for name, number in RAM_READ_ENCODINGS.items()}
    rows = [
        (address, size, names_of_encodings[encoding])
        for address, size, encoding in zip(addresses.tolist(), sizes.tolist(), encodings.tolist(), strict=True)
    ]
    indices = addresses.astype(np.intp)
    output = np.empty(len(rows), np.uint32)
    checksum = 0
    env = NESEnv(work.rom)
    try:
        player = _Player(env, work)
        ram = env.ram
        ways: dict[str, Callable[[], Any]] = {
            "python_indexing": lambda: [_decode(ram, *row) for row in rows],
            "numpy_take": lambda: np.take(ram, indices),
            "native_batch": lambda: env.ram_values(specs, output),
        }
        with_step = name.startswith("step_")
        read = ways[name.removeprefix("step_")]

        def step(number: int) -> None:
            nonlocal checksum
            player.begin()
            if with_step:
                player.step(number)
            values = read()
            checksum ^= int(values[0]) if len(values) else 0

        elapsed = work.timed(step)
    finally:
        env.close()
    return RAMReadBenchmarkResult(
        **work.fields(elapsed),
        operation=name,
        action_policy=player.name,
        ram_read_count=len(rows),
        steps_per_second=_rate(work.steps, elapsed),
        checksum=checksum,
    )


# --------------------------------------------------------------------------------------------------
# Many environments


@dataclass(frozen=True)
class _EnvMaker:
    """Creates an environment, also in another process."""

    rom: str
    cpu: int | None

    def __call__(self) -> NESEnv:
        if self.cpu is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {self.cpu})
        return NESEnv(self.rom)


@dataclass
class _Clock:
    transfer: float = 0.0
    step: float = 0.0
    overhead: float = 0.0
    observation: float = 0.0
    ram: float = 0.0
    checksum: int = 0


class _Vector:
    """One backend: steps all environments, then observes in one mode."""

    def __init__(
        self, rom: str, backend: str, mode: str, count: int, seed: int | None, specs: Any, cpus: Sequence[int]
    ) -> None:
        self.backend = backend
        self.mode = mode
        self.specs = specs
        self.clock = _Clock()
        self.close: Callable[[], Any]
        if backend == "native_vector":
            self.vector = VectorNESEmulator(rom, count)
            self.vector.reset(seed=seed)
            self.close = self.vector.close
        elif backend == "scalar_loop":
            self.envs = [NESEnv(rom) for _ in range(count)]
            for index, env in enumerate(self.envs):
                env.reset(seed=None if seed is None else seed + index)
            self.close = self._close_envs
        else:
            parallel = backend == "gym_async_vector_env"
            makers = [_EnvMaker(rom, cpus[i % len(cpus)] if cpus and parallel else None) for i in range(count)]
            self.gym = gym.vector.AsyncVectorEnv(makers) if parallel else gym.vector.SyncVectorEnv(makers)
            self.gym.reset(seed=seed)
            self.close = self.gym.close
        shape = SCREEN_SHAPE_24_BIT if mode == "native_rgb_contiguous" else SCREEN_SHAPE_GRAYSCALE
        self.output = np.empty((count, *shape), np.uint8) if mode in _MODES else None

    def _close_envs(self) -> None:
        for env in self.envs:
            env.close()

    def step(self, actions: Any, timed: bool) -> None:
        """Step all environments once. ``timed``: ask the emulators for timings."""
        clock = self.clock
        begin = time.perf_counter()
        observations: Any = None
        if self.backend == "native_vector" and timed:
            timing = self.vector.step_timed(actions)
            clock.transfer += timing.action_transfer_seconds
            clock.step += timing.native_step_seconds
            clock.overhead += timing.python_overhead_seconds
        else:
            if self.backend == "native_vector":
                self.vector.step(actions)
            elif self.backend == "scalar_loop":
                for env, action in zip(self.envs, actions.tolist(), strict=True):
                    env.step(action)
            else:
                observations = self.gym.step(actions)[0]
            clock.step += time.perf_counter() - begin
        begin = time.perf_counter()
        if self.output is not None:
            clock.checksum ^= _first_byte(self._observe(observations))
            clock.observation += time.perf_counter() - begin
        elif self.mode == "ram_info":
            values = self._read_ram()
            clock.checksum ^= _first_byte(values) if values.size else 0
            clock.ram += time.perf_counter() - begin
        elif observations is not None:
            clock.checksum ^= _first_byte(observations)

    def _observe(self, observations: Any) -> Any:
        if observations is not None:
            return _grayscale(observations) if self.mode == "native_grayscale" else np.ascontiguousarray(observations)
        if self.backend == "native_vector":
            return self.vector.observation(_MODES[self.mode], self.output)
        assert self.output is not None
        for env, output in zip(self.envs, self.output, strict=True):
            env.observation(_MODES[self.mode], output)
        return self.output

    def _read_ram(self) -> Any:
        if self.backend == "native_vector":
            return self.vector.ram_values(self.specs)
        return np.stack([env.ram_values(self.specs) for env in self.envs])


def run_vector_profile(
    rom: str,
    steps: int = DEFAULT_STEPS,
    warmup_steps: int = 0,
    seed: int | None = None,
    action_policy: str = "random",
    env_counts: Iterable[int] | None = None,
    observation_modes: Iterable[str] | None = None,
    backends: Iterable[str] | None = None,
    ram_specs: Iterable[Any] | None = None,
    runs: int = 1,
    instrumentation: bool = False,
    cpu_affinity: str = "none",
) -> list[VectorBenchmarkResult]:
    """Measure different numbers of environments, with several backends and ways of observing.

    Args:
        rom (str): a ROM file.
        steps (int): measured steps of all environments.
        warmup_steps (int): unmeasured steps before them.
        seed (int | None): seed of the buttons.
        action_policy (str): ``"random"`` or ``"noop"``.
        env_counts (Iterable[int] | None): numbers of environments; None: 1, 2, 4, 8, 16.
        observation_modes (Iterable[str] | None): of ``VECTOR_PROFILE_OBSERVATIONS``; None: all. The vector environments
            of Gymnasium have no ``ram_info``.
        backends (Iterable[str] | None): of ``VECTOR_PROFILE_BACKENDS``; None: all.
        ram_specs (Iterable | None): the numbers of ``ram_info``; None: ``DEFAULT_RAM_READ_SPECS``.
        runs (int): number of runs of each.
        instrumentation (bool): ask ``native_vector`` for the timings of a step.
        cpu_affinity (str): ``"round_robin"`` pins the processes of ``gym_async_vector_env`` to one CPU each.

    Raises:
        ValueError: a number is out of range, or a name does not exist.
    """
    _NAMED_POLICIES.check([action_policy])
    work = _Work(rom, steps, warmup_steps, seed, action_policy)
    if runs < 1:
        raise ValueError(f"runs must be positive, not {shown(runs)}")
    _CPU_AFFINITY.check([cpu_affinity])
    counts = VECTOR_PROFILE_ENV_COUNTS if env_counts is None else tuple(env_counts)
    for count in counts:
        if count < 1:
            raise ValueError(f"env counts must be positive, not {shown(count)}")
    modes = _VECTOR_OBSERVATIONS.check(observation_modes)
    names = _VECTOR_BACKENDS.check(backends)
    specs = DEFAULT_RAM_READ_SPECS if ram_specs is None else tuple(ram_specs)
    cpus = sorted(os.sched_getaffinity(0)) if cpu_affinity != "none" and hasattr(os, "sched_getaffinity") else []
    results = []
    for count in counts:
        random = np.random.RandomState(seed)
        shape = (work.total, count)
        actions = np.zeros(shape, np.uint8)
        if action_policy == "random":
            actions = random.randint(_BUTTON_COMBINATIONS, size=shape).astype(np.uint8)
        for mode in modes:
            for name in names:
                if mode == "ram_info" and name.startswith("gym"):
                    continue
                timed = instrumentation and name == "native_vector"
                for _ in range(runs):
                    begin = time.perf_counter()
                    try:
                        vector = _Vector(rom, name, mode, count, seed, specs, cpus)
                    except (RuntimeError, OSError):
                        if name != "gym_async_vector_env":
                            raise
                        continue  # a sandbox without processes or semaphores
                    setup = time.perf_counter() - begin
                    result = _run_vector(vector, work, actions, timed, cpu_affinity)
                    results.append(replace(result, setup_seconds=setup))
    return results


def _run_vector(vector: _Vector, work: _Work, actions: Any, timed: bool, cpu_affinity: str) -> VectorBenchmarkResult:
    count = actions.shape[1]

    def step(number: int) -> None:
        if number == work.warmup_steps + 1:
            vector.clock = _Clock()
        vector.step(actions[number - 1], timed)

    try:
        elapsed = work.timed(step)
    finally:
        begin = time.perf_counter()
        vector.close()
        teardown = time.perf_counter() - begin
    clock = vector.clock
    frames = work.steps * count
    rest = max(0.0, elapsed - clock.transfer - clock.step - clock.observation - clock.ram)
    return VectorBenchmarkResult(
        **work.fields(elapsed),
        backend=vector.backend,
        env_count=count,
        observation_mode=vector.mode,
        action_policy=str(work.action_policy),
        measured_frames=frames,
        frames_per_second=_rate(frames, elapsed),
        instrumentation_enabled=timed,
        cpu_affinity=cpu_affinity,
        action_transfer_seconds=clock.transfer,
        native_step_seconds=clock.step,
        observation_seconds=clock.observation,
        ram_info_seconds=clock.ram,
        python_overhead_seconds=clock.overhead if timed else rest,
        teardown_seconds=teardown,
        checksum=clock.checksum,
    )


# --------------------------------------------------------------------------------------------------
# Command line


def format_result(result: BenchmarkResult) -> str:
    """Return a run as text."""
    rows = {
        "total steps": result.total_steps,
        "measured steps": result.measured_steps,
        "warmup steps": result.warmup_steps,
        "resets": result.resets,
        "backups": result.backups,
        "restores": result.restores,
        "elapsed seconds": f"{result.elapsed_seconds:.6f}",
        "steps per second": f"{result.steps_per_second:.2f}",
        "frames per second": f"{result.frames_per_second:.2f}",
    }
    return "\n".join(["NES benchmark", *(f"  {name}: {value}" for name, value in rows.items())])


def _profile(name: str, results: Iterable[Any], line: str) -> str:
    """Return results for people, a line for each: ``line`` formatted with it as ``r``."""
    rows = (line.format(r=result) for result in results)
    return "\n".join([f"NES {name} benchmark profile", *(f"  {row}" for row in rows)])


def format_mapper_profile(results: Iterable[MapperBenchmarkResult]) -> str:
    """Return the operations of each game as text."""
    return _profile(
        "mapper",
        results,
        "mapper {r.mapper} {r.operation}: {r.steps_per_second:.2f} steps/s ({r.elapsed_seconds:.6f}s)",
    )


def format_observation_profile(results: Iterable[ObservationBenchmarkResult]) -> str:
    """Return the ways of observing as text."""
    return _profile(
        "observation",
        results,
        "{r.operation}: {r.steps_per_second:.2f} steps/s ({r.elapsed_seconds:.6f}s, checksum={r.checksum})",
    )


def format_ram_profile(results: Iterable[RAMReadBenchmarkResult]) -> str:
    """Return the ways of reading RAM as text."""
    return _profile(
        "RAM",
        results,
        "{r.operation}: {r.steps_per_second:.2f} steps/s "
        "({r.elapsed_seconds:.6f}s, reads={r.ram_read_count}, checksum={r.checksum})",
    )


def format_vector_profile(results: Iterable[VectorBenchmarkResult]) -> str:
    """Return the vector backends as text."""
    return _profile(
        "vector",
        results,
        "{r.backend} envs={r.env_count} mode={r.observation_mode}: {r.frames_per_second:.2f} frames/s "
        "({r.elapsed_seconds:.6f}s, checksum={r.checksum})",
    )


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(positive(part) for part in text.split(",") if part.strip())
    if not counts:
        raise argparse.ArgumentTypeError(f"there is no number in {text[:40]!r}; numbers look like 1,8,64")
    return counts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.speedtest", description="Measure how fast environments run on this machine."
    )
    add = parser.add_argument
    counts = ",".join(map(str, VECTOR_PROFILE_ENV_COUNTS))
    add("--rom", help="a ROM file, or the name of a bundled game (default: bricks)")
    add("--profile-rom", action="append", default=[], help="profile the operations with this ROM; may be repeated")
    add("--steps", type=positive, default=DEFAULT_STEPS, help=f"steps to measure (default: {DEFAULT_STEPS})")
    add("--seed", type=seed, help="seed of the random buttons")
    add("--warmup-steps", type=natural, default=0, help="steps before the measured ones (default: 0)")
    add("--action-policy", choices=_NAMED_POLICIES.known, default="random", help="which buttons (default: random)")
    add("--render-mode", choices=("rgb_array", "human"), help="render each step in this mode")
    add("--observation-profile", action="store_true", help="measure ways of reading the picture")
    add("--ram-profile", action="store_true", help="measure ways of reading numbers from RAM")
    add("--vector-profile", action="store_true", help="measure many environments at once")
    add("--runs", type=positive, default=1, help="number of runs of each profile (default: 1)")
    add(
        "--env-counts",
        type=_counts,
        default=VECTOR_PROFILE_ENV_COUNTS,
        help=f"comma-separated numbers of environments (default: {counts})",
    )
    add("--vector-backend", action="append", choices=_VECTOR_BACKENDS.known, help="may be repeated (default: all)")
    add("--vector-observation", action="append", choices=_VECTOR_OBSERVATIONS.known, help="the same")
    add("--instrumentation", action="store_true", help="ask the emulators for the timings of a step")
    add("--cpu-affinity", choices=_CPU_AFFINITY.known, default="none", help="pin worker processes to CPUs")
    add("--json", action="store_true", help="print JSON")
    add("--no-progress", action="store_true", help="no progress bar")
    add("--backup-interval", type=positive, help="number of steps between backups")
    add("--restore-interval", type=positive, help="number of steps between restores")
    return parser


def parse_rom(argv: Sequence[str]) -> str | None:
    """Return the ROM in the arguments of the command line, None if there is none.

    Invalid arguments end the program with status 2, before anything is measured.
    """
    rom: str | None = _parse(_parser(), argv)[0].rom
    return rom


def _parse(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> tuple[argparse.Namespace, str]:
    """Return the arguments, all of them checked, and the file of the ROM."""
    options = parser.parse_args(argv)
    profiles = (options.observation_profile, options.ram_profile, options.vector_profile, options.profile_rom)
    if sum(map(bool, profiles)) > 1:
        parser.error("choose only one of --observation-profile, --ram-profile, --vector-profile and --profile-rom")
    rom = find_game(options.rom or "bricks")
    options.profile_rom = [find_game(path) for path in options.profile_rom]
    for path in (rom, *options.profile_rom):
        if not Path(path).is_file():
            advice = explain_missing(path).partition(", ")[2]
            parser.error(f"the ROM file {path} does not exist{', ' * bool(advice)}{advice}")
    return options, rom


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv (Sequence[str] | None): its arguments, without the program name; None uses ``sys.argv``.

    Returns:
        int: the exit status.
    """
    parser = _parser()
    options, rom = _parse(parser, argv)
    try:
        print(_measure(options, rom))
    except ValueError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _measure(options: argparse.Namespace, rom: str) -> str:
    """Run the requested measurement; return the text to print."""
    results: Any
    text: Callable[[Any], str]
    runs = range(options.runs)
    lengths = (options.steps, options.warmup_steps)
    common = (rom, *lengths, options.seed, options.action_policy)
    if options.profile_rom:
        results = [result for _ in runs for result in run_mapper_profile(options.profile_rom, *lengths)]
        text = format_mapper_profile
    elif options.observation_profile:
        results = [result for _ in runs for result in run_observation_profile(*common)]
        text = format_observation_profile
    elif options.ram_profile:
        results = [result for _ in runs for result in run_ram_profile(*common)]
        text = format_ram_profile
    elif options.vector_profile:
        results = run_vector_profile(
            *common,
            env_counts=options.env_counts,
            observation_modes=options.vector_observation,
            backends=options.vector_backend,
            runs=options.runs,
            instrumentation=options.instrumentation,
            cpu_affinity=options.cpu_affinity,
        )
        text = format_vector_profile
    else:
        config = BenchmarkConfig(
            rom=rom,
            steps=options.steps,
            warmup_steps=options.warmup_steps,
            seed=options.seed,
            action_policy=options.action_policy,
            render_mode=options.render_mode,
            progress=not options.no_progress and not options.json,
            backup_interval=options.backup_interval,
            restore_interval=options.restore_interval,
        )
        result = run_benchmark(config)
        return json.dumps(result.to_dict(), sort_keys=True) if options.json else format_result(result)
    if options.json:
        return json.dumps([result.to_dict() for result in results], sort_keys=True)
    return text(results)


if __name__ == "__main__":
    sys.exit(main())
