"""The environments of the known games in Gymnasium."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from nes_py._env_parts import image_viewer
from nes_py._keys import KeysToAction, keys_of
from nes_py.vector import NESVectorEnv
from nes_py.vector.infos import info_of

from .catalogue import known_game

_Rom = str | os.PathLike[str] | bytes | bytearray | memoryview | None

#: What the pictures of ``NESEnv`` are, as options of ``NESVectorEnv``: each frame, whole, in colour.
WHOLE_PICTURES: dict[str, Any] = {
    "frameskip": 1,
    "stack_num": 1,
    "img_height": None,
    "img_width": None,
    "grayscale": False,
    "layout": "hwc",
}


class GameVectorEnv(NESVectorEnv):
    """Many games of a known game, as created by ``gymnasium.make_vec("nes_py/SuperMarioBros-v0", num_envs=64)``.

    Args:
        num_envs (int): number of environments.
        rom: as for ``NESVectorEnv``; None: that of the installed package that carries it.
        game (str): name of the game.
        **options: options of ``NESVectorEnv``, and parameters of the game.
    """

    def __init__(self, num_envs: int = 1, rom: _Rom = None, *, game: str, **options: Any) -> None:
        known = known_game(game).declaration.get("parameters", {})
        parameters = {name: options.pop(name) for name in known if name in options}
        super().__init__(rom, num_envs, game=game, parameters=parameters, **options)


class GameEnv(gym.Env[Any, Any]):
    """A known game, as created by ``gymnasium.make("nes_py/SuperMarioBros-v0")``.

    An observation is the picture of each frame, uint8 (240, 256, 3), if no option says otherwise.

    Args:
        rom: see ``GameVectorEnv``.
        game (str): name of the game.
        render_mode (str | None): ``"rgb_array"``, ``"human"`` or None. ``"human"`` shows each step in a window, at the
            speed of the console, and needs ``pip install 'nes-py[human]'``.
        **options: options of ``NESVectorEnv``, and parameters of the game.
    """

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 60}  # noqa: RUF012, as Gymnasium has it

    def __init__(self, rom: _Rom = None, *, game: str, render_mode: str | None = None, **options: Any) -> None:
        if "num_envs" in options:
            raise TypeError("num_envs: one environment is made here; gymnasium.make_vec makes many")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be 'human', 'rgb_array' or None, not {render_mode!r}")
        options = {**WHOLE_PICTURES, "num_threads": 1, **options, "autoreset_mode": "Disabled"}
        drawn = None if render_mode is None else "rgb_array"
        self._envs = GameVectorEnv(1, rom, game=game, render_mode=drawn, **options)
        self._viewer: Any = None
        self._due = 0.0
        self._warned = False
        self.render_mode = render_mode
        self.metadata = {**type(self).metadata, "render_fps": self._envs.metadata["render_fps"]}
        self.observation_space = self._envs.single_observation_space
        self.action_space = self._envs.single_action_space

    @property
    def ram(self) -> NDArray[np.uint8]:
        """RAM, uint8 (2048,), a live and writable view."""
        view: NDArray[np.uint8] = self._envs.ram[0]
        return view

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; ``options["state"]``: the number or name of a start."""
        super().reset(seed=seed)
        observations, infos = self._envs.reset(seed=seed, options=options)
        if self.render_mode == "human":
            self._show()
        return self._only(observations), info_of(infos, 0)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Hold the buttons of an action for a step."""
        observations, rewards, terminated, truncated, infos = self._envs.step(np.asarray(action)[np.newaxis])
        if self.render_mode == "human":
            self._show()
        only = self._only(observations)
        return only, float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info_of(infos, 0)

    @staticmethod
    def _only(observations: Any) -> Any:
        if isinstance(observations, dict):
            return {name: array[0] for name, array in observations.items()}
        return observations[0]

    def render(self) -> Any:
        """Return the picture, uint8 (240, 256, 3), for ``"rgb_array"``, else None: a window shows it already."""
        if self.render_mode is None:
            if not self._warned:
                self._warned = True
                warnings.warn("render() without a render_mode does nothing: pass it to gymnasium.make", stacklevel=2)
            return None
        return None if self.render_mode == "human" else self._picture()

    def _picture(self) -> NDArray[np.uint8]:
        pictures = self._envs.render()
        assert pictures is not None
        return pictures[0]

    def _show(self) -> None:
        """Show the picture in the window; open it on first use."""
        picture = self._picture()
        if self._viewer is None:
            height, width = picture.shape[:2]
            self._viewer = image_viewer()(self.spec.id if self.spec else "nes-py", height, width)
        now = time.monotonic()
        self._due = max(self._due, now - 0.1) + 1 / self.metadata["render_fps"]
        time.sleep(max(0.0, self._due - now))
        self._viewer.show(picture)

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return the actions for tuples of sorted codes of held keys, those of ``NESEnv``.

        Raises:
            ValueError: an action is not one number.
        """
        table = self._envs._actions.plain_table
        if table is None:
            raise ValueError("keys stand for actions that are one number: actions is a list or None, and players is 1")
        # Of actions with the same buttons the first, as a player would expect.
        pairs = [(keys_of(byte), number) for number, byte in enumerate(table.tolist())]
        return KeysToAction(reversed(pairs))

    def get_action_meanings(self) -> list[str]:
        """Return the buttons of each action of the option ``actions``; else the first action's name."""
        actions = self._envs.options.actions
        return ["NOOP"] if actions is None or isinstance(actions, str) else [" ".join(names) for names in actions]

    def close(self) -> None:
        """Release the environment and close the window."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None
        self._envs.close()


__all__ = ["WHOLE_PICTURES", "GameEnv", "GameVectorEnv"]
