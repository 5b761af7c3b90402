"""Observes nes-py from outside: signatures, defaults, types of results, exceptions. Runs on any version.

    python probes.py ROM

prints JSON: names of probes to their results. It imports only ``nes_py`` and its requirements, so that it can
run where only a released nes-py is installed. ``test_nes_py_9.py`` compares the answers with those of 9.0.1, which
are in ``tests/data/nes_py_9.json``.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import importlib
import inspect
import io
import json
import os
import sys
import tempfile
import types
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import gymnasium as gym
import numpy as np

MODULES = (
    "nes_py",
    "nes_py.nes_env",
    "nes_py.play",
    "nes_py.ram",
    "nes_py.speedtest",
    "nes_py.vector_env",
    "nes_py.wrappers",
    "nes_py.wrappers.joypad_space",
    "nes_py._image_viewer",
    "nes_py._rom",
    "nes_py._native",
)
#: Names with an underscore that subclasses and tools use.
PRIVATE = {
    "nes_py.nes_env": ("_native_cartridge_error", "_native_cartridge_metadata", "_is_mapper_supported"),
}
#: Where programs import names that are defined elsewhere. What a module imports for itself is not its interface.
IMPORTED = {
    "nes_py.NESEnv",
    "nes_py.VectorNESEmulator",
    "nes_py.nes_env.ImageViewer",
    "nes_py.nes_env.ROM",
    "nes_py.wrappers.JoypadSpace",
}


# --- what is written down ---


def describe(value: Any) -> Any:
    """Return a value for JSON: types and shapes rather than contents where those are the machine's."""
    if value is None or isinstance(value, (bool, int, str)):
        return value if type(value) in (type(None), bool, int, str) else [type(value).__name__, str(value)]
    if isinstance(value, float):
        return f"float {value!r}" if type(value) is float else [type(value).__name__, str(value)]
    if isinstance(value, np.generic):
        return [f"numpy.{value.dtype}", str(value)]
    if isinstance(value, np.ndarray):
        return f"array {value.dtype} {value.shape}"
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *map(describe, value)]
    if isinstance(value, (set, frozenset)):
        return [type(value).__name__, *sorted(map(str, value))]
    if isinstance(value, dict):
        return {str(key): describe(each) for key, each in value.items()}
    if isinstance(value, gym.Space):
        return str(value)
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    if callable(value):
        return "function"
    return f"object {type(value).__name__}"


def signature(function: Any) -> Any:
    """Return the parameters of a function as a list of [name, kind, default]."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return "unknown"
    rows = []
    for each in parameters:
        default = "none given" if each.default is each.empty else describe(each.default)
        rows.append([each.name, each.kind.name, default])
    return rows


def of_class(kind: type) -> Iterator[tuple[str, Any]]:
    yield "bases", [base.__name__ for base in kind.__mro__[1:-1] if base.__module__.startswith("gymnasium")]
    yield "call", signature(kind)
    if dataclasses.is_dataclass(kind):
        yield "fields", [field.name for field in dataclasses.fields(kind)]
    members: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("nes_py"):
            members.update(vars(base))
    for name, member in members.items():
        if name.startswith(("__", f"_{kind.__name__}__")):
            continue
        if dataclasses.is_dataclass(kind) and name in kind.__dataclass_fields__:
            continue
        if isinstance(member, (classmethod, staticmethod)):
            yield name, [type(member).__name__, signature(getattr(kind, name))]
        elif isinstance(member, property):
            yield name, "property"
        elif callable(member) and not isinstance(member, type):
            yield name, ["method", signature(member)]
        else:
            yield name, describe(member)


def inventory() -> dict[str, Any]:
    """Return all public names of all modules, and the members of classes."""
    found: dict[str, Any] = {}
    for path in MODULES:
        try:
            module = importlib.import_module(path)
        except ImportError:
            found[path] = "missing"
            continue
        found[path] = "module"
        if hasattr(module, "__all__"):
            found[f"{path}.__all__"] = sorted(module.__all__)
        for name, value in vars(module).items():
            if name.startswith("_") and name not in PRIVATE.get(path, ()):
                continue
            if isinstance(value, types.ModuleType) and not value.__name__.startswith("nes_py"):
                continue
            place = f"{path}.{name}"
            if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) or hasattr(
                value, "__wrapped__"
            ):
                if value.__module__ != path and name not in PRIVATE.get(path, ()):
                    if place in IMPORTED:
                        found[place] = "imported"
                elif isinstance(value, type):
                    found[place] = "class"
                    for member, what in of_class(value):
                        found[f"{place}:{member}"] = what
                else:
                    found[place] = ["function", signature(value)]
            elif getattr(value, "__module__", None) in (None, path):
                found[place] = describe(value)
    return found


# --- what happens ---


class Probes:
    """Runs small programs and keeps what came of each."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def __call__(self, name: str, function: Callable[[], Any]) -> None:
        assert name not in self.found, name
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = describe(function())
            except SystemExit as end:
                result = f"exits with {end.code}"
            except Exception as error:
                kinds = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
                # An exception of ours may be several of Python's at once.
                names = [one.__name__ for one in kinds if not any(one in other.__mro__[1:] for other in kinds)]
                result = f"raises {' '.join(sorted(names))}"
        ours = {
            each.category.__name__ for each in caught if "nes_py" in str(each.filename) or "probes" in each.filename
        }
        self.found[name] = [result, *sorted(ours)] if ours else result


