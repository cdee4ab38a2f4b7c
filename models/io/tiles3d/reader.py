"""3D Tiles from a folder (``tileset.json``), 1.0 and 1.1, and single tiles: features are elements.

The tiles of one picture are chosen once: the finest ones as long as their files fit a budget, coarser ones beyond it,
and then a caution says so. Earth-centred coordinates (EPSG:4978) become metres of a projected CRS vertex by vertex;
shapes that are placed many times keep their one mesh and are turned into the map where each stands.

Source: OGC 18-053r2 (3D Tiles 1.0), OGC 22-025r4 (3D Tiles 1.1)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs, transformer, zone_for
from models.io.city.model import EMPTY
from models.io.common.coordinates import stem_of
from models.io.common.mesh_collector import MeshCollector
from models.io.common.silence import no_collector
from models.io.common.textures import Textures
from models.io.ifc.property_sets import PsetStore
from models.io.mesh.gltf_draco import GltfMaterials, feature_of
from models.io.mesh.gltf_file import MOST_BYTES, Z_UP, Gltf, Primitive
from models.io.request import Opened, ReadRequest
from models.io.tiles3d.content import Content, contents
from models.io.tiles3d.feature_tables import Features, features_of, json_cell
from models.io.tiles3d.tileset_tree import MOST_TILES, Tile, Tree
from models.layers.layer import CloudData, Layer, LayerData, ModelData, Source, new_layer_id
from models.roles import LayerKind, Role

Floats = NDArray[np.float64]

#: Files of this many bytes are read at the most, unless ``options["budget_mb"]`` says otherwise.
BUDGET_BYTES = 300_000_000
#: Beyond this many triangles nothing more is added.
MOST_TRIANGLES = 20_000_000
#: Distances from the earth's centre between which something stands on the earth, metres.
_EARTH_M = (6.2e6, 6.6e6)
#: Step at which the change from one CRS to another is measured, metres.
_STEP_M = 10.0
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, struct.error)


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a tileset as a model layer, and a point cloud layer where it has points.

    Raises
    ------
    UserError
        ``io.damaged``; ``city3d.tiles_missing`` when no file of it is there; ``city3d.tiles_cyclic``,
        ``city3d.tiles_too_deep``, ``city3d.tiles_too_many``; ``io.no_features``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    try:
        with np.errstate(all="ignore"), no_collector():
            tree = Tree(path)
            budget = int(float(request.options.get("budget_mb", 0)) * 1_000_000) or BUDGET_BYTES
            tiles = tree.choose(budget, MOST_TILES)
            if not tiles:
                if tree.lost:
                    raise UserError("city3d.tiles_missing", file=path.name, first=tree.lost[0], count=len(tree.lost))
                raise UserError("io.no_features", file=path.name)
            reader = _Reader(path, request, is_z_up=tree.is_z_up, own=_own_crs(tree.document))
            reader.take_all(tiles, progress)
    except UserError as error:
        raise _named(error, path) from error
    except _BROKEN as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    cautions = []
    if tree.has_coarser:
        cautions.append(Caution("city3d.tiles_coarse", count=len(tiles), budget_mb=budget // 1_000_000))
    if tree.lost:
        cautions.append(Caution("city3d.tiles_lost", count=len(tree.lost), first=tree.lost[0]))
    version = str((tree.document.get("asset") or {}).get("version", ""))
    return reader.opened(f"3D Tiles {version}".strip(), cautions, "tiles3d")


def read_tile(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a single b3dm, i3dm or cmpt."""
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    reader = _Reader(path, request, is_z_up=False)
    try:
        with np.errstate(all="ignore"), no_collector():
            reader.take_file(path, np.eye(4), {})
    except UserError as error:
        raise _named(error, path) from error
    except _BROKEN as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    return reader.opened("3D Tiles", [], "tile")


def _named(error: UserError, path: Path) -> UserError:
    return error if "file" in error.facts else UserError(error.code, **{**error.facts, "file": path.name})


def _own_crs(tileset: Mapping[str, Any]) -> str:
    """Return the map that our own files say they were made from, empty for none."""
    found = ((tileset.get("asset") or {}).get("extras") or {}).get("crs")
    try:
        return str(found) if found and parse_crs(str(found)).is_projected else ""
    except UserError:
        return ""


