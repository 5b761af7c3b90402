"""Sound chips of cartridges: frequencies, levels against the console's pulse, harmonics, what programs notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import PRG_BANK, header
from support.sounds import (
    CPU_HZ,
    RATE,
    check_harmonics,
    filters,
    lines,
    listen,
    other_level,
    pitch,
    player,
    pulse_level,
)

from nes_py import NESEmulator

NTSC = CPU_HZ["ntsc"]
PULSE = float(pulse_level(np.array([15.0]))[0])

Write = tuple[int, int]


def cartridge(mapper: int, *writes: Write, submapper: int = 0, loop: bytes = b"", data: bytes = b"") -> bytes:
    """Returns what ``player`` does, on another board."""
    plain = player(*writes, loop=loop, data=data)[16:]
    if mapper == 5:  # only the last 8 KB are where they are at once
        plain = bytearray(plain)
        plain[0x2000:0x2008] = bytes.fromhex("a9808d1651 4c00c0")
        plain[PRG_BANK - 4 : PRG_BANK - 2] = bytes.fromhex("00e0")
        plain = bytes(plain)
    return header(mapper=mapper, nes2=True, tail=bytes((submapper << 4, *7 * (0,)))) + plain


def decibels(amplitude: float, of: float) -> float:
    return float(20 * np.log10(amplitude / of))


def console_pulse() -> np.ndarray:
    """Returns the console's own pulse, square and at full volume, at 440 Hz: what levels are measured against."""
    return listen(player((0x4015, 1), (0x4000, 0xBF), (0x4001, 8), (0x4002, 253), (0x4003, 0)))


def power(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples - samples.mean()))))


# --- MMC5 ---


def mmc5(*writes: Write, loop: bytes = b"", data: bytes = b"") -> bytes:
    return cartridge(5, *writes, loop=loop, data=data)


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("duty", [0, 1, 2, 3])
def test_mmc5_pulse(channel: int, duty: int) -> None:
    base = 0x5000 + 4 * channel
    samples = listen(mmc5((0x5015, 1 << channel), (base, duty << 6 | 0x3F), (base + 2, 253), (base + 3, 0)))
    high = (1, 2, 4, 6)[duty]
    check_harmonics(samples, pulse_level(np.array([15.0] * high + [0.0] * (8 - high))), NTSC / 2 / 254)
    if duty == 2:
        assert abs(pitch(samples) / (NTSC / 16 / 254) - 1) < 0.005
        assert abs(decibels(power(samples), power(console_pulse()))) < 0.1


def test_mmc5_has_the_other_polarity() -> None:
    """An eighth of a period is above the rest on the console, below it here."""
    console = listen(player((0x4015, 1), (0x4000, 0x3F), (0x4001, 8), (0x4002, 253), (0x4003, 0)))
    chip = listen(mmc5((0x5015, 1), (0x5000, 0x3F), (0x5002, 253), (0x5003, 0)))
    assert abs(np.mean(console**3) / np.mean(chip**3) + 1) < 0.01


def test_mmc5_plays_short_periods() -> None:
    frequency = np.array([NTSC / 16 / 8])
    heard = lines(listen(mmc5((0x5015, 1), (0x5000, 0xBF), (0x5002, 7), (0x5003, 0))), frequency)[0]
    assert abs(heard / (PULSE * 2 / np.pi) - 1) < 0.05


