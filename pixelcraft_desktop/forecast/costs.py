"""Costs: what a picture of each kind takes of a lane's time, learned from those that are done."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pixelcraft_desktop.forecast.kinds import KINDS

# What every picture costs beside its pixels: claim, hash, open, two WebPs, fsync, commit.
OVERHEAD_S = 0.02
# Each picture makes the former ones of its kind count a little less: the last hundred matter.
_MEMORY = 0.99
# What is shipped counts like so many measured pictures.
_PRIOR = 2.0
# How far single pictures are from what was foretold, as long as nobody measured: a factor of two.
_UNKNOWN_DEVIATION = 0.8
# A mean of many is no better known than this: tomorrow's pictures are not today's.
_LEAST_DOUBT = 0.06
# Sizes of which none was measured are doubted by so much for each factor e from those that were.
_STRANGENESS = 0.12
_LEAST_FACTOR, _GREATEST_RATIO = 0.05, 20.0


@dataclass
class _Fit:
    """By which factors overhead and pixels cost more than is shipped: least squares, two unknowns.

    The shares of both add up to 1, so each picture counts the same, however large it is.
    """

    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0
    xt: float = 0.0
    yt: float = 0.0

    def learn(self, overhead_share: float, ratio: float) -> None:
        """Learn that a picture took `ratio` times what is shipped for it."""
        x, y = overhead_share, 1.0 - overhead_share
        self.xx = _MEMORY * self.xx + x * x
        self.xy = _MEMORY * self.xy + x * y
        self.yy = _MEMORY * self.yy + y * y
        self.xt = _MEMORY * self.xt + x * ratio
        self.yt = _MEMORY * self.yt + y * ratio

    def factors(self, overhead: float, pixels: float) -> tuple[float, float]:
        """Return both factors; those given stand where little was measured."""
        a, b, c = self.xx + _PRIOR, self.xy, self.yy + _PRIOR
        u, v = self.xt + _PRIOR * overhead, self.yt + _PRIOR * pixels
        determinant = a * c - b * b  # > 0: the prior sees to it
        return (
            max(_LEAST_FACTOR, (u * c - v * b) / determinant),
            max(_LEAST_FACTOR, (v * a - u * b) / determinant),
        )


@dataclass
class _Experience:
    """What was measured of one kind; all sums fade."""

    fit: _Fit = field(default_factory=_Fit)
    count: float = 0.0
    megapixels: float = 0.0
    megabytes: float = 0.0
    seconds: float = 0.0
    deviation: float = 0.0  # sum of squares, relative to what was foretold from the file's size


class Costs:
    """Foretells megapixels and lane seconds. Time per picture and per kind: constant."""

    def __init__(self) -> None:
        self._machine = _Fit()
        self._kinds = {kind: _Experience() for kind in KINDS}
        self._factors: dict[str, tuple[float, float]] = {}

    @property
    def is_measured(self) -> bool:
        """Whether anything was learned at all."""
        return any(known.count for known in self._kinds.values())

    def learn(self, kind: str, megapixels: float, megabytes: float, seconds: float) -> None:
        """Learn what one picture took; nonsense is passed over."""
        if not (megapixels > 0 and megabytes > 0 and seconds >= 0):
            return
        known = self._kinds[kind]
        foretold = self.seconds(kind, 1, self.megapixels(kind, megabytes))
        miss = min((seconds - foretold) / foretold, 3.0)
        shipped = OVERHEAD_S + KINDS[kind].seconds_per_mp * megapixels
        ratio = min(seconds / shipped, _GREATEST_RATIO)
        for fit in (self._machine, known.fit):
            fit.learn(OVERHEAD_S / shipped, ratio)
        known.count = _MEMORY * known.count + 1
        known.megapixels = _MEMORY * known.megapixels + megapixels
        known.megabytes = _MEMORY * known.megabytes + megabytes
        known.seconds = _MEMORY * known.seconds + seconds
        known.deviation = _MEMORY * known.deviation + miss * miss
        self._factors.clear()

    def megapixels(self, kind: str, megabytes: float) -> float:
        """Return how many megapixels files of that kind and size hold together."""
        known, shipped = self._kinds[kind], KINDS[kind].mp_per_mb
        if not known.count:
            return megabytes * shipped
        prior = _PRIOR * known.megabytes / known.count
        return megabytes * (known.megapixels + prior * shipped) / (known.megabytes + prior)

    def seconds(self, kind: str, count: int, megapixels: float) -> float:
        """Return the lane seconds that so many pictures with so many megapixels together take."""
        overhead, pixels = self._factors_of(kind)
        return count * OVERHEAD_S * overhead + megapixels * KINDS[kind].seconds_per_mp * pixels

    def doubt(self, kind: str, count: int, megapixels: float) -> float:
        """Return how far that may be off, as a share of it: one standard deviation."""
        known = self._kinds[kind]
        prior = _PRIOR * _UNKNOWN_DEVIATION**2
        variance = (known.deviation + prior) / (known.count + _PRIOR)
        mean = variance / (known.count + _PRIOR)
        chance = variance / max(1, count)
        return math.sqrt(mean + chance + self._bias(known, count, megapixels) ** 2)

    def _bias(self, known: _Experience, count: int, megapixels: float) -> float:
        """Return what no number of pictures makes surer."""
        if not (known.count and count and megapixels > 0):
            return _LEAST_DOUBT
        usual, asked = known.megapixels / known.count, megapixels / count
        return _LEAST_DOUBT + _STRANGENESS * min(4.0, abs(math.log(asked / usual)))

    def _factors_of(self, kind: str) -> tuple[float, float]:
        if kind not in self._factors:
            self._factors[kind] = self._find_factors(kind)
        return self._factors[kind]

    def _find_factors(self, kind: str) -> tuple[float, float]:
        known = self._kinds[kind]
        overhead, pixels = known.fit.factors(*self._machine.factors(1.0, 1.0))
        if not known.count:
            return overhead, pixels
        # The fit is fair to each picture, and so not to their sum, in which the large ones count.
        fitted = known.count * OVERHEAD_S * overhead
        fitted += known.megapixels * KINDS[kind].seconds_per_mp * pixels
        prior = _PRIOR * fitted / known.count
        scale = (known.seconds + prior) / (fitted + prior)
        return scale * overhead, scale * pixels
