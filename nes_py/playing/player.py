"""The play window: the loop of ``nes_py.playing.play.play_human``.

The environment defines the keys to play with, ``nes_py.playing.keys`` the others; ``HELP`` lists them. pyglet is
imported when the window opens.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nes_py._bundled import TITLES
from nes_py._image_viewer import KEY_ESCAPE, ImageViewer
from nes_py.emulator import Snapshot
from nes_py.formats.movie import Movie
from nes_py.nes_env import NESEnv, caption_of, emulator_of, is_nes_env, movie_of, slots_of

from .gamepads import Gamepads
from .keys import NES_PY_KEYS, KeyMap, key_codes, label
from .recorder import VideoRecorder, write_png
from .saves import Saves
from .sound import Speaker, listen
from .stepping import PlayCallback, reset_environment, step_environment

(
    KEY_HELP,
    KEY_PAUSE,
    KEY_NEXT_FRAME,
    KEY_SAVE,
    KEY_LOAD,
    KEY_SOUND,
    KEY_SCREENSHOT,
    KEY_RECORD,
    KEY_FULL_SCREEN,
    KEY_RESET,
    KEY_FAST_FORWARD,
    KEY_REWIND,
) = key_codes("f1 f2 f3 f5 f7 f8 f9 f10 f11 f12 tab backspace")
KEY_SLOTS = tuple(map(ord, "0123456789"))

#: Keys of the second player's buttons from bit 0 on: A, B, Select, Start, Up, Down, Left, Right.
SECOND_PLAYER_KEYS = tuple(sorted(KeyMap().second_player(), key=KeyMap().second_player().__getitem__))

_COMMANDS = (
    ("help", "THIS HELP"),
    ("pause", "PAUSE"),
    ("next_frame", "NEXT FRAME"),
    ("fast_forward", "HOLD: FAST FORWARD"),
    ("rewind", "HOLD: REWIND"),
    ("", "CHOOSE A SLOT"),
    ("save", "SAVE TO THE SLOT"),
    ("load", "LOAD FROM THE SLOT"),
    ("sound", "SOUND ON - OFF"),
    ("screenshot", "SCREENSHOT"),
    ("record", "RECORD - STOP"),
    ("full_screen", "FULL SCREEN"),
    ("reset", "RESET"),
)
_HELP_WIDTH = 30


def help_lines(keys: KeyMap) -> tuple[str, ...]:
    """Return the text of F1. Available characters: A to Z, 0 to 9 and ``! . - :``."""
    lines = []
    arrows = key_codes("up down left right")
    for player in ("player 1", "player 2"):
        moves = [keys.keys_of(player, name) for name in ("up", "down", "left", "right")]
        ways = []
        for codes in zip(*moves, strict=False):
            ways.append("ARROWS" if codes == arrows else " ".join(map(label, zip(codes, strict=True))))
        lines += [
            player.upper(),
            f"  MOVE      {' - '.join(ways)}",
            *(
                f"  {'BUTTON ' * (len(name) == 1) + name.upper():<9} {label(keys.keys_of(player, name))}"
                for name in ("a", "b", "start", "select")
            ),
        ]
    for name, text in _COMMANDS:
        lines.append(f"{label(keys.keys_of('window', name)[:1]) if name else '0 - 9':<9} {text}")
    lines.append("ESC       QUIT")
    return tuple(re.sub(r"[^A-Z0-9!.: -]", "-", line)[:_HELP_WIDTH] for line in lines)


#: The text of F1 with the default keys.
HELP = help_lines(KeyMap())

_FAST_FORWARD_STEPS = 8
# A state every third frame for half a minute; a state takes about 70 KB.
_REWIND_INTERVAL = 3
_REWIND_STATES = 600
_MESSAGE_SECONDS = 2.0
_HINT_SECONDS = 5.0
# Battery RAM is written when it has changed, at most this often.
_BATTERY_STEPS = 300
# Letters are squares of 8 pixels; a row between the lines separates them.
_GLYPH = 8
_LINE = 9


# --- text in pictures ---


@cache
def _glyphs() -> NDArray[np.bool_]:
    """Return the letters of the bundled game, bool (128, 8, 8), indexed by ASCII code."""
    content = (files("nes_py.roms") / "bricks.nes").read_bytes()
    tiles = np.frombuffer(content, np.uint8)[-8192 : -8192 + 128 * 16].reshape(128, 2, 8)
    bits = np.unpackbits(tiles[..., np.newaxis], axis=-1)
    written = set(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!.-:"))
    bits[[code for code in range(128) if code not in written]] = 0
    return bits[:, 0].astype(np.bool_) | bits[:, 1].astype(np.bool_)


def _letters(lines: Sequence[str]) -> NDArray[np.bool_]:
    """Return lines of text as pixels, bool (height, width)."""
    width = max(map(len, lines), default=0)
    codes = np.array([[ord(c) if ord(c) < 128 else 32 for c in line.upper().ljust(width)] for line in lines], np.intp)
    letters = np.zeros((*codes.shape, _LINE, _GLYPH), np.bool_)
    letters[:, :, :_GLYPH] = _glyphs()[codes]
    return letters.swapaxes(1, 2).reshape(len(lines) * _LINE, width * _GLYPH)


def write_text(picture: NDArray[np.uint8], lines: Sequence[str], top: int, left: int, margin: int = 4) -> None:
    """Write lines of text into a picture, white on a darkened background.

    Args:
        picture (numpy.ndarray): uint8 (height, width, 3), changed in place. Text that does not fit is cut off.
        lines (Sequence[str]): the text; converted to capital letters.
        top (int): row of the first line.
        left (int): column of the first letter.
        margin (int): pixels around the text that are darkened too.
    """
    text = _letters(lines)
    rows = slice(max(top - margin, 0), top + text.shape[0] + margin)
    ground = picture[rows, max(left - margin, 0) : left + text.shape[1] + margin]
    ground >>= 3
    place = picture[top : top + text.shape[0], left : left + text.shape[1]]
    place[text[: place.shape[0], : place.shape[1]]] = 255


# Pictures of what the window does: rows of eight pixels.
_ICONS = {
    "record": (0x3C, 0x7E, 0xFF, 0xFF, 0xFF, 0xFF, 0x7E, 0x3C),
    "rewind": (0x11, 0x33, 0x77, 0xFF, 0xFF, 0x77, 0x33, 0x11),
    "fast": (0x88, 0xCC, 0xEE, 0xFF, 0xFF, 0xEE, 0xCC, 0x88),
}
_RED, _WHITE = (232, 40, 40), (255, 255, 255)


def draw_indicators(picture: NDArray[np.uint8], names: Iterable[str]) -> None:
    """Draw what the window does into the upper right corner of a picture: ``"record"``, ``"rewind"``, ``"fast"``."""
    right = picture.shape[1] - 8
    for name in names:
        text = "  REC" if name == "record" else " "
        left = right - 8 * len(text)
        if left < 4 or picture.shape[0] < 24:
            return
        write_text(picture, [text], 8, left)
        icon = np.unpackbits(np.array(_ICONS[name], np.uint8)[:, np.newaxis], axis=1).astype(np.bool_)
        picture[8:16, left : left + 8][icon] = _RED if name == "record" else _WHITE
        right = left - 12


# --- time ---


class Pace:
    """Keeps a steady number of frames per second.

    The times of the frames are on a fixed grid, so that a late frame does not delay those after it.

    Args:
        fps (float): frames per second.
        clock (Callable): the time in seconds.
        sleep (Callable): waits for a number of seconds.
    """

    def __init__(
        self,
        fps: float,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._period = 1 / fps
        self._clock = clock
        self._sleep = sleep
        self._next = clock() + self._period

    def wait(self) -> None:
        """Wait until the next frame is due."""
        now = self._clock()
        if now > self._next + 5 * self._period:
            # The program was stopped: continue from here instead of catching up.
            self._next = now
        while (left := self._next - self._clock()) > 0:
            self._sleep(left)
        self._next += self._period


# --- the window ---


# The second player's buttons among the codes of keys.
_SECOND = 0x10000


class PlayWindow(ImageViewer):
    """An ``ImageViewer`` that separates the players' keys from those that control the window.

    A key that is pressed and released between two frames counts as held in the next one.

    Args:
        caption (str): the title.
        height (int): height of the pictures in pixels.
        width (int): width of the pictures in pixels.
        relevant_keys (Collection[int]): the keys that the environment knows.
        zoom (int | None): see ``ImageViewer``; None by default.
        keys (KeyMap | None): other keys for the same buttons, those of the second player and of the commands. None:
            only ``relevant_keys``, and the default commands.
    """

    def __init__(
        self,
        caption: str,
        height: int,
        width: int,
        relevant_keys: Collection[int],
        zoom: int | None = None,
        keys: KeyMap | None = None,
    ) -> None:
        super().__init__(caption, height, width, monitor_keyboard=True, relevant_keys=relevant_keys, zoom=zoom)
        self.held: set[int] = set()
        self._commands: list[int] = []
        self._command_keys = (keys or KeyMap()).commands()
        # What each key of the players stands for; those that are held; those that were pressed since the last frame.
        self._game_keys = self._find_game_keys(relevant_keys, keys)
        self._down: dict[int, int] = {}
        self._tapped: set[int] = set()

    @staticmethod
    def _find_game_keys(relevant: Collection[int], keys: KeyMap | None) -> dict[int, int]:
        own = {key: key for key in relevant}
        if keys is None:
            return own
        second = {key: _SECOND | bit for key, bit in keys.second_player().items()}
        if not set(relevant) <= set(NES_PY_KEYS):  # the keys of a program: they stay as they are
            return second | own
        first = {key: target for key, target in keys.first_player().items() if target in own}
        return second | first

    def _handle_key_event(self, symbol: int, is_press: bool) -> None:
        target = self._game_keys.get(symbol, self._game_keys.get(self.KEY_MAP.get(symbol, symbol)))
        if target is not None and symbol != KEY_ESCAPE:
            if is_press:
                self._down[symbol] = target
                self._tapped.add(target)
            else:
                self._down.pop(symbol, None)
            self._pressed_keys = sorted({key for key in self._down.values() if key < _SECOND})
            return
        if symbol == KEY_ESCAPE:
            super()._handle_key_event(symbol, is_press)
        command = self._command_keys.get(symbol, symbol)
        if is_press:
            self.held.add(command)
            self._commands.append(command)
        else:
            self.held.discard(command)

    def _on_deactivate(self) -> None:
        super()._on_deactivate()
        self.held.clear()
        self._down.clear()

    def take_keys(self) -> tuple[tuple[int, ...], int]:
        """Return what is held in the next frame: the environment's keys, and the second player's byte of buttons."""
        held = {*self._down.values(), *self._tapped}
        self._tapped.clear()
        second = sum(1 << (key & 7) for key in held if key & _SECOND)
        return tuple(sorted(key for key in held if key < _SECOND)), second

    def take_commands(self) -> list[int]:
        """Return the commands that were given since the last call, in order: their default keys."""
        commands, self._commands = self._commands, []
        return commands

    def toggle_full_screen(self) -> None:
        """Switch to full screen, or back to a window."""
        if self._window is not None:
            self._window.set_fullscreen(not self._window.fullscreen)


class _Moment(NamedTuple):
    """A state to return to, and its position in the movie."""

    snapshot: Any
    mark: tuple[int, int] | None


class Player:
    """Lets a human play an environment in a window.

    Rewinding, slots and recording need an ``NESEnv``. A wrapper that stores earlier frames does not see them.

    Args:
        env (gymnasium.Env): the environment or a wrapper of one.
        callback (Callable | None): called after each step with the observation before it, the action, the reward,
            whether the episode is over, and the observation after it.
        movie (Movie | None): played instead of the keyboard until it ends; then the player takes over.
        recorder (VideoRecorder | None): receives every frame.
        sound (bool): whether to play the game's sound, if there is an audio device. A recorder that needs sound
            gets it in any case.
        folder (str | os.PathLike): directory for screenshots and recordings.
        zoom (int | None): see ``ImageViewer``.
        keys (KeyMap | None): the keys; None for the default ones.
        hint (bool): whether to show the most important keys for some seconds.
        saves (Saves | None): keeps the slots in files.
        battery (bool): whether ``saves`` keeps the battery RAM too: it is loaded now and after each reset. With a movie
            it is not kept.
        overlay (Callable | None): returns lines of text to show over the picture.
        before_step (Callable | None): called before each step.
        opened (Callable | None): called once, when the window is open.
        resume (bool): go on from where the environment is, without a reset, and leave it open at the end.

    Raises:
        ValueError: the environment has no ``get_keys_to_action``, or its observations are not pictures.
        RuntimeError: this is not the main thread.
    """

    def __init__(
        self,
        env: Any,
        callback: PlayCallback | None = None,
        *,
        movie: Movie | None = None,
        recorder: VideoRecorder | None = None,
        sound: bool = True,
        folder: str | Path = ".",
        zoom: int | None = None,
        keys: KeyMap | None = None,
        hint: bool = False,
        saves: Saves | None = None,
        battery: bool = False,
        overlay: Callable[[], Sequence[str]] | None = None,
        before_step: Callable[[], object] | None = None,
        opened: Callable[[], object] | None = None,
        resume: bool = False,
    ) -> None:
        shape: tuple[int, ...] = getattr(env.observation_space, "shape", None) or ()
        if not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))):
            raise ValueError(f"only pictures can be played: the observations have the shape {shape}")
        self._keys = self._keys_to_action(env)
        self._env = env
        self._machine: Any = env.unwrapped
        self._is_nes = is_nes_env(self._machine)
        self._callback = callback
        self._movie = movie.play(self._machine) if movie is not None else None
        self._recorder = recorder
        self._wants_sound = sound and self._is_nes
        self._speaker: Speaker | None = None
        self._hears = False
        self._folder = Path(folder)
        picture = shape if getattr(self._machine, "screen", None) is None else self._machine.screen.shape
        spec = getattr(env, "spec", None)
        name = spec.id if spec is not None else caption_of(self._machine) if self._is_nes else type(env).__name__
        self._name = name.removesuffix(".nes")
        title = TITLES.get(self._name)
        caption = f"{title} ({self._name})" if title else self._name
        relevant = {key for held in self._keys for key in held}
        self._key_map = keys or KeyMap()
        self.window = PlayWindow(caption, picture[0], picture[1], relevant, zoom=zoom, keys=self._key_map)
        self._pads: Gamepads | None = None
        self._saves = saves
        # What is on disk.
        self._battery: bytes | None = None
        # What a movie leaves there is not the player's.
        kept = battery and saves is not None and movie is None
        self._keeps_battery = kept and self._is_nes and len(self._save_ram()) > 0
        self._carried: bytes | None = None  # over a reset
        if self._keeps_battery and saves is not None:
            self._battery = saves.read_battery(len(self._save_ram()))
        self._overlay = overlay
        self._before_step = before_step
        self._opened = opened
        self._resumes = resume
        self.paused = False
        self.help = False
        self.muted = False
        self.slot = 0
        self._observation: Any = None
        self._done = True
        self._held: tuple[int, ...] = ()
        self._held_second = 0
        self._second = 0
        self._steps = 0
        self._way = ""  # rewind or fast
        self._past: deque[_Moment] = deque(maxlen=_REWIND_STATES)
        self._slot_movies: dict[int, Any] = {}
        self._message: Sequence[str] = ()
        self._message_ends = 0.0
        if hint:
            words = self._key_map.hint(":")
            help_key = label(self._key_map.keys_of("window", "help")[:1])
            self._say(" ".join(words[:3]), " ".join(words[3:]), f"{help_key}: ALL KEYS", seconds=_HINT_SECONDS)

    @staticmethod
    def _keys_to_action(env: Any) -> dict[tuple[int, ...], Any]:
        for candidate in (env, env.unwrapped):
            if hasattr(candidate, "get_keys_to_action"):
                keys: dict[tuple[int, ...], Any] = candidate.get_keys_to_action()
                return keys
        # Gymnasium's wrappers no longer pass attributes on.
        if hasattr(env, "get_wrapper_attr") and env.has_wrapper_attr("get_keys_to_action"):
            return dict(env.get_wrapper_attr("get_keys_to_action")())
        raise ValueError("env has no get_keys_to_action method")

    def run(self) -> None:
        """Play until Escape, a click on the close button or Ctrl-C; then close the window and the environment."""
        pace = Pace(self._frames_per_second())
        if self._wants_sound:
            self._speaker = Speaker.find()
        if self._speaker is not None or (self._recorder is not None and self._recorder.sound):
            self._listen()
        try:
            if self._resumes:
                self._done = self._machine.done = False
                self._observation = self._picture().copy()
            elif self._movie is None:
                self._restart()
            self.show()
            if self._opened is not None:
                self._opened()
            if self.window.is_open:
                self._pads = Gamepads(self.window.pyglet)
            while self.tick():
                self.show()
                pace.wait()
        except KeyboardInterrupt:
            pass
        finally:
            try:
                self._write_battery()
                self._stop_recording()
            finally:
                if self._speaker is not None:
                    self._speaker.close()
                if self._pads is not None:
                    self._pads.close()
                self.window.close()
                if not self._resumes:
                    self._env.close()

    def _frames_per_second(self) -> float:
        metadata = self._env.metadata
        return float(metadata.get("render_fps", metadata.get("video.frames_per_second", 60)))

    def _listen(self) -> None:
        # A program that turned sound on before needs the samples itself.
        if self._is_nes and emulator_of(self._machine).sample_rate is None:
            listen(emulator_of(self._machine), self._frames_per_second())
            self._hears = True

    # --- one frame ---

    def tick(self) -> bool:
        """Handle the keys, run until the next picture; return whether to continue."""
        next_frame = False
        self._way = ""
        if self.window.is_escape_pressed:
            return False
        for key in self.window.take_commands():
            if key == KEY_ESCAPE:
                return False
            if key == KEY_NEXT_FRAME:
                self.paused = next_frame = True
            else:
                self._command(key)
        self._take_keys()
        if KEY_REWIND in self.window.held and self._is_nes:
            self._way = "rewind"
            self._rewind()
        elif next_frame or not (self.paused or self.help):
            fast = KEY_FAST_FORWARD in self.window.held
            self._way = "fast" if fast else ""
            for _ in range(_FAST_FORWARD_STEPS if fast else 1):
                self._step()
        return True

    def _take_keys(self) -> None:
        """Read the keyboard and the gamepads."""
        held, second = self.window.take_keys()
        pads = self._pads.read() if self._pads is not None else []
        if pads:
            known = self.window.relevant_keys or ()
            pressed = {key for bit, key in enumerate(NES_PY_KEYS) if pads[0] >> bit & 1 and key in known}
            held = tuple(sorted(pressed.union(held)))
        self._held, self._held_second = held, second | (pads[1] if len(pads) > 1 else 0)

    def _step(self) -> None:
        if self._movie is not None:
            if next(self._movie, None) is None:
                self._movie = None
                self._say("END OF THE MOVIE")
                self.paused = True
                self._done = self._machine.done = False
                self._observation = self._machine.screen.copy()
            self._give_out()
            return
        if self._done:
            self._restart()
        self._remember()
        self._hold_second_controller()
        if self._before_step is not None:
            self._before_step()
        action = self._keys.get(self._held, 0)
        observation, reward, self._done, _ = step_environment(self._env, action)
        self._give_out()
        if self._callback is not None:
            self._callback(self._observation, action, reward, self._done, observation)
        self._observation = observation

    def _restart(self) -> None:
        battery = self._battery
        if self._keeps_battery and self._observation is not None:
            battery = bytes(self._save_ram())
        self._carried = battery
        self._observation = reset_environment(self._env)
        self._done = False
        if self._keeps_battery and battery is not None:
            self._save_ram()[:] = np.frombuffer(battery, np.uint8)
            movie = movie_of(self._machine)
            if movie is not None:  # it must begin with what is in the battery RAM
                movie.restart(emulator_of(self._machine).dump_state(), emulator_of(self._machine).frame_boundary)
        self._carried = None

    def _hold_second_controller(self) -> None:
        if not self._is_nes:
            return
        held = self._held_second
        if held != self._second:  # otherwise a program has written to it
            self._machine.controllers[1][0] = self._second = held

    def show(self) -> None:
        """Show the picture with the current messages."""
        picture = self._picture()
        lines: Sequence[str] = ()
        if time.perf_counter() < self._message_ends:
            lines = self._message
        elif self.paused and not self.help:
            lines = [f"PAUSE - {label(self._key_map.keys_of('window', 'help')[:1])} HELP"]
        marks = ["record"] * (self._recorder is not None) + [self._way] * bool(self._way)
        over = self._overlay() if self._overlay is not None and not self.help else ()
        if lines or marks or over or self.help:
            picture = self._draw_over(picture.copy(), lines, marks, over)
        self.window.show(picture)

    def _draw_over(
        self, picture: NDArray[np.uint8], lines: Sequence[str], marks: Sequence[str], over: Sequence[str]
    ) -> NDArray[np.uint8]:
        if self.help:
            text = help_lines(self._key_map)
            if picture.shape[0] < _LINE * len(text) + 4 or picture.shape[1] < _GLYPH * _HELP_WIDTH:
                picture = np.zeros((240, 256, 3), np.uint8)
            write_text(picture, text, 4, 8, margin=8)
            return picture
        if over:
            write_text(picture, over, 8, 8)
        draw_indicators(picture, marks)
        if lines:
            write_text(picture, lines, picture.shape[0] - 7 - _LINE * len(lines), 8)
        return picture

    def _picture(self) -> NDArray[np.uint8]:
        screen = getattr(self._machine, "screen", None)
        picture = np.asarray(self._observation if screen is None else screen)
        if picture.ndim == 2:
            picture = picture[..., np.newaxis]
        return picture if picture.shape[2] == 3 else picture.repeat(3, axis=2)

    # --- commands ---

    def _command(self, key: int) -> None:
        if key == KEY_HELP:
            self.help = not self.help
        elif key == KEY_PAUSE:
            self.paused = not self.paused
        elif key == KEY_SOUND:
            self._toggle_sound()
        elif key == KEY_FULL_SCREEN:
            self.window.toggle_full_screen()
        elif key == KEY_SCREENSHOT:
            path = self._new_file(".png")
            try:
                write_png(path, self._picture())
            except OSError as error:
                self._say_failed(error)
            else:
                self._say(path.name)
        elif key == KEY_RECORD:
            self._toggle_recording()
        elif key == KEY_RESET:
            self._movie = None
            self._past.clear()
            self._restart()
        elif key in KEY_SLOTS:
            self.slot = key - KEY_SLOTS[0]
            self._say(f"SLOT {self.slot}")
        elif key == KEY_SAVE and self._is_nes:
            self._save_slot()
        elif key == KEY_LOAD and self._is_nes:
            self._load_slot()

    def _toggle_sound(self) -> None:
        if self._speaker is None:
            self._say("NO SOUND DEVICE" if self._wants_sound else "NO SOUND")
            return
        self.muted = not self.muted
        self._say("SOUND OFF" if self.muted else "SOUND ON")

    def _save_slot(self) -> None:
        NESEnv.backup(self._machine, self.slot)
        self._slot_movies[self.slot] = self._checkpoint()
        try:
            if self._saves is not None:
                self._saves.write_slot(self.slot, bytes(slots_of(self._machine)[self.slot]))
        except OSError as error:
            self._say_failed(error)
            return
        self._say(f"SAVED TO SLOT {self.slot}")

    def _read_slot(self) -> None:
        """Fill the slot from its file if it is empty."""
        if self._saves is None or NESEnv.has_backup(self._machine, self.slot):
            return
        content = self._saves.read_slot(self.slot)
        if content is not None:
            slots_of(self._machine)[self.slot] = Snapshot.from_bytes(content)

    def _load_slot(self) -> None:
        try:
            self._read_slot()
            if not NESEnv.has_backup(self._machine, self.slot):
                self._say(f"SLOT {self.slot} IS EMPTY")
                return
            NESEnv.restore(self._machine, self.slot)
        except (OSError, ValueError):
            slots_of(self._machine).pop(self.slot, None)
            self._say(f"SLOT {self.slot} CANNOT BE LOADED")
            return
        self._movie = None
        self._return_to(self._slot_movies.get(self.slot))
        self._past.clear()
        self._done = False
        self._observation = self._picture().copy()
        self._say(f"LOADED SLOT {self.slot}")

    def _say(self, *lines: str, seconds: float = _MESSAGE_SECONDS) -> None:
        self._message = [line for line in lines if line]
        self._message_ends = time.perf_counter() + seconds

    # --- battery RAM ---

    def _save_ram(self) -> NDArray[np.uint8]:
        ram: NDArray[np.uint8] = emulator_of(self._machine).save_ram
        return ram

    def _write_battery(self) -> None:
        """Write the battery RAM to its file if it has changed."""
        if not self._keeps_battery or self._saves is None or self._observation is None:
            return
        content = bytes(self._save_ram()) if self._carried is None else self._carried
        if content != self._battery and (self._battery is not None or any(content)):
            self._saves.write_battery(content)
            self._battery = content

    def _say_failed(self, error: OSError) -> None:
        """Say why a file could not be written; the game goes on."""
        self._say(re.sub(r"[^A-Z0-9!.:-]+", " ", f"NOT SAVED: {error.strerror or error}".upper())[:30])

    # --- rewinding ---

    def _remember(self) -> None:
        if self._is_nes and self._steps % _REWIND_INTERVAL == 0:
            movie = movie_of(self._machine)
            self._past.append(_Moment(NESEnv.dump_state(self._machine), None if movie is None else movie.mark()))
        self._steps += 1
        if self._steps % _BATTERY_STEPS == 0:
            try:
                self._write_battery()
            except OSError as error:
                self._say_failed(error)

    def _rewind(self) -> None:
        if not self._past:
            self._say("NO EARLIER")
            return
        moment = self._past.pop()
        self._movie = None
        checkpoint = self._checkpoint()
        NESEnv.load_state(self._machine, moment.snapshot)
        self._return_to(checkpoint, moment.mark)
        self._done = False
        self._observation = self._picture().copy()

    # A movie that the environment records restarts when a state is loaded; here the way to that state is known.

    def _checkpoint(self) -> Any:
        movie = movie_of(self._machine)
        return None if movie is None else movie.checkpoint()

    def _return_to(self, checkpoint: Any, mark: tuple[int, int] | None = None) -> None:
        movie = movie_of(self._machine)
        if movie is not None and checkpoint is not None:
            movie.return_to(checkpoint, mark)

    # --- recordings ---

    def _new_file(self, suffix: str) -> Path:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self._name) or "nes-py"
        number = 1
        while (path := self._folder / f"{stem}-{number}{suffix}").exists():
            number += 1
        return path

    def _give_out(self) -> None:
        """Send picture and sound of a step to their consumers."""
        samples = None
        if self._hears:
            samples = emulator_of(self._machine).audio()
            if self._speaker is not None and not self.muted:
                self._speaker.play(samples)
        if self._recorder is not None:
            self._recorder.add(self._picture(), samples)

    def _toggle_recording(self) -> None:
        if self._recorder is not None:
            name = self._recorder.path.name
            try:
                self._stop_recording()
            except (RuntimeError, ValueError) as error:
                self._say("NOT WRITTEN:", str(error)[:30])
            except OSError as error:
                self._say_failed(error)
            else:
                self._say(name)
            return
        sound = self._wants_sound
        if sound:
            self._listen()
        for suffix in (".mp4", ".gif"):
            try:
                self._recorder = VideoRecorder(
                    self._new_file(suffix), self._frames_per_second(), sound=sound and self._hears
                )
            except ImportError:
                continue
            except OSError as error:
                self._say_failed(error)
                return
            self._say(f"RECORDING {suffix[1:]}")
            return
        self._say("RECORDING NEEDS IMAGEIO", "OR PILLOW")

    def _stop_recording(self) -> None:
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            recorder.close()


__all__ = ["HELP", "Pace", "PlayWindow", "Player", "help_lines", "write_text"]
