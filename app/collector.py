"""Rubbish is collected on the thread of the window only.

Python collects rubbish in cycles on whatever thread happens to make the next object. Widgets, actors and textures stand
in such cycles: Qt and VTK let go of them only on the thread that made them, and a job that trips the collector would
bring the program down. So the collector is switched off, and a timer of the window's thread does its work.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Between two looks.
EVERY_MS = 500


class Collector(QObject):
    """Collects rubbish where the window lives, as often as Python itself would: by how much was made since.

    Parameters
    ----------
    parent : QObject, optional
        Of the thread of the window; with it, it ends.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        due = [
            age
            for age, (made, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if made > limit
        ]
        if due:
            gc.collect(due[-1])


def keep_what_is_there() -> None:
    """Take what is there now for no rubbish ever: modules and the window, which the collector need not look through."""
    gc.freeze()  # nothing is collected first: that takes a tenth of a second and finds nothing
