"""Municipal components, sensors and cases as small shapes where they stand.

Invariants
----------
1. A component has one shape by its class and its natural colour; its state is shown by a marker above it, in the colour
   and the shape of the state. What is intact or unknown carries no marker: a calm picture shows what needs somebody.
   What is out of use stands in grey.
2. A marker is picked as its component and coloured as ``oid + MARKER``, so that a theme can hide it.
3. Everything is vectorised by class; a hundred thousand components must not freeze a worker.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.facilities.coding.editions import NO_CLASS, Edition, stated_edition
from models.facilities.register import STATE_FIELDS, UNKNOWN, classes_of, field_of, out_of_use, states, status_of
from models.layers.layer import Layer, LayerData, VectorData
from viewers.facility_icons import icon_of
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.parts import GlyphPart, Part, Prepared, SignPart, bounds_of_parts
from viewers.render.layers.trees import feet, tree_parts
from viewers.render.overlays.sign_tree import SignTree
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import chance, rgba, rows_of, status

#: From here on a stated ground height differs from the drawn ground because something carries the component.
CARRIED_M = 1.2

#: Added to a component's oid, names the marker above it.
MARKER = 1 << 29

Floats = NDArray[np.float64]


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw components, sensors or cases, by the layer's role."""
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    points = feet(frame.geometry.to_numpy(), context)
    stated = numbers(frame, "ground_m") - context.frame.origin[2]
    carried = np.isfinite(stated) & (stated - points[:, 2] > CARRIED_M)
    points[carried, 2] = stated[carried]
    if layer.role in ("sensors", "cases"):
        return bounds_of_parts(Prepared((_sensors if layer.role == "sensors" else _cases)(layer, frame, points)))
    edition = stated_edition(layer.code_edition, context.class_tables)
    prepared = bounds_of_parts(Prepared(_components(layer, frame, points, edition)))
    prepared.signs = sign_part(frame, points, frame.index.to_numpy(), edition)
    return prepared


def sign_part(table: pd.DataFrame, points: NDArray[np.float32], oids: NDArray[Any], edition: Edition) -> SignPart:
    """Return the signs over the components of a table.

    Parameters
    ----------
    table : DataFrame
        The register; no geometry is looked at.
    points : ndarray (n, 3)
        Local feet.
    oids : ndarray (n,)
    edition : Edition
    """
    codes, names = pd.factorize(classes_of(table, edition))
    kinds = [edition.classes.get(str(name), NO_CLASS) for name in names]
    known = list(states().values())
    place = pd.Index([one.id for one in known]).get_indexer(pd.Index(status_of(table)))
    top = np.array(points, dtype=np.float32)
    height = numbers(table, "height_m")
    top[:, 2] += np.where(np.isfinite(height) & (height < 60.0), np.maximum(height, 0.0), 1.0)
    part = SignPart(
        top, np.asarray(oids).astype(np.int32), codes.astype(np.int32), tuple(icon_of(kind) for kind in kinds),
        np.where(place < 0, [one.id for one in known].index(UNKNOWN), place).astype(np.int32),
        tuple((one.colour, one.severity if one.id != UNKNOWN else 0) for one in known),
    )  # fmt: skip
    part.tree = SignTree(part)
    return part


def symbols_of(class_codes: NDArray[np.object_], edition: Edition) -> NDArray[np.object_]:
    """Return the row name in ``[symbols]`` of each class code of an edition."""
    table = status()
    known, own, group = edition.classes, table["class_symbols"], table["group_symbols"]

    def symbol(code: object) -> str:
        text = str(code)
        found = own.get(text) or (known[text].symbol if text in known else "") or group.get(text[:2], "default")
        return found if found in table["symbols"] else "default"

    codes, names = pd.factorize(class_codes)
    return np.array([symbol(name) for name in names], dtype=object)[codes]


