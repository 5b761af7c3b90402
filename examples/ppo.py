"""PPO in one file with NESVectorEnv: pictures or grids of classes in; a trained agent, its curve and its video out.

    python examples/ppo.py --minutes 10 --seed 1
    python examples/ppo.py --env nes_py/Duel-v0 --skill 1 2 3 --minutes 25
    python examples/ppo.py --env nes_py/Trail-v0 --minutes 30 --minibatches 16 --entropy 0.002 --gamma 0.98
    python examples/ppo.py --rom game.nes --game game.json --actions "NOOP,right,right A" --minutes 25
    python examples/ppo.py --env my_game:MyEnv --minutes 25
    python examples/ppo.py --env nes_py/SuperMarioBros-1-1-v0 --actions "right,right A,right B,right A B" \
        --semantic 20 24 --reward-scale 100 --gamma 0.95 --track x_pos flag_get --minutes 10
    python examples/ppo.py --resume runs/Bricks-1/checkpoint.pt --minutes 25
    tensorboard --logdir runs

--rom and --game take a game of your own, declared as in docs/own-game.md; --env takes one as a class, which needs
opencv-python-headless, or the id of a known game, see docs/known-games.md.

Needs torch; tensorboard for the log, matplotlib for the curve, imageio[ffmpeg] for an .mp4 (Pillow for a .gif).
Everything is written to runs/NAME: checkpoint.pt, scores.json, curve.png, agent.mp4. An interrupted and resumed run
gives the same result as an uninterrupted one, because the checkpoint holds the consoles.

The algorithm: Schulman et al. 2017, https://arxiv.org/abs/1707.06347. ``--vector async`` runs the same training on
Gymnasium's AsyncVectorEnv with single environments under wrappers, to compare the time spent in the environments.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import importlib.util
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

import nes_py  # registers the environments
from nes_py.game import Game
from nes_py.recorder import VideoRecorder
from nes_py.sound import SAMPLE_RATE

try:
    import torch
    from torch import nn
except ImportError as error:
    raise SystemExit(f"ppo.py needs PyTorch ({error}): pip install torch") from None

#: Pixels that the agent does not need: top, bottom, left, right.
CROPS = {
    "nes_py/Bricks-v0": (32, 0, 8, 8),
    "nes_py/Bricks-v1": (32, 0, 8, 8),
    "nes_py/Trail-v0": (32, 16, 32, 32),
    "nes_py/Trail-v1": (32, 16, 32, 32),
    "nes_py/Duel-v0": (32, 0, 0, 0),
}
#: Games in which a second life earns no reward for progress of the first one. The agent trains on one life; otherwise
#: the value of a picture would depend on information that is not in it.
ONE_LIFE = ("nes_py/Trail-v0", "nes_py/Trail-v1")
#: Options for a variant of the game that the agent was not trained on.
UNSEEN = {name: {"levels": "test"} for name in ONE_LIFE}
#: The combinations of buttons for games that do not come with some.
BUTTONS = "NOOP,A,B,left,right,up,down,left A,right A,right B,right A B"


#: Of the vector environments.
OPTIONS: dict[str, Any] = {
    "frameskip": 4,
    "stack_num": 4,
    "noop_max": 30,  # an agent memorizes games that all start alike
    "autoreset_mode": AutoresetMode.SAME_STEP,
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    known = "the id of a known game such as nes_py/SuperMarioBros-1-1-v0"
    add(
        "--env",
        default="nes_py/Bricks-v0",
        help=f"{', '.join(CROPS)}, {known}, or the class of an NESEnv as module:Class",
    )
    add("--rom", help="a ROM file of your own, instead of --env")
    add("--game", help="the declaration of that game, a JSON file: its rewards and ends of episodes")
    add(
        "--actions",
        default=BUTTONS,
        help="combinations of buttons, for games that do not come with some (default: %(default)s)",
    )
    add("--crop", type=int, nargs=4, metavar=("TOP", "BOTTOM", "LEFT", "RIGHT"), help="pixels cut off of a picture")
    add("--size", type=int, default=48, help="height and width of the pictures")
    add("--colour", action="store_true", help="pictures in colour, not in grey")
    add(
        "--semantic",
        type=int,
        nargs=2,
        metavar=("ROWS", "COLUMNS"),
        help="see the classes of that many cells around the player instead of pictures, see docs/tiles.md",
    )
    add("--skill", type=int, nargs="+", help="skill of the computer, nes_py/Duel-v0 only")
    add("--vector", default="nes", choices=["nes", "async"])
    add("--minutes", type=float, help="time limit")
    add("--steps", type=int, default=10_000_000, help="limit of steps of the agent, four frames each")
    add("--seed", type=int, default=1)
    add("--num-envs", type=int, default=32)
    add("--num-threads", type=int, help="threads of the emulators")
    add("--torch-threads", type=int, help="threads of the learner")
    add("--rollout", type=int, default=128, help="steps of each environment between two updates")
    add("--epochs", type=int, default=3)
    add("--minibatches", type=int, default=4)
    add("--learning-rate", type=float, default=5e-4)
    add("--gamma", type=float, default=0.99)
    add("--gae-lambda", type=float, default=0.95)
    add("--clip", type=float, default=0.15)
    add("--entropy", type=float, default=0.01)
    add("--value-weight", type=float, default=0.5)
    add("--max-gradient", type=float, default=0.5)
    add("--reward-scale", type=float, help="divide rewards by this (default: clip them to -1 and 1)")
    add("--track", nargs="+", default=[], help="entries of info whose value at the end of each game is reported")
    add("--name", help="folder in runs (default: the game and the seed)")
    add("--runs", type=Path, default=Path("runs"))
    add("--resume", type=Path, help="a checkpoint; its arguments apply except --minutes and --steps")
    add("--checkpoint-minutes", type=float, default=5.0)
    add("--evaluate", type=int, default=20, help="games that the trained agent plays at the end")
    add("--evaluate-steps", type=int, default=4500, help="steps after which such a game is cut off")
    add("--video", default="agent.mp4", help="file name; empty for none")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed must be at least 0")
    if args.reward_scale is not None and args.reward_scale <= 0:
        parser.error("--reward-scale must be above 0")
    if bool(args.rom) != bool(args.game):
        parser.error("--rom and --game go together: a game without rewards teaches nothing")
    if not args.rom and ":" not in args.env and (args.env not in gym.registry or not args.env.startswith("nes_py/")):
        parser.error(f"--env must be {', '.join(CROPS)}, {known} or module:Class, not {args.env!r}")
    if args.vector == "async" and (args.rom or (":" not in args.env and args.env not in CROPS)):
        parser.error("--rom and known games need --vector nes")
    if (args.crop or args.colour or args.semantic or args.size != 48) and (args.vector == "async" or ":" in args.env):
        parser.error("--crop, --size, --colour and --semantic need --vector nes, and a game that is declared")
    if args.size < 36:
        parser.error("--size must be at least 36")
    return args


def keep_freed_memory() -> None:
    """Let the GNU C library keep large freed blocks.

    By default it returns them to the system immediately. Reallocating them for every layer took a third of the time.
    """
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
        trim_threshold, mmap_max = -1, -4  # malloc.h
        ctypes.CDLL(None).mallopt(mmap_max, 0)
        ctypes.CDLL(None).mallopt(trim_threshold, 2**31 - 1)


def view_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the options about observations."""
    if args.semantic:
        window = {"around": "player", "rows": args.semantic[0], "columns": args.semantic[1]}
        return {"obs_type": "semantic", "stack_num": 2, "semantic": {"window": window}}
    crop = args.crop or ((0, 0, 0, 0) if args.rom else CROPS.get(args.env, (0, 0, 0, 0)))
    return {"img_height": args.size, "img_width": args.size, "grayscale": not args.colour, "crop": tuple(crop)}


