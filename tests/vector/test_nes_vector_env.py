"""NESVectorEnv: Gymnasium's rules, options, states, errors."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector.utils import batch_space
from reference import GAME
from support.equality import assert_same
from support.patience import PATIENCE

from nes_py import NESEmulator, NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksVectorEnv
from nes_py.options import EnvOptions
from nes_py.vector import AutoresetMode


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, **options})


def noop(env: NESVectorEnv) -> Any:
    return np.zeros(env.action_space.shape, env.action_space.dtype)


# --- Gymnasium ---


def test_make_vec() -> None:
    envs = gym.make_vec("nes_py/Bricks-v0", num_envs=4, num_threads=2)
    assert isinstance(envs, NESVectorEnv)
    observations, infos = envs.reset(seed=1)
    assert observations.shape == (4, 4, 84, 84)
    assert observations in envs.observation_space
    assert infos["lives"].tolist() == [3] * 4
    twin = gym.make_vec(pickle.loads(pickle.dumps(envs.spec)))
    assert_same(twin.reset(seed=1)[0], observations)
    assert twin.num_envs == 4
    for one in (envs, twin):
        one.close()


@pytest.mark.parametrize(("region", "rate"), [("ntsc", 60), ("pal", 50), ("dendy", 50)])
def test_pictures_in_a_second(region: str, rate: int) -> None:
    with NESVectorEnv(ROM_PATH, 1, region=region, frameskip=4) as env:
        assert env.metadata["render_fps"] == rate / 4
    assert NESVectorEnv.metadata["render_fps"] == 60


@pytest.mark.parametrize("obs_type", ["image", ("image", "ram", "index")])
def test_the_space_of_a_batch_is_that_of_gymnasium(obs_type: Any) -> None:
    """But its bounds take no memory: Gymnasium's four arrays are larger than the observations."""
    with make(5, obs_type=obs_type) as env:
        space = env.observation_space
        expected = batch_space(env.single_observation_space, 5)
        assert space == expected
        assert repr(space) == repr(expected)
        for twin in (pickle.loads(pickle.dumps(space)), copy.deepcopy(space)):
            assert twin == expected
        space.seed(3)
        expected.seed(3)
        drawn, wanted = space.sample(), expected.sample()
        for name in wanted if isinstance(wanted, dict) else [...]:
            assert_same(drawn[name], wanted[name])
        assert env.reset(seed=0)[0] in space
        boxes = list(space.values()) if isinstance(space, gym.spaces.Dict) else [space]
        for box in boxes:
            for bound in (box.low, box.high, box.bounded_below, box.bounded_above):
                assert bound.shape == box.shape
                assert bound.strides[0] == 0


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("look", [{"grayscale": False}, {"grayscale": False, "crop": (8, 0, 5, 0)}, {}])
@pytest.mark.parametrize("layout", ["hwc", "chw"])
def test_a_stack_of_one_whole_picture_is_the_newest_of_two(mode: str, look: dict[str, Any], layout: str) -> None:
    """Of one picture no copy is kept."""
    whole = {"img_height": None, "img_width": None, "layout": layout, "autoreset_mode": mode, "obs_type": "image"}
    one = make(2, stack_num=1, max_episode_steps=5, game=None, **whole, **look)
    two = make(2, stack_num=2, max_episode_steps=5, game=None, **whole, **look)
    planes = 1 if "grayscale" not in look else 3

    def newest(pictures: Any) -> Any:
        return pictures[..., planes:] if layout == "hwc" else pictures[:, -1:] if planes == 1 else pictures[:, planes:]

    def same(seen: Any, both: Any) -> None:
        assert_same(seen.reshape(2, -1), newest(both).reshape(2, -1))

    same(one.reset(seed=3)[0], two.reset(seed=3)[0])
    assert len(one.get_state(0).episode) < 1000 < len(two.get_state(0).episode)
    finals = 0
    for step in range(12):
        actions = np.array([step % 6, (step + 2) % 6])
        seen, _, ended, cut, infos = one.step(actions)
        both, *_, infos_of_two = two.step(actions)
        same(seen, both)
        if mode == "SameStep" and (ended | cut).all():
            finals += 1
            same(np.stack(infos["final_obs"]), np.stack(infos_of_two["final_obs"]))
        if step == 6:
            kept = one.get_state([0, 1]), seen.copy()
    assert finals == (2 if mode == "SameStep" else 0)
    one.set_state([0, 1], kept[0])
    shown = one.reset(options={"reset_mask": np.array([True, False])})[0]
    assert_same(shown[1], kept[1][1])
    one.close()
    two.close()


