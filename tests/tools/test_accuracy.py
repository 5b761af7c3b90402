"""The accuracy page, and the messages about unexpected results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nes_py.tools import accuracy
from nes_py.tools.accuracy import Measurement, report, surprises
from nes_py.tools.hardware import ACCURACYCOIN, KNOWN_GAP, Case, CoinTest, Run, load_cases
from nes_py.tools.testrom import Policy, Verdict

PROJECT = Path(__file__).resolve().parents[2]
POLICIES: tuple[Policy, ...] = ("fast", "reference")
COIN = Case(ACCURACYCOIN, "coin.nes", "0", 10, "accuracycoin")
PASSED, FAILED_3 = 0x05, 0x0E


def rom_case(name: str, *, gap: str = "") -> Case:
    """Returns a ROM that should pass, or a known gap."""
    return Case("suite", name, name, 10, "status_byte", status=KNOWN_GAP if gap else "pass", reason=gap)


def measured(roms: dict[Case, bool], tests: dict[CoinTest, int]) -> Measurement:
    """Returns a measurement with the same outcome under both policies."""
    verdicts = {}
    for policy in POLICIES:
        verdicts |= {Run(case, policy): Verdict(passed, f"{case.path} says so", 9) for case, passed in roms.items()}
        results = {test.name: result for test, result in tests.items()}
        verdicts[Run(COIN, policy)] = Verdict(False, "", 9, results=results)
    return Measurement([*roms, COIN], list(tests), POLICIES, verdicts, [])


def test_nothing_is_said_when_all_is_as_expected() -> None:
    """A known gap that fails is no surprise, but it is on the page, with its reason."""
    gap = CoinTest("b", "Test B", "Page", 0x401, KNOWN_GAP, "the latch is not modelled")
    measurement = measured(
        {rom_case("good.nes"): True, rom_case("gap.nes", gap="needs a second PPU"): False},
        {CoinTest("a", "Test A", "Page", 0x400): PASSED, gap: FAILED_3},
    )
    assert surprises(measurement) == []
    page = report(measurement, "1.2.3", "2000-01-02")
    assert "nes-py 1.2.3, 2000-01-02" in page
    assert "| suite | 1 / 2 | 1 / 2 |" in page
    assert "| Page | 1 / 2 | 1 / 2 |" in page
    assert "- `gap.nes` (fast, reference): needs a second PPU" in page
    assert "Page, Test B (`b`, fast, reference): error 3; the latch is not modelled" in page
    assert "good.nes" not in page


def test_unexpected_failures_and_passes_are_named() -> None:
    """In both directions, for ROMs and for tests of AccuracyCoin."""
    gap = CoinTest("b", "Test B", "Page", 0x401, KNOWN_GAP, "why")
    measurement = measured(
        {rom_case("bad.nes"): False, rom_case("gap.nes", gap="why"): True},
        {CoinTest("a", "Test A", "Page", 0x400): FAILED_3, gap: PASSED},
    )
    assert surprises(measurement)[:4] == [
        "bad.nes (fast): bad.nes says so",
        "gap.nes (fast): passes now",
        "AccuracyCoin a (fast): error 3",
        "AccuracyCoin b (fast): passes now",
    ]
    assert len(surprises(measurement)) == 8
    assert "not explained yet" in report(measurement, "1", "2000-01-02")


@pytest.mark.parametrize(
    "wrong",
    [{"status": "known_gap"}, {"reason": "passes, yet has a reason"}, {"status": "maybe"}, {"ram": {"0x10": 1}}],
)
def test_senseless_expectations_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    """A known gap wants a reason, and so on; the ROM is named."""
    entry = {"path": "odd.nes", "sha1": "0", "frames": 1, "protocol": "status_byte"} | wrong
    (tmp_path / "odd.json").write_text(json.dumps({"suite": "odd", "roms": [entry]}))
    with pytest.raises(ValueError, match=r"odd\.nes"):
        load_cases(tmp_path)


def test_command_line_without_roms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without test ROMs nothing is written, and how to name them is told."""
    output = tmp_path / "accuracy.md"
    expected = str(PROJECT / "tests" / "data" / "expected")
    assert accuracy.main(["--expected", expected, "--roms", str(tmp_path), "--output", str(output)]) == 2
    assert "NES_PY_TEST_ROMS" in capsys.readouterr().err
    assert not output.exists()


def test_page_of_the_documentation_has_every_suite() -> None:
    """docs/accuracy.md was written since the last suite was added."""
    page = PROJECT / "docs" / "accuracy.md"
    if not page.exists():
        pytest.skip("not a source tree")
    text = page.read_text(encoding="utf-8")
    for suite in {case.suite for case in load_cases(PROJECT / "tests" / "data" / "expected")} - {ACCURACYCOIN}:
        assert re.search(rf"^\| {re.escape(suite)} \| \d+ / \d+ \| \d+ / \d+ \|$", text, re.MULTILINE), suite
    assert "| **all** | 141 / 141 | 141 / 141 |" in text
