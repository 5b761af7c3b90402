"""Tools: running hardware test ROMs and measuring accuracy."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from nes_py.errors import FileFormatError


@contextlib.contextmanager
def one_line_errors(parser: argparse.ArgumentParser) -> Iterator[None]:
    """Print an error of a file as one line, and end with status 1."""
    try:
        yield
    except (OSError, FileFormatError) as error:
        text = str(error)
        if isinstance(error, OSError) and not isinstance(error, FileFormatError) and error.strerror is not None:
            text = error.strerror if error.filename is None else f"{error.filename!r}: {error.strerror}"
        parser.exit(1, f"{parser.prog}: {text}\n")


__all__ = ["one_line_errors"]
