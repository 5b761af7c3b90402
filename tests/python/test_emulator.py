"""One emulator: running it, its views, its memory, its lifetime."""

from __future__ import annotations

import contextlib
import copy
import gc
import pathlib
import pickle
import signal
import sys
import threading
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, BUTTONS_1, BUTTONS_2, FRAMES, demonstration_rom, rom
from support.threads import while_stepping

from nes_py import NESEmulator
from nes_py.emulator import CpuTrace


def frame_of(emulator: NESEmulator) -> int:
    return int(emulator.peek(FRAMES))


# --- what a ROM may be given as ---


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_rom_as_a_path(kind: type, rom_path: str) -> None:
    assert NESEmulator(kind(rom_path)).rom_info.mapper == 0


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_rom_as_bytes(kind: type) -> None:
    assert NESEmulator(kind(demonstration_rom())).rom_info.prg_rom_size == 16 * 1024


def test_rom_file_is_not_needed_after_loading(rom_path: str) -> None:
    emulator = NESEmulator(rom_path)
    pathlib.Path(rom_path).unlink()
    emulator.reset()
    emulator.step(10)
    assert frame_of(emulator) > 0
    assert frame_of(pickle.loads(pickle.dumps(emulator))) == frame_of(emulator)


def test_emulators_of_one_rom_share_it_and_release_it() -> None:
    content = rom(fill=0xA5)
    first, second = NESEmulator(content), NESEmulator(bytearray(content))
    assert first.rom_info is second.rom_info
    info = weakref.ref(first.rom_info)
    del first, second
    gc.collect()
    assert info() is None


def test_rom_info() -> None:
    info = NESEmulator(demonstration_rom()).rom_info
    assert (info.board, info.submapper, info.nes2, info.battery) == ("NROM", 0, False, False)
    assert (info.mirroring, info.region, info.chr_rom_size) == ("horizontal", "ntsc", 8 * 1024)
    assert len(info.hash) == 16
    assert len(info.sha256) == 64
    assert info.hash != NESEmulator(demonstration_rom(fill=1)).rom_info.hash


# --- running ---


def test_step_runs_frames() -> None:
    emulator = NESEmulator(demonstration_rom())
    assert emulator.frame_count == 0
    emulator.step()
    assert emulator.frame_count == 1
    emulator.step(9)
    assert emulator.frame_count == 10
    emulator.step(frames=0)
    assert emulator.frame_count == 10
    assert 29_000 * 9 < emulator.cpu_cycles < 31_000 * 11


def test_undrawn_frames_change_nothing_but_the_picture(emulator: NESEmulator) -> None:
    drawn = copy.deepcopy(emulator)
    picture = emulator.screen_rgb()
    for _ in range(5):
        drawn.step()
    emulator.step(5, render=False)
    assert_same(emulator.screen_rgb(), picture)
    assert_same(emulator.memory_buffer(), drawn.memory_buffer())
    emulator.step()
    drawn.step()
    assert_same(emulator.screen_rgb(), drawn.screen_rgb())


def test_buttons_set_before_a_step_are_seen_in_it(emulator: NESEmulator) -> None:
    for buttons in (0b10000001, 0b01010101, 0b00000000, 0b11111111):
        emulator.controller(0)[:] = buttons
        emulator.controller(1)[0] = buttons ^ 0xFF
        emulator.step()
        assert emulator.peek(BUTTONS_1) == buttons
        assert emulator.peek(BUTTONS_2) == buttons ^ 0xFF


def test_frame_advance_holds_buttons_for_a_frame(emulator: NESEmulator) -> None:
    before = emulator.frame_count
    emulator.frame_advance(0x42)
    assert emulator.frame_count == before + 1
    assert emulator.peek(BUTTONS_1) == 0x42
    assert emulator.controller(0)[0] == 0x42
    for bad in (-1, 256, 2**70):
        with pytest.raises(ValueError, match=r"action must be in 0\.\.255"):
            emulator.frame_advance(bad)
    assert emulator.frame_count == before + 1