def test_any_rom_without_a_game() -> None:
    with NESVectorEnv(ROM_PATH.read_bytes(), 2) as env:
        _, infos = env.reset()
        assert infos == {}
        for _ in range(5):
            _, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
            assert not rewards.any()
            assert not (terminated | truncated).any()
            assert infos == {}


@pytest.mark.parametrize("mode", [*AutoresetMode, "NextStep", "SameStep", "Disabled"])
def test_autoreset_mode_in_the_metadata_of_the_instance(mode: Any) -> None:
    with make(1, autoreset_mode=mode) as env:
        assert env.metadata["autoreset_mode"] is AutoresetMode(mode)
    assert "autoreset_mode" not in NESVectorEnv.metadata


def test_wrappers() -> None:
    env: Any = make(2, render_mode="rgb_array")
    env = gym.wrappers.vector.RecordEpisodeStatistics(env)
    env = gym.wrappers.vector.NormalizeReward(env)
    env = gym.wrappers.vector.NormalizeObservation(env)
    observations, _ = env.reset(seed=0)
    assert observations.shape == (2, 4, 84, 84)
    episodes = []
    for _ in range(60):
        *_, infos = env.step(np.array([3, 2]))
        episodes += [infos["episode"]["l"]] if "episode" in infos else []
    assert episodes
    frames = env.render()
    assert isinstance(frames, tuple)
    assert [frame.shape for frame in frames] == [(240, 256, 3)] * 2
    env.close()


def test_all_observations() -> None:
    with make(
        2, obs_type=["image", "index", "ram"], crop=(8, 8, 0, 0), stack_num=2, img_height=None, img_width=None
    ) as env:
        env.reset(seed=0)
        observations = env.step(np.array([1, 3]))[0]
        assert observations in env.observation_space
        assert observations["index"].shape == (2, 2, 224, 256)
        assert_same(observations["index"][:, -1], env.screens[:, 8:232])
        assert_same(observations["ram"], env.ram)
        emulator = NESEmulator(ROM_PATH)
        emulator.load_state(env.get_state(1).snapshot)
        assert_same(observations["image"][1, -1], emulator.screen_gray()[8:232])
        assert_same(env.screens[1], emulator.index_buffer())
    for kind, shape in (("ram", (2, 2048)), ("index", (2, 4, 240, 256)), ("image", (2, 4, 84, 84))):
        with make(2, obs_type=kind) as env:
            assert env.reset()[0].shape == env.observation_space.shape == shape
    with make(2, obs_type="dict") as env:
        assert set(env.reset()[0]) == {"image", "ram"}


@pytest.mark.parametrize("players", [1, 2])
@pytest.mark.parametrize("actions", [None, ACTIONS, "multibinary"])
def test_actions(players: int, actions: Any) -> None:
    with NESVectorEnv(ROM_PATH, 2, actions=actions, players=players, obs_type="ram", frameskip=1) as env:
        env.reset(seed=0)
        for _ in range(20):
            env.step(noop(env))
        sample = env.action_space.sample()
        assert env.action_space.contains(sample)
        env.step(sample)
        twin = NESEmulator(ROM_PATH)
        twin.step(20)
        table = [sum(1 << NAMES.index(name) for name in names if name != "NOOP") for names in ACTIONS]
        for port in range(players):
            action = sample[1] if players == 1 else sample[1][port]
            if actions is None:
                byte = int(action)
            elif actions == "multibinary":
                byte = sum(int(bit) << place for place, bit in enumerate(action))
            else:
                byte = table[int(action)]
            twin.controller(port)[0] = byte
        twin.step()
        assert_same(env.ram[1], twin.memory_buffer())


