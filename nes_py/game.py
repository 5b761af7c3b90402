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
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._limits import (
    LARGEST_NUMBER,
    LARGEST_WEIGHT,
    LONGEST_CONDITION,
    LONGEST_NAME,
    LONGEST_SCRIPT,
    MOST_CONDITIONS,
    MOST_PRESSES,
    MOST_REWARDS,
    MOST_VARIABLES,
)
from ._schema import read_json
from ._schemas import GAME
from .errors import FileFormatError, shown

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
}
_DECIMAL = ("bcd", "digits", "bcd_little", "low_digits", "low_digits_little")
#: The memories that can hold a variable, and their addresses on the CPU bus.
MEMORIES = {"ram": range(0x0800), "prg_ram": range(0x6000, 0x8000)}
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
#: What a reward is made of; one of them is the key of its entry.
REWARD_KINDS = ("value", "delta", "condition")

BUTTONS = ("A", "B", "select", "start", "up", "down", "left", "right")

_CONDITION = re.compile(r"\s*(delta\s+)?([A-Za-z_]\w*)\s*(==|!=|<=|>=|<|>)\s*([+-]?\w+)\s*")


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``", did you mean 'x'?"`` for a name that is similar to one of ``known``, else an empty string."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    close = difflib.get_close_matches(name, [str(one) for one in itertools.islice(known, 1000)], 1)
    return f", did you mean {close[0]!r}?" if close else ""


def _integer(value: Any, where: str) -> int:
    """Return an integer from an integer or a string, because JSON has no hexadecimal numbers."""
    if isinstance(value, str):
        try:
            return int(value[:100], 0)
        except ValueError:
            raise ValueError(f"{where} must be an integer such as 26 or '0x1A', not {shown(value)}") from None
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{where} must be an integer, not {shown(value)}")
    return int(value.__index__())


def _hexadecimal(address: int) -> str:
    return f"{address:#06x}" if -(2**64) < address < 2**64 else shown(address)


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


def _keys(entry: Mapping[str, Any], where: str, required: Sequence[str], optional: Sequence[str]) -> None:
    known = (*required, *optional)
    for key in entry:
        if key not in known:
            raise ValueError(f"{where} has no key {shown(key)}{suggest(key, known)} (it has {', '.join(known)})")
    for key in required:
        if key not in entry:
            raise ValueError(f"{where} lacks the key {key!r}")


@dataclass(frozen=True)
class Variable:
    """A number that the game stores in memory.

    Attributes:
        address: CPU address of its first byte: $0000 to $07FF in RAM, $6000 to $7FFF in PRG-RAM.
        size: its length in bytes.
        encoding: ``"byte"``, ``"little"``, ``"big"``, ``"bcd"`` (two digits per byte), ``"digits"`` (one digit per
            byte, most significant first) or ``"low_digits"`` (the same, in the lower nibble of the byte);
            ``"bcd_little"`` and ``"low_digits_little"`` start with the least significant byte.
        signed: whether it is two's complement; not with decimal encodings.
    """

    address: int
    size: int = 1
    encoding: str = "byte"
    signed: bool = False

    @classmethod
    def parse(cls, entry: Any, where: str) -> Variable:
        """Return a variable from an address or from a mapping with the names of the attributes."""
        if isinstance(entry, cls):
            entry = dataclasses.asdict(entry)
        if isinstance(entry, (int, str)) and not isinstance(entry, bool):
            entry = {"address": entry}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be an address or a mapping, not {shown(entry)}")
        _keys(entry, where, ("address",), ("size", "encoding", "signed"))
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
            raise ValueError(f"{where}: a number with encoding {encoding!r} cannot be signed")
        if not any(address in memory and address + size - 1 in memory for memory in MEMORIES.values()):
            raise ValueError(
                f"{where}: {size} byte(s) from {_hexadecimal(address)} are neither in RAM ($0000-$07FF) nor in "
                "PRG-RAM ($6000-$7FFF)"
            )
        return cls(address, size, encoding, signed)

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


#: Groups of conditions: true if all conditions of any group hold; never without a group.
Conditions = tuple[tuple[Condition, ...], ...]


