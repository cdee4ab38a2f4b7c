"""The check of one renewal area (片区体检): problems, resources, wishes and operation counted inside it.

A data set of which the project has no layer is said to be missing; it is not counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.crs.frame import require_projected
from models.health.lists.rows import LedgerRow
from models.health.lists.rules import list_rules
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys


@dataclass(frozen=True, slots=True)
class Counted:
    """What of one role lies in the area.

    Parameters
    ----------
    role : str
    count : int
    area_m2 : float
        Of polygons, cut by the border.
    """

    role: str
    count: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class DataSet:
    """One of the four data sets.

    Parameters
    ----------
    id : str
        ``"problems"``, ``"resources"``, ``"wishes"``, ``"operation"``.
    counted : tuple of Counted
    missing : tuple of str
        Roles of which the project has no layer with places.
    """

    id: str
    counted: tuple[Counted, ...]
    missing: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        """Whether nothing at all is known."""
        return not self.counted


@dataclass(frozen=True, slots=True)
class AreaCheck:
    """A renewal area and what lies in it.

    Parameters
    ----------
    area_m2, least_area_m2 : float
        Its size, and the least that the rule asks for.
    is_large_enough : bool
    sets : tuple of DataSet
    problems : mapping of str to int
        Ledger rows inside by indicator; those that are gone or closed do not count.
    unplaced : int
        Ledger rows whose object no layer has.
    """

    area_m2: float
    least_area_m2: float
    is_large_enough: bool
    sets: tuple[DataSet, ...]
    problems: dict[str, int]
    unplaced: int


def area_check(
    area: shapely.Geometry,
    ledger: Sequence[LedgerRow],
    state: ProjectState,
    data: Mapping[str, LayerData],
    *,
    least_area_m2: float | None = None,
) -> AreaCheck:
    """Count the four data sets inside a renewal area.

    Parameters
    ----------
    area : polygon or multipolygon
        In the project's CRS.
    ledger : sequence of LedgerRow
    state : ProjectState
    data : mapping of str to LayerData
    least_area_m2 : float, optional
        Another rule than that of the table, a province's.

    Raises
    ------
    UserError
        ``health.no_frame``, ``crs.not_projected``, ``health.lists.no_area``.
    """
    if state.frame is None:
        raise UserError("health.no_frame")
    crs = state.frame.horizontal
    require_projected(crs, "area check")
    if area.is_empty or not area.area:
        raise UserError("health.lists.no_area")
    rules = list_rules()["area_check"]
    least = float(rules["least_area_m2"]) if least_area_m2 is None else least_area_m2
    shapely.prepare(area)
    sets = tuple(_data_set(row["id"], row["roles"], area, state, data, crs) for row in rules["set"])
    problems, unplaced = _problems(area, ledger, data, crs)
    if ledger:
        own = Counted("check_records", sum(problems.values()), 0.0)
        sets = tuple(DataSet(one.id, (own,), ()) if one.id == "problems" else one for one in sets)
    return AreaCheck(float(area.area), least, bool(area.area >= least), sets, problems, unplaced)


def area_of(keys: Keys, data: Mapping[str, LayerData], crs: str) -> shapely.Geometry:
    """Return the ground of polygons (parcels, blocks) as one shape.

    Raises
    ------
    UserError
        ``health.lists.no_area`` where none of them is a polygon.
    """
    parts = []
    for layer, oids in keys.runs:
        frame = _frame(data.get(layer), crs)
        if frame is not None:
            chosen = frame.geometry.reindex(oids).dropna().to_numpy()
            parts.append(chosen[shapely.get_dimensions(chosen) == 2])
    shapes = np.concatenate(parts) if parts else np.array([], dtype=object)
    if not len(shapes):
        raise UserError("health.lists.no_area")
    return shapely.union_all(shapely.make_valid(shapes))


def _data_set(
    name: str,
    roles: Sequence[str],
    area: shapely.Geometry,
    state: ProjectState,
    data: Mapping[str, LayerData],
    crs: str,
) -> DataSet:
    counted, missing = [], []
    for role in roles:
        frames = [frame for layer in state.with_role(role) if (frame := _frame(data.get(layer.id), crs)) is not None]
        if not frames:
            missing.append(role)
            continue
        shapes = np.concatenate([frame.geometry.to_numpy() for frame in frames])
        counted.append(_counted(role, shapes, area))
    return DataSet(name, tuple(counted), tuple(missing))


def _counted(role: str, shapes: np.ndarray, area: shapely.Geometry) -> Counted:
    """Count objects by where their middle lies, and the ground of polygons by what lies inside."""
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    near = shapes[shapely.STRtree(shapes).query(area, predicate="intersects")] if len(shapes) else shapes
    inside = shapely.intersects(area, shapely.point_on_surface(near))
    polygons = near[shapely.get_dimensions(near) == 2]
    whole = shapely.covers(area, polygons)
    cut = shapely.area(shapely.intersection(shapely.make_valid(polygons[~whole]), area)).sum()
    return Counted(role, int(inside.sum()), float(shapely.area(polygons[whole]).sum() + cut))


def _problems(
    area: shapely.Geometry, ledger: Sequence[LedgerRow], data: Mapping[str, LayerData], crs: str
) -> tuple[dict[str, int], int]:
    rows = pd.DataFrame(
        [(row.code, row.key.layer, row.key.oid) for row in ledger if row.state != "gone" and row.status != "closed"],
        columns=["code", "layer", "oid"],
    )
    inside, placed = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for layer, part in rows.groupby("layer"):
        frame = _frame(data.get(str(layer)), crs)
        if frame is None:
            continue
        shapes = frame.geometry.reindex(part["oid"]).to_numpy()
        at = part.index.to_numpy()
        placed[at] = ~shapely.is_missing(shapes)
        inside[at] = shapely.intersects(area, shapely.point_on_surface(shapes))
    counts = rows[inside].groupby("code").size()
    return {str(code): int(count) for code, count in counts.items()}, int((~placed).sum())


def _frame(held: LayerData | None, crs: str) -> gpd.GeoDataFrame | None:
    if not isinstance(held, VectorData) or not isinstance(held.frame, gpd.GeoDataFrame):
        return None
    frame = held.frame
    if frame.crs is None or not len(frame):
        return None
    return frame if frame.crs == crs else frame.to_crs(crs)
