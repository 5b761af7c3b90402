"""Maps keyboard keys to actions."""

from __future__ import annotations

import sys
from collections.abc import ItemsView
from typing import Any


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


__all__ = ["KeysToAction"]
