"""Resetting and stepping an environment of Gymnasium or of the older ``gym`` alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Gets the observation before a step, the action, the reward, whether the episode is over, the observation after it.
PlayCallback = Callable[[Any, Any, float, bool, Any], object]


def reset_environment(env: Any, seed: int | None = None) -> Any:
    """Reset ``env`` and return only the observation, with either interface."""
    result = env.reset() if seed is None else env.reset(seed=seed)
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict):
        return result[0]
    return result


def step_environment(env: Any, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
    """Step ``env`` and return observation, reward, done and info, for both the old interface and Gymnasium's."""
    result = env.step(action)
    if len(result) == 4:
        observation, reward, done, info = result
        return observation, reward, bool(done), info
    observation, reward, terminated, truncated, info = result
    return observation, reward, bool(terminated or truncated), info
