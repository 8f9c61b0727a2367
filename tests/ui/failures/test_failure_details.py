"""The details name everything, and nothing in them acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from failed_pictures import FAILED

from pixelcraft_desktop.model import Cause
from pixelcraft_desktop.ui.failures.details import details

TRACEBACK = (
    'Traceback (most recent call last):\n  File "render.py", line 7, in render\nOSError: x\n'
)


def attempt(number: int = 1, **changed: Any) -> dict[str, Any]:
    """Return a row as the catalog lists it."""
    row: dict[str, Any] = {
        "number": number,
        "started_at": "2025-05-01T10:00:00.000Z",
        "finished_at": "2025-05-01T10:00:01.500Z",
        "stage": "thumbnail",
        "cause": "internal_error",
        "message": "Something went wrong in PixelCraft itself.",
        "traceback": None,
    }
    return row | changed


def test_everything_is_there_in_order() -> None:
    picture = replace(
        FAILED,
        id=7,
        job_id=9,
        attempt=2,
        cause=Cause.INTERNAL_ERROR,
        message="Something went wrong in PixelCraft itself.",
    )
    assert details(picture, [attempt(1), attempt(2, traceback=TRACEBACK)]) == (
        "File:     /photos/a.jpg\n"
        "State:    Failed\n"
        "Cause:    internal_error (Something went wrong)\n"
        "Message:  Something went wrong in PixelCraft itself.\n"
        "Attempts: 2 of 5\n"
        "Ids:      picture 7, job 9\n"
        "\n"
        "Attempt 1\n"
        "  Started:  2025-05-01T10:00:00.000Z\n"
        "  Finished: 2025-05-01T10:00:01.500Z\n"
        "  Stage:    thumbnail\n"
        "  Result:   internal_error\n"
        "  Message:  Something went wrong in PixelCraft itself.\n"
        "\n"
        "Attempt 2\n"
        "  Started:  2025-05-01T10:00:00.000Z\n"
        "  Finished: 2025-05-01T10:00:01.500Z\n"
        "  Stage:    thumbnail\n"
        "  Result:   internal_error\n"
        "  Message:  Something went wrong in PixelCraft itself.\n"
        "  Traceback (most recent call last):\n"
        '    File "render.py", line 7, in render\n'
        "  OSError: x"
    )


def test_what_is_unknown_is_left_out() -> None:
    bare = attempt(started_at=None, stage=None, cause=None, message=None)
    text = details(replace(FAILED, cause=None, message=None), [bare])
    assert "Cause" not in text
    assert "Message" not in text
    assert "Stage" not in text
    assert "Started:  ?" in text
    assert "Result:   completed" in text


def test_nothing_from_outside_acts() -> None:
    picture = replace(
        FAILED, path="/p/\x1b[31m\u202egpj\n.exe".encode() + b"\xff", message="\x07line\r\nline"
    )
    text = details(picture, [attempt(traceback="OSError: \x1b]0;title\x07 \udcff \u2028 end")])
    assert r"File:     /p/\x1b[31m\u202egpj\n.exe\xff" in text
    assert r"Message:  \x07line\r\nline" in text
    assert r"  OSError: \x1b]0;title\x07 \udcff \u2028 end" in text
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.encode()


def test_long_texts_are_kept_whole() -> None:
    picture = replace(FAILED, path=b"/photos/" + b"n" * 10_000)
    assert "n" * 10_000 in details(picture, [])
