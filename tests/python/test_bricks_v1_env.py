"""Version 1 of Mortar Moon: capsules, three balls, how long a level takes. The rest is tested with version 0."""

from __future__ import annotations

import random
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py.envs import bricks, bricks_v1
from nes_py.envs.bricks_v1 import ACTIONS, GAME, BricksEnv, BricksVectorEnv
from nes_py.wrappers import JoypadSpace

A, START, LEFT, RIGHT = 0x01, 0x08, 0x40, 0x80
STATE, LIVES, LEVEL, LEFT_OVER = 0x10, 0x11, 0x12, 0x13
BALL_X, BALL_Y, PADDLE_X, BALL_UP, MISSED = 0x14, 0x15, 0x16, 0x25, 0x29
WIDTH, CAPSULE, CAPSULE_X, CAPSULE_Y, COMET = 0x70, 0x71, 0x72, 0x73, 0x74
MORE, MORE_X, MORE_Y, MORE_UP = 0x75, 0x77, 0x79, 0x81
WIDE, COMET_CAPSULE, BALLS = 1, 2, 3
SERVE, PLAY, LOST, OVER, CLEAR = 1, 2, 3, 4, 5
BRICKS = 0x400


@pytest.fixture
def env() -> BricksEnv:
    """In play, with the ball on its way up and no capsule to come."""
    env = BricksEnv()
    env.reset(seed=0)
    env.step(A)
    env.step(0)
    assert env.ram[STATE] == PLAY
    env.ram[0x85] = 200
    return env


def catch(env: BricksEnv, kind: int) -> float:
    """Let a capsule fall onto the paddle; return the reward."""
    env.ram[CAPSULE], env.ram[CAPSULE_X], env.ram[CAPSULE_Y] = kind, env.ram[PADDLE_X] + 8, 190
    total = 0.0
    for _ in range(20):
        total += env.step(0)[1]
        if not env.ram[CAPSULE]:
            return total
    raise AssertionError("not caught")


def put_ball(env: BricksEnv, x: int, y: int, up: int) -> None:
    """Put the ball there, without fractions, on its steepest way to the right."""
    env.ram[BALL_X], env.ram[BALL_Y], env.ram[BALL_UP] = x, y, up
    env.ram[0x24] = env.ram[0x26] = env.ram[0x3C] = env.ram[0x3D] = 0


def balls(ram: np.ndarray) -> list[tuple[int, int, int]]:
    """x, y and whether it moves up, of the balls in play."""
    found = [(int(ram[BALL_X]), int(ram[BALL_Y]), int(ram[BALL_UP]))]
    return found + [
        (int(ram[MORE_X + i]), int(ram[MORE_Y + i]), int(ram[MORE_UP + i])) for i in range(2) if ram[MORE + i]
    ]


