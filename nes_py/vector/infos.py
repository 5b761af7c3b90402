"""What the info of a vector environment consists of: arrays of the types that ``SyncVectorEnv`` would give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._expression import kind_of
from nes_py._vector import Columns
from nes_py.game import Game, Info

#: The types of columns, in the order of ``Columns``.
_BLOCKS: tuple[Any, ...] = (np.int64, np.uint8, np.bool_, np.float64)
_TYPES: dict[str, Any] = {
    "bool": np.bool_,
    "int": np.int64,
    "float": np.float64,
    "uint8": np.uint8,
    "int64": np.int64,
    "float64": np.float64,
}


def _dtype_of(values: Sequence[Any]) -> Any:
    """Return the type of an array of plain values: a number's if all have the same type, else object."""
    types = {type(value) for value in values}
    return {bool: np.bool_, int: np.int64, float: np.float64}.get(types.pop(), object) if len(types) == 1 else object


def _array(values: Sequence[Any]) -> NDArray[Any]:
    """Return a one-dimensional array of any values."""
    dtype = _dtype_of(values)
    array: NDArray[Any] = np.empty(len(values), dtype)
    for number, value in enumerate(values):
        array[number] = value
    return array


class _Table(dict[int, Any]):
    """What stands for numbers in info; fills itself, up to a bound: a counter never comes back to an old number."""

    MOST = 4096

    def __init__(self, info: Info) -> None:
        super().__init__(info.names)
        self.info = info

    def __missing__(self, number: int) -> Any:
        other = self.info.other
        value = self.info.format.replace("{}", str(number)) if self.info.format else number
        value = value if other is ... else other
        if len(self) < self.MOST:
            self[number] = value
        return value


class _Column:
    """An entry that is made of columns of the core's output."""

    def __init__(self, info: Info, columns: Mapping[str, int], kinds: Mapping[str, str]) -> None:
        self.places = [columns[text] for text in info.values]
        self.table = _Table(info) if not info.is_list and (info.names or info.format) else None
        #: Whether it is one column, converted.
        self.is_plain = not info.is_list and self.table is None
        if self.is_plain:
            self.dtype = _TYPES[info.type or kind_of(info.values[0], kinds)]
        else:
            self.dtype = object if self.table is None else self._dtype(info)
        #: What the numbers of a list are. A table has whole ones.
        types = {"bool": np.bool_, "float": np.float64} if info.is_list else {}
        self.types = [types.get(kind_of(one, kinds), np.int64) for one in info.values]

    @staticmethod
    def _dtype(info: Info) -> Any:
        named = [value for _, value in info.names]
        if info.other is not ...:
            named.append(info.other)
        elif info.format:
            named.append("")
        else:
            named.append(0)
        return _dtype_of(named)

    def of(self, columns: Sequence[list[Any]]) -> NDArray[Any]:
        """Return the array of an entry that is not plain, from the numbers of its columns."""
        result: NDArray[Any] = np.empty(len(columns[0]), self.dtype)
        table = self.table
        values: Any = zip(*columns, strict=True) if table is None else [table[number] for number in columns[0]]
        for row, value in enumerate(values):
            result[row] = value
        return result


@dataclass(frozen=True)
class _Entry:
    """An entry of info: a column, the values of each start, or entries of its own."""

    name: str
    source: _Column | NDArray[Any] | list[_Entry]

    @property
    def dtype(self) -> Any:
        """Return the type of its array; None: it is a dict."""
        return None if isinstance(self.source, list) else np.dtype(self.source.dtype)