def test_reset_is_a_power_on(emulator: NESEmulator) -> None:
    emulator.poke(0x700, 99)
    emulator.reset()
    assert emulator.frame_count == 0
    assert emulator.peek(0x700) == 0
    fresh = NESEmulator(demonstration_rom())
    assert emulator.dump_state() == fresh.dump_state()


def test_soft_reset_keeps_ram(emulator: NESEmulator) -> None:
    emulator.poke(0x700, 99)
    emulator.soft_reset()
    emulator.step(3)
    assert emulator.peek(0x700) == 99


@pytest.mark.parametrize("bad", [-1, 2**31, 2**70])
def test_number_of_frames_out_of_range(emulator: NESEmulator, bad: int) -> None:
    with pytest.raises(ValueError, match="frames"):
        emulator.step(bad)


@pytest.mark.parametrize("bad", [1.5, "2", None])
def test_number_of_frames_of_a_wrong_type(emulator: NESEmulator, bad: object) -> None:
    with pytest.raises(TypeError):
        emulator.step(bad)


def test_policies_and_runs_give_the_same_bytes() -> None:
    machines = [NESEmulator(demonstration_rom(), policy=policy) for policy in ("fast", "reference", "fast")]
    for machine in machines:
        machine.step(20)
    states = [bytes(machine.dump_state()) for machine in machines]
    assert states[0] == states[1] == states[2]


def test_ram_at_power_on_is_an_option() -> None:
    def ram(**options: object) -> np.ndarray:
        return NESEmulator(demonstration_rom(), **options).memory_buffer().copy()

    assert_same(ram(), 0)
    assert_same(ram(ram_fill="ones"), 0xFF)
    assert ram(ram_fill="pattern")[:16].tolist() == [0, 0, 0, 0, 255, 255, 255, 255] * 2
    noise = ram(ram_fill="noise", seed=1)
    assert len(np.unique(noise)) > 100
    assert_same(noise, ram(ram_fill="noise", seed=1))
    assert (noise != ram(ram_fill="noise", seed=2)).any()


def test_instructions_and_trace() -> None:
    emulator = NESEmulator(rom())
    emulator.set_pc(0xC000)
    emulator.step_instruction()
    trace = emulator.trace()
    assert isinstance(trace, CpuTrace)
    assert trace.pc == 0xC000  # JMP to itself
    cycle = trace.cycle
    emulator.step_instruction()
    assert emulator.trace().cycle == cycle + 3
    assert 0 <= trace.dot <= 340
    with pytest.raises(ValueError, match="address"):
        emulator.set_pc(0x10000)


def test_halting_instruction_is_reported() -> None:
    emulator = NESEmulator(rom(b"\x02"))
    emulator.step()
    assert emulator.jammed
    emulator.step()
    assert not NESEmulator(rom()).jammed


def test_ctrl_c_ends_a_long_run() -> None:
    emulator = NESEmulator(demonstration_rom())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012, the timer may go off before the step
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            emulator.step(2**31 - 1, render=False)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    emulator.step()  # it is usable again


# --- views ---


def test_shapes_and_kinds_of_the_views(emulator: NESEmulator) -> None:
    assert (emulator.width, emulator.height) == (256, 240)
    assert (NESEmulator.width, NESEmulator.height) == (256, 240)
    for view, shape in (
        (emulator.screen_buffer(), (240, 256, 3)),
        (emulator.index_buffer(), (240, 256)),
        (emulator.memory_buffer(), (2048,)),
        (emulator.oam, (256,)),
        (emulator.controller(0), (1,)),
        (emulator.controller(1), (1,)),
    ):
        assert view.shape == shape
        assert view.dtype == np.uint8
        assert view.flags.c_contiguous
        assert view.flags.writeable
        assert not view.flags.owndata


def test_views_are_the_same_memory_each_time(emulator: NESEmulator) -> None:
    for get in (
        emulator.screen_buffer,
        emulator.index_buffer,
        emulator.memory_buffer,
        lambda: emulator.oam,
        lambda: emulator.controller(1),
    ):
        assert np.shares_memory(get(), get())


