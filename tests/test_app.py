"""The window with everything behind it: real files, real decoders, real clicks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import MakePhoto
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui import commands
from pixelcraft_desktop.ui.announcements import FAILED, PAUSED
from pixelcraft_desktop.ui.empty_field import REFUSAL
from pixelcraft_desktop.ui.failures.view import FailedList
from pixelcraft_desktop.ui.sections import SECTIONS
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.toast import Toast
from pixelcraft_desktop.ui.words import is_partial

LONG_MS = 30_000
StartApp = Callable[[], App]


@pytest.fixture
def start_app(home: Home, qapp: QApplication, qtbot: QtBot) -> Iterator[StartApp]:
    """Start the program on the fixture's home, as often as wanted; the last one is closed."""
    started: list[App] = []

    def start() -> App:
        app = App(home, Settings(workers=2), Appearance(qapp, "light"))
        started.append(app)
        app.start([])
        qtbot.waitExposed(app.window)
        return app

    yield start
    for app in started:
        close(app, qtbot)
    # Qt would give back what it holds of ours after Python has ended.
    QGuiApplication.clipboard().clear()


@pytest.fixture
def app(start_app: StartApp) -> App:
    return start_app()


def close(app: App, qtbot: QtBot) -> None:
    if not app.is_closing:
        with qtbot.waitSignal(app.ended, timeout=6_000):
            app.close()
        app.store.close()


