"""Text from outside is shown as it is: it formats nothing, opens nothing, and takes no time."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MakePhoto
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QHelpEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.news import News, QueueFacts, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui import announcements
from pixelcraft_desktop.ui.announcements import RESULT, SCAN
from pixelcraft_desktop.ui.failures.view import FailedList
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.notice import Severity
from pixelcraft_desktop.ui.sections import ALL, FAILED, SECTIONS
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.toast import Toast
from pixelcraft_desktop.ui.window import Window

# The offscreen platform has nothing to raise a tool tip above.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)

UI = Path(__file__).parents[2] / "pixelcraft_desktop" / "ui"
LONGEST_S = 10.0
PIPE = "pipe"
HOSTILE = {
    "a picture from a pipe": f'<img src="{PIPE}">',
    "a whole page": f"<html><body><h1>a</h1><img src='{PIPE}'/><script>1</script>",
    "a link": f'<a href="file:{PIPE}">&lt;click&gt; &amp;</a>',
    "another direction": "photo\u202egpj.exe\u2066\u200f",
    "lines": "a\nb\r\nc\u2028d\x1b[31m\x07e",
    "very long": "W" * 10_000,
    "very long and marked up": f'<b>{"<i>" * 3_000}<img src="{PIPE}">',
    "accents without end": "a" + "\u0300" * 5_000,
}


# A process, for who reads a pipe in Qt's paint code holds the interpreter's lock while he waits.
WATCH = """
import errno, os, sys, time
while os.getppid() == int(sys.argv[2]):
    try:
        os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
        print("opened", flush=True)
    except OSError as error:
        assert error.errno == errno.ENXIO, error  # nobody reads
    time.sleep(0.005)
"""


class Watch:
    """Sees to it that nobody reads the pipe; who tries is freed at once, and remembered."""

    def __init__(self, pipe: Path) -> None:
        os.mkfifo(pipe)
        self._process = subprocess.Popen(
            [sys.executable, "-c", WATCH, str(pipe), str(os.getpid())],
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> bool:
        """End the watch; return whether anybody opened the pipe."""
        assert self._process.poll() is None, "the watch ended by itself"
        self._process.kill()
        out, _ = self._process.communicate()
        return "opened" in out


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A pipe of the name that all hostile texts speak of, in the folder we are in."""
    monkeypatch.chdir(tmp_path)
    return Watch(tmp_path / PIPE)


