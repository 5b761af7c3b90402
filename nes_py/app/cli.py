"""The command line under its nes-py 8 name."""

from __future__ import annotations

import argparse
import sys

from nes_py.cli import flag_parser
from nes_py.cli import main as _main


def _get_args() -> argparse.Namespace:
    """Parse ``sys.argv``: ``rom``, ``mode``, ``steps``, ``render``, ``progress`` and ``seed``."""
    return flag_parser().parse_args()


def main() -> int:
    """Run the command line ``nes_py`` with the arguments in ``sys.argv``; return the exit status."""
    return _main()


__all__ = ["main"]


if __name__ == "__main__":
    sys.exit(main())
