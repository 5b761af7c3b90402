"""Says which hardware test ROMs are there, by their SHA-1, and where to get the others. It fetches nothing.

``make test-roms`` runs it before the tests. The exit status is 1 when no ROM is there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from nes_py.tools.hardware import (
    ROM_DIRECTORY_VARIABLE,
    Case,
    MissingTestRomError,
    find_rom,
    load_cases,
    rom_directories,
)

PROJECT = Path(__file__).resolve().parents[2]
EXPECTED = PROJECT / "tests" / "data" / "expected"


def sources(expected: Path) -> dict[str, str]:
    """Return where each suite is published."""
    suites = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(expected.glob("*.json"))]
    return {suite["suite"]: suite["source"] for suite in suites}


def missing(cases: Sequence[Case], directories: Sequence[Path]) -> list[Case]:
    """Return the cases whose ROM is not there, or not the one with the right SHA-1."""
    absent = []
    for case in cases:
        try:
            find_rom(case, directories)
        except MissingTestRomError:
            absent.append(case)
    return absent


def describe(
    cases: Sequence[Case], absent: Sequence[Case], directories: Sequence[Path], origins: dict[str, str]
) -> str:
    """Return the inventory as text: what is there, and of the rest by source its suites, paths and hashes."""
    present = len(cases) - len(absent)
    lines = [f"{present} of {len(cases)} hardware test ROMs are in {' or '.join(map(str, directories))}."]
    for origin in sorted({origins[case.suite] for case in absent}):
        lines.append(f"From {origin}:")
        lines += [f"    {case.sha1}  {case.path}" for case in absent if origins[case.suite] == origin]
    if absent:
        lines.append(
            f"Copy them into one of these directories, in any layout, or name another in {ROM_DIRECTORY_VARIABLE}. "
            "The numbers are their SHA-1."
        )
    return "\n".join(lines)


def main() -> int:
    """Print the inventory; 1 when no ROM is there."""
    cases = load_cases(EXPECTED)
    directories = rom_directories(PROJECT)
    absent = missing(cases, directories)
    print(describe(cases, absent, directories, sources(EXPECTED)))
    return 0 if len(absent) < len(cases) else 1


if __name__ == "__main__":
    raise SystemExit(main())
