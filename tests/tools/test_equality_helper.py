"""What the tests say when arrays differ."""

from __future__ import annotations

import numpy as np
import pytest
from support.equality import assert_same, difference, first_different_byte


def test_equal() -> None:
    pictures = np.arange(2 * 240 * 256 * 3, dtype=np.uint8).reshape(2, 240, 256, 3)
    assert_same(pictures, pictures.copy())
    assert_same(pictures[0] * 0, 0)
    assert_same([1.0, np.nan], [1.0, np.nan])
    assert_same(pictures, pictures ^ 1, tolerance=1)


def test_picture_of_a_batch() -> None:
    expected = np.zeros((4, 240, 256, 3), np.uint8)
    actual = expected.copy()
    actual[2, 17, 34, 1] = 5
    actual[3, 18, 0, 0] = 6
    with pytest.raises(AssertionError) as error:
        assert_same(actual, expected, "step 9")
    assert str(error.value) == (
        "step 9: environment 2, row 17, column 34, channel 1: 5, expected 0; 2 of 737280 values differ, "
        "in environments 2, 3, in rows 17, 18"
    )


@pytest.mark.parametrize(
    ("shape", "index", "place"),
    [
        ((240, 256), (3, 4), "row 3, column 4"),
        ((8, 4, 84, 84), (1, 2, 3, 4), "environment 1, picture 2, row 3, column 4"),
        ((84, 84, 4), (3, 4, 1), "row 3, column 4, channel 1"),
        ((2048,), (0x7F0,), "address $07F0"),
        ((3, 2048), (1, 0x10), "environment 1, address $0010"),
        ((5,), (2,), "environment 2"),
    ],
)
def test_places(shape: tuple[int, ...], index: tuple[int, ...], place: str) -> None:
    actual = np.zeros(shape, np.uint8)
    actual[index] = 1
    assert difference(actual, np.zeros(shape, np.uint8)).startswith(f"{place}: 1, expected 0; 1 of ")


def test_shapes_and_tolerance() -> None:
    assert difference(np.zeros(3), np.zeros(4)) == "the shape is (3,), expected (4,)"
    assert difference(np.uint8(3), np.uint8(255), tolerance=10)
    assert not difference(np.uint8(3), np.uint8(4), tolerance=1)


def test_bytes() -> None:
    assert first_different_byte(b"abcd", b"abxd") == [
        "lengths 4 and 4",
        "first difference at byte 2 ($0002): 99 and 120; 1 bytes differ",
    ]
    assert first_different_byte(b"ab", b"abc") == ["lengths 2 and 3", "the first 2 bytes are equal"]
