"""Camera RAW shows its largest finished JPEG, as the RAW file says it was held."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from heic import box, full_box
from pictures import Studio, encoded, exif_with, listen
from PIL import Image
from test_orientation import STORED_BY, difference, pattern

from pixelcraft_desktop.imaging.containers.raw import find_preview, is_raw
from pixelcraft_desktop.imaging.header import estimate_memory, open_image
from pixelcraft_desktop.imaging.render import render
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

Row = tuple[int, int, tuple[int, ...] | bytes]
LARGE, THUMBNAIL = (960, 720), (160, 120)
FAMILIES = ["CR2", "CR3", "NEF", "NEF note", "ARW", "SR2", "DNG", "RAF", "ORF", "OM", "RW2", "PEF"]
FAMILIES += ["SRW"]
SENSOR = (1200, 900)
# What the files made below tell about the sensor.
TELL_SENSOR = {"CR3", "NEF", "NEF note", "ARW", "SR2", "DNG", "RAF", "RW2", "PEF", "SRW"}
CANON_BLOCKS = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
SAYS_ITSELF = {"RAF"}  # whose orientation only the JPEG tells


def jpeg(size: tuple[int, int] = LARGE, orientation: int = 1, exif: int | None = None) -> bytes:
    """Return the pattern as a camera stores it that is held so; `exif` is what the JPEG says."""
    turn = STORED_BY.get(orientation)
    size = size if orientation < 5 else (size[1], size[0])
    image = pattern() if turn is None else pattern().transpose(turn)
    block = exif_with({274: exif}, {}, {}) if exif else b""
    return encoded(image.resize(size), "JPEG", quality=90, exif=block)


class RawFile:
    """A file of directories, written piece by piece."""

    def __init__(self, order: str = "<", magic: bytes = b"II*\0", extra: bytes = b"") -> None:
        self.order = order
        self.data = bytearray(magic + bytes(4) + extra)

    def put(self, piece: bytes) -> int:
        """Add the bytes and return their place."""
        at = len(self.data)
        self.data += piece
        return at

    def directory(self, *rows: Row, following: int = 0, base: int = 0) -> int:
        """Add a directory and return its place. Types: 3 short, 4 long, 7 bytes."""
        packed = [(tag, kind, len(values), self._value(kind, values, base))
                  for tag, kind, values in sorted(rows, key=lambda row: row[0])]  # fmt: skip
        table = b"".join(
            struct.pack(self.order + "HHI", tag, kind, count) + value
            for tag, kind, count, value in packed
        )
        count = struct.pack(self.order + "H", len(rows))
        return self.put(count + table + struct.pack(self.order + "I", following))

    def _value(self, kind: int, values: tuple[int, ...] | bytes, base: int) -> bytes:
        form = {3: "H", 4: "I"}.get(kind, "B")
        value = struct.pack(f"{self.order}{len(values)}{form}", *values)
        if len(value) > 4:
            value = struct.pack(self.order + "I", self.put(value) - base)
        return value.ljust(4, b"\0")

    def finish(self, main: int) -> bytes:
        """Return the file, whose first directory is at this place."""
        self.data[4:8] = struct.pack(self.order + "I", main)
        return bytes(self.data)


def pointer(at: int, length: int) -> list[Row]:
    return [(513, 4, (at,)), (514, 4, (length,))]


def strip(at: int, length: int, compression: int) -> list[Row]:
    return [(259, 3, (compression,)), (273, 4, (at,)), (279, 4, (length,))]


def sides(size: tuple[int, int]) -> list[Row]:
    return [(256, 4, (size[0],)), (257, 4, (size[1],))]


def told(orientation: int) -> list[Row]:
    return [(271, 2, b"Maker\0"), (274, 3, (orientation,))]


def canon(picture: bytes, orientation: int) -> bytes:
    file = RawFile(extra=b"CR\2\0\0\0\0\0")
    small = jpeg(THUMBNAIL)
    lossless = bytearray(jpeg((1200, 900)))
    lossless[lossless.index(b"\xff\xc0") + 1] = 0xC3
    sensor = file.directory(*strip(file.put(bytes(lossless)), len(lossless), 6))
    thumbnail = file.directory(*pointer(file.put(small), len(small)), following=sensor)
    rows = strip(file.put(picture), len(picture), 6) + told(orientation)
    return file.finish(file.directory(*rows, following=thumbnail))


def nikon(picture: bytes, orientation: int) -> bytes:
    file = RawFile(">", b"MM\0*")
    sub = file.directory(*pointer(file.put(picture), len(picture)))
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 34713), *sides(SENSOR))
    rows = [(254, 4, (1,)), (330, 4, (sub, sensor)), *strip(file.put(bytes(64)), 64, 1)]
    return file.finish(file.directory(*rows, *told(orientation)))


def nikon_note(picture: bytes, orientation: int) -> bytes:
    """Return a NEF whose large picture is told by the maker's note alone, in a TIFF inside."""
    file = RawFile()
    base = file.put(b"Nikon\0\2\x11\0\0") + 10
    file.put(b"MM\0*\0\0\0\x08" + struct.pack(">HHHII", 1, 0x11, 4, 1, 100) + bytes(200))
    at = file.put(picture)
    preview = struct.pack(">H", 2)
    preview += struct.pack(">HHII", 513, 4, 1, at - base)
    preview += struct.pack(">HHII", 514, 4, 1, len(picture))
    file.data[base + 100 : base + 100 + len(preview)] = preview
    detail = file.directory((37500, 7, bytes(8)))
    file.data[detail + 10 : detail + 14] = struct.pack("<I", base - 10)
    small = jpeg(THUMBNAIL)
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 34713), *sides(SENSOR))
    rows = [(254, 4, (1,)), (330, 4, (sensor,)), *pointer(file.put(small), len(small))]
    return file.finish(file.directory(*rows, *told(orientation), (34665, 4, (detail,))))


