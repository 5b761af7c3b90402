"""What is seen of a running batch: pictures on request, rewards and lengths of episodes, the times of the threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Emulators of a montage.
PAGE = 64
#: Points of a curve.
_POINTS = 400
#: Without a step for so long, pictures are copied without the thread that steps.
_IDLE = 0.3
#: Without a request for so long, frames that only pages need are no longer drawn.
_UNSEEN = 3.0


class Curve:
    """Means of the rewards and lengths of episodes, in at most ``_POINTS`` points: later, each is of more episodes."""

    def __init__(self) -> None:
        self.version = 0
        self._points: list[list[float]] = []  # steps, episodes, sum of rewards, sum of lengths
        self._episodes = 1  # of a point

    def add(self, steps: int, reward: float, length: float) -> None:
        """Add an episode, which ended after so many steps of the whole batch."""
        last = self._points[-1] if self._points else None
        # Episodes that end in the same step are a point too.
        if last is None or (last[1] >= self._episodes and last[0] != steps):
            if len(self._points) == _POINTS:
                pairs = zip(self._points[::2], self._points[1::2], strict=True)
                self._points = [[two[0], one[1] + two[1], one[2] + two[2], one[3] + two[3]] for one, two in pairs]
                self._episodes *= 2
            self._points.append([steps, 1, reward, length])
        else:
            last[0] = steps
            last[1:] = last[1] + 1, last[2] + reward, last[3] + length
        self.version += 1

    def points(self) -> list[tuple[int, float, float]]:
        """Return steps, mean reward and mean length of each point."""
        return [(int(one[0]), one[2] / one[1], one[3] / one[1]) for one in list(self._points)]


@dataclass(frozen=True)
class Picture:
    """What was copied for a request.

    Attributes:
        screen: of the chosen emulator, palette indices, uint8 (240, 256); None: not asked for.
        tiles: of a montage, palette indices, uint8 (count, height, width); None: not asked for.
        rewards: of each emulator's episode so far.
        lengths: the same, in steps.
        busy: nanoseconds that each thread has worked, or None: not measured.
    """

    screen: NDArray[np.uint8] | None
    tiles: NDArray[np.uint8] | None
    rewards: NDArray[np.float64]
    lengths: NDArray[np.int64]
    busy: NDArray[np.int64] | None


@dataclass
class Request:
    """A page's request for pictures.

    Attributes:
        screen: the emulator that is enlarged, or None.
        montage: the first emulator of the montage, or None.
        done: called once, in any thread.
    """

    screen: int | None
    montage: int | None
    done: Callable[[Picture], None] = field(repr=False)


class Monitor:
    """Follows vector environments. Methods of the first group are called by the thread that steps them.

    Args:
        num_envs (int): number of environments.
        frameskip (int): frames of a step.
        measures (bool): whether the engine measures its threads.
        draws (bool): whether frames are drawn in any case; else they are while pages are open.
    """

    def __init__(self, num_envs: int, frameskip: int, measures: bool, draws: bool = True) -> None:
        self.num_envs, self.frameskip, self.measures = num_envs, frameskip, measures
        self.rewards = np.zeros(num_envs)
        self.lengths = np.zeros(num_envs, np.int64)
        self.steps = 0
        self.episodes = 0
        self.curve = Curve()
        self.closed = False
        self._last_step = 0.0
        self._draws = self._drawing = draws
        self._looked = 0.0
        self._number = 0  # of calls of ``step``
        self._asked: list[Request] = []
        # Buttons of the emulators that somebody plays.
        self._held: dict[int, int] = {}
        self._paced: set[object] = set()
        self._due = 0.0
        self._lock = threading.Lock()

    # --- by the thread that steps ---

    def began(self, ids: Any) -> None:
        """Note that episodes began; ``ids``: numbers, a mask or a slice."""
        self.rewards[ids] = 0.0
        self.lengths[ids] = 0

    @property
    def holds(self) -> bool:
        """Whether somebody plays: then ``hold`` changes buttons."""
        return bool(self._held)

    def hold(self, buttons: NDArray[np.uint8], ids: NDArray[Any] | None = None) -> None:
        """Before a step: put the buttons of players in the place of the actions, uint8 (rows, ports)."""
        if not self._held:
            return
        for index, held in list(self._held.items()):
            if ids is None:
                buttons[index, 0] = held
            else:
                buttons[ids == index, 0] = held
        if self._paced:
            # At the speed of the console, whose frames take a sixtieth of a second.
            now = time.monotonic()
            self._due = max(self._due, now - 0.1) + self.frameskip / 60.0988
            if self._due > now:
                time.sleep(self._due - now)

    def step(self, source: Any, output: Any, ids: NDArray[Any] | None = None) -> None:
        """After a step.

        Args:
            source (nes_py.vector.watched.Source): where the pictures are.
            output: ``rewards``, ``terminated``, ``truncated`` and ``began``, arrays of its rows, and ``tally``; in
                ``began`` rows the step only reset.
            ids: the environments of the rows; None: all.
        """
        if ids is None:
            self.steps += self.num_envs
            changes = output.tally(self.rewards, self.lengths)
        else:
            self.steps += len(ids)
            self.rewards[ids] += output.rewards
            self.lengths[ids] += 1
            changes = True
        if changes:
            self._note_episodes(output, ids)
        self._number += 1
        if self._asked:
            self._last_step = self._looked = time.monotonic()
            if self._drawing:
                self._answer(source)
            else:
                # The next step has a picture.
                source.draw(True)
                self._drawing = True
        elif not self._number & 15:
            self._last_step = time.monotonic()
            if self._drawing and not self._draws and self._last_step - self._looked > _UNSEEN:
                source.draw(False)
                self._drawing = False

    def _note_episodes(self, output: Any, ids: NDArray[Any] | None) -> None:
        over, began = output.terminated | output.truncated, output.began
        for row in np.flatnonzero(over).tolist():
            index = row if ids is None else int(ids[row])
            self.curve.add(self.steps, float(self.rewards[index]), float(self.lengths[index]))
            self.episodes += 1
            self.began(index)
        if began.any():
            # A step that only resets, of some of the environments.
            self.began(np.flatnonzero(began) if ids is None else ids[began])

    def _answer(self, source: Any) -> None:
        with self._lock:
            asked, self._asked = self._asked, []
        for request in asked:
            request.done(self._copy(source, request))

    def _copy(self, source: Any, request: Request) -> Picture:
        screens = source.screens()
        screen = tiles = None
        if request.screen is not None:
            screen = screens[request.screen].copy()
        if request.montage is not None:
            shown = screens[request.montage : request.montage + PAGE]
            every = 1 if len(shown) <= 4 else 2 if len(shown) <= 36 else 3
            tiles = shown[:, ::every, ::every].copy()
        busy = source.times()[:, 0].copy() if self.measures else None
        return Picture(screen, tiles, self.rewards.copy(), self.lengths.copy(), busy)

    # --- by the thread that serves ---

    def ask(self, request: Request) -> None:
        """Ask for pictures; the next step copies them."""
        with self._lock:
            self._asked.append(request)

    def answer_idle(self, source: Any) -> None:
        """Answer requests while nobody steps: pictures of a batch that waits, for instance for its learner."""
        if self._asked and time.monotonic() - self._last_step > _IDLE:
            self._answer(source)

    def play(self, index: int, buttons: int | None) -> None:
        """Hold buttons of an emulator, whatever the action is; None: no longer."""
        if buttons is None:
            self._held.pop(index, None)
        else:
            self._held[index] = buttons

    def abandon(self) -> None:
        """Forget players and requests: nobody serves them any more."""
        self.closed = True
        self._held, self._paced, self._asked = {}, set(), []
        self._lock = threading.Lock()

    def pace(self, player: object, on: bool) -> None:
        """Step at the speed of the console, as long as a player wants it."""
        if on:
            self._paced.add(player)
        else:
            self._paced.discard(player)


__all__ = ["PAGE", "Curve", "Monitor", "Picture", "Request"]
