"""Declares a game: its variables in memory, its rewards, its end conditions and its start.

A declaration is plain data and can be stored as JSON beside a ROM. The vector environments evaluate it in C++ after
every frame, without calling Python.

    {
        "variables": {
            "score": {"address": "0x1E", "size": 3, "encoding": "little"},
            "lives": "0x11"
        },
        "rewards": [{"delta": "score"}, {"condition": "delta lives < 0", "weight": -25}],
        "terminated": "lives == 0",
        "lives": "lives"
    }

Where these say too little there are expressions, values that are remembered, and programs that run frames:

    {
        "variables": {"page": "0x6D", "offset": "0x86", "x": {"value": "page * 256 + offset"}, "state": "0x0E"},
        "memories": {"x_max": {"start": "x", "update": "max(x_max, x)"}},
        "rewards": [{"name": "progress", "value": "max(x - x_max, 0)"}],
        "after_step": [{"while": "state == 7", "do": [[[], 1]]}],
        "infos": {"x_pos": "x", "dying": "state == 11", "progress": "progress"}
    }
"""

from __future__ import annotations

import dataclasses
import itertools
import keyword
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._entries import MEMORIES as MEMORIES
from ._entries import check_keys as _keys
from ._entries import hexadecimal as _hexadecimal
from ._entries import integer as _integer
from ._entries import suggest as suggest
from ._expression import (
    FUNCTIONS,
    REWARD_NAMES,
    Names,
    NotAnExpressionError,
    check_expression,
    is_number,
    kind_of,
)
from ._limits import (
    LARGEST_NUMBER,
    LARGEST_WEIGHT,
    LONGEST_CONDITION,
    LONGEST_EXPRESSION,
    LONGEST_NAME,
    LONGEST_SCRIPT,
    LONGEST_TEXT,
    MOST_CONDITIONS,
    MOST_INFOS,
    MOST_PRESSES,
    MOST_REWARDS,
    MOST_VARIABLES,
)
from ._schema import read_json
from ._schemas import GAME
from .errors import FileFormatError, shown
from .semantic import Semantics

#: How bytes encode a number, and the maximum number of bytes: those of ``nes_py.ram.RAM_READ_ENCODINGS``, and more.
ENCODINGS = {
    "byte": 1,
    "little": 4,
    "big": 4,
    "bcd": 4,
    "digits": 9,
    "bcd_little": 4,
    "low_digits": 9,
    "low_digits_little": 9,
    "count": 2048,
}
_DECIMAL = ("bcd", "digits", "bcd_little", "low_digits", "low_digits_little")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
#: What a reward is made of; one of them is the key of its entry.
REWARD_KINDS = ("value", "delta", "condition")
#: The types of values in ``info``.
INFO_TYPES = ("bool", "int", "float", "uint8", "int64", "float64")
#: The kinds of a statement of a program beside presses; one of them is the key of its entry.
STATEMENT_KINDS = ("if", "while", "repeat", "set", "write")
#: How deep lists of statements may be in each other; JSON files have a limit of their own.
_DEEPEST_PROGRAM = 10
_DEEPEST_INFOS = 15  # of infos in infos, as far as a JSON file can go
_RESERVED = ("env_id", "final_info", "final_obs", "life_lost")
_NAME = re.compile(r"[A-Za-z]\w*")

BUTTONS = ("A", "B", "select", "start", "up", "down", "left", "right")

_CONDITION = re.compile(r"\s*(delta\s+)?([A-Za-z_]\w*)\s*(==|!=|<=|>=|<|>)\s*([+-]?\w+)\s*")


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise TypeError(f"{where} must be a number, not {shown(value)}")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER and not (isinstance(value, float) and math.isinf(value)):
        raise ValueError(f"{where} must be in -{LARGEST_NUMBER:g}..{LARGEST_NUMBER:g}, not {shown(value)}")
    return float(value)


