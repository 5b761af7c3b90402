"""Consumers of sound: the audio device, the window, recordings."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import types
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.rom_builder import CHR_BANK, header, prg

from nes_py import NESEmulator, NESEnv, cli, viewer
from nes_py._image_viewer import KEY_ESCAPE, ImageViewer
from nes_py.recorder import VideoRecorder
from nes_py.sound import SAMPLE_RATE, Speaker, listen, to_int16
from nes_py.viewer import Pace, Player

HAS_FFMPEG = importlib.util.find_spec("imageio_ffmpeg") is not None
needs_ffmpeg = pytest.mark.skipif(not HAS_FFMPEG, reason="imageio with ffmpeg is not installed")

# A tone: pulse 1, timer 253, full volume.
TONE_HZ = 440.4
_TONE = bytes.fromhex("a9018d1540 a9bf8d0040 a9088d0140 a9fd8d0240 a9008d0340 4c19c0")


@pytest.fixture
def tone_path(tmp_path: Path) -> str:
    """A file with a cartridge that plays one tone."""
    path = tmp_path / "tone.nes"
    path.write_bytes(header() + prg(_TONE) + bytes(CHR_BANK))
    return str(path)


class Device:
    """Stands in for the package sounddevice: a loudspeaker that takes samples when it is told to."""

    class PortAudioError(Exception):
        """Raised where there is no device."""

    def __init__(self) -> None:
        self.streams: list[Device.Stream] = []
        self.missing = False

    class Stream:
        """One open stream."""

        def __init__(self, callback: Any, samplerate: int, channels: int, dtype: str) -> None:
            assert (channels, dtype) == (1, "float32")
            self.callback, self.rate = callback, samplerate
            self.state = "open"

        def start(self) -> None:
            self.state = "running"

        def close(self) -> None:
            self.state = "closed"

        def take(self, count: int) -> np.ndarray:
            out = np.full((count, 1), 7, np.float32)
            self.callback(out, count, None, None)
            return out[:, 0]

    def open(self, *, callback: Any, samplerate: int, channels: int, dtype: str, latency: str) -> Stream:
        if self.missing:
            raise self.PortAudioError("Error querying device -1")
        self.streams.append(self.Stream(callback, samplerate, channels, dtype))
        return self.streams[-1]


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device = Device()
    module = types.ModuleType("sounddevice")
    module.OutputStream = device.open  # type: ignore[attr-defined]
    module.PortAudioError = device.PortAudioError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return device


class Screen:
    """Stands in for the window system, as in test_play.py."""

    def __init__(self) -> None:
        self.last = 30
        self.taps: dict[int, int] = {}
        self.shown = 0
        self.each: Any = lambda: None

    def show(self, window: ImageViewer, picture: np.ndarray) -> None:
        if self.shown in self.taps:
            window.on_key_press(self.taps[self.shown], 0)
            window.on_key_release(self.taps[self.shown], 0)
        self.each()
        if self.shown >= self.last:
            window.on_key_press(KEY_ESCAPE, 0)
        self.shown += 1


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    screen = Screen()
    monkeypatch.setattr(ImageViewer, "show", lambda window, picture: screen.show(window, picture))
    monkeypatch.setattr(Pace, "wait", lambda self: None)
    yield screen
    assert "pyglet" not in sys.modules


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    return float(spectrum.argmax() * SAMPLE_RATE / (8 * len(samples)))


# --- the loudspeaker ---


def test_speaker_waits_for_a_cushion_plays_in_order_and_drops_what_is_too_much(device: Device) -> None:
    speaker = Speaker(1000)
    (stream,) = device.streams
    assert (stream.state, stream.rate) == ("running", 1000)
    samples = np.arange(1, 201, dtype=np.float32)
    speaker.play(samples[:40])
    assert not stream.take(30).any()  # 50 wanted before it begins
    speaker.play(samples[40:60])
    ramp = 2  # samples; 2 milliseconds
    assert (stream.take(30)[ramp:] == samples[ramp:30]).all()
    assert (stream.take(20) == samples[30:50]).all()
    assert stream.take(20).tolist() == [*samples[50:60], 60, 30, *[0] * 8]
    speaker.play(samples[:40])
    assert not stream.take(30).any()  # it waits again
    speaker.play(samples[40:80])
    speaker.play(samples[80:120])
    speaker.play(samples[120:150])  # 150 would be late by more than 0.12 seconds: the oldest go, down to the cushion
    assert stream.take(80).tolist() == [0, 41.5, *samples[82:150], 150, 75, *[0] * 8]
    speaker.play(samples[:121])
    assert not stream.take(60).any()
    speaker.close()
    speaker.close()
    assert stream.state == "closed"


def test_speaker_does_not_click(device: Device) -> None:
    """Where sound is cut off, begins or lacks samples, no step is larger than in the tone and the ramp."""
    speaker = Speaker(SAMPLE_RATE)
    (stream,) = device.streams
    tone = (0.5 * np.cos(2 * np.pi * 200 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    blocks = iter(tone.reshape(-1, 800))
    heard = []
    for number in range(55):
        for _ in range(4 if number == 20 else 0 if 30 <= number < 42 else 1):  # too many; muted
            speaker.play(next(blocks))
        heard.append(stream.take(800))
    played = np.concatenate(heard)
    assert np.abs(played).max() > 0.45
    assert not played[39 * 800 : 42 * 800].any()
    # A ramp over 96 samples is steepest in its middle, by half as much again; a difference is at most 1.
    assert np.abs(np.diff(played)).max() < np.abs(np.diff(tone)).max() + 1.5 / 96


def test_no_speaker(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.missing = True
    with pytest.raises(RuntimeError, match="there is no sound device: Error querying"):
        Speaker()
    assert Speaker.find() is None
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ImportError, match=r"nes-py\[human\]"):
        Speaker()
    assert Speaker.find() is None


def test_as_many_samples_as_pictures_want(tone_path: str) -> None:
    for region, fps in (("ntsc", 60), ("dendy", 50), ("ntsc", 30)):
        with NESEmulator(tone_path, region=region) as emulator:
            listen(emulator, fps)
            emulator.step(20 * fps)
            assert abs(len(emulator.audio()) - min(20 * SAMPLE_RATE, 1 << 19)) < 40 or fps != 60
            emulator.step(5 * fps)
            assert abs(len(emulator.audio()) - 5 * SAMPLE_RATE) < 10


def test_int16() -> None:
    samples = np.array([0, 1, -1, 0.5, 3, -3], np.float32)
    assert to_int16(samples).tolist() == [0, 32767, -32767, 16384, 32767, -32767]


# --- the window ---


def test_played_game_is_heard(tone_path: str, screen: Screen, device: Device) -> None:
    heard: list[np.ndarray] = []
    screen.last = 60
    screen.taps = {40: viewer.KEY_SOUND, 50: viewer.KEY_SOUND}
    screen.each = lambda: heard.append(device.streams[0].take(800))
    env = NESEnv(tone_path)
    messages: list[str] = []
    player = Player(env)
    say = player._say
    player._say = lambda text: (messages.append(text), say(text))  # type: ignore[method-assign,assignment]
    player.run()
    assert abs(pitch(np.concatenate(heard[10:38])) - TONE_HZ) < 3
    assert np.abs(heard[30]).max() > 0.05
    assert not np.concatenate(heard[45:51]).any()
    assert np.abs(np.concatenate(heard[55:])).max() > 0.05
    assert messages == ["SOUND OFF", "SOUND ON"]
    assert device.streams[0].state == "closed"


def test_played_game_without_sound(tone_path: str, screen: Screen, device: Device) -> None:
    env = NESEnv(tone_path)
    emulator = env.emulator
    rates = []
    screen.each = lambda: rates.append(emulator.sample_rate)
    screen.taps = {4: viewer.KEY_SOUND}
    Player(env, sound=False).run()
    device.missing = True
    screen.shown = 0
    env = NESEnv(tone_path)
    emulator = env.emulator
    Player(env).run()
    assert set(rates) == {None}
    assert not device.streams


def test_samples_of_the_callback_are_left_to_it(tone_path: str, screen: Screen, device: Device) -> None:
    env = NESEnv(tone_path)
    emulator = env.emulator
    emulator.sample_rate = 44100
    counts: list[int] = []
    Player(env, lambda *_: counts.append(len(emulator.audio()))).run()
    assert set(counts[1:]) <= {733, 734}


# --- recordings ---


def sound_of(path: Path) -> np.ndarray:
    """Returns the sound of a video at 48 kHz, between -1 and 1."""
    import imageio_ffmpeg

    wav = path.with_suffix(".wav")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(path)]
    subprocess.run([*command, "-ac", "1", "-ar", str(SAMPLE_RATE), str(wav)], check=True)
    with wave.open(str(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


@needs_ffmpeg
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi"])
def test_video_with_sound(tmp_path: Path, suffix: str) -> None:
    import imageio.v2 as imageio

    path = tmp_path / f"x{suffix}"
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.2 * np.sin(2 * np.pi * 440 * time)).astype(np.float32).reshape(120, 800)
    with VideoRecorder(path, 60, zoom=1, sound=True) as recorder:
        assert recorder.sound
        for index in range(120):
            recorder.add(np.full((240, 256, 3), index, np.uint8), tone[index])
    sound = sound_of(path)
    assert abs(len(sound) - 2 * SAMPLE_RATE) < SAMPLE_RATE // 10
    assert abs(pitch(sound) - 440) < 1
    assert abs(np.abs(sound[10000:80000]).max() - 0.2) < 0.04
    with imageio.get_reader(path) as film:
        assert abs(film.count_frames() - 120) <= 1
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix != ".wav"] == [path.name]


@needs_ffmpeg
def test_recordings_from_the_command_line_have_sound(tmp_path: Path, tone_path: str) -> None:
    path = tmp_path / "tone.mp4"
    arguments = ["play", tone_path, "--mode", "random", "--no-render", "--no-progress", "--steps", "120"]
    assert cli.main([*arguments, "--record", str(path)]) == 0
    sound = sound_of(path)
    assert abs(len(sound) - 2 * SAMPLE_RATE) < SAMPLE_RATE // 10
    assert abs(pitch(sound[20000:]) - TONE_HZ) < 2
    silent = tmp_path / "silent.mp4"
    assert cli.main([*arguments, "--no-sound", "--record", str(silent)]) == 0
    with pytest.raises(subprocess.CalledProcessError):
        sound_of(silent)


@needs_ffmpeg
def test_recording_from_the_window_has_sound(tmp_path: Path, tone_path: str, screen: Screen, device: Device) -> None:
    device.missing = True
    screen.last = 100
    recorder = VideoRecorder(tmp_path / "played.mp4", sound=True)
    Player(NESEnv(tone_path), recorder=recorder).run()
    sound = sound_of(tmp_path / "played.mp4")
    assert abs(len(sound) - 100 * 800) < SAMPLE_RATE // 10
    assert abs(pitch(sound[20000:]) - TONE_HZ) < 2


def test_gif_has_no_sound(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    recorder = VideoRecorder(tmp_path / "x.gif", sound=True)
    assert not recorder.sound
    recorder.close()


def test_missing_portaudio_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    """The package is there, its library is not: sounddevice then raises OSError when it is imported."""

    class Broken:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(OSError, match="libportaudio2"):
        Speaker()
    assert Speaker.find() is None
    assert cli.main(["play", "bricks"]) == 0
    assert "No sound: sound needs the library PortAudio (PortAudio library not found)" in capsys.readouterr().out
    assert cli.main(["play", "bricks", "--no-sound"]) == 0
    assert "No sound" not in capsys.readouterr().out
