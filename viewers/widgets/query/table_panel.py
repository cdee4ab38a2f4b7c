"""The attribute table of one layer: any number of rows, filtered, sorted and added up off the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QTableView,
    QToolButton,
    QWidget,
)

from models.core.progress import Progress
from models.core.value_text import NumberForm
from models.query.columns import Columns, Totals
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, column, label, line, restyle, row, tool
from viewers.widgets.common.plain import plain_entry, plain_tip
from viewers.widgets.query.table_model import NONE, Order, Rows, TableModel, places_in
from viewers.widgets.query.table_totals import TotalsRow

Mask = NDArray[np.bool_]
#: ``run(title, work, done)``: work off the thread that asks, the answer back on it.
Runner = Callable[[str, Callable[[Progress], Any], Callable[[Any], object]], object]
#: Tables up to so many rows are filtered and sorted at once.
AT_ONCE = 20_000
#: So many pieces of a selection are Qt's; more are marked by colour alone.
MOST_PIECES = 400
MOST_COPIED = 200_000
PAUSE_MS, KEEP_MS = 250, 600


@dataclass(frozen=True, slots=True)
class Way:
    """How the columns of one layer are shown: those hidden, and the widths (pixels) that a person gave."""

    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """The answer to a way of looking at a table: rows in their order, totals by field, which fields hold numbers."""

    order: Order
    totals: dict[str, Totals] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    error: Exception | None = None
    hit: Mask | None = None
    columns: Columns | None = None
    #: The selection as it was asked about, and the places in sight where it stands.
    selected: Rows | None = None
    places: Rows | None = None
    #: Why there is no row, in words.
    why: str = ""


class TablePanel(QWidget):
    """The table with a filter, totals and a choice of layer.

    Signals
    -------
    layer_requested : (layer id)
    select_requested : (ndarray of oid)
    go_requested : (oid)
    edit_requested : (oid, field, text)
    fill_requested : ()
    copied : (int) so many rows went to the clipboard
    way_changed : (layer id, Way) somebody hid a column or changed its width
    refused : (Exception) what is wrong with the filter
    """

    layer_requested = Signal(str)
    select_requested = Signal(object)
    go_requested = Signal(int)
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
        self._appearance, self._name_of = appearance, name_of
        self._setting = False
        self._stamp = 0
        self._selected: Rows = np.zeros(0, np.int64)
        self._ways: dict[str, Way] = {}
        self._to_keep = ""
        self._keep = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep.timeout.connect(self._keep_way)
        self._sort: tuple[str, bool] = ("", False)
        self._last: Arranged | None = None
        #: Set by the window: how work is run, what a filter text means (None: plain text), what lies in view.
        self.run: Runner = lambda _, work, done: done(work(Progress()))
        self.condition_of: Callable[[str], Callable[[Columns], Mask] | None] = lambda _: None
        #: (field, text) → codes shown by a word that holds the text.
        self.codes_shown: Callable[[str, str], Sequence[str]] = lambda _field, _text: ()
        #: Why a filter text finds nothing, in words; empty for nothing to say.
        self.why_nothing: Callable[[str], str] = lambda _: ""
        self.in_view: Callable[[], Callable[[Columns], Mask] | None] = lambda: None
        #: How the columns of a layer were shown when it was last looked at.
        self.way_of: Callable[[str], Way] = lambda _: Way()
        self.model = TableModel(name_of, text_of, self)
        self.model.edited.connect(self.edit_requested)
        self._build_head(appearance)
        self._build_view(appearance)
        self.totals = TotalsRow(appearance, self.view, self)
        self.nothing = label("soft", wrap=True)
        self.nothing.setContentsMargins(12, 8, 12, 8)
        self.nothing.hide()
        self.hint = EmptyHint(appearance, "table", "table.empty")
        top = row(
            self.layers, self.search, self.way, self.only_selected, self.only_view, 1, self.count, self.zoom, self.pen,
            self.fill, self.chooser, margins=(10, 5, 10, 5), gap=6,
        )  # fmt: skip
        body = QWidget()
        body.setLayout(column(top, line(), self.nothing, self.view, self.totals, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.lang_changed.connect(self._on_lang_changed)
        appearance.look_changed.connect(self._on_look_changed)
        self._on_look_changed()

    def _build_head(self, appearance: Appearance) -> None:
        self.layers = QComboBox()
        self.layers.setMinimumWidth(170)
        appearance.say(self.layers.setAccessibleName, "table.layer")
        self.layers.activated.connect(lambda at: self.layer_requested.emit(str(self.layers.itemData(at))))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(260)
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
        self.count = label("small")
        self.zoom = tool(appearance, "crosshair-simple", "table.zoom", size=16)
        self.zoom.clicked.connect(self._on_zoom_clicked)
        self.pen = self._switch(appearance, "pencil-simple", "table.edit")
        self.fill = tool(appearance, "calculator", "table.fill", size=16)
        self.fill.clicked.connect(self.fill_requested)
        self.chooser = tool(appearance, "columns", "table.columns", size=16)
        self.chooser.clicked.connect(self._choose_columns)
        self.only_selected.toggled.connect(lambda _: self.arrange())
        self.only_view.toggled.connect(lambda _: self.arrange())
        self.pen.toggled.connect(self._on_pen_toggled)

    def _switch(self, appearance: Appearance, icon: str, tip: str) -> QToolButton:
        press = tool(appearance, icon, tip, size=16)
        press.setCheckable(True)
        return press

    def _build_view(self, appearance: Appearance) -> None:
        view = self.view = QTableView()
        view.setModel(self.model)
        head = view.horizontalHeader()
        view.setSortingEnabled(False)  # sorting is ours, off this thread
        head.setSortIndicatorShown(True)
        head.setSectionsClickable(True)
        head.setSectionsMovable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sectionClicked.connect(self._on_head_clicked)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setDefaultSectionSize(120)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(lambda _: self._choose_columns())
        head.sectionResized.connect(self._on_width_changed)
        rows = view.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else Qt asks a million rows how high they are
        rows.setDefaultSectionSize(26)
        rows.setMinimumWidth(52)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.doubleClicked.connect(self._on_double_clicked)
        view.installEventFilter(self)
        # the headers' own selections stay empty: to paint a heading Qt would ask each of a million rows for its flags
        head.setSelectionModel(QItemSelectionModel(self.model, head))
        view.verticalHeader().setSelectionModel(QItemSelectionModel(self.model, view))
        view.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.model.modelReset.connect(self._on_model_reset)

    # --- what the window shows -----------------------------------------------------------------------------------
    def set_layers(self, layers: list[tuple[str, str]]) -> None:
        """Offer layers as ``(id, title)``."""
        self.layers.blockSignals(True)
        self.layers.clear()
        for layer_id, title in layers:
            self.layers.addItem(title, layer_id)
        self.layers.setCurrentIndex(self.layers.findData(self.layer_id))
        self.layers.blockSignals(False)
        if not layers:
            self.layer_id = ""
            self.model.set_columns(NONE)
        self._stack.setCurrentIndex(1 if layers else 0)

    def show_layer(
        self, layer_id: str, columns: Columns, selected: Iterable[int] | Rows, *, edits: bool = False
    ) -> None:
        """Show one layer's rows; ``edits`` if its cells can be changed."""
        same = layer_id == self.layer_id and list(columns.fields) == self.model.fields
        if self._keep.isActive():
            self._keep.stop()
            self._keep_way()
        self.layer_id = layer_id
        self.layers.setCurrentIndex(self.layers.findData(layer_id))
        self._setting = True
        if not same:
            self._sort = ("", False)
            self.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.search.clear()
            self.only_selected.setChecked(False)
        self._selected = _array(selected)
        if same and len(columns) == len(self.model.columns):
            self.model.replace_columns(columns)
        else:
            self.model.set_columns(columns)
        for press in (self.pen, self.fill):
            press.setEnabled(edits)
        if not same:
            self._fit_columns()
        self._setting = False
        self.arrange()

    def select(self, oids: Iterable[int] | Rows) -> None:
        """Select the rows of these objects and bring the first into sight."""
        self._selected = _array(oids)
        if self.only_selected.isChecked():
            self.arrange()
        else:
            self._show_selected(scroll=True)

    def set_filter(self, text: str) -> None:
        """Type a filter."""
        self.search.setText(text)
        self._pause.stop()
        self.arrange()

    @property
    def selected_oids(self) -> Rows:
        """Return the selected objects that are in sight, in the order of the rows."""
        return self.model.oids_at(self._selected_places())

    @property
    def shown_oids(self) -> Rows:
        """Return the objects in sight, in the order of the rows."""
        return self.model.oids_at(np.arange(len(self.model.order)))

    # --- filtering, sorting, adding up -----------------------------------------------------------------------------
    def arrange(self) -> None:
        """Filter, sort and add up again: small tables at once, large ones as a job."""
        self._pause.stop()
        self._stamp += 1
        stamp, columns, text = self._stamp, self.model.columns, self.search.text().strip()
        chosen = self._selected if self.only_selected.isChecked() else None
        seen = self.in_view() if self.only_view.isChecked() else None
        condition, sort, last = self.condition_of(text) if text else None, self._sort, self._last
        self._tell_way(text, condition is not None)

        selected = self._selected

        def work(progress: Progress) -> Arranged:
            answer = arranged(columns, text, condition, chosen, seen, sort, progress, last, self.codes_shown)
            why = self.why_nothing(text) if condition is not None and not len(answer.order) else ""
            return replace(answer, selected=selected, places=places_in(columns, answer.order, selected), why=why)

        def done(answer: Arranged) -> None:
            if stamp == self._stamp and columns is self.model.columns:
                self._take(answer)

        if len(columns) <= AT_ONCE:
            done(work(Progress()))
        else:
            self.count.setText(self._appearance.word("table.working"))
            self.run("job.table", work, done)

    def _take(self, answer: Arranged) -> None:
        self._setting, self._last = True, answer
        if not np.array_equal(answer.order, self.model.order):
            at = self.view.horizontalScrollBar().value()
            self.model.set_order(answer.order)
            self.view.horizontalScrollBar().setValue(at)
        self.model.tell_numbers(set(answer.numbers))
        self.totals.set_totals(self.model.fields, answer.totals)
        self.nothing.setText(answer.why)
        self.nothing.setVisible(bool(answer.why))
        self._setting = False
        restyle(self.search, "state", "bad" if answer.error is not None else "")
        self._show_selected(scroll=False, known=answer)

    def _tell_way(self, text: str, condition: bool) -> None:
        key = "table.way.none" if not text else "table.way.expression" if condition else "table.way.text"
        self.way.setText(self._appearance.word(key) if text else "")
        self.way.setToolTip(plain_tip(self._appearance.word(f"{key}.tip") if text else ""))

    def _on_head_clicked(self, at: int) -> None:
        """Sort by a field: up, down, not at all."""
        name = self.model.fields[at]
        old, down = self._sort
        self._sort = (name, False) if old != name else (name, True) if not down else ("", False)
        shown = at if self._sort[0] else -1
        order = Qt.SortOrder.DescendingOrder if self._sort[1] else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(shown, order)
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
        places = self._selected_places()
        if len(places):
            self.go_requested.emit(self.model.oid_at(int(places[0])))

    # --- copying, editing, columns -----------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Copy with the usual keys."""
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.copy()
                return True
        return super().eventFilter(watched, event)

    def copy(self) -> None:
        """Copy the selected rows, headings first, as a table with tabs between its columns."""
        places = self._selected_places()[:MOST_COPIED]
        fields = self._fields_in_sight()

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(len(places))

        if not len(places):
            return
        if len(places) * len(fields) <= AT_ONCE:
            done(self.model.texts(places, fields))
        else:
            self.run("job.table_copy", lambda _: self.model.texts(places, fields), done)

    def _fields_in_sight(self) -> list[str]:
        head = self.view.horizontalHeader()
        order = [head.logicalIndex(at) for at in range(head.count())]
        return [self.model.fields[at] for at in order if not head.isSectionHidden(at)]

    def _on_pen_toggled(self, on: bool) -> None:
        self.model.editable = on
        triggers = QAbstractItemView.EditTrigger
        self.view.setEditTriggers(
            triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed if on else triggers.NoEditTriggers
        )

    def _choose_columns(self) -> None:
        menu, hidden = QMenu(self), self._way().hidden
        menu.addAction(self._appearance.word("table.columns.all"), self._show_all_columns)
        menu.addSeparator()
        for name in self.model.fields:
            entry = menu.addAction(plain_entry(self._name_of(name)))
            entry.setCheckable(True)
            entry.setChecked(name not in hidden)
            entry.toggled.connect(lambda on, name=name: self._show_column(name, on))
        menu.exec(self.chooser.mapToGlobal(QPoint(0, self.chooser.height())))
        menu.deleteLater()

    def _show_column(self, name: str, on: bool) -> None:
        way = self._way()
        self._set_way(replace(way, hidden=way.hidden - {name} if on else way.hidden | {name}))
        self._hide_columns()

    def _show_all_columns(self) -> None:
        self._set_way(replace(self._way(), hidden=frozenset()))
        self._hide_columns()

    def _way(self) -> Way:
        if self.layer_id not in self._ways:
            self._ways[self.layer_id] = self.way_of(self.layer_id)
        return self._ways[self.layer_id]

    def _set_way(self, way: Way) -> None:
        self._ways[self.layer_id], self._to_keep = way, self.layer_id
        self._keep.start()

    def _keep_way(self) -> None:
        if self._to_keep in self._ways:
            self.way_changed.emit(self._to_keep, self._ways[self._to_keep])

    def _on_width_changed(self, at: int, before: int, width: int) -> None:
        """Remember the width that a hand gave; hidden columns have none."""
        if not self._setting and width and before and at < len(self.model.fields):
            way = self._way()
            self._set_way(replace(way, widths={**way.widths, self.model.fields[at]: width}))

    def _hide_columns(self) -> None:
        hidden = self._way().hidden
        for at, name in enumerate(self.model.fields):
            self.view.setColumnHidden(at, name in hidden)
        self.totals.update()

    def _fit_columns(self) -> None:
        """Give every column the width that a hand gave it, or that of its heading and the first rows."""
        measure, widths = self.view.fontMetrics(), self._way().widths
        for at, name in enumerate(self.model.fields):
            sample = [self.model.data(self.model.index(place, at)) for place in range(min(12, self.model.rowCount()))]
            wide = max([*(measure.horizontalAdvance(str(text)) for text in sample), 0])
            head = measure.horizontalAdvance(self._name_of(name))
            self.view.setColumnWidth(at, widths.get(name, min(max(wide + 26, head + 38), 260)))

    # --- words -------------------------------------------------------------------------------------------------------
    def _on_model_reset(self) -> None:
        self._hide_columns()

    def _on_lang_changed(self) -> None:
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(self.model.columnCount() - 1, 0))
        self.view.viewport().update()
        self.totals.update()
        text = self.search.text().strip()
        self._tell_way(text, bool(text) and self.condition_of(text) is not None)
        self._tell_count()

    def _on_look_changed(self) -> None:
        self.model.faint, self.model.mark = (
            self._appearance.colour("text_faint"),
            self._appearance.colour("accent_soft"),
        )
        self.view.viewport().update()

    def _tell_count(self, chosen: int | None = None) -> None:
        chosen = len(self._selected_places()) if chosen is None else chosen
        shown, total = self.model.rowCount(), len(self.model.columns)
        self.count.setText(
            self._appearance.word("table.count", shown=f"{shown:,}", total=f"{total:,}", chosen=f"{chosen:,}")
        )


