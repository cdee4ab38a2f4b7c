"""A model of city objects: meshes, the table of elements, attributes.

Invariants
----------
1. One element an object. What a face is (roof, wall) is a row of ``info["surfaces"]``, not an element: a city of a
   million buildings has ten million walls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import Caution
from models.io.city.meshes import Palette, meshes_of, placements_of, store_of
from models.io.city.objects import Appearance, Instances, Objects, Surfaces
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import ModelData
from resources.standards import standard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Names in these attributes, first found counts.
_NAMES = ("name", "naam", "gml:name", "gml_name", "identificatie", "addressname")
#: Columns that the browser of models knows from IFC and that a city has nothing for.
EMPTY: dict[str, Any] = {
    "long_name": "", "elevation_m": float("nan"), "floor_level_m": float("nan"), "predefined_type": "",
    "object_type": "", "description": "", "tag": "", "material": "", "classification": "", "system": "", "group": "",
}  # fmt: skip


def build(
    objects: Objects,
    surfaces: Surfaces,
    appearance: Appearance,
    *,
    group: str,
    schema: str,
    crs: str,
    georef: str,
    instances: Instances | None = None,
    cautions: Sequence[Caution] = (),
    info: Mapping[str, Any] | None = None,
) -> ModelData:
    """Make a model of city objects.

    Parameters
    ----------
    objects : Objects
    surfaces : Surfaces
        ``points`` in ``crs``, (easting, northing, height) in metres.
    appearance : Appearance
    group : str
        Name of the property set that holds the attributes: the format.
    schema : str
        ``"CityJSON 2.0"``.
    crs, georef : str
        As of :class:`~models.layers.layer.ModelData`.
    instances : Instances, optional
    cautions : sequence of Caution
    info : mapping, optional
        What else is known of the model.
    """
    all_cautions = list(cautions)
    wearing = Palette(appearance)
    meshes = meshes_of(surfaces, objects.kind, wearing)
    origin = np.floor(meshes.middle.min(axis=0)) if len(meshes.middle) else _first_place(instances)
    parts = [meshes]
    matrix = np.tile(np.eye(4), (len(meshes.middle), 1, 1))
    matrix[:, :3, 3] = meshes.middle - origin
    mesh, element, matrices = [np.arange(len(meshes.owner))], [meshes.owner], [matrix]
    if instances is not None and instances.shapes is not None and instances.placed:
        kinds = {shape: objects.kind[oid] for oid, shape, _ in reversed(instances.placed)}
        often = np.bincount(
            [shape for _, shape, _ in instances.placed], minlength=int(instances.shapes.owner.max(initial=-1)) + 1
        )
        shapes = meshes_of(instances.shapes, [kinds.get(i, "") for i in range(len(often))], wearing, often)
        placed = placements_of(instances, shapes, origin)
        mesh.append(placed[0] + len(meshes.owner))
        element.append(placed[1])
        matrices.append(placed[2])
        parts.append(shapes)
    store = store_of(parts, np.concatenate(mesh), np.concatenate(element), np.concatenate(matrices), wearing)
    if appearance.textures is not None and appearance.textures.missing:
        names = sorted(set(appearance.textures.missing))
        all_cautions.append(Caution("city3d.textures_missing", count=len(names), first=names[0]))
    placement = np.eye(4)
    placement[:3, 3] = origin
    elements = table(objects, np.asarray(store.placement_element))
    psets = PsetStore.of_group(group, objects.attributes)
    facts = {
        "schema": schema,
        "georef": georef,
        "city": True,
        "counts": {str(k): int(v) for k, v in elements["ifc_class"].value_counts().items()},
        "surfaces": appearance.surfaces,
        "worn": {"surfaces": wearing.counts, "objects": wearing.objects},
        **(info or {}),
    }
    return ModelData(store, elements, psets, placement, crs, facts, all_cautions)


def _first_place(instances: Instances | None) -> Floats:
    if instances is None or not instances.placed:
        return np.zeros(3)
    lowest: Floats = np.floor(np.min([matrix[:3, 3] for _, _, matrix in instances.placed], axis=0))
    return lowest


def table(objects: Objects, has_geometry: Ints) -> pd.DataFrame:
    """Return the table of elements, with what a record of buildings wants to know in columns of its own.

    ``height_m``, ``storeys``, ``year`` are numbers with NaN where the data is silent; ``use`` and ``roof`` are texts.
    """
    count = len(objects.guid)
    shown = np.zeros(count, dtype=bool)
    shown[has_geometry] = True
    rows = standard("city3d")
    wanted = {column: [name.lower() for name in names] for column, names in rows["attribute"].items()}
    found: dict[str, list[Any]] = {column: [None] * count for column in wanted}
    names = list(objects.guid)
    alike: dict[tuple[str, ...], list[int]] = {}  # thousands of objects have the same few sets of attributes
    for oid, attributes in enumerate(objects.attributes):
        if attributes:
            alike.setdefault(tuple(attributes), []).append(oid)
    for keys, oids in alike.items():
        plain = {str(key).lower().rpartition(".")[2]: key for key in reversed(keys)}
        mine = [objects.attributes[oid] for oid in oids]
        for column, candidates in wanted.items():  # backwards, as the first one found has the last word
            for key in [plain[name] for name in reversed(candidates) if name in plain]:
                _fill(found[column], oids, mine, key)
        for key in [plain[key] for key in reversed(_NAMES) if key in plain]:
            for oid, attributes in zip(oids, mine, strict=True):
                if isinstance(attributes[key], (str, int)) and attributes[key] != "":
                    names[oid] = str(attributes[key])
    frame = pd.DataFrame({
        "guid": objects.guid, "ifc_class": objects.kind, "name": names, "storey": "", "type_name": "",
        "parent": np.asarray(objects.parent, dtype=np.int32), "has_geometry": shown, "lod": objects.lod,
        **EMPTY,
    })  # fmt: skip
    for column, values in found.items():
        if not any(value is not None for value in values):
            continue
        if column in ("use", "roof"):
            codes = rows["roof"] if column == "roof" else {}
            frame[column] = [None if v is None else codes.get(str(v), str(v)) for v in values]
        else:
            frame[column] = _numbers(values, year=column == "year")
    return frame


def _fill(column: list[Any], oids: list[int], rows: list[Mapping[str, Any]], key: str) -> None:
    for oid, row in zip(oids, rows, strict=True):
        value = row[key]
        if value is not None and value != "":
            column[oid] = value


def _numbers(values: list[Any], *, year: bool) -> Floats:
    if set(map(type, values)) <= {int, float, type(None)}:
        found = np.array(values, dtype=np.float64)
        return found if year else np.where(np.abs(found) < 9000, found, np.nan)
    return np.array([number(value, year=year) for value in values], dtype=np.float64)


def number(value: Any, *, year: bool = False) -> float:
    """Return the number in an attribute, NaN where there is none; of a date its year.

    Examples
    --------
    >>> number("12.5 m"), number("1987-03-02", year=True)
    (12.5, 1987.0)
    """
    if value is None:
        return float("nan")
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) < 9000 or year else float("nan")
    found = re.match(r"\s*(-?\d+(?:\.\d+)?)", str(value)) if value is not None else None
    if not found:
        return float("nan")
    result = float(found.group(1))
    return result if abs(result) < 9000 else float("nan")  # -9999, 9999: "unknown" in many registers
