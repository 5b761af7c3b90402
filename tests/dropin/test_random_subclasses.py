"""A sample of `make test-subclasses`: random subclasses observe the same as with nes-py 8.2.1 and 9.0.1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "subclasses"))

import run

SAMPLE = range(40)


@pytest.mark.parametrize("interface", [8, 9])
def test_random_subclasses(interface: int) -> None:
    try:
        differing = run.compare(interface, SAMPLE, make=False)
    except run.UnavailableError as error:
        pytest.skip(str(error))
    assert not differing, "\n".join(differing.values())


def test_programs_are_the_same_each_time() -> None:
    names = run.free_names()
    assert {"load_state", "_viewer", "emulator"} <= set(names)
    assert not run.NAMES_OF_NES_PY & set(names)
    programs = [run.compose(seed, interface, names) for interface in (8, 9) for seed in SAMPLE]
    assert programs == [run.compose(seed, interface, names) for interface in (8, 9) for seed in SAMPLE]
    assert len(set(programs)) == len(programs)
    for program in programs:
        compile(program, "program", "exec")


def test_differences_are_found() -> None:
    notes = [["step", [1.0, {"a": 2}]], ["close", ["raised", "ValueError", "Exception"]]]
    assert run.difference(notes, notes) is None
    assert run.difference(notes, [notes[0], ["close", None]]) == 1
    assert run.difference(notes, [["step", [1.0, {"a": 3}]], notes[1]]) == 0
    assert run.difference(notes, notes[:1]) == 1
    # Of a class derived from nes-py's.
    assert run.difference(notes, [notes[0], ["close", ["raised", "RomError", "ValueError"]]]) is None
    assert run.difference([notes[1]], [["close", ["raised", "KeyError", "LookupError"]]]) == 0
