"""What the sample pictures are painted with: skies, ridges, light, mist, stars, trees."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Size = tuple[int, int]
Point = tuple[float, float]
Stop = tuple[float, str]  # where between 0 and 1, and which colour

_GRAIN_WIDTH_PX = 197  # an odd width, so that the repeated grain never lines up with a JPEG block


def mix(first: str, second: str, share: float) -> str:
    """Return the colour `share` of the way from the first to the second, as #rrggbb."""
    pairs = zip(ImageColor.getrgb(first)[:3], ImageColor.getrgb(second)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def gradient(size: Size, *stops: Stop, seed: int = 1, grain: bool = True) -> Image.Image:
    """Return a picture that runs from top to bottom through the stops.

    With grain every pixel is rounded up or down by chance: eight bits alone can show as bands.
    Without it all rows are of one colour, which formats without loss keep small.
    """
    chance = Random(seed)  # noqa: S311 - grain, the same every time
    width, height = size
    column = Image.new("RGB", (min(_GRAIN_WIDTH_PX, width) if grain else 1, height))
    pixels = column.load()
    assert pixels is not None  # noqa: S101 - only a closed picture has no pixels
    for y in range(height):
        exact = _between(stops, y / max(1, height - 1))
        for x in range(column.width):
            red, green, blue = (
                min(255, int(part + (chance.random() if grain else 0.5))) for part in exact
            )
            pixels[x, y] = (red, green, blue)
    picture = Image.new("RGB", size)
    for x in range(0, width, column.width):
        picture.paste(column, (x, 0))
    return picture


def _between(stops: Sequence[Stop], place: float) -> tuple[float, float, float]:
    lower = max((stop for stop in stops if stop[0] <= place), default=stops[0])
    upper = min((stop for stop in stops if stop[0] >= place), default=stops[-1])
    share = (place - lower[0]) / (upper[0] - lower[0]) if upper[0] > lower[0] else 0.0
    pairs = zip(ImageColor.getrgb(lower[1])[:3], ImageColor.getrgb(upper[1])[:3], strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return red, green, blue


def clouds(size: Size, cells: Size, chance: Random, octaves: int = 4) -> Image.Image:
    """Return soft grey noise around 128, its coarsest lumps `cells` across and down."""
    total = Image.new("L", size, 128)
    for octave in range(octaves):
        columns, rows = cells[0] << octave, cells[1] << octave
        lumps = Image.frombytes("L", (columns, rows), chance.randbytes(columns * rows))
        # Each octave is half as strong as the one before it; blend() weakens the earlier ones too.
        total = Image.blend(total, lumps.resize(size, Image.Resampling.BICUBIC), 0.5**octave * 0.6)
    return total


def ridge(
    width: int, base_px: float, height_px: float, roughness: float, chance: Random, peaks: int = 4
) -> list[Point]:
    """Return a line of hills (roughness 0.35) or crags (0.55), by halving and displacing."""
    heights = [chance.uniform(-1, 1) for _ in range(peaks)]
    reach = 0.8
    while len(heights) < width // 6:
        halved: list[float] = []
        for left, right in pairwise(heights):
            halved += [left, (left + right) / 2 + chance.uniform(-reach, reach)]
        heights = [*halved, heights[-1]]
        reach *= roughness
    step = width / (len(heights) - 1)
    return [(i * step, base_px - height_px * height) for i, height in enumerate(heights)]


def wave(width: int, shape: Callable[[float], float]) -> list[Point]:
    """Return a smooth line; the shape gives the height in pixels for 0 to 1 across."""
    return [(x, shape(x / width)) for x in range(0, width + 8, 8)]


def below(size: Size, line: Sequence[Point]) -> Image.Image:
    """Return a mask of everything under the line."""
    mask = Image.new("L", size)
    outline = [*line, (size[0], size[1]), (0, size[1])]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return mask


def land(picture: Image.Image, line: Sequence[Point], *stops: Stop) -> None:
    """Fill what lies under the line with a gradient from its highest point to the lower edge."""
    top = max(0, int(min(y for _, y in line)))
    depth = max(1, picture.height - top)
    ground = gradient((picture.width, depth), *stops, seed=top)
    picture.paste(ground, (0, top), below(picture.size, line).crop((0, top, *picture.size)))


def veil(picture: Image.Image, colour: str, mask: Image.Image, strength: float) -> None:
    """Lay a colour over the picture, as thick as the mask says."""
    picture.paste(ImageColor.getrgb(colour), (0, 0), mask.point(lambda v: round(v * strength)))


def both(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return the mask of what lies in both masks."""
    return ImageChops.multiply(first, second)


def streaks(size: Size, cells: Size, chance: Random, threshold: int, slope: float) -> Image.Image:
    """Return clouds as a mask: nothing up to the threshold, then thicker with the slope."""
    return clouds(size, cells, chance).point(
        lambda v: max(0, min(255, round((v - threshold) * slope)))
    )


def band(size: Size, top: float, middle: float, bottom: float) -> Image.Image:
    """Return a mask that swells from the top to the middle and fades to the bottom (0 to 1)."""
    stops = ((0.0, "#000"), (top, "#000"), (middle, "#fff"), (bottom, "#000"), (1.0, "#000"))
    return gradient((1, size[1]), *stops).convert("L").resize(size)


def glow(
    picture: Image.Image, centre: Point, radius_px: float, colour: str, strength: float = 1.0
) -> None:
    """Add light around a point; it fades with the square of the distance."""
    edge = max(2, round(radius_px * 2))
    # Zero from 127 on: that is where the inscribed circle of radial_gradient() ends.
    fade = Image.radial_gradient("L").point(lambda v: round(max(0.0, 1 - v / 180) ** 2 * 255))
    fade = fade.resize((edge, edge), Image.Resampling.BICUBIC)
    light = Image.new("L", picture.size)
    light.paste(fade, (round(centre[0] - edge / 2), round(centre[1] - edge / 2)))
    shine = Image.new("RGB", picture.size)
    shine.paste(ImageColor.getrgb(colour), (0, 0), light.point(lambda v: round(v * strength)))
    picture.paste(ImageChops.screen(picture, shine))


def disc(picture: Image.Image, centre: Point, radius_px: float, colour: str) -> None:
    """Paint a full circle."""
    x, y = centre
    box = (x - radius_px, y - radius_px, x + radius_px, y + radius_px)
    ImageDraw.Draw(picture).ellipse(box, fill=colour)


def stars(picture: Image.Image, count: int, lowest: float, chance: Random) -> None:
    """Strew stars over the picture down to `lowest` (0 to 1): many faint ones, few bright."""
    draw = ImageDraw.Draw(picture)
    unit = picture.width / 1600
    for _ in range(count):
        x = chance.uniform(0, picture.width)
        y = chance.uniform(0, picture.height * lowest)
        brightness = chance.random() ** 5
        size = unit * (0.5 + 1.6 * brightness)
        tint = chance.choice(("#ffffff", "#dfe8ff", "#fff1da"))
        sky = "#{:02x}{:02x}{:02x}".format(*picture.getpixel((int(x), int(y))))  # type: ignore[misc]
        colour = mix(sky, tint, 0.35 + 0.65 * brightness)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)


def conifer(draw: ImageDraw.ImageDraw, foot: Point, height_px: float, chance: Random) -> None:
    """Draw one fir in full white on a mask, its branches a little uneven."""
    x, y = foot
    trunk = height_px * 0.016
    draw.rectangle((x - trunk, y - height_px * 0.3, x + trunk, y + height_px * 0.05), fill=255)
    tiers = max(7, min(22, round(height_px / 14)))
    for side in (-1, 1):
        outline = [(x, y - height_px)]
        for tier in range(1, tiers + 1):
            share = tier / tiers
            reach = side * height_px * (0.02 + 0.17 * share**0.85)
            tip = y - height_px * (1 - 0.94 * share)
            outline += [
                (x + reach * chance.uniform(0.75, 1.15), tip),
                (x + reach * 0.42, tip - height_px * 0.35 / tiers),
            ]
        outline.append((x, y - height_px * 0.08))
        draw.polygon(outline, fill=255)


def forest(
    size: Size, line: Sequence[Point], tree_px: float, spacing_px: float, chance: Random
) -> Image.Image:
    """Return a mask of the ground under the line, with firs standing along it."""
    mask = below(size, line)
    draw = ImageDraw.Draw(mask)
    x = -spacing_px
    while x < size[0] + spacing_px:
        nearest = min(line, key=lambda point: abs(point[0] - x))
        height = tree_px * (0.55 + 0.45 * chance.random())
        conifer(draw, (x, nearest[1] + tree_px * 0.1), height, chance)
        x += spacing_px * chance.uniform(0.4, 1.4)
    return mask


def soften(mask: Image.Image, radius_px: float) -> Image.Image:
    """Return the mask blurred."""
    return mask.filter(ImageFilter.GaussianBlur(radius_px))


def ripple(x: float, *parts: tuple[float, float, float]) -> float:
    """Return a sum of sines; each part is (strength, times across, shift)."""
    return sum(
        strength * math.sin(math.tau * (times * x + shift)) for strength, times, shift in parts
    )