NAMES = ("A", "B", "select", "start", "up", "down", "left", "right")


# --- arrays ---


def test_copies_stay() -> None:
    with make(2) as env:
        held = [env.reset(seed=0)[0]]
        before = [held[0].copy()]
        for step in range(8):
            observations, rewards, *_ = env.step(np.array([step % 6, 2]))
            held += [observations, rewards]
            before += [observations.copy(), rewards.copy()]
        assert all((one == other).all() for one, other in zip(held, before, strict=True))
        assert all(array.flags.c_contiguous and array.flags.writeable for array in held)


def test_views_and_out() -> None:
    with make(2, copy=False) as env, make(2) as twin:
        first = env.reset(seed=0)[0]
        assert env.step(np.array([1, 2]))[0] is first
        twin.reset(seed=0)
        out = np.zeros((2, 4, 84, 84), np.uint8)
        assert twin.step(np.array([1, 2]), out=out)[0] is out
        assert_same(out, first)
        for wrong in (np.zeros((2, 4, 84, 84)), np.zeros((1, 4, 84, 84), np.uint8), np.zeros((2, 84, 84, 4), np.uint8)):
            with pytest.raises((TypeError, ValueError), match="out"):
                twin.step(np.array([1, 2]), out=wrong)


def test_ram_is_a_live_view() -> None:
    env = make(2)
    env.reset(seed=0)
    ram = env.ram
    env.step(np.array([0, 0]))
    assert ram[0, 0x11] == 3
    ram[1, 0x11] = 1
    assert env.step(np.array([0, 0]))[4]["lives"].tolist() == [3, 1]
    env.close()
    assert ram[1, 0x11] == 1


# --- resets, seeds, starts ---


def test_options_of_reset_that_are_misspelled() -> None:
    with make(2, states={"one": [[[], 30]], "two": [[[], 40]]}) as env:
        env.reset(seed=0)
        before = env.get_state([0, 1])
        misspelled = {"sate": "state", "State": "state", "states": "state"}  # codespell:ignore
        for wrong, known in {**misspelled, "resetmask": "reset_mask"}.items():
            with pytest.raises(ValueError, match=f"reset has no option '{wrong}', did you mean '{known}'"):
                env.reset(seed=3, options={wrong: "two"})
            with pytest.raises(ValueError, match=f"did you mean '{known}'"):
                env.async_reset(options={wrong: "two"})
        assert env.get_state([0, 1]) == before
        # Those of other layers are ignored.
        others: dict[Any, Any] = {
            "low": 1,
            "stage": 2,
            "start": 1,
            "goal_cell": (1, 2),
            "seed": 3,
            "": 0,
            "x" * 10_000: 1,
            7: 8,
        }
        env.reset(seed=0, options=others)
        assert env.get_state([0, 1]) == before
        env.reset(options={"state": "two", "states": "of a wrapper"})


def test_reset_mask() -> None:
    with make(3) as env:
        env.reset(seed=0)
        observations = env.step(np.array([2, 3, 2]))[0]
        states = env.get_state([0, 2])
        options = {"reset_mask": np.array([False, True, False])}
        after, infos = env.reset(options=options)
        assert list(options) == ["reset_mask"]
        assert_same(after[[0, 2]], observations[[0, 2]])
        assert (after[1] != observations[1]).any()
        assert infos["_lives"].tolist() == [False, True, False]
        assert infos["lives"].tolist() == [0, 3, 0]
        assert env.get_state([0, 2]) == states
        for wrong, error in (
            ([False, True, False], TypeError),
            (np.array([0, 1, 0]), TypeError),
            (np.array([True, False]), ValueError),
            (np.zeros(3, bool), ValueError),
        ):
            with pytest.raises(error, match="reset_mask"):
                env.reset(options={"reset_mask": wrong})


