"""The option ``audio`` of environments: the sound of each step in its info."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import demonstration_rom
from support.sounds import CPU_HZ, RATE, player

from nes_py import NESEmulator, NESEnv, NESVectorEnv, vectorize

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


@pytest.mark.parametrize("audio", [7999, 192001, 0, True, "48000", 48000.0, [48000]])
def test_wrong_rates(audio: Any) -> None:
    for make in (lambda: NESEnv(PULSE, audio=audio), lambda: NESVectorEnv(PULSE, 1, audio=audio)):
        with pytest.raises((TypeError, ValueError), match="audio must be"):
            make()


# --- vector environments ---


@pytest.mark.parametrize("threads", [1, 2])
def test_vector_environments_have_the_sound_of_whole_steps(threads: int) -> None:
    envs = NESVectorEnv(PULSE, 3, audio=RATE, frameskip=4, num_threads=threads)
    _, infos = envs.reset(seed=0)
    assert infos["audio"].shape == (3, 0)
    assert list(infos["audio_length"]) == [0, 0, 0]
    pieces = []
    for number in range(10):
        infos = envs.step(np.zeros(3, np.int64))[4]
        lengths = infos["audio_length"]
        assert infos["audio"].shape == (3, lengths.max())
        if number:  # the first frame is shorter
            assert (np.abs(lengths - 4 * SAMPLES) < 6).all()
        pieces.append(infos["audio"][1, : lengths[1]])
    with NESEmulator(PULSE) as emulator:
        emulator.sample_rate = RATE
        emulator.step(40)
        assert_same(np.concatenate(pieces), emulator.audio())
    envs.close()


@pytest.mark.parametrize("maxpool", [False, True])
@pytest.mark.parametrize("autoreset_mode", ["NextStep", "SameStep"])
def test_listening_does_not_change_what_is_learned(autoreset_mode: str, maxpool: bool) -> None:
    """Also where an episode ends within a step."""
    game = {
        "variables": {"frames": 0x12},
        "rewards": [{"delta": "frames"}],
        "terminated": "frames == 50",
    }
    options: dict[str, Any] = {"frameskip": 4, "game": game, "maxpool": maxpool, "autoreset_mode": autoreset_mode}
    with_sound = NESVectorEnv(demonstration_rom(), 2, audio=RATE, **options)
    without = NESVectorEnv(demonstration_rom(), 2, **options)
    assert_same(with_sound.reset(seed=1)[0], without.reset(seed=1)[0])
    ends = 0
    for number in range(60):
        actions = np.array([number % 256, number * 7 % 256])
        heard, silent = with_sound.step(actions), without.step(actions)
        for a, b in zip(heard[:4], silent[:4], strict=True):
            assert_same(a, b)
        for index, over in enumerate(heard[2]):
            if over and autoreset_mode == "SameStep":
                assert_same(heard[4]["final_obs"][index], silent[4]["final_obs"][index])
        ends += int(heard[2].sum())
    assert ends > 0
    for index in range(2):
        assert with_sound.get_state(index) == without.get_state(index)
    for envs in (with_sound, without):
        envs.close()


FADE = RATE // 500  # samples in which a sound that is cut off fades


@pytest.mark.parametrize("autoreset_mode", ["NextStep", "SameStep"])
def test_frames_before_an_episode_are_not_heard(autoreset_mode: str) -> None:
    """The last step of an episode ends with the fade, or the step that is a reset is only that."""
    envs = NESVectorEnv(
        PULSE,
        2,
        audio=RATE,
        frameskip=2,
        max_episode_steps=5,
        noop_max=30,
        autoreset_mode=autoreset_mode,
        num_threads=1,
    )
    envs.reset(seed=3)
    lengths, beginnings = [], []
    for number in range(24):
        infos = envs.step(np.zeros(2, np.int64))[4]
        lengths.append(infos["audio_length"])
        if number % (6 if autoreset_mode == "NextStep" else 5) == 0:
            beginnings.append(infos["audio"][0, :4])
        assert not infos["audio"][1, lengths[-1][1] :].any()
    whole = 2 * SAMPLES
    expected = [whole] * 4 + ([whole, FADE] if autoreset_mode == "NextStep" else [whole + FADE])
    for number, length in enumerate(lengths):
        assert (np.abs(length - expected[number % len(expected)]) < 4).all(), number
    # It begins with silence, whatever the frames before it played.
    assert (np.abs(beginnings) < 0.01).all()
    _, infos = envs.reset(options={"reset_mask": np.array([True, False])})
    assert infos["audio"].shape == (2, 0)
    assert (infos["audio"].dtype, infos["audio_length"].dtype) == (np.float32, np.int64)
    envs.close()


class Short(NESEnv):
    """Episodes of a few steps."""

    def __init__(self, limit: int) -> None:
        super().__init__(PULSE, audio=RATE)
        self.limit, self.count = limit, 0

    def _did_reset(self) -> None:
        self.count = 0

    def _did_step(self, done: bool) -> None:
        self.count += 1

    def _get_done(self) -> bool:
        return self.count >= self.limit


@pytest.mark.parametrize("autoreset_mode", ["NextStep", "SameStep"])
def test_vectorized_environments_have_their_sounds(autoreset_mode: str) -> None:
    """Of different lengths: one may have been reset meanwhile."""
    envs = vectorize([lambda: Short(4), lambda: Short(6)], autoreset_mode=autoreset_mode)
    alone = Short(4)
    _, infos = envs.reset(seed=0)
    assert infos["audio"].shape == (2, 0)
    alone.reset()
    done = False
    for _ in range(15):
        infos = envs.step(np.zeros(2, np.int64))[4]
        assert infos["_audio"].all()
        length = infos["audio_length"][0]
        if done:
            alone.reset()
            done = False
            assert length == 0
            continue
        _, _, done, _, info = alone.step(0)
        if done and autoreset_mode == "SameStep":
            assert_same(infos["final_info"]["audio"][0, : infos["final_info"]["audio_length"][0]], info["audio"])
            assert length == 0
            alone.reset()
            done = False
        else:
            assert_same(infos["audio"][0, :length], info["audio"])
            assert not infos["audio"][0, length:].any()
    envs.close()
    alone.close()


def test_copies_of_vector_environments_are_heard_too() -> None:
    envs = NESVectorEnv(PULSE, 2, audio=RATE, frameskip=1)
    envs.reset(seed=0)
    envs.step(np.zeros(2, np.int64))
    twin = pickle.loads(pickle.dumps(envs))
    for each in (envs, twin):
        length = each.step(np.zeros(2, np.int64))[4]["audio_length"]
        assert (np.abs(length - SAMPLES) < 3).all()
        each.close()


def test_vector_environments_without_the_option_have_no_sound() -> None:
    envs = NESVectorEnv(PULSE, 2)
    assert not {"audio", "audio_length"} & envs.reset(seed=0)[1].keys()
    assert not {"audio", "audio_length"} & envs.step(np.zeros(2, np.int64))[4].keys()
    envs.close()


def test_send_and_recv() -> None:
    envs = NESVectorEnv(PULSE, 4, batch_size=2, audio=RATE, frameskip=1)
    envs.async_reset(seed=0)
    for _ in range(8):
        infos = envs.recv()[4]
        assert infos["audio"].shape[0] == 2
        envs.send(np.zeros(2, np.int64), infos["env_id"])
    assert (np.abs(infos["audio_length"] - 29780.5 * RATE / CPU_HZ["ntsc"]) < 3).all()
    envs.close()
