"""The cluster programs, with the MPI, Ray and Slurm that this machine has."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from support.patience import PATIENCE
from test_examples import EXAMPLES, PROJECT, SMALL_PPO, environment, needs, run

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="not a source tree")

SIZE = ("--num-envs", "6", "--chunks", "6", "--steps", "20")
# Of these games, on any machine: docs/hpc.md shows it.
CHECKSUM = "987753e47a46a931"


def finish(command: list[str], folder: Path, env: dict[str, str] | None = None, timeout: int = PATIENCE) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment() | (env or {}), capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_rank(tmp_path: Path) -> None:
    needs("mpi4py")
    text = run(tmp_path, "hpc/mpi_rollouts.py", *SIZE)
    assert f"1 ranks, 36 rollouts, 290 points, checksum {CHECKSUM}" in text


def test_two_ranks(tmp_path: Path) -> None:
    needs("mpi4py")
    if shutil.which("mpirun") is None:
        pytest.skip("mpirun is not installed")
    program = str(EXAMPLES / "hpc" / "mpi_rollouts.py")
    # The two variables are for machines where the tests run as root, as in containers.
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = ["mpirun", "--oversubscribe", "-n", "2", sys.executable, program, *SIZE, "--pin"]
    assert f"2 ranks, 36 rollouts, 290 points, checksum {CHECKSUM}" in finish(command, tmp_path, root)


def test_ray(tmp_path: Path) -> None:
    needs("ray")
    text = run(tmp_path, "hpc/ray_actors.py", *SIZE)
    assert f"2 workers, 36 rollouts, 290 points, checksum {CHECKSUM}" in text


def test_ray_when_a_worker_and_a_node_die(tmp_path: Path) -> None:
    needs("ray")
    text = finish([sys.executable, str(Path(__file__).with_name("two_nodes.py"))], tmp_path)
    assert f"killed ['worker', 'node'], 36 rollouts, 290 points, checksum {CHECKSUM}" in text


def test_rllib(tmp_path: Path) -> None:
    needs("ray", "torch", "tree", "pyarrow")
    size = ("--iterations", 2, "--runners", 1, "--num-envs", 4, "--rollout", 16)
    assert "iteration 1: 128 steps" in run(tmp_path, "hpc/rllib_ppo.py", *size)


def test_scaling(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- scaling -->\nold\n<!-- end of scaling -->\nafter\n")
    run(tmp_path, "hpc/scaling.py", "--envs-per-thread", 4, "--seconds", 0.1, "--write", page)
    text = page.read_text()
    assert text.startswith("before\n<!-- scaling -->\n")
    assert text.endswith("\n<!-- end of scaling -->\nafter\n")
    assert "old" not in text
    assert re.search(r"^\| 1 \| [\d,]+ \| 1\.00 \|$", text, re.MULTILINE)


# --- Slurm: its commands are played by scripts ---


@pytest.fixture
def slurm(tmp_path: Path) -> dict[str, str]:
    """The environment of a job, with an srun that runs the command and a scontrol that notes what it was asked for."""
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "srun").write_text(
        '#!/bin/bash\necho "srun $*" >> "$SLURM_NOTES"\nwhile [[ "$1" == -* ]]; do\n'
        '  if [ "$1" = -w ]; then shift; fi\n  shift\ndone\nexec "$@"\n'
    )
    (commands / "scontrol").write_text('#!/bin/bash\necho "scontrol $*" >> "$SLURM_NOTES"\n')
    for path in commands.iterdir():
        path.chmod(0o755)
    return environment() | {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "SLURM_NOTES": str(tmp_path / "notes"),
        "SLURM_JOB_ID": "17",
        "SLURM_JOB_NAME": "job",
        "SLURM_CPUS_PER_TASK": "1",
        "SLURM_JOB_NUM_NODES": "1",
        "NES_PROJECT": str(PROJECT),
        "NES_PYTHON": sys.executable,
        "NES_RESULTS": str(tmp_path / "results"),
        "TMPDIR": str(tmp_path),
    }


@pytest.mark.parametrize("name", ["ppo.sbatch", "ray.sbatch", "requeued_rollouts.sbatch", "rollouts.sbatch"])
def test_script_is_bash(name: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    path = EXAMPLES / "hpc" / name
    subprocess.run(["bash", "-n", str(path)], check=True)
    options = re.findall(r"^#SBATCH --([a-z-]+)", path.read_text(), re.MULTILINE)
    assert {"job-name", "nodes", "cpus-per-task", "time"} <= set(options)


def test_rollouts_job(slurm: dict[str, str], tmp_path: Path) -> None:
    needs("mpi4py")
    script = EXAMPLES / "hpc" / "rollouts.sbatch"
    assert CHECKSUM in finish(["bash", str(script), *SIZE], tmp_path, slurm)
    assert "--cpu-bind=ldoms --mem-bind=local" in (tmp_path / "notes").read_text()


def test_a_killed_job_goes_on(slurm: dict[str, str], tmp_path: Path) -> None:
    # The scripts that play srun run one task.
    script = str(EXAMPLES / "hpc" / "requeued_rollouts.sbatch")
    with open(tmp_path / "log", "w") as log:
        job = subprocess.Popen(
            ["bash", script, *SIZE, "--pause", "1"], env=slurm, stdout=log, stderr=log, start_new_session=True
        )
        deadline = time.monotonic() + PATIENCE
        while "saved rollout 1" not in (tmp_path / "log").read_text():
            assert job.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        found = subprocess.run(
            ["pgrep", "-g", str(job.pid), "-f", "requeued_rollouts.py"], capture_output=True, text=True, check=True
        )
        for task in map(int, found.stdout.split()):
            if task != job.pid:
                os.kill(task, signal.SIGKILL)
        assert job.wait(timeout=PATIENCE) == 0
    assert "requeued for the 1. time" in (tmp_path / "log").read_text()
    assert "scontrol requeue 17" in (tmp_path / "notes").read_text()
    text = finish(["bash", script, *SIZE], tmp_path, slurm | {"SLURM_RESTART_COUNT": "1"})
    assert re.search(r"task 0 goes on with rollout [23]", text)
    assert f"1 tasks, 36 rollouts, 290 points, checksum {CHECKSUM}" in text


def test_ray_job(slurm: dict[str, str], tmp_path: Path) -> None:
    needs("ray")
    job = {"SLURM_CPUS_PER_TASK": "2", "NES_RAY_THREADS": "1", "NES_RAY_WAIT": "15", "NES_RAY_PORT": "6399"}
    job["TMPDIR"] = tempfile.gettempdir()  # the names of Ray's sockets must be short
    text = finish(["bash", str(EXAMPLES / "hpc" / "ray.sbatch"), *SIZE], tmp_path, slurm | job, timeout=PATIENCE)
    assert f"2 workers, 36 rollouts, 290 points, checksum {CHECKSUM}" in text


def test_training_job_is_cut_off_and_resumed(slurm: dict[str, str], tmp_path: Path) -> None:
    needs("torch")
    script = str(EXAMPLES / "hpc" / "ppo.sbatch")
    arguments = [*map(str, SMALL_PPO), "--video", ""]
    with open(tmp_path / "log", "w") as log:
        job = subprocess.Popen(["bash", script, "--steps", "100000000", *arguments], env=slurm, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while "steps" not in (tmp_path / "log").read_text():
            assert job.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        job.send_signal(signal.SIGUSR1)
        assert job.wait(timeout=PATIENCE) == 0, (tmp_path / "log").read_text()
    assert "stopped early" in (tmp_path / "log").read_text()
    assert "scontrol requeue 17" in (tmp_path / "notes").read_text()
    checkpoint = tmp_path / "results" / "job" / "checkpoint.pt"
    assert checkpoint.stat().st_size > 10_000
    assert not list(tmp_path.glob("nes-ppo.*")), "scratch was left behind"

    import torch

    step = torch.load(checkpoint, weights_only=False)["counters"][1]
    assert step > 0
    text = finish(["bash", script, "--steps", str(step + 32), *arguments], tmp_path, slurm)
    assert "trained agent" in text
    assert f"--resume {checkpoint}" in (tmp_path / "notes").read_text()
    assert torch.load(checkpoint, weights_only=False)["counters"][1] == step + 32
    assert (checkpoint.parent / "scores.json").exists()
