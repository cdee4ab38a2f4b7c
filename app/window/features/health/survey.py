"""The residents' questionnaire in the window: import, quotas, satisfaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.usecases.health import survey
from app.window.feature import Feature
from app.window.features.health.survey_values import survey_view
from app.window.window_context import WindowContext
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.reading import MAPPED, SCALES, SurveyMapping, SurveyRead, guessed, is_personal
from viewers.texts.survey_texts import read_lines
from viewers.widgets.health.survey_dialogs import SurveyColumns, SurveyTaken
from viewers.widgets.health.survey_panel import SurveyPanel

if TYPE_CHECKING:
    import pandas as pd

#: Questions and intervals are read without cutting at this width, pixels.
WIDE_PX = 380


class Survey(Feature):
    """The panel of the questionnaire and its actions."""

    name = "health_survey"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._asked: tuple[str, str, bool] = ("", "", False)
        self._shown: object = None
        self.panel = SurveyPanel(self.appearance)
        dock = context.docks.add("health_survey", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        self.panel.import_requested.connect(self.guard(self.import_answers))
        self.panel.asked.connect(self.guard(self._ask))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_survey(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("health_survey")
        self.context.docks.widen("health_survey", WIDE_PX)
        self.refresh()

    def import_answers(self) -> None:
        """Ask for a table, ask which column is what, and take the answers in."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("survey.import"), str(self.context.folder()), "XLSX, CSV (*.xlsx *.csv *.txt)"
        )
        if path:
            file = Path(path)
            survey.columns_of(self.session, file, lambda raw: self._choose_columns(raw, file.name))

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the answers of the project, where the panel is seen."""
        if not self.panel.isVisible():
            return
        project = self.session.project
        shown = (project.data_stamp(), project.state.layers, project.state.health, self._asked, self.session.lang)
        if shown != self._shown:
            self._shown = shown
            self.panel.show_survey(survey_view(self.session, *self._asked))

    def _ask(self, unit: str, question: str, weighted: bool) -> None:
        self._asked = unit, question, weighted
        self.refresh()

    def _choose_columns(self, raw: pd.DataFrame, file: str) -> None:
        names = [str(one) for one in raw.columns]
        found = guessed(names)
        questions = {one.id: one.title(self.session.lang) for one in questionnaire().questions.values()}
        asked = questions.keys() & found.columns.keys()
        free = [one for one in names if not is_personal(one)]
        told = self.appearance.word("survey.columns.told", questions=len(asked), rows=f"{len(raw):,}")
        dialog = SurveyColumns(
            self.appearance,
            free,
            found.columns,
            MAPPED,
            ("auto", *SCALES),
            questions,
            told,
            self.context.window,
        )
        answer, columns, scale = dialog.ask(), dialog.columns, str(dialog.scale.currentData())
        dialog.deleteLater()
        if answer == "ok":
            mapping = SurveyMapping(columns, scale)
            survey.read(self.session, raw, mapping, lambda read: self._take(read, file))

    def _take(self, read: SurveyRead, file: str) -> None:
        dialog = SurveyTaken(self.appearance, read_lines(read, self.session.lang), self.context.window)
        if dialog.ask() == "ok":
            survey.take(self.session, read, file)
        dialog.deleteLater()
