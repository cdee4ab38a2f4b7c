"""The city as it is drawn, as lots of :class:`~models.geometry.styled.Styled` pieces.

The makers of :mod:`viewers.render.layers` say what is drawn, the theme and the styles in which colours. A layer of very
many objects is made piece by piece, when it is asked for, so that a city of any size fits.

What is left out: words, shadows, signs of a size in pixels, rooms, and what is lifted or cut open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.geometry.styled import Ints, Lot, Singles, Styled
from models.io.mesh.styled_glb import part_of
from models.layers.layer import Layer, LayerData
from models.project.project import ProjectState
from models.terrain.ground import Ground
from models.views.visibility import ElementAppearance
from viewers.render.chunks.preparation import PreparedChunks, prepare
from viewers.render.drawing.drawn_layer import ColourTable, ObjectColours
from viewers.render.drawing.element_appearance import LookTable
from viewers.render.geometry.draping import is_shadow
from viewers.render.geometry.glyphs import shape
from viewers.render.geometry.parts import CloudPart, GlyphPart, LinePart, MeshPart, Part, form_id
from viewers.render.layers.facilities import MARKER
from viewers.render.layers.makers import make_parts
from viewers.render.palette.context import PrepareContext
from viewers.render.symbology.style_colours import is_replaced
from viewers.render.symbology.style_shapes import make_form, waters_of
from viewers.render.underground.excavation import carved, is_cut

#: What lies flat on the ground is drawn in an order; a file has only heights: metres a step of that order.
STEP_M = 0.05
#: Share of its opacity that a shell keeps.
GHOST = 0.2
#: What has no objects, and objects of very many faces, are cut into squares of this side, metres.
SQUARE_M = 256.0
#: From so many faces an object is cut.
MANY_FACES = 4_000
#: Triangles that an object of a large layer is reckoned with.
_HOUSE, _THING = 40.0, 16.0
#: Texture of the plain that is drawn around a terrain, which is no data.
PLAIN = "ground_fields"
#: Lines that are left out from afar (lane marks) are as small things as this, metres.
_DETAIL_M = 3.0
_BARK = np.array([1.0, 0.74, 0.72])


def lots_of(
    state: ProjectState, data: Mapping[str, LayerData], ground: Ground, colours: Mapping[str, ObjectColours],
    looks: Mapping[str, ElementAppearance],
) -> list[Lot]:  # fmt: skip
    """Return what is drawn of every visible layer.

    Parameters
    ----------
    state : ProjectState
        Layers that a theme colours are visible in it.
    data : mapping of str to LayerData
    ground : Ground
    colours : mapping of str to object colours
        Of theme and styles, as :func:`viewers.render.symbology.theming.pictured` gives them.
    looks : mapping of str to ElementAppearance
        What is hidden or painted of models.
    """
    found: list[Lot] = []
    for layer in state.layers:
        if layer.visible and layer.id in data:
            found += _lots_of_layer(layer, state, data, ground, colours, looks.get(layer.id))
    return [lot for lot in found if len(lot.x)]


def _lots_of_layer(
    layer: Layer, state: ProjectState, data: Mapping[str, LayerData], ground: Ground,
    colours: Mapping[str, ObjectColours], look: ElementAppearance | None,
) -> list[Lot]:  # fmt: skip
    assert state.frame is not None  # noqa: S101 - whoever has a ground has a frame
    context = PrepareContext(state.frame, ground, class_tables=state.class_tables)
    found: list[Lot] = []
    if not is_replaced(layer):
        prepared = prepare(layer, data[layer.id], state.frame, ground, class_tables=state.class_tables)
        if state.pits and prepared is not None and is_cut(layer):
            prepared = carved(prepared, state.pits, state.frame)
        paint = _Paint(layer.id, colours.get(layer.id), look)
        if isinstance(prepared, PreparedChunks):
            found.append(_large(prepared, paint))
        elif prepared is not None:
            found.append(_whole(prepared.parts, paint))
    if layer.style.symbology is not None:
        form = make_form(layer, data[layer.id], context, waters_of(state.layers, data))
        if form is not None:
            found.append(_whole(form.parts, _Paint(layer.id, colours.get(form_id(layer.id)), None)))
    return found


class _Paint:
    """The colours of a layer's objects, and which of them are shown."""

    def __init__(self, layer: str, colours: ObjectColours | None, look: ElementAppearance | None) -> None:
        self.layer = layer
        self._theme = None if colours is None else ColourTable.of(colours)
        self._own = None if look is None or look.colours is None else ColourTable.of(look.colours)
        self._look = None if look is None else LookTable(look)

    def __call__(self, ids: NDArray[Any], base: NDArray[np.uint8], opacity: float = 1.0) -> NDArray[np.uint8]:
        rgba = base.copy()
        for table in (self._theme, self._own):
            if table is not None:
                rgba = table.look_up(ids, rgba)
        share = np.full(len(ids), opacity)
        if self._look is not None:
            share[self._look.hidden(ids)] = 0.0
            share[self._look.ghost(ids)] *= GHOST
        if (share != 1.0).any():
            rgba[:, 3] = np.round(rgba[:, 3] * share).astype(np.uint8)
        return rgba


