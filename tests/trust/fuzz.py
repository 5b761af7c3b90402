"""Runs the machines in ``machines.py`` in turn, with new random numbers, for as long as is wanted.

    python -m tests.trust.fuzz --minutes 60 [--machine VectorMachine]

It ends at the first failure, which Hypothesis shrinks and prints, and at last prints how much was done.
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
        phases=[Phase.generate, Phase.shrink],
    )
    end = time.monotonic() + 60 * arguments.minutes
    rounds = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while time.monotonic() < end:
            machine = machines[rounds % len(machines)]
            run_state_machine_as_test(seed(first + rounds)(machine), settings=effort)
            rounds += 1
    print(f"{rounds} rounds of {effort.max_examples} sequences: {dict(COUNTS)}")


if __name__ == "__main__":
    main()
