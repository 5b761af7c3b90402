"""Counts the NES integrations of the installed stable-retro that load completely, and lists what the others lack.

Run ``python -m nes_py.tools.integrations`` where stable-retro is installed, or pass the folder ``data`` of one.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nes_py.formats import retro
from nes_py.tools import one_line_errors


def find(folder: Path) -> list[Path]:
    """Return the folders of the NES integrations in the ``data`` of a stable-retro."""
    return sorted(path.parent for path in folder.glob("*/*-Nes*/data.json"))


def report(folders: Sequence[Path]) -> str:
    """Return the numbers of integrations that load completely and in part, and the reasons by frequency."""
    whole = declared = 0
    reasons: Counter[str] = Counter()
    for folder in folders:
        integration = retro.load(folder)
        left_out = retro.to_game(integration)[1]
        whole += not integration["unsupported"]
        declared += not left_out
        # Each reason counts once per game, regardless of the names in it.
        reasons.update({re.sub(r"'[^']*'", "...", reason) for reason in left_out})
    total = len(folders)
    lines = [
        f"{whole} of {total} integrations load completely ({whole / total:.1%}), {total - whole} in part",
        f"{declared} of {total} convert completely for NESVectorEnv ({declared / total:.1%})",
    ]
    lines += [f"{count:5}  {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="python -m nes_py.tools.integrations", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="the data of a stable-retro (default: the installed one)")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        folders = find(options.folder or retro.data_folder())
        if not folders:
            parser.error(f"there is no NES integration in {options.folder}")
        print(report(folders))


if __name__ == "__main__":
    main()