def arranged(
    columns: Columns,
    text: str,
    condition: Callable[[Columns], Mask] | None,
    chosen: Rows | None,
    seen: Callable[[Columns], Mask] | None,
    sort: tuple[str, bool],
    progress: Progress,
    last: Arranged | None = None,
    codes: Callable[[str, str], Sequence[str]] = lambda _field, _text: (),
) -> Arranged:
    """Return rows in their order with totals; a filter that fails leaves every row and says why."""
    hit, error = np.ones(len(columns), bool), None
    if chosen is not None:
        hit[:] = False
        hit[columns.rows_of(chosen)] = True
    if seen is not None:
        hit &= seen(columns)
    if text:
        try:
            hit &= condition(columns) if condition else columns.holding(text, None, progress, codes)
        except Exception as failure:  # what is typed halfway is often wrong; the table must not vanish for it
            from models.core.errors import UserError

            if not isinstance(failure, UserError):
                raise
            error = failure
    order = np.flatnonzero(hit)
    progress.step(0.5)
    if sort[0]:
        order = columns.ordered(sort[0], order, descending=sort[1])
    progress.step(0.8)
    shown = order.astype(np.int32)
    if last is not None and last.columns is columns and last.hit is not None and np.array_equal(last.hit, hit):
        return Arranged(shown, last.totals, last.numbers, error, hit, columns)  # only the order is new
    totals = {name: columns.totals(name, order) for name in columns.fields}
    numbers = frozenset(name for name in columns.fields if columns.value(name).kind == "number")
    return Arranged(shown, totals, numbers, error, hit, columns)


def _array(oids: Iterable[int] | Rows) -> Rows:
    return oids if isinstance(oids, np.ndarray) else np.array(list(oids), np.int64)
