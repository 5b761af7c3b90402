"""The oldest and the newest version of each dependency: ``make test-versions``.

For each row of ``ROWS`` it creates an environment in build/versions, builds this package in the tree for its Python,
and runs the tests that depend on these packages. A row whose Python is missing is skipped with a message.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.environments import (
    PROJECT,
    UnavailableError,
    find_python,
    make_environment,
    pip_install,
    use_tree,
    version_of,
)

FOLDER = PROJECT / "build" / "versions"
#: What the tests themselves need.
TOOLS = ("pytest>=8", "hypothesis>=6.100", "opencv-python-headless>=4.8")
TESTS = (
    "tests/vector",
    "tests/dropin",
    "tests/python/test_imports.py",
    "tests/python/test_nes_env.py",
    "tests/python/test_joypad_space.py",
    "tests/python/test_bricks_env.py",
    "tests/python/test_duel_env.py",
    "tests/python/test_trail_env.py",
)
WINDOWS = ("tests/python/test_window.py", "tests/python/test_play.py")


@dataclass(frozen=True)
class Row:
    """One environment. ``pythons``: the versions of Python that will do, the first that is found is taken."""

    name: str
    packages: tuple[str, ...]
    pythons: tuple[str, ...]
    tests: tuple[str, ...] = TESTS


NEW = ("3.14", "3.13", "3.12", "3.11", "3.10")
#: NumPy 1.26 has no wheels for Python 3.13.
OLD = ("3.12", "3.11", "3.10")
ROWS = (
    Row("oldest", ("gymnasium==1.0.0", "numpy==1.26.*", "pyglet==1.5.31"), OLD, TESTS + WINDOWS),
    Row("oldest-gymnasium", ("gymnasium==1.0.0", "numpy"), NEW),
    Row("oldest-numpy", ("gymnasium", "numpy==1.26.*"), OLD),
    Row("newest", ("gymnasium", "numpy", "pyglet<3"), NEW, TESTS + WINDOWS),
    # What an upgrade from nes-py 8 or 9 leaves behind.
    Row("pyglet-1.5.21", ("gymnasium", "numpy", "pyglet==1.5.21"), ("3.13", "3.12", "3.11", "3.10"), WINDOWS),
    Row("pyglet-1.5.31", ("gymnasium", "numpy", "pyglet==1.5.31"), NEW, WINDOWS),
    Row("pyglet-2.0", ("gymnasium", "numpy", "pyglet==2.0.*"), NEW, WINDOWS),
    Row("pyglet-2.1", ("gymnasium", "numpy", "pyglet==2.1.*"), NEW, WINDOWS),
)


def prepare(name: str, python: str, packages: Sequence[str]) -> Path:
    """Makes a virtual environment and brings its packages up to date; returns its Python."""
    own = make_environment(FOLDER / name, python)
    pip_install(own, "--upgrade", *packages)
    return own


def build_for(python: str) -> None:
    """Compiles the extension modules for a Python, unless it is the one that runs this and has them."""
    version = version_of(python)
    if version != version_of(sys.executable):
        own = prepare(f"build-{version}", python, ("setuptools>=77", "Cython>=3.1,<4"))
        subprocess.run([str(own), "setup.py", "--quiet", "build_ext", "--inplace"], cwd=PROJECT, check=True)


def run_row(row: Row, arguments: Sequence[str]) -> str:
    """Make the environment of a row and run its tests; return what came of it, in a line."""
    try:
        python = find_python(*row.pythons)
        build_for(python)
        own = prepare(row.name, python, (*TOOLS, *row.packages))
    except UnavailableError as error:
        return f"left out: {error}"
    # Not installed: pip would not leave a pyglet that is older than the extra asks for.
    use_tree(own)
    listed = subprocess.run(
        [str(own), "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout.split()
    versions = [line for line in listed if line.split("==")[0].lower() in ("gymnasium", "numpy", "pyglet")]
    done = subprocess.run(
        [str(own), "-m", "pytest", "-q", "-p", "no:cacheprovider", *row.tests, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    (FOLDER / f"{row.name}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    last = (done.stdout.strip().splitlines() or ["no tests"])[-1].strip("= ")
    verdict = "passed" if done.returncode == 0 else f"FAILED, see {FOLDER / row.name}.log"
    return f"{verdict}: {' '.join(versions)}, Python {version_of(own)}: {last}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are named, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="make test-versions ARGS=...", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(row.name for row in ROWS)} (all)")
    options, more = parser.parse_known_args(arguments)
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"there is no row {min(unknown)}")
    failed = False
    FOLDER.mkdir(parents=True, exist_ok=True)
    for row in ROWS:
        if options.rows and row.name not in options.rows:
            continue
        result = run_row(row, more)
        failed = failed or result.startswith("FAILED")
        print(f"{row.name}: {result}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
