"""Smart poles, and the devices that hang on them or stand at the roadside, each at its height and in its direction.

A pole and its devices are instances of a few small shapes; how far a device sees or serves is no part of it but of a
style (:class:`models.style.kinds.Reach`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.parts import GlyphPart, Part, Prepared, bounds_of_parts
from viewers.render.layers.facilities import CARRIED_M
from viewers.render.layers.trees import feet
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rows_of, status

Floats = NDArray[np.float64]


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw poles: points with ``height_m``, ``bearing_deg`` and, on a bridge, ``ground_m``; all optional."""
    standing = _standing(data, context)
    if standing is None:
        return Prepared()
    frame, points = standing
    table = status()["poles"]
    height = numbers(frame, "height_m")
    height = np.where(np.isfinite(height) & (height > 0.5), height, table["height_m"]) * layer.style.size
    bearing = np.nan_to_num(numbers(frame, "bearing_deg")).astype(np.float32)
    pole = GlyphPart(
        points, frame.index.to_numpy().astype(np.int32), rows_of(layer.style.colour or table["colour"], len(frame)),
        table["shape"], np.repeat(height[:, None], 3, axis=1).astype(np.float32), bearing, far=True,
    )  # fmt: skip
    return bounds_of_parts(Prepared([pole]))


def make_devices(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw devices: points with ``kind``, ``mount_height_m`` above the ground and ``bearing_deg``; all optional."""
    standing = _standing(data, context)
    if standing is None:
        return Prepared()
    frame, points = standing
    table = status()["devices"]
    kinds = np.array([kind if kind in table else "default" for kind in text(frame, ("kind",)).tolist()], dtype=object)
    mounted, bearing = numbers(frame, "mount_height_m"), np.nan_to_num(numbers(frame, "bearing_deg"))
    oids = frame.index.to_numpy().astype(np.int32)
    parts: list[Part] = []
    codes, names = pd.factorize(kinds)
    for number, kind in enumerate(names):
        rows, entry = np.flatnonzero(codes == number), table[kind]
        at = points[rows].copy()
        at[:, 2] += np.where(np.isfinite(mounted[rows]), mounted[rows], entry["mount_m"])
        size = np.full((len(rows), 3), entry["size_m"] * layer.style.size, np.float32)
        colours = rows_of(layer.style.colour or entry["colour"], len(rows))
        parts.append(
            GlyphPart(
                at, oids[rows], colours, entry["shape"], size, bearing[rows].astype(np.float32),
                far=bool(entry.get("far")),
            )
        )  # fmt: skip
    return bounds_of_parts(Prepared(parts))


def _standing(data: LayerData, context: PrepareContext) -> tuple[Any, NDArray[np.float32]] | None:
    """Return features and their local feet: on the ground, or on the deck that ``ground_m`` tells of."""
    if not isinstance(data, VectorData):
        return None
    frame = context.local_frame(data)
    if not len(frame):
        return None
    points = feet(frame.geometry.to_numpy(), context)
    stated = numbers(frame, "ground_m") - context.frame.origin[2]
    carried = np.isfinite(stated) & (stated - points[:, 2] > CARRIED_M)
    points[carried, 2] = stated[carried]
    return frame, points
