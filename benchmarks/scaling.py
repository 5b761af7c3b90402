"""Measures how the steps of vector environments scale with the number of threads: ``make scaling``.

It varies threads, environments per thread, kind of work, engine (OpenMP, the thread pool), wait policy and pinning, and
also measures with a torch learner between the steps. Each engine, policy and pinning runs in a process of its own.
The result is one JSON file, and a plot of the efficiency beside it. ``--quick`` measures and prints a few ratios only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from report import cpu_model, write_between

import nes_py
from nes_py import NESVectorEnv, _openmp
from nes_py.envs.bricks import ACTIONS, ROM_PATH

PROJECT = Path(__file__).resolve().parents[1]
WORK: dict[str, dict[str, Any]] = {
    "ram": {"obs_type": "ram", "frameskip": 1, "stack_num": 1},  # the shortest step there is
    "84x84x4": {},
    "rgb": {"grayscale": False, "img_height": None, "img_width": None, "stack_num": 1, "copy": False},
}
ENGINES = ("openmp", "threads")
POLICIES = ("auto", "active", "passive")
OVERSUBSCRIBED = (4, 16, 64)
EMPTY_GAPS = (0.0, 20e-6, 1e-3)  # seconds between two empty loops


rom = str(ROM_PATH)  # --rom


def build(count: int, threads: int, engine: str | None = None, tunes: bool = True, **options: Any) -> NESVectorEnv:
    """Return environments that have been reset; ``engine``, ``tunes``: see ``nes_py._openmp._use_engine``."""
    _openmp._use_engine(engine, tunes)  # type: ignore[arg-type]
    try:
        envs = NESVectorEnv(rom, count, num_threads=threads, actions=ACTIONS, **options)
    finally:
        _openmp._use_engine()
    envs.reset(seed=0)
    return envs


def stepper(envs: NESVectorEnv) -> Callable[[], Any]:
    """Return a function that takes one step."""
    actions = np.arange(envs.num_envs) % len(ACTIONS)
    return lambda: envs.step(actions)


def seconds_each(step: Callable[[], Any], steps: int) -> float:
    """Return the time of one of ``steps`` steps."""
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - begin) / steps


def medians(steps: dict[str, Callable[[], Any]], rounds: int, target: float) -> dict[str, float]:
    """Return the median time of each step over rounds in which all take their turns of ``target`` seconds."""
    counts = {}
    for name, step in steps.items():
        # Until the number of threads has settled, but not for seconds.
        end = time.perf_counter() + 0.3
        for turn in range(160):
            step()
            if turn >= 30 and time.perf_counter() > end:
                break
        counts[name] = max(4, int(target / seconds_each(step, 10)))
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            seconds_each(step, 3)
            times[name].append(seconds_each(step, counts[name]))
    return {name: statistics.median(values) for name, values in times.items()}


# --- a learner ---


class Learner:
    """A small network that is trained between two steps, with torch and its own threads."""

    def __init__(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.torch = torch
        self.net = torch.nn.Sequential(torch.nn.Linear(2048, 256), torch.nn.ReLU(), torch.nn.Linear(256, 8))
        self.data = torch.rand(256, 2048)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=1e-3)

    def learn(self) -> None:
        """Do one update."""
        self.optimizer.zero_grad()
        self.net(self.data).square().mean().backward()
        self.optimizer.step()


def learner_times(count: int, threads: int, rounds: int, policies: Iterable[str]) -> dict[str, float] | None:
    """Return the median time of an update after a step with each policy; None without torch."""
    try:
        learner = Learner(threads)
    except ImportError:
        return None
    every = {policy: build(count, threads, wait_policy=policy, **WORK["ram"]) for policy in policies}
    times: dict[str, list[float]] = {policy: [] for policy in every}
    for turn in range(rounds + 3):
        for policy, envs in every.items():
            step = stepper(envs)
            spent = 0.0
            for _ in range(20):
                step()
                begin = time.perf_counter()
                learner.learn()
                spent += time.perf_counter() - begin
            if turn >= 3:
                times[policy].append(spent / 20)
    for envs in every.values():
        envs.close()
    return {policy: statistics.median(values) for policy, values in times.items()}


# --- the ratios ---


def quick(rounds: int) -> dict[str, float]:
    """Print and return the ratios that tell whether threads pay."""
    cpus = _openmp.available_cpus()
    two = min(2, cpus)
    print(f"{cpus} CPUs, default engine {engine_name()}, medians of {rounds} interleaved rounds", flush=True)
    ratios: dict[str, float] = {}
    for title, count, options, target in (
        ("2 environments, RAM, skip 1", 2, WORK["ram"], 0.02),
        ("8 environments, RAM, skip 1", 8, WORK["ram"], 0.02),
        ("64 environments, 84x84x4, skip 4", 64, WORK["84x84x4"], 0.06),
    ):
        envs = {"1 thread": build(count, 1, **options), f"{two} threads": build(count, two, **options)}
        result = medians({name: stepper(each) for name, each in envs.items()}, rounds, target)
        one, many = result.values()
        ratios[title] = one / many
        print(
            f"{title}: {one * 1e6:.1f} us with 1 thread, {many * 1e6:.1f} us with {two}: {one / many:.2f} x", flush=True
        )
        for each in envs.values():
            each.close()
    envs = {"as many as CPUs": build(64, cpus, **WORK["ram"]), "64 threads": build(64, 64, **WORK["ram"])}
    few, many = medians({name: stepper(each) for name, each in envs.items()}, rounds, 0.02).values()
    ratios["64 threads"] = many / few
    print(
        f"64 environments, RAM, skip 1: {few * 1e6:.1f} us with {cpus} threads, {many * 1e6:.1f} us with 64: "
        f"{many / few:.2f} x the time",
        flush=True,
    )
    if updates := learner_times(8, two, rounds, ("passive", "auto")):
        ratios["learner"] = updates["auto"] / updates["passive"]
        print(
            f"torch update between steps, {two} threads: {updates['passive'] * 1e6:.0f} us with wait_policy passive, "
            f"{updates['auto'] * 1e6:.0f} us with auto: {ratios['learner']:.3f} x the time",
            flush=True,
        )
    else:
        print("torch is not installed: no learner", flush=True)
    return ratios


def engine_name() -> str:
    """Return what steps two environments with two threads by default."""
    with NESVectorEnv(rom, 2, num_threads=2) as envs:
        assert envs._engine is not None
        return envs._engine.engine


# --- the whole measurement ---


def thread_counts(cpus: int) -> list[int]:
    """Return 1, 2, 4 ... and all."""
    counts = [1]
    while counts[-1] * 2 < cpus:
        counts.append(counts[-1] * 2)
    return sorted({*counts, cpus})


def facts_of_threads(envs: NESVectorEnv) -> dict[str, Any]:
    """Return where the threads ran, what they are allowed, and on which NUMA nodes the memory of the process lies."""
    facts: dict[str, Any] = {"ran_on": envs.timings()["cpu"].tolist()}
    tasks = Path("/proc/self/task")
    if tasks.exists():
        allowed = []
        for task in sorted(tasks.iterdir(), key=lambda path: int(path.name)):
            lines = (task / "status").read_text().splitlines()
            allowed += [line.split(":", 1)[1].strip() for line in lines if line.startswith("Cpus_allowed_list:")]
        facts["allowed"] = allowed
    maps = Path("/proc/self/numa_maps")
    if maps.exists():
        pages: dict[str, int] = {}
        for word in maps.read_text().split():
            node, equals, number = word.partition("=")
            if equals and node[0] == "N" and node[1:].isdecimal():
                pages[node] = pages.get(node, 0) + int(number)
        facts["pages"] = pages
    return facts


def measure(engine: str, policy: str, pinned: bool, target: float, rounds: int) -> dict[str, Any]:
    """Measure one engine with one policy in this process."""
    cpus = _openmp.available_cpus()
    options: dict[str, Any] = {"wait_policy": policy, "affinity": "compact" if pinned else None}
    rows = []
    for work, kind in WORK.items():
        for per_thread in (1, 4, 16):
            for threads in thread_counts(cpus) + [count for count in OVERSUBSCRIBED if count > cpus]:
                over = threads > cpus
                if over and (pinned or per_thread > 1):
                    continue
                # Within the CPUs all threads, to see what they cost; beyond them what a user gets.
                envs = build(threads * per_thread, threads, engine, tunes=over, **{**kind, **options})
                result = medians({"step": stepper(envs)}, rounds, target)["step"]
                rows.append({"work": work, "threads": threads, "per_thread": per_thread, "seconds": result})
                envs.close()
    empty = []
    for threads in thread_counts(cpus):
        if threads == 1:
            continue
        _openmp._use_engine(engine, tunes=False)  # type: ignore[arg-type]
        workers = _openmp.Workers(threads, policy, range(threads) if pinned else ())
        _openmp._use_engine()
        for gap in EMPTY_GAPS:
            workers.time_empty_loops(20, gap)
            times = [workers.time_empty_loops(20, gap) for _ in range(5 * rounds)]
            empty.append({"threads": threads, "gap": gap, "seconds": statistics.median(times)})
    envs = build(4 * cpus, cpus, engine, tunes=False, timing=True, **WORK["ram"], **options)
    seconds_each(stepper(envs), 50)
    facts = facts_of_threads(envs)
    envs.close()
    result = {"engine": engine, "policy": policy, "pinned": pinned, "steps": rows, "empty": empty, "threads": facts}
    learner = learner_times(4 * cpus, cpus, rounds, (policy,))
    if learner:
        result["learner_seconds"] = learner[policy]
    return result


def measure_all(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure everything, each engine, policy and pinning in a process of its own."""
    runs = []
    engines = ENGINES if nes_py.openmp_enabled else ENGINES[1:]
    pinnings = (False, True) if sys.platform == "linux" else (False,)
    for engine in engines:
        for policy in POLICIES:
            for pinned in pinnings:
                print(f"{engine}, {policy}{', pinned' if pinned else ''} ...", flush=True)
                environment = dict(os.environ)
                if engine == "openmp" and policy != "auto":
                    environment["OMP_WAIT_POLICY"] = policy  # GNU's library has one policy for the whole process
                command = [
                    sys.executable,
                    __file__,
                    "--rounds",
                    str(arguments.rounds),
                    "--target",
                    str(arguments.target),
                ]
                command += ["--rom", rom, "--worker", json.dumps([engine, policy, pinned])]
                done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, cwd=PROJECT, check=True)
                runs.append(json.loads(done.stdout))
    for run in runs:
        base = {(row["work"], row["per_thread"]): row["seconds"] for row in run["steps"] if row["threads"] == 1}
        for row in run["steps"]:
            # The work grows with the threads: with perfect scaling the time of a step stays the same.
            used = min(row["threads"], _openmp.available_cpus())
            alone = base[row["work"], row["per_thread"]]
            row["efficiency"] = alone * row["threads"] / used / row["seconds"]
    return {
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cpus": _openmp.available_cpus(),
        "numa_nodes": len(list(Path("/sys/devices/system/node").glob("node[0-9]*"))),
        "python": platform.python_version(),
        "version": nes_py.__version__,
        "game": Path(rom).name,
        "openmp": _openmp.openmp_facts(),
        "default_engine": engine_name(),
        "ratios": quick(arguments.rounds),
        "runs": runs,
    }


