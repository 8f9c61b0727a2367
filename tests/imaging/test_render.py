"""One file in, both renditions out, and everybody told on the way."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from pictures import READABLE, Studio, encoded, gradient, listen, pictures_made, targets_in, tiff
from PIL import Image

from pixelcraft_desktop.imaging.render import Order, Reporter, render
from pixelcraft_desktop.model import (
    Cause,
    KnownFailure,
    Limits,
    Recipe,
    Rendered,
    RenditionSpec,
    Stage,
)

STAGES = [
    (Stage.READING, 0),
    (Stage.THUMBNAIL, 25),
    (Stage.PREVIEW, 50),
    (Stage.METADATA, 75),
]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def failure_of(studio: Studio, data: bytes) -> KnownFailure:
    """Return why the bytes can't be rendered, having checked that nothing was made of them."""
    with pytest.raises(KnownFailure) as caught:
        studio.render(data)
    assert os.listdir(studio.folder) == ["picture"]
    return caught.value


@pytest.mark.parametrize("plugin", READABLE)
def test_every_format_completes(studio: Studio, plugin: str) -> None:
    data = encoded(gradient((1000, 500)), plugin)
    rendering = studio.render(data)
    assert studio.told == STAGES
    assert rendering.sha256 == hashlib.sha256(data).hexdigest()
    assert (rendering.format.upper(), rendering.width, rendering.height) == (plugin, 1000, 500)
    assert (rendering.size_bytes, rendering.unchanged) == (len(data), False)
    made = {name: os.path.getsize(studio.folder / f"{name}.tmp") for name in targets_in(Path())}
    assert rendering.renditions == (
        Rendered("thumbnail", 200, 200, made["thumbnail"]),
        Rendered("preview", 800, 400, made["preview"]),
    )
    assert studio.rendition("thumbnail").size == (200, 200)
    assert studio.rendition("preview").size == (800, 400)
    assert (studio.folder / "picture").read_bytes() == data


@pytest.mark.parametrize("plugin", READABLE)
@pytest.mark.parametrize(
    ("size", "preview"),
    [
        ((1, 1), (1, 1)),
        ((1, 900), (1, 900)),
        ((900, 1), (800, 1)),
        ((200, 200), (200, 200)),
        ((799, 3), (799, 3)),
        ((801, 600), (800, 599)),
    ],
)
def test_sizes(
    studio: Studio, plugin: str, size: tuple[int, int], preview: tuple[int, int]
) -> None:
    rendering = studio.render(encoded(gradient(size), plugin))
    assert (rendering.width, rendering.height) == size
    assert studio.rendition("thumbnail").size == (200, 200)
    assert studio.rendition("preview").size == preview


@pytest.mark.parametrize("size", [(20, 20_000), (20_000, 20)])
def test_what_is_longer_than_webp_can_be(studio: Studio, size: tuple[int, int]) -> None:
    studio.render(encoded(gradient(size, "L"), "PNG"))
    preview = studio.rendition("preview")
    assert preview.size == ((16, 16_383) if size[1] > size[0] else (800, 1))


def test_a_thumbnail_shows_the_middle(studio: Studio) -> None:
    image = Image.new("RGB", (600, 200), (0, 0, 255))
    image.paste((255, 0, 0), (200, 0, 400, 200))
    studio.render(encoded(image, "PNG"))
    (low, high) = studio.rendition("thumbnail").getchannel("R").crop((4, 4, 196, 196)).getextrema()
    assert (low, high) == pytest.approx((255, 255), abs=8)


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "TIFF", "AVIF", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_grey_stays_grey(studio: Studio, plugin: str, mode: str) -> None:
    studio.render(encoded(gradient((300, 300), mode), plugin))
    for name in ("thumbnail", "preview"):
        red, green, blue = studio.rendition(name).convert("RGB").split()
        pixels = zip(red.tobytes(), green.tobytes(), blue.tobytes(), strict=True)
        assert max(max(pixel) - min(pixel) for pixel in pixels) <= 2
        low, high = red.getextrema()
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert low < 8
        assert high > 247


