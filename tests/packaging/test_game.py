"""The bundled games match their sources."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import gymnasium as gym
import pytest

from nes_py._bundled import bundled_games
from nes_py.registration import environment_of
from nes_py.roms import build

needs_cc65 = pytest.mark.skipif(
    shutil.which("ca65") is None or shutil.which("ld65") is None, reason="needs the assembler cc65"
)


#: SHA-256 of the ROMs of version 0, which never change: recordings, states and results are of them.
RELEASED = {
    "bricks": "437e0c262d5998d5661b9b3cdc218c3b25b21d713601b2cc43cd58bc3a09b9fc",
    "duel": "1baaa3cd2ab5b0805ef1ceabcd450d01e3bfbdf8d0998da443ac978a36abd65a",
    "trail": "0d6b832cf2ddbecc1cbb81c5d2b8738286c7a7b7a7759bc76b18cff4ec5f1a3a",
}


@pytest.mark.parametrize("game", RELEASED)
def test_released_roms_never_change(game: str) -> None:
    assert hashlib.sha256(build.rom_path(game).read_bytes()).hexdigest() == RELEASED[game]


def test_versions_are_games_with_a_rom_and_an_environment() -> None:
    assert set(build.GAMES) == set(bundled_games())
    for game in build.GAMES:
        env = gym.make(environment_of(game))
        assert env.unwrapped.emulator.rom_info.sha256 == hashlib.sha256(build.rom_path(game).read_bytes()).hexdigest()
        env.close()


@needs_cc65
@pytest.mark.parametrize("game", build.GAMES)
def test_rom_is_the_build_of_its_source(game: str) -> None:
    assert build.build(game) == build.rom_path(game).read_bytes()


@needs_cc65
def test_check_notices_another_rom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["--check"]) == 0
    altered = bytearray(build.rom_path("bricks").read_bytes())
    altered[0x100] ^= 1
    (tmp_path / "bricks.nes").write_bytes(altered)
    monkeypatch.setattr(build, "rom_path", lambda game: tmp_path / f"{game}.nes")
    assert build.main(["--check", "bricks"]) == 1
    assert "differs from its source" in capsys.readouterr().err
    assert build.main(["--check", "trail"]) == 1
    assert "does not exist" in capsys.readouterr().err


@needs_cc65
def test_unknown_game(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build.main(["golf"])
    assert "the game 'golf' does not exist, only bricks" in capsys.readouterr().err


def test_missing_assembler_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert build.main(["--check"]) == 2
    assert "ca65 was not found. Install cc65" in capsys.readouterr().err
