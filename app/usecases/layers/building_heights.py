"""Cautions about uncertain heights and footprints of buildings, given once, when a layer is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.core.errors import Caution
from models.layers.layer import Layer, LayerData, VectorData

if TYPE_CHECKING:
    from models.io.request import Opened

#: Metres of a degree along a meridian: only to tell identical footprints, where coordinates are degrees.
DEGREE_M = 111_320.0


def with_cautions(opened: Iterable[Opened], lang: str) -> list[Opened]:
    """Return layers that were read with cautions about their buildings; whole columns, for a worker thread."""
    result = list(opened)
    for item in result:
        known = set(item.data.cautions)
        item.data.cautions += [one for one in cautions_of(item.layer, item.data, lang) if one not in known]
    return result


def cautions_of(layer: Layer, data: LayerData, lang: str) -> list[Caution]:
    """Return which heights cannot be, how many were estimated, and how many footprints come more than once.

    Parameters
    ----------
    layer : Layer
        Only buildings have heights; its style says which columns they are in.
    data : LayerData
    lang : str
        Of the layer's name.
    """
    import numpy as np
    import shapely

    from models.buildings.heights import heights, repeated

    if layer.role != "buildings" or not isinstance(data, VectorData) or not data.count:
        return []
    style, features = layer.style, data.features
    table: Any
    if features is not None:
        from viewers.render.chunks.source import Columns

        table, boxes, area = Columns(features), features.box, features.area
    else:
        geometry = data.frame.geometry.to_numpy()
        if shapely.has_z(geometry).all():  # modelled as they stand: nothing is raised to a height
            return []
        table, boxes, area = data.attributes, shapely.bounds(geometry), shapely.area(geometry)
    name = layer.title(lang)
    found = heights(table, style.height_field, style.storeys_field, style.storey_height_m, layer=name)
    degrees = bool(np.nanmax(np.abs(boxes), initial=0.0) <= 360.0)
    scale = DEGREE_M if degrees else 1.0
    again = repeated(np.asarray(boxes) * scale, np.asarray(area) * scale**2, found.height_m)
    more = [Caution("heights.repeated", layer=name, count=int(again.sum()))] if again.any() else []
    return [*found.cautions, *more]
