"""Thistle Trail, the bundled platform game, as an environment.

``nes_py/roms/README.md`` has the game's RAM map, ``docs/games.md`` the rewards.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py.emulator import NESEmulator, Snapshot
from nes_py.nes_env import NESEnv, emulator_of
from nes_py.vector import NESVectorEnv

from ..errors import shown
from ._options import env_options

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "trail.nes"

#: The useful combinations of buttons, for ``JoypadSpace``. A jumps, higher while it is held; B runs.
ACTIONS = [
    ["NOOP"],
    ["right"],
    ["right", "A"],
    ["right", "B"],
    ["right", "A", "B"],
    ["A"],
    ["left"],
    ["left", "A"],
]

#: A level is generated from a 16-bit number; these are the numbers for training and for testing.
TRAINING_LEVELS = range(500)
TEST_LEVELS = range(0x8000, 0x8000 + 500)

_LEVEL_COUNT = 0x10000

_STATE = 0x10
_STATE_READY, _STATE_PLAY = 1, 2
_LIVES = 0x11
_LEVEL = 0x12
_COINS = 0x14
_SCORE = 0x16  # 24 bits, low byte first
_TIME = 0x19
_WON = 0x1A
_X = 0x1B
_Y = 0x1D
_PROGRESS = 0x22
_TIMER = 0x2F

# Select with it: version 1 begins without the frames in which the level takes the title's place.
_START, _SELECT = 0b00001000, 0b00000100
# It takes 8 frames.
_FRAMES_TO_TITLE = 16
# It takes 6 frames.
_FRAMES_TO_START = 60

_REWARD_PIXEL = 0.01
_REWARD_COIN = 0.1
_REWARD_GOAL = 10.0
_REWARD_LIFE = -5.0

#: What the trail shows, in cells of 8 x 8 pixels around the fox.
SEMANTIC: dict[str, Any] = {
    "classes": ["solid", "plank", "box", "coin", "goal", "hazard", "beetle", "toad", "bee", "player"],
    "maps": [
        {
            "address": "0x400",
            "rows": 8,
            "columns": 32,
            "row_stride": 1,
            "column_stride": 8,
            "position": [0, 112],
            "kinds": {
                "solid": "1-12",
                "box": 13,
                "plank": 14,
                "coin": 15,
                "hazard": [16, 17],
                "goal": "18-20",
            },
            "in_level": True,
            "wraps": True,
        }
    ],
    "objects": [
        {
            "kind": "0x700",
            "kinds": {"beetle": 1, "toad": 2, "bee": 3},
            "count": 6,
            "x": ["0x706", "0x70C"],
            "y": "0x712",
            "in_level": True,
        },
        {"class": "player", "x": ["0x1B", "0x1C"], "y": "0x1D", "size": [16, 24], "in_level": True},
    ],
    "camera": {"x": ["0x26", "0x27"]},
    "window": {"around": "player", "rows": 25, "columns": 31},
}

#: The rewards and variables of ``TrailEnv``, declared for the vector environment.
GAME: dict[str, Any] = {
    "variables": {
        "score": {"address": _SCORE, "size": 3, "encoding": "little"},
        "lives": _LIVES,
        "level": {"address": _LEVEL, "size": 2, "encoding": "little"},
        "coins": {"address": _COINS, "size": 2, "encoding": "little"},
        "time": _TIME,
        "x": {"address": _X, "size": 2, "encoding": "little"},
        "y": _Y,
        "progress": {"address": _PROGRESS, "size": 2, "encoding": "little"},
        "won": _WON,
    },
    "rewards": [
        {"delta": "progress", "weight": _REWARD_PIXEL},
        {"delta": "coins", "weight": _REWARD_COIN},
        {"condition": "delta won > 0", "weight": _REWARD_GOAL},
        {"condition": "delta lives < 0", "weight": _REWARD_LIFE},
    ],
    "terminated": ["lives == 0", "won > 0"],
    "lives": "lives",
    "semantic": SEMANTIC,
}


def find_levels(levels: str | int | Iterable[int]) -> tuple[int, ...]:
    """Return the numbers of levels.

    Args:
        levels (str | int | Iterable[int]): ``"train"``, ``"test"``, a number, or several, each in 0..65535.

    Raises:
        TypeError: it is none of these.
        ValueError: a number is out of range, or there are none.
    """
    if isinstance(levels, str):
        known: dict[str, Sequence[int]] = {"train": TRAINING_LEVELS, "test": TEST_LEVELS}
        if levels not in known:
            raise ValueError(f"levels must be 'train', 'test' or numbers in 0..{_LEVEL_COUNT - 1}, not {shown(levels)}")
        return tuple(known[levels])
    several = levels if isinstance(levels, Iterable) else (levels,)
    numbers = tuple(_check_level(level, "levels") for level in several)
    if not numbers:
        raise ValueError("levels must contain at least one number")
    return numbers


def _check_level(level: Any, where: str) -> int:
    try:
        if isinstance(level, (bool, np.bool_)):
            raise TypeError
        number = operator.index(level)
    except TypeError:
        raise TypeError(f"{where}: a level is an integer in 0..{_LEVEL_COUNT - 1}, not {shown(level)}") from None
    if not 0 <= number < _LEVEL_COUNT:
        raise ValueError(f"{where}: a level must be in 0..{_LEVEL_COUNT - 1}, not {shown(number)}")
    return number


def _go_to_title(emulator: NESEmulator) -> Snapshot:
    """Power on, and return the state in which the title is shown and Start is released."""
    emulator.reset()
    emulator.controller(0)[0] = 0
    for _ in range(_FRAMES_TO_TITLE):
        emulator.step()
    return emulator.dump_state()


def _go_to_level(emulator: NESEmulator, title: Snapshot, level: int) -> None:
    """Run an emulator to the start of a level, where the fox can move."""
    emulator.load_state(title)
    ram, buttons = emulator.memory_buffer(), emulator.controller(0)
    ram[_LEVEL], ram[_LEVEL + 1] = level & 0xFF, level >> 8
    buttons[0] = _START | _SELECT
    for _ in range(_FRAMES_TO_START):
        # The frames before the level is ready are not drawn.
        emulator.step(render=bool(ram[_STATE] == _STATE_READY))
        if ram[_STATE] == _STATE_READY:
            buttons[0] = 0
            ram[_TIMER] = min(int(ram[_TIMER]), 2)  # skip the time to read READY!
        elif ram[_STATE] == _STATE_PLAY:
            return
    raise RuntimeError(f"level {level} did not start within {_FRAMES_TO_START} frames")


class TrailEnv(NESEnv):
    """Run, jump and climb to the goal; each level is generated from a number.

    An episode starts at the start of a level and ends at its goal or with the last of three lives. A reset chooses
    one of ``levels`` with the environment's generator, so ``reset(seed=...)`` determines it. ``reset(options={"level":
    n})`` plays level ``n``, regardless of ``levels``.

    The reward of a step is 0.01 for each new pixel to the right that the fox reaches in this episode, 0.1 for a coin,
    10 for the goal, and -5 for a lost life. ``info`` has ``score``, ``lives``, ``level``, ``coins``, ``time`` (from 200
    to 0), ``x`` and ``y`` (of the fox, in pixels), ``progress`` (the largest ``x``) and ``won`` (1 at the goal), all
    int.

    The actions are the 256 button combinations of ``NESEnv``; ``JoypadSpace(env, ACTIONS)`` offers the eight useful
    ones.

    Args:
        render_mode (str | None): see ``NESEnv``.
        levels (str | int | Iterable[int]): the levels that a reset chooses from: ``"train"`` (0 to 499), ``"test"``
            (32768 to 33267), a number or several, each in 0..65535.
        **options: passed to ``NESEnv``.

    Raises:
        TypeError: ``levels`` has the wrong type.
        ValueError: a level is out of range.
    """

    _game_path = ROM_PATH

    def __init__(
        self, render_mode: str | None = None, *, levels: str | int | Iterable[int] = "train", **options: Any
    ) -> None:
        self.levels = find_levels(levels)
        super().__init__(str(self._game_path), render_mode=render_mode, **env_options(options, "levels"))
        self._title = _go_to_title(emulator_of(self))
        self._next_level: int | None = None
        self._choose_level = True
        self._before = self._get_info()

    def reset(
        self,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
        *deprecated: Any,
        **named: Any,
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Start an episode in a level that the seed chooses.

        Args:
            seed (int | None): for ``np_random``, which chooses the level.
            options (dict | None): ``{"level": n}`` starts level n. For the others see ``NESEnv``; a state in a
                requested slot, or in the default slot, takes precedence over ``levels``.
            *deprecated: see ``NESEnv``.
            **named: see ``NESEnv``.

        Returns:
            tuple: the picture, a new C-contiguous uint8 array (240, 256, 3), and the info dict.

        Raises:
            TypeError: the level is not an integer.
            ValueError: the level does not exist, or the slot is empty.
        """
        options = dict(options or {})
        level = options.pop("level", None)
        self._next_level = None if level is None else _check_level(level, "options['level']")
        returns = options.get("slot") is not None or (self._has_backup and not options.get("power_on"))
        self._choose_level = self._next_level is not None or not returns
        return super().reset(seed, options, *deprecated, **named)  # type: ignore[call-arg]

    def _did_restore(self) -> None:
        # Progress made outside steps gives no reward.
        self._before = self._get_info()

    def _did_reset(self) -> None:
        if self._choose_level:
            level = self._next_level
            if level is None:
                level = self.levels[int(self.np_random.integers(len(self.levels)))]
            emulator = emulator_of(self)
            _go_to_level(emulator, self._title, level)
            # Through load_state, so that a movie starts here.
            self.load_state(emulator.dump_state())
        self._before = self._get_info()

    def _get_reward(self) -> float:
        now, before = self._get_info(), self._before
        reward = _REWARD_PIXEL * (now["progress"] - before["progress"])
        reward += _REWARD_COIN * (now["coins"] - before["coins"])
        reward += _REWARD_GOAL * (now["won"] > before["won"])
        return float(reward + _REWARD_LIFE * (now["lives"] < before["lives"]))

    def _did_step(self, done: bool) -> None:
        self._before = self._get_info()

    def _get_terminated(self) -> bool:
        return bool(self.ram[_LIVES] == 0 or self.ram[_WON] > 0)

    def _word(self, address: int) -> int:
        return int(self.ram[address]) | int(self.ram[address + 1]) << 8

    def _get_info(self) -> dict[str, Any]:
        return {
            "score": self._word(_SCORE) | int(self.ram[_SCORE + 2]) << 16,
            "lives": int(self.ram[_LIVES]),
            "level": self._word(_LEVEL),
            "coins": self._word(_COINS),
            "time": int(self.ram[_TIME]),
            "x": self._word(_X),
            "y": int(self.ram[_Y]),
            "progress": self._word(_PROGRESS),
            "won": int(self.ram[_WON]),
        }


