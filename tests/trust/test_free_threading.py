"""Threads that share objects, with the GIL and without: each call runs alone, or raises and changes nothing."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.threads import together

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py._batch import Batch, Lookahead
from nes_py.emulator import Snapshot
from tests.support.rom_builder import demonstration_rom

ROM = demonstration_rom()
THREADS = 4
# What a call of another thread may lead to: "is being stepped by another thread", "the emulator is closed".
REFUSALS = ("another thread", "closed", "in use by")


def allowed(call: Callable[[], Any]) -> bool:
    """Makes a call, which may be refused; returns whether it was not."""
    try:
        call()
    except (RuntimeError, ValueError, gym.error.Error) as error:
        assert any(words in str(error) for words in REFUSALS), repr(error)  # noqa: PT017, it may also go well
        return False
    return True


CALLS: list[Callable[[NESEmulator], Any]] = [
    lambda emulator: emulator.step(2),
    lambda emulator: emulator.frame_advance(1),
    lambda emulator: emulator.dump_state(),
    lambda emulator: emulator.screen_rgb(),
    lambda emulator: emulator.screen_buffer().sum(),
    lambda emulator: emulator.memory_buffer().sum(),
    lambda emulator: emulator.controller(0)[0],
    lambda emulator: emulator.oam.sum(),
    lambda emulator: repr(emulator),
    lambda emulator: emulator.options,
    lambda emulator: emulator.rom_info,
    lambda emulator: emulator.reset(),
    lambda emulator: copy.deepcopy(emulator),
    lambda emulator: pickle.dumps(emulator),
]


def test_emulator_that_is_closed_while_others_use_it() -> None:
    source = random.Random(0)
    went_well = 0
    for _ in range(60):
        emulator = NESEmulator(ROM)
        views: list[Any] = []

        def use(seed: int, emulator: NESEmulator = emulator, views: list[Any] = views) -> int:
            calls = random.Random(seed).choices(CALLS, k=12)
            if allowed(lambda: views.append(emulator.memory_buffer())):
                assert views
            return sum(allowed(lambda call=call: call(emulator)) for call in calls)  # type: ignore[misc]

        def close(emulator: NESEmulator = emulator) -> int:
            while not allowed(emulator.close):
                pass
            return 0

        seeds = [source.getrandbits(32) for _ in range(THREADS - 1)]
        went_well += sum(together([*[lambda seed=seed: use(seed) for seed in seeds], close]))  # type: ignore[misc]
        assert emulator.closed
        # Views of a closed emulator stay valid.
        assert all(view.shape == (2048,) and int(view.sum()) >= 0 for view in views)
    assert went_well > 60


MEMBERS = [NESEmulator(ROM) for _ in range(2)]
# Each initializes a blank object.
INITIALIZE: dict[type[Any], Callable[[Any], Any]] = {
    NESEmulator: lambda blank: blank.__init__(ROM),
    Batch: lambda blank: blank.__init__(ROM, 2),
    Lookahead: lambda blank: blank.__init__(MEMBERS),
}


@pytest.mark.parametrize("kind", INITIALIZE)
def test_two_threads_that_initialize_one_object(kind: type[Any]) -> None:
    for _ in range(30):
        blank = kind.__new__(kind)

        def initialize(blank: Any = blank) -> bool:
            try:
                INITIALIZE[kind](blank)
            except RuntimeError as error:
                assert "already initialized" in str(error)  # noqa: PT017
                return False
            return True

        assert sum(together([initialize] * 2)) == 1
        if kind is NESEmulator:
            blank.step()
        else:
            assert len(blank) == len(MEMBERS)


def test_argument_whose_conversion_initializes_the_object() -> None:
    class Number:
        def __init__(self, initialize: Callable[[], Any]) -> None:
            self.initialize = initialize

        def __index__(self) -> int:
            self.initialize()
            return 1

    batch = Batch.__new__(Batch)
    with pytest.raises(RuntimeError, match="already initialized"):
        batch.__init__(ROM, 3, Number(lambda: batch.__init__(ROM, 2)))  # type: ignore[misc]
    assert len(batch) == 2
    batch.step(np.zeros(2, np.uint8))

    ahead = Lookahead.__new__(Lookahead)
    with pytest.raises(RuntimeError, match="already initialized"):
        ahead.__init__(MEMBERS, Number(lambda: ahead.__init__(MEMBERS[:1])))  # type: ignore[misc]
    assert len(ahead) == 1


def test_threads_load_one_snapshot_for_the_first_time() -> None:
    with NESEmulator(ROM) as emulator:
        emulator.step(30)
        content = bytes(emulator.dump_state())
    emulators = [NESEmulator(ROM) for _ in range(THREADS)]
    for _ in range(50):
        snapshot = Snapshot.from_bytes(content)

        def load(emulator: NESEmulator, snapshot: Snapshot = snapshot) -> bytes:
            emulator.load_state(snapshot)
            return bytes(emulator.dump_state())

        assert set(together([lambda emulator=emulator: load(emulator) for emulator in emulators])) == {content}  # type: ignore[misc]


def test_threads_ask_one_snapshot_for_its_bytes() -> None:
    with NESEmulator(ROM) as emulator:
        for _ in range(30):
            emulator.step()
            snapshot = emulator.dump_state()
            assert len(set(together([lambda snapshot=snapshot: bytes(snapshot)] * THREADS))) == 1  # type: ignore[misc]


def test_threads_open_one_rom() -> None:
    # The ROM and its recompiled code are shared, and freed with the last emulator.
    for _ in range(40):
        content = bytearray(ROM)
        frames = together([lambda content=content: NESEmulator(content).step(3)] * THREADS)  # type: ignore[misc]
        assert frames == [None] * THREADS


def test_calls_of_a_vector_environment() -> None:
    envs = NESVectorEnv(ROM, 4, num_threads=2, frameskip=1, obs_type="ram", actions=None)
    envs.reset(seed=1)
    actions = np.zeros(4, np.int64)
    calls: list[Callable[[], Any]] = [
        lambda: envs.step(actions),
        lambda: envs.reset(seed=2),
        lambda: envs.get_state(1),
        lambda: envs.clone(0, [1]),
        lambda: envs.observe(),
        lambda: pickle.dumps(envs),
    ]

    def use(seed: int) -> int:
        return sum(allowed(call) for call in random.Random(seed).choices(calls, k=60))

    assert sum(together([lambda seed=seed: use(seed) for seed in range(THREADS)])) > 0  # type: ignore[misc]
    fresh = NESVectorEnv(ROM, 4, num_threads=2, frameskip=1, obs_type="ram", actions=None)
    for each in (envs, fresh):
        each.reset(seed=5)
    for _ in range(5):
        np.testing.assert_array_equal(envs.step(actions)[0], fresh.step(actions)[0])


def test_batches_that_share_emulators() -> None:
    emulators = [NESEmulator(ROM) for _ in range(3)]
    batches = [Batch.of(emulators[:2], 2), Batch.of(emulators[1:], 2)]

    def run(batch: Batch) -> int:
        return sum(allowed(lambda: batch.step(np.zeros(2, np.uint8))) for _ in range(100))

    done = together([lambda batch=batch: run(batch) for batch in batches])  # type: ignore[misc]
    assert [emulator.frame_count for emulator in emulators] == [done[0], sum(done), done[1]]


@pytest.mark.parametrize("threads", [1, THREADS])
def test_environments_of_many_threads_are_those_of_one(threads: int) -> None:
    def play(seed: int) -> list[int]:
        env = NESEnv(ROM)
        env.reset(seed=seed)
        env.action_space.seed(seed)
        return [int(env.step(env.action_space.sample())[0].sum()) for _ in range(40)]

    expected = [play(seed) for seed in range(threads)]
    assert together([lambda seed=seed: play(seed) for seed in range(threads)]) == expected  # type: ignore[misc]