def _condition(entry: Any, where: str, variables: Mapping[str, Variable]) -> Condition:
    if isinstance(entry, Condition):
        entry = str(entry)
    if not isinstance(entry, str):
        raise TypeError(f"{where} must be a string such as 'lives == 0', not {shown(entry)}")
    match = _CONDITION.fullmatch(entry) if len(entry) <= LONGEST_CONDITION else None
    if not match:
        raise ValueError(
            f"{where}: {shown(entry)} is not a condition; it must read '[delta] VARIABLE COMPARISON NUMBER' with "
            f"one of {' '.join(COMPARISONS)}, such as 'lives == 0' or 'delta lives < 0'"
        )
    delta, name, comparison, operand = match.groups()
    _known(name, where, variables)
    number = _integer(operand, where)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{where}: a number must be in -2**63..2**63-1, not {shown(number)}")
    return Condition(name, comparison, number, bool(delta))


def _known(name: Any, where: str, variables: Mapping[str, Variable]) -> str:
    if not isinstance(name, str) or name not in variables:
        known = ", ".join(itertools.islice(variables, 20)) or "none"
        known += ", ..." if len(variables) > 20 else ""
        raise ValueError(f"{where}: there is no variable {shown(name)}{suggest(name, variables)} (declared: {known})")
    return name


def _conditions(entry: Any, where: str, variables: Mapping[str, Variable]) -> Conditions:
    """Return groups from a condition, a list of them (any), or a list with lists in it (all of each)."""
    if entry is None:
        return ()
    if isinstance(entry, (str, Condition)):
        return ((_condition(entry, where, variables),),)
    if not isinstance(entry, Sequence):
        raise TypeError(f"{where} must be a condition or a list of them, not {shown(entry)}")
    groups: list[tuple[Condition, ...]] = []
    for number, one in enumerate(entry):
        here = f"{where}[{number}]"
        if isinstance(one, (str, Condition)):
            groups.append((_condition(one, here, variables),))
        elif isinstance(one, Sequence) and one:
            groups.append(tuple(_condition(part, f"{here}[{place}]", variables) for place, part in enumerate(one)))
        else:
            raise TypeError(f"{here} must be a condition or a list of conditions that must all hold, not {shown(one)}")
    if (count := sum(map(len, groups))) > MOST_CONDITIONS:
        raise ValueError(f"{where} has {count} conditions, the limit is {MOST_CONDITIONS}")
    return tuple(groups)


@dataclass(frozen=True)
class Reward:
    """A term of a frame's reward: ``weight`` times a value, a change or, for a condition, 1 if it holds.

    Attributes:
        kind: ``"value"``, ``"delta"`` or ``"condition"``.
        variable: of a value or a change; empty for a condition.
        condition: groups of conditions; empty for the other kinds.
        weight: the factor.
        clip: limits of the value or change before it is weighted.
    """

    kind: str
    variable: str = ""
    condition: Conditions = ()
    weight: float = 1.0
    clip: tuple[float, float] = (-math.inf, math.inf)

    @classmethod
    def parse(cls, entry: Any, where: str, variables: Mapping[str, Variable]) -> Reward:
        """Return a reward term from a mapping with one of the keys value, delta and condition."""
        if isinstance(entry, cls):
            subject: Any = entry.condition if entry.kind == "condition" else entry.variable
            entry = {entry.kind: subject, "weight": entry.weight, "clip": entry.clip}
        if not isinstance(entry, Mapping):
            raise TypeError(f"{where} must be a mapping such as {{'delta': 'score'}}, not {shown(entry)}")
        _keys(entry, where, (), ("value", "delta", "condition", "weight", "clip"))
        kinds = [kind for kind in REWARD_KINDS if kind in entry]
        if len(kinds) != 1:
            raise ValueError(f"{where} must have exactly one of the keys value, delta and condition, not {kinds}")
        kind = kinds[0]
        weight = _number(entry.get("weight", 1.0), f"{where}.weight")
        if not abs(weight) <= LARGEST_WEIGHT:
            raise ValueError(f"{where}.weight must be in -{LARGEST_WEIGHT:g}..{LARGEST_WEIGHT:g}, not {weight:g}")
        clip = _pair(entry.get("clip", (None, None)), f"{where}.clip")
        if kind == "condition":
            conditions = _conditions(entry[kind], f"{where}.condition", variables)
            return cls(kind, "", conditions, weight, clip)
        return cls(kind, _known(entry[kind], f"{where}.{kind}", variables), (), weight, clip)


