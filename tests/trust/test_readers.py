"""Files of every format, altered systematically: read, or refused with the one error, which names the file.

The altered bytes of ``tests/fuzz`` mostly break the outer form; here the form stays and the values are odd.
"""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import nes_py
from nes_py import (
    FileFormatError,
    NESEmulator,
    NESEnv,
    NESVectorEnv,
    Snapshot,
    _limits,
    cheats,
    fceux_state,
    retro,
    rom_info,
)
from nes_py import _schema as schema_module
from nes_py._rom import ROM
from nes_py._schemas import SCHEMAS
from nes_py.errors import MovieError, RomError, StateError
from nes_py.game import Game
from nes_py.movie import Movie
from nes_py.playing import keys
from nes_py.playing.saves import Saves
from nes_py.tools import schemas
from tests.data import generate_fceux
from tests.support.rom_builder import demonstration_rom

GAME: dict[str, Any] = {
    "variables": {
        "score": {"address": "0x1E", "size": 3, "encoding": "little", "signed": True},
        "lives": "0x11",
        "time": {"address": 24, "size": 2, "encoding": "bcd"},
    },
    "rewards": [
        {"delta": "score", "weight": 0.5, "clip": [-10, None]},
        {"condition": [["delta lives < 0", "time > 5"], "time == 0"], "weight": -25},
    ],
    "reward_range": [-30, 30.5],
    "terminated": ["lives == 0", ["time == 0", "score > 3"]],
    "truncated": "time > 99",
    "lives": "lives",
    "start": [[["start"], 3], {"buttons": ["A", "right"], "frames": 2, "until": "time >= 0"}],
}
#: What only some games need.
PROGRAMS: dict[str, Any] = {
    "parameters": {"goal": 1, "label": "x"},
    "variables": {
        "x": 1,
        "twice": {"value": "x * 2"},
        "some": {"address": 4, "size": 4, "encoding": "count", "group": 2, "of": ["0x10"]},
    },
    "memories": {"most": {"start": "x", "update": "max(most, x)"}},
    "rewards": [{"value": "x - most", "name": "gain"}],
    "start": [{"while": "x < goal", "do": [[[], 1]], "at_most": 3}, {"repeat": 2, "do": []}],
    "starts": {"one": {"goal": 2}},
    "after_step": [{"if": "x in (1, 2)", "then": [{"set": {"most": 0}}], "else": [{"write": {"x": "goal"}}]}],
    "infos": {
        "x": "x",
        "named": {"value": "x", "names": {"0": "none"}, "else": None},
        "list": {"list": ["x", "gain"]},
        "inner": {"infos": {"label": {"parameter": "label"}, "one": {"constant": 1}}},
    },
}
DATA: dict[str, Any] = {
    "info": {
        "lives": {"address": 17, "type": "|u1"},
        "score": {"address": 24, "type": ">d3", "mask": 65535},
        "time": {"address": 24576, "type": "<i2"},
    }
}
TERM = {"op": "equal", "reference": 3, "measurement": "delta", "reward": 1.5, "penalty": 2}
SCENARIO: dict[str, Any] = {
    "reward": {"variables": {"lives": TERM, "score": {"reward": 1}}, "time": {"penalty": 0.1}, "script": "lua:x"},
    "done": {
        "condition": "all",
        "variables": {"lives": {"op": "zero"}},
        "nodes": {"late": {"condition": "any", "variables": {"time": {"op": "less-than", "reference": 1}}}},
    },
    "crop": [0, 8, 256, 224],
    "actions": [[[], ["UP"]], [["A", "B"]]],
    "scripts": ["script.lua"],
}
METADATA: dict[str, Any] = {"default_state": "Start", "original_file": "x.nes"}


class Raw(str):
    """JSON text that ``json.dumps`` would not write."""


