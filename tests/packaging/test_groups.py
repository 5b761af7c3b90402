"""Files of csrc are compiled in groups; a change of one of them compiles its group again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not (PROJECT / "setup.py").exists(), reason="not a source tree")


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT))


def test_each_file_is_in_one_group_of_its_folder() -> None:
    from build_tools import groups

    core = PROJECT / "csrc"
    paths = list(core.rglob("*.cpp"))
    alone = {core / "machine" / "run_fast.cpp", core / "video" / "resize"}
    found = groups.split(paths, alone)
    assert sorted(path for group in found for path in group) == sorted(paths)
    for group in found:
        assert len({path.parent for path in group}) == 1
        if len(group) > 1:
            assert not alone & {path for member in group for path in (member, member.parent)}
            # No file is larger than half a group.
            assert sum(path.stat().st_size for path in group) < 1.5 * groups.SIZE
    assert len(found) < len(paths) / 3
    assert all(len(group) == 1 for group in groups.split(paths, paths))
    assert groups.split([]) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is found in another way")
def test_changed_file_compiles_its_group_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from setuptools._distutils.ccompiler import new_compiler
    from setuptools._distutils.sysconfig import customize_compiler

    from build_tools import groups, objects

    monkeypatch.chdir(tmp_path)
    folder = Path("csrc", "part")
    folder.mkdir(parents=True)
    (folder / "number.hpp").write_text("#pragma once\n#define NUMBER 1\n")
    names = ("a", "b", "c")
    for name in names:
        (folder / f"{name}.cpp").write_text(f'#include "part/number.hpp"\nint {name}() {{ return NUMBER; }}\n')
    compiler = new_compiler()
    customize_compiler(compiler)
    # Inputs must be older than the objects.
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))

    def compiled() -> bool:
        """Compile what is out of date; return whether anything was."""
        cache = objects.Cache(compiler, Path("build"))
        (group,) = groups.split(folder.glob("*.cpp"))
        source = groups.write(group, Path("csrc"), cache.folder / "groups")
        os.utime(source, (1e9, 1e9))
        (made,) = cache.compile([objects.Job(source, (), ("csrc",), group)])
        known.append(Path(made).stat().st_mtime_ns)
        return known[-1] != known[-2]

    known = [0]
    assert compiled()
    assert not compiled()
    for number, name in enumerate(("b.cpp", "number.hpp"), 2):
        path = folder / name
        path.write_text(path.read_text() + f"// {number}\n")
        os.utime(path, (1e9 + number, 1e9 + number))
        assert compiled(), name
        assert not compiled(), name
    # One more file in the folder is one more in the group.
    (folder / "d.cpp").write_text("int d() { return 4; }\n")
    os.utime(folder / "d.cpp", (1e9, 1e9))
    assert compiled()

    # A compiler that writes no list of dependencies: every part counts.
    cache = objects.Cache(compiler, Path("build"))
    cache.msvc = True
    parts = tuple(sorted(folder.glob("*.cpp")))
    assert set(map(str, parts)) <= set(cache._dependencies(objects.Job(parts[0], (), (), parts), "none.o"))