@pytest.mark.parametrize("plugin", READABLE)
def test_half_a_file_is_damaged(studio: Studio, plugin: str) -> None:
    data = encoded(Image.effect_noise((200, 200), 80).convert("RGB"), plugin)
    assert failure_of(studio, data[: len(data) // 2]).cause == Cause.DAMAGED


def test_a_file_that_ends_early_says_where(studio: Studio) -> None:
    data = encoded(Image.effect_noise((200, 200), 80), "JPEG")
    half = failure_of(studio, data[: len(data) // 2])
    assert half.message == "The picture is damaged: it ends at 48 %."  # twelve rows of blocks


def test_an_animation_is_its_first_frame(studio: Studio) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "green", "blue")]
    for plugin in ("GIF", "PNG", "WEBP"):
        data = encoded(frames[0], plugin, save_all=True, append_images=frames[1:])
        assert studio.colour(data) == pytest.approx((255, 0, 0), abs=4)


def test_known_content_is_not_rendered_again(studio: Studio) -> None:
    data = encoded(gradient(), "JPEG")
    rendering = studio.render(data, known_sha256=hashlib.sha256(data).hexdigest())
    assert rendering.unchanged
    assert rendering.renditions == ()
    assert os.listdir(studio.folder) == ["picture"]
    assert studio.told == [STAGES[0], STAGES[-1]]


def test_other_recipes_divide_evenly(studio: Studio) -> None:
    spec = RenditionSpec("icon", "cover", 32, 24, quality=70)
    path = studio.write(encoded(gradient(), "PNG"))
    order = Order(
        os.fsencode(path), Recipe((spec,)), {"icon": str(studio.folder / "icon.tmp")}, Limits()
    )
    rendering = render(order, listen(studio.told))
    assert studio.told == [(Stage.READING, 0), (Stage.RENDITION, 33), (Stage.METADATA, 66)]
    assert (rendering.renditions[0].width, rendering.renditions[0].height) == (32, 24)


def test_a_full_disk_in_the_middle_is_known(studio: Studio) -> None:
    (studio.folder / "preview.tmp").symlink_to("/dev/full")
    with pytest.raises(KnownFailure) as caught:
        studio.render(encoded(gradient(), "PNG"))
    assert caught.value.cause == Cause.DISK_FULL
    assert sorted(os.listdir(studio.folder)) == ["picture", "thumbnail.tmp"]


def test_a_missing_file_is_told_before_memory_is_asked_for(studio: Studio) -> None:
    asked: list[int] = []
    reporter = Reporter(lambda *_: None, asked.append)
    with pytest.raises(KnownFailure) as caught:
        render(studio.order(studio.folder / "gone.jpg"), reporter)
    assert (caught.value.cause, asked) == (Cause.SOURCE_MISSING, [])


class Meddler:
    """Does something to the file while its picture waits for memory."""

    def __init__(self, studio: Studio, path: Path) -> None:
        self.studio = studio
        self.path = path

    def render(self, meddle: Any) -> Any:
        """Render the file, and call `meddle` once its header was read."""
        reporter = Reporter(lambda *_: None, lambda _: meddle())
        return render(self.studio.order(self.path), reporter)


@pytest.fixture
def meddler(studio: Studio) -> Meddler:
    return Meddler(studio, studio.write(encoded(gradient((80, 60)), "BMP")))


@pytest.mark.parametrize("plugin", READABLE)
def test_no_pixel_is_decoded_before_memory_is_granted(studio: Studio, plugin: str) -> None:
    path = studio.write(encoded(gradient((300, 200)), plugin))
    made: list[int] = []
    before = pictures_made()
    Meddler(studio, path).render(lambda: made.append(pictures_made() - before))
    assert made == [0]


def test_a_file_that_shrinks_meanwhile_is_damaged(meddler: Meddler) -> None:
    with pytest.raises(KnownFailure, match="ends early") as caught:
        meddler.render(lambda: os.truncate(meddler.path, 100))
    assert caught.value.cause == Cause.DAMAGED


def test_a_file_that_becomes_another_meanwhile_is_damaged(meddler: Meddler) -> None:
    larger = encoded(gradient((8000, 6000), "1"), "BMP")
    with pytest.raises(KnownFailure, match="changed while") as caught:
        meddler.render(lambda: meddler.path.write_bytes(larger))
    assert caught.value.cause == Cause.DAMAGED


def test_a_file_deleted_meanwhile_is_still_read(meddler: Meddler) -> None:
    assert meddler.render(meddler.path.unlink).width == 80


def test_a_file_that_grows_meanwhile_was_changed(meddler: Meddler) -> None:
    data = meddler.path.read_bytes()
    with pytest.raises(KnownFailure, match="changed while") as caught:
        meddler.render(lambda: meddler.path.write_bytes(data + b"more"))
    assert caught.value.cause == Cause.DAMAGED


def test_a_tile_larger_than_memory_is_no_damage(studio: Studio) -> None:
    # libtiff sets aside a whole tile, 2^60 bytes here, for a picture of 16 × 16 pixels.
    side = 1 << 30
    data = tiff(
        (256, 3, 1, 16),
        (257, 3, 1, 16),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, side),
        (323, 4, 1, side),
        (324, 4, 1, 8),
        (325, 4, 1, 8),
        data=bytes(8),
    )
    with pytest.raises(MemoryError):
        studio.render(data)
