"""A large layer in a scene: chunks that are added and evicted as the camera moves.

Invariants
----------
1. A parent stays until all of its children in sight are ready: the picture gets finer, it never gets holes. What is
   not drawn as things is in the city texture, always.
2. :meth:`ChunkedLayer.make` may run on any thread, and touches nothing that is drawn; everything else is for the thread
   that renders.
3. Colours are a table by object: to change them rewrites the colour arrays of the chunks that are held and one small
   picture, never geometry.
4. What is held stays within a budget of bytes; what was longest not drawn goes first, and what is drawn never goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkCellArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from models.layers.layer import Layer
from models.views.visibility import ElementAppearance
from viewers.render.chunks.choosing import Choice, Eye, choose, parents
from viewers.render.chunks.city_texture import CityTexture
from viewers.render.chunks.massing import dots_of, lines_of, mesh_of
from viewers.render.chunks.preparation import PreparedChunks
from viewers.render.chunks.source import ChunkSource
from viewers.render.drawing.drawn_layer import MOST_MARKED, ColourTable, DrawnLayer, Marked
from viewers.render.drawing.selection_highlight import Mark, marks_of
from viewers.render.geometry.actors import Drawn, Textures, draw, select_colour, shade
from viewers.render.geometry.parts import GlyphPart, LabelPart, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import cells, direct_colours, polydata
from viewers.render.layers.makers import make_parts
from viewers.render.palette.lighting import Look, appearance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLAIN, FULL = 0, 1
#: Bytes of points, faces and colours that a layer may hold, on both sides of the graphics.
HELD_BYTES = 900 * 1024 * 1024
#: Objects marked as chosen by their own faces; more are shown by colour.
MOST_MARKS = 3000
_DOT_PX = 3.0

Key = tuple[int, int]


@dataclass(slots=True)
class Held:
    """The actors of one chunk.

    Parameters
    ----------
    drawn : list of Drawn
    places : list of ndarray
        For each, the place in the columns of each of its cells, -1 for none.
    nbytes : int
    used : int
        Number of the frame in which it was last drawn.
    """

    drawn: list[Drawn]
    places: list[Ints]
    nbytes: int
    labels: list[LabelPart] = field(default_factory=list)
    small: list[tuple[Drawn, Any]] = field(default_factory=list)
    used: int = 0
    shown: bool = False


class ChunkedLayer(DrawnLayer):
    """A layer of very many objects that is drawn.

    Parameters
    ----------
    layer : Layer
    prepared : PreparedChunks
    current : Look
    textures : Textures
    """

    def __init__(self, layer: Layer, prepared: PreparedChunks, current: Look, textures: Textures) -> None:
        super().__init__(layer, prepared, [])
        self.source = source = prepared.source
        self._baker = prepared.baker
        self._look, self._textures = current, textures
        self.city_texture = CityTexture(source, prepared.baker, current)
        self.held: dict[Key, Held] = {}
        self._choice: Choice | None = None
        self._parent = parents(source)
        self._frame = 0
        self._values: NDArray[np.uint8] | None = None
        self._painted: NDArray[np.bool_] | None = None
        self._chosen: NDArray[np.bool_] | None = None
        self.version = 0
        self.texture_due = prepared.image is None
        if prepared.image is not None:
            self.city_texture.take(prepared.image)
        self._rebase()
        if source.tree.count:  # the first frame after this one's predecessor went shows more than nothing
            self.take((0, PLAIN), self.make((0, PLAIN)))
        self._apply()

    # -- what is wanted ------------------------------------------------------------------------------------------

    def follow_eye(self, eye: Eye, quality: str, share: float = 1.0) -> bool:
        """Show what there is for a camera; whether anything changed."""
        self._frame += 1
        self._choice = choice = choose(self.source, eye, quality, share)
        shown = self._displayed(choice)
        changed = False
        for key, held in self.held.items():
            wanted = key in shown
            if wanted:
                held.used = self._frame
            if wanted != held.shown:
                held.shown, changed = wanted, True
        if changed:
            self._apply()
        leaves = [(node, level) for node, level in shown if self.source.tree.child[node] < 0]
        covered, plain = np.zeros((2, self.source.tree.count), dtype=bool)
        covered[[node for node, _ in leaves]] = True
        plain[[node for node, level in leaves if level == PLAIN]] = True
        self.city_texture.leave_out(covered, plain)
        return changed

    def _displayed(self, choice: Choice) -> set[Key]:
        """Return the chunks to draw of those that are held."""
        tree = self.source.tree
        held = self.held
        ready: dict[int, bool] = {}

        def can(node: int) -> bool:
            """Whether a node in sight can be drawn as finely as is wanted, or by what is below it."""
            known = ready.get(node)
            if known is None:
                if choice.refined[node]:
                    known = all(can(c) for c in tree.children_of(node) if choice.seen[c]) or (node, PLAIN) in held
                else:
                    known = (node, PLAIN) in held or (node, FULL) in held
                ready[node] = known
            return known

        shown: set[Key] = set()

        def put(node: int) -> None:
            if not choice.seen[node]:
                return
            children = [c for c in tree.children_of(node) if choice.seen[c]] if choice.refined[node] else []
            if children and all(can(c) for c in children):
                for child in children:
                    put(child)
            elif choice.full[node] and (node, FULL) in held:
                shown.add((node, FULL))
            elif (node, PLAIN) in held:
                shown.add((node, PLAIN))
            elif (node, FULL) in held:
                shown.add((node, FULL))

        if tree.count:
            put(0)
        return shown

    def wants(self) -> list[tuple[float, Key]]:
        """Return the chunks that the last camera wants and that are not held, most urgent first."""
        choice = self._choice
        if choice is None:
            return []
        missing: list[tuple[float, Key]] = []
        nodes = np.flatnonzero((choice.shown | choice.refined) & choice.seen)
        for node in nodes.tolist():
            if (node, PLAIN) not in self.held:
                missing.append((float(choice.urgency[node]) + 1e3 * bool(choice.refined[node]), (node, PLAIN)))
            if choice.full[node] and (node, FULL) not in self.held:
                missing.append((float(choice.urgency[node]), (node, FULL)))
        missing.sort(key=lambda one: (one[1][1], -one[0]))
        return missing

    @property
    def is_complete(self) -> bool:
        """Whether all that the last camera wants is held, and the city texture shows the present colours."""
        return not self.texture_due and not self.wants()

    # -- making --------------------------------------------------------------------------------------------------

    def make(self, key: Key) -> Held:
        """Make the actors of a chunk; for a worker thread."""
        node, level = key
        places = self.source.places(node)
        if not len(places):
            return Held([], [], 0)
        if level == FULL:
            return self._full(places)
        if self.source.shape == "polygon":
            mesh, owner = mesh_of(self.source, places)
            return Held([], [], 0) if mesh is None else self._held([(_plain(mesh, self._look), owner)])
        if self.source.shape == "line":
            lines, owner = lines_of(self.source, places)
            return Held([], [], 0) if lines is None else self._held([(draw(lines, self._look)[0], owner)])
        return self._held([(_dots(self.source, places, self._look), places)])

    def _full(self, places: Ints) -> Held:
        source = self.source
        prepared = make_parts(source.layer, source.subset(places), source.context)
        pairs: list[tuple[Drawn, Ints]] = []
        labels: list[LabelPart] = []
        by_oid = np.argsort(source.oids[places], kind="stable")
        known = source.oids[places][by_oid]
        for part in prepared.parts if prepared is not None else ():
            if isinstance(part, LabelPart):
                labels.append(part)
                continue
            for one in draw(part, self._look, self._textures):
                at = np.minimum(np.searchsorted(known, one.oids), len(known) - 1)
                pairs.append((one, np.where(known[at] == one.oids, places[by_oid[at]], -1)))
        made = self._held(pairs)
        made.labels = labels
        return made

    @staticmethod
    def _held(pairs: list[tuple[Drawn, Ints]]) -> Held:
        nbytes = sum(1024 * int(one.data.GetActualMemorySize()) * 2 + part_bytes(one.part) for one, _ in pairs)
        held = Held([one for one, _ in pairs], [places for _, places in pairs], nbytes)
        held.small = [(one, one.extent()) for one, _ in pairs if one.glyph or one.is_detail]
        return held

    def take(self, key: Key, made: Held) -> None:
        """Hold a chunk that was made; it is drawn when its turn comes."""
        if key in self.held:
            return
        made.used = self._frame
        for one, places in zip(made.drawn, made.places, strict=True):
            if self._values is not None or self._chosen is not None:
                self._colour(one, places)
            one.show(False)
        self.held[key] = made
        self.widths = 0.0  # the scene gives lines and dots their width again
        self._rebase()

    def bake(self) -> tuple[int, NDArray[np.uint8]]:
        """Return the picture of the city texture, and the version of the colours it shows; for a worker thread."""
        version = self.version
        return version, self._baker.bake(self._all_colours(), self.source.visible)

    def take_texture(self, made: tuple[int, NDArray[np.uint8]]) -> None:
        """Put a baked picture on the sheet."""
        version, image = made
        self.city_texture.take(image)
        self.city_texture.show(self.visible)
        self.texture_due = version != self.version

    def evict(self, budget: int = HELD_BYTES) -> bool:
        """Let go of what was longest not drawn until the rest fits; whether anything went."""
        total = self.nbytes
        gone = False
        wanted = set() if self._choice is None else set(np.flatnonzero(self._choice.refined).tolist())
        for key, held in sorted(self.held.items(), key=lambda item: item[1].used):
            if total <= budget:
                break
            if held.shown or key[0] in wanted:
                continue
            total -= held.nbytes
            del self.held[key]
            gone = True
        if gone:
            self._rebase()
        return gone

    def sort_held(self) -> None:
        """Hold the chunks in the order of the tree, not in that in which they came."""
        self.held = dict(sorted(self.held.items()))
        self._rebase()

    def drop_chunks(self) -> None:
        """Let go of every chunk: what they draw is no longer right."""
        self.held.clear()
        self.version += 1
        self.texture_due = True
        self._rebase()

    def set_look(self, current: Look) -> None:
        """Make chunks for another hour of the day from now on."""
        self._look = current

    def set_rows(self, visible: NDArray[np.bool_] | None) -> None:
        """Show some of the features only, told by a mask of the rows of the table; None shows all."""
        self.source.visible = None if visible is None else np.asarray(visible, dtype=bool)[self.source.tree.order]
        self.drop_chunks()

    @property
    def nbytes(self) -> int:
        """Return the bytes that are held."""
        return sum(held.nbytes for held in self.held.values()) + self.city_texture.nbytes

    @property
    def labels(self) -> list[LabelPart]:
        """Return the words of the chunks that are drawn in full."""
        return [label for held in self.held.values() if held.shown for label in held.labels]

    # -- as any layer --------------------------------------------------------------------------------------------

    def _rebase(self) -> None:
        self.bases = [
            self.city_texture.drawn,
            self.city_texture.shade,
            *(one for held in self.held.values() for one in held.drawn),
        ]
        small = self.small = [one for held in self.held.values() for one in held.small]
        self.centres = np.array([extent[0] for _, extent in small]).reshape(-1, 3)
        self.radii = np.array([extent[1] for _, extent in small], dtype=np.float64)
        self.sizes = np.array([extent[2] for _, extent in small], dtype=np.float64)

    def _apply(self) -> None:
        self.city_texture.show(self.visible)
        for held in self.held.values():
            for one in held.drawn:
                one.show(self.visible and held.shown)

    def show(self, visible: bool) -> None:
        """Show or hide everything."""
        self.visible = visible
        self._apply()
        for one in self.caps:
            one.show(visible)

    def follow(self, wanted: ElementAppearance | None, current: Look, dark: bool) -> None:
        """Hide and colour objects as a look wants; what it lifts and fades stays as it is."""
        before, self.look = self.look, wanted
        if (before and before.colours) != (wanted and wanted.colours):
            self.paint()
        hidden = set() if wanted is None else set(wanted.hidden)
        if hidden != (set() if before is None else set(before.hidden)):
            mask = None
            if hidden:
                mask = np.ones(self.source.count, dtype=bool)
                mask[self.source.places_of(np.fromiter(hidden, np.int64))] = False
            self.source.visible = mask
            self.drop_chunks()

    def fade(self, oids: frozenset[int], current: Look, dark: bool) -> None:
        """Nothing: the objects of a chunk are one mesh, and a flight goes round what hides."""

    def show_own_shadows(self, wanted: bool) -> None:
        """Nothing: the shade of so many houses is painted on the ground with them."""

    def members(self, oids: Ints) -> Ints:
        """Return the objects: nothing belongs to them."""
        return oids

    def points_of(self, oids: Ints) -> Floats:
        """Return the corners (n, 3) of the local boxes of some objects, none if none is there."""
        places = self.source.places_of(oids)
        low, high = self.source.boxes(places)
        return np.concatenate([np.where(np.array(side), high, low) for side in np.ndindex(2, 2, 2)])

    def box_of(self, oids: Ints) -> Floats | None:
        """Return the local box (2, 3) of some objects, None if none is there."""
        places = self.source.places_of(oids)
        if not len(places):
            return None
        low, high = self.source.boxes(places)
        return np.stack([low.min(axis=0), high.max(axis=0)])

    def mark(self, oids: Ints) -> dict[Any, Marked]:
        """Show that some objects are selected: by faces of their own, very many by colour."""
        places = self.source.places_of(oids) if len(oids) else np.zeros(0, dtype=np.int64)
        many = len(places) > MOST_MARKS
        chosen: NDArray[np.bool_] | None = None
        if many:
            chosen = np.zeros(self.source.count, dtype=bool)
            chosen[places] = True
        if chosen is not None or self._chosen is not None:
            self._chosen = chosen
            self._repaint()
        if not len(places) or many:
            return {}
        return {
            mark.actor: Marked(self.layer.kind, -1, mark.width_px, mark.is_mask) for mark in self._marks_at(places)
        }  # fmt: skip

    def _marks_at(self, places: Ints) -> list[Mark]:
        source = self.source
        if source.shape == "polygon":
            mesh, _ = mesh_of(source, places)
            if mesh is None or len(mesh.faces) > MOST_MARKED:
                return []
            grown = replace(mesh, offset=mesh.offset + 2.0)
            return marks_of(_plain(grown, self._look), mesh.oids)
        if source.shape == "line":
            lines, _ = lines_of(source, places, 2.0)
            return [] if lines is None else marks_of(draw(lines, self._look)[0], lines.oids)
        feet = np.column_stack([source.x[places], source.y[places], source.foot[places]]).astype(np.float32)
        n = len(places)
        glyphs = GlyphPart(
            feet, source.oids[places], source.colours[places], "post", np.full((n, 3), 2.0, np.float32),
            np.zeros(n, np.float32), far=True,
        )  # fmt: skip
        return [mark for one in draw(glyphs, self._look, self._textures) for mark in marks_of(one, source.oids[places])]

    # -- colours -------------------------------------------------------------------------------------------------

    def paint(self) -> None:
        """Give every object the colour of the theme, and over it that of the look."""
        n = self.source.count
        self._values = self._painted = None
        wanted = [self.colours, None if self.look is None else self.look.colours]
        for colours in (one for one in wanted if one is not None):
            places, rgba = self._by_place(colours)
            if self._values is None or self._painted is None:
                self._values, self._painted = np.zeros((n, 4), np.uint8), np.zeros(n, dtype=bool)
            self._values[places] = rgba
            self._painted[places] = True
        self._repaint()

    def _by_place(self, colours: Any) -> tuple[Any, NDArray[np.uint8]]:
        fids, order = self.source.features.fids, self.source.tree.order
        n = len(fids)  # what a style names beyond them, the hatch of what has no data, is drawn beside the layer
        if isinstance(colours, tuple) and len(colours[0]) >= n and np.array_equal(colours[0][:n], fids):
            rgba = np.asarray(colours[1])[:n]
            if rgba.dtype == np.uint8 and rgba.shape[1:] == (4,):
                return slice(None), rgba[order]
        table = ColourTable.of(colours)
        found, rgba = table.find(self.source.oids.astype(np.int64))
        return np.flatnonzero(found), rgba[found]

    def _repaint(self) -> None:
        self.version += 1
        self.texture_due = True
        for held in self.held.values():
            for one, places in zip(held.drawn, held.places, strict=True):
                self._colour(one, places)

    def _colour(self, one: Drawn, places: Ints) -> None:
        values: NDArray[np.uint8] | None = None
        if self._values is not None and self._painted is not None:
            mine = self._painted[places] & (places >= 0)
            if mine.all():
                values = self._values[places]
            elif mine.any():
                values = one.base.copy()
                values[mine] = self._values[places[mine]]
        one.tinted = None if self._chosen is None else self._chosen[places] & (places >= 0)
        one.paint(values)

    def _all_colours(self) -> NDArray[np.uint8]:
        colours = self.source.colours
        if self._values is not None and self._painted is not None:
            colours = self._values if self._painted.all() else np.where(self._painted[:, None], self._values, colours)
        if self._chosen is not None:
            colours = np.where(self._chosen[:, None], select_colour(), colours)
        return colours


def part_bytes(part: Any) -> int:
    """Return the bytes of a part's arrays."""
    return sum(a.nbytes for a in (getattr(part, n, None) for n in ("points", "faces", "oids", "colours", "uv", "edges"))
               if isinstance(a, np.ndarray))  # fmt: skip


