"""``vectorize`` against ``SyncVectorEnv`` on randomly composed environments.

A case is a number. It determines classes derived from ``NESEnv`` (the hooks and methods they override, and what
these do), wrappers, and the calls of the vector environment. The case runs twice, with separate classes,
and after each call everything is compared: results or exceptions, what the hooks observed and in which order, RAM,
states, slots, movies, random generators.

    python tests/vector/composed.py --cases 10000
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import pickle
import sys
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import FrameStackObservation, OrderEnforcing, StickyAction, TimeLimit, TransformReward

from nes_py import NESEnv, vectorize
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksEnv
from nes_py.vector.vectorize import check_actions
from nes_py.wrappers import JoypadSpace

Game = Any
Operation = Callable[[Game], None]

STEPS = 14
# A hook that runs frames, steps or resets calls hooks, which may do so again.
DEEPEST = 2


@functools.cache
def rom() -> bytes:
    return ROM_PATH.read_bytes()


@functools.cache
def first_serve() -> Any:
    bricks = BricksEnv()
    bricks.reset()
    return bricks.dump_state()


def crc(array: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


class Pictures(gym.spaces.Box):
    """The space of pictures; to compare two of them number by number would take longer than all else."""

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]


PICTURES = Pictures(0, 255, (240, 256, 3), np.uint8)


class World:
    """What the classes of one side share: a log, and all environments."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.games: list[Game] = []
        self.vector: Any = None

    def other(self, game: Game, step: int) -> Game:
        place = next(index for index, one in enumerate(self.games) if one is game)
        return self.games[(place + step) % len(self.games)]


# --- what a hook may do ---


class Trouble(Exception):
    """What hooks raise."""


