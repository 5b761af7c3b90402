"""The faults that the mutants inject are in the code as it is: a change there must not leave one behind."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (PROJECT / "csrc").is_dir(), reason="the sources are not here, only the tests")
# What the paths of their faults begin at.
PROGRAMS = {"native": PROJECT / "csrc", "lockstep": PROJECT, "trust": PROJECT / "nes_py"}


def faults_of(program: str) -> Any:
    """Returns the faults that tests/``program``/mutants.py injects."""
    name = f"mutants_of_{program}"
    specification = importlib.util.spec_from_file_location(name, PROJECT / "tests" / program / "mutants.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # its dataclasses ask for it
    specification.loader.exec_module(module)
    return module.FAULTS


@pytest.mark.parametrize("program", PROGRAMS)
def test_text_of_every_fault_is_there_once(program: str) -> None:
    faults = faults_of(program)
    assert len(faults) > 5
    for fault in faults:
        text = (PROGRAMS[program] / fault.file).read_text(encoding="utf-8")
        assert text.count(fault.before) == 1, f"{fault.name} ({fault.file})"
        assert fault.after != fault.before
