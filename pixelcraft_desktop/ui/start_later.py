"""When shall they start? In an hour, tonight, tomorrow, or at a time of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from PySide6.QtCore import QDateTime, QLocale, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateTimeEdit, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.choice_button import ChoiceButton
from pixelcraft_desktop.ui.popover import Popover

_EVENING, _MORNING = time(22), time(8)
_THEN, _PAST = "Start then", "Already past"


def moments(now: datetime) -> list[tuple[str, datetime]]:
    """Return what most people want, seen from `now`, a time of here: words and a time of here."""
    tomorrow = now.date() + timedelta(days=1)
    evening = datetime.combine(now.date(), _EVENING).astimezone()
    is_over = evening <= now
    if is_over:
        evening = datetime.combine(tomorrow, _EVENING).astimezone()
    morning = datetime.combine(tomorrow, _MORNING).astimezone()
    in_an_hour = (now + timedelta(hours=1)).astimezone()
    night = ("Tomorrow" if is_over else "Tonight", evening)
    named = [("Tomorrow", morning), night] if is_over else [night, ("Tomorrow", morning)]
    at = [(f"{name} at {words.clock(moment)}", moment) for name, moment in named]
    return [(f"In an hour, at {words.clock(in_an_hour)}", in_an_hour), *at]


class StartLater(Popover):
    """Asks once for all of the pictures."""

    chosen = Signal(object)  # datetime, with its time zone

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("look", "title")
        self._moments: Sequence[tuple[str, datetime]] = ()
        self._buttons = [self._make_button(number) for number in range(3)]
        self._editor = _MomentField()
        self._editor.setAccessibleName("Start at")
        locale = QLocale()
        short = locale.dateTimeFormat(QLocale.FormatType.ShortFormat)
        self._editor.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        self._editor.dateTimeChanged.connect(self._weigh)
        self._at = ChoiceButton(_PAST)
        self._at.clicked.connect(self._take_own)
        self._lay_out()
        self.watch(self._at)

    @property
    def buttons(self) -> Sequence[ChoiceButton]:
        """The buttons of the usual times."""
        return self._buttons

    @property
    def editor(self) -> QDateTimeEdit:
        """The field for a time of one's own."""
        return self._editor

    @property
    def start_then(self) -> ChoiceButton:
        """The button that takes what stands in the field."""
        return self._at

    def ask(self, count: int, anchor: QRect) -> None:
        """Ask for so many pictures, beside a place in the window."""
        self._title.setText(f"Start {words.counted(count, 'picture')} later")
        self.setAccessibleName(self._title.text())
        self._moments = moments(datetime.now().astimezone())
        for button, (text, _) in zip(self._buttons, self._moments, strict=True):
            button.setText(text)
        now = QDateTime.currentDateTime()
        begun_s = 60 * now.time().minute() + now.time().second()
        self._editor.setDateTime(now.addSecs(2 * 3600 - begun_s))
        self._at.setText(_PAST)  # the longer one
        self._at.setMinimumWidth(self._at.sizeHint().width())
        self._weigh()
        self.open_at(anchor, self._buttons[0])

    def _make_button(self, number: int) -> ChoiceButton:
        button = ChoiceButton()
        button.setProperty("look", "line")
        button.clicked.connect(lambda: self._take(self._moments[number][1]))
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addSpacing(4)
        for button in self._buttons:
            column.addWidget(button)
        column.addSpacing(4)
        own = QHBoxLayout()
        own.setSpacing(8)
        own.addWidget(self._editor, 1)
        own.addWidget(self._at)
        column.addLayout(own)

    def _take(self, moment: datetime) -> None:
        self.close_up()
        self.chosen.emit(moment)

    def _weigh(self) -> bool:
        """Tell whether the time in the field lies ahead, and offer only that."""
        is_ahead = self._editor.dateTime() > QDateTime.currentDateTime()
        self._at.setEnabled(is_ahead)
        self._at.setText(_THEN if is_ahead else _PAST)
        return is_ahead

    def _take_own(self) -> None:
        if self._weigh():  # it may have passed while the popover stood there
            seconds = self._editor.dateTime().toSecsSinceEpoch()
            self._take(datetime.fromtimestamp(seconds).astimezone())


class _MomentField(QDateTimeEdit):
    """Takes a time as people type it, dots and all.

    It has no earliest time: on the 25th Qt would refuse the day of "01.12." as past, and go on
    with the month.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_between = len(event.text()) == 1 and event.text() in " .,/-:"
        # After the last digit of a part Qt goes to the next one by itself, and a dot would skip it.
        if is_between and self.lineEdit().hasSelectedText():
            event.accept()
        else:
            super().keyPressEvent(event)
