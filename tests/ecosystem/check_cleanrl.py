"""A program in CleanRL's style."""

from __future__ import annotations

import documented


def test_documented() -> None:
    done = documented.run("CleanRL")
    assert done["next_obs"].shape == (4, 4, 84, 84)
    assert done["step"] == 15
