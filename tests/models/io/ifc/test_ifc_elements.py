"""The table of elements: infrastructure, groups, stable numbers, and relations that no sane program writes."""

from typing import Any

import ifcopenshell
import ifcopenshell.guid
import pytest

from models.io.ifc.elements import collect
from models.io.ifc.open_file import opened
from models.io.ifc.repair import without_circles
from tests.support.io_models import make_model
from tests.support.paths import IFC_FILES


def root(model: ifcopenshell.file, kind: str, name: str = "", **values: Any) -> Any:
    return model.create_entity(kind, ifcopenshell.guid.new(), Name=name or kind, **values)


def aggregate(model: ifcopenshell.file, above: Any, *below: Any) -> Any:
    return root(model, "IfcRelAggregates", RelatingObject=above, RelatedObjects=below)


def test_roads_bridges_and_alignments_stand_in_the_tree() -> None:
    model = ifcopenshell.file(schema="IFC4X3_ADD2")
    project, site = root(model, "IfcProject"), root(model, "IfcSite")
    road, part = root(model, "IfcRoad"), root(model, "IfcRoadPart")
    bridge, alignment = root(model, "IfcBridge"), root(model, "IfcAlignment")
    horizontal, segment = root(model, "IfcAlignmentHorizontal"), root(model, "IfcAlignmentSegment")
    port, pavement = root(model, "IfcDistributionPort"), root(model, "IfcPavement")
    aggregate(model, project, site, alignment)
    aggregate(model, site, road, bridge)
    aggregate(model, road, part)
    for above, below in ((alignment, horizontal), (horizontal, segment), (pavement, port)):
        root(model, "IfcRelNests", RelatingObject=above, RelatedObjects=[below])
    root(model, "IfcRelContainedInSpatialStructure", RelatingStructure=part, RelatedElements=[pavement])
    frame = collect(model, set(), 1.0).frame
    above_of = {
        row.ifc_class: frame.loc[row.parent, "ifc_class"] if row.parent >= 0 else "" for row in frame.itertuples()
    }
    assert above_of == {
        "IfcProject": "", "IfcSite": "IfcProject", "IfcRoad": "IfcSite", "IfcBridge": "IfcSite",
        "IfcRoadPart": "IfcRoad", "IfcAlignment": "IfcProject", "IfcAlignmentHorizontal": "IfcAlignment",
        "IfcAlignmentSegment": "IfcAlignmentHorizontal", "IfcPavement": "IfcRoadPart",
    }  # fmt: skip


def test_systems_and_zones_are_told_apart() -> None:
    model = make_model()
    column, space = model.by_type("IfcColumn")[0], model.by_type("IfcSpace")[0]
    for kind, name, thing in (
        ("IfcDistributionSystem", "给水", column), ("IfcZone", "防火分区 1", space), ("IfcGroup", "一标段", column)
    ):  # fmt: skip
        root(model, "IfcRelAssignsToGroup", RelatedObjects=[thing], RelatingGroup=root(model, kind, name))
    elements = collect(model, set(), 1.0)
    rows = elements.frame.loc[[elements.oid_of[column.id()], elements.oid_of[space.id()]], ["system", "group"]]
    assert rows.to_numpy().tolist() == [["给水", "一标段"], ["", "防火分区 1"]]


def test_an_elements_number_depends_on_the_file_alone() -> None:
    model = make_model()
    context = model.by_type("IfcGeometricRepresentationContext")[0]
    for kind in ("Annotation2D", "Tessellation"):
        shape = model.create_entity("IfcShapeRepresentation", context, "Body", kind, [])
        root(
            model,
            "IfcAnnotation",
            kind,
            Representation=model.create_entity("IfcProductDefinitionShape", None, None, [shape]),
        )
    root(model, "IfcWall", "after")
    without = collect(model, set(), 1.0)
    shown = {thing.id() for thing in model.by_type("IfcProduct") if thing.Representation}
    with_all = collect(model, shown, 1.0)
    assert without.oid_of.items() <= with_all.oid_of.items()
    assert without.frame["name"].tolist()[-2:] == ["after", "Tessellation"]
    assert with_all.frame["name"].tolist() == [*without.frame["name"], "Annotation2D"]


