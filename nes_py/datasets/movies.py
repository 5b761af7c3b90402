"""Rollouts from movies."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from nes_py.emulator import NESEmulator
from nes_py.errors import MovieError
from nes_py.formats.movie import POWER, Movie, rom_checksum
from nes_py.vector import NESVectorEnv
from nes_py.vector.rollout import Rollout


def from_movie(movie: Movie | str | os.PathLike[str], rom: Any = None, **options: Any) -> Rollout:
    """Return the rollout of a movie: a step is a frame, an action the bytes of both controllers.

    Where the movie resets the console, or the declared game ends, the next episode begins in the state of that frame.

    Args:
        movie (nes_py.movie.Movie | str | os.PathLike): a movie, or an ``.fm2`` file.
        rom: its ROM, as for ``NESVectorEnv``.
        **options: more options of ``NESVectorEnv``, such as ``game`` for rewards and ends.

    Raises:
        MovieError: a ``ValueError``: the movie is not for this ROM, or has the timing of nes-py, which vector
            environments do not have.
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
    for name in given:
        if name in options:
            raise TypeError(f"{name} is decided by the movie")
    # The game's start would have to be found first; the movie has one of its own.
    given |= {"obs_type": "ram", "autoreset_mode": "Disabled", "states": [[[], 1]], "num_threads": 1, **options}
    with NESVectorEnv(rom, 1, record=True, **given) as envs:
        content = envs._live_engine().rom_content
        emulator = NESEmulator(
            content,
            ram_fill=movie.ram_fill,  # type: ignore[arg-type]
            seed=movie.seed,
            region=movie.region,  # type: ignore[arg-type]
            console=movie.console,  # type: ignore[arg-type]
            frame_boundary=movie.frame_boundary,
        )
        with emulator:
            if movie.checksum is not None and movie.checksum != rom_checksum(emulator):
                raise MovieError(
                    f"it is for another ROM: its checksum is {movie.checksum.hex()}, this ROM's is "
                    f"{rom_checksum(emulator).hex()}",
                    path,
                )
            envs.reset(seed=0)
            if movie.start is not None:
                emulator.load_state(movie.start)
            envs.set_state(0, emulator.dump_state())
            over = False
            for command, first, second in movie:
                if command or over:
                    emulator.load_state(envs.get_state(0).snapshot)
                    if command & POWER:
                        emulator.reset()
                    elif command:
                        emulator.soft_reset()
                    envs.set_state(0, emulator.dump_state())
                _, _, terminated, truncated, _ = envs.step(np.array([[first, second]]))
                over = bool(terminated[0] or truncated[0])
        return envs.rollout()


__all__ = ["from_movie"]
