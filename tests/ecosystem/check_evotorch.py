"""EvoTorch's ``GymNE``."""

from __future__ import annotations

import documented


def test_documented() -> None:
    done = documented.run("EvoTorch")
    assert done["searcher"].step_count == 1
