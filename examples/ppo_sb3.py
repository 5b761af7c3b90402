"""PPO with Stable-Baselines3 on Bricks (pip install stable-baselines3).

python examples/ppo_sb3.py --steps 1000000
"""

import argparse

import numpy as np

try:
    from stable_baselines3 import PPO
    from stable_baselines3.common.evaluation import evaluate_policy
    from stable_baselines3.common.vec_env import VecMonitor
except ImportError as error:
    raise SystemExit(f"ppo_sb3.py needs Stable-Baselines3 ({error}): pip install stable-baselines3") from None

from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH
from nes_py.sb3 import NESVecEnv


def make_envs(count: int, **options: object) -> VecMonitor:
    return VecMonitor(NESVecEnv(ROM_PATH, count, game=GAME, actions=ACTIONS, noop_max=30, **options))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--num-envs", type=int, default=16)
    parser.add_argument("--rollout", type=int, default=128)
    parser.add_argument("--games", type=int, default=10, help="games that the trained agent plays")
    parser.add_argument("--game-steps", type=int, default=4500, help="steps after which such a game is cut off")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", default="ppo_sb3.zip")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")

    envs = make_envs(args.num_envs, episodic_life=True, reward_clipping=True)
    model = PPO(
        "CnnPolicy",
        envs,
        n_steps=args.rollout,
        batch_size=args.rollout * args.num_envs // 4,
        n_epochs=4,
        learning_rate=2.5e-4,
        clip_range=0.1,
        ent_coef=0.01,
        seed=args.seed,
    )
    model.learn(args.steps)
    model.save(args.save)
    judges = make_envs(args.games, max_episode_steps=args.game_steps)
    judges.seed(args.seed + 10_000)
    points, _ = evaluate_policy(model, judges, args.games, deterministic=False, return_episode_rewards=True)
    print(f"{np.mean(points):.1f} points in {args.games} games; saved the agent in {args.save}")


if __name__ == "__main__":
    main()