# --- parts to pieces --------------------------------------------------------------------------------------------------


def _styled(part: Part, paint: _Paint) -> tuple[Styled, float] | None:
    """Return a part as a piece, and how small its smallest things are (0: as they measure)."""
    if isinstance(part, MeshPart):
        return _mesh(part, paint)
    if isinstance(part, GlyphPart):
        return _glyphs(part, paint), 0.0
    if isinstance(part, LinePart):
        return _lines(part, paint), 0.0
    if isinstance(part, CloudPart):
        none = np.full(len(part.points), -1, np.int64)
        rgba = paint(none, part.colours, part.opacity)
        return Styled(paint.layer, part.points, np.arange(len(none))[:, None], none, rgba, lit=False), 0.0
    return None


def _mesh(part: MeshPart, paint: _Paint) -> tuple[Styled, float] | None:
    if is_shadow(part) or part.on_request or part.arrow is not None or part.texture == PLAIN or not len(part.faces):
        return None
    rgba = paint(part.oids, part.colours, part.opacity)
    normals = None if part.normals is None else part.normals
    piece = Styled(
        paint.layer, _lifted(part.points, part.offset), part.faces, _objects(part.oids), rgba, normals,
        part.uv if part.image is not None else None, part.image, part.lit,
    )  # fmt: skip
    return piece, _DETAIL_M if part.detail_m and part.elements is None else 0.0


def _glyphs(part: GlyphPart, paint: _Paint) -> Styled:
    """Return instances as triangles of their own, each shape in the form that has few."""
    one = shape(part.shape, far=True)
    count, corners = len(part.points), len(one.points)
    ids = part.oids if part.theme_ids is None else part.theme_ids
    rgba = paint(ids, part.colours)
    turn = np.radians(-np.nan_to_num(part.bearing_deg.astype(np.float64)))
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]

    def turned(vectors: NDArray[np.float64], scale: NDArray[np.float64]) -> Singles:
        x, y, z = (vectors[None, :, k] * scale[:, k, None] for k in range(3))
        return np.stack([x * cos - y * sin, x * sin + y * cos, z], axis=2).astype(np.float32)

    scale = np.where(part.scale == 0, 1.0, part.scale).astype(np.float64)
    feet = _lifted(part.points, part.offset)
    points = (turned(one.points, scale) + feet[:, None, :]).reshape(-1, 3)
    normals = turned(one.normals, 1.0 / scale).reshape(-1, 3)
    shade = np.abs(one.tint)[:, None] * np.where(one.tint[:, None] < 0, _BARK, 1.0)
    painted = np.repeat(rgba[:, None, :], one.face_count, axis=1)
    painted[:, :, :3] = np.round(painted[:, :, :3] * shade[None]).astype(np.uint8)
    cells = np.arange(count * corners).reshape(-1, 3)
    oids = np.repeat(_objects(part.oids), one.face_count)
    return Styled(paint.layer, points, cells, oids, painted.reshape(-1, 4), normals)


def _lines(part: LinePart, paint: _Paint) -> Styled:
    ends = np.arange(len(part.points) - 1)
    inside = np.ones(max(len(ends), 0), dtype=bool)
    inside[part.starts[1:-1] - 1] = False
    first = ends[inside]
    line = np.searchsorted(part.starts, first, side="right") - 1
    rgba = paint(part.oids, part.colours)[line]
    cells = np.column_stack([first, first + 1])
    return Styled(
        paint.layer, _lifted(part.points, part.offset), cells, _objects(part.oids)[line], rgba, lit=False
    )  # fmt: skip


