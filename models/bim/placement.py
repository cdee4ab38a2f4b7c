"""Fits a model's placement to the map, and gives a layer's model as it is placed.

A placement belongs to the layer, not to the data, so that it is undone, saved and opened again like a name or a colour,
and the file's own place is still there when it is taken off.

Invariants
----------
1. A placement is rigid about its anchor: a turn about the vertical, a shift, and a scale that is 1 unless somebody asks
   for another. A building is never bent to fit a map.
2. Everything that needs a model's place asks :func:`standing`, never ``data.placement`` alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.bim.placement_value import BESIDE, SET_DOWN, SHARED, Array, Placement, Point
from models.core.errors import UserError
from models.layers.layer import Layer, LayerData, ModelData

#: ``ModelData.info["georef"]`` of a model that stands where a person put it.
BY_HAND = "by_hand"
#: The same of one that stands on the local origin of another model.
SHARED_ORIGIN = "shared_origin"
#: What ``georef`` says of a model by why it stands where its layer says.
_GEOREF = {SHARED: SHARED_ORIGIN, BESIDE: SHARED_ORIGIN, SET_DOWN: "none"}

#: Two points nearer than this to each other give no direction, metres.
LEAST_BASE_M = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """How two points of a model were brought onto two points of the map.

    Parameters
    ----------
    placement : Placement
        Rigid; its anchor is the middle of the two model points.
    residual_m : float
        How far each of the two points misses its target in plan: half the difference of the two distances. Heights
        do not count: a roof's corner is often clicked for the ground below it.
    scale : float
        Distance on the map over distance in the model; what a rigid fit leaves over. 0.001 or 1000 tells of
        millimetres taken for metres.
    model_m, world_m : float
        The two distances, in plan.
    """

    placement: Placement
    residual_m: float
    scale: float
    model_m: float
    world_m: float


def two_point_fit(model_pts: Sequence[Sequence[float]], world_pts: Sequence[Sequence[float]], crs: str) -> Fit:
    """Find the rigid placement that brings two points of a model nearest to two points of the map.

    The turn is that of the line between the points in plan, the shift brings the middles together, the height is the
    mean of the two differences.

    Parameters
    ----------
    model_pts : two of (x, y, z)
        Model coordinates, metres.
    world_pts : two of (east, north, height)
        Coordinates of ``crs``, metres.

    Raises
    ------
    UserError
        ``place.points_too_near`` when two points nearly coincide in plan.

    Examples
    --------
    >>> fit = two_point_fit([(0, 0, 0), (10, 0, 0)], [(500, 100, 7), (500, 110, 7)], "EPSG:4548")
    >>> round(fit.placement.bearing_deg), fit.residual_m, fit.scale
    (270, 0.0, 1.0)
    """
    model, world = np.asarray(model_pts, dtype=np.float64), np.asarray(world_pts, dtype=np.float64)
    along, target = model[1] - model[0], world[1] - world[0]
    model_m, world_m = math.hypot(along[0], along[1]), math.hypot(target[0], target[1])
    if min(model_m, world_m) < LEAST_BASE_M:
        raise UserError("place.points_too_near", least=LEAST_BASE_M)
    turn = math.degrees(math.atan2(along[1], along[0]) - math.atan2(target[1], target[0]))
    middle, there = model.mean(axis=0), world.mean(axis=0)
    x, y, z = (float(value) for value in middle)
    placement = Placement(
        float(there[0]), float(there[1]), float(there[2]), bearing_deg=turn % 360.0, crs=crs, anchor=(x, y, z)
    )
    return Fit(placement, abs(world_m - model_m) / 2, world_m / model_m, model_m, world_m)


def placement_of(matrix: Array, crs: str, anchor: Sequence[float] = (0.0, 0.0, 0.0)) -> Placement:
    """Return what a (4, 4) matrix from model to map says, spoken of through ``anchor``.

    Only an upright matrix can be stated so; of one that tilts the model the tilt is dropped.
    """
    scale = float(np.linalg.norm(matrix[:3, 2])) or 1.0
    bearing = math.degrees(math.atan2(matrix[0, 1], matrix[1, 1])) % 360.0
    east, north, height, _ = np.asarray(matrix, dtype=np.float64) @ [*anchor, 1.0]
    x, y, z = (float(value) for value in anchor)
    plain = 1.0 if abs(scale - 1.0) < 1e-9 else scale
    return Placement(float(east), float(north), float(height), bearing, crs, (x, y, z), plain)


def foot_of(data: Any) -> Point:
    """Return the middle of a model's footprint at its lowest level, model coordinates."""
    box = data.meshes.bounds()
    if box is None:
        return 0.0, 0.0, 0.0
    return float(box[:, 0].mean()), float(box[:, 1].mean()), float(box[0, 2])


def standing(layer: Layer, data: LayerData) -> LayerData:
    """Return a layer's data as it stands: the file's own place, or the one a person gave it."""
    if layer.place is None or not isinstance(data, ModelData):
        return data
    georef = _GEOREF.get(layer.place.basis, BY_HAND)
    return replace(data, placement=layer.place.matrix(), crs=layer.place.crs, info={**data.info, "georef": georef})


def is_lost(layer: Layer, data: ModelData) -> bool:
    """Whether nobody bears out where a model stands: no file, no person, no other model; at best a lone lat/long."""
    if layer.place is not None:
        return layer.place.basis in (BESIDE, SET_DOWN)
    return data.info.get("georef") in ("none", "site_latlon")
