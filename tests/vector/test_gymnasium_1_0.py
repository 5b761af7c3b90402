"""The substitutes for the autoreset modes with Gymnasium 1.0, compared with a newer version."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from test_equality import same as same_value

import nes_py._gymnasium
from nes_py import NESVectorEnv
from nes_py.envs.bricks import ROM_PATH

if not hasattr(gym.vector, "AutoresetMode"):
    pytest.skip("this is Gymnasium 1.0: there is nothing to compare with", allow_module_level=True)

from gymnasium.vector import AutoresetMode, SyncVectorEnv


class Counter(gym.Env[Any, Any]):
    """Ends after some steps, by both kinds of end."""

    observation_space = gym.spaces.Box(0, 255, (2,), np.int64)
    action_space = gym.spaces.Discrete(5)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.steps, self.length = 0, int(self.np_random.integers(1, 5))
        return np.array([0, self.length]), {"length": self.length, **(options or {})}

    def step(self, action: int) -> Any:
        self.steps += 1
        info = {"steps": self.steps} if self.steps % 2 else {"inner": {"action": int(action)}}
        over = self.steps >= self.length
        return np.array([self.steps, self.length]), float(action), over and self.length < 4, over, info


def same(ours: tuple[Any, ...], theirs: tuple[Any, ...], where: str) -> None:
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        same_value(one, other, f"{where}[{place}]")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delattr(gym.vector, "AutoresetMode")
    spec = importlib.util.spec_from_file_location("stand_in", nes_py._gymnasium.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.AutoresetMode is not AutoresetMode
    return module


@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("mode", AutoresetMode)
def test_stand_in_equals(stand_in: ModuleType, mode: AutoresetMode, copy: bool) -> None:
    ours = stand_in.SyncVectorEnv([Counter] * 4, copy=copy, autoreset_mode=mode.value)
    theirs = SyncVectorEnv([Counter] * 4, copy=copy, autoreset_mode=mode)
    assert ours.metadata["autoreset_mode"] is stand_in.AutoresetMode(mode.value)
    same(ours.reset(seed=3, options={"a": 1}), theirs.reset(seed=3, options={"a": 1}), "reset")
    rng = np.random.default_rng(1)
    for number in range(60):
        actions = rng.integers(0, 5, 4)
        results = ours.step(actions), theirs.step(actions)
        same(results[0], results[1], f"step {number}")
        over = results[0][2] | results[0][3]
        mask = over if mode is AutoresetMode.DISABLED else over & (rng.random(4) < 0.3)
        if mask.any():
            seeds = rng.integers(0, 99, 4).tolist()
            same(
                ours.reset(seed=seeds, options={"reset_mask": mask}),
                theirs.reset(seed=seeds, options={"reset_mask": mask}),
                f"masked reset {number}",
            )


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"reset_mask": [True] * 4}, TypeError),
        ({"reset_mask": np.ones(4, int)}, TypeError),
        ({"reset_mask": np.ones(3, bool)}, ValueError),
        ({"reset_mask": np.zeros(4, bool)}, ValueError),
    ],
)
def test_wrong_masks(stand_in: ModuleType, options: dict[str, Any], kind: type[Exception]) -> None:
    vector = stand_in.SyncVectorEnv([Counter] * 4)
    vector.reset()
    with pytest.raises(kind, match="reset_mask"):
        vector.reset(options=options)


def test_modes_are_those_of_gymnasium(stand_in: ModuleType) -> None:
    assert {mode.name: mode.value for mode in stand_in.AutoresetMode} == {
        mode.name: mode.value for mode in AutoresetMode
    }
    assert nes_py.vector.AutoresetMode is AutoresetMode
    assert NESVectorEnv(ROM_PATH, 1, autoreset_mode="SameStep").autoreset_mode is AutoresetMode.SAME_STEP
