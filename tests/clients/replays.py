"""Recordings made on nes-py 9.0.1 with ``examples/replay_nes_py.py``, replayed here by the same program."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from machines import FOLDER, PROJECT

PROGRAM = PROJECT / "examples" / "replay_nes_py.py"
IDS = ("SuperMarioBros-3-2-v0", "SuperMarioBros2USA-4-1-v0")


@dataclass
class Replay:
    """What came of one recording.

    Attributes:
        id: the environment.
        steps: that it took.
        text: what the program said with nes-py's timing, by lines.
        hardware: what it said with the console's.
        equal: whether RAM was the same after every frame with nes-py's timing.
    """

    id: str
    steps: int
    text: list[str]
    hardware: list[str]
    equal: bool


def run(python: Path, *arguments: object) -> tuple[int, list[str]]:
    command = [str(python), "-W", "ignore", str(PROGRAM), *map(str, arguments)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NES_PY_", "PYTHON"))}
    done = subprocess.run(command, cwd=FOLDER, env=inherited, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout or done.stderr).strip().splitlines()


def find_rom(python: Path, package: str, recording: Path) -> Path:
    """Returns the installed package's ROM that the recording was made with."""
    code = (
        "import hashlib, importlib.util, json, pathlib, sys, numpy\n"
        "folder = pathlib.Path(importlib.util.find_spec(sys.argv[1]).submodule_search_locations[0])\n"
        "wanted = json.loads(str(numpy.load(sys.argv[2])['meta']))['rom']\n"
        "hashed = lambda path: hashlib.sha1(path.read_bytes()).hexdigest()\n"
        "roms = [str(path) for path in folder.rglob('*.nes') if hashed(path) == wanted]\n"
        "print(json.dumps(roms))"
    )
    done = subprocess.run(
        [python, "-c", code, package, recording], cwd=FOLDER, check=True, capture_output=True, text=True
    )
    return Path(json.loads(done.stdout)[0])


def replay(name: str, package: str, steps: int, reference: Path, ours: Path) -> Replay:
    """Records an id on nes-py 9.0.1 and repeats it here."""
    recording = FOLDER / f"{name}.npz"
    status, text = run(reference, "record", recording, "--env", name, "--steps", steps)
    if status != 0:
        return Replay(name, steps, [f"not recorded: {text[-1]}"], [], False)
    rom = find_rom(ours, package, recording)
    status, text = run(ours, "replay", recording, "--rom", rom)
    hardware = run(ours, "replay", recording, "--rom", rom, "--timing", "hardware")[1]
    return Replay(name, steps, text, hardware, status == 0)
