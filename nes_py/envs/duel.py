"""Ember and Rime, the duel that comes with the package: alone, many at once, and for two agents.

What the game keeps where in RAM is described in ``docs/games-duel.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nes_py._typing import FrameBoundary
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.game import Game
from nes_py.nes_env import DEFAULT_SLOT, NESEnv, slots_of
from nes_py.vector import NESVectorEnv
from nes_py.vector.starts import run_script

if TYPE_CHECKING:
    from .duel_parallel import DuelParallelEnv

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "duel.nes"

#: The buttons that mean something in the game, for ``JoypadSpace``. A strikes.
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

#: Of the computer's player.
SKILLS = range(1, 9)
DEFAULT_SKILL = 4
#: Beginnings that the seed chooses from; they differ in the seed of the game's random numbers.
STARTS = 128

_SCORE = 0x11
_CLOCK = 0x13
_MODE = 0x23
_SKILL = 0x24
_WINNER = 0x26
_RALLY = 0x27
_SEED = 0x28

_STATE_SERVE = 1
# It takes 8.
_FRAMES_TO_START = 60

#: What ``DuelEnv`` computes, declared for the vector environment; the rewards are those of Ember, on the left.
GAME: dict[str, Any] = {
    "variables": {
        "score": _SCORE,
        "opponent_score": _SCORE + 1,
        "clock": _CLOCK,
        "rally": _RALLY,
        "winner": _WINNER,
        "state": 0x10,
    },
    "rewards": [{"delta": "score"}, {"delta": "opponent_score", "weight": -1}],
    "terminated": "winner != 0",
    "start": [
        {"buttons": ["start"], "frames": _FRAMES_TO_START, "until": f"state == {_STATE_SERVE}"},
        # The court was drawn with the picture off; the next frame shows it.
        {"buttons": [], "frames": 1},
    ],
}


def check_skills(skill: int | Sequence[int]) -> tuple[int, ...]:
    """Return skills as a tuple.

    Raises:
        TypeError: one is no integer.
        ValueError: one is not in 1..8, or there is none.
    """
    skills = tuple(skill) if isinstance(skill, Sequence) else (skill,)
    if not skills:
        raise ValueError("skill must name at least one skill")
    for one in skills:
        if isinstance(one, bool) or not hasattr(one, "__index__"):
            raise TypeError(f"skill must be an integer in 1..{SKILLS[-1]} or a list of them, not {one!r}")
        if one not in SKILLS:
            raise ValueError(f"skill must be in 1..{SKILLS[-1]}, not {one}")
    return skills


@lru_cache(maxsize=16)
def _find_starts(skills: tuple[int, ...], players: int, frame_boundary: FrameBoundary) -> tuple[Snapshot, ...]:
    with NESEmulator(ROM_PATH) as emulator:
        emulator.load_state(run_script(emulator, Game.parse(GAME).start, Game.parse(GAME), "start"))
        emulator.frame_boundary = frame_boundary
        ram = emulator.memory_buffer()
        starts = []
        for number in range(max(STARTS, len(skills))):
            # An odd factor: no two of them are alike, and none is 0, which the game cannot use.
            seed = (number + 1) * 0x9E37 & 0xFFFF
            ram[_SEED], ram[_SEED + 1] = seed & 0xFF, seed >> 8
            ram[_MODE] = players - 1
            ram[_SKILL] = skills[number % len(skills)] - 1
            starts.append(emulator.dump_state())
    return tuple(starts)


def find_starts(
    skill: int | Sequence[int] = DEFAULT_SKILL, players: int = 1, frame_boundary: FrameBoundary | None = "vblank"
) -> tuple[Snapshot, ...]:
    """Return the beginnings of matches that the seed chooses from.

    Args:
        skill (int | Sequence[int]): of the computer's player, 1 to 8; with several they take turns.
        players (int): 1: against the computer; 2: the second controller is Rime's.
        frame_boundary (str | None): where steps from there end, as for ``NESEnv``.

    Raises:
        TypeError: an argument is of the wrong type.
        ValueError: an argument is out of range.
    """
    if players not in (1, 2):
        raise ValueError(f"players must be 1 or 2, not {players!r}")
    return _find_starts(check_skills(skill), players, frame_boundary or "nes-py")


class DuelEnv(NESEnv):
    """Score against the computer; the reward of a step is 1 for a point made and -1 for a point lost.

    An episode is a match. It begins with a serve and ends when one side has 7 points or after 90 seconds of play. The
    seed decides how the serves go and how well the computer judges the spark. ``info`` has ``score``,
    ``opponent_score``, ``clock`` (seconds left), ``rally`` (touches since the serve), ``winner`` (0: nobody yet, 1:
    Ember, the player; 2: Rime; 3: a draw) and ``state``, all int.

    The actions are the 256 button combinations of ``NESEnv``; ``JoypadSpace(env, ACTIONS)`` leaves twelve useful ones.

    Args:
        render_mode (str | None): as for ``NESEnv``.
        skill (int | Sequence[int]): of the computer, 1 to 8; with several the seed chooses.
        **options: passed to ``NESEnv``.

    Raises:
        TypeError: ``skill`` is of the wrong type.
        ValueError: ``skill`` is out of range.
    """

    def __init__(
        self, render_mode: str | None = None, skill: int | Sequence[int] = DEFAULT_SKILL, **options: Any
    ) -> None:
        starts = find_starts(skill, frame_boundary=options.get("frame_boundary", "vblank"))
        super().__init__(
            str(ROM_PATH), render_mode=render_mode, **{"frame_boundary": "vblank", "timing": "hardware", **options}
        )
        self._starts = starts
        self._start = starts[0]
        self.load_state(self._start)
        self.done = True
        self._backup()
        self._start = slots_of(self)[DEFAULT_SLOT]
        self._before = self._difference()

    def _difference(self) -> int:
        return int(self.ram[_SCORE]) - int(self.ram[_SCORE + 1])

    def _did_restore(self) -> None:
        # Points made elsewhere are no reward.
        self._before = self._difference()

    def _will_reset(self) -> None:
        # As the vector environment draws it. A state that somebody else put there is left alone.
        chosen = self._starts[int(self.np_random.integers(len(self._starts)))]
        if slots_of(self).get(DEFAULT_SLOT) is self._start:
            self._start = slots_of(self)[DEFAULT_SLOT] = chosen

    def _did_reset(self) -> None:
        self._before = self._difference()

    def _get_reward(self) -> float:
        return self._difference() - self._before

    def _did_step(self, done: bool) -> None:
        self._before = self._difference()

    def _get_terminated(self) -> bool:
        return bool(self.ram[_WINNER])

    def _get_info(self) -> dict[str, Any]:
        return {name: int(self.ram[address]) for name, address in GAME["variables"].items()}


class DuelVectorEnv(NESVectorEnv):
    """Many matches of ``DuelEnv``: what ``gymnasium.make_vec("nes_py/Duel-v0", num_envs=64)`` makes.

    With ``players=2`` an action has a second axis, Ember's and Rime's, and nobody is played by the computer. The
    rewards are Ember's; Rime's are their negatives.

    Args:
        num_envs (int): how many.
        skill (int | Sequence[int]): of the computer, 1 to 8; with several the seeds choose.
        **options: of ``NESVectorEnv``.

    Raises:
        TypeError: an argument is of the wrong type, or there is no such option.
        ValueError: an argument is out of range.
    """

    def __init__(self, num_envs: int = 1, skill: int | Sequence[int] = DEFAULT_SKILL, **options: Any) -> None:
        starts = list(find_starts(skill, options.get("players", 1)))
        super().__init__(ROM_PATH, num_envs, **{"game": GAME, "states": starts, **options})


def parallel_env(**options: Any) -> DuelParallelEnv:
    """Return the duel for two agents, a ``pettingzoo.ParallelEnv``; see ``DuelParallelEnv`` for the options.

    Raises:
        ImportError: PettingZoo is missing; the message says what to install.
    """
    from .duel_parallel import DuelParallelEnv

    return DuelParallelEnv(**options)


__all__ = [
    "ACTIONS",
    "DEFAULT_SKILL",
    "GAME",
    "SKILLS",
    "STARTS",
    "DuelEnv",
    "DuelVectorEnv",
    "find_starts",
    "parallel_env",
]
