"""What the reports of several benchmarks share."""

from __future__ import annotations

import platform
from pathlib import Path


def cpu_model() -> str:
    """Returns the name of the CPU, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # only Linux has it
        lines = []
    known = platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), known)


def write_between(page: Path, marker: str, text: str) -> None:
    """Replaces what is between the two markers ``<!-- MARKER -->`` and ``<!-- end of MARKER -->`` of a page."""
    begin, end = f"<!-- {marker} -->", f"<!-- end of {marker} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page.name} lacks its markers: {begin} and {end}")
    page.write_text(before + begin + text + end + after, encoding="utf-8")
