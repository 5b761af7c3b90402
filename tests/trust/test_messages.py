"""Messages of errors are short, whatever the argument is, and an argument that cannot be printed changes no error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py.options import EnvOptions

LONGEST = 1500  # characters


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("cannot be printed")


WRONG: dict[str, Any] = {
    "text": "x" * 1_000_000,
    "integer": 10**6000,
    "negative": -(10**6000),
    "unprintable": Unprintable(),
    "list": ["y" * 100_000] * 10,
    "dict": {"k" * 100_000: 1},
    "bytes": b"z" * 1_000_000,
}
# What Python and the system say about a text: the name of a file, of an attribute, of a keyword.
NOT_OURS = {("rom", "text"), ("palette", "text")}
ERRORS = (ValueError, TypeError, IndexError, OSError, NotImplementedError)

EMULATOR = ("region", "device", "ram_fill", "cheats", "policy", "timing", "frame_boundary", "ram_seed", "console")
# What these take is not printed, or is opened as a file.
BESIDE = {"palette", "states", "game", "audio"}


def emulator_calls() -> Iterator[tuple[str, Callable[[Any], object]]]:
    emulator = NESEmulator("bricks")
    yield "rom", lambda wrong: NESEmulator(wrong)
    yield "step", lambda wrong: emulator.step(wrong)
    yield "controller", lambda wrong: emulator.controller(wrong)
    for option in EMULATOR:
        yield option, lambda wrong, option=option: NESEmulator("bricks", **{option: wrong})


def env_calls() -> Iterator[tuple[str, Callable[[Any], object]]]:
    env = NESEnv("bricks")
    env.reset()
    yield "step", lambda wrong: env.step(wrong)
    yield "options", lambda wrong: env.reset(options=wrong if not isinstance(wrong, dict) else 1)
    yield "slot", lambda wrong: env.reset(options={"slot": wrong})
    yield "render_mode", lambda wrong: NESEnv("bricks", render_mode=wrong)


def vector_calls() -> Iterator[tuple[str, Callable[[Any], object]]]:
    envs = NESVectorEnv("bricks", 2, obs_type="ram")
    envs.reset()
    yield "step", lambda wrong: envs.step([wrong, wrong])
    yield "seed", lambda wrong: envs.reset(seed=wrong if wrong != 10**6000 else -wrong)
    yield "seeds", lambda wrong: envs.reset(seed=[wrong if wrong != 10**6000 else -wrong, 1])
    yield "state", lambda wrong: envs.reset(options={"state": wrong})
    yield "mask", lambda wrong: envs.reset(options={"reset_mask": wrong})
    yield "get_state", lambda wrong: envs.get_state(wrong)
    yield "clone", lambda wrong: envs.clone(0, wrong)
    yield "env_ids", lambda wrong: envs.send([0, 0], wrong)
    for option in ("num_envs", "num_threads", *EnvOptions.names()):
        if option not in BESIDE:
            yield (
                option,
                lambda wrong, option=option: NESVectorEnv(
                    "bricks", **{"num_envs": 2, "obs_type": "ram", option: wrong}
                ),
            )


@pytest.mark.parametrize("calls", [emulator_calls, env_calls, vector_calls])
def test_messages_are_short(calls: Callable[[], Iterator[tuple[str, Callable[[Any], object]]]]) -> None:
    long = []
    for name, call in calls():
        for kind, wrong in WRONG.items():
            if (name, kind) in NOT_OURS:
                continue
            # Some take it: any mapping may be options, and a text of any length a name.
            try:
                call(wrong)
            except ERRORS as error:
                text = str(error)
                if len(text) > LONGEST or "Exceeds the limit" in text:
                    long.append(f"{name}, {kind}: {text[:80]}")
    assert not long, "\n".join(long)
