"""Start states of episodes: snapshots, and programs that lead to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nes_py._code import Compiled, compile_game, names_in
from nes_py._expression import is_number
from nes_py._values import is_integer
from nes_py._vector import run_start
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.errors import shown
from nes_py.game import Game, Statements, parse_script, suggest

#: Values in the message of a start that failed.
_MOST_SHOWN = 8


@dataclass
class Starts:
    """The starts of the episodes of a vector environment.

    Attributes:
        snapshots: raw states of the ROM.
        names: their names, or None.
        slots: the parameters, the number of the start and the memories of each. If ``info`` has a parameter, the number
            is -1 for the game's first start, -2 for the second: it means the same whatever the option ``states`` is.
            Else, and in states of version 10.0, it is the place in ``snapshots``.
        parameters: the parameters of each by name, for ``info``.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    names: list[str] | None = None
    slots: list[list[float]] = field(default_factory=list)
    parameters: list[dict[str, Any]] = field(default_factory=list)

    def add(self, snapshot: Snapshot, slots: list[float], parameters: dict[str, Any]) -> None:
        """Add a start."""
        self.snapshots.append(snapshot)
        self.slots.append(slots)
        self.parameters.append(parameters)

    def by_number(self) -> list[dict[str, Any]]:
        """Return parameters in a list whose index is the number of the start, a place or a negative number."""
        named = {int(slots[len(values)]): values for slots, values in zip(self.slots, self.parameters, strict=True)}
        # No state with another number is loaded.
        return self.parameters + [named.get(number, self.parameters[0]) for number in range(min(named), 0)]


class _Finder:
    def __init__(self, emulator: NESEmulator, game: Game, compiled: Compiled) -> None:
        self.emulator, self.game, self.compiled = emulator, game, compiled
        self.result = Starts()

    def numbers(self, parameters: Mapping[str, Any], start: str | None) -> list[float]:
        """Return the parameters as the core has them, and behind them the number of the start."""
        values = [float(value) if is_number(value) else 0.0 for value in parameters.values()]
        if self.compiled.start_column < 0 or start is None:
            return [*values, float(len(self.result.snapshots))]
        return [*values, -1.0 - list(self.game.starts).index(start)]

    def default_start(self) -> str | None:
        return next(iter(self.game.starts), None)

    def run(self, game: Game, compiled: Compiled, start: str | None, where: str) -> None:
        parameters = self.game.parameters_of(start)
        numbers = self.numbers(parameters, start)
        slots, failed = run_start(self.emulator, game, compiled, numbers)
        if failed is not None:
            values = self.values(game, compiled.conditions.get(failed, ()), [*numbers, *slots[len(numbers) :]])
            raise ValueError(where + failed.removeprefix("start") + values)
        # A program cannot change parameters.
        self.result.add(self.emulator.dump_state(), [*numbers, *slots[len(numbers) :]], parameters)

    def values(self, game: Game, conditions: Sequence[str], slots: list[float]) -> str:
        """Return what the names in conditions are now, as a part of a message: ``": lives = 0, x = 0"``."""
        # Behind the parameters is the number of the start.
        kept = dict(zip([*game.parameters, None, *game.memories], slots, strict=True))
        texts = []
        names = names_in(game, conditions)
        for name in names[:_MOST_SHOWN]:
            if name in game.variables:
                one = game.variables[name]
                value: float = one.decode([self.emulator.peek(one.address + place) for place in range(one.size)])
            else:
                value = kept[name]
            texts.append(f"{name} = {value:.12g}")
        if len(names) > _MOST_SHOWN:
            texts.append("...")
        return f": {', '.join(texts)}" if texts else ""

    def game_start(self, start: str | None) -> None:
        where = "start" if start is None else f"starts[{start!r}]"
        self.run(self.game, self.compiled, start, where)

    def script(self, script: Statements, where: str) -> None:
        game = dataclasses.replace(self.game, start=script)
        self.run(game, compile_game(game), self.default_start(), where)

    def snapshot(self, state: Any, where: str) -> None:
        try:
            self.emulator.load_state(getattr(state, "snapshot", state))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{where}: {error}") from None
        start = self.default_start()
        parameters = self.game.parameters_of(start)
        numbers = self.numbers(parameters, start)
        memories = [0.0] * len(self.game.memories)
        self.result.add(self.emulator.dump_state(), [*numbers, *memories], parameters)

    def named(self, name: str, where: str) -> None:
        if name not in self.game.starts:
            listed = ", ".join(self.game.starts)
            raise ValueError(
                f"{where}: the game has no start {shown(name)}{suggest(name, self.game.starts)} (it has {listed})"
            )
        self.game_start(name)

    def one(self, state: Any, where: str) -> None:
        if _is_snapshot(state):
            self.snapshot(state, where)
        elif isinstance(state, str) and self.game.starts:
            self.named(state, where)
        else:
            self.script(parse_script(state, where, self.game.variables), where)