def _pair(value: Any, where: str) -> tuple[float, float]:
    """Return the limits of a range; None leaves a side open."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise TypeError(f"{where} must be a pair [low, high], not {shown(value)}")
    low = -math.inf if value[0] is None else _number(value[0], f"{where}[0]")
    high = math.inf if value[1] is None else _number(value[1], f"{where}[1]")
    if low > high:
        raise ValueError(f"{where}: {low} is above {high}")
    return low, high


@dataclass(frozen=True)
class Variable:
    """A number that the game stores in memory.

    Attributes:
        address: CPU address of its first byte: $0000 to $07FF in RAM, $6000 to $7FFF in PRG-RAM.
        size: its length in bytes.
        encoding: ``"byte"``, ``"little"``, ``"big"``, ``"bcd"`` (two digits per byte), ``"digits"`` (one digit per
            byte, most significant first) or ``"low_digits"`` (the same, in the lower nibble of the byte);
            ``"bcd_little"`` and ``"low_digits_little"`` start with the least significant byte. ``"count"`` is the
            number of bytes that are one of ``of``, or none of ``not``.
        signed: whether it is two's complement; not with decimal encodings.
        group: of ``"count"``: bytes of a group; a group counts once if any of its bytes does.
        counted: of ``"count"``: the values of bytes that count.
        value: an expression instead of an address: the variable is computed, from those declared before it, parameters
            and memories.
    """

    address: int
    size: int = 1
    encoding: str = "byte"
    signed: bool = False
    group: int = 1
    counted: tuple[int, ...] = ()
    value: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether it is an expression."""
        return bool(self.value)

    @classmethod
    def parse(cls, entry: Any, where: str) -> Variable:
        """Return a variable from an address or from a mapping with the names of the attributes."""
        if isinstance(entry, cls):
            entry = entry._entry()
        if isinstance(entry, (int, str)) and not isinstance(entry, bool):
            entry = {"address": entry}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be an address or a mapping, not {shown(entry)}")
        _keys(entry, where, ("address",), ("size", "encoding", "signed", "group", "of", "not"))
        address = _integer(entry["address"], f"{where}.address")
        size = _integer(entry.get("size", 1), f"{where}.size")
        encoding = entry.get("encoding", "byte" if size == 1 else "little")
        signed = entry.get("signed", False)
        if not isinstance(encoding, str) or encoding not in ENCODINGS:
            raise ValueError(f"{where}.encoding must be one of {', '.join(ENCODINGS)}, not {shown(encoding)}")
        if not 1 <= size <= ENCODINGS[encoding]:
            raise ValueError(
                f"{where}.size must be in 1..{ENCODINGS[encoding]} with encoding {encoding!r}, not {shown(size)}"
            )
        if not isinstance(signed, bool):
            raise TypeError(f"{where}.signed must be true or false, not {shown(signed)}")
        if signed and encoding in _DECIMAL:
            raise ValueError(f"{where}: a number with encoding {shown(encoding)} cannot be signed")
        if not any(address in memory and address + size - 1 in memory for memory in MEMORIES.values()):
            raise ValueError(
                f"{where}: {size} byte(s) from {_hexadecimal(address)} are neither in RAM ($0000-$07FF) nor in "
                "PRG-RAM ($6000-$7FFF)"
            )
        if encoding != "count":
            for key in ("group", "of", "not"):
                if key in entry:
                    raise ValueError(f"{where}: {shown(key)} needs the encoding 'count'")
            return cls(address, size, encoding, signed)
        group = _integer(entry.get("group", 1), f"{where}.group")
        if group < 1 or size % group:
            raise ValueError(f"{where}.group must divide the size {size}, and {shown(group)} does not")
        if signed:
            raise ValueError(f"{where}: a number with encoding 'count' cannot be signed")
        return cls(address, size, encoding, signed, group, cls._counted(entry, where))

    @staticmethod
    def _counted(entry: Mapping[str, Any], where: str) -> tuple[int, ...]:
        keys = [key for key in ("of", "not") if key in entry]
        if len(keys) != 1:
            raise ValueError(f"{where}: the encoding 'count' needs one of the keys 'of' and 'not'")
        values = entry[keys[0]]
        if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
            raise TypeError(f"{where}.{keys[0]} must be a list of bytes, not {shown(values)}")
        listed = {_integer(value, f"{where}.{keys[0]}") for value in values}
        if not listed <= set(range(256)):
            raise ValueError(f"{where}.{keys[0]} must be a list of numbers in 0..255")
        return tuple(sorted(listed if keys[0] == "of" else set(range(256)) - listed))

    def _entry(self) -> dict[str, Any]:
        """Return the mapping that declares it."""
        if self.is_computed:
            return {"value": self.value}
        entry = {"address": self.address, "size": self.size, "encoding": self.encoding, "signed": self.signed}
        return entry | ({"group": self.group, "of": self.counted} if self.encoding == "count" else {})

    @property
    def memory(self) -> str:
        """``"ram"`` or ``"prg_ram"``."""
        return next(name for name, memory in MEMORIES.items() if self.address in memory)

    @property
    def offset(self) -> int:
        """Offset of the first byte from the start of its memory."""
        return self.address - MEMORIES[self.memory].start

    def decode(self, data: Sequence[int]) -> int:
        """Return the number that ``size`` bytes encode."""
        values = [int(byte) for byte in data]
        if self.encoding == "count":
            counts = [byte in self.counted for byte in values]
            return sum(any(counts[first : first + self.group]) for first in range(0, self.size, self.group))
        if self.encoding.endswith("_little"):
            values.reverse()
        if self.encoding.startswith("low_digits"):
            values = [byte & 0x0F for byte in values]
        if self.encoding.startswith("bcd"):
            return sum(
                (byte >> 4) * 10 ** (2 * place + 1) + (byte & 0x0F) * 10 ** (2 * place)
                for place, byte in enumerate(reversed(values))
            )
        if self.encoding in ("digits", "low_digits", "low_digits_little"):
            return sum(byte * 10**place for place, byte in enumerate(reversed(values)))
        order = "little" if self.encoding == "little" else "big"
        return int.from_bytes(bytes(values), order, signed=self.signed)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Condition:
    """A comparison of a variable, or of its change in the frame, with a number."""

    variable: str
    comparison: str
    operand: int
    delta: bool = False

    def holds(self, before: Mapping[str, int], after: Mapping[str, int]) -> bool:
        """Return whether it holds between two frames."""
        value = after[self.variable] - (before[self.variable] if self.delta else 0)
        compare: dict[str, Callable[[int, int], bool]] = {
            "==": int.__eq__,
            "!=": int.__ne__,
            "<": int.__lt__,
            "<=": int.__le__,
            ">": int.__gt__,
            ">=": int.__ge__,
        }
        return compare[self.comparison](value, self.operand)

    def __str__(self) -> str:
        return f"{'delta ' * self.delta}{self.variable} {self.comparison} {self.operand}"


