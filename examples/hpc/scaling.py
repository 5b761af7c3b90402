"""Measures how NESVectorEnv scales on this machine, and predicts other machines with a model.

    python examples/hpc/scaling.py
    python examples/hpc/scaling.py --write docs/hpc.md      # into the page's table
    python examples/hpc/scaling.py --cores 128 --domains 8 --nodes 64

Weak scaling: each thread has the same number of environments. Each number is the best of several runs, in a separate
process.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def measure(threads: int, num_envs: int, seconds: float) -> dict[str, float]:
    """In a separate process: frames per second, and resident bytes before and after."""
    import numpy as np

    from nes_py import NESVectorEnv
    from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH

    before = resident()
    envs = NESVectorEnv(ROM_PATH, num_envs, game=GAME, actions=ACTIONS, num_threads=threads, noop_max=30, copy=False)
    random = np.random.default_rng(0)
    envs.reset(seed=0)
    best = 0.0
    for _ in range(3):
        steps, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < seconds:
            envs.step(random.integers(len(ACTIONS), size=num_envs))
            steps += 1
        best = max(best, 4 * steps * num_envs / (time.perf_counter() - begin))
    return {"frames": best, "memory": resident() - before}


def resident() -> int:
    """Return the resident memory of this process in bytes, 0 if unknown."""
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024  # type: ignore[index]


def run(threads: int, num_envs: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(threads), str(num_envs), "--seconds", str(seconds)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def model(one: float, serial: float, cores: int, domains: int, nodes: int) -> float:
    """Frames per second of nodes with one process per NUMA domain, each process by Amdahl's law."""
    threads = cores // domains
    return nodes * domains * one * threads / (1 + serial * (threads - 1))


def report(args: argparse.Namespace) -> str:
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    counts = sorted({2**i for i in range(10) if 2**i <= cpus} | {cpus})
    rows = [(threads, run(threads, threads * args.envs_per_thread, args.seconds)) for threads in counts]
    one = rows[0][1]["frames"]
    lines = [
        f"{platform.machine()}, {cpus} CPUs, Python {platform.python_version()}, "
        f"{args.envs_per_thread} environments per thread, frame-skip 4, 84 x 84 grey, stack of 4:",
        "",
        "| threads | frames per second | efficiency |",
        "| --- | --- | --- |",
    ]
    for threads, result in rows:
        frames = result["frames"]
        lines.append(f"| {threads} | {frames:,.0f} | {frames / (one * threads):.2f} |")
    few, many = run(1, 16, 0.2)["memory"], run(1, 272, 0.2)["memory"]
    lines += ["", f"Memory per environment: {(many - few) / 256 / 1024:,.0f} KB."]
    threads, result = rows[-1]
    serial = max(0.0, (threads * one / result["frames"] - 1) / (threads - 1)) if threads > 1 else 0.0
    rate = model(one, serial, args.cores, args.domains, args.nodes)
    lines += [
        "",
        f"Model with s = {serial:.4f}: {args.nodes} nodes of {args.cores} cores in {args.domains} domains make "
        f"{rate / 1e6:,.1f} million frames per second, {rate / 4e6:,.1f} million steps.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envs-per-thread", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--cores", type=int, default=128)
    parser.add_argument("--domains", type=int, default=8, help="NUMA domains per node")
    parser.add_argument("--nodes", type=int, default=64)
    parser.add_argument("--write", type=Path, help="a page with the lines <!-- scaling --> and <!-- end of scaling -->")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(*args.one, args.seconds)))
        return
    text = report(args)
    print(text)
    if args.write:
        page = args.write.read_text(encoding="utf-8")
        pattern = r"(<!-- scaling -->\n).*?(<!-- end of scaling -->)"
        if not re.search(pattern, page, re.DOTALL):
            raise SystemExit(f"{args.write} has no lines <!-- scaling --> and <!-- end of scaling -->")
        page = re.sub(pattern, lambda match: f"{match[1]}{text}\n{match[2]}", page, flags=re.DOTALL)
        args.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
