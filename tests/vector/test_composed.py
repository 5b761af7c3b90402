"""vectorize against SyncVectorEnv on randomly composed classes; ``make composed`` runs 10,000 of them."""

from __future__ import annotations

import pytest
from composed import play

CASES = 32
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_equals_sync_vector_env(part: int) -> None:
    for case in range(part, CASES, PARTS):
        assert play(case) is None