# --- the plot ---

COLOURS = {"auto": "#1f77b4", "active": "#d62728", "passive": "#2ca02c"}


def plot(result: dict[str, Any]) -> str:
    """Return an SVG picture: efficiency by threads, a panel for each kind of work; dashed lines are the thread pool."""
    width, height, margin = 320, 240, 48
    counts = sorted({row["threads"] for run in result["runs"] for row in run["steps"]})
    parts = []

    def text(x: float, y: float, words: str, anchor: str = "middle") -> None:
        parts.append(f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>')

    for panel, work in enumerate(WORK):
        left, top = margin + panel * (width + margin), margin
        x_of = {n: left + width * (i + 0.5) / len(counts) for i, n in enumerate(counts)}
        text(left + width / 2, top - 12, f"{work}, 1 environment per thread")
        for percent in (0, 25, 50, 75, 100):
            y = top + height * (1 - percent / 120)
            parts.append(f'<path d="M{left},{y:.0f}h{width}" stroke="#ddd"/>')
            text(left - 6, y + 4, f"{percent} %", "end")
        for n, x in x_of.items():
            text(x, top + height + 16, str(n))
        for run in result["runs"]:
            if run["pinned"]:
                continue
            rows = [row for row in run["steps"] if row["work"] == work and row["per_thread"] == 1]
            points = " ".join(
                f"{x_of[row['threads']]:.1f},{top + height * (1 - min(row['efficiency'], 1.2) / 1.2):.1f}"
                for row in rows
            )
            dashes = ' stroke-dasharray="5 3"' if run["engine"] == "threads" else ""
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{COLOURS[run["policy"]]}" stroke-width="2"{dashes}/>'
            )
    bottom = margin + height + 40
    for place, (policy, colour) in enumerate(COLOURS.items()):
        x = margin + place * 120
        parts.append(f'<path d="M{x},{bottom}h24" stroke="{colour}" stroke-width="2"/>')
        text(x + 30, bottom + 4, policy, "start")
    text(margin + 380, bottom + 4, f"solid: OpenMP, dashed: thread pool; threads on {result['cpus']} CPUs", "start")
    total = margin + len(WORK) * (width + margin)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{bottom + 20}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


