"""The environment of Thistle Trail, the bundled platform game."""

from __future__ import annotations

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from support.equality import assert_same
from trail_search import find_way

from nes_py import NESVectorEnv
from nes_py.cli import bundled_games
from nes_py.envs import trail_v1
from nes_py.envs.trail import (
    ACTIONS,
    TEST_LEVELS,
    TRAINING_LEVELS,
    TrailEnv,
    TrailVectorEnv,
    find_levels,
    level_states,
)
from nes_py.wrappers import JoypadSpace

A, B, START, LEFT, RIGHT = 0x01, 0x02, 0x08, 0x40, 0x80
STATE, LIVES, TIME, X, Y, VY, GROUND, MISSED = 0x10, 0x11, 0x19, 0x1B, 0x1D, 0x20, 0x29, 0x2E
TITLE, PLAY, LOST, OVER, CLEAR = 0, 2, 3, 4, 5
EN_KIND, EN_X, EN_XH, EN_Y, EN_FLAT = 0x700, 0x706, 0x70C, 0x712, 0x71E
BEETLE = 1
COLUMNS = 32


@pytest.fixture(params=[TrailEnv, trail_v1.TrailEnv], ids=["v0", "v1"])
def env(request: pytest.FixtureRequest) -> TrailEnv:
    env: TrailEnv = request.param()
    env.reset(seed=0)
    return env


def level_map(env: TrailEnv) -> bytes:
    """What the first columns of the level hold."""
    return env.ram[0x400 : 0x400 + 19 * 8].tobytes()


def put_beetle(env: TrailEnv, x: int, y: int) -> None:
    for slot in range(6):
        env.ram[EN_KIND + slot] = 0
    env.ram[EN_KIND], env.ram[EN_X], env.ram[EN_XH], env.ram[EN_Y], env.ram[EN_FLAT] = BEETLE, x, 0, y, 0


# --- as Gymnasium wants it ---


# Both are as nes-py 9 has them.
@pytest.mark.filterwarnings("ignore:.*Official support for the `seed` function is dropped")
@pytest.mark.filterwarnings("ignore:.*on the closed environment should be allowed")
@pytest.mark.parametrize("name", ["nes_py/Trail-v0", "nes_py/Trail-v1"])
def test_gymnasium_approves(name: str) -> None:
    env = gym.make(name, render_mode="rgb_array")
    check_env(env.unwrapped, skip_render_check=True)  # it would open a window
    env.close()


def test_made_by_name() -> None:
    env = gym.make("nes_py:nes_py/Trail-v0", levels="test")
    assert isinstance(env.unwrapped, TrailEnv)
    observation, info = env.reset(seed=1)
    assert observation.shape == (240, 256, 3)
    assert info["level"] in TEST_LEVELS
    env.close()


def test_vector_made_by_name() -> None:
    envs = gym.make_vec("nes_py/Trail-v0", num_envs=3, levels=range(10), actions=ACTIONS)
    assert isinstance(envs.unwrapped, NESVectorEnv)
    observations, infos = envs.reset(seed=1)
    assert observations in envs.observation_space
    assert set(infos["level"]) <= set(range(10))
    for _ in range(5):
        observations, _, _, _, _ = envs.step(envs.action_space.sample())
        assert observations in envs.observation_space
    envs.close()


def test_listed() -> None:
    assert "trail" in bundled_games()


def test_episode_begins_in_play(env: TrailEnv) -> None:
    observation, info = env.reset(options={"level": 7})
    assert info == {
        "score": 0,
        "lives": 3,
        "level": 7,
        "coins": 0,
        "time": 200,
        "x": 40,
        "y": 184,
        "progress": 40,
        "won": 0,
    }
    assert all(type(value) is int for value in info.values())
    assert len(np.unique(observation.reshape(-1, 3), axis=0)) > 8
    for _ in range(20):
        env.step(RIGHT)
    assert env.ram[STATE] == PLAY
    assert env.step(RIGHT)[4]["x"] > 50


# --- levels ---


def test_seed_chooses_the_level(env: TrailEnv) -> None:
    levels = [env.reset(seed=seed)[1]["level"] for seed in range(30)]
    assert len(set(levels)) > 20
    assert set(levels) <= set(TRAINING_LEVELS)
    assert [env.reset(seed=seed)[1]["level"] for seed in range(30)] == levels
    env.reset(seed=0)
    assert len({env.reset()[1]["level"] for _ in range(30)}) > 20


def test_splits_have_nothing_in_common() -> None:
    assert not set(TRAINING_LEVELS) & set(TEST_LEVELS)
    assert find_levels("train") == tuple(TRAINING_LEVELS)
    assert find_levels("test") == tuple(TEST_LEVELS)
    env = TrailEnv(levels="test")
    assert {env.reset(seed=seed)[1]["level"] for seed in range(20)} <= set(TEST_LEVELS)


