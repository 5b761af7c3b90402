"""The real window, on a virtual display: needs Xvfb, xdotool and pyglet, and is skipped without them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.patience import PATIENCE

PROGRAM = """
import sys
from nes_py.envs.bricks import BricksEnv
from nes_py.viewer import Player

env = BricksEnv()
ram, steps, said = env.ram, [], []
player = Player(env, lambda *_: steps.append(int(ram[0x16])), folder=sys.argv[1])
show = player.window.show

def announced(picture):
    show(picture)
    if len(steps) == 1:
        print("open", player.window._place(), flush=True)
    elif "moved" not in said and steps and steps[-1] > steps[0] + 20:
        said.append("moved")
        print("moved", flush=True)
    elif len(steps) == 20_000:
        print("stuck", flush=True)

player.window.show = announced
player.run()
"""

WITHOUT_DISPLAY = """
import sys, nes_py
env = nes_py.NESEnv(sys.argv[1], render_mode="human")
env.reset()
try:
    env.render()
except RuntimeError as error:
    print(error)
assert env.step(0)[0].shape == (240, 256, 3)
"""

PLACEMENT = """
from nes_py._image_viewer import ImageViewer
import numpy as np
viewer = ImageViewer("a picture", 240, 256, zoom=2)
picture = np.random.default_rng(1).integers(0, 256, (240, 256, 3), np.uint8)
def shown():
    import pyglet
    for _ in range(3):
        viewer.show(picture)
    buffer = pyglet.image.get_buffer_manager().get_color_buffer().get_image_data()
    width, height = viewer._window.get_size()
    data = np.frombuffer(buffer.get_data("RGB", -3 * buffer.width), np.uint8)
    return data.reshape(buffer.height, buffer.width, 3)
first = shown()
assert first.shape == (480, 512, 3), first.shape
assert (first == picture.repeat(2, 0).repeat(2, 1)).all()
viewer._window.set_size(900, 760)
for _ in range(20):
    viewer.show(picture)
again = shown()
assert again.shape == (760, 900, 3), again.shape
left, top = (900 - 768) // 2, (760 - 720) // 2
assert (again[top : top + 720, left : left + 768] == picture.repeat(3, 0).repeat(3, 1)).all()
assert not again[:top].any() and not again[:, :left].any()
viewer.close()
viewer.close()
viewer.show(picture)
assert viewer.is_open
viewer._window.dispatch_event("on_close")
for _ in range(2):
    viewer.show(picture)
    assert not viewer.is_open
viewer.open()
viewer.show(picture)
assert viewer.is_open
print("right")
"""


# The window of nes-py 8 and 9: as large as it is told to be, opened once, with methods of a subclass.
AS_IN_NES_PY = """
import sys
import numpy as np
import nes_py, nes_py.nes_env
from nes_py._image_viewer import ImageViewer

picture = np.random.default_rng(1).integers(0, 256, (240, 256, 3), np.uint8)
calls = []

class Viewer(ImageViewer):
    def open(self):
        calls.append("open")
        super().open()

    def on_close(self):
        calls.append("on_close")

viewer = Viewer("a picture", 300, 400)
assert not viewer.is_open
for _ in range(3):
    viewer.show(picture)
assert calls == ["open"]
assert (viewer.height, viewer.width) == (300, 400)
assert viewer._window.get_size() == (400, 300)
assert viewer._place() == (72, 30, 256, 240)
viewer._window.dispatch_event("on_close")
for _ in range(3):
    viewer.show(picture)
assert calls == ["open", "on_close"], calls
assert viewer.is_open
viewer.close()
assert not viewer.is_open

nes_py.nes_env.ImageViewer = Viewer
env = nes_py.NESEnv(sys.argv[1], render_mode="human")
env.reset()
for _ in range(3):
    env.step(0)
    env.render()