def level_states(levels: str | int | Iterable[int] = "train", **options: Any) -> dict[str, Snapshot]:
    """Return the start states of levels, for the option ``states`` of ``NESVectorEnv``.

    Args:
        levels (str | int | Iterable[int]): see ``TrailEnv``.
        **options: passed to ``NESEmulator``.

    Returns:
        dict[str, Snapshot]: states keyed by the level's number as a string. Each takes about 20 KB.

    Raises:
        TypeError: ``levels`` has the wrong type.
        ValueError: a level is out of range.
    """
    return _level_states(ROM_PATH, levels, options)


def _level_states(rom: Path, levels: str | int | Iterable[int], options: dict[str, Any]) -> dict[str, Snapshot]:
    states = {}
    numbers = find_levels(levels)
    with NESEmulator(rom, **options) as emulator:
        title = _go_to_title(emulator)
        for level in numbers:
            _go_to_level(emulator, title, level)
            states[str(level)] = emulator.dump_state()
    return states


class TrailVectorEnv(NESVectorEnv):
    """Many games of ``TrailEnv``, as created by ``gymnasium.make_vec("nes_py/Trail-v0", num_envs=64)``.

    Each episode starts in a level that its environment's generator chooses, the same one as in ``TrailEnv`` with that
    seed. ``reset(options={"level": n})``, or one number per environment, starts these levels; they must be in
    ``levels``.

    Args:
        num_envs (int): number of environments.
        levels (str | int | Iterable[int]): see ``TrailEnv``. Their start states are kept, 20 KB each.
        **options: options of ``NESVectorEnv``.

    Raises:
        TypeError: ``levels`` has the wrong type.
        ValueError: a level is out of range.
    """

    _game_path = ROM_PATH

    def __init__(self, num_envs: int = 1, *, levels: str | int | Iterable[int] = "train", **options: Any) -> None:
        self.levels = find_levels(levels)
        if "states" not in options:
            names = {
                "policy": "policy",
                "ram_fill": "ram_fill",
                "ram_seed": "seed",
                "region": "region",
                "console": "console",
            }
            machine = {names[name]: options[name] for name in names if name in options}
            options["states"] = _level_states(self._game_path, self.levels, machine)
        super().__init__(self._game_path, num_envs, **{"game": GAME, **options})

    def _prepare_reset(self, seed: Any, options: dict[str, Any] | None) -> tuple[Any, Any, Any]:
        options = dict(options or {})
        if options.get("level") is not None:
            if options.get("state") is not None:
                raise ValueError("reset takes either a level or a state, not both")
            options["state"] = self._state_names(options.pop("level"))
        return super()._prepare_reset(seed, options)

    def _state_names(self, level: Any) -> Any:
        """Return the name of a level's state, or a list of them with None where the seed chooses."""
        if isinstance(level, Iterable) and not isinstance(level, str):
            return [None if one is None else self._state_names(one) for one in level]
        number = _check_level(level, "options['level']")
        if number not in self.levels:
            raise ValueError(f"options['level']: {number} is not one of the {len(self.levels)} levels of this object")
        return str(number)


__all__ = [
    "ACTIONS",
    "GAME",
    "TEST_LEVELS",
    "TRAINING_LEVELS",
    "TrailEnv",
    "TrailVectorEnv",
    "find_levels",
    "level_states",
]
