"""A Slurm of this machine alone, and a job in it that loses a task: ``make test-slurm``.

It starts munged, slurmctld and slurmd of its own (Debian: apt-get install slurm-wlm munge), with a node of two CPUs,
submits ``examples/hpc/requeued_rollouts.sbatch``, kills one of its two tasks, waits until the job has been requeued and
finished, and compares the checksum with that of an undisturbed run. It prints what it did as a transcript.
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
#: Seconds; a job waits as long as this before it starts again.
REQUEUE_DELAY = 10
PATIENCE = 300
SIZE = ("--num-envs", "6", "--chunks", "6", "--steps", "20")
CHECKSUM = "987753e47a46a931"

CONFIGURATION = """\
ClusterName=nes
SlurmctldHost={host}
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire={delay}
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
ReturnToService=2
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """munged, slurmctld and slurmd; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        self.variables = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}

    def __enter__(self) -> Cluster:
        ports = []
        for _ in range(2):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                ports.append(free.getsockname()[1])
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        host = socket.gethostname().partition(".")[0]
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                user=getpass.getuser(),
                folder=self.folder,
                controller_port=ports[0],
                node_port=ports[1],
                delay=REQUEUE_DELAY,
            )
        )
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        munge = ["--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket"]
        munge += [f"--pid-file={self.folder}/munge.pid", f"--seed-file={self.folder}/munge.seed"]
        try:
            self.start("munged", *munge, f"--log-file={self.folder}/munge.log")
            self.wait(lambda: (self.folder / "munge.socket").exists(), "munged")
            self.start("slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))
            self.start("slurmd", "-D", "-f", str(self.folder / "slurm.conf"), "-N", host)
            self.wait(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"), "the node")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, *arguments: str) -> None:
        program = find(name)
        assert program is not None
        with open(self.folder / f"{name}.out", "wb") as out:
            self.started.append(subprocess.Popen([program, *arguments], env=self.variables, stdout=out, stderr=out))

    def ask(self, *command: str) -> str:
        done = subprocess.run(command, env=self.variables, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def wait(self, ready: object, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():  # type: ignore[operator]
            for process in self.started:
                if process.poll() is not None:
                    logs = "".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.out"))
                    logs += "".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))
                    raise SystemExit(f"{process.args} ended: {logs}")
            if "a task failed 2 times" in read(self.folder / "job.out"):
                raise SystemExit(f"the job failed: {read(self.folder / 'job.out')[-2000:]}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{what} was not ready after {PATIENCE} seconds; see {self.folder}")
            time.sleep(0.2)


def find(name: str) -> str | None:
    """Return the path of a program; those of administrators are not in everyone's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def say(text: str = "") -> None:
    print(text, flush=True)


def tasks_of(job: str) -> list[int]:
    """Return the processes of the job's tasks, in the order of their numbers."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        number = [line for line in variables if line.startswith(b"SLURM_PROCID=")]
        program = any(part.endswith(b"requeued_rollouts.py") for part in command[1:2])
        if f"SLURM_JOB_ID={job}".encode() in variables and number and program:
            found.append((int(number[0].partition(b"=")[2]), int(folder.name)))
    return [process for _, process in sorted(found)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test-slurm", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    args = parser.parse_args()
    missing = [name for name in PROGRAMS if find(name) is None]
    if missing:
        print(f"not run: {', '.join(missing)} are not installed (Debian: apt-get install slurm-wlm munge)")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="nes-slurm."))
    # munged insists on it.
    folder.chmod(0o755)
    output = folder / "job.out"
    with Cluster(folder) as cluster:
        version = cluster.ask("sinfo", "--version").strip()
        say(f"$ sinfo --version\n{version}")
        path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
        cluster.variables |= {"NES_PROJECT": str(PROJECT), "NES_PYTHON": sys.executable, "NES_RESULTS": str(folder)}
        # A task may fail once, when it is killed.
        cluster.variables |= {"PYTHONPATH": path, "NES_RESTARTS": "1"}
        script = "examples/hpc/requeued_rollouts.sbatch"
        arguments = (*SIZE, "--pause", "2")
        said = cluster.ask("sbatch", f"--output={output}", str(PROJECT / script), *arguments)
        say(f"$ sbatch {script} {' '.join(arguments)}\n{said.strip()}")
        job = said.split()[-1]

        def text() -> str:
            return read(output)

        cluster.wait(lambda: all(f"task {task} has saved rollout 1" in text() for task in (0, 1)), "the job")
        say("$ squeue --format='%i %j %T %r'")
        say(cluster.ask("squeue", "--format=%i %j %T %r").strip())
        tasks = tasks_of(job)
        assert len(tasks) == 2, tasks
        say(f"$ kill -KILL {tasks[1]}    # task 1")
        os.kill(tasks[1], signal.SIGKILL)
        cluster.wait(lambda: "requeued" in text(), "the job's end")
        cluster.wait(lambda: "PENDING" in cluster.ask("squeue", "--noheader", "--format=%T"), "the requeue")
        say("$ squeue --format='%i %j %T %r'")
        say(cluster.ask("squeue", "--format=%i %j %T %r").strip())
        cluster.wait(lambda: "checksum" in text(), "the requeued job")
        say(f"$ scontrol show job {job} | grep -o 'Restarts=[0-9]*'")
        say("".join(re.findall(r"Restarts=\d+", cluster.ask("scontrol", "show", "job", job))))
        cluster.wait(lambda: not cluster.ask("squeue", "--noheader").strip(), "the job's end")
        say(f"$ cat job.out\n{text().replace(str(folder), '...').replace(str(PROJECT), '...').strip()}")
        restarted = re.search(r"task [01] goes on with rollout (\d+)", text())
        good = restarted is not None and f"2 tasks, 36 rollouts, 290 points, checksum {CHECKSUM}" in text()
    if args.keep or not good:
        say(f"the logs are in {folder}")
    else:
        shutil.rmtree(folder)
    say("the same checksum as without interruption" if good else "FAILED")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