def operations(dice: np.random.Generator, world: World) -> dict[str, Operation]:
    """Return one of each kind, with addresses and values of its own."""
    address, value, port = int(dice.integers(0x10, 0x40)), int(dice.integers(256)), int(dice.integers(2))
    pixel = tuple(int(dice.integers(limit)) for limit in (240, 256, 3))
    slot, frames, far = int(dice.integers(3)), int(dice.integers(1, 3)), int(dice.integers(1, 4))
    buttons = int(dice.choice([0, 1, 8, 0x40, 0x80, 0x81]))
    kind = [Trouble, ValueError, KeyboardInterrupt, StopIteration][int(dice.integers(4))]
    see = world.log.append

    def raise_it(game: Game) -> None:
        raise kind(f"of {world.games.index(game)} after {len(world.log)} entries")

    def write_ram(game: Game) -> None:
        game.ram[address] = value

    def add_to_ram(game: Game) -> None:
        game.ram[address : address + 1] += 1

    def write_pad(game: Game) -> None:
        game.controllers[port][0] = value

    def write_screen(game: Game) -> None:
        game.screen[pixel] ^= 0x5A

    def write_indices(game: Game) -> None:
        game.emulator.index_buffer()[pixel[:2]] ^= 0x11

    def write_oam(game: Game) -> None:
        game.emulator.oam[address] ^= 0x0F

    def restore(game: Game) -> None:
        if game.has_backup(slot):
            game._restore(slot)

    def go_back(game: Game) -> None:
        if game.kept is None:
            game.kept = game.dump_state()
        else:
            done = game.done
            game.load_state(game.kept)
            game.done = done
            game.kept = None

    def run_own_frames(game: Game) -> None:
        for _ in range(frames):
            game._frame_advance(buttons)

    def step_self(game: Game) -> None:
        if not game.done:
            see(game.step(buttons)[1:])

    def reset_self(game: Game) -> None:
        see(crc(game.reset(seed=value)[0]))

    def other_writes(game: Game) -> None:
        world.other(game, far).ram[address] ^= value

    def other_draws(game: Game) -> None:
        world.other(game, far).emulator.index_buffer()[pixel[:2]] ^= 0x11

    def other_pokes(game: Game) -> None:
        emulator = world.other(game, far).emulator
        emulator.oam[address] ^= value
        emulator.poke_ppu(0x2000 + value, address)

    def spoil_copy(game: Game) -> None:
        game.emulator.screen_rgb()[pixel[0]] ^= 0xFF

    def other_runs(game: Game) -> None:
        world.other(game, far)._frame_advance(buttons)

    def other_steps(game: Game) -> None:
        if not world.other(game, far).done:
            see(world.other(game, far).step(buttons)[1:])

    def count_for_all(game: Game) -> None:
        type(game).total += int(game.ram[address]) + 1
        see(type(game).total)

    def twin(game: Game) -> None:
        machine = copy.deepcopy(game.emulator)
        machine.frame_advance(buttons)
        see(crc(machine.memory_buffer()))

    def pickled(game: Game) -> None:
        see(crc(pickle.loads(pickle.dumps(game.emulator)).screen_rgb()))

    def listen(game: Game) -> None:
        if game.emulator.sample_rate is None:
            game.emulator.sample_rate = 16000
        else:
            see(crc(game.emulator.audio()))

    def record(game: Game) -> None:
        if game.movie is None:
            game.movie = game.record_movie()

    def patch_step(game: Game) -> None:
        original = type(game).step
        game.step = lambda action: original(game, int(action) ^ 1)

    def patch_hook(game: Game) -> None:
        game._will_step = lambda: write_ram(game)

    def patch_frame(game: Game) -> None:
        game._frame_advance = lambda action: type(game)._frame_advance(game, int(action) ^ 0x40)

    def frame_here(game: Game) -> None:
        game.emulator.step(frames, render=bool(value & 1))

    def poke(game: Game) -> None:
        game.emulator.poke_ppu(0x2000 + value, value)

    def end_it(game: Game) -> None:
        game.done = bool(value & 1)

    return {
        "read ram": lambda game: see(int(game.ram[address])),
        "read all ram": lambda game: see(crc(game.ram)),
        "read screen": lambda game: see(crc(game.screen)),
        "read picture": lambda game: see(crc(game.emulator.screen_rgb())),
        "read grey": lambda game: see(crc(game.observation("grayscale"))),
        "read clock": lambda game: see((game.emulator.cpu_cycles, game.emulator.frame_count)),
        "read pads": lambda game: see([int(pad[0]) for pad in game.controllers]),
        "read done": lambda game: see(bool(game.done)),
        "read state": lambda game: see(crc(np.asarray(game.dump_state()))),
        "render": lambda game: see(crc(game.render())),
        "draw": lambda game: see(int(game.np_random.integers(1000))),
        "write ram": write_ram,
        "add to ram": add_to_ram,
        "write pad": write_pad,
        "write screen": write_screen,
        "write indices": write_indices,
        "write oam": write_oam,
        "poke": poke,
        "back up": lambda game: game._backup(slot),
        "back up for reset": lambda game: game._backup(),
        "restore": restore,
        "go back": go_back,
        "run frames": run_own_frames,
        "frame advance": lambda game: game.frame_advance(buttons),
        "emulator frames": frame_here,
        "soft reset": lambda game: game.emulator.soft_reset(),
        "step": step_self,
        "reset": reset_self,
        "other: read ram": lambda game: see(crc(world.other(game, far).ram)),
        "other: read screen": lambda game: see(crc(world.other(game, far).screen)),
        "other: read clock": lambda game: see(world.other(game, far).emulator.cpu_cycles),
        "other: write ram": other_writes,
        "other: write indices": other_draws,
        "other: poke": other_pokes,
        "spoil copy": spoil_copy,
        "other: run": other_runs,
        "other: step": other_steps,
        "count for all": count_for_all,
        "twin": twin,
        "pickle": pickled,
        "listen": listen,
        "record": record,
        "end": end_it,
        "patch step": patch_step,
        "patch _will_step": patch_hook,
        "patch _frame_advance": patch_frame,
        "raise": raise_it,
    }


#: Kinds that call hooks or run frames: rarer.
HEAVY = {"step", "reset", "other: step", "other: run", "run frames", "twin", "pickle", "patch step", "patch _will_step"}
HEAVY |= {"patch _frame_advance", "raise", "soft reset", "end", "listen", "emulator frames", "frame advance"}