@dataclass(frozen=True)
class Expression:
    """A condition that is more than a comparison with a number; it holds if the expression is not 0."""

    text: str

    def __str__(self) -> str:
        return self.text


#: Groups of conditions: true if all conditions of any group hold; never without a group.
Conditions = tuple[tuple[Condition | Expression, ...], ...]


def _condition(entry: Any, where: str, names: Names) -> Condition | Expression:
    if isinstance(entry, (Condition, Expression)):
        entry = str(entry)
    if not isinstance(entry, str):
        raise TypeError(f"{where} must be a string such as 'lives == 0', not {shown(entry)}")
    match = _CONDITION.fullmatch(entry) if len(entry) <= LONGEST_CONDITION else None
    if match:
        delta, name, comparison, operand = match.groups()
        if name in FUNCTIONS or operand in (*names.known, "True", "False"):
            return Expression(check_expression(entry, where, names, suggest))
        _known(name, where, names.values if delta else names.known)
        number = _integer(operand, where)
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"{where}: a number must be in -2**63..2**63-1, not {shown(number)}")
        return Condition(name, comparison, number, bool(delta))
    try:
        if len(entry) <= LONGEST_EXPRESSION:
            return Expression(check_expression(entry, where, names, suggest))
    except NotAnExpressionError:
        pass
    raise ValueError(
        f"{where}: {shown(entry)} is not a condition; it must read '[delta] VARIABLE COMPARISON NUMBER' with "
        f"one of {' '.join(COMPARISONS)}, such as 'lives == 0' or 'delta lives < 0', or be an expression such as "
        "'lives == 0 and state in (1, 2)'"
    )


def _known(name: Any, where: str, variables: Collection[str], kind: str = "variable") -> str:
    if not isinstance(name, str) or name not in variables:
        known = ", ".join(itertools.islice(variables, 20)) or "none"
        known += ", ..." if len(variables) > 20 else ""
        raise ValueError(f"{where}: there is no {kind} {shown(name)}{suggest(name, variables)} (declared: {known})")
    return name


def _conditions(entry: Any, where: str, names: Names) -> Conditions:
    """Return groups from a condition, a list of them (any), or a list with lists in it (all of each)."""
    if entry is None:
        return ()
    if isinstance(entry, (str, Condition, Expression)):
        return ((_condition(entry, where, names),),)
    if not isinstance(entry, Sequence):
        raise TypeError(f"{where} must be a condition or a list of them, not {shown(entry)}")
    groups: list[tuple[Condition | Expression, ...]] = []
    for number, one in enumerate(entry):
        here = f"{where}[{number}]"
        if isinstance(one, (str, Condition, Expression)):
            groups.append((_condition(one, here, names),))
        elif isinstance(one, Sequence) and one:
            groups.append(tuple(_condition(part, f"{here}[{place}]", names) for place, part in enumerate(one)))
        else:
            raise TypeError(f"{here} must be a condition or a list of conditions that must all hold, not {shown(one)}")
    if (count := sum(map(len, groups))) > MOST_CONDITIONS:
        raise ValueError(f"{where} has {count} conditions, the limit is {MOST_CONDITIONS}")
    return tuple(groups)


def _check_name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValueError(f"{where}: {shown(name)} is not a valid name: letters, digits and _, a letter first")
    return str(name)


def _name(given: Any, where: str, taken: Iterable[str] = ()) -> str:
    name = _check_name(given, where)
    if name in FUNCTIONS or name in REWARD_NAMES or keyword.iskeyword(name):
        raise ValueError(f"{where}: {shown(name)} means something else in expressions")
    if name in taken:
        raise ValueError(f"{where}: {shown(name)} is declared twice")
    return name


