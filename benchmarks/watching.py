"""What watching costs a run: 64 environments without a watch, with one that nobody looks at, and with a page open.

    python benchmarks/watching.py [--num-envs 64] [--seconds 1.5] [--rounds 12]

The page is another process, which asks for pictures as a browser does and throws them away.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from typing import Any

from nes_py.envs.trail import ACTIONS, TrailVectorEnv

_PAGE = """
import json, sys
import websockets.sync.client
address = sys.argv[1].replace("http:", "ws:") + "socket"
with websockets.sync.client.connect(address, compression=None, proxy=None) as socket:
    socket.recv()
    print("open", flush=True)
    try:
        while True:
            socket.send(json.dumps({"type": "next", "screen": 0, "first": 0, "curve": 0}))
            socket.recv()
    except Exception:
        pass
"""


def _rate(envs: Any, seconds: float) -> float:
    actions = [envs.action_space.sample() for _ in range(64)]
    steps = 0
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < seconds:
        envs.step(actions[steps % 64])
        steps += 1
    return steps * envs.num_envs / passed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what watching costs.")
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=12)
    arguments = parser.parse_args()
    rates: dict[str, list[float]] = {"no watch": [], "a watch without a page": [], "a page open": []}
    with TrailVectorEnv(arguments.num_envs, actions=ACTIONS) as envs:
        envs.action_space.seed(0)
        envs.reset(seed=0)
        _rate(envs, 1)
        for _ in range(arguments.rounds):
            rates["no watch"].append(_rate(envs, arguments.seconds))
            with envs.watch() as watch:
                rates["a watch without a page"].append(_rate(envs, arguments.seconds))
                page = subprocess.Popen([sys.executable, "-c", _PAGE, watch.url], stdout=subprocess.PIPE, text=True)
                assert page.stdout is not None
                page.stdout.readline()
                _rate(envs, 0.5)  # until the page has its first pictures
                rates["a page open"].append(_rate(envs, arguments.seconds))
            page.wait(30)
    # Ratios within a round: a machine in the cloud is now quicker, now slower.
    for name, values in rates.items():
        change = statistics.median(value / before for value, before in zip(values, rates["no watch"], strict=True)) - 1
        each = ", ".join(f"{value:,.0f}" for value in values)
        print(f"{name}: {statistics.median(values):,.0f} steps/s, {100 * change:+.1f} % ({each})")


if __name__ == "__main__":
    main()
