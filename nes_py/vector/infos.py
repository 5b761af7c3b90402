"""What the info of a vector environment consists of: arrays of the types that ``SyncVectorEnv`` would give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._expression import kind_of
from nes_py.game import Game, Info

#: What an integer of info is if the expression's value is none: an infinite one, or larger than 64 bits.
_LARGEST = 2.0**62
_TYPES: dict[str, Any] = {"bool": np.bool_, "int": np.int64, "float": np.float64, "uint8": np.uint8, "int64": np.int64}


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
    """What stands for numbers in info; fills itself."""

    def __init__(self, info: Info) -> None:
        super().__init__(info.names)
        self.info = info

    def __missing__(self, number: int) -> Any:
        other = self.info.other
        value = self.info.format.replace("{}", str(number)) if self.info.format else number
        self[number] = value = value if other is ... else other
        return value


class _Column:
    """An entry that is made of columns of the core's output."""

    def __init__(self, info: Info, columns: Mapping[str, int], kinds: Mapping[str, str]) -> None:
        self.places = [columns[text] for text in info.values]
        self.kind = info.type or kind_of(info.values[0], kinds)
        self.is_list = info.is_list
        self.table = _Table(info) if info.names or info.format else None
        self.is_object = info.is_list or (self.table is not None and self._dtype(info) is object)
        self.dtype = object if self.is_object else self._dtype(info) if self.table is not None else _TYPES[self.kind]
        casts = [_cast(kind_of(text, kinds)) for text in info.values]
        self.casts = list(zip(casts, self.places, strict=True))
        self.is_whole = all(cast is int for cast in casts)
        #: Whether it is one column, converted.
        self.is_plain = not self.is_list and self.table is None

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

    def of(self, values: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[Any]:
        """Return the array of an entry that is not plain.

        Args:
            values: a column of the output in each row.
            whole: the same for integers.
        """
        if self.is_list:
            result: NDArray[Any] = np.empty(values.shape[1], object)
            if self.is_whole:
                columns = whole[self.places].astype(np.int64).tolist()
            else:
                columns = [
                    [cast(one) for one in (whole if cast is int else values)[place].tolist()]
                    for cast, place in self.casts
                ]
            for number, row in enumerate(zip(*columns, strict=True)):
                result[number] = row
            return result
        table = self.table
        assert table is not None
        column = whole[self.places[0]]
        result = np.empty(len(column), self.dtype)
        result[:] = [table[int(number)] for number in column.tolist()]
        return result


def _whole(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values that integers can have: 0 for what is not a number, and no infinite ones."""
    return np.clip(np.nan_to_num(values, nan=0.0), -_LARGEST, _LARGEST)


def _cast(kind: str) -> Any:
    return {"bool": bool, "float": float}.get(kind, int)


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

    First come the plain columns, a block for each type; then the entries of each start, likewise; then what is
    neither; then the masks. One conversion makes all arrays of a block, and they are its rows.
    """

    def __init__(self, entries: Sequence[_Entry]) -> None:
        columns: dict[Any, list[int]] = {}
        constants: dict[Any, list[NDArray[Any]]] = {}
        self.others: list[_Column] = []
        self.mask_count = 0
        self._places: dict[int, tuple[str, Any, int]] = {}
        self._note(entries, columns, constants)
        self.columns = [(dtype, np.array(places, np.intp)) for dtype, places in columns.items()]
        self.constants = [np.stack(rows) for rows in constants.values()]
        begin: dict[tuple[str, Any], int] = {}
        total = 0
        for kind, dtype, count in (
            *(("column", dtype, len(places)) for dtype, places in columns.items()),
            *(("constant", dtype, len(rows)) for dtype, rows in constants.items()),
            ("other", None, len(self.others)),
            ("mask", None, self.mask_count),
        ):
            begin[kind, dtype] = total
            total += count
        masks = iter(range(begin["mask", None], total))
        self.fill = self._filler(entries, begin, masks)

    def _note(self, entries: Sequence[_Entry], columns: dict[Any, list[int]], constants: dict[Any, list[Any]]) -> None:
        """Give each array its place: kind of block, type, row."""
        for entry in entries:
            self.mask_count += 1
            source = entry.source
            if isinstance(source, list):
                self._note(source, columns, constants)
            elif isinstance(source, _Column) and source.is_plain:
                places = columns.setdefault(source.dtype, [])
                self._places[id(entry)] = ("column", source.dtype, len(places))
                places.extend(source.places)
            elif isinstance(source, _Column):
                self._places[id(entry)] = ("other", None, len(self.others))
                self.others.append(source)
            else:
                rows = constants.setdefault(source.dtype, [])
                self._places[id(entry)] = ("constant", source.dtype, len(rows))
                rows.append(source)

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
        parameters: the parameters of each start.
        start: the number of the output's column with the number of the start, if there is one.
    """

    def __init__(
        self, game: Game, columns: Mapping[str, int], parameters: Sequence[Mapping[str, Any]], start: int = -1
    ) -> None:
        self._start = start
        kinds = game.kinds()
        self._plain = game.infos is None and not any(one.is_computed for one in game.variables.values())
        infos = {name: Info((name,)) for name in game.variables} if game.infos is None else game.infos
        self._entries = self._build(infos.items(), columns, parameters, kinds)
        self._arrays = _Arrays(self._entries)

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
        values = output.T
        masks = np.ones((self._arrays.mask_count, len(output)), np.bool_)
        if mask is not None:
            masks[:] = mask
        if self._plain:
            # One conversion for all; the returned arrays are its rows.
            table = values.astype(np.int64)
            if mask is not None:
                table[:, ~mask] = 0
            self._arrays.fill(infos, [*table, *masks])
            return
        values = np.ascontiguousarray(values)
        starts = values[self._start].astype(np.intp) if self._start >= 0 else np.zeros(len(output), np.intp)
        try:
            with np.errstate(invalid="raise"):
                arrays = self._make(values, values, starts, mask)
        except (ArithmeticError, ValueError):
            arrays = self._make(values, _whole(values), starts, mask)
        self._arrays.fill(infos, [*arrays, *masks])

    def _make(
        self, values: NDArray[np.float64], whole: NDArray[np.float64], starts: NDArray[np.intp], mask: Any
    ) -> list[Any]:
        """Return all arrays but the masks; ``whole``: the values as integers can have them."""
        blocks: list[Any] = []
        for dtype, places in self._arrays.columns:
            if dtype is np.uint8:
                # By way of an integer: a processor may do anything else with what is too large.
                blocks.append(whole.take(places, axis=0).astype(np.int64).astype(np.uint8))
            else:
                blocks.append((whole if dtype is np.int64 else values).take(places, axis=0).astype(dtype))
        blocks += [table.take(starts, axis=1) for table in self._arrays.constants]
        others = [column.of(values, whole) for column in self._arrays.others]
        if mask is not None:
            for array in (*blocks, *others):
                array[..., ~mask] = None if array.dtype == object else 0
        return [row for block in blocks for row in block] + others


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
