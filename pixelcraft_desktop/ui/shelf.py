"""The shelf: sections and batches on the left, on the right the gallery or the failed pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.ui.batches.panel import BatchPanel
from pixelcraft_desktop.ui.failures.panel import FailedPanel
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.page import GalleryPage
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.gallery.view import GalleryView
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.sections import ALL, FAILED, Section, SectionList
from pixelcraft_desktop.ui.theme import Appearance, Theme
from pixelcraft_desktop.ui.workload import Workload


class Shelf(QWidget):
    """Shows the part of the library that was chosen."""

    selection_changed = Signal()

    def __init__(
        self,
        library: Library,
        workload: Workload,
        appearance: Appearance,
        thumbnails_folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = appearance.theme
        self._is_expecting = False
        self.thumbnails = Thumbnails(thumbnails_folder, parent=self)
        self.model = GalleryModel(library, self)
        self._page = GalleryPage(self.model, self.thumbnails, theme)
        self.gallery = self._page.view
        self.caption = self._page.caption
        self.failures = FailedPanel(library, appearance)
        self.sections = SectionList(library, theme)
        self.batches = BatchPanel(library, workload, theme, self.sections)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.failures)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addWidget(self.sections, 1)
        side.addWidget(self.batches)
        row.addLayout(side)
        row.addWidget(self._stack, 1)
        self.sections.section_chosen.connect(self._show_section)
        library.pictures_added.connect(self._show_arrivals)  # after the model, made before
        self.gallery.selection_changed.connect(self.selection_changed)
        appearance.theme_changed.connect(self.set_theme)

    @property
    def selected(self) -> list[Picture]:
        """The pictures that are selected in the gallery, in their order."""
        is_shown = self._stack.currentWidget() is self._page
        return self.gallery.selected_pictures() if is_shown else []

    @property
    def selected_count(self) -> int:
        """How many pictures are selected in the gallery."""
        is_shown = self._stack.currentWidget() is self._page
        return self.gallery.count_selected() if is_shown else 0

    def take_keyboard(self) -> None:
        """Give it to the pictures; no proxy, or Tab would not reach sections and batches."""
        self.gallery.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self.sections.set_theme(theme)
        self.batches.set_theme(theme)
        self._page.set_theme(theme)

    def show_next_arrivals(self) -> None:
        """Show the next pictures that come in: somebody just added them."""
        self._is_expecting = True

    def review_failures(self) -> None:
        """Show what failed, ready for the keyboard."""
        self.sections.choose(FAILED)
        self.failures.take_keyboard()

    def _show_arrivals(self, pictures: list[Picture]) -> None:
        if self._is_expecting:
            self._is_expecting = False
            self.sections.choose(ALL)
            row = self.model.row_of(pictures[0].id)
            if row is not None:  # seen, not selected: what is done next is about all of them
                self.gallery.scrollTo(self.model.index(row), GalleryView.ScrollHint.PositionAtTop)

    def _show_section(self, section: Section) -> None:
        is_failed = section == FAILED
        self._stack.setCurrentWidget(self.failures if is_failed else self._page)
        if not is_failed:
            self.model.show_states(section.states, section.put_off)
        self.selection_changed.emit()