ODD = {
    "None": None,
    "true": True,
    "minus one": -1,
    "255": 255,
    "256": 256,
    "300": 300,
    "2.0": 2.0,
    "2.7": 2.7,
    "nan": float("nan"),
    "text": "2",
    "word": "A",
    "empty list": [],
    "list of one": [2],
    "list of two": [2, 3],
    "tuple": (2,),
    "numpy int64": np.int64(2),
    "numpy uint8": np.uint8(2),
    "numpy float": np.float64(2.0),
    "numpy bool": np.bool_(True),
    "array ()": np.array(2),
    "array (1,)": np.array([2]),
    "array (2,)": np.array([2, 3]),
    "float array ()": np.array(2.0),
    "bytes": b"\x02",
    "fraction": Fraction(2),
    "object": object(),
}


def environment(probe: Probes, rom: str) -> None:
    """``NESEnv``."""
    from nes_py.nes_env import NESEnv

    for name, path in {
        "number": 0,
        "none": None,
        "nowhere": "nowhere.nes",
        "empty": "",
        "folder": os.path.dirname(rom),
        "text file": __file__,
    }.items():
        probe(f"env path {name}", lambda path=path: NESEnv(path))
    for mode in (None, "rgb_array", "human", "ansi", 3, "", "RGB_ARRAY"):
        probe(f"env render_mode {mode!r}", lambda mode=mode: NESEnv(rom, render_mode=mode).render_mode)
        probe(f"env render_mode {mode!r} by position", lambda mode=mode: NESEnv(rom, mode).render_mode)

    def made(**options: Any) -> Any:
        env = NESEnv(rom, **options)
        env.reset()
        return env

    env = made()
    for name in (
        "metadata", "reward_range", "observation_space", "action_space", "viewer", "done", "ram", "screen",
        "controllers", "_has_backup", "_rom_path", "spec", "render_mode", "unwrapped", "np_random",
    ):  # fmt: skip
        if name == "_rom_path":
            probe("env._rom_path", lambda: env._rom_path == rom)
        else:
            probe(f"env.{name}", lambda name=name: getattr(env, name))
    probe("env.screen is one", lambda: env.screen is env.screen)
    probe("env.ram is one", lambda: env.ram is env.ram)
    probe("env.controllers is a list", lambda: type(env.controllers))
    for name in ("screen", "ram"):
        probe(f"env.{name} writeable", lambda name=name: bool(getattr(env, name).flags.writeable))
    for name in ("_screen_buffer", "_ram_buffer", "_mapper_number", "_prg_rom_size", "_chr_rom_size", "_has_chr_ram",
                 "_name_table_mirroring"):  # fmt: skip
        probe(f"env.{name}()", lambda name=name: getattr(env, name)())
    probe("env._controller_buffer(0)", lambda: env._controller_buffer(0))
    probe("env._controller_buffer(1)", lambda: env._controller_buffer(1))
    probe("env._controller_buffer(2)", lambda: env._controller_buffer(2))
    probe("env._controller_buffer(-1)", lambda: env._controller_buffer(-1))
    probe("env step", lambda: env.step(0))
    probe("env done before reset", lambda: NESEnv(rom).done)
    probe("env step before reset", lambda: NESEnv(rom).step(0))
    probe("env render before reset", lambda: NESEnv(rom, render_mode="rgb_array").render())
    probe("env reset", env.reset)
    probe("env reset seed", lambda: env.reset(seed=3))
    probe("env reset by position", lambda: env.reset(3))
    probe("env np_random_seed", lambda: (env.reset(seed=5), env.np_random_seed)[1])
    for name, seed in {"float": 1.5, "text": "1", "negative": -1, "large": 2**80, "bool": True,
                       "numpy": np.int64(4)}.items():  # fmt: skip
        probe(f"env reset seed {name}", lambda seed=seed: made().reset(seed=seed)[1])
    for name, options in {"empty": {}, "key": {"x": 1}}.items():
        probe(f"env reset options {name}", lambda options=options: made().reset(options=options)[1])
    probe("env reset unknown", lambda: made().reset(other=1))
    for seed in (None, 7):
        probe(f"env seed({seed})", lambda seed=seed: type(made().seed(seed)))
    probe("env seed(7) value", lambda: made().seed(7))
    for name, action in ODD.items():
        probe(f"env step {name}", lambda action=action: made().step(action)[1:])
        probe(f"env _frame_advance {name}", lambda action=action: made()._frame_advance(action))
    probe("env step none", lambda: made().step())
    for mode in ("rgb_array", "rgb_array_contiguous", "grayscale", "nearest", None, 3):
        probe(f"env observation {mode!r}", lambda mode=mode: made().observation(mode))
    probe("env observation", lambda: env.observation() is env.screen)
    outputs = {
        "right": np.empty((240, 256, 3), np.uint8),
        "grey": np.empty((240, 256), np.uint8),
        "wrong type": np.empty((240, 256, 3), np.int8),
        "strided": np.empty((240, 512, 3), np.uint8)[:, ::2],
        "list": [1],
        "flat": np.empty(240 * 256 * 3, np.uint8),
    }
    for mode in ("rgb_array", "rgb_array_contiguous", "grayscale"):
        for name, output in outputs.items():
            probe(
                f"env observation {mode} output {name}",
                lambda mode=mode, output=output: made().observation(mode, output=output) is output,
            )
    probe("env _restore without a backup", lambda: made()._restore())
    probe("env _backup", lambda: made()._backup())
    probe("env _backup sets", lambda: ((e := made())._backup(), e._has_backup)[1])

    def again() -> Any:
        e = made()
        e._backup()
        e.ram[5] = 77
        e._restore()
        return int(e.ram[5]) != 77, e.done

    probe("env _restore", again)

    def over() -> Any:
        e = made()
        e._backup()
        e.done = True
        e._restore()
        return e.done

    probe("env _restore done", over)

    def loaded() -> Any:
        e = made()
        state = e.dump_state()
        e.done = True
        e.load_state(state)
        return e.done

    probe("env load_state done", loaded)
    for name, state in {
        "none": None,
        "number": 3,
        "bytes": b"abc",
        "list": [1],
        "array": np.zeros(5, np.uint8),
    }.items():
        probe(f"env load_state {name}", lambda state=state: made().load_state(state))
    probe("env render", lambda: made().render())
    probe("env render rgb_array", lambda: made(render_mode="rgb_array").render())
    probe("env render equal", lambda: bool(((e := made(render_mode="rgb_array")).render() == e.screen).all()))

    def changed_mode() -> Any:
        e = made()
        e.render_mode = "rgb_array"
        return e.render()

    probe("env render_mode set later", changed_mode)

    def unknown_mode() -> Any:
        e = made()
        e.render_mode = "text"
        return e.render()

    probe("env render_mode unknown later", unknown_mode)

    def closed(then: Callable[[Any], Any]) -> Callable[[], Any]:
        def run() -> Any:
            e = made(render_mode="rgb_array")
            e.screen, e.ram  # noqa: B018
            e.close()
            return then(e)

        return run

    probe("env close", lambda: made().close())
    probe("env closed _env", closed(lambda e: e._env))
    probe("env closed close", closed(lambda e: e.close()))
    probe("env closed reset", closed(lambda e: e.reset()))
    probe("env closed step", closed(lambda e: e.step(0)))
    probe("env closed render", closed(lambda e: e.render()))
    probe("env closed screen", closed(lambda e: e.screen))
    probe("env closed ram", closed(lambda e: e.ram))
    probe("env closed controllers", closed(lambda e: e.controllers))
    probe("env closed observation", closed(lambda e: e.observation()))
    probe("env closed observation grey", closed(lambda e: e.observation("grayscale")))
    probe("env closed dump_state", closed(lambda e: e.dump_state()))
    probe("env closed load_state", closed(lambda e: e.load_state(None)))
    probe("env closed ram_values", closed(lambda e: e.ram_values([0])))
    probe("env closed _backup", closed(lambda e: e._backup()))
    probe("env closed done", closed(lambda e: e.done))
    probe("env get_keys_to_action", lambda: sorted(map(list, made().get_keys_to_action().items()))[:4])
    probe("env get_keys_to_action length", lambda: len(made().get_keys_to_action()))
    probe("env get_keys_to_action key", lambda: made().get_keys_to_action()[(ord("a"), ord("o"))])
    probe("env get_action_meanings", lambda: made().get_action_meanings())
    for hook in ("_get_reward", "_get_terminated", "_get_truncated", "_get_done", "_get_info", "_will_reset",
                 "_did_reset"):  # fmt: skip
        probe(f"env {hook}()", lambda hook=hook: getattr(made(), hook)())
    probe("env _did_step(True)", lambda: made()._did_step(True))

    class Odd(NESEnv):
        reward_range = (-1, 1)

        def _get_reward(self) -> Any:
            return self.reward

        def _get_done(self) -> Any:
            return self.over

        def _get_truncated(self) -> Any:
            return self.cut

        def _get_info(self) -> Any:
            return self.info

    for name, (reward, over_, cut, info) in {
        "ints": (3, 0, 0, {}),
        "low": (-7, 1, 0, {}),
        "numpy": (np.int16(3), np.bool_(True), np.bool_(False), {"a": 1}),
        "none reward": (None, False, False, {}),
        "text reward": ("1", False, False, {}),
        "none done": (0, None, None, {}),
        "none info": (0, False, False, None),
        "nan": (float("nan"), False, False, {}),
        "array reward": (np.array([1.0]), False, False, {}),
        "both": (0, True, True, {}),
        "inf": (float("inf"), False, False, {}),
    }.items():

        def hooked(reward: Any = reward, over: Any = over_, cut: Any = cut, info: Any = info) -> Any:
            e = Odd(rom)
            e.reward, e.over, e.cut, e.info = reward, over, cut, info
            e.reset()
            return (*e.step(0)[1:], e.done)

        probe(f"env hooks {name}", hooked)
    probe("env with", lambda: NESEnv(rom).__enter__().close())
    probe("env deepcopy", lambda: type(copy.deepcopy(made())) is NESEnv)
    probe("env str", lambda: str(made()).startswith("<NESEnv"))


