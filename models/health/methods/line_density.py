"""Length of lines ÷ area of the unit: the density of the road network, km/km²."""

from __future__ import annotations

import shapely

from models.health import coverage
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Partition


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return kilometres of road centre-line and square kilometres of land by unit."""
    rules = definition.parameters
    roads = partition.frames["roads"]
    if "class" in roads.columns:
        roads = roads[roads["class"].isin(rules["classes"])].reset_index(drop=True)
    lengths_m = coverage.lengths_by_district(roads["_shape"], partition.shapes, rules["boundary_split"])
    areas_m2 = shapely.area(partition.shapes)
    return Measured(partition.only(lengths_m / 1e3), partition.only(areas_m2 / 1e6), used={"roads": roads})


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return which classes of road count, and that a road on a border counts half for each side."""
    rules = definition.parameters
    found = [Threshold("road_classes", {"classes": rules["classes"]})]
    return [*found, Threshold("boundary_split", {})] if rules["boundary_split"] else found


METHOD = Method(measure, thresholds, {"roads": ("class",)}, lists_units=True)
