"""vectorize: the results of SyncVectorEnv of the same NESEnv subclasses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import StickyAction
from reference import BrickGame, Gray, Noop, Skip
from test_equality import same

from nes_py import vectorize
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS
from nes_py.wrappers import JoypadSpace


class Cutscene(BrickGame):
    """Skips frames and writes to RAM in its hooks, as games do."""

    def _did_step(self, done: bool) -> None:
        if self.before["paddle_x"] % 8 == 1 and not done:
            for _ in range(3):
                self._frame_advance(0)
            self.ram[0x11] = 2
        super()._did_step(done)


class Sticky(BrickGame):
    """Presses other buttons than it is told."""

    def step(self, action: int) -> Any:
        return super().step(int(action) | 1)


MAKERS: dict[str, Callable[[], gym.Env[Any, Any]]] = {
    "plain": BrickGame,
    "joypad": lambda: JoypadSpace(BrickGame(), ACTIONS),
    "hooks": lambda: JoypadSpace(Cutscene(), ACTIONS),
    "passive": lambda: Gray(gym.wrappers.TimeLimit(JoypadSpace(BrickGame(), ACTIONS), 9)),
    "unknown": lambda: JoypadSpace(Skip(Noop(BrickGame(), 5), 3, True), ACTIONS),
    "sticky": lambda: StickyAction(JoypadSpace(BrickGame(), ACTIONS), 0.5),
    "own step": lambda: JoypadSpace(Sticky(), ACTIONS),
    "made": lambda: JoypadSpace(gym.make("nes_py/Bricks-v0"), ACTIONS),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_equals_sync_vector_env(maker: str, mode: AutoresetMode) -> None:
    make = MAKERS[maker]
    theirs = SyncVectorEnv([make] * 3, autoreset_mode=mode)
    ours = vectorize(make, 3, autoreset_mode=mode, num_threads=2)
    random = np.random.default_rng(0)
    one, other = ours.reset(seed=3), theirs.reset(seed=3)
    same(one[0], other[0], "observations")
    same(one[1], other[1], "infos")
    held = []
    for step in range(30):
        actions = random.integers(0, ours.single_action_space.n, 3)
        actions[1:] = np.where(random.random(2) < 0.8, [3, 2], actions[1:])
        one, other = ours.step(actions), theirs.step(actions)
        for name, mine, theirs_ in zip(("observations", "rewards", "ends", "cuts", "infos"), one, other, strict=True):
            same(mine, theirs_, f"{name} of step {step}")
        held.append((one[0], one[0].copy()))
    assert all((array == copy).all() for array, copy in held)
    for mine, theirs_ in zip(ours.envs, theirs.envs, strict=True):
        assert mine.unwrapped.dump_state() == theirs_.unwrapped.dump_state()
    ours.close()
    theirs.close()


def test_statistics_wrapper() -> None:
    envs = gym.wrappers.vector.RecordEpisodeStatistics(vectorize(MAKERS["joypad"], 2))
    envs.reset(seed=0)
    infos: list[Any] = [envs.step(np.array([3, 2]))[4] for _ in range(60)]
    assert any("episode" in info for info in infos)


def test_reset_mask_stays_in_the_options() -> None:
    envs = vectorize(MAKERS["joypad"], 2, autoreset_mode="Disabled")
    first, _ = envs.reset(seed=0)
    stepped = envs.step(np.array([3, 2]))[0]
    options = {"reset_mask": np.array([False, True])}
    observations, _ = envs.reset(options=options)
    assert list(options) == ["reset_mask"]
    assert (observations[0] == stepped[0]).all()
    assert (observations[1] == first[1]).all()
    assert observations is not stepped
    envs.close()


def test_copy_false_hands_out_one_array() -> None:
    envs = vectorize(MAKERS["joypad"], 2, copy=False)
    first, _ = envs.reset(seed=0)
    assert envs.step(np.array([3, 2]))[0] is first
    envs.close()


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="did you mean 'num_threads'"):
        vectorize(BrickGame, 2, num_thread=2)
    with pytest.raises(ValueError, match="at least 1"):
        vectorize(BrickGame, 0)
    with pytest.raises(TypeError, match="derived from NESEnv"):
        vectorize(lambda: gym.make("CartPole-v1"), 2)
    envs = vectorize(MAKERS["joypad"], 2)
    envs.reset()
    with pytest.raises(KeyError):
        envs.step(np.array([0, 6]))
