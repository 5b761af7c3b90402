"""Saved states."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, demonstration_rom, rom

from nes_py import NESEmulator, Snapshot, StateError
from nes_py.envs.bricks import ROM_PATH

# Waits for two vertical blanks, then counts in ppumask: rendering and emphasis change all the time.
EMPHASIS = rom(bytes.fromhex("78 d8 2c0220 10fb 2c0220 10fb e610 a510 8d0120 4c0cc0"))


def play(emulator: NESEmulator, frames: int) -> list[int]:
    history = []
    for frame in range(frames):
        emulator.frame_advance(frame * 37 % 256)
        history.append(int(emulator.peek(BUTTON_SUM)))
    return history


def test_restored_run_repeats_itself(emulator: NESEmulator) -> None:
    state = emulator.dump_state()
    first, picture, end = play(emulator, 10), emulator.screen_rgb(), emulator.dump_state()
    emulator.load_state(state)
    assert play(emulator, 10) == first
    assert_same(emulator.screen_rgb(), picture)
    assert emulator.dump_state() == end


def test_state_within_a_frame(emulator: NESEmulator) -> None:
    for _ in range(1000):
        emulator.step_instruction()
    state = emulator.dump_state()
    first = play(emulator, 3)
    emulator.load_state(bytes(state))
    assert play(emulator, 3) == first


def test_snapshot_never_changes(emulator: NESEmulator) -> None:
    state = emulator.dump_state()
    frames, data = emulator.frame_count, bytes(state)
    emulator.step(5)
    emulator.close()
    assert bytes(state) == data
    other = NESEmulator(demonstration_rom())
    other.load_state(state)
    assert other.frame_count == frames
    other.step()
    other.load_state(state)
    assert other.frame_count == frames


def test_state_holds_the_picture_and_the_buttons(emulator: NESEmulator) -> None:
    emulator.frame_advance(0x81)
    picture, state = emulator.screen_rgb(), emulator.dump_state()
    other = NESEmulator(demonstration_rom())
    for form in (state, bytes(state)):
        other.reset()
        other.load_state(form)
        assert_same(other.screen_rgb(), picture)
        assert other.controller(0)[0] == 0x81


@pytest.mark.parametrize(
    "form",
    [
        bytes,
        lambda state: bytearray(bytes(state)),
        lambda state: memoryview(bytes(state)),
        np.asarray,
        lambda state: Snapshot.from_bytes(bytes(state)),
        lambda state: Snapshot.from_bytes(np.asarray(state)),
        lambda state: pickle.loads(pickle.dumps(state)),
    ],
)
def test_forms_of_a_state(emulator: NESEmulator, form: object) -> None:
    state = emulator.dump_state()
    expected = play(emulator, 5)
    other = NESEmulator(demonstration_rom(), policy="reference")
    other.load_state(form(state))
    assert play(other, 5) == expected


def test_array_of_a_snapshot(emulator: NESEmulator) -> None:
    state = emulator.dump_state()
    array = np.asarray(state)
    assert array.dtype == np.uint8
    assert array.ndim == 1
    assert array.tobytes() == bytes(state)
    mine = np.array(state)
    mine[:] = 0
    assert array.any()
    assert np.asarray(state, dtype=np.int32).dtype == np.int32


def test_equality(emulator: NESEmulator) -> None:
    state = emulator.dump_state()
    assert state == emulator.dump_state()
    assert state == Snapshot.from_bytes(bytes(state))
    assert hash(state) == hash(pickle.loads(pickle.dumps(state)))
    emulator.step()
    assert state != emulator.dump_state()
    assert state != bytes(state)
    assert len({state, pickle.loads(pickle.dumps(state)), emulator.dump_state()}) == 2
    assert copy.copy(state) is copy.deepcopy(state) is state


def test_save_load_save_gives_the_same_bytes(emulator: NESEmulator) -> None:
    data = bytes(emulator.dump_state())
    other = NESEmulator(demonstration_rom())
    other.load_state(data)
    assert bytes(other.dump_state()) == data


def test_state_of_another_rom_is_refused(emulator: NESEmulator) -> None:
    stranger = NESEmulator(demonstration_rom(fill=1))
    stranger.step(3)
    before = emulator.dump_state()
    for form in (stranger.dump_state(), bytes(stranger.dump_state())):
        with pytest.raises(StateError) as caught:
            emulator.load_state(form)
        assert isinstance(caught.value, ValueError)
        assert emulator.dump_state() == before


def test_state_of_another_region_is_refused(emulator: NESEmulator) -> None:
    foreign = NESEmulator(demonstration_rom(), region="pal").dump_state()
    before = emulator.dump_state()
    with pytest.raises(StateError, match="pal"):
        emulator.load_state(foreign)
    assert emulator.dump_state() == before


def test_portable_state_of_another_region_is_refused(emulator: NESEmulator) -> None:
    foreign = NESEmulator(demonstration_rom(), region="pal").dump_state()
    with pytest.raises(StateError):
        emulator.load_state(bytes(foreign))


def test_damaged_state_is_refused_and_changes_nothing(emulator: NESEmulator) -> None:
    data = bytes(emulator.dump_state())
    emulator.step()
    before = emulator.dump_state()
    random = np.random.default_rng(0)
    damaged = [b"", data[:1], data[:20], data[:-1], data + b"\0", bytes(len(data)), random.bytes(len(data))]
    for position in (0, 4, 8, 12, 16, 24, 32, *random.integers(0, len(data), 200).tolist()):
        altered = bytearray(data)
        altered[position] ^= 1 << int(random.integers(8))
        damaged.append(bytes(altered))
    for form in damaged:
        with pytest.raises(StateError):
            emulator.load_state(form)
        assert emulator.dump_state() == before


@pytest.mark.parametrize("wrong", [None, 5, "state", [1, 2], object()])
def test_state_of_a_wrong_type(emulator: NESEmulator, wrong: object) -> None:
    with pytest.raises(TypeError, match="Snapshot"):
        emulator.load_state(wrong)


def test_snapshots_are_not_made_by_hand() -> None:
    with pytest.raises(TypeError, match="dump_state"):
        Snapshot()


def test_state_crosses_processes(emulator: NESEmulator, rom_path: str, tmp_path: object) -> None:
    (tmp_path / "state").write_bytes(pickle.dumps(emulator.dump_state()))
    program = """
