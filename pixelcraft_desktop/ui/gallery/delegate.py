"""A cell: the picture in its square, its name, and one line about what it is or how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.gallery.caption import SIGN_PX
from pixelcraft_desktop.ui.gallery.model import PICTURE_ROLE
from pixelcraft_desktop.ui.gallery.thumbnails import CORNER_PX, SQUARE_PX, Thumbnails
from pixelcraft_desktop.ui.icons import pixmap
from pixelcraft_desktop.ui.theme import Theme, small_font

_PADDING_PX = 8
_CELL_CORNER_PX = CORNER_PX + _PADDING_PX // 2
_BAR_PX = 4
_ICON_PX = 40
_BADGE_PX, _BADGE_ICON_PX = 24, 16
_OUTLINE_PX = 2
_GLYPH_GAP_PX = 4
_SIGN_GAP_PX = 2  # the drawing has a margin of its own
_LONGEST_BESIDE_PX = SQUARE_PX - 16  # what a glyph and its gap leave of a line
_LEADING_PX = 2
_MOST_CUT_TEXTS = 4_096

# (colour of the glyph, colour of the words), as names of the theme's colours. The accent has
# contrast enough for a sign on every ground, and for text on `base` only.
_LINE_COLOURS: Mapping[State, tuple[str, str]] = {
    State.WAITING: ("muted", "muted"),
    State.DELAYED: ("care", "care"),
    State.ACTIVE: ("accent", "muted"),
    State.COMPLETED: ("muted", "muted"),
    State.FAILED: ("bad", "bad"),
    State.CANCELLED: ("muted", "muted"),
}
_PARTIAL = ("care", "care")
_PUT_OFF = ("accent", "muted")
_PARTIAL_GLYPH = words.STATE_GLYPHS[State.FAILED]


class GalleryDelegate(QStyledItemDelegate):
    """Paints from the picture and the thumbnails in memory. Reads nothing, waits for nothing."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails
        self._writing = _Writing(QFont())

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of another theme from now on."""
        self._theme = theme

    def cell_size(self, font: QFont) -> QSize:
        """Return the size that every cell has with that font."""
        width = SQUARE_PX + 2 * _PADDING_PX
        # The bar's place is kept free in every cell, so that nothing moves when work begins.
        between = 3 * _BAR_PX
        return QSize(width, width + between + self._written_in(font).height_px)

    def _written_in(self, font: QFont) -> _Writing:
        if font != self._writing.font:
            self._writing = _Writing(font)
        return self._writing

    def _paint_ground(self, painter: QPainter, cell: QRect, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_focused = bool(state & QStyle.StateFlag.State_HasFocus)
        is_raised = is_selected or bool(state & QStyle.StateFlag.State_MouseOver)
        if not (is_raised or is_focused):
            return
        inset = _OUTLINE_PX // 2
        edge = cell.adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(self._theme.accent, _OUTLINE_PX) if is_selected else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.raised if is_raised else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(edge, _CELL_CORNER_PX, _CELL_CORNER_PX)
        if is_focused:  # within the outline of the selection, or in its place
            apart = 2 * _OUTLINE_PX - 0.5 if is_selected else inset
            ring = cell.toRectF().adjusted(apart, apart, -apart, -apart)
            painter.setPen(QPen(self._theme.text, 1 if is_selected else _OUTLINE_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            corner_px = _CELL_CORNER_PX - apart + inset
            painter.drawRoundedRect(ring, corner_px, corner_px)

    def _paint_square(self, painter: QPainter, square: QRect, picture: Picture) -> None:
        ratio = painter.device().devicePixelRatioF()
        image = None
        if picture.thumbnail is not None:
            image = self._thumbnails.image(picture.thumbnail, round(SQUARE_PX * ratio))
        if image is not None:
            target = QRect(QPoint(), image.size() / ratio)
            target.moveCenter(square.center())
            painter.drawImage(target, image)
            if picture.state is State.FAILED:
                self._paint_badge(painter, square)
            return
        painter.setPen(self._theme.line)
        painter.setBrush(self._theme.base)
        painter.drawRoundedRect(
            square.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), CORNER_PX, CORNER_PX
        )
        if picture.state is State.FAILED:
            self._paint_icon(painter, square, "warning", _ICON_PX, self._theme.bad)
        elif picture.thumbnail is None or self._thumbnails.is_broken(picture.thumbnail):
            # Where one is on its way the square stays empty so long: nothing flickers.
            self._paint_icon(painter, square, "picture", _ICON_PX, self._theme.line)

    def _paint_badge(self, painter: QPainter, square: QRect) -> None:
        badge = QRect(0, 0, _BADGE_PX, _BADGE_PX)
        badge.moveBottomRight(square.bottomRight() - QPoint(_BAR_PX, _BAR_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.base)
        painter.drawEllipse(badge)
        self._paint_icon(painter, badge, "warning", _BADGE_ICON_PX, self._theme.bad)

    def _paint_icon(
        self, painter: QPainter, room: QRect, name: str, edge_px: int, colour: QColor
    ) -> None:
        ratio = painter.device().devicePixelRatioF()
        drawn = pixmap(name, self._theme, edge_px, ratio, colour.name())
        place = QRect(0, 0, edge_px, edge_px)
        place.moveCenter(room.center())
        painter.drawPixmap(place.topLeft(), drawn)

    def _paint_bar(self, painter: QPainter, track: QRect, progress: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.line)
        painter.drawRoundedRect(track, _BAR_PX / 2, _BAR_PX / 2)
        done_px = track.width() * max(0, min(100, progress)) // 100
        if done_px:
            done = QRect(track.topLeft(), QSize(max(_BAR_PX, done_px), _BAR_PX))
            painter.setBrush(self._theme.accent)
            painter.drawRoundedRect(done, _BAR_PX / 2, _BAR_PX / 2)

    def _paint_texts(self, painter: QPainter, room: QRect, picture: Picture) -> None:
        writing = self._writing
        left, top = room.left(), room.top()
        painter.setPen(self._theme.text)
        painter.setFont(writing.font)
        name = writing.name(words.picture_name(picture))
        if not name.isascii():  # a letter may wear any number of accents, one above the other
            painter.setClipRect(left, top, room.width(), writing.name_height_px)
        painter.drawText(left, top + writing.name_baseline_px, name)
        painter.setClipping(False)
        is_partial = words.is_partial(picture)
        glyph_colour, word_colour = _line_colours(picture)
        painter.setFont(writing.small)
        baseline = top + writing.line_baseline_px
        glyph = _PARTIAL_GLYPH if is_partial else words.state_glyph(picture)
        line = words.state_line(picture)
        # The bar says too that a picture is active, so there the percents matter more.
        is_long = writing.width_px(line) > _LONGEST_BESIDE_PX
        if is_long and picture.state is State.DELAYED:
            line = words.short_delay_line(picture)
        elif is_long and picture.state is State.ACTIVE:
            glyph = ""
        if glyph:
            painter.setPen(getattr(self._theme, glyph_colour))
            painter.drawText(left, baseline, glyph)
            left += writing.width_px(glyph) + _GLYPH_GAP_PX
        painter.setPen(getattr(self._theme, word_colour))
        painter.drawText(left, baseline, writing.line(line, room.right() + 1 - left))
        if words.has_notes(picture) and not is_partial:
            left += writing.width_px(line) + _SIGN_GAP_PX
            sign = QRect(left, baseline - writing.small_middle_px - SIGN_PX // 2, SIGN_PX, SIGN_PX)
            self._paint_icon(painter, sign, "information", SIGN_PX, self._theme.muted)

    # Qt's part

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        picture = index.data(PICTURE_ROLE)
        if picture is None:
            return
        self._written_in(option.font)
        cell = option.rect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, cell, option.state)
        square = QRect(cell.left() + _PADDING_PX, cell.top() + _PADDING_PX, SQUARE_PX, SQUARE_PX)
        self._paint_square(painter, square, picture)
        below = QRect(square.left(), square.bottom() + 1 + _BAR_PX, SQUARE_PX, _BAR_PX)
        if picture.state is State.ACTIVE:
            self._paint_bar(painter, below, picture.progress)
        self._paint_texts(painter, below.translated(0, 2 * _BAR_PX), picture)

    def sizeHint(
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        return self.cell_size(option.font)


def _line_colours(picture: Picture) -> tuple[str, str]:
    if words.is_partial(picture):
        return _PARTIAL
    return _PUT_OFF if picture.is_put_off else _LINE_COLOURS[picture.state]


class _Writing:
    """The two lines of text in one font: where they stand, and how they are cut to fit."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.small = small_font(font)
        self._metrics = QFontMetrics(self.font)
        self._small_metrics = QFontMetrics(self.small)
        self.name_height_px = self._metrics.height()
        self.name_baseline_px = self._metrics.ascent()
        self.line_baseline_px = self.name_height_px + _LEADING_PX + self._small_metrics.ascent()
        self.height_px = self.name_height_px + _LEADING_PX + self._small_metrics.height()
        self.small_middle_px = (self._small_metrics.capHeight() + 1) // 2  # above the baseline
        # Measuring takes longer than painting, and the same few texts are painted often.
        self.name = lru_cache(_MOST_CUT_TEXTS)(self._name)
        self.line = lru_cache(_MOST_CUT_TEXTS)(self._line)
        self.width_px = lru_cache(_MOST_CUT_TEXTS)(self._small_metrics.horizontalAdvance)

    def _name(self, name: str) -> str:
        # In the middle, for how a file name ends matters.
        return self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, SQUARE_PX)

    def _line(self, text: str, room_px: int) -> str:
        return self._small_metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)
