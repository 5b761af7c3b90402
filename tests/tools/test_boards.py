"""The list of boards, and the page generated from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nes_py import NESEmulator
from nes_py.rom_info import boards, find_board
from nes_py.tools.boards import main, page
from tests.support import rom_builder

DOCS = Path(__file__).parents[2] / "docs"

# The boards of the licensed library and of what people play beside it; 20 is the Disk System, which is no cartridge.
WANTED = [*range(6), 7, *range(9, 12), 13, 15, 16, 18, 19, *range(21, 27), 28, 30, *range(32, 35), 48]
WANTED += [*range(64, 72), 73, *range(75, 81), 82, *range(85, 90), *range(93, 96), 97, 105, *range(111, 114), 118, 119]
WANTED += [140, 152, *range(153, 157), 158, 159, 163, 180, 184, 185, 189, 193, 206, 207, 210, 218, 225, 226, 228, 232]
WANTED += [234, *range(240, 243), 246]


def test_page_is_up_to_date() -> None:
    assert (DOCS / "boards.md").read_text(encoding="utf-8") == page()


def test_main_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "boards.md")])
    assert (tmp_path / "boards.md").read_text(encoding="utf-8") == page()
    assert capsys.readouterr().out == ""
    main([])
    assert capsys.readouterr().out == page()


@pytest.mark.parametrize("mapper", WANTED)
def test_wanted_boards_are_there(mapper: int) -> None:
    assert find_board(mapper) is not None


def test_every_line_is_a_board_that_runs() -> None:
    table = boards()
    assert len({(board.mapper, board.submapper) for board in table}) == len(table)
    for board in table:
        assert board.name, board
        tail = bytes((board.mapper >> 8 | (board.submapper or 0) << 4, 0, 7, 7, 0, 0, 0, 0))
        image = rom_builder.header(2, 1, board.mapper & 0xFF, nes2=True, tail=tail)
        image += rom_builder.prg(b"\x4c\x00\xc0", banks=2) + bytes(rom_builder.CHR_BANK)
        emulator = NESEmulator(image)
        assert (emulator.rom_info.mapper, emulator.rom_info.submapper) == (board.mapper, board.submapper or 0)


def test_page_has_every_board_and_no_number_twice() -> None:
    text = page()
    for board in boards():
        assert f"| {board.name} | {board.status} |" in text
        assert f"- {board.mapper}: " not in text