NUMBERS: list[Any] = [0, -1, 1, 255, 2**31, 2**63, 2**64, -(2**63) - 1, 10**300, 0.5, -0.0, 1e300]
TEXTS: list[Any] = ["", " ", "0x", "0x1E", "-5", "x" * 20_000, "\0", "\ud800", "lives", "__class__", "delta " * 3000]
TEXTS += ["lives == 9223372036854775808", "lives == " + "9" * 5000]
LISTS: list[Any] = [[], [[]], [None], [[["A"]]], [{}], ["lives == 0"] * 4200, [[["A"], 216000]] * 10, [1, 2, 3, 4]]
RAW = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000, "0." + "1" * 5000, "[" * 40 + "]" * 40]
RAW += ["[" * 5000, '{"a":' * 40 + "1" + "}" * 40, '{"a": 1, "a": 2}', "01", "'x'", "[1,]", "", "// x"]
ODD: list[Any] = [None, True, False, *NUMBERS, *TEXTS, *LISTS, {}, {"": {}}, {"a": 1}, *map(Raw, RAW)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from places(one, (*path, key))


def altered(document: Any) -> Iterator[tuple[str, str]]:
    """Yield what was done and the text of a document with one entry replaced, removed, renamed or repeated."""
    mark = "\u2603 is here"
    for path in places(document):
        changed = copy.deepcopy(document)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        for number, odd in enumerate(ODD):
            if path:
                holder[path[-1]] = mark
            text = json.dumps(changed if path else mark)
            yield (
                f"{path} is {number}",
                text.replace(json.dumps(mark), odd if isinstance(odd, Raw) else json.dumps(odd)),
            )
        if not path:
            continue
        one = holder.pop(path[-1])
        yield f"{path} is missing", json.dumps(changed)
        if isinstance(holder, dict):
            for name in ("", "x" * 5000, "a b", "__proto__", "\ud800", "env_id"):
                holder[name] = one
                yield f"{path} is {name[:20]!r}", json.dumps(changed)
                del holder[name]
            holder[mark] = one
            text = json.dumps(changed)
            other = next(iter(holder))
            yield f"{path} is there twice", text.replace(json.dumps(mark), json.dumps(other))


def refused(read: Callable[[Path], Any], path: Path, what: str) -> bool:
    """Return whether a file is refused; anything but success and the one error fails."""
    try:
        read(path)
    except Exception as error:
        caught = error
    else:
        return False
    assert isinstance(caught, FileFormatError), f"{what}: {caught!r:.300}"
    assert path.name in str(caught), what
    assert caught.path == str(path), what
    assert caught.reason, what
    assert len(str(caught)) < 1500, what
    return True


def play_integration(folder: Path) -> None:
    game = retro.load(folder)
    before, after = retro.variables(game, lambda _: 1), retro.variables(game, lambda _: 255)
    assert sum(map(len, game["unsupported"])) < 200_000
    known = {term["variable"] for term in game["reward"]["variables"]} <= set(before)
    if known and not any("unknown" in reason or "not define" in reason for reason in game["unsupported"]):
        retro.reward(game, before, after)
        retro.done(game, before, after)
    retro.to_game(game)


@pytest.mark.parametrize("document", [GAME, PROGRAMS], ids=["simple", "programs"])
def test_altered_game_files(document: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "game.json"
    count = accepted = 0
    for what, text in altered(document):
        path.write_text(text)
        count += 1
        accepted += not refused(Game.load, path, what)
    assert count > 2500
    assert 100 < accepted < count / 2


@pytest.mark.parametrize("name", ["data", "scenario", "metadata"])
def test_altered_integrations(name: str, tmp_path: Path) -> None:
    for other, document in (("data", DATA), ("scenario", SCENARIO), ("metadata", METADATA)):
        (tmp_path / f"{other}.json").write_text(json.dumps(document))
    path = tmp_path / f"{name}.json"
    play_integration(tmp_path)
    count = accepted = 0
    for what, text in altered({"data": DATA, "scenario": SCENARIO, "metadata": METADATA}[name]):
        path.write_text(text)
        count += 1
        accepted += not refused(lambda _: play_integration(tmp_path), path, what)
    assert 10 < accepted < count


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\xff" * 100, b"{}\xe9", b"\0" * 64, b"PK\x03\x04", b"null", b"3", b'"x"', b"[]"]
)
def test_files_that_are_no_json_objects(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{}")
    for name, read in (("game.json", Game.load), ("data.json", lambda path: retro.load(path.parent))):
        path = tmp_path / name
        path.write_bytes(content)
        assert refused(read, path, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_of_json(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "game.json"
    path.write_text(json.dumps(GAME), encoding=encoding)
    assert len(Game.load(path).variables) == 3


@pytest.mark.parametrize("name", ["scenario.json", "metadata.json", "rom.sha"])
def test_folders_among_the_files_of_an_integration(name: str, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{}")
    (tmp_path / name).mkdir()
    with pytest.raises((FileFormatError, FileNotFoundError), match=name.partition(".")[0]):
        retro.load(tmp_path, scenario="scenario")


def test_hashes_of_an_integration(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{}")
    path = tmp_path / "rom.sha"
    path.write_text("A" * 40 + "\n" + "b" * 40)
    assert retro.load(tmp_path)["rom_sha1"] == ["a" * 40, "b" * 40]
    for content in (b"xyz", b"\xff" * 70_000, b"a" * 41):
        path.write_bytes(content)
        assert refused(lambda _: retro.load(tmp_path), path, "hashes")


def test_conditions_are_never_multiplied_out(tmp_path: Path) -> None:
    pair = {"a": {"op": "zero"}, "b": {"op": "zero"}}
    nodes = {str(number): {"condition": "any", "variables": pair} for number in range(40)}
    (tmp_path / "data.json").write_text(json.dumps({"info": {name: {"address": 1, "type": "|u1"} for name in "ab"}}))
    (tmp_path / "scenario.json").write_text(json.dumps({"done": {"condition": "all", "nodes": nodes}}))
    game, left_out = retro.to_game(retro.load(tmp_path))
    assert game.terminated == ()
    assert any("combinations" in reason for reason in left_out)


def test_reasons_are_counted(tmp_path: Path) -> None:
    entry = {f"key {number}": 0 for number in range(10)} | {"address": 1, "type": "|u1"}
    (tmp_path / "data.json").write_text(json.dumps({"info": {f"v{number}": entry for number in range(4096)}}))
    game = retro.load(tmp_path)
    assert len(game["unsupported"]) == 1001
    assert game["unsupported"][-1] == "..."
    assert len(retro.to_game(game)[0].variables) == 1024


def test_limits_of_game_declarations() -> None:
    variables = {"x": 1}
    for entry, message in (
        ({"start": [[["A"], 216_000], [["B"], 1]]}, "216001 frames"),
        ({"start": [[["A"], 216_001]]}, r"1\.\.216000"),
        ({"start": [[["A"], 1]] * 10_001}, "10001 parts"),
        ({"terminated": f"x == {2**63}"}, r"2\*\*63"),
        ({"terminated": f"x == {'9' * 100_000}"}, "not a condition"),
        ({"terminated": ["x == 0"] * 4097}, "4097 conditions"),
        ({"rewards": [{"value": "x", "weight": 10**400}]}, "weight"),
        ({"rewards": [{"value": "x", "weight": 1e16}]}, "weight"),
        ({"rewards": [{"value": "x", "clip": [0, 10**400]}]}, "clip"),
        ({"rewards": [{"value": "x"}] * 1025}, "1025 terms"),
        ({"variables": {f"v{number}": 1 for number in range(1025)}}, "1025"),
        ({"variables": {"x": {"address": 1, "encoding": []}}}, "encoding"),
        ({"variables": {"x": {"address": 10**5000}}}, "bits"),
        ({"variables": {"x" * 101: 1}}, "name"),
        ({"lives": ["x"]}, "lives"),
    ):
        with pytest.raises((TypeError, ValueError), match=message) as caught:
            Game.parse({"variables": variables} | entry)
        assert len(str(caught.value)) < 1000
    assert Game.parse({"variables": variables, "terminated": f"x == {2**63 - 1}"}).terminated
    assert len(Game.parse({"start": [[["A"], 216_000]]}).start) == 1


# --- the schemas ---

SEMANTIC: dict[str, Any] = {
    "classes": ["solid", "player"],
    "tiles": {"solid": ["1-4", 9]},
    "maps": [{"address": "0x400", "rows": 8, "columns": 32, "kinds": {"solid": 1}, "wraps": True}],
    "objects": [{"class": "player", "x": [1, 2], "y": 3, "offset": [0, -8], "in_level": False}],
    "camera": {"x": [4, 5]},
    "cell": 16,
    "window": {"around": "player", "rows": 3, "columns": 5},
}


def test_schemas_use_what_is_evaluated() -> None:
    known = schema_module.KEYWORDS | schema_module.ANNOTATIONS

    def walk(schema: Any) -> None:
        assert set(schema) <= known
        for name in ("properties", "$defs"):
            for one in schema.get(name, {}).values():
                walk(one)
        for one in schema.get("anyOf", ()):
            walk(one)
        for name in ("items", "additionalProperties"):
            if isinstance(schema.get(name), dict):
                walk(schema[name])

    for schema in SCHEMAS.values():
        walk(schema)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("game", GAME),
        ("game", PROGRAMS),
        ("semantic", SEMANTIC),
        ("retro-data", DATA),
        ("retro-scenario", SCENARIO),
        ("retro-metadata", METADATA),
    ],
)
def test_schemas_mean_what_json_schema_says(name: str, document: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    verdicts = {True: 0, False: 0}
    # jsonschema takes long for the schema of programs.
    for what, text in itertools.islice(altered(document), 0, None, 13 if document is PROGRAMS else 1):
        try:
            value = schema_module.parse_json(text.encode(errors="surrogatepass"), [])
        except FileFormatError:
            continue
        try:
            schema_module.check(value, SCHEMAS[name])
            fits = True
        except FileFormatError:
            fits = False
        assert validator.is_valid(value) == fits, what
        verdicts[fits] += 1
    assert min(verdicts.values()) > 20


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (
            '{"variables": {"x": {"address": []}}}',
            "variables.x.address",
            ["a list of 0", "an integer in 0..", "string"],
        ),
        ('{"rewards": [{}, {"weight": "1"}]}', "rewards[1].weight", ["'1'", "a number in"]),
        ('{"rewards": {}}', "rewards", ["an object", "a list"]),
        ('{"variables": {"a b": true}}', "variables['a b']", ["true"]),
        ('{"variables": {"x": {"size": 1}}}', "variables.x", ["'address' is missing"]),
        ('{"reward_range": [1]}', "reward_range", ["1 entries", "at least 2"]),
        ("[]", "", ["a list of 0", "a game declaration"]),
    ],
)
def test_errors_name_the_place_and_what_was_expected(text: str, where: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "game.json"
    path.write_text(text)
    with pytest.raises(FileFormatError) as caught:
        Game.load(path)
    assert caught.value.where == where
    for word in words:
        assert word in str(caught.value)


# --- palettes ---


@pytest.mark.parametrize("size", [0, 1, 191, 193, 1535, 1537, 70_000])
def test_altered_palettes(size: int, tmp_path: Path) -> None:
    path = tmp_path / "x.pal"
    path.write_bytes(bytes(size))
    assert refused(lambda one: NESEmulator(demonstration_rom(), palette=one), path, str(size))


# --- files of the play window ---


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"[player 1]\na = " + b"x" * 70_000, b"a = b", b"[window]\nfly = f", b"[window]\n" * 2, b"\0" * 50],
)
def test_altered_files_of_keys(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "keys.ini"
    path.write_bytes(content)
    assert refused(keys.load, path, repr(content[:20]))
    path.write_bytes(b"\xef\xbb\xbf[player 1]\r\na = k\r\n")
    assert keys.load(path) == {"player 1": {"a": "k"}}


def test_battery_ram_of_another_size(tmp_path: Path) -> None:
    saves = Saves(tmp_path, "game", "0" * 16)
    saves.write_battery(bytes(9))
    assert refused(lambda _: saves.read_battery(8192), saves.battery_file, "battery")
    assert saves.read_battery(9) == bytes(9)


# --- movies ---

MOVIE = """version 3
emuVersion 20606
rerecordCount 12
palFlag 0
romFilename somebody's game
romChecksum base64:AAAAAAAAAAAAAAAAAAAAAA==
guid 6B29FC40-CA47-1067-B31D-00DD010662DA
fourscore 0
microphone 0
port0 1
port1 1
port2 0
FDS 0
NewPPU 0
RAMInitOption 0
RAMInitSeed 0
length 3
comment author somebody
subtitle 10 hello
|0|........|||
|0|R......A|.L......||
|1|....T...|........||
"""
ODD_VALUES = [
    "",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "1.5",
    "true",
    "false",
    "yes",
    "x",
    "9" * 5000,
    "-" + "9" * 30,
    "1e3",
    "0x",
    "NaN",
]
ODD_VALUES += ["0xff", "base64:", "base64:!", "base64:" + "A" * 100_000, "\0", "\u00e9" * 30_000, "\uff11", "1 2"]


def test_altered_movies(tmp_path: Path) -> None:
    path = tmp_path / "run.fm2"
    lines = MOVIE.splitlines()
    accepted = count = 0
    for number, line in enumerate(lines):
        for odd in ODD_VALUES:
            if line.startswith("|"):
                changes = [
                    "|".join([*(parts := line.split("|"))[:at], odd, *parts[at + 1 :]])
                    for at in range(len(line.split("|")))
                ]
            else:
                changes = [f"{line.split(' ')[0]} {odd}", f"{odd} {line}", f"{line.split(' ')[0]}{odd}"]
            for change in changes:
                path.write_text("\n".join([*lines[:number], change, *lines[number + 1 :]]) + "\n", encoding="utf-8")
                count += 1
                accepted += not refused(Movie.load, path, f"{number}: {change[:60]!r}")
        for other in (
            lines[:number] + lines[number + 1 :],
            lines[: number + 1] + lines[number:],
            lines[number:] + lines[:number],
        ):
            path.write_text("\n".join(other))
            refused(Movie.load, path, f"{number} moved")
    assert 100 < accepted < count / 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_of_movies(encoding: str, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "run.fm2"
    path.write_bytes(MOVIE.replace("\n", newline).encode(encoding))
    movie = Movie.load(path)
    assert list(movie) == [(0, 0, 0), (0, 0x81, 0x40), (1, 0x08, 0)]
    assert (movie.rom_name, movie.comments, movie.subtitles) == ("somebody's game", ["author somebody"], ["10 hello"])
    assert Movie.from_fm2("\ufeff" + MOVIE) == movie
    assert Movie.from_fm2(movie.to_fm2()).subtitles == ["10 hello"]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("microphone 0", "microphone 1", "not supported"),
        ("FDS 0", "FDS 1", "not supported"),
        ("fourscore 0", "fourscore 1", "not supported"),
        ("fourscore 0", "fourscore true", "not supported"),
        ("port0 1", "port0 2", "only joypads"),
        ("port2 0", "port2 4", "expansion port"),
        ("length 3", "length 4", "cut short: 3 of 4"),
        ("length 3", "binary 1", "not supported"),
        ("RAMInitOption 0", "RAMInitOption 3", "noise of another emulator"),
        ("RAMInitOption 0", "RAMInitOption 4", "does not exist"),
        ("comment author", "overclock 3\ncomment author", "the key is unknown"),
        ("comment author", "comment nes-py engine 2", "does not know it"),
        ("palFlag 0", "palFlag 0\npalFlag 1", "twice"),
        ("palFlag 0", "palFlag 2", "expected 0 or 1"),
        ("|1|....T...|........||", "|1|....T...|........||\nfourscore 1", "behind the first frame"),
        ("|0|........|||", "|0|........||........|", "third controller"),
        ("|0|........|||", "|4|........|||", "command 4"),
        ("length 3", "savestate 0x464353", "convert"),
    ],
)
def test_keys_that_change_the_meaning_of_a_movie(before: str, after: str, reason: str) -> None:
    with pytest.raises(MovieError, match=reason) as caught:
        Movie.from_fm2(MOVIE.replace(before, after, 1))
    assert "line " in caught.value.where or "RAMInitOption" in str(caught.value)


def test_keys_that_are_applied() -> None:
    assert len(Movie.from_fm2(MOVIE.replace("length 3", "length 1"))) == 1
    assert len(Movie.from_fm2(MOVIE.replace("length 3", "length -1"))) == 3
    assert Movie.from_fm2(MOVIE.replace("palFlag 0", "palFlag 1")).region == "pal"
    assert Movie.from_fm2(MOVIE.replace("RAMInitOption 0", "RAMInitOption 1")).ram_fill == "ones"
    assert [second for *_, second in Movie.from_fm2(MOVIE.replace("port1 1", "port1 0"))] == [0, 0, 0]
    noise = Movie(ram_fill="noise", seed=7)
    assert Movie.from_fm2(noise.to_fm2()) == noise


def test_movies_of_other_programs_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.fm2"
    for content, name in (
        (b"FCM\x1a", "FCE Ultra"),
        (b"PK\x03\x04", "BizHawk"),
        (b"FCSX", "savestate"),
        (b"NES\x1a", "a ROM"),
    ):
        path.write_bytes(content + bytes(100))
        with pytest.raises(MovieError, match=name):
            Movie.load(path)


# --- states of other emulators ---


def samples() -> dict[str, bytes]:
    return {
        name: gzip.decompress((generate_fceux.FOLDER / f"{name}.state").read_bytes())
        for name in ("mapper_0", "mapper_4")
    }


def fcsx(state: bytes) -> bytes:
    """Return a state as FCEUX compresses it."""
    body = zlib.compress(state[16:])
    return (
        b"FCSX"
        + (len(state) - 16).to_bytes(4, "little")
        + (20606).to_bytes(4, "little")
        + len(body).to_bytes(4, "little")
        + body
    )


def test_compressed_states_of_fceux(tmp_path: Path) -> None:
    rom = generate_fceux.roms()["mapper_4"]
    state = samples()["mapper_4"]
    expected = fceux_state.convert(state, rom)
    plain = b"FCSX" + state[4:12] + b"\xff\xff\xff\xff" + state[16:]
    for name, content in {
        "FCEUX": fcsx(state), "FCEUX, not compressed": plain, "FCEUX in gzip": gzip.compress(fcsx(state)),
        "gzip": gzip.compress(state), "zlib": zlib.compress(state), "zlib, fast": zlib.compress(state, 1),
    }.items():  # fmt: skip
        assert fceux_state.convert(content, rom) == expected, name
        path = tmp_path / "game.fc0"
        path.write_bytes(content)
        assert fceux_state.convert(path, rom) == expected, name


def test_damaged_compressed_states(tmp_path: Path) -> None:
    rom, path = generate_fceux.roms()["mapper_4"], tmp_path / "game.fc0"
    good = fcsx(samples()["mapper_4"])
    bomb = zlib.compress(bytes(64 * 2**20))
    huge = b"FCSX" + bytes(8) + len(bomb).to_bytes(4, "little") + bomb
    size = good[:4] + b"\xff" * 4 + good[8:]
    packed = good[:12] + b"\x01\0\0\0" + good[16:]
    chunks = b"FCS\xff" + bytes(12) + b"\x01\x00\x00\x00\x00" * 3
    cut = [good[:-1], good[:20], good[:16], good[:8], gzip.compress(good)[:-9], b"\x78\x9c", b"\x1f\x8b"]
    full = [size, packed, good[:16] + b"\0" * (len(good) - 16), huge, bomb, gzip.compress(bytes(64 * 2**20)), chunks]
    for content in (*cut, *full, good + b"x" * 5):
        path.write_bytes(content)
        if not refused(lambda one: fceux_state.convert(one, rom), path, content[:20].hex()):
            assert content == good + b"x" * 5


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"NESPYSNP", "this package"),
        (b"RASTATE\x01", "RetroArch"),
        (b"#RZIPv\x01#", "RetroArch"),
        (b"MSS\x00", "Mesen"),
        (b"NST\x1a", "Nestopia"),
        (b"MDFNSVST", "Mednafen"),
        (b"PK\x03\x04", "BizHawk"),
        (b"NES\x1a", "ROM"),
        (b"version 3\n", "movie"),
        (b"abcd", "expected"),
    ],
)
def test_states_of_other_emulators_are_refused_by_name(magic: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.state"
    for content in (magic + bytes(200), gzip.compress(magic + bytes(200))):
        path.write_bytes(content)
        with pytest.raises(StateError, match=name) as caught:
            fceux_state.convert(path, demonstration_rom())
        assert "x.state" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"FCSX", "fceux_state.convert"),
        (b"\x1f\x8b", "fceux_state.convert"),
        (b"MSS", "Mesen 2"),
        (b"NES\x1a", "a ROM"),
    ],
)
def test_what_is_not_a_state_of_this_package_is_named(content: bytes, words: str) -> None:
    emulator = NESEmulator(demonstration_rom())
    with pytest.raises(StateError, match=words):
        emulator.load_state(Snapshot.from_bytes(content + bytes(200)))


