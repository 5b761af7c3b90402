"""Unchanged programs and packages for nes-py 8, together with others for Gymnasium.

``gym`` is a stand-in with the parts that nes-py 8 uses, so that these tests run everywhere; ``make test-old-clients``
runs the real packages.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.patience import PATIENCE

import nes_py
from nes_py.compat import interface
from nes_py.compat.numpy1 import RamArray

GYM = """
from . import spaces
class Env:
    metadata = {"render.modes": []}
    reward_range = (-float("inf"), float("inf"))
    spec = None
    @property
    def unwrapped(self):
        return self
class Wrapper(Env):
    def __init__(self, env):
        self.env, self.action_space, self.observation_space = env, env.action_space, env.observation_space
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.env, name)
    @property
    def unwrapped(self):
        return self.env.unwrapped
    def step(self, action):
        return self.env.step(action)
    def render(self, mode="human"):
        return self.env.render(mode)
    def close(self):
        return self.env.close()
"""

SPACES = """
class Discrete:
    def __init__(self, n):
        self.n = n
class Box:
    def __init__(self, low, high, shape, dtype):
        self.low, self.high, self.shape, self.dtype = low, high, shape, dtype
"""

CLIENT = """
from nes_py import NESEnv
class Game(NESEnv):
    def __init__(self, rom):
        super(Game, self).__init__(rom)
        self.reset()
        for _ in range(3):
            self._frame_advance(0)
        self._backup()
    @property
    def _x(self):
        return {byte}(self.ram[0x07D0]) * 0x100 + self.ram[0x07D1]
    def _get_reward(self):
        return {byte}(self.ram[0x07D2]) - 1
    def {end}(self):
        return bool(self.ram[0x07D3] == 200)
    def _get_info(self):
        return dict(x=self._x)
"""

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: nes-py ({asks})\n"

# Knows both libraries, as Stable-Baselines3 does.
LIBRARY = """
import gymnasium
try:
    import gym
except ImportError:
    gym = None
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory of packages: gym, a game for nes-py 8, one for nes-py 9, one that does not say."""
    for name, text in {
        "gym/__init__.py": GYM,
        "gym/spaces.py": SPACES,
        "old_game/__init__.py": "from .env import Game\n",
        "old_game/env.py": CLIENT.format(end="_get_done", byte=""),
        "old_game-7.4.0.dist-info/METADATA": METADATA.format(name="old-game", version="7.4.0", asks=">=8.1.4"),
        "old_game-7.4.0.dist-info/top_level.txt": "old_game\n",
        "new_game/__init__.py": CLIENT.format(end="_get_terminated", byte="int"),
        "new_game_9.py": "import gym\n" + CLIENT.format(end="_get_done", byte="int"),
        "new_game-9.1.0.dist-info/METADATA": METADATA.format(name="new-game", version="9.1.0", asks=">=9.0.0"),
        "new_game-9.1.0.dist-info/top_level.txt": "new_game\nnew_game_9\n",
        "own/__init__.py": "",
        "own/game.py": CLIENT.format(end="_get_done", byte="int"),
        "library.py": LIBRARY,
    }.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


def run(site: Path, rom: str, program: str, **environment: str) -> str:
    """Runs a program that prints "right" last, and returns its warnings."""
    path = site.parent / "program.py"
    path.write_text(f"ROM = {rom!r}\n{program}\nprint('right')\n")
    variables = {name: value for name, value in os.environ.items() if name != interface.SWITCH}
    # The package as this process has it, from wherever that is.
    package = str(Path(nes_py.__file__).parents[1])
    variables["PYTHONPATH"] = os.pathsep.join([str(site), package, *filter(None, [variables.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=PATIENCE, env={**variables, **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("right\n"), done.stdout + done.stderr
    return done.stderr


OLD_PROGRAM = """
from nes_py.wrappers import JoypadSpace
import old_game
import gymnasium
import numpy as np

