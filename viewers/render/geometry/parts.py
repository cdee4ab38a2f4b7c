"""Prepared parts of a layer: plain arrays in the scene's local frame, made on a worker thread, free of VTK.

Invariants
----------
1. Everything is local to ``Frame.origin`` (float64 made small, then float32): a glyph mapper in world coordinates of
   4 000 000 m draws rubbish.
2. Every cell or glyph carries the ``oid`` of its object, so that colour is a look-up and a pick needs no search.
3. Parts hold no VTK object; only :class:`~viewers.render.scene.scene.Scene`, on the thread that renders, makes actors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.facility_icons import Icon
from viewers.render.geometry.drape_tiles import Drape


@dataclass(frozen=True, slots=True)
class Elements:
    """Which faces of a part belong to which element, one element after another.

    Parameters
    ----------
    oids : ndarray (k,) int32
    starts : ndarray (k + 1,) int64
        Faces ``starts[i]:starts[i + 1]`` are those of ``oids[i]``; an element may come several times.
    low, high : ndarray (k, 3) float32
        Boxes that hold each element, local.
    """

    oids: NDArray[np.int32]
    starts: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    def rows(self, chosen: NDArray[Any]) -> NDArray[np.int64]:
        """Return the faces of some elements, given as row numbers or as a mask."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        sizes = self.starts[numbers + 1] - self.starts[numbers]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        rows: NDArray[np.int64] = np.arange(total) + np.repeat(self.starts[numbers] - ends + sizes, sizes)
        return rows


@dataclass(slots=True)
class MeshPart:
    """Faces: buildings, ground, roads, IFC elements.

    Parameters
    ----------
    points : ndarray (n, 3) float32
    faces : ndarray (f, 3) int32
        Triangles.
    oids : ndarray (f,) int32
        Object of each triangle, -1 for none (not pickable).
    colours : ndarray (f, 4) uint8
        Colour of each triangle before any theme.
    uv : ndarray (n, 2) float32 or None
        Texture coordinates; with ``texture`` the texture's value multiplies the colour (so themes still work).
    texture : str
        Name in the texture table of the render room: ``"facade_residential"``, ``"facade_office"`` …; or empty.
    image : ndarray (h, w, 3|4) uint8 or None
        A texture of its own (a draped image).
    image_key : str
        Parts with the same key share one texture on the graphics card; empty for none to share with.
    tiled : bool
        The image repeats itself beyond its edges.
    normals : ndarray (n, 3) float32 or None
        Point normals for smooth shading (terrain); None = flat.
    edges : ndarray (e, 2) int32 or None
        Point pairs of the crisp outline to draw as thin lines.
    edge_flags : ndarray (n,) uint8 or None
        Instead of ``edges``: whether the side that begins at a point is an outline, in every triangle that uses it
        (a corner that begins an outline here and none there is two points).
    edge_colour : str
    opacity : float
    offset : float
        Depth offset in units for draped surfaces, higher is drawn nearer (avoids z-fighting).
    lit, shadow, pickable : bool
        Shaded by the lights; throws a ground shadow; answers to picks.
    detail_m : float
        Width of fine things (lane lines): where that is far less than a pixel they are left out; 0 keeps always.
    elements : Elements or None
        Faces in runs, one an element: such a part is one actor, whose elements can be hidden, faded and lifted.
    coarse : MeshPart or None
        The same elements with far fewer faces, drawn in its place while the eye moves.
    on_request : bool
        Drawn only while a look asks for rooms (:attr:`models.views.visibility.ElementAppearance.spaces`).
    pipe : ndarray (n, 4) float32 or None
        Of pipes: how far a point lies from the axis along its normal (m), how far along the pipe (m), the number of its
        pattern, its place around the pipe (0…1); see :mod:`viewers.render.palette.pipe_shading`.
    arrow : ndarray (n, 2) float32 or None
        Of signs whose size on the screen is held: width in metres from near by, and distance to the next (m). All
        points of one lie in its middle, and their normals say where its corners are, in widths.
    """

    points: NDArray[np.float32]
    faces: NDArray[np.int32]
    oids: NDArray[np.int32]
    colours: NDArray[np.uint8]
    uv: NDArray[np.float32] | None = None
    texture: str = ""
    image: NDArray[np.uint8] | None = None
    normals: NDArray[np.float32] | None = None
    edges: NDArray[np.int32] | None = None
    edge_colour: str = "#9aa4ad"
    opacity: float = 1.0
    offset: float = 0.0
    lit: bool = True
    shadow: bool = False
    pickable: bool = True
    detail_m: float = 0.0
    edge_flags: NDArray[np.uint8] | None = None
    elements: Elements | None = None
    coarse: MeshPart | None = None
    image_key: str = ""
    tiled: bool = False
    on_request: bool = False
    pipe: NDArray[np.float32] | None = None
    arrow: NDArray[np.float32] | None = None


