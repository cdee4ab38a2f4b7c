"""Small IFC models for the tests of the readers, authored on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api as api
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.geometry
import ifcopenshell.api.georeference
import ifcopenshell.api.material
import ifcopenshell.api.owner
import ifcopenshell.api.project
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.type
import ifcopenshell.api.unit
import numpy as np


def make_model(
    schema: str = "IFC4",
    *,
    columns: int = 3,
    prefix: str | None = None,
    map_conversion: dict[str, Any] | None = None,
    crs: str = "EPSG:4548",
    latlon: tuple[tuple[int, ...], tuple[int, ...]] | None = None,
    at_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> ifcopenshell.file:
    """Return a project with a site, a building, a storey, a space, columns that share one shape, and property sets."""
    model = ifcopenshell.api.project.create_file(version=schema)
    if schema == "IFC2X3":  # which wants an author for everything
        person = api.owner.add_person(model)
        organisation = api.owner.add_organisation(model)
        api.owner.add_person_and_organisation(model, person=person, organisation=organisation)
        api.owner.add_application(model)
    project = api.root.create_entity(model, ifc_class="IfcProject", name="示例工程")
    unit = api.unit.add_si_unit(model, unit_type="LENGTHUNIT", prefix=prefix)
    api.unit.assign_unit(model, units=[unit])
    context = api.context.add_context(model, context_type="Model")
    body = api.context.add_context(
        model, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=context
    )
    site = api.root.create_entity(model, ifc_class="IfcSite", name="场地")
    building = api.root.create_entity(model, ifc_class="IfcBuilding", name="1 号楼")
    storey = api.root.create_entity(model, ifc_class="IfcBuildingStorey", name="首层")
    space = api.root.create_entity(model, ifc_class="IfcSpace", name="101")
    for above, below in ((project, site), (site, building), (building, storey), (storey, space)):
        api.aggregate.assign_object(model, products=[below], relating_object=above)
    for thing in (site, building, storey):
        api.geometry.edit_object_placement(model, product=thing)
    if latlon:
        site.RefLatitude, site.RefLongitude, site.RefElevation = (*latlon, 12.0)
    scale = 1000.0 if prefix == "MILLI" else 1.0
    kind = api.root.create_entity(model, ifc_class="IfcColumnType", name="柱 400×400")
    shape = _box(model, body, 0.4 * scale, 0.4 * scale, 3.0 * scale)
    api.geometry.assign_representation(model, product=kind, representation=shape)
    api.pset.edit_pset(
        model, pset=api.pset.add_pset(model, product=kind, name="Pset_ColumnCommon"),
        properties={"LoadBearing": True, "FireRating": "2h"},
    )  # fmt: skip
    material = api.material.add_material(model, name="混凝土 C30")
    api.material.assign_material(model, products=[kind], material=material)
    for number in range(columns):
        column = api.root.create_entity(model, ifc_class="IfcColumn", name=f"柱-{number + 1}")
        api.type.assign_type(model, related_objects=[column], relating_type=kind)
        api.spatial.assign_container(model, products=[column], relating_structure=storey)
        matrix = np.eye(4)
        matrix[:3, 3] = (at_m[0] + 5.0 * number, *at_m[1:])
        api.geometry.edit_object_placement(model, product=column, matrix=matrix, is_si=True)
        if number == 0:
            mine = api.pset.add_pset(model, product=column, name="Pset_ColumnCommon")
            api.pset.edit_pset(model, pset=mine, properties={"FireRating": "3h", "备注": "角柱"})
    if map_conversion is not None and schema != "IFC2X3":
        api.georeference.add_georeferencing(model, name=crs)
        api.georeference.edit_georeferencing(model, coordinate_operation=map_conversion)
    elif map_conversion is not None:
        conversion = api.pset.add_pset(model, product=site, name="ePSet_MapConversion")
        api.pset.edit_pset(model, pset=conversion, properties=map_conversion)
        target = api.pset.add_pset(model, product=site, name="ePSet_ProjectedCRS")
        api.pset.edit_pset(model, pset=target, properties={"Name": crs})
    return model


def write_model(path: Path, **options: Any) -> Path:
    """Write :func:`make_model` to a file."""
    make_model(**options).write(str(path))
    return path


def _box(model: ifcopenshell.file, context: Any, x: float, y: float, z: float) -> Any:
    profile = model.create_entity("IfcRectangleProfileDef", ProfileType="AREA", XDim=x, YDim=y)
    profile.Position = model.create_entity(
        "IfcAxis2Placement2D", Location=model.create_entity("IfcCartesianPoint", Coordinates=(0.0, 0.0))
    )
    solid = model.create_entity(
        "IfcExtrudedAreaSolid",
        SweptArea=profile,
        Position=model.create_entity(
            "IfcAxis2Placement3D", Location=model.create_entity("IfcCartesianPoint", Coordinates=(0.0, 0.0, 0.0))
        ),
        ExtrudedDirection=model.create_entity("IfcDirection", DirectionRatios=(0.0, 0.0, 1.0)),
        Depth=z,
    )
    return model.create_entity(
        "IfcShapeRepresentation", ContextOfItems=context, RepresentationIdentifier="Body",
        RepresentationType="SweptSolid", Items=[solid],
    )  # fmt: skip
