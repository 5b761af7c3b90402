"""``NESVectorEnv.bind``: steps into the caller's memory."""

from __future__ import annotations

import copy
import gc
import sys
import tracemalloc
from multiprocessing import shared_memory
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from reference import GAME
from support.equality import assert_same

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.vector import AutoresetMode

NAMES = ("observations", "rewards", "terminations", "truncations")


def make(count: int = 3, **options: Any) -> NESVectorEnv:
    return NESVectorEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, **options})


def arrays_for(envs: NESVectorEnv, **dtypes: Any) -> dict[str, Any]:
    rows = envs.batch_size
    space: Any = envs.observation_space
    pictures = (
        {name: np.full(part.shape, 7, np.uint8) for name, part in space.items()}
        if envs.options.is_dict
        else np.full(space.shape, 7, np.uint8)
    )
    return {
        "observations": pictures,
        "rewards": np.full(rows, np.nan, dtypes.get("rewards", np.float64)),
        "terminations": np.zeros(rows, np.bool_),
        "truncations": np.zeros(rows, np.bool_),
    }


def actions_at(envs: NESVectorEnv, step: int) -> np.ndarray:
    return (np.arange(envs.num_envs) + step) % len(ACTIONS)


@pytest.mark.parametrize("obs_type", ["image", ["image", "index", "ram"]])
@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("copies", [True, False])
def test_same_results(obs_type: Any, mode: AutoresetMode, copies: bool) -> None:
    options = {"obs_type": obs_type, "autoreset_mode": mode, "max_episode_steps": 9, "noop_max": 5, "copy": copies}
    with make(**options) as envs, make(**options) as twin:
        given = arrays_for(envs)
        envs.bind(**given)
        first, infos = envs.reset(seed=2)
        assert first is given["observations"]
        assert np.isnan(given["rewards"]).all()
        assert data_equivalence((first, infos), twin.reset(seed=2))
        ended = 0
        for step in range(40):
            result = envs.step(actions_at(envs, step))
            expected = twin.step(actions_at(envs, step))
            assert all(one is given[name] for one, name in zip(result, NAMES, strict=False))
            assert data_equivalence(result, expected), step
            over = expected[2] | expected[3]
            ended += int(over.sum())
            if mode is AutoresetMode.DISABLED and over.any():
                before = given["rewards"].copy()
                shown = envs.reset(options={"reset_mask": over})
                assert data_equivalence(shown, twin.reset(options={"reset_mask": over}))
                assert shown[0] is given["observations"]
                assert_same(given["rewards"], before)
        assert ended > 3
        assert envs.observe() is given["observations"]
        assert data_equivalence(given["observations"], twin.observe())


def test_only_some_and_unbind() -> None:
    with make() as envs, make() as twin:
        rewards = np.zeros(3, np.float32)
        envs.bind(rewards=rewards)
        envs.reset(seed=0)
        twin.reset(seed=0)
        held = []
        for step in range(6):
            ours, theirs = envs.step(actions_at(envs, step)), twin.step(actions_at(envs, step))
            assert ours[1] is rewards
            assert_same(rewards, theirs[1].astype(np.float32))
            assert_same(ours[0], theirs[0])
            held.append((ours[0], theirs[0]))
        for one, other in held:  # what is not bound is copied as before
            assert_same(one, other)
        envs.unbind()
        rewards[:] = -1
        ours = envs.step(actions_at(envs, 0))
        assert ours[1] is not rewards
        assert ours[1].dtype == np.float64
        assert (rewards == -1).all()
        assert_same(ours[0], twin.step(actions_at(envs, 0))[0])
        envs.unbind()


def test_two_sets_in_turn() -> None:
    with make() as envs, make() as twin:
        sets = [arrays_for(envs), arrays_for(envs)]
        bindings = [envs.bind(**given) for given in sets]
        envs.reset(seed=1)
        twin.reset(seed=1)
        before = None
        for step in range(8):
            bindings[step % 2].use()
            result = envs.step(actions_at(envs, step))
            assert result[0] is sets[step % 2]["observations"]
            assert_same(result[0], twin.step(actions_at(envs, step))[0])
            if before is not None:
                assert_same(sets[1 - step % 2]["observations"], before)
            before = result[0].copy()


