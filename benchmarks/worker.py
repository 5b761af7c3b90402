"""A contestant of the benchmarks, in a separate process: ``worker.py NAME ROM``.

Reads commands from standard input, one JSON object per line: ``{"row": ..., "count": ...}``. Answers each with one
line: the duration, as ``{"wall": seconds, "cpu": seconds}``, with ``"value"`` for a row that is not a time. The first
line of output lists the supported rows.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

A, B, SELECT, START, UP, DOWN, LEFT, RIGHT = (1 << i for i in range(8))
WARM_UP_FRAMES = 400
FRAMES_A_BUTTON = 20
KEEP = 1000  # emulators in the rows with many


def buttons_at(frame: int) -> int:
    """Returns the buttons: Start first, then left, right and A at random; Start again occasionally."""
    if frame < WARM_UP_FRAMES or frame % 3600 < 10:
        return START if frame % 40 < 5 else 0
    return random.Random(frame // FRAMES_A_BUTTON).getrandbits(8) & (A | LEFT | RIGHT)


class Contestant:
    """Base of all contestants: counts frames, presses buttons, offers rows."""

    version = ""

    def __init__(self, rom: str) -> None:
        self.rom = rom
        self.frame = 0

    def rows(self) -> dict[str, Callable[[int], Any]]:
        """Returns the rows: functions that take a number of repetitions."""
        raise NotImplementedError

    def press(self, buttons: int) -> None:
        """Sets the buttons of the first controller."""
        raise NotImplementedError

    def frames(self, step: Callable[[], Any], frames_a_step: int = 1) -> Callable[[int], None]:
        """Returns a row that runs ``step`` for a number of frames and presses buttons."""

        def run(count: int) -> None:
            end = self.frame + count
            while self.frame < end:
                self.press(buttons_at(self.frame))
                for _ in range(0, FRAMES_A_BUTTON, frames_a_step):
                    step()
                self.frame += FRAMES_A_BUTTON

        return run


def resident_kilobytes() -> float:
    """Returns the resident memory of this process."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform == "darwin" else peak


def memory_of(make: Callable[[], Any], step: Callable[[Any], Any], count: int) -> float:
    """Returns kilobytes for each of ``count`` emulators that have drawn a frame."""
    first = make()
    step(first)
    gc.collect()
    before = resident_kilobytes()
    emulators = [make() for _ in range(count)]
    for emulator in emulators:
        step(emulator)
    return (resident_kilobytes() - before) / count


def shrink_with_cv2(gray: np.ndarray) -> np.ndarray:
    """Returns 84 by 84 pixels, the means of areas."""
    import cv2

    return cv2.resize(gray, (84, 84), interpolation=cv2.INTER_AREA)


class Ours(Contestant):
    """This project."""

    def __init__(self, rom: str) -> None:
        super().__init__(rom)
        import nes_py
        from nes_py import NESEnv, NESVectorEnv
        from nes_py.emulator import NESEmulator

        self.version = nes_py.__version__
        self.make = lambda: NESEmulator(rom)
        self.emulator = self.make()
        self.env = NESEnv(rom)
        self.env.reset()
        # Frame-skip 4, the last frame in grey, 84 by 84: built in.
        self.skipping = NESVectorEnv(rom, 1, num_threads=1)
        self.skipping.reset()
        self.pad = self.emulator.controller(0)
        self.buttons = 0
        self.actions = np.zeros(1, np.int64)

    def press(self, buttons: int) -> None:
        self.pad[0] = self.buttons = self.actions[0] = buttons

    def rows(self) -> dict[str, Callable[[int], Any]]:
        emulator, env = self.emulator, self.env
        rgb = np.empty((240, 256, 3), np.uint8)

        def draw_rgb() -> None:
            emulator.step(1, True)
            emulator.screen_rgb(rgb)

        def save(count: int) -> None:
            for _ in range(count):
                emulator.dump_state()

        def load(count: int) -> None:
            state = emulator.dump_state()
            for _ in range(count):
                emulator.load_state(state)

        def construct(count: int) -> None:
            for _ in range(count):
                self.make()

        return {
            "plain": self.frames(lambda: emulator.step(1, False)),
            "indices": self.frames(lambda: emulator.step(1, True)),
            "rgb": self.frames(draw_rgb),
            "env_step": self.frames(lambda: env.step(self.buttons)),
            "skip4": self.frames(lambda: self.skipping.step(self.actions), 4),
            "save": save,
            "load": load,
            "construct": construct,
            "construct_many": lambda count: [[self.make() for _ in range(KEEP)] for _ in range(count)],
            "memory": lambda _: memory_of(self.make, lambda e: e.step(1, True), KEEP),
        }