@dataclass(frozen=True)
class Reward:
    """A term of a frame's reward: ``weight`` times a value, a change or, for a condition, 1 if it holds.

    Attributes:
        kind: ``"value"``, ``"delta"`` or ``"condition"``.
        variable: of a delta a variable, of a value an expression; empty for a condition.
        condition: groups of conditions; empty for the other kinds.
        weight: the factor.
        clip: limits of the value or change before it is weighted.
        name: for ``infos``; empty: none.
    """

    kind: str
    variable: str = ""
    condition: Conditions = ()
    weight: float = 1.0
    clip: tuple[float, float] = (-math.inf, math.inf)
    name: str = ""

    @classmethod
    def parse(cls, entry: Any, where: str, names: Names) -> Reward:
        """Return a reward term from a mapping with one of the keys value, delta and condition."""
        if isinstance(entry, cls):
            subject: Any = entry.condition if entry.kind == "condition" else entry.variable
            entry = {entry.kind: subject, "weight": entry.weight, "clip": entry.clip, "name": entry.name}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be a mapping such as {{'delta': 'score'}}, not {shown(entry)}")
        _keys(entry, where, (), ("value", "delta", "condition", "weight", "clip", "name"))
        kinds = [kind for kind in REWARD_KINDS if kind in entry]
        if len(kinds) != 1:
            raise ValueError(f"{where} must have exactly one of the keys value, delta and condition, not {kinds}")
        kind = kinds[0]
        weight = _number(entry.get("weight", 1.0), f"{where}.weight")
        if not abs(weight) <= LARGEST_WEIGHT:
            raise ValueError(f"{where}.weight must be in -{LARGEST_WEIGHT:g}..{LARGEST_WEIGHT:g}, not {weight:g}")
        clip = _pair(entry.get("clip", (None, None)), f"{where}.clip")
        name = entry.get("name") or ""
        if kind == "condition":
            conditions = _conditions(entry[kind], f"{where}.condition", names)
            return cls(kind, "", conditions, weight, clip, name)
        if kind == "delta":
            return cls(kind, _known(entry[kind], f"{where}.{kind}", names.values), (), weight, clip, name)
        text = check_expression(entry[kind], f"{where}.{kind}", names, suggest)
        return cls(kind, text, (), weight, clip, name)


@dataclass(frozen=True)
class Press:
    """A part of a program: buttons held for some frames.

    Attributes:
        buttons: names of the buttons of the first controller, ``()`` for none.
        frames: the number of frames; the maximum if ``until`` is given.
        until: conditions that end it, tested after each frame; ``delta`` is then the change in that frame.
    """

    buttons: tuple[str, ...]
    frames: int
    until: Conditions = ()

    @property
    def byte(self) -> int:
        """The buttons as the controller's byte, A in bit 0."""
        return buttons_to_byte(self.buttons, "buttons")

    @classmethod
    def parse(cls, entry: Any, where: str, names: Names) -> Press:
        """Return a part from a pair (buttons, frames) or a mapping with the keys buttons, frames and until."""
        if isinstance(entry, cls):
            entry = {"buttons": entry.buttons, "frames": entry.frames, "until": entry.until}
        if isinstance(entry, Sequence) and not isinstance(entry, str) and len(entry) == 2:
            entry = {"buttons": entry[0], "frames": entry[1]}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be a pair [buttons, frames] or a mapping, not {shown(entry)}")
        _keys(entry, where, ("buttons", "frames"), ("until",))
        frames = _integer(entry["frames"], f"{where}.frames")
        if not 1 <= frames <= LONGEST_SCRIPT:
            raise ValueError(f"{where}.frames must be in 1..{LONGEST_SCRIPT}, not {shown(frames)}")
        buttons_to_byte(entry["buttons"], f"{where}.buttons")
        return cls(tuple(entry["buttons"]), frames, _conditions(entry.get("until"), f"{where}.until", names))


@dataclass(frozen=True)
class Statement:
    """A part of a program that is not a press.

    Attributes:
        kind: ``"if"``, ``"while"``, ``"repeat"``, ``"set"`` or ``"write"``.
        expression: the condition of ``if`` and ``while``.
        at_most: turns of ``while`` (0: any number) or ``repeat``.
        body: what is done.
        other: what ``if`` does otherwise.
        assignments: of ``set`` names of memories and expressions; of ``write`` names of variables, or addresses, and
            expressions.
    """

    kind: str
    expression: str = ""
    at_most: int = 0
    body: Statements = ()
    other: Statements = ()
    assignments: tuple[tuple[str, str], ...] = ()

    def _entry(self) -> dict[str, Any]:
        """Return the mapping that declares it."""
        if self.kind in ("set", "write"):
            return {self.kind: dict(self.assignments)}
        if self.kind == "if":
            return {"if": self.expression, "then": self.body, "else": self.other}
        if self.kind == "repeat":
            return {"repeat": self.at_most, "do": self.body}
        return {"while": self.expression, "do": self.body} | ({"at_most": self.at_most} if self.at_most else {})

    @classmethod
    def parse(cls, entry: Any, where: str, names: Names, game: _Declared) -> Statement | Press:
        """Return a part of a program from its entry."""
        if isinstance(entry, cls):
            entry = entry._entry()
        kinds = [kind for kind in STATEMENT_KINDS if kind in entry] if isinstance(entry, Mapping) else []
        if not kinds:
            if isinstance(entry, Mapping) and "buttons" not in entry and "frames" not in entry:
                raise ValueError(
                    f"{where} must have 'buttons' and 'frames', or one of the keys {', '.join(STATEMENT_KINDS)}"
                )
            return Press.parse(entry, where, names)
        kind = kinds[0]
        if kind in ("set", "write"):
            _keys(entry, where, (kind,), ())
            return cls(kind, assignments=game.assignments(kind, entry[kind], f"{where}.{kind}", names))
        if kind == "if":
            _keys(entry, where, ("if", "then"), ("else",))
            return cls(
                kind,
                check_expression(entry[kind], f"{where}.if", names, suggest),
                body=parse_program(entry["then"], f"{where}.then", names, game),
                other=parse_program(entry.get("else") or (), f"{where}.else", names, game),
            )
        _keys(entry, where, (kind, "do"), ("at_most",) if kind == "while" else ())
        body = parse_program(entry["do"], f"{where}.do", names, game)
        turns = _integer(entry["repeat"] if kind == "repeat" else entry.get("at_most", 0), f"{where}.{kind}")
        if not (kind == "while" and "at_most" not in entry) and not 1 <= turns <= LONGEST_SCRIPT:
            key = kind if kind == "repeat" else "at_most"
            raise ValueError(f"{where}.{key} must be in 1..{LONGEST_SCRIPT}, not {shown(turns)}")
        text = check_expression(entry[kind], f"{where}.while", names, suggest) if kind == "while" else ""
        return cls(kind, text, turns, body)


