"""Faults that programs inject into the sources, to show that tests find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """One wrong piece of code.

    Args:
        name: what is wrong, for people.
        file: the source, below the folder that the functions of this module call ``root``.
        before: the text that makes it right; must occur exactly once.
        after: what it becomes.
        part: which of the tests are to find it, where there are several.
    """

    name: str
    file: str
    before: str
    after: str
    part: str = ""

    def text(self, root: Path) -> str:
        """Returns the source with the fault.

        Raises:
            SystemExit: the source has changed, so that the fault has no place in it.
        """
        right = (root / self.file).read_text(encoding="utf-8")
        if (count := right.count(self.before)) != 1:
            raise SystemExit(f"{self.name}: {self.file} has changed: '{self.before}' is there {count} times, not once")
        return right.replace(self.before, self.after)


def chosen(faults: Sequence[Fault], words: Sequence[str]) -> list[Fault]:
    """Returns the faults with one of the words in their name or file; without words all."""
    return [one for one in faults if not words or any(word in f"{one.name} {one.file}" for word in words)]


def check(faults: Iterable[Fault], root: Path) -> None:
    """Raises SystemExit if one of the faults has no place in its source."""
    for fault in faults:
        fault.text(root)


@contextmanager
def injected(fault: Fault, root: Path) -> Iterator[None]:
    """Has the fault in the source, and puts it right again."""
    path = root / fault.file
    right = path.read_text(encoding="utf-8")
    path.write_text(fault.text(root), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(right, encoding="utf-8")


__all__ = ["Fault", "check", "chosen", "injected"]
