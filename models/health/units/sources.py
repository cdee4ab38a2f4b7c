"""What units are proposed from: the rows of layers in the project's metre CRS, and where people live.

Population is known by community or sub-district. Of a part of one it is estimated: by the floor area of dwellings, else
by the area of residential land, else by plain area, and each estimate says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.health.units.rules import unit_rules
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered

Floats = NDArray[np.float64]
Geometries = NDArray[Any]
#: Ways to know a population, surest first.
SURENESS = ("stated", "floor_area", "parcel_area", "area", "")


def rows_of_role(
    state: ProjectState, data: Mapping[str, LayerData], role: str, crs: str, fields: Sequence[str]
) -> pd.DataFrame:
    """Return the rows of all layers of a role: ``_layer``, ``_oid``, ``_shape`` in a CRS, and fields (missing: NaN)."""
    parts = [rows_of(layer.id, part, crs, fields)
             for layer in state.with_role(role)
             if isinstance(found := data.get(layer.id), VectorData)
             and isinstance(part := filtered(layer, found, crs), VectorData)]  # fmt: skip
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("_layer", "_oid", "_shape", *fields)})


def rows_of(layer: str, table: VectorData, crs: str, fields: Sequence[str]) -> pd.DataFrame:
    """Return the rows of one layer that have a shape, as :func:`rows_of_role` does."""
    frame = table.frame
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None or not len(frame):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in ("_layer", "_oid", "_shape", *fields)})
    own = frame.crs.sub_crs_list[0] if frame.crs.is_compound else frame.crs
    flat = gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), crs=own).to_crs(crs).to_numpy()
    rows = pd.DataFrame({"_layer": layer, "_oid": frame.index.to_numpy(), "_shape": flat})
    for name in fields:
        rows[name] = frame[name].to_numpy() if name in frame.columns else np.nan
    drawn: pd.DataFrame = rows[~(shapely.is_missing(flat) | shapely.is_empty(flat))]
    return drawn.reset_index(drop=True)


def texts(column: pd.Series) -> NDArray[Any]:
    """Return a column as texts, empty where there is nothing; a code that a spreadsheet made a number is whole."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return np.asarray(column.astype("str").str.strip().where(column.notna(), ""), dtype=object)


@dataclass(frozen=True, slots=True)
class People:
    """Where people live within units, as weights.

    Parameters
    ----------
    points, floor_m2 : ndarray, shape (dwellings,)
        A point in each dwelling, and its floor area.
    land, tree : ndarray of polygon, STRtree
        Residential land.
    """

    points: Geometries
    floor_m2: Floats
    land: Geometries
    point_tree: shapely.STRtree = field(repr=False)
    land_tree: shapely.STRtree = field(repr=False)

    def shares(self, parts: Sequence[Any]) -> tuple[Floats, str]:
        """Return the share of each part of a unit in its population, and how that is known.

        Parameters
        ----------
        parts : sequence of polygon
            That do not overlap.
        """
        shapes = np.asarray(parts, dtype=object)
        if len(self.points):
            part, point = self.point_tree.query(shapes, predicate="intersects")
            _, first = np.unique(point, return_index=True)  # a point on a border counts once
            floor = np.bincount(part[first], self.floor_m2[point[first]], len(shapes))
            if floor.sum() > 0:
                return floor / floor.sum(), "floor_area"
        if len(self.land):
            part, plot = self.land_tree.query(shapes, predicate="intersects")
            cut = shapely.area(shapely.intersection(shapes[part], self.land[plot]))
            area = np.bincount(part, cut, len(shapes))
            if area.sum() > 0:
                return area / area.sum(), "parcel_area"
        area = shapely.area(shapes)
        return area / max(area.sum(), 1e-9), "area"


def people_of(state: ProjectState, data: Mapping[str, LayerData], crs: str) -> People:
    """Return where people live, from the layers of buildings and parcels."""
    houses = dwellings_of(state, data, crs)
    parcels = rows_of_role(state, data, "parcels", crs, ("land_use",))
    lived_on = parcels[parcels["land_use"].astype("str").str.strip().str.upper().str.startswith("R")]
    points, land = shapely.point_on_surface(houses["_shape"].to_numpy()), lived_on["_shape"].to_numpy()
    return People(
        points, houses["_floor_m2"].to_numpy(np.float64), land, shapely.STRtree(points), shapely.STRtree(land)
    )


def dwellings_of(state: ProjectState, data: Mapping[str, LayerData], crs: str) -> pd.DataFrame:
    """Return the buildings in which people live, with ``_floor_m2``: as stated, else footprint × storeys (1 at least).

    Buildings that do not say what they are used for are not dwellings.
    """
    fields = ("code", "use", "storeys", "floor_area_m2", "community_code", "district_code", "property_managed")
    rows = rows_of_role(state, data, "buildings", crs, fields)
    rows = rows[rows["use"].astype("str").isin(unit_rules().proposing.residential)].reset_index(drop=True)
    stated = pd.to_numeric(rows["floor_area_m2"], errors="coerce")
    storeys = pd.to_numeric(rows["storeys"], errors="coerce").clip(lower=1.0).fillna(1.0)
    made = shapely.area(rows["_shape"].to_numpy()) * storeys.to_numpy(np.float64)
    return rows.assign(_floor_m2=np.where(stated.gt(0), stated, made).astype(np.float64))
