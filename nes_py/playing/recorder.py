"""Writes pictures and videos of a running game to files."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import operator
import os
import signal
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._files import Replacement, check_destination, path_of, write_file
from nes_py._png import to_png

from ..errors import shown
from .sound import SAMPLE_RATE, to_int16

# A GIF has a resolution of 1/100 s and viewers need at least two of them, so every second frame of 60 is kept, for
# 3, 3 and 4 hundredths in turn.
_GIF_DURATIONS_MS = (30, 30, 40)
_GIF_FRAMES_PER_PICTURE = 2

# NES pixels have hard edges: near lossless. WebM does not support H.264, and its VP9 needs a fast setting: it would
# take many times as long as the game.
_H264 = ("-c:v", "libx264", "-crf", "5")
_VP9 = ("-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6")
# What ffmpeg says in words.
_CAUSES = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.ENOENT, errno.EACCES, errno.EROFS)
# Ctrl-C is for this process: ffmpeg finishes the file.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


def enlarge(picture: NDArray[np.uint8], zoom: int) -> NDArray[np.uint8]:
    """Return ``picture``, (height, width, ...), with every pixel repeated ``zoom`` times in both directions."""
    return picture.repeat(zoom, axis=0).repeat(zoom, axis=1) if zoom > 1 else picture


def _check_picture(picture: Any, name: str) -> tuple[int, ...]:
    """Return the shape of a picture, uint8 (height, width, 3)."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        found = picture.dtype if isinstance(picture, np.ndarray) else type(picture).__name__
        raise TypeError(f"{name} must be a uint8 array (height, width, 3), not {found}")
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"{name} must have the shape (height, width, 3), not {picture.shape}")
    return tuple(picture.shape)


def write_png(path: str | os.PathLike[str], picture: NDArray[np.uint8]) -> None:
    """Write a picture, uint8 (height, width, 3), as a PNG file, without other packages.

    The format is https://www.w3.org/TR/png-3/.

    Raises:
        OSError: the file cannot be written; an old one stays as it was.
        TypeError: the picture is not a uint8 array.
        ValueError: it has another shape.
    """
    _check_picture(picture, "picture")
    write_file(path, to_png(picture))


class _Ffmpeg:
    """A running ffmpeg that reads from a pipe."""

    def __init__(self, program: str, *arguments: str) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115, closed in finish; a pipe could fill up and block it
        # -xerror: otherwise an error while the file is completed has no effect on the exit status.
        self._process = subprocess.Popen(
            [program, "-loglevel", "error", "-xerror", "-y", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            **_OWN_GROUP,
        )

    def write(self, data: bytes) -> None:
        """Pass data; BrokenPipeError if it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def finish(self) -> OSError | None:
        """Wait for its end; return what went wrong."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended; the status says why
            self._process.stdin.close()
        status = self._process.wait()
        with self._log as log:
            log.seek(0)
            lines = log.read(65536).decode(errors="replace").split("\n")
        if status == 0:
            return None
        said = next((line.strip() for line in lines if line.strip()), f"it ended with status {status}")[:200]
        known = [code for code in _CAUSES if os.strerror(code) in "".join(lines)]
        if -status == getattr(signal, "SIGXFSZ", None):
            known, said = [errno.EFBIG], os.strerror(errno.EFBIG)
        return OSError((*known, errno.EIO)[0], f"ffmpeg could not write it: {said}")

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self.finish()


# Of formats that support sound.
VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".avi")


