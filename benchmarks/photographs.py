"""Camera-like photographs made in code: fractal landscapes with grain, in 12 megapixels or more."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

SIZE_12_MP = (4032, 3024)
SIZE_24_MP = (6000, 4000)
# Evenly spread, 14 off the middle in the root mean square; Pillow's own noise can't be repeated.
_GRAIN = [round(128 + (value - 127.5) * 14 / 73.9) for value in range(256)]


def make_photographs(
    folder: Path, count: int, size: tuple[int, int] = SIZE_12_MP, scene_count: int = 6
) -> list[Path]:
    """Write `count` JPEG photographs that all differ, and return them. About 4 MB for 12 MP."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [make_scene(seed, size) for seed in range(min(count, scene_count))]
    chance = random.Random(0)
    paths = []
    for number in range(count):
        scene = scenes[number % len(scenes)]
        shift = chance.randrange(size[0])
        image = ImageChops.offset(scene, shift, 0)
        path = folder / f"IMG_{number:04}.jpg"
        image.save(path, quality=90 + number % 3)
        paths.append(path)
    return paths


def make_scene(seed: int, size: tuple[int, int]) -> Image.Image:
    """Return noise on every scale, as landscapes have it: 1/f, coloured, with sensor grain."""
    chance = random.Random(seed)
    bands = []
    for _ in range(3):
        band = Image.new("L", size, 128)
        for octave in range(1, 8):
            side = 2**octave
            small = Image.frombytes("L", (side * 2, side), chance.randbytes(side * side * 2))
            layer = small.resize(size, Image.Resampling.BICUBIC)
            band = Image.blend(band, layer, 0.55 / octave**0.7)
        grain = Image.frombytes("L", size, chance.randbytes(size[0] * size[1])).point(_GRAIN)
        bands.append(ImageChops.overlay(ImageOps.autocontrast(band), grain))
    return Image.merge("RGB", bands)