def make_envs(args: argparse.Namespace, count: int, **more: Any) -> VectorEnv:
    buttons = [combination.split() for combination in args.actions.split(",")]
    view = view_of(args)
    if args.rom:
        try:
            return nes_py.NESVectorEnv(
                args.rom,
                count,
                game=args.game,
                actions=buttons,
                num_threads=args.num_threads,
                **{**OPTIONS, **view},
                **{"episodic_life": bool(Game.load(args.game).lives), **more},
            )
        except (OSError, ValueError) as error:
            raise SystemExit(f"ppo.py: {error}") from None
    if ":" in args.env:
        return make_own(args, count, buttons, **more)
    if args.env not in CROPS:  # a known game
        return gym.make_vec(
            args.env, count, actions=buttons, num_threads=args.num_threads, **{**OPTIONS, **view}, **more
        )
    # The module of a game has its declaration and its useful combinations of buttons.
    bundled = importlib.import_module(str(gym.spec(args.env).entry_point).partition(":")[0])
    options: dict[str, Any] = {"skill": tuple(args.skill)} if args.skill else {}
    if args.vector == "async" and not more:
        return make_async(args, count, bundled.ACTIONS, options)
    if args.env in ONE_LIFE and not more:
        options["game"] = {**bundled.GAME, "terminated": [*bundled.GAME["terminated"], "delta lives < 0"]}
    return gym.make_vec(
        args.env,
        count,
        actions=bundled.ACTIONS,
        num_threads=args.num_threads,
        **{**OPTIONS, **view},
        **{"episodic_life": "lives" in bundled.GAME and args.env not in ONE_LIFE, **options, **more},
    )


