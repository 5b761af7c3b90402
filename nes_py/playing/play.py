"""Plays an environment, with the keyboard or with random buttons.

Works with any ``NESEnv`` and with wrappers of Gymnasium or of the older ``gym`` around one. pyglet and tqdm are
imported only when a window opens or a progress bar is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nes_py.nes_env import is_nes_env, show

from .stepping import PlayCallback, reset_environment, step_environment


def show_environment(env: Any) -> None:
    """Show the picture of ``env`` in a window, even if it was created without a render mode."""
    if getattr(env, "render_mode", None) is None and is_nes_env(env.unwrapped):
        show(env.unwrapped)
    else:
        env.render()


def _numbers(steps: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(steps)
    try:
        from tqdm import tqdm
    except ImportError:
        # nes-py 9 required it, so programs do not check for it; playing works without it.
        return range(steps)
    bar: Iterable[int] = tqdm(range(steps))
    return bar


def random_play(
    env: Any,
    steps: int,
    *,
    render: bool = True,
    progress: bool = True,
    seed: int | None = None,
    results: bool = True,
) -> Iterator[tuple[Any, float, bool, dict[str, Any]]]:
    """Step ``env`` with random actions; a generator of the results.

    Args:
        env (gymnasium.Env): the environment; it is reset first and after each episode, and not closed.
        steps (int): number of steps.
        render (bool): whether to show it in a window.
        progress (bool): whether to show a progress bar with the last reward and info, if tqdm is installed.
        seed (int | None): seeds the first reset and the actions.
        results (bool): whether the progress bar shows them; that of an environment without rewards need not.

    Yields:
        tuple: observation, reward, done and info of a step.
    """
    if seed is not None:
        env.action_space.seed(seed)
    numbers = _numbers(steps, progress)
    done = True
    first = True
    for _ in numbers:
        if done:
            reset_environment(env, seed if first else None)
            first = False
        result = step_environment(env, env.action_space.sample())
        done = result[2]
        if results and not isinstance(numbers, range):
            numbers.set_postfix(refresh=False, reward=result[1], info=result[3])  # type: ignore[attr-defined]
        if render:
            show_environment(env)
        yield result


def play_random(env: Any, steps: int, render: bool = True, progress: bool = True) -> None:
    """Play an environment with random actions, then close it. Ctrl-C stops it early.

    Args:
        env (gymnasium.Env): the environment.
        steps (int): number of steps; a new episode starts after each end.
        render (bool): whether to show it in a window.
        progress (bool): whether to show a progress bar with the last reward and info, if tqdm is installed.

    Raises:
        ImportError: pyglet is missing; the message says what to install.
        RuntimeError: there is no display for the window.
    """
    try:
        for _ in random_play(env, steps, render=render, progress=progress):
            pass
    except KeyboardInterrupt:
        pass
    finally:
        env.close()


def play_human(env: Any, callback: PlayCallback | None = None) -> None:
    """Play an environment with the keyboard in a window, then close it. Escape or Ctrl-C ends it; F1 shows the keys.

    Args:
        env (gymnasium.Env): the environment; its ``get_keys_to_action``, or that of what it wraps, defines the keys.
        callback (Callable | None): called after each step with the observation before it, the action, the reward,
            whether the episode is over, and the observation after it.

    Raises:
        ValueError: the environment has no ``get_keys_to_action``, or its observations are not pictures.
        ImportError: pyglet is missing; the message says what to install.
        RuntimeError: there is no display, or this is not the main thread.
    """
    from .player import Player

    Player(env, callback).run()


__all__ = ["play_human", "play_random", "random_play"]
