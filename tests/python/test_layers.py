"""Which module of the package imports which: no cycles, nothing upwards, and the old paths."""

from __future__ import annotations

import ast
import importlib
import pickle
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nes_py

PACKAGE = Path(nes_py.__file__).parent

pytestmark = pytest.mark.skipif(not list(PACKAGE.glob("*.pyx")), reason="not a source tree")

#: Old paths and what they are now.
OLD_PATHS = {
    "nes_py._fork_vector": "nes_py.compat.fork_vector",
    "nes_py._gym_env": "nes_py.compat.gym_env",
    "nes_py._interface": "nes_py.compat.interface",
    "nes_py._native": "nes_py.compat.native",
    "nes_py._numpy1": "nes_py.compat.numpy1",
    "nes_py.cheats": "nes_py.formats.cheats",
    "nes_py.fceux_state": "nes_py.formats.fceux_state",
    "nes_py.gym_compat": "nes_py.compat.gym_compat",
    "nes_py.movie": "nes_py.formats.movie",
    "nes_py.recorder": "nes_py.playing.recorder",
    "nes_py.retro": "nes_py.formats.retro",
    "nes_py.sound": "nes_py.playing.sound",
    "nes_py.speedtest": "nes_py.compat.speedtest",
    "nes_py.viewer": "nes_py.playing.player",
}

#: From the bottom to the top; the first pattern that fits counts. What is not here is plain Python that imports no
#: compiled module, or a compiled one.
LAYERS = (
    (
        "nes_py.formats.*",
        "nes_py.compat.library",
        "nes_py.compat.native",
        "nes_py.games",
        "nes_py.games.catalogue",
        "nes_py.ram",
        "nes_py.rom_info",
    ),
    (
        "nes_py._env_parts",
        "nes_py.nes_env",
        "nes_py.ram_search",
        "nes_py.vector_env",
        "nes_py.wrappers*",
        "nes_py.options",
        "nes_py.vector*",
        "nes_py.sb3",
        "nes_py.watching*",
    ),
    (
        "nes_py.compat.fork_vector",
        "nes_py.compat.gym_*",
        "nes_py.compat.speedtest",
        "nes_py.datasets*",
        "nes_py.demo",
        "nes_py.envs*",
        "nes_py.games.envs",
        "nes_py.playing*",
        "nes_py.tools*",
    ),
    ("nes_py.cli", "nes_py.registration"),
    ("nes_py", "nes_py.__main__", "nes_py.app*", "nes_py.play", *OLD_PATHS),
)


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in PACKAGE.rglob("*.py") if path.parent.name not in ("bricks", "duel", "trail")}
COMPILED = {name_of(path): path for path in PACKAGE.glob("*.pyx")}
DECLARED = {name_of(path): path for path in PACKAGE.glob("*.pxd")}
NAMES = FILES.keys() | COMPILED.keys() | DECLARED.keys()


def imports_of(name: str) -> set[str]:
    """Return what a module imports of this package, anywhere in it, for types only too."""
    found = set()
    for path in filter(None, (FILES.get(name), COMPILED.get(name), DECLARED.get(name))):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            pattern = r"^ *from (nes_py[\w.]*) c?import (\([^)]*\)|[^\n]*)"
            pairs = [
                (m[1], re.findall(r"\w+", re.sub(r"#.*| as \w+", "", m[2]))) for m in re.finditer(pattern, text, re.M)
            ]
        else:
            package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
            pairs = []
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Import):
                    pairs += [(alias.name, []) for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    base = package[: len(package) + 1 - node.level] if node.level else []
                    base += [node.module] if node.module else []
                    pairs.append((".".join(base), [alias.name for alias in node.names]))
        for base, names in pairs:
            for one in names or [""]:
                whole = f"{base}.{one}"
                found.add(whole if whole in NAMES else base)
    return (found & NAMES) - {name}


GRAPH = {name: imports_of(name) for name in NAMES}


def test_no_cycles() -> None:
    assert len(GRAPH) > 60
    assert "nes_py.emulator" in GRAPH["nes_py.nes_env"]
    TopologicalSorter(GRAPH).prepare()  # raises CycleError, which names one


def test_tools_that_freeze_programs_see_every_import() -> None:
    # They read Python's sources only.
    seen: set[str] = set()
    ahead = ["nes_py"]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += GRAPH[name] if name in FILES else []
    imported = set().union(*(GRAPH[name] for name in COMPILED)) - (DECLARED.keys() - COMPILED.keys())
    assert "nes_py._enums" in imported
    assert imported | COMPILED.keys() <= seen


def test_compiled_modules_import_plain_python_only() -> None:
    compiled = COMPILED.keys() | DECLARED.keys()

    def reaches_compiled(name: str) -> bool:
        return name in compiled or any(map(reaches_compiled, GRAPH[name]))

    upwards = {(name, other) for name in compiled for other in GRAPH[name] - compiled if reaches_compiled(other)}
    assert not upwards


def test_nothing_imports_what_is_above_it() -> None:
    compiled = COMPILED.keys() | DECLARED.keys()

    def layer(name: str) -> int:
        fits = [number for number, names in enumerate(LAYERS) if any(fnmatchcase(name, one) for one in names)]
        return -1 if name in compiled or not fits else max(fits) if name in OLD_PATHS else fits[0]

    for name in GRAPH:
        if layer(name) == -1 and name not in compiled:
            assert not GRAPH[name] & compiled, f"{name} is in no layer"
    wrong = {(name, other) for name, others in GRAPH.items() for other in others if layer(other) > layer(name)}
    assert not wrong


def test_the_core_knows_nothing_of_python() -> None:
    sources = [path for path in PACKAGE.parent.joinpath("csrc").rglob("*") if path.suffix in (".hpp", ".cpp")]
    assert len(sources) > 50
    assert not [path for path in sources if "Python.h" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", sorted(OLD_PATHS.keys() - {"nes_py._gym_env", "nes_py.gym_compat"}))
def test_an_old_path_is_the_module_itself(path: str) -> None:
    assert importlib.import_module(path) is importlib.import_module(OLD_PATHS[path])
    assert getattr(nes_py, path.rpartition(".")[2]) is sys.modules[path]


def test_names_that_were_pickled_before_they_moved() -> None:
    for module, name in (
        ("nes_py.cheats", "Freeze"),
        ("nes_py.speedtest", "BenchmarkConfig"),
        ("nes_py.movie", "Movie"),
    ):
        kind = pickle.loads(f"c{module}\n{name}\n.".encode())
        assert kind.__name__ == name
        assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize("first", ["nes_py.emulator", "nes_py.compat.fork_vector", "nes_py.movie", "nes_py.cli"])
def test_whatever_is_imported_first(first: str) -> None:
    program = (
        f"import {first}; from nes_py.emulator import VectorEmulator, NESEmulator; import nes_py; nes_py.cheats.parse"
    )
    assert subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True).stderr == b""
