"""The fast policy matches the reference: the short version of ``make lockstep``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

import nes_py.roms
from nes_py.tools.hardware import rom_directories

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = PROJECT / "build" / ("lockstep.exe" if sys.platform == "win32" else "lockstep")
EMBEDDED_GAMES = sorted(Path(nes_py.roms.__file__).parent.glob("*.nes"))


@pytest.fixture(scope="module", params=["hot code recompiled", "all code recompiled"])
def lockstep(request):
    environment = dict(os.environ)
    environment.pop("NES_PY_NO_JIT", None)
    if request.param == "all code recompiled":
        environment["NES_PY_JIT_THRESHOLD"] = "1"
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} has not been built: make test-native")

    def run(*arguments: object, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        command = [PROGRAM, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)

    return run


def assert_same(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 differences" in result.stdout


@pytest.mark.parametrize("game", EMBEDDED_GAMES, ids=lambda game: game.stem)
def test_embedded_game(lockstep, game):
    assert_same(lockstep(game, "--frames", 400))


def test_random_programs(lockstep):
    assert_same(lockstep("--programs", 40, "--program-frames", 50))


@pytest.mark.parametrize("region", ["pal", "dendy"])
def test_other_regions(lockstep, region):
    assert_same(
        lockstep(EMBEDDED_GAMES[0], "--frames", 100, "--programs", 12, "--program-frames", 40, "--region", region)
    )


def test_hardware_test_roms(lockstep):
    folders = [folder for folder in rom_directories(PROJECT) if folder.is_dir()]
    if not folders:
        pytest.skip("the hardware test ROMs are not here (NES_PY_TEST_ROMS)")
    assert_same(lockstep(*folders, "--frames", 20))


def test_the_same_seed_makes_the_same_program(lockstep, tmp_path):
    images = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        path = tmp_path / f"{name}.nes"
        assert lockstep("--seed", seed, "--save", path).returncode == 0
        images.append(path.read_bytes())
    assert images[0] == images[1] != images[2]
    assert images[0].startswith(b"NES\x1a")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "neither a ROM nor --programs was given"),
        (["--frames", "many"], "--frames wants a number, not 'many'"),
        (["--nonsense", "1"], "--nonsense is unknown"),
        (["--region", "mars"], "--region wants ntsc, pal or dendy, not 'mars'"),
        (["nowhere.nes"], "cannot read nowhere.nes"),
    ],
)
def test_wrong_calls_say_what_is_wrong(lockstep, arguments, reason):
    result = lockstep(*arguments)
    assert result.returncode == 2
    assert reason in result.stderr