# --- wrong types, at every door ---

DOORS: dict[str, Callable[[Any], Any]] = {
    "Movie.from_fm2": Movie.from_fm2,
    "Movie.load": Movie.load,
    "Movie().save": lambda value: Movie().save(value),
    "Game.load": Game.load,
    "retro.load": retro.load,
    "retro.load, rom": lambda value: retro.load(generate_fceux.FOLDER, value),
    "fceux_state.parse": fceux_state.parse,
    "fceux_state.convert": lambda value: fceux_state.convert(value, demonstration_rom()),
    "fceux_state.convert, rom": lambda value: fceux_state.convert(b"FCS", value),
    "Snapshot.from_bytes": Snapshot.from_bytes,
    "NESEmulator": NESEmulator,
    "NESEnv": NESEnv,
    "NESVectorEnv": NESVectorEnv,
    "patch_rom": lambda value: cheats.patch_rom(value, []),
    "describe_rom": rom_info.describe_rom,
    "Freeze.parse": cheats.Freeze.parse,
    "decode": cheats.decode,
    "Movie().play": lambda value: next(Movie().play(value)),
    "ROM": ROM,
}


@pytest.mark.parametrize(
    "options",
    [
        {"checksum": 3},
        {"checksum": b"x"},
        {"checksum": "x" * 16},
        {"ram_fill": "x"},
        {"ram_fill": []},
        {"seed": 1.5},
        {"region": None},
        {"frame_boundary": 3},
        {"start": b""},
        {"rom_name": 3},
        {"comments": [3]},
        {"comments": "x"},
        {"subtitles": 3},
        {"console": "x"},
    ],
)
def test_wrong_movies(options: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match="|".join((*options, "int"))):
        Movie(**options)