def follow(ram: np.ndarray, aim: int) -> int:
    """Return buttons that bring the paddle below the lowest ball that falls, else below the capsule."""
    falling = [(y, x) for x, y, up in balls(ram) if not up]
    if ram[CAPSULE] and (not falling or max(falling)[0] < 120):
        target = int(ram[CAPSULE_X]) + 8
    elif falling:
        target = max(falling)[1] + 3 + aim
    else:
        return 0
    away = target - (int(ram[PADDLE_X]) + int(ram[WIDTH]) // 2)
    return 0 if abs(away) < 4 else A | RIGHT if away > 0 else A | LEFT


def frames_of_level(rom: Path, seed: int) -> int:
    """Let a good player clear level 1; return how many frames it takes."""
    draw = random.Random(seed)
    with NESEmulator(rom) as emulator:
        ram, buttons = emulator.memory_buffer(), emulator.controller(0)
        emulator.step(20, render=False)
        buttons[0], aim = START, 0
        for frame in range(30_000):
            emulator.step(render=False)
            if frame % 40 == 0:
                aim = draw.randint(-12, 12)
            view = ram.copy()
            if rom == bricks.ROM_PATH:
                view[WIDTH], view[CAPSULE], view[MORE], view[MORE + 1] = 32, 0, 0, 0
            buttons[0] = follow(view, aim) if ram[STATE] == PLAY else A if ram[STATE] == SERVE and frame % 2 else 0
            if ram[STATE] == 0:
                buttons[0] = START
            if ram[STATE] == CLEAR:
                return frame
            assert ram[MISSED] == 0
            assert ram[STATE] != OVER
    raise AssertionError("level 1 takes too long")


def test_level_1_is_quicker() -> None:
    """Two minutes and more with version 0, on average less than one with version 1."""
    assert frames_of_level(bricks.ROM_PATH, 1) > 2 * 3600
    times = [frames_of_level(bricks_v1.ROM_PATH, seed) for seed in range(4)]
    assert np.mean(times) < 3600
    assert min(times) > 600


def test_made_by_name() -> None:
    env = gym.make("nes_py:nes_py/Bricks-v1")
    assert isinstance(env.unwrapped, BricksEnv)
    _, info = env.reset(seed=1)
    assert info == {"score": 0, "lives": 3, "level": 1, "bricks_left": 88}
    env.close()
    envs = gym.make_vec("nes_py/Bricks-v1", num_envs=2, actions=ACTIONS)
    assert isinstance(envs.unwrapped, BricksVectorEnv)
    envs.close()
    machine = NESEnv("bricks-v1")
    machine.reset()
    assert machine.emulator.rom_info.sha256 == NESEmulator(bricks_v1.ROM_PATH).rom_info.sha256


def test_a_capsule_falls_out_of_the_second_brick() -> None:
    env = BricksEnv()
    env.reset(seed=0)
    kinds = []
    for _ in range(3000):
        ram = env.ram.copy()
        _, _, _, _, info = env.step(follow(ram, 0) if ram[STATE] == PLAY else A)
        if env.ram[CAPSULE] and not kinds:
            assert info["bricks_left"] == 86
        if env.ram[CAPSULE] and not ram[CAPSULE]:
            kinds.append(int(env.ram[CAPSULE]))
        if env.ram[STATE] == CLEAR:
            break
    assert kinds[:3] == [COMET_CAPSULE, BALLS, WIDE]
    assert set(kinds) == {WIDE, COMET_CAPSULE, BALLS}


@pytest.mark.parametrize("kind", [WIDE, COMET_CAPSULE, BALLS])
def test_a_capsule_gives_points_and_changes_the_play(env: BricksEnv, kind: int) -> None:
    assert (env.ram[WIDTH], env.ram[COMET], env.ram[MORE], env.ram[MORE + 1]) == (32, 0, 0, 0)
    score = env._get_info()["score"]
    assert catch(env, kind) == 50
    assert env._get_info()["score"] == score + 50
    state = (int(env.ram[WIDTH]), int(env.ram[COMET]), int(env.ram[MORE]), int(env.ram[MORE + 1]))
    assert state == {WIDE: (48, 0, 0, 0), COMET_CAPSULE: (32, 240, 0, 0), BALLS: (32, 0, 1, 1)}[kind]


def test_a_brick_lets_go_of_a_capsule_when_none_was_hit_for_long(env: BricksEnv) -> None:
    env.ram[BRICKS : BRICKS + 160] = 0
    env.ram[BRICKS + 3 * 16 + 5], env.ram[LEFT_OVER] = 1, 1
    frames = 0
    while not env.ram[CAPSULE] and frames < 400:
        put_ball(env, 40, 150, 1)
        env.step(0)
        frames += 1
    assert 150 < frames < 170
    assert (env.ram[CAPSULE_X], env.ram[CAPSULE_Y]) == (16 + 5 * 16, 64 + 3 * 8)


def test_a_capsule_beside_the_paddle_is_lost(env: BricksEnv) -> None:
    for x in (int(env.ram[PADDLE_X]) - 16, int(env.ram[PADDLE_X]) + 32):
        put_ball(env, 120, 150, 1)
        env.ram[CAPSULE], env.ram[CAPSULE_X], env.ram[CAPSULE_Y] = WIDE, x, 195
        assert sum(env.step(0)[1] for _ in range(30)) in (0, 10, 20)
        assert env.ram[CAPSULE] == 0
        assert env.ram[WIDTH] == 32


def test_a_comet_goes_through_bricks(env: BricksEnv) -> None:
    """It breaks all of a column and the hard one among them at once, and only the ceiling turns it."""

    def bricks_hit() -> int:
        column, before = 5, int(env.ram[LEFT_OVER])
        for row in range(10):
            env.ram[BRICKS + row * 16 + column] = 7 if row == 6 else 1
        put_ball(env, 16 + 16 * column + 5, 160, 1)
        while env.ram[BALL_UP]:
            env.step(0)
        assert env.ram[LEFT_OVER] <= before
        return before - int(env.ram[LEFT_OVER])

    env.ram[LEFT_OVER] = 100
    assert bricks_hit() == 1
    env.ram[COMET] = 200
    assert bricks_hit() >= 10
    assert env.ram[BALL_Y] < 64
    for _ in range(220):
        put_ball(env, 120, 170, 1)
        env.step(0)
    assert env.ram[COMET] == 0


def test_the_wide_paddle(env: BricksEnv) -> None:
    env.ram[PADDLE_X] = 208
    catch(env, WIDE)
    assert env.ram[PADDLE_X] == 192  # it stays in the field
    for _ in range(60):
        put_ball(env, 120, 150, 1)
        env.step(RIGHT | A)
    assert env.ram[PADDLE_X] == 192
    # Every place of it has an angle, the flatter the farther from its middle.
    angles = []
    for x in range(187, 233):
        env.ram[0x49] = 0  # bounces without a brick, after which a ball turns
        put_ball(env, x, 200, 0)
        for _ in range(3):
            env.step(0)
        assert env.ram[BALL_UP] == 1, x
        angles.append(int(env.ram[0x26]))
    assert angles[:27] == sorted(angles[:27], reverse=True)
    assert set(angles) == set(range(5))
    put_ball(env, 180, 200, 0)
    for _ in range(3):
        env.step(0)
    assert env.ram[BALL_UP] == 0


def test_the_life_is_lost_with_the_last_ball(env: BricksEnv) -> None:
    put_ball(env, 100, 190, 1)
    catch(env, BALLS)
    env.ram[0x4F] = 0  # no net
    places = {(x, up) for x, _, up in balls(env.ram)}
    assert len(places) == 1
    for _ in range(10):
        env.step(0)
    assert len({x for x, _, _ in balls(env.ram)}) == 3
    env.ram[PADDLE_X] = 16
    put_ball(env, 200, 200, 0)
    env.ram[MORE_X : MORE_X + 2], env.ram[MORE_UP : MORE_UP + 2] = 190, 0
    env.ram[MORE_Y], env.ram[MORE_Y + 1] = 150, 180
    in_play = []
    while env.ram[STATE] == PLAY:
        assert env.ram[LIVES] == 3
        in_play.append(len(balls(env.ram)))
        env.step(0)
    assert env.ram[LIVES] == 2
    assert list(dict.fromkeys(in_play)) == [3, 2, 1]
    while env.ram[STATE] != SERVE:
        env.step(0)
    assert (env.ram[WIDTH], env.ram[COMET], env.ram[CAPSULE]) == (32, 0, 0)


def test_what_was_caught_ends_with_the_level(env: BricksEnv) -> None:
    for kind in (WIDE, COMET_CAPSULE, BALLS):
        catch(env, kind)
    env.ram[LEFT_OVER] = 0
    while env.ram[STATE] != SERVE:
        env.step(0)
    assert env.ram[LEVEL] == 2
    assert (env.ram[WIDTH], env.ram[COMET], env.ram[CAPSULE], env.ram[MORE], env.ram[MORE + 1]) == (32, 0, 0, 0, 0)


def test_a_random_agent_catches_capsules() -> None:
    """Of a hundred points more than with version 0 some are those of capsules."""
    means = []
    for kind, game in ((bricks.BricksVectorEnv, bricks.GAME), (BricksVectorEnv, GAME)):
        count = 24
        variables = {**game["variables"], "capsule": CAPSULE, "capsule_y": CAPSULE_Y}
        envs = kind(count, actions=ACTIONS, frameskip=4, obs_type="ram", game={**game, "variables": variables})
        envs.reset(seed=0)
        envs.action_space.seed(0)
        returns, over, caught = np.zeros(count), np.zeros(count, bool), np.zeros(count, int)
        fell = np.zeros(count, bool)
        while not over.all():
            _, rewards, terminated, _, infos = envs.step(envs.action_space.sample())
            returns += np.where(over, 0, rewards)
            caught += fell & ~over & (infos["capsule"] == 0) & (infos["capsule_y"] < 214)
            fell = (infos["capsule"] > 0) & (infos["lives"] > 0)
            over |= terminated
        means.append(returns.mean())
    assert means[1] > means[0] + 100
    assert caught.mean() > 1


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_every_frame_is_ready_and_nothing_important_flickers(policy: str) -> None:
    """Balls, paddle and capsule are among the eight sprites of each line, with three comets among bricks too."""
    env = BricksEnv(policy=policy)
    env.reset(seed=0)
    most = 0
    for frame in range(900 if policy == "fast" else 250):
        ram = env.ram.copy()
        if ram[STATE] == PLAY and frame % 60 == 0:
            env.ram[COMET], env.ram[WIDTH] = 100, 48
            if not ram[CAPSULE]:
                env.ram[CAPSULE], env.ram[CAPSULE_X], env.ram[CAPSULE_Y] = BALLS, min(208, int(ram[PADDLE_X])), 180
        env.step(follow(ram, frame % 13 - 6) if ram[STATE] == PLAY else A)
        assert env.ram[MISSED] == 0
        sprites = env.emulator.objects()
        # Sprite 0, balls, six pieces of the paddle and two of the capsule; the trail and the splinters come last.
        needed = 1 + len(balls(ram)) + 4 + 2 * (ram[WIDTH] == 48) + 2 * (ram[CAPSULE] > 0)
        most = max(most, needed)
        if ram[STATE] == env.ram[STATE] == PLAY:
            for sprite in sprites[: needed - 2]:
                assert sprite[9] == (sprite[1] < 239), frame
    assert most >= 12
    env.close()


def test_both_policies_agree_with_three_balls() -> None:
    envs = [BricksEnv(policy=policy) for policy in ("fast", "reference")]  # type: ignore[arg-type]
    for env in envs:
        env.reset(seed=0)
    for step in range(300):
        action = follow(envs[0].ram, step % 17 - 8) if envs[0].ram[STATE] == PLAY else A
        fast, reference = (env.step(action)[0] for env in envs)
        assert_same(envs[0].ram, envs[1].ram, f"step {step}")
        assert step % 10 or (fast == reference).all()
    assert envs[0].ram[COMET] or envs[0].ram[MORE]


def test_vector_equals_scalar() -> None:
    count = 3
    envs = BricksVectorEnv(count, frameskip=1, actions=ACTIONS, autoreset_mode="Disabled")
    alone = [JoypadSpace(BricksEnv(), ACTIONS) for _ in range(count)]
    envs.reset(seed=4)
    for env in alone:
        env.reset()
    draw = np.random.default_rng(2)
    for step in range(1500):
        if step % 12 == 0:
            actions = draw.integers(0, len(ACTIONS), count)
        _, rewards, terminated, _, infos = envs.step(actions)
        if terminated.any():
            break
        for index, env in enumerate(alone):
            _, reward, end, _, info = env.step(int(actions[index]))
            assert (rewards[index], bool(terminated[index])) == (reward, end)
            assert {name: int(infos[name][index]) for name in info} == info
    assert step > 300


def test_semantic_shows_capsules_balls_and_the_wide_paddle() -> None:
    options = {"obs_type": "semantic", "stack_num": 1, "frameskip": 1, "actions": ACTIONS}
    classes = bricks_v1.SEMANTIC["classes"]
    with NESVectorEnv("bricks-v1", 1, game=GAME, **options) as envs:
        observations, _ = envs.reset(seed=0)
        number = {name: classes.index(name) + 1 for name in classes}
        for _ in range(3):
            observations, *_ = envs.step([1])

        def count(name: str) -> int:
            return int((observations == number[name]).sum())

        assert (count("paddle"), count("ball"), count("wide_capsule")) == (4, 1, 0)
        ram = np.array(envs.ram[0])
        ram[WIDTH], ram[CAPSULE], ram[CAPSULE_X], ram[CAPSULE_Y] = 48, WIDE, 64, 150
        ram[MORE], ram[MORE + 1] = 1, 1
        ram[MORE_X], ram[MORE_X + 1], ram[MORE_Y], ram[MORE_Y + 1] = 40, 180, 150, 160
        envs.ram[0][:] = ram
        observations, *_ = envs.step([0])
        assert (count("paddle"), count("ball")) == (6, 3)
        assert count("wide_capsule") in (2, 4)
