"""Writes the table of ``EnvOptions`` into docs/vector.md, between two marks.

Run ``python -m nes_py.tools.options docs/vector.md``. Without an argument it prints the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from nes_py._files import read_regular_file, write_file
from nes_py.errors import FileFormatError
from nes_py.options import EnvOptions
from nes_py.tools import one_line_errors

_LARGEST_PAGE = 2**24

BEGIN = "<!-- options: written by python -m nes_py.tools.options docs/vector.md -->"
END = "<!-- end of options -->"


def with_table(page: str) -> str:
    """Return a page with the present table between its marks.

    Raises:
        ValueError: it does not have the marks, once each and in this order.
    """
    before, begin, rest = page.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"the page must have {BEGIN!r} and then {END!r}, once each, on lines of their own")
    return f"{before}{begin}\n{EnvOptions.describe()}\n\n{end}{after}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table into the given page, or print it."""
    parser = argparse.ArgumentParser(prog="python -m nes_py.tools.options", description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="the page (default: print the table)")
    options = parser.parse_args(arguments)
    if options.file is None:
        print(EnvOptions.describe())
        return
    with one_line_errors(parser):
        content = read_regular_file(options.file, _LARGEST_PAGE)
        try:
            page = with_table(content.decode())
        except UnicodeDecodeError as error:
            raise FileFormatError(f"is not UTF-8: {error.reason} at byte {error.start}", options.file) from None
        except ValueError as error:
            raise FileFormatError(str(error), options.file) from None
        write_file(options.file, page.encode())


if __name__ == "__main__":
    main()
