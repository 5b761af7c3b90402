"""Nothing that Python code can do to the compiled classes crashes the process or writes outside of an array."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.patience import PATIENCE

from nes_py import NESEmulator, NESVectorEnv, Snapshot
from nes_py._batch import Batch, Lookahead
from nes_py._vector import Engine, Output
from nes_py.emulator import _rebuild
from tests.support.rom_builder import demonstration_rom

PROJECT = Path(__file__).resolve().parents[2]
ROM = demonstration_rom()
COUNT = 3
GUARD = 0xA5
ERRORS = (TypeError, ValueError, AttributeError, RuntimeError, IndexError, BufferError, OverflowError, KeyError)


# --- arrays that lie ---


class Liar(np.ndarray):
    """An array that says of itself what it was told to say."""

    lies: dict[str, Any] = {}  # noqa: RUF012, set for each array

    def __getattribute__(self, name: str) -> Any:
        lies = super().__getattribute__("lies")
        if name in lies:
            return lies[name]
        return super().__getattribute__(name)


class Flags:
    c_contiguous = writeable = owndata = aligned = True
    f_contiguous = False

    def __getitem__(self, name: str) -> bool:
        return True


class Pointer:
    def __init__(self, data: int) -> None:
        self.data = data


def liars(shape: tuple[int, ...], dtype: Any = np.uint8) -> list[tuple[str, Any, Any]]:
    """Returns arrays that say they have this shape and dtype, and what lies around their memory."""
    made = []
    size = int(np.prod(shape))
    for name, array_shape, array_dtype, order in (
        ("small", (1,), dtype, "C"),
        ("one short", (*shape[:-1], shape[-1] - 1), dtype, "C"),
        ("other axes", (size,), dtype, "C"),
        ("other dtype", shape, np.dtype(np.int8) if dtype == np.uint8 else np.dtype(np.float32), "C"),
        ("transposed", shape, dtype, "F"),
        ("read-only", shape, dtype, "C"),
        ("empty", (0, *shape[1:]), dtype, "C"),
        ("wider", shape, np.dtype("u2") if dtype == np.uint8 else np.dtype("u8"), "C"),
    ):
        around = np.full(2 * (size + 64) * 8, GUARD, np.uint8)
        inner = np.ndarray(array_shape, array_dtype, around.data, offset=256, order=order)
        liar = inner.view(Liar)
        lies = {"shape": shape, "dtype": np.dtype(dtype), "flags": Flags(), "ndim": len(shape), "size": size}
        lies |= {"ctypes": Pointer(around.ctypes.data + 256), "__array_interface__": None}
        if len(shape) == 1 and name in ("other axes", "transposed"):
            continue
        if name == "read-only":
            inner.flags.writeable = liar.flags.writeable = False
        liar.lies = lies
        made.append((name, liar, around))
    return made


def outputs() -> dict[str, tuple[Any, tuple[int, ...], Any]]:
    """Returns the calls that fill an array of the caller's, its shape and its dtype."""
    emulator = NESEmulator(ROM)
    emulator.step(9)
    batch = Batch(ROM, COUNT, num_threads=1)
    envs = NESVectorEnv(ROM, COUNT, num_threads=1)
    envs.reset(seed=0)
    shape = envs.observation_space.shape
    assert shape is not None
    plain = NESVectorEnv(ROM, COUNT, num_threads=1, obs_type="ram")
    plain.reset(seed=0)
    specs = np.zeros(4, np.uint16), np.ones(4, np.uint8), np.zeros(4, np.uint8)
    actions = np.zeros(COUNT, np.uint8)
    return {
        "screen_rgb": (emulator.screen_rgb, (240, 256, 3), np.uint8),
        "screen_gray": (emulator.screen_gray, (240, 256), np.uint8),
        "tiles": (emulator.tiles, (2, 30, 32), np.uint8),
        "objects": (lambda out: emulator.objects(5, out), (5, 10), np.uint8),
        "read_ram_values": (lambda out: emulator.read_ram_values(*specs, out), (4,), np.uint32),
        "Batch.step": (lambda out: batch.step(actions, output=out), (COUNT, 240, 256, 3), np.uint8),
        "Batch.screens": (batch.screens, (COUNT, 240, 256, 3), np.uint8),
        "Batch.rams": (batch.rams, (COUNT, 2048), np.uint8),
        "NESVectorEnv.step": (lambda out: envs.step(actions, out=out), shape, np.uint8),
        "NESVectorEnv.reset": (lambda out: envs.reset(out=out), shape, np.uint8),
        "NESVectorEnv.observe": (lambda out: envs.observe(out=out), shape, np.uint8),
        "NESVectorEnv.observe of RAM": (lambda out: plain.observe(out=out), (COUNT, 2048), np.uint8),
    }