# --- the page ---

MARKER = "make scaling"
SHOWN = (("ram", 1), ("ram", 4), ("84x84x4", 4), ("84x84x4", 16))


def table(result: dict[str, Any]) -> str:
    """Return a table in Markdown: steps with as many threads as CPUs, and loops without work."""
    titles = [f"{work}, {count} per thread" for work, count in SHOWN]
    lines = [
        f"{result['cpu']}, {result['cpus']} CPUs, Python {result['python']}. "
        f"Microseconds of a step with {result['cpus']} "
        f"threads, and the efficiency; `ram` is the shortest step there is (RAM as observation, no frame-skip). Then "
        f"microseconds of a loop without work, at once and 1 ms after the last one.",
        "",
        f"| engine, wait policy | {' | '.join(titles)} | empty | empty after 1 ms |",
        f"|---|{'---:|' * (len(SHOWN) + 2)}",
    ]
    for run in result["runs"]:
        rows = {(row["work"], row["per_thread"]): row for row in run["steps"] if row["threads"] == result["cpus"]}
        cells = [
            f"{rows[each]['seconds'] * 1e6:.0f} ({rows[each]['efficiency']:.2f})" if each in rows else ""
            for each in SHOWN
        ]
        empty = [row for row in run["empty"] if row["threads"] == result["cpus"]]
        cells += [f"{empty[0]['seconds'] * 1e6:.1f}", f"{empty[-1]['seconds'] * 1e6:.1f}"]
        name = f"{run['engine']}, {run['policy']}{', pinned' if run['pinned'] else ''}"
        lines.append(f"| {name} | {' | '.join(cells)} |")
    ratios = ", ".join(f"{name}: {ratio:.2f}" for name, ratio in result["ratios"].items())
    return "\n".join([*lines, "", f"Ratios of `make scaling ARGS=--quick` in the same run: {ratios}."])


