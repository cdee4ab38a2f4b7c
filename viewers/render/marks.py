"""What shows that an object is selected: its own faces, glyphs or lines once more, bright, and a trace where hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.actors import draw
from viewers.render.elements import LookTable
from viewers.render.look import look, rgb
from viewers.render.parts import GlyphPart, LinePart, MeshPart
from viewers.render.prepare import material_colours


def points_of(
    part: MeshPart | GlyphPart | LinePart, oids: NDArray[Any], table: LookTable | None = None
) -> NDArray[Any]:  # fmt: skip
    """Return the points of some objects, (n, 3), where a look has lifted them."""
    if isinstance(part, MeshPart) and part.elements is not None:
        runs = np.flatnonzero(np.isin(part.elements.oids, oids))
        rows = part.elements.rows(runs)
        points: NDArray[Any] = part.points[part.faces[rows].ravel()]
        if table is not None and len(rows):
            points = points + table.lift_m(np.repeat(part.oids[rows], 3))[:, None] * [0.0, 0.0, 1.0]
        return points
    mine = np.isin(part.oids, oids)
    if isinstance(part, MeshPart):
        return part.points[part.faces[mine].ravel()]
    if isinstance(part, GlyphPart):
        feet = part.points[mine]
        return np.concatenate([feet, feet + part.scale[mine] * [0, 0, 1]]) if len(feet) else feet
    return part.points[np.repeat(mine, np.diff(part.starts))]


def marks_of(
    part: MeshPart | GlyphPart | LinePart, oids: NDArray[Any], table: LookTable | None = None
) -> list[Any]:  # fmt: skip
    """Return the actors that highlight some objects of a part: bright where seen, a trace where hidden.

    Parameters
    ----------
    part : MeshPart, GlyphPart or LinePart
    oids : ndarray of int
    table : LookTable or None
        What is hidden is not marked, what is lifted is marked where it is drawn.
    """
    if isinstance(part, MeshPart) and part.elements is not None:
        runs = np.isin(part.elements.oids, oids)
        if table is not None:
            runs &= ~table.hidden(part.elements.oids)
        lift = np.zeros(len(runs)) if table is None else table.lift_m(part.elements.oids)
        actors = []
        for level in np.unique(lift[runs]):
            for actor in _marks(part, part.elements.rows(runs & (lift == level))):
                actor.SetPosition(0.0, 0.0, float(level))
                actors.append(actor)
        return actors
    mine = np.flatnonzero(np.isin(part.oids, oids))
    return _marks(part, mine) if len(mine) else []


def _marks(part: MeshPart | GlyphPart | LinePart, mine: NDArray[Any]) -> list[Any]:
    """Return the highlight of some faces, glyphs or lines."""
    colour = np.array([*(round(255 * c) for c in rgb(material_colours()["select"])), 255], dtype=np.uint8)
    bright = np.tile(colour, (len(mine), 1))
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
    actors: list[Any] = []
    for one in draw(fresh, look(False)):
        one.actor.PickableOff()
        one.actor.GetProperty().SetAmbient(0.75)
        actors.append(one.actor)
    for one in draw(fresh, look(False)):
        one.actor.PickableOff()
        one.actor.GetProperty().SetOpacity(0.22)
        one.actor.GetProperty().EdgeVisibilityOff()
        one.actor.GetShaderProperty().AddVertexShaderReplacement(
            "//VTK::PositionVC::Impl",
            True,
            "//VTK::PositionVC::Impl\n  gl_Position.z = -0.98 * gl_Position.w;\n",
            False,
        )
        actors.append(one.actor)
    return actors
