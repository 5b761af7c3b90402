"""How the command line ends: by Ctrl-C, by a pipe that nobody reads, by errors of the system; never by a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nes_py import NESEnv, NESVectorEnv, cli, datasets
from nes_py.playing.ram_prompt import RamPrompt


@pytest.fixture
def rollout(tmp_path: Path) -> Path:
    path = tmp_path / "a.npz"
    with NESVectorEnv("bricks", 2, record=path) as envs:
        envs.reset(seed=0)
        envs.step([1, 2])
    return path


def interrupt(*arguments: Any, **more: Any) -> Any:
    raise KeyboardInterrupt


def test_ctrl_c_ends_every_command(
    rollout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(datasets, "verify", interrupt)
    monkeypatch.setattr(RamPrompt, "run", interrupt)
    for arguments in (["dataset", str(rollout), "--check"], ["ram", "bricks", "-c", "run 10"]):
        assert cli.main(arguments) == 130
        assert capsys.readouterr().err == "Interrupted.\n"


def test_ctrl_c_ends_a_command_of_the_prompt_only(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with NESEnv("bricks") as env:
        env.reset()
        prompt = RamPrompt(env, say=said.append)
        monkeypatch.setattr(prompt.search, "run", interrupt)
        prompt.loop(["run 100000", "peek 0x11"])
    assert said == ["interrupted", "  $0011 = 0"]


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="pipes of POSIX")
def test_a_pipe_that_nobody_reads_is_no_error() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    program = "import sys; from nes_py import cli; sys.exit(cli.main(['keys', '--names']))"
    try:
        found = subprocess.run([sys.executable, "-c", program], stdout=writes, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writes)
    assert (found.returncode, found.stderr) == (0, b"")


def test_errors_of_the_system_name_the_file(rollout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dataset", "nowhere.npz"]) == 1
    assert capsys.readouterr().err == "nes_py: 'nowhere.npz': No such file or directory\n"
    # A file that there is not is not said to be a rollout.
    assert cli.main(["dataset", "nowhere.npz", "--game", "game.json"]) == 1
    assert "'nowhere.npz': No such file" in capsys.readouterr().err
    assert cli.main(["watch", "bricks", "--host", "", "--steps", "1"]) == 1
    assert capsys.readouterr().err == "nes_py: host must be a name or an address, not ''\n"
    assert cli.main(["watch", "bricks", "--game", "nowhere", "--steps", "1"]) == 1
    assert "there is no known game 'nowhere' (known: " in (error := capsys.readouterr().err)
    assert error.endswith("), and no file of that name\n")


def test_what_is_written_is_checked_before_anything_is_played(
    rollout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(*arguments: Any, **more: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(datasets, "verify", never)
    for option, path, reason in (
        ("--output", "a.txt", "the name of a rollout ends in .npz, .h5, .hdf5: 'a.txt' does not"),
        ("--export", "nowhere/a.npz", "No such file or directory"),
    ):
        assert cli.main(["dataset", str(rollout), "--check", option, path]) == 1
        assert reason in capsys.readouterr().err


def test_a_missing_h5py_is_noticed_before_anything_is_recorded(
    rollout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    reason = r"HDF5 files need h5py .*: pip install 'nes-py\[hdf5\]'"
    with pytest.raises(ImportError, match=reason):
        NESVectorEnv("bricks", record=tmp_path / "a.h5")
    file = str(tmp_path / "a.hdf5")
    play = ["play", "bricks", "-m", "random", "-s", "3", "--no-render", "--no-progress", "--record", file]
    for arguments in (play, ["dataset", str(rollout), "--output", file], ["dataset", str(rollout), "--export", file]):
        assert cli.main(arguments) == 1
        found = capsys.readouterr()
        assert "pip install 'nes-py[hdf5]'" in found.err
        assert found.out == ""


def test_ranges_of_episodes(rollout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = ["dataset", str(rollout), "--export", str(tmp_path / "b.npz"), "--episodes"]
    assert cli.main([*export, "0,1-1"]) == 0
    capsys.readouterr()
    assert cli.main([*export, "0-999999999999"]) == 1
    assert capsys.readouterr().err == "nes_py: there is no episode 2, only 0 to 1\n"
    with pytest.raises(SystemExit):
        cli.main([*export, "0,5-3"])
    assert "the range '5-3' ends before it begins" in capsys.readouterr().err