def pentax(picture: bytes, orientation: int) -> bytes:
    """Return a PEF: the sensor's picture comes first, the JPEGs in the directories after it."""
    file = RawFile(">", b"MM\0*")
    small = jpeg(THUMBNAIL)
    large = file.directory(*pointer(file.put(picture), len(picture)))
    thumbnail = file.directory(*pointer(file.put(small), len(small)), following=large)
    rows = [*strip(file.put(bytes(64)), 64, 65535), *sides(SENSOR), (262, 3, (32803,))]
    return file.finish(file.directory(*rows, *told(orientation), following=thumbnail))


def samsung(picture: bytes, orientation: int) -> bytes:
    file = RawFile()
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 32770), *sides(SENSOR))
    preview = file.directory(*pointer(file.put(picture), len(picture)))
    rows = [(330, 4, (preview, sensor)), *strip(file.put(bytes(64)), 64, 1)]
    return file.finish(file.directory(*rows, *told(orientation)))


def canon_boxes(picture: bytes, orientation: int, *, is_full: bool = True) -> bytes:
    """Return a CR3, whose picture is the first track's sample, or else the preview box's."""
    main, detail, place = RawFile(), RawFile(), RawFile()
    main_block = main.finish(main.directory(*told(orientation), *sides(SENSOR)))
    detail_block = detail.finish(detail.directory((34855, 3, (800,))))
    place_block = place.finish(place.directory((1, 2, b"N\0\0\0")))
    blocks = box(b"CNCV", b"CanonCR3_001") + box(b"CMT1", main_block) + box(b"CMT2", detail_block)
    own = CANON_BLOCKS + blocks + box(b"CMT3", bytes(40)) + box(b"CMT4", place_block)
    small = jpeg((480, 360), orientation) if is_full else picture
    preview = struct.pack(">IHHHHI", 0, 1, 480, 360, 1, len(small)) + small
    tail = box(b"uuid", CANON_PREVIEW + bytes(7) + b"\1" + box(b"PRVW", preview))
    sensors = bytes(5_000)  # no JPEG, as it is in real files
    full = picture if is_full else bytes(100)

    def movie(at: int) -> bytes:
        tracks = [sample_table(at, len(full)), sample_table(at + len(full), len(sensors))]
        return box(b"moov", box(b"uuid", own) + box(b"mvhd", bytes(100)) + b"".join(tracks))

    start = box(b"ftyp", b"crx \0\0\0\1crx isom")
    at = len(start) + len(movie(0)) + len(tail) + 8
    return start + movie(at) + tail + box(b"mdat", full + sensors)


