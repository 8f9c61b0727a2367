"""What people read about a picture in the window. Facts come from the catalog, words from here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil

from PySide6.QtCore import QDate, QLocale, QTime

from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.news import Scan, ScheduleLine
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.filenames import display_name, printable
from pixelcraft_desktop.model import Cause, Note, Stage, State
from pixelcraft_desktop.sentences import note_sentence

# Nothing that comes from outside is longer than this on screen: shaping a text costs time.
_LONGEST_TEXT = 300
_MOST_SENTENCES = 8  # for many pictures; no line holds more
_MOST_COUNTED_S = 120  # beyond that nobody follows the seconds

STATE_WORDS: Mapping[State, str] = {
    State.WAITING: "Waiting",
    State.DELAYED: "Retrying",
    State.ACTIVE: "Active",
    State.COMPLETED: "Completed",
    State.FAILED: "Failed",
    State.CANCELLED: "Cancelled",
}
STATE_GLYPHS: Mapping[State, str] = {
    State.WAITING: "○",
    State.DELAYED: "↻",
    State.ACTIVE: "◐",
    State.COMPLETED: "",
    State.FAILED: "⚠",
    State.CANCELLED: "⊘",
}
# A delayed picture with which nothing is wrong: the user wants it done later.
PUT_OFF_WORD, PUT_OFF_GLYPH = "Scheduled", "◷"
_STAGE_WORDS: Mapping[Stage, str] = {
    Stage.READING: "Reading…",
    Stage.WAITING_FOR_MEMORY: "Waiting for memory",
    Stage.THUMBNAIL: "Making thumbnail…",
    Stage.PREVIEW: "Making preview…",
    Stage.RENDITION: "Making picture…",
    Stage.METADATA: "Reading metadata…",
    Stage.SAVING: "Saving…",
    Stage.DONE: "Done",
}
CAUSE_TITLES: Mapping[Cause, str] = {
    Cause.EMPTY: "Empty file",
    Cause.NOT_AN_IMAGE: "Not a picture",
    Cause.UNSUPPORTED_FORMAT: "Unsupported format",
    Cause.DAMAGED: "Damaged picture",
    Cause.TOO_LARGE: "Too large",
    Cause.NOT_A_FILE: "Not a file",
    Cause.CRASHED_APP: "Set aside",
    Cause.TIMEOUT: "Took too long",
    Cause.DECODER_CRASHED: "The decoder crashed",
    Cause.OUT_OF_MEMORY: "Not enough memory",
    Cause.SOURCE_MISSING: "File is gone",
    Cause.PERMISSION_DENIED: "May not be read",
    Cause.DISK_FULL: "No space left",
    Cause.OUTPUT_ERROR: "Results not saved",
    Cause.WORKER_LOST: "Worker lost",
    Cause.INTERNAL_ERROR: "Something went wrong",
}

_PARTIAL_WORDS: Mapping[str, str] = {
    Note.SALVAGED: "{} % readable",
    Note.SALVAGED_COARSE: "Fine details missing",
}


def plain(text: str) -> str:
    """Return outside text as one short line in which nothing acts: no control, no direction."""
    if len(text) > _LONGEST_TEXT:
        half = _LONGEST_TEXT // 2
        text = f"{text[:half]}…{text[-half:]}"
    return printable(text)


def picture_name(picture: Picture) -> str:
    """Return the picture's file name, fit to show."""
    return plain(display_name(os.path.basename(picture.path)))


def picture_folder(picture: Picture) -> str:
    """Return the folder the picture lies in, fit to show."""
    return plain(display_name(os.path.dirname(picture.path)))


def number(count: int) -> str:
    """Return the number as people here write it."""
    return QLocale().toString(count)


