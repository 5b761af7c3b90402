"""Rollouts with Ray actors (pip install ray): a dead worker is replaced, and no rollout is lost or duplicated.

    python examples/hpc/ray_actors.py                        # on this machine
    python examples/hpc/ray_actors.py --address auto         # on a cluster: ray start --head, ray start --address=...

Each task receives the states of the environments at the end of its last rollout, and returns the new ones. So any
process can run it, and an interrupted task is simply repeated. The checksum equals that of
mpi_rollouts.py.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import ray
    from ray.exceptions import RayError
except ImportError as error:
    raise SystemExit(f"ray_actors.py needs Ray ({error}): pip install ray") from None
from rollouts import Rollout, Worker, shares, summary


@ray.remote(max_restarts=-1, max_task_retries=-1)
class Actor:
    """A worker in a separate process, somewhere in the cluster."""

    def __init__(self, first: int, count: int, seed: int, num_threads: int) -> None:
        self.worker = Worker(first, count, seed, num_threads)

    def rollout(self, states: list[Any] | None, chunk: int, steps: int) -> tuple[Rollout, list[Any]]:
        """Continue from ``states``, or start."""
        if states is None:
            self.worker.restart()
        else:
            self.worker.set_state(states)
        return self.worker.rollout(chunk, steps), self.worker.get_state()

    def whereabouts(self) -> tuple[str, int]:
        """Return the node and the process."""
        return ray.get_runtime_context().get_node_id(), os.getpid()


def runtime_environment() -> dict[str, Any]:
    """Let the workers import rollouts.py, which is in the same folder as this file."""
    path = [str(Path(__file__).resolve().parent), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {"env_vars": {"PYTHONPATH": os.pathsep.join(path)}}


def run(
    num_envs: int,
    workers: int,
    chunks: int,
    steps: int,
    seed: int,
    threads: int = 1,
    watch: Callable[[list[Any], int], None] | None = None,
) -> tuple[dict[tuple[int, int], str], float]:
    """Return all checksums and the total points; call ``watch`` with the actors after each rollout."""
    divided = shares(num_envs, workers)
    actors = [
        Actor.options(num_cpus=threads, scheduling_strategy="SPREAD").remote(first, count, seed, threads)
        for first, count in divided
    ]
    states: list[Any] = [None] * workers  # the driver's copies, which outlive any worker and any node
    done = [0] * workers
    digests: dict[tuple[int, int], str] = {}
    points = 0.0

    def submit(i: int) -> Any:
        return actors[i].rollout.remote(states[i], done[i], steps)

    pending = {submit(i): i for i in range(workers)}
    while pending:
        (ready,), _ = ray.wait(list(pending), num_returns=1)
        i = pending.pop(ready)
        try:
            rollout, state = ray.get(ready)
        except RayError as error:
            # The result was lost with its node, or the actor could not be restarted yet.
            print(f"worker {i}: {type(error).__name__}; repeating its rollout {done[i]}", flush=True)
            time.sleep(0.5)
            pending[submit(i)] = i
            continue
        states[i] = state
        done[i] += 1
        # A learner would learn from `rollout` here.
        digests.update(rollout.digests())
        points += float(rollout.rewards.sum())
        if watch is not None:
            watch(actors, len(digests))
        if done[i] < chunks:
            pending[submit(i)] = i
    for actor in actors:
        ray.kill(actor)
    return digests, points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="address of a cluster (default: this machine alone)")
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="threads per worker; Ray reserves as many CPUs")
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    # Not an earlier cluster on this machine, and with room for the workers regardless of its number of CPUs.
    alone = {"address": "local", "num_cpus": args.workers * args.threads, "include_dashboard": False}
    cluster = {"address": args.address} if args.address else alone
    ray.init(**cluster, runtime_env=runtime_environment())
    begin = time.perf_counter()
    digests, points = run(args.num_envs, args.workers, args.chunks, args.steps, args.seed, args.threads)
    seconds = time.perf_counter() - begin
    frames = 4 * args.num_envs * args.chunks * args.steps
    print(f"{args.workers} workers, {len(digests)} rollouts, {points:.0f} points, checksum {summary(digests)}")
    print(f"{frames / seconds:,.0f} frames per second, including the start of the workers")
    ray.shutdown()


if __name__ == "__main__":
    main()
