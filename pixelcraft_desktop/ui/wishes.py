"""Wishes: what a command asks for, after asking which files or which folder where it must."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal, SignalInstance
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import commands, results
from pixelcraft_desktop.ui.commands import QUIT_WAYS, Command
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.postponement import PUT_OFF
from pixelcraft_desktop.ui.window import Window


class Wishes(QObject):
    """Listens to the window's commands; what can't be done here leaves as a signal."""

    pause_requested = Signal(bool)
    retry_requested = Signal(list)  # ids of jobs
    promotion_requested = Signal(list)
    do_next_requested = Signal(list)
    save_requested = Signal(list, tuple, bytes)  # ids of images, renditions, folder
    cleanup_requested = Signal()
    quit_requested = Signal()
    quit_way_chosen = Signal(object)  # QuitWay to take every time; None: ask
    drag_requested = Signal(list)  # ids of images whose previews shall be dragged out

    def __init__(
        self, window: Window, library: Library, outputs: Path, openable: Collection[bytes]
    ) -> None:
        """`outputs` is the folder of all results; `openable` are the extensions of pictures."""
        super().__init__(window)
        self._openable = openable
        self._window = window
        self._library = library
        self._outputs = outputs
        self._put_off: list[Picture] = []
        self._acts: dict[str, Callable[[], object]] = {
            commands.ADD_FILES.key: self._choose_files,
            commands.ADD_FOLDER.key: self._choose_folder,
            commands.PASTE.key: window.paste,
            commands.PAUSE.key: lambda: self.pause_requested.emit(True),
            commands.RESUME.key: lambda: self.pause_requested.emit(False),
            commands.OPEN.key: self._open,
            commands.OPEN_PREVIEW.key: self._open_preview,
            commands.SHOW_IN_FOLDER.key: self._show_in_folder,
            commands.COPY_PATH.key: self._copy_paths,
            commands.SAVE_PREVIEWS.key: lambda: self._save("preview"),
            commands.SAVE_THUMBNAILS.key: lambda: self._save("thumbnail"),
            commands.SAVE_BOTH.key: lambda: self._save("preview", "thumbnail"),
            commands.DO_NEXT.key: lambda: self._tell(self.do_next_requested, commands.DO_NEXT),
            commands.TRY_NOW.key: lambda: self._tell(self.promotion_requested, commands.TRY_NOW),
            commands.START_LATER.key: self._start_later,
            commands.LIMIT_PACE.key: lambda: self._ask_for_limit(window.tool_bar.wheel),
            commands.CANCEL.key: lambda: window.cancellation.cancel(self._selected()),
            commands.CANCEL_ALL.key: window.cancellation.cancel_all,
            commands.RETRY.key: lambda: self._tell(self.retry_requested, commands.RETRY),
            commands.REMOVE.key: self._remove,
            commands.CLEAN_UP.key: self.cleanup_requested.emit,
            commands.SHOW_RESULTS.key: lambda: results.open_file(os.fsencode(outputs)),
            commands.QUIT.key: self.quit_requested.emit,
            **{each.key: partial(self.quit_way_chosen.emit, way) for way, each in QUIT_WAYS},
        }
        window.actions_.commanded.connect(self.act)
        window.start_later.chosen.connect(self._put_off_until)
        window.status.limit.clicked.connect(lambda: self._ask_for_limit(window.status.limit))
        window.shelf.gallery.opened.connect(self._open_one)
        window.shelf.gallery.drag_requested.connect(self._drag)
        window.shelf.failures.folder_requested.connect(self._show_one_in_folder)

    def act(self, key: str) -> None:
        """Do the command with that key."""
        self._acts[key]()

    def start_drag(self, paths: list[bytes]) -> None:
        """Drag these files out, as copies: whatever takes them can't move them away."""
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return  # let go meanwhile: a drag without a button would stick to the pointer
        drag = QDrag(self._window.shelf.gallery)
        drag.setMimeData(results.mime_of(paths))
        drag.exec(Qt.DropAction.CopyAction)

    def _choose_files(self) -> None:
        dialog = QFileDialog(self._window, "Add pictures")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._ask(dialog, self._window.add)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self._window, "Add a folder and all folders below it")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog, self._window.add)

    def _ask(self, dialog: QFileDialog, use: Callable[[list[bytes]], None]) -> None:
        """Ask beside the work, not before it: the queue goes on while somebody chooses."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: use([os.fsencode(name) for name in names]))
        dialog.open()

    def _save(self, *renditions: str) -> None:
        chosen = self._window.shelf.selected or self._library.pictures()
        ids = [picture.id for picture in chosen]
        dialog = QFileDialog(self._window, "Save results to folder")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Save here")
        self._ask(dialog, lambda folder: self.save_requested.emit(ids, renditions, folder[0]))

    def _selected(self) -> list[Picture]:
        return self._window.shelf.selected

    def _open(self) -> None:
        for picture in self._selected()[:1]:
            self._open_one(picture.id)

    def _open_one(self, image_id: int) -> None:
        """Open the original, if it is a picture by its content and by its name.

        The system goes by the name: whatever else somebody was sent must not be run by Enter.
        """
        picture = self._library.picture(image_id)
        if picture is None:
            return
        extension = os.path.splitext(picture.path)[1].lower()
        if picture.state is State.COMPLETED and extension in self._openable:
            results.open_file(picture.path)
        else:
            results.show_in_folder(picture.path)

    def _open_preview(self) -> None:
        for picture in self._selected()[:1]:
            if picture.preview is not None:
                results.open_file(os.fsencode(self._outputs / "previews" / picture.preview))

    def _show_in_folder(self) -> None:
        for picture in self._selected()[:1]:
            results.show_in_folder(picture.path)

    def _show_one_in_folder(self, image_id: int) -> None:
        picture = self._library.picture(image_id)
        if picture is not None:
            results.show_in_folder(picture.path)

    def _copy_paths(self) -> None:
        results.copy_paths([picture.path for picture in self._selected()])

    def _tell(self, requested: SignalInstance, command: Command) -> None:
        """Pass on which jobs of the selected pictures the command is for."""
        ids = [picture.job_id for picture in self._selected() if picture.state in command.states]
        if ids:
            requested.emit(ids)

    def _start_later(self) -> None:
        chosen = [picture for picture in self._selected() if picture.state in PUT_OFF]
        if chosen:
            self._put_off = chosen
            gallery, window = self._window.shelf.gallery, self._window
            cell = gallery.visualRect(gallery.currentIndex())
            cell.moveTo(gallery.viewport().mapTo(window, cell.topLeft()))
            window.start_later.ask(len(chosen), cell)

    def _put_off_until(self, moment: datetime) -> None:
        """Put off those that still wait: while somebody chose, the work went on."""
        now = [self._library.picture(picture.id) for picture in self._put_off]
        still = [picture for picture in now if picture is not None and picture.state in PUT_OFF]
        if still:
            self._window.postponement.put_off(still, moment)
        else:
            self._window.announcements.tell_too_late()

    def _ask_for_limit(self, beside: QWidget) -> None:
        place = QRect(beside.mapTo(self._window, QPoint()), beside.size())
        self._window.pace_limit.ask(self._library.queue.rate_limit, place)

    def _remove(self) -> None:
        self._window.removal.remove([picture.id for picture in self._selected()])

    def _drag(self) -> None:
        ids = [picture.id for picture in self._selected() if picture.preview is not None]
        if ids:
            self.drag_requested.emit(ids)
