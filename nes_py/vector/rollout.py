"""Rollouts: what was done in environments, from which every observation can be computed again.

The machine is deterministic. A start, the state of the environment's generator and the actions are enough to repeat an
episode, and take a few bytes a step. ``nes_py.datasets`` replays them.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py import _schema as schema
from nes_py._archives import open_zip, read_entry
from nes_py._digests import sha256_of
from nes_py._files import path_of, read_regular_file, write_file
from nes_py._limits import LARGEST_ROLLOUT, LARGEST_SNAPSHOT, LONGEST_TEXT
from nes_py._values import is_integer
from nes_py.errors import FileFormatError, check_memory, shown
from nes_py.games.catalogue import RETRO, known_games
from nes_py.options import EnvOptions
from nes_py.semantic import Semantics

#: Options that decide what happens. A rollout has their values, and a replay has the same.
DECIDES = (
    "frameskip",
    "noop_max",
    "repeat_action_probability",
    "reward_clipping",
    "episodic_life",
    "max_num_frames_per_episode",
    "max_episode_steps",
    "actions",
    "players",
    "device",
    "cheats",
    "game",
    "states",
    "ram_fill",
    "ram_seed",
    "region",
    "console",
    "frame_boundary",
)
#: Options that decide how it is computed. The results do not depend on them. All others decide what is observed.
COMPUTES = (
    "batch_size",
    "num_threads",
    "autoreset_mode",
    "affinity",
    "wait_policy",
    "waiting",
    "copy",
    "timing",
    "policy",
)

#: How an episode ended, and how it began: bits of ``Rollout.flags``.
TERMINATED, TRUNCATED, CONTINUES, NO_FINAL_HASH = 1, 2, 4, 8
#: A start that the environment's generator chose; from the second number down: of a snapshot.
ANY, FIRST_SNAPSHOT = -1, -2

SUFFIXES = (".npz", ".h5", ".hdf5")
_EXPORTED = "an export of a rollout, arrays to be read with NumPy or h5py, and not a rollout"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_NPY = b"\x93NUMPY"
_NPY_HEADER = re.compile(
    r"\{'descr': (.{1,200}), 'fortran_order': (True|False), 'shape': \(((?:[0-9]{1,19}(?:, |,|(?=\)))){0,8})\), \}\s*"
)
_NPY_NUMBERS = re.compile("'[<>|](?:[ui][1248]|f[248])'")
_FORMAT = "nes_py rollout"
_VERSION = 1
_LARGEST_DESCRIPTION = 2**20
_LARGEST_CHUNK = 2**24

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["format", "version", "rom", "options", "view"],
    "properties": {
        "format": {"const": _FORMAT},
        "version": {"const": _VERSION},
        "made_by": {"type": "string", "maxLength": 100},
        "rom": {
            "type": "object",
            "required": ["sha256"],
            "properties": {
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "name": {"type": "string", "maxLength": LONGEST_TEXT},
            },
        },
        "options": {"type": "object", "maxProperties": 100},
        "parameters": {"type": "object", "maxProperties": 1024},
        "view": {"type": "object", "maxProperties": 100},
        "functions": {"type": "boolean"},
        "game_object": {"type": "boolean"},
        "states": {
            "type": "object",
            "required": ["count"],
            "properties": {
                "count": {"type": "integer", "minimum": 1, "maximum": 2**20},
                "names": {"type": "array", "items": {"type": "string", "maxLength": LONGEST_TEXT}},
            },
        },
    },
}
#: The arrays of a file: type and number of axes; of ``actions`` see ``_check``.
_ARRAYS: dict[str, tuple[type, int]] = {
    "lengths": (np.int64, 1),
    "environments": (np.int64, 1),
    "flags": (np.uint8, 1),
    "starts": (np.int64, 1),
    "generators": (np.uint64, 2),
    "seeds": (np.uint64, 2),
    "rewards": (np.float64, 1),
    "hashes": (np.uint32, 1),
    "snapshots": (np.uint8, 1),
    "snapshot_sizes": (np.int64, 1),
}


def _weights() -> NDArray[np.uint64]:
    """Return an odd factor for each 64-bit word of RAM: a change of one word always changes the sum."""
    numbers = np.arange(1, 257, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ numbers >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9)
    return numbers ^ numbers >> np.uint64(32) | np.uint64(1)


_WEIGHTS = _weights()


def hash_ram(ram: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return a hash of each row of RAM, uint8 (rows, 2048), the same on every machine."""
    words = np.ascontiguousarray(ram).view("<u8")
    sums: NDArray[np.uint64] = (words * _WEIGHTS).sum(axis=1, dtype=np.uint64)
    # Every bit of a word reaches the upper half.
    sums = (sums ^ sums >> np.uint64(32)) * np.uint64(0x9E3779B97F4A7C15)
    return (sums >> np.uint64(32)).astype(np.uint32)


