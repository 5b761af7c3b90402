"""The threads of a batch: how many, which ones, and how they wait."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.patience import PATIENCE

import nes_py
from nes_py import NESVectorEnv, _openmp
from nes_py._batch import Batch
from nes_py.options import EnvOptions
from tests.support.rom_builder import demonstration_rom

PROJECT = Path(__file__).resolve().parents[2]
VARIABLES = ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK")
WAIT_VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


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


def run_script(script: str, **environment: str) -> str:
    """Run Python code in a process of its own, without the variables that say how OpenMP's threads wait."""
    plain = {name: value for name, value in os.environ.items() if name not in (*VARIABLES, *WAIT_VARIABLES)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=PROJECT,
        env={**plain, **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


needs_two_cpus = pytest.mark.skipif(_openmp.available_cpus() < 2, reason="a thread for each CPU, and there is one CPU")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@needs_two_cpus
def test_openmp_is_the_default_where_it_is_built_in() -> None:
    expected = "openmp" if nes_py.openmp_enabled else "threads"
    batch = Batch(demonstration_rom(), 4, num_threads=2)
    assert (batch.engine, batch.num_threads) == (expected, 2)
    with NESVectorEnv(demonstration_rom(), 4, num_threads=2) as envs:
        assert envs._engine is not None
        assert envs._engine.engine == expected
    assert Batch(demonstration_rom(), 4, num_threads=1).engine == "single"
    assert Batch(demonstration_rom(), 1).engine == "single"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of threads")
@needs_two_cpus
def test_the_default_starts_threads_of_openmp() -> None:
    # One thread beside the caller, and it belongs to the library of OpenMP. Linux still lists a thread for a moment
    # after it was joined (the constructor starts threads and joins them): the numbers of threads would say nothing.
    said = run_script("""
        import os
        import numpy as np
        import nes_py
        from nes_py import _openmp
        from nes_py._batch import Batch
        from tests.support.rom_builder import demonstration_rom

        batch = Batch(demonstration_rom(), 4, num_threads=2)
        before = set(os.listdir("/proc/self/task"))
        batch.step(np.zeros(4, np.uint8))
        after = set(os.listdir("/proc/self/task"))
        print(len(after - before), batch.engine, _openmp.openmp_facts()["library"])
    """)
    threads, engine, library = said.split(maxsplit=2)
    if nes_py.openmp_enabled:
        # The pool would have had its thread before the first step.
        assert (threads, engine) == ("1", "openmp")
        assert "omp" in Path(library).name
    else:
        assert (threads, engine) == ("0", "threads")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "auto"),
        ({"wait_policy": "auto"}, "auto"),
        ({"wait_policy": "active"}, "active"),
        ({"wait_policy": "passive"}, "passive"),
        ({"waiting": "passive"}, "passive"),
        ({"waiting": "spin"}, "active"),
        ({"waiting": "spin", "wait_policy": "active"}, "active"),
    ],
)
def test_wait_policy_and_its_old_name(given: dict[str, Any], expected: str) -> None:
    assert EnvOptions.of(given).wait_policy == expected
    rom = demonstration_rom()
    for batch in (Batch(rom, 2, **given), Batch.of([nes_py.NESEmulator(rom)], **given)):
        batch.step(np.zeros(len(batch), np.uint8))
    with NESVectorEnv(rom, 2, **given) as envs:
        envs.reset(seed=0)
        assert envs.options.wait_policy == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"wait_policy": "spin"}, "wait_policy must be"),
        ({"waiting": "busy"}, "waiting must be"),
        ({"waiting": "spin", "wait_policy": "passive"}, "contradicts"),
    ],
)
def test_wrong_wait_policies(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EnvOptions.of(given)
    with pytest.raises(ValueError, match=message):
        Batch(demonstration_rom(), 2, **given)


@needs_two_cpus
@pytest.mark.parametrize("variable", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", None])
def test_the_environment_is_the_users(variable: str | None) -> None:
    # What is set for GNU's library while it is loaded is gone afterwards; what the user set stays.
    given = {variable: {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "77"}[variable]} if variable else {}
    said = run_script(
        """
        import os
        import nes_py
        from nes_py import _openmp
        print({name: os.environ[name] for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT") if name in os.environ})
        print(_openmp.openmp_facts()["decided_by"])
        """,
        **given,
    )
    variables, decided_by = said.splitlines()
    assert variables == repr(given)
    assert decided_by == ("user" if given else "nes_py")


@needs_two_cpus
def test_more_threads_than_cpus_are_not_used_at_a_time() -> None:
    rom = demonstration_rom()
    with NESVectorEnv(rom, 64, num_threads=64, timing=True) as many, NESVectorEnv(rom, 64, num_threads=1) as one:
        assert many._engine is not None
        assert many._engine.num_threads == 64
        assert many._engine.active <= _openmp.available_cpus()
        many.reset(seed=3)
        one.reset(seed=3)
        for _ in range(3):
            assert np.array_equal(many.step(np.arange(64))[0], one.step(np.arange(64))[0])
        assert many.timings()["environments"].shape == (64,)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on addresses")
def test_a_thread_that_cannot_be_started_is_an_error() -> None:
    said = run_script("""
        import resource
        from nes_py import NESVectorEnv, _openmp
        from nes_py._batch import Batch
        from tests.support.rom_builder import demonstration_rom

        content = demonstration_rom()
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        for engine in ("threads", "openmp") if _openmp.openmp_enabled else ("threads",):
            _openmp._use_engine(engine, tunes=False)
            for build in (Batch, NESVectorEnv):
                # Room for the emulators, but not for the stacks of a thousand threads.
                resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, resource.RLIM_INFINITY))
                try:
                    build(content, 1000, num_threads=1000)
                except RuntimeError as error:
                    print(error)
                resource.setrlimit(resource.RLIMIT_AS, unlimited)
                build(content, 2, num_threads=2)
    """)
    lines = said.splitlines()
    assert len(lines) == (4 if nes_py.openmp_enabled else 2)
    for line in lines:
        assert line.startswith("the system cannot create 1000 threads (")
        assert line.endswith("num_threads= reduces the number")


@needs_fork
@needs_two_cpus
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of threads")
def test_a_forked_child_has_threads_of_its_own() -> None:
    run_script("""
        import os, sys, warnings
        import numpy as np
        from nes_py import _openmp
        from nes_py._batch import Batch
        from tests.support.rom_builder import demonstration_rom

        warnings.simplefilter("ignore", DeprecationWarning)  # of os.fork with threads
        content = demonstration_rom()
        policies = ("auto", "active", "passive")
        batches = [Batch(content, 4, num_threads=2, wait_policy=policy) for policy in policies]
        def play():
            for batch in batches:
                batch.step(np.arange(4, dtype=np.uint8), frames=30)
            return [batch.rams().tobytes() for batch in batches]
        assert len(set(play())) == 1
        assert not _openmp.forked_child()
        child = os.fork()
        expected = play()
        if child == 0:
            good = _openmp.forked_child() and expected == [expected[0]] * 3 and _openmp.effective_threads(4, 4) == 4
            good = good and len(os.listdir("/proc/self/task")) == 1 + len(batches)
            fresh = Batch(content, 4, num_threads=2)
            good = good and fresh.engine == "threads"
            grandchild = os.fork()
            if grandchild == 0:
                os._exit(0 if len(set(play())) == 1 else 1)
            good = good and os.waitpid(grandchild, 0)[1] == 0
            os._exit(0 if good else 1)
        assert len(set(expected)) == 1
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)
