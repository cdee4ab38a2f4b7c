"""Bodies as CityJSON 2.0: solids with semantics, attributes kept, coordinates as whole millimetres.

Source: CityJSON specifications 2.0.1. A body from a footprint is a Solid of LoD 1.2 with roof, wall and ground
surfaces; an element of a model is a MultiSurface.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import Caution, UserError
from models.core.plain_values import json_scalar
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.geometry.solids import SURFACES, Bodies
from models.io.format import WriteRequest
from models.store.atomic import write_text

#: Names of surfaces in CityJSON.
SEMANTICS = {"roof": "RoofSurface", "wall": "WallSurface", "ground": "GroundSurface"}
#: City objects that may stand alone; a ``BuildingPart`` needs a parent, so that it goes out as a ``Building``.
FIRST_LEVEL = ("Building", "Bridge", "Tunnel", "Road", "Railway", "TransportSquare", "Waterway", "WaterBody",
               "PlantCover", "SolitaryVegetationObject", "LandUse", "TINRelief", "CityFurniture", "OtherConstruction",
               "GenericCityObject")  # fmt: skip
#: Whole numbers of this many metres.
SCALE_M = 0.001


def write_cityjson(path: Path, bodies: Bodies, request: WriteRequest, progress: Progress) -> list[Caution]:
    """Write one city object a body.

    Parameters
    ----------
    path : Path
    bodies : Bodies
    request : WriteRequest
        Its title is that of the dataset; that data is synthetic stands in the metadata and at every object.
    progress : Progress

    Raises
    ------
    UserError
        ``export.nothing``, and those of writing files.
    """
    if not len(bodies.faces):
        raise UserError("export.nothing", file=path.name)
    origin = bodies.origin
    vertices = np.round((bodies.points - origin) / SCALE_M).astype(np.int64)
    objects: dict[str, Any] = {}
    for number, (oid, part) in enumerate(zip(bodies.table.index, bodies.slices(), strict=True)):
        if number % 1000 == 0:
            progress.step(0.8 * number / max(len(bodies.table), 1), "progress.writing")
        if part.start == part.stop:
            continue
        row = bodies.table.iloc[number]
        attributes = {str(name): value for name, one in row.items() if (value := json_scalar(one)) is not None}
        if request.synthetic:
            attributes["synthetic"] = True
        own = str(attributes.pop("guid", "") or oid) if "guid" in bodies.table.columns else f"{oid}"
        kind = attributes.pop("ifc_class", "")
        if str(kind).startswith("Ifc"):
            attributes["ifc_class"] = kind
        if own in objects:
            own = f"{own}-{oid}"
        objects[own] = {"type": _kind(row), "attributes": attributes, "geometry": [_geometry(bodies, part, _kind(row))]}
    low, high = bodies.points.min(axis=0), bodies.points.max(axis=0)
    document = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [SCALE_M] * 3, "translate": origin.tolist()},
        "metadata": {
            "title": f"{request.title} (synthetic)" if request.synthetic else request.title,
            "geographicalExtent": [round(float(v), 3) for v in (*low, *high)],
            **_reference(bodies.crs),
        },
        "CityObjects": objects,
        "vertices": vertices.tolist(),
    }
    write_text(path, json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    progress.step(1.0, "progress.writing")
    return []


def _geometry(bodies: Bodies, part: slice, kind: str) -> dict[str, Any]:
    faces, kinds = bodies.faces[part], bodies.surfaces[part]
    rings = [[face] for face in faces.tolist()]
    if kind == "TINRelief":  # the one object whose surface has to be of one piece (§3.2)
        return {"type": "CompositeSurface", "lod": "1", "boundaries": rings}
    if not kinds.any():
        return {"type": "MultiSurface", "lod": "2", "boundaries": rings}
    used = np.unique(kinds[kinds > 0])
    places = [int(np.searchsorted(used, kind)) if kind else None for kind in kinds.tolist()]
    surfaces = [{"type": SEMANTICS[SURFACES[kind]]} for kind in used.tolist()]
    if "ifc_class" in bodies.table.columns:  # of a model nobody knows whether it is closed
        semantics = {"surfaces": surfaces, "values": places}
        return {"type": "MultiSurface", "lod": "2", "boundaries": rings, "semantics": semantics}
    return {
        "type": "Solid", "lod": "1.2", "boundaries": [rings],
        "semantics": {"surfaces": surfaces, "values": [places]},
    }  # fmt: skip


def _kind(row: Any) -> str:
    """Return the city object's type: its own where it came from a city model, else a building or a generic object."""
    own = str(row.get("ifc_class") or "")
    if not own:
        return "Building"
    plain = own.removeprefix("+")
    return next((kind for kind in FIRST_LEVEL if plain.startswith(kind)), "GenericCityObject")


def _reference(crs: str) -> dict[str, str]:
    authority = parse_crs(crs).to_authority(min_confidence=70)
    if authority is None:
        return {}
    return {"referenceSystem": f"https://www.opengis.net/def/crs/{authority[0]}/0/{authority[1]}"}
