"""Plays environments of the client packages and reports each step; runs with either nes-py.

Its standard input has one job per line as JSON (see ``parity.make_job``), its standard output is described in
``protocol``. It imports only what nes-py 9.0.1 and its clients need.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
import warnings
from typing import Any, BinaryIO

import gymnasium as gym
import numpy as np
from protocol import END, FAILURE, HEADER, HELLO, MADE, RESET, STEP


def plain(value: Any) -> Any:
    """Converts what an info dictionary may hold and JSON does not know."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return repr(value)


def write(stream: BinaryIO, kind: bytes, text: object, ram: bytes = b"", picture: bytes = b"") -> None:
    encoded = json.dumps(text, default=plain, sort_keys=True).encode()
    stream.write(HEADER.pack(kind, len(ram), len(picture), len(encoded)))
    for field in (ram, picture, encoded):
        stream.write(field)


def play(job: dict[str, Any], stream: BinaryIO) -> None:
    """Takes the steps of one job."""
    from nes_py.wrappers import JoypadSpace

    for package in job["packages"]:
        importlib.import_module(package)
    package, name = job["actions"]
    env = JoypadSpace(gym.make(job["id"]), getattr(importlib.import_module(f"{package}.actions"), name))
    console = env.unwrapped
    forced = set(job["resets"])

    def state(picture: np.ndarray) -> tuple[bytes, bytes]:
        return bytes(console.ram), np.ascontiguousarray(picture).tobytes() if job["pictures"] else b""

    # nes-py 9.0.1 has neither attribute.
    write(stream, MADE, {name: getattr(console, name, None) for name in ("timing", "frame_boundary")})
    picture, info = env.reset(seed=job["seed"])
    write(stream, RESET, info, *state(picture))
    for index, action in enumerate(job["presses"]):
        picture, reward, terminated, truncated, info = env.step(action)
        over = terminated or truncated
        last = index + 1 == len(job["presses"])
        text = [reward, terminated, truncated, (over or index in forced) and not last, info]
        write(stream, STEP, text, *state(picture))
        if text[3]:
            picture, info = env.reset()
            write(stream, RESET, info, *state(picture))
    write(stream, END, None)
    env.close()


def environments(packages: list[str]) -> dict[str, str]:
    """Returns the ids that the packages register, each with its package."""
    found = {}
    for package in packages:
        before = set(gym.registry)
        importlib.import_module(package)
        found |= {name: package for name in gym.registry if name not in before}
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    gym.logger.min_level = gym.logger.ERROR
    # What the packages print is not part of the protocol.
    stream = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if job.get("hello"):
                write(stream, HELLO, {"environments": environments(job["packages"]), "python": sys.version.split()[0]})
            else:
                play(job, stream)
        except Exception:
            write(stream, FAILURE, traceback.format_exc())
        stream.flush()


if __name__ == "__main__":
    main()