HOOKS = [
    "_will_reset",
    "_did_reset",
    "_will_restore",
    "_did_restore",
    "_will_step",
    "_did_step",
    "_get_reward",
    "_get_terminated",
    "_get_truncated",
    "_get_info",
]
METHODS = [
    "step",
    "reset",
    "_frame_advance",
    "frame_advance",
    "render",
    "load_state",
    "dump_state",
    "_backup",
    "_restore",
]


def make_plan(dice: np.random.Generator, world: World, used: Counter[str], rate: float) -> Operation:
    """Return what one hook does: some operations, each in some of its calls."""
    parts: list[tuple[int, int, Operation]] = []
    for _ in range(int(dice.integers(0, 4))):
        kinds = operations(dice, world)
        name = list(kinds)[int(dice.integers(len(kinds)))]
        if name in HEAVY and dice.random() > rate:
            continue
        period = int(dice.integers(3, 9)) if name in HEAVY else int(dice.choice([1, 1, 2, 5]))
        if name == "raise":
            period *= 5
        parts.append((period, int(dice.integers(period)), kinds[name]))
        used[name] += 1

    def plan(game: Game) -> None:
        game.ticks += 1
        for period, phase, operation in parts:
            if game.ticks % period == phase and game.depth < DEEPEST:
                game.depth += 1
                try:
                    operation(game)
                finally:
                    game.depth -= 1

    return plan


def make_value(dice: np.random.Generator, hook: str) -> Callable[[Game], Any]:
    address, limit = int(dice.integers(0x10, 0x40)), int(dice.integers(3, 40))
    if hook == "_get_reward":
        kind = int(dice.integers(4))
        return lambda game: [
            int(game.ram[address]),
            float(game.ram[address]) - game.last,
            np.float32(game.ram[address] / 3),
            game.ram[address],
        ][kind]
    if hook in ("_get_terminated", "_get_truncated"):
        return lambda game: game.ram[address] % limit == 1
    kind = int(dice.integers(5))

    def info(game: Game) -> dict[str, Any]:
        byte = int(game.ram[address])
        result: dict[str, Any] = [
            {"byte": byte, "last": game.last},
            {"array": game.ram[16:20].copy(), "nested": {"half": byte / 2, "deep": {"b": byte > 9}}},
            {"text": f"{byte}", "none": None, "half": np.float32(byte / 2)},
            {"x": byte, "_x": byte % 2} if byte % 2 else {"_x": byte % 2, "x": byte},
            {f"only {byte % 3}": byte},
        ][kind]
        return result

    return info


def make_class(dice: np.random.Generator, world: World, used: Counter[str]) -> type[NESEnv]:
    """Return a class derived from ``NESEnv``."""
    rate = float(dice.choice([0.0, 0.3, 1.0]))
    starts_played = dice.random() < 0.7
    # `screen` changes what a step does: it is there in some classes from the beginning.
    looks = dice.random() < 0.2
    body: dict[str, Any] = {"total": 0, "observation_space": PICTURES}
    body["reward_range"] = (-20.0, 20.0) if dice.random() < 0.3 else NESEnv.reward_range

    def __init__(self: Game) -> None:
        NESEnv.__init__(self, rom(), render_mode="rgb_array")
        self.ticks, self.depth, self.last = 0, 0, 0.0
        self.kept = self.movie = None
        # Hooks may draw numbers before the first reset seeds it.
        self._np_random = np.random.Generator(np.random.PCG64(len(world.games)))
        world.games.append(self)
        if starts_played:
            self.emulator.load_state(first_serve())  # without hooks, which may raise
            NESEnv._backup(self)
        if looks:
            assert self.screen.size

    body["__init__"] = __init__
    for hook in HOOKS:
        if dice.random() < (0.25 if hook == "_will_step" else 0.5):
            used[hook] += 1
            body[hook] = make_hook(hook, make_plan(dice, world, used, rate), make_value(dice, hook))
    for name in METHODS:
        if dice.random() < 0.06:
            used[name] += 1
            body[name] = make_method(dice, name, make_plan(dice, world, used, rate))
    return type(f"Game{int(dice.integers(1000))}", (NESEnv,), body)