@pytest.fixture
def unharmed(watch: Watch) -> Iterator[None]:
    """What happens in the test takes little time, and the pipe stays closed."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LONGEST_S
    assert not watch.close()


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def library(qapp: QApplication) -> Library:
    return Library()


@pytest.fixture
def window(
    library: Library, qapp: QApplication, home: Home, qtbot: QtBot, unharmed: None
) -> Iterator[Window]:
    window = Window(library, Appearance(qapp, "light"), home.output_folder("thumbnail"), 2)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.end()


def pictures_of(text: str) -> list[Picture]:
    """Return one picture for each state, with that text wherever one can have it."""
    path = b"/photos/" + text.replace("/", "\u2215").encode() + b"/" + os.fsencode(name_of(text))
    notes = (text, f"salvaged:{text}", f"extension:{text}", f"frames:{text}")
    sample = Picture(
        *(0, path, text, 4032, 3024, name_of(text), 0, State.COMPLETED, None, 100, 1, 5),
        *(Cause.DAMAGED, text, None, None, text, notes),
    )
    numbered = enumerate(State, 1)
    return [replace(sample, id=n, job_id=n, state=state) for n, state in numbered]


def name_of(text: str) -> str:
    """Return the text as a file name can have it."""
    return text.replace("/", "\u2215")


def show(widget: QWidget) -> None:
    """Have everything painted, as on a screen."""
    QApplication.processEvents()
    assert not widget.grab().isNull()


def check_labels(window: QWidget) -> None:
    """See that no label of the window would guess what its text is."""
    for label in window.findChildren(QLabel):
        if label.text() and not label.inherits("QTipLabel"):  # tips are looked at where they come
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()[:80]


def check_literal(shown: str, text: str) -> None:
    """See that this is the text: nothing gone, nothing acting, and not too much of it."""
    assert shown.isprintable()
    assert len(shown) <= 4_000
    start = printable(text)[:30]
    assert start in shown


def tip_at(view: QWidget, point: QPoint) -> str:
    """Return what a tool tip says to whoever points there, as it reads on the screen."""
    ask = QHelpEvent(QEvent.Type.ToolTip, point, view.mapToGlobal(point))
    QApplication.sendEvent(view, ask)
    shown = QToolTip.text()
    tips = [w for w in QApplication.topLevelWidgets() if w.inherits("QTipLabel")]
    for tip in tips:
        show(tip)
    QToolTip.hideText()
    document = QTextDocument()
    document.setHtml(shown)
    return document.toPlainText().replace("\n", " ")


def test_the_watch_notices_who_reads(watch: Watch, qtbot: QtBot) -> None:
    label = QLabel(HOSTILE["a picture from a pipe"])
    qtbot.addWidget(label)
    show(label)
    assert watch.close()


def test_the_gallery(window: Window, library: Library, hostile: str, qtbot: QtBot) -> None:
    library.take_in(News(pictures=pictures_of(hostile)))
    gallery, model = window.shelf.gallery, window.shelf.model
    for section in SECTIONS:
        if section != FAILED:
            window.shelf.sections.choose(section)
            show(window)
    window.shelf.sections.choose(ALL)
    gallery.selectAll()
    show(window)
    for row in range(model.rowCount()):
        index = model.index(row)
        check_literal(index.data(), name_of(hostile))
        check_literal(index.data(Qt.ItemDataRole.AccessibleTextRole), name_of(hostile))
        tip = tip_at(gallery.viewport(), gallery.visualRect(index).center())
        check_literal(tip, "/photos/" + name_of(hostile)[:20])
        if model.picture_at(row).state is State.COMPLETED:
            check_literal(tip, f"Extension says {hostile[:15]}")
            described = index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
            check_literal(described, f"Extension says {hostile[:15]}")
    check_labels(window)
    assert window.windowTitle() == f"PixelCraft – {len(State)} pictures"
    assert window.status.text.isprintable()


def test_the_caption(window: Window, library: Library, hostile: str) -> None:
    library.take_in(News(pictures=pictures_of(hostile)))
    gallery, caption = window.shelf.gallery, window.shelf.caption
    _, line = caption.findChildren(QLabel)
    assert isinstance(line, QLabel)
    for width in (640, 1_800):
        window.resize(width, 500)
        for row in range(window.shelf.model.rowCount()):
            gallery.setCurrentIndex(window.shelf.model.index(row))
            show(window)
            check_literal(line.accessibleName(), name_of(hostile)[:20])
            assert line.text().isprintable()
            if line.toolTip():
                check_literal(tip_at(line, line.rect().center()), name_of(hostile)[:20])
        gallery.selectAll()
        show(window)
        check_literal(line.accessibleName(), "6 pictures selected")
        check_literal(line.accessibleName(), f"Extension says {hostile[:15]}")
        check_labels(window)
        assert window.width() == width


def test_the_failed_panel(window: Window, library: Library, hostile: str) -> None:
    library.take_in(News(pictures=pictures_of(hostile)))
    window.shelf.review_failures()
    show(window)
    failures = window.shelf.failures
    view = failures.findChild(FailedList)
    assert isinstance(view, FailedList)
    index = view.model().index(0, 0)
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        check_literal(index.data(role), name_of(hostile))
    row = view.visualRect(index)
    tip = tip_at(view.viewport(), QPoint(row.left() + 60, row.center().y()))
    check_literal(tip, "/photos/" + name_of(hostile)[:20])
    check_labels(window)


def test_notices_and_toast(window: Window, library: Library, hostile: str) -> None:
    told = window.announcements
    told.tell_trouble(hostile, hostile)
    told.tell_saved(1, 1, hostile)
    window.notices.show_notice("any", hostile, Severity.BAD, "Retry")
    show(window)
    toast = window.findChild(Toast)
    assert isinstance(toast, Toast)
    toast.offer(hostile)
    show(window)
    check_labels(window)
    for text in (window.notices.accessibleName(), toast.accessibleName()):
        assert text.isprintable()
    assert window.width() < 2_000
    toast.expire()


@pytest.fixture
def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "_PATIENCE_MS", 0)


def test_a_folder_that_is_looked_through(
    without_patience: None, window: Window, library: Library, hostile: str
) -> None:
    scan = Scan(1, hostile, imported=0, duplicates=0, skipped=3)
    library.take_in(News(queue=QueueFacts(scans=(scan,))))
    QTest.qWait(1)
    show(window)
    assert window.answers.shown_key == SCAN
    check_literal(window.answers.accessibleName(), hostile[:20])
    library.take_in(News(ended_scans=[scan]))
    show(window)
    assert window.answers.shown_key == RESULT
    check_literal(window.answers.accessibleName(), hostile[:20])
    check_labels(window)
    assert window.width() < 2_000


def test_what_is_dragged_over_the_window(window: Window, hostile: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(f"/photos/{name_of(hostile)}")])
    mime.setText(hostile)
    mime.setHtml(hostile)
    window.overlay.welcome(1)
    show(window)
    window.take(mime)
    check_labels(window)
    assert window.overlay.text == "Add 1 item"


def test_real_files_all_the_way(
    home: Home,
    photos: Path,
    make_photo: MakePhoto,
    qapp: QApplication,
    qtbot: QtBot,
    unharmed: None,
) -> None:
    """Names, folders and EXIF from files; the failures' messages from the decoder."""
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x013B, 0x8298):  # texts that a camera or its owner writes
        exif[tag] = HOSTILE["a picture from a pipe"]
    folder = '<img src="pipe">\n\u202e'
    for number, text in enumerate(HOSTILE.values()):
        name = name_of(text)[:40]
        make_photo(f"{folder}/{number}{name}.jpg", exif=exif)
        (photos / folder / f"{number}{name}.png").write_bytes(text.encode())
    app = App(home, Settings(workers=2), Appearance(qapp, "light"))
    app.start([os.fsencode(photos / folder)])
    count = len(HOSTILE)
    wanted = {State.COMPLETED: count, State.FAILED: count}
    qtbot.waitUntil(lambda: wanted.items() <= app.library.counts.items(), timeout=30_000)
    for section in SECTIONS:
        app.window.shelf.sections.choose(section)
        show(app.window)
    check_labels(app.window)
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.window.close()
    app.store.close()


