"""The size of a WebP, before anybody decodes it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Studio, encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.webp import HEAD_BYTES, ends_early, read_size
from pixelcraft_desktop.model import KnownFailure


@pytest.mark.parametrize("size", [(1, 1), (16, 9), (300, 1), (1, 16_383), (16_383, 2)])
@pytest.mark.parametrize(
    "options", [{}, {"lossless": True}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}]
)
def test_it_is_the_size_that_the_decoder_finds(
    size: tuple[int, int], options: dict[str, object]
) -> None:
    data = encoded(Image.new("RGB", size, "red"), "WEBP", method=0, **options)
    assert read_size(data[:HEAD_BYTES]) == size
    with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
        assert image.size == size


def test_of_an_animation_it_is_the_canvas() -> None:
    frames = [gradient((40, 30)).rotate(90)]
    data = encoded(gradient((40, 30)), "WEBP", save_all=True, append_images=frames)
    assert read_size(data) == (40, 30)


@given(st.binary(max_size=40))
def test_nonsense_has_a_size_or_none(tail: bytes) -> None:
    for kind in (b"VP8X", b"VP8L", b"VP8 ", b""):
        size = read_size(b"RIFF....WEBP" + kind + tail)
        assert size is None or min(size) >= 0


@pytest.mark.parametrize("size_bytes", [30, 100, 500])
def test_a_file_that_was_cut_off_ends_early(tmp_path: Path, size_bytes: int) -> None:
    whole = encoded(gradient((300, 200)).rotate(30), "WEBP")
    assert not ends_early(io.BytesIO(whole))
    with pytest.raises(KnownFailure, match="damaged: it ends early"):
        Studio(tmp_path).render(whole[:size_bytes])
