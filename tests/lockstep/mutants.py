"""Checks that the lockstep finds faults: injects them into a copy of the core and expects each to be found.

``make lockstep-mutants``. A fault is one changed line of ``csrc`` that only one of the two policies uses.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOCKSTEP = ["build/lockstep", "nes_py/roms", "--frames", "600", "--programs", "400", "--program-frames", "60"]
# Arguments of this program are handed on: a later option takes the place of an earlier one.
LOCKSTEP += sys.argv[1:]


@dataclass(frozen=True)
class Fault:
    """One wrong line.

    Args:
        name: what is wrong, for people.
        file: the source.
        before: the text that makes it right; must occur exactly once.
        after: what it becomes.
    """

    name: str
    file: str
    before: str
    after: str


FAULTS = (
    Fault(
        "one opcode (NOP) takes a cycle too many",
        "csrc/cpu/opcodes.hpp",
        "X(EA, return implied())",
        "X(EA, if (!Bus::kServesEverything) bus_.dummy_read(r.pc); return implied())",
    ),
    Fault(
        "an idle loop is skipped one turn too far",
        "csrc/machine/fast_bus.hpp",
        "const std::uint64_t turns = (end - cycle_) / turn;",
        "const std::uint64_t turns = (end - cycle_) / turn + 1;",
    ),
    Fault(
        "a sprite 0 hit is predicted one dot late",
        "csrc/ppu/fast/sprite_zero.cpp",
        "return x + 1;",
        "return x + 2;",
    ),
)


def copy_project(target: Path) -> None:
    """Copies what compiling needs, the object files with their times too, so that little is compiled again."""
    for name in (
        "csrc",
        "tests/native",
        "tests/lockstep",
        "tests/fuzz",
        "tests/determinism",
        "benchmarks",
        "build_tools",
        "nes_py/roms",
        "build/cache",
    ):
        shutil.copytree(PROJECT / name, target / name)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(PROJECT / name, target / name)


def build(folder: Path) -> None:
    """Compiles the lockstep program in ``folder``."""
    command = [sys.executable, "setup.py", "--quiet", "native_tests", "--no-run"]
    subprocess.run(command, cwd=folder, check=True)


def is_found(fault: Fault, folder: Path) -> bool:
    """Runs the lockstep with one fault in the core, which is put right again."""
    path = folder / fault.file
    right = path.read_text()
    if right.count(fault.before) != 1:
        raise SystemExit(
            f"{fault.file} has changed: '{fault.before}' is there {right.count(fault.before)} times, not once"
        )
    path.write_text(right.replace(fault.before, fault.after))
    try:
        build(folder)
        result = subprocess.run(LOCKSTEP, cwd=folder, capture_output=True, text=True)
    finally:
        path.write_text(right)
    first = next((line for line in result.stdout.splitlines() if line.startswith("DIFFERENCE")), "not found")
    print(f"{fault.name}:\n  {first}", flush=True)
    return result.returncode == 1


def main() -> int:
    """Injects the faults one by one; 0 when all were found and the core as it is has no difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        build(folder)
        result = subprocess.run(LOCKSTEP, cwd=folder, capture_output=True, text=True)
        if result.returncode:
            print(f"without any fault:\n{result.stdout}{result.stderr}", flush=True)
            return 1
        found = [is_found(fault, folder) for fault in FAULTS]
    print(f"{sum(found)} of {len(found)} faults found")
    return 0 if all(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
