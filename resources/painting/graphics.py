"""Pictures with hard edges and few colours: a balloon, a poster, tiles, seeds."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from painting.brushes import Size, below, disc, glow, mix, soften, veil, wave


def balloon(size: Size) -> Image.Image:
    """Paint a hot-air balloon alone, with nothing around it."""
    width, height = size
    colours = ("#e4572e", "#f3a712", "#fff4dc", "#29a3a3", "#2e5f9e", "#fff4dc")
    paint = Image.new("RGB", size, "#e4572e")
    draw = ImageDraw.Draw(paint)
    x, y, radius = width / 2, height * 0.37, width * 0.44
    gores = 13
    for gore in range(gores):
        left, right = (math.sin(math.pi * (n / gores - 0.5)) for n in (gore, gore + 1))
        outline = [(x + left * _envelope(t) * radius, y + t * radius) for t in _steps(-1, 1.45)]
        outline += [(x + right * _envelope(t) * radius, y + t * radius) for t in _steps(1.45, -1)]
        draw.polygon(outline, fill=colours[abs(gore - gores // 2) % len(colours)])
    shape = Image.new("L", size)
    edge = [(x + side * _envelope(t) * radius, y + t * radius) for side, t in _around()]
    ImageDraw.Draw(shape).polygon(edge, fill=255)
    shadow = soften(below(size, wave(width, lambda s: height * (1.02 - 0.9 * s))), width / 9)
    veil(paint, "#3b1f4a", shadow, 0.4)
    glow(paint, (x - radius * 0.4, y - radius * 0.45), radius * 0.9, "#fff3d8", 0.55)
    draw, mask = ImageDraw.Draw(paint), ImageDraw.Draw(shape)
    skirt, basket, half = y + radius * 1.45, height * 0.9, width * 0.075
    for side in (-1, -0.35, 0.35, 1):
        rope = [(x + side * radius * 0.17, skirt), (x + side * half, basket)]
        for surface, fill in ((draw, "#5b3b24"), (mask, 255)):
            surface.line(rope, fill=fill, width=max(2, width // 260))
    box = (x - half, basket, x + half, basket + half * 1.35)
    mask.rounded_rectangle(box, half * 0.25, fill=255)
    draw.rectangle(box, fill="#a9713c")
    for row in range(5):
        level = basket + half * (0.12 + 0.27 * row)
        draw.line([(box[0], level), (box[2], level)], fill="#7d4f27", width=max(2, width // 130))
    draw.rectangle((box[0], basket, box[2], basket + half * 0.16), fill="#5b3b24")
    paint.putalpha(shape)
    return paint


def _envelope(t: float) -> float:
    """Return how wide a balloon is (1: widest), from its crown at -1 to its mouth at 1.45."""
    if t < 0:
        return math.sqrt(max(0.0, 1 - t * t))
    return 1 - 0.83 * (0.5 - 0.5 * math.cos(math.pi * (t / 1.45) ** 1.25))


def _steps(start: float, end: float) -> list[float]:
    return [start + (end - start) * i / 120 for i in range(121)]


def _around() -> list[tuple[float, float]]:
    return [(-1.0, t) for t in _steps(-1, 1.45)] + [(1.0, t) for t in _steps(1.45, -1)]


def tiles(size: Size, chance: Random) -> Image.Image:
    """Paint a floor of quarter circles, each tile turned by chance."""
    width, height = size
    picture = Image.new("RGB", size, "#f4ecdf")
    draw = ImageDraw.Draw(picture)
    edge = width // 10
    colours = ("#0f4c5c", "#e36414", "#fb8b24", "#9a031e", "#5f0f40", "#2a9d8f")
    for top in range(0, height, edge):
        for left in range(0, width, edge):
            draw.rectangle((left, top, left + edge, top + edge), fill=chance.choice(colours))
            x, y = left + edge * chance.randrange(2), top + edge * chance.randrange(2)
            for share, fill in ((1.0, "#f4ecdf"), (0.72, chance.choice(colours)), (0.4, "#f4ecdf")):
                reach = edge * share
                tile = picture.crop((left, top, left + edge, top + edge))
                at = (x - left - reach, y - top - reach, x - left + reach, y - top + reach)
                ImageDraw.Draw(tile).ellipse(at, fill=fill)
                picture.paste(tile, (left, top))
    return picture


def shapes(size: Size) -> Image.Image:
    """Paint a poster of plain shapes."""
    height = size[1]
    picture = Image.new("RGB", size, "#efe6d5")
    draw = ImageDraw.Draw(picture)
    unit = height / 12
    disc(picture, (unit * 5.2, unit * 5.4), unit * 3.7, "#d64933")
    draw.rectangle((unit * 5.2, 0, unit * 8.2, height), fill="#16324f")
    draw.pieslice((unit * 1.5, unit * 1.7, unit * 8.9, unit * 9.1), -90, 90, fill="#f2b632")
    draw.polygon(
        [(unit * 8.2, height), (unit * 16, height), (unit * 16, unit * 4.2)], fill="#2a7f86"
    )
    for ring, fill in ((2.1, "#16324f"), (1.5, "#efe6d5"), (0.9, "#d64933")):
        disc(picture, (unit * 12.2, unit * 3.2), unit * ring, fill)
    for stripe in range(5):
        level = unit * (9.9 + stripe * 0.4)
        draw.rectangle((unit * 0.9, level, unit * 4.4, level + unit * 0.18), fill="#16324f")
    return picture


def sunflower(size: Size) -> Image.Image:
    """Paint seeds the way a sunflower sets them, each 137.5 degrees on from the one before."""
    width, height = size
    picture = Image.new("RGB", size, "#14213d")
    draw = ImageDraw.Draw(picture)
    stops = ("#fff3c4", "#ffd166", "#f8961e", "#ef476f", "#7b2d8b", "#26408b")
    seeds = 640
    for seed in range(seeds, 0, -1):
        share = seed / seeds
        angle, away = seed * math.pi * (3 - math.sqrt(5)), height * 0.47 * math.sqrt(share)
        place = share**0.8 * (len(stops) - 1.001)
        colour = mix(stops[int(place)], stops[int(place) + 1], round(place % 1 * 12) / 12)
        x, y = width / 2 + away * math.cos(angle), height / 2 + away * math.sin(angle)
        radius = height * (0.0075 + 0.0095 * math.sin(math.pi * min(1, share * 0.9 + 0.1)))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture
