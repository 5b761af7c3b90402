"""Processes: children of every kind, signals, exit of the interpreter, subinterpreters."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import sysconfig
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.patience import PATIENCE
from support.threads import while_stepping

from nes_py import NESEmulator, NESVectorEnv, Snapshot
from nes_py._batch import Batch
from tests.support.rom_builder import demonstration_rom

PROJECT = Path(__file__).resolve().parents[2]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def run_script(script: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs Python code in a process of its own, from the top of the project."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=PROJECT,
        **options,
    )


# --- children ---


def _play(_: Any = None) -> str:
    """Returns a hash of what an emulator, a batch and vector environments do."""
    content = demonstration_rom()
    digest = hashlib.sha256()
    emulator = NESEmulator(content)
    emulator.step(20)
    digest.update(bytes(emulator.dump_state()))
    batch = Batch(content, 4, num_threads=2)
    batch.step(np.arange(4, dtype=np.uint8), frames=10)
    digest.update(batch.rams().tobytes() + batch.screens().tobytes())
    envs = NESVectorEnv(content, 4, num_threads=2)
    digest.update(envs.reset(seed=3)[0].tobytes())
    digest.update(envs.step(np.arange(4))[0].tobytes())
    envs.close()
    return digest.hexdigest()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_children_of_every_kind_give_the_same_bytes(method: str) -> None:
    expected = _play()  # the team of threads has run before
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(_play, range(3)).get(PATIENCE) == [expected] * 3
    assert _play() == expected


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@needs_fork
@pytest.mark.parametrize("kind", ["emulator", "batch", "vector"])
def test_fork_in_the_middle_of_a_step_of_another_thread(kind: str) -> None:
    content = demonstration_rom()
    expected = _play()
    emulator = NESEmulator(content, policy="reference")
    batch = Batch(content, 4, num_threads=2, policy="reference")
    envs = NESVectorEnv(content, 4, num_threads=2, policy="reference", frameskip=1_000_000, actions=None)
    envs.reset(seed=0)
    steps = {
        "emulator": lambda: emulator.step(2**31 - 1),
        "batch": lambda: batch.step(np.zeros(4, np.uint8), 2**31 - 1),
        "vector": lambda: envs.step(np.zeros(4, np.int64)),
    }
    uses = {
        "emulator": emulator.step,
        "batch": lambda: batch.step(np.zeros(4, np.uint8)),
        "vector": lambda: envs.step(np.zeros(4, np.int64)),
    }
    touches = {
        "emulator": lambda: emulator.frame_count,
        "batch": lambda: batch.emulators[0].frame_count,
        "vector": lambda: envs._engine.episode(0),
    }

    def fork() -> None:
        child = os.fork()
        if child == 0:
            # The thread that steps is not here, and what it was at is half-done: that is refused, all else works.
            status = 1
            try:
                uses[kind]()
            except RuntimeError as error:
                if "another thread" in str(error) and _play() == expected:
                    status = 0
            finally:
                os._exit(status)
        end = time.monotonic() + PATIENCE
        while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                pytest.fail("the child hangs")
            time.sleep(0.01)
        assert done == (child, 0)

    while_stepping(steps[kind], touches[kind], fork)
    assert _play() == expected


# --- signals ---

INTERRUPTED = """
import signal, sys, time
import numpy as np
from nes_py import NESEmulator
from nes_py._batch import Batch
from tests.support.rom_builder import demonstration_rom

content = demonstration_rom()
emulator = NESEmulator(content, policy=POLICY)
batch = Batch(content, COUNT, num_threads=2, policy=POLICY)
actions = np.zeros(COUNT, np.uint8)

# By CPU time, so that it does not matter what else the machine does; two threads take two seconds in one.
sent = []
def alarm(number, frame):
    raise KeyboardInterrupt
signal.signal(signal.SIGPROF, alarm)
for step in (lambda: emulator.step(2**31 - 1), lambda: batch.step(actions, 2**31 - 1)):
    begin = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, 0.3)
        step()
    except KeyboardInterrupt:
        late = time.process_time() - begin - 0.3
        assert late < 2, late
    else:
        raise SystemExit("it was not interrupted")

counts = {each.frame_count for each in batch.emulators}
assert len(counts) == 1 and counts != {0}, counts
states = {bytes(each.dump_state()) for each in batch.emulators}
assert len(states) == 1
twin = NESEmulator(content)
twin.step(min(counts), render=False)
emulator.step(1)
batch.step(actions)
twin.step(1)
assert {bytes(each.dump_state()) for each in batch.emulators} == {bytes(twin.dump_state())}
print("usable", min(counts))
"""


@needs_posix
@pytest.mark.parametrize(("policy", "count"), [("fast", 2), ("fast", 300), ("reference", 3)])
def test_signal_ends_a_long_step_and_leaves_everything_usable(policy: str, count: int) -> None:
    done = run_script(INTERRUPTED.replace("POLICY", repr(policy)).replace("COUNT", str(count)))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usable")


@needs_posix
def test_ctrl_c(tmp_path: Path) -> None:
    script = """
    import signal
    from nes_py import NESEmulator
    from tests.support.rom_builder import demonstration_rom
    # What a shell starts in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    emulator = NESEmulator(demonstration_rom())
    try:
        print("begun", flush=True)
        emulator.step(2**31 - 1)
    except KeyboardInterrupt:
        emulator.step()
        print("usable", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        try:
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, out) == (0, "usable\n")


# --- the end of the interpreter ---

ENDS = {
    "emulators and views": """
        views = [emulator.screen_buffer(), emulator.memory_buffer(), emulator.oam, emulator.controller(0)]
        state = emulator.dump_state()
        import builtins
        builtins.kept = (emulator, views, state)
    """,
    "batch": """
        batch = Batch(content, 4, num_threads=2)
        batch.step(np.zeros(4, np.uint8))
        import builtins
        builtins.kept = (batch, batch.emulators[0].screen_buffer())
    """,
    "vector environments": """
        for policy in ("auto", "active", "passive"):
            envs = NESVectorEnv(content, 4, num_threads=2, wait_policy=policy)
            envs.reset(seed=0)
            envs.step(np.zeros(4, np.int64))
            import builtins
            setattr(builtins, policy, (envs, envs.ram))
    """,
    "a thread in the middle of a step": """
        import threading, time
        threading.Thread(target=emulator.step, args=(2**31 - 1,), daemon=True).start()
        time.sleep(0.1)
    """,
    "a thread in the middle of a batch's step": """
        import threading, time
        batch = Batch(content, 4, num_threads=2)
        threading.Thread(target=batch.step, args=(np.zeros(4, np.uint8), 2**31 - 1), daemon=True).start()
        time.sleep(0.1)
    """,
    "a cycle with a finalizer": """
        class Holder:
            def __init__(self):
                self.me, self.emulator = self, NESEmulator(content)
            def __del__(self):
                self.emulator.step()
        holder = Holder()
    """,
}


@pytest.mark.parametrize("script", ENDS.values(), ids=ENDS)
def test_interpreter_ends_silently_with_everything_alive(script: str) -> None:
    head = """
        import numpy as np
        from nes_py import NESEmulator, NESVectorEnv
        from nes_py._batch import Batch
        from tests.support.rom_builder import demonstration_rom
        content = demonstration_rom()
        emulator = NESEmulator(content)
        emulator.step()
    """
    done = run_script(textwrap.dedent(head) + textwrap.dedent(script))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- interpreters beside the main one ---

SUBINTERPRETER = """
import sys
try:
    import _interpreters
except ImportError:
    import _xxsubinterpreters as _interpreters
if FIRST:
    import nes_py
code = '''
try:
    import nes_py
    nes_py.NESEmulator(ROM).step()
except ImportError as error:
    assert str(error)
'''.replace("ROM", repr(__import__("tests.support.rom_builder").support.rom_builder.rom()))
try:
    number = _interpreters.create()
    failed = _interpreters.run_string(number, code)
    assert failed is None, failed
    _interpreters.destroy(number)
finally:
    import nes_py
    from tests.support.rom_builder import rom
    emulator = nes_py.NESEmulator(rom())
    emulator.step()
    assert emulator.frame_count == 1
print("alive")
"""


@pytest.mark.skipif(sys.version_info < (3, 10) or sys.implementation.name != "cpython", reason="needs subinterpreters")
def test_subinterpreter_is_refused_and_the_main_one_goes_on() -> None:
    # From inside a subinterpreter an ImportError says so; whatever was imported first, the main one works.
    done = run_script(SUBINTERPRETER.replace("FIRST", "True"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "alive\n"


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="needs a free-threaded Python")
def test_free_threaded_python_stays_without_a_gil() -> None:
    # A module that does not declare that it can do without one would switch it on.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import sys, nes_py; print(sys._is_gil_enabled())"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if name != "PYTHON_GIL"},
    )
    assert done.stdout == "False\n"


