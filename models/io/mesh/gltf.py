"""glTF and GLB as models: nodes are elements, y is up, metres; where they stand a person says, or our own files."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import crs_label, parse_crs
from models.io.city.model import EMPTY
from models.io.common.coordinates import stem_of
from models.io.common.mesh_collector import MeshCollector
from models.io.common.textures import Textures
from models.io.ifc.property_sets import PsetStore
from models.io.mesh.gltf_draco import GltfMaterials, feature_of
from models.io.mesh.gltf_file import MOST_BYTES, Z_UP, Gltf, Node, parse
from models.io.request import Opened, ReadRequest
from models.io.tiles3d.feature_tables import Features, features_of
from models.layers.layer import Layer, ModelData, Source, new_layer_id


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a glTF or GLB file as one model layer: in ``request.crs``, where it says itself, or nowhere yet.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.too_large``, ``city3d.gltf1``, ``city3d.meshopt``, ``city3d.file_missing``,
        ``io.no_features``.
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    progress.step(0.0, "progress.io.reading")
    try:
        with np.errstate(all="ignore"):
            data = _read(path, request, progress)
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        struct.error,
    ) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="gltf", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


class _Table:
    """Elements, row by row."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, int]] = []
        self.values: list[dict[str, Any]] = []

    def add(self, guid: str, kind: str, name: str, parent: int, values: dict[str, Any]) -> int:
        self.rows.append((guid, kind, name, parent))
        self.values.append(values)
        return len(self.rows) - 1


def _read(path: Path, request: ReadRequest, progress: Progress) -> ModelData:
    gltf = parse(path.read_bytes(), path.parent, path.name)
    if gltf.is_meshopt:
        raise UserError("city3d.meshopt", file=path.name)
    collector, elements = MeshCollector(Textures(path.parent)), _Table()
    palette = GltfMaterials(gltf, collector)
    known: dict[int, list[int]] = {}
    oid_of: dict[int, int] = {}
    nodes = list(gltf.nodes())
    tables = features_of(gltf)
    for number, node in enumerate(nodes):
        if number % 200 == 0:
            progress.step(number / max(len(nodes), 1), "progress.io.geometry")
        oid = oid_of[node.number] = elements.add(
            f"node-{node.number}", "Node" if node.mesh < 0 else "Mesh", _name(gltf, node), oid_of.get(node.parent, -1),
            _extras(gltf, node),
        )  # fmt: skip
        if node.mesh >= 0:
            _draw(gltf, node, oid, palette, collector, known, elements, tables)
    store, origin = collector.store()
    if not len(store.placement_mesh):
        raise UserError("io.no_features", file=path.name)
    frame = pd.DataFrame(elements.rows, columns=["guid", "ifc_class", "name", "parent"])
    frame["has_geometry"] = np.isin(np.arange(len(frame)), store.placement_element)
    frame = frame.assign(**EMPTY, storey="", type_name="", parent=frame["parent"].astype(np.int32))
    psets = PsetStore.build([("glTF", values) for values in elements.values],
                            [[i] if values else [] for i, values in enumerate(elements.values)])  # fmt: skip
    crs, place = _place(gltf, request.crs)
    placement = np.eye(4)
    placement[:3, 3] = origin + place
    cautions = skipped(gltf, collector, path.name)
    if not crs:
        cautions.insert(0, Caution("io.no_georeference", file=path.name))
    info = {"schema": "glTF 2.0", "georef": "crs" if crs else "none", "city": True, "counts": {
        str(k): int(v) for k, v in frame["ifc_class"].value_counts().items()}}  # fmt: skip
    return ModelData(store, frame, psets, placement, crs, info, cautions)


def _place(gltf: Gltf, wanted: str) -> tuple[str, NDArray[np.float64]]:
    """Return the CRS and the place of the origin: glTF knows no map, but our own files say them in ``asset.extras``."""
    stated = ((gltf.document.get("asset") or {}).get("extras") or {}).get("place")
    if not isinstance(stated, dict) or not isinstance(stated.get("origin_easting_northing_height_m"), list):
        return wanted, np.zeros(3)
    try:
        crs = parse_crs(str(stated.get("crs", "")))
    except UserError:
        return wanted, np.zeros(3)
    place = np.asarray(stated["origin_easting_northing_height_m"], dtype=np.float64).reshape(3)
    is_place = bool(np.isfinite(place).all()) and crs.is_projected
    if not is_place or (wanted and crs_label(wanted) != crs_label(str(stated["crs"]))):
        return wanted, np.zeros(3)
    return str(stated["crs"]), place


def skipped(gltf: Gltf, collector: MeshCollector, file: str) -> list[Caution]:
    """Return what a glTF had that is not drawn."""
    cautions = []
    if gltf.skipped:
        types, count = ", ".join(sorted(gltf.skipped)), sum(gltf.skipped.values())
        cautions.append(Caution("io.geometry_skipped", file=file, types=types, count=count))
    if collector.textures.missing:
        names = sorted(set(collector.textures.missing))
        cautions.append(Caution("city3d.textures_missing", count=len(names), first=names[0]))
    return cautions


def _draw(
    gltf: Gltf, node: Node, oid: int, palette: GltfMaterials, collector: MeshCollector,
    known: dict[int, list[int]], elements: _Table, tables: list[Features],
) -> None:  # fmt: skip
    matrices = [Z_UP @ node.matrix] if node.copies is None else [Z_UP @ node.matrix @ copy for copy in node.copies]
    if node.mesh not in known:
        known[node.mesh] = []
        for one in gltf.primitives(node.mesh):
            features = Features.of(one, tables)
            if features is None:
                mesh = palette.mesh(one, one.positions)
                known[node.mesh] += [] if mesh is None else [mesh]
                continue
            numbers, groups = palette.meshes(one, one.positions, one.faces, feature_of(one, features.attribute))
            for mesh, feature in zip(numbers.tolist(), groups.tolist(), strict=True):
                values = features.row(feature)
                name = features.name(feature) or f"{features.kind} {feature}"
                part = elements.add(f"node-{node.number}-{feature}", features.kind, name, oid, values)
                for matrix in matrices:
                    collector.place(mesh, part, matrix)
    for mesh in known[node.mesh]:
        for matrix in matrices:
            collector.place(mesh, oid, matrix)


def _name(gltf: Gltf, node: Node) -> str:
    if node.name or node.mesh < 0:
        return node.name or f"node {node.number}"
    meshes = gltf.list_of("meshes")
    stated = meshes[node.mesh].get("name") if node.mesh < len(meshes) else None
    return str(stated or f"mesh {node.mesh}")


def _extras(gltf: Gltf, node: Node) -> dict[str, Any]:
    found = gltf.list_of("nodes")[node.number].get("extras")
    return dict(found) if isinstance(found, dict) else {}
