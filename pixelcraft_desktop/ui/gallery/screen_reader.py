"""What a screen reader is told of a list whose items are numbered by their rows."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleTableModelChangeEvent


def tell(
    view: QObject, happened: QAccessible.Event, index: QModelIndex | QPersistentModelIndex
) -> None:
    """Tell what happened to the item of that index."""
    if QAccessible.isActive() and index.isValid():
        event = QAccessibleEvent(view, happened)
        event.setChild(index.row())
        QAccessible.updateAccessibility(event)


def tell_changed(view: QObject, first: int, last: int) -> None:
    """Tell that the items from row `first` to row `last` read otherwise now."""
    if QAccessible.isActive():
        changed = QAccessibleTableModelChangeEvent.ModelChangeType.DataChanged
        event = QAccessibleTableModelChangeEvent(view, changed)
        event.setFirstRow(first)
        event.setLastRow(last)
        QAccessible.updateAccessibility(event)
