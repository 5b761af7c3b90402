"""Each public call with an allocation that fails, each in turn: none ends the process. All with NES_PY_TEST_LONG=1."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

from tests.trust.failing_allocations import CASES

PROJECT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("NES_PY_TEST_LONG"))
# Many calls share a process, unless all their allocations fail.
PROCESSES = len(CASES) if LONG else 3


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The library that lets allocations fail."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler")
    path = tmp_path_factory.mktemp("shim") / "failing_allocations.so"
    source = Path(__file__).with_name("failing_allocations.c")
    done = subprocess.run(
        [compiler, "-O1", "-shared", "-fPIC", "-o", str(path), str(source)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"the C library is another one: {done.stderr[-300:]}")
    return str(path)


def ended_in_numpy(done: subprocess.CompletedProcess[str]) -> bool:
    """Returns whether NumPy, called by whom it may, read memory that it had not got: some of its functions do."""
    frames = re.findall(r'^  File "(.*)", line', done.stderr, re.MULTILINE)
    return done.returncode == -signal.SIGSEGV and bool(frames) and "numpy" in Path(frames[0]).parts


@pytest.mark.parametrize("part", range(PROCESSES))
def test_calls_without_memory(part: int, shim: str) -> None:
    sample = ["--sample", "0" if LONG else "3"]
    calls = list(CASES)[part::PROCESSES]
    while calls:
        done = subprocess.run(
            [sys.executable, "-m", "tests.trust.failing_allocations", *calls, *sample],
            env={**os.environ, "LD_PRELOAD": shim, "PYTHONFAULTHANDLER": "1"},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PATIENCE * 20,
            check=False,
        )
        if not ended_in_numpy(done):
            assert done.returncode == 0, done.stderr[-1500:]
            return
        # The next one.
        last = re.findall(r"^(.+) \d+ [01] of \d+$", done.stderr, re.MULTILINE)[-1]
        calls = calls[calls.index(last) + 1 :]
