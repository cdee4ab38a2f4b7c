"""Shows again what depends on the project, the language or the theme: asked for often, done once an event-loop turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

#: Steps are taken for so many seconds in one turn of the event loop; the others follow in the next turns.
STEPS_S = 0.03


class Refresh(QObject):
    """Takes the steps of a refresh, some in each turn of the event loop.

    Parameters
    ----------
    steps : callable
        Returns the steps, in their order.
    parent : QObject
    """

    def __init__(self, steps: Callable[[], list[Callable[[], None]]], parent: QObject) -> None:
        super().__init__(parent)
        self._make_steps = steps
        self._steps: deque[Callable[[], None]] = deque()
        self._is_asked_again = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._begin)
        self._step_timer = QTimer(self, singleShot=True, interval=0)
        self._step_timer.timeout.connect(self._take_steps)

    def soon(self) -> None:
        """Refresh in the next turn of the event loop."""
        self._timer.start()

    def now(self) -> None:
        """Refresh everything before returning."""
        self._steps.clear()
        for step in self._make_steps():
            step()

    def stop(self) -> None:
        """Take no further step; the window closes."""
        self._steps.clear()
        self._timer.stop()
        self._step_timer.stop()

    def _begin(self) -> None:
        """Begin a refresh; one that is asked for while another runs begins once the last step is taken."""
        self._is_asked_again = bool(self._steps)
        if not self._steps:
            self._steps.extend(self._make_steps())
            self._take_steps()

    def _take_steps(self) -> None:
        began = time.thread_time()
        try:
            while self._steps and time.thread_time() - began < STEPS_S:
                self._steps.popleft()()
        finally:
            if self._steps:
                self._step_timer.start()
            elif self._is_asked_again:
                self._timer.start()
