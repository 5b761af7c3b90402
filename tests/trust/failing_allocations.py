"""Runs public calls with an allocation that fails, each in turn: MemoryError, and everything is as before.

Needs ``failing_allocations.c`` in LD_PRELOAD; ``test_failing_allocations.py`` compiles it and runs this.

    python -m tests.trust.failing_allocations CALL... [--sample N]
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import ctypes
import errno
import gc
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nes_py
from nes_py import NESEmulator, NESEnv, NESVectorEnv, Snapshot, _cartridge, datasets
from nes_py._batch import Batch, Lookahead
from nes_py._openmp import _use_engine
from nes_py.envs import bricks
from nes_py.formats.movie import Movie
from nes_py.game import Game
from nes_py.semantic import Semantics
from nes_py.watching.monitor import Monitor, Request
from tests.support.board_roms import board_rom
from tests.support.rom_builder import demonstration_rom, header

ROM = demonstration_rom()
# A header that the reader has something to say about, at some length.
NOTED = header(tail=b"DiskDude") + ROM[16:] + b"more than the header declares"
COUNT = 3
ACTIONS = np.zeros(COUNT, np.uint8)


class Case(NamedTuple):
    """A call, what has to be the same when it raised, and what has to work after it."""

    call: Callable[[], Any]
    state: Callable[[], Any] = lambda: None
    after: Callable[[], Any] = lambda: None


def emulator_case(name: str, *arguments: Any, **options: Any) -> Callable[[], Case]:
    """Returns what makes the case of a method of an emulator."""

    def make() -> Case:
        emulator = NESEmulator(board_rom(4), **options)
        emulator.step(9)
        if name == "audio":
            emulator.sample_rate = 48000
            emulator.step(2)
        member = getattr(type(emulator), name)
        call = getattr(emulator, name) if callable(member) else lambda: getattr(emulator, name)
        if name == "load_state":
            twin = NESEmulator(board_rom(4))
            twin.step(3)
            given = twin.dump_state() if not arguments else bytes(twin.dump_state())
            return Case(lambda: emulator.load_state(given), lambda: bytes(emulator.dump_state()), emulator.step)
        return Case(lambda: call(*arguments), lambda: bytes(emulator.dump_state()), emulator.step)

    return make


def sound() -> Case:
    emulator = NESEmulator(ROM)
    return Case(lambda: setattr(emulator, "sample_rate", 48000), lambda: emulator.sample_rate, emulator.step)


def batch_case(name: str, *arguments: Any, threads: int = 1) -> Callable[[], Case]:
    def make() -> Case:
        batch = Batch(ROM, COUNT, num_threads=threads)
        batch.step(ACTIONS, 5)
        return Case(
            lambda: getattr(batch, name)(*arguments),
            lambda: [bytes(one.dump_state()) for one in batch.emulators],
            lambda: batch.step(ACTIONS),
        )

    return make


def vector_case(call: Callable[[NESVectorEnv], Any], **options: Any) -> Callable[[], Case]:
    def make() -> Case:
        envs = NESVectorEnv(ROM, COUNT, **{"num_threads": 1, "noop_max": 5, "render_mode": "rgb_array"} | options)
        envs.reset(seed=1)
        if envs.batch_size == COUNT:
            envs.step(ACTIONS)
        states = envs.get_state(range(COUNT))

        def state() -> Any:
            return envs.np_random_seed, [(one.episode, bytes(one.snapshot)) for one in envs.get_state(range(COUNT))]

        def after() -> None:
            envs.reset()

        envs.kept = states  # type: ignore[attr-defined]
        return Case(lambda: call(envs), state, after)

    return make


def env_case(call: Callable[[Any], Any], wrap: Callable[[], Any] = lambda: NESEnv(ROM)) -> Callable[[], Case]:
    def make() -> Case:
        env = wrap()
        env.reset(seed=1)
        return Case(lambda: call(env), lambda: None, lambda: (env.reset(), call(env)))

    return make


def ahead() -> Case:
    emulators = [NESEmulator(ROM) for _ in range(2)]
    lookahead = Lookahead(emulators, 1)

    def call() -> None:
        lookahead.run([b"\0", b"\1"])
        for emulator in emulators:
            emulator.frame_advance(0)
            emulator.screen_rgb()
        lookahead.finish()

    return Case(call, lambda: None, lambda: lookahead.finish())


def recorded() -> Case:
    env = NESEnv(ROM)
    env.reset()
    movie = env.record_movie()
    for _ in range(3):
        env.step(1)
    return Case(lambda: movie.to_fm2(), lambda: len(movie), lambda: env.step(0))


def of_state(form: str) -> Callable[[], Case]:
    def make() -> Case:
        emulator = NESEmulator(ROM)
        emulator.step(5)
        state = emulator.dump_state() if form != "copied" else Snapshot.from_bytes(bytes(emulator.dump_state()))
        return Case(lambda: bytes(state), lambda: None, lambda: emulator.load_state(state))

    return make


def receive(envs: NESVectorEnv) -> Any:
    free = [index for index in range(COUNT) if not envs._engine.is_pending(index)]  # type: ignore[union-attr]
    if free:
        envs.send(ACTIONS[: len(free)], np.array(free))
    return envs.recv()


def bound(envs: NESVectorEnv) -> Any:
    """Binds arrays and steps into them."""
    shape = envs.observation_space.shape
    assert shape is not None
    envs.bind(observations=np.empty(shape, np.uint8), rewards=np.zeros(COUNT, np.float32))
    try:
        return envs.step(ACTIONS)
    finally:
        envs.unbind()


def with_functions(envs: NESVectorEnv) -> Any:
    """Steps with a reward function and an end function."""
    envs.set_reward_function(lambda now, before, rewards: rewards + 1)
    envs.set_end_functions(lambda now, before: now[:, 0] > 255)
    try:
        return envs.step(ACTIONS)
    finally:
        envs.set_reward_function(None)
        envs.set_end_functions()


def semantic_options() -> dict[str, Any]:
    return {"game": bricks.GAME, "obs_type": "semantic", "actions": bricks.ACTIONS}


def recorded_case(call: Callable[[NESVectorEnv], Any]) -> Callable[[], Case]:
    """A call of environments that are recorded: the recording has as many steps as were taken."""

    def make() -> Case:
        envs = NESVectorEnv(ROM, COUNT, num_threads=1, record=True)
        envs.reset(seed=1)
        envs.step(ACTIONS)

        def after() -> None:
            before = envs.rollout().num_steps
            envs.step(ACTIONS)
            assert envs.rollout().num_steps == before + COUNT
            envs.reset()

        return Case(lambda: call(envs), lambda: None, after)

    return make


def watched() -> Case:
    """A step while a page is open."""
    envs = NESVectorEnv(ROM, COUNT, num_threads=1)
    envs.reset(seed=1)
    monitor = envs._monitor = Monitor(COUNT, 1, False)

    def call() -> None:
        monitor.ask(Request(0, 0, lambda picture: None))
        envs.step(ACTIONS)

    return Case(call, lambda: None, lambda: envs.reset())


def rollout_case(call: Callable[[Any, str], Any]) -> Callable[[], Case]:
    """A call with a recorded rollout and the name of its file."""

    def make() -> Case:
        with NESVectorEnv(ROM, COUNT, num_threads=1, record=True) as envs:
            envs.reset(seed=1)
            for _ in range(3):
                envs.step(ACTIONS)
            rollout = envs.rollout()
        folder = tempfile.TemporaryDirectory()
        path = str(Path(folder.name, "run.npz"))
        rollout.save(path)

        def after() -> None:
            assert folder
            assert datasets.load(path).num_steps == rollout.num_steps
            assert [one.name for one in Path(folder.name).iterdir()] == ["run.npz"]

        return Case(lambda: call(rollout, path), lambda: None, after)

    return make


def replayed(rollout: Any, _: str) -> Any:
    return list(datasets.replay(rollout, ROM, obs_type="ram", num_envs=2, num_threads=1))


def saved_movie() -> Case:
    env = NESEnv(ROM)
    env.reset()
    movie = env.record_movie()
    env.step(1)
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name, "a.fm2")
    movie.save(path)

    def after() -> None:
        assert folder
        assert len(Movie.load(path)) == len(movie)
        assert [one.name for one in Path(folder.name).iterdir()] == ["a.fm2"]

    return Case(lambda: (movie.save(path), Movie.load(path)), lambda: None, after)


GAME = {
    "variables": {"frames": 0x12, "buttons": {"address": 0x10, "size": 2, "encoding": "little"}},
    "rewards": [{"delta": "frames", "weight": 0.5}],
}

CASES: dict[str, Callable[[], Case]] = {
    "boards": lambda: Case(_cartridge.boards),
    "state_fields": lambda: Case(lambda: _cartridge.state_fields(board_rom(4))),
    "read_header": lambda: Case(lambda: _cartridge.read_header(NOTED)),
    "why_unsupported": lambda: Case(lambda: _cartridge.why_unsupported(20)),
    "name_of_mapper": lambda: Case(lambda: _cartridge.name_of_mapper(4)),
    "emulator": lambda: Case(lambda: NESEmulator(board_rom(4))),
    "emulator with notes": lambda: Case(lambda: NESEmulator(NOTED)),
    "emulator with cheats": lambda: Case(lambda: NESEmulator(ROM, cheats=["0010:01", "0011:02", "0012:03"])),
    "unsupported emulator": lambda: Case(lambda: _refused(NESEmulator, header(mapper=20) + ROM[16:])),
    "emulator of nonsense": lambda: Case(lambda: _refused(NESEmulator, b"no ROM" * 10)),
    **{
        name: emulator_case(name, *arguments)
        for name, *arguments in (
            ("step", 3),
            ("frame_advance", 1),
            ("step_instruction",),
            ("trace",),
            ("reset",),
            ("soft_reset",),
            ("screen_buffer",),
            ("index_buffer",),
            ("screen_rgb",),
            ("screen_gray",),
            ("tiles",),
            ("objects", 5),
            ("scroll",),
            ("memory_buffer",),
            ("controller", 0),
            ("oam",),
            ("prg_ram",),
            ("save_ram",),
            ("peek", 1),
            ("poke", 1, 2),
            ("dump_state",),
            ("load_state",),
            ("audio",),
            ("options",),
            ("__reduce__",),
            ("__deepcopy__", {}),
            ("__repr__",),
        )
    },
    "load_state of bytes": emulator_case("load_state", b""),
    "step of the reference policy": emulator_case("step", 2, policy="reference"),
    "sample_rate": sound,
    "bytes of a state": of_state("taken"),
    "bytes of a copied state": of_state("copied"),
    "batch": lambda: Case(lambda: Batch(ROM, COUNT, num_threads=1)),
    "batch of threads": lambda: Case(lambda: Batch(ROM, COUNT, num_threads=3)),
    "batch step": batch_case("step", ACTIONS, 2),
    "batch step of threads": batch_case("step", ACTIONS, 2, threads=3),
    "batch screens": batch_case("screens"),
    "batch rams": batch_case("rams"),
    "batch reset": batch_case("reset"),
    "lookahead": ahead,
    "vector environment": lambda: Case(lambda: NESVectorEnv(ROM, COUNT, num_threads=1, game=GAME)),
    "vector environment of threads": lambda: Case(lambda: NESVectorEnv(ROM, COUNT, num_threads=3)),
    "vector reset": vector_case(lambda envs: envs.reset(seed=9)),
    "vector step": vector_case(lambda envs: envs.step(ACTIONS)),
    "vector get_state": vector_case(lambda envs: envs.get_state(range(COUNT))),
    "vector set_state": vector_case(lambda envs: envs.set_state(range(COUNT), envs.kept)),  # type: ignore[attr-defined]
    "vector clone": vector_case(lambda envs: envs.clone(0, [1, 2])),
    "vector observe": vector_case(lambda envs: envs.observe()),
    "vector render": vector_case(lambda envs: envs.render()),
    "vector recv": vector_case(receive, batch_size=2),
    "vector reset of some": vector_case(
        lambda envs: envs.reset(seed=4, options={"reset_mask": np.array([True, False, True])})
    ),
    "vector async_reset": vector_case(lambda envs: envs.async_reset(seed=4), batch_size=2),
    "vector pickle": vector_case(lambda envs: copy.deepcopy(envs).close()),
    **{
        f"vector step, {name}": vector_case(lambda envs: envs.step(ACTIONS), **options)
        for name, options in (
            ("tiles", {"obs_type": "tiles"}),
            ("objects", {"obs_type": "objects"}),
            ("several observations", {"obs_type": "dict"}),
            ("sound", {"audio": 8000}),
            ("SameStep", {"autoreset_mode": "SameStep", "max_episode_steps": 1}),
            ("a declared game", {"game": GAME}),
        )
    },
    "vector step into bound arrays": vector_case(bound, obs_type="ram"),
    "vector step with functions": vector_case(with_functions),
    "vector environment, semantic": lambda: Case(
        lambda: NESVectorEnv(bricks.ROM_PATH, COUNT, num_threads=1, **semantic_options())
    ),
    "recorded step": recorded_case(lambda envs: envs.step(ACTIONS)),
    "recorded reset": recorded_case(lambda envs: envs.reset(seed=5)),
    "recorded rollout": recorded_case(lambda envs: envs.rollout()),
    "watched step": watched,
    "rollout save": rollout_case(lambda rollout, path: rollout.save(path)),
    "rollout load": rollout_case(lambda _, path: datasets.load(path)),
    "rollout replay": rollout_case(replayed),
    "movie file": saved_movie,
    "game": lambda: Case(lambda: Game.parse(GAME)),
    "semantics": lambda: Case(lambda: Semantics.parse(bricks.GAME["semantic"])),
    "env": lambda: Case(lambda: NESEnv(ROM)),
    "env of two players": lambda: Case(lambda: NESEnv(ROM, players=2)),
    "env with sound": env_case(lambda env: env.step(1), lambda: NESEnv(ROM, audio=8000)),
    "env backup": env_case(lambda env: (env.backup(3), env.restore(3))),
    "env ram_values": env_case(lambda env: env.ram_values([0x10, (0x20, 2)])),
    "env reset": env_case(lambda env: env.reset(seed=2)),
    "env step": env_case(lambda env: env.step(1)),
    "env dump_state": env_case(lambda env: env.dump_state()),
    "vectorize step": env_case(
        lambda envs: envs.step(ACTIONS), lambda: nes_py.vectorize(lambda: NESEnv(ROM), COUNT, num_threads=1)
    ),
    "vectorize reset": env_case(
        lambda envs: envs.reset(seed=2), lambda: nes_py.vectorize(lambda: NESEnv(ROM), COUNT, num_threads=1)
    ),
    "movie": recorded,
}


def _refused(function: Callable[..., Any], *arguments: Any) -> None:
    with contextlib.suppress(ValueError):
        function(*arguments)


# Calls that raise before anything has changed. After the others a part may be done, because Python code stands
# between.
IN_PARTS = ("env ", "vectorize", "lookahead", "movie", "recorded", "watched", "rollout")
CHANGE_NOTHING = {name for name in CASES if not name.startswith(IN_PARTS)}
# The environments are stepped when what the results are returned in cannot be had.
RETURNS_LATER = {name for name in CASES if name.startswith(("vector step", "vector recv", "vector reset"))}
RETURNS_LATER -= {"vector step with functions"}


def is_memory_error(error: BaseException) -> bool:
    """Returns whether an exception says that there is no memory."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # What NumPy and the interpreter make of it in their own code.
    if isinstance(error, SystemError) and str(error) == "error return without exception set":
        # Of NumPy's operators, and of compile() up to CPython 3.11. Our own would be the last in the traceback.
        return not traceback.extract_tb(error.__traceback__)[-1].filename.endswith(".pyx")
    if isinstance(error, RuntimeError) and str(error).startswith("can't allocate"):  # a lock
        return True
    return isinstance(error, SystemError) and "returned NULL" in str(error)


