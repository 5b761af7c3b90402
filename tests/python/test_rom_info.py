"""Describing ROMs without running them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from nes_py import NESEmulator
from nes_py.errors import RomError, RomNotFoundError
from nes_py.rom_info import describe_rom, find_board
from tests.support import rom_builder


def test_agrees_with_the_emulator(tmp_path: Path) -> None:
    content = rom_builder.demonstration_rom()
    path = tmp_path / "game.nes"
    path.write_bytes(content)
    found, info = describe_rom(path), NESEmulator(path).rom_info
    assert found.path == str(path)
    assert found.supported
    assert found.reason == found.missing == ""
    assert (found.mapper, found.board, found.hash) == (info.mapper, info.board, info.hash)
    assert (found.prg_rom_size, found.chr_rom_size, found.prg_ram_size) == (16384, 8192, info.prg_ram_size)
    assert found.file_sha256 == info.sha256
    assert found.sha1 == hashlib.sha1(content[16:]).hexdigest()
    assert found.file_sha1 == hashlib.sha1(content).hexdigest()
    assert describe_rom(content).path is None


def test_an_unsupported_board_is_described() -> None:
    content = rom_builder.rom(mapper=117)
    found = describe_rom(content)
    assert not found.supported
    assert found.reason == "mapper 117 (Future Media) is not supported"
    assert found.prg_rom_size == 16384
    with pytest.raises(ValueError, match="mapper 117"):
        NESEmulator(content)


def test_what_is_missing_is_told() -> None:
    found = describe_rom(rom_builder.rom(mapper=18))
    assert found.supported
    assert "speech chip" in found.missing
    assert any("speech chip" in line for line in found.lines())


def test_dirty_header_is_noted() -> None:
    content = rom_builder.header(mapper=0x40, tail=b"iskDude!") + rom_builder.prg(b"\x4c\x00\xc0") + bytes(8192)
    found = describe_rom(content)
    assert found.mapper == 0
    assert any("ignored" in note for note in found.notes)
    assert any(line.startswith("note:") for line in found.lines())


def test_nes2_facts() -> None:
    tail = bytes((0x10, 0, 0x70, 0x07, 1, 0, 0, 8))  # submapper 1, 8 KB battery RAM, 8 KB CHR-RAM, PAL, Zapper
    content = rom_builder.header(1, 0, 4, nes2=True, flags=2, tail=tail) + rom_builder.prg(b"\x4c\x00\xc0")
    found = describe_rom(content)
    assert (found.format, found.mapper, found.submapper, found.board) == ("NES 2.0", 4, 1, "MMC6 (HKROM)")
    assert (found.prg_ram_size, found.prg_nvram_size, found.chr_ram_size) == (8192, 8192, 8192)
    assert (found.region, found.expansion_device, found.battery) == ("pal", "Zapper", True)
    text = "\n".join(found.lines())
    assert "8 KB, all of it battery-backed" in text
    assert json.loads(json.dumps(found.as_dict()))["submapper"] == 1


def test_a_submapper_without_a_line_is_noted() -> None:
    tail = bytes((0x70, 0, 0, 0, 0, 0, 0, 0))
    content = rom_builder.header(1, 1, 4, nes2=True, tail=tail) + rom_builder.prg(b"\x4c\x00\xc0") + bytes(8192)
    assert any("submapper 7" in note for note in describe_rom(content).notes)


@pytest.mark.parametrize("missing", [1, 4096, 8192])
def test_a_cut_chr_rom_is_filled_up_and_noted(missing: int) -> None:
    content = rom_builder.rom(fill=0x55)[:-missing]
    found = describe_rom(content)
    assert found.chr_rom_size == 8192
    (note,) = found.notes
    assert f"the header declares 8192 bytes, the file has {8192 - missing} of them" in note
    emulator = NESEmulator(content)
    pattern = [emulator.peek_ppu(place) for place in range(0x2000)]
    assert pattern == [0x55] * (0x2000 - missing) + [0xFF] * missing
    emulator.step(3)


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(RomNotFoundError):
        describe_rom(tmp_path / "none.nes")
    with pytest.raises(RomError, match="not an iNES file"):
        describe_rom(b"PK\x03\x04")
    with pytest.raises(TypeError, match="rom must be"):
        describe_rom(7)  # type: ignore[arg-type]
    (tmp_path / "bad.nes").write_bytes(b"NES\x1a")
    with pytest.raises(RomError, match=r"bad\.nes.*cut short"):
        describe_rom(tmp_path / "bad.nes")


def test_find_board() -> None:
    plain, variant = find_board(4, 2), find_board(4, 1)
    assert plain is not None
    assert variant is not None
    assert (plain.submapper, variant.submapper) == (None, 1)
    assert find_board(4095) is None


#: The numbers that a library of cartridges has; 20, the disk system, is on none.
_COMMON = (
    "0-5 7 9-11 13 15 16 18 19 21-26 28 30 32-34 48 64-71 73 75-80 82 85-89 93-95 97 105 111-113 118 119 140 152-156 "
    "158 159 163 180 184 185 189 193 206 207 210 218 225 226 228 232 234 240-242 246"
)


@pytest.mark.parametrize("numbers", _COMMON.split())
def test_common_mappers_are_supported(numbers: str) -> None:
    first, _, last = numbers.partition("-")
    for mapper in range(int(first), int(last or first) + 1):
        assert find_board(mapper) is not None, mapper


def test_disks_are_refused_with_the_reason() -> None:
    found = describe_rom(rom_builder.rom(mapper=20))
    assert not found.supported
    assert "Famicom Disk System" in found.reason
    assert "BIOS" in found.reason
