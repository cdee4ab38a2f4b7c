"""The panel of inputs: values by hand and by workbook, forms into the field and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.usecases.health import collecting, entering, health
from app.window.feature import Feature
from app.window.features.health import inputs_values
from app.window.features.health.assistant import Assistant
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.health.book import book_of, definition_of
from models.health.entered.evidence import evidence_file
from models.health.entered.layout import columns_of, levels_of
from models.health.entered.values import EnteredValue
from viewers.widgets.health.inputs_dialogs import (
    EnterDialog,
    ReturnsPreview,
    SendDialog,
    TemplateDialog,
    ValuesPreview,
)
from viewers.widgets.health.inputs_panel import InputsPanel, InputsView

if TYPE_CHECKING:
    from models.health.collection.joining import Joined
    from models.health.collection.progress import UnitProgress
    from models.health.collection.returns import Returned
    from models.health.entered.changes import Changes
    from models.health.entered.reading import ValuesRead

#: So wide the panel is read without cutting, pixels.
PANEL_PX = 430


class HealthInputs(Feature):
    """How every indicator is answered, and the ways in which values and records come."""

    name = "health_inputs"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self._progress: tuple[UnitProgress, ...] = ()
        self._counted: object = None
        self._counting: Job | None = None
        panel = self.panel = InputsPanel(self.appearance)
        dock = context.docks.add("health_inputs", panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        ask = self.guard
        panel.template_requested.connect(ask(self.write_template))
        panel.import_requested.connect(ask(self.import_values))
        panel.enter_requested.connect(ask(self.enter))
        panel.open_requested.connect(ask(context.requests.open_indicator))
        panel.definition_requested.connect(ask(context.requests.open_definition))
        panel.count_requested.connect(ask(lambda code, origin: entering.let_count(self.session, code, origin)))
        panel.send_requested.connect(ask(self.send))
        panel.take_requested.connect(ask(self.take_back))
        panel.map_requested.connect(ask(self.show_on_map))
        self.assistant = Assistant(context)
        panel.assistant_requested.connect(ask(self.open_assistant))
        context.requests.enter_value.answer_with(self.enter)
        self.stops.append(watch(self.session.results_changed, context.refresh.soon))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self, page: str = "indicators") -> None:
        """Bring the panel forward."""
        self.panel.show_page(page)
        self.context.docks.bring_forward("health_inputs")
        self.context.docks.widen("health_inputs", PANEL_PX)
        self.refresh()

    def enter(self, code: str) -> None:
        """Ask for the value of an indicator for one unit, and take it."""
        session = self.session
        state, lang = session.project.state, session.lang
        definition, book = definition_of(state.health, code), book_of(state.health)
        units = {"city": [("", "")]} | {
            level: [(one.code, one.title(lang)) for one in found]
            for level in levels_of(definition.dimension)[1:]
            if (found := entering.units_of_level(session, level))
        }
        at = 1 if lang == "en" else 0
        parts = {one.part: one.units[at] or one.units[0] for one in columns_of([definition])}
        department = (definition.department_en if lang == "en" else definition.department) or definition.department
        grades = [(one.id, one.name_en if lang == "en" else one.name) for one in book.evidence_grades]
        folder = None if session.project.path is None else session.project.path.parent
        dialog = EnterDialog(
            self.appearance, f"{definition.number:02}  {definition.title(lang)}", units, parts, grades, department,
            str(folder or self.context.folder()), self.context.window,
        )  # fmt: skip
        answer = dialog.ask()
        if answer == "ok":
            told = dialog.fields
            entering.take(session, [
                EnteredValue(
                    code, told.level, told.unit, told.value, told.numerator, told.denominator, told.as_of, told.source,
                    told.department, tuple(evidence_file(name, folder) for name in told.files), told.grade, told.note,
                )
            ])  # fmt: skip
        dialog.deleteLater()

    def open_assistant(self, code: str = "") -> None:
        """Match layers and columns to what the indicators want."""
        self.assistant.open(code)

    def write_template(self) -> None:
        """Ask for which dimension and where, and write a workbook for values."""
        book, lang = book_of(self.session.project.state.health), self.session.lang
        dimensions = [(name, pair[1 if lang == "en" else 0]) for name, pair in book.dimensions.items()]
        dialog = TemplateDialog(self.appearance, dimensions, self.context.window)
        answer, dimension = dialog.ask(), dialog.dimension
        dialog.deleteLater()
        if answer != "ok":
            return
        word = self.appearance.word
        name = f"{dict(dimensions).get(dimension, word('health.inputs.values_file'))}.xlsx"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("health.inputs.template"), str(self.context.folder() / name),
            word("health.inputs.filter_xlsx"),
        )  # fmt: skip
        if path:
            entering.write_template(self.session, Path(path), dimension)

    def import_values(self) -> None:
        """Ask for a workbook, show what it brings, and take it where a person says so."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("health.inputs.import"), str(self.context.folder()),
            word("health.inputs.filter_xlsx"),
        )  # fmt: skip
        if path:
            entering.read_workbook(self.session, Path(path), lambda read, changes: self._preview(path, read, changes))

    def _preview(self, path: str, read: ValuesRead, changes: Changes) -> None:
        session = self.session
        told = session.word("health.preview.told", new=len(changes.new), changed=len(changes.changed),
                            same=len(changes.same))  # fmt: skip
        dialog = ValuesPreview(
            self.appearance, Path(path).name, told,
            inputs_values.change_rows(session, changes, inputs_values.unit_names(session)),
            inputs_values.fault_rows(session, read.faults), len(changes.taken), self.context.window,
        )  # fmt: skip
        if dialog.ask() == "ok":
            entering.take(session, changes.taken)
        dialog.deleteLater()

    def send(self) -> None:
        """Ask what goes into the field and where, and write the forms."""
        session, word = self.session, self.appearance.word
        units = [(one.code, one.title(session.lang)) for one in entering.units_of_level(session, "community")]
        dialog = SendDialog(self.appearance, inputs_values.send_groups(session), units, self.context.window)
        answer, codes, chosen, formats = dialog.ask(), dialog.codes, dialog.unit_codes, dialog.chosen_formats
        dialog.deleteLater()
        if answer != "ok":
            return
        folder = QFileDialog.getExistingDirectory(
            self.context.window, word("health.send.choose_folder"), str(self.context.folder())
        )
        if folder:
            collecting.send_out(session, Path(folder), codes, chosen, formats)
            self.open_panel("collection")

    def take_back(self) -> None:
        """Ask for filled-in forms, show what they bring, and take it where a person says so."""
        word = self.appearance.word
        paths, _ = QFileDialog.getOpenFileNames(
            self.context.window, word("health.inputs.take_back"), str(self.context.folder()),
            word("health.inputs.filter_forms"),
        )  # fmt: skip
        if paths:
            collecting.read_returns(self.session, [Path(path) for path in paths], self._review)

    def _review(self, returns: Sequence[Returned], joined: Joined) -> None:
        session = self.session
        values = sum(len(one.values) for one in returns)
        told = session.word(
            "health.returns.told", files=len(returns), new=len(joined.new), same=joined.same, agreed=joined.agreed,
            open=len(joined.differences), values=values,
        )  # fmt: skip
        dialog = ReturnsPreview(
            self.appearance, told, inputs_values.difference_rows(session, joined),
            inputs_values.fault_rows(session, joined.faults), brings=bool(len(joined.new) or values),
            parent=self.context.window,
        )  # fmt: skip
        if dialog.ask() == "ok":
            chosen = {joined.differences[at].key: place for at, place in dialog.chosen.items()}
            collecting.take_returns(session, returns, joined, chosen)
            self.open_panel("collection")
        dialog.deleteLater()

    def show_on_map(self) -> None:
        """Show how far the collection is as a layer."""
        if self._progress:
            layer = collecting.show_on_map(self.session, self._progress)
            self.context.requests.zoom_to_layer(layer)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show how every indicator is answered now, and how far the collection is."""
        if not self.panel.isVisible():
            return
        session = self.session
        state = session.project.state
        if not state.layers:
            self.panel.show_view(InputsView())
            self._shown = None
            return
        self._count()
        basis = (
            state.results, state.health, state.profile, session.project.data_stamp(), session.lang,
            health.old_codes(session), self._progress,
        )  # fmt: skip
        if basis != self._shown:
            self._shown = basis
            self.panel.show_view(inputs_values.inputs_view(session, self._progress))

    def _count(self) -> None:
        """Work out how far the collection is, off the thread of the window, once a change."""
        session = self.session
        health_ = session.project.state.health
        basis = (health_.batches, health_.returns, session.project.data_stamp())
        if basis == self._counted or (self._counting is not None and not self._counting.is_over):
            return
        self._counted = basis
        if not health_.batches:
            self._progress = ()
            return

        def done(found: tuple[UnitProgress, ...]) -> None:
            self._progress = found
            self.context.refresh.soon()

        self._counting = collecting.progress_now(session, done)
