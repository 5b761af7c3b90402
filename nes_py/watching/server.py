"""The server of a watch: the page's files, and a WebSocket for each page that is open.

A page asks for its next picture when it has shown the last one. What it gets is a header in JSON and pictures as
palette indices, compressed by zlib: the browser makes colours of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import struct
import threading
import time
import weakref
import zlib
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from nes_py.errors import shown

from .monitor import PAGE, Monitor, Picture
from .monitor import Request as PictureRequest

# What uvicorn says of strangers' requests goes to a program's log, if it has one, and not to stderr.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())

# The files of the page.
_FILES = {
    "": ("index.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}
_LARGEST_MESSAGE = 4096
#: Seconds between two montages, and between two curves.
_MONTAGE, _CURVE = 1.0, 1.0
#: Seconds between two pictures of an emulator that is played, at most.
_PLAYED = 1 / 20
#: Of one core, what the thread of the server may take before pictures come less often; but one a second in any case.
_SHARE = 0.015
_SLOWEST = 1.0
#: Seconds that a page waits for the next step before it is told that there is none.
_PATIENCE = 0.5


class _RefusedError(Exception):
    """A connection that is not served."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Server:
    """Serves the page in a thread of its own.

    Args:
        envs: a weak reference to the environments.
        monitor: what follows them.
        about: what the page says of them.
        host: the address to listen at.
        port: the port; 0: a free one.
        play: whether pages may hold buttons.
        fps: pictures of the enlarged emulator that a page gets in a second, at most; 20 if it is played.
        max_clients: pages that are served at a time.
        origins: of pages elsewhere that may connect; ``"*"``: all.
        framed: whether the page may be shown in a frame of another one.

    Raises:
        OSError: it cannot listen there.
    """

    def __init__(
        self,
        envs: weakref.ref[Any],
        monitor: Monitor,
        about: dict[str, Any],
        *,
        host: str,
        port: int,
        play: bool,
        fps: int,
        max_clients: int,
        origins: tuple[str, ...],
        framed: bool,
    ) -> None:
        self._envs, self._monitor, self._about = envs, monitor, {**about, "playable": play}
        self._play, self._interval, self._max_clients = play, 1.0 / fps, max_clients
        self._origins, self._framed = origins, framed
        self.clients = 0
        # Who plays which emulator.
        self._players: dict[int, object] = {}
        self.token = secrets.token_urlsafe(24)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family)
        except OSError as error:
            raise OSError(error.errno, f"cannot listen at {host} port {port}: {error.strerror}") from None
        except (TypeError, UnicodeError):  # of the encoding of names
            raise ValueError(f"host: {shown(host)} is not the name or the address of a machine") from None
        self.host, self.port = host, int(self._socket.getsockname()[1])
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.port}/{self.token}/"
        self._contents = {
            name: (files("nes_py.watching").joinpath("page", file).read_bytes(), kind)
            for name, (file, kind) in _FILES.items()
        }
        app = Starlette(routes=[WebSocketRoute("/{path:path}", self._socket_route), Route("/{path:path}", self._page)])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws_max_size=_LARGEST_MESSAGE,
            ws_per_message_deflate=False,
            server_header=False,
            date_header=False,
            limit_concurrency=8 * max_clients + 8,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="nes-py watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Let the thread end soon."""
        self._server.should_exit = True

    def abandon(self) -> None:
        """In a forked process, which has no thread of the server: release the port."""
        self._socket.close()

    def close(self) -> None:
        """End the thread."""
        self.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    # --- who is served ---

    def _check(self, connection: HTTPConnection) -> str:
        """Return the name of the file that is asked for.

        Raises:
            _RefusedError: this one is not served.
        """
        token, _, path = str(connection.path_params["path"]).partition("/")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            raise _RefusedError(403, "the token in the address is wrong")
        origin = connection.headers.get("origin")
        # The page itself has the origin that it was loaded from.
        try:
            own = urlsplit(origin or "").netloc.lower() == connection.headers.get("host", "").lower()
        except ValueError:
            own = False  # not an address
        if not (origin is None or own or origin in self._origins or "*" in self._origins):
            raise _RefusedError(403, "a page of another origin may not connect")
        if self._monitor.closed or self._envs() is None:
            raise _RefusedError(410, "the environments are closed")
        return path

    def _check_room(self) -> None:
        if self.clients >= self._max_clients:
            raise _RefusedError(503, f"{self._max_clients} pages are open, more are not served")

    async def _page(self, request: Request) -> Response:
        try:
            path = self._check(request)
            if path == "":
                self._check_room()
        except _RefusedError as error:
            return PlainTextResponse(error.reason, error.status)
        if path not in self._contents:
            return PlainTextResponse("there is no such file", 404)
        content, kind = self._contents[path]
        ancestors = "*" if self._framed else "'none'"
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
        )
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type=kind, headers=headers)

    async def _socket_route(self, websocket: WebSocket) -> None:
        try:
            if self._check(websocket) != "socket":
                raise _RefusedError(404, "there is no such socket")
            self._check_room()
        except _RefusedError as error:
            if "websocket.http.response" in websocket.scope.get("extensions", {}):
                await websocket.send_denial_response(PlainTextResponse(error.reason, error.status))
            else:
                await websocket.close()
            return
        self.clients += 1
        client = _Client(self, websocket)
        try:
            await websocket.accept()
            await client.run()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the page was closed, perhaps while something was sent
        finally:
            self.clients -= 1
            client.leave()


