"""Ember and Rime, the bundled duel: alone, many at once, and for two agents.

``docs/games-duel.md`` has the game's RAM map.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nes_py.nes_env import DEFAULT_SLOT, NESEnv, slots_of
from nes_py.vector import NESVectorEnv

from ._options import env_options
from .duel_game import ACTIONS, DEFAULT_SKILL, GAME, ROM_PATH, SCORE, SKILLS, STARTS, WINNER, find_starts

if TYPE_CHECKING:
    from .duel_parallel import DuelParallelEnv


class DuelEnv(NESEnv):
    """Score against the computer; the reward of a step is 1 for a point won and -1 for a point lost.

    An episode is a match. It starts with a serve and ends when one side has 7 points or after 90 seconds of play. The
    seed determines the serves and the computer's aiming errors. ``info`` has ``score``,
    ``opponent_score``, ``clock`` (seconds left), ``rally`` (touches since the serve), ``winner`` (0: none yet, 1:
    Ember, the player; 2: Rime; 3: a draw) and ``state``, all int.

    The actions are the 256 button combinations of ``NESEnv``; ``JoypadSpace(env, ACTIONS)`` offers twelve useful ones.

    Args:
        render_mode (str | None): see ``NESEnv``.
        skill (int | Sequence[int]): skill of the computer, 1 to 8; the seed chooses among several.
        **options: passed to ``NESEnv``.

    Raises:
        TypeError: ``skill`` has the wrong type.
        ValueError: ``skill`` is out of range.
    """

    def __init__(
        self, render_mode: str | None = None, skill: int | Sequence[int] = DEFAULT_SKILL, **options: Any
    ) -> None:
        arguments = env_options(options, "skill")
        starts = find_starts(skill, frame_boundary=arguments["frame_boundary"])
        super().__init__(str(ROM_PATH), render_mode=render_mode, **arguments)
        self._starts = starts
        self._start = starts[0]
        self.load_state(self._start)
        self.done = True
        self._backup()
        self._start = slots_of(self)[DEFAULT_SLOT]
        self._before = self._difference()

    def _difference(self) -> int:
        return int(self.ram[SCORE]) - int(self.ram[SCORE + 1])

    def _did_restore(self) -> None:
        # Points scored outside steps give no reward.
        self._before = self._difference()

    def _will_reset(self) -> None:
        # As the vector environment draws it. A state set by the program is not replaced.
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
        return bool(self.ram[WINNER])

    def _get_info(self) -> dict[str, Any]:
        return {name: int(self.ram[address]) for name, address in GAME["variables"].items()}


class DuelVectorEnv(NESVectorEnv):
    """Many matches of ``DuelEnv``, as created by ``gymnasium.make_vec("nes_py/Duel-v0", num_envs=64)``.

    With ``players=2`` an action has a second axis, Ember's and Rime's, and the computer does not play. The
    rewards are Ember's; Rime's are their negatives.

    Args:
        num_envs (int): number of environments.
        skill (int | Sequence[int]): skill of the computer, 1 to 8; the seeds choose among several.
        **options: options of ``NESVectorEnv``.

    Raises:
        TypeError: an argument has the wrong type, or an option does not exist.
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
