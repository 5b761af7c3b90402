"""NESVectorEnv against SyncVectorEnv over NESEnv under wrappers: byte for byte, resized pictures within 1."""

from __future__ import annotations

from typing import Any, Literal

import gymnasium as gym
import numpy as np
import pytest
from reference import GAME, BrickGame, LifeGame, gray, reference
from support.equality import assert_same

from nes_py import NESVectorEnv, _openmp, openmp_enabled
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.wrappers import JoypadSpace

ALL_MODES = list(AutoresetMode)
# Without resizing everything must be equal to the bit.
WHOLE = {"img_height": None, "img_width": None, "stack_num": 1}


def make(count: int, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, **options})


def same(ours: Any, theirs: Any, where: str, tolerance: int = 0) -> None:
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), where
        for key in theirs:
            same(ours[key], theirs[key], f"{where}[{key!r}]", tolerance)
    elif isinstance(theirs, np.ndarray) and theirs.dtype.kind == "O":
        for row, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            same(one, other, f"{where}[{row}]", tolerance)
    elif theirs is None:
        assert ours is None, where
    else:
        assert ours.dtype == theirs.dtype, where
        assert ours.shape == theirs.shape, where
        assert_same(ours, theirs, where, tolerance=tolerance * (theirs.dtype == np.uint8))


def compare(
    count: int = 3, steps: int = 40, seed: Any = 5, ours: Any = None, theirs: Any = None, **options: Any
) -> int:
    """Step both side by side; return how many episodes ended."""
    threads = options.pop("num_threads", 1)
    ours = ours or make(count, num_threads=threads, **options)
    theirs = theirs or reference(count, **options)
    resized = options.get("img_height", 84) is not None
    tolerance = int(resized)
    random = np.random.default_rng(1)
    ended = 0
    mine, other = ours.reset(seed=seed), theirs.reset(seed=seed)
    same(mine[0], other[0], "first observations", tolerance)
    same(mine[1], other[1], "first infos", tolerance)
    over = np.zeros(count, bool)
    for step in range(steps):
        if ours.autoreset_mode is AutoresetMode.DISABLED and over.any():
            arguments = {"reset_mask": over}
            mine, other = ours.reset(options=arguments), theirs.reset(options=dict(arguments))
            assert "reset_mask" in arguments
            same(mine[0], other[0], f"observations after reset in step {step}", tolerance)
            same(mine[1], other[1], f"infos after reset in step {step}", tolerance)
        # Each environment has a favourite direction, so that they end at different times.
        actions = np.where(random.random(count) < 0.7, 2 + np.arange(count) % 2, random.integers(0, 6, count))
        mine, other = ours.step(actions), theirs.step(actions)
        names = ("observations", "rewards", "terminations", "truncations", "infos")
        for name, one, two in zip(names, mine, other, strict=True):
            same(one, two, f"{name} of step {step}", tolerance)
        over = mine[2] | mine[3]
        ended += int(over.sum())
    ours.close()
    theirs.close()
    return ended


@pytest.mark.parametrize("mode", ALL_MODES)
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_and_autoreset_modes(mode: AutoresetMode, threads: int) -> None:
    assert compare(7, 25, num_threads=threads, autoreset_mode=mode, **WHOLE) >= 5


