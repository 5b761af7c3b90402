"""Rollouts from movies."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from nes_py._bundled import bundled_games
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.errors import MovieError, RomError
from nes_py.formats.movie import POWER, Movie, rom_checksum
from nes_py.games import KnownGame, find_rom, known_games
from nes_py.vector import NESVectorEnv
from nes_py.vector.rollout import Rollout

# Options with which the buttons of a movie would be others, or its game.
_CHANGES = ("actions", "autoreset_mode", "cheats", "device", "repeat_action_probability")


def from_movie(movie: Movie | str | os.PathLike[str], rom: Any = None, **options: Any) -> Rollout:
    """Return the rollout of a movie: a step is a frame, an action the bytes of both controllers.

    Where the movie resets the console, or the declared game ends, an episode ends. The next one begins with the first
    frame after which the game is not over: what a player does at the title is left out.

    Args:
        movie (nes_py.movie.Movie | str | os.PathLike): a movie, or an ``.fm2`` file.
        rom: its ROM, as for ``NESVectorEnv``; None: the bundled game, or the ROM of a known game from an installed
            package, that has the movie's checksum.
        **options: more options of ``NESVectorEnv``, such as ``game`` for rewards and ends.

    Raises:
        MovieError: a ``ValueError``: the movie is not for this ROM, or has the timing of nes-py, which vector
            environments do not have.
        TypeError: an option is decided by the movie.
    """
    path = None if isinstance(movie, Movie) else movie
    if not isinstance(movie, Movie):
        movie = Movie.load(movie)
    if movie.timing != "hardware":
        raise MovieError(f"a rollout needs the timing 'hardware', and the movie has {movie.timing!r}", path)
    given: dict[str, Any] = {
        "frameskip": 1,
        "players": 2,
        "frame_boundary": movie.frame_boundary,
        "ram_fill": movie.ram_fill,
        "ram_seed": movie.seed,
        "region": movie.region,
        "console": movie.console,
    }
    for name in (*given, "record", *_CHANGES):
        if name in options:
            raise TypeError(f"{name} is decided by the movie")
    if rom is None:
        rom = rom_of(movie)
    # The game's start would have to be found first; the movie has one of its own.
    given |= {"obs_type": "ram", "autoreset_mode": "Disabled", "states": [[[], 1]], "num_threads": 1, **options}
    with NESVectorEnv(rom, 1, record=True, **given) as envs, NESVectorEnv(rom, 1, **given) as probe:
        with NESEmulator(
            envs._live_engine().rom_content,
            ram_fill=movie.ram_fill,  # type: ignore[arg-type]
            seed=movie.seed,
            region=movie.region,  # type: ignore[arg-type]
            console=movie.console,  # type: ignore[arg-type]
            frame_boundary=movie.frame_boundary,
        ) as emulator:
            if movie.checksum is not None and movie.checksum != rom_checksum(emulator):
                raise MovieError(
                    f"it is for another ROM: its checksum is {movie.checksum.hex()}, this ROM's is "
                    f"{rom_checksum(emulator).hex()}",
                    path,
                )
            for each in (envs, probe):
                each.reset(seed=0)
            if movie.start is not None:
                emulator.load_state(movie.start)
            # The state before a frame, unless it is the recorded environment's.
            state: Snapshot | None = emulator.dump_state()
            for command, *buttons in movie:
                action = np.array([buttons])
                if command:
                    emulator.load_state(envs.get_state(0).snapshot if state is None else state)
                    if command & POWER:
                        emulator.reset()
                    else:
                        emulator.soft_reset()
                    state = emulator.dump_state()
                if state is not None:
                    # No game goes on. One begins with the first frame that does not end it at once.
                    probe.set_state(0, state)
                    if _is_over(probe.step(action)):
                        state = probe.get_state(0).snapshot
                        continue
                    envs.set_state(0, state)
                state = envs.get_state(0).snapshot if _is_over(envs.step(action)) else None
        return envs.rollout()


def rom_of(movie: Movie) -> Path | None:
    """Return the ROM that a movie names by its checksum: of a bundled or known game; None: it is not found."""
    if movie.checksum is None:
        return None
    known = (path for path in map(_installed, known_games()) if path is not None)
    for path in (*bundled_games().values(), *known):
        with contextlib.suppress(RomError), NESEmulator(path) as emulator:
            if rom_checksum(emulator) == movie.checksum:
                return path
    return None


def _installed(game: KnownGame) -> Path | None:
    with contextlib.suppress(RomError):
        return find_rom(game.name)
    return None


def _is_over(result: Any) -> bool:
    return bool(result[2][0] or result[3][0])


__all__ = ["from_movie", "rom_of"]
