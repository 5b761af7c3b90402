"""RLlib's new API stack with a remote runner."""

from __future__ import annotations

import os

import documented
import pytest
import ray

# Seconds, for a busy machine.
os.environ.setdefault("RAY_raylet_start_wait_time_s", "300")


def test_documented() -> None:
    done = documented.run("RLlib")
    config = done["config"]
    config.rl_module(model_config={"fcnet_hiddens": [16]})
    algorithm = config.build_algo()
    try:
        # Sampled by the runner in another process.
        assert algorithm.env_runner_group.num_healthy_remote_workers() == 1
        sizes = algorithm.env_runner_group.foreach_env_runner(lambda runner: runner.num_envs, local_env_runner=False)
        assert sizes == [2]
        episodes = algorithm.env_runner_group.foreach_env_runner(
            lambda runner: len(runner.sample(num_timesteps=8, random_actions=True)), local_env_runner=False
        )
        assert episodes[0] >= 2
    finally:
        algorithm.stop()
        ray.shutdown()


@pytest.mark.parametrize("name", ["nes_py/Bricks-v0"])
def test_without_the_module_the_worker_does_not_know_the_id(name: str) -> None:
    ray.init(address="local", include_dashboard=False, num_cpus=1)

    @ray.remote
    def make() -> str:
        import gymnasium

        try:
            gymnasium.make(name).close()
        except gymnasium.error.NamespaceNotFound:
            gymnasium.make(f"nes_py:{name}").close()
            return "NamespaceNotFound"
        return "found"

    try:
        assert ray.get(make.remote()) == "NamespaceNotFound"
    finally:
        ray.shutdown()
