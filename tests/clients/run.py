"""Compares this package with nes-py 9.0.1 on the environments of its client packages, and runs their test suites.

Run ``make test-clients`` or, with a Python that has NumPy, ``python tests/clients/run.py``. It creates two environments
of CPython 3.13 in build/clients, from PyPI: nes-py 9.0.1 and its clients, and this package built from the tree with the
same clients. Every id that they register is played in both. The exit status is 1 for any difference that
``causes.json`` and ``expected_failures.json`` do not explain. If CPython 3.13 or a package is not available, it is
skipped with the reason.
"""

from __future__ import annotations

import argparse
import datetime
import fnmatch
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from machines import CLIENTS, FOLDER, PYTHON, REFERENCE, Worker, make_client_environment
from parity import MODES, NO_TIMING, Tally, compare, load_causes, make_job, unexplained
from replays import IDS as REPLAYED
from replays import Replay, replay
from report import TITLES, markdown, summary
from suites import Result, find_suite, run_suite
from support.environments import UnavailableError, find_python

MAIN = (
    "SuperMarioBros-v0",
    "SuperMarioBros2-v0",
    "SuperMarioBros2USA-v0",
    "SuperMarioBros3-v0",
    "TetrisA-v0",
    "Zelda1-v0",
)
QUICK_IDS = (*MAIN, "SuperMarioBros-3-2-v0", "SuperMarioBros2USA-4-1-v0", "SuperMarioBros2-A-1-v0")
CAUSES = Path(__file__).with_name("causes.json")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test-clients ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000, help="of each id (2000)")
    parser.add_argument("--main-steps", type=int, default=20000, help=f"of {', '.join(MAIN)} (20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the actions and the environments (0)")
    parser.add_argument("--ids", nargs="+", default=["*"], metavar="PATTERN", help="only these, such as 'Tetris*'")
    parser.add_argument("--modes", nargs="+", choices=[*MODES], default=[*MODES], help="of this package (all)")
    parser.add_argument("--quick", action="store_true", help="300 steps of nine ids")
    parser.add_argument("--no-pictures", dest="pictures", action="store_false", help="do not compare pictures")
    parser.add_argument("--no-suites", dest="suites_too", action="store_false", help="do not run the packages' suites")
    parser.add_argument("--no-replays", dest="replays", action="store_false", help="do not repeat recordings")
    parser.add_argument("--no-parity", dest="parity", action="store_false", help="run nothing but the packages' suites")
    parser.add_argument(
        "--suites",
        type=Path,
        default=os.environ.get("NES_PY_CLIENT_SUITES"),
        metavar="FOLDER",
        help="with checkouts of the packages' repositories, where they cannot be cloned (NES_PY_CLIENT_SUITES)",
    )
    parser.add_argument("--python", help="a CPython 3.13 (the first that is found)")
    parser.add_argument(
        "--keep", action="store_true", help="keep the results of earlier runs for what does not run now"
    )
    parser.add_argument("--output", type=Path, default=FOLDER / "parity.md", help="the page (build/clients/parity.md)")
    parser.add_argument(
        "--json", type=Path, default=FOLDER / "parity.json", help="all of it (build/clients/parity.json)"
    )
    return parser.parse_args(arguments)


def how(options: argparse.Namespace) -> list[str]:
    """Says how it was measured."""
    return [
        f"Measured on {datetime.date.today():%Y-%m-%d}, {platform.system()} on {platform.machine()}.",
        f"*Steps* is the number of steps per id (`--steps`, `--main-steps`; seed {options.seed}). Actions are random",
        "chords from the package's largest set, held for 1 to 16 steps. An episode ends when the environment ends it,",
        "and with a `reset()` every 150 to 600 steps.",
        "",
        "*First* is the first step that differs, counted from 0 over all episodes. Pictures are compared in full:",
        "*pictures* is the number that differ, *pixels* the most that differ in one picture, *rows* the rows (of 240)",
        "that differ.",
    ]


