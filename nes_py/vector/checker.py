"""Checks vector environments, as ``gymnasium.utils.env_checker`` checks single ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space

from nes_py._gymnasium import AutoresetMode

from ..errors import shown


def _expect(good: Any, message: str) -> None:
    if not good:
        raise AssertionError(message)


def _same(one: Any, other: Any) -> bool:
    """Return whether observations, infos or parts of them are equal in type and value."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict) and one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
        )
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray):
        if not isinstance(other, np.ndarray) or one.dtype != other.dtype or one.shape != other.shape:
            return False
        if one.dtype == object:
            return all(_same(mine, yours) for mine, yours in zip(one.flat, other.flat, strict=True))
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return type(one) is type(other) and bool(one == other)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_copied, value))
    return value.copy() if isinstance(value, np.ndarray) else value


def _check_infos(env: VectorEnv[Any, Any, Any], infos: Any, where: str) -> None:
    _expect(isinstance(infos, dict), f"{where}: infos must be a dict, not {type(infos).__name__}")
    for key, value in infos.items():
        _expect(isinstance(key, str), f"{where}: the key {key!r} of infos is not a string")
        if key.startswith("_") and key[1:] in infos:
            _expect(
                isinstance(value, np.ndarray) and value.dtype == np.bool_ and value.shape == (env.num_envs,),
                f"{where}: infos[{key!r}] must be a bool array of shape ({env.num_envs},)",
            )
        elif isinstance(value, np.ndarray):
            _expect(
                value.shape[:1] == (env.num_envs,),
                f"{where}: infos[{key!r}] must have {env.num_envs} rows: {value.shape}",
            )
            _expect(f"_{key}" in infos, f"{where}: infos has {key!r} but no mask {'_' + key!r}")


def _check_step(env: VectorEnv[Any, Any, Any], result: Any, where: str) -> None:
    _expect(isinstance(result, tuple) and len(result) == 5, f"{where}: a step must return a tuple of five")
    observations, rewards, terminations, truncations, infos = result
    _expect(observations in env.observation_space, f"{where}: the observations are not in {env.observation_space}")
    for name, array, dtype in (
        ("rewards", rewards, np.float64),
        ("terminations", terminations, np.bool_),
        ("truncations", truncations, np.bool_),
    ):
        _expect(isinstance(array, np.ndarray), f"{where}: {name} must be an array, not {type(array).__name__}")
        _expect(array.dtype == dtype, f"{where}: {name} must have dtype {np.dtype(dtype)}, not {array.dtype}")
        _expect(array.shape == (env.num_envs,), f"{where}: {name} must have shape ({env.num_envs},), not {array.shape}")
    _expect(np.isfinite(rewards).all(), f"{where}: a reward is not finite")
    _check_infos(env, infos, where)


def _check_after_end(env: VectorEnv[Any, Any, Any], result: Any, over: np.ndarray, where: str) -> Any:
    """Check the autoreset of episodes that ended before; return the mask of those that ended now."""
    mode = env.metadata["autoreset_mode"]
    _, rewards, terminations, truncations, infos = result
    ends = terminations | truncations
    if mode is AutoresetMode.NEXT_STEP and over.any():
        _expect((rewards[over] == 0).all(), f"{where}: the reward of the step that only resets is not 0")
        _expect(not ends[over].any(), f"{where}: an episode ended in the step that only resets")
    if mode is AutoresetMode.SAME_STEP and ends.any():
        for key in ("final_obs", "final_info"):
            _expect(key in infos, f"{where}: an episode ended, and infos has no {key!r}")
            _expect(_same(infos.get(f"_{key}"), ends), f"{where}: the mask of {key!r} is not where episodes ended")
        for row in map(int, np.flatnonzero(ends)):
            _expect(
                infos["final_obs"][row] in env.single_observation_space,
                f"{where}: the final observation of environment {row} is not in the single observation space",
            )
    return ends


