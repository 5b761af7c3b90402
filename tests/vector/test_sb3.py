"""The Stable-Baselines3 adapter; skipped where it is not installed."""

from __future__ import annotations

import numpy as np
import pytest
from reference import GAME
from support.equality import assert_same

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, ROM_PATH

pytest.importorskip("stable_baselines3")
pytestmark = pytest.mark.filterwarnings("ignore")

from stable_baselines3.common.vec_env import VecFrameStack, VecMonitor, VecTransposeImage  # noqa: E402

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
    with pytest.raises(ValueError, match="share"):
        env.set_attr("anything", 3, indices=[0])
    with pytest.raises(TypeError, match="contract"):
        make(autoreset_mode="Disabled")
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


def test_ppo_runs() -> None:
    from stable_baselines3 import PPO

    env = make()
    model = PPO("CnnPolicy", env, n_steps=16, batch_size=16, n_epochs=1, device="cpu")
    model.learn(64)
    env.close()
