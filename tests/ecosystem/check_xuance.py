"""XuanCe's wrapper of Gymnasium's environments."""

from __future__ import annotations

import documented


def test_documented() -> None:
    done = documented.run("XuanCe")
    assert done["info"]["episode_step"] == 1
    done["env"].close()
