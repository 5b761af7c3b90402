"""The play window: the loop of ``nes_py.playing.play.play_human``.

The environment defines the keys to play with; ``HELP`` lists the others. pyglet is imported when the window opens.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nes_py._image_viewer import KEY_ESCAPE, ImageViewer
from nes_py.formats.movie import Movie
from nes_py.nes_env import NESEnv, caption_of, emulator_of, is_nes_env, movie_of

from .recorder import VideoRecorder, write_png
from .sound import Speaker, listen
from .stepping import PlayCallback, reset_environment, step_environment

# Key codes of pyglet, which are those of X11 on every platform (keysymdef.h).
_KEY_BACKSPACE, _KEY_TAB = 0xFF08, 0xFF09
_KEY_LEFT, _KEY_UP, _KEY_RIGHT, _KEY_DOWN = range(0xFF51, 0xFF55)
_KEY_RIGHT_SHIFT, _KEY_RIGHT_CONTROL = 0xFFE2, 0xFFE4
_KEY_F = {number: 0xFFBD + number for number in range(1, 13)}

KEY_HELP = _KEY_F[1]
KEY_PAUSE = _KEY_F[2]
KEY_NEXT_FRAME = _KEY_F[3]
KEY_SAVE = _KEY_F[5]
KEY_LOAD = _KEY_F[7]
KEY_SOUND = _KEY_F[8]
KEY_SCREENSHOT = _KEY_F[9]
KEY_RECORD = _KEY_F[10]
KEY_FULL_SCREEN = _KEY_F[11]
KEY_RESET = _KEY_F[12]
KEY_FAST_FORWARD = _KEY_TAB
KEY_REWIND = _KEY_BACKSPACE
KEY_SLOTS = tuple(map(ord, "0123456789"))

#: Keys of the second player's buttons from bit 0 on: A, B, Select, Start, Up, Down, Left, Right.
SECOND_PLAYER_KEYS = (
    ord("."),
    ord(","),
    _KEY_RIGHT_SHIFT,
    _KEY_RIGHT_CONTROL,
    _KEY_UP,
    _KEY_DOWN,
    _KEY_LEFT,
    _KEY_RIGHT,
)

#: The text of F1. Available characters: A to Z, 0 to 9 and ``! . - :``.
HELP = (
    "PLAYER 1",
    "  W A S D     MOVE",
    "  O           BUTTON A",
    "  P           BUTTON B",
    "  ENTER       START",
    "  SPACE       SELECT",
    "PLAYER 2",
    "  ARROWS      MOVE",
    "  PERIOD      BUTTON A",
    "  COMMA       BUTTON B",
    "  RIGHT CTRL  START",
    "  RIGHT SHIFT SELECT",
    "F1     THIS HELP",
    "F2     PAUSE",
    "F3     NEXT FRAME",
    "TAB    HOLD: FAST FORWARD",
    "BACK   HOLD: REWIND",
    "0 - 9  CHOOSE A SLOT",
    "F5     SAVE TO THE SLOT",
    "F7     LOAD FROM THE SLOT",
    "F8     SOUND ON - OFF",
    "F9     SCREENSHOT",
    "F10    RECORD - STOP",
    "F11    FULL SCREEN",
    "F12    RESET",
    "ESC    QUIT",
)

_FAST_FORWARD_STEPS = 8
# A state every third frame for half a minute; a state takes about 70 KB.
_REWIND_INTERVAL = 3
_REWIND_STATES = 600
_MESSAGE_SECONDS = 2.0
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


def write_text(picture: NDArray[np.uint8], lines: Sequence[str], top: int, left: int) -> None:
    """Write lines of text into a picture, white on a darkened background.

    Args:
        picture (numpy.ndarray): uint8 (height, width, 3), changed in place. Text that does not fit is cut off.
        lines (Sequence[str]): the text; converted to capital letters.
        top (int): row of the first line.
        left (int): column of the first letter.
    """
    width = max(map(len, lines), default=0)
    codes = np.array([[ord(c) if ord(c) < 128 else 32 for c in line.upper().ljust(width)] for line in lines], np.intp)
    letters = np.zeros((*codes.shape, _LINE, _GLYPH), np.bool_)
    letters[:, :, :_GLYPH] = _glyphs()[codes]
    text = letters.swapaxes(1, 2).reshape(len(lines) * _LINE, width * _GLYPH)
    ground = picture[max(top - 4, 0) : top + text.shape[0] + 4, max(left - 4, 0) : left + text.shape[1] + 4]
    ground >>= 3
    place = picture[top : top + text.shape[0], left : left + text.shape[1]]
    place[text[: place.shape[0], : place.shape[1]]] = 255


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


class PlayWindow(ImageViewer):
    """An ``ImageViewer`` that separates the player's keys from those that control the window.

    Args:
        caption (str): the title.
        height (int): height of the pictures in pixels.
        width (int): width of the pictures in pixels.
        relevant_keys (Collection[int]): the player's keys.
        zoom (int | None): see ``ImageViewer``; None by default.
    """

    def __init__(
        self, caption: str, height: int, width: int, relevant_keys: Collection[int], zoom: int | None = None
    ) -> None:
        super().__init__(caption, height, width, monitor_keyboard=True, relevant_keys=relevant_keys, zoom=zoom)
        self.held: set[int] = set()
        self._commands: list[int] = []

    def _handle_key_event(self, symbol: int, is_press: bool) -> None:
        super()._handle_key_event(symbol, is_press)
        if self.relevant_keys is not None and self.KEY_MAP.get(symbol, symbol) in self.relevant_keys:
            return
        if is_press:
            self.held.add(symbol)
            self._commands.append(symbol)
        else:
            self.held.discard(symbol)

    def _on_deactivate(self) -> None:
        super()._on_deactivate()
        self.held.clear()

    def take_commands(self) -> list[int]:
        """Return the other keys that were pressed since the last call, in order."""
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
        caption = spec.id if spec is not None else caption_of(self._machine) if self._is_nes else type(env).__name__
        relevant = {key for keys in self._keys for key in keys}
        self.window = PlayWindow(caption, picture[0], picture[1], relevant, zoom=zoom)
        self.paused = False
        self.help = False
        self.muted = False
        self.slot = 0
        self._observation: Any = None
        self._done = True
        self._second = 0
        self._steps = 0
        self._past: deque[_Moment] = deque(maxlen=_REWIND_STATES)
        self._slot_movies: dict[int, Any] = {}
        self._message = ""
        self._message_ends = 0.0

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
            if self._movie is None:
                self._restart()
            self.show()
            while self.tick():
                self.show()
                pace.wait()
        except KeyboardInterrupt:
            pass
        finally:
            try:
                self._stop_recording()
            finally:
                if self._speaker is not None:
                    self._speaker.close()
                self.window.close()
                self._env.close()

    def _frames_per_second(self) -> float:
        metadata = self._env.metadata
        return float(metadata.get("render_fps", metadata.get("video.frames_per_second", 60)))

    def _listen(self) -> None:
        # A program that turned sound on before needs the samples.
        if self._is_nes and emulator_of(self._machine).sample_rate is None:
            listen(emulator_of(self._machine), self._frames_per_second())
            self._hears = True

    # --- one frame ---

    def tick(self) -> bool:
        """Handle the keys, run until the next picture; return whether to continue."""
        next_frame = False
        if self.window.is_escape_pressed:
            return False
        for key in self.window.take_commands():
            if key == KEY_ESCAPE:
                return False
            if key == KEY_NEXT_FRAME:
                self.paused = next_frame = True
            else:
                self._command(key)
        if KEY_REWIND in self.window.held and self._is_nes:
            self._rewind()
        elif not self.paused or next_frame:
            for _ in range(_FAST_FORWARD_STEPS if KEY_FAST_FORWARD in self.window.held else 1):
                self._step()
        return True

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
        action = self._keys.get(self.window.pressed_keys, 0)
        observation, reward, self._done, _ = step_environment(self._env, action)
        self._give_out()
        if self._callback is not None:
            self._callback(self._observation, action, reward, self._done, observation)
        self._observation = observation

    def _restart(self) -> None:
        self._observation = reset_environment(self._env)
        self._done = False

    def _hold_second_controller(self) -> None:
        if not self._is_nes:
            return
        held = sum(1 << bit for bit, key in enumerate(SECOND_PLAYER_KEYS) if key in self.window.held)
        if held != self._second:  # otherwise a program has written to it
            self._machine.controllers[1][0] = self._second = held

    def show(self) -> None:
        """Show the picture with the current messages."""
        picture = self._picture()
        lines = []
        if time.perf_counter() < self._message_ends:
            lines.append(self._message)
        elif self.paused and not self.help:
            lines.append("PAUSE - F1 HELP")
        if lines or self.help:
            picture = picture.copy()
            if self.help:
                write_text(picture, HELP, 4, 16)
            elif lines:
                write_text(picture, lines, picture.shape[0] - 16, 8)
        self.window.show(picture)

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
            NESEnv.backup(self._machine, self.slot)
            self._slot_movies[self.slot] = self._checkpoint()
            self._say(f"SAVED TO SLOT {self.slot}")
        elif key == KEY_LOAD and self._is_nes:
            self._load_slot()

    def _toggle_sound(self) -> None:
        if self._speaker is None:
            self._say("NO SOUND DEVICE" if self._wants_sound else "NO SOUND")
            return
        self.muted = not self.muted
        self._say("SOUND OFF" if self.muted else "SOUND ON")

    def _load_slot(self) -> None:
        if not NESEnv.has_backup(self._machine, self.slot):
            self._say(f"SLOT {self.slot} IS EMPTY")
            return
        self._movie = None
        NESEnv.restore(self._machine, self.slot)
        self._return_to(self._slot_movies.get(self.slot))
        self._past.clear()
        self._done = False
        self._observation = self._picture().copy()
        self._say(f"LOADED SLOT {self.slot}")

    def _say(self, message: str) -> None:
        self._message = message
        self._message_ends = time.perf_counter() + _MESSAGE_SECONDS

    def _say_failed(self, error: OSError) -> None:
        """Say why a file could not be written; the game goes on."""
        self._say(re.sub(r"[^A-Z0-9!.:-]+", " ", f"NOT SAVED: {error.strerror or error}".upper())[:30])

    # --- rewinding ---

    def _remember(self) -> None:
        if self._is_nes and self._steps % _REWIND_INTERVAL == 0:
            movie = movie_of(self._machine)
            self._past.append(_Moment(NESEnv.dump_state(self._machine), None if movie is None else movie.mark()))
        self._steps += 1

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
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self.window.caption.removesuffix(".nes")) or "nes-py"
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
            except OSError as error:
                self._say_failed(error)
            else:
                self._say(name)
            return
        path = self._new_file(".gif")
        try:
            self._recorder = VideoRecorder(path, self._frames_per_second())
        except ImportError:
            self._say("RECORDING NEEDS PILLOW")
            return
        except OSError as error:
            self._say_failed(error)
            return
        self._say("RECORDING")

    def _stop_recording(self) -> None:
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            recorder.close()


__all__ = ["HELP", "Pace", "PlayWindow", "Player", "write_text"]
