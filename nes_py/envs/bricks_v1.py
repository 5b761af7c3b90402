"""Version 1 of Mortar Moon: a quicker ball, and capsules to catch.

``nes_py/roms/README.md`` has the game's RAM map.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import bricks
from .bricks import ACTIONS

ROM_PATH = Path(__file__).resolve().parents[1] / "roms" / "bricks-v1.nes"

_CAPSULES = {"wide_capsule": 1, "comet_capsule": 2, "balls_capsule": 3}

#: What the field shows: 24 rows of 28 cells of 8 x 8 pixels. A brick is two cells wide.
SEMANTIC: dict[str, Any] = {
    **bricks.SEMANTIC,
    "classes": ["net", "brick", "hard_brick", "paddle", *_CAPSULES, "ball"],
    "objects": [
        *bricks.SEMANTIC["objects"],
        # What a wide paddle has more than a narrow one.
        {"kind": "0x70", "kinds": {"paddle": 48}, "x": "0x16", "offset": [32, 208], "size": [16, 8]},
        {"kind": "0x71", "kinds": _CAPSULES, "x": "0x72", "y": "0x73", "size": [16, 8]},
        {"class": "ball", "active": "0x75", "count": 2, "x": "0x77", "y": "0x79", "size": [6, 6]},
    ],
}

#: The rewards and variables of ``BricksEnv``, declared for the vector environment.
GAME: dict[str, Any] = {**bricks.GAME, "semantic": SEMANTIC}


class BricksEnv(bricks.BricksEnv):
    """Break bricks with a ball, and catch what falls out of them; the reward of a step is the points it scores.

    Every few bricks a capsule falls. Caught with the paddle it gives 50 points and a wide paddle, a comet (for four
    seconds the balls go through bricks), or two more balls. A life is lost with the last ball in play. All else is as
    in version 0, ``nes_py.envs.bricks.BricksEnv``, but quicker: a good player clears level 1 in half a minute instead
    of two and a half.

    Args:
        render_mode (str | None): see ``NESEnv``.
        **options: passed to ``NESEnv``.
    """

    _game_path = ROM_PATH


class BricksVectorEnv(bricks.BricksVectorEnv):
    """Many games of ``BricksEnv``, as created by ``gymnasium.make_vec("nes_py/Bricks-v1", num_envs=64)``.

    Its arguments are those of ``nes_py.envs.bricks.BricksVectorEnv``.
    """

    _game_path = ROM_PATH
    _game = GAME


__all__ = ["ACTIONS", "GAME", "BricksEnv", "BricksVectorEnv"]
