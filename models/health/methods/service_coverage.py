"""Share of land within the service radius of facilities: parks, schools, greenways, pitches, fire stations.

The radius counts from the boundary of the site. A facility beyond the border of a unit serves this side too, and land
that several reach counts once. By its ``measure`` an indicator is worked out in one of these ways:

``"radius"`` (also where there is none)
    Land within the service radius.
``"walk"``, ``"time"``
    Land beside the ways on which a facility is reached within that distance, or within so many minutes: see
    :mod:`models.health.walking`. The ways are those of the layers of roads and footways; without them there is no data.
``"area"``
    Each facility serves so much land as its class is given (辖区面积), of the unit in which it stands and at most all
    of it. No land is told to be out of reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health import coverage, walking
from models.health.coverage import Floats, covered
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import (
    NO_UNIT,
    Measured,
    Method,
    Need,
    Partition,
    Shape,
    Split,
    has_value,
    objects,
    yes_or_no,
)
from models.health.service_radius import class_texts, fits

#: A part out of reach smaller than this is rounding, square metres.
LEAST_M2 = 1.0
#: The layer whose land is measured, by its role, and its field of what the land is used for.
LAND_FIELDS = {"parcels": "land_use", "land": "use"}


@dataclass(frozen=True, slots=True)
class Sites:
    """The facilities that count.

    Parameters
    ----------
    frame : DataFrame
    radius_m : ndarray, shape (sites,)
    jurisdiction_m2 : ndarray, shape (sites,)
        Land that a facility of its class is given; NaN where the edition gives none.
    known : float
        Share of the facilities that say what they are.
    """

    frame: pd.DataFrame
    radius_m: Floats
    jurisdiction_m2: Floats
    known: float


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return land in reach and land, square metres by unit; problems are parcels out of reach.

    A partition holds every site that can reach into it.
    """
    rules = definition.parameters
    land_role, site_role = _roles(definition)
    parcels, unknown = _land(partition.frames[land_role], LAND_FIELDS[land_role], rules)
    sites = _sites(partition.frames[site_role], rules)
    shapes = coverage.polygons(parcels["_shape"])
    how = rules.get("measure", "radius")
    if how == "area":
        return _by_area(partition, parcels, unknown, sites, land_role, site_role)
    reaching, radius_m = sites.frame["_shape"].to_numpy(object), sites.radius_m
    if how != "radius":
        reaching, radius_m = walking.stretches(
            walking.network_of(partition.frames, rules), reaching, _distances_m(radius_m, rules), rules["access_m"]
        )
    reach = coverage.reach(shapes, partition.shapes, reaching, radius_m, rules["quad_segs"])
    seen = _seen(partition, unknown, reach.total_m2, sites.known)
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
                objects(sites.frame, np.arange(len(sites.frame)), NO_UNIT, "site"),
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
            beyond_m=coverage.beyond_m(reach.uncovered[bad], sites.frame["_shape"], sites.radius_m),
        ),
        shapes=(*_shapes("uncovered", parcels.iloc[gaps], reach.uncovered[gaps], reach.district[gaps]),
                *_shapes("site", sites.frame, sites.frame["_shape"], np.full(len(sites.frame), NO_UNIT))),
        used={land_role: parcels, site_role: sites.frame},
    )  # fmt: skip


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return the service radii, the facilities that count, and from which share on a parcel is listed."""
    rules = definition.parameters
    found = [_radius_threshold(row) for row in rules["radius"]]
    if "kinds" in rules:
        found.append(Threshold("kinds", {"kinds": rules["kinds"]}))
    found += [
        Threshold(row["rule"], {"least": row["least"]}, row["source"], row["uncertain"])
        for row in rules.get("at_least", ())
    ]
    if rules.get("measure", "radius") in ("walk", "time"):
        found.append(Threshold("walking_access", {"access_m": rules["access_m"]}))
    if rules.get("measure") == "time":
        facts = {"minutes": rules["minutes"], "speed_km_h": rules["speed_km_h"]}
        found.append(Threshold("drive", facts, rules["drive_source"], True))
    return [*found, Threshold("problem_share", {"share": rules["problem_uncovered_share"]})]


def _roles(definition: IndicatorDef) -> tuple[str, str]:
    """Return the role of the land that is measured, and that of the facilities."""
    roles = [item.role for item in definition.inputs]
    return next(role for role in roles if role in LAND_FIELDS), next(role for role in roles if role not in LAND_FIELDS)


def _land(frame: pd.DataFrame, field: str, rules: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the land that counts, and that of which nobody says what it is used for."""
    known = has_value(frame[field])
    use = frame[field].astype("str").str.strip()
    if "land_use_prefixes" in rules:
        counts = known & use.str.startswith(tuple(rules["land_use_prefixes"]))
    else:
        counts = known & ~use.isin(rules["other_land"])
    return frame[counts].reset_index(drop=True), frame[~known].reset_index(drop=True)


