"""The actions of a vector environment: their space, and the bytes of buttons that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete, MultiBinary, MultiDiscrete, Space
from numpy.typing import NDArray

from nes_py._vector import look_up_buttons
from nes_py.devices import DEVICES
from nes_py.game import buttons_to_byte
from nes_py.options import EnvOptions


class ActionTable:
    """Converts actions to the bytes of the controllers and of the device beside them.

    Args:
        options (EnvOptions): of the environments; ``actions``, ``players`` and ``device`` matter here.
        alone (bool): whether there is one environment, which messages need not name.

    Attributes:
        space (gymnasium.spaces.Space): the actions of one environment.
    """

    def __init__(self, options: EnvOptions, alone: bool = False) -> None:
        self._alone = alone
        self._players = options.players
        # Names and numbers of values of what the device has besides its pads.
        self._pads, self._values = DEVICES[options.device].pads, DEVICES[options.device].values
        # The byte of buttons for each number; None: an action has a bit for each button.
        self._table: NDArray[np.uint8] | None = None
        #: The buttons of each action, uint8, if an action is one number; else None.
        self.plain_table: NDArray[np.uint8] | None = None
        self.space: Space[Any]
        if options.actions == "multibinary":
            self.space = MultiBinary(8 if options.players == 1 else (options.players, 8))
            return
        combinations = options.actions
        self._table = (
            np.arange(256, dtype=np.uint8)
            if combinations is None
            else np.array([buttons_to_byte(names, "actions") for names in combinations], np.uint8)
        )
        count = len(self._table)
        limits = [count] * options.players + [limit for _, limit in self._values]
        if limits == [count]:
            self.plain_table = self._table
            self.space = Discrete(count)
        else:
            self.space = MultiDiscrete(limits)

    def to_buttons(self, actions: Any, rows: int, environments: Sequence[int] | None = None) -> NDArray[np.uint8]:
        """Return the bytes of the controllers and the device, uint8 (rows, inputs).

        Args:
            actions: one for each row.
            rows (int): how many there must be.
            environments (Sequence[int] | None): the environment of each row, for messages; None: their numbers.

        Raises:
            TypeError: the actions are not integers, or there is only one. The bits of ``"multibinary"`` may be floats.
            ValueError: they have the wrong shape, or one does not exist; the message names the environment.
        """
        players = self._players
        if self.plain_table is not None:
            found = look_up_buttons(actions, self.plain_table, rows)
            if found is not None:
                return found
        array = np.asarray(actions)
        if self._values:
            return self._to_inputs(array, rows, environments)
        if self._table is None:
            shape: tuple[int, ...] = (rows, 8) if players == 1 else (rows, players, 8)
        else:
            shape = (rows,) if players == 1 else (rows, players)
        # The bits that a policy draws are often floats, as those of Stable-Baselines3 are.
        self._check(array, shape, "iubf" if self._table is None else "iub", environments)
        if self._table is None:
            wrong = (array != 0) & (array != 1)
            if wrong.any():
                bad = np.argwhere(wrong)[0]
                whose = self._whose(bad[0], environments)
                raise ValueError(f"the action{whose} must be in 0..1, not {array[tuple(bad)]}")
            return np.packbits(array.astype(np.bool_), axis=-1, bitorder="little").reshape(rows, players)
        # Values too large for a signed 64-bit integer become negative and are refused as well.
        found = look_up_buttons(array.ravel().astype(np.int64), self._table, rows * players)
        if found is None:
            raise self._no_such_action(array, len(self._table), environments)
        return found.reshape(rows, players)

    def _whose(self, row: int, environments: Sequence[int] | None) -> str:
        if environments is not None:
            return f" of environment {environments[row]}"
        return "" if self._alone else f" of environment {row}"

    def _check(
        self, array: NDArray[Any], shape: tuple[int, ...], kinds: str, environments: Sequence[int] | None
    ) -> None:
        if array.ndim == 0:
            raise TypeError(f"actions must be an array with shape {shape}, not one action")
        whose = self._whose(0, environments)
        if array.dtype.kind not in kinds:
            what = f"the action{whose} must be an integer" if self._alone else "actions must be integers"
            raise TypeError(f"{what}, not {array.dtype}")
        if array.shape != shape and self._alone:
            raise ValueError(f"the action{whose} must have shape {shape[1:]}, not {array.shape[1:]}")
        if array.shape != shape:
            raise ValueError(f"actions must have shape {shape}, not {array.shape}")

    def _no_such_action(self, array: NDArray[Any], limit: int, environments: Sequence[int] | None) -> ValueError:
        bad = np.argwhere((array < 0) | (array >= limit))[0]
        whose = self._whose(bad[0], environments)
        return ValueError(f"the action{whose} must be in 0..{limit - 1}, not {array[tuple(bad)]}")

    def _to_inputs(self, array: NDArray[Any], rows: int, environments: Sequence[int] | None) -> NDArray[np.uint8]:
        """Return the bytes of the pads and of a device with additional values. The pads of nobody have no buttons."""
        assert self._table is not None
        players, pads = self._players, self._pads
        names = ("action",) * players + tuple(name for name, _ in self._values)
        limits = np.array([len(self._table)] * players + [limit for _, limit in self._values])
        self._check(array, (rows, len(limits)), "iub", environments)
        wrong = (array < 0) | (array >= limits)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            whose = self._whose(row, environments)
            raise ValueError(f"the {names[column]}{whose} must be in 0..{limits[column] - 1}, not {array[row, column]}")
        inputs = np.zeros((rows, pads + len(self._values)), np.uint8)
        inputs[:, :players] = self._table[array[:, :players]]
        inputs[:, pads:] = array[:, players:]
        return inputs


__all__ = ["ActionTable"]
