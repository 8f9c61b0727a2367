"""The failed panel, in the place of the gallery while somebody looks at what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from pixelcraft_desktop.ui.failures.actions import (
    COPY_DETAILS,
    REMOVE,
    RETRY,
    SALVAGE,
    SHOW_IN_FOLDER,
    Action,
)
from pixelcraft_desktop.ui.failures.model import FailedModel
from pixelcraft_desktop.ui.failures.view import FailedList
from pixelcraft_desktop.ui.icons import icon, pixmap
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import Appearance, Theme, title_font
from pixelcraft_desktop.ui.words import counted

_EMPTY_ICON_PX = 48


class FailedPanel(QWidget):
    """Every failed picture of the library with its reason, and what can be done about it."""

    retry_requested = Signal(list)  # ids of jobs
    retry_all_requested = Signal()
    salvage_requested = Signal(list)  # ids of jobs
    removal_requested = Signal(list)  # ids of images
    details_requested = Signal(list)  # ids of images
    folder_requested = Signal(int)  # id of an image

    def __init__(
        self, library: Library, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._model = FailedModel(library, self)
        self._title = QLabel(self)
        self._retry_all = QPushButton("Retry all", self)
        self._list = FailedList(self._model, appearance.theme, self)
        self._empty_icon = QLabel(self)
        self._pages = QStackedLayout()
        self._lay_out()
        self._retry_all.clicked.connect(self.retry_all_requested)
        self._list.action_chosen.connect(self._request)
        self._model.rowsInserted.connect(self._show_count)
        self._model.rowsRemoved.connect(self._show_count)
        appearance.theme_changed.connect(self.wear)
        self.wear(appearance.theme)
        self._show_count()

    def take_keyboard(self) -> None:
        """Give it to the list; no proxy, or Tab would not reach the button above."""
        self._list.setFocus()

    def wear(self, theme: Theme) -> None:
        """Show everything in these colours."""
        self._list.wear(theme)
        self._retry_all.setIcon(icon("retry", theme))
        ratio = self.devicePixelRatio()
        self._empty_icon.setPixmap(pixmap("check", theme, _EMPTY_ICON_PX, ratio, theme.good.name()))

    def _lay_out(self) -> None:
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setFont(title_font(self.font()))
        self._retry_all.setIconSize(QSize(16, 16))
        self._retry_all.setToolTip("Try every failed picture again")
        header = QHBoxLayout()
        header.setContentsMargins(16, 12, 12, 0)
        header.addWidget(self._title, 1)
        header.addWidget(self._retry_all)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 8, 8, 0)
        inset.addWidget(self._list)
        column.addLayout(inset, 1)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(filled)
        self.setLayout(self._pages)

    def _empty_page(self) -> QWidget:
        words = QLabel("Nothing failed.")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setFont(title_font(self.font()))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setSpacing(12)
        column.addStretch()
        column.addWidget(self._empty_icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _show_count(self) -> None:
        count = self._model.rowCount()
        self._title.setText(f"{counted(count, 'picture')} failed")
        self._pages.setCurrentIndex(1 if count else 0)

    def _request(self, action: Action, image_ids: list[int]) -> None:
        if action in (RETRY, SALVAGE):
            pictures = [self._library.picture(image_id) for image_id in image_ids]
            request = self.retry_requested if action is RETRY else self.salvage_requested
            request.emit([p.job_id for p in pictures if p is not None])
        elif action is SHOW_IN_FOLDER:
            self.folder_requested.emit(image_ids[0])
        elif action is COPY_DETAILS:
            self.details_requested.emit(image_ids)
        elif action is REMOVE:
            self.removal_requested.emit(image_ids)