def _seen(partition: Partition, unknown: pd.DataFrame, total_m2: Floats, known_sites: float) -> Floats | None:
    """Return the land as it would be if every parcel and every site said what it is; None where it does.

    Land of unknown use counts in full: nothing says that it does not count.
    """
    if not len(unknown) and known_sites >= 1.0:
        return None
    lost_m2 = covered(coverage.polygons(unknown["_shape"]), partition.shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total_m2 + lost_m2 > 0, (total_m2 + lost_m2) / known_sites, 0.0)


def _sites(frame: pd.DataFrame, rules: Mapping[str, Any]) -> Sites:
    """Return the facilities that count.

    A facility of unknown kind, class or size, or of which nobody says whether it is open, serves nobody.
    """
    count = len(frame)
    known, counts = np.ones(count, dtype=bool), np.ones(count, dtype=bool)
    if "kinds" in rules:
        known = has_value(frame["kind"]).to_numpy(dtype=bool)
        counts = known & frame["kind"].isin(rules["kinds"]).to_numpy()
    if rules.get("require_open"):
        is_open = yes_or_no(frame["open_to_public"])
        known = known & (~counts | is_open.notna().to_numpy(dtype=bool))
        counts = counts & is_open.fillna(False).to_numpy(dtype=bool)
    for row in rules.get("at_least", ()):
        asked = counts & frame["kind"].isin(row["kinds"]).to_numpy() if "kinds" in row else counts
        large = _large(frame, row)
        known = known & ~(asked & np.isnan(large))
        counts = counts & ~(asked & (large != 1.0))
    classes = class_texts(frame[rules["class_field"]]) if "class_field" in rules else None
    if classes is not None:
        known = known & ~(counts & (classes == ""))
    areas_ha = shapely.area(np.asarray(frame["_shape"], dtype=object)) / 1e4
    historic = np.zeros(count, dtype=bool)
    if "historic" in frame.columns:
        historic = yes_or_no(frame["historic"]).fillna(False).to_numpy(dtype=bool)
    radius_m, jurisdiction_m2 = np.full(count, np.nan), np.full(count, np.nan)
    for row in rules["radius"]:
        fit = fits(row, areas_ha, historic, classes)
        radius_m[fit], jurisdiction_m2[fit] = row["radius_m"], 1e6 * row.get("jurisdiction_km2", np.nan)
    serves = counts & np.isfinite(radius_m)
    share = float(known.mean()) if count else 1.0
    return Sites(frame[serves].reset_index(drop=True), radius_m[serves], jurisdiction_m2[serves], share)


def _large(frame: pd.DataFrame, row: Mapping[str, Any]) -> Floats:
    """Return 1 where one of some fields comes to the least that is asked, 0 where none does, NaN where nobody says."""
    found = np.full(len(frame), np.nan)
    for name, least in zip(row["fields"], row["least"], strict=True):
        if name in frame.columns:
            value = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)
            found = np.fmax(found, np.where(np.isnan(value), np.nan, value >= least))
    return found


def _distances_m(radius_m: Floats, rules: Mapping[str, Any]) -> Floats:
    """Return how far each site reaches along the ways."""
    if rules["measure"] == "walk":
        return radius_m
    return np.full(len(radius_m), rules["speed_km_h"] / 3.6 * 60 * rules["minutes"])


