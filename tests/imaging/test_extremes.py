"""The thinnest, longest and smallest pictures: whole results, in shape and sharp."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import Studio, encoded
from PIL import Image, ImageStat

from pixelcraft_desktop.imaging.geometry import WEBP_LARGEST_SIDE_PX

STRIPES_PX = 24


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def ramp(size: tuple[int, int]) -> Image.Image:
    """Return grey from black to white along the longer side."""
    grey = Image.linear_gradient("L")
    return (grey.rotate(90) if size[0] > size[1] else grey).resize(size).convert("RGB")


def spread(image: Image.Image) -> float:
    """Return the standard deviation of the greys: 0 where there is nothing to be seen."""
    return ImageStat.Stat(image.convert("L")).stddev[0]


def mean(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.mark.parametrize(
    ("plugin", "size", "preview"),
    [
        ("PNG", (1, 1), (1, 1)),
        ("PNG", (1, 1_000_000), (1, 16_383)),
        ("TIFF", (1, 1_000_000), (1, 16_383)),
        ("PNG", (1_000_000, 1), (800, 1)),
        ("PPM", (1_000_000, 1), (800, 1)),
        ("JPEG", (1, 65_500), (1, 16_383)),
        ("JPEG", (65_500, 1), (800, 1)),
        ("PNG", (12_000, 1_500), (800, 100)),
        ("JPEG", (12_000, 1_500), (800, 100)),
        ("JPEG", (790, 36_861), (351, 16_383)),
        ("PNG", (16_383, 2), (800, 1)),
        ("WEBP", (16_383, 2), (800, 1)),
        ("WEBP", (2, 16_383), (2, 16_383)),
        ("PNG", (2, 16_384), (2, 16_383)),
    ],
)
def test_every_shape_has_whole_results(
    studio: Studio, plugin: str, size: tuple[int, int], preview: tuple[int, int]
) -> None:
    rendering = studio.render(encoded(ramp(size), plugin))
    assert (rendering.width, rendering.height) == size
    made = {name: studio.rendition(name) for name in ("thumbnail", "preview")}
    assert (made["thumbnail"].size, made["preview"].size) == ((200, 200), preview)
    assert [(each.width, each.height) for each in rendering.renditions] == [(200, 200), preview]
    check_content(made["preview"], made["thumbnail"], size)


def check_content(preview: Image.Image, thumbnail: Image.Image, size: tuple[int, int]) -> None:
    """Check that the preview shows all of the ramp, and the thumbnail the middle of it."""
    assert max(preview.size) <= WEBP_LARGEST_SIDE_PX
    assert mean(thumbnail) == pytest.approx(127, abs=4)
    if max(size) == 1:
        return
    assert mean(preview) == pytest.approx(127, abs=4)
    ends = preview.convert("L").tobytes()
    assert min(ends[0], ends[-1]) < 10
    assert max(ends[0], ends[-1]) > 245


@pytest.mark.parametrize("plugin", ["PNG", "JPEG", "TIFF"])
def test_the_cover_of_a_panorama_comes_from_the_source(studio: Studio, plugin: str) -> None:
    panorama = Image.new("L", (12_000, 1_500))
    stripe = Image.new("L", (STRIPES_PX // 2, 1_500), 255)
    for left in range(0, 12_000, STRIPES_PX):
        panorama.paste(stripe, (left, 0))
    studio.render(encoded(panorama, plugin))
    # 24 px are 3.2 px in the thumbnail, and 1.6 in the preview, where no stripe can be told.
    preview = studio.rendition("preview")
    enlarged = preview.crop((350, 0, 450, 100)).resize((200, 200), Image.Resampling.LANCZOS)
    assert spread(enlarged) < 20
    assert spread(studio.rendition("thumbnail")) > 60


def test_a_cover_of_a_small_picture_is_an_enlargement(studio: Studio) -> None:
    # There is nothing else to take: 16,383 × 2 has 2 × 2 pixels in its middle.
    studio.render(encoded(ramp((16_383, 2)), "PNG"))
    assert spread(studio.rendition("thumbnail")) < 1
