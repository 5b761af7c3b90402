"""A Gymnasium environment around one NES game."""

from __future__ import annotations

import operator
import os
import warnings
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from gymnasium.utils import seeding
from numpy.typing import NDArray

from .devices import DEVICES
from .emulator import NESEmulator, Snapshot
from .ram import normalize_ram_read_specs

if TYPE_CHECKING:
    from .cheats import Cheat, Freeze
    from .movie import Movie

SCREEN_HEIGHT = NESEmulator.height
SCREEN_WIDTH = NESEmulator.width
#: Shape of an RGB picture.
SCREEN_SHAPE_24_BIT = SCREEN_HEIGHT, SCREEN_WIDTH, 3
#: Shape of a picture of 32-bit pixels; nothing here makes any, programs for nes-py 8 import the name.
SCREEN_SHAPE_32_BIT = SCREEN_HEIGHT, SCREEN_WIDTH, 4
#: Shape of a grey picture.
SCREEN_SHAPE_GRAYSCALE = SCREEN_HEIGHT, SCREEN_WIDTH

OBSERVATION_MODE_RGB_ARRAY = "rgb_array"
OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS = "rgb_array_contiguous"
OBSERVATION_MODE_GRAYSCALE = "grayscale"
_OBSERVATION_MODES = (
    OBSERVATION_MODE_RGB_ARRAY,
    OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS,
    OBSERVATION_MODE_GRAYSCALE,
)

#: Number of the slot that ``reset`` returns to, and how many numbered ones there are beside it.
DEFAULT_SLOT = -1
SLOT_COUNT = 10

# Keys of the buttons from bit 0 on: A, B, Select, Start, Up, Down, Left, Right.
_BUTTON_KEYS = tuple(map(ord, "op \rwsad"))


def _refuse_mode(kind: str, modes: Iterable[str]) -> NoReturn:
    raise NotImplementedError(f"valid {kind} modes are: {', '.join(map(repr, modes))}")


