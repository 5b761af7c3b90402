"""``NESVectorEnv.xla``: steps inside of compiled JAX programs; skipped where JAX is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference import GAME
from support.equality import assert_same

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.vector import AutoresetMode

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.filterwarnings("ignore")

jnp = jax.numpy
NAMES = ("observations", "rewards", "terminations", "truncations")


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, "noop_max": 4, **options})


def same(result: Any, expected: Any, where: str) -> None:
    for one, other, name in zip(result, expected, NAMES, strict=False):
        if isinstance(other, dict):
            assert one.keys() == other.keys()
            for part in other:
                assert_same(np.asarray(one[part]), other[part], f"{where}: {part}")
        else:
            assert_same(np.asarray(one), other.astype(np.asarray(one).dtype), f"{where}: {name}")


@pytest.mark.parametrize("obs_type", ["image", "dict"])
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_jit(obs_type: str, mode: AutoresetMode) -> None:
    options = {"obs_type": obs_type, "autoreset_mode": mode, "max_episode_steps": 6}
    with make(**options) as envs, make(**options) as twin:
        handle, recv, send, step = envs.xla()
        assert handle.dtype == np.uint8
        envs.reset(seed=3)
        twin.reset(seed=3)
        compiled = jax.jit(step)
        ended = 0
        for number in range(20):
            actions = (np.arange(3) + number) % len(ACTIONS)
            handle, result = compiled(handle, actions)
            expected = twin.step(actions)
            same(result, expected, f"step {number}")
            infos = result[4]
            for name in GAME["variables"]:
                assert_same(np.asarray(infos[name]), expected[4][name].astype(np.int32), name)
            assert infos["env_id"].tolist() == [0, 1, 2]
            over = expected[2] | expected[3]
            if mode is AutoresetMode.SAME_STEP:
                assert_same(np.asarray(infos["_final_obs"]), over)
                for row in np.flatnonzero(over):
                    ended += 1
                    final = expected[4]["final_obs"][row]
                    ours = infos["final_obs"]
                    if obs_type == "dict":
                        for part in final:
                            assert_same(np.asarray(ours[part][row]), final[part], part)
                    else:
                        assert_same(np.asarray(ours[row]), final)
                    assert infos["final_info"]["lives"][row] == expected[4]["final_info"]["lives"][row]
        assert bool(ended) == (mode is AutoresetMode.SAME_STEP)
        handle = jax.jit(send)(handle, np.array([1, 2, 3]))
        handle, result = jax.jit(recv)(handle)
        same(result, twin.step(np.array([1, 2, 3])), "send and recv")


@pytest.mark.parametrize("loop", ["scan", "fori_loop", "while_loop", "unrolled"])
def test_loops(loop: str) -> None:
    with make() as envs, make() as twin:
        functions = envs.xla()
        first, _ = twin.reset(seed=8)
        steps = 12

        def policy(observations: Any) -> Any:
            # Depends on what was seen, so the order of the calls matters.
            return observations.astype(jnp.int32).sum(axis=(1, 2, 3)) % len(ACTIONS)

        def body(carry: Any) -> tuple[Any, Any]:
            handle, observations = carry
            handle, (observations, rewards, *_) = functions.step(handle, policy(observations))
            return (handle, observations), rewards

        @jax.jit
        def rollout(handle: Any) -> Any:
            handle, (observations, _) = functions.reset(handle, 8)
            carry = (handle, observations)
            if loop == "scan":
                carry, rewards = jax.lax.scan(lambda carry, _: body(carry), carry, None, length=steps)
                return carry[1], rewards.sum(axis=0)
            total = jnp.zeros(3, jnp.float32)
            if loop == "unrolled":
                for _ in range(steps):
                    carry, rewards = body(carry)
                    total += rewards
                return carry[1], total

            def add(state: Any) -> Any:
                carry, rewards = body(state[0])
                return carry, state[1] + rewards, state[2] + 1

            state = (carry, total, 0)
            if loop == "fori_loop":
                state = jax.lax.fori_loop(0, steps, lambda _, state: add(state), state)
            else:
                state = jax.lax.while_loop(lambda state: state[2] < steps, add, state)
            return state[0][1], state[1]

        observations, rewards = rollout(functions.handle)
        expected, total = first, np.zeros(3, np.float32)
        for _ in range(steps):
            expected, gained, *_ = twin.step(expected.astype(np.int32).sum(axis=(1, 2, 3)) % len(ACTIONS))
            total += gained.astype(np.float32)
        assert_same(np.asarray(observations), expected)
        assert_same(np.asarray(rewards), total)


def test_batches() -> None:
    with make(4, batch_size=2) as envs, make(4, batch_size=2) as twin:
        functions = envs.xla()
        handle, (observations, _) = jax.jit(functions.reset)(functions.handle, jnp.array([1, 2, 3, 4]))
        assert_same(np.asarray(observations), twin.reset(seed=[1, 2, 3, 4])[0])
        step = jax.jit(functions.step)
        ids = np.array([0, 1])
        for number in range(6):
            handle, result = step(handle, ids % 3, ids)
            twin.send(ids % 3, ids)
            expected = twin.recv()
            same(result, expected, f"step {number}")
            ids = np.asarray(result[4]["env_id"])
            assert_same(ids.astype(np.int64), expected[4]["env_id"])


def test_results_stay() -> None:
    for options in ({"copy": False}, {"copy": True}, {"bound": True}):
        bound = options.pop("bound", False)
        with make(2, **options) as envs:
            if bound:
                envs.bind(observations=np.zeros(envs.observation_space.shape, np.uint8), rewards=np.zeros(2))
            handle, _, _, step = envs.xla()
            envs.reset(seed=0)
            held = []
            for number in range(5):
                # Not compiled, and compiled.
                handle, result = (step if number % 2 else jax.jit(step))(handle, np.array([number, 2]))
                held.append((result[0], np.array(result[0])))
            for result, then in held:
                assert_same(np.asarray(result), then)


def test_large_numbers_are_limited() -> None:
    game = {"variables": {"all": {"address": 0, "size": 4}, "less": {"address": 0, "size": 4, "signed": True}}}
    with NESVectorEnv(ROM_PATH, 1, game=game, obs_type="ram", frameskip=1) as envs:
        handle, _, _, step = envs.xla()
        envs.reset(seed=0)
        handle, result = jax.jit(step)(handle, np.array([0]))
        value = int(envs.ram[0, :4].view("<u4")[0])
        assert int(result[4]["all"][0]) == min(value, 2**31 - 1)


def test_errors() -> None:
    with make(2) as envs, make(2) as other:
        handle, _, _, step = envs.xla()
        compiled = jax.jit(step)
        with pytest.raises(Exception, match="environment 0 was never reset"):
            jax.block_until_ready(compiled(handle, np.array([0, 0])))
        envs.reset(seed=0)
        with pytest.raises(Exception, match=r"environment 1 must be in 0\.\.5, not 6"):
            jax.block_until_ready(compiled(handle, np.array([0, 6])))
        other.reset(seed=0)
        with pytest.raises(Exception, match="the handle belongs to other environments"):
            jax.block_until_ready(other.xla().step(handle, np.array([0, 0])))
        jax.block_until_ready(compiled(handle, np.array([0, 0])))
    with pytest.raises(ValueError, match="closed"):
        envs.xla()
