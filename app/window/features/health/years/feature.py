"""Year on year in the window: which year is compared with, what became of it, on the map and object by object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog

from app.usecases.health import health, years
from app.usecases.health.rectified import base_record
from app.window.feature import Feature
from app.window.features.health.years import values as year_values
from app.window.window_context import WindowContext
from models.project.selection import Keys
from models.views.scene_state import Theme
from viewers.texts import year_texts
from viewers.widgets.health.years_panel import YearsPanel

if TYPE_CHECKING:
    from models.health.years.comparing import Comparison

#: What of many objects is framed has at least so much around it, metres.
FRAME_M = 120.0


class YearOnYear(Feature):
    """Connects :class:`viewers.widgets.health.years_panel.YearsPanel` to the session."""

    name = "health_years"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.comparison: Comparison | None = None
        self._compared: object = None
        self._shown: object = None
        self.panel = panel = YearsPanel(self.appearance)
        dock = context.docks.add("health_years", panel)
        dock.visibilityChanged.connect(self.guard(lambda on: self.refresh() if on else None))
        session = self.session
        panel.base_chosen.connect(self.guard(lambda name: years.choose_base(session, name)))
        panel.list_requested.connect(self.guard(self._show))
        panel.close_requested.connect(self.guard(self.close_year))
        panel.take_requested.connect(self.guard(self.take_year))
        panel.export_requested.connect(self.guard(self.export))
        panel.forget_requested.connect(self.guard(self._forget))
        panel.change_requested.connect(self.guard(self.show_change))
        panel.swipe_requested.connect(self.guard(self.swipe))
        panel.table.chosen.connect(self.guard(self._select))
        panel.table.go_requested.connect(self.guard(self._go))
        panel.table.menu_requested.connect(self.guard(self._open_menu))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("health_years")
        self.refresh()

    def close_year(self) -> None:
        """Keep what the check came to in the project."""
        years.close_year(self.session)

    def take_year(self) -> None:
        """Ask for a file, and take the record of another year or city in."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("year.take"), str(self.context.folder()), word("year.files")
        )
        if path:
            years.take_year(self.session, Path(path))

    def export(self) -> None:
        """Ask where, and write the comparison as a workbook, or the record of this year."""
        if self.comparison is None:
            return
        word = self.appearance.word
        proposed = self.context.folder() / f"{word('panel.health_years')}.xlsx"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(proposed), word("year.files_out")
        )
        if not path:
            return
        if Path(path).suffix.lower() == years.RECORD:
            years.write_year(self.session, Path(path))
        else:
            years.export_comparison(self.session, self.comparison, Path(path))

    def show_change(self) -> None:
        """Colour the city by what became of the indicator of the current row."""
        health.set_theme(self.session, Theme("indicator", self._code(), "change"))

    def swipe(self) -> None:
        """Lay last year's values beside this year's under a curtain."""
        base = base_record(self.session)
        if base is None:
            return
        code = self._code()
        health.set_theme(self.session, Theme("indicator", code))
        title = year_texts.record_text(base, self.session.lang)
        self.context.requests.compare_themes(Theme("indicator", code, "before"), title)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Compare anew where a result or a record has changed."""
        session, panel = self.session, self.panel
        if not panel.isVisible():
            return
        said, lang = session.project.state.health, session.lang
        base = base_record(session)
        basis = (id(session.project.state.results), id(said), id(base), session.project.data_stamp())
        if (basis, lang) == self._compared:
            return
        self._compared, self._held = (basis, lang), (session.project.state.results, said, base)
        panel.show_bases([(one.id, year_texts.record_text(one, lang)) for one in said.years], base.id if base else "")
        if base is None or not health.all_kept(session):
            self.comparison = None
            self._show()
            return

        def done(found: Comparison) -> None:
            if self._compared == (basis, lang):
                self.comparison = found
                self._show()

        years.compare(session, base, done)

    def _show(self) -> None:
        panel, found, kind = self.panel, self.comparison, self.panel.kind
        if found is None:
            panel.show_rows(year_values.NOTHING, (), "", "", ())
            return

        def done(shown: year_values.Shown) -> None:
            if self.comparison is found and panel.kind == kind:
                panel.show_rows(shown.rows, shown.columns, shown.total, year_values.NARROWED_BY[kind], shown.narrowed)

        session = self.session
        session.jobs.run(
            "job.rank", lambda _: year_values.shown_years(session, found, kind), done, failed=session.fail
        )  # fmt: skip

    # --- what a hand does in the table -----------------------------------------------------------------------------
    def _code(self) -> str:
        """Return the indicator of the current row, else the one that is shown, else the first that changed."""
        codes = [self._code_of(one) for one in self.panel.table.chosen_ids()]
        theme = self.session.project.state.theme
        rows = self.comparison.indicators if self.comparison is not None else ()
        changed = [one.code for one in rows if one.city.verdict in ("worsened", "improved")]
        shown = [theme.indicator] if theme.kind == "indicator" else []
        return next(iter([*filter(None, codes), *shown, *changed, *(one.code for one in rows)]), "")

    def _code_of(self, row_id: str) -> str:
        if self.panel.kind == "problems" and self.comparison is not None:
            return self.comparison.problems[int(row_id)].problem.indicator
        return row_id.partition("|")[0] if self.panel.kind != "layers" else ""

    def _keys(self, ids: Sequence[str]) -> Keys:
        if self.comparison is None or self.panel.kind != "problems":
            return Keys()
        problems = [self.comparison.problems[int(one)].problem for one in ids]
        return Keys.of(sorted(years.keys_of(self.session, problems)))

    def _select(self, ids: Sequence[str]) -> None:
        keys = self._keys(ids)
        if len(keys):
            self.session.selection.set_many(keys.by_layer())

    def _go(self, row_id: str) -> None:
        kind = self.panel.kind
        if kind in ("indicators", "units"):
            self.show_change()
        elif kind == "problems":
            self._fly([row_id])

    def _fly(self, ids: Sequence[str]) -> None:
        if not self.show_objects(self._keys(ids), FRAME_M):
            self.session.notices.info("notice.health.no_place")

    def _open_menu(self, ids: Sequence[str], at: QPoint) -> None:
        entries: list[tuple[str, str, Callable[[], object]]] = []
        if self.panel.kind == "problems":
            entries.append(("crosshair-simple", "ranked.menu.go", lambda: self._fly(ids)))
        if self.panel.kind != "layers":
            entries += [
                ("map-trifold", "year.show_change", self.show_change),
                ("circle-half", "year.swipe", self.swipe),
                ("chart-bar", "judging.menu.open", lambda: self.context.requests.open_indicator(self._code())),
            ]
        entries.append(("download-simple", "year.export", self.export))
        self.panel.table.open_menu([(icon, word, self.guard(act)) for icon, word, act in entries], at)

    def _forget(self) -> None:
        base = base_record(self.session)
        if base is not None:
            years.forget_year(self.session, base.id)
