"""Values that somebody put into a layer's table, with what they replaced and where they came from.

Edits are part of the project's state, so that undo takes them back exactly; the table that everybody reads is brought
in line with them by :class:`models.project.project.Project`. The shape of an object is a value too: of the column
:data:`SHAPE`, as text with its CRS (:func:`shape_text`), so that it stays in its place when the CRS of a layer changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.core.value_text import is_fraction, is_whole

if TYPE_CHECKING:
    import pandas as pd

Value = float | int | str | bool | None

#: Column of an edit that gives an object another shape or place.
SHAPE = "geometry"


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
        if column == SHAPE:
            fresh = _with_shapes(fresh, {oid: text for (oid, name), text in values.items() if name == SHAPE})
            continue
        mine = {oid: value for (oid, name), value in values.items() if name == column}
        places = frame.index.get_indexer(list(mine))
        there = {int(place): value for place, value in zip(places, mine.values(), strict=True) if place >= 0}
        if there:
            fresh[column] = _with_values(frame[column] if column in frame.columns else None, frame.index, there)
    return fresh


def shape_text(shape: Any, crs: str) -> str:
    """Return a shape as the value of an edit.

    Parameters
    ----------
    shape : shapely geometry
    crs : str
        In which its coordinates stand.
    """
    import shapely

    return f"{crs};{shapely.to_wkt(shape, rounding_precision=-1)}"


def _with_shapes(frame: Any, texts: dict[int, Value]) -> Any:
    """Return a frame with shapes put at some rows, each brought into the frame's CRS; no text leaves a row alone."""
    import shapely

    from models.crs.frame import transformer

    places = frame.index.get_indexer(list(texts))
    shapes = frame.geometry.to_numpy().copy()
    by_crs: dict[str, list[tuple[int, str]]] = {}
    for place, text in zip(places.tolist(), texts.values(), strict=True):
        if place >= 0 and isinstance(text, str):
            crs, _, wkt = text.rpartition(";")
            by_crs.setdefault(crs, []).append((place, wkt))
    own = str(frame.crs) if frame.crs is not None else ""
    for crs, rows in by_crs.items():
        given = shapely.from_wkt([wkt for _, wkt in rows], on_invalid="ignore")
        if crs and own and crs != own:
            given = _in_crs(given, transformer(crs, own))
        shapes[[place for place, _ in rows]] = given
    return frame.set_geometry(shapes, crs=frame.crs)


def _in_crs(shapes: Any, change: Any) -> Any:
    import numpy as np
    import shapely

    def moved(places: Any) -> Any:
        return np.hstack([np.column_stack(change.transform(places[:, 0], places[:, 1])), places[:, 2:]])

    return shapely.transform(shapes, moved, include_z=bool(shapely.has_z(shapes).any()))


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
