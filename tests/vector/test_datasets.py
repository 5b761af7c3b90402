"""Rollouts: recorded, saved, replayed to observations of any kind, as episodes; from movies; as Minari datasets."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import inspect
import io
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from reference import GAME
from support.equality import assert_same

from nes_py import NESEmulator, NESVectorEnv, cli, datasets
from nes_py._limits import LARGEST_ROLLOUT
from nes_py.datasets import ReplayError, Rollout
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksVectorEnv
from nes_py.errors import FileFormatError, MovieError, RomNotFoundError
from nes_py.game import Game
from nes_py.movie import POWER, SOFT_RESET, Movie
from nes_py.options import EnvOptions
from nes_py.vector import rollout as rollout_module
from nes_py.vector.errors import ClosedError
from nes_py.vector.recording import Recording
from nes_py.vector.rollout import COMPUTES, CONTINUES, DECIDES

ENDS = {**GAME, "terminated": "lives < 3", "truncated": None}
MODES = ["NextStep", "SameStep", "Disabled"]


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    options = {"game": ENDS, "actions": ACTIONS, "noop_max": 9, "frameskip": 20, **options}
    return NESVectorEnv(ROM_PATH, count, **{"record": True, **options})


def play(envs: NESVectorEnv, steps: int, seed: Any = 5) -> None:
    envs.action_space.seed(7)
    envs.reset(seed=seed)
    for _ in range(steps):
        _, _, terminated, truncated, _ = envs.step(envs.action_space.sample())
        over = terminated | truncated
        if envs.autoreset_mode.value == "Disabled" and over.any():
            envs.reset(options={"reset_mask": over})


def random_rollout(steps: int = 60, **options: Any) -> Rollout:
    with make(**{"repeat_action_probability": 0.2, "obs_type": "ram", **options}) as envs:
        play(envs, steps)
        return envs.rollout()


class Watched:
    """Keeps the episodes that a caller sees in environments."""

    def __init__(self, envs: NESVectorEnv) -> None:
        self.envs = envs
        self.episodes: list[list[list[Any]]] = [[] for _ in range(envs.num_envs)]
        self.rewards: list[list[list[float]]] = [[] for _ in range(envs.num_envs)]
        self.over = np.zeros(envs.num_envs, np.bool_)

    def row(self, observations: Any, index: int) -> Any:
        if isinstance(observations, dict):
            return {name: array[index].copy() for name, array in observations.items()}
        return observations[index].copy()

    def begin(self, index: int, observations: Any) -> None:
        self.episodes[index].append([self.row(observations, index)])
        self.rewards[index].append([])

    def reset(self, **arguments: Any) -> None:
        observations, _ = self.envs.reset(**arguments)
        mask = (arguments.get("options") or {}).get("reset_mask", np.ones(self.envs.num_envs, np.bool_))
        for index in np.flatnonzero(mask):
            self.begin(index, observations)
        self.over[mask] = False

    def step(self, actions: Any) -> None:
        observations, rewards, terminated, truncated, infos = self.envs.step(actions)
        mode = self.envs.autoreset_mode.value
        for index in range(self.envs.num_envs):
            if self.over[index] and mode == "NextStep":
                self.begin(index, observations)
                self.over[index] = False
                continue
            ended = terminated[index] or truncated[index]
            last = self.row(observations, index)
            if ended and mode == "SameStep":
                last = infos["final_obs"][index]
            self.episodes[index][-1].append(last)
            self.rewards[index][-1].append(rewards[index])
            if ended and mode == "SameStep":
                self.begin(index, observations)
            elif ended:
                self.over[index] = True
        if mode == "Disabled" and self.over.any():
            self.reset(options={"reset_mask": self.over.copy()})

    def all(self) -> list[tuple[list[Any], list[float]]]:
        return [
            (seen, rewards)
            for episodes, sums in zip(self.episodes, self.rewards, strict=True)
            for seen, rewards in zip(episodes, sums, strict=True)
            if rewards
        ]


@pytest.mark.parametrize(
    "more",
    [
        {"repeat_action_probability": 0.2},
        {"repeat_action_probability": 0.2, "episodic_life": True, "game": {**ENDS, "terminated": "lives == 1"}},
        {"max_episode_steps": 7, "reward_clipping": True, "maxpool": True, "stack_padding": "reset"},
        {"max_episode_steps": 7, "episodic_life": True, "game": {**ENDS, "terminated": "lives == 1"}},
    ],
    ids=["sticky", "lives", "limit", "lives-limit"],
)
@pytest.mark.parametrize(("mode", "suffix"), [*((mode, ".npz") for mode in MODES), ("NextStep", ".h5")])
def test_replay(tmp_path: Path, mode: str, more: dict[str, Any], suffix: str) -> None:
    """Saved, loaded and replayed in another number of environments, it is what the environments gave."""
    if suffix == ".h5":
        pytest.importorskip("h5py")
    view = {"obs_type": ("image", "ram", "tiles", "objects"), "stack_num": 2, "img_height": 42, "img_width": 42}
    path = tmp_path / f"rollout{suffix}"
    with make(autoreset_mode=mode, record=path, **view, **more) as envs:
        envs.action_space.seed(7)
        watched = Watched(envs)
        watched.reset(seed=[3, 1, 4])
        for number in range(50):
            watched.step(envs.action_space.sample())
            if number == 30:
                watched.reset()  # without a seed, in the middle of episodes
                watched.reset(options={"reset_mask": np.array([True, False, True])})
        assert not path.exists()
    loaded = datasets.load(path)
    assert np.count_nonzero(loaded.flags & 3) > 3
    assert path.stat().st_size < 40_000  # a picture of each step would take 530,000
    expected = watched.all()
    assert len(expected) == np.count_nonzero(loaded.lengths)
    alone = not more.get("episodic_life") and (mode != "SameStep" or not more.get("repeat_action_probability"))
    assert alone == (not (loaded.flags & CONTINUES).any())
    for count in (1, 50):
        found = {each.number: each for each in datasets.replay(loaded, num_envs=count)}
        numbers = np.flatnonzero(loaded.lengths)
        assert sorted(found) == numbers.tolist()
        for number, (seen, rewards) in zip(numbers, expected, strict=True):
            for name in view["obs_type"]:
                assert_same(found[number].observations[name], np.stack([one[name] for one in seen]), f"{name} {number}")
            assert_same(found[number].rewards, np.array(rewards))


def test_infos_are_replayed() -> None:
    with make(obs_type="ram", max_episode_steps=9) as envs:
        _, infos = envs.reset(seed=1)
        seen = [infos["score"], *(envs.step(np.full(3, 2))[4]["score"] for _ in range(9))]
        rollout = envs.rollout()
    for episode in datasets.replay(rollout):
        assert_same(episode.infos["score"], np.array([row[episode.environment] for row in seen]))
        assert episode.truncated
        assert not episode.terminated
        assert episode.truncations.tolist() == [False] * 8 + [True]


def test_sound_is_replayed() -> None:
    """Steps have different numbers of samples."""
    with make(2, obs_type="ram", audio=48000, frameskip=3, noop_max=30) as envs:
        envs.reset(seed=1)
        seen = [envs.step(np.full(2, 2))[4] for _ in range(9)]
        rollout = envs.rollout()
    for episode in datasets.replay(rollout):
        assert not len(episode.infos["audio"][0])
        for step, infos in enumerate(seen, 1):
            index = episode.environment
            assert_same(episode.infos["audio"][step], infos["audio"][index][: infos["audio_length"][index]])
    assert all(batch.infos["audio"].shape[0] == len(batch.steps) for batch in datasets.batches(rollout))


@pytest.mark.parametrize("module", ["h5py", "minari"])
def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    rollout = random_rollout(3)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"pip install 'nes-py\[(hdf5|minari)\]'"):
        rollout.save(tmp_path / "a.h5") if module == "h5py" else datasets.to_minari(rollout, "nes/x-v0")
    assert not list(tmp_path.iterdir())


def test_asynchronous_environments() -> None:
    """Each environment has its own stream, in whatever order the batches came."""
    with make(6, obs_type="ram", batch_size=2, repeat_action_probability=0.2) as envs:
        envs.reset(seed=0)
        draw = np.random.default_rng(0)
        last: dict[int, Any] = {}
        envs.async_reset(seed=3)
        for _ in range(90):
            observations, _, _, _, infos = envs.recv()
            last |= {int(index): row.copy() for index, row in zip(infos["env_id"], observations, strict=True)}
            envs.send(draw.integers(len(ACTIONS), size=2), infos["env_id"])
        rollout = envs.rollout()
    ends = {
        each.environment: each.observations[-1] for each in sorted(datasets.replay(rollout), key=lambda e: e.number)
    }
    assert sorted(ends) == sorted(last) == list(range(6))
    assert rollout.num_steps > 150
    for index, row in last.items():
        assert_same(ends[index], row)


def test_actions_in_any_order() -> None:
    """Rows of a batch may have another order than the environments, also where all of them are there."""
    with make(3, obs_type="ram", noop_max=30) as envs:
        envs.reset(seed=0)
        draw = np.random.default_rng(0)
        for _ in range(5):
            order = draw.permutation(3)
            envs.send(draw.integers(len(ACTIONS), size=3), order)
            assert envs.recv()[4]["env_id"].tolist() == order.tolist()
        # A reset puts the actions of the others in front.
        envs.send(np.array([1, 2, 3]))
        envs.reset(options={"reset_mask": np.array([True, False, False])})
        envs.send(np.array([2]), np.array([0]))
        envs.recv()
        rollout = envs.rollout()
    assert datasets.verify(rollout) == rollout.num_steps == 18


@pytest.mark.parametrize("limit", [None, 1])
@pytest.mark.parametrize("mode", MODES)
def test_states_for_environments_whose_actions_were_sent(mode: str, limit: int | None) -> None:
    """A state does not drop the action, which becomes the first step of the new episode."""
    emulator = NESEmulator(ROM_PATH)
    emulator.step(40)
    state = emulator.dump_state()
    with make(2, obs_type="ram", max_episode_steps=limit, autoreset_mode=mode) as envs:
        envs.reset(seed=0)
        envs.send(np.array([3, 1]))
        envs.set_state(0, state)
        _, _, terminated, truncated, _ = envs.recv()
        assert truncated.all() == bool(limit)
        over = terminated | truncated
        if mode == "Disabled" and over.any():
            envs.reset(options={"reset_mask": over})
        envs.step([0, 0])
        # First observations are no steps, with a state or without.
        envs.async_reset(seed=1)
        envs.set_state(1, state)
        envs.recv()
        envs.step([2, 2])
        rollout = envs.rollout()
    assert datasets.verify(rollout) == rollout.num_steps
    assert (rollout.starts == -2).sum() == 2
    assert rollout.actions[rollout.offsets[:-1]][rollout.starts == -2].tolist() == [3, 2]


def test_other_observations_and_some_episodes() -> None:
    rollout = random_rollout()
    whole = {each.number: each for each in datasets.replay(rollout)}
    chosen = [4, 0, 2]
    some = {each.number: each for each in datasets.replay(rollout, episodes=chosen, obs_type="index", stack_num=1)}
    assert sorted(some) == sorted(chosen)
    for number, each in some.items():
        assert each.observations.shape == (len(each) + 1, 1, 240, 256)
        assert each.observations.max() > 0
        assert_same(each.actions, whole[number].actions)
    assert {each.observations.shape[1:] for each in whole.values()} == {(2048,)}
    steps = [0] * len(rollout)
    for batch in datasets.batches(rollout, episodes=chosen, num_envs=2):
        for number, step, row in zip(batch.episodes, batch.steps, batch.observations, strict=True):
            assert step == steps[number]
            assert_same(row, whole[number].observations[step])
            steps[number] += 1
    assert steps == [len(whole[number]) + 1 if number in chosen else 0 for number in range(len(rollout))]
    with pytest.raises(IndexError, match="no episode 99"):
        next(datasets.replay(rollout, episodes=[99]))


def test_what_python_computes_is_recorded() -> None:
    with make(obs_type="ram", game=None) as envs:
        envs.set_reward_function(lambda now, before, rewards: now[:, 0x22] * 1.5)
        envs.set_end_functions(terminated=lambda now, before: now[:, 0x22] % 8 == 3)
        play(envs, 30)
        rollout = envs.rollout()
    assert rollout.functions
    assert any(each.terminated for each in rollout)
    for each in datasets.replay(rollout):
        assert_same(each.rewards, each.observations[1:, 0x22] * 1.5)
    assert datasets.verify(rollout) == rollout.num_steps == sum(map(len, rollout))


def test_other_games_and_other_ways_are_noticed() -> None:
    rollout = random_rollout(20)
    with pytest.raises(ReplayError, match=rf"SHA-256 [0-9a-f]{{16}}.*recorded with {rollout.rom[:16]}"):
        next(datasets.replay(rollout, "trail"))
    changed = copy.deepcopy(rollout)
    changed.actions[7] = (changed.actions[7] + 1) % len(ACTIONS)
    with pytest.raises(ReplayError, match=r"^episode 0, step \d+: .* was recorded"):
        list(datasets.replay(changed))
    with pytest.raises(ReplayError, match="RAM is not what was recorded"):
        datasets.verify(dataclasses.replace(rollout, hashes=rollout.hashes ^ 1))
    with pytest.raises(ReplayError, match="the reward is"):
        datasets.verify(dataclasses.replace(rollout, rewards=rollout.rewards + 1))
    assert datasets.verify(dataclasses.replace(rollout, hashes=None)) == rollout.num_steps
    with pytest.raises(TypeError, match="did you mean 'stack_num'"):
        next(datasets.replay(rollout, stack_nun=3))
    with pytest.raises(TypeError, match="frameskip is decided by the rollout"):
        next(datasets.replay(rollout, frameskip=3))
    with pytest.raises(TypeError, match="rom is missing: pass the file"):
        next(datasets.replay(dataclasses.replace(rollout, name="")))


def test_an_episode_from_a_snapshot_has_the_parameters_and_memories_of_the_first_start() -> None:
    game = {
        "parameters": {"slow": 0},
        "memories": {"m": {"update": "m + 1"}},
        "starts": {"a": {}, "b": {"slow": 1}, "c": {"slow": 5}},
        "rewards": [{"value": "slow + m"}],
    }
    emulator = NESEmulator(ROM_PATH)
    emulator.step(50)
    snapshot = emulator.dump_state()
    options = {"game": game, "states": ["b", "a", "c"], "obs_type": "ram", "frameskip": 1}
    with NESVectorEnv(ROM_PATH, 2, record=True, **options) as envs:
        envs.reset(seed=0)
        envs.reset(options={"state": ["a", "c"]})
        for _ in range(3):
            envs.step([0, 0])
        envs.set_state([0, 1], snapshot)
        assert envs.step([0, 0])[1].tolist() == [1, 1]
        rollout = envs.rollout()
    for num_envs in (1, 2, 3):
        assert datasets.verify(rollout, num_envs=num_envs) == 8


def test_rewards_that_are_no_numbers_are_replayed() -> None:
    game = {"memories": {"m": {"start": "10", "update": "m * m"}}, "rewards": [{"value": "m - m"}]}
    with NESVectorEnv(ROM_PATH, 2, record=True, game=game, obs_type="ram", frameskip=1) as envs:
        envs.reset(seed=0)
        rewards = [envs.step([0, 0])[1] for _ in range(12)]
        rollout = envs.rollout()
    assert np.isnan(rewards[-1]).all()
    assert datasets.verify(rollout) == 24
    rollout.rewards[-1] = 3.0
    with pytest.raises(datasets.ReplayError, match=r"the reward is nan, and 3\.0 was recorded"):
        datasets.verify(rollout)


def test_what_cannot_be_recorded(tmp_path: Path) -> None:
    with make(obs_type="ram") as envs:
        play(envs, 3)
        with pytest.raises(RuntimeError, match="EnvState"):
            envs.set_state(0, envs.get_state(1))
        with pytest.raises(RuntimeError, match="clone"):
            envs.clone(0, 1)
        envs.set_state([2, 0], [envs.get_state(1).snapshot] * 2)
        envs.step(np.zeros(3, int))
        rollout = envs.rollout()
        assert len(copy.deepcopy(envs).reset()) == 2
        assert len(rollout.snapshots) == 1
    assert datasets.verify(rollout) == 12
    with NESVectorEnv(ROM_PATH, 1) as envs, pytest.raises(RuntimeError, match="record=True"):
        envs.rollout()
    with pytest.raises(ValueError, match=r"ends in \.npz, \.h5, \.hdf5"):
        make(record="x.txt")
    with pytest.raises(TypeError, match="record must be"):
        make(record=3)
    buttons = [["NOOP"]] * 2**16
    with pytest.raises(ValueError, match="room for 65536 different actions, and there are 65537"):
        make(actions=[*buttons, ["right"]])
    with pytest.raises(ValueError, match="room for 65536"):
        make(actions=[*buttons, ["right"]], players=2)
    with make(1, actions=[*buttons[1:], ["right"]]) as envs:
        envs.reset(seed=0)
        envs.step([2**16 - 1])
        assert envs.rollout().actions.tolist() == [2**16 - 1]
    with pytest.raises(FileNotFoundError):
        make(record=tmp_path / "none" / "a.npz")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"actions": [["right", "A", "B", "up"]] * 60_000}, r"the options take \d+ bytes, the limit of a rollout is"),
        ({"states": {f"{number:02000}": [[[], 1]] for number in range(600)}}, "the options take"),
        ({"states": {"a" * 20_000: [[[], 1]]}}, r"states\.names\[0\]: found 'aaa"),
    ],
)
def test_options_that_no_file_can_have(options: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """They are refused before anything is recorded, which would be lost; a rollout that is kept is not."""
    with pytest.raises(ValueError, match=reason):
        make(1, record=tmp_path / "a.npz", **options)
    with make(1, obs_type="ram", **options) as envs:
        play(envs, 2)
        rollout = envs.rollout()
    assert datasets.verify(rollout) == rollout.num_steps > 0
    with pytest.raises(ValueError, match=reason):
        rollout.save(tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_largest_seeds(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with make(2, obs_type="ram", record=path) as envs:
        envs.reset(seed=2**128 - 2)
        envs.step([1, 2])
        before = envs.ram.copy(), envs.np_random_seed
        for refused in (2**128 - 1, [3, 2**128], [10**5000, None]):
            with pytest.raises(ValueError, match=r"room for seeds below 2\*\*128: the seed of environment"):
                envs.reset(seed=refused)
            with pytest.raises(ValueError, match="room for seeds"):
                envs.async_reset(seed=refused)
            assert_same(envs.ram, before[0])
            assert envs.np_random_seed == before[1]
        envs.step([3, 4])
    rollout = datasets.load(path)
    assert [each.seed for each in rollout] == [2**128 - 2, 2**128 - 1]
    assert datasets.verify(rollout) == 4
    with make(1, record=None) as envs:
        envs.reset(seed=2**130)


@pytest.mark.parametrize("error", [OSError, ValueError, OverflowError, IndexError])
def test_closing_releases_what_cannot_be_written(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    envs = make(1, obs_type="ram", record=tmp_path / "a.npz")
    envs.reset(seed=0)
    envs.step([0])

    def fail(*_: Any) -> None:
        raise error("no")

    places: dict[Any, tuple[type, str]] = {OSError: (Rollout, "save"), IndexError: (Recording, "rollout")}
    monkeypatch.setattr(*places.get(error, (Rollout, "_arrays")), fail)
    with pytest.raises(error, match="no"):
        envs.close()
    assert envs._engine is None
    with pytest.raises(ClosedError):
        envs.step([0])
    envs.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".hdf5"])
def test_without_a_step_no_file_is_written(suffix: str, tmp_path: Path) -> None:
    if suffix != ".npz":
        pytest.importorskip("h5py")
    path = tmp_path / f"a{suffix}"
    make(1, record=path).close()
    assert not path.exists()
    with make(2, obs_type="ram", record=path) as envs:
        play(envs, 3)
    before = path.read_bytes()
    with make(2, obs_type="ram", record=path) as envs:
        envs.reset(seed=1)
        with pytest.raises(ValueError, match="action"):
            envs.step([1000, 0])
    assert path.read_bytes() == before


def test_starts(tmp_path: Path) -> None:
    """Start states go into the file, with their names; the chosen ones are chosen again."""
    emulator = NESEmulator(ROM_PATH)
    states = {}
    for name in ("early", "late"):
        emulator.step(50)
        states[name] = emulator.dump_state()
    with make(obs_type="ram", states=states, game=None, record=tmp_path / "a.npz") as envs:
        envs.reset(seed=1, options={"state": ["late", None, "early"]})
        envs.step(np.zeros(3, int))
        envs.reset()
        envs.step(np.zeros(3, int))
    rollout = datasets.load(tmp_path / "a.npz")
    assert rollout.starts.reshape(3, 2).tolist() == [[1, -1], [-1, -1], [0, -1]]
    assert datasets.verify(rollout) == 6
    with make(obs_type="ram", states=[[["start"], 30]], game=None) as envs:
        play(envs, 3)
        rollout = envs.rollout()
    assert datasets.verify(rollout) == 9


def test_options_survive(tmp_path: Path) -> None:
    palette = np.arange(192, dtype=np.uint8).reshape(64, 3)
    given = {
        "cheats": ["0011:02"],
        "palette": palette,
        "crop": (8, 0, 0, 0),
        "reward_clipping": (0.0, float("inf")),
        "actions": "multibinary",
        "ram_fill": "noise",
        "ram_seed": 2**63,
        "game": {**ENDS, "terminated": None, "reward_range": [float("-inf"), 4]},
    }
    with make(record=tmp_path / "a.npz", **given) as envs:
        envs.action_space.seed(0)
        first, _ = envs.reset(seed=2**100)
        envs.step(envs.action_space.sample().astype(np.float32))
    rollout = datasets.load(tmp_path / "a.npz")
    (episode,) = datasets.replay(rollout, episodes=[1])
    assert episode.seed == 2**100 + 1
    assert_same(episode.observations[0], first[1])
    assert episode.actions.dtype == np.uint8


def test_two_players_and_other_devices() -> None:
    for options in ({"players": 2}, {"device": "zapper"}, {"players": 4, "device": "four_score", "actions": None}):
        rollout = random_rollout(5, **options)
        assert rollout.actions.shape[1:] == (options.get("players", 4),)
        assert datasets.verify(rollout) == 15


def test_registered_environments_record(tmp_path: Path) -> None:
    envs = gym.make_vec("nes_py/Trail-v0", num_envs=2, record=str(tmp_path / "a.npz"))
    envs.reset(seed=0)
    for _ in range(10):
        envs.step(envs.action_space.sample())
    envs.close()
    assert datasets.verify(datasets.load(tmp_path / "a.npz")) == 20


def test_a_game_object_is_asked_for() -> None:
    game = Game.parse(ENDS)
    with NESVectorEnv(ROM_PATH, 1, game=game, obs_type="ram", record=True) as envs:
        play(envs, 3)
        rollout = envs.rollout()
    with pytest.raises(TypeError, match="game is missing"):
        datasets.verify(rollout)
    assert datasets.verify(rollout, game=game) == 3


def test_concatenation() -> None:
    one, two = random_rollout(20), random_rollout(30)
    both = Rollout.concatenate([one, two])
    assert len(both) == len(one) + len(two)
    assert datasets.verify(both) == one.num_steps + two.num_steps
    assert sorted(set(both.environments.tolist())) == list(range(6))
    match = r"rollouts\[1\] has another value of options\['frameskip'\]: the default, not 20"
    with pytest.raises(ValueError, match=match):
        Rollout.concatenate([one, random_rollout(5, frameskip=4)])
    with pytest.raises(ValueError, match=r"options\['max_episode_steps'\]: 7, not the default"):
        Rollout.concatenate([one, random_rollout(5, max_episode_steps=7)])


# --- movies ---


def movie_of(frames: int, commands: dict[int, int]) -> tuple[Movie, NESEmulator]:
    emulator = NESEmulator(ROM_PATH)
    movie = Movie.begin(emulator)
    for frame in range(frames):
        command = commands.get(frame, 0)
        if command & POWER:
            emulator.reset()
        elif command:
            emulator.soft_reset()
        buttons = 0x08 if frame % 40 < 5 else frame * 7 % 251 & 0xF3
        emulator.controller(0)[0] = buttons
        movie.append(buttons, 0, command)
        emulator.step()
    return movie, emulator


def test_movies(tmp_path: Path) -> None:
    movie, emulator = movie_of(200, {90: SOFT_RESET, 120: POWER})
    movie.save(tmp_path / "a.fm2")
    rollout = datasets.from_movie(tmp_path / "a.fm2", "bricks")
    assert [len(each) for each in rollout] == [90, 30, 80]
    assert_same(rollout.actions, movie.inputs)
    rollout.save(tmp_path / "a.npz")
    found = {each.number: each for each in datasets.replay(datasets.load(tmp_path / "a.npz"), obs_type="ram")}
    assert_same(found[2].observations[-1], emulator.memory_buffer())
    with pytest.raises(MovieError, match=r"a\.fm2: it is for another ROM"):
        datasets.from_movie(tmp_path / "a.fm2", "trail")


def test_a_movie_goes_on_when_the_game_ends() -> None:
    movie, _ = movie_of(200, {})
    game = {"variables": {"state": 0x10, "lives": 0x11}, "terminated": "delta state != 0"}
    rollout = datasets.from_movie(movie, ROM_PATH, game=game)
    assert len(rollout) > 1
    assert rollout.num_steps == 200
    assert rollout[0].terminated
    assert datasets.verify(rollout) == 200


def test_a_movie_without_its_title() -> None:
    """Frames in which the game is over from the start are left out."""
    movie, _ = movie_of(200, {})
    game = {"variables": {"state": 0x10}, "rewards": [{"value": "state"}], "terminated": "state == 0"}
    rollout = datasets.from_movie(movie, ROM_PATH, game=game)
    assert 0 < rollout.num_steps < 190
    assert rollout.rewards.min() > 0
    assert datasets.verify(rollout) == rollout.num_steps
    whole = datasets.from_movie(movie, ROM_PATH)
    assert_same(rollout.actions, whole.actions[200 - rollout.num_steps :])


def test_play_records_a_rollout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.npz")
    arguments = ["play", "trail", "--mode", "random", "--steps", "90", "--no-render", "--no-progress", "--seed", "1"]
    assert cli.main([*arguments, "--record", path]) == 0
    rollout = datasets.load(path)
    assert rollout.num_steps == 90
    assert datasets.verify(rollout) == 90
    capsys.readouterr()
    assert cli.main(["dataset", path, "--check", "--output", str(tmp_path / "b.npz")]) == 0
    assert "90 steps" in capsys.readouterr().out
    assert (tmp_path / "b.npz").read_bytes() == (tmp_path / "a.npz").read_bytes()
    movie_of(60, {})[0].save(tmp_path / "m.fm2")
    assert cli.main(["dataset", str(tmp_path / "m.fm2"), "--rom", "bricks", "--output", str(tmp_path / "c.npz")]) == 0
    rollout = datasets.load(tmp_path / "c.npz")
    assert datasets.verify(rollout) == rollout.num_steps > 0
    assert cli.main(["dataset", str(tmp_path / "m.fm2"), "--rom", "trail"]) == 1
    assert "another ROM" in capsys.readouterr().err


def test_the_rom_of_a_movie_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    movie, path = movie_of(600, {})[0], str(tmp_path / "m.fm2")
    movie.save(path)
    assert datasets.verify(datasets.from_movie(path, game=GAME)) > 0
    assert cli.main(["dataset", path, "--check", "--export", str(tmp_path / "e.npz"), "--option", "obs_type=ram"]) == 0
    output = capsys.readouterr().out
    assert "game        bricks, SHA-256" in output
    assert "reward      0\n" not in output
    # That of a known game is found in the installed package.
    monkeypatch.setattr("nes_py.datasets.movies.bundled_games", dict)
    with pytest.raises(TypeError, match="rom is missing"):
        datasets.from_movie(path)
    assert cli.main(["dataset", path]) == 1
    assert "m.fm2 is a movie, and its ROM is neither a bundled game nor a known game" in capsys.readouterr().err
    monkeypatch.setattr("nes_py.datasets.movies.find_rom", lambda name: {"zelda": ROM_PATH}.get(name) or missing(name))
    assert cli.main(["dataset", path]) == 0
    # Without a checksum, too, it has to be named.
    movie.checksum = None
    movie.rom_name = "the game"
    movie.save(path)
    assert cli.main(["dataset", path]) == 1
    assert "m.fm2 is a movie, of 'the game', and its ROM is neither" in capsys.readouterr().err
    assert cli.main(["dataset", path, "--rom", "bricks"]) == 0


def missing(name: str) -> Path:
    raise RomNotFoundError(f"there is no ROM of {name}")


def test_a_game_of_ones_own_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rom, game, path = tmp_path / "game.nes", tmp_path / "game.json", str(tmp_path / "a.npz")
    shutil.copy(ROM_PATH, rom)
    game.write_text('{"variables": {"state": "0x10"}, "rewards": [{"value": 1}], "start": [[["start"], 2]]}')
    play = ["play", str(rom), "--mode", "random", "--steps", "20", "--no-render", "--no-progress", "--seed", "1"]
    assert cli.main([*play, "--record", path, "--game", str(game)]) == 0
    rollout = datasets.load(path)
    assert rollout.rewards.sum() == rollout.num_steps > 0
    played, written = capsys.readouterr().out.splitlines()
    assert "reward" not in played, "the window's environment has none"
    assert written == f"{path}: {rollout.num_steps} steps, total reward {rollout.num_steps}"
    assert cli.main([*play, "--record", str(tmp_path / "without.npz")]) == 0
    written = capsys.readouterr().out.splitlines()[1]
    assert written.endswith("without.npz: 20 steps, rewards are 0: the game is not declared (--game FILE declares one)")
    assert cli.main(["dataset", path, "--rom", str(rom), "--check"]) == 0
    movie_of(20, {})[0].save(tmp_path / "m.fm2")
    assert cli.main(["dataset", str(tmp_path / "m.fm2"), "--rom", str(rom), "--game", str(game)]) == 0
    assert "reward      20" in capsys.readouterr().out

    assert cli.main(["dataset", path, "--game", str(game)]) == 1
    assert "its declared game in it" in capsys.readouterr().err
    assert cli.main([*play, "--game", str(game)]) == 1
    assert capsys.readouterr().err == (
        "nes_py: --game is for --record with a file that ends in .npz, .h5, .hdf5; to play by hand and see rewards: "
        f"nes_py watch {rom} --game {game}\n"
    )
    game.write_text('{"rewards": [{"delta": "score"}]}')
    assert cli.main([*play, "--record", str(tmp_path / "b.npz"), "--game", str(game)]) == 1
    output = capsys.readouterr()
    assert "score" in output.err
    assert not output.out, "nothing was played"


def test_export_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = str(tmp_path / "a.npz"), str(tmp_path / "out.npz")
    with BricksVectorEnv(2, record=path) as envs:
        envs.action_space.seed(1)
        envs.reset(seed=1)
        for _ in range(5):
            envs.step(envs.action_space.sample())
    export = ["dataset", path, "--export", out]
    assert cli.main([*export, "--episodes", "1", "--option", "obs_type=ram", "--option", "stack_num=1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"exported    {out}"
    with np.load(out) as arrays:
        assert arrays["observations"].shape == (6, 2048)
        assert arrays["episodes"].tolist() == [1]
    assert cli.main([*export, "--option", 'obs_type=["ram", "image"]', "--option", "grayscale=True"]) == 0
    with np.load(out) as arrays:
        assert arrays["observations/ram"].shape == (12, 2048)
        assert arrays["observations/image"].shape[0] == 12

    capsys.readouterr()
    kept = Path(path).read_bytes()
    for more, message in {
        ("--export", path): "--export would replace the rollout",
        ("--output", out): "--export would replace the rollout",
        ("--option", "rom=duel"): "--option rom is not an option of what is observed: --rom is an argument of its own",
        ("--option", "path=1"): "--option path is not an option of what is observed",
        ("--option", "obs_typ=ram"): "did you mean 'obs_type'",
        ("--option", "frameskip=2"): "decided by the rollout",
        ("--episodes", "0,7"): "no episode 7, only 0 to 1",
        ("--export", str(tmp_path / "out.txt")): "ends in .npz",
    }.items():
        assert cli.main([*export, *more]) == 1
        assert message in capsys.readouterr().err
    assert Path(path).read_bytes() == kept
    assert cli.main(["dataset", path, "--option", "obs_type=ram"]) == 1
    assert "--option is for --export" in capsys.readouterr().err
    for more in (("--episodes", "one"), ("--episodes", ""), ("--option", "obs_type")):
        with pytest.raises(SystemExit) as stop:
            cli.main([*export, *more])
        assert stop.value.code == 2
        assert repr(more[1]) in capsys.readouterr().err
    rom = tmp_path / "game.nes"
    rom.write_bytes(ROM_PATH.read_bytes() + b"x")
    play = ["play", str(rom), "--mode", "random", "--steps", "5", "--no-render", "--no-progress"]
    assert cli.main([*play, "--record", path]) == 0
    assert cli.main(export) == 1
    assert "--rom is missing" in capsys.readouterr().err


# --- files from others ---


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    if content.startswith(b"\x89HDF"):
        pytest.importorskip("h5py")
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"x\.npz: not a rollout of nes_py, or damaged: .*expected an"):
        datasets.load(tmp_path / "x.npz")


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_damaged_files(tmp_path: Path, suffix: str) -> None:
    """Refused with the file's name, or read as what it was: a bit of an archive may have no meaning."""
    if suffix == ".h5":
        pytest.importorskip("h5py")
    path, damaged_path = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    rollout = random_rollout(8)
    rollout.save(path)
    content = path.read_bytes()
    draw = np.random.default_rng(0)
    refused = 0
    for number in range(80):
        damaged = bytearray(content)
        damaged[draw.integers(len(content))] ^= 1 << draw.integers(8)
        cut = number % 4 == 0
        damaged_path.write_bytes(damaged[: draw.integers(len(content))] if cut else damaged)
        found = None
        with contextlib.suppress(FileFormatError):
            found = datasets.load(damaged_path)
        if found is not None:
            assert not cut
            assert_same(found.actions, rollout.actions)
            assert found.options == rollout.options
            continue
        refused += 1
        with pytest.raises(FileFormatError, match=re.escape(str(damaged_path))):
            datasets.load(damaged_path)
    assert refused >= 20


