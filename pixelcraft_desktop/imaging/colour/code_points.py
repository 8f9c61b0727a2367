"""Code points (ITU-T H.273): how HDR and video pictures say their colours, in three numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pixelcraft_desktop.imaging.colour.chromaticity import D65, Primaries
from pixelcraft_desktop.imaging.colour.profiles import grey_profile, rgb_profile

_Light = Callable[[float], float]

SRGB_PRIMARIES = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_UNSPECIFIED = 2
_BT_601 = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_WHITE_C = (0.310, 0.316)
_PRIMARIES = {  # table 2
    1: SRGB_PRIMARIES,
    _UNSPECIFIED: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _WHITE_C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _BT_601,
    7: _BT_601,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _WHITE_C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
_PQ, _HLG = 16, 18
# ITU-R BT.2408: where the white of paper stands in HDR, in cd/m². 1,000 is what most of it is
# graded for, and what HLG reaches on the screen it is defined by (BT.2100, table 5).
_PAPER_WHITE, _BRIGHTEST = 203.0, 1000.0
_PQ_WHITE = 10_000.0
_ST_2084 = (2610 / 16_384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128)


@dataclass(frozen=True)
class CodePoints:
    """Numbers of H.273: primaries and transfer, and whether black is 0 and not 16 of 255."""

    primaries: int
    transfer: int
    is_full_range: bool = True

    @property
    def hdr(self) -> str | None:
        """What kind of HDR this is: "PQ", "HLG"; None where it is none."""
        return {_PQ: "PQ", _HLG: "HLG"}.get(self.transfer)


@lru_cache(maxsize=32)
def code_point_profile(points: CodePoints, is_grey: bool) -> bytes | None:
    """Return a profile for pictures of these code points; None where they are not known.

    HDR is brought into the range of a print: dark and middle tones as they are, what is brighter
    than paper drawn together below white (ITU-R BT.2390, section 5.4, for each primary).
    """
    primaries, light = _PRIMARIES.get(points.primaries), _LIGHTS.get(points.transfer)
    if primaries is None or light is None:
        return None
    full = light if points.is_full_range else _from_narrow(light)
    return grey_profile(full) if is_grey else rgb_profile(primaries, full)


def srgb_light(value: float) -> float:
    """Return how bright a value of sRGB is (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def power_light(exponent: float) -> _Light:
    """Return the function of a plain power."""
    return lambda value: float(value**exponent)


def _from_narrow(light: _Light) -> _Light:
    return lambda value: light(min(1.0, max(0.0, (255 * value - 16) / 219)))


def _pq_light(value: float) -> float:
    return _drawn_together(_pq_nits(value))


def _hlg_light(value: float) -> float:
    """Return what BT.2100, table 5, shows on a screen of 1,000 cd/m², for a grey."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = value**2 / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12
    return _drawn_together(_BRIGHTEST * scene**1.2)


# What is said to be film's or video's is meant for a screen, and by most programs written without
# a thought beside sRGB's own values: 1, 6, 14 and 15 get sRGB's curve, as in browsers.
_LIGHTS: dict[int, _Light] = {  # table 3
    **dict.fromkeys((1, _UNSPECIFIED, 6, 13, 14, 15), srgb_light),
    4: power_light(2.2),
    5: power_light(2.8),
    8: power_light(1.0),
    _PQ: _pq_light,
    17: lambda value: min(1.0, value**2.6 * 52.37 / 48),
    _HLG: _hlg_light,
}


def _pq_nits(value: float) -> float:
    """Return cd/m² (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = _ST_2084
    power = value ** (1 / m2)
    return float(_PQ_WHITE * (max(0.0, power - c1) / (c2 - c3 * power)) ** (1 / m1))


def _pq_value(nits: float) -> float:
    m1, m2, c1, c2, c3 = _ST_2084
    power = (nits / _PQ_WHITE) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def _drawn_together(nits: float) -> float:
    """Return 0–1 for 0–1,000 cd/m²: straight at first, then bent by a spline up to white."""
    most = _pq_value(_PAPER_WHITE) / _pq_value(_BRIGHTEST)
    knee = 1.5 * most - 0.5
    value = min(1.0, _pq_value(nits) / _pq_value(_BRIGHTEST))
    if value > knee:
        t = (value - knee) / (1 - knee)
        value = (
            (2 * t**3 - 3 * t**2 + 1) * knee
            + (t**3 - 2 * t**2 + t) * (1 - knee)
            + (3 * t**2 - 2 * t**3) * most
        )
    return _pq_nits(value * _pq_value(_BRIGHTEST)) / _PAPER_WHITE
