"""Where problems are: a point for each, the unit in which it lies, and the area in which they could lie at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.health.failing import shapes_in
from models.health.registers.placing import points_in
from models.health.units.sources import rows_of_role, texts
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

#: Whole units of the city are no places: a district that misses its benchmark is not a point in its middle.
AREAS_ROLES = ("districts", "built_up")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The units of a city, and the area under study.

    Parameters
    ----------
    crs : str
        The project's, metres.
    role : str
        Of the units: ``"communities"``, else ``"districts"``.
    units : DataFrame
        ``_layer``, ``_oid``, ``_shape``, ``code``, ``name``, ``name_en``, ``population`` (people, NaN), ``area_km2``.
    study : ndarray of polygon
        Districts, else the units.
    """

    crs: str
    role: str
    units: pd.DataFrame
    study: Geometries

    def unit_at(self, xy: Floats) -> Ints:
        """Return the position of the unit in which each point lies, −1 for none; of several the first."""
        return _first_of(self.units["_shape"].to_numpy(dtype=object), xy)

    def holds(self, xy: Floats) -> NDArray[np.bool_]:
        """Return which points lie in the area under study."""
        return np.asarray(_first_of(self.study, xy) >= 0)


def ground_of(state: ProjectState, data: Mapping[str, LayerData]) -> Ground:
    """Return the units of a project's city.

    Raises
    ------
    UserError
        ``health.patterns.no_units`` where there are neither communities nor districts with a shape.
    """
    crs = state.frame.horizontal if state.frame is not None else ""
    fields = ("code", "name", "name_en", "population")
    rows = {role: rows_of_role(state, data, role, crs, fields) for role in ("communities", "districts") if crs}
    role = next((role for role, found in rows.items() if len(found)), "")
    if not role:
        raise UserError("health.patterns.no_units")
    units = rows[role].reset_index(drop=True)
    shapes = units["_shape"].to_numpy(dtype=object)
    named = {name: texts(units[name]) for name in ("code", "name", "name_en")}
    people = pd.to_numeric(units["population"], errors="coerce")
    units = units.assign(**named, population=people.where(people >= 0), area_km2=shapely.area(shapes) / 1e6)
    study = rows["districts"] if len(rows["districts"]) else units
    return Ground(crs, role, units, study["_shape"].to_numpy(dtype=object))


def placed(layers: NDArray[np.object_], oids: Ints, data: Mapping[str, LayerData], crs: str) -> Floats:
    """Return a point inside each object, (n, 2) in a CRS; NaN where it is not here or has no shape."""
    xy = np.full((len(oids), 2), np.nan)
    for layer in pd.unique(pd.Series(layers, dtype=object)):
        found = data.get(layer)
        if not isinstance(found, VectorData) or not found.crs:
            continue
        mine = np.flatnonzero(layers == layer)
        asked, back = np.unique(oids[mine], return_inverse=True)
        points = points_in(shapes_in(found, asked, crs))
        xy[mine] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])[back]
    return xy


def _first_of(shapes: Geometries, xy: Floats) -> Ints:
    found = np.full(len(xy), -1, dtype=np.int64)
    fine = np.flatnonzero(np.isfinite(xy).all(axis=1))
    at, shape = shapely.STRtree(shapes).query(shapely.points(xy[fine]), predicate="intersects")
    order = np.lexsort((shape, at))
    first = np.unique(at[order], return_index=True)[1]
    found[fine[at[order][first]]] = shape[order][first]
    return found
