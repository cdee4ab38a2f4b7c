"""A register brought up to date by a newer table: rows found again by their key keep their numbers.

Invariants
----------
1. A row keeps its feature id, so that everything that names it goes on naming it.
2. Where the newer table says nothing, what the register says stays.
3. Nothing is deleted: what the newer table lacks is listed, and put out of use only if a person wants that.
4. Rows without a key, or with one that stands twice, name nobody; they are listed and left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.facilities.register.column_values import texts_in

#: A point that moved by less is the same point, metres.
SAME_PLACE_M = 0.001


@dataclass(frozen=True, slots=True)
class Merge:
    """What a newer table changes.

    Parameters
    ----------
    added, changed, vanished : ndarray of int64
        Feature ids in the register: of rows that are new, that differ, and that the newer table lacks.
    columns : mapping of str to int
        Column → in how many rows it changed; ``"geometry"`` where they moved.
    same : int
        Rows that are as before.
    keyless, doubled : int
        Rows of the newer table that were left out: without a key, with a key that stands twice.
    deactivated : int
        Vanished rows that were put out of use.
    """

    added: NDArray[np.int64]
    changed: NDArray[np.int64]
    vanished: NDArray[np.int64]
    columns: dict[str, int]
    same: int
    keyless: int
    doubled: int
    deactivated: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return counts, JSON-ready."""
        return {
            "added": len(self.added), "changed": len(self.changed), "vanished": len(self.vanished), "same": self.same,
            "without_key": self.keyless, "key_twice": self.doubled, "deactivated": self.deactivated,
            "columns": dict(self.columns),
        }  # fmt: skip


def merge(old: Any, fresh: Any, key: str, *, state_field: str = "", out_of_use: str = "") -> tuple[Any, Merge]:
    """Return a register with what a newer table says, and what that changed; both tables are left alone.

    Parameters
    ----------
    old, fresh : DataFrame or GeoDataFrame
        With the same canonical columns; geometry in one CRS. ``old`` has feature ids as index.
    key : str
        Column that names the objects in both.
    state_field, out_of_use : str
        Where given, vanished rows get this state.

    Raises
    ------
    UserError
        ``register.no_key``.
    """
    for table, name in ((old, "register"), (fresh, "table")):
        if key not in table.columns:
            raise UserError("register.no_key", field=key, table=name)
    mine, theirs = pd.Series(texts_in(old[key]), dtype=object), pd.Series(texts_in(fresh[key]), dtype=object)
    twice = theirs.notna() & (
        theirs.duplicated(keep=False) | theirs.isin(mine[mine.duplicated(keep=False) & mine.notna()])
    )
    usable = np.flatnonzero((theirs.notna() & ~twice).to_numpy())
    rows = pd.Series(np.arange(len(mine)), index=mine)
    rows = rows[rows.index.notna()]
    rows = rows[~rows.index.duplicated(keep=False)]
    found = rows.reindex(theirs.iloc[usable]).to_numpy(np.float64, na_value=np.nan)
    hit = np.isfinite(found)
    at, source = found[hit].astype(np.int64), usable[hit]
    fresh_rows = usable[~hit]

    result, counts, touched = _with_values(old, fresh, at, source)
    result = _with_rows(result, fresh, fresh_rows)
    gone = np.ones(len(mine), bool)
    gone[mine.isna().to_numpy()] = False
    gone[mine.isin(theirs.dropna()).to_numpy()] = False
    oids = old.index.to_numpy(np.int64)
    vanished = oids[gone]
    deactivated = 0
    if out_of_use and state_field and len(vanished):
        result, deactivated = _out_of_use(result, np.flatnonzero(gone), state_field, out_of_use)
    added = result.index.to_numpy(np.int64)[len(old) :]
    report = Merge(
        added, oids[np.flatnonzero(touched)], vanished, counts, len(at) - int(touched.sum()),
        int(theirs.isna().sum()), int(twice.sum()), deactivated,
    )  # fmt: skip
    return result, report


