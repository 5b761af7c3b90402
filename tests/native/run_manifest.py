"""Runs every hardware test ROM with the compiled `run_rom` and prints a table by suite.

Usage: python tests/native/run_manifest.py build/run_rom [--policy fast] [--only PATTERN]

The ROMs are searched in the first directory of NES_PY_TEST_ROMS, else in ../shared/roms beside
the project. Nothing is compiled, and only the standard library is needed.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Job:
    """One ROM to judge: which suite it counts for and the arguments that `run_rom` wants."""

    suite: str
    path: str
    frames: int
    arguments: list[str]


@dataclass(frozen=True)
class Outcome:
    """What `run_rom` said about one ROM."""

    job: Job
    passed: bool
    output: str
    seconds: float


def rom_directory() -> Path:
    """Returns the directory of the test ROMs, which need not exist."""
    named = os.environ.get("NES_PY_TEST_ROMS", "").split(os.pathsep)[0]
    return Path(named) if named else PROJECT_ROOT.parent / "shared" / "roms"


def arguments_for(entry: dict[str, Any], directory: Path) -> list[str]:
    """Translates one manifest entry to the command line of `run_rom`."""
    arguments = ["--protocol", entry["protocol"], "--frames", str(entry["frames"])]
    if "addr" in entry:
        arguments += ["--addr", entry["addr"], "--pass", str(entry["pass_value"])]
    if "pass_text" in entry:
        arguments += ["--pass-text", entry["pass_text"]]
    if "fail_text" in entry:
        arguments += ["--fail-text", entry["fail_text"]]
    if "input" in entry:
        presses = (":".join(map(str, press)) for press in entry["input"])
        arguments += ["--input", ",".join(presses)]
    if entry.get("needs_reset"):
        arguments.append("--needs-reset")
    if "log" in entry:
        arguments += ["--log", str(directory / entry["log"])]
    return arguments


def jobs_from(directory: Path, addresses_path: Path) -> list[Job]:
    """Lists all ROMs of the manifest and AccuracyCoin, whose addresses are written to a file."""
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    jobs = [Job(entry["suite"], entry["path"], entry["frames"], arguments_for(entry, directory)) for entry in manifest]
    coin = json.loads((directory / "accuracycoin.json").read_text(encoding="utf-8"))
    addresses = "".join(f"{name} {address}\n" for name, address in coin["results"].items())
    addresses_path.write_text(addresses, encoding="utf-8")
    arguments = ["--protocol", "accuracycoin", "--frames", "6000", "--results", str(addresses_path)]
    jobs.append(Job("AccuracyCoin", coin["rom"], 6000, arguments))
    return jobs


def run(binary: Path, directory: Path, job: Job, options: list[str], timeout: float) -> Outcome:
    """Runs one job and waits for its verdict."""
    start = time.monotonic()
    command = [str(binary), str(directory / job.path), *job.arguments, *options]
    try:
        process = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout, check=False
        )
        output = (process.stdout + process.stderr).strip()
        if process.returncode not in (0, 1, 2):
            output += f"\nrun_rom ended with code {process.returncode}"
        passed = process.returncode == 0
    except subprocess.TimeoutExpired:
        output, passed = f"FAIL {job.path}: no verdict within {timeout:g} seconds", False
    return Outcome(job, passed, output, time.monotonic() - start)


def print_summary(outcomes: list[Outcome]) -> None:
    """Prints passed/all by suite and, below each, what failed and why."""
    by_suite: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_suite[outcome.job.suite].append(outcome)
    for suite, members in by_suite.items():
        passed = sum(outcome.passed for outcome in members)
        seconds = sum(outcome.seconds for outcome in members)
        mark = "ok  " if passed == len(members) else "    "
        print(f"{mark}{suite:30} {passed:3}/{len(members):<3} {seconds:7.1f} s")
        for outcome in members:
            if not outcome.passed:
                first, *more = outcome.output.splitlines() or ["no output"]
                print(f"      {outcome.job.path}: {first.partition(': ')[2] or first}")
                for line in more:
                    print(f"        {line}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"total: {passed} of {len(outcomes)} ROMs pass")


def main() -> int:
    """Runs the command line; returns 0 when everything passed, 1 when not, 2 when misused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("binary", type=Path, help="the compiled run_rom")
    parser.add_argument("--policy", choices=("fast", "reference"), default="fast")
    parser.add_argument("--ram-fill", choices=("zero", "ones", "pattern", "noise"), default="zero")
    parser.add_argument("--only", metavar="PATTERN", help="part of a path, or a pattern with * or ?")
    parser.add_argument("--processes", type=int, default=2, help="ROMs run at once (default: 2)")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds a ROM may take")
    arguments = parser.parse_args()
    directory = rom_directory()
    if not (directory / "manifest.json").is_file():
        print(f"No test ROMs in {directory}; set NES_PY_TEST_ROMS.", file=sys.stderr)
        return 2
    if not arguments.binary.is_file():
        print(f"{arguments.binary} does not exist; build it first.", file=sys.stderr)
        return 2
    options = ["--policy", arguments.policy, "--ram-fill", arguments.ram_fill]
    with tempfile.TemporaryDirectory() as temporary:
        jobs = jobs_from(directory, Path(temporary) / "addresses.txt")
        if arguments.only:
            pattern = arguments.only if set(arguments.only) & set("*?") else f"*{arguments.only}*"
            jobs = [job for job in jobs if fnmatch.fnmatch(job.path, pattern)]
        if not jobs:
            print(f"No ROM's path matches {arguments.only}.", file=sys.stderr)
            return 2
        longest_first = sorted(jobs, key=lambda job: -job.frames)
        with ThreadPoolExecutor(arguments.processes) as pool:
            outcomes = list(
                pool.map(
                    lambda job: run(arguments.binary.resolve(), directory, job, options, arguments.timeout),
                    longest_first,
                )
            )
    place = {job.path: index for index, job in enumerate(jobs)}
    outcomes.sort(key=lambda outcome: place[outcome.job.path])
    print_summary(outcomes)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
