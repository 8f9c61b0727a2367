"""A countdown: the time that is left as a range that holds still while it is true."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEADY_S = 2.0
# A forecast that may be off by more than this says nothing yet.
_MOST_DOUBT = 0.6
# From one moment to the next a forecast that moves by more is not steady.
_MOST_DRIFT = 0.35
_LEAST_SPREAD_S = 0.5
# Who is slower to follow the longer it takes is calm, and right in time.
_CALM = 0.15
_LEAST_CALM_S, _GREATEST_CALM_S = 1.0, 20.0
# So many standard deviations each way: four times of five it is true.
_WIDTH = 1.25
# A range holds as long as what is left lies in this part of it, around the middle.
_INSIDE = 0.7
# A range is narrowed once it could be half as wide.
_MUCH_SURER = 0.5


@dataclass(frozen=True)
class Range:
    """Between `low` and `high` seconds are left."""

    low: float
    high: float


class Countdown:
    """Takes in forecasts as they come, and shows few. All times in seconds on one clock."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything: what lies ahead is something else now."""
        self._end: float | None = None
        self._spread = 0.0
        self._heard = 0.0
        self._steady_since: float | None = None
        self._shown: Range | None = None

    def note(self, seconds: float, spread: float, now: float) -> None:
        """Learn that so many seconds seem to be left, give or take `spread`."""
        spread = max(spread, _LEAST_SPREAD_S)
        if self._end is None:
            self._end, self._spread = now + seconds, spread
            self._steady_since = now
        else:
            left = max(0.0, self._end - now)
            if abs(seconds - left) > max(_MOST_DRIFT * max(seconds, left), 2.0):
                self._steady_since = now
            calm_s = min(max(_CALM * max(seconds, left), _LEAST_CALM_S), _GREATEST_CALM_S)
            weight = 1 - math.exp(-(now - self._heard) / calm_s)
            self._end += weight * (now + seconds - self._end)
            self._spread += weight * (spread - self._spread)
        self._heard = now
        self._show(now)

    @property
    def shown(self) -> Range | None:
        """What to tell people; None as long as it would be a guess."""
        return self._shown

    def _show(self, now: float) -> None:
        if self._end is None or self._steady_since is None:
            return
        left = max(0.0, self._end - now)
        is_vague = self._spread > _MOST_DOUBT * left + 1.0
        # What stands there already is corrected, not taken away and given back.
        if self._shown is None and (is_vague or now - self._steady_since < _STEADY_S):
            return
        if self._shown is None or not self._is_true(self._shown, left):
            half = _WIDTH * self._spread
            self._shown = Range(max(0.0, left - half), left + half)

    def _is_true(self, shown: Range, left: float) -> bool:
        half = (shown.high - shown.low) / 2 / _WIDTH
        is_inside = abs(left - (shown.low + half)) <= _INSIDE * half
        return is_inside and self._spread > _MUCH_SURER * half