FILES = sorted(UI.rglob("*.py"))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of what is named so, as a function or as a method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if name == getattr(called, "attr", getattr(called, "id", None)):
                yield node


def owner_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(UI).as_posix())
def test_every_label_is_told_that_its_text_is_plain(path: Path) -> None:
    """Only a label that never has a text, but a picture, may do without."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {
        owner_of(call)
        for call in calls(tree, "setTextFormat")
        if ast.unparse(call.args[0]).endswith(".PlainText")
    }
    with_text = {owner_of(call) for call in calls(tree, "setText")}
    named: dict[ast.expr, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            named[node.value] = ast.unparse(node.targets[0])
    for label in calls(tree, "QLabel"):
        assert label in named, f"a label without a name in line {label.lineno}"
        name = named[label]
        has_text = name in with_text or any(not _is_parent(each) for each in label.args)
        assert name in plain or not has_text, f"{name} in line {label.lineno}"


def _is_parent(argument: ast.expr) -> bool:
    return ast.unparse(argument) in {"self", "parent"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(UI).as_posix())
def test_no_tool_tip_or_box_guesses(path: Path) -> None:
    """A tool tip is a literal, or escaped where it is set; boxes that guess are not used."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in calls(tree, "setToolTip"):
        text = call.args[0]
        escaping = ("html.escape", "tool_tip")
        is_escaped = isinstance(text, ast.Call) and ast.unparse(text.func) in escaping
        is_literal = isinstance(text, ast.Constant)
        assert is_escaped or is_literal, f"line {call.lineno}"
    for name in ("setWhatsThis", "setStatusTip", "QMessageBox", "QErrorMessage", "QTextBrowser"):
        assert not list(calls(tree, name)), name
