"""Memory of the caller's that steps write into: what ``NESVectorEnv.bind`` checks and keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._vector import Engine, Output


def _array_of(value: Any, name: str) -> NDArray[Any]:
    """Return the array that shares the memory of an array or a torch tensor."""
    if isinstance(value, np.ndarray):
        return np.asarray(value)  # not a subclass, which may say anything of itself
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "data_ptr"):
        if value.device.type != "cpu":
            raise ValueError(
                f"{name} must be in the CPU's memory, not on {value.device}: bind a pinned tensor "
                "(torch.empty(..., pin_memory=True)) and copy from it"
            )
        if value.requires_grad:
            raise ValueError(f"{name} must not require a gradient: steps write into it")
        if value.layout.__repr__() != "torch.strided":
            raise TypeError(f"{name} must be a dense tensor, not one with layout {value.layout}")
        try:
            return np.asarray(value.numpy())
        except TypeError as error:  # a dtype that NumPy does not have, such as bfloat16
            raise TypeError(f"{name}: {error}") from None
    raise TypeError(
        f"{name} must be a numpy array or a torch tensor, not {type(value).__name__}; other memory can be bound as "
        "np.ndarray(shape, dtype, buffer=...)"
    )


def _checked(value: Any, name: str, dtypes: tuple[Any, ...], shape: tuple[int, ...]) -> NDArray[Any]:
    array = _array_of(value, name)
    if not any(array.dtype == dtype for dtype in dtypes):
        names = " or ".join(str(np.dtype(dtype)) for dtype in dtypes)
        raise TypeError(f"{name} must have dtype {names}, not {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, not {array.shape}")
    if not array.flags.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous")
    if not array.flags.aligned:
        raise ValueError(f"{name} must be aligned to {array.dtype.itemsize} bytes")
    if not array.flags.writeable:
        raise ValueError(f"{name} must be writable")
    return array


class Binding:
    """A set of arrays that the steps of a ``NESVectorEnv`` write into, made and checked by its ``bind``.

    Attributes:
        observations: the arrays as they were given; None: not bound.
        rewards: see ``observations``.
        terminations: see ``observations``.
        truncations: see ``observations``.
    """

    def __init__(
        self,
        engine: Engine,
        rows: int,
        shapes: Mapping[str, tuple[int, ...]],
        is_dict: bool,
        given: tuple[Any, Any, Any, Any],
        activate: Callable[[Binding], None],
    ) -> None:
        self.observations, self.rewards, self.terminations, self.truncations = given
        self._activate = activate
        arrays: dict[str, NDArray[Any]] = {}
        images: dict[str, NDArray[np.uint8]] | None = None
        if self.observations is not None:
            parts = self.observations if is_dict else {next(iter(shapes)): self.observations}
            if not isinstance(parts, Mapping) or set(parts) != set(shapes):
                raise TypeError(f"observations must be a dict with an array for each of {', '.join(shapes)}")
            images = {}
            for part, shape in shapes.items():
                name = f"observations[{part!r}]" if is_dict else "observations"
                arrays[name] = images[part] = _checked(parts[part], name, (np.uint8,), (rows, *shape))
        if self.rewards is not None:
            arrays["rewards"] = _checked(self.rewards, "rewards", (np.float64, np.float32), (rows,))
        for name in ("terminations", "truncations"):
            if getattr(self, name) is not None:
                arrays[name] = _checked(getattr(self, name), name, (np.bool_,), (rows,))
        if not arrays:
            raise ValueError("there is nothing to bind; unbind() ends a binding")
        own = {"the RAM of the environments": engine.ram(), "the pictures of the environments": engine.screens()}
        names = list(arrays)
        for place, name in enumerate(names):
            for other in names[:place]:
                if np.may_share_memory(arrays[other], arrays[name]):
                    raise ValueError(f"{other} and {name} overlap in memory")
            for what, view in own.items():
                if np.may_share_memory(view, arrays[name]):
                    raise ValueError(f"{name} overlaps {what}")
        rewards = arrays.get("rewards")
        # The core computes float64; a step rounds them to a bound float32 array.
        self._narrow = rewards if rewards is not None and rewards.dtype == np.float32 else None
        #: What steps write.
        self.output: Output = engine.new_output(
            rows,
            images,
            rewards=None if self._narrow is not None else rewards,
            terminated=arrays.get("terminations"),
            truncated=arrays.get("truncations"),
        )
        # A reset has observations only; it must not clear the rewards of the last step.
        self.shown: Output = engine.new_output(rows, self.output.observations)

    def use(self) -> None:
        """Let later steps write into these arrays, which were checked by ``bind`` and are not checked again.

        Raises:
            ValueError: the environments were closed.
        """
        self._activate(self)

    def finish(self) -> None:
        """Write what the core does not write itself."""
        if self._narrow is not None:
            np.copyto(self._narrow, self.output.rewards, casting="same_kind")


__all__ = ["Binding"]
