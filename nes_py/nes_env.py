"""A Gymnasium environment for one NES game."""

from __future__ import annotations

import copy
import inspect
import operator
import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Discrete, MultiDiscrete
from gymnasium.utils import seeding
from numpy.typing import NDArray

from ._entries import check_reset_options
from ._env_parts import _ForkName, _Free, _is_hook, _Private, image_viewer
from ._image_viewer import ImageViewer
from ._keys import KeysToAction, keys_of
from ._png import to_html
from ._rom import ROM as ROM
from ._rom import RomInfo
from ._timing import default_timing
from ._typing import FrameBoundary, Palette, Timing
from ._values import is_integer
from .compat import interface
from .compat import library as _LIB  # noqa: F401, a name of nes-py 8
from .compat.library import CONTROLLER_VECTOR as CONTROLLER_VECTOR
from .compat.library import RAM_VECTOR as RAM_VECTOR
from .compat.native import cartridge_error as _native_cartridge_error  # noqa: F401, a name of nes-py 9
from .compat.native import cartridge_metadata as _native_cartridge_metadata  # noqa: F401
from .compat.native import is_mapper_supported as _is_mapper_supported
from .compat.native import mirroring_number
from .devices import DEVICES
from .emulator import NESEmulator, Snapshot, another_handle, hold_and_advance, keep_inputs, when_idle
from .errors import ActionError, shown
from .ram import normalize_ram_read_specs

if TYPE_CHECKING:
    from .formats.cheats import Cheat, Freeze
    from .formats.movie import Movie

SCREEN_HEIGHT = NESEmulator.height
SCREEN_WIDTH = NESEmulator.width
#: Shape of an RGB picture.
SCREEN_SHAPE_24_BIT = SCREEN_HEIGHT, SCREEN_WIDTH, 3
#: Shape of a picture of 32-bit pixels. Not used here; programs for nes-py 8 import the name.
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

# Arguments that people look for in NESEnv.
_VECTOR_OPTIONS = ("actions", "episodic_life", "frameskip", "game", "num_envs", "obs_type", "stack_num", "states")

#: Number of the default slot, which ``reset`` restores, and the number of numbered slots.
DEFAULT_SLOT = -1
SLOT_COUNT = 10


def _whole_number(action: Any) -> int:
    """Return an action as an int: anything that ``int`` takes, but no fraction."""
    if isinstance(action, (float, np.floating)) or getattr(getattr(action, "dtype", None), "kind", "") == "f":
        value = float(action)
        if not value.is_integer():
            raise ActionError(f"action must be a whole number in 0..255, not {shown(value)}")
    try:
        return int(action)
    except (TypeError, ValueError) as error:
        if hasattr(type(action), "__int__") and not isinstance(action, np.ndarray):
            raise  # an error of its own
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"an action is one integer in 0..255, a bit for each button, not {shown(action)}; JoypadSpace makes "
            "actions of lists of buttons"
        ) from None


def _explain(error: Exception, action: Any, emulator: NESEmulator) -> Exception:
    """Return the exception for an action that the emulator refuses."""
    if isinstance(error, ActionError):
        return error
    if isinstance(error, ValueError) and (
        isinstance(action, (str, bytes)) or emulator.closed or 0 <= int(action) <= 255
    ):
        return error
    return ActionError(f"action must be in 0..255, not {shown(action)}")


# What the class is like before programs change it.
_ROM_NAMES = {name: value for name, value in vars(ROM).items() if isinstance(value, property) or name == "__init__"}


def _ask_patched_rom(rom_path: Any) -> None:
    """Let a ``ROM`` that a program has changed, or put in the place of ours, refuse a file, as in nes-py.

    The emulator reads files itself: what the class says of them counts only then.
    """
    kind: Any = ROM
    changed = {name for name, value in _ROM_NAMES.items() if getattr(kind, name, None) is not value}
    if not changed or not isinstance(rom_path, (str, os.PathLike)):
        return
    rom = kind(rom_path)
    if rom.prg_rom_size == 0:
        raise ValueError("ROM has no PRG-ROM banks")
    if "has_trainer" in changed and rom.has_trainer:
        raise ValueError("ROM has trainer")
    _ = rom.prg_rom, rom.chr_rom
    if "is_pal" in changed and rom.is_pal:
        raise ValueError("ROM is PAL")
    if "mapper" in changed and not _is_mapper_supported(rom.mapper):
        raise ValueError(f"ROM has an unsupported mapper number {rom.mapper}")


def _copy_of(picture: Any) -> Any:
    """Return a C-contiguous copy of a picture; a subclass may have replaced it with anything."""
    return picture.copy() if isinstance(picture, np.ndarray) else picture


def _refuse_mode(kind: str, modes: Iterable[str]) -> NoReturn:
    raise NotImplementedError(f"valid {kind} modes are: {', '.join(map(repr, modes))}")


class StepResult(NamedTuple):
    """The result of ``NESEnv.step``: a tuple with the fork's names."""

    observation: NDArray[np.uint8]
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


