"""The nouns everybody shares: states, causes, stages, recipes and failures."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal


class State(StrEnum):
    """Where a job stands. `FAILED` is the dead-letter queue."""

    WAITING = "waiting"
    DELAYED = "delayed"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Why an attempt failed: a fixed vocabulary, in the catalog, the command line and on screen."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    NOT_A_FILE = "not_a_file"
    CRASHED_APP = "crashed_app"
    TIMEOUT = "timeout"
    DECODER_CRASHED = "decoder_crashed"
    OUT_OF_MEMORY = "out_of_memory"
    SOURCE_MISSING = "source_missing"
    PERMISSION_DENIED = "permission_denied"
    DISK_FULL = "disk_full"
    OUTPUT_ERROR = "output_error"
    WORKER_LOST = "worker_lost"
    INTERNAL_ERROR = "internal_error"


class Reason(StrEnum):
    """Why a job came into its state: stands in every event."""

    IMPORTED = "imported"
    IMPORTED_AGAIN = "imported_again"
    CLAIMED = "claimed"
    FINISHED = "finished"
    FAILED = "failed"
    RETRY_DELAY = "retry_delay"
    DUE = "due"
    USER_RETRY = "user_retry"
    USER_DELAY = "user_delay"
    PROMOTED = "promoted"
    CANCELLED = "cancelled"
    SOURCE_RETURNED = "source_returned"
    GIVEN_BACK = "given_back"  # interrupted, and nobody is to blame
    HELD = "held"  # no space left: it goes on when there is
    RESCUED = "rescued"  # the program vanished in the middle
    REMOVED = "removed"
    CRASH_SUSPECT = "crash_suspect"
    OUTPUTS_LOST = "outputs_lost"  # the files are gone, so they are made again
    QUARANTINED = "quarantined"


class Stage(StrEnum):
    """What is being done to a picture right now."""

    READING = "reading"
    WAITING_FOR_MEMORY = "waiting_for_memory"
    THUMBNAIL = "thumbnail"
    PREVIEW = "preview"
    RENDITION = "rendition"
    METADATA = "metadata"
    SAVING = "saving"
    DONE = "done"


class Note(StrEnum):
    """What was lost or assumed on the way to the pixels. Some carry a value: "frames:24"."""

    BIT_DEPTH = "bit_depth"
    RANGE_STRETCHED = "range_stretched"
    RANGE_CUT = "range_cut"
    WIDE_GAMUT = "wide_gamut"
    BAD_PROFILE = "bad_profile"
    ADOBE_RGB_BY_EXIF = "adobe_rgb_by_exif"
    CMYK = "cmyk"
    CMYK_ASSUMED = "cmyk_assumed"
    HDR_GAIN_MAP = "hdr_gain_map"
    HDR_TRANSFER = "hdr_transfer"
    FRAMES = "frames"
    PAGES = "pages"
    EXTENSION = "extension"
    BAD_METADATA = "bad_metadata"  # with the block: exif, iptc, gama …
    METADATA_CUT = "metadata_cut"
    RAW_PREVIEW = "raw_preview"
    END_MARKER = "end_marker"
    SALVAGED = "salvaged"  # with the percentage of the picture that could be read
    SALVAGED_COARSE = "salvaged_coarse"


class KnownFailure(Exception):
    """A failure with a cause from the vocabulary and a sentence fit to show to people."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message


@dataclass(frozen=True)
class Failure:
    """How an attempt failed: cause, a sentence for people, a traceback for developers."""

    cause: Cause
    message: str
    traceback: str | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True)
class RenditionSpec:
    """One output of a recipe. `cover` fills width × height exactly; `width` only ever shrinks."""

    name: str
    fit: Literal["cover", "width"]
    width_px: int
    height_px: int | None
    quality: int
    effort: int = 2
    format: Literal["webp"] = "webp"


@dataclass(frozen=True)
class Recipe:
    """What to make from an image: renditions in the order in which they are made."""

    renditions: tuple[RenditionSpec, ...]

    def to_json(self) -> str:
        """Return the recipe as compact JSON, stable enough to compare."""
        return json.dumps([asdict(spec) for spec in self.renditions], separators=(",", ":"))

    @classmethod
    @lru_cache(16)
    def from_json(cls, text: str) -> Recipe:
        """Read what `to_json` wrote. Raises TypeError or ValueError on anything else."""
        return cls(tuple(RenditionSpec(**spec) for spec in json.loads(text)))


def standard_recipe(effort: int = 2) -> Recipe:
    """Return the recipe of every import: a 200×200 cover thumbnail and an 800 px preview."""
    return Recipe(
        (
            RenditionSpec("thumbnail", "cover", 200, 200, quality=80, effort=effort),
            RenditionSpec("preview", "width", 800, None, quality=85, effort=effort),
        )
    )


@dataclass(frozen=True)
class Limits:
    """What we are willing to read. Everything above is `too_large`."""

    pixels: int = 200_000_000
    file_bytes: int = 2_000_000_000
    whole_file_bytes: int = 256_000_000  # of formats that are read whole before they tell a size
    jpeg_scans: int = 500
    metadata_bytes: int = 64_000  # of the JSON that is stored; what is beyond it is left out


@dataclass(frozen=True)
class Rendered:
    """One rendition as it lies in its temporary file."""

    name: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True)
class Rendering:
    """What one attempt brought home. `renditions` is empty where the content was known."""

    sha256: str
    format: str
    width: int
    height: int
    mode: str
    bit_depth: int
    size_bytes: int
    metadata: dict[str, Any]
    renditions: tuple[Rendered, ...]
    unchanged: bool = False
    notes: tuple[str, ...] = ()  # codes of `Note`; of known content the metadata's alone
    is_damaged: bool = False  # the renditions show what could be read of a damaged picture
    peak_memory_bytes: int | None = None  # of the process that made it, while it did