class _Arrays:
    """All arrays of a step's info, in one list, and how they become a dict.

    First come the columns, a block for each type; then the entries of each start, likewise; then what is neither; then
    the masks. One conversion makes all arrays of a block, and they are its rows. Between two steps the consoles take
    the caches of the processor, so what counts is how few different functions are called.
    """

    def __init__(self, entries: Sequence[_Entry], start: int) -> None:
        places: dict[Any, list[int]] = {dtype: [] for dtype in _BLOCKS}
        constants: dict[Any, list[NDArray[Any]]] = {}
        others: list[_Column] = []
        self._mask_count = 0
        self._places: dict[int, tuple[str, Any, int]] = {}
        self._note(entries, places, constants, others)
        # What the others are made of, and the number of the start, are columns too.
        sources = [[self._source(places, *one) for one in zip(each.types, each.places, strict=True)] for each in others]
        start_row = self._source(places, np.int64, start) if start >= 0 else None
        self._columns = Columns(*places.values())
        self._constants = [np.stack(rows) for rows in constants.values()]
        begin: dict[tuple[str, Any], int] = {}
        total = 0
        for kind, dtype, count in (
            *(("column", dtype, len(rows)) for dtype, rows in places.items()),
            *(("constant", dtype, len(rows)) for dtype, rows in constants.items()),
            ("other", None, len(others)),
            ("mask", None, self._mask_count),
        ):
            begin[kind, dtype] = total
            total += count
        self._start = None if start_row is None else begin["column", np.int64] + start_row[1]
        self._others = [
            (each, [begin["column", dtype] + row for dtype, row in rows])
            for each, rows in zip(others, sources, strict=True)
        ]
        self._masks: NDArray[np.bool_] = np.ones((self._mask_count, 0), np.bool_)
        self._fill = self._filler(entries, begin, iter(range(begin["mask", None], total)))

    def _note(self, entries: Any, places: Any, constants: Any, others: Any) -> None:
        """Give each array its place: kind of block, type, row."""
        for entry in entries:
            self._mask_count += 1
            source = entry.source
            if isinstance(source, list):
                self._note(source, places, constants, others)
            elif isinstance(source, _Column) and source.is_plain:
                self._places[id(entry)] = ("column", *self._source(places, source.dtype, source.places[0]))
            elif isinstance(source, _Column):
                self._places[id(entry)] = ("other", None, len(others))
                others.append(source)
            else:
                rows = constants.setdefault(source.dtype, [])
                self._places[id(entry)] = ("constant", source.dtype, len(rows))
                rows.append(source)

    @staticmethod
    def _source(places: dict[Any, list[int]], dtype: Any, place: int) -> tuple[Any, int]:
        """Add a column of a type; return the type and the row."""
        places[dtype].append(place)
        return dtype, len(places[dtype]) - 1

    def add(self, infos: dict[str, Any], output: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> None:
        """Add the entries to ``infos``, see ``InfoBuilder.add``."""
        rows = len(output)
        blocks: list[Any] = [*self._columns.convert(output)]
        arrays = [row for block in blocks for row in block]
        if self._constants:
            starts = np.zeros(rows, np.intp) if self._start is None else arrays[self._start]
            # A negative number is a place from the end.
            tables = [table.take(starts, axis=1) for table in self._constants]
            blocks += tables
            arrays += [row for table in tables for row in table]
        others = [each.of([arrays[place].tolist() for place in places]) for each, places in self._others]
        if self._masks.shape[1] != rows:
            self._masks = np.ones((self._mask_count, rows), np.bool_)
        masks = self._masks.copy()
        if mask is not None:
            masks[:] = mask
            for array in (*blocks, *others):
                array[..., ~mask] = None if array.dtype == object else 0
        self._fill(infos, [*arrays, *others, *masks])

    def _filler(self, entries: Sequence[_Entry], begin: Any, masks: Any) -> Callable[[dict[str, Any], Any], None]:
        """Return a function that adds the entries, each behind its mask, from the list of arrays."""
        keys: list[str] = []
        places: list[int] = []
        nested: list[tuple[str, Any]] = []
        for entry in entries:
            keys.append(f"_{entry.name}")
            places.append(next(masks))
            keys.append(entry.name)
            if isinstance(entry.source, list):
                places.append(places[-1])  # the dict takes its place
                nested.append((entry.name, self._filler(entry.source, begin, masks)))
            else:
                kind, dtype, row = self._places[id(entry)]
                places.append(begin[kind, dtype] + row)
        pick: Any = itemgetter(*places) if places else lambda _: ()

        def fill(infos: dict[str, Any], arrays: Any) -> None:
            infos.update(zip(keys, pick(arrays), strict=True))
            for name, fill_nested in nested:
                inner: dict[str, Any] = {}
                fill_nested(inner, arrays)
                infos[name] = inner

        return fill


class InfoBuilder:
    """Makes the info of a game from the output of the core.

    Args:
        game (Game): the declared game.
        columns: the numbers of its expressions in the output.
        parameters: the parameters of each start, by its number; see ``Starts.by_number``.
        start: the number of the output's column with the number of the start, if there is one.
    """

    def __init__(
        self, game: Game, columns: Mapping[str, int], parameters: Sequence[Mapping[str, Any]], start: int = -1
    ) -> None:
        kinds = game.kinds()
        infos = {name: Info((name,)) for name in game.variables} if game.infos is None else game.infos
        self._entries = self._build(infos.items(), columns, parameters, kinds)
        self._arrays = _Arrays(self._entries, start)

    def _build(self, infos: Any, columns: Any, parameters: Any, kinds: Any) -> list[_Entry]:
        entries: list[_Entry] = []
        for name, info in infos:
            if info.entries:
                source: Any = self._build(info.entries, columns, parameters, kinds)
            elif info.values:
                source = _Column(info, columns, kinds)
            elif info.parameter:
                source = _array([one[info.parameter] for one in parameters])
            else:
                source = _array([info.constant for _ in parameters])
            entries.append(_Entry(name, source))
        return entries

    def numbers(self) -> dict[str, Any]:
        """Return the types of the entries that are arrays of numbers."""
        types = {entry.name: entry.dtype for entry in self._entries}
        return {name: dtype for name, dtype in types.items() if dtype is not None and not dtype.hasobject}

    def __bool__(self) -> bool:
        """Return whether there is any info."""
        return bool(self._entries)

    def add(self, infos: dict[str, Any], output: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> None:
        """Add the entries to ``infos``: new arrays, 0 or None outside the mask. None: all."""
        self._arrays.add(infos, output, mask)


def info_of(infos: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return the info of one environment from that of all, without the masks."""
    return {
        name: info_of(value, index) if isinstance(value, Mapping) else value[index : index + 1].tolist()[0]
        for name, value in infos.items()
        if name[0] != "_"
    }


def split_infos(infos: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Return the info of each environment, without the masks."""
    columns = {
        name: split_infos(value, count) if isinstance(value, Mapping) else value.tolist()
        for name, value in infos.items()
        if name[0] != "_"
    }
    return [{name: column[index] for name, column in columns.items()} for index in range(count)]


__all__ = ["InfoBuilder", "info_of", "split_infos"]
