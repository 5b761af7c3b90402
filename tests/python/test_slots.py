"""States in slots, and the start state of a reset."""

from __future__ import annotations

import copy
import pickle

import pytest
from support.rom_builder import BUTTON_SUM, BUTTONS_1

from nes_py import NESEnv
from nes_py.envs.bricks import BricksEnv


def press(env: NESEnv, byte: int, frames: int = 4) -> int:
    for _ in range(frames):
        env._frame_advance(byte)
    return int(env.ram[BUTTON_SUM])


def test_slots_are_apart(env: NESEnv) -> None:
    press(env, 0, 8)
    sums = {slot: (press(env, slot + 2), env._backup(slot))[0] for slot in range(-1, 10)}
    assert len(set(sums.values())) > 5
    for slot, total in reversed(sums.items()):
        env._restore(slot)
        assert env.ram[BUTTON_SUM] == total
    env._restore()
    assert env.ram[BUTTON_SUM] == sums[-1]


def test_reset_begins_with_the_default_slot_alone(env: NESEnv) -> None:
    press(env, 1, 8)
    env._backup(0)
    assert not env._has_backup
    env.reset()
    assert env._env.frame_count == 0
    total = press(env, 3, 12)
    env._backup(slot=-1)
    assert env._has_backup
    press(env, 5)
    env.reset()
    assert env.ram[BUTTON_SUM] == total


def test_reset_options(env: NESEnv) -> None:
    first = press(env, 1, 8)
    env.backup(4)
    press(env, 3)
    env.backup()
    env.reset(options={"slot": 4})
    assert env.ram[BUTTON_SUM] == first
    env.reset(options={"power_on": True, "somebody else's": 1})
    assert env._env.frame_count == 0
    env._has_backup = False  # as programs for nes-py 8 ask for it
    env.reset()
    assert env._env.frame_count == 0
    with pytest.raises(ValueError, match="slot 5"):
        env.reset(options={"slot": 5})


def test_reset_takes_its_arguments_by_position_too(env: NESEnv) -> None:
    env.reset(3, None, return_info=True)
    assert env.np_random_seed == 3
    with pytest.raises(TypeError, match="'colour'"):
        env.reset(colour=1)


@pytest.mark.parametrize("slot", [-2, 10, 2**70])
@pytest.mark.parametrize("name", ["_backup", "_restore", "backup", "restore", "has_backup"])
def test_wrong_slot(env: NESEnv, name: str, slot: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.9, or -1"):
        getattr(env, name)(slot)


def test_empty_slot_leaves_the_game_alone(env: NESEnv) -> None:
    calls = []
    env._will_restore = lambda: calls.append("will")
    before = bytes(env.dump_state())
    with pytest.raises(ValueError, match="no backup to restore in slot 3"):
        env.restore(3)
    with pytest.raises(TypeError, match="integer"):
        env.restore("3")
    assert not calls
    assert bytes(env.dump_state()) == before


def test_public_restore_lets_the_episode_go_on(env: NESEnv) -> None:
    env.backup(1)
    assert env.has_backup(1)
    assert not env.has_backup(2)
    env.done = True
    env._restore(1)
    assert env.done
    env.restore(1)
    env.step(0)


def test_hooks_of_restore_and_step(rom_path: str) -> None:
    class Hooked(NESEnv):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            self.calls: list[str] = []

        def _will_restore(self) -> None:
            self.calls.append("will restore")

        def _did_restore(self) -> None:
            self.calls.append(f"did restore {self.ram[BUTTONS_1]}")

        def _will_step(self) -> None:
            self.calls.append("will step")

        def _did_step(self, done: bool) -> None:
            self.calls.append("did step")

    env = Hooked(rom_path)
    press(env, 9, 8)
    env._backup()
    press(env, 3)
    env.reset()
    env.step(0)
    assert env.calls == ["will restore", "did restore 9", "will step", "did step"]


def test_points_of_another_time_are_no_reward() -> None:
    env = BricksEnv()
    env.reset()
    env.backup(0)
    for step in range(200):
        env.step(1 if step % 64 == 0 else 0)
    assert env.step(0)[4]["score"] > 0
    env.restore(0)
    assert env.step(0)[1] == 0


def test_slots_go_into_copies(env: NESEnv) -> None:
    total = press(env, 3, 8)
    env.backup(2)
    press(env, 1)
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        twin.restore(2)
        assert twin.ram[BUTTON_SUM] == total
        assert not twin._has_backup


def test_names_of_the_fork(env: NESEnv) -> None:
    env.frame_advance(3)
    assert env._emulator is env._env
    assert env._controller_buffers[0] is env.controllers[0]
    assert env._viewer is None
    env._done = True
    assert env.done
    assert env._done
    assert env._snapshot is None
    env._backup()
    assert env._snapshot == env.dump_state()