def test_mmc5_dac() -> None:
    # As the console's DMC with its seven bits, and twice as loud.
    loop = bytes.fromhex("a901 8d1150" + "ea" * 200 + "a9ff 8d1150" + "ea" * 198 + "a500")
    cycles = 6 + 400 + 6 + 396 + 3 + 3
    frequency = np.array([NTSC / cycles])
    heard = lines(listen(mmc5((0x5010, 0), loop=loop)), frequency)[0] / filters(frequency)[0]
    expected = 2 / np.pi * float(other_level(dmc=127)) / 127 * 254
    assert abs(decibels(heard, expected)) < 0.1


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_mmc5_plays_what_is_read(policy: Any) -> None:
    # LDA $8101, LDA $8102: bytes 1 and 201 of the second bank.
    loop = bytes.fromhex("ad0181" + "ea" * 200 + "ad0281" + "ea" * 199)
    cycles = 4 + 400 + 4 + 398 + 3
    content = bytearray(mmc5((0x5114, 0x81), (0x5010, 1), loop=loop))
    content[16 + 0x2101 : 16 + 0x2103] = bytes((1, 201))
    frequency = np.array([NTSC / cycles])
    heard = lines(listen(bytes(content), policy=policy), frequency)[0] / filters(frequency)[0]
    expected = 2 / np.pi * float(other_level(dmc=127)) / 127 * 200
    assert abs(decibels(heard, expected)) < 0.1


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_mmc5_length_counter(policy: Any) -> None:
    """Ten clocks of 240 Hz: two and a half frames. A disabled channel has none, and a halted one does not end."""
    loop = bytes.fromhex("ad1550 8510")
    for halted, enabled, after in ((False, 1, [1, 0, 0, 0]), (True, 1, [1, 1, 1, 1]), (False, 2, [0, 0, 0, 0])):
        control = 0x3F if halted else 0x1F
        content = mmc5((0x5000, control), (0x5015, enabled), (0x5002, 200), (0x5003, 0), loop=loop)
        with NESEmulator(content, policy=policy) as emulator:
            emulator.sample_rate = RATE
            emulator.step()
            seen = []
            for _ in range(4):
                emulator.step()
                seen.append(int(emulator.memory_buffer()[0x10]))
            assert seen == after
            emulator.audio()
            emulator.step(20)
            assert (np.abs(emulator.audio()[4000:]).max() > 0.01) == (after[-1] == 1)


def test_mmc5_envelope() -> None:
    """From 15 to 0 in steps of (n + 1) / 240 s."""
    content = mmc5((0x5015, 1), (0x5000, 0x83), (0x5002, 100), (0x5003, 8))
    with NESEmulator(content) as emulator:
        emulator.sample_rate = RATE
        emulator.step(90)
        samples = emulator.audio()
    step = RATE * 4 * 7457 / NTSC
    first = int(np.argmax(np.abs(samples) > 0.01))
    heights = [np.ptp(samples[int(first + step * (n + 0.4)) : int(first + step * (n + 0.8))]) for n in range(17)]
    expected = pulse_level(np.array([*range(15, -1, -1), 0.0]))
    np.testing.assert_allclose(heights, expected, atol=0.045)
    assert heights[16] < 1e-3


# --- Namco 163 ---


def n163(
    waves: bytes, channels: list[tuple[int, int, int, int]], submapper: int = 0, *, more: tuple[Write, ...] = ()
) -> bytes:
    """Returns a cartridge with ``waves`` at the start of the chip's RAM.

    Channels are frequency, length, place and volume.
    """
    writes: list[Write] = [(0xE000, 0), (0xF800, 0x80), *((0x4800, value) for value in waves)]
    for number, (frequency, length, place, volume) in enumerate(channels):
        writes.append((0xF800, 0x80 | (0x78 - 8 * number)))
        last = volume | (len(channels) - 1) << 4 if number == 0 else volume
        values = (frequency & 255, 0, frequency >> 8 & 255, 0, (256 - length) & 0xFC | frequency >> 16, 0, place, last)
        writes += [(0x4800, value) for value in values]
    return cartridge(19, *writes, *more, submapper=submapper)


SQUARE = bytes(4) + b"\xff" * 4  # 16 samples, two in a byte
RAMP = bytes(low | (low + 1) << 4 for low in range(0, 16, 2))


def n163_hz(frequency: int, length: int, channels: int = 1) -> float:
    return NTSC * frequency / (15 * 65536 * length * channels)


@pytest.mark.parametrize(("submapper", "louder"), [(0, 11.0), (3, 12.0), (4, 16.5), (5, 18.75)])
def test_n163_level(submapper: int, louder: float) -> None:
    # 440 Hz: 3,868 * 16 samples.
    samples = listen(n163(SQUARE, [(3868, 16, 0, 15)], submapper))
    assert abs(pitch(samples) / n163_hz(3868, 16) - 1) < 0.001
    assert abs(n163_hz(3868, 16) / 440 - 1) < 0.005
    assert abs(decibels(power(samples), power(console_pulse())) - louder) < 0.2


@pytest.mark.parametrize("volume", [1, 7, 15])
def test_n163_wave(volume: int) -> None:
    samples = listen(n163(bytes(8) + RAMP, [(0x4000, 16, 16, volume)]))
    height = PULSE * 10 ** (11 / 20) / 225
    # One sample in 4 of its updates: the staircase is exact.
    check_harmonics(samples, (np.arange(16.0) - 8) * volume * height, NTSC / 15 / 4)


