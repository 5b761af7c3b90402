"""Profiles the core running a game, and prints the profile as text.

``make profile``, or ``python benchmarks/profile_core.py [ROM]``. Uses ``perf`` if it works. Otherwise the
same program is built again with ``-pg`` and read with ``gprof``, where inlined functions count for their
callers.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = PROJECT / "build" / "bench_core"
EMBEDDED_GAME = PROJECT / "nes_py" / "roms" / "bricks.nes"
LINES = 40


def with_perf(rom: Path, seconds: float) -> str | None:
    """Returns perf's table of functions, None if perf cannot run."""
    if not shutil.which("perf"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder, "perf.data"))
        work = [str(PROGRAM), str(rom), str(seconds), "frames"]
        record = subprocess.run(["perf", "record", "-q", "-o", data, *work], capture_output=True, text=True)
        if record.returncode:
            return None
        report = [
            "perf",
            "report",
            "-i",
            data,
            "--stdio",
            "--no-children",
            "--percent-limit",
            "0.3",
            "-F",
            "overhead,symbol",
        ]
        result = subprocess.run(report, capture_output=True, text=True)
    lines = [line.rstrip() for line in result.stdout.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(lines[:LINES]) if lines else None


def with_gprof(rom: Path, seconds: float) -> str | None:
    """Returns gprof's flat table, None without g++ or gprof."""
    if not shutil.which("g++") or not shutil.which("gprof"):
        return None
    sources = [*sorted((PROJECT / "csrc").rglob("*.cpp")), PROJECT / "benchmarks" / "core.cpp"]
    with tempfile.TemporaryDirectory() as folder:
        flags = ["-std=c++20", "-O2", "-pg", "-no-pie", "-fno-omit-frame-pointer", f"-I{PROJECT / 'csrc'}"]
        print("Compiling for gprof ...", flush=True)
        subprocess.run(["g++", *flags, *map(str, sources), "-o", "program"], cwd=folder, check=True)
        subprocess.run(["./program", str(rom), str(seconds), "frames"], cwd=folder, check=True, capture_output=True)
        result = subprocess.run(
            ["gprof", "-b", "-p", "program", "gmon.out"], cwd=folder, capture_output=True, text=True
        )
    return "\n".join(result.stdout.splitlines()[:LINES])


def main() -> int:
    """Prints the profile."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rom", nargs="?", type=Path, default=EMBEDDED_GAME, help="the game (default: the embedded one)")
    parser.add_argument("--seconds", type=float, default=4, help="duration without and with drawing (default: 4)")
    arguments = parser.parse_args()
    rom = arguments.rom.resolve()
    profile = with_perf(rom, arguments.seconds) or with_gprof(rom, arguments.seconds)
    if profile is None:
        print("Neither perf nor g++ with gprof works here: install one of them.", file=sys.stderr)
        return 1
    print(f"{rom.name}, half of the time without and half with drawing:\n{profile}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