def make_hook(hook: str, plan: Operation, value: Callable[[Game], Any]) -> Callable[..., Any]:
    if hook.startswith("_get"):

        def get(self: Game) -> Any:
            plan(self)
            return value(self)

        return get

    def do(self: Game, *done: bool) -> None:
        plan(self)
        self.last = float(self.ram[0x14])

    return do


def make_method(dice: np.random.Generator, name: str, plan: Operation) -> Callable[..., Any]:
    original = getattr(NESEnv, name)
    kind, mask = int(dice.integers(4)), int(dice.choice([0, 1, 0x80]))
    if name == "step":

        def step(self: Game, action: Any) -> Any:
            plan(self)
            if kind == 0:
                original(self, action)
                if self.done:
                    self.done = False
            result = original(self, action if kind == 1 else int(action) ^ mask)
            return (result[0], result[1] + 1, *result[2:]) if kind == 3 else result

        return step
    if name == "_frame_advance":

        def frame_advance(self: Game, action: Any) -> None:
            original(self, int(action) ^ mask)
            if kind == 0:
                original(self, action)

        return frame_advance

    def method(self: Game, *arguments: Any, **named: Any) -> Any:
        if self.depth < DEEPEST:
            plan(self)
        return original(self, *arguments, **named)

    return method


# --- wrappers ---


class Twice(gym.Wrapper[Any, Any, Any, Any]):
    """Repeats actions."""

    def step(self, action: Any) -> Any:
        first = self.env.step(action)
        if first[2] or first[3]:
            return first
        second = self.env.step(action)
        return (second[0], first[1] + second[1], *second[2:])


class Other(gym.ActionWrapper[Any, Any, Any]):
    """Changes actions."""

    def action(self, action: Any) -> Any:
        return (int(action) + 1) % int(self.action_space.n)


