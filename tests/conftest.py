"""Fixtures of all tests, and the hardware test ROMs: run once each, in parallel, and counted."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nes_py.tools.hardware import Bench, Run, rom_directories

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the folder `support` has helpers of all tests

from support.equality import first_different_byte

PROJECT = Path(__file__).resolve().parents[1]
VERDICT_PROPERTY = "hardware_verdict"
_runs_key = pytest.StashKey[list[Run]]()


def pytest_configure(config: pytest.Config) -> None:
    """Declares the markers of the hardware tests."""
    config.addinivalue_line("markers", "hardware: needs the hardware test ROMs (NES_PY_TEST_ROMS)")
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", "xdist_group(name): tests that share a worker")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes which ROMs the selected tests want, so that workers can begin with the longest."""
    wanted = []
    for item in session.items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        wanted += [parameters.get("run"), *parameters.get("runs", ())]
    session.config.stash[_runs_key] = [run for run in wanted if isinstance(run, Run)]


@pytest.fixture(scope="session")
def hardware_roms() -> tuple[Path, ...]:
    """The directories of the hardware test ROMs, which need not exist."""
    return rom_directories(PROJECT)


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest, hardware_roms: tuple[Path, ...]) -> Iterator[Bench]:
    """Judges hardware test ROMs; what the selected tests want is begun at once.

    Under pytest-xdist, whose workers share the CPUs already, each judges its own in turn.
    """
    processes = 0 if "PYTEST_XDIST_WORKER" in os.environ else None
    runs = request.config.stash[_runs_key]
    with Bench(hardware_roms, processes) as bench:
        bench.submit(runs)
        yield bench


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how many hardware tests passed, by kind and policy."""
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for name, value in getattr(report, "user_properties", ()):
            if name == VERDICT_PROPERTY:
                kind, verdict = value.rsplit(": ", 1)
                total[kind] += 1
                passed[kind] += verdict == "passed"
    if total:
        terminalreporter.section("hardware tests")
        for kind in sorted(total):
            terminalreporter.line(f"{kind}: {passed[kind]} of {total[kind]} pass")


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Says where long bytes differ; pytest would print both."""
    if op == "==" and isinstance(left, bytes) and isinstance(right, bytes) and max(len(left), len(right)) > 256:
        return ["bytes differ", *first_different_byte(left, right)]
    return None