def sample_table(at: int, length: int) -> bytes:
    sizes = full_box(b"stsz", struct.pack(">II", length, 1))
    places = full_box(b"co64", struct.pack(">IQ", 1, at))
    table = box(b"stbl", full_box(b"stsd", bytes(4)) + sizes + places)
    return box(b"trak", box(b"tkhd", bytes(80)) + box(b"mdia", box(b"minf", table)))


def sony(picture: bytes, orientation: int) -> bytes:
    file = RawFile()
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 32767), *sides(SENSOR))
    rows = [(254, 4, (1,)), (330, 4, (sensor,)), *pointer(file.put(picture), len(picture))]
    return file.finish(file.directory(*rows, *told(orientation)))


def dng(picture: bytes, orientation: int) -> bytes:
    file = RawFile()
    # The sensor's picture may be a JPEG as well, and larger: its colours are no picture.
    mosaic = jpeg((1200, 900))
    colours: Row = (262, 3, (32803,))
    sensor = file.directory(*strip(file.put(mosaic), len(mosaic), 7), colours, *sides(SENSOR))
    preview = file.directory(*strip(file.put(picture), len(picture), 7), (262, 3, (6,)))
    rows: list[Row] = [(50706, 1, b"\1\4\0\0"), (330, 4, (sensor, preview))]
    return file.finish(file.directory(*rows, *told(orientation)))


def fuji(picture: bytes, _orientation: int) -> bytes:
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    facts = struct.pack(">IHHHHHHHH", 2, 0x100, 4, 901, 1208, 0x111, 4, *reversed(SENSOR))
    places = struct.pack(">IIII", 160, len(picture), 160 + len(picture), len(facts))
    return head + places + bytes(60) + picture + facts + bytes(64)


def olympus(picture: bytes, orientation: int, note: bytes = b"OLYMPUS\0II\3\0") -> bytes:
    file = RawFile(magic=b"IIRO")
    base = file.put(note)
    main_at = base + len(note)
    # The note's directory stands right behind its name, before anything it points to.
    file.put(bytes(18))
    at = file.put(picture)
    settings = file.directory((0x101, 4, (at - base,)), (0x102, 4, (len(picture),)))
    row = struct.pack("<HHHII", 1, 0x2020, 13, 1, settings - base)
    file.data[main_at : main_at + len(row)] = row
    detail = file.directory((37500, 7, bytes(6)))
    # Its maker note lies elsewhere than the bytes just put: point there.
    file.data[detail + 10 : detail + 14] = struct.pack("<I", base)
    return file.finish(file.directory((34665, 4, (detail,)), *told(orientation)))


def panasonic(picture: bytes, orientation: int) -> bytes:
    file = RawFile(magic=b"IIU\0")
    borders = zip((4, 5, 6, 7), (8, 4, SENSOR[1] + 8, SENSOR[0] + 4), strict=True)
    rows: list[Row] = [(tag, 3, (value,)) for tag, value in borders]
    return file.finish(file.directory((0x2E, 7, picture), *told(orientation), *rows))


def raw(family: str, orientation: int = 1, *, picture: bytes | None = None) -> bytes:
    """Return a RAW file of the family with this JPEG inside, or with the pattern."""
    if picture is None:
        own = orientation if family in SAYS_ITSELF else None
        picture = jpeg(orientation=orientation, exif=own)
    if family == "OM":
        return olympus(picture, orientation, b"OM SYSTEM\0\0\0II\4\0")
    return MAKERS[family](picture, orientation)