@pytest.mark.parametrize("policy", ["auto", "active", "passive"])
@pytest.mark.parametrize(("engine", "threads"), [("threads", 2), ("threads", 5), ("openmp", 2), ("openmp", 5)])
def test_engines_and_wait_policies(engine: Literal["threads", "openmp"], threads: int, policy: str) -> None:
    if engine == "openmp" and not openmp_enabled:
        pytest.skip("built without OpenMP")
    # All threads that were asked for, however many CPUs there are.
    _openmp._use_engine(engine, tunes=False)
    try:
        ours = make(5, num_threads=threads, wait_policy=policy)
    finally:
        _openmp._use_engine()
    with ours, make(5, num_threads=1) as theirs:
        same(ours.reset(seed=0)[0], theirs.reset(seed=0)[0], "first observations")
        for step in range(10):
            same(ours.step(np.full(5, step % 6))[0], theirs.step(np.full(5, step % 6))[0], f"step {step}")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"frameskip": 1},
        {"frameskip": 3, "maxpool": True},
        {"frameskip": 1, "maxpool": True},
        {"maxpool": True, "grayscale": False},
        {"stack_num": 3, "stack_padding": "reset"},
        {"stack_num": 3, "layout": "hwc", "grayscale": False},
        {"layout": "hwc", "stack_num": 1},
        {"crop": (8, 16, 3, 1)},
        {"noop_max": 9},
        {"repeat_action_probability": 0.4},
        {"repeat_action_probability": 0.25, "noop_max": 30},
        {"reward_clipping": True},
        {"reward_clipping": (-0.5, 2)},
        {"max_num_frames_per_episode": 18},
        {"max_num_frames_per_episode": 3},
        {"max_episode_steps": 5},
    ],
    ids=lambda options: ",".join(f"{key}={value}" for key, value in options.items()) or "default",
)
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_options_to_the_bit(options: dict[str, Any], mode: AutoresetMode) -> None:
    assert compare(3, 20, autoreset_mode=mode, **{**WHOLE, **options}) >= 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"img_height": 60, "img_width": 100},
        {"grayscale": False, "layout": "hwc"},
        {"maxpool": True, "stack_num": 2},
        {"crop": (8, 16, 3, 1), "img_height": 216, "img_width": 84},
        {"img_height": 1, "img_width": 1},
        {"img_height": 120, "img_width": 128},
    ],
    ids=lambda options: ",".join(f"{key}={value}" for key, value in options.items()) or "default",
)
def test_resized(options: dict[str, Any]) -> None:
    compare(2, 15, **options)


@pytest.mark.parametrize("seed", [0, 2**40, [3, 1, 3]])
def test_seeds(seed: Any) -> None:
    compare(3, 12, seed=seed, noop_max=20, repeat_action_probability=0.5, **WHOLE)


@pytest.mark.parametrize("mode", ALL_MODES)
def test_lives(mode: AutoresetMode) -> None:
    game = {**GAME, "terminated": "lives == 0", "truncated": None}
    options = {"episodic_life": True, "autoreset_mode": mode, "frameskip": 30, "maxpool": True, **WHOLE}
    ours = make(2, **{**options, "game": game})
    assert compare(2, 45, ours=ours, theirs=reference(2, LifeGame, **options), **options) >= 4


@pytest.mark.parametrize("mode", ALL_MODES)
def test_resets_after_a_lost_life(mode: AutoresetMode) -> None:
    """The same game goes on until a step has been taken, whoever asks for the reset."""
    game = {**GAME, "terminated": "lives == 0", "truncated": None}
    options = {"episodic_life": True, "autoreset_mode": mode, "frameskip": 30, "maxpool": True, **WHOLE}
    ours, theirs = make(2, **{**options, "game": game}), reference(2, LifeGame, **options)

    def both(call: Any) -> Any:
        results = call(ours), call(theirs)
        same(results[0][0], results[1][0], "observations")
        return results[0]

    def lives(result: Any) -> list[int]:
        return list(result[-1]["lives"])

    def lose_one() -> np.ndarray:
        for _ in range(60):
            result = both(lambda envs: envs.step(np.array([0, 0])))
            if result[2].any():
                return result[2]
        raise AssertionError("nobody loses a life")

    before = lives(both(lambda envs: envs.reset(seed=3)))
    lost = lose_one()
    after = [count - bool(one) for count, one in zip(before, lost, strict=True)]
    for _ in range(2):
        found = lives(both(lambda envs: envs.reset()))
        # The others are in the middle of their game, and begin a new one.
        assert [found[i] for i in np.flatnonzero(lost)] == [after[i] for i in np.flatnonzero(lost)]
        assert [found[i] for i in np.flatnonzero(~lost)] == [before[i] for i in np.flatnonzero(~lost)]
    both(lambda envs: envs.step(np.array([0, 0])))
    assert lives(both(lambda envs: envs.reset())) == before
    lose_one()
    assert lives(both(lambda envs: envs.reset(seed=3))) == before


def test_every_place_in_the_batch() -> None:
    """The same seeds and actions give the same bytes wherever they are."""
    options = {"repeat_action_probability": 0.3, "noop_max": 8}
    alone = []
    for seed in range(5):
        with make(1, **options) as env:
            trace = [env.reset(seed=[seed])[0][0]]
            trace += [env.step(np.array([(seed + step) % 6]))[0][0] for step in range(15)]
        alone.append(trace)
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        with make(5, num_threads=2, **options) as env:
            observations = [env.reset(seed=order)[0]]
            observations += [env.step(np.array([(seed + step) % 6 for seed in order]))[0] for step in range(15)]
        for place, seed in enumerate(order):
            for step in range(16):
                assert_same(observations[step][place], alone[seed][step], f"step {step}, environment {place}")


