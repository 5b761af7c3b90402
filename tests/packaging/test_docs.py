"""The programs in the documentation run, and its links are valid."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

from nes_py import cli
from nes_py.envs.bricks import ROM_PATH

PROJECT = Path(__file__).resolve().parents[2]
PYPROJECT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8") if (PROJECT / "pyproject.toml").exists() else ""
PAGES = sorted(PROJECT.glob("docs/*.md")) + sorted(PROJECT.glob("*.md"))

pytestmark = pytest.mark.skipif(not PAGES, reason="not a source tree")


def blocks_of(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


#: Each program of this page needs another library: `make test-ecosystem` installs them and runs it.
ELSEWHERE = ("frameworks.md",)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks_of(page, "python") and page.name not in ELSEWHERE],
    ids=lambda path: path.name,
)
def test_programs(page: Path, tmp_path: Path) -> None:
    """Those of a page run one after the other in an empty folder."""
    program = "\n".join(blocks_of(page, "python"))
    for name, package in (
        ("parallel_env", "pettingzoo"),
        ("gym_compat", "gym"),
        ("nes_py.sb3", "stable_baselines3"),
        ("SuperMarioBros-1-1", "gym_super_mario_bros"),
    ):
        if name in program:
            pytest.importorskip(package)
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


PROGRAMS = ("mpirun", "nes_py", "make", "pip", "python", "sbatch", "srun", "tensorboard", ".venv/bin/pre-commit")


def commands_of(page: Path) -> list[str]:
    """Return the commands of a page: in blocks for the shell, in indented blocks, and in the text.

    A word in capitals stands for something; such a command cannot be run.
    """
    text = page.read_text(encoding="utf-8")
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines = re.sub(r"\\\n *", "", "".join(blocks_of(page, "sh"))).splitlines()
    lines += [match[1] for match in re.finditer(r"^    (?:\$ )?(\S.*)$", rest, re.MULTILINE)]
    # In the text `nes_py play` and the like are names.
    spans = re.findall(r"`([^`\n]+)`", rest)
    lines += [span for span in spans if not re.match(r"nes_py (?:play|ram|dataset|watch)(?: -|$)", span)]
    commands = [line.partition("  ")[0].partition(" #")[0].strip() for line in lines]
    return [
        command
        for command in commands
        if command.partition(" ")[0] in PROGRAMS
        and " " in command
        and not re.search(r"[ =][A-Z]{2,}\b(?!=)|\.\.\.", command)
    ]


def missing_packages(words: list[str]) -> list[str]:
    """Return what a program of the examples imports and is not installed."""
    tree = ast.parse((PROJECT / words[0]).read_text(encoding="utf-8"))
    nodes = [inner for node in tree.body for inner in (node.body if isinstance(node, ast.Try) else [node])]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return [name for name in names if importlib.util.find_spec(name.partition(".")[0]) is None]


def check_command(words: list[str], folder: Path, known: set[str]) -> None:
    """Run a command as far as it is quick: games without a window, programs of the examples up to their arguments."""
    program, arguments = words[0], words[1:]
    if program == "make":  # the same on every page, whatever ran before
        if shlex.join(words) in known:
            return
        known.add(shlex.join(words))
    here: Path | None = PROJECT
    if program == "nes_py":
        command = [sys.executable, "-m", "nes_py", *arguments]
        here = folder
        if "super-mario-bros" in arguments and importlib.util.find_spec("gym_super_mario_bros") is None:
            return
        if arguments[0] == "play":
            # What is for a window is refused without one.
            for option in ("--watch", "--zoom", "--save-dir"):
                while option in command:
                    place = command.index(option)
                    del command[place : place + 2]
            command += ["--no-render", "--no-progress", "--steps", "20"]
            if "--movie" not in arguments:
                command += ["--mode", "random"]
        elif arguments[0] == "bench":
            command += ["--steps", "20", "--no-progress"]
    elif program == "python" and arguments[:2] == ["-m", "nes_py.speedtest"]:
        command, here = [sys.executable, *arguments, "--steps", "20", "--no-progress"], folder
    elif program == "python" and arguments[0].endswith(".py"):
        assert (PROJECT / arguments[0]).exists()
        if missing_packages(arguments):
            return
        command = [sys.executable, *arguments, "--help"]  # what stands before it is checked first
    elif program == "python" and arguments[0] == "-m" and arguments[1].startswith("nes_py"):
        assert importlib.util.find_spec(arguments[1])
        return
    elif program == "make":
        if shutil.which("make") is None:
            return
        command = ["make", "--dry-run", "--always-make", *arguments]
    elif program == "pip":
        extras = set(
            re.findall(r"^(\w+) = \[", PYPROJECT.partition("[project.optional-dependencies]")[2], re.MULTILINE)
        )
        named = {
            name for group in re.findall(r"(?:\.|nes-py)\[([\w,]+)\]", " ".join(arguments)) for name in group.split(",")
        }
        assert arguments[0] in ("install", "uninstall")
        assert named <= extras
        return
    else:
        assert not [word for word in words if word.endswith((".py", ".sbatch")) and not (PROJECT / word).exists()]
        return
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        command,
        cwd=here,
        env=os.environ | {"PYTHONPATH": path, "XDG_DATA_HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def known() -> set[str]:
    """What was checked already."""
    return set()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name != "CHANGELOG.md" and commands_of(page)],
    ids=lambda path: path.name,
)
def test_commands(page: Path, tmp_path: Path, known: set[str]) -> None:
    """The commands of a page run one after the other in an empty folder; what takes long is not run to its end."""
    # What a reader has: a ROM file, and a folder of them.
    (tmp_path / "roms").mkdir()
    for place in ("game.nes", "roms/game.nes"):
        shutil.copy(ROM_PATH, tmp_path / place)
    for command in dict.fromkeys(commands_of(page)):
        check_command(shlex.split(command), tmp_path, known)


def test_searches_print_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """A search of RAM is followed by its output."""
    text = (PROJECT / "docs" / "play.md").read_text(encoding="utf-8")
    found = re.findall(r"```sh\n(nes_py ram [^\n]*)\n```\n\n((?:    [^\n]*\n)+)", text)
    assert len(found) == 2
    for command, output in found:
        assert cli.main(shlex.split(command)[1:]) == 0
        assert capsys.readouterr().out == re.sub(r"^    ", "", output, flags=re.MULTILINE), command


def test_programs_name_games_that_are_there() -> None:
    """What a page runs needs no file that nothing makes."""
    for page in PAGES:
        for block in blocks_of(page, "python"):
            assert "game.nes" not in block, page.name


REFERENCE = (
    "nes_py.NESEnv.step",
    "nes_py.NESVectorEnv.step",
    "nes_py.NESEmulator.dump_state",
    "nes_py.VectorNESEmulator.step",
    "nes_py.vector.vectorize.vectorize",
    "nes_py.vector.check_vector_env",
    "nes_py.options.EnvOptions.describe",
    "nes_py.sb3.NESVecEnv",
    "nes_py.envs.bricks.BricksEnv",
    "nes_py.envs.trail.TrailEnv",
    "nes_py.envs.duel.DuelEnv",
    "nes_py.play.play_human",
    "nes_py.datasets.replay",
    "nes_py.watching.Watch.close",
    "nes_py.playing.recorder.VideoRecorder",
    "nes_py.ram_search.RamSearch.decreased",
)


def test_site(tmp_path: Path) -> None:
    """A warning is an error; with --quiet mkdocs would not count them."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    reference = (tmp_path / "reference.html").read_text(encoding="utf-8")
    for name in REFERENCE:
        assert f'id="{name}"' in reference, name
    assert "_option(" not in reference
    assert "repeat_action_probability" in (tmp_path / "vector.html").read_text(encoding="utf-8")


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
