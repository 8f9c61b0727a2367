"""The parts of a row: where the picture, its words and its buttons stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QStyle

from pixelcraft_desktop.ui.failures.actions import ACTIONS, RETRY, SALVAGE, Action
from pixelcraft_desktop.ui.theme import small_font

GLYPH_PX = 40
BUTTON_PX, BUTTON_PAD_PX = 32, 10
ICON_PX, ICON_GAP_PX = 16, 6
LINE_GAP_PX = 4
_MARGIN_PX, _GAP_PX, _BUTTON_GAP_PX = 12, 16, 4
_ABOVE_PX = 12
# The words about a picture keep this much; buttons lose theirs first.
_LEAST_TEXT_PX = 340
# Which buttons have words, from the roomiest row to the narrowest.
_WORDY: Sequence[frozenset[Action]] = (
    frozenset(ACTIONS),
    frozenset({SALVAGE, RETRY}),
    frozenset({RETRY}),
    frozenset(),
)


@dataclass(frozen=True)
class Button:
    """A painted button: what it does, where it stands, and whether there is room for its words."""

    action: Action
    rect: QRect
    has_words: bool


@dataclass(frozen=True)
class Parts:
    """Everything in a row."""

    glyph: QRect
    text: QRect
    buttons: tuple[Button, ...]

    def button_at(self, point: QPoint) -> Button | None:
        """Return the button under the point, if there is one."""
        return next((button for button in self.buttons if button.rect.contains(point)), None)


def row_height_px(font: QFont) -> int:
    """Return the height that every row has."""
    return max(text_height_px(font), GLYPH_PX, BUTTON_PX) + 2 * _ABOVE_PX


def text_height_px(font: QFont) -> int:
    """Return the height of the two lines about a picture."""
    return 2 * QFontMetrics(font).height() + LINE_GAP_PX


def parts_of(
    row: QRect, font: QFont, direction: Qt.LayoutDirection, actions: Sequence[Action] = ACTIONS
) -> Parts:
    """Return where everything stands in a row, with as many words as there is room for.

    That is the same in all rows, so that the buttons of those with fewer actions stand in line.
    """
    inner = row - QMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
    for wordy in _WORDY:
        widths = _button_widths_px(small_font(font), wordy)
        buttons_px = sum(widths) + _BUTTON_GAP_PX * (len(widths) - 1)
        text_px = inner.width() - GLYPH_PX - 2 * _GAP_PX - buttons_px
        if text_px >= _LEAST_TEXT_PX:
            break

    def placed(left: int, width_px: int, height_px: int) -> QRect:
        top = row.top() + (row.height() - height_px) // 2
        return QStyle.visualRect(direction, row, QRect(left, top, width_px, height_px))

    lacking = [width for each, width in zip(ACTIONS, widths, strict=True) if each not in actions]
    text_px += sum(lacking) + _BUTTON_GAP_PX * len(lacking)
    text_left = inner.left() + GLYPH_PX + _GAP_PX
    left = text_left + text_px + _GAP_PX
    buttons = []
    for action, width_px in zip(ACTIONS, widths, strict=True):
        if action not in actions:
            continue
        buttons.append(Button(action, placed(left, width_px, BUTTON_PX), action in wordy))
        left += width_px + _BUTTON_GAP_PX
    return Parts(
        placed(inner.left(), GLYPH_PX, GLYPH_PX),
        placed(text_left, max(0, text_px), text_height_px(font)),
        tuple(buttons),
    )


@lru_cache(maxsize=16)
def _button_widths_px(font: QFont, wordy: frozenset[Action]) -> tuple[int, ...]:
    metrics = QFontMetrics(font)
    around = 2 * BUTTON_PAD_PX + ICON_PX + ICON_GAP_PX
    return tuple(
        around + metrics.horizontalAdvance(action.text) if action in wordy else BUTTON_PX
        for action in ACTIONS
    )
