"""From a layer and its data to :class:`~viewers.render.geometry.parts.Prepared`: the table of makers, on a worker
thread.

A maker is ``make(layer, data, context) -> Prepared``; it is named as text and imported when first used, so that a
project without pipes never loads the pipe maker. The role decides; a layer without a role of its own is drawn by its
geometry alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import crs_label
from models.geometry.feature_table import LARGE
from models.layers.layer import VectorData
from models.query.filtering import filtered
from models.terrain.ground import Ground
from resources import HERE
from viewers.render.geometry.parts import Prepared

if TYPE_CHECKING:
    import geopandas as gpd

    from models.crs.frame import Frame
    from models.layers.layer import Layer, LayerData

#: Role or, where the role is not listed, kind of a layer → the function that makes its parts.
MAKERS: Mapping[str, str] = MappingProxyType(
    {
        "terrain": "viewers.render.layers.terrain:make",
        "image": "viewers.render.layers.terrain:make_image",
        "surface": "viewers.render.layers.terrain:make_image",
        "land": "viewers.render.layers.surfaces:make_land",
        "green": "viewers.render.layers.surfaces:make_green",
        "water": "viewers.render.layers.surfaces:make_water",
        "roads": "viewers.render.layers.roads:make",
        "bridges": "viewers.render.layers.roads:make",
        "footways": "viewers.render.layers.roads:make_footways",
        "buildings": "viewers.render.layers.buildings:make",
        "parcels": "viewers.render.layers.areas:make",
        "districts": "viewers.render.layers.areas:make",
        "communities": "viewers.render.layers.areas:make",
        "amenities": "viewers.render.layers.areas:make",
        "trees": "viewers.render.layers.trees:make",
        "facilities": "viewers.render.layers.facilities:make",
        "sensors": "viewers.render.layers.facilities:make",
        "cases": "viewers.render.layers.facilities:make",
        "pipes": "viewers.render.layers.pipes:make",
        "pipe_nodes": "viewers.render.layers.pipes:make",
        "model": "viewers.render.layers.building_models:make",
        "cloud": "viewers.render.layers.point_cloud:make",
        "other": "viewers.render.layers.surfaces:make_other",
    }
)

#: Roles without a place in space.
UNDRAWN = frozenset({"readings", "surveys"})

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
    """What a maker may know besides its own layer.

    Parameters
    ----------
    frame : Frame
        Project CRS and local origin; every part is in metres from ``frame.origin``.
    ground : Ground
        Height under world points.
    palette : mapping of str to str
        Scene colours by name (``"wall.residential"`` …) of the light look. The dark look comes from lights and sky,
        so that switching it rebuilds nothing.
    lang : str
        Empty: parts carry both languages.
    """

    frame: Frame
    ground: Ground
    palette: Mapping[str, str] = field(default_factory=material_colours)
    lang: str = ""

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


def maker_of(layer: Layer) -> str | None:
    """Return ``"module:function"`` for a layer, None for one that has no place in space."""
    if layer.role in UNDRAWN or layer.kind == "table":
        return None
    if layer.kind in ("cloud", "terrain", "image", "surface", "model"):
        return MAKERS[layer.kind]
    return MAKERS.get(layer.role, MAKERS["other"])


def prepare(
    layer: Layer, data: LayerData, frame: Frame, ground: Ground, palette: Mapping[str, str] | None = None
) -> Prepared | None:
    """Make the drawable parts of a layer; plain arrays, safe on a worker thread.

    Returns
    -------
    Prepared or None
        None for a layer that has no place in space, or holds nothing that can be drawn.
    """
    target = maker_of(layer)
    if target is None:
        return None
    data, layer = filtered(layer, data, frame.horizontal), replace(layer, filter="")  # once: pieces are not asked again
    context = PrepareContext(frame, ground, palette or material_colours())
    if isinstance(data, VectorData) and data.count > LARGE:
        from viewers.render.chunks.source import is_large, prepare_chunks

        if is_large(layer, data):
            return prepare_chunks(layer, data, context)
    module, _, function = target.partition(":")
    make: Callable[[Layer, LayerData, PrepareContext], Prepared | None] = getattr(import_module(module), function)
    prepared = make(layer, data, context)
    return prepared if prepared is not None and (prepared.parts or prepared.stream is not None) else None


def bounds_of_parts(prepared: Prepared) -> Prepared:
    """Fill ``prepared.bounds`` from its parts' points and return it."""
    clouds = [part.points for part in prepared.parts if len(part.points)]
    if clouds:
        low = np.min([c.min(axis=0) for c in clouds], axis=0)
        high = np.max([c.max(axis=0) for c in clouds], axis=0)
        prepared.bounds = np.stack([low, high]).astype(np.float64)
    return prepared