env = old_game.Game(ROM)
import gym
assert isinstance(env, gym.Env) and not isinstance(env, gymnasium.Env)
assert isinstance(env.action_space, gym.spaces.Discrete) and old_game.Game.observation_space.shape == (240, 256, 3)
assert old_game.Game.metadata["render.modes"] == ["rgb_array", "human"]
assert np.bool8 is np.bool_

# np_random, seed and the arguments of reset
assert isinstance(env.np_random, np.random.RandomState)
assert env.seed() == [] and env.seed(5) == [5]
first = env.np_random.randint(1000), env.np_random.rand()
picture = env.reset(5, None, True)
assert picture.shape == (240, 256, 3) and (env.np_random.randint(1000), env.np_random.rand()) == first
seeds = []
env.seed = lambda seed=None: seeds.append(seed)
env.reset(), env.reset(seed=3, options={"anything": 1})
assert seeds == [None, 3]

# bytes
env.ram[0x07D0], env.ram[0x07D1] = 2, 200
assert env._x == 712 and env._x.dtype == np.int64
env.ram[0x07D2] = -1
assert env.ram[0x07D2] == 255
env.ram[0x07D2] = 0

# actions
for action, byte in ((300, 44), (-1, 255), ([3], 3), (np.array([5]), 5), (np.int64(7), 7)):
    picture, reward, done, info = env.step(action)
    assert env.controllers[0][0] == byte and (reward, done) == (-1.0, False), (action, reward)
env.ram[0x07D3] = 200
assert env.step(0)[2] is True
try:
    env.step(0)
except ValueError as error:
    assert str(error) == "cannot step in a done environment! call `reset`"
else:
    raise SystemExit("stepped")

# the wrapper
joypad = JoypadSpace(env, [["NOOP"], ["right", "A"]])
assert isinstance(joypad, gym.Wrapper) and not isinstance(joypad, gymnasium.Env)
assert joypad.action_space.n == 2 and joypad.reset().shape == (240, 256, 3)
assert len(joypad.step(1)) == 4 and env.controllers[0][0] == 0x81
assert joypad.render("rgb_array").shape == (240, 256, 3)

# Gymnasium beside it
from nes_py.envs.bricks import BricksEnv
assert len(BricksEnv().reset()) == 2
assert len(gymnasium.make("nes_py/Bricks-v0").reset()) == 2
import new_game
other = new_game.Game(ROM)
assert isinstance(other, gymnasium.Env) and not isinstance(other, gym.Env) and len(other.step(0)) == 5
assert isinstance(JoypadSpace(other, [["A"]]), gymnasium.Wrapper)

joypad.close()
try:
    env.close()
except ValueError:
    pass
else:
    raise SystemExit("closed twice")
"""


def test_a_package_that_asks_for_nes_py_8_gets_its_interface(site: Path, rom_path: str) -> None:
    said = run(site, rom_path, OLD_PROGRAM)
    assert said.count("UserWarning") == 1
    assert "old-game 7.4.0 requires nes-py (>=8.1.4)" in said
    assert "NES_PY_GYM_COMPAT=0" in said
    assert "import nes_py.gym_compat" in said


def test_the_switch_is_not_warned_of(site: Path, rom_path: str) -> None:
    program = "import old_game; assert old_game.Game(ROM).reset().shape == (240, 256, 3)"
    assert run(site, rom_path, program, NES_PY_GYM_COMPAT="1") == ""
    program = "import own.game, gymnasium; assert isinstance(own.game.Game(ROM), gymnasium.Env)"
    assert run(site, rom_path, program, NES_PY_GYM_COMPAT="0") == ""
    program = "import own.game; env = own.game.Game(ROM); assert isinstance(env, nes_py.NESEnv); len(env.step(0)) == 4"
    assert run(site, rom_path, f"import nes_py.gym_compat\n{program}") == ""


def test_the_switch_is_checked(site: Path, rom_path: str) -> None:
    with pytest.raises(AssertionError, match="NES_PY_GYM_COMPAT must be 0 or 1, not 'yes'"):
        run(site, rom_path, "from nes_py import NESEnv", NES_PY_GYM_COMPAT="yes")


# The module of the class imports nothing but nes_py; the program is one for gym.
OWN_CLASS = """
from nes_py import NESEnv
from own.game import Game
{imports}