def ram(probe: Probes, rom: str) -> None:
    """``ram_values`` and ``normalize_ram_read_specs``."""
    from nes_py.nes_env import NESEnv
    from nes_py.ram import RAM_READ_ENCODINGS, normalize_ram_read_specs

    probe("ram encodings", lambda: sorted(RAM_READ_ENCODINGS.items()))
    specs: dict[str, Any] = {
        "none": None,
        "number": 3,
        "text": "ab",
        "empty": (),
        "byte": (1,),
        "numpy": (np.uint16(1),),
        "array": np.array([1, 2]),
        "bool": (True,),
        "float": (1.0,),
        "float address": ((1.5, 1),),
        "text address": (("1", 1),),
        "text hex address": (("0x10", 1),),
        "pair": ((1, 2),),
        "list pair": ([1, 2],),
        "triple": ((1, 2, "big"),),
        "quadruple": ((1, 2, "big", 1),),
        "single tuple": ((1,),),
        "capital": ((1, 2, "BIG"),),
        "unknown encoding": ((1, 1, "octal"),),
        "encoding number": ((1, 1, 1),),
        "encoding none": ((1, 1, None),),
        "mapping": ({"address": 1},),
        "mapping whole": ({"address": 1, "size": 3, "encoding": "digits"},),
        "mapping without": ({"size": 1},),
        "mapping more": ({"name": "coins", "address": 1},),
        "mapping more keys": ({"address": 1, 5: 6, "unit": None},),
        "mapping size": ({"address": 1, "size": 2},),
        "mapping empty": ({},),
        "negative": (-1,),
        "end": (0x7FF,),
        "beyond": (0x800,),
        "reaches beyond": ((0x7FF, 2),),
        "size zero": ((1, 0),),
        "size negative": ((1, -1),),
        "size float": ((1, 2.0),),
        "size text": ((1, "2"),),
        "byte of two": ((1, 2, "byte"),),
        "little of five": ((1, 5, "little"),),
        "bcd of five": ((1, 5, "bcd"),),
        "digits of nine": ((1, 9, "digits"),),
        "digits of ten": ((1, 10, "digits"),),
        "object": (object(),),
        "none inside": (None,),
        "text inside": ("12",),
        "generator": (each for each in [1, 2]),
        "set": {1},
        "dictionary": {1: 2},
    }
    env = NESEnv(rom)
    env.reset()
    for name, each in specs.items():
        if name == "generator":
            probe("ram normalize generator", lambda: normalize_ram_read_specs(x for x in [1, 2]))
            continue
        probe(f"ram normalize {name}", lambda each=each: [array.tolist() for array in normalize_ram_read_specs(each)])
        probe(f"ram values {name}", lambda each=each: env.ram_values(each))
    for name, output in {
        "right": np.empty(2, np.uint32),
        "list": [0, 0],
        "short": np.empty(1, np.uint32),
        "signed": np.empty(2, np.int32),
        "wide": np.empty(2, np.uint64),
        "two axes": np.empty((1, 2), np.uint32),
        "strided": np.empty(4, np.uint32)[::2],
    }.items():
        probe(f"ram output {name}", lambda output=output: env.ram_values((1, 2), output=output) is output)

    def frozen() -> Any:
        output = np.empty(2, np.uint32)
        output.flags.writeable = False
        return env.ram_values((1, 2), output)

    probe("ram output frozen", frozen)
    env.ram[0x10:0x16] = [1, 2, 3, 0x45, 0x67, 9]
    for encoding, size in (("byte", 1), ("little", 4), ("big", 4), ("bcd", 2), ("digits", 4)):
        probe(f"ram value {encoding}", lambda s=size, e=encoding: env.ram_values(((0x10, s, e),)).tolist())
    probe("ram value bcd of digits above nine", lambda: env.ram_values(((0x14, 1, "bcd"),)).tolist())


