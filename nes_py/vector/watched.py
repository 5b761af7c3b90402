"""What vector environments have that can be watched: ``watch()``, and their pictures in a notebook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nes_py._png import to_html
from nes_py.emulator import NESEmulator, Turn

if TYPE_CHECKING:
    from nes_py.watching import Frame, Monitor, Watch


class Source(Protocol):
    """Where a watch finds the pictures of environments."""

    def screens(self) -> NDArray[np.uint8]:
        """Return all pictures, palette indices, uint8 (num_envs, 240, 256)."""
        ...

    def draw(self, on: bool) -> None:
        """Draw the last frame of each step, or draw none where nobody needs it."""
        ...

    def times(self) -> NDArray[np.int64]:
        """Return busy nanoseconds of each thread in column 0, where they are measured."""
        ...


class About(NamedTuple):
    """What a watch says of environments, and how they are watched.

    Attributes:
        title (str): the game.
        frameskip (int): frames of a step.
        measures (bool): whether the source has times.
        draws (bool): whether frames are drawn in any case; else they are while pages are open.
        playable (bool): whether a page may hold buttons.
    """

    title: str
    frameskip: int
    measures: bool
    draws: bool
    playable: bool


class Watched:
    """A base of vector environments that can be watched. They tell their monitor of resets and steps."""

    num_envs: int
    _turn: Turn
    _monitor: Monitor | None = None
    _watch: Watch | None = None

    @abstractmethod
    def _source(self) -> Source | None:
        """Return where the pictures are; None: the environments are closed."""

    @abstractmethod
    def _about(self) -> About:
        """Describe the environments; raise if they are closed."""

    @abstractmethod
    def _machine(self) -> tuple[Any, Any]:
        """Return the ROM and the option ``palette`` of the pictures' colours."""

    def watch(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        inline: bool = False,
        play: bool = True,
        fps: int = 5,
        max_clients: int = 8,
        origins: Sequence[str] = (),
    ) -> Watch | Frame:
        """Serve a page that shows the environments while they are stepped; needs ``pip install 'nes-py[watch]'``.

        The page shows all emulators, one of them enlarged, rewards and lengths of episodes and the speed. With
        ``NESVectorEnv`` somebody can play one emulator while the others go on. Its address has a random token; who does
        not know it is refused. Pictures are copied only while a page is open. The server ends with ``close()``, also
        that of its result. A second call ends the first one's.

        Args:
            port (int): of the server; 0: a free one.
            host (str): the address to listen at. The default serves this machine only: from elsewhere, use a tunnel.
            inline (bool): return a frame that a notebook shows.
            play (bool): whether a page may hold buttons. Not while the environments are recorded, and not with
                ``vectorize``, whose environments compute rewards from their actions.
            fps (int): pictures a second of the enlarged emulator, 1 to 60; 20 or more while it is played. Each
                costs the run a little.
            max_clients (int): pages that are served at a time.
            origins (Sequence[str]): other origins whose pages may connect, as ``"https://example.org"``, for proxies;
                ``"*"``: all.

        Returns:
            Watch | Frame: its ``url`` is the address; with ``inline`` a frame, whose ``watch`` it is.

        Raises:
            ImportError: Starlette, uvicorn or websockets is missing.
            OSError: the port is in use, or the host is not one of this machine.
            RuntimeError: the environments are being stepped.
        """
        result: Watch | Frame = self._turn.alone(
            self._begin_to_watch,
            play,
            {
                "host": host,
                "port": port,
                "inline": inline,
                "fps": fps,
                "max_clients": max_clients,
                "origins": origins,
            },
        )
        return result

    def _begin_to_watch(self, play: bool, server: dict[str, Any]) -> Watch | Frame:
        from nes_py import watching

        about = self._about()
        said = {
            "title": about.title,
            "num_envs": self.num_envs,
            "frameskip": about.frameskip,
            "measures": about.measures,
            "page": watching.PAGE,
            "palette": self._colours.ravel().tolist(),
        }
        monitor = watching.Monitor(self.num_envs, about.frameskip, about.measures, about.draws)
        result = watching.watch(
            self,
            monitor,
            said,
            play=play and about.playable,
            before=self._watch,
            **server,
        )
        if self._watch is not None:
            self._watch.close()
        self._watch = result.watch if isinstance(result, watching.Frame) else result
        self._monitor = monitor
        return result

    def _stop_watching(self, monitor: Monitor) -> None:
        if self._monitor is monitor:
            self._monitor = self._watch = None
            source = self._source()
            if source is not None:
                source.draw(self._about().draws)

    @cached_property
    def _colours(self) -> NDArray[np.uint8]:
        """The colours of the palette indices, uint8 (64, 3)."""
        rom, palette = self._machine()
        with NESEmulator(rom, palette=palette) as emulator:
            emulator.index_buffer().ravel()[:64] = np.arange(64)
            return emulator.screen_rgb().reshape(-1, 3)[:64].copy()

    def _repr_html_(self) -> str | None:
        """Return pictures of up to 16 environments for a notebook."""
        source = self._source() if self.__dict__ else None
        if source is None:
            return None
        screens = source.screens()[:16]
        columns = int(np.ceil(np.sqrt(len(screens))))
        every = 1 if len(screens) == 1 else 2
        tiles = screens[:, ::every, ::every]
        rows = -(-len(tiles) // columns)
        whole = np.full((rows * columns, *tiles.shape[1:]), 0x0F, np.uint8)
        whole[: len(tiles)] = tiles
        picture = whole.reshape(rows, columns, *tiles.shape[1:]).swapaxes(1, 2).reshape(rows * tiles.shape[1], -1)
        shown = f"{len(tiles)} of {self.num_envs} environments" if self.num_envs > 1 else "The environment's picture"
        return to_html(self._colours[picture & 63], shown)


__all__ = ["About", "Source", "Watched"]