class Faster(Game):
    def step(self, action):
        for _ in range(2):
            results = Game.step(self, action)
        return results

env = Faster(ROM)
"""


def test_a_class_is_decided_by_the_program(site: Path, rom_path: str) -> None:
    program = OWN_CLASS.format(imports="import gym") + "assert isinstance(env, gym.Env) and len(env.step(0)) == 4\n"
    program += "assert isinstance(env, NESEnv)\nimport own.game\nassert own.game.NESEnv is NESEnv\n"
    assert "own.game.Game was written for nes-py 8" in run(site, rom_path, program)
    for imports in ("", "import library", "import gymnasium as gym", "import gymnasium, library"):
        program = OWN_CLASS.format(imports=imports) + "assert len(env.step(0)) == 5 and isinstance(env, NESEnv)\n"
        assert run(site, rom_path, program) == ""


def test_a_class_for_gymnasium_stays_one_in_a_program_for_gym(site: Path, rom_path: str) -> None:
    program = """
import gym
import gymnasium
from nes_py import NESEnv
import new_game_9

class New(NESEnv):
    def _get_terminated(self):
        return False

class Old(NESEnv):
    def _get_done(self):
        return False

class Newer(New):
    pass

for kind in (New, Newer, new_game_9.Game):
    env = kind(ROM)
    assert isinstance(env, gymnasium.Env) and len(env.reset()) == 2 and len(env.step(0)) == 5, kind
# Its own module uses both: the hook tells.
env = Old(ROM)
assert isinstance(env, gym.Env) and env.reset().shape == (240, 256, 3)
# And an instance of NESEnv itself is one of Gymnasium.
assert len(NESEnv(ROM).reset()) == 2
"""
    assert run(site, rom_path, program).count("UserWarning") == 1


def test_nes_env_itself_is_decided_by_who_builds_it(site: Path, rom_path: str) -> None:
    old = "env = NESEnv(ROM); assert env.reset().shape == (240, 256, 3); assert len(env.step(0)) == 4"
    new = "env = NESEnv(ROM); assert len(env.reset()) == 2; assert len(env.step(0)) == 5"
    assert "gym" in run(site, rom_path, f"from nes_py import NESEnv\nimport gym\n{old}")
    assert "gym" in run(site, rom_path, f"import gym\nfrom nes_py.nes_env import NESEnv\n{old}")
    assert run(site, rom_path, f"from nes_py import NESEnv\nimport gym, gymnasium\n{new}") == ""
    assert run(site, rom_path, f"from nes_py import NESEnv\nimport library\n{new}") == ""
    assert run(site, rom_path, f"from nes_py import NESEnv\n{new}") == ""


def test_a_function_that_imports_for_itself(site: Path, rom_path: str) -> None:
    program = """
def make():
    from nes_py import NESEnv
    {imports}
    class Mine(NESEnv):
        def _get_done(self):
            return False
    return Mine(ROM)

env = make()
env.reset()
assert len(env.step(0)) == {values}
"""
    assert "UserWarning" in run(site, rom_path, program.format(imports="import gym", values=4))
    assert run(site, rom_path, program.format(imports="import gymnasium", values=5)) == ""


def test_gym_compat_after_the_classes(site: Path, rom_path: str) -> None:
    program = """
from own.game import Game
import nes_py.gym_compat, gym
from nes_py import NESEnv
env = Game(ROM)
assert isinstance(env, gym.Env) and isinstance(env, NESEnv) and len(env.step(0)) == 4
import os
assert os.environ["NES_PY_GYM_COMPAT"] == "1"
"""
    assert run(site, rom_path, program) == ""


PATCHES = """
import numpy as np
from nes_py import NESEnv
from nes_py.wrappers import JoypadSpace
from nes_py._rom import ROM as Header

