"""Mortar Moon, the bundled brick-breaking game, as an environment.

``nes_py/roms/README.md`` has the game's RAM map.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nes_py.nes_env import NESEnv
from nes_py.vector import NESVectorEnv

from ._options import env_options

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "bricks.nes"

#: The useful combinations of buttons, for ``JoypadSpace``. A launches the ball; held, it speeds up the paddle.
ACTIONS = [["NOOP"], ["A"], ["left"], ["right"], ["left", "A"], ["right", "A"]]

_STATE = 0x10
_STATE_SERVE = 1
_LIVES = 0x11
_LEVEL = 0x12
_BRICKS_LEFT = 0x13
_SCORE = 0x1E  # 24 bits, low byte first

_START = 0b00001000
# It takes 7 or 8 frames.
_FRAMES_TO_START = 60

#: What the field shows: 24 rows of 28 cells of 8 x 8 pixels. A brick is two cells wide.
SEMANTIC: dict[str, Any] = {
    "classes": ["net", "brick", "hard_brick", "paddle", "ball"],
    "maps": [
        {
            "address": "0x400",
            "rows": 10,
            "columns": 14,
            "row_stride": 16,
            "position": [16, 64],
            "size": [16, 8],
            "kinds": {"brick": "1-6", "hard_brick": [7, 8]},
        }
    ],
    "objects": [
        {"class": "net", "active": "0x4F", "offset": [16, 232], "size": [224, 8]},
        {"class": "paddle", "x": "0x16", "offset": [0, 208], "size": [32, 8]},
        {"class": "ball", "x": "0x14", "y": "0x15", "size": [6, 6]},
    ],
    "window": {"row": 6, "column": 2, "rows": 24, "columns": 28},
}

#: The rewards and variables of ``BricksEnv``, declared for the vector environment.
GAME: dict[str, Any] = {
    "variables": {
        "score": {"address": _SCORE, "size": 3, "encoding": "little"},
        "lives": _LIVES,
        "level": _LEVEL,
        "bricks_left": _BRICKS_LEFT,
        "state": _STATE,
    },
    "rewards": [{"delta": "score"}],
    "terminated": "lives == 0",
    "lives": "lives",
    "start": [
        {"buttons": ["start"], "frames": _FRAMES_TO_START, "until": f"state == {_STATE_SERVE}"},
        # The level was drawn with the picture off; the next frame shows it.
        {"buttons": [], "frames": 1},
    ],
    "semantic": SEMANTIC,
}


class BricksEnv(NESEnv):
    """Break bricks with a ball; the reward of a step is the points it scores.

    An episode starts with the ball on the paddle and ends when the last life is lost. A launches the ball; without A it
    starts after two seconds. ``info`` has ``score``, ``lives``, ``level`` (from 1) and ``bricks_left``, all int.

    The actions are the 256 button combinations of ``NESEnv``; ``JoypadSpace(env, ACTIONS)`` offers the six useful ones.

    Args:
        render_mode (str | None): see ``NESEnv``.
        **options: passed to ``NESEnv``.
    """

    _game_path = ROM_PATH

    def __init__(self, render_mode: str | None = None, **options: Any) -> None:
        super().__init__(str(self._game_path), render_mode=render_mode, **env_options(options))
        self._start_game()
        # From now on a reset restores this state.
        self._backup()
        self._score_before = 0

    def _start_game(self) -> None:
        """Run from power-on to the first serve."""
        for _ in range(_FRAMES_TO_START):
            self._frame_advance(_START)
            if self.ram[_STATE] == _STATE_SERVE:
                # The level was drawn with the picture off; the next frame shows it.
                self._frame_advance(0)
                return
        raise RuntimeError(f"the game did not start within {_FRAMES_TO_START} frames")

    def _score(self) -> int:
        low, middle, high = map(int, self.ram[_SCORE : _SCORE + 3])
        return low | middle << 8 | high << 16

    def _did_restore(self) -> None:
        # Points scored outside steps give no reward.
        self._score_before = self._score()

    def _did_reset(self) -> None:
        self._score_before = self._score()

    def _get_reward(self) -> float:
        return self._score() - self._score_before

    def _did_step(self, done: bool) -> None:
        self._score_before = self._score()

    def _get_terminated(self) -> bool:
        return bool(self.ram[_LIVES] == 0)

    def _get_info(self) -> dict[str, Any]:
        return {
            "score": self._score(),
            "lives": int(self.ram[_LIVES]),
            "level": int(self.ram[_LEVEL]),
            "bricks_left": int(self.ram[_BRICKS_LEFT]),
        }


class BricksVectorEnv(NESVectorEnv):
    """Many games of ``BricksEnv``, as created by ``gymnasium.make_vec("nes_py/Bricks-v0", num_envs=64)``.

    Args:
        num_envs (int): number of environments.
        **options: options of ``NESVectorEnv``.
    """

    _game_path = ROM_PATH
    _game = GAME

    def __init__(self, num_envs: int = 1, **options: Any) -> None:
        super().__init__(self._game_path, num_envs, **{"game": self._game, **options})


__all__ = ["ACTIONS", "GAME", "BricksEnv", "BricksVectorEnv"]
