"""Colours of the objects of a layer by its style.

Invariants
----------
1. Colours are (oids, rgba): geometry is never made again for a colour. What takes another *form* (raised, sized,
   hexagons, heat) is drawn beside the layer, under the name :func:`form_id`, by
   :mod:`viewers.render.symbology.style_shapes`.
2. What has no value is grey, and hatched where it is an area: object ``oid + HATCH``. Never a pale class.
3. A theme speaks over a style: what it names has the theme's colour, the rest keeps the style's.
4. What a layer's filter leaves out has no colour, is in no hexagon, and is not counted in the legend.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, Style, VectorData
from models.query.filtering import filtered
from models.style.classify import NO_DATA, codes_of, numbers_of, shares_of
from models.style.density import BIN, Hexagons, good_size_m, hexagons
from models.style.kinds import Class, Density, Symbology
from models.style.matching import table_for
from models.style.ramps import ramp
from viewers.render.layers.areas import HATCH
from viewers.render.layers.facilities import MARKER
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba
from viewers.render.symbology.layer_colours import LayerColours

if TYPE_CHECKING:
    from models.crs.frame import Frame

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

#: Hatch over what has no value.
HATCH_INK = "#5d666b"


def plain_style(style: Style) -> Style:
    """Return what of a style the layer's own geometry depends on: no colours by value, no labels, no ranges."""
    if style.symbology is None and style.labels is None and style.scales is None and not style.signs:
        return style
    return replace(style, symbology=None, labels=None, scales=None, signs=False)


def is_replaced(layer: Layer) -> bool:
    """Whether a layer is drawn in another form only."""
    symbology = layer.style.symbology
    if symbology is None or layer.kind != "vector":
        return False
    raised = symbology.extrusion is not None and symbology.extrusion.shape == "prism"
    return symbology.kind in ("heat", "hex") or symbology.sizes is not None or raised


def form_key(layer: Layer) -> object:
    """Return what a layer's other form and its labels are made from, None if it has neither."""
    style = layer.style
    made = _form_part(style) if layer.kind == "vector" else None
    if is_hollow(layer):
        made = "fill", made
    if made is None and style.labels is None:
        return None
    return made, style.labels, layer.role, layer.filter, style.height_field, style.storeys_field, style.storey_height_m


def is_hollow(layer: Layer) -> bool:
    """Whether a layer is drawn in outlines only, so that the colours of its style need areas of their own."""
    symbology = layer.style.symbology
    return layer.role == "communities" and symbology is not None and symbology.kind not in ("heat", "hex")


def _form_part(style: Style) -> object:
    symbology = style.symbology
    if symbology is None:
        return None
    if symbology.kind == "heat":
        look = (symbology.ramp, symbology.reverse, symbology.low, symbology.high, style.opacity)
        return ("heat", symbology.density, look)
    if symbology.kind == "hex":
        return ("hex", symbology.density)
    hatch = symbology.field if symbology.field and symbology.no_data.visible else ""
    sized = tuple(one.size for one in symbology.classes) if any(one.size != 1.0 for one in symbology.classes) else ()
    by_value = symbology.kind != "single"
    reach = None
    if symbology.reach is not None:
        reach = symbology.reach, [(one.colour, one.visible, one.value, one.expression) for one in symbology.classes]
    elif symbology.extrusion is None and symbology.sizes is None and not by_value and symbology.outline_px <= 0:
        return None
    return symbology.extrusion, symbology.sizes, hatch, sized, symbology.outline, symbology.outline_px, by_value, reach


def style_colours(layer: Layer, data: LayerData, frame: Frame | None = None) -> LayerColours | None:
    """Return the colours of a layer's objects by its style.

    Parameters
    ----------
    layer : Layer
    data : LayerData
        Only columns are looked at; hexagons ask for the places of the objects too.
    frame : Frame, optional
        Of the project; needed for hexagons.

    Returns
    -------
    (oids, rgba) or None
        None where the style has no symbology, or says it by a picture (heat).
    """
    symbology = layer.style.symbology
    if symbology is None or not isinstance(data, VectorData) or symbology.kind == "heat":
        return None
    layer, data = passing(layer, data, frame)
    assert isinstance(data, VectorData)  # noqa: S101 - a part of what was one
    if symbology.kind == "hex":
        return None if frame is None else _hex_colours(layer, data, frame)
    table = data.attributes
    oids = np.asarray(table.index.to_numpy(), dtype=np.int64)
    if symbology.kind == "ramp":
        painted, blank = _ramp_colours(symbology, numbers_of(table, symbology.field), layer.style.opacity)
    else:
        codes = codes_of(symbology, table_for(symbology, data))
        painted, blank = class_table(symbology, layer.style.opacity)[codes], codes == NO_DATA
    if layer.role == "facilities":  # the sign above what is not drawn is not drawn either
        gone = painted[:, 3] == 0
        oids, painted = np.concatenate([oids, oids[gone] + MARKER]), np.concatenate([painted, painted[gone]])
        blank = np.concatenate([blank, np.zeros(int(gone.sum()), dtype=bool)])
    return _with_hatch(oids, painted, blank, symbology)