def test_level_is_made_from_its_number(env: TrailEnv) -> None:
    pictures, maps = [], []
    for level in (3, 4, 0x8003, 3):
        pictures.append(env.reset(options={"level": level})[0])
        maps.append(level_map(env))
    assert maps[0] == maps[3]
    assert_same(pictures[0], pictures[3])
    assert len(set(maps[:3])) == 3


def test_levels_differ() -> None:
    env = TrailEnv()
    maps = set()
    for level in range(60):
        env.reset(options={"level": level})
        maps.add(level_map(env))
    # The beginning is the same for all and only seven columns are left to differ in.
    assert len(maps) > 45


def test_level_does_not_depend_on_how_it_is_played(env: TrailEnv) -> None:
    def columns(buttons: list[int]) -> dict[int, bytes]:
        env.reset(options={"level": 11})
        seen: dict[int, bytes] = {}
        for byte in buttons:
            env.frame_advance(byte)
            drawn = int(env.ram[0x5D]) | int(env.ram[0x5E]) << 8
            last = drawn - 1
            if last not in seen:
                seen[last] = env.ram[0x400 + last % COLUMNS * 8 :][:8].tobytes()
        return seen

    quick, slow = columns([RIGHT | B] * 90), columns([RIGHT] * 20 + [0] * 10 + [RIGHT] * 120)
    common = set(quick) & set(slow)
    assert len(common) >= 4
    assert all(quick[column] == slow[column] for column in common)


@pytest.mark.parametrize("levels", [[5], (5,), 5, np.int64(5), np.array([5])])
def test_own_levels(levels: object) -> None:
    env = TrailEnv(levels=levels)  # type: ignore[arg-type]
    assert env.reset(seed=4)[1]["level"] == 5


