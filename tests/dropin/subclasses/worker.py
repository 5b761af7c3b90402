"""Runs composed programs with the nes-py of this interpreter and records what each of them observes.

Reads JSON from standard input: ``rom``, a path; ``interface``, 8 or 9; ``options`` of the environments; ``programs``,
their sources. Writes a line of JSON for each program: the list of its notes.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import warnings
import zlib
from typing import Any

import numpy as np

# How deep hooks may call what calls hooks.
DEEPEST = 2


def describe(value: Any) -> Any:
    """Returns something comparable and printable for a value."""
    if isinstance(value, np.ndarray):
        if value.size <= 4:
            return value.tolist()
        return f"{value.shape} {zlib.crc32(np.ascontiguousarray(value).tobytes()):08x}"
    if isinstance(value, (tuple, list)):
        return [describe(each) for each in value]
    if isinstance(value, dict):
        return {str(key): describe(each) for key, each in value.items()}
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        return "nan" if value != value else float(value)
    if value is None or isinstance(value, str):
        return value
    return type(value).__name__


def outcome(error: BaseException) -> list[str]:
    """Returns the names of an exception's classes, its own first."""
    return ["raised", *(kind.__name__ for kind in type(error).__mro__)]


class Trail:
    """What a program notes."""

    def __init__(self) -> None:
        self.notes: list[Any] = []
        self.depth = 0

    def note(self, *what: Any) -> None:
        self.notes.append(describe(what))

    def call(self, name: str, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """Calls what may call hooks, unless that is going on already."""
        if self.depth >= DEEPEST:
            return None
        self.depth += 1
        try:
            result = function(*arguments, **keywords)
            self.note(name, result)
        finally:
            self.depth -= 1
        return result

    def attempt(self, name: str, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """Calls from outside, and notes an error as well."""
        self.depth = 0
        try:
            result = function(*arguments, **keywords)
        except Exception as error:
            self.notes.append([name, outcome(error)])
            return None
        self.note(name, result)
        return result


class Library:
    """The library of nes-py 8, but a reset clears the picture, as in nes-py 9 and here."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)

    def Reset(self, emulator: Any) -> None:
        self.library.Reset(emulator)
        ctypes.memset(self.library.Screen(emulator), 0, 240 * 256 * 4)


def run(source: str, rom: str, base: type) -> list[Any]:
    trail = Trail()
    names = {"Base": base, "ROM": rom, "np": np, "note": trail.note, "call": trail.call, "attempt": trail.attempt}
    try:
        exec(compile(source, "program", "exec"), names)
    except Exception as error:
        trail.notes.append(["program", outcome(error)])
    return trail.notes


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    # What a package prints is no answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    import nes_py.nes_env
    from nes_py import NESEnv

    options = job["options"]
    reference_8 = isinstance(getattr(nes_py.nes_env, "_LIB", None), ctypes.CDLL)
    if reference_8:
        nes_py.nes_env._LIB = Library(nes_py.nes_env._LIB)

    class Base(NESEnv):  # type: ignore[misc, valid-type]
        def __init__(self, rom_path: str) -> None:
            super().__init__(rom_path, **options)
            # nes-py has registers that nobody has set until its first reset.
            if reference_8:
                nes_py.nes_env._LIB.Reset(self._env)
            else:
                self._env.reset()
            if job["interface"] == 8:
                self.np_random.seed(0)

        def _backup(self) -> None:
            super()._backup()
            self.backed_up = True

    for source in job["programs"]:
        print(json.dumps(run(source, job["rom"], Base)), file=answers, flush=True)


if __name__ == "__main__":
    main()
