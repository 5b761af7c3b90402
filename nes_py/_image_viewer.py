"""A window that shows pictures and reads the keyboard.

pyglet is imported only when the window opens, so that programs without a display, and processes that are
about to fork, never import it. It works with versions 1.5.31 to 2.x, and with
1.5.21, the last that nes-py 8 and 9 allowed, if Python still runs it.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import shown

# Key codes of pyglet, which are those of X11 on every platform (keysymdef.h).
KEY_ESCAPE = 0xFF1B
_KEY_ENTER = 0xFF0D
_KEY_SPACE = 0x20

# Default size of a new window: screen pixels per pixel of the picture.
_LARGEST_DEFAULT_ZOOM = 3

_WITHOUT_A_WINDOW = (
    "Without one, use render_mode='rgb_array' (on the command line --mode random --no-render), or run the program on a "
    "virtual display: xvfb-run -a python ..."
)


_UPGRADE = "pip install --upgrade 'nes-py[human]'"


def _is_known(version: str) -> bool:
    """Return whether a version of pyglet is tested."""
    numbers = [int(part) if part.isdecimal() else 0 for part in version.split(".")[:3]]
    return [1, 5, 31] <= numbers < [3]


def _import_pyglet() -> Any:
    try:
        import pyglet
    except Exception as error:  # an old version may fail with this Python
        raise ImportError(
            f"a window needs pyglet 1.5.31 to 2.x ({type(error).__name__}: {error}): {_UPGRADE}, "
            "or use render_mode='rgb_array'"
        ) from error
    return pyglet


class ImageViewer:
    """A window for RGB or grey pictures, scaled by whole numbers so that pixels stay sharp squares.

    The window can be resized; the picture keeps its aspect ratio in the middle of it. It opens with the first picture.
    Its close button calls ``on_close``, which can be overridden.

    Args:
        caption (str): the title.
        height (int): height of the window in screen pixels, with ``zoom=1``.
        width (int): width of the window, likewise.
        monitor_keyboard (bool): whether to read the keyboard.
        relevant_keys (Collection[int] | None): key codes to report; None for all.
        zoom (int | None): scale of the window; None chooses 3, or less on a small screen.

    Attributes:
        KEY_MAP (dict[int, int]): key codes of pyglet to the ones in ``pressed_keys``.

    Raises:
        RuntimeError: this is not the main thread, which window systems require.
    """

    def __init__(
        self,
        caption: str,
        height: int,
        width: int,
        monitor_keyboard: bool = False,
        relevant_keys: Collection[int] | None = None,
        zoom: int | None = 1,
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "rendering from python threads is not supported: open the window from the main thread, "
                "or use render_mode='rgb_array'"
            )
        if zoom is not None and zoom < 1:
            raise ValueError(f"zoom must be at least 1, not {shown(zoom)}")
        self.KEY_MAP = {_KEY_ENTER: ord("\r"), _KEY_SPACE: ord(" ")}
        self.caption = caption
        self.height = height
        self.width = width
        self.monitor_keyboard = monitor_keyboard
        self.relevant_keys = relevant_keys
        self.zoom = zoom
        self._window: Any = None
        self._texture: Any = None
        # Of the picture, which may be larger or smaller than the window.
        self._shape = height, width
        self._pyglet: Any = None
        self._pressed_keys: list[int] = []
        self._is_escape_pressed = False
        self._is_dismissed = False

    @property
    def pyglet(self) -> Any:
        """The module pyglet, imported on first use."""
        if self._pyglet is None:
            self._pyglet = _import_pyglet()
        return self._pyglet

    @property
    def is_open(self) -> bool:
        """Whether the window is open."""
        return self._window is not None

    @property
    def is_escape_pressed(self) -> bool:
        """Whether the escape key is held."""
        return self._is_escape_pressed

    @property
    def pressed_keys(self) -> tuple[int, ...]:
        """The relevant keys that are held: sorted key codes."""
        return tuple(sorted(self._pressed_keys))

    # --- keys ---

    def _handle_key_event(self, symbol: int, is_press: bool) -> None:
        if symbol == KEY_ESCAPE:
            self._is_escape_pressed = is_press
            return
        symbol = self.KEY_MAP.get(symbol, symbol)
        if self.relevant_keys is not None and symbol not in self.relevant_keys:
            return
        # A key that is held when the window gets or loses the focus produces only one of its two events.
        if is_press and symbol not in self._pressed_keys:
            self._pressed_keys.append(symbol)
        elif not is_press and symbol in self._pressed_keys:
            self._pressed_keys.remove(symbol)

    def on_key_press(self, symbol: int, modifiers: int) -> None:
        """Handle a key press. ``symbol`` is a key code of pyglet."""
        self._handle_key_event(symbol, True)

    def on_key_release(self, symbol: int, modifiers: int) -> None:
        """Handle a key release. ``symbol`` is a key code of pyglet."""
        self._handle_key_event(symbol, False)

    def _on_deactivate(self) -> None:
        # Releases while another window has the focus are not reported.
        self._pressed_keys.clear()
        self._is_escape_pressed = False

    def on_close(self) -> Any:
        """Handle a click on the window's close button.

        It counts as the escape key if the keyboard is monitored. Otherwise the window closes with the next
        picture, and a program that shows more pictures continues without it until it calls ``open``.
        """
        if self.monitor_keyboard:
            self._is_escape_pressed = True
        else:
            self._is_dismissed = True

    def _on_close(self) -> bool:
        self.on_close()
        return True  # pyglet would destroy the window in the middle of a frame

    def _went_away(self) -> bool:
        return self._is_dismissed

    # --- the window ---

    def open(self) -> None:
        """Open the window.

        Raises:
            ImportError: pyglet is missing.
            RuntimeError: there is no display, or it has no OpenGL; the message says what to do instead.
        """
        if self.is_open:
            return
        self._is_dismissed = False
        # pyglet would open a hidden window as soon as pyglet.gl is imported.
        self.pyglet.options["shadow_window"] = False
        try:
            import pyglet.image
            import pyglet.window

            zoom = self.zoom or self._default_zoom()
            self._window = pyglet.window.Window(
                caption=self.caption,
                height=self.height * zoom,
                width=self.width * zoom,
                # The program sets the pace; waiting here as well would make it uneven.
                vsync=False,
                resizable=True,
            )
        except Exception as error:
            self._window = None
            # The module of pyglet's exceptions differs between versions, and without libGL it raises ImportError.
            name = type(error).__name__
            if "Display" in name or (sys.platform.startswith("linux") and "display" in str(error).lower()):
                raise RuntimeError(f"no display to open a window on. {_WITHOUT_A_WINDOW}") from error
            version = str(getattr(self.pyglet, "version", "of an unknown version"))
            advice = "" if _is_known(version) else f"pyglet {version} is not 1.5.31 to 2.x: {_UPGRADE}. "
            raise RuntimeError(f"a window cannot be opened ({name}: {error}). {advice}{_WITHOUT_A_WINDOW}") from error
        self._window.set_minimum_size(min(self.width, self._shape[1]), min(self.height, self._shape[0]))
        self._window.event("on_close")(self._on_close)
        if self.monitor_keyboard:
            self._window.event(self.on_key_press)
            self._window.event(self.on_key_release)
            self._window.event("on_deactivate")(self._on_deactivate)

    def _default_zoom(self) -> int:
        try:
            display = importlib.import_module("pyglet.display").get_display()
        except ImportError:  # pyglet before 2.1
            display = importlib.import_module("pyglet.canvas").get_display()
        screen = display.get_default_screen()
        # Leave room for the window's frame and the desktop's bars.
        fits = min(screen.width * 9 // 10 // self.width, screen.height * 9 // 10 // self.height)
        return int(max(1, min(_LARGEST_DEFAULT_ZOOM, fits)))

    def close(self) -> None:
        """Close the window, if it is open."""
        if self._window is not None:
            self._window.close()
            self._window = None
            self._texture = None
            self._pressed_keys.clear()

    def _place(self) -> tuple[int, int, int, int]:
        """Return left, bottom, width and height of the picture in the window."""
        across, up = self._window.width, self._window.height
        height, width = self._shape
        zoom = min(across // width, up // height)
        if zoom >= 1:
            width, height = width * zoom, height * zoom
        else:  # smaller than the picture: let it shrink
            scale = min(across / width, up / height)
            width, height = max(1, int(width * scale)), max(1, int(height * scale))
        return (across - width) // 2, (up - height) // 2, width, height

    def dispatch_events(self) -> None:
        """Process events of the keyboard and the window."""
        if self._window is not None:
            self._window.switch_to()
            self._window.dispatch_events()

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a picture, open the window if necessary, and read the keyboard.

        Args:
            frame (numpy.ndarray): uint8 (height, width, 3), RGB; or (height, width, 1) or (height, width), grey.

        Raises:
            ValueError: ``frame`` has another shape.
            ImportError: pyglet is missing.
            RuntimeError: there is no display.
        """
        frame = np.asarray(frame)
        if frame.ndim == 2:
            frame = frame[..., np.newaxis]
        if frame.ndim != 3 or frame.shape[2] not in (1, 3):
            raise ValueError(f"a frame should have shape with only 3 dimensions, (height, width, 3), not {frame.shape}")
        if frame.shape[2] == 1:
            frame = np.repeat(frame, 3, axis=2)
        height, width = frame.shape[:2]
        if (height, width) != self._shape:
            self._shape, self._texture = (height, width), None
        if self._went_away():
            return
        if not self.is_open:
            self._texture = None
            self.open()
        self.dispatch_events()
        if self._went_away():
            self.close()
            return
        image = self.pyglet.image.ImageData(width, height, "RGB", frame.tobytes(), pitch=-3 * width)
        if self._texture is None:
            self._texture = image.get_texture()
        else:
            self._texture.blit_into(image, 0, 0, 0)
        self._draw()

    def _draw(self) -> None:
        from pyglet import gl

        self._window.clear()
        left, bottom, width, height = self._place()
        gl.glBindTexture(self._texture.target, self._texture.id)
        gl.glTexParameteri(self._texture.target, gl.GL_TEXTURE_MAG_FILTER, gl.GL_NEAREST)
        gl.glTexParameteri(self._texture.target, gl.GL_TEXTURE_MIN_FILTER, gl.GL_NEAREST)
        self._texture.blit(left, bottom, width=width, height=height)
        self._window.flip()


__all__ = ["ImageViewer"]
