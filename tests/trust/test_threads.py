"""Threads: the second of two on one emulator gets an error, two on two emulators run in parallel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from support.threads import while_stepping

from nes_py import NESEmulator, NESVectorEnv
from nes_py._batch import Batch
from tests.support.rom_builder import demonstration_rom

ENDLESS = 2**31 - 1  # frames


METHODS: dict[str, Callable[[NESEmulator], Any]] = {
    "step": lambda e: e.step(),
    "frame_advance": lambda e: e.frame_advance(1),
    "step_instruction": lambda e: e.step_instruction(),
    "reset": lambda e: e.reset(),
    "soft_reset": lambda e: e.soft_reset(),
    "dump_state": lambda e: e.dump_state(),
    "load_state": lambda e: e.load_state(NESEmulator(demonstration_rom()).dump_state()),
    "screen_rgb": lambda e: e.screen_rgb(),
    "screen_gray": lambda e: e.screen_gray(),
    "tiles": lambda e: e.tiles(),
    "objects": lambda e: e.objects(5),
    "scroll": lambda e: e.scroll(),
    "screen_buffer": lambda e: e.screen_buffer(),
    "peek": lambda e: e.peek(0),
    "poke": lambda e: e.poke(0, 1),
    "peek_ppu": lambda e: e.peek_ppu(0),
    "poke_ppu": lambda e: e.poke_ppu(0, 1),
    "set_pc": lambda e: e.set_pc(0x8000),
    "controller": lambda e: e.controller(0),
    "memory_buffer": lambda e: e.memory_buffer(),
    "close": lambda e: e.close(),
    "Batch.step": lambda e: Batch.of([e]),
}


def test_every_method_tells_a_second_thread() -> None:
    running = NESEmulator(demonstration_rom(), policy="reference")

    def use() -> None:
        for name, method in METHODS.items():
            try:
                method(running)
            except RuntimeError as error:
                told = "another thread" in str(error)
            else:
                told = False
            assert told, name

    while_stepping(lambda: running.step(ENDLESS), lambda: running.frame_count, use)
    alone = NESEmulator(demonstration_rom(), policy="reference")
    alone.step(running.frame_count)
    # The last frame of the step that was ended was not drawn.
    running.step()
    alone.step()
    assert running.dump_state() == alone.dump_state()


def test_steps_of_many_threads_are_whole_or_refused() -> None:
    emulator = NESEmulator(demonstration_rom())
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            counts = list(pool.map(lambda _: _step_often(lambda: emulator.step(2, render=False)), range(4)))
    finally:
        sys.setswitchinterval(before)
    done = sum(done for done, _ in counts)
    assert emulator.frame_count == 2 * done
    alone = NESEmulator(demonstration_rom())
    for _ in range(done):
        alone.step(2, render=False)
    assert emulator.dump_state() == alone.dump_state()


def _step_often(step: Callable[[], Any]) -> tuple[int, int]:
    done = refused = 0
    for _ in range(400):
        try:
            step()
            done += 1
        except RuntimeError:
            refused += 1
    return done, refused


def test_batch_of_two_threads() -> None:
    batch = Batch(demonstration_rom(), 3, num_threads=2)
    actions = np.array([1, 2, 4], np.uint8)

    def use() -> None:
        for call in (lambda: batch.step(actions), batch.reset, batch.screens, batch.rams, batch.emulators[1].step):
            with pytest.raises(RuntimeError, match="another thread"):
                call()

    while_stepping(lambda: batch.step(actions, ENDLESS), lambda: batch.emulators[2].frame_count, use)
    assert len({emulator.frame_count for emulator in batch.emulators}) == 1


def test_batch_that_is_refused_leaves_its_emulators_free() -> None:
    emulators = [NESEmulator(demonstration_rom(), policy="reference") for _ in range(3)]
    batch = Batch.of(emulators, num_threads=1)

    def use() -> None:
        with pytest.raises(RuntimeError, match="another thread"):
            batch.step(np.zeros(3, np.uint8))
        emulators[0].step()
        emulators[1].step()

    while_stepping(lambda: emulators[2].step(ENDLESS), lambda: emulators[2].frame_count, use)
    stepped = emulators[2].frame_count
    batch.step(np.zeros(3, np.uint8))
    assert [emulator.frame_count for emulator in emulators] == [2, 2, stepped + 1]


def test_vector_environment_of_two_threads() -> None:
    envs = NESVectorEnv(demonstration_rom(), 4, num_threads=2, frameskip=1_000_000, actions=None)
    envs.reset(seed=0)
    states = envs.get_state(range(4))
    actions = np.zeros(4, np.int64)

    def use() -> None:
        for call in (
            lambda: envs.step(actions),
            lambda: envs.reset(seed=1),
            lambda: envs.get_state(0),
            lambda: envs.clone(0, [1]),
            envs.observe,
        ):
            with pytest.raises(RuntimeError, match="another thread"):
                call()

    while_stepping(lambda: envs.step(actions), lambda: envs._engine.episode(0), use)
    assert envs.get_state(range(4)) == states


class SteppingNumber:
    """An argument whose conversion uses the emulator that it is an argument of."""

    def __init__(self, emulator: NESEmulator, value: int) -> None:
        self.emulator, self.value = emulator, value

    def __index__(self) -> int:
        self.emulator.step()
        return self.value


def test_argument_that_steps_the_emulator() -> None:
    emulator = NESEmulator(demonstration_rom())
    emulator.step(SteppingNumber(emulator, 2))
    emulator.poke(SteppingNumber(emulator, 3), SteppingNumber(emulator, 4))
    assert emulator.frame_count == 5
    assert emulator.peek(3) == 4


class ClosingNumber:
    def __init__(self, emulator: NESEmulator) -> None:
        self.emulator = emulator

    def __index__(self) -> int:
        self.emulator.close()
        return 1


@pytest.mark.parametrize("name", ["step", "frame_advance", "peek", "peek_ppu", "set_pc", "controller"])
def test_argument_that_closes_the_emulator(name: str) -> None:
    emulator = NESEmulator(demonstration_rom())
    with pytest.raises(ValueError, match="closed"):
        getattr(emulator, name)(ClosingNumber(emulator))


def test_two_emulators_in_two_threads_run_at_the_same_time() -> None:
    slow = NESEmulator(demonstration_rom(), policy="reference")
    quick = NESEmulator(demonstration_rom())

    def use() -> None:
        for _ in range(20):
            quick.step(1)

    while_stepping(lambda: slow.step(ENDLESS), lambda: slow.frame_count, use)
    alone = NESEmulator(demonstration_rom())
    for _ in range(20):
        alone.step(1)
    assert quick.dump_state() == alone.dump_state()
