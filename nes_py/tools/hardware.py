"""The hardware test suites: expected results, and running many ROMs in parallel.

The expected results are data (``tests/data/expected``, one JSON file per suite). The ROMs are
not part of this project; they are found by path and SHA-1 in the user's directories.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from nes_py.tools import testrom
from nes_py.tools.testrom import Policy, RamFill, Verdict

ROM_DIRECTORY_VARIABLE = "NES_PY_TEST_ROMS"
ACCURACYCOIN = "AccuracyCoin"
KNOWN_GAP = "known_gap"
STATUSES = ("pass", KNOWN_GAP)
Region = Literal["ntsc", "pal", "dendy"]
REGIONS: tuple[Region, ...] = ("ntsc", "pal", "dendy")
COLLECTIONS = ("roms", "more-roms")
VERDICT_TIMEOUT = 300.0
"""Seconds after which a ROM without a verdict counts as a crash or an endless loop."""


class MissingTestRomError(LookupError):
    """A test ROM is missing; the message says which one and where it was expected."""


@dataclass(frozen=True)
class Case:
    """One ROM and its expected result.

    Attributes:
        suite: name of the suite.
        path: path of the ROM below a directory of test ROMs.
        sha1: SHA-1 of the file.
        frames: number of frames to run, or the limit.
        protocol: how the ROM reports; the name of a function of ``testrom`` without "judge_".
        parameters: arguments of that function besides the emulator and ``frames``.
        status: "pass", or "known_gap" for a ROM that is known to fail.
        reason: the reason for the failure.
        ram: bytes by address (hexadecimal) that the ROM assumes at power-on, so that other RAM
            contents do not change its verdict.
        ram_reason: how the ROM uses them.
        region: the console to run it on.
    """

    suite: str
    path: str
    sha1: str
    frames: int
    protocol: str
    parameters: Mapping[str, Any] = field(default_factory=dict, compare=False)
    status: str = "pass"
    reason: str = ""
    ram: Mapping[str, int] = field(default_factory=dict, compare=False)
    ram_reason: str = ""
    region: Region = "ntsc"

    def __post_init__(self) -> None:
        """Rejects inconsistent data."""
        if self.status not in STATUSES:
            raise ValueError(f"{self.path}: status must be one of {STATUSES}, not {self.status!r}")
        if (self.status == KNOWN_GAP) != bool(self.reason):
            raise ValueError(f"{self.path}: a known gap must have a reason, and other ROMs must not")
        if self.region not in REGIONS:
            raise ValueError(f"{self.path}: region must be one of {REGIONS}, not {self.region!r}")
        if bool(self.ram) != bool(self.ram_reason):
            raise ValueError(f"{self.path}: assumed bytes of RAM need a reason")


@dataclass(frozen=True)
class CoinTest:
    """One test of AccuracyCoin: its name, its title and page in the ROM's menu, and its expected result."""

    name: str
    title: str
    group: str
    address: int
    status: str = "pass"
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """One case with one choice of options.

    Attributes:
        case: the ROM.
        policy: the execution policy.
        ram_fill: contents of RAM at power-on.
        seed: seed of ``ram_fill`` "noise".
        repetition: distinguishes several runs of the same case.
    """

    case: Case
    policy: Policy = "fast"
    ram_fill: RamFill = "zero"
    seed: int = 0
    repetition: int = 0

    @property
    def cost(self) -> float:
        """Estimated duration in frames of the fast policy, for ordering."""
        return self.case.frames * (4.0 if self.policy == "reference" else 1.0)


