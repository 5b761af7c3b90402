"""Tiles and objects as observations of vector environments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference import GAME
from support.equality import assert_same

from nes_py import NESEmulator, NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH

BOTH = ("tiles", "objects")
ENDS = {**GAME, "terminated": "lives < 3", "truncated": None}
ENDLESS = {**GAME, "terminated": None, "truncated": None}


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, "obs_type": BOTH, **options})


def newest(env: NESVectorEnv, index: int) -> dict[str, Any]:
    """Returns what an emulator shows that loads the state of an environment."""
    emulator = NESEmulator(ROM_PATH)
    emulator.load_state(env.get_state(index).snapshot)
    return {"tiles": emulator.tiles(), "objects": emulator.objects(env.options.objects)[None]}


@pytest.mark.parametrize("layout", ["chw", "hwc"])
@pytest.mark.parametrize("objects", [None, 1, 12])
def test_stacks(objects: int | None, layout: str) -> None:
    """The newest is that of the console, the others are those of the steps before, zeros in front."""
    with make(3, stack_num=3, objects=objects, layout=layout, game=ENDLESS) as env:
        observations, _ = env.reset(seed=4)
        history: list[list[dict[str, Any]]] = [[] for _ in range(3)]
        draw = np.random.default_rng(1)
        for step in range(25):
            assert observations in env.observation_space
            for index in range(3):
                history[index].append(newest(env, index))
                for name in BOTH:
                    found = observations[name][index]
                    found = np.moveaxis(found, -1, 0) if layout == "hwc" else found
                    stack = [each[name] for each in history[index][-3:]]
                    stack = [np.zeros_like(stack[0])] * (3 - len(stack)) + stack
                    assert_same(found, np.concatenate(stack), f"{name} of {index}, step {step}")
            observations, _, terminated, truncated, _ = env.step(draw.integers(0, len(ACTIONS), 3))
            assert not (terminated | truncated).any()
        assert all(each.any() for name in BOTH for each in observations[name])


@pytest.mark.parametrize("kind", BOTH)
def test_alone(kind: str) -> None:
    with make(2, obs_type=kind, stack_num=1, objects=8 if kind == "objects" else None) as env:
        observations, _ = env.reset(seed=0)
        shape = {"tiles": (2, 30, 32), "objects": (1, 8, 10)}[kind]
        assert env.single_observation_space.shape == shape
        for _ in range(10):
            observations, *_ = env.step(env.action_space.sample())
        assert_same(observations[0], newest(env, 0)[kind])


def test_nothing_is_drawn_for_them() -> None:
    """Their frames look the same whether they are drawn or not."""
    drawn = ("image", *BOTH, "ram")
    with make(2) as plain, make(2, obs_type=drawn) as full, make(2, render_mode="rgb_array") as shown:
        for env in (plain, full, shown):
            env.reset(seed=3)
        screens = plain.screens.copy()
        for step in range(20):
            actions = full.action_space.sample()
            (one, *_), (other, *_), (third, *_) = (env.step(actions) for env in (plain, full, shown))
            for name in BOTH:
                assert_same(one[name], other[name], f"{name}, step {step}")
                assert_same(third[name], other[name], f"{name}, step {step}")
        assert_same(plain.screens, screens)
        assert_same(shown.screens, full.screens)
        frames = shown.render()
        assert frames is not None
        assert frames[0].any()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize("frame_boundary", ["vblank", "nes-py"])
def test_ends_of_episodes(mode: str, frame_boundary: str) -> None:
    """An episode ends with the frame that ended it, also within a step; the next one begins like the first."""
    options = {"game": ENDS, "frame_boundary": frame_boundary, "obs_type": (*BOTH, "ram"), "stack_num": 2}
    with make(2, autoreset_mode=mode, frameskip=25, **options) as env, make(2, frameskip=1, **options) as single:
        first, _ = env.reset(seed=0)
        single.reset(seed=0)
        ended = 0
        for _ in range(120):
            actions = np.array([2, 3])
            observations, _, terminated, _, infos = env.step(actions)
            # Frame by frame, up to the end.
            over = np.zeros(2, bool)
            last: list[Any] = [None, None]
            for _ in range(25):
                if over.all():
                    break
                states = single.get_state([0, 1])
                seen, _, ends, _, _ = single.step(actions)
                for index in range(2):
                    if over[index]:
                        single.set_state(index, states[index])
                    else:
                        last[index] = {name: seen[name][index].copy() for name in seen}
                over |= ends
            assert_same(over, terminated)
            for index in range(2):
                same_step = mode == "SameStep" and over[index]
                found = infos["final_obs"][index] if same_step else {n: observations[n][index] for n in observations}
                for name in (*BOTH, "ram"):
                    half = len(found[name]) // 2 if name != "ram" else 0
                    assert_same(found[name][half:], last[index][name][half:], f"{name} of {index}")
            if not over.any():
                continue
            ended += 1
            if mode == "Disabled":
                observations, _ = env.reset(options={"reset_mask": terminated})
            elif mode == "NextStep":
                observations, *_ = env.step(actions)
            for index in np.flatnonzero(over):
                for name in BOTH:
                    assert_same(observations[name][index], first[name][index], f"{name} after a reset")
            break
        assert ended


def test_states() -> None:
    with make(3, stack_num=4) as env, make(3, stack_num=4) as other:
        env.reset(seed=1)
        other.reset(seed=2)
        for _ in range(9):
            observations, *_ = env.step(env.action_space.sample())
        states = env.get_state([0, 1, 2])
        other.set_state([0, 1, 2], states)
        for name in BOTH:
            assert_same(other.observe()[name], observations[name], name)
        for _ in range(5):
            actions = env.action_space.sample()
            (one, *_), (two, *_) = env.step(actions), other.step(actions)
            for name in BOTH:
                assert_same(two[name], one[name], name)
        env.clone(0, [1, 2])
        seen = env.observe()
        for name in BOTH:
            assert_same(seen[name][1], seen[name][0], name)
            assert_same(seen[name][2], seen[name][0], name)


def test_out_and_batches() -> None:
    with make(4, stack_num=1, objects=6) as env:
        out = {name: np.zeros(env.observation_space[name].shape, np.uint8) for name in BOTH}
        observations, _ = env.reset(seed=0, out=out)
        assert observations["tiles"] is out["tiles"]
        env.step(env.action_space.sample(), out=out)
        assert_same(out["objects"], env.observe()["objects"])
        for name in BOTH:
            with pytest.raises(ValueError, match=f"the {name} of out must have shape"):
                env.step(env.action_space.sample(), out={**out, name: np.zeros((4, 1), np.uint8)})
    with make(4, batch_size=2) as env:
        env.async_reset(seed=0)
        for _ in range(4):
            observations, *_, infos = env.recv()
            assert observations["tiles"].shape == (2, 8, 30, 32)
            for row, index in enumerate(infos["env_id"]):
                assert_same(observations["tiles"][row][-2:], newest(env, index)["tiles"])
            env.send(np.zeros(2, np.int64), infos["env_id"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"obs_type": "tile"}, ValueError, "did you mean 'tiles'"),
        ({"objects": 0}, ValueError, "objects must be"),
        ({"objects": 65}, ValueError, "objects must be"),
        ({"objects": 2.5}, TypeError, "objects must be"),
        ({"objects": 5, "obs_type": "tiles"}, ValueError, "objects=5 needs objects in obs_type"),
        ({"obs_type": ("tiles", "tiles")}, ValueError, "twice"),
    ],
)
def test_errors(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(1, **options)
