"""The maps of the sources name what exists: the sections of csrc/ppu/ppu.hpp and the paths in docs/architecture.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PPU = PROJECT / "csrc" / "ppu"
ARCHITECTURE = PROJECT / "docs" / "architecture.md"

pytestmark = pytest.mark.skipif(not PPU.is_dir() or not ARCHITECTURE.is_file(), reason="not a source tree")


def sections() -> dict[str, list[str]]:
    """Return the functions that ppu.hpp only declares, by the file that a comment says defines them."""
    found: dict[str, list[str]] = {}
    file = ""
    for line in (PPU / "ppu.hpp").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"    // ([a-z_/]+\.[ch]pp)\b", line):
            file = match[1]
        elif (match := re.match(r"    [a-zA-Z][^/]*?\b(\w+)\(.*[;,]$", line.partition("  //")[0])) and file:
            found.setdefault(file, []).append(match[1])
    return found


def test_ppu_header_says_where_each_function_is_defined() -> None:
    assert len(sections()) >= 10
    for file, names in sections().items():
        text = (PPU / file).read_text(encoding="utf-8")
        for name in names:
            assert f"Ppu::{name}(" in text, f"ppu.hpp lists {name} under {file}"


def test_files_that_decide_sprite_zero_name_each_other() -> None:
    files = {"pixel.hpp", "fast/line.cpp", "fast/group.cpp", "fast/predict.cpp"}
    for file in files:
        text = (PPU / file).read_text(encoding="utf-8")
        for other in files - {file}:
            assert Path(other).name in text, f"{file} does not name {other}"


def test_paths_in_the_architecture_exist() -> None:
    paths = re.findall(r"`((?:csrc|nes_py|tests)/[\w./]+)`", ARCHITECTURE.read_text(encoding="utf-8"))
    assert len(paths) > 20
    for path in paths:
        assert (PROJECT / path).exists(), path
