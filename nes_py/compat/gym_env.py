"""``NESEnv`` and ``JoypadSpace`` with the interface of nes-py 8, on ``gym``.

They are not Gymnasium environments: this is how libraries that support both, such as Stable-Baselines3, tell them
apart. ``nes_py.compat.interface`` decides who gets them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import gym
import numpy as np
from gym.spaces import Box, Discrete
from numpy.typing import NDArray

from nes_py.nes_env import SCREEN_SHAPE_24_BIT
from nes_py.nes_env import NESEnv as _NESEnv
from nes_py.wrappers.joypad_space import JoypadActions

from . import interface
from .numpy1 import bytes_of

# gym up to 0.26 uses this name of NumPy 1 in every step.
if not hasattr(np, "bool8"):
    np.bool8 = np.bool_  # type: ignore[attr-defined]


_T = TypeVar("_T")
_MAKE_VIEWS: Any = vars(_NESEnv)["_NESEnv__make_views"]


class _Layout(Generic[_T]):
    """Gives objects the memory layout of a Gymnasium class with any ``gym``, so that bases can be exchanged."""


class NESEnv(_Layout[Any], gym.Env):  # type: ignore[misc]
    """``nes_py.NESEnv`` with the interface of nes-py 8.2; see there for everything else.

    ``reset`` returns the picture, ``step`` four values, the spaces are those of ``gym``, ``np_random`` is a
    ``numpy.random.RandomState``, actions wrap around, and ``_get_done`` returns whether the episode is over. Bytes of
    ``ram`` follow NumPy 1's arithmetic.
    """

    metadata = {  # noqa: RUF012
        "render.modes": ["rgb_array", "human"],
        "video.frames_per_second": 60,
        **_NESEnv.metadata,
    }

    reward_range = (-float("inf"), float("inf"))

    observation_space = Box(low=0, high=255, shape=SCREEN_SHAPE_24_BIT, dtype=np.uint8)

    action_space = Discrete(256)

    ram: Any
    viewer: Any
    done: bool
    controllers: list[NDArray[np.uint8]]

    def __new__(cls, *args: Any, **options: Any) -> Any:  # noqa: D102
        interface.follow_patches(NESEnv)
        interface.decide_late()
        return super().__new__(cls)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        interface.class_of_8_made(cls, NESEnv, _NESEnv)

    def __init__(self, rom_path: Any, render_mode: str | None = None, **options: Any) -> None:
        # Without a backup nes-py 8 presses the reset button.
        options.setdefault("on_reset", "button")
        _NESEnv.__init__(self, rom_path, render_mode, **options)
        self.np_random = np.random.RandomState()

    def __make_views(self) -> None:
        _MAKE_VIEWS(self)
        private = self.__private
        views = list(private.views)
        if type(self.ram) is np.ndarray and self.ram.dtype == np.uint8:
            views.append(bytes_of(self.ram))
            self.ram = views[-1]
        for port, view in enumerate(self.controllers):
            if type(view) is np.ndarray and view.dtype == np.uint8:
                views.append(bytes_of(view))
                self.controllers[port] = views[-1]
        private.views = tuple(views)

    def __around_restore(self, name: str) -> None:
        """Disable the hooks that nes-py 8 does not have."""

    def _frame_advance(self, action: Any) -> None:
        """Hold the buttons ``action`` for one frame."""
        self.__run_8(action)

    def __run_8(self, action: Any) -> None:
        if self.__private.fields:
            self.__run(action, self.__private.fields)
            return
        self.controllers[0][:] = action
        self.__run(int(self.controllers[0][0]), ())

    def seed(self, seed: int | None = None) -> list[int]:
        """Seed ``np_random``; return a list of the seed, which is empty without one."""
        if seed is None:
            return []
        self.np_random.seed(seed)
        return [seed]

    def reset(self, seed: int | None = None, options: Any = None, return_info: Any = None) -> Any:
        """Start an episode; return the picture, uint8 (240, 256, 3). ``return_info`` is ignored."""
        options = dict(options) if isinstance(options, Mapping) else {}
        self.__check_start(options)
        self.seed(seed)
        self.__begin(options)
        return self.__copy_picture()

    def step(self, action: Any) -> Any:
        """Hold some buttons for one frame; return picture, reward (float), done (bool) and the info dict."""
        if self.done:
            raise ValueError("cannot step in a done environment! call `reset`")
        self.__run_8(action)
        given = self._get_reward()
        # An array of one number was a number under NumPy 1.
        reward = float(given.item() if isinstance(given, np.ndarray) and given.size == 1 else given)
        self.done = bool(self._get_done())
        info = self._get_info()
        self._did_step(self.done)
        info = self.__add_sound(info)
        if reward < self.reward_range[0]:
            reward = self.reward_range[0]
        elif reward > self.reward_range[1]:
            reward = self.reward_range[1]
        return self.__copy_picture(), reward, self.done, info

    def render(self, mode: str = "human") -> Any:
        """Show the picture in a window (``"human"``), or return a copy of it (``"rgb_array"``)."""
        # Classes that are not an NESEnv call it with themselves: they need only a screen and a viewer.
        own = isinstance(self, NESEnv)
        if mode == "rgb_array":
            return self.__copy_picture() if own else np.array(self.screen)
        if mode == "human":
            if own:
                self.__show()
                return None
            if self.viewer is None:
                from nes_py._image_viewer import ImageViewer

                height, width, _ = SCREEN_SHAPE_24_BIT
                self.viewer = ImageViewer(caption=self.spec.id if self.spec else "nes-py", height=height, width=width)
            self.viewer.show(self.screen)
            return None
        modes = self.metadata.get("render.modes") or self.metadata.get("render_modes", ())
        raise NotImplementedError(f"valid render modes are: {', '.join(map(repr, modes))}")

    def close(self) -> None:
        """Close the emulator and the window.

        Raises:
            ValueError: the environment is already closed, and the caller is not a wrapper of ``gym`` that closes it
                again.
        """
        if self._env is None:
            # gym's RecordVideo closes an environment twice; an error would lose its video.
            caller = str(sys._getframe(1).f_globals.get("__name__")).partition(".")[0]
            if caller in ("gym", "gymnasium", "shimmy"):
                return
            raise ValueError("env has already been closed.")
        _NESEnv.close(self)

    def _get_done(self) -> bool:
        """Return whether the episode is over."""
        return False


# The rest is the same. Names that nes-py 8 does not use stay free.
_OTHERS = (
    *("__new__", "__init_subclass__", "__doc__", "__module__", "__dict__", "__weakref__", "__annotations__"),
    *("__parameters__", "__orig_bases__", "__static_attributes__", "__firstlineno__", "__slotnames__"),
    *("_get_terminated", "_get_truncated", "_will_step", "_will_restore", "_did_restore"),
)
for _name, _value in vars(_NESEnv).items():
    if _name not in _OTHERS and _name not in vars(NESEnv):
        setattr(NESEnv, _name, _value)


# The signature that people and tools see.
NESEnv.__new__.__signature__ = inspect.signature(NESEnv.__init__)  # type: ignore[attr-defined]


class JoypadSpace(JoypadActions, gym.Wrapper):  # type: ignore[misc]
    """``nes_py.wrappers.JoypadSpace`` as a wrapper of ``gym``."""

    def __new__(cls, env: Any = None, *args: Any, **options: Any) -> Any:  # noqa: D102
        interface.follow_patches(JoypadSpace)
        kind = interface.wrapper_for(cls, env)
        if kind is not cls:
            return kind(env, *args, **options)
        return super().__new__(cls) if issubclass(cls, JoypadSpace) else object.__new__(cls)

    def __init__(self, env: Any, actions: Sequence[Sequence[str]]) -> None:
        gym.Wrapper.__init__(self, env)
        self._name_actions(actions)
        self.action_space = Discrete(len(actions))
