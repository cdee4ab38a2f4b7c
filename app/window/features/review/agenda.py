"""The agenda in the window: stops made of what is on the screen, arranged in a panel, shown by a click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFileDialog

from app.usecases.review import agenda, presenting
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.value_text import number
from models.health.book import book_of
from models.review.agenda import Stop
from models.views.snapshot_spec import SnapshotSpec
from viewers.widgets.common.thumbnails import thumbnail_of
from viewers.widgets.review.agenda_panel import AgendaPanel, StopLine, StopPage

#: Pictures of stops are this large on the presenter's screen (some 20 kB each).
STOP_SIZE = QSize(240, 135)


class Agenda(Feature):
    """Connects :class:`viewers.widgets.review.agenda_panel.AgendaPanel` to the session."""

    name = "agenda"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self.panel = panel = AgendaPanel(self.appearance)
        context.docks.add("agenda", panel)
        ask = self.guard
        panel.chosen.connect(ask(lambda _: self._show_page()))
        panel.add_requested.connect(ask(self.add))
        panel.go_requested.connect(ask(self.go_to))
        panel.update_requested.connect(ask(self.update_stop))
        panel.duplicate_requested.connect(ask(self._duplicate))
        panel.remove_requested.connect(ask(lambda stop: agenda.remove_stop(self.session, stop)))
        panel.moved.connect(ask(lambda stop, at: agenda.move_stop(self.session, stop, at)))
        panel.changed.connect(ask(lambda stop, values: agenda.change_stop(self.session, stop, **values)))
        panel.date_changed.connect(ask(self._set_date))
        panel.export_requested.connect(ask(self.export))
        panel.present_requested.connect(ask(lambda: context.commands.run("review.present")))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("agenda")

    def add(self) -> None:
        """Make a stop of the present view, behind the one that is chosen."""
        view = self.view_of_now()
        if view is None:
            return
        stop = agenda.add_stop(
            self.session, view, thumbnail=thumbnail_of(self.context.canvas.view, STOP_SIZE), after=self.panel.current
        )
        self.open()
        self.refresh()
        self.panel.choose(stop.id)

    def go_to(self, stop_id: str) -> None:
        """Show a stop: what the city looks like there at once, and a flight."""
        scene = self.context.scene_sync.scene
        stop = presenting.go_to_stop(self.session, stop_id)
        if scene is not None:
            self.context.canvas.view.fly_by(lambda: scene.set_camera(stop.view.camera))

    def update_stop(self, stop_id: str) -> None:
        """Let a stop show the present view."""
        view = self.view_of_now()
        if view is not None:
            agenda.update_stop(self.session, stop_id, view, thumbnail_of(self.context.canvas.view, STOP_SIZE))

    def export(self) -> None:
        """Ask where, and write the agenda as text or workbook."""
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("agenda.export"),
            str(self.context.folder() / f"{word('panel.agenda')}.xlsx"), word("agenda.filter"),
        )  # fmt: skip
        if path:
            agenda.export_agenda(self.session, Path(path) if Path(path).suffix else Path(f"{path}.xlsx"))

    def view_of_now(self) -> SnapshotSpec | None:
        """Return what is on the screen as a picture's specification, None where nothing is."""
        scene, view = self.context.scene_sync.scene, self.context.canvas.view
        if scene is None:
            return None
        ratio = view.devicePixelRatioF()
        size = (max(round(view.width() * ratio), 320), max(round(view.height() * ratio), 320))
        return agenda.view_of_now(self.session, scene.camera, size, dark=self.appearance.dark)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the agenda of the project."""
        session, state = self.session, self.session.project.state
        basis = (state.review, state.layers, state.health, state.results, session.lang, self.appearance.theme)
        if basis == self._shown:
            return
        self._shown = basis
        none = ("", self.appearance.word("agenda.none"))
        book = book_of(state.health).indicators
        indicators = [(code, f"{row.number:02}  {row.title(session.lang)}") for code, row in book.items()]
        sheets = [(sheet.id, sheet.name or sheet.title or sheet.id) for sheet in state.review.sheets]
        self.panel.set_choices([none, *indicators], [none, *sheets])
        self.panel.set_stops([self._line(stop) for stop in state.review.stops], agenda.total_text(session))
        self._show_page()

    def _line(self, stop: Stop) -> StopLine:
        word, session = self.appearance.word, self.session
        value = agenda.value_text(session, stop.indicator)
        told = [f"{stop.indicator} {value}".strip(), stop.view.date]
        if stop.minutes:
            told.append(word("agenda.minutes", count=number(stop.minutes, 1, trimmed=True)))
        gone = agenda.gone_layers(session.project.state, stop)
        if gone:
            told.insert(0, word("agenda.gone", count=gone))
        return StopLine(stop.id, stop.title, " · ".join(filter(None, told)), stop.thumbnail, "warning" if gone else "")

    def _show_page(self) -> None:
        wanted = self.panel.current
        stop = next((one for one in self.session.project.state.review.stops if one.id == wanted), None)
        self.panel.show_page(
            StopPage("") if stop is None else
            StopPage(stop.id, stop.title, stop.notes, stop.indicator, stop.sheet, stop.view.date, stop.minutes)
        )  # fmt: skip

    def _duplicate(self, stop_id: str) -> None:
        copy = agenda.duplicate_stop(self.session, stop_id)
        self.refresh()
        self.panel.choose(copy.id)

    def _set_date(self, stop_id: str, date: str) -> None:
        try:
            agenda.set_date(self.session, stop_id, date)
        finally:  # what is no date is written as before
            self._show_page()
