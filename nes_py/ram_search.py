"""Finds where a game keeps a number in RAM: search by what the number does, watch it, hold it.

``nes_py ram GAME`` has the same on the command line, with a window to play in.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .emulator import NESEmulator
from .errors import shown
from .game import Game
from .nes_env import emulator_of, is_nes_env
from .ram import RAM_READ_ENCODINGS, normalize_ram_read_specs

_RAM_SIZE = 0x800
_SIZES = {"byte": 1, "little": 2, "big": 2, "bcd": 2, "digits": 3}

UInt32Array = NDArray[np.uint32]
#: Gets the numbers now and at the last filter, uint32 (n,), and returns which of them stay, bool (n,).
Filter = Callable[[UInt32Array, UInt32Array], Any]


def _game(watches: Mapping[str, tuple[int, int, str]]) -> dict[str, Any]:
    """Return watches as the variables of a declared game."""
    variables: dict[str, Any] = {}
    for name, (address, size, encoding) in watches.items():
        plain = size == 1 and encoding == "byte"
        place = f"0x{address:02X}"
        variables[name] = place if plain else {"address": place, "size": size, "encoding": encoding}
    return {"variables": variables}


def _whole(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {shown(value)}") from None


class RamSearch:
    """A search for the address of a number.

    At first every address is a candidate. Each filter removes those that do not fit, and remembers the present numbers
    for the next one. Between the filters you play.

    Example:
        >>> env = nes_py.NESEnv("bricks")  # doctest: +SKIP
        >>> search = RamSearch(env)  # doctest: +SKIP
        >>> search.equal(3)  # three lives  # doctest: +SKIP
        >>> ...  # play until one is lost  # doctest: +SKIP
        >>> search.decreased(1)  # doctest: +SKIP
        >>> search.candidates  # doctest: +SKIP

    Args:
        machine (NESEnv | NESEmulator): the game, or a wrapper of the environment.
        size (int | None): bytes of the number; None: 1, or what the encoding needs at least.
        encoding (str): how they encode it, a key of ``nes_py.ram.RAM_READ_ENCODINGS``.

    Attributes:
        candidates (numpy.ndarray): the addresses that are left, int64 (n,).
        watches (dict[str, tuple[int, int, str]]): names to address, size and encoding.
        frozen (dict[int, int]): addresses to the bytes that ``hold`` writes there.

    Raises:
        TypeError: ``machine`` is neither, or the size is not an integer.
        ValueError: the size or the encoding does not exist.
    """

    def __init__(self, machine: Any, size: int | None = None, encoding: str = "byte") -> None:
        inner = getattr(machine, "unwrapped", machine)
        if not isinstance(inner, NESEmulator) and not is_nes_env(inner):
            raise TypeError(f"a search needs an NESEnv or an NESEmulator, not {type(machine).__name__}")
        self._machine = inner
        self.watches: dict[str, tuple[int, int, str]] = {}
        self.frozen: dict[int, int] = {}
        self.restart(size, encoding)

    @property
    def emulator(self) -> NESEmulator:
        """The emulator that is searched."""
        return self._machine if isinstance(self._machine, NESEmulator) else emulator_of(self._machine)

    def restart(self, size: int | None = None, encoding: str = "byte") -> None:
        """Make every address a candidate again, for numbers of this size; watches stay.

        Raises:
            TypeError: the size is not an integer.
            ValueError: the size or the encoding does not exist.
        """
        if encoding == "byte" and size not in (None, 1):
            encoding = "little"
        if not isinstance(encoding, str) or encoding not in RAM_READ_ENCODINGS:
            raise ValueError(f"encoding must be one of {', '.join(RAM_READ_ENCODINGS)}, not {shown(encoding)}")
        size = _SIZES[encoding] if size is None else _whole("size", size)
        normalize_ram_read_specs([(0, size, encoding)])  # raises what is wrong with them
        candidates = np.arange(_RAM_SIZE - size + 1)
        values = self._read([(address, size, encoding) for address in candidates.tolist()])
        self.size, self.encoding = size, str(encoding)
        self.candidates: NDArray[np.int64] = candidates
        self._history: list[tuple[NDArray[np.int64], UInt32Array]] = []
        #: What the candidates were when the last filter compared them with their present numbers, uint32 (n,).
        self.compared = self._before = values

    def _read(self, specs: list[tuple[int, int, str]]) -> UInt32Array:
        return self.emulator.read_ram_values(*normalize_ram_read_specs(specs))

    def values(self) -> UInt32Array:
        """Return the present numbers of the candidates, uint32 (n,)."""
        return self._read([(int(address), self.size, self.encoding) for address in self.candidates])

    @property
    def before(self) -> UInt32Array:
        """The numbers of the candidates at the last filter, uint32 (n,)."""
        return self._before

    def mark(self) -> None:
        """Remember the present numbers for the next filter, without filtering."""
        self._before = self.values()

    # --- filters; each returns how many candidates are left ---

    def where(self, keep: Filter) -> int:
        """Keep the candidates for which a function of their numbers now and before returns True.

        Raises:
            ValueError: the function does not return one bool per candidate.
        """
        now = self.values()
        kept = np.asarray(keep(now, self._before))
        if kept.shape != now.shape or kept.dtype != np.bool_:
            raise ValueError(f"the function must return bool {now.shape}, not {kept.dtype} {kept.shape}")
        self._history.append((self.candidates, self._before))
        self.candidates, self.compared, self._before = self.candidates[kept], self._before[kept], now[kept]
        return len(self.candidates)

    def equal(self, value: int) -> int:
        """Keep what is ``value`` now."""
        return self.where(lambda now, before: now == value)

    def not_equal(self, value: int) -> int:
        """Keep what is not ``value`` now."""
        return self.where(lambda now, before: now != value)

    def less(self, value: int) -> int:
        """Keep what is less than ``value`` now."""
        return self.where(lambda now, before: now < value)

    def greater(self, value: int) -> int:
        """Keep what is greater than ``value`` now."""
        return self.where(lambda now, before: now > value)

    def changed(self) -> int:
        """Keep what has changed since the last filter."""
        return self.where(lambda now, before: now != before)

    def unchanged(self) -> int:
        """Keep what has not changed since the last filter."""
        return self.where(lambda now, before: now == before)

    def increased(self, by: int | None = None) -> int:
        """Keep what is greater than at the last filter, by exactly ``by`` if that is given."""
        return self.where(lambda now, before: now > before if by is None else now.astype(np.int64) - before == by)

    def decreased(self, by: int | None = None) -> int:
        """Keep what is less than at the last filter, by exactly ``by`` if that is given."""
        return self.where(lambda now, before: now < before if by is None else before.astype(np.int64) - now == by)

    def undo(self) -> int:
        """Take the last filter back.

        Raises:
            ValueError: there is none.
        """
        if not self._history:
            raise ValueError("there is no filter to take back")
        self.candidates, self._before = self._history.pop()
        self.compared = self._before
        return len(self.candidates)

    # --- watching ---

    def watch(self, address: int, name: str | None = None, size: int | None = None, encoding: str | None = None) -> str:
        """Watch a number; return its name.

        Args:
            address (int): where it is.
            name (str | None): its name; None: its address, as in ``ram_075a``.
            size (int | None): its bytes; None: those of the search.
            encoding (str | None): its encoding; None: that of the search.

        Raises:
            TypeError: the address or the size is not an integer.
            ValueError: the address, the size or the encoding does not exist, or a declared game cannot have a variable
                of this name, or so many.
        """
        address = _whole("address", address)
        if size is not None:
            size = _whole("size", size)
        if encoding is None:
            encoding = self.encoding if size is None or size == 1 else "little"
        spec = (address, self.size if size is None else size, str(encoding))
        normalize_ram_read_specs([spec])
        name = f"ram_{address:04x}" if name is None else name
        watches = {**self.watches, name: spec}
        # What ``game`` returns must be a game.
        Game.parse(_game(watches))
        self.watches = watches
        return name

    def watched(self) -> dict[str, int]:
        """Return the present numbers of the watches, by name."""
        if not self.watches:
            return {}
        return dict(zip(self.watches, map(int, self._read(list(self.watches.values()))), strict=True))

    def game(self) -> dict[str, Any]:
        """Return the watches as the variables of a declared game, for the option ``game`` of ``NESVectorEnv``."""
        return _game(self.watches)

    # --- holding ---

    def _address(self, address: int) -> int:
        address = _whole("address", address)
        if not 0 <= address < _RAM_SIZE:
            raise ValueError(f"an address must be in 0..{_RAM_SIZE - 1:#x}, not {address:#x}")
        return address

    def poke(self, address: int, value: int) -> None:
        """Write a byte into RAM; raises TypeError or ValueError."""
        value = _whole("a byte", value)
        if not 0 <= value <= 255:
            raise ValueError(f"a byte must be in 0..255, not {shown(value)}")
        self.emulator.memory_buffer()[self._address(address)] = value

    def peek(self, address: int) -> int:
        """Return a byte of RAM; raises TypeError or ValueError."""
        return int(self.emulator.memory_buffer()[self._address(address)])

    def freeze(self, address: int, value: int | None = None) -> None:
        """Let ``hold`` write a byte; None: the present one.

        Raises:
            TypeError: one is not an integer.
            ValueError: the address or the byte is out of range.
        """
        address = self._address(address)
        value = self.peek(address) if value is None else _whole("a byte", value)
        self.poke(address, value)
        self.frozen[address] = value

    def thaw(self, address: int) -> None:
        """Release a frozen byte.

        Raises:
            TypeError: it is not an integer.
            ValueError: it is not frozen.
        """
        address = _whole("address", address)
        if address not in self.frozen:
            raise ValueError(f"${address:04X} is not frozen")
        del self.frozen[address]

    def hold(self) -> None:
        """Write the frozen bytes; call it before each step. ``run`` does."""
        ram = self.emulator.memory_buffer()
        for address, value in self.frozen.items():
            ram[address] = value

    def run(self, frames: int, buttons: int = 0) -> None:
        """Run frames with some buttons held, a byte as for ``NESEnv.step``, and with the frozen bytes.

        Raises:
            TypeError: a number is not an integer.
            ValueError: a number is out of range.
        """
        frames, buttons = _whole("frames", frames), _whole("buttons", buttons)
        if frames < 1:
            raise ValueError(f"frames must be at least 1, not {shown(frames)}")
        if not 0 <= buttons <= 255:
            raise ValueError(f"buttons must be in 0..255, not {shown(buttons)}")
        for _ in range(frames):
            self.hold()
            self.emulator.frame_advance(buttons)
        self.hold()


__all__ = ["Filter", "RamSearch"]
