"""One layer in a scene: its actors, the appearance of its elements and the colours of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import Layer
from models.roles import role_row
from models.views.visibility import ElementAppearance
from viewers.render.drawing.element_appearance import LookTable, follow, painted
from viewers.render.drawing.selection_highlight import face_count, marks_of, points_of
from viewers.render.geometry.actors import Drawn
from viewers.render.geometry.draping import is_shadow
from viewers.render.geometry.parts import Body, LabelPart, MeshPart, Prepared
from viewers.render.palette.lighting import Look

Colours = NDArray[np.uint8]
#: A selection of more triangles is shown by colour alone: to draw them all twice more would be slow.
MOST_MARKED = 120_000
#: Colours of objects: a mapping of oid to (r, g, b, a), or the arrays (oids (n,), rgba (n, 4) uint8).
ObjectColours = Mapping[int, Any] | tuple[NDArray[Any], NDArray[Any]]


class Marked(NamedTuple):
    """What is to be known of an actor that highlights.

    Parameters
    ----------
    kind : str
        Of the layer.
    cap_of : int
        Number of the plane in whose cut face it lies, -1 for what is no cut face.
    width_px : float
        Of its lines or dots, 0 for what has none.
    is_mask : bool
        Whether it only keeps the lines of the highlight out, and is drawn before them.
    """

    kind: str
    cap_of: int = -1
    width_px: float = 0.0
    is_mask: bool = False


class DrawnLayer:
    """A layer that is in a scene.

    Parameters
    ----------
    layer : Layer
    prepared : Prepared
    drawn : list of Drawn
    """

    def __init__(self, layer: Layer, prepared: Prepared, drawn: list[Drawn]) -> None:
        self.layer = layer
        self.prepared = prepared
        self.bases = drawn
        for one in drawn:
            if isinstance(one.part, MeshPart) and one.part.on_request:
                one.away = True
        self.caps: list[Drawn] = []
        self.visible = True
        #: Whether the map scale is none at which it is to be seen, see :mod:`viewers.render.scene.scale_visibility`.
        self.out_of_scale = False
        self.widths = 1.0
        self.colours: ObjectColours | None = None
        self.look: ElementAppearance | None = None
        self.table: LookTable | None = None
        #: Objects drawn as a shell for a while, whatever the look says, see :meth:`fade`.
        self.faded: frozenset[int] = frozenset()
        self.small = [(one, one.extent()) for one in drawn if one.glyph or one.is_detail]
        self.opaque = all(
            part.opacity == 1.0 and (part.image is None or part.image.shape[2] == 3)
            for part in prepared.parts if isinstance(part, MeshPart)
        )  # fmt: skip
        self._own: NDArray[np.int64] | None = None
        extents = [extent for _, extent in self.small]
        self.centres = np.array([centre for centre, _, _ in extents]).reshape(-1, 3)
        self.radii = np.array([radius for _, radius, _ in extents], dtype=np.float64)
        self.sizes = np.array([size for _, _, size in extents], dtype=np.float64)

    @property
    def drawn(self) -> Iterator[Drawn]:
        """Yield everything that is drawn of the layer: its actors, those that its look adds, and its cut faces."""
        for one in self.bases:
            yield one
            yield from one.extras
        yield from self.caps

    @property
    def labels(self) -> list[LabelPart]:
        """Return the names that are written: those of rooms while rooms are drawn."""
        rooms = self.look is not None and self.look.spaces
        found = [part for part in self.prepared.parts if isinstance(part, LabelPart)]
        return [part for part in found if rooms or not part.on_request]

    def show(self, visible: bool) -> None:
        """Show or hide everything."""
        self.visible = visible
        for one in self.drawn:
            one.show(visible)

    def follow(self, wanted: ElementAppearance | None, current: Look, dark: bool) -> None:
        """Look at the elements in another way; the scene takes the old extras off before and adds the new after."""
        same = self.look is not None and wanted is not None and (
            self.look.hidden == wanted.hidden and self.look.ghost == wanted.ghost and self.look.lift_m == wanted.lift_m
            and self.look.spaces == wanted.spaces
        )  # fmt: skip
        recoloured = (None if self.look is None else self.look.colours) != (None if wanted is None else wanted.colours)
        self.look = wanted
        if recoloured:
            self.paint()
        if not same:
            self._follow(current, dark)
        self.show(self.visible)

    def fade(self, oids: frozenset[int], current: Look, dark: bool) -> None:
        """Draw exactly these objects as a shell, since they hide what is to be seen."""
        if oids != self.faded:
            self.faded = oids
            self._follow(current, dark)
            self.show(self.visible)

    def _follow(self, current: Look, dark: bool) -> None:
        plain = self.look is None and not self.faded
        self.table = None if plain else LookTable(self.look or ElementAppearance(), self.faded)
        for one in self.bases:
            follow(one, self.table, current, dark)

    def show_own_shadows(self, wanted: bool) -> None:
        """Show the shadows that the usual light throws, or leave them to who knows where the sun stands."""
        for one in self.bases:
            if is_shadow(one.part) and not self.layer.id.startswith("~"):
                one.away = not wanted
                one.show(self.visible)

    def bodies(self) -> list[Body]:
        """Return what may be closed bodies, as it is drawn: elements of models, houses, pipes."""
        if self.layer.kind != "model" and not role_row(self.layer.role).is_solid:
            return []
        return [
            Body(
                one.part, one.runs, one.lift_m, one.base if one.values is None else one.values,
                foot_open=self.layer.role == "buildings",
            )
            for base in self.bases for one in (base, *base.extras)
            if isinstance(one.part, MeshPart) and one.part.pickable and one.rows is None
            and not (one.ghost or one.away or one.stand_in)
        ]  # fmt: skip

    # -- objects -----------------------------------------------------------------------------------------------

    def members(self, oids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return objects, with all that belongs to those that are not drawn themselves: the walls of a storey."""
        parents = self.prepared.parents
        if parents is None or not len(oids):
            return oids
        if self._own is None:
            drawn = [one.part.elements.oids for one in self.bases
                     if isinstance(one.part, MeshPart) and one.part.elements is not None]  # fmt: skip
            self._own = np.unique(np.concatenate(drawn)).astype(np.int64) if drawn else np.zeros(0, dtype=np.int64)
        bare = oids[(oids >= 0) & (oids < len(parents)) & ~np.isin(oids, self._own)]
        if not len(bare):
            return oids
        inside = np.zeros(len(parents) + 1, dtype=bool)  # the last row is for what belongs to nothing
        inside[bare] = True
        above = np.where((parents >= 0) & (parents < len(parents)), parents, len(parents))
        while (fresh := inside[above] & ~inside[:-1]).any():
            inside[:-1] |= fresh
        return np.union1d(oids, np.flatnonzero(inside))

    def points_of(self, oids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the local points (n, 3) of some objects where a look has lifted them, none if none has a place."""
        oids = self.members(oids)
        parts = [part for part in self.prepared.parts if not isinstance(part, LabelPart)]
        found = [points for part in parts if len(points := points_of(part, oids, self.table))]
        return np.concatenate(found).astype(np.float64) if found else np.zeros((0, 3))

    def box_of(self, oids: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Return the local box (2, 3) of some objects where a look has lifted them, None if none has a place."""
        points = self.points_of(oids)
        return np.stack([points.min(axis=0), points.max(axis=0)]) if len(points) else None

    def mark(self, oids: NDArray[np.int64]) -> dict[Any, Marked]:
        """Show that some objects are selected; return the actors that are needed for it."""
        oids = self.members(oids)
        many = len(oids) > 0 and sum(face_count(one, oids) for one in self.bases) > MOST_MARKED
        marked = [*self.bases, *self.caps]
        for one in marked:
            tinted = _cells(one, oids) if many and isinstance(one.part, MeshPart) else None
            before = one.tinted
            same = tinted is before or (tinted is not None and before is not None and np.array_equal(tinted, before))
            if not same:
                for each in (one, *one.extras):
                    if not each.ghost:
                        each.tinted = tinted
                        each.paint(each.values)
        if not len(oids):
            return {}
        return {
            mark.actor: Marked(self.layer.kind, one.cap_of, mark.width_px, mark.is_mask)
            for one in marked if not (many and isinstance(one.part, MeshPart))
            for mark in marks_of(one, oids, self.table)
        }  # fmt: skip

    # -- colours -----------------------------------------------------------------------------------------------

    def paint(self) -> None:
        """Give everything the colours of the theme, and over them those of the look."""
        tables = [] if self.colours is None else [ColourTable.of(self.colours)]
        if self.look is not None and self.look.colours is not None:
            tables.append(ColourTable.of(self.look.colours))
        for one in self.bases:
            runs = one.part.elements if isinstance(one.part, MeshPart) and one.rows is None else None
            values = painted(runs, one.oids if one.ids is None else one.ids, one.base, tables)
            one.paint(values)
            for extra in one.extras:
                if not extra.ghost:
                    extra.paint(values)


def _cells(one: Drawn, oids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which cells of a mesh draw some objects."""
    runs = one.part.elements if isinstance(one.part, MeshPart) and one.rows is None else None
    if runs is None:
        return np.isin(one.oids, oids)
    return np.repeat(np.isin(runs.oids, oids), np.diff(runs.starts))


class ColourTable:
    """Colours sorted by oid, looked up for many cells at once."""

    def __init__(self, oids: NDArray[np.int64], rgba: Colours) -> None:
        order = np.argsort(oids, kind="stable")
        self._oids, self._rgba = oids[order], rgba[order]

    @classmethod
    def of(cls, colours: ObjectColours) -> ColourTable:
        """Make a table of either form; shares 0…1 become bytes, a missing opacity is full."""
        if isinstance(colours, tuple):
            oids, rgba = np.asarray(colours[0], dtype=np.int64), np.asarray(colours[1])
        else:
            oids = np.fromiter(colours.keys(), dtype=np.int64, count=len(colours))
            rgba = np.array([tuple(c) for c in colours.values()])
        if not len(oids):
            return cls(oids, np.zeros((0, 4), np.uint8))
        if rgba.dtype.kind == "f":
            rgba = np.clip(rgba * 255.0 + 0.5, 0, 255)
        rgba = rgba.astype(np.uint8).reshape(len(oids), -1)
        if rgba.shape[1] == 3:
            rgba = np.concatenate([rgba, np.full((len(rgba), 1), 255, np.uint8)], axis=1)
        return cls(oids, rgba)

    def find(self, oids: NDArray[Any]) -> tuple[NDArray[np.bool_], Colours]:
        """Return which objects are named, and a colour for each (that of an unnamed one means nothing)."""
        if not len(self._oids):
            return np.zeros(len(oids), dtype=bool), np.zeros((len(oids), 4), dtype=np.uint8)
        place = np.searchsorted(self._oids, oids)
        place[place == len(self._oids)] = 0
        return (self._oids[place] == oids) & (oids >= 0), self._rgba[place]

    def look_up(self, oids: NDArray[np.int32], base: Colours) -> Colours:
        """Return the colours of cells: those named here, and ``base`` for the others."""
        result = base.copy()
        found, rgba = self.find(oids)
        result[found] = rgba[found]
        return result