@pytest.mark.parametrize(
    ("levels", "error", "text"),
    [
        ("validation", ValueError, "levels must be 'train', 'test' or numbers in 0..65535, not 'validation'"),
        ([], ValueError, "levels must contain at least one number"),
        (65536, ValueError, "levels: a level must be in 0..65535, not 65536"),
        ([1, -1], ValueError, "levels: a level must be in 0..65535, not -1"),
        (1.5, TypeError, "levels: a level is an integer in 0..65535, not 1.5"),
        ([True], TypeError, "levels: a level is an integer"),
    ],
)
@pytest.mark.parametrize("kind", [TrailEnv, TrailVectorEnv])
def test_bad_levels(kind: type, levels: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        kind(levels=levels)


def test_bad_level_in_reset(env: TrailEnv) -> None:
    before = env.ram.copy()
    with pytest.raises(ValueError, match=r"options\['level'\]: a level must be in 0..65535, not 70000"):
        env.reset(options={"level": 70000})
    with pytest.raises(TypeError, match="a level is an integer"):
        env.reset(options={"level": "seven"})
    assert_same(env.ram, before)


def test_slots_come_before_levels(env: TrailEnv) -> None:
    env.reset(options={"level": 9})
    for _ in range(30):
        env.step(RIGHT)
    x = env._get_info()["x"]
    env.backup(2)
    env.reset(seed=5)
    assert env.reset(options={"slot": 2})[1]["x"] == x
    assert env.step(0)[1] < 0.05  # not the way that the fox had gone before
    env.restore(2)
    env.backup()
    assert env.reset(seed=6)[1]["x"] == x
    assert env.reset(options={"power_on": True})[1]["x"] == 40
    assert env.reset(options={"level": 9})[1]["x"] == 40


@pytest.mark.parametrize("level", [*range(8), *range(0x8000, 0x8004), 0xFFFF])
def test_levels_can_be_finished(env: TrailEnv, level: int) -> None:
    way = find_way(env, level)
    assert way is not None
    env.reset(options={"level": level})
    total = 0.0
    for byte in way:
        _, reward, terminated, truncated, info = env.step(byte)
        total += reward
    assert terminated
    assert not truncated
    assert env.ram[STATE] == CLEAR
    assert (info["won"], info["lives"]) == (1, 3)
    assert info["score"] >= 1000
    assert total == pytest.approx(0.01 * (info["progress"] - 40) + 0.1 * info["coins"] + 10)
    assert 2200 < info["progress"] < 3000


# --- the rules ---


def test_jump_is_higher_while_a_is_held(env: TrailEnv) -> None:
    def height(frames: int) -> int:
        env.reset(options={"level": 1})
        top = 255
        for frame in range(70):
            env.step(A if frame < frames else 0)
            top = min(top, int(env.ram[Y]))
        assert env.ram[GROUND] == 1
        return 184 - top

    heights = [height(frames) for frames in (1, 8, 16, 40)]
    assert heights == sorted(set(heights))
    assert heights[0] < 28
    assert 48 < heights[-1] < 60


def test_b_runs(env: TrailEnv) -> None:
    def distance(byte: int) -> int:
        env.reset(options={"level": 1})
        for _ in range(70):
            env.step(byte)
        return int(env.ram[X])

    assert distance(RIGHT | B) > distance(RIGHT) + 10


def test_level_has_a_left_end(env: TrailEnv) -> None:
    for byte in (LEFT, LEFT | B, LEFT | A):
        env.reset(options={"level": 1})
        for _ in range(90):
            info = env.step(byte)[4]
            assert 0 <= info["x"] <= info["progress"] == 40
        assert info["x"] == 0


def test_camera_never_goes_back(env: TrailEnv) -> None:
    env.reset(options={"level": 1})
    for _ in range(80):
        env.step(RIGHT)
    for _ in range(40):
        env.step(0)
    camera = int(env.ram[0x26])
    assert camera > 10
    for _ in range(120):
        env.step(LEFT)
    assert env.ram[0x26] == camera
    assert env.ram[X] == camera


def test_enemy_costs_a_life(env: TrailEnv) -> None:
    env.reset(options={"level": 1})
    put_beetle(env, 70, 192)
    rewards = [env.step(0)[1] for _ in range(80)]
    assert rewards.count(-5.0) == 1
    assert sum(rewards) == -5.0
    assert env.ram[STATE] == LOST
    assert env.ram[LIVES] == 2
    for _ in range(160):
        env.step(0)
    assert env.ram[STATE] == PLAY
    assert env._get_info()["x"] == 40


def test_stomped_enemy_is_flat(env: TrailEnv) -> None:
    env.reset(options={"level": 1})
    env.ram[Y] = 120
    put_beetle(env, 42, 192)
    for _ in range(60):
        env.step(0)
        if env.ram[EN_FLAT]:
            break
    assert env.ram[EN_FLAT] > 0
    assert env.ram[VY + 1] > 127  # upwards again
    assert env._get_info()["score"] == 100
    for _ in range(60):
        env.step(0)
    assert env.ram[STATE] == PLAY
    assert env.ram[EN_KIND] == 0


def test_gap_costs_a_life(env: TrailEnv) -> None:
    env.reset(options={"level": 1})
    for row in range(8):  # no ground under the fox
        env.ram[0x400 + 2 * 8 + row] = env.ram[0x400 + 3 * 8 + row] = 0
    for _ in range(60):
        env.step(0)
    assert env.ram[LIVES] == 2


def test_time_ends(env: TrailEnv) -> None:
    env.ram[TIME] = 1
    for _ in range(30):
        env.step(0)
    assert env.ram[STATE] == LOST
    assert env.ram[LIVES] == 2


def test_game_ends_with_the_last_life(env: TrailEnv) -> None:
    env.ram[LIVES] = 1
    env.ram[TIME] = 1
    for _ in range(30):
        _, reward, terminated, _, info = env.step(0)
        if terminated:
            break
    assert terminated
    assert reward == -5
    assert info["lives"] == 0
    for _ in range(120):
        env.frame_advance(0)
    assert env.ram[STATE] == OVER
    for _ in range(170):
        env.frame_advance(0)
    assert env.ram[STATE] == TITLE
    assert env.reset(seed=1)[1]["lives"] == 3


def test_coins_and_boxes(env: TrailEnv) -> None:
    env.reset(options={"level": 1})
    kinds = {"coin": 15, "box": 13, "used": 12}
    env.ram[0x400 + 2 * 8 + 2] = env.ram[0x400 + 3 * 8 + 2] = kinds["box"]
    env.ram[0x400 + 2 * 8 + 5] = kinds["coin"]
    total = 0.0
    for _ in range(50):
        total += env.step(A)[1]
    assert env._get_info()["coins"] == 2
    assert total == pytest.approx(0.2)
    assert env._get_info()["score"] == 100
    assert env.ram[0x400 + 2 * 8 + 5] == 0
    assert kinds["used"] in (env.ram[0x400 + 2 * 8 + 2], env.ram[0x400 + 3 * 8 + 2])


def test_title_chooses_a_level() -> None:
    env = TrailEnv()
    env.reset(options={"power_on": True})
    env.emulator.reset()
    for byte in [0] * 20 + [0x10, 0, 0x10, 0, 0x80, 0, 0x20, 0] + [0] * 4:  # up, up, right, down
        env.frame_advance(byte)
    assert env._word(0x12) == 101
    for _ in range(60):
        env.frame_advance(START)
    assert env.ram[STATE] in (1, PLAY)
    assert env._word(0x12) == 101


# --- the picture ---


def test_status_bar_stands_still(env: TrailEnv) -> None:
    env.reset(options={"level": 7})
    before = env.step(0)[0]
    for _ in range(90):
        after = env.step(RIGHT)[0]
    assert env.ram[0x26] > 16
    assert_same(before[:16], after[:16])  # the words
    assert_same(before[24:31], after[24:31])  # the edge
    assert (before[112:] != after[112:]).any()


def test_hills_move_half_as_far(env: TrailEnv) -> None:
    env.reset(options={"level": 7})

    def fly_to(x: int) -> None:
        # over all that is in the way
        while env.ram[X] < x:
            env.ram[X] += 2
            env.ram[Y] = 60
            env.step(0)

    pictures = []
    for x in (150, 190):
        fly_to(x)
        env.step(0)
        pictures.append(env.step(0)[0])

    def moved(top: int, bottom: int) -> int:
        first, second = (picture[top:bottom].astype(int) for picture in pictures)
        errors = [np.abs(first[:, by : by + 90] - second[:, :90]).sum() for by in range(60)]
        return int(np.argmin(errors))

    assert moved(76, 104) == 20
    assert moved(196, 236) == 40


def test_every_frame_is_ready_in_time(env: TrailEnv) -> None:
    generator = np.random.default_rng(0)
    joypad = JoypadSpace(env, ACTIONS)
    for level in range(5):
        joypad.reset(options={"level": level})
        for _ in range(60):
            action = int(generator.choice([2, 3, 4, 4, 6]))
            for _ in range(8):
                if not env.done:
                    joypad.step(action)
    assert env.ram[MISSED] == 0


def test_both_policies_agree() -> None:
    envs = [TrailEnv(policy=policy, levels=[21]) for policy in ("fast", "reference")]  # type: ignore[arg-type]
    generator = np.random.default_rng(1)
    for env in envs:
        env.reset(seed=0)
    for step in range(25):
        byte = int(generator.choice([RIGHT | B, RIGHT | A, RIGHT | A | B]))
        for _ in range(6):
            fast, reference = (env.step(byte)[0] for env in envs)
        assert (fast == reference).all()
        assert_same(envs[0].ram, envs[1].ram, f"step {step}")


# --- copies, and the vector environment ---


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies(env: TrailEnv, duplicate: object) -> None:
    for _ in range(50):
        env.step(RIGHT)
    twin = duplicate(env)  # type: ignore[operator]
    for _ in range(100):
        assert env.step(RIGHT | A)[1] == twin.step(RIGHT | A)[1]
    assert_same(twin.ram, env.ram)
    assert twin.reset()[1]["level"] == env.reset()[1]["level"]


def test_vector_equals_scalar() -> None:
    count, levels = 3, range(40)
    envs = TrailVectorEnv(count, levels=levels, frameskip=1, actions=ACTIONS)
    alone = [JoypadSpace(TrailEnv(levels=levels), ACTIONS) for _ in range(count)]
    _, infos = envs.reset(seed=17)
    for index, env in enumerate(alone):
        _, info = env.reset(seed=17 + index)
        assert info["level"] == infos["level"][index]
    generator = np.random.default_rng(2)
    over = [False] * count
    ends = 0
    for step in range(2500):
        if step % 12 == 0:
            actions = generator.choice([2, 3, 4, 4, 0], count)
        _, rewards, terminated, _, infos = envs.step(actions)
        for index, env in enumerate(alone):
            if over[index]:
                over[index] = False
                _, info = env.reset()
                reward, end = 0.0, False
            else:
                _, reward, end, _, info = env.step(int(actions[index]))
                over[index] = end
            ends += end
            assert rewards[index] == pytest.approx(reward)
            assert terminated[index] == end
            assert {name: int(infos[name][index]) for name in info} == info
    assert ends > 0


def test_vector_reset_to_levels() -> None:
    envs = TrailVectorEnv(3, levels=range(100, 110))
    assert list(envs.reset(seed=1, options={"level": 104})[1]["level"]) == [104] * 3
    assert list(envs.reset(options={"level": [105, 106, 109]})[1]["level"]) == [105, 106, 109]
    levels = envs.reset(seed=1, options={"level": [105, None, 109]})[1]["level"]
    assert levels[1] == envs.reset(seed=1)[1]["level"][1]
    with pytest.raises(ValueError, match=r"options\['level'\]: 5 is not one of the 10 levels"):
        envs.reset(options={"level": 5})
    with pytest.raises(ValueError, match="either a level or a state"):
        envs.reset(options={"level": 105, "state": 0})


def test_states_of_levels() -> None:
    states = level_states([3, 0x8001])
    assert list(states) == ["3", "32769"]
    env = TrailEnv()
    env.reset(options={"level": 0x8001})
    ram = env.ram.copy()
    env.load_state(states["32769"])
    assert_same(env.ram, ram)