def make_own(
    args: argparse.Namespace, count: int, buttons: Any, max_episode_steps: int | None = None, **more: Any
) -> VectorEnv:
    """Environments of a class, one process each to train with, and in this process for the other purposes."""
    module, _, name = args.env.partition(":")
    sys.path.insert(0, "")  # it may lie in the working directory
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SystemExit(f"--env {args.env}: {error}") from None
    trains = not more and max_episode_steps is None
    render_mode = more.get("render_mode")

    def make() -> gym.Env[Any, Any]:
        env = wrapped(kind(render_mode=render_mode) if render_mode else kind(), buttons, (0, 0, 0, 0))
        return env if max_episode_steps is None else gym.wrappers.TimeLimit(env, max_episode_steps)

    if trains:
        return gym.vector.AsyncVectorEnv([make] * count, autoreset_mode=AutoresetMode.SAME_STEP, context="spawn")
    return gym.vector.SyncVectorEnv([make] * count, autoreset_mode=AutoresetMode.SAME_STEP)


def make_async(args: argparse.Namespace, count: int, actions: Any, options: dict[str, Any]) -> VectorEnv:
    """The usual way: one process per environment, and wrappers in Python."""

    def make() -> gym.Env[Any, Any]:
        return wrapped(gym.make(args.env, **options), actions, CROPS[args.env])

    return gym.vector.AsyncVectorEnv([make] * count, autoreset_mode=AutoresetMode.SAME_STEP, context="spawn")


def wrapped(env: Any, actions: Any, crop: tuple[int, int, int, int]) -> gym.Env[Any, Any]:
    """Return an environment under Gymnasium's wrappers, with the observations of the others by default."""
    if importlib.util.find_spec("cv2") is None:
        raise SystemExit("Gymnasium's wrappers need OpenCV: pip install opencv-python-headless")
    from gymnasium.wrappers import (
        FrameStackObservation,
        GrayscaleObservation,
        MaxAndSkipObservation,
        ResizeObservation,
        TransformObservation,
    )

    from nes_py.wrappers import JoypadSpace

    top, bottom, left, right = crop
    env = MaxAndSkipObservation(JoypadSpace(env, actions), skip=4)
    box = gym.spaces.Box(0, 255, (240 - top - bottom, 256 - left - right, 3), np.uint8)
    env = TransformObservation(env, lambda picture: picture[top : 240 - bottom, left : 256 - right], box)
    return FrameStackObservation(ResizeObservation(GrayscaleObservation(env), (48, 48)), 4)


def initialised(layer: Any, gain: float = 2**0.5) -> Any:
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


