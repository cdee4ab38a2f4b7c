"""The names of areas, above the middle of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import Lattice
from viewers.render.geometry.parts import LabelPart, Part
from viewers.render.palette.status_colours import status


def name_labels(
    frame: Any, polygons: NDArray[Any], row: NDArray[Any], kind: str, lattice: Lattice, field: str = ""
) -> list[Part]:  # fmt: skip
    """Return the names of areas, above the middle of the largest polygon of each; larger areas come first.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``name`` and perhaps ``name_en``.
    polygons : ndarray of Polygon
        Local.
    row : ndarray of int
        Row of ``frame`` of each polygon.
    kind : str
        Row of ``[labels]`` in the status table; empty for areas that bear no name.
    lattice : Lattice
    field : str
        The column that holds the names, if it is not ``name``.
    """
    if not kind:
        return []
    names, names_en = text(frame, (field, "name")), text(frame, ("name_en",))
    area = shapely.area(polygons)
    order = np.lexsort((-area, row))
    first = order[np.concatenate([[True], row[order][1:] != row[order][:-1]])] if len(order) else order
    first = first[[bool(names[row[k]] or names_en[row[k]]) for k in first]] if len(first) else first
    if not len(first):
        return []
    style = status()["labels"][kind]
    spots = shapely.get_coordinates(shapely.point_on_surface(polygons[first]))
    centre = shapely.get_coordinates(shapely.centroid(polygons[first]))
    inside = shapely.contains_xy(polygons[first], centre)
    spots[inside] = centre[inside]
    z = lattice.height(spots[:, 0], spots[:, 1]) + style["height_m"]
    weight = style["priority"] + 8.0 * area[first] / max(float(area[first].max()), 1.0)
    return [
        LabelPart(
            np.column_stack([spots, z]).astype(np.float32),
            [str(names[row[k]] or names_en[row[k]]) for k in first],
            [str(names_en[row[k]]) for k in first],
            weight.astype(np.float32),
            size_px=style["size_px"],
            colour=style["colour"],
            reach_m=style["reach_m"],
        )
    ]
