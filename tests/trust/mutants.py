"""Shows that the random calls of ``machines.py`` notice: breaks a check of the package and expects it to be found.

``make fuzz-mutants``. A fault is one changed piece of ``nes_py``, injected into a copy of it. The machine that the
fault is for then has a bounded number of sequences to fail in.

    python -m tests.trust.mutants              all faults
    python -m tests.trust.mutants recv         those with this word, or any of several, in their name or file
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.faults import Fault, check, chosen, injected

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = "nes_py"
#: In which a fault has to be found.
SEQUENCES = 300
SEED = 1
COPIED = ("nes_py", "csrc", "build_tools", "tests/trust", "tests/support", "build/cache")


def vector(name: str, file: str, before: str, after: str) -> Fault:
    """Returns a fault of vector environments."""
    return Fault(name, file, before, after, "VectorMachine")


def emulator(name: str, file: str, before: str, after: str) -> Fault:
    """Returns a fault of emulators and batches."""
    return Fault(name, file, before, after, "EmulatorMachine")


def env(name: str, file: str, before: str, after: str) -> Fault:
    """Returns a fault of single environments and of ``vectorize``."""
    return Fault(name, file, before, after, "EnvMachine")


FAULTS = (
    vector(
        "a refused reset has seeded the generators before the wrong seed",
        "vector/nes_vector_env.py",
        "generators = [self._generator(index, one) for index, one in enumerate(seeds) if one is not None]",
        """for index, one in enumerate(seeds):
                if one is not None:
                    generators.append(self._generator(index, one))
                    self._live_engine().seed(generators[-1:])""",
    ),
    vector(
        "a reset_mask is ignored",
        "vector/nes_vector_env.py",
        "self._begin(output, mask, starts, seed is not None or starts is not None, seeds)",
        "self._begin(output, None, starts, seed is not None or starts is not None, seeds)",
    ),
    vector(
        "environments outside of a reset_mask are seeded",
        "vector/nes_vector_env.py",
        "return mask, starts, [one for one in generators if mask is None or mask[one[0]]]",
        "return mask, starts, generators",
    ),
    vector(
        "the arrays of out= are kept and used by later steps",
        "vector/nes_vector_env.py",
        "            return engine.new_output(rows, given)\n",
        "            self._outputs.insert(0, engine.new_output(rows, given))\n            return self._outputs[0]\n",
    ),
    vector(
        "arrays that the caller has are used again with copy=True",
        "vector/nes_vector_env.py",
        "(not self.options.copy or output.is_free())",
        "(not self.options.copy or output.rows > 0)",
    ),
    vector(
        "get_state is let in while another call runs",
        "vector/nes_vector_env.py",
        "return self._turn.alone(self._get_state, which)",
        "return self._get_state(which)",
    ),
    vector(
        "the busy flag is not taken",
        "emulator.pyx",
        '        if not guard.take(self.flag):\n            raise RuntimeError(f"{self.what} in use',
        '        if self.flag.taken():\n            raise RuntimeError(f"{self.what} in use',
    ),
    vector(
        "a step stays done when a function of the caller raises",
        "vector/nes_vector_env.py",
        "            if engine.changes != changes:\n                engine.undo()\n",
        "",
    ),
    vector(
        "an exception in recv loses the results",
        "vector/nes_vector_env.py",
        "return engine.fetched(self._result(*self._unfetched(engine)))",
        "unfetched = self._unfetched(engine)\n        engine.fetched(None)\n        return self._result(*unfetched)",
    ),
    vector(
        "the results of recv are those of the environments with the lowest numbers",
        "_vector.pyx",
        "            members[row] = self.queue[row]\n",
        "            members[row] = sorted([self.queue[place] for place in range(self.queue.size())])[row]\n",
    ),
    vector(
        "an action is sent to an environment whose episode is over",
        "vector/nes_vector_env.py",
        "        self._check_ready(map(int, ids))\n",
        "",
    ),
    vector(
        "a state loses its episode",
        "vector/nes_vector_env.py",
        "engine.load(indices, snapshots, episodes)\n        if recording",
        "engine.load(indices, snapshots, [None] * len(episodes))\n        if recording",
    ),
    vector(
        "a clone has the generator of its source",
        "_vector.pyx",
        "load_episode(episode.data(), False)",
        "load_episode(episode.data(), True)",
    ),
    vector(
        "results depend on the number of threads",
        "vector/nes_vector_env.py",
        "generators = [self._generator(index, one) for index",
        "generators = [self._generator(index, one + self.num_threads) for index",
    ),
    emulator(
        "a refused state has changed the console",
        "emulator.pyx",
        "cdef Snapshot snapshot = <Snapshot>(state if isinstance(state, Snapshot)",
        "if not isinstance(state, Snapshot):\n            self.soft_reset()\n"
        "        cdef Snapshot snapshot = <Snapshot>(state if isinstance(state, Snapshot)",
    ),
    emulator(
        "the mask of a batch is ignored",
        "_batch.pyx",
        "if mask is not None and not mask[index]:",
        "if mask is not None and mask[index] is None:",
    ),
    emulator(
        "a copy begins at power-on",
        "emulator.pyx",
        "        twin.load_state(self.dump_state())\n        memo",
        "        self.dump_state()\n        memo",
    ),
    env(
        "a reset that a hook ends leaves the generator seeded",
        "nes_env.py",
        "            self._np_random, self._np_random_seed = generator\n            raise\n",
        "            raise\n",
    ),
    env(
        "an empty slot is found out after the reset has begun",
        "nes_env.py",
        "        self.__check_start(options)\n        generator",
        "        self.__open().step()\n        generator",
    ),
    env(
        "a state in a slot leaves the episode over",
        "nes_env.py",
        "            self.__restore_slot(slot)\n        self.done = False\n",
        "            self.__restore_slot(slot)\n",
    ),
    env(
        "an action that does not exist is found out when the environments before have stepped",
        "vector/vectorize.py",
        "        if not self._surely_takes(actions):\n            check_actions(self, actions)\n",
        "",
    ),
    env(
        "a seed that does not exist is found out when the environments before are reset",
        "vector/vectorize.py",
        "                seeding.np_random(number)\n",
        "                pass\n",
    ),
)


def copy_project(target: Path) -> None:
    """Copies what the random calls need, and object files with their times, so that little is compiled again."""
    for name in COPIED:
        shutil.copytree(PROJECT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(PROJECT / name, target / name)


def build(folder: Path) -> None:
    """Compiles the modules in ``folder`` that have changed."""
    # ccache's direct mode looks at times, which are as they were.
    environment = dict(os.environ, CCACHE_NODIRECT="1")
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise SystemExit(f"a fault does not compile:\n{done.stdout}{done.stderr}")


def fuzz(machine: str, sequences: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs random calls on the package in ``folder``."""
    command = [sys.executable, "-m", "tests.trust.fuzz", "--machine", machine, "--no-shrink"]
    command += ["--sequences", str(sequences), "--seed", str(SEED)]
    environment = dict(os.environ, PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")


def summary(output: str) -> str:
    """Returns how many sequences there were and the message of the failure."""
    count = re.search(r"(?m)^(\d+ sequences)", output)
    errors = re.findall(r"(?m)^((?:\w+\.)*\w*(?:Error|Exception)\b.*)$", output)
    return f"{count[1] if count else 'no sequence'}: {errors[-1][:150] if errors else output.strip()[-150:]}"


def is_found(fault: Fault, folder: Path) -> bool:
    """Runs random calls with one fault in the package, which is put right again."""
    compiled = fault.file.endswith(".pyx")
    try:
        with injected(fault, folder / PACKAGE):
            if compiled:
                build(folder)
            done = fuzz(fault.part, SEQUENCES, folder)
    finally:
        if compiled:
            build(folder)
    found = done.returncode != 0
    print(f"{fault.name}:\n  {summary(done.stdout + done.stderr) if found else 'NOT FOUND'}", flush=True)
    return found


def main() -> int:
    """Injects the faults one by one; 0 when all were found and the package as it is has none."""
    faults = chosen(FAULTS, sys.argv[1:])
    check(faults, PROJECT / PACKAGE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        for machine in sorted({one.part for one in faults}):
            done = fuzz(machine, SEQUENCES, folder)
            if done.returncode:
                print(f"without any fault:\n{done.stdout}{done.stderr}", flush=True)
                return 1
        found = [is_found(fault, folder) for fault in faults]
    print(f"{sum(found)} of {len(found)} faults found within {SEQUENCES} sequences")
    return 0 if all(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
