"""Streaming of draped rasters: finer tiles of a pyramid, read in the background for what is in view.

A layer says by :class:`Drape` (in ``Prepared.stream``) that there is more to see of it than its overview. The squares
of a quadtree over the ground are chosen by the size of their pixels on the screen; each is read, laid on the ground
that is drawn (the very triangles of its lattice, so that nothing pokes through and neighbours meet without a crack) and
added to the actors of its layer.

Invariants
----------
1. :meth:`Streamer.plan` and :meth:`Streamer.put` run on the thread that renders, :meth:`Streamer.load` on any.
2. Where a fine square is not there yet, what lies under it (its overview, a coarser square) is seen: never a hole.
3. Every place is drawn once: triangles under finer squares are left out of what lies below, by their index alone.
4. Squares out of view go, the least recently seen first, when all together exceed :data:`BUDGET_BYTES`.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from viewers.render.geometry.actors import Drawn, draw
from viewers.render.geometry.drape_tiles import Drape, Tile
from viewers.render.geometry.lattice import BLOCK, Lattice, cells_between
from viewers.render.geometry.parts import MeshPart
from viewers.render.geometry.vtk_arrays import triangles
from viewers.render.palette.lighting import Look
from viewers.render.underground.excavation import cut_mesh

if TYPE_CHECKING:
    from viewers.render.scene.scene import Scene

log = logging.getLogger(__name__)
Floats = NDArray[np.float64]

#: Pixels a side of a square's picture.
TILE_PX = 256
#: A square is split while one of its pixels covers more than so many of the screen.
SPLIT_PX = 1.25
#: Bytes of all pictures together, and squares of one layer in one view.
BUDGET_BYTES = 256 * 1024**2
MOST_TILES = 360

#: Squares of so many blocks a side have the triangles of the ground; larger ones, far away, a plain grid.
MOST_BLOCKS = 160


def piece(drape: Drape, tile: Tile) -> MeshPart | None:
    """Read a square and lay it on the ground; None where there is nothing to see."""
    low, high = drape.extent(tile)
    x, y, faces = _grid(drape.lattice, low, high)
    px, py = drape.own(x, y)
    known = np.isfinite(px) & np.isfinite(py)
    if not known.any():
        return None
    bounds = drape.pyramid.bounds
    west, east = max(px[known].min(), bounds[0]), min(px[known].max(), bounds[2])
    south, north = max(py[known].min(), bounds[1]), min(py[known].max(), bounds[3])
    if west >= east or south >= north:
        return None
    finest = drape.pyramid.finest
    width = int(np.clip(math.ceil((east - west) / finest), 2, TILE_PX))
    height = int(np.clip(math.ceil((north - south) / finest), 2, TILE_PX))
    # A pixel more on every side, so that neighbours blend into each other without a seam.
    edge_x, edge_y = (east - west) / width, (north - south) / height
    box = (west - edge_x, south - edge_y, east + edge_x, north + edge_y)
    pixels = drape.pyramid.read(box, (width + 2, height + 2))
    if pixels is None or not pixels[..., 3].any():
        return None
    u, v = (px - box[0]) / (box[2] - box[0]), (py - box[1]) / (box[3] - box[1])
    inside = (px >= west - edge_x) & (px <= east + edge_x) & (py >= south - edge_y) & (py <= north + edge_y) & known
    faces = faces[inside[faces].any(axis=1)]
    if not len(faces):
        return None
    points = np.column_stack([x, y, drape.height(x, y) + 0.03])
    part = MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.full(len(faces), -1, dtype=np.int32),
        np.full((len(faces), 4), 255, dtype=np.uint8),
        uv=np.column_stack([np.clip(u, 0, 1), np.clip(v, 0, 1)]).astype(np.float32),
        image=np.ascontiguousarray(_filled_clear(pixels, inside.all())[::-1]), normals=drape.lattice.normals(x, y),
        opacity=drape.opacity, offset=drape.offset - 0.01 * tile.level,
    )  # fmt: skip
    return part if drape.holes is None else cut_mesh(part, drape.holes)


def _grid(lattice: Lattice, low: Floats, high: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return local x, y and triangles over a square; those of the ground as it is drawn, if they are not too many."""
    step = lattice.step_m
    blocks = (high[0] - low[0]) / (step * BLOCK)
    if lattice.has_terrain and 1.0 <= blocks <= MOST_BLOCKS:
        nodes = np.round(np.stack([low, high]) / step).astype(np.int64)
        flat, faces = lattice.plane(cells_between(lattice, nodes[0], nodes[1]))
        return flat[:, 0], flat[:, 1], faces
    count = BLOCK if blocks < 1.0 or not lattice.has_terrain else 4 * BLOCK
    xs, ys = (np.linspace(low[k], high[k], count + 1) for k in (0, 1))
    x, y = (a.ravel() for a in np.meshgrid(xs, ys, indexing="ij"))
    corner = (np.arange(count)[:, None] * (count + 1) + np.arange(count)).ravel()
    a, b, c, d = corner, corner + count + 1, corner + count + 2, corner + 1
    return x, y, np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def _filled_clear(pixels: NDArray[np.uint8], whole: bool) -> NDArray[np.uint8]:
    """Return the picture without alpha where all is seen; else colours run on under what is clear: no dark rims."""
    clear = pixels[..., 3] == 0
    if not clear.any():
        return pixels[..., :3] if (pixels[..., 3] == 255).all() else pixels
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(clear, return_distances=False, return_indices=True)
    result: NDArray[np.uint8] = pixels[tuple(nearest)]
    result[..., 3] = pixels[..., 3]
    inner = result[1:-1, 1:-1]
    return result[..., :3] if whole and (inner[..., 3] == 255).all() else result


