"""Runs the fuzz targets one after another and reports the results.

Each works on its inputs in ``build/fuzz/corpus``, which start with those in ``tests/fuzz/corpus``. Its output
goes to ``build/fuzz/TARGET.log``, failing inputs to ``build/fuzz/TARGET-*``. The exit status is 1
if one failed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TARGETS = ("rom", "snapshot", "machine")
FOLDER = Path("build", "fuzz")
CORPUS = Path("tests", "fuzz", "corpus")
POLL_SECONDS = 0.5
# Of a run that hangs, by the clock on the wall, and the machine may be busy elsewhere: a run takes half a second at
# most under the sanitizers.
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """What came of one target."""

    target: str
    cpu_seconds: float
    executions: int
    coverage: int  # edges
    edges: int  # that there are, of the whole core
    inputs: int  # in the corpus
    findings: int

    def __str__(self) -> str:
        return (
            f"{self.target:9} {self.cpu_seconds / 60:5.1f} CPU min  {self.executions:8} executions  "
            f"{self.coverage:5} of {self.edges} edges  {self.inputs:5} inputs  {self.findings} findings"
        )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has taken so far, 0 when it cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def findings(target: str) -> set[Path]:
    """Return the inputs that failed so far."""
    return {path for kind in ("crash", "oom", "timeout", "leak") for path in FOLDER.glob(f"{target}-{kind}-*")}


def fuzz(target: str, seconds: float, by_cpu: bool, folder: Path) -> Outcome:
    """Run one target until its time is over or it has found something."""
    corpus = FOLDER / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    before = findings(target)
    log = FOLDER / f"{target}.log"
    command = [
        str(folder / f"fuzz_{target}"),
        "-print_final_stats=1",
        "-max_len=70000",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-report_slow_units={TIMEOUT_SECONDS}",
        "-rss_limit_mb=2048",
        "-malloc_limit_mb=256",
        f"-artifact_prefix={FOLDER / target}-",
        str(corpus),
        str(CORPUS / target),
    ]
    used = 0.0
    # A run is too short for code to become hot.
    environment = {"NES_PY_JIT_THRESHOLD": "1", **os.environ}
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
        started = time.monotonic()
        while process.poll() is None:
            time.sleep(POLL_SECONDS)
            used = max(used, cpu_seconds(process.pid))
            if (used if by_cpu else time.monotonic() - started) >= seconds:
                process.send_signal(signal.SIGINT)  # it prints its statistics and ends
                process.wait(timeout=TIMEOUT_SECONDS)
    text = log.read_text(errors="replace")

    def number(pattern: str) -> int:
        found = re.findall(pattern, text)
        return int(found[-1]) if found else 0

    return Outcome(
        target=target,
        cpu_seconds=used,
        executions=number(r"stat::number_of_executed_units:\s*(\d+)") or number(r"(?m)^#(\d+)"),
        coverage=number(r"cov: (\d+)"),
        edges=number(r"\((\d+) inline 8-bit counters\)"),
        inputs=len(list(corpus.iterdir())),
        findings=len(findings(target) - before) or int("ERROR" in text),
    )


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="default: all")
    parser.add_argument("--seconds", type=float, default=60, help="for each target (default: 60)")
    parser.add_argument("--cpu-minutes", type=float, help="the same, in minutes of CPU time")
    parser.add_argument("--programs", type=Path, default=Path("build"), help="where fuzz_* are (default: build)")
    arguments = parser.parse_args()
    by_cpu = arguments.cpu_minutes is not None
    seconds = arguments.cpu_minutes * 60 if by_cpu else arguments.seconds
    outcomes = []
    for target in arguments.targets or TARGETS:
        outcome = fuzz(target, seconds, by_cpu, arguments.programs)
        outcomes.append(outcome)
        print(outcome, flush=True)
        if outcome.findings:
            print(f"  what it found: {FOLDER / target}-*; what it said: {FOLDER / target}.log", flush=True)
    return int(any(outcome.findings for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