@pytest.mark.parametrize("name", DOORS)
def test_wrong_types(name: str, tmp_path: Path) -> None:
    for value in (3, 2**64, -1, 1.5, None, [], {}, object(), 3 + 4j, range(3), int):
        with pytest.raises((TypeError, FileNotFoundError)):
            DOORS[name](value)


FILES: dict[str, Callable[[Any], Any]] = {
    "Movie.load": Movie.load,
    "Game.load": Game.load,
    "NESEmulator": NESEmulator,
    "fceux_state.convert": lambda path: fceux_state.convert(path, demonstration_rom()),
    "palette": lambda path: NESEmulator(demonstration_rom(), palette=path),
    "keys": keys.load,
}


@pytest.mark.parametrize("read", FILES.values(), ids=FILES)
def test_paths_that_are_none(read: Callable[[Any], Any], tmp_path: Path) -> None:
    for path in ("a\0b", "\ud800", "x" * 5000):
        with pytest.raises((OSError, FileFormatError)):
            read(path)
    with pytest.raises(FileFormatError, match="directory") as caught:
        read(tmp_path)
    assert caught.value.path == str(tmp_path)


def test_one_error_for_all() -> None:
    for error in (RomError, StateError, MovieError, nes_py.RomNotFoundError):
        assert issubclass(error, FileFormatError)
    assert issubclass(FileFormatError, ValueError)
    error = FileFormatError("x" * 10_000, "a/b", "y" * 10_000)
    assert len(str(error)) < 1000
    assert str(error).startswith("a/b: yyy")


