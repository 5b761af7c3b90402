"""The environments of the known games in Gymnasium."""

from __future__ import annotations

import os
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

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
        render_mode (str | None): ``"rgb_array"`` or None.
        **options: options of ``NESVectorEnv``, and parameters of the game.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 60}  # noqa: RUF012, Gymnasium declares it per instance

    def __init__(self, rom: _Rom = None, *, game: str, render_mode: str | None = None, **options: Any) -> None:
        options = {**WHOLE_PICTURES, "num_threads": 1, **options, "autoreset_mode": "Disabled"}
        self._envs = GameVectorEnv(1, rom, game=game, render_mode=render_mode, **options)
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
        return self._only(observations), info_of(infos, 0)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Hold the buttons of an action for a step."""
        observations, rewards, terminated, truncated, infos = self._envs.step(np.asarray(action)[np.newaxis])
        only = self._only(observations)
        return only, float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info_of(infos, 0)

    @staticmethod
    def _only(observations: Any) -> Any:
        if isinstance(observations, dict):
            return {name: array[0] for name, array in observations.items()}
        return observations[0]

    def render(self) -> Any:
        """Return the picture, uint8 (240, 256, 3); None without ``render_mode``."""
        pictures = self._envs.render()
        return pictures if pictures is None else pictures[0]

    def close(self) -> None:
        """Release the environment."""
        self._envs.close()


__all__ = ["WHOLE_PICTURES", "GameEnv", "GameVectorEnv"]
