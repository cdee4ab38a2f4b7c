"""Share of residential land within the service radius of facilities: parks, schools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import NO_UNIT, Measured, Method, Partition, Shape, objects

#: A part out of reach smaller than this is rounding, square metres.
LEAST_M2 = 1.0


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return residential land in reach and residential land, square metres by unit; problems are parcels out of reach.

    The service area of all sites is needed to measure any parcel; a partition therefore holds every site that can
    reach into it.
    """
    rules = definition.parameters
    parcels = _residential(partition.frames["parcels"], rules["land_use_prefixes"])
    site_role = _site_role(definition)
    sites, radius_m = _sites(partition.frames[site_role], rules)
    area = coverage.service_area(sites["_shape"], radius_m, rules["quad_segs"])
    reach = coverage.reach(coverage.polygons(parcels["_shape"]), partition.shapes, area)
    here, share = partition.counts(reach.district), reach.uncovered_share
    out = share >= rules["problem_uncovered_share"]
    bad, good = np.flatnonzero(here & out), np.flatnonzero(here & ~out)
    shapes = [
        Shape("uncovered", reach.uncovered[row], int(reach.district[row]), *_key(parcels, row))
        for row in np.flatnonzero(here)
        if shapely.area(reach.uncovered[row]) > LEAST_M2
    ]
    shapes += [Shape("site", shape, NO_UNIT, *_key(sites, row)) for row, shape in enumerate(sites["_shape"])]
    return Measured(
        partition.only(reach.covered_m2),
        partition.only(reach.total_m2),
        factor=100.0,
        good=pd.concat(
            [
                objects(parcels, good, reach.district[good], "parcel_covered", share[good]),
                objects(sites, np.arange(len(sites)), NO_UNIT, "site"),
            ],
            ignore_index=True,
        ),
        bad=objects(parcels, bad, reach.district[bad], "parcel_uncovered", share[bad], share[bad]),
        shapes=(*shapes, Shape("reach", area)),
        used={"parcels": parcels, site_role: sites},
    )


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return the service radii, the kinds of facility that count, and from which share on a parcel is listed."""
    rules = definition.parameters
    return [
        *(_radius_threshold(row) for row in rules["radius"]),
        Threshold("kinds", {"kinds": rules["kinds"]}),
        Threshold("problem_share", {"share": rules["problem_uncovered_share"]}),
    ]


def _site_role(definition: IndicatorDef) -> str:
    return next(item.role for item in definition.inputs if item.role != "parcels")


def _residential(parcels: pd.DataFrame, prefixes: list[str]) -> pd.DataFrame:
    """Return the residential parcels; a layer that does not tell land uses apart is all residential."""
    if "land_use" not in parcels.columns:
        return parcels
    use = parcels["land_use"].astype("str")
    return parcels[parcels["land_use"].isna() | use.str.startswith(tuple(prefixes))].reset_index(drop=True)


def _sites(frame: pd.DataFrame, rules: Mapping[str, Any]) -> tuple[pd.DataFrame, Floats]:
    """Return the facilities that count, with the service radius of each in metres."""
    counts = np.ones(len(frame), dtype=bool)
    if "kind" in frame.columns:
        counts &= frame["kind"].isin(rules["kinds"]).to_numpy()
    if rules.get("require_open") and "open_to_public" in frame.columns:
        counts &= (frame["open_to_public"].astype("boolean").fillna(True)).to_numpy(dtype=bool)
    frame = frame[counts]
    areas_ha = shapely.area(np.asarray(frame["_shape"], dtype=object)) / 1e4
    historic = np.zeros(len(frame), dtype=bool)
    if "historic" in frame.columns:
        historic = frame["historic"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    radius_m = np.full(len(frame), np.nan)
    for row in rules["radius"]:
        fits = (areas_ha >= row.get("min_ha", -1.0)) & (areas_ha < row.get("max_ha", np.inf))
        if row.get("historic_only"):
            fits &= historic
        radius_m[fits] = row["radius_m"]
    serves = np.isfinite(radius_m)
    return frame[serves].reset_index(drop=True), radius_m[serves]


def _radius_threshold(row: Mapping[str, Any]) -> Threshold:
    code = "radius"
    if "min_ha" in row:
        code = (
            "radius_historic"
            if row.get("historic_only")
            else "radius_from"
            if "max_ha" not in row
            else "radius_by_area"
        )
    facts = {name: row[name] for name in ("min_ha", "max_ha", "radius_m") if name in row}
    return Threshold(code, facts, row["source"], row["uncertain"])


def _key(frame: pd.DataFrame, row: Any) -> tuple[str, int]:
    return str(frame["_layer"].iloc[row]), int(frame["_oid"].iloc[row])


METHOD = Method(measure, thresholds, {"parcels": ("land_use",), "": ("kind", "open_to_public", "historic")})
