"""Rollouts with MPI (pip install mpi4py): each rank plays its share, rank 0 collects the results.

    mpirun -n 2 python examples/hpc/mpi_rollouts.py
    mpirun -n 16 --map-by ppr:1:numa --bind-to numa python examples/hpc/mpi_rollouts.py --num-envs 4096

The checksum is the same for any number of ranks.
"""

import argparse
import time

import numpy as np

try:
    from mpi4py import MPI
except (ImportError, RuntimeError) as error:  # RuntimeError: there is no MPI for it
    raise SystemExit(
        f"mpi_rollouts.py needs mpi4py and MPI ({error}): pip install mpi4py; apt-get install openmpi-bin"
    ) from None
from rollouts import Worker, shares, summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-envs", type=int, default=64, help="environments of all ranks together")
    parser.add_argument("--num-threads", type=int, help="threads per rank (default: the CPUs that it is bound to)")
    parser.add_argument("--pin", action="store_true", help="pin each thread to one of the rank's CPUs")
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--steps", type=int, default=64, help="steps of each environment in a chunk")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    world = MPI.COMM_WORLD
    if args.num_envs < world.size:
        raise SystemExit(f"{world.size} ranks need at least as many environments, not {args.num_envs}")
    first, count = shares(args.num_envs, world.size)[world.rank]
    worker = Worker(first, count, args.seed, args.num_threads, "compact" if args.pin else None)

    digests: dict[tuple[int, int], str] = {}
    points = 0.0
    world.Barrier()
    begin = time.perf_counter()
    for chunk in range(args.chunks):
        rollout = worker.rollout(chunk, args.steps)
        # A learner on rank 0 would receive the arrays themselves; this sends rewards and checksums of the rest.
        gathered = world.gather((rollout.digests(), rollout.rewards), root=0)
        if gathered is not None:
            for part, rewards in gathered:
                digests.update(part)
                points += float(np.sum(rewards))
    seconds = time.perf_counter() - begin
    if world.rank == 0:
        steps = args.num_envs * args.chunks * args.steps
        print(f"{world.size} ranks, {len(digests)} rollouts, {points:.0f} points, checksum {summary(digests)}")
        print(f"{4 * steps / seconds:,.0f} frames per second")


if __name__ == "__main__":
    main()
