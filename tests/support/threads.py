"""Functions in threads that begin together, and one that runs while a step goes on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from support.patience import PATIENCE


def together(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs each function in a thread of its own, all from the same moment on, and returns what they return."""
    barrier = threading.Barrier(len(functions))
    results: list[Any] = [None] * len(functions)
    errors: list[BaseException] = []

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = functions[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


class Ended(BaseException):
    """What ends the step of ``while_stepping``."""


def while_stepping(step: Callable[[], object], touch: Callable[[], object], use: Callable[[], object]) -> None:
    """Calls ``use`` in another thread while this one, the main one, is in ``step``.

    ``step`` must not end by itself: a signal ends it when ``use`` has returned. However busy the machine is, all of
    ``use`` falls into this one step, which has begun when ``touch`` raises ``RuntimeError``.
    """
    errors: list[BaseException] = []
    failed = threading.Event()

    def other() -> None:
        try:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and not failed.is_set():
                try:
                    touch()
                except RuntimeError:
                    break
            else:
                raise AssertionError("the step never began")
            use()
        except BaseException as error:
            errors.append(error)
        finally:
            if not failed.is_set():
                signal.raise_signal(signal.SIGINT)

    def stop(number: int, frame: object) -> None:
        raise Ended

    before = signal.signal(signal.SIGINT, stop)
    thread = threading.Thread(target=other)
    try:
        with pytest.raises(Ended):  # noqa: PT012, an early error of the thread ends it before the step
            thread.start()
            while True:
                try:
                    step()
                except RuntimeError as error:
                    # Without the GIL ``touch`` may be first.
                    if "another thread" not in str(error):
                        raise
        thread.join()
    finally:
        failed.set()
        signal.signal(signal.SIGINT, before)
    if errors:
        raise errors[0]
