"""Every way to start a program that the READMEs of nes-py 8.2.1 and 9.0.1 document."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from support.patience import PATIENCE

import nes_py
from nes_py.envs import bricks

PACKAGE = Path(nes_py.__file__).parent
ROM_PATH = str(bricks.ROM_PATH)
MODULE = (sys.executable, "-W", "error", "-m")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def script() -> str:
    path = shutil.which("nes_py", path=sysconfig.get_path("scripts"))
    if path is None:
        pytest.skip("the package is not installed: there is no script nes_py")
    return path


RANDOM = "--rom ROM --mode random --steps 20 --no-render"


@pytest.mark.parametrize(
    ("launcher", "options"),
    [
        *((launcher, RANDOM) for launcher in ("script", "nes_py", "nes_py.play", "nes_py.cli", "nes_py.app.cli")),
        ("script", "-h"),
        ("nes_py.play", "-h"),
        ("script", "-r nowhere.nes -m random"),
        ("nes_py.play", "--rom nowhere.nes"),
    ],
)
def test_player(launcher: str, options: str) -> None:
    command = (script(),) if launcher == "script" else (*MODULE, launcher)
    done = run(*command, *options.replace("ROM", ROM_PATH).split())
    if options == "-h":
        assert done.returncode == 0
        assert "nes_py --rom FILE [--mode human|random] [--steps N]" in " ".join(done.stdout.split())
    elif "nowhere" in options:
        assert done.returncode == 1
        assert done.stderr == "nes_py: 'nowhere.nes': there is no such file\n"
    else:
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "Error" not in done.stderr  # the progress bar is there, if tqdm is installed


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ("", 15),
        ("--observation-profile --no-progress", 6),
        ("--ram-profile --no-progress", 5),
        ("--vector-profile --runs 2 --env-counts 1,2 --instrumentation --vector-backend native_vector", 16),
    ],
)
def test_speedtest(options: str, count: int) -> None:
    done = run(*MODULE, "nes_py.speedtest", "--rom", ROM_PATH, "--steps", "5", "--json", *options.split())
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == count


def test_modules_with_a_command_line_run_it() -> None:
    """A module that has ``main`` calls it when it is run."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in body):
            found.append(path.stem)
            last = ast.unparse(body[-1])
            assert last.startswith("if __name__ == '__main__':"), path
            assert "main()" in last, path
    assert {"play", "cli", "speedtest", "demo"} <= set(found)
