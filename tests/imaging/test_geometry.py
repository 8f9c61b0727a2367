"""Sizes that hold for every picture there could be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pixelcraft_desktop.imaging.geometry import (
    WEBP_LARGEST_SIDE_PX,
    Size,
    base_size,
    cover_box,
    output_size,
    scaled,
)
from pixelcraft_desktop.model import RenditionSpec, standard_recipe

THUMBNAIL, PREVIEW = standard_recipe().renditions
sides = st.one_of(st.integers(1, 300), st.integers(1, 1_000_000))
sizes = st.tuples(sides, sides)
outputs = st.tuples(st.integers(1, 2_000), st.integers(1, 2_000))


@given(sizes)
def test_a_thumbnail_is_always_200_square(upright: Size) -> None:
    assert output_size(THUMBNAIL, upright) == (200, 200)


@given(sizes)
@example((1, 16_384))
@example((800, 16_384))
@example((1_000_000, 1))
def test_a_preview_only_ever_shrinks_and_keeps_its_shape(upright: Size) -> None:
    width, height = output_size(PREVIEW, upright)
    assert 1 <= width <= min(800, upright[0])
    assert 1 <= height <= min(upright[1], WEBP_LARGEST_SIDE_PX)
    scale = min(Fraction(1), Fraction(800, upright[0]), Fraction(WEBP_LARGEST_SIDE_PX, upright[1]))
    for side, whole in ((width, upright[0]), (height, upright[1])):
        # Half a pixel of rounding; a side of less than one pixel is one.
        assert abs(side - max(Fraction(1), whole * scale)) <= Fraction(501, 1000)


@given(sizes)
def test_a_preview_is_800_wide_unless_something_forbids_it(upright: Size) -> None:
    width, height = output_size(PREVIEW, upright)
    if height < WEBP_LARGEST_SIDE_PX:
        assert width == min(800, upright[0])


@given(sizes)
@example((12_000, 1_500))
@example((1, 1))
def test_nothing_is_enlarged_that_the_picture_has(upright: Size) -> None:
    base = base_size((THUMBNAIL, PREVIEW), upright)
    assert base[0] <= upright[0]
    assert base[1] <= upright[1]
    assert base[0] >= output_size(PREVIEW, upright)[0]
    assert base[1] >= output_size(PREVIEW, upright)[1]
    # The thumbnail's side comes out of the base, or of all that there is.
    assert min(base) >= min(200, *upright)


@given(sizes, outputs)
@example((3, 3), (200, 200))
def test_a_cover_box_lies_inside_has_the_shape_and_is_centred(source: Size, target: Size) -> None:
    left, top, right, bottom = cover_box(source, target)
    assert 0 <= left < right <= source[0]
    assert 0 <= top < bottom <= source[1]
    assert (right - left) / (bottom - top) == pytest.approx(target[0] / target[1], rel=1e-6)
    assert left + right == pytest.approx(source[0])
    assert top + bottom == pytest.approx(source[1])
    assert right - left == pytest.approx(source[0]) or bottom - top == pytest.approx(source[1])


@given(sizes, st.floats(0, 1))
def test_no_side_vanishes(size: Size, scale: float) -> None:
    assert min(scaled(size, scale)) >= 1


def test_a_cover_without_height_is_square() -> None:
    spec = RenditionSpec("icon", "cover", 64, None, quality=80)
    assert output_size(spec, (300, 200)) == (64, 64)
