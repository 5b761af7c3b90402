"""Compares the answers of nes-py 9.0.1 and of this package to ``probes.py``, name by name.

``tests/data/nes_py_9.json`` has the answers of 9.0.1, on CPython 3.13:

    PYTHON-OF-9.0.1 tests/dropin/probes.py nes_py/roms/bricks.nes > tests/data/nes_py_9.json
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nes_py
from nes_py.envs.bricks import ROM_PATH

DATA = Path(__file__).parents[1] / "data" / "nes_py_9.json"
PROBES = Path(__file__).with_name("probes.py")

#: What differs, and why. The public ones are in ``docs/migrating.md`` as well.
DIFFERENT = {
    "nes_py._native.Native*": "private: the emulator is NESEmulator",
    "nes_py._rom.ROM:_*": "private",
    "nes_py.vector_env.VectorNESEmulator:_require_open": "private",
    "env closed *": "closing twice and what comes after it is allowed, or raises what says so",
    "env deepcopy": "works",
    "env get_keys_to_action": "the keys are plain int instead of numbers of NumPy, equal and with the same hash",
    "env hooks *": "a reward that is clipped to a range of int is a float all the same",
    "env load_state array": "states are taken as bytes and arrays; those that are none are refused with StateError",
    "env load_state bytes": "the same",
    "env observation * output *": "an array of another kind is a TypeError in all modes",
    "env path folder": "RomError, a ValueError, as for all files that are none",
    "env render": "warns once that there is no render mode",
    "env step": "the tuple has names for its places, as in a fork",
    "rom file no chr *": "a file that ends before its CHR-ROM does is played, the rest is filled up",
    "env reset by position": "works, as it did in nes-py 8",
    "env step *": "a ValueError that says what is allowed; OverflowError was of the conversion to a byte",
    "env _frame_advance *": "the same",
    "env _restore without a backup": "an error instead of nothing",
    "joypad of generator": "works",
    "joypad step *": "arrays without axes work; what is no number is a TypeError instead of a KeyError",
    "play main --rom nowhere.nes *": "a message and exit status 1 instead of a traceback",
    "ram * float address": "an address with a fraction is refused",
    "rom file dirty*": "headers with bytes set that ought to be 0 are played",
    "rom file zeros set*": "the same",
    "rom file trainer *": "so are games with a trainer",
    "rom file pal *": "and those for PAL",
    "rom file mapper 255 played": "and a board that nes-py does not have",
    "rom mapper 255": "the same",
    "rom file * metadata": "private: ValueError instead of RuntimeError",
    "vector load_state bytes": "as load_state of an environment",
    "vector observation*": "as observation of an environment",
    "vector step* strided": "works",
}


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(DATA.read_text())
    return answers


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    # In a process of its own, as it was run with 9.0.1: no other test has imported or replaced anything.
    path = os.pathsep.join((str(Path(nes_py.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])))
    done = subprocess.run(
        [sys.executable, str(PROBES), ROM_PATH],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def accepts(ours: Any, theirs: Any) -> bool:
    """Whether a function can be called in every way in which another one can, with the same meaning."""
    rest = {"VAR_POSITIONAL", "VAR_KEYWORD"}
    kinds = {kind for _, kind, _ in ours}
    named = {name: (kind, default) for name, kind, default in ours if kind not in rest}
    positions = [name for name, kind, _ in ours if kind == "POSITIONAL_OR_KEYWORD"]
    for place, (name, kind, default) in enumerate(theirs):
        if kind in rest:
            if kind not in kinds:
                return False
        elif name not in named:
            if kind != "KEYWORD_ONLY" or "VAR_KEYWORD" not in kinds:
                return False
        else:
            moved = kind == "POSITIONAL_OR_KEYWORD" and positions[place : place + 1] != [name]
            if moved or named[name][1] != default:
                return False
    known = {name for name, _, _ in theirs}
    return all(kind in rest or name in known or default != "none given" for name, kind, default in ours)


def compatible(name: str, ours: Any, theirs: Any) -> bool:
    if ours == theirs:
        return True
    if ours is None:
        return False
    if name.endswith((".__all__", ":bases")):
        return set(theirs) <= set(ours)
    if name.endswith(":call"):
        return theirs == "unknown" or accepts(ours, theirs)
    if isinstance(theirs, list) and theirs[0] in ("function", "method", "classmethod", "staticmethod"):
        return isinstance(ours, list) and ours[0] == theirs[0] and accepts(ours[1], theirs[1])
    # A compiled function does not say what it takes.
    return theirs == "function" and isinstance(ours, list) and ours[0] == "function"


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, str) and isinstance(theirs, str) and ours.startswith("raises "):
        return set(theirs.split()) <= set(ours.split())
    return bool(ours == theirs)


def arrays_of_one_are_numbers() -> bool:
    """Whether ``int`` takes an array of one element, as earlier versions of NumPy do: then nes-py takes it too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return int(np.array([1])) == 1
        except TypeError:
            return False


def unexplained(differences: Iterator[str]) -> list[str]:
    return [name for name in differences if not any(fnmatchcase(name, pattern) for pattern in DIFFERENT)]


def test_names_and_signatures(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine, other = ours["inventory"], theirs["inventory"]
    assert len(other) > 250
    wrong = unexplained(name for name, what in other.items() if not compatible(name, mine.get(name), what))
    assert not wrong, [(name, other[name], mine.get(name)) for name in wrong]


def test_answers(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine, other = ours["behaviour"], theirs["behaviour"]
    assert mine.keys() == other.keys()
    assert len(other) > 900
    wrong = unexplained(name for name, what in other.items() if not same(mine[name], what))
    if arrays_of_one_are_numbers():
        wrong = [name for name in wrong if not name.endswith(" array (1,)")]
    assert not wrong, [(name, other[name], mine[name]) for name in wrong]


def test_modules_are_there(theirs: dict[str, Any]) -> None:
    for name, what in theirs["inventory"].items():
        if what == "module":
            importlib.import_module(name)


@pytest.mark.parametrize(
    ("ours", "good"),
    [
        ("def f(a, b=1): ...", True),
        ("def f(a, b=1, c=2): ...", True),
        ("def f(a, b=1, *args, **kwargs): ...", True),
        ("def f(a, b=2): ...", False),
        ("def f(a, c=2, b=1): ...", False),
        ("def f(b=1): ...", False),
        ("def f(a, b=1, *, c): ...", False),
        ("def f(a, *, b=1): ...", False),
    ],
)
def test_signatures_are_compared(ours: str, good: bool) -> None:
    import inspect

    def rows(source: str) -> list[list[str]]:
        space: dict[str, Any] = {}
        exec(source, space)
        parameters = inspect.signature(space["f"]).parameters.values()
        return [[p.name, p.kind.name, "none given" if p.default is p.empty else str(p.default)] for p in parameters]

    assert accepts(rows(ours), rows("def f(a, b=1): ...")) is good
