"""One contestant of the benchmark of games in play: ``play_worker.py WHO GAMES NAME``.

``GAMES`` and ``NAME`` are the file that ``play_states.py`` writes and a game in it. All play the same ``FRAMES``
frames again and again. Orders and answers are those of ``worker.py``, with ``"frames"`` in the first line: how many a
unit of a row has.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from worker import RIGHT, A, StableRetro, shrink_with_cv2

FRAMES = 300
SKIP = 4
COUNTS = (1, 8, 64, 256)


def held(frame: int) -> int:
    """Returns the buttons of a frame: Right, and A for eight frames of sixteen."""
    return RIGHT | (A if frame // 8 % 2 else 0)


def replayed(again: Callable[[], Any], step: Callable[[int], Any], length: int = FRAMES) -> Callable[[int], None]:
    """Returns a row: ``again`` goes back to the start, then come ``length`` units, each with its frame's number."""

    def run(count: int) -> None:
        while count > 0:
            again()
            for unit in range(min(count, length)):
                step(unit * (FRAMES // length))
            count -= length

    return run


def ours(game: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the version and the rows of this project."""
    import nes_py
    from nes_py.emulator import NESEmulator, Snapshot

    rom = game["rom"]
    state = Snapshot.from_bytes(Path(game["state"]).read_bytes())
    emulator = NESEmulator(rom)
    pad = emulator.controller(0)
    env = nes_py.NESEnv(rom)
    env.reset()
    rows: dict[str, Any] = {}

    def frame(render: bool) -> Callable[[int], None]:
        def step(number: int) -> None:
            pad[0] = held(number)
            emulator.step(1, render)

        return step

    rows["plain"] = replayed(lambda: emulator.load_state(state), frame(False))
    rows["indices"] = replayed(lambda: emulator.load_state(state), frame(True))

    def enter() -> None:
        env.emulator.load_state(state)
        env.emulator.frame_boundary = "nes-py"

    rows["env_step"] = replayed(enter, lambda number: env.step(held(number)))
    # All see the same buttons; some environments a few frames later would make no difference to the time.
    for count in COUNTS:
        rows[f"skip4x{count}"] = many(rom, state, count)
    return nes_py.__version__, rows


def many(rom: str, state: Any, count: int) -> Callable[[int], None]:
    """Returns the row of so many environments, which are made when it is first run."""
    made: list[Callable[[int], None]] = []
    buttons = [np.full(count, held(number), np.int64) for number in range(FRAMES)]

    def run(steps: int) -> None:
        if not made:
            import nes_py

            envs = nes_py.NESVectorEnv(rom, count, num_threads=1, states=[state])
            made.append(replayed(envs.reset, lambda number: envs.step(buttons[number]), FRAMES // SKIP))
            # Code is recompiled while it is run for the first time, which a short round is not to measure.
            made[0](FRAMES // SKIP)
        made[0](steps)

    return run


def stable_retro(game: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the version and the rows of stable-retro, which gets into play by the same buttons from power-on."""
    import cv2

    contestant = StableRetro(game["rom"])
    emulator = contestant.emulator
    for buttons in game["buttons"]:
        contestant.press(buttons)
        emulator.step()
    for number in range(FRAMES):
        contestant.press(held(number))
        emulator.step()
    state = emulator.get_state()

    def again() -> None:
        emulator.set_state(state)

    def plain(number: int) -> None:
        contestant.press(held(number))
        emulator.step()

    def rgb(number: int) -> None:
        plain(number)
        emulator.get_screen()

    def skip(number: int) -> None:
        contestant.press(held(number))
        for _ in range(SKIP):
            emulator.step()
        shrink_with_cv2(cv2.cvtColor(emulator.get_screen(), cv2.COLOR_RGB2GRAY))

    rows = {
        "plain": replayed(again, plain),
        "indices": replayed(again, plain),
        "env_step": replayed(again, rgb),
        "skip4x1": replayed(again, skip, FRAMES // SKIP),
    }
    return contestant.version, rows


def turbo(game: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the version and the rows of env-supermariobrosnes-turbo-emu; its own state is the start of the level."""
    from importlib.metadata import version

    import env_supermariobrosnes_turbo_emu as package

    def row(count: int) -> Callable[[int], None]:
        envs = package.EnvSuperMarioBrosNesTurboEmuVecEnv(
            "SuperMarioBros-Nes-v0",
            state="Level1-1",
            use_restricted_actions=package.Actions.ALL,
            rom_path=game["rom"],
            num_envs=count,
            num_threads=1,
        )
        actions = package.action_batch("right", count)
        return replayed(envs.reset, lambda _: envs.step(actions), FRAMES // SKIP)

    return version("env-supermariobrosnes-turbo-emu"), {f"skip4x{count}": row(count) for count in COUNTS}


CONTESTANTS = {"nes-py": ours, "stable-retro": stable_retro, "turbo": turbo}


def main(who: str, games: str, name: str) -> None:
    """Serves one contestant until standard input ends."""
    # What a contestant prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    version, rows = CONTESTANTS[who](json.loads(Path(games).read_text())[name])
    frames = {row: SKIP * int(row.partition("x")[2]) if row.startswith("skip4x") else 1 for row in rows}
    print(json.dumps({"rows": list(rows), "version": version, "frames": frames}), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        work = rows[order["row"]]
        gc.collect()
        gc.disable()
        wall, cpu = time.perf_counter(), time.process_time()
        work(order["count"])
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.enable()
        print(json.dumps({"wall": wall, "cpu": cpu}), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
