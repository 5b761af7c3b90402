"""Bytes with NumPy 1's arithmetic, for classes written for nes-py 8.

Under NumPy 1 a byte combined with a Python integer is a wide integer, ``ram[0x6d] * 0x100``; under NumPy 2 it is a
byte, which overflows or raises OverflowError (NEP 50). The array and the scalars in this module follow NumPy 1:

- a scalar with a Python integer: both keep their types, and the integer is an int64;
- an array with a scalar: the scalar has the smallest type that holds it, if it is of the same kind;
- values written into the array wrap around;
- an array of one number counts as this number.

A plain array made from them, such as ``numpy.array(ram)``, follows NumPy 2.
"""

from __future__ import annotations

import importlib
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Whether this NumPy version needs this module.
NEEDED = int(np.__version__.split(".")[0]) >= 2

_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 2}


def _widen(number: Any) -> Any:
    """Return a Python integer as NumPy 1 converts it: int64, uint64, or unchanged if it is too large."""
    return np.asarray(number)[()] if isinstance(number, int) and not isinstance(number, bool) else number


def _plain(value: Any) -> Any:
    """Return an array or scalar without the classes of this module."""
    if isinstance(value, _CLASSES):
        number: Any = value
        return number.kind(int(number))
    if isinstance(value, RamArray):
        return value.view(np.ndarray)
    return value


def _wrap(value: Any) -> Any:
    """Return an array or scalar with the classes of this module."""
    kind = _NUMBERS.get(type(value))
    if kind is not None:
        return kind(value)
    if type(value) is np.ndarray and value.dtype.type in _NUMBERS:
        return value.view(RamArray)
    if type(value) is tuple:
        return tuple(map(_wrap, value))
    return value


def _type_for(function: Any, number: int) -> np.dtype[Any]:
    """Return the type of an integer beside an array whose type does not hold it."""
    smallest = np.min_scalar_type(number)
    # All others take the first of int8, uint8, int16, uint16 and so on that holds it.
    if smallest.kind == "u" and function not in (np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.where):
        signed = np.dtype(f"i{smallest.itemsize}")
        return signed if number <= np.iinfo(signed).max else smallest
    return smallest


def _narrow(function: Any, inputs: list[Any]) -> list[Any]:
    """Choose the types of the scalars beside the arrays as NumPy 1 does."""
    arrays = [value for value in inputs if isinstance(value, np.ndarray) and value.ndim]
    if not arrays:
        return [_widen(value) for value in inputs]
    highest = max(_KINDS.get(array.dtype.kind, 3) for array in arrays)
    if highest != 1:
        return inputs
    limits = np.iinfo(np.result_type(*(array.dtype for array in arrays if array.dtype.kind in "iu")))
    numbers = []
    for value in inputs:
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            number = value = int(value)
            if not limits.min <= number <= limits.max:
                value = np.asarray(number, _type_for(function, number))
            # otherwise it takes the arrays' type, like a Python integer, in NumPy 2 too
        numbers.append(value)
    return numbers