def hash_rows(ram: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[np.uint32]:
    """Return a hash of some rows of RAM, in the order of ``rows``, each of which is there once."""
    whole = len(rows) == len(ram) and bool((rows[1:] > rows[:-1]).all())
    return hash_ram(ram if whole else ram[rows])


@dataclass(frozen=True, eq=False)
class Episode:
    """An episode of a rollout.

    Attributes:
        number: in the rollout.
        environment: the number of the environment that it was recorded in.
        seed: what the environment's generator was last seeded with.
        actions: (steps, ...), as in the action space of one environment.
        rewards: float64 (steps,).
        terminated: whether it ended by the game's rules.
        truncated: whether it was truncated. Neither: it was reset before its end, or the recording ended.
        observations: of a replay: (steps + 1, ...), that of the reset first; a dict of arrays for a dict of
            observations. None: it was not replayed.
        infos: of a replay: an array (steps + 1, ...) for each entry of the infos that is made of numbers, the first of
            the reset; a list of arrays if they differ in length, as sound does.
    """

    number: int
    environment: int
    seed: int
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    terminated: bool
    truncated: bool
    observations: Any = None
    infos: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.actions)

    def _flags(self, last: bool) -> NDArray[np.bool_]:
        flags = np.zeros(len(self), np.bool_)
        flags[-1:] = last
        return flags

    @property
    def terminations(self) -> NDArray[np.bool_]:
        """Whether each step terminated the episode, bool (steps,)."""
        return self._flags(self.terminated)

    @property
    def truncations(self) -> NDArray[np.bool_]:
        """Whether each step truncated the episode, bool (steps,)."""
        return self._flags(self.truncated)


