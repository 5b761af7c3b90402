"""Runs the programs in docs/frameworks.md, so that the page says what works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "frameworks.md"


def programs(title: str) -> list[str]:
    """Return the Python programs of a section."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/frameworks.md has no section {title}"
    found = re.findall(r"^```python\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)
    assert found, f"the section {title} has no program"
    return found


def run(title: str) -> dict[str, Any]:
    """Run the programs of a section, one after the other in the same namespace; return it."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, program in enumerate(programs(title)):
        exec(compile(program, f"{PAGE.name}: {title} ({number})", "exec"), namespace)
    return namespace
