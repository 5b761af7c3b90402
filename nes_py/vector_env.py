"""Emulators of one ROM that are stepped in parallel, with the interface of nes-py 9.

For training use ``nes_py.NESVectorEnv``, which also computes observations, rewards and resets.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, SupportsInt

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from ._batch import Batch
from ._timing import default_timing
from ._typing import FrameBoundary, Timing
from .emulator import NESEmulator, Snapshot
from .errors import shown
from .nes_env import (
    OBSERVATION_MODE_GRAYSCALE,
    OBSERVATION_MODE_RGB_ARRAY,
    OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS,
    SCREEN_SHAPE_24_BIT,
    SCREEN_SHAPE_GRAYSCALE,
)
from .ram import normalize_ram_read_specs

_MODES = (OBSERVATION_MODE_RGB_ARRAY, OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS, OBSERVATION_MODE_GRAYSCALE)


@dataclass(frozen=True)
class VectorStepTiming:
    """The duration of the parts of one step, in seconds.

    Attributes:
        python_overhead_seconds (float): everything that the other fields do not cover.
        action_transfer_seconds (float): converting the actions to an array.
        native_step_seconds (float): checking them and stepping the emulators.
        synchronization_seconds (float): always 0, as are the two below; they exist in nes-py 9.
        observation_seconds (float): see above.
        ram_info_seconds (float): see above.
        worker_stats (tuple): always empty.
    """

    python_overhead_seconds: float
    action_transfer_seconds: float
    native_step_seconds: float
    synchronization_seconds: float
    observation_seconds: float = 0.0
    ram_info_seconds: float = 0.0
    worker_stats: tuple[Any, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict, for JSON."""
        return asdict(self)


class VectorNESEmulator:
    """Several emulators of one ROM, without rewards and episodes.

    Args:
        rom_path (str | os.PathLike): a ROM file, or the name of a bundled game.
        env_count (int): number of emulators.
        num_threads (int | None): number of threads that step them; None: see ``NESVectorEnv``.

    Attributes:
        num_envs (int): number of emulators.
        action_space (gymnasium.spaces.Discrete): the buttons of one controller.
        observation_space (gymnasium.spaces.Box): one picture.
        screens (tuple[numpy.ndarray, ...]): the pictures, uint8 (240, 256, 3) each, RGB, live views.
        rams (tuple[numpy.ndarray, ...]): the RAM, uint8 (2048,) each, live and writable views.
        frame_boundary (str): where a step ends, as for ``NESEnv``.
        timing (str): whose timing the consoles have, as for ``NESEnv``; the environment variable NES_PY_TIMING chooses.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        ValueError: ``env_count`` is less than 1.
    """

    action_space = Discrete(256)
    observation_space = Box(low=0, high=255, shape=SCREEN_SHAPE_24_BIT, dtype=np.uint8)

    def __init__(
        self, rom_path: str | os.PathLike[str], env_count: SupportsInt, num_threads: int | None = None
    ) -> None:
        count = int(env_count)
        if count < 1:
            raise ValueError(f"env_count must be positive, not {shown(count)}")
        self.rom_path = rom_path
        self.num_envs = count
        self._batch: Batch | None = Batch(rom_path, count, num_threads, frame_boundary=None, timing=default_timing())
        emulators = self._batch.emulators
        self.frame_boundary: FrameBoundary = emulators[0].frame_boundary
        self.timing: Timing = emulators[0].timing
        self._make_views()

    def _make_views(self) -> None:
        emulators = self._require_open().emulators
        self.screens = tuple(emulator.screen_buffer() for emulator in emulators)
        self.rams = tuple(emulator.memory_buffer() for emulator in emulators)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if self._batch is not None:
            # They show the memory of these consoles.
            del state["screens"], state["rams"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._batch is not None:
            self._make_views()

    def _require_open(self) -> Batch:
        """Return the emulators, unless they are closed; programs for nes-py 9 call it in subclasses."""
        if self._batch is None:
            raise ValueError("vector emulator has already been closed.")
        return self._batch

    def _number(self, index: SupportsInt) -> int:
        """Return the number of an emulator; like nes-py 9, accept anything that ``int`` does."""
        number = int(index)
        if not 0 <= number < self.num_envs:
            raise IndexError(f"env index out of range: {index} is not in 0..{self.num_envs - 1}")
        return number

    def _emulator(self, index: SupportsInt) -> NESEmulator:
        return self._require_open().emulators[self._number(index)]

    def reset(self, *, seed: int | None = None) -> tuple[NDArray[np.uint8], ...]:
        """Turn all consoles off and on.

        Args:
            seed (int | None): not used: a console is deterministic.

        Returns:
            tuple[numpy.ndarray, ...]: ``screens``.
        """
        self._require_open().reset()
        return self.screens

    def reset_one(self, index: SupportsInt) -> NDArray[np.uint8]:
        """Turn one console off and on and return its picture, the view in ``screens``."""
        self._emulator(index).reset()
        return self.screens[self._number(index)]

    def step(self, actions: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
        """Hold buttons for one frame, in parallel.

        Args:
            actions (numpy.ndarray): uint8 (num_envs,), the buttons of each emulator's first controller, A in bit 0.

        Returns:
            tuple[numpy.ndarray, ...]: ``screens``.

        Raises:
            TypeError: ``actions`` is not uint8.
            ValueError: it has another shape.
        """
        batch = self._require_open()
        array = np.asarray(actions)
        if array.ndim != 1:
            raise ValueError(f"actions must be a one-dimensional uint8 array, not of {array.ndim} dimensions")
        if array.shape != (self.num_envs,):
            raise ValueError(f"actions shape must be ({self.num_envs},), got {array.shape}")
        if array.dtype != np.uint8:
            raise TypeError(f"actions dtype must be uint8, not {array.dtype}")
        batch.step(array)
        return self.screens

    def step_timed(self, actions: NDArray[np.uint8]) -> VectorStepTiming:
        """Call ``step`` and return how long it took."""
        begin = time.perf_counter()
        self._require_open()
        array = np.asarray(actions)
        transferred = time.perf_counter()
        self.step(array)
        stepped = time.perf_counter()
        end = time.perf_counter()
        return VectorStepTiming(
            python_overhead_seconds=end - stepped,
            action_transfer_seconds=transferred - begin,
            native_step_seconds=stepped - transferred,
            synchronization_seconds=0.0,
        )

    def step_one(self, index: SupportsInt, action: SupportsInt) -> NDArray[np.uint8]:
        """Hold buttons for one frame on one console and return its picture, the view in ``screens``.

        Raises:
            IndexError: the emulator does not exist.
            OverflowError: ``action`` is not in 0..255.
        """
        emulator = self._emulator(index)
        buttons = int(action)
        if not 0 <= buttons <= 255:
            raise OverflowError(f"action must be in 0..255, not {shown(action)}")
        emulator.frame_advance(buttons)
        return self.screens[self._number(index)]

    def observation(self, mode: str = OBSERVATION_MODE_RGB_ARRAY, output: Any = None) -> Any:
        """Return the pictures in one of several forms.

        Args:
            mode (str): ``"rgb_array"``: ``screens``; ``"rgb_array_contiguous"``: copies, uint8 (num_envs, 240, 256,
                3); or ``"grayscale"``: copies in grey, uint8 (num_envs, 240, 256).
            output (numpy.ndarray | None): an array with this shape to fill.

        Raises:
            NotImplementedError: the mode does not exist.
            TypeError: ``output`` has another dtype.
            ValueError: ``output`` has another shape, is not C-contiguous or is read-only.
        """
        if mode == OBSERVATION_MODE_RGB_ARRAY:
            return self.screens
        emulators = self._require_open().emulators
        if mode not in _MODES:
            _refuse_mode()
        colours = (3,) if mode == OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS else ()
        output = _checked_output(output, (self.num_envs, *SCREEN_SHAPE_GRAYSCALE, *colours), np.dtype(np.uint8))
        for index, emulator in enumerate(emulators):
            if colours:
                emulator.screen_rgb(output[index])
            else:
                emulator.screen_gray(output[index])
        return output

    def observation_one(
        self, index: SupportsInt, mode: str = OBSERVATION_MODE_RGB_ARRAY, output: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        """Return the picture of one console, as ``observation`` without the first axis."""
        number = self._number(index)
        if mode == OBSERVATION_MODE_RGB_ARRAY:
            return self.screens[number]
        emulator = self._emulator(number)
        if mode == OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS:
            return emulator.screen_rgb(output)
        if mode != OBSERVATION_MODE_GRAYSCALE:
            _refuse_mode()
        return emulator.screen_gray(output)

    def ram_values(self, specs: Iterable[Any], output: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
        """Read numbers from the RAM of all emulators.

        Args:
            specs (Iterable): what to read, see ``nes_py.ram.normalize_ram_read_specs``.
            output (numpy.ndarray | None): a uint32 array (num_envs, n) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new uint32 array (num_envs, n).
        """
        emulators = self._require_open().emulators
        columns = normalize_ram_read_specs(specs)
        output = _checked_output(output, (self.num_envs, len(columns[0])), np.dtype(np.uint32))
        for index, emulator in enumerate(emulators):
            emulator.read_ram_values(*columns, output[index])
        return output

    def dump_state(self, index: SupportsInt) -> Snapshot:
        """Return the state of one console."""
        return self._emulator(index).dump_state()

    def load_state(self, index: SupportsInt, snapshot: Snapshot) -> None:
        """Load a saved state into one console.

        Raises:
            TypeError: ``snapshot`` is neither a ``Snapshot`` nor bytes-like.
            ValueError: it is damaged or of another ROM.
        """
        self._emulator(index).load_state(snapshot)

    def close(self) -> None:
        """Release the emulators. Views stay valid.

        Raises:
            ValueError: they are already closed.
        """
        self._require_open()
        self._batch = None


def _refuse_mode() -> NoReturn:
    raise NotImplementedError(f"valid observation modes are: {', '.join(map(repr, _MODES))}")


def _checked_output(output: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    if output is None:
        return np.empty(shape, dtype)
    if not isinstance(output, np.ndarray):
        raise TypeError(f"output must be a numpy array, not {type(output).__name__}")
    if output.dtype != dtype:
        raise TypeError(f"output dtype must be {dtype}, got {output.dtype}")
    if output.shape != shape:
        raise ValueError(f"output shape must be {shape}, got {output.shape}")
    if not output.flags.c_contiguous or not output.flags.writeable:
        raise ValueError("output must be C-contiguous and writable")
    return output


__all__ = ["VectorNESEmulator", "VectorStepTiming"]