def test_screen_view_follows_steps_resets_and_states(emulator: NESEmulator) -> None:
    view = emulator.screen_buffer()
    state, picture = emulator.dump_state(), view.copy()
    emulator.step()
    assert (view != picture).any()
    assert_same(view, emulator.screen_rgb())
    emulator.load_state(state)
    assert_same(view, picture)
    emulator.step(3)
    emulator.load_state(bytes(state))
    assert_same(view, picture)
    emulator.reset()
    assert_same(view, emulator.screen_rgb())


def test_index_view_follows_steps(emulator: NESEmulator) -> None:
    view = emulator.index_buffer()
    before = view.copy()
    emulator.step()
    assert (view != before).any()
    assert view.max() < 64


def test_ram_view_is_live_and_writable(emulator: NESEmulator) -> None:
    ram = emulator.memory_buffer()
    frame = int(ram[FRAMES])
    emulator.step()
    assert ram[FRAMES] == frame + 1
    ram[FRAMES] = 200
    emulator.step()
    assert ram[FRAMES] == 201
    ram[0x700:] = 7
    assert emulator.peek(0x7FF) == 7


def test_prg_ram_view(emulator: NESEmulator) -> None:
    emulator.prg_ram[5] = 77
    assert emulator.peek(0x6005) == 77
    assert emulator.prg_ram.shape == (emulator.rom_info.prg_ram_size,)


def test_views_outlive_close_and_the_emulator() -> None:
    emulator = NESEmulator(demonstration_rom())
    emulator.step(8)
    views = (emulator.memory_buffer(), emulator.screen_buffer(), emulator.index_buffer(), emulator.oam)
    controller = emulator.controller(0)
    copies = [view.copy() for view in views]
    emulator.close()
    del emulator
    gc.collect()
    garbage = [np.full(300_000, 0xEE, np.uint8) for _ in range(20)]
    for view, expected in zip(views, copies, strict=True):
        assert_same(view, expected)
        view[...] = 1
    controller[0] = 3
    assert controller[0] == 3
    assert len(garbage) == 20


def test_machine_goes_away_with_its_last_view() -> None:
    emulator = NESEmulator(demonstration_rom())
    alive = weakref.ref(emulator)
    ram = emulator.memory_buffer()
    del emulator
    gc.collect()
    assert alive() is None  # a view keeps the machine, not the Python object
    assert ram.sum() == 0


@pytest.mark.parametrize("port", [-1, 2, 2**70])
def test_no_such_port(emulator: NESEmulator, port: int) -> None:
    with pytest.raises(ValueError, match="port"):
        emulator.controller(port)


# --- pictures ---


def test_rgb_copy(emulator: NESEmulator) -> None:
    copy_1 = emulator.screen_rgb()
    emulator.step()
    copy_2 = emulator.screen_rgb()
    assert copy_1.flags.owndata
    assert (copy_1 != copy_2).any()
    output = np.zeros((240, 256, 3), np.uint8)
    assert emulator.screen_rgb(output) is output
    assert (output == copy_2).all()
    assert_same(emulator.screen_buffer(), copy_2)


def test_gray_formula(emulator: NESEmulator) -> None:
    for step in range(8):
        emulator.step()
        r, g, b = (emulator.screen_rgb().astype(np.uint32)[..., channel] for channel in range(3))
        assert_same(emulator.screen_gray(), (77 * r + 150 * g + 29 * b) >> 8, f"step {step}")
    output = np.zeros((240, 256), np.uint8)
    assert emulator.screen_gray(output=output) is output
    assert_same(output, emulator.screen_gray())


def test_picture_output_that_does_not_fit(emulator: NESEmulator) -> None:
    read_only = np.zeros((240, 256), np.uint8)
    read_only.flags.writeable = False
    for wrong, error, word in (
        (np.zeros((256, 240), np.uint8), ValueError, r"shape \(240, 256\)"),
        (np.zeros((240, 256), np.int8), TypeError, "dtype uint8"),
        (np.zeros((240, 512), np.uint8)[:, ::2], ValueError, "contiguous"),
        (read_only, ValueError, "writable"),
        ([0], TypeError, "numpy array"),
    ):
        with pytest.raises(error, match=word):
            emulator.screen_gray(wrong)
    with pytest.raises(ValueError, match=r"shape \(240, 256, 3\)"):
        emulator.screen_rgb(np.zeros((240, 256), np.uint8))


