"""The demo of ``make run``."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.patience import PATIENCE

from nes_py import demo


def test_it_prints_numbers_and_writes_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("tqdm")
    picture = tmp_path / "demo.png"
    assert demo.main(["--envs", "3", "--seconds", "0.2", "--output", str(picture)]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^[\d,]+ frames/s in total, [\d,]+ per core", text, re.MULTILINE)
    assert str(picture) in text
    with image.open(picture) as opened:
        assert opened.size == (3 * (128 + demo.GAP) + demo.GAP, 120 + 2 * demo.GAP + demo.CAPTION_HEIGHT)
        assert len(set(opened.convert("L").tobytes())) > 4


def test_every_emulator_has_its_place() -> None:
    screens = np.empty((32, 240, 256, 3), np.uint8)
    screens[:] = np.arange(100, 132, dtype=np.uint8)[:, None, None, None]
    canvas = demo.montage(screens)
    assert canvas.shape == (4 * (120 + demo.GAP) + demo.GAP, 8 * (128 + demo.GAP) + demo.GAP, 3)
    assert set(np.unique(canvas)) == {*range(100, 132), *demo.BACKGROUND}


@pytest.mark.parametrize("arguments", [["--envs", "0"], ["--threads", "0"], ["--seconds", "0"], ["--seconds", "inf"]])
def test_senseless_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        demo.main(arguments)
    assert end.value.code == 2
    assert "must be" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there are other signals here")
def test_interrupt_ends_it(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    pytest.importorskip("tqdm")
    program = """
import sys
from nes_py import demo
play = demo.run
def run(options):
    print("begun", flush=True)
    return play(options)
demo.run = run
sys.exit(demo.main(["--envs", "2", "--seconds", "1000000"]))
"""
    # A shell that runs the tests in its background has them ignore the signal.
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert errors.strip() == "Interrupted."
    assert not list(tmp_path.iterdir())
