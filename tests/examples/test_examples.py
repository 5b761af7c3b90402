"""Each example runs at a small size; one whose packages are missing is skipped."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.patience import PATIENCE

from nes_py import NESEnv
from nes_py.envs.bricks import GAME, ROM_PATH

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = PROJECT / "examples"

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="not a source tree")


def needs(*packages: str) -> None:
    for package in packages:
        # Not imported here: that takes seconds, and the example does it.
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


def run(folder: Path, *command: object, timeout: int = PATIENCE) -> str:
    """Runs an example in a folder; returns what it printed."""
    name, *arguments = map(str, command)
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(name).stem, EXAMPLES / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_all_are_tested() -> None:
    """No example is forgotten here."""
    text = "".join(test.read_text(encoding="utf-8") for test in Path(__file__).parent.glob("*.py"))
    for path in [*EXAMPLES.rglob("*.py"), *EXAMPLES.rglob("*.sbatch")]:
        assert path.name in text, path


@pytest.mark.parametrize("arguments", [[], ["--env", "nes_py/Duel-v0", "--skill", "1"]])
def test_random_agent(tmp_path: Path, arguments: list[str]) -> None:
    text = run(tmp_path, "random_agent.py", "--games", 3, *arguments)
    assert re.search(r"-v0: -?\d+\.\d\d ± .* in 3 games", text)


def test_tiles_and_objects(tmp_path: Path) -> None:
    text = run(tmp_path, "tiles_and_objects.py", "--frames", 60)
    assert len(re.findall(r"[1-9]\d* different tiles, [1-9]\d* visible sprites in [1-9]\d* objects", text)) == 3
    text = run(tmp_path, "tiles_and_objects.py", ROM_PATH, "--frames", 100, "--output", "one.png")
    for name in ("tiles.png", "one.png"):
        assert (tmp_path / name).read_bytes()[:4] == b"\x89PNG"


def test_semantic(tmp_path: Path) -> None:
    text = run(tmp_path, "semantic.py", "--steps", 8)
    assert re.search(r"brick \(02\): \d+, paddle \(04\): 4, ball \(05\): 1; all classes: net", text)
    assert re.search(r"player \(0A\): \d+; all classes: solid", text)
    assert (tmp_path / "semantic.png").read_bytes()[:4] == b"\x89PNG"


def test_vector_rollout(tmp_path: Path) -> None:
    text = run(tmp_path, "vector_rollout.py", "--num-envs", 4, "--steps", 16)
    assert "(17, 4, 4, 84, 84) uint8" in text
    assert "frames per second with" in text


def test_double_buffering(tmp_path: Path) -> None:
    needs("torch")
    checksums = set()
    for more in ([], ["--plain"]):
        text = run(tmp_path, "double_buffering.py", "--num-envs", 5, "--steps", 12, *more)
        import torch

        assert ("no GPU: the buffers are plain CPU memory" in text) == (not torch.cuda.is_available())
        checksums.update(re.findall(r"240 frames, \d+ points, checksum (\w+)", text))
    assert len(checksums) == 1


def test_ppo_sb3(tmp_path: Path) -> None:
    needs("stable_baselines3")
    text = run(
        tmp_path, "ppo_sb3.py", "--steps", 64, "--num-envs", 2, "--rollout", 16, "--games", 1, "--game-steps", 20
    )
    assert "points in 1 games" in text
    assert (tmp_path / "ppo_sb3.zip").stat().st_size > 1000


SMALL_MARIO = (
    *("--env", "nes_py/SuperMarioBros-1-1-v0", "--actions", "right,right A", "--semantic", 20, 24),
    *("--track", "x_pos", "flag_get"),
)


def test_ppo_sb3_on_a_game_of_ones_own(tmp_path: Path) -> None:
    needs("stable_baselines3")
    (tmp_path / "game.json").write_text(json.dumps(GAME))
    own = ("--rom", ROM_PATH, "--game", "game.json", "--actions", "NOOP,left,right,A")
    small = ("--steps", 64, "--num-envs", 2, "--rollout", 16, "--games", 1, "--game-steps", 20)
    assert "points in 1 games" in run(tmp_path, "ppo_sb3.py", *own, *small)


def test_ppo_sb3_on_a_known_game(tmp_path: Path) -> None:
    needs("stable_baselines3", "matplotlib", "gym_super_mario_bros")
    small = ("--steps", 1600, "--num-envs", 4, "--rollout", 100, "--games", 2, "--game-steps", 300)
    text = run(tmp_path, "ppo_sb3.py", *SMALL_MARIO, *small)
    assert re.search(r"steps, last games: r \d+.\d, x_pos \d+.\d, flag_get 0.0", text)
    assert re.search(r"^x_pos: mean \d+.\d; \d+, \d+$", text, re.MULTILINE)
    assert (tmp_path / "ppo_sb3.png").read_bytes()[:4] == b"\x89PNG"


SMALL_PPO = ("--num-envs", 2, "--rollout", 16, "--evaluate", 1, "--evaluate-steps", 30, "--torch-threads", 1)


def test_ppo(tmp_path: Path) -> None:
    needs("torch", "matplotlib", "imageio_ffmpeg", "tensorboard")
    import imageio_ffmpeg

    run(tmp_path, "ppo.py", "--steps", 1600, *SMALL_PPO)
    folder = tmp_path / "runs" / "Bricks-1"
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["steps"] >= 1600
    assert sum(scores["share_of_time"].values()) == pytest.approx(1)
    assert len(scores["trained"]["games"]) == len(scores["random"]["games"]) == 1
    assert scores["training_games"], "no game ended"
    assert (folder / "curve.png").read_bytes()[:4] == b"\x89PNG"
    streams = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(folder / "agent.mp4")], capture_output=True, text=True
    ).stderr
    for stream in ("Video: h264", "Audio: aac", "15 fps"):
        assert stream in streams
    assert (folder / "agent.mp4").stat().st_size > 1000
    assert list(folder.glob("events.out.tfevents*"))
    run(tmp_path, "ppo.py", "--resume", folder / "checkpoint.pt", "--steps", 1700, "--video", "")
    assert json.loads((folder / "scores.json").read_text())["steps"] > scores["steps"]


def test_ppo_on_the_duel(tmp_path: Path) -> None:
    needs("torch")
    text = run(tmp_path, "ppo.py", "--env", "nes_py/Duel-v0", "--skill", 1, 2, "--steps", 32, "--video", "", *SMALL_PPO)
    assert "trained agent" in text


def test_ppo_on_a_known_game(tmp_path: Path) -> None:
    needs("torch", "gym_super_mario_bros")
    text = run(tmp_path, "ppo.py", "--env", "nes_py/SuperMarioBros-1-1-v0", "--steps", 32, "--video", "", *SMALL_PPO)
    assert "trained agent" in text


def test_ppo_on_classes_of_a_known_game(tmp_path: Path) -> None:
    needs("torch", "matplotlib", "gym_super_mario_bros")
    small = ("--num-envs", 2, "--rollout", 100, "--evaluate", 2, "--evaluate-steps", 300, "--torch-threads", 1)
    text = run(tmp_path, "ppo.py", *SMALL_MARIO, "--reward-scale", 100, "--steps", 800, "--video", "", *small)
    assert re.search(r"^x_pos: random agent \d+.\d, trained agent \d+.\d$", text, re.MULTILINE)
    scores = json.loads((tmp_path / "runs" / "SuperMarioBros-1-1-1" / "scores.json").read_text())
    assert len(scores["training_tracked"]["x_pos"]) == len(scores["training_games"]) > 0
    assert all(40 <= x < 3300 for x in scores["training_tracked"]["x_pos"] + scores["trained"]["x_pos"])


def test_ppo_on_pictures_in_colour(tmp_path: Path) -> None:
    needs("torch")
    look = ("--colour", "--size", 60, "--crop", 32, 0, 0, 0)
    text = run(tmp_path, "ppo.py", "--steps", 32, "--video", "", *look, *SMALL_PPO)
    assert "trained agent" in text


def test_ppo_on_async_vector_env(tmp_path: Path) -> None:
    needs("torch", "cv2")
    text = run(tmp_path, "ppo.py", "--steps", 32, "--vector", "async", "--video", "", *SMALL_PPO)
    assert "environments" in text


def test_resumed_ppo_is_the_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("torch")
    import torch

    ppo: Any = load("ppo.py")
    arguments = ["ppo.py", *map(str, SMALL_PPO), "--runs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)

    def updates(trainer: Any, count: int) -> None:
        trainer.begun = 0.0
        for _ in range(count):
            trainer.learn(trainer.collect())

    trainer = ppo.Trainer(ppo.parse_arguments())
    updates(trainer, 2)
    trainer.save()
    updates(trainer, 2)
    resumed = ppo.Trainer.load(tmp_path / "Bricks-1" / "checkpoint.pt", ppo.parse_arguments())
    assert resumed.step == 64
    updates(resumed, 2)
    assert resumed.step == trainer.step == 128
    assert (resumed.observation == trainer.observation).all()
    assert (resumed.envs.ram == trainer.envs.ram).all()
    for name, weights in trainer.agent.state_dict().items():
        assert torch.equal(weights, resumed.agent.state_dict()[name]), name
    for each in (trainer, resumed):
        if each.log:
            each.log.close()


class Pointing:
    """Stands for an environment that is easy: the bright quarter of the picture is the action that is rewarded.

    The reward comes a step later, so that advantages count, and an episode has 8 steps.
    """

    def __init__(self, count: int) -> None:
        self.random = np.random.default_rng(0)
        self.count, self.steps, self.right = count, 0, np.zeros(count)

    def show(self) -> np.ndarray:
        self.shown = self.random.integers(4, size=self.count)
        pictures = np.zeros((self.count, 4, 48, 48), np.uint8)
        for i, quarter in enumerate(self.shown):
            y, x = divmod(int(quarter), 2)
            pictures[i, :, 24 * y : 24 * y + 24, 24 * x : 24 * x + 24] = 200
        return pictures

    def step(self, actions: np.ndarray) -> tuple[Any, ...]:
        points, self.right = self.right, (actions == self.shown).astype(float)
        self.steps += 1
        over = np.full(self.count, self.steps % 8 == 0)
        return self.show(), points, over, np.zeros(self.count, bool), {}


def test_ppo_learns_what_is_easy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("torch")
    ppo: Any = load("ppo.py")
    arguments = ["--num-envs", "8", "--rollout", "64", "--learning-rate", "0.002", "--runs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["ppo.py", "--torch-threads", "1", *arguments])
    trainer = ppo.Trainer(ppo.parse_arguments())
    trainer.envs.close()
    trainer.envs = Pointing(8)
    trainer.observation = trainer.envs.show()
    trainer.begun = 0.0
    for _ in range(25):
        trainer.learn(trainer.collect())
    # 7 of 8 rewards of an episode come before its end; chance makes 2 of 8 right.
    assert np.mean([points for _, _, points in trainer.games[:20]]) < 3.5
    assert np.mean([points for _, _, points in trainer.games[-20:]]) > 6
    if trainer.log:
        trainer.log.close()


LEADERBOARD_ROW = r"^\\| {} \\| \\w+ \\| {} \\| {} \\| -?\\d+.\\d \\(-?\\d+.\\d to -?\\d+.\\d\\) \\| 0 % \\|"


def test_leaderboard(tmp_path: Path) -> None:
    small = ("--levels", 3, "--game-steps", 40)
    for seed in (0, 1):
        text = run(tmp_path, "leaderboard.py", "run", "random", "--seed", seed, *small)
        assert re.search(LEADERBOARD_ROW.format("random", "0", 1), text, re.MULTILINE)
    paths = [tmp_path / "leaderboard" / f"random-{seed}.json" for seed in (0, 1)]
    first, second = (json.loads(path.read_text()) for path in paths)
    assert len(first["test"]["returns"]) == len(first["train"]["won"]) == 3
    assert first["test"] != second["test"]
    run(tmp_path, "leaderboard.py", "run", "random", "--seed", 0, *small)
    assert json.loads(paths[0].read_text())["test"] == first["test"]
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- leaderboard -->\nold\n<!-- end of leaderboard -->\nafter\n")
    run(tmp_path, "leaderboard.py", "table", *paths, "--write", page)
    assert re.search(LEADERBOARD_ROW.format("random", "0", 2), page.read_text(), re.MULTILINE)
    assert "old" not in page.read_text()
    assert page.read_text().endswith("<!-- end of leaderboard -->\nafter\n")


@pytest.mark.parametrize("agent", ["ppo", "dqn"])
def test_leaderboard_of_learners(agent: str, tmp_path: Path) -> None:
    needs("stable_baselines3", "matplotlib")
    text = run(tmp_path, "leaderboard.py", "run", agent, "--steps", 2500, "--levels", 2, "--game-steps", 30)
    assert re.search(LEADERBOARD_ROW.format(agent.upper(), "2,500", 1), text, re.MULTILINE)
    path = tmp_path / "leaderboard" / f"{agent}-0.json"
    assert json.loads(path.read_text())["curve"]
    run(tmp_path, "leaderboard.py", "table", path, "--curves", "curves.png")
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"


def test_go_explore(tmp_path: Path) -> None:
    text = run(tmp_path, "go_explore.py", "--rounds", 6, "--num-envs", 8)
    points = int(re.search(r"(\d+) points in \d+ steps", text)[1])  # type: ignore[index]
    assert points >= 10

    from nes_py.envs.bricks import BricksEnv
    from nes_py.movie import Movie

    env = BricksEnv()
    Movie.load(tmp_path / "go_explore.fm2").replay(env)
    assert env.ram_values([(0x1E, 3, "little")])[0] == points


def test_ram_agent(tmp_path: Path) -> None:
    text = run(tmp_path, "ram_agent.py", "--skill", 1, "--games", 4)
    assert float(re.search(r"skill 1: (-?[\d.]+) points more", text)[1]) > 0  # type: ignore[index]


def test_demonstrations(tmp_path: Path) -> None:
    run(tmp_path, "demonstrations.py", "record", "demo.fm2", "--script", "--frames", 400)
    text = run(tmp_path, "demonstrations.py", "replay", "demo.fm2", "demo.npz", "--every", 4)
    data = np.load(tmp_path / "demo.npz")
    assert data["pictures"].shape == (99, 240, 256)
    assert data["buttons"].shape == (99,)
    assert set(data["buttons"]) <= {0x01, 0x41, 0x81}
    assert int(re.search(r"(\d+) points", text)[1]) > 0  # type: ignore[index]


def test_super_mario(tmp_path: Path) -> None:
    """With the version for Gymnasium and with that for gym."""
    needs("gym_super_mario_bros")
    text = run(tmp_path, "super_mario.py", "--num-envs", 2, "--steps", 20)
    assert "largest x" in text
    assert ("of each" in text) == (sys.version_info >= (3, 13))


PACKAGES = {
    "ppo.py": "torch",
    "ppo_sb3.py": "stable_baselines3",
    "super_mario.py": "gym_super_mario_bros",
    "hpc/mpi_rollouts.py": "mpi4py",
    "hpc/ray_actors.py": "ray",
    "hpc/rllib_ppo.py": "ray",
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_is_missing_is_named_in_a_line(name: str, tmp_path: Path) -> None:
    hide = f"import runpy, sys; sys.modules[{PACKAGES[name]!r}] = None; sys.argv = [{name!r}]"
    program = f"{hide}; sys.path.insert(0, {str((EXAMPLES / name).parent)!r})"
    program += f"; runpy.run_path({str(EXAMPLES / name)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"{Path(name).name} needs ")
    assert "pip install" in done.stderr


def test_ppo_on_a_game_of_ones_own(tmp_path: Path) -> None:
    needs("torch")
    (tmp_path / "game.json").write_text(json.dumps(GAME))
    own = ("--rom", ROM_PATH, "--game", "game.json", "--actions", "NOOP,left,right,A")
    text = run(tmp_path, "ppo.py", *own, "--steps", 32, "--video", "", *SMALL_PPO)
    assert "trained agent" in text
    assert "rewards are clipped" not in text
    assert (tmp_path / "runs" / "bricks-1" / "checkpoint.pt").exists()
    (tmp_path / "dear.json").write_text(json.dumps({**GAME, "rewards": [{"delta": "score", "weight": -5}]}))
    own = ("--rom", ROM_PATH, "--game", "dear.json", "--name", "dear", "--evaluate", 0)
    text = run(tmp_path, "ppo.py", *own, "--steps", 32, "--video", "", *SMALL_PPO)
    assert "rewards are clipped to -1 and 1, and dear.json has a weight of 5: see --reward-scale" in text


def test_ppo_on_a_class(tmp_path: Path) -> None:
    needs("torch", "cv2")
    (tmp_path / "my_game.py").write_text("from nes_py.envs.bricks import BricksEnv as MyEnv\n")
    text = run(tmp_path, "ppo.py", "--env", "my_game:MyEnv", "--steps", 32, "--video", "", *SMALL_PPO)
    assert "trained agent" in text
    assert (tmp_path / "runs" / "MyEnv-1" / "checkpoint.pt").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--env", "nowhere"], "or module:Class, not 'nowhere'"),
        (["--rom", "bricks"], "--rom and --game go together"),
        (["--env", "nowhere:Env", "--steps", "32"], "--env nowhere:Env: No module named 'nowhere'"),
        (["--rom", "nowhere.nes", "--game", "nowhere.json"], "ppo.py: [Errno 2] No such file"),
    ],
)
def test_ppo_of_what_is_not_there(arguments: list[str], reason: str, tmp_path: Path) -> None:
    needs("torch")
    command = [sys.executable, str(EXAMPLES / "ppo.py"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode != 0
    assert reason in done.stderr.splitlines()[-1]


class ConsoleOfNesPy9:
    """Looks like a console of nes-py 9, and is one of this package."""

    def __init__(self, path: str) -> None:
        self.env = NESEnv(path)
        self.ram_buffer = lambda: self.env.ram
        self.controller_buffer = lambda port: self.env.controllers[port]
        self.dump_state, self.load_state = self.env.dump_state, self.env.load_state
        self.frame_advance = self.env._frame_advance

    def reset(self) -> None:
        self.env.reset()

    def backup(self) -> None:
        self.kept = self.dump_state()

    def restore(self) -> None:
        self.load_state(self.kept)


def test_replay_of_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a console can be told is on the tape."""
    module = load("replay_nes_py.py")
    native = SimpleNamespace(NativeEmulator=ConsoleOfNesPy9)
    monkeypatch.setattr("nes_py.nes_env._native", native, raising=False)
    with module.recording() as tapes:
        console = native.NativeEmulator(str(ROM_PATH))
        console.reset()
        for buttons in (0, 8, 0, 0x80):
            console.frame_advance(buttons)
        console.backup()
        console.ram_buffer()[0x40:0x42] = 9, 8
        console.controller_buffer(1)[0] = 0x41
        console.frame_advance(1)
        state = console.dump_state()
        console.restore()
        console.frame_advance(2)
        console.load_state(state)
        console.frame_advance(4)
        console.reset()
    assert native.NativeEmulator is ConsoleOfNesPy9
    (tape,) = tapes
    tape.save(tmp_path / "run.npz")
    tape = module.Tape.load(tmp_path / "run.npz")
    assert tape.kinds == [module.RESET] + [module.FRAME] * 4 + [2, 0, 2, 3, 0, 3, 0, 1]
    assert tape.values[6] == [1, 0x41]
    assert tape.writes == [[6, 0x40, 9], [6, 0x41, 8]]
    assert module.repeat(tape, NESEnv(ROM_PATH)) == tape.ram
    tape.writes.pop()
    assert module.repeat(tape, NESEnv(ROM_PATH)) != tape.ram


@pytest.mark.parametrize("game", ["bricks", "duel", "trail"])
def test_replay_nes_py(tmp_path: Path, game: str) -> None:
    """What nes-py 9.0.1 did with the bundled games, with two presses of the reset button: the same RAM."""
    recording = PROJECT / "tests" / "data" / "recordings" / f"{game}.npz"
    rom = ROM_PATH.with_name(f"{game}.nes")
    text = run(tmp_path, "replay_nes_py.py", "replay", recording, "--rom", rom)
    assert text == "600 frames of nes-py 9.0.1: RAM is the same after 600.\n"


def test_replay_of_another_rom(tmp_path: Path) -> None:
    recording = PROJECT / "tests" / "data" / "recordings" / "bricks.npz"
    with pytest.raises(AssertionError, match="is not the ROM of the recording"):
        run(tmp_path, "replay_nes_py.py", "replay", recording, "--rom", ROM_PATH.with_name("duel.nes"))
    with pytest.raises(AssertionError, match="is not a recording"):
        run(tmp_path, "replay_nes_py.py", "replay", ROM_PATH, "--rom", ROM_PATH)
