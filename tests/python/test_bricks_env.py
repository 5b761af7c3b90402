"""The environment of Mortar Moon, the bundled brick-breaking game."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from support.equality import assert_same

from nes_py.envs import bricks_v1
from nes_py.envs.bricks import ACTIONS, BricksEnv
from nes_py.wrappers import JoypadSpace

LAUNCH = 0b00000001
BALL_X, PADDLE_X = 0x14, 0x16


@pytest.fixture(params=[BricksEnv, bricks_v1.BricksEnv], ids=["v0", "v1"])
def env(request: pytest.FixtureRequest) -> BricksEnv:
    env: BricksEnv = request.param()
    env.reset(seed=0)
    return env


def follow_the_ball(env: BricksEnv) -> int:
    """Returns buttons that keep the paddle under the ball."""
    ball, paddle = int(env.ram[BALL_X]), int(env.ram[PADDLE_X]) + 13
    return LAUNCH | (0x40 if ball < paddle - 4 else 0x80 if ball > paddle + 4 else 0)


# Both are as nes-py 9 has them.
@pytest.mark.filterwarnings("ignore:.*Official support for the `seed` function is dropped")
@pytest.mark.filterwarnings("ignore:.*on the closed environment should be allowed")
@pytest.mark.parametrize("name", ["nes_py/Bricks-v0", "nes_py/Bricks-v1"])
def test_gymnasium_approves(name: str) -> None:
    env = gym.make(name, render_mode="rgb_array")
    check_env(env.unwrapped, skip_render_check=True)  # it would open a window
    env.close()


def test_made_by_name() -> None:
    env = gym.make("nes_py:nes_py/Bricks-v0")
    assert isinstance(env.unwrapped, BricksEnv)
    observation, info = env.reset(seed=1)
    assert observation.shape == (240, 256, 3)
    assert info["lives"] == 3
    env.close()


def test_episode_begins_in_play(env: BricksEnv) -> None:
    observation, info = env.reset()
    assert info == {"score": 0, "lives": 3, "level": 1, "bricks_left": info["bricks_left"]}
    assert info["bricks_left"] > 10
    assert all(type(value) is int for value in info.values())
    assert len(np.unique(observation.reshape(-1, 3), axis=0)) > 4
    for _ in range(30):
        env.step(LAUNCH)
    assert env.ram[0x10] == 2  # playing


def test_reset_is_the_same_each_time(env: BricksEnv) -> None:
    first, _ = env.reset()
    ram = env.ram.copy()
    for _ in range(200):
        env.step(follow_the_ball(env))
    again, _ = env.reset()
    assert_same(first, again)
    assert_same(ram, env.ram)


def test_reward_is_the_score(env: BricksEnv) -> None:
    total = 0.0
    rewards = set()
    for _ in range(1500):
        _, reward, terminated, _, info = env.step(follow_the_ball(env))
        rewards.add(reward)
        total += reward
        assert total == info["score"]
        assert not terminated
    digits = env.ram_values([(0x18, 6, "digits")])[0]
    assert total == digits > 100
    assert len(rewards) > 1


def test_loading_a_state_gives_no_reward(env: BricksEnv) -> None:
    state = env.dump_state()
    while env.step(follow_the_ball(env))[4]["score"] == 0:
        pass
    later = env.dump_state()
    env.load_state(state)
    assert env.step(0)[1] == 0
    env.load_state(later)
    assert env.step(0)[1] == 0


def test_game_ends_when_nobody_plays(env: BricksEnv) -> None:
    lives = []
    for _ in range(20_000):
        _, _, terminated, truncated, info = env.step(0)
        lives.append(info["lives"])
        if terminated:
            break
    assert terminated
    assert not truncated
    assert list(dict.fromkeys(lives)) == [3, 2, 1, 0]
    env.reset()
    assert env.step(0)[4]["lives"] == 3


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies(env: BricksEnv, duplicate: object) -> None:
    for _ in range(100):
        env.step(follow_the_ball(env))
    twin = duplicate(env)
    for _ in range(300):
        action = follow_the_ball(env)
        assert env.step(action)[1] == twin.step(action)[1]
    twin.reset()
    env.reset()
    assert_same(twin.ram, env.ram)


def test_with_named_actions(env: BricksEnv) -> None:
    joypad = JoypadSpace(env, ACTIONS)
    joypad.reset(seed=0)
    paddle = int(env.ram[PADDLE_X])
    for _ in range(10):
        joypad.step(ACTIONS.index(["right"]))
    assert env.ram[PADDLE_X] > paddle


@pytest.mark.parametrize(
    ("name", "option", "message"),
    [
        ("Bricks-v1", {"actions": ACTIONS}, r"actions: put nes_py\.wrappers\.JoypadSpace\(env, actions\) around"),
        ("Trail-v1", {"frameskip": 4}, r"frameskip is an option of vector environments: gymnasium\.make_vec\("),
        ("Trail-v0", {"level": 3}, "no option 'level', did you mean 'levels'"),
        ("Duel-v0", {"skil": 3}, "no option 'skil', did you mean 'skill'"),
        ("Bricks-v0", {"levels": 3}, r"no option 'levels' \(options: audio, "),
    ],
)
def test_an_option_that_a_single_game_does_not_have(name: str, option: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        gym.make(f"nes_py/{name}", **option)