def _difference(name: str, found: Any, expected: Any) -> str:
    """Return what differs: a value, or the first entry of a mapping that does."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in {**expected, **found}:
            if key not in found or key not in expected or found[key] != expected[key]:
                values = [shown(one[key], 60) if key in one else "the default" for one in (found, expected)]
                return f"value of {name}[{key!r}]: {values[0]}, not {values[1]}"
    return f"{name}: {shown(found)}, not {shown(expected)}"


@dataclass(frozen=True, eq=False)
class Rollout:
    """Recorded episodes: starts, generators and actions, but no observations.

    ``len(rollout)`` is the number of episodes, ``rollout[i]`` an ``Episode`` without observations.
    ``nes_py.datasets.replay`` computes these. Episodes of one environment follow each other.

    Attributes:
        rom: SHA-256 of the ROM file, with Game Genie codes applied.
        options: those of ``NESVectorEnv`` that decide what happens, as JSON has them.
        view: those that decided what was observed: the defaults of a replay.
        lengths: steps of each episode, int64.
        environments: the environment of each, int64.
        flags: uint8: how each ended and whether it goes on from the one before: its generator, or the same game.
        starts: int64: a number among the start states; -1: the generator chose; -2 - n: the snapshot n.
        generators: before each reset, uint64 (episodes, 5): the halves of a PCG64's state and increment, and a spare
            half of a number, with bit 32 set if there is one.
        seeds: uint64 (episodes, 2): low and high half.
        actions: of all episodes, one after the other.
        rewards: of all episodes, float64.
        hashes: of RAM after each reset and each step, uint32; None: not recorded.
        snapshots: states that episodes start from: first those of the option ``states``.
        states: how many of them are the option, and their names; None: the option is not there, or has names of starts.
        parameters: of a known game.
        name: of the ROM, if it is that of a bundled game.
        functions: whether functions in Python computed rewards or ended episodes: a replay cannot check these.
        game_object: the game was declared by an object that a file cannot hold: a replay needs it.
        made_by: what recorded it.
    """

    rom: str
    options: dict[str, Any]
    view: dict[str, Any]
    lengths: NDArray[np.int64]
    environments: NDArray[np.int64]
    flags: NDArray[np.uint8]
    starts: NDArray[np.int64]
    generators: NDArray[np.uint64]
    seeds: NDArray[np.uint64]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    hashes: NDArray[np.uint32] | None = None
    snapshots: tuple[bytes, ...] = ()
    states: dict[str, Any] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    functions: bool = False
    game_object: bool = False
    made_by: str = ""

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self.lengths)

    @property
    def num_steps(self) -> int:
        """The number of steps of all episodes."""
        return len(self.actions)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """The first step of each episode, and the number of steps behind the last one."""
        return np.concatenate(([0], np.cumsum(self.lengths)))

    def __getitem__(self, number: int) -> Episode:
        """Return an episode, without observations; a negative number counts from the end."""
        if not is_integer(number):
            raise TypeError(f"an episode is selected by its number, not {shown(number)}")
        if not -len(self) <= number < len(self):
            raise IndexError(f"there is no episode {shown(number)}, only 0 to {len(self) - 1}")
        number = range(len(self))[number]
        steps = slice(self.offsets[number], self.offsets[number + 1])
        low, high = map(int, self.seeds[number])
        return Episode(
            number,
            int(self.environments[number]),
            low | high << 64,
            self.actions[steps],
            self.rewards[steps],
            bool(self.flags[number] & TERMINATED),
            bool(self.flags[number] & TRUNCATED),
        )

    def __iter__(self) -> Iterator[Episode]:
        """Yield the episodes, without observations."""
        return (self[number] for number in range(len(self)))

    def __repr__(self) -> str:
        rom = self.name or f"ROM {self.rom[:16]}"
        return f"<Rollout of {rom}: {len(self)} episodes, {self.num_steps} steps>"

    def hashes_of(self, number: int) -> NDArray[np.uint32] | None:
        """Return the hashes of an episode: after its reset and after each step."""
        if self.hashes is None:
            return None
        first = int(self.offsets[number]) + number
        return self.hashes[first : first + int(self.lengths[number]) + 1]

    @classmethod
    def concatenate(cls, rollouts: Sequence[Rollout]) -> Rollout:
        """Return the episodes of several rollouts of one game with the same options.

        Raises:
            TypeError: one is something else.
            ValueError: there is none, or they differ in ROM or options.
        """
        rollouts = list(rollouts)
        if not rollouts:
            raise ValueError("there must be at least one rollout")
        first = rollouts[0]
        for number, one in enumerate(rollouts):
            if not isinstance(one, Rollout):
                raise TypeError(f"rollouts[{number}] must be a Rollout, not {type(one).__name__}")
            for name in ("rom", "options", "states", "parameters", "functions", "game_object"):
                found, expected = getattr(one, name), getattr(first, name)
                if found != expected:
                    raise ValueError(f"rollouts[{number}] has another {_difference(name, found, expected)}")
            count = (first.states or {}).get("count", 0)
            if one.snapshots[:count] != first.snapshots[:count]:
                raise ValueError(f"rollouts[{number}] has other start states")
        snapshots: list[bytes] = list(first.snapshots[:count])
        starts, environments, used = [], [], 0
        for one in rollouts:
            moved = len(snapshots) - count
            # Those of the option stay where they are.
            starts.append(np.where(one.starts <= FIRST_SNAPSHOT - count, one.starts - moved, one.starts))
            snapshots += one.snapshots[count:]
            environments.append(one.environments + used)
            used += int(one.environments.max(initial=-1)) + 1
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in rollouts])
            for name in ("lengths", "flags", "generators", "seeds", "actions", "rewards")
        }
        hashes = None
        if all(one.hashes is not None for one in rollouts):
            hashes = np.concatenate([one.hashes for one in rollouts if one.hashes is not None])
        return replace(
            first,
            **columns,
            hashes=hashes,
            snapshots=tuple(snapshots),
            starts=np.concatenate(starts),
            environments=np.concatenate(environments),
        )

    # --- files ---

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file, as a whole or not at all: ``.npz`` for NumPy, or ``.h5`` or ``.hdf5``, which need h5py.

        Raises:
            ValueError: the name ends otherwise.
            OSError: it cannot be written; an old file is unchanged.
            ImportError: h5py is missing.
        """
        suffix = check_suffix(path)
        arrays = self._arrays()
        write_file(path, to_npz(arrays) if suffix == ".npz" else _to_hdf5(arrays))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Rollout:
        """Return the rollout in a file that ``save`` has written; its contents tell which form it has.

        Raises:
            FileFormatError: a ``ValueError`` that names the file: it is no such file, is damaged or altered, or exceeds
                a limit.
            OSError: it cannot be read.
            ImportError: h5py is missing.
        """
        content = read_regular_file(path, LARGEST_ROLLOUT)
        try:
            return cls._of(_from_hdf5(content) if content.startswith(_HDF5) else _from_npz(content))
        except FileFormatError as error:
            raise error.in_file(path) from None

    def _description(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "version": _VERSION,
            "made_by": self.made_by or f"nes-py {getattr(sys.modules.get('nes_py'), '__version__', '')}",
            "rom": {"sha256": self.rom, **({"name": self.name} if self.name else {})},
            "options": self.options,
            "view": self.view,
            "functions": self.functions,
            "game_object": self.game_object,
            **({"parameters": self.parameters} if self.parameters else {}),
            **({"states": self.states} if self.states else {}),
        }

    def _description_text(self) -> bytes:
        """Return the description as a file has it.

        Raises:
            ValueError: no file can have it.
        """
        description = self._description()
        text = json.dumps(description, allow_nan=False).encode()
        if len(text) > _LARGEST_DESCRIPTION:
            raise ValueError(f"the options take {len(text)} bytes, the limit of a rollout is {_LARGEST_DESCRIPTION}")
        try:
            schema.check(description, _SCHEMA)
        except FileFormatError as error:
            raise ValueError(f"a rollout cannot have these options: {error}") from None
        return text

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {"description": np.frombuffer(self._description_text(), np.uint8)}
        for name in _ARRAYS:
            if name == "snapshots":
                arrays[name] = np.frombuffer(_xor_with_first(self.snapshots), np.uint8)
            elif name == "snapshot_sizes":
                arrays[name] = np.array([len(one) for one in self.snapshots], np.int64)
            elif getattr(self, name) is not None:
                arrays[name] = np.ascontiguousarray(getattr(self, name))
        arrays["actions"] = np.ascontiguousarray(self.actions)
        arrays["sha256"] = np.frombuffer(_digest(arrays), np.uint8)
        return arrays

    @classmethod
    def _of(cls, arrays: dict[str, NDArray[Any]]) -> Rollout:
        """Return the rollout that a file's arrays are."""
        for name in ("description", "sha256", "actions", *(name for name in _ARRAYS if name != "hashes")):
            if name not in arrays:
                raise FileFormatError(f"not a rollout of nes_py: it has no array {name!r}")
        if arrays["description"].dtype != np.uint8 or arrays["description"].nbytes > _LARGEST_DESCRIPTION:
            raise FileFormatError(
                f"{arrays['description'].nbytes} bytes of {arrays['description'].dtype}, expected uint8 and at most "
                f"{_LARGEST_DESCRIPTION} bytes",
                where="description",
            )
        found, digest = arrays.pop("sha256"), _digest(arrays)
        if found.dtype != np.uint8 or found.tobytes() != digest:
            raise FileFormatError(
                f"the file was altered: its contents have the SHA-256 {digest.hex()[:16]}..., and "
                f"{found.tobytes().hex()[:16]}... was expected",
                where="sha256",
            )
        try:
            about = schema.parse_json(arrays["description"].tobytes())
            schema.check(about, _SCHEMA)
        except FileFormatError as error:
            raise FileFormatError(error.reason, where=".".join(filter(None, ("description", error.where)))) from None
        _check(arrays)
        sizes = arrays["snapshot_sizes"]
        edges = np.concatenate(([0], np.cumsum(sizes))).tolist()
        content = arrays["snapshots"].tobytes()
        snapshots = _split(content, edges)
        states = about.get("states")
        if states and (states["count"] > len(sizes) or len(states.get("names", ())) not in (0, states["count"])):
            raise FileFormatError(f"{shown(states)} does not fit {len(sizes)} snapshots", where="description.states")
        result = cls(
            about["rom"]["sha256"],
            about["options"],
            about["view"],
            **{name: arrays[name] for name in ("lengths", "environments", "flags", "starts", "generators", "seeds")},
            actions=arrays["actions"],
            rewards=arrays["rewards"],
            hashes=arrays.get("hashes"),
            snapshots=tuple(_split(_xor_with_first(snapshots), edges)),
            states=states,
            parameters=about.get("parameters", {}),
            name=about["rom"].get("name", ""),
            functions=about.get("functions", False),
            game_object=about.get("game_object", False),
            made_by=about.get("made_by", ""),
        )
        _check_options(result)
        return result