def run(name: str, sample: int, shim: Any) -> tuple[int, int, int]:
    """Runs a case; returns how many allocations it has, how many were made to fail, and how many of these raised."""
    make = CASES[name]
    case = make()
    case.call()  # what is made once
    case.after()
    gc.collect()
    gc.disable()
    shim.fail_allocation(0, 0)
    case.call()
    total = shim.allocations()
    case.after()
    generator = random.Random(name)
    numbers = range(1, total + 1)
    if sample and total > sample:
        numbers = sorted(generator.sample(numbers, sample))  # type: ignore[assignment]
    raised = 0
    case = make()
    for number in numbers:
        for forever in (0, 1):
            before = case.state()
            print(name, number, forever, "of", total, file=sys.stderr, flush=True)
            error: BaseException | None = None
            shim.fail_allocation(number, forever)
            try:
                case.call()
            except BaseException as caught:
                error = caught
            shim.fail_allocation(0, 0)
            if error is not None:
                raised += 1
                if not is_memory_error(error):
                    traceback.print_exception(error)
                    raise SystemExit(f"{name}: allocation {number} led to {error!r}")
                error.__traceback__ = None
                if name in CHANGE_NOTHING and name not in RETURNS_LATER and case.state() != before:
                    raise SystemExit(f"{name}: allocation {number} failed, and something has changed")
            case.after()
    return total, len(numbers), raised


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls", nargs="+", choices=CASES)
    parser.add_argument("--sample", type=int, default=0)
    arguments = parser.parse_args()
    _use_engine("threads", tunes=False)  # OpenMP's own allocations end the process
    shim = ctypes.CDLL(None)
    shim.allocations.restype = ctypes.c_long
    shim.fail_allocation.argtypes = [ctypes.c_long, ctypes.c_int]
    for name in arguments.calls:
        total, failed, raised = run(name, arguments.sample, shim)
        print(f"{name}: {total} allocations, {failed} failed, once and with all behind them: {raised} exceptions")


if __name__ == "__main__":
    main()
