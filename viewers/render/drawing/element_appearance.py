"""Hide, fade, colour and lift the elements of a model without rebuilding its geometry.

Invariants
----------
1. Points are never written: an actor draws fewer of its triangles (another index), and what is faded or lifted is drawn
   by further actors on the *same* points, which the graphics hold once.
2. Work is done by element, not by triangle, until the triangles that are left are gathered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData

from models.views.visibility import ElementAppearance
from viewers.render.geometry.actors import Drawn, mesh_actor, shade
from viewers.render.geometry.parts import Elements, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import cells, triangles
from viewers.render.palette.context import scene_theme
from viewers.render.palette.lighting import Look, rgb

Bools = NDArray[np.bool_]

#: Share of ambient and direct light of bodies whose colour means something, by day and by night.
PAINTED = (0.84, 0.26)
#: Share of the faces that must be painted for that.
ALL_PAINTED = 0.9


class LookTable:
    """An element look as arrays by oid.

    Parameters
    ----------
    look : ElementAppearance
    faded : frozenset of int
        Objects that are a shell for a while, since they hide what is to be seen; also of layers without elements.
    """

    def __init__(self, look: ElementAppearance, faded: frozenset[int] = frozenset()) -> None:
        self.spaces = look.spaces
        self.faded = faded
        most = max((max(ids, default=-1) for ids in (look.hidden, look.ghost, look.lift_m, faded)), default=-1) + 2
        self._hidden, self._ghost = np.zeros(most, dtype=bool), np.zeros(most, dtype=bool)
        self._lift = np.zeros(most)
        self._hidden[_array(look.hidden)] = True
        self._ghost[_array(look.ghost | faded)] = True
        self._ghost &= ~self._hidden
        if look.lift_m:
            self._lift[_array(look.lift_m)] = np.fromiter(look.lift_m.values(), dtype=np.float64)

    def hidden(self, oids: NDArray[Any]) -> Bools:
        """Return which objects are not drawn."""
        found: Bools = self._hidden[self._row(oids)]
        return found

    def ghost(self, oids: NDArray[Any]) -> Bools:
        """Return which objects are a shell."""
        found: Bools = self._ghost[self._row(oids)]
        return found

    def lift_m(self, oids: NDArray[Any]) -> NDArray[np.float64]:
        """Return by how much objects are raised."""
        found: NDArray[np.float64] = self._lift[self._row(oids)]
        return found

    def _row(self, oids: NDArray[Any]) -> NDArray[Any]:
        """Return rows of the tables; the last row is for every object that nobody named."""
        last = len(self._hidden) - 1
        return np.where((oids >= 0) & (oids < last), oids, last)


def follow(one: Drawn, table: LookTable | None, look: Look, dark: bool = False) -> None:
    """Make an actor and its ``extras`` show what a look says; the scene adds and takes away the extras' actors.

    Parameters
    ----------
    one : Drawn
        Of a part with ``elements``; others stay as they are.
    table : LookTable or None
        None shows everything.
    look : Look
        Light on fresh actors.
    dark : bool
    """
    part = one.part
    if isinstance(part, LinePart):
        _draw_lines(one, part, table)
        return
    if not isinstance(part, MeshPart):
        return
    if part.elements is None:
        _fade_faces(one, part, frozenset() if table is None else table.faded, look, dark)
        return
    one.extras = []
    if part.on_request and (table is None or not table.spaces):
        _draw_runs(one, None)
        one.away = True
        return
    runs = part.elements
    hidden = None if table is None else table.hidden(runs.oids)
    ghost = None if table is None else table.ghost(runs.oids)
    lift = None if table is None else table.lift_m(runs.oids)
    if hidden is None or ghost is None or lift is None or not (hidden.any() or ghost.any() or lift.any()):
        _draw_runs(one, None)
        _set_lift(one, 0.0)
        one.away = False
        return
    plain = ~hidden & ~ghost
    levels = np.unique(lift[plain])
    first = plain & (lift == levels[0]) if len(levels) else plain
    _draw_runs(one, None if first.all() else first)
    _set_lift(one, float(levels[0]) if len(levels) else 0.0)
    one.away = not len(levels)
    for level in levels[1:]:
        one.extras.append(_sibling(one, plain & (lift == level), float(level), look))
    for level in np.unique(lift[ghost]):
        one.extras.append(_ghost(one, ghost & (lift == level), float(level), look, dark))


def _draw_lines(one: Drawn, part: LinePart, table: LookTable | None) -> None:
    """Leave out the lines of what is hidden or faded: of a thin line no shell is left."""
    gone = None if table is None else table.hidden(part.oids) | table.ghost(part.oids)
    if gone is None or not gone.any():
        if one.shown is None:
            return
        one.shown, one.away = None, False
        starts, rows = part.starts, np.arange(len(part.points))
    else:
        one.shown = np.flatnonzero(~gone)
        one.away = not len(one.shown)
        sizes = np.diff(part.starts)[one.shown]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        rows = np.arange(starts[-1]) + np.repeat(np.asarray(part.starts)[one.shown] - starts[:-1], sizes)
    one.data.SetLines(cells(starts, rows))
    one.paint(one.values)


def _fade_faces(one: Drawn, part: MeshPart, faded: frozenset[int], look: Look, dark: bool) -> None:
    """Draw some objects of a mesh without elements (the houses of a city) as a shell, or all as they are again."""
    away = np.isin(one.oids, _array(faded)) if faded and part.pickable and part.offset == 0.0 else None
    if away is None or not away.any():
        if one.faded is not None:
            one.faded, one.shown, one.extras, one.away = None, None, [], False
            one.data.SetPolys(one.whole)
            one.paint(one.values)
        return
    if one.whole is None:
        one.whole = one.data.GetPolys()
    faces = vtk_to_numpy(one.whole.GetConnectivityArray()).reshape(-1, 3)
    one.faded, one.away, one.shown = away, bool(away.all()), None if away.all() else np.flatnonzero(~away)
    one.data.SetPolys(one.whole if one.away else triangles(faces[~away]))  # an actor of nothing would not come back
    one.paint(one.values)
    data = on_same_points(one)
    data.SetPolys(triangles(faces[away]))
    outlined = one.actor.GetProperty().GetEdgeVisibility()
    actor = mesh_actor(replace(part, texture=""), data, look, outlined=outlined, ghost=True)
    actor.GetMapper().ScalarVisibilityOff()
    actor.PickableOff()
    shell = Drawn(actor, one.oids, one.base, data, part, rows=one.rows, shown=np.flatnonzero(away), ghost=True)
    relight_ghost(shell, dark)
    one.extras = [shell]


def relight(drawn: Iterable[Drawn], look: Look, dark: bool) -> None:
    """Give actors the light of the hour; colours that mean something are those of the legend at any hour.

    What lies on the ground and is painted by a theme or a style is drawn as it is painted; bodies that are all painted
    keep a little shade, by which their form is seen. Where a few are painted among others, light stays as it is.
    """
    for one in drawn:
        shading = one.actor.GetProperty()
        if one.ghost:
            relight_ghost(one, dark)
        elif isinstance(one.part, LinePart) or one.cap_of >= 0:
            shading.SetAmbient(look.unlit)
        elif shading.GetLighting():
            lit = one.part.lit if isinstance(one.part, MeshPart) else True
            if one.values is None or not lit:
                shade(one.actor, look, lit)
            elif isinstance(one.part, MeshPart) and one.part.offset > 0.0:
                shade(one.actor, look, lit=False)
            elif float((one.values != one.base).any(axis=1).mean()) > ALL_PAINTED:
                shade(one.actor, replace(look, ambient=PAINTED[0], diffuse=PAINTED[1]))
            else:
                shade(one.actor, look, lit)
            if isinstance(one.part, MeshPart) and shading.GetEdgeVisibility():
                outline = np.asarray(rgb(one.part.edge_colour)) * min(2.0 * look.ambient, 1.0) ** 2
                shading.SetEdgeColor(*outline)


def relight_ghost(one: Drawn, dark: bool) -> None:
    """Give a ghost the colours of the hour."""
    theme = scene_theme()["ghost_dark" if dark else "ghost"]
    shading = one.actor.GetProperty()
    shading.SetColor(*rgb(theme["fill"]))
    shading.SetOpacity(theme["opacity"])
    shading.SetEdgeColor(*rgb(theme["edge"]))
    shading.SetAmbient(0.8)
    shading.SetDiffuse(0.3)


def _sibling(one: Drawn, runs: Bools, lift_m: float, look: Look) -> Drawn:
    data = on_same_points(one)
    data.SetPolys(_all_triangles(one))
    actor = mesh_actor(one.part, data, look, outlined=one.actor.GetProperty().GetEdgeVisibility())  # type: ignore[arg-type]
    fresh = Drawn(actor, one.oids, one.base, data, one.part)
    fresh.values, fresh.tinted = one.values, one.tinted
    _draw_runs(fresh, runs)
    _set_lift(fresh, lift_m)
    return fresh


def _ghost(one: Drawn, runs: Bools, lift_m: float, look: Look, dark: bool) -> Drawn:
    data = on_same_points(one)
    part = one.part
    assert isinstance(part, MeshPart) and part.elements is not None  # noqa: S101, PT018 - follow() looked
    rows = None if runs.all() else part.elements.rows(runs)
    data.SetPolys(_all_triangles(one) if rows is None else triangles(part.faces[rows]))
    outlined = one.actor.GetProperty().GetEdgeVisibility()
    actor = mesh_actor(part, data, look, outlined=outlined, ghost=True)
    actor.GetMapper().ScalarVisibilityOff()
    actor.PickableOff()
    fresh = Drawn(actor, one.oids, one.base, data, part, runs=runs, shown=rows, ghost=True)
    relight_ghost(fresh, dark)
    _set_lift(fresh, lift_m)
    return fresh


def on_same_points(one: Drawn) -> Any:
    """Return polygons without cells that share points and outlines with an actor."""
    data = vtkPolyData()
    data.SetPoints(one.data.GetPoints())
    data.GetPointData().ShallowCopy(one.data.GetPointData())
    return data


def _draw_runs(one: Drawn, runs: Bools | None) -> None:
    """Draw some elements only, None for all."""
    if runs is None and one.runs is None:
        return
    part = one.part
    assert isinstance(part, MeshPart) and part.elements is not None  # noqa: S101, PT018 - follow() looked
    rows = None if runs is None else part.elements.rows(runs)
    one.runs, one.shown = runs, rows
    whole = _all_triangles(one)
    one.data.SetPolys(whole if rows is None else triangles(part.faces[rows]))
    one.paint(one.values)


def _all_triangles(one: Drawn) -> Any:
    """Return the triangles of an actor as they are while nothing is left out, kept from before the first look."""
    if one.whole is None:
        one.whole = one.data.GetPolys() if one.runs is None else triangles(one.part.faces)  # type: ignore[union-attr]
    return one.whole


def _set_lift(one: Drawn, lift_m: float) -> None:
    if one.lift_m != lift_m:
        one.lift_m = lift_m
        one.actor.SetPosition(0.0, 0.0, lift_m)


def _array(ids: Iterable[int]) -> NDArray[np.int64]:
    found = np.fromiter(ids, dtype=np.int64)
    return found[found >= 0]


def painted(
    elements: Elements | None, oids: NDArray[np.int32], base: NDArray[np.uint8], tables: Iterable[Any]
) -> NDArray[np.uint8] | None:
    """Return colours (n, 4) of cells after several tables, later ones on top; None if no table says anything.

    Parameters
    ----------
    elements : Elements or None
        Runs of the cells: colours are looked up once an element.
    oids : ndarray (n,)
    base : ndarray (n, 4) uint8
    tables : iterable of ColourTable
    """
    values = None
    for table in tables:
        if elements is None:
            values = table.look_up(oids, base if values is None else values)
            continue
        found, rgba = table.find(elements.oids)
        if found.any():
            sizes = np.diff(elements.starts)
            values = base.copy() if values is None else values
            rows = np.repeat(found, sizes)
            values[rows] = np.repeat(rgba[found], sizes[found], axis=0)
    return values