def _components(layer: Layer, frame: pd.DataFrame, points: NDArray[np.float32], edition: Edition) -> list[Part]:
    oids = frame.index.to_numpy()
    symbol = symbols_of(classes_of(frame, edition), edition)
    bearing = numbers(frame, "bearing_deg")
    height = numbers(frame, "height_m")
    tall = np.zeros(len(frame))
    state = status_of(frame) if field_of(frame, STATE_FIELDS) is not None else None
    out = np.zeros(len(frame), bool) if state is None else np.isin(state.astype(str), out_of_use())
    grey = rgba(states()[out_of_use()[0]].colour)
    parts: list[Part] = []
    for name in dict.fromkeys(symbol.tolist()):
        rows = np.flatnonzero(symbol == name)
        entry = status()["symbols"][name]
        high = np.where(np.isfinite(height[rows]) & (height[rows] > 0.2), height[rows], entry["height_m"])
        if entry["shape"].startswith("tree"):
            parts += tree_parts(
                points[rows], oids[rows], height[rows], numbers(frame.iloc[rows], "crown_m"),
                text(frame.iloc[rows], ("species", "Material")), size=layer.style.size, colour=layer.style.colour,
            )  # fmt: skip
            tall[rows] = np.where(np.isfinite(height[rows]), height[rows], status()["trees"]["height_m"])
            continue
        flat = bool(entry.get("flat"))
        if flat:
            high = np.full(len(rows), entry["height_m"])
            points[rows, 2] += status()["general"]["flat_lift_m"]
        wide = entry["width_m"] / entry["height_m"] * high if "width_m" in entry else high
        scale = np.column_stack([wide, wide, high]) * layer.style.size
        colours = rows_of(layer.style.colour or entry["colour"], len(rows)).astype(float)
        colours[out[rows]] = grey
        colours[:, :3] = np.clip(colours[:, :3] * (0.96 + 0.07 * chance(oids[rows])[:, None]), 0, 255)
        parts.append(
            GlyphPart(
                points[rows],
                oids[rows].astype(np.int32),
                colours.astype(np.uint8),
                entry["shape"],
                scale.astype(np.float32),
                np.nan_to_num(bearing[rows]).astype(np.float32),
                offset=5.0 if flat else 0.0,
            )
        )
        tall[rows] = 0.1 if flat else high
    if state is not None:
        parts += _markers(oids, points, tall * layer.style.size, state)
    return parts


def _markers(oids: NDArray[Any], points: NDArray[np.float32], tall_m: Floats, state: NDArray[np.object_]) -> list[Part]:
    """Return a sign above every component in a state that wants somebody."""
    table = status()
    size, gap = table["general"]["marker_height_m"], table["general"]["marker_gap_m"]
    parts: list[Part] = []
    for known in states().values():
        shape = table["markers"].get(known.id)
        if shape is None or known.id == UNKNOWN:
            continue
        rows = np.flatnonzero(state == known.id)
        if len(rows):
            above = points[rows].copy()
            above[:, 2] += tall_m[rows] + gap
            pins = _pins(above, oids[rows], rows_of(known.colour, len(rows)), shape, size)
            pins.theme_ids = (oids[rows] + MARKER).astype(np.int32)
            parts.append(pins)
    return parts


def _pins(
    points: NDArray[np.float32], oids: NDArray[Any], colours: NDArray[np.uint8], shape: str, height_m: float
) -> GlyphPart:
    """Return signs that stay visible from afar, turned to the south-west, where a city is mostly looked at from."""
    return GlyphPart(
        points, np.asarray(oids).astype(np.int32), colours, shape, np.full((len(points), 3), height_m, np.float32),
        np.full(len(points), 40.0, np.float32), far=True,
    )  # fmt: skip


def _sensors(layer: Layer, frame: pd.DataFrame, points: NDArray[np.float32]) -> list[Part]:
    table = status()["sensors"]
    reported = pd.Series(text(frame, ("status", "state"))).str.strip().str.casefold()
    colours = rows_of(layer.style.colour or table["colour"], len(frame))
    colours[reported.isin(table["offline_words"]).to_numpy()] = rgba(table["offline"])
    colours[reported.isin(table["alarm_words"]).to_numpy()] = rgba(table["alarm"])
    return [_pins(points, frame.index.to_numpy(), colours, "sensor", table["height_m"] * layer.style.size)]


def _cases(layer: Layer, frame: pd.DataFrame, points: NDArray[np.float32]) -> list[Part]:
    table = status()["cases"]
    closed = pd.Series(text(frame, ("closed_at",))).str.strip() != ""
    colours = rows_of(layer.style.colour or table["open"], len(frame))
    colours[closed.to_numpy()] = rgba(table["closed"])
    return [_pins(points, frame.index.to_numpy(), colours, "case", table["height_m"] * layer.style.size)]