calls = []
stop = Header.chr_rom_stop.fget
Header.prg_rom_stop = property(lambda self: int(self.prg_rom_start) + int(self.prg_rom_size) * 1024)
Header.chr_rom_stop = property(lambda self: int(stop(self)))
original = NESEnv._ram_buffer

def ram_buffer(self):
    calls.append("ram")
    return original(self)

NESEnv._ram_buffer = ram_buffer
JoypadSpace.reset = lambda self, **options: calls.append("reset") or self.env.reset(**options)

import old_game

step = old_game.Game.step
old_game.Game.step = lambda self, action: calls.append("step") or step(self, action)

class Mine(old_game.Game):
    def __init__(self, rom):
        self._backup_now = self._restore_now = None
        super().__init__(rom)
        self._backup_now, self._restore_now = self._backup, self._restore

env = JoypadSpace(Mine(ROM), [["A"]])
env.reset(seed=3)
assert len(env.step(0)) == 4 and calls == ["ram", "reset", "step"], calls
env.unwrapped._restore_now()
Header(ROM).prg_rom, Header(ROM).chr_rom
"""


def test_patches_of_public_programs(site: Path, rom_path: str) -> None:
    run(site, rom_path, PATCHES)


COPIES = """
import copy, multiprocessing, pickle
import old_game

def work(connection, data):
    env = pickle.loads(data)
    connection.send([type(env).__mro__[1].__module__, len(env.step(3)), env.ram[0x07D0] * 0x100 + 5])

if __name__ == "__main__":
    env = old_game.Game(ROM)
    env.ram[0x07D0] = 3
    twin = copy.deepcopy(env)
    assert len(twin.step(0)) == 4 and twin.ram[0x07D0] * 0x100 == 768 and type(twin.ram) is type(env.ram)
    assert (twin.np_random.rand(3) == env.np_random.rand(3)).all()
    info = pickle.loads(pickle.dumps({"byte": env.ram[0x07D0]}))
    assert info["byte"] * 0x100 == 768
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, pickle.dumps(env)))
    process.start()
    assert here.recv() == ["nes_py.compat.gym_env", 4, 773]
    process.join()
"""


def test_copies_and_processes(site: Path, rom_path: str) -> None:
    run(site, rom_path, COPIES)


def test_what_numpy_1_let_pass(site: Path, rom_path: str) -> None:
    program = """
import old_game, numpy as np

class Mine(old_game.Game):
    render_mode = property(lambda self: "rgb_array")
    def _get_reward(self):
        return np.array([2])

env = Mine(ROM)
assert env.step(0)[1] == 2.0 and env.render_mode == "rgb_array"
"""
    run(site, rom_path, program)


def test_a_gymnasium_class_over_one_for_nes_py_8_keeps_its_render_mode(site: Path, rom_path: str) -> None:
    """As MO-Gymnasium's Super Mario does it."""
    program = """
import gymnasium, old_game

class Mine(old_game.Game, gymnasium.Env):
    def __init__(self, rom, render_mode=None):
        self.render_mode = render_mode
        super().__init__(rom)
    def render(self):
        return super().render(self.render_mode)

env = Mine(ROM, render_mode="rgb_array")
env.reset()
assert env.render_mode == "rgb_array" and env.render().shape == (240, 256, 3)
"""
    run(site, rom_path, program)


CONVERSIONS = """
import numpy as np
from nes_py import NESEnv

class More(NESEnv):
    @property
    def _left(self):
        return np.uint8(int(self.ram[0x07D0]) - int(self.ram[0x07D1])) % 256
    def _get_info(self):
        return dict(
            wide=np.uint8(self.ram[0x07D0]) + 300,
            kinds=(isinstance(self.ram[0], np.uint8), isinstance(self.screen[0, 0, 0], np.uint8)),
            dtypes=(np.zeros(2, np.uint8).dtype, np.dtype(np.uint8), self.screen.astype(np.int16).dtype),
            same=np.uint8 == self.screen.dtype.type,
        )
"""


