"""A player of Thistle Trail that tries moves and returns to a snapshot after a bad one."""

from __future__ import annotations

from nes_py.envs.trail import TrailEnv

A, B, RIGHT = 0b00000001, 0b00000010, 0b10000000
PLAY, CLEAR = 2, 5

#: Frames of running before a jump, and for how long A is held; 0: none. The first is tried first.
MOVES = ((0, 0), (0, 24), (0, 10), (0, 40), (12, 30), (24, 30), (36, 20))


def _state(env: TrailEnv) -> int:
    return int(env.ram[0x10])


def _try(env: TrailEnv, run: int, jump: int) -> list[int]:
    """Play a move until the fox stands again; return the buttons."""
    buttons = [RIGHT | B] * run + [RIGHT | B | A] * jump + [RIGHT | B] * (4 if jump else 16)
    played = []
    for byte in buttons:
        env.frame_advance(byte)
        played.append(byte)
        if _state(env) != PLAY:
            return played
    for _ in range(90):
        if _state(env) != PLAY or env.ram[0x29]:
            break
        env.frame_advance(RIGHT | B)
        played.append(RIGHT | B)
    return played


def find_way(env: TrailEnv, level: int, limit: int = 2000) -> list[int] | None:
    """Return buttons, one byte a frame, that lead from the beginning of a level to its goal without losing a life.

    None when ``limit`` moves were tried in vain. The environment is left in some state.
    """
    env.reset(options={"level": level})
    nothing: list[int] = []
    path = [(env.dump_state(), iter(MOVES), nothing)]
    for _ in range(limit):
        while path:
            state, moves, _ = path[-1]
            move = next(moves, None)
            if move is not None:
                break
            path.pop()
        else:
            return None
        env.load_state(state)
        before = env._get_info()["x"]
        played = _try(env, *move)
        if _state(env) == CLEAR:
            return [byte for _, _, buttons in path for byte in buttons] + played
        if _state(env) == PLAY and env._get_info()["x"] > before:
            path.append((env.dump_state(), iter(MOVES), played))
    return None
