"""The pace limit: at most so many pictures a second, minute, hour or day, or none."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from pixelcraft_desktop.catalog.rate_limit import RateLimit
from pixelcraft_desktop.ui.choice_button import ChoiceButton
from pixelcraft_desktop.ui.popover import Popover

_PERIODS: Mapping[int, str] = {1: "a second", 60: "a minute", 3_600: "an hour", 86_400: "a day"}
_USUAL = RateLimit(10, 60)
_MOST = 999_999  # as `pixelcraft limit` takes it


class PaceLimit(Popover):
    """Asks for a limit; the one there is stands in it."""

    chosen = Signal(object)  # "10/min"; None: as many as there are

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Limit the pace")
        self._title = QLabel("Start at most")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("look", "title")
        self._count = QSpinBox()
        self._count.setRange(1, _MOST)
        self._count.lineEdit().textChanged.connect(self._weigh)
        self._count.setAccessibleName("Number of pictures")
        self._count.setMinimumWidth(96)
        self._period = QComboBox()
        self._period.setAccessibleName("In which time")
        for seconds, name in _PERIODS.items():
            self._period.addItem(name, seconds)
        self._limit = ChoiceButton("Limit the pace")
        self._limit.setProperty("look", "main")
        self._limit.clicked.connect(self._take)
        self._lift = ChoiceButton("No limit")
        self._lift.clicked.connect(self._take_none)
        self._lay_out()
        self.watch(self._limit)

    @property
    def count(self) -> QSpinBox:
        """The field for how many."""
        return self._count

    @property
    def period(self) -> QComboBox:
        """The box for in which time."""
        return self._period

    @property
    def limit(self) -> ChoiceButton:
        """The button that takes what stands there."""
        return self._limit

    @property
    def no_limit(self) -> ChoiceButton:
        """The button that lets as many start as there are."""
        return self._lift

    def ask(self, limit: RateLimit | None, anchor: QRect) -> None:
        """Ask beside a place in the window, beginning with the limit there is."""
        shown = limit or _USUAL
        # Five in 10 seconds, from the command line: 30 in the next longer period that is offered.
        period_s = next((each for each in _PERIODS if each >= shown.period_s), max(_PERIODS))
        self._period.setCurrentIndex(list(_PERIODS).index(period_s))
        self._count.setValue(max(1, round(shown.count * period_s / shown.period_s)))
        self._lift.setEnabled(limit is not None)
        self.open_at(anchor, self._count)
        self._count.selectAll()

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(8)
        noun = QLabel("pictures")
        noun.setTextFormat(Qt.TextFormat.PlainText)
        choice.addWidget(self._count)
        choice.addWidget(noun)
        choice.addWidget(self._period, 1)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.addStretch()
        answers.addWidget(self._lift)
        answers.addWidget(self._limit)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addLayout(choice)
        column.addLayout(answers)

    def _weigh(self) -> None:
        """Offer what stands there only while it is a number: Qt would put another in its place."""
        self._limit.setEnabled(self._count.hasAcceptableInput())

    def _take(self) -> None:
        self._count.interpretText()
        limit = RateLimit(self._count.value(), self._period.currentData())
        self.close_up()
        self.chosen.emit(str(limit))

    def _take_none(self) -> None:
        self.close_up()
        self.chosen.emit(None)