def _call(function: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Call a ufunc, or a method of one, for ``__array_ufunc__``."""
    given = [_plain(value) for value in inputs]
    if method in ("__call__", "outer"):
        given = _narrow(function, given)
    out = options.get("out")
    if out is not None:
        options["out"] = tuple(map(_plain, out))
    results = getattr(function, method)(*given, **options)
    if out is not None and len(out) == 1:
        return out[0]
    return _wrap(results)


# --- scalars ---


def _array_ufunc(self: Any, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
    return _call(function, method, inputs, options)


def _repr(self: Any) -> str:
    # As NumPy 1 shows them, in infos that programs print.
    return str(_plain(self))


def _reduce(self: Any) -> tuple[Any, ...]:
    return _make, (self.kind, int(self))


def _astype(self: Any, *arguments: Any, **options: Any) -> Any:
    return _wrap(_plain(self).astype(*arguments, **options))


def _clip(self: Any, *arguments: Any, **options: Any) -> Any:
    return _wrap(_plain(self).clip(*map(_widen, arguments), **options))


def _pair(number: Any, other: Any) -> tuple[Any, Any]:
    """Return two scalars as NumPy 1 converts them."""
    other = _widen(_plain(other))
    if isinstance(other, int) and not isinstance(other, bool):  # beyond 64 bits
        return int(number), other
    return _plain(number), other


def _binary(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    operation: Callable[[Any, Any], Any] = divmod if name == "divmod" else getattr(operator, name)

    def forward(self: Any, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        number, other = _pair(self, other)
        return _wrap(operation(number, other))

    def backward(self: Any, other: Any) -> Any:
        number, other = _pair(self, other)
        return _wrap(operation(other, number))

    return forward, backward


def _unary(name: str) -> Callable[..., Any]:
    operation: Callable[[Any], Any] = getattr(operator, name)

    def method(self: Any) -> Any:
        return _wrap(operation(_plain(self)))

    return method


def _methods() -> dict[str, Any]:
    methods: dict[str, Any] = {
        "__slots__": (),
        "__module__": __name__,
        "__array_ufunc__": _array_ufunc,
        "__repr__": _repr,
        "__reduce__": _reduce,
        "astype": _astype,
        "clip": _clip,
    }
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift"):
        methods[f"__{name}__"], methods[f"__r{name}__"] = _binary(name)
    for name in ("and", "or", "xor"):
        methods[f"__{name}__"], methods[f"__r{name}__"] = _binary(f"{name}_" if name != "xor" else name)
    for name in ("neg", "pos", "abs", "invert"):
        methods[f"__{name}__"] = _unary(name)
    return methods


# Types other than int64 that arithmetic with bytes produces. One base each: NumPy's repr of a class with two crashes.
_NUMBERS: dict[type, type] = {
    kind: type(kind.__name__, (kind,), {**_methods(), "kind": kind})
    for kind in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.uint64)
}
_CLASSES = tuple(_NUMBERS.values())


def _make(kind: type[np.integer[Any]], number: int) -> Any:
    """Unpickle a scalar."""
    return _wrap(kind(number))


class RamArray(np.ndarray[Any, Any]):
    """An array of bytes with NumPy 1's arithmetic."""

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        kind = _NUMBERS.get(type(value))
        return value if kind is None else kind(value)

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            super().__setitem__(key, value)
        except OverflowError:
            super().__setitem__(key, self._wrapped(value))
        except ValueError:  # an array where a number belongs
            if not isinstance(value, np.ndarray) or value.size != 1:
                raise
            super().__setitem__(key, self._wrapped(value.reshape(())))

    def _wrapped(self, value: Any) -> NDArray[Any]:
        # A Python float counts as its truncated integer; infinity is not one.
        given = np.asarray(int(value) if type(value) is float else value)
        if given.dtype == object or (given.dtype == np.uint64 and type(value) is int):  # beyond a C long
            raise OverflowError("Python int too large to convert to C long") from None
        return given.astype(self.dtype)

    def _number(self) -> Any:
        """Return the only number of the array, as Python's conversions ask for it."""
        if self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return self.item()

    def __int__(self) -> int:
        return int(self._number())

    def __float__(self) -> float:
        return float(self._number())

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """``ndarray.put``; what does not fit wraps around."""
        super().put(indices, self._wrapped(values), mode)

    def itemset(self, *arguments: Any) -> None:
        """Write one number; NumPy 2 has dropped this method."""
        if len(arguments) < 2:
            self.reshape(-1)[:] = arguments[0]
        elif len(arguments) == 2 and isinstance(arguments[0], (int, np.integer)):
            self.reshape(-1)[arguments[0]] = arguments[1]
        else:
            self[arguments[0] if len(arguments) == 2 else arguments[:-1]] = arguments[-1]

    def fill(self, value: Any) -> None:
        """Set all elements to ``value``, which wraps around."""
        self[...] = value

    def item(self, *arguments: Any) -> Any:
        """Return an element as a Python number."""
        return self.view(np.ndarray).item(*arguments)

    def take(self, *arguments: Any, **options: Any) -> Any:
        """Return the elements at some places."""
        return _wrap(super().take(*arguments, **options))

    def astype(self, dtype: Any, *arguments: Any, **options: Any) -> Any:
        """Return a copy as another type."""
        return _wrap(self.view(np.ndarray).astype(dtype, *arguments, **options))

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:
        """Return the elements, cut off at ``min`` and ``max``."""
        low = self if min is None else np.maximum(self, min, **options)
        return np.positive(low, out=out) if max is None else np.minimum(low, max, out=out, **options)

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **options: Any) -> Any:
        return _call(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function in _ON_PLAIN_ARRAYS:
            return _wrap(function(*map(_plain, arguments), **options))
        if function is np.where and len(arguments) == 3:
            arguments = (arguments[0], *_narrow(function, list(arguments[1:])))
        place = _WRITERS.get(function, len(arguments))
        if place < len(arguments) and isinstance(arguments[0], RamArray) and _is_cut(function, arguments[place]):
            arguments = (*arguments[:place], arguments[0]._wrapped(arguments[place]), *arguments[place + 1 :])
        # Functions such as numpy.concatenate return an array without the class.
        return _wrap(super().__array_function__(function, types, arguments, options))


# They ask ufuncs for arrays by ``out=...`` since NumPy 2.4, which ``__array_ufunc__`` is not told.
_ON_PLAIN_ARRAYS = (np.percentile, np.quantile, np.nanpercentile, np.nanquantile)

# Functions that write into their first argument, and the place of what they write.
_WRITERS: dict[Any, int] = {np.copyto: 1, np.putmask: 2, np.place: 2}


def _is_cut(function: Any, value: Any) -> bool:
    """Return whether NumPy 1 cuts what is written, integers of Python, where NumPy 2 checks them."""
    if isinstance(value, (np.ndarray, np.generic)) or (function is np.copyto and not isinstance(value, int)):
        return False
    return np.asarray(value).dtype.kind in "iu"


# --- NumPy as packages for nes-py 8 see it ---


class _Conversion(type):
    """Makes a type of NumPy that converts integers which it does not hold, and is otherwise the type itself."""

    kind: type

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and isinstance(arguments[0], int):
            return _wrap(np.asarray(arguments[0]).astype(cls.kind)[()])
        return _wrap(cls.kind(*map(_plain, arguments), **options))

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.kind)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.kind)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other == cls.kind

    def __hash__(cls) -> int:
        return hash(cls.kind)


class _NumPy1(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return importlib.import_module, ("numpy",)


def _numpy_1() -> types.ModuleType:
    module = _NumPy1("numpy")
    vars(module).update(vars(np))
    for kind in _NUMBERS:
        setattr(module, kind.__name__, _Conversion(kind.__name__, (kind,), {"kind": kind, "__module__": "numpy"}))
    return module


_NUMPY_1 = _numpy_1() if NEEDED else np


def lend_numpy_1(names: dict[str, Any]) -> None:
    """Let a module that was written for NumPy 1 have its conversions: ``np.uint8(-144)``, which NumPy 2 refuses."""
    for name, value in list(names.items()):
        if value is np:
            names[name] = _NUMPY_1


def bytes_of(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a view of an array with NumPy 1's arithmetic for bytes, under any NumPy."""
    return array.view(RamArray) if NEEDED else array
