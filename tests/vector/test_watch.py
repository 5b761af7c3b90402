"""A running batch in a browser: what the server sends, and whom it refuses."""

from __future__ import annotations

import base64
import contextlib
import copy
import gc
import http.client
import json
import os
import re
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Discrete
from support.equality import assert_same
from support.patience import PATIENCE

from nes_py import NESEnv, NESVectorEnv, cli, vectorize
from nes_py.envs.bricks import ACTIONS, ROM_PATH, BricksVectorEnv
from nes_py.watching import Monitor
from nes_py.watching.monitor import Curve

# --- pictures of environments in notebooks ---


def picture_of(html: str) -> np.ndarray:
    """Return the picture in an img element."""
    data = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', html)[1])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    assert data[37:41] == b"IDAT"
    rows = np.frombuffer(zlib.decompress(data[41 : 41 + length]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


def test_picture_of_an_environment() -> None:
    env = NESEnv("bricks")
    env.reset()
    for _ in range(30):
        env.step(0)
    assert_same(picture_of(env._repr_html_()), env.screen)
    env.close()
    assert env._repr_html_() is None


def test_picture_of_environments() -> None:
    with BricksVectorEnv(1, render_mode="rgb_array") as envs:
        envs.reset(seed=0)
        assert_same(picture_of(envs._repr_html_()), envs.render()[0])
    assert envs._repr_html_() is None
    with BricksVectorEnv(20, render_mode="rgb_array", palette=np.arange(192, dtype=np.uint8).reshape(64, 3)) as envs:
        envs.reset(seed=0)
        html = envs._repr_html_()
        assert "16 of 20 environments" in html
        whole = picture_of(html)
        assert whole.shape == (480, 512, 3)
        assert_same(whole[120:240, 128:256], envs.render()[5][::2, ::2])


def test_picture_of_vectorized_environments() -> None:
    with contextlib.closing(vectorize(lambda: NESEnv("bricks"), 3)) as envs:
        envs.reset(seed=0)
        envs.step(np.full(3, 1))
        picture = picture_of(envs._repr_html_())
        assert_same(picture[120:240, :256].reshape(120, 2, 128, 3)[:, 0], envs.envs[2].screen[::2, ::2])
    assert envs._repr_html_() is None


# --- the server ---

starlette = pytest.importorskip("starlette", reason="the extra watch is not installed: pip install 'nes-py[watch]'")
uvicorn = pytest.importorskip("uvicorn", reason="the extra watch is not installed: pip install 'nes-py[watch]'")
websockets = pytest.importorskip("websockets.sync.client", reason="the extra watch is not installed")

from nes_py.watching.server import slowed  # noqa: E402


def get(watch: Any, path: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(watch.host, watch.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path or f"/{watch.token}/", headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


class Page:
    """What the page does, without pictures of it."""

    def __init__(self, watch: Any, path: str = "", **options: Any) -> None:
        address = f"ws://{watch.host}:{watch.port}{path or f'/{watch.token}/socket'}"
        self._manager = websockets.connect(address, compression=None, proxy=None, open_timeout=PATIENCE, **options)
        self.socket = self._manager.__enter__()
        self.hello = json.loads(self.socket.recv(PATIENCE))

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def frame(self, screen: int = 0, first: int = 0, step: Any = None) -> tuple[dict[str, Any], np.ndarray]:
        """Ask for a frame; call ``step`` until it is there. Return its header and its bytes."""
        self.send(type="next", screen=screen, first=first, curve=-1)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if step is not None:
                step()
            with contextlib.suppress(TimeoutError):
                data = self.socket.recv(0.01 if step is not None else PATIENCE)
                if isinstance(data, bytes):
                    length = struct.unpack("<I", data[:4])[0]
                    rest = data[4 + length :]
                    return json.loads(data[4 : 4 + length]), np.frombuffer(
                        zlib.decompress(rest) if rest else b"", np.uint8
                    )
        raise AssertionError("no frame came")

    def receive_all(self) -> None:
        while True:
            self.socket.recv(PATIENCE)

    def close(self) -> None:
        self._manager.__exit__(None, None, None)


@pytest.fixture
def envs() -> Iterator[NESVectorEnv]:
    with BricksVectorEnv(6, actions=ACTIONS, obs_type="ram", timing=True, max_episode_steps=12) as envs:
        envs.reset(seed=0)
        yield envs


def test_page(envs: NESVectorEnv) -> None:
    with envs.watch() as watch:
        assert re.fullmatch(rf"http://127\.0\.0\.1:{watch.port}/[\w-]{{32}}/", watch.url)
        assert watch.url in repr(watch)
        assert watch.url in watch._repr_html_()
        status, headers, content = get(watch)
        assert status == 200
        assert b"page.js" in content
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        for file, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
            status, headers, content = get(watch, f"/{watch.token}/{file}")
            assert (status, headers["content-type"].partition(";")[0]) == (200, kind)
            assert len(content) > 1000
        assert get(watch, f"/{watch.token}/../../__init__.py")[0] in (403, 404)
        assert get(watch, f"/{watch.token}/none")[0] == 404
        with envs.watch() as other:
            assert other.token != watch.token
            assert watch.closed
            with pytest.raises(OSError, match=r"refused|reset|forcibly"):
                get(watch)
    assert watch._repr_html_() == "the watch is closed"


def test_who_is_refused(envs: NESVectorEnv) -> None:
    with envs.watch(max_clients=2, origins=["https://hub.example"]) as watch:
        for path in ("/", "/wrong/", f"/{watch.token}x/", f"/{watch.token[:-1]}/", "/?token=x", f"/x/{watch.token}/"):
            assert get(watch, path)[0] == 403, path
        assert get(watch, Origin="http://evil.example")[0] == 403
        assert get(watch, Origin="null")[0] == 403
        own = f"http://127.0.0.1:{watch.port}"
        assert get(watch, Origin=own)[0] == 200
        # Behind a tunnel the page has another port, and names it itself.
        assert get(watch, Origin="http://localhost:9999", Host="localhost:9999")[0] == 200
        assert get(watch, Origin="https://hub.example")[0] == 200
        for path, options, status in (
            ("/wrong/socket", {}, 403),
            ("", {"origin": "http://evil.example"}, 403),
            (f"/{watch.token}/other", {}, 404),
        ):
            with pytest.raises(Exception, match=f"HTTP {status}"):
                Page(watch, path, **options)
        pages = [Page(watch, origin=own), Page(watch, origin="https://hub.example")]
        with pytest.raises(Exception, match="HTTP 503"):
            Page(watch)
        assert get(watch)[0] == 503
        assert watch.clients == 2
        pages[0].close()
        end = time.monotonic() + PATIENCE
        while watch.clients == 2 and time.monotonic() < end:
            time.sleep(0.01)
        Page(watch).close()
        pages[1].close()


def test_frames(envs: NESVectorEnv) -> None:
    """They are the pictures of one of the steps; the montage has all emulators."""
    seen: list[np.ndarray] = [envs.screens.copy()]

    def step() -> None:
        envs.step(envs.action_space.sample())
        seen.append(envs.screens.copy())

    with envs.watch(fps=60) as watch:
        page = Page(watch)
        assert page.hello["num_envs"] == 6
        assert page.hello["title"] == "Mortar Moon"
        assert np.array(page.hello["palette"]).shape == (192,)
        header, data = page.frame(4, step=step)
        assert header["screen"]["env"] == 4
        assert header["montage"]["count"] == 6
        size = 240 * 256
        assert len(data) == size + 6 * 120 * 128
        screens = [one for one in seen if np.array_equal(one[4].ravel(), data[:size])]
        assert screens
        tiles = data[size:].reshape(6, 120, 128)
        assert any(np.array_equal(one[:, ::2, ::2], tiles) for one in screens)
        end = time.monotonic() + PATIENCE
        curve, fps, busy = None, None, None
        while not (curve and fps and busy) and time.monotonic() < end:
            header, data = page.frame(4, step=step)
            curve = header.get("curve") or curve
            fps, busy = header["fps"], header["busy"]
            if header["montage"] is None:
                assert len(data) == size
        # The step after an end only resets.
        assert {length for _, _, length in curve["points"]} == {12}
        assert fps > 0
        assert len(busy) == envs.num_threads
        assert header["episodes"] >= 6
        header, _ = page.frame(4)  # nobody steps
        assert header["steps"] == 6 * (len(seen) - 1)
        page.close()


class Short(NESEnv):
    """An episode of twelve steps, with rewards from the action."""

    def _will_reset(self) -> None:
        self.steps = 0

    def _get_reward(self) -> float:
        return 1.0

    def _get_truncated(self) -> bool:
        self.steps += 1
        return self.steps == 12


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_vectorized_environments(mode: str) -> None:
    envs = vectorize(lambda: Short("bricks"), 6, autoreset_mode=mode)
    envs.reset(seed=0)
    seen: list[np.ndarray] = []

    def step() -> None:
        envs.step(envs.action_space.sample())
        seen.append(np.stack([env.unwrapped.emulator.index_buffer().copy() for env in envs.envs]))

    with envs.watch(fps=60) as watch:
        page = Page(watch)
        assert page.hello["title"] == "Short"
        assert not page.hello["playable"]
        header, data = page.frame(4, step=step)
        assert any(np.array_equal(one[4].ravel(), data[: 240 * 256]) for one in seen)
        assert header["montage"]["count"] == 6
        while not (curve := header.get("curve")) or not curve["points"]:
            header, _ = page.frame(4, step=step)
        # NextStep's step after an end only resets.
        assert {(reward, length) for _, reward, length in curve["points"]} == {(12.0, 12)}
        envs.reset(seed=1, options={"reset_mask": np.arange(6) == 4})
        header, _ = page.frame(4)  # nobody steps
        assert header["steps"] == 6 * len(seen)
        assert (header["screen"]["reward"], header["screen"]["length"]) == (0, 0)
        copied = copy.deepcopy(envs)
        assert copied._watch is None
        copied.close()
        page.close()
    with envs.watch() as watch:
        envs.close()
        assert watch.closed
    with pytest.raises(ValueError, match="closed"):
        envs.watch()


def test_a_batch_that_waits_is_shown(envs: NESVectorEnv) -> None:
    with envs.watch() as watch:
        page = Page(watch)
        header, data = page.frame(1)
        assert header["steps"] == 0
        assert_same(data[: 240 * 256].reshape(240, 256), envs.screens[1])
        page.close()


def test_nothing_is_copied_without_a_page(envs: NESVectorEnv, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = []
    real = Monitor._copy
    monkeypatch.setattr(Monitor, "_copy", lambda *arguments: copies.append(1) or real(*arguments))
    with envs.watch() as watch:
        for _ in range(50):
            envs.step(envs.action_space.sample())
        assert not copies
        page = Page(watch)
        page.frame(step=lambda: envs.step(envs.action_space.sample()))
        page.close()
        assert len(copies) == 1
        for _ in range(50):
            envs.step(envs.action_space.sample())
        assert len(copies) == 1


def test_frames_that_nobody_needs_are_drawn_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nes_py.watching.monitor._UNSEEN", 0.1)
    with BricksVectorEnv(2, actions=ACTIONS, obs_type="tiles") as envs:
        envs.reset(seed=0)

        def step() -> None:
            envs.step(np.full(2, 2))

        with envs.watch(fps=60) as watch:
            before = envs.screens.copy()
            for _ in range(20):
                step()
            assert_same(envs.screens, before)
            page = Page(watch)
            header, data = page.frame(step=step)
            assert header["screen"]
            assert (data[: 240 * 256] != before[0].ravel()).any()
            page.close()
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                before = envs.screens.copy()
                for _ in range(20):
                    step()
                if np.array_equal(envs.screens, before):
                    break
            assert_same(envs.screens, before)


def play_until(page: Page, envs: NESVectorEnv, **message: Any) -> dict[str, Any]:
    page.send(type="play", **message)
    while True:
        answer = page.socket.recv(PATIENCE)
        if isinstance(answer, str):
            return json.loads(answer)


def test_playing(envs: NESVectorEnv) -> None:
    """The chosen emulator has the buttons of the page, the others those of the program."""
    nothing = np.zeros(6, int)
    with envs.watch(fps=60) as watch:
        page, other = Page(watch), Page(watch)
        assert page.hello["playable"]
        assert play_until(page, envs, screen=3, on=True) == {"type": "playing", "screen": 3, "refused": False}
        assert play_until(other, envs, screen=3, on=True) == {"type": "playing", "screen": None, "refused": True}
        other.send(type="buttons", value=0x40)
        page.send(type="buttons", value=0x80)  # right
        page.frame(3)  # it has been received
        envs.reset(seed=0)
        before = envs.ram[:, 0x16].copy()
        for _ in range(8):
            envs.step(nothing)
        moved = envs.ram[:, 0x16].astype(int) - before
        assert moved[3] > 0
        assert not moved[[0, 1, 2, 4, 5]].any()
        page.close()
        other.close()
        end = time.monotonic() + PATIENCE
        while watch.clients and time.monotonic() < end:
            time.sleep(0.01)
        place = envs.ram[3, 0x16]
        envs.reset(seed=0)
        envs.step(nothing)
        assert envs.ram[3, 0x16] == before[3] != place


def test_playing_at_the_speed_of_the_console() -> None:
    monitor = Monitor(1, 6, False)
    buttons = np.zeros((1, 1), np.uint8)
    begin = time.monotonic()
    monitor.play(0, 5)
    monitor.pace("player", True)
    for _ in range(4):
        monitor.hold(buttons)
    assert time.monotonic() - begin > 0.25  # four steps of a tenth of a second; the clock may be late at first
    assert buttons[0, 0] == 5
    monitor.pace("player", False)
    monitor.play(0, None)
    buttons[:] = 0
    monitor.hold(buttons)
    assert buttons[0, 0] == 0


def test_nobody_plays_what_is_recorded() -> None:
    with BricksVectorEnv(2, record=True) as envs:
        envs.reset(seed=0)
        for options in ({}, {"play": True}):
            with envs.watch(**options) as watch:
                page = Page(watch)
                assert not page.hello["playable"]
                assert play_until(page, envs, screen=0, on=True)["refused"]
                page.close()


def test_asynchronous_environments() -> None:
    with BricksVectorEnv(4, batch_size=2, obs_type="ram", max_episode_steps=5) as envs, envs.watch(fps=60) as watch:
        page = Page(watch)
        play_until(page, envs, screen=2, on=True)
        page.send(type="buttons", value=0x80)
        envs.async_reset(seed=0)

        def step() -> None:
            *_, infos = envs.recv()
            envs.send(np.zeros(2, int), infos["env_id"])

        header, _ = page.frame(2, step=step)
        assert header["screen"]["played"]
        for _ in range(40):
            step()
        header, _ = page.frame(2, step=step)
        assert header["episodes"] > 4
        page.close()


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        "{",
        "[" * 2000,
        '{"type": "x"}',
        '{"type": "next"}',
        '{"type": "next", "screen": 6, "first": 0}',
        '{"type": "next", "screen": -1, "first": 0}',
        '{"type": "next", "screen": true, "first": 0}',
        '{"type": "next", "screen": 1e9, "first": 0}',
        '{"type": "play", "screen": "0", "on": true}',
        '{"type": "buttons", "value": "x"}',
        "x" * 5000,
        '{"type": "next", "screen": 0, "first": 0, "curve": Infinity}',
        '{"type": "buttons", "value": 1e999}',
        b"\x00\x01",
    ],
)
def test_messages_that_make_no_sense(
    envs: NESVectorEnv, message: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The page is closed, the run and other pages go on."""
    with envs.watch(fps=60) as watch:
        page, other = Page(watch), Page(watch)
        page.socket.send(message)
        with pytest.raises(Exception, match=r"received 1008|received 1009"):
            page.receive_all()
        other.frame(step=lambda: envs.step(envs.action_space.sample()))
        other.close()
    assert "Traceback" not in caplog.text
    assert capfd.readouterr().err == ""


def test_requests_that_make_no_sense(envs: NESVectorEnv, caplog: pytest.LogCaptureFixture) -> None:
    with envs.watch() as watch:
        for origin in ("http://[", "http://[::1", "http://a:b:c", "//", "http://]["):
            assert get(watch, Origin=origin)[0] == 403, origin
    assert not caplog.records


def test_strangers_write_nothing_to_stderr() -> None:
    """Only a program that has a log is told of requests that are none."""
    program = """
import socket
from nes_py.envs.bricks import BricksVectorEnv
with BricksVectorEnv(1) as envs, envs.watch() as watch, socket.create_connection((watch.host, watch.port)) as other:
    other.sendall(b"\\0\\1\\2 nonsense\\r\\n\\r\\n")
    assert b"400" in other.recv(1000)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_lengths_of_episodes(mode: str, batch_size: int | None) -> None:
    """Environments whose episodes end at different times: the step that only resets one of them is none of its next."""
    options = {"obs_type": "ram", "max_episode_steps": 5, "autoreset_mode": mode, "batch_size": batch_size}
    with BricksVectorEnv(4, **options) as envs, envs.watch():
        if batch_size:
            envs.async_reset(seed=0)
            for _ in range(60):
                envs.send(np.zeros(2, int), envs.recv()[4]["env_id"])
        else:
            envs.reset(seed=0)
            for number in range(30):
                if number in (1, 2, 4):
                    envs.reset(options={"reset_mask": np.arange(4) == number % 4})
                envs.step(np.zeros(4, int))
        assert {length for _, _, length in envs._monitor.curve.points()} == {5.0}


def test_the_end(envs: NESVectorEnv) -> None:
    watch = envs.watch()
    page = Page(watch)
    threads = threading.active_count()
    assert "nes-py watch" in [thread.name for thread in threading.enumerate()]
    envs.close()
    assert watch.closed
    assert "nes-py watch" not in [thread.name for thread in threading.enumerate()]
    assert threading.active_count() < threads
    with pytest.raises(Exception, match="10"):
        page.frame()
    with pytest.raises(ValueError, match="closed"):
        envs.watch()
    watch.close()


def test_environments_that_are_forgotten() -> None:
    envs = BricksVectorEnv(2)
    watch = envs.watch()
    copied = copy.deepcopy(envs)
    assert copied._monitor is None
    copied.close()
    del envs
    gc.collect()
    assert watch.closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_forked_environments(envs: NESVectorEnv) -> None:
    """Nobody plays those of the forked process, and it does not keep the port."""
    nothing = np.zeros(6, int)
    envs.reset(seed=0)
    with envs.watch() as watch:
        page = Page(watch)
        play_until(page, envs, screen=3, on=True, pace=True)
        page.send(type="buttons", value=0x80)
        page.frame(3)
        before = envs.ram[3, 0x16]
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(BaseException):
                for _ in range(8):
                    envs.step(nothing)
                port = os.path.exists("/proc/self/fd") and f"socket:[{listening(watch.port)}]" in links()
                status = 0 if envs.ram[3, 0x16] == before and watch.closed and not port else 2
            os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert not watch.closed
        page.frame(3)
        page.close()


def links() -> list[str]:
    """Return what the files of this process are."""
    names = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            names.append(os.readlink(f"/proc/self/fd/{name}"))
    return names


def listening(port: int) -> str:
    """Return the number of the socket that listens at a port, on Linux."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table]
    return next(row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A")


def test_a_frame_for_notebooks(envs: NESVectorEnv) -> None:
    frame = envs.watch(inline=True)
    assert frame.src == frame.url == frame.watch.url
    html = frame._repr_html_()
    assert re.fullmatch(rf'<iframe src="{re.escape(frame.src)}" .*></iframe>', html)
    assert "frame-ancestors *" in get(frame.watch)[1]["content-security-policy"]
    frame.close()
    assert frame.watch.closed


def test_arguments(envs: NESVectorEnv) -> None:
    for options, error, message in (
        ({"port": -1}, ValueError, r"port must be in 0\.\.65535"),
        ({"port": "80"}, TypeError, "port must be an integer"),
        ({"fps": 0}, ValueError, r"fps must be in 1\.\.60"),
        ({"max_clients": 0}, ValueError, "max_clients"),
        ({"host": 3}, TypeError, "host must be"),
        ({"host": ""}, ValueError, "host must be"),
        ({"origins": "x"}, TypeError, "origins must be a list"),
        ({"origins": None}, TypeError, "origins must be a list"),
    ):
        with pytest.raises(error, match=message):
            envs.watch(**options)
    with envs.watch() as watch:
        taken = pytest.raises(OSError, match=f"cannot listen at 127.0.0.1 port {watch.port}")
        with BricksVectorEnv(1) as others, taken:
            others.watch(watch.port)
        assert get(watch)[0] == 200
        # As in a notebook's cell that is run again.
        with envs.watch(watch.port) as again:
            assert watch.closed
            assert (again.port, get(again)[0]) == (watch.port, 200)


def test_what_is_not_installed_is_named(envs: NESVectorEnv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nes_py.watching.server", raising=False)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    with pytest.raises(ImportError, match=r"pip install 'nes-py\[watch\]'"):
        envs.watch()
    envs.step(envs.action_space.sample())


def test_pictures_are_fewer_on_a_busy_machine() -> None:
    assert slowed(0.2, 0.001) == 0.2
    assert slowed(0.2, 0.006) == pytest.approx(0.4)
    assert slowed(0.2, 5.0) == 1.0
    assert slowed(2.0, 5.0) == 2.0


def test_curve_has_few_points() -> None:
    curve = Curve()
    for number in range(10_000):
        curve.add(10 * number, number, 10)
    points = curve.points()
    assert 200 <= len(points) <= 400
    assert points[-1][0] == 99_990
    assert [length for _, _, length in points] == [10.0] * len(points)
    rewards = [reward for _, reward, _ in points]
    assert rewards == sorted(rewards)
    for _ in range(5):
        curve.add(100_000, 1.0, 1.0)
    assert sum(steps == 100_000 for steps, _, _ in curve.points()) <= 1


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["watch", "bricks", "--num-envs", "2", "--steps", "3", "--fast"]) == 0
    assert re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", capsys.readouterr().out)
    assert cli.main(["watch", str(ROM_PATH), "--num-envs", "1", "--steps", "2"]) == 0
    (tmp_path / "game.json").write_text('{"variables": {"lives": "0x11"}, "rewards": [{"delta": "livse"}]}')
    assert cli.main(["watch", str(ROM_PATH), "--game", str(tmp_path / "game.json"), "--steps", "2"]) == 1
    assert "livse" in capsys.readouterr().err
    pressed = {0}
    step = NESVectorEnv.step
    with pytest.MonkeyPatch.context() as patch:

        def note(envs: NESVectorEnv, actions: Any, **more: Any) -> Any:
            assert envs.single_action_space == Discrete(2)
            pressed.update(actions.tolist())
            return step(envs, actions, **more)

        patch.setattr(NESVectorEnv, "step", note)
        for game in ("bricks", str(ROM_PATH)):
            assert cli.main(["watch", game, "--steps", "3", "--fast", "--actions", "NOOP,right A"]) == 0
    assert pressed == {0, 1}
    for wrong, message in {"NOOP,startt": "did you mean 'start'", "left,,A": "NOOP presses none"}.items():
        with pytest.raises(SystemExit) as stop:
            cli.main(["watch", "bricks", "--actions", wrong])
        assert stop.value.code == 2
        assert message in capsys.readouterr().err
    assert cli.main(["watch", "bricks", "--port", "70000"]) == 1
    assert "port must be in" in capsys.readouterr().err
