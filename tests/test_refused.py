"""Documents and programs in a picture's clothes are refused, and nothing of theirs is run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import CommandLine

from pixelcraft_desktop.model import Cause

# What image libraries are known to call, or might.
HELPERS = ("gs", "gsc", "rsvg-convert", "inkscape", "convert", "magick", "dcraw", "sh", "xdg-open")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\nshowpage\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
JPEG_NAME = "This is not a picture, though its name says .jpg."


@dataclass(frozen=True)
class Disguise:
    """A file, and why it is to be refused."""

    name: str
    data: bytes
    cause: Cause
    message: str


def unsupported(name: str, data: bytes, kind: str) -> Disguise:
    return Disguise(name, data, Cause.UNSUPPORTED_FORMAT, f"{kind} pictures can't be read yet.")


def not_an_image(name: str, data: bytes) -> Disguise:
    return Disguise(name, data, Cause.NOT_AN_IMAGE, JPEG_NAME)


DISGUISES = (
    unsupported("document.eps", EPS, "EPS"),
    unsupported("document.jpg", EPS, "EPS"),
    # With a preview for Windows in front (Adobe Technical Note 5002).
    unsupported("preview.jpg", b"\xc5\xd0\xd3\xc6\x1e\0\0\0" + bytes(22) + EPS, "EPS"),
    unsupported("pages.jpg", b"%PDF-1.7\n1 0 obj <</OpenAction 2 0 R>>\n%%EOF", "PDF"),
    unsupported("drawing.jpg", SVG, "SVG"),
    unsupported(
        "laughs.jpg", b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "SVG"
    ),
    not_an_image("page.jpg", b"<!DOCTYPE html><html><script>alert(1)</script>" + SVG + b"</html>"),
    not_an_image("script.jpg", b"#!/bin/sh\ntouch called/script\n"),
    not_an_image("program.jpg", b"\x7fELF\x02\x01\x01" + bytes(57)),
)


@pytest.fixture
def trap(tmp_path: Path, pixelcraft: CommandLine) -> Path:
    """Put helpers first in the path that only tell that they were called."""
    called = tmp_path / "called"
    programs = tmp_path / "programs"
    called.mkdir()
    programs.mkdir()
    for name in HELPERS:
        program = programs / name
        program.write_text(f'#!/bin/bash\necho "$@" >> "{called}/{name}"\n', encoding="utf-8")
        program.chmod(0o755)
    pixelcraft.environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return called


def test_disguises_are_refused_and_nothing_is_run(
    pixelcraft: CommandLine, photos: Path, trap: Path
) -> None:
    for disguise in DISGUISES:
        path = photos / disguise.name
        path.write_bytes(disguise.data)
        path.chmod(0o755)
    done = pixelcraft.json("import", str(photos), code=3)
    assert (done["failed"], done["completed"]) == (len(DISGUISES), 0)
    ended = {
        Path(job["source"]).name: (job["cause"], job["message"], job["attempt"])
        for job in pixelcraft.json("jobs")
    }
    assert ended == {each.name: (each.cause, each.message, 1) for each in DISGUISES}
    assert os.listdir(trap) == []


def test_the_trap_is_one(pixelcraft: CommandLine, photos: Path, trap: Path) -> None:
    # Pillow left to itself calls Ghostscript for a file that is named like a photograph.
    path = photos / "document.jpg"
    path.write_bytes(EPS)
    code = "import sys; from PIL import Image; Image.open(sys.argv[1]).load()"
    command = [sys.executable, "-c", code, str(path)]
    subprocess.run(command, env=pixelcraft.environment, capture_output=True, check=False)
    assert os.listdir(trap) == ["gs"]
