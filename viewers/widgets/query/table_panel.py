"""The attribute tables of the layers that were opened: any number of rows, filtered, sorted and added up as jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QStackedLayout, QToolButton, QWidget

from models.core.progress import Progress
from models.core.value_text import NumberForm
from models.query.column_filter import ColumnFilter, Distinct, distinct_of
from models.query.columns import Columns
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, column, label, line, restyle, row, tool
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.common.plain import plain_entry, plain_tip
from viewers.widgets.query.column_filter_card import ColumnFilterCard
from viewers.widgets.query.table_arranging import Arranged, Asked, Look, arranged
from viewers.widgets.query.table_columns import TableColumns
from viewers.widgets.query.table_model import NONE, Rows, TableModel, places_in
from viewers.widgets.query.table_tabs import TableTabs
from viewers.widgets.query.table_totals import TotalsRow
from viewers.widgets.query.table_view import RowsView

Mask = NDArray[np.bool_]
#: ``run(title, work, done)``: work off the thread that asks, the answer back on it.
Runner = Callable[[str, Callable[[Progress], Any], Callable[[Any], object]], object]
#: Tables up to so many rows are filtered and sorted at once.
AT_ONCE = 20_000
#: So many pieces of a selection are Qt's; more are marked by colour alone.
MOST_PIECES = 400
MOST_COPIED = 200_000
PAUSE_MS = 250
FOOT_PX = 28


class TablePanel(QWidget):
    """Tables behind tabs, each with its filter, order and place; totals and counts below.

    Signals
    -------
    layer_requested : (layer id) its table is to be shown
    select_requested : (ndarray of oid)
    go_requested : (oid)
    zoom_requested, export_requested : () fly to what is selected in sight, export it
    properties_requested : (oid)
    statistics_requested : (field)
    elsewhere_requested : () show the table of what is selected in another layer
    edit_requested : (oid, field, text)
    fill_requested : ()
    copied : (int) so many rows went to the clipboard
    way_changed : (layer id, Way) somebody hid a column, moved it or changed its width
    """

    layer_requested = Signal(str)
    select_requested = Signal(object)
    go_requested = Signal(int)
    zoom_requested = Signal()
    export_requested = Signal()
    properties_requested = Signal(int)
    statistics_requested = Signal(str)
    elsewhere_requested = Signal()
    edit_requested = Signal(object, str, str)
    fill_requested = Signal()
    copied = Signal(int)
    way_changed = Signal(str, object)

    def __init__(
        self,
        appearance: Appearance,
        name_of: Callable[[str], str],
        text_of: Callable[[str, object, NumberForm], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.layer_id = ""
        self.appearance, self.name_of, self._text_of = appearance, name_of, text_of
        self._setting = False
        self._stamp = 0
        self._selected: Rows = np.zeros(0, np.int64)
        self._looks: dict[str, Look] = {}
        self._look = Look()
        self._return_to: tuple[int, int] | None = None
        self._last: Arranged | None = None
        #: Set by the window: how work is run, what a filter text means (None: plain text), what lies in view.
        self.run: Runner = lambda _, work, done: done(work(Progress()))
        self.condition_of: Callable[[str], Callable[[Columns], Mask] | None] = lambda _: None
        #: (field, text) → codes shown by a word that holds the text.
        self.codes_shown: Callable[[str, str], Sequence[str]] = lambda _field, _text: ()
        #: Why a filter text finds nothing, in words; empty for nothing to say.
        self.why_nothing: Callable[[str], str] = lambda _: ""
        self.in_view: Callable[[], Callable[[Columns], Mask] | None] = lambda: None
        self.model = TableModel(name_of, text_of, self)
        self.model.edited.connect(self.edit_requested)
        self.tabs = TableTabs(appearance)
        self.tabs.chosen.connect(self.layer_requested)
        self.card = ColumnFilterCard(appearance, self)
        self.card.applied.connect(self.set_column_filter)
        self._build_head(appearance)
        self._build_view(appearance)
        self._build_foot(appearance)
        self.totals = TotalsRow(appearance, self.view, self)
        self.columns = TableColumns(self.view, self.model, name_of)
        self.columns.way_changed.connect(self.way_changed)
        self.columns.changed.connect(self.totals.update)
        self.nothing = label("soft", wrap=True)
        self.nothing.setContentsMargins(12, 8, 12, 8)
        self.nothing.hide()
        self.hint = EmptyHint(appearance, "table", "table.empty")
        top = row(
            self.search, self.way, self.only_selected, self.only_view, self.clear, 1, self.zoom, self.pen, self.fill,
            self.chooser, margins=(10, 3, 10, 3), gap=4,
        )  # fmt: skip
        body = QWidget()
        body.setLayout(
            column(self.tabs, line(), top, line(), self.nothing, self.view, self.totals, self.foot, gap=0)
        )  # fmt: skip
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.lang_changed.connect(self._on_lang_changed)
        appearance.look_changed.connect(self._on_look_changed)
        self._on_look_changed()

    def _build_head(self, appearance: Appearance) -> None:
        self.search = QLineEdit()
        self.search.setProperty("role", "slim")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(200)
        self.search.setMaximumWidth(420)
        appearance.say(self.search.setPlaceholderText, "table.filter")
        appearance.say(self.search.setToolTip, "table.filter.tip")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.arrange)
        self.search.textChanged.connect(lambda _: None if self._setting else self._pause.start())
        self.search.returnPressed.connect(self.arrange)
        self.way = label("faint")
        self.only_selected = self._switch(appearance, "selection-all", "table.only_selected")
        self.only_view = self._switch(appearance, "frame-corners", "table.only_view")
        self.clear = button(appearance, "table.filter.clear_all", "quiet", "funnel")
        self.clear.clicked.connect(self.clear_filters)
        self.clear.hide()
        self.zoom = tool(appearance, "crosshair-simple", "table.zoom", size=16)
        self.zoom.clicked.connect(self._on_zoom_clicked)
        self.pen = self._switch(appearance, "pencil-simple", "table.edit")
        self.fill = tool(appearance, "calculator", "table.fill", size=16)
        self.fill.clicked.connect(self.fill_requested)
        self.chooser = tool(appearance, "columns", "table.columns", size=16)
        self.chooser.clicked.connect(self._choose_columns)
        self.only_selected.toggled.connect(lambda _: self._on_switch_toggled())
        self.only_view.toggled.connect(lambda _: self._on_switch_toggled())
        self.pen.toggled.connect(self._on_pen_toggled)

    def _switch(self, appearance: Appearance, icon: str, tip: str) -> QToolButton:
        press = tool(appearance, icon, tip, size=16)
        press.setCheckable(True)
        return press

    def _build_view(self, appearance: Appearance) -> None:
        view = self.view = RowsView(appearance, self._is_marked)
        view.setModel(self.model)
        head = view.header
        head.is_filtered = lambda at: at < len(self.model.fields) and self.model.fields[at] in self._look.filters
        head.sectionClicked.connect(self._on_head_clicked)
        head.menu_requested.connect(self._on_column_menu)
        view.doubleClicked.connect(self._on_double_clicked)
        view.customContextMenuRequested.connect(self._on_row_menu)
        view.installEventFilter(self)
        # the headers' own selections stay empty: to paint a heading Qt would ask each of a million rows for its flags
        head.setSelectionModel(QItemSelectionModel(self.model, head))
        view.verticalHeader().setSelectionModel(QItemSelectionModel(self.model, view))
        view.selectionModel().selectionChanged.connect(self._on_rows_selected)

    def _build_foot(self, appearance: Appearance) -> None:
        self.count = label("small")
        self.elsewhere = label("small")
        self.elsewhere.hide()
        self.show_elsewhere = button(appearance, "table.elsewhere.show", "link")
        self.show_elsewhere.clicked.connect(self.elsewhere_requested)
        self.show_elsewhere.hide()
        self.foot = QWidget()
        self.foot.setFixedHeight(FOOT_PX)
        self.foot.setLayout(row(self.count, 1, self.elsewhere, self.show_elsewhere, margins=(10, 0, 6, 0), gap=6))

    # --- what the window shows -----------------------------------------------------------------------------------
    def set_layers(self, layers: list[tuple[str, str]]) -> None:
        """Offer layers as ``(id, title)``; the tabs of those that are gone go."""
        self.tabs.set_layers(layers)
        if not layers:
            self.layer_id = ""
            self.model.set_columns(NONE)
        self._stack.setCurrentIndex(1 if layers else 0)

    def show_layer(
        self,
        layer_id: str,
        columns: Columns,
        selected: Iterable[int] | Rows,
        *,
        edits: bool = False,
        keep: bool = False,
    ) -> None:
        """Show one layer's rows as they were last looked at.

        Parameters
        ----------
        layer_id : str
        columns : Columns
        selected : iterable of int
        edits : bool
            Whether its cells can be changed.
        keep : bool
            Whether its tab stays; else the next layer takes its place.
        """
        other = layer_id != self.layer_id
        same = not other and list(columns.fields) == self.model.fields
        if other:
            self._leave()
        self.layer_id = layer_id
        self.tabs.show_layer(layer_id, keep=keep)
        self._setting = True
        self.columns.begin(layer_id)
        if other:
            self._enter(layer_id)
        self._selected = _array(selected)
        if same and len(columns) == len(self.model.columns):
            self.model.replace_columns(columns)
        else:
            self.model.set_columns(columns)
        for press in (self.pen, self.fill):
            press.setEnabled(edits)
        if not same:
            self._show_sort()
        self.columns.end(lay_out=not same)
        self._setting = False
        self.arrange()

    def _leave(self) -> None:
        """Remember how the layer that was shown was looked at."""
        look = self._look
        look.text = self.search.text()
        look.only_selected, look.only_view = self.only_selected.isChecked(), self.only_view.isChecked()
        if self._return_to is None:
            look.top, look.left = self.view.verticalScrollBar().value(), self.view.horizontalScrollBar().value()

    def _enter(self, layer_id: str) -> None:
        """Come back to how a layer was looked at."""
        look = self._look = self._looks.setdefault(layer_id, Look())
        self.search.setText(look.text)
        self.only_selected.setChecked(look.only_selected)
        self.only_view.setChecked(look.only_view)
        self._return_to = (look.top, look.left)
        self.pen.setChecked(False)

    def select(self, oids: Iterable[int] | Rows) -> None:
        """Select the rows of these objects and bring the first into sight, unless they were chosen here."""
        fresh = _array(oids)
        mine = np.array_equal(fresh, self._selected)
        self._selected = fresh
        if mine:
            return
        if self.only_selected.isChecked():
            self.arrange()
        else:
            self._show_selected(scroll=True)

    def tell_elsewhere(self, title: str, count: int) -> None:
        """Say how many objects are selected in another layer; none takes the line away."""
        self.elsewhere.setVisible(count > 0)
        self.show_elsewhere.setVisible(count > 0)
        if count:
            short = self.elsewhere.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, 160)
            self.elsewhere.setText(self.appearance.word("table.elsewhere", layer=short, count=f"{count:,}"))

    def set_filter(self, text: str) -> None:
        """Type a filter."""
        self.search.setText(text)
        self._pause.stop()
        self.arrange()

    @property
    def is_pinned(self) -> bool:
        """Whether the table stays with its layer whichever becomes current."""
        return self.tabs.pin.isChecked()

    @property
    def selected_oids(self) -> Rows:
        """Return the selected objects that are in sight, in the order of the rows."""
        return self.model.oids_at(self._selected_places())

    @property
    def selected_count(self) -> int:
        """Return how many rows in sight are selected."""
        return len(self._selected_places())

    @property
    def shown_oids(self) -> Rows:
        """Return the objects in sight, in the order of the rows."""
        return self.model.oids_at(np.arange(len(self.model.order)))

    # --- filtering, sorting, adding up -----------------------------------------------------------------------------
    @property
    def filters(self) -> dict[str, ColumnFilter]:
        """Return the filters by column."""
        return self._look.filters

    @property
    def sort(self) -> tuple[str, bool]:
        """Return the field by which rows are sorted, empty for none, and whether downwards."""
        return self._look.sort

    @property
    def is_filtered(self) -> bool:
        """Whether anything keeps rows out of sight."""
        switched = self.only_selected.isChecked() or self.only_view.isChecked()
        return bool(self._look.filters or self.search.text().strip()) or switched

    def set_column_filter(self, field: str, wanted: ColumnFilter = ColumnFilter()) -> None:  # noqa: B008 - it is frozen
        """Filter a column; an empty filter takes its filter away."""
        if wanted:
            self._look.filters[field] = wanted
        else:
            self._look.filters.pop(field, None)
        self.view.header.viewport().update()
        self.arrange()

    def clear_filters(self) -> None:
        """Show all rows again."""
        self._setting = True
        self._look.filters.clear()
        self.search.clear()
        self.only_selected.setChecked(False)
        self.only_view.setChecked(False)
        self._setting = False
        self.view.header.viewport().update()
        self.arrange()

    def ask_filter(self, field: str) -> None:
        """Open the card in which a column is filtered, below its heading."""
        at, head, columns = self.model.fields.index(field), self.view.header, self.model.columns
        self.view.scrollTo(self.model.index(max(self.view.rowAt(0), 0), at))
        place = head.viewport().mapToGlobal(QPoint(head.sectionViewportPosition(at), head.height()))
        self.card.ask(field, self.name_of(field), self._look.filters.get(field, ColumnFilter()), place)

        def done(found: Distinct) -> None:
            if self.card.field == field and self.card.isVisible():
                form = columns.form(field)
                self.card.show_values(found, lambda value: self._text_of(field, value, form))

        self._run_sized("job.table_values", lambda _: distinct_of(columns, field), done)

    def filter_same(self, at: int, field: str) -> None:
        """Leave the rows that hold what a row of the table, whether or not in sight, holds in a column."""
        columns = self.model.columns
        value = columns.value(field)
        if not value.known[at]:
            wanted: object = None
        else:
            found = value.data[at]
            wanted = found.as_py() if hasattr(found, "as_py") else found.item()
        if value.kind in ("text", "number", "bool") or wanted is None:
            self.set_column_filter(field, ColumnFilter(values=frozenset({wanted})))
        else:
            text = self._text_of(field, columns.cell(field, at), columns.form(field))
            self.set_column_filter(field, ColumnFilter(text=text))

    def arrange(self) -> None:
        """Filter, sort and add up again: small tables at once, large ones as a job."""
        self._pause.stop()
        self._stamp += 1
        stamp, columns, text = self._stamp, self.model.columns, self.search.text().strip()
        condition, last, selected = self.condition_of(text) if text else None, self._last, self._selected
        asked = Asked(
            text, condition, dict(self._look.filters), selected if self.only_selected.isChecked() else None,
            self.in_view() if self.only_view.isChecked() else None, self._look.sort, self.codes_shown,
        )  # fmt: skip
        self._tell_way(text, condition is not None)
        self.clear.setVisible(bool(self._look.filters) or self.only_selected.isChecked() or self.only_view.isChecked())

        def work(progress: Progress) -> Arranged:
            answer = arranged(columns, asked, progress, last)
            why = self.why_nothing(text) if condition is not None and not len(answer.order) else ""
            return replace(answer, selected=selected, places=places_in(columns, answer.order, selected), why=why)

        def done(answer: Arranged) -> None:
            if stamp == self._stamp and columns is self.model.columns:
                self._take(answer)

        if len(columns) > AT_ONCE:
            self.count.setText(self.appearance.word("table.working"))
        self._run_sized("job.table", work, done)

    def _run_sized(self, title: str, work: Callable[[Progress], Any], done: Callable[[Any], object]) -> None:
        """Work on a small table at once, on a large one as a job."""
        if len(self.model.columns) <= AT_ONCE:
            done(work(Progress()))
        else:
            self.run(title, work, done)

    def _take(self, answer: Arranged) -> None:
        self._setting, self._last = True, answer
        across = self.view.horizontalScrollBar()
        if not np.array_equal(answer.order, self.model.order):
            at = across.value()
            self.model.set_order(answer.order)
            across.setValue(at)
        self.model.tell_numbers(set(answer.numbers))
        self.totals.set_totals(self.model.fields, answer.totals)
        self.nothing.setText(answer.why)
        self.nothing.setVisible(bool(answer.why))
        self._setting = False
        restyle(self.search, "state", "bad" if answer.error is not None else "")
        self._show_selected(scroll=False, known=answer)
        if self._return_to is not None:
            top, left = self._return_to
            self._return_to = None
            self.view.updateGeometries()
            self.view.verticalScrollBar().setValue(top)
            across.setValue(left)

    def _tell_way(self, text: str, condition: bool) -> None:
        key = "table.way.none" if not text else "table.way.expression" if condition else "table.way.text"
        self.way.setText(self.appearance.word(key) if text else "")
        self.way.setToolTip(plain_tip(self.appearance.word(f"{key}.tip") if text else ""))

    def sort_by(self, field: str, down: bool) -> None:
        """Sort by a field; none brings back the table's own order."""
        self._look.sort = (field, down)
        self._show_sort()
        self.arrange()

    def _show_sort(self) -> None:
        field, down = self._look.sort
        at = self.model.fields.index(field) if field in self.model.fields else -1
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.view.header.setSortIndicator(at, order)

    def _on_head_clicked(self, at: int) -> None:
        """Sort by a field: up, down, not at all."""
        name, (old, down) = self.model.fields[at], self._look.sort
        self.sort_by(*((name, False) if old != name else (name, True) if not down else ("", False)))

    def _on_switch_toggled(self) -> None:
        if not self._setting:
            self.arrange()

    # --- selection ---------------------------------------------------------------------------------------------------
    def _show_selected(self, *, scroll: bool, known: Arranged | None = None) -> None:
        self._setting = True
        if known is not None and known.places is not None and known.selected is self._selected:
            places = known.places
        else:
            places = self.model.places_of(self._selected)
        starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
        model, selection = self.view.selectionModel(), QItemSelection()
        last = max(self.model.columnCount() - 1, 0)
        if len(starts) <= MOST_PIECES:
            self.model.set_marked(None)
            ends = np.append(starts[1:], len(places))[: len(starts)] - 1
            for first, end in zip(starts.tolist(), ends.tolist(), strict=True):
                selection.select(self.model.index(int(places[first]), 0), self.model.index(int(places[end]), last))
        else:
            self.model.set_marked(places)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(places) and scroll:
            self.view.scrollTo(self.model.index(int(places[0]), 0))
        self._setting = False
        self._tell_count(len(places))

    def _selected_places(self) -> Rows:
        """Return the selected places in sight, ascending, without one Qt index a row."""
        if self.model.marked is not None:
            found: Rows = np.flatnonzero(self.model.marked[self.model.order])
            return found
        chosen: Any = self.view.selectionModel().selection()
        hit = np.zeros(len(self.model.order), bool)
        for one in chosen:
            hit[one.top() : one.bottom() + 1] = True
        return np.flatnonzero(hit)

    def _on_rows_selected(self) -> None:
        if not self._setting:
            self.model.set_marked(None)
            self._selected = self.selected_oids
            self.select_requested.emit(self._selected)
            self._tell_count()

    def _on_double_clicked(self, index: Any) -> None:
        if not self.model.editable:
            self.go_requested.emit(self.model.oid_at(index.row()))

    def _on_zoom_clicked(self) -> None:
        if len(self._selected_places()):
            self.zoom_requested.emit()

    def is_selected(self, place: int) -> bool:
        """Whether the row at a place in sight is selected."""
        return place in self._selected_places()

    def select_all(self) -> None:
        """Select all rows in sight."""
        self._choose(self.shown_oids)

    def invert(self) -> None:
        """Select those rows in sight that are not."""
        rest = np.ones(len(self.model.order), bool)
        rest[self._selected_places()] = False
        self._choose(self.model.oids_at(np.flatnonzero(rest)))

    def select_only(self, oid: int) -> None:
        """Select an object and no other."""
        self._choose(np.array([oid], np.int64))

    def deselect(self, oid: int) -> None:
        """Select an object no longer."""
        self._choose(self._selected[self._selected != oid])

    def _choose(self, oids: Rows) -> None:
        self._selected = oids
        self._show_selected(scroll=False)
        self.select_requested.emit(oids)

    def _is_marked(self, place: int) -> bool:
        return self.model.marked is not None and bool(self.model.marked[self.model.order[place]])

    def _on_row_menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if index.isValid():
            menu = self.row_menu(index.row(), index.column())
            menu.exec(self.view.viewport().mapToGlobal(at))
            menu.deleteLater()

    def _on_column_menu(self, at: int, place: QPoint) -> None:
        menu = self.column_menu(at)
        menu.exec(place)
        menu.deleteLater()

    def row_menu(self, place: int, at: int) -> QMenu:
        """Return the menu of a row in sight, and of its cell in a column."""
        many, field, oid = self.selected_count, self.model.fields[at], self.model.oid_at(place)
        at_row, cell = int(self.model.order[place]), self.model.index(place, at).data(Qt.ItemDataRole.EditRole)
        return menu_of(self.appearance, self, (
            Entry("table.copy.cell", lambda: self.copy_text(str(cell)), "copy"),
            Entry("table.copy.rows", lambda: self.copy(heading=False), on=many > 0),
            Entry("table.copy.heading", self.copy, on=many > 0, keys="Ctrl+C"),
            None,
            Entry("table.zoom", self.zoom_requested.emit, "crosshair-simple", on=many > 0),
            Entry("table.properties", lambda: self.properties_requested.emit(oid), "list-bullets"),
            None,
            Entry("table.select.all", self.select_all, "selection-all", keys="Ctrl+A"),
            Entry("table.select.invert", self.invert, "selection-inverse"),
            Entry("table.select.only", lambda: self.select_only(oid), "selection", on=many != 1),
            Entry("table.select.drop", lambda: self.deselect(oid), "selection-slash", on=self.is_selected(place)),
            None,
            Entry("table.filter.same", lambda: self.filter_same(at_row, field), "funnel"),
            Entry("table.filter.clear_all", self.clear_filters, on=self.is_filtered),
            None,
            Entry("table.export", self.export_requested.emit, "export", on=many > 0),
        ))  # fmt: skip

    def column_menu(self, at: int) -> QMenu:
        """Return the menu of a column."""
        field = self.model.fields[at]
        seen = self.columns.in_sight
        place = seen.index(field)
        columns = menu_of(self.appearance, self, self._column_entries())
        columns.setTitle(self.appearance.word("table.columns"))
        columns.setIcon(self.appearance.icon("columns"))
        return menu_of(self.appearance, self, (
            Entry("table.sort.up", lambda: self.sort_by(field, False), "sort-ascending"),
            Entry("table.sort.down", lambda: self.sort_by(field, True), "sort-descending"),
            Entry("table.sort.none", lambda: self.sort_by("", False), on=bool(self.sort[0])),
            None,
            Entry("table.filter.column", lambda: self.ask_filter(field), "funnel"),
            Entry("table.filter.clear", lambda: self.set_column_filter(field), on=field in self.filters),
            Entry("table.filter.clear_all", self.clear_filters, on=self.is_filtered),
            None,
            Entry("table.column.statistics", lambda: self.statistics_requested.emit(field), "chart-bar"),
            Entry("table.copy.name", lambda: self.copy_text(field), "copy"),
            None,
            Entry("table.column.left", lambda: self.columns.move(field, -1), "arrow-left", on=place > 0),
            Entry("table.column.right", lambda: self.columns.move(field, 1), "arrow-right", on=place < len(seen) - 1),
            Entry("table.column.fit", lambda: self.columns.fit(field), "arrows-out-line-horizontal"),
            Entry("table.column.hide", lambda: self.columns.show(field, False), "eye-slash", on=len(seen) > 1),
            columns,
        ))  # fmt: skip

    def _column_entries(self) -> list[Entry | QAction | None]:
        """Return what lists all columns, those that are shown ticked."""
        hidden = self.columns.hidden
        entries: list[Entry | QAction | None] = [
            Entry("table.columns.all", self.columns.show_all, on=bool(hidden)), None,
        ]  # fmt: skip
        for name in self.model.fields:
            entry = QAction(plain_entry(self.name_of(name)))
            entry.setCheckable(True)
            entry.setChecked(name not in hidden)
            entry.toggled.connect(lambda on, name=name: self.columns.show(name, on))
            entries.append(entry)
        return entries

    # --- copying, editing, columns -----------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Copy, and select what is in sight, with the usual keys."""
        if isinstance(event, QKeyEvent):
            keys = {QKeySequence.StandardKey.Copy: self.copy, QKeySequence.StandardKey.SelectAll: self.select_all}
            act = next((act for key, act in keys.items() if event.matches(key)), None)
            if act is not None and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if act is not None and event.type() == QEvent.Type.KeyPress:
                act()
                return True
        return super().eventFilter(watched, event)

    def copy(self, *, heading: bool = True) -> None:
        """Copy the selected rows as a table with tabs between its columns, headings first where they are wanted."""
        places = self._selected_places()[:MOST_COPIED]
        fields, model = self.columns.in_sight, self.model

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(len(places))

        if not len(places):
            return
        if len(places) * len(fields) <= AT_ONCE:
            done(model.texts(places, fields, heading=heading))
        else:
            self.run("job.table_copy", lambda _: model.texts(places, fields, heading=heading), done)

    def copy_text(self, text: str) -> None:
        """Copy a text."""
        QGuiApplication.clipboard().setText(text)

    def _on_pen_toggled(self, on: bool) -> None:
        self.model.editable = on
        triggers = QAbstractItemView.EditTrigger
        self.view.setEditTriggers(
            triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed if on else triggers.NoEditTriggers
        )

    def _choose_columns(self) -> None:
        menu = menu_of(self.appearance, self, self._column_entries())
        menu.exec(self.chooser.mapToGlobal(QPoint(0, self.chooser.height())))
        menu.deleteLater()

    # --- words -------------------------------------------------------------------------------------------------------
    def _on_lang_changed(self) -> None:
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(self.model.columnCount() - 1, 0))
        self.view.viewport().update()
        self.totals.update()
        text = self.search.text().strip()
        self._tell_way(text, bool(text) and self.condition_of(text) is not None)
        self._tell_count()

    def _on_look_changed(self) -> None:
        self.model.faint, self.model.mark = (
            self.appearance.colour("text_faint"),
            self.appearance.colour("accent_soft"),
        )
        self.view.viewport().update()

    def _tell_count(self, chosen: int | None = None) -> None:
        chosen = len(self._selected_places()) if chosen is None else chosen
        shown, total = self.model.rowCount(), len(self.model.columns)
        self.count.setText(
            self.appearance.word("table.count", shown=f"{shown:,}", total=f"{total:,}", chosen=f"{chosen:,}")
        )


def _array(oids: Iterable[int] | Rows) -> Rows:
    return oids if isinstance(oids, np.ndarray) else np.array(list(oids), np.int64)
