"""IFC: a building model with its geometry, its elements, their properties and its place on the Earth.

The work is split by question: :mod:`models.io.ifc_file` opens, :mod:`models.io.ifc_geometry` tessellates,
:mod:`models.io.ifc_elements` lists, :mod:`models.io.ifc_georef` places. IFC2X3, IFC4 and IFC4X3 are read as they are,
other labels through the nearest of the three, with a caution that says what was lost.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import ifcopenshell.util.unit
import numpy as np

from models.errors import Caution, UserError
from models.io.coordinates import stem_of
from models.io.ifc_elements import collect
from models.io.ifc_file import opened
from models.io.ifc_geometry import DEFAULT_KERNEL, tessellate
from models.io.ifc_georef import find
from models.io.request import Opened, ReadRequest
from models.layers import Layer, ModelData, Source, new_layer_id
from models.progress import Progress


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a model as one layer.

    Parameters
    ----------
    path : Path
        ``.ifc`` or ``.ifczip``.
    request : ReadRequest
        ``options["kernel"]`` names another geometry library; ``crs`` is for models that name none.
    progress : Progress

    Raises
    ------
    UserError
        ``io.damaged``, ``io.zip_bomb``, ``io.no_elements``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    kernel = request.options.get("kernel") or DEFAULT_KERNEL
    with opened(path, request.encoding) as (model, header, mended):
        length_m = _length_m(model)
        meshes, order, found = tessellate(model, kernel, path.name, progress.part(0.1, 0.8))
        cautions = [*mended, *found]
        progress.step(0.8, "progress.io.elements")
        elements = collect(model, set(order), length_m)
        if not len(elements.frame):
            raise UserError("io.no_elements", file=path.name)
        oids = np.array([elements.oid_of[key] for key in order] or [0], dtype=np.int32)
        if len(meshes.placement_element):
            meshes = replace(meshes, placement_element=oids[meshes.placement_element])
        progress.step(0.95, "progress.io.elements")
        bounds = meshes.bounds()
        centre = None if bounds is None else bounds.mean(axis=0)
        place = find(model, length_m, centre, request.crs, path.name)
        cautions += place.cautions
        if bounds is None:
            cautions.append(Caution("io.no_geometry", file=path.name))
        counts = Counter(elements.frame["ifc_class"])
        project = next(iter(model.by_type("IfcProject")), None)
        info = {
            "schema": header.schema,
            "label": header.label,
            "application": header.application,
            "author": header.author,
            "timestamp": header.timestamp,
            "project": str(getattr(project, "Name", "") or getattr(project, "LongName", "") or ""),
            "length_unit_m": length_m,
            "georef": place.kind,
            "georef_detail": place.detail,
            "kernel": kernel,
            "counts": dict(counts.most_common()),
            "triangles": meshes.triangle_count,
            "meshes": len(meshes.mesh_faces) - 1,
            "placements": len(meshes.placement_mesh),
        }
        data = ModelData(meshes, elements.frame, elements.psets, place.placement, place.crs, info, cautions)
    name = stem_of(path)
    source = Source(path=str(path), reader="ifc", crs=place.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


def _length_m(model: Any) -> float:
    """Return metres in the project's unit of length; 1 where none is assigned, as the schema's default."""
    try:
        return float(ifcopenshell.util.unit.calculate_unit_scale(model)) or 1.0
    except (RuntimeError, AttributeError, TypeError, ValueError, IndexError, KeyError):
        return 1.0