class NESEnv(gym.Env[Any, Any]):
    """A game for the NES: pictures out, buttons in, one step a frame.

    A game environment derives from this class, reads the game's variables from ``ram`` and overrides the hooks that it
    needs: ``_get_reward``, ``_get_terminated``, ``_get_truncated``, ``_get_info``, ``_will_reset``, ``_did_reset``,
    ``_will_step``, ``_did_step``, ``_will_restore`` and ``_did_restore``. A step calls ``_will_step``, runs the frame,
    and calls the others in this order: reward, terminated, truncated, info, ``_did_step``; then the reward is clipped
    to ``reward_range``.

    States can be kept in slots: ten numbered ones, and the default one, which ``reset`` returns to.

    Environments can be pickled and deep-copied; the copy is a machine of its own in the same state, without a window.

    Args:
        rom_path (str | os.PathLike | bytes | bytearray | memoryview): a ROM file, or the contents of one.
        render_mode (str | None): ``"rgb_array"``, ``"human"`` (a window, needs ``pip install nes-py[human]``) or None.
        policy (str): as for ``NESEmulator``.
        ram_fill (str): as for ``NESEmulator``.
        ram_seed (int): the ``seed`` of ``NESEmulator``: chooses the noise with ``ram_fill="noise"``.
        region (str | None): as for ``NESEmulator``.
        device (str): as for ``NESEmulator``. With ``"zapper"`` an action is an array: buttons, x, y, trigger; with
            ``"arkanoid"``: buttons, position, button.
        cheats (Iterable): as for ``NESEmulator``.

    Attributes:
        ram (numpy.ndarray): the RAM, uint8 (2048,), a live and writable view.
        screen (numpy.ndarray): the picture, uint8 (240, 256, 3), RGB, a live view. Each step draws it anew once it has
            been looked at for the first time.
        emulator (NESEmulator): the machine: sound, memory, sprites and more.
        controllers (list[numpy.ndarray]): the buttons of both controllers, uint8 (1,), live and writable views. Bit 0
            is A, then B, Select, Start, Up, Down, Left and Right. A step sets the first. With another ``device`` there
            are as many as it has bytes.
        done (bool): whether the episode is over; True before the first reset.
        viewer: the window of render mode ``"human"``, None until there is one.
        reward_range (tuple[float, float]): rewards are clipped to it.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        NotImplementedError: there is no such render mode.
    """

    metadata = {  # noqa: RUF012, Gymnasium declares it as an instance's
        "render_modes": ["rgb_array", "human"],
        "render_fps": 60,
    }

    reward_range: tuple[float, float] = (-float("inf"), float("inf"))

    observation_space = Box(low=0, high=255, shape=SCREEN_SHAPE_24_BIT, dtype=np.uint8)

    # A byte of buttons.
    action_space: gym.Space[Any] = Discrete(256)

    _env: NESEmulator | None

    def __init__(
        self,
        rom_path: str | os.PathLike[str] | bytes | bytearray | memoryview,
        render_mode: str | None = None,
        *,
        policy: Literal["fast", "reference"] = "fast",
        ram_fill: Literal["zero", "ones", "pattern", "noise"] = "zero",
        ram_seed: int = 0,
        region: Literal["ntsc", "pal", "dendy"] | None = None,
        device: Literal["joypads", "four_score", "zapper", "arkanoid"] = "joypads",
        cheats: Iterable[str | Cheat | Freeze] = (),
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            _refuse_mode("render", self.metadata["render_modes"])
        self._env = NESEmulator(
            rom_path, policy=policy, ram_fill=ram_fill, seed=ram_seed, region=region, device=device, cheats=cheats
        )
        self._values = DEVICES[device].values
        if self._values:
            self.action_space = MultiDiscrete([256, *(limit for _, limit in self._values)])
        self._rom_path = rom_path
        self.render_mode = render_mode
        self.viewer: Any = None
        self.done = True
        self._slots: dict[int, Snapshot] = {}
        self._has_backup = False
        self._movie: Movie | None = None
        self._warned_of_render = False
        self._make_views()

    def _make_views(self) -> None:
        emulator = self._open_emulator()
        self.ram = emulator.memory_buffer()
        self.controllers = [emulator.controller(port) for port in range(DEVICES[emulator.options["device"]].inputs)]

    @cached_property
    def screen(self) -> NDArray[np.uint8]:  # noqa: D102, described with the class's attributes
        # Not made before somebody asks: with the view, every step draws the picture twice.
        return self._open_emulator().screen_buffer()

    @property
    def save_ram(self) -> NDArray[np.uint8]:
        """The RAM that the cartridge's battery keeps, uint8 (n,), a live and writable view; empty without a battery.

        ``env.save_ram.tofile("game.sav")`` keeps it in a file, and
        ``env.save_ram[:] = numpy.fromfile("game.sav", "uint8")`` puts it back; nothing else reads or writes a file.
        ``reset`` clears it, or brings back what it was in the state that the episode begins with.
        """
        return self._open_emulator().save_ram

    @cached_property  # not a plain one: programs may have an attribute of this name
    def emulator(self) -> NESEmulator:  # noqa: D102, described with the class's attributes
        return self._open_emulator()

    def _open_emulator(self) -> NESEmulator:
        if self._env is None:
            raise ValueError("the environment has already been closed")
        return self._env

    # --- copies ---

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state["viewer"] = state["_movie"] = None
        if self._env is not None:
            # They show the memory of this machine.
            for name in ("ram", "controllers", "screen", "emulator", "_frame_advance", "_picture"):
                state.pop(name, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._env is not None:
            self._make_views()

    # --- the emulator ---

    def _frame_advance(self, action: int) -> None:
        """Hold the buttons ``action`` (a byte, with the values of the device behind it) for one frame."""
        emulator = self._open_emulator()
        if self._values:
            buttons = self._set_values(action)
        else:
            try:
                buttons = int(action)
            except OverflowError:  # infinity
                raise ValueError(f"action must be in 0..255, not {action}") from None
        emulator.frame_advance(buttons)
        if self._movie is not None:
            self._movie.append(buttons, int(self.controllers[1][0]))

    def _set_values(self, action: Any) -> int:
        """Give the device its values from an action, and return the buttons."""
        given = np.asarray(action)
        names = ("buttons", *(name for name, _ in self._values))
        if given.dtype.kind not in "iub" or given.shape != (len(names),):
            raise ValueError(f"an action must be {len(names)} integers, {', '.join(names)}, not {action!r}")
        for name, number, limit in zip(
            names, given.tolist(), (256, *(limit for _, limit in self._values)), strict=True
        ):
            if not 0 <= number < limit:
                raise ValueError(f"{name} must be in 0..{limit - 1}, not {number}")
        for view, number in zip(self.controllers[1:], given[1:], strict=True):
            view[0] = number
        return int(given[0])

    def _picture(self) -> NDArray[np.uint8]:
        """Return a copy of the picture; ``nes_py.vectorize`` puts one in its place that was made ahead."""
        return self._open_emulator().screen_rgb()

    @staticmethod
    def _slot(slot: int) -> int:
        try:
            number = operator.index(slot)
        except TypeError:
            raise TypeError(f"slot must be an integer, not {slot!r}") from None
        if not DEFAULT_SLOT <= number < SLOT_COUNT:
            raise ValueError(f"slot must be in 0..{SLOT_COUNT - 1}, or {DEFAULT_SLOT} for the default one, not {slot}")
        return number

    def _backup(self, slot: int = DEFAULT_SLOT) -> None:
        """Keep the present state in a slot.

        Args:
            slot (int): 0 to 9, or -1 for the default slot, which ``reset`` returns to from now on.

        Raises:
            ValueError: there is no such slot.
        """
        number = self._slot(slot)
        self._slots[number] = self._open_emulator().dump_state()
        if number == DEFAULT_SLOT:
            self._has_backup = True

    def _restore(self, slot: int = DEFAULT_SLOT) -> None:
        """Return to the state in a slot, calling the hooks ``_will_restore`` and ``_did_restore``.

        An episode that is over stays over; ``restore`` lets it go on.

        Args:
            slot (int): 0 to 9, or -1 for the default slot.

        Raises:
            ValueError: there is no such slot, or nothing is in it.
        """
        number = self._slot(slot)
        if number not in self._slots:
            where = "" if number == DEFAULT_SLOT else f" in slot {number}"
            raise ValueError(f"there is no backup to restore{where}")
        self._open_emulator()
        done = self.done
        self._will_restore()
        # Not past it: subclasses that keep something of the last step bring it up to date there.
        self.load_state(self._slots[number])
        self.done = done
        self._did_restore()

    def backup(self, slot: int = DEFAULT_SLOT) -> None:
        """Keep the present state in a slot.

        Args:
            slot (int): 0 to 9, or -1 for the default slot, which ``reset`` returns to from now on.

        Raises:
            ValueError: there is no such slot.
        """
        self._backup(slot)

    def restore(self, slot: int = DEFAULT_SLOT) -> None:
        """Return to the state in a slot and let the episode go on from there.

        Args:
            slot (int): 0 to 9, or -1 for the default slot.

        Raises:
            ValueError: there is no such slot, or nothing is in it.
        """
        self._restore(slot)
        self.done = False

    def has_backup(self, slot: int = DEFAULT_SLOT) -> bool:
        """Return whether a state is in a slot, 0 to 9 or -1 for the default one."""
        return self._slot(slot) in self._slots

    def dump_state(self) -> Snapshot:
        """Return the state of the emulator, a ``nes_py.Snapshot``: immutable, and it can be pickled."""
        return self._open_emulator().dump_state()

    def load_state(self, snapshot: Snapshot | bytes | bytearray | memoryview | NDArray[np.uint8]) -> None:
        """Put the emulator into a state and let the episode go on from there.

        Args:
            snapshot (Snapshot | bytes-like): of this environment or of any other with the same ROM.

        Raises:
            StateError: a ``ValueError``: it is damaged, of another version or of another ROM.
        """
        emulator = self._open_emulator()
        state: Any = snapshot  # NumPy's stubs for Python 3.10 do not say that arrays have a buffer
        emulator.load_state(state)
        if self._movie is not None:
            self._movie.restart(emulator.dump_state())
        self.done = False

    def record_movie(self) -> Movie:
        """Begin to record what is pressed in each frame, and return the ``nes_py.movie.Movie`` that grows from now on.

        It begins at the present state. When a state is loaded or a slot restored, by ``reset`` too, it forgets all
        and begins there; after a ``reset`` to power-on it goes on. Writing to ``ram`` is not recorded.
        """
        from .movie import Movie

        name = os.path.basename(os.fsdecode(self._rom_path)) if isinstance(self._rom_path, (str, os.PathLike)) else ""
        self._movie = Movie.begin(self, name)
        return self._movie

    def stop_movie(self) -> None:
        """Stop recording; the movie stays as it is."""
        self._movie = None

    def ram_values(self, specs: Iterable[Any], output: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
        """Read numbers from RAM.

        Args:
            specs (Iterable): what to read, see ``nes_py.ram.normalize_ram_read_specs``.
            output (numpy.ndarray | None): a uint32 array with a place for each number.

        Returns:
            numpy.ndarray: ``output``, or a new uint32 array of shape (n,).
        """
        return self._open_emulator().read_ram_values(*normalize_ram_read_specs(specs), output)

    def observation(
        self, mode: str = OBSERVATION_MODE_RGB_ARRAY, output: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        """Return the picture in one of several forms.

        Args:
            mode (str): ``"rgb_array"``, the live view ``screen``; ``"rgb_array_contiguous"``, a copy of it; or
                ``"grayscale"``, a copy in grey, ``(77 r + 150 g + 29 b) >> 8``.
            output (numpy.ndarray | None): for the two copies a uint8 array to fill, (240, 256, 3) or (240, 256).

        Returns:
            numpy.ndarray: uint8, the view, ``output`` or a new C-contiguous array.

        Raises:
            NotImplementedError: there is no such mode.
        """
        if mode == OBSERVATION_MODE_RGB_ARRAY:
            return self.screen
        if mode == OBSERVATION_MODE_RGB_ARRAY_CONTIGUOUS:
            return self._open_emulator().screen_rgb(output)
        if mode == OBSERVATION_MODE_GRAYSCALE:
            return self._open_emulator().screen_gray(output)
        _refuse_mode("observation", _OBSERVATION_MODES)

    # --- Gymnasium ---

    def seed(self, seed: int | None = None) -> list[int]:
        """Seed ``np_random``; deprecated, use ``reset(seed=...)``.

        Returns:
            list[int]: the seed.
        """
        warnings.warn("seed() is deprecated, use reset(seed=...)", DeprecationWarning, stacklevel=2)
        return self._seed(seed)

    def _seed(self, seed: int | None) -> list[int]:
        self._np_random, self._np_random_seed = seeding.np_random(seed)
        return [self._np_random_seed]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None, **deprecated: Any
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begin an episode: at the state in the default slot, or at power-on when there is none.

        Args:
            seed (int | None): for ``np_random``. The game itself is deterministic.
            options (dict | None): ``{"slot": n}`` begins at the state in slot n; ``{"power_on": True}`` at power-on,
                even if there is a state in the default slot. Other keys are left to subclasses and wrappers.
            **deprecated: ``return_info``, which nes-py 8 took and ignored, is ignored.

        Returns:
            tuple: the picture, a new C-contiguous uint8 array (240, 256, 3), and the info dict.

        Raises:
            TypeError: ``options`` is no dict.
            ValueError: nothing is in the slot.
        """
        unknown = set(deprecated) - {"return_info"}
        if unknown:
            raise TypeError(f"reset() got an unexpected keyword argument {min(unknown)!r}")
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"options must be a dict or None, not {options!r}")
        options = dict(options or {})
        super().reset(seed=seed)
        emulator = self._open_emulator()
        self._will_reset()
        if options.get("slot") is not None:
            self._restore(options["slot"])
        elif self._has_backup and not options.get("power_on"):
            self._restore()
        else:
            emulator.reset()
            if self._movie is not None:
                self._movie.power_on()
        self._did_reset()
        self.done = False
        return emulator.screen_rgb(), self._get_info()

    def step(self, action: int) -> tuple[NDArray[np.uint8], float, bool, bool, dict[str, Any]]:
        """Hold some buttons for one frame.

        Args:
            action (int): the byte of buttons of the first controller.

        Returns:
            tuple: the picture, a new C-contiguous uint8 array (240, 256, 3); the reward, a float; whether the episode
            has ended; whether it was cut off; and the info dict.

        Raises:
            ValueError: the episode is over, or ``action`` is not in 0..255.
        """
        if self.done:
            raise ValueError("cannot step in a done environment! call `reset`")
        self._will_step()
        self._frame_advance(action)
        reward = float(self._get_reward())
        terminated = bool(self._get_terminated())
        truncated = bool(self._get_truncated())
        self.done = terminated or truncated
        info = self._get_info()
        self._did_step(self.done)
        low, high = self.reward_range
        reward = float(min(max(reward, low), high))
        return self._picture(), reward, terminated, truncated, info

    def render(self, mode: str | None = None) -> NDArray[np.uint8] | None:
        """Show or return the picture, as ``render_mode`` says.

        Args:
            mode (str | None): deprecated: a render mode for this call.

        Returns:
            numpy.ndarray | None: a new uint8 array (240, 256, 3) for ``"rgb_array"``, else None.

        Raises:
            NotImplementedError: there is no such mode.
            ImportError: there is no window to be had; the message says what to install.
        """
        if mode is not None:
            warnings.warn(
                "render(mode) is deprecated, give render_mode to the environment's constructor",
                DeprecationWarning,
                stacklevel=2,
            )
        else:
            mode = self.render_mode
        if mode is None:
            if not self._warned_of_render:
                self._warned_of_render = True
                warnings.warn(
                    "render() does nothing without a render_mode; build the environment with "
                    "render_mode='human' or 'rgb_array'",
                    stacklevel=2,
                )
            return None
        return self._render(mode)

    def _render(self, mode: str) -> NDArray[np.uint8] | None:
        if mode == "rgb_array":
            return self._open_emulator().screen_rgb()
        if mode == "human":
            self._show()
            return None
        _refuse_mode("render", self.metadata["render_modes"])

    def _show(self) -> None:
        """Show the picture in the window, opening it the first time."""
        emulator = self._open_emulator()
        if self.viewer is None:
            try:
                from ._image_viewer import ImageViewer
            except ImportError as error:
                raise ImportError(
                    f"render mode 'human' needs pyglet ({error}): pip install 'nes-py[human]', "
                    "or use render mode 'rgb_array'"
                ) from error
            self.viewer = ImageViewer(caption=self._caption(), height=SCREEN_HEIGHT, width=SCREEN_WIDTH)
        self.viewer.show(emulator.screen_rgb())

    def _caption(self) -> str:
        if self.spec is not None:
            return self.spec.id
        if isinstance(self._rom_path, (str, os.PathLike)):
            return os.path.basename(os.fsdecode(self._rom_path))
        return "nes-py"

    def close(self) -> None:
        """Close the emulator and the window. Arrays that were handed out stay valid.

        Raises:
            ValueError: the environment is closed already.
        """
        self._open_emulator().close()
        self._env = None
        if self.viewer is not None:
            self.viewer.close()
            self.viewer = None

    # --- names of an earlier fork ---

    def frame_advance(self, action: int) -> None:
        """Hold the buttons ``action`` (a byte) on the first controller for one frame, without a reward or an end."""
        self._frame_advance(action)

    @property
    def _emulator(self) -> NESEmulator | None:
        return self._env

    @property
    def _controller_buffers(self) -> list[NDArray[np.uint8]]:
        return self.controllers

    @property
    def _snapshot(self) -> Snapshot | None:
        return self._slots.get(DEFAULT_SLOT)

    @property
    def _done(self) -> bool:
        return self.done

    @_done.setter
    def _done(self, done: bool) -> None:
        self.done = bool(done)

    @property
    def _viewer(self) -> Any:
        return self.viewer

    # --- keyboards and agents ---

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return which action the keys of a keyboard stand for.

        Returns:
            dict[tuple[int, ...], int]: sorted key codes of all keys held, to the byte of buttons.
        """
        return {
            tuple(sorted(key for bit, key in enumerate(_BUTTON_KEYS) if byte >> bit & 1)): byte for byte in range(256)
        }

    def get_action_meanings(self) -> list[str]:
        """Return names of the actions; only the first of the 256 has one."""
        return ["NOOP"]

    # --- hooks ---

    def _will_reset(self) -> None:
        """Called by ``reset`` before the emulator is reset."""

    def _did_reset(self) -> None:
        """Called by ``reset`` after the emulator was reset; may run frames and write to ``ram``."""

    def _will_restore(self) -> None:
        """Called before the state in a slot is restored, by ``reset`` too."""

    def _did_restore(self) -> None:
        """Called after the state in a slot was restored; may run frames and write to ``ram``."""

    def _will_step(self) -> None:
        """Called by ``step`` before its frame; may run frames and write to ``ram``."""

    def _get_reward(self) -> float:
        """Return the reward of the step just taken."""
        return 0

    def _get_terminated(self) -> bool:
        """Return whether the episode has ended by the game's own rules."""
        # Environments for nes-py 8 say so in _get_done.
        return self._get_done()

    def _get_truncated(self) -> bool:
        """Return whether the episode is cut off by a limit outside the game."""
        return False

    def _get_done(self) -> bool:
        """The name of ``_get_terminated`` in nes-py 8."""
        return False

    def _get_info(self) -> dict[str, Any]:
        """Return the info dict of the present state."""
        return {}

    def _did_step(self, done: bool) -> None:
        """Called by ``step`` last; may run frames and write to ``ram``. ``done``: whether the episode is over."""


__all__ = ["NESEnv"]