@dataclass(slots=True)
class GlyphPart:
    """The same small shape many times: trees, lamps, manhole covers, hydrants.

    Parameters
    ----------
    points : ndarray (n, 3) float32
        Foot points.
    oids : ndarray (n,) int32
    colours : ndarray (n, 4) uint8
    shape : str
        Name in the shape table of the render room: ``"tree_round"``, ``"lamp"``, ``"cover"``, ``"grate"`` …;
        ``viewers.render.geometry.glyphs.shape_polydata(name)`` gives its VTK polygons, foot at zero.
    scale : ndarray (n, 3) float32
        Factors on the unit shape, x y z.
    bearing_deg : ndarray (n,) float32
        Clockwise from north.
    far : bool
        Draw also as a small screen-space dot from afar (status symbols stay visible).
    pickable : bool
    offset : float
        As in :class:`MeshPart`, for what lies flat on the ground.
    theme_ids : ndarray (n,) int32 or None
        Numbers by which a theme colours these glyphs, where they differ from ``oids``: a sign above a component has a
        colour of its own, and is still picked as the component.
    """

    points: NDArray[np.float32]
    oids: NDArray[np.int32]
    colours: NDArray[np.uint8]
    shape: str
    scale: NDArray[np.float32]
    bearing_deg: NDArray[np.float32]
    far: bool = False
    pickable: bool = True
    offset: float = 0.0
    theme_ids: NDArray[np.int32] | None = None


@dataclass(slots=True)
class LinePart:
    """Lines of constant width on the screen.

    Parameters
    ----------
    points : ndarray (n, 3) float32
    starts : ndarray (k + 1,) int64
        Offsets of each polyline in ``points``.
    oids : ndarray (k,) int32
    colours : ndarray (k, 4) uint8
    width_px : float
    offset : float
        As in :class:`MeshPart`.
    """

    points: NDArray[np.float32]
    starts: NDArray[np.int64]
    oids: NDArray[np.int32]
    colours: NDArray[np.uint8]
    width_px: float = 1.5
    offset: float = 2.0
    pickable: bool = True


@dataclass(slots=True)
class LabelPart:
    """Words in the city, placed without overlap, more important ones first.

    ``viewers.render.overlays.labels.LabelLayer`` draws them.

    Parameters
    ----------
    points : ndarray (n, 3) float32
    texts, texts_en : list of str
        ``texts_en`` may be empty strings where there is no English name.
    priority : ndarray (n,) float32
        Higher is kept.
    size_px : int
    colour, halo : str
    reach_m : float
        Seen from farther away, they are left out.
    gap_px : float
        Least distance to the next label.
    plain : bool
        Words with a thin rim, without a plate.
    on_request : bool
        As of a mesh.
    half_m : ndarray (n, 3) float32 or None
        Words along a thing: from the middle of the stretch that they may fill to its end. They are turned with it, and
        left out where they would be longer than it is on the screen.
    beside_m : ndarray (n,) float32 or None
        How far beside the middle of such a thing its edge is.
    is_buried : bool
        Of something in the ground: written only where the ground is looked through.
    """

    points: NDArray[np.float32]
    texts: list[str]
    texts_en: list[str]
    priority: NDArray[np.float32]
    size_px: int = 14
    colour: str = "#2b3a45"
    halo: str = "#ffffff"
    reach_m: float = 6000.0
    gap_px: float = 5.0
    plain: bool = False
    on_request: bool = False
    half_m: NDArray[np.float32] | None = None
    beside_m: NDArray[np.float32] | None = None
    is_buried: bool = False


