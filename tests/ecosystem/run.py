"""Other libraries with this package's environments: ``make test-ecosystem``.

For each row of ``ROWS`` it creates a virtual environment in .cache/ecosystem, builds this package in the tree for its
Python, and runs the checks of the library with pytest: ``check_NAME.py``, which run the library's own checks and the
program in docs/frameworks.md. A row that cannot be installed is left out with a message. ``--write`` puts the results
into docs/frameworks.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support.environments import (  # noqa: E402
    PROJECT,
    UnavailableError,
    find_python,
    make_environment,
    plain_variables,
    use_tree,
    version_of,
)

CACHE = PROJECT / ".cache" / "ecosystem"
PAGE = PROJECT / "docs" / "frameworks.md"
ANY = ("3.13", "3.12", "3.11", "3.10")
TOOLS = ("pytest>=8", "pillow", "cloudpickle")


@dataclass(frozen=True)
class Row:
    """One library.

    Attributes:
        name: of its environment and of its checks.
        title: of its section in docs/frameworks.md.
        packages: what pip installs; ``TORCH`` stands for the argument ``--torch``. The first one is the library.
            Gymnasium is among them or their dependencies: this package, which needs it, is not installed.
        mode: the autoreset mode that it needs, for the table.
        limit: what it cannot do itself, for the table.
        pythons: the versions of Python that will do; the first that is found is taken.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    mode: str
    limit: str = ""
    pythons: tuple[str, ...] = ANY


SCALAR = "none: scalar environments"
ROWS = (
    Row(
        "gymnasium",
        "Gymnasium",
        ("gymnasium[array-api]", "TORCH", "moviepy", "opencv-python-headless"),
        "all three",
        "array wrappers: not `SameStep`",
    ),
    Row("sb3", "Stable-Baselines3", ("stable-baselines3", "sb3-contrib", "TORCH", "moviepy"), "set by `NESVecEnv`"),
    Row("rlzoo3", "RL Baselines3 Zoo", ("rl-zoo3", "TORCH"), SCALAR, "its own vector environments"),
    Row("pettingzoo", "PettingZoo", ("pettingzoo",), "none"),
    Row(
        "rllib",
        "RLlib",
        ("ray[rllib]", "TORCH"),
        "`NextStep`",
        "requires one version of Gymnasium; uint8 must be cast",
    ),
    Row("torchrl", "TorchRL", ("torchrl", "TORCH", "gymnasium"), "`SameStep`, `Disabled`", "no `NextStep`"),
    Row("tianshou", "Tianshou 2", ("tianshou>=2", "TORCH"), SCALAR, "its own vector environments"),
    Row(
        "tianshou05",
        "Tianshou 0.5",
        ("tianshou==0.5.1", "TORCH", "gymnasium"),
        SCALAR,
        "its own vector environments",
    ),
    Row("skrl", "skrl", ("skrl", "TORCH", "gymnasium"), "`NextStep`, `SameStep`", "looks at direct bases only"),
    Row("cleanrl", "CleanRL", ("gymnasium", "TORCH"), "`SameStep`"),
    Row(
        "mushroom", "MushroomRL", ("mushroom-rl", "gym==0.25.2", "TORCH", "gymnasium"), SCALAR, "uses `gym` below 0.26"
    ),
    Row("xuance", "XuanCe", ("xuance", "TORCH"), SCALAR, "needs a registered time limit"),
    Row("evotorch", "EvoTorch", ("evotorch", "TORCH", "gymnasium"), SCALAR, "flat observations"),
    Row("agilerl", "AgileRL", ("agilerl", "peft", "TORCH"), "`NextStep`"),
)


def build_for(python: str) -> None:
    """Compile the extension modules for a Python, unless it is the one that runs this and has them."""
    version = version_of(python)
    if version != version_of(sys.executable):
        own = make_environment(CACHE / f"build-{version}", python, ("setuptools>=77", "Cython>=3.1,<4"))
        subprocess.run([str(own), "setup.py", "--quiet", "build_ext", "--inplace"], cwd=PROJECT, check=True)


