"""Actions: what can be done with failed pictures, as data for buttons, keys and menu alike."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause


@dataclass(frozen=True)
class Action:
    """One thing to do: its words, its icon and its keys, the one the menu names first."""

    text: str
    icon: str
    keys: tuple[QKeyCombination, ...] = ()
    tip: str = ""
    is_for_one: bool = False  # only ever for one picture, however many are selected
    cause: Cause | None = None  # only for pictures that failed so

    @property
    def shortcut(self) -> QKeySequence:
        """Return the first of the keys, or none."""
        return QKeySequence(self.keys[0]) if self.keys else QKeySequence()

    def suits(self, picture: Picture) -> bool:
        """Tell whether this can be done with the picture."""
        if self is SALVAGE and picture.is_unreadable:
            return False
        return self.cause is None or self.cause is picture.cause


_NONE = Qt.KeyboardModifier.NoModifier


def _plain_key(key: Qt.Key) -> QKeyCombination:
    return QKeyCombination(_NONE, key)


SALVAGE = Action(
    "Save what is readable",
    "salvage",
    (_plain_key(Qt.Key.Key_S),),
    "Save what is readable: the results show that part and are marked as damaged. "
    "The file stays as it is.",
    cause=Cause.DAMAGED,
)
RETRY = Action(
    "Retry",
    "retry",
    (_plain_key(Qt.Key.Key_R), _plain_key(Qt.Key.Key_Return), _plain_key(Qt.Key.Key_Enter)),
    "Try this picture again",
)
SHOW_IN_FOLDER = Action(
    "Show in folder", "folder-open", tip="Show this file in its folder", is_for_one=True
)
COPY_DETAILS = Action(
    "Copy details",
    "copy",
    (QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_C),),
    "Copy all that is known about this failure",
)
REMOVE = Action(
    "Remove",
    "remove",
    (_plain_key(Qt.Key.Key_Delete),),
    "Remove this picture from the library. The file stays.",
)
ACTIONS = (SALVAGE, RETRY, SHOW_IN_FOLDER, COPY_DETAILS, REMOVE)
KEYS_SPOKEN = (
    "Enter or R tries again, S saves what is readable of a damaged picture, "
    "Delete removes from the library, Ctrl+C copies the details, Shift+F10 opens a menu."
)


def action_of(combination: QKeyCombination) -> Action | None:
    """Return the action with that key, if there is one. The keypad's keys count as the others."""
    modifiers = combination.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    pressed = QKeyCombination(modifiers, combination.key())
    return next((action for action in ACTIONS if pressed in action.keys), None)
