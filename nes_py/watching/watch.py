"""The watch of a vector environment: its monitor, its server, and what a notebook shows of it."""

from __future__ import annotations

import html
import os
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

from nes_py._values import is_integer

from ..errors import shown
from .monitor import Monitor

#: Those of this process.
_watches: weakref.WeakSet[Watch] = weakref.WeakSet()
#: Clients that are served at a time, and pictures a second that each of them gets.
MOST_CLIENTS = 8
FASTEST = 60


class Frame:
    """What ``watch(inline=True)`` returns: a notebook shows the page in it.

    Attributes:
        watch (Watch): the watch.
        src (str): the address of the page.
        url (str): the same.
        width (str): of the frame, as in HTML.
        height (int): of the frame, in pixels.
    """

    def __init__(self, watch: Watch, width: str = "100%", height: int = 900) -> None:
        self.watch, self.width, self.height = watch, width, height
        self.src = self.url = watch.url

    def __repr__(self) -> str:
        return f"<Frame {self.src}>"

    def close(self) -> None:
        """End the watch."""
        self.watch.close()

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{html.escape(self.src, quote=True)}" width="{html.escape(self.width, quote=True)}" '
            f'height="{self.height}" frameborder="0" title="nes-py"></iframe>'
        )


class Watch:
    """A page that shows vector environments. It ends with ``close()``, or when they are closed.

    Attributes:
        url (str): the address of the page, with its token: whoever has it can watch, and play.
        host (str): where it is served.
        port (int): the same.
        token (str): the secret part of the address.
    """

    def __init__(self, envs: Any, monitor: Monitor, server: Any) -> None:
        self._envs = weakref.ref(envs)
        # Environments that nobody has closed.
        weakref.finalize(envs, _forget, monitor, server).atexit = False
        self._monitor, self._server = monitor, server
        self.url: str = server.url
        self.host: str = server.host
        self.port: int = server.port
        self.token: str = server.token
        _watches.add(self)

    @property
    def clients(self) -> int:
        """The number of pages that are open."""
        return int(self._server.clients)

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._monitor.closed

    def close(self) -> None:
        """End the server. A second call has no effect."""
        self._monitor.closed = True
        envs = self._envs()
        if envs is not None:
            envs._stop_watching(self._monitor)
        self._server.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Watch {'closed' if self.closed else self.url}>"

    def _repr_html_(self) -> str:
        address = html.escape(self.url, quote=True)
        return "the watch is closed" if self.closed else f'<a href="{address}" target="_blank">{address}</a>'


def _abandon_all() -> None:
    """In a forked process: its environments are not watched, and nobody plays them."""
    for watch in list(_watches):
        watch._monitor.abandon()
        watch._server.abandon()
    _watches.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)


def _forget(monitor: Monitor, server: Any) -> None:
    monitor.closed = True
    server.stop()


def _integer(name: str, value: Any, low: int, high: int) -> int:
    if not is_integer(value):
        raise TypeError(f"{name} must be an integer, not {shown(value)}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be in {low}..{high}, not {shown(value)}")
    return int(value)


def watch(
    envs: Any,
    monitor: Monitor,
    about: dict[str, Any],
    *,
    host: str,
    port: int,
    inline: bool,
    play: bool,
    fps: int,
    max_clients: int,
    origins: Sequence[str],
    before: Watch | None,
) -> Watch | Frame:
    """Serve a page of vector environments; the arguments are those of ``NESVectorEnv.watch``.

    Args:
        envs: the environments.
        monitor: what follows them.
        about: what the page says of them.
        host: see there.
        port: see there.
        inline: see there.
        play: see there.
        fps: see there.
        max_clients: see there.
        origins: see there.
        before: the watch that this one replaces, or None.
    """
    if not isinstance(host, str):
        raise TypeError(f"host must be a name or an address, not {shown(host)}")
    if not host:
        raise ValueError("host must be a name or an address, not ''")
    port = _integer("port", port, 0, 65535)
    fps = _integer("fps", fps, 1, FASTEST)
    max_clients = _integer("max_clients", max_clients, 1, 1000)
    if isinstance(origins, str) or not (isinstance(origins, Iterable) and all(isinstance(one, str) for one in origins)):
        raise TypeError(f"origins must be a list of str, such as ['https://example.org'], not {shown(origins)}")
    try:
        from .server import Server
    except ImportError as error:
        raise ImportError(
            f"watching needs Starlette, uvicorn and websockets ({error}): pip install 'nes-py[watch]'"
        ) from None
    if before is not None and (before.host, before.port) == (host, port):
        before.close()  # the port is free then
    server = Server(
        weakref.ref(envs),
        monitor,
        about,
        host=host,
        port=port,
        play=play,
        fps=fps,
        max_clients=max_clients,
        origins=tuple(origins),
        framed=inline,
    )
    result = Watch(envs, monitor, server)
    return Frame(result) if inline else result


__all__ = ["Frame", "Watch", "watch"]