assert calls == ["open", "on_close", "open"], calls
window = env.viewer
assert isinstance(window, Viewer)
assert window._window.get_size() == (256, 240)
env.close()
assert env.viewer is window and not window.is_open
print("right")
"""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A virtual display."""
    if importlib.util.find_spec("pyglet") is None:  # not imported here: other tests check that nobody does
        pytest.skip("pyglet is not installed")
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1024x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    if not number:
        server.wait()
        pytest.skip("Xvfb does not start here")
    yield f":{number}"
    server.terminate()
    server.wait()


def environment(display: str | None) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return variables if display is None else {**variables, "DISPLAY": display}


def test_keys_move_the_paddle(display: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, env=environment(display), stdout=subprocess.PIPE, text=True) as game:
        assert game.stdout is not None
        assert game.stdout.readline() == "open (0, 0, 768, 720)\n"

        def xdotool(*arguments: str) -> None:
            subprocess.run(["xdotool", *arguments], env=environment(display), check=True, stdout=subprocess.DEVNULL)

        try:
            xdotool("search", "--sync", "--onlyvisible", "--name", "bricks", "windowfocus", "--sync")
            xdotool("keydown", "d")
            assert game.stdout.readline() == "moved\n"
            xdotool("keyup", "d")
            xdotool("key", "F9")
            end = time.monotonic() + PATIENCE
            while not (tmp_path / "bricks-1.png").exists() and time.monotonic() < end:
                time.sleep(0.05)
        finally:
            xdotool("key", "Escape")
        assert game.wait(PATIENCE) == 0
    assert (tmp_path / "bricks-1.png").read_bytes().startswith(b"\x89PNG")


def test_pixels_are_squares_in_the_middle(display: str) -> None:
    command = [sys.executable, "-W", "error", "-c", PLACEMENT]
    done = subprocess.run(command, env=environment(display), capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "right\n", done.stderr


def test_window_of_nes_py(display: str, rom_path: str) -> None:
    command = [sys.executable, "-W", "error", "-c", AS_IN_NES_PY, rom_path]
    done = subprocess.run(command, env=environment(display), capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "right\n", done.stderr


@pytest.mark.parametrize("module", ["nes_py.play", "nes_py"])
def test_started_as_in_the_readme_of_nes_py_9(display: str, rom_path: str, module: str) -> None:
    command = [sys.executable, "-m", module, "--rom", rom_path]
    with subprocess.Popen(command, env=environment(display), stdout=subprocess.PIPE, text=True) as game:
        try:
            # Without this the window may open while nobody has the focus.
            search = [
                "xdotool",
                "search",
                "--sync",
                "--onlyvisible",
                "--name",
                "demonstration",
                "windowfocus",
                "--sync",
            ]
            subprocess.run(search, env=environment(display), check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
            subprocess.run(["xdotool", "key", "Escape"], env=environment(display), check=True)
            assert game.wait(PATIENCE) == 0
        finally:
            game.kill()


def test_pyglet_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    from nes_py import _image_viewer

    for version, good in (("1.5.21", False), ("1.5.31", True), ("2.1.19", True), ("3.0.dev1", False), ("?", False)):
        assert _image_viewer._is_known(version) is good
    pyglet = types.ModuleType("pyglet")
    pyglet.version, pyglet.options = "1.4.0", {}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyglet", pyglet)
    with pytest.raises(
        RuntimeError, match=r"pyglet 1\.4\.0 is not 1\.5\.31 to 2\.x: pip install --upgrade 'nes-py\[human\]'"
    ):
        _image_viewer.ImageViewer("x", 240, 256).open()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_no_display(rom_path: str) -> None:
    if importlib.util.find_spec("pyglet") is None:
        pytest.skip("pyglet is not installed")
    command = [sys.executable, "-c", WITHOUT_DISPLAY, rom_path]
    done = subprocess.run(command, env=environment(None), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "rgb_array" in done.stdout
    assert "xvfb-run" in done.stdout
    assert done.stderr == ""
