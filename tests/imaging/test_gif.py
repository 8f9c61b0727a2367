"""GIF: the first frame as browsers show it, and all frames counted without walking them all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from mutations import end_of
from pictures import Studio, encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.gif import count_frames
from pixelcraft_desktop.imaging.notes import MOST_COUNTED
from pixelcraft_desktop.model import Cause

PALETTE = bytes([10, 20, 30, 255, 0, 0, 0, 255, 0, 0, 0, 255])
BACK, RED, GREEN, BLUE = range(4)
BARE_FRAME = b"\x21\xf9\x04\0\0\0\0\0\x2c" + bytes(4) + b"\1\0\1\0\0\x02\x02\x44\x01\0"
KEEP, TO_BACKGROUND, TO_PREVIOUS = 1, 2, 3


@dataclass(frozen=True)
class Frame:
    """A frame of one colour, or of a colour for each row as they are stored."""

    place: tuple[int, int, int, int]  # left, top, width, height
    colours: int | list[int] = RED
    disposal: int = 0
    clear: int | None = None
    is_interlaced: bool = False

    def to_bytes(self) -> bytes:
        """Return its control block and its pixels, in codes that never refer back."""
        left, top, width, height = self.place
        colours = self.colours if isinstance(self.colours, list) else [self.colours] * height
        codes: list[int] = []
        for number in range(width * height):
            if number % 2 == 0:
                codes.append(4)  # forget: so that codes stay 3 bits wide
            codes.append(colours[number // width])
        bits = sum(code << 3 * at for at, code in enumerate([*codes, 5]))
        packed = bits.to_bytes(len(codes) * 3 // 8 + 1, "little")
        blocks = [packed[at : at + 255] for at in range(0, len(packed), 255)]
        flags = self.disposal << 2 | (self.clear is not None)
        control = b"\x21\xf9\x04" + bytes([flags, 0, 0, self.clear or 0, 0])
        sides = b"".join(side.to_bytes(2, "little") for side in (left, top, width, height))
        body = b"".join(bytes([len(block)]) + block for block in blocks)
        return control + b"\x2c" + sides + bytes([0x40 * self.is_interlaced, 2]) + body + b"\0"


def gif(canvas: tuple[int, int], *frames: Frame, background: int = BACK) -> bytes:
    sides = b"".join(side.to_bytes(2, "little") for side in canvas)
    frames_made = b"".join(frame.to_bytes() for frame in frames)
    return b"GIF89a" + sides + bytes([0x81, background, 0]) + PALETTE + frames_made + b";"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def shown(studio: Studio, data: bytes) -> Image.Image:
    studio.render(data)
    return studio.rendition("preview").convert("RGBA")


@pytest.mark.parametrize("disposal", [0, KEEP, TO_BACKGROUND, TO_PREVIOUS])
@pytest.mark.parametrize("background", [BACK, GREEN])
def test_a_frame_smaller_than_the_canvas_stands_on_nothing(
    studio: Studio, disposal: int, background: int
) -> None:
    first = Frame((16, 16, 32, 32), RED, disposal)
    data = gif((64, 64), first, Frame((0, 0, 64, 64), BLUE), background=background)
    picture = shown(studio, data)
    assert picture.size == (64, 64)
    alpha = picture.getchannel("A")
    assert [alpha.getpixel(at) for at in ((2, 2), (61, 61), (32, 5))] == [0, 0, 0]
    assert picture.getpixel((32, 32)) == pytest.approx((255, 0, 0, 255), abs=4)


def test_a_frame_that_fills_the_canvas_has_no_alpha(studio: Studio) -> None:
    studio.render(gif((64, 64), Frame((0, 0, 64, 64), BACK)))
    assert studio.rendition("preview").mode == "RGB"


def test_the_clear_colour_is_clear_inside_of_the_frame_too(studio: Studio) -> None:
    rows = [RED] * 16 + [GREEN] * 16
    picture = shown(studio, gif((64, 64), Frame((16, 16, 32, 32), rows, clear=GREEN)))
    assert picture.getpixel((32, 22)) == pytest.approx((255, 0, 0, 255), abs=4)
    alpha = picture.getchannel("A")
    assert [alpha.getpixel(at) for at in ((32, 42), (2, 2))] == [0, 0]


def test_rows_that_come_interlaced_are_sorted(studio: Studio) -> None:
    order = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, 64, step)]
    rows = [RED if y < 32 else BLUE for y in order]
    picture = shown(studio, gif((64, 64), Frame((0, 0, 64, 64), rows, is_interlaced=True)))
    assert picture.getpixel((32, 10)) == pytest.approx((255, 0, 0, 255), abs=4)
    assert picture.getpixel((32, 54)) == pytest.approx((0, 0, 255, 255), abs=4)


@pytest.mark.parametrize("canvas", [(0, 0), (8, 8), (40, 20)])
def test_a_canvas_too_small_for_its_first_frame_grows(
    studio: Studio, canvas: tuple[int, int]
) -> None:
    rendering = studio.render(gif(canvas, Frame((0, 0, 48, 32))))
    assert (rendering.width, rendering.height) == (48, 32)


@pytest.mark.parametrize("canvas", [(0, 0), (8, 8)])
def test_a_frame_without_pixels_is_damaged(studio: Studio, canvas: tuple[int, int]) -> None:
    assert end_of(studio, gif(canvas, Frame((0, 0, 0, 0)))) == Cause.DAMAGED
    assert end_of(studio, gif(canvas)) == Cause.DAMAGED


def test_300_000_frames_are_counted_at_once(studio: Studio) -> None:
    data = encoded(Image.new("P", (1, 1)), "GIF")[:-1] + BARE_FRAME * 300_000 + b";"
    begun = time.perf_counter()
    assert count_frames(data, MOST_COUNTED) == MOST_COUNTED
    assert time.perf_counter() - begun < 0.05
    assert studio.render(data).notes == ("frames:1000+",)


def test_what_ends_early_is_counted_so_far() -> None:
    frames = [gradient((8, 8)).rotate(90 * turn) for turn in range(3)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    counts = [count_frames(data[:cut], MOST_COUNTED) for cut in range(len(data) + 1)]
    assert (counts[0], counts[-1]) == (0, 3)
    assert counts == sorted(counts)