def play_all(options: argparse.Namespace, pythons: Sequence[Path], earlier: Iterable[Tally]) -> list[Tally]:
    """Plays every id in every mode; prints a line for each."""
    theirs = Worker(pythons[0])
    theirs.ask({"hello": True, "packages": [*CLIENTS]})
    environments = theirs.read().value["environments"]
    patterns = QUICK_IDS if options.quick and options.ids == ["*"] else options.ids
    names = [name for name in environments if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    results = {(tally.mode, tally.id): tally for tally in earlier}
    causes = load_causes(CAUSES)
    ours = {mode: Worker(pythons[1], MODES[mode]) for mode in options.modes}
    for name in names:
        steps = 300 if options.quick else options.main_steps if name in MAIN else options.steps
        job = make_job(name, environments[name], steps, options.seed, options.pictures)
        for tally in compare(job, theirs, ours):
            if tally.failure.endswith(NO_TIMING):
                print(f"Skipped mode {tally.mode}: this package {NO_TIMING}.", flush=True)
                del ours[tally.mode]
                continue
            results[tally.mode, name] = tally
            counts = ", ".join(f"{tally.differs(what)} {what}" for what in ("results", "ram", "pictures"))
            verdict = "FAIL" if unexplained(tally, causes) else "ok"
            text = f"{verdict} {tally.mode} {name}: {tally.steps} steps, differ: {counts} {tally.failure}"
            print(text.rstrip(), flush=True)
        save(options, results.values())
    for worker in ours.values():
        worker.close()
    theirs.close()
    order = {name: index for index, name in enumerate(environments)}
    return sorted(results.values(), key=lambda tally: ([*MODES].index(tally.mode), order[tally.id]))


def run_suites(options: argparse.Namespace, python: Path) -> list[Result]:
    results = []
    for package in CLIENTS:
        try:
            result = run_suite(package, find_suite(package, options.suites), python)
        except UnavailableError as error:
            result = Result(package, skipped=str(error))
        results.append(result)
        if result.skipped:
            print(f"Skipped the tests of {package}: {result.skipped}.", flush=True)
        else:
            counts = f"{len(result.passed)} passed, {len(result.expected)} failed as expected"
            verdict = "FAIL" if result.wrong() else "ok"
            print(f"{verdict} tests of {package}: {counts}, {len(result.unexpected)} failed otherwise", flush=True)
        for name, message in result.unexpected.items():
            print(f"  {name}: {message}", flush=True)
    return results


def save(options: argparse.Namespace, tallies: Iterable[Tally]) -> None:
    options.json.write_text(json.dumps([tally.as_json() for tally in tallies], indent=1), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        python = options.python or find_python(PYTHON)
        ours = make_client_environment("ours", python)
        reference = make_client_environment(REFERENCE.replace("==", "-"), python) if options.parity else None
    except UnavailableError as error:
        print(f"Skipped: {error}.")
        return 0
    causes = load_causes(CAUSES)
    suites = run_suites(options, ours) if options.suites_too else []
    tallies: list[Tally] = []
    if options.keep and options.json.exists():
        tallies = [Tally.from_json(values) for values in json.loads(options.json.read_text(encoding="utf-8"))]
    replays: list[Replay] = []
    if reference is not None:
        tallies = play_all(options, (reference, ours), tallies)
        save(options, tallies)
        if options.replays and "nes-py" in {tally.mode for tally in tallies}:
            steps = 300 if options.quick else 3000
            replays = [replay(name, "gym_super_mario_bros", steps, reference, ours) for name in REPLAYED]
            for one in replays:
                print(f"{'ok' if one.equal else 'FAIL'} recording of {one.id}: {' '.join(one.text)}", flush=True)
    for mode in MODES:
        own = [tally for tally in tallies if tally.mode == mode]
        if own:
            print(f"{TITLES[mode]}: {summary(own, mode)}")
    options.output.write_text(markdown(tallies, suites, replays, causes, how(options)), encoding="utf-8")
    print(f"Written: {options.output}")
    wrong = [tally.id for tally in tallies if unexplained(tally, causes)] + [
        one.package for one in suites if one.wrong()
    ]
    wrong += [one.id for one in replays if not one.equal]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
