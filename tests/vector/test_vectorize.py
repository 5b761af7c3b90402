"""vectorize: the results of SyncVectorEnv over the same NESEnv subclasses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import StickyAction
from reference import BrickGame, Gray, LifeGame, Noop, Skip
from support.equality import assert_same
from test_equality import same

from nes_py import NESEnv, vectorize
from nes_py._gymnasium import AutoresetMode, SyncVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.vector import StepMode, VectorizedNESEnv
from nes_py.wrappers import JoypadSpace


class Cutscene(BrickGame):
    """Skips frames and writes to RAM in its hooks, as games do."""

    def _did_step(self, done: bool) -> None:
        if self.before["paddle_x"] % 8 == 1 and not done:
            for _ in range(3):
                self._frame_advance(0)
            self.ram[0x11] = 2
        super()._did_step(done)


class Sticky(BrickGame):
    """Presses other buttons than it is told."""

    def step(self, action: int) -> Any:
        return super().step(int(action) | 1)


class Remembers(BrickGame):
    """Takes what was in RAM before the frame into account, and writes to RAM before it."""

    def _will_step(self) -> None:
        self.before = self.read()
        self.ram[0x12] += 1

    def _did_step(self, done: bool) -> None:
        pass


class Holds(BrickGame):
    """Has methods and pictures of its own."""

    def _frame_advance(self, action: int) -> None:
        super()._frame_advance(action)
        super()._frame_advance(action)

    def _picture(self) -> Any:
        return None

    def _screen_buffer(self) -> Any:
        return super()._screen_buffer()[::-1]

    def _did_step(self, done: bool) -> None:
        super()._did_step(done)
        if self.before["paddle_x"] % 3 == 0:
            self._frame_advance(1)


class Draws(BrickGame):
    """Draws into the picture."""

    def _did_step(self, done: bool) -> None:
        super()._did_step(done)
        self.emulator.index_buffer()[8:16, 8:16] = 0x16
        self.screen[16:24, 8:16] = 255


class Shared(BrickGame):
    """Looks at the others of its class, and pushes one of them."""

    everybody: list[Shared]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.everybody.append(self)

    def _get_info(self) -> dict[str, Any]:
        return {"all": np.array([int(one.ram[0x16]) for one in self.everybody]), "steps": self.steps}

    def _did_step(self, done: bool) -> None:
        super()._did_step(done)
        type(self).steps += 1
        if self.steps % 5 == 0:
            self.everybody[(self.everybody.index(self) + 1) % len(self.everybody)].ram[0x16] += 4


class Fails(BrickGame):
    """Raises now and then."""

    frames = 0
    error: type[BaseException] = ArithmeticError

    def _get_reward(self) -> float:
        self.frames += 1
        if self.frames % 4 == self.number:
            raise self.error(f"number {self.number}, frame {self.frames}")
        return super()._get_reward()

    @property
    def number(self) -> int:
        return int(self.np_random_seed or 0) % 4


class Beyond(JoypadSpace):
    """Presses something else."""

    def step(self, action: int) -> Any:
        return super().step(int(action) ^ 1)


def shared() -> Callable[[], gym.Env[Any, Any]]:
    """Return a function for environments of a class of their own that know each other."""
    return type("Fellow", (Shared,), {"everybody": []})


MAKERS: dict[str, Callable[[], gym.Env[Any, Any]]] = {
    "plain": BrickGame,
    "joypad": lambda: JoypadSpace(BrickGame(), ACTIONS),
    "hooks": lambda: JoypadSpace(Cutscene(), ACTIONS),
    "passive": lambda: Gray(gym.wrappers.TimeLimit(JoypadSpace(BrickGame(), ACTIONS), 9)),
    "unknown": lambda: JoypadSpace(Skip(Noop(BrickGame(), 5), 3, True), ACTIONS),
    "sticky": lambda: StickyAction(JoypadSpace(BrickGame(), ACTIONS), 0.5),
    "own step": lambda: JoypadSpace(Sticky(), ACTIONS),
    "made": lambda: JoypadSpace(gym.make("nes_py/Bricks-v0"), ACTIONS),
    "before the frame": lambda: JoypadSpace(Remembers(), ACTIONS),
    "own frame": lambda: JoypadSpace(Holds(), ACTIONS),
    "draws": lambda: JoypadSpace(Draws(), ACTIONS),
    "beyond": lambda: Beyond(BrickGame(), ACTIONS),
}
#: Those that are stepped one by one, and what the warning names.
ALONE = {
    "unknown": "Skip.step",
    "sticky": "StickyAction.action",
    "own step": "Sticky.step",
    "before the frame": "Remembers._will_step",
    "beyond": "Beyond.step",
}


def build(maker: str, count: int = 3, **options: Any) -> Any:
    """Return the vector environment, having seen the warning that belongs to it."""
    options.setdefault("num_threads", 2)
    if maker not in ALONE:
        envs = vectorize(MAKERS[maker], count, **options)
        assert all(envs.fast)
        return envs
    with pytest.warns(UserWarning, match=ALONE[maker].replace(".", "[.]")) as caught:
        envs = vectorize(MAKERS[maker], count, **options)
    assert len(caught) == 1
    assert not any(envs.fast)
    assert all(ALONE[maker] in mode.reason for mode in envs.fast)
    return envs


def compare(ours: Any, theirs: Any, steps: int = 30, between: Callable[[Any, int], None] | None = None) -> int:
    """Step both side by side; return how many exceptions there were. ``between`` is called for both before a step."""
    random = np.random.default_rng(0)
    raised = 0
    one, other = ours.reset(seed=3), theirs.reset(seed=3)
    same(one[0], other[0], "observations")
    same(one[1], other[1], "infos")
    held = []
    for step in range(steps):
        actions = random.integers(0, ours.single_action_space.n, ours.num_envs)
        actions[1:] = np.where(random.random(ours.num_envs - 1) < 0.8, [3, 2][: ours.num_envs - 1], actions[1:])
        results = []
        for envs in (ours, theirs):
            if between:
                between(envs, step)
            try:
                results.append(envs.step(actions))
            except (ArithmeticError, KeyboardInterrupt, ValueError) as error:
                results.append((type(error), str(error)))
        one, other = results
        if isinstance(other[0], type):
            assert one == other
            raised += 1
        else:
            for name, mine, theirs_ in zip(
                ("observations", "rewards", "ends", "cuts", "infos"), one, other, strict=True
            ):
                same(mine, theirs_, f"{name} of step {step}")
            held.append((one[0], one[0].copy()))
        for mine, theirs_ in zip(ours.envs, theirs.envs, strict=True):
            assert mine.unwrapped.dump_state() == theirs_.unwrapped.dump_state(), step
    assert all((array == copy).all() for array, copy in held)
    ours.close()
    theirs.close()
    return raised


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_equals_sync_vector_env(maker: str, mode: AutoresetMode) -> None:
    compare(build(maker, autoreset_mode=mode), SyncVectorEnv([MAKERS[maker]] * 3, autoreset_mode=mode))


def test_hooks_that_reach_other_environments() -> None:
    # Each side has a class and a list of its own.
    ours, theirs = vectorize(shared(), 3, num_threads=2), SyncVectorEnv([shared()] * 3)
    assert all(ours.fast)
    compare(ours, theirs)


@pytest.mark.parametrize("error", [ArithmeticError, KeyboardInterrupt])
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_exceptions_leave_the_others_where_they_are(error: type[BaseException], mode: AutoresetMode) -> None:
    never: Any = {"_get_terminated": lambda self: False, "_get_truncated": lambda self: False}
    kind = type("FailsSo", (Fails,), {"error": error, **never})
    ours = vectorize(kind, 3, autoreset_mode=mode, num_threads=2)
    assert compare(ours, SyncVectorEnv([kind] * 3, autoreset_mode=mode)) > 8


def test_invalid_action_leaves_all_where_they_are() -> None:
    envs = vectorize(BrickGame, 3, num_threads=2)
    envs.reset(seed=0)
    before = [env.unwrapped.dump_state() for env in envs.envs]
    with pytest.raises(ValueError, match="300"):
        envs.step(np.array([1, 300, 1]))
    after = [env.unwrapped.dump_state() for env in envs.envs]
    # SyncVectorEnv would have stepped the first, before it looked at the second's action.
    assert after == before
    envs.close()


def test_movie_of_a_member() -> None:
    movies = []
    for envs in (vectorize(LifeGame, 2, num_threads=2), SyncVectorEnv([LifeGame] * 2)):
        envs.reset(seed=0)
        movies.append(envs.envs[1].unwrapped.record_movie())
        for byte in (0, 1, 0x80, 0x41):
            envs.step(np.array([0, byte]))
        envs.close()
    assert movies[0] == movies[1]
    assert [frame[1] for frame in movies[0]] == [0, 1, 0x80, 0x41]


def patch_step(game: Any) -> None:
    original = game.step
    game.step = lambda action: original(int(action) ^ 0x80)


def patch_hook(game: Any) -> None:
    game._will_step = lambda: game.ram.__setitem__(0x16, 100)


@pytest.mark.parametrize("patch", [patch_step, patch_hook])
def test_what_is_put_on_an_environment_later_counts(patch: Callable[[Any], None]) -> None:
    def between(envs: Any, step: int) -> None:
        if step == 5:
            patch(envs.envs[1].unwrapped)
            if isinstance(envs, VectorizedNESEnv):
                assert [mode.batched for mode in envs.fast] == [True, False, True]
                assert "BrickGame object" in envs.fast[1].reason

    compare(vectorize(BrickGame, 3, num_threads=2), SyncVectorEnv([BrickGame] * 3), between=between)


def test_steps_of_one_environment_between_those_of_all() -> None:
    def between(envs: Any, step: int) -> None:
        if step % 3 == 1:
            game = envs.envs[step % 2].unwrapped
            if not game.done:
                game.step(0x40)
            if step % 2:
                game.ram[0x16] ^= 1

    compare(vectorize(BrickGame, 3, num_threads=2), SyncVectorEnv([BrickGame] * 3), between=between)


def test_one_environment_in_two_places() -> None:
    pairs = []
    for vector in (lambda makers: vectorize(makers, num_threads=2), SyncVectorEnv):
        one = LifeGame()
        makers = [lambda one=one: one, LifeGame, lambda one=one: one]
        if vector is SyncVectorEnv:
            pairs.append(vector(makers))
            continue
        with pytest.warns(UserWarning, match="environment 2"):
            pairs.append(vector(makers))
        assert [mode.batched for mode in pairs[0].fast] == [True, True, False]
    ours, theirs = pairs
    ours.reset(seed=0)
    theirs.reset(seed=0)
    for _ in range(20):
        for mine, other in zip(ours.step([1, 2, 0x80]), theirs.step([1, 2, 0x80]), strict=True):
            same(mine, other, "")


def test_copies_go_on_from_where_they_were_made() -> None:
    ours, theirs = vectorize(LifeGame, 3, num_threads=2), SyncVectorEnv([LifeGame] * 3)
    for envs in (ours, theirs):
        envs.reset(seed=1)
        envs.step(np.array([1, 2, 0x80]))
    pair = copy.deepcopy(ours), copy.deepcopy(theirs)
    ours.step(np.array([3, 3, 3]))
    assert all(pair[0].fast)
    for byte in (0x40, 0x81):
        for mine, other in zip(pair[0].step(np.full(3, byte)), pair[1].step(np.full(3, byte)), strict=True):
            same(mine, other, "")
    for mine, other in zip(pair[0].envs, pair[1].envs, strict=True):
        assert mine.unwrapped.dump_state() == other.unwrapped.dump_state()


def test_sound_is_played_by_the_environments() -> None:
    sounds = []
    for envs in (vectorize(BrickGame, 2, num_threads=2), SyncVectorEnv([BrickGame] * 2)):
        envs.reset(seed=0)
        emulator = envs.envs[0].unwrapped.emulator
        emulator.sample_rate = 22050
        for byte in (0, 1, 0x80, 0x41):
            envs.step(np.array([byte, byte]))
        sounds.append(emulator.audio())
        envs.close()
    assert sounds[0].size > 1000
    assert_same(*sounds)


def test_devices() -> None:
    """Actions that are arrays run in the batch too."""

    class Gun(NESEnv):
        def __init__(self) -> None:
            super().__init__(str(ROM_PATH), device="zapper")

        def _get_info(self) -> dict[str, Any]:
            return {"pads": np.array([int(pad[0]) for pad in self.controllers])}

    ours, theirs = vectorize(Gun, 2, num_threads=2), SyncVectorEnv([Gun] * 2)
    assert all(ours.fast)
    for envs in (ours, theirs):
        envs.reset(seed=0)
        envs.action_space.seed(0)
    for _ in range(5):
        actions = ours.action_space.sample()
        one, other = ours.step(actions), theirs.step(actions)
        same(one[0], other[0], "pictures")
        same(one[4], other[4], "infos")


def test_fast_says_why() -> None:
    makers = [BrickGame, lambda: StickyAction(BrickGame(), 0.25)]
    with pytest.warns(UserWarning, match=r"StickyAction\.action may change actions \(environment 1\)"):
        envs = vectorize(makers, num_threads=2)
    assert [bool(mode) for mode in envs.fast] == [True, False]
    assert isinstance(envs.fast[0], StepMode)
    assert str(envs.fast[0]) == "batched: its class runs no code before the frame"
    assert str(envs.fast[1]) == "one by one: StickyAction.action may change actions"
    envs.close()
    assert "closed" in envs.fast[0].reason


def test_statistics_wrapper() -> None:
    envs = gym.wrappers.vector.RecordEpisodeStatistics(vectorize(MAKERS["joypad"], 2))
    envs.reset(seed=0)
    infos: list[Any] = [envs.step(np.array([3, 2]))[4] for _ in range(60)]
    assert any("episode" in info for info in infos)


def test_reset_mask_stays_in_the_options() -> None:
    envs = vectorize(MAKERS["joypad"], 2, autoreset_mode="Disabled")
    first, _ = envs.reset(seed=0)
    stepped = envs.step(np.array([3, 2]))[0]
    options = {"reset_mask": np.array([False, True])}
    observations, _ = envs.reset(options=options)
    assert list(options) == ["reset_mask"]
    assert_same(observations[0], stepped[0])
    assert_same(observations[1], first[1])
    assert observations is not stepped
    envs.close()


def test_copy_false_hands_out_one_array() -> None:
    envs = vectorize(MAKERS["joypad"], 2, copy=False)
    first, _ = envs.reset(seed=0)
    assert envs.step(np.array([3, 2]))[0] is first
    envs.close()


class Seen(BrickGame):
    """Has another space of observations."""

    def __init__(self, space: Any, actions: int = 256) -> None:
        super().__init__()
        self.observation_space = space
        self.action_space = gym.spaces.Discrete(actions)


def boxes(space: Any) -> list[gym.spaces.Box]:
    return list(space.spaces.values()) if isinstance(space, gym.spaces.Dict) else [space]


BOX = gym.spaces.Box
PLAIN: dict[str, Callable[[], Any]] = {
    "picture": lambda: BOX(0, 255, (240, 256, 3), np.uint8),
    "floats": lambda: BOX(-1, 1.5, (3, 2), np.float32),
    "unbounded": lambda: BOX(-np.inf, np.inf, (4,), np.float64),
    "bits": lambda: BOX(0, 1, (5,), np.bool_),
    "one number": lambda: BOX(0, 3, (), np.int64),
    "dict": lambda: gym.spaces.Dict(ram=BOX(0, 255, (2048,), np.uint8), x=BOX(0, 1, (2,), np.float32)),
}
OTHER: dict[str, Callable[[], Any]] = {
    "rows of their own": lambda: BOX(np.array([0, 1]), np.array([5, 6]), dtype=np.int64),
    "nothing": lambda: BOX(0, 1, (0,), np.uint8),
    "number": lambda: gym.spaces.Discrete(4),
    "mixed": lambda: gym.spaces.Dict(n=gym.spaces.Discrete(3), x=BOX(0, 1, (2,), np.float32)),
}


@pytest.mark.parametrize("kind", [*PLAIN, *OTHER])
def test_the_spaces_are_those_of_sync_vector_env(kind: str) -> None:
    """But bounds take no memory."""
    space = {**PLAIN, **OTHER}[kind]
    makers = [lambda: Seen(space())] * 3
    ours, theirs = vectorize(makers), SyncVectorEnv(makers)
    assert ours.observation_mode == theirs.observation_mode == "same"
    assert ours.single_observation_space is ours.envs[0].observation_space
    for envs in (ours, copy.deepcopy(ours), copy.deepcopy(copy.deepcopy(ours))):
        assert envs.observation_space == theirs.observation_space
        assert repr(envs.observation_space) == repr(theirs.observation_space)
        envs.observation_space.seed(5)
        theirs.observation_space.seed(5)
        same(envs.observation_space.sample(), theirs.observation_space.sample(), "")
        for box in boxes(envs.observation_space) if kind in PLAIN else ():
            for bounds in (box.low, box.high, box.bounded_below, box.bounded_above):
                assert bounds.shape == box.shape
                assert bounds.strides[0] == 0


def test_spaces_are_refused_that_sync_vector_env_refuses() -> None:
    def box(high: float = 1, shape: tuple[int, ...] = (2,), dtype: Any = np.float32) -> Any:
        return BOX(0, high, shape, dtype)

    nested = [gym.spaces.Dict(x=box(), y=box(high)) for high in (1, 2)]
    for first, second in (
        ((box(),), (box(2),)),
        ((box(),), (box(shape=(3,)),)),
        ((box(),), (box(dtype=np.float64),)),
        ((box(),), (gym.spaces.Discrete(2),)),
        ((nested[0],), (nested[1],)),
        ((nested[0],), (gym.spaces.Dict(x=box()),)),
        ((box(), 6), (box(), 7)),
        ((box(), 6), (box(2), 7)),
        # These it takes: they differ less than its tolerance.
        ((box(),), (box(1 + 1e-7),)),
    ):
        answers = []
        for vector in (vectorize, SyncVectorEnv):
            try:
                vector([lambda first=first: Seen(*first), lambda second=second: Seen(*second)])
                answers.append("")
            except (AssertionError, RuntimeError) as error:
                answers.append(f"{type(error)} {error}")
        assert answers[0] == answers[1]
        assert (answers[0] == "") == (second[0] == box(1 + 1e-7) and second[1:] == first[1:])


def test_a_wrong_mode_is_refused_before_anything_is_made() -> None:
    made = []
    with pytest.raises(ValueError, match="is not a valid AutoresetMode"):
        vectorize(lambda: made.append(BrickGame()) or made[-1], 2, autoreset_mode="never")
    assert not made
    with pytest.raises(ZeroDivisionError):
        vectorize(lambda: 1 // 0, 2)
    with pytest.raises(IndexError):
        vectorize([])


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="did you mean 'num_threads'"):
        vectorize(BrickGame, 2, num_thread=2)
    with pytest.raises(ValueError, match="at least 1"):
        vectorize(BrickGame, 0)
    with pytest.raises(TypeError, match="derived from NESEnv"):
        vectorize(lambda: gym.make("CartPole-v1"), 2)
    envs = vectorize(MAKERS["joypad"], 2)
    envs.reset()
    with pytest.raises(KeyError):
        envs.step(np.array([0, 6]))


def test_a_recording_is_refused_with_what_records_instead() -> None:
    with pytest.raises(TypeError, match=r"record_movie\(\) of an NESEnv .* NESVectorEnv\(record=\.\.\.\)"):
        vectorize(BrickGame, 2, record="x.npz")  # type: ignore[arg-type]
