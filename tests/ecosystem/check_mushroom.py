"""MushroomRL's ``Gym``."""

from __future__ import annotations

import documented


def test_documented() -> None:
    done = documented.run("MushroomRL")
    assert done["absorbing"] is False or not done["absorbing"]
