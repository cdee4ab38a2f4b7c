"""The main window: it makes the frame, the context and the features, and tells them of changes.

What a person can ask is answered by features (:mod:`app.window.features.registry`) and by the parts of the frame in
``app/window/shell``; the action table (:mod:`app.actions`) names them. The 3D scene is kept by
:mod:`app.window.scene.scene_sync`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QTabWidget, QWidget

from app.session import Session
from app.usecases.project.opening import is_opening
from app.window.feature import Feature
from app.window.features import registry
from app.window.scene.scene_sync import SceneSync
from app.window.shell import tool_bar
from app.window.shell.commands import Commands
from app.window.shell.context_menu import ContextMenu
from app.window.shell.display_options import DisplayOptions
from app.window.shell.docks import Docks
from app.window.shell.editing import Editing
from app.window.shell.guide import Guide
from app.window.shell.help import Help
from app.window.shell.layout import Layout
from app.window.shell.messages import Messages
from app.window.shell.palette import Palette
from app.window.shell.picture_alone import PictureAlone
from app.window.shell.preferences import Preferences
from app.window.shell.refresh import Refresh
from app.window.shell.view_selection import ViewSelection
from app.window.window_context import WindowContext
from models.core.watch import watch
from viewers.sheets.content import crs_text
from viewers.widgets.canvas.canvas import Canvas
from viewers.widgets.common.appearance import Appearance, app_icon
from viewers.widgets.common.controls import column
from viewers.widgets.shell.command_palette import CommandPalette
from viewers.widgets.shell.status_bar import StatusLine
from viewers.widgets.shell.welcome import Welcome


class MainWindow(QMainWindow):
    """The window of one session.

    Parameters
    ----------
    session : Session
    appearance : Appearance
    """

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.session, self.appearance = session, appearance
        self._is_opening = False
        self._set_up_frame()
        canvas, welcome, status = Canvas(appearance), Welcome(appearance), StatusLine(appearance)
        pages = QStackedWidget()
        pages.addWidget(welcome)
        pages.addWidget(canvas)
        bars, foot, middle = column(gap=0), column(gap=0), QWidget()
        middle.setLayout(column(bars, pages, foot, gap=0))
        self.setCentralWidget(middle)
        scene_sync = SceneSync(session, canvas.view, dark=appearance.dark)
        scene_sync.legend_changed.connect(canvas.legend.set_legend)
        scene_sync.object_flight.arrived.connect(canvas.pulse.show_at)
        docks, commands = Docks(appearance, self), Commands(self, session, appearance)
        self.setStatusBar(status)
        #: What features get; see :mod:`app.window.window_context`.
        self.context = WindowContext(
            session, appearance, self, canvas, welcome, scene_sync, docks, commands, status, bars, foot,
            CommandPalette(appearance, self), Refresh(self._refresh_steps, self),
        )  # fmt: skip
        self._layout = Layout(self, pages, docks, commands)
        tool_bar.add_colours(self.context)
        #: The parts of the frame and the features, by the names that the action table calls them.
        self.features = self._make_features(pages)
        docks.arrange()
        commands.add_panels({name: docks[name].toggleViewAction() for name in docks})
        commands.connect_features(self.features)
        self._stops = self._watch_models()
        self._layout.restore(session.settings)
        appearance.change_language()
        self.context.refresh.now()

    def _set_up_frame(self) -> None:
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)

    def _make_features(self, pages: QStackedWidget) -> dict[str, Feature]:
        context = self.context
        display, palette = DisplayOptions(context), Palette(context)
        frame: list[Feature] = [
            display, palette, ViewSelection(context), Messages(context, pages), Editing(context), Help(context),
            Preferences(context), Guide(context), PictureAlone(context),
            ContextMenu(context, self._features_in_menu_order),
        ]  # fmt: skip
        kinds = [kind for module in registry.modules("feature") for kind in module.FEATURES]
        found = {feature.name: feature for feature in (*frame, *(kind(context) for kind in kinds))}
        tool_bar.add_search(context, palette.open, display.toggle_theme)
        return found

    def _features_in_menu_order(self) -> list[Feature]:
        return sorted(self.features.values(), key=lambda feature: feature.menu_order)

    def _watch_models(self) -> list[Callable[[], None]]:
        session, refresh = self.session, self.context.refresh
        project = session.project
        return [
            watch(project.changed, lambda *_: refresh.soon()),
            watch(project.data_changed, lambda _: refresh.soon()),
            watch(project.path_changed, lambda _: refresh.soon()),
            watch(project.saved_changed, lambda _: refresh.soon()),
            watch(session.history.changed, refresh.soon),
            watch(session.jobs.changed, lambda _: self._on_job_changed()),
            watch(session.selection.changed, lambda *_: self._on_selection_changed()),
            watch(session.current_layer.changed, lambda *_: self._on_current_layer_changed()),
        ]

    def _refresh_steps(self) -> list[Callable[[], None]]:
        features = [feature.refresh for feature in self.features.values()]
        return [self._refresh_frame, *features, self.context.commands.refresh]

    def _refresh_frame(self) -> None:
        state, lang = self.session.project.state, self.session.lang
        self._is_opening = is_opening(self.session)
        self._layout.show_city(bool(state.layers) or self._is_opening)
        self.setWindowTitle(self._title())
        self.setWindowModified(not self.session.project.is_saved)
        self.context.status.show_crs(crs_text(state, lang) if state.frame is not None else "")
        self.context.canvas.badge.setVisible(state.synthetic)

    def _on_job_changed(self) -> None:
        """Show the canvas while something is being opened, where the progress of it stands."""
        if is_opening(self.session) != self._is_opening:
            self._refresh_frame()

    def _on_selection_changed(self) -> None:
        for feature in self.features.values():
            feature.on_selection_changed()
        self.context.commands.refresh()

    def _on_current_layer_changed(self) -> None:
        for feature in self.features.values():
            feature.on_current_layer_changed()
        self.context.commands.refresh()

    def _title(self) -> str:
        word = self.appearance.word
        name = self.context.project_name() or (word("window.untitled") if self.session.project.state.layers else "")
        app = word("app.name")
        return f"{name}[*] – {app}" if name else f"{app}[*]"

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open dropped files once the drop is over."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            opened = functools.partial(self.context.requests.open_paths, paths)
            QTimer.singleShot(0, self.context.guard(opened))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask about unsaved changes, remember the layout, end everything in order."""
        context = self.context
        if context.is_closing:
            event.accept()
            return
        if not context.requests.may_leave():
            event.ignore()
            return
        context.is_closing = True
        context.requests.window_again()  # what is kept of the layout is that of the window, not of the picture alone
        self._layout.save(self.session.settings)
        for stop in self._stops:
            stop()
        for feature in self.features.values():
            feature.end()
        context.refresh.stop()
        context.scene_sync.close()
        context.canvas.view.end()
        event.accept()
