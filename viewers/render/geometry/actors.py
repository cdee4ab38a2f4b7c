"""From parts to VTK actors, and back from a cell or a glyph to the object it draws.

Invariants
----------
1. One actor draws many objects (5,000 actors take 245 ms a frame, merged 68 ms). Large parts are split into square
   chunks, so that what is outside the view is not drawn.
2. ``oids`` runs parallel to the actor's cells (or glyphs). Recolouring rewrites the colour array only.
3. Triangles with crisp outlines have their own three points each, because VTK's edge flags sit on points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkDataSetAttributes
from vtkmodules.vtkRenderingCore import vtkActor, vtkGlyph3DMapper, vtkPolyDataMapper

from models.style.kinds import NO_DATA
from viewers.render.geometry.parts import CloudPart, GlyphPart, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import cells, direct_colours, edge_flags, polydata
from viewers.render.palette import pipe_shading
from viewers.render.palette.context import material_colours
from viewers.render.palette.facade_textures import texture_image
from viewers.render.palette.lighting import Look, appearance, rgb, texture_of

#: Side of a chunk, metres, and the number of cells below which a part stays whole.
CHUNK_M = 400.0
#: Squares into which one part is drawn at most.
MOST_CHUNKS = 1_500
WHOLE_CELLS = 60_000
WHOLE_GLYPHS = 400
WHOLE_DETAILS = 2_000
#: Below these heights in pixels trees and other things are drawn in their far form, of fewer triangles.
FULL_TREE_PX, FULL_THING_PX = 22.0, 16.0

Colours = NDArray[np.uint8]
#: Textures by name, shared by the actors of one scene.
Textures = dict[str, Any]


@dataclass(slots=True)
class Drawn:
    """One VTK actor, and which object each of its cells or glyphs belongs to.

    Parameters
    ----------
    actor : vtkActor
    oids : ndarray (n,) int32
    base : ndarray (n, 4) uint8
        Colours before any theme.
    values : ndarray (n, 4) uint8 or None
        Colours as painted, None for ``base``.
    data : vtkPolyData
        Holds the colour array ``"colour"`` (cell data, or point data of glyphs).
    part : MeshPart, GlyphPart or LinePart
        What it draws; for a chunk the whole part.
    rows : ndarray or None
        Rows of the part (faces, lines or glyphs) that this actor draws, None for all.
    glyph : bool
    dot : bool
        The far form of a glyph.
    shapes : tuple or None
        Near and far source of a glyph that has both.
    full_px : float
        Height of the glyph from which on the near source is drawn, pixels.
    ids : ndarray (n,) int32 or None
        Numbers by which a theme colours, None for ``oids``.
    clear : ndarray (n,) bool or None
        What is painted with no opacity at all, None if nothing is.
    runs : ndarray of bool or None
        Which of the part's elements the look leaves in this actor, None for all.
    shown : ndarray or None
        Rows (of ``oids``) that these are.
    lift_m : float
        By how much the actor is raised.
    extras : list of Drawn
        The elements that the look fades or lifts otherwise: actors on the same points.
    away : bool
        Whether the look leaves nothing to draw here.
    ghost : bool
        Whether this is a see-through shell, which answers to no pick.
    cap_of : int
        Number of the cutting plane in which this lies, -1 for what is no cut face.
    stand_in, paired : bool
        Whether this is drawn while the eye moves only, in the place of another; whether another does so for this.
    swapped : bool
        Whether a stand-in is drawn in its place now.
    tinted : ndarray (n,) bool or None
        Cells that are selected and show it by their colour, None for none.
    whole : vtkCellArray or None
        All triangles, kept while the look leaves some of them only.
    faded : ndarray (n,) bool or None
        Cells that a shell is drawn for and that answer to no pick meanwhile, None for none.
    is_cut_out : bool
        Whether each cell is either opaque or not drawn.
    is_seen_through : bool
        Ground that is looked through: it writes its depth all the same.
    """

    actor: Any
    oids: NDArray[np.int32]
    base: Colours
    data: Any
    part: MeshPart | GlyphPart | LinePart | CloudPart
    rows: NDArray[np.int64] | None = None
    glyph: bool = False
    dot: bool = False
    shapes: tuple[Any, Any] | None = None
    full_px: float = 0.0
    ids: NDArray[np.int32] | None = None
    clear: NDArray[np.bool_] | None = None
    runs: NDArray[np.bool_] | None = None
    shown: NDArray[np.int64] | None = None
    lift_m: float = 0.0
    extras: list[Drawn] = field(default_factory=list)
    away: bool = False
    ghost: bool = False
    cap_of: int = -1
    stand_in: bool = False
    paired: bool = False
    swapped: bool = False
    tinted: NDArray[np.bool_] | None = None
    whole: Any = None
    values: Colours | None = None
    faded: NDArray[np.bool_] | None = None
    is_cut_out: bool = False
    is_seen_through: bool = False

    @property
    def box(self) -> NDArray[np.float64]:
        """Return the box (2, 3) of the actor as it stands."""
        return np.array(self.actor.GetBounds()).reshape(3, 2).T

    @property
    def count(self) -> int:
        """Return how many cells (or glyphs) the look leaves in this actor."""
        return len(self.oids if self.shown is None else self.shown)

    @property
    def is_detail(self) -> bool:
        """Whether this draws fine things that are left out where they are far less than a pixel."""
        return isinstance(self.part, MeshPart) and self.part.detail_m > 0.0

    def show(self, wanted: bool) -> None:
        """Show or hide the actor; what the look leaves nothing of stays hidden."""
        self.actor.SetVisibility(wanted and not self.away)

    def come_near(self, near: bool) -> None:
        """Draw the full shape, or the one with a few triangles."""
        if self.shapes is not None:
            wanted = self.shapes[0 if near else 1]
            mapper = self.actor.GetMapper()
            if mapper.GetSource() is not wanted:
                mapper.SetSourceData(wanted)

    def extent(self) -> tuple[NDArray[np.float64], float, float]:
        """Return centre, radius and the size of a single thing of an actor of glyphs or details, metres."""
        part: Any = self.part
        take = slice(None) if self.rows is None else self.rows
        if isinstance(part, MeshPart) and part.elements is not None:
            points, size = np.concatenate([part.elements.low, part.elements.high]), part.detail_m
        elif isinstance(part, MeshPart):
            points, size = part.points[part.faces[take, 0]], part.detail_m
        else:
            points, size = part.points[take], float(part.scale[take].max(initial=0.0))
        low, high = points.min(axis=0), points.max(axis=0)
        return (low + high).astype(np.float64) / 2, float(np.linalg.norm(high - low)) / 2 + size, size

    def settle(self) -> None:
        """Draw what is either whole or not there as opaque: else it would wait for the ground that is looked through,
        and be hidden by it.
        """
        whole = self.is_cut_out and self.actor.GetProperty().GetOpacity() >= 1.0
        self.actor.SetForceOpaque(self.is_seen_through or whole)

    def paint(self, colours: Colours | None) -> None:
        """Write the colours of cells or glyphs, (n, 4) uint8; None paints the base colours again."""
        self.values = colours
        values = self.base if colours is None else colours
        clear = values[:, 3] == 0
        if self.faded is not None:
            clear = clear | self.faded
        self.clear = clear if clear.any() else None
        if self.tinted is not None:
            packed = np.ascontiguousarray(values).view(np.uint32).ravel()
            packed = np.where(self.tinted, select_colour().view(np.uint32), packed)
            values = packed.view(np.uint8).reshape(-1, 4)
        if self.shown is not None:
            values = values[self.shown]
        if not self.glyph and bool((values[:, 3] == 255).all()):
            values = values[:, :3]
        self.is_cut_out = not self.glyph and values.shape[1] == 4 and bool(np.isin(values[:, 3], (0, 255)).all())
        self.settle()
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
        array.SetName("colour")
        target = self.data.GetPointData() if self.glyph or self.dot else self.data.GetCellData()
        target.AddArray(array)
        target.Modified()
        self.data.Modified()


def draw(
    part: MeshPart | GlyphPart | LinePart | CloudPart, look: Look, textures: Textures | None = None
) -> list[Drawn]:
    """Make the actors of one part; safe on a worker thread, for nothing touches the graphics.

    Parameters
    ----------
    part : MeshPart, GlyphPart or LinePart
    look : Look
    textures : Textures or None
        Textures of the scene by name; one picture goes to the graphics once, not once a chunk.
    """
    textures = {} if textures is None else textures
    if isinstance(part, MeshPart):
        whole = WHOLE_DETAILS if part.detail_m else WHOLE_CELLS
        texture = _texture_of(part, textures)
        if part.elements is not None:
            whole_part = _mesh(part, None, look, texture)
            if part.coarse is None:
                return [whole_part]
            stand_in = _mesh(part.coarse, None, look, None)
            whole_part.paired = stand_in.stand_in = True
            return [whole_part, stand_in]
        return [_mesh(part, rows, look, texture) for rows in _chunks(_face_centres(part), whole)]
    if isinstance(part, CloudPart):
        return _cloud(part)
    if isinstance(part, LinePart):
        return [_lines(part, look)] if len(part.starts) > 1 else []
    drawn: list[Drawn] = []
    for rows in _chunks(part.points, WHOLE_GLYPHS):
        drawn += _glyphs(part, rows, look, textures)
    return drawn


def select_colour() -> Colours:
    """Return the colour of what is selected, (4,) uint8."""
    return np.array([*(round(255 * c) for c in rgb(material_colours()["select"])), 255], dtype=np.uint8)


def shade(actor: Any, look: Look, lit: bool = True) -> None:
    """Set the share of ambient and direct light of an actor."""
    shading = actor.GetProperty()
    shading.SetAmbient(look.ambient if lit else 1.0)
    shading.SetDiffuse(look.diffuse if lit else 0.0)
    shading.SetSpecular(look.specular if lit else 0.0)
    shading.SetSpecularPower(12.0)


def _chunks(centres: NDArray[Any], whole: int) -> Iterator[NDArray[np.int64] | None]:
    """Yield the rows of each square of the city, or None for everything at once.

    Where things stand over a whole country the squares grow until there are at most :data:`MOST_CHUNKS`: an actor each
    for ten thousand empty miles would cost more than what is drawn.
    """
    if len(centres) <= whole:
        if len(centres):
            yield None
        return
    square = np.floor(centres[:, :2] / CHUNK_M).astype(np.int64)
    square -= square.min(axis=0)
    key = square[:, 0] * (square[:, 1].max() + 1) + square[:, 1]
    while len(np.unique(key)) > MOST_CHUNKS:
        square >>= 1
        key = square[:, 0] * (square[:, 1].max() + 1) + square[:, 1]
    order = np.argsort(key, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _face_centres(part: MeshPart) -> NDArray[Any]:
    return part.points[part.faces[:, 0]] if len(part.faces) else part.points[:0]


def _texture_of(part: MeshPart, textures: Textures) -> Any:
    if part.uv is None:
        return None
    if part.texture:
        if part.texture not in textures:
            textures[part.texture] = texture_of(texture_image(part.texture), repeat=True)
        return textures[part.texture]
    if part.image is None:
        return None
    if part.image_key in textures:
        return textures[part.image_key]
    texture = texture_of(part.image, repeat=part.tiled)
    if part.image_key:
        textures[part.image_key] = texture
    return texture


def _mesh(part: MeshPart, rows: NDArray[np.int64] | None, look: Look, texture: Any) -> Drawn:
    faces: NDArray[Any] = part.faces if rows is None else part.faces[rows]
    used: NDArray[Any] | None = None
    flags = part.edge_flags
    if part.edges is not None and len(part.edges):
        flags = edge_flags(faces, part.edges, len(part.points)).ravel()
        used, faces = faces.ravel(), np.arange(faces.size, dtype=np.int32).reshape(-1, 3)
    elif rows is not None:
        used, inverse = np.unique(faces, return_inverse=True)
        faces = inverse.reshape(-1, 3)
        flags = None if flags is None else flags[used]
    data = polydata(part.points if used is None else part.points[used], faces)
    for values, give in ((part.normals, data.GetPointData().SetNormals), (part.uv, data.GetPointData().SetTCoords)):
        if values is not None:
            give(numpy_to_vtk(np.ascontiguousarray(values if used is None else values[used]), deep=True))
    for name, values in ((pipe_shading.ARRAY, part.pipe), (pipe_shading.ARROW_ARRAY, part.arrow)):
        if values is not None:
            array = numpy_to_vtk(np.ascontiguousarray(values if used is None else values[used]), deep=True)
            array.SetName(name)
            data.GetPointData().AddArray(array)
    if flags is not None:
        array = numpy_to_vtk(flags, deep=True)
        array.SetName("vtkEdgeFlags")
        data.GetPointData().AddArray(array)
        data.GetPointData().SetActiveAttribute("vtkEdgeFlags", vtkDataSetAttributes.EDGEFLAG)
    actor = mesh_actor(part, data, look, outlined=flags is not None, texture=texture)
    drawn = Drawn(
        actor, part.oids if rows is None else part.oids[rows], part.colours if rows is None else part.colours[rows],
        data, part, rows,
    )  # fmt: skip
    drawn.paint(None)
    return drawn


def mesh_actor(
    part: MeshPart, data: Any, look: Look, *, outlined: bool, texture: Any = None, ghost: bool = False
) -> Any:
    """Return an actor that draws triangles as their part wants it; a ghost's colours are its own."""
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    mapper.SetStatic(True)  # nothing upstream to ask
    direct_colours(mapper, cell=True)
    actor.SetMapper(mapper)
    shading = actor.GetProperty()
    shade(actor, look, part.lit)
    shading.SetOpacity(part.opacity)
    if part.normals is None:
        shading.SetInterpolationToFlat()
    if outlined:
        shading.EdgeVisibilityOn()
        shading.SetEdgeColor(*rgb(part.edge_colour))
        shading.SetEdgeOpacity(0.75)
        shading.SetLineWidth(1.0)
    if texture is not None:
        actor.SetTexture(texture)
    first = "" if part.pipe is None else pipe_shading.shade_pipes(actor, NO_DATA)
    if part.arrow is not None:
        pipe_shading.shade_arrows(actor)
    appearance(actor, texture=part.texture, offset=part.offset, ghost=ghost, first=first)
    actor.SetPickable(part.pickable)
    return actor


