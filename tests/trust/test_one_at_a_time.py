"""One call at a time: the second of two threads is refused, and what is refused has changed nothing."""

from __future__ import annotations

import copy
import itertools
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.threads import together

import nes_py
from nes_py import NESEnv, NESVectorEnv
from nes_py._batch import Batch
from nes_py.emulator import NESEmulator
from tests.support.rom_builder import FRAMES, demonstration_rom

ROM = demonstration_rom()
COUNT = 4
ACTIONS = np.zeros(COUNT, np.int64)
REFUSED = "another thread"


@contextmanager
def switching_often() -> Iterator[None]:
    """Lets the interpreter switch threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def in_two_threads(function: Callable[[], None]) -> None:
    """Runs a function in two threads at a time and raises what either of them raises."""
    with switching_often():
        together([function] * 2)


def often(call: Callable[[], Any], times: int) -> list[Any]:
    """Returns the results of those calls that were not refused."""
    results = []
    for _ in range(times):
        try:
            results.append(call())
        except RuntimeError as error:
            assert REFUSED in str(error)  # noqa: PT017, it may also go well
    return results


def while_stepped(envs: Any, call: Callable[[], Any], count: int) -> list[Any]:
    """Returns the results of the calls that were not refused while another thread steps the environments."""
    stop = threading.Event()

    def step() -> None:
        while not stop.is_set():
            often(lambda: envs.step(ACTIONS), 1)

    thread = threading.Thread(target=step)
    with switching_often():
        thread.start()
        results = often(call, count)
        stop.set()
        thread.join()
    return results


def test_steps_of_two_threads_return_arrays_of_their_own() -> None:
    envs = NESVectorEnv(ROM, COUNT, num_threads=1, frameskip=1, obs_type="ram", actions=None)
    envs.reset(seed=0)
    for _ in range(10):  # the program counts frames once it has begun
        envs.step(ACTIONS)
    frames = envs.ram[:, FRAMES]
    results: list[list[Any]] = []

    def step() -> None:
        # All are kept, so that no array may be handed out a second time.
        results.append(often(lambda: envs.step(ACTIONS), 300))

    before = int(frames[0])
    in_two_threads(step)
    observations = [result[0] for each in results for result in each]
    assert len({id(array) for array in observations}) == len(observations)
    # Each step is returned once: the frame counter is another one in each.
    seen = sorted((int(array[0, FRAMES]) - before - 1) % 256 for array in observations)
    assert seen == sorted(number % 256 for number in range(len(observations)))
    for array in observations:
        assert len(set(array[:, FRAMES].tolist())) == 1, "an observation is of two steps"


def test_batches_of_two_receiving_threads_are_whole_and_none_is_lost() -> None:
    envs = NESVectorEnv(ROM, COUNT, batch_size=2, num_threads=1, frameskip=1, obs_type="ram", actions=None)
    envs.async_reset(seed=0)
    received: list[tuple[int, int]] = []

    def receive() -> None:
        for _ in range(400):
            try:
                result = envs.recv()
            except RuntimeError as error:
                assert REFUSED in str(error) or "pending action" in str(error)  # noqa: PT017
                continue
            ids = result[4]["env_id"]
            received.extend((int(index), int(row[FRAMES])) for index, row in zip(ids, result[0], strict=True))
            while True:
                try:
                    envs.send(ACTIONS[:2], ids)
                    break
                except RuntimeError as error:
                    assert REFUSED in str(error)  # noqa: PT017

    in_two_threads(receive)
    # Nothing was lost: all environments wait for a recv.
    envs.recv()
    envs.recv()
    for index in range(COUNT):
        frames = sorted(frame for number, frame in received if number == index)
        assert len(frames) > 20
        assert all((later - earlier) % 256 <= 1 for earlier, later in itertools.pairwise(frames))


def test_states_are_of_one_moment() -> None:
    envs = NESVectorEnv(ROM, COUNT, num_threads=1, frameskip=1, max_episode_steps=10**6, actions=None)
    envs.reset(seed=0)
    start = envs.get_state(0)

    def counters(state: nes_py.EnvState) -> tuple[int, int]:
        with NESEmulator(ROM) as emulator:
            emulator.load_state(state.snapshot)
            # The frames of the episode: see Environment::Episode.
            return emulator.frame_count, int.from_bytes(state.episode[40:48], "little")

    first = counters(start)

    for state in while_stepped(envs, lambda: envs.get_state(0), 400):
        frames, counted = counters(state)
        assert frames - first[0] == counted - first[1], "the console and the counters are of different steps"


def slowly(envs: NESVectorEnv) -> tuple[threading.Thread, threading.Event, threading.Event]:
    """Returns a thread that steps and stops in the middle: it says when, and waits to be told to go on."""
    inside, go_on = threading.Event(), threading.Event()

    def wait(now: Any, before: Any, rewards: Any) -> Any:
        inside.set()
        go_on.wait()
        return rewards

    envs.set_reward_function(wait)
    return threading.Thread(target=envs.step, args=(ACTIONS,)), inside, go_on


CALLS: dict[str, Callable[[NESVectorEnv], Any]] = {
    "reset": lambda envs: envs.reset(seed=5),
    "step": lambda envs: envs.step(ACTIONS),
    "async_reset": lambda envs: envs.async_reset(seed=5),
    "send": lambda envs: envs.send(ACTIONS),
    "recv": lambda envs: envs.recv(),
    "set_reward_function": lambda envs: envs.set_reward_function(None),
    "set_end_functions": lambda envs: envs.set_end_functions(),
    "get_state": lambda envs: envs.get_state(0),
    "set_state": lambda envs: envs.set_state(0, NESEmulator(ROM).dump_state()),
    "clone": lambda envs: envs.clone(0, [1]),
    "observe": lambda envs: envs.observe(),
    "render": lambda envs: envs.render(),
    "timings": lambda envs: envs.timings(),
    "set_attr": lambda envs: envs.set_attr("gravity", 1),
    "bind": lambda envs: envs.bind(rewards=np.zeros(COUNT)),
    "watch": lambda envs: envs.watch(),
    "copy": copy.deepcopy,
    "close": lambda envs: envs.close(),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_during_a_step_is_refused_and_changes_nothing(name: str) -> None:
    def make() -> NESVectorEnv:
        envs = NESVectorEnv(
            ROM, COUNT, num_threads=1, noop_max=9, render_mode="rgb_array", timing=True, repeat_action_probability=0.5
        )
        envs.reset(seed=1)
        return envs

    envs, twin = make(), make()
    thread, inside, go_on = slowly(envs)
    thread.start()
    inside.wait()
    try:
        with pytest.raises(RuntimeError, match=REFUSED):
            CALLS[name](envs)
    finally:
        go_on.set()
        thread.join()
    twin.step(ACTIONS)
    envs.set_reward_function(None)
    assert envs.np_random_seed == twin.np_random_seed
    assert envs.get_state(range(COUNT)) == twin.get_state(range(COUNT))
    assert_same(envs.step(ACTIONS)[0], twin.step(ACTIONS)[0])


@pytest.mark.parametrize("name", CALLS)
def test_call_from_within_a_step_is_refused_and_changes_nothing(name: str) -> None:
    envs = NESVectorEnv(ROM, COUNT, num_threads=1, render_mode="rgb_array", timing=True)
    envs.reset(seed=1)
    before = envs.get_state(range(COUNT))
    envs.set_reward_function(lambda *_: CALLS[name](envs))
    with pytest.raises(RuntimeError, match=REFUSED):
        envs.step(ACTIONS)
    assert envs.get_state(range(COUNT)) == before


def test_vectorize_is_stepped_by_one_thread() -> None:
    envs = nes_py.vectorize(lambda: NESEnv(ROM), COUNT, num_threads=2)
    envs.reset(seed=0)
    begun = {env.unwrapped.emulator.frame_count for env in envs.envs}
    done: list[int] = []
    in_two_threads(lambda: done.append(len(often(lambda: envs.step(ACTIONS), 60))))
    assert {env.unwrapped.emulator.frame_count for env in envs.envs} == {begun.pop() + sum(done)}
    for call in CALLS_OF_VECTORIZE.values():
        with pytest.raises(RuntimeError, match=REFUSED):
            envs._turn.alone(call, envs)
    envs.close()


CALLS_OF_VECTORIZE: dict[str, Callable[[Any], Any]] = {
    "reset": lambda envs: envs.reset(seed=1),
    "step": lambda envs: envs.step(ACTIONS),
    "call": lambda envs: envs.call("has_backup"),
    "get_attr": lambda envs: envs.get_attr("has_backup"),
    "set_attr": lambda envs: envs.set_attr("x", 1),
    "np_random": lambda envs: envs.np_random,
    "render": lambda envs: envs.render(),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": pickle.dumps,
    "watch": lambda envs: envs.watch(),
    "close": lambda envs: envs.close(),
}


@pytest.mark.parametrize("name", CALLS_OF_VECTORIZE)
def test_call_from_within_a_step_of_vectorize_is_refused(name: str) -> None:
    class Calls(NESEnv):
        def _did_step(self, done: bool) -> None:
            if self is envs.envs[1].unwrapped:
                with pytest.raises(RuntimeError, match=REFUSED):
                    CALLS_OF_VECTORIZE[name](envs)
                refused.append(name)

    refused: list[str] = []
    envs = nes_py.vectorize(lambda: Calls(ROM, render_mode="rgb_array"), COUNT, num_threads=2)
    envs.reset(seed=0)
    envs.step(ACTIONS)
    assert refused == [name]
    assert len({env.unwrapped.emulator.cpu_cycles for env in envs.envs}) == 1
    envs.close()


def test_copies_of_vectorize_are_of_one_moment() -> None:
    envs = nes_py.vectorize(lambda: NESEnv(ROM), COUNT, num_threads=1)
    envs.reset(seed=0)
    twins = while_stepped(envs, lambda: copy.deepcopy(envs), 200)
    for twin in (*twins, copy.deepcopy(envs)):
        assert len({env.unwrapped.emulator.frame_count for env in twin.envs}) == 1
    # What belongs together remains together.
    both = copy.deepcopy((envs, envs.envs[0]))
    assert both[0].envs[0] is both[1]
    both[0].step(ACTIONS)


def test_batch_is_stepped_by_one_thread() -> None:
    batch = Batch(ROM, COUNT, num_threads=2)
    done: list[int] = []
    in_two_threads(lambda: done.append(len(often(lambda: batch.step(np.zeros(COUNT, np.uint8)), 100))))
    assert {emulator.frame_count for emulator in batch.emulators} == {sum(done)}
