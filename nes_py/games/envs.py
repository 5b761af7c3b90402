"""The environments of the known games in Gymnasium."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from nes_py._env_parts import image_viewer
from nes_py._keys import KeysToAction, keys_of
from nes_py._values import entries_of, is_integer
from nes_py.emulator import Snapshot
from nes_py.errors import shown
from nes_py.game import Game, suggest
from nes_py.options import EnvOptions
from nes_py.vector import EnvState, NESVectorEnv
from nes_py.vector.infos import info_of

from .catalogue import KnownGame, check_rom, known_by_declaration, known_game

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


_BESIDE = ("rom", "num_envs", "render_mode", "record")


def _of_package(game: KnownGame, options: dict[str, Any]) -> dict[str, Any]:
    """Return options in which the arguments of the package's class are those of this one."""
    options = dict(options)
    starts = game.declaration.get("starts", {})
    parameters = game.declaration.get("parameters", {})
    mario = game.distribution == "gym-super-mario-bros"
    if mario and options.pop("rom_mode", "vanilla") != "vanilla":
        raise ValueError("rom_mode must be 'vanilla'; pass the file of another ROM as rom=...")
    if mario and "stages" in options:  # of its random stages, in version 7
        options["states"] = options.pop("stages")
    if mario and "lost_levels" in options:
        lost = options.pop("lost_levels")
        if bool(lost) != (game.name == "super-mario-bros-lost-levels"):
            other = f"nes_py/SuperMarioBros{'2' * bool(lost)}-v0"
            raise ValueError(f"lost_levels={shown(lost)}: this is {game.title}, the other one has the id {other}")
    if mario and "target" in options:
        target = options.pop("target")
        stages = {(one.get("world"), one.get("stage")): name for name, one in starts.items()}
        pair = (None, None) if target is None else tuple(entries_of(target) or ())
        if len(pair) != 2 or not (target is None or all(map(is_integer, pair))):
            raise TypeError(f"target must be a pair (world, stage) or None, not {shown(target)}")
        if pair not in stages:
            listed = ", ".join(map(str, list(stages)[1:]))
            raise ValueError(f"target: there is no start {shown(pair)} (there are {listed})")
        options["states"] = stages[pair]
    for name in options:
        if name not in (*_BESIDE, *parameters, *EnvOptions.names()):
            known = ", ".join(parameters)
            raise TypeError(
                f"there is no option {shown(name)}{suggest(name, (*parameters, *_BESIDE, *EnvOptions.names()))} "
                f"({f'parameters of the game: {known}; ' * bool(known)}options: {', '.join(EnvOptions.names())})"
            )
    return options


def _known(game: Any) -> KnownGame:
    """Return the known game of the argument ``game``, a name or a declaration."""
    if isinstance(game, str):
        return known_game(game)
    if not isinstance(game, (Game, Mapping)):
        raise TypeError(f"game must be the name or the declaration of a known game, not {shown(game)}")
    known = known_by_declaration(game)
    if known is None:
        # Not a TypeError, to which Gymnasium adds the arguments, and so the whole declaration.
        raise ValueError("game: it declares no known game; NESVectorEnv(rom, game=...) plays any")
    return known


class GameVectorEnv(NESVectorEnv):
    """Many games of a known game, as created by ``gymnasium.make_vec("nes_py/SuperMarioBros-v0", num_envs=64)``.

    Args:
        num_envs (int): number of environments.
        rom: as for ``NESVectorEnv``; None: that of the installed package that carries it.
        game (str | Game): name of the game, or its declaration, as ``nes_py.games.declare`` returns it.
        **options: options of ``NESVectorEnv``, and parameters of the game; of the games of gym-super-mario-bros also
            its ``target``, a pair (world, stage).
    """

    def __init__(
        self, num_envs: int = 1, rom: _Rom = None, *, game: str | Game | Mapping[str, Any], **options: Any
    ) -> None:
        known = _known(game)
        options = _of_package(known, options)
        names = known.declaration.get("parameters", {})
        parameters = {name: options.pop(name) for name in names if name in options}
        if isinstance(game, str):
            super().__init__(rom, num_envs, game=game, parameters=parameters, **options)
            return
        if parameters:
            raise ValueError(f"{', '.join(parameters)}: game is a declaration; pass parameters to nes_py.games.declare")
        if rom is not None:
            check_rom(known.name, rom)
        super().__init__(rom, num_envs, game=game, **{**known.options, **options})


