"""A result is there whole, or it is not there."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import Studio, encoded, exif_with, gradient
from PIL import Image, ImageCms, WebPImagePlugin
from profiles import display_p3

from pixelcraft_desktop.imaging.output import encode, output_failure, remove_quietly, write_synced
from pixelcraft_desktop.model import Cause, KnownFailure, RenditionSpec

SPEC = RenditionSpec("preview", "width", 800, None, quality=85)
# Runs out of room in the middle of a file, as nothing but a full quota or disk does.
CRAMPED = """
import resource, sys
from pixelcraft_desktop.imaging.output import write_synced
from pixelcraft_desktop.model import KnownFailure
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_synced(sys.argv[1], bytes(5000))
except KnownFailure as failure:
    print(failure.cause, failure.message)
"""


def test_what_is_written_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.tmp"
    write_synced(str(path), b"old" * 100)
    write_synced(str(path), b"new")
    assert path.read_bytes() == b"new"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.tmp"
    path.symlink_to("/dev/full")
    with pytest.raises(KnownFailure) as caught:
        write_synced(str(path), b"x" * 100_000)
    assert caught.value.cause == Cause.DISK_FULL
    assert str(tmp_path) in caught.value.message
    assert os.listdir(tmp_path) == []
    assert Path("/dev/full").exists()


def test_a_file_cut_off_in_the_middle_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.tmp"
    done = subprocess.run(
        [sys.executable, "-c", CRAMPED, path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("output_error")
    assert os.strerror(errno.EFBIG) in done.stdout
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnownFailure) as caught:
        write_synced(str(tmp_path / "gone" / "a.tmp"), b"x")
    assert caught.value.cause == Cause.OUTPUT_ERROR
    assert os.strerror(errno.ENOENT) in caught.value.message


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ENOSPC, Cause.DISK_FULL),
        (errno.EDQUOT, Cause.DISK_FULL),
        (errno.EROFS, Cause.OUTPUT_ERROR),
        (errno.EACCES, Cause.OUTPUT_ERROR),
        (None, Cause.OUTPUT_ERROR),
    ],
)
def test_causes_of_a_failed_write(number: int | None, cause: Cause) -> None:
    error = OSError(number, "reason") if number else OSError("reason")
    assert output_failure("/a/b.tmp", error).cause == cause


def test_removing_what_is_not_there_is_no_matter(tmp_path: Path) -> None:
    remove_quietly(str(tmp_path / "gone.tmp"))


def test_quality_and_effort_are_heard() -> None:
    image = Image.effect_noise((200, 200), 60)
    low, high = (len(encode(image, RenditionSpec("a", "width", 1, 1, q))) for q in (10, 90))
    assert low < high / 2
    fast, slow = (encode(image, RenditionSpec("a", "width", 1, 1, 80, effort=e)) for e in (0, 6))
    assert fast != slow


def test_encoding_leaves_the_picture_as_it_was() -> None:
    image = gradient()
    image.info["icc_profile"] = display_p3()
    encode(image, SPEC)
    assert image.info == {"icc_profile": display_p3()}


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (gradient(mode="L"), "RGB"),
        (gradient(), "RGB"),
        (gradient(mode="RGBA"), "RGB"),  # no alpha is kept where all is opaque
        (Image.new("RGBA", (64, 64), (0, 0, 0, 128)), "RGBA"),
    ],
)
def test_what_the_colours_end_in_can_be_encoded(image: Image.Image, mode: str) -> None:
    with Image.open(io.BytesIO(encode(image, SPEC))) as written:
        assert (written.format, written.mode, written.size) == ("WEBP", mode, (64, 64))


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_results_tell_nothing_about_you(tmp_path: Path, plugin: str) -> None:
    exif = exif_with({271: "Maker"}, {36867: "2024:01:01 00:00:00"}, {2: (1.0, 2.0, 3.0)})
    profile = ImageCms.ImageCmsProfile(io.BytesIO(display_p3())).tobytes()
    options = {"xmp": b"<x:xmpmeta>secret</x:xmpmeta>"} if plugin in {"JPEG", "WEBP"} else {}
    data = encoded(gradient(), plugin, exif=exif, icc_profile=profile, **options)
    studio = Studio(tmp_path)
    assert studio.render(data).metadata["make"] == "Maker"
    for name in ("thumbnail", "preview"):
        rendition = studio.rendition(name)
        assert isinstance(rendition, WebPImagePlugin.WebPImageFile)
        assert set(rendition.info) <= {"loop", "background", "timestamp", "duration"}
        written = (tmp_path / f"{name}.tmp").read_bytes()
        for chunk in (b"EXIF", b"ICCP", b"XMP ", b"Maker", b"secret"):
            assert chunk not in written


@pytest.mark.parametrize(
    ("image", "effort"),
    [
        (gradient((200, 200)), 4),
        (gradient((400, 300)), 0),
        (gradient((400, 300), "RGBA"), 4),
    ],
    ids=["small", "large", "alpha"],
)
def test_more_effort_is_made_where_it_costs_little(image: Image.Image, effort: int) -> None:
    spec = RenditionSpec("preview", "width", 800, None, 85, effort=0)
    expected = io.BytesIO()
    image.save(expected, "WEBP", quality=85, method=effort)
    assert encode(image, spec) == expected.getvalue()
