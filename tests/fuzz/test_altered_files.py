"""ROMs, states, movies and FCEUX states with altered bytes: refused with the right error, or accepted and playable.

The C++ targets in this folder do the same for the core, faster and longer.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from nes_py import FileFormatError, NESEmulator, RomError, Snapshot, StateError, fceux_state, retro
from nes_py._rom import ROM
from nes_py.game import Game
from nes_py.movie import Movie, MovieError
from tests.data import generate_fceux
from tests.support.board_roms import board_rom
from tests.support.rom_builder import demonstration_rom

# NES_PY_TEST_LONG=1 in the environment alters a hundred times as many.
ROUNDS = 30_000 if os.environ.get("NES_PY_TEST_LONG", "0") not in ("", "0") else 300


def alter(content: bytes, generator: random.Random, sizes: int = 0) -> bytes:
    """Returns a copy with a few changes, mostly in the first ``sizes`` bytes when that is not 0."""
    data = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        limit = min(len(data), sizes) if sizes and generator.random() < 0.8 else len(data)
        at = generator.randrange(limit + 1)
        kind = generator.randrange(7)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            del data[at : at + generator.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = generator.randbytes(generator.randrange(1, 40))
        elif kind == 3:
            data[at : at + 4] = generator.choice((b"\xff\xff\xff\xff", bytes(4), b"\0\0\0\x80", b"\xff\xff\xff\x7f"))
        elif kind == 4:
            start = generator.randrange(len(data) + 1)
            data[at:at] = data[start : start + generator.randrange(100)]
        else:
            data[at : at + 1] = generator.randbytes(1)
    return bytes(data)


def altered(contents: list[bytes], check: Callable[[bytes], Any], seed: int, sizes: int = 0) -> None:
    """Hands altered contents to ``check`` and names the one that it fails with."""
    for number in range(ROUNDS):
        generator = random.Random(seed * 1_000_003 + number)
        data = alter(generator.choice(contents), generator, sizes)
        try:
            check(data)
        except Exception as error:
            raise AssertionError(f"seed {seed}, number {number}, {len(data)} bytes") from error


def test_roms(tmp_path: Any) -> None:
    path = tmp_path / "game.nes"

    def check(data: bytes) -> None:
        path.write_bytes(data)
        try:
            emulator = NESEmulator(path)
        except RomError as error:
            assert str(error)  # noqa: PT017
        else:
            emulator.step(1)
            info = emulator.rom_info
            assert info.prg_rom_size <= len(data) + 4096
            # What a header declares of CHR-ROM beyond the file is filled up, within what an iNES header can declare.
            assert info.chr_rom_size <= len(data) + 255 * 8192
        try:
            header = ROM(path)
        except RomError:
            return
        for name in dir(ROM):
            if not name.startswith("_"):
                getattr(header, name)

    altered([demonstration_rom(), *(board_rom(mapper) for mapper in (1, 2, 3, 4, 7, 66))], check, 1, sizes=16)


def test_states() -> None:
    emulator = NESEmulator(board_rom(4))
    emulator.step(20)
    good = bytes(emulator.dump_state())
    before = emulator.dump_state()

    def check(data: bytes) -> None:
        snapshot = Snapshot.from_bytes(data)
        try:
            emulator.load_state(snapshot)
        except StateError:
            assert emulator.dump_state() == before
        else:
            assert data == good  # whatever was altered, the checksum would tell

    altered([good], check, 2, sizes=64)
    emulator.step()


def test_movies() -> None:
    emulator = NESEmulator(demonstration_rom())
    emulator.step(3)
    movie = Movie.begin(emulator, "game")
    for frame in range(40):
        movie.append(frame, frame * 7 & 0xFF, frame % 20 == 19)
    plain = Movie(comments=["nobody"])
    plain.append(1)
    texts = [movie.to_fm2().encode(), plain.to_fm2().encode()]

    def check(data: bytes) -> None:
        try:
            movie = Movie.from_fm2(data)
        except MovieError as error:
            assert str(error)  # noqa: PT017
            return
        # What was read is written and read again as the same, and plays or says why not.
        again = Movie.from_fm2(movie.to_fm2())
        assert again == movie
        try:
            movie.replay(emulator, min(len(movie), 3))
        except (MovieError, StateError) as error:
            assert str(error)  # noqa: PT017

    altered(texts, check, 3, sizes=500)


def test_fceux_states() -> None:
    roms = generate_fceux.roms()
    samples = {name: (generate_fceux.FOLDER / f"{name}.state").read_bytes() for name in roms}
    samples = {name: gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for name, data in samples.items()}
    packed = [gzip.compress(data, 1) for data in list(samples.values())[:2]]

    def parse(data: bytes) -> None:
        try:
            fceux_state.parse(data)
        except StateError as error:
            assert str(error)  # noqa: PT017

    altered([*samples.values(), *packed], parse, 4)

    emulators = {name: NESEmulator(content) for name, content in roms.items()}
    for number in range(ROUNDS // 10):
        generator = random.Random(number)
        name = generator.choice(list(roms))
        data = alter(samples[name], generator)
        try:
            state = fceux_state.convert(data, roms[name])
        except StateError as error:
            assert str(error)  # noqa: PT017
        else:
            emulators[name].load_state(state)
            emulators[name].step(2)


def test_json(tmp_path: Any) -> None:
    path = tmp_path / "data.json"

    def check(data: bytes) -> None:
        path.write_bytes(data)
        for read in (Game.load, lambda path: retro.to_game(retro.load(path.parent))):
            try:
                read(path)
            except FileFormatError as error:
                assert "data.json" in str(error)  # noqa: PT017

    game = {
        "variables": {"lives": "0x11", "score": {"address": 24, "size": 3}},
        "terminated": [["lives == 0", "score > 3"]],
    }
    game |= {"rewards": [{"delta": "score", "weight": 0.5}], "start": [[["A"], 20]]}
    data = {"info": {"lives": {"address": 17, "type": "|u1"}, "score": {"address": 24, "type": ">d3", "mask": 65535}}}
    altered([json.dumps(game).encode(), json.dumps(data).encode()], check, 5)


def test_gzip_bomb() -> None:
    bomb = gzip.compress(bytes(200 * 2**20), 1)
    with pytest.raises(StateError, match="larger"):
        fceux_state.parse(bomb)
