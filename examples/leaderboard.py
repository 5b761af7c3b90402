"""A run of the benchmark for generalisation, or the table of many runs: docs/leaderboard.md has the protocol.

    python examples/leaderboard.py run ppo --seed 0
    python examples/leaderboard.py run random --seed 0
    python examples/leaderboard.py table leaderboard/*.json
    python examples/leaderboard.py table docs/leaderboard/*.json --write docs/leaderboard.md --curves curves.png

``run`` trains an agent on the training levels of Thistle Trail, lets it play levels of both kinds, prints its row, and
writes leaderboard/AGENT-SEED.json. PPO and DQN are those of Stable-Baselines3 (pip install stable-baselines3). An agent
of your own is a class with ``learn`` and ``act`` in ``AGENTS``. ``--curves`` needs matplotlib.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nes_py
from nes_py.envs.trail import ACTIONS, GAME, TEST_LEVELS, TRAINING_LEVELS, TrailVectorEnv

#: Levels of an evaluation: the first ones of each kind.
LEVELS = 100
#: Steps of four frames after which a game of an evaluation is cut off.
GAME_STEPS = 4500  # more than three lives can last
#: What the agents of this file see: two grids of the classes of cells around the fox.
VIEW: dict[str, Any] = {
    "obs_type": "semantic",
    "stack_num": 2,
    "semantic": {"window": {"around": "player", "rows": 16, "columns": 24}},
}
#: They train on one life: a second one earns nothing for pixels that the first one reached.
TRAINING_GAME = {**GAME, "terminated": [*GAME["terminated"], "delta lives < 0"]}
MARKER, END = "<!-- leaderboard -->", "<!-- end of leaderboard -->"


# --- agents ---


class Random:
    """Chooses uniformly among the actions."""

    label = "random"
    steps = 0
    view: dict[str, Any] = {"obs_type": "ram"}  # noqa: RUF012

    def __init__(self, seed: int, steps: int) -> None:
        self.random = np.random.default_rng(seed)

    def learn(self) -> list[tuple[int, float]]:
        return []

    def act(self, observations: Any) -> np.ndarray:
        return self.random.integers(len(ACTIONS), size=len(observations))


class Learner:
    """An agent of Stable-Baselines3."""

    label = ""
    steps = 300_000
    view = VIEW
    num_envs = 32

    def __init__(self, seed: int, steps: int) -> None:
        try:
            import stable_baselines3
        except ImportError as error:
            raise SystemExit(
                f"leaderboard.py needs Stable-Baselines3 ({error}): pip install stable-baselines3"
            ) from None
        from ppo_sb3 import Cells
        from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

        from nes_py.sb3 import NESVecEnv

        envs = NESVecEnv("nes_py/Trail-v0", self.num_envs, levels="train", actions=ACTIONS, game=TRAINING_GAME, **VIEW)
        envs.seed(seed)
        self.total = steps
        normalised = VecNormalize(VecMonitor(envs), norm_obs=False, gamma=0.98)
        policy = {"features_extractor_class": Cells, "net_arch": [256]}
        self.model = self.make(stable_baselines3, normalised, {"seed": seed, "gamma": 0.98, "policy_kwargs": policy})

    def make(self, library: Any, envs: Any, options: dict[str, Any]) -> Any:
        raise NotImplementedError

    def learn(self) -> list[tuple[int, float]]:
        from stable_baselines3.common.callbacks import BaseCallback

        curve: list[tuple[int, float]] = []

        class Curve(BaseCallback):
            def _on_step(self) -> bool:
                for info in self.locals["infos"]:
                    if "episode" in info:
                        curve.append((self.num_timesteps, float(info["episode"]["r"])))
                return True

        self.model.learn(self.total, callback=Curve())
        return curve

    def act(self, observations: Any) -> np.ndarray:
        return np.asarray(self.model.predict(observations, deterministic=False)[0])


class PPO(Learner):
    label = "PPO"

    def make(self, library: Any, envs: Any, options: dict[str, Any]) -> Any:
        return library.PPO(
            "MlpPolicy",
            envs,
            n_steps=64,
            batch_size=512,
            n_epochs=4,
            learning_rate=lambda left: 5e-4 * (0.05 + 0.95 * left),
            clip_range=0.2,
            ent_coef=0.003,
            **options,
        )


class DQN(Learner):
    label = "DQN"
    steps = 100_000  # each costs three times as much as one of PPO
    num_envs = 16

    def make(self, library: Any, envs: Any, options: dict[str, Any]) -> Any:
        return library.DQN(
            "MlpPolicy",
            envs,
            learning_rate=2.5e-4,
            buffer_size=100_000,
            learning_starts=min(5_000, self.total // 20),
            batch_size=128,
            train_freq=1,
            gradient_steps=2,
            target_update_interval=2_000,
            exploration_fraction=0.3,
            exploration_final_eps=0.02,
            **options,
        )


AGENTS: dict[str, type[Random] | type[Learner]] = {"random": Random, "ppo": PPO, "dqn": DQN}


# --- runs ---


def evaluate(agent: Any, levels: Sequence[int], game_steps: int) -> dict[str, list[float]]:
    """Return the returns of one game in each level, and which ones reached the goal."""
    envs = TrailVectorEnv(
        len(levels),
        levels=levels,
        actions=ACTIONS,
        autoreset_mode="SameStep",
        max_episode_steps=game_steps,
        **{"frameskip": 4, **agent.view},
    )
    observations, _ = envs.reset(seed=0, options={"level": list(levels)})
    returns, won, over = (np.zeros(len(levels)) for _ in range(3))
    while not over.all():
        observations, rewards, terminated, truncated, infos = envs.step(agent.act(observations))
        returns += np.where(over, 0, rewards)
        for i in np.flatnonzero((terminated | truncated) & (over == 0)):
            won[i] = infos["final_info"]["won"][i]
            over[i] = 1
    envs.close()
    return {"returns": [round(float(one), 3) for one in returns], "won": [int(one > 0) for one in won]}


def thinned(curve: list[tuple[int, float]], points: int = 50) -> list[tuple[int, float]]:
    """Return the means of equal parts of a curve."""
    parts = (part for part in np.array_split(np.array(curve), points) if len(part))
    return [(int(part[-1, 0]), round(float(part[:, 1].mean()), 3)) for part in parts] if curve else []


def run(args: argparse.Namespace) -> None:
    kind = AGENTS[args.agent]
    steps = kind.steps if args.steps is None else args.steps
    agent = kind(args.seed, steps)
    begin = time.perf_counter()
    curve = agent.learn()
    seconds = time.perf_counter() - begin
    result = {
        "agent": kind.label,
        "observation": kind.view["obs_type"],
        "seed": args.seed,
        "steps": steps,
        "training_seconds": round(seconds),
        "nes_py": nes_py.__version__,
        "train": evaluate(agent, TRAINING_LEVELS[: args.levels], args.game_steps),
        "test": evaluate(agent, TEST_LEVELS[: args.levels], args.game_steps),
        "curve": thinned(curve),
    }
    args.output.mkdir(parents=True, exist_ok=True)
    path = args.output / f"{args.agent}-{args.seed}.json"
    path.write_text(json.dumps(result) + "\n")
    print("\n".join(table([result])))
    print(f"trained for {seconds:.0f} s; wrote {path}")


# --- the table ---


def interval(runs: Sequence[Sequence[float]], samples: int = 2000) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean: runs are drawn again, and of each of them its levels."""
    random = np.random.default_rng(0)
    values = [np.array(run) for run in runs]
    means = []
    for _ in range(samples):
        chosen = random.integers(len(values), size=len(values))
        means.append(np.mean([random.choice(values[i], len(values[i])).mean() for i in chosen]))
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def grouped(results: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the runs of each agent, the best ones first."""
    key = lambda one: (one["agent"], one["observation"], one["steps"])  # noqa: E731
    groups = [list(group) for _, group in itertools.groupby(sorted(results, key=key), key)]
    return sorted(groups, key=lambda group: -np.mean([one["test"]["returns"] for one in group]))


def table(results: list[dict[str, Any]]) -> list[str]:
    """Return the table as Markdown."""
    lines = [
        "| agent | observation | steps | seeds | test levels: return | goal | training levels: return | goal |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for group in grouped(results):
        cells = [group[0]["agent"], group[0]["observation"], f"{group[0]['steps']:,}", str(len(group))]
        for kind in ("test", "train"):
            returns = [one[kind]["returns"] for one in group]
            low, high = interval(returns)
            cells.append(f"{np.mean(returns):.1f} ({low:.1f} to {high:.1f})")
            cells.append(f"{100 * np.mean([one[kind]['won'] for one in group]):.0f} %")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def draw(results: list[dict[str, Any]], path: Path) -> None:
    """Draw the returns of training games: each run, and the mean of each agent."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    for group in grouped(results):
        curves = [np.array(one["curve"]) for one in group if one["curve"]]
        if not curves:
            continue
        steps = np.linspace(0, max(curve[-1, 0] for curve in curves), 50)
        each = np.array([np.interp(steps, *curve.T) for curve in curves])
        (line,) = axes.plot(steps, each.mean(0), label=f"{group[0]['agent']}, {len(each)} seed{'s' * (len(each) > 1)}")
        for one in each:
            axes.plot(steps, one, color=line.get_color(), alpha=0.3, linewidth=0.8)
    axes.set(xlabel="steps (4 frames each)", ylabel="return of a training game, one life", title="Thistle Trail")
    axes.legend()
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)


