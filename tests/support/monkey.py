"""A monkey at the window: seeded random clicks and keys, in whatever menu, panel or dialog is in front.

Rules
-----
1. It clicks where a hand could: on visible, enabled widgets of the menu or dialog in front, else of the window.
2. It may ask for anything but leave the program; the current folder is a scratch folder, so that what it writes lies
   there.
3. A dialog that it does not leave by itself is closed after ``PATIENCE`` steps, so that it also gets on.
"""

import random
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

PATIENCE = 25
#: Deepest that dialogs are stacked before the monkey closes them.
DEEPEST = 4
KEYS = (
    *"abdfghlmnoprstwx0123456789.%(", Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete, Qt.Key.Key_Space,
    Qt.Key.Key_F1, Qt.Key.Key_F2, Qt.Key.Key_F5, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip
WITH_CONTROL = "acdefgijklmprsvxyz12345+-"


class Monkey:
    """Clicks and types ``count`` times, then calls ``done``.

    Parameters
    ----------
    window : QWidget
    count : int
    seed : int
    done : callable
    """

    def __init__(self, window: QWidget, count: int, seed: int, done: Callable[[], object]) -> None:
        self.window, self.left, self.done = window, count, done
        self.random = random.Random(seed)
        #: What was done last, for the message of a test that fails.
        self.trail: list[str] = []
        self._in_dialog = 0
        # A popup of Qt's own that only Python knew by its name would be deleted with that name.
        self._met: set[QWidget] = set()

    def start(self) -> None:
        """Begin; the steps run from the event loop, also from that of a dialog."""
        QTimer.singleShot(0, self._step)

    def _step(self) -> None:
        if self.left <= 0:
            self._leave_dialogs()
            return
        self.left -= 1
        QTimer.singleShot(1, self._step)  # before the act, which may open a dialog with a loop of its own
        dialog = QApplication.activeModalWidget()
        self._in_dialog = self._in_dialog + 1 if dialog is not None else 0
        if isinstance(dialog, QDialog) and (self._in_dialog > PATIENCE or self._depth() > DEEPEST):
            self._in_dialog = 0
            self._say(f"close {_name(dialog)}")
            dialog.reject()
            return
        self.random.choices((self._click, self._type, self._turn_wheel), (6, 3, 1))[0]()

    def _leave_dialogs(self) -> None:
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if front is None:
            self.done()
            return
        front.close()
        if isinstance(front, QDialog):
            front.reject()
        QTimer.singleShot(1, self._leave_dialogs)

    def _depth(self) -> int:
        return sum(isinstance(one, QDialog) and one.isVisible() for one in QApplication.topLevelWidgets())

    def _target(self) -> QWidget | None:
        root = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.window
        inside = [one for one in root.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
        inside = [one for one in inside if not one.visibleRegion().isEmpty() and not isinstance(one, QMenu)]
        self._met.update((root, *inside))
        return self.random.choice([root, *inside]) if root.isVisible() else None

    def _click(self) -> None:
        target = self._target()
        if target is None:
            return
        box = target.rect()
        at = QPoint(self.random.randrange(max(box.width(), 1)), self.random.randrange(max(box.height(), 1)))
        button = self.random.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (8, 1))[0]
        keys = self.random.choices(
            (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier),
            (8, 1, 1),
        )[0]
        self._say(f"click {_name(target)} at {at.x()},{at.y()} {button.name} {keys.name}")
        QCursor.setPos(target.mapToGlobal(at))
        if self.random.random() < 0.1:
            QTest.mouseDClick(target, button, keys, at)
        else:
            QTest.mouseClick(target, button, keys, at)

    def _type(self) -> None:
        target = QApplication.activePopupWidget() or QApplication.focusWidget() or self._target()
        if target is None:
            return
        if self.random.random() < 0.25:
            key, keys = self.random.choice(WITH_CONTROL), Qt.KeyboardModifier.ControlModifier
        else:
            key, keys = self.random.choice(KEYS), Qt.KeyboardModifier.NoModifier
        self._say(f"key {key} {keys.name} on {_name(target)}")
        QTest.keyClick(target, key, keys)

    def _turn_wheel(self) -> None:
        target = self._target()
        if target is None:
            return
        at = QPointF(target.rect().center())
        self._say(f"wheel on {_name(target)}")
        turn = QPoint(0, self.random.choice((-240, -120, 120, 240)))
        event = QWheelEvent(
            at, QPointF(target.mapToGlobal(at.toPoint())), QPoint(), turn, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)

    def _say(self, what: str) -> None:
        self.trail.append(what)
        del self.trail[:-60]


def _name(widget: QWidget) -> str:
    title = widget.windowTitle() if widget.isWindow() else ""
    text = getattr(widget, "text", None)
    return f"{type(widget).__name__}({title or widget.objectName() or (text() if callable(text) else '')})"
