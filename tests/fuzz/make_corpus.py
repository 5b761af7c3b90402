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
