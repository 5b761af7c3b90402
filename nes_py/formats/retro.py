"""Reads stable-retro's game integrations (``data.json``, ``scenario.json``, ``metadata.json`` and states).

This does not import stable-retro: an integration is a directory of JSON files. The name of a game finds the directory
in an installed stable-retro. ``load`` returns a description as plain values; ``variables``, ``reward`` and ``done``
below evaluate it, and ``to_game`` converts it to a declared game for ``NESVectorEnv``.

Example::

    game = nes_py.retro.load("SuperMarioBros-Nes-v0", "smb.nes")
    if game["unsupported"]:
        print(game["unsupported"])
    emulator = nes_py.NESEmulator("smb.nes")
    emulator.load_state(nes_py.fceux_state.convert(game["states"]["Level1-1"], "smb.nes"))
    before = nes_py.retro.variables(game, emulator.peek)
    emulator.step()
    after = nes_py.retro.variables(game, emulator.peek)
    nes_py.retro.reward(game, before, after)
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nes_py._digests import sha1
from nes_py._expression import Names
from nes_py._files import read_regular_file
from nes_py._limits import LARGEST_HASHES, MOST_CONDITIONS, MOST_REASONS, MOST_REWARDS, MOST_VARIABLES
from nes_py._rom import rom_contents
from nes_py._schema import Schema, read_json
from nes_py._schemas import RETRO_DATA, RETRO_METADATA, RETRO_SCENARIO
from nes_py.errors import FileFormatError, shown
from nes_py.game import Game, Reward

#: The folders of integrations, in the order in which they are searched.
COLLECTIONS = ("stable", "experimental", "contrib")
_FILE_HEADER = 16
_RAM_SIZE = 0x800
_BUTTONS = ("A", "B", "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT")

_TYPE = re.compile(r"([<>|=])([uidn])([1-9]|1[0-6])")
_ENCODINGS = {"u": "binary", "i": "binary", "d": "bcd", "n": "digits"}

_OPERATIONS: dict[str, Callable[[float, float], bool]] = {
    "zero": lambda value, _: value == 0,
    "nonzero": lambda value, _: value != 0,
    "positive": lambda value, _: value > 0,
    "negative": lambda value, _: value < 0,
    "equal": lambda value, reference: value == reference,
    "not-equal": lambda value, reference: value != reference,
    "less-than": lambda value, reference: value < reference,
    "greater-than": lambda value, reference: value > reference,
    "less-or-equal": lambda value, reference: value <= reference,
    "greater-or-equal": lambda value, reference: value >= reference,
}

Integration = dict[str, Any]


# --- finding and reading the files ---


def data_folder() -> Path:
    """Return the directory of game data of the installed stable-retro.

    Raises:
        FileNotFoundError: it is not installed.
    """
    for package in ("stable_retro", "retro"):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (folder := Path(place, "data")).is_dir():
                return folder
    raise FileNotFoundError("stable-retro is not installed; pass the directory of the integration instead")


def games() -> list[str]:
    """Return the names of the NES integrations of the installed stable-retro, such as ``"SuperMarioBros-Nes-v0"``."""
    folder = data_folder()
    found = {path.name for name in COLLECTIONS for path in (folder / name).glob("*-Nes*") if path.is_dir()}
    return sorted(found)


def _find(game: str | os.PathLike[str]) -> Path:
    if not isinstance(game, (str, os.PathLike)):
        raise TypeError(f"an integration is a directory or the name of a game, not {type(game).__name__}")
    path = Path(game)
    if path.is_dir():
        return path
    name = os.fspath(game)
    if os.sep not in name:
        folder = data_folder()
        for collection in COLLECTIONS:
            for candidate in (folder / collection / name, folder / collection / f"{name}-v0"):
                if candidate.is_dir():
                    return candidate
    raise FileNotFoundError(f"{name!r} is neither a directory nor a game of the installed stable-retro")


def read_hashes(path: Path) -> list[str]:
    """Return the hashes in a ``rom.sha``, none if it does not exist.

    Raises:
        FileFormatError: there are none in it, it is too large, or is no file.
    """
    if not path.exists():
        return []
    words = read_regular_file(path, LARGEST_HASHES).decode("ascii", "replace").lower().split()
    hashes = [word for word in words if re.fullmatch("[0-9a-f]{40}", word)]
    if words and not hashes:
        raise FileFormatError(f"found {shown(words[0])}, expected SHA-1 hashes of 40 hexadecimal digits", path)
    return hashes


class _Reader:
    """Converts the contents of the files to a description, and records what it cannot express."""

    def __init__(self) -> None:
        self._reasons: dict[str, None] = {}
        self.variables: dict[str, dict[str, Any]] = {}

    def refuse(self, reason: str) -> None:
        if len(self._reasons) < MOST_REASONS:
            self._reasons[reason] = None
        elif reason not in self._reasons:
            self._reasons["..."] = None

    @property
    def unsupported(self) -> list[str]:
        """The parts that the description leaves out, in their order; the last one is ``"..."`` if there are many."""
        return list(self._reasons)

    def read(self, path: Path, schema: Schema) -> dict[str, Any]:
        """Return the object in a file, an empty one if there is no file."""
        if not path.exists():
            return {}
        repeated: list[str] = []
        content: dict[str, Any] = read_json(path, schema, repeated)
        for key in repeated[:10]:
            self.refuse(f"{path.name}: {shown(key)} is there twice, the last one counts")
        return content

    def unknown_keys(self, where: str, found: Mapping[str, Any], known: set[str]) -> None:
        for key in sorted(set(found) - known):
            self.refuse(f"{where}: {shown(key)} is unknown")

    def read_variables(self, data: Mapping[str, Any]) -> None:
        self.unknown_keys("data.json", data, {"info"})
        for name, entry in data.get("info", {}).items():
            where = f"variable {shown(name)}"
            self.unknown_keys(where, entry, {"address", "type", "mask"})
            kind = _TYPE.fullmatch(str(entry.get("type")))
            address = entry.get("address")
            if kind is None:
                self.refuse(f"{where}: type {shown(entry.get('type'))} is unknown")
                continue
            size = int(kind[3])
            if not isinstance(address, int) or not 0 <= address <= 0x10000 - size:
                self.refuse(f"{where}: address {shown(address)} is not a CPU address")
                continue
            if address >= _RAM_SIZE and not 0x6000 <= address < 0x8000:
                self.refuse(f"{where}: there is no RAM at ${address:04X}")
                continue
            self.variables[name] = {
                "address": address,
                "size": size,
                "byte_order": "big" if kind[1] == ">" else "little",
                "encoding": _ENCODINGS[kind[2]],
                "signed": kind[2] == "i",
                "mask": entry.get("mask"),
            }

    def read_term(self, where: str, name: str, entry: Mapping[str, Any], measurement: str) -> dict[str, Any]:
        where = f"{where}, variable {shown(name)}"
        self.unknown_keys(where, entry, {"op", "reference", "measurement", "reward", "penalty"})
        if name not in self.variables:
            self.refuse(f"{where}: data.json does not define it")
        operation = entry.get("op")
        if operation is not None and operation != "sign" and operation not in _OPERATIONS:
            self.refuse(f"{where}: operation {shown(operation)} is unknown")
        measured = entry.get("measurement", measurement)
        if measured not in ("absolute", "delta"):
            self.refuse(f"{where}: measurement {shown(measured)} is unknown")
        return {
            "variable": name,
            "measurement": measured,
            "op": operation,
            "reference": entry.get("reference", 0),
        }

    def read_reward(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        self.unknown_keys("reward", entry, {"variables", "time", "script"})
        if "script" in entry:
            self.refuse(f"reward: {shown(entry['script'])} is a Lua script, which is not run")
        terms = []
        for name, term in entry.get("variables", {}).items():
            weights = {"reward": float(term.get("reward", 0)), "penalty": float(term.get("penalty", 0))}
            terms.append(self.read_term("reward", name, term, "delta") | weights)
        time = entry.get("time", {})
        self.unknown_keys("reward, time", time, {"reward", "penalty"})
        return {"variables": terms, "time": float(time.get("reward", 0)) - float(time.get("penalty", 0))}

    def read_done(self, where: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self.unknown_keys(where, entry, {"variables", "nodes", "condition", "script"})
        if "script" in entry:
            self.refuse(f"{where}: {shown(entry['script'])} is a Lua script, which is not run")
        condition = entry.get("condition", "any")
        if condition not in ("any", "all"):
            self.refuse(f"{where}: condition {shown(condition)} is unknown")
        terms = []
        for name, term in entry.get("variables", {}).items():
            if term.get("op") in (None, "sign"):
                self.refuse(f"{where}, variable {shown(name)}: it has no condition")
                continue
            terms.append(self.read_term(where, name, term, "absolute"))
        nodes = [self.read_done(f"{where}, {shown(name)}"[:400], node) for name, node in entry.get("nodes", {}).items()]
        return {"condition": condition, "variables": terms, "nodes": nodes}

    def read_actions(self, entry: Any) -> list[list[list[str]]] | None:
        if entry is None:
            return None
        for group in entry:
            for combination in group:
                for button in combination:
                    if button not in _BUTTONS:
                        self.refuse(f"actions: the button {shown(button)} does not exist")
        return [[list(combination) for combination in group] for group in entry]


def load(
    game: str | os.PathLike[str],
    rom: str | os.PathLike[str] | bytes | None = None,
    scenario: str = "scenario",
) -> Integration:
    """Return the description of an integration.

    Args:
        game: the directory of an integration, or the name of a game of the installed stable-retro.
        rom: the ROM to play, to check whether the integration was made for it.
        scenario: the name of the ``.json`` file with the reward and the end conditions.

    Returns:
        dict: plain values, JSON-serializable except for the paths.

        - ``game`` (str), ``folder`` (Path)
        - ``variables``: by name, dicts of ``address`` (of the CPU), ``size`` (bytes), ``byte_order`` (``"little"``,
            ``"big"``), ``encoding`` (``"binary"``; ``"bcd"``, two decimal digits per byte; ``"digits"``, one, in the
            low nibble), ``signed`` (bool) and ``mask`` (int, the relevant bits, or None)
        - ``reward``: ``time`` (float, per frame) and ``variables``, a list of dicts of ``variable``,
            ``measurement`` (``"delta"``, ``"absolute"``), ``op`` (a comparison, ``"sign"``, or None), ``reference``,
            ``reward`` and ``penalty``
        - ``done``: ``condition`` (``"any"``, ``"all"``), ``variables``, a list like that of the reward without the last
            two, and ``nodes``, a list of dicts like this one
        - ``actions``: groups of combinations of buttons, one of each group is held; None without a list
        - ``crop``: x, y, width, height of the visible picture, 0 for all of it; None without one
        - ``states``: paths by name; ``default_state``: a name, a list of names for as many players, or None
        - ``rom_sha1``: hashes of the ROMs it was made for, without their header; ``rom_matches``: bool, or None
            without ``rom``
        - ``unsupported``: the parts that are not expressed above, a list of sentences, empty if complete
        - ``notes``: what the integration itself lacks, a list of sentences

    Raises:
        FileNotFoundError: the directory, game or scenario does not exist.
        FileFormatError: a ``ValueError``: a file is not JSON, has another form than its schema in ``docs/schemas``, or
            exceeds a limit; the message names file and entry.
        RomError: ``rom`` cannot be read.
        TypeError: an argument has the wrong type.
    """
    folder = _find(game)
    if not isinstance(scenario, str):
        raise TypeError(f"scenario must be a str, not {type(scenario).__name__}")
    if not (folder / "data.json").is_file():
        raise FileNotFoundError(f"{str(folder)!r} is not an integration: it has no data.json")
    reader = _Reader()
    notes: list[str] = []
    reader.read_variables(reader.read(folder / "data.json", RETRO_DATA))
    if not (folder / f"{scenario}.json").is_file():
        if scenario != "scenario":
            raise FileNotFoundError(f"{str(folder)!r} has no {scenario}.json")
        notes.append("there is no scenario.json, so no reward and no end condition")
    plan = reader.read(folder / f"{scenario}.json", RETRO_SCENARIO)
    reader.unknown_keys(f"{scenario}.json", plan, {"reward", "done", "crop", "actions", "scripts"})
    for script in plan.get("scripts", ()):
        reader.refuse(f"{shown(script)} is a Lua script, which is not run")
    metadata = reader.read(folder / "metadata.json", RETRO_METADATA)
    hashes = read_hashes(folder / "rom.sha")
    matches = None
    if rom is not None:
        content = rom_contents(rom)
        matches = sha1(content[_FILE_HEADER:]).hex() in hashes
    crop = plan.get("crop")
    return {
        "game": folder.name,
        "folder": folder,
        "variables": reader.variables,
        "reward": reader.read_reward(plan.get("reward", {})),
        "done": reader.read_done("done", plan.get("done", {})),
        "actions": reader.read_actions(plan.get("actions")),
        "crop": None if crop is None else tuple(crop),
        "states": {path.stem: path for path in sorted(folder.glob("*.state"))},
        "default_state": metadata.get("default_state"),
        "rom_sha1": hashes,
        "rom_matches": matches,
        "unsupported": reader.unsupported,
        "notes": notes,
    }


# --- evaluation ---


def decode(variable: Mapping[str, Any], memory: bytes) -> int:
    """Return the number that a variable's bytes encode.

    Args:
        variable: an entry of ``variables``.
        memory: its bytes, ``size`` of them.
    """
    ordered = memory if variable["byte_order"] == "big" else memory[::-1]
    if variable["encoding"] == "binary":
        value = int.from_bytes(ordered, "big", signed=variable["signed"])
    else:
        value = 0
        for byte in ordered:
            if variable["encoding"] == "bcd":
                value = value * 100 + (byte >> 4) * 10 + (byte & 0x0F)
            else:
                value = value * 10 + (byte & 0x0F)
    return value if variable["mask"] is None else value & int(variable["mask"])


def variables(game: Integration, peek: Callable[[int], int]) -> dict[str, int]:
    """Return the values of all variables; ``peek`` returns the byte at an address, as ``NESEmulator.peek`` does."""
    return {
        name: decode(entry, bytes(peek(entry["address"] + index) for index in range(entry["size"])))
        for name, entry in game["variables"].items()
    }


def _measure(term: Mapping[str, Any], before: Mapping[str, int], after: Mapping[str, int]) -> int:
    value = after[term["variable"]]
    return value - before[term["variable"]] if term["measurement"] == "delta" else value


def reward(game: Integration, before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Return the reward of one frame from the variables before and after it.

    Without an operation a positive measurement is multiplied by ``reward`` and a negative one by ``penalty``. The
    operation ``"sign"`` gives ``reward`` or minus ``penalty`` by sign alone; any other gives ``reward`` if it holds.
    """
    total = float(game["reward"]["time"])
    for term in game["reward"]["variables"]:
        value = _measure(term, before, after)
        if term["op"] is None:
            total += value * (term["reward"] if value > 0 else term["penalty"])
        elif term["op"] == "sign":
            total += term["reward"] if value > 0 else -term["penalty"] if value < 0 else 0.0
        elif _OPERATIONS[term["op"]](value, term["reference"]):
            total += term["reward"]
    return total


