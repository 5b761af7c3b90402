"""VectorNESEmulator of nes-py 9 and the VectorEmulator of nes_py.emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator
from nes_py.emulator import VectorEmulator
from nes_py.envs.bricks import ROM_PATH
from nes_py.vector_env import VectorNESEmulator, VectorStepTiming


def actions(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)


def test_vector_nes_emulator() -> None:
    vector = VectorNESEmulator(ROM_PATH, 3)
    singles = [NESEmulator(ROM_PATH, frame_boundary="nes-py") for _ in range(3)]
    assert vector.num_envs == 3
    screens = vector.screens
    for frame in range(12):
        assert vector.step(actions(frame, 8, 0)) is screens
        for single, byte in zip(singles, (frame, 8, 0), strict=True):
            single.frame_advance(byte)
    for index, single in enumerate(singles):
        assert_same(screens[index], single.screen_rgb(), f"environment {index}")
        assert_same(vector.rams[index], single.memory_buffer(), f"environment {index}")
        assert_same(vector.observation("rgb_array_contiguous")[index], single.screen_rgb(), f"environment {index}")
        assert_same(vector.observation("grayscale")[index], single.screen_gray(), f"environment {index}")
        assert_same(vector.observation_one(index, "grayscale"), single.screen_gray(), f"environment {index}")
    assert vector.observation() is screens
    specs = [0x22, (0x22, 2), (0x18, 6, "digits")]
    values = vector.ram_values(specs)
    assert values.dtype == np.uint32
    assert values.shape == (3, 3)
    state = vector.dump_state(1)
    vector.load_state(2, state)
    assert_same(vector.rams[2], vector.rams[1])
    assert vector.step_one(0, 1) is screens[0]
    assert vector.reset_one(0) is screens[0]
    assert not vector.rams[0].any()
    assert vector.reset(seed=3) is screens
    assert vector.step_timed(actions(0, 0, 0)).native_step_seconds > 0
    vector.close()
    for use in (vector.close, vector.reset, lambda: vector.step(actions(0, 0, 0)), lambda: vector.dump_state(0)):
        with pytest.raises(ValueError, match="already been closed"):
            use()


def test_spaces_of_vector_nes_emulator() -> None:
    vector = VectorNESEmulator(ROM_PATH, 2)
    assert vector.action_space == VectorNESEmulator.action_space == gym.spaces.Discrete(256)
    assert all(screen in vector.observation_space for screen in vector.screens)
    assert VectorNESEmulator.observation_space.shape == (240, 256, 3)


def test_timing_of_a_step() -> None:
    vector = VectorNESEmulator(ROM_PATH, 2)
    timing = vector.step_timed(actions(1, 2))
    assert [int(emulator.controller(0)[0]) for emulator in vector._batch.emulators] == [1, 2]
    found = timing.to_dict()
    assert list(found) == [
        "python_overhead_seconds",
        "action_transfer_seconds",
        "native_step_seconds",
        "synchronization_seconds",
        "observation_seconds",
        "ram_info_seconds",
        "worker_stats",
    ]
    assert found.pop("worker_stats") == ()
    assert all(type(seconds) is float and seconds >= 0 for seconds in found.values())
    assert VectorStepTiming(1, 2, 3, 4).to_dict()["synchronization_seconds"] == 4


def test_numbers_of_emulators() -> None:
    # As in nes-py 9: whatever int() takes.
    vector = VectorNESEmulator(ROM_PATH, np.int64(2))
    for index in (1, np.uint8(1), np.array(1), True, 1.0):
        assert vector.step_one(index, np.array(3)) is vector.screens[1]
        assert vector.observation_one(index) is vector.screens[1]
    for wrong in (None, [1], object()):
        with pytest.raises(TypeError):
            vector.reset_one(wrong)
    screens = vector.screens
    vector.close()
    assert vector.observation() is screens
    assert vector.observation_one(1) is screens[1]


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda v: v.step([0, 1]), TypeError, "uint8"),
        (lambda v: v.step(actions(0)), ValueError, r"shape must be \(2,\), got \(1,\)"),
        (lambda v: v.step(5), ValueError, "one-dimensional"),
        (lambda v: v.step_one(2, 0), IndexError, "index out of range"),
        (lambda v: v.step_one(-1, 0), IndexError, "index out of range"),
        (lambda v: v.step_one(0, 256), OverflowError, "256"),
        (lambda v: v.reset_one(2), IndexError, "index out of range"),
        (lambda v: v.dump_state(2), IndexError, "index out of range"),
        (lambda v: v.load_state(0, None), TypeError, "Snapshot"),
        (lambda v: v.observation("x"), NotImplementedError, "valid observation modes are: 'rgb_array'"),
        (lambda v: v.observation_one(0, "x"), NotImplementedError, "modes"),
        (lambda v: v.observation("grayscale", np.zeros((2, 240, 256))), TypeError, "dtype must be uint8"),
        (lambda v: v.observation("grayscale", np.zeros((1, 240, 256), np.uint8)), ValueError, "shape must be"),
        (lambda v: v.ram_values([5000]), ValueError, "address"),
    ],
)
def test_errors_of_vector_nes_emulator(use: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        use(VectorNESEmulator(ROM_PATH, 2))


def test_vector_emulator() -> None:
    vector = VectorEmulator(str(ROM_PATH), 3)
    single = NESEmulator(ROM_PATH, frame_boundary="nes-py")
    assert (vector.num_envs, vector.height, vector.width) == (3, 240, 256)
    for _ in range(20):
        vector.step([8, 0, 8])
        single.frame_advance(8)
    assert_same(vector.screen_buffer(2), single.screen_rgb())
    assert_same(vector.screen_buffer()[0], single.screen_rgb())
    assert_same(vector.memory_buffer(0), single.memory_buffer())
    assert vector.memory_buffer().shape == (3, 2048)
    vector.configure_ram_reads([(0x22, 2, 0), (0x18, 6, 1)])
    vector.memory_buffer(1)[0x18:0x1E] = [0, 1, 2, 3, 4, 5]
    vector.memory_buffer(1)[0x22:0x24] = [1, 2]
    values = vector.ram_values()
    assert values.dtype == np.int32
    assert values[1].tolist() == [0x102, 12345]
    state = vector.dump_state(1)
    vector.load_state(0, state)
    assert_same(vector.ram_values()[0], values[1])
    vector.controller(0, 1)[0] = 3
    vector.step_single(1, 4)
    vector.reset_env(1)
    assert not vector.memory_buffer(1).any()
    times = vector.get_timing_stats()
    assert set(times) == {"calls", "setup_ms", "wait_ms", "idle_ms", "ram_ms", "total_ms"}
    assert times["calls"] == 20
    assert 0 < times["wait_ms"] < times["total_ms"]
    assert times["ram_ms"] > 0
    assert vector.get_timing_stats() == {}
    workers = vector.get_worker_timing_stats()
    assert [each["worker"] for each in workers] == list(range(len(workers)))
    assert set(workers[0]) == {"worker", "core", "calls", "wait_ms", "step_ms", "step_avg_us"}
    assert sum(each["step_ms"] for each in workers) > 0
    assert {each["calls"] for each in workers} == {20}
    assert {each["step_ms"] for each in vector.get_worker_timing_stats()} == {0}
    for use in (
        lambda: vector.screen_buffer(3),
        lambda: vector.memory_buffer(-1),
        lambda: vector.step_single(3, 0),
        lambda: vector.reset_env(3),
        lambda: vector.dump_state(3),
        lambda: vector.load_state(3, state),
        lambda: vector.controller(0, 2),
        lambda: vector.configure_ram_reads([(0x7FF, 2, 0)]),
    ):
        with pytest.raises(IndexError):
            use()
