"""The features of a layer that pass its filter, computed once for its data and cached.

Whoever draws, picks, lists, counts or exports a layer asks :func:`filtered` for the data instead of taking all of it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from models.query.columns import columns_of
from models.query.expression import compile_expression
from models.query.measures import Geometries

Mask = NDArray[np.bool_]
MOST_KEPT = 64


@dataclass(slots=True)
class _Kept:
    """The answer for one layer, true while data, filter and CRS are the same."""

    data: VectorData
    text: str
    crs: str
    rows: Mask
    part: VectorData | None = None


_kept: dict[str, _Kept] = {}
_lock = threading.RLock()


def rows_of(layer: Layer, data: LayerData, crs: str = "") -> Mask | None:
    """Return which features of a layer pass its filter; None where all do.

    Parameters
    ----------
    layer : Layer
    data : LayerData
        Only tables of features are filtered.
    crs : str
        Projected CRS in which ``$area_m2`` and its kin measure; the data's own where empty.

    Raises
    ------
    UserError
        What is wrong with the filter.
    """
    if not layer.filter.strip() or not isinstance(data, VectorData):
        return None
    return _answer(layer, data, crs).rows


def filtered(layer: Layer, data: LayerData, crs: str = "") -> LayerData:
    """Return what of a layer's data passes its filter; the very data where it has none."""
    if not layer.filter.strip() or not isinstance(data, VectorData):
        return data
    answer = _answer(layer, data, crs)
    if answer.rows.all():
        return data
    if answer.part is None:
        answer.part = part_of(data, answer.rows)
    return answer.part


def part_of(data: VectorData, rows: Mask) -> VectorData:
    """Return some features of a layer with their ids."""
    columns = data.features
    if columns is None:
        return VectorData(data.frame[rows], data.cautions)
    from models.geometry.feature_table import Features
    from models.geometry.wkb import Scan

    none = np.zeros(0, dtype=bool)
    rest = (none for _ in Scan.__slots__[3:])
    scan = Scan(columns.box[rows], columns.area[rows], columns.kind[rows], *rest)
    part = Features(columns.table.filter(rows), columns.fids[rows], columns.crs, scan)
    return VectorData(None, data.cautions, part)


def geometry_in(data: VectorData, crs: str = "") -> Geometries | None:
    """Return the geometries of a layer, told in a CRS (its own where empty), None for a table without any."""
    frame: Any = data.frame
    if "geometry" not in frame.columns or not hasattr(frame, "geometry"):
        return None
    return Geometries(frame.geometry, crs)


def _answer(layer: Layer, data: VectorData, crs: str) -> _Kept:
    with _lock:
        kept = _kept.get(layer.id)
    if kept is not None and kept.data is data and kept.text == layer.filter and kept.crs == crs:
        return kept
    rows = compile_expression(layer.filter).rows(columns_of(data), lambda: geometry_in(data, crs))
    fresh = _Kept(data, layer.filter, crs, rows)
    with _lock:
        _kept[layer.id] = fresh
        while len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    return fresh
