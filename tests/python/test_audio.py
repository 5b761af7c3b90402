"""Sound: its samples, and that turning it on changes nothing else."""

from __future__ import annotations

import copy
import pickle
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import demonstration_rom, header, rom
from support.sounds import (
    CPU_HZ,
    RATE,
    check_harmonics,
    filters,
    harmonics,
    lines,
    listen,
    other_level,
    pitch,
    player,
    pulse_level,
)

from nes_py import NESEmulator

# --- the channels ---


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("duty", [0, 1, 2, 3])
def test_pulse(channel: int, duty: int) -> None:
    base = 0x4000 + 4 * channel
    samples = listen(
        player((0x4015, 1 << channel), (base, duty << 6 | 0x3F), (base + 1, 8), (base + 2, 253), (base + 3, 0))
    )
    high = (1, 2, 4, 6)[duty]
    levels = pulse_level(np.array([15] * high + [0] * (8 - high), float))
    step_hz = CPU_HZ["ntsc"] / 2 / 254
    if duty == 2:
        assert abs(pitch(samples) - 440.4) < 0.1
    check_harmonics(samples, levels, step_hz)


@pytest.mark.parametrize("region", ["pal", "dendy"])
def test_pitch_in_other_regions(region: str) -> None:
    content = player((0x4015, 1), (0x4000, 0xBF), (0x4001, 8), (0x4002, 253), (0x4003, 0))
    assert abs(pitch(listen(content, region=region)) - CPU_HZ[region] / 16 / 254) < 0.1


def test_two_pulses_share_a_resistor() -> None:
    writes = [(0x4015, 3)]
    for base in (0x4000, 0x4004):
        writes += [(base, 0xBF), (base + 1, 8), (base + 2, 253)]
    both = player(*writes, (0x4003, 0), (0x4007, 0))
    # The second begins six cycles after the first, which is nothing: twice the volume on one DAC.
    heard = lines(listen(both), np.array([CPU_HZ["ntsc"] / 16 / 254]))[0]
    alone = lines(listen(player(*writes, (0x4003, 0))), np.array([CPU_HZ["ntsc"] / 16 / 254]))[0]
    expected = pulse_level(np.array([30.0]))[0] / pulse_level(np.array([15.0]))[0]
    assert abs(heard / alone - expected) < 0.01
    assert expected < 1.8


def test_triangle() -> None:
    samples = listen(player((0x4015, 4), (0x4008, 0xFF), (0x400A, 253), (0x400B, 0)))
    levels = other_level(triangle=np.array([*range(15, -1, -1), *range(16)]))
    assert abs(pitch(samples) - 220.2) < 0.1
    check_harmonics(samples, levels, CPU_HZ["ntsc"] / 254)


def test_triangle_above_hearing_is_silent() -> None:
    samples = listen(player((0x4015, 4), (0x4008, 0xFF), (0x400A, 0), (0x400B, 0)))
    assert np.abs(samples).max() < 1e-4


def noise_bits(mode: int, count: int) -> np.ndarray:
    register, bits = 1, []
    for _ in range(count):
        bits.append(1 - (register & 1))
        register = register >> 1 | ((register ^ register >> (6 if mode else 1)) & 1) << 14
    return np.array(bits)


def test_noise_with_a_pitch() -> None:
    samples = listen(player((0x4015, 8), (0x400C, 0x3F), (0x400E, 0x86), (0x400F, 0)))
    bits = noise_bits(1, 93)
    assert (noise_bits(1, 186)[93:] == bits).all()
    check_harmonics(samples, other_level(triangle=15, noise=15 * bits), CPU_HZ["ntsc"] / 128)


def test_noise() -> None:
    samples = listen(player((0x4015, 8), (0x400C, 0x3F), (0x400E, 0x05), (0x400F, 0)), frames=600)
    # 32,767 steps of 96 cycles: its lines lie half a hertz apart. Power in bands, against that of the staircase.
    levels = other_level(triangle=15, noise=15 * noise_bits(0, 32767))
    frequencies, amplitudes = harmonics_by_fft(levels, CPU_HZ["ntsc"] / 96)
    expected = (amplitudes * filters(frequencies)) ** 2 / 2
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    bins = np.fft.rfftfreq(len(samples), 1 / RATE)
    power = 2 * spectrum / len(samples) / (np.hanning(len(samples)) ** 2).sum()
    for low, high in ((200, 1000), (1000, 4000), (4000, 9000), (9000, 14000)):
        heard = power[(bins >= low) & (bins < high)].sum()
        assert abs(heard / expected[(frequencies >= low) & (frequencies < high)].sum() - 1) < 0.1


