"""The keys of the play window, gamepads, indicators, and what the window keeps on disk."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTONS_1, BUTTONS_2, demonstration_rom
from support.screen import Screen

from nes_py import NESEmulator, NESEnv, cli
from nes_py._image_viewer import ImageViewer
from nes_py.envs.bricks import BricksEnv
from nes_py.movie import Movie
from nes_py.playing import gamepads, keys, player
from nes_py.playing.keys import KeyMap, key_codes
from nes_py.playing.player import Pace, Player, PlayWindow, draw_indicators, help_lines, write_text
from nes_py.playing.recorder import VideoRecorder
from nes_py.playing.saves import Saves, default_folder
from nes_py.wrappers import JoypadSpace

LEFT, UP, RIGHT, DOWN, ENTER, LEFT_SHIFT, RIGHT_SHIFT = key_codes("left up right down enter left_shift right_shift")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Screen]:
    screen = Screen()
    monkeypatch.setattr(ImageViewer, "show", lambda window, picture: screen.show(window, picture))
    monkeypatch.setattr(Pace, "wait", lambda self: None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    yield screen
    assert "pyglet" not in sys.modules


def held(env: NESEnv, screen: Screen, address: int = BUTTONS_1, **options: Any) -> list[int]:
    """Play and return what the game read from a controller in each frame."""
    seen: list[int] = []
    ram = env.ram
    Player(env, lambda *_: seen.append(int(ram[address])), **options).run()
    return seen


# --- keys ---


@pytest.mark.parametrize(
    ("key", "byte"),
    [
        (ord("x"), 0x01),
        (ord("o"), 0x01),
        (ord("z"), 0x02),
        (ord("p"), 0x02),
        (LEFT_SHIFT, 0x04),
        (RIGHT_SHIFT, 0x04),
        (ord(" "), 0x04),
        (ENTER, 0x08),
        (UP, 0x10),
        (DOWN, 0x20),
        (LEFT, 0x40),
        (RIGHT, 0x80),
        (ord("w"), 0x10),
        (ord("d"), 0x80),
    ],
)
def test_keys_of_the_first_player(env: NESEnv, screen: Screen, key: int, byte: int) -> None:
    screen.at(10, ("down", key))
    screen.at(20, ("up", key))
    assert held(env, screen) == [0] * 10 + [byte] * 10 + [0] * 10


def test_two_keys_for_the_same_button(env: NESEnv, screen: Screen) -> None:
    screen.at(5, ("down", RIGHT), ("down", ord("d")))
    screen.at(10, ("up", RIGHT))
    screen.at(15, ("up", ord("d")))
    assert held(env, screen) == [0] * 5 + [0x80] * 10 + [0] * 15


def test_arrows_of_a_wrapped_environment(env: NESEnv, screen: Screen) -> None:
    actions: list[int] = []
    screen.at(5, ("down", RIGHT), ("down", ord("x")))
    wrapped = JoypadSpace(env, [["NOOP"], ["right", "A"]])
    Player(wrapped, lambda state, action, *rest: actions.append(action)).run()
    assert actions == [0] * 5 + [1] * 25


def test_keys_of_nes_py_are_those_of_the_environments(env: NESEnv) -> None:
    known = {key for combination in env.get_keys_to_action() for key in combination}
    assert known == set(map(ord, "wasdop\r "))
    assert env.get_keys_to_action()[(ord("d"), ord("o"))] == 0x81


def test_keys_of_a_program_stay_as_they_are(rom_path: str, screen: Screen) -> None:
    class Own(NESEnv):
        def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
            return {(): 0, (LEFT,): 0x01, (ord("q"),): 0x02}

    screen.at(5, ("down", LEFT))
    screen.at(10, ("up", LEFT), ("down", RIGHT), ("down", ord("d")))
    screen.at(20, ("down", ord("q")))
    env = Own(rom_path)
    env.reset()
    for _ in range(6):
        env.step(0)
    assert [byte for byte in held(env, screen) if byte] == [0x01] * 5 + [0x02] * 10


def test_a_tap_shorter_than_a_frame_is_held_for_one(env: NESEnv, screen: Screen) -> None:
    screen.tap(10, ord("x"))
    screen.tap(12, ord("."))
    second: list[int] = []
    ram = env.ram
    Player(env, lambda *_: second.append(int(ram[BUTTONS_2]) << 8 | int(ram[BUTTONS_1]))).run()
    assert [(frame, byte) for frame, byte in enumerate(second) if byte] == [(10, 0x01), (12, 0x100)]


def test_losing_the_focus_releases_everything(env: NESEnv) -> None:
    window = PlayWindow("x", 240, 256, {ord("d"), ord("o")}, keys=KeyMap())
    for key in (RIGHT, ord("o"), ord("l"), player.KEY_REWIND):
        window.on_key_press(key, 0)
    assert window.pressed_keys == (ord("d"), ord("o"))
    assert window.take_keys() == ((ord("d"), ord("o")), 0x80)
    window._on_deactivate()
    assert window.take_keys() == ((), 0)
    assert not window.held


def test_other_keys(env: NESEnv, screen: Screen) -> None:
    changed = KeyMap(keys.parse("a=k,right=h,2.b=x,pause=q"))
    screen.at(5, ("down", ord("k")), ("down", ord("h")))
    screen.at(10, ("up", ord("k")), ("up", ord("h")), ("down", ord("o")), ("down", RIGHT), ("down", ord("x")))
    screen.tap(20, ord("q"))
    seen = held(env, screen, keys=changed)
    assert seen == [0] * 5 + [0x81] * 5 + [0] * 10
    assert "  BUTTON A  K" in help_lines(changed)
    assert "Q         PAUSE" in help_lines(changed)
    assert changed.keys_of("player 2", "down") == ()  # it was k


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jump=k", "there is no button 'jump', did you mean 'up'?; they are a, b, select"),
        ("a=entr", "there is no key 'entr', did you mean 'enter'?"),
        ("a", "there is no file of keys 'a'; changes of keys look like 'a=k,b=j'"),
        ("a=", "keys must look like"),
        ("3.a=k", "keys must look like"),
        ("a=k,b=k", r"the key k is given twice: [player 1] a and [player 1] b"),
        ("a=k,rewind=k", "given twice"),
    ],
)
def test_keys_that_cannot_be_understood(
    text: str, said: str, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--mode", "random", "--no-render", "--no-progress"]):
        assert cli.main(["play", "bricks", "--keys", text, *more]) == 1
        output = capsys.readouterr()
        assert said in output.err
        assert output.err.count("\n") == 1
        assert not output.out, "nothing was played"
    assert not screen.pictures


def test_file_of_keys(screen: Screen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["keys"]) == 0
    printed = capsys.readouterr().out
    assert str(keys.default_file()) in printed.splitlines()[0]
    assert "[player 1]\na = x o\n" in printed
    # What is printed can be read again, and changed.
    own = tmp_path / "own.ini"
    own.write_text(printed.replace("a = x o", "a = v"))
    chosen = keys.choose(str(own))
    assert chosen.keys_of("player 1", "a") == (ord("v"),)
    assert chosen.keys_of("player 2", "up") == (ord("i"),)
    # The file in its place is found; --keys changes it.
    place = keys.default_file()
    assert place.is_relative_to(tmp_path)
    place.parent.mkdir(parents=True)
    place.write_text("[player 1]\na = v\nb = c\n# a comment\n[window]\nrewind = r\n")
    assert keys.choose().keys_of("player 1", "a") == (ord("v"),)
    both = keys.choose("start=v")
    assert both.keys_of("player 1", "start") == (ord("v"),)
    assert both.keys_of("player 1", "a") == key_codes("x o")
    assert both.keys_of("player 1", "b") == (ord("c"),)
    assert cli.main(["keys"]) == 0
    assert "rewind = r" in capsys.readouterr().out
    for bad in ("nonsense", "[player 3]\na = x\n", "[player 1]\na = x\na = y\n", "[window]\nfly = x\n"):
        place.write_text(bad)
        assert cli.main(["play", "bricks"]) == 1
        error = capsys.readouterr().err
        assert "not a file of keys" in error
        assert error.count("\n") == 1
    assert cli.main(["keys", "--names"]) == 0
    assert {"left_shift", "shift", "space", "f12", "q"} <= set(capsys.readouterr().out.split())


# --- the window ---


def test_hint_at_the_start(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["play", "bricks"]) == 0
    assert "arrows, X = A, Z = B, Enter = Start, Shift = Select; F1 shows all of them" in capsys.readouterr().out
    plain = Screen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageViewer, "show", lambda window, picture: plain.show(window, picture))
        Player(NESEnv("bricks", frame_boundary="vblank")).run()
    difference = (screen.pictures[3] != plain.pictures[3]).any(axis=2)
    assert difference[200:].any()
    assert not difference[:180].any()
    # The form of nes-py says nothing.
    assert cli.main(["--rom", "bricks"]) == 0
    assert capsys.readouterr().out == ""


def test_title(env: NESEnv, rom_path: str) -> None:
    assert Player(NESEnv("trail")).window.caption == "Thistle Trail (trail)"
    assert Player(BricksEnv()).window.caption == "Mortar Moon (bricks)"
    assert Player(NESEnv("bricks-v1")).window.caption == "Mortar Moon (bricks-v1)"
    assert Player(env).window.caption == "demonstration"


def test_help_pauses_and_fits_small_pictures(rom_path: str, screen: Screen) -> None:
    screen.tap(10, player.KEY_HELP)
    screen.tap(20, player.KEY_HELP)
    frames: list[int] = []
    env = NESEnv(rom_path)
    emulator = env.emulator
    Player(env, lambda *_: frames.append(emulator.frame_count)).run()
    assert len(frames) == 20
    assert_same(screen.pictures[12], screen.pictures[19])
    small = np.full((84, 84, 3), 90, np.uint8)
    window = Player(NESEnv(rom_path))
    window.help = True
    shown = window._draw_over(small, (), (), ())
    assert shown.shape == (240, 256, 3)
    text = np.zeros((240, 256, 3), np.uint8)
    write_text(text, help_lines(KeyMap()), 4, 8)
    assert_same(shown == 255, text == 255)


def test_indicators(env: NESEnv, screen: Screen) -> None:
    screen.at(10, ("down", player.KEY_REWIND))
    screen.at(12, ("up", player.KEY_REWIND), ("down", player.KEY_FAST_FORWARD))
    screen.at(14, ("up", player.KEY_FAST_FORWARD))
    shots: list[np.ndarray] = []
    show = screen.show
    screen.show = lambda window, picture: (shots.append(env.screen.copy()), show(window, picture))  # type: ignore[method-assign]
    Player(env).run()
    drawn = [(picture != shot).any() for picture, shot in zip(screen.pictures, shots, strict=True)]
    assert [frame for frame, marked in enumerate(drawn) if marked] == [11, 12, 13, 14]
    for name in ("rewind", "fast"):
        picture = np.zeros((240, 256, 3), np.uint8)
        draw_indicators(picture, [name])
        assert (picture == 255).any()
        assert not picture[:, :200].any()
    picture = np.zeros((240, 256, 3), np.uint8)
    draw_indicators(picture, ["record", "fast"])
    red = (picture == (232, 40, 40)).all(axis=2)
    assert red.sum() > 30
    tiny = np.zeros((20, 20, 3), np.uint8)
    draw_indicators(tiny, ["record"])
    assert not tiny.any()


class Recorder:
    """Stands in for a VideoRecorder with sound."""

    sound = True
    path = Path("x.mp4")

    def __init__(self) -> None:
        self.samples = 0
        self.frames = 0

    def add(self, frame: np.ndarray, samples: np.ndarray | None) -> None:
        self.frames += 1
        self.samples += 0 if samples is None else len(samples)

    def close(self) -> None:
        pass


class Speaker:
    samples = 0

    def play(self, samples: np.ndarray) -> None:
        self.samples += len(samples)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("arguments", [[], ["--record", "x.mp4"], ["--record", "x.gif"]])
def test_recording_has_sound_and_the_speaker_too(
    screen: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    """From the command line, in a window."""
    monkeypatch.chdir(tmp_path)
    recorder, speaker = Recorder(), Speaker()
    recorder.sound = "x.mp4" in arguments

    def make(path: str, fps: float = 60.0, *args: Any, sound: bool = False, **options: Any) -> Recorder:
        assert sound
        return recorder

    monkeypatch.setattr("nes_py.playing.recorder.VideoRecorder", make)
    monkeypatch.setattr(Recorder, "fps", 60.0, raising=False)
    monkeypatch.setattr(player.Speaker, "find", classmethod(lambda cls: speaker))
    assert cli.main(["play", "duel", *arguments]) == 0
    assert speaker.samples == pytest.approx(30 * 800, abs=800)
    assert recorder.frames == (30 if arguments else 0)
    if recorder.sound:
        assert recorder.samples == speaker.samples


def test_key_of_recording_makes_a_video_with_sound(rom_path: str, screen: Screen, tmp_path: Path) -> None:
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        pytest.skip("imageio with ffmpeg is not installed")
    screen.tap(5, player.KEY_RECORD)
    screen.tap(25, player.KEY_RECORD)
    Player(NESEnv(rom_path), folder=tmp_path).run()
    content = (tmp_path / "demonstration-1.mp4").read_bytes()
    assert b"ftyp" in content[:16]
    assert b"mp4a" in content  # the sound


def test_key_of_recording_without_imageio(
    rom_path: str, screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    screen.tap(5, player.KEY_RECORD)
    screen.tap(25, player.KEY_RECORD)
    Player(NESEnv(rom_path), folder=tmp_path).run()
    assert [path.name for path in tmp_path.glob("demonstration-1.*")] == ["demonstration-1.gif"]


def test_a_recorder_of_a_program_that_reads_the_sound_itself(env: NESEnv, screen: Screen, tmp_path: Path) -> None:
    env.emulator.sample_rate = 22050
    env.emulator.audio()
    recorder = Recorder()
    samples: list[int] = []
    emulator = env.emulator
    Player(env, lambda *_: samples.append(len(emulator.audio())), recorder=recorder).run()  # type: ignore[arg-type]
    assert sum(samples) > 0
    assert recorder.samples == 0


# --- gamepads ---


class FakePads:
    """Stands in for pyglet with gamepads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, controllers: list[Any], joysticks: list[Any]) -> None:
        self.polls = 0
        loop = types.SimpleNamespace(start=lambda: None, step=self.step)
        self.app = types.SimpleNamespace(platform_event_loop=loop)
        module = types.SimpleNamespace(get_controllers=lambda: controllers, get_joysticks=lambda: joysticks)
        monkeypatch.setattr(gamepads.importlib, "import_module", lambda name: module)

    def step(self, timeout: float) -> None:
        self.polls += 1


