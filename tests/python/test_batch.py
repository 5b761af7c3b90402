"""The batch: many emulators stepped on a thread pool."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.equality import assert_same
from support.patience import PATIENCE
from support.rom_builder import BUTTON_SUM, BUTTONS_2, demonstration_rom
from support.threads import while_stepping

from nes_py import NESEmulator
from nes_py._batch import Batch


def run(batch: Batch, steps: int = 12) -> bytes:
    random = np.random.default_rng(0)
    batch.reset()
    for _ in range(steps):
        batch.step(random.integers(0, 256, len(batch), np.uint8))
    return batch.screens().tobytes() + batch.rams().tobytes()


def test_number_of_threads_makes_no_difference() -> None:
    expected = run(Batch(demonstration_rom(), 5, num_threads=1))
    for threads in (2, 3, 5):
        assert run(Batch(demonstration_rom(), 5, num_threads=threads)) == expected


def test_batch_equals_single_emulators() -> None:
    batch = Batch(demonstration_rom(), 3, num_threads=2)
    singles = [NESEmulator(demonstration_rom()) for _ in range(3)]
    random = np.random.default_rng(1)
    for _ in range(10):
        actions = random.integers(0, 256, (3, 2), np.uint8)
        batch.step(actions, frames=2)
        for single, (first, second) in zip(singles, actions, strict=True):
            single.controller(0)[0] = first
            single.controller(1)[0] = second
            single.step(2)
    assert batch.screens().shape == (3, 240, 256, 3)
    for index, single in enumerate(singles):
        assert_same(batch.screens()[index], single.screen_rgb(), f"environment {index}")
        assert_same(batch.rams()[index], single.memory_buffer(), f"environment {index}")
        assert batch.emulators[index].dump_state() == single.dump_state()
    assert_same(batch.rams()[:, BUTTONS_2], actions[:, 1])


def test_undrawn_steps() -> None:
    batch = Batch(demonstration_rom(), 2, num_threads=2)
    batch.step(np.zeros(2, np.uint8), frames=8)
    before = batch.screens()
    batch.step(np.zeros(2, np.uint8), render=False)
    assert_same(batch.screens(), before)
    assert [emulator.frame_count for emulator in batch.emulators] == [9, 9]


def test_output_arrays() -> None:
    batch = Batch(demonstration_rom(), 2)
    batch.step(np.array([3, 4], np.uint8), frames=9)
    screens = np.zeros((2, 240, 256, 3), np.uint8)
    rams = np.zeros((2, 2048), np.uint8)
    assert batch.screens(screens) is screens
    assert batch.rams(rams) is rams
    assert_same(screens, batch.screens())
    assert rams[0, BUTTON_SUM] != rams[1, BUTTON_SUM]
    for method, wrong in ((batch.screens, screens[:1]), (batch.rams, rams[:, :5])):
        with pytest.raises(ValueError, match="output must have shape"):
            method(wrong)
    with pytest.raises(TypeError, match="output must have dtype uint8"):
        batch.rams(rams.astype(np.int8))


def test_wrong_actions() -> None:
    batch = Batch(demonstration_rom(), 3)
    with pytest.raises(TypeError, match="uint8"):
        batch.step(np.zeros(3, np.int64))
    for shape in ((2,), (3, 3), (3, 1), ()):
        with pytest.raises(ValueError, match="shape"):
            batch.step(np.zeros(shape, np.uint8))
    for frames in (0, -1, 2**31):
        with pytest.raises(ValueError, match="frames"):
            batch.step(np.zeros(3, np.uint8), frames=frames)
    assert batch.emulators[0].frame_count == 0


def test_actions_need_not_be_contiguous() -> None:
    batch = Batch(demonstration_rom(), 3)
    actions = np.arange(60, dtype=np.uint8).reshape(10, 6)[:, ::2]
    batch.step(actions[0])
    assert [int(emulator.controller(0)[0]) for emulator in batch.emulators] == [0, 2, 4]


def test_wrong_sizes() -> None:
    with pytest.raises(ValueError, match="count"):
        Batch(demonstration_rom(), 0)
    with pytest.raises(TypeError, match="count"):
        Batch(demonstration_rom(), "3")
    with pytest.raises(ValueError, match="num_threads"):
        Batch(demonstration_rom(), 3, num_threads=0)
    with pytest.raises(ValueError, match="not an iNES file"):
        Batch(b"nonsense", 3)


def test_threads_never_exceed_emulators() -> None:
    assert Batch(demonstration_rom(), 2, num_threads=64).num_threads <= 2
    assert Batch(demonstration_rom(), 1, num_threads=64).num_threads == 1


def test_options_reach_the_emulators() -> None:
    rams = Batch(demonstration_rom(), 2, ram_fill="ones").rams()
    assert_same(rams, 0xFF)


def test_members_are_in_use_during_a_step() -> None:
    batch = Batch(demonstration_rom(), 2, num_threads=2)
    actions = np.zeros(2, np.uint8)

    def use_all() -> None:
        for use in (batch.rams, batch.screens, batch.reset, lambda: batch.step(actions), batch.emulators[0].dump_state):
            with pytest.raises(RuntimeError, match="another thread"):
                use()

    while_stepping(lambda: batch.step(actions, 2**31 - 1, False), lambda: batch.emulators[1].peek(0), use_all)
    counts = {emulator.frame_count for emulator in batch.emulators}
    assert len(counts) == 1
    alone = NESEmulator(demonstration_rom())
    alone.step(counts.pop(), render=False)
    assert_same(batch.rams()[1], alone.memory_buffer())


def test_closed_member_is_stepped_on() -> None:
    batch = Batch(demonstration_rom(), 2)
    batch.emulators[0].close()
    batch.step(np.array([7, 7], np.uint8), frames=9)
    assert_same(batch.rams()[0], batch.rams()[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_does_not_hang(tmp_path: Path) -> None:
    program = f"""
import os, sys
import numpy as np
sys.path[:0] = {sys.path!r}
from support.rom_builder import demonstration_rom
from nes_py._batch import Batch
batch = Batch(demonstration_rom(), 4, num_threads=2)
batch.step(np.zeros(4, np.uint8), frames=5)  # the team of the parent
child = os.fork()
batch.step(np.array([1, 2, 3, 4], np.uint8), frames=5)
fresh = Batch(demonstration_rom(), 4, num_threads=2)
fresh.step(np.array([1, 2, 3, 4], np.uint8), frames=5)
result = batch.rams().tobytes() + fresh.screens().tobytes()
if child == 0:
    open(sys.argv[1], "wb").write(result)
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0
assert open(sys.argv[1], "rb").read() == result
"""
    arguments = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "result")]
    subprocess.run(arguments, check=True, timeout=PATIENCE)
