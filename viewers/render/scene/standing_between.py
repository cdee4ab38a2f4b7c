"""What stands around an object: houses and elements of models as triangles by object, for the lines of sight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.project.selection import ObjectKey
from models.roles import role_row
from viewers.render.chunks.layer import ChunkedLayer
from viewers.render.chunks.source import ChunkSource
from viewers.render.drawing.drawn_layer import DrawnLayer
from viewers.render.geometry.parts import MeshPart, layer_of
from viewers.render.scene.standpoint import Between

Floats = NDArray[np.float64]
Oids = NDArray[np.int64]

#: What lets more light through than this hides nothing.
CLEAR = 0.6
#: Of more objects than this around one, the nearest count.
MOST_THINGS = 1_500
#: The two triangles of each of the five sides of a box that are seen from above or beside, by its corners.
_SIDES = np.array([
    [0, 1, 5], [0, 5, 4], [1, 3, 7], [1, 7, 5], [3, 2, 6], [3, 6, 7], [2, 0, 4], [2, 4, 6], [4, 5, 7], [4, 7, 6],
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """One mesh of what stands, as it is drawn now."""

    layer: str
    part: MeshPart
    runs: NDArray[np.bool_] | None
    lift_m: float


@dataclass(frozen=True, slots=True)
class StandingFar:
    """A layer of very many objects: their boxes stand for them."""

    layer: str
    source: ChunkSource


def standing(layers: Iterable[DrawnLayer]) -> list[Standing | StandingFar]:
    """Return what stands in a scene, to be looked at on a worker thread: arrays that nobody changes."""
    found: list[Standing | StandingFar] = []
    for shown in layers:
        row = role_row(shown.layer.role)
        if not shown.visible or row.is_buried or not (shown.layer.kind == "model" or row.is_solid):
            continue
        if isinstance(shown, ChunkedLayer):
            found.append(StandingFar(shown.layer.id, shown.source))
            continue
        parts: set[int] = set()  # a mesh that is drawn in squares of the city is one mesh
        for one in (each for base in shown.bases for each in (base, *base.extras)):
            part = one.part
            if not isinstance(part, MeshPart) or not part.pickable or part.opacity <= CLEAR or part.offset != 0.0:
                continue
            if one.ghost or one.away or one.stand_in or (part.elements is None and id(part) in parts):
                continue
            parts.add(id(part))
            found.append(Standing(layer_of(shown.layer.id), part, one.runs, one.lift_m))
    return found


def between(
    things: Sequence[Standing | StandingFar], centre: Floats, reach_m: float, own: Mapping[str, Oids]
) -> Between:  # fmt: skip
    """Return what stands within ``reach_m`` of a local point, but for the object itself.

    Parameters
    ----------
    things : sequence of Standing or StandingFar
    centre : ndarray (3,)
    reach_m : float
    own : mapping of layer id to oids
        What is to be seen hides nothing of itself.
    """
    keys: list[ObjectKey | None] = []
    triangles: list[Floats] = []
    for one in things:
        mine = own.get(one.layer, np.zeros(0, dtype=np.int64))
        found = _far(one, centre, reach_m, mine) if isinstance(one, StandingFar) else _near(one, centre, reach_m, mine)
        for oid, faces in found:
            keys.append(ObjectKey(one.layer, oid) if oid >= 0 else None)
            triangles.append(faces)
    if len(keys) > MOST_THINGS:
        away = [float(np.linalg.norm(faces.mean(axis=(0, 1)) - centre)) for faces in triangles]
        nearest = np.argsort(away)[:MOST_THINGS].tolist()
        keys, triangles = [keys[at] for at in nearest], [triangles[at] for at in nearest]
    return Between(keys, triangles)


def _near(one: Standing, centre: Floats, reach_m: float, own: Oids) -> list[tuple[int, Floats]]:
    part = one.part
    if part.elements is not None:
        runs = part.elements
        close = _within(runs.low, runs.high, centre, reach_m) & ~np.isin(runs.oids, own)
        if one.runs is not None:
            close &= one.runs
        lift = np.array([0.0, 0.0, one.lift_m])
        return [
            (int(runs.oids[run]), part.points[part.faces[runs.starts[run] : runs.starts[run + 1]]] + lift)
            for run in np.flatnonzero(close).tolist() if runs.starts[run + 1] > runs.starts[run]
        ]  # fmt: skip
    foot = part.points[part.faces[:, 0]]
    rows = np.flatnonzero(np.hypot(foot[:, 0] - centre[0], foot[:, 1] - centre[1]) <= reach_m)
    rows = rows[~np.isin(part.oids[rows], own)]
    rows = rows[np.argsort(part.oids[rows], kind="stable")]
    oids = part.oids[rows]
    ends = np.flatnonzero(np.diff(oids)) + 1
    return [
        (int(part.oids[run[0]]), part.points[part.faces[run]].astype(np.float64))
        for run in np.split(rows, ends) if len(run)
    ]  # fmt: skip


def _far(one: StandingFar, centre: Floats, reach_m: float, own: Oids) -> list[tuple[int, Floats]]:
    source = one.source
    close = np.hypot(source.x - centre[0], source.y - centre[1]) <= reach_m
    if source.visible is not None:
        close &= source.visible
    places = np.flatnonzero(close)
    places = places[~np.isin(source.oids[places], own)]
    low, high = source.boxes(places)
    corners: Any = [[(low, high)[z][:, 2], (low, high)[y][:, 1], (low, high)[x][:, 0]]
                    for z in (0, 1) for y in (0, 1) for x in (0, 1)]  # fmt: skip
    points = np.array(corners)[:, ::-1].transpose(2, 0, 1)  # (n, 8, 3)
    return [(int(oid), points[at][_SIDES]) for at, oid in enumerate(source.oids[places].tolist())]


def _within(low: NDArray[Any], high: NDArray[Any], centre: Floats, reach_m: float) -> NDArray[np.bool_]:
    gap = np.maximum(np.maximum(low[:, :2] - centre[:2], centre[:2] - high[:, :2]), 0.0)
    return np.asarray(np.hypot(gap[:, 0], gap[:, 1]) <= reach_m, dtype=bool)