def test_seeds() -> None:
    options = {"noop_max": 200, "stack_num": 1}
    with make(3, **options) as env:
        base = env.reset(seed=7)[0]
        assert (env.reset(seed=[7, 8, 9])[0] == base).all()
        assert (env.reset(seed=[9, None, 7])[0][[0, 2]] == base[[2, 0]]).all()
        assert env.np_random_seed[0] == 9
        assert (env.reset(seed=0)[0] == env.reset(seed=np.int64(0))[0]).all()
        assert (env.reset(seed=7, options={"reset_mask": np.array([False, True, False])})[0][1] == base[1]).all()
        for wrong, error in (([1, 2], ValueError), ("abc", TypeError), (-5, ValueError), (1.5, TypeError)):
            with pytest.raises(error, match="seed"):
                env.reset(seed=wrong)
    options["obs_type"] = "ram"  # pictures of the title are alike
    with make(3, **options) as env, make(3, **options) as other:
        # No fixed seed by default: 200 ** 3 ways to begin.
        assert (env.reset()[0] != other.reset()[0]).any()


def test_starts() -> None:
    emulator = NESEmulator(ROM_PATH)
    emulator.step(30)
    title = emulator.dump_state()
    states = {
        "title": title,
        "bytes": bytes(title),
        "script": [[["start"], 60], [[], 5]],
        "until": [{"buttons": ["start"], "frames": 60, "until": "state == 1"}],
    }
    with make(4, states=states, obs_type="ram") as env:
        rams, infos = env.reset(options={"state": ["title", 1, "script", "until"]})
        assert_same(rams[0], emulator.memory_buffer())
        assert_same(rams[0], rams[1])
        assert infos["state"].tolist()[2:] == [1, 1]
        seen = {bytes(ram) for seed in range(9) for ram in env.reset(seed=seed)[0]}
        assert len(seen) == 3
        for wrong in ("titel", 4, -1, ["title"]):  # codespell:ignore
            with pytest.raises(ValueError, match="state"):
                env.reset(options={"state": wrong})
        with pytest.raises(ValueError, match="did you mean 'title'"):
            env.reset(options={"state": "titel"})  # codespell:ignore
    with make(1, states=title, obs_type="ram") as env:
        assert_same(env.reset()[0][0], emulator.memory_buffer())
    with pytest.raises(ValueError, match=r"state == 5 not true within 3 frames: state = 0$"):
        make(1, states=[{"buttons": [], "frames": 3, "until": "state == 5"}])
    with pytest.raises(ValueError, match="states"):
        make(1, states=b"nonsense")


# --- states ---


def trajectory(env: NESVectorEnv, index: int, steps: int = 12) -> list[Any]:
    result = []
    for step in range(steps):
        observations, rewards, terminated, truncated, infos = env.step(np.full(env.num_envs, 2 + step % 3))
        result.append((observations[index].tobytes(), rewards[index], terminated[index], truncated[index]))
        result.append(infos["frames"][index])
    return result


def test_states_repeat_the_trajectory() -> None:
    options = {"repeat_action_probability": 0.5, "noop_max": 10}
    with make(3, **options) as env, make(2, num_threads=2, **options) as other:
        env.reset(seed=3)
        env.step(np.array([1, 2, 3]))
        state = env.get_state(1)
        observation = env.observe()[1]
        expected = trajectory(env, 1)
        env.set_state(1, state)
        assert_same(env.observe()[1], observation)
        assert trajectory(env, 1) == expected
        other.reset(seed=0)
        other.set_state(0, pickle.loads(pickle.dumps(state)))
        assert trajectory(other, 0) == expected
        with make(1, frameskip=2) as different:
            different.reset()
            with pytest.raises(ValueError, match="other options"):
                different.set_state(0, state)
            different.set_state(0, state.snapshot)
            emulator = NESEmulator(ROM_PATH)
            emulator.load_state(state.snapshot)
            assert_same(different.ram[0], emulator.memory_buffer())


