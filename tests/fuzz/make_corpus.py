"""Writes the initial inputs of the fuzz targets; fuzzing adds its findings beside them.

Run it from the top of the project: ``python tests/fuzz/make_corpus.py``. The formats are described in the targets'
sources.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nes_py import NESEmulator, _cartridge
from tests.support import board_roms, rom_builder

CORPUS = Path(__file__).parent / "corpus"

# Instructions that write every register of the PPU and the APU, and wait for vertical blank.
DRAW = bytes.fromhex(
    "a9808d0020 a91e8d0120 a93f8d0620 a9008d0620 a9218d0720 a9168d0720 a9008d0520 8d0520"
    "a9038d1440 a91f8d1540 a90f8d1040 a9008d1240 a9018d1340 58 2c022010fb e610"
)


def _chip(address: int, data: int, registers: dict[int, int]) -> list[tuple[int, int]]:
    return [write for number, value in registers.items() for write in ((address, number), (data, value))]


# Writes that are heard: address and value.
PULSE = [(0x4015, 0x0F), (0x4000, 0xBF), (0x4002, 0x40), (0x4003, 0x08)]
SOUNDS = {
    5: [(0x5015, 3), (0x5000, 0xBF), (0x5002, 40), (0x5003, 8), (0x5006, 9), (0x5007, 9), (0x5011, 0x55), (0x5010, 1)],
    19: [(0xE000, 0), (0xF800, 0xF8), *((0x4800, value) for value in (0, 0, 9, 0, 0xE0, 0, 0, 0x1F))],
    24: [(0x9000, 0x7F), (0x9001, 50), (0x9002, 0x80), (0xB000, 0x2A), (0xB001, 9), (0xB002, 0x80)],
    69: _chip(0xC000, 0xE000, {7: 0x10, 8: 0x1F, 0: 80, 6: 3, 13: 14}),
    85: _chip(0x9010, 0x9030, {0x30: 0x10, 0x10: 0xAC, 0x20: 0x1B}),
}


def _cartridges() -> dict[str, bytes]:
    small = rom_builder.rom()
    nes2 = bytearray(rom_builder.header(nes2=True) + small[16:])
    nes2[10:12] = 0x77, 0x07
    odd = bytearray(small)
    odd[7:16] = b"DiskDude!"
    roms = {
        "plain": small,
        "demonstration": rom_builder.demonstration_rom(),
        "trainer": rom_builder.header(flags=4) + bytes(512) + small[16:],
        "nes2": bytes(nes2),
        "dirty": bytes(odd),
        "header": rom_builder.header(),
        "exponent": rom_builder.header(0x30, 0, nes2=True, tail=bytes((0, 0x0F)) + bytes(6)) + bytes(4096),
    }
    return roms | {f"mapper_{mapper}": board_roms.board_rom(mapper) for mapper in (1, 4)}


def _snapshots(boards: int) -> dict[str, bytes]:
    inputs = {}
    for board in range(boards):
        kind = 1 + 2 * (board % 2)
        head = bytes((kind,)) + struct.pack("<H", board) + bytes((board % 3, 0, 1 + board % 2))
        # A few bytes of the CPU, of the PPU and of the board.
        changes = b"".join(
            struct.pack("<I", at)[:3] + b"\xff" for at in (40 + board % 40, 300 + board, 700 + 3 * board)
        )
        inputs[f"board_{board:03}"] = head + changes
    return inputs


def _machines(boards: int) -> dict[str, bytes]:
    inputs = {}
    for board in range(boards):
        head = struct.pack("<HBBBHH", board, board % 256, board % 16, 0xEA, 0x0100, 0x0100)
        if board % 2:
            script = b"".join(
                bytes((kind & 0xFF, (value * 37 + board) & 0xFF, address & 0xFF, address >> 8))
                for value, (kind, address) in enumerate(
                    [(24, 0), (24, 1), (4, 3), (27, 0x8000 + board), (27, 0xA001), (27, 0xC000), (27, 0xE001), (12, 2)]
                )
            )
            code, mode = script, 0x43
        else:
            code, mode = DRAW, 0x42
        turns = b"\x07\x00\x00" + b"\x01" + struct.pack("<H", 9000 + board) + b"\x04\x01\x00" + b"\x07\x00\x00"
        inputs[f"board_{board:03}"] = head + bytes((mode,)) + struct.pack("<H", len(code)) + code + turns
    for mapper, writes in SOUNDS.items():
        board = next(place for place, one in enumerate(_cartridge.boards()) if one[0] == mapper)
        head = struct.pack("<HBBBHH", board, 0, 0, 0xEA, 0x0100, 0x0100)
        code = b"".join(bytes((27, value)) + struct.pack("<H", address) for address, value in (*PULSE, *writes))
        inputs[f"sound_{mapper}"] = head + b"\x47" + struct.pack("<H", len(code)) + code + b"\x07\x00\x00" * 3
    return inputs


def main() -> None:
    """Write the files."""
    boards = len(_cartridge.boards())
    state = bytes(NESEmulator(rom_builder.rom()).dump_state())
    inputs = {
        "rom": _cartridges(),
        "snapshot": {"whole": b"\0" + state, **_snapshots(boards)},
        "machine": _machines(boards),
    }
    for target, files in inputs.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        print(f"{target}: {len(files)} inputs, {sum(map(len, files.values()))} bytes")


if __name__ == "__main__":
    main()
