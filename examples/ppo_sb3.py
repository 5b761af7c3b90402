"""PPO with Stable-Baselines3 (pip install stable-baselines3), on Bricks, a game of your own or a known game.

    python examples/ppo_sb3.py --steps 1000000
    python examples/ppo_sb3.py --rom game.nes --game game.json --actions "NOOP,right,right A" --minutes 25
    python examples/ppo_sb3.py --env nes_py/SuperMarioBros-1-1-v0 --actions "right,right A,right B,right A B" \
        --semantic 20 24 --track x_pos flag_get --minutes 10

The second one is of a game declared as in docs/own-game.md. The third one needs the ROM, see docs/known-games.md; its
agent sees the classes of cells around the player. With matplotlib the points of all training games become a curve.
"""

import argparse
import time
from typing import Any

import numpy as np
from gymnasium.error import UnregisteredEnv

try:
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
    from stable_baselines3.common.vec_env import VecMonitor, VecNormalize
except ImportError as error:
    raise SystemExit(f"ppo_sb3.py needs Stable-Baselines3 ({error}): pip install stable-baselines3") from None

from nes_py.envs.bricks import ACTIONS
from nes_py.sb3 import NESVecEnv

BRICKS = "nes_py/Bricks-v0"


class Cells(BaseFeaturesExtractor):
    """Features of grids of classes: four numbers for each class, learned, and a layer over all cells."""

    def __init__(self, observation_space: Any, features_dim: int = 256) -> None:
        super().__init__(observation_space, features_dim)
        self.embedding = torch.nn.Embedding(int(observation_space.high.max()) + 1, 4)
        self.cells = torch.nn.Linear(4 * int(np.prod(observation_space.shape)), features_dim)

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.cells(self.embedding(observations.int()).flatten(1)))