def _lines(part: LinePart, look: Look) -> Drawn:
    data = polydata(part.points)
    data.SetLines(cells(part.starts, np.arange(len(part.points))))
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    direct_colours(mapper, cell=True)
    actor.SetMapper(mapper)
    shading = actor.GetProperty()
    shading.LightingOff()
    shading.SetAmbient(look.unlit)
    shading.SetDiffuse(0.0)
    shading.SetLineWidth(part.width_px)
    appearance(actor, offset=part.offset)
    actor.SetPickable(part.pickable)
    drawn = Drawn(actor, part.oids, part.colours, data, part)
    drawn.paint(None)
    return drawn


def _glyphs(part: GlyphPart, rows: NDArray[np.int64] | None, look: Look, textures: Textures) -> list[Drawn]:
    from viewers.render.geometry.glyphs import shape_polydata, tint_image

    take = slice(None) if rows is None else rows
    data = polydata(part.points[take])
    oids, base = part.oids[take], part.colours[take]
    for name, values in (
        ("scale", np.ascontiguousarray(part.scale[take], dtype=np.float32)),
        ("turn", _turns(part.bearing_deg[take])),
        ("row", np.arange(len(oids), dtype=np.int64)),
    ):
        array = numpy_to_vtk(values, deep=True)
        array.SetName(name)
        data.GetPointData().AddArray(array)
    mapper, actor = vtkGlyph3DMapper(), vtkActor()
    mapper.SetInputData(data)
    near = shape_polydata(part.shape)
    mapper.SetSourceData(near)
    mapper.SetScaleArray("scale")
    mapper.SetScaleModeToScaleByVectorComponents()
    mapper.SetOrientationArray("turn")
    mapper.SetOrientationModeToRotation()
    mapper.SetUseSelectionIds(True)
    mapper.SetSelectionIdArray("row")
    direct_colours(mapper, cell=False)
    actor.SetMapper(mapper)
    if "tint" not in textures:
        textures["tint"] = texture_of(tint_image(), repeat=False)
    actor.SetTexture(textures["tint"])
    shade(actor, look)
    appearance(actor, offset=part.offset)
    actor.SetPickable(part.pickable)
    far, full_px = _far_form(part.shape)
    ids = None if part.theme_ids is None else part.theme_ids[take]
    drawn = [
        Drawn(
            actor,
            oids,
            base,
            data,
            part,
            rows,
            glyph=True,
            shapes=None if far is None else (near, far),
            full_px=full_px,
            ids=ids,
        )
    ]
    if part.far:
        drawn.append(_dots(part, rows, take))
    for one in drawn:
        one.paint(None)
    return drawn


