"""Replays rollouts in parallel: each environment of a batch plays one episode after the other."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._bundled import bundled_games
from nes_py._digests import sha256
from nes_py._values import is_integer
from nes_py._vector import ANY_START
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.errors import FileFormatError, shown
from nes_py.game import suggest
from nes_py.games import resolve
from nes_py.options import EnvOptions
from nes_py.vector import NESVectorEnv
from nes_py.vector.recording import generator_of
from nes_py.vector.rollout import (
    CONTINUES,
    DECIDES,
    FIRST_SNAPSHOT,
    NO_FINAL_HASH,
    TERMINATED,
    TRUNCATED,
    Episode,
    Rollout,
    hash_rows,
    options_from_json,
)

#: Options of ``NESVectorEnv`` that a replay chooses itself.
_OWN = ("autoreset_mode", "batch_size", "copy")
#: Environments of a replay if nothing else is said: enough for the threads of any machine to share.
_ENVIRONMENTS = 64


class ReplayError(FileFormatError):
    """A replay with another ROM than the recording's, or one that went another way."""


@dataclass(frozen=True, eq=False)
class Batch:
    """What a replay has computed at a time: one row for each environment that plays an episode.

    Attributes:
        episodes: the number of each row's episode, int64 (rows,).
        steps: how many of its steps have been taken, int64 (rows,); 0: the observation is that of the reset.
        observations: uint8 (rows, ...), or a dict of such arrays.
        infos: an array (rows,) for each entry of the infos.
    """

    episodes: NDArray[np.int64]
    steps: NDArray[np.int64]
    observations: Any
    infos: dict[str, NDArray[Any]]


