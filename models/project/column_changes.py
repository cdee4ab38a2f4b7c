"""Whole columns put into a layer's table in one step, as a migration of all its codes does.

An :class:`~models.project.edits.Edit` is one cell with its origin; hundreds of thousands of them are slow to keep and
to save. A change of a column holds the column before and after instead. It is part of the project's state, so that
undo takes it back exactly, and not of its file: the table that is saved holds the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.layers.joins import with_columns, without_columns
from models.layers.layer import VectorData

if TYPE_CHECKING:
    import pandas as pd

    from models.project.edits import Edit


@dataclass(frozen=True, slots=True, eq=False)
class ColumnChange:
    """One column of a layer before and after.

    Parameters
    ----------
    layer, column : str
    before : Series or None
        Index = oid; None where the table had no such column.
    after : Series
    """

    layer: str
    column: str
    before: pd.Series[Any] | None
    after: pd.Series[Any]


def with_changes(
    layer_id: str, data: VectorData, before: tuple[ColumnChange, ...], after: tuple[ColumnChange, ...]
) -> VectorData:
    """Return a layer's data with the changes that came and without those that went; itself where none did."""
    gone = [one for one in before if one.layer == layer_id and one not in after]
    came = [one for one in after if one.layer == layer_id and one not in before]
    columns: dict[str, pd.Series[Any] | None] = {one.column: one.before for one in reversed(gone)}
    columns |= {one.column: one.after for one in came}
    return _with(data, columns) if columns else data


def without_cells(edits: tuple[Edit, ...], changes: tuple[ColumnChange, ...]) -> tuple[Edit, ...]:
    """Return edits without those of cells that the changes overwrite: undo of the step brings both back."""
    overwritten: set[tuple[str, int, str]] = set()
    for change in changes:
        old = change.before
        if old is None:
            continue
        differs = old.astype(object).ne(change.after.astype(object)) & ~(old.isna() & change.after.isna())
        overwritten |= {(change.layer, int(oid), change.column) for oid in old.index[differs.to_numpy()]}
    return tuple(edit for edit in edits if edit.place not in overwritten) if edits else edits


def _with(data: VectorData, columns: Mapping[str, pd.Series[Any] | None]) -> VectorData:
    import pandas as pd

    put = {name: column for name, column in columns.items() if column is not None}
    fresh = without_columns(data, [name for name, column in columns.items() if column is None])
    index = fresh.attributes.index
    return with_columns(fresh, pd.DataFrame({name: column.reindex(index) for name, column in put.items()}, index=index))
