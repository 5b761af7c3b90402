"""Composes random subclasses of ``NESEnv``, runs each on nes-py 8.2.1, 9.0.1 and here, and compares what they observe.

    python tests/dropin/subclasses/run.py --classes 2000

NES_PY_REFERENCE_8 and NES_PY_REFERENCE_9 name the interpreters with the other versions; otherwise they are created in
build/subclasses from PyPI: nes-py 8.2.1 needs CPython 3.12, 9.0.1 needs 3.13. For classes for nes-py 8 this package
runs in an interpreter that has ``gym``: NES_PY_HERE_8, or one that is created as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REFERENCES = {8: ("3.12", ("nes-py==8.2.1", "numpy<2", "setuptools", "gym==0.26.2")), 9: ("3.13", ("nes-py==9.0.1",))}
GYM = ("gym==0.26.2", "cloudpickle", "gym_notices")

sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from compose import compose  # noqa: E402
from support.environments import (  # noqa: E402
    PROJECT,
    UnavailableError,
    find_python,
    make_environment,
    plain_variables,
    python_of,
)
from support.rom_builder import demonstration_rom  # noqa: E402

FOLDER = PROJECT / "build" / "subclasses"

# What nes-py 8.2.1 and 9.0.1 have themselves: a subclass that uses one of these means nes-py's.
NAMES_OF_NES_PY = {
    *("ram", "screen", "controllers", "done", "viewer", "render_mode", "spec", "np_random", "np_random_seed"),
    *("metadata", "reward_range", "observation_space", "action_space", "unwrapped"),
    *("reset", "step", "seed", "render", "close", "get_keys_to_action", "get_action_meanings"),
    *("has_wrapper_attr", "get_wrapper_attr", "set_wrapper_attr"),
    *("_env", "_rom_path", "_has_backup", "_np_random", "_np_random_seed", "_frame_advance", "_backup", "_restore"),
    *("_screen_buffer", "_ram_buffer", "_controller_buffer"),
    *("_will_reset", "_did_reset", "_did_step", "_get_reward", "_get_terminated", "_get_truncated", "_get_done"),
    "_get_info",
}


def free_names() -> list[str]:
    """Returns names that this package's class has and nes-py's have not, and some that it had or might have."""
    from nes_py import NESEnv

    names = {
        *vars(NESEnv),
        *("load_state", "_viewer", "_snapshot", "_emulator", "save_ram", "_values", "_movie", "_slots", "_slot"),
        *("_picture", "_open_emulator", "_seed", "_render", "_show", "_caption", "_warned_of_render", "_make_views"),
        *("_set_values", "emulator", "options", "players", "timing", "frame_boundary", "on_reset", "whole_pictures"),
    }
    return sorted(
        name for name in names if not name.startswith(("__", "_NESEnv__", "_abc_")) and name not in NAMES_OF_NES_PY
    )


def interpreter(variable: str, name: str, version: str, packages: Sequence[str], *, make: bool) -> str:
    """Returns the path of an interpreter, made when it may be, or raises UnavailableError."""
    if os.environ.get(variable):
        return os.environ[variable]
    if make:
        return str(make_environment(FOLDER / name, find_python(version), *([package] for package in packages)))
    if not (FOLDER / name / ".complete").exists():
        raise UnavailableError(f"{variable} names no interpreter, and `make test-subclasses` has made none")
    return str(python_of(FOLDER / name))


def game() -> bytes:
    """Returns the demonstration program with colours below 64: for others nes-py shows what lies behind its palette."""
    colour, masked = bytes.fromhex("a5 12 8d 07 20"), bytes.fromhex("a5 12 29 3f 8d 07 20")
    rom = demonstration_rom()
    start, end = rom.index(colour), rom.index(colour) + len(colour)
    # Two bytes of the padding behind it make room.
    room = rom.index(bytes(8), end)
    return rom[:start] + masked + rom[end:room] + rom[room + 2 :]


def run(python: str, job: dict[str, Any], variables: dict[str, str]) -> list[list[Any]]:
    """Returns what each program noted."""
    done = subprocess.run(
        [python, str(HERE / "worker.py")],
        input=json.dumps(job).encode(),
        capture_output=True,
        env=plain_variables() | variables,
        cwd=tempfile.gettempdir(),
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(job["programs"]):
        raise RuntimeError(
            f"{python} ended with {done.returncode} at program {len(answers)} of {len(job['programs'])}: "
            f"{done.stderr.decode(errors='replace')[-2000:]}"
        )
    return answers


def same(reference: Any, here: Any) -> bool:
    """Whether two notes are the same; an exception here may be of a class derived from nes-py's."""
    if isinstance(reference, list) and isinstance(here, list):
        if reference[:1] == ["raised"] == here[:1]:
            return reference[1] in here
        return len(reference) == len(here) and all(map(same, reference, here))
    if isinstance(reference, dict) and isinstance(here, dict):
        return reference.keys() == here.keys() and all(same(reference[key], here[key]) for key in reference)
    return bool(reference == here)


