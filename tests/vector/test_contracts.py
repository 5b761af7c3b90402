"""What Gymnasium's own tests of vector environments assert, on this package's, and copies of them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import AlreadyPendingCallError, ClosedEnvironmentError, NoAsyncCallError, ResetNeeded
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import VectorEnv
from reference import GAME
from support.equality import assert_same

from nes_py import NESVectorEnv, VectorNESEmulator
from nes_py._batch import Batch
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksVectorEnv
from nes_py.envs.duel import DuelVectorEnv
from nes_py.envs.trail import TrailVectorEnv
from nes_py.vector import AutoresetMode

cloudpickle = pytest.importorskip("cloudpickle")


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, "obs_type": "ram", **options})


# --- partial resets ---


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.array([True]), ValueError, r"must have shape `\(3,\)`, got \(1,\)"),
        (np.array([True, True, False, False]), ValueError, r"must have shape `\(3,\)`, got \(4,\)"),
        (np.array([[True, True, True]]), ValueError, r"must have shape `\(3,\)`, got \(1, 3\)"),
        (np.array([[1, 1, 0]]), ValueError, r"must have shape `\(3,\)`, got \(1, 3\)"),
        (np.array([False, False, False]), ValueError, "at least one"),
        (np.array([1, 1, 0]), TypeError, "must have `dtype=np.bool_`, got int64"),
        (np.array([1.0, 1.0, 0.0]), TypeError, "must have `dtype=np.bool_`, got float64"),
        ([True, True, False], TypeError, "must be a numpy array"),
    ],
)
def test_wrong_masks(mask: Any, error: type[Exception], message: str) -> None:
    with make(autoreset_mode="Disabled") as envs:
        envs.reset(options={"reset_mask": np.array([True, True, True])})
        # Gymnasium 1.4 raises the one, earlier versions the other.
        for kind in (error, AssertionError):
            with pytest.raises(kind, match=message):
                envs.reset(options={"reset_mask": mask})


def test_a_first_reset_of_some() -> None:
    with make() as envs:
        for kind in (ValueError, AssertionError):
            with pytest.raises(kind, match="environment 2 is not in the reset_mask and was never reset"):
                envs.reset(options={"reset_mask": np.array([True, True, False])})


# --- actions ---


def test_number_of_actions() -> None:
    with make(4) as envs:
        envs.reset()
        actions = envs.action_space.sample()
        assert all(len(part) == 4 for part in envs.step(actions)[:4])
        with pytest.raises(ValueError, match=r"shape \(4,\), not \(3,\)"):
            envs.step(actions[:3])
        with pytest.raises(ValueError, match=r"shape \(4,\), not \(5,\)"):
            envs.step(np.concatenate([actions, actions[:1]]))
        with pytest.raises(TypeError, match=r"array with shape \(4,\), not one action"):
            envs.step(0)
        envs.step([envs.single_action_space.sample() for _ in range(4)])
        envs.step(tuple(actions))


@pytest.mark.parametrize("dtype", [np.int8, np.bool_, np.float32, np.float64])
def test_bits_of_any_type(dtype: Any) -> None:
    with make(2, actions="multibinary") as envs, make(2, actions="multibinary") as twin:
        envs.reset(seed=0)
        twin.reset(seed=0)
        bits = np.zeros((2, 8), np.int8)
        bits[1, 7] = 1
        for _ in range(5):
            assert_same(envs.step(bits.astype(dtype))[0], twin.step(bits)[0])
        for wrong in (0.5, 2.0, -1.0, np.nan):
            bad = bits.astype(float)
            bad[1, 2] = wrong
            before = envs.ram.copy()
            with pytest.raises(ValueError, match=r"environment 1 must be in 0\.\.1"):
                envs.step(bad)
            assert_same(envs.ram, before)


# --- generators ---


def test_seeds_at_retrieval() -> None:
    with make(4) as envs:
        assert len(set(envs.np_random_seed)) == 4
        before = envs.np_random_seed
        envs.reset()
        assert envs.np_random_seed == before
        envs.reset(seed=42)
        assert envs.np_random_seed == (42, 43, 44, 45)
        envs.reset(seed=None)
        assert envs.np_random_seed == (42, 43, 44, 45)
        envs.reset(seed=[7, None, 7, 7])
        assert envs.np_random_seed == (7, 43, 7, 7)


def test_generators() -> None:
    with make(2, noop_max=30) as envs:
        envs.reset(seed=5)
        envs.reset(seed=[3, 4])
        # One number is drawn for the no-op frames; the copies go on from there.
        expected = np.random.Generator(np.random.PCG64(np.random.SeedSequence(3)))
        drawn = expected.bit_generator.state
        assert envs.np_random[0].bit_generator.state["state"]["inc"] == drawn["state"]["inc"]
        assert [one.integers(1000) for one in envs.np_random] == [one.integers(1000) for one in envs.np_random]
    with make(2) as envs:
        envs.reset(seed=3)
        assert envs.np_random[0].integers(10**6) == expected.integers(10**6)


# --- errors ---


def test_errors_of_gymnasium() -> None:
    envs = make(4, batch_size=2)
    with pytest.raises(NoAsyncCallError, match="recv"):
        envs.recv()
    with pytest.raises(ResetNeeded, match="call reset"):
        envs.send(np.zeros(2, int), [0, 1])
    envs.async_reset(seed=0)
    with pytest.raises(AlreadyPendingCallError, match="environment 1 already has") as caught:
        envs.send(np.zeros(1, int), [1])
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.name) == (str(caught.value), "send")
    envs.close()
    for use in (envs.reset, lambda: envs.step([0] * 4), envs.recv, lambda: envs.call("ram"), envs.render):
        with pytest.raises(ClosedEnvironmentError, match="closed"):
            use()
    with make() as envs, pytest.raises(ResetNeeded, match="environment 0 was never reset"):
        envs.step(np.zeros(3, int))


# --- call, get_attr, set_attr ---


def test_call() -> None:
    with make(3, render_mode="rgb_array") as envs:
        envs.reset(seed=0)
        images = envs.call("render")
        assert isinstance(images, tuple)
        assert [image.shape for image in images] == [(240, 256, 3)] * 3
        assert envs.call("num_threads") == (envs.num_threads,) * 3
        assert_same(envs.get_attr("ram")[1], envs.ram[1])
        assert envs.get_attr("np_random_seed") == (0, 1, 2)
        assert list(envs.call("get_state")) == envs.get_state([0, 1, 2])
        envs.set_attr("gravity", [9.81, 3.72, 8.87])
        assert envs.get_attr("gravity") == (9.81, 3.72, 8.87)
        envs.set_attr("gravity", 1)
        assert envs.call("gravity") == (1, 1, 1)
        with pytest.raises(ValueError, match="Got `2` values for 3"):
            envs.set_attr("gravity", [1, 2])
        with pytest.raises(ValueError, match="share 'render_mode'"):
            envs.set_attr("render_mode", ["rgb_array", None, None])
        envs.set_attr("render_mode", None)
        assert envs.render() is None
        with pytest.raises(AttributeError, match="nothing"):
            envs.get_attr("nothing")


@pytest.mark.parametrize(
    "name", ["num_envs", "batch_size", "num_threads", "options", "autoreset_mode", "action_space", "observation_space"]
)
def test_what_the_environments_were_made_with_cannot_be_set(name: str) -> None:
    with make(2) as envs:
        envs.reset(seed=0)
        before = getattr(envs, name)
        with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
            envs.set_attr(name, before)
        assert getattr(envs, name) is before
        envs.step(np.zeros(2, int))


def test_wrappers_pass_calls_on() -> None:
    envs: Any = gym.wrappers.vector.RecordEpisodeStatistics(gym.make_vec("nes_py/Bricks-v0", 2))
    envs.env.set_attr("speed", [1, 2])
    assert envs.env.call("speed") == (1, 2)
    assert envs.metadata == envs.env.metadata
    envs.close()


# --- registration and recognition ---


@pytest.mark.parametrize("name", ["Bricks", "Trail", "Duel"])
def test_time_limit(name: str) -> None:
    env = gym.make(f"nes_py/{name}-v0")
    assert env.spec is not None
    assert env.spec.max_episode_steps == 108_000
    assert isinstance(env, gym.wrappers.TimeLimit)
    env.close()
    envs: Any = gym.make_vec(f"nes_py:nes_py/{name}-v0", 2)
    assert envs.options.max_episode_steps == 108_000
    envs.close()
    envs = gym.make_vec(f"nes_py/{name}-v0", 2, max_episode_steps=3)
    envs.reset(seed=0)
    assert [bool(envs.step(envs.action_space.sample())[3].any()) for _ in range(3)] == [False, False, True]
    envs.close()
    free = gym.make(f"nes_py/{name}-v0", max_episode_steps=-1)
    assert not isinstance(free, gym.wrappers.TimeLimit)
    free.close()


class MyVectorEnv(BricksVectorEnv):
    pass


class Named:
    pass


class MyMixedVectorEnv(NESVectorEnv, Named):
    pass


@pytest.mark.parametrize(
    "kind", [NESVectorEnv, BricksVectorEnv, DuelVectorEnv, TrailVectorEnv, MyVectorEnv, MyMixedVectorEnv]
)
def test_vector_env_is_a_direct_base(kind: type[NESVectorEnv]) -> None:
    # As skrl looks for it.
    assert VectorEnv in kind.__bases__
    assert kind.__bases__.count(VectorEnv) == 1
    assert kind.__mro__.index(NESVectorEnv) < kind.__mro__.index(VectorEnv)


# --- copies ---


def play(envs: NESVectorEnv, steps: int = 30) -> list[Any]:
    rows = np.arange(envs.num_envs)
    return [envs.step((rows + step) % len(ACTIONS)) for step in range(steps)]


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.deepcopy,
        copy.copy,
        lambda envs: pickle.loads(pickle.dumps(envs)),
        lambda envs: cloudpickle.loads(cloudpickle.dumps(envs)),
    ],
)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_copies_go_on_where_the_original_is(duplicate: Any, mode: AutoresetMode) -> None:
    options = {
        "noop_max": 20,
        "repeat_action_probability": 0.3,
        "obs_type": ["image", "ram"],
        "autoreset_mode": mode,
        "game": GAME if mode is not AutoresetMode.DISABLED else {"variables": {"lives": 0x11}},
    }
    with make(3, **options) as envs:
        envs.reset(seed=9)
        play(envs, 7)
        twin = duplicate(envs)
        assert twin.np_random_seed == envs.np_random_seed
        assert_same(twin.ram, envs.ram)
        assert not np.shares_memory(twin.ram, envs.ram)
        assert data_equivalence(play(twin), play(envs))
        twin.close()
        envs.observe()


def test_copies_of_subclasses_and_of_closed_ones() -> None:
    envs: Any = gym.make_vec("nes_py/Bricks-v0", 2, actions=ACTIONS)
    envs.set_reward_function(lambda now, before, rewards: rewards + 1)
    envs.reset(seed=0)
    twin = cloudpickle.loads(cloudpickle.dumps(envs))
    assert type(twin) is BricksVectorEnv
    assert twin.spec == envs.spec
    assert twin.step(np.array([0, 1]))[1].tolist() == envs.step(np.array([0, 1]))[1].tolist() == [1, 1]
    envs.close()
    closed = copy.deepcopy(pickle.loads(cloudpickle.dumps(envs)))
    assert closed.closed
    with pytest.raises(ValueError, match="closed"):
        closed.reset()
    twin.close()
    fresh = copy.deepcopy(make(2))
    with pytest.raises(ValueError, match="environment 0 was never reset"):
        fresh.step(np.zeros(2, int))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda envs: pickle.loads(pickle.dumps(envs))])
@pytest.mark.parametrize("obs_type", ["image", ["image", "ram"]])
def test_bounds_of_copies_take_no_memory(duplicate: Any, obs_type: Any) -> None:
    with make(50, obs_type=obs_type) as envs:
        envs.observation_space.seed(3)
        twin = duplicate(duplicate(envs))
        assert twin.observation_space == envs.observation_space
        for space in (envs.observation_space, twin.observation_space):
            box = space["image"] if isinstance(space, gym.spaces.Dict) else space
            assert isinstance(box, gym.spaces.Box)
            for bounds in (box.low, box.high, box.bounded_below, box.bounded_above):
                assert bounds.shape == (50, 4, 84, 84)
                assert bounds.strides[0] == 0
        if duplicate is not copy.copy:
            assert data_equivalence(twin.observation_space.sample(), envs.observation_space.sample())
        twin.close()
    # Nothing is left but the spaces: the consoles are closed.
    assert len(pickle.dumps(envs)) < 1_000_000


def test_a_space_of_ones_own_is_copied_as_it_is() -> None:
    with make(2) as envs:
        high = np.arange(4096).reshape(2, 2048)
        own = {"box": gym.spaces.Box(0, high, dtype=np.int64), "text": gym.spaces.Text(3)}
        envs.observation_space = gym.spaces.Dict(own)
        for twin in (copy.deepcopy(envs), pickle.loads(pickle.dumps(envs))):
            assert twin.observation_space == envs.observation_space
            twin.close()


def test_copies_during_send_and_recv() -> None:
    with make(4, batch_size=2) as envs:
        envs.reset(seed=1)
        twin = pickle.loads(pickle.dumps(envs))
        assert data_equivalence(twin.recv(), envs.recv())


def test_copies_of_emulators() -> None:
    batch = Batch(ROM_PATH, 2, 1, wait_policy="passive")
    batch.step(np.array([8, 0], np.uint8), 30)
    vector = VectorNESEmulator(ROM_PATH, 2)
    vector.step(np.array([8, 0], np.uint8))
    for duplicate in (copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        other = duplicate(batch)
        assert_same(other.rams(), batch.rams())
        other.step(np.array([0, 8], np.uint8))
        assert (other.rams() != batch.rams()).any()
        twin = duplicate(vector)
        twin.step(np.array([0, 8], np.uint8))
        assert_same(np.stack(twin.rams), twin._batch.rams())
        assert (twin.rams[1] != vector.rams[1]).any()
    vector.close()
    with pytest.raises(ValueError, match="closed"):
        pickle.loads(pickle.dumps(vector)).reset()


def test_what_cannot_be_pickled_says_so() -> None:
    with make(1) as envs, pytest.raises(TypeError, match="pickle the NESVectorEnv"):
        pickle.dumps(envs._engine)


# --- arrays for others ---


def test_dlpack() -> None:
    with make(2, obs_type="image", autoreset_mode="SameStep", max_episode_steps=1) as envs:
        envs.reset(seed=0)
        observations, rewards, *_, infos = envs.step(np.array([0, 0]))
        for array in (observations, rewards, envs.ram, envs.screens, infos["lives"]):
            assert_same(np.from_dlpack(array), array)
        # An array of objects, as Gymnasium has it; see docs/vector.md.
        with pytest.raises(BufferError):
            np.from_dlpack(infos["final_obs"])
        final = np.stack(infos["final_obs"][infos["_final_obs"]])
        assert_same(np.from_dlpack(final), final)
        assert final.shape == (2, 4, 84, 84)