def test_hdf5_file_whose_sizes_have_64_bits(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    random_rollout(8).save(path)
    content = path.read_bytes()
    refused = 0
    for place in range(16, 96, 8):
        path.write_bytes(content[:place] + (2**63).to_bytes(8, "little") + content[place + 8 :])
        with contextlib.suppress(FileFormatError):
            datasets.load(path)
            refused -= 1
        refused += 1
    assert refused >= 2


def altered(rollout: Rollout, **arrays: Any) -> bytes:
    """Return a file with other arrays, whose checksum fits."""
    whole = rollout._arrays()
    del whole["sha256"]
    for name, array in arrays.items():
        if array is None:
            del whole[name]
        else:
            whole[name] = array
    whole["sha256"] = np.frombuffer(rollout_module._digest(whole), np.uint8)
    return rollout_module.to_npz(whole)


def described(rollout: Rollout, **entries: Any) -> bytes:
    return altered(
        rollout,
        description=np.frombuffer(json.dumps({**rollout._description(), **entries}).encode(), np.uint8),
    )


def test_altered_files(tmp_path: Path) -> None:
    rollout = random_rollout(8)
    path = tmp_path / "a.npz"
    options = rollout.options
    huge = io.BytesIO()
    with zipfile.ZipFile(huge, "w", zipfile.ZIP_DEFLATED) as archive:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (2**40,)})
        archive.writestr("actions.npy", header.getvalue())
    cases = [
        (altered(rollout, actions=rollout.actions[:-1]), "lengths: they do not add up to 23 steps"),
        (altered(rollout, actions=rollout.actions.astype(np.float64)), "actions: float64"),
        (altered(rollout, rewards=rollout.rewards.astype(np.float32)), "rewards: float32.*expected float64"),
        (altered(rollout, hashes=rollout.hashes[1:]), r"hashes: the shape is .*expected"),
        (altered(rollout, lengths=-rollout.lengths), "lengths: they do not add up"),
        (altered(rollout, starts=rollout.starts - 1), "starts: there is no such start"),
        (altered(rollout, flags=rollout.flags | 4), "flags: .*goes on"),
        (altered(rollout, generators=None), "it has no array 'generators'"),
        # Drawing from this one would never end.
        (altered(rollout, generators=np.zeros_like(rollout.generators)), r"generators\[0\]: .*odd"),
        (described(rollout, version=2), r"description\.version: .*expected 1"),
        (described(rollout, format="x"), r"description\.format"),
        (described(rollout, options={**options, "stack_num": 2}), "'stack_num' is no option of a rollout"),
        (described(rollout, options={**options, "frameskip": 0}), r"description\.options: frameskip must be"),
        (described(rollout, options={**options, "game": "/etc/passwd"}), "'/etc/passwd' is no known game"),
        (described(rollout, options={**options, "game": "retro:../integration"}), "is no known game"),
        (described(rollout, options={**options, "game": {"variables": 3}}), r"description\.options: "),
        (described(rollout, options={**options, "states": [[["A"], 1]]}), "expected names of starts"),
        (described(rollout, view={"palette": "/etc/passwd"}), r"description\.view\.palette: .*expected colours"),
        (described(rollout, view={"colour": 3}), "there is no option 'colour'"),
        (described(rollout, states={"count": 3}), r"description\.states: .*does not fit 0 snapshots"),
        (huge.getvalue(), r"actions: 0 bytes, expected 1099511627776 numbers"),
    ]
    for content, message in cases:
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=rf"a\.npz: .*{message}"):
            datasets.load(path)
    arrays = rollout._arrays()
    arrays["rewards"] = arrays["rewards"] + 1
    path.write_bytes(rollout_module.to_npz(arrays))
    with pytest.raises(FileFormatError, match=r"a\.npz: sha256: the file was altered"):
        datasets.load(path)


