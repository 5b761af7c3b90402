"""The observation spaces of vector environments."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Space


def batched(space: Space[Any], count: int) -> Space[Any]:
    """Return what ``gymnasium.vector.utils.batch_space`` does, with bounds that take no memory.

    A ``Box`` keeps four arrays of its shape: of a batch that is more than the observations themselves. Here all rows
    are the same memory, so the arrays can be read only. ``space`` is a ``Box``, whose bounds are one number
    each, or a ``Dict`` of such.
    """
    if isinstance(space, Dict):
        boxes: dict[str, Space[Any]] = {name: _box(each, count) for name, each in space.spaces.items()}
        return Dict(boxes, seed=copy.deepcopy(space.np_random))
    return _box(space, count)


def _box(space: Any, count: int) -> Box:
    # Box.__init__ would make the arrays.
    result: Box = copy.copy(space)
    Space.__init__(result, (count, *space.shape), space.dtype, copy.deepcopy(space.np_random))
    for name in ("low", "high", "bounded_below", "bounded_above"):
        setattr(result, name, np.broadcast_to(getattr(space, name), result.shape))
    return result


__all__ = ["batched"]
