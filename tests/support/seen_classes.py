"""The classes of a screen in plain Python, from RAM, tiles and objects: what ``obs_type="semantic"`` should be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py import NESEmulator
from nes_py.semantic import Conditions, Position, Semantics


def byte(emulator: NESEmulator, address: int) -> int:
    """Returns a byte of RAM or PRG-RAM."""
    memory: Any = emulator.memory_buffer() if address < 0x6000 else emulator.prg_ram
    return int(memory[address & 0x1FFF])


def selected(emulator: NESEmulator, when: Conditions) -> bool:
    """Returns whether a map or a table counts."""
    return all(values[byte(emulator, address)] for address, values in when)


def position(emulator: NESEmulator, where: Position, offset: int = 0) -> int:
    """Returns a position in pixels."""
    if where is None:
        return 0
    low, high = where
    return byte(emulator, low + offset) + (0 if high is None else 256 * byte(emulator, high + offset))


def boxes(emulator: NESEmulator, semantics: Semantics, camera: tuple[int, int]) -> list[tuple[int, ...]]:
    """Returns class, x, y, width and height of what is where, in the order in which it counts as first."""
    found = []
    for table in semantics.objects:
        if not selected(emulator, table.when):
            continue
        for offset in range(0, table.count * table.stride, table.stride):
            if table.active is not None and byte(emulator, table.active + offset) == 0:
                continue
            kind = table.kinds[0 if table.kind is None else byte(emulator, table.kind + offset)]
            left, top = (position(emulator, each, offset) for each in (table.x, table.y))
            if table.in_level:
                left, top = left - camera[0], top - camera[1]
            found.append((kind, left + table.offset[0], top + table.offset[1], *table.size))
    for x, y, width, height, tile, *_, visible in emulator.objects().tolist():
        if visible:
            found.append((semantics.sprites[tile], x, y, width, height))
    return [one for one in found if one[0]]


def stretch(start: int, length: int, count: int) -> list[int]:
    """Returns the cells whose middle lies in a stretch, or the one of its own middle."""
    cells = [cell for cell in range(-50, 100) if start <= cell * 8 + 4 < start + length]
    return [cell for cell in cells or [(start + length // 2) // 8] if 0 <= cell < count]


def screen(emulator: NESEmulator, semantics: Semantics) -> tuple[NDArray[np.uint8], tuple[int, int] | None]:
    """Returns the classes of all cells of 8 x 8 pixels, and the middle of what the window is around."""
    camera = position(emulator, semantics.camera[0]), position(emulator, semantics.camera[1])
    classes = np.zeros((30, 32), np.uint8)
    names, kinds = emulator.tiles()
    for row in range(*semantics.tile_rows):
        for column in range(32):
            if kinds[row, column]:
                number = int(names[row, column]) + (256 if kinds[row, column] & 4 else 0)
                classes[row, column] = semantics.tiles[number]
    for one in semantics.maps:
        if not selected(emulator, one.when):
            continue
        for row in range(30):
            for column in range(32):
                x, y = column * 8 + 4, row * 8 + 4
                if one.in_level:
                    x, y = x + camera[0], y + camera[1]
                across, down = (x - one.position[0]) // one.size[0], (y - one.position[1]) // one.size[1]
                if one.wraps:
                    across %= one.shape[1]
                if not (0 <= across < one.shape[1] and 0 <= down < one.shape[0]):
                    continue
                page, place = divmod(across, one.page[0])
                at = one.address + down * one.strides[0] + page * one.page[1] + place * one.strides[1]
                classes[row, column] = max(classes[row, column], one.kinds[byte(emulator, at)])
    middle = None
    for kind, left, top, width, height in boxes(emulator, semantics, camera):
        cells = [(row, column) for row in stretch(top, height, 30) for column in stretch(left, width, 32)]
        for row, column in cells:
            classes[row, column] = max(classes[row, column], kind)
        if cells and kind == semantics.around and middle is None:
            middle = left + width // 2, top + height // 2
    return classes, middle


def observation(emulator: NESEmulator, semantics: Semantics) -> NDArray[np.uint8]:
    """Returns the window."""
    classes, middle = screen(emulator, semantics)
    side = semantics.cell // 8
    cells = classes.reshape(30 // side, side, 32 // side, side).max((1, 3))
    rows, columns = semantics.shape
    first, left = semantics.corner
    out = np.zeros(semantics.shape, np.uint8)
    if semantics.around:
        if middle is None:
            return out
        first, left = middle[1] // semantics.cell - rows // 2, middle[0] // semantics.cell - columns // 2
    for row in range(rows):
        for column in range(columns):
            if 0 <= first + row < cells.shape[0] and 0 <= left + column < cells.shape[1]:
                out[row, column] = cells[first + row, left + column]
    return out