def _plain(mesh: MeshPart, current: Look) -> Drawn:
    """Return the actor of a plain chunk: shared corners, colours by cell, nothing else."""
    data = polydata(mesh.points)
    faces = vtkCellArray()
    faces.SetData(3, numpy_to_vtk(np.ascontiguousarray(mesh.faces, dtype=np.int32).ravel(), deep=True))
    data.SetPolys(faces)
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    mapper.SetStatic(True)
    direct_colours(mapper, cell=True)
    actor.SetMapper(mapper)
    shade(actor, current)
    actor.GetProperty().SetInterpolationToFlat()
    appearance(actor, offset=mesh.offset)
    actor.PickableOff()  # picks are told from the columns, whatever is drawn
    drawn = Drawn(actor, mesh.oids, mesh.colours, data, mesh)
    drawn.paint(None)
    return drawn


def _dots(source: ChunkSource, places: Ints, current: Look) -> Drawn:
    points = dots_of(source, places)
    n = len(points)
    data = polydata(points)
    data.SetVerts(cells(np.arange(n + 1), np.arange(n)))
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    direct_colours(mapper, cell=True)
    actor.SetMapper(mapper)
    shading = actor.GetProperty()
    shading.LightingOff()
    shading.SetAmbient(current.unlit)
    shading.SetDiffuse(0.0)
    shading.SetPointSize(_DOT_PX)
    appearance(actor, offset=2.0)
    part = LinePart(points, np.arange(n + 1), source.oids[places], source.colours[places], _DOT_PX)
    actor.PickableOff()
    drawn = Drawn(actor, part.oids, part.colours, data, part)
    drawn.paint(None)
    return drawn