@pytest.mark.skipif(int(np.__version__[0]) < 2, reason="NumPy 1 is as it is")
def test_numpy_of_a_package_for_nes_py_8_converts_as_numpy_1(site: Path, rom_path: str) -> None:
    (site / "old_game" / "more.py").write_text(CONVERSIONS)
    program = """
import pickle
import numpy as np
from old_game.more import More
import old_game.more

env = More(ROM)
env.ram[0x07D0], env.ram[0x07D1] = 3, 147
assert env._left == 112, env._left
info = env._get_info()
assert info["wide"] == 303 and info["kinds"] == (True, True) and info["same"], info
assert info["dtypes"] == (np.uint8, np.uint8, np.int16), info
assert pickle.loads(pickle.dumps(old_game.more.np)) is np
# The program itself has NumPy as it is.
try:
    np.uint8(-144)
except OverflowError:
    pass
else:
    raise SystemExit("converted")
"""
    run(site, rom_path, program)


def test_a_patched_rom_refuses(site: Path, rom_path: str) -> None:
    program = """
import nes_py.nes_env, old_game
from nes_py._rom import ROM as Header

def refused(why):
    try:
        old_game.Game(ROM)
    except ValueError as error:
        assert why in str(error), error
    else:
        raise SystemExit(f"not refused: {why}")

for name, value in {"prg_rom_size": 0, "has_trainer": True, "is_pal": True, "mapper": 9999}.items():
    before = getattr(Header, name)
    setattr(Header, name, property(lambda rom: value))
    refused({"prg_rom_size": "no PRG-ROM", "has_trainer": "", "is_pal": "PAL", "mapper": "9999"}[name])
    setattr(Header, name, before)

def absent(rom):
    raise ValueError("absent")

before = Header.chr_rom
Header.chr_rom = property(absent)
refused("absent")
Header.chr_rom = before

class Other(Header):
    seen = []
    def __init__(self, path):
        self.seen.append(path)
        super().__init__(path)

nes_py.nes_env.ROM = Other
old_game.Game(ROM)
assert Other.seen == [ROM]
"""
    run(site, rom_path, program)


def test_patches_by_mock(site: Path, rom_path: str) -> None:
    program = """
from unittest import mock
import importlib
import gym
from nes_py import NESEnv
env = NESEnv(ROM)
env.reset()
with mock.patch("nes_py.nes_env.NESEnv.step", lambda self, action: "patched"):
    assert env.step(0) == "patched"
assert len(env.step(0)) == 4
assert importlib.import_module("nes_py").NESEnv is NESEnv
"""
    run(site, rom_path, program)


def test_the_c_library_of_nes_py_8(site: Path, rom_path: str) -> None:
    program = """
import ctypes, inspect
import gym
import numpy as np
from nes_py import NESEnv
from nes_py.nes_env import _LIB, CONTROLLER_VECTOR, RAM_VECTOR

class Quick(NESEnv):
    def _frame_advance(self, action):
        self.controllers[0][:] = action
        _LIB.Step(self._env)

env, other = Quick(ROM), NESEnv(ROM)
env.reset(), other.reset()
for byte in (0, 1, 128, 255, 0):
    env._frame_advance(byte), other._frame_advance(byte)
assert (env.ram == other.ram).all() and (env.screen == other.screen).all() and env.screen.any()
assert (_LIB.Width(), _LIB.Height()) == (256, 240)

def look(address, kind):
    return np.frombuffer(ctypes.cast(address, ctypes.POINTER(kind)).contents, dtype="uint8")

ram, pad = look(_LIB.Memory(env._env), RAM_VECTOR), look(_LIB.Controller(env._env, 0), CONTROLLER_VECTOR)
ram[0x07F0], pad[:] = 7, 3
assert env.ram[0x07F0] == 7 and env.controllers[0][0] == 3

_LIB.Backup(env._env)
saved = env.ram.copy()
for _ in range(5):
    env.step(128)
env.ram[0x07F0] = 9
_LIB.Reset(env._env)
assert env.ram[0x07F0] == 9, "the reset button keeps RAM"
_LIB.Restore(env._env)
assert (env.ram == saved).all() and env.controllers[0][0] == 128

console = _LIB.Initialize(ROM)
_LIB.Step(console)
_LIB.Close(console)
assert console.closed and not hasattr(_LIB, "AddCheat")
assert list(inspect.signature(NESEnv).parameters)[0] == "rom_path"

env.close()
for call, kind, why in (
    (lambda: _LIB.Step(env._env), ValueError, "closed"),
    (lambda: _LIB.Step(0), TypeError, "_env of an environment"),
    (lambda: _LIB.Restore(other._env), ValueError, "Backup first"),
    (lambda: _LIB.Screen(other._env), AttributeError, "env.screen"),
):
    try:
        call()
    except kind as error:
        assert why in str(error), error
    else:
        raise SystemExit(f"not refused: {why}")
"""
    run(site, rom_path, program)


