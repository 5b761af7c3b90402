"""What the package says about itself."""

from __future__ import annotations

import re
from importlib.metadata import metadata, version
from pathlib import Path

import pytest

import nes_py

PROJECT = Path(__file__).resolve().parents[2]


def test_versions_agree() -> None:
    assert nes_py.__version__ == version("nes-py")


def test_version_is_that_of_the_source() -> None:
    if not (PROJECT / "pyproject.toml").exists():
        pytest.skip("not a source tree")
    match = re.search(r'^version = "(.*)"$', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
    assert match is not None
    assert nes_py.__version__ == match[1]


def test_extras() -> None:
    assert set(metadata("nes-py").get_all("Provides-Extra") or []) == {
        "all",
        "dev",
        "docs",
        "examples",
        "human",
        "pettingzoo",
        "record",
        "run",
    }
