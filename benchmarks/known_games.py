"""Benchmark of a known game: a stage of Super Mario Bros. natively, by ``vectorize`` and by its package.

All contestants get the same actions, in turns. With whole pictures they return the same observations, rewards and ends,
see ``tests/clients/games.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vector import Contestant, run_in_turns

WORKER = Path(__file__).with_name("vector_worker.py")
OURS, THEIRS = "nes-py and OpenCV with gym-super-mario-bros", "nes-py 9 with gym-super-mario-bros"
COUNTS = (8, 64)
NATIVE, VECTORIZE, ASYNC, ASYNC_9 = "native", "`vectorize`", "`AsyncVectorEnv`", "`AsyncVectorEnv`, nes-py 9"
TARGET = 4.0  # native, relative to vectorize
# The worker's name of the environments, and the title of their table.
KINDS = {
    "stage": "Each frame's picture, RGB, 240×256",
    "small-stage": "Four frames a step, the last picture in grey, 84×84, four stacked",
}
CONTESTANTS = (
    Contestant(f"{NATIVE}, 1 thread", OURS, "native1"),
    Contestant(f"{NATIVE}, 2 threads", OURS, "native2"),
    Contestant(f"{VECTORIZE}, 1 thread", OURS, "1"),
    Contestant(f"{VECTORIZE}, 2 threads", OURS, "2"),
    Contestant(ASYNC, OURS, "async"),
    Contestant(ASYNC_9, THEIRS, "async"),
)


def measure(
    start: Callable[[str, list[str]], Any],
    left_out: type[Exception],
    counts: tuple[int, ...],
    rounds: int,
    seconds: float,
) -> dict[str, Any]:
    """Measures all contestants.

    Args:
        start: starts a worker of an entry, by name, with the given command.
        left_out: the exception of ``start`` if a contestant cannot be measured.
        counts: numbers of environments.
        rounds: number of runs of each; the contestants take turns.
        seconds: duration of a run.

    Returns:
        ``{kind: {count: {label: {"steps_per_second": ..., "spread": ..., "runs": ...}}}, "left_out": ...}``
    """
    result: dict[str, Any] = {**{kind: {} for kind in KINDS}, "left_out": {}}
    for kind in KINDS:
        for count in counts:
            workers = []
            for contestant in CONTESTANTS:
                if contestant.label in result["left_out"]:
                    continue
                try:
                    # It takes a ROM from the package.
                    worker = start(contestant.entry, [str(WORKER), kind, str(count), contestant.how, ""])
                except left_out as reason:
                    result["left_out"][contestant.label] = str(reason)
                    continue
                worker.calibrate("steps", seconds, 2)
                workers.append((contestant.label, worker))
            result[kind][str(count)] = run_in_turns(workers, count, rounds)
            print(f"{kind}, {count} environments: measured", file=sys.stderr, flush=True)
    return result


def speed(row: dict[str, Any], name: str) -> float:
    """Returns the speed of a contestant, with the better of its numbers of threads; 0 if it was left out."""
    labels = (name, f"{name}, 1 thread", f"{name}, 2 threads")
    return max((row[label]["steps_per_second"] for label in labels if label in row), default=0.0)


def lines(result: dict[str, Any]) -> list[str]:
    """Returns the tables as Markdown."""
    text = []
    for kind, title in KINDS.items():
        rows = result[kind]
        counts = list(rows)
        text += ["", f"**{title}: environment steps per second**", ""]
        text.append("| | " + " | ".join(f"{count} environments" for count in counts) + " |")
        text.append("|---" + "|---:" * len(counts) + "|")
        for contestant in CONTESTANTS:
            label = contestant.label
            if any(label in row for row in rows.values()):
                cells = (
                    f"{row[label]['steps_per_second']:,.0f} ±{100 * row[label]['spread']:.0f}%" if label in row else ""
                    for row in rows.values()
                )
                text.append(f"| {label} | " + " | ".join(cells) + " |")
        for name, aim in ((VECTORIZE, f" (target: {TARGET:g})"), (ASYNC, ""), (ASYNC_9, "")):
            pairs = [(speed(row, NATIVE), speed(row, name)) for row in rows.values()]
            ratios = [f"**{ours / theirs:.1f}**" if ours and theirs else "" for ours, theirs in pairs]
            if any(ratios):
                text.append(f"| **{NATIVE} / {name}**{aim} | " + " | ".join(ratios) + " |")
    text += ["", "Medians of wall-clock time; the ratios are those of the best number of threads of each."]
    text += [f"\n{who} was left out: it {why}." for who, why in result["left_out"].items()]
    return text
