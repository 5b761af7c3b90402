"""Runs hardware test ROMs and returns their verdict.

Test programs for the NES report their result in several ways, with one function each:

- ``judge_status_byte``: a status byte at ``$6000`` with a signature and a text (most of them),
- ``judge_byte``: one byte of RAM has the passing value after a number of frames,
- ``judge_screen``: the screen, read as ASCII, contains the passing text after a number of frames,
- ``judge_picture``: some picture has enough colours (programs that only show something),
- ``judge_trace``: the CPU's registers match a log before every instruction (nestest),
- ``judge_accuracycoin``: one result byte for each of many tests in one ROM (AccuracyCoin).

``python -m nes_py.tools.testrom ROM`` runs any ROM of the first kind: it presses reset when the ROM asks for it,
prints the verdict and the ROM's text, and exits with 0 (passed), 1 (failed) or 2 (no result).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nes_py._arguments import seed

DEFAULT_FRAMES = 6000
"""Frames after which a running ROM has failed: 100 seconds of console time."""

SIGNATURE = (0xDE, 0xB0, 0x61)
STATUS_ADDRESS = 0x6000
STATUS_RUNNING = 0x80
STATUS_WANTS_RESET = 0x81
RESET_DELAY = 10
"""Frames from the request for a reset to the press; the programs ask for at least 100 ms."""
RESET_RETRY = 60
"""Frames after which a reset that had no visible effect is pressed again."""

NAMETABLE_ADDRESSES = (0x2000, 0x2400, 0x2800, 0x2C00)
NAMETABLE_TILES = 960
SCREEN_COLUMNS = 32

Policy = Literal["fast", "reference"]
RamFill = Literal["zero", "ones", "pattern", "noise"]
POLICIES: tuple[Policy, ...] = ("fast", "reference")
RAM_FILLS: tuple[RamFill, ...] = ("zero", "ones", "pattern", "noise")


class Registers(Protocol):
    """The CPU between two instructions, as returned by ``Emulator.trace``."""

    @property
    def pc(self) -> int:
        """The program counter."""

    @property
    def a(self) -> int:
        """The accumulator."""

    @property
    def x(self) -> int:
        """Index register X."""

    @property
    def y(self) -> int:
        """Index register Y."""

    @property
    def p(self) -> int:
        """The flags."""

    @property
    def s(self) -> int:
        """The stack pointer."""

    @property
    def cycle(self) -> int:
        """CPU cycles since power-on."""

    @property
    def scanline(self) -> int:
        """The PPU's scanline, 0 to 261."""

    @property
    def dot(self) -> int:
        """The PPU's dot, 0 to 340."""


class Emulator(Protocol):
    """The methods of an emulator that a test needs; ``nes_py.emulator.NESEmulator`` has them."""

    def step(self, frames: int = 1, render: bool = True) -> object:
        """Runs frames."""

    def soft_reset(self) -> object:
        """Presses the reset button."""

    def peek(self, address: int, /) -> int:
        """Reads the CPU's address space without side effects."""

    def peek_ppu(self, address: int, /) -> int:
        """Reads the PPU's address space without side effects."""

    def index_buffer(self) -> Any:
        """Returns the palette indices of the last picture."""

    def controller(self, port: int, /) -> Any:
        """Returns the writable byte of a controller's buttons."""

    def trace(self) -> Registers:
        """Returns the registers."""

    def step_instruction(self) -> object:
        """Runs one instruction."""

    def set_pc(self, pc: int, /) -> object:
        """Sets the program counter."""


@dataclass(frozen=True)
class Verdict:
    """The result of one ROM.

    Attributes:
        passed: whether the ROM passed.
        text: the message of the ROM or of the comparison, in one line.
        frames: number of frames run.
        reported: False if the ROM never showed the signature of the protocol.
        context: additional lines, such as the log around a difference.
        results: result byte by test name, for ROMs with many tests.
    """

    passed: bool
    text: str
    frames: int
    reported: bool = True
    context: tuple[str, ...] = ()
    results: Mapping[str, int] = field(default_factory=dict)


def one_line(text: str) -> str:
    """Returns ``text`` with runs of blanks and of non-ASCII characters replaced by one blank."""
    return re.sub(r"[^!-~]+", " ", text).strip()


def has_signature(emulator: Emulator) -> bool:
    """Returns whether ``$6001-$6003`` contain the signature of a report at ``$6000``."""
    return all(emulator.peek(STATUS_ADDRESS + 1 + place) == byte for place, byte in enumerate(SIGNATURE))


