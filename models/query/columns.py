"""A layer's table as columns: cells are read one at a time for display, columns whole for queries.

The same for a pandas table, the elements of a building model, and the Arrow columns of a large layer, of which no
pandas table is made.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.field_kinds import kind_of
from models.core.progress import Progress
from models.core.value_text import NumberForm, form_of
from models.layers.layer import LayerData, ModelData, VectorData
from models.query import values
from models.query.values import Value

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
#: Names of fields that hold something measured: they end with a unit.
MEASURED = re.compile(r"_(m|m2|m3|mm|pct|deg|min|kw|t)$|storeys|height|area|length|层数|面积|高度|长度", re.IGNORECASE)
#: Values of so many columns are kept in the form in which they are compared.
_MOST_VALUES = 24
#: So many cells of a column say how its numbers are written.
_SAMPLE = 200
#: No building model is nested deeper.
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Totals:
    """What can be said of a column's numbers in some rows.

    Parameters
    ----------
    count : int
        Rows with a value.
    sum : int, float or None
        Only of what adds up: areas, lengths, volumes, counts; never of heights, storeys, places, codes or years.
    mean : float or None
        None of codes, years and places.
    least, most : int, float or None
    figure : str
        Which of them says most: ``"sum"``, ``"mean"``, ``"range"``; empty for none.
    """

    count: int
    sum: float | None = None
    mean: float | None = None
    least: float | None = None
    most: float | None = None
    figure: str = ""


class Columns:
    """The columns of one table.

    Parameters
    ----------
    oids : ndarray of int64
    readers : mapping of str to callable
        Field → function that returns the column: a pandas Series or an Arrow array.
    parents : ndarray of int64, optional
        For each row the row in which it stands, -1 for none: the elements of a building model.
    """

    def __init__(self, oids: Rows, readers: dict[str, Callable[[], Any]], parents: Rows | None = None) -> None:
        self.oids = oids
        self._parents = parents
        self.fields: tuple[str, ...] = tuple(readers)
        self._readers = readers
        self._cells: dict[str, Any] = {}
        self._values: dict[str, Value] = {}
        self._forms: dict[str, NumberForm] = {}
        self._lock = threading.RLock()
        self._sorted_oids: tuple[Rows, Rows] | None = None
        self._is_run: bool | None = None

    def __len__(self) -> int:
        return len(self.oids)

    def cell(self, field: str, row: int) -> Any:
        """Return one value as plain Python or numpy has it; missing is None, NaN or NaT."""
        found = self._column(field)[row]
        return found.as_py() if hasattr(found, "as_py") else found

    def _column(self, field: str) -> Any:
        cells = self._cells.get(field)
        if cells is None:
            column = self._readers[field]()
            cells = self._cells[field] = column.array if hasattr(column, "array") else column
        return cells

    def form(self, field: str) -> NumberForm:
        """Return how the numbers of a column are written, by its name and by cells from all over it."""
        form = self._forms.get(field)
        if form is None:
            cells = self._column(field)
            sample = (cells[row] for row in range(0, len(self), max(len(self) // _SAMPLE, 1)))
            plain = (one.as_py() if hasattr(one, "as_py") else one for one in sample)
            form = self._forms[field] = form_of(field, plain)
        return form

    def value(self, field: str) -> Value:
        """Return a whole column in the form in which it is compared; kept for the next time."""
        with self._lock:
            kept = self._values.pop(field, None)
        if kept is None:
            column = self._readers[field]()
            kept = values.of_column(column) if hasattr(column, "array") else values.of_arrow(column)
        with self._lock:
            self._values[field] = kept
            while len(self._values) > _MOST_VALUES:
                del self._values[next(iter(self._values))]
        return kept

    def texts(self, field: str) -> frozenset[str]:
        """Return the different texts that a column holds; none of numbers, dates and truths."""
        value = self.value(field)
        return frozenset(value.data.unique().drop_null().to_pylist()) if value.kind == "text" else frozenset()

    def rows_of(self, oids: Sequence[int] | NDArray[Any]) -> Rows:
        """Return the rows of objects, those that are not there left out."""
        wanted = np.asarray(oids, dtype=np.int64)
        if not len(wanted) or not len(self.oids):
            return np.zeros(0, np.int64)
        first = int(self.oids[0])
        if self._is_run is None:
            self._is_run = bool((np.diff(self.oids) == 1).all())
        if self._is_run:
            run: Rows = wanted - first
            return run[(run >= 0) & (run < len(self.oids))]
        if self._sorted_oids is None:
            order = np.argsort(self.oids, kind="stable")
            self._sorted_oids = order, self.oids[order]
        order, ascending = self._sorted_oids
        at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
        rows: Rows = order[at[ascending[at] == wanted]]
        return rows

    def ordered(self, field: str, rows: Rows, *, descending: bool = False) -> Rows:
        """Return rows in the order of a column, stable; what is missing comes last either way."""
        import pyarrow as pa
        import pyarrow.compute as pc

        value = self.value(field)
        known = value.known[rows]
        there, missing = rows[known], rows[~known]
        if value.kind == "text":
            coded = value.data.take(pa.array(there)).dictionary_encode()  # each text is compared once
            rank = np.empty(len(coded.dictionary), np.int64)
            rank[pc.array_sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rank))
            keys = rank[coded.indices.to_numpy()]
        else:
            keys = value.data[there]
            keys = keys.astype(np.int8) if keys.dtype == bool else keys
            keys = keys.astype(np.int64) if keys.dtype.kind == "M" else keys
        order = np.argsort(-keys if descending else keys, kind="stable")
        return np.concatenate([there[order], missing])

    def holding(
        self,
        text: str,
        fields: Sequence[str] | None = None,
        progress: Progress | None = None,
        codes: Callable[[str, str], Sequence[str]] = lambda _field, _text: (),
    ) -> Mask:
        """Return which rows hold a text in any of some columns, without regard to case.

        ``codes`` gives those codes of a field that are shown by a word which holds the text: they are found too.
        """
        from models.query.functions.table import found_in

        hit = np.zeros(len(self), bool)
        wanted, progress = values.constant(text), progress or Progress()
        mine = fields or self.fields
        for number, field in enumerate(mine):
            progress.step(number / len(mine))
            value = self.value(field)
            if value.kind == "bool" or (value.kind != "text" and not any(sign.isdigit() for sign in text)):
                continue
            hit |= found_in(_plainly(value) or values.as_text(value), wanted, ignore_case=True).data
            if value.kind == "text" and (shown := codes(field, text)):
                import pyarrow as pa
                import pyarrow.compute as pc

                hit |= pc.is_in(value.data, pa.array(shown, pa.string())).to_numpy(zero_copy_only=False)
        return hit

    def totals(self, field: str, rows: Rows) -> Totals:
        """Return what can be said of the numbers of some rows; what stands within another of them is counted once."""
        value = self.value(field)
        known = value.known[rows]
        count = int(np.count_nonzero(known))
        if value.kind != "number" or not count:
            return Totals(count)
        kind, there = kind_of(field), rows[known]
        numbers = value.data[there]
        whole = numbers.dtype.kind in "iu"
        figure = kind.figure if kind.id or bool((numbers == np.trunc(numbers)).all()) else "mean"
        if kind.adds_up and self._parents is not None:
            numbers = numbers[~self._is_above(there)]
        least, most = (int(one) if whole else float(one) for one in (numbers.min(), numbers.max()))
        exact = whole and max(abs(int(least)), abs(int(most))) * len(numbers) < 2**62
        total = int(numbers.sum()) if exact else float(numbers.astype(np.float64).sum())
        mean = float(total) / len(numbers)
        says = figure in ("sum", "mean")
        return Totals(count, total if kind.adds_up else None, mean if says else None, least, most, figure)

    def _is_above(self, rows: Rows) -> Mask:
        """Return which of some rows have another of them below: a storey of which the walls are listed too."""
        above = np.zeros(len(self), bool)
        up = self._parents[rows] if self._parents is not None else np.zeros(0, np.int64)
        for _ in range(_DEEPEST):
            up = np.unique(up[(up >= 0) & (up < len(self))])
            up = up[~above[up]]
            if not len(up):
                break
            above[up] = True
            up = self._parents[up] if self._parents is not None else up
        found: Mask = above[rows]
        return found


_kept: list[tuple[LayerData, Columns]] = []
_lock = threading.Lock()


def columns_of(data: LayerData) -> Columns | None:
    """Return the columns of a layer, None for what has no table; kept for the layers asked about last."""
    with _lock:
        for one, columns in _kept:
            if one is data:
                return columns
    made = _made(data)
    if made is not None:
        with _lock:
            _kept.append((data, made))
            del _kept[:-8]
    return made


def _plainly(value: Value) -> Value | None:
    """Return numbers as texts, quickly; None for what is no number."""
    import pyarrow as pa

    if value.kind != "number":
        return None
    return values.text(pa.array(value.data, mask=~value.known).cast(pa.string()))


def of_frame(frame: Any, parents: Rows | None = None) -> Columns:
    """Return the columns of a pandas table, its geometry left out; ``parents`` as of :class:`Columns`."""
    places = [at for at, name in enumerate(frame.columns) if str(frame.dtypes.iloc[at]) != "geometry"]
    readers: dict[str, Callable[[], Any]] = {}
    for at in places:
        readers.setdefault(str(frame.columns[at]), lambda at=at: frame.iloc[:, at])  # type: ignore[misc]
    return Columns(frame.index.to_numpy(dtype=np.int64), readers, parents)


def _made(data: LayerData) -> Columns | None:
    if isinstance(data, ModelData):
        has_tree = "parent" in data.elements.columns
        return of_frame(data.elements, data.elements["parent"].to_numpy(dtype=np.int64) if has_tree else None)
    if not isinstance(data, VectorData):
        return None
    features = data.features
    if features is None:
        return of_frame(data.frame)
    table = features.table

    def reader(name: str) -> Callable[[], Any]:
        return lambda: table.column(name)

    return Columns(features.fids, {name: reader(name) for name in features.columns})
