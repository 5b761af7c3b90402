"""The duel for two agents as a PettingZoo environment; needs ``pip install nes-py[pettingzoo]``."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space
from gymnasium.utils import seeding
from numpy.typing import NDArray

try:
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise ImportError(
        f"the duel for two agents needs PettingZoo ({error}): pip install 'nes-py[pettingzoo]'"
    ) from error

from nes_py.emulator import NESEmulator
from nes_py.game import buttons_to_byte
from nes_py.nes_env import SCREEN_SHAPE_24_BIT

from ..errors import shown
from .duel_game import ACTIONS, GAME, ROM_PATH, find_starts

EMBER, RIME = "ember", "rime"

_SWAPPED = {"left": "right", "right": "left"}


class DuelParallelEnv(ParallelEnv[str, NDArray[np.uint8], int]):
    """A match between the agents ``"ember"``, on the left, and ``"rime"``, on the right.

    Both see the whole screen, uint8 (240, 256, 3), RGB, each a new array, and have the actions of ``duel.ACTIONS``. The
    reward of a step is 1 for a point won and -1 for a point lost, so the two rewards sum to 0. The match ends for both
    when one has 7 points or after 90 seconds of play. The infos have the variables of ``duel.GAME``; ``score`` is the
    agent's own.

    Args:
        render_mode (str | None): ``"rgb_array"`` or None.
        frameskip (int): frames for which the actions are held.
        mirror (bool): Rime sees the picture mirrored, with left and right exchanged, so that each agent plays
            from left to right and one policy can play both sides.

    Raises:
        NotImplementedError: the render mode does not exist.
        ValueError: ``frameskip`` is less than 1.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012, PettingZoo declares it as an instance attribute
        "name": "nes_py_duel_v0",
        "render_modes": ["rgb_array"],
        "render_fps": 60,
        "is_parallelizable": True,
    }

    def __init__(self, render_mode: str | None = None, frameskip: int = 4, mirror: bool = False) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise NotImplementedError(f"render_mode must be 'rgb_array' or None, not {shown(render_mode)}")
        if frameskip < 1:
            raise ValueError(f"frameskip must be at least 1, not {shown(frameskip)}")
        self.render_mode = render_mode
        self.frameskip = frameskip
        self.mirror = mirror
        self.metadata = {**type(self).metadata, "render_fps": 60 / frameskip}
        self.possible_agents = [EMBER, RIME]
        self.agents: list[str] = []
        self.observation_spaces: dict[str, Space[Any]] = {
            agent: Box(0, 255, SCREEN_SHAPE_24_BIT, np.uint8) for agent in self.possible_agents
        }
        self.action_spaces: dict[str, Space[Any]] = {agent: Discrete(len(ACTIONS)) for agent in self.possible_agents}
        swapped = [[_SWAPPED.get(name, name) for name in names] for names in ACTIONS]
        self._buttons = [
            [buttons_to_byte(names, "actions") for names in actions]
            for actions in (ACTIONS, swapped if mirror else ACTIONS)
        ]
        self._starts = find_starts(players=2)
        self._emulator = NESEmulator(ROM_PATH)
        self._ram = self._emulator.memory_buffer()
        self._controllers = [self._emulator.controller(port) for port in range(2)]
        self._random, _ = seeding.np_random(None)

    def observation_space(self, agent: str) -> Space[Any]:
        """Return the space of an agent's observations, the same object each time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Space[Any]:
        """Return the space of an agent's actions, the same object each time."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, NDArray[np.uint8]], dict[str, dict[str, Any]]]:
        """Start a match.

        Args:
            seed (int | None): determines the serves; None continues with the existing generator.
            options (dict | None): not used.

        Returns:
            tuple: observations and infos, by agent.
        """
        if seed is not None:
            self._random, _ = seeding.np_random(seed)
        self._emulator.load_state(self._starts[int(self._random.integers(len(self._starts)))])
        self.agents = list(self.possible_agents)
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, NDArray[np.uint8]], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Hold buttons on both controllers.

        Args:
            actions (dict[str, int]): indices into ``duel.ACTIONS`` by agent.

        Returns:
            tuple: observations, rewards, terminations, truncations and infos, by agent.

        Raises:
            RuntimeError: no match is running: ``reset`` was not called, or it is over.
            KeyError: the action of an agent is missing.
            ValueError: an action does not exist.
        """
        if not self.agents:
            raise RuntimeError("no match is running: call reset()")
        for port, agent in enumerate(self.possible_agents):
            action = int(actions[agent])
            if not 0 <= action < len(ACTIONS):
                raise ValueError(f"the action of {agent} must be in 0..{len(ACTIONS) - 1}, not {shown(action)}")
            self._controllers[port][0] = self._buttons[port][action]
        before = self._difference()
        over = False
        for _ in range(self.frameskip):
            self._emulator.step()
            over = bool(self._ram[GAME["variables"]["winner"]])
            if over:
                break
        made = float(self._difference() - before)
        agents = self.agents
        if over:
            self.agents = []
        return (
            self._observations(),
            {EMBER: made, RIME: -made},
            dict.fromkeys(agents, over),
            dict.fromkeys(agents, False),
            self._infos(),
        )

    def render(self) -> NDArray[np.uint8] | None:
        """Return the picture, a new uint8 array (240, 256, 3); None without ``render_mode``."""
        return self._emulator.screen_rgb() if self.render_mode == "rgb_array" else None

    def state(self) -> NDArray[np.uint8]:
        """Return the console's RAM, a new uint8 array (2048,)."""
        return self._ram.copy()

    def close(self) -> None:
        """Release the emulator; a second call has no effect. Returned arrays stay valid."""
        if not self._emulator.closed:
            self._emulator.close()

    def _difference(self) -> int:
        variables = GAME["variables"]
        return int(self._ram[variables["score"]]) - int(self._ram[variables["opponent_score"]])

    def _observations(self) -> dict[str, NDArray[np.uint8]]:
        picture = self._emulator.screen_rgb()
        rime = np.ascontiguousarray(picture[:, ::-1]) if self.mirror else picture.copy()
        return {EMBER: picture, RIME: rime}

    def _infos(self) -> dict[str, dict[str, Any]]:
        ember = {name: int(self._ram[address]) for name, address in GAME["variables"].items()}
        rime = {**ember, "score": ember["opponent_score"], "opponent_score": ember["score"]}
        return {EMBER: ember, RIME: rime}


__all__ = ["EMBER", "RIME", "DuelParallelEnv"]
