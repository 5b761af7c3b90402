"""Runs the Python tests of nes-py 9.0.1, unmodified, against this package.

    python tests/clients/nes_py_suite.py CHECKOUT

The archives of 9.0.1 on PyPI do not contain them. ``CHECKOUT``, or ``NES_PY_9_CHECKOUT``, is a checkout of
https://github.com/Kautenja/nes-py at its tag. Nothing is copied: the folder ``nes_py/tests`` of the checkout is
imported as the package ``nes_py.tests``. Failures are compared with ``nes_py_suite.json``, patterns of test names with
the reasons why these tests cannot pass here. The exit status is 1 if anything else fails, and 0 without a checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import unittest
import warnings
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

EXPECTED = Path(__file__).with_suffix(".json")


def find_tests(checkout: Path) -> list[str]:
    """Return the names of the test modules in a checkout."""
    package = checkout / "nes_py"
    return sorted(
        ".".join(("nes_py", *path.relative_to(package).with_suffix("").parts))
        for path in (package / "tests").rglob("test_*.py")
    )


def explain(name: str, reasons: dict[str, str]) -> str:
    """Return why a test may fail, or an empty string."""
    return next((reason for pattern, reason in reasons.items() if fnmatchcase(name, pattern)), "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", nargs="?", type=Path, default=os.environ.get("NES_PY_9_CHECKOUT"))
    checkout = parser.parse_args(arguments).checkout
    if checkout is None:
        print("Skipped: name a checkout of nes-py 9.0.1; its archives on PyPI have no tests.")
        return 0
    names = find_tests(Path(checkout))
    if not names:
        parser.error(f"{checkout} has no nes_py/tests")
    import nes_py

    nes_py.__path__.append(str(Path(checkout).resolve() / "nes_py"))
    result = unittest.TestResult()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unittest.defaultTestLoader.loadTestsFromNames(names).run(result)
    reasons: dict[str, str] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    failed = {case.id(): text.strip().splitlines()[-1] for case, text in result.failures + result.errors}
    unexpected = {name: text for name, text in failed.items() if not explain(name, reasons)}
    for name, text in failed.items():
        print(f"{'FAIL' if name in unexpected else 'as expected'} {name}: {explain(name, reasons) or text}")
    print(
        f"{result.testsRun} tests of nes-py 9: {result.testsRun - len(failed)} passed, "
        f"{len(failed) - len(unexpected)} failed as expected, {len(unexpected)} failed otherwise"
    )
    return int(bool(unexpected) or not result.testsRun)


if __name__ == "__main__":
    sys.exit(main())
