"""NESVectorEnv against SyncVectorEnv of NESEnv under wrappers: byte for byte, resized pictures within 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from reference import GAME, LifeGame, reference

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH

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
        if theirs.dtype == np.uint8:
            assert np.abs(ours.astype(int) - theirs).max() <= tolerance, where
        else:
            np.testing.assert_array_equal(ours, theirs, where)


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


def test_openmp_team() -> None:
    with make(5, num_threads=2, waiting="spin") as ours, make(5) as theirs:
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
                assert (observations[step][place] == alone[seed][step]).all()
