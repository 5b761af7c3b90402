"""Writes pictures and videos of a running game to files."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import wave
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sound import SAMPLE_RATE, to_int16

# A GIF has a resolution of 1/100 s and viewers need at least two of them, so every second frame of 60 is kept, for
# 3, 3 and 4 hundredths in turn.
_GIF_DURATIONS_MS = (30, 30, 40)
_GIF_FRAMES_PER_PICTURE = 2

# WebM does not support H.264, the default. VP9 needs a fast setting: it would take many times as long as the game.
_WEBM: dict[str, Any] = {
    "codec": "libvpx-vp9",
    "quality": None,
    "output_params": ["-crf", "24", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6"],
}


def enlarge(picture: NDArray[np.uint8], zoom: int) -> NDArray[np.uint8]:
    """Return ``picture``, (height, width, ...), with every pixel repeated ``zoom`` times in both directions."""
    return picture.repeat(zoom, axis=0).repeat(zoom, axis=1) if zoom > 1 else picture


def write_png(path: str | os.PathLike[str], picture: NDArray[np.uint8]) -> None:
    """Write a picture, uint8 (height, width, 3), as a PNG file, without other packages.

    The format is https://www.w3.org/TR/png-3/.
    """
    height, width, _ = picture.shape
    # Each row starts with its filter type, 0 for none.
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = picture.reshape(height, 3 * width)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for name, content in chunks:
            file.write(struct.pack(">I", len(content)) + name + content)
            file.write(struct.pack(">I", zlib.crc32(name + content)))


class VideoRecorder:
    """Writes frames to an animated GIF (needs Pillow) or a video (needs imageio with ffmpeg).

    Args:
        path (str | os.PathLike): the file; its suffix, ``.gif``, ``.mp4``, ``.mkv``, ``.webm`` or ``.avi``, selects the
            format.
        fps (float): calls of ``add`` per second of video. A GIF keeps every second frame.
        zoom (int): pixels in the file per pixel of a frame, in both directions.
        sound (bool): whether to record sound. A GIF has none.

    Raises:
        ValueError: the suffix is unknown.
        ImportError: the package for the format is missing; the message says what to install.
    """

    #: Suffixes of formats that support sound.
    VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".avi")

    def __init__(self, path: str | os.PathLike[str], fps: float = 60.0, zoom: int = 2, *, sound: bool = False) -> None:
        self.path = Path(path)
        self.fps = fps
        self.zoom = zoom
        self.frames = 0
        self._pictures: list[Any] = []
        self._writer: Any = None
        self._sound: wave.Wave_write | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        #: Whether ``add`` needs sound.
        self.sound = sound and self.path.suffix.lower() in self.VIDEO_SUFFIXES
        suffix = self.path.suffix.lower()
        if suffix == ".gif":
            try:
                from PIL import Image
            except ImportError as error:
                raise ImportError(f"a GIF needs Pillow ({error}): pip install 'nes-py[record]'") from error
            self._image = Image
        elif suffix in self.VIDEO_SUFFIXES:
            try:
                import imageio.v2 as imageio
                import imageio_ffmpeg
            except ImportError as error:
                raise ImportError(
                    f"a video needs imageio and ffmpeg ({error}): pip install 'nes-py[record]'"
                ) from error
            # NES pixels have hard edges: near lossless, and no rounding of the size to multiples of 16.
            # The sound is written to a separate file and combined with the pictures at the end.
            self._ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
            if sound:
                self._folder = tempfile.TemporaryDirectory(prefix="nes-py-")
                self._sound = wave.open(str(Path(self._folder.name, "sound.wav")), "wb")  # noqa: SIM115, closed in _join
                self._sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            silent = self.path if self._folder is None else Path(self._folder.name, f"pictures{suffix}")
            options = _WEBM if suffix == ".webm" else {"quality": 9}
            self._writer = imageio.get_writer(silent, fps=fps, macro_block_size=2, **options)
        else:
            kinds = ", ".join((".gif", *self.VIDEO_SUFFIXES))
            raise ValueError(f"a recording must end in one of {kinds}, not {suffix or 'nothing'}: {os.fspath(path)!r}")

    def add(self, frame: NDArray[np.uint8], samples: NDArray[np.float32] | None = None) -> None:
        """Add a frame.

        Args:
            frame (numpy.ndarray): uint8 (height, width, 3). All frames must have the same shape.
            samples (numpy.ndarray | None): its sound, float32 (n,) between -1 and 1, mono, 48,000 per second
                of the video; see ``nes_py.sound.listen``.
        """
        if self._sound is not None and samples is not None:
            self._sound.writeframesraw(to_int16(samples).astype("<i2").tobytes())
        if self._writer is not None:
            self._writer.append_data(enlarge(frame, self.zoom))
        elif self.frames % _GIF_FRAMES_PER_PICTURE == 0:
            picture = self._image.fromarray(enlarge(frame, self.zoom))
            # The NES shows about 25 colours at a time, which fit exactly.
            self._pictures.append(picture.quantize(256, dither=self._image.Dither.NONE))
        self.frames += 1

    def close(self) -> None:
        """Finish the file. Without frames no file is written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            if self._folder is not None:
                self._join()
        elif self._pictures:
            durations = [_GIF_DURATIONS_MS[index % 3] for index in range(len(self._pictures))]
            first, *rest = self._pictures
            first.save(self.path, save_all=True, append_images=rest, duration=durations, loop=0, disposal=1)
            self._pictures = []

    def _join(self) -> None:
        """Combine the pictures and the sound into the file."""
        assert self._folder is not None
        assert self._sound is not None
        self._sound.close()
        self._sound = None
        folder = Path(self._folder.name)
        pictures, joined = folder / f"pictures{self.path.suffix.lower()}", folder / f"joined{self.path.suffix.lower()}"
        try:
            if not pictures.exists():  # there were no frames
                return
            command = [self._ffmpeg, "-loglevel", "error", "-y", "-i", str(pictures), "-i", str(folder / "sound.wav")]
            done = subprocess.run(
                [*command, "-c:v", "copy", "-b:a", "160k", str(joined)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            shutil.move(joined if done.returncode == 0 else pictures, self.path)
            if done.returncode != 0:
                raise RuntimeError(f"ffmpeg could not add the sound; the pictures are in {self.path}: {done.stderr}")
        finally:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> VideoRecorder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


__all__ = ["VideoRecorder", "enlarge", "write_png"]
