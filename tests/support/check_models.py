"""Models of plain boxes for the tests of checks, authored on the spot, and a session that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api as api
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.georeference
import ifcopenshell.api.project
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.unit
import numpy as np

from app.session import Session
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.ifc.reader import read
from models.io.request import ReadRequest
from models.layers.layer import Layer, LayerData, ModelData, Source, VectorData
from models.project.project import ProjectState

FRAME = Frame("EPSG:4548", None, (500000, 4000000, 0))


@dataclass
class Box:
    """One element: a box from ``low`` to ``high``, metres."""

    ifc_class: str
    name: str
    low: Sequence[float]
    high: Sequence[float]
    psets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tag: str = ""
    fills: str = ""
    part_of: str = ""


def author(
    path: Path,
    boxes: Sequence[Box],
    *,
    east_m: float | None = 500000.0,
    north_m: float = 4000000.0,
    schema: str = "IFC4",
) -> ifcopenshell.file:
    """Write a model of boxes; ``east_m=None`` says nothing about where it stands."""
    model = api.project.create_file(version=schema)
    project = api.root.create_entity(model, ifc_class="IfcProject", name="P")
    api.unit.assign_unit(model, units=[api.unit.add_si_unit(model, unit_type="LENGTHUNIT")])
    context = api.context.add_context(model, context_type="Model")
    body = api.context.add_context(
        model, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=context
    )
    if east_m is not None:
        api.georeference.add_georeferencing(model)
        api.georeference.edit_georeferencing(
            model,
            projected_crs={"Name": "EPSG:4548"},
            coordinate_operation={"Eastings": east_m, "Northings": north_m, "OrthogonalHeight": 0.0},
        )
    site, building, storey = (
        api.root.create_entity(model, ifc_class=name, name=name)
        for name in ("IfcSite", "IfcBuilding", "IfcBuildingStorey")
    )
    for above, below in ((project, site), (site, building), (building, storey)):
        api.aggregate.assign_object(model, products=[below], relating_object=above)
    made: dict[str, Any] = {}
    for box in boxes:
        thing = api.root.create_entity(model, ifc_class=box.ifc_class, name=box.name)
        thing.Tag = box.tag or None
        low, high = np.asarray(box.low, float), np.asarray(box.high, float)
        size, matrix = high - low, np.eye(4)
        matrix[:3, 3] = [*(low + high)[:2] / 2, low[2]]
        api.geometry.edit_object_placement(model, product=thing, matrix=matrix, is_si=True)
        profile = model.create_entity("IfcRectangleProfileDef", "AREA", XDim=float(size[0]), YDim=float(size[1]))
        solid = model.create_entity(
            "IfcExtrudedAreaSolid", profile, None, model.create_entity("IfcDirection", (0.0, 0.0, 1.0)), float(size[2])
        )
        shape = model.create_entity("IfcShapeRepresentation", body, "Body", "SweptSolid", [solid])
        api.geometry.assign_representation(model, product=thing, representation=shape)
        if box.part_of:
            api.aggregate.assign_object(model, products=[thing], relating_object=made[box.part_of])
        else:
            api.spatial.assign_container(model, products=[thing], relating_structure=storey)
        for name, values in box.psets.items():
            pset = api.pset.add_pset(model, product=thing, name=name)
            api.pset.edit_pset(model, pset=pset, properties=values)
        made[box.name] = thing
    model.write(str(path))
    return model


def opened(path: Path) -> ModelData:
    """Read a model in this process, its exact geometry."""
    data = read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def oid_of(data: ModelData, name: str) -> int:
    """Return the oid of the only element with a name."""
    found = np.flatnonzero((data.elements["name"] == name).to_numpy())
    assert len(found) == 1, name
    return int(found[0])


def hold(session: Session, **layers: LayerData | tuple[LayerData, Path]) -> None:
    """Let a session hold layers by id: models, or lines as pipes."""
    data: dict[str, LayerData] = {}
    rows = []
    for name, given in layers.items():
        one, path = given if isinstance(given, tuple) else (given, Path())
        is_pipes = isinstance(one, VectorData)
        data[name] = one
        rows.append(
            Layer(name, name, "vector" if is_pipes else "model", "pipes" if is_pipes else "model",
                  Source(path=str(path) if path != Path() else "", reader="ifc"))
        )  # fmt: skip
    session.project.replace_all(ProjectState("test", frame=FRAME, layers=tuple(rows)), data, None)
