"""The middle of the window: the 3D view and what floats over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from viewers.widgets.dress import Dress
from viewers.widgets.overlays import Badge, Compass, LegendCard, Veil, ViewButtons
from viewers.widgets.view3d import View3D

EDGE = 14


class Canvas(QWidget):
    """The 3D view with compass, view buttons, legend, badge and veil.

    Signals
    -------
    home_requested, zoom_selection_requested : ()
    """

    home_requested = Signal()
    zoom_selection_requested = Signal()

    def __init__(self, dress: Dress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = View3D(self)
        self.compass = Compass(dress, self)
        self.buttons = ViewButtons(dress, self)
        self.legend = LegendCard(dress, self)
        self.badge = Badge(dress, self)
        self.veil = Veil(dress, self)
        self.compass.pressed.connect(self.view.north_up)
        self.buttons.home_requested.connect(self.home_requested)
        self.buttons.top_requested.connect(self.view.top_view)
        self.buttons.selection_requested.connect(self.zoom_selection_requested)
        self.buttons.zoom_requested.connect(self.view.zoom_step)
        self.buttons.set_has_selection(False)
        self.legend.resized.connect(self.arrange)
        self.view.camera_moved.connect(self._on_camera_moved)
        self.badge.installEventFilter(self)
        self.veil.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay everything out again."""
        super().resizeEvent(event)
        self.view.setGeometry(self.rect())
        self.arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Lay out again when something appears."""
        if event.type() == QEvent.Type.Show:
            self.arrange()
        return super().eventFilter(watched, event)

    def arrange(self) -> None:
        """Put the floating things into their corners."""
        width, height = self.width(), self.height()
        self.compass.move(width - self.compass.width() - EDGE, EDGE)
        self.buttons.adjustSize()
        middle = self.compass.x() + (self.compass.width() - self.buttons.width()) // 2
        self.buttons.move(middle, self.compass.y() + self.compass.height() + 8)
        self.badge.adjustSize()
        self.badge.move(EDGE, EDGE)
        self.legend.fit(max(120, height - 2 * EDGE - 60))
        self.legend.move(EDGE, height - self.legend.height() - EDGE)
        self.veil.adjustSize()
        self.veil.move((width - self.veil.width()) // 2, height - self.veil.height() - EDGE - 8)
        for piece in (self.compass, self.buttons, self.legend, self.badge, self.veil):
            piece.raise_()

    def _on_camera_moved(self) -> None:
        pose = self.view.pose
        if pose is not None:
            self.compass.set_view(pose.bearing_deg, pose.pitch_deg)
