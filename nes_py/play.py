"""``play_human`` and ``play_random`` at their place in nes-py 9, with the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .cli import flag_parser
from .cli import main as _command_line
from .playing.play import play_human, play_random, random_play, show_environment
from .playing.stepping import PlayCallback, reset_environment, step_environment


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``nes_py``.

    Args:
        argv (Sequence[str] | None): its arguments without the program name; None uses ``sys.argv``.

    Returns:
        int: the exit status. Without arguments it exits with status 2, as in nes-py 9.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:  # as in nes-py 9, which has no help to show without arguments
        flag_parser().error("the following arguments are required: --rom/-r")
    return _command_line(arguments)


# Pickles and programs know them by this name.
play_human.__module__ = play_random.__module__ = "nes_py.play"

__all__ = [
    "PlayCallback",
    "main",
    "play_human",
    "play_random",
    "random_play",
    "reset_environment",
    "show_environment",
    "step_environment",
]


if __name__ == "__main__":
    sys.exit(main())