class _Reader:
    """Gathers the contents of tiles."""

    def __init__(self, path: Path, request: ReadRequest, *, is_z_up: bool, own: str = "") -> None:
        self.path, self.request = path, request
        self._home = path.parent.resolve()
        self.collector = MeshCollector(Textures(path.parent))
        self.rows: list[tuple[str, str, str]] = []
        self.values: list[dict[str, Any]] = []
        self._up = np.eye(4) if is_z_up else Z_UP
        #: Whether the numbers are earth-centred; known once the first thing is seen.
        self._on_earth: bool | None = None
        self.crs, self._wanted = request.crs, request.crs or own
        self._points: list[Floats] = []
        self._colours: list[NDArray[np.uint8] | None] = []
        self._broken: list[str] = []
        self._skipped: dict[str, int] = {}
        self._meshopt = 0
        self._is_full = False
        #: Elements of the features of a file by their number, and those of its instances.
        self._known: dict[str, dict[int, int]] = {}
        self._copies: dict[str, NDArray[np.int64]] = {}

    def take_all(self, tiles: list[Tile], progress: Progress) -> None:
        """Read the files of all tiles; a broken one among many is left out and counted."""
        files = [(path, tile.transform, metadata) for tile in tiles for path, metadata in tile.files]
        first: Exception | None = None
        for number, (path, transform, metadata) in enumerate(files):
            progress.step(number / len(files), "progress.io.geometry")
            if self.collector.triangles > MOST_TRIANGLES:
                self._is_full = True
                break
            try:
                self.take_file(path, transform, metadata)
            except (*_BROKEN, UserError) as error:
                first = first or error
                self._broken.append(path.name)
        if first is not None and len(self._broken) == len(files):
            raise first

    def take_file(self, path: Path, transform: Floats, metadata: Any) -> None:
        """Read one file of a tile."""
        if path.stat().st_size > MOST_BYTES:
            raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
        properties = dict(metadata.get("properties") or {}) if isinstance(metadata, dict) else {}
        for number, content in enumerate(contents(path.read_bytes(), path.parent)):
            name = self._name_of(path) + (f"/{number}" if number else "")  # numbers of features start anew in each
            shift = np.eye(4)
            shift[:3, 3] = content.centre
            if content.points is not None:
                self._take_points(content, transform @ shift)
            elif content.gltf is not None:
                self._take_gltf(content, content.gltf, transform @ shift, name, properties)

    def _name_of(self, path: Path) -> str:
        """Return a file's name as seen from the tileset: many tilesets have a ``0.glb`` in each of many folders."""
        home = self._home
        return (path.relative_to(home) if path.is_relative_to(home) else Path(path.name)).with_suffix("").as_posix()

    def _take_points(self, content: Content, matrix: Floats) -> None:
        points = content.points @ matrix[:3, :3].T + matrix[:3, 3]  # type: ignore[operator]
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            self._settle(points.mean(axis=0))
            self._points.append(self._to_map(points))
            self._colours.append(
                content.colours if content.colours is not None and len(content.colours) == len(points) else None
            )

    def _take_gltf(self, content: Content, gltf: Gltf, matrix: Floats, name: str, properties: dict[str, Any]) -> None:
        if gltf.is_meshopt:
            self._meshopt += 1
            return
        tables = features_of(gltf)
        palette = GltfMaterials(gltf, self.collector)
        whole: int | None = None
        for node in gltf.nodes():
            if node.mesh < 0:
                continue
            local = self._up @ node.matrix
            if content.copies is not None:
                self._take_copies(content, gltf, node.mesh, local, matrix, palette, name)
                continue
            for one in gltf.primitives(node.mesh):
                features = Features.of(one, tables)
                if features is not None and not features.columns and content.columns:
                    features = Features(features.attribute, content.columns, "Feature")
                if node.copies is not None:
                    whole = self._row(name, "Tile", name, properties) if whole is None else whole
                    self._place(
                        palette.mesh(one, one.positions), [matrix @ local @ copy for copy in node.copies], whole
                    )
                    continue
                world = one.positions @ (matrix @ local)[:3, :3].T + (matrix @ local)[:3, 3]
                if not len(world):
                    continue
                self._settle(np.nan_to_num(world).mean(axis=0))
                placed = self._to_map(world)
                if features is None:
                    whole = self._row(name, "Tile", name, properties) if whole is None else whole
                    self._place(palette.mesh(one, placed), None, whole)
                else:
                    self._take_features(one, placed, features, palette, name)
        for kind, count in gltf.skipped.items():
            self._skipped[kind] = self._skipped.get(kind, 0) + count

    def _take_features(
        self, one: Primitive, placed: Floats, features: Features, palette: GltfMaterials, name: str
    ) -> None:
        """Make an element of each feature, and one for all faces that have none."""
        numbers, groups = palette.meshes(one, placed, one.faces, feature_of(one, features.attribute))
        self.collector.place_all(numbers, self._oids_of(name, groups, features))

    def _oids_of(self, name: str, numbers: NDArray[np.int64], features: Features) -> NDArray[np.int64]:
        """Return the elements of features of a file, made where they are new: a feature may have several materials."""
        known = self._known.setdefault(name, {})
        fresh = numbers if not known else np.array([n for n in numbers.tolist() if n not in known], dtype=np.int64)
        fresh = np.unique(fresh)
        if len(fresh):
            first = len(self.rows)
            keys = [f"{name}#{number}" for number in fresh.tolist()]
            titles = features.names(fresh)
            self.rows += [(key, features.kind, title or key) for key, title in zip(keys, titles, strict=True)]
            self.values += features.rows(fresh)
            known.update(zip(fresh.tolist(), range(first, len(self.rows)), strict=True))
            if len(fresh) == len(numbers) == len(known):
                return np.arange(first, len(self.rows))  # groups come in order
        return np.array([known[number] for number in numbers.tolist()], dtype=np.int64)

    def _take_copies(
        self,
        content: Content,
        gltf: Gltf,
        mesh: int,
        local: Floats,
        matrix: Floats,
        palette: GltfMaterials,
        name: str,
    ) -> None:
        """Place an i3dm's shape where each instance stands."""
        if content.copies is None or content.batch is None:
            return
        made = [m for one in gltf.primitives(mesh) if (m := palette.mesh(one, one.positions)) is not None]
        features = Features("", content.columns, "Feature")
        where = matrix @ content.copies
        if not made or not len(where):
            return
        finite = where[np.isfinite(where).all(axis=(1, 2))]
        if not len(finite):
            return
        self._settle(finite[:, :3, 3].mean(axis=0))
        turned = self._matrices_to_map(where) @ local
        oids = self._copies.get(name)
        if oids is None or len(oids) != len(turned):
            oids = self._copies[name] = np.arange(len(turned)) + len(self.rows)
            titles = [title or f"{name} {row}" for row, title in enumerate(features.names(content.batch), 1)]
            self.rows += [(f"{name}:{row}", "Instance", title) for row, title in enumerate(titles)]
            self.values += features.rows(content.batch)
        for number in made:
            self.collector.place_all(np.full(len(turned), number), oids, turned)

    def _place(self, mesh: int | None, matrices: list[Floats] | None, oid: int) -> None:
        if mesh is None:
            return
        if matrices is None:
            self.collector.place(mesh, oid, np.eye(4))
            return
        self._settle(np.mean([matrix[:3, 3] for matrix in matrices], axis=0))
        for matrix in self._matrices_to_map(np.asarray(matrices)):
            self.collector.place(mesh, oid, matrix)

    def _row(self, guid: str, kind: str, name: str, values: dict[str, Any]) -> int:
        self.rows.append((guid, kind, name))
        self.values.append({key: json_cell(value) for key, value in values.items()})
        return len(self.rows) - 1

    def _settle(self, place: Floats) -> None:
        """Find out, from the first thing that is seen, whether the numbers are earth-centred, and the map for them."""
        if self._on_earth is not None:
            return
        distance = float(np.linalg.norm(place))
        self._on_earth = bool(_EARTH_M[0] < distance < _EARTH_M[1])
        if self._on_earth:
            lon, lat, _ = transformer("EPSG:4978", "EPSG:4979").transform(*place)
            wanted = self._wanted
            is_map = bool(wanted) and parse_crs(wanted).is_projected
            self.crs = wanted if is_map else zone_for(float(lon), float(lat))

    def _to_map(self, points: Floats) -> Floats:
        """Return earth-centred points as easting, northing and height above the ellipsoid; others as they are."""
        if not self._on_earth:
            return points
        lon, lat, height = transformer("EPSG:4978", "EPSG:4979").transform(points[:, 0], points[:, 1], points[:, 2])
        east, north = transformer("EPSG:4326", self.crs).transform(lon, lat)
        return np.column_stack([east, north, height])

    def _matrices_to_map(self, matrices: Floats) -> Floats:
        """Return earth-centred placements (k, 4, 4) in the map: exact where each stands, and turned as the map is."""
        if not self._on_earth:
            return matrices
        count = len(matrices)
        at = matrices[:, :3, 3]
        steps = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)]) * _STEP_M
        there = self._to_map((at[:, None, :] + steps).reshape(-1, 3)).reshape(count, 7, 3)
        bend = np.tile(np.eye(4), (count, 1, 1))
        bend[:, :3, :3] = np.moveaxis((there[:, 1:4] - there[:, 4:7]) / (2 * _STEP_M), 1, 2)
        result = np.tile(np.eye(4), (count, 1, 1))
        result[:, :3, :3] = bend[:, :3, :3] @ matrices[:, :3, :3]
        result[:, :3, 3] = there[:, 0]
        return result

    def opened(self, schema: str, cautions: list[Caution], reader: str) -> list[Opened]:
        """Return the layers."""
        all_cautions = [*cautions, *self._cautions()]
        name = self.path.parent.name if self.path.name.lower() == "tileset.json" else stem_of(self.path)
        name = name or stem_of(self.path)
        layers: list[Opened] = []
        if self.rows:
            layers.append(self._opened(name, self._model(schema, all_cautions), reader))
        if self._points:
            layers.append(self._opened(name, self._cloud(schema, all_cautions if not layers else []), reader))
        if not layers:
            raise UserError("city3d.meshopt" if self._meshopt else "io.no_features", file=self.path.name)
        return layers

    def _opened(self, name: str, data: LayerData, reader: str) -> Opened:
        kind: LayerKind = "cloud" if isinstance(data, CloudData) else "model"
        source = Source(str(self.path), kind if kind == "cloud" else "", reader, self.crs, dict(self.request.options))
        role: Role = "model" if kind == "model" else "other"
        return Opened(Layer(id=new_layer_id(name), name=name, kind=kind, role=role, source=source), data)

    def _cautions(self) -> list[Caution]:
        found = []
        if self._on_earth:
            found.append(Caution("city3d.ellipsoidal", file=self.path.name))
        elif not self.crs:
            found.append(Caution("io.no_georeference", file=self.path.name))
        if self._broken:
            found.append(Caution("city3d.tiles_broken", count=len(self._broken), first=self._broken[0]))
        if self._meshopt:
            found.append(Caution("city3d.tiles_meshopt", count=self._meshopt))
        if self._is_full:
            found.append(Caution("city3d.tiles_full", most=f"{MOST_TRIANGLES:,}"))
        if self._skipped:
            types, count = ", ".join(sorted(self._skipped)), sum(self._skipped.values())
            found.append(Caution("io.geometry_skipped", file=self.path.name, types=types, count=count))
        return found

    def _model(self, schema: str, cautions: list[Caution]) -> ModelData:
        store, origin = self.collector.store()
        missing = sorted(set(self.collector.textures.missing))
        if missing:
            cautions = [*cautions, Caution("city3d.textures_missing", count=len(missing), first=missing[0])]
        frame = pd.DataFrame(self.rows, columns=["guid", "ifc_class", "name"])
        frame["has_geometry"] = np.isin(np.arange(len(frame)), store.placement_element)
        frame = frame.assign(**EMPTY, storey="", type_name="", parent=np.full(len(frame), -1, dtype=np.int32))
        psets = PsetStore.of_group("3D Tiles", self.values)
        placement = np.eye(4)
        placement[:3, 3] = origin
        info = {"schema": schema, "georef": "crs" if self.crs else "none", "city": True, "heights": "ellipsoidal"
                if self._on_earth else "", "counts": {str(k): int(v) for k, v in
                                                      frame["ifc_class"].value_counts().items()}}  # fmt: skip
        return ModelData(store, frame, psets, placement, self.crs, info, cautions)

    def _cloud(self, schema: str, cautions: list[Caution]) -> CloudData:
        points = np.concatenate(self._points)
        offset = np.floor(points.min(axis=0))
        colours = None
        if all(one is not None for one in self._colours):
            colours = np.concatenate([one for one in self._colours if one is not None])
        info = {"schema": schema, "point_count": len(points), "kept": len(points)}
        return CloudData(
            (points - offset).astype(np.float32), offset, self.crs, colours, info=info, cautions=list(cautions)
        )


#: Named here for the benchmark: how long a tileset takes to be arrays, without a window.
Opener = Callable[[Path], ModelData]


def load(path: Path) -> ModelData:
    """Return the model of a tileset; what ``benchmarks`` compare with VTK's reader."""
    opened = read(Path(path), replace(ReadRequest()), Progress())
    return next(one.data for one in opened if isinstance(one.data, ModelData))
