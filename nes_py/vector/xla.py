"""The steps of a ``NESVectorEnv`` inside of compiled JAX programs; needs ``pip install nes-py[jax]``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

try:
    import jax
    from jax.experimental import io_callback
except ImportError as error:
    raise ImportError(f"envs.xla() needs JAX ({error}): pip install 'nes-py[jax]'") from error

from nes_py._gymnasium import AutoresetMode

_numbers = itertools.count(1)


class _Functions(NamedTuple):
    handle: Any
    recv: Callable[..., Any]
    send: Callable[..., Any]
    step: Callable[..., Any]


class XlaFunctions(_Functions):
    """Functions for ``jax.jit``, ``lax.scan``, ``lax.fori_loop`` and ``lax.while_loop``: ``handle, recv, send, step``.

    Each takes the handle first and returns it first; pass it on from call to call. The calls happen in the order of the
    program. They run on the host, so a program on a GPU waits for the transfer. A step that the environments refuse
    raises JAX's error with their message.

    ``results`` is ``(observations, rewards, terminations, truncations, infos)``, as from ``NESVectorEnv.step``, but all
    shapes are fixed: ``infos`` has the game's numbers without masks, ``env_id``, and with ``autoreset_mode`` SameStep
    in each step ``final_obs`` and ``final_info``, of the rows in ``_final_obs``. Unless ``jax_enable_x64`` is set,
    rewards are float32 and integers int32, limited to its range.

    Attributes:
        handle: names these environments, uint8 (8,).
        recv: ``recv(handle)`` returns ``handle, results`` of the ``batch_size`` environments that have waited longest.
        send: ``send(handle, actions, env_id=None)`` returns ``handle``.
        step: ``step(handle, actions, env_id=None)`` returns ``handle, results``: ``send``, then ``recv``.
        reset: ``reset(handle, seed=None)`` returns ``handle, (observations, infos)``. ``seed`` is an integer or
            (num_envs,). With ``batch_size`` below ``num_envs`` they are the first batch's.
    """

    reset: Callable[..., Any]


def make_functions(envs: Any) -> XlaFunctions:
    """Return the functions for a ``NESVectorEnv``, which stays open as long as they exist."""
    handle = np.frombuffer(np.uint64(next(_numbers)).tobytes(), np.uint8)
    rows = envs.batch_size
    same_step = envs.autoreset_mode is AutoresetMode.SAME_STEP
    space: Any = envs.single_observation_space
    names = envs._infos.numbers()

    def struct(shape: tuple[int, ...], dtype: Any) -> Any:
        kind: Any = jax.ShapeDtypeStruct
        return kind(shape, jax.dtypes.canonicalize_dtype(dtype))

    def structs_of_observations() -> Any:
        if envs.options.is_dict:
            return {name: struct((rows, *part.shape), np.uint8) for name, part in space.items()}
        return struct((rows, *space.shape), np.uint8)

    def structs_of_variables() -> dict[str, Any]:
        result = {name: struct((rows,), dtype) for name, dtype in names.items()}
        if envs.options.life_loss_info:
            result["life_lost"] = struct((rows,), np.bool_)
        return result

    def structs_of_results() -> Any:
        infos = structs_of_variables()
        infos["env_id"] = struct((rows,), np.int64)
        if same_step:
            infos["final_obs"], infos["_final_obs"] = structs_of_observations(), struct((rows,), np.bool_)
            infos["final_info"] = structs_of_variables()
        flags = struct((rows,), np.bool_)
        return structs_of_observations(), struct((rows,), np.float64), flags, flags, infos

    def fill(shapes: Any, values: Any) -> Any:
        """Return values in the types that JAX was told."""
        if isinstance(shapes, dict):
            return {name: fill(part, values[name]) for name, part in shapes.items()}
        array = np.asarray(values)
        if array.dtype.kind == "i" and array.dtype != shapes.dtype:
            limits = np.iinfo(shapes.dtype)
            array = np.clip(array, limits.min, limits.max)
        # A copy of what later steps may overwrite: JAX may keep the array.
        return np.array(array, shapes.dtype)

    def stack(final: Any, mask: Any) -> Any:
        """Return the final observations as arrays, 0 outside of the mask."""
        parts = {}
        for name, part in space.items() if envs.options.is_dict else (("", space),):
            parts[name] = np.zeros((rows, *part.shape), np.uint8)
            for row in np.flatnonzero(mask):
                parts[name][row] = final[row][name] if name else final[row]
        return parts if envs.options.is_dict else parts[""]

    def pack(results: Any) -> Any:
        observations, rewards, terminations, truncations, infos = results
        infos = dict(infos)
        infos.setdefault("env_id", np.arange(rows))
        if same_step:
            mask = infos.setdefault("_final_obs", np.zeros(rows, np.bool_))
            infos["final_obs"] = stack(infos.get("final_obs"), mask)
            none = dict.fromkeys((*names, "life_lost"), np.zeros(rows, np.int64))
            infos["final_info"] = infos.get("final_info", none)
        whole = (observations, rewards, terminations, truncations, infos)
        return tuple(fill(shapes, values) for shapes, values in zip(structs_of_results(), whole, strict=True))

    def check(given: Any) -> Any:
        given = np.asarray(given)
        if not np.array_equal(given, handle):
            raise ValueError("the handle belongs to other environments")
        return given

    def host_recv(given: Any) -> Any:
        return check(given), pack(envs.recv())

    def host_send(given: Any, actions: Any, env_id: Any = None) -> Any:
        given = check(given)
        envs.send(np.asarray(actions), None if env_id is None else np.asarray(env_id))
        return given

    def host_step(given: Any, actions: Any, env_id: Any = None) -> Any:
        given = check(given)
        if env_id is None and envs.batch_size == envs.num_envs:
            return given, pack(envs.step(np.asarray(actions)))
        envs.send(np.asarray(actions), None if env_id is None else np.asarray(env_id))
        return given, pack(envs.recv())

    def host_reset(given: Any, seed: Any = None) -> Any:
        given = check(given)
        seeds = None if seed is None else np.asarray(seed).tolist()
        observations, infos = envs.reset(seed=seeds)
        return given, (
            fill(structs_of_observations(), observations),
            fill(structs_of_variables(), infos),
        )

    def call(host: Callable[..., Any], results: Any, *arguments: Any) -> Any:
        named = struct(handle.shape, np.uint8)
        shapes = named if results is None else (named, results)
        present = tuple(argument for argument in arguments if argument is not None)
        return io_callback(host, shapes, *present, ordered=True)

    def recv(handle: Any) -> Any:
        return call(host_recv, structs_of_results(), handle)

    def send(handle: Any, actions: Any, env_id: Any = None) -> Any:
        return call(host_send, None, handle, actions, env_id)

    def step(handle: Any, actions: Any, env_id: Any = None) -> Any:
        return call(host_step, structs_of_results(), handle, actions, env_id)

    def reset(handle: Any, seed: Any = None) -> Any:
        return call(host_reset, (structs_of_observations(), structs_of_variables()), handle, seed)

    functions = XlaFunctions(jax.numpy.asarray(handle), recv, send, step)
    functions.reset = reset
    return functions


__all__ = ["XlaFunctions", "make_functions"]