def counted(count: int, noun: str) -> str:
    """Return "1 picture", "1,204 pictures"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def stage_line(picture: Picture) -> str:
    """Return what is being done: "Making preview… 50 %"."""
    words = _STAGE_WORDS[picture.stage or Stage.READING]
    is_moving = picture.progress and picture.stage is not Stage.WAITING_FOR_MEMORY
    return f"{words} {picture.progress} %" if is_moving else words


def state_line(picture: Picture) -> str:
    """Return the one line under a picture: what it is, or what is being done, or why not."""
    if picture.state is State.ACTIVE:
        return stage_line(picture)
    if picture.state is State.FAILED and picture.cause is not None:
        return CAUSE_TITLES[picture.cause]
    if picture.state is State.DELAYED:
        return delay_line(picture)
    if picture.state is State.WAITING and picture.priority:
        return f"Waiting, goes {'first' if picture.priority > 0 else 'last'}"
    if is_partial(picture):
        return _partial_words(picture.notes)
    if picture.state is State.COMPLETED and picture.width and picture.height:
        return size_words(picture)
    return STATE_WORDS[picture.state]


def state_word(picture: Picture) -> str:
    """Return in which section the picture stands: "Waiting", "Scheduled"."""
    return PUT_OFF_WORD if picture.is_put_off else STATE_WORDS[picture.state]


def state_glyph(picture: Picture) -> str:
    """Return the sign of that."""
    return PUT_OFF_GLYPH if picture.is_put_off else STATE_GLYPHS[picture.state]


def delay_line(picture: Picture) -> str:
    """Return "Retrying in 4 s (attempt 3 of 5)"; or "Starts in 4 s" where somebody chose that."""
    return _delay_line(picture, "attempt ")


def short_delay_line(picture: Picture) -> str:
    """Return "Retrying in 4 s (3 of 5)" or "Tomorrow at 08:00": there is no room for more."""
    start = _start_words(picture.run_at)
    if picture.is_put_off and start:
        return start[0].upper() + start[1:]
    return _delay_line(picture, "")


def _delay_line(picture: Picture, noun: str) -> str:
    start = _start_words(picture.run_at)
    if picture.is_put_off or picture.cause is None:  # nothing is wrong
        return f"Starts {start or 'now'}"
    turn = f"({noun}{picture.attempt + 1} of {picture.max_attempts})"
    return " ".join(filter(None, ("Retrying", start, turn)))


def _start_words(moment: str | None) -> str:
    seconds = seconds_until(moment)
    if moment is not None and seconds > _MOST_COUNTED_S:
        return start_time(moment)
    return f"in {seconds} s" if seconds else ""


def is_counted(picture: Picture) -> bool:
    """Tell whether the line of a delayed picture tells seconds, and so changes with each."""
    return seconds_until(picture.run_at) <= _MOST_COUNTED_S


def start_time(moment: str) -> str:
    """Return a time of the catalog that lies ahead: "at 22:00", "tomorrow at 08:00"."""
    local = datetime.fromisoformat(moment).astimezone()
    days = (local.date() - datetime.now().astimezone().date()).days
    if days == 0:
        return f"at {clock(local)}"
    day = "tomorrow" if days == 1 else f"on {_day(local)}"
    return f"{day} at {clock(local)}"


def seconds_until(moment: str | None) -> int:
    """Return the seconds until a time of the catalog, rounded up; 0 where it is past or unknown."""
    if moment is None:
        return 0
    left = datetime.fromisoformat(moment) - datetime.now(UTC)
    return max(0, ceil(left.total_seconds()))


def failure_sentence(picture: Picture) -> str:
    """Return why the picture failed, as a whole sentence."""
    if picture.message:
        also = " Nothing of it could be read." if picture.is_unreadable else ""
        return plain(picture.message) + also
    return CAUSE_TITLES[picture.cause] if picture.cause else STATE_WORDS[picture.state]


def size_words(picture: Picture) -> str:
    """Return how large the picture is: "4032 × 3024"; nothing where that isn't known."""
    return f"{picture.width} × {picture.height}" if picture.width and picture.height else ""


def is_partial(picture: Picture) -> bool:
    """Return whether the picture is damaged, and its results show what could be read."""
    return has_notes(picture) and bool(_partial_words(picture.notes))


def has_notes(picture: Picture) -> bool:
    """Return whether anything was lost or assumed in what is shown of the picture."""
    return picture.state is State.COMPLETED and bool(picture.notes)


def note_sentences(picture: Picture) -> list[str]:
    """Return what was lost or assumed in what is shown of the picture; damage goes first."""
    if not has_notes(picture):
        return []
    return [_note(code) for code in sorted(picture.notes, key=_is_other)]


def facts(picture: Picture) -> list[str]:
    """Return everything there is to say of the picture beside its name.

    First what it is, "4032 × 3024 HEIC", or how it stands; then a sentence for each note.
    """
    if picture.state is State.FAILED:
        return [failure_sentence(picture)]
    if picture.state is not State.COMPLETED:
        return [state_line(picture)]
    what = " ".join(filter(None, (size_words(picture), plain(picture.format or ""))))
    return [what or STATE_WORDS[picture.state], *note_sentences(picture)]


