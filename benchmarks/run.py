"""Measures the speed of this project and of other emulators.

``make bench``, or ``python benchmarks/run.py``. Each contestant runs in a separate process and, except for this
project, in a separate virtual environment under ``.cache/bench``, installed from PyPI. The contestants run in turns,
so that all see the same machine conditions. After a warm-up the report has the median of the rounds and the spread
between the quartiles.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import games
import known_games
import play
import vector
from report import cpu_model, write_between

PROJECT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).with_name("worker.py")
CACHE = PROJECT / ".cache" / "bench"
RESULTS = Path(__file__).with_name("results")  # VERSION.json: what was measured last of each release
PAGE = PROJECT / "docs" / "performance.md"
KNOWN_GAMES_PAGE = PROJECT / "docs" / "known-games.md"
README = PROJECT / "README.md"
EMBEDDED_GAME = PROJECT / "nes_py" / "roms" / "bricks.nes"
OPENCV = "opencv-python-headless"
BASELINE = "stable-retro"


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    key: str
    label: str
    unit: str  # "frames/s": more is better; "us", "ms", "KB": less is


ROWS = (
    Row("plain", "no drawing", "frames/s"),
    Row("indices", "every frame drawn as indices", "frames/s"),
    Row("rgb", "every frame drawn as RGB", "frames/s"),
    Row("env_step", "`NESEnv.step`, a new RGB array", "frames/s"),
    Row("skip4", "skip 4, last frame drawn, grey 84×84", "frames/s"),
    Row("save", "save a snapshot", "µs"),
    Row("load", "load a snapshot", "µs"),
    Row("construct", "construct an emulator", "µs"),
    Row("construct_many", "construct 1,000 emulators", "ms"),
    Row("memory", "memory of an emulator", "KB"),
)
FRAME_ROWS = {row.key for row in ROWS if row.unit == "frames/s"}
# Targets, as a ratio to the baseline's frames.
TARGETS = {"plain": 15, "indices": 10, "env_step": 5, "skip4": 11}


class LeftOut(Exception):
    """A contestant cannot be measured; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A contestant and its requirement."""

    name: str
    requirement: str | None
    pythons: tuple[tuple[int, int], ...] = ((3, 12), (3, 13), (3, 11), (3, 14), (3, 10))
    beside: str | None = None  # what is installed beside this project, without what it requires
    folder: str | None = None  # of its environment; None: named like the contestant
    tree: Path = PROJECT  # where this project is, in another working tree perhaps


ENTRIES = (
    Entry("nes-py", None),
    Entry("stable-retro", "stable-retro"),
    Entry("cynes", "cynes"),
    Entry("nes-py 9", "nes-py==9.0.1", ((3, 13), (3, 14))),
)
MARIO = "gym-super-mario-bros==9.1.0"
# They take part where many environments run at once only.
VECTOR_ENTRIES = (
    Entry("nes-py with gym-super-mario-bros", None, beside=MARIO),
    Entry("nes-py 9 with gym-super-mario-bros", MARIO, ((3, 13), (3, 14))),
)
# In play: games of the client packages.
PLAY_ENTRIES = (
    Entry("nes-py", None, beside=" ".join((*play.PACKAGES, OPENCV)), folder="nes-py-in-play"),
    Entry("stable-retro", "stable-retro"),
    Entry(play.TURBO, play.TURBO, ((3, 13), (3, 12), (3, 11), (3, 14), (3, 10))),
)
# A stage of Super Mario Bros. as a known game and by its package, many at once.
KNOWN_GAMES_ENTRIES = (
    Entry(known_games.OURS, None, beside=f"{MARIO} {OPENCV}", folder="nes-py-with-known-games"),
    Entry(known_games.THEIRS, MARIO, ((3, 13), (3, 14)), folder="nes-py-9-with-gym-super-mario-bros"),
)
SPEED_LOSS = 0.95  # less than that of an earlier release is pointed out


# --------------------------------------------------------------------------------------------------
# Environments


def find_python(versions: tuple[tuple[int, int], ...]) -> str:
    """Returns a Python of the first version that there is: this one, on the path, or of pyenv.

    Raises:
        LeftOut: there is none.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for major, minor in versions:
        candidates = [sys.executable] if sys.version_info[:2] == (major, minor) else []
        candidates += filter(None, [shutil.which(f"python{major}.{minor}")])
        candidates += map(str, sorted(pyenv.glob(f"{major}.{minor}.*/bin/python")))
        for candidate in candidates:
            check = [candidate, "-c", f"import sys, venv; sys.exit(sys.version_info[:2] != ({major}, {minor}))"]
            if subprocess.run(check, capture_output=True).returncode == 0:
                return candidate
    raise LeftOut(f"needs Python {' or '.join(f'{major}.{minor}' for major, minor in sorted(versions))}")


