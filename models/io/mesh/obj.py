"""Wavefront OBJ with MTL and pictures as a model: objects and groups are elements.

The format knows neither units nor a CRS nor which way is up. Metres are taken; up is y where a
comment names a program that writes it so, else z: cities and surveys write z. ``options["up"]`` overrules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.city.model import EMPTY
from models.io.common.coordinates import stem_of
from models.io.common.mesh_builder import RGBA
from models.io.common.mesh_collector import MeshCollector
from models.io.common.textures import Textures
from models.io.ifc.property_sets import PsetStore
from models.io.mesh.gltf_file import Z_UP
from models.io.mesh.obj_file import ObjFile, parse
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, ModelData, Source, new_layer_id

MOST_BYTES = 1_500_000_000
_GREY: RGBA = (0.8, 0.79, 0.76, 1.0)
_Y_UP = (b"Blender", b"3ds Max", b"SketchUp", b"Maya")


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read an OBJ file as one model layer.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.too_large``, ``io.no_features``.
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    progress.step(0.0, "progress.io.reading")
    try:
        with np.errstate(all="ignore"):
            data = _read(path, request, progress)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="obj", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


def _read(path: Path, request: ReadRequest, progress: Progress) -> ModelData:
    found = parse(path, progress.part(0.0, 0.6))
    textures = Textures(path.parent)
    collector = MeshCollector(textures)
    matrix = Z_UP if _is_y_up(path, str(request.options.get("up", ""))) else np.eye(4)
    vertices = found.vertices @ matrix[:3, :3].T
    rows: list[tuple[str, str, str]] = []
    looks = [(rgba, textures.named(picture) if picture else -1) for rgba, picture in found.materials]
    order = np.argsort(found.group, kind="stable")
    cuts = np.flatnonzero(np.diff(found.group[order])) + 1
    for number, faces in enumerate(np.split(order, cuts) if len(order) else []):
        if number % 500 == 0:
            progress.step(0.6 + 0.3 * number / (len(cuts) + 1), "progress.io.geometry")
        _draw(found, vertices, faces, looks, collector, rows)
    store, origin = collector.store()
    if not len(store.placement_mesh):
        raise UserError("io.no_features", file=path.name)
    frame = pd.DataFrame(rows, columns=["guid", "ifc_class", "name"]).assign(
        **EMPTY, storey="", type_name="", parent=np.int32(-1), has_geometry=True
    )
    frame["parent"] = frame["parent"].astype(np.int32)
    placement = np.eye(4)
    placement[:3, 3] = origin
    cautions = [] if request.crs else [Caution("io.no_georeference", file=path.name)]
    missing = sorted(set(textures.missing + found.missing))
    if missing:
        cautions.append(Caution("city3d.textures_missing", count=len(missing), first=missing[0]))
    info = {"schema": "OBJ", "georef": "crs" if request.crs else "none", "city": True, "counts": {"Object": len(frame)}}
    psets = PsetStore.build([], [[] for _ in rows])
    return ModelData(store, frame, psets, placement, request.crs, info, cautions)


def _draw(
    found: ObjFile, vertices: Any, faces: Any, looks: list[tuple[RGBA, int]], collector: MeshCollector, rows: list[Any]
) -> None:
    """Add the faces of one group, material by material."""
    group = int(found.group[faces[0]])
    oid, drawn = len(rows), False
    name = found.groups[group] if 0 <= group < len(found.groups) else ""
    material = found.material[faces]
    for one in np.unique(material).tolist():
        mine = faces[material == one]
        rgba, texture = looks[one] if one >= 0 else (_GREY, -1)
        corner = found.faces[mine]
        uv_rows = found.uv_faces[mine]
        has_picture = texture >= 0 and len(found.uv) and bool((uv_rows >= 0).all())
        if has_picture:
            key = corner.astype(np.int64) * (len(found.uv) + 1) + uv_rows
            used, back = np.unique(key, return_inverse=True)
            local, uv = vertices[used // (len(found.uv) + 1)], found.uv[used % (len(found.uv) + 1)]
            tint: RGBA = (1.0, 1.0, 1.0, rgba[3])
            row = collector.material(tint, texture)
        else:
            used, back = np.unique(corner, return_inverse=True)
            local, uv, row = vertices[used], None, collector.material(rgba)
        mesh = collector.mesh(local, back.reshape(-1, 3), np.full(len(mine), row, dtype=np.int64), uv)
        if mesh is not None:
            collector.place(mesh, oid, np.eye(4))
            drawn = True
    if drawn:
        rows.append((f"{name or 'object'}#{oid}", "Object", name or f"object {oid + 1}"))


def _is_y_up(path: Path, up_axis: str) -> bool:
    if up_axis in ("y", "z"):
        return up_axis == "y"
    with path.open("rb") as file:
        head = file.read(2048)
    return any(program in head for program in _Y_UP)
