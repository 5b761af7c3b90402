"""nestest: its log, line by line, and its menu as a player would use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nes_py.emulator import NESEmulator
from nes_py.tools import testrom
from nes_py.tools.hardware import Case, MissingTestRomError, find_file, find_rom, load_cases

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected"
CASE = next(case for case in load_cases(EXPECTED) if case.path == "other/nestest.nes")
START, SELECT = 8, 4

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.parametrize("policy", ["reference", "fast"]),
]


@pytest.fixture
def image(hardware_roms: tuple[Path, ...]) -> bytes:
    """The ROM's bytes."""
    try:
        return find_rom(CASE, hardware_roms).read_bytes()
    except MissingTestRomError as error:
        pytest.skip(str(error))


def find_log(case: Case, directories: Sequence[Path]) -> str:
    """Returns the text of the log that the case is compared with."""
    return find_file(case.parameters["log"], directories).read_text(encoding="ascii")


def test_agrees_with_the_log(image: bytes, hardware_roms: tuple[Path, ...], policy: testrom.Policy) -> None:
    """Registers, PPU position and cycles agree before each of 8,991 instructions."""
    log = find_log(CASE, hardware_roms)
    verdict = testrom.judge_trace(NESEmulator(image, policy=policy), log)
    assert verdict.passed, "\n".join((verdict.text, *verdict.context))
    assert verdict.text == "8991 lines match"


def test_notices_a_wrong_log(image: bytes, hardware_roms: tuple[Path, ...], policy: testrom.Policy) -> None:
    """A log with one wrong register is not agreed with, at the right line."""
    lines = find_log(CASE, hardware_roms).splitlines()[:5000]
    right = testrom.parse_log_line(lines[-1])["a"]
    lines[-1] = lines[-1].replace(f"A:{right:02X}", f"A:{right ^ 1:02X}")
    verdict = testrom.judge_trace(NESEmulator(image, policy=policy), "\n".join(lines))
    assert not verdict.passed
    assert verdict.text == f"line 5000: A is ${right:02X} not ${right ^ 1:02X}"


def test_menu_says_ok(image: bytes, policy: testrom.Policy) -> None:
    """Started from the menu, every line of both pages reads OK."""
    emulator = NESEmulator(image, policy=policy)
    presses = {60: START, 220: SELECT, 260: START}
    pages = []
    for frame in range(416):
        held = [button for start, button in presses.items() if start <= frame < start + 6]
        emulator.controller(0)[0] = sum(held)
        emulator.step(1, render=False)
        if frame in (210, 415):
            pages.append(testrom.nametable_rows(emulator)[4:18])
    for page in pages:
        entries = [testrom.one_line(row) for row in page if testrom.one_line(row)]
        assert entries
        assert [entry for entry in entries if "OK" not in entry] == []
