"""Signals stop steps that take long, and have changed nothing.

The steps take hours, so that they end only if they are stopped.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESVectorEnv
from tests.support.rom_builder import demonstration_rom

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")

HOURS = 1_000_000  # frames


class Stop(Exception):
    """What the signal handler raises."""


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGALRM, stop)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def stopped(function: Any, *arguments: Any, seconds: float = 0.3) -> None:
    """Call a function until the timer stops it."""
    with pytest.raises(Stop):  # noqa: PT012, the timer may go off before the call
        signal.setitimer(signal.ITIMER_REAL, seconds)
        function(*arguments)


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_signal_at_the_end_of_a_step(mode: str) -> None:
    """The step is over before it asks for signals again."""
    options: dict[str, Any] = {"autoreset_mode": mode, "obs_type": "ram", "num_threads": 1}
    with NESVectorEnv(demonstration_rom(), 3, frameskip=200, **options) as envs:
        envs.reset(seed=3)
        for _ in range(5):
            states = envs.get_state(range(3))
            stopped(envs.step, [1, 2, 3], seconds=0.001)
            assert envs.get_state(range(3)) == states


@pytest.mark.parametrize("policy", ["fast", "reference"])
@pytest.mark.parametrize(("count", "threads"), [(1, 1), (3, 2), (5, 1)])
@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_stopped_step_has_changed_nothing(policy: str, count: int, threads: int, mode: str) -> None:
    options: dict[str, Any] = {"policy": policy, "autoreset_mode": mode, "obs_type": "ram", "num_threads": threads}
    with NESVectorEnv(demonstration_rom(), count, frameskip=HOURS, **options) as envs:
        envs.reset(seed=3)
        states, ram = envs.get_state(range(count)), envs.ram.copy()
        for _ in range(2):
            stopped(envs.step, np.arange(count))
            assert_same(envs.ram.copy(), ram)
            assert envs.get_state(range(count)) == states
        envs.reset(seed=3)
        assert_same(envs.ram.copy(), ram)


def test_actions_that_were_sent_stay() -> None:
    options: dict[str, Any] = {"policy": "reference", "obs_type": "ram", "num_threads": 1, "batch_size": 2}
    with NESVectorEnv(demonstration_rom(), 3, frameskip=HOURS, **options) as envs:
        envs.async_reset(seed=3)
        shown = envs.recv()[4]["env_id"]
        envs.send(np.array([1, 2]), shown)
        states = envs.get_state(range(3))
        for _ in range(2):
            stopped(envs.recv)
            assert envs.get_state(range(3)) == states
            with pytest.raises(RuntimeError, match="pending"):
                envs.send(np.array([1, 2]), shown)
        envs.async_reset(seed=3)
        assert list(envs.recv()[4]["env_id"]) == list(shown)


def test_signals_that_raise_nothing_stop_nothing() -> None:
    signals = []
    signal.signal(signal.SIGALRM, lambda number, frame: signals.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    results = []
    for policy in ("reference", "fast"):
        with NESVectorEnv(demonstration_rom(), 2, frameskip=70, policy=policy, obs_type="ram", num_threads=1) as envs:
            envs.reset(seed=1)
            for action in range(3):
                envs.step(np.array([action, 5]))
            results.append(envs.ram.copy())
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert_same(results[0], results[1])
    assert signals