@pytest.mark.parametrize("name", outputs())
def test_output_that_lies_about_its_memory(name: str) -> None:
    call, shape, dtype = outputs()[name]
    for kind, liar, around in liars(shape, dtype):
        with pytest.raises((TypeError, ValueError)):
            call(liar)
        assert (around == GUARD).all(), kind


def test_honest_subclass_of_an_array_is_filled() -> None:
    call, shape, _ = outputs()["screen_rgb"]
    array = np.zeros(shape, np.uint8).view(np.recarray)
    call(array)
    assert np.asarray(array).any()


def test_specs_that_change_while_they_are_read() -> None:
    sizes = np.array([1, 1], np.uint8)

    class Changing(np.ndarray):
        @property
        def dtype(self) -> Any:
            sizes[:] = 255
            return np.dtype(np.uint32)

    emulator = NESEmulator(ROM)
    output = np.zeros(2, np.uint32).view(Changing)
    with pytest.raises(ValueError, match="outside RAM"):
        emulator.read_ram_values(np.array([0x7FF, 0x7FF], np.uint16), sizes, np.zeros(2, np.uint8), output)


def test_arrays_of_other_environments_are_refused() -> None:
    small = NESVectorEnv(ROM, COUNT, num_threads=1, img_height=8, img_width=8)._engine
    large = NESVectorEnv(ROM, COUNT, num_threads=1, img_height=None, img_width=None)._engine
    assert small is not None
    assert large is not None
    for call in (
        lambda out: large.reset(out, None, None, True),
        lambda out: large.step(out, np.zeros((COUNT, 1), np.uint8)),
        large.show,
        large.receive,
    ):
        for output in (small.new_output(COUNT), Output.__new__(Output)):
            with pytest.raises((ValueError, RuntimeError)):
                call(output)


# --- objects that were never initialized ---

MODULES = (
    "nes_py.emulator",
    "nes_py._batch",
    "nes_py._vector",
    "nes_py._openmp",
    "nes_py._cartridge",
    "nes_py._prange",
)

UNINITIALIZED = """
import importlib, sys
import numpy as np
name, kind = sys.argv[1:]
kind = getattr(importlib.import_module(name), kind)
for base in (kind, None):
    if base is None:
        try:
            class base(kind): pass
        except TypeError:
            continue
    try:
        made = base.__new__(base)
    except TypeError:
        continue
    arguments = (None, 0, 1, b"x", [], np.zeros(3, np.uint8), np.zeros((3, 1), np.uint8), made, {}, "x")
    for attribute in dir(base):
        if attribute in ("__class__", "__new__", "__init_subclass__", "__subclasshook__", "__getattribute__"):
            continue
        try:
            member = getattr(made, attribute)
        except Exception:
            continue
        if not callable(member):
            continue
        for count in range(4):
            for argument in arguments:
                try:
                    member(*[argument] * count)
                except Exception:
                    pass
    for function in (bytes, hash, repr, len, memoryview, np.asarray, bool, iter, lambda x: x == x):
        try:
            function(made)
        except Exception:
            pass
print("alive")
"""


def compiled_classes() -> list[tuple[str, str]]:
    """Returns the classes of the compiled modules."""
    found = []
    for name in MODULES:
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == name and not issubclass(value, tuple):
                found.append((name, key))
    return found


