"""kill -9 at random moments: of the program alone, and of everything it started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kill_rounds import Rounds

ROUNDS = 10  # `make kill` runs a hundred


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_nothing_is_lost(tmp_path: Path) -> None:
    tally = Rounds(tmp_path, seed=5).run(ROUNDS)
    assert tally.rounds == ROUNDS
    assert tally.struck > 0
