"""What a maker is told besides its own layer: the frame, the ground and the colours of the scene."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import crs_label
from models.layers.layer import VectorData
from models.terrain.ground import Ground
from resources import HERE

if TYPE_CHECKING:
    import geopandas as gpd

    from models.crs.frame import Frame
    from models.facilities.coding.editions import ClassTable


Colour = tuple[int, int, int]


@lru_cache(maxsize=1)
def scene_theme() -> Mapping[str, Any]:
    """Return ``resources/theme/scene.toml``: materials, and the light and dark look."""
    return MappingProxyType(tomllib.loads((HERE / "theme" / "scene.toml").read_text(encoding="utf-8")))


def material_colours() -> Mapping[str, str]:
    """Return material colours by dotted name."""
    return MappingProxyType(dict(scene_theme()["materials"]))


@dataclass(frozen=True, slots=True)
class PrepareContext:
    """What every maker of parts is given besides its own layer.

    Parameters
    ----------
    frame : Frame
        Project CRS and local origin; every part is in metres from ``frame.origin``.
    ground : Ground
        Height under world points.
    palette : mapping of str to str
        Scene colours by name (``"wall.residential"`` …) of the light look. The dark look comes from lights and sky,
        so that switching it rebuilds nothing.
    class_tables : tuple of ClassTable
        Classes of components that the project brings.
    """

    frame: Frame
    ground: Ground
    palette: Mapping[str, str] = field(default_factory=material_colours)
    class_tables: tuple[ClassTable, ...] = ()

    def rgb(self, name: str) -> Colour:
        """Return a palette colour as 0…255; ``"#rrggbb"`` is taken as it stands."""
        text = name if name.startswith("#") else self.palette[name]
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

    def local_frame(self, data: VectorData) -> gpd.GeoDataFrame:
        """Return the features in the project CRS (world coordinates), without missing and empty geometries.

        Data without a CRS is taken to be in the project's: readers asked for it before.
        """
        frame: Any = data.frame
        if "geometry" not in getattr(frame, "columns", ()) or not hasattr(frame, "geometry"):
            import geopandas as gpd

            return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=self.frame.horizontal)
        usable = frame.geometry.notna() & ~frame.geometry.is_empty
        if not bool(usable.all()):
            frame = frame[usable]
        if frame.crs is not None and not self._same_crs(frame.crs):
            frame = frame.to_crs(self.frame.horizontal)
            import shapely

            finite = np.isfinite(shapely.bounds(frame.geometry.to_numpy())).all(axis=1)
            if not finite.all():
                frame = frame[finite]
        return frame

    def _same_crs(self, crs: Any) -> bool:
        text = str(crs)
        return text == self.frame.horizontal or crs_label(text) == crs_label(self.frame.horizontal)

    def to_local(self, xyz: NDArray[np.float64]) -> NDArray[np.float32]:
        """Take the origin off world coordinates (n, 3) and make them float32."""
        return np.asarray(self.frame.to_local(xyz), dtype=np.float32)

    def ground_local_m(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ground heights above ``origin[2]`` at *local* x, y."""
        origin = self.frame.origin
        return self.ground.height_m(x + origin[0], y + origin[1]) - origin[2]
