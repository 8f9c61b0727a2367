"""Hills, mountains, forests and sand by day."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from painting.brushes import (
    Point,
    Size,
    both,
    disc,
    forest,
    glow,
    gradient,
    land,
    mix,
    ridge,
    ripple,
    soften,
    streaks,
    veil,
)


def hills(size: Size, chance: Random) -> Image.Image:
    """Paint layers of hills in the haze of an early sun."""
    width, height = size
    picture = gradient(
        size, (0, "#5f86b8"), (0.3, "#a9bfd0"), (0.46, "#f3d9b4"), (0.58, "#f8c58d"), (1, "#f8c58d")
    )
    sun = (width * 0.66, height * 0.43)
    glow(picture, sun, height * 0.75, "#ffdf9e", 0.75)
    disc(picture, sun, height * 0.042, "#fff6dc")
    glow(picture, sun, height * 0.16, "#fff0c4", 0.8)
    for layer in range(7):
        near = layer / 6
        line = ridge(
            width,
            height * (0.5 + 0.38 * near**1.25),
            height * (0.035 + 0.05 * near),
            0.42,
            chance,
        )
        top = mix("#dcb894", "#1d3a3c", near**0.8)
        land(picture, line, (0, top), (0.55, mix(top, "#f3cf9f", 0.45 * (1 - near))), (1, top))
    line = ridge(width, height * 0.97, height * 0.03, 0.4, chance)
    firs = forest(size, line, height * 0.13, width * 0.018, chance)
    veil(picture, "#0f2427", firs, 1.0)
    glow(picture, sun, height * 0.5, "#ffd08a", 0.25)
    return picture


def panorama(size: Size, chance: Random) -> Image.Image:
    """Paint a very wide look over mountain ranges in the morning."""
    width, height = size
    picture = gradient(size, (0, "#6fa3cf"), (0.35, "#bcd6e2"), (0.6, "#fbe9d2"), (1, "#fbe9d2"))
    glow(picture, (width * 0.3, height * 0.3), height * 1.1, "#fff2cf", 0.8)
    disc(picture, (width * 0.3, height * 0.3), height * 0.05, "#fffbe8")
    for layer in range(6):
        near = layer / 5
        roughness = 0.56 - 0.1 * near
        line = ridge(
            width, height * (0.46 + 0.44 * near), height * (0.15 - 0.09 * near), roughness, chance
        )
        tone = mix("#b9c6d8", "#233b3a", near**0.9)
        land(picture, line, (0, tone), (0.5, mix(tone, "#f6e6d3", 0.5 * (1 - near))), (1, tone))
    firs = forest(
        size,
        ridge(width, height * 0.98, height * 0.03, 0.4, chance),
        height * 0.2,
        height * 0.035,
        chance,
    )
    veil(picture, "#13262a", firs, 1.0)
    return picture


def misty_forest(size: Size, chance: Random) -> Image.Image:
    """Paint firs that stand in mist, in shades of grey."""
    width, height = size
    picture = gradient(size, (0, "#b4b4b4"), (0.35, "#e6e6e6"), (1, "#f2f2f2"))
    for layer in range(6):
        near = layer / 5
        foot = 0.36 + 0.56 * near**1.1
        line = ridge(width, height * foot, height * (0.09 - 0.05 * near), 0.4, chance)
        tree, gap = height * (0.1 + 0.36 * near**1.4), width * (0.009 + 0.05 * near**1.3)
        firs = forest(size, line, tree, gap, chance)
        veil(picture, mix("#bdbdbd", "#101010", near**0.8), firs, 1.0)
        if layer < 5:
            rising = gradient(
                (1, height), (0, "#000"), (foot - 0.14, "#000"), (foot + 0.05, "#fff"), (1, "#fff")
            )
            mist = rising.convert("L").resize(size)
            veil(picture, "#f0f0f0", mist, 0.75 - 0.25 * near)
            veil(picture, "#fafafa", both(mist, streaks(size, (3, 9), chance, 90, 3)), 0.5)
    return picture.convert("L")


def dunes(size: Size, chance: Random) -> Image.Image:
    """Paint desert dunes, each with a light and a shadow side."""
    width, height = size
    picture = gradient(size, (0, "#2f74b5"), (0.3, "#86b9d6"), (0.47, "#f6e3c2"), (1, "#f6e3c2"))
    glow(picture, (width * 0.12, height * 0.16), height * 0.7, "#fff3d0", 0.75)
    disc(picture, (width * 0.12, height * 0.16), height * 0.03, "#fffbe6")
    line = ridge(width, height * 0.46, height * 0.025, 0.36, chance)
    land(picture, line, (0, "#dcb492"), (0.2, "#ecc798"), (1, "#ecc798"))
    for near, peak, top, left, right in (
        (0.0, 0.78, 0.4, 0.34, 0.3),
        (0.2, 0.3, 0.42, 0.3, 0.36),
        (0.45, 0.93, 0.5, 0.42, 0.3),
        (0.7, 0.52, 0.5, 0.42, 0.3),
        (1.0, 0.06, 0.66, 0.5, 0.5),
    ):
        _dune(picture, near, (width * peak, height * top), (width * left, width * right))
    _sand_ripples(picture, height * 0.84)
    return picture


def _dune(picture: Image.Image, near: float, peak: Point, reach_px: Point) -> None:
    """Paint one dune: sunlit from the left, and a shadow side that a winding crest parts off."""
    width, height = picture.size
    fall = height * (0.13 + 0.2 * near)
    line = [
        (x, peak[1] + fall * (1 - math.exp(-((abs(x - peak[0]) / reach_px[x > peak[0]]) ** 1.25))))
        for x in range(-8, width + 16, 8)
    ]
    light = mix("#f2cd98", "#eda65a", near)
    land(picture, line, (0, light), (0.5, mix(light, "#d9863f", 0.45)), (1, "#b9652c"))
    crest = [
        (
            peak[0] + reach_px[1] * (0.22 * math.sin(math.tau * 0.8 * t) + 0.35 * t * t) * 0.9,
            peak[1] + (height * 1.02 - peak[1]) * t,
        )
        for t in (step / 60 for step in range(61))
    ]
    side = [peak, *((x, y) for x, y in line if x > peak[0]), (width + 16, height * 1.02)]
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).polygon([*side, *reversed(crest)], fill=255)
    top = peak[1] / height
    fade = gradient((1, height), (0, "#fff"), (top, "#fff"), (min(1, top + 0.42), "#4a4a4a"))
    shadow = both(soften(mask, width / 1400), fade.convert("L").resize(picture.size))
    veil(picture, mix("#a8735a", "#6d3226", near), shadow, 0.92)


def _sand_ripples(picture: Image.Image, top: float) -> None:
    width, height = picture.size
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    y, step = top, height * 0.006
    while y < height * 1.1:
        share = (y - top) / (height - top)
        line = [
            (
                px,
                y + step * 1.6 * ripple(px / width, (1, 3.1, share * 0.7), (0.6, 7.3, share * 1.9)),
            )
            for px in range(0, width + 16, 16)
        ]
        draw.line(line, fill=round(60 + 110 * min(1, share)), width=max(2, round(step * 0.32)))
        y += step
        step *= 1.06
    veil(picture, "#8a4524", soften(mask, height / 700), 0.5)
