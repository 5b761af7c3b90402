"""Keys of a keyboard to actions."""

from __future__ import annotations

import sys
from collections.abc import ItemsView
from typing import Any


class KeysToAction(dict[tuple[int, ...], Any]):
    """A dict of key codes held to actions, the empty tuple among them: no key.

    ``gymnasium.utils.play`` refuses an empty combination; with no key it takes its argument ``noop``. It alone does
    not see it.
    """

    def items(self) -> ItemsView[tuple[int, ...], Any]:  # type: ignore[override]
        """Return the pairs, as ``dict.items``."""
        if sys._getframe(1).f_globals.get("__name__") == "gymnasium.utils.play":
            return {keys: action for keys, action in super().items() if keys}.items()
        return super().items()


__all__ = ["KeysToAction"]
