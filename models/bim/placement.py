"""A model placed by hand: where a person says it stands, whatever its file says.

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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError

if TYPE_CHECKING:
    from models.layers.layer import Layer, LayerData

Array = NDArray[np.float64]
Point = tuple[float, float, float]

#: ``ModelData.info["georef"]`` of a model that stands where a person put it.
BY_HAND = "by_hand"

#: Two points nearer than this to each other give no direction, metres.
LEAST_BASE_M = 0.1


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point of a model stands on the map, and how the model is turned about it.

    Parameters
    ----------
    east_m, north_m, height_m : float
        Map coordinates of the anchor, metres of ``crs``.
    bearing_deg : float
        Where the model's y axis (its "north") points, clockwise from grid north.
    crs : str
        Projected CRS in which the numbers stand.
    anchor : tuple of float
        A point of the model, its own coordinates in metres.
    scale : float
        Map metres in a model metre; 1 but for deliberate exceptions.
    """

    east_m: float
    north_m: float
    height_m: float
    bearing_deg: float = 0.0
    crs: str = ""
    anchor: Point = (0.0, 0.0, 0.0)
    scale: float = 1.0

    def matrix(self) -> Array:
        """Return the (4, 4) matrix from model coordinates to the CRS, metres.

        Examples
        --------
        >>> Placement(100, 200, 5, bearing_deg=90).matrix() @ [0.0, 10.0, 0.0, 1.0]
        array([110., 200.,   5.,   1.])
        """
        angle = math.radians(-self.bearing_deg)
        c, s = round(math.cos(angle), 15), round(math.sin(angle), 15)
        result = np.eye(4)
        result[:3, :3] = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) * self.scale
        result[:3, 3] = np.array([self.east_m, self.north_m, self.height_m]) - result[:3, :3] @ np.array(self.anchor)
        return result

    def moved(self, east_m: float = 0.0, north_m: float = 0.0, height_m: float = 0.0) -> Placement:
        """Return the placement shifted on the map."""
        return replace(
            self, east_m=self.east_m + east_m, north_m=self.north_m + north_m, height_m=self.height_m + height_m
        )

    def turned(self, clockwise_deg: float) -> Placement:
        """Return the placement turned about its anchor."""
        return replace(self, bearing_deg=(self.bearing_deg + clockwise_deg) % 360.0)

    def anchored(self, anchor: Sequence[float]) -> Placement:
        """Return the same place, spoken of through another point of the model."""
        east, north, height, _ = self.matrix() @ [*anchor, 1.0]
        x, y, z = (float(value) for value in anchor)
        return replace(
            self, east_m=float(east), north_m=float(north), height_m=float(height), anchor=(x, y, z)
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form, as it stands in a project file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Placement:
        """Rebuild what :meth:`as_dict` wrote."""
        numbers = {
            name: float(data[name])
            for name in ("east_m", "north_m", "height_m", "bearing_deg", "scale")
            if name in data
        }
        x, y, z = (float(value) for value in data.get("anchor", (0.0, 0.0, 0.0)))
        return cls(**numbers, crs=str(data.get("crs", "")), anchor=(x, y, z))


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

    Only an upright matrix can be said so; of one that tilts the model the tilt is dropped.
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
    from models.layers.layer import ModelData

    if layer.place is None or not isinstance(data, ModelData):
        return data
    return replace(
        data, placement=layer.place.matrix(), crs=layer.place.crs, info={**data.info, "georef": BY_HAND}
    )  # fmt: skip
