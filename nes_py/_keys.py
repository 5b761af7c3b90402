"""Maps keyboard keys to actions."""

from __future__ import annotations

import sys
from collections.abc import ItemsView
from typing import Any

# Keys for the buttons from bit 0 on: A, B, Select, Start, Up, Down, Left, Right.
_BUTTON_KEYS = tuple(map(ord, "op \rwsad"))


def keys_of(byte: int) -> tuple[int, ...]:
    """Return the sorted codes of the keys for a byte of buttons."""
    return tuple(sorted(key for bit, key in enumerate(_BUTTON_KEYS) if byte >> bit & 1))


class KeysToAction(dict[tuple[int, ...], Any]):
    """A dict from held key codes to actions, including the empty tuple for no key.

    ``gymnasium.utils.play`` refuses an empty combination and uses its argument ``noop`` if no key is held. So it alone
    does not see the empty tuple.
    """

    def items(self) -> ItemsView[tuple[int, ...], Any]:  # type: ignore[override]
        """Return the pairs, as ``dict.items``."""
        if sys._getframe(1).f_globals.get("__name__") == "gymnasium.utils.play":
            return {keys: action for keys, action in super().items() if keys}.items()
        return super().items()


__all__ = ["KeysToAction", "keys_of"]
