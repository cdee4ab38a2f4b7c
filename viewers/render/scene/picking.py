"""Picking: the ray through a pixel, intersected with the triangles, glyphs and lines that are drawn.

No frame is drawn for a pick. All points are laid into the plane across the ray, where the ray is the origin: a triangle
is hit if the origin is inside it. A million triangles take a few tens of milliseconds, and instanced glyphs are met in
their own shape. Draped surfaces lie within centimetres of each other; as in the picture, their depth offset decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy

from models.project.selection import ObjectKey
from models.views.camera import Vector
from viewers.render.geometry.actors import Drawn
from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import CloudPart, Elements, GlyphPart, MeshPart
from viewers.render.geometry.ray import Ray, first_line, first_triangle

Floats = NDArray[np.float64]

#: A pipe answers to a pick as if it were at least so wide, pixels: more than it is drawn, for a hand is not that sure.
PIPE_PX = 5.0


class Pick(NamedTuple):
    """The result of a pick.

    Parameters
    ----------
    key : ObjectKey or None
        None on ground without an object.
    world : tuple of float or None
        Point hit, in the project CRS; None in the sky.
    """

    key: ObjectKey | None
    world: Vector | None


def nearest(
    ray: Ray, drawn: Iterable[tuple[Drawn, Sequence[LocalPlane]]], most_m: float = np.inf
) -> tuple[Drawn, int, Floats] | None:  # fmt: skip
    """Return what the ray meets first: the actor, its cell or glyph number, and the local point; None in the sky.

    Parameters
    ----------
    ray : Ray
    drawn : iterable of (Drawn, planes)
        What can be hit, and the planes that cut it.
    most_m : float
        What lies farther along the ray is not looked for.
    """
    best: tuple[float, Drawn, int, float] | None = None
    for one, planes in drawn:
        low, high = ray.span(planes) if planes else (0.0, np.inf)
        span = low, min(high, most_m)
        hit = _meet(ray.lowered(one.lift_m), one, span) if span[0] < span[1] else None
        if hit is None:
            continue
        number, depth = hit
        seems = ray.nearer(depth, one.part.offset)
        if best is None or seems < best[0]:
            best = (seems, one, number, depth)
    if best is None:
        return None
    _, one, number, depth = best
    return one, number, ray.eye + ray.along * depth


def _meet(ray: Ray, one: Drawn, span: tuple[float, float]) -> tuple[int, float] | None:
    part = one.part
    if isinstance(part, MeshPart) and part.elements is not None:
        return _first_element(ray, one, part, part.elements, span)
    if isinstance(part, MeshPart):
        box = np.array(one.actor.GetBounds()).reshape(3, 2).T
        if part.pipe is not None:  # as wide as it is drawn, or a little more
            far = np.linalg.norm(box - ray.eye, axis=1).max()
            box += np.array([[-1.0], [1.0]]) * PIPE_PX * float(ray.pixel_m(np.array(far)))
        if not ray.meets_box(box):
            return None
        faces = part.faces if one.rows is None else part.faces[one.rows]
        if one.clear is not None:
            faces = np.where(one.clear[:, None], 0, faces)
        laid = ray.lay(part.points)
        if part.pipe is not None and part.normals is not None:
            thin = 0.5 * PIPE_PX * ray.pixel_m(np.maximum(laid[:, 2], 0.0)) - part.pipe[:, 0]
            laid += np.maximum(thin, 0.0)[:, None] * (part.normals @ ray.axes)
        return first_triangle(laid, faces, span)
    if isinstance(part, GlyphPart):
        return _first_glyph(ray, part, one, span)
    if isinstance(part, CloudPart):
        return None
    return first_line(ray, part, span)


def _first_element(
    ray: Ray, one: Drawn, part: MeshPart, elements: Elements, span: tuple[float, float]
) -> tuple[int, float] | None:
    """Meet only the triangles of elements whose box the ray passes, the nearest boxes first."""
    low, high = one.box
    if not ray.meets_box(np.array([low, high]) - [0.0, 0.0, one.lift_m]):
        return None
    mine = np.arange(len(elements.oids)) if one.runs is None else np.flatnonzero(one.runs)
    near, enters = ray.meets_boxes(elements.low[mine], elements.high[mine])
    near &= enters <= span[1]
    order = mine[near]
    enter = np.full(len(elements.oids), np.inf)
    enter[order] = enters[near]
    order = order[np.argsort(enter[order])]
    best: tuple[int, float] | None = None
    begin, size = 0, 4
    while begin < len(order) and (best is None or enter[order[begin]] < best[1]):
        rows = elements.rows(order[begin : begin + size])
        if one.clear is not None:
            rows = rows[~one.clear[rows]]
        laid = ray.lay(part.points[part.faces[rows].ravel()])
        hit = first_triangle(laid, np.arange(len(laid)).reshape(-1, 3), span)
        if hit is not None and (best is None or hit[1] < best[1]):
            best = int(rows[hit[0]]), hit[1]
        begin, size = begin + size, size * 2
    return best


def _first_glyph(ray: Ray, part: GlyphPart, one: Drawn, span: tuple[float, float]) -> tuple[int, float] | None:
    source = one.actor.GetMapper().GetSource()
    bounds = np.array(source.GetBounds()).reshape(3, 2)
    take = slice(None) if one.rows is None else one.rows
    feet, scale = part.points[take], part.scale[take]
    laid = ray.lay(feet)
    reach = np.linalg.norm(np.abs(bounds).max(axis=1) * scale, axis=1)
    close = (np.hypot(laid[:, 0], laid[:, 1]) <= reach) & (laid[:, 2] > -reach)
    near = np.flatnonzero(close if one.clear is None else close & ~one.clear)
    if not len(near):
        return None
    shape = vtk_to_numpy(source.GetPoints().GetData()).astype(np.float64)
    faces = vtk_to_numpy(source.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    best: tuple[int, float] | None = None
    for number in near.tolist():
        turn = -np.radians(float(np.nan_to_num(part.bearing_deg[take][number])))
        cos, sin = np.cos(turn), np.sin(turn)
        sized = shape * scale[number]
        placed = np.column_stack(
            [cos * sized[:, 0] - sin * sized[:, 1], sin * sized[:, 0] + cos * sized[:, 1], sized[:, 2]]
        )
        hit = first_triangle(ray.lay(placed + feet[number]), faces, span)
        if hit is not None and (best is None or hit[1] < best[1]):
            best = (number, hit[1])
    return best
