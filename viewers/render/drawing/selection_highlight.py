"""The highlight of selected objects: an outline and a halo round their silhouette, whatever stands in front of them.

Wide lines are drawn over the finished picture along all edges of an object, and before them a mask in its own shape,
which leaves the picture as it is: only what runs out over the silhouette is left of the lines. The objects keep their
own colours, so that what colours mean is not lost where something is selected. Masks and lines are told apart by depths
just before the eye, which nothing of the city has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from viewers.render.drawing.element_appearance import LookTable
from viewers.render.geometry.actors import Drawn, draw
from viewers.render.geometry.glyphs import shape
from viewers.render.geometry.parts import CloudPart, GlyphPart, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import cells, polydata, triangles
from viewers.render.palette.context import material_colours
from viewers.render.palette.lighting import look, rgb

#: Depths of mask, outline and halo in clip space, as shares of w: the mask hides the outline, this the halo.
MASK, OUTLINE, HALO = -0.990, -0.985, -0.980
#: Widths of the lines, pixels; half of each runs out over the silhouette.
RINGS = (("select.halo", 9.0, HALO), ("select", 6.0, OUTLINE))
#: Of more triangles only the dots of glyphs are marked.
MOST_GLYPH_FACES = 30_000
#: The dot that a small thing is from afar.
DOT_PX = 8.0
# Less opaque than a step of eight bits, and more than the nothing that VTK discards together with its depth.
_NOTHING = "//VTK::TCoord::Impl\n  gl_FragData[0] = vec4(0.0, 0.0, 0.0, 0.0015);\n"


class Mark(NamedTuple):
    """An actor of a highlight.

    Parameters
    ----------
    actor : vtkActor
    width_px : float
        Of its lines or dots, 0 for what has none.
    is_mask : bool
        Whether it only keeps the lines out, and is drawn before them.
    """

    actor: Any
    width_px: float = 0.0
    is_mask: bool = False


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


def marks_of(one: Drawn, oids: NDArray[Any], table: LookTable | None = None) -> list[Mark]:
    """Return what highlights some objects of an actor.

    Parameters
    ----------
    one : Drawn
    oids : ndarray of int
    table : LookTable or None
        What is hidden is not marked, what is lifted is marked where it is drawn.
    """
    part = one.part
    if one.stand_in or one.dot or isinstance(part, CloudPart):
        return []
    if not part.pickable and not isinstance(part, LinePart):  # of a unit over the city its boundary is marked
        return []
    if isinstance(part, GlyphPart):
        mine = np.flatnonzero(np.isin(one.oids, oids))
        return _around_glyphs(part, mine if one.rows is None else one.rows[mine]) if len(mine) else []
    if isinstance(part, LinePart):
        mine = np.flatnonzero(np.isin(part.oids, oids))
        if table is not None:
            mine = mine[~table.hidden(part.oids[mine])]
        return _along_lines(part, mine) if len(mine) else []
    if part.elements is None:
        return _around_faces(one, np.flatnonzero(np.isin(one.oids, oids)), 0.0)
    runs = np.isin(part.elements.oids, oids)
    if table is not None:
        runs &= ~table.hidden(part.elements.oids)
    if not runs.any():
        return []
    lift = np.zeros(len(runs)) if table is None else table.lift_m(part.elements.oids)
    return [
        mark
        for level in np.unique(lift[runs])
        for mark in _around_faces(one, part.elements.rows(runs & (lift == level)), float(level))
    ]


def _around_faces(one: Drawn, rows: NDArray[Any], lift_m: float) -> list[Mark]:
    """Return the marks of some triangles of an actor, by their rows in it."""
    if not len(rows):
        return []
    whole = one.whole if one.whole is not None else one.data.GetPolys()
    marks = _around(one.data.GetPoints(), vtk_to_numpy(whole.GetConnectivityArray()).reshape(-1, 3)[rows])
    for mark in marks:
        mark.actor.SetPosition(0.0, 0.0, lift_m)
    return marks


def _around(points: Any, faces: NDArray[Any]) -> list[Mark]:
    """Return mask, outline and halo of triangles (f, 3) on points that the graphics may hold already."""
    corners = np.unique(faces)
    body, joints = vtkPolyData(), vtkPolyData()
    for data in (body, joints):
        data.SetPoints(points)
    body.SetPolys(triangles(faces))
    joints.SetVerts(cells(np.arange(len(corners) + 1), corners))  # where wide lines leave corners open
    marks = [Mark(_mask(_actor(body)), is_mask=True)]
    for colour, width, depth in RINGS:
        wires = _paint(_actor(body), colour, depth)
        wires.GetProperty().SetRepresentationToWireframe()
        marks += [Mark(wires, width), Mark(_paint(_actor(joints), colour, depth), width)]
    return marks


def _around_glyphs(part: GlyphPart, rows: NDArray[Any]) -> list[Mark]:
    """Return the marks of some glyphs: their dots from afar, and their silhouettes unless there are very many."""
    fresh = replace(
        part, points=part.points[rows], oids=part.oids[rows], colours=part.colours[rows], scale=part.scale[rows],
        bearing_deg=part.bearing_deg[rows], far=True, theme_ids=None,
    )  # fmt: skip
    marks = []
    for colour, width, depth in RINGS:
        _, dots = (each.actor for each in draw(fresh, look(False)))
        marks.append(Mark(_paint(dots, colour, depth, plain=False), width + DOT_PX - RINGS[-1][1]))
    one = shape(part.shape)
    if len(rows) * one.face_count > MOST_GLYPH_FACES:
        return marks
    turn = -np.radians(np.nan_to_num(fresh.bearing_deg.astype(np.float64)))[:, None]
    sized = one.points[None] * fresh.scale[:, None].astype(np.float64)
    across = np.cos(turn) * sized[..., 0] - np.sin(turn) * sized[..., 1]
    along = np.sin(turn) * sized[..., 0] + np.cos(turn) * sized[..., 1]
    placed = np.stack([across, along, sized[..., 2]], axis=2) + fresh.points[:, None]
    flat = placed.reshape(-1, 3)
    return marks + _around(polydata(flat).GetPoints(), np.arange(len(flat)).reshape(-1, 3))


def _along_lines(part: LinePart, mine: NDArray[Any]) -> list[Mark]:
    counts = np.diff(part.starts)
    chosen = np.zeros(len(part.oids), dtype=bool)
    chosen[mine] = True
    fresh = replace(
        part, points=part.points[np.repeat(chosen, counts)], starts=np.concatenate([[0], np.cumsum(counts[mine])]),
        oids=part.oids[mine], colours=part.colours[mine],
    )  # fmt: skip
    marks = []
    for colour, width, depth in RINGS:
        actor = draw(fresh, look(False))[0].actor
        marks.append(Mark(_paint(actor, colour, depth), part.width_px + width))
    marks.append(Mark(_mask(draw(fresh, look(False))[0].actor), part.width_px, is_mask=True))
    return marks


def _actor(data: Any) -> Any:
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    actor.SetMapper(mapper)
    return actor


def _paint(actor: Any, colour: str, depth: float, *, plain: bool = True) -> Any:
    """Give an actor a colour of the highlight, which no light changes, and (where it is plain) no haze."""
    actor.GetMapper().ScalarVisibilityOff()
    shading = actor.GetProperty()
    shading.LightingOff()
    shading.SetAmbient(1.0)
    shading.SetDiffuse(0.0)
    shading.SetColor(*rgb(material_colours()[colour]))
    if plain:
        actor.GetShaderProperty().ClearAllFragmentShaderReplacements()
    return _at_depth(actor, depth)


def _mask(actor: Any) -> Any:
    """Draw only the depth of an actor."""
    actor.GetMapper().ScalarVisibilityOff()
    actor.SetTexture(None)
    actor.ForceOpaqueOn()
    shader = actor.GetShaderProperty()
    shader.ClearAllFragmentShaderReplacements()
    shader.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, _NOTHING, False)
    return _at_depth(actor, MASK)


def _at_depth(actor: Any, depth: float) -> Any:
    """Draw an actor at one depth, just before the eye."""
    actor.PickableOff()
    shader = actor.GetShaderProperty()
    shader.ClearAllVertexShaderReplacements()
    shader.AddVertexShaderReplacement(
        "//VTK::PositionVC::Impl",
        True,
        f"//VTK::PositionVC::Impl\n  gl_Position.z = {depth:.3f} * gl_Position.w;\n",
        False,
    )
    return actor