class VideoRecorder:
    """Writes frames to an animated GIF (needs Pillow) or a video (needs imageio-ffmpeg).

    The file is written beside an older one and takes its place in ``close``. If that fails, the older one stays.

    Args:
        path (str | os.PathLike): the file; its suffix, ``.gif``, ``.mp4``, ``.mkv``, ``.webm`` or ``.avi``, selects the
            format.
        fps (float): calls of ``add`` per second of video. A GIF keeps every second frame.
        zoom (int): pixels in the file per pixel of a frame, in both directions.
        sound (bool): whether to record sound. A GIF has none.

    Raises:
        ValueError: the suffix is unknown, or a number is out of range.
        ImportError: the package for the format is missing; the message says what to install.
        OSError: no file can be written there; it names the file.
    """

    #: Suffixes of formats that support sound.
    VIDEO_SUFFIXES = VIDEO_SUFFIXES

    _running: _Ffmpeg | None = None

    def __init__(self, path: str | os.PathLike[str], fps: float = 60.0, zoom: int = 2, *, sound: bool = False) -> None:
        self.path = Path(path_of(path))
        if not 0 < fps < math.inf:
            raise ValueError(f"fps must be positive, not {shown(fps)}")
        if not 1 <= operator.index(zoom) <= 64:
            raise ValueError(f"zoom must be in 1..64, not {shown(zoom)}")
        self.fps = fps
        self.zoom = zoom
        self.frames = 0
        self._shape: tuple[int, ...] = ()
        self._pictures: list[Any] = []
        self._sound: wave.Wave_write | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._file: Replacement | None = None
        self._closed = False
        suffix = self.path.suffix.lower()
        #: Whether ``add`` needs sound.
        self.sound = sound and suffix in self.VIDEO_SUFFIXES
        if suffix == ".gif":
            try:
                from PIL import Image
            except ImportError as error:
                raise ImportError(f"a GIF needs Pillow ({error}): pip install 'nes-py[record]'") from error
            self._image = Image
            check_destination(self.path)
        elif suffix in self.VIDEO_SUFFIXES:
            try:
                import imageio_ffmpeg
            except ImportError as error:
                raise ImportError(f"a video needs ffmpeg ({error}): pip install 'nes-py[record]'") from error
            self._ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
            self._file = Replacement(self.path, suffix)
            # The sound is written to a separate file and combined with the pictures at the end.
            if self.sound:
                self._folder = tempfile.TemporaryDirectory(prefix="nes-py-")
                self._sound = wave.open(str(Path(self._folder.name, "sound.wav")), "wb")  # noqa: SIM115, closed in close
                self._sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        else:
            kinds = ", ".join((".gif", *self.VIDEO_SUFFIXES))
            raise ValueError(f"a recording must end in one of {kinds}, not {suffix or 'nothing'}: {os.fspath(path)!r}")

    def add(self, frame: NDArray[np.uint8], samples: NDArray[np.float32] | None = None) -> None:
        """Add a frame.

        Args:
            frame (numpy.ndarray): uint8 (height, width, 3). All frames must have the same shape.
            samples (numpy.ndarray | None): its sound, float32 (n,) between -1 and 1, mono, 48,000 per second
                of the video; see ``nes_py.sound.listen``.

        Raises:
            OSError: the file cannot be written; the recording is over, and an older file stays as it was.
            TypeError: the frame is not a uint8 array.
            ValueError: it has another shape than the first one, or the recording is closed.
        """
        if self._closed:
            raise ValueError(f"the recording {str(self.path)!r} is closed")
        shape = _check_picture(frame, "frame")
        if self._shape and shape != self._shape:
            raise ValueError(f"all frames of a recording must have the same size: {self._shape} at first, now {shape}")
        self._shape = shape
        try:
            if self._sound is not None and samples is not None:
                self._sound.writeframesraw(to_int16(samples).astype("<i2").tobytes())
            if self._file is not None:
                self._encode(enlarge(frame, self.zoom), self._file)
            elif self.frames % _GIF_FRAMES_PER_PICTURE == 0:
                picture = self._image.fromarray(enlarge(frame, self.zoom))
                # The NES shows about 25 colours at a time, which fit exactly.
                self._pictures.append(picture.quantize(256, dither=self._image.Dither.NONE))
        except OSError as error:
            reason = self._running.finish() if self._running is not None else None
            self._running = None
            self._end()
            raise self._named(reason or error) from None
        self.frames += 1

    def _encode(self, picture: NDArray[np.uint8], file: Replacement) -> None:
        if self._running is None:
            height, width, _ = picture.shape
            suffix = self.path.suffix.lower()
            source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(self.fps), "-i", "-")
            # Both codecs halve the resolution of colours, so that sizes are even.
            even = ("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p")
            target = file.name if self._folder is None else str(Path(self._folder.name, f"pictures{suffix}"))
            self._running = _Ffmpeg(
                self._ffmpeg, *source, "-an", *even, *(_VP9 if suffix == ".webm" else _H264), target
            )
        self._running.write(np.ascontiguousarray(picture).tobytes())

    def close(self) -> None:
        """Finish the file. Without frames no file is written.

        Raises:
            OSError: it could not be written, for instance because the disk is full; it names the file. An older file
                stays as it was.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._running is not None and self._file is not None:
                running, self._running = self._running, None
                reason = running.finish()
                if reason is None and self._folder is not None:
                    reason = self._join(Path(self._folder.name), self._file.name)
                if reason is not None:
                    raise reason
                self._file.commit()
            elif self._pictures:
                durations = [_GIF_DURATIONS_MS[index % 3] for index in range(len(self._pictures))]
                first, *rest = self._pictures
                content = io.BytesIO()
                first.save(content, "GIF", save_all=True, append_images=rest, duration=durations, loop=0, disposal=1)
                write_file(self.path, content.getvalue())
        except OSError as error:
            raise self._named(error) from None
        finally:
            self._end()

    def _join(self, folder: Path, target: str) -> OSError | None:
        """Combine the pictures and the sound into the file; return what went wrong."""
        assert self._sound is not None
        self._sound.close()
        self._sound = None
        pictures, sound = str(folder / f"pictures{self.path.suffix.lower()}"), str(folder / "sound.wav")
        return _Ffmpeg(self._ffmpeg, "-i", pictures, "-i", sound, "-c:v", "copy", "-b:a", "160k", target).finish()

    def _named(self, error: OSError) -> OSError:
        return OSError(error.errno or errno.EIO, error.strerror or str(error), str(self.path))

    def _end(self) -> None:
        """Remove what is unfinished."""
        self._closed = True
        self._pictures = []
        if self._running is not None:
            self._running.stop()
            self._running = None
        if self._file is not None:
            self._file.discard()
        if self._sound is not None:
            with contextlib.suppress(OSError):  # it completes its header
                self._sound.close()
            self._sound = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __del__(self) -> None:
        if self._running is not None:  # it was not closed
            self._end()

    def __enter__(self) -> VideoRecorder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


__all__ = ["VIDEO_SUFFIXES", "VideoRecorder", "enlarge", "write_png"]
