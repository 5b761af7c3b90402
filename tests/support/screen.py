"""A window that shows nothing, and presses keys at given frames."""

from __future__ import annotations

import numpy as np

from nes_py._image_viewer import KEY_ESCAPE, ImageViewer


class Screen:
    """Stands in for the window: presses keys at given frames."""

    def __init__(self) -> None:
        self.script: dict[int, list[tuple[str, int]]] = {}
        self.pictures: list[np.ndarray] = []
        self.last = 30

    def at(self, frame: int, *events: tuple[str, int]) -> None:
        self.script.setdefault(frame, []).extend(events)

    def tap(self, frame: int, key: int) -> None:
        self.at(frame, ("down", key), ("up", key))

    def show(self, window: ImageViewer, picture: np.ndarray) -> None:
        self.pictures.append(np.array(picture))
        frame = len(self.pictures) - 1
        for kind, key in self.script.get(frame, []):
            (window.on_key_press if kind == "down" else window.on_key_release)(key, 0)
        if frame >= self.last:
            window.on_key_press(KEY_ESCAPE, 0)
