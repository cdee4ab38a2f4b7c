"""Area of facilities by resident: floor of public culture, effective area of shelters.

A facility counts where it stands. One of which nobody says how large it is counts nothing, and lowers what is known.
"""

from __future__ import annotations

import numpy as np
import shapely

from models.health import coverage
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, numbers, objects, of_units, tally


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return square metres and people by unit; problems are the units below the benchmark."""
    rules, count = definition.parameters, len(partition.units)
    every = partition.frames["amenities"]
    frame = every[every["kind"].isin(rules["kinds"])].reset_index(drop=True)
    unit = coverage.district_of(shapely.point_on_surface(np.asarray(frame["_shape"], dtype=object)), partition.shapes)
    here, area_m2 = partition.counts(unit), numbers(frame, rules["area_field"])
    known = here & np.isfinite(area_m2)
    people = partition.only(np.nan_to_num(of_units(partition, "districts", "population")))
    all_there, told = tally(unit, here, count), tally(unit, known, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(all_there > told, np.where(told > 0, people * all_there / told, np.inf), people)
    counted = np.flatnonzero(known)
    return Measured(
        np.bincount(unit[known], area_m2[known], minlength=count).astype(np.float64),
        people,
        seen=partition.only(seen),
        good=objects(frame, counted, unit[counted], "site", area_m2[counted]),
        used={"amenities": frame[known], "districts": partition.frames["districts"]},
    )


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return the kinds of facility that count."""
    return [Threshold("kinds", {"kinds": definition.parameters["kinds"]})]


def needs(definition: IndicatorDef) -> list[Need]:
    """Return how many people live in a sub-district, the kind of facility and its area."""
    rules = definition.parameters
    return [
        Need("districts", ("population",)),
        Need("amenities", ("kind",), (*rules["kinds"], *rules["other_kinds"])),
        Need("amenities", (rules["area_field"],)),
    ]


def fields(definition: IndicatorDef) -> dict[str, tuple[str, ...]]:
    """Return what is read of each role."""
    return {"districts": ("population",), "amenities": ("kind", definition.parameters["area_field"])}


METHOD = Method(measure, thresholds, fields, lists_units=True, needs=needs, by_estate=False)
