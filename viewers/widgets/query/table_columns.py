"""How the columns of the attribute table are shown: which, how wide, in which order; remembered by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from viewers.widgets.query.table_arranging import Way
from viewers.widgets.query.table_model import TableModel
from viewers.widgets.query.table_view import RowsView

KEEP_MS = 600
#: Rows whose cells say how wide a column is: the first, and as many from all over the table.
SAMPLE = 12
WIDEST_PX = 260


class TableColumns(QObject):
    """Keeps the columns of a grid as a person wants them.

    Signals
    -------
    changed : () a column was shown or hidden
    way_changed : (layer id, Way) somebody hid a column, moved it or changed its width

    Parameters
    ----------
    view : RowsView
    model : TableModel
    name_of : callable
        Field → its heading.
    """

    changed = Signal()
    way_changed = Signal(str, object)

    def __init__(self, view: RowsView, model: TableModel, name_of: Callable[[str], str]) -> None:
        super().__init__(view)
        self._view, self._model, self._name_of = view, model, name_of
        self._layer_id = self._to_keep = ""
        self._setting = False
        self._ways: dict[str, Way] = {}
        #: How the columns of a layer were shown when it was last looked at.
        self.way_of: Callable[[str], Way] = lambda _: Way()
        self._keep = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep.timeout.connect(self.keep)
        view.header.sectionResized.connect(self._on_width_changed)
        view.header.sectionMoved.connect(self._on_moved)
        model.modelReset.connect(self._hide)

    def begin(self, layer_id: str) -> None:
        """Another table is about to be shown: what happens to its columns is nobody's wish."""
        if self._keep.isActive():
            self.keep()
        self._layer_id, self._setting = layer_id, True

    def end(self, *, lay_out: bool) -> None:
        """Lay out the columns that came, if they are others; what happens to them now is a person's wish."""
        if lay_out:
            self._order()
            self._fit_all()
        self._setting = False

    def forget(self) -> None:
        """Ask again how layers were shown, as after a restart."""
        self._ways.clear()

    @property
    def hidden(self) -> frozenset[str]:
        """Return the fields that are not shown."""
        return self._way().hidden

    @property
    def in_sight(self) -> list[str]:
        """Return the fields that are shown, from the left."""
        head = self._view.header
        order = [head.logicalIndex(at) for at in range(head.count())]
        return [self._model.fields[at] for at in order if not head.isSectionHidden(at)]

    def show(self, name: str, on: bool) -> None:
        """Show a column, or hide it."""
        way = self._way()
        self._set_way(replace(way, hidden=way.hidden - {name} if on else way.hidden | {name}))
        self._hide()

    def show_all(self) -> None:
        """Show all columns."""
        self._set_way(replace(self._way(), hidden=frozenset()))
        self._hide()

    def move(self, field: str, step: int) -> None:
        """Move a column by so many of those that are shown."""
        head = self._view.header
        seen = [at for at in range(head.count()) if not head.isSectionHidden(head.logicalIndex(at))]
        at = seen.index(head.visualIndex(self._model.fields.index(field)))
        head.moveSection(seen[at], seen[min(max(at + step, 0), len(seen) - 1)])

    def fit(self, field: str) -> None:
        """Make a column as wide as what is in sight of it."""
        at, first = self._model.fields.index(field), max(self._view.rowAt(0), 0)
        self._view.setColumnWidth(at, self._width_of(at, range(first, min(first + 60, self._model.rowCount()))))

    def keep(self) -> None:
        """Tell how columns are shown now rather than soon."""
        self._keep.stop()
        if self._to_keep in self._ways:
            self.way_changed.emit(self._to_keep, self._ways[self._to_keep])

    def _way(self) -> Way:
        if self._layer_id not in self._ways:
            self._ways[self._layer_id] = self.way_of(self._layer_id)
        return self._ways[self._layer_id]

    def _set_way(self, way: Way) -> None:
        self._ways[self._layer_id], self._to_keep = way, self._layer_id
        self._keep.start()

    def _on_width_changed(self, at: int, before: int, width: int) -> None:
        """Remember the width that a hand gave; hidden columns have none."""
        if not self._setting and width and before and at < len(self._model.fields):
            way = self._way()
            self._set_way(replace(way, widths={**way.widths, self._model.fields[at]: width}))

    def _on_moved(self, *_: int) -> None:
        """Remember the order that a hand gave."""
        if not self._setting:
            head = self._view.header
            order = tuple(self._model.fields[head.logicalIndex(at)] for at in range(head.count()))
            self._set_way(replace(self._way(), order=() if order == tuple(self._model.fields) else order))

    def _hide(self) -> None:
        hidden = self._way().hidden
        for at, name in enumerate(self._model.fields):
            self._view.setColumnHidden(at, name in hidden)
        self.changed.emit()

    def _order(self) -> None:
        """Put the columns into the order that a hand gave them; new ones stay behind."""
        head, fields, order = self._view.header, self._model.fields, self._way().order
        wanted = [*(name for name in order if name in fields), *(name for name in fields if name not in order)]
        for place, name in enumerate(wanted):
            head.moveSection(head.visualIndex(fields.index(name)), place)

    def _fit_all(self) -> None:
        """Give every column the width that a hand gave it, or that of its heading and of some rows."""
        widths, count = self._way().widths, self._model.rowCount()
        places = {*range(min(SAMPLE, count)), *range(0, count, max(count // SAMPLE, 1))}
        for at, name in enumerate(self._model.fields):
            self._view.setColumnWidth(at, widths.get(name) or self._width_of(at, places))

    def _width_of(self, at: int, places: Iterable[int]) -> int:
        """Return the width, pixels, that a column needs for its heading and some rows."""
        measure = self._view.fontMetrics()
        sample = [self._model.data(self._model.index(place, at)) for place in places]
        wide = max([*(measure.horizontalAdvance(str(text)) for text in sample), 0])
        head = measure.horizontalAdvance(self._name_of(self._model.fields[at]))
        return min(max(wide + 26, head + 38), WIDEST_PX)
