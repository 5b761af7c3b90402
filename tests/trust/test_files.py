"""Hostile files: links, pipes, devices, forged headers; and the result of a killed writer."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.patience import PATIENCE

from nes_py import NESEmulator, NESEnv, NESVectorEnv, RomError, Snapshot, StateError, fceux_state, retro
from nes_py.game import Game
from nes_py.movie import Movie
from tests.support.rom_builder import demonstration_rom, header

MEGABYTE = 2**20

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


READERS: dict[str, Callable[[Path], Any]] = {
    "NESEmulator": NESEmulator,
    "NESEnv": NESEnv,
    "NESVectorEnv": NESVectorEnv,
    "fceux_state.convert": lambda path: fceux_state.convert(path, demonstration_rom()),
    "Movie.load": Movie.load,
    "Game.load": Game.load,
    "palette": lambda path: NESEmulator(demonstration_rom(), palette=path),
}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


STRANGE: dict[str, Callable[[Path], Any]] = {
    "folder": lambda path: path.mkdir(),
    "pipe": _pipe,
    "socket": _socket,
    "/dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "/dev/stdin": lambda path: path.symlink_to("/dev/stdin"),
    "loop": lambda path: path.symlink_to(path),
    "dangling": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_what_the_system_refuses_is_an_error_of_the_system(
    read: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    with pytest.raises(OSError, match="o such file") as caught:
        read(path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, str(path))
    path.write_bytes(b"NES")

    def refuse(name: str, *rest: Any, **options: Any) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match="ermission denied") as caught:
        read(path)
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert (caught.value.errno, caught.value.filename) == (errno.EACCES, str(path))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.errno) == (type(caught.value), str(caught.value), errno.EACCES)


@needs_posix
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
def test_what_is_no_regular_file_is_refused(
    read: Callable[[Path], Any], make: Callable[[Path], Any], tmp_path: Path
) -> None:
    path = tmp_path / "x.nes"
    make(path)
    with pytest.raises((OSError, ValueError), match=r"x\.nes"):
        read(path)


@needs_posix
def test_link_to_a_rom_is_followed(rom_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.nes"
    link.symlink_to(rom_file)
    assert NESEmulator(link).rom_data == rom_file.read_bytes()


@needs_posix
def test_device_among_the_files_of_an_integration_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "rom.nes").write_bytes(demonstration_rom())
    (tmp_path / "data.json").symlink_to("/dev/zero")
    with pytest.raises(FileNotFoundError, match=r"data\.json"):
        retro.load(tmp_path)


MADE_UP_HEADERS = """
import resource
from nes_py import NESEmulator, RomError

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KB

body = bytes(64)
NESEmulator(b"NES\\x1a\\x01\\x00" + bytes(10) + bytes(16384)).step()
before = memory()
refused = 0
for prg in range(0, 256, 15):
    for high in range(0, 256, 17):
        for flags in (0x08, 0x0C, 0x00):
            content = b"NES\\x1a" + bytes((prg, 255 - prg, 4, flags, 0, high, 0xFF, 0xFF, 0, 0, 0, 0)) + body
            try:
                NESEmulator(content)
            except RomError:
                refused += 1
            else:
                raise SystemExit("a header that promises what is not there was believed")
assert refused == 18 * 16 * 3
assert memory() - before < 8 * 1024, memory() - before
"""


@needs_posix
def test_made_up_sizes_take_no_memory() -> None:
    subprocess.run([sys.executable, "-c", MADE_UP_HEADERS], check=True, timeout=PATIENCE)


def test_largest_memory_a_header_can_ask_for_is_bounded() -> None:
    tail = bytes((0, 0, 0xFF, 0xFF, 0, 0, 0, 0))  # RAM of every kind in the largest size
    emulator = NESEmulator(header(1, 0, nes2=True, tail=tail) + bytes(16384))
    assert len(bytes(emulator.dump_state())) < 9 * MEGABYTE
    emulator.step(2)
    with pytest.raises(RomError, match="more than 65536 KB"):
        NESEmulator(header(0xFF, 0, nes2=True, tail=b"\0\x0f" + bytes(6)) + bytes(16384))


# --- no way from a file to code ---


class Bomb:
    """Whoever unpickles it, explodes."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_reader_unpickles(protocol: int, tmp_path: Path) -> None:
    data = pickle.dumps(Bomb(), protocol)
    path = tmp_path / "x.nes"
    emulator = NESEmulator(demonstration_rom())
    for content in (data, b"NES\x1a" + data, b"NESPYSNP" + data, b"FCS\xff" + data, b"version 3\n" + data):
        path.write_bytes(content)
        for read in READERS.values():
            with contextlib.suppress(OSError, ValueError):
                read(path)
        with pytest.raises(StateError):
            emulator.load_state(Snapshot.from_bytes(content))
    emulator.step()


# --- killed while writing ---

SAVES = """
import sys
from nes_py.movie import Movie
movies = []
for length in (2000, 3000):
    movie = Movie(rom_name=str(length))
    for frame in range(length):
        movie.append(frame % 256)
    movies.append(movie)
movies[0].save(sys.argv[1])
print("begun", flush=True)
while True:
    for movie in movies:
        movie.save(sys.argv[1])
"""


@needs_posix
def test_movie_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "run.fm2"
    for attempt in range(8):
        with subprocess.Popen([sys.executable, "-c", SAVES, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
            time.sleep(0.003 * attempt)
            process.send_signal(signal.SIGKILL)
        movie = Movie.load(path)
        assert str(len(movie)) == movie.rom_name


@needs_posix
def test_movie_keeps_link_and_permissions(tmp_path: Path) -> None:
    path, link = tmp_path / "run.fm2", tmp_path / "link.fm2"
    Movie().save(path)
    path.chmod(0o640)
    link.symlink_to(path)
    movie = Movie()
    movie.append(3)
    movie.save(link)
    assert link.is_symlink()
    assert len(Movie.load(path)) == 1
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.fm2", "run.fm2"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_an_error() -> None:
    movie = Movie()
    movie.append(0)
    with pytest.raises(OSError, match="space"):
        movie.save("/dev/full")


def test_text_for_people_cannot_become_fields(tmp_path: Path) -> None:
    movie = Movie(rom_name="game\npalFlag 1", comments=["a\r\nRAMInitSeed 7", "b\u2028palFlag 1", "\udcff"])
    path = tmp_path / "run.fm2"
    movie.save(path)
    loaded = Movie.load(path)
    assert (loaded.region, loaded.seed) == ("ntsc", 0)


def test_deeply_nested_json(tmp_path: Path) -> None:
    path = tmp_path / "x.nes"
    path.write_text("[" * 500_000)
    with pytest.raises(ValueError, match="JSON"):
        Game.load(path)
    path.write_text(json.dumps("x" * 2 * MEGABYTE))
    with pytest.raises(ValueError, match="too large"):
        Game.load(path)


@pytest.fixture
def rom_file(tmp_path: Path) -> Path:
    path = tmp_path / "game.nes"
    path.write_bytes(demonstration_rom())
    return path
