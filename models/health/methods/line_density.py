"""Length of lines ÷ area of the unit: the density of the road network, km/km²."""

from __future__ import annotations

import numpy as np
import shapely

from models.health import coverage
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, Split, has_value


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return kilometres of road centre-line and square kilometres of land by unit."""
    rules = definition.parameters
    every = partition.frames["roads"]
    roads = every[every["class"].isin(rules["classes"])].reset_index(drop=True)
    unknown = every[~has_value(every["class"])]
    lengths_m = coverage.lengths_by_district(roads["_shape"], partition.shapes, rules["boundary_split"])
    areas_m2 = shapely.area(partition.shapes)
    if not len(unknown):
        seen = None
    else:  # in a unit where a tenth of the length has no class, nine tenths of the figure are known
        lost_m = coverage.lengths_by_district(unknown["_shape"], partition.shapes, rules["boundary_split"])
        with np.errstate(invalid="ignore", divide="ignore"):
            seen = partition.only(np.where(lost_m > 0, areas_m2 / 1e6 * (1 + lost_m / lengths_m), areas_m2 / 1e6))
    return Measured(partition.only(lengths_m / 1e3), partition.only(areas_m2 / 1e6), seen=seen, used={"roads": roads})


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return which classes of road count, and that a road on a border counts half for each side."""
    rules = definition.parameters
    found = [Threshold("road_classes", {"classes": rules["classes"]})]
    return [*found, Threshold("boundary_split", {})] if rules["boundary_split"] else found


def needs(definition: IndicatorDef) -> list[Need]:
    """Return the class of road, in words of which at least one is a class of the edition."""
    rules = definition.parameters
    return [Need("roads", ("class",), (*rules["classes"], *rules["other_classes"]))]


def _lacks_classes(partition: Partition, _: IndicatorDef) -> bool:
    """Whether some road has no class: what that costs is a share of all roads of a unit."""
    return not has_value(partition.frames["roads"]["class"]).all()


METHOD = Method(
    measure,
    thresholds,
    {"roads": ("class",)},
    lists_units=True,
    needs=needs,
    split=Split(own=lambda _: ("roads",), per_unit=True, hinders=_lacks_classes),
)
