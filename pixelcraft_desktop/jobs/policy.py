"""How often a job is tried, and when again: what a cause means for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pixelcraft_desktop.model import Cause

# Of a job nobody has tried yet; the settings in force at its first try replace it.
MAX_ATTEMPTS = 5
PERMANENT = frozenset(
    {
        Cause.EMPTY,
        Cause.NOT_AN_IMAGE,
        Cause.UNSUPPORTED_FORMAT,
        Cause.DAMAGED,
        Cause.TOO_LARGE,
        Cause.NOT_A_FILE,
        Cause.CRASHED_APP,
    }
)
# Perhaps only for want of memory or time that others had: one more try, with nobody beside it.
ONCE_MORE_ALONE = frozenset({Cause.TIMEOUT, Cause.DECODER_CRASHED, Cause.OUT_OF_MEMORY})
# No picture is to blame, and none can be made before somebody makes room.
HOLDING = frozenset({Cause.DISK_FULL})


class Action(Enum):
    """What becomes of a job after an attempt that failed."""

    FAIL = "fail"
    RETRY = "retry"
    HOLD = "hold"  # the whole queue stops; the attempt is given back


@dataclass(frozen=True)
class Decision:
    """What to do; `max_attempts` is what the cause allows, shown beside the attempt."""

    action: Action
    max_attempts: int
    delay_s: float = 0.0
    is_lone: bool = False  # the next try runs alone


@dataclass(frozen=True)
class Policy:
    """The settings of the retry: attempts altogether, and the pauses between them.

    `jitter` 0–1 is the part of each pause that is cut at random.
    """

    attempts: int = MAX_ATTEMPTS
    first_delay_s: float = 1.0
    factor: float = 2.0
    longest_delay_s: float = 60.0
    jitter: float = 0.0

    def delay_s(self, attempt: int, chance: float = 0.0) -> float:
        """Return the pause after this attempt (1 is the first); `chance` is a number in 0–1."""
        delay_s = min(self.longest_delay_s, self.first_delay_s * self.factor ** (attempt - 1))
        return delay_s * (1 - self.jitter * chance)

    def decide(
        self, cause: Cause, attempt: int, is_lone: bool = False, chance: float = 0.0
    ) -> Decision:
        """Return what becomes of a job whose attempt, the `attempt`-th of its round, failed."""
        if cause in HOLDING:
            return Decision(Action.HOLD, self.attempts, self.delay_s(attempt, chance))
        return self.retry_or_fail(cause, attempt, is_lone, chance)

    def retry_or_fail(
        self, cause: Cause, attempt: int, is_lone: bool = False, chance: float = 0.0
    ) -> Decision:
        """Return what becomes of a job where the queue can't be held."""
        if cause in PERMANENT or attempt >= self.attempts:
            return Decision(Action.FAIL, attempt)
        if cause not in ONCE_MORE_ALONE:
            return Decision(Action.RETRY, self.attempts, self.delay_s(attempt, chance), is_lone)
        if is_lone:
            return Decision(Action.FAIL, attempt)
        return Decision(Action.RETRY, attempt + 1, self.delay_s(attempt, chance), is_lone=True)
