"""Measures accuracy: runs all hardware test ROMs and AccuracyCoin and writes ``docs/accuracy.md``.

Run ``python -m nes_py.tools.accuracy`` in the project's directory, or ``make accuracy``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nes_py._arguments import positive, seed
from nes_py._files import check_destination, write_file
from nes_py.tools import one_line_errors, testrom
from nes_py.tools.hardware import (
    ACCURACYCOIN,
    KNOWN_GAP,
    ROM_DIRECTORY_VARIABLE,
    Bench,
    Case,
    CoinTest,
    MissingTestRomError,
    Run,
    find_rom,
    load_cases,
    load_coin_tests,
    longest_first,
    rom_directories,
)
from nes_py.tools.testrom import Policy, RamFill, Verdict


@dataclass(frozen=True)
class Measurement:
    """All verdicts of one session.

    Attributes:
        cases: the ROMs that were found.
        coin_tests: the tests of AccuracyCoin, empty if its ROM was not found.
        policies: the policies that were run.
        verdicts: by run.
        missing: paths of ROMs that were not found.
        ram_fill: contents of RAM at power-on.
        seed: seed of ``ram_fill`` "noise".
    """

    cases: Sequence[Case]
    coin_tests: Sequence[CoinTest]
    policies: Sequence[Policy]
    verdicts: Mapping[Run, Verdict]
    missing: Sequence[str]
    ram_fill: RamFill = "zero"
    seed: int = 0

    def run(self, case: Case, policy: Policy) -> Run:
        """Returns the run of a case under a policy."""
        return Run(case, policy, self.ram_fill, self.seed)

    def passed(self, case: Case, policy: Policy) -> bool:
        """Returns whether a ROM passed."""
        return self.verdicts[self.run(case, policy)].passed

    def coin_result(self, test: CoinTest, policy: Policy) -> int:
        """Returns the result byte of one test of AccuracyCoin."""
        run = next(self.run(case, policy) for case in self.cases if case.suite == ACCURACYCOIN)
        return self.verdicts[run].results[test.name]

    def coin_passed(self, test: CoinTest, policy: Policy) -> bool:
        """Returns whether one test of AccuracyCoin passed."""
        return testrom.accuracycoin_passed(self.coin_result(test, policy))

    @property
    def roms(self) -> list[Case]:
        """The ROMs that have a single verdict: all except AccuracyCoin."""
        return [case for case in self.cases if case.suite != ACCURACYCOIN]


def measure(
    expected: Path,
    directories: Sequence[Path],
    policies: Sequence[Policy],
    processes: int | None = None,
    ram_fill: RamFill = "zero",
    seed: int = 0,
) -> Measurement:
    """Runs all ROMs that are found.

    Args:
        expected: the directory of the expectations.
        directories: directories that contain the test ROMs.
        policies: policies to run.
        processes: number of workers; None for one per CPU.
        ram_fill: contents of RAM at power-on.
        seed: seed of ``ram_fill`` "noise".
    """
    cases, missing = [], []
    for case in load_cases(expected):
        try:
            find_rom(case, directories)
            cases.append(case)
        except MissingTestRomError:
            missing.append(case.path)
    runs = longest_first(Run(case, policy, ram_fill, seed) for case in cases for policy in policies)
    with Bench(directories, processes) as bench:
        bench.submit(runs)
        verdicts = {run: bench.verdict(run) for run in progress(runs)}
    has_coin = any(case.suite == ACCURACYCOIN for case in cases)
    coin_tests = load_coin_tests(expected) if has_coin else []
    return Measurement(cases, coin_tests, policies, verdicts, missing, ram_fill, seed)


def progress(runs: Sequence[Run]) -> Iterable[Run]:
    """Yields the runs and shows progress, with tqdm if it is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return _printed(runs)
    bar: Iterable[Run] = tqdm(runs, desc="test ROMs", unit="ROM")
    return bar


def _printed(runs: Sequence[Run]) -> Iterator[Run]:
    for place, run in enumerate(runs, 1):
        yield run
        if place % 10 == 0 or place == len(runs):
            print(f"{place} of {len(runs)} ROMs", file=sys.stderr)


