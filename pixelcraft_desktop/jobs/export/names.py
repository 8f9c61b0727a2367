"""Names for saved results: the source's own, made safe everywhere, and never the same twice."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Mapping

LONGEST_NAME_BYTES = 255
_EXTENSION = ".webp"
_NAMELESS = "picture"
# Room kept for " (9999999)", so that the name before a number is the same for every number.
_NUMBER_BYTES = 10
_KEEPS_ANY_BYTES = sys.platform not in ("win32", "darwin")
# What Windows refuses in a name, and the control characters.
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
# Devices to Windows, whatever follows the first dot.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE
)


def safe_stem(path: bytes, keep_bytes: bool = True) -> str:
    """Return the source's name without its extension, as every system takes it.

    Bytes that are not UTF-8 are kept as surrogate escapes where the system takes any bytes;
    without `keep_bytes` they become U+FFFD.
    """
    stem = os.path.splitext(os.path.basename(path))[0]
    is_kept = keep_bytes and _KEEPS_ANY_BYTES
    text = stem.decode("utf-8", "surrogateescape" if is_kept else "replace")
    return _finish(_UNSAFE.sub("_", text))


class Names:
    """Hands out names nobody has, even where case or Unicode form does not tell names apart."""

    def __init__(
        self, additions: Mapping[str, str], longest_bytes: int = LONGEST_NAME_BYTES
    ) -> None:
        """`additions` are what each rendition's name has after the stem, by rendition."""
        self._additions = additions
        longest_tail = max(len(_encoded(a)) for a in additions.values()) + len(_EXTENSION)
        self._longest_stem = longest_bytes - longest_tail
        self._taken: set[str] = set()
        self._next_numbers: dict[str, int] = {}

    def take(self, name: bytes) -> None:
        """Never hand out this name."""
        self._taken.add(_key(name.decode("utf-8", "surrogateescape")))

    def reserve(self, stem: str) -> dict[str, bytes]:
        """Return a name for each rendition of one picture, all with the same number if any."""
        names = self._reserve(_cut(stem, self._longest_stem))
        if names is not None:
            return names
        numbered = _cut(stem, self._longest_stem - _NUMBER_BYTES)
        key = _key(numbered)
        number = self._next_numbers.get(key, 2)
        while (names := self._reserve(f"{numbered} ({number})")) is None:
            number += 1
        # The next of this name goes on from here; to ask for (2) again each time is quadratic.
        self._next_numbers[key] = number + 1
        return names

    def _reserve(self, stem: str) -> dict[str, bytes] | None:
        """Take the names if they are all free."""
        texts = {name: stem + addition + _EXTENSION for name, addition in self._additions.items()}
        keys = {_key(text) for text in texts.values()}
        if keys & self._taken:
            return None
        self._taken |= keys
        return {name: _encoded(text) for name, text in texts.items()}


def _finish(text: str) -> str:
    """Return the text without an end Windows drops, not empty and not a device."""
    text = text.rstrip(" .") or _NAMELESS
    return "_" + text if _DEVICE.match(text) else text


def _cut(text: str, longest_bytes: int) -> str:
    """Return the text cut to so many bytes, between two characters."""
    if len(_encoded(text)) <= longest_bytes:
        return text
    text = text[: max(longest_bytes, 0)]
    while len(_encoded(text)) > longest_bytes:
        text = text[:-1]
    return _finish(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _key(text: str) -> str:
    """Return what is equal for two names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
