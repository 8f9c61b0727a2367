"""Primaries become what ICC wants of them, whatever numbers a file gives."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from pixelcraft_desktop.imaging.colour.chromaticity import D50, Primaries, adapted_primaries
from pixelcraft_desktop.imaging.colour.code_points import CodePoints, code_point_profile, srgb_light
from pixelcraft_desktop.imaging.colour.profiles import grey_profile, rgb_profile

SRGB = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
coordinates = st.integers(0, 2**32 - 1).map(lambda value: value / 100_000)
points = st.tuples(coordinates, coordinates)


def near(wanted: tuple[float, ...], tolerance: float) -> Any:
    return pytest.approx(wanted, abs=tolerance)


@pytest.mark.parametrize(
    ("primaries", "red", "green", "blue"),
    [  # as in the profiles that HP and Apple ship
        (SRGB, (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        (P3, (0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    ],
)
def test_known_primaries_are_adapted(
    primaries: Primaries,
    red: tuple[float, ...],
    green: tuple[float, ...],
    blue: tuple[float, ...],
) -> None:
    adapted = adapted_primaries(primaries)
    for found, wanted in zip(adapted, (red, green, blue), strict=True):
        assert found == near(wanted, 0.0005)
    assert tuple(map(sum, zip(*adapted, strict=True))) == near(D50, 1e-9)


@given(points, points, points, points)
def test_any_numbers_make_a_profile_or_a_value_error(
    red: tuple[float, float],
    green: tuple[float, float],
    blue: tuple[float, float],
    white: tuple[float, float],
) -> None:
    try:
        profile = rgb_profile(Primaries(red, green, blue, white), srgb_light)
    except ValueError:
        return
    assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "RGB"


@given(st.integers(0, 65_535), st.integers(0, 65_535), st.booleans(), st.booleans())
def test_any_code_points_make_a_profile_or_none(
    primaries: int, transfer: int, is_full: bool, is_grey: bool
) -> None:
    profile = code_point_profile(CodePoints(primaries, transfer, is_full), is_grey)
    assert profile is None or ImageCms.ImageCmsProfile(io.BytesIO(profile))


@pytest.mark.parametrize("primaries", [1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 22])
@pytest.mark.parametrize("transfer", [1, 2, 4, 5, 6, 8, 13, 14, 15, 16, 17, 18])
def test_white_is_white_and_black_is_black_in_every_one(primaries: int, transfer: int) -> None:
    for is_grey in (False, True):
        profile = code_point_profile(CodePoints(primaries, transfer), is_grey)
        assert profile is not None
        curve = profile[profile.rindex(b"curv") + 12 :][:512]
        assert (curve[:2], curve[-2:]) == (b"\0\0", b"\xff\xff")
        values = [int.from_bytes(curve[at : at + 2], "big") for at in range(0, 512, 2)]
        assert values == sorted(values)


def test_a_grey_profile_is_one() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(grey_profile(lambda value: value)))
    assert profile.profile.xcolor_space == "GRAY"
