"""Structural similarity of two pictures (Wang, Bovik, Sheikh and Simoncelli 2004), with Pillow."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from PIL import Image, ImageMath

# Section III.C: an 11 × 11 circular Gaussian window of 1.5 samples, K1 = 0.01 and K2 = 0.03.
WINDOW_PX, _SIGMA_PX = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean structural similarity of two pictures of one size, 1.0 for the same.

    Compared is the luma, by windows that lie wholly inside. Raises ValueError for two sizes, and
    where a side is shorter than the window.
    """
    if one.size != other.size:
        raise ValueError(f"{one.size} and {other.size} can't be compared")
    if min(one.size) < WINDOW_PX:
        raise ValueError(f"{one.size} is smaller than the window")
    x, y = (image.convert("L").convert("F") for image in (one, other))
    fields = {
        "mx": _weighed(x),
        "my": _weighed(y),
        "xx": _weighed(_times(x, x)),
        "yy": _weighed(_times(y, y)),
        "xy": _weighed(_times(x, y)),
    }
    return _mean(_image(ImageMath.lambda_eval(_similarity, **fields)))


def _similarity(of: dict[str, Any]) -> Any:
    """Return formula 13, of means and of the means of the products."""
    mean_product, mean_squares = of["mx"] * of["my"], of["mx"] * of["mx"] + of["my"] * of["my"]
    likeness = (mean_product * 2 + _C1) * ((of["xy"] - mean_product) * 2 + _C2)
    return likeness / ((mean_squares + _C1) * (of["xx"] + of["yy"] - mean_squares + _C2))


def _times(one: Image.Image, other: Image.Image) -> Image.Image:
    return _image(ImageMath.lambda_eval(lambda of: of["a"] * of["b"], a=one, b=other))


def _weighed(image: Image.Image) -> Image.Image:
    """Return the weighed mean of each window, first along the rows and then along the columns."""
    width, height = image.width - WINDOW_PX + 1, image.height - WINDOW_PX + 1
    rows = [image.crop((at, 0, at + width, image.height)) for at in range(WINDOW_PX)]
    across = _sum(rows)
    return _sum([across.crop((0, at, width, at + height)) for at in range(WINDOW_PX)])


def _sum(shifted: list[Image.Image]) -> Image.Image:
    total = Image.new("F", shifted[0].size)
    for weight, image in zip(_weights(), shifted, strict=True):
        share = partial(_add_share, weight)
        total = _image(ImageMath.lambda_eval(share, total=total, image=image))
    return total


def _add_share(weight: float, of: dict[str, Any]) -> Any:
    return of["total"] + of["image"] * weight


def _weights() -> list[float]:
    middle = WINDOW_PX // 2
    raw = [math.exp(-((at - middle) ** 2) / (2 * _SIGMA_PX**2)) for at in range(WINDOW_PX)]
    return [value / sum(raw) for value in raw]


def _image(result: object) -> Image.Image:
    assert isinstance(result, Image.Image)
    return result


def _mean(image: Image.Image) -> float:
    # Floats of 32 bits lose digits over a whole picture; over a row they do not.
    rows = image.resize((1, image.height), Image.Resampling.BOX)
    return math.fsum(memoryview(rows.tobytes()).cast("f")) / image.height
