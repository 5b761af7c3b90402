"""Writes the schemas of the JSON files that the package reads, for editors and other programs.

Run ``python -m nes_py.tools.schemas docs/schemas`` after a change of ``nes_py/_schemas.py``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from nes_py._files import check_destination, write_file
from nes_py._schemas import SCHEMAS
from nes_py.tools import one_line_errors


def text(name: str) -> str:
    """Return a schema as JSON."""
    return json.dumps(SCHEMAS[name], indent=1) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one file for each schema."""
    parser = argparse.ArgumentParser(prog="python -m nes_py.tools.schemas", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write them")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        for name in SCHEMAS:
            check_destination(options.folder / f"{name}.json")
        for name in SCHEMAS:
            write_file(options.folder / f"{name}.json", text(name).encode())


if __name__ == "__main__":
    main()
