"""Facilities that a sub-district (街区) lacks, and those in it that are not up to standard: sports grounds, culture.

A sub-district needs one for every ``people_full`` people, at least one; what stands in another one and reaches this one
within its service radius counts too. One that stands in it has to be large enough for its people (between
``least_m2`` and ``most_m2`` for ``people_own`` to ``people_full``), open to the public and open long enough, where the
edition asks for that. A facility of which nobody says so is not judged, unless it fails already by what is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, numbers, objects, of_units, tally, yes_or_no


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return facilities that are missing or fail, and those that were judged, are missing or reach in, by unit.

    Problems are the facilities that fail, and the sub-districts that lack one (their ``loss`` says how many).
    """
    rules, count = definition.parameters, len(partition.units)
    every = partition.frames["amenities"]
    frame = every[every["kind"].isin(rules["kinds"])].reset_index(drop=True)
    shapes = shapely.force_2d(np.asarray(frame["_shape"], dtype=object))
    unit = coverage.district_of(shapely.point_on_surface(shapes), partition.shapes)
    people = of_units(partition, "districts", "population")
    reasons = _reasons(frame, shapes, people, unit, rules)
    known = ~np.isin(reasons, ("unknown",))
    here = partition.counts(unit)
    bad, fine = np.flatnonzero(here & known & (reasons != "")), np.flatnonzero(here & (reasons == ""))
    # A sub-district without people known needs nobody can say how many; it has no figure.
    needed = np.maximum(np.ceil(people / rules["people_full"] - 1e-9), 1.0)
    missing = partition.only(np.nan_to_num(np.maximum(needed - _serving(shapes, partition, rules["radius_m"]), 0.0)))
    lacking = np.flatnonzero(missing > 0)
    beyond = partition.only(np.nan_to_num(np.maximum(needed - missing - tally(unit, here, count), 0.0)))
    silent = partition.only(np.where(np.isnan(people), 1.0, 0.0))
    units = partition.units
    return Measured(
        np.where(silent > 0, 0.0, tally(unit, bad, count) + missing),
        np.where(silent > 0, 0.0, tally(unit, here & known, count) + missing + beyond),
        seen=tally(unit, here, count) + missing + beyond + silent,
        good=objects(frame, fine, unit[fine], "site"),
        bad=pd.concat(
            [
                objects(frame, bad, unit[bad], reasons[bad], None, 1.0, loss=1.0),
                objects(units, lacking, lacking, f"{rules['name']}_missing", None, 2.0, loss=missing[lacking]),
            ],
            ignore_index=True,
        ),
        used={"amenities": frame, "districts": partition.frames["districts"]},
    )


def _serving(shapes: Any, partition: Partition, radius_m: float) -> Floats:
    """Return how many facilities stand in each unit or reach it."""
    tree = shapely.STRtree(partition.shapes)
    _, unit = tree.query(shapes, predicate="dwithin", distance=radius_m)
    return tally(unit, slice(None), len(partition.units))


def _reasons(frame: pd.DataFrame, shapes: Any, people: Floats, unit: Any, rules: Any) -> Any:
    """Return why each facility fails: empty where it does not, ``"unknown"`` where nobody can say."""
    size = numbers(frame, rules["size_field"])
    if rules["size_field"] == "site_area_m2":
        area_m2 = shapely.area(shapes)
        size = np.where(np.isnan(size) & (area_m2 > 0), area_m2, size)
    of_block = np.where(unit >= 0, people[unit], np.nan) if len(people) else np.full(len(frame), np.nan)
    wanted = np.interp(of_block, [rules["people_own"], rules["people_full"]], [rules["least_m2"], rules["most_m2"]])
    wanted = np.where(np.isnan(of_block), rules["least_m2"], wanted)
    found, unknown = np.full(len(frame), "", dtype=object), np.isnan(size)
    found[size < wanted - 1e-9] = f"{rules['name']}_small"
    if "hours" in rules:
        hours = numbers(frame, "open_hours")
        unknown |= np.isnan(hours)
        found[(found == "") & (hours < rules["hours"])] = f"{rules['name']}_hours"
    if rules["require_open"]:
        column = frame["open_to_public"] if "open_to_public" in frame.columns else pd.Series(None, frame.index)
        is_open = yes_or_no(column)
        unknown |= is_open.isna().to_numpy(dtype=bool)
        found[(found == "") & ~is_open.fillna(True).to_numpy(dtype=bool)] = f"{rules['name']}_closed"
    found[(found == "") & unknown] = "unknown"
    return found


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return how many people need one, how large it has to be, how far it serves and how long it is open."""
    rules = definition.parameters
    names = ("people_own", "people_full", "least_m2", "most_m2")
    found = [
        Threshold("block_size", {name: rules[name] for name in names}, rules["source"], rules["uncertain"]),
        Threshold("radius", {"radius_m": rules["radius_m"]}, rules["source"]),
    ]
    if "hours" in rules:
        found.append(Threshold("block_hours", {"hours": rules["hours"]}, rules["hours_source"]))
    return found


def needs(definition: IndicatorDef) -> list[Need]:
    """Return how many people live in a sub-district, and the kind of facility."""
    rules = definition.parameters
    return [Need("districts", ("population",)), Need("amenities", ("kind",), (*rules["kinds"], *rules["other_kinds"]))]


METHOD = Method(
    measure,
    thresholds,
    {
        "districts": ("population",),
        "amenities": ("kind", "site_area_m2", "floor_area_m2", "open_hours", "open_to_public"),
    },
    needs=needs,
    by_estate=False,
)
