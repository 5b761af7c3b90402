"""An invalid ROM gives a ValueError that names the file and the problem."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from support.rom_builder import CHR_BANK, PRG_BANK, demonstration_rom, header, prg, rom

from nes_py import NESEmulator, NESEnv, RomError, RomNotFoundError, UnsupportedBoardError
from nes_py._rom import MAXIMUM_ROM_FILE_SIZE, ROM

# Contents, and what the message must say.
BAD_CONTENTS = {
    "empty": (b"", ["empty"]),
    "no magic": (b"SNES" + rom()[4:], ["not an iNES file", "53 4E 45 53"]),
    "header cut short": (rom()[:12], ["header", "cut short", "16", "12"]),
    "trainer cut short": (header(flags=0x04) + bytes(100), ["trainer", "512", "100"]),
    "PRG-ROM cut short": (header(prg_banks=2) + bytes(PRG_BANK), ["PRG-ROM", "32768 bytes", "16384"]),
    "PRG-ROM without its last byte": (header() + bytes(PRG_BANK - 1), ["PRG-ROM", "16384 bytes", "16383"]),
    "CHR-ROM of which nearly all is missing": (
        header(nes2=True, tail=bytes((0, 0xF0, 0, 0, 0, 0, 0, 0)), chr_banks=25 << 2) + prg(b"") + bytes(CHR_BANK),
        ["CHR-ROM", "33554432 bytes", "8192"],
    ),
    "no PRG-ROM": (header(prg_banks=0) + bytes(CHR_BANK), ["no PRG-ROM"]),
    "unsupported mapper": (rom(mapper=20), ["mapper 20", "Famicom Disk System", "not supported", "BIOS"]),
}


@pytest.fixture(params=BAD_CONTENTS.values(), ids=BAD_CONTENTS)
def bad(request: pytest.FixtureRequest) -> tuple[bytes, list[str]]:
    return request.param


@pytest.mark.parametrize("build", [NESEmulator, NESEnv])
def test_bad_file_is_named_with_the_reason(build: type, bad: tuple[bytes, list[str]], tmp_path: Path) -> None:
    content, words = bad
    path = tmp_path / "bad game.nes"
    path.write_bytes(content)
    with pytest.raises(RomError) as caught:
        build(str(path))
    assert isinstance(caught.value, ValueError)
    for word in [str(path), *words]:
        assert word in str(caught.value)
    assert caught.value.path == str(path)
    assert str(path) not in caught.value.reason


def test_bad_bytes_give_the_reason(bad: tuple[bytes, list[str]]) -> None:
    content, words = bad
    with pytest.raises(RomError) as caught:
        NESEmulator(content)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.path is None


def test_missing_file_is_both_kinds_of_error(tmp_path: Path) -> None:
    path = str(tmp_path / "missing.nes")
    with pytest.raises(ValueError, match="no such file") as caught:
        NESEmulator(path)
    assert isinstance(caught.value, FileNotFoundError)
    assert path in str(caught.value)
    assert caught.value.filename == path
    with pytest.raises(RomNotFoundError):
        NESEmulator(os.path.join(path, "below.nes"))


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(RomError, match="directory") as caught:
        NESEmulator(tmp_path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.nes"
    os.mkfifo(pipe)
    with pytest.raises(RomError, match="not a regular file"):
        NESEmulator(pipe)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
def test_device_is_refused() -> None:
    with pytest.raises(RomError, match="not a regular file"):
        NESEmulator("/dev/zero")


def test_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.nes"
    with open(path, "wb") as file:
        file.truncate(MAXIMUM_ROM_FILE_SIZE + 1)
    with pytest.raises(RomError, match=f"too large.*{MAXIMUM_ROM_FILE_SIZE + 1}"):
        NESEmulator(path)
    with pytest.raises(RomError, match="too large"):
        NESEmulator(bytearray(MAXIMUM_ROM_FILE_SIZE + 1))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(rom_path: str) -> None:
    os.chmod(rom_path, 0)
    with pytest.raises(RomError, match="cannot be read"):
        NESEmulator(rom_path)


def test_path_with_a_null_character() -> None:
    with pytest.raises(RomError, match="path"):
        NESEmulator("a\0b.nes")


@pytest.mark.parametrize("wrong", [None, 7, 1.5, ["a.nes"], object()])
def test_wrong_type(wrong: object) -> None:
    with pytest.raises(TypeError, match="rom must be"):
        NESEmulator(wrong)


@pytest.mark.parametrize("wrong", [None, 7, b"bytes are no path"])
def test_header_class_takes_paths_only(wrong: object) -> None:
    with pytest.raises(TypeError, match="path"):
        ROM(wrong)


def test_unsupported_board_is_a_kind_of_its_own() -> None:
    with pytest.raises(UnsupportedBoardError):
        NESEmulator(rom(mapper=20))


def test_errors_can_be_pickled_as_subprocess_workers_do(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.nes"):
        with pytest.raises(RomError) as caught:
            NESEmulator(path)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert type(copy) is type(caught.value)
        assert (str(copy), copy.path, copy.reason) == (str(caught.value), str(path), caught.value.reason)


def test_emulator_whose_rom_was_refused_is_closed_and_not_half_built() -> None:
    emulator = NESEmulator.__new__(NESEmulator)
    with pytest.raises(RomError):
        emulator.__init__(b"nothing")
    assert emulator.closed
    with pytest.raises(ValueError, match="closed"):
        emulator.step()


def test_bad_option_beside_a_good_rom() -> None:
    content = demonstration_rom()
    for options in ({"policy": "quick"}, {"ram_fill": "two"}, {"region": "mars"}, {"seed": -1}, {"seed": 2**64}):
        with pytest.raises(ValueError, match=next(iter(options))):
            NESEmulator(content, **options)
    for options in ({"policy": 1}, {"ram_fill": None}, {"seed": 1.5}, {"speed": 3}):
        with pytest.raises(TypeError):
            NESEmulator(content, **options)
    with pytest.raises(TypeError):
        NESEmulator(content, "fast")
