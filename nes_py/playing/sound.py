"""The sound of a running game: its rate, and an audio device."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nes_py.emulator import NESEmulator

#: Samples per second of audio devices and recordings.
SAMPLE_RATE = 48000

# Seconds. With less than the first buffered, late frames are audible; with more than the second, the delay is.
_CUSHION = 0.05
_LONGEST_DELAY = 0.12
# Latency in seconds that is requested from the device: it calls a Python function, which needs some time.
_DEVICE_LATENCY = 0.04
# How long a jump takes: an immediate one is heard as a click. The core takes as long at a reset.
_RAMP = 0.002


def listen(emulator: NESEmulator, fps: float) -> None:
    """Turn the sound on so that an emulator stepped at ``fps`` produces ``SAMPLE_RATE`` samples per second.

    A console runs at slightly more than 60 frames per second (or 50) and is shown at a round number. Sound at its own
    rate would drift away from the pictures.

    Args:
        emulator (NESEmulator): the emulator; ``emulator.audio()`` returns its samples.
        fps (float): displayed frames per second.
    """
    emulator.sample_rate = round(min(max(SAMPLE_RATE * emulator.frame_rate / fps, 8000), 192000))


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return samples between -1 and 1 as int16, clipped."""
    return np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16)


def import_sounddevice() -> Any:
    """Return the module sounddevice.

    Raises:
        ImportError: it is missing.
        OSError: its library PortAudio is missing. The wheels for macOS and Windows contain it.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise ImportError(f"sound needs sounddevice ({error}): pip install 'nes-py[human]'") from error
    except OSError as error:
        raise OSError(
            f"sound needs the library PortAudio ({error}): on Debian and Ubuntu apt-get install libportaudio2, "
            "on Fedora dnf install portaudio"
        ) from error
    return sounddevice


class Speaker:
    """Plays samples as they arrive, on the default device, through the package sounddevice.

    It drops samples that arrive too fast and plays silence for those that arrive too late, so it never lags far
    behind the picture. Where samples do not follow the last ones, the difference fades in 2 milliseconds.

    Args:
        sample_rate (int): samples per second.

    Raises:
        ImportError: sounddevice is missing.
        OSError: its library PortAudio is missing; the message says what to install.
        RuntimeError: there is no audio device.
    """

    def __init__(self, sample_rate: int = SAMPLE_RATE) -> None:
        sounddevice = import_sounddevice()
        self._cushion = int(_CUSHION * sample_rate)
        self._most = int(_LONGEST_DELAY * sample_rate)
        self._blocks: deque[NDArray[np.float32]] = deque()
        self._waiting = 0  # samples in _blocks
        self._starved = True
        self._cut = True  # the first of _blocks does not follow what was played last
        self._last = np.float32(0)  # sample that was played
        place = np.linspace(0, 1, int(_RAMP * sample_rate), endpoint=False, dtype=np.float32)
        self._ramp = 1 - place * place * (3 - 2 * place)
        self._difference = np.float32(0)  # which fades
        self._fading = self._ramp[:0]  # the rest of the ramp
        self._lock = threading.Lock()  # the library calls from its own thread
        try:
            self._stream: Any = sounddevice.OutputStream(
                samplerate=sample_rate, channels=1, dtype="float32", latency=_DEVICE_LATENCY, callback=self._fill
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise RuntimeError(f"there is no sound device: {error}") from error

    @classmethod
    def find(cls, sample_rate: int = SAMPLE_RATE) -> Speaker | None:
        """Return a loudspeaker, or None if there is none."""
        try:
            return cls(sample_rate)
        except (ImportError, OSError, RuntimeError):
            return None

    def play(self, samples: NDArray[np.float32]) -> None:
        """Play samples, float32 (n,), after the buffered ones."""
        with self._lock:
            if self._waiting + len(samples) > self._most:
                while self._blocks and self._waiting > self._cushion:
                    self._waiting -= len(self._blocks.popleft())
                    self._cut = True
            if 0 < len(samples) <= self._most - self._waiting:
                self._blocks.append(samples)
                self._waiting += len(samples)

    def _fill(self, output: NDArray[np.float32], count: int, time: object, status: object) -> None:
        out = output[:, 0]
        out.fill(0)
        with self._lock:
            if self._starved and self._waiting < self._cushion:
                self._join(out, cut=False)
                return
            self._starved = False
            filled = 0
            while filled < count:
                if not self._blocks:
                    self._starved = self._cut = True
                    self._join(out[filled:], cut=True)
                    return
                block = self._blocks.popleft()
                taken = min(len(block), count - filled)
                out[filled : filled + taken] = block[:taken]
                self._join(out[filled : filled + taken], cut=self._cut)
                self._cut = False
                if taken < len(block):
                    self._blocks.appendleft(block[taken:])
                filled += taken
                self._waiting -= taken

    def _join(self, samples: NDArray[np.float32], *, cut: bool) -> None:
        """Let samples begin where the last ones ended: behind a cut the difference fades."""
        if cut:
            self._difference, self._fading = self._last - samples[0], self._ramp
        count = min(len(samples), len(self._fading))
        samples[:count] += self._difference * self._fading[:count]
        self._fading = self._fading[count:]
        self._last = samples[-1]

    def close(self) -> None:
        """Stop and release the device. Closing twice is not an error."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


__all__ = ["SAMPLE_RATE", "Speaker", "import_sounddevice", "listen", "to_int16"]
