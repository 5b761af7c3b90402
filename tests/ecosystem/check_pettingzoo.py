"""PettingZoo's own tests, on the duel for two agents."""

from __future__ import annotations

from typing import Any

import documented
import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test
from pettingzoo.utils import parallel_to_aec

from nes_py.envs import duel


@pytest.mark.parametrize("options", [{}, {"mirror": True}, {"frameskip": 1}])
def test_parallel_api(options: dict[str, Any]) -> None:
    parallel_api_test(duel.parallel_env(**options), num_cycles=60)


def test_seeds() -> None:
    parallel_seed_test(duel.parallel_env)


def test_agents_in_turns() -> None:
    from pettingzoo.test import api_test

    api_test(parallel_to_aec(duel.parallel_env()), num_cycles=30)


def test_render() -> None:
    # PettingZoo's render_test opens a window in the mode "human", which the duel does not have.
    env = parallel_to_aec(duel.parallel_env(render_mode="rgb_array"))
    assert env.metadata["render_modes"] == ["rgb_array"]
    env.reset(seed=0)
    picture = env.render()
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.dtype == np.uint8
    env.close()


def test_documented() -> None:
    done = documented.run("PettingZoo")
    assert any(done["terminations"].values())