def vector(probe: Probes, rom: str) -> None:
    """``VectorNESEmulator``."""
    from nes_py.vector_env import VectorNESEmulator, VectorStepTiming

    for count in (0, -1, 1, "2", 2.9, None, True, np.int64(2), [2]):
        # Not its repr: NumPy 1 has another.
        name = "np.int64(2)" if isinstance(count, np.int64) else repr(count)
        probe(f"vector of {name}", lambda count=count: VectorNESEmulator(rom, count).num_envs)
    for name, path in {"nowhere": "nowhere.nes", "number": 0, "none": None, "text file": __file__}.items():
        probe(f"vector path {name}", lambda path=path: VectorNESEmulator(path, 2))
    made = VectorNESEmulator(rom, 2)
    for name in ("num_envs", "screens", "rams", "action_space", "observation_space"):
        probe(f"vector.{name}", lambda name=name: getattr(made, name))
        probe(f"vector class {name}", lambda name=name: getattr(VectorNESEmulator, name))
    probe("vector rom_path", lambda: made.rom_path == rom)
    probe("vector reset", made.reset)
    probe("vector reset seed", lambda: made.reset(seed=4) is made.screens)
    probe("vector reset by position", lambda: made.reset(4))
    zeros = np.zeros(2, np.uint8)
    for name, actions in {
        "right": zeros,
        "list": [0, 1],
        "tuple": (0, 1),
        "ints": np.zeros(2, np.int64),
        "one": np.zeros(1, np.uint8),
        "three": np.zeros(3, np.uint8),
        "two axes": np.zeros((2, 1), np.uint8),
        "none": None,
        "number": 0,
        "float": np.zeros(2),
        "bool": np.zeros(2, bool),
        "strided": np.zeros(4, np.uint8)[::2],
        "text": "ab",
        "empty": np.zeros(0, np.uint8),
    }.items():
        probe(f"vector step {name}", lambda actions=actions: made.step(actions) is made.screens)
        probe(f"vector step_timed {name}", lambda actions=actions: type(made.step_timed(actions)).__name__)
    timing = made.step_timed(zeros)
    probe("vector timing fields", lambda: sorted(dataclasses.asdict(timing)))
    probe("vector timing to_dict", lambda: sorted(timing.to_dict()))
    probe("vector timing types", lambda: {name: type(each).__name__ for name, each in timing.to_dict().items()})
    probe("vector timing sums", lambda: timing.native_step_seconds > 0 and timing.action_transfer_seconds >= 0)
    probe("vector timing of four", lambda: VectorStepTiming(1, 2, 3, 4).to_dict())
    probe("vector timing of none", lambda: VectorStepTiming())
    probe("vector timing frozen", lambda: setattr(timing, "native_step_seconds", 1))
    probe("vector timing equal", lambda: VectorStepTiming(1, 2, 3, 4) == VectorStepTiming(1, 2, 3, 4))
    for name, index in {**ODD, "one": 1, "two": 2}.items():
        probe(f"vector reset_one {name}", lambda index=index: made.reset_one(index))
        probe(f"vector dump_state {name}", lambda index=index: made.dump_state(index) is not None)
        probe(f"vector observation_one {name}", lambda index=index: made.observation_one(index))
        probe(f"vector step_one {name}", lambda index=index: made.step_one(index, 0))
    for name, action in ODD.items():
        probe(f"vector step_one action {name}", lambda action=action: made.step_one(0, action))
    for mode in ("rgb_array", "rgb_array_contiguous", "grayscale", "nearest", None):
        probe(f"vector observation {mode!r}", lambda mode=mode: made.observation(mode))
        probe(f"vector observation_one(1, {mode!r})", lambda mode=mode: made.observation_one(1, mode))
    outputs = {
        "right": np.empty((2, 240, 256, 3), np.uint8),
        "grey": np.empty((2, 240, 256), np.uint8),
        "one": np.empty((240, 256, 3), np.uint8),
        "one grey": np.empty((240, 256), np.uint8),
        "wrong type": np.empty((2, 240, 256, 3), np.int8),
        "list": [1],
        "strided": np.empty((2, 240, 512, 3), np.uint8)[:, :, ::2],
    }
    for mode in ("rgb_array", "rgb_array_contiguous", "grayscale"):
        for name, output in outputs.items():
            probe(
                f"vector observation {mode} output {name}",
                lambda mode=mode, output=output: made.observation(mode, output) is output,
            )
            probe(
                f"vector observation_one {mode} output {name}",
                lambda mode=mode, output=output: made.observation_one(0, mode, output=output) is output,
            )
    probe("vector ram_values", lambda: made.ram_values((1, (2, 2))))
    probe("vector ram_values empty", lambda: made.ram_values(()))
    probe("vector ram_values none", lambda: made.ram_values(None))
    for name, output in {
        "right": np.empty((2, 1), np.uint32),
        "flat": np.empty(2, np.uint32),
        "wrong type": np.empty((2, 1), np.uint8),
        "list": [[0], [0]],
    }.items():
        probe(f"vector ram_values output {name}", lambda output=output: made.ram_values((1,), output) is output)
    state = made.dump_state(0)
    probe("vector load_state", lambda: made.load_state(1, state))
    probe("vector load_state index", lambda: made.load_state(2, state))
    for name, bad in {"none": None, "bytes": b"x", "number": 1}.items():
        probe(f"vector load_state {name}", lambda bad=bad: made.load_state(0, bad))
    probe("vector screens are live", lambda: made.screens[0] is made.observation()[0])
    probe("vector rams writeable", lambda: bool(made.rams[0].flags.writeable))
    screens = made.screens
    probe("vector close", made.close)
    for name, then in {
        "close": lambda: made.close(),
        "step": lambda: made.step(zeros),
        "step_timed": lambda: made.step_timed(zeros),
        "step_one": lambda: made.step_one(0, 0),
        "reset": lambda: made.reset(),
        "reset_one": lambda: made.reset_one(0),
        "observation": lambda: made.observation() is screens,
        "observation grey": lambda: made.observation("grayscale"),
        "observation unknown": lambda: made.observation("nearest"),
        "observation_one": lambda: made.observation_one(0) is screens[0],
        "observation_one grey": lambda: made.observation_one(0, "grayscale"),
        "observation_one index": lambda: made.observation_one(2),
        "ram_values": lambda: made.ram_values((1,)),
        "dump_state": lambda: made.dump_state(0),
        "load_state": lambda: made.load_state(0, state),
        "num_envs": lambda: made.num_envs,
        "screens": lambda: made.screens is screens,
        "rams": lambda: made.rams,
    }.items():
        probe(f"vector closed {name}", then)


