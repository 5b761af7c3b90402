"""Functions in threads that begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any


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