# --- memory ---

OUT_OF_MEMORY = """
import ctypes
import resource
import numpy as np
from nes_py import NESEmulator, NESVectorEnv
from nes_py._batch import Batch
from tests.support.rom_builder import demonstration_rom

content = demonstration_rom()
Batch(content, 2, num_threads=2).step(np.zeros(2, np.uint8))
NESVectorEnv(content, 2, num_threads=2).reset(seed=0)
trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda size: None)


def memory():
    # Bytes of addresses taken, bytes of memory behind them.
    trim(0)
    with open("/proc/self/statm") as file:
        addresses, resident = file.read().split()[:2]
    return int(addresses) * resource.getpagesize(), int(resident) * resource.getpagesize()


refused = 0
begun = memory()[1]
for build in (
    lambda: [NESEmulator(content) for _ in range(100_000)],
    lambda: Batch(content, 100_000, num_threads=2),
    lambda: NESVectorEnv(content, 100_000, num_threads=2),
    lambda: NESVectorEnv(content, 64, num_threads=2, stack_num=1000, img_height=None, img_width=None),
    lambda: NESEmulator(bytes(500 * 2**20)),
):
    for attempt in range(3):
        resource.setrlimit(resource.RLIMIT_AS, (memory()[0] + 256 * 2**20, resource.RLIM_INFINITY))
        try:
            build()
        except MemoryError:
            refused += 1
        # The C library keeps addresses, 64 MB for each thread, so what is left is told by the memory behind them.
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert memory()[1] - begun < 100 * 2**20, (build, attempt, begun, memory())
        emulator = NESEmulator(content)
        emulator.step()
        batch = Batch(content, 8, num_threads=2)
        batch.step(np.zeros(8, np.uint8))
        state = bytes(emulator.dump_state())
print(refused)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's account of memory")
@pytest.mark.skipif(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="its allocator keeps 64 MB")
def test_out_of_memory_in_construction_leaves_nothing_behind() -> None:
    done = run_script(OUT_OF_MEMORY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "15\n"


def test_counts_beyond_all_bounds_are_refused() -> None:
    content = demonstration_rom()
    for count in (0, -1, 2**20 + 1, 2**40, 2**64, 2**80):
        with pytest.raises(ValueError, match="count must be in"):
            Batch(content, count)
        with pytest.raises(ValueError, match="num_envs must be in"):
            NESVectorEnv(content, count)
    for threads in (0, -1, 1025, 2**31, 2**64):
        with pytest.raises(ValueError, match="num_threads"):
            Batch(content, 2, num_threads=threads)
        with pytest.raises(ValueError, match="num_threads"):
            NESVectorEnv(content, 2, num_threads=threads)


# --- functions of the caller ---


def test_exception_in_a_callers_function_leaves_the_environments_usable() -> None:
    envs = NESVectorEnv(demonstration_rom(), 4, num_threads=2)
    twin = NESVectorEnv(demonstration_rom(), 4, num_threads=2)
    for each in (envs, twin):
        each.reset(seed=0)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("on purpose")

    actions = np.arange(4)
    envs.set_reward_function(broken)
    with pytest.raises(ZeroDivisionError):
        envs.step(actions)
    envs.set_reward_function(None)
    assert_same(envs.step(actions)[0], twin.step(actions)[0])
    envs.set_end_functions(broken)
    with pytest.raises(ZeroDivisionError):
        envs.step(actions)
    envs.set_end_functions()
    assert_same(envs.step(actions)[0], twin.step(actions)[0])


def test_snapshot_crosses_processes() -> None:
    emulator = NESEmulator(demonstration_rom())
    emulator.step(9)
    script = """
    import sys
    from nes_py import NESEmulator
    from tests.support.rom_builder import demonstration_rom
    emulator = NESEmulator(demonstration_rom())
    emulator.step(9)
    sys.stdout.write(bytes(emulator.dump_state()).hex())
    """
    done = run_script(script)
    assert Snapshot.from_bytes(bytes.fromhex(done.stdout)) == emulator.dump_state()