class _Client:
    """A page that is open."""

    def __init__(self, server: Server, websocket: WebSocket) -> None:
        self._server, self._websocket, self._monitor = server, websocket, server._monitor
        self._playing: int | None = None
        self._frame: asyncio.Task[None] | None = None
        self._last = self._last_montage = self._last_curve = 0.0
        self._last_cpu = time.thread_time()
        self._counted: tuple[float, int, Any] | None = None
        self._rate: dict[str, Any] = {"fps": None, "busy": None}

    async def run(self) -> None:
        """Serve it until it is closed."""
        await self._websocket.send_text(json.dumps({"type": "hello", **self._server._about}))
        while True:
            try:
                message = json.loads(await self._websocket.receive_text())
                kind = message["type"]
                if kind == "next":
                    if self._frame is None or self._frame.done():
                        request = self._screen(message["screen"]), self._screen(message["first"])
                        self._frame = asyncio.create_task(self._send_frame(*request, int(message.get("curve", -1))))
                elif kind == "play":
                    await self._play(self._screen(message["screen"]), bool(message["on"]), bool(message.get("pace")))
                elif kind == "buttons":
                    buttons = int(message["value"])
                    if self._playing is not None and 0 <= buttons <= 255:
                        self._monitor.play(self._playing, buttons)
                else:
                    raise ValueError(kind)
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
                await self._websocket.close(1008)
                return

    def _screen(self, number: Any) -> int:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < self._monitor.num_envs:
            raise ValueError(number)
        return number

    async def _play(self, index: int, on: bool, pace: bool) -> None:
        self._stop_playing()
        players = self._server._players
        accepted = on and self._server._play and index not in players
        if accepted:
            players[index] = self
            self._playing = index
            self._monitor.play(index, 0)
            self._monitor.pace(self, pace)
        answer = {"type": "playing", "screen": index if accepted else None, "refused": on and not accepted}
        await self._websocket.send_text(json.dumps(answer))

    def _stop_playing(self) -> None:
        if self._playing is not None:
            self._monitor.play(self._playing, None)
            self._monitor.pace(self, False)
            self._server._players.pop(self._playing, None)
            self._playing = None

    def leave(self) -> None:
        """Release what it holds."""
        self._stop_playing()
        if self._frame is not None:
            self._frame.cancel()

    # --- pictures ---

    async def _send_frame(self, screen: int, first: int, curve: int) -> None:
        now, cpu = time.monotonic(), time.thread_time()
        interval = self._server._interval
        interval = slowed(interval, cpu - self._last_cpu) if self._playing is None else min(interval, _PLAYED)
        self._last_cpu = cpu
        if (rest := self._last + interval - now) > 0:
            await asyncio.sleep(rest)
        self._last = now = time.monotonic()
        montage = now - self._last_montage >= _MONTAGE
        if montage:
            self._last_montage = now
        picture = await self._picture(screen, first if montage else None)
        if self._websocket.client_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._websocket.send_bytes(self._pack(picture, screen, first, curve))
        except (RuntimeError, WebSocketDisconnect):
            return  # closed meanwhile
        if self._monitor.closed:
            await self._websocket.close(1001)

    async def _picture(self, screen: int, montage: int | None) -> Picture | None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Picture] = loop.create_future()

        def set_result(picture: Picture) -> None:
            if not future.done():
                future.set_result(picture)

        def done(picture: Picture) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(set_result, picture)

        self._monitor.ask(PictureRequest(screen, montage, done))
        end = time.monotonic() + _PATIENCE
        while not future.done() and time.monotonic() < end and not self._monitor.closed:
            await asyncio.wait((future,), timeout=0.1)
            if not future.done():
                self._answer_idle()
                await asyncio.sleep(0)
        return future.result() if future.done() else None

    def _answer_idle(self) -> None:
        envs = self._server._envs()
        source = None if envs is None else envs._source()
        if source is not None and not self._monitor.closed:
            self._monitor.answer_idle(source)

    def _count(self, busy: Any) -> None:
        """Compute frames a second and the busy time of the threads."""
        now, steps = time.monotonic(), self._monitor.steps
        if self._counted is None:
            self._counted = now, steps, busy
            return
        before, old_steps, old_busy = self._counted
        if now - before < 1:
            return
        self._counted = now, steps, busy
        self._rate["fps"] = (steps - old_steps) * self._monitor.frameskip / (now - before)
        if busy is not None and old_busy is not None and len(busy) == len(old_busy):
            share = (busy - old_busy) / 1e9 / (now - before)
            # ``timings()`` sets them back to zero.
            self._rate["busy"] = None if (share < 0).any() else np.minimum(share, 1.0).round(3).tolist()

    def _pack(self, picture: Picture | None, screen: int, first: int, curve: int) -> bytes:
        monitor = self._monitor
        self._count(None if picture is None else picture.busy)
        header: dict[str, Any] = {
            "steps": monitor.steps,
            "episodes": monitor.episodes,
            "closed": monitor.closed,
            "screen": None,
            "montage": None,
            **self._rate,
        }
        parts = []
        if picture is not None and picture.screen is not None:
            header["screen"] = {
                "env": screen,
                "reward": _number(picture.rewards[screen]),
                "length": int(picture.lengths[screen]),
                "played": screen in self._server._players,
            }
            parts.append(picture.screen.tobytes())
        if picture is not None and picture.tiles is not None:
            count, height, width = picture.tiles.shape
            header["montage"] = {
                "first": first,
                "count": count,
                "height": height,
                "width": width,
                "rewards": [_number(one) for one in picture.rewards[first : first + count]],
            }
            parts.append(picture.tiles.tobytes())
        now = time.monotonic()
        if curve != monitor.curve.version and now - self._last_curve >= _CURVE:
            self._last_curve = now
            header["curve"] = {
                "version": monitor.curve.version,
                "points": [[steps, _number(reward), length] for steps, reward, length in monitor.curve.points()],
            }
        text = json.dumps(header).encode()
        return struct.pack("<I", len(text)) + text + (zlib.compress(b"".join(parts), 1) if parts else b"")


def slowed(interval: float, cpu: float) -> float:
    """Return the seconds from one picture to the next, if the last one has cost so many seconds of the thread's CPU.

    A thread that shares its cores with those of the emulators delays all of them, because a step ends with the last.
    """
    return max(interval, min(cpu / _SHARE, _SLOWEST))


def _number(value: float) -> float | None:
    """Return a number as JSON has it, in a few digits."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


__all__ = ["PAGE", "Server"]
