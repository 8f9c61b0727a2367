"""Every text can be read, every widget wears the theme, and nothing moves when it has the focus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui import resources
from pixelcraft_desktop.ui.resources import resource
from pixelcraft_desktop.ui.theme import (
    DARK,
    LIGHT,
    Appearance,
    Theme,
    palette,
    small_font,
    style_sheet,
    title_font,
)

# The offscreen platform says so of every window with a layout.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]
READABLE = 4.5  # WCAG 2.2, 1.4.3: text
SEEN = 3.0  # WCAG 2.2, 1.4.11: what is not text


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    """The program in light colours."""
    appearance = Appearance(qapp, "light")
    yield appearance
    appearance.choose("light")
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast as WCAG defines it, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: QColor) -> float:
    """Return the relative luminance, 0 to 1."""
    red, green, blue = (linear(c) for c in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    """Undo the curve of sRGB."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def test_contrast_is_what_the_norm_says() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["window", "base", "raised"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent_text", "good", "care", "bad"])
def test_text_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
def test_the_accent_can_be_read_on_base_and_seen_everywhere(theme: Theme) -> None:
    assert contrast(theme.accent, theme.base) >= READABLE
    for ground in (theme.window, theme.raised, theme.line):
        assert contrast(theme.accent, ground) >= SEEN


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_the_accent_can_be_read(theme: Theme) -> None:
    for ground in (theme.accent, theme.accent_hover, theme.accent_pressed):
        assert contrast(theme.on_accent, ground) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
def test_the_palette_leaves_nothing_to_the_platform(theme: Theme) -> None:
    made = palette(theme)
    roles = set(QPalette.ColorRole) - {QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles}
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        unset = {role for role in roles if not made.isBrushSet(group, role)}
        assert not unset
    assert made.color(QPalette.ColorRole.Window) == theme.window
    assert made.color(QPalette.ColorRole.PlaceholderText) == theme.muted
    assert made.color(QPalette.ColorRole.Link) == theme.accent_text
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        assert made.color(QPalette.ColorGroup.Disabled, role) == theme.disabled


@pytest.mark.parametrize("theme", THEMES)
def test_the_style_sheet_is_filled_in(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "@" not in sheet
    assert theme.accent.name() in sheet
    marks = re.findall(r"url\(styles:([a-z-]+\.svg)\)", sheet)
    assert len(marks) >= 4
    for name in set(marks):
        drawing = resource("styles", name).read_text(encoding="utf-8")
        colour = theme.on_accent if "check" in name else theme.muted
        assert f'stroke="{colour.name().upper()}"' in drawing


def test_it_is_worn_by_what_is_there_already(
    qtbot: QtBot, qapp: QApplication, appearance: Appearance
) -> None:
    window = QWidget()
    QHBoxLayout(window).addWidget(button := QPushButton("Pause"))
    qtbot.addWidget(window)
    window.show()
    assert window.palette().color(QPalette.ColorRole.Window) == LIGHT.window
    with qtbot.waitSignal(appearance.theme_changed) as told:
        appearance.choose("dark")
    assert told.args == [DARK]
    assert appearance.theme is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    assert window.grab().toImage().pixelColor(1, 1) == DARK.window
    assert button.grab().toImage().pixelColor(button.width() // 2, 4) == DARK.base


def test_what_a_field_asks_for_can_be_read(qtbot: QtBot, appearance: Appearance) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    assert field.palette().color(QPalette.ColorRole.PlaceholderText) == LIGHT.muted


def test_it_says_once_that_it_changed(
    qtbot: QtBot, qapp: QApplication, appearance: Appearance
) -> None:
    told: list[Theme] = []
    appearance.theme_changed.connect(told.append)
    appearance.choose("light")
    appearance.choose("dark")
    appearance.choose("dark")
    # The platform says something that was not asked, as it may do in answer to a palette.
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    qapp.processEvents()
    assert told == [DARK]


def test_it_follows_the_system(qtbot: QtBot, qapp: QApplication, appearance: Appearance) -> None:
    follower = Appearance(qapp)  # a platform that names no scheme: its own palette decides
    assert follower.theme is LIGHT
    follower.choose("dark")
    assert follower.theme is DARK
    follower.choose("system")
    assert follower.theme is LIGHT
    qapp.styleHints().colorSchemeChanged.disconnect(follower._follow)


def test_small_text_is_never_too_small_and_titles_stand_out() -> None:
    body = QFont()
    body.setPointSizeF(12)
    assert small_font(body).pointSizeF() == 10.5
    assert title_font(body).pointSizeF() == 15
    assert title_font(body).weight() == QFont.Weight.DemiBold
    body.setPointSizeF(9.5)
    assert small_font(body).pointSizeF() == 9
    body.setPixelSize(16)
    assert small_font(body).pixelSize() == 14


@pytest.mark.parametrize(
    "make",
    [
        lambda: QPushButton("Add files…"),
        QToolButton,
        lambda: QLineEdit("text"),
        QComboBox,
        QSpinBox,
        lambda: QCheckBox("Follow"),
        lambda: QRadioButton("Dark"),
    ],
)
def test_a_widget_is_large_enough_and_stays_with_the_focus(
    qtbot: QtBot, appearance: Appearance, make: type[QWidget]
) -> None:
    window, widget, other = QWidget(), make(), QLineEdit()
    row = QHBoxLayout(window)
    row.addWidget(other)
    row.addWidget(widget)
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(other.hasFocus)
    size, without = widget.sizeHint(), widget.grab().toImage()
    assert size.height() >= 28
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    assert widget.sizeHint() == size
    ring = widget.grab().toImage()
    assert ring != without
    assert ring.pixelColor(widget.width() // 2, 0) == LIGHT.accent
    assert ring.pixelColor(widget.width() // 2, 1) == LIGHT.accent


def test_resources_lie_beside_a_checkout_and_inside_a_program(tmp_path: Path) -> None:
    assert resource("icons", "check.svg").is_file()
    package = tmp_path / "pixelcraft_desktop"
    package.mkdir()
    assert resources._folder(package) == tmp_path / "resources"
    (package / "resources").mkdir()
    assert resources._folder(package) == package / "resources"


def test_the_appearance_lives_as_long_as_the_program(
    qapp: QApplication, appearance: Appearance
) -> None:
    owner: QObject | None = appearance.parent()
    assert owner is qapp
