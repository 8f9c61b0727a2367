"""The batches that run side by side, in the corner below the sections; alone, none is listed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.batches.row import BatchRow, plain_label
from pixelcraft_desktop.ui.batches.run import BatchRun
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import Theme, small_font
from pixelcraft_desktop.ui.workload import Workload

# A second drop of a few pictures is done before anybody could read its name.
_PATIENCE_MS = 1_000
_ABOVE_PX, _SPACING_PX, _BELOW_PX, _LINE_PX = 8, 2, 4, 1
_MOST_ROWS = 8
_MOST_ROWS_HIGH = 4  # what is more is scrolled to: the sections need room


class BatchPanel(QFrame):
    """Lists running batches, oldest first, while there are several.

    By the tab key its buttons come after `former`, and not last in the window.
    """

    cancel_wanted = Signal(int)  # batch id

    def __init__(
        self,
        library: Library,
        workload: Workload,
        theme: Theme,
        former: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workload = workload
        self._theme = theme
        self._rows: dict[int, BatchRow] = {}
        self._former = former
        self._appearance = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._appearance.timeout.connect(self._appear)
        self.setAccessibleName("Running batches")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lay_out()
        self.hide()
        workload.moved.connect(self.show_runs)
        library.queue_changed.connect(self.show_runs)

    def _lay_out(self) -> None:
        self._title, self._more = plain_label(self), plain_label(self)
        self._title.setText("Batches")
        for label in (self._title, self._more):
            label.setFont(small_font(self.font()))
            label.setProperty("look", "muted")
            label.setContentsMargins(20, 0, 12, 0)
        inside = QWidget()
        inside.setObjectName("batches")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._more)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, _ABOVE_PX, 0, _BELOW_PX)
        column.setSpacing(_SPACING_PX)
        column.addWidget(self._title)
        column.addWidget(self._area, 1)

    @property
    def rows(self) -> list[BatchRow]:
        """The rows that are listed, from above."""
        return list(self._rows.values())

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self._theme = theme
        for row in self._rows.values():
            row.set_theme(theme)

    def show_runs(self) -> None:
        """List what runs now; what ends goes, and the others stay in their place."""
        runs = self._workload.running
        if len(runs) < 2:
            self._appearance.stop()
            self.hide()
            self._keep_rows([])
            return
        if self.isHidden() and not self._appearance.isActive():
            self._appearance.start()
        self._keep_rows(runs[:_MOST_ROWS])
        for run in runs[:_MOST_ROWS]:
            batch = self._library.batches.get(run.batch_id)
            name = words.plain(batch.name) if batch else ""
            is_scanning = self._workload.is_scanning(run.batch_id)
            self._rows[run.batch_id].show_run(run, name, is_scanning)
        others = len(runs) - _MOST_ROWS
        self._more.setVisible(others > 0)
        self._more.setText(f"and {words.number(others)} more")

    def _appear(self) -> None:
        if len(self._workload.running) > 1:
            self.show()

    def _keep_rows(self, runs: list[BatchRun]) -> None:
        kept = [run.batch_id for run in runs]
        if kept == list(self._rows):
            return
        for batch_id in self._rows.keys() - set(kept):
            row = self._rows.pop(batch_id)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, batch_id in enumerate(kept):
            if batch_id not in self._rows:
                row = BatchRow(batch_id, self._theme)
                row.cancelled.connect(self.cancel_wanted)
                self._rows[batch_id] = row
                self._column.insertWidget(place, row)
        self._rows = {batch_id: self._rows[batch_id] for batch_id in kept}
        former = self._former
        for row in self.rows:
            QWidget.setTabOrder(former, row.button)
            former = row.button
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        title = self._title.sizeHint()
        above = _ABOVE_PX + title.height() + _SPACING_PX
        heights = [row.sizeHint().height() for row in self.rows[:_MOST_ROWS_HIGH]]
        return QSize(title.width(), above + sum(heights) + _BELOW_PX + _LINE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height() // 2)