def pip_install(python: str, *arguments: str) -> None:
    """Runs pip.

    Raises:
        LeftOut: it failed.
    """
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        raise LeftOut(f"does not install: {(errors or ['pip failed'])[-1].removeprefix('ERROR: ')}")


def environment(entry: Entry) -> tuple[str, dict[str, str]]:
    """Makes the environment of a contestant, once; returns its Python and what is to be set.

    Raises:
        LeftOut: it cannot be made.
    """
    folder = CACHE / (entry.folder or entry.name.replace(" ", "-"))
    ready = folder / ".ready"
    wanted = entry.requirement or entry.beside or OPENCV
    current = ready.exists() and ready.read_text() == wanted
    # The contestants are single threads: so are the libraries around them.
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if entry.requirement is None:
        # This project as it stands in the working tree, with OpenCV beside it.
        settings["PYTHONPATH"] = os.pathsep.join((str(entry.tree), str(folder)))
        if not current:
            # It asks for a newer Python than its code needs.
            pip_install(
                sys.executable, "--no-deps", "--ignore-requires-python", "--target", str(folder), *wanted.split()
            )
            ready.write_text(wanted)
        return sys.executable, settings
    settings.pop("PYTHONPATH", None)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    if not current:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([find_python(entry.pythons), "-m", "venv", str(folder)], check=True, capture_output=True)
        pip_install(python, "--only-binary", ":all:", entry.requirement, "numpy", OPENCV)
        ready.write_text(wanted)
    return python, settings


# --------------------------------------------------------------------------------------------------
# Measuring