@dataclass(slots=True)
class _HeldTile:
    """A square that was loaded: what is drawn of it, its bytes, when it was last wanted."""

    drawn: list[Drawn]
    bytes: int
    seen: int


@dataclass(slots=True)
class _Layer:
    drape: Drape
    finest_m: float
    held: dict[Tile, _HeldTile] = field(default_factory=dict)
    wanted: list[Tile] = field(default_factory=list)
    stale: bool = False
    triangles: dict[int, _Triangles] = field(default_factory=dict)


class _Triangles:
    """The triangles of one actor, of which those under finer pieces are left out."""

    def __init__(self, one: Drawn) -> None:
        from vtkmodules.util.numpy_support import vtk_to_numpy

        self.one = one
        points = vtk_to_numpy(one.data.GetPoints().GetData())[:, :2]
        self._faces = vtk_to_numpy(one.data.GetPolys().GetConnectivityArray()).reshape(-1, 3).copy()
        corners = points[self._faces].astype(np.float32)
        middle = corners.mean(axis=1, keepdims=True)
        # Corners drawn in a little: on the border of two squares a corner belongs to neither.
        self._probes = np.concatenate([corners * 0.98 + middle * 0.02, middle], axis=1)
        self._left_out: frozenset[Tile] = frozenset()

    def leave_out(self, finer: list[Tile], side_m: float) -> None:
        """Draw only what is not wholly under some squares."""
        finer_tiles = frozenset(finer)
        if finer_tiles == self._left_out:
            return
        self._left_out = finer_tiles
        covered = np.zeros(self._probes.shape[:2], dtype=bool)
        for level in {tile.level for tile in finer}:
            side = side_m * 2.0**level
            held = np.array([(tile.i << 32) + tile.j for tile in finer if tile.level == level], dtype=np.int64)
            place = np.floor(self._probes / side).astype(np.int64)
            covered |= np.isin((place[..., 0] << 32) + place[..., 1], held)
        rows = np.flatnonzero(~covered.all(axis=1))
        one = self.one
        one.shown = None if len(rows) == len(self._faces) else rows
        one.away = not len(rows)
        one.data.SetPolys(triangles(self._faces if one.shown is None else self._faces[rows]))
        one.paint(one.values)


@dataclass(slots=True)
class Loaded:
    """What :meth:`Streamer.load` made, for :meth:`Streamer.put`."""

    layer_id: str
    drape: Drape
    tile: Tile
    drawn: list[Drawn]
    bytes: int
    error: Exception | None = None


