"""The placement of a model on the map as a value: anchor, map coordinates, bearing and scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float, float]

#: Why a model stands where its layer says (:attr:`Placement.basis`): a person put it there; it was given the local
#: origin of a placed model; it was stood beside one that has no place either; its own place was doubted, and it waits
#: at the project's origin.
BY_HAND, SHARED, BESIDE, SET_DOWN = "", "shared", "beside", "set_down"


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
    basis : str
        Why: :data:`BY_HAND`, :data:`SHARED`, :data:`BESIDE` or :data:`SET_DOWN`.
    """

    east_m: float
    north_m: float
    height_m: float
    bearing_deg: float = 0.0
    crs: str = ""
    anchor: Point = (0.0, 0.0, 0.0)
    scale: float = 1.0
    basis: str = ""

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
        basis = str(data.get("basis", ""))
        known = basis if basis in (SHARED, BESIDE, SET_DOWN) else BY_HAND
        return cls(**numbers, crs=str(data.get("crs", "")), anchor=(x, y, z), basis=known)