class Worker:
    """A running contestant."""

    def __init__(self, entry: Entry, command: list[str]) -> None:
        python, settings = environment(entry)
        self.name = entry.name
        self.process = subprocess.Popen(
            [python, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=settings,
            cwd=CACHE,
        )
        greeting = self._answer()
        self.rows: list[str] = greeting["rows"]
        self.version: str = greeting["version"]
        self.frames: dict[str, int] = greeting.get("frames", {})  # of a unit of a row, where they are not one
        self.counts: dict[str, int] = {}

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            errors = self.process.stderr.read().strip().splitlines()
            self.process.wait()
            raise LeftOut(f"stopped: {errors[-1] if errors else 'no message'}")
        return json.loads(line)

    def run(self, row: str, count: int) -> dict[str, float]:
        """Does ``count`` units of a row; returns what it took.

        Raises:
            LeftOut: the process has ended.
        """
        try:
            self.process.stdin.write(json.dumps({"row": row, "count": count}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self._answer()

    def calibrate(self, row: str, seconds: float, count: int = 20) -> None:
        """Finds how many units of a row take about so long, beginning with ``count``; this is also its warm-up."""
        while (took := self.run(row, count)["wall"]) < seconds / 4 and count < 10**7:
            count = min(int(count * max(2, min(20, seconds / 2 / max(took, 1e-6)))), 10**7)
        self.counts[row] = max(1, int(count * seconds / max(took, 1e-6)))

    def close(self) -> None:
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def scalar_worker(entry: Entry, rom: Path) -> Worker:
    """Starts a contestant of the rows about one emulator."""
    return Worker(entry, [str(WORKER), entry.name, str(rom)])


@dataclass
class Measurement:
    """All runs of one contestant in one row, in the unit of the row."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Returns medians, and half the distance between the quartiles as a part of the median."""
        median = statistics.median(self.cpu)
        quartiles = statistics.quantiles(self.cpu, n=4) if len(self.cpu) > 1 else [median] * 3
        spread = (quartiles[2] - quartiles[0]) / 2 / median if median else 0.0
        return {"wall": statistics.median(self.wall), "cpu": median, "spread": spread, "runs": self.cpu}


def in_unit(row: Row, count: int, seconds: float) -> float:
    """Converts the time that ``count`` units took."""
    if row.unit == "frames/s":
        return count / max(seconds, 1e-9)
    return seconds / count * {"µs": 1e6, "ms": 1e3}[row.unit]


def measure_memory(row: Row, able: list[Worker], rom: Path, table: dict[str, dict[str, Measurement]]) -> None:
    """Measures the memory of emulators in new processes: old processes reuse freed memory."""
    entries = {entry.name: entry for entry in ENTRIES}
    for worker in able:
        fresh = scalar_worker(entries[worker.name], rom)
        value = fresh.run(row.key, 1)["value"]
        fresh.close()
        table[worker.name][row.key] = Measurement([value], [value])


def measure(rom: Path, rows: tuple[Row, ...], rounds: int, seconds: float) -> dict[str, Any]:
    """Measures all contestants with one game; returns ``{"contestants": ..., "left_out": ..., "core": ...}``."""
    workers: list[Worker] = []
    left_out: dict[str, str] = {}
    for entry in ENTRIES:
        try:
            workers.append(scalar_worker(entry, rom))
        except LeftOut as reason:
            left_out[entry.name] = str(reason)
            print(f"{entry.name} is left out: it {reason}", flush=True)
    table: dict[str, dict[str, Measurement]] = {worker.name: {} for worker in workers}
    for row in rows:
        able = [worker for worker in workers if row.key in worker.rows]
        heavy = row.key == "construct_many"
        if row.key == "memory":
            measure_memory(row, able, rom, table)
            continue
        for worker in able:
            table[worker.name][row.key] = Measurement()
            if heavy:
                worker.counts[row.key] = 1
            else:
                worker.calibrate(row.key, seconds)
        for _ in range(min(rounds, 3) if heavy else rounds):
            for worker in able:
                count = worker.counts[row.key]
                took = worker.run(row.key, count)
                into = table[worker.name][row.key]
                into.wall.append(in_unit(row, count, took["wall"]))
                into.cpu.append(in_unit(row, count, took["cpu"]))
    for worker in workers:
        worker.close()
    contestants = {
        worker.name: {
            "version": worker.version,
            "rows": {key: measured.summary() for key, measured in table[worker.name].items()},
        }
        for worker in workers
    }
    core = subprocess.run(
        [PROJECT / "build" / "bench_core", rom, str(seconds)], capture_output=True, text=True, check=True
    )
    return {"contestants": contestants, "left_out": left_out, "core": json.loads(core.stdout)}


# --------------------------------------------------------------------------------------------------
# Reporting


def machine() -> dict[str, str]:
    """Returns the hardware and software that the numbers depend on."""
    compiler = subprocess.run([os.environ.get("CXX", "g++"), "--version"], capture_output=True, text=True).stdout
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True).stdout
    return {
        "cpu": cpu_model(),
        "compiler": compiler.splitlines()[0] if compiler else "unknown",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.date.today().isoformat(),
        "commit": commit.strip(),
    }


def project_version() -> str:
    """Returns the version of this project."""
    text = (PROJECT / "nes_py" / "__init__.py").read_text()
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]


def number(value: float) -> str:
    """Writes a number with about three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table_lines(game: dict[str, Any]) -> list[str]:
    """Returns a game's table as Markdown: the absolute numbers, by CPU time, and the ratio to the baseline."""
    contestants = game["contestants"]
    baseline = contestants.get(BASELINE, {"rows": {}})["rows"]
    lines = ["| work | unit | " + " | ".join(contestants) + f" | × {BASELINE} | target |"]
    lines.append("|---" * 2 + "|---:" * (len(contestants) + 2) + "|")
    for row in ROWS:
        cells = []
        for contestant in contestants.values():
            measured = contestant["rows"].get(row.key)
            cells.append(f"{number(measured['cpu'])} ±{100 * measured['spread']:.0f}%" if measured else "")
        if not any(cells):
            continue
        ours = contestants["nes-py"]["rows"].get(row.key)
        theirs = baseline.get(row.key)
        ratio = ""
        if ours and theirs and row.key in FRAME_ROWS:
            # Round by round: both then ran under the same machine conditions.
            ratio = f"{statistics.median(a / b for a, b in zip(ours['runs'], theirs['runs'], strict=True)):.1f}"
        wanted = f"{TARGETS[row.key]}" if row.key in TARGETS else ""
        lines.append(f"| {row.label} | {row.unit} | " + " | ".join(cells) + f" | {ratio} | {wanted} |")
    return lines


def core_lines(game: dict[str, Any]) -> list[str]:
    """Returns the measurements of the core without Python, as Markdown."""
    core = game["core"]
    best = [key for key in core if key.startswith("rgb_")][-1].removeprefix("rgb_")
    return [
        "| in C++ | |",
        "|---|---:|",
        f"| a frame, not drawn | {core['frame_plain'] / 1000:.1f} µs |",
        f"| a frame, drawn as indices | {core['frame_drawn'] / 1000:.1f} µs |",
        f"| save a snapshot ({core['state_bytes'] / 1000:.0f} kB), nothing drawn | {core['save'] / 1000:.2f} µs |",
        f"| load a snapshot whose picture is shown | {core['load'] / 1000:.2f} µs |",
        f"| save and load | {core['save_load'] / 1000:.2f} µs |",
        f"| construct a console | {core['construct'] / 1000:.1f} µs |",
        "| skip 4, grey, 84×84, four stacked: a plain loop, a batch of one | "
        f"{core['skip4_loop'] / 1000:.1f}, {core['skip4_batch'] / 1000:.1f} µs |",
        *(
            f"| grey and 84×84 of a frame: {name.removeprefix('resize_')} | {value / 1000:.1f} µs |"
            for name, value in core.items()
            if name.startswith("resize_")
        ),
        *(
            f"| {label} of a frame: plain C++, {best} | "
            f"{core[key + 'plain'] / 1000:.1f}, {core[key + best] / 1000:.2f} µs |"
            for label, key in (("RGB", "rgb_"), ("grey", "gray_"))
        ),
    ]


def measure_in_play(rounds: int, seconds: float, against: Path | None) -> dict[str, Any]:
    """Measures the games of the client packages; returns what ``play.measure`` does.

    Raises:
        LeftOut: the packages do not install, or their games do not run.
    """
    entries = {entry.name: entry for entry in PLAY_ENTRIES}
    contestants = {"nes-py": "nes-py", "stable-retro": "stable-retro", play.TURBO: "turbo"}
    if against:
        name = f"nes-py in {against.name}"
        entries[name] = replace(entries["nes-py"], name=name, tree=against)
        contestants[name] = "nes-py"
    # A version reads the states of earlier ones.
    states = play.prepare(*environment(entries[name if against else "nes-py"]), CACHE / "play", LeftOut)
    return play.measure(
        lambda entry, command: Worker(entries[entry], command), LeftOut, states, contestants, rounds, seconds
    )


def compare_with_earlier(results: dict[str, Any], version: str) -> list[str]:
    """Returns lines about what became slower since the release before, by the results that are kept."""
    numbers = lambda path: tuple(map(int, path.stem.split(".")))  # noqa: E731
    kept = sorted((path for path in RESULTS.glob("*.json") if path.stem.replace(".", "").isdigit()), key=numbers)
    earlier = [path for path in kept if path.stem != version]
    if not earlier:
        return []
    before = json.loads(earlier[-1].read_text())
    text = [f"Compared with {earlier[-1].stem} ({before['machine']['cpu']}, {before['machine']['date']}):"]
    if before["machine"]["cpu"] != results["machine"]["cpu"]:
        text.append("  it was measured on another CPU, so only the multiples of the same run can be compared")
    now, then = results.get("play"), before.get("play")
    for game, row in ((game, row) for game in (now or {"games": ()})["games"] for row in play.ROWS):
        new = play.ratio(now, game, row)
        old = play.ratio(then, game, row) if then and game in then["games"] else None
        if new and old and new < SPEED_LOSS * old:
            text.append(f"  slower: {game}, {play.ROWS[row]}: {new:.1f} × {BASELINE}, was {old:.1f} ×")
    for game, row in ((game, row) for game in results["games"] for row in FRAME_ROWS):
        try:
            new, old = (
                one["games"][game]["contestants"]["nes-py"]["rows"][row]["cpu"]
                / one["games"][game]["contestants"][BASELINE]["rows"][row]["cpu"]
                for one in (results, before)
            )
        except KeyError:
            continue
        if new < SPEED_LOSS * old:
            text.append(f"  slower: {game}, {row}: {new:.1f} × {BASELINE}, was {old:.1f} ×")
    return text if len(text) > 1 else [*text, "  nothing is slower"]


def report(results: dict[str, Any]) -> list[str]:
    """Returns everything as Markdown."""
    facts = results["machine"]
    lines = [
        f"Measured on {facts['date']} at commit {facts['commit']}: {facts['cpu']}, {facts['compiler']}, "
        f"Python {facts['python']}, {facts['system']}, one thread. "
        f"The numbers are medians of {results['rounds']} rounds, by CPU time; "
        "± is half the distance between the quartiles. Frames are emulated frames. The ratio compares with "
        f"{BASELINE} doing the same work; its core always draws. It is the median of the ratios of the rounds.",
    ]
    for name, game in results["games"].items():
        lines += ["", f"### {name}", "", *table_lines(game), "", *core_lines(game)]
        lines += [f"\n{who} was left out: it {why}." for who, why in game["left_out"].items()]
    if results.get("vector"):
        lines += vector.lines(results["vector"])
    return lines


def write_play(result: dict[str, Any], facts: dict[str, str]) -> None:
    """Writes the table of the games in play into docs/performance.md, and its mean into README.md."""
    heading = f"Measured on {facts['date']} at commit {facts['commit']}: {facts['cpu']}, {facts['compiler']}."
    write_between(PAGE, "make bench: in play", "\n\n" + "\n".join([heading, "", *play.lines(result)]) + "\n\n")
    times, speeds = (
        play.mean_ratio(result, "env_step"),
        [play.speed(result, game, "nes-py", "env_step") for game in result["games"]],
    )
    if times and all(speeds):
        frames = round(play.mean(speeds), -3)
        text = (
            f"`NESEnv.step` returns {frames:,.0f} RGB frames per second on one core, {times:.0f} × stable-retro:\n"
            f"  the geometric mean of {len(speeds)} games in play"
        )
        write_between(README, "make bench: mean", text)


def measure_known_games(rounds: int, seconds: float, counts: tuple[int, ...]) -> dict[str, Any]:
    """Measures a stage of Super Mario Bros.; returns what ``known_games.measure`` does."""
    entries = {entry.name: entry for entry in KNOWN_GAMES_ENTRIES}
    return known_games.measure(
        lambda entry, command: Worker(entries[entry], command), LeftOut, counts, rounds, 2 * seconds
    )


def write_known_games(result: dict[str, Any], facts: dict[str, str]) -> None:
    """Writes the tables of the stage into docs/known-games.md."""
    heading = (
        f"Measured on {facts['date']} at commit {facts['commit']}: {facts['cpu']}, Python {facts['python']}, "
        f"{facts['system']}."
    )
    text = "\n\n" + "\n".join([heading, *known_games.lines(result)]) + "\n\n"
    write_between(KNOWN_GAMES_PAGE, "make bench: known games", text)


def main() -> None:
    """Runs the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rom", type=Path, help="measure with this game only")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes, the embedded game only")
    parser.add_argument("--rounds", type=int, help="runs of each row (default: 9, with --quick 3)")
    parser.add_argument("--seconds", type=float, help="length of a run (default: 0.4, with --quick 0.05)")
    parser.add_argument("--json", type=Path, help="output file (default for a full run: results/VERSION.json)")
    parser.add_argument(
        "--only",
        choices=("core", "vector", "play", "games"),
        help="one emulator, many environments at once, the games of the client packages in play, or a known game",
    )
    parser.add_argument("--counts", type=int, nargs="+", help="numbers of environments (default: 1 8 64 256)")
    parser.add_argument("--against", type=Path, help="in play: measure the build in another working tree as well")
    parser.add_argument(
        "--write",
        action="store_true",
        help="with --only play or games: write the tables and the results, as a full run does",
    )
    arguments = parser.parse_args()
    rounds = arguments.rounds or (3 if arguments.quick else 9)
    seconds = arguments.seconds or (0.05 if arguments.quick else 0.4)
    CACHE.mkdir(parents=True, exist_ok=True)
    roms = {"embedded game (Bricks, NROM)": EMBEDDED_GAME}
    if arguments.rom:
        roms = {arguments.rom.stem: arguments.rom.resolve()}
    elif not arguments.quick:
        roms |= games.generate(CACHE / "games")
    full = not (arguments.rom or arguments.quick or arguments.only or arguments.counts)
    results: dict[str, Any] = {"machine": machine(), "rounds": rounds, "seconds": seconds, "games": {}}
    if arguments.only in (None, "play") and not arguments.rom:
        try:
            results["play"] = measure_in_play(rounds, seconds, arguments.against and arguments.against.resolve())
            print("\n".join(play.lines(results["play"])), flush=True)
        except LeftOut as reason:
            print(f"The client packages are left out: {reason}", flush=True)
    if arguments.only in (None, "games") and not arguments.rom:
        counts = tuple(arguments.counts or ((8,) if arguments.quick else known_games.COUNTS))
        results["known_games"] = measure_known_games(rounds, seconds, counts)
        print("\n".join(known_games.lines(results["known_games"])), flush=True)
    for name, rom in roms.items() if arguments.only in (None, "core") else ():
        # Constructing and saving do not depend on the game.
        rows = ROWS if len(results["games"]) == 0 else tuple(row for row in ROWS if row.key in FRAME_ROWS)
        results["games"][name] = measure(rom, rows, rounds, seconds)
        print("\n".join([f"\n{name}", *table_lines(results["games"][name])]), flush=True)
    if arguments.only in (None, "vector"):
        entries = {entry.name: entry for entry in ENTRIES + VECTOR_ENTRIES}
        results["vector"] = vector.measure(
            lambda entry, command: Worker(entries[entry], command),
            LeftOut,
            next(iter(roms.values())),
            tuple(arguments.counts or ((1, 8) if arguments.quick else vector.COUNTS)),
            rounds,
            2 * seconds,
        )
        print("\n".join(vector.lines(results["vector"])), flush=True)
    version = project_version()
    print("\n".join(compare_with_earlier(results, version)), flush=True)
    written = arguments.write and arguments.only in ("play", "games")
    path = arguments.json or (RESULTS / f"{version}.json" if full or written else None)
    if path:
        kept = results
        if written and not full and path.exists():
            part = "play" if arguments.only == "play" else "known_games"
            kept = {**json.loads(path.read_text()), part: {**results[part], "machine": results["machine"]}}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        print(f"\nWrote {path}.")
    if full:
        write_between(PAGE, "make bench: all", "\n\n" + "\n".join(report(results)) + "\n\n")
    if (full or written) and "play" in results:
        write_play(results["play"], results["machine"])
    if (full or written) and "known_games" in results:
        write_known_games(results["known_games"], results["machine"])


if __name__ == "__main__":
    main()