def report_lines(emulator: Emulator) -> list[str]:
    """Returns the non-blank lines of the text at ``$6004``."""
    characters = []
    for address in range(STATUS_ADDRESS + 4, 0x7000):
        byte = emulator.peek(address)
        if byte == 0:
            break
        characters.append(chr(byte))
    lines = (re.sub(r"[^ -~]", " ", line).rstrip() for line in "".join(characters).split("\n"))
    return [line for line in lines if line]


def report_text(emulator: Emulator) -> str:
    """Returns the text at ``$6004``, in one line."""
    return one_line(" ".join(report_lines(emulator)))


def nametable_rows(emulator: Emulator, table: int = 0) -> list[str]:
    """Returns one of the four nametables as 30 rows of 32 characters (tile number = ASCII)."""
    start = NAMETABLE_ADDRESSES[table]
    text = "".join(chr(emulator.peek_ppu(start + tile)) for tile in range(NAMETABLE_TILES))
    return [text[place : place + SCREEN_COLUMNS] for place in range(0, NAMETABLE_TILES, SCREEN_COLUMNS)]


def screen_text(emulator: Emulator) -> str:
    """Returns the text of the first nametable that contains any, in one line."""
    for table in range(len(NAMETABLE_ADDRESSES)):
        text = one_line(" ".join(nametable_rows(emulator, table)))
        if len(text) > 3:
            return text
    return ""


def _press(emulator: Emulator, presses: Iterable[Sequence[int]], frame: int) -> None:
    """Sets controller 1 for a frame; ``presses`` are (first frame, buttons, frames held)."""
    buttons = 0
    for start, mask, held in presses:
        if start <= frame < start + held:
            buttons |= mask
    emulator.controller(0)[0] = buttons


def judge_status_byte(
    emulator: Emulator,
    frames: int = DEFAULT_FRAMES,
    needs_reset: bool = False,
    presses: Sequence[Sequence[int]] = (),
) -> Verdict:
    """Judges a ROM that reports at ``$6000``; presses reset when the ROM asks for it.

    Args:
        emulator: a newly powered-on emulator.
        frames: frames after which a running ROM has failed.
        needs_reset: fail a ROM that ends without asking for a reset.
        presses: button presses: (first frame, buttons, frames held).

    Returns:
        The verdict; ``reported`` is False if the signature never appeared.
    """
    reported = False
    pressed = False  # since the ROM last asked
    waited = 0  # frames since it asked, or since reset was pressed
    resets = 0
    for frame in range(frames):
        _press(emulator, presses, frame)
        emulator.step(1, render=False)
        if not has_signature(emulator):
            continue
        reported = True
        status = emulator.peek(STATUS_ADDRESS)
        if status < STATUS_RUNNING:
            text = report_text(emulator)
            if status != 0:
                return Verdict(False, f"code {status}: {text}", frame + 1)
            if needs_reset and resets == 0:
                return Verdict(False, "ended without asking for a reset", frame + 1)
            return Verdict(True, text, frame + 1)
        if status != STATUS_WANTS_RESET:
            pressed, waited = False, 0
            continue
        waited += 1
        if waited >= (RESET_RETRY if pressed else RESET_DELAY):
            emulator.soft_reset()
            pressed, waited = True, 0
            resets += 1
    if not reported:
        return Verdict(False, f"no report at $6000 within {frames} frames", frames, reported=False)
    text = f"still running after {frames} frames: {report_text(emulator)}".rstrip(": ")
    return Verdict(False, text, frames)


def judge_byte(
    emulator: Emulator,
    address: int,
    pass_value: int,
    frames: int,
    presses: Sequence[Sequence[int]] = (),
) -> Verdict:
    """Judges a ROM by one byte of RAM after ``frames`` frames."""
    _run(emulator, frames, presses)
    value = emulator.peek(address)
    says = screen_text(emulator)
    if value == pass_value:
        return Verdict(True, says, frames)
    text = f"${address:02X} is {value}, not {pass_value}; the screen says: {says}"
    return Verdict(False, text, frames)