@pytest.mark.parametrize(("module", "kind"), compiled_classes())
def test_object_without_init_raises(module: str, kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", UNINITIALIZED, module, kind],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["alive"]), done.stderr


def test_batch_whose_init_failed() -> None:
    class Stubborn(Batch):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            with contextlib.suppress(ValueError, TypeError):
                super().__init__(*arguments, **options)

    actions = np.zeros(2, np.uint8)
    for options in ({"wait_policy": "never"}, {"policy": "x"}, {"num_threads": 0}, {"waiting": 5}):
        batch = Stubborn(ROM, 2, **options)
        for call in (
            lambda b: b.step(actions),
            lambda b: b.reset(),
            lambda b: b.screens(),
            lambda b: b.rams(),
            len,
            lambda b: b.engine,
            lambda b: b.take_busy_times(),
        ):
            with pytest.raises(RuntimeError, match="no emulators"):
                call(batch)
        batch.__init__(ROM, 2)
        batch.step(actions)


def test_failed_init_of_others() -> None:
    with pytest.raises(RuntimeError):
        Lookahead.__new__(Lookahead).run([None])
    engine = Engine.__new__(Engine)
    for call in (
        lambda: engine.ram(),
        lambda: engine.new_output(1),
        lambda: engine.unready(),
        lambda: engine.waiting + 1,
    ):
        try:
            call()
        except RuntimeError:
            continue
    with pytest.raises(ValueError, match="empty"):
        bytes(Snapshot.__new__(Snapshot))
    with pytest.raises(ValueError, match="empty"):
        NESEmulator(ROM).load_state(Snapshot.__new__(Snapshot))


# --- pickles ---


def test_altered_pickle_of_an_emulator() -> None:
    emulator = NESEmulator(ROM)
    function, (kind, content, options, state, attributes) = emulator.__reduce__()
    assert function is _rebuild
    for wrong in (
        (1, 2, 3),
        tuple(options.values()),
        {**options, "cheats": ((1, 2, 3),)},
        {**options, "cheats": (1, 2, 3)},
        dict.fromkeys(options, (1, 2, 3)),
        {**options, "policy": None},
        None,
        5,
    ):
        with pytest.raises(ERRORS):
            _rebuild(kind, content, wrong, state, attributes)
    for other in (object, int, Batch, Snapshot, type, None, 5):
        with pytest.raises(ERRORS):
            _rebuild(other, content, options, state, attributes)
    for wrong in (None, b"", 5, (1, 2, 3), state[:-1]):
        with pytest.raises(ERRORS):
            _rebuild(kind, content, options, wrong, attributes)
    for attribute in ((1, 2, 3), 5, {1: 2}):
        with pytest.raises(ERRORS):
            _rebuild(kind, content, options, state, attribute)


def test_compiled_classes_without_a_pickle_of_their_own_have_none() -> None:
    for name, kind in compiled_classes():
        value = getattr(importlib.import_module(name), kind)
        assert "__setstate_cython__" not in vars(value), kind
    emulator = NESEmulator(ROM)
    view = emulator.index_buffer().base
    while isinstance(view, np.ndarray) or type(view).__name__ == "memoryview":
        view = getattr(view, "base", None) if isinstance(view, np.ndarray) else view.obj
    with pytest.raises(TypeError):
        pickle.dumps(view)


# --- declarations of the core ---


def external_functions() -> Iterator[tuple[str, str]]:
    """Yields the functions of the core that Cython code declares, each in one line, and where."""
    for path in sorted((PROJECT / "nes_py").glob("*.p[xy][dx]")):
        inside, declaration = False, ""
        text = re.sub(r'"""[\s\S]*?"""', "", path.read_text(encoding="utf-8"))
        for line in text.splitlines():
            if line.startswith("cdef extern from"):
                inside = True
            elif line and not line[0].isspace():
                inside = False
            elif inside and line.strip():
                declaration += " " + line.partition("#")[0].strip()
                if declaration.count("(") == declaration.count(")"):
                    if "(" in declaration and not re.match(r" (cdef enum|nanoseconds)", declaration):
                        yield path.name, declaration.strip()
                    declaration = ""


@pytest.mark.skipif(not (PROJECT / "nes_py").is_dir(), reason="the sources are not here, only the tests")
def test_no_exception_crosses_a_boundary_that_does_not_declare_it() -> None:
    found = list(external_functions())
    assert len(found) > 80
    for where, declaration in found:
        assert "noexcept" in declaration or "except +" in declaration, f"{where}: {declaration}"


def test_cython_makes_no_containers_of_lists() -> None:
    # What its conversions throw when memory is missing, nobody catches.
    generated = [
        path
        for path in (PROJECT / "build" / "cache").glob("*/cython/nes_py/*.cpp")
        if path.stat().st_mtime >= (PROJECT / "nes_py" / f"{path.stem}.pyx").stat().st_mtime
    ]
    if not generated:
        pytest.skip("the package was not built here")
    for path in generated:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"__pyx_convert_(?:vector|string|list|map|set|pair)\w*_from_py\w*", text), path
