"""The bundled games match their sources."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nes_py.roms import build

needs_cc65 = pytest.mark.skipif(
    shutil.which("ca65") is None or shutil.which("ld65") is None, reason="needs the assembler cc65"
)


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