def check_rollout(rollout: Any) -> None:
    """Check that an argument is a rollout.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(rollout, Rollout):
        raise TypeError(f"rollout must be a Rollout, see nes_py.datasets.load, not {type(rollout).__name__}")


def select_episodes(rollout: Rollout, episodes: Iterable[int] | None) -> NDArray[np.bool_]:
    """Return which episodes are wanted; None: all.

    Raises:
        TypeError: they are not selected by numbers.
        IndexError: one does not exist.
    """
    if episodes is None:
        return np.ones(len(rollout), np.bool_)
    if not isinstance(episodes, Iterable) or isinstance(episodes, (str, bytes)):
        raise TypeError(f"episodes must be numbers of episodes or None, not {shown(episodes)}")
    wanted = np.zeros(len(rollout), np.bool_)
    for number in episodes:
        if not is_integer(number):
            raise TypeError(f"an episode is selected by its number, not {shown(number)}")
        if not 0 <= number < len(rollout):
            raise IndexError(f"there is no episode {shown(number)}, only 0 to {len(rollout) - 1}")
        wanted[number] = True
    return wanted


# --- environments ---


def make_envs(
    rollout: Rollout,
    rom: Any = None,
    *,
    num_envs: int = 1,
    game: Any = None,
    **view: Any,
) -> NESVectorEnv:
    """Return environments with the rollout's options, in which its episodes can be played.

    Args:
        rollout (Rollout): what will be played.
        rom (str | os.PathLike | bytes | None): its ROM. None: a bundled game, or that of the known game.
        num_envs (int): number of environments.
        game: the declared game, if the recording had one that a file cannot hold; else None.
        **view: options that decide what is observed or how it is computed, such as ``obs_type`` and ``num_threads``;
            the others of what is observed are as in the recording.

    Raises:
        ReplayError: a ``ValueError``: it is another ROM.
        TypeError: an option is none of these.
    """
    check_rollout(rollout)
    allowed = [name for name in EnvOptions.names() if name not in DECIDES and name not in _OWN]
    for name in view:
        if name not in (*allowed, "render_mode", "record"):
            why = "is decided by the rollout" if name in (*DECIDES, *_OWN) else "is not an option of a replay"
            raise TypeError(f"{name} {why}{suggest(name, allowed)} (options: {', '.join(allowed)})")
    kept = dict(rollout.view)
    if "obs_type" in view:
        wanted = view["obs_type"]
        parts = wanted if isinstance(wanted, (list, tuple)) else (wanted,)
        # Other observations have no use for them.
        kept = {name: value for name, value in kept.items() if name in parts or name not in ("objects", "semantic")}
    options = options_from_json({**rollout.options, **kept, **view})
    if game is not None and not rollout.game_object:
        raise TypeError("game: the rollout has its own declaration")
    if rollout.game_object:
        if game is None:
            raise TypeError("game is missing: the recording had a nes_py.game.Game object, which a file cannot hold")
        options["game"] = game
    if rollout.parameters:
        options["parameters"] = rollout.parameters
    rom = _find_rom(rollout, rom, options)
    if rollout.states is not None:
        states = [Snapshot.from_bytes(one) for one in rollout.snapshots[: rollout.states["count"]]]
        names = rollout.states.get("names")
        options["states"] = dict(zip(names, states, strict=True)) if names else states
    return NESVectorEnv(rom, num_envs, autoreset_mode="Disabled", **options)


def _find_rom(rollout: Rollout, rom: Any, options: dict[str, Any]) -> Any:
    """Return the ROM, after a look at its contents."""
    if rom is None and rollout.name in bundled_games():
        rom = bundled_games()[rollout.name]
    if rom is None:
        try:
            rom, _ = resolve(None, options)
        except TypeError:
            raise TypeError(
                f"rom is missing: pass the file that was recorded, with the SHA-256 {rollout.rom[:16]}..."
            ) from None
    with NESEmulator(rom, cheats=options.get("cheats", ())) as emulator:
        found = sha256(emulator.rom_data).hex()
    if found != rollout.rom:
        raise ReplayError(
            f"the ROM has the SHA-256 {found[:16]}..., and the rollout was recorded with {rollout.rom[:16]}...",
            rom if isinstance(rom, (str, os.PathLike)) else None,
        )
    return rom


# --- which episodes ---


def _chains(rollout: Rollout, episodes: Iterable[int] | None) -> tuple[list[list[int]], NDArray[np.bool_]]:
    """Return lists of episodes that must be played one after the other, the longest first, and which are wanted."""
    wanted = select_episodes(rollout, episodes) & (rollout.lengths > 0)
    chains: list[list[int]] = []
    for number in range(len(rollout)):
        if rollout.flags[number] & CONTINUES:
            chains[-1].append(number)
        else:
            chains.append([number])
    result = []
    for chain in chains:
        while chain and not wanted[chain[-1]]:
            chain.pop()
        if chain:
            result.append(chain)
    result.sort(key=lambda chain: -int(rollout.lengths[chain].sum()))
    return result, wanted


# --- playing ---


class _Lanes:
    """Environments that play chains of episodes side by side."""

    def __init__(self, envs: NESVectorEnv, rollout: Rollout, chains: list[list[int]], check: bool) -> None:
        self.envs, self.rollout, self.check = envs, rollout, check
        self._waiting = iter(chains)
        count = envs.num_envs
        self._chain: list[list[int]] = [[] for _ in range(count)]
        # The episode of each lane, or -1, and how many of its steps were taken.
        self.episode = np.full(count, -1, np.int64)
        self.step = np.zeros(count, np.int64)
        self.observations: Any = None
        self.infos: dict[str, Any] = {}
        self._offsets = rollout.offsets
        # A lane without an episode holds no buttons.
        self._actions = np.zeros((count, *rollout.actions.shape[1:]), rollout.actions.dtype)
        self._over = np.zeros(count, np.bool_)

    def _next(self, lanes: NDArray[np.int64]) -> tuple[list[int], list[int], list[int]]:
        """Give lanes their next episodes; return those that start anew, that go on, and that load a snapshot."""
        new, going_on, loading = [], [], []
        for lane in lanes.tolist():
            chain = self._chain[lane] or list(next(self._waiting, ()))
            number = chain.pop(0) if chain else -1
            self._chain[lane] = chain
            self.episode[lane], self.step[lane] = number, 0
            if number < 0:
                if self._over[lane]:
                    going_on.append(lane)  # so that the others can be stepped
            elif self.rollout.flags[number] & CONTINUES:
                going_on.append(lane)
            elif self.rollout.starts[number] <= FIRST_SNAPSHOT:
                loading.append(lane)
            else:
                new.append(lane)
        self._over[lanes] = False
        return new, going_on, loading

    def _mask(self, lanes: list[int]) -> NDArray[np.bool_]:
        mask = np.zeros(self.envs.num_envs, np.bool_)
        mask[lanes] = True
        return mask

    def begin(self, lanes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Begin episodes in lanes that have none; return those that play now."""
        rollout, envs = self.rollout, self.envs
        new, going_on, loading = self._next(lanes)
        if self.observations is None and len(new) < envs.num_envs:
            # None may be stepped or shown before its first reset.
            envs.reset(seed=0)
        if loading:
            numbers = self.episode[loading]
            states = [rollout.snapshots[FIRST_SNAPSHOT - int(rollout.starts[number])] for number in numbers]
            generators = [
                (lane, None, *generator_of(rollout.generators[number]))
                for lane, number in zip(loading, numbers, strict=True)
            ]
            envs._load_episodes(loading, states, generators)
            self.observations, self.infos = envs.observe(), {}
        if going_on:
            self.observations, infos = envs.reset(options={"reset_mask": self._mask(going_on)})
            self.infos = infos
        if new:
            starts = np.full(envs.num_envs, ANY_START, np.uint32)
            numbers = self.episode[new]
            chosen = rollout.starts[numbers]
            for lane, start in zip(new, chosen.tolist(), strict=True):
                if start >= len(envs._starts):
                    raise ReplayError(f"there is no start {start}, only {len(envs._starts)}")
                if start >= 0:
                    starts[lane] = start
            generators = [
                (lane, None, *generator_of(rollout.generators[number]))
                for lane, number in zip(new, numbers, strict=True)
            ]
            self.observations, infos = envs._begin_episodes(self._mask(new), starts, generators)
            self.infos = {**self.infos, **infos} if not going_on else _merge(self.infos, infos, self._mask(new))
        begun = lanes[self.episode[lanes] >= 0]
        if self.check and len(begun):
            self._check_hashes(begun)
        return begun

    def run(self) -> NDArray[np.int64]:
        """Take a step in all lanes; return those that play an episode."""
        rollout = self.rollout
        playing = np.flatnonzero(self.episode >= 0)
        numbers = self.episode[playing]
        places = self._offsets[numbers] + self.step[playing]
        self._actions[:] = 0
        self._actions[playing] = rollout.actions[places]
        try:
            self.observations, rewards, terminated, truncated, self.infos = self.envs.step(self._actions)
        except ValueError as error:
            raise ReplayError(f"an action does not fit the options: {error}") from None
        self.step[playing] += 1
        over = terminated | truncated
        self._over = over
        last = self.step[playing] == rollout.lengths[numbers]
        flags = np.where(last, rollout.flags[numbers], 0)
        early = np.flatnonzero(over[playing] & ~last)
        if len(early):
            raise self._error(playing[early[0]], "the episode ends here, and did not end in the recording")
        if self.check:
            if not rollout.functions:
                for name, found, recorded in (
                    ("reward", rewards[playing], rollout.rewards[places]),
                    ("termination", terminated[playing], flags & TERMINATED != 0),
                    ("truncation", truncated[playing], flags & TRUNCATED != 0),
                ):
                    # A reward that is no number differs from itself.
                    wrong = np.flatnonzero((found != recorded) & ((found == found) | (recorded == recorded)))
                    if len(wrong):
                        row = wrong[0]
                        raise self._error(playing[row], f"the {name} is {found[row]}, and {recorded[row]} was recorded")
            known = playing[flags & NO_FINAL_HASH == 0]
            self._check_hashes(known)
        return playing

    def _check_hashes(self, lanes: NDArray[np.int64]) -> None:
        hashes = self.rollout.hashes
        if hashes is None or not len(lanes):
            return
        found = hash_rows(self.envs.ram, lanes)
        numbers = self.episode[lanes]
        wrong = np.flatnonzero(found != hashes[self._offsets[numbers] + numbers + self.step[lanes]])
        if len(wrong):
            raise self._error(lanes[wrong[0]], "RAM is not what was recorded")

    def _error(self, lane: np.int64, reason: str) -> ReplayError:
        made_by = f" (recorded by {self.rollout.made_by})" if self.rollout.made_by else ""
        return ReplayError(f"{reason}{made_by}", where=f"episode {self.episode[lane]}, step {self.step[lane]}")

    def ended(self, lanes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the lanes whose episode has no more steps."""
        done: NDArray[np.int64] = lanes[self.step[lanes] == self.rollout.lengths[self.episode[lanes]]]
        return done

    def play(self) -> Iterator[NDArray[np.int64]]:
        """Yield lanes that have new observations."""
        idle = np.arange(self.envs.num_envs)
        while True:
            while len(idle):
                begun = self.begin(idle)
                if len(begun):
                    yield begun
                idle = self.ended(begun)
            if not (self.episode >= 0).any():
                return
            playing = self.run()
            yield playing
            # Also those that have no episode left, and whose game is over.
            idle = np.concatenate((self.ended(playing), np.flatnonzero((self.episode < 0) & self._over)))


def _merge(old: dict[str, Any], new: dict[str, Any], mask: NDArray[np.bool_]) -> dict[str, Any]:
    result = {}
    for name, value in new.items():
        if isinstance(value, np.ndarray) and isinstance(old.get(name), np.ndarray) and value.dtype != object:
            value = value.copy()
            value[~mask] = old[name][~mask]
        result[name] = value
    return result


def _numbers_of(infos: dict[str, Any], count: int) -> dict[str, NDArray[Any]]:
    """Return the infos that are numbers of each environment."""
    return {
        name: value
        for name, value in infos.items()
        if not name.startswith("_")
        and isinstance(value, np.ndarray)
        and value.dtype.kind in "biuf"
        and value.shape[:1] == (count,)
    }


def _lanes(
    rollout: Rollout, rom: Any, episodes: Iterable[int] | None, num_envs: int | None, check: bool, options: Any
) -> tuple[_Lanes, NDArray[np.bool_]]:
    check_rollout(rollout)
    chains, wanted = _chains(rollout, episodes)
    count = max(1, min(len(chains), _ENVIRONMENTS)) if num_envs is None else num_envs
    return _Lanes(make_envs(rollout, rom, num_envs=count, **options), rollout, chains, check), wanted


def batches(
    rollout: Rollout,
    rom: Any = None,
    *,
    episodes: Iterable[int] | None = None,
    num_envs: int | None = None,
    check: bool = True,
    **options: Any,
) -> Iterator[Batch]:
    """Replay episodes and yield their observations as they are computed, so that none are kept.

    Args:
        rollout (Rollout): what is played.
        rom: see ``make_envs``.
        episodes (Iterable[int] | None): the numbers of those that are wanted; None: all.
        num_envs (int | None): how many are played at a time; None: up to 64.
        check (bool): compare rewards, ends and hashes of RAM with those recorded.
        **options: see ``make_envs``.

    Yields:
        Batch: the caller owns its arrays.

    Raises:
        ReplayError: a ``ValueError``: it is another ROM, or the game went another way: see ``check``.
    """
    lanes, wanted = _lanes(rollout, rom, episodes, num_envs, check, options)
    with lanes.envs:
        for rows in lanes.play():
            rows = rows[wanted[lanes.episode[rows]]]
            if not len(rows):
                continue
            whole = len(rows) == lanes.envs.num_envs
            infos = _numbers_of(lanes.infos, lanes.envs.num_envs)
            observations = lanes.observations
            if not whole:
                observations = (
                    {name: array[rows] for name, array in observations.items()}
                    if isinstance(observations, dict)
                    else observations[rows]
                )
            yield Batch(
                lanes.episode[rows],
                lanes.step[rows],
                observations,
                {name: value[rows] for name, value in infos.items()},
            )


class _Store:
    """What an episode that goes on has shown: a row for the reset and for each step."""

    def __init__(self, steps: int) -> None:
        self._rows = steps + 1
        self._arrays: dict[str, NDArray[Any]] = {}
        self._lists: dict[str, list[NDArray[Any]]] = {}

    def put(self, step: int, values: dict[str, NDArray[Any]], row: int) -> None:
        for name, value in values.items():
            if name not in self._arrays:
                self._arrays[name] = np.zeros((self._rows, *value.shape[1:]), value.dtype)
            self._arrays[name][step] = value[row]

    def put_any(self, step: int, values: dict[str, NDArray[Any]], row: int) -> None:
        """Put values that may have another shape in each step, such as sound."""
        self.put(step, {name: value for name, value in values.items() if value.ndim == 1}, row)
        for name, value in values.items():
            if value.ndim > 1:
                empty = np.zeros((0, *value.shape[2:]), value.dtype)
                # Rows of sound are as long as the longest of the batch.
                length = values[f"{name}_length"][row] if f"{name}_length" in values else None
                self._lists.setdefault(name, [empty] * self._rows)[step] = value[row][:length].copy()

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        return self._arrays

    @property
    def all(self) -> dict[str, Any]:
        same = {name: np.stack(rows) for name, rows in self._lists.items() if len({row.shape for row in rows}) == 1}
        return {**self._arrays, **self._lists, **same}


def replay(
    rollout: Rollout,
    rom: Any = None,
    *,
    episodes: Iterable[int] | None = None,
    num_envs: int | None = None,
    check: bool = True,
    **options: Any,
) -> Iterator[Episode]:
    """Replay episodes and yield each with its observations when it has ended, so the short ones come first.

    Args:
        rollout (Rollout): what is played.
        rom: see ``make_envs``.
        episodes (Iterable[int] | None): the numbers of those that are wanted; None: all.
        num_envs (int | None): how many are played at a time, and kept; None: up to 64.
        check (bool): compare rewards, ends and hashes of RAM with those recorded.
        **options: what is observed, as ``obs_type`` and ``stack_num``, see ``make_envs``.

    Yields:
        Episode: of the same number as in the rollout.

    Raises:
        ReplayError: a ``ValueError``: it is another ROM, or the game went another way: see ``check``.
    """
    lanes, wanted = _lanes(rollout, rom, episodes, num_envs, check, options)
    stores: dict[int, tuple[_Store, _Store]] = {}
    with lanes.envs:
        for rows in lanes.play():
            observations = lanes.observations if isinstance(lanes.observations, dict) else {"": lanes.observations}
            infos = _numbers_of(lanes.infos, lanes.envs.num_envs)
            for row in rows.tolist():
                number, step = int(lanes.episode[row]), int(lanes.step[row])
                if not wanted[number]:
                    continue
                length = int(rollout.lengths[number])
                if number not in stores:
                    stores[number] = _Store(length), _Store(length)
                seen, told = stores[number]
                seen.put(step, observations, row)
                told.put_any(step, infos, row)
                if step == length:
                    del stores[number]
                    whole: Any = seen.arrays
                    yield dataclasses.replace(
                        rollout[number],
                        observations=whole if isinstance(lanes.observations, dict) else whole[""],
                        infos=told.all,
                    )


def verify(rollout: Rollout, rom: Any = None, *, num_envs: int | None = None, **options: Any) -> int:
    """Replay all episodes and compare what is recorded of every step: hashes of RAM, rewards and ends.

    Args:
        rollout (Rollout): what is played.
        rom: see ``make_envs``.
        num_envs (int | None): how many episodes are played at a time.
        **options: see ``make_envs``.

    Returns:
        int: the number of steps.

    Raises:
        ReplayError: a ``ValueError``: it is another ROM, or the game went another way.
    """
    steps = 0
    for batch in batches(rollout, rom, num_envs=num_envs, **{"obs_type": "ram", **options}):
        steps += int(np.count_nonzero(batch.steps))
    return steps


__all__ = ["Batch", "ReplayError", "batches", "make_envs", "replay", "verify"]
