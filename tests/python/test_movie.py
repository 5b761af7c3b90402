"""Movies: recording, replaying, and the .fm2 format."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTONS_1, BUTTONS_2, demonstration_rom

from nes_py import NESEmulator, NESEnv
from nes_py.movie import POWER, SOFT_RESET, Movie, MovieError


@pytest.fixture
def run(rom_path: str) -> tuple[Movie, list[bytes]]:
    """A movie of 60 frames from power-on, and the state after each."""
    env = NESEnv(rom_path)
    movie = env.record_movie()
    env.reset()
    random = np.random.default_rng(3)
    states = []
    for _ in range(60):
        env.controllers[1][0] = random.integers(256)
        env.step(int(random.integers(256)))
        states.append(bytes(env.dump_state()))
    env.stop_movie()
    env.step(0)
    assert len(movie) == 60
    return movie, states


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_replay_is_exact(run: tuple[Movie, list[bytes]], rom_path: str, policy: str) -> None:
    movie, states = run
    emulator = NESEmulator(rom_path, policy=policy)
    for frames in (60, 1, 37):
        movie.replay(emulator, frames)
        assert bytes(emulator.dump_state()) == states[frames - 1]
    movie.replay(emulator, 0)
    assert emulator.frame_count == 0
    env = NESEnv(rom_path)
    for index in movie.play(env):
        assert bytes(env.dump_state()) == states[index]
    for frames in (-1, 61):
        with pytest.raises(ValueError, match=r"0\.\.60"):
            movie.replay(env, frames)


def test_file_and_back(run: tuple[Movie, list[bytes]], rom_path: str, tmp_path: Path) -> None:
    movie, states = run
    movie.comments.append("author nobody")
    movie.save(tmp_path / "run.fm2")
    again = Movie.load(tmp_path / "run.fm2")
    assert again == movie
    assert again.comments == ["author nobody"]
    assert list(again) == list(movie)
    assert_same(again.inputs, movie.inputs)
    assert again.rom_name == "demonstration.nes"
    emulator = again.emulator(rom_path)
    again.replay(emulator)
    assert bytes(emulator.dump_state()) == states[-1]


def test_checksum_is_that_of_the_contents_without_the_header(run: tuple[Movie, list[bytes]]) -> None:
    assert run[0].checksum == hashlib.md5(demonstration_rom()[16:]).digest()


def test_from_the_middle(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for _ in range(8):
        env.step(3)
    movie = env.record_movie()
    for byte in (1, 2, 4, 8):
        env.step(byte)
    assert movie.start is not None
    again = Movie.from_fm2(movie.to_fm2())
    emulator = NESEmulator(rom_path)
    again.replay(emulator)
    assert emulator.dump_state() == env.dump_state()


def test_loading_a_state_begins_anew(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    movie = env.record_movie()
    for _ in range(8):
        env.step(3)
    env.backup(1)
    env.step(5)
    env.restore(1)
    env.step(9)
    assert list(movie) == [(0, 9, 0)]
    emulator = NESEmulator(rom_path)
    movie.replay(emulator)
    assert emulator.dump_state() == env.dump_state()


def test_reset_to_power_on_is_in_the_movie(rom_path: str) -> None:
    env = NESEnv(rom_path)
    movie = env.record_movie()
    for _ in range(2):
        env.reset()
        for _ in range(9):
            env.step(7)
    assert [command for command, *_ in movie] == [0] * 9 + [POWER] + [0] * 8
    emulator = NESEmulator(rom_path)
    movie.replay(emulator)
    assert emulator.dump_state() == env.dump_state()


def test_reset_to_another_frame_boundary(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.load_state(NESEnv(rom_path, frame_boundary="vblank").dump_state())
    movie = env.record_movie()
    env.step(8)
    env.reset()
    assert env.frame_boundary == "nes-py"
    for _ in range(9):
        env.step(7)
    emulator = NESEmulator(rom_path)
    movie.replay(emulator)
    assert emulator.dump_state() == env.dump_state()


def test_refused_action_is_not_in_the_movie(rom_path: str) -> None:
    env = NESEnv(rom_path)
    movie = env.record_movie()
    env.reset()
    with pytest.raises(ValueError, match=r"0\.\.255"):
        env.step(256)
    env.step(1)
    assert list(movie) == [(0, 1, 0)]


def test_reset_button(rom_path: str) -> None:
    movie = Movie()
    for _ in range(10):
        movie.append(3)
    movie.append(5, command=SOFT_RESET)
    emulator, other = NESEmulator(rom_path), NESEmulator(rom_path)
    movie.replay(emulator)
    other.controller(0)[0] = 3
    other.step(10)
    other.soft_reset()
    other.controller(0)[0] = 5
    other.step()
    assert emulator.dump_state() == other.dump_state()


FOREIGN = """version 3
emuVersion 20606
rerecordCount 12
palFlag 0
romFilename somebody's game
romChecksum base64:AAAAAAAAAAAAAAAAAAAAAA==
guid 6B29FC40-CA47-1067-B31D-00DD010662DA
fourscore 0
port0 1
port1 1
port2 0
comment author somebody
subtitle 10 hello
|0|........|||
|0|R......A|.L......||
|1|....T...|........||
"""


def test_file_of_another_emulator(rom_path: str) -> None:
    movie = Movie.from_fm2(FOREIGN.replace("\n", "\r\n").encode())
    assert list(movie) == [(0, 0, 0), (0, 0x81, 0x40), (SOFT_RESET, 0x08, 0)]
    assert (movie.checksum, movie.ram_fill) == (None, "pattern")
    emulator = movie.emulator(rom_path)
    movie.replay(emulator, 2)
    assert (emulator.controller(0)[0], emulator.controller(1)[0]) == (0x81, 0x40)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("version 3", "version 2", "version 3"),
        ("fourscore 0", "fourscore 1", "line 8: fourscore"),
        ("port1 1", "port1 2", "only joypads"),
        ("romChecksum base64:AAAA", "romChecksum base64:AAA", "line 6: romChecksum"),
        ("|0|R......A|", "|0|R......|", "8 places"),
        ("|1|", "|16|", "command 16"),
        ("|1|", "|x|", "line 16"),
        ("port2 0", "savestate base64:AAAA", "another emulator"),
        ("port2 0", "binary 1", "binary"),
    ],
)
def test_unreadable_files(tmp_path: Path, before: str, after: str, reason: str) -> None:
    assert before in FOREIGN
    path = tmp_path / "bad.fm2"
    path.write_text(FOREIGN.replace(before, after, 1))
    with pytest.raises(MovieError, match=reason) as caught:
        Movie.load(path)
    assert "bad.fm2" in str(caught.value)


def test_movie_that_does_not_fit(run: tuple[Movie, list[bytes]], rom_path: str) -> None:
    movie, _ = run
    other = bytearray(demonstration_rom())
    other[16 + 100] ^= 1
    emulator = NESEmulator(bytes(other))
    emulator.step(3)
    before = emulator.dump_state()
    with pytest.raises(MovieError, match="MD5"):
        movie.replay(emulator)
    assert emulator.dump_state() == before
    movie.replay(emulator, check_rom=False)
    with pytest.raises(MovieError, match="ntsc console, the emulator is pal"):
        movie.replay(NESEmulator(rom_path, region="pal"))
    with pytest.raises(MovieError, match="'zero'"):
        movie.replay(NESEmulator(rom_path, ram_fill="noise"))
    with pytest.raises(TypeError, match="NESEmulator or an NESEnv"):
        movie.replay(3)


def test_bad_buttons_change_nothing() -> None:
    movie = Movie()
    for bad in (256, -1):
        with pytest.raises(ValueError, match="256"):
            movie.append(0, bad)
    assert len(movie) == 0


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("comments", ["a", "nes-py region dendy"], r"comments\[1\] is 'nes-py region dendy': .* own lines"),
        ("comments", [" nes-py\ttiming nes-py"], "own lines"),
        ("comments", ["nes-py hello"], "own lines"),
        ("comments", ["x" * 10_001], "comments: a text of 10001 characters, the limit is 10000"),
        ("subtitles", ["x" * 10_001], "subtitles: a text of 10001"),
        ("rom_name", "x" * 10_001, "rom_name: a text of 10001"),
        ("seed", -1, r"seed must be in 0\.\.2\*\*64 - 1, not -1"),
        ("seed", 2**64, "seed must be in"),
        ("region", "moon", "region must be one of"),
    ],
)
def test_what_a_file_cannot_have(name: str, value: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=reason):
        Movie(**{name: value})
    movie, path = Movie(), tmp_path / "run.fm2"
    movie.save(path)
    before = path.read_bytes()
    setattr(movie, name, value)
    with pytest.raises(ValueError, match=reason):
        movie.save(path)
    assert path.read_bytes() == before


def test_what_a_file_just_can_have(tmp_path: Path) -> None:
    texts = ["x" * 10_000, "nes-py", "nes-pyx", "", "region dendy"]
    movie = Movie(bytes(16), comments=texts, subtitles=["nes-py hello"], rom_name="nes-py " * 1000, seed=2**64 - 1)
    movie.append(1, 2, SOFT_RESET | POWER)
    movie.save(tmp_path / "run.fm2")
    again = Movie.load(tmp_path / "run.fm2")
    assert again == movie
    assert (again.comments, again.subtitles, again.rom_name) == (texts, ["nes-py hello"], movie.rom_name.strip())
    for command in (4, 255, 256, -1):
        with pytest.raises(ValueError, match="a command is 1, 2, both or 0"):
            movie.append(0, 0, command)
    assert len(movie) == 1


def test_buttons_reach_the_game(rom_path: str) -> None:
    movie = Movie()
    for _ in range(8):
        movie.append(0x81, 0x42)
    emulator = NESEmulator(rom_path)
    movie.replay(emulator)
    assert (emulator.memory_buffer()[BUTTONS_1], emulator.memory_buffer()[BUTTONS_2]) == (0x81, 0x42)