def pad(**state: Any) -> Any:
    return types.SimpleNamespace(open=lambda: None, close=lambda: None, **state)


def test_gamepads(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pad(leftx=0.0, lefty=1.0, a=False, b=True, start=True, dpadx=-1, dpady=0)
    second = pad(leftx=0.9, lefty=0.1, a=True, b=False, back=True, dpup=False, dpdown=True)
    pyglet = FakePads(monkeypatch, [first, second], [])
    found = gamepads.Gamepads(pyglet)
    assert len(found) == 2
    assert found.read() == [0x01 | 0x08 | 0x10 | 0x40, 0x02 | 0x04 | 0x20 | 0x80]
    assert pyglet.polls == 1
    found.close()
    assert found.read() == []


def test_joysticks_where_there_are_no_controllers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("it belongs to another program")

    stick = pad(x=0.0, y=-1.0, hat_x=1, hat_y=0, buttons=[False, True, False, False, False, False, True, False])
    broken = types.SimpleNamespace(open=refuse)
    found = gamepads.Gamepads(FakePads(monkeypatch, [], [broken, stick]))
    assert found.read() == [0x01 | 0x04 | 0x10 | 0x80]


def test_drivers_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("no driver")

    monkeypatch.setattr(gamepads.importlib, "import_module", fail)
    assert gamepads.Gamepads(None).read() == []


def test_gamepads_press_buttons(env: NESEnv, screen: Screen) -> None:
    class Pads:
        def __init__(self) -> None:
            self.closed = False

        def read(self) -> list[int]:
            return [0x81, 0x42]

        def close(self) -> None:
            self.closed = True

    pads = Pads()
    seen: list[tuple[int, int]] = []
    ram = env.ram
    window = Player(env, lambda *_: seen.append((int(ram[BUTTONS_1]), int(ram[BUTTONS_2]))))
    window._pads = pads  # type: ignore[assignment]
    screen.at(10, ("down", ord("z")), ("down", ord(".")))
    window.run()
    assert seen[5] == (0x81, 0x42)
    assert seen[20] == (0x83, 0x43)
    assert pads.closed


# --- files ---


def test_slots_are_kept_on_disk(rom_path: str, screen: Screen, tmp_path: Path) -> None:
    screen.tap(3, ord("4"))
    screen.tap(20, player.KEY_SAVE)
    assert cli.main(["play", rom_path]) == 0
    (file,) = (tmp_path / "data").rglob("*.state")
    assert file.parent == default_folder()
    assert file.name.startswith("demonstration-")
    assert file.name.endswith("-slot4.state")
    # Another session has it.
    screen.pictures.clear()
    screen.script.clear()
    screen.tap(3, ord("4"))
    screen.tap(5, player.KEY_LOAD)
    frames: list[int] = []
    env = NESEnv(rom_path, frame_boundary="vblank")
    emulator = env.emulator
    saves = Saves(default_folder(), "demonstration", emulator.rom_info.hash)
    Player(env, lambda *_: frames.append(emulator.frame_count), saves=saves).run()
    assert frames[:7] == [1, 2, 3, 4, 5, 21, 22]


def test_a_slot_that_is_damaged_or_cannot_be_written(
    rom_path: str, screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = NESEnv(rom_path)
    saves = Saves(tmp_path / "slots", "demonstration", env.emulator.rom_info.hash)
    saves.write_slot(0, b"nonsense")
    screen.tap(5, player.KEY_LOAD)
    said: list[str] = []
    say = Player._say
    monkeypatch.setattr(Player, "_say", lambda self, *lines, **more: (said.append(lines[0]), say(self, *lines, **more)))
    Player(env, saves=saves).run()
    assert said == ["SLOT 0 CANNOT BE LOADED"]
    assert saves.slot_file(0).read_bytes() == b"nonsense"
    said.clear()
    screen.pictures.clear()
    screen.script = {}
    screen.tap(5, player.KEY_SAVE)
    (tmp_path / "file").write_text("")
    Player(NESEnv(rom_path), saves=Saves(tmp_path / "file" / "x", "a", "0")).run()
    assert len(said) == 1
    assert said[0].startswith("NOT SAVED: ")


def battery_rom() -> bytes:
    """The demonstration program on a cartridge with battery-backed RAM."""
    content = bytearray(demonstration_rom())
    content[6] |= 0x02
    return bytes(content)


def test_battery_ram_is_kept_when_asked(screen: Screen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rom = tmp_path / "kept.nes"
    rom.write_bytes(battery_rom())
    file = tmp_path / "saves" / "kept.sav"
    play = ["play", str(rom), "--save-dir", str(tmp_path / "saves")]
    screen.at(10, ("down", player.KEY_RESET))
    assert cli.main(play) == 0
    assert not file.exists()  # nothing was stored
    env = NESEnv(rom)
    size = len(env.save_ram)
    assert size == 8192
    content = np.random.default_rng(1).integers(0, 256, size, np.uint8).tobytes()
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    seen: list[bytes] = []
    memory = env.save_ram
    saves = Saves(tmp_path / "saves", "kept", env.emulator.rom_info.hash)

    def play_on(*_: Any) -> None:
        seen.append(bytes(memory))
        if len(seen) == 5:
            memory[0] ^= 0xFF

    screen.pictures.clear()
    Player(env, play_on, saves=saves, battery=True).run()
    changed = bytes([content[0] ^ 0xFF]) + content[1:]
    assert seen[0] == content
    assert seen[-1] == changed  # it survived the reset
    assert file.read_bytes() == changed
    # Without --save-dir nothing is read or written.
    screen.pictures.clear()
    assert cli.main(["play", str(rom)]) == 0
    assert file.read_bytes() == changed
    file.write_bytes(b"too short")
    assert cli.main(play) == 1
    assert "has 9 bytes, the cartridge's battery RAM has 8192" in capsys.readouterr().err
    assert file.read_bytes() == b"too short"


def test_a_movie_begins_with_what_is_in_the_battery_ram(screen: Screen, tmp_path: Path) -> None:
    rom = tmp_path / "kept.nes"
    rom.write_bytes(battery_rom())
    (tmp_path / "saves").mkdir()
    (tmp_path / "saves" / "kept.sav").write_bytes(bytes(range(256)) * 32)
    movie = str(tmp_path / "run.fm2")
    screen.at(10, ("down", RIGHT))
    assert cli.main(["play", str(rom), "--save-dir", str(tmp_path / "saves"), "--record", movie]) == 0
    replayed = Movie.load(movie)
    assert len(replayed) == 30
    emulator = replayed.emulator(rom)
    replayed.replay(emulator)
    assert bytes(emulator.save_ram[:256]) == bytes(range(256))
    assert emulator.memory_buffer()[BUTTONS_1] == 0x80


def test_a_movie_leaves_the_battery_ram_of_the_player(screen: Screen, tmp_path: Path) -> None:
    rom, file = tmp_path / "kept.nes", tmp_path / "saves" / "kept.sav"
    rom.write_bytes(battery_rom())
    movie = Movie.begin(NESEmulator(rom))
    for _ in range(5):
        movie.append(0)
    movie.save(tmp_path / "run.fm2")
    file.parent.mkdir()
    file.write_bytes(bytes(range(256)) * 32)
    play = ["play", str(rom), "--save-dir", str(file.parent), "--movie", str(tmp_path / "run.fm2")]
    assert cli.main(play) == 0
    assert len(screen.pictures) > 5, "the movie has ended"
    assert file.read_bytes() == bytes(range(256)) * 32


def test_battery_ram_stays_if_a_reset_fails(screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rom, file = tmp_path / "kept.nes", tmp_path / "saves" / "kept.sav"
    rom.write_bytes(battery_rom())
    file.parent.mkdir()
    file.write_bytes(bytes(range(256)) * 32)
    env = NESEnv(rom)
    memory = env.save_ram
    saves = Saves(file.parent, "kept", env.emulator.rom_info.hash)
    reset = player.reset_environment
    steps: list[int] = []

    def play_on(*_: Any) -> None:
        steps.append(len(steps))
        memory[0] = 99

    def stop(*arguments: Any) -> Any:
        result = reset(*arguments)
        if steps:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(player, "reset_environment", stop)
    screen.at(10, ("down", player.KEY_RESET))
    Player(env, play_on, saves=saves, battery=True).run()
    assert 0 < len(steps) < 20
    assert file.read_bytes() == bytes([99]) + bytes(range(256))[1:] + bytes(range(256)) * 31


def test_recorder_is_the_real_one() -> None:
    assert player.VideoRecorder is VideoRecorder
