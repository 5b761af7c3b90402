"""Virtual environments for tests that need a different Python, or different versions of packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
#: Prints the version of a CPython that can make virtual environments; fails, or prints another word, for anything else.
PROBE = "import sys, venv; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"


class UnavailableError(Exception):
    """Something that a run needs is missing, which is no failure: the reason, for people."""


def find_python(*versions: str) -> str:
    """Returns a CPython of one of some versions, such as "3.12", the first that is found.

    Raises:
        UnavailableError: there is none.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in versions:
        names = (f"python{version}", "python3", "python")
        places = [sys.executable, *map(shutil.which, names), *sorted(pyenv.glob(f"{version}.*/bin/python"))]
        for place in dict.fromkeys(str(place) for place in places if place):
            # Asked, because a name may stand for another version, or for none.
            done = subprocess.run([place, "-c", PROBE], capture_output=True, text=True, check=False)
            if done.stdout.split() == ["cpython", version]:
                return place
    raise UnavailableError(f"CPython {' or '.join(versions)} was not found")


def version_of(python: str | Path) -> str:
    """Returns the version of a Python, such as "3.12"."""
    command = [str(python), "-c", PROBE]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def python_of(folder: Path) -> Path:
    """Returns the Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pip_install(python: str | Path, *arguments: str) -> None:
    """Runs ``pip install`` in the project's folder.

    Raises:
        UnavailableError: it failed.
    """
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"pip install {' '.join(arguments)} failed: {done.stderr.strip()[-600:]}")


def make_environment(folder: Path, python: str, *steps: Sequence[str]) -> Path:
    """Makes a virtual environment, unless it is there and was made in the same way.

    Args:
        folder: where, inside of the project.
        python: the Python to make it with.
        steps: the arguments of each ``pip install``.

    Returns:
        Its Python.

    Raises:
        UnavailableError: a step failed.
    """
    done = folder / ".complete"
    recipe = "\n".join([f"Python {version_of(python)}", *map(" ".join, steps)])
    if not done.exists() or done.read_text(encoding="utf-8") != recipe:
        print(f"Setting up {folder.relative_to(PROJECT)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        for arguments in steps:
            pip_install(python_of(folder), *arguments)
        done.write_text(recipe, encoding="utf-8")
    return python_of(folder)


def use_tree(python: str | Path) -> None:
    """Makes this package importable from the project's folder, without installing it."""
    code = "import sysconfig; print(sysconfig.get_path('platlib'))"
    folder = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    Path(folder, "nes_py_tree.pth").write_text(f"{PROJECT}\n", encoding="utf-8")


def plain_variables() -> dict[str, str]:
    """Returns the variables of the process, without those that set something for this package or for Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("NES_PY_", "PYTHON"))}
