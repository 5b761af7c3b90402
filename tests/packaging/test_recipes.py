"""The recipes in packaging/ say what pyproject.toml says, and their programs run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from support.patience import PATIENCE

import nes_py

PROJECT = Path(__file__).resolve().parents[2]
RECIPES = PROJECT / "packaging"

pytestmark = pytest.mark.skipif(not RECIPES.exists(), reason="not a source tree")


def list_of(name: str) -> list[str]:
    """Return the requirements of a list in pyproject.toml; those for old clients of some Pythons are left out."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(rf"^{name} = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return [one for one in re.findall(r'"([^"]+)"', found[1]) if ";" not in one]


def run(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


class Stand:
    """What a Spack recipe asks for, without Spack."""

    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[Any, ...]]] = {}
        module = ModuleType("spack.package")
        for name in ("license", "version", "variant", "depends_on", "conflicts"):
            setattr(module, name, lambda *a, _name=name, **k: self.calls.setdefault(_name, []).append((*a, k)))
        for name in ("run_after", "on_package_attributes"):
            setattr(module, name, lambda *a, **k: lambda function: function)
        vars(module)["EnvironmentModifications"] = dict
        vars(module)["python"] = lambda *arguments: self.calls.setdefault("python", []).append(arguments)
        self.modules = {"spack": ModuleType("spack"), "spack.package": module}
        for name in ("spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"):
            self.modules[name] = ModuleType(name)
        self.modules["spack_repo.builtin.build_systems.python"] = SimpleNamespace(PythonPackage=object)  # type: ignore


def test_spack(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = Stand()
    for name, module in stand.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    text = (RECIPES / "spack" / "packages" / "py_nes_py" / "package.py").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(text, "package.py", "exec"), names)
    kind = names["PyNesPy"]
    assert [call[0] for call in stand.calls["version"]] == [nes_py.__version__]
    assert nes_py.__version__ in kind.pypi
    asked = {call[0] for call in stand.calls["depends_on"]}
    for requirement in list_of("dependencies") + list_of("requires"):
        name, low = re.match(r"([\w-]+)>=([\d.]+)", requirement).groups()  # type: ignore[union-attr]
        assert any(re.fullmatch(rf"py-{name.lower()}@{low.removesuffix('.0')}(\.0)?:\d*", one) for one in asked), name
    package = kind()
    for chosen, expected in (
        (("+native", "~openmp"), {"NES_PY_NO_OPENMP": "1", "NES_PY_NATIVE": "1"}),
        (("+openmp", "~native"), {}),
    ):
        package.spec = SimpleNamespace(satisfies=chosen.__contains__)
        values: dict[str, str] = {}
        package.setup_build_environment(SimpleNamespace(set=values.__setitem__))
        assert values == expected
    if nes_py.openmp_enabled:
        package.check_steps()
        run(stand.calls["python"][0][1])


def test_conda_forge() -> None:
    text = (RECIPES / "conda-forge" / "recipe.yaml").read_text(encoding="utf-8")
    assert f"version: {nes_py.__version__}" in text
    low = re.search(r'requires-python = ">=([\d.]+)"', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert low is not None
    assert f'python_min: "{low[1]}"' in text
    for requirement in list_of("dependencies") + list_of("requires"):
        name, rest = re.match(r"([\w-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        assert f"- {name.lower()} {rest}" in text, requirement
    run(re.search(r'python -c "(.*)"$', text, re.MULTILINE)[1])  # type: ignore[index]


def test_conda_forge_is_rendered() -> None:
    rattler_build = pytest.importorskip("rattler_build")  # pip install py-rattler-build
    recipe = rattler_build.Stage0Recipe.from_file(str(RECIPES / "conda-forge" / "recipe.yaml"))
    variants = {"cxx_compiler": ["gxx"], "cxx_compiler_version": ["14"], "c_stdlib": ["sysroot"]}
    rendered = recipe.render(rattler_build.VariantConfig(variants))
    assert [str(one.recipe.package.version) for one in rendered] == [nes_py.__version__]
    requirements = rendered[0].recipe.to_dict()["requirements"]
    assert any(one.startswith("gxx") for one in requirements["build"])
    assert requirements["run"][0] == "python"


def test_apptainer() -> None:
    text = (RECIPES / "apptainer" / "nes-py.def").read_text(encoding="utf-8")
    assert f"Version {nes_py.__version__}" in text
    sections = re.findall(r"^%(\w+)", text, re.MULTILINE)
    assert sections == ["files", "post", "files", "post", "environment", "runscript", "test", "labels", "help"]
    for section in re.findall(r"^%(?:post|environment|test)\n(.*?)(?=^[%B])", text, re.MULTILINE | re.DOTALL):
        subprocess.run(["sh", "-n"], input=section, text=True, check=True)
    programs = re.findall(r"^    python -c '(.*)'$", text, re.MULTILINE)
    assert len(programs) == 2
    for program in programs if nes_py.openmp_enabled else programs[1:]:
        run(program)