def judge_screen(
    emulator: Emulator,
    pass_text: str,
    frames: int,
    fail_text: str = "",
    presses: Sequence[Sequence[int]] = (),
) -> Verdict:
    """Judges a ROM by its screen after ``frames`` frames.

    Args:
        emulator: a newly powered-on emulator.
        pass_text: texts separated by ``|``, one of which must be in a nametable.
        frames: frames to run.
        fail_text: texts separated by ``|``, none of which may be there.
        presses: button presses: (first frame, buttons, frames held).
    """
    _run(emulator, frames, presses)
    tables = ["".join(nametable_rows(emulator, table)) for table in range(4)]

    def shows(alternatives: str) -> bool:
        texts = [text for text in alternatives.split("|") if text]
        return any(text in table for text in texts for table in tables)

    passed = shows(pass_text) and not shows(fail_text)
    return Verdict(passed, f"the screen says: {screen_text(emulator)}", frames)


PICTURE_START_PERIOD = 120
PICTURE_START_HELD = 20


def judge_picture(emulator: Emulator, min_colours: int, frames: int) -> Verdict:
    """Judges a program by the colours of its pictures, with Start held in 20 of every 120 frames.

    Args:
        emulator: a newly powered-on emulator.
        min_colours: minimum number of palette indices in some picture.
        frames: frames after which it has failed.
    """
    most = 0
    for frame in range(frames):
        held = frame % PICTURE_START_PERIOD < PICTURE_START_HELD
        emulator.controller(0)[0] = _START_BUTTON if held else 0
        emulator.step(1)
        most = max(most, len(set(emulator.index_buffer().tobytes())))
        if most >= min_colours:
            return Verdict(True, f"a picture of {most} colours", frame + 1)
    return Verdict(False, f"no picture has more than {most} colours, expected {min_colours}", frames)


def _run(emulator: Emulator, frames: int, presses: Sequence[Sequence[int]]) -> None:
    for frame in range(frames):
        _press(emulator, presses, frame)
        emulator.step(1, render=False)


_LOG_LINE = re.compile(
    r"^(?P<pc>[0-9A-F]{4}) .*A:(?P<a>\w\w) X:(?P<x>\w\w) Y:(?P<y>\w\w) P:(?P<p>\w\w) "
    r"SP:(?P<s>\w\w) PPU:\s*(?P<scanline>\d+),\s*(?P<dot>\d+) CYC:(?P<cycle>\d+)"
)
_LOG_NAMES = {
    "pc": "PC",
    "a": "A",
    "x": "X",
    "y": "Y",
    "p": "P",
    "s": "SP",
    "scanline": "scanline",
    "dot": "dot",
    "cycle": "CYC",
}
_LOG_DECIMAL = ("scanline", "dot", "cycle")
RESET_CYCLES = 7
AUTOMATED_START = 0xC000
"""Entry point of nestest for running without a screen."""


def parse_log_line(line: str) -> dict[str, int]:
    """Returns the registers in a line of nestest's log, named as in ``Registers``.

    Raises:
        ValueError: the line is not a line of that log.
    """
    match = _LOG_LINE.match(line)
    if match is None:
        raise ValueError(f"not a line of a CPU log: {line!r}")
    return {name: int(text, 10 if name in _LOG_DECIMAL else 16) for name, text in match.groupdict().items()}


def judge_trace(emulator: Emulator, log: str, start: int = AUTOMATED_START) -> Verdict:
    """Compares registers, PPU position and cycles with each line of a log.

    Args:
        emulator: a newly powered-on emulator.
        log: the log's text.
        start: where the program starts instead of at its reset vector.
    """
    # The reset sequence may run at power-on or in the first step.
    for _ in range(RESET_CYCLES):
        if emulator.trace().cycle >= RESET_CYCLES:
            break
        emulator.step_instruction()
    emulator.set_pc(start)
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        registers = emulator.trace()
        differences = [
            f"{_LOG_NAMES[name]} is {_shown(name, getattr(registers, name))} not {_shown(name, wanted)}"
            for name, wanted in parse_log_line(line).items()
            if getattr(registers, name) != wanted
        ]
        if differences:
            context = (*lines[max(0, place - 4) : place], f"> {line}")
            text = f"line {place + 1}: {', '.join(differences)}"
            return Verdict(False, text, 0, context=context)
        emulator.step_instruction()
    codes = emulator.peek(0x02), emulator.peek(0x03)
    if any(codes):
        text = f"the log matches, but $02 is ${codes[0]:02X} and $03 is ${codes[1]:02X}"
        return Verdict(False, text, 0)
    return Verdict(bool(lines), f"{len(lines)} lines match", 0)


