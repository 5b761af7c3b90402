"""The programs in the documentation run, and its links are valid."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

from nes_py.envs.bricks import GAME, ROM_PATH

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(PROJECT.glob("docs/*.md")) + sorted(PROJECT.glob("*.md"))

pytestmark = pytest.mark.skipif(not PAGES, reason="not a source tree")


def blocks_of(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page, "python")], ids=lambda path: path.name)
def test_programs(page: Path, tmp_path: Path) -> None:
    """Those of a page run one after the other; the game of one's own that they name is the bundled one."""
    program = "\n".join(blocks_of(page, "python"))
    for name, package in (("parallel_env", "pettingzoo"), ("gym_compat", "gym"), ("nes_py.sb3", "stable_baselines3")):
        if name in program:
            pytest.importorskip(package)
    shutil.copy(ROM_PATH, tmp_path / "game.nes")
    (tmp_path / "game.json").write_text(json.dumps(GAME))
    # In a process of their own: some change the whole process.
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page, "sh")], ids=lambda path: path.name)
def test_commands(page: Path) -> None:
    """What they run is there; they themselves take too long."""
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in "".join(blocks_of(page, "sh")).splitlines():
        words = line.partition("#")[0].split()
        for before, word in itertools.pairwise(words):
            if before == "make":
                assert word in targets, line
            if word.endswith((".py", ".sbatch")):
                assert (PROJECT / word).exists(), line
            if before == "-m" and word.startswith("nes_py"):
                assert importlib.util.find_spec(word), line
        if words[:1] == ["python"] and words[1].endswith(".py"):
            known = (PROJECT / words[1]).read_text(encoding="utf-8")
            for word in words[2:]:
                if word.startswith("--"):
                    assert f'"{word}"' in known, line


def test_site(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    reference = (tmp_path / "reference.html").read_text(encoding="utf-8")
    for name in ("nes_py.NESEnv.step", "nes_py.NESEmulator.dump_state", "nes_py.envs.duel.DuelEnv"):
        assert f'id="{name}"' in reference, name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings], target
