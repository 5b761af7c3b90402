"""Compiles in parallel and links, and only what is out of date."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from setuptools.errors import CompileError, LinkError

from .probe import BuildError

CORE = Path("csrc")


@dataclass(frozen=True)
class Job:
    """One source file to compile."""

    source: Path
    flags: tuple[str, ...]
    include_dirs: tuple[str, ...]
    parts: tuple[Path, ...] = ()  # the sources that this one includes, if it is made of others

    @property
    def command(self) -> str:
        """Return what, when it changes, makes the object file out of date."""
        return shlex.join([*self.flags, *self.include_dirs])


class Progress:
    """Counts files while they are compiled: in one line on a terminal, elsewhere in four.

    Args:
        label (str): what is made.
        total (int): the number of files.
    """

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._done = 0
        self._lock = threading.Lock()
        self._terminal = sys.stdout.isatty()
        self._show(-1)

    def _show(self, before: int) -> None:
        text = f"{self._label}: {self._done} of {self._total} files"
        if self._terminal:
            print(f"\r{text}", end="\n" if self._done == self._total else "", flush=True)
        elif before < 0 or 4 * before // self._total < 4 * self._done // self._total:
            print(text, flush=True)

    def add(self, count: int = 1) -> None:
        """Count files that are done."""
        with self._lock:
            before, self._done = self._done, self._done + count
            self._show(before)

    def stop(self) -> None:
        """End the line after a failure, so that what the compiler said is below it."""
        if self._terminal and self._done < self._total:
            print(flush=True)


class Cache:
    """A folder of objects and programs, each with a ``.stamp`` of what it was made from."""

    def __init__(self, compiler, folder: Path) -> None:
        self.compiler = compiler
        self.msvc = compiler.compiler_type == "msvc"
        self.folder = folder
        # Without dependency files (MSVC) every header of the core counts.
        self.headers = sorted(str(path) for path in CORE.rglob("*.hpp"))

    def compile(self, jobs: Sequence[Job], label: str = "Compiling") -> list[str]:
        """Compile what is out of date, in parallel, and count it; return the object files in the order of ``jobs``."""
        objects = self.compiler.object_filenames([str(job.source) for job in jobs], output_dir=str(self.folder))
        stale = [
            (job, made)
            for job, made in zip(jobs, objects, strict=True)
            if not self._current(made, job.command, self._dependencies(job, made))
        ]
        if not stale:
            return objects
        progress = Progress(label, sum(len(job.parts) or 1 for job, _ in stale))
        with ThreadPoolExecutor(cpu_count()) as pool:
            futures = [pool.submit(self._compile, job, made, progress) for job, made in stale]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                progress.stop()
                raise
        return objects

    def link(self, objects: Sequence[str], path: str, flags: Sequence[str], run: Callable[[], None]) -> str:
        """Call ``run`` to make ``path`` from ``objects`` with ``flags`` unless that was done already."""
        command = shlex.join([*objects, *flags])
        if not self._current(path, command, objects):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            started = self._forget(path)
            try:
                run()
            except LinkError:
                raise BuildError(f"{path} cannot be linked; what the linker said is above.") from None
            self._remember(path, command, objects, started)
        return path

    def link_shared(self, objects: Sequence[str], name: str, flags: Sequence[str], **options) -> str:
        """Link an extension module or, with ``-dynamiclib`` on macOS, a library; return its path."""
        made = str(self.folder / name)
        linker = getattr(self.compiler, "linker_so_cxx", None)

        def run() -> None:
            if "-dynamiclib" in flags:  # Python's own flags are for modules
                self.compiler.linker_so_cxx = [word for word in linker if word != "-bundle"]
            try:
                self.compiler.link_shared_object(
                    objects,
                    made,
                    extra_postargs=list(flags),
                    build_temp=str(self.folder),
                    target_lang="c++",
                    **options,
                )
            finally:
                if linker:
                    self.compiler.linker_so_cxx = linker

        return self.link(objects, made, flags, run)

    def link_program(self, objects: Sequence[str], name: str, flags: Sequence[str]) -> str:
        """Link a program into the folder ``bin`` unless that was done already; return its path."""
        folder = str(self.folder / "bin")
        return self.link(
            objects,
            self.compiler.executable_filename(name, output_dir=folder),
            flags,
            lambda: self.compiler.link_executable(
                objects, name, output_dir=folder, extra_postargs=list(flags), target_lang="c++"
            ),
        )

    def _compile(self, job: Job, made: str, progress: Progress) -> None:
        extra = [] if self.msvc else ["-MMD", "-MF", f"{made}.d"]
        started = self._forget(made)
        try:
            self.compiler.compile(
                [str(job.source)],
                output_dir=str(self.folder),
                include_dirs=list(job.include_dirs),
                extra_postargs=[*job.flags, *extra],
            )
        except CompileError:
            raise BuildError(f"{job.source} does not compile; what the compiler said is above.") from None
        self._remember(made, job.command, self._dependencies(job, made), started)
        progress.add(len(job.parts) or 1)

    def _dependencies(self, job: Job, made: str) -> list[str]:
        depfile = Path(f"{made}.d")
        if self.msvc or not depfile.exists():
            return [str(job.source), *map(str, job.parts), *self.headers]
        text = depfile.read_text().replace("\\\n", " ").partition(": ")[2]
        return shlex.split(text)

    def _current(self, made: str, command: str, inputs: Sequence[str]) -> bool:
        try:
            return os.path.exists(made) and Path(f"{made}.stamp").read_text() == self._stamp(command, inputs)
        except OSError:
            return False

    def _forget(self, made: str) -> int:
        """Mark ``made`` as out of date; return the time."""
        Path(f"{made}.stamp").unlink(missing_ok=True)
        return time.time_ns()

    def _remember(self, made: str, command: str, inputs: Sequence[str], started: int) -> None:
        # An input that was saved while the compiler ran may have been read before or after.
        if all(os.stat(path).st_mtime_ns < started for path in inputs):
            Path(f"{made}.stamp").write_text(self._stamp(command, inputs))

    @staticmethod
    def _stamp(command: str, inputs: Sequence[str]) -> str:
        """Describe what a file is made from. Not "nothing newer": an older file may take the place of a newer one."""
        facts = [(path, os.stat(path)) for path in inputs]
        return "\n".join([command, *(f"{path} {fact.st_size} {fact.st_mtime_ns}" for path, fact in facts)])


def cpu_count() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
