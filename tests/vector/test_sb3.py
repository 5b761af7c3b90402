"""The Stable-Baselines3 adapter; skipped where it is not installed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from reference import GAME
from support.equality import assert_same

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH
from nes_py.wrappers import JoypadSpace

pytest.importorskip("stable_baselines3")
pytestmark = pytest.mark.filterwarnings("ignore")

import cloudpickle  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import (  # noqa: E402
    DummyVecEnv,
    VecFrameStack,
    VecMonitor,
    VecNormalize,
    VecTransposeImage,
    VecVideoRecorder,
    sync_envs_normalization,
)

from nes_py.sb3 import NESVecEnv  # noqa: E402


def make(count: int = 2, **options: object) -> NESVecEnv:
    return NESVecEnv(ROM_PATH, count, **{"game": GAME, "actions": ACTIONS, **options})


def test_contract() -> None:
    env = make(max_episode_steps=8)
    twin = NESVectorEnv(ROM_PATH, 2, game=GAME, actions=ACTIONS, max_episode_steps=8, autoreset_mode="SameStep")
    env.seed(5)
    assert_same(env.reset(), twin.reset(seed=5)[0])
    assert env.reset_infos[1]["lives"] == 3
    ended = cut = 0
    for step in range(40):
        observations, rewards, dones, infos = env.step(np.array([0, 3]))
        expected = twin.step(np.array([0, 3]))
        assert_same(observations, expected[0], f"step {step}")
        assert rewards.dtype == np.float32
        assert_same(rewards, expected[1].astype(np.float32), f"step {step}")
        assert_same(dones, expected[2] | expected[3], f"step {step}")
        for index, info in enumerate(infos):
            assert ("terminal_observation" in info) == dones[index]
            assert info["TimeLimit.truncated"] == (expected[3][index] and not expected[2][index])
            if dones[index]:
                assert_same(info["terminal_observation"], expected[4]["final_obs"][index], f"environment {index}")
                assert info["paddle_x"] == expected[4]["final_info"]["paddle_x"][index]
        ended += int(dones[1])
        cut += int(infos[0]["TimeLimit.truncated"])
    assert ended
    assert cut
    assert env.get_attr("num_threads", [0]) == [env.envs.num_threads]
    assert env.get_attr("ram", [1])[0].shape == (2048,)
    assert env.env_is_wrapped(VecMonitor) == [False, False]
    states = env.env_method("get_state")
    env.env_method("set_state", states[0], indices=[1])
    assert_same(env.envs.ram[0], env.envs.ram[1])
    env.set_attr("anything", 3)
    assert env.get_attr("anything") == [3, 3]
    env.set_attr("anything", 4, indices=[-1])
    assert env.get_attr("anything") == [3, 4]
    assert env.get_attr("anything", -1) == [4]
    with pytest.raises(ValueError, match="share"):
        env.set_attr("render_mode", None, indices=[0])
    with pytest.raises(TypeError, match="contract"):
        make(autoreset_mode="Disabled")
    env.close()


def test_seeds_are_those_that_reset_takes() -> None:
    env = make()
    for wrong, error in ((-1, ValueError), (1.5, TypeError), ("3", TypeError), (True, TypeError)):
        with pytest.raises(error, match="seed must"):
            env.seed(wrong)  # type: ignore[arg-type]
    assert env.seed(np.int64(4)) == [4, 5]
    assert len(env.seed()) == 2
    env.close()


def test_options_that_are_misspelled() -> None:
    env = make(states={"one": [[[], 30]], "two": [[[], 40]]})
    env.set_options({"sate": "two"})  # codespell:ignore
    with pytest.raises(ValueError, match="did you mean 'state'"):
        env.reset()
    env.set_options({"goal": "of a wrapper"})
    env.reset()
    env.close()


def test_wrappers() -> None:
    env = VecMonitor(VecFrameStack(VecTransposeImage(make(layout="hwc", stack_num=1)), 3))
    assert env.reset().shape == (2, 3, 84, 84)
    episodes = []
    for _ in range(60):
        observations, _, _, infos = env.step(np.array([3, 2]))
        assert observations in gym_space(env)
        episodes += [info["episode"] for info in infos if "episode" in info]
    assert episodes
    env.close()


def gym_space(env: VecMonitor) -> object:
    from gymnasium.vector.utils import batch_space

    return batch_space(env.observation_space, env.num_envs)


def test_indices() -> None:
    env = make(3)
    env.reset()
    env.step(np.array([1, 2, 3]))
    assert_same(env.get_attr("ram", -1)[0], env.envs.ram[2])
    assert_same(np.stack(env.get_attr("ram", [0, -1])), env.envs.ram[[0, 2]])
    states = env.env_method("get_state", indices=[-1, 0])
    assert states == env.envs.get_state([2, 0])
    env.env_method("set_state", states[1], indices=-1)
    assert_same(env.envs.ram[2], env.envs.ram[0])
    pictures = env.env_method("render", indices=[1, -1])
    assert_same(np.stack(pictures), np.stack(env.get_images())[[1, 2]])
    assert env.env_method("observe", indices=[1])[0].shape == (3, 4, 84, 84)
    for use in (
        lambda: env.get_attr("ram", 3),
        lambda: env.env_method("get_state", indices=[-4]),
        lambda: env.set_attr("anything", 1, 5),
        lambda: env.env_is_wrapped(VecMonitor, 3),
    ):
        with pytest.raises(IndexError, match="only 0 to 2"):
            use()
    assert callable(env.get_attr("get_state")[0])
    with pytest.raises(AttributeError):
        env.get_attr("nothing")
    env.close()


def test_as_in_the_tests_of_stable_baselines3() -> None:
    env = make(3)
    env.seed(0)
    env.reset()
    assert_same(env.render(mode="rgb_array"), env.render())
    with pytest.warns(UserWarning, match="render"):
        env.render(mode="something_else")
    for index in range(3):
        assert env.set_attr("current_step", index, indices=index) is None
    assert env.get_attr("current_step") == [0, 1, 2]
    env.set_attr("current_step", 42, indices=None)
    assert env.get_attr("current_step") == [42] * 3
    env.set_attr("current_step", 12, indices=[0, -1])
    assert env.get_attr("current_step") == [12, 42, 12]
    assert env.get_attr("current_step", indices=[0, 1]) == [12, 42]
    env.close()


@pytest.mark.parametrize("name", ["nes_py/Bricks-v0", "nes_py/Bricks-v1", "nes_py:nes_py/Trail-v1", "nes_py/Duel-v0"])
def test_registered_ids(name: str) -> None:
    env = NESVecEnv(name, 2, max_episode_steps=3)
    assert isinstance(env.envs, NESVectorEnv)
    assert env.envs.spec is not None
    assert env.envs.spec.id == name.rpartition(":")[2]
    assert env.render_mode == "rgb_array"
    env.reset()
    for _ in range(3):
        *_, dones, infos = env.step(np.zeros(2, int))
    assert dones.all()
    assert all(info["TimeLimit.truncated"] for info in infos)
    env.close()
    spec = gym.spec("nes_py/Bricks-v0")
    env = NESVecEnv(spec, 1)
    assert env.reset().shape == (1, 4, 84, 84)
    env.close()


def test_wrong_ids() -> None:
    with pytest.raises(gym.error.NameNotFound, match="Bricks"):
        NESVecEnv("nes_py/Brick-v0", 2)
    with pytest.raises(gym.error.NamespaceNotFound):
        NESVecEnv("nespy/Bricks-v0", 2)
    with pytest.raises(FileNotFoundError):
        NESVecEnv("nes_py/bricks.nes", 2)
    with pytest.raises(gym.error.Error, match="vector entry point"):
        NESVecEnv("FrozenLake-v1", 2)
    with pytest.raises(TypeError, match="NESVecEnv needs a NESVectorEnv"):
        NESVecEnv("CartPole-v1", 2)


def small(env: gym.Env) -> gym.Env:
    space = gym.spaces.Box(0, 255, (60, 64, 3), np.uint8)
    return gym.wrappers.TransformObservation(JoypadSpace(env, ACTIONS), lambda picture: picture[::4, ::4], space)


def test_make_vec_env() -> None:
    options = {"seed": 5, "wrapper_class": small, "env_kwargs": {"max_episode_steps": 20}}
    env = make_vec_env("nes_py/Bricks-v0", 3, vec_env_cls=NESVecEnv, **options)
    twin = make_vec_env("nes_py/Bricks-v0", 3, vec_env_cls=DummyVecEnv, **options)
    assert env.render_mode == twin.render_mode == "rgb_array"
    assert env.env_is_wrapped(Monitor) == [True] * 3
    assert env.observation_space == twin.observation_space
    assert_same(env.reset(), twin.reset())
    for one in (env, twin):
        one.set_attr("speed", 2, indices=[0, -1])
        # The third game is lost soon.
        one.env_method("get_wrapper_attr", "ram", indices=-1)[0][0x11] = 0
    episodes = 0
    for step in range(45):
        actions = np.array([0, 1, 2 + step % 2])
        ours, theirs = env.step(actions), twin.step(actions)
        for mine, other in zip(ours[:3], theirs[:3], strict=True):
            assert_same(mine, other, f"step {step}")
        for mine, other in zip(ours[3], theirs[3], strict=True):
            assert mine.keys() == other.keys()
            if "terminal_observation" in mine:
                episodes += 1
                assert_same(mine["terminal_observation"], other["terminal_observation"])
                assert (mine["episode"]["r"], mine["episode"]["l"]) == (other["episode"]["r"], other["episode"]["l"])
            assert mine["score"] == other["score"]
            assert mine["TimeLimit.truncated"] == other["TimeLimit.truncated"]
    assert episodes == 7
    assert env.get_attr("speed", [0, 2]) == twin.get_attr("speed", [0, 2]) == [2, 2]
    assert_same(np.stack(env.get_images()), np.stack(twin.get_images()))
    env.close()
    twin.close()


def test_normalization_is_synchronized() -> None:
    env = VecNormalize(make(2, obs_type="ram"))
    judge = VecNormalize(NESVecEnv(ROM_PATH, 2, game=GAME, actions=ACTIONS, obs_type="ram"), training=False)
    env.reset()
    for _ in range(5):
        env.step(np.array([1, 2]))
    judge.reset()
    sync_envs_normalization(env, judge)
    assert_same(judge.obs_rms.mean, env.obs_rms.mean)
    assert_same(judge.normalize_obs(env.get_original_obs()), env.normalize_obs(env.get_original_obs()))
    again = pickle.loads(pickle.dumps(env))
    again.set_venv(make(2, obs_type="ram"))
    assert_same(again.obs_rms.mean, env.obs_rms.mean)
    for one in (env, judge, again):
        one.close()


def test_video(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    env = VecVideoRecorder(NESVecEnv("nes_py/Bricks-v0", 2), str(tmp_path), lambda step: step == 0, video_length=4)
    assert env.frames_per_sec == 15
    env.reset()
    for _ in range(6):
        env.step(np.zeros(2, int))
    env.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".mp4"]


def test_copies() -> None:
    env = make(2)
    env.reset()
    twin = pickle.loads(cloudpickle.dumps(env))
    for mine, other in zip(env.step(np.array([1, 2]))[:3], twin.step(np.array([1, 2]))[:3], strict=True):
        assert_same(mine, other)
    env.close()
    twin.close()


@pytest.mark.parametrize("actions", ["multibinary", ACTIONS, None])
@pytest.mark.parametrize("players", [1, 2])
@pytest.mark.parametrize("kind", ["A2C", "PPO"])
def test_policies_of_all_action_spaces(kind: str, players: int, actions: Any) -> None:
    import stable_baselines3
    from stable_baselines3.common.evaluation import evaluate_policy

    if actions == "multibinary" and players == 2:
        pytest.skip("Stable-Baselines3 supports MultiBinary actions of one axis only")
    env = make(2, actions=actions, players=players, obs_type="ram", max_episode_steps=10)
    model = getattr(stable_baselines3, kind)("MlpPolicy", env, n_steps=8, device="cpu")
    model.learn(32)
    evaluate_policy(model, env, n_eval_episodes=2, warn=False)
    env.close()


def test_ppo_runs() -> None:
    from stable_baselines3 import PPO

    env = make()
    model = PPO("CnnPolicy", env, n_steps=16, batch_size=16, n_epochs=1, device="cpu")
    model.learn(64)
    env.close()