MAKERS = {
    "CR2": canon,
    "CR3": canon_boxes,
    "NEF": nikon,
    "NEF note": nikon_note,
    "ARW": sony,
    "SR2": sony,
    "DNG": dng,
    "RAF": fuji,
    "ORF": olympus,
    "RW2": panasonic,
    "PEF": pentax,
    "SRW": samsung,
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def failure_of(data: bytes, limits: Limits | None = None) -> KnownFailure:
    with pytest.raises(KnownFailure) as caught:
        estimate_memory(io.BytesIO(data), b"a.nef", limits or Limits())
    return caught.value


def is_refused(data: bytes) -> bool:
    """Tell whether nothing in the file is taken for a picture that can be shown."""
    with pytest.raises(KnownFailure) as caught:
        find_preview(io.BytesIO(data))
    return caught.value.cause == Cause.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_large_picture_stands_upright(studio: Studio, family: str, orientation: int) -> None:
    rendering = studio.render(raw(family, orientation))
    assert (rendering.format, rendering.width, rendering.height) == ("Camera RAW", *LARGE)
    shown = studio.rendition("preview").resize((64, 64), Image.Resampling.BOX)
    assert difference(shown, pattern()) < 3
    if family not in SAYS_ITSELF:
        assert rendering.metadata["make"] == "Maker"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_thumbnail_is_no_picture(family: str) -> None:
    failure = failure_of(raw(family, picture=jpeg((640, 480))))
    assert failure.cause == Cause.UNSUPPORTED_FORMAT
    assert failure.message == (
        "This Camera RAW picture has only a preview of 640 × 480 inside, too small to show."
    )
    open_image(io.BytesIO(raw(family, picture=jpeg((641, 480)))), b"", Limits())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_preview_is_told_beside_the_size_of_the_sensor(studio: Studio, family: str) -> None:
    told = "raw_preview:960×720" + ("/1200×900" if family in TELL_SENSOR else "")
    path = studio.write(raw(family), f"picture.{family[:3].lower()}")
    assert render(studio.order(path), listen([])).notes == (told,)


def test_a_sensor_that_can_not_be_is_not_told() -> None:
    for size in ((0, 900), (4_000_000_000, 3_000_000_000), (960, 720), (600, 400)):
        file = RawFile(extra=b"CR\2\0\0\0\0\0")
        picture = jpeg()
        data = file.finish(file.directory(*strip(file.put(picture), len(picture), 6), *sides(size)))
        assert find_preview(io.BytesIO(data)).sensor is None


def test_a_canon_without_its_full_picture_shows_the_preview(studio: Studio) -> None:
    rendering = studio.render(canon_boxes(jpeg(orientation=8), 8, is_full=False))
    assert (rendering.width, rendering.height) == LARGE
    shown = studio.rendition("preview").resize((64, 64), Image.Resampling.BOX)
    assert difference(shown, pattern()) < 3


def test_a_canon_tells_its_camera_and_its_exposure(studio: Studio) -> None:
    rendering = studio.render(raw("CR3", 6))
    assert (rendering.metadata["make"], rendering.metadata["iso"]) == ("Maker", 800)


@pytest.mark.parametrize("family", ["NEF", "ARW", "DNG", "PEF", "SRW"])
def test_a_raw_file_is_one_by_whatever_name(studio: Studio, family: str) -> None:
    for name, notes in {"a.tif": 0, "a.nef": 0, "a.jpg": 1}.items():
        rendering = render(studio.order(studio.write(raw(family), name)), listen([]))
        assert rendering.format == "Camera RAW"
        assert sum(note.startswith("extension:") for note in rendering.notes) == notes


def test_a_tiff_is_none_by_whatever_name(studio: Studio) -> None:
    path = studio.write(encoded(pattern(), "TIFF"), "a.nef")
    rendering = render(studio.order(path), listen([]))
    assert (rendering.format, rendering.notes) == ("TIFF", ("extension:nef",))


def test_boxes_that_say_nonsense_are_refused() -> None:
    sound = raw("CR3")
    for old, new in ((b"co64", b"co65"), (b"stsz", b"stsy"), (b"trak", b"trap")):
        assert is_refused(sound.replace(old, new))
    far = sound.replace(b"co64\0\0\0\0\0\0\0\1\0", b"co64\0\0\0\0\0\0\0\1\x7f")
    assert far != sound
    assert is_refused(far)


def test_the_raw_file_knows_better_than_its_jpeg(studio: Studio) -> None:
    studio.render(raw("NEF", 6, picture=jpeg(orientation=6, exif=1)))
    assert studio.rendition("preview").size == (800, 600)


def test_a_raw_file_that_says_nothing_leaves_it_to_the_jpeg(studio: Studio) -> None:
    studio.render(raw("NEF", 9, picture=jpeg(orientation=6, exif=6)))
    assert studio.rendition("preview").size == (800, 600)


def test_the_limits_are_asked_of_the_jpeg() -> None:
    failure = failure_of(raw("CR2"), Limits(pixels=960 * 720 - 1))
    assert failure.cause == Cause.TOO_LARGE


def test_a_file_cut_short_is_damaged(studio: Studio) -> None:
    with pytest.raises(KnownFailure) as caught:
        studio.render(raw("RAF")[:5_000])
    assert caught.value.cause == Cause.DAMAGED


def test_a_plain_tiff_is_none() -> None:
    for options in ({}, {"big_tiff": True}):
        assert not is_raw(io.BytesIO(encoded(pattern(), "TIFF", **options)))


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9" + bytes(20),
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\0" + bytes(20),
        b"\xff\xd8\xff\xc0\0\x0b\x0c\x0f\xff\x0f\xff" + bytes(20),
        b"\xff\xd8" + b"\xff" * 10_000,
        b"\xff\xd8" + b"\xff\xfe\0\2" * 10_000,
        b"\xff\xd8" + b"\xff\xfe\0\0" * 10_000,
        encoded(pattern(), "PNG"),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_no_jpeg_is_not_shown(family: str, picture: bytes) -> None:
    assert is_refused(raw(family, picture=picture))


def test_directories_in_a_ring_end() -> None:
    file = RawFile(extra=b"CR\2\0")
    at = len(file.data)
    ring = file.directory((330, 4, (at, at)), (34665, 4, (at,)), following=at)
    assert is_refused(file.finish(ring))


@pytest.mark.parametrize("rows", [1, 500, 65_535])
def test_a_million_directories_end_at_once(rows: int) -> None:
    file = RawFile(extra=b"CR\2\0")
    note = file.put(b"OM SYSTEM\0\0\0II\4\0" + bytes(100))
    row = struct.pack("<HHII", 37500, 7, 1_000, note) + struct.pack("<HHII", 513, 4, 1, 8) * 40
    places = [file.put(struct.pack("<H", rows) + row.ljust(12 * 500, b"\0")) for _ in range(1_000)]
    for at in places:
        file.data[at + 2 + 500 : at + 2 + 512] = struct.pack("<HHII", 330, 4, 1, at + 6_002)
    began = time.perf_counter()
    assert is_refused(file.finish(places[0]))
    assert time.perf_counter() - began < 1


def test_what_is_told_far_behind_in_the_file_is_read(studio: Studio) -> None:
    picture = jpeg()
    file = RawFile()
    rows = [(50706, 1, b"\1\4\0\0"), *pointer(file.put(picture), len(picture))]
    file.put(bytes(300_000))
    data = file.finish(file.directory(*rows, (272, 2, b"Hasselblad 500\0"), *told(6)))
    rendering = studio.render(data)
    assert (rendering.format, rendering.metadata["model"]) == ("Camera RAW", "Hasselblad 500")
    assert rendering.width < rendering.height
