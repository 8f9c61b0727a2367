"""Chromaticities (CIE 1931 x and y): from what a screen's primaries are to what ICC wants."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
_Row = tuple[float, float, float]
_Matrix = tuple[_Row, _Row, _Row]

D50: _Row = (0.9642, 1.0, 0.8249)  # the white of every profile (ICC.1:2022, section 7.2.16)
D65: Point = (0.3127, 0.3290)
# How the cones of the eye answer to XYZ (Bradford; ICC.1:2022, annex E).
_CONES: _Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_LARGEST = 8.0  # of what a primary adds to white; real ones stay under 1


@dataclass(frozen=True)
class Primaries:
    """The chromaticities of three primaries and of their white."""

    red: Point
    green: Point
    blue: Point
    white: Point = D65


def adapted_primaries(primaries: Primaries) -> _Matrix:
    """Return XYZ of red, green and blue, as seen by an eye that is used to D50.

    Raises ValueError where no colours can be mixed of them.
    """
    try:
        mixed = _mixed(primaries)
        adapted = tuple(_adapted(xyz, _xyz(primaries.white)) for xyz in mixed)
    except ZeroDivisionError as error:
        raise ValueError("the primaries lie on a line, or have no light") from error
    red, green, blue = adapted
    if not all(abs(value) < _LARGEST for xyz in adapted for value in xyz):
        raise ValueError("the primaries lie next to a line")
    return red, green, blue


def _mixed(primaries: Primaries) -> _Matrix:
    """Return XYZ of the primaries, each as bright as white asks for."""
    pure = (_xyz(primaries.red), _xyz(primaries.green), _xyz(primaries.blue))
    red, green, blue = _times(_inverse(_turned(pure)), _xyz(primaries.white))
    return _scaled(pure[0], red), _scaled(pure[1], green), _scaled(pure[2], blue)


def _adapted(xyz: _Row, white: _Row) -> _Row:
    seen, there, here = _times(_CONES, xyz), _times(_CONES, white), _times(_CONES, D50)
    long, medium, short = (s * h / t for s, h, t in zip(seen, here, there, strict=True))
    return _times(_inverse(_CONES), (long, medium, short))


def _xyz(point: Point) -> _Row:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _scaled(row: _Row, by: float) -> _Row:
    return row[0] * by, row[1] * by, row[2] * by


def _times(matrix: _Matrix, column: _Row) -> _Row:
    a, b, c = (sum(m * v for m, v in zip(row, column, strict=True)) for row in matrix)
    return a, b, c


def _turned(rows: _Matrix) -> _Matrix:
    a, b, c = rows
    return (a[0], b[0], c[0]), (a[1], b[1], c[1]), (a[2], b[2], c[2])


def _cross(a: _Row, b: _Row) -> _Row:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _inverse(matrix: _Matrix) -> _Matrix:
    a, b, c = matrix
    columns = (_cross(b, c), _cross(c, a), _cross(a, b))
    volume = sum(v * w for v, w in zip(a, columns[0], strict=True))
    x, y, z = columns
    return _turned((_scaled(x, 1 / volume), _scaled(y, 1 / volume), _scaled(z, 1 / volume)))
