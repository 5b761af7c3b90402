"""Ember and Rime, the bundled duel."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from support.equality import assert_same
from support.patience import PATIENCE

from nes_py import NESEmulator
from nes_py.envs import duel
from nes_py.envs.duel import ACTIONS, DuelEnv, DuelVectorEnv, find_starts
from nes_py.wrappers import JoypadSpace

BALL_X, BALL_Y, BALL_LEFT, BALL_SPEED = 0x15, 0x16, 0x17, 0x1A
PLAYER_X, PLAYER_Y, STRIKE = 0x1B, 0x1D, 0x1F
MODE, SKILL, SEED, MISSED = 0x23, 0x24, 0x28, 0x2C
A, UP, DOWN, LEFT, RIGHT = 0x01, 0x10, 0x20, 0x40, 0x80


def defend(ram: np.ndarray, player: int = 0) -> int:
    """Returns buttons that keep a player at the spark's height, and strike when it is near."""
    offset = int(ram[PLAYER_Y + player]) - (int(ram[BALL_Y]) - 5)
    buttons = DOWN if offset < -2 else UP if offset > 2 else 0
    distance = abs(int(ram[BALL_X]) - int(ram[PLAYER_X + player]))
    if distance < 34 and ram[BALL_LEFT] == 1 - player:
        buttons |= A
    return buttons


def play(env: DuelEnv, frames: int) -> float:
    return sum(float(env.step(defend(env.ram))[1]) for _ in range(frames))


# Both are as nes-py 9 has them.
@pytest.mark.filterwarnings("ignore:.*Official support for the `seed` function is dropped")
@pytest.mark.filterwarnings("ignore:.*on the closed environment should be allowed")
def test_gymnasium_approves() -> None:
    env = gym.make("nes_py/Duel-v0", render_mode="rgb_array")
    check_env(env.unwrapped, skip_render_check=True)  # it would open a window
    env.close()


def test_match() -> None:
    env = DuelEnv(skill=3)
    _, info = env.reset(seed=1)
    assert info == {"score": 0, "opponent_score": 0, "clock": 90, "rally": 0, "winner": 0, "state": 1}
    assert all(type(value) is int for value in info.values())
    total, clocks, terminated = 0.0, [], False
    for _ in range(9_000):
        _, reward, terminated, truncated, info = env.step(defend(env.ram))
        assert reward in (-1, 0, 1)
        assert not truncated
        total += reward
        clocks.append(info["clock"])
        assert total == info["score"] - info["opponent_score"]
        if terminated:
            break
    assert terminated
    assert info["score"] + info["opponent_score"] > 1
    assert info["clock"] == 0 or 7 in (info["score"], info["opponent_score"])
    assert info["winner"] == (1 if total > 0 else 2 if total < 0 else 3)
    assert list(clocks) == sorted(clocks, reverse=True)
    assert env.ram[MISSED] == 0  # the game was never late


def test_time_runs_out_at_a_draw() -> None:
    env = DuelEnv()
    env.reset(seed=0)
    env.ram[0x11] = env.ram[0x12] = 3
    while env.ram[0x10] != 2:
        env.step(0)
    env.ram[0x13], env.ram[0x14] = 1, 2
    env.step(0)
    _, reward, terminated, _, info = env.step(0)
    assert terminated
    assert (reward, info["winner"], info["clock"]) == (0, 3, 0)


def test_seed_decides() -> None:
    env = DuelEnv()

    def course(seed: int) -> bytes:
        env.reset(seed=seed)
        play(env, 400)
        return env.ram.tobytes()

    courses = {seed: course(seed) for seed in range(6)}
    assert len(set(courses.values())) == 6
    assert course(3) == courses[3]


def test_every_start_is_another() -> None:
    starts = find_starts()
    assert len(starts) == len(set(starts)) == duel.STARTS
    env = DuelEnv()
    for start in starts:
        env.load_state(start)
        assert env.ram[SEED] | env.ram[SEED + 1]


