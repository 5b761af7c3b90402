"""Cartridges that play tones, and what is heard of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nes_py import NESEmulator

from .rom_builder import CHR_BANK, header, prg

CPU_HZ = {"ntsc": 236.25e6 / 11 / 12, "pal": 26601712.5 / 16, "dendy": 26601712.5 / 15}
RATE = 48000
SETTLE_FRAMES = 10  # until the start is over and the high-pass filters have forgotten it


def player(*writes: tuple[int, int], loop: bytes = b"", data: bytes = b"") -> bytes:
    """Returns a cartridge that writes to registers, then runs ``loop`` for ever; ``data`` lies at $D000."""
    program = b"\x78" + b"".join(bytes((0xA9, value, 0x8D, address & 0xFF, address >> 8)) for address, value in writes)
    start = 0xC000 + len(program)
    program += loop + bytes((0x4C, start & 0xFF, start >> 8))
    return header() + prg(program, data or b"\x40") + bytes(CHR_BANK)


def listen(content: bytes, frames: int = 65, rate: int = RATE, **options: Any) -> np.ndarray:
    """Returns what a cartridge plays once it has settled."""
    with NESEmulator(content, **options) as emulator:
        emulator.sample_rate = rate
        emulator.step(SETTLE_FRAMES, render=False)
        emulator.audio()
        emulator.step(frames, render=False)
        return emulator.audio()


def lines(samples: np.ndarray, frequencies: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Returns the amplitudes of sines of these frequencies in Hz; a Blackman window keeps neighbours apart."""
    window = np.blackman(len(samples))
    times = np.arange(len(samples)) / rate
    waves = np.exp(-2j * np.pi * np.outer(frequencies, times))
    return 2 * np.abs(waves @ (samples.astype(np.float64) * window)) / window.sum()


def pitch(samples: np.ndarray, rate: int = RATE) -> float:
    """Returns the frequency of the strongest line in Hz, between the bins by a parabola through their logarithms."""
    size = 8 * len(samples)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    at = int(spectrum.argmax())
    left, peak, right = np.log(spectrum[at - 1 : at + 2])
    return float((at + (left - right) / (left - 2 * peak + right) / 2) * rate / size)


def filters(hz: np.ndarray, console: str = "famicom") -> np.ndarray:
    """Returns how much of a sine the filters of the console let through (NESdev "APU Mixer")."""
    if console == "famicom":
        return np.hypot(1, 37 / hz) ** -1
    return np.hypot(1, 90 / hz) ** -1 * np.hypot(1, 440 / hz) ** -1 * np.hypot(1, hz / 14000) ** -1


def pulse_level(volume: np.ndarray) -> np.ndarray:
    return np.where(volume > 0, 95.88 / (8128 / np.maximum(volume, 1e-9) + 100), 0.0)


def other_level(triangle: Any = 0, noise: Any = 0, dmc: Any = 0) -> np.ndarray:
    total = np.asarray(triangle) / 8227 + np.asarray(noise) / 12241 + np.asarray(dmc) / 22638
    return np.where(total > 0, 159.79 / (1 / np.maximum(total, 1e-12) + 100), 0.0)


def harmonics(levels: np.ndarray, step_hz: float, below: float = 14000) -> tuple[np.ndarray, np.ndarray]:
    """Returns frequencies and amplitudes of the sines that make up a staircase of these levels, for ever repeated."""
    count = len(levels)
    number = np.arange(1, int(below / (step_hz / count)) + 1)
    phases = np.exp(-2j * np.pi * np.outer(number, np.arange(count)) / count)
    amplitudes = 2 * np.abs(phases @ levels) / count * np.abs(np.sinc(number / count))
    return number * step_hz / count, amplitudes


def check_harmonics(samples: np.ndarray, levels: np.ndarray, step_hz: float, console: str = "famicom") -> None:
    """Checks every harmonic below 14 kHz of a staircase."""
    frequencies, amplitudes = harmonics(levels, step_hz)
    heard = lines(samples, frequencies)
    expected = amplitudes * filters(frequencies, console)
    np.testing.assert_allclose(heard, expected, rtol=0.01, atol=expected.max() * 2e-3)