@pytest.mark.parametrize("count", [2, 4, 8])
def test_n163_channels_share_the_time(count: int) -> None:
    """Each is heard for its part of the time, at a frequency lower in the same measure; the switching is heard too."""
    frequencies = [4000 + 1000 * number for number in range(count)]
    channels = [(frequency * count, 16, 0, 15) for frequency in frequencies]
    samples = listen(n163(SQUARE, channels), rate=192000)
    expected = np.array([n163_hz(frequency, 16) for frequency in frequencies])
    heard = lines(samples, expected, 192000) / filters(expected)
    alone = 2 / np.pi * PULSE * 10 ** (11 / 20)
    np.testing.assert_allclose(heard * count / alone, 1, atol=0.06)
    switching = np.array([NTSC / 15 / count])
    if switching[0] < 70000:
        loud = n163(SQUARE, [(1, 16, 0, 15), *((0, 16, 0, 0) for _ in range(count - 1))])
        assert lines(listen(loud, rate=192000), switching, 192000)[0] > 0.1 * alone / count


@pytest.mark.parametrize("policy", ["fast", "reference"])
@pytest.mark.parametrize("rate", [None, RATE])
def test_n163_counts_its_phases_in_ram(policy: Any, rate: int | None) -> None:
    """Whether anybody listens or not: the program reads where the channel is."""
    # $F800 = $7D, LDA $4800 to $10, INC $11: the upper eight bits of the phase of 256 samples.
    loop = bytes.fromhex("a97d 8d00f8 ad0048 8510 e611")
    content = cartridge(
        19, (0xE000, 0), (0xF800, 0x80 | 0x78), *((0x4800, v) for v in (0, 0, 1, 0, 0, 0, 0, 0)), loop=loop
    )
    with NESEmulator(content, policy=policy) as emulator:
        emulator.sample_rate = rate
        emulator.step(20, render=False)
        first, cycle = int(emulator.memory_buffer()[0x10]), emulator.cpu_cycles
        emulator.step(20, render=False)
        second, end = int(emulator.memory_buffer()[0x10]), emulator.cpu_cycles
    # 256 / 65,536 of a sample every 15 cycles.
    assert abs((second - first) % 256 - (end - cycle) / 15 / 256 % 256) < 2


def test_n163_can_be_switched_off() -> None:
    assert not listen(n163(SQUARE, [(3868, 16, 0, 15)], more=((0xE000, 0x40),))).any()
    assert not listen(n163(SQUARE, [(3868, 16, 0, 15)], submapper=2)).any()


# --- Sunsoft 5B ---


def sunsoft(*registers: Write, loop: bytes = b"") -> bytes:
    writes: list[Write] = []
    for number, value in registers:
        writes += [(0xC000, number), (0xE000, value)]
    return cartridge(69, *writes, loop=loop)


def dac(step: np.ndarray) -> np.ndarray:
    """Returns the levels of the 32 steps of the DAC; step 25 is volume 12."""
    return np.where(step > 1, PULSE * 10 ** ((-1.3 + 1.5 * (step - 25)) / 20), 0.0)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_5b_tone(channel: int) -> None:
    low, volume = 2 * channel, 8 + channel
    content = sunsoft((7, 0x3F & ~(1 << channel)), (low, 127), (low + 1, 0), (volume, 12))
    samples = listen(content)
    assert abs(pitch(samples) / (NTSC / 32 / 127) - 1) < 0.001
    assert abs(decibels(power(samples), power(console_pulse())) + 1.3) < 0.2
    check_harmonics(samples, dac(np.array([25.0, 0.0])), NTSC / 16 / 127)


def test_5b_volume() -> None:
    """3 dB a step, and silence at 0."""
    heard = [power(listen(sunsoft((7, 0x3E), (0, 100), (8, volume)), frames=40)) for volume in range(16)]
    assert heard[0] == 0
    steps = 20 * np.log10(np.array(heard[2:]) / heard[1:-1])
    np.testing.assert_allclose(steps, 3, atol=0.05)


def test_5b_long_period() -> None:
    samples = listen(sunsoft((7, 0x3E), (0, 0x34), (1, 0x02), (8, 15)))
    assert abs(pitch(samples) / (NTSC / 32 / 0x234) - 1) < 0.001