def test_send_and_recv() -> None:
    with make(4, batch_size=2, noop_max=5) as envs, make(4, batch_size=2, noop_max=5) as twin:
        given = arrays_for(envs)
        assert given["observations"].shape == (2, 4, 84, 84)
        envs.bind(**given)
        assert data_equivalence(envs.reset(seed=1), twin.reset(seed=1))
        assert data_equivalence(envs.recv(), twin.recv())
        for step in range(6):
            ids = np.array([[3, 1], [0, 2]][step % 2])
            for one in (envs, twin):
                one.send(ids % len(ACTIONS), ids)
            result = envs.recv()
            assert all(one is given[name] for one, name in zip(result, NAMES, strict=False))
            assert data_equivalence(result, twin.recv())
    with make(2, batch_size=2) as envs:
        given = arrays_for(envs)
        envs.bind(**given)
        envs.async_reset(seed=0)
        assert envs.recv()[0] is given["observations"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_functions_in_python(dtype: Any) -> None:
    with make(2) as envs:
        given = arrays_for(envs, rewards=dtype)
        envs.bind(**given)
        envs.set_reward_function(lambda now, before, rewards: rewards * 0 + [1.25, 2])
        envs.set_end_functions(truncated=lambda now, before: np.array([False, True]))
        envs.reset(seed=0)
        envs.step(np.array([0, 0]))
        assert given["rewards"].tolist() == [1.25, 2]
        assert given["truncations"].tolist() == [False, True]


def test_shared_memory() -> None:
    with make(2, obs_type="ram") as envs:
        memory = shared_memory.SharedMemory(create=True, size=2 * 2048)
        try:
            rams: Any = np.ndarray((2, 2048), np.uint8, memory.buf)
            envs.bind(observations=rams)
            envs.reset(seed=0)
            envs.step(np.array([0, 3]))
            other = shared_memory.SharedMemory(memory.name)
            assert_same(np.ndarray((2, 2048), np.uint8, other.buf).copy(), envs.ram)
            other.close()
            envs.unbind()
            del rams
        finally:
            gc.collect()
            memory.close()
            memory.unlink()


def test_memory_map(tmp_path: Any) -> None:
    with make(2, obs_type="ram") as envs:
        rams = np.memmap(tmp_path / "rams", np.uint8, "w+", shape=(2, 2048))
        envs.bind(observations=rams)
        envs.reset(seed=0)
        assert envs.step(np.array([0, 3]))[0] is rams
        rams.flush()
        assert (tmp_path / "rams").read_bytes() == envs.ram.tobytes()


def test_no_allocation() -> None:
    with make(4, num_threads=1) as envs:
        envs.bind(**arrays_for(envs))
        envs.reset(seed=0)
        actions = np.zeros(4, int)
        envs.step(actions)
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            for _ in range(5):
                envs.step(actions)
            peak = tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
    # The observations alone are 113 KB.
    assert peak < 20_000


def test_copies_are_not_bound() -> None:
    with make(2) as envs:
        given = arrays_for(envs)
        envs.bind(**given)
        envs.reset(seed=0)
        with copy.deepcopy(envs) as twin:
            given["observations"][:] = 1
            assert twin.step(np.array([1, 2]))[0] is not given["observations"]
            assert (given["observations"] == 1).all()


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("observations", np.zeros((3, 4, 84, 84), np.int8), TypeError, "observations must have dtype uint8, not int8"),
        ("observations", np.zeros((3, 84, 84, 4), np.uint8), ValueError, r"observations must have shape \(3, 4, 84"),
        ("observations", np.zeros((3, 4, 84, 168), np.uint8)[..., ::2], ValueError, "C-contiguous"),
        ("observations", np.zeros((84, 84, 4, 3), np.uint8).T, ValueError, "C-contiguous"),
        ("observations", np.broadcast_to(np.uint8(0), (3, 4, 84, 84)), ValueError, "C-contiguous"),
        ("observations", [[0]], TypeError, "numpy array or a torch tensor, not list"),
        ("observations", {"image": np.zeros((3, 4, 84, 84), np.uint8)}, TypeError, "not dict"),
        ("rewards", np.zeros(3, np.int64), TypeError, "rewards must have dtype float64 or float32, not int64"),
        ("rewards", np.zeros(3, ">f8" if sys.byteorder == "little" else "<f8"), TypeError, "rewards must have dtype"),
        ("rewards", np.zeros((3, 1)), ValueError, r"rewards must have shape \(3,\), not \(3, 1\)"),
        ("rewards", np.frombuffer(bytearray(25), np.float64, 3, 1), ValueError, "aligned to 8 bytes"),
        ("terminations", np.zeros(3, np.uint8), TypeError, "terminations must have dtype bool, not uint8"),
        ("truncations", np.frombuffer(bytes(3), np.bool_), ValueError, "truncations must be writable"),
    ],
)
def test_wrong_arrays(name: str, value: Any, error: type[Exception], message: str) -> None:
    with make() as envs:
        given = arrays_for(envs)
        envs.bind(**given)
        with pytest.raises(error, match=message):
            envs.bind(**{name: value})
        # What was bound before remains so.
        assert envs.reset(seed=0)[0] is given["observations"]