class Streamer:
    """Plans, loads and evicts the draped tiles of one scene.

    Parameters
    ----------
    scene : Scene
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._layers: dict[str, _Layer] = {}
        self._at_work: set[tuple[str, Tile]] = set()
        self._lock = threading.Lock()
        self._plan_numbers = itertools.count(1)

    @property
    def bytes(self) -> int:
        """Return what all pieces take."""
        return sum(held.bytes for layer in self._layers.values() for held in layer.held.values())

    def count(self, layer_id: str) -> int:
        """Return how many pieces of a layer are there (also those that turned out to be empty)."""
        return len(self._layers[layer_id].held) if layer_id in self._layers else 0

    def plan(self) -> bool:
        """Choose what should be seen from where the camera is; whether anything of it is still to come."""
        drapes = self.scene.drapes()
        for gone in [layer_id for layer_id, one in self._layers.items() if drapes.get(layer_id) is not one.drape]:
            del self._layers[gone]
        turn = next(self._plan_numbers)
        missing = False
        for layer_id, drape in drapes.items():
            layer = self._layers.setdefault(layer_id, _Layer(drape, drape.finest_m()))
            layer.wanted = self._wanted(layer)
            for tile in layer.wanted:
                if tile in layer.held:
                    layer.held[tile].seen = turn
                else:
                    missing = True
        self._evict(turn)
        return missing

    def next(self) -> tuple[str, Tile] | None:
        """Return what is to be loaded next and mark it as at work, None when all is there or at work."""
        with self._lock:
            for layer_id, layer in self._layers.items():
                for tile in layer.wanted:
                    if tile not in layer.held and (layer_id, tile) not in self._at_work:
                        self._at_work.add((layer_id, tile))
                        return layer_id, tile
        return None

    def load(self, job: tuple[str, Tile]) -> Loaded | None:
        """Read one piece; safe on a worker thread."""
        layer_id, tile = job
        layer = self._layers.get(layer_id)
        if layer is None:
            return None
        error: Exception | None = None
        part = None
        try:
            part = piece(layer.drape, tile)
        except UserError as problem:
            error = problem
        drawn = [] if part is None else draw(part, self._look)
        size = 0 if part is None or part.image is None else part.image.nbytes * 4 // 3 + part.points.nbytes * 3
        return Loaded(layer_id, layer.drape, tile, drawn, size, error)

    def put(self, loaded: Loaded | None, job: tuple[str, Tile]) -> None:
        """Show what was loaded, if its layer is still the same."""
        with self._lock:
            self._at_work.discard(job)
        if loaded is None:
            return
        layer = self._layers.get(loaded.layer_id)
        if layer is None or layer.drape is not loaded.drape:
            return
        layer.held[loaded.tile] = _HeldTile(loaded.drawn, loaded.bytes, next(self._plan_numbers))
        layer.stale = True
        gone: list[Drawn] = []
        wanted = set(layer.wanted)
        for old, held in list(layer.held.items()):  # a coarser piece under four finer ones is not seen any more
            if old.level > loaded.tile.level and held.drawn and old not in wanted and self._is_covered(layer, old):
                gone += held.drawn
                del layer.held[old]
        self.scene.exchange(loaded.layer_id, loaded.drawn, gone)

    def settle(self) -> None:
        """Leave out what lies under finer pieces; to be called when some have come or gone."""
        for layer_id, layer in self._layers.items():
            if not layer.stale:
                continue
            layer.stale = False
            own = {id(one): tile for tile, held in layer.held.items() for one in held.drawn}
            kept: dict[int, _Triangles] = {}
            for one in self.scene.drawn_of(layer_id):
                known = layer.triangles.get(id(one))
                if known is None or known.one is not one:
                    known = _Triangles(one)
                kept[id(one)] = known
                tile = own.get(id(one))
                finer = [t for t, held in layer.held.items() if held.drawn and (tile is None or t.level < tile.level)]
                known.leave_out(finer, layer.drape.side_m)
            layer.triangles = kept
            self.scene.exchange(layer_id, [], [], changed=True)

    def forget_empty(self, layer_id: str) -> None:
        """Ask again for pieces of which nothing was known: the network may be back."""
        layer = self._layers.get(layer_id)
        if layer is not None:
            layer.held = {tile: held for tile, held in layer.held.items() if held.drawn}

    def finish(self, most: int = 2000) -> int:
        """Load everything that is missing, here and now, as for a picture; return how many pieces that were."""
        done = 0
        while done < most:
            self.plan()
            job = self.next()
            if job is None:
                break
            while job is not None and done < most:
                self.put(self.load(job), job)
                done += 1
                job = self.next()
        self.settle()
        return done

    def clear(self) -> None:
        """Take every piece away: the scene is again as it was without any."""
        for layer_id, layer in self._layers.items():
            layer.stale = bool(layer.held)
            gone = [one for held in layer.held.values() for one in held.drawn]
            layer.held.clear()
            self.scene.exchange(layer_id, [], gone)
        self.settle()

    # -- choosing ----------------------------------------------------------------------------------------------

    @property
    def _look(self) -> Look:
        return self.scene.current_look

    def _wanted(self, layer: _Layer) -> list[Tile]:
        """Return the pieces to be seen, nearest first; without an overview coarse ones before."""
        eye, planes, per_px = self._view()
        drape = layer.drape
        low_z, high_z = drape.lattice.range_m
        found: list[tuple[float, Tile]] = []
        coarse: set[Tile] = set()
        queue = drape.roots()
        while queue and len(found) < 4 * MOST_TILES:
            tile = queue.pop()
            low, high = drape.extent(tile)
            if (low >= drape.box[1]).any() or (high <= drape.box[0]).any():
                continue
            box = np.array([[*low, low_z], [*high, high_z]])
            if not _is_in_view(planes, box):
                continue
            away = float(np.linalg.norm(np.maximum(np.maximum(box[0] - eye, eye - box[1]), 0.0)))
            texel = float(high[0] - low[0]) / TILE_PX
            if texel > SPLIT_PX * per_px(away) and texel > layer.finest_m * 1.01:
                queue.extend(tile.children)
            elif not drape.has_overview or texel < self._overview_m(layer):
                found.append((away, tile))
                if not drape.has_overview:
                    coarse.add(tile.parent.parent)
        nearest = [tile for _, tile in sorted(found)[:MOST_TILES]]
        return sorted(coarse - set(nearest)) + nearest

    def _overview_m(self, layer: _Layer) -> float:
        """Return how coarse a piece must be at least to be no better than the overview that is drawn already."""
        return float((layer.drape.box[1] - layer.drape.box[0]).max()) / 4096 * 1.01

    def _view(self) -> tuple[Floats, Floats, Any]:
        """Return the eye, the planes (5, 4) of what is in view, and metres a pixel by distance."""
        renderer = self.scene.target.renderer
        camera = renderer.GetActiveCamera()
        width, height = renderer.GetSize()
        flat = [0.0] * 24
        camera.GetFrustumPlanes(width / max(height, 1), flat)
        planes = np.array(flat).reshape(6, 4)[:5]  # the far plane hides nothing that matters
        eye = np.asarray(camera.GetPosition())
        if camera.GetParallelProjection():
            constant = 2 * camera.GetParallelScale() / max(height, 1)
            return eye, planes[:4], lambda _: constant
        tangent = 2 * math.tan(math.radians(camera.GetViewAngle() / 2)) / max(height, 1)
        return eye, planes, lambda away: max(away, 1.0) * tangent

    @staticmethod
    def _is_covered(layer: _Layer, tile: Tile) -> bool:
        """Whether finer pieces hide all of a square."""

        def has(one: Tile, depth: int) -> bool:
            if one in layer.held:
                return True
            return depth > 0 and all(has(child, depth - 1) for child in one.children)

        return all(has(child, 4) for child in tile.children)

    def _evict(self, turn: int) -> None:
        """Let go of pieces that nobody sees, the longest unseen first, down to the budget."""
        total = self.bytes
        unseen = sorted(
            (held.seen, layer_id, tile)
            for layer_id, layer in self._layers.items() for tile, held in layer.held.items() if held.seen < turn
        )  # fmt: skip
        gone: dict[str, list[Drawn]] = {}
        for _, layer_id, tile in unseen:
            if total <= BUDGET_BYTES:
                break
            held = self._layers[layer_id].held.pop(tile)
            total -= held.bytes
            gone.setdefault(layer_id, []).extend(held.drawn)
        for layer_id, drawn in gone.items():
            self._layers[layer_id].stale = True
            self.scene.exchange(layer_id, [], drawn)


def _is_in_view(planes: Floats, box: Floats) -> bool:
    """Whether a box (2, 3) reaches to the inner side of all planes (n, 4)."""
    normal = planes[:, :3]
    far = np.where(normal > 0, box[1], box[0])
    return bool(((normal * far).sum(axis=1) + planes[:, 3] >= 0).all())
