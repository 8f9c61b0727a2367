"""What was lost or assumed is told, and nothing is told of a plain picture."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from heic import heic
from pictures import READABLE, Studio, encoded, gradient, listen, tiff
from PIL import Image
from profiles import display_p3, linear_grey

from pixelcraft_desktop.imaging.colour.profiles import adobe_rgb, coated_cmyk
from pixelcraft_desktop.imaging.containers.tiff import count_pages
from pixelcraft_desktop.imaging.notes import MOST_COUNTED, Notes
from pixelcraft_desktop.imaging.render import render
from pixelcraft_desktop.model import Note


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def notes_of(studio: Studio, data: bytes) -> tuple[str, ...]:
    return studio.render(data).notes


def count_pages_of(data: bytes) -> int:
    return count_pages(io.BytesIO(data), MOST_COUNTED)


def animation(plugin: str, frames: int) -> bytes:
    pictures = [Image.new("L", (8, 8), 20 * number) for number in range(frames)]
    return encoded(pictures[0], plugin, save_all=True, append_images=pictures[1:])


@pytest.mark.parametrize("plugin", READABLE)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_plain_picture_has_no_note(studio: Studio, plugin: str, mode: str) -> None:
    assert notes_of(studio, encoded(gradient(mode=mode), plugin)) == ()


@pytest.mark.parametrize(
    ("mode", "profile", "notes"),
    [
        ("RGB", display_p3(), ("wide_gamut",)),
        ("RGBA", display_p3(), ("wide_gamut",)),
        ("RGB", adobe_rgb(), ("wide_gamut",)),
        ("L", linear_grey(), ()),
        ("RGB", b"no profile", ("bad_profile",)),
        ("L", display_p3(), ()),
        ("CMYK", None, ("cmyk_assumed",)),
        ("CMYK", coated_cmyk(), ("cmyk",)),
        ("CMYK", display_p3(), ("bad_profile", "cmyk_assumed")),
    ],
)
def test_colours(studio: Studio, mode: str, profile: bytes | None, notes: tuple[str, ...]) -> None:
    image = Image.new(mode, (40, 40))
    assert notes_of(studio, encoded(image, "TIFF", icc_profile=profile)) == notes


@pytest.mark.parametrize(
    ("plugin", "mode", "value", "notes"),
    [
        ("PNG", "I;16", 9, ("bit_depth:16",)),
        ("TIFF", "I;16", 9, ("bit_depth:16",)),
        ("TIFF", "F", 0.5, ("bit_depth:32",)),
        ("TIFF", "F", 3.0, ("bit_depth:32", "range_stretched:3..3")),
        ("PNG", "1", 1, ()),
    ],
)
def test_depths(
    studio: Studio, plugin: str, mode: str, value: float, notes: tuple[str, ...]
) -> None:
    assert notes_of(studio, encoded(Image.new(mode, (40, 40), value), plugin)) == notes


@pytest.mark.parametrize("plugin", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_frames_are_counted(studio: Studio, plugin: str, frames: int) -> None:
    wanted = (f"frames:{frames}",) if frames > 1 else ()
    assert notes_of(studio, animation(plugin, frames)) == wanted


def test_pages_are_counted(studio: Studio) -> None:
    assert notes_of(studio, animation("TIFF", 3)) == ("pages:3",)


def test_a_photograph_with_a_second_picture_is_no_animation(studio: Studio) -> None:
    data = encoded(gradient(), "MPO", save_all=True, append_images=[gradient((8, 8))])
    assert notes_of(studio, data) == ()


def test_a_tiff_whose_pages_form_a_ring_is_counted_at_once() -> None:
    data = tiff((256, 3, 1, 16))[:-4] + struct.pack("<I", 8)
    assert count_pages_of(data) == MOST_COUNTED


def test_a_thumbnail_is_no_page() -> None:
    first = tiff((256, 3, 1, 16))
    thumbnail = tiff((254, 4, 1, 1), (256, 3, 1, 4), data=bytes(len(first) - 8))[len(first) :]
    assert count_pages_of(first[:-4] + struct.pack("<I", len(first)) + thumbnail) == 1


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_what_ends_early_is_counted_so_far(cut: int) -> None:
    pages = animation("TIFF", 3)
    assert 0 <= count_pages_of(pages[: len(pages) * cut // 60]) <= 3


OWN_NAMES = {
    "JPEG": "jpg JPEG jpe jfif mpo",
    "PNG": "png apng",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp dib",
    "TIFF": "tif tiff",
    "AVIF": "avif avifs heif hif",
    "JPEG2000": "jp2 j2k jpx",
    "ICO": "ico cur",
    "PPM": "ppm pgm pbm pnm",
}
NO_NAMES = ["a", "a.1", "png", "a.txt", "a.", "jpg.", "a.jpg.bak"]


@pytest.mark.parametrize("plugin", OWN_NAMES)
def test_an_extension_is_told_where_it_names_another_format(studio: Studio, plugin: str) -> None:
    data = encoded(gradient((32, 32)), plugin)

    def extensions(name: str) -> list[str]:
        path = studio.write(data, name)
        found = render(studio.order(path), listen([])).notes
        path.unlink()
        return [note for note in found if note.startswith("extension")]

    own = OWN_NAMES[plugin].split()
    assert not [name for name in own if extensions(f"a.{name}")]
    assert not [name for name in NO_NAMES if extensions(name)]
    others = {"jpg", "png", "HEIC", "tif", "gif", "webp", "nef", "cr3", "dng", "svg"} - set(own)
    for other in others:
        assert extensions(f"a.b.{other}") == [f"extension:{other.lower()}"]


def test_heic_has_names_of_its_own(studio: Studio) -> None:
    for name, notes in {"heic": 0, "HEIF": 0, "hif": 0, "avif": 1, "jpg": 1}.items():
        path = studio.write(heic(), f"a.{name}")
        assert len(render(studio.order(path), listen([])).notes) == notes


def test_known_content_is_not_noted_again(studio: Studio) -> None:
    data = animation("GIF", 3)
    rendering = studio.render(data)
    assert rendering.notes == ("frames:3",)
    assert studio.render(data, known_sha256=rendering.sha256).notes == ()


def test_each_is_noted_once_in_order() -> None:
    notes = Notes()
    for number in (3, 3, 4):
        notes.add(Note.FRAMES, number)
    notes.add(Note.CMYK)
    notes.add(Note.CMYK)
    assert notes.codes == ("frames:3", "frames:4", "cmyk")