def _by_area(
    partition: Partition, parcels: pd.DataFrame, unknown: pd.DataFrame, sites: Sites, land_role: str, site_role: str
) -> Measured:
    land, count = coverage.polygons(parcels["_shape"]), len(partition.units)
    whole = coverage.reach(land, partition.shapes, land[:0], np.empty(0))
    home = coverage.district_of(shapely.point_on_surface(sites.frame["_shape"].to_numpy(object)), partition.shapes)
    given = (home >= 0) & np.isfinite(sites.jurisdiction_m2)
    served_m2 = np.bincount(home[given], sites.jurisdiction_m2[given], minlength=count)
    seen = _seen(partition, unknown, whole.total_m2, sites.known)
    here = np.flatnonzero(partition.counts(whole.district))
    return Measured(
        partition.only(np.minimum(served_m2, whole.total_m2)),
        partition.only(whole.total_m2),
        factor=100.0,
        seen=None if seen is None else partition.only(seen),
        good=pd.concat(
            [
                objects(parcels, here, whole.district[here], "parcel_counted"),
                objects(sites.frame, np.arange(len(sites.frame)), NO_UNIT, "site"),
            ],
            ignore_index=True,
        ),
        used={land_role: parcels, site_role: sites.frame},
    )


def _radius_threshold(row: Mapping[str, Any]) -> Threshold:
    if "classes" in row:
        code = "radius_jurisdiction" if "jurisdiction_km2" in row else "radius_by_class"
    elif "min_ha" not in row:
        code = "radius"
    elif row.get("historic_only"):
        code = "radius_historic"
    else:
        code = "radius_by_area" if "max_ha" in row else "radius_from"
    names = ("min_ha", "max_ha", "radius_m", "classes", "jurisdiction_km2")
    return Threshold(code, {name: row[name] for name in names if name in row}, row["source"], row["uncertain"])


def _shapes(kind: str, frame: pd.DataFrame, geometries: Any, units: Any) -> list[Shape]:
    keys = zip(frame["_layer"], frame["_oid"], strict=True)
    return [
        Shape(kind, shape, int(unit), str(layer), int(oid))
        for shape, unit, (layer, oid) in zip(geometries, units, keys, strict=True)
    ]


def needs(definition: IndicatorDef) -> list[Need]:
    """Return the use of the land, what tells the facilities apart, and who may go in where closed ones do not count."""
    (land, role), rules = _roles(definition), definition.parameters
    found = [Need(land, (LAND_FIELDS[land],))]
    if "kinds" in rules:
        found.append(Need(role, ("kind",), (*rules["kinds"], *rules["other_kinds"])))
    else:
        found += [Need(role, tuple(row["fields"])) for row in rules.get("at_least", ())]
    if rules.get("require_open"):
        found.append(Need(role, ("open_to_public",)))
    if "class_field" in rules:
        found.append(Need(role, (rules["class_field"],)))
    return found + (list(walking.needs(rules)) if rules.get("measure") in ("walk", "time") else [])


def fields(definition: IndicatorDef) -> dict[str, tuple[str, ...]]:
    """Return what is read of each role; the ways only where an indicator has a reading that follows them."""
    (land, role), rules = _roles(definition), definition.parameters
    named = {"kind", "open_to_public", "historic", rules.get("class_field", "kind")}
    named |= {name for row in rules.get("at_least", ()) for name in row["fields"]}
    found = {land: (LAND_FIELDS[land],), role: tuple(sorted(named))}
    return found | (dict(walking.FIELDS) if rules.get("measure") in ("walk", "time") else {})


def _hinders(partition: Partition, definition: IndicatorDef) -> bool:
    """Whether reach follows ways, which lead through many tiles, or some facility does not say what it is.

    How many facilities say what they are is a share of the whole city.
    """
    rules = definition.parameters
    by_radius = rules.get("measure", "radius") == "radius"
    return not by_radius or _sites(partition.frames[_roles(definition)[1]], rules).known < 1.0


METHOD = Method(
    measure,
    thresholds,
    fields,
    needs=needs,
    split=Split(
        own=lambda definition: _roles(definition)[:1],
        lent=lambda definition: _roles(definition)[1:],
        reach_m=lambda definition: max(row["radius_m"] for row in definition.parameters["radius"]),
        hinders=_hinders,
    ),
)
