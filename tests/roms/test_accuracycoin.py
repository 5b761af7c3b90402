"""AccuracyCoin: one run for each policy, one test for each of its 141 results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nes_py.tools import testrom
from nes_py.tools.hardware import (
    ACCURACYCOIN,
    KNOWN_GAP,
    Bench,
    CoinTest,
    MissingTestRomError,
    Run,
    load_cases,
    load_coin_tests,
)
from nes_py.tools.testrom import Verdict

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected"
CASE = next(case for case in load_cases(EXPECTED) if case.suite == ACCURACYCOIN)
TESTS = load_coin_tests(EXPECTED)
RUNS = [
    pytest.param(Run(CASE, policy), id=policy, marks=pytest.mark.xdist_group(f"accuracycoin-{policy}"))
    for policy in ("reference", "fast")
]

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.parametrize("run", RUNS, scope="module"),
]


@pytest.fixture(scope="module")
def verdict(run: Run, bench: Bench) -> Verdict:
    """What the one run under a policy came to."""
    try:
        return bench.verdict(run)
    except MissingTestRomError as error:
        pytest.skip(str(error))


def test_all_tests_ran(verdict: Verdict) -> None:
    """The ROM came to its end and left a result for each of 141 tests."""
    assert verdict.reported, verdict.text
    assert len(TESTS) == len(verdict.results) == 141
    assert [name for name, result in verdict.results.items() if result in (0, 0xFF)] == []


@pytest.mark.parametrize("entry", TESTS, ids=lambda entry: entry.name)
def test_result(entry: CoinTest, run: Run, verdict: Verdict, record_property: Callable[[str, object], None]) -> None:
    """One result is the expected one."""
    result = verdict.results[entry.name]
    passed = testrom.accuracycoin_passed(result)
    outcome = "passed" if passed else "failed"
    record_property("hardware_verdict", f"{ACCURACYCOIN}, {run.policy}: {outcome}")
    said = f"{entry.group}, {entry.title}: {testrom.describe_accuracycoin(result)}"
    if entry.status == KNOWN_GAP:
        assert not passed, f"a known gap passes now: mark it so ({entry.reason})"
    else:
        assert passed, said
