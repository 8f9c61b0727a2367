"""Paint the sample pictures in `resources/samples`: `make samples`.

Every picture is our own, so it may go wherever the program goes. Together they are a small
tour of what people bring: each plain format once, a camera's JPEG that lies on its side, a
progressive and a grey one, a wide-gamut one, transparency, a palette, a panorama. Chance is
seeded, so the same versions of Pillow and its codecs write the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from PIL import Image
from PIL.TiffImagePlugin import PREDICTOR, IFDRational

from camera import exif, on_its_side
from painting.brushes import Size
from painting.graphics import balloon, shapes, sunflower, tiles
from painting.lands import dunes, hills, misty_forest, panorama
from painting.nights import aurora, city, milky_way
from painting.waters import lighthouse, sea
from wide_gamut import profile

FOLDER = Path(__file__).parent / "samples"
OVERSIZE = 2  # painted at twice the size and reduced: that smooths every edge


class Sample(NamedTuple):
    """One picture: its file, what is painted how large, what is done to it, and how it is saved."""

    name: str
    paint: Callable[[Size], Image.Image]
    size: Size
    save: dict[str, Any]
    finish: Callable[[Image.Image], Image.Image] = Image.Image.copy


def with_palette(picture: Image.Image) -> Image.Image:
    """Return the picture in the 256 colours that suit it best, without dots between them."""
    return picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def turned(picture: Image.Image) -> Image.Image:
    """Return the picture as a camera held upright stores it: a quarter turn to the left."""
    return picture.transpose(Image.Transpose.ROTATE_90)


HILLS_EXIF = exif("2026:05:31 05:42:10", IFDRational(1, 250), 8.0, 100, (46.5583, 7.8921))
LIGHTHOUSE_EXIF = on_its_side(
    exif("2026:07:12 22:18:47", IFDRational(1, 15), 2.8, 800, (54.4602, 11.1325))
)

SAMPLES = (
    Sample(
        "hills.jpg",
        lambda size: hills(size, Random(11)),
        (2400, 1600),
        {"quality": 82, "exif": HILLS_EXIF},
    ),
    Sample(
        "lighthouse.jpg",
        lambda size: lighthouse(size, Random(23)),
        (1600, 2400),
        {"quality": 80, "exif": LIGHTHOUSE_EXIF},
        turned,
    ),
    Sample(
        "dunes.jpg",
        lambda size: dunes(size, Random(37)),
        (2000, 1333),
        {"quality": 80, "progressive": True},
    ),
    Sample(
        "forest.jpg",
        lambda size: misty_forest(size, Random(41)),
        (1800, 1200),
        {"quality": 78},
    ),
    Sample(
        "sunset.jpg",
        lambda size: sea(size, Random(57)),
        (2000, 1333),
        {"quality": 80, "icc_profile": profile()},
    ),
    Sample(
        "panorama.jpg",
        lambda size: panorama(size, Random(131)),
        (3200, 900),
        {"quality": 80},
    ),
    Sample(
        "milky-way.webp",
        lambda size: milky_way(size, Random(71)),
        (2400, 1600),
        {"quality": 80, "method": 6},
    ),
    Sample(
        "aurora.avif",
        lambda size: aurora(size, Random(113)),
        (2400, 1600),
        {"quality": 65, "speed": 4},
    ),
    Sample("balloon.png", balloon, (960, 1200), {"optimize": True}),
    Sample("sunflower.png", sunflower, (1200, 1200), {"optimize": True}, with_palette),
    Sample("tiles.gif", lambda size: tiles(size, Random(83)), (1000, 800), {}, with_palette),
    Sample("poster.bmp", shapes, (640, 480), {}, with_palette),
    Sample(
        "city.tif",
        lambda size: city(size, Random(103)),
        (1500, 1000),
        {"compression": "tiff_adobe_deflate", "tiffinfo": {PREDICTOR: 2}},  # 2: differences
    ),
)


def main() -> None:
    """Paint them all, and tell what each has become."""
    FOLDER.mkdir(exist_ok=True)
    total = 0
    for sample in SAMPLES:
        width, height = sample.size
        large = sample.paint((width * OVERSIZE, height * OVERSIZE))
        picture = sample.finish(large.resize(sample.size, Image.Resampling.LANCZOS))
        path = FOLDER / sample.name
        picture.save(path, **sample.save)
        total += path.stat().st_size
        print(f"{sample.name:16} {width:4}×{height:<4} {path.stat().st_size / 1000:6.0f} kB")
    print(f"{len(SAMPLES)} pictures, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
