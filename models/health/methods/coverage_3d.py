"""Ground of the built-up area covered by three-dimensional data ÷ built-up area.

The manual divides the projected area of the 3D data gathered in the CIM platform by the built-up area and does not say
what counts. Here it is what stands in three dimensions at CIM2 or finer: footprints of buildings whose height is known,
and the vertical projection of building and city models. Ground, plan outlines and symbols do not count.
"""

from __future__ import annotations

import numpy as np
import shapely

from models.health import coverage
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Partition


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return covered ground and land by unit, square metres, both within the built-up area."""
    seen, built_up = partition.frames["projections"], partition.frames["built_up"]
    shapes = np.asarray(seen["_shape"], dtype=object)
    used = seen.drop_duplicates(["_layer", "_oid"])
    extent = shapely.union_all(coverage.polygons(built_up["_shape"]))
    land = np.asarray(shapely.intersection(partition.shapes, extent), dtype=object)
    return Measured(
        coverage.covered(shapes, land, partition.counted),
        partition.only(shapely.area(land)),
        factor=100.0,
        used={str(role): rows for role, rows in used.groupby("_role", sort=False)} | {"built_up": built_up},
    )


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return from which level on data is three-dimensional."""
    return [Threshold("projection", {"level": definition.parameters["first_level"]}, uncertain=True)]


METHOD = Method(measure, thresholds, {"projections": (), "built_up": ()}, lists_units=True)