def test_clone() -> None:
    with make(4) as env:
        env.reset(seed=0)
        for _ in range(5):
            env.step(np.array([2, 3, 0, 1]))
        env.clone(1, np.array([True, False, False, True]))
        observations = env.observe()
        assert_same(observations[0], observations[1])
        assert_same(observations[3], observations[1])
        assert_same(env.ram[[0, 3]], env.ram[1])
        stepped = env.step(np.array([4, 4, 0, 4]))
        assert_same(stepped[0][[0, 3]], stepped[0][1])
        assert stepped[1][0] == stepped[1][1]
        for which in (4, -1):
            with pytest.raises(IndexError):
                env.clone(0, which)
            with pytest.raises(IndexError):
                env.get_state(which)


# --- send and recv ---


def test_send_and_recv() -> None:
    with make(4, batch_size=2, noop_max=5) as env, make(4, noop_max=5) as whole:
        first = whole.reset(seed=1)[0]
        observations, infos = env.reset(seed=1)
        assert infos["env_id"].tolist() == [0, 1]
        assert observations in env.observation_space
        assert_same(observations, first[:2])
        assert_same(env.recv()[0], first[2:])
        whole.step(np.array([0, 1, 2, 3]))
        env.send(np.array([3, 1]), np.array([3, 1]))
        env.send(np.array([0, 2]), [0, 2])
        seen = {}
        for _ in range(2):
            observations, rewards, *_, infos = env.recv()
            for row, index in enumerate(infos["env_id"]):
                seen[int(index)] = observations[row], rewards[row]
        expected = whole.observe()
        assert set(seen) == {0, 1, 2, 3}
        assert all((seen[index][0] == expected[index]).all() for index in seen)


def test_misuse_of_send_and_recv() -> None:
    with make(4, batch_size=2) as env:
        with pytest.raises(RuntimeError, match="recv"):
            env.recv()
        with pytest.raises(ValueError, match="reset"):
            env.send(np.array([0]), [0])
        env.reset(seed=0)
        with pytest.raises(RuntimeError, match="use send"):
            env.step(np.zeros(4, int))
        with pytest.raises(RuntimeError, match="environment 2 already has"):
            env.send(np.array([0]), [2])
        env.recv()
        with pytest.raises(RuntimeError, match="there are 0"):
            env.recv()
        env.send(np.array([0]), [2])
        with pytest.raises(RuntimeError, match="there are 1"):
            env.recv()
        with pytest.raises(IndexError):
            env.send(np.array([0]), [4])
        with pytest.raises(ValueError, match="twice"):
            env.send(np.array([0, 0]), [1, 1])
    with pytest.raises(ValueError, match="batch_size"):
        make(2, batch_size=3)


# --- functions ---


def test_functions_in_python() -> None:
    with make(2, game={"variables": {"paddle_x": 0x16}, "start": GAME_START, "rewards": []}) as env:
        env.set_reward_function(lambda now, before, rewards: now[:, 0x16].astype(float) - before[:, 0x16])
        env.set_end_functions(terminated=lambda now, before: now[:, 0x16] > 120)
        x = env.reset(seed=0)[1]["paddle_x"]
        over = np.zeros(2, bool)
        ended = 0
        for _ in range(30):
            _, rewards, terminated, _, infos = env.step(np.array([3, 2]))
            assert (rewards == np.where(over, 0, infos["paddle_x"] - x)).all()
            x, over = infos["paddle_x"], terminated
            ended += int(over[0])
            assert not over[1]
        assert ended >= 2
        env.set_reward_function(lambda now, before, rewards: rewards[:1])
        with pytest.raises(ValueError, match="reward function"):
            env.step(np.array([3, 2]))
    with make(1, autoreset_mode="SameStep") as env, pytest.raises(ValueError, match="SameStep"):
        env.set_end_functions(lambda now, before: now[:, 0] > 0)


