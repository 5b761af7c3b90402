"""Compatibility with nes-py 8, nes-py 9 and the fork: the interface of ``gym``, and modules of theirs."""

from types import ModuleType


def keep_path(module: ModuleType, path: str) -> None:
    """Set ``__module__`` of what a module defines to ``path``, where programs and pickles look for it."""
    for value in vars(module).values():
        if getattr(value, "__module__", None) == module.__name__:
            value.__module__ = path
