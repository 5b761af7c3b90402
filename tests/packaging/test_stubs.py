"""The stubs match the compiled modules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

import nes_py

PACKAGE = Path(nes_py.__file__).parent


def test_every_compiled_module_has_a_stub() -> None:
    modules = {path.name.split(".")[0] for path in PACKAGE.glob("*.so")} | {p.stem for p in PACKAGE.glob("*.pyx")}
    modules.discard("libnes_py_core")  # what the modules share
    assert modules == {path.stem for path in PACKAGE.glob("*.pyi")}


def test_stubs_match(tmp_path: Path) -> None:
    pytest.importorskip("mypy.stubtest")
    # What Cython adds to each class and module.
    (tmp_path / "allowed").write_text(r".*\.__(\w+_cython|pyx_\w+|test|reduce|setstate)__" + "\n" + r".*\.__pyx_\w+\n")
    # Errors in the rest of the package are for `make lint` to find.
    (tmp_path / "mypy.ini").write_text("[mypy]\nfollow_imports = silent\n")
    command = [sys.executable, "-m", "mypy.stubtest", "--concise", "--mypy-config-file", "mypy.ini"]
    command += ["--allowlist", "allowed", "--ignore-unused-allowlist", "--ignore-disjoint-bases"]
    done = subprocess.run(
        [*command, *(f"nes_py.{path.stem}" for path in sorted(PACKAGE.glob("*.pyi")))],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(PACKAGE.parent), "MYPY_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
