"""Everything that writes a file: full disks, killed writers, long names, vanished folders."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support.patience import PATIENCE

from nes_py import NESVectorEnv, cli, datasets
from nes_py._files import Replacement, check_destination, write_file
from nes_py.datasets._hdf5 import _Disk
from nes_py.movie import Movie
from nes_py.nes_env import NESEnv
from nes_py.recorder import VideoRecorder, write_png
from tests.support.rom_builder import demonstration_rom

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")

# Noise, so that no format makes it small.
PICTURES = np.random.default_rng(1).integers(0, 256, (24, 120, 128, 3), np.uint8)


def write_movie(path: Path) -> None:
    movie = Movie()
    for frame in range(6000):
        movie.append(frame % 256)
    movie.save(path)


def record(path: Path, sound: bool = False) -> None:
    with VideoRecorder(path, 60, zoom=1, sound=sound) as recorder:
        for picture in PICTURES:
            recorder.add(picture, np.zeros(800, np.float32) if sound else None)


@functools.cache
def rollout() -> datasets.Rollout:
    with NESVectorEnv("trail", 2, record=True, obs_type="ram") as envs:
        envs.reset(seed=0)
        envs.action_space.seed(0)
        for _ in range(30):
            envs.step(envs.action_space.sample())
        return envs.rollout()


def export(path: Path) -> None:
    datasets.export(rollout(), path, obs_type="index", stack_num=1)


WRITERS: dict[str, Callable[[Path], None]] = {
    ".bin": lambda path: write_file(path, bytes(100_000)),
    ".fm2": write_movie,
    ".png": lambda path: write_png(path, PICTURES[0]),
    ".gif": record,
    ".mp4": record,
    ".mkv": record,
    ".avi": record,
    ".webm": record,
    "-export.npz": export,
    "-export.h5": export,
    "-sound.mp4": lambda path: record(path, sound=True),
}


@pytest.fixture(params=WRITERS)
def suffix(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == ".gif":
        pytest.importorskip("PIL")
    if name.endswith(".h5"):
        pytest.importorskip("h5py")
    if name.endswith(VideoRecorder.VIDEO_SUFFIXES) and importlib.util.find_spec("imageio_ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    return name


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond this size, in this process and those that it starts."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_writes(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"new{suffix}"
    path.write_bytes(b"old")
    WRITERS[suffix](path)
    assert path.stat().st_size > 1000
    assert names(tmp_path) == [path.name]


@needs_posix
def test_file_that_cannot_be_completed_leaves_the_old_one(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"kept{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="kept") as caught, largest_file(8192):
        WRITERS[suffix](path)
    assert caught.value.filename == str(path)
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


FULL_DISK = """
import errno, sys
from pathlib import Path
from tests.trust.test_writers import WRITERS
path = Path(sys.argv[1])
try:
    WRITERS[sys.argv[2]](path)
except OSError as error:
    assert error.errno == errno.ENOSPC and error.filename == str(path), repr(error)
else:
    raise SystemExit("no error")
