"""Runs ROMs for 10,000 frames with pseudorandom buttons and prints a hash of the results.

Two consoles of each ROM run, with different buttons. Every hundredth frame RAM and picture go into the hash, at the
end the serialized state. ``build/determinism`` (determinism.cpp) hashes the same bytes.

It uses only the installed package, so it can run with any Python in any environment.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nes_py._batch import Batch

FRAMES = 10_000
HOLD = 10  # frames for which buttons are held
SAMPLE = 100  # frames between two samples
CONSOLES = 2


def buttons(console: int) -> Iterator[int]:
    """Yield what is held on the first controller, ``HOLD`` frames each."""
    state = console + 1
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64  # Knuth's MMIX
        yield state >> 56


def play(content: bytes, policy: str, threads: int, frames: int = FRAMES) -> list[str]:
    """Return SHA-256s: of what each console did, then of the state that each is in."""
    batch = Batch(content, CONSOLES, num_threads=threads, policy=policy)
    streams = [buttons(console) for console in range(CONSOLES)]
    digests = [hashlib.sha256() for _ in range(CONSOLES)]
    pictures = [emulator.index_buffer() for emulator in batch.emulators]
    for frame in range(0, frames, HOLD):
        drawn = (frame + HOLD) % SAMPLE == 0
        batch.step(np.array([next(stream) for stream in streams], np.uint8), HOLD, drawn)
        if drawn:
            for digest, ram, picture in zip(digests, batch.rams(), pictures, strict=True):
                digest.update(ram.tobytes())
                digest.update(picture.tobytes())
    states = [hashlib.sha256(bytes(emulator.dump_state())) for emulator in batch.emulators]
    return [digest.hexdigest() for digest in (*digests, *states)]


def main() -> int:
    """Print the hashes as JSON: by the SHA-256 of the ROM, a list as ``play`` returns it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roms", nargs="+", type=Path)
    parser.add_argument("--policy", choices=("fast", "reference"), default="fast")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--frames", type=int, default=FRAMES)
    arguments = parser.parse_args()
    result = {}
    for path in arguments.roms:
        content = path.read_bytes()
        result[hashlib.sha256(content).hexdigest()] = play(
            content, arguments.policy, arguments.threads, arguments.frames
        )
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
