"""Thumbnails: our own small WebPs, read beside the window and kept as long as there is room."""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QImageReader, QPainter

from pixelcraft_desktop.lasting_thread import LastingThread

_log = logging.getLogger(__name__)
SQUARE_PX = 160  # of a cell; a thumbnail of 200 px fills it up to a screen of 125 %
CORNER_PX = 6

_CACHE_BYTES = 64_000_000
_MOST_BROKEN = 1_000
_LARGEST_FILE_BYTES = 4_000_000
_LARGEST_EDGE_PX = 1_024
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_Key = tuple[str, int]  # file, edge in pixels of the screen


class Thumbnails(QObject):
    """Lives in the GUI thread and never waits there; one thread reads, what was asked last first.

    Call `stop` before the program ends.
    """

    loaded = Signal(str)  # the file; also one that turned out to be broken
    _was_read = Signal(object, object)  # _Key, QImage or None

    def __init__(
        self, folder: Path, cache_bytes: int = _CACHE_BYTES, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._cache_bytes = cache_bytes
        self._images: OrderedDict[_Key, QImage] = OrderedDict()  # the least lately used first
        self._used_bytes = 0
        self._broken: dict[str, None] = {}
        self._wanted: dict[_Key, None] = {}  # shared with the thread, the latest last
        self._on_the_way: set[_Key] = set()  # read, or being read, and not kept yet
        self._is_stopped = False
        self._has_work = threading.Condition()
        self._was_read.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        self._thread = LastingThread("thumbnails", self._run)
        self._thread.start()

    def image(self, file: str, edge_px: int) -> QImage | None:
        """Return the thumbnail fitted into a square of `edge_px` pixels of the screen.

        None where it isn't there yet: it is read then, and `loaded` tells when to ask again.
        """
        key = (file, edge_px)
        image = self._images.get(key)
        if image is not None:
            self._images.move_to_end(key)
        elif file not in self._broken:
            self._want(key)
        return image

    def is_broken(self, file: str) -> bool:
        """Return whether the file was found to be none of our WebPs. It isn't tried again."""
        return file in self._broken

    def drop_requests_except(self, files: Collection[str]) -> None:
        """Forget what was asked for and not read yet, but for these files."""
        with self._has_work:
            self._wanted = {key: None for key in self._wanted if key[0] in files}

    def stop(self) -> None:
        """Read no more, and end the thread."""
        with self._has_work:
            self._is_stopped = True
            self._wanted.clear()
            self._has_work.notify()
        self._thread.join()

    def _want(self, key: _Key) -> None:
        with self._has_work:
            if self._is_stopped or key in self._on_the_way:
                return
            self._wanted.pop(key, None)
            self._wanted[key] = None
            self._has_work.notify()

    def _run(self) -> None:
        while (key := self._next()) is not None:
            try:
                image = _read(self._folder, *key)
            except Exception:  # whatever it is, all others are to be shown
                _log.exception("can't read the thumbnail %s", key[0])
                image = None
            with self._has_work:
                if self._is_stopped:  # and so this object may be gone
                    return
                self._was_read.emit(key, image)

    def _next(self) -> _Key | None:
        with self._has_work:
            self._has_work.wait_for(lambda: self._wanted or self._is_stopped)
            if self._is_stopped:
                return None
            key, _ = self._wanted.popitem()
            self._on_the_way.add(key)
            return key

    def _keep(self, key: _Key, image: QImage | None) -> None:
        with self._has_work:
            self._on_the_way.discard(key)
        if image is None:
            self._broken[key[0]] = None
            while len(self._broken) > _MOST_BROKEN:
                del self._broken[next(iter(self._broken))]
        else:
            self._images[key] = image
            self._used_bytes += image.sizeInBytes()
        while self._used_bytes > self._cache_bytes and len(self._images) > 1:
            _, oldest = self._images.popitem(last=False)
            self._used_bytes -= oldest.sizeInBytes()
        self.loaded.emit(key[0])


def _read(folder: Path, file: str, edge_px: int) -> QImage | None:
    content = _content(folder, file)
    if content is None:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    # Nothing but WebP: left to itself Qt looks into the file, and reads SVG and PDF as well.
    reader = QImageReader()
    reader.setAutoDetectImageFormat(False)
    reader.setDecideFormatFromContent(False)
    reader.setFormat(QByteArray(b"webp"))
    reader.setDevice(buffer)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > _LARGEST_EDGE_PX:
        return None
    image = reader.read()
    return None if image.isNull() else _fitted(image, edge_px)


def _content(folder: Path, file: str) -> bytes | None:
    if os.path.basename(file) != file:
        return None
    try:
        descriptor = os.open(folder / file, _OPEN)  # a pipe there doesn't make it wait
    except (OSError, ValueError):  # gone; or no name at all, with a NUL in it
        return None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST_FILE_BYTES:
            return None
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _fitted(image: QImage, edge_px: int) -> QImage:
    """Return the image as it is painted, corners and all: painting it costs a copy then."""
    scaled = image.scaled(
        edge_px,
        edge_px,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    corner_px = edge_px * CORNER_PX / SQUARE_PX
    rounded = QImage(scaled.size(), QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(rounded.rect(), corner_px, corner_px)
    painter.end()
    return rounded