class NESEnv(gym.Env[Any, Any]):
    """An NES game: pictures out, buttons in, one step per frame.

    A game environment derives from this class, reads the game's variables from ``ram`` and overrides the hooks that it
    needs: ``_get_reward``, ``_get_terminated``, ``_get_truncated``, ``_get_info``, ``_will_reset``, ``_did_reset``,
    ``_will_step``, ``_did_step``, ``_will_restore`` and ``_did_restore``. A step calls ``_will_step``, runs the frame,
    and calls the others in this order: reward, terminated, truncated, info, ``_did_step``. Then it clips the reward
    to ``reward_range``. The returned picture contains what a hook draws into ``screen``.

    A subclass may use all other names. This class calls only these hooks, ``_backup()`` and ``_restore()`` of the
    default slot, and the attributes of nes-py 9 on itself.

    Slots store states: ten numbered ones, and the default one, which ``reset`` restores.

    Environments can be pickled and deep-copied; the copy has its own console in the same state, and no window.

    Args:
        rom_path (str | os.PathLike | bytes | bytearray | memoryview): a ROM file, its contents, or the name of a
            bundled game: ``"bricks"``, ``"duel"``, ``"trail"``, or a newer version, ``"bricks-v1"`` or ``"trail-v1"``.
        render_mode (str | None): ``"rgb_array"``, ``"human"`` (a window, needs ``pip install nes-py[human]``) or None.
        policy (str): see ``NESEmulator``.
        ram_fill (str): see ``NESEmulator``.
        ram_seed (int): the ``seed`` of ``NESEmulator``, for ``ram_fill="noise"``.
        region (str | None): see ``NESEmulator``.
        device (str): see ``NESEmulator``. With ``"zapper"`` an action is an array: buttons, x, y, trigger; with
            ``"arkanoid"``: buttons, position, button; with ``"vs_system"``: buttons, DIP switches, coins.
        cheats (Iterable): see ``NESEmulator``.
        players (int): 2: an action is a pair of bytes, one per controller; with the device ``four_score`` up to 4.
        console (str): see ``NESEmulator``.
        frame_boundary (str | None): where a step ends. ``"nes-py"``: where it ends in nes-py 8 and 9, every 29,781 CPU
            cycles. ``"vblank"``: at the start of vertical blank. None: ``"nes-py"`` on an NTSC console; other consoles
            support only ``"vblank"``.
        whole_pictures (bool): see ``NESEmulator``.
        palette: see ``NESEmulator``.
        audio (int | None): sound: samples per second, 8000 to 192000. ``info["audio"]`` of a step is what it played,
            float32 (n,), mono, see ``NESEmulator.audio``; n varies by one. That of a reset is empty. None: no sound.
        on_reset (str | None): what ``reset`` does without a backup. ``"power_on"``: turns the console off and on.
            ``"button"``: does what nes-py 8 and 9 do: RAM, video memory, palette and the cartridge keep their contents.
            None: ``"button"`` with ``timing="nes-py"``, else ``"power_on"``.
        timing (str | None): ``"hardware"``, or ``"nes-py"``: the timing of nes-py 8 and 9, to replay recordings made
            there, see ``NESEmulator``. None: the environment variable ``NES_PY_TIMING``, else ``"hardware"``.

    Attributes:
        frame_boundary (str): where steps currently end, ``"nes-py"`` or ``"vblank"``; loading a state sets the
            boundary that it was made with.
        timing (str): the timing of the console, ``"hardware"`` or ``"nes-py"``.
        ram (numpy.ndarray): the RAM, uint8 (2048,), a live and writable view.
        screen (numpy.ndarray): the picture, uint8 (240, 256, 3), RGB, a live view. After the first access each step
            updates it.
        emulator (NESEmulator): the console: sound, memory, sprites and more.
        controllers (list[numpy.ndarray]): the buttons of both controllers, uint8 (1,), live and writable views. Bit 0
            is A, then B, Select, Start, Up, Down, Left and Right. A step sets the first. With another ``device`` there
            has one entry for each of its bytes.
        done (bool): whether the episode is over; True before the first reset.
        viewer: the window of render mode ``"human"``, None before it is opened.
        metadata (dict): ``"render_fps"`` is 50 on a PAL or Dendy console.
        reward_range (tuple[float, float]): rewards are clipped to it.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        NotImplementedError: the render mode does not exist.
        ValueError: an option is out of range.
    """

    metadata = {  # noqa: RUF012, Gymnasium declares it as an instance attribute
        "render_modes": ["rgb_array", "human"],
        "render_fps": 60,
    }

    reward_range: tuple[float, float] = (-float("inf"), float("inf"))

    observation_space = Box(low=0, high=255, shape=SCREEN_SHAPE_24_BIT, dtype=np.uint8)

    # A byte of buttons.
    action_space: gym.Space[Any] = Discrete(256)

    height = SCREEN_HEIGHT
    width = SCREEN_WIDTH

    _env: NESEmulator | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        if cls is NESEnv and cls.__init__ is _INIT:
            for name in _VECTOR_OPTIONS:
                if name in kwargs:
                    raise TypeError(
                        f"NESEnv.__init__() got an unexpected keyword argument {shown(name)}: it is an option of "
                        "NESVectorEnv, also of one environment, NESVectorEnv(rom, num_envs=1)"
                    )
        # Copies are made without arguments and keep their class.
        if cls is not NESEnv or args or kwargs:
            frame = sys._getframe(1)
            caller = frame.f_globals
            if frame.f_locals is not caller:  # a function, which may import for itself
                caller = {**caller, **frame.f_locals}
            kind: Any = interface.class_for(cls, NESEnv, str(caller.get("__name__")), caller)
            if kind is not cls:
                return kind(*args, **kwargs)
            if NESEnv not in cls.__mro__:  # changed just now
                return object.__new__(cls)
        return super().__new__(cls)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        interface.class_made(cls, NESEnv)

    def __init__(
        self,
        rom_path: str | os.PathLike[str] | bytes | bytearray | memoryview,
        render_mode: str | None = None,
        *,
        policy: Literal["fast", "reference"] = "fast",
        ram_fill: Literal["zero", "ones", "pattern", "noise"] = "zero",
        ram_seed: int = 0,
        region: Literal["ntsc", "pal", "dendy"] | None = None,
        device: Literal["joypads", "four_score", "zapper", "arkanoid", "vs_system"] = "joypads",
        cheats: Iterable[str | Cheat | Freeze] = (),
        players: int = 1,
        console: Literal["famicom", "nes"] = "famicom",
        frame_boundary: FrameBoundary | None = None,
        whole_pictures: bool = False,
        on_reset: Literal["power_on", "button"] | None = None,
        timing: Timing | None = None,
        palette: Palette = None,
        audio: int | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            _refuse_mode("render", self.metadata["render_modes"])
        if on_reset not in (None, "power_on", "button"):
            raise ValueError(f"on_reset must be 'power_on' or 'button', not {shown(on_reset)}")
        if timing is None:
            timing = default_timing()
        count = operator.index(players)
        emulator = NESEmulator(
            rom_path,
            policy=policy,
            ram_fill=ram_fill,
            seed=ram_seed,
            region=region,
            device=device,
            cheats=cheats,
            console=console,
            frame_boundary=frame_boundary,
            whole_pictures=whole_pictures,
            timing=timing,
            palette=palette,
        )
        if audio is not None:
            if not is_integer(audio):
                raise TypeError(f"audio must be an integer or None, not {shown(audio)}")
            try:
                emulator.sample_rate = audio
            except ValueError as error:
                raise ValueError(str(error).replace("sample_rate", "audio")) from None
        _ask_patched_rom(rom_path)
        pads, values = DEVICES[device].pads, DEVICES[device].values
        if not 1 <= count <= pads:
            raise ValueError(f"players must be in 1..{pads} with the device {device!r}, not {shown(players)}")
        fields: tuple[tuple[str, int], ...] = ()
        if values or count > 1:
            names = ("buttons",) if count == 1 else tuple(f"buttons of player {number + 1}" for number in range(count))
            fields = (*((name, 256) for name in names), *values)
            self.action_space = MultiDiscrete([limit for _, limit in fields])
        if self.metadata.get("render_fps") == NESEnv.metadata["render_fps"] != round(emulator.frame_rate):
            self.metadata = {**self.metadata, "render_fps": round(emulator.frame_rate)}
        self._env = emulator
        self._rom_path = rom_path
        if render_mode is not None or isinstance(self, NESEnv):
            # nes-py 8 knows none: a class for it may have one of its own, a property too.
            self.render_mode = render_mode
        self.viewer: Any = None
        self.done = True
        self._has_backup = False
        self.__private = _Private(count, fields, on_reset == "button" or (on_reset is None and timing == "nes-py"))
        self.__private.audio = emulator.sample_rate
        kind = type(self)
        self.__private.eager = kind.screen is not _SCREEN or kind._screen_buffer is not _SCREEN_BUFFER
        # Whatever a subclass has set before it called this.
        for name in ("controllers", "screen", "ram"):
            self.__dict__.pop(name, None)
        self.__make_views()

    def __make_views(self) -> None:
        private = self.__private
        made: list[Any] = []
        if "controllers" not in self.__dict__:
            inputs = DEVICES[self.__open().options["device"]].inputs
            self.controllers = [self._controller_buffer(port) for port in range(inputs)]
            made += [self.controllers, *self.controllers]
        if private.eager and "screen" not in self.__dict__:
            self.screen = private.screen = self._screen_buffer()
        if "ram" not in self.__dict__:
            self.ram = self._ram_buffer()
            made.append(self.ram)
        private.views = tuple(made)

    def _controller_buffer(self, port: int) -> NDArray[np.uint8]:
        """Return the view of a controller for ``controllers``."""
        emulator = self.__open()
        return when_idle(emulator, emulator.controller, port)

    def _screen_buffer(self) -> NDArray[np.uint8]:
        """Return the view of the picture for ``screen``."""
        emulator = self._env or self.__private.kept or self.__open()
        return when_idle(emulator, emulator.screen_buffer)

    def _ram_buffer(self) -> NDArray[np.uint8]:
        """Return the view of the RAM for ``ram``."""
        emulator = self.__open()
        return when_idle(emulator, emulator.memory_buffer)

    @cached_property
    def screen(self) -> NDArray[np.uint8]:  # noqa: D102, described with the class's attributes
        # Created on demand: with the view, every step draws the picture twice.
        view = self.__private.screen = self._screen_buffer()
        return view

    @_Free
    def save_ram(self) -> NDArray[np.uint8]:
        """The battery-backed RAM of the cartridge, uint8 (n,), a live and writable view; empty without a battery.

        ``env.save_ram.tofile("game.sav")`` saves it to a file, and
        ``env.save_ram[:] = numpy.fromfile("game.sav", "uint8")`` loads it; the environment itself uses no file.
        ``reset`` clears it, or restores its contents in the episode's start state.
        """
        emulator = emulator_of(self)
        return when_idle(emulator, getattr, emulator, "save_ram")

    @_Free
    def emulator(self) -> NESEmulator:  # noqa: D102, described with the class's attributes
        return emulator_of(self)

    @_Free
    def frame_boundary(self) -> FrameBoundary:  # noqa: D102, described with the class's attributes
        emulator = emulator_of(self)
        boundary: FrameBoundary = when_idle(emulator, getattr, emulator, "frame_boundary")
        return boundary

    @_Free
    def timing(self) -> Timing:  # noqa: D102, described with the class's attributes
        emulator = emulator_of(self)
        timing: Timing = when_idle(emulator, getattr, emulator, "timing")
        return timing

    def __open(self) -> NESEmulator:
        if self._env is None:
            raise ValueError("the environment has already been closed")
        return self._env

    # --- copies ---

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        emulator = self._env
        if emulator is not None:
            # Into the memo, while no other thread steps it. Python code, as in copy.deepcopy, could let one start.
            when_idle(emulator, emulator.__deepcopy__, memo)
        twin = memo[id(self)] = type(self).__new__(type(self))
        twin.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        return twin

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        private = self.__private
        state["viewer"] = None
        state["_NESEnv__private"] = private.twin()
        # They show the memory of this machine.
        for name in ("ram", "controllers", "screen"):
            if any(state.get(name) is view for view in (*private.views, private.screen) if view is not None):
                del state[name]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        private = self.__private
        closed = self._env is None
        if closed:
            self._env = private.kept
        if private.audio is not None and self._env is not None:
            self._env.sample_rate = private.audio
        self.__make_views()
        if closed:
            self._env = None

    # --- the emulator ---

    def _frame_advance(self, action: Any) -> None:
        """Hold the buttons ``action`` for one frame: a byte, or the action of another device.

        With several players a byte is for the first one; the buttons of the others do not change.
        """
        alone = self.__private.players > 1 and isinstance(action, (int, np.integer))
        self.__run(action, () if alone else self.__private.fields)

    def __run(self, action: Any, fields: tuple[tuple[str, int], ...]) -> None:
        emulator = self._env
        if emulator is None:
            self.__open()
            return
        if fields:
            places, values = self.__inputs(action)
            hold_and_advance(emulator, places, values)
            buttons = values[0]
        else:
            try:
                buttons = action if type(action) is int else _whole_number(action)
                emulator.frame_advance(buttons)
            except (ValueError, OverflowError) as error:
                raise _explain(error, action, emulator) from None
        movie = self.__private.movie
        if movie is not None:
            movie.append(buttons, int(emulator.controller(1)[0]))

    def __inputs(self, action: Any) -> tuple[list[int], list[int]]:
        """Return the ports that an action is for, and the byte for each."""
        fields = self.__private.fields
        given = np.asarray(action)
        if given.dtype.kind not in "iub" or given.shape != (len(fields),):
            names = ", ".join(name for name, _ in fields)
            raise ValueError(f"an action must be {len(fields)} integers, {names}, not {shown(action)}")
        numbers: list[int] = given.tolist()
        for (name, limit), number in zip(fields, numbers, strict=True):
            if not 0 <= number < limit:
                raise ActionError(f"{name} must be in 0..{limit - 1}, not {shown(number)}")
        # The pads of other players do not change.
        places = [*range(self.__private.players), *range(DEVICES[self.__open().options["device"]].pads, 4)]
        return places[: len(numbers)], numbers

    def __check_action(self, action: Any) -> None:
        """Raise what ``step`` would raise for an action, before anything has changed."""
        if self.__private.fields:
            self.__inputs(action)
            return
        try:
            if not 0 <= _whole_number(action) <= 255:
                raise ValueError
        except (ValueError, OverflowError) as error:
            if self._env is not None:
                raise _explain(error, action, self._env) from None

    def __copy_picture(self) -> NDArray[np.uint8]:
        """Return the picture in a new array: from ``screen`` if it exists, because a program may draw into it."""
        private = self.__private
        if "screen" in self.__dict__ or private.eager:
            picture: NDArray[np.uint8] = _copy_of(self.screen)
            return picture
        emulator = self._env or private.kept or self.__open()
        try:
            return emulator.screen_rgb()
        except RuntimeError:  # another thread steps it
            return when_idle(emulator, emulator.screen_rgb)

    # --- states ---

    @staticmethod
    def __slot(slot: int) -> int:
        try:
            number = operator.index(slot)
        except TypeError:
            raise TypeError(f"slot must be an integer, not {shown(slot)}") from None
        if not DEFAULT_SLOT <= number < SLOT_COUNT:
            raise ValueError(
                f"slot must be in 0..{SLOT_COUNT - 1}, or {DEFAULT_SLOT} for the default one, not {shown(slot)}"
            )
        return number

    def __dump(self) -> Snapshot:
        emulator = self.__open()
        snapshot = when_idle(emulator, emulator.dump_state)
        # As in nes-py, a state contains the picture with what was drawn into it.
        snapshot._drawn = self.__drawing()
        return snapshot

    def __drawing(self) -> NDArray[np.uint8] | None:
        """Return a copy of the live picture if a program has drawn into it."""
        view = self.__private.screen
        if view is None:
            return None
        emulator = self.__open()
        edited = not np.array_equal(view, when_idle(emulator, emulator.screen_rgb))
        return np.array(view) if edited else None

    def __load(self, snapshot: Any) -> None:
        emulator = self.__open()
        # The controllers belong to the player, not to the console.
        keep_inputs(emulator, emulator.load_state, snapshot)
        view = self.__private.screen
        if view is not None and isinstance(snapshot, Snapshot) and snapshot._drawn is not None:
            np.copyto(view, snapshot._drawn)
        if self.__private.movie is not None:
            self.__private.movie.restart(emulator.dump_state(), emulator.frame_boundary)

    def __restore_slot(self, slot: int) -> None:
        number = self.__slot(slot)
        slots = self.__private.slots
        self.__check_slot(number)
        self.__open()
        self.__around_restore("_will_restore")
        self.__load(slots[number])
        self.__around_restore("_did_restore")

    def __around_restore(self, name: str) -> None:
        hook = getattr(self, name)
        if _is_hook(hook):
            hook()

    def _backup(self, slot: int = DEFAULT_SLOT) -> None:
        """Save the current state in a slot.

        Args:
            slot (int): 0 to 9, or -1 for the default slot, which ``reset`` then restores.

        Raises:
            ValueError: the slot does not exist.
        """
        number = self.__slot(slot)
        self.__private.slots[number] = self.__dump()
        if number == DEFAULT_SLOT:
            self._has_backup = True

    def _restore(self, slot: int = DEFAULT_SLOT) -> None:
        """Restore the state in a slot and call the hooks ``_will_restore`` and ``_did_restore``.

        The controllers do not change. An episode that is over stays over; use ``restore`` to continue it.

        Args:
            slot (int): 0 to 9, or -1 for the default slot.

        Raises:
            ValueError: the slot does not exist or is empty.
        """
        self.__restore_slot(slot)

    def backup(self, slot: int = DEFAULT_SLOT) -> None:
        """Save the current state in a slot.

        Args:
            slot (int): 0 to 9, or -1 for the default slot, which ``reset`` then restores.

        Raises:
            ValueError: the slot does not exist.
        """
        if self.__slot(slot) == DEFAULT_SLOT:
            self._backup()
        else:
            NESEnv._backup(self, slot)

    def restore(self, slot: int = DEFAULT_SLOT) -> None:
        """Restore the state in a slot and continue the episode from there.

        Args:
            slot (int): 0 to 9, or -1 for the default slot.

        Raises:
            ValueError: the slot does not exist or is empty.
        """
        # Subclasses for nes-py 8 and 9 override _restore without an argument.
        if self.__slot(slot) == DEFAULT_SLOT:
            self._restore()
        else:
            self.__restore_slot(slot)
        self.done = False

    def has_backup(self, slot: int = DEFAULT_SLOT) -> bool:
        """Return whether a slot contains a state; 0 to 9, or -1 for the default one."""
        return self.__slot(slot) in self.__private.slots

    def dump_state(self) -> Snapshot:
        """Return the state of the emulator, a ``nes_py.Snapshot``: immutable and picklable."""
        return self.__dump()

    def load_state(self, snapshot: Snapshot | bytes | bytearray | memoryview | NDArray[np.uint8]) -> None:
        """Load a state into the emulator and continue the episode from there.

        The controllers do not change. The hooks ``_will_restore`` and ``_did_restore`` are
        called as by ``_restore``.

        Args:
            snapshot (Snapshot | bytes-like): of this environment or of any other with the same ROM.

        Raises:
            StateError: a ``ValueError``: it is damaged, of another version or of another ROM.
        """
        self.__open()
        self.__around_restore("_will_restore")
        self.__load(snapshot)
        self.done = False
        self.__around_restore("_did_restore")

    def record_movie(self) -> Movie:
        """Start recording the buttons of each frame, and return the ``nes_py.movie.Movie`` that grows from now on.

        The movie starts at the current state. Loading a state or restoring a slot, also in ``reset``, discards it and
        restarts it there. After a ``reset`` to power-on it continues, unless the frame boundary changes. Writes to
        ``ram`` are not recorded.
        """
        from .formats.movie import Movie

        name = os.path.basename(os.fsdecode(self._rom_path)) if isinstance(self._rom_path, (str, os.PathLike)) else ""
        movie = self.__private.movie = Movie.begin(self, name)
        self.__private.choose_way()
        return movie

    def stop_movie(self) -> None:
        """Stop recording; the movie does not change any more."""
        self.__private.movie = None
        self.__private.choose_way()

    def ram_values(self, specs: Iterable[Any], output: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
        """Read numbers from RAM.

        Args:
            specs (Iterable): what to read, see ``nes_py.ram.normalize_ram_read_specs``.
            output (numpy.ndarray | None): a uint32 array with one element per number.

        Returns:
            numpy.ndarray: ``output``, or a new uint32 array of shape (n,).
        """
        emulator = self.__open()
        return when_idle(emulator, emulator.read_ram_values, *normalize_ram_read_specs(specs), output)

    def observation(
        self, mode: str = OBSERVATION_MODE_RGB_ARRAY, output: NDArray[np.uint8] | None = None
    ) -> NDArray[np.uint8]:
        """Return the picture in one of several forms.

        Args:
            mode (str): ``"rgb_array"``, the live view ``screen``; ``"rgb_array_contiguous"``, a copy of it; or
                ``"grayscale"``, a copy in grey, ``(77 r + 150 g + 29 b) >> 8``.
            output (numpy.ndarray | None): for the copies, a uint8 array to fill, (240, 256, 3) or (240, 256).

        Returns:
            numpy.ndarray: uint8, the view, ``output`` or a new C-contiguous array.

        Raises:
            NotImplementedError: the mode does not exist.
        """
        if mode == OBSERVATION_MODE_RGB_ARRAY:
            return self.screen
        if mode not in _OBSERVATION_MODES:
            _refuse_mode("observation", _OBSERVATION_MODES)
        emulator = self.__open()
        gray = mode == OBSERVATION_MODE_GRAYSCALE
        result = when_idle(emulator, emulator.screen_gray if gray else emulator.screen_rgb, output)
        drawn = self.__drawing()
        if drawn is not None:
            # In integers, as in the emulator.
            np.copyto(result, drawn @ np.array([77, 150, 29]) >> 8 if gray else drawn, casting="unsafe")
        return result

    # --- Gymnasium ---

    def seed(self, seed: int | None = None) -> list[int]:
        """Seed ``np_random``; deprecated, use ``reset(seed=...)``.

        Returns:
            list[int]: the seed.
        """
        warnings.warn("seed() is deprecated, use reset(seed=...)", DeprecationWarning, stacklevel=2)
        self._np_random, self._np_random_seed = seeding.np_random(seed)
        return [self._np_random_seed]

    if TYPE_CHECKING:

        def reset(
            self, *, seed: int | None = None, options: dict[str, Any] | None = None
        ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
            """Gymnasium's signature, which subclasses override; the one that runs accepts more."""

    else:

        def reset(
            self,
            seed: int | None = None,
            options: dict[str, Any] | None = None,
            *deprecated: Any,
            **named: Any,
        ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
            """Start an episode: at the state in the default slot, or at power-on if the slot is empty.

            Args:
                seed (int | None): for ``np_random``. The game itself is deterministic.
                options (dict | None): ``{"slot": n}`` starts at the state in slot n; ``{"power_on": True}`` starts at
                    power-on even if the default slot has a state. Other keys are for subclasses and wrappers.
                *deprecated: ``return_info``, the third argument in nes-py 8, which ignored it; ignored.
                **named: the same as a keyword.

            Returns:
                tuple: the picture, a new C-contiguous uint8 array (240, 256, 3), and the info dict.

            Raises:
                TypeError: ``options`` is not a dict.
                ValueError: the slot is empty.
            """
            return self.__reset(seed, options, deprecated, named)

    def __reset(
        self, seed: int | None, options: dict[str, Any] | None, deprecated: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        # Not a named parameter, because Gymnasium's checker would reject it.
        unknown = named.keys() - {"return_info"}
        if unknown:
            raise TypeError(f"reset() got an unexpected keyword argument {min(unknown)!r}")
        if len(deprecated) + len(named) > 1:
            raise TypeError("reset() takes seed, options and return_info, each once")
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"options must be a dict or None, not {shown(options)}")
        options = dict(options or {})
        self.__check_start(options)
        generator = self._np_random, self._np_random_seed
        try:
            super().reset(seed=seed)
            self.__begin(options)
        except BaseException:
            self._np_random, self._np_random_seed = generator
            raise
        screen = self.screen if "screen" in self.__dict__ or self.__private.eager else None
        info = self.__add_sound(self._get_info())
        if screen is None:
            screen = self.__private.screen  # possibly created in _get_info
        return self.__copy_picture() if screen is None else _copy_of(screen), info

    def __check_start(self, options: Mapping[str, Any]) -> None:
        """Raise what a reset would raise for its options, before anything has changed."""
        check_reset_options(options, ("slot", "power_on"))
        if self._env is None and self.__private.kept is None:
            self.__open()
        if options.get("slot") is not None:
            number = self.__slot(options["slot"])
            if number != DEFAULT_SLOT or type(self)._restore is NESEnv._restore:
                self.__check_slot(number)

    def __check_slot(self, number: int) -> None:
        if number not in self.__private.slots:
            where = "" if number == DEFAULT_SLOT else f" in slot {number}"
            raise ValueError(f"there is no backup to restore{where}")

    def __begin(self, options: dict[str, Any]) -> None:
        """Do the part of a reset that both interfaces share."""
        if self._env is None:
            # As after Gymnasium's own close(), which does nothing: the game continues. The arrays are still live.
            self._env = self.__private.kept or self.__open()
            self.__private.kept = None
        self._will_reset()
        if options.get("slot") is not None and self.__slot(options["slot"]) != DEFAULT_SLOT:
            self.__restore_slot(options["slot"])
        elif options.get("slot") is not None or (self._has_backup and not options.get("power_on")):
            self._restore()
        else:
            emulator = self.__open()
            keep_memory = self.__private.keeps_memory and not options.get("power_on")
            keep_inputs(emulator, emulator.reset, keep_memory)
            if self.__private.movie is not None:
                movie = self.__private.movie
                if keep_memory or movie.frame_boundary != emulator.frame_boundary:
                    # A movie has one boundary; that of a loaded state ends here.
                    movie.restart(emulator.dump_state(), emulator.frame_boundary)
                else:
                    movie.power_on()
        self._did_reset()
        if self.__private.audio is not None:
            self.__open().audio()  # not of this episode
        self.done = False
        self.__private.begun = True

    def __add_sound(self, info: dict[str, Any]) -> dict[str, Any]:
        """Return the info dict with what was played since the last one."""
        return info if self.__private.audio is None else {**info, "audio": self.__open().audio()}

    def step(self, action: Any) -> tuple[NDArray[np.uint8], float, bool, bool, dict[str, Any]]:
        """Hold some buttons for one frame.

        Args:
            action (int): the byte of buttons of the first controller; an array or a tuple if the options ``players``
                or ``device`` require it.

        Returns:
            tuple: a ``StepResult``: the picture, a new C-contiguous uint8 array (240, 256, 3); the reward, a float;
            whether the episode terminated; whether it was truncated; and the info dict.

        Raises:
            ValueError: the episode is over, or ``action`` is not in 0..255.
        """
        if self.done:
            raise self.__done_error()
        if type(self)._will_step is not _WILL_STEP or "_will_step" in self.__dict__:
            self.__around_restore("_will_step")
        private = self.__private
        emulator = self._env
        if private.plain and emulator is not None:
            try:
                emulator.frame_advance(action if type(action) is int else _whole_number(action))
            except (ValueError, OverflowError) as error:
                raise _explain(error, action, emulator) from None
        else:
            self.__run(action, private.fields)
        reward = float(self._get_reward())
        terminated = bool(self._get_terminated())
        truncated = bool(self._get_truncated())
        self.done = terminated or truncated
        info = self._get_info()
        self._did_step(self.done)
        if private.audio is not None:
            info = self.__add_sound(info)
        if reward < self.reward_range[0]:
            reward = float(self.reward_range[0])
        elif reward > self.reward_range[1]:
            reward = float(self.reward_range[1])
        # NamedTuple's own constructor is written in Python and slow.
        return tuple.__new__(StepResult, (self.__copy_picture(), reward, terminated, truncated, info))

    def __done_error(self) -> ValueError:
        """Return the exception for a step after the end of an episode, or before the first one."""
        private = self.__dict__.get("_NESEnv__private")
        why = "the episode is over" if private is None or private.begun else "it has not been reset since it was made"
        return ValueError(f"cannot step in a done environment! call `reset`: {why}")

    if TYPE_CHECKING:

        def render(self) -> NDArray[np.uint8] | None:
            """Gymnasium's signature, which subclasses override; the one that runs accepts a mode."""

    else:

        def render(self, mode: str | None = None) -> NDArray[np.uint8] | None:
            """Show or return the picture, according to ``render_mode``.

            Args:
                mode (str | None): deprecated: a render mode for this call.

            Returns:
                numpy.ndarray | None: a new uint8 array (240, 256, 3) for ``"rgb_array"``, else None.

            Raises:
                NotImplementedError: the mode does not exist.
                ImportError: a window cannot be opened; the message says what to install.
            """
            return self.__render_as(mode)

    def __render_as(self, mode: str | None) -> NDArray[np.uint8] | None:
        if mode is not None:
            warnings.warn(
                "render(mode) is deprecated, pass render_mode to the environment's constructor",
                DeprecationWarning,
                stacklevel=3,
            )
        else:
            mode = self.render_mode
        if mode is None:
            # A class that has not called this one's constructor has nothing to warn with.
            private = self.__dict__.get("_NESEnv__private")
            if private is not None and not private.warned_of_render:
                private.warned_of_render = True
                warnings.warn(
                    "render() does nothing without a render_mode; create the environment with "
                    "render_mode='human' or 'rgb_array'",
                    stacklevel=3,
                )
            return None
        return self.__render(mode)

    def __render(self, mode: str) -> NDArray[np.uint8] | None:
        if mode == "rgb_array":
            return self.__copy_picture()
        if mode == "human":
            self.__show()
            return None
        _refuse_mode("render", self.metadata["render_modes"])

    def __show(self) -> None:
        """Show the picture in the window; open it on first use."""
        if self.viewer is None:
            viewer_class: Any = ImageViewer
            if viewer_class is _IMAGE_VIEWER:
                viewer_class = image_viewer()
            self.viewer = viewer_class(caption=self.__caption(), height=SCREEN_HEIGHT, width=SCREEN_WIDTH)
        # nes-py's array, not a copy of it: programs put viewers of their own here and compare what they were given.
        self.viewer.show(self.screen)

    def __caption(self) -> str:
        if self.spec is not None:
            return self.spec.id
        if isinstance(self._rom_path, (str, os.PathLike)):
            return os.path.basename(os.fsdecode(self._rom_path))
        return "nes-py"

    def _repr_html_(self) -> str | None:
        """Return the picture for a notebook."""
        emulator = self.__dict__.get("_env")
        if not isinstance(emulator, NESEmulator) or emulator.closed:
            return None
        return to_html(emulator.screen_rgb(), "The environment's picture")

    def close(self) -> None:
        """Close the emulator and the window; closing again has no effect.

        Existing arrays stay valid, and ``screen`` and ``render()`` return the last picture. ``reset`` reopens the
        environment.
        """
        emulator = self._env
        if emulator is None:
            return
        if not emulator.closed:  # a program may have closed it already
            self.__private.kept = another_handle(emulator)
            emulator.close()
        self._env = None
        if self.viewer is not None:
            self.viewer.close()

    # --- what nes-py 9 tells of the cartridge ---

    def __rom_info(self) -> RomInfo:
        emulator = self.__open()
        info: RomInfo = when_idle(emulator, getattr, emulator, "rom_info")
        return info

    def _mapper_number(self) -> int:
        """Return the number of the cartridge board."""
        return self.__rom_info().mapper

    def _prg_rom_size(self) -> int:
        """Return the size of the PRG-ROM in bytes."""
        return self.__rom_info().prg_rom_size

    def _chr_rom_size(self) -> int:
        """Return the size of the CHR-ROM in bytes."""
        return self.__rom_info().chr_rom_size

    def _has_chr_ram(self) -> bool:
        """Return whether the board has CHR-RAM instead of CHR-ROM."""
        return self.__rom_info().chr_rom_size == 0

    def _name_table_mirroring(self) -> int:
        """Return the nametable arrangement of the header: 0 horizontal, 1 vertical, 8 four-screen, 9, 10 single."""
        return mirroring_number(self.__rom_info().mirroring)

    # --- names of the fork ---

    def frame_advance(self, action: Any) -> None:
        """Hold buttons for one frame, without reward or end of episode: a byte, or a pair for both controllers."""
        if isinstance(action, tuple) and len(action) == 2 and not self.__private.fields:
            emulator = self.__open()
            first, second = map(int, action)
            for number in (first, second):
                if not 0 <= number <= 255:
                    raise ActionError(f"action must be in 0..255, not {shown(number)}")
            before = int(emulator.controller(1)[0])
            emulator.controller(1)[0] = second
            try:
                self._frame_advance(first)
            except BaseException:
                emulator.controller(1)[0] = before
                raise
            return
        self._frame_advance(action)

    @_Free
    def _emulator(self) -> NESEmulator | None:
        return self._env

    @_Free
    def _controller_buffers(self) -> list[NDArray[np.uint8]]:
        return self.controllers

    @_Free
    def _viewer(self) -> Any:
        return self.viewer

    @_ForkName
    def _snapshot(self) -> Snapshot | None:
        return slots_of(self).get(DEFAULT_SLOT) if self._has_backup else None

    @_snapshot.setter
    def __put_snapshot(self, snapshot: Any) -> bool:
        if snapshot is None:
            slots_of(self).pop(DEFAULT_SLOT, None)
        elif isinstance(snapshot, Snapshot):
            slots_of(self)[DEFAULT_SLOT] = snapshot
        else:
            return False
        self._has_backup = snapshot is not None
        return True

    @_ForkName
    def _done(self) -> bool:
        return self.done

    @_done.setter
    def __put_done(self, done: Any) -> bool:
        if not isinstance(done, (bool, np.bool_)):
            return False
        self.done = bool(done)
        return True

    # --- keyboards and agents ---

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return the mapping from keyboard keys to actions.

        Returns:
            dict[tuple[int, ...], int]: sorted key codes of all held keys, to the byte of buttons.
        """
        return KeysToAction((keys_of(byte), byte) for byte in range(256))

    def get_action_meanings(self) -> list[str]:
        """Return names of the actions; only the first of the 256 has a name."""
        return ["NOOP"]

    # --- hooks ---

    def _will_reset(self) -> None:
        """Called by ``reset`` before it resets the emulator."""

    def _did_reset(self) -> None:
        """Called by ``reset`` after it has reset the emulator; may run frames and write to ``ram``."""

    def _will_restore(self) -> None:
        """Called before the state in a slot is restored, also by ``reset``."""

    def _did_restore(self) -> None:
        """Called after the state in a slot was restored; may run frames and write to ``ram``."""

    def _will_step(self) -> None:
        """Called by ``step`` before its frame; may run frames and write to ``ram``."""

    def _get_reward(self) -> float:
        """Return the reward of the last step."""
        return 0

    def _get_terminated(self) -> bool:
        """Return whether the episode has ended by the game's own rules."""
        # Environments for nes-py 8 override _get_done.
        return self._get_done()

    def _get_truncated(self) -> bool:
        """Return whether a limit outside the game ends the episode."""
        return False

    def _get_done(self) -> bool:
        """The name of ``_get_terminated`` in nes-py 8."""
        return False

    def _get_info(self) -> dict[str, Any]:
        """Return the info dict of the current state."""
        return {}

    def _did_step(self, done: bool) -> None:
        """Called at the end of ``step``; may run frames and write to ``ram``. ``done``: whether the episode is over."""


_IMAGE_VIEWER = ImageViewer
_INIT: Any = NESEnv.__init__
_SCREEN: Any = NESEnv.screen
_SCREEN_BUFFER = NESEnv._screen_buffer
_WILL_STEP = NESEnv._will_step


# --- for the rest of the package, whatever a subclass calls its own ---


def is_nes_env(env: Any) -> bool:
    """Return whether an environment is an ``NESEnv``, with Gymnasium's interface or with that of nes-py 8."""
    return hasattr(env, "_NESEnv__private")


def emulator_of(env: Any) -> NESEmulator:
    """Return the emulator of an open environment."""
    emulator: NESEmulator = env._NESEnv__open()
    return emulator


def slots_of(env: Any) -> dict[int, Snapshot]:
    """Return the states in the slots of an environment, by number."""
    slots: dict[int, Snapshot] = env._NESEnv__private.slots
    return slots


def movie_of(env: Any) -> Movie | None:
    """Return the movie that an environment is recording."""
    movie: Movie | None = env._NESEnv__private.movie
    return movie


def caption_of(env: Any) -> str:
    """Return the title of an environment's window."""
    caption: str = env._NESEnv__caption()
    return caption


def show(env: Any) -> None:
    """Show the picture of an environment in its window."""
    env._NESEnv__show()


def check_reset(env: Any, options: Mapping[str, Any]) -> None:
    """Raise what the reset of an environment would raise for its options; change nothing."""
    if type(env).reset is NESEnv.reset:
        env._NESEnv__check_start(options)


def check_action(env: Any, action: Any) -> None:
    """Raise what the step of an environment would raise for an action; change nothing."""
    env._NESEnv__check_action(action)


def render(env: Any, mode: str) -> NDArray[np.uint8] | None:
    """Render an environment in a mode."""
    picture: NDArray[np.uint8] | None = env._NESEnv__render(mode)
    return picture


# The signature that people and tools see.
NESEnv.__new__.__signature__ = inspect.signature(NESEnv.__init__)  # type: ignore[attr-defined]

__all__ = ["NESEnv"]
