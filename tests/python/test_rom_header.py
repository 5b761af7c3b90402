"""The header class ``nes_py._rom.ROM`` and the emulator's reading of the same headers."""

from __future__ import annotations

import pathlib

import pytest
from support.rom_builder import CHR_BANK, PRG_BANK, header, prg

from nes_py import NESEmulator
from nes_py._rom import ROM


def write(tmp_path: pathlib.Path, content: bytes) -> str:
    path = tmp_path / "game.nes"
    path.write_bytes(content)
    return str(path)


def test_plain_header(tmp_path: pathlib.Path) -> None:
    rom = ROM(write(tmp_path, header(2, 1, mapper=0x42, flags=0x03) + bytes(2 * PRG_BANK) + b"\x07" * CHR_BANK))
    assert (rom.prg_rom_size, rom.prg_rom_byte_size, rom.prg_rom_banks) == (32, 32 * 1024, 2)
    assert (rom.chr_rom_size, rom.chr_rom_byte_size, rom.chr_rom_banks) == (8, 8 * 1024, 1)
    assert (rom.prg_ram_size, rom.prg_ram_byte_size, rom.prg_battery_ram_byte_size) == (8, 8192, 8192)
    assert (rom.chr_ram_byte_size, rom.chr_battery_ram_byte_size) == (0, 0)
    assert (rom.mapper, rom.submapper, rom.is_nes2, rom.is_pal) == (0x42, 0, False, False)
    assert (rom.mirroring, rom.is_vertical_mirroring, rom.is_ignore_mirroring) == ("vertical", True, False)
    assert (rom.has_battery_backed_ram, rom.has_trainer) == (True, False)
    assert (rom.has_play_choice_10, rom.has_vs_unisystem) == (False, False)
    assert (rom.flags_6, rom.flags_7, rom.flags_9, rom.flags_10) == ("00100011", "01000000", "00000000", "00000000")
    assert (rom.trainer_rom_start, rom.trainer_rom_stop, len(rom.trainer_rom)) == (16, 16, 0)
    assert (rom.prg_rom_start, rom.prg_rom_stop) == (16, 16 + 32 * 1024)
    assert (rom.chr_rom_start, rom.chr_rom_stop) == (16 + 32 * 1024, 16 + 40 * 1024)
    assert (rom.chr_rom == 7).all()
    assert len(rom.prg_rom) == 32 * 1024
    assert len(rom.header) == 16
    assert len(rom.raw_data) == 16 + 40 * 1024


def test_every_number_is_a_plain_int(tmp_path: pathlib.Path) -> None:
    rom = ROM(write(tmp_path, header(1, 1) + prg(b"") + bytes(CHR_BANK)))
    for name in dir(ROM):
        if name.endswith(("size", "banks", "start", "stop", "mapper")) and not name.startswith("_"):
            assert type(getattr(rom, name)) is int, name
    for name in dir(ROM):
        if name.startswith(("is_", "has_")):
            assert type(getattr(rom, name)) is bool, name


def test_trainer_and_four_screens(tmp_path: pathlib.Path) -> None:
    content = header(1, 0, flags=0x0C) + b"\x09" * 512 + prg(b"")
    rom = ROM.from_path(write(tmp_path, content))
    assert rom.has_trainer
    assert (rom.trainer_rom == 9).all()
    assert rom.prg_rom_start == 16 + 512
    assert rom.mirroring == "four-screen"
    assert rom.chr_ram_byte_size == 8192


def test_nes2_header(tmp_path: pathlib.Path) -> None:
    tail = bytes((0x31, 0x00, 0x70, 0x07, 0x01, 0, 0, 0))
    rom = ROM(write(tmp_path, header(1, 0, mapper=4, nes2=True, tail=tail) + prg(b"")))
    assert rom.is_nes2
    assert (rom.mapper, rom.submapper) == (0x104, 3)
    assert (rom.prg_ram_byte_size, rom.prg_battery_ram_byte_size) == (0, 8192)
    assert rom.chr_ram_byte_size == 8192
    assert rom.is_pal
    assert rom.has_battery_backed_ram


def test_nes2_exponent_size(tmp_path: pathlib.Path) -> None:
    tail = bytes((0, 0x0F, 0, 0, 0, 0, 0, 0))
    content = header(14 << 2 | 1, 0, nes2=True, tail=tail) + bytes(3 * 2**14)
    assert ROM(write(tmp_path, content)).prg_rom_byte_size == 3 * 2**14


@pytest.mark.parametrize(
    "head",
    [
        header(1, 1, flags=1),
        header(1, 1, mapper=2),
        header(1, 1, mapper=0x40, tail=b"iskDude!"),  # the name of an old tool from byte 8 on: byte 7 is not believed
        header(1, 1, mapper=0x40)[:7] + b"DiskDude!",
        header(1, 1, mapper=0x42, tail=b"\0\0Ni0330"),  # behind bytes 7 to 9, which are as in iNES 0.7
        header(1, 1, mapper=0x42, tail=b"\0\0\0aster"),
        header(1, 1, mapper=1, nes2=True, tail=bytes((0, 0, 0x07, 0, 1, 0, 0, 0))),
        header(1, 1, nes2=True, tail=b"\x00\x7fjunk!!"),  # looks like NES 2.0, sizes say it is not
        header(1, 1, tail=bytes((0, 1, 0, 0, 0, 0, 0, 0))),
    ],
    ids=["plain", "mapper 2", "tool name", "DiskDude", "Ni0330", "aster", "NES 2.0", "false NES 2.0", "PAL"],
)
def test_emulator_reads_headers_the_same_way(tmp_path: pathlib.Path, head: bytes) -> None:
    path = write(tmp_path, head + prg(b"\x4c\x00\xc0") + bytes(CHR_BANK))
    rom, info = ROM(path), NESEmulator(path).rom_info
    assert rom.mapper == info.mapper
    assert rom.submapper == info.submapper
    assert rom.is_nes2 == info.nes2
    assert rom.prg_rom_byte_size == info.prg_rom_size
    assert rom.chr_rom_byte_size == info.chr_rom_size
    assert rom.is_pal == (info.region == "pal")
    assert rom.mirroring.replace("-", "_") == info.mirroring


def test_property_can_be_replaced(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ROM, "prg_rom_size", property(lambda self: 2 * int(self.header[4])))
    assert ROM(write(tmp_path, header(1, 0) + prg(b""))).prg_rom_size == 2
