"""Rows that were added to a layer's table in this run: part of the state, so that undo takes them away exactly.

As with :class:`~models.project.column_changes.ColumnChange`, the file holds the rows in their table, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.layers.layer import VectorData

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, slots=True, eq=False)
class AddedRows:
    """Some rows more in a layer's table.

    Parameters
    ----------
    layer : str
    rows : GeoDataFrame or DataFrame
        Index = oid, none of them in the table before; geometry in the table's CRS.
    columns : tuple of str
        Columns that the table had not before.
    """

    layer: str
    rows: gpd.GeoDataFrame | pd.DataFrame
    columns: tuple[str, ...] = ()


def with_rows(
    layer_id: str, data: VectorData, before: tuple[AddedRows, ...], after: tuple[AddedRows, ...]
) -> VectorData:
    """Return a layer's data with the rows that came and without those that went; itself where none did."""
    gone = [one for one in before if one.layer == layer_id and one not in after]
    came = [one for one in after if one.layer == layer_id and one not in before]
    if not gone and not came:
        return data
    frame: Any = data.frame
    for one in gone:
        frame = frame.drop(index=one.rows.index.intersection(frame.index))
        frame = frame.drop(columns=[name for name in one.columns if name in frame.columns])
    for one in came:
        frame = _appended(frame, one.rows)
    return VectorData(frame, data.cautions)


def _appended(frame: Any, rows: Any) -> Any:
    """Return a table with rows at its end; each column keeps its type where that holds the new values."""
    names = [*frame.columns, *(name for name in rows.columns if name not in frame.columns)]
    index = frame.index.append(rows.index)
    made = {}
    for name in names:
        if name == "geometry":
            continue
        old = frame[name].astype(object) if name in frame.columns else pd.Series(None, frame.index, dtype=object)
        new = rows[name].astype(object) if name in rows.columns else pd.Series(None, rows.index, dtype=object)
        column = pd.concat([old, new])
        if name in frame.columns and frame[name].dtype != object:
            try:
                column = column.astype(frame[name].dtype)
            except (TypeError, ValueError, OverflowError):
                column = column.where(column.notna(), None)
        made[name] = column
    plain = pd.DataFrame(made, index=index)
    if "geometry" not in frame.columns:
        return plain
    shapes = pd.concat([pd.Series(frame["geometry"].to_numpy(), frame.index, dtype=object),
                        pd.Series(rows["geometry"].to_numpy(), rows.index, dtype=object)])  # fmt: skip
    import geopandas as gpd

    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, index=index, crs=frame.crs))[names]