GAME_START = [{"buttons": ["start"], "frames": 70}]


# --- errors ---


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"frame_skip": 4}, TypeError, "did you mean 'frameskip'"),
        ({"frameskip": 0}, ValueError, "frameskip must be in 1"),
        ({"frameskip": "4"}, TypeError, "frameskip must be an integer"),
        ({"stack_num": True}, TypeError, "stack_num"),
        ({"grayscale": 1}, TypeError, "grayscale must be True or False"),
        ({"timing": "nes-py"}, TypeError, "option of NESEnv"),
        ({"img_height": 241}, ValueError, "img_height must be in 1..240"),
        ({"img_width": 200, "crop": (0, 0, 100, 0)}, ValueError, "img_width must be in 1..156"),
        ({"crop": (120, 120, 0, 0)}, ValueError, "leaves nothing"),
        ({"crop": (-1, 0, 0, 0)}, ValueError, "negative"),
        ({"crop": 8}, TypeError, "crop must be four"),
        ({"layout": "nhwc"}, ValueError, "did you mean"),
        ({"obs_type": "images"}, ValueError, "did you mean 'image'"),
        ({"obs_type": ["ram", "rgb"]}, ValueError, "'rgb'"),
        ({"obs_type": "index", "maxpool": True}, ValueError, "palette indices have no order"),
        ({"repeat_action_probability": 1}, ValueError, r"\[0, 1\)"),
        ({"autoreset_mode": "Next"}, ValueError, "'NextStep'"),
        ({"reward_clipping": (2, 1)}, ValueError, "2.0 is above 1.0"),
        ({"actions": []}, ValueError, "at least one"),
        ({"actions": [["rigth"]]}, ValueError, "did you mean 'right'"),  # codespell:ignore
        ({"actions": "binary"}, ValueError, "multibinary"),
        ({"actions": "NOOP,right"}, ValueError, r"a list of lists of buttons such as \[\[\], \['right'\]"),
        ({"states": {1: [[[], 3]]}}, TypeError, "states: the name of a state must be a str, not 1"),
        ({"num_env": 4}, TypeError, "there is no option 'num_env', did you mean 'num_envs'"),
        ({"players": 3}, ValueError, "players must be in 1..2"),
        ({"num_threads": 0}, ValueError, "num_threads must be at least 1"),
        ({"affinity": "close"}, ValueError, "affinity"),
        ({"affinity": [10**6], "num_threads": 1}, ValueError, "affinity"),
        ({"game": None, "episodic_life": True}, ValueError, "lives"),
        ({"ram_seed": -1}, ValueError, "ram_seed"),
        ({"max_episode_steps": 0}, ValueError, "max_episode_steps"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(2, **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variables": {"x": {"address": 0x800}}}, r"variables\.x: 1 byte"),
        ({"variables": {"x": {"address": 0, "size": 5}}}, r"variables\.x\.size"),
        ({"variables": {"x": {"adress": 0}}}, "did you mean 'address'"),  # codespell:ignore
        ({"variables": {"x": "zero"}}, r"variables\.x\.address"),
        ({"variables": {"x": {"address": 0, "encoding": "bcd", "signed": True}}}, "cannot be signed"),
        ({"variables": {"x": 0x6000 + 0x1FFF, "y": {"address": 0x5FFF, "size": 2}}}, r"variables\.y"),
        ({"rewards": [{"delta": "scores"}]}, r"rewards\[0\]\.delta: .* did you mean 'score'"),
        ({"rewards": [{"delta": "score", "value": "score"}]}, "exactly one"),
        ({"rewards": [{"delta": "score", "weight": "1"}]}, r"rewards\[0\]\.weight"),
        ({"rewards": {"delta": "score"}}, "rewards must be a list"),
        ({"terminated": "lives = 0"}, "terminated: 'lives = 0' is not a condition"),
        ({"terminated": [["lives == 0", "life > 2"]]}, r"terminated\[0\]\[1\]: there is no variable 'life'"),
        ({"lives": "life"}, "lives: there is no variable"),
        ({"start": [["start", 3]]}, r"start\[0\]\.buttons"),
        ({"end": "lives == 0"}, "no key 'end'"),
        ({"reward_range": [1, 0]}, "reward_range"),
    ],
)
def test_wrong_games(change: dict[str, Any], message: str) -> None:
    game = {"variables": {"score": 0x18, "lives": 0x11}, **change}
    with pytest.raises((TypeError, ValueError), match=message):
        make(1, game=game)