class Recorder(gym.Env[Any, Any]):
    """Keeps what a wrapper passes on."""

    observation_space = gym.spaces.Discrete(2)
    action_space = gym.spaces.Discrete(256)

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        return 0, {"seed": seed, "options": options}

    def step(self, action: Any) -> Any:
        return 1, 2.0, False, True, {"action": action}

    def get_keys_to_action(self) -> Any:
        return {(): 0, (1, 2): 0x81, (3,): 0x46, (4,): 0x80}


def joypad(probe: Probes) -> None:
    """``JoypadSpace``."""
    from nes_py.wrappers import JoypadSpace

    probe("joypad buttons", JoypadSpace.buttons)
    probe("joypad _button_map", lambda: JoypadSpace._button_map)
    for name, actions in {
        "right": [["NOOP"], ["right", "A"]],
        "tuples": (("NOOP",), ("right", "A")),
        "empty combination": [[], ["A"]],
        "generator": None,
        "none": None,
        "number": 3,
        "empty": [],
        "unknown": [["NOP"]],
        "lower case": [["a"]],
        "number inside": [[1]],
        "bare": ["right", "A"],
        "bare noop": ["NOOP"],
        "bare letters": ["A", "B"],
        "bare AB": ["AB"],
        "text": "A",
        "twice": [["A", "A"], ["A", "A"]],
        "none inside": [None],
        "set": [{"A"}],
        "bytes": [b"A"],
        "mapping": {0: ["A"]},
    }.items():
        given = (each for each in [["A"]]) if name == "generator" else actions
        probe(f"joypad of {name}", lambda given=given: sorted(JoypadSpace(Recorder(), given)._action_map.items()))
    env = JoypadSpace(Recorder(), [["NOOP"], ["right", "A"], ["left", "B", "select"], ["right"]])
    for name, action in ODD.items():
        probe(f"joypad step {name}", lambda action=action: env.step(action))
    for action in (0, 1, 3, 4, 6):
        probe(f"joypad step {action}", lambda action=action: env.step(action))
    probe("joypad action_space", lambda: env.action_space)
    probe("joypad observation_space", lambda: env.observation_space)
    probe("joypad action_space setter", lambda: setattr(env, "action_space", env.action_space))
    probe("joypad reset", lambda: env.reset())
    probe("joypad reset arguments", lambda: env.reset(seed=7, options={"a": 1}))
    probe("joypad reset by position", lambda: env.reset(7))
    probe("joypad reset unknown", lambda: env.reset(other=7))
    probe("joypad meanings", env.get_action_meanings)
    probe("joypad keys", env.get_keys_to_action)
    probe("joypad unwrapped", lambda: type(env.unwrapped).__name__)
    probe("joypad str", lambda: str(env))
    probe("joypad class name", lambda: JoypadSpace.class_name())
    probe("joypad _action_map", lambda: env._action_map)
    probe("joypad _action_meanings", lambda: env._action_meanings)


