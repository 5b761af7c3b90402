"""What the info of a vector environment consists of: arrays of the types that ``SyncVectorEnv`` would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        #: Whether it is one column, converted.
        self.is_plain = not self.is_list and self.table is None
        #: Where it is among the plain ones of its type.
        self.row = -1

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
            columns = [
                [cast(one) for one in (whole if cast is int else values)[place].tolist()] for cast, place in self.casts
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
        self._names = list(game.variables)
        infos = {name: Info((name,)) for name in game.variables} if game.infos is None else game.infos
        # Of the plain columns, by their type.
        self._places: dict[Any, list[int]] = {}
        self._entries = self._build(infos.items(), columns, parameters, kinds)
        self._count = self._count_of(self._entries)

    def _build(self, infos: Any, columns: Any, parameters: Any, kinds: Any) -> list[tuple[str, str, Any]]:
        """Return name, name of the mask, and entry: a column, an array by start, or a list of entries."""
        entries: list[tuple[str, str, Any]] = []
        for name, info in infos:
            if info.entries:
                entry: Any = self._build(info.entries, columns, parameters, kinds)
            elif info.values:
                entry = _Column(info, columns, kinds)
                if entry.is_plain:
                    places = self._places.setdefault(entry.dtype, [])
                    entry.row = len(places)
                    places.extend(entry.places)
            elif info.parameter:
                entry = _array([one[info.parameter] for one in parameters])
            else:
                entry = _array([info.constant for _ in parameters])
            entries.append((name, f"_{name}", entry))
        return entries

    def _count_of(self, entries: list[tuple[str, str, Any]]) -> int:
        return sum(1 + (self._count_of(entry) if isinstance(entry, list) else 0) for _, _, entry in entries)

    def numbers(self) -> dict[str, Any]:
        """Return the types of the entries that are arrays of numbers."""
        types = {name: np.dtype(entry.dtype) for name, _, entry in self._entries if not isinstance(entry, list)}
        return {name: dtype for name, dtype in types.items() if not dtype.hasobject}

    def __bool__(self) -> bool:
        """Return whether there is any info."""
        return bool(self._entries)

    def add(self, infos: dict[str, Any], output: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> None:
        """Add the entries to ``infos``: new arrays, 0 or None outside the mask. None: all."""
        values = output.T
        masks = np.ones((self._count, len(output)), np.bool_)
        if mask is not None:
            masks[:] = mask
        if self._plain:
            # One conversion for all; the returned arrays are its rows.
            columns = values.astype(np.int64)
            if mask is not None:
                columns[:, ~mask] = 0
            for (name, masked, _), column, chosen in zip(self._entries, columns, masks, strict=True):
                infos[name] = column
                infos[masked] = chosen
            return
        values = np.ascontiguousarray(values)
        starts = values[self._start].astype(np.intp) if self._start >= 0 else np.zeros(len(output), np.intp)
        try:
            with np.errstate(invalid="raise"):
                self._fill_all(infos, values, values, starts, mask, masks)
        except (ArithmeticError, ValueError):
            self._fill_all(infos, values, _whole(values), starts, mask, masks)

    def _fill_all(self, infos: Any, values: Any, whole: Any, starts: Any, mask: Any, masks: Any) -> None:
        # One conversion for each type; the returned arrays are its rows.
        plain: dict[Any, Any] = {}
        for dtype, places in self._places.items():
            if dtype is np.uint8:
                # By way of an integer: a processor may do anything else with what is too large.
                table = whole[places].astype(np.int64).astype(np.uint8)
            else:
                table = (whole if dtype is np.int64 else values)[places].astype(dtype)
            if mask is not None:
                table[:, ~mask] = 0
            plain[dtype] = list(table)
        self._fill(infos, self._entries, (values, whole), plain, starts, mask, iter(masks))

    def _fill(self, infos: Any, entries: Any, values: Any, plain: Any, starts: Any, mask: Any, masks: Any) -> None:
        for name, masked, entry in entries:
            infos[masked] = next(masks)
            if isinstance(entry, list):
                nested: dict[str, Any] = {}
                infos[name] = nested
                self._fill(nested, entry, values, plain, starts, mask, masks)
                continue
            if isinstance(entry, _Column) and entry.is_plain:
                infos[name] = plain[entry.dtype][entry.row]
                continue
            column = entry.of(*values) if isinstance(entry, _Column) else entry[starts]
            if mask is not None:
                column[~mask] = None if column.dtype == object else 0
            infos[name] = column


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