def run_script(emulator: NESEmulator, script: Statements, game: Game, where: str) -> Snapshot:
    """Power on the emulator, run a program, and return the resulting state.

    Raises:
        ValueError: a press did not reach its condition within its frames.
    """
    finder = _Finder(emulator, game, Compiled())
    finder.script(script, where)
    return finder.result.snapshots[0]


def find_starts(emulator: NESEmulator, states: Any, game: Game, compiled: Compiled) -> Starts:
    """Return the starts of episodes.

    Args:
        emulator (NESEmulator): of the ROM; it is run and left in any state.
        states: the option ``states``.
        game (Game): the source of the default start, and of those with names.
        compiled: its code.

    Raises:
        TypeError: ``states`` has the wrong type.
        ValueError: it is empty, of another ROM, or a program does not reach its end.
    """
    finder = _Finder(emulator, game, compiled)
    if isinstance(states, np.ndarray) and states.dtype.kind in "UO":
        states = states.tolist()
    if states is None:
        finder.game_start(finder.default_start())
        if game.starts:
            finder.result.names = [next(iter(game.starts))]
    elif isinstance(states, Mapping):
        if not states:
            raise ValueError("states must contain at least one state")
        for name in states:
            if not isinstance(name, str):
                # A number chooses a state by its place.
                raise TypeError(f"states: the name of a state must be a str, not {shown(name)}")
        for name, state in states.items():
            finder.one(state, f"states[{shown(name)}]")
        finder.result.names = list(states)
    elif game.starts and (names := _names(states)):
        for name in names:
            finder.named(name, "states")
        finder.result.names = names
    elif game.starts and _may_mean_starts(states):
        named = list(game.starts)
        raise TypeError(
            f"states must be the name of a start of the game, or a list of names such as {named[-2:]}, "
            f"not {shown(states)}"
        )
    elif states and not game.starts and not _is_snapshot(states) and (names := _texts(states)):
        raise ValueError(f"states: the game has no named starts, so that there is no {shown(names[0])}")
    elif _is_catalogue(states):
        for number, state in enumerate(states):
            finder.one(state, f"states[{number}]")
    else:
        finder.one(states, "states")
    return finder.result


def _names(states: Any) -> list[str]:
    """Return names of the game's starts, or an empty list for anything else.

    Raises:
        ValueError: it is an empty list.
        TypeError: some are names, and others are not.
    """
    if isinstance(states, str):
        return [states]
    if not isinstance(states, Sequence) or isinstance(states, (bytes, bytearray, memoryview)):
        return []
    if not states:
        raise ValueError("states must contain at least one state")
    named = [isinstance(one, str) for one in states]
    if any(named) and not all(named):
        other = named.index(False)
        raise TypeError(f"states[{other}] must be the name of a start, as others are, not {shown(states[other])}")
    return list(dict.fromkeys(states)) if all(named) else []


def _may_mean_starts(states: Any) -> bool:
    """Return whether it is what other packages call a stage by, such as ``(1, 2)``, or names in a set."""
    if is_integer(states) or isinstance(states, (set, frozenset)):
        return True
    if not isinstance(states, Sequence) or _is_snapshot(states):
        return False
    return all(
        is_integer(one) or (isinstance(one, Sequence) and len(one) > 0 and all(map(is_integer, one))) for one in states
    )


def _texts(states: Any) -> list[str]:
    """Return the texts of one, or of a list of nothing else; else an empty list."""
    if isinstance(states, str):
        return [states]
    if not isinstance(states, Sequence) or not all(isinstance(one, str) for one in states):
        return []
    return list(states)


def _is_snapshot(state: Any) -> bool:
    return isinstance(state, (Snapshot, bytes, bytearray, memoryview)) or hasattr(state, "snapshot")


def _is_catalogue(states: Any) -> bool:
    return (
        isinstance(states, Sequence)
        and not isinstance(states, (str, bytes, bytearray, memoryview))
        and len(states) > 0
        and all(map(_is_snapshot, states))
    )


__all__ = ["Starts", "find_starts", "run_script"]
