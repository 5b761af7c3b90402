"""Failing builds give the reason in one sentence; successful builds contain the right files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.patience import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.skipif(not (PROJECT / "setup.py").exists(), reason="not a source tree"),
    pytest.mark.skipif(sys.platform == "win32", reason="the compiler is found in another way"),
]


def complaint(tmp_path: Path, environment: dict[str, str], *, before: str = "") -> str:
    """Return what a build that fails prints, which must be one line."""
    program = f"import runpy, sys\n{before}\nsys.argv[1:] = ['--quiet', 'build_ext']\nrunpy.run_path('setup.py')"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NES_PY_") and name != "CXX"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1, text
    assert text.count("\n") == 1, text
    assert text.startswith("nes-py cannot be built: ")
    return text


def script(folder: Path, text: str) -> str:
    """Write an executable shell script; return its path."""
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("command", ["BuildExtensions", "NativeTests"])
def test_modules_of_other_switches_are_replaced(command: str, tmp_path: Path) -> None:
    """Also if they are newer, as after a build with a sanitizer."""
    built, there = tmp_path / "built.so", tmp_path / "there.so"
    built.write_text("without a sanitizer")
    there.write_text("with a sanitizer")
    os.utime(built, (1, 1))
    program = (
        "import runpy, sys; sys.argv[1:] = ['--name']\n"
        f"command = runpy.run_path('setup.py')[{command!r}](__import__('setuptools').Distribution())\n"
        f"command.finalize_options(); command.copy_file({str(built)!r}, {str(there)!r})"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True, timeout=PATIENCE)
    assert there.read_text() == "without a sanitizer"


def test_compiler_that_does_not_exist(tmp_path: Path) -> None:
    assert "CXX=/nonexistent was not found" in complaint(tmp_path, {"CXX": "/nonexistent"})


def test_no_compiler(tmp_path: Path) -> None:
    assert "no C++ compiler was found" in complaint(tmp_path, {"PATH": str(tmp_path)})


def test_compiler_that_fails(tmp_path: Path) -> None:
    compiler = script(tmp_path, "echo many; echo lines; echo of; echo complaints >&2; exit 1")
    assert "failed to compile a small C++20 program" in complaint(tmp_path, {"CXX": compiler})


def test_big_endian_machine(tmp_path: Path) -> None:
    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    compiler = script(tmp_path, 'exec g++ -U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__ "$@"')
    assert "big-endian machines, such as s390x, are not supported" in complaint(tmp_path, {"CXX": compiler})


def test_no_python_headers(tmp_path: Path) -> None:
    patch = "import setuptools, distutils.sysconfig as s; s.get_python_inc = lambda *a, **k: '/nonexistent'"
    patch += "; import setuptools.command.build_ext, distutils.command.build_ext as b; b.sysconfig = s"
    assert "the header files of Python" in complaint(tmp_path, {}, before=patch)


def test_unknown_sanitizer(tmp_path: Path) -> None:
    assert "NES_PY_SANITIZE=bogus is none of" in complaint(tmp_path, {"NES_PY_SANITIZE": "bogus,address"})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and the source archive with the objects that are there already."""
    folder = tmp_path_factory.mktemp("dist")
    commands = [
        ["sdist", "--dist-dir", str(folder)],
        ["bdist_wheel", "--dist-dir", str(folder), "--bdist-dir", str(folder / "bdist")],
    ]
    for command in commands:
        egg_info = ["egg_info", "--egg-base", str(folder)]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "setup.py", "--quiet", *egg_info, *command],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def shipped(pattern: str) -> set[str]:
    """Return the files of the source tree that match, as paths from its root."""
    return {path.relative_to(PROJECT).as_posix() for path in PROJECT.glob(pattern) if path.is_file()}


def test_wheel(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert shipped("nes_py/**/*.py") <= names
    assert shipped("nes_py/**/*.pyi") | {"nes_py/py.typed"} <= names
    assert shipped("nes_py/roms/*.nes") <= names
    modules = {name.split(".")[0] for name in names if name.endswith((".so", ".pyd"))}
    extensions = ("emulator", "_batch", "_cartridge", "_openmp", "_prange", "_vector", "libnes_py_core")
    assert modules == {f"nes_py/{name}" for name in extensions}
    strangers = {name for name in names if not name.startswith("nes_py") or "__pycache__" in name}
    assert not strangers


def test_wheel_works_elsewhere(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = (
        "import sys, nes_py\n"
        "from nes_py import _batch, emulator\n"
        "from importlib.resources import files\n"
        "rom = (files('nes_py.roms') / 'bricks.nes').read_bytes()\n"
        "batch = _batch.Batch(rom, 2)\n"
        "batch.step(__import__('numpy').zeros(2, 'uint8'))\n"
        "assert batch.screens().shape == (2, 240, 256, 3)\n"
        "print(nes_py.__file__, emulator.__file__)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(str(tmp_path / "site")) == 2, done.stdout


def test_source_archive(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    wanted = shipped("csrc/**/*.[ch]pp") | shipped("nes_py/*.p*")
    wanted |= shipped("nes_py/roms/*.*") | shipped("nes_py/roms/*/*.inc")
    wanted |= shipped("build_tools/*.py") | shipped("tests/**/*.py") | shipped("docs/*.md")
    wanted |= {"setup.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile"}
    assert wanted <= names
    assert not {name for name in names if name.endswith((".so", ".o", ".pyc"))}


# --- what is said meanwhile ---


@pytest.mark.parametrize("terminal", [False, True])
def test_files_are_counted_while_they_are_compiled(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(PROJECT))
    from build_tools.objects import Progress

    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    progress = Progress("Compiling the emulator", 82)
    for _ in range(82):
        progress.add()
    shown = capsys.readouterr().out
    if terminal:
        assert shown.count("\r") == 83
        assert shown.endswith("\rCompiling the emulator: 82 of 82 files\n")
    else:
        assert shown.splitlines() == [f"Compiling the emulator: {count} of 82 files" for count in (0, 21, 41, 62, 82)]
    groups = Progress("Compiling", 100)
    for count in (1, 9, 40, 45, 5):
        groups.add(count)
    if not terminal:
        assert re.findall(r"(\d+) of", capsys.readouterr().out) == ["0", "50", "95", "100"]
    failing = Progress("Compiling", 3)
    failing.add()
    failing.stop()
    assert capsys.readouterr().out.endswith("\n")


def test_labels_say_what_is_compiled() -> None:
    sources = (PROJECT / "setup.py", PROJECT / "build_tools" / "programs.py")
    labels = [label for path in sources for label in re.findall(r'"(Compiling [^"]*)"', path.read_text("utf-8"))]
    assert labels == [
        "Compiling the emulator",
        "Compiling the core",
        "Compiling the C++ tests",
        "Compiling the fuzz targets",
    ]
