"""The judges of test ROMs, with a scripted emulator in place of a real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from nes_py.tools import testrom

LOG = """\
C000  4C F5 C5  JMP $C5F5                       A:00 X:00 Y:00 P:24 SP:FD PPU:  0, 21 CYC:7
C5F5  A2 00     LDX #$00                        A:00 X:00 Y:00 P:24 SP:FD PPU:  0, 30 CYC:10
"""


@dataclass
class ScriptedEmulator:
    """Memory that a script changes as frames go by.

    Attributes:
        script: called after each frame with the emulator.
        resets: the frames at which reset was pressed.
        buttons: what was held in each frame.
    """

    script: Callable[[ScriptedEmulator], None] = lambda emulator: None
    registers: list[SimpleNamespace] = field(default_factory=list)
    memory: bytearray = field(default_factory=lambda: bytearray(0x10000))
    video_memory: bytearray = field(default_factory=lambda: bytearray(0x4000))
    frame: int = 0
    resets: list[int] = field(default_factory=list)
    buttons: list[int] = field(default_factory=list)
    pad: bytearray = field(default_factory=lambda: bytearray(1))

    def step(self, frames: int = 1, render: bool = True) -> None:
        """Runs the script."""
        for _ in range(frames):
            self.buttons.append(self.pad[0])
            self.frame += 1
            self.script(self)

    def soft_reset(self) -> None:
        """Notes that reset was pressed."""
        self.resets.append(self.frame)

    def peek(self, address: int) -> int:
        """Reads CPU memory."""
        return self.memory[address]

    def peek_ppu(self, address: int) -> int:
        """Reads PPU memory."""
        return self.video_memory[address]

    def controller(self, port: int) -> bytearray:
        """Returns the one controller."""
        return self.pad

    def trace(self) -> SimpleNamespace:
        """Returns the registers of the present instruction."""
        return self.registers[0]

    def step_instruction(self) -> None:
        """Goes on to the next registers."""
        self.registers.pop(0)

    def set_pc(self, pc: int) -> None:
        """Sets the program counter."""
        self.registers[0].pc = pc

    def report(self, status: int, text: str = "") -> None:
        """Reports at $6000."""
        data = bytes((status, *testrom.SIGNATURE)) + text.encode() + b"\0"
        self.memory[0x6000 : 0x6000 + len(data)] = data

    def show(self, text: str) -> None:
        """Writes to the second nametable."""
        self.video_memory[0x2400 : 0x2400 + len(text)] = text.encode()


def test_status_byte_passes() -> None:
    """A status of 0 after the signature passes, with the text in one line."""

    def script(emulator: ScriptedEmulator) -> None:
        if emulator.frame >= 3:
            emulator.report(0x80 if emulator.frame < 9 else 0, "\n01-basics\n\nPassed\n")

    verdict = testrom.judge_status_byte(ScriptedEmulator(script))
    assert verdict == testrom.Verdict(True, "01-basics Passed", 9)


def test_status_byte_fails_with_code_and_text() -> None:
    """Any other final status fails."""
    emulator = ScriptedEmulator(lambda emulator: emulator.report(3, "LDA #n\nFailed #3"))
    verdict = testrom.judge_status_byte(emulator)
    assert not verdict.passed
    assert verdict.text == "code 3: LDA #n Failed #3"


def test_status_byte_without_signature_is_no_report() -> None:
    """A zero at $6000 alone means nothing."""
    verdict = testrom.judge_status_byte(ScriptedEmulator(), frames=20)
    assert not verdict.passed
    assert not verdict.reported


def test_status_byte_that_never_ends_fails() -> None:
    """A ROM that still runs has failed, though it did report."""
    emulator = ScriptedEmulator(lambda emulator: emulator.report(0x80))
    verdict = testrom.judge_status_byte(emulator, frames=20)
    assert verdict.reported
    assert verdict.text == "still running after 20 frames"


def test_reset_is_pressed_each_time_it_is_asked_for() -> None:
    """Ten frames after each request, and not before."""

    def script(emulator: ScriptedEmulator) -> None:
        since = emulator.frame - (emulator.resets[-1] if emulator.resets else 0)
        if len(emulator.resets) == 2 and since > 5:
            emulator.report(0, "Passed")
        else:
            emulator.report(0x80 if since <= 5 else 0x81)

    emulator = ScriptedEmulator(script)
    assert testrom.judge_status_byte(emulator, needs_reset=True).passed
    assert emulator.resets == [15, 30]


def test_missing_request_for_reset_fails() -> None:
    """A ROM that should have asked for a reset but did not has tested nothing."""
    emulator = ScriptedEmulator(lambda emulator: emulator.report(0))
    verdict = testrom.judge_status_byte(emulator, needs_reset=True)
    assert not verdict.passed


def test_byte() -> None:
    """One byte decides, after all frames."""

    def script(emulator: ScriptedEmulator) -> None:
        emulator.memory[0xF8] = 1 if emulator.frame < 10 else 2

    verdict = testrom.judge_byte(ScriptedEmulator(script), address=0xF8, pass_value=1, frames=10)
    assert not verdict.passed
    assert verdict.text.startswith("$F8 is 2, not 1")
    assert testrom.judge_byte(ScriptedEmulator(script), 0xF8, 2, frames=10).passed


@pytest.mark.parametrize(
    ("screen", "passed"),
    [("All passed", True), ("CRC 5E3D", True), ("nothing", False), ("passed Failed", False)],
)
def test_screen(screen: str, passed: bool) -> None:
    """Any passing text passes, in any nametable, unless a failing text is there."""
    emulator = ScriptedEmulator(lambda emulator: emulator.show(screen))
    verdict = testrom.judge_screen(emulator, "passed|5E3D", frames=2, fail_text="Failed")
    assert verdict.passed == passed
    assert screen in verdict.text


def test_buttons_are_held_for_their_frames() -> None:
    """Presses are (first frame, buttons, frames held)."""
    emulator = ScriptedEmulator()
    testrom.judge_screen(emulator, "x", frames=6, presses=[(1, 8, 2), (2, 1, 3)])
    assert emulator.buttons == [0, 8, 9, 1, 1, 0]


def registers_of(log: str) -> list[SimpleNamespace]:
    """Returns what an emulator that agrees with a log would have, and one instruction more."""
    registers = [SimpleNamespace(**testrom.parse_log_line(line)) for line in log.splitlines()]
    return [*registers, SimpleNamespace(**vars(registers[-1]))]


@pytest.mark.parametrize("reset_by_first_step", [False, True])
def test_trace_agrees(reset_by_first_step: bool) -> None:
    """The reset sequence may come with power or with the first step."""
    registers = registers_of(LOG)
    if reset_by_first_step:
        registers.insert(0, SimpleNamespace(cycle=0))
    verdict = testrom.judge_trace(ScriptedEmulator(registers=registers), LOG)
    assert verdict.passed, verdict.text
    assert verdict.text == "2 lines agree"


def test_trace_names_the_first_difference() -> None:
    """The line, the register, both values, and the log around it."""
    registers = registers_of(LOG)
    registers[1].p = 0x26
    registers[1].dot = 31
    verdict = testrom.judge_trace(ScriptedEmulator(registers=registers), LOG)
    assert not verdict.passed
    assert verdict.text == "line 2: P is $26 not $24, dot is 31 not 30"
    assert verdict.context[-1].startswith("> C5F5")


def test_accuracycoin_collects_results() -> None:
    """Start begins the tests, $35 says when they end, each result has its byte."""

    def script(emulator: ScriptedEmulator) -> None:
        if emulator.buttons[-1] == 8:
            emulator.memory[0x35] = 1
        if emulator.frame == 200:
            emulator.memory[0x35] = 0
            emulator.memory[0x405:0x408] = bytes((0x05, 0x0E, 0xFF))

    addresses = {"one": 0x405, "two": 0x406, "three": 0x407, "four": 0x408}
    verdict = testrom.judge_accuracycoin(ScriptedEmulator(script), addresses)
    assert verdict.frames == 200
    assert verdict.text == "1 of 4 tests pass"
    assert verdict.context == ("two: error 3", "three: skipped", "four: not run")


def test_accuracycoin_that_does_not_begin() -> None:
    """No tests, no waiting for them."""
    verdict = testrom.judge_accuracycoin(ScriptedEmulator(), {"one": 0x405})
    assert not verdict.reported
    assert verdict.frames < 300


def test_command_line_without_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file is told in a sentence."""
    assert testrom.main([str(tmp_path / "none.nes")]) == 2
    assert "There is no file" in capsys.readouterr().err
