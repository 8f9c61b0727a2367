"""The pace of the run that goes on now: how far and how fast."""

from __future__ import annotations

from collections import deque

# The rate is that of the last so many seconds; before it is steady it says more about chance.
_WINDOW_S = 10.0
_STEADY_S = 2.0
_STEADY_DONE = 4


class Pace:
    """A run lasts from the first picture that has work to do until none has. Times in seconds."""

    def __init__(self) -> None:
        self.total = 0
        self.undone = 0
        self._marks: deque[tuple[float, int]] = deque()

    @property
    def done(self) -> int:
        """How many pictures of this run have ended."""
        return self.total - self.undone

    @property
    def is_running(self) -> bool:
        """Whether anything is left to do."""
        return self.undone > 0

    def note(self, joined: int, ended: int, left: int, now: float) -> None:
        """Learn how many pictures joined the run, ended, and left the library undone."""
        if joined and not self.undone:
            self.total = 0
            self._marks.clear()
        self.total = max(0, self.total + joined - left)
        self.undone = max(0, self.undone + joined - ended - left)
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and self._marks[1][0] < now - _WINDOW_S:
            self._marks.popleft()

    def per_mille(self, active_percent: int) -> int:
        """Return how much is done, 0–1000; `active_percent` sums the percents of active pictures.

        1000 only when nothing is left.
        """
        if not self.total:
            return 0
        if not self.undone:
            return 1000
        return min(999, int((self.done + active_percent / 100) * 1000 / self.total))

    def rate(self, now: float) -> float | None:
        """Return pictures a second of late; None as long as that would be a guess."""
        if not self._marks or not self.undone:
            return None
        began, first = self._marks[0]
        seconds, ended = now - began, self.done - first
        return ended / seconds if seconds >= _STEADY_S and ended >= _STEADY_DONE else None
