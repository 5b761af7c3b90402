"""The contact sheet, and that nothing shows a blank picture that shows one on hardware."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import ppu_start
from support.rom_builder import demonstration_rom

from nes_py.tools.contact_sheet import CONSOLES, ConsoleName, Strip, find_roms, main, pictures, strips
from nes_py.tools.hardware import rom_directories

PROJECT = Path(__file__).parents[2]
TIMES = (0.5, 1.0)

# --- the ways of starting the PPU ---


@pytest.mark.parametrize("console", CONSOLES)
@pytest.mark.parametrize("way", ppu_start.WAYS)
def test_programs_that_wait_are_seen_on_every_console(way: str, console: ConsoleName) -> None:
    shown = pictures(ppu_start.rom(ppu_start.WAYS[way]), TIMES, console)
    assert not Strip(way, console, shown).blank
    expected = pictures(ppu_start.rom(ppu_start.WAYS["two polls"]), TIMES)
    np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize("way", ppu_start.FAMICOM_WAYS)
def test_programs_that_do_not_wait_are_seen_on_a_famicom(way: str) -> None:
    content = ppu_start.rom(ppu_start.FAMICOM_WAYS[way])
    expected = pictures(ppu_start.rom(ppu_start.WAYS["two polls"]), TIMES)
    np.testing.assert_array_equal(pictures(content, TIMES), expected)
    assert (pictures(content, TIMES, "nes") != expected).any()


@pytest.mark.parametrize("region", ["pal", "dendy"])
def test_programs_are_seen_in_other_regions(region: str) -> None:
    """In the header of NES 2.0, byte 12: 1 is PAL, 3 is Dendy."""
    for ways, consoles in ((ppu_start.WAYS, CONSOLES), (ppu_start.FAMICOM_WAYS, CONSOLES[:1])):
        for name, way in ways.items():
            content = bytearray(ppu_start.rom(way))
            content[7] |= 0x08
            content[12] = {"pal": 1, "dendy": 3}[region]
            for console in consoles:
                assert not Strip(name, console, pictures(bytes(content), TIMES[:1], console)).blank


def folders() -> list[Path]:
    return [folder for folder in rom_directories(PROJECT) if (folder / "blank").is_dir()]


@pytest.mark.skipif(not folders(), reason="the programs that show nothing on an NES are not here")
@pytest.mark.parametrize("name", ["SNDTEST.NES", "ny2011.nes"])
def test_free_programs_show_their_pictures(name: str) -> None:
    path = next(folder / "blank" / name for folder in folders())
    assert not Strip(name, "famicom", pictures(path, (2.0, 5.0))).blank


# --- the sheet ---


def test_sheet_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = pytest.importorskip("PIL.Image")
    below = tmp_path / "roms" / "more"
    below.mkdir(parents=True)
    (below / "a.NES").write_bytes(demonstration_rom(fill=0x55))
    (tmp_path / "roms" / "b_famicom.nes").write_bytes(ppu_start.rom(ppu_start.FAMICOM_WAYS["at once"]))
    (tmp_path / "roms" / "notes.txt").write_text("no ROM")
    sheet = tmp_path / "sheet.png"
    arguments = [str(tmp_path / "roms"), "--output", str(sheet), "--seconds", "1", "0.5"]
    assert main([*arguments, "--console", "famicom"]) == 0
    assert capsys.readouterr().out.splitlines() == ["2 ROMs, 0 blank strips, 0 refused", f"wrote {sheet}"]
    with image.open(sheet) as picture:
        assert picture.size[0] >= 2 * 128
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 6
    assert [path.name for path in find_roms([tmp_path])] == ["b_famicom.nes", "a.NES"]


def test_blank_and_refused_roms_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "blank.nes").write_bytes(ppu_start.rom(("ea",)))
    (tmp_path / "short.nes").write_bytes(b"NES\x1a")
    sheet = tmp_path / "sheet.png"
    assert main([str(tmp_path), "--output", str(sheet), "--seconds", "0.2"]) == 1
    out = capsys.readouterr().out
    assert "blank: blank.nes (famicom-nes)" in out
    assert "refused: " in out
    assert "short.nes" in out
    assert sheet.exists()


def test_consoles_that_differ_have_a_strip_each(tmp_path: Path) -> None:
    path = tmp_path / "x.nes"
    path.write_bytes(ppu_start.rom(ppu_start.FAMICOM_WAYS["at once"]))
    assert [(strip.console, strip.blank) for strip in strips(path, (0.5,))] == [("famicom", False), ("nes", True)]
    path.write_bytes(ppu_start.rom(ppu_start.WAYS["two polls"]))
    assert [(strip.console, strip.blank) for strip in strips(path, (0.5,))] == [("famicom-nes", False)]


def test_times_and_buttons() -> None:
    """The backdrop of the demonstration is the count of frames; Start moves nothing but its sum."""
    shown = pictures(demonstration_rom(), (0.5, 1.0, 1.0))
    assert shown.shape == (3, 240, 256, 3)
    assert len({picture.tobytes() for picture in shown}) > 1
    np.testing.assert_array_equal(shown, pictures(demonstration_rom(), (0.5, 1.0, 1.0), start=True))


def test_wrong_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = str(tmp_path / "sheet.png")
    assert main([str(tmp_path / "missing"), "--output", sheet]) == 2
    assert "there is no file or folder" in capsys.readouterr().err
    assert main([str(tmp_path), "--output", sheet]) == 2
    assert "No ROMs were found" in capsys.readouterr().err
    for wrong in (["--seconds", "0"], ["--console", "snes"]):
        with pytest.raises(SystemExit):
            main([str(tmp_path), "--output", sheet, *wrong])
        capsys.readouterr()
