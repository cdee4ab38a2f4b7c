"""Administrative and planning areas: an outline, a translucent fill that a theme colours, hatching of missing data.

Invariants
----------
1. The wash of districts and communities is invisible until a theme gives it a colour, and answers to no pick: it lies
   over the whole city and would swallow every click.
2. Hatching is lines of their own, numbered ``oid + HATCH``: a theme shows the hatch of district 3 by colouring object
   ``3 + HATCH``. So "no data" can never be mistaken for a pale class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData
from models.roles import ROLES
from viewers.render.geometry.draping import drape, draped_lines, polygons_of
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import Lattice, lattice_of
from viewers.render.geometry.parts import LinePart, MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.overlays.area_names import name_labels
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba, rows_of, status

#: Added to an area's oid, names its hatching.
HATCH = 1 << 30

#: Distance between hatch lines, metres.
HATCH_M = 26.0
#: Hatch lines over one area; in a larger one they stand wider apart.
MOST_LINES = 2_000

#: What indicators have values for: a theme fills and hatches it.
UNITS = ("districts", "communities")
#: Sports grounds drawn as what they are, in solid colour with their lines.
SPORTS = ("running_track", "football_pitch")


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw districts, communities, built-up areas, parcels or amenity sites, by the layer's role."""
    polygons, frame, row = polygons_of(data, context)
    if frame is None or not len(polygons):
        return Prepared()
    role = layer.role if layer.role in status()["areas"] else "parcels"
    facts, style = ROLES[role], status()["areas"][role]
    lattice = lattice_of(context)
    oids = frame.index.to_numpy()[row]
    fill = np.tile(
        np.array(rgba(layer.style.colour or style["fill"], style["fill_opacity"]), np.uint8), (len(polygons), 1)
    )
    kinds = text(frame, ("kind",))[row]
    if role == "amenities" and not layer.style.colour:
        table = status()["amenity_kinds"]
        for k, kind in enumerate(kinds):
            if kind in table:
                fill[k] = rgba(table[kind], 1.0 if kind in SPORTS else style["fill_opacity"])
    fill[:, 3] = np.round(fill[:, 3] * layer.style.opacity).astype(np.uint8)
    over_city = facts.outline
    result = Prepared()
    if role not in ("built_up", "drainage_areas"):
        wash = _wash(polygons, oids, fill, lattice, facts.depth_offset, pickable=not over_city)
        result.parts += [wash] if wash is not None else []
    if role in UNITS:
        result.parts += hatching(polygons, oids, lattice, facts.depth_offset)
    if role == "amenities":
        result.parts += _pitches(polygons, oids, kinds, lattice)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    line = draped_lines(
        rings, oids[owner], rgba(style["outline"])[:3], lattice, style["width_px"] * layer.style.size, lift_m=0.25
    )
    line.offset = facts.depth_offset + 0.6
    line.pickable = not over_city
    result.parts.append(line)
    bounds_of_parts(result)
    if facts.label:
        result.parts += name_labels(frame, polygons, row, facts.label, lattice, layer.style.label_field)
    return result


def hatching(
    polygons: NDArray[Any], oids: NDArray[Any], lattice: Lattice, offset: float, step_m: float = HATCH_M
) -> list[Part]:
    """Return diagonal lines over local polygons, invisible until a theme colours ``oid + HATCH``.

    ``offset`` is the depth of what is hatched.
    """
    pieces: list[NDArray[Any]] = []
    owner: list[NDArray[Any]] = []
    for polygon, oid in zip(polygons, oids, strict=True):
        x0, y0, x1, y1 = polygon.bounds
        tall = y1 - y0
        step = max(step_m, (x1 - x0 + tall) / MOST_LINES)
        across = np.arange(np.floor((x0 - tall) / step) * step, x1, step)
        ends = np.stack(
            [
                np.column_stack([across, np.full(len(across), y0)]),
                np.column_stack([across + tall, np.full(len(across), y1)]),
            ],
            axis=1,
        )
        shapely.prepare(polygon)
        cut = shapely.get_parts(shapely.intersection(shapely.linestrings(ends), polygon))
        cut = cut[(shapely.get_dimensions(cut) == 1) & (shapely.length(cut) > 1.0)]
        pieces.append(cut)
        owner.append(np.full(len(cut), int(oid) + HATCH))
    lines, ids = np.concatenate(pieces), np.concatenate(owner)
    if not len(lines):
        return []
    part = draped_lines(lines, ids, rgba(status()["general"]["no_data"])[:3], lattice, 1.2, lift_m=0.4)
    part.colours[:, 3] = 0
    part.offset, part.pickable = offset + 1.2, False
    return [part]


