"""A Ray cluster of two nodes on this machine, for test_clusters.py: a worker and a node die during a run."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "hpc"))

from ray_actors import run, runtime_environment
from rollouts import summary


def main() -> None:
    # A dead node is noticed within seconds instead of a minute.
    health = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 1000, "health_check_failure_threshold": 5}
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 2, "include_dashboard": False, "_system_config": health},
    )
    # So that both workers find room on the other node when this one is gone.
    node = cluster.add_node(num_cpus=2)
    ray.init(address=cluster.address, runtime_env=runtime_environment(), log_to_driver=False)
    killed: list[str] = []

    def watch(actors: list[Any], rollouts: int) -> None:
        if rollouts >= 6 and not killed:
            head = ray.get_runtime_context().get_node_id()
            where = ray.get([actor.whereabouts.remote() for actor in actors])
            assert len({place for place, _ in where}) == 2, where
            os.kill(next(process for place, process in where if place == head), signal.SIGKILL)
            killed.append("worker")
        elif rollouts >= 12 and killed == ["worker"]:
            cluster.remove_node(node, allow_graceful=False)
            killed.append("node")

    digests, points = run(num_envs=6, workers=2, chunks=6, steps=20, seed=0, watch=watch)
    print(f"killed {killed}, {len(digests)} rollouts, {points:.0f} points, checksum {summary(digests)}")
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
