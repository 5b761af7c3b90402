"""Every public call with every kind of argument: it works or reports the error, and has no other effect."""

from __future__ import annotations

import dataclasses
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv, Snapshot, VectorNESEmulator
from nes_py._batch import Batch
from nes_py.emulator import VectorEmulator
from nes_py.movie import Movie
from nes_py.options import EnvOptions
from tests.support.rom_builder import demonstration_rom

# What a wrong argument may raise. Not AttributeError, AssertionError, OverflowError, SystemError: they are nobody's
# message.
ERRORS = (
    TypeError,
    ValueError,
    IndexError,
    KeyError,
    OSError,
    NotImplementedError,
    RuntimeError,
    gymnasium.error.Error,
)
COUNT = 3
ROM = demonstration_rom()
GUARD = 0xA5

relaxed = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


class Rude:
    """An object whose conversions fail."""

    def __index__(self) -> int:
        raise ZeroDivisionError("on purpose")

    __int__ = __float__ = __index__

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("on purpose")

    def __repr__(self) -> str:
        return "Rude()"


class Number:
    """An integer of another kind."""

    def __index__(self) -> int:
        return 1


EDGES = [0, 1, 2, 3, 7, 8, 63, 64, 255, 256, 0x3FFF, 0x4000, 0xFFFF, 0x10000]
HUGE = [2**31, 2**32, 2**63, 2**64, 2**100, -1, -2, -(2**31), -(2**63), -(2**100)]
# No count of frames that would take long.
numbers = st.sampled_from([0, 1, 2, 3, 9, *HUGE])
addresses = st.sampled_from([*EDGES, *HUGE, 0x7FF, 0x800])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0.0, 1.0, -1.5, 1e300, float("nan"), float("inf")]),
    st.text(max_size=4),
    st.binary(max_size=40),
    st.just(Rude()),
    st.just(Number()),
    st.sampled_from([np.uint8(3), np.int64(-1), np.float32(2), np.bool_(True), np.str_("a"), np.array(2)]),
    st.just(1 + 2j),
)
nested = st.recursive(
    st.one_of(scalars, numbers),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)

SHAPES = [
    (), (0,), (1,), (2,), (COUNT,), (COUNT + 1,), (COUNT, 1), (COUNT, 2), (1, COUNT), (0, 2), (COUNT, 8), (COUNT, 2, 8),
    (240, 256), (240, 256, 3), (256, 240, 3), (COUNT, 240, 256, 3), (COUNT, 2048), (2048,), (1, 1, 1, 1, 1),
    (COUNT, 4, 84, 84),
]  # fmt: skip
DTYPES = ["u1", "i1", "u2", ">u2", "i4", "i8", "u4", "u8", "f4", "f8", "c16", "?", "O", "S3", "U2", "M8[s]"]


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """Arrays of all shapes and dtypes; read-only, strided, reversed, transposed, broadcast, misaligned."""
    shape, dtype = draw(st.sampled_from(SHAPES)), np.dtype(draw(st.sampled_from(DTYPES)))
    kind = draw(st.sampled_from(["plain", "plain", "strided", "reversed", "fortran", "broadcast", "misaligned"]))
    if kind == "strided":
        array = np.zeros((*shape[:-1], 2 * shape[-1]) if shape else (), dtype)
        array = array[..., ::2] if shape else array
    elif kind == "reversed":
        array = np.zeros(shape, dtype)
        array = array[::-1] if shape else array
    elif kind == "fortran":
        array = np.zeros(shape, dtype, order="F")
    elif kind == "broadcast":
        array = np.broadcast_to(np.zeros((), dtype), shape)
    elif kind == "misaligned" and dtype.kind not in "O":
        size = int(np.prod(shape)) * dtype.itemsize
        array = np.zeros(size + 1, np.uint8)[1:].view(dtype).reshape(shape)
    else:
        array = np.zeros(shape, dtype)
    if dtype.kind in "uif" and array.flags.writeable and array.size:
        array[...] = draw(st.sampled_from([0, 1, 2, 100]))
    if draw(st.booleans()) and array.flags.owndata:
        array.flags.writeable = False
    return array


anything = st.one_of(scalars, nested, arrays(), st.builds(memoryview, st.binary(max_size=9)), numbers)


