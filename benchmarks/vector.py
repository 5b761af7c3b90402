"""Benchmarks of many environments: environment steps per second of wall-clock time."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vector_worker import SKIP

WORKER = Path(__file__).with_name("vector_worker.py")
COUNTS = (1, 8, 64, 256)
MARIO_COUNTS = (8,)
# Targets: two threads relative to one, at this number of environments; and relative to AsyncVectorEnv.
TWO_THREADS, ASYNC = (64, 1.85), (8, 25.0)


@dataclass(frozen=True)
class Contestant:
    """A contestant, in the environment of ``entry``."""

    label: str
    entry: str
    how: str
    who: str = "wrappers"


CONTESTANTS = (
    Contestant("nes-py, 1 thread", "nes-py", "1"),
    Contestant("nes-py, 2 threads", "nes-py", "2"),
    Contestant("nes-py 9, SyncVectorEnv", "nes-py 9", "sync"),
    Contestant("nes-py 9, AsyncVectorEnv", "nes-py 9", "async"),
)
MARIO = (
    Contestant("vectorize, 1 thread", "nes-py with gym-super-mario-bros", "1", "mario"),
    Contestant("vectorize, 2 threads", "nes-py with gym-super-mario-bros", "2", "mario"),
    Contestant("nes-py, AsyncVectorEnv", "nes-py with gym-super-mario-bros", "async", "mario"),
    Contestant("nes-py 9, AsyncVectorEnv", "nes-py 9 with gym-super-mario-bros", "async", "mario"),
)


def measure(
    start: Callable[[str, list[str]], Any],
    left_out: type[Exception],
    rom: Path,
    counts: tuple[int, ...],
    rounds: int,
    seconds: float,
) -> dict[str, Any]:
    """Measures all contestants.

    Args:
        start: starts a worker of an entry, by name, with the given command.
        left_out: the exception of ``start`` if a contestant cannot be measured.
        rom: the game, except for gym-super-mario-bros.
        counts: numbers of environments, one per row.
        rounds: number of runs of each; the contestants take turns.
        seconds: duration of a run.

    Returns:
        ``{"wrappers": {count: {label: {"steps_per_second": ..., "spread": ..., "runs": ...}}}, "mario": ...,
        "left_out": ...}``
    """
    result: dict[str, Any] = {"wrappers": {}, "mario": {}, "left_out": {}}
    plan = [("wrappers", count, CONTESTANTS) for count in counts]
    plan += [("mario", count, MARIO) for count in MARIO_COUNTS if count in counts]
    for group, count, contestants in plan:
        workers = []
        for contestant in contestants:
            try:
                command = [str(WORKER), contestant.who, str(count), contestant.how, str(rom)]
                worker = start(contestant.entry, command)
            except left_out as reason:
                result["left_out"][f"{contestant.label} ({group})"] = str(reason)
                print(f"{contestant.label} ({group}) is left out: it {reason}", flush=True)
                continue
            worker.calibrate("steps", seconds, 2)
            workers.append((contestant.label, worker))
        result[group][str(count)] = run_in_turns(workers, count, rounds)
        print(f"{group}, {count} environments: measured", file=sys.stderr, flush=True)
    return result


def run_in_turns(workers: list[tuple[str, Any]], count: int, rounds: int) -> dict[str, dict[str, float]]:
    """Measures calibrated workers of ``count`` environments and closes them; returns the ``summary`` of each label."""
    runs: dict[str, list[float]] = {label: [] for label, _ in workers}
    for _ in range(rounds):
        for label, worker in workers:
            steps = worker.counts["steps"]
            runs[label].append(steps * count / worker.run("steps", steps)["wall"])
    for _, worker in workers:
        worker.close()
    return {label: summary(values) for label, values in runs.items()}


def summary(values: list[float]) -> dict[str, float]:
    """Returns the median, and half the interquartile range as a fraction of it."""
    median = statistics.median(values)
    quartiles = statistics.quantiles(values, n=4) if len(values) > 1 else [median] * 3
    return {"steps_per_second": median, "spread": (quartiles[2] - quartiles[0]) / 2 / median, "runs": len(values)}


def lines(result: dict[str, Any]) -> list[str]:
    """Returns the tables as Markdown."""
    text = []
    for group, contestants, title in (
        (
            "wrappers",
            CONTESTANTS,
            "Many environments: frame-skip 4, grey, 84×84, four stacked; environment steps per second",
        ),
        ("mario", MARIO, "gym-super-mario-bros without wrappers, RGB; environment steps per second"),
    ):
        if not result[group]:
            continue
        labels = [one.label for one in contestants if any(one.label in row for row in result[group].values())]
        text += [
            "",
            f"**{title}**",
            "",
            "| environments | " + " | ".join(labels) + " | 2 threads / 1 thread | × AsyncVectorEnv |",
        ]
        text.append("|---:" * (len(labels) + 3) + "|")
        for count, row in result[group].items():
            cells = [
                f"{row[label]['steps_per_second']:,.0f} ±{100 * row[label]['spread']:.0f}%" if label in row else ""
                for label in labels
            ]
            speeds = {label: row[label]["steps_per_second"] for label in labels if label in row}
            one = speeds.get(contestants[0].label, 0.0)
            two = speeds.get(contestants[1].label, 0.0)
            theirs = speeds.get("nes-py 9, AsyncVectorEnv", 0.0)
            wants = (TWO_THREADS, ASYNC) if group == "wrappers" else ((0, 0.0), (0, 0.0))
            ratios = [two / one if one and two else 0.0, max(one, two) / theirs if theirs else 0.0]
            for ratio, (at, wanted) in zip(ratios, wants, strict=True):
                aim = f" (target: {wanted:g})" if int(count) == at else ""
                cells.append(f"{ratio:.2f}{aim}" if ratio else "")
            text.append(f"| {count} | " + " | ".join(cells) + " |")
    if result["wrappers"]:
        text += [
            "",
            f"In the first table an environment step is {SKIP} emulated frames. "
            "The numbers are medians of wall-clock time.",
        ]
    text += [f"\n{who} was left out: it {why}." for who, why in result["left_out"].items()]
    return text
