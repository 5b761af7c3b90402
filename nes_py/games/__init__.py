"""Games that are known: their declarations, and where their ROMs are.

``NESVectorEnv(game="super-mario-bros", num_envs=64)`` plays one with the ROM of an installed client package,
``NESVectorEnv("smb.nes", 64, game="super-mario-bros")`` with another. The ids in Gymnasium do the same:
``gymnasium.make_vec("nes_py/SuperMarioBros-v0", num_envs=64)``. No ROM is part of this package. The declarations are
the JSON files in this folder.
"""

from .catalogue import (
    KnownGame,
    Playable,
    check_rom,
    declare,
    find_rom,
    known_by_contents,
    known_by_declaration,
    known_game,
    known_games,
    playable,
    resolve,
)

__all__ = [
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
]
