"""Start states of episodes: snapshots, and scripts of button presses that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nes_py.emulator import NESEmulator, Snapshot
from nes_py.game import Game, Press, parse_script


def run_script(emulator: NESEmulator, script: Sequence[Press], game: Game, where: str) -> Snapshot:
    """Power on the emulator, press buttons, and return the resulting state.

    Raises:
        ValueError: a press did not reach its condition within its frames.
    """

    def read() -> dict[str, int]:
        values = {}
        for name, variable in game.variables.items():
            memory = emulator.memory_buffer() if variable.memory == "ram" else emulator.prg_ram
            values[name] = variable.decode(memory[variable.offset : variable.offset + variable.size].tolist())
        return values

    emulator.reset()
    buttons = emulator.controller(0)
    for number, press in enumerate(script):
        buttons[0] = press.byte
        before = read()
        for _ in range(press.frames):
            emulator.step()
            after = read()
            if any(all(one.holds(before, after) for one in group) for group in press.until):
                break
            before = after
        else:
            if press.until:
                raise ValueError(f"{where}[{number}]: its condition was not met within {press.frames} frames")
    buttons[0] = 0
    return emulator.dump_state()


def find_starts(emulator: NESEmulator, states: Any, game: Game) -> tuple[list[Snapshot], list[str] | None]:
    """Return the start snapshots, raw ones of this ROM, and their names if they have any.

    Args:
        emulator (NESEmulator): of the ROM; it is run and left in any state.
        states: the option ``states``.
        game (Game): the source of the default start.

    Raises:
        TypeError: ``states`` has the wrong type.
        ValueError: it is empty, of another ROM, or a script does not meet its condition.
    """
    if states is None:
        return [run_script(emulator, game.start, game, "start")], None
    if isinstance(states, Mapping):
        if not states:
            raise ValueError("states must contain at least one state")
        return (
            [_one(emulator, state, game, f"states[{name!r}]") for name, state in states.items()],
            [str(name) for name in states],
        )
    if _is_catalogue(states):
        return [_one(emulator, state, game, f"states[{number}]") for number, state in enumerate(states)], None
    return [_one(emulator, states, game, "states")], None


def _is_snapshot(state: Any) -> bool:
    return isinstance(state, (Snapshot, bytes, bytearray, memoryview)) or hasattr(state, "snapshot")


def _is_catalogue(states: Any) -> bool:
    return (
        isinstance(states, Sequence)
        and not isinstance(states, (str, bytes, bytearray, memoryview))
        and len(states) > 0
        and all(map(_is_snapshot, states))
    )


def _one(emulator: NESEmulator, state: Any, game: Game, where: str) -> Snapshot:
    if _is_snapshot(state):
        try:
            emulator.load_state(getattr(state, "snapshot", state))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{where}: {error}") from None
        return emulator.dump_state()
    return run_script(emulator, parse_script(state, where, game.variables), game, where)


__all__ = ["find_starts", "run_script"]