def test_game_from_json(tmp_path: Path) -> None:
    path = tmp_path / "game.json"
    path.write_text('{"variables": {"lives": "0x11"}, "terminated": ["lives == 0"]}')
    with make(1, game=path) as env:
        assert set(env.reset()[1]) == {"lives", "_lives"}
    path.write_text('{"variables": {"lives": "0x11"}, "terminated": ["live == 0"]}')
    with pytest.raises(ValueError, match=r"game\.json: terminated\[0\]"):
        make(1, game=path)
    path.write_text("{")
    with pytest.raises(ValueError, match=r"game\.json: not valid JSON"):
        make(1, game=path)


def test_wrong_actions_step_nothing() -> None:
    with make(3) as env:
        with pytest.raises(ValueError, match="environment 0 was never reset"):
            env.step(np.array([0, 0, 0]))
        env.reset(seed=0)
        before = env.ram.copy()
        for wrong, error, message in (
            ([0, 6, 0], ValueError, "environment 1 must be in 0..5, not 6"),
            ([0, 0, -1], ValueError, "environment 2"),
            ([0, 0], ValueError, r"shape \(3,\)"),
            ([0.0, 0.0, 1.0], TypeError, "integers"),
        ):
            with pytest.raises(error, match=message):
                env.step(np.array(wrong))
        assert_same(env.ram, before)


def test_stepping_past_the_end() -> None:
    with make(2, autoreset_mode="Disabled") as env:
        env.reset(seed=0)
        over = np.zeros(2, bool)
        while not over.any():
            _, _, terminated, truncated, _ = env.step(np.array([0, 3]))
            over = terminated | truncated
        before = env.ram.copy()
        with pytest.raises(ValueError, match="episode of environment 1 is over"):
            env.step(np.array([0, 0]))
        assert_same(env.ram, before)
        env.reset(options={"reset_mask": over})
        env.step(np.array([0, 0]))


def test_closed() -> None:
    env = make(1)
    env.reset()
    env.close()
    env.close()
    for use in (env.reset, lambda: env.step(np.array([0])), lambda: env.ram, lambda: env.get_state(0)):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_bad_rom() -> None:
    with pytest.raises(FileNotFoundError):
        NESVectorEnv("/no/such/rom.nes", 2)
    with pytest.raises(ValueError, match="num_envs"):
        NESVectorEnv(ROM_PATH, 0)


# --- threads ---


@pytest.mark.parametrize("affinity", ["compact", "spread", [0]])
def test_affinity_and_timing(affinity: Any) -> None:
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    threads = 1 if affinity == [0] else 2
    with make(4, num_threads=threads, affinity=affinity, timing=True) as env:
        env.reset(seed=0)
        for _ in range(3):
            env.step(np.zeros(4, int))
        timings = env.timings()
        assert timings["steps"] == 3
        assert timings["environments"].sum() == 4 * 4
        assert (timings["busy"] > 0).any()
        if allowed is not None:
            assert set(timings["cpu"].tolist()) <= allowed
    if allowed is not None:
        assert os.sched_getaffinity(0) == allowed
    with make(1) as env, pytest.raises(RuntimeError, match="timing=True"):
        env.timings()