def surprises(measurement: Measurement) -> list[str]:
    """Lists differences from the expected results: new failures, and known gaps that now pass."""
    found = []
    for policy in measurement.policies:
        for case in measurement.roms:
            passed = measurement.passed(case, policy)
            if passed != (case.status != KNOWN_GAP):
                text = measurement.verdicts[measurement.run(case, policy)].text
                found.append(f"{case.path} ({policy}): {'passes now' if passed else text}")
        for test in measurement.coin_tests:
            passed = measurement.coin_passed(test, policy)
            if passed != (test.status != KNOWN_GAP):
                result = testrom.describe_accuracycoin(measurement.coin_result(test, policy))
                text = "passes now" if passed else result
                found.append(f"{ACCURACYCOIN} {test.name} ({policy}): {text}")
    return found


def _share(outcomes: Iterable[bool]) -> str:
    outcomes = list(outcomes)
    return f"{sum(outcomes)} / {len(outcomes)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Returns the lines of a Markdown table; all columns except the first are right-aligned."""
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))]
    lines += [" | ".join(row) for row in rows]
    return [f"| {line} |" for line in lines]


def _gap_lines(measurement: Measurement) -> list[str]:
    """Returns a line for each ROM and test that failed under any policy."""
    lines = []
    for case in measurement.roms:
        verdicts = {policy: measurement.verdicts[measurement.run(case, policy)] for policy in measurement.policies}
        failed = [policy for policy, verdict in verdicts.items() if not verdict.passed]
        if failed:
            why = case.reason or f"not explained yet; the ROM reports: {verdicts[failed[0]].text}"
            lines.append(f"- `{case.path}` ({', '.join(failed)}): {why}")
    for test in measurement.coin_tests:
        failed = [name for name in measurement.policies if not measurement.coin_passed(test, name)]
        if failed:
            result = testrom.describe_accuracycoin(measurement.coin_result(test, failed[0]))
            why = test.reason or "not explained yet"
            name = f"{ACCURACYCOIN}, {test.group}, {test.title}"
            lines.append(f"- {name} (`{test.name}`, {', '.join(failed)}): {result}; {why}")
    return lines


def report(measurement: Measurement, version: str, date: str) -> str:
    """Returns the text of the accuracy page, in Markdown."""
    policies = measurement.policies
    ram = {"zero": "zeros", "ones": "ones", "pattern": "the hardware's pattern"}.get(
        measurement.ram_fill, f"noise (seed {measurement.seed})"
    )
    lines = [
        "# Accuracy",
        "",
        "<!-- Written by nes_py/tools/accuracy.py (make accuracy). Do not edit. -->",
        "",
        f"nes-py {version}, {date}, RAM at power-on filled with {ram}.",
        "The tables count passed tests by policy: `fast` is the default, `reference` steps all chips cycle by cycle",
        "and gives the same bytes. Every verdict is for an NTSC console, except that `pal_apu_tests` runs on a PAL",
        "one. Failed tests are listed at the end, with the reason if it is known.",
        "[architecture.md](architecture.md#power-on) describes the alignment of the CPU and PPU clocks.",
        "",
        "The ROMs are free test programs by their authors and are not part of this project. They come from the",
        "collections [nes-test-roms](https://github.com/christopherpow/nes-test-roms) and",
        "[tetanes](https://github.com/lukexor/tetanes), and",
        "[AccuracyCoin](https://github.com/100thCoin/AccuracyCoin). `tests/data/expected` has the expected results",
        f"and SHA-1 of each. To repeat the measurement, set `{ROM_DIRECTORY_VARIABLE}` to the directories that",
        "contain the ROMs and run `make accuracy`.",
        "",
        "## Test ROMs by suite",
        "",
    ]
    suites = list(dict.fromkeys(case.suite for case in measurement.roms))
    rows = []
    for suite in suites:
        cases = [case for case in measurement.roms if case.suite == suite]
        shares = [_share(measurement.passed(case, policy) for case in cases) for policy in policies]
        rows.append([suite, *shares])
    totals = [_share(measurement.passed(case, policy) for case in measurement.roms) for policy in policies]
    rows.append(["**all**", *totals])
    lines += _table(["suite", *policies], rows)
    if measurement.coin_tests:
        lines += ["", "## AccuracyCoin by page", ""]
        rows = []
        for group in dict.fromkeys(test.group for test in measurement.coin_tests):
            tests = [test for test in measurement.coin_tests if test.group == group]
            shares = [_share(measurement.coin_passed(test, policy) for test in tests) for policy in policies]
            rows.append([group.replace("*", "\\*"), *shares])
        totals = [
            _share(measurement.coin_passed(test, policy) for test in measurement.coin_tests) for policy in policies
        ]
        rows.append(["**all**", *totals])
        lines += _table(["page", *policies], rows)
    lines += ["", "## Failures", ""]
    lines += _gap_lines(measurement) or ["None."]
    assuming = [case for case in measurement.roms if case.ram]
    if assuming:
        lines += ["", "## ROMs that assume RAM contents", ""]
        lines += ["These bytes are set at power-on, regardless of the option `ram_fill`:", ""]
        for case in assuming:
            values = ", ".join(f"${int(address, 16):04X} = {value}" for address, value in case.ram.items())
            lines.append(f"- `{case.path}`, {values}: {case.ram_reason}.")
    if measurement.missing:
        lines += ["", "## Not run", "", "These ROMs were not found:", ""]
        lines += [f"- `{path}`" for path in measurement.missing]
    return "\n".join(lines) + "\n"


