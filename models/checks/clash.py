"""Clashes between building models, in the place where they stand.

Elements of files that were made by ten offices, each with its own origin, only meet once they are placed. So clashes
are looked for among the placed triangles that are also drawn, not in the files' own coordinates.

Invariants
----------
1. Everything is worked out in a local frame (world minus a whole-metre origin), float64.
2. What has no matter (spaces, openings, grids) and the terrain of a site clash with nothing.
3. Parts of one assembly, and what fills an opening of a wall, belong together: they never clash.
4. A pair is told once; its depth or distance is an estimate that the tolerance is compared with.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.bim import mesh_intersection
from models.core.progress import Progress
from models.layers.layer import ModelData

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Classes without matter, and those that hold others rather than being something.
NO_MATTER = frozenset({
    "IfcSpace", "IfcOpeningElement", "IfcVirtualElement", "IfcZone", "IfcGrid", "IfcAnnotation", "IfcSpatialZone",
    "IfcProject", "IfcBuilding", "IfcBuildingStorey", "IfcExternalSpatialElement", "IfcFacility", "IfcFacilityPart",
    "IfcAlignment", "IfcReferent", "IfcPort", "IfcDistributionPort",
})  # fmt: skip
#: Ground: every foundation stands in it.
GROUND = frozenset(
    {"IfcSite", "IfcGeographicElement", "IfcEarthworksFill", "IfcEarthworksCut", "IfcGeotechnicalStratum"}
)
_SPATIAL = (
    NO_MATTER | GROUND | {"IfcBridge", "IfcRoad", "IfcRailway", "IfcMarineFacility", "IfcRoadPart", "IfcBridgePart"}
)
#: What sits in openings, and what has such openings: in one model they go together, whoever contains them.
_FILLINGS = ("IfcDoor", "IfcWindow")
_HOSTS = ("IfcWall", "IfcCurtainWall", "IfcRoof", "IfcSlab", "IfcPlate", "IfcMember", "IfcCovering")
#: Triangles kept of the bodies that were asked for last.
_KEPT = 2_000_000


@dataclass(frozen=True, slots=True)
class Clash:
    """Two elements that should not be where they both are.

    Parameters
    ----------
    a, b : int
        Oids, in the first and the second model.
    code : str
        ``"hard"`` (they share matter), ``"duplicate"`` (two of one kind in one place), ``"clearance"`` (too near) or
        ``"touching"`` (so near that they meet, or share no more than the tolerance).
    point : (3,) float64
        Local metres.
    distance_m : float
        Of a hard clash how deep, as a negative number; else how far apart.
    """

    a: int
    b: int
    code: str
    point: Floats
    distance_m: float


@dataclass(slots=True)
class Bodies:
    """The elements of one model as bodies in a local frame: boxes at once, triangles when they are asked for.

    Parameters
    ----------
    data : ModelData
    to_local : ndarray, shape (4, 4)
        Model coordinates to the local frame.
    ground : bool
        Take the terrain of the site along.
    """

    data: ModelData
    to_local: Floats
    ground: bool = False
    oids: Ints = field(init=False)
    low: Floats = field(init=False)
    high: Floats = field(init=False)
    _placements: Ints = field(init=False)
    _starts: Ints = field(init=False)
    _kept: OrderedDict[int, Floats] = field(init=False, default_factory=OrderedDict)
    _size: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        store, elements = self.data.meshes, self.data.elements
        left_out = NO_MATTER if self.ground else NO_MATTER | GROUND
        solid = ~elements["ifc_class"].isin(left_out).to_numpy()
        owner = np.asarray(store.placement_element, dtype=np.int64)
        filled = np.diff(np.asarray(store.mesh_faces))[np.asarray(store.placement_mesh)] > 0
        chosen = np.flatnonzero(solid[owner] & filled) if len(owner) else np.empty(0, np.int64)
        low, high = self._boxes(chosen)
        order = np.argsort(owner[chosen], kind="stable")
        self._placements = chosen[order]
        self.oids, first = np.unique(owner[self._placements], return_index=True)
        self._starts = np.append(first, len(self._placements))
        self.low = np.minimum.reduceat(low[order], first) if len(first) else np.empty((0, 3))
        self.high = np.maximum.reduceat(high[order], first) if len(first) else np.empty((0, 3))

    def __len__(self) -> int:
        return len(self.oids)

    def triangles(self, row: int) -> Floats:
        """Return the triangles (n, 3, 3) of the element in a row of :attr:`oids`, without those that have no area."""
        if row in self._kept:
            self._kept.move_to_end(row)
            return self._kept[row]
        store = self.data.meshes
        parts = []
        for at in self._placements[self._starts[row] : self._starts[row + 1]]:
            mesh = store.placement_mesh[at]
            points = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
            matrix = self.to_local @ store.placement_matrix[at]
            placed = points @ matrix[:3, :3].T + matrix[:3, 3]
            faces = store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]]
            if np.linalg.det(matrix[:3, :3]) < 0:
                faces = faces[:, ::-1]
            parts.append(placed[faces])
        body: Floats = np.concatenate(parts)
        area = np.linalg.norm(np.cross(body[:, 1] - body[:, 0], body[:, 2] - body[:, 0]), axis=1)
        body = body[area > 1e-10]
        self._kept[row] = body
        self._size += len(body)
        while self._size > _KEPT and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1])
        return body

    def assemblies(self) -> Ints:
        """Return for each row the oid of the outermost element that it is part of or fills, itself if of none."""
        parent = self.data.elements["parent"].to_numpy(dtype=np.int64)
        spatial = self.data.elements["ifc_class"].isin(_SPATIAL).to_numpy()
        at = self.oids.copy()
        for _ in range(32):  # broken files hold circles
            above = np.where(at >= 0, parent[at], -1)
            climbs = (above >= 0) & ~spatial[np.maximum(above, 0)]
            if not climbs.any():
                break
            at = np.where(climbs, above, at)
        return np.asarray(at)

    def _boxes(self, placements: Ints) -> tuple[Floats, Floats]:
        """Return the box of each placement, all placements of one mesh together."""
        store = self.data.meshes
        low, high = np.zeros((len(placements), 3)), np.zeros((len(placements), 3))
        mesh_of = np.asarray(store.placement_mesh)[placements]
        order = np.argsort(mesh_of, kind="stable")
        meshes, first = np.unique(mesh_of[order], return_index=True)
        for mesh, start, stop in zip(meshes, first, [*first[1:], len(order)], strict=True):
            points = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
            step = max(1, 500_000 // max(len(points), 1))
            for begin in range(start, stop, step):
                rows = order[begin : min(begin + step, stop)]
                matrices = self.to_local @ np.asarray(store.placement_matrix)[placements[rows]]
                placed = np.einsum("kij,nj->kni", matrices[:, :3, :3], points) + matrices[:, None, :3, 3]
                low[rows], high[rows] = placed.min(axis=1), placed.max(axis=1)
        return low, high


def clashes(
    a: Bodies, b: Bodies | None, progress: Progress, *, tolerance_m: float = 0.01, clearance_m: float = 0.0
) -> list[Clash]:
    """Return the clashes between two models, or within one.

    Parameters
    ----------
    a : Bodies
    b : Bodies or None
        None looks within ``a``.
    progress : Progress
    tolerance_m : float
        Bodies that share no more than this depth merely touch.
    clearance_m : float
        Bodies nearer than this are told too, those that touch among them; 0 for hard clashes alone.
    """
    return list(_clashes(a, a if b is None else b, b is None, progress, tolerance_m, clearance_m))


def _clashes(
    a: Bodies, b: Bodies, within: bool, progress: Progress, tolerance_m: float, clearance_m: float
) -> Iterator[Clash]:
    progress.step(0.0, "progress.checks.boxes")
    first, second = mesh_intersection.near_pairs(a.low, a.high, b.low, b.high, clearance_m)
    if within:
        together = a.assemblies()
        keep = (first < second) & (together[first] != together[second])
        classes = a.data.elements["ifc_class"].iloc[a.oids]
        filling, host = (classes.str.startswith(names).to_numpy(dtype=bool) for names in (_FILLINGS, _HOSTS))
        keep &= ~((filling[first] & host[second]) | (host[first] & filling[second]))
        first, second = first[keep], second[keep]
    order = np.lexsort((second, first))  # one body after another, so that its triangles are still at hand
    kinds_a, kinds_b = (side.data.elements["ifc_class"].to_numpy() for side in (a, b))
    for count, at in enumerate(order):
        if count % 20 == 0:
            progress.step(count / len(order), "progress.checks.triangles")
        i, j = int(first[at]), int(second[at])
        oid_a, oid_b = int(a.oids[i]), int(b.oids[j])
        shared = np.minimum(a.high[i], b.high[j]) - np.maximum(a.low[i], b.low[j])
        may_meet = (shared >= (0.0 if clearance_m > 0 else tolerance_m)).all()
        met = mesh_intersection.overlap(a.triangles(i), b.triangles(j)) if may_meet else None
        if met is not None and met.depth_m > tolerance_m:
            same = kinds_a[oid_a] == kinds_b[oid_b] and np.allclose(a.low[i], b.low[j], atol=1e-3)
            same = same and np.allclose(a.high[i], b.high[j], atol=1e-3)
            yield Clash(oid_a, oid_b, "duplicate" if same else "hard", met.point, -met.depth_m)
        elif clearance_m > 0 and met is not None:
            yield Clash(oid_a, oid_b, "touching", met.point, -met.depth_m)
        elif clearance_m > 0:
            found = mesh_intersection.gap(a.triangles(i), b.triangles(j), clearance_m)
            if found is not None:
                code = "clearance" if found.distance_m > tolerance_m else "touching"
                yield Clash(oid_a, oid_b, code, (found.a + found.b) / 2, found.distance_m)