@dataclass(frozen=True)
class Press:
    """A part of a script: buttons held for some frames.

    Attributes:
        buttons: names of the buttons of the first controller, ``()`` for none.
        frames: the number of frames; the maximum if ``until`` is given.
        until: conditions that end it, tested after each frame.
    """

    buttons: tuple[str, ...]
    frames: int
    until: Conditions = ()

    @property
    def byte(self) -> int:
        """The buttons as the controller's byte, A in bit 0."""
        return buttons_to_byte(self.buttons, "buttons")

    @classmethod
    def parse(cls, entry: Any, where: str, variables: Mapping[str, Variable]) -> Press:
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
        return cls(tuple(entry["buttons"]), frames, _conditions(entry.get("until"), f"{where}.until", variables))


def buttons_to_byte(names: Any, where: str) -> int:
    """Return the controller's byte for names of buttons; ``"NOOP"`` is none."""
    if isinstance(names, str) or not isinstance(names, Iterable):
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
    script = tuple(Press.parse(one, f"{where}[{number}]", variables) for number, one in enumerate(entry))
    if (frames := sum(press.frames for press in script)) > LONGEST_SCRIPT:
        raise ValueError(f"{where} has {frames} frames, the limit is {LONGEST_SCRIPT}: an hour of play")
    return script


@dataclass(frozen=True)
class Game:
    """A game: its variables and their meaning.

    Attributes:
        variables: by name; they appear in ``info``.
        rewards: terms of a frame's reward; a step's reward is the sum over its frames.
        reward_range: limits of a frame's reward.
        terminated: conditions that end the episode by the game's rules.
        truncated: conditions that truncate it.
        lives: the variable with the number of lives, or empty; for ``episodic_life`` and ``life_loss_info``.
        start: presses that lead from power-on to the start of an episode. They run once, when environments are created.
    """

    variables: Mapping[str, Variable] = field(default_factory=dict)
    rewards: tuple[Reward, ...] = ()
    reward_range: tuple[float, float] = (-math.inf, math.inf)
    terminated: Conditions = ()
    truncated: Conditions = ()
    lives: str = ""
    start: tuple[Press, ...] = ()

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
        declared = entry.get("variables", {})
        if not isinstance(declared, Mapping):
            raise TypeError(f"variables must be a mapping from names, not {shown(declared)}")
        if len(declared) > MOST_VARIABLES:
            raise ValueError(f"variables: there are {len(declared)}, the limit is {MOST_VARIABLES}")
        variables: dict[str, Variable] = {}
        for name, one in declared.items():
            if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name) or len(name) > LONGEST_NAME:
                raise ValueError(f"variables: {shown(name)} is not a valid name: letters, digits and _, a letter first")
            if name in ("env_id", "final_info", "final_obs", "life_lost"):
                raise ValueError(f"variables: {name!r} is reserved in info")
            variables[name] = Variable.parse(one, f"variables.{name}")
        rewards = entry.get("rewards", ())
        if isinstance(rewards, (Mapping, str)) or not isinstance(rewards, Sequence):
            raise TypeError(f"rewards must be a list, not {shown(rewards)}")
        if len(rewards) > MOST_REWARDS:
            raise ValueError(f"rewards has {len(rewards)} terms, the limit is {MOST_REWARDS}")
        lives = entry.get("lives") or ""
        if lives:
            _known(lives, "lives", variables)
        return cls(
            variables,
            tuple(Reward.parse(one, f"rewards[{number}]", variables) for number, one in enumerate(rewards)),
            _pair(entry.get("reward_range", (None, None)), "reward_range"),
            _conditions(entry.get("terminated"), "terminated", variables),
            _conditions(entry.get("truncated"), "truncated", variables),
            lives,
            parse_script(entry.get("start") or (), "start", variables),
        )

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
    "Game",
    "Press",
    "Reward",
    "Variable",
]
