"""Finds the installed package when a source tree that is not built lies before it on the path.

``python -c`` and ``python -m`` search the current folder first. In a checkout after ``pip install .`` they find the
sources, which have no compiled modules.
"""

from __future__ import annotations

import filecmp
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES


def _is_built(package: str) -> bool:
    return any(os.path.exists(os.path.join(package, f"_openmp{suffix}")) for suffix in EXTENSION_SUFFIXES)


def use_installed(search_path: list[str]) -> None:
    """Let the package import its modules from where it is installed.

    Args:
        search_path (list[str]): the ``__path__`` of the package, changed in place.

    Raises:
        ImportError: the package is not installed, or another version of it; the message says what to do.
    """
    tree = search_path[0]
    other = None
    for folder in sys.path:
        package = os.path.join(folder or os.getcwd(), "nes_py")
        if os.path.isfile(os.path.join(package, "__init__.py")) and _is_built(package):
            if filecmp.cmp(os.path.join(package, "__init__.py"), os.path.join(tree, "__init__.py"), shallow=False):
                search_path[:] = [package]
                return
            other = other or package
    python = ".".join(map(str, sys.version_info[:2]))
    installed = f", and the nes_py in {os.path.dirname(other)} is another version" if other else ""
    raise ImportError(
        f"nes_py in {os.path.dirname(tree)} has no compiled modules for Python {python}{installed}: run "
        "'pip install .' or 'make build' there, or start Python in another folder to use another nes_py",
        name="nes_py",
        path=tree,
    ) from None


__all__ = ["use_installed"]
