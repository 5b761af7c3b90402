"""Recognizes files of other programs, and says what to do with them."""

from __future__ import annotations

_PLAY = "play to the same place in FCEUX and save there, or play to it here and take the state with dump_state"
_RETROARCH = "stable-retro's states, made with the same core, can be read with nes_py.fceux_state.convert; or " + _PLAY
_EXPORT = "open it in FCEUX, or in the program that made it, and export it as .fm2"

_BOTH = (
    (b"NESPYSNP", "a state of this package", "load it with NESEmulator.load_state"),
    (b"NES\x1a", "a ROM", "pass it to NESEmulator"),
    (b"SQLite", "a database", "nothing here reads it"),
)

# How they begin.
_STATES = (
    *_BOTH,
    (b"FCS", "a savestate of FCEUX", "convert it with nes_py.fceux_state.convert"),
    (b"RASTATE", "a state of RetroArch", _RETROARCH),
    (b"#RZIPv", "a compressed state of RetroArch", _RETROARCH),
    (b"MSS", "a state of Mesen 2", _PLAY),
    (b"MST", "a state of Mesen", _PLAY),
    (b"NST\x1a", "a state of Nestopia", _PLAY),
    (b"MDFNSVST", "a state of Mednafen", _PLAY),
    (b"MEDNAFENSVESTATE", "a state of Mednafen", _PLAY),
    (b"VirtuaNES", "a state of VirtuaNES", _PLAY),
    (b"punes", "a state of puNES", _PLAY),
    (b"PK\x03\x04", "a ZIP archive, such as a state of BizHawk", _PLAY),
    (
        b"\x1f\x8b",
        "a file compressed by gzip, such as a state of stable-retro",
        "convert it with nes_py.fceux_state.convert",
    ),
    (b"version", "an .fm2 movie", "read it with Movie.load, and take the state with dump_state after Movie.replay"),
)
_MOVIES = (
    *_BOTH,
    (b"FCM\x1a", "a movie of FCE Ultra", _EXPORT),
    (b"FCS", "a savestate of FCEUX", "convert it with nes_py.fceux_state.convert"),
    (b"PK\x03\x04", "a ZIP archive, such as a movie of BizHawk (.bk2) or Mesen (.mmo)", _EXPORT),
    (b"NSS\x1a", "a movie of Nintendulator", _EXPORT),
    (b"FMV\x1a", "a movie of Famtasia", _EXPORT),
    (b"VirtuaNES MV", "a movie of VirtuaNES", _EXPORT),
    (b"NSV\x1a", "a movie of Nestopia", _EXPORT),
    (b"MDFNMOVI", "a movie of Mednafen", _EXPORT),
    (b"GIF8", "a picture", "the buttons cannot be read from it"),
    (b"\x1f\x8b", "a file compressed by gzip", "decompress it"),
)


def _find(content: bytes, table: tuple[tuple[bytes, str, str], ...]) -> str:
    for magic, name, instead in table:
        if content.startswith(magic):
            return f"{name}: {instead}"
    return ""


def state(content: bytes) -> str:
    """Return what a file is that is not the expected state, and what to do with it; empty if that is unknown."""
    return _find(content, _STATES)


def movie(content: bytes) -> str:
    """Return what a file is that is not an .fm2 movie, and what to do with it; empty if that is unknown."""
    return _find(content, _MOVIES)


__all__ = ["movie", "state"]