class Odd(JoypadSpace):
    """A ``JoypadSpace`` whose step is another one."""

    def step(self, action: Any) -> Any:
        return super().step(int(action) // 2 * 2)


class Writes(gym.Wrapper[Any, Any, Any, Any]):
    """Writes to the game before each step."""

    def step(self, action: Any) -> Any:
        self.unwrapped.ram[0x30] ^= 3
        return self.env.step(action)


def patched(env: gym.Env[Any, Any]) -> gym.Env[Any, Any]:
    wrapper = OrderEnforcing(env)
    wrapper.step = lambda action: OrderEnforcing.step(wrapper, action)
    return wrapper


WRAPPERS: dict[str, Callable[[gym.Env[Any, Any]], gym.Env[Any, Any]]] = {
    "TimeLimit": lambda env: TimeLimit(env, 6),
    "OrderEnforcing": OrderEnforcing,
    "TransformReward": lambda env: TransformReward(env, lambda reward: reward * 2),
    "FrameStackObservation": lambda env: FrameStackObservation(env, 2),
    "Twice": Twice,
    "StickyAction": lambda env: StickyAction(env, 0.3),
    "Other": Other,
    "Writes": Writes,
    "patched": patched,
}


# --- one side of a case ---


class CarefulVectorEnv(SyncVectorEnv):
    """A ``SyncVectorEnv`` that looks at all actions before it steps the first environment."""

    def step(self, actions: Any) -> Any:
        if not hasattr(actions, "__len__"):
            actions = tuple(actions)
        check_actions(self, actions)
        return super().step(actions)


class Side:
    """One play of a case, with ``SyncVectorEnv`` or with ``vectorize``."""

    def __init__(self, case: int, fast: bool) -> None:
        self.fast = fast
        self.used: Counter[str] = Counter()
        self.world = World()
        dice = np.random.default_rng(case)
        count = int(dice.integers(2, 5))
        mode = list(AutoresetMode)[int(dice.integers(3))]
        self.mode = mode
        kinds = [make_class(dice, self.world, self.used) for _ in range(1 if dice.random() < 0.8 else 2)]
        joypad = dice.random() < 0.5
        inner = [name for name in ("TimeLimit", "Twice", "StickyAction", "Writes") if dice.random() < 0.06]
        space = Odd if dice.random() < 0.1 else JoypadSpace
        # Those that every environment of the vector environment has, and those of one alone.
        outer = [name for name in WRAPPERS if dice.random() < 0.07]
        odd_one = str(dice.choice(["Writes", "Other", "patched"])) if dice.random() < 0.1 else None
        self.used.update([*inner, *outer, *([odd_one] if odd_one else []), *([space.__name__] if joypad else [])])

        def make(index: int) -> gym.Env[Any, Any]:
            env: gym.Env[Any, Any] = kinds[index % len(kinds)]()
            for name in inner:
                env = WRAPPERS[name](env)
            if joypad:
                env = space(env, ACTIONS)
            for name in outer:
                env = WRAPPERS[name](env)
            return WRAPPERS[odd_one](env) if odd_one and index == 1 else env

        functions = [functools.partial(make, index) for index in range(count)]
        if dice.random() < 0.04:
            # One environment in two places.
            shared = make(0)
            functions[0] = functions[1] = lambda: shared
            self.used["shared"] += 1
        keep = bool(dice.random() < 0.8)
        if fast:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                self.vector: Any = vectorize(functions, autoreset_mode=mode, num_threads=2, copy=keep)
            modes = self.vector.fast
            text = "".join(str(warning.message) for warning in caught)
            assert len(caught) == (not all(modes)), text
            assert all(mode.reason in text for mode in modes if not mode)
        else:
            self.vector = CarefulVectorEnv(functions, autoreset_mode=mode, copy=keep)
        self.world.vector = self.vector
        self.dice = dice

    def play(self) -> Iterator[Any]:
        """Yield what can be seen after each call."""
        dice, vector = self.dice, self.vector
        yield self.call(lambda: vector.reset(seed=int(dice.integers(100))))
        held: Any = None
        for _ in range(STEPS):
            luck = dice.random()
            index = int(dice.integers(vector.num_envs))
            byte = int(dice.integers(256))
            if luck < 0.05:
                self.outside(index, byte, int(dice.integers(6)))
            if self.mode == AutoresetMode.DISABLED and vector._autoreset_envs.any() and luck < 0.9:
                mask = vector._autoreset_envs.copy()
                yield self.call(lambda mask=mask: vector.reset(options={"reset_mask": mask}))
            elif 0.05 < luck < 0.08:
                yield self.call(
                    lambda byte=byte: vector.reset(seed=[byte] * vector.num_envs, options={"power_on": True})
                )
            actions: Any = dice.integers(0, int(vector.single_action_space.n), vector.num_envs)
            if held is not None and dice.random() < 0.5:
                actions = held
            held = actions
            if 0.1 < luck < 0.15:
                actions = actions.tolist()
            elif 0.15 < luck < 0.17:
                actions = iter(actions.tolist())
            elif 0.17 < luck < 0.2:
                actions = actions.copy()
                actions[index] = [300, -1, 256][byte % 3]
            elif 0.2 < luck < 0.21:
                actions = actions[:-1]
            yield self.call(lambda actions=actions: vector.step(actions))
            if 0.3 < luck < 0.35:
                yield self.call(vector.render)
            if 0.35 < luck < 0.4:
                # The environments by themselves, between two steps.
                yield self.call(lambda index=index: vector.envs[index].step(0))
        yield [list(game.movie) for game in self.world.games if game.movie is not None]

    def outside(self, index: int, byte: int, kind: int) -> None:
        """Do something with one of the environments that it does not do itself."""
        env = self.vector.envs[index]
        game = env.unwrapped
        if kind == 0:
            game.ram[0x20] = byte
        elif kind == 1:
            game.controllers[byte % 2][0] = byte
        elif kind == 2:
            env.step = lambda action: type(env).step(env, 0)
        elif kind == 3:
            game._will_step = lambda: self.world.log.append(int(game.ram[0x14]))
        elif kind == 4:
            type(game)._will_step = lambda one: self.world.log.append(crc(one.ram))
        else:
            game.movie = game.record_movie()

    def call(self, function: Callable[[], Any]) -> dict[str, Any]:
        try:
            result = function()
        except BaseException as error:
            result = type(error).__name__, str(error)
        games = self.world.games
        seen = {
            "result": copy.deepcopy(result),
            "log": list(self.world.log),
            "RAM": [game.ram.copy() for game in games],
            # Not through the class: what it overrides may raise.
            "state": [NESEnv.dump_state(game) for game in games],
            "pads": [[int(pad[0]) for pad in game.controllers] for game in games],
            "picture": [game.screen.copy() for game in games if "screen" in vars(game)],
            "slots": [
                [(slot, NESEnv.has_backup(game, slot)) for slot in range(-1, 10) if NESEnv.has_backup(game, slot)]
                for game in games
            ],
            "done": [bool(game.done) for game in games],
            "random": [game._np_random and game._np_random.bit_generator.state for game in games],
            "own": [(game.ticks, game.last) for game in games],
            "sound": [
                game.emulator.audio() if game.emulator.sample_rate else None for game in games if game.ticks % 3 == 0
            ],
            "limits": [vars(env).get("_elapsed_steps") for env in self.vector.envs],
            "over": self.vector._autoreset_envs.copy(),
        }
        self.world.log.clear()
        return seen


def difference(ours: Any, theirs: Any, where: str = "") -> str | None:
    """Return where two values differ, None when they are equal to the byte."""
    if type(ours) is not type(theirs):
        return f"{where}: {type(ours).__name__}, not {type(theirs).__name__}"
    if isinstance(theirs, dict):
        if list(ours) != list(theirs):
            return f"{where}: keys {list(ours)}, not {list(theirs)}"
        return next(filter(None, (difference(ours[key], theirs[key], f"{where}[{key!r}]") for key in theirs)), None)
    if isinstance(theirs, (list, tuple)):
        if len(ours) != len(theirs):
            return f"{where}: {len(ours)} entries, not {len(theirs)}"
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next(filter(None, (difference(a, b, f"{where}[{place}]") for place, (a, b) in pairs)), None)
    if isinstance(theirs, np.ndarray):
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            return f"{where}: {ours.dtype} {ours.shape}, not {theirs.dtype} {theirs.shape}"
        if theirs.dtype == object:
            return difference(ours.tolist(), theirs.tolist(), where)
        if ours.tobytes() != theirs.tobytes():
            return f"{where}: arrays differ in {int((ours != theirs).sum())} places"
        return None
    return None if ours == theirs or (ours != ours and theirs != theirs) else f"{where}: {ours!r}, not {theirs!r}"


def play(case: int, totals: Counter[str] | None = None) -> str | None:
    """Play a case on both sides; return where they differ, None when they do not."""
    theirs, ours = Side(case, False), Side(case, True)
    totals = Counter() if totals is None else totals
    totals.update({f"class: {name}": 1 for name in theirs.used})
    totals[f"mode: {theirs.mode.value}"] += 1
    totals["batched environments"] += sum(map(bool, ours.vector.fast))
    totals["environments"] += ours.vector.num_envs
    try:
        for turn, (mine, other) in enumerate(zip(ours.play(), theirs.play(), strict=True)):
            found = difference(mine, other, f"case {case}, call {turn}, ")
            if found:
                return found
            totals["calls"] += 1
            if isinstance(other, dict) and isinstance(other["result"][0], str):
                totals["exceptions"] += 1
                totals[f"exception: {other['result'][0]}"] += 1
    finally:
        for side in (ours, theirs):
            with contextlib.suppress(Exception):
                side.vector.close()
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=10000, help="how many (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first (%(default)s)")
    arguments = parser.parse_args()
    totals: Counter[str] = Counter()
    found = []
    begin = time.perf_counter()
    for case in range(arguments.first, arguments.first + arguments.cases):
        where = play(case, totals)
        if where:
            found.append(where)
            print(where, flush=True)
    for name in sorted(totals):
        print(f"{name}: {totals[name]}")
    print(f"{arguments.cases} cases, {len(found)} differ, {time.perf_counter() - begin:.0f} s")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
