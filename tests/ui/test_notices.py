"""Notices wait their turn, a toast can be taken back, a bar only grows, and HTML is only text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.notice import NoticeBar, Severity
from pixelcraft_desktop.ui.progress_bar import ThinBar
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Appearance, Theme
from pixelcraft_desktop.ui.toast import Toast

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

HTML = '<img src="pipe"><b>17</b> & more'


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    """The program in light colours."""
    appearance = Appearance(qapp, "light")
    yield appearance
    appearance.choose("light")
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


@pytest.fixture
def window(qtbot: QtBot, appearance: Appearance) -> QWidget:
    """A window with one text field."""
    window = QWidget()
    window.resize(600, 400)
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    column.addStretch()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def bar(window: QWidget, appearance: Appearance) -> NoticeBar:
    """A notice bar at the foot of that window."""
    bar = NoticeBar(appearance, window)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(bar)
    return bar


def text_of(widget: QWidget) -> str:
    """Return what its labels say."""
    return "".join(label.text() for label in widget.findChildren(QLabel))


def button(widget: QWidget, kind: type[QPushButton | QToolButton] = QPushButton) -> QWidget:
    """Return its first button of that kind."""
    return widget.findChildren(kind)[0]


def test_a_bar_with_nothing_to_say_is_not_there(bar: NoticeBar) -> None:
    assert not bar.isVisible()
    bar.show_notice("paused", "The queue is paused", Severity.CARE, "Resume")
    assert bar.isVisible()
    assert text_of(bar) == "The queue is paused"
    assert button(bar).isVisible()
    assert bar.accessibleName() == "Take care: The queue is paused"
    bar.withdraw("paused")
    assert not bar.isVisible()
    bar.withdraw("paused")  # once more is no harm


def test_the_gravest_goes_first_and_the_others_wait(bar: NoticeBar) -> None:
    bar.show_notice("done", "All done", Severity.GOOD)
    bar.show_notice("failed", "17 failed", Severity.BAD, "Review")
    bar.show_notice("paused", "Paused", Severity.CARE)
    bar.show_notice("lost", "A worker is lost", Severity.BAD)
    said = []
    while bar.shown_key is not None:
        said.append(bar.shown_key)
        bar.withdraw(bar.shown_key)
    assert said == ["failed", "lost", "paused", "done"]


def test_a_notice_of_the_same_key_takes_its_place(bar: NoticeBar) -> None:
    bar.show_notice("failed", "1 failed", Severity.BAD, "Review")
    bar.show_notice("failed", "2 failed", Severity.BAD)
    assert text_of(bar) == "2 failed"
    assert not button(bar).isVisible()
    bar.withdraw("failed")
    assert not bar.isVisible()


def test_acting_and_dismissing_name_the_notice(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_notice("failed", "17 failed", Severity.BAD, "Review")
    bar.show_notice("paused", "Paused", Severity.CARE)
    with qtbot.waitSignal(bar.acted) as acted:
        QTest.mouseClick(button(bar), Qt.MouseButton.LeftButton)
    assert acted.args == ["failed"]
    assert bar.shown_key == "failed"
    close = button(bar, QToolButton)
    close.setFocus()
    with qtbot.waitSignal(bar.dismissed) as dismissed:
        QTest.keyClick(close, Qt.Key.Key_Space)
    assert dismissed.args == ["failed"]
    assert bar.shown_key == "paused"


def dismiss(bar: NoticeBar) -> None:
    QTest.mouseClick(button(bar, QToolButton), Qt.MouseButton.LeftButton)


def test_what_was_dismissed_stays_away_until_its_cause_is_another(bar: NoticeBar) -> None:
    bar.show_notice("held", "No space left", Severity.BAD, cause="monday")
    dismiss(bar)
    bar.show_notice("held", "No space left at all", Severity.BAD, cause="monday")
    assert bar.shown_key is None
    bar.show_notice("held", "No space left", Severity.BAD, cause="tuesday")
    assert bar.shown_key == "held"
    dismiss(bar)
    bar.withdraw("held")  # it was over
    bar.show_notice("held", "No space left", Severity.BAD, cause="tuesday")
    assert bar.shown_key == "held"


def test_an_answer_is_told_each_time(bar: NoticeBar) -> None:
    for _ in range(2):
        bar.show_notice("result", "3 results saved.", Severity.GOOD)
        assert bar.shown_key == "result"
        dismiss(bar)


def test_a_click_never_meets_a_notice_that_came_in_between(qtbot: QtBot, bar: NoticeBar) -> None:
    acted: list[str] = []
    bar.acted.connect(acted.append)
    bar.show_notice("paused", "Paused", Severity.CARE, "Resume")
    QTest.mousePress(button(bar), Qt.MouseButton.LeftButton)
    bar.show_notice("failed", "17 failed", Severity.BAD, "Resume")
    QTest.mouseRelease(button(bar), Qt.MouseButton.LeftButton)
    assert acted == []


def test_html_in_a_notice_is_text(bar: NoticeBar) -> None:
    bar.show_notice("failed", HTML, Severity.BAD, HTML)
    assert text_of(bar) == HTML
    formats = {label.textFormat() for label in bar.findChildren(QLabel) if label.text()}
    assert formats == {Qt.TextFormat.PlainText}


def test_a_long_notice_makes_no_window_wider(window: QWidget, bar: NoticeBar) -> None:
    bar.show_notice("failed", "x" * 5_000, Severity.BAD, "Review")
    assert bar.minimumSizeHint().width() < 300


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_icon_of_a_notice_follows_the_theme(
    bar: NoticeBar, appearance: Appearance, theme: Theme
) -> None:
    bar.show_notice("failed", "17 failed", Severity.BAD)
    appearance.choose("dark" if theme.is_dark else "light")
    drawn = bar.findChildren(QLabel)[0].pixmap().toImage()
    colours = {
        drawn.pixelColor(x, y).name()
        for x in range(drawn.width())
        for y in range(drawn.height())
        if drawn.pixelColor(x, y).alpha() == 255
    }
    assert theme.bad.name() in colours


def test_a_toast_lies_at_the_foot_of_its_window(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    assert not toast.isVisible()
    toast.offer("Removed 3 pictures from the list")
    assert toast.isVisible()
    assert toast.geometry().bottom() == window.height() - 24 - 1
    assert abs(toast.geometry().center().x() - window.rect().center().x()) <= 1
    window.resize(300, 300)
    assert toast.geometry().bottom() == window.height() - 24 - 1
    assert window.rect().contains(toast.geometry())
    assert "…" in text_of(toast)
    assert toast.accessibleName() == "Removed 3 pictures from the list"


def test_undo_by_button(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    toast.offer("Removed 1 picture")
    with qtbot.assertNotEmitted(toast.expired), qtbot.waitSignal(toast.undone):
        QTest.mouseClick(button(toast), Qt.MouseButton.LeftButton)
    assert not toast.isVisible()
    assert not toast.is_offered


def test_undo_by_keyboard_only_while_it_is_offered(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    undone: list[bool] = []
    toast.undone.connect(lambda: undone.append(True))
    window.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert not undone
    toast.offer("Removed 1 picture")
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert undone == [True]
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert undone == [True]


def test_a_text_field_keeps_its_own_undo(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    field = window.findChildren(QLineEdit)[0]
    field.setFocus()
    QTest.keyClicks(field, "cat")
    toast.offer("Removed 1 picture")
    with qtbot.assertNotEmitted(toast.undone):
        QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""


def test_a_toast_expires(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window, timeout_ms=20)
    with qtbot.waitSignal(toast.expired, timeout=2_000):
        toast.offer("Removed 1 picture")
    assert not toast.isVisible()


def test_a_new_toast_lets_the_former_expire_first(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    said: list[str] = []
    toast.expired.connect(lambda: said.append(text_of(toast)))
    toast.offer("Removed 1 picture")
    assert said == []
    toast.offer("Removed 2 pictures")
    assert said == ["Removed 1 picture"]
    assert text_of(toast) == "Removed 2 pictures"
    toast.expire()
    toast.expire()  # once more is no harm
    assert said == ["Removed 1 picture", "Removed 2 pictures"]


def test_time_stands_still_under_the_pointer(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window, timeout_ms=20)
    toast.offer("Removed 1 picture")
    here = QPointF(5, 5)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    with qtbot.assertNotEmitted(toast.expired, wait=100):
        pass
    assert toast.is_offered
    with qtbot.waitSignal(toast.expired, timeout=5_000):
        QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))


def test_time_stands_still_with_the_focus(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window, timeout_ms=50)
    toast.offer("Removed 1 picture")
    button(toast).setFocus()
    with qtbot.assertNotEmitted(toast.expired, wait=150):
        pass
    with qtbot.waitSignal(toast.expired, timeout=5_000):
        window.findChildren(QLineEdit)[0].setFocus()


def test_html_in_a_toast_is_text(qtbot: QtBot, window: QWidget) -> None:
    toast = Toast(window)
    toast.offer(HTML)
    assert text_of(toast) == HTML
    formats = {label.textFormat() for label in toast.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}


def test_the_bar_never_moves_backwards(qtbot: QtBot) -> None:
    bar = ThinBar()
    qtbot.addWidget(bar)
    for permille in (0, 400, 300, 401, 2_000, 10):
        bar.advance(permille)
    assert bar.value() == 1_000
    bar.restart()
    assert bar.value() == 0


def test_the_bar_is_thin_round_and_in_the_colours_of_the_theme(
    qtbot: QtBot, appearance: Appearance
) -> None:
    bar = ThinBar()
    qtbot.addWidget(bar)
    bar.resize(200, 4)
    bar.show()
    bar.advance(500)
    drawn = bar.grab().toImage()
    assert bar.height() == 4
    assert drawn.pixelColor(50, 2) == LIGHT.accent
    assert drawn.pixelColor(150, 2) == LIGHT.line
    appearance.choose("dark")
    assert bar.grab().toImage().pixelColor(50, 2) == DARK.accent
    bar.advance(503)  # less than a pixel's worth for Qt's own bar
    assert bar.grab().toImage().pixelColor(100, 2) != DARK.line


def test_a_screen_reader_hears_how_far_it_is(qtbot: QtBot) -> None:
    bar = ThinBar()
    qtbot.addWidget(bar)
    bar.advance(620)
    spoken = QAccessible.queryAccessibleInterface(bar)
    assert spoken.role() == QAccessible.Role.ProgressBar
    assert spoken.text(QAccessible.Text.Name) == "Progress"
    value = spoken.valueInterface()
    assert (value.minimumValue(), value.currentValue(), value.maximumValue()) == (0, 620, 1_000)