@pytest.mark.parametrize(
    ("shape", "ramps"), [(8, ["down"]), (10, ["down", "up"]), (12, ["up"]), (14, ["up", "down"])], ids=str
)
def test_5b_envelope(shape: int, ramps: list[str]) -> None:
    # No tone and no noise: the envelope alone.
    period = 8
    samples = listen(sunsoft((7, 0x3F), (8, 0x10), (11, period), (12, 0), (13, shape)))
    up = np.arange(32.0)
    levels = np.concatenate([dac(up if ramp == "up" else up[::-1]) for ramp in ramps])
    check_harmonics(samples, levels, NTSC / 16 / period)


@pytest.mark.parametrize(("shape", "end"), [(0, 0), (4, 0), (9, 0), (11, 31), (13, 31), (15, 0)])
def test_5b_envelope_that_ends(shape: int, end: int) -> None:
    """A tone with an envelope stays where the envelope ends."""
    samples = listen(sunsoft((7, 0x3E), (0, 100), (8, 0x10), (11, 8), (13, shape)))
    expected = dac(np.array([float(end)]))[0] / 2
    assert abs(power(samples) - expected) < 0.03 * PULSE


def test_5b_noise() -> None:
    samples = listen(sunsoft((7, 0x37), (6, 4), (8, 15)), frames=300)
    register, bits = 1, []
    for _ in range(1 << 17):
        bits.append(register & 1)
        register = register >> 1 | ((register ^ register >> 3) & 1) << 16
    # Power in bands, against that of the staircase of the register's bits.
    levels = np.array(bits) * dac(np.array([31.0]))[0]
    transform = np.abs(np.fft.rfft(levels - levels.mean())) / len(levels)
    step_hz = NTSC / 32 / 4
    hz = np.arange(len(transform)) * step_hz / len(levels)
    each = 2 * (transform[1:] * np.abs(np.sinc(hz[1:] / step_hz)) * filters(hz[1:])) ** 2
    window = np.hanning(len(samples))
    heard = 2 * np.abs(np.fft.rfft(samples * window)) ** 2 / len(samples) / (window**2).sum()
    bins = np.fft.rfftfreq(len(samples), 1 / RATE)
    for low, high in ((300, 1500), (1500, 4000), (4000, 6900)):
        part = each[(hz[1:] >= low) & (hz[1:] < high)].sum()
        assert abs(heard[(bins >= low) & (bins < high)].sum() / part - 1) < 0.15


def test_5b_needs_its_address() -> None:
    """Data are ignored while the upper bits of the address are set."""
    on = [(0xC000, 7), (0xE000, 0x3E), (0xC000, 0), (0xE000, 100), (0xC000, 8)]
    assert listen(cartridge(69, *on, (0xE000, 15)), frames=20).any()
    assert not listen(cartridge(69, *on, (0xC000, 0x18), (0xE000, 15)), frames=20).any()


# --- VRC7 ---

OPLL_HZ = 39375000 / 11 / 72


def vrc7(*registers: Write, submapper: int = 2, after: tuple[Write, ...] = (), loop: bytes = b"") -> bytes:
    base = 0x9008 if submapper == 1 else 0x9010
    writes: list[Write] = []
    for number, value in registers:
        writes += [(base, number), (base + 0x20, value)]
    return cartridge(85, *writes, *after, submapper=submapper, loop=loop)


def tone(
    f_number: int = 290, block: int = 4, volume: int = 0, instrument: int = 0, channel: int = 0, sustain: int = 0
) -> list[Write]:
    """Returns the writes that start a note; 290 in block 4 is 440 Hz."""
    high = sustain << 5 | 0x10 | block << 1 | f_number >> 8
    return [(0x30 + channel, instrument << 4 | volume), (0x10 + channel, f_number & 255), (0x20 + channel, high)]


SINE: list[Write] = [(0, 0x21), (1, 0x21), (2, 0x3F), (3, 0), (4, 0xF0), (5, 0xF0), (6, 0x0F), (7, 0x0F)]
# What the level was measured with: something like a square.
NEARLY_SQUARE: list[Write] = [(0, 0x22), (1, 0x21), (2, 0x20), (3, 7), (4, 0xF0), (5, 0xF0), (6, 0x0F), (7, 0x0F)]


def test_vrc7_level() -> None:
    samples = listen(vrc7(*NEARLY_SQUARE, *tone()))
    assert abs(pitch(samples) / 440 - 1) < 0.005
    assert abs(decibels(power(samples), power(console_pulse())) - 11) < 0.3