class Agent(nn.Module):
    """A policy and a value of uint8 pictures, (n, planes, size, size), or of classes, (n, planes, rows, columns)."""

    def __init__(self, actions: int, shape: tuple[int, ...] = (4, 48, 48), classes: int | None = None) -> None:
        super().__init__()
        planes, size, columns = shape
        self.sees_classes = classes is not None
        if classes is not None:
            self.body = nn.Sequential(
                nn.Embedding(classes + 1, 4),
                nn.Flatten(),
                initialised(nn.Linear(4 * planes * size * columns, 256)),
                nn.ReLU(),
                initialised(nn.Linear(256, 256)),
                nn.ReLU(),
            )
        else:
            last = ((size - 6) // 3 + 1 - 4) // 2 + 1 - 2  # height and width after the convolutions
            self.body = nn.Sequential(
                initialised(nn.Conv2d(planes, 16, 6, 3)),
                nn.ReLU(),
                initialised(nn.Conv2d(16, 32, 4, 2)),
                nn.ReLU(),
                initialised(nn.Conv2d(32, 32, 3, 1)),
                nn.ReLU(),
                nn.Flatten(),
                initialised(nn.Linear(32 * last * last, 256)),
                nn.ReLU(),
            )
        self.policy = initialised(nn.Linear(256, actions), 0.01)
        self.value = initialised(nn.Linear(256, 1), 1.0)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.distributions.Categorical, torch.Tensor]:
        if self.sees_classes:
            features = self.body(pictures.int())
        else:
            features = self.body((pictures.float() / 255.0).contiguous(memory_format=torch.channels_last))
        return torch.distributions.Categorical(logits=self.policy(features)), self.value(features).squeeze(-1)


