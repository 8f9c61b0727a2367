"""The theme: eleven colours, light and dark, and what makes a whole program wear them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from pixelcraft_desktop.ui.resources import resource

Choice = Literal["system", "light", "dark"]

_SMALLEST_PT = 9.0
_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


@dataclass(frozen=True, eq=False)  # there are two, told apart by identity; QColor has no hash
class Theme:
    """The colours by the part they play. Text on window, base and raised has a contrast ≥ 4.5."""

    is_dark: bool
    window: QColor
    base: QColor
    raised: QColor
    line: QColor
    text: QColor
    muted: QColor
    accent: QColor
    on_accent: QColor
    good: QColor
    care: QColor
    bad: QColor

    @property
    def disabled(self) -> QColor:
        """Return the colour of text and icons that can't be used now."""
        return mixed(self.muted, self.window, 0.45)

    @property
    def accent_text(self) -> QColor:
        """Return the accent as text, which can be read on any ground; links wear it."""
        return mixed(self.accent, QColor("white" if self.is_dark else "black"), 0.12)

    @property
    def accent_hover(self) -> QColor:
        """Return the accent under the pointer: text on it gains contrast."""
        return self.accent_text

    @property
    def accent_pressed(self) -> QColor:
        """Return the accent under a finger."""
        return mixed(self.accent, QColor("white" if self.is_dark else "black"), 0.24)

    @property
    def scroll(self) -> QColor:
        """Return the colour of a scroll bar at rest."""
        return mixed(self.muted, self.window, 0.55)


def mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """Return `colour` with that share (0–1) of another."""
    return QColor(
        round(colour.red() * (1 - share) + other.red() * share),
        round(colour.green() * (1 - share) + other.green() * share),
        round(colour.blue() * (1 - share) + other.blue() * share),
    )


LIGHT = Theme(
    is_dark=False,
    window=QColor("#F6F7F9"),
    base=QColor("#FFFFFF"),
    raised=QColor("#ECEEF2"),
    line=QColor("#D5D9E0"),
    text=QColor("#1B1F26"),
    muted=QColor("#5A6372"),
    accent=QColor("#2F6FDE"),
    on_accent=QColor("#FFFFFF"),
    good=QColor("#1F7A45"),
    care=QColor("#8F5A00"),
    bad=QColor("#B3261E"),
)
DARK = Theme(
    is_dark=True,
    window=QColor("#16191F"),
    base=QColor("#1D2129"),
    raised=QColor("#272C36"),
    line=QColor("#3A414E"),
    text=QColor("#E8EBF0"),
    muted=QColor("#A3ADBD"),
    accent=QColor("#7AA8FF"),
    on_accent=QColor("#0E1420"),
    good=QColor("#6CCB94"),
    care=QColor("#F0B45A"),
    bad=QColor("#FF8F85"),
)


def palette(theme: Theme) -> QPalette:
    """Return everything that Fusion draws with, in the colours of the theme."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent_text,
        role.LinkVisited: theme.accent_text,
        # The edges of frames and grooves, from the brightest to the darkest.
        role.Light: mixed(theme.raised, QColor("white"), 0.1 if theme.is_dark else 0.8),
        role.Midlight: theme.raised,
        role.Mid: theme.line,
        role.Dark: mixed(theme.line, QColor("black"), 0.2),
        role.Shadow: mixed(theme.line, QColor("black"), 0.6),
    }
    made = QPalette()
    for each, colour in colours.items():
        made.setColor(QPalette.ColorGroup.All, each, colour)
    for each in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.Link):
        made.setColor(QPalette.ColorGroup.Disabled, each, theme.disabled)
    for each in (role.Highlight, role.Accent):
        made.setColor(QPalette.ColorGroup.Disabled, each, theme.line)
    made.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, theme.muted)
    made.setColor(QPalette.ColorGroup.Disabled, role.Base, theme.window)
    return made


def style_sheet(theme: Theme) -> str:
    """Return the style sheet with the theme's colours in the place of their names."""
    template = resource("styles", "window.qss").read_text(encoding="utf-8")
    template = template.replace("@scheme", "dark" if theme.is_dark else "light")
    return re.sub(r"@([a-z_]+)", lambda found: getattr(theme, found[1]).name(), template)


def small_font(font: QFont) -> QFont:
    """Return the font for what stands below and beside."""
    return _resized(font, -1.5)


def title_font(font: QFont) -> QFont:
    """Return the font for what stands above."""
    larger = _resized(font, +3)
    larger.setWeight(QFont.Weight.DemiBold)
    return larger


def _resized(font: QFont, more_pt: float) -> QFont:
    resized = QFont(font)
    size_pt = font.pointSizeF()
    if size_pt > 0:
        resized.setPointSizeF(max(size_pt + more_pt, min(size_pt, _SMALLEST_PT)))
    else:  # a font measured in pixels; three of them are about two points
        resized.setPixelSize(max(1, round(font.pixelSize() + more_pt * 1.33)))
    return resized


class Appearance(QObject):
    """Dresses the program in a theme: the system's, as it changes, or one that was chosen."""

    theme_changed = Signal(object)  # Theme

    def __init__(self, app: QApplication, choice: Choice = "system") -> None:
        super().__init__(app)
        self._app = app
        # Where the platform names no scheme, its own palette tells; ours hides it from here on.
        text = app.palette().color(QPalette.ColorRole.WindowText)
        window = app.palette().color(QPalette.ColorRole.Window)
        self._fallback = DARK if text.lightnessF() > window.lightnessF() else LIGHT
        self._choice: Choice = choice
        app.setStyle("Fusion")
        # A style sheet can't quote every path, so it names its few marks by this word.
        QDir.setSearchPaths("styles", [str(resource("styles"))])
        self.theme = self._wanted()
        self._wear()
        self._tell_platform()
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: Choice) -> None:
        """Stay light or dark from now on, or follow the system again."""
        self._choice = choice
        self._tell_platform()
        self._follow()

    def _follow(self) -> None:
        # The palette we set may itself be news of a scheme to Qt, so only a difference counts.
        wanted = self._wanted()
        if wanted is self.theme:
            return
        self.theme = wanted
        self._wear()
        self.theme_changed.emit(wanted)

    def _wanted(self) -> Theme:
        if self._choice != "system":
            return DARK if self._choice == "dark" else LIGHT
        scheme = self._app.styleHints().colorScheme()
        if scheme == Qt.ColorScheme.Unknown:
            return self._fallback
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _wear(self) -> None:
        self._app.setPalette(palette(self.theme))
        self._app.setStyleSheet(style_sheet(self.theme))

    def _tell_platform(self) -> None:
        # On Windows and macOS this turns title bars and the system's dialogs; elsewhere nothing.
        hints = self._app.styleHints()
        if self._choice == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(_SCHEMES[self._choice])
