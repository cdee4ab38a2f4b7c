"""What the sample city is while it is being made: its tables, its ground and its promises.

The fabric (roads, blocks, buildings …) fills a :class:`City`; components, pipes, sensors, cases and the IFC buildings
are then made from it. Every table is in EPSG:4548, its index is the ``fid`` (1…n), its columns are those of the sample
city's layer list. Randomness comes from :meth:`City.rng` only: one independent stream a topic, so that a change in one
topic does not move the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.layers.layer import RasterData
from models.terrain.ground import Ground

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

CRS = "EPSG:4548"
VERTICAL = "EPSG:5737"
#: Centre of the city; the scene's origin.
CENTRE = (502_000.0, 4_059_000.0)
#: Half the side of the city, metres.
HALF_M = 1_000.0
#: How far the ground and the image reach beyond the city's edge, metres.
MARGIN_M = 400.0
FRAME = Frame(CRS, VERTICAL, (502_000, 4_059_000, 0))
DATA_SOURCE = "城镜示例生成器 / Chengjing sample generator"
#: Day on which the sample world stands still (survey dates, file dates).
TODAY = "2025-08-01"

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terrain:
    """The ground of the sample city.

    Parameters
    ----------
    values : ndarray, shape (rows, cols), float32
        Heights in metres (1985 datum), north row first; written as ``dem.tif``.
    transform : tuple of 6 float
        Affine from (col, row) corners to (E, N).
    """

    values: NDArray[np.float32]
    transform: tuple[float, float, float, float, float, float]

    def height_m(self, x: Any, y: Any) -> Array:
        """Return bilinear ground heights (m) at world coordinates, as :class:`models.terrain.ground.Ground` gives
        them.
        """
        ground = Ground(RasterData(self.values, self.transform, CRS), CRS, base_m=30.0)
        return ground.height_m(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class IfcSite:
    """A place kept free for one IFC building; no row of ``buildings`` stands there.

    Parameters
    ----------
    easting, northing, height_m : float
        World coordinates of the footprint's *centre* on finished ground.
    bearing_deg : float
        Clockwise from north to the building's own +Y (back) direction; 0 = front faces due south.
    width_m, depth_m : float
        Free size along the building's own X and Y.
    """

    easting: float
    northing: float
    height_m: float
    bearing_deg: float
    width_m: float
    depth_m: float


@dataclass(slots=True)
class City:
    """All that is known of the sample city while it is made.

    Parameters
    ----------
    seed : int
    size : str
        ``"small"`` (2 × 2 km) or ``"city"`` (about 100,000 buildings, fabric only).
    terrain : Terrain
    districts, built_up, communities, land, parcels, green, water : GeoDataFrame
    roads, footways, buildings, trees, amenities : GeoDataFrame
    surveys : DataFrame
    ifc_sites : mapping of str to IfcSite
        ``"tower"``, ``"school"``, ``"clinic"``.
    planted : list of dict
        Problems put in on purpose, with their known answer: ``{"id", "kind", "layer", "codes", "why"}``.
    is_frozen : bool
        Whether it is the city of :mod:`models.sample.profiles.startup`, whose pipes lie as they once did.
    """

    seed: int
    size: str
    terrain: Terrain
    districts: gpd.GeoDataFrame
    built_up: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    green: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    footways: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    trees: gpd.GeoDataFrame
    amenities: gpd.GeoDataFrame
    surveys: pd.DataFrame
    ifc_sites: Mapping[str, IfcSite] = field(default_factory=dict)
    planted: list[dict[str, Any]] = field(default_factory=list)
    is_frozen: bool = False

    def rng(self, topic: str) -> np.random.Generator:
        """Return the random stream of one topic; the same seed and topic give the same numbers."""
        return stream(self.seed, topic)


def stream(seed: int, topic: str) -> np.random.Generator:
    """Return the random stream of a topic for a seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed & 0xFFFFFFFF, crc32(topic.encode())])))
