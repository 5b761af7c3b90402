"""The names of the bundled games, wherever a ROM file can be named; and a source tree that is not built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.patience import PATIENCE

import nes_py
from nes_py import NESEmulator, NESEnv, NESVectorEnv, RomNotFoundError, VectorNESEmulator, cheats, cli, rom_info
from nes_py._batch import Batch
from nes_py._bundled import TITLES, bundled_games
from nes_py._rom import ROM
from nes_py.compat import native, speedtest
from nes_py.emulator import VectorEmulator
from nes_py.fceux_state import convert
from nes_py.tools import testrom

PACKAGE = Path(nes_py.__file__).parent

WAYS: dict[str, Callable[[Any], Any]] = {
    "NESEnv": NESEnv,
    "NESEmulator": NESEmulator,
    "NESVectorEnv": lambda rom: NESVectorEnv(rom, 2),
    "VectorNESEmulator": lambda rom: VectorNESEmulator(rom, 2),
    "VectorEmulator": lambda rom: VectorEmulator(rom, 2),
    "Batch": lambda rom: Batch(rom, 2),
    "ROM": ROM,
    "cartridge_metadata": native.cartridge_metadata,
    "describe_rom": rom_info.describe_rom,
    "patch_rom": lambda rom: cheats.patch_rom(rom, []),
    "run_benchmark": lambda rom: speedtest.run_benchmark(rom=str(rom), steps=2, progress=False),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_a_rom(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trail").mkdir()  # a folder is no game
    monkeypatch.chdir(tmp_path)
    for name in TITLES:
        made = WAYS[way](name)
        if hasattr(made, "close"):
            made.close()
    WAYS[way](Path("duel"))
    with pytest.raises(RomNotFoundError, match="did you mean 'bricks', the bundled game Mortar Moon"):
        WAYS[way]("brick")


def test_it_is_that_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, path in bundled_games().items():
        assert NESEmulator(name).rom_info == NESEmulator(path.read_bytes()).rom_info
    # A file of one's own with that name comes first.
    shutil.copy(bundled_games()["duel"], "bricks")
    assert NESEmulator("bricks").rom_info == NESEmulator("duel").rom_info


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nofile", "there is no such file, and no bundled game has this name. The bundled games are 'bricks' (Mortar"),
        ("Thistle Trail", "did you mean 'trail', the bundled game Thistle Trail?"),
        ("mortar moon", "did you mean 'bricks'"),
        ("bricks-v0", "did you mean 'bricks'"),
        ("trail_v1", "did you mean 'trail-v1'"),
        ("roms/duel.nes", "did you mean 'duel'"),
        ("roms/zelda.nes", "'roms/zelda.nes': there is no such file"),
        ("nofile\n", "there is no such file"),
        ("", "there is no such file"),
    ],
)
def test_a_name_that_is_none(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RomNotFoundError) as caught:
        NESEnv(name)
    assert said in str(caught.value)
    if name == "roms/zelda.nes":
        assert str(caught.value).endswith(said)


def test_of_another_game_converts_nothing() -> None:
    with pytest.raises(RomNotFoundError, match="did you mean"):
        convert(b"", "duell")


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--rom", "trail", "-m", "random", "-s", "3", "--no-render", "--no-progress"]) == 0
    assert testrom.main(["bricks", "--frames", "5"]) == 2
    assert "bricks did not report" in capsys.readouterr().err
    assert speedtest.main(["--rom", "duel", "--steps", "2", "--no-progress"]) == 0


def test_a_step_before_a_reset_and_an_action_that_is_no_whole_number() -> None:
    env = NESEnv("bricks")
    with pytest.raises(ValueError, match="it has not been reset"):
        env.step(0)
    env.reset()
    for action in (1.5, np.float32(2.5), np.array(0.5), float("nan"), float("inf")):
        before = env.emulator.frame_count
        with pytest.raises(ValueError, match=r"action must be a whole number in 0\.\.255, not"):
            env.step(action)
        assert env.emulator.frame_count == before
    for action in (3.0, np.int64(3), np.array(3), True):
        env.step(action)
    env.done = True
    with pytest.raises(ValueError, match="the episode is over"):
        env.step(0)


# --- a source tree without compiled modules ---


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout that is not built."""
    if not (PACKAGE / "emulator.pyx").exists():
        pytest.skip("not a source tree")
    shutil.copytree(
        PACKAGE, tmp_path / "tree" / "nes_py", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.dylib", "__pycache__")
    )
    return tmp_path / "tree"


def run(tree: Path, *arguments: str, installed: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in the tree with no other nes_py than the installed one."""
    paths = [str(installed)] if installed else []
    paths += [path for path in sys.path if path and not (Path(path) / "nes_py").exists()]
    program = "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]"
    (tree / "sitecustomize.py").write_text(program)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), *paths])},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


PROGRAM = "import nes_py, nes_py.emulator; print(nes_py.NESEnv('bricks').ram.shape, nes_py.emulator.__file__)"


def test_an_unbuilt_tree_leads_to_the_installed_package(tree: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    shutil.copytree(PACKAGE, installed / "nes_py", ignore=shutil.ignore_patterns("__pycache__"))
    done = run(tree, "-c", PROGRAM, installed=installed)
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout
    done = run(tree, "-m", "nes_py", "roms", installed=installed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Thistle Trail" in done.stdout
    # Another version must not be mixed with the sources.
    with (installed / "nes_py" / "__init__.py").open("a") as file:
        file.write("# another version\n")
    done = run(tree, "-c", "import nes_py", installed=installed)
    assert "is another version" in done.stderr.splitlines()[-1]


def test_an_unbuilt_tree_says_what_to_do(tree: Path) -> None:
    done = run(tree, "-c", "import nes_py")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"ImportError: nes_py in {tree} has no compiled modules for Python ")
    assert "run 'pip install .' or 'make build' there" in done.stderr
    done = run(tree, "-m", "nes_py", "--version")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "run 'pip install .' or 'make build' there" in done.stderr
