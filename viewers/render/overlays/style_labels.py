"""Labels of a layer by its style: their positions, texts and priorities."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.value_text import figure, form_of, is_fraction, is_whole
from models.layers.layer import Layer, VectorData
from models.style.classify import numbers_of, text_of
from models.style.kinds import Labels
from viewers.render.geometry.parts import LabelPart
from viewers.render.palette.context import PrepareContext
from viewers.texts.values import category

Floats = NDArray[np.float64]

#: Ink of a label that has no colour of its own.
INK = "#2b3a45"
#: How high a label stands over what it names, metres.
OVER_M = 4.0
#: Seen from farther than so many times its own size, an object's name says nothing.
REACH = 60.0
NEAREST_M, FARTHEST_M = 600.0, 400_000.0

_BRACES = re.compile(r"\{([^{}]+)\}")


def label_part(layer: Layer, data: VectorData, context: PrepareContext) -> LabelPart | None:
    """Return the labels of a layer's style, None where nothing is to be written."""
    labels = layer.style.labels
    if labels is None or not (labels.field or labels.expression):
        return None

    frame = context.local_frame(data)
    texts = texts_of(labels, frame)
    with_text = texts != ""
    if not with_text.any():
        return None
    frame, texts = frame[with_text], texts[with_text]
    english = texts_of(labels, frame, "en")
    geometry = frame.geometry.to_numpy()
    xy = middles(geometry, context)
    z = context.ground_local_m(xy[:, 0], xy[:, 1]) + _height_over_ground(layer, frame)
    size = _sizes(geometry, xy)
    reach = labels.reach_m or float(np.clip(REACH * np.median(size), NEAREST_M, FARTHEST_M))
    return LabelPart(
        np.column_stack([xy, z]).astype(np.float32), [str(text) for text in texts], [str(text) for text in english],
        (labels.priority + 9.0 * _ranks(labels, frame, size)).astype(np.float32), size_px=labels.size_px,
        colour=labels.colour or INK, reach_m=reach, gap_px=labels.gap_px, plain=not labels.halo,
    )  # fmt: skip


def texts_of(labels: Labels, table: pd.DataFrame, lang: str = "zh") -> NDArray[np.object_]:
    """Return what is written beside each row, ``""`` for nothing; a text whose fields are all empty is not written.

    Codes are written in words and numbers with the digits of their field, as the table shows them.
    """
    if not labels.expression:
        return _column_text(table, labels.field, lang)
    names = [name.strip() for name in _BRACES.findall(labels.expression)]
    if not names:
        return _expression_text(labels.expression, table, lang)
    columns = {name: _column_text(table, name, lang) for name in names}
    empty = np.logical_and.reduce([column == "" for column in columns.values()])
    result = np.full(len(table), "", dtype=object)
    pieces = _BRACES.split(labels.expression)  # words and names of fields in turn
    for row in np.flatnonzero(~empty):
        result[row] = "".join(str(columns[piece.strip()][row]) if at % 2 else piece for at, piece in enumerate(pieces))
    return result


def _column_text(table: pd.DataFrame, field: str, lang: str) -> NDArray[np.object_]:
    if field not in table.columns:
        return np.full(len(table), "", dtype=object)
    rows, found = pd.factorize(table[field], use_na_sentinel=True)
    form = form_of(field, found[:: max(len(found) // 200, 1)])

    def text(value: Any) -> str:
        return figure(value, form) if is_whole(value) or is_fraction(value) else category(field, text_of(value), lang)

    texts = np.array([*(text(value) for value in found), ""], dtype=object)
    result: NDArray[np.object_] = texts[rows]
    return result


def _expression_text(expression: str, table: pd.DataFrame, lang: str) -> NDArray[np.object_]:
    """Return the values of an expression of the query grammar as text."""
    from models.style.matching import values_of

    values = pd.Series(values_of(expression, table), index=table.index, dtype=object)
    return _column_text(values.to_frame("text"), "text", lang)


def _height_over_ground(layer: Layer, frame: Any) -> NDArray[np.float64]:
    """Return how high over the ground each label stands: over the roof of a building."""
    if layer.role != "buildings":
        return np.full(len(frame), OVER_M)
    from models.buildings.heights import heights

    style = layer.style
    known = heights(frame, style.height_field, style.storeys_field, style.storey_height_m)
    result: NDArray[np.float64] = known.bottom_m + known.height_m + OVER_M
    return result


def _sizes(geometry: NDArray[Any], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the size of each object, metres; for points the distance at which they lie from each other."""
    size = np.sqrt(np.maximum(shapely.area(geometry), 0.0))
    size = np.where(size > 0, size, shapely.length(geometry) / 3)
    bare = size <= 0
    if bare.any():
        extent = np.maximum(np.ptp(xy, axis=0), 1.0)
        size[bare] = np.sqrt(float(extent.prod()) / len(xy))
    result: NDArray[np.float64] = size
    return result


def _ranks(labels: Labels, frame: Any, size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0…1, the most important 1."""
    weight = numbers_of(frame, labels.priority_field) if labels.priority_field else size
    order = np.argsort(np.argsort(np.nan_to_num(weight, nan=-np.inf), kind="stable"), kind="stable")
    result: NDArray[np.float64] = order / max(len(order) - 1, 1)
    return result


def middles(geometry: NDArray[Any], context: PrepareContext) -> Floats:
    """Return a local point in each feature: inside areas, half-way along lines."""
    kind = shapely.get_dimensions(geometry)
    spot = shapely.centroid(geometry)
    areas = np.flatnonzero(kind == 2)
    outside = areas[~shapely.contains(geometry[areas], spot[areas])]
    spot[outside] = shapely.point_on_surface(geometry[outside])
    lines = kind == 1
    if lines.any():
        merged = shapely.line_merge(geometry[lines])
        single = shapely.get_type_id(merged) == 1
        half = np.where(
            single, shapely.line_interpolate_point(np.where(single, merged, None), 0.5, normalized=True), None
        )
        spot[lines] = np.where(single, half, shapely.centroid(merged))
    xy: Floats = shapely.get_coordinates(spot) - np.asarray(context.frame.origin[:2], dtype=np.float64)
    return xy