def test_skill() -> None:
    """The same player does worse against a more skilled computer."""

    def lead(skill: int) -> float:
        envs = DuelVectorEnv(4, skill=skill, frameskip=2, obs_type="ram", num_threads=1)
        envs.reset(seed=0)
        total, over = 0.0, np.zeros(4, bool)
        while not over.all():
            _, rewards, terminated, _, _ = envs.step(np.array([defend(ram) for ram in envs.ram]))
            total += float(rewards[~over].sum())
            over |= terminated
        return total / 4

    # Of many matches: 4.9 and -4.7.
    assert lead(1) > 2
    assert lead(8) < -2


def test_several_skills() -> None:
    envs = DuelVectorEnv(64, skill=(2, 7), obs_type="ram")
    envs.reset(seed=0)
    assert {int(skill) for skill in envs.ram[:, SKILL]} == {1, 6}


@pytest.mark.parametrize(
    ("skill", "error", "text"),
    [
        (0, ValueError, "1..8, not 0"),
        (9, ValueError, "1..8, not 9"),
        ((), ValueError, "at least one"),
        ("hard", TypeError, "1..8 or a list of them, not 'h'"),
        (True, TypeError, "not True"),
    ],
)
def test_bad_skill(skill: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        DuelEnv(skill=skill)
    with pytest.raises(error, match=text):
        DuelVectorEnv(2, skill=skill)


def test_a_strike_is_faster_than_a_touch() -> None:
    env = DuelEnv()

    def touch(buttons: int) -> int:
        env.reset(seed=2)
        while env.ram[0x10] != 2:
            env.step(0)
        # Coming straight at Ember.
        env.ram[BALL_X], env.ram[BALL_Y], env.ram[BALL_LEFT] = 70, int(env.ram[PLAYER_Y]) + 5, 1
        env.ram[0x19], env.ram[0x3E], env.ram[0x3F], env.ram[0x40], env.ram[0x41] = 0, 0, 2, 0, 0
        for _ in range(20):
            distance = int(env.ram[BALL_X]) - int(env.ram[PLAYER_X])
            env.step(buttons if distance < 30 else 0)
            if env.ram[BALL_LEFT] == 0:
                return int(env.ram[BALL_SPEED])
        raise AssertionError("they did not meet")

    assert touch(0) == 0
    assert touch(A) == 2


def test_players_stay_in_their_halves() -> None:
    envs = DuelVectorEnv(2, players=2, actions=[["left", "up"], ["right", "down"]], obs_type="ram", frameskip=1)
    envs.reset(seed=0)
    assert envs.ram[:, PLAYER_X].tolist() == [32, 32]
    for _ in range(60):
        envs.step(np.array([[0, 0], [1, 1]]))
    assert envs.ram[:, PLAYER_X].tolist() == [8, 112]
    assert envs.ram[:, PLAYER_X + 1].tolist() == [128, 232]
    assert envs.ram[:, PLAYER_Y].tolist() == [40, 216]


def test_level_spark_does_not_come_and_go_for_ever() -> None:
    env = DuelEnv()
    env.reset(seed=0)
    while env.ram[0x10] != 2:
        env.step(0)
    env.ram[PLAYER_Y] = 200
    env.ram[BALL_X], env.ram[BALL_Y], env.ram[BALL_LEFT], env.ram[0x19] = 30, 60, 1, 0
    env.ram[0x3E], env.ram[0x3F], env.ram[0x40], env.ram[0x41] = 0, 2, 0, 0
    for _ in range(30):
        env.step(0)
    assert env.ram[0x19] > 0
    assert env.ram[BALL_Y] > 60


def test_reset_returns_to_a_backup_of_the_user() -> None:
    env = DuelEnv()
    env.reset(seed=0)
    play(env, 300)
    env.backup()
    ram = env.ram.copy()
    play(env, 300)
    env.reset(seed=5)
    assert_same(env.ram, ram)


def test_loading_a_state_gives_no_reward() -> None:
    env = DuelEnv(skill=8)
    env.reset(seed=0)
    state = env.dump_state()
    while not env.step(0)[4]["opponent_score"]:
        pass
    later = env.dump_state()
    env.load_state(state)
    assert env.step(0)[1] == 0
    env.load_state(later)
    assert env.step(0)[1] == 0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies(duplicate: object) -> None:
    env = DuelEnv()
    env.reset(seed=3)
    play(env, 200)
    twin = duplicate(env)
    assert play(env, 400) == play(twin, 400)
    assert_same(twin.ram, env.ram)
    env.reset(seed=9)
    twin.reset(seed=9)
    assert_same(twin.ram, env.ram)
    env.reset()
    twin.reset()
    assert_same(twin.ram, env.ram)


def test_vector_environment_is_many_of_the_scalar_one() -> None:
    envs = gym.make_vec(
        "nes_py/Duel-v0",
        num_envs=3,
        skill=(3, 8),
        frameskip=1,
        stack_num=1,
        obs_type="ram",
        actions=ACTIONS,
        autoreset_mode="SameStep",
    )
    twins = [JoypadSpace(DuelEnv(skill=(3, 8)), ACTIONS) for _ in range(3)]
    observations, infos = envs.reset(seed=4)
    for number, twin in enumerate(twins):
        info = twin.reset(seed=4 + number)[1]
        assert_same(observations[number].ravel(), twin.unwrapped.ram, f"environment {number}")
        assert {name: int(infos[name][number]) for name in info} == info
    random = np.random.default_rng(0)
    ends = 0
    for step in range(5_000):
        if step % 8 == 0:
            actions = random.integers(len(ACTIONS), size=3)
        observations, rewards, terminated, _, _ = envs.step(actions)
        for number, twin in enumerate(twins):
            _, reward, ended, _, _ = twin.step(int(actions[number]))
            assert (reward, ended) == (rewards[number], terminated[number])
            if ended:
                ends += 1
                twin.reset()
            assert_same(observations[number].ravel(), twin.unwrapped.ram, f"step {step}, environment {number}")
    assert ends >= 2


def test_two_players_in_a_vector() -> None:
    envs = DuelVectorEnv(4, players=2, actions=ACTIONS)
    assert envs.single_action_space == gym.spaces.MultiDiscrete([len(ACTIONS)] * 2)
    envs.reset(seed=0)
    assert_same(envs.ram[:, MODE], 1)
    idle = np.zeros((4, 2), int)
    idle[:, 1] = ACTIONS.index(["up"])
    for _ in range(20):
        envs.step(idle)
    assert (envs.ram[:, PLAYER_Y + 1] < 110).all()  # Rime follows the second controller
    assert_same(envs.ram[:, PLAYER_Y], 128)


def test_both_policies_agree() -> None:
    fast, reference = (DuelEnv(skill=6, policy=policy) for policy in ("fast", "reference"))
    fast.reset(seed=1)
    reference.reset(seed=1)
    for frame in range(400):
        action = defend(fast.ram)
        one, other = fast.step(action), reference.step(action)
        assert_same(fast.ram, reference.ram, f"frame {frame}")
        assert (one[0] == other[0]).all(), frame


def test_title_menu_and_end_screen() -> None:
    """The way of a human: through the title, a match for two, the end, and back to the title."""
    with NESEmulator(duel.ROM_PATH) as emulator:
        ram, pads = emulator.memory_buffer(), [emulator.controller(port) for port in range(2)]

        def press(byte: int, frames: int = 4) -> None:
            pads[0][0] = byte
            emulator.step(2)
            pads[0][0] = 0
            emulator.step(frames)

        emulator.step(30)
        assert (ram[0x10], ram[MODE], ram[SKILL]) == (0, 0, 3)
        press(RIGHT)
        press(DOWN)
        assert (ram[MODE], ram[SKILL]) == (1, 4)
        for _ in range(9):
            press(LEFT)
        assert ram[SKILL] == 0
        title = emulator.screen_rgb()
        press(0x08, 10)
        assert ram[0x10] == 1
        pads[1][0] = UP
        emulator.step(60)
        assert ram[PLAYER_Y + 1] < 100  # nobody but the second controller moves Rime
        ram[0x11] = 6
        while ram[0x11] < 7:
            ram[BALL_LEFT], ram[BALL_Y] = 0, 130
            pads[1][0] = DOWN if ram[PLAYER_Y + 1] < 60 else UP
            emulator.step()
        assert ram[0x26] == 1
        emulator.step(90)
        assert ram[0x10] == 4
        end = emulator.screen_rgb()
        assert (end != title).any()
        assert len(np.unique(end.reshape(-1, 3), axis=0)) > 8
        press(0x08, 10)
        assert ram[0x10] == 0
        assert ram[MISSED] == 0


def test_symmetry() -> None:
    """Mirrored play is mirrored: neither side has an advantage."""
    envs = DuelVectorEnv(2, players=2, actions="multibinary", obs_type="ram", frameskip=1)
    envs.reset(seed=0)
    both = envs.ram
    both[1] = both[0]
    nothing = np.zeros((2, 2, 8), int)
    while both[0, 0x10] != 2:
        envs.step(nothing)
    both[1, BALL_LEFT] ^= 1
    random = np.random.default_rng(1)
    swap = [0, 1, 2, 3, 4, 5, 7, 6]
    for _ in range(700):
        buttons = (random.random((2, 8)) < 0.4).astype(int)
        buttons[:, 2:4] = 0
        envs.step(np.stack([buttons, buttons[::-1][:, swap]]))
        if both[0, 0x10] != 2:
            break
        assert both[0, PLAYER_X] == 240 - both[1, PLAYER_X + 1]
        assert (both[0, PLAYER_Y : PLAYER_Y + 2] == both[1, PLAYER_Y : PLAYER_Y + 2][::-1]).all()
        # The fractions are rounded towards the left on both sides.
        assert abs(int(both[0, BALL_X]) - (250 - int(both[1, BALL_X]))) <= 1
    assert both[0, 0x11] == both[1, 0x12]
    assert both[0, 0x12] == both[1, 0x11]


# --- two agents ---


def test_without_pettingzoo() -> None:
    program = (
        "import sys\nsys.modules['pettingzoo'] = None\n"
        "from nes_py.envs import duel\n"
        "try:\n    duel.parallel_env()\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert "pip install 'nes-py[pettingzoo]'" in done.stdout


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mirror", [False, True])
def test_pettingzoo_approves(mirror: bool) -> None:
    tests = pytest.importorskip("pettingzoo.test")
    env = duel.parallel_env(mirror=mirror, frameskip=64)
    tests.parallel_api_test(env, num_cycles=400)
    tests.parallel_seed_test(lambda: duel.parallel_env(mirror=mirror), num_cycles=50)
    env.close()
    env.close()


def test_agents() -> None:
    pytest.importorskip("pettingzoo")
    env = duel.parallel_env(render_mode="rgb_array", frameskip=8)
    with pytest.raises(RuntimeError, match="call reset"):
        env.step({"ember": 0, "rime": 0})
    observations, infos = env.reset(seed=0)
    assert env.agents == ["ember", "rime"]
    assert not np.shares_memory(*observations.values())
    assert_same(observations["ember"], env.render())
    totals = {"ember": 0.0, "rime": 0.0}
    while env.agents:
        # Ember plays, Rime stands in a corner.
        byte = defend(env.state())
        ember = next(n for n, names in enumerate(env._buttons[0]) if names == byte)
        _, rewards, terminations, truncations, infos = env.step({"ember": ember, "rime": ACTIONS.index(["up"])})
        assert sum(rewards.values()) == 0
        for agent, reward in rewards.items():
            totals[agent] += reward
    assert terminations == {"ember": True, "rime": True}
    assert truncations == {"ember": False, "rime": False}
    assert infos["rime"]["score"] == infos["ember"]["opponent_score"]
    assert totals["ember"] == infos["ember"]["score"] - infos["ember"]["opponent_score"] > 0
    with pytest.raises(RuntimeError, match="call reset"):
        env.step({"ember": 0, "rime": 0})


def test_mirror() -> None:
    pytest.importorskip("pettingzoo")
    env = duel.parallel_env(mirror=True, frameskip=1)
    observations, _ = env.reset(seed=0)
    assert_same(observations["rime"][:, ::-1], observations["ember"])
    forward = ACTIONS.index(["right"])
    for _ in range(10):
        env.step({"ember": forward, "rime": forward})
    ram = env.state()
    assert ram[PLAYER_X] == 240 - ram[PLAYER_X + 1] == 52


@pytest.mark.parametrize(
    ("options", "error"), [({"render_mode": "human"}, NotImplementedError), ({"frameskip": 0}, ValueError)]
)
def test_bad_options(options: dict[str, object], error: type[Exception]) -> None:
    pytest.importorskip("pettingzoo")
    with pytest.raises(error):
        duel.parallel_env(**options)