def _with_values(
    old: Any, fresh: Any, at: NDArray[np.int64], source: NDArray[np.int64]
) -> tuple[Any, dict[str, int], Any]:
    """Return the old table with the values of the rows that were found again."""
    result = old.copy(deep=False)
    touched = np.zeros(len(old), bool)
    counts: dict[str, int] = {}
    for name in [str(one) for one in fresh.columns if one != "geometry"]:
        theirs = fresh[name].to_numpy(dtype=object)[source]
        there = pd.notna(theirs)
        mine = result[name].to_numpy(dtype=object) if name in result.columns else np.full(len(old), None, dtype=object)
        before = mine[at]
        differs = there & ~_same(before, theirs)
        if not differs.any():
            if name not in result.columns:
                result[name] = pd.Series(mine, index=old.index, dtype=object)
            continue
        mine = mine.copy()
        mine[at[differs]] = theirs[differs]
        result[name] = _typed(mine, old[name] if name in old.columns else fresh[name], old.index)
        touched[at[differs]] = True
        counts[name] = int(differs.sum())
    if "geometry" in result.columns and "geometry" in fresh.columns:
        moved = _moved(np.asarray(old.geometry)[at], np.asarray(fresh.geometry)[source])
        if moved.any():
            shapes = np.array(old.geometry, dtype=object)
            shapes[at[moved]] = np.asarray(fresh.geometry)[source[moved]]
            result = result.set_geometry(type(old.geometry)(shapes, index=old.index, crs=old.crs))
            touched[at[moved]] = True
            counts["geometry"] = int(moved.sum())
    return result, counts, touched


def _same(before: NDArray[np.object_], after: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which values are the same: as they are, or as they are written (300 and 300.0, a day and its text)."""
    equal = np.array(before == after, dtype=bool)
    left = np.flatnonzero(~equal & pd.notna(before))
    if len(left):
        one, other = texts_in(pd.Series(before[left], dtype=object)), texts_in(pd.Series(after[left], dtype=object))
        numbers = [pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64) for values in (one, other)]
        equal[left] = (one == other) | (numbers[0] == numbers[1])
    return equal


def _moved(before: NDArray[np.object_], after: NDArray[np.object_]) -> NDArray[np.bool_]:
    import shapely

    there = ~shapely.is_missing(after) & ~shapely.is_empty(after)
    same = shapely.equals_exact(before, after, SAME_PLACE_M)
    return np.asarray(there & ~same, dtype=bool)


def _typed(values: NDArray[np.object_], like: pd.Series[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column in the type of another where that holds it exactly."""
    column = pd.Series(values, index=index, dtype=object)
    column = column.where(column.notna(), None)
    try:
        same = column.astype(like.dtype)
    except (TypeError, ValueError, OverflowError):
        return column
    exact = bool((same.isna() == column.isna()).all()) and bool((same[column.notna()] == column[column.notna()]).all())
    return same if exact else column


def _with_rows(result: Any, fresh: Any, rows: NDArray[np.int64]) -> Any:
    """Return a table with further rows, their feature ids after the last."""
    if not len(rows):
        return result
    more = fresh.iloc[rows].copy()
    first = int(result.index.max()) + 1 if len(result) else 1
    more.index = pd.Index(np.arange(first, first + len(more)), name=result.index.name)
    more = more.reindex(columns=result.columns)
    objects = {name: object for name in result.columns if name != "geometry" and result[name].dtype != more[name].dtype}
    made = pd.concat([result.astype(objects), more.astype(objects)])
    for name in objects:
        made[name] = _typed(made[name].to_numpy(dtype=object), result[name], made.index)
    return made


def _out_of_use(result: Any, rows: NDArray[np.int64], field: str, state: str) -> tuple[Any, int]:
    column = (
        result[field].to_numpy(dtype=object).copy() if field in result.columns else np.full(len(result), None, object)
    )
    fresh = np.array([value != state for value in column[rows]], dtype=bool)
    column[rows] = state
    result[field] = pd.Series(column, index=result.index, dtype=object)
    return result, int(fresh.sum())