def show_table(args: argparse.Namespace) -> None:
    results = [json.loads(path.read_text(encoding="utf-8")) for path in args.results]
    lines = table(results)
    print("\n".join(lines))
    if args.write:
        before, found, rest = args.write.read_text(encoding="utf-8").partition(MARKER)
        _, closed, after = rest.partition(END)
        if not found or not closed:
            raise SystemExit(f"{args.write} lacks its markers: {MARKER} and {END}")
        text = "\n\n".join((before + MARKER, "\n".join(lines), END + after))
        args.write.write_text(text, encoding="utf-8")
    if args.curves:
        draw(results, args.curves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="train and evaluate an agent")
    command.add_argument("agent", choices=AGENTS)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--steps", type=int, help="steps of training, four frames each (default: those of the table)")
    command.add_argument("--levels", type=int, default=LEVELS, help="of an evaluation; the table has 100")
    command.add_argument("--game-steps", type=int, default=GAME_STEPS, help="at most, of a game of an evaluation")
    command.add_argument("--output", type=Path, default=Path("leaderboard"), help="folder")
    command.set_defaults(function=run)
    command = commands.add_parser("table", help="make the table of runs")
    command.add_argument("results", type=Path, nargs="+")
    command.add_argument("--write", type=Path, help="a page, between its markers")
    command.add_argument("--curves", type=Path, help="picture of the curves")
    command.set_defaults(function=show_table)
    args = parser.parse_args()
    if getattr(args, "seed", 0) < 0:
        parser.error("--seed must be at least 0")
    args.function(args)


if __name__ == "__main__":
    main()
