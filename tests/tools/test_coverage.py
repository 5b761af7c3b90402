"""The count of ROMs by mapper number."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from nes_py.errors import RomError
from nes_py.tools.coverage import Numbers, main, numbers_of
from tests.support import rom_builder

UNKNOWN = 4000


def header(mapper: int, submapper: int = 0, *, nes2: bool = True) -> bytes:
    tail = bytes((mapper >> 8 | submapper << 4, 0, 0, 0, 0, 0, 0, 0)) if nes2 else bytes(8)
    return rom_builder.header(1, 1, mapper & 0xFF, nes2=nes2, tail=tail)


def test_numbers_of_headers() -> None:
    assert numbers_of(header(268, 3)) == Numbers(268, 3)
    assert numbers_of(header(66, nes2=False)) == Numbers(66, 0)
    dirty = bytearray(header(66, nes2=False))
    dirty[12:16] = b"dude"
    assert numbers_of(bytes(dirty)) == Numbers(2, 0)
    with pytest.raises(RomError):
        numbers_of(b"NES")


def test_files_folders_and_archives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.nes").write_bytes(header(4) + bytes(9))
    (tmp_path / "sub" / "b.NES").write_bytes(header(UNKNOWN))
    (tmp_path / "broken.nes").write_bytes(b"nothing")
    (tmp_path / "notes.txt").write_text("not looked at")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("c.nes", header(4))
        archive.writestr("readme.txt", "")
    main([str(tmp_path)])
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("2 of 3 ROMs load (66.7%), 2 of them")
    assert out.splitlines()[1].split()[:4] == ["2", "66.7%", "4", "yes"]
    assert out.splitlines()[2].split()[:4] == ["1", "33.3%", str(UNKNOWN), "no"]
    assert "broken.nes" in err


def test_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "headers.txt"
    text.write_text(f"# two headers\n{header(1).hex()} Some Game\n\n{header(5).hex(' ')},Other\n")
    xml = tmp_path / "database.xml"
    xml.write_text('<db><game><pcb mapper="268" submapper="1"/></game><game><pcb mapper="4000"/></game></db>')
    main([str(text), str(xml), "--missing"])
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("3 of 4 ROMs load (75.0%)")
    assert [line.split()[2] for line in out.splitlines()[1:-1]] == ["4000"]


def test_complaints_name_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content, words in (
        ("list.txt", "hello\n", "line 1"),
        ("game.nes", "hello", "no iNES header"),
        ("list.xml", "<a>", "no XML"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(SystemExit) as stop:
            main([str(tmp_path / name)])
        assert stop.value.code == 1
        assert words in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "absent")])
    assert "no such file" in capsys.readouterr().err