@pytest.mark.parametrize("name", ["gym.py", "gym/__init__.py"])
def test_what_hides_gym_is_named(site: Path, rom_path: str, name: str) -> None:
    # Python imports what lies beside the program first.
    hiding = site.parent / name
    hiding.parent.mkdir(exist_ok=True)
    hiding.write_text("import old_game\n")
    program = """
try:
    import old_game
except ImportError as error:
    assert HIDING in str(error) and "rename" in str(error), error
else:
    raise SystemExit("imported")
"""
    run(site, rom_path, f"HIDING = {str(hiding)!r}\n{program}")


def test_the_switch_without_gym(tmp_path: Path, rom_path: str) -> None:
    program = """
import gymnasium, importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "gym" else find_spec(name, package)
import nes_py
assert len(gymnasium.make("nes_py/Bricks-v0").reset()) == 2
try:
    from nes_py import NESEnv
except ModuleNotFoundError as error:
    assert "pip install gym" in str(error) and "NES_PY_GYM_COMPAT=1" in str(error), error
else:
    raise SystemExit("imported")
"""
    run(tmp_path / "site", rom_path, program, NES_PY_GYM_COMPAT="1")


@pytest.mark.parametrize("name", ["gym.py", "gym/notes.txt"])
def test_what_hides_gym_does_not_matter_to_gymnasium(tmp_path: Path, rom_path: str, name: str) -> None:
    hiding = tmp_path / name
    hiding.parent.mkdir(exist_ok=True)
    hiding.write_text("raise SystemExit('imported')\n")
    program = """
from nes_py import NESEnv
assert len(NESEnv(ROM).reset()) == 2
"""
    run(tmp_path / "site", rom_path, program)


def test_vectorize_refuses_them(site: Path, rom_path: str) -> None:
    program = """
import nes_py, old_game
try:
    nes_py.vectorize(lambda: old_game.Game(ROM), 2)
except TypeError as error:
    assert "gym" in str(error), error
else:
    raise SystemExit("accepted")
"""
    run(site, rom_path, program)


def test_a_class_that_is_no_nes_env_renders_with_its_render(site: Path, rom_path: str) -> None:
    program = """
import old_game, gym

class Random(gym.Env):
    metadata = old_game.Game.metadata

    def __init__(self):
        self.env, self.viewer = old_game.Game(ROM), None

    @property
    def screen(self):
        return self.env.screen

    def render(self, mode="human"):
        return old_game.Game.render(self, mode=mode)

env = Random()
assert env.render("rgb_array").shape == (240, 256, 3)
try:
    env.render("text")
except NotImplementedError as error:
    assert str(error) == "valid render modes are: 'rgb_array', 'human'"
"""
    run(site, rom_path, program)


@pytest.mark.parametrize(
    ("requirement", "asks"),
    [
        ("nes-py (>=8.1.4)", True),
        ("nes-py>=8.0.0", True),
        ("nes-py==8.2.1", True),
        ("nes_py~=8.2", True),
        ("nes-py<9", True),
        ("nes-py<9.0.0", True),
        ("nes-py>=8.1,<9; python_version < '3.13'", True),
        ("nes-py>=9.0.0", False),
        ("nes-py<11,>=9.0.1", False),
        ("nes-py==10.*", False),
        ("nes-py", None),
        ('nes-py; extra == "mario"', None),
        ("nes-py<10", None),
        ("nes-py!=8.2.0", None),
    ],
)
def test_requirements(requirement: str, asks: bool | None) -> None:
    assert interface._asks_for_8(requirement) is asks


