"""The Gymnasium environment."""

from __future__ import annotations

import copy
import pickle
import sys
import types
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, BUTTONS_1, BUTTONS_2, FRAMES, demonstration_rom

import nes_py
from nes_py import NESEnv, StateError
from nes_py.nes_env import SCREEN_HEIGHT, SCREEN_SHAPE_24_BIT, SCREEN_SHAPE_32_BIT, SCREEN_WIDTH

# --- what it is made of ---


def test_class_attributes() -> None:
    assert NESEnv.observation_space == gym.spaces.Box(0, 255, (240, 256, 3), np.uint8)
    assert NESEnv.action_space == gym.spaces.Discrete(256)
    assert NESEnv.reward_range == (-float("inf"), float("inf"))
    assert NESEnv.metadata["render_modes"] == ["rgb_array", "human"]
    assert NESEnv.metadata["render_fps"] == 60
    assert nes_py.nes_env.NESEnv is nes_py.NESEnv
    assert (SCREEN_HEIGHT, SCREEN_WIDTH) == (240, 256)
    assert (SCREEN_SHAPE_24_BIT, SCREEN_SHAPE_32_BIT) == ((240, 256, 3), (240, 256, 4))


def test_new_environment(rom_path: str) -> None:
    env = NESEnv(rom_path)
    assert env.done
    assert env.viewer is None
    assert env.render_mode is None
    assert not env._has_backup
    assert env._rom_path == rom_path
    assert env.unwrapped is env
    assert env.ram.shape == (2048,)
    assert [port.shape for port in env.controllers] == [(1,), (1,)]
    assert env.screen.shape == (240, 256, 3)
    with pytest.raises(ValueError, match="cannot step in a done environment! call `reset`"):
        env.step(0)


def test_options_reach_the_emulator() -> None:
    env = NESEnv(demonstration_rom(), ram_fill="noise", ram_seed=5, policy="reference", region="pal")
    assert len(np.unique(env.ram)) > 100
    assert_same(env.ram, NESEnv(demonstration_rom(), ram_fill="noise", ram_seed=5).ram)


@pytest.mark.parametrize("name", ["game", "actions", "frameskip"])
def test_options_of_vector_environments_are_explained(rom_path: str, name: str) -> None:
    reason = f"unexpected keyword argument '{name}': it is an option of NESVectorEnv, .*num_envs=1"
    with pytest.raises(TypeError, match=reason):
        NESEnv(rom_path, **{name: None})

    class Game(NESEnv):
        def __init__(self, **options: object) -> None:
            super().__init__(rom_path)
            self.options = options

    assert Game(**{name: 3}).options == {name: 3}
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        NESEnv(rom_path, colour=1)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (["right"], TypeError),
        (None, TypeError),
        ({}, TypeError),
        (np.array([1, 2]), TypeError),
        ("right", ValueError),
        (b"right", ValueError),
    ],
)
def test_what_is_no_action_is_explained(rom_path: str, action: object, kind: type[Exception]) -> None:
    env = NESEnv(rom_path)
    env.reset()
    state = env.dump_state()
    with pytest.raises(kind, match=r"^an action is one integer in 0\.\.255, .* not .*JoypadSpace"):
        env.step(action)
    assert env.dump_state() == state
    for accepted in (1, True, np.uint8(1), np.array(1), 1.0, "1"):
        env.step(accepted)

    class Odd:
        def __int__(self) -> int:
            raise TypeError("of its own")

    with pytest.raises(TypeError, match=r"^of its own$"):
        env.step(Odd())


def test_unknown_render_mode(rom_path: str) -> None:
    with pytest.raises(NotImplementedError, match="'rgb_array', 'human'"):
        NESEnv(rom_path, render_mode="rgb")


@pytest.mark.filterwarnings("ignore:.*Official support for the `seed` function is dropped")
@pytest.mark.filterwarnings("ignore:.*Not able to test alternative render modes")
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_approves(rom_path: str, render_mode: str | None) -> None:
    check_env(NESEnv(rom_path, render_mode=render_mode))


# --- steps ---


def test_step_holds_the_buttons(env: NESEnv) -> None:
    for _ in range(6):
        env.step(0)
    env.controllers[1][:] = 0x0F
    frame = int(env.ram[FRAMES])
    observation, reward, terminated, truncated, info = env.step(0x81)
    assert env.ram[FRAMES] == frame + 1
    assert env.ram[BUTTONS_1] == 0x81
    assert env.ram[BUTTONS_2] == 0x0F
    assert observation in env.observation_space
    assert (reward, terminated, truncated, info) == (0.0, False, False, {})
    assert type(reward) is float
    assert type(terminated) is type(truncated) is bool


