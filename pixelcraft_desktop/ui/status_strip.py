"""The strip at the window's foot: one bar for the whole run, counts, pace, number of workers."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSpinBox, QWidget

from pixelcraft_desktop.catalog.news import QueueFacts
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.sentences import time_left
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Change, Library, is_work
from pixelcraft_desktop.ui.pace import Pace
from pixelcraft_desktop.ui.progress_bar import ThinBar
from pixelcraft_desktop.ui.workload import Workload

_UNUSUAL = (State.DELAYED, State.FAILED, State.CANCELLED)
_REFRESH_MS = 100
_MOST_WORKERS = 64
_BAR_WIDTH_PX = 220


class StatusStrip(QWidget):
    """Says how far everything is. Only what the catalog says counts."""

    workers_chosen = Signal(int)

    def __init__(
        self,
        library: Library,
        workload: Workload,
        lane_count: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workload = workload
        self._lane_count = lane_count
        self._pace = Pace()
        self._active: dict[int, int] = {}
        self._bar = ThinBar()
        self._bar.setFixedWidth(_BAR_WIDTH_PX)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._text.setAccessibleName("Progress of all pictures")
        self.limit = self._make_limit()
        self._workers = self._make_spin_box(lane_count)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(12)
        row.addWidget(self._bar)
        row.addWidget(self._text, 1)
        row.addWidget(self.limit)
        row.addWidget(self._workers)
        library.pictures_added.connect(self._count_added)
        library.pictures_changed.connect(self._count_changed)
        library.pictures_removed.connect(self._count_removed)
        library.queue_changed.connect(self._show_queue)
        # Pace changes as time goes by, and nobody can follow the numbers at every picture. At rest
        # nothing ticks.
        self._refresh = QTimer(self, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self.show_totals)
        library.counts_changed.connect(self._show_soon)
        self.show_totals()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    @property
    def per_mille(self) -> int:
        """How far the bar is."""
        return self._bar.value()

    def show_totals(self) -> None:
        """Say how far it is now."""
        if not self._pace.is_running:
            self._refresh.stop()
        is_scanning = bool(self._library.queue.scans)
        self._bar.setVisible(self._pace.is_running)
        # While pictures still come in, the whole is not known, and a bar could only run backwards.
        if not is_scanning:
            self._bar.advance(self._pace.per_mille(sum(self._active.values())))
        text = " · ".join(self._facts())
        room_px = self._text.width() if self.isVisible() else 10_000
        elided = self._text.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room_px)
        self._text.setText(elided)

    def _show_soon(self) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

    def _facts(self) -> list[str]:
        library = self._library
        rare = [(words.PUT_OFF_WORD, library.put_off)]
        for state in _UNUSUAL:
            others = library.put_off if state is State.DELAYED else 0
            rare.append((words.STATE_WORDS[state], library.counts[state] - others))
        unusual = [f"{words.number(count)} {word.lower()}" for word, count in rare if count]
        is_still = library.queue.is_paused or library.queue.held is not None
        paused = ["‖ Paused"] if is_still else []
        if not self._pace.is_running:
            count = len(library)
            return [*paused, words.counted(count, "picture"), *unusual] if count else paused
        so_far = f"{words.number(self._pace.done)} of {words.number(self._pace.total)}"
        pace = [] if self._workload.is_still else self._pace_facts(time.monotonic())
        return [*paused, so_far, *pace, *unusual]

    def _pace_facts(self, now: float) -> list[str]:
        rate, left = self._pace.rate(now), self._workload.time_left
        facts = [] if rate is None else [words.rate(rate)]
        if left is not None:
            facts.append(time_left(left.low, left.high))
        return facts

    def _count_added(self, pictures: Sequence[Picture]) -> None:
        self._note(joined=sum(map(is_work, pictures)))
        for picture in pictures:
            self._follow(picture)

    def _count_changed(self, changes: Sequence[Change]) -> None:
        moves = [(is_work(before), is_work(after)) for before, after in changes]
        # Who was cancelled or put off is no longer part of the run: the bar shows work that was
        # done.
        left = sum(
            is_work(before) and (after.is_put_off or after.state is State.CANCELLED)
            for before, after in changes
        )
        ended = moves.count((True, False)) - left
        self._note(joined=moves.count((False, True)), ended=ended, left=left)
        for _, after in changes:
            self._follow(after)

    def _count_removed(self, pictures: Sequence[Picture]) -> None:
        self._note(left=sum(map(is_work, pictures)))
        for picture in pictures:
            self._active.pop(picture.id, None)

    def _follow(self, picture: Picture) -> None:
        if picture.state is State.ACTIVE:
            self._active[picture.id] = picture.progress
        else:
            self._active.pop(picture.id, None)

    def _note(self, joined: int = 0, ended: int = 0, left: int = 0) -> None:
        if joined:  # the whole became larger: this is another run, or more of this one
            self._bar.restart()
        self._pace.note(joined, ended, left, time.monotonic())

    def _show_queue(self, queue: QueueFacts) -> None:
        self.limit.setVisible(queue.rate_limit is not None)
        if queue.rate_limit is not None:
            self.limit.setText(f"At most {queue.rate_limit.in_words()}")
        count = queue.workers or self._lane_count
        if not self._workers.hasFocus() and count != self._workers.value():
            self._workers.blockSignals(True)
            self._workers.setValue(count)
            self._workers.blockSignals(False)
            self._name_workers(count)
        self.show_totals()

    def _make_limit(self) -> QPushButton:
        """Make what tells the limit while there is one, and changes it."""
        button = QPushButton()
        button.setProperty("look", "word")
        button.setToolTip("Change the limit, or lift it")
        button.hide()
        return button

    def _make_spin_box(self, lane_count: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, _MOST_WORKERS)
        box.setValue(lane_count)
        box.setKeyboardTracking(False)  # 12 is not first 1
        box.setAccessibleName("Number of workers")
        box.setToolTip("How many pictures are worked on at the same time")
        box.setSuffix(_suffix(lane_count))
        box.valueChanged.connect(self._name_workers)
        box.valueChanged.connect(self.workers_chosen)
        return box

    def _name_workers(self, count: int) -> None:
        self._workers.setSuffix(_suffix(count))


def _suffix(count: int) -> str:
    return " worker" if count == 1 else " workers"