def test_overlaps() -> None:
    with make(1, obs_type="ram") as envs:
        block = np.zeros(4096, np.uint8)
        with pytest.raises(ValueError, match="observations and rewards overlap"):
            envs.bind(observations=block[:2048].reshape(1, 2048), rewards=block[2040:2048].view(np.float64))
        flags = np.zeros(1, np.bool_)
        with pytest.raises(ValueError, match="terminations and truncations overlap"):
            envs.bind(terminations=flags, truncations=flags)
        with pytest.raises(ValueError, match="observations overlaps the RAM"):
            envs.bind(observations=envs.ram)
        with pytest.raises(ValueError, match="observations overlaps the pictures"):
            envs.bind(observations=envs.screens.reshape(-1)[:2048].reshape(1, 2048))
    with make(2, obs_type="dict") as envs:
        given = arrays_for(envs)["observations"]
        with pytest.raises(TypeError, match="each of image, ram"):
            envs.bind(observations={"image": given["image"]})
        with pytest.raises(TypeError, match="each of image, ram"):
            envs.bind(observations=given["image"])
        with pytest.raises(ValueError, match=r"observations\['ram'\] must have shape"):
            envs.bind(observations={**given, "ram": given["ram"][:1]})


def test_misuse() -> None:
    envs = make(2)
    with pytest.raises(ValueError, match="nothing to bind"):
        envs.bind()
    given = arrays_for(envs)
    binding = envs.bind(**given)
    envs.reset(seed=0)
    for use in (envs.reset, lambda **out: envs.step(np.array([0, 0]), **out), envs.observe):
        with pytest.raises(ValueError, match="out cannot be given while arrays are bound"):
            use(out=given["observations"].copy())
    envs.close()
    for call in (binding.use, lambda: envs.bind(**given)):
        with pytest.raises(ValueError, match="closed"):
            call()


def test_torch_tensors() -> None:
    torch = pytest.importorskip("torch")
    with make(2) as envs, make(2) as twin:
        given = {
            "observations": torch.zeros((2, 4, 84, 84), dtype=torch.uint8),
            "rewards": torch.zeros(2),
            "terminations": torch.zeros(2, dtype=torch.bool),
            "truncations": torch.zeros(2, dtype=torch.bool),
        }
        envs.bind(**given)
        assert envs.reset(seed=0)[0] is given["observations"]
        twin.reset(seed=0)
        for step in range(30):
            actions = torch.from_numpy(actions_at(envs, step))
            result, expected = envs.step(actions), twin.step(actions.numpy())
            for one, other, name in zip(result, expected, NAMES, strict=False):
                assert one is given[name]
                assert_same(one.numpy().astype(other.dtype), other.astype(one.numpy().dtype).astype(other.dtype), name)
        for name, wrong, message in (
            ("observations", torch.zeros((2, 4, 84, 84)), "dtype uint8, not float32"),
            ("rewards", torch.zeros(2, dtype=torch.bfloat16), "rewards"),
            ("rewards", torch.zeros(2, requires_grad=True), "gradient"),
            ("rewards", torch.zeros(4)[::2], "C-contiguous"),
            ("rewards", torch.zeros(2, device="meta"), "must be in the CPU's memory, not on meta"),
        ):
            with pytest.raises((TypeError, ValueError), match=message):
                envs.bind(**{name: wrong})
