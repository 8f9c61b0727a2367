"""Files damaged in every way: each ends in a rendering or in a known failure."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import READABLE, Studio, encoded, exif_with, gradient
from PIL import ImageCms

from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# (what, where in thousandths, bytes): a picture's beginning is where the most can go wrong.
places = st.one_of(st.integers(0, 1000), st.integers(0, 100).map(lambda n: n / 10))
edits = st.tuples(
    st.sampled_from(["flip", "flip", "insert", "delete", "cut"]),
    places,
    st.binary(min_size=1, max_size=6),
)
KNOWN_ENDS = {
    None,
    Cause.DAMAGED,
    Cause.EMPTY,
    Cause.NOT_AN_IMAGE,
    Cause.OUT_OF_MEMORY,
    Cause.TOO_LARGE,
    Cause.UNSUPPORTED_FORMAT,
}
LIMITS = Limits(pixels=200_000)


def tiny_files(plugin: str) -> list[bytes]:
    """Return small sound files that use what the format has to offer."""
    exif = exif_with({271: "Maker", 274: 6}, {36867: "2024:01:01 00:00:00"}, {2: (1.0, 2.0, 3.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = gradient((16, 11))
    if plugin == "GIF":
        frames = [image.rotate(90), image.rotate(180)]
        return [encoded(image, plugin, save_all=True, append_images=frames, transparency=3)]
    if plugin == "BMP":
        return [encoded(image.convert(mode), plugin) for mode in ("RGB", "P", "1")]
    files = [encoded(image, plugin, exif=exif), encoded(image, plugin, icc_profile=profile)]
    if plugin == "TIFF":
        files += [encoded(image, plugin, compression=name) for name in ("tiff_lzw", "jpeg")]
    if plugin in {"TIFF", "PNG"}:
        files += [encoded(image.convert("L").convert(mode), plugin) for mode in ("I;16", "1")]
    if plugin == "JPEG":
        files += [encoded(image, plugin, progressive=True), encoded(image.convert("CMYK"), plugin)]
    return files


def end_of(studio: Studio, data: bytes) -> Cause | None:
    """Return why the bytes could not be rendered, None where they could."""
    try:
        studio.render(data, limits=LIMITS)
    except KnownFailure as failure:
        return failure.cause
    except MemoryError:
        return Cause.OUT_OF_MEMORY
    return None


def damage(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for how, thousandth, new in changes:
        at = round(len(data) * thousandth / 1000)
        if how == "flip":
            data = data[:at] + new + data[at + len(new) :]
        elif how == "insert":
            data = data[:at] + new + data[at:]
        elif how == "delete":
            data = data[:at] + data[at + len(new) :]
        else:
            data = data[:at]
    return data


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


# Outside of tests, what Pillow warns of goes unheard: what becomes of the file counts.
@pytest.mark.filterwarnings("ignore:::PIL")
@pytest.mark.parametrize("plugin", READABLE)
def test_damage_is_always_a_known_failure(studio: Studio, plugin: str) -> None:
    files = tiny_files(plugin)

    @settings(
        max_examples=250,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.sampled_from(files), st.lists(edits, max_size=4))
    def check(data: bytes, changes: list[tuple[str, float, bytes]]) -> None:
        ending = end_of(studio, damage(data, changes))
        assert ending in KNOWN_ENDS
        if ending is None:
            assert studio.rendition("thumbnail").size == (200, 200)

    check()
