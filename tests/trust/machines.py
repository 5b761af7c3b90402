"""Random sequences of public calls, with valid, odd and hostile arguments, and plain models that say what must hold.

Three machines of Hypothesis: a vector environment, an emulator alone and in a batch, and environments alone and under
``vectorize``. All check the same rules: a call that raises an exception has changed nothing, also when it comes from
another thread or from a function of the caller in the middle of another call; equal histories give equal bytes; states
round-trip; what was returned stays as it was. ``mutants.py`` shows that they notice when one of them is broken.

``test_stateful.py`` runs them shortly, ``fuzz.py`` for as long as is wanted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

import nes_py
from nes_py import NESEmulator, NESEnv, NESVectorEnv, Snapshot
from nes_py._batch import Batch
from nes_py._gymnasium import AutoresetMode
from tests.support.rom_builder import BUTTONS_1, FRAMES, demonstration_rom

ROM = demonstration_rom()
#: What a refused call may raise. AttributeError, AssertionError, OverflowError and SystemError are nobody's message.
REFUSALS = (TypeError, ValueError, IndexError, KeyError, RuntimeError, BufferError, gym.error.Error)
#: What was done, in all machines: calls, exceptions, states.
COUNTS: Counter[str] = Counter()


class OnPurposeError(Exception):
    """Raised by functions of the caller."""


class Rude:
    """An object whose conversions fail."""

    def __index__(self) -> int:
        raise OnPurposeError

    __int__ = __float__ = __array__ = __bool__ = __len__ = __index__

    def __repr__(self) -> str:
        return "Rude()"


hostile = st.sampled_from(
    [
        None, True, -1, 2**63, 2**64, -(2**100), 1.5, float("nan"), "", "x", b"", b"abc", (), (1, 2, 3), [[]], {},
        Rude(), [Rude()],
        np.zeros(0, np.uint8), np.zeros(3), np.zeros((3, 3), np.int64), np.array(None), np.array([300, -1, 0]),
        np.broadcast_to(np.uint8(0), (3, 2048)), np.zeros((3, 2047), np.uint8), np.ones(3, np.bool_)[::-1],
        memoryview(b"ab"),
    ]
)  # fmt: skip


def refused(call: Callable[[], Any]) -> tuple[bool, Any]:
    """Makes a call; returns whether it raised something that a caller may expect, and its result."""
    COUNTS["calls"] += 1
    try:
        return False, call()
    except (*REFUSALS, OnPurposeError) as error:
        COUNTS["exceptions"] += 1
        caught = error
    assert str(caught) or isinstance(caught, OnPurposeError), f"{type(caught).__name__} without a word"
    return True, caught


def digest(value: Any) -> str:
    """Returns a hash of arrays within tuples, lists and dicts."""
    found = hashlib.sha256()

    def add(one: Any) -> None:
        if isinstance(one, np.ndarray) and one.dtype != object:
            found.update(repr((one.shape, one.dtype)).encode() + one.tobytes())
        elif isinstance(one, (tuple, list, np.ndarray)):
            found.update(f"[{len(one)}".encode())
            for each in one:
                add(each)
        elif isinstance(one, dict):
            for key in sorted(one):
                found.update(key.encode())
                add(one[key])
        else:
            found.update(repr(one).encode())

    add(value)
    return found.hexdigest()


def silent(result: Any) -> Any:
    """Returns what a step returns without its sound."""
    if not isinstance(result, tuple):
        return result
    return *result[:-1], {name: value for name, value in result[-1].items() if "audio" not in name}


def in_child(call: Callable[[], Any]) -> None:
    """Makes a call in a forked process, which must end by itself and well."""
    if not hasattr(os, "fork"):
        return
    COUNTS["forks"] += 1
    child = os.fork()
    if child == 0:
        status = 1
        try:
            call()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def in_thread(call: Callable[[], Any]) -> tuple[bool, Any]:
    """Makes a call in another thread and waits for it."""
    results: list[tuple[bool, Any]] = []
    thread = threading.Thread(target=lambda: results.append(refused(call)))
    thread.start()
    thread.join()
    COUNTS["threads"] += 1
    assert results, "the other thread raised what nobody expects"
    return results[0]


def interrupted(call: Callable[[], Any], line: int) -> Any:
    """Makes a call that a signal handler, as it were, interrupts by an exception before its ``line``-th line.

    Lines of the package count. Returns the call's result, None if it was interrupted or refused.
    """
    folder = os.path.dirname(nes_py.__file__)
    left = line
    traced = sys.gettrace()

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(folder):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise OnPurposeError
        return trace

    COUNTS["calls"] += 1
    sys.settrace(trace)
    try:
        return call()
    except (*REFUSALS, OnPurposeError):
        COUNTS["exceptions"] += 1
        return None
    finally:
        sys.settrace(traced)


# --- a vector environment ---


class VectorMachine(RuleBasedStateMachine):
    """``NESVectorEnv``, beside a list of the calls that it took and a model of its queue."""

    count = 3
    states = Bundle("states")

    @initialize(
        batch_size=st.sampled_from([3, 3, 3, 1, 2]),
        mode=st.sampled_from(["NextStep", "SameStep", "Disabled"]),
        options=st.fixed_dictionaries(
            {
                "frameskip": st.sampled_from([1, 2, 4]),
                "noop_max": st.sampled_from([0, 5]),
                "repeat_action_probability": st.sampled_from([0.0, 0.5]),
                "max_episode_steps": st.sampled_from([None, 3, 20]),
                "max_num_frames_per_episode": st.sampled_from([None, 9]),
                "obs_type": st.sampled_from(["ram", "image", "dict", "index", "tiles", "objects"]),
                "copy": st.booleans(),
                "stack_num": st.sampled_from([1, 3]),
                "audio": st.sampled_from([None, None, 8000]),
            }
        ),
    )
    def begin(self, batch_size: int, mode: str, options: dict[str, Any]) -> None:
        COUNTS["sequences"] += 1
        self.options = {**options, "batch_size": batch_size, "autoreset_mode": mode, "img_height": 8, "img_width": 8}
        self.envs = NESVectorEnv(ROM, self.count, num_threads=2, **self.options)
        self.whole = batch_size == self.count
        self.batch_size = batch_size
        self.disabled = mode == "Disabled"
        self.same_step = mode == "SameStep"
        self.history: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str]] = []
        # Whether a step was undone: the sound begins anew then, as after a state is loaded.
        self.undone = False
        # The model: who began, who is over (in the mode Disabled), who has an action.
        self.begun = False
        self.over: set[int] = set()
        self.queue: list[int] = []
        self.functions = self.bound = False
        # What the caller has, and how it was: results with copy=True, and arrays that were given to one call.
        self.results: list[tuple[Any, str]] = []
        self.given: list[tuple[Any, str]] = []
        name = "reset" if self.whole else "async_reset"
        self.note(name, {"seed": 0}, getattr(self.envs, name)(seed=0))
        self.begun = True
        self.queue = [] if self.whole else list(range(self.count))

    def look(self) -> Any:
        engine = self.envs._engine
        assert engine is not None
        COUNTS["states"] += self.count
        return (
            self.envs.np_random_seed,
            self.envs.get_state(range(self.count)),
            engine.waiting,
            engine.unfetched is None,
            [engine.is_pending(index) for index in range(self.count)],
            self.envs._reward_function,
            self.envs._terminated_function,
            self.envs._truncated_function,
        )

    def note(self, name: str, named: dict[str, Any], result: Any = None) -> None:
        self.history.append((name, (), named, digest(result), digest(silent(result))))

    def attempt(self, name: str, **named: Any) -> Any:
        """Makes a call that may be refused; then nothing has changed. Returns its result, None if it was refused."""
        before = self.look()
        no, result = refused(lambda: getattr(self.envs, name)(**named))
        if no:
            assert self.look() == before, f"{name} raised {result!r}, and something has changed"
            return None
        if name not in ("get_state", "observe", "render"):
            self.note(name, {key: value for key, value in named.items() if key != "out"}, result)
        if name in ("step", "recv", "reset"):
            self.keep(result, named.get("out"))
        return result

    def keep(self, result: Any, out: Any = None) -> None:
        """Notes arrays that later calls must leave alone."""
        if out is not None:
            self.given = [*self.given[-2:], (out, digest(out))]
        elif self.options["copy"] and not self.bound:
            self.results = [*self.results[-2:], (result, digest(result))]

    def new_arrays(self, rows: int) -> Any:
        """Returns arrays for observations."""
        space = self.envs.single_observation_space
        if isinstance(space, gym.spaces.Dict):
            return {name: np.full((rows, *one.shape), 7, np.uint8) for name, one in space.items()}
        return np.full((rows, *space.shape), 7, np.uint8)

    def follow(self, result: Any) -> None:
        """Notes which episodes a step has ended."""
        if self.disabled:
            ids = result[4].get("env_id", np.arange(self.count))
            self.over |= {int(index) for index, one in zip(ids, result[2] | result[3], strict=True) if one}

    # --- what is valid ---

    @rule(seed=st.one_of(st.none(), st.integers(0, 5), st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=3)))
    def reset(self, seed: Any) -> None:
        before = list(self.queue)
        result = self.attempt("reset", seed=seed)
        assert (result is None) == (self.functions and not self.whole)
        if result is not None:
            self.over = set()
            self.queue = [] if self.whole else list(range(self.batch_size, self.count))
        else:
            assert self.queue == before

    @precondition(lambda self: self.whole)
    @rule(mask=st.lists(st.booleans(), min_size=3, max_size=3), seed=st.none() | st.integers(0, 5))
    def reset_some(self, mask: list[bool], seed: Any) -> None:
        others = [index for index, one in enumerate(mask) if not one]
        before = self.envs.get_state(others), [self.envs.np_random_seed[index] for index in others]
        result = self.attempt("reset", seed=seed, options={"reset_mask": np.array(mask)})
        assert (result is not None) == any(mask)
        after = self.envs.get_state(others), [self.envs.np_random_seed[index] for index in others]
        assert before == after, "environments outside of the mask have changed"
        if result is not None:
            chosen = {index for index, one in enumerate(mask) if one}
            self.over -= chosen
            self.queue = [index for index in self.queue if index not in chosen]

    @rule(seed=st.none() | st.integers(0, 5))
    def async_reset(self, seed: Any) -> None:
        self.envs.async_reset(seed=seed)
        self.note("async_reset", {"seed": seed})
        self.over, self.queue = set(), list(range(self.count))
        self.fresh = True

    @rule(actions=st.lists(st.integers(0, 255), min_size=3, max_size=3))
    def step(self, actions: list[int]) -> None:
        result = self.attempt("step", actions=np.array(actions))
        if not self.whole or self.queue or self.over:
            assert result is None
        elif result is not None:
            self.follow(result)
            ids = result[0]["ram"] if isinstance(result[0], dict) else result[0]
            if self.options["obs_type"] == "ram":
                # The demonstration program shows what was held in the last frame, unless an action was repeated.
                stepped = ~(result[2] | result[3])
                if not self.options["repeat_action_probability"] and not self.options["noop_max"]:
                    assert set(ids[stepped, BUTTONS_1].tolist()) <= {0, *actions}

    @precondition(lambda self: self.whole and not self.queue)
    @rule(actions=st.lists(st.integers(0, 255), min_size=3, max_size=3), count=st.integers(2, 6))
    def play_on(self, actions: list[int], count: int) -> None:
        for _ in range(count):
            self.step(actions)

    @precondition(lambda self: bool(self.over))
    @rule(action=st.integers(0, 255))
    def send_to_who_is_over(self, action: int) -> None:
        for index in sorted(self.over):
            self.send([index], action)

    @precondition(lambda self: self.whole and not self.queue and not self.over and not self.bound)
    @rule(reset=st.booleans(), action=st.integers(0, 255))
    def call_with_out(self, reset: bool, action: int) -> None:
        out = self.new_arrays(self.count)
        if reset:
            result = self.attempt("reset", out=out)
            observations = result[0]
        else:
            result = self.attempt("step", actions=np.full(3, action), out=out)
            observations = result[0]
            self.follow(result)
        arrays = [observations] if isinstance(out, np.ndarray) else [observations[name] for name in out]
        expected = [out] if isinstance(out, np.ndarray) else list(out.values())
        assert all(one is other for one, other in zip(arrays, expected, strict=True))

    @rule(bind=st.booleans(), narrow=st.booleans())
    def bind(self, bind: bool, narrow: bool) -> None:
        # The results of later steps are the same bytes, wherever they are written to.
        before = self.look()
        if bind:
            rewards = None if narrow else np.zeros(self.batch_size)
            ends = np.zeros(self.batch_size, np.bool_)
            self.envs.bind(
                observations=self.new_arrays(self.batch_size),
                rewards=rewards,
                terminations=ends,
                truncations=ends.copy(),
            )
        else:
            self.envs.unbind()
        self.bound = bind
        assert self.look() == before

    @rule(ids=st.lists(st.integers(0, 2), max_size=3), action=st.integers(0, 255))
    def send(self, ids: list[int], action: int) -> None:
        expected = len(set(ids)) == len(ids) and not (set(ids) & (set(self.queue) | self.over))
        result = self.envs._engine
        assert result is not None
        before = result.waiting
        self.attempt("send", actions=np.full(len(ids), action), env_ids=np.array(ids, np.int64))
        if expected:
            self.queue += ids
        assert result.waiting == before + (len(ids) if expected else 0)

    @rule()
    def recv(self) -> None:
        first = self.queue[: self.batch_size]
        result = self.attempt("recv")
        if len(self.queue) < self.batch_size or self.functions:
            assert result is None
        if result is not None:
            assert result[4]["env_id"].tolist() == first
            self.queue = self.queue[self.batch_size :]
            self.follow(result)

    @precondition(lambda self: len(self.queue) >= self.batch_size)
    @rule(line=st.integers(1, 120))
    def recv_that_is_interrupted(self, line: int) -> None:
        first = self.queue[: self.batch_size]
        engine = self.envs._engine
        assert engine is not None
        result = interrupted(self.envs.recv, line)
        if result is None:
            assert engine.waiting == len(self.queue) or engine.unfetched is not None, "an exception has lost a result"
        # An environment that was reset is only shown: it may be over, by a state that was set since.
        if result is None and not self.functions and (engine.unfetched is not None or not self.over & set(first)):
            # Nothing is lost: the next one returns it.
            again, result = refused(self.envs.recv)
            assert not again, result
        if result is not None:
            self.note("recv", {}, result)
            assert result[4]["env_id"].tolist() == first
            self.queue = self.queue[self.batch_size :]
            self.follow(result)

    @rule(target=states, index=st.integers(0, 2))
    def get_state(self, index: int) -> Any:
        state = self.envs.get_state(index)
        again = pickle.loads(pickle.dumps(state))
        assert again == state
        return again

    @rule(state=states, index=st.integers(0, 2))
    def set_state(self, state: Any, index: int) -> None:
        self.attempt("set_state", which=index, states=state)
        assert self.envs.get_state(index) == state, "a state does not round-trip"
        over = bool(state.episode[74])
        self.over = self.over | {index} if self.disabled and over else self.over - {index}

    @rule(state=states, index=st.integers(0, 2), console=st.booleans())
    def set_console(self, state: Any, index: int, console: bool) -> None:
        self.attempt("set_state", which=[index], states=state.snapshot if console else bytes(state.snapshot))
        self.over -= {index}

    @rule(source=st.integers(0, 2), to=st.integers(0, 2))
    def clone(self, source: int, to: int) -> None:
        generators = self.envs.np_random[to].bit_generator.state
        self.attempt("clone", source=source, targets=[to])
        assert self.envs.get_state(to).snapshot == self.envs.get_state(source).snapshot
        assert self.envs.np_random[to].bit_generator.state == generators or source == to
        self.over = self.over | {to} if source in self.over else self.over - {to}

    @rule()
    def observe(self) -> None:
        before = self.look()
        one, other = self.envs.observe(), self.envs.observe()
        assert self.look() == before
        assert digest(one) == digest(other)

    # --- functions of the caller ---

    @rule(
        kind=st.sampled_from(["none", "reward", "raising", "ending", "raising later", "wrong shape"]),
    )
    def functions(self, kind: str) -> None:
        def raising(*_: Any) -> Any:
            raise OnPurposeError

        ends = lambda now, before: now[:, FRAMES] % 7 == 0  # noqa: E731
        reward: Any = {"reward": _plus_one, "raising": raising, "wrong shape": lambda *_: np.zeros(2)}.get(kind)
        end = (ends, raising if kind == "raising later" else None) if kind in ("ending", "raising later") else ()
        if kind in ("none", "reward", "ending"):
            self.envs.set_reward_function(reward)
            self.note("set_reward_function", {"function": reward})
            no, _ = refused(lambda: self.envs.set_end_functions(*end))
            assert no == (self.same_step and bool(end))
            if not no:
                self.note("set_end_functions", dict(zip(("terminated", "truncated"), end, strict=False)))
            self.functions = bool(self.envs._reward_function or self.envs._terminated_function)
            return
        # Functions that fail: the step is as if it had not been.
        kept = self.envs._reward_function, self.envs._terminated_function, self.envs._truncated_function
        self.envs.set_reward_function(reward)
        refused(lambda: self.envs.set_end_functions(*end))
        before = self.look()
        no, error = refused(lambda: self.envs.step(np.zeros(3, np.int64)))
        self.undone = True
        assert no or (self.same_step and kind == "raising later"), error
        if no:
            assert self.look() == before, f"a function raised {error!r}, and something has changed"
        else:
            self.envs.set_state(range(3), before[1])
        self.envs.set_reward_function(kept[0])
        self.envs.set_end_functions(*kept[1:])

    @precondition(lambda self: self.whole and not self.queue and not self.over)
    @rule(
        name=st.sampled_from(["reset", "step", "send", "recv", "get_state", "set_state", "clone", "observe", "close"]),
        thread=st.booleans(),
    )
    def call_during_a_step(self, name: str, thread: bool) -> None:
        named: dict[str, Any] = {
            "reset": {"seed": 1},
            "step": {"actions": np.zeros(3, np.int64)},
            "send": {"actions": np.zeros(3, np.int64)},
            "get_state": {"which": 0},
            "set_state": {"which": 0, "states": self.envs.get_state(1)},
            "clone": {"source": 0, "targets": [1]},
        }.get(name, {})
        results = []
        called = False

        def function(now: Any, before: Any, rewards: Any) -> Any:
            nonlocal called
            call = lambda: getattr(self.envs, name)(**named)  # noqa: E731
            if not called:  # not by a step that was let in
                called = True
                results.append(in_thread(call) if thread else refused(call))
            raise OnPurposeError

        kept = self.envs._reward_function
        self.envs.set_reward_function(function)
        before = self.look()
        no, _ = refused(lambda: self.envs.step(np.zeros(3, np.int64)))
        self.undone = True
        assert no
        assert results
        assert results[0][0], f"{name} was let in during a step"
        assert self.look() == before
        self.envs.set_reward_function(kept)

    # --- what is hostile ---

    @rule(
        name=st.sampled_from(
            ["reset", "async_reset", "step", "send", "set_state", "get_state", "clone", "observe", "set_end_functions"]
        ),
        value=hostile,
        other=hostile,
    )
    def nonsense(self, name: str, value: Any, other: Any) -> None:
        choices: dict[str, list[dict[str, Any]]] = {
            "reset": [
                {"seed": [5, 6, value]},
                {"seed": 7, "out": value},
                {"seed": 7, "options": {"reset_mask": value}},
                {"seed": 7, "options": {"state": value}},
            ],
            "async_reset": [{"seed": [5, value, 6]}, {"seed": 3, "options": {"reset_mask": value}}],
            "step": [{"actions": value}, {"actions": [0, 0, value]}, {"actions": np.zeros(3, np.int64), "out": value}],
            "send": [{"actions": value}, {"actions": np.zeros(1, np.int64), "env_ids": value}],
            "set_state": [
                {"which": value, "states": other},
                {"which": 0, "states": value},
                {"which": [0, 1], "states": value},
            ],
            "get_state": [{"which": value}, {"which": [0, value]}],
            "clone": [{"source": value, "targets": other}, {"source": 0, "targets": [1, value]}],
            "observe": [{"out": value}],
            "set_end_functions": [],
        }
        for named in choices[name]:
            before = self.look()
            no, result = refused(lambda: getattr(self.envs, name)(**named))  # noqa: B023
            if no:
                assert self.look() == before, f"{name}({named}) raised {result!r}, and something has changed"
                continue
            # It was a valid one after all. The model goes on from here.
            self.restart(before[1])

    @rule(state=states, data=st.data())
    def altered_state(self, state: Any, data: st.DataObject) -> None:
        episode = bytearray(state.episode)
        for _ in range(data.draw(st.integers(1, 3))):
            episode[data.draw(st.integers(0, 79))] = data.draw(st.sampled_from([0, 1, 2, 3, 9, 127, 255]))
        before = self.look()
        no, error = refused(lambda: self.envs.set_state(1, dataclasses.replace(state, episode=bytes(episode))))
        if no:
            assert self.look() == before, error
            return
        assert self.envs.get_state(1).episode == bytes(episode)
        self.restart(before[1])

    def restart(self, states: Any) -> None:
        """Begins a new history, with all environments in new episodes."""
        self.envs.set_reward_function(None)
        self.envs.set_end_functions()
        self.functions = False
        self.envs.async_reset(seed=0)
        while self.envs._engine is not None and self.envs._engine.waiting >= self.batch_size:
            self.envs.recv()
        self.envs.set_state(range(3), states)
        self.envs.async_reset(seed=0)
        self.history = []
        self.note("async_reset", {"seed": 0})
        self.over, self.queue = set(), [0, 1, 2]

    @precondition(lambda self: len(self.history) % 5 == 4)
    @rule()
    def fork(self) -> None:
        def child() -> None:
            self.envs.async_reset(seed=3)
            self.envs.get_state(range(3))

        in_child(child)

    # --- what must hold ---

    @invariant()
    def queue_is_as_in_the_model(self) -> None:
        if hasattr(self, "envs") and self.envs._engine is not None:
            assert self.envs._engine.waiting == len(self.queue)

    @invariant()
    def what_was_returned_stays(self) -> None:
        if hasattr(self, "envs"):
            for array, content in (*self.results, *self.given):
                assert digest(array) == content, "a later call has changed an array of the caller's"

    def teardown(self) -> None:
        if not hasattr(self, "envs"):
            return
        # The same history, with another number of threads, from the beginning.
        twin = NESVectorEnv(ROM, self.count, num_threads=1, **self.options)
        for name, arguments, named, expected, expected_silent in self.history:
            result = getattr(twin, name)(*arguments, **named)
            if name in ("step", "recv", "reset"):
                same = digest(silent(result)) == expected_silent if self.undone else digest(result) == expected
                assert same, f"{name} has other results"
        if all(one is not None for one in twin.np_random_seed) and self._seeded():
            assert twin.get_state(range(self.count)) == self.envs.get_state(range(self.count))
        for each in (self.envs, twin):
            each.close()
            no, _ = refused(each.reset)
            assert no
            each.close()

    def _seeded(self) -> bool:
        return True


def _plus_one(now: Any, before: Any, rewards: Any) -> Any:
    return rewards + 1


# --- an emulator ---


class EmulatorMachine(RuleBasedStateMachine):
    """``NESEmulator``, alone and in a ``Batch``, beside one of the other policy and a model in plain Python."""

    states = Bundle("states")

    @initialize(policy=st.sampled_from(["fast", "reference"]), boundary=st.sampled_from(["vblank", "nes-py"]))
    def begin(self, policy: str, boundary: str) -> None:
        COUNTS["sequences"] += 1
        other = "reference" if policy == "fast" else "fast"
        self.emulator = NESEmulator(ROM, policy=policy, frame_boundary=boundary)
        self.twin = NESEmulator(ROM, policy=other, frame_boundary=boundary)
        self.batch = Batch.of([self.emulator, NESEmulator(ROM)], num_threads=2)
        self.held = [0, 0]

    def both(self, name: str, *arguments: Any) -> Any:
        COUNTS["calls"] += 2
        getattr(self.twin, name)(*arguments)
        return getattr(self.emulator, name)(*arguments)

    @rule(frames=st.integers(0, 3), render=st.booleans())
    def step(self, frames: int, render: bool) -> None:
        # Undrawn pictures are the policies' own business only until the next drawn one.
        self.both("step", frames, render)
        self.both("step", 1)

    @rule(action=st.integers(0, 255))
    def frame_advance(self, action: int) -> None:
        self.both("frame_advance", action)
        self.held[0] = action

    @rule(port=st.integers(0, 1), value=st.integers(0, 255))
    def hold(self, port: int, value: int) -> None:
        for each in (self.emulator, self.twin):
            each.controller(port)[0] = value
        self.held[port] = value

    @rule(mask=st.booleans(), frames=st.integers(1, 2))
    def step_batch(self, mask: bool, frames: int) -> None:
        self.batch.step(np.array([self.held[0]] * 2, np.uint8), frames, mask=np.array([mask, True]))
        if mask:
            self.twin.step(frames)

    @rule(count=st.integers(1, 300))
    def step_instructions(self, count: int) -> None:
        for _ in range(count):
            self.both("step_instruction")

    @rule(keep=st.booleans())
    def reset(self, keep: bool) -> None:
        self.both("reset", keep)

    @rule()
    def soft_reset(self) -> None:
        self.both("soft_reset")

    @rule(address=st.integers(0, 0x1FFF), value=st.integers(0, 255))
    def poke(self, address: int, value: int) -> None:
        self.both("poke", address, value)
        assert self.emulator.peek(address) == value == self.emulator.memory_buffer()[address & 0x7FF]

    @rule(target=states, portable=st.booleans())
    def dump(self, portable: bool) -> Any:
        state = self.emulator.dump_state()
        COUNTS["states"] += 1
        return Snapshot.from_bytes(bytes(state)) if portable else state

    @rule(state=states)
    def load(self, state: Any) -> None:
        for each in (self.emulator, self.twin):
            each.load_state(state)
        assert self.emulator.dump_state() == state
        self.held = [int(self.emulator.controller(port)[0]) for port in range(2)]

    @rule(
        name=st.sampled_from(
            ["step", "frame_advance", "set_pc", "controller", "peek", "poke", "peek_ppu", "poke_ppu", "screen_rgb",
             "screen_gray", "tiles", "objects", "load_state", "read_ram_values"]
        ),
        values=st.lists(hostile, min_size=1, max_size=3),
    )  # fmt: skip
    def nonsense(self, name: str, values: list[Any]) -> None:
        if name == "step" and isinstance(values[0], int) and 9 < values[0] < 2**31:
            return
        before = self.emulator.dump_state()
        no, error = refused(lambda: getattr(self.emulator, name)(*values))
        if no:
            assert self.emulator.dump_state() == before, f"{name}{values} raised {error!r}, and something has changed"
        else:
            self.twin.load_state(self.emulator.dump_state())
            self.held = [int(self.emulator.controller(port)[0]) for port in range(2)]

    @rule(values=st.lists(hostile, min_size=1, max_size=2), name=st.sampled_from(["step", "screens", "rams"]))
    def nonsense_in_a_batch(self, values: list[Any], name: str) -> None:
        before = [one.dump_state() for one in self.batch.emulators]
        no, error = refused(lambda: getattr(self.batch, name)(*values))
        if no:
            assert [one.dump_state() for one in self.batch.emulators] == before, error
        else:
            self.twin.load_state(self.emulator.dump_state())
            self.held = [int(self.emulator.controller(port)[0]) for port in range(2)]

    @rule(data=st.data())
    def altered_state(self, data: st.DataObject) -> None:
        before = self.emulator.dump_state()
        content = bytearray(bytes(before))
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        no, error = refused(lambda: self.emulator.load_state(bytes(content)))
        assert no or bytes(content) == bytes(before)
        assert self.emulator.dump_state() == before, error

    @rule()
    def copy(self) -> None:
        for twin in (pickle.loads(pickle.dumps(self.emulator)), self.emulator.__deepcopy__({})):
            assert twin.dump_state() == self.emulator.dump_state()
            twin.close()

    @rule(name=st.sampled_from(["step", "dump_state", "screen_rgb", "reset", "close"]))
    def other_thread_while_nobody_steps(self, name: str) -> None:
        if name in ("dump_state", "screen_rgb"):
            assert not in_thread(getattr(self.emulator, name))[0]

    @invariant()
    def both_policies_agree(self) -> None:
        if hasattr(self, "emulator"):
            assert self.emulator.frame_count == self.twin.frame_count
            one, other = self.emulator.dump_state(), self.twin.dump_state()
            assert one == other
            again = Snapshot.from_bytes(bytes(one))
            assert again == one

    def teardown(self) -> None:
        if hasattr(self, "emulator"):
            self.emulator.close()
            for name in ("step", "dump_state", "reset", "audio"):
                no, error = refused(getattr(self.emulator, name))
                assert no
                assert "closed" in str(error)


# --- environments ---


class HookedEnv(NESEnv):
    """An environment whose hooks raise when they are told to."""

    broken: str | None = None

    def _trip(self, name: str) -> None:
        if self.broken == name:
            raise OnPurposeError

    def _will_reset(self) -> None:
        self._trip("_will_reset")

    def _did_reset(self) -> None:
        self._trip("_did_reset")

    def _get_reward(self) -> float:
        self._trip("_get_reward")
        return float(self.ram[FRAMES])

    def _get_truncated(self) -> bool:
        self._trip("_get_truncated")
        return bool(self.ram[FRAMES] % 16 == 15)

    def _get_info(self) -> dict[str, Any]:
        self._trip("_get_info")
        return {"frames": int(self.ram[FRAMES])}


class EnvMachine(RuleBasedStateMachine):
    """``NESEnv`` and ``vectorize``: slots, generators and the end of an episode are modelled."""

    @initialize(players=st.sampled_from([1, 1, 2]))
    def begin(self, players: int) -> None:
        COUNTS["sequences"] += 1
        self.players = players
        self.env = HookedEnv(ROM, players=players)
        self.slots: dict[int, Any] = {}
        self.done = True
        self.many = nes_py.vectorize(lambda: NESEnv(ROM), 3, num_threads=2, autoreset_mode=AutoresetMode.DISABLED)
        self.many.reset(seed=0)

    def look(self) -> Any:
        COUNTS["states"] += 1
        return (
            self.env.dump_state(),
            self.env.np_random.bit_generator.state["state"],
            self.env.done,
            [self.env.has_backup(slot) for slot in range(-1, 10)],
        )

    def look_at_many(self) -> Any:
        COUNTS["states"] += 3
        return [
            (env.unwrapped.dump_state(), env.unwrapped.np_random.bit_generator.state["state"]) for env in self.many.envs
        ]

    def attempt(self, name: str, *arguments: Any, **named: Any) -> tuple[bool, Any]:
        before = self.look()
        no, result = refused(lambda: getattr(self.env, name)(*arguments, **named))
        if no:
            assert self.look() == before, f"{name} raised {result!r}, and something has changed"
        return no, result

    @rule(seed=st.none() | st.integers(0, 9), slot=st.none() | st.integers(-1, 9))
    def reset(self, seed: Any, slot: Any) -> None:
        no, _ = self.attempt("reset", seed=seed, options=None if slot is None else {"slot": slot})
        assert no == (slot is not None and slot not in self.slots)
        if not no:
            self.done = False
            if slot is not None or -1 in self.slots:
                assert self.env.ram.tobytes() == self.slots[-1 if slot is None else slot].tobytes()

    @rule(action=st.integers(0, 255))
    def step(self, action: int) -> None:
        no, result = self.attempt("step", [action, 1] if self.players == 2 else action)
        assert no == self.done
        if not no:
            self.done = result.terminated or result.truncated
            assert self.env.done == self.done

    @rule(slot=st.integers(-1, 9))
    def backup(self, slot: int) -> None:
        self.env.backup(slot)
        self.slots[slot] = self.env.ram.copy()

    @rule(slot=st.integers(-1, 9))
    def restore(self, slot: int) -> None:
        no, _ = self.attempt("restore", slot)
        assert no == (slot not in self.slots)
        if not no:
            self.done = False
            assert self.env.ram.tobytes() == self.slots[slot].tobytes()

    @rule(name=st.sampled_from(["step", "reset", "restore", "backup", "load_state", "ram_values"]), value=hostile)
    def nonsense(self, name: str, value: Any) -> None:
        before = self.look()
        named = {"options": value, "seed": 3} if name == "reset" else None
        no, error = refused(lambda: getattr(self.env, name)(**named) if named else getattr(self.env, name)(value))
        if no:
            assert self.look() == before, f"{name}({value!r}) raised {error!r}, and something has changed"
        else:
            self.done = self.env.done
            if name == "backup":
                # A slot after all.
                self.slots[int(value)] = self.env.ram.copy()

    @rule(seed=hostile)
    def nonsense_seed(self, seed: Any) -> None:
        before = self.look()
        no, error = refused(lambda: self.env.reset(seed=seed))
        if no:
            assert self.look() == before, error
        else:
            self.done = False

    @rule(hook=st.sampled_from(["_will_reset", "_did_reset", "_get_reward", "_get_truncated", "_get_info"]))
    def hook_that_raises(self, hook: str) -> None:
        generator = self.env.np_random.bit_generator.state["state"]
        done = self.env.done
        self.env.broken = hook
        try:
            no, _ = refused(lambda: self.env.reset(seed=8) if "reset" in hook else self.env.step(self._noop()))
        finally:
            self.env.broken = None
        assert no
        assert self.env.np_random.bit_generator.state["state"] == generator
        if hook != "_get_info":
            assert self.env.done == done
        self.done = self.env.done

    def _noop(self) -> Any:
        return [0, 0] if self.players == 2 else 0

    # --- vectorize ---

    @rule(actions=st.lists(st.integers(-2, 257), min_size=2, max_size=4))
    def step_many(self, actions: list[int]) -> None:
        before = self.look_at_many()
        no, error = refused(lambda: self.many.step(actions))
        assert no == (len(actions) != 3 or any(not 0 <= action <= 255 for action in actions))
        if no:
            assert self.look_at_many() == before, error

    @rule(value=hostile)
    def nonsense_for_many(self, value: Any) -> None:
        for call in (
            lambda: self.many.step(value),
            lambda: self.many.step([0, 0, value]),
            lambda: self.many.reset(seed=[1, 2, value]),
            lambda: self.many.reset(seed=5, options={"slot": value}),
        ):
            before = self.look_at_many()
            no, error = refused(call)
            if no:
                assert self.look_at_many() == before, error

    def teardown(self) -> None:
        if hasattr(self, "env"):
            self.env.close()
            self.many.close()


MACHINES = (VectorMachine, EmulatorMachine, EnvMachine)
