"""Tianshou 0.5: its vector environments, and its collector."""

from __future__ import annotations

import documented


def test_documented() -> None:
    done = documented.run("Tianshou 0.5")
    assert done["observations"].shape == (2, 240, 256, 3)
    assert len(done["rewards"]) == 2
    done["envs"].close()
