"""CHR banks that are switched in the middle of a line, again and again: both policies show the same."""

from __future__ import annotations

import numpy as np
import pytest
from support.equality import assert_same
from support.ppu_start import WAYS
from support.rom_builder import CHR_BANK, header, prg

from nes_py import NESEmulator

# Where the background's tiles are, and writes, in turn, of addresses and values.
SWITCHES: dict[str, tuple[int, int, list[tuple[int, int]]]] = {
    "MMC3 bank": (4, 0x1000, [(0x8000, 2), (0x8001, 3), (0x8001, 9)]),
    "MMC3 inversion": (4, 0, [(0x8000, 0x80), (0x8000, 0x00)]),
    "RAMBO-1 bank": (64, 0, [(0x8000, 0x28), (0x8001, 3), (0x8001, 9)]),
    "RAMBO-1 inversion": (64, 0, [(0x8000, 0x80), (0x8000, 0x00)]),
    "RAMBO-1 1 KB banks": (64, 0, [(0x8000, 0x20), (0x8000, 0x00)]),
    "800037 1 KB banks": (158, 0, [(0x8000, 0x20), (0x8000, 0x00)]),
    "TC0690 2 KB bank": (48, 0, [(0x8002, 1), (0x8002, 2)]),
    "TC0690 1 KB bank": (48, 0x1000, [(0xA001, 1), (0xA001, 2)]),
    "TC0190 1 KB bank": (33, 0x1000, [(0xA003, 1), (0xA003, 2)]),
}


def rom(mapper: int, tiles_at: int, writes: list[tuple[int, int]]) -> bytes:
    """Returns a cartridge that shows background and sprites and makes these writes for ever."""
    code = bytes.fromhex("78 d8 a2 ff 9a" + "".join(WAYS["two polls"]) + "a9 1e 8d 01 20")
    code += bytes((0xA9, tiles_at >> 8, 0x8D, 0x00, 0x20))
    again = 0xC000 + len(code)
    code += b"".join(bytes((0xA9, value, 0x8D, address & 0xFF, address >> 8)) for address, value in writes)
    code += b"\x4c" + again.to_bytes(2, "little")
    bank = prg(code)
    tiles = np.random.default_rng(mapper).integers(0, 256, 4 * CHR_BANK, np.uint8).tobytes()
    return header(1, 4, mapper) + bank + tiles


@pytest.mark.parametrize("name", SWITCHES)
def test_both_policies_show_the_same(name: str) -> None:
    content = rom(*SWITCHES[name])
    seen = set()
    with NESEmulator(content) as fast, NESEmulator(content, policy="reference") as reference:
        for _ in range(12):
            fast.step()
            reference.step()
            assert_same(fast.screen_rgb(), reference.screen_rgb())
            assert bytes(fast.dump_state()) == bytes(reference.dump_state())
            seen.add(fast.screen_rgb().tobytes())
    assert len(seen) > 3  # the switches are not at the same places in each frame
