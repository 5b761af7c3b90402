"""Runs the client packages' own test suites, unmodified, against this package.

Their archives on PyPI have no tests, so the suites come from checkouts of the packages' repositories: a given
folder, or ``git clone`` if the network allows it. They are copied into the packages installed under build/, never
elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from machines import CLIENTS, FOLDER
from support.environments import UnavailableError

REPOSITORY = "https://github.com/Kautenja/{name}"
EXPECTED = Path(__file__).with_name("expected_failures.json")


@dataclass
class Result:
    """What came of one suite; tests are named ``module::Class::test``."""

    package: str
    passed: list[str] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)
    unexpected: dict[str, str] = field(default_factory=dict)
    skipped: str = ""

    def wrong(self) -> bool:
        return bool(self.unexpected) or not (self.passed or self.skipped)


def find_suite(package: str, folder: Path | None) -> Path:
    """Returns the folder ``tests`` of a package's suite, or raises UnavailableError."""
    if folder is not None:
        for path in sorted(folder.rglob(f"{package}/tests")):
            if any(path.glob("test_*.py")):
                return path
        raise UnavailableError(f"{folder} has no {package}/tests")
    name, version = package.replace("_", "-"), CLIENTS[package]
    checkout = FOLDER / "suites" / f"{name}-{version}"
    for tag in (version, f"v{version}"):
        if not checkout.exists():
            command = [
                "git",
                "clone",
                "--quiet",
                "--depth",
                "1",
                "--branch",
                tag,
                REPOSITORY.format(name=name),
                str(checkout),
            ]
            try:
                subprocess.run(
                    command,
                    check=False,
                    capture_output=True,
                    timeout=300,
                    env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
                )
            except (OSError, subprocess.TimeoutExpired):
                shutil.rmtree(checkout, ignore_errors=True)
    tests = checkout / package / "tests"
    if not tests.exists():
        raise UnavailableError(
            f"the archives of {name} {version} on PyPI have no tests and its repository could not be cloned; "
            "name a folder with checkouts by --suites or NES_PY_CLIENT_SUITES"
        )
    return tests


def run_suite(package: str, tests: Path, python: Path) -> Result:
    """Copies a suite to the installed package and runs it."""
    where = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).submodule_search_locations[0])"
    installed = Path(
        subprocess.run(
            [python, "-c", where, package], cwd=FOLDER, check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    copy = installed / "tests"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(tests, copy, ignore=shutil.ignore_patterns("__pycache__"))
    # Relative imports need it; the repositories have it, or leave it out where unittest does without.
    (copy / "__init__.py").touch()
    report = FOLDER / f"suite-{package}.xml"
    report.unlink(missing_ok=True)
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
    ]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NES_PY_", "PYTHON", "PYTEST"))
    }
    done = subprocess.run(
        [*command, "--rootdir", str(copy), "-c", os.devnull, str(copy)],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.exists():
        return Result(package, unexpected={"pytest": (done.stdout + done.stderr)[-800:]})
    return judge(package, report, json.loads(EXPECTED.read_text(encoding="utf-8"))[package])


def judge(package: str, report: Path, reasons: dict[str, str]) -> Result:
    """Reads a JUnit report."""
    result = Result(package)
    failed: dict[str, str] = {}
    seen = []
    for case in ElementTree.parse(report).iter("testcase"):
        parts = case.get("classname", "").split(".")
        name = "::".join([*parts[-2:], re.sub(r" .*", "", case.get("name", ""))])
        seen.append(name)
        for problem in [*case.iter("failure"), *case.iter("error")]:
            failed.setdefault(
                name, (problem.get("message") or "").splitlines()[0] if problem.get("message") else "failed"
            )
    for name in dict.fromkeys(seen):
        if name in failed and name in reasons:
            result.expected[name] = reasons[name]
        elif name in failed:
            result.unexpected[name] = failed[name]
        else:
            result.passed.append(name)
            if name in reasons:
                result.unexpected[name] = f"passes, so it is no longer to be listed in {EXPECTED.name}"
    return result