#: A program.
Statements = tuple[Press | Statement, ...]


@dataclass(frozen=True)
class Memory:
    """A number that is remembered from frame to frame.

    Attributes:
        start: expression for its value when an episode begins; empty: it stays what it is, or 0.
        update: expression for its value after each frame, from the values before; empty: only programs set it.
    """

    start: str = ""
    update: str = ""

    @classmethod
    def parse(cls, entry: Any, where: str, names: Names) -> Memory:
        """Return a memory from a mapping with the names of the attributes."""
        if isinstance(entry, cls):
            entry = {key: value for key, value in dataclasses.asdict(entry).items() if value}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be a mapping with 'start' and 'update', not {shown(entry)}")
        _keys(entry, where, (), ("start", "update"))
        after = Names((*names.known, *REWARD_NAMES), names.values)
        start = check_expression(entry["start"], f"{where}.start", names, suggest) if "start" in entry else ""
        update = check_expression(entry["update"], f"{where}.update", after, suggest) if "update" in entry else ""
        return cls(start, update)


@dataclass(frozen=True)
class Info:
    """An entry of ``info``.

    Attributes:
        values: expressions; one, or those of a list.
        type: its type, one of ``INFO_TYPES``; empty: that of the expression.
        names: pairs of numbers and what stands for them.
        other: what stands for other numbers; ``...``: the number itself.
        format: makes a string of a number, such as ``"{}"``.
        parameter: the parameter whose value it is.
        constant: its value.
        entries: entries of a dict, by name.
        is_list: whether it is a tuple of the values.
    """

    values: tuple[str, ...] = ()
    type: str = ""
    names: tuple[tuple[int, Any], ...] = ()
    other: Any = ...
    format: str = ""
    parameter: str = ""
    constant: Any = ...
    entries: tuple[tuple[str, Info], ...] = ()
    is_list: bool = False

    @classmethod
    def parse(cls, entry: Any, where: str, game: _Declared) -> Info:
        """Return an entry of info from an expression or a mapping."""
        if isinstance(entry, cls):
            return entry
        if isinstance(entry, (str, int, float)) and not isinstance(entry, bool):
            entry = {"value": entry}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be an expression or a mapping, not {shown(entry)}")
        _keys(entry, where, (), ("value", "list", "parameter", "constant", "infos", "type", "names", "else", "format"))
        kinds = [key for key in ("value", "list", "parameter", "constant", "infos") if key in entry]
        if len(kinds) != 1:
            raise ValueError(
                f"{where} must have exactly one of the keys value, list, parameter, constant and infos, not {kinds}"
            )
        kind = kinds[0]
        if kind != "value":
            _keys(entry, where, (kind,), ())
        if kind == "infos":
            if not entry[kind]:
                raise ValueError(f"{where}.infos must have an entry")
            if where.count(".infos.") >= _DEEPEST_INFOS:
                raise ValueError(
                    f"{shown(where)}: there are infos in each other more than {_DEEPEST_INFOS} levels deep"
                )
            return cls(entries=tuple(parse_infos(entry[kind], f"{where}.infos", game).items()))
        if kind == "constant":
            _plain(entry[kind], f"{where}.constant")
            return cls(constant=entry[kind])
        if kind == "parameter":
            return cls(parameter=_known(entry[kind], f"{where}.parameter", game.parameters))
        names = game.names_of_infos()
        if kind == "list":
            if isinstance(entry[kind], str) or not isinstance(entry[kind], Sequence) or not entry[kind]:
                raise TypeError(f"{where}.list must be a list of expressions, not {shown(entry[kind])}")
            texts = [
                check_expression(one, f"{where}.list[{number}]", names, suggest)
                for number, one in enumerate(entry[kind])
            ]
            return cls(tuple(texts), is_list=True)
        text = check_expression(entry[kind], f"{where}.value", names, suggest)
        type_ = entry.get("type", "")
        if type_ and type_ not in INFO_TYPES:
            raise ValueError(f"{where}.type must be one of {', '.join(INFO_TYPES)}, not {shown(type_)}")
        other = entry.get("else", ...)
        if other is not ...:
            if "names" not in entry:
                raise ValueError(f"{where}: 'else' needs 'names'")
            _plain(other, f"{where}.else")
        format_ = entry.get("format", "")
        if not isinstance(format_, str) or (format_ and "{}" not in format_):
            raise ValueError(f"{where}.format must be a string with {{}} in it, not {shown(format_)}")
        return cls((text,), type_, _names_of_numbers(entry.get("names"), f"{where}.names"), other, format_)

    def expressions(self) -> Iterable[str]:
        """Return all expressions of it and its entries."""
        yield from self.values
        for _, one in self.entries:
            yield from one.expressions()

    def has_parameter(self) -> bool:
        """Return whether it or one of its entries is a parameter."""
        return bool(self.parameter) or any(one.has_parameter() for _, one in self.entries)


