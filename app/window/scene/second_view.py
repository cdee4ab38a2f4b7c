"""Another picture of the open project: its own layers, styles and theme, the same city, the same camera.

Invariants
----------
1. A pane's session is the window's, except that its project is shown in another way; nothing of the project can be
   changed through a pane.
2. What the window's own scene made ready (:class:`~viewers.render.geometry.parts.Prepared`) is taken over; only what
   the graphics need is there twice.
3. All panes look through the one camera of the window's scene: they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from psygnal import Signal
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from app.session import Session
from app.window.scene.scene_sync import SceneSync
from models.core.watch import watch
from models.project.project import Project, ProjectState
from models.project.scene import with_scene
from models.views.scene_state import SceneState
from viewers.legend import Legend
from viewers.widgets.canvas.overlays import LegendCard
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import row

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

EDGE = 14


class PaneProject:
    """The open project as a pane shows it.

    Signals
    -------
    changed : (ProjectState before, ProjectState after)
    data_changed : (str)
    """

    changed = Signal(ProjectState, ProjectState)
    data_changed = Signal(str)

    def __init__(self, project: Project, scene: SceneState) -> None:
        self._project, self._scene = project, scene
        self.stops = [
            watch(project.changed, lambda before, after: self.changed.emit(self._shown(before), self._shown(after))),
            watch(project.data_changed, self.data_changed.emit),
        ]

    @property
    def state(self) -> ProjectState:
        """Return the project's state, shown in the pane's way."""
        return self._shown(self._project.state)

    @property
    def scene(self) -> SceneState:
        """Return the pane's way."""
        return self._scene

    def set_scene(self, scene: SceneState) -> None:
        """Show the project in another way."""
        before = self.state
        self._scene = scene
        self.changed.emit(before, self.state)

    def _shown(self, state: ProjectState) -> ProjectState:
        # The first view of a pane is that of the window.
        return replace(with_scene(state, self._scene), viewpoints=())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._project, name)


class PaneSession:
    """The window's session with a pane's project."""

    def __init__(self, session: Session, scene: SceneState) -> None:
        self._session = session
        self.project = PaneProject(session.project, scene)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class PaneSceneSync(SceneSync):
    """The scene of a pane, that looks through the camera of the window's scene."""

    def _update_scene(self, state: ProjectState) -> None:
        before = self.scene
        super()._update_scene(state)
        if self.scene is not None and self.scene is not before:
            self._placed = self._homed = True
            if self.twin is not None and self.twin.scene is not None:
                self.scene.share_camera(self.twin.scene)


class Pane(QWidget):
    """One more picture in the middle of the window, with its name and its legend.

    Signals
    -------
    menu_requested : (QPoint global) what it shows shall be chosen
    closed : ()

    Parameters
    ----------
    context : WindowContext
    scene : SceneState
    title : str
    """

    menu_requested = QtSignal(QPoint)

    def __init__(self, context: WindowContext, scene: SceneState, title: str) -> None:
        super().__init__(context.canvas)
        self.pane_session = PaneSession(context.session, scene)
        self.title = title
        self.view = View3D(self)
        self.view.animate = False
        own = cast("Session", self.pane_session)
        self.scene_sync = PaneSceneSync(own, self.view, dark=context.appearance.dark, twin=context.scene_sync)
        self.legend = LegendCard(context.appearance, self)
        self.legend.resized.connect(self.arrange)
        self.legend.installEventFilter(self)
        self._own_legend: Legend | None = None
        self._context = context
        self.scene_sync.legend_changed.connect(self._on_legend)
        context.scene_sync.legend_changed.connect(self._show_legend)
        self.name = NameTag(context.appearance, self)
        self.name.pressed.connect(self.menu_requested)
        #: Where the picture lies in the pane; a curtain shows a part of a picture that is as large as the window's.
        self.picture: Callable[[], QRect] = self.rect
        self.show_title(title)
        self.scene_sync.update()

    @property
    def project(self) -> PaneProject:
        """Return the project as the pane shows it."""
        return self.pane_session.project

    def _on_legend(self, legend: Legend | None) -> None:
        self._own_legend = legend
        self._show_legend()

    def _show_legend(self, _: object = None) -> None:
        """Show the legend, unless the window's own says the same: four times the same words hide what is compared."""
        same = self._own_legend == self._context.canvas.legend.legend or self._context.canvas.is_bare
        self.legend.set_legend(None if same else self._own_legend)

    def show_title(self, title: str) -> None:
        """Show what the pane is called."""
        self.title = title
        self.name.say(title)
        self.arrange()

    def arrange(self) -> None:
        """Put picture, name and legend where they belong."""
        if self.view.geometry() != self.picture():
            self.view.setGeometry(self.picture())
        self.name.adjustSize()
        low_px = self._context.canvas.low_px
        self.name.move((self.width() - self.name.width()) // 2, self.height() - self.name.height() - low_px)
        self.legend.fold_if_tall(self.height())
        self.legend.fit(max(120, self.height() - 2 * EDGE - 60), min(260, max(self.width() - 2 * EDGE, 120)))
        low = self.height() - self.legend.height() - EDGE
        if EDGE + self.legend.width() + 6 > self.name.x():  # never over the name of the picture
            low -= self.name.height() + 6
        self.legend.move(EDGE, max(low, EDGE))
        self.name.raise_()
        self.legend.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Lay out again when the legend appears."""
        if event.type() == QEvent.Type.Show:
            self.arrange()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Take the scene down and free its graphics."""
        self._context.scene_sync.legend_changed.disconnect(self._show_legend)
        for stop in self.project.stops:
            stop()
        self.scene_sync.close()
        self.view.end()
        self.hide()
        self.deleteLater()


class NameTag(QFrame):
    """The name of a picture; a press opens its menu.

    Signals
    -------
    pressed : (QPoint global) where the menu belongs
    """

    pressed = QtSignal(QPoint)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        self.button = QToolButton()
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.paint(self.button.setIcon, "caret-down")
        appearance.say(self.button.setToolTip, "compare.choose")
        appearance.say(self.button.setAccessibleName, "compare.choose")
        self.button.clicked.connect(lambda: self.pressed.emit(self.mapToGlobal(QPoint(0, self.height() + 2))))
        self.setLayout(row(self.button, margins=2, gap=0))

    def say(self, text: str) -> None:
        """Show a name."""
        self.button.setText(text)
        self.adjustSize()
