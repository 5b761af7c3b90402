"""ROMs as people keep them: in gzip files and zip archives, beside other files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv, NESVectorEnv, RomError
from nes_py._rom import ROM
from nes_py.rom_info import describe_rom
from tests.support.rom_builder import demonstration_rom

GAME = demonstration_rom()
OTHER = demonstration_rom(fill=1)
APPLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"


def packed(entries: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


GOOD = {
    "gzip": gzip.compress(GAME),
    "gzip of two members": gzip.compress(GAME[:5000]) + gzip.compress(GAME[5000:]),
    "zip": packed([("Game (USA).nes", GAME)]),
    "not compressed": packed([("GAME.NES", GAME)], zipfile.ZIP_STORED),
    "in a folder": packed([("roms/", b""), ("roms/game.nes", GAME), ("readme.txt", b"NES")]),
    "made on a Mac": packed([("game.nes", GAME), ("__MACOSX/._game.nes", APPLE), (".DS_Store", b"\0\0\0\1Bud1")]),
    "with the box": packed([("cover.png", b"\x89PNG"), ("\u30bc\u30eb\u30c0.bin", GAME), ("empty", b"")]),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_every_reader_unpacks(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "game.zip"
    path.write_bytes(content)
    for rom in (path, content, memoryview(content)):
        emulator = NESEmulator(rom)
        assert emulator.rom_data == GAME
        assert describe_rom(rom).file_sha256 == describe_rom(GAME).file_sha256
    assert ROM(path).raw_data.tobytes() == GAME
    env = NESEnv(path)
    env.close()
    with NESVectorEnv(path, 1) as envs:
        envs.reset(seed=0)


def encrypted() -> bytes:
    content = bytearray(packed([("game.nes", GAME)]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


def with_another_byte() -> bytes:
    content = bytearray(packed([("game.nes", GAME)], zipfile.ZIP_STORED))
    content[content.index(GAME) + 100] ^= 1
    return bytes(content)


BAD = {
    "two ROMs": (packed([("a.nes", GAME), ("b.nes", OTHER)]), ["one ROM", "2 ROMs", "'a.nes', 'b.nes'"]),
    "no ROM": (packed([("readme.txt", b"hello")]), ["one ROM", "none among 1 files", "'readme.txt'"]),
    "empty": (packed([]), ["one ROM", "none among 0 files"]),
    "an archive in an archive": (packed([("game.zip", GOOD["zip"])]), ["one ROM", "'game.zip'"]),
    "long names": (packed([(name * 60_000, b"x") for name in "xyz"]), ["none among 3 files"]),
    "cut short": (GOOD["zip"][:-30], ["zip archive", "cannot be read"]),
    "altered": (with_another_byte(), ["zip archive", "cannot be read", "CRC"]),
    "encrypted": (encrypted(), ["game.nes", "encrypted"]),
    "LZMA": (packed([("game.nes", GAME)], zipfile.ZIP_LZMA), ["game.nes", "compression 14", "8 (deflate)"]),
    "many entries": (packed((str(number), b"") for number in range(5000)), ["5000 entries", "4096"]),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100), ["7z archive", "unpack it"]),
    "RAR": (b"Rar!\x1a\x07\x01\0" + bytes(100), ["RAR archive", "unpack it"]),
    "xz": (lzma.compress(GAME), ["compressed by xz", "unpack it"]),
    "bzip2": (bz2.compress(GAME), ["compressed by bzip2", "unpack it"]),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(100), ["compressed by zstd", "unpack it"]),
    "gzip, cut short": (GOOD["gzip"][:-20], ["compressed ROM is damaged", "cut short"]),
    "gzip, altered": (GOOD["gzip"][:-6] + b"\0\0" + GOOD["gzip"][-4:], ["compressed ROM is damaged"]),
    "gzip of something else": (gzip.compress(b"<html>"), ["not an iNES file", "web page"]),
    "gzip of a cut ROM": (gzip.compress(GAME[:1000]), ["PRG-ROM is cut short"]),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_what_cannot_be_unpacked_is_named(content: bytes, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "game.zip"
    path.write_bytes(content)
    for read in (NESEmulator, describe_rom):
        with pytest.raises(RomError) as caught:
            read(path)  # type: ignore[operator]
        assert all(word in str(caught.value) for word in [str(path), *words]), str(caught.value)
        assert len(str(caught.value)) < 1200


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: packed([("game.nes", content)])], ids=["gzip", "zip"])
def test_bomb_takes_little_memory(pack: Callable[[bytes], bytes]) -> None:
    content = pack(GAME[:16] + bytes(200 * 2**20))
    assert len(content) < 2**20
    tracemalloc.start()
    with pytest.raises(RomError, match="67108864"):
        NESEmulator(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 160 * 2**20


class Name(str):
    def __str__(self) -> str:
        return "something else"


@pytest.mark.parametrize("kind", [Name, np.str_])
def test_path_of_a_subclass_of_str(kind: Any, tmp_path: Path) -> None:
    path = tmp_path / "game.nes"
    path.write_bytes(GAME)
    emulator = NESEmulator(kind(path))
    assert emulator.rom_data == GAME
    with pytest.raises(RomError, match="missing"):
        NESEmulator(kind(tmp_path / "missing.nes"))


def test_cheats_of_a_bad_rom_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "game.nes"
    path.write_bytes(GAME[:100])
    with pytest.raises(RomError, match=r"game\.nes.*cut short"):
        NESEmulator(path, cheats=["SXIOPO"])


def test_an_entry_far_beyond_the_archive_is_a_format_error(tmp_path: Path) -> None:
    content = bytearray(packed([("game.nes", GAME)]))
    begin, end = content.rfind(b"PK\1\2"), content.rfind(b"PK\5\6")
    # The place of the entry's header becomes one of zip64, 2**63.
    entry, closing = content[begin:end], content[end:]
    further = struct.pack("<HHQ", 1, 8, 2**63)
    struct.pack_into("<H", entry, 30, len(further))
    struct.pack_into("<I", entry, 42, 2**32 - 1)
    name_end = 46 + struct.unpack_from("<H", entry, 28)[0]
    entry = entry[:name_end] + further + entry[name_end:]
    struct.pack_into("<I", closing, 12, len(entry))
    path = tmp_path / "far.zip"
    path.write_bytes(bytes(content[:begin] + entry + closing))
    with pytest.raises(RomError, match=r"far\.zip.*cannot be read"):
        NESEmulator(path)


def test_many_empty_members_take_no_time() -> None:
    with pytest.raises(RomError):
        NESEmulator(gzip.compress(b"") * 200_000)
