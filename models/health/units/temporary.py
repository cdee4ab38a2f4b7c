"""Temporary estates (临时小区): dwellings without estate management, put together by community and block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.health.partition import yes_or_no
from models.health.units.barriers import Barriers, barriers_of
from models.health.units.codes import UnitCodes
from models.health.units.members import members_of
from models.health.units.rules import Level, unit_rules
from models.health.units.sources import dwellings_of, rows_of_role, texts
from models.health.units.unit_sets import DRAFT, CheckUnit, UnitSet
from models.layers.layer import LayerData
from models.project.project import ProjectState

#: Houses nearer than twice this are drawn as one estate, metres.
JOINED_M = 12.0


def temporary_estates(
    level: Level, state: ProjectState, data: Mapping[str, LayerData], crs: str, progress: Progress
) -> UnitSet:
    """Return temporary estates: dwellings without estate management, together by community and block."""
    rules = unit_rules().proposing
    houses = dwellings_of(state, data, crs)
    if not len(houses):
        raise UserError("units.no_dwellings")
    loose = houses[~_is_managed(houses, state, data, crs)].reset_index(drop=True)
    base, layer = members_of(unit_rules().level("community"), state, data, crs)
    progress.step(0.3, "progress.units")
    points = shapely.point_on_surface(loose["_shape"].to_numpy())
    community = _inside(points, base["_shape"].to_numpy())
    lines = barriers_of(state, data, crs, rules.block_classes, rules.green_kinds)
    block = _blocks(points, lines)
    progress.step(0.6, "progress.units")
    whole = _inside(shapely.point_on_surface(houses["_shape"].to_numpy()), base["_shape"].to_numpy())
    floor = np.bincount(whole[whole >= 0], houses["_floor_m2"].to_numpy()[whole >= 0], len(base))
    names, made, counted = UnitCodes(state.health, level), [], dict.fromkeys(range(len(base)), 0)
    codes = texts(loose["code"])
    codes = np.where(codes == "", [f"{name}/{oid}" for name, oid in zip(loose["_layer"], loose["_oid"], strict=True)],
                     codes)  # fmt: skip
    keys = pd.DataFrame({"community": community, "block": block})
    by_block: dict[Any, Any] = dict(keys[keys["community"] >= 0].groupby(["community", "block"]).indices)
    for key in sorted(by_block, key=lambda key: (key[0], by_block[key][0])):
        at, rows = int(key[0]), by_block[key]
        counted[at] += 1
        share = loose["_floor_m2"].to_numpy()[rows].sum() / floor[at] if floor[at] > 0 else np.nan
        shapes = loose["_shape"].to_numpy()[rows]
        made.append(_estate(level, base.iloc[at], counted[at], tuple(codes[rows]), shapes, float(share), names))
    return UnitSet(level.id, DRAFT, crs, tuple(made), from_layer=layer)


def _estate(
    level: Level, home: Any, number: int, members: tuple[str, ...], shapes: Any, share: float, names: UnitCodes
) -> CheckUnit:
    shape = shapely.buffer(shapely.union_all(shapely.buffer(shapes, JOINED_M)), -JOINED_M / 2)
    people = float(home["population"]) * share
    known = bool(np.isfinite(people))
    return CheckUnit(
        names.of(members, "temporary"), members, "temporary", people if known else None,
        "floor_area" if known else "", float(shape.area), shapely.to_wkb(shape, hex=True), (home["district_code"],), "",
        f"{home['name']}{level.name}{number}", f"{home['name_en'] or home['name']}, {level.name_en.lower()} {number}",
    )  # fmt: skip


def _is_managed(houses: pd.DataFrame, state: ProjectState, data: Mapping[str, LayerData], crs: str) -> Any:
    """Return which dwellings have estate management: as they or their plot say, else those on residential land.

    A plot that says nothing counts as managed, as an estate has one; a dwelling on none is a scattered building.
    """
    plots = rows_of_role(state, data, "parcels", crs, ("land_use", "property_managed"))
    plots = plots[plots["land_use"].astype("str").str.strip().str.upper().str.startswith("R")]
    at = _inside(shapely.point_on_surface(houses["_shape"].to_numpy()), plots["_shape"].to_numpy())
    plot_says = yes_or_no(plots["property_managed"]).fillna(True).to_numpy(bool)
    by_plot = (at >= 0) & plot_says[at] if len(plots) else np.zeros(len(houses), dtype=bool)
    says = yes_or_no(houses["property_managed"])
    return np.where(says.isna(), by_plot, says.fillna(False).to_numpy(bool))


def _inside(points: Any, areas: Any) -> Any:
    """Return the position of the area that holds each point, -1 for none."""
    found = np.full(len(points), -1, dtype=np.int64)
    if len(areas) and len(points):
        point, area = shapely.STRtree(areas).query(points, predicate="intersects")
        found[point[::-1]] = area[::-1]  # the first wins
    return found


def _blocks(points: Any, lines: Barriers) -> Any:
    """Return the number of the block of each point; beyond all closed ones -1."""
    if not len(points):
        return np.empty(0, dtype=np.int64)
    reach = shapely.buffer(shapely.box(*shapely.total_bounds(points)), 50.0)
    near = lines.near(reach)
    edges = shapely.union_all([*near, reach.exterior])
    cells = shapely.get_parts(shapely.polygonize([edges]))
    return _inside(points, cells)