def versions_in(python: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages in an environment."""
    code = (
        "import importlib.metadata, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, importlib.metadata.version(name))\n"
        "    except importlib.metadata.PackageNotFoundError: pass\n"
    )
    done = subprocess.run([str(python), "-c", code, *names], capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@dataclass
class Result:
    """What came of a row."""

    verdict: str
    versions: dict[str, str]
    python: str = ""
    counts: str = ""


def counts_of(report: Path) -> str:
    """Return the counts in a report of pytest, with the reasons of what was skipped."""
    suite = ET.parse(report).getroot().find("testsuite")
    assert suite is not None
    skipped, failed = int(suite.get("skipped", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    passed = int(suite.get("tests", 0)) - skipped - failed
    return f"{passed} passed" + f", {failed} failed" * bool(failed) + f", {skipped} skipped" * bool(skipped)


def run_row(row: Row, torch: str, arguments: Sequence[str]) -> Result:
    """Make the environment of a row and run its checks."""
    own_name = re.split(r"[\[=<>~! ]", row.packages[0])[0]
    try:
        # The one that runs this is preferred: the package is built for it.
        own_version = version_of(sys.executable)
        python = find_python(*sorted(row.pythons, key=lambda version: version != own_version))
        build_for(python)
        steps = [(torch if package == "TORCH" else package) for package in (*row.packages, *TOOLS)]
        own = make_environment(CACHE / row.name, python, steps)
    except (UnavailableError, subprocess.CalledProcessError) as error:
        (CACHE / f"{row.name}.log").write_text(str(error), encoding="utf-8")
        return Result(f"left out: {error}", {})
    # Not installed: pip would exchange packages that a library insists on.
    use_tree(own)
    versions = versions_in(own, (own_name, "gymnasium", "gym", "numpy", "torch"))
    report = CACHE / f"{row.name}.xml"
    report.unlink(missing_ok=True)
    command = [
        str(own),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=-ra",
        "-o",
        "filterwarnings=default",
    ]
    done = subprocess.run(
        [*command, f"--junitxml={report}", str(HERE / f"check_{row.name}.py"), *arguments],
        cwd=CACHE,
        env={**plain_variables(), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    (CACHE / f"{row.name}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    counts = counts_of(report) if report.exists() else "no report"
    verdict = "passed" if done.returncode == 0 else f"FAILED, see {CACHE / row.name}.log"
    return Result(verdict, versions, version_of(own), counts)


def line_of(row: Row, result: Result) -> str:
    """Return a row of the table in docs/frameworks.md."""
    versions = ", ".join(f"{name} {version.partition('+')[0]}" for name, version in result.versions.items())
    # The anchor as Python-Markdown makes it.
    title = f"[{row.title}](#{re.sub(r'[^a-z0-9 -]', '', row.title.lower()).replace(' ', '-')})"
    return f"| {title} | {versions}, Python {result.python} | {row.mode} | {result.counts} | {row.limit} |"


def write(results: dict[str, tuple[Row, Result]]) -> None:
    """Replace the lines of these rows in the table."""
    text = PAGE.read_text(encoding="utf-8")
    for row, result in results.values():
        line = line_of(row, result)
        start = line.partition("]")[0] + "]"
        pattern = re.compile(rf"^{re.escape(start)}.*$", re.MULTILINE)
        if pattern.search(text):
            text = pattern.sub(lambda _, line=line: line, text, count=1)
        else:
            text = text.replace("<!-- end of results -->", f"{line}\n<!-- end of results -->")
    PAGE.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are named, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="make test-ecosystem ARGS=...", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(row.name for row in ROWS)} (all)")
    parser.add_argument("--torch", default="torch", help="what pip installs as PyTorch, such as torch==2.13.0+cpu")
    parser.add_argument(
        "--write", action="store_true", help="write the results of rows that passed into the documentation"
    )
    options, more = parser.parse_known_args(arguments)
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"there is no row {min(unknown)}")
    failed = False
    CACHE.mkdir(parents=True, exist_ok=True)
    results = {}
    for row in ROWS:
        if options.rows and row.name not in options.rows:
            continue
        result = run_row(row, options.torch, more)
        failed = failed or result.verdict.startswith("FAILED")
        versions = " ".join(f"{name} {version}" for name, version in result.versions.items())
        print(f"{row.name}: {result.verdict}: {result.counts} {versions}", flush=True)
        if result.verdict == "passed":
            results[row.name] = row, result
    if options.write:
        write(results)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
