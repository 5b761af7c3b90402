"""Guarantees for subclasses of ``NESEnv``: free names, and hooks called as in nes-py 9."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from support.equality import assert_same
from support.rom_builder import BUTTON_SUM, BUTTONS_1, BUTTONS_2, FRAMES, demonstration_rom
from support.threads import while_stepping

import nes_py.nes_env
from nes_py import NESEmulator, NESEnv
from nes_py._rom import ROM
from nes_py.envs.bricks import BricksEnv
from nes_py.wrappers import JoypadSpace

# What nes-py 8.2.1 and 9.0.1 have themselves: a subclass that uses one of these means nes-py's.
NAMES_OF_NES_PY = {
    *("ram", "screen", "controllers", "done", "viewer", "render_mode", "spec", "np_random", "np_random_seed"),
    *("metadata", "reward_range", "observation_space", "action_space", "unwrapped"),
    *("reset", "step", "seed", "render", "close", "get_keys_to_action", "get_action_meanings"),
    *("has_wrapper_attr", "get_wrapper_attr", "set_wrapper_attr"),
    *("_env", "_rom_path", "_has_backup", "_np_random", "_np_random_seed", "_frame_advance", "_backup", "_restore"),
    *("_screen_buffer", "_ram_buffer", "_controller_buffer"),
    *("_will_reset", "_did_reset", "_did_step", "_get_reward", "_get_terminated", "_get_truncated", "_get_done"),
    "_get_info",
}

FREE_NAMES = sorted(
    name
    for name in {
        *vars(NESEnv),
        # What this package has called its own at one time or another, or might.
        *("load_state", "_viewer", "_snapshot", "_emulator", "save_ram", "_values", "_movie", "_slots", "_slot"),
        *("_picture", "_open_emulator", "_seed", "_render", "_show", "_caption", "_warned_of_render", "_make_views"),
        *("_set_values", "emulator", "options", "players", "timing", "frame_boundary", "on_reset", "whole_pictures"),
    }
    if not name.startswith(("__", "_NESEnv__")) and name not in NAMES_OF_NES_PY
)
# Hooks of this package. A method of this name that needs arguments is none.
NEW_HOOKS = {"_will_step", "_will_restore", "_did_restore"}


def play(env: NESEnv) -> list[Any]:
    """Use all that nes-py 9 has, and return what was seen."""
    seen: list[Any] = []
    env.reset(seed=1)
    for action in (0, 1, 2, 3):
        picture, *rest = env.step(action)
        seen.append((picture.tobytes(), rest, env.ram.tobytes()))
    env._backup()
    env.step(9)
    env._restore()
    seen.append(env.ram.tobytes())
    env._frame_advance(5)
    seen += [env.reset()[0].tobytes(), env.ram.tobytes(), env.done, env.viewer, env.render().tobytes()]
    twin = copy.deepcopy(env)
    twin.step(7)
    seen.append(twin.ram.tobytes())
    env.close()
    seen += [env.screen.tobytes(), env.render().tobytes()]
    return seen


@pytest.fixture(scope="module")
def expected() -> list[Any]:
    return play(NESEnv(demonstration_rom(), "rgb_array"))


class Named(NESEnv):
    """Has attributes of its own."""

    def __init__(self, early: dict[str, Any], late: dict[str, Any]) -> None:
        for name, value in early.items():
            setattr(self, name, value)
        super().__init__(demonstration_rom(), "rgb_array")
        for name, value in late.items():
            setattr(self, name, value)
        self.own = early | late

    def _did_step(self, done: bool) -> None:
        for name, value in self.own.items():
            assert getattr(self, name) is value
            setattr(self, name, value)


@pytest.mark.parametrize("value", [None, True, "mine"])
@pytest.mark.parametrize("name", FREE_NAMES)
def test_attribute_of_any_other_name(name: str, value: Any, expected: list[Any]) -> None:
    assert play(Named({}, {name: value})) == expected
    assert play(Named({name: value}, {})) == expected
    assert play(type("Mine", (NESEnv,), {name: value})(demonstration_rom(), "rgb_array")) == expected
    kept = pickle.loads(pickle.dumps(Named({}, {name: value})))
    assert getattr(kept, name) == value
    assert play(kept) == expected


def fails(self: Any, *arguments: Any) -> None:
    raise AssertionError("nobody has asked for it")


def needs_an_argument(self: Any, path: str) -> None:
    raise AssertionError("nobody has asked for it")


@pytest.mark.parametrize("name", FREE_NAMES)
def test_method_of_any_other_name(name: str, expected: list[Any]) -> None:
    for method in (needs_an_argument, fails)[: 1 if name in NEW_HOOKS else 2]:
        assert play(type("Mine", (NESEnv,), {name: method})(demonstration_rom(), "rgb_array")) == expected


# --- which method calls which ---


class Caller(NESEnv):
    """Writes down which methods are called, with which arguments."""

    def __init__(self, *arguments: Any) -> None:
        self.calls: list[Any] = []
        super().__init__(*arguments)


def _noted(name: str) -> Callable[..., Any]:
    original = getattr(NESEnv, name)

    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        self.calls.append((name, arguments, keywords) if arguments or keywords else name)
        return original(self, *arguments, **keywords)

    return method


for _name in sorted(NAMES_OF_NES_PY):
    if callable(getattr(NESEnv, _name, None)):
        setattr(Caller, _name, _noted(_name))


def test_hooks_are_called_as_in_nes_py_9() -> None:
    env = Caller(demonstration_rom())
    made = [("_controller_buffer", (0,), {}), ("_controller_buffer", (1,), {}), "_screen_buffer", "_ram_buffer"]
    assert env.calls == made
    env.calls.clear()
    env.reset()
    assert env.calls == ["reset", "_will_reset", "_did_reset", "_get_info"]
    env.calls.clear()
    env.step(3)
    hooks = ["_get_reward", "_get_terminated", "_get_done", "_get_truncated", "_get_info", ("_did_step", (False,), {})]
    assert env.calls == [("step", (3,), {}), *hooks]
    env._backup()
    env.calls.clear()
    env.reset(seed=3)
    assert env.calls == [("reset", (), {"seed": 3}), "_will_reset", "_restore", "_did_reset", "_get_info"]
    env.calls.clear()
    env.close()
    assert env.calls == ["close"]


def test_frame_advance_is_the_subclass_s(rom_path: str) -> None:
    class Repeats(NESEnv):
        def _frame_advance(self, action: int) -> None:
            for _ in range(4):
                super()._frame_advance(action)

    env = Repeats(rom_path)
    env.reset()
    for _ in range(10):
        env.step(0)
    assert env.emulator.frame_count == 10

    class Steps(NESEnv):
        def _frame_advance(self, action: int) -> None:
            self.step(action)

    env = Steps(rom_path)
    env.reset()
    env.step(1)
    env._frame_advance(1)
    assert env.emulator.frame_count == 2


def test_restore_and_backup_without_arguments(rom_path: str) -> None:
    class Own(NESEnv):
        def _backup(self) -> None:
            super()._backup()

        def _restore(self) -> None:
            super()._restore()

    env = Own(rom_path)
    env.reset()
    env.backup()
    env.backup(3)
    env.step(0)
    env.restore()
    env.restore(3)
    env.reset(options={"slot": 3})
    env.reset(options={"slot": -1})
    env.reset()


def test_reset_by_position(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset(3, None, True)
    assert env.np_random_seed == 3
    env.reset(None, {}, return_info=False)
    assert BricksEnv().reset(1, None, None)[0].shape == (240, 256, 3)


def test_reward_is_clipped_to_the_bound_itself(rom_path: str) -> None:
    class Bounded(NESEnv):
        reward_range = (-15, 15)

        def _get_reward(self) -> float:
            return self.value

    env = Bounded(rom_path)
    env.reset()
    for value, reward in ((99, 15), (-99, -15), (3, 3.0)):
        env.value = value
        assert env.step(0)[1] == reward
    env.value = float("nan")
    assert env.step(0)[1] != env.step(0)[1]


def test_patched_views(rom_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = NESEnv._ram_buffer
    # As programs do that want sums of bytes to be wide.
    monkeypatch.setattr(NESEnv, "_ram_buffer", lambda self: original(self).astype(np.int64))
    assert NESEnv(rom_path).ram.dtype == np.int64
    monkeypatch.setattr(NESEnv, "_screen_buffer", lambda self: np.full((2, 2), 7, np.uint8))
    monkeypatch.setattr(NESEnv, "_controller_buffer", lambda self, port: np.array([port], np.uint8))
    env = NESEnv(rom_path)
    assert [int(pad[0]) for pad in env.controllers] == [0, 1]
    assert env.reset()[0].tolist() == [[7, 7], [7, 7]]
    assert env.step(0)[0].tolist() == [[7, 7], [7, 7]]


# --- what a restore restores ---


def test_pads_stay_as_they_are(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for _ in range(8):
        env.step(1)
    env._backup()
    state = env.dump_state()
    for action, back in enumerate((env._restore, env.reset, lambda: env.load_state(state)), 2):
        env.controllers[0][:], env.controllers[1][:] = action, 0x40 | action
        back()
        assert [int(pad[0]) for pad in env.controllers] == [action, 0x40 | action]
    env.step(4)
    assert (env.ram[BUTTONS_1], env.ram[BUTTONS_2]) == (4, 0x44)
    env._has_backup = False
    env.reset()
    assert int(env.controllers[1][0]) == 0x44
    with pytest.raises(ValueError, match="not a snapshot"):
        env.load_state(b"none")
    assert int(env.controllers[1][0]) == 0x44


def test_done_in_hooks(rom_path: str) -> None:
    class Ends(NESEnv):
        def _did_step(self, done: bool) -> None:
            self.done = True

        def _did_reset(self) -> None:
            self.done = True

    env = Ends(rom_path)
    env.reset()
    assert not env.done
    assert env.step(0)[2:4] == (False, False)
    with pytest.raises(ValueError, match="done environment"):
        env.step(0)


# --- pictures ---


class Draws(NESEnv):
    def _did_step(self, done: bool) -> None:
        self.screen[:8] = 11

    def _did_reset(self) -> None:
        self.screen[:8] = 12


def test_what_hooks_draw_is_in_the_picture(rom_path: str) -> None:
    env = Draws(rom_path, render_mode="rgb_array")
    plain = NESEnv(rom_path)
    plain.reset()
    picture, _ = env.reset()
    assert_same(picture[:8], 12)
    for action in range(12):
        picture, expected = env.step(action)[0], plain.step(action)[0]
        assert_same(picture[:8], 11)
        assert_same(picture[8:], expected[8:])
        assert picture.flags.c_contiguous
        assert not np.shares_memory(picture, env.screen)
        assert_same(env.render(), picture)
        assert_same(env._screen_buffer(), picture)


def test_drawing_comes_back_with_a_state(rom_path: str) -> None:
    env = Draws(rom_path)
    env.reset()
    for _ in range(8):
        env.step(0)
    env._backup()
    state = env.dump_state()
    drawn = env.screen.copy()
    for back in (env._restore, lambda: env.load_state(state)):
        env._frame_advance(9)
        assert (env.screen[:8] != 11).any()
        back()
        assert_same(env.screen, drawn)
    plain = NESEnv(rom_path)
    plain.load_state(bytes(state))
    assert_same(plain.screen[8:], drawn[8:])


def test_screen_that_a_subclass_puts_in_its_place(rom_path: str) -> None:
    class Small(NESEnv):
        def _did_step(self, done: bool) -> None:
            self.screen = np.full((4, 4), done, np.uint8)

    class Live(NESEnv):
        @property
        def screen(self) -> Any:
            return self.own[::2, ::2]

        @screen.setter
        def screen(self, value: Any) -> None:
            self.own = value

    env = Small(rom_path)
    assert env.reset()[0].shape == (240, 256, 3)
    assert env.step(0)[0].shape == (4, 4)
    env = Live(rom_path)
    assert env.reset()[0].shape == (120, 128, 3)
    plain = NESEnv(rom_path)
    plain.reset()
    for _ in range(8):
        assert (env.step(0)[0] == plain.step(0)[0][::2, ::2]).all()
    assert copy.deepcopy(env).step(0)[0].shape == (120, 128, 3)


def test_names_that_are_there_before_the_constructor(rom_path: str) -> None:
    class Early(NESEnv):
        screen = None

        def __init__(self, path: str) -> None:
            self.ram = self.controllers = self.done = self.viewer = self.screen = None
            super().__init__(path)

    env = Early(rom_path)
    assert env.ram.shape == (2048,)
    assert len(env.controllers) == 2
    assert env.reset()[0].shape == (240, 256, 3)
    for step in range(8):
        assert_same(env.step(3)[0], env.screen, f"step {step}")


# --- threads ---


def test_reading_waits_for_the_step(rom_path: str) -> None:
    env = NESEnv(rom_path, "rgb_array", policy="reference")
    env.reset()
    emulator = env.emulator
    reads: list[Callable[[], Any]] = [
        lambda: env.screen,
        env.render,
        env._backup,
        env.dump_state,
        lambda: env.backup(3),
        lambda: env.observation("grayscale"),
        lambda: env.observation("rgb_array_contiguous"),
        lambda: env.ram_values([FRAMES]),
        lambda: env.save_ram,
        lambda: copy.deepcopy(env),
        lambda: pickle.dumps(env),
        env._ram_buffer,
        lambda: env._controller_buffer(1),
        env._mapper_number,
        env._prg_rom_size,
        env._chr_rom_size,
        env._has_chr_ram,
        env._name_table_mirroring,
    ]
    stepped = 0
    for read in reads:
        # On a busy machine a step may be over before this thread has its turn; never a long one.
        frames, refused = 60, False
        while not refused:
            thread = threading.Thread(target=emulator.step, args=(frames,))
            thread.start()
            while not refused and thread.is_alive():
                try:
                    emulator.peek(0)
                except RuntimeError:
                    refused = True
            if refused:
                read()
            thread.join()
            stepped += frames
            frames *= 2
            assert frames < 1_000_000
    assert emulator.frame_count == stepped


def test_a_viewer_gets_every_picture(rom_path: str) -> None:
    env = NESEnv(rom_path, "rgb_array")
    env.reset()
    over = threading.Event()

    def step() -> None:
        while not over.is_set():
            env.step(1)

    thread = threading.Thread(target=step)
    thread.start()
    try:
        for _ in range(200):
            assert env.render().shape == (240, 256, 3)
            env._backup()
    finally:
        over.set()
        thread.join()


def test_a_hook_reads_in_the_thread_that_steps(rom_path: str) -> None:
    class Looks(NESEnv):
        def _did_step(self, done: bool) -> None:
            self._backup()
            self.seen = self.render().sum() + self.screen.sum()

    env = Looks(rom_path, "rgb_array")
    env.reset()
    for _ in range(9):
        env.step(0)
    assert env.seen > 0


def test_a_second_stepping_thread_is_refused(rom_path: str) -> None:
    env = NESEnv(rom_path, policy="reference")
    env.reset()

    def use() -> None:
        with pytest.raises(RuntimeError, match="another thread"):
            env.step(0)

    while_stepping(lambda: env.emulator.step(2**31 - 1), lambda: env.emulator.frame_count, use)


# --- closing ---


def test_closing_when_the_emulator_is_closed(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    env.emulator.close()
    env.close()
    env.close()
    with pytest.raises(ValueError, match="closed"):
        env.reset()


def test_closing_twice_and_going_on(rom_path: str) -> None:
    env = NESEnv(rom_path, "rgb_array")
    env.reset()
    for _ in range(8):
        last = env.step(3)[0]
    ram = env.ram
    emulator = env.emulator
    env.close()
    env.close()
    assert emulator.closed
    assert_same(env.screen, last)
    assert_same(env.observation(), last)
    assert_same(env.render(), last)
    with pytest.raises(ValueError, match="closed"):
        env.step(0)
    with pytest.raises(ValueError, match="closed"):
        env.emulator  # noqa: B018
    env.reset()
    twin = NESEnv(rom_path)
    twin.reset()
    for action in range(12):
        assert_same(env.step(action)[0], twin.step(action)[0])
    assert env.ram is ram
    assert_same(ram, twin.ram)
    assert isinstance(env.emulator, NESEmulator)
    env.close()


def test_reset_after_close_returns_to_the_backup(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for _ in range(8):
        env.step(3)
    env._backup()
    total = int(env.ram[BUTTON_SUM])
    env.step(9)
    env.close()
    env.reset()
    assert env.ram[BUTTON_SUM] == total
    env.step(0)


# --- two players in one action ---


def test_two_players(rom_path: str) -> None:
    env = NESEnv(rom_path, players=2)
    assert env.action_space == gym.spaces.MultiDiscrete([256, 256])
    env.reset(seed=1)
    for action in ((3, 5), [3, 5], np.array([3, 5]), np.array([3, 5], np.uint8)) * 3:
        env.step(action)
    assert (env.ram[BUTTONS_1], env.ram[BUTTONS_2]) == (3, 5)
    env.step(env.action_space.sample())
    before = env.emulator.frame_count
    for wrong in (3, (3,), (3, 4, 5), (3, 256), (-1, 0), (1.5, 2), None, "ab"):
        with pytest.raises(ValueError, match=r"player|0\.\.255"):
            env.step(wrong)
    assert env.emulator.frame_count == before
    held = int(env.controllers[1][0])
    env._frame_advance(8)
    assert [int(pad[0]) for pad in env.controllers] == [8, held]
    env._frame_advance((1, 2))
    assert [int(pad[0]) for pad in env.controllers] == [1, 2]
    movie = env.record_movie()
    env.step((6, 7))
    assert movie[0] == (0, 6, 7)


def test_number_of_players(rom_path: str) -> None:
    assert NESEnv(rom_path, players=4, device="four_score").action_space.shape == (4,)
    for players, device in ((0, "joypads"), (3, "joypads"), (2, "zapper"), (5, "four_score")):
        with pytest.raises(ValueError, match="players must be in 1"):
            NESEnv(rom_path, players=players, device=device)


# --- the rest ---


def test_names_that_old_programs_import() -> None:
    assert nes_py.nes_env.ROM is ROM
    assert nes_py.nes_env.ImageViewer.__name__ == "ImageViewer"
    assert (NESEnv.height, NESEnv.width) == (240, 256)


def test_action_out_of_range_is_also_an_overflow(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    for action in (-1, 256, 2**70, float("inf")):
        with pytest.raises(OverflowError, match=r"0\.\.255"):
            env.step(action)


def test_names_of_the_fork_from_outside(rom_path: str) -> None:
    env = NESEnv(rom_path)
    env.reset()
    env.frame_advance((3, 5))
    assert [int(pad[0]) for pad in env.controllers] == [3, 5]
    result = env.step(1)
    assert [type(each) for each in result] == [np.ndarray, float, bool, bool, dict]
    assert result[1:] == (result.reward, result.terminated, result.truncated, result.info)
    assert result[0] is result.observation
    assert pickle.loads(pickle.dumps(result))[1:] == (0.0, False, False, {})
    env._backup()
    env._snapshot = None
    assert not env._has_backup
    env._snapshot = env.dump_state()
    assert env._has_backup
    env._done = True
    with pytest.raises(ValueError, match="done environment"):
        env.step(0)
    env._done = False
    env.step(0)


def test_frame_rate_of_the_console(rom_path: str) -> None:
    class Slow(NESEnv):
        metadata = NESEnv.metadata | {"render_fps": 30}

    for region, rate in (("ntsc", 60), ("pal", 50), ("dendy", 50)):
        assert NESEnv(rom_path, region=region).metadata["render_fps"] == rate
    assert Slow(rom_path, region="pal").metadata["render_fps"] == 30
    assert NESEnv.metadata["render_fps"] == 60


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("wrapped", [False, True])
def test_gymnasium_plays_with_the_keys(rom_path: str, wrapped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygame")
    from gymnasium.utils.play import play as play_with_pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame = sys.modules["pygame"]
    steps = []

    def callback(*seen: Any) -> None:
        steps.append(seen[2])
        if len(steps) == 4:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=ord("d")))
        if len(steps) == 8:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    env: gym.Env[Any, Any] = NESEnv(rom_path, "rgb_array")
    if wrapped:
        env = JoypadSpace(env, [["NOOP"], ["right"]])
    keys = env.get_wrapper_attr("get_keys_to_action")()
    assert keys[()] == 0
    assert dict(keys.items())[()] == 0
    play_with_pygame(env, fps=1000, callback=callback)
    assert steps[0] == 0
    assert steps[-1] == (1 if wrapped else 0x80)