def speedtest(probe: Probes, rom: str) -> None:
    """``nes_py.speedtest``."""
    from nes_py import speedtest as program

    config = program.BenchmarkConfig
    quick = {"rom": rom, "steps": 3, "progress": False}

    def shape(result: Any) -> Any:
        return {name: type(each).__name__ for name, each in dataclasses.asdict(result).items()}

    def counted(result: Any) -> Any:
        return {
            name: each
            for name, each in dataclasses.asdict(result).items()
            if "second" not in name and name not in ("environment", "compiler", "platform", "rom", "checksum")
        }

    probe("speedtest config", lambda: dataclasses.asdict(config("x")))
    probe("speedtest config equal", lambda: config("x") == config("x"))
    for name, options in {
        "steps zero": {"steps": 0},
        "steps negative": {"steps": -1},
        "warm-up negative": {"warmup_steps": -1},
        "backup zero": {"backup_interval": 0},
        "restore negative": {"restore_interval": -1},
        "policy unknown": {"action_policy": "x"},
        "policy none": {"action_policy": None},
        "render mode unknown": {"render_mode": "x"},
        "rom nowhere": {"rom": "nowhere.nes"},
        "option unknown": {"x": 1},
    }.items():
        probe(f"speedtest config {name}", lambda options=options: type(config(**{"rom": "x", **options})).__name__)
        probe(
            f"speedtest run {name}",
            lambda options=options: type(program.run_benchmark(**{**quick, **options})).__name__,
        )

    def policy(env: Any, step: int, rng: Any) -> int:
        seen.append((type(env).__name__, step, type(rng).__name__))
        return step % 256

    seen: list[Any] = []
    for name, options in {
        "plain": {},
        "seed": {"seed": 3},
        "warm-up": {"warmup_steps": 2},
        "noop": {"action_policy": "noop"},
        "callable": {"action_policy": policy},
        "lambda": {"action_policy": lambda env, step, rng: 0},
        "rendered": {"render_mode": "rgb_array", "warmup_steps": 1},
        "backups": {"steps": 9, "backup_interval": 2},
        "restores": {"steps": 9, "restore_interval": 2},
        "both": {"steps": 9, "warmup_steps": 1, "restore_interval": 3, "backup_interval": 2},
    }.items():
        probe(
            f"speedtest benchmark {name}",
            lambda options=options: counted(program.run_benchmark(**{**quick, **options})),
        )
        probe(
            f"speedtest benchmark of a config {name}",
            lambda options=options: counted(program.run_benchmark(config(**{**quick, **options}))),
        )
    probe("speedtest policy arguments", lambda: seen[:3])
    probe("speedtest config and more", lambda: program.run_benchmark(config(**quick), steps=4).measured_steps)
    probe("speedtest nothing", lambda: program.run_benchmark())
    probe("speedtest result", lambda: shape(program.run_benchmark(**quick)))
    probe("speedtest result to_dict", lambda: list(program.run_benchmark(**quick).to_dict()))
    probe("speedtest fps rendered", lambda: program.run_benchmark(**quick).frames_per_second > 0)
    probe("speedtest repeated", lambda: describe(program.run_repeated_benchmark(config(**quick), 2))[0])
    probe("speedtest repeated by name", lambda: len(program.run_repeated_benchmark(runs=3, **quick)[0]))
    probe("speedtest repeated default", lambda: len(program.run_repeated_benchmark(**quick)[0]))
    probe("speedtest repeated summary", lambda: shape(program.run_repeated_benchmark(runs=3, **quick)[1]))
    probe("speedtest repeated zero", lambda: program.run_repeated_benchmark(config(**quick), 0))

    class Rate:
        def __init__(self, rate: float) -> None:
            self.steps_per_second = rate

    class Frames(Rate):
        @property
        def frames_per_second(self) -> float:
            return self.steps_per_second * 2

    for name, rates in {
        "one": [5.0], "two": [1.0, 4.0], "three": [4.0, 1.0, 2.0], "four": [1.0, 2.0, 4.0, 8.0],
        "five": [1.0, 2.0, 4.0, 8.0, 16.0], "nine": [float(n * n) for n in range(9)],
    }.items():  # fmt: skip
        for kind in (Rate, Frames):
            for baseline in (None, 0, 2.0):
                probe(
                    f"speedtest summary {name} {kind.__name__} {baseline}",
                    lambda rates=rates, kind=kind, baseline=baseline: program.summarize_repeated_results(
                        [kind(rate) for rate in rates], "op", baseline
                    ).to_dict(),
                )
    probe("speedtest summary none", lambda: program.summarize_repeated_results([], "op"))
    small = {"steps": 2, "warmup_steps": 1}
    probe("speedtest mapper", lambda: [counted(each) for each in program.run_mapper_profile([rom], **small)])
    probe("speedtest mapper shape", lambda: shape(program.run_mapper_profile([rom], **small)[0]))
    probe("speedtest mapper default", lambda: program.run_mapper_profile([rom], operations=["step"])[0].total_steps)
    probe("speedtest mapper one", lambda: len(program.run_mapper_profile([rom], 2, 0, ("reset", "step"))))
    probe("speedtest mapper unknown", lambda: program.run_mapper_profile([rom], 2, 0, ("x",)))
    probe("speedtest mapper zero", lambda: program.run_mapper_profile([rom], 0))
    probe("speedtest mapper negative", lambda: program.run_mapper_profile([rom], 1, -1))
    probe("speedtest mapper none", lambda: program.run_mapper_profile([]))
    probe("speedtest mapper nowhere", lambda: program.run_mapper_profile(["nowhere.nes"], 1))
    for name, run in {
        "observation": program.run_observation_profile,
        "ram": program.run_ram_profile,
    }.items():
        probe(f"speedtest {name}", lambda run=run: [counted(each) for each in run(rom, **small)])
        probe(f"speedtest {name} shape", lambda run=run: shape(run(rom, **small)[0]))
        probe(f"speedtest {name} to_dict", lambda run=run: list(run(rom, **small)[0].to_dict()))
        probe(f"speedtest {name} by position", lambda run=run: run(rom, 2, 1, 7, "noop")[0].action_policy)
        probe(f"speedtest {name} callable", lambda run=run: run(rom, 2, 0, 7, policy)[0].action_policy)
        probe(f"speedtest {name} zero", lambda run=run: run(rom, 0))
        probe(f"speedtest {name} negative", lambda run=run: run(rom, 1, -1))
        probe(f"speedtest {name} unknown", lambda run=run: run(rom, 1, operations=("x",)))
        probe(f"speedtest {name} policy unknown", lambda run=run: run(rom, 1, action_policy="x"))
    probe(
        "speedtest observation one",
        lambda: [each.operation for each in program.run_observation_profile(rom, 2, operations=("step_copy", "step"))],
    )
    probe("speedtest ram specs", lambda: program.run_ram_profile(rom, 2, specs=(1, 2, 3))[0].ram_read_count)
    probe("speedtest ram no specs", lambda: program.run_ram_profile(rom, 2, specs=())[0].ram_read_count)
    probe("speedtest ram one", lambda: len(program.run_ram_profile(rom, 2, operations=("numpy_take",))))
    one = {"steps": 2, "env_counts": (1, 2), "backends": ("scalar_loop", "native_vector", "gym_sync_vector_env")}
    probe("speedtest vector", lambda: [counted(each) for each in program.run_vector_profile(rom, **one)])
    probe("speedtest vector shape", lambda: shape(program.run_vector_profile(rom, **one)[0]))
    probe("speedtest vector to_dict", lambda: list(program.run_vector_profile(rom, **one)[0].to_dict()))
    native = {"steps": 2, "env_counts": (2,), "backends": ("native_vector",)}
    probe(
        "speedtest vector modes", lambda: len(program.run_vector_profile(rom, observation_modes=["ram_info"], **native))
    )
    probe("speedtest vector runs", lambda: len(program.run_vector_profile(rom, runs=2, **native)))
    probe(
        "speedtest vector instrumentation",
        lambda: [each.instrumentation_enabled for each in program.run_vector_profile(rom, instrumentation=True, **one)],
    )
    probe("speedtest vector specs", lambda: len(program.run_vector_profile(rom, ram_specs=(1,), **native)))
    probe(
        "speedtest vector defaults",
        lambda: sorted({each.env_count for each in program.run_vector_profile(rom, 1, backends=["native_vector"])}),
    )
    for name, options in {
        "zero": {"steps": 0},
        "runs zero": {"runs": 0},
        "count zero": {"env_counts": (0,)},
        "mode unknown": {"observation_modes": ("x",)},
        "backend unknown": {"backends": ("x",)},
        "affinity unknown": {"cpu_affinity": "x"},
        "affinity": {"cpu_affinity": "round_robin"},
        "policy callable": {"action_policy": policy},
        "policy unknown": {"action_policy": "x"},
        "warm-up negative": {"warmup_steps": -1},
    }.items():
        probe(
            f"speedtest vector {name}",
            lambda options=options: len(program.run_vector_profile(rom, **{**native, **options})),
        )
    probe("speedtest format", lambda: program.format_result(program.run_benchmark(**quick)).splitlines()[:4])
    probe("speedtest format mapper", lambda: program.format_mapper_profile([]))
    probe("speedtest format observation", lambda: program.format_observation_profile([]))
    probe("speedtest format ram", lambda: program.format_ram_profile([]))
    probe("speedtest format vector", lambda: program.format_vector_profile([]))

    def printed(*arguments: str) -> Any:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            status = program.main(list(arguments))
        if "--json" in arguments:
            data = json.loads(out.getvalue())
            return status, sorted(data) if isinstance(data, dict) else (len(data), sorted(data[0]) if data else None)
        return status, out.getvalue().splitlines()[:1]

    for line in (
        "--rom ROM --steps 2 --json --no-progress",
        "--rom ROM --steps 2",
        "--rom ROM --steps 2 --seed 1 --warmup-steps 1 --action-policy noop --render-mode rgb_array --json",
        "--rom ROM --steps 3 --backup-interval 1 --restore-interval 2 --json --no-progress",
        "--rom ROM --steps 2 --observation-profile --json --no-progress",
        "--rom ROM --steps 2 --ram-profile --runs 2 --json --no-progress",
        "--profile-rom ROM --profile-rom ROM --steps 2 --warmup-steps 0 --json",
        "--profile-rom ROM --steps 2",
        "--rom ROM --steps 1 --vector-profile --env-counts 1,2 --vector-backend native_vector --instrumentation --json",
        "--rom ROM --steps 1 --vector-profile --vector-backend native_vector --vector-observation step_only --json",
        "--rom ROM --steps 1 --vector-profile --env-counts x",
        "--rom ROM --steps 1 --vector-profile --env-counts 2, --vector-backend scalar_loop --json",
        "--rom ROM --observation-profile --ram-profile",
        "--rom ROM --steps x",
        "--rom ROM --action-policy up",
        "--render-mode ansi",
        "--cpu-affinity all",
        "-h",
    ):
        probe(f"speedtest main {line}", lambda line=line: printed(*line.replace("ROM", rom).split()))