def facts_of_many(count: int, pictures: Sequence[Picture]) -> list[str]:
    """Return how many are selected, how many of them are damaged, and the most frequent notes."""
    # Thousands of pictures have a few lists of notes between them.
    alike = Counter(picture.notes for picture in pictures if has_notes(picture))
    codes: Counter[str] = Counter()
    for notes, times in alike.items():
        codes.update(dict.fromkeys(filter(_is_other, notes), times))
    partial = sum(times for notes, times in alike.items() if _partial_words(notes))
    damaged = [f"{number(partial)} damaged and partly readable"] if partial else []
    frequent = codes.most_common(_MOST_SENTENCES)
    others = [f"{_note(code)} ({number(times)})" for code, times in frequent]
    return [f"{counted(count, 'picture')} selected", *damaged, *others]


def _note(code: str) -> str:
    return plain(note_sentence(code))


def _is_other(code: str) -> bool:
    """Return whether the note is of something else than damage."""
    return code.partition(":")[0] not in _PARTIAL_WORDS


def _partial_words(notes: Sequence[str]) -> str:
    """Return how much of a damaged picture is shown; nothing where it is none."""
    for code in notes:
        name, _, value = code.partition(":")
        if name in _PARTIAL_WORDS:
            return _PARTIAL_WORDS[name].format(plain(value))
    return ""


def spoken(picture: Picture) -> str:
    """Return what a screen reader says of the picture; the notes come after, as `described`."""
    state, line = state_word(picture), state_line(picture)
    return ", ".join(dict.fromkeys((picture_name(picture), state, line)))


def described(picture: Picture) -> str:
    """Return what a screen reader adds to the picture's name and state."""
    return "; ".join(note_sentences(picture))


def rate(per_second: float) -> str:
    """Return "21 a second", or "6 a minute" where that says more."""
    if per_second >= 0.95:
        return f"{number(round(per_second))} a second"
    return f"{number(max(1, round(per_second * 60)))} a minute"


def when(moment: str | None, never: str = "never") -> str:
    """Return a time of the catalog in the user's zone and habit."""
    if moment is None:
        return never
    local = datetime.fromisoformat(moment).astimezone()
    is_today = local.date() == datetime.now().astimezone().date()
    return clock(local) if is_today else f"{_day(local)} {clock(local)}"


def clock(moment: datetime) -> str:
    """Return the time of day, as people here write it."""
    time = QTime(moment.hour, moment.minute)
    return QLocale().toString(time, QLocale.FormatType.ShortFormat)


def _day(moment: datetime) -> str:
    day = QDate(moment.year, moment.month, moment.day)
    return QLocale().toString(day, QLocale.FormatType.ShortFormat)


def hold_line(hold: Hold) -> str:
    """Return why the queue stands still: "No space left for the results (needs 3 MB on …)."."""
    size = QLocale().formattedDataSize(
        hold.needed_bytes, 0, QLocale.DataSizeFormat.DataSizeSIFormat
    )
    needs = f"needs {size} on the drive of {plain(hold.folder)}"
    return f"No space left for the results ({needs}). The queue is paused."


def restoration_line(restoration: Restoration) -> str:
    """Return what was done about a damaged catalog."""
    kept = "The damaged file is kept beside it."
    if restoration.backup_at is None:
        return f"The catalog was damaged and had no backup: the library begins anew. {kept}"
    return (
        f"The catalog was damaged; the backup of {when(restoration.backup_at)} was restored. {kept}"
    )


def scan_line(scan: Scan) -> str:
    """Return what a running scan says: "Looking for pictures in Photos… 1,204 found"."""
    return f"Looking for pictures in {plain(scan.name)}… {number(scan.found)} found"


def scan_result(scan: Scan) -> str | None:
    """Return what an ended scan should say; None where the pictures themselves say it all."""
    others = f"{counted(scan.skipped, 'other file')} left alone"
    if not scan.found:
        tail = f" ({others})" if scan.skipped else ""
        return f"No pictures were found in {plain(scan.name)}{tail}."
    if not scan.imported:
        only = "This picture was" if scan.found == 1 else f"All {number(scan.found)} pictures were"
        return f"{only} here already. Nothing changed."
    return None


def cleanup_line(cleanup: ScheduleLine | None) -> str:
    """Return when the cleanup last ran and when it will."""
    if cleanup is None:
        return "Cleanup has not run yet"
    return f"Last cleanup: {when(cleanup.last_run)} · next: {when(cleanup.next_run, 'soon')}"
