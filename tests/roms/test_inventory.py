"""The inventory of the test ROMs: what it says of a ROM that is there, missing, or another file of the same name."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import pytest

from nes_py.tools.hardware import Case

PATH = Path(__file__).with_name("inventory.py")
SPEC = importlib.util.spec_from_file_location("inventory", PATH)
assert SPEC
assert SPEC.loader
inventory = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(inventory)

CONTENT = b"NES\x1a and more"
CASE = Case("suite", "suite/one.nes", hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest(), 10, "byte")


def test_a_rom_is_known_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "renamed.nes").write_bytes(CONTENT)
    assert inventory.missing([CASE], [tmp_path]) == []


@pytest.mark.parametrize("content", [None, b"NES\x1a but another"])
def test_what_to_get(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "suite").mkdir()
        (tmp_path / CASE.path).write_bytes(content)
    absent = inventory.missing([CASE], [tmp_path])
    assert absent == [CASE]
    text = inventory.describe([CASE], absent, [tmp_path], {"suite": "https://example.org/suite"})
    assert "0 of 1" in text
    for part in ("https://example.org/suite", CASE.sha1, CASE.path, "NES_PY_TEST_ROMS"):
        assert part in text


def test_each_suite_says_where_it_is_published() -> None:
    assert all(origin.startswith("https://") for origin in inventory.sources(inventory.EXPECTED).values())
