"""Ground covered by three-dimensional data ÷ area of the unit.

The manual divides the projected area of the 3D data gathered in the CIM platform by the built-up area and does not say
what counts. Here it is what stands in three dimensions at CIM2 or finer: footprints of buildings whose height is known,
and the vertical projection of building and city models. Ground, plan outlines and symbols do not count.
"""

from __future__ import annotations

import numpy as np
import shapely

from models.health.coverage import Floats, Geometries
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Partition


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return covered ground and land by unit, square metres."""
    seen = partition.frames["projections"]
    shapes = np.asarray(seen["_shape"], dtype=object)
    used = seen.drop_duplicates(["_layer", "_oid"])
    return Measured(
        covered(shapes, partition.shapes, partition.counted),
        partition.only(shapely.area(partition.shapes)),
        factor=100.0,
        used={str(role): rows for role, rows in used.groupby("_role", sort=False)},
    )


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return from which level on data is three-dimensional."""
    return [Threshold("projection", {"level": definition.parameters["first_level"]}, uncertain=True)]


def covered(shapes: Geometries, units: Geometries, counted: object = True) -> Floats:
    """Return the area that shapes cover in each unit, square metres; what overlaps counts once."""
    areas_m2 = np.zeros(len(units))
    if not len(shapes):
        return areas_m2
    tree = shapely.STRtree(shapes)
    for position in np.flatnonzero(np.broadcast_to(np.asarray(counted, dtype=bool), len(units))):
        inside = shapes[tree.query(units[position], predicate="intersects")]
        if len(inside):
            areas_m2[position] = shapely.area(shapely.intersection(shapely.union_all(inside), units[position]))
    return areas_m2


METHOD = Method(measure, thresholds, {"projections": ()}, lists_units=True)
