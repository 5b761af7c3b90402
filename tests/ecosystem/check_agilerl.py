"""AgileRL's vector environments, and its training with ``NESVectorEnv``."""

from __future__ import annotations

import documented
import numpy as np


def test_documented() -> None:
    done = documented.run("AgileRL")
    for envs in (done["envs"], done["ours"]):
        envs.reset(seed=0)
        assert envs.step(np.array([0, 1]))[1].shape == (2,)
        envs.close()
