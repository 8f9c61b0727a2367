"""Sentences that command line and window share: what a picture lost, how long things take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pixelcraft_desktop.model import Note

_NOTES: Mapping[Note, str] = {
    Note.BIT_DEPTH: "{}-bit → 8-bit",
    Note.RANGE_STRETCHED: "Values {} stretched from black to white",
    Note.RANGE_CUT: "Values that are no numbers shown black or white",
    Note.WIDE_GAMUT: "Wide gamut converted to sRGB",
    Note.BAD_PROFILE: "Colour profile unusable, colours shown as stored",
    Note.ADOBE_RGB_BY_EXIF: "Read as Adobe RGB, as its EXIF says",
    Note.CMYK: "Converted from CMYK",
    Note.CMYK_ASSUMED: "Converted from CMYK without a profile, as for coated paper",
    Note.HDR_GAIN_MAP: "HDR gain map not kept",
    Note.HDR_TRANSFER: "HDR ({}), highlights toned down to fit",
    Note.FRAMES: "{} frames, first shown",
    Note.PAGES: "{} pages, first shown",
    Note.EXTENSION: "Extension says {}",
    Note.BAD_METADATA: "Metadata partly unreadable ({})",
    Note.METADATA_CUT: "Too much metadata, some left out",
    Note.RAW_PREVIEW: "The camera's own preview shown, {}",
    Note.END_MARKER: "The end of the file is missing, the picture is whole",
    Note.SALVAGED: "Damaged, {} % readable",
    Note.SALVAGED_COARSE: "Damaged, fine details missing",
}


def note_sentence(code: str) -> str:
    """Return what a note of the catalog says: "24 frames, first shown".

    It is as hostile as the note: whoever shows it makes it fit to show.
    """
    name, _, value = code.partition(":")
    try:
        note = Note(name)
    except ValueError:
        return code  # of a newer version
    words = _VALUES.get(note, str)(value)
    return _NOTES[note].format(words)


def _range_words(value: str) -> str:
    """Return "350–1186" of "349.5..1186.1", and "-3 to 1200" of what has a minus in it."""
    low, _, high = value.partition("..")
    ends = _rounded(low), _rounded(high)
    if ends[0] == ends[1]:
        ends = low, high
    return (" to " if "-" in value else "–").join(filter(None, ends))


def _rounded(number: str) -> str:
    try:
        value = float(number)
    except ValueError:
        return number
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"


def _preview_words(value: str) -> str:
    """Return "960 × 720 of 6000 × 4000": the size of a preview, then the sensor's."""
    return value.replace("×", " × ").replace("/", " of ")


_VALUES: Mapping[Note, Callable[[str], str]] = {
    Note.RANGE_STRETCHED: _range_words,
    Note.BAD_METADATA: str.upper,
    Note.RAW_PREVIEW: _preview_words,
}


# Of each unit: its seconds, up to how many of them it is used, its name, and in short.
_UNITS = (
    (1, 60, ("s", "s"), "s"),
    (60, 105, ("minute", "minutes"), "min"),
    (3_600, 36, ("hour", "hours"), "h"),
    (86_400, 10**6, ("day", "days"), "d"),
)


def time_left(low_s: float, high_s: float, is_short: bool = False) -> str:
    """Return a rounded range: "about 5 s", "2–3 minutes", "up to 2 hours"; in short "2–3 min"."""
    seconds, _, names, short = _unit_of(high_s)
    low, high = (_rounded_count(each / seconds) for each in (low_s, high_s))
    high = max(1, high)
    if high_s <= 1.2 * low_s:  # so narrow that two figures would only pretend
        low = high = max(1, _rounded_count((low_s + high_s) / 2 / seconds))
    unit = short if is_short else names[high != 1]
    if low == high:
        return f"{high} {unit}" if is_short else f"about {high} {unit}"
    return f"{low}–{high} {unit}" if low else f"up to {high} {unit}"


def duration(seconds: float) -> str:
    """Return how long something took: "1 s", "42 s", "2 minutes", "3 hours"."""
    if seconds < 90:  # it is over, and so known to the second
        return f"{max(1, round(seconds))} s"
    size, _, names, _ = _unit_of(seconds)
    count = round(seconds / size)
    return f"{count} {names[count != 1]}"


def _unit_of(seconds: float) -> tuple[int, int, tuple[str, str], str]:
    return next(unit for unit in _UNITS if seconds < unit[0] * unit[1])


def _rounded_count(count: float) -> int:
    """Return a whole number; from ten on in steps of five, which is all anybody can foretell."""
    return round(count) if count < 10 else 5 * round(count / 5)
