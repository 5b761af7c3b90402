"""The games that come with the package, by name."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

#: The names of the bundled games, and their titles. A name without a version is that of version 0, for good.
TITLES = {
    "bricks": "Mortar Moon",
    "bricks-v1": "Mortar Moon",
    "duel": "Ember and Rime",
    "trail": "Thistle Trail",
    "trail-v1": "Thistle Trail",
}


def bundled_games() -> dict[str, Path]:
    """Return the bundled games: names to files."""
    folder = Path(__file__).with_name("roms")
    return {name: folder / f"{name}.nes" for name in TITLES}


def module_of(game: str) -> str:
    """Return the name of the module with the environments of a bundled game."""
    return f"nes_py.envs.{game.replace('-', '_')}"


def find_game(path: str) -> str:
    """Return the file of a game: a path, or the name of a bundled game. Anything else is returned unchanged.

    A file of that name in the working directory comes before a bundled game.
    """
    if path in TITLES and (not os.path.lexists(path) or os.path.isdir(path)):
        return str(bundled_games()[path])
    return path


def name_of_content(content: bytes) -> str:
    """Return the name of the bundled game with these contents, or an empty string."""
    return next((name for name, path in bundled_games().items() if path.is_file() and path.read_bytes() == content), "")


def explain_missing(path: str) -> str:
    """Return why there is no game of that name: what continues the name in a message."""
    if path in TITLES:
        return (
            f"the file of this bundled game is missing: {bundled_games()[path]}. A frozen program needs nes_py's data"
        )
    reason = "there is no such file"
    folder, name = os.path.split(path)
    names: dict[str, str] = {}
    for game, title in reversed(TITLES.items()):
        names |= {game: game, title.lower(): game, **({} if "-v" in game else {f"{game}-v0": game})}
    stem, suffix = os.path.splitext(name)
    close = difflib.get_close_matches((stem if suffix == ".nes" else name).lower(), names, 1)
    if close:
        game = names[close[0]]
        return f"{reason}, did you mean {game!r}, the bundled game {TITLES[game]}? {_list_games()}"
    if not folder and Path(__file__).with_name("games").joinpath(f"{name}.json").is_file():
        return (
            f"{reason}; it is a known game: NESVectorEnv(game={name!r}) plays it, nes_py.games.find_rom finds its ROM"
        )
    # What ends in .nes, or names a folder, is meant as a file.
    return reason if folder or suffix else f"{reason}, and no bundled game has this name. {_list_games()}"


def _list_games() -> str:
    games = [f"{name!r} ({title})" for name, title in TITLES.items() if "-v" not in name]
    newer = [repr(name) for name in TITLES if "-v" in name]
    return f"The bundled games are {', '.join(games[:-1])} and {games[-1]}; newer versions are {' and '.join(newer)}"


__all__ = ["TITLES", "bundled_games", "explain_missing", "find_game", "module_of", "name_of_content"]
