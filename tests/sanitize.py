"""Runs the C++ tests, a sample of ROMs, and the tests of batches and of bad input under one of the sanitizers.

The extension modules in ``nes_py`` are replaced during the run and restored at the end. ThreadSanitizer does not
understand OpenMP's synchronization and reports it as races, so the Python tests run without OpenMP there, and only with
a free-threaded Python: with the GIL they have nothing to race with. The C++ tests cover the thread pool of the vector
environments.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

KINDS = ("address", "undefined", "thread")
PYTHON_TESTS = (
    "tests/python/test_emulator.py",
    "tests/python/test_snapshot.py",
    "tests/python/test_batch.py",
    "tests/python/test_bad_roms.py",
    "tests/python/test_fceux_state.py",
    "tests/python/test_movie.py",
    "tests/vector/test_equality.py",
    "tests/fuzz",
    "tests/trust",
)
THREAD_TESTS = (
    "tests/trust/test_free_threading.py",
    "tests/trust/test_one_at_a_time.py",
    "tests/trust/test_refused_calls.py",
)
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
TRUST = Path(__file__).resolve().parent / "trust"
# They measure memory, of which a sanitizer takes a lot, limit it, or replace the functions that allocate it.
LEFT_OUT = ("made_up_sizes", "out_of_memory", "without_memory", "more_threads", "nothing_leaks")
SETUP = (sys.executable, "setup.py", "--quiet")


def runtime(name: str) -> str:
    """Return the path of a library of the compiler."""
    compiler = os.environ.get("CXX") or "g++"
    return subprocess.run(
        [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
    ).stdout.strip()


def run(title: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run a command; print its output if it fails; return whether it did not."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    output = (done.stdout + done.stderr).strip()
    last = output.splitlines()[-1] if output else ""
    print(f"{title}: {last if done.returncode == 0 else f'FAILED ({done.returncode})'}", flush=True)
    if done.returncode:
        print(output[-20_000:], flush=True)
    return done.returncode == 0


def python_tests(kind: str, environment: dict[str, str], arguments: list[str]) -> bool:
    """Run the Python tests with modules of the sanitizer."""
    loaded = dict(environment)
    if not FREE_THREADED:  # it has one allocator only
        loaded["PYTHONMALLOC"] = "malloc"
    if kind == "address":
        # Python itself leaks at its end; leaks of the core are looked for in the C++ tests.
        loaded["LD_PRELOAD"] = f"{runtime('libasan.so')} {runtime('libstdc++.so')}"
        loaded["ASAN_OPTIONS"] = "detect_leaks=0"
    if kind == "thread":
        environment = dict(
            environment,
            NES_PY_NO_OPENMP="1",
            CXXFLAGS=f"{os.environ.get('CXXFLAGS', '')} -include {TRUST / 'tsan.hpp'}",
        )
        loaded["LD_PRELOAD"] = runtime("libtsan.so")
        loaded["TSAN_OPTIONS"] = f"suppressions={TRUST / 'tsan.supp'}"
    tests = THREAD_TESTS if kind == "thread" else PYTHON_TESTS
    chosen = ["-k", " and ".join(f"not {name}" for name in LEFT_OUT), "-p", "no:cacheprovider"]
    try:
        return run("build", [*SETUP, "build_ext", "--inplace"], environment) and run(
            "Python tests", [sys.executable, "-m", "pytest", "-q", *chosen, *tests, *arguments], loaded
        )
    finally:
        without = {name: value for name, value in os.environ.items() if name != "NES_PY_SANITIZE"}
        subprocess.run([*SETUP, "build_ext", "--inplace"], env=without, check=True)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--roms", nargs="*", type=Path, default=[], help="files or folders of ROMs")
    parser.add_argument("--frames", type=int, default=12, help="of each ROM, under both policies (default: 12)")
    parser.add_argument("--only", default="", help="C++ tests, with commas between them (default: all)")
    parser.add_argument("--part", choices=("native", "roms", "python"), help="one part (default: all)")
    arguments, rest = parser.parse_known_args()
    environment = dict(os.environ, NES_PY_SANITIZE=arguments.kind)
    roms = [str(path) for path in arguments.roms]
    sample = ["build/lockstep", *roms, "--frames", str(arguments.frames), "--programs", "10", "--program-frames", "20"]
    tests = [f"--only={arguments.only}"] * bool(arguments.only)
    if arguments.kind == "thread" and not arguments.only:
        # They play every board in one thread, which cannot race, and take more than ten minutes there.
        tests = ["--without=boards"]
    parts = [arguments.part] if arguments.part else ["native", "roms", "python"]
    good = run("build", [*SETUP, "native_tests", "--no-run"], environment)
    if "native" in parts:
        good = run("C++ tests", [*SETUP, "native_tests", *tests], environment) and good
    if "roms" in parts:
        good = run("ROMs and programs", sample, environment) and good
    if "python" in parts and (arguments.kind != "thread" or FREE_THREADED):
        good = python_tests(arguments.kind, environment, rest) and good
    # The programs in build/ are of the sanitizer still.
    without = {name: value for name, value in os.environ.items() if name != "NES_PY_SANITIZE"}
    subprocess.run([*SETUP, "native_tests", "--no-run"], env=without, check=True)
    print(f"{arguments.kind}: {'clean' if good else 'NOT CLEAN'}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
