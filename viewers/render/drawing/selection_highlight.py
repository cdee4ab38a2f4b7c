"""The highlight of selected objects: their faces, glyphs or lines drawn again, bright, and faintly where hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.drawing.element_appearance import LookTable, on_same_points
from viewers.render.geometry.actors import Drawn, draw, mesh_actor, select_colour
from viewers.render.geometry.parts import CloudPart, GlyphPart, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import triangles
from viewers.render.palette.context import material_colours
from viewers.render.palette.lighting import look, rgb


def points_of(
    part: MeshPart | GlyphPart | LinePart | CloudPart, oids: NDArray[Any], table: LookTable | None = None
) -> NDArray[Any]:  # fmt: skip
    """Return the points of some objects, (n, 3), where a look has lifted them."""
    if isinstance(part, MeshPart) and part.elements is not None:
        runs = np.flatnonzero(np.isin(part.elements.oids, oids))
        rows = part.elements.rows(runs)
        points: NDArray[Any] = part.points[part.faces[rows].ravel()]
        if table is not None and len(rows):
            points = points + table.lift_m(np.repeat(part.oids[rows], 3))[:, None] * [0.0, 0.0, 1.0]
        return points
    if isinstance(part, CloudPart):  # of no object
        return part.points[:0]
    mine = np.isin(part.oids, oids)
    if isinstance(part, MeshPart):
        return part.points[part.faces[mine].ravel()]
    if isinstance(part, GlyphPart):
        feet = part.points[mine]
        return np.concatenate([feet, feet + part.scale[mine] * [0, 0, 1]]) if len(feet) else feet
    return part.points[np.repeat(mine, np.diff(part.starts))]


def face_count(one: Drawn, oids: NDArray[Any]) -> int:
    """Return how many triangles an actor draws of some objects; none if it is no mesh or a stand-in."""
    part = one.part
    if not isinstance(part, MeshPart) or not part.pickable or one.stand_in:
        return 0
    if part.elements is not None:
        return int(np.diff(part.elements.starts)[np.isin(part.elements.oids, oids)].sum())
    return int(np.count_nonzero(np.isin(one.oids, oids)))


def marks_of(one: Drawn, oids: NDArray[Any], table: LookTable | None = None) -> list[Any]:
    """Return the actors that highlight some objects of an actor: bright where seen, a trace where hidden.

    Parameters
    ----------
    one : Drawn
    oids : ndarray of int
    table : LookTable or None
        What is hidden is not marked, what is lifted is marked where it is drawn.
    """
    part = one.part
    if one.stand_in or one.dot or isinstance(part, CloudPart) or not part.pickable:
        return []
    if isinstance(part, MeshPart) and part.elements is not None:
        runs = np.isin(part.elements.oids, oids)
        if table is not None:
            runs &= ~table.hidden(part.elements.oids)
        if not runs.any():
            return []
        lift = np.zeros(len(runs)) if table is None else table.lift_m(part.elements.oids)
        actors = []
        for level in np.unique(lift[runs]):
            for actor in _highlight_on_points(one, part, part.elements.rows(runs & (lift == level))):
                actor.SetPosition(0.0, 0.0, float(level))
                actors.append(actor)
        return actors
    mine = np.flatnonzero(np.isin(one.oids, oids))
    return _marks(part, mine if one.rows is None else one.rows[mine]) if len(mine) else []


def _highlight_on_points(one: Drawn, part: MeshPart, rows: NDArray[Any]) -> list[Any]:
    """Return the highlight of some faces, on the points that the graphics hold already."""
    data = on_same_points(one)
    data.SetPolys(triangles(part.faces[rows]))
    nearer = replace(part, offset=part.offset + 1.0, edge_colour="#ffffff", lit=True)
    actors = []
    for seen in (True, False):
        actor = mesh_actor(nearer, data, look(False), outlined=seen and part.edge_flags is not None)
        actor.GetMapper().ScalarVisibilityOff()
        actor.GetProperty().SetColor(*rgb(material_colours()["select"]))
        actors.append(_bright(actor) if seen else _trace(actor))
    return actors


def _marks(part: MeshPart | GlyphPart | LinePart, mine: NDArray[Any]) -> list[Any]:
    """Return the highlight of some faces, glyphs or lines."""
    bright = np.tile(select_colour(), (len(mine), 1))
    fresh: MeshPart | GlyphPart | LinePart
    if isinstance(part, MeshPart):
        used, inverse = np.unique(part.faces[mine], return_inverse=True)
        edges = part.edges
        if edges is not None:
            known = np.isin(edges, used).all(axis=1)
            edges = np.searchsorted(used, edges[known]).astype(np.int32)
        fresh = MeshPart(
            part.points[used], inverse.reshape(-1, 3).astype(np.int32), part.oids[mine], bright,
            uv=None if part.uv is None else part.uv[used], texture=part.texture,
            edges=edges, edge_flags=None if part.edge_flags is None else part.edge_flags[used],
            edge_colour="#ffffff", offset=part.offset + 1.0, lit=True,
        )  # fmt: skip
    elif isinstance(part, GlyphPart):
        fresh = replace(
            part, points=part.points[mine], oids=part.oids[mine], colours=bright, scale=part.scale[mine] * 1.15,
            bearing_deg=part.bearing_deg[mine], far=True,
        )  # fmt: skip
    else:
        counts = np.diff(part.starts)[mine]
        fresh = replace(
            part, points=part.points[np.repeat(np.isin(np.arange(len(part.oids)), mine), np.diff(part.starts))],
            starts=np.concatenate([[0], np.cumsum(counts)]), oids=part.oids[mine], colours=bright,
            width_px=part.width_px + 3.0, offset=part.offset + 4.0,
        )  # fmt: skip
    return [
        dressed(one.actor) for dressed in (_bright, _trace) for one in draw(fresh, look(False))
    ]  # fmt: skip


def _bright(actor: Any) -> Any:
    actor.PickableOff()
    actor.GetProperty().SetAmbient(0.75)
    return actor


def _trace(actor: Any) -> Any:
    """Draw an actor faintly through all that stands in front."""
    actor.PickableOff()
    actor.GetProperty().SetOpacity(0.22)
    actor.GetProperty().EdgeVisibilityOff()
    actor.GetShaderProperty().AddVertexShaderReplacement(
        "//VTK::PositionVC::Impl",
        True,
        "//VTK::PositionVC::Impl\n  gl_Position.z = -0.98 * gl_Position.w;\n",
        False,
    )
    return actor