@dataclass(slots=True)
class CloudPart:
    """Points of a scan, as dots of constant width on the screen.

    Parameters
    ----------
    points : ndarray (n, 3) float32
        In any order in which the first few stand for all.
    colours : ndarray (n, 4) uint8
    size_px : float
    coarse : int
        While the eye moves, one point in so many is drawn.
    opacity : float
    offset : float
        As in :class:`MeshPart`.
    """

    points: NDArray[np.float32]
    colours: NDArray[np.uint8]
    size_px: float = 2.0
    coarse: int = 8
    opacity: float = 1.0
    offset: float = 0.0


@dataclass(slots=True)
class SignPart:
    """Signs that stand over components where a look asks for them; ``viewers.render.overlays.signs`` draws them.

    Parameters
    ----------
    points : ndarray (n, 3) float32
        Top of what they stand for.
    oids : ndarray (n,) int32
    icon : ndarray (n,) int32
        Row of ``icons``.
    icons : tuple of Icon
    state : ndarray (n,) int32
        Row of ``states``.
    states : tuple of (colour, severity)
    tree : object or None
        Its cells, made where it was prepared; None to have them made when it is put.
    """

    points: NDArray[np.float32]
    oids: NDArray[np.int32]
    icon: NDArray[np.int32]
    icons: tuple[Icon, ...]
    state: NDArray[np.int32]
    states: tuple[tuple[str, int], ...]
    tree: Any = None


Part = MeshPart | GlyphPart | LinePart | LabelPart | CloudPart

#: What follows a layer's id in the name of what a style draws beside it.
FORM = "#form"


def form_id(layer_id: str) -> str:
    """Return the name under which a layer's other form (bars, hexagons, labels …) is drawn."""
    return layer_id + FORM


def layer_of(drawn_id: str) -> str:
    """Return the layer that something drawn belongs to."""
    return drawn_id.removesuffix(FORM)


@dataclass(slots=True)
class Prepared:
    """All parts of one layer and its box.

    Parameters
    ----------
    parts : list of Part
    bounds : ndarray (2, 3) float64
        Lowest and highest corner, local.
    object_bounds : mapping of oid to ndarray (2, 3), or None
        Filled lazily by the scene where None.
    parents : ndarray (n,) int64 or None
        Object that each object belongs to (the storey of a wall), -1 for none.
    stream : Drape or None
        Finer pieces that come while they are in view, see :mod:`viewers.render.scene.raster_streaming`.
    signs : SignPart or None
        What may stand over the objects.
    bulk : ndarray (2, 3) float64 or None
        The same of all but the few features that lie far off, as zeros do that stand for "unknown"; None: of all.
    """

    parts: list[Part] = field(default_factory=list)
    bounds: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 3)))
    parents: NDArray[np.int64] | None = None
    stream: Drape | None = None
    signs: SignPart | None = None
    bulk: NDArray[np.float64] | None = None

    @property
    def framing_box(self) -> NDArray[np.float64]:
        """Return the local box (2, 3) that a picture of the layer shows."""
        return self.bounds if self.bulk is None else self.bulk


def bounds_of_parts(prepared: Prepared) -> Prepared:
    """Fill ``prepared.bounds`` from its parts' points and return it."""
    clouds = [part.points for part in prepared.parts if len(part.points)]
    if clouds:
        low = np.min([c.min(axis=0) for c in clouds], axis=0)
        high = np.max([c.max(axis=0) for c in clouds], axis=0)
        prepared.bounds = np.stack([low, high]).astype(np.float64)
    return prepared


@dataclass(frozen=True, slots=True)
class Body:
    """Faces that may be closed bodies, as they are drawn.

    Parameters
    ----------
    part : MeshPart
    runs : ndarray of bool or None
        Which of the part's elements are drawn, None for all.
    lift_m : float
    colours : ndarray (f, 4) uint8
        Of all faces of the part.
    foot_open : bool
        Whether bodies have no floor (houses that stand on the ground): a section open at two points is closed.
    """

    part: MeshPart
    runs: NDArray[np.bool_] | None
    lift_m: float
    colours: NDArray[np.uint8]
    foot_open: bool = False
