"""Measures how fast environments run here: ``python -m nes_py.speedtest``.

    python -m nes_py.speedtest
    python -m nes_py.speedtest --rom game.nes --steps 20000 --warmup-steps 500 --json
    python -m nes_py.speedtest --rom game.nes --observation-profile
    python -m nes_py.speedtest --rom game.nes --vector-profile --env-counts 1,8,64 --runs 3

The options and the names in the JSON are those of nes-py 9, so that scripts around it keep working; without a ROM the
embedded game is played. To compare with other emulators see ``make bench`` in the source tree.
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
from dataclasses import asdict, dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from .emulator import NESEmulator
from .nes_env import (
    OBSERVATION_MODE_GRAYSCALE,
    OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS,
    NESEnv,
)
from .ram import normalize_ram_read_specs
from .vector_env import VectorNESEmulator

DEFAULT_STEPS = 5000
#: What ``--ram-profile`` and ``ram_info`` read: a handful of numbers of all kinds, as a wrapper's ``info`` would.
DEFAULT_RAM_READ_SPECS: tuple[Any, ...] = (0, 1, (2, 2, "little"), (4, 2, "big"), (6, 2, "bcd"), (8, 3, "digits"))
VECTOR_PROFILE_BACKENDS = ("scalar_loop", "gym_sync_vector_env", "gym_async_vector_env", "native_vector")
VECTOR_PROFILE_OBSERVATIONS = ("step_only", "native_rgb_contiguous", "native_grayscale", "ram_info")
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


@dataclass(frozen=True)
class BenchmarkConfig:
    """What to measure.

    Attributes:
        rom (str): a ROM file.
        steps (int): steps that count.
        warmup_steps (int): steps before them that do not.
        seed (int | None): of the buttons; None: others in each run.
        action_policy (str): ``"random"`` buttons or ``"noop"``.
        render_mode (str | None): as for ``NESEnv``; each step is rendered.
        backup_interval (int | None): make a backup every so many steps.
        restore_interval (int | None): go back to it every so many steps.
        progress (bool): show a progress bar, when tqdm is installed.

    Raises:
        ValueError: a number is not positive, or a name is unknown.
    """

    rom: str
    steps: int = DEFAULT_STEPS
    warmup_steps: int = 0
    seed: int | None = None
    action_policy: str = "random"
    render_mode: str | None = None
    backup_interval: int | None = None
    restore_interval: int | None = None
    progress: bool = False

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be positive, not {self.steps}")
        if self.warmup_steps < 0:
            raise ValueError(f"warmup_steps must not be negative, as {self.warmup_steps} is")
        for name in ("backup_interval", "restore_interval"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be positive when provided, not {value}")
        if self.action_policy not in ("random", "noop"):
            raise ValueError(f"action_policy must be 'random' or 'noop', not {self.action_policy!r}")

    @property
    def total_steps(self) -> int:
        """Steps with the warm-up."""
        return self.steps + self.warmup_steps

    def actions(self, columns: int | None = None) -> Any:
        """Return the buttons of all steps, uint8 (total_steps,) or, with ``columns``, (total_steps, columns)."""
        shape = (self.total_steps,) if columns is None else (self.total_steps, columns)
        if self.action_policy == "noop":
            return np.zeros(shape, np.uint8)
        return np.random.default_rng(self.seed).integers(0, _BUTTON_COMBINATIONS, shape, np.uint8)


@dataclass(frozen=True)
class BenchmarkResult:
    """What a run of one environment gave; times in seconds."""

    total_steps: int
    measured_steps: int
    warmup_steps: int
    elapsed_seconds: float
    steps_per_second: float
    frames_per_second: float
    frames_rendered: int
    resets: int
    backups: int
    restores: int
    seed: int | None
    action_policy: str
    render_mode: str | None
    backup_interval: int | None
    restore_interval: int | None


@dataclass(frozen=True)
class _Record:
    rom: str
    total_steps: int
    warmup_steps: int
    elapsed_seconds: float
    environment: str = field(default_factory=lambda: f"{platform.python_implementation()} {platform.python_version()}")
    platform: str = field(default_factory=platform.platform)
    compiler: str = field(default_factory=lambda: str(sysconfig.get_config_var("CC") or "unknown").split()[0])


@dataclass(frozen=True)
class _RateRecord(_Record):
    operation: str = ""
    steps_per_second: float = 0.0


@dataclass(frozen=True)
class MapperBenchmarkResult(_RateRecord):
    """How fast one operation is with one game."""

    mapper: int = 0


@dataclass(frozen=True)
class ObservationBenchmarkResult(_RateRecord):
    """How fast steps are with one way of taking the picture; ``checksum`` depends on what was seen last."""

    action_policy: str = "random"
    checksum: int = 0


@dataclass(frozen=True)
class RAMReadBenchmarkResult(_RateRecord):
    """How fast one way of reading numbers from RAM is."""

    action_policy: str = "random"
    ram_read_count: int = 0
    checksum: int = 0


@dataclass(frozen=True)
class VectorBenchmarkResult(_Record):
    """How fast a number of environments are together. Frames count those of all."""

    backend: str = ""
    env_count: int = 0
    observation_mode: str = ""
    measured_frames: int = 0
    frames_per_second: float = 0.0
    checksum: int = 0
    action_policy: str = "random"
    cpu_affinity: str = "none"
    instrumentation_enabled: bool = False
    setup_seconds: float = 0.0
    teardown_seconds: float = 0.0
    python_overhead_seconds: float = 0.0
    action_transfer_seconds: float = 0.0
    native_step_seconds: float = 0.0
    synchronization_seconds: float = 0.0
    observation_seconds: float = 0.0
    ram_info_seconds: float = 0.0
    worker_stats: tuple[Any, ...] = ()


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds > 0 else float("inf")


def _with_progress(steps: range, wanted: bool) -> Iterable[int]:
    if not wanted:
        return steps
    try:
        from tqdm import tqdm
    except ImportError:
        return steps
    bar: Iterable[int] = tqdm(steps)
    return bar


def _timed(config: BenchmarkConfig, step: Callable[[int], Any]) -> float:
    """Do all steps; return the seconds of those that count."""
    for index in range(config.warmup_steps):
        step(index)
    begin = time.perf_counter()
    for index in range(config.warmup_steps, config.total_steps):
        step(index)
    return time.perf_counter() - begin


# --------------------------------------------------------------------------------------------------
# One environment


def run_benchmark(config: BenchmarkConfig) -> BenchmarkResult:
    """Step one ``NESEnv`` and return how fast that was."""
    actions = config.actions().tolist()
    resets = backups = restores = rendered = 0
    begin = time.perf_counter()
    env = NESEnv(config.rom, render_mode=config.render_mode)
    try:
        env.reset(seed=config.seed)
        resets += 1
        for index in _with_progress(range(config.total_steps), config.progress):
            if index == config.warmup_steps:
                begin = time.perf_counter()
                rendered = 0
            terminated, truncated = env.step(actions[index])[2:4]
            if config.render_mode is not None:
                env.render()
                rendered += 1
            number = index + 1
            if config.backup_interval and number % config.backup_interval == 0:
                env._backup()
                backups += 1
            if config.restore_interval and number % config.restore_interval == 0 and env._has_backup:
                env._restore()
                restores += 1
            if terminated or truncated:
                env.reset()
                resets += 1
        elapsed = time.perf_counter() - begin
    finally:
        env.close()
    return BenchmarkResult(
        total_steps=config.total_steps,
        measured_steps=config.steps,
        warmup_steps=config.warmup_steps,
        elapsed_seconds=elapsed,
        steps_per_second=_rate(config.steps, elapsed),
        frames_per_second=_rate(config.steps, elapsed),
        frames_rendered=rendered,
        resets=resets,
        backups=backups,
        restores=restores,
        seed=config.seed,
        action_policy=config.action_policy,
        render_mode=config.render_mode,
        backup_interval=config.backup_interval,
        restore_interval=config.restore_interval,
    )


def _operations(env: NESEnv, actions: Sequence[int]) -> dict[str, Callable[[int], Any]]:
    def back_up_and_restore(_: int) -> None:
        env._backup()
        env._restore()

    return {
        "reset": lambda _: env.reset(),
        "step": lambda index: env.step(actions[index]),
        "render_rgb_array": lambda _: env.render(),
        "backup_restore": back_up_and_restore,
    }


def run_mapper_profile(roms: Iterable[str], config: BenchmarkConfig) -> list[MapperBenchmarkResult]:
    """Measure the operations of an environment one by one, with each of some ROMs."""
    actions = config.actions().tolist()
    results = []
    for rom in roms:
        with NESEmulator(rom) as emulator:
            mapper = emulator.rom_info.mapper
        env = NESEnv(rom, render_mode="rgb_array")
        try:
            env.reset()
            for name, operation in _operations(env, actions).items():
                elapsed = _timed(config, operation)
                results.append(
                    MapperBenchmarkResult(
                        rom=str(rom),
                        total_steps=config.total_steps,
                        warmup_steps=config.warmup_steps,
                        elapsed_seconds=elapsed,
                        operation=name,
                        steps_per_second=_rate(config.steps, elapsed),
                        mapper=mapper,
                    )
                )
        finally:
            env.close()
    return results


def _ways_of_observing(env: NESEnv) -> dict[str, Callable[[Any], Any]]:
    weights = np.array([0.299, 0.587, 0.114])
    rgb = np.empty((240, 256, 3), np.uint8)
    gray = np.empty((240, 256), np.uint8)
    return {
        "step": lambda state: state,
        "step_copy": lambda state: state.copy(),
        "step_contiguous": np.ascontiguousarray,
        "step_python_grayscale": lambda state: (state @ weights).astype(np.uint8),
        "step_native_rgb_contiguous": lambda _: env.observation(OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS, rgb),
        "step_native_grayscale": lambda _: env.observation(OBSERVATION_MODE_GRAYSCALE, gray),
    }


def run_observation_profile(config: BenchmarkConfig) -> list[ObservationBenchmarkResult]:
    """Measure steps with several ways of taking the picture."""
    actions = config.actions().tolist()
    results = []
    env = NESEnv(config.rom)
    try:
        ways = _ways_of_observing(env)
        for name in OBSERVATION_PROFILE_OPERATIONS:
            env.reset()
            state: Any = None
            begin = time.perf_counter()
            for index, action in enumerate(actions):
                if index == config.warmup_steps:
                    begin = time.perf_counter()
                state = ways[name](env.step(action)[0])
            elapsed = time.perf_counter() - begin
            results.append(
                ObservationBenchmarkResult(
                    rom=config.rom,
                    total_steps=config.total_steps,
                    warmup_steps=config.warmup_steps,
                    elapsed_seconds=elapsed,
                    operation=name,
                    steps_per_second=_rate(config.steps, elapsed),
                    action_policy=config.action_policy,
                    checksum=int(state.flat[0]),
                )
            )
    finally:
        env.close()
    return results


def run_ram_profile(
    config: BenchmarkConfig, specs: Sequence[Any] = DEFAULT_RAM_READ_SPECS
) -> list[RAMReadBenchmarkResult]:
    """Measure several ways of reading numbers from RAM, alone and with a step before each."""
    actions = config.actions().tolist()
    addresses = normalize_ram_read_specs(specs)[0]
    indices = addresses.astype(np.intp)
    places = [int(address) for address in addresses]
    results = []
    env = NESEnv(config.rom)
    try:
        output = np.empty(len(places), np.uint32)

        def by_index() -> int:
            return sum(int(env.ram[place]) for place in places)

        def by_take() -> int:
            return int(np.take(env.ram, indices).sum())

        def natively() -> int:
            return int(env.ram_values(specs, output).sum())

        ways: dict[str, tuple[bool, Callable[[], int]]] = {
            "python_indexing": (False, by_index),
            "numpy_take": (False, by_take),
            "native_batch": (False, natively),
            "step_python_indexing": (True, by_index),
            "step_native_batch": (True, natively),
        }
        for name in RAM_PROFILE_OPERATIONS:
            with_step, read = ways[name]
            env.reset()
            last = 0
            begin = time.perf_counter()
            for index, action in enumerate(actions):
                if index == config.warmup_steps:
                    begin = time.perf_counter()
                if with_step:
                    env.step(action)
                last = read()
            elapsed = time.perf_counter() - begin
            results.append(
                RAMReadBenchmarkResult(
                    rom=config.rom,
                    total_steps=config.total_steps,
                    warmup_steps=config.warmup_steps,
                    elapsed_seconds=elapsed,
                    operation=name,
                    steps_per_second=_rate(config.steps, elapsed),
                    action_policy=config.action_policy,
                    ram_read_count=len(places),
                    checksum=last & 0xFF,
                )
            )
    finally:
        env.close()
    return results


# --------------------------------------------------------------------------------------------------
# Many environments


class _Observed(gym.ObservationWrapper[Any, Any, Any]):
    """Observations in one of the modes, for the vector environments of Gymnasium."""

    def __init__(self, env: NESEnv, mode: str) -> None:
        super().__init__(env)
        self._nes = env
        self._mode = _MODES[mode]
        shape = (240, 256) if mode == "native_grayscale" else (240, 256, 3)
        self.observation_space = gym.spaces.Box(0, 255, shape, np.uint8)

    def observation(self, observation: Any) -> Any:
        return self._nes.observation(self._mode)


@dataclass(frozen=True)
class _EnvMaker:
    """Makes an environment, in another process too."""

    rom: str
    mode: str
    cpu: int | None

    def __call__(self) -> Any:
        if self.cpu is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {self.cpu})
        env = NESEnv(self.rom)
        return _Observed(env, self.mode) if self.mode in _MODES else env


@dataclass
class _Clock:
    step: float = 0.0
    observation: float = 0.0
    ram: float = 0.0
    transfer: float = 0.0
    checksum: int = 0


class _Vector:
    """One backend: step all, then observe in one mode."""

    def __init__(self, backend: str, mode: str, config: BenchmarkConfig, count: int, cpus: Sequence[int]) -> None:
        self.backend = backend
        self.mode = mode
        self.count = count
        self.clock = _Clock()
        self.close: Callable[[], Any]
        rom = config.rom
        if backend == "native_vector":
            self.vector = VectorNESEmulator(rom, count)
            self.vector.reset()
            self.close = self.vector.close
        elif backend == "scalar_loop":
            self.envs = [NESEnv(rom) for _ in range(count)]
            for env in self.envs:
                env.reset()
            self.close = self._close_envs
        else:
            parallel = backend == "gym_async_vector_env"
            makers = [_EnvMaker(rom, mode, cpus[i % len(cpus)] if cpus and parallel else None) for i in range(count)]
            self.gym = gym.vector.AsyncVectorEnv(makers) if parallel else gym.vector.SyncVectorEnv(makers)
            self.gym.reset()
            self.close = self.gym.close
        colours = (3,) if mode == "native_rgb_contiguous" else ()
        self.output = np.empty((count, 240, 256, *colours), np.uint8) if mode in _MODES else None

    def _close_envs(self) -> None:
        for env in self.envs:
            env.close()

    def step(self, actions: Any) -> None:
        """Do one step of all."""
        clock = self.clock
        begin = time.perf_counter()
        if self.backend == "native_vector":
            self.vector.step(actions)
        elif self.backend == "scalar_loop":
            for env, action in zip(self.envs, actions.tolist(), strict=True):
                env.step(action)
        else:
            observations = self.gym.step(actions)[0]
            if self.mode in _MODES:
                clock.checksum = int(observations.flat[0])
        stepped = time.perf_counter()
        clock.step += stepped - begin
        if self.backend.startswith("gym"):
            return
        if self.output is not None:
            if self.backend == "native_vector":
                self.vector.observation(_MODES[self.mode], self.output)
            else:
                for env, output in zip(self.envs, self.output, strict=True):
                    env.observation(_MODES[self.mode], output)
            clock.checksum = int(self.output.flat[0])
            clock.observation += time.perf_counter() - stepped
        elif self.mode == "ram_info":
            if self.backend == "native_vector":
                values = self.vector.ram_values(DEFAULT_RAM_READ_SPECS)
            else:
                values = np.stack([env.ram_values(DEFAULT_RAM_READ_SPECS) for env in self.envs])
            clock.checksum = int(values.sum()) & 0xFF
            clock.ram += time.perf_counter() - stepped


def run_vector_profile(
    config: BenchmarkConfig,
    env_counts: Iterable[int] = (1,),
    backends: Iterable[str] = VECTOR_PROFILE_BACKENDS,
    observations: Iterable[str] = VECTOR_PROFILE_OBSERVATIONS,
    *,
    runs: int = 1,
    instrumentation: bool = False,
    cpu_affinity: str = "none",
) -> list[VectorBenchmarkResult]:
    """Measure numbers of environments, with several backends and ways of observing.

    Args:
        config: what is common to all.
        env_counts: how many environments.
        backends: of ``VECTOR_PROFILE_BACKENDS``.
        observations: of ``VECTOR_PROFILE_OBSERVATIONS``; the vector environments of Gymnasium have no ``ram_info``.
        runs: how often each.
        instrumentation: noted in the results; the parts of the time are told in any case.
        cpu_affinity: ``"round_robin"`` ties the processes of ``gym_async_vector_env`` to one CPU each.
    """
    observations = tuple(observations)
    backends = tuple(backends)
    cpus = sorted(os.sched_getaffinity(0)) if cpu_affinity != "none" and hasattr(os, "sched_getaffinity") else []
    results = []
    for count in env_counts:
        if count < 1:
            raise ValueError(f"env counts must be positive, not {count}")
        actions = config.actions(count)
        for backend in backends:
            for mode in observations:
                if mode == "ram_info" and backend.startswith("gym"):
                    continue
                for _ in range(runs):
                    results.append(
                        _run_vector(config, backend, mode, count, actions, cpus, instrumentation, cpu_affinity)
                    )
    return results


def _run_vector(
    config: BenchmarkConfig,
    backend: str,
    mode: str,
    count: int,
    actions: Any,
    cpus: Sequence[int],
    instrumentation: bool,
    cpu_affinity: str,
) -> VectorBenchmarkResult:
    begin = time.perf_counter()
    vector = _Vector(backend, mode, config, count, cpus)
    setup = time.perf_counter() - begin
    try:
        for index in range(config.warmup_steps):
            vector.step(actions[index])
        vector.clock = clock = _Clock()
        begin = time.perf_counter()
        for index in range(config.warmup_steps, config.total_steps):
            vector.step(actions[index])
        elapsed = time.perf_counter() - begin
    finally:
        begin = time.perf_counter()
        vector.close()
        teardown = time.perf_counter() - begin
    frames = config.steps * count
    return VectorBenchmarkResult(
        rom=config.rom,
        total_steps=config.total_steps,
        warmup_steps=config.warmup_steps,
        elapsed_seconds=elapsed,
        backend=backend,
        env_count=count,
        observation_mode=mode,
        measured_frames=frames,
        frames_per_second=_rate(frames, elapsed),
        checksum=clock.checksum,
        action_policy=config.action_policy,
        cpu_affinity=cpu_affinity,
        instrumentation_enabled=instrumentation and backend == "native_vector",
        setup_seconds=setup,
        teardown_seconds=teardown,
        python_overhead_seconds=max(0.0, elapsed - clock.step - clock.observation - clock.ram),
        action_transfer_seconds=clock.transfer,
        native_step_seconds=clock.step,
        observation_seconds=clock.observation,
        ram_info_seconds=clock.ram,
    )


# --------------------------------------------------------------------------------------------------
# Command line


def format_result(result: BenchmarkResult) -> str:
    """Return a run for people."""
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


def _profile(name: str, rows: Iterable[str]) -> str:
    return "\n".join([f"NES {name} benchmark profile", *(f"  {row}" for row in rows)])


def format_mapper_profile(results: Iterable[MapperBenchmarkResult]) -> str:
    """Return the operations of each game for people."""
    return _profile(
        "mapper",
        (
            f"mapper {r.mapper} {r.operation}: {r.steps_per_second:.2f} steps/s ({r.elapsed_seconds:.6f}s)"
            for r in results
        ),
    )


def format_observation_profile(results: Iterable[ObservationBenchmarkResult]) -> str:
    """Return the ways of observing for people."""
    return _profile(
        "observation",
        (
            f"{r.operation}: {r.steps_per_second:.2f} steps/s ({r.elapsed_seconds:.6f}s, checksum={r.checksum})"
            for r in results
        ),
    )


def format_ram_profile(results: Iterable[RAMReadBenchmarkResult]) -> str:
    """Return the ways of reading RAM for people."""
    return _profile(
        "RAM",
        (
            f"{r.operation}: {r.steps_per_second:.2f} steps/s "
            f"({r.elapsed_seconds:.6f}s, reads={r.ram_read_count}, checksum={r.checksum})"
            for r in results
        ),
    )


def format_vector_profile(results: Iterable[VectorBenchmarkResult]) -> str:
    """Return the vector backends for people."""
    return _profile(
        "vector",
        (
            f"{r.backend} envs={r.env_count} mode={r.observation_mode}: {r.frames_per_second:.2f} frames/s "
            f"({r.elapsed_seconds:.6f}s, checksum={r.checksum})"
            for r in results
        ),
    )


def _counts(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("must be comma-separated integers") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.speedtest", description="Measure how fast environments run on this machine."
    )
    add = parser.add_argument
    add("--rom", help="a ROM file (default: the embedded game)")
    add("--profile-rom", action="append", default=[], help="profile the operations with this ROM; may be repeated")
    add("--steps", type=int, default=DEFAULT_STEPS, help=f"steps to measure (default: {DEFAULT_STEPS})")
    add("--seed", type=int, help="of the random buttons")
    add("--warmup-steps", type=int, default=0, help="steps before the measured ones (default: 0)")
    add("--action-policy", choices=("random", "noop"), default="random", help="which buttons (default: random)")
    add("--render-mode", choices=("rgb_array", "human"), help="render each step in this mode")
    add("--observation-profile", action="store_true", help="measure ways of taking the picture")
    add("--ram-profile", action="store_true", help="measure ways of reading numbers from RAM")
    add("--vector-profile", action="store_true", help="measure many environments at once")
    add("--runs", type=int, default=1, help="how often each profile is run (default: 1)")
    add("--env-counts", type=_counts, default=(1,), help="numbers of environments, with commas (default: 1)")
    add("--vector-backend", action="append", choices=VECTOR_PROFILE_BACKENDS, help="may be repeated (default: all)")
    add("--vector-observation", action="append", choices=VECTOR_PROFILE_OBSERVATIONS, help="the same")
    add("--instrumentation", action="store_true", help="note in the results that parts of the time are wanted")
    add("--cpu-affinity", choices=("none", "round_robin"), default="none", help="tie worker processes to CPUs")
    add("--json", action="store_true", help="print JSON")
    add("--no-progress", action="store_true", help="no progress bar")
    add("--backup-interval", type=int, help="make a backup every so many steps")
    add("--restore-interval", type=int, help="restore the backup every so many steps")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs must be positive")
    with as_file(files("nes_py.roms") / "bricks.nes") as embedded:
        rom = str(options.rom or embedded)
        for path in (rom, *options.profile_rom):
            if not Path(path).is_file():
                parser.error(f"there is no ROM file {path}")
        try:
            config = BenchmarkConfig(
                rom=rom,
                steps=options.steps,
                warmup_steps=options.warmup_steps,
                seed=options.seed,
                action_policy=options.action_policy,
                render_mode=options.render_mode,
                backup_interval=options.backup_interval,
                restore_interval=options.restore_interval,
                progress=not options.no_progress and not options.json,
            )
            print(_measure(options, config))
        except ValueError as error:
            parser.error(str(error))
    return 0


def _measure(options: argparse.Namespace, config: BenchmarkConfig) -> str:
    """Run what was asked for; return what to print."""
    results: Any
    text: Callable[[Any], str]
    runs = range(options.runs)
    if options.profile_rom:
        results = [result for _ in runs for result in run_mapper_profile(options.profile_rom, config)]
        text = format_mapper_profile
    elif options.observation_profile:
        results = [result for _ in runs for result in run_observation_profile(config)]
        text = format_observation_profile
    elif options.ram_profile:
        results = [result for _ in runs for result in run_ram_profile(config)]
        text = format_ram_profile
    elif options.vector_profile:
        results = run_vector_profile(
            config,
            options.env_counts,
            options.vector_backend or VECTOR_PROFILE_BACKENDS,
            options.vector_observation or VECTOR_PROFILE_OBSERVATIONS,
            runs=options.runs,
            instrumentation=options.instrumentation,
            cpu_affinity=options.cpu_affinity,
        )
        text = format_vector_profile
    else:
        result = run_benchmark(config)
        return json.dumps(asdict(result), sort_keys=True) if options.json else format_result(result)
    if options.json:
        return json.dumps([asdict(result) for result in results], sort_keys=True)
    return text(results)


if __name__ == "__main__":
    sys.exit(main())