def check_suffix(path: str | os.PathLike[str]) -> str:
    """Return how the name of a file ends, which can be written.

    Raises:
        ValueError: no rollout has such a name.
        ImportError: it is one of HDF5, and h5py is missing.
    """
    suffix = os.path.splitext(path_of(path))[1].lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"the name of a rollout ends in {', '.join(SUFFIXES)}: {shown(os.fspath(path))} does not")
    if suffix != ".npz":
        import_h5py()
    return suffix


def check_about(about: Mapping[str, Any]) -> None:
    """Check that a file can have what describes the options of environments, before anything is recorded.

    Args:
        about: arguments of ``Rollout``.

    Raises:
        ValueError: it cannot.
    """
    none: Any = np.zeros(0)
    columns = ("lengths", "environments", "flags", "starts", "generators", "seeds", "actions", "rewards")
    Rollout(**{**about, **dict.fromkeys(columns, none)})._description_text()


def _xor_with_first(snapshots: Sequence[bytes]) -> bytes:
    """Return the snapshots one after the other, those behind the first XOR the first: most of it is zero then.

    Doing it twice gives the snapshots.
    """
    result = bytearray(b"".join(snapshots))
    if not snapshots:
        return b""
    first = np.frombuffer(snapshots[0], np.uint8)
    place = len(first)
    whole = np.frombuffer(result, np.uint8)
    for one in snapshots[1:]:
        count = min(len(one), len(first))
        whole[place : place + count] ^= first[:count]
        place += len(one)
    del whole
    return bytes(result)