@pytest.mark.parametrize(("f_number", "block"), [(290, 0), (290, 2), (172, 4), (343, 5), (511, 6)])
def test_vrc7_frequency(f_number: int, block: int) -> None:
    samples = listen(vrc7(*SINE, *tone(f_number, block)))
    assert abs(pitch(samples) / (OPLL_HZ * f_number * 2.0**block / 2**19) - 1) < 0.001


@pytest.mark.parametrize("region", ["pal", "dendy"])
def test_vrc7_has_its_own_clock(region: Any) -> None:
    assert abs(pitch(listen(vrc7(*SINE, *tone()), region=region)) / 440 - 1) < 0.001


def fm_levels(count: int, level: int, feedback: int, multiple: int) -> np.ndarray:
    """Returns what the two operators put out sample by sample at 440 Hz, from the tables of logarithms."""
    log_sine = np.round(-np.log2(np.sin((np.arange(256) + 0.5) * np.pi / 512)) * 256).astype(int)
    power_of_2 = np.round((2 ** (np.arange(256) / 256) - 1) * 1024).astype(int)

    def operator(place: int, attenuation: int) -> int:
        quarter = ~place & 255 if place & 256 else place & 255
        total = int(log_sine[quarter]) + 16 * attenuation
        value = int(power_of_2[~total & 255] << 1 | 0x800) >> (total >> 8)
        return ~value if place & 512 else value

    step = 290 * 16
    out, last, before = [], 0, 0
    for number in range(count):
        back = (last + before) >> (8 - feedback) if feedback else 0
        before, last = last, operator((number * step * multiple >> 9) + back, min(2 * level, 127)) >> 1
        out.append(operator(((number + 1) * step >> 9) + 2 * last, 0) >> 4)
    return np.array(out, float)


@pytest.mark.parametrize(("level", "feedback", "multiple"), [(63, 0, 1), (32, 7, 2), (20, 0, 1), (24, 3, 3)])
def test_vrc7_harmonics(level: int, feedback: int, multiple: int) -> None:
    patch = [(0, 0x20 | multiple), (1, 0x21), (2, level), (3, feedback), *SINE[4:]]
    samples = listen(vrc7(*patch, *tone()))
    model = fm_levels(49716, level, feedback, multiple)
    hertz = 440.0 * np.arange(1, 13) * (OPLL_HZ * 290 * 16 / 2**19 / 440)
    window = np.blackman(len(model))
    times = np.arange(len(model)) / OPLL_HZ
    spectrum = 2 * np.abs(np.exp(-2j * np.pi * np.outer(hertz, times)) @ (model * window)) / window.sum()
    square = fm_levels(49716, 32, 7, 2)
    unit = PULSE / 2 * 10 ** (11 / 20) / square.std()
    expected = unit * spectrum * np.abs(np.sinc(hertz / OPLL_HZ)) * filters(hertz)
    np.testing.assert_allclose(lines(samples, hertz), expected, rtol=0.02, atol=0.005 * expected.max())


def test_vrc7_volume() -> None:
    heard = [power(listen(vrc7(*SINE, *tone(volume=volume)), frames=40)) for volume in range(9)]
    np.testing.assert_allclose(20 * np.log10(np.array(heard[1:]) / heard[:-1]), -3, atol=0.15)


@pytest.mark.parametrize("instrument", range(1, 16))
def test_vrc7_instruments_are_in_tune(instrument: int) -> None:
    """Each sounds, with its lines at multiples of half the note's frequency, and none like another."""
    with NESEmulator(vrc7(*tone(172, 4, instrument=instrument))) as emulator:
        emulator.sample_rate = RATE
        emulator.step(60)
        samples = emulator.audio()
    assert np.abs(samples).max() > 0.05
    note = OPLL_HZ * 172 * 16 / 2**19
    spectrum = np.abs(np.fft.rfft(samples * np.blackman(len(samples))))
    bins = np.fft.rfftfreq(len(samples), 1 / RATE)
    strong = bins[spectrum > 0.3 * spectrum.max()]
    # Vibrato is 14 hundredths of a semitone deep.
    off = np.abs(strong - np.round(strong / (note / 2)) * note / 2)
    assert (off < 6 + 0.012 * strong).all()


