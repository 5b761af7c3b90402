"""The functions that run test ROMs, with a scripted emulator instead of a real one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.rom_builder import rom

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
    assert verdict.text == "2 lines match"


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


def reporting_rom(status: int, text: str) -> bytes:
    """Returns a ROM that reports at $6000 as soon as it runs, and a reset later says 0."""
    code = b""
    for place, byte in enumerate((*testrom.SIGNATURE, *text.encode(), 0)):
        code += bytes((0xA9, byte, 0x8D, 0x01 + place, 0x60))  # LDA #byte, STA $6001 + place
    # LDA #status, LDY $10, BEQ past the LDA #0, STA $6000, INC $10: after a reset $10 is not zero.
    code += bytes((0xA9, status, 0xA4, 0x10, 0xF0, 0x02, 0xA9, 0x00, 0x8D, 0x00, 0x60, 0xE6, 0x10))
    loop = 0xC000 + len(code)
    return rom(code + bytes((0x4C, loop & 0xFF, loop >> 8)))


@pytest.mark.parametrize(
    ("status", "code", "lines"),
    [
        (0, 0, [r"PASS rom.nes after \d+ frames", "Two", "lines"]),
        (3, 1, [r"FAIL rom.nes: code 3", "Two", "lines"]),
        (0x80, 1, [r"FAIL rom.nes: still running after 50 frames", "Two", "lines"]),
        (0x81, 0, [r"PASS rom.nes after \d+ frames", "Two", "lines"]),
    ],
)
@pytest.mark.parametrize("policy", testrom.POLICIES)
def test_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, code: int, lines: list[str], policy: str
) -> None:
    """The verdict, then the text as the ROM wrote it; reset is pressed when it is asked for."""
    path = tmp_path / "rom.nes"
    path.write_bytes(reporting_rom(status, "Two\n\nlines\n"))
    assert testrom.main([str(path), "--frames", "50", "--policy", policy]) == code
    printed = capsys.readouterr()
    assert re.fullmatch("\n".join(lines), printed.out.strip())
    assert printed.err == ""


def test_command_line_with_a_rom_that_does_not_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to judge, and that is no failure of the ROM."""
    path = tmp_path / "rom.nes"
    path.write_bytes(rom())
    assert testrom.main([str(path), "--frames", "10"]) == 2
    assert "did not report at $6000 within 10 frames" in capsys.readouterr().err


@pytest.mark.parametrize(("content", "words"), [(None, "no such file"), (b"NOT A ROM" * 9, "not an iNES file")])
def test_command_line_without_a_rom(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, words: str
) -> None:
    """A missing or a wrong file is told in a sentence."""
    path = tmp_path / "none.nes"
    if content is not None:
        path.write_bytes(content)
    assert testrom.main([str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(path) in printed.err
    assert words in printed.err
    assert printed.err.count("\n") == 1
