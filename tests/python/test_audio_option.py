"""The option ``audio`` of environments: the sound of each step in its info."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.sounds import CPU_HZ, RATE, player

from nes_py import NESEmulator, NESEnv

PULSE = player((0x4015, 1), (0x4000, 0xBF), (0x4001, 8), (0x4002, 253), (0x4003, 0))
SAMPLES = 29781 * RATE / CPU_HZ["ntsc"]


def steps(env: NESEnv, count: int) -> list[np.ndarray]:
    return [env.step(0)[4]["audio"] for _ in range(count)]


def test_each_step_has_its_sound() -> None:
    env = NESEnv(PULSE, audio=RATE)
    _, info = env.reset()
    assert info["audio"].shape == (0,)
    assert info["audio"].dtype == np.float32
    pieces = steps(env, 30)
    assert all(abs(len(piece) - SAMPLES) < 3 for piece in pieces[1:])  # the first step is shorter
    with NESEmulator(PULSE, frame_boundary="nes-py") as emulator:
        emulator.sample_rate = RATE
        for _ in range(30):
            emulator.frame_advance(0)
        assert_same(np.concatenate(pieces), emulator.audio())
    assert np.abs(np.concatenate(pieces)).max() > 0.05
    env.close()


def test_episodes_sound_the_same() -> None:
    env = NESEnv("bricks", audio=22050)
    env.reset()
    first = np.concatenate(steps(env, 40))
    _, info = env.reset()
    assert info["audio"].shape == (0,)
    assert_same(np.concatenate(steps(env, 40)), first)
    env.close()


def test_without_the_option_there_is_no_sound() -> None:
    env = NESEnv(PULSE)
    _, info = env.reset()
    assert "audio" not in info
    assert "audio" not in env.step(0)[4]
    assert env.emulator.sample_rate is None
    env.close()


def test_copies_are_heard_too() -> None:
    env = NESEnv("bricks", audio=RATE)
    env.reset()
    steps(env, 20)
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert twin.emulator.sample_rate == RATE
        assert abs(len(steps(twin, 1)[0]) - SAMPLES) < 3
        twin.close()
    env.close()


def test_info_of_a_subclass_is_left_alone() -> None:
    kept = {"x": 1}

    class Game(NESEnv):
        def _get_info(self) -> dict[str, Any]:
            return kept

        def _did_reset(self) -> None:
            for _ in range(5):
                self._frame_advance(0)

    env = Game(PULSE, audio=RATE)
    assert env.reset()[1]["audio"].shape == (0,)
    info = env.step(0)[4]
    assert info["x"] == 1
    assert abs(len(info["audio"]) - SAMPLES) < 3
    assert kept == {"x": 1}
    env.close()


@pytest.mark.parametrize("audio", [7999, 192001, 0, True])
def test_wrong_rates(audio: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="audio must be"):
        NESEnv(PULSE, audio=audio)
    with pytest.raises(TypeError):
        NESEnv(PULSE, audio="48000")  # type: ignore[arg-type]