def passing(layer: Layer, data: LayerData, frame: Frame | None) -> tuple[Layer, LayerData]:
    """Return what of a layer passes its filter, and the layer without one: nobody need filter a second time."""
    if not layer.filter.strip():
        return layer, data
    return replace(layer, filter=""), filtered(layer, data, "" if frame is None else frame.horizontal)


def class_table(symbology: Symbology, opacity: float = 1.0) -> Bytes:
    """Return the colours of the classes, then of *other*, then (last, as number -1) of no data."""
    rows = [*symbology.classes, symbology.other, symbology.no_data]
    return np.array([_paint(one, opacity) for one in rows], dtype=np.uint8).reshape(-1, 4)


def _paint(one: Class, opacity: float) -> tuple[int, int, int, int]:
    if not one.visible:
        return 0, 0, 0, 0
    return rgba(one.colour, max(one.opacity * opacity, 1 / 255))


def _ramp_colours(symbology: Symbology, values: Floats, opacity: float) -> tuple[Bytes, NDArray[np.bool_]]:
    """Return a colour a value from a table of 256, and what has none."""
    blank = ~np.isfinite(values)
    table = np.full((257, 4), round(255 * opacity), dtype=np.uint8)
    table[:256, :3] = ramp(symbology.ramp).at(np.linspace(0, 1, 256), reverse=symbology.reverse)
    table[256] = _paint(symbology.no_data, opacity)
    shares = shares_of(symbology, values)
    row = np.where(blank, 256, np.nan_to_num(shares) * 255.0 + 0.5).astype(np.int64)
    return table[row], blank


def _with_hatch(
    oids: NDArray[np.int64], painted: Bytes, blank: NDArray[np.bool_], symbology: Symbology
) -> LayerColours:
    if not blank.any() or not symbology.no_data.visible:
        return oids, painted
    hatch = np.tile(np.array(rgba(HATCH_INK), dtype=np.uint8), (int(blank.sum()), 1))
    return np.concatenate([oids, oids[blank] + HATCH]), np.concatenate([painted, hatch])


# --- hexagons ---------------------------------------------------------------------------------------------------------


def places_of(data: VectorData, frame: Frame) -> tuple[Floats, Any]:
    """Return one local point (n, 2) for each object that has a place, and the row numbers of these objects."""
    import shapely

    from models.terrain.ground import Ground

    table = PrepareContext(frame, Ground(None, frame.horizontal)).local_frame(data)
    geometry = table.geometry.to_numpy()
    if not len(geometry):
        return np.zeros((0, 2)), table.index
    points = bool((shapely.get_type_id(geometry) == 0).all())
    xy = shapely.get_coordinates(geometry if points else shapely.centroid(geometry))
    return xy - np.asarray(frame.origin[:2], dtype=np.float64), table.index


def hexagons_of(layer: Layer, data: VectorData, frame: Frame) -> Hexagons:
    """Return the hexagons of a layer, in local coordinates."""
    symbology = layer.style.symbology or Symbology(kind="hex")
    density = symbology.density or Density()
    xy, index = places_of(data, frame)
    values = None
    if density.field and density.statistic != "count":
        table = data.attributes
        values = numbers_of(table, density.field)[table.index.get_indexer(index)]
    size = density.size_m or good_size_m(xy, 36.0)
    return hexagons(xy, size, density.statistic, values)


def _hex_colours(layer: Layer, data: VectorData, frame: Frame) -> LayerColours:
    symbology = layer.style.symbology
    assert symbology is not None  # noqa: S101 - style_colours looked
    cells = hexagons_of(layer, data, frame)
    painted, _ = _ramp_colours(symbology, cells.values, layer.style.opacity)
    return BIN + np.arange(len(cells.values), dtype=np.int64), painted


# --- all together -----------------------------------------------------------------------------------------------------