def _far_form(name: str) -> tuple[Any, float]:
    """Return what is drawn of a shape that is small in the picture, None for the shape itself, and how small."""
    from viewers.render.geometry.glyphs import shape, shape_polydata

    if name.startswith("tree"):
        return _far_tree(), FULL_TREE_PX
    saves = shape(name, far=True).face_count < 0.8 * shape(name).face_count
    return shape_polydata(name, far=True) if saves else None, FULL_THING_PX


@lru_cache(maxsize=1)
def _far_tree() -> Any:
    """Return a tree of ten triangles: enough for a crown of a dozen pixels."""
    from viewers.render.geometry.glyphs import TINTS

    turn = np.arange(5) * (2 * np.pi / 5)
    rim = np.column_stack([0.46 * np.cos(turn), 0.46 * np.sin(turn), np.full(5, 0.52)])
    top, foot = np.array([0, 0, 1.0]), np.array([0, 0, 0.12])
    following = np.roll(rim, -1, axis=0)
    corners = np.concatenate([
        np.stack([rim, following, np.tile(top, (5, 1))], axis=1),
        np.stack([following, rim, np.tile(foot, (5, 1))], axis=1)
    ])  # fmt: skip
    points = corners.reshape(-1, 3)
    data = polydata(points, np.arange(30).reshape(-1, 3))
    normals = points - np.array([0, 0, 0.5])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    data.GetPointData().SetNormals(numpy_to_vtk(np.ascontiguousarray(normals, dtype=np.float32), deep=True))
    tint = np.repeat([0.92, 0.72], 15)
    uv = np.column_stack([(np.round(tint * (TINTS - 1)) + 0.5) / TINTS, np.full(30, 0.5)])
    data.GetPointData().SetTCoords(numpy_to_vtk(uv.astype(np.float32), deep=True))
    return data