def test_published_schemas() -> None:
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    assert sorted(path.stem for path in folder.glob("*.json")) == sorted(SCHEMAS)
    for name in SCHEMAS:
        assert (folder / f"{name}.json").read_text(encoding="utf-8") == schemas.text(name), "run nes_py.tools.schemas"


def test_documented_limits() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = page[page.index("## Files from others") : page.index("## Bad input")]
    for limit, text in (
        (_limits.LARGEST_ROM, "64 MB, also unpacked; 4,096 entries of an archive; 8 MB of RAM"),
        (_limits.LARGEST_STATE, "| 4 MB, also after decompression; 10,000 chunks"),
        (_limits.LARGEST_MOVIE, "128 MB, a day of play; 10,000 characters"),
        (_limits.LARGEST_SNAPSHOT, "16 MB in a start state"),
        (_limits.LARGEST_HASHES, "| 64 KB |"),
        (schema_module.LARGEST_FILE, "| 1 MB; 32 levels; 320 digits in a number"),
    ):
        assert text in table
        assert f"{limit // 2**20} MB" in text or f"{limit // 2**10} KB" in text
    for number in (_limits.MOST_VARIABLES, _limits.MOST_REWARDS, _limits.MOST_CONDITIONS, _limits.LONGEST_SCRIPT):
        assert f"{number:,}" in table
    for number in (_limits.MOST_PRESSES, _limits.LONGEST_TEXT, _limits.MOST_CHUNKS):
        assert number == 10_000
    assert (_limits.LARGEST_WEIGHT, _limits.LARGEST_NUMBER) == (1e15, 1e18)
    assert (schema_module.DEEPEST, schema_module.LONGEST_NUMBER) == (32, 320)