class Trainer:
    """The state of a run: environments, agent, optimiser and counters."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        torch.manual_seed(args.seed)
        if args.torch_threads:
            torch.set_num_threads(args.torch_threads)
        self.envs = make_envs(args, args.num_envs)
        self.actions = int(self.envs.single_action_space.n)
        space: Any = self.envs.single_observation_space
        classes = int(space.high.max()) if args.semantic else None
        # Convolutions on a CPU are faster with adjacent channels.
        self.agent = Agent(self.actions, space.shape, classes).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.agent.parameters(), lr=args.learning_rate, eps=1e-5)
        self.observation, _ = self.envs.reset(seed=args.seed)
        self.returns = np.zeros(args.num_envs)
        self.step = 0
        self.seconds = 0.0
        self.spent = {"environments": 0.0, "agent": 0.0, "learner": 0.0}
        self.told_to_stop = False
        self.games: list[tuple[int, float, float]] = []  # step, seconds, points
        self.tracked: dict[str, list[float]] = {name: [] for name in args.track}  # of each of these games
        game = Path(args.rom).stem if args.rom else args.env.split(":")[-1].split("/")[-1].rsplit("-", 1)[0]
        self.folder = args.runs / (args.name or f"{game}-{args.seed}")
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            from torch.utils.tensorboard import SummaryWriter

            self.log: Any = SummaryWriter(str(self.folder))
        except ImportError:
            self.log = None

    # --- checkpoints ---

    def save(self) -> None:
        state = {
            "args": vars(self.args),
            "agent": self.agent.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "envs": self.envs.get_state(range(self.args.num_envs)) if hasattr(self.envs, "get_state") else None,
            "random": torch.get_rng_state(),
            "counters": (self.returns, self.step, self.seconds, self.spent, self.games, self.tracked),
        }
        # A job that is killed while writing keeps the last checkpoint.
        torch.save(state, self.folder / "checkpoint.new")
        (self.folder / "checkpoint.new").replace(self.folder / "checkpoint.pt")

    @classmethod
    def load(cls, path: Path, args: argparse.Namespace) -> Trainer:
        # It contains states of consoles, so it is a pickle: load only your own.
        state = torch.load(path, weights_only=False)
        # Arguments that are newer than the checkpoint keep their defaults.
        merged = {
            **vars(args),
            **state["args"],
            "minutes": args.minutes,
            "steps": args.steps,
            "resume": path,
            "runs": args.runs,
        }
        trainer = cls(argparse.Namespace(**merged))
        trainer.agent.load_state_dict(state["agent"])
        trainer.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        counters = "returns step seconds spent games tracked"
        for name, value in zip(counters.split(), state["counters"], strict=False):
            setattr(trainer, name, value)
        if state["envs"] is not None:
            trainer.envs.set_state(range(merged["num_envs"]), state["envs"])
            trainer.observation = trainer.envs.observe()
        return trainer

    # --- PPO ---

    @torch.no_grad()
    def collect(self) -> dict[str, torch.Tensor]:
        """Play ``rollout`` steps in all environments."""
        args, count = self.args, self.args.num_envs
        pictures = torch.zeros(args.rollout, *self.observation.shape, dtype=torch.uint8)
        actions = torch.zeros(args.rollout, count, dtype=torch.long)
        logs, values, rewards, ends = (torch.zeros(args.rollout, count) for _ in range(4))
        for t in range(args.rollout):
            begin = time.perf_counter()
            pictures[t] = torch.from_numpy(self.observation)
            distribution, values[t] = self.agent(pictures[t])
            actions[t] = distribution.sample()
            logs[t] = distribution.log_prob(actions[t])
            between = time.perf_counter()
            self.observation, points, terminated, truncated, infos = self.envs.step(actions[t].numpy())
            end = time.perf_counter()
            self.spent["agent"] += between - begin
            self.spent["environments"] += end - between
            reward = points / args.reward_scale if args.reward_scale else np.clip(points, -1.0, 1.0)
            over = terminated | truncated
            if truncated.any():
                # The game would have continued: add the value of the cut-off state to the reward.
                cut = np.flatnonzero(truncated & ~terminated)
                if len(cut):
                    final = torch.from_numpy(np.stack([infos["final_obs"][i] for i in cut]))
                    reward[cut] += args.gamma * self.agent(final)[1].numpy()
            rewards[t] = torch.from_numpy(reward)
            ends[t] = torch.from_numpy(over)
            self.step += count
            self.count_games(points, over, infos)
        return self.advantages(pictures, actions, logs, values, rewards, ends)

    def count_games(self, points: np.ndarray, over: np.ndarray, infos: dict[str, Any]) -> None:
        """Record the points of finished games; a lost life does not finish a game."""
        self.returns += points
        whole = self.args.rom is None and (self.args.env in ONE_LIFE or self.args.env not in CROPS)
        lives = None if whole else infos.get("final_info", {}).get("lives")
        for i in np.flatnonzero(over if lives is None else over & (lives == 0)):
            self.games.append((self.step, self.elapsed(), float(self.returns[i])))
            self.returns[i] = 0.0
            for name, values in self.tracked.items():
                values.append(self.at_the_end(infos, name, i))

    @staticmethod
    def at_the_end(infos: dict[str, Any], name: str, index: int) -> float:
        """Return an entry of info of the last step of an environment's episode."""
        final = infos["final_info"]
        if name not in final:
            raise SystemExit(f"--track: info has no {name}, only {', '.join(key for key in final if key[0] != '_')}")
        return float(final[name][index])

    def advantages(
        self, pictures: Any, actions: Any, logs: Any, values: Any, rewards: Any, ends: Any
    ) -> dict[str, Any]:
        """Generalised advantage estimation, https://arxiv.org/abs/1506.02438."""
        after = self.agent(torch.from_numpy(self.observation))[1]
        advantages = torch.zeros_like(rewards)
        last: Any = 0.0
        for t in reversed(range(len(rewards))):
            goes_on = 1.0 - ends[t]
            error = rewards[t] + self.args.gamma * after * goes_on - values[t]
            last = advantages[t] = error + self.args.gamma * self.args.gae_lambda * goes_on * last
            after = values[t]
        batch = {
            "pictures": pictures,
            "actions": actions,
            "logs": logs,
            "advantages": advantages,
            "targets": advantages + values,
        }
        return {name: value.flatten(0, 1) for name, value in batch.items()}

    def learn(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        args = self.args
        begin = time.perf_counter()
        size = len(batch["actions"])
        numbers: dict[str, float] = {}
        for _ in range(args.epochs):
            for chosen in torch.randperm(size).split(size // args.minibatches):
                part = {name: value[chosen] for name, value in batch.items()}
                distribution, values = self.agent(part["pictures"])
                ratio = (distribution.log_prob(part["actions"]) - part["logs"]).exp()
                gain = (part["advantages"] - part["advantages"].mean()) / (part["advantages"].std() + 1e-8)
                policy = -torch.min(gain * ratio, gain * ratio.clamp(1 - args.clip, 1 + args.clip)).mean()
                value = 0.5 * (values - part["targets"]).square().mean()
                entropy = distribution.entropy().mean()
                loss = policy + args.value_weight * value - args.entropy * entropy
                self.optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.agent.parameters(), args.max_gradient)
                self.optimiser.step()
                numbers = {"policy": policy.item(), "value": value.item(), "entropy": entropy.item()}
        self.spent["learner"] += time.perf_counter() - begin
        return numbers

    def elapsed(self) -> float:
        return self.seconds + time.perf_counter() - self.begun

    def train(self) -> None:
        args = self.args
        self.begun = saved = time.perf_counter()
        limit = 60 * args.minutes if args.minutes else float("inf")
        updates = 0
        # Batch systems send it before they end a job.
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told_to_stop", True))
        while not self.told_to_stop and self.step < args.steps and time.perf_counter() - self.begun < limit:
            # Progress in time or in steps, whichever is nearer to its limit.
            done = max(self.step / args.steps, (time.perf_counter() - self.begun) / limit)
            self.optimiser.param_groups[0]["lr"] = args.learning_rate * (1 - 0.95 * done)
            losses = self.learn(self.collect())
            updates += 1
            recent = [points for _, _, points in self.games[-100:]]
            if self.log:
                for name, number in losses.items():
                    self.log.add_scalar(f"losses/{name}", number, self.step)
                if recent:
                    self.log.add_scalar("points/last_100_games", np.mean(recent), self.step)
                    for name, values in self.tracked.items():
                        self.log.add_scalar(f"tracked/{name}_of_last_100_games", np.mean(values[-100:]), self.step)
                self.log.add_scalar("speed/steps_per_second", self.step / self.elapsed(), self.step)
            if updates % 10 == 1 or updates <= 3:
                points = f"{np.mean(recent):8.1f} points" if recent else "no game is over yet"
                tracked = "".join(f", {name} {np.mean(v[-100:]):.1f}" for name, v in self.tracked.items() if v)
                print(f"{self.elapsed():6.0f} s {self.step:9d} steps {points}{tracked}", flush=True)
            if time.perf_counter() - saved > 60 * args.checkpoint_minutes:
                saved = time.perf_counter()
                self.save()
        self.seconds = self.elapsed()
        self.begun = time.perf_counter()
        self.save()

    # --- results ---

    @torch.no_grad()
    def evaluate(self, agent: Agent | None, count: int, **more: Any) -> tuple[list[float], dict[str, list[float]]]:
        """Return the points of games played to their end by the agent, or at random, and what is tracked."""
        envs = make_envs(self.args, count, episodic_life=False, max_episode_steps=self.args.evaluate_steps, **more)
        observation, _ = envs.reset(seed=self.args.seed + 10_000)
        envs.action_space.seed(self.args.seed)
        returns, over = np.zeros(count), np.zeros(count, bool)
        tracked = {name: [0.0] * count for name in self.tracked}
        while not over.all():
            sample = envs.action_space.sample() if agent is None else self.act(agent, observation)
            observation, points, terminated, truncated, infos = envs.step(sample)
            returns[~over] += points[~over]
            for i in np.flatnonzero((terminated | truncated) & ~over):
                for name, values in tracked.items():
                    values[i] = self.at_the_end(infos, name, i)
            over |= terminated | truncated
        envs.close()
        return [float(points) for points in returns], tracked

    @staticmethod
    def act(agent: Agent, observation: np.ndarray) -> np.ndarray:
        return np.asarray(agent(torch.from_numpy(observation))[0].sample().numpy())

    def report(self) -> dict[str, Any]:
        count, unseen = self.args.evaluate, UNSEEN.get(self.args.env)
        (chance, chance_tracked), (trained, tracked) = (self.evaluate(agent, count) for agent in (None, self.agent))
        elsewhere = self.evaluate(self.agent, count, **unseen)[0] if unseen else None
        whole = sum(self.spent.values())
        result = {
            "env": self.args.rom or self.args.env,
            "seed": self.args.seed,
            "vector": self.args.vector,
            "steps": self.step,
            "seconds": self.seconds,
            "steps_per_second": self.step / self.seconds,
            "share_of_time": {name: seconds / whole for name, seconds in self.spent.items()},
            "random": {"mean": float(np.mean(chance)), "games": chance, **chance_tracked},
            "trained": {"mean": float(np.mean(trained)), "games": trained, **tracked},
            "training_games": self.games,
            "training_tracked": self.tracked,
        }
        if elsewhere:
            result["unseen"] = {"mean": float(np.mean(elsewhere)), "games": elsewhere}
        (self.folder / "scores.json").write_text(json.dumps(result, indent=1))
        print(f"random agent {np.mean(chance):.1f} points, trained agent {np.mean(trained):.1f} points")
        for name in tracked:
            values = ", ".join(f"{value:g}" for value in tracked[name])
            print(
                f"{name}: random agent {np.mean(chance_tracked[name]):.1f}, trained agent {np.mean(tracked[name]):.1f}"
            )
            print(f"  of each game of the trained agent: {values}")
        if elsewhere:
            print(f"trained agent with {unseen}: {np.mean(elsewhere):.1f} points")
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in result["share_of_time"].items())
        print(f"{result['steps_per_second']:.0f} steps per second; time: {shares}")
        return result

    def draw_curve(self) -> None:
        try:
            import matplotlib

            matplotlib.use("agg")
            from matplotlib import pyplot
        except ImportError:
            print("no curve: pip install matplotlib")
            return
        if not self.games:
            return
        steps, _, points = np.array(self.games).T
        width = max(1, len(points) // 50)
        curves = {"points in a game": points, **{name: np.array(values) for name, values in self.tracked.items()}}
        figure, panels = pyplot.subplots(len(curves), squeeze=False, sharex=True, figsize=(7, 1 + 3 * len(curves)))
        for axes, (name, values) in zip(panels[:, 0], curves.items(), strict=True):
            axes.plot(steps, values, ".", markersize=2, alpha=0.3)
            mean = np.convolve(values, np.ones(width) / width, "valid")
            axes.plot(steps[width - 1 :], mean, label=f"mean of {width} games")
            axes.set_ylabel(name)
        panels[0, 0].set_title(f"PPO on {self.args.rom or self.args.env}")
        panels[0, 0].legend()
        panels[-1, 0].set_xlabel("steps (4 frames each)")
        figure.savefig(self.folder / "curve.png", dpi=120, bbox_inches="tight")
        pyplot.close(figure)

    @torch.no_grad()
    def film(self, steps: int = 1500) -> None:
        # A class of your own may not have the option.
        sound = {} if ":" in self.args.env and not self.args.rom else {"audio": SAMPLE_RATE}
        envs = make_envs(self.args, 1, episodic_life=False, render_mode="rgb_array", **sound)
        observation, _ = envs.reset(seed=self.args.seed)
        try:
            fps = envs.metadata["render_fps"] if sound else 15
            recorder = VideoRecorder(self.folder / self.args.video, fps=fps, sound=bool(sound))
        except ImportError as error:
            print(f"no video: {error}")
            return
        for _ in range(min(steps, self.args.evaluate_steps)):
            pictures: Any = envs.render()
            observation, _, terminated, truncated, info = envs.step(self.act(self.agent, observation))
            recorder.add(pictures[0], info["audio"][0, : info["audio_length"][0]] if sound else None)
            if terminated[0] or truncated[0]:
                break
        recorder.close()


def main() -> None:
    args = parse_arguments()
    keep_freed_memory()
    trainer = Trainer.load(args.resume, args) if args.resume else Trainer(args)
    if args.rom and not args.reward_scale:
        weight = max((abs(reward.weight) for reward in Game.load(args.game).rewards), default=0.0)
        if weight > 1:
            print(f"rewards are clipped to -1 and 1, and {args.game} has a weight of {weight:g}: see --reward-scale")
    trainer.train()
    if trainer.told_to_stop:
        print("stopped early; --resume continues from the checkpoint")
        return
    if args.evaluate:
        trainer.report()
    trainer.draw_curve()
    if args.video:
        trainer.film()
    if trainer.log:
        trainer.log.close()
    trainer.envs.close()


if __name__ == "__main__":
    main()
