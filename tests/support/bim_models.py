"""Models of a few boxes and tables, for the tests of what is asked of models; and where the real files lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import Layer, ModelData

TEXTS = (
    "guid", "ifc_class", "name", "storey", "type_name", "long_name", "description", "tag", "object_type",
    "predefined_type", "material", "classification", "system",
)  # fmt: skip
_CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
_FACES = np.array(
    [[0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 1, 3], [0, 3, 2],
     [4, 6, 7], [4, 7, 5]], np.int32,
)  # fmt: skip


def table_model(
    rows: Sequence[Mapping[str, Any]], units: Mapping[str, Mapping[str, str]] | None = None, **info: Any
) -> ModelData:
    """Return a model of some rows; ``box`` (low, size) gives a row a body, ``psets`` its property sets."""
    frame = pd.DataFrame(
        [{name: str(row.get(name, "")) for name in TEXTS} for row in rows], columns=list(TEXTS), dtype=object
    )
    missing = frame["guid"] == ""
    frame.loc[missing, "guid"] = [f"0{number:021d}" for number in frame.index[missing]]
    frame["parent"] = np.array([row.get("parent", -1) for row in rows], np.int32)
    frame["has_geometry"] = np.array(["box" in row for row in rows], bool)
    frame["elevation_m"] = np.array([row.get("elevation_m", np.nan) for row in rows], float)
    sets: list[tuple[str, Mapping[str, Any]]] = []
    of_elements = []
    for row in rows:
        mine = list(row.get("psets", {}).items())
        of_elements.append(range(len(sets), len(sets) + len(mine)))
        sets += mine
    boxed = [oid for oid, row in enumerate(rows) if "box" in row]
    matrix = np.tile(np.eye(4), (len(boxed), 1, 1))
    for place, oid in enumerate(boxed):
        low, size = rows[oid]["box"]
        matrix[place, :3, 3] = low
        matrix[place, [0, 1, 2], [0, 1, 2]] = size
    meshes = MeshStore(
        _CUBE, _FACES, np.zeros(len(_FACES), np.int32), np.array([0, 8]), np.array([0, 12]),
        np.zeros(len(boxed), np.int32), np.array(boxed, np.int32), matrix, np.ones((1, 4), np.float32),
    )  # fmt: skip
    return ModelData(meshes, frame, PsetStore.build(sets, of_elements, units), np.eye(4), "", info)


def cubes(classes, sets=None, info=None, matrix=None):
    """Return a model of cubes of 10 m, one an element, side by side."""
    corners = np.array([(x, y, z) for z in (0, 10) for y in (0, 10) for x in (0, 10)], np.float32)
    faces = np.array([(0, 1, 3), (4, 5, 7)], np.int32)
    count = len(classes)
    matrices = np.tile(np.eye(4), (count, 1, 1))
    matrices[:, 0, 3] = 20.0 * np.arange(count)
    meshes = MeshStore(
        corners, faces, np.zeros(2, np.int32), np.array([0, 8]), np.array([0, 2]), np.zeros(count, np.int32),
        np.arange(count, dtype=np.int32), matrices, np.ones((1, 4), np.float32),
    )  # fmt: skip
    elements = pd.DataFrame({"ifc_class": classes, "has_geometry": True})
    placement = np.eye(4) if matrix is None else matrix
    data = ModelData(meshes, elements, PsetStore.of(sets or {}, count), placement, "EPSG:4548", info or {})
    return Layer("model", "model", "model", "model"), data
