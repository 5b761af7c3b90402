"""Numbers read from RAM."""

from __future__ import annotations

import numpy as np
import pytest

from nes_py import NESEmulator, NESEnv
from nes_py.ram import RAM_READ_ENCODINGS, normalize_ram_read_specs


def test_each_encoding(env: NESEnv) -> None:
    env.ram[0x100:0x109] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    env.ram[0x110:0x114] = [0x12, 0x34, 0x56, 0x78]
    values = env.ram_values(
        [
            0x100,
            (0x110, 2),
            (0x110, 4, "little"),
            (0x110, 4, "big"),
            (0x110, 4, "bcd"),
            (0x100, 9, "digits"),
            (0x101, 1, "byte"),
            {"address": 0x102},
            {"address": 0x110, "size": 3, "encoding": "BIG"},
            np.int64(0x103),
        ]
    )
    assert values.dtype == np.uint32
    assert values.tolist() == [
        1,
        0x3412,
        0x78563412,
        0x12345678,
        12345678,
        123456789,
        2,
        3,
        0x123456,
        4,
    ]


def test_numbers_wrap_at_32_bits(env: NESEnv) -> None:
    env.ram[0x100:0x109] = 255
    assert env.ram_values([(0x100, 9, "digits")])[0] == 255 * 111_111_111 % 2**32
    assert env.ram_values([(0x100, 4, "bcd")])[0] == 165 * 1_010_101 % 2**32


def test_last_byte_of_ram_and_no_numbers_at_all(env: NESEnv) -> None:
    env.ram[0x7FF] = 9
    assert env.ram_values([0x7FF, (0x7FC, 4, "big")]).tolist() == [9, 9]
    assert env.ram_values([]).shape == (0,)


def test_output(env: NESEnv) -> None:
    env.ram[0x100] = 44
    output = np.zeros(1, np.uint32)
    assert env.ram_values([0x100], output=output) is output
    assert output[0] == 44
    with pytest.raises(ValueError, match="shape"):
        env.ram_values([0x100], output=np.zeros(2, np.uint32))
    with pytest.raises(TypeError, match="dtype"):
        env.ram_values([0x100], output=np.zeros(1, np.int32))


@pytest.mark.parametrize(
    "spec",
    [
        -1,
        0x800,
        (0x7FF, 2),
        (0, 0),
        (0, 5),
        (0, 5, "bcd"),
        (0, 10, "digits"),
        (0, 2, "byte"),
        (0, 1, "octal"),
        (0,),
        (0, 1, "byte", 0),
        {"size": 2},
        {"name": "coins", "size": 1},
    ],
)
def test_specs_out_of_range(spec: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, each has its own message
        normalize_ram_read_specs([spec])


@pytest.mark.parametrize("specs", [None, 5, [None], ["ab"], [1.5], [(0.5, 1)], [{"address": "x"}]])
def test_specs_of_wrong_type(specs: object) -> None:
    with pytest.raises(TypeError):
        normalize_ram_read_specs(specs)


def test_a_mapping_may_have_further_keys() -> None:
    named = normalize_ram_read_specs([{"name": "coins", "address": 0x10, "encoding": "big", "size": 2, 5: None}])
    assert [array.tolist() for array in named] == [[0x10], [2], [RAM_READ_ENCODINGS["big"]]]


def test_normalized_arrays() -> None:
    addresses, sizes, encodings = normalize_ram_read_specs([5, (6, 2)])
    assert (addresses.dtype, sizes.dtype, encodings.dtype) == (np.uint16, np.uint8, np.uint8)
    assert (addresses.tolist(), sizes.tolist()) == ([5, 6], [1, 2])
    assert encodings.tolist() == [RAM_READ_ENCODINGS["byte"], RAM_READ_ENCODINGS["little"]]


def test_raw_arrays_cannot_reach_beyond_ram(emulator: NESEmulator) -> None:
    def read(address: int, size: int, encoding: int) -> np.ndarray:
        return emulator.read_ram_values(np.uint16([address]), np.uint8([size]), np.uint8([encoding]))

    assert read(0x7FF, 1, 0).shape == (1,)
    for bad in ((0x800, 1, 0), (0x7FF, 2, 1), (0xFFFF, 255, 0), (0, 1, 99)):
        with pytest.raises(ValueError, match="outside RAM"):
            read(*bad)
    with pytest.raises(ValueError, match="same length"):
        emulator.read_ram_values(np.zeros(2, np.uint16), np.ones(1, np.uint8), np.zeros(2, np.uint8))