def _dots(part: GlyphPart, rows: NDArray[np.int64] | None, take: Any) -> Drawn:
    points = part.points[take].copy()
    points[:, 2] += np.maximum(part.scale[take][:, 2], 1.0)
    data = polydata(points)
    data.SetVerts(cells(np.arange(len(points) + 1), np.arange(len(points))))
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    direct_colours(mapper, cell=False)
    actor.SetMapper(mapper)
    shading = actor.GetProperty()
    shading.LightingOff()
    shading.SetAmbient(1.0)
    shading.SetDiffuse(0.0)
    shading.SetPointSize(6.0)
    shading.SetRenderPointsAsSpheres(True)  # round, not square
    appearance(actor, offset=4.0, dot=True)
    actor.PickableOff()
    ids = None if part.theme_ids is None else part.theme_ids[take]
    return Drawn(actor, part.oids[take], part.colours[take], data, part, rows, dot=True, ids=ids)


def _cloud(part: CloudPart) -> list[Drawn]:
    """Return the points, and the few that are drawn in their place while the eye moves."""
    few = max(len(part.points) // part.coarse, min(len(part.points), 1))
    drawn = []
    for count, size in ((len(part.points), part.size_px), (few, part.size_px * 1.6)):
        data = polydata(part.points[:count])
        data.SetVerts(cells(np.arange(count + 1), np.arange(count)))
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        mapper.SetInputData(data)
        mapper.SetStatic(True)
        direct_colours(mapper, cell=False)
        actor.SetMapper(mapper)
        shading = actor.GetProperty()
        shading.LightingOff()
        shading.SetAmbient(1.0)
        shading.SetDiffuse(0.0)
        shading.SetPointSize(size)
        shading.SetOpacity(part.opacity)
        actor.PickableOff()
        none = np.full(count, -1, np.int32)
        drawn.append(Drawn(actor, none, part.colours[:count], data, replace(part, size_px=size), dot=True))
        drawn[-1].paint(None)
    drawn[0].paired = drawn[1].stand_in = True
    return drawn


def _turns(bearing_deg: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return VTK's rotation angles (x, y, z in degrees, counter-clockwise) of bearings clockwise from north."""
    turns = np.zeros((len(bearing_deg), 3), dtype=np.float32)
    turns[:, 2] = -np.nan_to_num(bearing_deg)
    return turns
