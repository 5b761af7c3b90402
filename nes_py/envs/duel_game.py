"""The game of the duel: its file, its actions, what it keeps where in RAM, and where matches begin.

``docs/games-duel.md`` describes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from nes_py._typing import FrameBoundary
from nes_py._values import is_integer
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.game import Game
from nes_py.vector.starts import run_script

from ..errors import shown

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "duel.nes"

#: The useful combinations of buttons, for ``JoypadSpace``. A strikes.
ACTIONS = [
    ["NOOP"],
    ["A"],
    ["up"],
    ["down"],
    ["left"],
    ["right"],
    ["up", "A"],
    ["down", "A"],
    ["up", "left"],
    ["up", "right"],
    ["down", "left"],
    ["down", "right"],
]

#: Skills of the computer.
SKILLS = range(1, 9)
DEFAULT_SKILL = 4
#: Number of start states that the seed chooses from; they differ in the seed of the game's random numbers.
STARTS = 128

SCORE = 0x11
_CLOCK = 0x13
_MODE = 0x23
_SKILL = 0x24
WINNER = 0x26
_RALLY = 0x27
_SEED = 0x28

_STATE_SERVE = 1
# It takes 8 frames.
_FRAMES_TO_START = 60

#: What the court shows: 26 rows of 32 cells of 8 x 8 pixels.
SEMANTIC: dict[str, Any] = {
    "classes": ["ember", "rime", "spark"],
    "objects": [
        {"class": "ember", "x": "0x1B", "y": "0x1D"},
        {"class": "rime", "x": "0x1C", "y": "0x1E"},
        {"class": "spark", "x": "0x15", "y": "0x16", "size": [6, 6]},
    ],
    "window": {"row": 4, "column": 0, "rows": 26, "columns": 32},
}

#: The rewards and variables of ``DuelEnv``, declared for the vector environment; the rewards are Ember's, on the left.
GAME: dict[str, Any] = {
    "variables": {
        "score": SCORE,
        "opponent_score": SCORE + 1,
        "clock": _CLOCK,
        "rally": _RALLY,
        "winner": WINNER,
        "state": 0x10,
    },
    "rewards": [{"delta": "score"}, {"delta": "opponent_score", "weight": -1}],
    "terminated": "winner != 0",
    "start": [
        {"buttons": ["start"], "frames": _FRAMES_TO_START, "until": f"state == {_STATE_SERVE}"},
        # The court was drawn with the picture off; the next frame shows it.
        {"buttons": [], "frames": 1},
    ],
    "semantic": SEMANTIC,
}


def check_skills(skill: int | Sequence[int]) -> tuple[int, ...]:
    """Return skills as a tuple.

    Raises:
        TypeError: one is not an integer.
        ValueError: one is not in 1..8, or the sequence is empty.
    """
    skills = tuple(skill) if isinstance(skill, Sequence) else (skill,)
    if not skills:
        raise ValueError("skill must contain at least one skill")
    for one in skills:
        if not is_integer(one):
            raise TypeError(f"skill must be an integer in 1..{SKILLS[-1]} or a list of them, not {shown(one)}")
        if one not in SKILLS:
            raise ValueError(f"skill must be in 1..{SKILLS[-1]}, not {shown(one)}")
    return skills


@lru_cache(maxsize=16)
def _find_starts(skills: tuple[int, ...], players: int, frame_boundary: FrameBoundary) -> tuple[Snapshot, ...]:
    with NESEmulator(ROM_PATH) as emulator:
        emulator.load_state(run_script(emulator, Game.parse(GAME).start, Game.parse(GAME), "start"))
        emulator.frame_boundary = frame_boundary
        ram = emulator.memory_buffer()
        starts = []
        for number in range(max(STARTS, len(skills))):
            # An odd factor: all are different, and none is 0, which the game cannot use.
            seed = (number + 1) * 0x9E37 & 0xFFFF
            ram[_SEED], ram[_SEED + 1] = seed & 0xFF, seed >> 8
            ram[_MODE] = players - 1
            ram[_SKILL] = skills[number % len(skills)] - 1
            starts.append(emulator.dump_state())
    return tuple(starts)


def find_starts(
    skill: int | Sequence[int] = DEFAULT_SKILL, players: int = 1, frame_boundary: FrameBoundary | None = "vblank"
) -> tuple[Snapshot, ...]:
    """Return the start states of matches that the seed chooses from.

    Args:
        skill (int | Sequence[int]): skill of the computer, 1 to 8; several take turns.
        players (int): 1: against the computer; 2: the second controller is Rime's.
        frame_boundary (str | None): where steps end, see ``NESEnv``.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument is out of range.
    """
    if players not in (1, 2):
        raise ValueError(f"players must be 1 or 2, not {shown(players)}")
    return _find_starts(check_skills(skill), players, frame_boundary or "nes-py")
