"""Keys while a review is on: those of a remote control and of the presenter, wherever the keyboard is.

Invariants
----------
1. Where somebody writes into a field, only keys that no field needs are taken.
2. No single key reaches a menu: a stray press on a remote control changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
#: Taken also while somebody writes.
ALWAYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_F11)
_KINDS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
_WITH_MENUS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Keys(QObject):
    """Takes keys from the whole program between :meth:`begin` and :meth:`end`.

    Parameters
    ----------
    pressed : callable
        ``pressed(key, text, modifiers)`` returns whether the key meant something.
    released : callable
        ``released(key)``.
    parent : QObject
    """

    def __init__(
        self, pressed: Callable[[int, str, Qt.KeyboardModifier], bool], released: Callable[[int], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pressed, self._released = pressed, released
        self._is_on = False
        #: Whether Ctrl+Z takes back what the pen drew, instead of a step of the project.
        self.takes_undo = False

    def begin(self) -> None:
        """Take keys."""
        application = QApplication.instance()
        if application is not None and not self._is_on:
            application.installEventFilter(self)
            self._is_on = True

    def end(self) -> None:
        """Take none."""
        application = QApplication.instance()
        if application is not None and self._is_on:
            application.removeEventFilter(self)
        self._is_on = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take a key that is the review's."""
        kind = event.type()
        if kind not in _KINDS or not isinstance(watched, QWidget) or not isinstance(event, QKeyEvent):
            return False
        if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return False
        key = event.key()
        if _has_keys_of_its_own(watched) and key not in ALWAYS:
            return False
        if event.modifiers() & _WITH_MENUS and not (self.takes_undo and key == Qt.Key.Key_Z):
            return False
        event.accept()
        if kind == QEvent.Type.ShortcutOverride:
            return True
        if kind == QEvent.Type.KeyRelease:
            if not event.isAutoRepeat():
                self._released(key)
            return False
        if event.isAutoRepeat() and key == Qt.Key.Key_L:
            return True
        return self._pressed(key, event.text(), event.modifiers()) or not event.modifiers()


def _has_keys_of_its_own(widget: QWidget) -> bool:
    """Whether somebody writes here, or works in a panel that was called for."""
    at: QWidget | None = widget
    while at is not None and not isinstance(at, (*FIELDS, QDockWidget)):
        at = at.parentWidget()
    return at is not None
