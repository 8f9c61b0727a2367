"""The measure of likeness, against values known from elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter

from benchmarks.ssim import WINDOW_PX, ssim


def pattern(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Return a picture with detail on every scale."""
    rings = Image.radial_gradient("L").resize(size)
    return rings.point([value * 37 % 256 for value in range(256)])


def test_a_picture_is_wholly_like_itself() -> None:
    assert ssim(pattern(), pattern()) == pytest.approx(1.0, abs=1e-6)


# By scikit-image 0.26, gaussian_weights, sigma 1.5, no sample covariance, the windows inside.
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda image: image.filter(ImageFilter.BoxBlur(1)), 0.173947),
        (lambda image: image.point([value // 2 for value in range(256)]), 0.639922),
        (ImageChops.invert, -0.970046),
    ],
    ids=["blurred", "darker", "inverted"],
)
def test_other_programs_find_the_same(change: object, expected: float) -> None:
    assert callable(change)
    assert ssim(pattern(), change(pattern())) == pytest.approx(expected, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255))
def test_of_two_flat_greys_only_the_lightness_counts(one: int, other: int) -> None:
    pair = [Image.new("L", (WINDOW_PX, WINDOW_PX), value) for value in (one, other)]
    c1 = (0.01 * 255) ** 2
    expected = (2 * one * other + c1) / (one**2 + other**2 + c1)
    assert ssim(*pair) == pytest.approx(expected, abs=1e-3)


def test_colour_is_compared_by_its_luma() -> None:
    grey = pattern()
    assert ssim(grey.convert("RGB"), grey) == pytest.approx(1.0, abs=1e-6)


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="can't be compared"):
        ssim(pattern((96, 63)), pattern((96, 64)))


def test_pictures_smaller_than_the_window_are_refused() -> None:
    narrow = pattern((WINDOW_PX - 1, 64))
    with pytest.raises(ValueError, match="smaller than the window"):
        ssim(narrow, narrow)