def drop_event_data(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(app: App, mime: QMimeData) -> None:
    """Drag the data over the window and let it go there."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, _NO_KEYS
    enter = QDragEnterEvent(QPoint(400, 300), copy, mime, left, none)
    QApplication.sendEvent(app.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(app.window, QDropEvent(QPointF(400, 300), copy, mime, left, none))


_NO_KEYS = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_PICTURE = Picture(
    id=1,
    path=b"/p/a.jpg",
    source="drop",
    width=None,
    height=None,
    thumbnail=None,
    job_id=1,
    state=State.WAITING,
    stage=None,
    progress=0,
    attempt=0,
    max_attempts=5,
    cause=None,
    message=None,
    run_at=None,
)


def wait_for(qtbot: QtBot, app: App, **counts: int) -> None:
    """Wait until so many pictures are in these states."""
    wanted = {State(name): count for name, count in counts.items()}
    qtbot.waitUntil(
        lambda: all(app.library.counts[state] == count for state, count in wanted.items()),
        timeout=LONG_MS,
    )


def test_a_dropped_folder_completes_and_is_shown(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    for number in range(5):
        make_photo(f"{number}/a{number}.jpg")
    assert app.window.empty.isVisible()
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=5)
    assert app.window.shelf.gallery.isVisible()
    assert app.window.shelf.model.rowCount() == 5
    qtbot.waitUntil(lambda: app.window.status.text == "5 pictures")
    thumbnails = app.window.shelf.thumbnails
    first = app.library.pictures()[0]
    assert first.thumbnail is not None
    file = first.thumbnail
    qtbot.waitUntil(lambda: thumbnails.image(file, 160) is not None)
    said = app.window.answers
    qtbot.waitUntil(said.isVisible)
    assert said.accessibleName().startswith("Notice: photos: 5 pictures done in ")


def test_the_overlay_says_what_a_drop_would_do(app: App, photos: Path) -> None:
    overlay, action = app.window.overlay, Qt.DropAction.CopyAction
    many = drop_event_data(*(photos / f"{number}.jpg" for number in range(312)))
    event = QDragEnterEvent(QPoint(5, 5), action, many, Qt.MouseButton.LeftButton, _NO_KEYS)
    QApplication.sendEvent(app.window, event)
    assert overlay.isVisible()
    assert overlay.text == "Add 312 items"
    QApplication.sendEvent(app.window, QDragLeaveEvent())
    assert not overlay.isVisible()


def test_web_links_and_text_are_refused_politely(app: App, qtbot: QtBot) -> None:
    link = QMimeData()
    link.setUrls([QUrl("https://192.0.2.1/a.jpg")])
    drop(app, link)
    assert app.window.overlay.text == REFUSAL
    assert app.window.answers.shown_key == "result"
    QGuiApplication.clipboard().setText("/etc/passwd")
    app.window.paste()
    assert len(app.library) == 0
    assert app.store.value("SELECT count(*) FROM batches") == 0


def test_paste_adds_files(app: App, make_photo: MakePhoto, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setMimeData(drop_event_data(make_photo("a.png")))
    QTest.keyClick(app.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, app, completed=1)


def test_a_failed_picture_is_mended_and_retried(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    make_photo("good.png")
    (photos / "bad.jpg").write_bytes(b"")
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=1, failed=1)
    notices = app.window.notices
    assert notices.shown_key == FAILED
    QTest.mouseClick(visible_button(app, "Review"), Qt.MouseButton.LeftButton)
    assert app.window.shelf.failures.isVisible()
    make_photo("bad.jpg")
    QTest.mouseClick(visible_button(app, "Retry all"), Qt.MouseButton.LeftButton)
    wait_for(qtbot, app, completed=2, failed=0)
    assert notices.shown_key is None


def visible_button(app: App, text: str) -> QPushButton:
    found = [b for b in app.window.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    assert len(found) == 1
    return found[0]


def test_remove_undo_and_settle(
    app: App, home: Home, make_photo: MakePhoto, photos: Path, qtbot: QtBot
) -> None:
    originals = [make_photo(f"{number}.png") for number in range(3)]
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=3)
    gallery = app.window.shelf.gallery
    gallery.setFocus()
    gallery.selectAll()
    QTest.keyClick(gallery, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(app.library) == 0)
    QTest.mouseClick(visible_button(app, "Undo"), Qt.MouseButton.LeftButton)
    wait_for(qtbot, app, completed=3)
    gallery.selectAll()
    app.window.removal.remove([picture.id for picture in app.window.shelf.selected])
    qtbot.waitUntil(lambda: len(app.library) == 0)
    app.window.removal.settle()
    qtbot.waitUntil(lambda: app.store.value("SELECT count(*) FROM images") == 0)
    qtbot.waitUntil(lambda: not any(home.output_folder("preview").iterdir()))
    assert all(path.is_file() for path in originals)


def test_pause_and_resume(app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot) -> None:
    make_photo("a.png")
    app.window.actions_.action(commands.PAUSE).trigger()
    qtbot.waitUntil(lambda: app.library.queue.is_paused)
    assert app.window.notices.shown_key == PAUSED
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, waiting=1)
    qtbot.waitUntil(lambda: app.window.status.text.startswith("‖ Paused"))
    QTest.mouseClick(visible_button(app, "Resume"), Qt.MouseButton.LeftButton)
    wait_for(qtbot, app, completed=1)
    assert app.window.notices.shown_key is None


def test_what_is_readable_of_a_damaged_picture_is_shown(
    app: App, photos: Path, qtbot: QtBot
) -> None:
    path = photos / "a.jpg"
    Image.effect_noise((320, 240), 80).save(path)
    os.truncate(path, path.stat().st_size // 2)
    (photos / "b.jpg").write_bytes(b"")
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, failed=2)
    QTest.mouseClick(visible_button(app, "Review"), Qt.MouseButton.LeftButton)
    rows = app.window.shelf.failures.findChild(FailedList)
    assert rows is not None
    rows.setFocus()
    rows.selectAll()
    QTest.keyClick(rows, Qt.Key.Key_S)
    wait_for(qtbot, app, completed=1, failed=1)
    (picture,) = app.library.pictures(frozenset({State.COMPLETED}))
    assert (os.fsdecode(picture.path), picture.notes) == (str(path), ("salvaged:46",))
    assert is_partial(picture)


def test_the_number_of_workers_changes_while_running(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    for number in range(30):
        make_photo(f"{number}.jpg", size=(1600, 1200))
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, active=2)
    app.window.status.workers_chosen.emit(4)
    wait_for(qtbot, app, active=4)
    app.window.status.workers_chosen.emit(1)
    wait_for(qtbot, app, active=1)
    wait_for(qtbot, app, completed=30)


def test_sections_filter_the_gallery(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    make_photo("a.png")
    (photos / "bad.jpg").write_bytes(b"")
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=1, failed=1)
    shelf = app.window.shelf
    completed = next(s for s in SECTIONS if s.state is State.COMPLETED)
    shelf.sections.choose(completed)
    assert shelf.model.rowCount() == 1
    shelf.sections.choose(SECTIONS[0])
    assert shelf.model.rowCount() == 2


def test_results_are_saved_under_the_sources_names(
    app: App, photos: Path, make_photo: MakePhoto, tmp_path: Path, qtbot: QtBot
) -> None:
    make_photo("a.png")
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=1)
    target = tmp_path / "saved"
    target.mkdir()
    ids = [picture.id for picture in app.library.pictures()]
    app.wishes.save_requested.emit(ids, ("preview", "thumbnail"), os.fsencode(target))
    # A file that is still being written has a hidden name beside the one it will get.
    names = ["a-thumbnail.webp", "a.webp"]
    qtbot.waitUntil(lambda: sorted(p.name for p in target.iterdir()) == names)
    qtbot.waitUntil(lambda: app.window.answers.shown_key == "result")


def test_a_dragged_picture_has_its_sources_name(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    make_photo("Sünset.png")
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, completed=1)
    app.drag_prepared.disconnect(app.wishes.start_drag)
    app.window.shelf.gallery.selectAll()
    with qtbot.waitSignal(app.drag_prepared) as prepared:
        app.window.shelf.gallery.drag_requested.emit()
    (path,) = prepared.args[0]
    assert os.path.basename(path) == "Sünset.webp".encode()
    assert os.path.getsize(path) > 0


def test_closing_in_the_middle_and_going_on(
    start_app: StartApp, home: Home, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    for number in range(40):
        make_photo(f"{number}.jpg", size=(2000, 1500))
    app = start_app()
    drop(app, drop_event_data(photos))
    qtbot.waitUntil(lambda: app.library.counts[State.COMPLETED] >= 2, timeout=LONG_MS)
    close(app, qtbot)
    store = Store(home.catalog)
    assert store.value("SELECT count(*) FROM jobs WHERE state = 'active'") == 0
    assert store.value("SELECT max(attempt) FROM jobs") == 1
    store.close()
    again = start_app()
    wait_for(qtbot, again, completed=40)


def test_a_cleanup_can_be_asked_for(app: App, home: Home, qtbot: QtBot) -> None:
    litter = home.output_folder("preview") / "77-88.webp.tmp"
    qtbot.waitUntil(lambda: any(s.name == "cleanup" for s in app.library.queue.schedules))
    litter.write_bytes(b"half")
    app.window.actions_.action(commands.CLEAN_UP).trigger()
    qtbot.waitUntil(lambda: not litter.exists())
    qtbot.waitUntil(
        lambda: any(s.name == "cleanup" and s.outcome for s in app.library.queue.schedules)
    )


def test_a_closing_window_takes_nothing_more(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    make_photo("a.png")
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.window.close()
        assert not app.window.acceptDrops()
        assert not app.window.actions_.action(commands.PASTE).isEnabled()
        app.window.add([os.fsencode(photos)])  # however it still gets here, nothing breaks
    assert app.store.value("SELECT count(*) FROM images") in (0, 1)
    app.store.close()


def test_a_queue_is_cancelled_undone_and_done(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    for number in range(4):
        make_photo(f"{number}.png")
    app.window.actions_.action(commands.PAUSE).trigger()
    qtbot.waitUntil(lambda: app.library.queue.is_paused)
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, waiting=4)
    gallery = app.window.shelf.gallery
    gallery.setFocus()
    gallery.setCurrentIndex(app.window.shelf.model.index(3))
    QTest.keyClick(gallery, Qt.Key.Key_D, _CONTROL)
    last = app.library.pictures()[3].job_id
    order = "SELECT id FROM jobs ORDER BY priority DESC, id LIMIT 1"
    qtbot.waitUntil(lambda: app.store.value(order) == last)
    QTest.keyClick(gallery, Qt.Key.Key_K, _CONTROL)
    wait_for(qtbot, app, waiting=3, cancelled=1)
    QTest.keyClick(app.window, Qt.Key.Key_K, _CONTROL | Qt.KeyboardModifier.ShiftModifier)
    wait_for(qtbot, app, waiting=0, cancelled=4)
    assert not app.window.actions_.action(commands.CANCEL_ALL).isEnabled()
    qtbot.waitUntil(lambda: shown_toast(app) == "3 pictures were cancelled.")
    QTest.keyClick(app.window, Qt.Key.Key_Z, _CONTROL)
    wait_for(qtbot, app, waiting=3, cancelled=1)
    gallery.selectAll()
    QTest.keyClick(gallery, Qt.Key.Key_R, _CONTROL)
    app.window.actions_.action(commands.RESUME).trigger()
    wait_for(qtbot, app, completed=4)


def shown_toast(app: App) -> str:
    toast = app.window.findChild(Toast)
    assert isinstance(toast, Toast)
    return toast.accessibleName() if toast.is_offered else ""


def test_a_delayed_picture_is_tried_now(
    app: App, make_photo: MakePhoto, photos: Path, qtbot: QtBot
) -> None:
    make_photo("a.png")
    app.window.actions_.action(commands.PAUSE).trigger()
    qtbot.waitUntil(lambda: app.library.queue.is_paused)
    drop(app, drop_event_data(photos))
    wait_for(qtbot, app, waiting=1)
    (picture,) = app.library.pictures()
    later = timestamp(datetime.now(UTC) + timedelta(hours=1))
    app.steering.delay([picture.job_id], later)
    wait_for(qtbot, app, delayed=1)
    app.window.actions_.action(commands.RESUME).trigger()
    gallery = app.window.shelf.gallery
    gallery.setFocus()
    gallery.selectAll()
    QTest.keyClick(gallery, Qt.Key.Key_T, _CONTROL)
    wait_for(qtbot, app, completed=1)


def test_the_menu_offers_what_the_pictures_can_do() -> None:
    def offered(*states: State) -> list[str]:
        pictures = [replace(_PICTURE, state=state) for state in states]
        about_queue = {"do_next", "try_now", "retry", "cancel", "cancel_all"}
        keys = [each.key for each in commands.picture_menu(pictures) if each is not None]
        return [key for key in keys if key in about_queue]

    assert offered(State.COMPLETED) == []
    assert offered(State.WAITING) == ["do_next", "cancel", "cancel_all"]
    assert offered(State.DELAYED) == ["try_now", "cancel", "cancel_all"]
    assert offered(State.ACTIVE, State.FAILED) == ["retry", "cancel", "cancel_all"]
    cancelled = replace(_PICTURE, state=State.CANCELLED)
    assert commands.retry_text([cancelled]) == "Try again"
    assert commands.retry_text([cancelled, replace(_PICTURE, state=State.FAILED)]) == "Retry"
