"""The pictures of every kind are what they are called, and come out as they should."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.kinds import Specimen, make_kinds
from benchmarks.photographs import make_scene
from benchmarks.reference import flatten, make_reference
from benchmarks.ssim import ssim
from pixelcraft_desktop.imaging.render import Order, Reporter, render
from pixelcraft_desktop.model import Limits, standard_recipe

SIZE = (160, 120)
SPECIMENS = make_kinds(make_scene(1, SIZE))
FORMATS = {"WebP": "WEBP"}


def test_names_are_told_apart() -> None:
    assert len({specimen.name for specimen in SPECIMENS}) == len(SPECIMENS)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.name)
def test_each_is_what_it_is_called_and_renders_like_its_reference(
    specimen: Specimen, tmp_path: Path
) -> None:
    path = tmp_path / specimen.name
    path.write_bytes(specimen.data)
    called = specimen.kind.split(",")[0]
    with Image.open(path) as image:
        assert image.format == FORMATS.get(called, called)
    targets = {name: str(tmp_path / f"{name}.webp") for name in ("thumbnail", "preview")}
    order = Order(os.fsencode(path), standard_recipe(), targets, Limits())
    made = render(order, Reporter(lambda *_: None, lambda _: None))
    reference = make_reference(path, (made.width, made.height))
    with Image.open(targets["preview"]) as preview:
        assert preview.size == reference.size
        assert ssim(flatten(preview), flatten(reference)) > 0.9
