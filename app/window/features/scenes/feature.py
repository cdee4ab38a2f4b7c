"""Scenes in the window: the gallery, one click that lays the city out, figures that follow, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from app.notices import notice_of
from app.usecases.scenes import scenes
from app.usecases.timeline.current import data_now
from app.usecases.views import snapshots
from app.window.feature import Feature
from app.window.features.scenes import panel_values
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.scenes.cards import CardValue, card_values
from models.scenes.library import Library
from models.scenes.matching import Readiness
from models.views.camera import Camera
from viewers.widgets.scenes.scenes_panel import ScenesPanel

#: The panel is read without cutting at this width, pixels.
WIDE_PX = 360


class Scenes(Feature):
    """The panel of scenes and its actions."""

    name = "scenes"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._library = Library(())
        self._matches: dict[str, Readiness] = {}
        self._values: list[CardValue] = []
        #: The scene whose page is open, shown or not.
        self._chosen = ""
        #: From where the city was seen before the first scene.
        self._camera: Camera | None = None
        self._stamp: object = None
        self._looked: object = None
        self._asked = 0
        self.panel = ScenesPanel(self.appearance)
        dock = context.docks.add("scenes", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        panel = self.panel
        panel.scene_requested.connect(self.guard(self.choose))
        panel.back_requested.connect(self.guard(self._back))
        panel.leave_requested.connect(self.guard(self.leave))
        panel.sheet_requested.connect(self.guard(self.write_sheet))
        panel.picture_requested.connect(self.guard(self.take_picture))
        panel.go_requested.connect(self.guard(context.requests.go_to))
        panel.list_requested.connect(self.guard(self._show_list))
        #: Counts again once the moment rests: while time is played, figures follow at this pace.
        self._recount = QTimer(panel, singleShot=True, interval=250)
        self._recount.timeout.connect(self.guard(self._follow_moment))
        for signal in (self.session.shown.changed, self.session.alarms.changed):
            self.stops.append(watch(signal, lambda *_: self._moment_changed()))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_gallery(self) -> None:
        """Show the gallery."""
        self._chosen = ""
        self.panel.show_scene(None)
        self.context.docks.bring_forward("scenes")
        self.context.docks.widen("scenes", WIDE_PX)
        self.refresh()

    def choose(self, preset_id: str) -> None:
        """Show a scene; where its data is missing, its page, which says what and how it is brought in."""
        self._chosen = preset_id
        preset = scenes.presets(self.session).find(preset_id)
        self._asked += 1
        asked = self._asked

        def done(match: Readiness) -> None:
            if asked != self._asked:
                return
            self._matches[preset_id] = match
            if match.state != "missing":
                scene = self.context.scene_sync.scene
                if self.session.scene is None:
                    self._camera = None if scene is None else scene.camera
                scenes.show(self.session, match)
                scenes.go_where_readings_are(self.session, preset)
                self._fly(match)
            self._count(match)

        self.session.run("job.scene_readiness", lambda _: scenes.ready(self.session, preset), done)

    def leave(self) -> None:
        """Bring the city back to how it was before."""
        scenes.leave_scene(self.session)
        camera, scene = self._camera, self.context.scene_sync.scene
        if camera is not None and scene is not None:
            self.context.canvas.view.fly_by(lambda: scene.set_camera(camera))
        self._back()

    def write_sheet(self) -> None:
        """Ask where, and write the scene as a sheet from the present camera."""
        session, scene = self.session, self.context.scene_sync.scene
        active = scenes.active_scene(session)
        if active is None or scene is None:
            return
        preset = scenes.presets(session).find(active.preset_id)
        spec = scenes.sheet_spec(session, snapshots.make_spec(session, scene.camera), preset)
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("dialog.snapshot"),
            str(self.context.folder() / f"{spec.title}.pdf"), self.appearance.word("dialog.filter.picture"),
        )  # fmt: skip
        if path:
            snapshots.take_snapshot(session, spec, snapshots.with_suffix(Path(path), ".pdf"))

    def take_picture(self) -> None:
        """Ask for a picture of the view as it is, as from the menu."""
        self.context.commands.actions["file.snapshot"].trigger()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme; what costs is worked out by jobs, once the panel is seen."""
        session = self.session
        if scenes.is_undone(session) or (session.scene is not None and scenes.active_scene(session) is None):
            scenes.forget_scene(session)
            self._chosen = ""
            self.panel.show_scene(None)
        if not self.panel.isVisible():
            return
        active = scenes.active_scene(session)
        look = (session.lang, self.appearance.theme, None if active is None else active.preset_id)
        data = (session.project.data_stamp(), session.project.path)
        if data != self._stamp:
            self._stamp = data
            self._look_through()
        elif look != self._looked:
            self._show()
        self._looked = look

    def _look_through(self) -> None:
        """Find out by a job which scenes can be shown, and count the open one again."""
        session = self.session
        library = self._library = scenes.presets(session)
        stamp = self._stamp

        def done(found: list[Readiness]) -> None:
            if stamp != self._stamp:
                return
            self._matches = {one.preset.id: one for one in found}
            self._show()
            if self._chosen in self._matches:
                self._count(self._matches[self._chosen])

        session.run(
            "job.scene_readiness", lambda _: [scenes.ready(session, preset) for preset in library.presets], done
        )

    def _moment_changed(self) -> None:
        match = self._matches.get(self._chosen)
        if match is not None and match.preset.is_in_time and not self._recount.isActive():
            self._recount.start()

    def _follow_moment(self) -> None:
        match = self._matches.get(self._chosen)
        if match is not None and self.panel.isVisible():
            self._count(match)

    def _count(self, match: Readiness) -> None:
        """Work out the figures of a scene by a job, and show its page."""
        session, state = self.session, self.session.project.state
        if match.state == "missing":
            self._values = []
            self._show()
            return

        def done(values: list[CardValue]) -> None:
            if match.preset.id == self._chosen:
                self._values = values
                self._show()

        session.run("job.scene_figures", lambda _: card_values(match, state, data_now(session)), done)

    def _show(self) -> None:
        """Show gallery and page in the present language."""
        session, panel = self.session, self.panel
        errors = [notice_of(error).text(session.lang) for error in self._library.errors]
        entries = [panel_values.entry_of(session, match) for match in self._matches.values()]
        panel.show_gallery(entries, errors)
        match = self._matches.get(self._chosen)
        if match is None:
            panel.show_scene(None)
            return
        active = scenes.active_scene(session)
        is_on = active is not None and active.preset_id == match.preset.id
        values = [one for one in self._values if one.card in match.preset.cards]
        panel.show_scene(panel_values.page_of(session, match, values, is_on=is_on))

    def _back(self) -> None:
        self._chosen = ""
        self._show()

    def _fly(self, match: Readiness) -> None:
        view, scene = self.context.canvas.view, self.context.scene_sync.scene
        camera = scenes.camera_of(self.session, match, view.width() / max(view.height(), 1))
        if camera is not None and scene is not None:
            view.fly_by(lambda: scene.set_camera(camera))

    def _show_list(self, number: int) -> None:
        """Show all rows of a list of the scene."""
        value = self._values[number]
        if value.ranking is None:
            return
        columns: list[Any] = panel_values.list_columns(self.session, value.card, value.ranking)
        title = value.card.name.in_(self.session.lang)
        total = self.session.word("scenes.list_total", count=f"{value.listed:,}")
        self.panel.show_list(title, value.ranking, columns, total)


FEATURES: tuple[type[Feature], ...] = (Scenes,)
