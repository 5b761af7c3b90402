"""The command line as ``python -m nes_py``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