@pytest.mark.parametrize("action", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_kinds_of_actions(env: NESEnv, action: object) -> None:
    env.step(action)
    assert env.controllers[0][0] == 3


@pytest.mark.parametrize("action", [-1, 256, 2**70])
def test_action_out_of_range(env: NESEnv, action: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.255"):
        env.step(action)


def test_observations_are_fresh_arrays(env: NESEnv) -> None:
    first, _ = env.reset()
    kept = first.copy()
    second = env.step(0)[0]
    for _ in range(5):
        third = env.step(0)[0]
    for array in (first, second, third):
        assert array.flags.c_contiguous
        assert array.flags.owndata
        assert array.flags.writeable
    assert not np.shares_memory(second, third)
    assert_same(first, kept)
    assert (second != third).any()


def test_screen_is_the_live_picture(env: NESEnv) -> None:
    screen = env.screen
    for step in range(4):
        observation = env.step(0)[0]
        assert env.screen is screen
        assert_same(screen, observation, f"step {step}")
    assert not np.shares_memory(screen, observation)


def test_runs_are_repeatable(env: NESEnv) -> None:
    def run() -> bytes:
        env.reset(seed=7)
        return b"".join(env.step(int(env.np_random.integers(256)))[0].tobytes() for _ in range(12)) + bytes(env.ram)

    assert run() == run()


# --- hooks ---


class Recorder(NESEnv):
    """Writes down which hook was called when."""

    reward_range = (-2, 2)
    reward = 0.0
    truncate = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.calls: list[object] = []
        super().__init__(*args, **kwargs)

    def _will_reset(self) -> None:
        self.calls.append("will_reset")

    def _did_reset(self) -> None:
        self.calls.append("did_reset")
        self.ram[0x700] = 42

    def _frame_advance(self, action: int) -> None:
        self.calls.append("frame")
        super()._frame_advance(action)

    def _get_reward(self) -> float:
        self.calls.append("reward")
        return self.reward

    def _get_done(self) -> bool:
        self.calls.append("done")
        return self.ram[BUTTONS_1] == 0xFF

    def _get_truncated(self) -> bool:
        self.calls.append("truncated")
        return self.truncate

    def _get_info(self) -> dict[str, int]:
        self.calls.append("info")
        return {"sum": int(self.ram[BUTTON_SUM])}

    def _did_step(self, done: bool) -> None:
        self.calls.append(("did_step", done))


@pytest.fixture
def recorder(rom_path: str) -> Recorder:
    env = Recorder(rom_path)
    env.reset()
    for _ in range(6):
        env.step(0)
    env.calls.clear()
    return env


def test_order_of_the_hooks(recorder: Recorder) -> None:
    recorder.step(1)
    assert recorder.calls == ["reward", "done", "truncated", "info", ("did_step", False)]
    recorder.calls.clear()
    recorder.reset()
    assert recorder.calls == ["will_reset", "did_reset", "info"]
    assert recorder.ram[0x700] == 42


def test_legacy_done_ends_the_episode(recorder: Recorder) -> None:
    assert recorder.step(0xFF)[2:4] == (True, False)
    assert recorder.calls[-1] == ("did_step", True)
    assert recorder.done
    with pytest.raises(ValueError, match="call `reset`"):
        recorder.step(0)
    recorder.reset()
    assert not recorder.done
    recorder.step(0)


def test_truncation_ends_the_episode(recorder: Recorder) -> None:
    recorder.truncate = True
    assert recorder.step(0)[2:4] == (False, True)
    assert recorder.done


@pytest.mark.parametrize(("reward", "clipped"), [(5, 2), (-5, -2), (1.5, 1.5), (np.float32(0.5), 0.5)])
def test_reward_is_clipped(recorder: Recorder, reward: float, clipped: float) -> None:
    recorder.reward = reward
    result = recorder.step(0)[1]
    assert result == clipped
    assert type(result) is float


def test_terminated_hook_takes_the_place_of_done(rom_path: str) -> None:
    class Modern(NESEnv):
        def _get_terminated(self) -> bool:
            return True

    env = Modern(rom_path)
    env.reset()
    assert env.step(0)[2] is True


def test_observation_is_taken_after_did_step(rom_path: str) -> None:
    class Skipper(NESEnv):
        def _did_step(self, done: bool) -> None:
            self._frame_advance(0)

    env = Skipper(rom_path)
    env.reset()
    for _ in range(4):
        observation = env.step(0)[0]
    assert_same(observation, env.screen)
    assert env._env.frame_count == 8


# --- states ---


def test_reset_goes_back_to_power_on(env: NESEnv) -> None:
    first, _ = env.reset()
    ram = env.ram.copy()
    for _ in range(10):
        env.step(9)
    again, _ = env.reset()
    assert_same(first, again)
    assert_same(ram, env.ram)
    assert env._env.frame_count == 0


def test_options_of_reset_that_are_misspelled(env: NESEnv) -> None:
    env.reset()
    env.step(1)
    before = env.ram.copy()
    for wrong, known in {"slots": "slot", "power-on": "power_on", "Slot": "slot"}.items():
        with pytest.raises(ValueError, match=f"reset has no option '{wrong}', did you mean '{known}'"):
            env.reset(options={wrong: 1})
    assert (env.ram == before).all()
    env.reset(options={"stage": 1, "low": 0.5})


def test_reset_goes_back_to_the_backup(env: NESEnv) -> None:
    for _ in range(8):
        env._frame_advance(3)
    env._backup()
    assert env._has_backup
    total = int(env.ram[BUTTON_SUM])
    for _ in range(4):
        env.step(1)
    assert env.ram[BUTTON_SUM] != total
    env.reset()
    assert env.ram[BUTTON_SUM] == total
    env.step(1)
    env._restore()
    assert env.ram[BUTTON_SUM] == total


def test_restore_without_a_backup(env: NESEnv) -> None:
    with pytest.raises(ValueError, match="no backup"):
        env._restore()


def test_dump_and_load_state(env: NESEnv, rom_path: str) -> None:
    for _ in range(8):
        env.step(3)
    state = env.dump_state()
    picture = env.step(5)[0]
    other = NESEnv(rom_path)
    other.load_state(pickle.loads(pickle.dumps(state)))
    assert not other.done  # no reset is needed
    assert_same(other.step(5)[0], picture)
    other.done = True
    other.load_state(bytes(state))
    assert_same(other.step(5)[0], picture)


def test_bad_state_leaves_the_episode_alone(env: NESEnv) -> None:
    env.done = True
    with pytest.raises(StateError):
        env.load_state(b"nonsense")
    assert env.done


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies_are_environments_of_their_own(env: NESEnv, duplicate: object) -> None:
    env.reset(seed=11)
    for _ in range(8):
        env.step(3)
    env._backup()
    assert env.screen.any()
    twin = duplicate(env)
    assert_same(twin.ram, env.ram)
    assert twin.np_random.integers(1000) == env.np_random.integers(1000)
    assert not np.shares_memory(twin.ram, env.ram)
    assert not np.shares_memory(twin.screen, env.screen)
    assert_same(twin.step(7)[0], env.step(7)[0])
    assert_same(twin.screen, env.screen)
    env.ram[BUTTON_SUM] = 0
    assert twin.ram[BUTTON_SUM] != 0
    twin.controllers[1][0] = 0x55
    twin.step(0)
    assert twin.ram[BUTTONS_2] == 0x55
    twin.reset()
    env.reset()
    assert_same(twin.ram, env.ram)


# --- pictures ---


def test_observation_modes(env: NESEnv) -> None:
    for _ in range(8):
        env.step(0)
    assert env.observation() is env.screen
    assert env.observation("rgb_array") is env.screen
    copied = env.observation("rgb_array_contiguous")
    assert_same(copied, env.screen)
    assert copied.flags.c_contiguous
    assert not np.shares_memory(copied, env.screen)
    gray = env.observation("grayscale")
    r, g, b = (copied[..., channel].astype(np.uint32) for channel in range(3))
    assert_same(gray, (77 * r + 150 * g + 29 * b) >> 8)
    output = np.empty((240, 256), np.uint8)
    assert env.observation("grayscale", output=output) is output
    with pytest.raises(ValueError, match="shape"):
        env.observation("rgb_array_contiguous", output=output)
    with pytest.raises(NotImplementedError, match="'grayscale'"):
        env.observation("sepia")


def test_render_rgb_array(rom_path: str) -> None:
    env = NESEnv(rom_path, render_mode="rgb_array")
    env.reset()
    frames = []
    for step in range(8):
        observation = env.step(0)[0]
        frames.append(env.render())
        assert_same(frames[-1], observation, f"step {step}")
    assert (frames[-1] != frames[-2]).any()  # a list of frames keeps them apart


def test_render_with_a_mode_is_deprecated(env: NESEnv) -> None:
    with pytest.warns(DeprecationWarning, match="render_mode"):
        picture = env.render("rgb_array")
    assert picture.shape == (240, 256, 3)
    with pytest.warns(DeprecationWarning, match="deprecated"), pytest.raises(NotImplementedError, match="human"):
        env.render(mode="ansi")


def test_render_without_a_mode_warns_once(env: NESEnv) -> None:
    with pytest.warns(UserWarning, match="render_mode"):
        assert env.render() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert env.render() is None


class Viewer:
    """Stands in for the window."""

    def __init__(self, caption: str, height: int, width: int) -> None:
        self.caption, self.height, self.width = caption, height, width
        self.frames: list[np.ndarray] = []
        self.closed = False

    def show(self, frame: np.ndarray) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        self.closed = True


def test_render_of_a_class_that_does_not_call_the_constructor() -> None:
    class Delegating(NESEnv):
        def __init__(self) -> None:
            self.made = True

    assert Delegating().render() is None


def test_render_human(rom_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("nes_py._image_viewer")
    module.ImageViewer = Viewer
    monkeypatch.setitem(sys.modules, "nes_py._image_viewer", module)
    env = NESEnv(rom_path, render_mode="human")
    env.reset()
    assert env.viewer is None  # the window opens with the first picture
    for _ in range(3):
        env.step(0)
        assert env.render() is None
    viewer = env.viewer
    assert (viewer.caption, viewer.height, viewer.width) == ("demonstration.nes", 240, 256)
    assert len(viewer.frames) == 3
    assert all(frame is env.screen for frame in viewer.frames)
    assert copy.deepcopy(env).viewer is None
    env.close()
    assert viewer.closed


def test_render_human_without_a_viewer_says_what_to_do(rom_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nes_py._image_viewer", None)
    env = NESEnv(rom_path, render_mode="human")
    env.reset()
    with pytest.raises(ImportError, match=r"pip install 'nes-py\[human\]'"):
        env.render()
    env.step(0)


# --- the rest ---


def test_close(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    state = env.dump_state()
    ram, screen = env.ram, env.screen
    env.close()
    env.close()
    for use in (
        lambda: env.step(0),
        env.dump_state,
        lambda: env.load_state(state),
        lambda: env.ram_values([0]),
        lambda: env.observation("grayscale"),
        env._backup,
        env._restore,
        lambda: env._frame_advance(0),
    ):
        with pytest.raises(ValueError, match=r"closed|no backup"):
            use()
    assert env.ram is ram
    assert env.screen is screen
    assert ram.shape == (2048,)
    screen[...] = 3


def test_seed_is_deprecated(env: NESEnv) -> None:
    with pytest.warns(DeprecationWarning, match="reset"):
        assert env.seed(5) == [5]
    first = env.np_random.integers(10**6)
    env.reset(seed=5)
    assert env.np_random.integers(10**6) == first


def test_keys(env: NESEnv) -> None:
    keys = env.get_keys_to_action()
    assert len(keys) == 256
    assert keys[()] == 0
    for bit, key in enumerate("op \rwsad"):
        assert keys[(ord(key),)] == 1 << bit
    assert keys[tuple(sorted(map(ord, "do")))] == 0x81
    assert all(type(code) is int for held in keys for code in held)
    assert env.get_action_meanings() == ["NOOP"]


def test_context_manager(rom_path: str) -> None:
    with NESEnv(rom_path) as env:
        env.reset()
    assert env._env is None


def test_works_in_gymnasium_vector_environments(rom_path: str) -> None:
    vector = gym.vector.SyncVectorEnv([lambda: NESEnv(rom_path) for _ in range(2)])
    vector.reset(seed=0)
    for _ in range(8):
        pictures, rewards, *_ = vector.step(np.array([1, 2]))
    assert pictures.shape == (2, 240, 256, 3)
    assert rewards.shape == (2,)
    assert [int(env.ram[BUTTONS_1]) for env in vector.envs] == [1, 2]
    vector.close()
