"""PPO with RLlib, whose runners step NESVectorEnv directly (pip install "ray[rllib]" torch).

    python examples/hpc/rllib_ppo.py --iterations 100 --runners 2 --num-envs 32

With VectorizeMode.VECTOR_ENTRY_POINT a runner does not create single environments and loop over them. It asks
Gymnasium for the registered vector environment, so a step of a runner is one parallel step in C++. The agent
sees RAM, scaled to [0, 1], from which a small network on CPUs can learn.
"""

import argparse

import gymnasium as gym
import numpy as np
from gymnasium.vector import VectorObservationWrapper


class Scaled(VectorObservationWrapper):
    """RAM as float32 in [0, 1], the range that RLlib's networks expect."""

    def __init__(self, env: gym.vector.VectorEnv) -> None:
        super().__init__(env)
        self.single_observation_space = gym.spaces.Box(0.0, 1.0, (2048,), np.float32)
        self.observation_space = gym.spaces.Box(0.0, 1.0, (env.num_envs, 2048), np.float32)

    def observations(self, observations: np.ndarray) -> np.ndarray:
        return observations.reshape(self.observation_space.shape).astype(np.float32) / 255.0


def make_envs(num_envs: int = 1, num_threads: int | None = None) -> gym.vector.VectorEnv:
    # In the worker's process, where importing nes_py registers the environment.
    from nes_py.envs.bricks import ACTIONS, BricksVectorEnv

    return Scaled(
        BricksVectorEnv(
            num_envs,
            actions=ACTIONS,
            obs_type="ram",
            noop_max=30,
            reward_clipping=True,
            max_episode_steps=4500,
            num_threads=num_threads,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--runners", type=int, default=2)
    parser.add_argument("--num-envs", type=int, default=32, help="environments per runner")
    parser.add_argument("--threads", type=int, default=1, help="emulator threads per runner")
    parser.add_argument("--rollout", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    try:
        import ray
        from ray.rllib.algorithms.ppo import PPOConfig
        from ray.tune.registry import register_env
    except ImportError as error:
        raise SystemExit(f"rllib_ppo.py needs RLlib ({error}): pip install 'ray[rllib]' torch") from None

    ray.init(address="local", include_dashboard=False)
    # RLlib passes num_envs to the function when it creates the vector environment.
    register_env("bricks", lambda context: make_envs(context.get("num_envs", 1), args.threads))
    config = (
        PPOConfig()
        .environment(
            "bricks",
            observation_space=gym.spaces.Box(0.0, 1.0, (2048,), np.float32),
            action_space=gym.spaces.Discrete(6),
        )
        .env_runners(
            num_env_runners=args.runners,
            num_cpus_per_env_runner=args.threads,
            num_envs_per_env_runner=args.num_envs,
            rollout_fragment_length=args.rollout,
            gym_env_vectorize_mode=gym.VectorizeMode.VECTOR_ENTRY_POINT,
        )
        .fault_tolerance(restart_failed_env_runners=True)
        .training(
            train_batch_size_per_learner=args.rollout * args.num_envs * max(args.runners, 1),
            minibatch_size=min(1024, args.rollout * args.num_envs),
            num_epochs=4,
            lr=5e-4,
            entropy_coeff=0.01,
        )
        .debugging(seed=args.seed)
    )
    algorithm = config.build_algo()
    for iteration in range(args.iterations):
        result = algorithm.train()
        numbers = result["env_runners"]
        print(
            f"iteration {iteration}: {numbers.get('num_env_steps_sampled_lifetime', 0):.0f} steps, "
            f"{numbers.get('episode_return_mean', float('nan')):.2f} bricks per game",
            flush=True,
        )
    algorithm.stop()
    ray.shutdown()


if __name__ == "__main__":
    main()
