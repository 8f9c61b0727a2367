"""The sea in the evening, and a lighthouse beside it."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from painting.brushes import (
    Size,
    band,
    both,
    disc,
    glow,
    gradient,
    land,
    mix,
    soften,
    stars,
    streaks,
    veil,
    wave,
)


def sea(size: Size, chance: Random) -> Image.Image:
    """Paint the sun going down into the sea, in colours a plain screen just cannot reach."""
    width, height = size
    picture = gradient(
        size, (0, "#2b2f7e"), (0.22, "#8a3f92"), (0.4, "#f2575f"), (0.53, "#ffb347"), (1, "#ffb347")
    )
    sun = (width * 0.5, height * 0.5)
    glow(picture, sun, height * 0.6, "#ffcf6e", 0.7)
    for cells, colour, low, strength in (
        ((2, 16), "#ff7b6b", 0.36, 0.6),
        ((3, 22), "#5b2f83", 0.25, 0.5),
    ):
        shreds = streaks(size, cells, chance, 124, 7)
        veil(picture, colour, both(shreds, band(size, low - 0.25, low, 0.55)), strength)
    disc(picture, sun, height * 0.075, "#fff0b0")
    glow(picture, sun, height * 0.2, "#ffe08a", 0.7)
    line = height * 0.55
    land(
        picture,
        [(0, line), (width, line)],
        (0, "#f79a4f"),
        (0.08, "#c8545f"),
        (0.4, "#5a2f78"),
        (1, "#191a4a"),
    )
    _glitter(picture, line, width * 0.5, "#ffd98a", chance)
    return picture


def lighthouse(size: Size, chance: Random) -> Image.Image:
    """Paint a lighthouse on its rock at dusk, upright."""
    width, height = size
    picture = gradient(
        size,
        (0, "#1b2350"),
        (0.35, "#51447f"),
        (0.56, "#c9697a"),
        (0.66, "#f6a873"),
        (1, "#f6a873"),
    )
    stars(picture, 160, 0.32, chance)
    shreds = streaks(size, (2, 14), chance, 122, 6)
    veil(picture, "#ef8f86", both(shreds, band(size, 0.3, 0.55, 0.68)), 0.55)
    water = height * 0.68
    land(
        picture,
        [(0, water), (width, water)],
        (0, "#e9a07c"),
        (0.12, "#a36a86"),
        (0.5, "#3d3a6b"),
        (1, "#161b3d"),
    )
    _glitter(picture, water, width * 0.3, "#ffd3a1", chance)
    for line, tone in (
        (wave(width, lambda x: height * (0.93 - 0.21 * _bump(x, 0.68, 0.2))), "#241f3d"),
        (wave(width, lambda x: height * (0.985 - 0.2 * _bump(x, 0.78, 0.27))), "#15142b"),
    ):
        rough = [(x, y + chance.uniform(0, height * 0.006)) for x, y in line]
        land(picture, rough, (0, mix(tone, "#c9697a", 0.22)), (0.25, tone), (1, "#0c0d1f"))
    _tower(picture, width * 0.68, height * 0.735, height * 0.34)
    return picture


def _tower(picture: Image.Image, x: float, foot: float, tall: float) -> None:
    draw = ImageDraw.Draw(picture)
    half_foot, half_top, top = tall * 0.1, tall * 0.062, foot - tall
    for i in range(5):
        upper, lower = foot - tall * (i + 1) / 5, foot - tall * i / 5
        a, b = (half_foot + (half_top - half_foot) * (i + n) / 5 for n in (0, 1))
        light, dark = ("#f3e6dc", "#8f7f99") if i % 2 == 0 else ("#c8434c", "#6b2742")
        draw.polygon([(x - a, lower), (x + a, lower), (x + b, upper), (x - b, upper)], fill=dark)
        draw.polygon(
            [(x - a, lower), (x + a * 0.25, lower), (x + b * 0.25, upper), (x - b, upper)],
            fill=light,
        )
    lamp = (x, top - tall * 0.075)
    beam = Image.new("L", picture.size)
    for end, spread in ((-1.0, 0.16), (1.0, 0.1)):
        far = (x + end * picture.width, lamp[1] - picture.height * 0.1 * end)
        reach = picture.height * spread
        corners = [lamp, (far[0], far[1] - reach), (far[0], far[1] + reach)]
        ImageDraw.Draw(beam).polygon(corners, fill=110)
    veil(picture, "#ffe9b0", soften(beam, picture.width / 120), 0.55)
    draw = ImageDraw.Draw(picture)
    wide = half_top * 1.35
    draw.rectangle((x - wide, top - tall * 0.02, x + wide, top), fill="#221c38")
    draw.rectangle(
        (x - half_top * 0.72, top - tall * 0.13, x + half_top * 0.72, top - tall * 0.02),
        fill="#ffedb8",
    )
    for post in (-0.72, -0.24, 0.24, 0.72):
        draw.line(
            [(x + half_top * post, top - tall * 0.13), (x + half_top * post, top - tall * 0.02)],
            fill="#221c38",
            width=max(2, round(tall * 0.008)),
        )
    draw.pieslice(
        (x - half_top * 0.9, top - tall * 0.18, x + half_top * 0.9, top - tall * 0.08),
        180,
        360,
        fill="#7c2b41",
    )
    glow(picture, lamp, tall * 0.42, "#ffdf94", 0.9)


def _glitter(picture: Image.Image, water: float, x: float, colour: str, chance: Random) -> None:
    """Lay the broken path of the sun on the water: small far away, wide and long near by."""
    width, height = picture.size
    for strength, spread, tone in ((0.75, 0.07, colour), (0.5, 0.45, mix(colour, "#b06a9a", 0.6))):
        mask = Image.new("L", picture.size)
        draw = ImageDraw.Draw(mask)
        for _ in range(1500):
            share = chance.random() ** 1.7
            y = water + (height - water) * share
            long = width * (0.004 + 0.045 * share) * chance.uniform(0.5, 1.3)
            thick = height * (0.0006 + 0.0045 * share)
            at = x + chance.gauss(0, 1) * width * spread * (0.35 + 0.8 * share)
            box = (at - long, y - thick, at + long, y + thick)
            draw.ellipse(box, fill=chance.randrange(70, 256))
        veil(picture, tone, mask, strength)


def _bump(x: float, centre: float, spread: float) -> float:
    return math.exp(-(((x - centre) / spread) ** 2))
