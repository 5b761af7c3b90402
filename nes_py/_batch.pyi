"""Many emulators of one ROM, stepped together by several threads."""

import os
from collections.abc import Iterable, Sequence
from typing import Literal, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nes_py._typing import FrameBoundary, Palette, Timing
from nes_py.emulator import NESEmulator

__all__ = ["Batch", "Lookahead"]

class Batch:
    def __init__(
        self,
        rom: str | os.PathLike[str] | bytes | bytearray | memoryview,
        count: SupportsIndex,
        num_threads: SupportsIndex | None = None,
        *,
        wait_policy: Literal["auto", "active", "passive"] = "auto",
        waiting: Literal["passive", "spin"] | None = None,
        policy: Literal["fast", "reference"] = "fast",
        ram_fill: Literal["zero", "ones", "pattern", "noise"] = "zero",
        seed: SupportsIndex = 0,
        region: Literal["ntsc", "pal", "dendy"] | None = None,
        console: Literal["famicom", "nes"] = "famicom",
        frame_boundary: FrameBoundary | None = ...,
        whole_pictures: bool = False,
        timing: Timing = "hardware",
        palette: Palette = None,
    ) -> None: ...
    @property
    def emulators(self) -> tuple[NESEmulator, ...]: ...
    @property
    def num_threads(self) -> int: ...
    @property
    def engine(self) -> Literal["openmp", "threads", "single"]: ...
    def __len__(self) -> int: ...
    @staticmethod
    def of(
        emulators: Iterable[NESEmulator],
        num_threads: SupportsIndex | None = None,
        *,
        wait_policy: Literal["auto", "active", "passive"] = "auto",
        waiting: Literal["passive", "spin"] | None = None,
    ) -> Batch: ...
    def step(
        self,
        actions: NDArray[np.uint8],
        frames: int = 1,
        render: bool = True,
        mask: NDArray[np.bool_] | None = None,
        output: NDArray[np.uint8] | None = None,
    ) -> None: ...
    def reset(self) -> None: ...
    def screens(self, output: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]: ...
    def take_busy_times(self) -> NDArray[np.int64]: ...
    def rams(self, output: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]: ...

class Lookahead:
    def __init__(self, emulators: Iterable[NESEmulator], num_threads: SupportsIndex | None = None) -> None: ...
    @property
    def num_threads(self) -> int: ...
    def __len__(self) -> int: ...
    def run(self, inputs: Sequence[bytes | None]) -> None: ...
    def finish(self) -> list[int]: ...
