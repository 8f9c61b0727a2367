"""The question that is asked where somebody quits in the middle: in the window, at its foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from pixelcraft_desktop.catalog.quitting import QuitWay
from pixelcraft_desktop.ui.choice_button import ChoiceButton
from pixelcraft_desktop.ui.quitting.interlude import Interlude
from pixelcraft_desktop.ui.quitting.work import Work
from pixelcraft_desktop.ui.theme import title_font

# What is safe stands first, and has the focus: nothing is lost by it, and nothing goes on unseen.
_WAYS = (QuitWay.FINISH, QuitWay.STOP, QuitWay.TRAY)
_TRAY = "Closes only the window. The icon in the tray opens it again."


class QuitQuestion(Interlude):
    """Asks what shall become of the work, and holds nobody up: everything else still works."""

    answered = Signal(object, bool)  # QuitWay, whether it is the answer every time

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = QLabel()
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setFont(title_font(self.font()))
        self._facts.setWordWrap(True)
        self._buttons: dict[QuitWay, QPushButton] = {}
        self._explanations: dict[QuitWay, QLabel] = {}
        self._every_time = QCheckBox("Do this every time")
        self._every_time.setToolTip("To be asked again: the wheel in the tool bar, When quitting")
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def facts(self) -> str:
        """What it says of the work."""
        return self._facts.text()

    @property
    def every_time(self) -> QCheckBox:
        """The box for those who do not want to be asked again."""
        return self._every_time

    def button(self, way: QuitWay) -> QPushButton:
        """Return the button of an answer."""
        return self._buttons[way]

    def ask(self, work: Work, has_tray: bool) -> None:
        """Ask, with the keyboard on what is safe; the tray is offered where there is one."""
        self._remember_focus()
        self._every_time.setChecked(False)
        self._offer(QuitWay.TRAY, has_tray)
        self._offer(QuitWay.STOP, False)
        self.tell(work)
        safe = self._buttons[QuitWay.FINISH]
        self._appear(safe, f"{self.facts} {safe.text()}?")

    def tell(self, work: Work) -> None:
        """Say how much is going on by now."""
        if work.line != self._facts.text():
            self._facts.setText(work.line)
            self.setAccessibleName(f"Quit? {work.line}")
        text, explanation = work.finish_offer
        self._word(QuitWay.FINISH, text, explanation)
        self._word(QuitWay.STOP, "Stop now", work.stop_offer)
        if work.is_moving:  # once offered it stays, wherever the pointer is by then
            self._offer(QuitWay.STOP, True)

    def _lay_out(self) -> None:
        ways = QGridLayout()
        ways.setHorizontalSpacing(16)
        ways.setVerticalSpacing(8)
        ways.setColumnStretch(1, 1)
        for row, way in enumerate(_WAYS):
            self._add_way(ways, row, way)
        self._word(QuitWay.TRAY, "Keep running in the tray", _TRAY)
        self._buttons[QuitWay.FINISH].setProperty("look", "main")
        foot = QHBoxLayout()
        foot.addWidget(self._every_time)
        foot.addStretch()
        foot.addWidget(self._keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 12, 16, 12)
        # The box has room for its ring around it, and everything else stands below its edge.
        for part in (self._facts, ways):
            part.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._facts)
        column.addLayout(ways)
        column.addLayout(foot)

    def _add_way(self, grid: QGridLayout, row: int, way: QuitWay) -> None:
        button = ChoiceButton()
        button.clicked.connect(lambda: self.answered.emit(way, self._every_time.isChecked()))
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("look", "muted")
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        grid.addWidget(button, row, 0)
        grid.addWidget(label, row, 1)
        self._buttons[way], self._explanations[way] = button, label

    def _offer(self, way: QuitWay, is_offered: bool) -> None:
        for part in (self._buttons[way], self._explanations[way]):
            part.setVisible(is_offered)

    def _word(self, way: QuitWay, text: str, explanation: str) -> None:
        button = self._buttons[way]
        if (text, explanation) != (button.text(), button.accessibleDescription()):
            button.setText(text)
            button.setAccessibleDescription(explanation)
            self._explanations[way].setText(explanation)
