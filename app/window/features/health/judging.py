"""Judging in the window: what is proposed, what a named person decides with undo, and grades in all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint

from app.usecases.health import judging, lists
from app.window.feature import Feature
from app.window.features.health import list_values
from app.window.window_context import WindowContext
from models.health.judging.decisions import standing, standing_overall
from models.health.judging.rollup import RollUp
from models.health.judging.rules import OVERALL
from models.health.judging.yardsticks import FIGURES
from viewers.texts import judging_texts
from viewers.widgets.health.judging_panel import JudgingPanel, OverallView
from viewers.widgets.health.list_dialogs import FigureDialog

_TINTS = {"excellent": "good", "good": "good", "medium": "warn", "poor": "bad", "between": "accent"}


class HealthJudging(Feature):
    """The panel of judging and its actions."""

    name = "health_judging"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self.panel = JudgingPanel(self.appearance)
        dock = context.docks.add("judging", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        table = self.panel.table
        self.panel.list_requested.connect(self.guard(self.refresh))
        self.panel.overall_requested.connect(self.guard(self._decide_all))
        table.edited.connect(self.guard(self._edit))
        table.go_requested.connect(self.guard(self._open))
        table.menu_requested.connect(self.guard(self._open_menu))

    def open(self) -> None:
        """Show the grades."""
        self.context.docks.bring_forward("judging")
        self.refresh()

    def refresh(self) -> None:
        """Show the grades anew where something of them has changed."""
        session, panel = self.session, self.panel
        if not panel.isVisible():
            return
        state, dimension = session.project.state, panel.chosen_dimension
        shown = (dimension, session.lang, self.appearance.theme, id(state.results), id(state.health), state.profile)
        if shown == self._shown:
            return
        self._shown, self._held = shown, (state.results, state.health)
        panel.set_dimensions(
            [(name, judging_texts.scope_text(name, state.health, session.lang)) for name in lists.dimensions(session)]
        )

        def work(_: object) -> tuple[list_values.Shown, list[OverallView]]:
            return list_values.shown_judging(session, dimension), [self._view(one) for one in judging.roll_ups(session)]

        def done(found: tuple[list_values.Shown, list[OverallView]]) -> None:
            if self._shown == shown:
                rows, overall = found
                grades = [(one, session.word(f"judging.overall.{one}")) for one in OVERALL]
                panel.show_overall(overall, grades)
                panel.show_rows(rows.rows, rows.columns, rows.total, rows.narrowed)

        session.jobs.run("job.rank", work, done, failed=session.fail)

    def _view(self, one: RollUp) -> OverallView:
        session = self.session
        said = session.project.state.health
        own, word, lang = standing_overall(said.overall_decisions).get(one.scope), session.word, session.lang
        worked_out = judging_texts.overall_text(one, lang)
        short = word(f"judging.overall.{one.grade or 'none'}.short") if not one.grade or one.grade == "between" else ""
        grade = word(f"judging.overall.{own.grade}") if own else short or worked_out
        detail = word("judging.card", graded=one.graded, total=one.total)
        tips = [worked_out, judging_texts.counts_text(one, lang)]
        if own is not None:
            detail = word("judging.card.decided", by=own.by)
            tips.append(word("judging.card.why", by=own.by, at=own.at[:10], why=own.why))
            if own.counts != one.counts_text:
                tips.append(word("judging.older"))
        tint = _TINTS.get(own.grade if own else one.grade, "text_faint")
        return OverallView(
            one.scope, judging_texts.scope_text(one.scope, said, lang), grade, detail, tint, own is not None,
            one.grade == "between" and own is None, "\n".join(tips),
        )  # fmt: skip

    # --- deciding --------------------------------------------------------------------------------------------------
    def _edit(self, code: str, name: str, value: object) -> None:
        try:
            self._decide(code, name, str(value or ""))
        finally:
            self._shown = None
            self.context.refresh.soon()

    def _decide(self, code: str, name: str, value: str) -> None:
        """Keep a decision; a reason is asked for where it differs from the proposal and none stands there."""
        session = self.session
        own = standing(session.project.state.health.decisions).get(code)
        if name == "reason":
            if own is not None:
                judging.decide(session, code, own.grade, self._person(), value)
            else:
                session.notices.info("notice.health.decide_first")
            return
        offered = next(row["proposed"] for row in judging.judging_rows(session, (code,)))
        by = self._person()
        why = own.why if own is not None else ""
        if by and value and value != offered and not why:
            why = self.context.ask_name("judging.ask_why", "")
            if not why:
                return
        judging.decide(session, code, value, by, why)

    def _decide_all(self, scope: str, grade: str) -> None:
        by = self._person()
        why = self.context.ask_name("judging.ask_why", "") if by and grade else ""
        if by and (why or not grade):
            judging.decide_all(self.session, scope, grade, by, why)

    def _person(self) -> str:
        """Return who decides: as it stands in the field, else as it is answered."""
        field = self.panel.person
        if not field.text().strip():
            field.setText(self.context.ask_name("judging.ask_person", ""))
        return field.text().strip()

    def _open(self, code: str) -> None:
        self.context.requests.open_indicator(code)

    def _open_menu(self, codes: Sequence[str], at: QPoint) -> None:
        code = codes[0] if codes else ""
        entries = [
            ("crosshair-simple", "judging.menu.open", lambda: self._open(code)),
            ("plus-circle", "judging.menu.figure", lambda: self._ask_figure(code)),
            ("sliders-horizontal", "judging.menu.limit", lambda: self._try_limit(code)),
            ("arrow-counter-clockwise", "judging.take_back", lambda: self._take_back(codes)),
        ]
        if code:
            self.panel.table.open_menu([(icon, word, self.guard(act)) for icon, word, act in entries], at)

    def _take_back(self, codes: Sequence[str]) -> None:
        own = standing(self.session.project.state.health.decisions)
        for code in codes:
            if code in own:
                judging.decide(self.session, code, "", self._person())

    def _ask_figure(self, code: str) -> None:
        name = next(row["name"] for row in judging.judging_rows(self.session, (code,)))
        dialog = FigureDialog(self.appearance, f"{code} {name}", FIGURES, self.context.window)
        if dialog.ask() == "ok" and dialog.number is not None:
            judging.enter_figure(
                self.session, code, str(dialog.kind.currentData()), dialog.number, dialog.name.text(),
                dialog.source.text(), self.panel.person.text(),
            )  # fmt: skip
        dialog.deleteLater()

    def _try_limit(self, code: str) -> None:
        """Say what would be proposed under another limit; nothing changes."""
        text = self.context.ask_name("judging.ask_limit", "").replace(",", "")
        if not text:
            return
        tried = judging.try_limit(self.session, code, text)
        none = self.session.word("value.none")
        lang = self.session.lang
        grades = [judging_texts.grade_text(one.grade, lang) or none for one in (tried.before, tried.after)]
        self.session.notices.info(
            "notice.health.limit_tried",
            indicator=code,
            before=f"{tried.limit_before:g}",
            after=f"{tried.limit_after:g}",
            now=grades[0],
            then=grades[1],
        )