def _names_of_numbers(entry: Any, where: str) -> tuple[tuple[int, Any], ...]:
    """Return pairs from a mapping with numbers as keys, or a list."""
    if entry is None:
        return ()
    if isinstance(entry, Sequence) and not isinstance(entry, str):
        entry = dict(enumerate(entry))
    if not isinstance(entry, Mapping) or not entry:
        raise TypeError(f"{where} must be a list or a mapping from numbers, not {shown(entry)}")
    for value in entry.values():
        _plain(value, where)
    return tuple((_integer(key, where), value) for key, value in entry.items())


def _plain(value: Any, where: str) -> None:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"{where} has {len(value)} characters, the limit is {LONGEST_TEXT}")
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST_NUMBER:
        raise ValueError(f"{where} must be in -{LARGEST_NUMBER:g}..{LARGEST_NUMBER:g}, not {shown(value)}")
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise TypeError(f"{where} must be a number, a string, true, false or null, not {shown(value)}")


def parse_infos(entry: Any, where: str, game: _Declared) -> dict[str, Info]:
    """Return the entries of info."""
    if not isinstance(entry, Mapping):
        raise TypeError(f"{where} must be a mapping from names, not {shown(entry)}")
    if len(entry) > MOST_INFOS:
        raise ValueError(f"{where}: there are {len(entry)}, the limit is {MOST_INFOS}")
    infos = {}
    for name, one in entry.items():
        _check_name(name, where)
        if name in _RESERVED:
            raise ValueError(f"{where}: {shown(name)} is reserved in info")
        infos[name] = Info.parse(one, f"{where}.{name}", game)
    return infos


def buttons_to_byte(names: Any, where: str) -> int:
    """Return the controller's byte for names of buttons; ``"NOOP"`` is none."""
    # An iterator can be read only once, and the names are needed again.
    if isinstance(names, (str, Iterator)) or not isinstance(names, Iterable):
        raise TypeError(f"{where} must be a list of buttons such as ['right', 'A'], not {shown(names)}")
    byte = 0
    for name in names:
        if name == "NOOP":
            continue
        if name not in BUTTONS:
            raise ValueError(
                f"{where}: there is no button {shown(name)}{suggest(name, BUTTONS)} ({', '.join(BUTTONS)})"
            )
        byte |= 1 << BUTTONS.index(name)
    return byte


def parse_script(entry: Any, where: str, variables: Mapping[str, Variable]) -> tuple[Press, ...]:
    """Return a script from a list of its parts."""
    if isinstance(entry, (str, bytes)) or not isinstance(entry, Sequence):
        raise TypeError(f"{where} must be a list of [buttons, frames], not {shown(entry)}")
    if len(entry) > MOST_PRESSES:
        raise ValueError(f"{where} has {len(entry)} parts, the limit is {MOST_PRESSES}")
    names = Names(tuple(variables), tuple(variables))
    script = tuple(Press.parse(one, f"{where}[{number}]", names) for number, one in enumerate(entry))
    _check_frames(script, where)
    return script


def _check_frames(script: Statements, where: str) -> None:
    if (frames := sum(one.frames for one in script if isinstance(one, Press))) > LONGEST_SCRIPT:
        raise ValueError(f"{where} has {frames} frames, the limit is {LONGEST_SCRIPT}: an hour of play")


def parse_program(entry: Any, where: str, names: Names, game: _Declared) -> Statements:
    """Return a program from a list of its parts."""
    if isinstance(entry, (str, bytes)) or not isinstance(entry, Sequence):
        raise TypeError(f"{where} must be a list of [buttons, frames] and other statements, not {shown(entry)}")
    if where.count("[") > _DEEPEST_PROGRAM:
        raise ValueError(f"{where}: programs are nested more than {_DEEPEST_PROGRAM} times")
    game.parts += len(entry)
    if game.parts > MOST_PRESSES:
        raise ValueError(f"{where}: the programs have {game.parts} parts, the limit is {MOST_PRESSES}")
    program = tuple(Statement.parse(one, f"{where}[{number}]", names, game) for number, one in enumerate(entry))
    _check_frames(program, where)
    return program


