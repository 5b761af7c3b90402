"""The number of threads of a batch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nes_py
from nes_py import _openmp

VARIABLES = ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK")


@pytest.fixture(autouse=True)
def _no_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_flag_is_public() -> None:
    assert nes_py.openmp_enabled is _openmp.openmp_enabled
    assert isinstance(_openmp.openmp_enabled, bool)


def test_default_is_within_the_machine() -> None:
    assert 1 <= _openmp.max_threads() <= _openmp.available_cpus() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("omp", "slurm", "expected"),
    [("3", None, 3), ("5,2", None, 5), (None, "6", 6), ("3", "6", 3), ("junk", "6", 6), ("0", "6", 6), ("-1", "6", 6)],
)
def test_environment(monkeypatch: pytest.MonkeyPatch, omp: str | None, slurm: str | None, expected: int) -> None:
    for name, value in zip(VARIABLES, (omp, slurm), strict=True):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert _openmp.max_threads() == expected


def test_an_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert _openmp.effective_threads(7, 100) == 7


def test_never_more_threads_than_work() -> None:
    assert _openmp.effective_threads(8, 1) == 1
    assert _openmp.effective_threads(8, 3) <= 3
    assert _openmp.effective_threads(None, 0) == 1


@pytest.mark.parametrize("count", [0, -1])
def test_too_few_threads(count: int) -> None:
    with pytest.raises(ValueError, match="num_threads must be in 1"):
        _openmp.effective_threads(count, 4)


@pytest.mark.parametrize("count", [2.0, "2", True])
def test_no_number_of_threads(count: object) -> None:
    with pytest.raises(TypeError, match="num_threads must be an integer or None"):
        _openmp.effective_threads(count, 4)  # type: ignore[arg-type]


def quota(tmp_path: Path, line: str, files: dict[str, str]) -> float | None:
    table = tmp_path / "cgroup"
    table.write_text(line + "\n")
    for name, text in files.items():
        path = tmp_path / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result: float | None = _openmp._container_quota(str(tmp_path / "fs"), str(table))  # type: ignore[attr-defined]
    return result


def test_quota_of_a_container(tmp_path: Path) -> None:
    assert quota(tmp_path, "0::/", {"cpu.max": "250000 100000\n"}) == 2.5


def test_the_tightest_quota_counts(tmp_path: Path) -> None:
    files = {"job/cpu.max": "400000 100000\n", "job/step/cpu.max": "max 100000\n"}
    assert quota(tmp_path, "0::/job/step", files) == 4.0


def test_quota_of_an_old_container(tmp_path: Path) -> None:
    files = {"cpu,cpuacct/job/cpu.cfs_quota_us": "150000\n", "cpu,cpuacct/job/cpu.cfs_period_us": "100000\n"}
    assert quota(tmp_path, "4:cpu,cpuacct:/job", files) == 1.5


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("0::/job", {}),
        ("0::/job", {"job/cpu.max": "max 100000\n"}),
        ("0::/job", {"job/cpu.max": "nonsense\n"}),
        ("4:cpu:/job", {"cpu/job/cpu.cfs_quota_us": "-1\n", "cpu/job/cpu.cfs_period_us": "100000\n"}),
        ("5:memory:/job", {"memory/job/cpu.max": "100000 100000\n"}),
    ],
)
def test_no_quota(tmp_path: Path, line: str, files: dict[str, str]) -> None:
    assert quota(tmp_path, line, files) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_uses_one_thread() -> None:
    program = """
import os, sys
from nes_py import _openmp
assert not _openmp.forked_child()
child = os.fork()
if child == 0:
    good = _openmp.forked_child() and _openmp.max_threads() == 1 and _openmp.effective_threads(4, 4) == 1
    os._exit(0 if good else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
