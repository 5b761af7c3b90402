"""Runs the machines in ``machines.py`` in turn, with new random numbers, for as long as is wanted.

    python -m tests.trust.fuzz --minutes 60 [--machine VectorMachine]
    python -m tests.trust.fuzz --cpu-minutes 60
    python -m tests.trust.fuzz --sequences 300 --seed 1

It ends at the first failure, which Hypothesis shrinks and prints, and prints how much was done.
"""

from __future__ import annotations

import argparse
import random
import time
import warnings

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.trust.machines import COUNTS, MACHINES


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--cpu-minutes", type=float, help="stop after this much CPU time, instead of --minutes")
    parser.add_argument("--sequences", type=int, help="stop after so many, instead of --minutes")
    parser.add_argument("--no-shrink", action="store_true", help="print a failure as it was found")
    parser.add_argument("--machine", choices=[machine.__name__ for machine in MACHINES])
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    machines = [machine for machine in MACHINES if arguments.machine in (None, machine.__name__)]
    first = random.randrange(2**32) if arguments.seed is None else arguments.seed
    print(f"seed {first}", flush=True)
    effort = settings(
        max_examples=30,
        stateful_step_count=60,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate] + [Phase.shrink] * (not arguments.no_shrink),
    )
    began, cpu = time.monotonic(), time.process_time()
    rounds = 0

    def goes_on() -> bool:
        if arguments.sequences is not None:
            return rounds * effort.max_examples < arguments.sequences
        if arguments.cpu_minutes is not None:
            return time.process_time() - cpu < 60 * arguments.cpu_minutes
        return time.monotonic() - began < 60 * arguments.minutes

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            while goes_on():
                machine = machines[rounds % len(machines)]
                run_state_machine_as_test(seed(first + rounds)(machine), settings=effort)
                rounds += 1
    finally:
        minutes = (time.process_time() - cpu) / 60
        print(f"{COUNTS['sequences']} sequences in {minutes:.1f} CPU minutes: {dict(COUNTS)}", flush=True)


if __name__ == "__main__":
    main()