@dataclass
class _Declared:
    """What is known of a game while the rest of it is parsed."""

    variables: dict[str, Variable] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    memories: dict[str, Any] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)
    numeric: list[str] = field(default_factory=list)
    parts: int = 0

    def names(self, random: bool = False) -> Names:
        return Names((*self.variables, *self.numeric, *self.memories), tuple(self.variables), random)

    def names_of_infos(self) -> Names:
        return Names((*self.names().known, *self.terms, *REWARD_NAMES), tuple(self.variables))

    def assignments(self, kind: str, entry: Any, where: str, names: Names) -> tuple[tuple[str, str], ...]:
        if not isinstance(entry, Mapping) or not entry:
            raise TypeError(f"{where} must be a mapping from names to expressions, not {shown(entry)}")
        result = []
        for target, value in entry.items():
            here = f"{where}[{shown(target)}]"
            if kind == "set":
                if target not in self.memories:
                    known = ", ".join(itertools.islice(self.memories, 20)) or "none"
                    hint = suggest(target, self.memories)
                    raise ValueError(f"{where}: there is no memory {shown(target)}{hint} (declared: {known})")
            else:
                self._check_byte(target, where)
            result.append((str(target), check_expression(value, here, names, suggest)))
        return tuple(result)

    def _check_byte(self, target: Any, where: str) -> None:
        if target in self.variables:
            variable = self.variables[target]
            if variable.is_computed or variable.size != 1:
                raise ValueError(f"{where}: only bytes can be written, and {shown(target)} is not one")
            return
        if isinstance(target, str) and _NAME.fullmatch(target):
            _known(target, where, self.variables)
        address = _integer(target, where)
        if not any(address in memory for memory in MEMORIES.values()):
            raise ValueError(
                f"{where}: {_hexadecimal(address)} is neither in RAM ($0000-$07FF) nor in PRG-RAM ($6000-$7FFF)"
            )


