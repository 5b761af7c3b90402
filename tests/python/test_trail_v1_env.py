"""Version 1 of Thistle Trail: its pictures. What it shares with version 0 is tested there, with both."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv
from nes_py.envs import trail, trail_v1
from nes_py.envs.trail_v1 import ACTIONS, TrailEnv, TrailVectorEnv, level_states

RIGHT, START, SELECT = 0x80, 0x08, 0x04
STATE, LIVES, LEVEL, TIME, X, Y = 0x10, 0x11, 0x12, 0x19, 0x1B, 0x1D
CAMERA, THEME, MISSED, TIMER = 0x26, 0x28, 0x2E, 0x2F
TITLE, READY, PLAY, LOST, OVER, CLEAR = range(6)
MAP, ENEMIES, RING = slice(0x400, 0x400 + 19 * 8), slice(0x700, 0x706), 0xA0
#: Levels whose landscapes are 0 to 3.
LANDSCAPES = {0: 1, 1: 0, 2: 2, 3: 3}
FIELD, TOP = slice(112, 240), slice(0, 112)


class Console:
    """A console that counts its blank pictures."""

    def __init__(self, rom: Any = trail_v1.ROM_PATH, policy: Any = "fast") -> None:
        self.emulator = NESEmulator(rom, policy=policy)
        self.ram = self.emulator.memory_buffer()
        self.blank = self.frames = 0
        self.run(20)
        self.blank = 0

    def run(self, frames: int, buttons: int = 0) -> None:
        for _ in range(frames):
            self.emulator.controller(0)[0] = buttons
            self.emulator.step()
            picture = self.emulator.index_buffer()
            self.blank += bool((picture == picture[0, 0]).all())
            self.frames += 1

    def until(self, state: int, limit: int = 400) -> None:
        for _ in range(limit):
            if self.ram[STATE] == state:
                return
            self.run(1)
        raise AssertionError(f"state {state} does not come")

    def start(self, level: int, buttons: int = START) -> None:
        self.ram[LEVEL], self.ram[LEVEL + 1] = level & 0xFF, level >> 8
        self.run(1, buttons)
        self.until(READY)

    def picture(self) -> Any:
        return self.emulator.screen_buffer().copy()

    def word(self, address: int) -> int:
        return int(self.ram[address]) | int(self.ram[address + 1]) << 8

    def fly(self, x: int) -> None:
        """Over all that is in the way, as far as x."""
        while self.ram[STATE] == PLAY and self.word(X) < x:
            place = self.word(X) + 3
            self.ram[X], self.ram[X + 1], self.ram[Y] = place & 0xFF, place >> 8, 60
            self.ram[0x20:0x22] = 0  # it neither falls nor rises
            self.ram[ENEMIES] = 0
            self.run(1)


def assert_begins_as_new(console: Console) -> None:
    """The level looks as it does when it is begun on the title; the clouds drift, and the fox blinks."""
    console.until(PLAY)
    console.run(2)
    new = Console(policy=console.emulator.options["policy"])
    new.start(console.word(LEVEL), START | SELECT)
    new.until(PLAY)
    new.run(2)
    # Coins and flowers move by a clock of their own, and every 128 frames the fox blinks.
    for each in (console, new):
        while each.ram[0x2C] & 0x7F < 8 or each.ram[0x2C] & 0x7F > 80:
            each.run(1)
    while console.ram[0x54] & 0x1F != new.ram[0x54] & 0x1F:
        new.run(1)
    assert_same(console.ram[MAP], new.ram[MAP])
    assert_same(console.ram[ENEMIES], new.ram[ENEMIES])
    assert_same(console.picture()[64:], new.picture()[64:])
    assert console.ram[THEME] == new.ram[THEME]
    assert console.ram[MISSED] == 0


# --- blank pictures ---


def test_version_0_has_blank_pictures() -> None:
    """What version 1 has not; the counter counts."""
    console = Console(trail.ROM_PATH)
    console.start(0)
    console.until(PLAY)
    assert console.blank == 3
    console.ram[TIME] = 1
    console.until(LOST)
    console.until(PLAY)
    assert console.blank == 6


@pytest.mark.parametrize(
    ("x", "policy"), [(0, "fast"), (150, "reference"), (150, "fast"), (263, "fast"), (500, "fast"), (1111, "fast")]
)
def test_a_level_begins_again_without_a_blank_picture(x: int, policy: str) -> None:
    console = Console(policy=policy)
    console.start(x % 7)
    console.until(PLAY)
    console.fly(x)
    camera, ring = console.word(CAMERA), int(console.ram[RING])
    console.ram[TIME] = 1
    console.until(LOST)
    before = bytes(console.ram[0x400:0x500])
    while console.ram[STATE] == LOST:
        # The map is that of what is seen until the screen jumps.
        assert bytes(console.ram[0x400:0x500]) == before
        assert console.word(CAMERA) == camera
        last = console.picture()
        console.run(1)
    assert console.ram[RING] == (ring + camera // 16 + 17) % 32
    assert console.word(CAMERA) == 0
    console.run(1)
    assert x < 100 or (last[FIELD] != console.picture()[FIELD]).any()
    assert_begins_as_new(console)
    assert console.blank == 0


def test_many_lives_one_after_the_other() -> None:
    console = Console()
    console.start(4)
    for turn in range(5):
        console.until(PLAY)
        console.ram[LIVES] = 3
        console.fly(160 + 90 * turn)
        console.ram[TIME] = 1
        console.until(LOST)
        console.until(READY)
        assert_begins_as_new(console)
    assert console.blank == 0


@pytest.mark.parametrize("level", [0, 1, 2, 4, 11])
def test_the_next_level_begins_without_a_blank_picture(level: int) -> None:
    console = Console()
    console.start(level)
    console.until(PLAY)
    console.fly(3000)
    assert console.ram[STATE] == CLEAR
    assert console.word(LEVEL) == level
    console.until(READY)
    assert console.word(LEVEL) == level + 1
    assert_begins_as_new(console)
    assert console.blank == 0


def test_title_game_title_without_a_blank_picture() -> None:
    console = Console()
    console.run(70)
    title = console.picture()
    console.start(2)
    assert_begins_as_new(console)
    console.ram[LIVES] = console.ram[TIME] = 1
    console.until(OVER)
    console.until(TITLE)
    for frame in range(40):
        console.run(1, START if frame == 5 else 0)  # too early: the title is not there yet
    assert console.ram[STATE] == TITLE
    # The letters and the panel are those of the first title, but for the level's number and PRESS START.
    assert_same(console.picture()[:84], title[:84])
    assert_same(console.picture()[104:112], title[104:112])
    console.start(3)
    assert_begins_as_new(console)
    assert console.blank == 0
    assert console.ram[MISSED] == 0


def test_start_ends_game_over() -> None:
    console = Console()
    console.start(1)
    console.until(PLAY)
    console.ram[LIVES] = console.ram[TIME] = 1
    console.until(OVER)
    console.run(20)
    console.run(1, START)
    before = console.frames
    console.until(TITLE)
    assert console.frames - before <= 42
    assert console.blank == 0


def test_shortened_times_begin_the_level_all_the_same() -> None:
    """Programs write the timer; what is not prepared then is drawn with the picture off."""
    console = Console()
    console.start(6)
    console.until(PLAY)
    console.fly(400)
    console.ram[TIME] = 1
    console.until(LOST)
    console.ram[TIMER] = 2
    console.until(READY, 10)
    assert_begins_as_new(console)
    assert console.blank == 3
    console.ram[TIME] = 1
    console.until(LOST)
    console.run(70)
    console.ram[TIMER] = 2  # in the middle of it
    console.until(READY, 10)
    assert_begins_as_new(console)


def test_select_and_start_begin_at_once() -> None:
    slow, quick = Console(), Console()
    slow.start(5)
    quick.start(5, START | SELECT)
    assert quick.frames < 20 + 8 < slow.frames
    assert_begins_as_new(slow)


# --- what is in the picture ---


@pytest.mark.parametrize("level", LANDSCAPES)
def test_coins_stand_out_from_the_sky(level: int) -> None:
    """Also in level 0, where those of version 0 are pink as the sky is."""

    def contrast(rom: Any) -> int:
        """Distance of the colours of sky and coins, in the channel in which they differ most."""
        console = Console(rom)
        console.start(level)
        assert console.ram[THEME] == LANDSCAPES[level]
        console.until(PLAY)
        console.run(1)
        # A coin above the fox: the palette's second and third colour are its own.
        picture, indices = console.picture().astype(int), console.emulator.index_buffer()
        colours = {int(index): picture[indices == index][0] for index in np.unique(indices)}
        sky, coin = (console.emulator.peek_ppu(0x3F00 + place) for place in (0, 10))
        return int(np.abs(colours[coin] - colours[sky]).max())

    assert contrast(trail_v1.ROM_PATH) >= 120
    if level == 0:
        assert contrast(trail.ROM_PATH) < 120


def letters(console: Console) -> list[tuple[int, int]]:
    """Place of the sprites that are above the field."""
    return [(int(x), int(y)) for x, y, *_, seen in console.emulator.objects().tolist() if seen and 30 < y < 112]


@pytest.mark.parametrize("level", LANDSCAPES)
def test_game_over_and_ready_are_in_the_sky(level: int) -> None:
    """Not on the hills, which begin in line 72, nor on the bar."""
    console = Console()
    console.start(level, START | SELECT)
    console.run(3)
    assert len(letters(console)) == 6
    console.until(PLAY)
    console.ram[LIVES] = console.ram[TIME] = 1
    console.ram[ENEMIES] = 0
    console.until(OVER)
    console.run(2)
    assert len(letters(console)) == 8
    assert all(34 <= y <= 62 for _, y in letters(console))
    old = Console(trail.ROM_PATH)
    old.start(level)
    old.run(3)
    assert any(y > 96 for _, y in letters(old))


def test_the_bar_has_room() -> None:
    """Words and numbers are of two colours and two lines apart; two columns are between one item and the next."""
    console = Console()
    console.start(0)
    console.run(20)
    bar = console.picture()[:27]
    ink = (bar != 0).any(2) & (bar != bar[0, 0]).any(2)
    rows = np.flatnonzero(ink.any(1))
    assert rows.min() == 8
    gaps = np.flatnonzero(~ink[rows.min() : rows.max() + 1].any(1))
    assert len(gaps) == 2
    words, numbers = ink[8:15], ink[17:24]
    assert numbers.any()
    white = bar[17:24][numbers]
    assert len(np.unique(white, axis=0)) == 1
    assert (bar[8:15, 16:56][words[:, 16:56]] != white[0]).any(1).all()  # SCORE
    columns = ink.any(0).reshape(32, 8).any(1)
    items = "".join("#" if column else " " for column in columns).split()
    assert [len(item) for item in items] == [6, 3, 5, 4, 1]
    assert "  ".join(items) == "".join("#" if column else " " for column in columns).strip()


# --- the environments ---


def test_levels_are_those_of_version_0() -> None:
    """Only the program and the pictures differ: the same buttons make the same trajectory."""
    envs = [trail.TrailEnv(), TrailEnv()]
    draw = np.random.default_rng(5)
    for level in (0, 9, 0x8003):
        for env in envs:
            env.reset(options={"level": level})
        for step in range(400):
            if step % 8 == 0:
                byte = int(draw.choice([RIGHT, RIGHT | 1, RIGHT | 2, RIGHT | 3]))
            (_, reward, end, _, info), (_, other, other_end, _, other_info) = (env.step(byte) for env in envs)
            assert (reward, end, info) == (other, other_end, other_info), (level, step)
            if end or info["lives"] < 3:
                break
        assert_same(envs[0].ram[0x400:0x500], envs[1].ram[0x400:0x500])


def test_made_by_name() -> None:
    env = gym.make("nes_py:nes_py/Trail-v1", levels="test")
    assert isinstance(env.unwrapped, TrailEnv)
    _, info = env.reset(seed=1)
    assert info["level"] in trail.TEST_LEVELS
    env.close()
    envs = gym.make_vec("nes_py/Trail-v1", num_envs=2, levels=range(4), actions=ACTIONS)
    assert isinstance(envs.unwrapped, TrailVectorEnv)
    envs.reset(seed=1)
    envs.close()
    machine = NESEnv("trail-v1")
    machine.reset()
    assert machine.emulator.rom_info.sha256 == NESEmulator(trail_v1.ROM_PATH).rom_info.sha256


def test_vector_equals_scalar_over_lost_lives() -> None:
    levels = [3, 8]
    envs = TrailVectorEnv(2, levels=levels, frameskip=1, actions=ACTIONS, autoreset_mode="Disabled")
    alone = [TrailEnv(levels=levels) for _ in range(2)]
    _, infos = envs.reset(seed=3)
    for index, env in enumerate(alone):
        assert env.reset(seed=3 + index)[1]["level"] == infos["level"][index]
    lives = set()
    for _ in range(700):
        _, rewards, _, _, infos = envs.step(np.full(2, 1))
        for index, env in enumerate(alone):
            _, reward, _, _, info = env.step(RIGHT)
            assert rewards[index] == pytest.approx(reward)
            assert {name: int(infos[name][index]) for name in info} == info
        lives.add(int(infos["lives"].min()))
        if infos["lives"].min() == 0:
            break
    assert len(lives) > 1


def test_states_of_levels() -> None:
    states = level_states([3, 0x8001])
    env = TrailEnv()
    env.reset(options={"level": 0x8001})
    ram = env.ram.copy()
    env.load_state(states["32769"])
    assert_same(env.ram, ram)
    assert env.emulator.rom_info.sha256 == NESEmulator(trail_v1.ROM_PATH).rom_info.sha256


def test_random_play_is_ready_in_time() -> None:
    """In each frame, whatever the screens are that follow each other."""
    console = Console()
    draw = np.random.default_rng(1)
    console.start(0)
    for step in range(600):
        if step % 100 == 99:
            console.ram[TIME] = 1
        console.run(8, int(draw.choice([RIGHT | 1, RIGHT | 3, RIGHT | 2, START])))
        assert console.ram[MISSED] == 0, step
    assert console.blank == 0