def harmonics_by_fft(levels: np.ndarray, step_hz: float) -> tuple[np.ndarray, np.ndarray]:
    count = len(levels)
    number = np.arange(1, int(14000 / (step_hz / count)))
    transform = np.fft.fft(levels)[number % count]
    return number * step_hz / count, 2 * np.abs(transform) / count * np.abs(np.sinc(number / count))


def konami(*writes: tuple[int, int], mapper: int = 24, loop: bytes = b"") -> bytes:
    """Returns what ``player`` does, on a board with a VRC6."""
    plain = player(*writes, loop=loop)
    return header(mapper=mapper) + plain[len(header()) :]


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("duty", [0, 3, 7])
def test_vrc6_pulse(channel: int, duty: int) -> None:
    base = 0x9000 + 0x1000 * channel
    samples = listen(konami((0x9003, 0), (base, duty << 4 | 9), (base + 1, 253), (base + 2, 0x80)))
    # A pulse of the console at full volume, and as many parts of it as the volume has.
    levels = np.array([0.0] * (15 - duty) + [9.0] * (duty + 1)) * pulse_level(np.array([15.0]))[0] / 15
    check_harmonics(samples, levels, CPU_HZ["ntsc"] / 254)


def test_vrc6_saw() -> None:
    samples = listen(konami((0x9003, 0), (0xB000, 40), (0xB001, 253), (0xB002, 0x80)))
    levels = np.array([40 * (place // 2) >> 3 for place in range(14)]) * pulse_level(np.array([15.0]))[0] / 15
    check_harmonics(samples, levels, CPU_HZ["ntsc"] / 254)


def test_vrc6_with_its_lines_swapped_and_octaves_higher() -> None:
    swapped = ((0x9003, 2), (0x9000, 0x7F), (0x9002, 0xD0), (0x9001, 0x8F))
    assert abs(pitch(listen(konami(*swapped, mapper=26))) - CPU_HZ["ntsc"] / 16 / 254) < 0.1
    assert not listen(konami((0x9003, 1), (0x9000, 0x7F), (0x9001, 253), (0x9002, 0x80))).any()
    assert not listen(konami((0x9003, 0), (0x9000, 0x7F), (0x9001, 253), (0x9002, 0))).any()


def test_vrc6_sounds_the_same_under_both_policies() -> None:
    # Its volume goes up and down between the steps of the console's own envelopes, and a sample stops the CPU.
    loop = bytes.fromhex("ee0003 ad0003 8d0090 8d0190")
    console = ((0x4015, 0x11), (0x4000, 0x8F), (0x4002, 99), (0x4003, 8), (0x4010, 0x4F), (0x4013, 2), (0x4015, 0x11))
    content = konami((0x9003, 0), (0x9002, 0x81), *console, loop=loop)
    fast, reference = (listen(content, frames=20, policy=policy) for policy in ("fast", "reference"))
    assert np.abs(fast).max() > 0.01
    assert_same(fast, reference)


def test_listening_to_a_vrc6_changes_nothing() -> None:
    content = konami((0x9003, 0), (0x9002, 0x81), (0x4015, 1), loop=bytes.fromhex("ee0003 ad0003 8d0090 8d0340"))
    with NESEmulator(content) as silent, NESEmulator(content) as heard:
        heard.sample_rate = RATE
        for emulator in (silent, heard):
            emulator.step(90)
        assert np.abs(heard.audio()).max() > 0.01
        assert bytes(silent.dump_state()) == bytes(heard.dump_state())


def test_dmc_direct_load() -> None:
    # LDA #0, STA $4011, eight NOPs, LDA #127, STA $4011, five NOPs and a branch that closes the loop with its JMP.
    loop = bytes.fromhex("a900 8d1140" + "ea" * 200 + "a97f 8d1140" + "ea" * 198 + "a500")
    cycles = 6 + 400 + 6 + 396 + 3 + 3
    samples = listen(player((0x4010, 0), loop=loop))
    levels = other_level(triangle=15, dmc=np.array([0.0] * (cycles // 2) + [127.0] * (cycles // 2)))
    frequency = CPU_HZ["ntsc"] / cycles
    assert abs(pitch(samples) - frequency) < 0.2
    frequencies, amplitudes = harmonics(levels, frequency * cycles, below=frequency * 1.5)
    heard = lines(samples, frequencies)[0]
    assert abs(heard / (amplitudes * filters(frequencies))[0] - 1) < 0.01


def test_dmc_sample() -> None:
    # 16 bytes up, 17 down, again and again: 128 steps that pass the ends.
    data = b"\xff" * 16 + b"\x00" * 17
    samples = listen(player((0x4011, 64), (0x4010, 0x4F), (0x4012, 0x40), (0x4013, 2), (0x4015, 0x10), data=data))
    assert abs(pitch(samples) - CPU_HZ["ntsc"] / 54 / (33 * 8)) < 0.1


def test_sweep_and_length_silence() -> None:
    # The sweep's target lies above $7FF: nothing is heard although the sweep is off.
    muted = player((0x4015, 1), (0x4000, 0xBF), (0x4001, 0), (0x4002, 0), (0x4003, 4))
    assert not listen(muted).any()
    short = player((0x4015, 1), (0x4000, 0x9F), (0x4001, 8), (0x4002, 253), (0x4003, 0x18))
    with NESEmulator(short) as emulator:
        emulator.sample_rate = RATE
        emulator.step(2)
        assert np.abs(emulator.audio()).max() > 0.05
        emulator.step(60)
        emulator.audio()
        emulator.step(10)
        assert np.abs(emulator.audio()).max() < 1e-6


# --- quality ---


@pytest.mark.parametrize("console", ["famicom", "nes"])
@pytest.mark.parametrize("region", ["ntsc", "pal"])
def test_filters_of_the_console(console: Any, region: Any) -> None:
    content = player((0x4015, 1), (0x4000, 0xBF), (0x4001, 8), (0x4002, 255), (0x4003, 7))
    samples = listen(content, console=console, region=region)
    levels = pulse_level(np.array([15.0] * 4 + [0.0] * 4))
    check_harmonics(samples, levels, CPU_HZ[region] / 2 / 2048, console)


def test_silence_is_zero() -> None:
    assert not listen(rom()).any()


@pytest.mark.parametrize("period", [8, 11, 17, 40])
def test_aliases_lie_80_db_below(period: int) -> None:
    samples = listen(player((0x4015, 1), (0x4000, 0x7F), (0x4001, 8), (0x4002, period), (0x4003, 0)), frames=240)
    window = np.kaiser(len(samples), 16)
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(samples * window)) + 1e-12)
    bins = np.fft.rfftfreq(len(samples), 1 / RATE)
    fundamental = CPU_HZ["ntsc"] / 16 / (period + 1)
    beside = np.abs(bins - fundamental * np.round(bins / fundamental)) > 10
    audible = bins > 20
    assert spectrum[beside & audible].max() < spectrum.max() - 80


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 192000])
def test_sample_rates(rate: int) -> None:
    content = player((0x4015, 1), (0x4000, 0xBF), (0x4001, 8), (0x4002, 253), (0x4003, 0))
    samples = listen(content, frames=60, rate=rate)
    assert abs(len(samples) - 60 * 29780.5 * rate / CPU_HZ["ntsc"]) < 3
    frequency = np.array([CPU_HZ["ntsc"] / 16 / 254])
    expected = 2 / np.pi * pulse_level(np.array([15.0])) * filters(frequency)
    np.testing.assert_allclose(lines(samples, frequency, rate), expected, rtol=0.01)


# --- the interface ---


def bricks() -> bytes:
    return (files("nes_py.roms") / "bricks.nes").read_bytes()


def play(emulator: NESEmulator, frames: int, seed: int = 0) -> list[np.ndarray]:
    """Returns what each frame plays under random buttons."""
    heard = []
    for action in np.random.default_rng(seed).integers(0, 256, frames):
        emulator.frame_advance(int(action) | (8 if action < 20 else 0))
        heard.append(emulator.audio())
    return heard


@pytest.mark.parametrize("region", list(CPU_HZ))
def test_frame_rate(region: str) -> None:
    with NESEmulator(bricks(), region=region) as emulator:
        emulator.step(20, render=False)  # it switches the picture on
        frame, cycle = emulator.frame_count, emulator.cpu_cycles
        emulator.step(200, render=False)
        frames = emulator.frame_count - frame
        assert abs(emulator.frame_rate * (emulator.cpu_cycles - cycle) / CPU_HZ[region] / frames - 1) < 1e-5


def test_off_by_default_and_free_of_consequences(rom_path: str) -> None:
    for content in (bricks(), demonstration_rom()):
        deaf, listening = NESEmulator(content), NESEmulator(content)
        assert deaf.sample_rate is None
        with pytest.raises(ValueError, match="the sound is off"):
            deaf.audio()
        listening.sample_rate = RATE
        assert listening.sample_rate == RATE
        for _ in range(120):
            deaf.frame_advance(8)
            listening.frame_advance(8)
        assert deaf.dump_state() == listening.dump_state()
        listening.sample_rate = None
        assert listening.sample_rate is None


def test_shape_and_type(emulator: NESEmulator) -> None:
    emulator.sample_rate = RATE
    assert emulator.audio().shape == (0,)
    emulator.step(60)
    samples = emulator.audio()
    assert samples.dtype == np.float32
    assert samples.flags.c_contiguous
    assert samples.flags.owndata
    assert abs(len(samples) - 60 * 29780.5 * RATE / CPU_HZ["ntsc"]) < 3
    assert emulator.audio().shape == (0,)


def policy_contents() -> list[bytes]:
    everything = [(0x4015, 0x1F), (0x4000, 0x45), (0x4001, 0x9A), (0x4002, 0x80), (0x4003, 1), (0x4004, 0x8A)]
    everything += [(0x4006, 9), (0x4007, 0), (0x4008, 0x25), (0x400A, 30), (0x400B, 0), (0x400C, 3), (0x400E, 3)]
    everything += [(0x400F, 8), (0x4010, 0x4E), (0x4012, 0x40), (0x4013, 1), (0x4015, 0x1F), (0x4017, 0x40)]
    # And then all of it again with other numbers: INC $10, LDA $10, STA to each.
    loop = bytes.fromhex("e610 a510") + b"".join(bytes((0x8D, low, 0x40)) for low in (*range(0x14), 0x17))
    loop += bytes.fromhex("a91f 8d1540 a200 cad0fd")
    return [player(*everything, data=bytes(range(64))), player(*everything, loop=loop, data=bytes(range(64))), bricks()]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("region", ["ntsc", "pal"])
def test_both_policies_play_the_same(number: int, region: str) -> None:
    heard = []
    for policy in ("fast", "reference"):
        with NESEmulator(policy_contents()[number], policy=policy, region=region) as emulator:
            emulator.sample_rate = RATE
            heard.append(play(emulator, 90))
    for fast, reference in zip(*heard, strict=True):
        assert (fast == reference).all()
    assert np.abs(np.concatenate(heard[0])).max() > 0.01


def test_how_it_is_fetched_does_not_matter() -> None:
    content = policy_contents()[1]
    with NESEmulator(content) as at_once, NESEmulator(content) as in_pieces:
        at_once.sample_rate = in_pieces.sample_rate = RATE
        at_once.step(20)
        pieces = []
        while in_pieces.frame_count < 20:
            in_pieces.step_instruction()
            pieces.append(in_pieces.audio())
        assert in_pieces.cpu_cycles == at_once.cpu_cycles
        assert (np.concatenate(pieces) == at_once.audio()).all()


def test_restoring_begins_anew() -> None:
    content = policy_contents()[1]
    with NESEmulator(content) as emulator:
        emulator.sample_rate = RATE
        first = play(emulator, 30)
        emulator.reset()
        emulator.audio()  # what was played before fades
        assert_same(np.concatenate(play(emulator, 30)), np.concatenate(first))
        state = emulator.dump_state()
        emulator.load_state(state)
        emulator.audio()
        after = np.concatenate(play(emulator, 30, seed=1))
        emulator.step(7)
        length = round(7 * 29780.5 * RATE / CPU_HZ["ntsc"])
        emulator.load_state(state)
        between = emulator.audio()  # what was played before is there still, and fades in 2 ms
        assert abs(len(between) - length - RATE // 500) < 3
        assert_same(np.concatenate(play(emulator, 30, seed=1)), after)
        with NESEmulator(content, policy="reference") as other:
            other.sample_rate = RATE
            other.load_state(bytes(state))
            assert_same(np.concatenate(play(other, 30, seed=1)), after)


def triangle() -> bytes:
    return player((0x4015, 4), (0x4008, 0xFF), (0x400A, 200), (0x400B, 0))


@pytest.mark.parametrize("rate", [8000, 48000])
@pytest.mark.parametrize("console", ["famicom", "nes"])
@pytest.mark.parametrize("name", ["triangle", "bricks"])
def test_no_click_where_a_sound_is_cut_off(name: str, console: Any, rate: int) -> None:
    """From one sample to the next nothing changes more than in play, wherever a reset or a restore comes."""
    content = triangle() if name == "triangle" else bricks()
    with NESEmulator(content, console=console) as emulator:
        emulator.sample_rate = rate
        state = emulator.dump_state()
        heard = np.concatenate(play(emulator, 200))
        in_play = np.abs(np.diff(heard)).max()
        assert in_play > 1e-3
        before = heard
        for number in range(12):
            if number % 2:
                emulator.reset()
            else:
                emulator.load_state(state)
            after = np.concatenate([emulator.audio(), *play(emulator, 3 + number)])
            joined = np.concatenate((before[-50:], after))
            assert np.abs(np.diff(joined)).max() <= in_play * 1.05  # where edges lie between samples varies
            before = after
            if number % 4 == 3:
                state = emulator.dump_state()


def test_restoring_begins_from_silence() -> None:
    """And stays within the volume that the state plays at."""
    content = player(
        (0x4015, 5), (0x4000, 0xBF), (0x4001, 8), (0x4002, 253), (0x4003, 0), (0x4008, 0xFF), (0x400A, 200)
    )
    with NESEmulator(content) as emulator:
        emulator.sample_rate = RATE
        emulator.step(30)
        before = np.abs(emulator.audio()[8000:])
        state = emulator.dump_state()
        emulator.step(3)
        emulator.load_state(state)
        emulator.audio()
        emulator.step(30)
        after = np.abs(emulator.audio())
    assert after[:10].max() < 0.01
    assert after.max() < 2 * before.max()
    assert abs(after[8000:].max() / before.max() - 1) < 0.05


def test_what_nobody_fetches_is_lost_and_nothing_else() -> None:
    content = policy_contents()[1]
    with NESEmulator(content) as emulator, NESEmulator(content) as other:
        emulator.sample_rate = other.sample_rate = 192000
        emulator.step(200, render=False)
        late = emulator.audio()
        assert len(late) == 1 << 19
        everything = []
        for _ in range(200):
            other.step(render=False)
            everything.append(other.audio())
        assert (np.concatenate(everything)[-len(late) :] == late).all()


def test_copies_are_silent(emulator: NESEmulator) -> None:
    emulator.sample_rate = RATE
    assert copy.deepcopy(emulator).sample_rate is None
    assert pickle.loads(pickle.dumps(emulator)).sample_rate is None
    assert emulator.sample_rate == RATE


@pytest.mark.parametrize("rate", [0, 7999, 192001, -1, 2**70])
def test_rates_out_of_range(emulator: NESEmulator, rate: int) -> None:
    with pytest.raises(ValueError, match=r"sample_rate must be in 8000\.\.192000"):
        emulator.sample_rate = rate
    with pytest.raises(TypeError):
        emulator.sample_rate = "48000"  # type: ignore[assignment]
    assert emulator.sample_rate is None