def package_version() -> str:
    """Returns the version of the installed package, "unknown" if it is not installed."""
    try:
        return importlib.metadata.version("nes-py")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Returns:
        0 if all results are as expected, 1 if some are not, 2 if there was nothing to run.
    """
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.tools.accuracy",
        description="Runs all hardware test ROMs and writes the accuracy page.",
    )
    parser.add_argument("--expected", type=Path, default=Path("tests/data/expected"), help="default: %(default)s")
    parser.add_argument("--roms", type=Path, nargs="+", help="directories of the test ROMs (default: NES_PY_TEST_ROMS)")
    parser.add_argument("--output", type=Path, default=Path("docs/accuracy.md"), help="default: %(default)s")
    parser.add_argument("--policy", nargs="+", choices=testrom.POLICIES, default=list(testrom.POLICIES))
    parser.add_argument("--ram-fill", choices=testrom.RAM_FILLS, default="zero", help="RAM at power-on (default: zero)")
    parser.add_argument("--seed", type=seed, default=0, help="seed of --ram-fill noise")
    parser.add_argument("--processes", type=positive, help="number of workers (default: one per CPU)")
    options = parser.parse_args(arguments)
    if not options.expected.is_dir():
        print(
            f"There is no directory {options.expected}: run this in the project's directory.",
            file=sys.stderr,
        )
        return 2
    directories = options.roms or rom_directories(Path.cwd())
    with one_line_errors(parser):
        # Before the ROMs run, which takes minutes.
        if options.output.parent.exists():
            check_destination(options.output)
    measurement = measure(
        options.expected, directories, options.policy, options.processes, options.ram_fill, options.seed
    )
    if not measurement.cases:
        print(f"No test ROMs in {' or '.join(map(str, directories))}; set {ROM_DIRECTORY_VARIABLE}.", file=sys.stderr)
        return 2
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    with one_line_errors(parser):
        options.output.parent.mkdir(parents=True, exist_ok=True)
        write_file(options.output, report(measurement, package_version(), date).encode())
    for policy in measurement.policies:
        roms = _share(measurement.passed(case, policy) for case in measurement.roms)
        tests = _share(measurement.coin_passed(test, policy) for test in measurement.coin_tests)
        print(f"{policy}: {roms} ROMs, {tests} tests of {ACCURACYCOIN}")
    unexpected = surprises(measurement)
    for line in unexpected:
        print(f"unexpected: {line}")
    print(f"wrote {options.output}")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