# --- memory ---


def test_peek_and_poke(emulator: NESEmulator) -> None:
    emulator.poke(0x0123, 45)
    assert emulator.peek(0x0123) == 45
    assert emulator.peek(0x0923) == 45  # RAM is mirrored
    assert emulator.memory_buffer()[0x123] == 45
    assert emulator.peek(0xFFFC) == 0x00
    assert emulator.peek(np.uint16(0xFFFD)) == 0xC0
    emulator.poke(0xC000, 1)  # ROM is not written
    assert emulator.peek(0xC000) == 0x78
    cycles = emulator.cpu_cycles
    assert emulator.peek(0x2002) == emulator.peek(0x2002)
    assert emulator.cpu_cycles == cycles


def test_peek_and_poke_of_the_ppu() -> None:
    emulator = NESEmulator(demonstration_rom(fill=0x5A))
    assert emulator.peek_ppu(0x0010) == 0x5A
    emulator.poke_ppu(0x2000, 33)
    assert emulator.peek_ppu(0x2000) == 33
    emulator.poke_ppu(0x3F01, 0x2C)
    assert emulator.peek_ppu(0x3F01) == 0x2C


def test_address_or_value_out_of_range(emulator: NESEmulator) -> None:
    for call in (
        lambda: emulator.peek(-1),
        lambda: emulator.peek(0x10000),
        lambda: emulator.poke(0x10000, 0),
        lambda: emulator.poke(0, 256),
        lambda: emulator.poke(0, -1),
        lambda: emulator.peek_ppu(0x4000),
        lambda: emulator.poke_ppu(0x4000, 0),
        lambda: emulator.poke_ppu(0x2000, 256),
    ):
        with pytest.raises(ValueError, match="must be in"):
            call()
    with pytest.raises(TypeError):
        emulator.peek("0")
    with pytest.raises(TypeError):
        emulator.peek(1.0)


# --- life ---


def test_close() -> None:
    emulator = NESEmulator(demonstration_rom())
    state = emulator.dump_state()
    assert not emulator.closed
    emulator.close()
    emulator.close()
    assert emulator.closed
    assert "closed" in repr(emulator)
    for use in (
        emulator.step,
        emulator.reset,
        emulator.soft_reset,
        emulator.dump_state,
        lambda: emulator.load_state(state),
        lambda: emulator.frame_advance(0),
        emulator.step_instruction,
        emulator.trace,
        lambda: emulator.set_pc(0),
        emulator.screen_buffer,
        emulator.index_buffer,
        emulator.memory_buffer,
        emulator.screen_rgb,
        emulator.screen_gray,
        lambda: emulator.controller(0),
        lambda: emulator.oam,
        lambda: emulator.prg_ram,
        lambda: emulator.peek(0),
        lambda: emulator.poke(0, 0),
        lambda: emulator.peek_ppu(0),
        lambda: emulator.poke_ppu(0, 0),
        lambda: emulator.frame_count,
        lambda: emulator.cpu_cycles,
        lambda: emulator.jammed,
        lambda: emulator.rom_info,
        lambda: pickle.dumps(emulator),
        lambda: copy.deepcopy(emulator),
        emulator.__enter__,
    ):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_context_manager() -> None:
    with NESEmulator(demonstration_rom()) as emulator:
        emulator.step()
    assert emulator.closed


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_are_machines_of_their_own(emulator: NESEmulator, duplicate: object) -> None:
    emulator.frame_advance(5)
    twin = duplicate(emulator)
    assert twin.dump_state() == emulator.dump_state()
    assert_same(twin.screen_buffer(), emulator.screen_buffer())
    emulator.frame_advance(9)
    assert twin.peek(BUTTON_SUM) == 5
    assert emulator.peek(BUTTON_SUM) == 14
    twin.frame_advance(9)
    assert twin.dump_state() == emulator.dump_state()
    assert not np.shares_memory(twin.memory_buffer(), emulator.memory_buffer())


