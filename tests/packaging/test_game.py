"""The game that comes with the package is what its source says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nes_py.roms import build

needs_cc65 = pytest.mark.skipif(
    shutil.which("ca65") is None or shutil.which("ld65") is None, reason="needs the assembler cc65"
)


@needs_cc65
def test_rom_is_the_build_of_its_source() -> None:
    assert build.build() == build.ROM.read_bytes()


@needs_cc65
def test_check_notices_another_rom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["--check"]) == 0
    altered = bytearray(build.ROM.read_bytes())
    altered[0x100] ^= 1
    monkeypatch.setattr(build, "ROM", tmp_path / "bricks.nes")
    build.ROM.write_bytes(altered)
    assert build.main(["--check"]) == 1
    assert "differs from its source" in capsys.readouterr().err


def test_missing_assembler_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert build.main(["--check"]) == 2
    assert "ca65 was not found. Install cc65" in capsys.readouterr().err