def load_cases(expected: Path) -> list[Case]:
    """Reads the expected results of all suites, including AccuracyCoin as a whole."""
    cases = []
    for path in sorted(expected.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        cases += [Case(suite=data["suite"], **rom) for rom in data.get("roms", ())]
        if "tests" in data:
            cases.append(_coin_case(data))
    return cases


def _coin_case(data: Mapping[str, Any]) -> Case:
    gaps = [test["name"] for test in data["tests"] if test.get("status") == KNOWN_GAP]
    return Case(
        suite=data["suite"],
        path=data["path"],
        sha1=data["sha1"],
        frames=data["frames"],
        protocol="accuracycoin",
        parameters={"addresses": {test["name"]: int(test["address"], 16) for test in data["tests"]}},
        status=KNOWN_GAP if gaps else "pass",
        reason=", ".join(gaps),
    )


def load_coin_tests(expected: Path) -> list[CoinTest]:
    """Reads the expected results of AccuracyCoin's tests, in the order of its menu."""
    data = json.loads((expected / "accuracycoin.json").read_text(encoding="utf-8"))
    return [
        CoinTest(
            name=test["name"],
            title=test["title"],
            group=test["group"],
            address=int(test["address"], 16),
            status=test.get("status", "pass"),
            reason=test.get("reason", ""),
        )
        for test in data["tests"]
    ]


def rom_directories(project: Path) -> tuple[Path, ...]:
    """Returns the directories of test ROMs.

    These are the directories in the environment variable ``NES_PY_TEST_ROMS``, separated as in ``PATH``;
    else ``../shared/roms`` and ``../shared/more-roms`` beside the project. They need not exist.
    """
    named = [name for name in os.environ.get(ROM_DIRECTORY_VARIABLE, "").split(os.pathsep) if name]
    if named:
        return tuple(map(Path, named))
    return tuple((project / ".." / "shared" / name).resolve() for name in COLLECTIONS)


def find_rom(case: Case, directories: Sequence[Path]) -> Path:
    """Returns the path of a case's ROM: at its own place, else anywhere in the directories.

    Raises:
        MissingTestRomError: no file there has the right SHA-1.
    """
    for directory in directories:
        place = directory / case.path
        if place.is_file() and _sha1(place) == case.sha1:
            return place
    present = [directory for directory in directories if directory.is_dir()]
    for directory in present:
        for path in _hashes(directory).get(case.sha1, ()):
            return path
    if not present:
        # The same text for every ROM, so that a list of skipped tests stays short.
        missing = " or ".join(map(str, directories))
        raise MissingTestRomError(f"there is no directory {missing} of test ROMs; set {ROM_DIRECTORY_VARIABLE} to one")
    raise MissingTestRomError(
        f"{case.path} (SHA-1 {case.sha1}) is not in {' or '.join(map(str, present))}; set {ROM_DIRECTORY_VARIABLE} to "
        "a directory that contains it"
    )


def find_file(name: str, directories: Sequence[Path]) -> Path:
    """Returns the path of another file of a suite, such as a log, below one of the directories."""
    for directory in directories:
        if (directory / name).is_file():
            return directory / name
    raise MissingTestRomError(f"{name} is not in {' or '.join(map(str, directories))}")


def _sha1(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


_hashes_by_directory: dict[Path, dict[str, list[Path]]] = {}


def _hashes(directory: Path) -> dict[str, list[Path]]:
    """Returns the ROMs of a directory by SHA-1; read once per process."""
    if directory not in _hashes_by_directory:
        by_hash: dict[str, list[Path]] = {}
        for path in sorted(directory.rglob("*.[nN][eE][sS]")):
            by_hash.setdefault(_sha1(path), []).append(path)
        _hashes_by_directory[directory] = by_hash
    return _hashes_by_directory[directory]


def judge(run: Run, directories: Sequence[Path]) -> Verdict:
    """Runs one ROM to its verdict.

    Raises:
        MissingTestRomError: the ROM is missing.
    """
    from nes_py.emulator import NESEmulator  # not needed to read the expected results

    case = run.case
    image = find_rom(case, directories).read_bytes()
    try:
        emulator = NESEmulator(image, policy=run.policy, ram_fill=run.ram_fill, seed=run.seed, region=case.region)
    except ValueError as error:
        return Verdict(False, f"cannot be loaded: {error}", 0, reported=False)
    for address, value in case.ram.items():
        emulator.poke(int(address, 16), value)
    parameters = dict(case.parameters)
    if case.protocol == "status_byte":
        return testrom.judge_status_byte(emulator, case.frames, **parameters)
    if case.protocol == "byte":
        return testrom.judge_byte(emulator, frames=case.frames, **parameters)
    if case.protocol == "screen":
        return testrom.judge_screen(emulator, frames=case.frames, **parameters)
    if case.protocol == "trace":
        log = find_file(parameters["log"], directories).read_text(encoding="ascii")
        return testrom.judge_trace(emulator, log)
    if case.protocol == "picture":
        return testrom.judge_picture(emulator, frames=case.frames, **parameters)
    if case.protocol == "accuracycoin":
        return testrom.judge_accuracycoin(emulator, parameters["addresses"], case.frames)
    raise ValueError(f"{case.path}: unknown protocol {case.protocol!r}")


class Bench:
    """Runs many ROMs in worker processes, the longest first, each only once.

    Without workers a ROM runs when its verdict is requested. Use it as a context manager, or call
    ``close``. A ROM that crashes or hangs its worker costs a time-out, not the whole session.
    """

    def __init__(self, directories: Sequence[Path], processes: int | None = None) -> None:
        """Prepares a bench; no process is started yet.

        Args:
            directories: the directories of test ROMs.
            processes: number of workers; 0 for none, None for one per CPU.
        """
        self._directories = tuple(directories)
        self._processes = (os.cpu_count() or 1) if processes is None else processes
        self._pool: Any = None
        self._pending: dict[Run, Any] = {}
        self._verdicts: dict[Run, Verdict] = {}

    def __enter__(self) -> Bench:
        """Returns the bench itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends the workers."""
        self.close()

    def submit(self, runs: Iterable[Run]) -> None:
        """Starts the workers on these runs; runs with a missing ROM are left out."""
        wanted = []
        for run in dict.fromkeys(runs):
            try:
                find_rom(run.case, self._directories)
            except MissingTestRomError:
                continue
            wanted.append(run)
        if self._processes < 1 or len(wanted) < 2:
            return
        if self._pool is None:
            # Not fork: OpenMP does not work in a forked child of a process that has used it.
            context = multiprocessing.get_context("spawn")
            self._pool = context.Pool(min(self._processes, len(wanted)))
        for run in longest_first(wanted):
            if run not in self._pending:
                self._pending[run] = self._pool.apply_async(judge, (run, self._directories))

    def verdict(self, run: Run) -> Verdict:
        """Returns the verdict of a run, and waits for it if necessary.

        Raises:
            MissingTestRomError: the ROM is missing.
        """
        if run not in self._verdicts:
            self._verdicts[run] = self._find_verdict(run)
        return self._verdicts[run]

    def _find_verdict(self, run: Run) -> Verdict:
        if run not in self._pending:
            return judge(run, self._directories)
        try:
            verdict: Verdict = self._pending.pop(run).get(VERDICT_TIMEOUT)
        except multiprocessing.TimeoutError:
            text = f"no verdict within {VERDICT_TIMEOUT:g} seconds: a crash or an endless loop"
            return Verdict(False, text, 0, reported=False)
        return verdict

    def close(self) -> None:
        """Ends the workers, also in the middle of a run."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None
        self._pending.clear()


def longest_first(runs: Iterable[Run]) -> Sequence[Run]:
    """Orders runs so that the workers finish at about the same time."""
    return sorted(runs, key=lambda run: -run.cost)
