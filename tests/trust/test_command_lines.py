"""Numbers on command lines: those out of range end with one sentence and status 2."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nes_py import cli, demo
from nes_py.compat import speedtest
from nes_py.tools import (
    accuracy,
    boards,
    contact_sheet,
    coverage,
    integrations,
    options,
    schemas,
    state_format,
    testrom,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
PLAY = ["bricks", "--mode", "random", "--no-render", "--no-progress"]

PROGRAMS: dict[str, Callable[[list[str]], object]] = {
    "play": lambda more: cli.main(["play", *PLAY, *more]),
    "without a subcommand": lambda more: cli.main(["--rom", *PLAY, *more]),
    "bench": lambda more: cli.main(["bench", *more]),
    "speedtest": lambda more: speedtest.main(more),
    "demo": lambda more: demo.main(more),
    "testrom": lambda more: testrom.main(["x.nes", *more]),
    "accuracy": lambda more: accuracy.main(more),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("seed", ["-1", "-9223372036854775809", "9223372036854775808", "9" * 5000, "x", "1.5", ""])
def test_seeds(name: str, seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        PROGRAMS[name](["--seed", seed])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert "seed" in error
    assert "Traceback" not in error
    assert len(error) < 5000


@pytest.mark.parametrize("option", ["--steps", "--zoom"])
@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "9" * 5000, "x", "1.5", "nan"])
def test_counts(option: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["play", *PLAY, option, number])
    assert caught.value.code == 2
    assert option in capsys.readouterr().err


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="not a source tree")
@pytest.mark.parametrize("name", ["go_explore", "ram_agent", "random_agent", "vector_rollout"])
def test_seeds_of_examples(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--seed", "-1"])
    monkeypatch.syspath_prepend(str(EXAMPLES))
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert caught.value.code == 2
    assert "at least 0" in capsys.readouterr().err


def test_brackets_in_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["dataset", "play.npz", "--export", "e.npz", "--option", "x=" + "[" * 100_000])
    assert "the value of x has too many brackets in each other" in capsys.readouterr().err


def test_without_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["ram", "bricks"]) == 0


def test_without_memory(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["roms"]) == 1
    assert capsys.readouterr().err == "nes_py: there is not enough memory for this\n"


GENERATORS: dict[str, Callable[[list[str]], object]] = {
    "accuracy": lambda files: accuracy.main(["--expected", str(Path(__file__).parent), "--output", *files]),
    "boards": boards.main,
    "options": options.main,
    "schemas": schemas.main,
    "state_format": state_format.main,
}


def one_line(call: Callable[[], object], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a program prints that ends with status 1."""
    with pytest.raises(SystemExit) as caught:
        call()
    assert caught.value.code == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize("name", GENERATORS)
def test_a_file_that_cannot_be_written(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("no folder")
    error = one_line(lambda: GENERATORS[name]([str(tmp_path / "file" / "x")]), capsys)
    assert str(tmp_path / "file") in error
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_folder_for_schemas_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    one_line(lambda: schemas.main([str(tmp_path / "file")]), capsys)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"\xff", "is not UTF-8: invalid start byte at byte 0"), (b"# A page", "once each")],
)
def test_a_page_that_has_no_table_of_options(
    content: bytes | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    if content is not None:
        page.write_bytes(content)
    error = one_line(lambda: options.main([str(page)]), capsys)
    assert reason in error
    assert str(page) in error
    assert content is None or page.read_bytes() == content


def test_a_damaged_integration_and_lists_of_boards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game = tmp_path / "stable" / "Game-Nes-v0"
    game.mkdir(parents=True)
    (game / "data.json").write_text("{")
    assert "data.json" in one_line(lambda: integrations.main([str(tmp_path)]), capsys)
    boards_xml = tmp_path / "boards.xml"
    for wrong in ("mapper='x'", "mapper='1' submapper='-1'", "mapper=''", f"mapper='{'9' * 5000}'"):
        boards_xml.write_text(f"<a><pcb {wrong}/></a>")
        assert "expected numbers" in one_line(lambda: coverage.main([str(boards_xml)]), capsys)


@pytest.mark.parametrize("seconds", ["1e300", "3601", "0", "-1", "nan", "inf", "x"])
def test_seconds_of_a_contact_sheet(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        contact_sheet.main(["x.nes", "--seconds", seconds])
    assert caught.value.code == 2
    assert "--seconds" in capsys.readouterr().err
