"""The pattern: a picture of four colours, which any copy of it must still show."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

Colour = Sequence[int]
SIZE = (640, 480)
# None is in a theme of ours, so they are found again in a window.
COLOURS: tuple[Colour, ...] = ((220, 40, 60), (40, 170, 60), (50, 60, 210), (240, 200, 30))
# What the worst encoder here, GIF with its 256 colours or WebP, may change of a channel.
_TOLERANCE = 24


def make_pattern() -> Image.Image:
    """Return the picture: a colour in each quarter, from left to right and from top to bottom."""
    small = Image.new("RGB", (2, 2))
    small.putdata([tuple(colour) for colour in COLOURS])
    return small.resize(SIZE, Image.Resampling.NEAREST)


def is_like(colour: Colour, wanted: Colour) -> bool:
    """Tell whether the colour is the wanted one, but for what encoders change."""
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(colour, wanted, strict=True))


def shows_pattern(image: Image.Image) -> bool:
    """Tell whether the picture has the pattern's colours where they belong."""
    plain = image.convert("RGB")
    width, height = plain.size
    middles = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    found = [plain.getpixel(middle) for middle in middles]
    return all(
        isinstance(colour, tuple) and is_like(colour, wanted)
        for colour, wanted in zip(found, COLOURS, strict=True)
    )