def test_threads_never_exceed_environments() -> None:
    with make(2, num_threads=64) as env:
        assert env.num_threads <= 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_does_not_hang(tmp_path: Path) -> None:
    program = """
import os, sys
import numpy as np
from nes_py import NESVectorEnv
from nes_py.envs.bricks import ROM_PATH
envs = NESVectorEnv(ROM_PATH, 4, num_threads=2)
envs.reset(seed=0)
envs.step(np.arange(4))  # the team of the parent
child = os.fork()
result = envs.step(np.arange(4))[0].tobytes()
fresh = NESVectorEnv(ROM_PATH, 4, num_threads=2)
result += fresh.reset(seed=0)[0].tobytes() + fresh.step(np.arange(4))[0].tobytes()
if child == 0:
    open(sys.argv[1], "wb").write(result)
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0
assert open(sys.argv[1], "rb").read() == result
"""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "result")], check=True, timeout=PATIENCE
    )


# --- documentation ---


def test_every_option_is_described() -> None:
    table = EnvOptions.describe()
    assert all(f"`{name}`" in table for name in EnvOptions.names())


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_actions_of_another_type_take_the_longer_way_to_the_same_results(mode: str) -> None:
    options: dict[str, Any] = {"autoreset_mode": mode, "max_episode_steps": 5, "num_threads": 1}
    with BricksVectorEnv(3, **options) as quick, BricksVectorEnv(3, **options) as longer:
        for envs in (quick, longer):
            envs.reset(seed=3)
        for step in range(12):
            actions = np.arange(step, step + 3) % quick.single_action_space.n
            if mode == "Disabled" and step % 5 == 0 and step:
                for envs in (quick, longer):
                    with pytest.raises(ValueError, match="is over"):
                        envs.step(actions)
                    envs.reset(options={"reset_mask": np.ones(3, np.bool_)})
            one, other = quick.step(actions), longer.step(actions.astype(np.int32))
            for place in range(4):
                assert_same(one[place], other[place])
            assert one[4].keys() == other[4].keys()
            assert quick.get_state(range(3)) == longer.get_state(range(3))
        with pytest.raises(ValueError, match="environment 1 must be in"):
            quick.step(np.array([0, quick.single_action_space.n, 0]))


def spoil(array: Any) -> None:
    """Does to an array what leaves its memory to somebody else."""
    array.setflags(write=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of newer NumPys
        array.shape = (2, -1)
    with pytest.raises(ValueError, match="own"):
        array.resize((1,), refcheck=False)
    array.__setstate__((1, (1,), array.dtype, False, b"12345678"[: array.dtype.itemsize]))


def test_what_a_caller_does_to_an_array_stays_with_it() -> None:
    with NESVectorEnv("bricks", 2) as envs:
        shape = envs.reset(seed=0)[0].shape
        for _ in range(10):
            observations = envs.step(np.zeros(2, int))[0]
            assert (observations.shape, observations.dtype) == (shape, np.uint8)
            assert observations.flags.writeable
            spoil(observations)
            del observations


def test_shared_arrays_can_be_spoiled_without_harm() -> None:
    with (
        NESVectorEnv("bricks", 2, copy=False, obs_type="ram") as envs,
        NESVectorEnv("bricks", 2, obs_type="ram") as twin,
    ):
        envs.reset(seed=0)
        twin.reset(seed=0)
        for array in envs.step(np.zeros(2, int))[:4]:
            spoil(array)
        twin.step(np.zeros(2, int))
        for _ in range(10):
            envs.step(np.zeros(2, int))
            twin.step(np.zeros(2, int))
        assert_same(envs.get_state(0), twin.get_state(0))
