"""Plays the same ROMs with every Python, policy, number of threads and compiler; compares with recorded hashes.

The fast policy plays with the recompiler and without it.

``tests/data/determinism.json`` has the hashes of runs by the SHA-256 of the ROM. Hashes of states, which change with
the state format, are compared with those of the first combination. The ROMs are the games in ``nes_py/roms``, and
those of the file that are found in the directories NES_PY_TEST_ROMS. Each Python gets a virtual environment in
``build/determinism`` (the package is installed there from source); compilers compile only the core.

``--record`` writes the file with the results of the first combination, for new or given ROMs.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
RECORD = PROJECT / "tests" / "data" / "determinism.json"
FOLDER = PROJECT / "build" / "determinism"
POLICIES = ("fast", "reference")
THREADS = (1, 2)
FRAMES = 10_000
CONSOLES = 2
FLAGS = ("-std=c++20", "-fvisibility=hidden", "-ffp-contract=off", "-DNDEBUG", "-pthread", "-Icsrc")


@dataclass(frozen=True)
class Combination:
    """One line of the table."""

    what: str  # "CPython 3.12.1" or "g++ 12 -O0"
    policy: str
    recompiler: bool
    threads: int

    def environment(self) -> dict[str, str]:
        """Return the environment variables to run it with."""
        return dict(os.environ, NES_PY_NO_JIT="" if self.recompiler else "1")


def roms(record: dict[str, dict[str, object]], more: list[Path]) -> Iterator[Path]:
    """Yield what is played."""
    yield from sorted((PROJECT / "nes_py" / "roms").rglob("*.nes"))
    yield from more
    for folder in filter(None, os.environ.get("NES_PY_TEST_ROMS", "").split(os.pathsep)):
        for path in sorted(Path(folder).rglob("*.nes")):
            if hashlib.sha256(path.read_bytes()).hexdigest() in record:
                yield path


def environment(python: str) -> tuple[str, Path]:
    """Return the version of a Python and that of a virtual environment in which the package is installed."""
    version = subprocess.run(
        [python, "-c", "import platform as p; print(p.python_implementation(), p.python_version())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    folder = FOLDER / version.replace(" ", "-")
    inside = folder / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([str(inside), "-m", "pip", "install", *quiet, str(PROJECT)], check=True)
    return version, inside


def compile_core(compiler: str, optimize: str) -> tuple[str, Path]:
    """Return what a compiler calls itself and the program it made."""
    first = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    folder = FOLDER / f"{Path(compiler).name}{optimize}"
    folder.mkdir(parents=True, exist_ok=True)
    sources = [*sorted((PROJECT / "csrc").rglob("*.cpp")), PROJECT / "tests" / "determinism" / "determinism.cpp"]

    def compile_one(source: Path) -> str:
        made = folder / (str(source.relative_to(PROJECT)).replace("/", "_") + ".o")
        subprocess.run([compiler, *FLAGS, optimize, "-c", str(source), "-o", str(made)], check=True, cwd=PROJECT)
        return str(made)

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_one, sources))
    program = folder / "determinism"
    subprocess.run([compiler, "-pthread", *objects, "-o", str(program)], check=True)
    return f"{first} {optimize}", program


def with_python(inside: Path, combination: Combination, paths: list[Path], frames: int) -> dict[str, list[str]]:
    """Return the hashes by ROM."""
    command = [str(inside), str(PROJECT / "tests" / "determinism" / "run.py"), *map(str, paths)]
    command += ["--policy", combination.policy, "--threads", str(combination.threads), "--frames", str(frames)]
    # Not from the top of the project, where the modules of another Python are.
    done = subprocess.run(command, capture_output=True, check=True, cwd=FOLDER, env=combination.environment())
    return json.loads(done.stdout)


def runner(program: Path) -> list[str]:
    """Return what runs a program that was made for another CPU: qemu, with the libraries of that CPU."""
    cpu, triple = program.parent.name.partition("-")[::2]
    if not triple.startswith("linux-gnu") or cpu == platform.machine():
        return []
    return [f"qemu-{cpu}", "-L", f"/usr/{cpu}-linux-gnu"]


def with_program(program: Path, combination: Combination, paths: list[Path], frames: int) -> dict[str, list[str]]:
    """Return the hashes by ROM."""
    result = {}
    for path in paths:
        command = [*runner(program), str(program), str(path), combination.policy, str(combination.threads), str(frames)]
        data = subprocess.run(command, capture_output=True, check=True, env=combination.environment()).stdout
        digests = []
        while data:
            size = int.from_bytes(data[:8], sys.byteorder)
            digests.append(hashlib.sha256(data[8 : 8 + size]).hexdigest())
            data = data[8 + size :]
        result[hashlib.sha256(path.read_bytes()).hexdigest()] = digests
    return result


def main() -> int:
    """Print the table; the exit status is 1 when something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roms", nargs="*", type=Path, help="more ROMs")
    parser.add_argument("--pythons", nargs="*", default=[sys.executable], help="default: the one that runs this")
    parser.add_argument("--compilers", nargs="*", default=[name for name in ("g++", "clang++") if shutil.which(name)])
    parser.add_argument("--optimize", nargs="*", default=["-O0", "-O3"], type=lambda text: f"-{text.lstrip('-')}")
    parser.add_argument("--policies", nargs="*", default=POLICIES, choices=POLICIES)
    parser.add_argument("--frames", type=int, default=FRAMES, help="only the default is compared with the record")
    parser.add_argument("--record", action="store_true", help="write the hashes of ROMs without one")
    arguments = parser.parse_args()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    paths = list(dict.fromkeys(roms(record, arguments.roms)))
    names = {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in paths}
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected: dict[str, list[str]] = {}
    if arguments.frames == FRAMES:
        expected = {digest: list(entry["hashes"]) for digest, entry in record.items() if digest in names}
    print(f"{len(names)} ROMs, {arguments.frames} frames: {', '.join(names.values())}", flush=True)
    print("| built with | policy | recompiler | threads | the same |\n| --- | --- | --- | --- | --- |", flush=True)
    bad = 0

    def judge(what: str, run, tool: Path) -> None:
        nonlocal bad
        for policy, recompiler, threads in itertools.product(arguments.policies, (True, False), THREADS):
            if policy == "reference" and recompiler:
                continue  # it interprets
            combination = Combination(what, policy, recompiler, threads)
            found = run(tool, combination, paths, arguments.frames)
            for digest, hashes in found.items():
                known = expected.setdefault(digest, [])
                known += hashes[len(known) :]
            wrong = [names[digest] for digest, hashes in found.items() if hashes != expected[digest]]
            bad += len(wrong)
            verdict = f"{len(found) - len(wrong)} of {len(found)}" + (f", not {', '.join(wrong)}" if wrong else "")
            print(f"| {what} | {policy} | {'on' if recompiler else 'off'} | {threads} | {verdict} |", flush=True)

    for python in arguments.pythons:
        version, inside = environment(python)
        judge(version, with_python, inside)
    for compiler, optimize in itertools.product(arguments.compilers, arguments.optimize):
        what, program = compile_core(compiler, optimize)
        judge(what, with_program, program)
    if arguments.record and not bad:
        record |= {
            digest: {"rom": names[digest], "frames": FRAMES, "hashes": expected[digest][:CONSOLES]} for digest in names
        }
        RECORD.write_text(json.dumps(dict(sorted(record.items())), indent=1) + "\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