def done(game: Integration, before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Return whether an episode ends with a frame, from the variables before and after it."""
    return _holds(game["done"], before, after)


def _holds(node: Mapping[str, Any], before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    facts = [
        _OPERATIONS[term["op"]](_measure(term, before, after), term["reference"]) for term in node["variables"]
    ] + [_holds(child, before, after) for child in node["nodes"]]
    return bool(facts) and (all(facts) if node["condition"] == "all" else any(facts))


# --- conversion to a declared game ---

_COMPARISONS = {
    "zero": "== 0",
    "nonzero": "!= 0",
    "positive": "> 0",
    "negative": "< 0",
    "equal": "==",
    "not-equal": "!=",
    "less-than": "<",
    "greater-than": ">",
    "less-or-equal": "<=",
    "greater-or-equal": ">=",
}
_RESERVED = {"env_id", "final_info", "final_obs", "life_lost"}


class _Undeclarable(ValueError):
    """A part of an integration that a ``Game`` cannot express."""


def _declare_variable(entry: Mapping[str, Any]) -> dict[str, Any]:
    size, encoding, order = entry["size"], entry["encoding"], entry["byte_order"]
    if encoding == "binary":
        kind = "byte" if size == 1 else order
    else:
        kind = ("bcd" if encoding == "bcd" else "low_digits") + ("_little" if order == "little" else "")
    address = entry["address"] % _RAM_SIZE if entry["address"] < 0x2000 else entry["address"]
    return {"address": address, "size": size, "encoding": kind, "signed": encoding == "binary" and entry["signed"]}


def _mask_of(entry: Mapping[str, Any]) -> int | None:
    """Return the bits that a variable uses; None: all."""
    everything = 256 ** entry["size"] - 1
    if entry["mask"] is None or (not entry["signed"] and int(entry["mask"]) & everything == everything):
        return None
    return int(entry["mask"])


def _declare_condition(term: Mapping[str, Any], names: Mapping[str, str]) -> str:
    name = _declared(term, names)
    if term["op"] not in _COMPARISONS:
        raise _Undeclarable(f"{term['variable']!r} has the operation {term['op']!r}, which is not a comparison")
    comparison = _COMPARISONS[term["op"]]
    if " " not in comparison:
        if term["reference"] != int(term["reference"]):
            raise _Undeclarable(f"{term['variable']!r} is compared with {term['reference']}, which is not an integer")
        comparison += f" {int(term['reference'])}"
    return f"{'delta ' if term['measurement'] == 'delta' else ''}{name} {comparison}"


def _declared(term: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if term["variable"] not in names:
        raise _Undeclarable(f"{term['variable']!r} is not among the variables")
    return names[term["variable"]]


def _declare_done(node: Mapping[str, Any], names: Mapping[str, str]) -> list[list[str]]:
    """Return groups of conditions; all conditions of at least one group must hold."""
    parts = [[[_declare_condition(term, names)]] for term in node["variables"]]
    parts += [_declare_done(child, names) for child in node["nodes"]]
    if node["condition"] != "all":
        return [group for part in parts for group in part]
    if not parts:
        return []
    if math.prod(map(len, parts)) * len(parts) > MOST_CONDITIONS:
        raise _Undeclarable(f"the combinations of its conditions are more than {MOST_CONDITIONS}")
    return [[one for group in chosen for one in group] for chosen in itertools.product(*parts)]


def _declare_reward(term: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    name = _declared(term, names)
    kind = "delta" if term["measurement"] == "delta" else "value"
    gain, loss = float(term["reward"]), float(term["penalty"])
    if term["op"] is None:
        rewards: list[dict[str, Any]] = [
            {kind: name, "weight": gain, "clip": (0, None)},
            {kind: name, "weight": loss, "clip": (None, 0)},
        ]
    elif term["op"] == "sign":
        subject = f"delta {name}" if kind == "delta" else name
        rewards = [
            {"condition": f"{subject} > 0", "weight": gain},
            {"condition": f"{subject} < 0", "weight": -loss},
        ]
    else:
        rewards = [{"condition": _declare_condition(term, names), "weight": gain}]
    return [one for one in rewards if one["weight"]]


def to_game(game: Integration) -> tuple[Game, list[str]]:
    """Convert an integration to a declared game, for the option ``game`` of ``NESVectorEnv``.

    Rewards and end conditions are evaluated after every frame, as ``reward`` and ``done`` do.

    Example::

        game, left_out = nes_py.retro.to_game(nes_py.retro.load("SuperMarioBros-Nes-v0"))
        envs = nes_py.NESVectorEnv("smb.nes", 8, game=game, states=state)

    Args:
        game: the result of ``load``.

    Returns:
        tuple: the ``nes_py.game.Game``, and a list of sentences about what it leaves out: those of
        ``unsupported``, and what a ``Game`` cannot express.
    """
    left_out = list(game["unsupported"])
    declared: dict[str, Any] = {}
    names: dict[str, str] = {}
    # Those whose bits only others use.
    whole: set[str] = set()
    for name, entry in game["variables"].items():
        plain = re.sub(r"\W", "_", name)
        plain = f"v_{plain}" if plain in _RESERVED or not plain[:1].isalpha() else plain
        try:
            mask, one = _mask_of(entry), _declare_variable(entry)
            new = {plain: one}
            if mask is not None:
                new = {f"{plain}_unmasked": one, plain: {"value": f"{plain}_unmasked & {mask}"}}
            Game.parse({"variables": new})
        except ValueError as error:
            left_out.append(f"variable {name!r}: {error}")
            continue
        if len(declared) + len(new) > MOST_VARIABLES:
            left_out.append(f"variable {name!r}: a game has at most {MOST_VARIABLES}")
            continue
        if taken := [one for one in new if one in declared]:
            left_out.append(f"variable {name!r}: another variable has the name {taken[0]!r}")
            continue
        declared |= new
        names[name] = plain
        whole |= set(new) - {plain}
    known = Game.parse({"variables": declared}).variables
    rewards: list[dict[str, Any]] = []
    for term in game["reward"]["variables"]:
        try:
            terms = _declare_reward(term, names)
            for one in terms:
                Reward.parse(one, "reward", Names(known, known))
            if len(rewards) + len(terms) >= MOST_REWARDS:
                raise _Undeclarable(f"a game has at most {MOST_REWARDS} terms")
            rewards += terms
        except ValueError as error:
            left_out.append(f"reward: {error}")
    if time := float(game["reward"]["time"]):
        if declared:
            always = next(iter(declared))
            rewards.append({"condition": [f"{always} < 0", f"{always} >= 0"], "weight": time})
        else:
            left_out.append("reward: a reward for time needs a variable")
    terminated: list[list[str]] = []
    try:
        terminated = _declare_done(game["done"], names)
        Game.parse({"variables": declared, "terminated": terminated or None})
    except ValueError as error:
        terminated = []
        left_out.append(f"done: {error}")
    plan: dict[str, Any] = {"variables": declared, "rewards": rewards, "terminated": terminated or None}
    if whole:
        plan["infos"] = {name: name for name in declared if name not in whole}
    return Game.parse(plan), left_out


__all__ = ["COLLECTIONS", "data_folder", "decode", "done", "games", "load", "reward", "to_game", "variables"]
