"""Trees: a crown by species, as high and as wide as the table says, each a little different from its neighbour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import GlyphPart, Prepared, bounds_of_parts
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import chance, rgba, status


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Plant a layer of trees.

    Parameters
    ----------
    layer : Layer
    data : VectorData
        Points (or areas, planted at their middle) with ``species``, ``height_m`` and ``crown_m``, all optional.
    context : PrepareContext
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    points = feet(frame.geometry.to_numpy(), context)
    parts = tree_parts(
        points,
        frame.index.to_numpy(),
        numbers(frame, "height_m"),
        numbers(frame, "crown_m"),
        text(frame, ("species", "Material")),
        size=layer.style.size,
        colour=layer.style.colour,
    )
    return bounds_of_parts(Prepared(list(parts)))


def tree_parts(
    points: NDArray[np.float32], oids: NDArray[Any], height_m: NDArray[np.float64], crown_m: NDArray[np.float64],
    species: NDArray[np.object_], *, size: float = 1.0, colour: str = "",
) -> list[GlyphPart]:  # fmt: skip
    """Return trees grouped by shape.

    Parameters
    ----------
    points : ndarray (n, 3)
        Local feet.
    oids : ndarray (n,)
    height_m, crown_m : ndarray (n,)
        NaN where not known.
    species : ndarray (n,) of str
        Chinese or English names, ``""`` where not known.
    size : float
    colour : str
        One colour for all crowns; empty for greens by species.
    """
    table = status()["trees"]
    kinds = [table["default"], *table["species"]]
    kind = kind_of_species(species)
    usual = table["height_m"] * (0.8 + 0.4 * chance(oids, 1))
    height = np.where(np.isfinite(height_m) & (height_m > 0.3), height_m, usual)
    crown = np.where(np.isfinite(crown_m) & (crown_m > 0.2), crown_m, height * table["crown_share"])
    mix = chance(oids, 2)[:, None]
    low = np.array([rgba(colour or row["greens"][0]) for row in kinds], dtype=float)[kind]
    high = np.array([rgba(colour or row["greens"][1]) for row in kinds], dtype=float)[kind]
    light = 0.93 + 0.12 * chance(oids, 3)[:, None]
    colours = np.clip((low + mix * (high - low)) * light, 0, 255)
    colours[:, 3] = 255
    scale = np.column_stack([crown, crown * (0.92 + 0.16 * chance(oids, 4)), height]) * size
    bearing = 360.0 * chance(oids, 5)
    shapes = np.array([row["shape"] for row in kinds], dtype=object)[kind]
    parts = []
    for name in dict.fromkeys(shapes.tolist()):
        rows = np.flatnonzero(shapes == name)
        parts.append(
            GlyphPart(
                points[rows],
                np.asarray(oids)[rows].astype(np.int32),
                colours[rows].astype(np.uint8),
                name,
                scale[rows].astype(np.float32),
                bearing[rows].astype(np.float32),
            )
        )
    return parts


def kind_of_species(species: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of the species table (0 = default) of each name; each name is looked up once."""
    table = status()["trees"]["species"]

    def row(name: object) -> int:
        text = str(name).casefold()
        return next((k + 1 for k, entry in enumerate(table) if any(word in text for word in entry["words"])), 0)

    codes, names = pd.factorize(np.asarray(species, dtype=object))
    rows = np.array([row(name) for name in names] + [0], dtype=np.int64)
    return rows[codes]


def feet(geometry: NDArray[Any], context: PrepareContext) -> NDArray[np.float32]:
    """Return one local point on the drawn ground for each geometry, (n, 3)."""
    spots = np.array(geometry, dtype=object)
    other = shapely.get_type_id(spots) != 0
    spots[other] = shapely.point_on_surface(spots[other])
    local = context.frame.to_local(shapely.get_coordinates(spots))
    return np.column_stack([local, lattice_of(context).height(local[:, 0], local[:, 1])]).astype(np.float32)
