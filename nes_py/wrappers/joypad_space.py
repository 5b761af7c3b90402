"""A wrapper that names combinations of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from gymnasium import Env, Wrapper
from gymnasium.spaces import Discrete
from gymnasium.utils import RecordConstructorArgs


class JoypadActions:
    """What ``JoypadSpace`` is besides a wrapper of Gymnasium; also the base of its twin for the older ``gym``."""

    # Subclasses may add names, and bits above the eight buttons for purposes of their own.
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

    def _name_actions(self, actions: Sequence[Sequence[str]]) -> None:
        if len(actions) == 0:
            raise ValueError("actions must name at least one combination of buttons")
        self._action_map: dict[int, int] = {}
        self._action_meanings: dict[int, str] = {}
        for action, names in enumerate(actions):
            byte = 0
            for name in names:
                byte |= self._button_map[name]
            self._action_map[action] = byte
            self._action_meanings[action] = " ".join(names)

    def step(self, action: int) -> Any:
        """Take a step of the environment.

        Args:
            action (int): index into the list of actions.

        Returns:
            tuple: what the environment's ``step`` returns.

        Raises:
            KeyError: there is no such action.
        """
        # The console has eight buttons; bits above them stay with the subclass that added them.
        return self.env.step(self._action_map[action] & 0xFF)

    def reset(self, **kwargs: Any) -> Any:
        """Reset the environment; arguments and result are those of its ``reset``."""
        return self.env.reset(**kwargs)

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return which action the keys of a keyboard stand for: tuples of key codes to actions."""
        keys_of_byte = {byte: keys for keys, byte in self.env.unwrapped.get_keys_to_action().items()}
        return {keys_of_byte[byte & 0xFF]: action for action, byte in self._action_map.items()}

    def get_action_meanings(self) -> list[str]:
        """Return the buttons of each action, a list of str such as ``"right A"``."""
        return [self._action_meanings[action] for action in sorted(self._action_meanings)]


class JoypadSpace(JoypadActions, Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Replaces the 256 button combinations of an ``NESEnv`` by a short list of useful ones.

    Example:
        >>> env = JoypadSpace(env, [["NOOP"], ["right"], ["right", "A"]])  # doctest: +SKIP
        >>> env.step(2)  # holds right and A  # doctest: +SKIP

    Args:
        env (gymnasium.Env): the environment; its actions are bytes of buttons.
        actions (Sequence[Sequence[str]]): the buttons of each action, with the names that ``buttons()`` gives.

    Raises:
        KeyError: there is no button of that name.
        ValueError: ``actions`` is empty.
    """

    def __init__(self, env: Env[Any, Any], actions: Sequence[Sequence[str]]) -> None:
        # Lets Gymnasium build the wrapped environment again from its spec.
        RecordConstructorArgs.__init__(self, actions=actions)
        Wrapper.__init__(self, env)
        self._name_actions(actions)
        self.action_space = Discrete(len(actions))


__all__ = ["JoypadSpace"]
