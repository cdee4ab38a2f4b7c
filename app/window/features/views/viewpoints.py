"""Saved views: the panel that lists them, and the flight from one to the next."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer

from app.usecases.views import viewpoints
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.views.viewpoint import Viewpoint
from viewers.widgets.common.thumbnails import thumbnail_of
from viewers.widgets.views.viewpoints_panel import ViewpointsPanel


class Viewpoints(Feature):
    """Saved views of the project."""

    name = "viewpoints"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._current = -1
        #: Pictures of views that have none of their own, taken as somebody looks from there; no part of the project.
        self._seen: dict[str, bytes] = {}
        self._awaited: Viewpoint | None = None
        self._picture_timer = QTimer(self, singleShot=True, interval=0)
        self._picture_timer.timeout.connect(self._take_awaited)
        self.stops.append(watch(self.session.project.path_changed, lambda _: self._seen.clear()))
        context.canvas.view.drawn.connect(lambda _: self._picture_timer.start() if self._awaited else None)
        self.panel = panel = ViewpointsPanel(self.appearance)
        context.docks.add("viewpoints", panel)
        ask = self.guard
        panel.go_requested.connect(ask(self.go_to))
        panel.add_requested.connect(ask(self.add))
        panel.rename_requested.connect(ask(self._rename))
        panel.delete_requested.connect(ask(lambda view: viewpoints.delete_viewpoint(self.session, view)))
        panel.update_requested.connect(ask(self.update_view))
        panel.scene_requested.connect(ask(lambda view, on: viewpoints.keep_scene(self.session, view, on)))
        panel.moved.connect(ask(lambda view, at: viewpoints.move_viewpoint(self.session, view, at)))

    # --- requests of the action table ------------------------------------------------------------------------------
    def add(self) -> None:
        """Ask for a name and keep the present view."""
        if self.context.scene_sync.scene is None:
            return
        number = len(self.session.project.state.viewpoints) + 1
        name = self.context.ask_name("viewpoints.name", self.appearance.word("viewpoints.proposal", number=number))
        if name:
            self.save(name)

    def next(self) -> None:
        """Fly to the next saved view, after the last to the first."""
        self._step(1)

    def last(self) -> None:
        """Fly to the saved view before."""
        self._step(-1)

    def save(self, name: str) -> None:
        """Keep the present view under a name, with its picture."""
        scene = self.context.scene_sync.scene
        if scene is not None:
            picture = thumbnail_of(self.context.canvas.view)
            viewpoints.save_viewpoint(self.session, name, scene.camera, thumbnail=picture)

    def update_view(self, view_id: str) -> None:
        """Let a saved view show what is seen now."""
        scene = self.context.scene_sync.scene
        if scene is not None:
            picture = thumbnail_of(self.context.canvas.view)
            viewpoints.update_viewpoint(self.session, view_id, scene.camera, picture)

    def go_to(self, view_id: str) -> None:
        """Fly to a saved view, and show the layers that it keeps."""
        scene = self.context.scene_sync.scene
        if scene is not None:
            camera = viewpoints.show_scene(self.session, view_id)
            ids = [view.id for view in self.session.project.state.viewpoints]
            self._current = ids.index(view_id)
            view = viewpoints.find_viewpoint(self.session.project.state, view_id)
            self._awaited = None if view.thumbnail or view_id in self._seen else view
            self.panel.show_current(view_id)
            self.context.canvas.view.fly_by(lambda: scene.set_camera(camera))

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """List the saved views, with their pictures."""
        views, lang = self.session.project.state.viewpoints, self.session.lang
        self.panel.set_views(
            [(view.id, view.name_en if lang == "en" and view.name_en else view.name) for view in views]
        )
        self.panel.set_pictures(
            {view.id: held for view in views if (held := view.thumbnail or self._seen.get(view.id, b""))},
            {view.id for view in views if view.scene is not None},
        )

    def _take_awaited(self) -> None:
        """Take the picture of the view that was flown to, once the eye rests there on a finished picture."""
        view, sync, canvas = self._awaited, self.context.scene_sync, self.context.canvas
        if view is None or sync.scene is None or canvas.view.is_moving or sync.is_loading:
            return
        self._awaited = None
        is_there = np.allclose(sync.scene.camera.position, view.camera.position, atol=1.0)
        if is_there and (picture := thumbnail_of(canvas.view)):
            self._seen[view.id] = picture
            self.refresh()

    def end(self) -> None:
        """Take no further picture; the window closes."""
        self._picture_timer.stop()
        super().end()

    def _step(self, step: int) -> None:
        saved = self.session.project.state.viewpoints
        if saved:
            at = self._current if 0 <= self._current < len(saved) else (-1 if step > 0 else 0)
            self.go_to(saved[(at + step) % len(saved)].id)

    def _rename(self, view_id: str) -> None:
        view = viewpoints.find_viewpoint(self.session.project.state, view_id)
        english = self.session.lang == "en" and bool(view.name_en)
        name = self.context.ask_name("viewpoints.rename", view.name_en if english else view.name)
        if name and english:
            viewpoints.rename_viewpoint(self.session, view_id, view.name, name)
        elif name:
            viewpoints.rename_viewpoint(self.session, view_id, name)