"""


@pytest.fixture(scope="session")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(suffix: str, small_disk: Path) -> None:
    path = small_disk / f"kept{suffix}"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", FULL_DISK, str(path), suffix]
    tests = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tests.parent), str(tests)))}
    subprocess.run(command, check=True, timeout=PATIENCE, env=environment)
    left = {each.name: each.read_bytes()[:10] for each in small_disk.iterdir()}
    path.unlink()
    assert left == {path.name: b"old"}


def test_longest_names(suffix: str, tmp_path: Path) -> None:
    ending = suffix[suffix.rindex(".") :]
    for letter in ("a", "ü"):
        for length in (238, 250, 255):
            stem = letter * ((length - len(ending)) // len(letter.encode()))
            path = tmp_path / (stem + ending)
            write_file(path, b"x")
            write_png(path, PICTURES[0, :2, :2])
            assert names(tmp_path) == [path.name]
            path.unlink()
    path = tmp_path / ("a" * (255 - len(ending)) + ending)
    WRITERS[suffix](path)
    assert names(tmp_path) == [path.name]
    with pytest.raises(OSError, match="aaa"):
        WRITERS[suffix](tmp_path / ("a" * 256 + ending))


def test_places_where_nothing_can_be_written(suffix: str, tmp_path: Path) -> None:
    for path in (tmp_path / "none" / f"x{suffix}", tmp_path / f"folder{suffix}"):
        (tmp_path / f"folder{suffix}").mkdir(exist_ok=True)
        for write in (WRITERS[suffix], check_destination):
            with pytest.raises(OSError, match=path.name) as caught:
                write(path)
            assert caught.value.filename == str(path)


@needs_posix
@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_folder_that_vanishes(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("PIL" if suffix == ".gif" else "imageio_ffmpeg")
    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / f"x{suffix}"
    recorder = VideoRecorder(path)
    recorder.add(PICTURES[0])
    # Renamed, since the encoder may make a file while the folder is emptied.
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match=f"x{suffix}"):
        recorder.close()
    recorder.close()
    assert not folder.exists()


@needs_posix
def test_plain_arrays_for_any_size_of_the_disk(tmp_path: Path) -> None:
    """Whatever HDF5 cannot write, in the middle or at the end, is an OSError, and nothing stays open."""
    pytest.importorskip("h5py")
    path = tmp_path / "kept.h5"
    export(path)
    content = path.read_bytes()
    for size in (0, 50, 1000, len(content) // 2, len(content) - 1):
        with pytest.raises(OSError, match="kept"), largest_file(size):
            export(path)
        assert path.read_bytes() == content
        assert names(tmp_path) == [path.name]
    with largest_file(len(content)):
        export(path)
    assert path.read_bytes() == content


def test_exceptions_of_signal_handlers_in_hdf5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("h5py")
    path = tmp_path / "kept.h5"
    export(path)
    content = path.read_bytes()
    write = _Disk.write
    left = 3

    def interrupt(disk: _Disk, data: object) -> int:
        nonlocal left
        left -= 1
        if left == 0:
            signal.raise_signal(signal.SIGINT)
        return write(disk, data)

    monkeypatch.setattr(_Disk, "write", interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            export(path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert path.read_bytes() == content
    assert names(tmp_path) == [path.name]
    export(path)
    assert path.read_bytes() == content


@needs_posix
def test_plain_arrays_to_what_is_no_file(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    for name in ("null", "full"):
        (tmp_path / f"{name}.h5").symlink_to(f"/dev/{name}")
    export(tmp_path / "null.h5")
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match=r"full\.h5"):
            export(tmp_path / "full.h5")


def test_recording_that_failed_is_over(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    if resource is None:
        pytest.skip("needs resource limits")
    recorder = VideoRecorder(tmp_path / "x.mkv", zoom=1)

    def add() -> None:
        for frame in range(1000):
            recorder.add(PICTURES[frame % 24])

    with largest_file(4096), pytest.raises(OSError, match=r"x\.mkv"):
        add()
    with pytest.raises(ValueError, match="closed"):
        recorder.add(PICTURES[0])
    recorder.close()
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_frames_of_two_sizes(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("PIL" if suffix == ".gif" else "imageio_ffmpeg")
    with VideoRecorder(tmp_path / f"x{suffix}", zoom=1) as recorder:
        recorder.add(PICTURES[0])
        for wrong, message in (
            (PICTURES[0, :100], "same size"),
            (PICTURES[0, ..., :1], "shape"),
            (PICTURES[0, 0], "shape"),
        ):
            with pytest.raises(ValueError, match=message):
                recorder.add(wrong)
        for other in (PICTURES[0].astype(float), PICTURES[0].tolist(), None):
            with pytest.raises(TypeError, match="uint8"):
                recorder.add(other)  # type: ignore[arg-type]
        recorder.add(PICTURES[1])
        recorder.add(PICTURES[2])
        assert recorder.frames == 3
    assert (tmp_path / f"x{suffix}").stat().st_size > 1000


def test_wrong_arguments_of_recordings(tmp_path: Path) -> None:
    for options in ({"fps": 0}, {"fps": float("inf")}, {"zoom": 0}, {"zoom": 10**9}):
        with pytest.raises(ValueError, match=next(iter(options))):
            VideoRecorder(tmp_path / "x.gif", **options)  # type: ignore[arg-type]
    for path in (3, None, b"x.gif"):
        with pytest.raises(TypeError, match="path"):
            VideoRecorder(path)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shape"):
        write_png(tmp_path / "x.png", PICTURES)
    assert names(tmp_path) == []


# --- files that were never completed ---

KILLED = """
import os, signal, sys
from nes_py._files import Replacement
file = Replacement(sys.argv[1], ".mp4")
file.write(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


@needs_posix
def test_files_of_killed_writers_are_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "run.fm2"
    path.write_bytes(b"old")
    for _ in range(3):
        assert subprocess.run([sys.executable, "-c", KILLED, str(path)]).returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 2  # each writer removed that of the one before
    assert path.read_bytes() == b"old"
    with Replacement(tmp_path / "other.bin") as unfinished:
        unfinished.write(b"ab")
        (tmp_path / ".nes-py-0123456789abcdef").mkdir()  # not one of ours
        write_file(path, b"new")
        # What somebody is writing stays.
        assert names(tmp_path) == sorted([".nes-py-0123456789abcdef", Path(unfinished.name).name, "run.fm2"])
        unfinished.write(b"cd")
    assert (tmp_path / "other.bin").read_bytes() == b"abcd"
    assert path.read_bytes() == b"new"


@needs_posix
def test_what_is_not_completed_disappears(tmp_path: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), Replacement(tmp_path / "a") as file:
        file.write(b"x")
        raise ZeroDivisionError
    Replacement(tmp_path / "b").discard()
    file = Replacement(tmp_path / "c")
    del file
    assert names(tmp_path) == []


@needs_posix
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_process_leaves_the_file_of_its_parent(tmp_path: Path) -> None:
    file = Replacement(tmp_path / "a")
    file.write(b"x")
    child = os.fork()
    if child == 0:
        file.discard()
        del file
        os._exit(0)
    os.waitpid(child, 0)
    file.commit()
    assert (tmp_path / "a").read_bytes() == b"x"


@needs_posix
def test_permissions_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o604)
    write_file(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o604
    write_file("/dev/null", b"x")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(ValueError, match="not a valid path"):
        write_file("a\0b", b"")


# --- the command line ---


@pytest.fixture
def rom_path(tmp_path: Path) -> str:
    path = tmp_path / "game.nes"
    path.write_bytes(demonstration_rom())
    return str(path)


@pytest.mark.parametrize("name", ["x.gif", "x.mp4", "x.fm2"])
def test_destination_is_checked_before_the_game(
    name: str, tmp_path: Path, rom_path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if name != "x.fm2":
        pytest.importorskip("PIL" if name == "x.gif" else "imageio_ffmpeg")
    monkeypatch.setattr(NESEnv, "step", lambda *_: pytest.fail("it was played"))
    path = tmp_path / "none" / name
    arguments = ["play", rom_path, "--mode", "random", "--no-render", "--no-progress", "--record", str(path)]
    assert cli.main(arguments) == 1
    assert name in capsys.readouterr().err
