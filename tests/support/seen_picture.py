"""What the PPU shows, read slowly and plainly from outside: video memory, OAM and the scroll position of each line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py import NESEmulator, _cartridge

UPPER, BACKGROUND, SPRITES, LEFT_BACKGROUND, LEFT_SPRITES = 1, 2, 4, 8, 16
"""The flags of ``NESEmulator.scroll``."""


def control(emulator: NESEmulator) -> int:
    """Returns ppuctrl, which only a saved state tells."""
    (offset,) = (each[1] for each in _cartridge.state_fields(emulator.rom_data) if each[0] == "ppu.ppuctrl")
    return bytes(emulator.dump_state())[32 + offset]


def tile_at(emulator: NESEmulator, scroll: list[int], x: int) -> tuple[int, int]:
    """Returns the two numbers that ``NESEmulator.tiles`` gives for the pixel in column ``x`` of a line."""
    first, row, nametable, flags = scroll
    if not flags & BACKGROUND:
        return 0, 0
    column = first + x
    if column > 255:
        column -= 256
        nametable ^= 1
    base = 0x2000 + 0x400 * nametable
    tile = emulator.peek_ppu(base + row // 8 * 32 + column // 8)
    attributes = emulator.peek_ppu(base + 0x3C0 + row // 32 * 8 + column // 32)
    shift = (4 if row % 32 >= 16 else 0) + (2 if column % 32 >= 16 else 0)
    return tile, attributes >> shift & 3 | (4 if flags & UPPER else 0) | 8


def tiles(emulator: NESEmulator) -> NDArray[np.uint8]:
    """Returns what ``NESEmulator.tiles`` should."""
    lines = emulator.scroll()[4::8].tolist()
    cells = [[tile_at(emulator, line, column * 8 + 4) for column in range(32)] for line in lines]
    return np.array(cells, np.uint8).transpose(2, 0, 1)


def sprites(emulator: NESEmulator) -> list[list[int]]:
    """Returns what ``NESEmulator.objects`` should, before numbers are cut off at 255."""
    tall = 16 if control(emulator) & 0x20 else 8
    oam = emulator.oam.reshape(64, 4).astype(int)
    scroll = emulator.scroll().astype(int)
    visible = set()
    for line in range(1, 240):
        found = [number for number in range(64) if oam[number, 0] + 1 <= line <= oam[number, 0] + tall][:8]
        flags = scroll[line, 3]
        visible |= {n for n in found if flags & SPRITES and (oam[n, 3] > 0 or flags & LEFT_SPRITES)}
    return [
        [x, y + 1, 8, tall, tile, kind & 3, kind >> 6 & 1, kind >> 7, kind >> 5 & 1, int(number in visible)]
        for number, (y, tile, kind, x) in enumerate(oam.tolist())
    ]


def objects(emulator: NESEmulator, limit: int | None = None) -> NDArray[np.uint8]:
    """Returns what ``NESEmulator.objects`` should."""
    rows = sprites(emulator)
    if limit is not None:
        groups: list[list[list[int]]] = []
        for one in rows:
            if not one[9]:
                continue
            joined = [group for group in groups if any(together(one, other) for other in group)]
            groups = [group for group in groups if group not in joined]
            groups.append([each for group in joined for each in group] + [one])
        groups = [sorted(group, key=rows.index) for group in groups]
        groups.sort(key=lambda group: rows.index(group[0]))
        rows = [box(group) for group in groups[:limit]]
        rows += [[0] * 10] * (limit - len(rows))
    return np.minimum(np.array(rows), 255).astype(np.uint8)


def together(one: list[int], other: list[int]) -> bool:
    """Returns whether two sprites belong to one group."""
    across, down = abs(one[0] - other[0]), abs(one[1] - other[1])
    corner = across == 8 and down == one[3]
    return one[5] == other[5] and across <= 8 and down <= one[3] and not corner


def box(group: list[list[int]]) -> list[int]:
    """Returns the row of a group; its sprites are in the order of OAM."""
    left, top = min(one[0] for one in group), min(one[1] for one in group)
    width = max(one[0] + 8 for one in group) - left
    height = max(one[1] + one[3] for one in group) - top
    return [left, top, width, height, *group[0][4:9], len(group)]


def picture(emulator: NESEmulator) -> NDArray[np.uint8]:
    """Returns the picture as palette indices, if only the scroll position changes within it, and that between lines."""
    memory = np.array([emulator.peek_ppu(address) for address in range(0x3000)], np.uint8)
    palette = np.array([emulator.peek_ppu(0x3F00 + (i if i & 3 else 0)) for i in range(32)], np.uint8)
    shown = np.zeros((240, 256), np.uint8)
    x = np.arange(256)
    upper_sprites, tall = control(emulator) & 0x08, 16 if control(emulator) & 0x20 else 8
    oam: list[Any] = emulator.oam.reshape(64, 4).tolist()
    for line, (first, row, nametable, flags) in enumerate(emulator.scroll().tolist()):
        slots = np.zeros(256, int)
        if flags & BACKGROUND:
            column = first + x
            base = 0x2000 + 0x400 * (nametable ^ column >> 8)
            column &= 255
            tile = memory[base + row // 8 * 32 + column // 8].astype(int)
            kind = memory[base + 0x3C0 + row // 32 * 8 + column // 32].astype(int)
            kind = kind >> ((row & 16) // 4 + (column & 16) // 8) & 3
            slots = colours(memory, (0x1000 if flags & UPPER else 0) + tile * 16 + row % 8, column % 8)
            slots += (slots > 0) * kind * 4
            if not flags & LEFT_BACKGROUND:
                slots[:8] = 0
        taken = np.zeros(256, bool)
        found = [one for one in oam if one[0] + 1 <= line <= one[0] + tall][:8] if flags & SPRITES else []
        for top, number, kind, left in found:
            place = line - top - 1
            place = tall - 1 - place if kind & 0x80 else place
            if tall == 16:
                start = (number & 1) * 0x1000 + (number & 0xFE) * 16 + place // 8 * 16 + place % 8
            else:
                start = (0x1000 if upper_sprites else 0) + number * 16 + place
            across = x[left : left + 8]
            pixels = across - left
            colour = colours(memory, start, 7 - pixels if kind & 0x40 else pixels)
            here = (colour > 0) & ~taken[across]
            if not flags & LEFT_SPRITES:
                here &= across >= 8
            taken[across[here]] = True
            if kind & 0x20:
                here &= slots[across] == 0
            slots[across[here]] = 16 + (kind & 3) * 4 + colour[here]
        shown[line] = palette[slots]
    return shown


def colours(memory: NDArray[np.uint8], address: Any, column: Any) -> NDArray[Any]:
    """Returns the colours, 0 to 3, of columns of tile rows."""
    low, high = memory[address].astype(int), memory[np.asarray(address) + 8].astype(int)
    result: NDArray[Any] = low >> 7 - column & 1 | (high >> 7 - column & 1) << 1
    return result