def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> bool:
    """Calls a function; returns whether it took its arguments."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(*arguments, **named)
    except ERRORS as error:
        if not str(error):
            pytest.fail(f"{type(error).__name__} without a word")
        return False
    except ZeroDivisionError:
        return False  # of the argument itself
    return True


EMULATOR_CALLS: dict[str, tuple[Any, ...]] = {
    "step": (numbers | scalars, anything),
    "frame_advance": (anything,),
    "set_pc": (anything | addresses,),
    "controller": (anything,),
    "peek": (anything | addresses,),
    "poke": (anything | addresses, anything | addresses),
    "peek_ppu": (anything | addresses,),
    "poke_ppu": (anything | addresses, anything | addresses),
    "screen_rgb": (anything,),
    "screen_gray": (anything,),
    "tiles": (anything,),
    "objects": (anything, anything),
    "read_ram_values": (anything, anything, anything, anything),
    "load_state": (anything,),
}


@pytest.mark.parametrize("name", EMULATOR_CALLS)
def test_emulator(name: str) -> None:
    emulator = NESEmulator(ROM)
    emulator.step(8)

    @relaxed
    @given(st.tuples(*EMULATOR_CALLS[name]))
    def check(arguments: tuple[Any, ...]) -> None:
        before = emulator.dump_state()
        if not call(getattr(emulator, name), *arguments):
            assert emulator.dump_state() == before

    check()
    emulator.step()


@relaxed
@given(anything, anything, anything, numbers | anything, anything)
def test_constructor(rom: Any, policy: Any, ram_fill: Any, seed: Any, region: Any) -> None:
    for named in (
        {"policy": policy},
        {"ram_fill": ram_fill},
        {"seed": seed},
        {"region": region},
    ):
        call(NESEmulator, ROM, **named)
    call(NESEmulator, rom)
    call(NESEnv, rom)
    call(Batch, rom, 1)
    call(Snapshot.from_bytes, rom)
    if isinstance(rom, (str, bytes)):
        call(Movie.from_fm2, rom)


@relaxed
@given(st.data())
def test_ram_values(data: st.DataObject) -> None:
    emulator = NESEmulator(ROM)
    count = data.draw(st.integers(0, 3))
    addresses = np.array(
        data.draw(st.lists(st.sampled_from([0, 1, 0x7FE, 0x7FF, 0x800, 0xFFFF]), min_size=count, max_size=count)),
        np.uint16,
    )
    sizes = np.array(
        data.draw(st.lists(st.sampled_from([0, 1, 2, 4, 5, 9, 255]), min_size=count, max_size=count)), np.uint8
    )
    encodings = np.array(
        data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 255]), min_size=count, max_size=count)), np.uint8
    )
    call(emulator.read_ram_values, addresses, sizes, encodings)


def guarded(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Returns a uint8 array and the larger one around it, which nobody may write to."""
    size = int(np.prod(shape))
    around = np.full(size + 512, GUARD, np.uint8)
    return around[256 : 256 + size].reshape(shape), around


def test_outputs_are_filled_and_nothing_beside_them() -> None:
    emulator = NESEmulator(ROM)
    emulator.step(9)
    batch = Batch(ROM, COUNT, num_threads=2)
    batch.step(np.zeros(COUNT, np.uint8), 9)
    envs = NESVectorEnv(ROM, COUNT, num_threads=2)
    _, shape = envs.reset(seed=0)[0], envs.observation_space.shape
    assert shape is not None
    actions = np.zeros(COUNT, np.uint8)
    for function, size in (
        (emulator.screen_rgb, (240, 256, 3)),
        (emulator.screen_gray, (240, 256)),
        (emulator.tiles, (2, 30, 32)),
        (lambda out: emulator.objects(output=out), (64, 10)),
        (lambda out: emulator.objects(5, out), (5, 10)),
        (batch.screens, (COUNT, 240, 256, 3)),
        (batch.rams, (COUNT, 2048)),
        (lambda out: batch.step(actions, output=out), (COUNT, 240, 256, 3)),
        (lambda out: envs.step(actions, out=out), shape),
        (lambda out: envs.reset(seed=0, out=out), shape),
        (lambda out: envs.observe(out=out), shape),
    ):
        inner, around = guarded(size)
        function(inner)
        assert (around[:256] == GUARD).all()
        assert (around[-256:] == GUARD).all()
        assert (inner != GUARD).any()


