"""The parts of a row: where the picture, its words and its buttons stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QStyle

from pixelcraft_desktop.ui.failures.actions import ACTIONS, RETRY, SALVAGE, Action
from pixelcraft_desktop.ui.theme import small_font

GLYPH_PX = 40
BUTTON_PX, BUTTON_PAD_PX = 32, 10
ICON_PX, ICON_GAP_PX = 16, 6
LINE_GAP_PX = 4
MOST_REASON_LINES = 2
_MARGIN_PX, _GAP_PX, _BUTTON_GAP_PX = 12, 16, 4
_ABOVE_PX, _LEAST_ABOVE_PX, _BELOW_PX = 12, 4, 6
# A name keeps this much beside the buttons; they lose their words first.
_LEAST_NAME_PX = 220
# A reason beside the buttons has this much, enough for nearly all of them on one line. Where
# there is less, it goes below them, and has all the width. The words of buttons take from that
# what nearly all of them need on two lines.
_LEAST_REASON_PX, _LEAST_WRAPPED_PX = 520, 400
# Which buttons have words, from the roomiest row to the narrowest.
_WORDY: Sequence[frozenset[Action]] = (
    frozenset(ACTIONS),
    frozenset({SALVAGE, RETRY}),
    frozenset({SALVAGE}),  # the drawing of the other is known to everybody
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
    name: QRect
    reason: QRect
    buttons: tuple[Button, ...]

    def button_at(self, point: QPoint) -> Button | None:
        """Return the button under the point, if there is one."""
        return next((button for button in self.buttons if button.rect.contains(point)), None)


def row_height_px(font: QFont, width_px: int) -> int:
    """Return the height that every row of this width has."""
    line_px = QFontMetrics(font).height()
    reason_px = MOST_REASON_LINES * line_px
    if _is_stacked(font, width_px):
        return _ABOVE_PX + BUTTON_PX + reason_px + _BELOW_PX
    return max(line_px + reason_px + 2 * _LEAST_ABOVE_PX, GLYPH_PX + 2 * _ABOVE_PX)


def parts_of(
    row: QRect, font: QFont, direction: Qt.LayoutDirection, actions: Sequence[Action] = ACTIONS
) -> Parts:
    """Return where everything stands in a row, with as many words as there is room for.

    That is the same in all rows, so that the buttons of those with fewer actions stand in line.
    """
    is_stacked = _is_stacked(font, row.width())
    wordy, widths, name_px = _shared_out(font, row.width(), is_stacked=is_stacked)
    lacking = [width for each, width in zip(ACTIONS, widths, strict=True) if each not in actions]
    name_px += sum(lacking) + _BUTTON_GAP_PX * len(lacking)
    name_left = row.left() + _MARGIN_PX + GLYPH_PX + _GAP_PX
    left = name_left + name_px + _GAP_PX
    end = row.right() + 1 - _MARGIN_PX
    line_px = QFontMetrics(font).height()

    def placed(left: int, top: int, width_px: int, height_px: int) -> QRect:
        return QStyle.visualRect(direction, row, QRect(left, top, max(0, width_px), height_px))

    if is_stacked:
        buttons_top = row.top() + _ABOVE_PX
        name_top = buttons_top + (BUTTON_PX - line_px) // 2
        reason_top = buttons_top + BUTTON_PX
        reason = placed(name_left, reason_top, end - name_left, MOST_REASON_LINES * line_px)
    else:
        buttons_top = row.top() + (row.height() - BUTTON_PX) // 2
        name_top = row.top() + (row.height() - 2 * line_px - LINE_GAP_PX) // 2
        reason = placed(name_left, name_top + line_px + LINE_GAP_PX, name_px, line_px)
    buttons = []
    for action, width_px in zip(ACTIONS, widths, strict=True):
        if action in actions:
            rect = placed(left, buttons_top, width_px, BUTTON_PX)
            buttons.append(Button(action, rect, action in wordy))
            left += width_px + _BUTTON_GAP_PX
    glyph_top = row.top() + (row.height() - GLYPH_PX) // 2
    return Parts(
        placed(row.left() + _MARGIN_PX, glyph_top, GLYPH_PX, GLYPH_PX),
        placed(name_left, name_top, name_px, line_px),
        reason,
        tuple(buttons),
    )


def _is_stacked(font: QFont, width_px: int) -> bool:
    """Tell whether the reason stands below the buttons in rows of this width."""
    return _room_px(width_px, _button_widths_px(small_font(font), _WORDY[-1])) < _LEAST_REASON_PX


def _shared_out(
    font: QFont, width_px: int, *, is_stacked: bool
) -> tuple[frozenset[Action], tuple[int, ...], int]:
    """Return which buttons have words, how wide they are, and what is left beside them."""
    least_px = _LEAST_NAME_PX if is_stacked else _LEAST_WRAPPED_PX
    for wordy in _WORDY:
        widths = _button_widths_px(small_font(font), wordy)
        left_px = _room_px(width_px, widths)
        if left_px >= least_px:
            break
    return wordy, widths, left_px


def _room_px(width_px: int, buttons_px: Sequence[int]) -> int:
    """Return the width that is left for words beside buttons of these widths."""
    between = _BUTTON_GAP_PX * (len(buttons_px) - 1)
    return width_px - 2 * _MARGIN_PX - GLYPH_PX - 2 * _GAP_PX - sum(buttons_px) - between


@lru_cache(maxsize=16)
def _button_widths_px(font: QFont, wordy: frozenset[Action]) -> tuple[int, ...]:
    metrics = QFontMetrics(font)
    around = 2 * BUTTON_PAD_PX + ICON_PX + ICON_GAP_PX
    return tuple(
        around + metrics.horizontalAdvance(action.text) if action in wordy else BUTTON_PX
        for action in ACTIONS
    )
