"""The package's metadata."""

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


def source(name: str) -> str:
    """Return a file of the source tree; skip the test where there is none."""
    path = PROJECT / name
    if not path.exists():
        pytest.skip("not a source tree")
    return path.read_text(encoding="utf-8")


def test_citation_names_the_version() -> None:
    assert f"\nversion: {nes_py.__version__}\n" in source("CITATION.cff")


def test_hooks_use_the_tools_of_lint() -> None:
    """A commit hook in another version would undo what ``make format`` does."""
    pinned = dict(re.findall(r'^    "([\w-]+)(?:\[\w+\])?==([\w.]+)', source("pyproject.toml"), re.MULTILINE))
    hooks = re.findall(r"([\w-]+)(?:\[\w+\])?==([\w.]+)", source(".pre-commit-config.yaml"))
    assert {name for name, _ in hooks} == {"clang-format", "codespell", "cython-lint", "ruff"}
    for name, wanted in hooks:
        assert pinned[name] == wanted, name


def test_workflows_use_the_supported_pythons() -> None:
    versions = re.findall(r"Python :: (3\.\d+)", source("pyproject.toml"))
    (tested,) = re.findall(r"python: \[(.*)\]", source(".github/workflows/test.yml"))
    assert re.findall(r"3\.\d+", tested) == versions
    (built,) = re.findall(r"^build = \[(.*)\]", source("pyproject.toml"), re.MULTILINE)
    assert re.findall(r"cp3(\d+)", built) == [version.partition(".")[2] for version in versions]


def test_extras() -> None:
    assert set(metadata("nes-py").get_all("Provides-Extra") or []) == {
        "all",
        "dev",
        "docs",
        "examples",
        "hdf5",
        "human",
        "jax",
        "minari",
        "pettingzoo",
        "record",
        "run",
        "watch",
    }


def test_changelog_has_the_version_with_its_date() -> None:
    """The first section after what is not released yet."""
    headings = re.findall(r"^## (.*)$", source("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(nes_py.__version__)}\] - \d{{4}}-\d\d-\d\d", headings[1])
