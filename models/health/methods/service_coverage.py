"""Share of residential land within the service radius of facilities: parks, schools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health import coverage
from models.health.coverage import Floats, covered
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import NO_UNIT, Measured, Method, Need, Partition, Shape, has_value, objects, yes_or_no
from models.health.service_radius import fits

#: A part out of reach smaller than this is rounding, square metres.
LEAST_M2 = 1.0


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return residential land in reach and residential land, square metres by unit; problems are parcels out of reach.

    A partition holds every site that can reach into it.
    """
    rules = definition.parameters
    parcels, unknown = _residential(partition.frames["parcels"], rules["land_use_prefixes"])
    site_role = _site_role(definition)
    sites, radius_m, known_sites = _sites(partition.frames[site_role], rules)
    reach = coverage.reach(
        coverage.polygons(parcels["_shape"]), partition.shapes, sites["_shape"], radius_m, rules["quad_segs"]
    )
    seen = _seen(partition, unknown, reach.total_m2, known_sites)
    here, share = partition.counts(reach.district), reach.uncovered_share
    out = share >= rules["problem_uncovered_share"]
    lost_m2 = reach.lost_m2
    bad, good = np.flatnonzero(here & out), np.flatnonzero(here & ~out)
    gaps = np.flatnonzero(here & (lost_m2 > LEAST_M2))
    return Measured(
        partition.only(reach.covered_m2),
        partition.only(reach.total_m2),
        factor=100.0,
        seen=None if seen is None else partition.only(seen),
        good=pd.concat(
            [
                objects(parcels, good, reach.district[good], "parcel_covered", share[good], loss=lost_m2[good]),
                objects(sites, np.arange(len(sites)), NO_UNIT, "site"),
            ],
            ignore_index=True,
        ),
        bad=objects(
            parcels,
            bad,
            reach.district[bad],
            "parcel_uncovered",
            share[bad],
            lost_m2[bad],
            loss=lost_m2[bad],
            beyond_m=coverage.beyond_m(reach.uncovered[bad], sites["_shape"], radius_m),
        ),
        shapes=(*_shapes("uncovered", parcels.iloc[gaps], reach.uncovered[gaps], reach.district[gaps]),
                *_shapes("site", sites, sites["_shape"], np.full(len(sites), NO_UNIT))),
        used={"parcels": parcels, site_role: sites},
    )  # fmt: skip


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


def _residential(parcels: pd.DataFrame, prefixes: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the residential parcels, and those of which nobody says what they are used for."""
    known = has_value(parcels["land_use"])
    residential = known & parcels["land_use"].astype("str").str.strip().str.startswith(tuple(prefixes))
    return parcels[residential].reset_index(drop=True), parcels[~known].reset_index(drop=True)


def _seen(partition: Partition, unknown: pd.DataFrame, total_m2: Floats, known_sites: float) -> Floats | None:
    """Return the residential land as it would be if every parcel and every site said what it is; None where it does.

    Land of unknown use counts in full: nothing says that it is not residential.
    """
    if not len(unknown) and known_sites >= 1.0:
        return None
    lost_m2 = covered(coverage.polygons(unknown["_shape"]), partition.shapes)
    return (total_m2 + lost_m2) / known_sites


def _sites(frame: pd.DataFrame, rules: Mapping[str, Any]) -> tuple[pd.DataFrame, Floats, float]:
    """Return the facilities that count, the service radius of each in metres, and the share that says what it is.

    A facility of unknown kind, or of which nobody says whether it is open, serves nobody.
    """
    known = has_value(frame["kind"]).to_numpy(dtype=bool)
    counts = known & frame["kind"].isin(rules["kinds"]).to_numpy()
    if rules.get("require_open"):
        is_open = yes_or_no(frame["open_to_public"])
        known = known & (~counts | is_open.notna().to_numpy(dtype=bool))
        counts = counts & is_open.fillna(False).to_numpy(dtype=bool)
    share = float(known.mean()) if len(known) else 1.0
    frame = frame[counts]
    areas_ha = shapely.area(np.asarray(frame["_shape"], dtype=object)) / 1e4
    historic = np.zeros(len(frame), dtype=bool)
    if "historic" in frame.columns:
        historic = yes_or_no(frame["historic"]).fillna(False).to_numpy(dtype=bool)
    radius_m = np.full(len(frame), np.nan)
    for row in rules["radius"]:
        radius_m[fits(row, areas_ha, historic)] = row["radius_m"]
    serves = np.isfinite(radius_m)
    return frame[serves].reset_index(drop=True), radius_m[serves], share


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


def _shapes(kind: str, frame: pd.DataFrame, geometries: Any, units: Any) -> list[Shape]:
    keys = zip(frame["_layer"], frame["_oid"], strict=True)
    return [
        Shape(kind, shape, int(unit), str(layer), int(oid))
        for shape, unit, (layer, oid) in zip(geometries, units, keys, strict=True)
    ]


def needs(definition: IndicatorDef) -> list[Need]:
    """Return the use of the land, the kind of facility and, where closed ones do not count, whether it is open."""
    role, rules = _site_role(definition), definition.parameters
    found = [Need("parcels", ("land_use",)), Need(role, ("kind",), (*rules["kinds"], *rules["other_kinds"]))]
    return [*found, Need(role, ("open_to_public",))] if rules.get("require_open") else found


METHOD = Method(
    measure, thresholds, {"parcels": ("land_use",), "": ("kind", "open_to_public", "historic")}, needs=needs
)
