"""Assigns workers to CPUs."""

from __future__ import annotations

import os
from collections.abc import Sequence

from nes_py._openmp import effective_threads
from nes_py.errors import shown


def cpus_of_workers(affinity: str | Sequence[int] | None, num_threads: int | None, work: int) -> list[int]:
    """Return the CPU of each worker, -1 for any.

    Numbers in ``affinity`` index the CPUs available to this process, so two jobs on one machine do not collide. If the
    system does not report them, no thread is pinned.

    Raises:
        ValueError: ``affinity`` has too few CPUs, or one that is not available to this process.
    """
    workers = effective_threads(num_threads, work)
    if affinity is None:
        return [-1] * workers
    if not isinstance(affinity, str) and len(affinity) < workers:
        raise ValueError(f"affinity must have a CPU for each of the {workers} threads, not {len(affinity)}")
    if not hasattr(os, "sched_getaffinity"):
        return [-1] * workers
    allowed = sorted(os.sched_getaffinity(0))
    count = len(allowed)
    if affinity == "compact":
        places: Sequence[int] = [worker % count for worker in range(workers)]
    elif affinity == "spread":
        places = [worker * count // workers % count for worker in range(workers)]
    else:
        places = [int(place) for place in affinity[:workers]]
        for place in places:
            if place >= count:
                raise ValueError(f"affinity: this process may use {count} CPUs, there is no number {shown(place)}")
    return [allowed[place] for place in places]


__all__ = ["cpus_of_workers"]