def _lifted(points: Singles, offset: float) -> Singles:
    return points if not offset else points + np.array([0.0, 0.0, STEP_M * offset], dtype=np.float32)


def _objects(ids: NDArray[Any]) -> Ints:
    """Return the object behind the numbers of a part: hatches and markers count from far above."""
    wide = ids.astype(np.int64)
    return np.where(wide >= MARKER, wide & (MARKER - 1), wide)


# --- lots -------------------------------------------------------------------------------------------------------------


def _pieces(parts: list[Part], paint: _Paint) -> list[tuple[Styled, float]]:
    made = (_styled(part, paint) for part in parts if len(part.points))
    return [one for one in made if one is not None and len(one[0].cells)]


def _large(prepared: PreparedChunks, paint: _Paint) -> Lot:
    """Return a lot of a layer of very many objects, which are made when they are asked for."""
    source = prepared.source
    places = np.arange(source.count) if source.visible is None else np.flatnonzero(source.visible)
    low, high = source.boxes(places)

    def make(rows: Ints) -> list[Styled]:
        made = make_parts(source.layer, source.subset(places[rows]), source.context)
        return [] if made is None else [piece for piece, _ in _pieces(made.parts, paint)]

    size = np.linalg.norm(high - low, axis=1)
    weight = np.full(len(places), _THING if source.is_flat else _HOUSE)
    return Lot((low[:, 0] + high[:, 0]) / 2, (low[:, 1] + high[:, 1]) / 2, size, weight, make)


def _whole(parts: list[Part], paint: _Paint) -> Lot:
    """Return a lot of what is drawn as a whole: an object each, and squares of what is large or no object."""
    pieces = _pieces(parts, paint)
    if not pieces:
        none = np.zeros(0)
        return Lot(none, none, none, none, lambda rows: [])
    corners = [piece.points[piece.cells] for piece, _ in pieces]
    low = np.concatenate([one.min(axis=1) for one in corners])
    high = np.concatenate([one.max(axis=1) for one in corners])
    del corners
    piece_of = np.repeat(np.arange(len(pieces)), [len(piece.cells) for piece, _ in pieces])
    detail = np.array([small for _, small in pieces])[piece_of]
    oids = np.concatenate([piece.oids for piece, _ in pieces])
    owner = np.where(oids >= 0, oids, -1 - piece_of)  # what is no object is told by its piece
    _, objects = np.unique(owner, return_inverse=True)
    size = np.where(detail > 0, detail, _extent(objects, low, high)[objects])
    cut = (oids < 0) | (np.bincount(objects)[objects] > MANY_FACES)
    square = np.floor((low[:, :2] + high[:, :2]) / 2 / SQUARE_M).astype(np.int64) + (1 << 15)
    key = objects.astype(np.int64) << 32 | np.where(cut, square[:, 0] << 16 | square[:, 1], 0)
    _, first, lot = np.unique(key, return_index=True, return_inverse=True)
    count = np.bincount(lot)
    middle = [np.bincount(lot, (low[:, k] + high[:, k]) / 2) / count for k in (0, 1)]
    per_piece = np.split(lot, np.cumsum([len(piece.cells) for piece, _ in pieces])[:-1])
    runs = [(order := np.argsort(own, kind="stable"), own[order]) for own in per_piece]

    def make(rows: Ints) -> list[Styled]:
        found = []
        for (piece, _), (order, sorted_lots) in zip(pieces, runs, strict=True):
            starts = np.searchsorted(sorted_lots, rows)
            sizes = np.searchsorted(sorted_lots, rows, side="right") - starts
            if sizes.any():
                ends = np.cumsum(sizes)
                cells = order[np.arange(int(ends[-1])) + np.repeat(starts - ends + sizes, sizes)]
                found.append(part_of(piece, cells))
        return found

    return Lot(middle[0], middle[1], size[first].astype(np.float64), count.astype(np.float64), make)


def _extent(objects: Ints, low: Singles, high: Singles) -> NDArray[np.float64]:
    """Return the length of the diagonal of each object's box."""
    order = np.argsort(objects, kind="stable")
    starts = np.searchsorted(objects[order], np.arange(int(objects.max()) + 1))
    lowest = np.minimum.reduceat(low[order], starts)
    highest = np.maximum.reduceat(high[order], starts)
    length: NDArray[np.float64] = np.linalg.norm((highest - lowest).astype(np.float64), axis=1)
    return length
