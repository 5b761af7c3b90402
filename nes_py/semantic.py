"""Declares what tiles and objects of a game mean, for ``obs_type="semantic"``: a small grid of classes.

A declaration is plain data: the entry ``semantic`` of a declared game, or a JSON file of its own. The vector
environments evaluate it in C++.

    {
        "classes": ["ground", "coin", "beetle", "player"],
        "maps": [
            {"address": "0x400", "rows": 8, "columns": 32, "row_stride": 1, "column_stride": 8, "position": [0, 112],
             "kinds": {"ground": ["1-14"], "coin": 15}, "in_level": true, "wraps": true}
        ],
        "objects": [
            {"class": "player", "x": ["0x1B", "0x1C"], "y": "0x1D", "size": [16, 24], "in_level": true},
            {"kind": "0x700", "kinds": {"beetle": 1}, "count": 6, "x": ["0x706", "0x70C"], "y": "0x712",
             "in_level": true}
        ],
        "camera": {"x": ["0x26", "0x27"]},
        "cell": 16,
        "window": {"around": "player", "rows": 15, "columns": 15}
    }

Tiles and sprites are declared by their numbers in video memory, as ``NESEmulator.tiles`` and ``objects`` return them;
maps and objects by where the game keeps them in RAM. ``docs/tiles.md`` describes all entries.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._entries import MEMORIES, check_keys, hexadecimal, integer, suggest
from ._limits import (
    LARGEST_DISTANCE,
    LARGEST_WINDOW,
    LONGEST_NAME,
    MOST_CLASSES,
    MOST_MAPS,
    MOST_OBJECTS,
    MOST_SELECTIONS,
)
from ._schema import read_json
from ._schemas import SEMANTICS
from .errors import FileFormatError, shown

ROWS, COLUMNS = 30, 32
KEYS = ("classes", "tiles", "tile_rows", "sprites", "maps", "objects", "camera", "cell", "window")

#: The address of a position and, if it has one, that of its high byte; None: there is none, and the position is 0.
Position = tuple[int, int | None] | None
#: Addresses of bytes, and for each of the 256 values whether it selects.
Conditions = tuple[tuple[int, tuple[bool, ...]], ...]


@dataclass(frozen=True)
class ObjectTable:
    """Objects that a game keeps in RAM, in rows or in columns of bytes.

    Attributes:
        x: where the first object's x is, in pixels.
        y: the same.
        kinds: class by kind, 256 of them, 0 for what is no object; the first one counts if ``kind`` is None.
        kind: address of the byte that says what the first object is, or None.
        active: address of a byte that is 0 while the first object is not there, or None.
        count: number of objects.
        stride: bytes from one object to the next.
        offset: from the position to the upper left corner, in pixels.
        size: width and height in pixels.
        in_level: whether the camera's position is taken away.
        when: what must hold, or there are no objects.
    """

    x: Position
    y: Position
    kinds: tuple[int, ...]
    kind: int | None
    active: int | None
    count: int
    stride: int
    offset: tuple[int, int]
    size: tuple[int, int]
    in_level: bool
    when: Conditions


@dataclass(frozen=True)
class FieldMap:
    """A map of the field that a game keeps in RAM, with a byte for each cell.

    Attributes:
        address: of the first cell.
        shape: rows and columns.
        strides: bytes from one row to the next, and from one column to the next.
        page: columns of a page, and bytes from one page to the next.
        kinds: class by the byte, 256 of them.
        position: upper left corner of the first cell in pixels.
        size: width and height of a cell in pixels.
        in_level: whether the camera's position is taken away.
        wraps: whether the first column follows behind the last one.
        when: what must hold, or the map counts for nothing.
    """

    address: int
    shape: tuple[int, int]
    strides: tuple[int, int]
    page: tuple[int, int]
    kinds: tuple[int, ...]
    position: tuple[int, int]
    size: tuple[int, int]
    in_level: bool
    wraps: bool
    when: Conditions


@dataclass(frozen=True)
class Semantics:
    """What tiles and objects mean.

    Attributes:
        classes: names; the first has the number 1. Of several in a cell the one with the highest number counts.
        tiles: class of each tile number, of the pattern table at $0000 and then of that at $1000: 512 numbers.
        tile_rows: the rows of tiles that count: the first, and the one behind the last.
        sprites: class of the sprites with each tile number: 256 numbers.
        maps: maps in RAM.
        objects: tables of objects in RAM.
        camera: where the x and the y of the screen's upper left corner in the level are.
        cell: pixels of a cell's side, 8 or 16.
        around: number of the class that is in the middle of the window, 0 for a window that stays.
        corner: row and column of the screen in the upper left corner of a window that stays.
        shape: rows and columns of the window.
        entry: the declaration.
    """

    classes: tuple[str, ...]
    tiles: tuple[int, ...]
    tile_rows: tuple[int, int]
    sprites: tuple[int, ...]
    maps: tuple[FieldMap, ...]
    objects: tuple[ObjectTable, ...]
    camera: tuple[Position, Position]
    cell: int
    around: int
    corner: tuple[int, int]
    shape: tuple[int, int]
    entry: Mapping[str, Any] = field(compare=False, repr=False)

    @property
    def end_of_prg_ram(self) -> int:
        """The bytes of PRG-RAM that are needed."""
        return max((one - 0x6000 + 1 for one in self._last_addresses() if one >= 0x6000), default=0)

    def _last_addresses(self) -> Iterable[int]:
        for one in self.maps:
            yield one.address + _last_cell(one.shape, one.strides, one.page)
        for table in self.objects:
            for address in (*(table.x or ()), *(table.y or ()), table.kind, table.active):
                if address is not None:
                    yield address + (table.count - 1) * table.stride
        for when in (*(one.when for one in self.maps), *(table.when for table in self.objects)):
            yield from (address for address, _ in when)
        for position in self.camera:
            yield from (address for address in position or () if address is not None)

    @classmethod
    def parse(cls, entry: Any) -> Semantics:
        """Return the semantics from a mapping, see the module, or from ``Semantics``.

        Raises:
            TypeError: an entry has the wrong type; the message names it.
            ValueError: an entry is unknown, missing or out of range; the message names it.
        """
        if isinstance(entry, cls):
            return entry
        if not isinstance(entry, Mapping):
            raise TypeError(f"semantic must be a mapping or the path of a JSON file, not {shown(entry)}")
        check_keys(entry, "semantic", ("classes",), KEYS[1:])
        classes = _names(entry["classes"])
        numbers = {name: number for number, name in enumerate(classes, 1)}
        camera = _mapping(_given(entry, "camera", {}), "semantic.camera")
        check_keys(camera, "semantic.camera", (), ("x", "y"))
        cell = integer(entry.get("cell", 8), "semantic.cell")
        if cell not in (8, 16):
            raise ValueError(f"semantic.cell must be 8 or 16 pixels, not {shown(cell)}")
        tile_rows = _pair(entry.get("tile_rows", (0, ROWS)), "semantic.tile_rows", 0, ROWS)
        if tile_rows[0] > tile_rows[1]:
            raise ValueError(f"semantic.tile_rows: {tile_rows[0]} is above {tile_rows[1]}")
        sprites = _lookup(_given(entry, "sprites", {}), "semantic.sprites", numbers, 256)
        tables = tuple(
            _table(one, f"semantic.objects[{number}]", numbers)
            for number, one in enumerate(_list(_given(entry, "objects", ()), "semantic.objects"))
        )
        around, corner, shape = _window(entry.get("window"), numbers, (ROWS * 8 // cell, COLUMNS * 8 // cell))
        if around and around not in {*sprites, *(kind for table in tables for kind in table.kinds)}:
            raise ValueError(f"semantic.window.around: no object and no sprite is {classes[around - 1]!r}")
        return cls(
            classes,
            _lookup(_given(entry, "tiles", {}), "semantic.tiles", numbers, 512),
            tile_rows,
            sprites,
            tuple(
                _map(one, f"semantic.maps[{number}]", numbers)
                for number, one in enumerate(_list(_given(entry, "maps", ()), "semantic.maps"))
            ),
            tables,
            (
                _position(camera.get("x"), "semantic.camera.x", 1),
                _position(camera.get("y"), "semantic.camera.y", 1),
            ),
            cell,
            around,
            corner,
            shape,
            dict(entry),
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], declared: Mapping[str, Any] | None = None) -> Semantics:
        """Return the semantics from a JSON file, which fits the schema in ``docs/schemas/semantic.json``.

        Args:
            path: the file.
            declared: entries that the file may leave out.

        Raises:
            FileFormatError: a ``ValueError``: it is not JSON, an entry is wrong, or it exceeds a limit; the message
                names file and entry.
            OSError: it cannot be read.
        """
        entry = read_json(path, SEMANTICS)
        try:
            return cls.parse({**(declared or {}), **entry})
        except (TypeError, ValueError) as error:
            raise FileFormatError(str(error), path) from None


def _given(entry: Mapping[str, Any], key: str, default: Any) -> Any:
    value = entry.get(key)
    return default if value is None else value


def _mapping(entry: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise TypeError(f"{where} must be a mapping, not {shown(entry)}")
    return entry


def _list(entry: Any, where: str) -> Sequence[Any]:
    if isinstance(entry, (Mapping, str, bytes)) or not isinstance(entry, Sequence):
        raise TypeError(f"{where} must be a list, not {shown(entry)}")
    if len(entry) > MOST_MAPS:
        raise ValueError(f"{where} has {len(entry)} entries, the limit is {MOST_MAPS}")
    return entry


def _names(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, (str, bytes, Mapping)) or not isinstance(entry, Sequence) or not entry:
        raise TypeError(f"semantic.classes must be a list of names, not {shown(entry)}")
    if len(entry) > MOST_CLASSES:
        raise ValueError(f"semantic.classes has {len(entry)} names, the limit is {MOST_CLASSES}")
    for number, name in enumerate(entry):
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(f"semantic.classes[{number}] must be a name, not {shown(name)}")
        if name in entry[:number]:
            raise ValueError(f"semantic.classes: {shown(name)} is there twice")
    return tuple(entry)


def _class(name: Any, where: str, numbers: Mapping[str, int]) -> int:
    if not isinstance(name, str) or name not in numbers:
        known = ", ".join(list(numbers)[:20])
        raise ValueError(f"{where}: there is no class {shown(name)}{suggest(name, numbers)} (classes: {known})")
    return numbers[name]


def _in(value: Any, where: str, low: int, high: int) -> int:
    number = integer(value, where)
    if not low <= number <= high:
        raise ValueError(f"{where} must be in {low}..{high}, not {shown(number)}")
    return number


def _pair(entry: Any, where: str, low: int, high: int) -> tuple[int, int]:
    if not isinstance(entry, Sequence) or isinstance(entry, (str, bytes)) or len(entry) != 2:
        raise TypeError(f"{where} must be a pair of integers, not {shown(entry)}")
    return _in(entry[0], f"{where}[0]", low, high), _in(entry[1], f"{where}[1]", low, high)


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise TypeError(f"{where}.{key} must be true or false, not {shown(value)}")
    return value


def _numbers(entry: Any, where: str, end: int) -> list[int]:
    """Return numbers below ``end`` from a number, a range such as "0x60-0x8F", or a list of both."""
    if isinstance(entry, Sequence) and not isinstance(entry, (str, bytes)):
        if len(entry) > end:
            raise ValueError(f"{where} has {len(entry)} entries, the limit is {end}")
        return [one for number, each in enumerate(entry) for one in _range(each, f"{where}[{number}]", end)]
    return _range(entry, where, end)


def _range(entry: Any, where: str, end: int) -> list[int]:
    if isinstance(entry, str) and "-" in entry[1:]:
        first, _, last = entry.partition("-")
        low, high = _in(first, where, 0, end - 1), _in(last, where, 0, end - 1)
        if low > high:
            raise ValueError(f"{where}: {low:#x} is above {high:#x}")
        return list(range(low, high + 1))
    return [_in(entry, where, 0, end - 1)]


def _lookup(entry: Any, where: str, numbers: Mapping[str, int], end: int) -> tuple[int, ...]:
    """Return the class of each number below ``end``, from the numbers of each class."""
    table = [0] * end
    for name, members in _mapping(entry, where).items():
        kind = _class(name, where, numbers)
        for number in _numbers(members, f"{where}.{name}", end):
            if table[number]:
                raise ValueError(f"{where}.{name}: {number:#04x} is {list(numbers)[table[number] - 1]!r} already")
            table[number] = kind
    return tuple(table)


def _address(entry: Any, where: str, extent: int) -> int:
    """Return an address; ``extent``: the bytes from it on that are read."""
    address = integer(entry, where)
    if not any(address in memory and address + extent - 1 in memory for memory in MEMORIES.values()):
        raise ValueError(
            f"{where}: {extent} byte(s) from {hexadecimal(address)} are neither in RAM ($0000-$07FF) nor in PRG-RAM "
            "($6000-$7FFF)"
        )
    return address


def _position(entry: Any, where: str, extent: int) -> Position:
    if entry is None:
        return None
    if not isinstance(entry, Sequence) or isinstance(entry, (str, bytes)):
        return _address(entry, where, extent), None
    if len(entry) != 2:
        raise TypeError(f"{where} must be an address, or those of the low and the high byte, not {shown(entry)}")
    return _address(entry[0], f"{where}[0]", extent), _address(entry[1], f"{where}[1]", extent)


def _conditions(entry: Any, where: str) -> Conditions:
    """Return addresses and the values with which their bytes select, from values by address."""
    if entry is None:
        return ()
    if len(_mapping(entry, where)) > MOST_SELECTIONS:
        raise ValueError(f"{where} has {len(entry)} entries, the limit is {MOST_SELECTIONS}")
    conditions = []
    for key, values in entry.items():
        address = _address(key, f"{where}: the key {shown(key)}", 1)
        chosen = set(_numbers(values, f"{where}[{shown(key)}]", 256))
        conditions.append((address, tuple(number in chosen for number in range(256))))
    return tuple(conditions)


def _table(entry: Any, where: str, numbers: Mapping[str, int]) -> ObjectTable:
    optional = ("class", "kind", "kinds", "active", "count", "stride", "x", "y", "offset", "size", "in_level", "when")
    check_keys(_mapping(entry, where), where, (), optional)
    count = _in(entry.get("count", 1), f"{where}.count", 1, MOST_OBJECTS)
    stride = _in(entry.get("stride", 1), f"{where}.stride", 1, 0x800)
    extent = (count - 1) * stride + 1
    kind: int | None = None
    kinds: tuple[int, ...]
    if "class" in entry:
        if "kind" in entry or "kinds" in entry:
            raise ValueError(f"{where} must have either the key class or the keys kind and kinds")
        kinds = (_class(entry["class"], f"{where}.class", numbers),) + (0,) * 255
    else:
        for key in ("kind", "kinds"):
            if key not in entry:
                raise ValueError(f"{where} lacks the key {key!r}, or the key 'class' instead of kind and kinds")
        kind = _address(entry["kind"], f"{where}.kind", extent)
        kinds = _lookup(entry["kinds"], f"{where}.kinds", numbers, 256)
    active = entry.get("active")
    return ObjectTable(
        _position(entry.get("x"), f"{where}.x", extent),
        _position(entry.get("y"), f"{where}.y", extent),
        kinds,
        kind,
        None if active is None else _address(active, f"{where}.active", extent),
        count,
        stride,
        _pair(entry.get("offset", (0, 0)), f"{where}.offset", -LARGEST_DISTANCE, LARGEST_DISTANCE),
        _pair(entry.get("size", (16, 16)), f"{where}.size", 1, 256),
        _flag(entry, "in_level", where),
        _conditions(entry.get("when"), f"{where}.when"),
    )


def _last_cell(shape: tuple[int, int], strides: tuple[int, int], page: tuple[int, int]) -> int:
    """Return the largest offset of a cell of a map."""
    columns = shape[1]
    last_page = (columns - 1) // page[0]
    in_full_page, in_last_page = min(columns, page[0]) - 1, (columns - 1) % page[0]
    place = last_page * page[1] + in_last_page * strides[1]
    if last_page:
        place = max(place, (last_page - 1) * page[1] + in_full_page * strides[1])
    return (shape[0] - 1) * strides[0] + place


def _map(entry: Any, where: str, numbers: Mapping[str, int]) -> FieldMap:
    required = ("address", "rows", "columns", "kinds")
    optional = ("row_stride", "column_stride", "page", "position", "size", "in_level", "wraps", "when")
    check_keys(_mapping(entry, where), where, required, optional)
    shape = _in(entry["rows"], f"{where}.rows", 1, 256), _in(entry["columns"], f"{where}.columns", 1, 2048)
    page = entry.get("page")
    pages = (shape[1], 0) if page is None else _pair(page, f"{where}.page", 1, 0x2000)
    strides = (
        _in(entry.get("row_stride", pages[0]), f"{where}.row_stride", 1, 0x2000),
        _in(entry.get("column_stride", 1), f"{where}.column_stride", 1, 0x2000),
    )
    return FieldMap(
        _address(entry["address"], f"{where}.address", _last_cell(shape, strides, pages) + 1),
        shape,
        strides,
        pages,
        _lookup(entry["kinds"], f"{where}.kinds", numbers, 256),
        _pair(entry.get("position", (0, 0)), f"{where}.position", -LARGEST_DISTANCE, LARGEST_DISTANCE),
        _pair(entry.get("size", (16, 16)), f"{where}.size", 1, 256),
        _flag(entry, "in_level", where),
        _flag(entry, "wraps", where),
        _conditions(entry.get("when"), f"{where}.when"),
    )


def _window(
    entry: Any, numbers: Mapping[str, int], screen: tuple[int, int]
) -> tuple[int, tuple[int, int], tuple[int, int]]:
    """Return the class in its middle, its corner and its shape."""
    where = "semantic.window"
    if entry is None:
        return 0, (0, 0), screen
    if "around" in _mapping(entry, where):
        check_keys(entry, where, ("around", "rows", "columns"), ())
        shape = tuple(_in(entry[key], f"{where}.{key}", 1, LARGEST_WINDOW) for key in ("rows", "columns"))
        return _class(entry["around"], f"{where}.around", numbers), (0, 0), (shape[0], shape[1])
    check_keys(entry, where, ("row", "column", "rows", "columns"), ("around",))
    corner = (
        _in(entry["row"], f"{where}.row", 0, screen[0] - 1),
        _in(entry["column"], f"{where}.column", 0, screen[1] - 1),
    )
    rows = _in(entry["rows"], f"{where}.rows", 1, screen[0] - corner[0])
    columns = _in(entry["columns"], f"{where}.columns", 1, screen[1] - corner[1])
    return 0, corner, (rows, columns)


__all__ = ["FieldMap", "ObjectTable", "Semantics"]
