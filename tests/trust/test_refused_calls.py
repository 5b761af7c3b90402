"""A call that raises an exception has changed nothing: the next ones do what they would have done without it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same

import nes_py
from nes_py import NESEnv, NESVectorEnv
from nes_py._gymnasium import AutoresetMode
from nes_py.wrappers import JoypadSpace
from tests.support.rom_builder import demonstration_rom

ROM = demonstration_rom()
COUNT = 4
ALL = range(COUNT)
ACTIONS = np.arange(COUNT)
REFUSALS = (TypeError, ValueError, KeyError, IndexError, RuntimeError, gym.error.Error)


def fail(*_: Any) -> Any:
    raise ZeroDivisionError("on purpose")


def make(**options: Any) -> NESVectorEnv:
    """Returns environments whose results depend on their generators."""
    options = {"noop_max": 20, "repeat_action_probability": 0.25, "num_threads": 2, "frameskip": 2} | options
    return NESVectorEnv(ROM, COUNT, **options)


def pair(**options: Any) -> tuple[NESVectorEnv, NESVectorEnv]:
    """Returns two equal vector environments."""
    both = make(**options), make(**options)
    for envs in both:
        envs.reset(seed=3)
        if envs.batch_size == COUNT:
            envs.step(ACTIONS)
    return both


def assert_alike(envs: NESVectorEnv, twin: NESVectorEnv) -> None:
    """Asserts that two vector environments are equal and remain so."""
    assert envs.np_random_seed == twin.np_random_seed
    assert envs.get_state(ALL) == twin.get_state(ALL)
    for _ in range(3):
        assert_same(envs.step(ACTIONS)[0], twin.step(ACTIONS)[0])
    assert_same(envs.reset()[0], twin.reset()[0])
    assert envs.get_state(ALL) == twin.get_state(ALL)


class Rude:
    """A number whose conversion fails."""

    def __index__(self) -> int:
        raise ZeroDivisionError("on purpose")

    def __lt__(self, other: object) -> bool:
        return False


RESETS: dict[str, dict[str, Any]] = {
    "seed of the last": {"seed": [5, 6, 7, -1]},
    "seed of another type": {"seed": [5, 6, 7, "8"]},
    "seed that cannot be converted": {"seed": [5, 6, 7, Rude()]},
    "too few seeds": {"seed": [5, 6]},
    "negative seed": {"seed": -3},
    "out of another type": {"seed": 7, "out": [1]},
    "out of another shape": {"seed": 7, "out": np.zeros((COUNT, 3), np.uint8)},
    "out that is read-only": {"seed": 7, "out": np.broadcast_to(np.uint8(0), (COUNT, 4, 84, 84))},
    "options": {"seed": 7, "options": 5},
    "mask of another type": {"seed": 7, "options": {"reset_mask": [True] * COUNT}},
    "empty mask": {"seed": 7, "options": {"reset_mask": np.zeros(COUNT, np.bool_)}},
    "state": {"seed": 7, "options": {"state": 99}},
    "states": {"seed": 7, "options": {"state": [0, 0, 0, "x"]}},
    "seed after a mask": {"seed": [1, 2, 3, -1], "options": {"reset_mask": np.array([True, True, False, True])}},
}


@pytest.mark.parametrize("name", RESETS)
def test_reset(name: str) -> None:
    envs, twin = pair()
    with pytest.raises((*REFUSALS, ZeroDivisionError)):
        envs.reset(**RESETS[name])
    assert_alike(envs, twin)


@pytest.mark.parametrize("name", [name for name in RESETS if "out" not in name and "mask" not in name])
def test_async_reset(name: str) -> None:
    envs, twin = pair()
    with pytest.raises((*REFUSALS, ZeroDivisionError)):
        envs.async_reset(**RESETS[name])
    assert_alike(envs, twin)


STEPS: dict[str, Callable[[NESVectorEnv], Any]] = {
    "action": lambda envs: envs.step(np.array([0, 1, 2, 300])),
    "too few actions": lambda envs: envs.step(ACTIONS[:2]),
    "actions of another type": lambda envs: envs.step(["a"] * COUNT),
    "out": lambda envs: envs.step(ACTIONS, out=[1]),
    "sent action": lambda envs: envs.send(np.array([0, 1, 2, -1])),
    "sent to nobody": lambda envs: envs.send(ACTIONS[:2], [0, 9]),
    "sent twice": lambda envs: envs.send(ACTIONS[:2], [1, 1]),
    "nothing sent": lambda envs: envs.recv(),
    "state of nobody": lambda envs: envs.set_state([0, 9], envs.get_state(0)),
    "wrong state": lambda envs: envs.set_state(ALL, [envs.get_state(1)] * 3 + [b"no state"]),
    "too few states": lambda envs: envs.set_state(ALL, [envs.get_state(1)] * 3),
    "clone to nobody": lambda envs: envs.clone(0, [1, 2, 9]),
    "observe": lambda envs: envs.observe(out=[1]),
}


@pytest.mark.parametrize("name", STEPS)
def test_other_calls(name: str) -> None:
    envs, twin = pair()
    with pytest.raises(REFUSALS):
        STEPS[name](envs)
    assert_alike(envs, twin)


# --- functions of the caller ---


@pytest.mark.parametrize("autoreset_mode", ["NextStep", "Disabled"])
@pytest.mark.parametrize("name", ["reward", "terminated", "truncated", "shape", "dtype"])
def test_function_that_raises(name: str, autoreset_mode: str) -> None:
    envs, twin = pair(autoreset_mode=autoreset_mode)

    def ends(*_: Any) -> Any:
        return np.ones(COUNT, np.bool_)

    if name == "reward":
        envs.set_reward_function(fail)
        envs.set_end_functions(ends, ends)
    elif name == "shape":
        envs.set_reward_function(lambda *_: np.zeros(3))
    elif name == "dtype":
        envs.set_end_functions(ends, lambda *_: np.ones(COUNT, np.int64))
    else:
        envs.set_end_functions(*((ends, fail) if name == "truncated" else (fail, ends)))
    with pytest.raises((ZeroDivisionError, ValueError)):
        envs.step(ACTIONS)
    envs.set_reward_function(None)
    envs.set_end_functions()
    assert_alike(envs, twin)


# --- send and recv ---


def test_function_set_between_send_and_recv() -> None:
    envs, twin = pair(batch_size=2)
    for each in (envs, twin):
        each.recv()
        each.send(ACTIONS[:2], [0, 1])
    envs.set_reward_function(lambda now, before, rewards: rewards)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="whole batch"):
            envs.recv()
    envs.set_reward_function(None)
    assert_same(envs.recv()[0], twin.recv()[0])


def test_reset_with_a_function_and_a_small_batch() -> None:
    envs, twin = pair(batch_size=2)
    envs.set_reward_function(lambda now, before, rewards: rewards)
    with pytest.raises(RuntimeError, match="whole batch"):
        envs.reset(seed=9)
    envs.set_reward_function(None)
    assert envs.np_random_seed == twin.np_random_seed
    assert envs.get_state(ALL) == twin.get_state(ALL)


def test_reset_mask_between_send_and_recv_drops_only_their_actions() -> None:
    envs, twin = pair()
    mask = np.array([False, True, False, False])
    envs.send(ACTIONS)
    envs.reset(options={"reset_mask": mask})
    with pytest.raises(RuntimeError, match="already has a pending action"):
        envs.send(ACTIONS[:1], [0])
    envs.send(ACTIONS[1:2], [1])
    observations, *_, infos = envs.recv()
    assert infos["env_id"].tolist() == [0, 2, 3, 1]
    twin.reset(options={"reset_mask": mask})
    assert_same(observations, twin.step(ACTIONS)[0][infos["env_id"]])


def test_environment_that_is_over_when_it_is_received() -> None:
    envs, twin = pair(autoreset_mode="Disabled", max_episode_steps=4)
    over = make(max_episode_steps=4, autoreset_mode="Disabled")
    over.reset(seed=0)
    while not over.step(ACTIONS)[3].all():
        pass
    for each in (envs, twin):
        each.send(ACTIONS)
    kept = envs.get_state(2)
    envs.set_state(2, over.get_state(2))
    before = envs.get_state(ALL)
    for _ in range(2):
        with pytest.raises(ValueError, match="episode of environment 2 is over"):
            envs.recv()
    assert envs.get_state(ALL) == before
    envs.set_state(2, kept)
    assert_same(envs.recv()[0], twin.recv()[0])


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_signal_handler_that_raises_in_recv_loses_nothing() -> None:
    # A step takes long enough for the alarm to come in the middle of it.
    envs, twin = (make(batch_size=2, frameskip=100, policy="reference", noop_max=0) for _ in range(2))
    for each in (envs, twin):
        each.async_reset(seed=0)
        for _ in range(2):
            each.recv()
        each.send(ACTIONS)
    before = signal.signal(signal.SIGALRM, fail)
    try:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012, of any of the calls
            signal.setitimer(signal.ITIMER_REAL, 0.002)
            while True:
                # Only the first may return before the alarm.
                result = envs.recv()
                assert_same(result[0], twin.recv()[0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    # Results that nobody has fetched are not overwritten by other calls.
    envs.observe()
    with pytest.raises(RuntimeError, match="already has a pending action"):
        envs.send(ACTIONS)
    while envs._engine is not None and (envs._engine.waiting or envs._engine.unfetched):
        result, expected = envs.recv(), twin.recv()
        assert result[4]["env_id"].tolist() == expected[4]["env_id"].tolist()
        assert_same(result[0], expected[0])
    with pytest.raises(RuntimeError, match="pending action"):
        twin.recv()


# --- one environment ---


def test_reset_of_an_environment() -> None:
    env = NESEnv(ROM)
    env.reset(seed=1)
    generator = env.np_random.bit_generator.state
    state = env.dump_state()
    for named in (
        {"options": {"slot": 5}},
        {"options": {"slot": -1}},
        {"options": {"slot": 99}},
        {"options": {"slot": "x"}},
        {"options": 5},
    ):
        with pytest.raises((ValueError, TypeError)):
            env.reset(seed=2, **named)
        assert env.np_random.bit_generator.state == generator
        assert env.np_random_seed == 1
        assert env.dump_state() == state


def test_reset_hook_that_raises_keeps_the_generator() -> None:
    class Broken(NESEnv):
        def _did_reset(self) -> None:
            if self.broken:
                fail()

        broken = False

    env = Broken(ROM)
    env.reset(seed=1)
    generator = env.np_random.bit_generator.state
    env.broken = True
    with pytest.raises(ZeroDivisionError):
        env.reset(seed=2)
    assert env.np_random.bit_generator.state == generator


def test_action_of_several_fields() -> None:
    env = NESEnv(ROM, players=2)
    env.reset()
    before = env.dump_state()
    for action in ([1, 256], [256, 1], [1], [1, 2, 3], "ab"):
        with pytest.raises((ValueError, TypeError)):
            env.step(action)
        assert env.dump_state() == before
    env = NESEnv(ROM)
    env.reset()
    before = env.dump_state()
    with pytest.raises(ValueError, match=r"0\.\.255"):
        env.frame_advance((1, 300))
    assert env.dump_state() == before


# --- vectorize ---


def frames(envs: Any) -> list[int]:
    return [env.unwrapped.emulator.frame_count for env in envs.envs]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("joypad", [False, True])
@pytest.mark.parametrize(
    "actions", [[0, 0, 300], [0, 0, -1], [0, 0], [0, 0, 0, 0], [0, 0, "x"], [0, 0, 1.5], [0, 0, None]], ids=str
)
def test_invalid_action_under_vectorize(actions: Any, joypad: bool, threads: int) -> None:
    def one() -> Any:
        env = NESEnv(ROM)
        return JoypadSpace(env, [["NOOP"], ["A"], ["right"]]) if joypad else env

    envs = nes_py.vectorize(one, 3, num_threads=threads)
    envs.reset(seed=0)
    before = frames(envs)
    states = [env.unwrapped.dump_state() for env in envs.envs]
    with pytest.raises((*REFUSALS, AssertionError)):
        envs.step(actions)
    assert frames(envs) == before
    assert [env.unwrapped.dump_state() for env in envs.envs] == states
    envs.step([0, 1, 2])
    assert frames(envs) == [count + 1 for count in before]


def test_environment_that_is_over_under_vectorize() -> None:
    class Ending(NESEnv):
        def _get_truncated(self) -> bool:
            return self is envs.envs[2].unwrapped

    envs = nes_py.vectorize(lambda: Ending(ROM), 3, num_threads=2, autoreset_mode=AutoresetMode.DISABLED)
    envs.reset(seed=0)
    envs.step([0, 0, 0])
    before = frames(envs)
    with pytest.raises(AssertionError):
        envs.step([0, 0, 0])
    assert frames(envs) == before


def test_reset_under_vectorize() -> None:
    envs = nes_py.vectorize(lambda: NESEnv(ROM), 3, num_threads=2)
    envs.reset(seed=0)
    envs.step([0, 0, 0])
    before = [env.unwrapped.dump_state() for env in envs.envs]
    generators = [env.unwrapped.np_random.bit_generator.state for env in envs.envs]
    envs.envs[0].unwrapped.backup(3)
    for named in (
        {"seed": [5, 6, -1]},
        {"seed": [5, 6, "x"]},
        {"seed": [5, 6]},
        {"seed": 5, "options": {"slot": 3}},
        {"seed": 5, "options": {"reset_mask": np.zeros(3, np.bool_)}},
        {"seed": 5, "options": 5},
    ):
        with pytest.raises((*REFUSALS, AssertionError)):
            envs.reset(**named)
        assert [env.unwrapped.dump_state() for env in envs.envs] == before
        assert [env.unwrapped.np_random.bit_generator.state for env in envs.envs] == generators


def test_first_reset_of_some_under_vectorize() -> None:
    envs = nes_py.vectorize(lambda: NESEnv(ROM), 3, num_threads=2)
    before = frames(envs)
    with pytest.raises(ValueError, match="environment 1 is not in the reset_mask and was never reset"):
        envs.reset(seed=0, options={"reset_mask": np.array([True, False, True])})
    with pytest.raises(ValueError, match="not been reset"):
        envs.step([0, 0, 0])
    assert frames(envs) == before
    assert [env.unwrapped._np_random for env in envs.envs] == [None] * 3


def test_options_that_a_wrapper_translates_under_vectorize() -> None:
    class Named(gym.Wrapper[Any, Any, Any, Any]):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            slots = {"third": 3}
            return self.env.reset(seed=seed, options={"slot": slots[(options or {})["slot"]]})

    envs = nes_py.vectorize(lambda: Named(NESEnv(ROM)), 2, num_threads=2)
    for number, env in enumerate(envs.envs):
        env.unwrapped.reset()
        for _ in range(5 + number):
            env.unwrapped.step(0)
        env.unwrapped.backup(3)
    before = frames(envs)
    for env in envs.envs:
        env.unwrapped.reset(options={"power_on": True})
    envs.reset(seed=0, options={"slot": "third"})
    assert frames(envs) == before
    with pytest.raises(KeyError):
        envs.reset(seed=0, options={"slot": "fourth"})


@pytest.mark.parametrize(
    ("options", "actions"),
    [({"actions": [["A"]]}, [4]), ({"actions": "multibinary"}, [[9] * 8]), ({"players": 2}, [[1, 300]])],
)
def test_message_names_the_environment_that_was_sent_to(options: dict[str, Any], actions: Any) -> None:
    envs = make(batch_size=1, **options)
    envs.async_reset(seed=0)
    for _ in ALL:
        envs.recv()
    with pytest.raises(ValueError, match="of environment 2 must be"):
        envs.send(np.array(actions), [2])