@relaxed
@given(st.sampled_from(["step", "screens", "rams"]), anything, numbers | anything, anything, anything, anything)
def test_batch(name: str, actions: Any, frames: Any, render: Any, mask: Any, output: Any) -> None:
    batch = _batch()
    before = batch.rams()
    good = np.zeros(COUNT, np.uint8)
    if name == "step":
        if isinstance(frames, int) and frames > 9 and frames < 2**31:
            frames = 9
        taken = [
            call(batch.step, actions),
            call(batch.step, good, frames),
            call(batch.step, good, 1, render),
            call(batch.step, good, mask=mask),
            call(batch.step, good, output=output),
        ]
        if not any(taken):
            assert_same(batch.rams(), before)
    else:
        call(getattr(batch, name), output)
    assert len({emulator.frame_count for emulator in batch.emulators}) <= 2 * COUNT


_kept: list[Batch] = []


def _batch() -> Batch:
    if not _kept:
        _kept.append(Batch(ROM, COUNT, num_threads=2))
        _kept[0].step(np.zeros(COUNT, np.uint8), 8)
    return _kept[0]


@relaxed
@given(anything, numbers | anything, anything)
def test_batches_that_cannot_be(count: Any, threads: Any, members: Any) -> None:
    if not (isinstance(count, int) and 9 < count < 2**20 + 1):
        call(Batch, ROM, count)
    if not (isinstance(threads, int) and threads > 9):
        call(Batch, ROM, 2, threads)
        call(Batch.of, [NESEmulator(ROM)], threads)
    call(Batch.of, members)


def test_outputs_that_alias_what_they_are_made_from() -> None:
    emulator = NESEmulator(ROM)
    emulator.step(9)
    expected = emulator.screen_rgb()
    assert_same(emulator.screen_rgb(emulator.screen_buffer()), expected)
    gray = emulator.screen_gray()
    assert_same(emulator.screen_gray(emulator.index_buffer()), gray)
    emulator.step()
    assert (emulator.index_buffer() < 64).all()

    # The buttons lie in the pictures that are written.
    batch, twin = Batch(ROM, COUNT, num_threads=2), Batch(ROM, COUNT, num_threads=1)
    output = np.zeros((COUNT, 240, 256, 3), np.uint8)
    inside = output.reshape(-1)[:: 240 * 256 * 3]
    for _ in range(9):
        inside[:] = [1, 2, 4]
        batch.step(inside, output=output)
        twin.step(np.array([1, 2, 4], np.uint8))
    assert_same(batch.rams(), twin.rams())
    # RAM into RAM.
    memory = batch.emulators[0].memory_buffer()
    before = memory.copy()
    assert_same(Batch.of([batch.emulators[0]]).rams(memory[None])[0], before)


def test_bytes_of_every_value_in_every_view() -> None:
    emulator = NESEmulator(ROM)
    emulator.step(9)
    for value in (0, 0x3F, 0x40, 0x80, 0xFF):
        for view in (
            emulator.memory_buffer(),
            emulator.oam,
            emulator.prg_ram,
            emulator.index_buffer(),
            emulator.screen_buffer(),
            emulator.controller(0),
            emulator.controller(1),
        ):
            view[...] = value
        emulator.screen_rgb()
        emulator.screen_gray()
        emulator.step(3)
        state = bytes(emulator.dump_state())
        twin = NESEmulator(ROM)
        twin.load_state(state)
        assert bytes(twin.dump_state()) == state


# --- environments ---


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("rom") / "game.nes"
    path.write_bytes(ROM)
    env = NESEnv(str(path))
    env.reset(seed=0)
    yield env
    env.close()


ENV_CALLS: dict[str, tuple[Any, ...]] = {
    "step": (anything,),
    "frame_advance": (anything,),
    "ram_values": (anything, anything),
    "backup": (anything,),
    "restore": (anything,),
    "has_backup": (anything,),
    "load_state": (anything,),
    "seed": (anything,),
    "render": (anything,),
}