@pytest.mark.parametrize(
    "options",
    [
        {"copy": False},
        {"timing": True},
        {"wait_policy": "active", "num_threads": 2},
        {"wait_policy": "passive", "num_threads": 2},
        {"waiting": "spin", "num_threads": 2},
        {"affinity": "compact", "num_threads": 2},
        {"affinity": "spread", "num_threads": 2},
        {"policy": "reference"},
    ],
    ids=str,
)
def test_options_that_change_nothing(options: dict[str, Any]) -> None:
    chance = {"repeat_action_probability": 0.3, "noop_max": 8, "maxpool": True}
    names = ("observations", "rewards", "terminations", "truncations", "infos")
    with make(3, **options, **chance) as ours, make(3, **chance) as theirs:
        same(ours.reset(seed=2)[0], theirs.reset(seed=2)[0], "first observations")
        for step in range(25):
            actions = np.array([3, 2, step % 6])
            for name, one, other in zip(names, ours.step(actions), theirs.step(actions), strict=True):
                same(one, other, f"{name} of step {step}")


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_send_and_recv_equal_step(batch_size: int) -> None:
    """An environment's steps are the same, in whatever company they are made."""
    options = {"repeat_action_probability": 0.3, "noop_max": 8}
    count, steps = 5, 20
    with make(count, **options) as whole:
        traces: list[list[Any]] = [[row] for row in whole.reset(seed=4)[0]]
        for step in range(steps):
            observations, rewards, terminations, truncations, _ = whole.step((np.arange(count) + step) % 6)
            for row in range(count):
                traces[row].append((observations[row], rewards[row], terminations[row], truncations[row]))
    done = [0] * count
    with make(count, batch_size=batch_size, num_threads=2, **options) as parts:
        parts.async_reset(seed=4)
        while min(done) < steps:
            observations, rewards, terminations, truncations, infos = parts.recv()
            for row, index in enumerate(infos["env_id"]):
                step = done[index]
                if step == 0:
                    assert_same(observations[row], traces[index][0], f"environment {row}")
                elif step <= steps:
                    expected = traces[index][step]
                    assert_same(observations[row], expected[0], f"environment {row}")
                    assert (rewards[row], terminations[row], truncations[row]) == expected[1:]
                done[index] += 1
            ids = infos["env_id"]
            parts.send(np.array([(index + done[index] - 1) % 6 for index in ids]), ids)


class Memory(gym.ObservationWrapper[Any, Any, Any]):
    """RAM and palette indices beside the picture."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space = gym.spaces.Dict(
            image=gym.spaces.Box(0, 255, (1, 240, 256), np.uint8),
            index=gym.spaces.Box(0, 63, (1, 240, 256), np.uint8),
            ram=gym.spaces.Box(0, 255, (2048,), np.uint8),
        )

    def observation(self, observation: Any) -> Any:
        game: Any = self.env.unwrapped
        return {
            "image": gray(observation)[None],
            "index": game._env.index_buffer()[None].copy(),
            "ram": game.ram.copy(),
        }


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_all_kinds_of_observation(mode: AutoresetMode) -> None:
    options = {"obs_type": ["image", "index", "ram"], "autoreset_mode": mode, "frameskip": 1, **WHOLE}
    theirs = SyncVectorEnv([lambda: Memory(JoypadSpace(BrickGame(), ACTIONS))] * 3, autoreset_mode=mode)
    assert compare(3, 60, ours=make(3, num_threads=2, **options), theirs=theirs, **options) >= 1


def test_life_loss_info() -> None:
    """It says of each step whether the variable that counts the lives went down in it."""
    game = {**GAME, "terminated": "lives == 0", "truncated": None}
    with make(2, life_loss_info=True, frameskip=30, game=game) as env:
        _, infos = env.reset(seed=0)
        before, began, lost = infos["lives"], np.zeros(2, bool), 0
        for _ in range(60):
            *_, terminations, truncations, infos = env.step(np.array([2, 3]))
            same(infos["life_lost"], (infos["lives"] < before) & ~began, "life_lost")
            assert infos["_life_lost"].all()
            lost += int(infos["life_lost"].sum())
            before, began = infos["lives"], terminations | truncations
        assert lost >= 4
