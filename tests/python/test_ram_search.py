"""Searching RAM for a game's numbers: from Python, by commands, and in the window."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.rom_builder import BUTTONS_1, FRAMES, demonstration_rom

from nes_py import NESEmulator, NESEnv, NESVectorEnv, cli
from nes_py._image_viewer import KEY_ESCAPE, ImageViewer
from nes_py._limits import MOST_VARIABLES
from nes_py._png import to_png
from nes_py.formats.movie import Movie
from nes_py.game import Game
from nes_py.playing.player import Pace
from nes_py.playing.ram_prompt import Quit, RamPrompt
from nes_py.ram import RAM_READ_ENCODINGS
from nes_py.ram_search import RamSearch
from nes_py.wrappers import JoypadSpace

LIVES, LEFT, START = 0x11, 0x40, 0x08


@pytest.fixture
def game() -> NESEnv:
    env = NESEnv("bricks", frame_boundary="vblank")
    env.reset()
    return env


def test_lives_are_found(game: NESEnv) -> None:
    search = RamSearch(game)
    assert len(search.candidates) == 2048
    search.run(30)
    search.run(10, START)
    search.run(60)
    assert 1 < search.equal(3) < 50
    search.run(600, LEFT)
    assert search.decreased(1) == 1
    assert search.candidates.tolist() == [LIVES]
    assert (search.values().tolist(), search.compared.tolist()) == ([2], [3])
    assert search.undo() > 1
    assert 1 <= search.decreased() < 10


@pytest.mark.parametrize("kind", ["NESEnv", "NESEmulator", "JoypadSpace"])
def test_filters(kind: str) -> None:
    env: Any = NESEnv(demonstration_rom())
    env.reset()
    machine = {"NESEnv": env, "NESEmulator": env.emulator, "JoypadSpace": JoypadSpace(env, [["NOOP"]])}[kind]
    search = RamSearch(machine)
    ram = env.ram
    ram[:] = 7
    search.mark()
    ram[100:200] = 9
    ram[150] = 5
    ram[151] = 8
    steps = [
        (search.changed, (), 100),
        (search.unchanged, (), 100),
        (search.greater, (5,), 99),
        (search.less, (9,), 1),
        (search.undo, (), 99),
        (search.not_equal, (8,), 98),
    ]
    for method, arguments, left in steps:
        assert method(*arguments) == left, method  # type: ignore[operator]
    ram[110] += 3
    ram[111] += 1
    assert search.increased() == 2
    ram[110] += 3
    ram[111] += 1
    assert search.increased(3) == 1
    assert search.candidates.tolist() == [110]
    assert search.where(lambda now, before: now == before) == 1
    with pytest.raises(ValueError, match=r"must return bool \(1,\), not int64"):
        search.where(lambda now, before: now.astype(np.int64))


def test_larger_numbers(game: NESEnv) -> None:
    search = RamSearch(game, 3)
    assert (search.size, search.encoding, len(search.candidates)) == (3, "little", 2046)
    game.ram[0x1E:0x21] = (0x10, 0x27, 0x01)
    assert search.equal(0x12710) == 1
    assert search.candidates.tolist() == [0x1E]
    search.restart(encoding="digits")
    game.ram[0x300:0x303] = (4, 2, 9)
    assert 0x300 in search.candidates[search.values() == 429]
    with pytest.raises(ValueError, match="there is no filter"):
        search.undo()


# Of a variable of a declared game.
NO_NAMES = ["class", "é", "_x", "env_id", "life_lost", "min", "delta", "and", "random", "before", "reward", "a-b", "1"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda s: s.restart(9), "size must be in 1..4"),
        (lambda s: s.restart(encoding="roman"), "encoding must be one of"),
        (lambda s: s.watch(0x800), "address must be in"),
        (lambda s: s.watch(1, "not a name"), "is not a valid name: letters, digits and _, a letter first"),
        *((lambda s, name=name: s.watch(1, name), name) for name in NO_NAMES),
        (lambda s: s.watch(1, "a" * 10_000), "is not a valid name"),
        (lambda s: s.watch(1, "size", 9), "size must be in"),
        (lambda s: s.freeze(0x800), "an address must be in"),
        (lambda s: s.freeze(0x10, 256), r"a byte must be in 0\.\.255"),
        (lambda s: s.thaw(0x10), r"\$0010 is not frozen"),
        (lambda s: s.run(0), "frames must be at least 1"),
        (lambda s: s.run(1, 256), "buttons must be in"),
    ],
)
def test_wrong_arguments_change_nothing(game: NESEnv, call: Any, reason: str) -> None:
    search = RamSearch(game)
    state = game.dump_state()
    with pytest.raises(ValueError, match=reason):
        call(search)
    assert (search.watches, search.frozen, len(search.candidates)) == ({}, {}, 2048)
    assert game.dump_state() == state
    with pytest.raises(TypeError, match="not int"):
        RamSearch(3)


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_numbers_of_numpy(game: NESEnv, kind: Any) -> None:
    for search in (RamSearch(game, kind(3), np.str_("little")), RamSearch(game)):
        search.restart(kind(3), np.str_("little"))
        assert (search.size, type(search.size), search.encoding, type(search.encoding)) == (3, int, "little", str)
        assert len(search.candidates) == len(search.values()) == 2046
        assert search.candidates.dtype == np.int64
    assert search.watch(kind(0x40), size=kind(2)) == "ram_0040"
    search.freeze(kind(0x10), kind(7))
    search.freeze(kind(0x11))
    assert (search.watches, search.frozen) == ({"ram_0040": (0x40, 2, "little")}, {0x10: 7, 0x11: game.ram[0x11]})
    json.dumps([search.game(), search.frozen])
    search.run(kind(2), kind(START))
    search.thaw(kind(0x10))
    assert list(search.frozen) == [0x11]


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.restart(1.5),
        lambda s: s.restart("2"),
        lambda s: s.watch("1", "a"),
        lambda s: s.watch(1.0),
        lambda s: s.watch(1, "a", 2.0),
        lambda s: s.poke(0x10, 3.7),
        lambda s: s.peek(1.0),
        lambda s: s.freeze(0x10, 1.5),
        lambda s: s.freeze("16", 1),
        lambda s: s.thaw([0x11]),
        lambda s: s.run(1.5),
        lambda s: s.run(1, 1.5),
    ],
)
def test_what_is_no_integer_changes_nothing(game: NESEnv, call: Any) -> None:
    search = RamSearch(game, 2, "bcd")
    search.freeze(0x11, 9)
    game.ram[0x11] = 1  # ``hold`` would write it
    state = game.dump_state()
    with pytest.raises(TypeError, match="must be an integer, not"):
        call(search)
    assert (search.size, search.encoding, search.watches, search.frozen) == (2, "bcd", {}, {0x11: 9})
    assert game.dump_state() == state


def test_a_closed_game_changes_nothing(game: NESEnv) -> None:
    search = RamSearch(game)
    search.equal(0)
    search.watch(0x11)
    left = search.candidates
    game.close()
    calls: list[Any] = [lambda: search.restart(2, "little"), lambda: search.freeze(1, 2), lambda: search.run(1)]
    calls += [search.mark, search.changed, search.hold, lambda: search.poke(1, 2)]
    for call in calls:
        with pytest.raises(ValueError, match="closed"):
            call()
    assert search.candidates is left
    assert (search.size, search.encoding, search.frozen) == (1, "byte", {})
    assert search.undo() == 2048


def test_a_watch_of_no_bytes_is_refused(game: NESEnv) -> None:
    with pytest.raises(ValueError, match="size must be in"):
        RamSearch(game).watch(1, "a", 0)


def test_watch_and_freeze(game: NESEnv) -> None:
    search = RamSearch(game)
    search.run(30)
    search.run(10, START)
    search.run(60)
    assert search.watch(LIVES, "lives") == "lives"
    assert search.watch(0x1E, "score", 3) == "score"
    assert search.watch(0x20) == "ram_0020"
    search.freeze(LIVES)
    search.run(900, LEFT)
    assert search.watched()["lives"] == 3
    search.thaw(LIVES)
    search.run(900, LEFT)
    assert search.watched()["lives"] < 3
    declared = search.game()
    assert declared["variables"]["lives"] == "0x11"
    assert declared["variables"]["score"] == {"address": "0x1E", "size": 3, "encoding": "little"}
    with NESVectorEnv("bricks", 2, game=declared) as envs:
        _, infos = envs.reset(seed=0)
        assert set(declared["variables"]) <= set(infos)


def test_every_watch_is_a_variable(game: NESEnv) -> None:
    search = RamSearch(game)
    for encoding in RAM_READ_ENCODINGS:
        for size in range(1, 5):
            with contextlib.suppress(ValueError):
                search.watch(0x7FF - size, f"{encoding}{size}", size, encoding)
    assert len(search.watches) > 10
    assert set(Game.parse(search.game()).variables) == set(search.watches)
    search.watches |= {f"n{number}": (0, 1, "byte") for number in range(MOST_VARIABLES - len(search.watches))}
    with pytest.raises(ValueError, match=f"the limit is {MOST_VARIABLES}"):
        search.watch(0, "one_more")
    assert set(Game.parse(search.game()).variables) == set(search.watches)


# --- by commands ---

SESSION = ["run 30", "run 10 start", "run 60", "equal 3", "run 600 left", "decreased 1", "watch 0x11 lives"]


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [word for line in SESSION for word in ("-c", line)]
    assert cli.main(["ram", "bricks", *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "1 candidate",
        "  $0011       3 ->      2",
        "  lives $0011 = 2",
    ]
    assert cli.main(["ram", "bricks", "-c", "run 1", "-c", "dance", "-c", "list"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "nes_py: there is no command 'dance'; 'help' lists them\n"
    assert shown.out == "frame 1\n"


def test_frames_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    for line, reason in {
        "run 999999999999": "at most 216000 frames, an hour of play, not 999999999999",
        f"run {'9' * 4000}": "at most 216000 frames",
        "run 216001 left": "at most 216000 frames",
        "run right 30": "the number of frames comes first: run 30 right a",
        "run 0": "at least 1",
    }.items():
        assert cli.main(["ram", "bricks", "-c", line]) == 1
        shown = capsys.readouterr()
        assert reason in shown.err
        assert len(shown.err) < 300
        assert shown.out == ""


def test_commands_that_are_piped_in(tmp_path: Path) -> None:
    lines = "run 5\nplya\n\n# a comment\nwatch $11 lives\nquit\nrun 1\n"
    command = [sys.executable, "-m", "nes_py", "ram", "bricks"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "frame 5",
        "there is no command 'plya', did you mean 'play'?; 'help' lists them",
        "  lives $0011 = 0",
    ]


def test_all_commands(game: NESEnv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    prompt = RamPrompt(game, said.append)

    def run(line: str) -> list[str]:
        said.clear()
        prompt.run(line)
        return said.copy()

    run("run 30")
    game.ram[0x700] = 77
    assert "  $0700       0 ->     77" in run("= 77")
    assert "  $0700      77  was     77" in run("list 2000")
    assert run("mark") == []
    assert run("same")[0] == run("changed")[0].replace("0 ", "1 ").replace("candidates", "candidate")
    assert run("undo")[0] == "1 candidate"
    run("poke 0x700 78")
    for line, count in (("increased", 1), ("undo", 1), ("increased 1", 1), ("> 70", 1), ("< 80", 1), ("!= 1", 1)):
        assert run(line)[0].startswith(f"{count} candidate"), line
    assert run("down 1")[0] == "0 candidates"
    assert run("new 2")[0] == "2047 candidates"
    assert run("new digits")[0] == "2046 candidates"
    assert run("new")[0] == "2048 candidates"
    assert len(run("list 3")) == 4
    assert run("peek $700") == ["  $0700 = 78"]
    assert run("freeze 0x700 9") == ["  $0700 is held at 9"]
    assert any(line.startswith("  $0700       9  was ") and line.endswith("  frozen") for line in run("list 2000"))
    run("thaw 0x700")
    assert run("watch 0x700 level") == ["  level $0700 = 9"]
    assert prompt.overlay() == ["0700 level 9"]
    run("save a.state")
    run("reset")
    assert game.ram[0x700] == 0
    assert run("load a.state") == ["  level $0700 = 9"]
    assert json.loads(run("game")[0]) == {"variables": {"level": "0x700"}}
    run("game g.json")
    assert json.loads(Path("g.json").read_text()) == {"variables": {"level": "0x700"}}
    assert run("watch 0x700 both 2 big") == ["  level $0700 = 9", f"  both $0700 = {9 << 8 | int(game.ram[0x701])}"]
    declared = {"level": "0x700", "both": {"address": "0x700", "size": 2, "encoding": "big"}}
    assert json.loads(run("game")[0]) == {"variables": declared}
    run("unwatch both")
    run("unwatch level")
    assert "freeze ADDRESS [N]" in run("help")[0]
    for line, reason in (
        ("equal", "wrong number of arguments"),
        ("equal three", "'three' is not a number"),
        ("run 5 jump", "there is no button 'jump'"),
        ("unwatch x", "there is no watch 'x'"),
        ("watch 0x11 x 9", r"size must be in 1\.\.4 with encoding 'little', not 9"),
        ("watch 0x11 x 2 bogus", "encoding must be one of byte, little, big, bcd, digits, not 'bogus'"),
        ("list -3", "must not be negative: -3"),
        ("play", "there is no window here"),
        ("new 2 little 3", "new takes a size and an encoding"),
        ("picture a.jpg", "a picture is a .png file, unlike 'a.jpg'"),
        ("picture", "wrong number of arguments"),
    ):
        with pytest.raises(ValueError, match=reason):
            prompt.run(line)
    with pytest.raises(OSError, match="nowhere"):
        prompt.run("load nowhere.state")
    with pytest.raises(Quit):
        prompt.run("q")


def test_a_list_shows_what_the_next_filter_compares_with(game: NESEnv) -> None:
    said: list[str] = []
    prompt = RamPrompt(game, said.append)
    for line in SESSION[:5]:
        prompt.run(line)
    said.clear()
    prompt.run("list 2000")
    rows = [re.fullmatch(r"  \$(....) +(\d+)  was +(\d+)", line) for line in said]
    was = {int(row[1], 16): (int(row[2]), int(row[3])) for row in rows if row}
    assert len(was) == len(rows) > 1
    assert {before for _, before in was.values()} == {3}
    assert was[LIVES] == (2, 3)
    prompt.run("changed")
    assert prompt.search.candidates.tolist() == [address for address, (now, before) in was.items() if now != before]
    said.clear()
    prompt.run("undo")
    prompt.run("mark")
    said.clear()
    prompt.run("list")
    assert all(re.fullmatch(r"  \$.... +(\d+)  was +\1", line) for line in said)


def test_a_picture_needs_no_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.PNG"
    assert cli.main(["ram", "bricks", "-c", "run 30", "-c", f"picture {path}"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [f"{path}: frame 30"]
    with NESEmulator("bricks", frame_boundary="vblank") as emulator:
        emulator.step(30)
        picture = emulator.screen_rgb()
    assert picture.std() > 1
    assert path.read_bytes() == to_png(picture)
    missing = tmp_path / "nowhere" / "a.png"
    assert cli.main(["ram", "bricks", "-c", f"picture {missing}"]) == 1
    assert capsys.readouterr().err == f"nes_py: {str(missing)!r}: No such file or directory\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.PNG"]


def test_every_command_is_in_the_help(game: NESEnv) -> None:
    prompt = RamPrompt(game)
    said = io.StringIO()
    prompt._say = said.write  # type: ignore[assignment]
    prompt.run("help")
    for name in prompt._commands:
        assert f"{name}" in said.getvalue().replace(",", " ").replace(";", " ").split(), name


# --- in the window ---


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """What is shown in windows, which are closed after thirty pictures."""
    shown: list[np.ndarray] = []

    def show(window: ImageViewer, picture: np.ndarray) -> None:
        shown.append(np.array(picture))
        if len(shown) == 5:
            window.on_key_press(0xFF53, 0)
        if len(shown) >= 30:
            window.on_key_press(KEY_ESCAPE, 0)

    monkeypatch.setattr(ImageViewer, "show", show)
    monkeypatch.setattr(Pace, "wait", lambda self: None)
    return shown


def test_play_in_the_middle_of_a_search(
    tmp_path: Path, pictures: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    rom = tmp_path / "game.nes"
    rom.write_bytes(demonstration_rom())
    lines = ["run 20", "mark", f"watch {BUTTONS_1} buttons", "freeze 0x700 5", "play", f"peek {FRAMES}", "equal 0x80"]
    assert cli.main(["ram", str(rom), *(word for line in lines for word in ("-c", line))]) == 0
    output = capsys.readouterr().out.splitlines()
    assert "  buttons $" + f"{BUTTONS_1:04X} = 128" in output  # the key was held in the window
    assert any(re.fullmatch(rf"  \${BUTTONS_1:04X} +\d+ -> +128", line) for line in output)
    emulator = NESEmulator(rom)
    emulator.step(20)
    emulator.step(29)
    assert f"  ${FRAMES:04X} = {emulator.peek(FRAMES)}" in output  # it went on from frame 20
    assert (pictures[3] == 255).any()


def test_watches_in_the_play_window(pictures: list[np.ndarray], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["play", "bricks", "--watch", "0x11=lives", "--watch", "$12"]) == 0
    shown = pictures[-1]
    assert (shown[8:16, 8:120] == 255).all(axis=2).any()
    assert cli.main(["play", "bricks", "--watch", "lives"]) == 1
    assert "'lives' is not a number" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--watch", "zz"), ("--zoom", "2"), ("--save-dir", "saves")])
@pytest.mark.parametrize("mode", [("--no-render", "--movie", "x.fm2"), ("--mode", "random")])
def test_what_is_for_the_window_is_refused_without_one(
    option: tuple[str, str],
    mode: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with NESEmulator("bricks") as emulator:
        Movie.begin(emulator).save("x.fm2")
    assert cli.main(["play", "bricks", *mode, *option]) == 1
    assert f"{option[0]} is for the window in which somebody plays" in capsys.readouterr().err
    assert not (tmp_path / "saves").exists()
