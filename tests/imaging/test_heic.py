"""HEIC: of all the pictures in a file the one that is meant, whole and upright."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from heic import box, container, full_box, grid, heic, kind_of_extra, reference, still
from mutations import end_of
from pictures import Studio, encoded, gradient
from PIL import Image
from test_orientation import difference, pattern

from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.imaging.notes import Notes, note_file
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

Turn = Image.Transpose
MIRRORS = {None: None, b"\0": Turn.FLIP_TOP_BOTTOM, b"\1": Turn.FLIP_LEFT_RIGHT}
QUARTERS = [None, Turn.ROTATE_90, Turn.ROTATE_180, Turn.ROTATE_270]
ALPHAS = [b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"]
DEPTHS = [b"urn:mpeg:hevc:2015:auxid:2", b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth"]
LEFT = box(b"irot", b"\1")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def preview(studio: Studio, data: bytes) -> Image.Image:
    rendering = studio.render(data)
    shown = studio.rendition("preview")
    assert shown.size == (rendering.width, rendering.height)
    return shown


def turned(image: Image.Image, *turns: Turn | None) -> Image.Image:
    for turn in turns:
        image = image if turn is None else image.transpose(turn)
    return image


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("mirror", MIRRORS)
@pytest.mark.parametrize("mirror_first", [False, True])
def test_turns_and_mirrors_are_carried_out_in_their_order(
    studio: Studio, quarter: int, mirror: bytes | None, mirror_first: bool
) -> None:
    steps = [(box(b"irot", bytes([quarter])), QUARTERS[quarter])]
    if mirror is not None:
        steps.insert(0 if mirror_first else 1, (box(b"imir", mirror), MIRRORS[mirror]))
    shown = preview(studio, heic(*(each for each, _ in steps)))
    assert difference(shown, turned(pattern(), *(turn for _, turn in steps))) < 2


def test_a_turn_swaps_the_sides(studio: Studio) -> None:
    whole = grid(2, 1, (128, 64), LEFT)
    data = container([whole, *[still(is_hidden=True)] * 2], [reference(b"dimg", 1, 2, 3)])
    assert preview(studio, data).size == (64, 128)


@pytest.mark.parametrize("size", [(128, 128), (100, 90)])
def test_a_grid_is_put_together_and_cut(studio: Studio, size: tuple[int, int]) -> None:
    tiles = [still(is_hidden=True)] * 4
    data = container([grid(2, 2, size), *tiles], [reference(b"dimg", 1, 2, 3, 4, 5)])
    wanted = Image.new("L", (128, 128))
    for place in ((0, 0), (64, 0), (0, 64), (64, 64)):
        wanted.paste(pattern(), place)
    assert difference(preview(studio, data), wanted.crop((0, 0, *size))) < 2


def test_a_grid_without_its_tiles_is_damaged(studio: Studio) -> None:
    for numbers in ([2, 9, 2, 2], [1, 1, 1, 1]):
        data = container([grid(2, 2, (128, 128)), still()], [reference(b"dimg", 1, *numbers)])
        assert end_of(studio, data) == Cause.DAMAGED


def test_a_grid_of_65_025_tiles_costs_nothing(studio: Studio) -> None:
    numbers = [2] * (255 * 255)
    whole = grid(255, 255, (16_320, 16_320))
    data = container([whole, still(is_hidden=True)], [reference(b"dimg", 1, *numbers)])
    assert end_of(studio, data) in {Cause.DAMAGED, Cause.TOO_LARGE}


@pytest.mark.parametrize("kind", ALPHAS)
def test_alpha_is_kept(studio: Studio, kind: bytes) -> None:
    data = container([still(), still(kind_of_extra(kind))], [reference(b"auxl", 2, 1)])
    shown = preview(studio, data)
    assert shown.mode == "RGBA"
    assert difference(shown.getchannel("A"), pattern()) < 2


@pytest.mark.parametrize("kind", DEPTHS)
def test_other_extras_are_not_shown(studio: Studio, kind: bytes) -> None:
    data = container([still(), still(LEFT, kind_of_extra(kind))], [reference(b"auxl", 2, 1)])
    shown = preview(studio, data)
    assert shown.mode == "RGB"
    assert difference(shown, pattern()) < 2


@pytest.mark.parametrize("primary", [1, 2, 3])
def test_of_several_pictures_the_primary_is_shown(studio: Studio, primary: int) -> None:
    pictures = [still(LEFT), still(), still(box(b"irot", b"\2"))]
    shown = preview(studio, container(pictures, primary=primary))
    turn = {1: Turn.ROTATE_90, 2: None, 3: Turn.ROTATE_180}[primary]
    assert difference(shown, turned(pattern(), turn)) < 2


def test_a_thumbnail_is_not_shown(studio: Studio) -> None:
    for primary, kind in ((1, 2), (2, 1)):
        pictures = [still(), still(LEFT)] if primary == 1 else [still(LEFT), still()]
        data = container(pictures, [reference(b"thmb", kind, primary)], primary=primary)
        assert difference(preview(studio, data), pattern()) < 2


def sequence(frames: int) -> bytes:
    """Return a track of so many pictures, none of which is there."""
    sizes = full_box(b"stsz", struct.pack(">II", 100, frames))
    table = box(b"stbl", sizes)
    return box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))


@pytest.mark.parametrize(
    ("frames", "codes"), [(1, ()), (24, ("frames:24",)), (4_000_000_000, ("frames:1000+",))]
)
def test_the_frames_of_a_sequence_are_told(frames: int, codes: tuple[str, ...]) -> None:
    image, header = open_image(io.BytesIO(heic()), b"a.heic", Limits())
    notes = Notes()
    note_file(image, header, b"a.heic", heic() + sequence(frames), notes)
    assert notes.codes == codes


def test_a_sequence_alone_is_named(studio: Studio) -> None:
    data = box(b"ftyp", b"hevc" + bytes(4) + b"msf1hevc") + sequence(24)
    with pytest.raises(KnownFailure, match="HEIC sequences") as caught:
        studio.render(data)
    assert caught.value.cause == Cause.UNSUPPORTED_FORMAT


def test_a_grid_too_large_for_its_decoder_is_told_with_its_size(studio: Studio) -> None:
    data = container([grid(2, 2, (65_535, 65_535)), still(is_hidden=True)])
    with pytest.raises(KnownFailure, match="4,295 megapixels; the limit is 200") as caught:
        studio.render(data)
    assert caught.value.cause == Cause.TOO_LARGE


@pytest.mark.parametrize("make", [heic, lambda: encoded(gradient(), "AVIF")], ids=["HEIC", "AVIF"])
@pytest.mark.parametrize("percent", [60, 80, 95])
def test_a_file_that_was_cut_off_ends_early(
    studio: Studio, make: Callable[[], bytes], percent: int
) -> None:
    data = make()
    with pytest.raises(KnownFailure, match="damaged: it ends early"):
        studio.render(data[: len(data) * percent // 100])


def test_a_box_beyond_any_file_is_no_fault_of_the_drive(studio: Studio) -> None:
    jump = struct.pack(">I4sQ", 1, b"free", 2**63 + 7)
    data = heic()
    start = int.from_bytes(data[:4], "big")
    with pytest.raises(KnownFailure, match="damaged: it ends early"):
        studio.render(data[:start] + jump + data[start:])
