"""A wrapper that names combinations of buttons."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from gymnasium import Env, Wrapper
from gymnasium.spaces import Discrete
from gymnasium.utils import RecordConstructorArgs

from nes_py._keys import KeysToAction
from nes_py.compat import interface
from nes_py.errors import ActionError, shown
from nes_py.game import suggest


class JoypadActions:
    """The part of ``JoypadSpace`` that does not depend on Gymnasium; also used by its twin for the older ``gym``."""

    # Subclasses may add names, and bits above the eight buttons for their own purposes.
    _button_map: ClassVar[dict[str, int]] = {
        "right": 0b10000000,
        "left": 0b01000000,
        "down": 0b00100000,
        "up": 0b00010000,
        "start": 0b00001000,
        "select": 0b00000100,
        "B": 0b00000010,
        "A": 0b00000001,
        "NOOP": 0b00000000,
    }

    env: Any

    @classmethod
    def buttons(cls) -> list[str]:
        """Return the names of the buttons, a list of str."""
        return list(cls._button_map)

    def _name_actions(self, actions: Iterable[Iterable[str]]) -> None:
        self._action_map: dict[int, int] = {}
        self._action_meanings: dict[int, str] = {}
        try:
            combinations = list(actions)
        except TypeError:
            raise TypeError(
                f"actions must be a list of lists of buttons, {self.__example()}, not {shown(actions)}"
            ) from None
        if not combinations:
            raise ValueError(f"actions must contain at least one combination of buttons, {self.__example()}")
        for action, names in enumerate(combinations):
            byte = 0
            try:
                buttons = list(names)
            except TypeError:
                self.__refuse_combination(action, names, actions)
            for name in buttons:
                try:
                    byte |= self._button_map[name]
                except (KeyError, TypeError):
                    if isinstance(names, (str, bytes)):
                        self.__refuse_combination(action, names, actions)
                    known = ", ".join(self._button_map)
                    raise ActionError(
                        f"actions[{action}]: there is no button {name!r}{suggest(str(name), self._button_map)}; "
                        f"the buttons are {known}"
                    ) from None
            self._action_map[action] = byte
            self._action_meanings[action] = " ".join(buttons)

    @staticmethod
    def __example() -> str:
        return "such as [['NOOP'], ['right'], ['right', 'A']]"

    def __refuse_combination(self, action: int, names: Any, actions: Any) -> NoReturn:
        message = (
            f"actions[{action}] is {names!r}, but each action must be a list of buttons (of "
            f"{', '.join(self._button_map)}), {self.__example()}"
        )
        # nes-py would look for a button for each letter.
        raise ActionError(message) if isinstance(names, (str, bytes)) else TypeError(message)

    def __byte_of(self, action: Any) -> int:
        """Return the byte of an action that is not itself a key of the map: an array of one number, a tensor."""
        number = action
        if getattr(action, "ndim", 0) == 0:
            try:
                number = operator.index(action)
            except TypeError:
                # A float with an integral value counts, as it does as a key of a dict.
                number = action.item() if hasattr(action, "item") else action
        try:
            return self._action_map[number]
        except (KeyError, TypeError):
            pass
        last = len(self._action_map) - 1
        meanings = ", ".join(f"{number} {meaning!r}" for number, meaning in list(self._action_meanings.items())[:16])
        message = (
            f"there is no action {action!r}: an action is one integer in 0..{last} ({meanings}{', ...' * (last > 15)})"
        )
        if isinstance(number, (int, float)):
            raise ActionError(message)
        raise TypeError(message)

    def step(self, action: int) -> Any:
        """Step the environment.

        Args:
            action (int): index into the list of actions; also an array or a tensor of one number, without axes.

        Returns:
            tuple: the result of the environment's ``step``.

        Raises:
            ActionError: a ``KeyError`` and ``ValueError``: the action does not exist.
            TypeError: ``action`` is not a number.
        """
        try:
            byte = self._action_map[action]
        except (KeyError, TypeError):
            byte = self.__byte_of(action)
        # The console has eight buttons; bits above them are for the subclass that added them.
        return self.env.step(byte & 0xFF)

    if not TYPE_CHECKING:  # the types are Gymnasium's

        def reset(self, **kwargs: Any) -> Any:
            """Reset the environment; arguments and result are those of its ``reset``."""
            return self.env.reset(**kwargs)

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return the mapping from keyboard keys to actions: tuples of key codes to actions."""
        keys_of_byte = {byte: keys for keys, byte in self.env.unwrapped.get_keys_to_action().items()}
        return KeysToAction({keys_of_byte[byte & 0xFF]: action for action, byte in self._action_map.items()})

    def get_action_meanings(self) -> list[str]:
        """Return the buttons of each action, a list of str such as ``"right A"``."""
        return [self._action_meanings[action] for action in sorted(self._action_meanings)]


def byte_of(joypad: JoypadActions, action: Any) -> int:
    """Return the byte of an action, or raise what ``step`` would raise."""
    try:
        byte = joypad._action_map[action]
    except (KeyError, TypeError):
        byte = joypad._JoypadActions__byte_of(action)  # type: ignore[attr-defined]
    return byte & 0xFF


class JoypadSpace(JoypadActions, Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Replaces the 256 button combinations of an ``NESEnv`` with a short list of useful ones.

    Example:
        >>> env = JoypadSpace(env, [["NOOP"], ["right"], ["right", "A"]])  # doctest: +SKIP
        >>> env.step(2)  # holds right and A  # doctest: +SKIP

    Args:
        env (gymnasium.Env): the environment; its actions are bytes of buttons.
        actions (Iterable[Iterable[str]]): the buttons of each action, with the names in ``buttons()``.

    Raises:
        ActionError: a ``KeyError`` and ``ValueError``: a button of that name does not exist.
        TypeError: ``actions`` is not a list of lists.
        ValueError: ``actions`` is empty.
    """

    env: Env[Any, Any]

    def __new__(cls, env: Any = None, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        # An environment of gym gets a wrapper of gym.
        kind = interface.wrapper_for(cls, env)
        if kind is not cls:
            return kind(env, *args, **kwargs)
        return super().__new__(cls) if issubclass(cls, JoypadSpace) else object.__new__(cls)

    def __init__(self, env: Env[Any, Any], actions: Iterable[Iterable[str]]) -> None:
        # Iterators can be read only once, and the wrapper may be made again from the spec.
        if hasattr(actions, "__iter__") and not isinstance(actions, (str, bytes)):
            if isinstance(actions, Iterator) or not hasattr(actions, "__len__"):
                actions = list(actions)
            if any(isinstance(names, Iterator) for names in actions):
                actions = [list(names) if isinstance(names, Iterator) else names for names in actions]
        # Lets Gymnasium rebuild the wrapped environment from its spec.
        RecordConstructorArgs.__init__(self, actions=actions)
        Wrapper.__init__(self, env)
        self._name_actions(actions)
        self.action_space = Discrete(len(self._action_map))


# The signature that people and tools see.
JoypadSpace.__new__.__signature__ = inspect.signature(JoypadSpace.__init__)  # type: ignore[attr-defined]

__all__ = ["JoypadSpace"]
