"""RL Baselines3 Zoo: the command of the page."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import documented


def test_documented(tmp_path: Path) -> None:
    section = re.search(r"^## RL Baselines3 Zoo\n(.*?)^## ", documented.PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert section is not None
    settings = re.search(r"^```yaml\n# (\S+)\n(.*?)^```", section[1], re.M | re.S)
    command = re.search(r"^```sh\n(.*?)^```", section[1], re.M | re.S)
    assert settings is not None
    assert command is not None
    (tmp_path / settings[1]).write_text(settings[2])
    words = shlex.split(command[1])
    assert words[0] == "python"
    done = subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "logs").rglob("nes_py-Bricks-v0.zip")) or list((tmp_path / "logs").rglob("*.zip"))