class _OneGame(GameVectorEnv):
    """The one game of a ``GameEnv``."""

    _alone = True


class GameEnv(gym.Env[Any, Any]):
    """A known game, as created by ``gymnasium.make("nes_py/SuperMarioBros-v0")``.

    An observation is the picture of each frame, uint8 (240, 256, 3), if no option says otherwise.

    Args:
        rom: see ``GameVectorEnv``.
        game (str | Game): see ``GameVectorEnv``.
        render_mode (str | None): ``"rgb_array"``, ``"human"`` or None. ``"human"`` shows each step in a window, at the
            speed of the console, and needs ``pip install 'nes-py[human]'``.
        **options: see ``GameVectorEnv``.
    """

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 60}  # noqa: RUF012, as Gymnasium has it

    def __init__(
        self,
        rom: _Rom = None,
        *,
        game: str | Game | Mapping[str, Any],
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        if "num_envs" in options:
            raise TypeError("num_envs: one environment is made here; gymnasium.make_vec makes many")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be 'human', 'rgb_array' or None, not {shown(render_mode)}")
        options = {**WHOLE_PICTURES, "num_threads": 1, **options, "autoreset_mode": "Disabled"}
        drawn = None if render_mode is None else "rgb_array"
        self._envs = _OneGame(1, rom, game=game, render_mode=drawn, **options)
        infos = self._envs.options.declared_game.infos or {}
        of_numpy = ("uint8", "int64", "float64")
        self._types = {name: getattr(np, one.type) for name, one in infos.items() if one.type in of_numpy}
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

    @property
    def screen(self) -> NDArray[np.uint8]:
        """The last picture, a new uint8 array (240, 256, 3)."""
        envs = self._envs
        picture: NDArray[np.uint8] = envs._turn.alone(envs._live_engine().render)[0]
        return picture

    @property
    def reward_range(self) -> tuple[float, float]:
        """The limits of a frame's reward."""
        return self._envs.options.declared_game.reward_range

    def dump_state(self) -> EnvState:
        """Return the state of the console and of the episode; it can be pickled."""
        state: EnvState = self._envs.get_state(0)
        return state

    def load_state(self, state: EnvState | Snapshot | bytes) -> None:
        """Go on from a state that ``dump_state`` has returned; from that of a console a new episode begins.

        Raises:
            ValueError: it is of another ROM, of an environment with other options, or damaged.
        """
        self._envs.set_state(0, state)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; ``options["state"]``: the number or name of a start."""
        generator = self._np_random, self._np_random_seed
        try:
            super().reset(seed=seed)
            observations, infos = self._envs.reset(seed=seed, options=options)
        except BaseException:
            self._np_random, self._np_random_seed = generator
            raise
        if self.render_mode == "human":
            self._show()
        return self._only(observations), self._info(infos)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Hold the buttons of an action for a step."""
        observations, rewards, terminated, truncated, infos = self._envs.step(np.asarray(action)[np.newaxis])
        if self.render_mode == "human":
            self._show()
        only = self._only(observations)
        return only, float(rewards[0]), bool(terminated[0]), bool(truncated[0]), self._info(infos)

    # For ``vectorize``, which steps several of them one after the other.

    def _check_reset(self, seed: int | None, options: dict[str, Any]) -> None:
        """Raise what ``reset`` would raise, unless a class has changed it; change nothing."""
        if type(self).reset is _RESET and "reset" not in vars(self):
            self._envs._live_engine()
            self._envs._prepare_reset(seed, options)

    def _check_step(self, action: Any, number: int) -> None:
        """Raise what ``step`` would raise for an action, unless a class has changed it; change nothing.

        Args:
            action: the action.
            number (int): that of this environment among others, for the message.
        """
        if type(self).step is _STEP and "step" not in vars(self):
            self._envs._live_engine()
            self._envs._actions.to_buttons(np.asarray(action)[np.newaxis], 1, (number,))

    def _info(self, infos: dict[str, Any]) -> dict[str, Any]:
        """Return the info of the environment, with NumPy's numbers where the package has them."""
        info = info_of(infos, 0)
        for name, kind in self._types.items():
            info[name] = kind(info[name])
        return info

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


# The package's originals: programs replace methods of classes too.
_RESET, _STEP = GameEnv.reset, GameEnv.step

__all__ = ["WHOLE_PICTURES", "GameEnv", "GameVectorEnv"]