@dataclass(frozen=True)
class Game:
    """A game: its variables and their meaning.

    Attributes:
        variables: by name; they appear in ``info``.
        parameters: what a start can determine, and the values where it does not; by name.
        memories: numbers that are remembered, by name.
        rewards: terms of a frame's reward; a step's reward is the sum over its frames.
        reward_range: limits of a frame's reward.
        terminated: conditions that end the episode by the game's rules.
        truncated: conditions that truncate it.
        lives: the variable with the number of lives, or empty; for ``episodic_life`` and ``life_loss_info``.
        start: program that leads from power-on to the start of an episode. It runs once for each start in use, when
            environments are created.
        starts: the parameters of each start, by its name; the first is the default.
        after_reset: program that runs when an episode begins.
        after_step: program that runs after each frame that does not end the episode.
        infos: entries of ``info`` instead of the variables, by name.
        semantic: what tiles and objects mean, for ``obs_type="semantic"``: a mapping, see ``nes_py.semantic``; or None.
    """

    variables: Mapping[str, Variable] = field(default_factory=dict)
    rewards: tuple[Reward, ...] = ()
    reward_range: tuple[float, float] = (-math.inf, math.inf)
    terminated: Conditions = ()
    truncated: Conditions = ()
    lives: str = ""
    start: Statements = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    memories: Mapping[str, Memory] = field(default_factory=dict)
    starts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    after_reset: Statements = ()
    after_step: Statements = ()
    infos: Mapping[str, Info] | None = None
    semantic: Mapping[str, Any] | None = None

    @classmethod
    def parse(cls, entry: Any) -> Game:
        """Return a game from a mapping with the names of the attributes, or from a ``Game``.

        Raises:
            TypeError: an entry has the wrong type; the message names it.
            ValueError: an entry is unknown, missing or out of range; the message names it.
        """
        if isinstance(entry, cls):
            # Validated again: a dataclass can be constructed with any values.
            entry = {each.name: getattr(entry, each.name) for each in dataclasses.fields(cls)}
        if not isinstance(entry, Mapping):
            raise TypeError(
                f"game must be a mapping, a nes_py.game.Game or the path of a JSON file, not {shown(entry)}"
            )
        names = [each.name for each in dataclasses.fields(cls)]
        _keys(entry, "game", (), names)
        game = _Declared()
        for key in ("parameters", "memories", "starts"):
            declared = entry.get(key) or {}
            if not isinstance(declared, Mapping):
                raise TypeError(f"{key} must be a mapping from names, not {shown(declared)}")
            if len(declared) > MOST_VARIABLES:
                raise ValueError(f"{key}: there are {len(declared)}, the limit is {MOST_VARIABLES}")
        starts = cls._parse_parameters(entry, game)
        for name in entry.get("memories") or {}:
            game.memories[_name(name, "memories", game.parameters)] = None
        cls._parse_variables(entry.get("variables", {}), game)
        memories = cls._parse_memories(entry.get("memories") or {}, game)
        rewards = entry.get("rewards", ())
        if isinstance(rewards, (Mapping, str)) or not isinstance(rewards, Sequence):
            raise TypeError(f"rewards must be a list, not {shown(rewards)}")
        if len(rewards) > MOST_REWARDS:
            raise ValueError(f"rewards has {len(rewards)} terms, the limit is {MOST_REWARDS}")
        terms = []
        for number, one in enumerate(rewards):
            term = Reward.parse(one, f"rewards[{number}]", game.names())
            if term.name:
                game.terms.append(_name(term.name, f"rewards[{number}].name", (*game.names().known, *game.terms)))
            terms.append(term)
        lives = entry.get("lives") or ""
        if lives:
            _known(lives, "lives", game.variables)
        ends = game.names_of_infos()
        infos = entry.get("infos")
        semantic = entry.get("semantic")
        if semantic is not None:
            semantic = Semantics.parse(semantic).entry
        return cls(
            game.variables,
            tuple(terms),
            _pair(entry.get("reward_range", (None, None)), "reward_range"),
            _conditions(entry.get("terminated"), "terminated", ends),
            _conditions(entry.get("truncated"), "truncated", ends),
            lives,
            parse_program(entry.get("start") or (), "start", game.names(), game),
            game.parameters,
            memories,
            starts,
            parse_program(entry.get("after_reset") or (), "after_reset", game.names(random=True), game),
            parse_program(entry.get("after_step") or (), "after_step", game.names(random=True), game),
            None if infos is None else parse_infos(infos, "infos", game),
            semantic,
        )

    @staticmethod
    def _parse_parameters(entry: Mapping[str, Any], game: _Declared) -> dict[str, dict[str, Any]]:
        parameters, starts = entry.get("parameters") or {}, entry.get("starts") or {}
        for name, value in parameters.items():
            _plain(value, f"parameters.{_name(name, 'parameters')}")
            game.parameters[name] = value
        result = {}
        for start, values in starts.items():
            if not isinstance(start, str) or not 0 < len(start) <= LONGEST_NAME:
                raise ValueError(f"starts: {shown(start)} is not a name")
            if not isinstance(values, Mapping):
                raise TypeError(f"starts[{shown(start)}] must be a mapping from parameters, not {shown(values)}")
            for name, value in values.items():
                _known(name, f"starts[{shown(start)}]", game.parameters, "parameter")
                _plain(value, f"starts[{shown(start)}].{name}")
            result[start] = dict(values)
        for name, value in game.parameters.items():
            every = [value, *(one[name] for one in result.values() if name in one)]
            if all(one is None or is_number(one) for one in every):
                game.numeric.append(name)
        return result

    @staticmethod
    def _parse_variables(declared: Any, game: _Declared) -> None:
        if not isinstance(declared, Mapping):
            raise TypeError(f"variables must be a mapping from names, not {shown(declared)}")
        if len(declared) > MOST_VARIABLES:
            raise ValueError(f"variables: there are {len(declared)}, the limit is {MOST_VARIABLES}")
        for name, one in declared.items():
            _check_name(name, "variables")
            if name in _RESERVED:
                raise ValueError(f"variables: {shown(name)} is reserved in info")
            _name(name, "variables", (*game.parameters, *game.memories))
            computed = isinstance(one, Variable) and one.is_computed
            if computed or (isinstance(one, Mapping) and "value" in one):
                where = f"variables.{name}"
                one = one._entry() if isinstance(one, Variable) else one
                _keys(one, where, ("value",), ())
                known = Names(game.names().known)
                game.variables[name] = Variable(0, value=check_expression(one["value"], where, known, suggest))
            else:
                game.variables[name] = Variable.parse(one, f"variables.{name}")

    @staticmethod
    def _parse_memories(declared: Mapping[str, Any], game: _Declared) -> dict[str, Memory]:
        return {name: Memory.parse(one, f"memories.{name}", game.names()) for name, one in declared.items()}

    def info_expressions(self) -> list[str]:
        """Return the expressions that info needs, without repetitions."""
        if self.infos is None:
            return list(self.variables)
        return list(dict.fromkeys(text for one in self.infos.values() for text in one.expressions()))

    def kinds(self) -> dict[str, str]:
        """Return the types of names in expressions that are not int."""
        kinds = dict.fromkeys((*REWARD_NAMES, *(one.name for one in self.rewards if one.name)), "float")
        for name, value in self.parameters.items():
            if isinstance(value, (bool, float)):
                kinds[name] = type(value).__name__
        for name, variable in self.variables.items():
            if variable.is_computed:
                kinds[name] = kind_of(variable.value, kinds)
        return kinds

    def parameters_of(self, start: str | None) -> dict[str, Any]:
        """Return the values of all parameters at a start; None: the defaults."""
        return {**self.parameters, **(self.starts[start] if start is not None else {})}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Game:
        """Return a game from a JSON file, which fits the schema in ``docs/schemas/game.json``.

        Raises:
            FileFormatError: a ``ValueError``: it is not JSON, an entry is wrong, or it exceeds a limit; the message
                names file and entry.
            OSError: it cannot be read.
        """
        entry = read_json(path, GAME)
        try:
            return cls.parse(entry)
        except (TypeError, ValueError) as error:
            raise FileFormatError(str(error), path) from None


__all__ = [
    "BUTTONS",
    "COMPARISONS",
    "ENCODINGS",
    "Condition",
    "Conditions",
    "Expression",
    "Game",
    "Info",
    "Memory",
    "Press",
    "Reward",
    "Statement",
    "Statements",
    "Variable",
]
