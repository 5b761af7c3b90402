"""Records what is done in vector environments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete, MultiDiscrete, Space
from numpy.typing import NDArray

from nes_py._gymnasium import AutoresetMode
from nes_py._vector import ANY_START, Engine, Output
from nes_py.emulator import Snapshot
from nes_py.errors import shown

from .rollout import ANY, CONTINUES, FIRST_SNAPSHOT, NO_FINAL_HASH, TERMINATED, TRUNCATED, Rollout, hash_rows

_LOW = 2**64 - 1
_BEGAN = 4
# A rollout has actions of 16 bits, and seeds of 128.
_MOST_ACTIONS = 2**16
_MOST_SEEDS = 2**128


@dataclass(frozen=True)
class _Expected:
    """What will be added when the environments have changed, and what was there before, to do it again."""

    changes: int
    add: Callable[[], None]
    rows: int
    beginnings: int
    generators: dict[int, tuple[tuple[int, int, int, int, int], int]]
    is_sent: NDArray[np.bool_]


@dataclass(frozen=True)
class Beginning:
    """How an episode begins."""

    environment: int
    generator: tuple[int, int, int, int, int]
    seed: int | None  # None: that of the episode before
    start: int = ANY
    continues: bool = False


def _generator(state: int, increment: int, spare: int | None = None) -> tuple[int, int, int, int, int]:
    half = 0 if spare is None else spare | 1 << 32
    return state & _LOW, state >> 64, increment & _LOW, increment >> 64, half


def generator_of(row: Sequence[Any] | NDArray[np.uint64]) -> tuple[int, ...]:
    """Return ``state`` and ``inc`` of a PCG64, and its spare half of a number if there is one."""
    low, high, increment_low, increment_high, half = map(int, row)
    spare = (half & 0xFFFFFFFF,) if half >> 32 else ()
    return low | high << 64, increment_low | increment_high << 64, *spare


def _action_type(space: Space[Any]) -> type:
    """Return the smallest type for the actions of one environment.

    Raises:
        ValueError: no type of a rollout has room for them.
    """
    largest = 1
    if isinstance(space, Discrete):
        largest = int(space.n) - 1
    elif isinstance(space, MultiDiscrete):
        largest = int(space.nvec.max()) - 1
    if largest >= _MOST_ACTIONS:
        raise ValueError(f"a recording has room for {_MOST_ACTIONS} different actions, and there are {largest + 1}")
    return np.uint8 if largest < 2**8 else np.uint16


class Recording:
    """What has been done in vector environments so far. Rows are added in the order of time, and sorted at the end.

    Args:
        engine: of the environments.
        mode: when they reset.
        space: of one action.
        about: other arguments of ``Rollout``.
        continuing: whether an episode may go on with the game of the one before.
        draws: whether steps draw random numbers, not only resets.
    """

    def __init__(
        self,
        engine: Engine,
        mode: AutoresetMode,
        space: Space[Any],
        about: Mapping[str, Any],
        continuing: bool,
        draws: bool,
    ) -> None:
        self._engine, self._mode, self._continuing = engine, mode, continuing
        # With SameStep a reset is part of a step. What the generator is before it is known if only resets draw.
        self._knows_generators = mode is AutoresetMode.SAME_STEP and not draws
        self._generators: dict[int, tuple[tuple[int, int, int, int, int], int]] = {}
        self._about = dict(about)
        self._snapshots: list[bytes] = list(self._about.pop("snapshots", ()))
        self._numbers: dict[bytes, int] = {}
        #: Whether functions in Python computed rewards or ended episodes.
        self.functions = False
        self._beginnings: list[Beginning] = []
        self._began = np.zeros(engine.count, np.bool_)
        self._over = np.zeros(engine.count, np.bool_)
        shape = space.shape or ()
        kind = np.dtype(_action_type(space))
        # Actions that were sent and have not been run.
        self._sent: NDArray[Any] = np.zeros((engine.count, *shape), kind)
        self._is_sent = np.zeros(engine.count, np.bool_)
        self._rows = 0
        self._ids = np.zeros(0, np.uint32)
        self._actions: NDArray[Any] = np.zeros((0, *shape), kind)
        self._rewards = np.zeros(0, np.float64)
        self._flags = np.zeros(0, np.uint8)
        self._hashes = np.zeros(0, np.uint32)
        self._expected: _Expected | None = None

    # Each method has a half that may fail and changes nothing, and one that runs after the environments have changed.
    # An exception, as of a signal handler, may come between them, or in the second half. So what a change will add is
    # noted before it, and added, from its beginning, before anything else is done.

    def expect(self, add: Callable[..., None], *arguments: Any) -> None:
        """Note what ``settle`` will add if the environments change: a method of this class."""
        self.settle()
        self._expected = _Expected(
            self._engine.changes,
            lambda: add(*arguments),
            self._rows,
            len(self._beginnings),
            self._generators,
            self._is_sent,
        )

    def settle(self) -> None:
        """Add what was noted, if the environments have changed."""
        expected = self._expected
        if expected is not None and self._engine.changes != expected.changes:
            self._rows = expected.rows
            del self._beginnings[expected.beginnings :]
            self._generators, self._is_sent = expected.generators, expected.is_sent
            expected.add()
        self._expected = None

    def reserve(self, count: int) -> None:
        """Make room for rows."""
        needed, room = self._rows + count, len(self._ids)
        if needed <= room:
            return
        room = max(needed, 2 * room, 1024)
        # The last one tells how much room there is.
        for name in ("_actions", "_rewards", "_flags", "_hashes", "_ids"):
            old = getattr(self, name)
            new = np.zeros((room, *old.shape[1:]), old.dtype)
            new[: self._rows] = old[: self._rows]
            setattr(self, name, new)

    def _present(self, index: int) -> tuple[tuple[int, int, int, int, int], int]:
        """Return an environment's generator and its seed."""
        state = self._engine.random_state(index)
        pair = state["state"]
        spare = state["uinteger"] if state["has_uint32"] else None
        return _generator(pair["state"], pair["inc"], spare), self._engine.seeds[index] or 0

    def reset(
        self,
        mask: NDArray[np.bool_] | None,
        starts: NDArray[np.uint32] | None,
        seeds: Sequence[tuple[Any, ...]],
        whole: bool,
    ) -> list[Beginning]:
        """Return what begins with a reset, before it; the arguments are the engine's.

        Raises:
            ValueError: a seed is too large for a rollout.
        """
        self.settle()
        for index, number, *_ in seeds:
            if number is not None and number >= _MOST_SEEDS:
                raise ValueError(
                    f"the environments are recorded, and a recording has room for seeds below 2**128: "
                    f"the seed of environment {index} is {shown(number)}"
                )
        seeded = {index: (_generator(*state), number or 0) for index, number, *state in seeds}
        chosen = range(self._engine.count) if mask is None else np.flatnonzero(mask).tolist()
        self.reserve(len(chosen))
        result = []
        for index in chosen:
            generator, seed = seeded.get(index) or self._present(index)
            start = ANY if starts is None or starts[index] == ANY_START else int(starts[index])
            continues = self._continuing and not whole and bool(self._began[index])
            result.append(Beginning(index, generator, seed, start, continues))
        return result

    def load(self, indices: Sequence[int], snapshots: Sequence[Snapshot]) -> list[Beginning]:
        """Return what begins when states are loaded, before that."""
        self.settle()
        self.reserve(len(indices))
        result = []
        for index, snapshot in zip(indices, snapshots, strict=True):
            content = bytes(snapshot)
            number = self._numbers.get(content)
            if number is None:
                self._snapshots.append(content)
                number = self._numbers[content] = len(self._snapshots) - 1
            result.append(Beginning(index, *self._present(index), FIRST_SNAPSHOT - number))
        return result

    def begin(self, beginnings: Sequence[Beginning]) -> None:
        """Add what has begun with a reset, which drops actions that were sent."""
        for one in beginnings:
            self._is_sent[one.environment] = False
        self.begin_loaded(beginnings)

    def begin_loaded(self, beginnings: Sequence[Beginning]) -> None:
        """Add what has begun with a state that was loaded: actions that were sent are steps of the new episode."""
        ids = np.array([one.environment for one in beginnings], np.uint32)
        self._beginnings += beginnings
        # One by one: NumPy's indexing by arrays ends the process if there is no memory for it.
        for one in beginnings:
            self._began[one.environment] = True
            self._over[one.environment] = False
        self._keep_generators(ids)
        self._add(ids, None, None, np.full(len(ids), _BEGAN, np.uint8))

    def sent(self, ids: NDArray[Any], actions: Any) -> None:
        """Keep actions that were sent."""
        self._sent[ids] = np.asarray(actions)
        self._is_sent[ids] = True

    def step(self, ids: Iterable[int] | None = None) -> list[Beginning]:
        """Return what will begin with a step of some environments, before it."""
        self.settle()
        over = np.flatnonzero(self._over).tolist() if self._mode is AutoresetMode.NEXT_STEP else []
        self.reserve(self._engine.count)
        if over and ids is not None:
            stepped = set(ids)
            over = [index for index in over if index in stepped]
        return [Beginning(index, *self._present(index), continues=self._continuing) for index in over]

    def add(
        self, ids: NDArray[np.uint32] | None, actions: Any, output: Output, beginnings: Sequence[Beginning]
    ) -> None:
        """Add what a step has done; ``ids``: the environment of each row, None: all; ``actions``: None: as sent."""
        rows: Any = slice(None)
        places: Any = slice(None)
        if ids is None:
            ids = np.arange(self._engine.count, dtype=np.uint32)
        else:
            # Some rows are first observations.
            rows = self._is_sent[ids]
            ids = places = ids[rows]
            actions = self._sent[ids]
            self._is_sent = self._is_sent.copy()
            self._is_sent[ids] = False
        flags = output.terminated[rows] * TERMINATED | output.truncated[rows] * TRUNCATED
        if self._mode is AutoresetMode.NEXT_STEP:
            flags = np.where(output.began[rows], _BEGAN, flags)
        flags = flags.astype(np.uint8)
        self._beginnings += beginnings
        self._add(ids, actions, output.rewards[rows], flags)
        over = flags & (TERMINATED | TRUNCATED) != 0
        self._over[places] = over
        if self._knows_generators:
            for index in ids[over].tolist():
                self._beginnings.append(Beginning(index, *self._generators[index], continues=self._continuing))
            self._keep_generators(ids[over])
        elif self._mode is AutoresetMode.SAME_STEP:
            # The generator is not known: the episode goes on from the one before.
            self._beginnings += [Beginning(int(index), (0, 0, 0, 0, 0), None, continues=True) for index in ids[over]]

    def add_received(self, output: Output, beginnings: Sequence[Beginning]) -> None:
        """Add what a step of environments whose actions were sent has done."""
        assert self._engine.unfetched is not None
        self.add(self._engine.unfetched[1], None, output, beginnings)

    def _keep_generators(self, ids: NDArray[np.uint32]) -> None:
        if self._knows_generators and len(ids):
            self._generators = {**self._generators, **{index: self._present(index) for index in ids.tolist()}}

    def _add(self, ids: NDArray[np.uint32], actions: Any, rewards: Any, flags: NDArray[np.uint8]) -> None:
        rows = slice(self._rows, self._rows + len(ids))
        self._ids[rows] = ids
        self._flags[rows] = flags
        self._actions[rows] = 0 if actions is None else actions
        self._rewards[rows] = 0.0 if rewards is None else rewards
        self._hashes[rows] = hash_rows(self._engine.ram(), ids)
        self._rows += len(ids)

    def rollout(self) -> Rollout:
        """Return what was recorded so far."""
        self.settle()
        rows = slice(0, self._rows)
        order = np.argsort(self._ids[rows], kind="stable")
        flags = self._flags[rows][order]
        began = flags & _BEGAN != 0
        over = flags & (TERMINATED | TRUNCATED) != 0
        # With SameStep the row of an end begins the next episode too, and has its RAM.
        both = over if self._mode is AutoresetMode.SAME_STEP else np.zeros_like(over)
        episode = np.cumsum(began) + np.cumsum(both) - both - 1
        beginnings = sorted(self._beginnings, key=lambda one: one.environment)
        count = len(beginnings)
        lengths = np.bincount(episode[~began], minlength=count).astype(np.int64)
        ends = np.zeros(count, np.uint8)
        ends[episode[over]] = flags[over]
        ends |= np.array([CONTINUES * one.continues for one in beginnings], np.uint8)
        ends[episode[both]] |= NO_FINAL_HASH
        seeds: list[int] = []
        for one in beginnings:
            seeds.append(seeds[-1] if one.seed is None else one.seed)
        hashes = np.zeros(self._rows + np.count_nonzero(both), np.uint32)
        places = np.arange(self._rows) + np.cumsum(both)
        hashes[places] = self._hashes[rows][order]
        # Without steps, and nothing goes on from there.
        kept = lengths > 0
        for number in range(count - 2, -1, -1):
            kept[number] |= kept[number + 1] and beginnings[number + 1].continues
        kept_hashes = np.repeat(kept, lengths + 1)
        used = [one for one, keep in zip(beginnings, kept, strict=True) if keep]
        numbers = [seed for seed, keep in zip(seeds, kept, strict=True) if keep]
        return Rollout(
            **self._about,
            lengths=lengths[kept],
            environments=np.array([one.environment for one in used], np.int64),
            flags=ends[kept],
            starts=np.array([one.start for one in used], np.int64),
            generators=np.array([one.generator for one in used], np.uint64).reshape(-1, 5),
            seeds=np.array([(one & _LOW, one >> 64) for one in numbers], np.uint64).reshape(-1, 2),
            actions=self._actions[rows][order][~began],
            rewards=self._rewards[rows][order][~began],
            hashes=hashes[kept_hashes],
            snapshots=tuple(self._snapshots),
            functions=self.functions,
        )


__all__ = ["Beginning", "Recording", "generator_of"]
