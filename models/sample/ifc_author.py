"""A small author of IFC files over IfcOpenShell: the same design in IFC4 or IFC2X3, the same bytes every time.

Invariants
----------
1. A GlobalId is the uuid5 of design and key. Random ids would change the file at every run, and no saved selection,
   finding or comment would find its element again.
2. Relations are collected and written once, in the order in which they were asked for. The API's own ``assign_*``
   calls keep members in sets whose order follows memory addresses; the bytes would differ from run to run.
3. What repeats is drawn once: a representation map per distinct shape, one ``IfcMappedItem`` per place. A tower of
   22 equal storeys is then the size of one storey plus placements.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api.context
import ifcopenshell.api.georeference
import ifcopenshell.api.material
import ifcopenshell.api.project
import ifcopenshell.api.style
import ifcopenshell.guid

Entity = Any
Point2 = tuple[float, float]
Point3 = tuple[float, float, float]

_NAMESPACE = uuid.UUID("6d0f3a52-6c1e-5d5e-9c1d-0c4548573700")
#: Written into the STEP header and, in IFC2X3, into the owner history: a file that carries the hour differs every hour.
_TIMESTAMP = "2025-07-01T00:00:00+08:00"
_TIMESTAMP_UNIX = 1751299200

#: Attributes that a schema calls differently or wants filled: (IFC2X3 class, attribute, value).
_REQUIRED_2X3: dict[str, dict[str, Any]] = {
    "IfcSpace": {"InteriorOrExteriorSpace": "INTERNAL"},
    "IfcStair": {"ShapeType": "HALF_TURN_STAIR"},
    "IfcRoof": {"ShapeType": "NOTDEFINED"},
    "IfcDoorStyle": {"OperationType": "NOTDEFINED", "ConstructionType": "NOTDEFINED",
                     "ParameterTakesPrecedence": False, "Sizeable": False},
    "IfcWindowStyle": {"OperationType": "NOTDEFINED", "ConstructionType": "NOTDEFINED",
                       "ParameterTakesPrecedence": False, "Sizeable": False},
}  # fmt: skip
_CLASS_2X3 = {
    "IfcDoorType": "IfcDoorStyle",
    "IfcWindowType": "IfcWindowStyle",
    "IfcRoofType": "IfcSlabType",
    "IfcRampType": "IfcBuildingElementProxyType",
    "IfcStairType": "IfcStairFlightType",
}


@dataclass(frozen=True, slots=True)
class Georeference:
    """Where a model's zero stands and how its x axis is turned.

    Parameters
    ----------
    easting_m, northing_m, height_m : float
        Zero of the model in the projected CRS and above the vertical datum.
    rotation_deg : float
        Turn of the model's x axis from grid east, counter-clockwise positive.
    crs, vertical : str
        Name of the projected CRS and of the height datum.
    """

    easting_m: float
    northing_m: float
    height_m: float
    rotation_deg: float
    crs: str = "EPSG:4548"
    vertical: str = "1985国家高程基准"


class Author:
    """Writes one IFC file.

    Parameters
    ----------
    schema : str
        ``"IFC4"`` or ``"IFC2X3"``.
    design : str
        Stem of all GlobalIds; with the key of an object it gives the id.
    """

    def __init__(self, schema: str, design: str) -> None:
        self.schema = schema
        self.design = design
        self.file = ifcopenshell.api.project.create_file(version=schema)
        self._declared: dict[str, set[str]] = {}
        self._styles: dict[str, Entity] = {}
        self._maps: dict[Hashable, Entity] = {}
        self._types: dict[str, Entity] = {}
        self._directions: dict[tuple[float, ...], Entity] = {}
        self._related: dict[tuple[str, int, str], tuple[Entity, list[Entity]]] = {}
        self._psets: dict[Hashable, tuple[str, Mapping[str, Any], list[Entity]]] = {}
        self._materials: dict[str, tuple[Entity, list[Entity]]] = {}
        self._history = self._owner_history() if schema == "IFC2X3" else None

    # -- objects ---------------------------------------------------------------------------------------------------

    def guid(self, key: str) -> str:
        """Return the GlobalId of a key; the same in both schemas, so that twins can be compared."""
        return str(ifcopenshell.guid.compress(uuid.uuid5(_NAMESPACE, f"{self.design}/{key}").hex))

    def rooted(self, ifc_class: str, key: str, **attributes: Any) -> Entity:
        """Create an object with a GlobalId; attributes unknown to the schema are left out."""
        if self.schema == "IFC2X3":
            ifc_class = _CLASS_2X3.get(ifc_class, ifc_class)
            attributes = {**_REQUIRED_2X3.get(ifc_class, {}), **attributes}
        known = self._declared.get(ifc_class)
        if known is None:
            declaration = ifcopenshell.schema_by_name(self.schema).declaration_by_name(ifc_class)
            known = {attribute.name() for attribute in declaration.as_entity().all_attributes()}
            self._declared[ifc_class] = known
        kept = {name: value for name, value in attributes.items() if name in known}
        return self.file.create_entity(ifc_class, GlobalId=self.guid(key), OwnerHistory=self._history, **kept)

    def project(self, name: str, description: str) -> Entity:
        """Create the project with SI units (metres, radians) and a body context."""
        f = self.file
        units = [
            f.create_entity("IfcSIUnit", UnitType=kind, Name=unit)
            for kind, unit in (
                ("LENGTHUNIT", "METRE"),
                ("AREAUNIT", "SQUARE_METRE"),
                ("VOLUMEUNIT", "CUBIC_METRE"),
                ("PLANEANGLEUNIT", "RADIAN"),
            )
        ]
        project = self.rooted(
            "IfcProject", "project", Name=name, Description=description,
            UnitsInContext=f.create_entity("IfcUnitAssignment", Units=units),
        )  # fmt: skip
        self.context = ifcopenshell.api.context.add_context(f, context_type="Model")
        self.context.TrueNorth = self.direction(0.0, 1.0)
        self.body = ifcopenshell.api.context.add_context(
            f, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=self.context
        )
        return project

    def georeference(self, where: Georeference, project: Entity, site: Entity) -> None:
        """Say where the model stands: IfcMapConversion in IFC4, the ePSets on the site in IFC2X3."""
        angle = math.radians(where.rotation_deg)
        operation = {
            "Eastings": where.easting_m, "Northings": where.northing_m, "OrthogonalHeight": where.height_m,
            "XAxisAbscissa": round(math.cos(angle), 12), "XAxisOrdinate": round(math.sin(angle), 12), "Scale": 1.0,
        }  # fmt: skip
        crs = {
            "Name": where.crs, "Description": "CGCS2000 / 3-degree Gauss-Kruger CM 117E", "GeodeticDatum": "CGCS2000",
            "VerticalDatum": where.vertical, "MapProjection": "Gauss-Kruger", "MapZone": "CM 117E",
        }  # fmt: skip
        if self.schema == "IFC2X3":
            lengths = ("Eastings", "Northings", "OrthogonalHeight")
            conversion = {k: ("IfcLengthMeasure" if k in lengths else "IfcReal", v) for k, v in operation.items()}
            self.pset(site, "ePSet_MapConversion", {"TargetCRS": where.crs, **conversion})
            self.pset(site, "ePSet_ProjectedCRS", {**crs, "MapUnit": "METRE"})
            return
        ifcopenshell.api.georeference.add_georeferencing(self.file, name=where.crs)
        ifcopenshell.api.georeference.edit_georeferencing(
            self.file, coordinate_operation=operation, projected_crs={**crs, "MapUnit": project.UnitsInContext.Units[0]}
        )

    def relate(self, ifc_class: str, one: Entity, many: Entity, one_name: str, many_name: str) -> None:
        """Note a one-to-many relation; :meth:`write` writes one relation object for all of ``many``."""
        self._related.setdefault((ifc_class, one.id(), f"{one_name},{many_name}"), (one, []))[1].append(many)

    def aggregate(self, whole: Entity, part: Entity) -> None:
        """Note that ``part`` (a storey, a space, a flight) makes up ``whole``."""
        self.relate("IfcRelAggregates", whole, part, "RelatingObject", "RelatedObjects")

    def contain(self, storey: Entity, element: Entity) -> None:
        """Note that an element stands in a storey."""
        self.relate(
            "IfcRelContainedInSpatialStructure", storey, element, "RelatingStructure", "RelatedElements"
        )  # fmt: skip

    def group(self, zone: Entity, member: Entity) -> None:
        """Note that a space belongs to a zone, such as a flat."""
        self.relate("IfcRelAssignsToGroup", zone, member, "RelatingGroup", "RelatedObjects")

    def pset(self, element: Entity, name: str, values: Mapping[str, Any]) -> None:
        """Give an element a property set; equal sets are written once and shared.

        A value is a plain Python value or ``(measure, value)``, such as ``("IfcAreaMeasure", 12.5)``.
        """
        key = (name, tuple(values.items()))
        self._psets.setdefault(key, (name, values, []))[2].append(element)

    def material(self, element: Entity, name: str) -> None:
        """Give an element a material by name."""
        if name not in self._materials:
            self._materials[name] = (ifcopenshell.api.material.add_material(self.file, name=name), [])
        self._materials[name][1].append(element)

    def type(self, ifc_class: str, name: str, **attributes: Any) -> Entity:
        """Return the type of a name, made at its first mention."""
        found = self._types.get(name)
        if found is None:
            found = self._types[name] = self.rooted(ifc_class, f"type/{name}", Name=name, **attributes)
        return found

    def typed(self, element: Entity, kind: Entity) -> None:
        """Note an element's type."""
        self.relate("IfcRelDefinesByType", kind, element, "RelatingType", "RelatedObjects")

    def void(self, element: Entity, opening: Entity, key: str) -> None:
        """Cut an opening into an element."""
        self.rooted("IfcRelVoidsElement", f"void/{key}", RelatingBuildingElement=element, RelatedOpeningElement=opening)

    def fill(self, opening: Entity, filling: Entity, key: str) -> None:
        """Put a door or window into an opening."""
        self.rooted("IfcRelFillsElement", f"fill/{key}", RelatingOpeningElement=opening, RelatedBuildingElement=filling)

    # -- places and shapes -----------------------------------------------------------------------------------------

    def direction(self, *ratios: float) -> Entity:
        """Return a direction, shared between all who need it."""
        key = tuple(round(r, 9) + 0.0 for r in ratios)
        if key not in self._directions:
            self._directions[key] = self.file.create_entity("IfcDirection", DirectionRatios=key)
        return self._directions[key]

    def point(self, *xyz: float) -> Entity:
        """Return a point in metres, rounded to a tenth of a millimetre."""
        return self.file.create_entity("IfcCartesianPoint", Coordinates=tuple(round(c, 4) + 0.0 for c in xyz))

    def axes(self, origin: Point3 = (0.0, 0.0, 0.0), z: Point3 | None = None, x: Point3 | None = None) -> Entity:
        """Return an IfcAxis2Placement3D."""
        return self.file.create_entity(
            "IfcAxis2Placement3D",
            Location=self.point(*origin),
            Axis=self.direction(*z) if z else None,
            RefDirection=self.direction(*x) if x else None,
        )

    def place(
        self, element: Entity, origin: Point3 = (0.0, 0.0, 0.0), angle_deg: float = 0.0, relative: Entity | None = None
    ) -> Entity:
        """Place an element relative to another's placement, turned about z; returns the placement."""
        a = math.radians(angle_deg)
        turned = abs(angle_deg) > 1e-9
        axes = self.axes(origin, (0.0, 0.0, 1.0), (math.cos(a), math.sin(a), 0.0)) if turned else self.axes(origin)
        element.ObjectPlacement = self.file.create_entity(
            "IfcLocalPlacement",
            PlacementRelTo=relative.ObjectPlacement if relative is not None else None,
            RelativePlacement=axes,
        )
        return element.ObjectPlacement

    def style(self, item: Entity, colour: str) -> Entity:
        """Give a representation item a colour: ``"#rrggbb"``, with ``"/0.4"`` behind it for transparency."""
        if colour not in self._styles:
            code, _, clear = colour.partition("/")
            red, green, blue = (round(int(code[i : i + 2], 16) / 255, 4) for i in (1, 3, 5))
            style = ifcopenshell.api.style.add_style(self.file, name=colour)
            ifcopenshell.api.style.add_surface_style(
                self.file,
                style=style,
                ifc_class="IfcSurfaceStyleRendering",
                attributes={
                    "SurfaceColour": {"Name": None, "Red": red, "Green": green, "Blue": blue},
                    "Transparency": float(clear or 0.0),
                    "ReflectanceMethod": "NOTDEFINED",
                },
            )
            if self.schema == "IFC2X3":
                style = self.file.create_entity("IfcPresentationStyleAssignment", Styles=[style])
            self._styles[colour] = style
        self.file.create_entity("IfcStyledItem", Item=item, Styles=[self._styles[colour]])
        return item

    def _polyline(self, points: Sequence[Point2]) -> Entity:
        corners = [self.point(*p) for p in points]
        return self.file.create_entity("IfcPolyline", Points=[*corners, corners[0]])

    def extrude(
        self,
        outline: Sequence[Point2],
        depth_m: float,
        colour: str,
        axes: Entity | None = None,
        holes: Sequence[Sequence[Point2]] = (),
    ) -> Entity:
        """Return a solid: an outline in the plane of ``axes`` extruded along its z."""
        f = self.file
        if holes:
            profile = f.create_entity(
                "IfcArbitraryProfileDefWithVoids",
                ProfileType="AREA",
                OuterCurve=self._polyline(outline),
                InnerCurves=[self._polyline(hole) for hole in holes],
            )
        else:
            profile = f.create_entity(
                "IfcArbitraryClosedProfileDef", ProfileType="AREA", OuterCurve=self._polyline(outline)
            )
        solid = f.create_entity(
            "IfcExtrudedAreaSolid",
            SweptArea=profile,
            Position=axes or self.axes(),
            ExtrudedDirection=self.direction(0.0, 0.0, 1.0),
            Depth=round(depth_m, 4),
        )
        return self.style(solid, colour)

    def box(self, low: Point3, high: Point3, colour: str) -> Entity:
        """Return an axis-parallel box between two corners."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        return self.extrude(rectangle(x0, y0, x1, y1), z1 - z0, colour, self.axes((0.0, 0.0, z0)))

    def upright(
        self,
        outline: Sequence[Point2],
        y0: float,
        y1: float,
        colour: str,
        holes: Sequence[Sequence[Point2]] = (),
    ) -> Entity:
        """Return a solid from an elevation: outline in (x, z), extruded from ``y1`` back to ``y0``."""
        axes = self.axes((0.0, y1, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
        return self.extrude(outline, y1 - y0, colour, axes, holes)

    def solid_of_faces(self, points: Sequence[Point3], faces: Sequence[Sequence[int]], colour: str) -> Entity:
        """Return a closed body of planar faces, such as a hip roof."""
        f = self.file
        if self.schema == "IFC2X3":
            corners = [self.point(*p) for p in points]
            shell = f.create_entity(
                "IfcClosedShell",
                CfsFaces=[
                    f.create_entity(
                        "IfcFace",
                        Bounds=[
                            f.create_entity(
                                "IfcFaceOuterBound",
                                Bound=f.create_entity("IfcPolyLoop", Polygon=[corners[i] for i in face]),
                                Orientation=True,
                            )
                        ],
                    )
                    for face in faces
                ],
            )
            return self.style(f.create_entity("IfcFacetedBrep", Outer=shell), colour)
        coordinates = [tuple(round(c, 4) + 0.0 for c in p) for p in points]
        body = f.create_entity(
            "IfcPolygonalFaceSet",
            Coordinates=f.create_entity("IfcCartesianPointList3D", CoordList=coordinates),
            Closed=True,
            Faces=[f.create_entity("IfcIndexedPolygonalFace", CoordIndex=[i + 1 for i in face]) for face in faces],
        )
        return self.style(body, colour)

    def representation(self, items: Sequence[Entity]) -> Entity:
        """Return a body representation of solids, named after what they are."""
        kinds = {item.is_a() for item in items}
        if kinds == {"IfcMappedItem"}:
            kind = "MappedRepresentation"
        elif kinds == {"IfcExtrudedAreaSolid"}:
            kind = "SweptSolid"
        else:
            kind = "Tessellation" if kinds == {"IfcPolygonalFaceSet"} else "Brep" if len(kinds) == 1 else "SolidModel"
        return self.file.create_entity(
            "IfcShapeRepresentation",
            ContextOfItems=self.body,
            RepresentationIdentifier="Body",
            RepresentationType=kind,
            Items=list(items),
        )

    def shape(self, element: Entity, items: Sequence[Entity]) -> Entity:
        """Give an element its own body."""
        element.Representation = self.file.create_entity(
            "IfcProductDefinitionShape", Representations=[self.representation(items)]
        )
        return element

    def shape_map(self, key: Hashable, make: Any, kind: Entity | None = None) -> Entity:
        """Return the representation map of a key; ``make()`` gives its solids at the first mention.

        With ``kind`` the map also hangs on that type object, as other programs expect of a type with a shape.
        """
        found = self._maps.get(key)
        if found is None:
            found = self.file.create_entity(
                "IfcRepresentationMap", MappingOrigin=self.axes(), MappedRepresentation=self.representation(make())
            )
            self._maps[key] = found
            if kind is not None:
                kind.RepresentationMaps = [*(kind.RepresentationMaps or ()), found]
        return found

    def mapped(self, element: Entity, source: Entity) -> Entity:
        """Give an element the shape of a representation map."""
        f = self.file
        if not hasattr(self, "_target"):
            self._target = f.create_entity(
                "IfcCartesianTransformationOperator3D", LocalOrigin=self.point(0.0, 0.0, 0.0), Scale=1.0
            )
        return self.shape(element, [f.create_entity("IfcMappedItem", MappingSource=source, MappingTarget=self._target)])

    # -- the end ---------------------------------------------------------------------------------------------------

    def write(self, path: Path, title: str) -> None:
        """Write the collected relations and the file."""
        for (ifc_class, one_id, names), (one, many) in self._related.items():
            one_name, many_name = names.split(",")
            self.rooted(ifc_class, f"{ifc_class}/{one_id}", **{one_name: one, many_name: many})
        for number, (name, values, elements) in enumerate(self._psets.values()):
            self.rooted(
                "IfcRelDefinesByProperties", f"defines/{number}", RelatedObjects=elements,
                RelatingPropertyDefinition=self._property_set(number, name, values),
            )  # fmt: skip
        for name, (material, elements) in self._materials.items():
            self.rooted(
                "IfcRelAssociatesMaterial", f"material/{name}", RelatedObjects=elements, RelatingMaterial=material
            )
        header = self.file.header
        header.file_name.name = path.name
        header.file_name.time_stamp = _TIMESTAMP
        header.file_name.author = ("城镜示例生成器",)
        header.file_name.organization = ("Chengjing",)
        header.file_name.originating_system = "Chengjing sample generator"
        header.file_name.authorization = title
        view = "ReferenceView_V1.2" if self.schema == "IFC4" else "CoordinationView"
        header.file_description.description = (f"ViewDefinition [{view}]", "示例数据 synthetic")
        self.file.write(str(path))

    def _property_set(self, number: int, name: str, values: Mapping[str, Any]) -> Entity:
        f = self.file
        if name.startswith("Qto_"):
            quantities = []
            for label, (measure, value) in values.items():
                kind = {"IfcAreaMeasure": "Area", "IfcLengthMeasure": "Length", "IfcVolumeMeasure": "Volume"}[measure]
                quantities.append(f.create_entity(f"IfcQuantity{kind}", Name=label, **{f"{kind}Value": value}))
            return self.rooted(
                "IfcElementQuantity", f"quantity/{number}", Name=name, MethodOfMeasurement="GB/T 50353",
                Quantities=quantities,
            )  # fmt: skip
        properties = []
        for label, given in values.items():
            if isinstance(given, tuple):
                measure, value = given
            else:
                value = given
                measure = (
                    "IfcBoolean" if isinstance(given, bool)
                    else "IfcInteger" if isinstance(given, int)
                    else "IfcReal" if isinstance(given, float)
                    else "IfcLabel"
                )  # fmt: skip
            properties.append(
                f.create_entity("IfcPropertySingleValue", Name=label, NominalValue=f.create_entity(measure, value))
            )
        return self.rooted("IfcPropertySet", f"pset/{number}", Name=name, HasProperties=properties)

    def _owner_history(self) -> Entity:
        f = self.file
        person = f.create_entity("IfcPerson", FamilyName="城镜示例生成器")
        organization = f.create_entity("IfcOrganization", Name="Chengjing")
        application = f.create_entity(
            "IfcApplication", ApplicationDeveloper=organization, Version="1",
            ApplicationFullName="Chengjing sample generator", ApplicationIdentifier="Chengjing",
        )  # fmt: skip
        return f.create_entity(
            "IfcOwnerHistory",
            OwningUser=f.create_entity(
                "IfcPersonAndOrganization", ThePerson=person, TheOrganization=organization
            ),
            OwningApplication=application,
            ChangeAction="ADDED",
            CreationDate=_TIMESTAMP_UNIX,
        )  # fmt: skip


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[Point2]:
    """Return the corners of a rectangle, counter-clockwise."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