def _wash(
    polygons: NDArray[Any],
    oids: NDArray[Any],
    colours: NDArray[np.uint8],
    lattice: Lattice,
    offset: float,
    pickable: bool,
) -> MeshPart | None:
    points, faces, owner = drape(polygons, lattice, 0.06)
    if not len(faces):
        return None
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), oids[owner].astype(np.int32), colours[owner],
        normals=lattice.normals(points[:, 0], points[:, 1]), offset=offset, pickable=pickable,
    )  # fmt: skip


def _pitches(polygons: NDArray[Any], oids: NDArray[Any], kinds: NDArray[np.object_], lattice: Lattice) -> list[Part]:
    """Return the lines of running tracks and football pitches, and the green inside a track."""
    lines: list[Any] = []
    owner: list[int] = []
    greens: list[Any] = []
    green_oids: list[int] = []
    for polygon, oid, kind in zip(polygons, oids, kinds, strict=True):
        if kind == "running_track":
            rings = [polygon.buffer(-d, join_style="round") for d in (0.4, 1.62, 2.84, 4.06, 5.28)]
            lines += [ring.exterior for ring in rings if ring.geom_type == "Polygon" and not ring.is_empty]
            inner = polygon.buffer(-5.6)
            if inner.geom_type == "Polygon" and not inner.is_empty:
                greens.append(inner)
                green_oids.append(int(oid))
        elif kind == "football_pitch":
            lines += _pitch_lines(polygon)
        owner += [int(oid)] * (len(lines) - len(owner))
    parts: list[Part] = []
    if greens:
        colours = rows_of(status()["amenity_kinds"]["football_pitch"], len(greens))
        field = _wash(np.array(greens, dtype=object), np.array(green_oids), colours, lattice, 3.0, pickable=True)
        parts += [field] if field is not None else []
    if lines:
        drawn: LinePart = draped_lines(
            np.array(lines, dtype=object), np.array(owner), (250, 250, 246), lattice, 1.3, 0.12
        )
        drawn.offset, drawn.pickable = 3.6, False
        parts.append(drawn)
    return parts


def _pitch_lines(polygon: Any) -> list[Any]:
    """Return touch lines, halfway line, centre circle and penalty areas of a pitch, fitted into its site."""
    box = polygon.buffer(-1.0).minimum_rotated_rectangle
    if box.is_empty or box.geom_type != "Polygon":
        return []
    corner = np.asarray(box.exterior.coords)[:4]
    if np.linalg.norm(corner[1] - corner[0]) < np.linalg.norm(corner[2] - corner[1]):
        corner = np.roll(corner, -1, axis=0)
    origin, along, across = corner[0], corner[1] - corner[0], corner[3] - corner[0]

    def at(u: float, v: float) -> NDArray[np.float64]:
        spot: NDArray[np.float64] = origin + u * along + v * across
        return spot

    def path(*steps: tuple[float, float]) -> Any:
        return shapely.LineString([at(*step) for step in steps])

    return [
        box.exterior,
        path((0.5, 0), (0.5, 1)),
        shapely.Point(at(0.5, 0.5)).buffer(0.135 * float(np.linalg.norm(across))).exterior,
        path((0, 0.2), (0.157, 0.2), (0.157, 0.8), (0, 0.8)),
        path((1, 0.2), (0.843, 0.2), (0.843, 0.8), (1, 0.8)),
    ]
