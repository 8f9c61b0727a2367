"""How often a job is tried."""

from __future__ import annotations

# Every failure is final: it goes to the failed jobs, where the user may retry it.
MAX_ATTEMPTS = 1