import pickle, sys
from nes_py import NESEmulator
emulator = NESEmulator(sys.argv[1])
emulator.load_state(pickle.load(open(sys.argv[2], "rb")))
emulator.step(10)
sys.stdout.buffer.write(bytes(emulator.dump_state()))
"""
    arguments = [sys.executable, "-c", program, rom_path, str(tmp_path / "state")]
    there = subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout
    emulator.step(10)
    assert there == bytes(emulator.dump_state())


@pytest.mark.parametrize(
    "options", [{}, {"frame_boundary": "nes-py"}, {"whole_pictures": True}, {"policy": "reference"}]
)
@pytest.mark.parametrize("game", ["demonstration", "emphasis", "bricks"])
def test_loading_is_the_same_whether_or_not_the_picture_is_copied(game: str, options: dict[str, object]) -> None:
    """A load into a console that shows the state's picture leaves it out; one from the portable form never does."""
    source: object = {"demonstration": demonstration_rom(), "emphasis": EMPHASIS, "bricks": str(ROM_PATH)}[game]
    random = np.random.default_rng(7)
    one, other = NESEmulator(source, **options), NESEmulator(source, **options)
    saved: list[Snapshot] = []
    for _ in range(150):
        operation = int(random.integers(10))
        frames, buttons = int(random.integers(1, 4)), int(random.integers(256))
        if operation < 2:
            saved = [*saved[-5:], one.dump_state()]
        elif operation < 5 and saved:
            state = saved[int(random.integers(len(saved)))]
            one.load_state(state)
            other.load_state(bytes(state))
        else:
            for emulator in (one, other):
                emulator.controller(0)[0] = buttons
                if operation == 5:
                    emulator.step_instruction()
                elif operation == 6:
                    emulator.soft_reset()
                elif operation == 7 and frames == 1:
                    emulator.reset()
                else:
                    emulator.step(frames, render=operation == 8)
        assert bytes(one.dump_state()) == bytes(other.dump_state())
        assert_same(one.screen_rgb(), other.screen_rgb())


def test_a_picture_that_the_caller_writes_to_is_loaded_again(emulator: NESEmulator) -> None:
    emulator.step(20)
    state = emulator.dump_state()
    indices = emulator.index_buffer()
    before = indices.copy()
    indices[:] = 1
    emulator.load_state(state)
    assert_same(indices, before)
    again = emulator.dump_state()
    indices[:] = 2
    emulator.load_state(again)
    assert_same(indices, before)
