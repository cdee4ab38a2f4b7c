"""The lists of the health check in the window: made, edited with undo, written, read back, and flown to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog

from app.usecases.health import list_files, lists
from app.window.feature import Feature
from app.window.features.health import list_values
from app.window.window_context import WindowContext
from models.health.lists.columns import ROWS_OF
from models.health.lists.round_trip import Differences
from models.project.selection import ObjectKey
from viewers.texts import judging_texts, list_texts
from viewers.widgets.health.list_dialogs import TableDialog
from viewers.widgets.health.lists_panel import ListsPanel

#: What of many objects is framed has at least so much around it, metres.
FRAME_M = 120.0


class HealthLists(Feature):
    """The panel of lists and its actions."""

    name = "health_lists"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        self.panel = ListsPanel(self.appearance)
        dock = context.docks.add("health_lists", self.panel)
        dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        panel, table = self.panel, self.panel.table
        panel.list_requested.connect(self.guard(self.refresh))
        panel.make_requested.connect(self.guard(self.make))
        panel.export_requested.connect(self.guard(self.export))
        panel.import_requested.connect(self.guard(self.bring))
        panel.notices_requested.connect(self.guard(self.write_notices))
        panel.area_requested.connect(self.guard(self.check_area))
        panel.project_requested.connect(self.guard(self.make_project))
        panel.remove_requested.connect(self.guard(self._remove))
        table.edited.connect(self.guard(self._edit))
        table.chosen.connect(self.guard(self._select))
        table.go_requested.connect(self.guard(lambda row_id: self._go([row_id])))
        table.menu_requested.connect(self.guard(self._open_menu))
        context.requests.list_problems.answer_with(self.list_problems)

    # --- requests of the action table and of other features ---
    def open(self) -> None:
        """Show the lists."""
        self.context.docks.bring_forward("health_lists")
        self.refresh()

    def make(self) -> None:
        """Make the lists of check records and results, or make them again."""
        self.context.docks.bring_forward("health_lists")
        lists.make_lists(self.session)

    def list_problems(self, code: str, keys: Sequence[ObjectKey]) -> None:
        """Take problem objects of an indicator into the lists and show them."""
        lists.list_objects(self.session, code, keys)
        self.context.docks.bring_forward("health_lists")
        self.panel.choose("problems")

    def export(self) -> None:
        """Ask where, and write the list that is shown, or all of a dimension."""
        word, kind = self.appearance.word, self.panel.kind
        scope, said = self.panel.chosen_dimension, self.session.project.state.health
        part = judging_texts.scope_text(scope, said, self.session.lang) if scope else ""
        name = " ".join((word("panel.health_lists"), part)).strip()
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(self.context.folder() / f"{name}.xlsx"),
            word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            kinds = (kind,) if Path(path).suffix.lower() == ".csv" else ()
            list_files.export_lists(self.session, Path(path), kinds, self.panel.chosen_dimension)

    def bring(self) -> None:
        """Ask which file, and show what it would change before it is taken over."""
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, self.appearance.word("lists.import"), str(self.context.folder()),
            self.appearance.word("dialog.filter.table"),
        )  # fmt: skip
        if path:
            list_files.read_lists(self.session, Path(path), self.guard(self._preview))

    def write_notices(self) -> None:
        """Ask where, and write notices of what is overdue."""
        word = self.appearance.word
        lists.require_overdue(self.session)
        proposed = self.context.folder() / f"{word('lists.notice.title')}.xlsx"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, word("dialog.export"), str(proposed), word("dialog.filter.table")
        )
        if path:
            list_files.export_notices(self.session, Path(path))

    def check_area(self) -> None:
        """Count the four data sets inside the polygons that are selected (片区体检)."""
        rows = list_texts.area_rows(lists.check_objects(self.session, self.session.selection.keys), self.session.lang)
        self._show_table("lists.area", self.appearance.word("lists.area.about"), rows[0], rows[1:])

    def make_project(self, problems: Sequence[str] = ()) -> None:
        """Ask for a name and make a renewal project of problems."""
        name = self.context.ask_name("lists.project_name", "")
        if name.strip():
            lists.add_project(self.session, name, problems)
            self.panel.choose("projects")

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the list anew where something of it has changed."""
        session, panel = self.session, self.panel
        if not panel.isVisible():
            return
        state, kind, dimension = session.project.state, panel.kind, panel.chosen_dimension
        data = session.project.data_stamp() if kind == "survey" else None
        said = state.health
        shown = (kind, dimension, session.lang, id(said.ledger), id(said.problems), id(said.renewal_projects),
                 id(state.results), said.edition, data)  # fmt: skip
        if shown == self._shown:
            return
        self._shown, self._held = shown, (said, state.results)  # held, so that an id stays whose it is
        panel.set_dimensions(
            [(name, judging_texts.scope_text(name, said, session.lang)) for name in lists.dimensions(session)]
        )

        def done(found: list_values.Shown) -> None:
            if self._shown == shown:
                everything = session.word("lists.everything", column=_head(found, list_values.NARROWED_BY[kind]))
                panel.set_only(list_values.NARROWED_BY[kind], found.narrowed, everything)
                panel.show_rows(found.rows, found.columns, found.total)

        session.jobs.run(
            "job.rank", lambda _: list_values.shown_list(session, kind, dimension), done, failed=session.fail
        )  # fmt: skip

    # --- what a hand does in the table -------------------------------------------------------------------------------
    def _edit(self, row_id: str, name: str, value: object) -> None:
        try:
            lists.edit(self.session, self.panel.kind, row_id, name, value)
        finally:
            self._shown = None if self.session.jobs.inline else self._shown
            self.context.refresh.soon()

    def _select(self, ids: Sequence[str]) -> None:
        if self.panel.kind in ROWS_OF and ids:
            keys = lists.keys_of(self.session, self.panel.kind, ids)
            self.session.selection.set_many(keys.by_layer())

    def _go(self, ids: Sequence[str]) -> None:
        if self.panel.kind not in ROWS_OF:
            return
        if not self.show_objects(lists.keys_of(self.session, self.panel.kind, ids), FRAME_M):
            self.session.notices.info("notice.health.no_place")

    def _remove(self, ids: Sequence[str]) -> None:
        lists.remove_projects(self.session, ids)

    def _open_menu(self, ids: Sequence[str], at: QPoint) -> None:
        entries = [("crosshair-simple", "ranked.menu.go", lambda: self._go(ids))]
        if self.panel.kind in ("problems", "suggestions"):
            entries.append(("folder-plus", "lists.make_project", lambda: self.make_project(ids)))
        if self.panel.kind == "projects":
            entries.append(("trash", "lists.remove_project", lambda: self._remove(ids)))
        entries.append(("download-simple", "lists.export", self.export))
        self.panel.table.open_menu(entries, at)

    def _preview(self, found: Sequence[Differences]) -> None:
        """Show what a file would change, and take it over where the person agrees."""
        session, lang = self.session, self.session.lang
        rows = [
            [session.word(f"lists.tab.{one.kind}"), change.row, list_texts.column_text(one.kind, change.column, lang),
             list_texts.changed_text(one.kind, change.column, change.before, lang),
             list_texts.changed_text(one.kind, change.column, change.after, lang)]
            for one in found for change in one.changes
        ]  # fmt: skip
        rows += [
            [session.word(f"lists.tab.{one.kind}"), refused.id, list_texts.column_text(one.kind, refused.column, lang),
             refused.value, list_texts.refused_text(refused, lang)]
            for one in found for refused in one.refused
        ]  # fmt: skip
        changed, refused = sum(len(one.changes) for one in found), sum(len(one.refused) for one in found)
        added = sum(one.added for one in found)
        if not changed and not added and not refused:
            session.notices.info("notice.health.lists_same")
            return
        heads = [session.word(f"lists.difference.{name}") for name in ("list", "row", "column", "before", "after")]
        about = session.word("lists.import.about", changed=changed, added=added, refused=refused)
        if self._show_table("lists.import", about, heads, rows, takes=bool(changed or added)) == "ok":
            list_files.take_over(session, found)

    def _show_table(
        self, title: str, about: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, takes: bool = False
    ) -> str:
        dialog = TableDialog(self.appearance, title, about, heads, rows, self.context.window, takes=takes)
        answer = dialog.ask()
        dialog.deleteLater()
        return answer


def _head(shown: list_values.Shown, name: str) -> str:
    return next((one.head for one in shown.columns if one.name == name), "")
