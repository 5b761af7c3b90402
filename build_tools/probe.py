"""Asks a compiler what it can do, by small programs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from setuptools.errors import CompileError, ExecError, LinkError


class BuildError(SystemExit):
    """Ends the build with one sentence instead of a page of compiler output."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"nes-py cannot be built: {sentence}")


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Discard what this process and its children print."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [(number, os.dup(number)) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in saved:
            os.dup2(nowhere, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in saved:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)


def compiles(compiler, source: str, flags: Sequence[str]) -> bool:
    """Return whether ``source`` compiles."""
    with tempfile.TemporaryDirectory() as folder:
        return _try_compile(compiler, source, flags, folder) is not None


def runs(compiler, source: str, compile_flags: Sequence[str], link_flags: Sequence[str]) -> bool:
    """Return whether ``source`` compiles, links and ends with status 0."""
    with tempfile.TemporaryDirectory() as folder:
        objects = _try_compile(compiler, source, compile_flags, folder)
        if objects is None:
            return False
        try:
            with silence():
                compiler.link_executable(
                    objects, "check", output_dir=folder, extra_postargs=list(link_flags), target_lang="c++"
                )
            program = compiler.executable_filename("check", output_dir=folder)
            return subprocess.run([program], capture_output=True, timeout=60).returncode == 0
        except (LinkError, ExecError, OSError, subprocess.TimeoutExpired):
            return False


def _try_compile(compiler, source: str, flags: Sequence[str], folder: str) -> list[str] | None:
    path = Path(folder, "check.cpp")
    path.write_text(source)
    try:
        with silence():
            return compiler.compile([str(path)], output_dir=folder, extra_postargs=list(flags))
    except (CompileError, ExecError, OSError):
        return None
