"""Environment steps per second of ``NESVectorEnv`` against vector environments of nes-py 9 with Python wrappers.

    python benchmarks/vector.py [--peer PYTHON] [--rom ROM] [--seconds S] [--json FILE]

``--peer`` is a Python that has nes-py 9.0.1, gymnasium and opencv-python-headless, in an environment of its own. Every
contestant is a process of its own; all make the same observation: frame-skip 4, grey, 84×84, four stacked.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROM = Path(__file__).resolve().parents[1] / "nes_py" / "roms" / "bricks.nes"
SKIP = 4


def measure(env, count: int, seconds: float) -> float:
    """Return steps of single environments per second."""
    import numpy as np

    random = np.random.default_rng(0)
    actions = random.integers(0, 256, (64, count))
    env.reset(seed=0)
    for index in range(4):
        env.step(actions[index])
    begin, steps = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        env.step(actions[steps % 64])
        steps += 1
    return steps * count / (time.perf_counter() - begin)


def ours(rom: str, count: int, threads: int):
    """Return ours."""
    from nes_py import NESVectorEnv

    return NESVectorEnv(rom, count, num_threads=threads)


def peer(rom: str, count: int, kind: str):
    """Return a vector environment of the nes-py that is installed, under Python wrappers."""
    import cv2
    import gymnasium as gym
    import numpy as np

    from nes_py import NESEnv

    class Preprocess(gym.Wrapper):
        observation_space = gym.spaces.Box(0, 255, (84, 84), np.uint8)

        def see(self):
            gray = self.env.unwrapped.observation("grayscale")
            return cv2.resize(gray, (84, 84), interpolation=cv2.INTER_AREA)

        def reset(self, **kwargs):
            _, info = self.env.reset(**kwargs)
            return self.see(), info

        def step(self, action):
            total = 0.0
            for _ in range(SKIP):
                _, reward, terminated, truncated, info = self.env.step(int(action))
                total += reward
                if terminated or truncated:
                    break
            return self.see(), total, terminated, truncated, info

    def make():
        cv2.setNumThreads(1)
        return gym.wrappers.FrameStackObservation(Preprocess(NESEnv(rom)), 4, padding_type="zero")

    vector = gym.vector.AsyncVectorEnv if kind == "async" else gym.vector.SyncVectorEnv
    return vector([make] * count)


def contestant(arguments: argparse.Namespace) -> None:
    """Measure one contestant and print the number."""
    name, count, how = arguments.run.split(":")
    make = {
        "ours": lambda: ours(arguments.rom, int(count), int(how)),
        "peer": lambda: peer(arguments.rom, int(count), how),
    }
    env = make[name]()
    print(json.dumps(measure(env, int(count), arguments.seconds)))
    env.close()


def run(python: str, contestant: str, arguments: argparse.Namespace) -> float | None:
    """Return what a contestant reached in a process of its own."""
    command = [python, str(Path(__file__).resolve()), "--run", contestant, "--rom", str(arguments.rom)]
    command += ["--seconds", str(arguments.seconds)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=os.path.dirname(python) or None)
    if result.returncode:
        print(f"{contestant} did not run: {result.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(json.loads(result.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Measure all, in turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="a Python with nes-py 9.0.1 and opencv-python-headless")
    parser.add_argument("--rom", default=str(ROM))
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 8, 64, 256])
    parser.add_argument("--json", help="write the numbers here")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        contestant(arguments)
        return
    names = [(sys.executable, f"ours:{count}:{threads}") for count in arguments.counts for threads in (1, 2)]
    if arguments.peer:
        names += [(arguments.peer, f"peer:{count}:{kind}") for count in arguments.counts for kind in ("sync", "async")]
    else:
        print("nes-py 9.0.1 is left out: name a Python that has it with --peer", file=sys.stderr)
    numbers: dict[str, list[float]] = {name: [] for _, name in names}
    for _ in range(arguments.repeats):
        for python, name in names:
            value = run(python, name, arguments)
            if value is not None:
                numbers[name].append(value)
    labels = {"1": "1 thread", "2": "2 threads", "sync": "SyncVectorEnv", "async": "AsyncVectorEnv"}
    print(f"{'environments':>12}  {'contestant':<28}{'env steps/s':>12}{'frames/s':>12}{'spread':>8}")
    rows = []
    for name, values in numbers.items():
        if not values:
            continue
        who, count, how = name.split(":")
        median = statistics.median(values)
        spread = (max(values) - min(values)) / median
        label = f"{'nes-py 10' if who == 'ours' else 'nes-py 9.0.1'}, {labels[how]}"
        print(f"{count:>12}  {label:<28}{median:>12,.0f}{median * SKIP:>12,.0f}{spread:>8.0%}")
        rows.append({"contestant": name, "env_steps_per_second": median, "spread": spread, "runs": values})
    if arguments.json:
        machine = {"platform": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count()}
        Path(arguments.json).write_text(json.dumps({"machine": machine, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
