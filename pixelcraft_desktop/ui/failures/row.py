"""The row as it is painted, and the buttons in it that a pointer can press."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QMargins,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QIcon,
    QMouseEvent,
    QPainter,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.ui.failures.actions import ACTIONS, RETRY, Action
from pixelcraft_desktop.ui.failures.model import FailedModel, Index, attempts_line
from pixelcraft_desktop.ui.failures.parts import (
    BUTTON_PAD_PX,
    BUTTON_PX,
    GLYPH_PX,
    ICON_GAP_PX,
    ICON_PX,
    LINE_GAP_PX,
    MOST_REASON_LINES,
    Button,
    Parts,
    parts_of,
    row_height_px,
)
from pixelcraft_desktop.ui.gallery.grid import GAP_PX
from pixelcraft_desktop.ui.icons import icon, pixmap
from pixelcraft_desktop.ui.theme import Theme, mixed, small_font
from pixelcraft_desktop.ui.words import failure_sentence, picture_folder, picture_name, plain

_CORNER_PX, _GLYPH_ICON_PX, _WORD_GAP_PX = 6, 20, 12
# Narrower than this, words are not worth beginning.
_LEAST_ASIDE_PX = 40
_LEADING = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ANYWHERE = QTextOption()  # a folder's name may have no space in it
_ANYWHERE.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
_STATE = QStyle.StateFlag
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


@dataclass(frozen=True)
class Words:
    """A text, how it is written, and where it gives way."""

    text: str
    font: QFont
    colour: QColor
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle  # the end of a name matters
    may_shrink: bool = True

    def width_px(self) -> int:
        return QFontMetrics(self.font).horizontalAdvance(self.text)

    def elided(self, room_px: int) -> Words:
        """Return as many of the words as there is room for."""
        text = QFontMetrics(self.font).elidedText(self.text, self.elide, room_px)
        return replace(self, text=text)

    def wrapped(self, room_px: int) -> list[Words]:
        """Return the lines these words take; the last may be too long for the room."""
        layout = QTextLayout(self.text, self.font)
        layout.setTextOption(_ANYWHERE)
        layout.beginLayout()
        starts = [0]
        while len(starts) < MOST_REASON_LINES:
            line = layout.createLine()
            line.setLineWidth(room_px)
            if line.textStart() + line.textLength() >= len(self.text):
                break
            starts.append(line.textStart() + line.textLength())
        layout.endLayout()
        ends = [*starts[1:], len(self.text)]
        parts = (self.text[start:end].strip() for start, end in zip(starts, ends, strict=True))
        return [replace(self, text=part) for part in parts]

    def paint(self, painter: QPainter, line: QRect, direction: Qt.LayoutDirection) -> None:
        """Paint them from the beginning of that line."""
        painter.setFont(self.font)
        painter.setPen(self.colour)
        painter.drawText(line, QStyle.visualAlignment(direction, _LEADING), self.text)


class FailedRow(QStyledItemDelegate):
    """Paints rows and feels their buttons."""

    button_clicked = Signal(object, int)  # Action, id of the image

    def __init__(self, model: FailedModel, theme: Theme, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._failed = model
        self.theme = theme
        self.pointer: QPoint | None = None  # in the viewport
        self._pressed: tuple[Action, int] | None = None

    def release(self) -> None:
        """Let go of the button that is held down, wherever the pointer is."""
        self._pressed = None

    def _feel(self, event: QMouseEvent, row: Parts, image_id: int) -> bool:
        """Press, hold and click buttons; True where the event was for one."""
        button = row.button_at(event.position().toPoint())
        here = (button.action, image_id) if button else None
        kind = event.type()
        if kind in _PRESSES and event.button() is Qt.MouseButton.LeftButton:
            # The second half of a double click does nothing: by then the first one may have
            # put another picture under the pointer. Qt does not report its release either.
            self._pressed = here if kind is QEvent.Type.MouseButtonPress else None
            return button is not None
        if kind is QEvent.Type.MouseButtonRelease and self._pressed is not None:
            pressed, self._pressed = self._pressed, None
            if pressed == here:
                self.button_clicked.emit(*pressed)
            return True
        # While a button is held, moving selects nothing.
        return kind is QEvent.Type.MouseMove and self._pressed is not None

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme, state = self.theme, option.state
        ground, edge = theme.base, QPen(theme.line, 1)
        if state & _STATE.State_Selected:
            ground = mixed(theme.base, theme.accent, 0.12)
        elif state & _STATE.State_MouseOver:
            ground = mixed(theme.base, theme.raised, 0.6)
        if state & _STATE.State_HasFocus:
            edge = QPen(theme.accent, 2)
        inset = edge.widthF() / 2
        painter.setPen(edge)
        painter.setBrush(ground)
        outline = QRectF(option.rect).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(outline, _CORNER_PX, _CORNER_PX)

    def _paint_glyph(self, painter: QPainter, rect: QRect) -> None:
        theme = self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.base, theme.bad, 0.12))
        painter.drawRoundedRect(rect, _CORNER_PX, _CORNER_PX)
        ratio = painter.device().devicePixelRatioF()
        inset = (GLYPH_PX - _GLYPH_ICON_PX) // 2
        drawn = pixmap("warning", theme, _GLYPH_ICON_PX, ratio, theme.bad.name())
        painter.drawPixmap(rect.topLeft() + QPoint(inset, inset), drawn)

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, row: Parts, picture: Picture
    ) -> None:
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        small, direction = small_font(option.font), option.direction
        end = Qt.TextElideMode.ElideRight
        name = Words(picture_name(picture), strong, self.theme.text)
        folder = Words(picture_folder(picture), small, self.theme.muted)
        reason = Words(failure_sentence(picture), option.font, self.theme.text, end)
        attempts = Words(attempts_line(picture), small, self.theme.muted, may_shrink=False)
        *above, last = reason.wrapped(row.reason.width())
        name_line, line = QRect(row.name), QRect(row.reason)
        line.setHeight(name_line.height())
        is_roomy = line.height() < row.reason.height()
        if is_roomy and not above:
            line.translate(0, LINE_GAP_PX)
        elif above and not is_roomy:  # three lines where two would stand
            name_line.moveTop(option.rect.center().y() - 3 * line.height() // 2)
            line.moveTop(name_line.bottom() + 1)
        _paint_line(painter, name_line, direction, name, folder)
        for words in above:
            words.paint(painter, line, direction)
            line.translate(0, line.height())
        _paint_line(painter, line, direction, last, attempts)

    def _paint_button(
        self, painter: QPainter, option: QStyleOptionViewItem, button: Button, image_id: int
    ) -> None:
        theme, rect, action = self.theme, button.rect, button.action
        is_pointed = self.pointer is not None and rect.contains(self.pointer)
        painter.setPen(QPen(theme.line, 1) if action is RETRY else Qt.PenStyle.NoPen)
        painter.setBrush(theme.base if action is RETRY else Qt.BrushStyle.NoBrush)
        if is_pointed:
            is_held = self._pressed == (action, image_id)
            painter.setBrush(theme.line if is_held else mixed(theme.raised, theme.line, 0.4))
        edge = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(edge, _CORNER_PX, _CORNER_PX)
        lead_px = BUTTON_PAD_PX if button.has_words else (BUTTON_PX - ICON_PX) // 2
        top = rect.top() + (rect.height() - ICON_PX) // 2
        drawing = QRect(rect.left() + lead_px, top, ICON_PX, ICON_PX)
        mode = QIcon.Mode.Active if is_pointed else QIcon.Mode.Normal
        icon(action.icon, theme).paint(
            painter, QStyle.visualRect(option.direction, rect, drawing), mode=mode
        )
        if button.has_words:
            words = rect - QMargins(lead_px + ICON_PX + ICON_GAP_PX, 0, 0, 0)
            painter.setFont(small_font(option.font))
            painter.setPen(theme.text if is_pointed or action is RETRY else theme.muted)
            place = QStyle.visualRect(option.direction, rect, words)
            side = QStyle.visualAlignment(option.direction, _LEADING)
            painter.drawText(place, side, action.text)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        picture = self._failed.picture(index.row())
        if picture is None:
            return
        row = _parts(option, picture)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        self._paint_glyph(painter, row.glyph)
        self._paint_words(painter, option, row, picture)
        for button in row.buttons:
            self._paint_button(painter, option, button, picture.id)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        width_px = max(1, self._view.viewport().width() - 2 * GAP_PX)
        return QSize(width_px, row_height_px(option.font, width_px))

    def editorEvent(
        self,
        event: QEvent,
        _model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        picture = self._failed.picture(index.row())
        if picture is None or not isinstance(event, QMouseEvent):
            return False
        return self._feel(event, _parts(option, picture), picture.id)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        picture = self._failed.picture(index.row())
        if picture is None:
            return super().helpEvent(event, view, option, index)
        button = _parts(option, picture).button_at(event.pos())
        path, reason = plain(display_name(picture.path)), failure_sentence(picture)
        lines = [button.action.tip] if button else [path, reason, attempts_line(picture)]
        text = "<br>".join(map(escape, lines))
        rect = button.rect if button else option.rect
        # Always marked up: Qt would guess, and read a name as HTML.
        QToolTip.showText(event.globalPos(), f"<p>{text}</p>", view, rect)
        return True


def _parts(option: QStyleOptionViewItem, picture: Picture) -> Parts:
    actions = [action for action in ACTIONS if action.suits(picture)]
    return parts_of(option.rect, option.font, option.direction, actions)


def _paint_line(
    painter: QPainter, line: QRect, direction: Qt.LayoutDirection, first: Words, aside: Words
) -> None:
    """Paint the first words, and the others beside them in what room is left."""
    kept_px = min(aside.width_px() + _WORD_GAP_PX, line.width() // 4) if aside.may_shrink else 0
    first = first.elided(line.width() - kept_px)
    room = QRect(line)
    for words in (first, aside):
        if not words.may_shrink and words.width_px() > room.width():
            break
        shown = words.elided(room.width())
        shown.paint(painter, QStyle.visualRect(direction, line, room), direction)
        room.setLeft(room.left() + shown.width_px() + _WORD_GAP_PX)
        if room.width() < _LEAST_ASIDE_PX:
            break
