"""The option ``palette``: other colours, of 64 entries or with each emphasis."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from tests.python.test_emphasis import COLOUR, image, mask

RANDOM = np.random.default_rng(5)
FEW = RANDOM.integers(0, 256, (64, 3), np.uint8)
MANY = RANDOM.integers(0, 256, (8, 64, 3), np.uint8)


def grey(colours):
    return (colours.astype(int) @ (77, 150, 29)) >> 8


@pytest.mark.parametrize(
    "form",
    [
        MANY,
        MANY.reshape(512, 3),
        MANY.tobytes(),
        bytearray(MANY.tobytes()),
        memoryview(MANY.tobytes()),
        np.asfortranarray(MANY),
    ],
    ids=["8x64x3", "512x3", "bytes", "bytearray", "memoryview", "Fortran order"],
)
def test_512_colours(form):
    """Each emphasis has colours of its own, red in bit 0."""
    for bits in range(8):
        machine = NESEmulator(image(mask(bits << 5 | 0x1E)), palette=form)
        machine.step(5)
        assert_same(machine.screen_rgb(), MANY[bits, COLOUR], f"bits {bits}")
        assert_same(machine.screen_gray(), grey(MANY[bits, COLOUR]))


def test_64_colours(tmp_path):
    """The emphasised ones are computed from them; a file does as well."""
    path = tmp_path / "some.pal"
    path.write_bytes(FEW.tobytes())
    for palette in (FEW, path, str(path)):
        machine = NESEmulator(image(mask(0x1E)), palette=palette)
        machine.step(5)
        assert_same(machine.screen_rgb(), FEW[COLOUR])
    machine = NESEmulator(image(mask(0xE0)), palette=FEW)
    machine.step(5)
    assert_same(machine.screen_rgb(), [round(0.746 * int(value)) for value in FEW[COLOUR]])


def test_every_picture():
    """A whole game's picture, copies of the emulator, environments and observations."""
    machine = NESEmulator(ROM_PATH, palette=FEW)
    machine.step(60)
    expected = FEW[machine.index_buffer()]
    for one in (machine, copy.deepcopy(machine), pickle.loads(pickle.dumps(machine))):
        assert_same(one.screen_rgb(), expected)
        assert_same(one.screen_gray(), grey(expected))
        assert_same(one.screen_buffer(), expected)
    env = NESEnv(str(ROM_PATH), palette=FEW.tobytes())
    env.reset()
    picture, *_ = env.step(0)
    assert_same(picture, FEW[env.emulator.index_buffer()])
    options = {"img_height": None, "img_width": None, "stack_num": 1, "frameskip": 1, "actions": ACTIONS}
    with NESVectorEnv(str(ROM_PATH), 2, palette=FEW, grayscale=False, layout="hwc", **options) as envs:
        envs.reset(seed=0)
        pictures, *_ = envs.step(np.zeros(2, int))
        assert_same(pictures, FEW[envs.screens])
    with NESVectorEnv(str(ROM_PATH), 2, palette=FEW, layout="hwc", **options) as envs:
        envs.reset(seed=0)
        pictures, *_ = envs.step(np.zeros(2, int))
        assert_same(pictures[..., 0], grey(FEW[envs.screens]))


def test_the_console_runs_the_same():
    one, other = NESEmulator(ROM_PATH), NESEmulator(ROM_PATH, palette=MANY)
    one.step(60)
    other.step(60)
    assert bytes(one.dump_state()) == bytes(other.dump_state())
    one.load_state(other.dump_state())


@pytest.mark.parametrize(
    ("palette", "error", "message"),
    [
        (b"", ValueError, "palette has 0 bytes; a palette has 192"),
        (bytes(191), ValueError, "palette has 191 bytes"),
        (bytes(2000), ValueError, "palette has more than 1536 bytes"),
        (np.zeros((64, 3)), ValueError, r"uint8 array .* not float64 \(64, 3\)"),
        (np.zeros((3, 64), np.uint8), ValueError, r"not uint8 \(3, 64\)"),
        (3, TypeError, "path of a .pal file, its bytes or a uint8 array, not int"),
        ([[0, 0, 0]] * 64, TypeError, "not list"),
    ],
)
def test_others_are_refused(palette, error, message):
    for made in (NESEmulator, NESEnv, NESVectorEnv):
        with pytest.raises(error, match=message):
            made(str(ROM_PATH), palette=palette)


def test_files_that_are_no_palettes(tmp_path):
    path = tmp_path / "cut.pal"
    path.write_bytes(bytes(100))
    with pytest.raises(ValueError, match=r"cut\.pal.* has 100 bytes"):
        NESEmulator(ROM_PATH, palette=path)
    with pytest.raises(FileNotFoundError):
        NESEmulator(ROM_PATH, palette=tmp_path / "none.pal")
