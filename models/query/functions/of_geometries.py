"""Functions of geometries, as QGIS users type them: ``area($geometry)``, ``distance(centroid($geometry), …)``.

Geometries stand in the projected CRS of the project: areas, lengths and distances are metres on its plane, and what has
no projected CRS is refused before it comes here (:func:`models.query.measures.placed`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.query import values
from models.query.functions.kinds import Context, Function, Make
from models.query.values import Value

#: Functions of one geometry that ``$area_m2`` and its kin tell as well, on the ellipsoid for what came in degrees.
MEASURED = {"area": "area_m2", "length": "length_m", "perimeter": "perimeter_m"}
#: A buffer is no wider than this, metres, and has so many segments to a quarter of a circle.
MOST_BUFFER_M, SEGMENTS, MOST_SEGMENTS = 1_000_000.0, 16, 64


def _shapes(value: Value) -> NDArray[Any]:
    return np.asarray(value.data if value.kind == "geometry" else [None], dtype=object)


def _known(arguments: Sequence[Value]) -> values.Mask:
    known = arguments[0].known
    for one in arguments[1:]:
        known = known & one.known
    return known


def _sure(work: Callable[..., Any], *shapes: NDArray[Any]) -> Any:
    """Return what GEOS says of geometries; outlines that it cannot work with are mended first."""
    import shapely

    try:
        return work(*shapes)
    except shapely.GEOSException:
        return work(*(shapely.make_valid(one) for one in shapes))


def _figure(name: str, power: int = 0, dimension: int | None = None) -> Make:
    """Return a figure of a geometry by its name in shapely; ``power`` of the unit makes metres of it."""

    def make(context: Context, arguments: Sequence[Value]) -> Value:
        import shapely

        shapes, known = _shapes(arguments[0]), arguments[0].known
        found = np.asarray(getattr(shapely, name)(shapes), dtype=np.float64) * context.unit_m**power
        if dimension is not None:
            known = known & (shapely.get_dimensions(shapes) == dimension)
        return values.number(found, known)

    return make


def length(context: Context, arguments: Sequence[Value]) -> Value:
    """Return the length of lines in metres."""
    return _figure("length", 1, 1)(context, arguments)


def _bound(at: int) -> Make:
    def make(_: Context, arguments: Sequence[Value]) -> Value:
        import shapely

        return values.number(shapely.bounds(_shapes(arguments[0]))[:, at], arguments[0].known)

    return make


def _place(axis: str) -> Make:
    def make(_: Context, arguments: Sequence[Value]) -> Value:
        import shapely

        middle = shapely.centroid(_shapes(arguments[0]))
        return values.number(getattr(shapely, f"get_{axis}")(middle), arguments[0].known)

    return make


def _shape(name: str) -> Make:
    def make(_: Context, arguments: Sequence[Value]) -> Value:
        import shapely

        return values.geometry(_sure(getattr(shapely, name), *(_shapes(one) for one in arguments)))

    return make


def relation(name: str) -> Make:
    """Return whether two geometries stand in a relation, by its name in shapely."""

    def make(_: Context, arguments: Sequence[Value]) -> Value:
        import shapely

        one, two = (_shapes(argument) for argument in arguments)
        for shapes in (one, two):
            if len(shapes) == 1:
                shapely.prepare(shapes)
        return values.truth(np.asarray(_sure(getattr(shapely, name), one, two), dtype=bool), _known(arguments))

    return make


def _distance(context: Context, arguments: Sequence[Value]) -> Value:
    import shapely

    found = _sure(shapely.distance, *(_shapes(one) for one in arguments)) * context.unit_m
    return values.number(np.asarray(found, dtype=np.float64), _known(arguments))


def _buffer(context: Context, arguments: Sequence[Value]) -> Value:
    import shapely

    distance_m = values.as_float(arguments[1])
    segments = context.constant(arguments, 2) if len(arguments) > 2 else SEGMENTS
    near = np.abs(np.nan_to_num(distance_m)) <= MOST_BUFFER_M
    if not near.all():
        raise UserError("ask.too_wide", most=round(MOST_BUFFER_M), at=context.places[1])
    quarter = int(np.clip(float(segments or SEGMENTS), 1, MOST_SEGMENTS))
    shapes, width = np.broadcast_arrays(_shapes(arguments[0]), distance_m / context.unit_m)
    wanted = np.where(np.isnan(width), 0.0, width)
    made = np.array(_sure(lambda every: shapely.buffer(every, wanted, quad_segs=quarter), shapes), dtype=object)
    made[np.isnan(width)] = None
    return values.geometry(made)


def _point(_: Context, arguments: Sequence[Value]) -> Value:
    import shapely

    x, y = np.broadcast_arrays(*(values.as_float(one) for one in arguments))
    fine = np.isfinite(x) & np.isfinite(y)
    made = np.full(len(x), None, dtype=object)
    made[fine] = shapely.points(x[fine], y[fine])
    return values.geometry(made)


def _from_wkt(_: Context, arguments: Sequence[Value]) -> Value:
    import shapely

    texts = values.as_objects(arguments[0], max(len(arguments[0].data), 1))
    return values.geometry(shapely.from_wkt(texts, on_invalid="ignore"))


def _to_wkt(_: Context, arguments: Sequence[Value]) -> Value:
    import pyarrow as pa
    import shapely

    texts = shapely.to_wkt(_shapes(arguments[0]), rounding_precision=8)
    return values.text(pa.array(np.where(arguments[0].known, texts, None), pa.string()))


_G, _GG = ("geometry",), ("geometry", "geometry")
FUNCTIONS: dict[str, Function] = {
    "area": Function(1, 1, _G, _figure("area", 2, 2)),
    "perimeter": Function(1, 1, _G, _figure("length", 1, 2)),
    "x": Function(1, 1, _G, _place("x")),
    "y": Function(1, 1, _G, _place("y")),
    "x_min": Function(1, 1, _G, _bound(0)),
    "y_min": Function(1, 1, _G, _bound(1)),
    "x_max": Function(1, 1, _G, _bound(2)),
    "y_max": Function(1, 1, _G, _bound(3)),
    "num_points": Function(1, 1, _G, _figure("get_num_coordinates")),
    "centroid": Function(1, 1, _G, _shape("centroid")),
    "point_on_surface": Function(1, 1, _G, _shape("point_on_surface")),
    "convex_hull": Function(1, 1, _G, _shape("convex_hull")),
    "bounds": Function(1, 1, _G, _shape("envelope")),
    "boundary": Function(1, 1, _G, _shape("boundary")),
    "intersection": Function(2, 2, _GG, _shape("intersection")),
    "buffer": Function(2, 3, ("geometry", "number"), _buffer),
    "distance": Function(2, 2, _GG, _distance),
    **{name: Function(2, 2, _GG, relation(name))
       for name in ("intersects", "within", "disjoint", "touches", "overlaps", "crosses")},
    "make_point": Function(2, 2, ("number",), _point),
    "geom_from_wkt": Function(1, 1, ("text",), _from_wkt),
    "geom_to_wkt": Function(1, 1, _G, _to_wkt),
}  # fmt: skip
