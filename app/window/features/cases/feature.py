"""Cases in the window: list, card through seven steps, new ones, rates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFileDialog

from app.usecases.cases import cases, listing, papers, rates
from app.usecases.facilities import component_form
from app.window.feature import Feature
from app.window.features.cases.citizens import CitizensFeature
from app.window.features.cases.command import Command
from app.window.window_context import WindowContext
from models.cases.denominator import Denominator
from models.cases.draft import CaseDraft
from models.cases.flow import roles, states, steps
from models.cases.rates import GROUPS, counts, members, rate_defs, tallied
from models.cases.rates import groups as groups_of
from models.cases.times import us_of
from models.core.errors import UserError
from models.project.selection import ObjectKey
from viewers.widgets.cases.case_views import CardView, MoveView, RateView, RowView
from viewers.widgets.cases.cases_panel import CARD, LIST, RATES, CasesPanel

#: So many cases are listed at once, and so wide the panel is, pixels.
MOST_ROWS, PANEL_PX = 1000, 400
_TINTS = {"red": "bad", "yellow": "warn", "green": "good", "unknown": "text_faint", "": ""}


class Cases(Feature):
    """The panel of cases and its actions."""

    name = "cases"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._stamp: object = None
        self._book: rates.CaseBook | None = None
        self._number = ""
        self._behind: tuple[str, str, str] | None = None
        self._draft_place: tuple[ObjectKey | None, Any] = (None, None)
        self.panel = CasesPanel(self.appearance, tuple(states()))
        dock = context.docks.add("cases", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        panel, card, guard = self.panel, self.panel.card, self.guard
        panel.filter_changed.connect(guard(self._filter))
        panel.case_requested.connect(guard(self._show))
        panel.new_requested.connect(guard(self.new_case))
        panel.rates_requested.connect(guard(self.open_rates))
        panel.list_requested.connect(guard(self._to_list))
        panel.export_requested.connect(guard(self._export_list))
        panel.export_rates_requested.connect(guard(self._export_rates))
        panel.file_requested.connect(guard(self._file))
        panel.drill_requested.connect(guard(self._drill))
        panel.denominator_requested.connect(guard(self._set_denominator))
        card.move_requested.connect(guard(self._move))
        card.zoom_requested.connect(guard(self._zoom))
        card.print_requested.connect(guard(self._print))
        card.photos_requested.connect(guard(self._photos))
        context.requests.make_case.answer_with(self.make_case)

    # --- requests of the action table and of others -----------------------------------------------------------------
    def open_list(self) -> None:
        """Show the list of cases."""
        self._to_list()
        self._bring()

    def new_case(self) -> None:
        """Show the form of a new case, at the selected facility or the place that was clicked last."""
        session, word = self.session, self.appearance.word
        key, at = session.picked or (None, None)
        address = class_code = ""
        place = word("cases.place.none") if at is None else word("cases.place.click", east=f"{at[0]:.1f}",
                                                                 north=f"{at[1]:.1f}")  # fmt: skip
        if key is not None and component_form.has_form(session, key):
            form = component_form.form_of(session, key)
            texts = {one.field.name: one.text for one in form.fields}
            address = texts.get("LocateDSC", "")
            place = f"{form.title} {form.code}\n{place}"
            edition = session.project.state.edition_of(session.project.state.layer(key.layer))
            start, stop = edition.span("large", "middle", "small")
            class_code = form.code[start:stop] if edition.is_stated else ""
        else:
            key = None
        self._draft_place = (key, at)
        self.panel.show_new(place, address, class_code)
        self._bring()

    def open_rates(self) -> None:
        """Show the rates with their denominators."""
        self._bring()
        self._with_book(self._draw_rates)

    def make_case(self, draft: CaseDraft) -> str:
        """File a case from a draft and show its card; return its number."""
        number = cases.file(self.session, draft)
        self._show(number)
        self._bring()
        return number

    # --- following ----------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show what holds now; the cases are read by a job once they are seen, and as they change."""
        if not self.panel.isVisible():
            return
        if self.panel.shown_page == CARD and self._number:
            try:
                self._draw_card()
            except UserError:  # undone, or in another project: its card is gone with it
                self._number = ""
                self.panel.show_page(LIST)
        self._with_book(self._draw_rates if self.panel.shown_page == RATES else self._draw_list, again=False)

    def _with_book(self, then: Any, *, again: bool = True) -> None:
        """Read all cases by a job where something changed, and go on with them."""
        session = self.session
        state = session.project.state
        stamp = (
            tuple(one for one in session.project.data_stamp() if one[1] in ("cases", "districts")), state.operations,
            session.lang, self.appearance.theme,
        )  # fmt: skip
        if stamp == self._stamp and self._book is not None:
            if again:
                then(self._book)
            return
        self._stamp = stamp
        asked = rates.book_asked(session)

        def done(book: rates.CaseBook) -> None:
            if self._stamp == stamp:
                self._book = book
                then(book)

        session.run("job.read_cases", lambda _: rates.make_book(*asked), done)

    def _filter(self) -> None:
        self._behind = None
        self._with_book(self._draw_list)

    def _to_list(self) -> None:
        self._behind, self._number = None, ""
        self.panel.show_page(LIST)
        self._with_book(self._draw_list)

    def _bring(self) -> None:
        self.context.docks.bring_forward("cases")
        self.context.docks.widen("cases", PANEL_PX)
        self.refresh()

    # --- drawing ------------------------------------------------------------------------------------------------------
    def _chosen(self, book: rates.CaseBook) -> Any:
        """Return the places of the cases that the list shows."""
        told, wanted = book.measures, str(self.panel.state.currentData())
        among = None
        if self._behind is not None:
            rate, group, by = self._behind
            one = next(one for one in self._defs() if one.id == rate)
            top, bottom, _ = members(told, one)
            names, place = groups_of(told, by)
            among = (bottom if one.denominator else top) & (place == names.index(group))
            return listing.places_of(book, among=among)
        if wanted == "open":
            ended = [one.id for one in states().values() if one.ended]
            among = ~np.isin(told.state, ended)
        picked = (wanted,) if wanted in states() else ()
        return listing.places_of(book, states=picked, red=wanted == "red", text=self.panel.search.text(), among=among)

    def _draw_list(self, book: rates.CaseBook) -> None:
        word, lang = self.appearance.word, self.session.lang
        titles = {one.id: one.title(lang) for one in states().values()}
        self.panel.set_states({"open": word("cases.filter.open"), "red": word("cases.light.red"),
                               "all": word("cases.filter.all"), **titles})  # fmt: skip
        places = self._chosen(book)
        rows = listing.rows_at(book, places[:MOST_ROWS])
        told = word("cases.shown", shown=f"{len(rows):,}", count=f"{len(places):,}", all=f"{len(book.measures.oids):,}")
        if self._behind is not None:
            one = next(one for one in self._defs() if one.id == self._behind[0])
            told = f"{one.title(lang)} {self._behind[1]} · {told}"
        if self.session.project.state.synthetic:
            told = f"{word('app.synthetic')} · {told}"
        self.panel.show_list([self._row(row) for row in rows], told)

    def _row(self, row: listing.CaseRow) -> RowView:
        due = f"{self.appearance.word('cases.column.due')} {papers.when(self.session, row.due_us)}" if row.light else ""
        detail = " · ".join(filter(None, (papers.state_title(self.session, row.state), due, row.department)))
        return RowView(row.number, row.description or row.number, detail, _TINTS[row.light])

    def _show(self, number: str) -> None:
        self._number = number
        self._draw_card()
        self.session.selection.set([cases.find(self.session, number)])

    def _draw_card(self) -> None:
        session, lang = self.session, self.session.lang
        case = cases.case_of(session, self._number)
        state = states().get(case.now.state)
        order = list(steps())
        done = order.index(state.step) if state is not None else -1
        known = roles()
        moves = tuple(
            MoveView(one.id, one.title(lang), known[one.role].title(lang), one.asks, one.may, one.back)
            for one in case.moves
        )
        self.panel.show_card(CardView(
            case.now.number, case.description or case.now.number, papers.state_title(session, case.now.state), "",
            tuple((one.title(lang), at <= done) for at, one in enumerate(steps().values())),
            tuple(papers.facts(session, case)[2:]), tuple(papers.step_cells(session, one) for one in case.steps), moves,
            case.now.department or self._department(case.component),
        ))  # fmt: skip

    def _draw_rates(self, book: rates.CaseBook) -> None:
        session, word, lang = self.session, self.appearance.word, self.session.lang
        by = str(self.panel.by.currentData())
        found = rates.rates(session, by, book)
        found = sorted(found, key=lambda one: one.group) if by != "all" else found
        views = []
        for one in found:
            top = f"{papers.count_title(session, one.rate.numerator)} {one.numerator:,}"
            below = (
                f" ÷ {papers.count_title(session, one.rate.denominator)} {one.denominator:,}"
                if one.rate.denominator
                else ""
            )
            lost = f" · {word('cases.rates.unknown')} {one.unknown:,}" if one.unknown else ""
            heading = "" if by == "all" else papers.group_title(session, by, one.group)
            value = papers.value_text(session, one)
            views.append(RateView(one.rate.id, one.group, heading, one.rate.title(lang), value,
                                  top + below + lost, one.rate.source, not one.rate.denominator))  # fmt: skip
        self.panel.show_rates(
            views, papers.tally_rows(session, tallied(book.measures)),
            {name: word(f"cases.by.{name}") for name in GROUPS},
            [(one.id, one.title(lang)) for one in counts().values()],
        )  # fmt: skip

    def _defs(self) -> Any:
        return rate_defs(self.session.project.state.operations.case_denominators)

    def _department(self, code: str) -> str:
        """Return the department that keeps a facility, as its register says."""
        session = self.session
        for layer in session.project.state.with_role("facilities") if code else ():
            keys, data = session.project.business_keys(layer.id), session.project.data.get(layer.id)
            if keys is None or data is None or "DeptName3" not in getattr(data, "fields", ()):
                continue
            found = np.flatnonzero(keys.values.astype(str) == code)
            if len(found):
                return str(data.row(int(keys.oids[found[0]]))["DeptName3"] or "")  # type: ignore[union-attr]
        return ""

    # --- doing --------------------------------------------------------------------------------------------------------
    def _file(self, what: str, address: str, class_code: str, urgent: bool) -> None:
        key, at = self._draft_place
        self.make_case(CaseDraft(what, "map", "", at, address, key, class_code, urgent))

    def _move(self, number: str, name: str, said: dict[str, Any]) -> None:
        zone = self.session.project.state.operations.zone.name
        due = us_of(said["due"], zone) or 0 if "due" in said else 0
        cases.move(
            self.session, number, name, note=said.get("note", ""), reason=said.get("reason", ""),
            department=said.get("department", ""), photos=tuple(said.get("photos", ())), due_us=due,
            rating=said.get("rating", ""), urgent=bool(said.get("urgent", False)),
        )  # fmt: skip
        self._draw_card()

    def _drill(self, rate: str, group: str) -> None:
        self._behind = (rate, group, str(self.panel.by.currentData()))
        self.panel.show_page(LIST)
        self._with_book(self._draw_list)

    def _set_denominator(self, rate: str, count: str, document: str, clause: str) -> None:
        rates.set_denominator(self.session, Denominator(rate, count, document, clause))
        self._with_book(self._draw_rates)

    def _zoom(self) -> None:
        if self._number:
            self.context.requests.go_to(cases.find(self.session, self._number))

    def _photos(self) -> None:
        word = self.appearance.word
        chosen, _ = QFileDialog.getOpenFileNames(
            self.context.window, word("component.add_photo"), str(self.context.folder()), word("component.photo.filter")
        )
        texts = tuple(component_form.photo_text(self.session, Path(path)) for path in chosen)
        for text in texts:  # the person has just chosen them
            component_form.allow_photo(self.session, text)
        if texts:
            self.panel.card.set_photos(texts)

    # --- paper --------------------------------------------------------------------------------------------------------
    def _print(self) -> None:
        path = self._asked(f"{self._number}.docx", "cases.filter.docx")
        if path is not None:
            papers.write_sheet(self.session, path, cases.case_of(self.session, self._number))
            self._written(path)

    def _export_list(self) -> None:
        path = self._asked("cases.xlsx", "dialog.filter.table")
        if path is not None and self._book is not None:
            papers.write_list(self.session, path, listing.rows_at(self._book, self._chosen(self._book)))
            self._written(path)

    def _export_rates(self) -> None:
        path = self._asked("case_rates.xlsx", "dialog.filter.table")
        if path is not None and self._book is not None:
            by = str(self.panel.by.currentData())
            found = rates.rates(self.session, by, self._book)
            papers.write_rates(self.session, path, found, tallied(self._book.measures), by)
            self._written(path)

    def _asked(self, name: str, kinds: str) -> Path | None:
        word = self.appearance.word
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / name), word(kinds)
        )
        return Path(path) if path else None

    def _written(self, path: Path) -> None:
        self.session.notices.info("notice.cases_written", file=path.name)


FEATURES: tuple[type[Feature], ...] = (Cases, Command, CitizensFeature)
