"""Every hardware test ROM under both policies, against tests/data/expected.

A known gap that passes fails its test as well: then the file of expectations wants a change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nes_py.tools.hardware import (
    ACCURACYCOIN,
    KNOWN_GAP,
    Bench,
    MissingTestRomError,
    Run,
    load_cases,
    longest_first,
)

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected"
CASES = [case for case in load_cases(EXPECTED) if case.suite != ACCURACYCOIN]
RUNS = longest_first(Run(case, policy) for case in CASES for policy in ("reference", "fast"))

pytestmark = pytest.mark.hardware


def test_expectations_name_all_roms() -> None:
    """The collections have 131 ROMs, each named once."""
    assert len(CASES) == 131
    assert len({case.path for case in CASES}) == 131
    assert len({case.sha1 for case in CASES}) == 131


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.case.path}-{run.policy}")
def test_rom(run: Run, bench: Bench, record_property: Callable[[str, object], None]) -> None:
    """The ROM's verdict is the expected one."""
    try:
        verdict = bench.verdict(run)
    except MissingTestRomError as error:
        pytest.skip(str(error))
    outcome = "passed" if verdict.passed else "failed"
    record_property("hardware_verdict", f"test ROMs, {run.policy}: {outcome}")
    context = "\n".join(verdict.context)
    if run.case.status == KNOWN_GAP:
        assert not verdict.passed, f"a known gap passes now: mark it so ({run.case.reason})"
    else:
        assert verdict.passed, f"{verdict.text}\n{context}"