def test_copies_keep_the_options() -> None:
    emulator = NESEmulator(demonstration_rom(), ram_fill="noise", seed=3)
    noise = emulator.memory_buffer().copy()
    for twin in (copy.deepcopy(emulator), pickle.loads(pickle.dumps(emulator))):
        twin.poke(0, int(noise[0]) ^ 1)
        twin.reset()
        assert_same(twin.memory_buffer(), noise)


class Named(NESEmulator):
    """A subclass with a constructor of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(demonstration_rom())
        self.names = [name]


def test_subclass_can_be_copied() -> None:
    emulator = Named("first")
    emulator.step(4)
    for twin in (copy.deepcopy(emulator), pickle.loads(pickle.dumps(emulator))):
        assert type(twin) is Named
        assert twin.names == ["first"]
        assert twin.names is not emulator.names
        assert twin.frame_count == 4


# --- threads ---


def test_step_lets_other_threads_run() -> None:
    emulator = NESEmulator(demonstration_rom())
    frames, ticks = 300, 0
    # On a busy machine a short step may be over before this thread has its turn; never a long one.
    while ticks <= 100 and frames < 500_000:
        ticks, frames = 0, 4 * frames
        stepping, done = threading.Event(), threading.Event()

        def run(frames: int = frames, stepping: threading.Event = stepping, done: threading.Event = done) -> None:
            stepping.set()
            emulator.step(frames, render=False)
            done.set()

        thread = threading.Thread(target=run)
        thread.start()
        stepping.wait()
        while not done.is_set():
            ticks += 1
        thread.join()
    assert ticks > 100


def test_use_while_another_thread_steps_is_refused() -> None:
    emulator = NESEmulator(demonstration_rom(), policy="reference")
    state = emulator.dump_state()
    uses: tuple[Callable[[], object], ...] = (
        emulator.step,
        emulator.reset,
        emulator.soft_reset,
        emulator.close,
        lambda: emulator.load_state(state),
        emulator.dump_state,
        lambda: emulator.peek(0),
        lambda: emulator.poke(0x700, 1),
        emulator.screen_buffer,
        emulator.memory_buffer,
        lambda: emulator.controller(0),
        lambda: emulator.oam,
        lambda: emulator.frame_count,
        lambda: copy.deepcopy(emulator),
    )

    def use_all() -> None:
        for use in uses:
            with pytest.raises(RuntimeError, match="another thread"):
                use()

    while_stepping(lambda: emulator.step(2**31 - 1), lambda: emulator.frame_count, use_all)
    alone = NESEmulator(demonstration_rom(), policy="reference")
    alone.step(emulator.frame_count)
    # The last frame of the step that was ended was not drawn.
    emulator.step()
    alone.step()
    assert emulator.dump_state() == alone.dump_state()


def test_emulators_in_several_threads_do_not_disturb_each_other() -> None:
    emulators = [NESEmulator(demonstration_rom()) for _ in range(4)]

    def run(emulator: NESEmulator, buttons: int) -> None:
        for _ in range(50):
            emulator.frame_advance(buttons)

    threads = [threading.Thread(target=run, args=(emulator, index)) for index, emulator in enumerate(emulators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, emulator in enumerate(emulators):
        alone = NESEmulator(demonstration_rom())
        run(alone, index)
        assert emulator.dump_state() == alone.dump_state()


def test_nothing_leaks() -> None:
    resource = pytest.importorskip("resource")

    def work(times: int) -> None:
        for _ in range(times):
            emulator = NESEmulator(demonstration_rom())
            state = emulator.dump_state()
            emulator.load_state(bytes(state))
            twin = pickle.loads(pickle.dumps(emulator))
            views = [twin.screen_buffer(), twin.memory_buffer(), emulator.oam, emulator.controller(0)]
            twin.close()
            del views
            with contextlib.suppress(ValueError):
                NESEmulator(rom(mapper=20))

    work(50)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work(300)
    # A lost console alone would make 300 times 0.3 MB; ru_maxrss is in KB on Linux, in bytes on macOS.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024 * (
        1024 if sys.platform == "darwin" else 1
    )
