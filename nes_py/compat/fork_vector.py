"""The class ``VectorEmulator`` that programs import from ``nes_py.emulator``."""

from __future__ import annotations

import operator
import os
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._batch import Batch
from nes_py._timing import default_timing
from nes_py._typing import FrameBoundary, Timing
from nes_py.emulator import NESEmulator

from ..errors import shown

_RAM_SIZE = 0x800
_INT, _BCD = 0, 1


class VectorEmulator:
    """Several emulators of one ROM that are stepped in parallel. Methods take the index of one, or act on all of them.

    Args:
        rom_path (str | os.PathLike): a ROM file, or the name of a bundled game.
        num_envs (int): number of emulators.
        num_threads (int | None): number of threads that step them; None: see ``nes_py.NESVectorEnv``.

    Attributes:
        num_envs (int): number of emulators.
        height (int): 240.
        width (int): 256.
        frame_boundary (str): where a step ends, as for ``nes_py.NESEnv``.
        timing (str): whose timing the consoles have, as for ``nes_py.NESEnv``; the environment variable NES_PY_TIMING
            chooses.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        ValueError: ``num_envs`` is less than 1.
    """

    height = NESEmulator.height
    width = NESEmulator.width

    def __init__(self, rom_path: str | os.PathLike[str], num_envs: int, num_threads: int | None = None) -> None:
        self._batch = Batch(rom_path, num_envs, num_threads, frame_boundary=None, timing=default_timing())
        self.num_envs = len(self._batch)
        first = self._batch.emulators[0]
        self.frame_boundary: FrameBoundary = first.frame_boundary
        self.timing: Timing = first.timing
        self._reads: list[tuple[int, int, int]] = []
        self._screens: NDArray[np.uint8] | None = None
        self._clear_timing()
        self._worker_steps = 0
        self._worker_wall = 0.0

    def _emulator(self, index: int) -> NESEmulator:
        number = operator.index(index)
        if not 0 <= number < self.num_envs:
            raise IndexError(f"environment index {number} is not in 0..{self.num_envs - 1}")
        return self._batch.emulators[number]

    def reset(self) -> None:
        """Turn all consoles off and on."""
        self._batch.reset()

    def reset_env(self, idx: int) -> None:
        """Turn one console off and on."""
        self._emulator(idx).reset()

    def step(self, actions: Any) -> None:
        """Hold buttons for one frame.

        Args:
            actions (numpy.ndarray): integers in 0..255, (num_envs,): the buttons of each first controller, A in bit 0.

        Raises:
            TypeError: they are not integers.
            ValueError: they have another shape or are out of range.
        """
        begin = time.perf_counter()
        array = np.asarray(actions)
        if array.dtype.kind not in "iu":
            raise TypeError(f"actions must be integers, not {array.dtype}")
        if array.shape != (self.num_envs,):
            raise ValueError(f"actions must have shape ({self.num_envs},), not {array.shape}")
        if array.min() < 0 or array.max() > 255:
            raise ValueError("actions must be in 0..255")
        ready = time.perf_counter()
        self._batch.step(array.astype(np.uint8))
        wall = time.perf_counter() - ready
        self._setup += ready - begin
        self._wait += wall
        self._steps += 1
        self._worker_wall += wall
        self._worker_steps += 1

    def step_single(self, idx: int, action: int) -> None:
        """Hold buttons for one frame on one console."""
        self._emulator(idx).frame_advance(action)

    def screen_buffer(self, idx: int | None = None) -> NDArray[np.uint8]:
        """Return the picture of one console, a live view, uint8 (240, 256, 3); or of all, a copy (num_envs, ...)."""
        if idx is not None:
            return self._emulator(idx).screen_buffer()
        return self._batch.screens()

    def memory_buffer(self, idx: int | None = None) -> NDArray[np.uint8]:
        """Return the RAM of one console, a live, writable view, uint8 (2048,); or of all, a copy (num_envs, 2048)."""
        if idx is not None:
            return self._emulator(idx).memory_buffer()
        return self._batch.rams()

    def controller(self, idx: int, port: int) -> NDArray[np.uint8]:
        """Return the buttons of a controller, a live and writable view, uint8 (1,).

        Raises:
            IndexError: the emulator or port does not exist.
        """
        emulator = self._emulator(idx)
        if not 0 <= operator.index(port) < 2:
            raise IndexError(f"port {port} is not in 0..1")
        return emulator.controller(port)

    def dump_state(self, idx: int) -> NDArray[np.uint8]:
        """Return the state of one console in its portable form, uint8, one dimension."""
        return np.array(self._emulator(idx).dump_state(), dtype=np.uint8)

    def load_state(self, idx: int, state: Any) -> None:
        """Load a saved state into one console: the result of ``dump_state``, or a ``Snapshot``."""
        self._emulator(idx).load_state(state)

    def configure_ram_reads(self, specs: Iterable[tuple[int, int, int]]) -> None:
        """Set the numbers that ``ram_values`` reads.

        Args:
            specs (Iterable[tuple[int, int, int]]): address, number of bytes and type of each: 0, a number with its most
                significant byte first, or 1, one decimal digit per byte.

        Raises:
            IndexError: a number is outside RAM.
            ValueError: the type does not exist, or a number is longer than 4 bytes or 9 digits.
        """
        reads = []
        for address, size, kind in specs:
            address, size, kind = map(operator.index, (address, size, kind))
            if kind not in (_INT, _BCD):
                raise ValueError(f"the type of a RAM read must be 0 (INT) or 1 (BCD), not {shown(kind)}")
            if not 1 <= size <= (9 if kind == _BCD else 4):
                raise ValueError(f"a RAM read has 1 to 4 bytes or 1 to 9 digits, not {shown(size)}")
            if not (address >= 0 and address + size <= _RAM_SIZE):
                raise IndexError(f"{size} bytes from {address:#x} are not in RAM")
            reads.append((address, size, kind))
        self._reads = reads

    def ram_values(self) -> NDArray[np.int32]:
        """Return the configured numbers of all emulators, a new int32 array (num_envs, n)."""
        begin = time.perf_counter()
        ram = self._batch.rams().astype(np.int64)
        values = np.zeros((self.num_envs, len(self._reads)), np.int64)
        for column, (address, size, kind) in enumerate(self._reads):
            for byte in range(address, address + size):
                values[:, column] = values[:, column] * (10 if kind == _BCD else 256) + ram[:, byte]
        self._ram += time.perf_counter() - begin
        return values.astype(np.int32)

    def _clear_timing(self) -> None:
        self._steps = 0
        self._setup = self._wait = self._ram = 0.0

    def get_timing_stats(self) -> dict[str, float]:
        """Return how the time was spent since the last call, and reset the counters.

        Returns:
            dict: ``calls``, the number of steps; and in milliseconds ``setup_ms`` before the emulators ran, ``wait_ms``
                while they ran, ``idle_ms``, always 0, ``ram_ms`` in ``ram_values``, and ``total_ms``. Empty without a
                step.
        """
        setup, wait, ram, calls = self._setup * 1e3, self._wait * 1e3, self._ram * 1e3, self._steps
        self._clear_timing()
        if not calls:
            return {}
        times = {"setup_ms": setup, "wait_ms": wait, "idle_ms": 0.0, "ram_ms": ram}
        return {"calls": calls, **times, "total_ms": sum(times.values())}

    def get_worker_timing_stats(self) -> list[dict[str, float]]:
        """Return what each thread did since the last call, and reset the counters.

        Returns:
            list[dict]: ``worker``, its number; ``core``, -1, since threads are not pinned; ``calls``, the number of
                steps; in milliseconds ``step_ms``, busy, and ``wait_ms``, idle; ``step_avg_us``, microseconds busy
                per step.
        """
        wall, calls = self._worker_wall * 1e3, self._worker_steps
        self._worker_wall, self._worker_steps = 0.0, 0
        return [
            {
                "worker": worker,
                "core": -1,
                "calls": calls,
                "wait_ms": max(wall - busy / 1e6, 0.0),
                "step_ms": busy / 1e6,
                "step_avg_us": busy / 1e3 / calls if calls else 0.0,
            }
            for worker, busy in enumerate(map(int, self._batch.take_busy_times()))
        ]


__all__ = ["VectorEmulator"]