@pytest.mark.parametrize("name", ENV_CALLS)
def test_environment(name: str, env: NESEnv) -> None:
    @relaxed
    @given(st.tuples(*ENV_CALLS[name]))
    def check(arguments: tuple[Any, ...]) -> None:
        call(getattr(env, name), *arguments)

    check()
    env.reset(seed=1)
    env.step(0)


def test_environment_reset(env: NESEnv) -> None:
    @relaxed
    @given(anything, anything)
    def check(seed: Any, options: Any) -> None:
        call(env.reset, seed=seed)
        call(env.reset, options=options)
        call(env.reset, options={"slot": options})

    check()
    env.reset(seed=0)
    env.step(0)


VECTOR_CALLS: dict[str, tuple[Any, ...]] = {
    "step": (anything,),
    "get_state": (anything,),
    "set_state": (anything, anything),
    "clone": (anything, anything),
    "set_reward_function": (anything,),
    "set_end_functions": (anything, anything),
    "async_reset": (),
    "send": (anything,),
}


@pytest.mark.parametrize("name", VECTOR_CALLS)
def test_vector_environment(name: str) -> None:
    envs = NESVectorEnv(ROM, COUNT, num_threads=2)
    envs.reset(seed=0)

    @relaxed
    @given(st.tuples(*VECTOR_CALLS[name]))
    def check(arguments: tuple[Any, ...]) -> None:
        call(getattr(envs, name), *arguments)

    check()
    envs = NESVectorEnv(ROM, COUNT, num_threads=2)
    envs.reset(seed=0)
    envs.step(np.zeros(COUNT, np.int64))


_vectors: list[NESVectorEnv] = []


def _vector() -> NESVectorEnv:
    if not _vectors:
        _vectors.append(NESVectorEnv(ROM, COUNT, num_threads=2))
    return _vectors[0]


@relaxed
@given(anything, anything, anything)
def test_vector_environment_arguments(seed: Any, options: Any, out: Any) -> None:
    envs = _vector()
    call(envs.reset, seed=seed)
    call(envs.reset, options=options)
    call(envs.reset, options={"reset_mask": options})
    call(envs.reset, options={"state": options})
    call(envs.reset, out=out)
    envs.reset(seed=0)
    call(envs.step, np.zeros(COUNT, np.int64), out=out)
    call(envs.observe, out=out)
    envs.reset(seed=0)


@relaxed
@given(st.sampled_from([each.name for each in dataclasses.fields(EnvOptions)]), anything)
def test_options(name: str, value: Any) -> None:
    if isinstance(value, int) and value > 9:
        return  # pictures and stacks as large as memory are what was asked for
    call(EnvOptions.of, {name: value})
    call(NESVectorEnv, ROM, 2, **{name: value})


@relaxed
@given(anything, anything, anything, anything)
def test_movie(first: Any, second: Any, command: Any, frames: Any) -> None:
    movie = Movie()
    call(movie.append, first, second, command)
    assert len(movie) <= 1
    call(movie.append, 1)
    call(movie.replay, NESEmulator(ROM, ram_fill="zero"), frames)
    call(movie.__getitem__, frames)
    call(movie.replay, first)


@relaxed
@given(
    st.sampled_from(
        [
            "reset_env",
            "step",
            "step_single",
            "screen_buffer",
            "memory_buffer",
            "controller",
            "dump_state",
            "load_state",
            "configure_ram_reads",
        ]
    ),
    anything,
    anything,
)
def test_old_vector_classes(name: str, first: Any, second: Any) -> None:
    emulator = _old_vector()
    for arguments in ((first,), (first, second), (0, second)):
        call(getattr(emulator, name), *arguments)


_old: list[Any] = []


def _old_vector() -> Any:
    if not _old:
        with tempfile.NamedTemporaryFile(suffix=".nes") as file:
            file.write(ROM)
            file.flush()
            _old.append(VectorEmulator(file.name, COUNT, 2))
            VectorNESEmulator(file.name, 2)
    return _old[0]


@relaxed
@given(hnp.arrays(np.uint8, st.integers(0, 200)))
def test_state_of_random_bytes(data: Any) -> None:
    emulator = NESEmulator(ROM)
    before = emulator.dump_state()
    assert not call(emulator.load_state, data)
    assert emulator.dump_state() == before
