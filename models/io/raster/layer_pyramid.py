"""The pyramid of a raster layer: opened from its file, in the CRS in which the layer stands now."""

from __future__ import annotations

from models.crs.doctor.steps import in_plane
from models.layers.layer import Layer, RasterData
from models.terrain.pyramid import Pyramid, Restated


def pyramid_of(layer: Layer, data: RasterData) -> Pyramid | None:
    """Return the pyramid of a layer, None where its overview is all there is."""
    pyramid = data.pyramid
    if pyramid is None:
        if not layer.source.path or not data.info.get("shape"):
            return None
        from models.io.raster.windows import open_pyramid

        pyramid = open_pyramid(layer, data)
    steps = in_plane(layer.standing.steps) if layer.standing is not None else ()
    return Restated(pyramid, data.crs, steps) if steps else pyramid