def write_table(page: Path, result: dict[str, Any]) -> None:
    """Replace the table of a page."""
    write_between(page, MARKER, f"\n{table(result)}\n")


def main() -> int:
    """Do what the command line asks for."""
    global rom
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only print the ratios")
    parser.add_argument("--rounds", type=int, default=15, help="of which the median is taken (default: 15)")
    parser.add_argument("--target", type=float, default=0.01, help="seconds of steps in a round (default: 0.01)")
    parser.add_argument("--output", type=Path, default=PROJECT / "build" / "scaling.json", help="the JSON file")
    parser.add_argument("--rom", default=rom, help="the game (default: the embedded one)")
    parser.add_argument("--page", type=Path, help=f"a page whose table is replaced, after <!-- {MARKER} -->")
    parser.add_argument("--only-page", action="store_true", help="do not measure: --output is there already")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rom = arguments.rom
    if arguments.worker:
        print(json.dumps(measure(*json.loads(arguments.worker), arguments.target, arguments.rounds)))
        return 0
    if arguments.quick:
        quick(arguments.rounds)
        return 0
    if arguments.only_page:
        write_table(arguments.page, json.loads(arguments.output.read_text()))
        return 0
    result = measure_all(arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=1) + "\n")
    picture = arguments.output.with_suffix(".svg")
    picture.write_text(plot(result))
    if arguments.page:
        write_table(arguments.page, result)
    print(f"{arguments.output} and {picture.name} are written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