def test_circles_are_cut_and_leave_a_tree() -> None:
    model = ifcopenshell.file(schema="IFC4")
    parts = [root(model, "IfcElementAssembly", str(number)) for number in range(4)]
    for above, below in ((0, 1), (1, 2), (2, 0), (2, 3)):
        aggregate(model, parts[above], parts[below])
    aggregate(model, parts[3], parts[3])
    frame = collect(model, set(), 1.0).frame
    assert frame["parent"].tolist() == [-1, 0, 1, 2]


def test_placements_that_lead_back_to_themselves_are_cut_before_a_kernel_sees_them() -> None:
    text = b"#1=IFCLOCALPLACEMENT(#2,#9);#2= IFCLOCALPLACEMENT( #3,#9);#3=IFCLOCALPLACEMENT(#1,#9);"
    tail = b"#4=IFCLOCALPLACEMENT(#4,#9);#5=IFCLOCALPLACEMENT(#1,#9);#6=IFCLOCALPLACEMENT($,#9);"
    raw, count = without_circles(text + tail)
    assert count == 2
    assert raw == (text + tail).replace(b"#1=IFCLOCALPLACEMENT(#2", b"#1=IFCLOCALPLACEMENT($").replace(b"(#4,", b"($,")
    assert without_circles(raw) == (raw, 0)


def test_a_hundred_levels_and_more_are_climbed() -> None:
    model = ifcopenshell.file(schema="IFC4")
    storey = root(model, "IfcBuildingStorey", "首层")
    parts = [root(model, "IfcElementAssembly", str(number)) for number in range(3000)]
    for above, below in zip([storey, *parts], parts, strict=False):
        aggregate(model, above, below)
    frame = collect(model, set(), 1.0).frame
    assert set(frame["storey"]) == {"首层"}
    assert frame["parent"].tolist() == list(range(-1, 3000))


def test_relations_with_missing_ends_cost_only_themselves() -> None:
    text = make_model().to_string()
    for relation, broken in (
        ("IFCRELAGGREGATES", "('x',$,$,$,$,$)"), ("IFCRELDEFINESBYTYPE", "('x',$,$,$,(),$)"),
        ("IFCRELASSOCIATESMATERIAL", "('x',$,$,$,'text',3)"), ("IFCRELDEFINESBYPROPERTIES", "('x',$,$,$,#1,#1)"),
        ("IFCRELCONTAINEDINSPATIALSTRUCTURE", "('x',$,$,$,(#99999),#99999)"),
        ("IFCRELASSIGNSTOGROUP", "('x',$,$,$,$,$,$)"),
        ("IFCRELVOIDSELEMENT", "('x',$,$,$,$,$)"), ("IFCRELFILLSELEMENT", "('x',$,$,$,#1,#1)"),
    ):  # fmt: skip
        text = text.replace("DATA;\n", f"DATA;\n#{90000 + len(text) % 9999}={relation}{broken};\n", 1)
    model = ifcopenshell.file.from_string(text)
    frame = collect(model, set(), 1.0).frame
    assert frame[frame["ifc_class"] == "IfcColumn"]["material"].tolist() == ["混凝土 C30"] * 3


def test_duplicate_and_missing_guids_are_kept_as_they_are() -> None:
    model = make_model()
    columns = model.by_type("IfcColumn")
    columns[1].GlobalId = columns[0].GlobalId
    frame = collect(model, set(), 1.0).frame
    assert len(frame) == 8
    assert frame["guid"].duplicated().sum() == 1


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.is_dir(), reason="no real files here")
def test_a_real_railway_keeps_its_alignment_with_its_segments() -> None:
    with opened(IFC_FILES / "Railway_project_simple_IFC4X3.ifc") as (model, _, _):
        frame = collect(model, set(), 1.0).frame
    segments = frame[frame["ifc_class"] == "IfcAlignmentSegment"]
    written = (IFC_FILES / "Railway_project_simple_IFC4X3.ifc").read_bytes().count(b"=IFCALIGNMENTSEGMENT(")
    assert len(segments) == written > 0
    assert set(frame.loc[segments["parent"], "ifc_class"]) <= {
        "IfcAlignmentHorizontal",
        "IfcAlignmentVertical",
        "IfcAlignmentCant",
    }
    assert {"IfcRailway", "IfcAlignment"} <= set(frame["ifc_class"])
