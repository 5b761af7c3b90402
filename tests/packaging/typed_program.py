"""What `make lint` gives to mypy: classes that users derive, with Gymnasium's signatures. It is not run."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from nes_py import NESEnv
from nes_py.wrappers import JoypadSpace

Picture = NDArray[np.uint8]


class Game(NESEnv):
    reward_range = (-15, 15)
    action_space = Discrete(5)
    observation_space = Box(0, 255, (84, 84), np.uint8)
    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 30}  # noqa: RUF012

    def __init__(self, rom: str, render_mode: str | None = None) -> None:
        super().__init__(rom, render_mode=render_mode)
        self.reset()
        self._backup()

    def _did_reset(self) -> None:
        while self.ram[0x07A0] > 0:
            self._frame_advance(0)

    def _did_step(self, done: bool) -> None:
        self.ram[0x075A] = 2

    def _get_reward(self) -> int:
        return int(self.ram[0x86])

    def _get_terminated(self) -> bool:
        return bool(self.ram[0] == 1)

    def _get_info(self) -> dict[str, int]:
        return {"x": int(self.ram[0x86])}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Picture, dict[str, Any]]:
        return super().reset(seed=seed, options=options)

    def step(self, action: int) -> tuple[Picture, float, bool, bool, dict[str, Any]]:
        return super().step(action)

    def render(self) -> Picture | None:
        return super().render()

    def close(self) -> None:
        super().close()


class Positional(NESEnv):
    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Picture, dict[str, Any]]:
        return super().reset(seed=seed, options=options)


class Joypad(JoypadSpace):
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        return self.env.reset(seed=seed, options=options)

    def render(self) -> Any:
        return self.env.render()


env = Joypad(Game("game.nes"), [["right"], ["A"]])
obs, info = env.reset(seed=1)
obs, reward, terminated, truncated, info = env.step(1)
game = env.unwrapped
assert isinstance(game, NESEnv)
game.load_state(game.dump_state())
game.controllers[0][:] = 1
