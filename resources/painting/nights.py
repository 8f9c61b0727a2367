"""What shines at night: the Milky Way, northern lights, the windows of a city."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from painting.brushes import (
    Point,
    Size,
    both,
    clouds,
    conifer,
    disc,
    glow,
    gradient,
    land,
    mix,
    ridge,
    ripple,
    soften,
    stars,
    streaks,
    veil,
    wave,
)


def milky_way(size: Size, chance: Random) -> Image.Image:
    """Paint the Milky Way over crags and a still lake, with a lit tent on the shore."""
    width, height = size
    shore = round(height * 0.8)
    picture = gradient(
        size, (0, "#060a20"), (0.4, "#12235a"), (0.66, "#33608f"), (0.8, "#8fb0a8"), (1, "#8fb0a8")
    )
    _star_river(picture, chance)
    stars(picture, 2600, 0.78, chance)
    for layer, (base, tall, tone) in enumerate(
        ((0.68, 0.1, "#27456f"), (0.74, 0.08, "#142850"), (0.8, 0.03, "#081130"))
    ):
        line = ridge(width, height * base, height * tall, 0.54 - 0.03 * layer, chance)
        land(picture, line, (0, mix(tone, "#6f95b8", 0.22)), (0.4, tone), (1, tone))
    lake = ImageOps.flip(picture.crop((0, 2 * shore - height, width, shore)))
    lake = lake.filter(ImageFilter.BoxBlur((width / 500, width / 200)))
    picture.paste(Image.blend(lake, Image.new("RGB", lake.size, "#0a1a45"), 0.35), (0, shore))
    line = wave(width, lambda x: height * (1.0 - 0.14 * max(0.0, 1 - x / 0.5) ** 1.4))
    rough = [(x, y + chance.uniform(0, height * 0.0015)) for x, y in line]
    land(picture, rough, (0, "#0b1330"), (1, "#04071a"))
    _tent(picture, (width * 0.13, height * 0.912), height * 0.085)
    return picture


def _star_river(picture: Image.Image, chance: Random) -> None:
    """Let the band of far stars rise from the lower left, parted by dark dust."""
    width, height = picture.size
    size = picture.size
    path = [(width * (0.3 + 0.42 * t), height * (0.86 - 1.0 * t)) for t in (-0.2, 0.3, 0.7, 1.2)]
    river = Image.new("L", size)
    ImageDraw.Draw(river).line(path, fill=255, width=round(width * 0.15), joint="curve")
    river = soften(river, width / 20)
    middle = Image.new("L", size)
    ImageDraw.Draw(middle).line(path, fill=255, width=round(width * 0.045), joint="curve")
    middle = soften(middle, width / 36)
    veil(picture, "#5f7fd6", river, 0.4)
    veil(picture, "#b9b4ea", both(river, streaks(size, (9, 6), chance, 84, 3)), 0.55)
    veil(picture, "#ffe2c4", both(middle, streaks(size, (14, 10), chance, 90, 3)), 0.8)
    veil(picture, "#f39ac0", both(middle, streaks(size, (12, 9), chance, 132, 5)), 0.55)
    rift = clouds(size, (10, 7), chance, 5).point(lambda v: max(0, min(255, (124 - v) * 7)))
    veil(picture, "#0c1234", both(soften(middle, width / 90), rift), 0.8)


def _tent(picture: Image.Image, foot: Point, tall: float) -> None:
    x, y = foot
    glow(picture, (x, y - tall * 0.4), tall * 3.2, "#ff9a3c", 0.6)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(x - tall, y), (x - tall * 0.1, y - tall), (x + tall * 0.6, y)], fill="#ffb347")
    draw.polygon(
        [(x + tall * 0.6, y), (x - tall * 0.1, y - tall), (x + tall * 1.15, y - tall * 0.12)],
        fill="#d9702a",
    )
    draw.polygon(
        [(x - tall * 0.4, y), (x - tall * 0.12, y - tall * 0.72), (x + tall * 0.1, y)],
        fill="#fff0c0",
    )
    glow(picture, (x - tall * 0.1, y - tall * 0.3), tall * 1.1, "#ffcf7a", 0.55)


def aurora(size: Size, chance: Random) -> Image.Image:
    """Paint northern lights over snowy hills."""
    width, height = size
    picture = gradient(size, (0, "#050b1f"), (0.6, "#10305a"), (1, "#1c4a66"))
    stars(picture, 900, 0.75, chance)
    for shift, base, tall, colour, strength in (
        (0.1, 0.5, 0.42, "#2fe6a0", 0.8),
        (0.45, 0.42, 0.36, "#4fd8c8", 0.55),
        (0.8, 0.36, 0.4, "#a06bff", 0.5),
    ):
        curtain = _curtain(size, shift, base, tall, chance)
        veil(picture, colour, curtain, strength)
    for layer, (base, tall, tone) in enumerate(
        ((0.76, 0.05, "#4a7d92"), (0.84, 0.045, "#8fb9c4"), (0.93, 0.03, "#cfe6e6"))
    ):
        line = ridge(width, height * base, height * tall, 0.4, chance)
        land(picture, line, (0, tone), (0.5, mix(tone, "#173a56", 0.5)), (1, "#102a44"))
        if layer == 1:
            trees = Image.new("L", size)
            draw = ImageDraw.Draw(trees)
            for _ in range(70):
                x = chance.choice((chance.gauss(0.14, 0.09), chance.gauss(0.88, 0.08))) * width
                conifer(draw, (x, height * chance.uniform(0.9, 0.94)), height * 0.13, chance)
            veil(picture, "#07182b", trees, 1.0)
    return picture


def _curtain(size: Size, shift: float, base: float, tall: float, chance: Random) -> Image.Image:
    """Return one waving curtain of light: sharp below, fading upwards, in folds."""
    width, height = size
    small = (width // 4, height // 4)
    folds = Image.frombytes("L", (160, 1), chance.randbytes(160))
    folds = folds.resize((small[0], 1), Image.Resampling.BICUBIC)
    mask = Image.new("L", small)
    source, target = folds.load(), mask.load()
    assert source is not None  # noqa: S101 - only closed pictures have no pixels
    assert target is not None  # noqa: S101 - the same
    for x in range(small[0]):
        across = x / small[0]
        foot = small[1] * (base + ripple(across, (0.07, 1.1, shift), (0.025, 2.7, shift * 2)))
        reach = small[1] * tall * (0.75 + 0.25 * ripple(across, (1, 1.7, shift)))
        fold = source[x, 0]
        assert isinstance(fold, int)  # noqa: S101 - one band has one number a pixel
        strength = (0.45 + 0.55 * fold / 255) * (0.65 + 0.35 * ripple(across, (1, 1.3, shift * 3)))
        for y in range(small[1]):
            up = (foot - y) / reach
            light = (1 - up) ** 1.6 if 0 <= up <= 1 else max(0.0, 1 + up * 14) if up < 0 else 0.0
            target[x, y] = round(255 * light * strength)
    return soften(mask.resize(size, Image.Resampling.BICUBIC), width / 500)


def city(size: Size, chance: Random) -> Image.Image:
    """Paint a city at nightfall, its windows lit."""
    width, height = size
    stops = ((0.0, "#2d3561"), (0.45, "#c05c7e"), (0.75, "#f3826f"), (1.0, "#ffb961"))
    picture = gradient(size, *stops, grain=False)
    disc(picture, (width * 0.27, height * 0.5), height * 0.12, "#ffe3a8")
    for layer, tone in enumerate(("#a8577c", "#69406f", "#2a2850")):
        draw = ImageDraw.Draw(picture)
        left = -width * 0.02
        while left < width:
            across = width * chance.uniform(0.035, 0.075) * (0.8 + 0.25 * layer)
            tall = height * (0.5 - 0.13 * layer) * chance.uniform(0.45, 1.0)
            top = height * (0.97 + 0.03 * layer) - tall
            draw.rectangle((left, top, left + across, height), fill=tone)
            if chance.random() < 0.3:
                mast = left + across / 2
                draw.rectangle(
                    (mast - width / 900, top - height * 0.06, mast + width / 900, top), fill=tone
                )
            if layer:
                _windows(draw, (left, top, left + across, height), width / 190, chance, layer)
            left += across + width * 0.004 * chance.randrange(3)
    return picture


def _windows(
    draw: ImageDraw.ImageDraw,
    house: tuple[float, float, float, float],
    pane: float,
    chance: Random,
    layer: int,
) -> None:
    lit = 0.28 if layer == 1 else 0.4
    y = house[1] + pane * 1.4
    while y < house[3]:
        x = house[0] + pane
        while x + pane < house[2] - pane * 0.6:
            if chance.random() < lit:
                colour = chance.choice(("#ffd37a", "#ffe7ad", "#f6a95b"))
                draw.rectangle((x, y, x + pane * 0.8, y + pane * 1.1), fill=colour)
            x += pane * 1.7
        y += pane * 2.2
