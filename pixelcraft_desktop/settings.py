"""settings.toml: typed, with an error that names file, line and key."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import date, time
from pathlib import Path
from typing import Any

_MEGABYTE = 1_000_000


class SettingsError(Exception):
    """A bad settings file; the text names file, line and key."""


@dataclass(frozen=True)
class Bounds:
    """The values a setting may have, both ends included."""

    least: float
    most: float


@dataclass(frozen=True)
class Settings:
    """What the user may choose. 0 stands for "decide for me" where it is allowed."""

    workers: int = 0
    decoder_deadline_s: float = 60.0
    memory_mb: int = 0
    max_megapixels: int = 200
    max_file_mb: int = 2_000
    max_whole_file_mb: int = 256
    max_jpeg_scans: int = 500
    max_metadata_kb: int = 64
    webp_effort: int = 2
    retry_attempts: int = 5
    retry_first_delay_s: float = 1.0
    retry_factor: float = 2.0
    retry_longest_delay_s: float = 60.0
    retry_jitter: float = 0.0
    keep_jobs_days: int = 90
    keep_events_days: int = 30
    keep_events_most: int = 100_000
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_security: str = "starttls"
    digest_to: str = ""
    digest_from: str = ""

    @property
    def lane_count(self) -> int:
        """Number of worker threads: as chosen, else one for each core we may use."""
        return self.workers or usable_cores()

    @property
    def memory_bytes(self) -> int:
        """Budget of all lanes: as chosen, else a quarter of the memory, at most 4 GB."""
        return self.memory_mb * _MEGABYTE or min(physical_memory_bytes() // 4, 4_000 * _MEGABYTE)


_BOUNDS = {
    "workers": Bounds(0, 64),
    "decoder_deadline_s": Bounds(1, 3600),
    "memory_mb": Bounds(0, 1_000_000),
    "max_megapixels": Bounds(1, 10_000),
    "max_file_mb": Bounds(1, 100_000),
    "max_whole_file_mb": Bounds(1, 100_000),
    "max_jpeg_scans": Bounds(1, 100_000),
    "max_metadata_kb": Bounds(1, 1_000),
    "webp_effort": Bounds(0, 6),
    "retry_attempts": Bounds(1, 100),
    "retry_first_delay_s": Bounds(0.01, 86_400),
    "retry_factor": Bounds(1, 10),
    "retry_longest_delay_s": Bounds(0.01, 86_400),
    "retry_jitter": Bounds(0, 1),
    "keep_jobs_days": Bounds(1, 36_500),
    "keep_events_days": Bounds(1, 36_500),
    "keep_events_most": Bounds(0, 100_000_000),
    "smtp_port": Bounds(1, 65_535),
}
# What a text may look like; whatever it is, it is one line that prints.
# ASCII alone, which every mail server takes; nothing that a mail's head could obey.
_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+"
_PATTERNS = {
    "smtp_host": (r"\S*", "a host's name"),
    "smtp_user": (r".*", "a name"),
    "smtp_security": (r"none|starttls|tls", '"none", "starttls" or "tls"'),
    "digest_to": (rf"(?:{_ADDRESS}(?:, *{_ADDRESS})*)?", "mail addresses with commas between"),
    "digest_from": (rf"(?:{_ADDRESS})?", "a mail address"),
}


def usable_cores() -> int:
    """Return the number of cores this process may run on, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def physical_memory_bytes() -> int:
    """Return the machine's memory, or 4 GB where the platform does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4_000 * _MEGABYTE


def read_settings(path: Path) -> Settings:
    """Read the file; a missing one means all defaults. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' editors begin with a mark
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text") from error
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}, {_locate(error, text)}") from error
    for key, value in values.items():
        complaint = _complaint(key, value)
        if complaint:
            raise SettingsError(f"{path}, line {_line_of(key, text)}, {key}: {complaint}")
    return Settings(**values)


def _locate(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Return "line 3, workers: what is wrong", from a message that hides the place in itself."""
    reason, _, place = str(error).partition(" (at ")
    lines = text.rstrip().splitlines() or [""]
    found = re.match(r"line (\d+)", place)
    number = int(found.group(1)) if found else len(lines)
    key = lines[min(number, len(lines)) - 1].partition("=")[0].strip()
    return f"line {number}, {key}: {reason}" if key else f"line {number}: {reason}"


def _complaint(key: str, value: Any) -> str | None:
    kinds = {field.name: field.type for field in fields(Settings)}
    if key not in kinds:
        near = difflib.get_close_matches(key, kinds, n=1)
        return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")
    if kinds[key] == "str":
        return _text_complaint(key, value)
    accepted = (int, float) if kinds[key] == "float" else (int,)
    if isinstance(value, bool) or not isinstance(value, accepted):
        wanted = "a number" if kinds[key] == "float" else "a whole number"
        return f"must be {wanted}, not {_spelled(value)}"
    bounds = _BOUNDS[key]
    if not bounds.least <= value <= bounds.most:
        return f"must be from {bounds.least:g} to {bounds.most:g}, not {_spelled(value)}"
    return None


def _text_complaint(key: str, value: Any) -> str | None:
    pattern, wanted = _PATTERNS[key]
    if isinstance(value, str) and value.isprintable() and re.fullmatch(pattern, value):
        return None
    return f"must be {wanted}, not {_spelled(value)}"


def _spelled(value: Any) -> str:
    """Return the value as a TOML file spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | time) else repr(value)


def _line_of(key: str, text: str) -> int:
    pattern = re.compile(rf"""^\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[.=\]]""")
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 1)