@pytest.mark.parametrize(
    "header",
    [
        "(" * 1000,
        "-" * 9000 + "1",
        "{'descr': '",
        "\0",
        "{[]: 1}",
        "{'descr': '(,)i8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (True,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<i8', 'fortran_order': True, 'shape': (1, 1), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (%s), }" % ("1, " * 100),
    ],
    ids=range(10),
)
def test_headers_of_arrays_that_are_no_expressions(header: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(8)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("actions.npy", content)
    with pytest.raises(FileFormatError, match=r"a\.npz: actions: an array .*expected"):
        datasets.load(path)


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than the limit is refused before it is unpacked."""
    path = tmp_path / "a.npz"
    np.savez_compressed(path, actions=np.zeros(3_000_000, np.uint8))
    assert LARGEST_ROLLOUT == 2**30
    monkeypatch.setattr(rollout_module, "LARGEST_ROLLOUT", 1_000_000)
    with pytest.raises(FileFormatError, match=r"a\.npz: actions: more than 1000000 bytes"):
        datasets.load(path)
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("actions", (2**40,), np.uint8, chunks=(2**20,))
    with pytest.raises(FileFormatError, match=r"a\.h5: 'actions': more than 1000000 bytes"):
        datasets.load(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["actions"] = h5py.ExternalLink("/etc/passwd", "x")
    with pytest.raises(FileFormatError, match=r"b\.h5: 'actions': expected an array in the file itself"):
        datasets.load(tmp_path / "b.h5")
    # A chunk is unpacked as a whole, and may be larger than its array.
    with h5py.File(tmp_path / "c.h5", "w") as file:
        chunked = {"maxshape": (None,), "chunks": (2**25,), "compression": "gzip", "compression_opts": 1}
        file.create_dataset("actions", data=np.zeros(10, np.uint8), **chunked)
    with pytest.raises(FileFormatError, match=r"c\.h5: 'actions': a chunk of 33554432 numbers"):
        datasets.load(tmp_path / "c.h5")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions(tmp_path: Path, compression: int) -> None:
    """Their damaged files have errors of their own."""
    pytest.importorskip({zipfile.ZIP_BZIP2: "bz2", zipfile.ZIP_LZMA: "lzma"}.get(compression, "zlib"))
    path = tmp_path / "a.npz"
    rollout = random_rollout(5)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in rollout._arrays().items():
            content = io.BytesIO()
            np.save(content, array)
            archive.writestr(f"{name}.npy", content.getvalue())
    if compression == zipfile.ZIP_STORED:
        assert datasets.load(path).num_steps == rollout.num_steps
    else:
        with pytest.raises(FileFormatError, match=r"a\.npz: description\.npy: compression \d+, expected 0 or 8"):
            datasets.load(path)
    content, generator = path.read_bytes(), np.random.default_rng(compression)
    for place, value in zip(generator.integers(len(content), size=200), generator.integers(256, size=200), strict=True):
        path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
        with contextlib.suppress(FileFormatError):
            datasets.load(path)


def test_wrong_arguments(tmp_path: Path) -> None:
    """One kind of error for the same mistake, whatever is called; nothing is written."""
    rollout = random_rollout(60)
    path = tmp_path / "a.npz"
    assert len(rollout) > 0

    def replay(**arguments: Any) -> list[Any]:
        return list(datasets.replay(rollout, **arguments))

    def batches(**arguments: Any) -> list[Any]:
        return list(datasets.batches(rollout, **arguments))

    def export(**arguments: Any) -> None:
        datasets.export(rollout, path, **arguments)

    for function in (replay, batches, export):
        for episodes, error, message in (
            (["a"], TypeError, "an episode is selected by its number, not 'a'"),
            ([0, "a"], TypeError, "an episode is selected by its number, not 'a'"),
            ([1.0], TypeError, r"an episode is selected by its number, not 1\.0"),
            ([True], TypeError, "an episode is selected by its number, not True"),
            (np.array([True]), TypeError, "an episode is selected by its number, not"),
            (3, TypeError, "episodes must be numbers of episodes or None, not 3"),
            ("0", TypeError, "episodes must be numbers of episodes or None, not '0'"),
            ([-1], IndexError, "there is no episode -1"),
            ([10**30], IndexError, "there is no episode 10{30}"),
        ):
            with pytest.raises(error, match=message):
                function(episodes=episodes)
    assert not path.exists()
    for other in ("a", None, [rollout]):
        for call in (
            lambda other: datasets.make_envs(other),
            lambda other: list(datasets.replay(other)),
            lambda other: datasets.verify(other),
            lambda other: datasets.export(other, path),
        ):
            with pytest.raises(TypeError, match=r"rollout must be a Rollout, see nes_py\.datasets\.load, not"):
                call(other)
        with pytest.raises(TypeError, match=r"rollouts\[1\] must be a Rollout, not"):
            Rollout.concatenate([rollout, other])
    for number, error in ((len(rollout), IndexError), (-len(rollout) - 1, IndexError), ("a", TypeError)):
        with pytest.raises(error, match="episode"):
            rollout[number]
    with pytest.raises(TypeError, match="an episode is selected by its number"):
        rollout[0:2]
    assert rollout[-1].number == len(rollout) - 1
    with pytest.raises(TypeError, match="record is decided by the movie"):
        datasets.from_movie(Movie.begin(NESEmulator(ROM_PATH)), ROM_PATH, record=True)
    for name, value in {
        "actions": ACTIONS,
        "autoreset_mode": "SameStep",
        "cheats": ["0011:02"],
        "device": "vs_system",
        "repeat_action_probability": 0.25,
    }.items():
        with pytest.raises(TypeError, match=f"{name} is decided by the movie"):
            datasets.from_movie(Movie.begin(NESEmulator(ROM_PATH)), ROM_PATH, **{name: value})


def test_every_option_is_known() -> None:
    """A new option either decides what happens (then it belongs to DECIDES), or what is observed."""
    assert set(DECIDES) | set(COMPUTES) <= set(EnvOptions.names())
    observed = set(EnvOptions.names()) - set(DECIDES) - set(COMPUTES)
    pictures = {
        "stack_num",
        "stack_padding",
        "img_height",
        "img_width",
        "grayscale",
        "maxpool",
        "life_loss_info",
        "obs_type",
        "crop",
        "layout",
        "palette",
        "whole_pictures",
    }
    assert pictures <= observed


# --- plain arrays ---


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("obs_type", ["ram", ("image", "tiles")])
def test_export(tmp_path: Path, suffix: str, obs_type: Any) -> None:
    h5py = pytest.importorskip("h5py")
    rollout = random_rollout(40)
    path = tmp_path / f"a{suffix}"
    for chosen in (None, [2, 0, 5], []):
        datasets.export(rollout, path, episodes=chosen, obs_type=obs_type, stack_num=1)
        with pytest.raises(FileFormatError, match=r"a\.(npz|h5): an export of a rollout, .* not a rollout$"):
            datasets.load(path)
        whole = {
            each.number: each for each in datasets.replay(rollout, episodes=chosen, obs_type=obs_type, stack_num=1)
        }
        with h5py.File(path) if suffix == ".h5" else np.load(path) as file:
            assert file["episodes"][...].tolist() == sorted(whole)
            lengths = file["lengths"][...]
            assert lengths.tolist() == [len(whole[number]) for number in sorted(whole)]
            for place, number in enumerate(sorted(whole)):
                first = lengths[:place].sum()
                rows, each = slice(first, first + lengths[place]), whole[number]
                seen = slice(first + place, first + place + lengths[place] + 1)
                for name in ("actions", "rewards", "terminations", "truncations"):
                    assert_same(file[name][...][rows], getattr(each, name))
                if isinstance(obs_type, str):
                    assert_same(file["observations"][...][seen], each.observations)
                else:
                    for name in obs_type:
                        assert_same(file[f"observations/{name}"][...][seen], each.observations[name])
    with pytest.raises(IndexError):
        datasets.export(rollout, path, episodes=[99])
    content = path.read_bytes()
    with pytest.raises(ReplayError):
        datasets.export(dataclasses.replace(rollout, rewards=rollout.rewards + 1), path)
    assert path.read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


# --- Minari ---


def test_minari(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minari = pytest.importorskip("minari", reason="Minari is not installed: pip install 'nes-py[minari]'")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    rollout = random_rollout(40)
    about = {
        "author": "somebody",
        "author_email": "somebody@example.org",
        "algorithm_name": "random",
        "code_permalink": "https://example.org",
        "description": "Random play.",
    }
    if "jpeg_encoding" not in inspect.signature(minari.create_dataset_from_buffers).parameters:
        with pytest.raises(ImportError, match=r"as JPEG, with loss: to_minari needs Minari 0\.5\.4"):
            datasets.to_minari(rollout, "nes/bricks/ram-v0", obs_type="ram")
        return
    for view in ({"obs_type": "ram"}, {"obs_type": "dict", "stack_num": 1, "grayscale": False, "layout": "hwc"}):
        name = f"nes/bricks/{view['obs_type']}-v0"
        datasets.to_minari(rollout, name, about=about, **view)
        dataset = minari.load_dataset(name)
        episodes = list(datasets.replay(rollout, **view))
        assert dataset.total_episodes == len(episodes)
        assert dataset.total_steps == rollout.num_steps
        for stored, each in zip(dataset.iterate_episodes(), episodes, strict=True):
            parts = each.observations if isinstance(each.observations, dict) else {"": each.observations}
            for part, array in parts.items():
                assert_same(stored.observations[part] if part else stored.observations, array)
            assert_same(stored.actions, each.actions.astype(np.int64))
            assert_same(stored.rewards, each.rewards)
            assert_same(stored.terminations, each.terminations)
            assert stored.terminations[-1] or stored.truncations[-1]
        dataset.set_seed(1)
        assert len(dataset.sample_episodes(2)) == 2
        for stored in dataset.sample_episodes(2):
            assert dataset.action_space.contains(stored.actions[0])
        assert len(dataset.filter_episodes(lambda episode: len(episode.rewards) > 3)) <= len(dataset)
        with pytest.raises(ValueError, match="is a Minari dataset"):
            datasets.to_minari(rollout, name, about=about, **view)
    again = datasets.from_minari("nes/bricks/ram-v0")
    assert_same(again.actions, rollout.actions)
    assert datasets.verify(again) == rollout.num_steps
    broken = dataclasses.replace(rollout, rewards=rollout.rewards + 1)
    with pytest.raises(ReplayError):
        datasets.to_minari(broken, "nes/bricks/broken-v0", about=about)
    assert "nes/bricks/broken-v0" not in minari.list_local_datasets()
