"""Values that somebody put into a layer's table, with what they replaced and where they came from.

Edits are part of the project's state, so that undo takes them back exactly; the table that everybody reads is brought
in line with them by :class:`models.project.project.Project`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.core.value_text import is_fraction, is_whole

if TYPE_CHECKING:
    import pandas as pd

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One value in one row of a layer's table.

    Parameters
    ----------
    layer, oid : str, int
        Key of the object.
    column : str
        Added to the table if it has none of that name.
    before, after : float, int, str, bool or None
        None means no data.
    source : str
        Name of the file it came from, empty for a value typed in.
    basis : str
        How it was found there: ``"quantity Qto_BuildingBaseQuantities.GrossFloorArea"``.
    certainty : str
        ``"stated"``, ``"derived"`` or ``"guessed"``.
    elements : tuple of str
        GlobalIds of the building elements it rests on.
    """

    layer: str
    oid: int
    column: str
    before: Value
    after: Value
    source: str = ""
    basis: str = ""
    certainty: str = ""
    elements: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, int, str]:
        """Return which cell it is."""
        return self.layer, self.oid, self.column


def merged(edits: Iterable[Edit], fresh: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits with fresh ones in the place of older ones of the same cell, whose first ``before`` stays."""
    from dataclasses import replace

    cells = {edit.place: edit for edit in edits}
    for edit in fresh:
        old = cells.get(edit.place)
        cells[edit.place] = edit if old is None else replace(edit, before=old.before)
    return tuple(cells.values())


def edited(frame: Any, done: Iterable[Edit], wanted: Iterable[Edit]) -> Any:
    """Return a table in which the edits ``done`` so far are those ``wanted`` now; the given one is left alone.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Index = oid.
    done, wanted : iterable of Edit
        Of this layer only. Rows that are not in the table are passed over.
    """
    before, after = {edit.place: edit for edit in done}, {edit.place: edit for edit in wanted}
    values = {place[1:]: edit.before for place, edit in before.items() if place not in after}
    values |= {place[1:]: edit.after for place, edit in after.items() if before.get(place) != edit}
    fresh = frame.copy(deep=False)
    for column in dict.fromkeys(column for _, column in values):
        mine = {oid: value for (oid, name), value in values.items() if name == column}
        places = frame.index.get_indexer(list(mine))
        there = {int(place): value for place, value in zip(places, mine.values(), strict=True) if place >= 0}
        if there:
            fresh[column] = _with_values(frame[column] if column in frame.columns else None, frame.index, there)
    return fresh


def _with_values(old: pd.Series[Any] | None, index: pd.Index[Any], values: dict[int, Value]) -> pd.Series[Any]:
    """Return a column with values put at some rows, in the narrowest type that holds them all."""
    import numpy as np
    import pandas as pd

    plain = np.full(len(index), None, object) if old is None else np.array(old, dtype=object)
    fresh = np.empty(len(values), object)
    fresh[:] = [_as_moment(old, value) for value in values.values()]
    plain[list(values)] = fresh
    column = pd.Series(plain, index=index, dtype=object)
    column = column.where(column.notna(), None)
    for dtype in _narrowest(old, [value for value in column if value is not None]):
        try:
            same = column.astype(dtype)
        except (TypeError, ValueError, OverflowError):
            continue
        there = column.notna()
        if (same.notna() == there).all() and bool((same[there] == column[there]).all()):
            return same
    return column


def _narrowest(old: pd.Series[Any] | None, held: list[Any]) -> list[Any]:
    """Return the types that may hold some values exactly, the narrowest first: the column's own, then wider ones.

    Whole numbers with gaps are pandas' ``Int64`` and truths with gaps ``boolean``; neither becomes a float on the way.
    """
    own = [] if old is None else [old.dtype]
    if held and all(isinstance(value, bool) or type(value).__name__ == "bool" for value in held):
        return [*own, "bool", "boolean"]
    if held and all(is_whole(value) for value in held):
        return [*own, "int64", "Int64"]
    if held and all(is_whole(value) or is_fraction(value) for value in held):
        return [*own, "float64"]
    return own


def _as_moment(old: pd.Series[Any] | None, value: Value) -> Any:
    """Return the moment that a text says where the column holds moments, else the value as it is."""
    import pandas as pd

    if old is None or not isinstance(value, str) or not pd.api.types.is_datetime64_any_dtype(old.dtype):
        return value
    try:
        moment = pd.Timestamp(value)
    except ValueError:
        return value
    zone = getattr(old.dtype, "tz", None)
    return moment.tz_localize(zone) if zone is not None and moment.tzinfo is None else moment