# --- bytes ---


@pytest.fixture
def ram() -> RamArray:
    return np.array([200, 3, 255, 0], np.uint8).view(RamArray)


# What NumPy 1.26 gives.
NUMBERS = [
    (lambda ram: ram[0] + 256, "int64", 456),
    (lambda ram: ram[2] + 1, "int64", 256),
    (lambda ram: ram[1] - 5, "int64", -2),
    (lambda ram: 5 - ram[0], "int64", -195),
    (lambda ram: ram[0] * 0x100 + ram[1], "int64", 51203),
    (lambda ram: ram[0] << 8, "int64", 51200),
    (lambda ram: 1 << ram[1], "int64", 8),
    (lambda ram: ram[0] >> 4, "int64", 12),
    (lambda ram: 0x0F & ram[0], "int64", 8),
    (lambda ram: ram[0] // 300, "int64", 0),
    (lambda ram: -1 % ram[1], "int64", 2),
    (lambda ram: ram[0] ** 2, "int64", 40000),
    (lambda ram: ram[0] + True, "uint8", 201),
    (lambda ram: ram[0] + ram[1], "uint8", 203),
    (lambda ram: ~ram[0], "uint8", 55),
    (lambda ram: ~ram[1] - 1, "int64", 251),
    (lambda ram: (ram[0] + ram[1]) * 256, "int64", 51968),
    (lambda ram: ram[0] / 255, "float64", 200 / 255),
    (lambda ram: ram[0] * 0.5, "float64", 100.0),
    (lambda ram: ram[0] + np.int16(300), "int16", 500),
    (lambda ram: ram[0] + 2**63, "uint64", 2**63 + 200),
    (lambda ram: ram[0:2] + 256, "uint16", [456, 259]),
    (lambda ram: ram[0:2] + 1, "uint8", [201, 4]),
    (lambda ram: (ram[0:2] + 1) * 256, "uint16", [51456, 1024]),
    (lambda ram: ram[0:2] - 300, "uint16", [65436, 65239]),
    (lambda ram: ram[0:2] + -1, "int16", [199, 2]),
    (lambda ram: ram[0:2] // 256, "int16", [0, 0]),
    (lambda ram: ram[0:2] + np.int64(1), "uint8", [201, 4]),
    (lambda ram: ram[0:2] * 0.5, "float64", [100.0, 1.5]),
    (lambda ram: ram[0:3].sum() - 500, "float64", -42.0),
    (lambda ram: ram[0:3].max() * 300, "int64", 76500),
    (lambda ram: sum(ram[0:3]), "int64", 458),
    (lambda ram: np.left_shift(ram[0], 8), "int64", 51200),
    (lambda ram: np.where(ram == 3, 300, ram)[:2], "uint16", [200, 300]),
    (lambda ram: ram[[0, 1]].copy()[0] * 300, "int64", 60000),
    (lambda ram: ram.take(0) * 300, "int64", 60000),
    (lambda ram: np.take(ram, 0) * 300, "int64", 60000),
    (lambda ram: ram.take([0, 1]) * 300, "uint16", [60000, 900]),
    (lambda ram: ram.reshape(2, 2)[0] * 300, "uint16", [60000, 900]),
    (lambda ram: ram.astype(int)[:2] * 300, "int64", [60000, 900]),
    (lambda ram: np.concatenate([ram[:1], ram[1:2]]) * 300, "uint16", [60000, 900]),
    (lambda ram: np.stack([ram, ram])[1, 0] * 300, "int64", 60000),
    (lambda ram: np.hstack([ram, ram])[4] * 300, "int64", 60000),
    (lambda ram: np.copy(ram)[0] * 300, "int64", 60000),
    (lambda ram: np.tile(ram[:1], 2) * 300, "uint16", [60000, 60000]),
    (lambda ram: np.append(ram[:1], ram[1])[1] * 300, "int64", 900),
    (lambda ram: np.percentile(ram, 50), "float64", 101.5),
    (lambda ram: np.quantile(ram, [0.5, 1]), "float64", [101.5, 255.0]),
]


@pytest.mark.parametrize(("compute", "kind", "value"), NUMBERS)
def test_bytes_add_up_as_under_numpy_1(compute: object, kind: str, value: object, ram: RamArray) -> None:
    result = compute(ram)  # type: ignore[operator]
    assert (result.dtype, result.tolist()) == (np.dtype(kind), value)


def test_a_byte_with_a_byte_overflows_with_a_warning(ram: RamArray) -> None:
    with pytest.warns(RuntimeWarning, match="overflow encountered in scalar"):
        assert ram[0] + ram[2] == 199
    with pytest.warns(RuntimeWarning, match="overflow encountered in scalar"):
        assert ram[1] - ram[0] == 59


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of NumPy 1.26, which does it by itself
def test_what_is_written_wraps_around(ram: RamArray) -> None:
    ram[0], ram[1:3], ram[3] = 256, [-1, 300], np.int64(513)
    assert ram.tolist() == [0, 255, 44, 1]
    ram[1] += 1
    ram[0] -= 1
    assert ram.tolist() == [255, 0, 44, 1]
    ram.fill(-2)
    assert ram.tolist() == [254] * 4
    ram.put([0, 1], [300, -1])
    np.put(ram, 2, 257)
    ram.itemset(3, 513)
    assert ram.tolist() == [44, 255, 1, 1]
    np.putmask(ram, [True, False, False, False], 511)
    np.copyto(ram[1:2], 258)
    np.place(ram, ram == 1, [-3])
    assert ram.tolist() == [255, 2, 253, 253]
    ram[0] = np.array([260])
    ram[1] = np.array([[7]])
    assert ram.tolist() == [4, 7, 253, 253]
    with pytest.raises(ValueError, match="sequence"):
        ram[0] = np.array([1, 2])
    with pytest.raises(TypeError):
        np.copyto(ram, [0, 1, 2, 3])
    ram.fill(-2)
    with pytest.raises(OverflowError):
        ram[0] = 2**63
    with pytest.raises(OverflowError):
        ram[0] = 2**70
    with pytest.raises(TypeError):
        ram[0] = None
    assert ram.tolist() == [254] * 4


def test_a_byte_is_still_a_byte(ram: RamArray) -> None:
    byte = ram[0]
    assert isinstance(byte, np.uint8)
    assert (str(byte), f"{byte:02x}", hash(byte), int(byte), hex(byte)) == ("200", "c8", hash(200), 200, "0xc8")
    assert byte in {200}
    assert [0] * byte == [0] * 200
    assert (byte < 300, byte == 200, byte != -1, byte > ram[1]) == (True, True, True, True)
    assert "".join(map(str, ram[0:2])) == "2003"
    assert type(pickle.loads(pickle.dumps(byte))) is type(byte)
    assert pickle.loads(pickle.dumps(ram)).tolist() == ram.tolist()
    assert np.array([byte, 300]).dtype == np.int64
    assert type(ram.tolist()[0]) is int
    assert type(ram.item(0)) is int
    # As NumPy 1 shows them.
    assert (repr(byte), f"{[byte]}", repr(ram)) == ("200", "[200]", "array([200,   3, 255,   0], dtype=uint8)")
    assert (int(ram[:1]), float(ram[1:2])) == (200, 3.0)
    with pytest.raises(TypeError, match="length-1"):
        int(ram)


def test_floats_are_cut_and_infinity_is_refused() -> None:
    from nes_py.compat.numpy1 import bytes_of

    byte = bytes_of(np.zeros(1, np.uint8))
    for given, expected in ((2.7, 2), (-1.5, 255), (300.9, 44)):
        byte[:] = given
        assert int(byte[0]) == expected
    for given in (float("inf"), 1e20):
        with pytest.raises(OverflowError):
            byte[:] = given