def test_vrc7_channels_are_alike() -> None:
    first = listen(vrc7(*SINE, *tone()), frames=30)
    for channel in range(1, 6):
        other = listen(vrc7(*SINE, *tone(channel=channel)), frames=30)
        assert abs(power(other) / power(first) - 1) < 0.01


def test_vrc7_tremolo_and_vibrato() -> None:
    tremolo = [(0, 0x21), (1, 0xA1), *SINE[2:]]
    samples = listen(vrc7(*tremolo, *tone(f_number=343, block=6)), frames=200)
    envelope = np.abs(samples[: len(samples) // 48 * 48].reshape(-1, 48)).max(1)
    assert abs(20 * np.log10(envelope.min() / envelope.max()) + 4.8) < 0.3
    assert abs(pitch(envelope - envelope.mean(), RATE // 48) / 3.7 - 1) < 0.02
    vibrato = [(0, 0x21), (1, 0x61), *SINE[2:]]
    samples = listen(vrc7(*vibrato, *tone(f_number=448, block=6)), frames=200)
    crossings = np.flatnonzero(np.diff(np.signbit(samples)))
    rates = 1 / np.convolve(np.diff(crossings), np.ones(100) / 100, "valid")
    assert abs(1200 * np.log2(rates.max() / rates.min()) - 27) < 6


def test_vrc7_envelope() -> None:
    """Decay to the sustain level, a sustained tone, and the release after the key."""
    patch = [*SINE[:5], (5, 0xF6), (6, 0x0F), (7, 0x46)]
    on = vrc7(*patch, *tone(f_number=343, block=6))
    with NESEmulator(on) as emulator:
        emulator.sample_rate = RATE
        emulator.step(150)
        loud = np.abs(emulator.audio())
    peaks = loud[: len(loud) // 480 * 480].reshape(-1, 480).max(1)
    start = int(np.argmax(peaks > 0.1))
    assert abs(20 * np.log10(peaks[-1] / peaks[start]) + 12) < 1
    # Rate 4 * 6 + 3: 48 dB in 73 * 2**8 samples.
    at = start + np.arange(2, 8)
    slope = np.polyfit(at * 0.01, 20 * np.log10(peaks[at]), 1)[0]
    assert abs(slope / (-48 / (73 * 2**8 / OPLL_HZ)) - 1) < 0.05


def test_vrc7_silence() -> None:
    """Keys that are off, a chip in reset, and the board that leads its sound nowhere."""
    quiet = tone()
    quiet[2] = (0x20, quiet[2][1] & ~0x10)
    assert not listen(vrc7(*SINE, *quiet), frames=20).any()
    assert not listen(vrc7(*SINE, *tone(), after=((0xE000, 0x40), (0xE000, 0)), submapper=2), frames=20)[4800:].any()
    assert not listen(vrc7(*SINE, *tone(), submapper=1), frames=20).any()
    assert listen(vrc7(*SINE, *tone(), submapper=0), frames=20).any()


# --- all of them ---

# Registers that change from frame to frame: INC $10, LDA $10.
COUNT = bytes.fromhex("e610 a510")


def everything(chip: str) -> bytes:
    if chip == "mmc5":
        loop = COUNT + bytes.fromhex("8d0250 8d0050 8d1150 ad1550 8512")
        return mmc5((0x5015, 3), (0x5000, 0x84), (0x5003, 8), (0x5004, 0x47), (0x5006, 90), (0x5007, 9), loop=loop)
    if chip == "n163":
        content = n163(RAMP + SQUARE, [(4000 * (n + 1), 16, 4 * n, 15 - n) for n in range(5)])
        loop = bytes.fromhex("a978 8d00f8") + COUNT + bytes.fromhex("8d0048 a97d 8d00f8 ad0048 8511")
        return with_loop(content, loop)
    if chip == "5b":
        registers = [(7, 0x20), (0, 99), (2, 50), (4, 20), (6, 3), (8, 12), (9, 0x10), (10, 7), (11, 40), (13, 14)]
        loop = bytes.fromhex("a900 8d00c0") + COUNT + bytes.fromhex("8d00e0 a90d 8d00c0 a90e 8d00e0") + bytes(0)
        return sunsoft(*registers, loop=loop + bytes.fromhex("a200 cad0fd" * 9))
    loop = bytes.fromhex("a920 8d1090") + COUNT + bytes.fromhex("8d3090") + bytes.fromhex("a200 cad0fd" * 20)
    notes = [write for n in range(6) for write in tone(200 + 40 * n, 3, n, 2 * n + 1, n)]
    return vrc7(*SINE, *notes, loop=loop)


def with_loop(content: bytes, loop: bytes) -> bytes:
    """Returns a cartridge whose last instruction, a jump to itself, is replaced by a loop."""
    for start in range(0xC000, 0xD000):
        jump = bytes((0x4C, start & 255, start >> 8))
        at = 16 + start - 0xC000
        if content[at : at + 3] == jump:
            return content[:at] + loop + jump + content[at + len(loop) + 3 :]
    raise AssertionError("no jump")


CHIPS = ["mmc5", "n163", "5b", "vrc7"]


@pytest.mark.parametrize("chip", CHIPS)
def test_both_policies_play_the_same(chip: str) -> None:
    fast, reference = (listen(everything(chip), frames=25, policy=policy) for policy in ("fast", "reference"))
    assert np.abs(fast).max() > 0.01
    assert_same(fast, reference)


@pytest.mark.parametrize("chip", CHIPS)
def test_how_it_is_fetched_does_not_matter(chip: str) -> None:
    with NESEmulator(everything(chip)) as at_once, NESEmulator(everything(chip)) as in_pieces:
        at_once.sample_rate = in_pieces.sample_rate = RATE
        at_once.step(12)
        pieces = []
        while in_pieces.frame_count < at_once.frame_count:
            in_pieces.step_instruction()
            pieces.append(in_pieces.audio())
        assert in_pieces.cpu_cycles == at_once.cpu_cycles
        assert_same(np.concatenate(pieces), at_once.audio())


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_listening_changes_nothing(chip: str, policy: Any) -> None:
    content = everything(chip)
    with NESEmulator(content, policy=policy) as silent, NESEmulator(content, policy=policy) as heard:
        heard.sample_rate = RATE
        for emulator in (silent, heard):
            emulator.step(60)
        assert np.abs(heard.audio()).max() > 0.01
        assert bytes(silent.dump_state()) == bytes(heard.dump_state())


@pytest.mark.parametrize("chip", CHIPS)
def test_after_a_restore_it_depends_on_the_state(chip: str) -> None:
    content = everything(chip)
    with NESEmulator(content) as emulator, NESEmulator(content) as other:
        emulator.sample_rate = other.sample_rate = RATE
        emulator.step(50)
        state = bytes(emulator.dump_state())
        emulator.step(3)
        for each in (emulator, other):
            each.load_state(state)
            each.audio()
            each.step(20)
        sound = emulator.audio()
        assert np.abs(sound).max() > 0.01
        assert_same(sound, other.audio())


@pytest.mark.parametrize("mapper", [5, 19, 24, 69, 85])
def test_silence_at_power_on(mapper: int) -> None:
    with NESEmulator(cartridge(mapper)) as emulator:
        emulator.sample_rate = RATE
        emulator.step(30)
        assert not emulator.audio().any()


def steady() -> dict[str, Callable[[], bytes]]:
    sine = bytes(round(7.5 + 7.4 * float(np.sin(2 * np.pi * n / 32))) for n in range(32))
    wave = bytes(sine[2 * n] | sine[2 * n + 1] << 4 for n in range(16))
    return {
        "mmc5": lambda: mmc5((0x5015, 1), (0x5000, 0x81), (0x5002, 253), (0x5003, 0)),
        "n163": lambda: n163(wave, [(0x2000, 32, 0, 15)]),
        "5b": lambda: sunsoft((7, 0x3F), (8, 0x10), (11, 40), (13, 14)),
        "vrc7": lambda: vrc7(*SINE, *tone()),
    }


@pytest.mark.parametrize("chip", CHIPS)
def test_no_click_at_reset_and_restore(chip: str) -> None:
    """From one sample to the next nothing changes more than in play."""
    with NESEmulator(steady()[chip]()) as emulator:
        emulator.sample_rate = RATE
        emulator.step(40)
        in_play = np.abs(np.diff(emulator.audio())).max()
        state = emulator.dump_state()
        before = np.zeros(1, np.float32)
        for number in range(8):
            emulator.step(3 + number)
            before = emulator.audio()
            if number % 2:
                emulator.reset()
            else:
                emulator.load_state(state)
            emulator.step(4)
            joined = np.concatenate((before[-50:], emulator.audio()))
            assert np.abs(np.diff(joined)).max() <= in_play * 1.01