class Episodes(BaseCallback):
    """Notes each finished game, and stops when the time is over."""

    def __init__(self, minutes: float | None, names: list[str]) -> None:
        super().__init__()
        self.end = time.monotonic() + 60 * minutes if minutes else None
        self.names = ["r", *names]
        self.rows: list[list[float]] = []

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            if "episode" in info:
                self.rows.append([self.num_timesteps, *(float(info["episode"][name]) for name in self.names)])
        return self.end is None or time.monotonic() < self.end

    def _on_rollout_end(self) -> None:
        if self.rows:
            means = np.mean(self.rows[-100:], axis=0)[1:]
            text = ", ".join(f"{name} {mean:.1f}" for name, mean in zip(self.names, means, strict=True))
            print(f"{self.num_timesteps:9d} steps, last games: {text}", flush=True)

    def draw(self, path: str, title: str) -> None:
        try:
            import matplotlib

            matplotlib.use("agg")
            from matplotlib import pyplot
        except ImportError:
            print("no curve: pip install matplotlib")
            return
        if not self.rows:
            return
        steps, *columns = np.array(self.rows).T
        width = max(1, len(steps) // 50)
        figure, panels = pyplot.subplots(len(columns), squeeze=False, sharex=True, figsize=(7, 1 + 3 * len(columns)))
        labels = ["points in a game", *self.names[1:]]
        for axes, values, label in zip(panels[:, 0], columns, labels, strict=True):
            axes.plot(steps, values, ".", markersize=2, alpha=0.3)
            mean = np.convolve(values, np.ones(width) / width, "valid")
            axes.plot(steps[width - 1 :], mean, label=f"mean of {width} games")
            axes.set_ylabel(label)
        panels[0, 0].set_title(title)
        panels[0, 0].legend()
        panels[-1, 0].set_xlabel("steps (4 frames each)")
        figure.savefig(path, dpi=120, bbox_inches="tight")
        pyplot.close(figure)


def make_envs(args: argparse.Namespace, count: int, **options: Any) -> VecMonitor:
    actions = [combination.split() for combination in args.actions.split(",")] if args.actions else ACTIONS
    if args.semantic:
        window = {"around": "player", "rows": args.semantic[0], "columns": args.semantic[1]}
        options |= {"obs_type": "semantic", "stack_num": 2, "semantic": {"window": window}}
    else:
        options |= {"img_height": args.size, "img_width": args.size}
    if args.rom:
        options["game"] = args.game
    try:
        envs = NESVecEnv(args.rom or args.env, count, actions=actions, noop_max=30, **options)
    except (OSError, ValueError, UnregisteredEnv) as error:
        raise SystemExit(f"ppo_sb3.py: {error}") from None
    return VecMonitor(envs, info_keywords=tuple(args.track))


def play(model: PPO, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what the monitor says of the first game in each of several environments."""
    envs = make_envs(args, args.games, max_episode_steps=args.game_steps)
    envs.seed(args.seed + 10_000)
    observations = envs.reset()
    games: dict[int, dict[str, Any]] = {}
    while len(games) < args.games:
        observations, _, _, infos = envs.step(model.predict(observations, deterministic=False)[0])
        for index, info in enumerate(infos):
            if "episode" in info:
                games.setdefault(index, info["episode"])
    envs.close()
    return [games[index] for index in range(args.games)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default=BRICKS, help=f"{BRICKS} or the id of a known game")
    parser.add_argument("--rom", help="a game of your own, with --game; needs --actions")
    parser.add_argument("--game", help="its declaration, a JSON file")
    parser.add_argument("--actions", help="combinations of buttons of another game than Bricks")
    parser.add_argument("--track", nargs="+", default=[], help="entries of info to report at the end of each game")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, help="time limit")
    parser.add_argument("--num-envs", type=int, default=16)
    parser.add_argument("--rollout", type=int, default=128)
    parser.add_argument("--size", type=int, default=84, help="height and width of the pictures")
    parser.add_argument(
        "--semantic", type=int, nargs=2, metavar=("ROWS", "COLUMNS"), help="see classes of cells instead of pictures"
    )
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--learning-rate", type=float, default=2.5e-4)
    parser.add_argument("--games", type=int, default=10, help="games that the trained agent plays")
    parser.add_argument("--game-steps", type=int, default=4500, help="steps after which such a game is cut off")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", default="ppo_sb3.zip")
    parser.add_argument("--curve", default="ppo_sb3.png")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    if bool(args.rom) != bool(args.game):
        parser.error("--rom and --game go together")
    bricks = args.env == BRICKS and not args.rom
    if bricks == bool(args.actions):
        parser.error("--actions goes with --rom and with the id of a known game")

    # Points of other games may differ too much in size to be clipped.
    if bricks:
        envs: Any = make_envs(args, args.num_envs, episodic_life=True, reward_clipping=True)
    else:
        envs = VecNormalize(make_envs(args, args.num_envs), norm_obs=False, gamma=args.gamma)
    model = PPO(
        "MlpPolicy" if args.semantic else "CnnPolicy",
        envs,
        n_steps=args.rollout,
        batch_size=args.rollout * args.num_envs // 4,
        n_epochs=4,
        learning_rate=args.learning_rate,
        clip_range=0.1,
        gamma=args.gamma,
        ent_coef=0.01,
        seed=args.seed,
        policy_kwargs={"features_extractor_class": Cells, "net_arch": [256]} if args.semantic else None,
    )
    episodes = Episodes(args.minutes, args.track)
    model.learn(args.steps, callback=episodes)
    model.save(args.save)
    episodes.draw(args.curve, f"PPO of Stable-Baselines3 on {args.rom or args.env}")
    games = play(model, args)
    print(f"{np.mean([game['r'] for game in games]):.1f} points in {args.games} games; saved the agent in {args.save}")
    for name in args.track:
        values = [float(game[name]) for game in games]
        print(f"{name}: mean {np.mean(values):.1f}; {', '.join(f'{value:g}' for value in values)}")


if __name__ == "__main__":
    main()