def play(probe: Probes, rom: str) -> None:
    """``nes_py.play``."""
    from nes_py import NESEnv
    from nes_py import play as program

    def run(*arguments: str) -> Any:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return program.main(list(arguments))

    for line in (
        "--rom ROM --mode random --steps 3 --no-render --no-progress",
        "--rom ROM --mode random --steps 3 --no-render",
        "-r ROM -m random -s 3 --no-render --no-progress",
        "--rom ROM --mode human --no-render",
        "--rom ROM --mode random --steps 0 --no-render",
        "--rom ROM --mode random --steps -3 --no-render",
        "--rom ROM --mode ai",
        "--rom nowhere.nes --mode random --steps 3 --no-render",
        "--rom",
        "-h",
        "--help",
        "",
    ):
        probe(f"play main {line}", lambda line=line: run(*line.replace("ROM", rom).split()))

    def closes() -> Any:
        env = NESEnv(rom)
        program.play_random(env, 3, render=False, progress=False)
        return env._env

    probe("play_random closes", closes)
    probe("play_random by position", lambda: program.play_random(NESEnv(rom), 3, False, False))
    probe("play_random none", lambda: program.play_random(NESEnv(rom), 0, False, False))
    probe("play_human of no pictures", lambda: program.play_human(gym.make("CartPole-v1")))


