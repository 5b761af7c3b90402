"""An exception at any line of a call, as Ctrl-C raises it, leaves a recording that replays."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest

from nes_py import NESVectorEnv, datasets
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH


class Stop(Exception):
    """What a signal handler raises."""


def stop_at(line: int, function: Callable[[], Any]) -> bool:
    """Call a function and raise ``Stop`` at one of its lines in ``nes_py.vector``; return whether there is one."""
    passed = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal passed
        if "nes_py/vector" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        if event == "line":
            passed += 1
            if passed > line:
                raise Stop
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    except Stop:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize(("mode", "sticky"), [("NextStep", 0.25), ("SameStep", 0.0)])
@pytest.mark.parametrize("call", ["step", "functions", "reset", "seed", "some", "set_state", "observe", "recv"])
def test_a_call_that_was_stopped(mode: str, sticky: float, call: str) -> None:
    options: dict[str, Any] = {"game": GAME, "actions": ACTIONS, "noop_max": 3, "max_episode_steps": 3}
    options |= {"autoreset_mode": mode, "repeat_action_probability": sticky, "obs_type": "ram", "num_threads": 1}
    with NESVectorEnv(ROM_PATH, 3, record=True, frameskip=2, **options) as envs:
        envs.reset(seed=1)
        envs.action_space.seed(1)
        snapshot = envs.get_state(0).snapshot
        if call == "functions":
            envs.set_reward_function(lambda after, before, rewards: after[:, 0x16] * 1.0)

        def step() -> None:
            envs.step(envs.action_space.sample())

        def exchange() -> None:
            with contextlib.suppress(RuntimeError):  # it was sent already
                envs.send(envs.action_space.sample())
            envs.recv()

        stopped: Callable[[], Any] = {
            "step": step,
            "functions": step,
            "reset": envs.reset,
            "seed": lambda: envs.reset(seed=7, options={"state": 0}),
            "some": lambda: envs.reset(options={"reset_mask": np.array([True, False, True])}),
            "set_state": lambda: envs.set_state([2, 1], snapshot),
            "observe": envs.observe,
            "recv": exchange,
        }[call]
        line = 0
        while stop_at(line, stopped):
            line += 1
            if call == "recv":
                exchange()  # fetches what the stopped call has left
            if line % 3:
                step()
        assert line > 5
        rollout = envs.rollout()
    assert rollout.num_steps > line
    assert datasets.verify(rollout) == rollout.num_steps


def test_a_file_after_a_stop(tmp_path: Any) -> None:
    """Closing writes the step during which somebody pressed Ctrl-C."""
    path = tmp_path / "a.npz"
    envs = NESVectorEnv(ROM_PATH, 2, game=GAME, actions=ACTIONS, obs_type="ram", record=path)
    envs.reset(seed=0)
    line = 0
    while stop_at(line, lambda: envs.step([1, 2])):
        line += 1
    ram, steps = envs.ram.copy(), envs.rollout().num_steps
    assert steps > 2
    # Closing can be stopped as well, and repeated.
    line = 0
    while not path.exists() and stop_at(line, envs.close):
        line += 1
    rollout = datasets.load(path)
    assert rollout.num_steps == steps
    last = [each.observations[-1] for each in datasets.replay(rollout)]
    assert all(any(np.array_equal(row, one) for one in last) for row in ram)
