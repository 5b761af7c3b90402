"""The observation spaces of vector environments."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Space

_BOUNDS = ("low", "high", "bounded_below", "bounded_above")


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


def folded(space: Space[Any]) -> Space[Any]:
    """Return a space for a pickle or a copy, which would hold the bounds of all rows: they are left with one."""
    return _map_boxes(space, _fold)


def unfolded(space: Space[Any]) -> Space[Any]:
    """Return the space that was ``folded``."""
    return _map_boxes(space, _unfold)


def _map_boxes(space: Any, function: Callable[[Box], Box]) -> Space[Any]:
    if isinstance(space, Dict):
        result: Dict = copy.copy(space)
        result.spaces = type(space.spaces)((name, _map_boxes(each, function)) for name, each in space.spaces.items())
        return result
    return function(space) if isinstance(space, Box) else space


def _fold(box: Box) -> Box:
    # Only bounds whose rows are the same memory: of another space, all may differ.
    if not box.shape or any(vars(box)[name].strides[0] for name in _BOUNDS):
        return box
    result = copy.copy(box)
    for name in _BOUNDS:
        setattr(result, name, vars(box)[name][:1])
    return result


def _unfold(box: Box) -> Box:
    if box.low.shape == box.shape:
        return box
    result = copy.copy(box)
    for name in _BOUNDS:
        setattr(result, name, np.broadcast_to(vars(box)[name], box.shape))
    return result


def _box(space: Any, count: int) -> Box:
    # Box.__init__ would make the arrays.
    result: Box = copy.copy(space)
    Space.__init__(result, (count, *space.shape), space.dtype, copy.deepcopy(space.np_random))
    for name in _BOUNDS:
        setattr(result, name, np.broadcast_to(getattr(space, name), result.shape))
    return result


__all__ = ["batched", "folded", "unfolded"]