class StableRetro(Contestant):
    """FCEUmm, as stable-retro runs it. It always draws, and supports one emulator per process."""

    def __init__(self, rom: str) -> None:
        super().__init__(rom)
        from importlib.metadata import version

        from stable_retro import RetroEmulator

        self.version = version("stable-retro")
        self.make = lambda: RetroEmulator(rom)
        self.emulator = self.make()
        self.emulator.step()

    def press(self, buttons: int) -> None:
        # Of its twelve buttons: B, -, Select, Start, Up, Down, Left, Right, A.
        order = (B, 0, SELECT, START, UP, DOWN, LEFT, RIGHT, A, 0, 0, 0)
        self.emulator.set_button_mask(np.array([bool(buttons & button) for button in order], np.uint8), 0)

    def rows(self) -> dict[str, Callable[[int], Any]]:
        import cv2

        emulator = self.emulator
        mask = np.zeros(12, np.uint8)

        def draw_rgb() -> None:
            emulator.step()
            emulator.get_screen()

        def env_step() -> None:
            emulator.set_button_mask(mask, 0)
            emulator.step()
            emulator.get_screen()

        def skip() -> None:
            for _ in range(4):
                emulator.step()
            shrink_with_cv2(cv2.cvtColor(emulator.get_screen(), cv2.COLOR_RGB2GRAY))

        def save(count: int) -> None:
            for _ in range(count):
                emulator.get_state()

        def load(count: int) -> None:
            state = emulator.get_state()
            for _ in range(count):
                emulator.set_state(state)

        return {
            "plain": self.frames(emulator.step),
            "indices": self.frames(emulator.step),
            "rgb": self.frames(draw_rgb),
            "env_step": self.frames(env_step),
            "skip4": self.frames(skip, 4),
            "save": save,
            "load": load,
        }


class Cynes(Contestant):
    """cynes. Each of its steps draws and returns RGB."""

    def __init__(self, rom: str) -> None:
        super().__init__(rom)
        import cynes

        self.version = cynes.__version__
        self.make = lambda: cynes.NES(rom)
        self.emulator = self.make()

    def press(self, buttons: int) -> None:
        order = (RIGHT, LEFT, DOWN, UP, START, SELECT, B, A)
        self.emulator.controller = sum(1 << i for i, button in enumerate(order) if buttons & button)

    def rows(self) -> dict[str, Callable[[int], Any]]:
        import cv2

        emulator = self.emulator

        def skip() -> None:
            shrink_with_cv2(cv2.cvtColor(emulator.step(frames=4), cv2.COLOR_RGB2GRAY))

        def save(count: int) -> None:
            for _ in range(count):
                emulator.save()

        def load(count: int) -> None:
            state = emulator.save()
            for _ in range(count):
                emulator.load(state)

        def construct(count: int) -> None:
            for _ in range(count):
                self.make()

        step = self.frames(lambda: emulator.step(frames=1))
        return {
            "plain": step,
            "indices": step,
            "rgb": step,
            "env_step": step,
            "skip4": self.frames(skip, 4),
            "save": save,
            "load": load,
            "construct": construct,
            "construct_many": lambda count: [[self.make() for _ in range(KEEP)] for _ in range(count)],
            "memory": lambda _: memory_of(self.make, lambda e: e.step(frames=1), 100),
        }


class NesPy9(Contestant):
    """nes-py 9.0.1. Each of its steps draws."""

    def __init__(self, rom: str) -> None:
        super().__init__(rom)
        from importlib.metadata import version

        from nes_py import NESEnv

        self.version = version("nes-py")
        self.make = lambda: NESEnv(rom)
        self.env = self.make()
        self.env.reset()
        self.buttons = 0

    def press(self, buttons: int) -> None:
        self.buttons = buttons

    def rows(self) -> dict[str, Callable[[int], Any]]:
        env = self.env
        emulator = env._env
        gray = np.empty((240, 256), np.uint8)

        def draw_rgb() -> None:
            env._frame_advance(self.buttons)
            env.screen.copy()

        def skip() -> None:
            for _ in range(4):
                env._frame_advance(self.buttons)
            emulator.copy_screen_grayscale(gray)
            shrink_with_cv2(gray)

        def save(count: int) -> None:
            for _ in range(count):
                env.dump_state()

        def load(count: int) -> None:
            state = env.dump_state()
            for _ in range(count):
                env.load_state(state)

        def construct(count: int) -> None:
            for _ in range(count):
                self.make()

        def reset_and_step(environment: Any) -> None:
            environment.reset()
            environment.step(0)

        return {
            "plain": self.frames(lambda: env._frame_advance(self.buttons)),
            "indices": self.frames(lambda: env._frame_advance(self.buttons)),
            "rgb": self.frames(draw_rgb),
            # Its observation is a live view, so a new array is a copy.
            "env_step": self.frames(lambda: env.step(self.buttons)[0].copy()),
            "skip4": self.frames(skip, 4),
            "save": save,
            "load": load,
            "construct": construct,
            "construct_many": lambda count: [[self.make() for _ in range(KEEP)] for _ in range(count)],
            "memory": lambda _: memory_of(self.make, reset_and_step, 100),
        }


CONTESTANTS = {"nes-py": Ours, "stable-retro": StableRetro, "cynes": Cynes, "nes-py 9": NesPy9}


def main(name: str, rom: str) -> None:
    """Serves one contestant until standard input ends."""
    # A contestant's output must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    contestant = CONTESTANTS[name](rom)
    rows = contestant.rows()
    rows["plain"](WARM_UP_FRAMES)
    print(json.dumps({"rows": list(rows), "version": contestant.version}), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        work = rows[order["row"]]
        gc.collect()
        gc.disable()
        wall, cpu = time.perf_counter(), time.process_time()
        value = work(order["count"])
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.enable()
        answer = {"wall": wall, "cpu": cpu}
        if isinstance(value, float):
            answer["value"] = value
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
