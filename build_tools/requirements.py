"""Prints what pyproject.toml asks for, a requirement a line, for ``pip install --requirement``.

The argument is ``build``, for what compiling needs, or ``demo``, for what the demo needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; where there is pip there is this
    from pip._vendor import tomli as tomllib


def main() -> None:
    """Print the lists that the command line names."""
    with Path(__file__).resolve().parent.parent.joinpath("pyproject.toml").open("rb") as file:
        tables = tomllib.load(file)
    project = tables["project"]
    # Those for some Pythons only are for programs written for nes-py 8.
    always = [line for line in project["dependencies"] if ";" not in line]
    lists = {
        "build": tables["build-system"]["requires"],
        "demo": always + project["optional-dependencies"]["run"],
    }
    print(*lists[sys.argv[1]], sep="\n")


if __name__ == "__main__":
    main()
