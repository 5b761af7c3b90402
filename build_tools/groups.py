"""Chooses which files of csrc are compiled together.

A small file takes the compiler less time than the headers that it includes. So the files of a folder are compiled as a
few larger ones, which include them. They see each other's names: what a file has for itself, in a namespace without a
name or as a macro, needs a name that is unique in its folder. Each file must still compile by itself, as it does in
builds with ``NES_PY_DEBUG`` or ``NES_PY_SANITIZE``, and in clang-tidy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from pathlib import Path

# Bytes of source. Larger groups save little more, and fewer of them keep fewer cores busy.
SIZE = 130_000


def split(paths: Iterable[Path], alone: Collection[Path] = ()) -> list[tuple[Path, ...]]:
    """Divide files into groups of one folder each, in the order of their names.

    Args:
        paths (iterable of pathlib.Path): the files.
        alone (collection of pathlib.Path): files and folders of files that are groups of one.

    Returns:
        list of tuple of pathlib.Path: the groups, those of one first.
    """
    single, rest = [], []
    for path in sorted(paths, key=lambda path: (path.parent, path.name)):
        (single if path in alone or path.parent in alone else rest).append(path)
    groups = [(path,) for path in single]
    for _, folder in groupby(rest, key=lambda path: path.parent):
        members = list(folder)
        total = sum(path.stat().st_size for path in members)
        limit = total / -(-total // SIZE) if total else 1
        sizes, start = 0, 0
        for index, path in enumerate(members, 1):
            sizes += path.stat().st_size
            if sizes >= limit or index == len(members):
                groups.append(tuple(members[start:index]))
                sizes, start = 0, index
    return groups


def write(group: tuple[Path, ...], root: Path, folder: Path) -> Path:
    """Write the file that includes the files of a group, unless it is there.

    Args:
        group (tuple of pathlib.Path): the files.
        root (pathlib.Path): the folder that includes are relative to.
        folder (pathlib.Path): where the file is put.

    Returns:
        pathlib.Path: the file.
    """
    inner = group[0].parent.relative_to(root)
    path = folder / inner / f"{inner.name}_from_{group[0].stem}.cpp"
    text = "".join(f'#include "{member.relative_to(root).as_posix()}"\n' for member in group)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path