def rom_file(probe: Probes, rom: str) -> None:
    """``ROM`` and what the native module says of files."""
    from nes_py._rom import ROM
    from nes_py.nes_env import NESEnv

    each = ROM(rom)
    for name in sorted(name for name, member in vars(ROM).items() if isinstance(member, property)):
        if name in REFERENCE_ROM_PROPERTIES:
            probe(f"rom {name}", lambda name=name: getattr(each, name))
    for name, path in {
        "none": None,
        "number": 3,
        "nowhere": "nowhere.nes",
        "text file": __file__,
        "bytes": b"x",
    }.items():
        probe(f"rom path {name}", lambda path=path: ROM(path))

    def header(prg: int = 1, chr_: int = 1, six: int = 0, seven: int = 0, rest: bytes = bytes(8)) -> bytes:
        return b"NES\x1a" + bytes((prg, chr_, six, seven)) + rest

    whole = bytes(0x4000) + bytes(0x2000)
    files = {
        "good": header() + whole,
        "no magic": b"NOPE" + bytes(12) + whole,
        "cut header": b"NES\x1a",
        "no data": header(),
        "no chr": header() + bytes(0x4000),
        "no prg": header(0) + whole,
        "trainer": header(six=4) + bytes(512) + whole,
        "pal": header(rest=bytes((0, 1)) + bytes(6)) + whole,
        "dirty": header(rest=b"DiskDude") + whole,
        "zeros set": header(rest=bytes(3) + b"abcde") + whole,
        "mapper 255": header(six=0xF0, seven=0xF0) + whole,
        "mapper 4": header(prg=2, six=0x40) + bytes(0x4000) + whole,
        "four screen": header(six=8) + whole,
        "vertical": header(six=1) + whole,
        "chr ram": header(chr_=0) + bytes(0x4000),
        "battery": header(six=2) + whole,
        "more bytes": header() + whole + b"more",
        "nes 2": header(seven=8) + whole,
    }
    from nes_py import nes_env as module

    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = os.path.join(folder, "x.nes")
            with open(path, "wb") as file:
                file.write(content)
            probe(f"rom file {name}", lambda path=path: type(ROM(path)).__name__)
            probe(f"rom file {name} prg", lambda path=path: ROM(path).prg_rom)
            probe(f"rom file {name} played", lambda path=path: type(NESEnv(path)).__name__)
            probe(f"rom file {name} error", lambda path=path: type(module._native_cartridge_error(path)).__name__)
            probe(f"rom file {name} metadata", lambda path=path: module._native_cartridge_metadata(path))
    for number in (0, 4, 69, 255, 4095, -1, 1.5, "1", None):
        probe(f"rom mapper {number!r}", lambda number=number: module._is_mapper_supported(number))


REFERENCE_ROM_PROPERTIES = {
    "chr_battery_ram_byte_size", "chr_ram_byte_size", "chr_rom", "chr_rom_banks", "chr_rom_byte_size", "chr_rom_size",
    "chr_rom_start", "chr_rom_stop", "header", "has_battery_backed_ram", "has_play_choice_10", "has_trainer",
    "has_vs_unisystem", "is_ignore_mirroring", "is_nes2", "is_pal", "is_vertical_mirroring", "magic", "mapper",
    "mirroring", "prg_battery_ram_byte_size", "prg_ram_byte_size", "prg_ram_size", "prg_rom", "prg_rom_banks",
    "prg_rom_byte_size", "prg_rom_size", "prg_rom_start", "prg_rom_stop", "submapper", "trainer_rom",
    "trainer_rom_start", "trainer_rom_stop",
}  # fmt: skip


def run(rom: str) -> dict[str, Any]:
    """Return what all probes find."""
    probe = Probes()
    environment(probe, rom)
    ram(probe, rom)
    vector(probe, rom)
    joypad(probe)
    speedtest(probe, rom)
    play(probe, rom)
    rom_file(probe, rom)
    # Addresses of objects and paths are nobody's interface.
    return {"inventory": inventory(), "behaviour": probe.found}


def write(answers: dict[str, Any]) -> str:
    """Return JSON with one line for each answer."""
    parts = []
    for name, rows in sorted(answers.items()):
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(rows.items()))
        parts.append(f" {json.dumps(name)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(parts) + "\n}"


if __name__ == "__main__":
    print(write(run(sys.argv[1])))
