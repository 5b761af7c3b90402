"""Rollouts of a job that may be killed and requeued: each task saves its consoles after a rollout and goes on there.

    srun --ntasks=2 python examples/hpc/requeued_rollouts.py --folder runs/rollouts
    python examples/hpc/requeued_rollouts.py --folder runs/rollouts --summary

Each task plays its share, by SLURM_PROCID and SLURM_NTASKS. The checksum is that of ``mpi_rollouts.py``, for any number
of tasks and however often they were killed.
"""

import argparse
import os
import pickle
import time
from pathlib import Path
from typing import Any

from rollouts import Worker, shares, summary


def load(path: Path) -> dict[str, Any] | None:
    """Return what a task has saved. The folder must be the user's own: a pickle of others could run anything."""
    return pickle.loads(path.read_bytes()) if path.exists() else None


def save(path: Path, saved: dict[str, Any]) -> None:
    """Replace the file at once: a task that is killed meanwhile leaves the old one."""
    new = path.with_suffix(".new")
    with open(new, "wb") as file:
        pickle.dump(saved, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/rollouts"), help="on storage that all nodes share")
    parser.add_argument("--summary", action="store_true", help="put the results of all tasks together")
    parser.add_argument("--num-envs", type=int, default=64, help="environments of all tasks together")
    parser.add_argument("--num-threads", type=int, help="threads per task (default: the CPUs that it is bound to)")
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--steps", type=int, default=64, help="steps of each environment in a chunk")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds to wait after each rollout, to be killed in")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.summary:
        parts = [load(path) for path in sorted(args.folder.glob("task-*.pickle"))]
        digests = {key: digest for part in parts if part for key, digest in part["digests"].items()}
        points = sum(part["points"] for part in parts if part)
        print(f"{len(parts)} tasks, {len(digests)} rollouts, {points:.0f} points, checksum {summary(digests)}")
        return

    rank, ranks = int(os.environ.get("SLURM_PROCID", "0")), int(os.environ.get("SLURM_NTASKS", "1"))
    path = args.folder / f"task-{rank}-of-{ranks}.pickle"
    first, count = shares(args.num_envs, ranks)[rank]
    worker = Worker(first, count, args.seed, args.num_threads)
    saved = load(path)
    if saved is None:
        saved = {"chunk": 0, "digests": {}, "points": 0.0}
    else:
        worker.set_state(saved["states"])
        print(f"task {rank} goes on with rollout {saved['chunk']}", flush=True)
    for chunk in range(saved["chunk"], args.chunks):
        rollout = worker.rollout(chunk, args.steps)
        saved["digests"].update(rollout.digests())
        saved["points"] += float(rollout.rewards.sum())
        saved["chunk"], saved["states"] = chunk + 1, worker.get_state()
        save(path, saved)
        print(f"task {rank} has saved rollout {chunk}", flush=True)
        time.sleep(args.pause)


if __name__ == "__main__":
    main()
