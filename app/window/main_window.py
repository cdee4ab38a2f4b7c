"""The main window: it connects what panels ask to use cases, and what changes to what is shown.

Panels know models, not each other; every request ends in a use case or in a question to the person. Requests of the
action table (``"window:…"``) are the public methods without underscore. What stands where is in
:mod:`app.window.shell.layout`, what is shown in :mod:`app.window.shell.refresh`, the 3D scene in
:mod:`app.window.scene.scene_sync`.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.actions import INDICATORS
from app.background.jobs import Job
from app.notices import Notice
from app.session import Session
from app.settings import home
from app.usecases.bim import visibility as looking
from app.usecases.health import health
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.views import snapshots as pictures
from app.usecases.views import viewpoints
from app.window.features.crs.crs_doctor import Doctor
from app.window.features.crs.placement import Place
from app.window.features.layers.importing import Importing
from app.window.features.registry import PARTS
from app.window.features.style.styles import Styles
from app.window.features.views.flights import Tour
from app.window.shell import about
from app.window.shell import panel_values as answers
from app.window.shell.refresh import CRS_NOTICES, READING_JOBS, Showing
from models.core.progress import Progress
from models.core.watch import watch
from models.crs.frame import transformer
from models.io.registry import dialog_patterns
from models.layers.layer import VectorData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.views.scene_state import Theme
from viewers.render.scene.picking import Pick
from viewers.widgets.common import dialogs
from viewers.widgets.common.appearance import Appearance, theme_name
from viewers.widgets.shell.notices import NoticeView

#: Said in the list of messages alone: the model panel shows the stage of each model.
QUIET_NOTICES = frozenset({"notice.refined"})


class MainWindow(Showing):
    """The window of one session.

    Parameters
    ----------
    session : Session
    appearance : Appearance
    """

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__(session, appearance)
        self._closing = False
        self._opened: dict[str, Path] = {}
        self.importing = Importing(self)
        self._connect_panels()
        self._connect_frame()
        self.parts |= {"importing": self.importing} | {name: make(self) for name, make in PARTS.items()}
        self._stops = self._watch_models()
        self.resize(QSize(1600, 1000).boundedTo(QGuiApplication.primaryScreen().availableSize()))
        self._restore_layout()
        self._on_lang_changed()
        self._refresh()

    def _connect_panels(self) -> None:
        session, ask = self.session, self._guard
        panel = self.layers_panel
        panel.visible_requested.connect(ask(lambda layer, on: layers.set_visible(session, layer, on)))
        panel.all_visible_requested.connect(ask(lambda ids, on: layers.set_all_visible(session, ids, on)))
        panel.style_changed.connect(ask(lambda layer, style: layers.set_style(session, layer, style)))
        panel.move_requested.connect(ask(lambda layer, at: layers.move_layer(session, layer, at)))
        panel.zoom_requested.connect(ask(self.zoom_layer))
        panel.table_requested.connect(ask(self.open_table))
        panel.style_requested.connect(ask(self.style_layer))
        panel.rename_requested.connect(ask(self.rename_layer))
        panel.remove_requested.connect(ask(self.remove_layer))
        panel.add_requested.connect(ask(self.add_files))
        self.viewpoints_panel.go_requested.connect(ask(self._go_to_viewpoint))
        self.viewpoints_panel.add_requested.connect(ask(self.add_viewpoint))
        self.viewpoints_panel.rename_requested.connect(ask(self._rename_viewpoint))
        self.viewpoints_panel.delete_requested.connect(ask(lambda view: viewpoints.delete_viewpoint(session, view)))
        self.properties_panel.zoom_requested.connect(ask(self.zoom_selection))
        self.properties_panel.step_requested.connect(ask(self._step_through))
        self.facilities_panel.list_requested.connect(ask(self._list_facilities))
        self.facilities_panel.go_requested.connect(ask(self.go_to))
        self.facilities_panel.overlay_requested.connect(
            ask(lambda on: self.theme_facilities() if on else self.theme_plain())
        )
        self.health_panel.compute_requested.connect(ask(self.compute_indicators))
        self.health_panel.theme_requested.connect(
            ask(lambda code: self.theme_indicator(code) if code else self.theme_plain())
        )
        self.health_panel.go_requested.connect(ask(self.go_to))
        self.health_panel.export_requested.connect(ask(self.export_indicators))
        self.table_panel.layer_requested.connect(ask(self.open_table))
        self.table_panel.select_requested.connect(ask(self._select_rows))
        self.table_panel.go_requested.connect(ask(lambda oid: self.go_to(ObjectKey(self.table_panel.layer_id, oid))))

    def _connect_frame(self) -> None:
        ask = self._guard
        self.search.clicked.connect(self.open_palette)
        self.look_button.clicked.connect(lambda: self.set_look("light" if self.appearance.dark else "dark"))
        self.commands.menus["file.recent"].aboutToShow.connect(self._fill_recent)
        self.messages_panel.cancel_requested.connect(self._cancel_job)
        self.status.cancel_requested.connect(self._cancel_shown_job)
        self.palette_box.chosen.connect(self.commands.run)
        self.banners.asked.connect(ask(self._on_banner_asked))
        self.banners.accepted.connect(ask(self._on_banner_accepted))
        self.welcome.sample_requested.connect(ask(self.open_sample))
        self.welcome.open_requested.connect(ask(self.add_files))
        self.welcome.recent_requested.connect(ask(lambda path: self.open_paths([path])))
        self.canvas.home_requested.connect(self.view_home)
        self.canvas.zoom_selection_requested.connect(self.zoom_selection)
        self.canvas.veil.cancelled.connect(self._cancel_loading)
        self.canvas.view.clicked.connect(self._on_view_clicked)
        self.canvas.view.cursor_moved.connect(self._on_cursor_moved)
        self.city.loading_changed.connect(self._on_loading_changed)
        self.city.legend_changed.connect(self.canvas.legend.set_legend)
        self.docks["table"].visibilityChanged.connect(lambda on: self._show_table() if on else None)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_look_changed)

    def _watch_models(self) -> list[Callable[[], None]]:
        session = self.session
        return [
            watch(session.project.changed, self._on_project_changed),
            watch(session.project.data_changed, lambda _: self._refresh_timer.start()),
            watch(session.project.path_changed, lambda _: self._refresh_timer.start()),
            watch(session.project.saved_changed, lambda _: self._refresh_timer.start()),
            watch(session.selection.changed, lambda *_: self._on_selection_changed()),
            watch(session.history.changed, self._refresh_timer.start),
            watch(session.results_changed, self._refresh_timer.start),
            watch(session.notices.added, self._on_notice_added),
            watch(session.jobs.changed, self._on_job_changed),
            watch(session.settings.changed, self._on_setting_changed),
            watch(session.lang_changed, lambda _: self._on_lang_changed()),
        ]

    def _guard(self, act: Callable[..., object]) -> Callable[..., None]:
        """Return ``act`` with every bad ending turned into a notice."""

        def guarded(*arguments: object) -> None:
            try:
                act(*arguments)
            except Exception as error:  # a request may fail; the window goes on
                self.session.fail(error)

        return guarded

    def new_project(self) -> None:
        """Start from nothing."""
        if self._may_leave():
            opening.new_project(self.session)

    def open_project(self) -> None:
        """Ask for a file and open it."""
        self._ask_files("dialog.open", "dialog.filter.project", leave=True)

    def add_files(self) -> None:
        """Ask for files and open them as layers."""
        self._ask_files("dialog.add", "dialog.filter.all", leave=False)

    def open_sample(self) -> None:
        """Open the sample city, made first where it is not there yet."""
        if not self._may_leave():
            return
        path = sample_path()
        if path.exists():
            opening.open_project(self.session, path)
            return

        def work(progress: Progress) -> None:
            from app.usecases.project.sample import make_sample

            path.parent.mkdir(parents=True, exist_ok=True)
            make_sample(path, 1, "small", progress)

        def done(_: object) -> None:
            opening.open_project(self.session, path)

        self.session.run("job.make_sample", work, done, file=path.name)

    def open_paths(self, paths: list[str] | list[Path]) -> None:
        """Open projects and files; what has no CRS is asked about afterwards."""
        from models.store.project_file import is_project

        wanted = [Path(path) for path in paths]
        if any(path.is_file() and is_project(path) for path in wanted) and not self._may_leave():
            return
        for path in wanted:
            self._open_one(path, "")

    def _open_one(self, path: Path, crs: str) -> None:
        self._opened[path.name] = path
        try:
            self.importing.open(path, crs)
        except Exception as error:  # refused before a job began
            self.session.fail(error)

    def save_project(self) -> bool:
        """Save where the project lies, or ask where; False if that was cancelled."""
        if self.session.project.path is None:
            return self.save_project_as()
        opening.save_project(self.session)
        return True

    def save_project_as(self) -> bool:
        """Ask where to save; False if that was cancelled."""
        name = self._project_name() or self.appearance.word("window.untitled")
        start = str((self.session.project.path or Path.cwd() / f"{name}.gpkg").with_suffix(".gpkg"))
        path, _ = QFileDialog.getSaveFileName(
            self, self.appearance.word("dialog.save"), start, self.appearance.word("dialog.filter.project")
        )
        if path:
            opening.save_project(self.session, Path(path))
        return bool(path)

    def take_snapshot(self) -> None:
        """Ask what the picture shall be like and where it goes, and make it."""
        scene = self.city.scene
        if scene is None:
            return
        view, word = self.canvas.view, self.appearance.word
        state = self.session.project.state
        themes = [(Theme(), word("action.theme.plain"))]
        if state.with_role("facilities"):
            themes.append((Theme("facilities"), word("action.theme.facilities")))
        ready = health.all_latest(self.session)
        themes += [
            (Theme("indicator", code), word(f"action.health.show.{code}")) for code in INDICATORS if code in ready
        ]
        size = (view.width(), view.height())
        ask = dialogs.SnapshotDialog(self.appearance, self._project_name(), themes, state.theme, size, self)
        answer, choice = ask.ask(), ask.choice
        ask.deleteLater()
        if answer != "ok":
            return
        name = f"{choice.title or self._project_name()}.png"
        path, _ = QFileDialog.getSaveFileName(
            self, word("dialog.snapshot"), str(self._folder() / name), word("dialog.filter.picture")
        )
        if not path:
            return
        spec = pictures.make_spec(
            self.session, scene.camera, size=(choice.width_px, choice.height_px), theme=choice.theme,
            title=choice.title, furniture=choice.furniture, dark=choice.dark, measures=self.city.inside.measures,
            notes=self.city.below.shows_notes,
        )  # fmt: skip
        out = Path(path) if Path(path).suffix else Path(f"{path}.png")
        pictures.take_snapshot(self.session, replace(spec, lang=choice.lang), out)

    def undo(self) -> None:
        """Take the last change back."""
        self.session.history.undo()

    def redo(self) -> None:
        """Do the last undone change again."""
        self.session.history.redo()

    def select_none(self) -> None:
        """Select nothing."""
        self.session.selection.set(())

    def open_palette(self) -> None:
        """Open the command palette."""
        self.palette_box.open(self.commands.entries())

    def view_home(self) -> None:
        """Fly to the view of the whole city."""
        self.city.home()

    def view_top(self) -> None:
        """Look straight down."""
        self.canvas.view.top_view()

    def view_north(self) -> None:
        """Turn north up."""
        self.canvas.view.north_up()

    def zoom_in(self) -> None:
        """Come nearer."""
        self.canvas.view.zoom_step(1.6)

    def zoom_out(self) -> None:
        """Go back."""
        self.canvas.view.zoom_step(1 / 1.6)

    def zoom_selection(self) -> None:
        """Fly to what is selected; to all that stands in a storey or a building."""
        self.city.zoom_to_keys(looking.drawn_keys(self.session, self.session.selection.keys))

    def go_to(self, key: ObjectKey) -> None:
        """Select an object and fly to it, showing its layer if it is hidden."""
        layer = self.session.project.state.layer(key.layer)
        if not layer.visible:
            layers.set_visible(self.session, layer.id, True)
        self.session.selection.set([key])
        if not self.city.zoom_to_keys(looking.drawn_keys(self.session, [key])):
            self._fly_to_geometry(key)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def set_look(self, name: str) -> None:
        """Wear the light, the dark or the system's theme."""
        self.session.settings.set("theme", name)
        self._wear(name)

    def set_lang(self, lang: str) -> None:
        """Speak another language."""
        self.session.set_lang(lang)

    def add_viewpoint(self) -> None:
        """Ask for a name and keep the present view."""
        scene = self.city.scene
        if scene is None:
            return
        number = len(self.session.project.state.viewpoints) + 1
        name = self._ask_name("viewpoints.name", self.appearance.word("viewpoints.proposal", number=number))
        if name:
            self.part(Tour).save_view(name)

    def zoom_layer(self, layer_id: str = "") -> None:
        """Fly to a layer."""
        if chosen := layer_id or self.layers_panel.current:
            self.city.zoom_to_layer(chosen)

    def open_table(self, layer_id: str = "") -> None:
        """Show a layer's attribute table."""
        self.table_panel.layer_id = layer_id or self.layers_panel.current or self.table_panel.layer_id
        self.docks["table"].show()
        self.docks["table"].raise_()
        self._show_table()

    def rename_layer(self, layer_id: str = "") -> None:
        """Ask for another name of a layer."""
        chosen = layer_id or self.layers_panel.current
        if not chosen:
            return
        layer = self.session.project.state.layer(chosen)
        english = self.session.lang == "en" and bool(layer.name_en)
        name = self._ask_name("layers.rename", layer.title(self.session.lang))
        if name and english:
            layers.rename_layer(self.session, chosen, layer.name, name)
        elif name:
            layers.rename_layer(self.session, chosen, name)

    def style_layer(self, layer_id: str = "") -> None:
        """Show how a layer is drawn: in the style panel, or by a dialog where it has no features."""
        chosen = layer_id or self.layers_panel.current
        part = self.parts["styles"]
        if not chosen or (isinstance(part, Styles) and part.can_style(chosen)):
            self.parts["styles"].open(chosen)  # type: ignore[attr-defined]
            return
        layer = self.session.project.state.layer(chosen)
        ask = dialogs.StyleDialog(self.appearance, layer, [], self)
        if ask.ask() == "ok":
            if ask.role != layer.role:
                layers.set_role(self.session, chosen, ask.role)
            layers.set_style(self.session, chosen, ask.style_chosen)
        ask.deleteLater()

    def remove_layer(self, layer_id: str = "") -> None:
        """Take a layer out of the project; undo brings it back."""
        if chosen := layer_id or self.layers_panel.current:
            layers.remove_layer(self.session, chosen)

    def theme_plain(self) -> None:
        """Show the city in its own colours."""
        health.set_theme(self.session, Theme())

    def theme_facilities(self) -> None:
        """Colour the components by state."""
        health.set_theme(self.session, Theme("facilities"))
        self._raise("facilities")

    def theme_indicator(self, code: str) -> None:
        """Colour the city by an indicator, computed first where it is not."""
        self._raise("health")
        if health.latest(self.session, code) is None:
            self.health_panel.set_busy(True)
        health.set_theme(self.session, Theme("indicator", code))

    def list_faulty(self) -> None:
        """List every faulty component."""
        self._raise("facilities")
        self._list_facilities("", "")

    def compute_indicators(self) -> None:
        """Compute the indicators."""
        self._raise("health")
        self.health_panel.set_busy(True)
        health.compute_indicators(self.session)

    def export_indicators(self) -> None:
        """Ask where, and write the indicators' values and problems as a table."""
        path, _ = QFileDialog.getSaveFileName(
            self, self.appearance.word("dialog.export"), str(self._folder() / "indicators.xlsx"),
            self.appearance.word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            health.export_indicators(self.session, Path(path))

    def show_keys(self) -> None:
        """List mouse and keys."""
        about.show_keys(self.appearance, self.commands.actions, self)

    def show_doctor(self) -> None:
        """Look at the machine and say what was found."""
        from app.command_line import diagnosis as doctor

        lang = self.session.lang
        self.session.run(
            "job.doctor",
            lambda _: doctor.examine(),
            lambda findings: about.show_findings(self.appearance, findings, lang, self),
        )

    def show_about(self) -> None:
        """Say what this program is."""
        from app.command_line.main import version

        about.show_about(self.appearance, version(), self)

    def _on_view_clicked(self, pick: Pick | None, join: bool) -> None:
        key = pick.key if pick is not None else None
        if key is None:
            if not join:
                self.session.selection.set(())
            return
        keys = self.session.selection.keys
        if join:
            self.session.selection.set_rows(key.layer, [key.oid], "remove" if key in keys else "add")
        else:
            self.session.selection.set([key])
        if self.docks["properties"].isVisible() and not self.docks["properties"].is_on_top:
            self._raise("properties")

    def _on_cursor_moved(self, world: tuple[float, float, float] | None) -> None:
        frame = self.session.project.state.frame
        lonlat = None
        if world is not None and frame is not None and frame.horizontal.startswith("EPSG"):
            lonlat = frame.lonlat(world[0], world[1])
        self.status.show_cursor(world, lonlat)

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        gone = {layer.id for layer in before.layers} - {layer.id for layer in after.layers}
        if gone:
            self.session.selection.set(Keys(run for run in self.session.selection.keys.runs if run[0] not in gone))
        self._refresh_timer.start()

    def _on_selection_changed(self) -> None:
        self._position = max(len(self.session.selection.keys) - 1, 0)
        self._show_properties()
        for part in self.parts.values():
            part.on_selection_changed()
        self.status.show_selected(len(self.session.selection.keys))
        self.canvas.buttons.set_has_selection(bool(self.session.selection.keys))
        keys = self.session.selection.keys
        if keys and self.docks["table"].isVisible() and self.docks["table"].is_on_top:
            if keys[-1].layer != self.table_panel.layer_id:
                self.table_panel.layer_id = keys[-1].layer
                self._show_table()
            else:
                self.table_panel.select(self.session.selection.oids_of(self.table_panel.layer_id))
        self.commands.refresh()

    def _on_notice_added(self, notice: Notice) -> None:
        self._times[len(self.session.notices.all) - 1] = datetime.datetime.now().strftime("%H:%M")
        file = str(notice.facts.get("file", ""))
        if notice.key == "error.io.no_crs" and file in self._opened:
            QTimer.singleShot(0, lambda: self._ask_crs(self._opened[file]))
        elif notice.key not in QUIET_NOTICES:
            self._show_banner(notice)
        self._fill_messages()

    def _on_banner_asked(self, banner: NoticeView) -> None:
        """Do what a notice offers, to the layer of which it speaks."""
        notice = self._banner_notices.get(banner)
        place = self.parts["place"]
        if notice is not None and notice.key.startswith(CRS_NOTICES):
            self.part(Doctor).open(str(notice.facts.get("layer_id", "")))
        elif notice is not None and isinstance(place, Place):
            place.start(str(notice.facts.get("layer_id", "")))

    def _on_banner_accepted(self, banner: NoticeView) -> None:
        if (notice := self._banner_notices.get(banner)) is not None:
            self.part(Doctor).accept(notice)

    def _ask_crs(self, path: Path) -> None:
        """Ask for the CRS of a file that does not say it, and open it again."""
        if self._closing:
            return
        self.part(Doctor).ask_missing(path, self._open_one)

    def _on_job_changed(self, job: Job) -> None:
        if job.is_over and job.title == "job.compute_indicators":
            self.health_panel.set_busy(False)
        if not self._jobs_timer.isActive():
            self._jobs_timer.start()

    def _on_setting_changed(self, name: str, _: object) -> None:
        if name == "recent":
            self.welcome.set_recent(list(self.session.settings.get("recent")))

    def _on_lang_changed(self) -> None:
        self.appearance.change_language()
        shown = [self._banner_notices.get(banner.notice) for banner in self.banners.shown]
        self.banners.clear()
        for notice in shown:
            if notice is not None:
                self._show_banner(notice)
        self.city.set_lang(self.session.lang)
        self._refresh()

    def _on_system_look_changed(self) -> None:
        if self.session.settings.get("theme") == "system":
            self._wear("system")

    def _wear(self, name: str) -> None:
        self.appearance.change_theme(theme_name(name))
        self.city.set_dark(self.appearance.dark)
        self._refresh()

    def _select_rows(self, oids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.session.selection.set_rows(self.table_panel.layer_id, oids)

    def _step_through(self, step: int) -> None:
        count = len(self.session.selection.keys)
        if count:
            self._position = (self._position + step) % count
            self._show_properties()

    def _list_facilities(self, code: str, state: str) -> None:
        title, items, _ = answers.facility_items(self.session, code, state)
        self.facilities_panel.show_items(title, items)

    def _go_to_viewpoint(self, view_id: str) -> None:
        self.part(Tour).go_to_view(view_id)

    def _rename_viewpoint(self, view_id: str) -> None:
        view = viewpoints.find_viewpoint(self.session.project.state, view_id)
        english = self.session.lang == "en" and bool(view.name_en)
        name = self._ask_name("viewpoints.rename", view.name_en if english else view.name)
        if name and english:
            viewpoints.rename_viewpoint(self.session, view_id, view.name, name)
        elif name:
            viewpoints.rename_viewpoint(self.session, view_id, name)

    def _fly_to_geometry(self, key: ObjectKey) -> None:
        """Fly to an object that is not drawn yet, by its geometry in the table."""
        data, frame = self.session.project.data.get(key.layer), self.session.project.state.frame
        if not isinstance(data, VectorData) or frame is None or not data.has(key.oid):
            return
        geometry = data.row(key.oid).get("geometry")
        if geometry is None or not data.crs:
            return
        place = geometry.representative_point()
        east, north = transformer(data.crs, frame.horizontal).transform(place.x, place.y)
        view = self.canvas.view
        height = float(view.ground(np.array([east]), np.array([north]))[0])
        view.fly_to_point((float(east), float(north), height), 220.0)

    def _on_loading_changed(self) -> None:
        if not self._jobs_timer.isActive():
            self._jobs_timer.start()

    def _cancel_loading(self) -> None:
        self.city.cancel()
        for job in list(self.session.jobs.active):
            if job.title in READING_JOBS:
                job.cancel()

    def _cancel_job(self, number: int) -> None:
        for job in list(self.session.jobs.active):
            if job.number == number:
                job.cancel()

    def _cancel_shown_job(self) -> None:
        self._cancel_job(self._shown_job)

    def _fill_recent(self) -> None:
        menu = self.commands.menus["file.recent"]
        menu.clear()
        recent = list(self.session.settings.get("recent"))
        for path in recent:
            entry = menu.addAction(Path(path).name, self._guard(functools.partial(self.open_paths, [path])))
            entry.setStatusTip(path)
        if not recent:
            menu.addAction(self.appearance.word("welcome.no_recent")).setEnabled(False)

    def _ask_files(self, title: str, first_filter: str, *, leave: bool) -> None:
        word = self.appearance.word
        keys = [first_filter, *(key for key in ("dialog.filter.all", "dialog.filter.project") if key != first_filter)]
        filters = ";;".join(word(key, patterns=dialog_patterns()) for key in [*keys, "dialog.filter.any"])
        brief = QFileDialog.Option.HideNameFilterDetails
        paths, _ = QFileDialog.getOpenFileNames(self, word(title), str(self._folder()), filters, options=brief)
        if paths:
            self.open_paths(paths)

    def _may_leave(self) -> bool:
        """Ask about unsaved changes; whether the project may be left."""
        if self.session.project.is_saved or not self.session.project.state.layers:
            return True
        ask = dialogs.UnsavedQuestion(
            self.appearance, self._project_name() or self.appearance.word("window.untitled"), self
        )
        answer = ask.ask()
        ask.deleteLater()
        if answer != "save":
            return answer == "discard"
        if not self.save_project():
            return False
        return self._wait_for_saving()

    def _wait_for_saving(self) -> bool:
        """Let the window live until the running save has ended; whether everything is on disk then."""
        loop = QEventLoop()
        timer = QTimer(interval=30)

        def look() -> None:
            if not any(job.title == "job.save_project" for job in self.session.jobs.active):
                loop.quit()

        timer.timeout.connect(look)
        timer.start()
        loop.exec()
        timer.stop()
        return self.session.project.is_saved

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open dropped files once the drop is over."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            QTimer.singleShot(0, self._guard(functools.partial(self.open_paths, paths)))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask about unsaved changes, remember the layout, end everything in order."""
        if self._closing:
            event.accept()
            return
        if not self._may_leave():
            event.ignore()
            return
        self._closing = True
        self._keep_layout()
        for stop in self._stops:
            stop()
        for part in self.parts.values():
            part.end()
        self._steps.clear()
        for timer in (self._refresh_timer, self._step_timer, self._messages_timer, self._jobs_timer):
            timer.stop()
        self.banners.clear()
        self.city.close()
        self.canvas.view.end()
        event.accept()


def sample_path() -> Path:
    """Return where the sample city lies: here, as ``make run`` leaves it, or in the user's own folder."""
    here = Path.cwd() / "sample.gpkg"
    return here if here.exists() else home() / "sample" / "sample.gpkg"