def _run(env: VectorEnv[Any, Any, Any], seed: int, actions: list[Any], keeps: bool) -> list[Any]:
    """Reset and step; return all results."""
    mode = env.metadata["autoreset_mode"]
    trace: list[Any] = [env.reset(seed=seed)]
    _expect(isinstance(trace[0], tuple) and len(trace[0]) == 2, "reset must return observations and infos")
    _expect(trace[0][0] in env.observation_space, f"the observations of reset are not in {env.observation_space}")
    _check_infos(env, trace[0][1], "reset")
    copies = [_copied(trace[0])]
    over = np.zeros(env.num_envs, np.bool_)
    for number, action in enumerate(actions):
        where = f"step {number}"
        if mode is AutoresetMode.DISABLED and over.any():
            options = {"reset_mask": over.copy()}
            before = copies[-1][0]
            result = env.reset(options=options)
            copies.append(_copied(result))
            trace.append(result)
            for row in map(int, np.flatnonzero(~over)):
                _expect(
                    _same(_row(result[0], row), _row(before, row)),
                    f"{where}: a reset changed the observation of environment {row}, which is not in the mask",
                )
        step = env.step(action)
        _check_step(env, step, where)
        over = _check_after_end(env, step, over, where)
        trace.append(step)
        copies.append(_copied(step))
    if keeps:
        for number, (now, then) in enumerate(zip(trace, copies, strict=True)):
            _expect(_same(now, then), f"a later call changed the result of call {number}")
    return copies


def _row(observations: Any, row: int) -> Any:
    if isinstance(observations, dict):
        return {key: _row(value, row) for key, value in observations.items()}
    return tuple(_row(value, row) for value in observations) if isinstance(observations, tuple) else observations[row]


def check_vector_env(env: VectorEnv[Any, Any, Any], steps: int = 50, keeps: bool = True) -> None:
    """Check that a vector environment meets Gymnasium's contract.

    Checks spaces, types and shapes of everything that ``reset`` and ``step`` return, masks of infos, the autoreset
    mode, seeding and determinism, ``render`` and ``close``. The environment is closed afterwards.

    Args:
        env (gymnasium.vector.VectorEnv): any vector environment, also of other packages.
        steps (int): number of random actions. Ends of episodes are only checked if they happen.
        keeps (bool): whether later steps must not change returned arrays.

    Raises:
        AssertionError: the contract is violated; the message says where and what was expected.
    """
    _expect(isinstance(env, VectorEnv), f"{env!r} is not a gymnasium.vector.VectorEnv")
    _expect(env.num_envs >= 1, f"num_envs must be at least 1, not {env.num_envs}")
    for name in ("observation", "action"):
        single, batch = getattr(env, f"single_{name}_space"), getattr(env, f"{name}_space")
        expected = batch_space(single, env.num_envs)
        _expect(batch == expected, f"{name}_space is {batch}, but {env.num_envs} times the single space is {expected}")
    mode = env.metadata.get("autoreset_mode")
    _expect(isinstance(mode, AutoresetMode), f"metadata['autoreset_mode'] must be an AutoresetMode, not {shown(mode)}")

    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(steps)]
    once, again = _run(env, 7, actions, keeps), _run(env, 7, actions, keeps)
    for number, (one, other) in enumerate(zip(once, again, strict=True)):
        _expect(_same(one, other), f"with the same seed and actions call {number} returned a different result")
    seeds: Any = [7 + index for index in range(env.num_envs)]
    listed = _copied(env.reset(seed=seeds))
    _expect(_same(listed, once[0]), "a list of the seeds 7, 8, ... must do what the seed 7 does")

    if env.render_mode == "rgb_array":
        frames: Any = env.render()
        _expect(isinstance(frames, tuple), f"render must return a tuple of frames, not {type(frames).__name__}")
        _expect(len(frames) == env.num_envs, f"render must return {env.num_envs} frames, not {len(frames)}")
        for frame in frames:
            _expect(
                isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3,
                "a frame must be a uint8 array (height, width, 3)",
            )
    env.close()
    env.close()


__all__ = ["check_vector_env"]