def _split(content: bytes, edges: Sequence[int]) -> list[bytes]:
    return [content[low:high] for low, high in itertools.pairwise(edges)]


def _digest(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    def parts() -> Iterator[bytes | memoryview]:
        for name in sorted(arrays):
            array = arrays[name]
            yield f"{name} {array.dtype.str} {array.shape}\n".encode()
            # A large array is not copied.
            yield memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8))

    return sha256_of(parts())


def _check(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check that types, shapes and numbers of a file's arrays fit each other."""
    for name, (kind, axes) in _ARRAYS.items():
        if name in arrays and (arrays[name].dtype != kind or arrays[name].ndim != axes):
            found = f"{arrays[name].dtype} with {arrays[name].ndim} axes"
            raise FileFormatError(f"{found}, expected {np.dtype(kind)} with {axes}", where=name)
    actions, lengths = arrays["actions"], arrays["lengths"]
    if actions.dtype not in (np.uint8, np.uint16) or not 1 <= actions.ndim <= 3:
        raise FileFormatError(f"{actions.dtype} with {actions.ndim} axes, expected uint8 or uint16", where="actions")
    steps, episodes = len(actions), len(lengths)
    if (episodes and (lengths.min() < 0 or lengths.max() > steps)) or int(lengths.sum()) != steps:
        raise FileFormatError(f"they do not add up to {steps} steps", where="lengths")
    shapes = {
        "environments": (episodes,),
        "flags": (episodes,),
        "starts": (episodes,),
        "generators": (episodes, 5),
        "seeds": (episodes, 2),
        "rewards": (steps,),
        "hashes": (steps + episodes,),
    }
    for name, shape in shapes.items():
        if name in arrays and arrays[name].shape != shape:
            raise FileFormatError(f"the shape is {arrays[name].shape}, expected {shape}", where=name)
    sizes = arrays["snapshot_sizes"]
    if len(sizes) and (sizes.min() < 1 or sizes.max() > LARGEST_SNAPSHOT):
        raise FileFormatError(f"expected sizes in 1..{LARGEST_SNAPSHOT}", where="snapshot_sizes")
    if int(sizes.sum()) != len(arrays["snapshots"]):
        raise FileFormatError(f"they do not add up to {len(arrays['snapshots'])} bytes", where="snapshot_sizes")
    starts, flags, environments = arrays["starts"], arrays["flags"], arrays["environments"]
    if episodes:
        if starts.min() < FIRST_SNAPSHOT + 1 - len(sizes) or starts.max() >= 2**31:
            raise FileFormatError("there is no such start", where="starts")
        if environments.min() < 0 or environments.max() >= 2**31:
            raise FileFormatError("there is no such environment", where="environments")
        if flags.max() > 15 or flags[0] & CONTINUES:
            raise FileFormatError("there is no such flag, or the first episode goes on from another one", where="flags")
        alone = np.flatnonzero((flags[1:] & CONTINUES != 0) & (environments[1:] != environments[:-1]))
        if len(alone):
            raise FileFormatError("the episode goes on from one of another environment", where=f"flags[{alone[0] + 1}]")
        # With an even increment a PCG64 may draw the same number for ever. The generators of the others are not used.
        even = np.flatnonzero((flags & CONTINUES == 0) & (arrays["generators"][:, 2] & np.uint64(1) == 0))
        if len(even):
            raise FileFormatError("the increment of a PCG64 is odd", where=f"generators[{even[0]}]")


def _is_name(game: str) -> bool:
    """Return whether a game is known by a name, and not a path, which is nothing for a file from others."""
    if game.startswith(RETRO):
        return re.fullmatch(r"[\w-]+(\.[\w-]+)*", game.removeprefix(RETRO)) is not None
    return game in [one.name for one in known_games()]


def _check_options(rollout: Rollout) -> None:
    """Check the options of a file; nothing in it may name another file."""
    for name in rollout.options:
        if name not in DECIDES:
            raise FileFormatError(f"{shown(name)} is no option of a rollout", where="description.options")
    for name in rollout.view:
        if name in DECIDES or name in COMPUTES:
            raise FileFormatError(f"{shown(name)} is no option of what is observed", where="description.view")
        if name not in EnvOptions.names():
            raise FileFormatError(f"there is no option {shown(name)}", where="description.view")
    options = {**rollout.options, **rollout.view}
    game, states = options.pop("game", None), options.pop("states", None)
    names = [states] if isinstance(states, str) else states
    if names is not None and not (isinstance(names, list) and all(isinstance(one, str) for one in names)):
        raise FileFormatError(f"{shown(states)}, expected names of starts", where="description.options.states")
    if isinstance(game, str):
        # A path would be read.
        if not _is_name(game):
            raise FileFormatError(f"{shown(game)} is no known game", where="description.options.game")
    else:
        options["game"] = game
    if any(name in options for name in ("episodic_life", "life_loss_info")) and "game" not in options:
        # They need the game.
        options = {name: value for name, value in options.items() if name not in ("episodic_life", "life_loss_info")}
    if not isinstance(options.get("semantic", {}), dict):
        # A path would be read.
        raise FileFormatError(f"{shown(options['semantic'])}, expected classes", where="description.view.semantic")
    if not isinstance(options.get("palette", []), list):
        raise FileFormatError(f"{shown(options['palette'])}, expected colours", where="description.view.palette")
    try:
        EnvOptions.of(options_from_json(options))
    except (TypeError, ValueError, OverflowError) as error:
        raise FileFormatError(str(error), where="description.options") from None


# --- options as JSON has them ---


def _plain(value: Any) -> Any:
    """Return a value as JSON has it.

    Raises:
        TypeError: JSON does not have it.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    raise TypeError(f"{shown(value)} cannot be written as JSON")


def _finite(value: Any) -> Any:
    """Return a game declaration with None for limits that are infinite."""
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list) else value


def options_to_json(options: EnvOptions, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what describes the options of environments: arguments of ``Rollout``.

    Args:
        options: after validation.
        given: as they were given to the constructor.

    Raises:
        TypeError: one cannot be written to a file.
    """
    decides: dict[str, Any] = {}
    view: dict[str, Any] = {}
    defaults = EnvOptions()
    for name in EnvOptions.names():
        value = getattr(options, name)
        if name in COMPUTES or name in ("game", "states"):
            continue
        same = value is None if getattr(defaults, name) is None else np.array_equal(value, getattr(defaults, name))
        if name not in DECIDES:
            if not same:
                view[name] = _plain(value.entry if isinstance(value, Semantics) else value)
        elif name == "cheats":
            if value:
                decides[name] = [_cheat_to_json(one) for one in value]
        elif name == "reward_clipping" and value is not False:
            largest = sys.float_info.max  # no reward is larger, and JSON has no infinity
            decides[name] = [min(max(limit, -largest), largest) for limit in value]
        elif not same or name == "frame_boundary":
            decides[name] = _plain(value)
    result: dict[str, Any] = {"options": decides, "view": view}
    game = given.get("game")
    if isinstance(game, str) and game.startswith(RETRO) and not _is_name(game):
        raise ValueError(f"a recording holds the name of an integration, not its folder {shown(game)}")
    if isinstance(game, str) and _is_name(game):
        decides["game"] = game
        if given.get("parameters"):
            result["parameters"] = _plain(given["parameters"])
    elif isinstance(game, (str, os.PathLike)):
        decides["game"] = schema.parse_json(read_regular_file(game, schema.LARGEST_FILE))
    elif isinstance(game, Mapping):
        decides["game"] = _finite(_plain(game))
    elif game is not None:
        result["game_object"] = True
    states = given.get("states")
    if isinstance(states, str) or (
        isinstance(states, (list, tuple)) and states and all(isinstance(one, str) for one in states)
    ):
        decides["states"] = _plain(states)
    return result


def options_from_json(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of ``NESVectorEnv``."""
    result = dict(options)
    if isinstance(result.get("palette"), list):
        colours = np.array(result["palette"])
        if (
            colours.dtype.kind != "i"
            or not colours.size
            or colours.size % 3
            or not 0 <= colours.min() <= colours.max() < 256
        ):
            raise ValueError("palette: expected three numbers in 0..255 for each colour")
        result["palette"] = colours.astype(np.uint8).reshape(-1, 3)
    if isinstance(result.get("cheats"), list):
        result["cheats"] = [_cheat_from_json(one) for one in result["cheats"]]
    return result


def _cheat_to_json(cheat: Any) -> Any:
    from nes_py.formats.cheats import Freeze

    if isinstance(cheat, Freeze):
        return f"{cheat.address:04X}:{cheat.value:02X}"
    return [cheat.address, cheat.value, cheat.compare]


def _cheat_from_json(cheat: Any) -> Any:
    from nes_py.formats.cheats import Cheat

    return Cheat(*cheat) if isinstance(cheat, list) and len(cheat) == 3 else cheat


# --- NumPy's form ---


def to_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the contents of an ``.npz`` file."""
    file = io.BytesIO()
    named: Any = arrays
    try:
        np.savez_compressed(file, **named)
    except ValueError as error:
        # After a MemoryError the zip file cannot be closed, which is what it says then.
        if isinstance(error.__context__, MemoryError):
            raise error.__context__ from None
        raise
    return file.getvalue()


def _from_npz(content: bytes) -> dict[str, NDArray[Any]]:
    arrays = {}
    total = 0
    exported = False
    try:
        with open_zip(content) as archive:
            entries = archive.infolist()
            exported = _is_export(entry.filename.removesuffix(".npy") for entry in entries)
            for entry in [] if exported else entries:
                name = entry.filename.removesuffix(".npy")
                total += entry.file_size
                if total > LARGEST_ROLLOUT:
                    raise FileFormatError(f"more than {LARGEST_ROLLOUT} bytes when it is unpacked", where=name)
                arrays[name] = _read_npy(read_entry(archive, entry), name)
    except FileFormatError as error:
        if error.where:
            raise
        what = error.reason if content else "it is empty"
        raise FileFormatError(f"not a rollout of nes_py, or damaged: {what}; expected an .npz or HDF5 file") from None
    if exported:
        raise FileFormatError(_EXPORTED)
    return arrays


def _is_export(names: Iterable[str]) -> bool:
    """Return whether arrays with these names are what ``nes_py.datasets.export`` writes."""
    found = set(itertools.islice(names, 100))
    return "description" not in found and {"actions", "lengths", "terminations", "truncations", "episodes"} <= found


def _read_npy(data: bytes, name: str) -> NDArray[Any]:
    """Return an array; its memory is that of the data, so a header cannot ask for more."""
    if not data.startswith(_NPY) or len(data) < 10:
        raise FileFormatError("no array of NumPy", where=name)
    version = (data[6], data[7])
    if version != (1, 0):
        raise FileFormatError(f"an array of version {version}, expected (1, 0)", where=name)
    start = 10 + int.from_bytes(data[8:10], "little")
    # It is a Python expression, of which NumPy writes only this form. Python's parser has errors and memory of its own.
    header = data[10:start].decode("latin-1")
    found = _NPY_HEADER.fullmatch(header)
    if not found:
        raise FileFormatError(f"an array with the header {shown(header)}, expected that of NumPy", where=name)
    kind, order, lengths = found.groups()
    shape = [int(length) for length in lengths.split(",") if length.strip()]
    if not _NPY_NUMBERS.fullmatch(kind) or (order == "True" and len(shape) > 1):
        raise FileFormatError(f"an array of {shown(kind)}, expected numbers row by row", where=name)
    dtype = np.dtype(kind.strip("'"))
    count = math.prod(shape)
    rest = len(data) - start
    if count * dtype.itemsize != rest:
        raise FileFormatError(f"{rest} bytes, expected {shown(count)} numbers of {dtype.itemsize} bytes", where=name)
    return np.frombuffer(data, dtype, count, start).reshape(shape)


# --- HDF5 ---


def import_h5py() -> Any:
    """Return the module.

    Raises:
        ImportError: it is missing; the message says what to install.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError(f"HDF5 files need h5py ({error}): pip install 'nes-py[hdf5]'") from None
    return h5py


def _to_hdf5(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    h5py = import_h5py()
    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        for name, array in arrays.items():
            packed = {"compression": "gzip", "shuffle": True} if array.size else {}
            root.create_dataset(name, data=array, track_times=False, **packed)
    return file.getvalue()


def _from_hdf5(content: bytes) -> dict[str, NDArray[Any]]:
    h5py = import_h5py()
    arrays: dict[str, NDArray[Any]] = {}
    exported = False
    try:
        with h5py.File(io.BytesIO(content), "r") as root:
            total = 0
            exported = _is_export(root)
            for name in [] if exported else list(root)[:100]:
                link, dataset = root.get(name, getlink=True), None
                # A link may lead to another file.
                if isinstance(link, h5py.HardLink):
                    dataset = root[name]
                if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
                    raise FileFormatError("expected an array in the file itself", where=shown(name))
                total += int(np.prod([int(length) for length in dataset.shape], dtype=object)) * dataset.dtype.itemsize
                if total > LARGEST_ROLLOUT:
                    raise FileFormatError(f"more than {LARGEST_ROLLOUT} bytes when it is unpacked", where=shown(name))
                # A part of the array that is packed together may be larger than the array, and is unpacked as a whole.
                chunk = int(np.prod([int(length) for length in dataset.chunks or ()], dtype=object))
                if chunk * dataset.dtype.itemsize > max(_LARGEST_CHUNK, total):
                    raise FileFormatError(f"a chunk of {chunk} numbers, more than the array", where=shown(name))
                if dataset.dtype.kind not in "uif":
                    raise FileFormatError(f"an array of {shown(dataset.dtype)}, expected numbers", where=shown(name))
                arrays[name] = dataset[()]
    except FileFormatError:
        raise
    except (ValueError, TypeError, KeyError, OSError, RuntimeError, OverflowError) as error:
        check_memory(error)
        raise FileFormatError(
            f"not a rollout of nes_py, or damaged: {shown(str(error), 200)}; expected an HDF5 file"
        ) from None
    if exported:
        raise FileFormatError(_EXPORTED)
    return arrays


__all__ = [
    "COMPUTES",
    "DECIDES",
    "SUFFIXES",
    "Episode",
    "Rollout",
    "check_about",
    "check_suffix",
    "hash_ram",
    "hash_rows",
]
