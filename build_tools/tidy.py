"""Runs clang-tidy over csrc in parallel, and only over files that changed since they were clean: ``make lint``.

A file counts as changed when it, a header of the core that it includes, ``.clang-tidy`` or clang-tidy itself did.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

CORE = Path("csrc")
CLEAN = Path("build", "tidy")
COMMAND = ("clang-tidy", "--quiet")
FLAGS = ["--", "-std=c++20", f"-I{CORE}"]
if sys.platform == "darwin":  # the headers of the system are where only Apple's compiler looks
    sdk = subprocess.run(["xcrun", "--show-sdk-path"], capture_output=True, text=True, check=True).stdout.strip()
    FLAGS += ["-isysroot", sdk]


@cache
def included(path: Path) -> frozenset[Path]:
    """Return the files of the core that a file includes, directly."""
    found = set()
    for name in re.findall(r'^\s*#\s*include "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE):
        found |= {place for place in (CORE / name, path.parent / name) if place.exists()}
    return frozenset(found)


def all_included(path: Path) -> set[Path]:
    """Return a file and all files of the core that it is made from."""
    found: set[Path] = set()
    left = {path}
    while left:
        found |= left
        left = set().union(*(included(one) for one in left)) - found
    return found


def fingerprint(path: Path, version: str) -> str:
    """Return a name for everything that decides what clang-tidy says about a file."""
    parts = [version.encode(), Path(".clang-tidy").read_bytes(), " ".join((*COMMAND, *FLAGS)).encode()]
    for part in sorted(all_included(path)):
        parts += [str(part).encode(), part.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def check(path: Path) -> str:
    """Return what clang-tidy says about a file, empty when it is clean."""
    done = subprocess.run([*COMMAND, str(path), *FLAGS], capture_output=True, text=True, errors="replace")
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    """Check what changed; 0 when all of it is clean."""
    version = subprocess.run([COMMAND[0], "--version"], capture_output=True, text=True, check=True).stdout
    CLEAN.mkdir(parents=True, exist_ok=True)
    stamps = {path: CLEAN / fingerprint(path, version) for path in sorted(CORE.rglob("*.cpp"))}
    for old in set(CLEAN.iterdir()) - set(stamps.values()):
        old.unlink()
    changed = [path for path, stamp in stamps.items() if not stamp.exists()]
    failed = False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, complaints in zip(changed, pool.map(check, changed), strict=True):
            if complaints:
                print(complaints, flush=True)
                failed = True
            else:
                stamps[path].touch()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
