"""The report on the integrations of stable-retro."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nes_py.tools import integrations


def make_game(folder: Path, name: str, scenario: dict[str, object]) -> None:
    place = folder / "stable" / name
    place.mkdir(parents=True)
    (place / "data.json").write_text(json.dumps({"info": {"lives": {"address": 5, "type": "|u1"}}}))
    (place / "scenario.json").write_text(json.dumps(scenario))


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_game(tmp_path, "One-Nes-v0", {"done": {"variables": {"lives": {"op": "zero"}}}})
    make_game(tmp_path, "Two-Nes-v0", {"scripts": ["script.lua"]})
    make_game(tmp_path, "Three-Snes-v0", {})
    integrations.main([str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 of 2 integrations load completely (50.0%), 1 in part"
    assert lines[1] == "1 of 2 convert completely for NESVectorEnv (50.0%)"
    assert lines[2] == "    1  ... is a Lua script, which is not run"


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        integrations.main([str(tmp_path)])