def difference(reference: Sequence[Any], here: Sequence[Any]) -> int | None:
    """Returns the index of the first note that differs; None when all are the same."""
    for index, (one, other) in enumerate(zip(reference, here, strict=False)):
        if not same(one, other):
            return index
    return None if len(reference) == len(here) else min(len(reference), len(here))


def compare(interface: int, seeds: Sequence[int], *, make: bool, here: str | None = None) -> dict[int, str]:
    """Runs programs on a reference and here; returns a description of each that differs, by its seed."""
    version, packages = REFERENCES[interface]
    reference = interpreter(f"NES_PY_REFERENCE_{interface}", f"nes-py-{interface}", version, packages, make=make)
    variables = {"PYTHONPATH": str(PROJECT), "NES_PY_TIMING": "nes-py"}
    if interface == 8:
        here = here or interpreter(
            "NES_PY_HERE_8", "gym", ".".join(map(str, sys.version_info[:2])), (*GYM, "gymnasium", "numpy"), make=make
        )
        variables["NES_PY_GYM_COMPAT"] = "1"
    names = free_names()
    programs = [compose(seed, interface, names) for seed in seeds]
    differing: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        rom = Path(folder) / "game.nes"
        rom.write_bytes(game())
        job: dict[str, Any] = {"rom": str(rom), "interface": interface, "options": {}, "programs": programs}
        expected = run(reference, job, {})
        found = run(here or sys.executable, job | {"options": {"on_reset": "button"}}, variables)
    for seed, program, one, other in zip(seeds, programs, expected, found, strict=True):
        index = difference(one, other)
        if index is None:
            continue
        lines = [f"seed {seed}, interface {interface}, note {index}"]
        for kind, notes in (("nes-py", one), ("here", other)):
            lines += [f"  {kind}: {json.dumps(note)}" for note in notes[max(0, index - 3) : index + 2]]
        differing[seed] = "\n".join([*lines, program])
    return differing


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare random subclasses of NESEnv with nes-py 8.2.1 and 9.0.1.")
    parser.add_argument("--classes", type=int, default=2000, help="how many in all (default: 2000)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (default: 0)")
    parser.add_argument("--interface", type=int, choices=[8, 9], action="append", help="of one nes-py only")
    parser.add_argument("--show", type=int, default=3, help="how many differing programs are printed (default: 3)")
    options = parser.parse_args()
    failed = 0
    for interface in options.interface or (8, 9):
        count = options.classes if options.interface else options.classes // 2
        differing: dict[int, str] = {}
        for first in range(options.first, options.first + count, 100):
            seeds = range(first, min(first + 100, options.first + count))
            try:
                differing |= compare(interface, seeds, make=True)
            except UnavailableError as error:
                print(error, file=sys.stderr)
                return 2
        for text in list(differing.values())[: options.show]:
            print(text)
        print(f"nes-py {interface}: {count} classes, {len(differing)} differ: {sorted(differing)[:20]}", flush=True)
        failed += len(differing)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