def _shown(name: str, value: int) -> str:
    if name in _LOG_DECIMAL:
        return str(value)
    return f"${value:04X}" if name == "pc" else f"${value:02X}"


ACCURACYCOIN_FRAMES = 6000
_ACCURACYCOIN_MENU_FRAMES = 120
_ACCURACYCOIN_HOLD_FRAMES = 6
_ACCURACYCOIN_PATIENCE = 120
_ACCURACYCOIN_RUNNING = 0x35
_START_BUTTON = 8


def accuracycoin_passed(result: int) -> bool:
    """Returns whether a result byte of AccuracyCoin is a pass (0 is not run, $FF is skipped)."""
    return result & 3 == 1


def describe_accuracycoin(result: int) -> str:
    """Returns a result byte of AccuracyCoin as text."""
    if result == 0:
        return "not run"
    if result == 0xFF:
        return "skipped"
    return "passed" if accuracycoin_passed(result) else f"error {result >> 2}"


def judge_accuracycoin(emulator: Emulator, addresses: Mapping[str, int], frames: int = ACCURACYCOIN_FRAMES) -> Verdict:
    """Runs all tests of AccuracyCoin.

    Args:
        emulator: a newly powered-on emulator.
        addresses: address of the result byte of each test.
        frames: frames after which running tests have failed.

    Returns:
        A verdict whose ``results`` has the byte of every test, also if the run did not finish.
    """
    started = ended = False
    frame = 0
    while frame < frames and not ended:
        held = 0 <= frame - _ACCURACYCOIN_MENU_FRAMES < _ACCURACYCOIN_HOLD_FRAMES
        emulator.controller(0)[0] = _START_BUTTON if held else 0
        emulator.step(1, render=False)
        frame += 1
        if frame <= _ACCURACYCOIN_MENU_FRAMES:
            continue
        running = emulator.peek(_ACCURACYCOIN_RUNNING) != 0
        started = started or running
        ended = started and not running
        if not started and frame > _ACCURACYCOIN_MENU_FRAMES + _ACCURACYCOIN_PATIENCE:
            break
    results = {name: emulator.peek(address) for name, address in addresses.items()}
    passed = sum(map(accuracycoin_passed, results.values()))
    text = f"{passed} of {len(results)} tests pass"
    if not started:
        text += ", the tests did not start"
    elif not ended:
        text += f", the tests did not finish within {frames} frames"
    context = tuple(
        f"{name}: {describe_accuracycoin(result)}"
        for name, result in results.items()
        if not accuracycoin_passed(result)
    )
    everything = ended and passed == len(results)
    return Verdict(everything, text, frame, reported=started, context=context, results=results)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one ROM from the command line.

    Returns:
        0 if the ROM passed, 1 if it failed, 2 if there was no result.
    """
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.tools.testrom",
        description="Runs a test ROM that reports at $6000 and prints its result.",
        epilog="Exit status: 0 passed, 1 failed, 2 no result.",
    )
    parser.add_argument("rom", type=Path, help="path of the ROM (.nes)")
    parser.add_argument(
        "--frames",
        type=int,
        default=DEFAULT_FRAMES,
        help="frames after which a running ROM has failed (default: %(default)s)",
    )
    parser.add_argument("--policy", choices=POLICIES, default="fast", help="default: %(default)s")
    parser.add_argument("--ram-fill", choices=RAM_FILLS, default="zero", help="RAM at power-on (default: zero)")
    parser.add_argument("--seed", type=seed, default=0, help="seed of --ram-fill noise")
    options = parser.parse_args(arguments)
    if options.frames < 1:
        parser.error("--frames must be at least 1")

    from nes_py.emulator import NESEmulator  # not needed to show the help

    try:
        emulator = NESEmulator(
            options.rom,
            policy=options.policy,
            ram_fill=options.ram_fill,
            seed=options.seed,
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    verdict = judge_status_byte(emulator, options.frames)
    if not verdict.reported:
        print(
            f"{options.rom.name} did not report at $6000 within {options.frames} frames: either "
            "it is not a test ROM of this kind, or it needs more time (--frames).",
            file=sys.stderr,
        )
        says = screen_text(emulator)
        if says:
            print(f"Its screen says: {says}", file=sys.stderr)
        return 2
    if verdict.passed:
        print(f"PASS {options.rom.name} after {verdict.frames} frames")
    else:
        print(f"FAIL {options.rom.name}: {verdict.text.partition(': ')[0]}")
    for line in report_lines(emulator):
        print(line)
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
